"""Runs the notebooks as other processors would, and says which outputs and claims differ.

``python -m mlsd_kit.curriculum.run.portability [NAME ...]``, or ``make portability``. Libraries
choose their code by what the processor can do: vector instructions change the order of sums, and
with it last digits. Environment variables make them choose as on an older processor. What cannot be
imitated by a variable (ONNX Runtime looks at the processor itself) is kept out of what is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from mlsd_kit import paths
from mlsd_kit.curriculum.run import results as status
from mlsd_kit.curriculum.run.catalogue import Entry, catalogue, select
from mlsd_kit.curriculum.run.environment import THREAD_VARIABLES
from mlsd_kit.curriculum.run.outputs import differences
from mlsd_kit.curriculum.run.results import Result
from mlsd_kit.curriculum.run.runner import Plan, run
from mlsd_kit.curriculum.run.watching import Watcher
from mlsd_kit.files import write_atomic

TIMEOUT = 1800.0  # seconds a notebook: an old processor's matrix products take four times as long
START, END = "<!-- table of make portability -->", "<!-- end of the table -->"
FAISS = {"Haswell": "AVX2", "Prescott": "NONE"}


@dataclass(frozen=True)
class Setting:
    """One kind of machine."""

    name: str
    what: str
    """In words, for the page."""
    environment: Mapping[str, str] = field(default_factory=dict)
    busy: int = 0
    """Processes that compute beside it."""

    @property
    def folder(self) -> str:
        """Name of its build folder."""
        return self.name.replace(" ", "-")


def settings() -> list[Setting]:
    """The kinds of machine that this one can imitate."""
    found = [
        Setting("this processor", "with all that it can do, one BLAS thread", _threads(1)),
        Setting("two threads", "two BLAS threads", _threads(2)),
        Setting("busy", "beside two processes that compute", _threads(1), busy=2),
    ]
    if platform.machine().lower() in ("x86_64", "amd64"):
        optional = optional_features()
        wide = [name for name in optional if name.startswith(("X86_V4", "AVX512"))]
        found += [
            Setting(
                "no AVX-512",
                "OpenBLAS's kernels for Haswell, NumPy and faiss without AVX-512",
                _threads(1) | _old("Haswell", wide),
            ),
            Setting(
                "no AVX",
                "OpenBLAS's kernels for Prescott; NumPy, faiss and libm without AVX and FMA",
                _threads(1)
                | _old("Prescott", optional)
                | {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4"},
            ),
        ]
    return found


def optional_features() -> list[str]:
    """What NumPy uses beyond its baseline because this processor has it, oldest first."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def _threads(number: int) -> dict[str, str]:
    return dict.fromkeys(THREAD_VARIABLES, str(number))


def _old(core: str, disabled: Sequence[str]) -> dict[str, str]:
    found = {"OPENBLAS_CORETYPE": core, "FAISS_SIMD_LEVEL": FAISS[core]}
    return found | ({"NPY_DISABLE_CPU_FEATURES": " ".join(disabled)} if disabled else {})


def measure(
    entries: Sequence[Entry],
    setting: Setting,
    build: Path,
    jobs: int,
    watcher: Watcher | None = None,
) -> dict[str, list[str]]:
    """What differs from the committed notebooks under ``setting``, by notebook; `[]` if nothing.

    Results are kept in a build folder of the setting, so that a rerun does only what changed.
    """
    plan = Plan(
        entries=entries,
        build=build / "portability" / setting.folder,
        jobs=jobs,
        timeout=TIMEOUT,
        environment=setting.environment,
        collect=True,
    )
    with _busy(setting.busy):
        results = run(plan, watcher)
    return {
        entry.id: _compared(entry, result, plan.build)
        for entry, result in zip(entries, results, strict=True)
    }


def _compared(entry: Entry, result: Result, build: Path) -> list[str]:
    if result.status not in (status.PASSED, status.CLAIM_FAILED) or result.executed is None:
        return [result.failure.message if result.failure else result.status]
    if not entry.notebook.is_file():
        return [f"no committed notebook: mlsd build {entry.name}"]
    committed = nbformat.read(entry.notebook, as_version=4)
    executed = nbformat.read(build / result.executed, as_version=4)
    return [str(each) for each in differences(committed, executed)]


@contextlib.contextmanager
def _busy(number: int) -> Iterator[None]:
    """Processes that compute until the block ends, or this process however it ends."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: pass"
    loops = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(number)]
    try:
        yield
    finally:
        for each in loops:
            each.kill()
        for each in loops:
            each.wait()


def table(found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """A Markdown table, notebook by setting: how many cells differ, or ``none``.

    >>> print(table({"busy": {"a/b": []}, "no AVX": {"a/b": ["cell 3: ..."]}}))
    | notebook | busy | no AVX |
    |---|---|---|
    | a/b | none | **1** |
    """
    names = list(next(iter(found.values()), {}))
    lines = [f"| notebook | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = [f"**{len(each[name])}**" if each[name] else "none" for each in found.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def processor() -> str:
    """This machine's processor, as far as results can depend on it, in one line."""
    from threadpoolctl import threadpool_info

    kernels = {each.get("architecture") for each in threadpool_info() if "architecture" in each}
    parts = [platform.system(), platform.machine(), f"Python {platform.python_version()}"]
    parts += [f"NumPy with {' '.join(optional_features()) or 'its baseline'}"]
    parts += [f"OpenBLAS {'/'.join(sorted(map(str, kernels)))}"] if kernels else []
    return ", ".join(parts)


def page(text: str, found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """``text`` with the table between its two marks replaced.

    Raises
    ------
    ValueError
        If a mark is missing.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"docs/portability.md has no place for the table: {START} ... {END}")
    return f"{before}{START}\n\nMeasured on: {processor()}.\n\n{table(found)}\n\n{END}{after}"


class _Tell(Watcher):
    """A line for each notebook that has run."""

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def finished(self, result: Result) -> None:
        again = ", unchanged" if result.cached else ""
        print(f"{self.setting}: {result.id}, {result.seconds:.0f} s{again}", flush=True)


def main(words: Sequence[str] | None = None, out: Callable[[str], None] = print) -> int:
    """The command; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="portability", description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks [default: all]")
    parser.add_argument("--only", action="append", help="a setting, by name [default: all]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help="put the table in docs/portability.md")
    given = parser.parse_args(words)
    entries = select(catalogue(), given.names, None)
    chosen = [each for each in settings() if not given.only or each.name in given.only]
    if not chosen:
        parser.error(f"--only is one of: {', '.join(each.name for each in settings())}")
    build = Path(os.environ.get("MLSD_BUILD") or paths.root() / "build")
    found = {
        setting.name: measure(entries, setting, build, given.jobs, _Tell(setting.name))
        for setting in chosen
    }
    out("")
    out(table(found))
    for setting, by_notebook in found.items():
        for name, sentences in by_notebook.items():
            for sentence in sentences:
                out(f"{setting}, {name}: {sentence}")
    if given.write:
        file = paths.root() / "docs" / "portability.md"
        write_atomic(file, page(file.read_text(encoding="utf-8"), found))
    return int(any(sentences for each in found.values() for sentences in each.values()))


if __name__ == "__main__":
    sys.exit(main())
