"""Regression, forecast and distribution errors against scikit-learn and textbook forms."""

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
from mlsd_kit.metrics import _errors

TWINS = [
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_pinball_loss",
    "r2_score",
]
SINGLE = [kit.smape, kit.wape, lambda t, p, **o: kit.mase(t, p, y_train=[1, 2, 4], **o)]


@st.composite
def predictions(draw):
    """y_true with some zeros, y_pred, weights or None."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = (draw(st.integers(2, 30)), draw(st.integers(1, 3)))
    true, pred = rng.normal(size=shape).round(1), rng.normal(size=shape).round(1)
    weight = rng.integers(1, 4, shape[0]) if draw(st.booleans()) else None
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    return true.astype(dtype), pred.astype(dtype), weight


@settings(deadline=None, max_examples=50)
@given(predictions(), st.sampled_from(TWINS), st.sampled_from(["raw_values", "uniform_average"]))
def test_errors_equal_sklearns(case, name, multioutput):
    true, pred, weight = case
    options = {"sample_weight": weight, "multioutput": multioutput}
    if name == "mean_pinball_loss":
        options["alpha"] = 0.3
    expected = getattr(peer, name)(true, pred, **options)
    rtol = 1e-10 if true.dtype == np.float64 else 2e-4
    np.testing.assert_allclose(getattr(kit, name)(true, pred, **options), expected, rtol, rtol)


@pytest.mark.parametrize("name", TWINS)
def test_custom_output_weights(name):
    rng = np.random.default_rng(0)
    true, pred = rng.normal(size=(2, 20, 3))
    options = {"multioutput": [1, 2, 5]}
    expected = getattr(peer, name)(true, pred, **options)
    assert getattr(kit, name)(true, pred, **options) == pytest.approx(expected)
    with pytest.raises(ValueError, match="equally many custom weights"):
        getattr(kit, name)(true, pred, multioutput=[1, 2])
    with pytest.raises(ValueError, match="only in multi-output"):
        getattr(kit, name)(true[:, 0], pred[:, 0], multioutput=[1])
    with pytest.raises(ValueError, match="multioutput='median'"):
        getattr(kit, name)(true, pred, multioutput="median")


@pytest.mark.parametrize("multioutput", ["raw_values", "variance_weighted", None])
@pytest.mark.parametrize("force_finite", [True, False])
def test_r2_of_constant_targets(multioutput, force_finite):
    true = np.array([[1.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.0, 7.0]])
    pred = true + np.array([0.0, 1.0, 0.5])
    options = {"multioutput": multioutput, "force_finite": force_finite}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = peer.r2_score(true, pred, **options)
    np.testing.assert_allclose(kit.r2_score(true, pred, **options), expected)
    flat = kit.r2_score([1, 1], [1, 1], multioutput="variance_weighted")
    assert flat == peer.r2_score([1, 1], [1, 1], multioutput="variance_weighted") == 1


def test_r2_of_one_sample():
    with pytest.warns(UndefinedMetricWarning, match="less than two samples"):
        assert np.isnan(kit.r2_score([1], [2]))


def test_many_blocks_and_threads_agree_with_the_textbook_mean(monkeypatch):
    rng = np.random.default_rng(0)
    true, pred = rng.lognormal(size=(2, 100_003))
    results = set()
    monkeypatch.setattr(_errors, "CELLS", 1 << 10)
    for threads in ("1", "2", "5", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        results.add(kit.mean_absolute_percentage_error(true, pred))
    assert len(results) == 1
    assert results.pop() == pytest.approx(np.mean(np.abs(true - pred) / true), rel=1e-12)


def test_mape_where_the_truth_is_zero():
    eps = np.finfo(float).eps
    assert kit.mean_absolute_percentage_error([0.0, 1.0], [0.0, 1.5]) == 0.25
    assert kit.mean_absolute_percentage_error([0.0], [1.0]) == 1 / eps
    assert kit.mean_absolute_percentage_error([0, 4], [0, 5]) == 0.125


def test_smape_by_hand():
    assert kit.smape([0, 0], [0, 0]) == 0
    assert kit.smape([0, 1], [5, 1]) == 1
    assert kit.smape([1, 3], [3, 1]) == 1
    assert kit.smape([-1], [1]) == 2
    assert kit.smape([1, 1], [3, 1], sample_weight=[3, 1]) == 0.75


def test_wape_is_mape_weighted_by_size():
    rng = np.random.default_rng(0)
    true, pred, weight = rng.lognormal(size=(3, 50))
    expected = kit.mean_absolute_percentage_error(true, pred, sample_weight=true * weight)
    assert kit.wape(true, pred, sample_weight=weight) == pytest.approx(expected)


def test_wape_with_zero_sum():
    with pytest.warns(UndefinedMetricWarning, match="WAPE is ill-defined"):
        assert kit.wape([0, 0], [0, 0]) == 0
    with pytest.warns(UndefinedMetricWarning, match="WAPE is ill-defined"):
        assert kit.wape([0, 0], [0, 1]) == np.inf


def test_mase_is_scaled_on_train():
    train = [1, 4, 2, 8]
    assert kit.mase([10, 12], [11, 12], y_train=train) == pytest.approx(0.5 / (11 / 3))
    assert kit.mase([10], [12], y_train=train, seasonality=2) == pytest.approx(2 / 2.5)
    assert kit.mase([1e6], [1e6 + 1], y_train=train) == pytest.approx(
        3 / 11
    )  # test size is no matter
    naive = np.array(train[:-1])
    assert kit.mase(train[1:], naive, y_train=train) == pytest.approx(1)


def test_mase_with_zero_scale():
    with pytest.warns(UndefinedMetricWarning, match="MASE is ill-defined"):
        assert kit.mase([1], [2], y_train=[3, 3]) == np.inf
    with pytest.warns(UndefinedMetricWarning, match="MASE is ill-defined"):
        assert kit.mase([1], [1], y_train=[3, 3]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_train": [1]}, "y_train holds 1 values"),
        ({"y_train": [1, 2, 3], "seasonality": 3}, "more than one season"),
        ({"y_train": [1, np.nan]}, "y_train contains NaN"),
        ({"y_train": []}, "y_train is empty"),
        ({"y_train": [1, 2], "seasonality": 0}, "seasonality=0"),
        ({"y_train": [1, 2], "seasonality": 1.5}, "seasonality=1.5"),
    ],
)
def test_bad_mase_input(options, message):
    with pytest.raises(ValueError, match=message):
        kit.mase([1, 2], [1, 2], **options)


@pytest.mark.parametrize("function", SINGLE)
def test_relative_errors_have_no_unit(function):
    true, pred = np.array([1.0, 2.0, 5.0]), np.array([2.0, 2.0, 4.0])
    if function is not SINGLE[2]:
        assert function(true * 1000, pred * 1000) == pytest.approx(function(true, pred))
    assert function(true[::-1], pred[::-1]) == pytest.approx(function(true, pred))
    with pytest.raises(ValueError, match="one series"):
        function(np.ones((3, 2)), np.ones((3, 2)))


@pytest.mark.parametrize("function", [*(getattr(kit, name) for name in TWINS), *SINGLE])
@pytest.mark.parametrize(
    ("true", "pred", "message"),
    [
        ([], [], "minimum of 1|is empty"),
        ([1, 2], [1], "inconsistent numbers"),
        ([[1, 2]], [[1, 2, 3]], "different number of output"),
        ([1, np.nan], [1, 2], "y_true contains NaN"),
        ([1, 2], [1, np.inf], "y_pred contains infinity"),
        ([1, np.inf], [1, np.inf], "y_true contains infinity"),
        (["a", "b"], [1, 2], "y_true|convert|dtype"),
    ],
)
def test_bad_input_names_the_argument(function, true, pred, message):
    with pytest.raises(ValueError, match=message):
        function(true, pred)


@pytest.mark.parametrize("function", [*(getattr(kit, name) for name in TWINS), *SINGLE])
def test_inputs_of_many_kinds_are_left_alone(function):
    true, pred = np.array([3.0, 1.0, 2.0]), np.array([2.5, 1.0, 4.0])
    expected = function(true, pred)
    true.setflags(write=False)
    pred.setflags(write=False)
    assert function(true, pred) == expected
    assert function(true.tolist(), pd.Series(pred, index=[9, 8, 7])) == expected
    assert function(np.repeat(true, 2)[::2], pred[:, np.newaxis]) == expected
    assert (true.tolist(), pred.tolist()) == ([3, 1, 2], [2.5, 1, 4])
    whole = np.array([3, 1, 2]), np.array([2, 1, 4])
    assert function(*whole) == pytest.approx(function(*(side.astype(float) for side in whole)))


def test_overflow_is_not_taken_for_bad_input():
    assert kit.mean_squared_error([1e200], [-1e200]) == np.inf


def test_unsigned_integers_do_not_wrap():
    true, pred = np.array([1, 2], dtype=np.uint8), np.array([3, 1], dtype=np.uint8)
    assert kit.mean_absolute_error(true, pred) == 1.5


def test_pinball_at_the_ends():
    assert kit.mean_pinball_loss([1, 2], [2, 1], alpha=0) == 0.5
    assert kit.mean_pinball_loss([1, 2], [2, 1], alpha=1) == 0.5
    with pytest.raises(ValueError, match="alpha"):
        kit.mean_pinball_loss([1], [1], alpha=1.5)


def textbook_crps(true, members):
    spread = np.abs(members[:, :, None] - members[:, None, :]).mean(axis=(1, 2))
    return np.abs(members - true[:, None]).mean(axis=1) - spread / 2


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_crps_agrees_with_all_pairs_and_with_quantiles(seed, m):
    rng = np.random.default_rng(seed)
    true, members, weight = rng.normal(size=7), rng.normal(size=(7, m)).round(1), rng.random(7)
    expected = np.average(textbook_crps(true, members), weights=weight)
    assert kit.crps(true, members, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
    levels = (np.arange(m) + 0.5) / m
    ordered = np.sort(members, axis=1)
    got = kit.crps(true, ordered, quantiles=levels, sample_weight=weight)
    assert got == pytest.approx(expected, abs=1e-12)
    assert kit.crps(true + 5, members + 5) == pytest.approx(kit.crps(true, members), abs=1e-12)
    assert kit.crps(true * 3, members * 3) == pytest.approx(3 * kit.crps(true, members), abs=1e-12)


def test_crps_of_one_member_is_the_absolute_error():
    assert kit.crps([1, 2], [[3], [2]]) == 1


def test_crps_of_a_gaussian():
    """Closed form at the mean of a standard normal: sqrt(2 / pi) - 1 / sqrt(pi)."""
    members = np.random.default_rng(0).normal(size=(1, 200_000))
    exact = np.sqrt(2 / np.pi) - 1 / np.sqrt(np.pi)
    assert kit.crps([0.0], members) == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize(
    ("true", "pred", "quantiles", "message"),
    [
        ([1], [[1, 2]], [0.5], "pass one level per column"),
        ([1], [[1, 2]], [0.5, 0.5], "quantiles must increase"),
        ([1], [[1, 2]], [0, 0.5], "quantiles must increase"),
        ([1], [[1, 2]], [0.5, 1], "quantiles must increase"),
        ([1, 2], [[1, 2]], None, "inconsistent numbers"),
        ([1], [[1, np.nan]], None, "y_pred contains NaN"),
        ([np.nan], [[1, 2]], None, "y_true contains NaN"),
    ],
)
def test_bad_crps_input(true, pred, quantiles, message):
    with pytest.raises(ValueError, match=message):
        kit.crps(true, pred, quantiles=quantiles)
