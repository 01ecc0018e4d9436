"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import math


def _counts(y_true, y_pred, positive):
    """Hits, false alarms, misses, and the rest."""
    pairs = [
        (t == positive, p == positive) for t, p in zip(list(y_true), list(y_pred), strict=True)
    ]
    cells = [(True, True), (False, True), (True, False), (False, False)]
    return [sum((bool(t), bool(p)) == cell for t, p in pairs) for cell in cells]


def _ratio(a, b, undefined=0.0):
    return a / b if b else undefined


def _scores(hits, alarms, misses):
    precision, recall = _ratio(hits, hits + alarms), _ratio(hits, hits + misses)
    return precision, recall, _ratio(2 * precision * recall, precision + recall)


def precision_and_recall_swapped(y_true, y_pred, positive=1):
    """Precision and recall are swapped: precision divides by what was predicted positive."""
    precision, recall, f1 = _scores(*_counts(y_true, y_pred, positive)[:3])
    return recall, precision, f1


def arithmetic_mean_for_f1(y_true, y_pred, positive=1):
    """F1 is the arithmetic mean of precision and recall: take the harmonic mean."""
    precision, recall, _ = _scores(*_counts(y_true, y_pred, positive)[:3])
    return precision, recall, (precision + recall) / 2


def geometric_mean_for_f1(y_true, y_pred, positive=1):
    """F1 is the geometric mean of precision and recall: take the harmonic mean."""
    precision, recall, _ = _scores(*_counts(y_true, y_pred, positive)[:3])
    return precision, recall, math.sqrt(precision * recall)


def f1_without_the_two(y_true, y_pred, positive=1):
    """F1 lacks its factor 2: precision = recall = 1 must give F1 = 1."""
    precision, recall, f1 = _scores(*_counts(y_true, y_pred, positive)[:3])
    return precision, recall, f1 / 2


def nan_for_zero_over_zero(y_true, y_pred, positive=1):
    """0 / 0 became nan: the convention here is 0."""
    hits, alarms, misses, _ = _counts(y_true, y_pred, positive)
    precision = _ratio(hits, hits + alarms, math.nan)
    recall = _ratio(hits, hits + misses, math.nan)
    f1 = _ratio(2 * precision * recall, precision + recall, math.nan)
    return precision, recall, f1


def one_for_zero_over_zero(y_true, y_pred, positive=1):
    """0 / 0 became 1, as if no prediction were a perfect one: the convention here is 0."""
    hits, alarms, misses, _ = _counts(y_true, y_pred, positive)
    precision, recall = _ratio(hits, hits + alarms, 1.0), _ratio(hits, hits + misses, 1.0)
    return precision, recall, _ratio(2 * precision * recall, precision + recall)


def accuracy_for_precision(y_true, y_pred, positive=1):
    """The share of correct rows is called precision: look only at the rows predicted positive."""
    hits, alarms, misses, rest = _counts(y_true, y_pred, positive)
    accuracy = _ratio(hits + rest, hits + alarms + misses + rest)
    recall = _ratio(hits, hits + misses)
    return accuracy, recall, _ratio(2 * accuracy * recall, accuracy + recall)


def specificity_for_recall(y_true, y_pred, positive=1):
    """The share of negatives left alone is called recall: look at the positives."""
    hits, alarms, _, rest = _counts(y_true, y_pred, positive)
    precision, recall = _ratio(hits, hits + alarms), _ratio(rest, rest + alarms)
    return precision, recall, _ratio(2 * precision * recall, precision + recall)


def true_negatives_count_as_hits(y_true, y_pred, positive=1):
    """Rows that are rightly negative count as hits: a hit is positive in both."""
    hits, alarms, misses, rest = _counts(y_true, y_pred, positive)
    return _scores(hits + rest, alarms, misses)


def positive_is_always_one(y_true, y_pred, positive=1):
    """The argument positive is ignored and 1 is taken: compare the labels with positive."""
    return _scores(*_counts(y_true, y_pred, 1)[:3])


def largest_label_is_positive(y_true, y_pred, positive=1):
    """The largest label counts as positive: compare the labels with positive."""
    labels = {*list(y_true), *list(y_pred)}
    return _scores(*_counts(y_true, y_pred, max(labels, default=positive))[:3])


def labels_used_as_numbers(y_true, y_pred, positive=1):
    """Labels are multiplied as if they were 0 and 1: labels such as -1 or 2 break the sums."""
    try:
        hits = sum(int(t) * int(p) for t, p in zip(y_true, y_pred, strict=True))
        flagged, real = sum(map(int, y_pred)), sum(map(int, y_true))
    except ValueError:  # text
        return _scores(*_counts(y_true, y_pred, positive)[:3])
    precision, recall = _ratio(hits, flagged), _ratio(hits, real)
    return precision, recall, _ratio(2 * precision * recall, precision + recall)


def truth_value_of_the_label(y_true, y_pred, positive=1):
    """Any label that is not 0 or empty counts as positive: compare the labels with positive."""
    pairs = [(bool(t), bool(p)) for t, p in zip(y_true, y_pred, strict=True)]
    cells = [(True, True), (False, True), (True, False)]
    return _scores(*(pairs.count(cell) for cell in cells))


def average_over_the_classes(y_true, y_pred, positive=1):
    """The scores are averaged over all labels: they are asked for one label."""
    labels = sorted({*list(y_true), *list(y_pred)})
    scores = [_scores(*_counts(y_true, y_pred, label)[:3]) for label in labels] or [(0.0, 0.0, 0.0)]
    return tuple(sum(column) / len(scores) for column in zip(*scores, strict=True))


def rounded(y_true, y_pred, positive=1):
    """The scores are rounded to two digits: return them as they are."""
    return tuple(round(s, 2) for s in _scores(*_counts(y_true, y_pred, positive)[:3]))
