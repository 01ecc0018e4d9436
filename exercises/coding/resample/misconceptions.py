"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _members(y):
    y = np.asarray(y)
    return {label: np.flatnonzero(y == label) for label in np.unique(y).tolist()}


def _over(members, largest, rng):
    return np.concatenate([members, rng.choice(members, size=largest - len(members))])


def _under(members, smallest, rng):
    return rng.choice(members, size=smallest, replace=False)


def _rows(y, strategy, seed, over=_over, under=_under):
    rng = np.random.default_rng(seed)
    classes = _members(y)
    sizes = [len(rows) for rows in classes.values()]
    draw, size = (over, max(sizes)) if strategy == "over" else (under, min(sizes))
    return np.concatenate([draw(rows, size, rng) for rows in classes.values()])


def _take(X, y, rows):
    return np.asarray(X)[rows], np.asarray(y)[rows]


def strategies_swapped(X, y, strategy, seed):
    """over and under are swapped: "over" adds rows to the small classes, "under" drops rows."""
    return _take(X, y, _rows(y, "under" if strategy == "over" else "over", seed))


def everything_drawn_again(X, y, strategy, seed):
    """Over-sampling drew all rows again, so some originals are lost: keep them and add the rest."""
    return _take(X, y, _rows(y, strategy, seed, over=lambda m, size, rng: rng.choice(m, size=size)))


def dropped_with_replacement(X, y, strategy, seed):
    """Under-sampling drew with replacement: a row then appears twice and another is missing."""
    return _take(
        X, y, _rows(y, strategy, seed, under=lambda m, size, rng: rng.choice(m, size=size))
    )


def first_rows_kept(X, y, strategy, seed):
    """Under-sampling keeps the first rows of each class: choose them at random."""
    return _take(X, y, _rows(y, strategy, seed, under=lambda m, size, rng: m[:size]))


def copies_in_turn(X, y, strategy, seed):
    """The copies go through the rows in turn: draw them at random, with replacement."""
    return _take(X, y, _rows(y, strategy, seed, over=lambda m, size, rng: np.resize(m, size)))


def seed_is_ignored(X, y, strategy, seed):
    """The seed is not used: other seeds must give other rows."""
    return _take(X, y, _rows(y, strategy, 42))


def largest_size_added(X, y, strategy, seed):
    """As many copies as the largest class has were added: add only what is missing."""

    def over(members, size, rng):
        return np.concatenate([members, rng.choice(members, size=size)])

    return _take(X, y, _rows(y, strategy, seed, over=over))


def only_two_classes(X, y, strategy, seed):
    """Only the smallest and the largest class were changed: the classes between them count too."""
    classes = _members(y)
    sizes = {label: len(rows) for label, rows in classes.items()}
    small, large = min(sizes, key=sizes.get), max(sizes, key=sizes.get)
    rng = np.random.default_rng(seed)
    if strategy == "over":
        classes[small] = _over(classes[small], sizes[large], rng)
    else:
        classes[large] = _under(classes[large], sizes[small], rng)
    return _take(X, y, np.concatenate(list(classes.values())))


def rows_drawn_apart_from_labels(X, y, strategy, seed):
    """X and y were shuffled apart: a row must keep its own class."""
    rows = _rows(y, strategy, seed)
    return np.asarray(X)[np.random.default_rng(seed).permutation(rows)], np.asarray(y)[rows]


def new_rows_between_old_ones(X, y, strategy, seed):
    """New rows were made up between old ones, as SMOTE does: copy rows exactly."""
    X_new, y_new = _take(X, y, _rows(y, strategy, seed))
    if strategy == "over":
        X_new, n = X_new.astype(float), 0
        for rows in _members(y).values():
            size = len(X_new) // len(_members(y))
            copies = slice(n + len(rows), n + size)
            X_new[copies] = (X_new[copies] + np.asarray(X)[rows].mean(axis=0)) / 2
            n += size
    return X_new, y_new
