"""The same run on a Dask cluster of several processes."""

import os
import signal
import time

import psutil
import pytest

from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.errors import UsageError
from mlsd_kit.curriculum.run.runner import Plan, run

distributed = pytest.importorskip("distributed")

COUNTED = """\
# %%
import pathlib, time
from mlsd_kit.curriculum import claim
with (pathlib.Path({folder!r}) / {name!r}).open("a") as file:
    file.write("ran\\n")

# %% tags=["parameters"]
wait = False

# %%
while wait and not (pathlib.Path({folder!r}) / "go").exists():
    time.sleep(0.05)
print("home is", __import__("os").environ["MLSD_HOME"])
claim("one", 1, at_least=1, why="test")
"""
RAISES = "# %%\nx = 1\n\n# %%\nraise ValueError('the shelf is empty')\n"
BROKEN = "# %%\nfrom mlsd_kit.curriculum import claim\nclaim('accuracy', 0, at_least=1, why='x')\n"


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as made:
        yield made


def files(home):
    import nbformat

    from mlsd_kit.curriculum.run.normalise import normalise

    return {
        path.relative_to(home.build): nbformat.writes(normalise(nbformat.read(path, as_version=4)))
        for path in sorted(home.build.rglob("*.ipynb"))
    }


def results(home):
    return {key: {**record, "seconds": 0} for key, record in home.results().items()}


def runs(home, name):
    return (home.folder / name).read_text().count("ran")


def test_the_same_claims_and_files_as_here(home, cluster, ok_body):
    home.write("one", ok_body)
    home.write("bad", RAISES)
    home.write("bold", BROKEN)
    home.write("counted", COUNTED.format(folder=str(home.folder), name="counted"))
    assert home.mlsd("run")[0] == 1
    here, executed = results(home), files(home)
    assert len(executed) == 4
    code, out, err = home.mlsd("run", "--fresh", "--scheduler", cluster.scheduler_address)
    assert code == 1, out + err
    assert results(home) == here
    assert files(home) == executed
    assert runs(home, "counted") == 2


def test_a_worker_killed_in_the_middle_costs_its_notebook_a_rerun_and_nothing_else(home, cluster):
    home.write("long", COUNTED.format(folder=str(home.folder), name="long"), seconds=9)
    home.write("short", COUNTED.format(folder=str(home.folder), name="short"))
    started = home.start("run", "--scheduler", cluster.scheduler_address, "-p", "wait", "true")
    home.await_kernels(2)
    deadline = time.monotonic() + 60
    while not all((home.folder / name).exists() for name in ("long", "short")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    kernel = home.kernels()[0]
    os.kill(kernel.ppid(), signal.SIGKILL)
    psutil.wait_procs([kernel], timeout=15)
    (home.folder / "go").touch()
    out, err = started.communicate(timeout=90)
    assert started.returncode == 0, out + err
    assert {record["status"] for record in home.results().values()} == {"passed"}
    assert sorted([runs(home, "long"), runs(home, "short")]) == [1, 2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_ends_leaves_no_kernel_on_the_cluster(home, cluster, number):
    home.write("endless", "# %%\nimport time\nwhile True:\n    time.sleep(0.05)\n")
    started = home.start("run", "--scheduler", cluster.scheduler_address)
    home.await_kernels(1)
    started.send_signal(number)
    _, err = started.communicate(timeout=30)
    home.await_kernels(0, seconds=20)
    if number == signal.SIGINT:
        assert started.returncode == 130 and "Traceback" not in err


def test_two_notebooks_at_a_time_in_one_worker_process(home):
    for name in ("one", "two"):
        home.write(name, COUNTED.format(folder=str(home.folder), name=name))
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        words = ("--scheduler", cluster.scheduler_address, "-p", "wait", "true")
        started = home.start("run", *words)
        home.await_kernels(2)
        (home.folder / "go").touch()
        out, err = started.communicate(timeout=60)
    assert started.returncode == 0, out + err


def test_a_sweep_on_a_cluster(home, cluster, ok_body):
    home.write("one", ok_body)
    words = ("sweep", "one", "-p", "seed", "1:4", "--scheduler", cluster.scheduler_address)
    code, out, err = home.mlsd(*words)
    assert code == 0, out + err
    assert "4 of 4" in out


def test_warm_kernels_are_not_for_a_cluster(home, cluster, ok_body):
    home.write("one", ok_body)
    code, _, err = home.mlsd("run", "--warm", "--scheduler", cluster.scheduler_address)
    assert code == 2 and "--warm is for this machine" in err


def plan_for(home, address):
    return Plan(catalogue(), home.build, 1, scheduler=address)


@pytest.fixture
def impatient(monkeypatch):
    from mlsd_kit.curriculum.run import parallel

    monkeypatch.setattr(parallel, "PATIENCE", 1)


def test_a_scheduler_that_does_not_answer(home, ok_body, impatient):
    home.write("one", ok_body)
    address = "tcp://127.0.0.1:9"
    with pytest.raises(UsageError, match=f"No Dask scheduler answers at {address}"):
        run(plan_for(home, address))


def test_a_scheduler_without_workers(home, ok_body, impatient):
    home.write("one", ok_body)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as cluster,
        pytest.raises(UsageError, match="has no worker: start one with `dask worker"),
    ):
        run(plan_for(home, cluster.scheduler_address))
