"""A pytest plugin for `make notebooks`: after a failure, one line a cell, ready to be reported.

nbval shows each difference in full, one after the other. What a learner with another processor has
to send are these lines and the processor's. And nbval is made to wait for outputs as long as the
runner does.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest

from mlsd_kit.curriculum.run.execute import OUTPUT_PATIENCE
from mlsd_kit.curriculum.run.outputs import first_difference
from mlsd_kit.curriculum.run.portability import processor

KEY = "notebook cell that differs"
PAGE = "docs/portability.md"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Wait for a cell's output as the runner does: nbval takes 5 s, too few on a busy machine."""
    if hasattr(item, "output_timeout"):
        item.output_timeout = OUTPUT_PATIENCE


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what differs in the report, which travels from the workers of pytest-xdist."""
    report = yield
    if report.failed and hasattr(item, "cell_num"):
        report.user_properties.append((KEY, _line(item, call)))
    return report


def _line(item: Any, call: pytest.CallInfo[None]) -> str:
    where = f"{item.path.stem} cell {item.cell_num}"
    pair = first_difference(item.cell.outputs, item.test_outputs or [])
    error = call.excinfo.value if call.excinfo else None
    if str(error) == "Cell outputs differ" and pair is not None:
        return f"{where}: recorded «{pair[0]}», here «{pair[1]}»"
    told = getattr(error, "inner_traceback", None) or error
    last = COLOURS.sub("", str(told)).strip().splitlines()
    return f"{where}: {last[-1] if last else 'failed'}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The lines, and where to read on."""
    failed = [
        report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])
    ]
    lines = [value for each in failed for key, value in each.user_properties if key == KEY]
    if not lines:
        return
    terminalreporter.section("what differs from the committed notebooks")
    for line in lines:
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"Here: {processor()}")
    terminalreporter.write_line(
        f"Is this another kind of processor? {PAGE} says what may differ and how to report it: "
        "the lines above are all that is needed."
    )
