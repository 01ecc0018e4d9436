"""What the ranker sees of a query and a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsd_kit.search import BM25, InvertedIndex, terms
from mlsd_kit.systems.web_search.collection import Collection

NAMES = (
    "words in text (BM25)",
    "words in title (BM25)",
    "cosine",
    "share of query in title",
    "share of query in text",
    "share of title in query",
    "words of the text (log)",
    "words of the query",
    "age (years)",
    "fused score",
)


class Words:
    """Word statistics of texts and titles, for retrieval and for features."""

    def __init__(self, collection: Collection) -> None:
        self.text = BM25().fit(InvertedIndex().fit(terms(text) for text in collection.texts))
        self.title = BM25().fit(InvertedIndex().fit(terms(title) for title in collection.titles))
        self.years = collection.ages / 365.25

    def features(
        self,
        query: Sequence[str],
        documents: NDArray[np.intp],
        *,
        word_scores: NDArray[np.float32],
        cosines: NDArray[np.float32],
        fused: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """One row a document, one column a name of `NAMES`.

        Parameters
        ----------
        query : sequence of str
            Terms.
        documents : ndarray of shape (n,)
        word_scores : ndarray of shape (n_documents_in_collection,)
            BM25 of the text, computed for retrieval.
        cosines, fused : ndarrays of shape (n,)

        Returns
        -------
        ndarray of shape (n, len(NAMES))
        """
        distinct = sorted(set(query))
        in_title = _holding(self.title.index_, distinct)[documents]
        in_text = _holding(self.text.index_, distinct)[documents]
        asked = max(len(distinct), 1)
        title_words = np.maximum(self.title.index_.lengths_[documents], 1)
        columns: list[NDArray[Any]] = [
            word_scores[documents],
            self.title.score(distinct)[documents],
            cosines,
            in_title / asked,
            in_text / asked,
            in_title / title_words,
            np.log1p(self.text.index_.lengths_[documents]),
            np.full(len(documents), len(query)),
            self.years[documents],
            fused,
        ]
        return np.column_stack(columns).astype(float)


def _holding(index: InvertedIndex, query: Sequence[str]) -> NDArray[np.int32]:
    """How many of the query's terms each document holds."""
    found = np.zeros(len(index.lengths_), dtype=np.int32)
    for term in query:
        found[index.postings(term)[0]] += 1
    return found
