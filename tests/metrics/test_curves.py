"""ROC and precision-recall curves and areas against scikit-learn, ties by definition."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit import metrics as kit

NAMES = {
    "01": np.array([0, 1]),
    "-11": np.array([-1, 1]),
    "bool": np.array([False, True]),
    "float": np.array([0.0, 1.0]),
    "string": np.array(["no", "yes"]),
}


@st.composite
def binary(draw):
    """Labels 0 / 1, tied scores, weights or None."""
    n = draw(st.integers(2, 40))
    true = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    true[:2] = [0, 1]
    score = np.array(draw(st.lists(st.integers(-5, 5), min_size=n, max_size=n))) / 4
    weight = draw(st.none() | st.lists(st.integers(0, 3), min_size=n, max_size=n))
    if weight is not None:
        weight = np.array(weight, dtype=float)
        weight[:2] = 0.5
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    return true, score.astype(dtype), weight


@settings(deadline=None, max_examples=50)
@given(binary(), st.sampled_from(sorted(NAMES)), st.booleans())
def test_curves_equal_sklearns(case, names, drop):
    true, score, weight = case
    options = {"sample_weight": weight, "drop_intermediate": drop}
    options["pos_label"] = "yes" if names == "string" else None
    for name in ("roc_curve", "precision_recall_curve"):
        ours = getattr(kit, name)(NAMES[names][true], score, **options)
        theirs = getattr(peer, name)(NAMES[names][true], score, **options)
        for got, expected in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-15)


@settings(deadline=None, max_examples=50)
@given(binary(), st.sampled_from(sorted(NAMES)), st.sampled_from([None, 0.1, 0.5, 1]))
def test_areas_equal_sklearns(case, names, max_fpr):
    true, score, weight = case
    label = NAMES[names][true]
    options = {"sample_weight": weight, "max_fpr": max_fpr}
    expected = peer.roc_auc_score(label, score, **options)
    assert kit.roc_auc_score(label, score, **options) == pytest.approx(expected, abs=1e-12)
    options = {"sample_weight": weight, "pos_label": "yes" if names == "string" else 1}
    expected = peer.average_precision_score(label, score, **options)
    assert kit.average_precision_score(label, score, **options) == pytest.approx(expected)


@settings(deadline=None, max_examples=50)
@given(binary())
def test_auc_is_the_share_of_pairs_in_order(case):
    true, score, _ = case
    positive, negative = score[true == 1], score[true == 0]
    gap = positive[:, None] - negative
    pairs = (gap > 0).mean() + (gap == 0).mean() / 2
    fpr, tpr, _ = kit.roc_curve(true, score)
    assert kit.roc_auc_score(true, score) == pytest.approx(pairs, abs=1e-14)
    assert kit.auc(fpr, tpr) == pytest.approx(pairs, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(binary())
def test_auc_invariances(case):
    true, score, _ = case
    area = kit.roc_auc_score(true, score)
    assert kit.roc_auc_score(true[::-1], score[::-1]) == area
    assert kit.roc_auc_score(true, np.exp(score)) == area
    assert kit.roc_auc_score(true, -score) == pytest.approx(1 - area, abs=1e-15)
    assert kit.roc_auc_score(1 - true, score) == pytest.approx(1 - area, abs=1e-15)


def test_ties_count_one_half():
    assert kit.roc_auc_score([0, 1, 0, 1], [0.5] * 4) == 0.5
    assert kit.average_precision_score([0, 1, 0, 1], [0.5] * 4) == 0.5
    fpr, tpr, thresholds = kit.roc_curve([0, 1, 0, 1], [0.5] * 4)
    assert (fpr.tolist(), tpr.tolist()) == ([0, 1], [0, 1])
    assert thresholds.tolist() == [np.inf, 0.5]


def test_one_class_only():
    with pytest.warns(UndefinedMetricWarning, match="Only one class"):
        assert np.isnan(kit.roc_auc_score([1, 1], [0.1, 0.2]))
    with pytest.warns(UndefinedMetricWarning, match="No negative samples"):
        fpr, tpr, _ = kit.roc_curve([1, 1], [0.1, 0.2])
    assert np.isnan(fpr).all() and tpr[-1] == 1
    with pytest.warns(UndefinedMetricWarning, match="No positive samples"):
        assert np.isnan(kit.roc_curve([0, 0], [0.1, 0.2])[1]).all()
    with pytest.warns(UndefinedMetricWarning):  # one class has no weight
        assert np.isnan(kit.roc_auc_score([0, 1], [1, 2], sample_weight=[0, 1]))


def test_no_positives():
    with pytest.warns(UserWarning, match="No positive class"):
        assert kit.average_precision_score([0, 0], [0.1, 0.2]) == 0
    with pytest.warns(UserWarning, match="No positive class"):
        assert (kit.precision_recall_curve([0, 0], [0.1, 0.2])[1][:-1] == 1).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from(["ovr", "ovo"]), st.booleans(), st.booleans())
def test_multiclass_auc_equals_sklearns(seed, multi_class, weighted, strings):
    rng = np.random.default_rng(seed)
    true = np.append(np.arange(4), rng.integers(0, 4, 20))
    score = np.round(rng.dirichlet(np.ones(4), 24), 1)
    score[:, 3] = 1 - score[:, :3].sum(axis=1)
    label = np.array(list("abcd"))[true] if strings else true
    averages = ["macro", "weighted", *(["micro", None] if multi_class == "ovr" else [])]
    weight = rng.random(24) if weighted and multi_class == "ovr" else None
    for average in averages:
        options = dict(multi_class=multi_class, average=average, sample_weight=weight)
        expected = peer.roc_auc_score(label, score, **options)
        np.testing.assert_allclose(kit.roc_auc_score(label, score, **options), expected)


def test_multiclass_with_absent_labels():
    true, score = [0, 1, 0, 1], np.full((4, 3), 1 / 3)
    score[1] = [0.1, 0.8, 0.1]
    options = {"multi_class": "ovo", "labels": [0, 1, 2]}
    assert kit.roc_auc_score(true, score, **options) == peer.roc_auc_score(true, score, **options)
    options = {"multi_class": "ovr", "labels": [0, 1, 2], "average": "weighted"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = peer.roc_auc_score(true, score, **options)
        assert kit.roc_auc_score(true, score, **options) == pytest.approx(expected)
        options = {"multi_class": "ovo", "labels": [0, 1, 2]}
        assert np.isnan(kit.roc_auc_score([1, 1], score[:2], **options))


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
def test_multiclass_average_precision_equals_sklearns(average):
    rng = np.random.default_rng(0)
    true, score = np.append(np.arange(3), rng.integers(0, 3, 30)), rng.normal(size=(33, 3)).round(1)
    expected = peer.average_precision_score(true, score, average=average)
    np.testing.assert_allclose(kit.average_precision_score(true, score, average=average), expected)


@pytest.mark.parametrize(
    ("true", "score", "options", "message"),
    [
        ([], [], {}, "y_true is empty"),
        ([0, 1], [0.1], {}, "inconsistent numbers of samples"),
        ([0, 1], [0.1, np.nan], {}, "y_score contains NaN"),
        ([0, 1], [0.1, np.inf], {}, "y_score contains infinity"),
        ([0, 1], [[0.1, 0.2], [0.3, 0.4]], {}, "y_score must be one-dimensional"),
        ([0, 1], ["a", "b"], {}, "y_score must hold numbers"),
        ([0.5, 1], [0.1, 0.2], {}, "y_true contains continuous"),
        ([[0, 1], [1, 0]], [[0.1, 0.2], [0.3, 0.4]], {}, "multilabel"),
        ([0, 1], [0.1, 0.2], {"sample_weight": [1]}, "sample_weight.shape"),
    ],
)
@pytest.mark.parametrize("function", [kit.roc_auc_score, kit.average_precision_score])
def test_bad_input_names_the_argument(function, true, score, options, message):
    with pytest.raises(ValueError, match=message):
        function(true, score, **options)


@pytest.mark.parametrize(
    ("true", "score", "options", "message"),
    [
        ([0, 1], [0, 1], {"max_fpr": 0}, "max_fpr in range"),
        ([0, 1, 2], np.eye(3), {}, "multi_class must be in"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovr", "max_fpr": 0.5}, "Partial AUC"),
        ([0, 1, 2], [0, 1, 2], {"multi_class": "ovr"}, "needs to be of shape"),
        ([0, 1, 2], np.ones((3, 3)), {"multi_class": "ovr"}, "need to be probabilities"),
        ([0, 1, 2], np.eye(4)[:3], {"multi_class": "ovr"}, "Number of classes"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovr", "labels": [2, 1, 0]}, "ordered"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovr", "labels": [0, 1, 3]}, "not in parameter"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovr", "average": "samples"}, "average has to be"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovo", "average": "micro"}, "for multi_class='ovo'"),
        ([0, 1, 2], np.eye(3), {"multi_class": "ovo", "sample_weight": [1, 1, 1]}, "not supported"),
    ],
)
def test_bad_multiclass_input(true, score, options, message):
    with pytest.raises(ValueError, match=message):
        kit.roc_auc_score(true, score, **options)


def test_pairs_are_always_averaged():
    with pytest.raises(NotImplementedError, match="average=None"):
        kit.roc_auc_score([0, 1, 2], np.eye(3), multi_class="ovo", average=None)


def test_unclear_positive_label():
    with pytest.raises(ValueError, match="pos_label is not specified"):
        kit.roc_curve(["a", "b"], [0, 1])
    with pytest.raises(ValueError, match="pos_label is not specified"):
        kit.roc_curve([1, 2], [0, 1])
    with pytest.raises(ValueError, match="multiclass format"):
        kit.roc_curve([0, 1, 2], [0, 1, 2])
    with pytest.raises(ValueError, match="pos_label=3 is not a valid label"):
        kit.average_precision_score([1, 2], [0, 1], pos_label=3)
    with pytest.raises(ValueError, match="pos_label is fixed to 1"):
        kit.average_precision_score([0, 1, 2], np.eye(3), pos_label=2)
    ours = kit.roc_curve([0, 1, 2], [0, 2, 1], pos_label=2)
    for got, expected in zip(ours, peer.roc_curve([0, 1, 2], [0, 2, 1], pos_label=2), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_auc_of_points():
    assert kit.auc([0, 1, 2], [0, 1, 0]) == kit.auc([2, 1, 0], [0, 1, 0]) == 1
    with pytest.raises(ValueError, match="At least 2 points"):
        kit.auc([0], [1])
    with pytest.raises(ValueError, match="neither increasing nor decreasing"):
        kit.auc([0, 2, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="inconsistent numbers"):
        kit.auc([0, 1], [0, 1, 2])


def test_the_callers_data_stay_as_they_are():
    true, score = np.array([0, 1, 0, 1, 1]), np.array([0.3, 0.1, 0.9, 0.2, 0.2])
    kept = score.copy()
    score.setflags(write=False)
    expected = peer.roc_auc_score(true, score)
    assert kit.roc_auc_score(true, score) == expected
    np.testing.assert_array_equal(score, kept)
    frame = pd.DataFrame({"y": true, "s": score})
    assert kit.roc_auc_score(frame["y"], frame["s"]) == expected
    assert kit.roc_auc_score(true.tolist(), score.tolist()) == expected
    doubled = np.repeat(score, 2)[::2]
    assert kit.roc_auc_score(true, doubled) == expected
    assert kit.roc_auc_score(true, (score * 10).round().astype(int)) == expected
