"""What a run found out: one result a notebook, kept as JSON, JUnit XML and tables."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mlsd_kit.curriculum.claims import Claim
from mlsd_kit.files import write_atomic

PASSED = "passed"
FAILED = "failed"
CLAIM_FAILED = "claim failed"
INCOMPLETE = "incomplete"
"""It ended without an error, but not every cell ran or not every claim of its source shows."""
TIMED_OUT = "timed out"
KERNEL_DIED = "kernel died"
NOT_STARTED = "not started"
UNDECIDED_IN_CI = 3
"""Claims that other work may leave open in a run where nobody looks: beyond, it proves nothing."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not pass: one sentence, and where."""

    message: str
    cell: int | None = None
    """Number of the failing cell, counted from 1 as the executed notebook shows them."""
    source: str = ""
    """The failing cell's code."""
    last_lines: str = ""
    """The end of its traceback."""


@dataclass(frozen=True)
class Result:
    """The outcome of one notebook."""

    id: str
    title: str
    status: str
    seconds: float
    key: str
    parameters: dict[str, Any] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    failure: Failure | None = None
    executed: str | None = None
    """The executed copy, relative to the build folder."""
    cached: bool = False
    """True if an earlier run's result was taken, nothing having changed."""

    @property
    def passed(self) -> bool:
        return self.status == PASSED

    @property
    def undecided(self) -> tuple[Claim, ...]:
        """The claims that other work on the machine left open."""
        return tuple(claim for claim in self.claims if claim.undecided is not None)


def result_to_json(result: Result) -> dict[str, Any]:
    """A JSON-ready mapping; a claim's value that is not finite becomes null."""
    record = asdict(result)
    for claim in record["claims"]:
        if not math.isfinite(claim["value"]):
            claim["value"] = None
    return record


def result_from_json(record: dict[str, Any]) -> Result:
    """The inverse of `result_to_json`."""
    claims = tuple(
        Claim(**{**claim, "value": math.nan if claim["value"] is None else claim["value"]})
        for claim in record["claims"]
    )
    failure = Failure(**record["failure"]) if record["failure"] else None
    return Result(**{**record, "claims": claims, "failure": failure})


def slug(notebook_id: str, parameters: dict[str, Any]) -> str:
    """File stem of a result: ``theme/name``, with the parameters if any were given.

    >>> slug("customers/churn", {}), slug("customers/churn", {"seed": 3})
    ('customers/churn', 'customers/churn@seed=3')
    """
    words = ",".join(f"{key}={value}" for key, value in sorted(parameters.items()))
    safe = "".join(c if c.isalnum() or c in "=.,-+" else "_" for c in words)[:80]
    return f"{notebook_id}@{safe}" if safe else notebook_id


class ResultStore:
    """Results of earlier runs under ``<build>/results``, one JSON file a notebook."""

    def __init__(self, build: Path) -> None:
        self.folder = build / "results"
        self.build = build

    def path(self, notebook_id: str, parameters: dict[str, Any]) -> Path:
        return self.folder / f"{slug(notebook_id, parameters)}.json"

    def save(self, result: Result) -> None:
        text = json.dumps(result_to_json(replace(result, cached=False)), indent=1)
        write_atomic(self.path(result.id, result.parameters), text + "\n")

    def load(self, notebook_id: str, parameters: dict[str, Any]) -> Result | None:
        """The stored result, or None if there is none that can be read."""
        try:
            text = self.path(notebook_id, parameters).read_text(encoding="utf-8")
            return result_from_json(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def unchanged(self, notebook_id: str, parameters: dict[str, Any], key: str) -> Result | None:
        """The stored result if it passed under the same key and its executed copy is there.

        One with undecided claims is none: the machine may be quieter now.
        """
        stored = self.load(notebook_id, parameters)
        if stored is None or not stored.passed or stored.undecided or stored.key != key:
            return None
        if stored.executed is None or not (self.build / stored.executed).is_file():
            return None
        return replace(stored, cached=True)


def write_results(build: Path, results: Sequence[Result]) -> None:
    """``results.json`` and ``junit.xml`` of one run."""
    summary = {
        "passed": all(result.passed for result in results),
        "undecided": sum(len(result.undecided) for result in results),
        "notebooks": [result_to_json(result) for result in results],
    }
    write_atomic(build / "results.json", json.dumps(summary, indent=1) + "\n")
    write_atomic(build / "junit.xml", junit(results))


def too_many_undecided(results: Sequence[Result]) -> str | None:
    """The sentence with which a run in CI fails, or None if few enough claims are undecided.

    >>> too_many_undecided([])
    """
    count = sum(len(result.undecided) for result in results)
    if count <= UNDECIDED_IN_CI:
        return None
    return (
        f"{count} claims are undecided, and in CI at most {UNDECIDED_IN_CI} may be: "
        "run it again with less other work on the machine."
    )


def junit(results: Sequence[Result]) -> str:
    """JUnit XML: a test case for every notebook and for every claim."""
    suites = ElementTree.Element("testsuites")
    for result in results:
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=result.id,
            tests=str(1 + len(result.claims)),
            failures=str(
                sum(claim.failed for claim in result.claims) + (result.failure is not None)
            ),
            skipped=str(len(result.undecided)),
            time=f"{result.seconds:.1f}",
        )
        case = ElementTree.SubElement(
            suite, "testcase", classname=result.id, name="runs", time=f"{result.seconds:.1f}"
        )
        if result.failure:
            failure = ElementTree.SubElement(case, "failure", message=result.failure.message)
            failure.text = _xml_text(result.failure.last_lines)
        for claim in result.claims:
            case = ElementTree.SubElement(suite, "testcase", classname=result.id, name=claim.name)
            if claim.failed:
                ElementTree.SubElement(case, "failure", message=str(claim))
            elif claim.undecided is not None:
                ElementTree.SubElement(case, "skipped", message=str(claim))
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _xml_text(text: str) -> str:
    """Without the control characters that XML 1.0 does not allow."""
    return "".join(c for c in text if c in "\n\t" or ord(c) >= 32)
