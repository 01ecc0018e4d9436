"""The funnel's stages: how wide each is, how long it took, and what came out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

STAGES = (
    "rewrite",
    "understand",
    "retrieve_words",
    "encode",
    "retrieve_vectors",
    "fuse",
    "rank",
    "rerank",
)


@dataclass(frozen=True)
class Widths:
    """How many documents each stage lets through, and how the last one weighs them."""

    retrieve: int = 200  # of each retriever
    rank: int = 100
    show: int = 10
    relevance: float = 1.0  # 1 ranks by relevance alone; less spreads the first page
    fresh: float = 0.0  # weight of freshness, beside 1 for relevance
    half_life: float = 365.0  # days


@dataclass
class Answer:
    """What came out, and how it came about."""

    documents: list[int]
    scores: list[float]
    query: str
    corrected: str | None
    navigational: bool
    entities: list[str]
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the block's seconds to the stage's."""
    start = perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + perf_counter() - start
