"""SMOTE and random over-sampling against imbalanced-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Case
from imblearn.over_sampling import SMOTE as PeerSMOTE
from imblearn.over_sampling import RandomOverSampler as PeerRandomOverSampler

from mlsd_kit.resampling import SMOTE, RandomOverSampler


def make(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n rows of 32 numbers, every fifth of the minority class."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 32)), (np.arange(n) % 5 == 0).astype(int)


def agree(ours: Any, peer: Any) -> None:
    np.testing.assert_allclose(ours[0], peer[0], rtol=1e-12)
    np.testing.assert_array_equal(ours[1], peer[1])


def resample(sampler: type) -> Any:
    return lambda X, y: sampler(random_state=0).fit_resample(X, y)


CASES = [
    Case(
        name="SMOTE 100k x 32, 20 % minority",
        n=100_000,
        bar=1.5,
        make=make,
        ours=resample(SMOTE),
        peer=resample(PeerSMOTE),
        agree=agree,
    ),
    Case(
        name="random over-sampling 100k x 32",
        n=100_000,
        bar=1.5,
        make=make,
        ours=resample(RandomOverSampler),
        peer=resample(PeerRandomOverSampler),
        agree=agree,
    ),
]
