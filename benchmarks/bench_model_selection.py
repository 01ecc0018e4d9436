"""Ridge cross-validation from one pass over the data, against a grid search that refits."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Case
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from mlsd_kit.model_selection import RidgeScores, ridge_cv

ONE = [1.0]
TWENTY = np.logspace(-3, 6, 20)


def make(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 50))
    return X, X @ rng.normal(size=50) + rng.normal(scale=5.0, size=n)


def agree(ours: RidgeScores, theirs: Any) -> None:
    table = theirs.cv_results_
    scores = np.transpose([table[f"split{fold}_test_score"] for fold in range(5)])
    np.testing.assert_allclose(ours.scores, scores, rtol=1e-9)
    assert ours.best_alpha == theirs.best_params_["alpha"]
    np.testing.assert_allclose(ours.coef, theirs.best_estimator_.coef_, rtol=1e-7)


def case(name: str, alphas: Any, bar: float, **options: Any) -> Case:
    return Case(
        name,
        n=1_000_000,
        bar=bar,
        make=make,
        ours=lambda X, y: ridge_cv(X, y, alphas, cv=5),
        peer=lambda X, y: GridSearchCV(Ridge(), {"alpha": alphas}, cv=5).fit(X, y),
        agree=agree,
        **options,
    )


CASES = [
    case("ridge 1M x 50, 5 folds, one alpha", ONE, 5.0),
    # the peer needs minutes a run: two runs, and small sizes to show the growth
    case("ridge 1M x 50, 5 folds, 20 alphas", TWENTY, 50.0, repeats=2, growth=(0.02, 0.04, 0.08)),
]
