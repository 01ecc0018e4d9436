"""Warm kernels: the same results, the same ends, and nothing left behind."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from mlsd_kit.curriculum.run.kernels import ForkedKernel
from mlsd_kit.curriculum.run.warm import chosen, shared_imports, warm_parent

LOOKS = """\
# %%
import os, random, sys
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from mlsd_kit.curriculum import claim

# %%
print(sys.argv[0].rpartition("/")[2], sys.argv[1], len(sys.argv), sys.path[:2], os.getcwd())
print(os.getpgid(0) == os.getpid() == os.getsid(0), os.read(0, 9), sys.flags, sys._xoptions)
print(sorted(name for name in sys.modules if name.startswith("mlsd_kit")))
print({name: os.environ.get(name) for name in ("MLSD_HOME", "PYTHONHASHSEED", "OMP_NUM_THREADS")})
print(get_ipython().__class__, sys.modules["__main__"].__dict__ is globals())
print(pd.get_option("display.max_columns"), plt.get_backend(), plt.isinteractive(), hash("a"))

# %%
pd.DataFrame(np.arange(90).reshape(3, 30))

# %%
plt.plot([1, 2])

# %%
fig, ax = plt.subplots()
ax.set_title("two")
os.system("echo from a child")
claim("spread", np.random.default_rng(3).normal(size=9).std(), at_least=0, why="a spread")
"""


def read(home, name):
    import nbformat

    from mlsd_kit.curriculum.run.normalise import normalise

    return nbformat.writes(
        normalise(nbformat.read(home.build / f"notebooks/demo/{name}.ipynb", as_version=4))
    )


def test_results_and_files_are_those_of_plain_kernels(home):
    for name in ("one", "two"):
        home.write(name, LOOKS)
    code, out, err = home.mlsd("run", "--plain")
    assert code == 0, out + err
    plain, results = {name: read(home, name) for name in ("one", "two")}, home.results()
    assert plain["one"].count("image/png") == 2 and "from a child" in plain["one"]
    code, out, err = home.mlsd("run", "--warm", "--fresh")
    assert (code, err) == (0, ""), out + err
    for name in plain:
        assert read(home, name) == plain[name]
    for record in (*results.values(), *home.results().values()):
        record.pop("seconds")
    warm = home.results()
    for record in warm.values():
        record.pop("seconds")
    assert warm == results


def test_kernels_do_not_share_their_random_numbers(home):
    body = """\
    # %%
    import random
    import numpy as np
    from mlsd_kit.curriculum import claim
    claim("numpy", np.random.random(), at_least=0, why="test")
    claim("standard library", random.random(), at_least=0, why="test")
    """.replace("    ", "")
    for name in ("one", "two"):
        home.write(name, body)
    assert home.mlsd("run", "--warm")[0] == 0
    one, two = ([c["value"] for c in record["claims"]] for record in home.results().values())
    assert one[0] != two[0] and one[1] != two[1]


def test_a_parent_killed_in_the_middle_costs_its_notebooks_a_rerun(home, ok_body):
    marker = home.folder / "marker"
    killer = f"""\
# %%
import os, pathlib, signal, time
marker = pathlib.Path({str(marker)!r})
if not marker.exists():
    marker.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)
"""
    home.write("killer", killer, seconds=9)
    home.write("good", ok_body)
    code, out, err = home.mlsd("run", "--warm", "--jobs", "2")
    assert code == 0, out + err
    assert marker.exists()
    home.await_kernels(0, seconds=10)


def test_a_killed_worker_process_takes_its_kernel_along_and_costs_a_rerun(home):
    go = home.folder / "go"
    body = f"# %%\nimport pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n"
    for name in ("one", "two"):
        home.write(name, body + "    time.sleep(0.05)\n")
    run = home.start("run", "--warm", "--jobs", "2")
    first = home.await_kernels(2)
    workers = [p for p in psutil.Process(run.pid).children() if "popen_loky" in str(p.cmdline())]
    assert len(workers) == 2
    workers[0].kill()
    psutil.wait_procs(first, timeout=15)
    assert not any(kernel.is_running() for kernel in first)
    go.touch()
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, out + err
    assert {record["status"] for record in home.results().values()} == {"passed"}


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(60)"])
def test_services_end_with_a_warm_kernel(home, end):
    pid = home.folder / "pid"
    home.write(
        "service",
        f"""\
# %%
import os, pathlib, signal, time
from mlsd_kit.services.process import process
with process(["sleep", "600"]) as child:
    pathlib.Path({str(pid)!r}).write_text(str(child.pid))
    {end}
