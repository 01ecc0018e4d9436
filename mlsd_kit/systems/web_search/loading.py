"""The funnel over the curriculum's own collection, with a ranker that was saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsd_kit import data
from mlsd_kit.systems.web_search.collection import load_collection, load_tags
from mlsd_kit.systems.web_search.embedding import SentenceEncoder, cached_vectors
from mlsd_kit.systems.web_search.funnel import MAX_TOKENS, Funnel


def load_funnel(folder: str | Path | None = None) -> Funnel:
    """The funnel over the curriculum's data, its ranker read from ``folder/ranker.txt``.

    Documents were encoded once, in 64 bits; queries are encoded in 32, in less than half the time.
    """
    ranker: Any = None
    if folder is not None:
        import lightgbm

        ranker = _OneThread(lightgbm.Booster(model_file=str(Path(folder, "ranker.txt"))))
    collection = load_collection()
    tags = load_tags(collection.documents)
    exact = SentenceEncoder(max_tokens=MAX_TOKENS, threads=os.cpu_count() or 1)
    return Funnel(
        collection,
        tags,
        data.load("web_queries")["query"],
        ranker=ranker,
        encoder=SentenceEncoder(max_tokens=MAX_TOKENS, bits=32),
        vectors=cached_vectors(exact, collection.texts),
    )


class _OneThread:
    """A booster that leaves the other cores alone: waking threads costs more than it saves."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self._booster.predict(rows, num_threads=1)
        return scores
