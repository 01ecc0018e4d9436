"""Nearest neighbours, principal components and logistic regression against scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Case
from sklearn.decomposition import PCA as PeerPCA
from sklearn.linear_model import LogisticRegression as PeerLogisticRegression
from sklearn.neighbors import KNeighborsClassifier as PeerNeighbors

from mlsd_kit.decomposition import PCA
from mlsd_kit.linear_model import LogisticRegression, binary_cross_entropy
from mlsd_kit.neighbors import KNeighborsClassifier

Arrays = tuple[Any, ...]


def _neighbours(n: int, n_queries: int) -> Arrays:
    random = np.random.RandomState(0)
    X, y = random.normal(size=(n, 32)), random.randint(0, 3, n)
    queries = random.normal(size=(n_queries, 32))
    peer = PeerNeighbors(5, algorithm="brute").fit(X, y)
    return KNeighborsClassifier(5).fit(X, y), peer, queries


def _same_neighbours(ours: Arrays, theirs: Arrays) -> None:
    assert np.array_equal(ours[1], theirs[1])
    assert np.allclose(ours[0], theirs[0])


def _tall(n: int) -> Arrays:
    random = np.random.RandomState(0)
    return (random.normal(size=(n, 64)) @ random.normal(size=(64, 64)) + 3.0,)


def _wide(n: int) -> Arrays:
    random = np.random.RandomState(0)
    signal = random.normal(size=(n, 20)) * np.arange(20, 0, -1)
    return (random.normal(size=(n, n)) + 0.3 * signal @ random.normal(size=(20, n)),)


def _same_components(ours: PCA, theirs: PeerPCA) -> None:
    assert np.allclose(ours.explained_variance_, theirs.explained_variance_, rtol=1e-6)
    assert np.allclose(ours.components_, theirs.components_, atol=1e-5)


def _clicks(n: int) -> Arrays:
    random = np.random.RandomState(0)
    X = random.normal(size=(n, 100)) @ (np.eye(100) + 0.1 * random.normal(size=(100, 100)))
    odds = X @ random.normal(size=100) * 0.15 - 0.5
    return X, (random.uniform(size=n) < 1.0 / (1.0 + np.exp(-odds))).astype(int)


def _loss(model: Any, X: Any, y: Any) -> float:
    penalty = 0.5 * float(np.sum(model.coef_**2)) / len(y)
    return binary_cross_entropy(model.decision_function(X), y)[0] + penalty


def _same_loss(ours: Arrays, theirs: Arrays) -> None:
    reached, wanted = _loss(*ours), _loss(*theirs)
    assert reached <= wanted * (1.0 + 1e-4), (reached, wanted)


def _fit_logistic(model: Any, X: Any, y: Any) -> Arrays:
    return model.fit(X, y), X, y


CASES = [
    Case(
        name="KNN: 5 nearest of 100k x 32, 10k queries",
        n=100_000,
        bar=1.2,
        make=lambda n: _neighbours(n, 10_000),
        ours=lambda ours, peer, queries: ours.kneighbors(queries),
        peer=lambda ours, peer, queries: peer.kneighbors(queries),
        agree=_same_neighbours,
    ),
    Case(
        name="KNN: 5 nearest of 1M x 32, 1k queries",
        n=1_000_000,
        bar=1.0,
        make=lambda n: _neighbours(n, 1_000),
        ours=lambda ours, peer, queries: ours.kneighbors(queries),
        peer=lambda ours, peer, queries: peer.kneighbors(queries),
        agree=_same_neighbours,
    ),
    Case(
        name="PCA: top 10 of 200k x 64",
        n=200_000,
        bar=1.0,
        make=_tall,
        ours=lambda X: PCA(10, random_state=0).fit(X),
        peer=lambda X: PeerPCA(10, random_state=0).fit(X),
        agree=_same_components,
        repeats=15,  # a tenth of a second each
    ),
    Case(
        name="PCA: top 10 of 5k x 5k",
        n=5_000,
        bar=2.0,
        make=_wide,
        ours=lambda X: PCA(10, random_state=0).fit(X),
        peer=lambda X: PeerPCA(10, random_state=0).fit(X),
        agree=_same_components,
    ),
    Case(
        name="logistic regression: 200k x 100, same loss",
        n=200_000,
        bar=0.5,
        make=_clicks,
        ours=lambda X, y: _fit_logistic(LogisticRegression(), X, y),
        peer=lambda X, y: _fit_logistic(PeerLogisticRegression(), X, y),
        agree=_same_loss,
    ),
]
