"""Log loss, Brier score, calibration and the cost threshold."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer
from sklearn.calibration import calibration_curve as peer_calibration_curve

from mlsd_kit import metrics as kit


@st.composite
def forecasts(draw):
    """Outcomes 0 / 1, probabilities that include exactly 0 and 1, weights or None."""
    n = draw(st.integers(2, 40))
    true = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    true[:2] = [0, 1]
    prob = np.array(draw(st.lists(st.integers(0, 10), min_size=n, max_size=n))) / 10
    weight = draw(st.none() | st.lists(st.floats(0.1, 3), min_size=n, max_size=n))
    return true, prob, weight


@settings(deadline=None, max_examples=50)
@given(forecasts(), st.booleans(), st.booleans())
def test_log_loss_equals_sklearns(case, normalize, two_columns):
    true, prob, weight = case
    proba = np.column_stack([1 - prob, prob]) if two_columns else prob
    options = {"sample_weight": weight, "normalize": normalize}
    expected = peer.log_loss(true, proba, **options)
    assert kit.log_loss(true, proba, **options) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.booleans())
def test_multiclass_losses_equal_sklearns(seed, strings):
    rng = np.random.default_rng(seed)
    true, proba = rng.integers(0, 3, 15), rng.dirichlet(np.ones(3), 15)
    label = np.array(list("abc"))[true] if strings else true
    labels = ["c", "a", "b"] if strings else [0, 1, 2]
    options = {"labels": sorted(labels), "sample_weight": rng.random(15)}
    for name in ("log_loss", "brier_score_loss"):
        expected = getattr(peer, name)(label, proba, **options)
        assert getattr(kit, name)(label, proba, **options) == pytest.approx(expected, rel=1e-12)


def test_columns_are_ascending_whatever_the_order_of_labels():
    proba = [[0.8, 0.2], [0.4, 0.6]]
    with pytest.warns(UserWarning, match="assumes labels are ordered"):
        loss = kit.log_loss([1, 1], proba, labels=[1, 0])
    assert loss == kit.log_loss([1, 1], proba, labels=[0, 1])


@pytest.mark.parametrize(
    ("dtype", "worst"), [(np.float64, 36.0437), (np.float32, 15.9424), (np.float16, 6.9315)]
)
def test_probability_of_exactly_zero_is_clipped_by_its_own_type(dtype, worst):
    proba = np.array([[0, 1], [0, 1]], dtype=dtype)
    loss = kit.log_loss([0, 1], proba)
    assert loss == pytest.approx(worst / 2, rel=2e-3)
    assert loss == pytest.approx(peer.log_loss([0, 1], proba), rel=2e-3)
    assert math.isfinite(kit.log_loss([0, 1], np.array([0, 1])))


def test_rows_that_do_not_sum_to_one_warn():
    with pytest.warns(UserWarning, match="do not sum to one"):
        kit.log_loss([0, 1], [[0.5, 0.4], [0.2, 0.2]])


@settings(deadline=None, max_examples=40)
@given(forecasts(), st.sampled_from(["01", "-11", "text", "12"]))
def test_brier_equals_sklearns(case, names):
    true, prob, weight = case
    label = {"01": [0, 1], "-11": [-1, 1], "text": ["no", "yes"], "12": [1, 2]}[names]
    options = {"sample_weight": weight, "pos_label": "yes" if names == "text" else None}
    expected = peer.brier_score_loss(np.array(label)[true], prob, **options)
    got = kit.brier_score_loss(np.array(label)[true], prob, **options)
    assert got == pytest.approx(expected, rel=1e-12)
    assert kit.brier_score_loss(true, prob) == pytest.approx(np.mean((true - prob) ** 2))


@pytest.mark.parametrize("scale", [True, False, "auto"])
def test_brier_scale(scale):
    proba = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.4, 0.0]]
    for true, chosen in (([0, 2, 1], proba), ([0, 1], [[0.9, 0.1], [0.3, 0.7]])):
        expected = peer.brier_score_loss(true, chosen, scale_by_half=scale)
        assert kit.brier_score_loss(true, chosen, scale_by_half=scale) == pytest.approx(expected)


def test_brier_with_one_class():
    for true in ([0, 0], [1, 1], [-1, -1]):
        expected = peer.brier_score_loss(true, [0.2, 0.4])
        assert kit.brier_score_loss(true, [[0.2], [0.4]]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("function", "args", "options", "message"),
    [
        (kit.log_loss, ([0, 1], [0.5, 1.5]), {}, "greater than 1"),
        (kit.log_loss, ([0, 1], [0.5, -0.5]), {}, "less than 0"),
        (kit.log_loss, ([0, 1], [0.5, np.nan]), {}, "y_proba contains NaN"),
        (kit.log_loss, ([0, 1], [0.5]), {}, "inconsistent numbers"),
        (kit.log_loss, ([1, 1], [0.5, 0.5]), {}, "only one label"),
        (kit.log_loss, ([1, 1], [0.5, 0.5]), {"labels": [1]}, "at least two labels"),
        (kit.log_loss, ([0, 2], [0.5, 0.5]), {"labels": [0, 1]}, "not belonging"),
        (kit.log_loss, ([0, 1], np.eye(3)[:2]), {}, "different number of classes"),
        (kit.log_loss, ([], []), {}, "y_proba|minimum of 1"),
        (kit.brier_score_loss, ([0, 1, 2], [0.5] * 3), {}, "should be binary"),
        (kit.brier_score_loss, (["a", "b"], [0.5] * 2), {}, "pass pos_label"),
        (kit.calibration_curve, ([0, 1, 2], [0.5] * 3), {}, "Only binary"),
        (kit.calibration_curve, ([0, 1], [0.5, 1.5]), {}, "y_prob contains values greater"),
        (kit.calibration_curve, ([0, 1], [0.5, np.nan]), {}, "y_prob contains NaN"),
        (kit.calibration_curve, ([], []), {}, "y_prob is empty"),
        (kit.calibration_curve, ([0, 1], [0.5, 0.6]), {"n_bins": 0}, "n_bins=0"),
        (kit.calibration_curve, ([0, 1], [0.5, 0.6]), {"strategy": "x"}, "strategy='x'"),
        (kit.calibration_error, ([0, 1], [0.5, 0.6]), {"norm": "l3"}, "norm='l3'"),
    ],
)
def test_bad_input_names_the_argument(function, args, options, message):
    with pytest.raises(ValueError, match=message):
        function(*args, **options)


@settings(deadline=None, max_examples=50)
@given(forecasts(), st.integers(1, 12), st.sampled_from(["uniform", "quantile"]))
def test_calibration_curve_equals_sklearns(case, n_bins, strategy):
    true, prob, _ = case
    options = {"n_bins": n_bins, "strategy": strategy}
    ours = kit.calibration_curve(true, prob, **options)
    for got, expected in zip(ours, peer_calibration_curve(true, prob, **options), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_empty_and_repeated_bins():
    prob_true, prob_pred = kit.calibration_curve([0, 1], [0.05, 0.95], n_bins=10)
    assert (prob_true.tolist(), prob_pred.tolist()) == ([0, 1], [0.05, 0.95])
    prob_true, _ = kit.calibration_curve([0, 1, 1], [0.5] * 3, n_bins=5, strategy="quantile")
    assert prob_true.tolist() == [2 / 3]
    assert kit.calibration_curve([0, 1], [0, 1], n_bins=2)[1].tolist() == [0, 1]  # integers


def textbook_ece(true, prob, n_bins):
    total = 0.0
    for low in range(n_bins):
        inside = (prob > low / n_bins) & (prob <= (low + 1) / n_bins)
        if low == 0:
            inside |= prob == 0
        if inside.any():
            total += inside.mean() * abs(true[inside].mean() - prob[inside].mean())
    return total


@settings(deadline=None, max_examples=40)
@given(forecasts(), st.sampled_from([1, 2, 4, 8]))
def test_calibration_error_agrees_with_the_textbook_loop(case, n_bins):
    true, prob, _ = case
    error = kit.calibration_error(true, prob, n_bins=n_bins)
    assert error == pytest.approx(textbook_ece(true, prob, n_bins), abs=1e-12)
    norms = [kit.calibration_error(true, prob, n_bins=n_bins, norm=n) for n in ("l2", "max")]
    assert error <= norms[0] + 1e-12 <= norms[1] + 2e-12


def test_calibrated_forecasts_have_no_error():
    true = np.repeat([1, 0, 1, 0], [1, 3, 3, 1])
    prob = np.repeat([0.25, 0.25, 0.75, 0.75], [1, 3, 3, 1])
    assert kit.calibration_error(true, prob) == pytest.approx(0, abs=1e-15)
    text = np.where(true == 1, "yes", "no")
    assert kit.calibration_error(text, prob, pos_label="yes") == pytest.approx(0, abs=1e-15)


def textbook_threshold(true, score, cost_fp, cost_fn, weight):
    best = (math.inf, cost_fn * weight[true == 1].sum())
    for cut in sorted(set(score), reverse=True):
        called = score >= cut
        cost = cost_fp * weight[called & (true == 0)].sum()
        cost += cost_fn * weight[~called & (true == 1)].sum()
        if cost < best[1]:
            best = (cut, cost)
    return best


@settings(deadline=None, max_examples=50)
@given(forecasts(), st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_cost_threshold_agrees_with_trying_every_cut(case, cost_fp, cost_fn, weighted):
    true, score, _ = case
    weight = np.arange(1.0, len(true) + 1) if weighted else np.ones(len(true))
    options = {"sample_weight": weight} if weighted else {}
    ours = kit.cost_threshold(true, score, cost_fp=cost_fp, cost_fn=cost_fn, **options)
    assert ours == textbook_threshold(true, score, cost_fp, cost_fn, weight)


def test_cost_threshold_ties_and_one_class():
    assert kit.cost_threshold([0, 1], [0.5, 0.5], cost_fp=1, cost_fn=1) == (math.inf, 1)
    assert kit.cost_threshold([0, 1], [0.5, 0.5], cost_fp=1, cost_fn=2) == (0.5, 1)
    assert kit.cost_threshold([0, 0], [0.1, 0.2], cost_fp=1, cost_fn=2) == (math.inf, 0)
    assert kit.cost_threshold([1, 1], [0.1, 0.2], cost_fp=1, cost_fn=2) == (0.1, 0)
    frame = pd.DataFrame({"y": ["n", "y"], "s": [0.1, 0.9]})
    result = kit.cost_threshold(frame["y"], frame["s"], cost_fp=1, cost_fn=1, pos_label="y")
    assert result == kit.CostThreshold(threshold=0.9, cost=0.0)


def test_cost_threshold_tends_to_elkans_value():
    rng = np.random.default_rng(0)
    prob = rng.random(200_000)
    true = (rng.random(200_000) < prob).astype(int)
    assert abs(kit.cost_threshold(true, prob, cost_fp=1, cost_fn=4).threshold - 0.2) < 0.02


@pytest.mark.parametrize("price", [-1, math.nan, math.inf])
def test_cost_threshold_needs_real_prices(price):
    with pytest.raises(ValueError, match="cost_fp"):
        kit.cost_threshold([0, 1], [0, 1], cost_fp=price, cost_fn=1)
    with pytest.raises(ValueError, match="cost_fn"):
        kit.cost_threshold([0, 1], [0, 1], cost_fp=1, cost_fn=price)
    with pytest.raises(TypeError):
        kit.cost_threshold([0, 1], [0, 1])


def test_no_warning_at_the_extremes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kit.log_loss([0, 1, 1], [0.0, 1.0, 0.0])
