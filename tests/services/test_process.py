"""A supervised child: it starts or says why, and it never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import psutil
import pytest

from mlsd_kit.services import ServiceError, process

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_it_runs_in_the_block_and_ends_with_it(running):
    with process(SLEEP) as child:
        assert child.alive and running(child.pid)
        assert child.returncode is None
    assert not child.alive and not running(child.pid)
    assert not child.folder.exists(), "nothing went wrong: no log is kept"


def test_it_leaves_no_process_behind():
    before = set(psutil.Process().children(recursive=True))
    with process(SLEEP):
        assert len(set(psutil.Process().children(recursive=True)) - before) == 2
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_program_that_does_not_exist_is_named():
    with pytest.raises(ServiceError, match=r"/no/such/program: No such file .*install it"):
        process(["/no/such/program"], name="thing").__enter__()


def test_a_file_that_is_no_program_is_named(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("a,b\n")
    with pytest.raises(ServiceError, match=r"data.csv: Permission denied"):
        process([str(file)]).__enter__()


def test_ending_before_it_is_ready_shows_the_end_of_its_log_and_keeps_it():
    command = [sys.executable, "-c", "print('line of the log'); raise SystemExit(7)"]
    with pytest.raises(ServiceError, match=r"did not start \(exit code 7\)") as failure:
        process(command, name="failing", ready=lambda child: False).__enter__()
    log = Path(str(failure.value).split("its log ")[1].split(" says why")[0])
    assert "line of the log" in str(failure.value)
    assert "line of the log" in log.read_text()


def test_not_ready_in_time_is_said_and_leaves_no_process(running):
    pids = []

    def never(child):
        pids.append(child.pid)
        return False

    with pytest.raises(ServiceError, match="not ready after 0 s"):
        process(SLEEP, ready=never, timeout=0.2).__enter__()
    assert not running(pids[0])


def test_readiness_is_waited_for(tmp_path):
    mark = tmp_path / "mark"
    command = [sys.executable, "-c", f"open({str(mark)!r}, 'w'); import time; time.sleep(600)"]
    with process(command, ready=lambda child: mark.exists()):
        assert mark.exists()


def test_kill_and_restart(running):
    with process(SLEEP) as child:
        first = child.pid
        child.kill()
        assert not running(first) and child.returncode == -signal.SIGKILL
        child.check()  # it was asked to end: nothing to complain about
        child.restart()
        assert running(child.pid) and child.pid != first


def test_a_start_while_it_runs_changes_nothing():
    with process(SLEEP) as child:
        pid = child.pid
        child.start()
        assert child.pid == pid


def test_a_child_killed_from_outside_is_noticed_and_its_log_kept(wait_for):
    command = [sys.executable, "-uc", "print('at work'); import time; time.sleep(600)"]
    with process(command, name="worker") as child:
        assert wait_for(lambda: "at work" in child.tail())
        os.kill(child.pid, signal.SIGKILL)
        assert wait_for(lambda: not child.alive)
        with pytest.raises(ServiceError, match=r"worker died \(signal 9\).*\nat work"):
            child.check()
    assert "at work" in child.log.read_text()


def test_an_error_in_the_block_names_the_log_and_keeps_it(running):
    with pytest.raises(ZeroDivisionError) as failure, process(SLEEP, name="worker") as child:
        _ = 1 / 0
    assert failure.value.__notes__ == [f"worker's log: {child.log}"]
    assert child.log.exists() and not running(child.pid)


def test_a_child_that_ignores_sigterm_is_killed(wait_for, running):
    ignore = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
    with process([sys.executable, "-c", f"{ignore}; time.sleep(600)"]) as child:
        assert wait_for(lambda: "deaf" in child.tail())
        child.stop(timeout=0.3)
        assert child.returncode == -signal.SIGKILL and not running(child.pid)


def test_sigterm_lets_it_end_in_order(wait_for):
    end = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(print('bye') or 5))"
    with process([sys.executable, "-uc", f"{end}; print('up'); time.sleep(600)"]) as child:
        assert wait_for(lambda: "up" in child.tail())
        child.stop()
        assert child.returncode == 5 and child.tail().endswith("bye")


def test_what_the_child_started_ends_with_it(wait_for, running):
    start = (
        f"import subprocess; p = subprocess.Popen({SLEEP!r}); print(p.pid, flush=True); p.wait()"
    )
    with process([sys.executable, "-c", start]) as child:
        assert wait_for(lambda: child.tail().isdigit())
        grandchild = int(child.tail())
        child.kill()
        assert wait_for(lambda: not running(grandchild))


def test_environment_variables_reach_it(wait_for):
    command = [sys.executable, "-uc", "import os; print(os.environ['MLSD_X'], os.environ['PATH'])"]
    with process(command, env={"MLSD_X": "42"}) as child:
        child.wait(20)
        assert child.tail() == f"42 {os.environ['PATH']}"
        assert child.returncode == 0 and not child.died


def test_a_function_runs_in_a_process_of_its_own(tmp_path):
    def write(file, text):
        file.write_text(f"{text} {os.getpid()}")

    with process(partial(write, tmp_path / "out", "hello")) as child:
        assert child.wait(20) == 0
    assert (tmp_path / "out").read_text() == f"hello {child.pid}"
    assert child.name == "write"


def test_a_child_started_in_a_thread_survives_the_thread():
    children = []
    block = process(SLEEP)
    thread = threading.Thread(target=lambda: children.append(block.__enter__()))
    thread.start()
    thread.join()
    with pytest.raises(subprocess.TimeoutExpired):
        children[0].wait(0.7)
    assert children[0].alive
    block.__exit__(None, None, None)
    assert not children[0].alive


PARENT = """
import sys, time
from mlsd_kit.services import process
command = [sys.executable, "-c", "import time; time.sleep(600)"]
block = process(command)
child = block.__enter__()
print(child.pid, child._guard.pid, child.folder, flush=True)
{then}
"""


def parent(then):
    """A parent in a process of its own, and the ids of its child and its guard."""
    program = [sys.executable, "-c", PARENT.format(then=then)]
    started = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    child, guard, folder = started.stdout.readline().split()
    return started, int(child), int(guard), Path(folder)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_when_the_parent_is_killed(how, running, wait_for):
    started, child, guard, _ = parent("time.sleep(600)")
    with started:
        assert running(child)
        started.send_signal(how)
    assert wait_for(lambda: not running(child) and not running(guard))


LEAVES = """
import sys, time
from pathlib import Path
from mlsd_kit.services.process import Process
folder = Path(sys.argv[1])
command = [sys.executable, "-c", "import time; time.sleep(600)"]
leavings = [folder / "data", folder / "socket", folder / "none"]
child = Process(command, name="c", env=None, ready=None, timeout=9, leavings=leavings)
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""


