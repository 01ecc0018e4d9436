"""Wrong solutions that people really write; each name and first line go to the learner."""

import io

import numpy as np
import pandas as pd

NAMES = ("train", "val", "test")


def _load(csv, target):
    table = pd.read_csv(io.StringIO(csv))
    return table.drop(columns=target).to_numpy(dtype=float), table[target].to_numpy()


def _deal(n, n_val, n_test, seed):
    order = np.random.default_rng(seed).permutation(n)
    return order[n_test + n_val :], order[n_test : n_test + n_val], order[:n_test]


def _scaled(X, fitted, ddof=0):
    constant = fitted.max(axis=0) == fitted.min(axis=0)
    return (X - fitted.mean(axis=0)) / np.where(constant, 1.0, fitted.std(axis=0, ddof=ddof))


def _result(X_parts, y_parts):
    result = {f"X_{name}": part for name, part in zip(NAMES, X_parts, strict=True)}
    return result | {f"y_{name}": part for name, part in zip(NAMES, y_parts, strict=True)}


def scaler_fitted_before_the_split(csv, target, n_val, n_test, seed):
    """Mean and standard deviation are of all rows: the test rows leak into training."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    return _result([_scaled(X, X)[rows] for rows in parts], [y[rows] for rows in parts])


def scaler_fitted_on_each_part(csv, target, n_val, n_test, seed):
    """Each part was normalised by its own mean and deviation: use those of the training rows."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    return _result([_scaled(X[rows], X[rows]) for rows in parts], [y[rows] for rows in parts])


def scaler_fitted_on_train_and_validation(csv, target, n_val, n_test, seed):
    """The validation rows entered the mean and the deviation: only training rows may."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    seen = X[np.concatenate(parts[:2])]
    return _result([_scaled(X[rows], seen) for rows in parts], [y[rows] for rows in parts])


def only_train_normalised(csv, target, n_val, n_test, seed):
    """Validation and test rows were not normalised: a model needs them on the training scale."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    train, val, test = (X[rows] for rows in parts)
    return _result([_scaled(train, train), val, test], [y[rows] for rows in parts])


def sample_deviation(csv, target, n_val, n_test, seed):
    """The deviation divides by n - 1, as pandas does: the statement divides by n."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    fitted = X[parts[0]]
    return _result([_scaled(X[rows], fitted, 1) for rows in parts], [y[rows] for rows in parts])


def constant_columns_become_nan(csv, target, n_val, n_test, seed):
    """A column that is constant in train was divided by 0: divide it by 1."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    mean, spread = X[parts[0]].mean(axis=0), X[parts[0]].std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _result([(X[rows] - mean) / spread for rows in parts], [y[rows] for rows in parts])


def constant_columns_become_zero(csv, target, n_val, n_test, seed):
    """A column that is constant in train was set to 0 everywhere: other rows may differ from it."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    mean, spread = X[parts[0]].mean(axis=0), X[parts[0]].std(axis=0)
    safe = np.where(spread == 0, np.inf, spread)
    return _result([(X[rows] - mean) / safe for rows in parts], [y[rows] for rows in parts])


def scaled_to_the_range(csv, target, n_val, n_test, seed):
    """The features were scaled to minimum and maximum: use mean and standard deviation."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    low, spread = X[parts[0]].min(axis=0), np.ptp(X[parts[0]], axis=0)
    safe = np.where(spread == 0, 1.0, spread)
    return _result([(X[rows] - low) / safe for rows in parts], [y[rows] for rows in parts])


def not_shuffled(csv, target, n_val, n_test, seed):
    """The rows were cut in the order of the file: choose them at random."""
    X, y = _load(csv, target)
    n_train = len(y) - n_val - n_test
    parts = np.split(np.arange(len(y)), [n_train, n_train + n_val])
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], [y[rows] for rows in parts])


def seed_is_ignored(csv, target, n_val, n_test, seed):
    """The seed is not used: other seeds must give other splits."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, 42)
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], [y[rows] for rows in parts])


def features_and_target_shuffled_apart(csv, target, n_val, n_test, seed):
    """X and y were shuffled apart: take both by the same row numbers."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    others = _deal(len(y), n_val, n_test, seed + 1)
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], [y[rows] for rows in others])


def test_rows_stay_in_train(csv, target, n_val, n_test, seed):
    """The training part holds all rows: validation and test rows must not be in it."""
    X, y = _load(csv, target)
    _, val, test = _deal(len(y), n_val, n_test, seed)
    parts = (np.arange(len(y)), val, test)
    return _result([_scaled(X[rows], X) for rows in parts], [y[rows] for rows in parts])


def target_normalised_too(csv, target, n_val, n_test, seed):
    """The target was normalised: return it as it is in the file."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    y_parts = [_scaled(y[rows], y[parts[0]]) for rows in parts]
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], y_parts)


def one_cut_of_a_circle(csv, target, n_val, n_test, seed):
    """Only the first row was drawn, the others follow in the file's order: shuffle all rows."""
    X, y = _load(csv, target)
    order = np.roll(np.arange(len(y)), int(np.random.default_rng(seed).integers(len(y))))
    parts = order[n_test + n_val :], order[n_test : n_test + n_val], order[:n_test]
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], [y[rows] for rows in parts])


def constant_decimals_blown_up(csv, target, n_val, n_test, seed):
    """The deviation of equal decimals is not exactly 0: compare the values, not the deviation."""
    X, y = _load(csv, target)
    parts = _deal(len(y), n_val, n_test, seed)
    mean, spread = X[parts[0]].mean(axis=0), X[parts[0]].std(axis=0)
    scaled = (X - mean) / np.where(spread == 0, 1.0, spread)
    return _result([scaled[rows] for rows in parts], [y[rows] for rows in parts])


def first_row_always_in_train(csv, target, n_val, n_test, seed):
    """The first row of the file is never held out: shuffle all rows, that one too."""
    X, y = _load(csv, target)
    parts = _deal(len(y) - 1, n_val, n_test, seed)
    train, val, test = parts[0] + 1, parts[1] + 1, parts[2] + 1
    parts = np.append(train, 0), val, test
    return _result([_scaled(X[rows], X[parts[0]]) for rows in parts], [y[rows] for rows in parts])
