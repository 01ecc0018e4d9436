"""BM25: rare words count more, repetitions ever less, long documents less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mlsd_kit.search.inverted_index import InvertedIndex


class BM25:
    """Okapi BM25 over an inverted index, in Lucene's variant.

    A document d of length \\|d\\| scores for the query's terms t::

        sum of idf(t) tf / (tf + k1 (1 - b + b |d| / mean length))
        idf(t) = ln(1 + (N - df + 1/2) / (df + 1/2))

    All of it but the sum is known when the index is built: each posting's contribution is computed
    once, and a query adds a few stretches of numbers.

    Parameters
    ----------
    k1 : float, default=1.5
        How soon repetitions stop to count; 0 counts presence only.
    b : float, default=0.75
        How much long documents are held back; 0 not at all.

    References
    ----------
    Robertson, S. and Zaragoza, H. (2009). The Probabilistic Relevance Framework: BM25 and Beyond.
    Kamphuis, C. et al. (2020). Which BM25 Do You Mean? A Large-Scale Reproducibility Study.

    Examples
    --------
    >>> index = InvertedIndex().fit([["red", "fox"], ["red", "hen"], ["grey", "goose"]])
    >>> documents, scores = BM25().fit(index).search(["red", "fox"], k=3)
    >>> documents.tolist()
    [0, 1]
    """

    def __init__(self, *, k1: float = 1.5, b: float = 0.75) -> None:
        self.k1 = k1
        self.b = b

    def fit(self, index: InvertedIndex) -> BM25:
        """Compute every posting's contribution.

        Raises
        ------
        ValueError
            If k1 is negative or b lies outside [0, 1].
        """
        if self.k1 < 0 or not 0 <= self.b <= 1:
            raise ValueError(f"k1 must be >= 0 and b in [0, 1], got k1={self.k1}, b={self.b}.")
        self.index_ = index
        total, frequency = len(index.lengths_), np.diff(index.starts_)
        idf = np.log1p((total - frequency + 0.5) / (frequency + 0.5))
        mean = max(float(index.lengths_.mean()), 1.0) if total else 1.0
        held_back = self.k1 * (1 - self.b + self.b * index.lengths_ / mean)
        counts = index.counts_.astype(float)
        weights = np.repeat(idf, frequency) * counts / (counts + held_back[index.documents_])
        self.weights_ = weights.astype(np.float32)
        return self

    def score(self, query: Sequence[str] | Mapping[str, float]) -> NDArray[np.float32]:
        """Every document's score.

        Parameters
        ----------
        query : sequence of str, or mapping of str to float
            Terms, or how much each counts; a term that a sequence repeats counts as often.

        Returns
        -------
        ndarray of shape (n_documents,)
        """
        scores = np.zeros(len(self.index_.lengths_), dtype=np.float32)
        weights: Mapping[str, float] = query if isinstance(query, Mapping) else Counter(query)
        for term, weight in weights.items():
            where = self.index_.span(term)
            # a document is at most once in a list: plain addition is safe, and fast
            scores[self.index_.documents_[where]] += np.float32(weight) * self.weights_[where]
        return scores

    def search(
        self, query: Sequence[str] | Mapping[str, float], *, k: int
    ) -> tuple[NDArray[np.intp], NDArray]:
        """The k best documents, best first, and their scores; equal scores by document number.

        Returns
        -------
        documents, scores : ndarrays of shape (at most k,)
            Documents without any of the terms are left out.
        """
        return top(self.score(query), k)


def top(scores: NDArray, k: int) -> tuple[NDArray[np.intp], NDArray]:
    """The k highest positive scores, best first, ties by position; and those scores.

    >>> top(np.array([0.0, 2.0, 3.0, 2.0]), 2)[0].tolist()
    [2, 1]
    """
    found = np.flatnonzero(scores > 0)
    if len(found) > k > 0:
        # cut at the k-th best value first: all that tie with it stay for the exact order
        least = np.partition(scores[found], len(found) - k)[len(found) - k]
        found = found[scores[found] >= least]
    best = found[np.argsort(-scores[found], kind="stable")[:k]]
    return best, scores[best]
