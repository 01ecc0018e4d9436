"""Nearest vectors, approximately: a graph to walk instead of a list to scan."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """The vectors with the largest inner product, by faiss: HNSW, or an exact scan.

    Parameters
    ----------
    neighbours : int, default=16
        Links of each vector in the graph (Malkov and Yashunin, 2018); 0 scans all vectors.
    effort : int, default=128
        Vectors kept in view during the walk: more finds more and takes longer.

    Examples
    --------
    >>> vectors = np.eye(4, dtype=np.float32)
    >>> documents, products = VectorIndex(neighbours=0).fit(vectors).search(vectors[2], k=1)
    >>> documents.tolist()
    [2]
    """

    def __init__(self, *, neighbours: int = 16, effort: int = 128) -> None:
        self.neighbours = neighbours
        self.effort = effort

    def fit(self, vectors: NDArray[np.float32]) -> VectorIndex:
        """Build the index over vectors of shape (n, dimensions)."""
        import faiss

        faiss.omp_set_num_threads(1)  # the same graph on every run
        size = vectors.shape[1]
        if self.neighbours:
            self.index_: Any = faiss.IndexHNSWFlat(
                size, self.neighbours, faiss.METRIC_INNER_PRODUCT
            )
            self.index_.hnsw.efConstruction = 80
        else:
            self.index_ = faiss.IndexFlatIP(size)
        self.index_.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return self

    def search(
        self, query: NDArray[np.float32], *, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest to one vector, nearest first, and their inner products; ties by number."""
        if self.neighbours:
            self.index_.hnsw.efSearch = max(self.effort, k)
        products, documents = self.index_.search(np.atleast_2d(query), k)
        known = documents[0] >= 0  # faiss fills up with -1 where it finds fewer
        found, product = documents[0][known], products[0][known]
        order = np.lexsort((found, -product))  # its own order of ties depends on the processor
        return found[order], product[order]
