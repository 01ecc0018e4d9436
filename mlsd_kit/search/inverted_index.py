"""An inverted index: for each term the documents that hold it, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class InvertedIndex:
    """Postings lists of a collection, in three flat arrays.

    The textbook form is a dictionary from a term to a list of (document, count). Here all lists lie
    one after the other, as in a compressed sparse column matrix: term t's postings are the slice
    ``starts[t]:starts[t + 1]`` of ``documents`` and ``counts``, so that a query touches a few
    contiguous stretches of memory and no Python object per posting.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        A term's number, in order of first appearance.
    starts_ : ndarray of shape (n_terms + 1,)
    documents_ : ndarray of shape (n_postings,)
        Ascending within a term.
    counts_ : ndarray of shape (n_postings,)
    lengths_ : ndarray of shape (n_documents,)
        Terms in each document, repetitions counted.

    Examples
    --------
    >>> index = InvertedIndex().fit([["red", "fox"], ["red", "red", "hen"]])
    >>> documents, counts = index.postings("red")
    >>> documents.tolist(), counts.tolist()
    ([0, 1], [1, 2])
    """

    def fit(self, documents: Iterable[Sequence[str]]) -> InvertedIndex:
        """Index documents that are already lists of terms."""
        self.vocabulary_: dict[str, int] = {}
        numbers, where, counts, lengths = [], [], [], []
        for at, terms in enumerate(documents):
            lengths.append(len(terms))
            for term, count in Counter(terms).items():
                numbers.append(self.vocabulary_.setdefault(term, len(self.vocabulary_)))
                where.append(at)
                counts.append(count)
        by_term = np.argsort(numbers, kind="stable")  # stable: documents stay ascending
        self.documents_ = np.asarray(where, dtype=np.int32)[by_term]
        self.counts_ = np.asarray(counts, dtype=np.int32)[by_term]
        sizes = np.bincount(np.asarray(numbers, dtype=np.int64), minlength=len(self.vocabulary_))
        self.starts_ = np.concatenate([[0], np.cumsum(sizes)])
        self.lengths_ = np.asarray(lengths, dtype=np.int64)
        return self

    def span(self, term: str) -> slice:
        """Where the term's postings lie; an empty slice if no document holds it."""
        number = self.vocabulary_.get(term)
        if number is None:
            return slice(0, 0)
        return slice(int(self.starts_[number]), int(self.starts_[number + 1]))

    def postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Documents with the term, ascending, and how often it is in each."""
        where = self.span(term)
        return self.documents_[where], self.counts_[where]

    def holding_all(self, terms: Iterable[str]) -> NDArray[np.int32]:
        """Documents that hold every one of the terms, ascending; all documents for no terms.

        The shortest list first: the intersection can only shrink.
        """
        lists = sorted((self.postings(term)[0] for term in set(terms)), key=len)
        if not lists:
            return np.arange(len(self.lengths_), dtype=np.int32)
        found = lists[0]
        for other in lists[1:]:
            found = np.intersect1d(found, other, assume_unique=True)
        return found

    def document_frequency(self, term: str) -> int:
        """In how many documents the term is."""
        where = self.span(term)
        return where.stop - where.start