""",
    )
    assert home.mlsd("run", "--warm", "--timeout", "5")[0] == 1
    deadline = time.monotonic() + 10
    while psutil.pid_exists(int(pid.read_text())):
        with contextlib.suppress(psutil.Error):
            if psutil.Process(int(pid.read_text())).status() == psutil.STATUS_ZOMBIE:
                break
        assert time.monotonic() < deadline, "the service lives on"
        time.sleep(0.1)


@pytest.fixture
def ask(tmp_path):
    """Starts a kernel's process from a parent, with a program of one's own in the kernel's place.

    The parent preloads a stand-in for ipykernel that runs ``argv[1]``.
    """
    package = tmp_path / "packages" / "ipykernel"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "kernelapp.py").write_text(
        "import sys\n"
        "class IPKernelApp:\n"
        "    def launch_instance(parent_handle):\n"
        "        exec(sys.argv[1], {})\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "packages")}

    def start(path, program):
        request = {"argv": ["kernel", program], "cwd": str(tmp_path), "env": environment}
        return ForkedKernel(path, request)

    start.environment = environment
    start.packages = tmp_path / "packages"
    return start


def test_a_kernel_that_is_asked_for_waits_for_the_imports(ask):
    (ask.packages / "slow.py").write_text("import time; time.sleep(1); value = 3")
    with warm_parent(["import slow"], ask.environment) as path:
        kernel = ask(path, "import sys, os; os._exit(sys.modules['slow'].value)")
        assert kernel.wait() == 3
        kernel = ask(path, "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
        assert kernel.wait() == -15


def test_an_import_that_fails_or_starts_a_thread_is_left_out(ask):
    (ask.packages / "broken.py").write_text("raise RuntimeError")
    (ask.packages / "busy.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    (ask.packages / "fine.py").write_text("")
    statements = ["import broken", "import busy", "import fine"]
    program = "import os, sys; os._exit(10 * ('fine' in sys.modules) + ('busy' in sys.modules))"
    with warm_parent(statements, ask.environment) as path:
        assert ask(path, program).wait() == 10


def test_a_kernel_holds_nothing_of_its_parent(ask):
    program = (
        "import os, stat\n"
        "fds = [int(fd) for fd in os.listdir('/dev/fd')]\n"
        "sockets = 0\n"
        "for fd in fds:\n"
        "    try: sockets += stat.S_ISSOCK(os.fstat(fd).st_mode)\n"
        "    except OSError: pass\n"
        "os._exit(sockets)\n"
    )
    with warm_parent([], ask.environment) as path:
        other = ask(path, "import time; time.sleep(60)")
        assert ask(path, program).wait() == 0
        other.kill()
        assert other.wait() == -9


def test_an_end_that_is_told_along_with_the_pid_is_heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a Unix socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        listener.listen(1)

        def tell():
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"123\n7\n")

        teller = threading.Thread(target=tell)
        teller.start()
        kernel = ForkedKernel("s", {})
        teller.join()
    assert (kernel.pid, kernel.wait()) == (123, 7)


def test_kernels_end_with_whoever_asked_and_with_the_parent(ask):
    sleep = "import time; time.sleep(60)"
    with warm_parent([], ask.environment) as path:
        left, kept = ask(path, sleep), ask(path, sleep)
        left._connection.close()
        process = psutil.Process(kept.pid)
        psutil.wait_procs([psutil.Process(left.pid)], timeout=10)
        assert not psutil.pid_exists(left.pid) and kept.poll() is None
    psutil.wait_procs([process], timeout=10)
    assert not process.is_running()
    assert kept.wait() in (-9, -15) and kept.poll() is not None
    with pytest.raises(OSError):
        ask(path, sleep)


def test_the_parent_ends_with_a_killed_run(ask):
    code = (
        "import os, time\nfrom mlsd_kit.curriculum.run.warm import warm_parent\n"
        "with warm_parent([], dict(os.environ)) as path:\n"
        "    print(path, flush=True)\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    path = run.stdout.readline().strip()
    (parent,) = psutil.Process(run.pid).children()
    kernel = psutil.Process(ask(path, "import time; time.sleep(60)").pid)
    run.kill()
    run.communicate()
    _, alive = psutil.wait_procs([parent, kernel], timeout=10)
    assert alive == []


def test_imports_are_those_that_two_notebooks_make():
    one = "# %%\nimport numpy as np, json\nimport river\n\n# %%\n%matplotlib inline\n"
    two = "# %%\nfrom numpy import linalg\n\n# %% [markdown]\n# import pandas\n"
    assert shared_imports([one, two]) == ["import numpy"]
    assert shared_imports([one]) == []


def test_imports_are_followed_through_the_kit_but_never_of_it():
    source = "# %%\nfrom mlsd_kit.streaming import ReservoirSample\nfrom mlsd_kit import data\n"
    found = shared_imports([source, source])
    assert "import numpy" in found
    assert not [statement for statement in found if "mlsd_kit" in statement]


@pytest.mark.parametrize(
    ("wish", "notebooks", "jobs", "environment", "expected"),
    [
        (None, 4, 2, {}, sys.platform == "linux"),
        (None, 3, 2, {}, False),  # it would wait longer for the imports than it saves
        (None, 1, 1, {}, False),
        (None, 40, 2, {"CI": "true"}, False),
        (None, 40, 2, {"CI": "false"}, sys.platform == "linux"),
        (True, 1, 2, {"CI": "1"}, True),
        (False, 40, 2, {}, False),
    ],
)
def test_when_kernels_are_warm(wish, notebooks, jobs, environment, expected):
    assert chosen(wish, notebooks, jobs, environment) is expected