def test_what_it_leaves_behind_goes_with_a_killed_parent_and_nothing_else(wait_for, tmp_path):
    (tmp_path / "data" / "deep").mkdir(parents=True)
    for name in ("data/deep/file", "socket", "other"):
        (tmp_path / name).touch()
    command = [sys.executable, "-c", LEAVES, str(tmp_path)]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as started:
        assert int(started.stdout.readline())
        assert (tmp_path / "data").exists()
        started.kill()
    assert wait_for(lambda: not (tmp_path / "data").exists() and not (tmp_path / "socket").exists())
    assert (tmp_path / "other").exists()


def test_no_orphan_and_no_log_when_the_parent_ends_without_leaving_the_block(running, wait_for):
    started, child, guard, folder = parent("")
    with started:
        pass
    assert wait_for(lambda: not running(child) and not running(guard))
    assert not folder.exists()


def test_no_orphan_when_a_fork_of_the_parent_holds_its_pipes(running, wait_for):
    fork = "import os; forked = os.fork(); forked or time.sleep(8); print(forked, flush=True)"
    started, child, _, _ = parent(f"{fork}; time.sleep(600)")
    fork_of_it = int(started.stdout.readline())
    started.kill()
    assert wait_for(lambda: not running(child), 4.0), "the guard also watches who its parent is"
    assert running(fork_of_it)
    os.kill(fork_of_it, signal.SIGKILL)
    started.wait()
    started.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help against a killed guard")
def test_no_orphan_when_the_guard_is_killed(running, wait_for):
    with process(SLEEP) as child:
        os.kill(child._guard.pid, signal.SIGKILL)
        assert wait_for(lambda: not running(child.pid))
        assert wait_for(lambda: child.died)
