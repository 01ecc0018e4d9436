"""One-hot encoding against scikit-learn: fit and transform of one column."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Case
from sklearn.preprocessing import OneHotEncoder as PeerOneHotEncoder

from mlsd_kit.preprocessing import OneHotEncoder

N_CATEGORIES = 100


def integers(n: int) -> tuple[np.ndarray]:
    return (np.random.default_rng(0).integers(0, N_CATEGORIES, size=(n, 1)),)


def strings(n: int) -> tuple[np.ndarray]:
    names = np.array([f"category {i}" for i in range(N_CATEGORIES)], dtype=object)
    return (names[integers(n)[0]],)


def agree(ours: Any, peer: Any) -> None:
    assert ours.shape == peer.shape
    assert ours.dtype == peer.dtype
    assert (ours != peer).nnz == 0


def encode(encoder: type) -> Any:
    return lambda X: encoder().fit_transform(X)


CASES = [
    Case(
        name=f"one-hot 5M {kind.__name__}",
        n=5_000_000,
        bar=bar,
        make=kind,
        ours=encode(OneHotEncoder),
        peer=encode(PeerOneHotEncoder),
        agree=agree,
    )
    for kind, bar in ((integers, 4.0), (strings, 2.0))
]
