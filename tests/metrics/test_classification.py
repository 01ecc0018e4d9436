"""Confusion matrix, accuracy, precision, recall and F against scikit-learn and by hand."""

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
from mlsd_kit.metrics import _labels

KINDS = {
    "int": lambda codes: codes,
    "negative": lambda codes: codes - 3,
    "int8 ends": lambda codes: np.where(codes == 0, -128, 124 + codes).astype(np.int8),
    "far apart": lambda codes: codes * 10**12 - 5,
    "float": lambda codes: codes.astype(float),
    "string": lambda codes: np.array(list("abcd"))[codes],
    "object": lambda codes: np.array(list("abcd"), dtype=object)[codes],
    "object ints": lambda codes: codes.astype(object),
    "bool": lambda codes: codes > 0,
    "list": lambda codes: codes.tolist(),
    "series": lambda codes: pd.Series(list("abcd"))[codes],
    "uint64": lambda codes: codes.astype(np.uint64) + np.uint64(2**63),
}


@st.composite
def cases(draw):
    """True and predicted codes 0-3, and weights or None."""
    n = draw(st.integers(1, 30))
    codes = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    true, pred = np.array(draw(codes)), np.array(draw(codes))
    weight = draw(st.none() | st.lists(st.integers(1, 5), min_size=n, max_size=n))
    scale = draw(st.sampled_from([1, 0.25]))
    return true, pred, None if weight is None else np.array(weight) * scale


def quiet(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def textbook_matrix(true, pred, n):
    table = np.zeros((n, n), dtype=int)
    for t, p in zip(true, pred, strict=True):
        table[t, p] += 1
    return table


@settings(deadline=None, max_examples=50)
@given(cases(), st.sampled_from(sorted(KINDS)), st.sampled_from([None, "true", "pred", "all"]))
def test_confusion_matrix_equals_sklearns(case, kind, normalize):
    true, pred, weight = case
    true, pred = KINDS[kind](true), KINDS[kind](pred)
    options = {"sample_weight": weight, "normalize": normalize}
    ours = quiet(kit.confusion_matrix, true, pred, **options)
    if kind == "object ints":  # scikit-learn refuses them
        true, pred = true.astype(int), pred.astype(int)
    theirs = quiet(peer.confusion_matrix, true, pred, **options)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert ours.dtype.kind == theirs.dtype.kind


@settings(deadline=None, max_examples=50)
@given(
    cases(),
    st.sampled_from(["int", "string", "bool", "far apart"]),
    st.sampled_from([None, "micro", "macro", "weighted"]),
    st.sampled_from(["warn", 0, 1, np.nan]),
    st.sampled_from([0, 0.5, 1, 2, np.inf]),
)
def test_scores_equal_sklearns(case, kind, average, zero_division, beta):
    true, pred, weight = case
    true, pred = KINDS[kind](true), KINDS[kind](pred)
    options = dict(average=average, zero_division=zero_division, beta=beta, sample_weight=weight)
    ours = quiet(kit.precision_recall_fscore_support, true, pred, **options)
    theirs = quiet(peer.precision_recall_fscore_support, true, pred, **options)
    for got, expected in zip(ours, theirs, strict=True):
        if expected is None:
            assert got is None
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-12)


@settings(deadline=None, max_examples=40)
@given(cases(), st.sampled_from(["binary", "macro", None]))
def test_single_scores_equal_sklearns(case, average):
    true, pred, weight = case
    true, pred = true % 2, pred % 2
    options = {"average": average, "sample_weight": weight}
    for name in ("precision_score", "recall_score", "f1_score"):
        got = quiet(getattr(kit, name), true, pred, **options)
        np.testing.assert_allclose(got, quiet(getattr(peer, name), true, pred, **options))
    got = quiet(kit.fbeta_score, true, pred, beta=2, **options)
    np.testing.assert_allclose(got, quiet(peer.fbeta_score, true, pred, beta=2, **options))


@settings(deadline=None, max_examples=30)
@given(cases(), st.booleans())
def test_accuracy_equals_sklearns(case, normalize):
    true, pred, weight = case
    options = {"sample_weight": weight, "normalize": normalize}
    expected = peer.accuracy_score(true, pred, **options)
    assert kit.accuracy_score(true, pred, **options) == pytest.approx(expected, rel=1e-12)


