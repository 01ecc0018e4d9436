"""``make bench-run``: the headless run against papermill's command line, and against its own floor.

    python benchmarks/runner.py [NAME ...] [--cores N] [--arms plain,warm,parallel,serial]

The same notebooks, all or those named, run four ways: `mlsd run --warm`, `mlsd run --plain`,
papermill's command line with as many at a time as there are cores, and one after the other; the
longest first each time. The floor is what no runner can go below: the CPU time of the cells alone,
their libraries already imported, over the cores; cells with the tag ``alone``, which share the
machine with nothing, count with the time that they take. Exit code 1 if a notebook fails, if the
warm run takes more than 1.25 times its floor, or if a start-up takes longer than it may.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue, select

BIN = Path(sys.executable).parent
BAR = 1.25
MARK = "cell-cpu "
BEGIN = """# %%
import os as _os


def _clocks():
    return sum(_os.times()[:4]), _os.times()[4]


_at_start, _cpu_alone, _wall_alone = _clocks()[0], 0.0, 0.0

"""
BEFORE_ALONE = "# %%\n_cpu_then, _wall_then = _clocks()\n\n"
AFTER_ALONE = """
# %%
_cpu_alone += _clocks()[0] - _cpu_then
_wall_alone += _clocks()[1] - _wall_then

