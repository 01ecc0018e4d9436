"""Correct solutions in other styles: the checks must accept every one."""

import csv as csv_module
import io
import random

import numpy as np
import pandas as pd


def with_loops(csv, target, n_val, n_test, seed):
    """The csv module, lists and the standard library's generator."""
    rows = list(csv_module.DictReader(io.StringIO(csv)))
    random.Random(seed).shuffle(rows)
    parts = {"val": rows[:n_val], "test": rows[n_val : n_val + n_test]}
    parts["train"] = rows[n_val + n_test :]
    features = [name for name in rows[0] if name != target]
    result = {f"X_{part}": [[] for _ in parts[part]] for part in parts}
    for name in features:
        known = [float(row[name]) for row in parts["train"]]
        mean = sum(known) / len(known)
        deviation = (sum((value - mean) ** 2 for value in known) / len(known)) ** 0.5
        if min(known) == max(known):
            deviation = 1.0
        for part in parts:
            for new, row in zip(result[f"X_{part}"], parts[part], strict=True):
                new.append((float(row[name]) - mean) / deviation)
    return result | {f"y_{part}": [float(row[target]) for row in parts[part]] for part in parts}


def with_numpy(csv, target, n_val, n_test, seed):
    """One matrix, shuffled in place by rows, so that features and target cannot part."""
    names = csv.splitlines()[0].split(",")
    matrix = np.loadtxt(io.StringIO(csv), delimiter=",", skiprows=1, ndmin=2)
    np.random.default_rng(seed).shuffle(matrix)
    column = names.index(target)
    X, y = np.delete(matrix, column, axis=1), matrix[:, column]
    cuts = [len(y) - n_val - n_test, len(y) - n_test]
    train = X[: cuts[0]]
    mean, varies = train.mean(axis=0), np.ptp(train, axis=0) > 0
    X = (X - mean) / np.where(varies, train.std(axis=0), 1)
    keys = ["X_train", "X_val", "X_test", "y_train", "y_val", "y_test"]
    return dict(zip(keys, [*np.split(X, cuts), *np.split(y, cuts)], strict=True))


def with_pandas(csv, target, n_val, n_test, seed):
    """Frames all the way; results are arrays of frames and Series."""
    table = pd.read_csv(io.StringIO(csv)).sample(frac=1.0, random_state=seed)
    test, rest = table.iloc[:n_test], table.iloc[n_test:]
    parts = {"test": test, "val": rest.iloc[:n_val], "train": rest.iloc[n_val:]}
    known = parts["train"].drop(columns=target)
    deviation = known.std(ddof=0).where(known.max() > known.min(), 1)
    result = {}
    for name, part in parts.items():
        result[f"X_{name}"] = ((part.drop(columns=target) - known.mean()) / deviation).to_numpy()
        result[f"y_{name}"] = part[target]
    return result


def with_scikit_learn(csv, target, n_val, n_test, seed):
    """The library's splitter and scaler."""
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    table = pd.read_csv(io.StringIO(csv))
    rest, test = train_test_split(table, test_size=n_test, random_state=seed)
    train, val = train_test_split(rest, test_size=n_val, random_state=seed)
    scaler = StandardScaler().fit(train.drop(columns=target))
    result = {}
    for name, part in (("train", train), ("val", val), ("test", test)):
        result[f"X_{name}"] = scaler.transform(part.drop(columns=target))
        result[f"y_{name}"] = part[target].to_numpy()
    return result
