"""One random cut into train and test rows, plain or stratified."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing, check_array, check_random_state, indexable
from sklearn.utils.validation import _num_samples

from mlsd_kit.model_selection.base import Split

Size = float | int | None


def train_test_split(
    *arrays: Any,
    test_size: Size = None,
    train_size: Size = None,
    random_state: Any = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Cut arrays into a train part and a test part, the same rows of each.

    The very rows of scikit-learn's function for the same whole-number ``random_state``.

    Parameters
    ----------
    *arrays : array-likes of the same length
        Lists, arrays, sparse matrices, Series or DataFrames; each comes back as its own kind.
    test_size, train_size : float in (0, 1) or int, optional
        A share of the rows, or a number of rows. Test alone is 0.25 when both are left out.
    random_state : int, RandomState or None
    shuffle : bool, default=True
        False takes the first rows for training and the last for testing.
    stratify : array-like of shape (n_samples,), optional
        Classes whose shares both parts keep.

    Returns
    -------
    list
        ``[a_train, a_test, b_train, b_test, ...]``.

    Raises
    ------
    ValueError
        If a size is impossible, or a class is too small to be in both parts.

    Examples
    --------
    >>> train_test_split(list("abcde"), test_size=2, shuffle=False)
    [['a', 'b', 'c'], ['d', 'e']]
    """
    if not arrays:
        raise ValueError("At least one array required as input: pass the arrays to be split.")
    arrays = tuple(indexable(*arrays))
    n_train, n_test = check_sizes(_num_samples(arrays[0]), test_size, train_size)
    if not shuffle:
        if stratify is not None:
            raise ValueError(
                "Stratified train/test split is not implemented for shuffle=False: "
                "leave stratify out, or set shuffle=True."
            )
        parts: Split = (np.arange(n_train), np.arange(n_train, n_train + n_test))
    else:
        parts = draw(_num_samples(arrays[0]), n_train, n_test, random_state, stratify)
    return take_parts(arrays, parts)


train_test_split.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


def take_parts(arrays: tuple[Any, ...], parts: tuple[np.ndarray, ...]) -> list[Any]:
    """The rows of each part from each array: ``[a_part0, a_part1, ..., b_part0, ...]``."""
    return [_safe_indexing(array, rows) for array in arrays for rows in parts]


def draw(n_samples: int, n_train: int, n_test: int, random_state: Any, stratify: Any) -> Split:
    """Random row numbers of a train and a test part, in random order."""
    rng = check_random_state(random_state)
    if stratify is not None:
        return _draw_stratified(n_train, n_test, rng, check_labels(stratify, n_samples))
    shuffled = rng.permutation(n_samples)
    return shuffled[n_test : n_test + n_train], shuffled[:n_test]


def check_labels(stratify: Any, n_samples: int) -> np.ndarray:
    """``stratify`` as a 1-D array of labels, one a row."""
    labels = check_array(
        stratify, input_name="stratify", ensure_2d=False, dtype=None, ensure_all_finite=False
    )
    if pd.isna(labels).any():
        raise ValueError("stratify has missing values: name them as a class, or drop those rows.")
    if len(labels) != n_samples:
        raise ValueError(
            f"stratify has {len(labels)} labels for {n_samples} samples: "
            "inconsistent numbers of samples; pass one label a row."
        )
    if labels.ndim == 2:  # a row of several labels is one class of its own
        labels = np.array([" ".join(row.astype(str)) for row in labels])
    return labels


def _draw_stratified(
    n_train: int, n_test: int, rng: np.random.RandomState, labels: np.ndarray
) -> Split:
    classes, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    _check_classes(classes, counts, n_train, n_test)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts)[:-1])
    take_train = apportion(counts, n_train, rng)
    take_test = apportion(counts - take_train, n_test, rng)
    train, test = [], []
    for rows, k, m in zip(members, take_train, take_test, strict=True):
        shuffled = rows[rng.permutation(len(rows))]
        train.append(shuffled[:k])
        test.append(shuffled[k : k + m])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def apportion(counts: np.ndarray, total: int, rng: np.random.RandomState) -> np.ndarray:
    """Deal ``total`` seats to classes in proportion to ``counts``: largest remainders first.

    Equal remainders draw lots, so that no class is favoured by its place in the alphabet.
    """
    exact = counts / counts.sum() * total
    seats = np.floor(exact)
    left = int(total - seats.sum())
    remainder = exact - seats
    for value in np.unique(remainder)[::-1]:
        if left <= 0:
            break
        (tied,) = np.nonzero(remainder == value)
        winners = rng.choice(tied, size=min(len(tied), left), replace=False)
        seats[winners] += 1
        left -= len(winners)
    return seats.astype(int)


def _check_classes(classes: np.ndarray, counts: np.ndarray, n_train: int, n_test: int) -> None:
    if counts.min() < 2:
        raise ValueError(
            "The least populated classes in stratify have only 1 member, which is too few to be "
            f"on both sides: merge or drop {classes[counts < 2].tolist()}."
        )
    for name, size in (("train_size", n_train), ("test_size", n_test)):
        if size < len(classes):
            raise ValueError(
                f"The {name} = {size} should be greater or equal to the number of classes = "
                f"{len(classes)} in stratify."
            )


def check_sizes(n_samples: int, test_size: Size, train_size: Size) -> tuple[int, int]:
    """Rows to train on and rows to test on: test shares round up, train shares round down."""
    if test_size is None and train_size is None:
        test_size = 0.25
    test = None if test_size is None else count_rows("test_size", test_size, n_samples, np.ceil)
    train = (
        None if train_size is None else count_rows("train_size", train_size, n_samples, np.floor)
    )
    n_test = test if test is not None else n_samples - (train or 0)
    n_train = train if train is not None else n_samples - n_test
    shares = isinstance(test_size, float | np.floating), isinstance(train_size, float | np.floating)
    too_large = all(shares) and test_size + train_size > 1  # type: ignore[operator]
    if n_train + n_test > n_samples or too_large:
        raise ValueError(
            f"The sum of train_size={train_size} and test_size={test_size} is more than the "
            f"{n_samples} samples: reduce one of them."
        )
    if n_train == 0:
        raise ValueError(
            f"With n_samples={n_samples}, test_size={test_size} and train_size={train_size}, the "
            "resulting train set will be empty: adjust the sizes or bring more rows."
        )
    return n_train, n_test


def count_rows(name: str, size: float | int, n_samples: int, rounding: Any) -> int:
    """Number of rows that a size stands for: a share in (0, 1) or a count in [1, n_samples)."""
    if isinstance(size, numbers.Integral) and not isinstance(size, bool):
        if 0 < size < n_samples:
            return int(size)
    elif isinstance(size, numbers.Real) and not isinstance(size, bool) and 0 < size < 1:
        return int(rounding(size * n_samples))
    raise ValueError(
        f"{name}={size!r} should be either positive and smaller than the number of samples "
        f"{n_samples} or a float in the (0, 1) range."
    )