@settings(deadline=None, max_examples=30)
@given(cases(), st.permutations(range(4)), st.randoms(use_true_random=False))
def test_row_order_and_label_names_do_not_matter(case, names, random):
    true, pred, _ = case
    rows = list(range(len(true)))
    random.shuffle(rows)
    renamed = np.array(names)
    before = kit.confusion_matrix(true, pred, labels=range(4))
    after = kit.confusion_matrix(renamed[true][rows], renamed[pred][rows], labels=names)
    np.testing.assert_array_equal(before, after)


def test_blocks_agree_with_the_textbook_loop():
    rng = np.random.default_rng(0)
    true, pred = rng.integers(0, 5, (2, 100_001))
    np.testing.assert_array_equal(kit.confusion_matrix(true, pred), textbook_matrix(true, pred, 5))


@pytest.mark.parametrize("weighted", [False, True])
def test_many_labels_are_counted_without_the_square_table(weighted):
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2000, 5000)
    pred = np.where(rng.random(5000) < 0.5, true, rng.integers(0, 2000, 5000))
    assert len(_labels.pair(true, pred).classes) > _labels.SMALL
    options = {"sample_weight": rng.random(5000) if weighted else None, "average": None}
    ours = quiet(kit.precision_recall_fscore_support, true, pred, **options)
    theirs = quiet(peer.precision_recall_fscore_support, true, pred, **options)
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    options.pop("average")
    np.testing.assert_allclose(
        kit.confusion_matrix(true, pred, **options), peer.confusion_matrix(true, pred, **options)
    )


def test_labels_select_order_and_leave_out():
    true, pred = ["a", "b", "c", "a"], ["a", "c", "c", "b"]
    for labels in (["c", "a"], ["a", "z", "c"], ["b"]):
        np.testing.assert_array_equal(
            quiet(kit.confusion_matrix, true, pred, labels=labels),
            quiet(peer.confusion_matrix, true, pred, labels=labels),
        )
        ours = quiet(kit.f1_score, true, pred, labels=labels, average=None)
        np.testing.assert_allclose(
            ours, quiet(peer.f1_score, true, pred, labels=labels, average=None)
        )
    with pytest.raises(ValueError, match="must be in y_true"):
        kit.confusion_matrix(true, pred, labels=["z"])
    with pytest.raises(ValueError, match="at least one label"):
        kit.confusion_matrix(true, pred, labels=[])


def test_single_label_warns():
    with pytest.warns(UserWarning, match="A single label"):
        np.testing.assert_array_equal(kit.confusion_matrix([1, 1], [1, 1]), [[2]])


def test_zero_over_zero_follows_the_policy():
    true, pred = [1, 1], [0, 0]
    with pytest.warns(UndefinedMetricWarning, match="Precision is ill-defined"):
        assert kit.precision_score(true, pred) == 0
    assert kit.precision_score(true, pred, zero_division=1) == 1
    assert np.isnan(kit.precision_score(true, pred, zero_division=np.nan))
    with pytest.warns(UndefinedMetricWarning, match="Recall is ill-defined"):
        assert kit.recall_score([0, 0], [1, 0]) == 0
    with pytest.warns(UndefinedMetricWarning, match="F-score is ill-defined"):
        assert kit.f1_score([0, 0], [0, 0]) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kit.f1_score(true, pred) == 0  # defined: 2 tp + fp + fn is not 0


def test_nan_is_left_out_of_averages():
    true, pred = [0, 0, 1], [0, 0, 2]
    ours = kit.precision_score(true, pred, average="macro", zero_division=np.nan)
    assert ours == peer.precision_score(true, pred, average="macro", zero_division=np.nan) == 0.5


def test_weighted_average_without_support():
    options = {"labels": [7], "average": "weighted", "zero_division": 1}
    assert kit.recall_score([0, 1], [0, 1], **options) == 1
    options["zero_division"] = np.nan
    assert np.isnan(kit.recall_score([0, 1], [0, 1], **options))


