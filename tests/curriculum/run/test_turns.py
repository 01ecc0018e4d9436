"""A cell tagged ``alone`` runs while no other notebook of the run computes."""

from __future__ import annotations

import threading
import time

from nbformat.v4 import new_code_cell, new_markdown_cell

from mlsd_kit.curriculum.run.execute import _Clock
from mlsd_kit.curriculum.run.turns import Turns

CELLS = """\
# %%
import os, pathlib, time
out = pathlib.Path(os.environ["MLSD_HOME"]) / "{name}"


def spent(seconds):
    start = time.monotonic()
    time.sleep(seconds)
    with out.open("a") as file:
        file.write(f"{{start}} {{time.monotonic()}}\\n")

# %% {tags}
spent({seconds})

# %%
spent(0.2)

# %% {tags}
spent({seconds})
"""


def overlap(one, two):
    return min(one[1], two[1]) - max(one[0], two[0])


def test_nothing_else_computes_beside_a_cell_that_is_alone(home):
    home.write("load", CELLS.format(name="load", tags='tags=["alone"]', seconds=0.7))
    home.write("other", CELLS.format(name="other", tags="", seconds=0.3))
    code, out, err = home.mlsd("run", "--jobs", "2", "--plain")
    assert code == 0, out + err
    spans = {
        name: [
            tuple(map(float, line.split()))
            for line in (home.folder / name).read_text().split("\n")[:-1]
        ]
        for name in ("load", "other")
    }
    for alone in (spans["load"][0], spans["load"][2]):
        assert all(overlap(alone, other) <= 0 for other in spans["other"])


def test_a_notebook_that_waits_for_its_turn_is_not_charged_for_it():
    class Slow(Turns):
        def take(self, alone):
            asked.append(alone)
            time.sleep(0.3)

    asked = []
    clock = _Clock(deadline=100.0, cells=2, progress=None, turns=Slow(None))
    clock.on_cell_start(new_code_cell("1", metadata={"tags": ["alone"]}), 0)
    assert asked == [True] and clock.deadline >= 100.3
    clock.on_cell_start(new_markdown_cell("words"), 1)
    assert asked == [True]  # words take no turn


def test_who_waits_for_the_machine_is_not_overtaken(tmp_path):
    first, second, late = (Turns(str(tmp_path)) for _ in range(3))
    order = []
    first.take(False)

    def turn(turns, alone, name):
        turns.take(alone)
        order.append(name)
        time.sleep(0.1)
        turns.close()

    threads = [threading.Thread(target=turn, args=(second, True, "alone"))]
    threads.append(threading.Thread(target=turn, args=(late, False, "late")))
    for thread in threads:
        thread.start()
        time.sleep(0.2)
    assert order == []  # the late one could run beside the first, and waits behind the second
    first.take(False)  # its next cell queues up as well
    order.append("first")
    first.close()
    for thread in threads:
        thread.join()
    assert order[0] == "alone" and sorted(order[1:]) == ["first", "late"]


def test_many_ordinary_cells_run_at_once(tmp_path):
    several = [Turns(str(tmp_path)) for _ in range(3)]
    for turns in several:
        turns.take(False)  # none waits
    for turns in several:
        turns.close()


def test_without_a_folder_there_are_no_turns(tmp_path):
    for folder in (None, str(tmp_path / "nowhere")):
        one, two = Turns(folder), Turns(folder)
        one.take(True)
        two.take(True)
        one.close()
