"""One cut into train, validation and test rows that never leaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state, indexable
from sklearn.utils.validation import _num_samples

from mlsd_kit.model_selection.train_test import check_labels, count_rows, draw, take_parts

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Row numbers of the train, validation and test parts."""


def train_val_test_split(
    *arrays: Any,
    val_size: float | int = 0.2,
    test_size: float | int = 0.2,
    random_state: Any = None,
    stratify: Any = None,
    groups: Any = None,
    time: Any = None,
) -> list[Any]:
    """Cut arrays into train, validation and test parts: every row in exactly one of them.

    How rows are dealt follows from how the model will be used; at most one of the three:

    * ``stratify``: each part keeps the classes' shares (a rare class is in all three);
    * ``groups``: rows of one group (a customer, a patient) stay together, so that the model is
      tested on groups it never saw. Whole groups are dealt, so sizes are met as nearly as groups
      allow;
    * ``time`` (numbers or dates): the past trains, the future tests. Rows of the same instant
      stay together: an instant on a boundary goes wholly to the later part.

    Parameters
    ----------
    *arrays : array-likes of the same length
    val_size, test_size : float in (0, 1) or int, default=0.2
        Shares of *all* rows (rounded up), or numbers of rows.
    random_state : int, RandomState or None
        Not used by ``time``, where nothing is random.
    stratify, groups, time : array-like of shape (n_samples,), optional

    Returns
    -------
    list
        ``[a_train, a_val, a_test, b_train, b_val, b_test, ...]``; in time order with ``time``,
        in the order of the input with ``groups``, else shuffled.

    Raises
    ------
    ValueError
        If a part would be empty, a key has missing values, or two keys are given.

    Examples
    --------
    >>> day = [3, 1, 2, 5, 4]
    >>> train_val_test_split(list("cabed"), val_size=1, test_size=1, time=day)
    [['a', 'b', 'c'], ['d'], ['e']]
    """
    if not arrays:
        raise ValueError("At least one array required as input: pass the arrays to be split.")
    arrays = tuple(indexable(*arrays))
    n_samples = _num_samples(arrays[0])
    n_val, n_test = _check_sizes(n_samples, val_size, test_size)
    given = [name for name, key in (("stratify", stratify), ("groups", groups), ("time", time))
             if key is not None]  # fmt: skip
    if len(given) > 1:
        raise ValueError(
            f"{' and '.join(given)} cannot be combined: give the one that describes how the model "
            "will be used, and use a splitter such as StratifiedGroupKFold for more."
        )
    if time is not None:
        parts = _by_time(_key("time", time, n_samples), n_val, n_test)
    elif groups is not None:
        parts = _by_group(_key("groups", groups, n_samples), n_val, n_test, random_state)
    else:
        parts = _at_random(n_samples, n_val, n_test, random_state, stratify)
    return take_parts(arrays, parts)


train_val_test_split.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


def _check_sizes(n_samples: int, val_size: float | int, test_size: float | int) -> tuple[int, int]:
    n_val = count_rows("val_size", val_size, n_samples, np.ceil)
    n_test = count_rows("test_size", test_size, n_samples, np.ceil)
    if n_val + n_test >= n_samples:
        raise ValueError(
            f"val_size={val_size} and test_size={test_size} leave no row of {n_samples} to train "
            "on: reduce one of them."
        )
    return n_val, n_test


def _key(name: str, values: Any, n_samples: int) -> np.ndarray:
    """One value a row as whole numbers 0, 1, ... that keep the values' order."""
    if not isinstance(values, pd.Series | pd.Index):
        values = np.asarray(values)
    if np.shape(values) not in ((n_samples,), (n_samples, 1)):
        raise ValueError(
            f"{name} has {len(values)} values of shape {np.shape(values)} for {n_samples} "
            "samples: pass one value a row."
        )
    column = pd.Series(np.ravel(values) if np.ndim(values) == 2 else values)
    if column.isna().any():
        raise ValueError(f"{name} has missing values: fill them or drop those rows.")
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered
    if name == "time" and not ordered and pd.api.types.is_string_dtype(column):
        raise ValueError("time holds text, which sorts by letters: parse it by pd.to_datetime.")
    return pd.factorize(column, sort=True)[0]


def _at_random(n: int, n_val: int, n_test: int, random_state: Any, stratify: Any) -> Parts:
    """First draw the test part, then the validation part from the rest."""
    rng = check_random_state(random_state)
    labels = None if stratify is None else check_labels(stratify, n)
    rest, test = draw(n, n - n_test, n_test, rng, labels)
    rest_labels = None if labels is None else labels[rest]
    train, val = draw(len(rest), len(rest) - n_val, n_val, rng, rest_labels)
    return rest[train], rest[val], test


def _by_time(instant: np.ndarray, n_val: int, n_test: int) -> Parts:
    order = np.argsort(instant, kind="stable")
    sorted_instants = instant[order]
    # the boundary moves back to the first row of its instant
    first_test = np.searchsorted(sorted_instants, sorted_instants[-n_test])
    first_val = np.searchsorted(sorted_instants, sorted_instants[-n_test - n_val])
    train, val, test = np.split(order, [first_val, first_test])
    if not (len(train) and len(val)):
        raise ValueError(
            "time has too few different instants for three parts: use finer timestamps or "
            "smaller val_size and test_size."
        )
    return train, val, test


def _by_group(group: np.ndarray, n_val: int, n_test: int, random_state: Any) -> Parts:
    """Deal whole groups, in random order: to test, then to validation, then to train."""
    sizes = np.bincount(group)
    if len(sizes) < 3:
        raise ValueError(
            f"groups has {len(sizes)} different groups, too few for three parts: bring at least 3."
        )
    order = check_random_state(random_state).permutation(len(sizes))
    rows_so_far = np.concatenate([[0], np.cumsum(sizes[order])])
    last = len(sizes)
    end_test = _nearest(rows_so_far, n_test, 1, last - 2)
    end_val = _nearest(rows_so_far, rows_so_far[end_test] + n_val, end_test + 1, last - 1)
    part_of_group = np.empty(last, dtype=np.intp)
    for part, dealt in zip((2, 1, 0), np.split(order, [end_test, end_val]), strict=True):
        part_of_group[dealt] = part
    part_of_row = part_of_group[group]
    return tuple(np.flatnonzero(part_of_row == part) for part in range(3))  # type: ignore[return-value]


def _nearest(ascending: np.ndarray, value: float, lowest: int, highest: int) -> int:
    """Position in [lowest, highest] whose entry is nearest to ``value``."""
    return lowest + int(np.argmin(np.abs(ascending[lowest : highest + 1] - value)))