def test_missing_positive_label():
    with pytest.raises(ValueError, match="pos_label=1 is not a valid label"):
        kit.f1_score(["no", "yes"], ["yes", "yes"])
    assert kit.precision_score(["no", "yes"], ["yes", "yes"], pos_label="yes") == 0.5
    with pytest.warns(UndefinedMetricWarning):
        assert kit.recall_score([0, 0], [0, 0]) == 0


def test_pos_label_is_announced_as_ignored():
    with pytest.warns(UserWarning, match="pos_label .* is ignored"):
        kit.f1_score([0, 2], [0, 2], pos_label=2, average="macro")


def test_beta_at_its_ends():
    true, pred = [0, 1, 1, 1], [1, 1, 0, 0]
    assert kit.fbeta_score(true, pred, beta=np.inf) == kit.recall_score(true, pred)
    assert kit.fbeta_score(true, pred, beta=0) == kit.precision_score(true, pred)


def test_int8_labels_do_not_overflow():
    true = np.array([-128, 127, 127], dtype=np.int8)
    pred = np.array([127, 127, -128], dtype=np.int8)
    np.testing.assert_array_equal(kit.confusion_matrix(true, pred), [[0, 1], [1, 1]])


@pytest.mark.parametrize("function", [kit.confusion_matrix, kit.accuracy_score, kit.f1_score])
@pytest.mark.parametrize(
    ("true", "pred", "message"),
    [
        ([], [], "y_true is empty"),
        ([0, 1], [0], "inconsistent numbers of samples"),
        ([0.5, 1], [0, 1], "y_true contains continuous"),
        ([0, 1], [0.0, np.nan], "y_pred contains NaN or infinity"),
        ([0, 1], [0.0, np.inf], "y_pred contains NaN or infinity"),
        (["a", "b"], [0, 1], "Mix of label input types"),
        (["a", None], ["a", "b"], "y_true contains missing labels"),
        (np.array(["a", 1], dtype=object), ["a", "b"], "y_true mixes label types"),
        ([[0, 1], [1, 0]], [0, 1], "y_true must be one-dimensional"),
        (np.array(["2020-01-01"], dtype="M8[D]"), [1], "pass numbers or strings"),
    ],
)
def test_bad_input_names_the_argument(function, true, pred, message):
    with pytest.raises(ValueError, match=message):
        function(true, pred)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"average": "samples"}, "average has to be one of"),
        ({"average": "binary"}, "Target is multiclass but average='binary'"),
        ({"beta": -1}, "beta=-1"),
        ({"beta": np.nan}, "beta=nan"),
        ({"zero_division": "no"}, "zero_division='no'"),
        ({"zero_division": 0.5}, "zero_division=0.5"),
        ({"sample_weight": [1, 2]}, "sample_weight.shape"),
        ({"sample_weight": [0, 0, 0]}, "non-zero"),
        ({"sample_weight": [1, np.nan, 1]}, "sample_weight contains NaN"),
        ({"sample_weight": ["a", "b", "c"]}, "sample_weight must hold numbers"),
    ],
)
def test_bad_options_name_the_argument(options, message):
    with pytest.raises(ValueError, match=message):
        kit.precision_recall_fscore_support([0, 1, 2], [0, 1, 1], **options)


def test_unknown_normalize_and_unknown_parameter():
    with pytest.raises(ValueError, match="normalize='rows'"):
        kit.confusion_matrix([0, 1], [0, 1], normalize="rows")
    with pytest.raises(TypeError):
        kit.confusion_matrix([0, 1], [0, 1], weights=[1, 1])


def test_integer_weights_are_summed_exactly():
    weight = np.array([2**62, 1, 2**53, 1])
    matrix = kit.confusion_matrix([0, 0, 1, 1], [0, 0, 1, 1], sample_weight=weight)
    assert matrix.tolist() == [[2**62 + 1, 0], [0, 2**53 + 1]]


def test_input_is_read_only_and_strided():
    base = np.arange(12).reshape(6, 2) % 3
    base.setflags(write=False)
    true, pred = base[:, 0], base[::-1, 1]
    expected = peer.confusion_matrix(true, pred)
    np.testing.assert_array_equal(kit.confusion_matrix(true, pred), expected)
    column = pd.DataFrame({"y": true})
    np.testing.assert_array_equal(kit.confusion_matrix(column, pred), expected)
