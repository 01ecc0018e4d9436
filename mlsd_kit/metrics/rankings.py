"""Rankings given as lists of document ids."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np


def relevance_matrix(
    relevant: Sequence[Collection[Hashable]], ranked: Sequence[Sequence[Hashable]]
) -> tuple[np.ndarray, np.ndarray]:
    """Rankings given as lists of document ids, as the two matrices that these metrics take.

    A document ranked twice counts once, at its first place; the later ones close up. Relevant
    documents that were not retrieved are appended with the score -inf.

    Parameters
    ----------
    relevant : sequence of collections of ids, one for each query
    ranked : sequence of sequences of ids, best first, one for each query

    Returns
    -------
    y_true, y_score : ndarray of shape (n_queries, n_documents)

    Raises
    ------
    ValueError
        If there is no query, or not one ranking for each set of relevant documents.

    Examples
    --------
    >>> from mlsd_kit.metrics import precision_at_k, recall_at_k
    >>> y_true, y_score = relevance_matrix([{"a", "c"}], [["a", "b", "a"]])
    >>> y_true.tolist(), y_score.tolist()
    ([[1, 0, 1]], [[0.0, -1.0, -inf]])
    >>> precision_at_k(y_true, y_score, k=2), recall_at_k(y_true, y_score, k=3)
    (0.5, 0.5)
    """
    if len(relevant) != len(ranked) or not len(ranked):
        raise ValueError(
            f"relevant holds {len(relevant)} queries and ranked {len(ranked)}: pass one of each"
            " for every query, and at least one query."
        )
    rows = []
    for wanted, documents in zip(relevant, ranked, strict=True):
        once, sought = list(dict.fromkeys(documents)), set(wanted)
        missed = len(sought - set(once))
        rows.append(([document in sought for document in once], missed))
    width = max(1, max(len(hits) + missed for hits, missed in rows))
    y_true = np.zeros((len(rows), width), dtype=np.int64)
    y_score = np.full((len(rows), width), -np.inf)
    for row, (hits, missed) in enumerate(rows):
        y_true[row, : len(hits)] = hits
        y_true[row, len(hits) : len(hits) + missed] = 1
        y_score[row, : len(hits)] = -np.arange(len(hits))
    return y_true, y_score
