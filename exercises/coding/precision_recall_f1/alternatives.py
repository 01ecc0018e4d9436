"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_a_loop(y_true, y_pred, positive=1):
    hits = flagged = real = 0
    for truth, guess in zip(y_true, y_pred, strict=True):
        flagged += bool(guess == positive)
        real += bool(truth == positive)
        hits += bool(truth == positive and guess == positive)
    precision = hits / flagged if flagged else 0.0
    recall = hits / real if real else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return precision, recall, f1


def with_bincount(y_true, y_pred, positive=1):
    truth = np.array([label == positive for label in y_true], dtype=int)
    guess = np.array([label == positive for label in y_pred], dtype=int)
    (_, alarms), (misses, hits) = np.bincount(2 * truth + guess, minlength=4).reshape(2, 2)
    with np.errstate(invalid="ignore"):
        scores = np.array([hits, hits, 2 * hits]) / np.array(
            [hits + alarms, hits + misses, 2 * hits + alarms + misses]
        )
    return np.nan_to_num(scores)


def with_pandas(y_true, y_pred, positive=1):
    rows = pd.DataFrame({"truth": pd.Series(y_true), "guess": pd.Series(y_pred)}) == positive
    precision = rows.loc[rows["guess"], "truth"].mean()
    recall = rows.loc[rows["truth"], "guess"].mean()
    scores = pd.Series([precision, recall, 2 / (1 / precision + 1 / recall) if precision else 0.0])
    return scores.fillna(0.0).tolist()
