"""The table of a search: one entry a candidate, in columns named as scikit-learn names them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.stats import rankdata

from mlsd_kit.model_selection.fold import FoldResult, column


def cv_results(
    candidates: list[dict[str, Any]],
    results: list[FoldResult],
    n_splits: int,
    return_train_score: bool,
) -> dict[str, Any]:
    """Scores of every candidate (in turn, all its folds) as columns.

    Returns
    -------
    dict
        ``params``; ``param_<name>`` (masked where a candidate lacks the parameter);
        ``mean_fit_time``, ``mean_score_time`` (seconds) with ``std_``;
        ``split<i>_test_<score>``, ``mean_``, ``std_`` and ``rank_test_<score>`` (1 is best);
        the same of ``train_<score>`` on request.
    """
    table: dict[str, Any] = {}
    shape = (len(candidates), n_splits)
    for key in ("fit_time", "score_time"):
        _add_moments(table, key, np.array([getattr(r, key) for r in results]).reshape(shape))
    failed = np.array([r.error is not None for r in results]).reshape(shape).any(axis=1)
    for name in dict.fromkeys(name for candidate in candidates for name in candidate):
        table[f"param_{name}"] = _param_column([c.get(name, np.ma.masked) for c in candidates])
    table["params"] = candidates
    kinds = ["test", "train"] if return_train_score else ["test"]
    for score in results[0].test_scores or {}:
        for kind in kinds:
            scores = column(results, kind, score).astype(float).reshape(shape)
            for fold in range(n_splits):
                table[f"split{fold}_{kind}_{score}"] = scores[:, fold]
            _add_moments(table, f"{kind}_{score}", scores)
            means = table[f"mean_{kind}_{score}"]
            if not np.isfinite(means).all():
                warnings.warn(
                    f"One or more of the {kind} scores are non-finite: {means}",
                    UserWarning,
                    stacklevel=3,
                )
            if kind == "test":
                table[f"rank_test_{score}"] = _rank(np.where(failed, np.nan, means))
    return table


def _add_moments(table: dict[str, Any], key: str, values: np.ndarray) -> None:
    with np.errstate(invalid="ignore"):  # a score of inf or nan is told by a warning of its own
        table[f"mean_{key}"] = values.mean(axis=1)
        table[f"std_{key}"] = values.std(axis=1)


def _rank(means: np.ndarray) -> np.ndarray:
    """1 for the best mean, ties share the better rank; nan comes after every number, -inf too.

    A candidate that could not be fitted has nan here, whatever ``error_score`` says. No number
    stands in for nan: one a little below the worst mean is that mean where the means are large.
    """
    ranks = np.ones(len(means), dtype=np.int32)
    scored = ~np.isnan(means)
    ranks[scored] = rankdata(-means[scored], method="min")
    ranks[~scored] = scored.sum() + 1
    return ranks


def _param_column(values: list[Any]) -> np.ma.MaskedArray:
    """Values of one parameter: numbers as numbers, all else as objects; masked where absent."""
    present = [value for value in values if value is not np.ma.masked]
    try:
        as_array = np.array(present)
        plain = as_array.ndim == 1 and as_array.dtype.kind != "U"
        dtype = as_array.dtype if plain else np.dtype(object)
    except ValueError:  # sequences of unequal length
        dtype = np.dtype(object)
    filled = np.ma.MaskedArray(np.empty(len(values), dtype=dtype), mask=True)
    for i, value in enumerate(values):
        if value is not np.ma.masked:
            filled[i] = value
    return filled
