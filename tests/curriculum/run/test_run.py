"""The headless run, tried as a user would: through the command line, in its own process."""

import json
import os
import signal
import time
from xml.etree import ElementTree

import pytest

RAISES = """\
# %%
x = 1

# %%
raise ValueError("the shelf is empty")
"""
ENDLESS = """\
# %%
import time
while True:
    time.sleep(0.05)
"""
KILLED = """\
# %%
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""
BROKEN_CLAIM = """\
# %%
from mlsd_kit.curriculum import claim
claim("good [units]", 1, at_least=0, why="test")
claim("accuracy", 0.5, at_least=0.9, why="the baseline")
"""
UNDECIDED = """\
# %%
from mlsd_kit.curriculum import claim
for k in range({count}):
    claim(f"p99 of stage {{k}}", 80, at_most=50, why="test", undecided="other work took 41 %")
claim("rows", 1, at_least=1, why="test")
"""


def test_all_pass(home, ok_body):
    home.write("one", ok_body)
    home.write("two", ok_body)
    code, out, err = home.mlsd("run")
    assert code == 0, out + err
    assert "2 of 2 case studies passed, 2 of 2 claims held" in out
    for name in ("one", "two"):
        assert home.results()[f"demo/{name}"]["status"] == "passed"
        assert (home.build / f"notebooks/demo/{name}.ipynb").is_file()
    assert home.results()["demo/one"]["claims"] == [
        {"name": "seed", "value": 1.0, "bound": "at most 5", "why": "a small seed", "held": True}
        | {"undecided": None, "below": False}
    ]
    assert home.kernels() == []


def test_a_second_run_takes_what_is_unchanged(home, ok_body):
    source = home.write("one", ok_body)
    home.write("two", ok_body)
    assert home.mlsd("run")[0] == 0
    first = (home.build / "notebooks/demo/one.ipynb").stat().st_mtime_ns
    assert home.mlsd("run")[1].count("unchanged") == 4  # a line and a table row each
    assert (home.build / "notebooks/demo/one.ipynb").stat().st_mtime_ns == first

    source.write_text(source.read_text().replace("that holds", "whose prose changed"))
    assert home.mlsd("run")[1].count("unchanged") == 4

    source.write_text(source.read_text().replace("at_most=5", "at_most=6"))
    out = home.mlsd("run")[1]
    assert "demo/one: passed" in out and "demo/two: unchanged" in out

    assert "unchanged" not in home.mlsd("run", "--fresh")[1]
    (home.build / "notebooks/demo/one.ipynb").unlink()
    assert "demo/one: passed" in home.mlsd("run")[1]


@pytest.mark.parametrize("what", ["pins", "datasheet", "parameters"])
def test_what_a_result_depends_on_makes_it_run_again(home, ok_body, what, monkeypatch):
    from mlsd_kit.curriculum.run.catalogue import read_entry
    from mlsd_kit.curriculum.run.key import result_key

    sheet = home.folder / "datasets/toy/datasheet.toml"
    sheet.parent.mkdir()
    sheet.write_text("rows = 1")
    entry = read_entry(home.write("one", ok_body, datasets="[toy]"))
    before = result_key(entry, {})
    assert before == result_key(entry, {})
    if what == "pins":
        (home.folder / "constraints.txt").write_text("numpy==2.0\n")
    elif what == "datasheet":
        sheet.write_text("rows = 2")
    after = result_key(entry, {"seed": 2} if what == "parameters" else {})
    assert before != after
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert after != result_key(entry, {"seed": 2} if what == "parameters" else {})


def test_one_failure_does_not_stop_the_others(home, ok_body):
    home.write("good", ok_body)
    home.write("bad", RAISES, seconds=9)
    code, out, _ = home.mlsd("run")
    assert code == 1
    assert "demo/bad: failed" in out and "demo/good: passed" in out
    assert "ValueError: the shelf is empty (cell 2)" in out
    failure = home.results()["demo/bad"]["failure"]
    assert failure["cell"] == 2
    assert failure["source"] == 'raise ValueError("the shelf is empty")'
    assert "the shelf is empty" in failure["last_lines"]
    assert "\x1b" not in failure["last_lines"]
    assert (home.build / "notebooks/demo/bad.ipynb").is_file()
    assert "unchanged" not in home.mlsd("run", "bad")[1]  # a failure is never taken as done


def test_a_failed_claim_fails_the_notebook_with_its_sentence(home):
    home.write("bold", BROKEN_CLAIM)
    code, out, _ = home.mlsd("run")
    assert code == 1
    assert "demo/bold: claim failed" in out
    assert "accuracy = 0.5, but the claim says at least 0.9 (cell 1)" in out
    assert "good [units]" in out  # brackets are no markup
    held = [claim["held"] for claim in home.results()["demo/bold"]["claims"]]
    assert held == [True, False]
    tree = ElementTree.fromstring((home.build / "junit.xml").read_text())
    cases = {case.get("name"): case.find("failure") is not None for case in tree.iter("testcase")}
    assert cases == {"runs": True, "good [units]": False, "accuracy": True}


def test_undecided_claims_are_counted_and_named_and_do_not_fail_the_run(home, ok_body):
    home.write("busy", UNDECIDED.format(count=1))
    home.write("one", ok_body)
    code, out, err = home.mlsd("run", CI="true")
    assert code == 0, out + err
    assert "2 of 2 case studies passed, 2 of 3 claims held, 1 undecided" in out
    assert "undecided: demo/busy: p99 of stage 0: other work took 41 %" in out
    assert "1 of 2, 1 undecided" in out
    summary = json.loads((home.build / "results.json").read_text())
    assert summary["passed"] and summary["undecided"] == 1
    first, _ = home.results()["demo/busy"]["claims"]
    assert (first["held"], first["undecided"]) == (False, "other work took 41 %")
    suite = ElementTree.parse(home.build / "junit.xml").find("testsuite[@name='demo/busy']")
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    assert "41 %" in suite.find("testcase[@name='p99 of stage 0']/skipped").get("message")


def test_what_is_undecided_is_run_again(home, ok_body):
    home.write("busy", UNDECIDED.format(count=1))
    home.write("one", ok_body)
    assert home.mlsd("run")[0] == 0
    code, out, _ = home.mlsd("run")
    assert code == 0 and "demo/one: unchanged" in out and "demo/busy: passed" in out


@pytest.mark.parametrize("surroundings, code", [({"CI": "1"}, 1), ({"CI": ""}, 0)])
def test_in_ci_only_a_few_claims_may_be_undecided(home, surroundings, code):
    home.write("busy", UNDECIDED.format(count=4))
    found, out, err = home.mlsd("run", **surroundings)
    assert found == code, out + err
    assert "1 of 5 claims held, 4 undecided" in out
    assert ("4 claims are undecided, and in CI at most 3 may be" in err) == (code == 1)


@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_a_notebook_that_never_ends_is_stopped_at_the_time_limit(home, ok_body, kernels):
    home.write("endless", ENDLESS, seconds=9)
    home.write("good", ok_body)
    code, out, _ = home.mlsd("run", kernels, "--timeout", "4")
    assert code == 1
    assert "the time limit of 4 s ran out in cell 1" in out
    assert home.results()["demo/endless"]["status"] == "timed out"
    assert home.results()["demo/good"]["status"] == "passed"
    home.await_kernels(0, seconds=10)


def test_parameters_that_share_a_line_are_known(home):
    home.write("pair", '# %% tags=["parameters"]\nSEED, ROWS = 0, 10\n\n# %%\nassert SEED == 3\n')
    code, _, err = home.mlsd("run", "-p", "SEED", "3")
    assert code == 0 and "unknown" not in err


@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_output_that_comes_late_is_waited_for(home, late_output, kernels):
    body = f"# %%\n{late_output}\n\n# %%\nprint('the end')\n"
    home.write("late", body, seconds=9)
    home.write("late_too", body, seconds=9)
    assert home.mlsd("run", kernels)[0] == 0


def test_the_time_limit_is_for_the_whole_notebook(home):
    home.write("slow", "\n".join("# %%\nimport time; time.sleep(1.5)\n" for _ in range(6)))
    code, out, _ = home.mlsd("run", "--timeout", "4")
    assert code == 1 and "the time limit of 4 s ran out in cell" in out


@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_a_killed_kernel_is_named(home, ok_body, kernels):
    home.write("killed", KILLED, seconds=9)
    home.write("good", ok_body)
    code, out, _ = home.mlsd("run", kernels)
    assert code == 1
    assert "the kernel died" in out and "in cell 1" in out
    assert home.results()["demo/killed"]["status"] == "kernel died"
    assert home.results()["demo/good"]["status"] == "passed"


def test_a_source_that_is_no_notebook_is_named_and_the_others_run(home, ok_body):
    source = home.write("odd", ok_body)
    # libyaml, which reads the catalogue, takes this header; jupytext's reader does not
    source.write_text(source.read_text().replace("asked: [a thing]", "asked: {why?, not}"))
    home.write("good", ok_body)
    code, out, _ = home.mlsd("run")
    assert code == 1
    assert "demo/odd: not started" in out and "cannot be read as a notebook" in out
    assert home.results()["demo/good"]["status"] == "passed"


def test_a_missing_data_set_is_named_and_the_others_run(home, ok_body):
    home.write("needy", ok_body, datasets="[nowhere]")
    home.write("good", ok_body)
    code, out, _ = home.mlsd("run")
    assert code == 1
    assert "demo/needy: not started" in out and "nowhere" in out
    assert home.results()["demo/good"]["status"] == "passed"


def test_a_missing_extra_is_named_with_its_cure(home, ok_body, monkeypatch):
    from mlsd_kit.curriculum.run import preparing, runner

    home.write("heavy", ok_body, extras="[deep]")
    monkeypatch.setattr(preparing, "missing_for_extras", lambda extras: ["torch"])
    entries = runner_entries()
    (result,) = runner.run(runner.Plan(entries, home.build, jobs=1))
    assert result.status == "not started"
    assert "it needs torch: pip install" in result.failure.message


def runner_entries():
    from mlsd_kit.curriculum.run.catalogue import catalogue

    return catalogue()


def test_a_build_folder_that_cannot_be_written(home, ok_body):
    home.write("one", ok_body)
    home.build.write_text("a file where the folder should be")
    code, _, err = home.mlsd("run")
    assert code == 2
    assert err.startswith("mlsd: Cannot write to the build folder") and "--build" in err
    assert "Traceback" not in err


def test_a_full_disk_is_one_sentence(home, ok_body, monkeypatch):
    from mlsd_kit.curriculum.run import runner
    from mlsd_kit.curriculum.run.errors import BuildFolderError

    def full(*_):
        raise OSError(28, "No space left on device")

    home.write("one", ok_body)
    monkeypatch.setattr(runner, "write_atomic", full)
    with pytest.raises(BuildFolderError, match=r"No space left on device\. Free some space"):
        runner.run(runner.Plan(runner_entries(), home.build, jobs=1))


def test_two_runs_at_once_do_not_mix(home, ok_body):
    home.write("slow", "# %%\nimport time; time.sleep(6)\n")
    home.write("one", ok_body)
    first = home.start("run", "slow")
    home.await_kernels(1)
    code, _, err = home.mlsd("run", "one")
    assert code == 2
    assert f"Another run (process {first.pid}) is using" in err
    code, out, _ = home.mlsd("run", "one", "--build", str(home.folder / "other"))
    assert code == 0, out
    assert first.wait(60) == 0
    assert home.results().keys() == {"demo/slow"}
    first.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_an_interrupt_keeps_what_is_finished_and_leaves_no_kernel(
    home, ok_body, number, jobs, kernels
):
    home.write("quick", ok_body, seconds=99)
    home.write("endless", ENDLESS)
    process = home.start("run", "--jobs", jobs, kernels)
    done = home.build / "results/demo/quick.json"
    deadline = time.monotonic() + 90
    while not done.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    if jobs == "1":
        home.await_kernels(1)
    # As a terminal does: Ctrl-C reaches the whole process group, SIGTERM only the process.
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted; what had finished is kept" in err
    assert "Traceback" not in err
    home.await_kernels(0, seconds=10)
    assert json.loads(done.read_text())["status"] == "passed"
    assert "quick: unchanged" in home.mlsd("run", "quick")[1]


@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_a_killed_run_leaves_no_kernel(home, kernels):
    home.write("endless", ENDLESS)
    home.write("endless_too", ENDLESS)
    process = home.start("run", "--jobs", "2", kernels)
    home.await_kernels(2)
    process.kill()
    process.wait()
    home.await_kernels(0, seconds=15)
    process.communicate()


@pytest.mark.parametrize("kernels", ["--plain", "--warm"])
def test_a_killed_worker_costs_its_notebook_a_rerun_and_nothing_else(home, ok_body, kernels):
    marker = home.folder / "marker"
    body = f"""\
    # %%
    import os, pathlib, signal
    marker = pathlib.Path({str(marker)!r})
    if not marker.exists():
        marker.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        import time; time.sleep(30)
    """
    home.write("unlucky", body.replace("    #", "#").replace("\n    ", "\n"), seconds=9)
    home.write("good", ok_body)
    code, out, err = home.mlsd("run", "--jobs", "2", kernels)
    assert code == 0, out + err
    assert marker.exists()
    assert {r["status"] for r in home.results().values()} == {"passed"}


def test_a_kernel_that_does_not_start_is_tried_once_more(home, ok_body, monkeypatch):
    from mlsd_kit.curriculum.run.execute import Job, execute

    source = home.write("one", ok_body)
    folder, text = str(source.parent), source.read_text()
    job = Job("demo/one", "one", text, folder, str(home.folder), "", 60)
    import papermill

    real, calls = papermill.execute_notebook, []

    def flaky(*args, **kwargs):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return real(*args, **kwargs)

    monkeypatch.setattr(papermill, "execute_notebook", flaky)
    assert execute(job)[0].status == "passed"
    assert len(calls) == 2

    calls.clear()

    def never(*args, **kwargs):
        calls.append(1)
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(papermill, "execute_notebook", never)
    result, text = execute(job)
    assert (result.status, text, len(calls)) == ("not started", None, 2)
    assert "the kernel did not start" in result.failure.message


def test_parameters_reach_the_notebook_and_its_own_result(home, ok_body):
    home.write("one", ok_body)
    code, out, _ = home.mlsd("run", "-p", "seed", "3")
    assert code == 0, out
    assert home.results()["demo/one"]["claims"][0]["value"] == 3
    assert (home.build / "notebooks/demo/one@seed=3.ipynb").is_file()
    code, out, _ = home.mlsd("run", "-p", "seed", "9")
    assert code == 1 and "seed = 9, but the claim says at most 5" in out
    code, _, err = home.mlsd("run", "-p", "sed", "9")
    assert code == 2 and "has a parameter sed: its cell tagged 'parameters' has seed." in err


def test_json_prints_the_results_and_nothing_else(home, ok_body):
    home.write("one", ok_body)
    code, out, _ = home.mlsd("run", "--json")
    assert code == 0
    assert json.loads(out)["passed"] is True
    assert json.loads(out) == json.loads((home.build / "results.json").read_text())


def test_results_do_not_depend_on_the_number_of_jobs(home):
    body = """\
    # %%
    import numpy as np
    from mlsd_kit.curriculum import claim
    a = np.random.default_rng(0).normal(size=(300, 300))
    claim("trace", np.trace(np.linalg.inv(a @ a.T)), at_least=0, why="positive definite")
    """.replace("    ", "")
    for name in ("one", "two", "three"):
        home.write(name, body)
    assert home.mlsd("run", "--jobs", "1")[0] == 0
    serial = {key: value["claims"] for key, value in home.results().items()}
    assert home.mlsd("run", "--jobs", "3", "--fresh")[0] == 0
    assert serial == {key: value["claims"] for key, value in home.results().items()}