"""
END = f"\n\n# %%\nprint({MARK!r}, _clocks()[0] - _at_start, _cpu_alone, _wall_alone)\n"
LIMITS = {"mlsd --help": 0.4, "mlsd list": 0.4, "mlsd check": 0.4, "unchanged rerun": 3.0}


@dataclass(frozen=True)
class Outcome:
    """What one way of running the notebooks cost. Seconds."""

    name: str
    wall: float
    cpu: float
    """Of all processes."""
    cells: dict[str, float]
    """CPU time of the cells, by notebook; the imports they had to make are in it."""
    cpu_alone: float
    """The part of it in cells that run alone."""
    wall_alone: float
    """How long those took."""

    @property
    def all_cells(self) -> float:
        return sum(self.cells.values())

    def floor(self, cores: int) -> float:
        """What no runner can go below."""
        return self.wall_alone + (self.all_cells - self.cpu_alone) / cores


def lay_out(entries: list[Entry], folder: Path) -> list[Entry]:
    """A curriculum of copies, each with a cell before and after that take the CPU time."""
    import jupytext

    for each in paths.root().iterdir():
        if each.name not in ("notebooks", "build") and not each.name.startswith("."):
            (folder / each.name).symlink_to(each)
    for entry in entries:
        copy = folder / "notebooks" / entry.theme / f"{entry.name}.py"
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = entry.source.read_text(encoding="utf-8")
        head, *cells = re.split(r"^(?=# %%)", text, flags=re.MULTILINE)
        for k, cell in enumerate(cells):
            if '"alone"' in cell.partition("\n")[0]:
                cells[k] = BEFORE_ALONE + cell + AFTER_ALONE
        copy.write_text(head + BEGIN + "".join(cells) + END, encoding="utf-8")
        notebook = jupytext.read(copy)
        jupytext.write(notebook, copy.with_suffix(".ipynb"))
    os.environ["MLSD_HOME"] = str(folder)
    return sorted(select(catalogue(), []), key=lambda entry: -entry.seconds)


def cell_times(executed: Path) -> list[float]:
    """What the notebook printed in its last cell: CPU time, and of what ran alone CPU and wall."""
    outputs = json.loads(executed.read_text(encoding="utf-8"))["cells"][-1]["outputs"]
    if not outputs or not (said := "".join(outputs[0].get("text", []))).startswith(MARK):
        raise SystemExit(f"{executed} did not get to its end")
    return [float(word) for word in said.removeprefix(MARK).split()]


def papermill(at_a_time: int) -> Callable[[list[Entry], Path], None]:
    """Papermill's command line, ``at_a_time`` processes."""

    def one(entry: Entry, build: Path) -> None:
        output = build / "notebooks" / f"{entry.id}.ipynb"
        output.parent.mkdir(parents=True, exist_ok=True)
        source = entry.notebook
        command = [BIN / "papermill", source, output, "--cwd", source.parent, "-k", "python3"]
        for attempt in (1, 2):  # in parallel it may lose the race for a port
            done = subprocess.run(
                [*command, "--no-progress-bar"], capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                return
            if "Address already in use" not in done.stderr or attempt == 2:
                raise SystemExit(f"papermill {entry.id}: {done.stderr[-2000:]}")

    def run(entries: list[Entry], build: Path) -> None:
        with ThreadPoolExecutor(at_a_time) as pool:
            list(pool.map(lambda entry: one(entry, build), entries))

    return run


def mlsd_run(cores: int, *options: str) -> Callable[[list[Entry], Path], None]:
    """Our runner."""

    def run(entries: list[Entry], build: Path) -> None:
        command = [BIN / "mlsd", "run", "--build", build, "--jobs", str(cores), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"mlsd run failed:\n{done.stdout}\n{done.stderr}")

    return run


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(
    name: str, run: Callable[[list[Entry], Path], None], entries: list[Entry], build: Path
) -> Outcome:
    """Run all ``entries`` and take wall time, CPU time, and the CPU time of the cells."""
    before, start = children_cpu(), time.perf_counter()
    run(entries, build)
    wall, cpu = time.perf_counter() - start, children_cpu() - before
    times = {e.id: cell_times(build / "notebooks" / f"{e.id}.ipynb") for e in entries}
    cells = {notebook: each[0] for notebook, each in times.items()}
    alone = [sum(each[k] for each in times.values()) for k in (1, 2)]
    return Outcome(name, wall, cpu, cells, *alone)


def line(outcome: Outcome, floor: float, cores: int) -> str:
    """One row: wall time, its ratio to the floor, and where the processors' time went."""
    idle = max(0.0, 1 - outcome.cpu / (cores * outcome.wall))
    return (
        f"{outcome.name:<30} {outcome.wall:8.1f} s = {outcome.wall / floor:5.2f} x the floor   "
        f"CPU {outcome.cpu:7.1f} s, of it cells {outcome.all_cells:7.1f} s, "
        f"starting and running them {outcome.cpu - outcome.all_cells:6.1f} s; "
        f"idle {100 * idle:3.0f} %"
    )


def waiting(outcome: Outcome, build: Path) -> str:
    """The notebooks whose wall time exceeds their cells' CPU time most: they sleep, or wait."""
    records = json.loads((build / "results.json").read_text(encoding="utf-8"))["notebooks"]
    waits = {each["id"]: each["seconds"] - outcome.cells[each["id"]] for each in records}
    most = sorted(waits, key=waits.__getitem__, reverse=True)[:5]
    return ", ".join(f"{name} {waits[name]:.1f} s" for name in most)


def start_ups(build: Path, cores: int) -> dict[str, float]:
    """Median seconds of commands that should not keep anybody waiting."""
    rerun = ["run", "--build", str(build), "--jobs", str(cores)]
    commands = {"mlsd --help": ["--help"], "mlsd list": ["list"], "mlsd check": ["check", "-"]}
    took = {}
    for name, words in {**commands, "unchanged rerun": rerun}.items():
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([BIN / "mlsd", *words], capture_output=True, check=False)
            times.append(time.perf_counter() - start)
        took[name] = statistics.median(times)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks [default: all]")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--arms", default="warm,plain,parallel,serial")
    options = parser.parse_args()
    cores = options.cores
    ways = {
        "warm": ("mlsd run --warm", mlsd_run(cores, "--warm")),
        "plain": ("mlsd run --plain", mlsd_run(cores, "--plain")),
        "parallel": (f"papermill, {cores} at a time", papermill(cores)),
        "serial": ("papermill, one at a time", papermill(1)),
    }
    chosen = select(catalogue(), options.names)
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as temporary:
        folder = Path(temporary)
        entries = lay_out(chosen, folder)
        arms = ["warm", *(arm for arm in options.arms.split(",") if arm != "warm")]
        outcomes = {}
        for arm in arms:
            name, run = ways[arm]
            outcomes[arm] = measure(name, run, entries, folder / "build" / arm)
            floor = outcomes["warm"].floor(cores)
            print(line(outcomes[arm], floor, cores), flush=True)
        print(f"waited longest: {waiting(outcomes['warm'], folder / 'build/warm')}")
        took = start_ups(folder / "build/warm", cores)
    longest = max(outcomes["warm"].cells, key=outcomes["warm"].cells.__getitem__)
    print(
        f"floor: {len(entries)} notebooks, {outcomes['warm'].all_cells:.1f} s of cells on {cores} "
        f"cores, with {outcomes['warm'].wall_alone:.1f} s in which one runs alone = {floor:.1f} s; "
        f"the longest, {longest}, {outcomes['warm'].cells[longest]:.1f} s"
    )
    for arm, outcome in outcomes.items():
        if arm != "warm":
            ratio = outcome.wall / outcomes["warm"].wall
            print(f"{outcome.name} / {outcomes['warm'].name} = {ratio:.2f}")
    for name, seconds in took.items():
        verdict = "ok  " if seconds <= LIMITS[name] else "MISS"
        print(f"{verdict} {name}: {seconds:.2f} s (at most {LIMITS[name]:g})")
    held = outcomes["warm"].wall <= BAR * floor
    print(f"{'ok  ' if held else 'MISS'} warm run at most {BAR} x the floor")
    return 0 if held and all(took[name] <= limit for name, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
