"""The units that an estimate may be stated in: their sizes and their dimensions."""

from __future__ import annotations

Dimension = tuple[tuple[str, int], ...]
"""Base units and their powers, in the order of the alphabet: bytes a second is B^1 s^-1."""

DECIMAL = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21}
BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50}
SMALL = {"m": 1e-3, "u": 1e-6, "µ": 1e-6, "n": 1e-9}
YEAR = 365 * 86_400.0

COUNTS = (
    "request", "event", "message", "key", "row", "vector", "document", "click", "token", "user",
    "sample", "step", "GPU", "worker", "server", "partition", "sequence", "parameter",
)  # fmt: skip
"""What can be counted. A plain number passes for any of them, but never one for another."""

ALIASES = {
    "byte": "B", "b": "bit", "sec": "s", "second": "s", "hour": "h", "hr": "h", "minute": "min",
    "d": "day", "$": "USD", "query": "request", "querie": "request", "QPS": "request/s",
    "percent": "%", "id": "key",
}  # fmt: skip


def _units() -> dict[str, tuple[float, Dimension]]:
    one: dict[str, tuple[float, Dimension]] = {"1": (1.0, ()), "%": (0.01, ())}
    one |= {name: (1.0, ((name, 1),)) for name in ("B", "s", "USD", "FLOP", *COUNTS)}
    one |= {"bit": (0.125, (("B", 1),)), "bps": (0.125, (("B", 1), ("s", -1)))}
    one |= {"FLOPS": (1.0, (("FLOP", 1), ("s", -1)))}
    times = {"min": 60.0, "h": 3600.0, "day": 86_400.0, "week": 7 * 86_400.0}
    times |= {"month": YEAR / 12, "year": YEAR}
    times |= {prefix + "s": factor for prefix, factor in SMALL.items()}
    found = one | {name: (seconds, (("s", 1),)) for name, seconds in times.items()}
    scaled = ["B", "bit", "bps", "FLOP", "FLOPS", "USD", "token", "request", "parameter"]
    for name in scaled:
        found |= {prefix + name: (f * one[name][0], one[name][1]) for prefix, f in DECIMAL.items()}
    for name in ("B", "bit"):
        found |= {prefix + name: (f * one[name][0], one[name][1]) for prefix, f in BINARY.items()}
    return found


UNITS = _units()
"""Every unit: its size in base units, and its dimension. A month is a twelfth of 365 days."""
