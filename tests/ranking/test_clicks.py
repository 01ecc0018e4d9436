"""Simulated clicks, and what they say once the place is divided out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.ranking import (
    attraction,
    examination,
    inverse_propensity,
    propensities_from_shuffles,
    simulate_clicks,
)


@given(st.integers(1, 50), st.floats(0, 3))
def test_looks_begin_at_one_and_fall(n, eta):
    looks = examination(n, eta=eta)
    assert looks[0] == 1
    assert (np.diff(looks) <= 0).all()
    assert (looks > 0).all()


def test_without_bias_every_place_is_looked_at():
    assert examination(5, eta=0).tolist() == [1] * 5


def test_attraction_runs_from_noise_to_one_and_keeps_the_shape():
    drawn = attraction([[0, 4], [2, 1]], noise=0.2)
    assert drawn.shape == (2, 2)
    assert drawn[0].tolist() == pytest.approx([0.2, 1.0])
    assert (np.diff(attraction(range(5))) > 0).all()


def test_clicks_have_the_rates_of_the_model():
    rng = np.random.default_rng(0)
    wanted = np.array([0.9, 0.2, 0.6])
    clicks = simulate_clicks(np.tile(wanted, (40_000, 1)), rng, eta=0.5)
    expected = wanted * np.arange(1, 4) ** -0.5
    error = np.sqrt(expected * (1 - expected) / 40_000)
    assert (np.abs(clicks.mean(axis=0) - expected) < 4 * error).all()
    assert abs(np.corrcoef(clicks[:, 0], clicks[:, 1])[0, 1]) < 0.02  # places are independent


@pytest.mark.parametrize(
    "call",
    [
        lambda: examination(0),
        lambda: examination(3, eta=-1),
        lambda: attraction([5]),
        lambda: attraction([-1]),
        lambda: attraction([1], noise=2),
        lambda: simulate_clicks([0.5, 1.5], np.random.default_rng(0)),
        lambda: simulate_clicks(0.5, np.random.default_rng(0)),
    ],
)
def test_what_is_no_probability_is_refused(call):
    with pytest.raises(ValueError):
        call()


def logged(sessions=30_000, seed=0):
    """One query of six documents, always in the same order, the best ones last."""
    rng = np.random.default_rng(seed)
    wanted = np.array([0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    pages = np.tile(np.arange(6), (sessions, 1))
    return wanted, pages, simulate_clicks(wanted[pages], rng), rng


def test_correction_recovers_what_naive_clicks_turn_round():
    wanted, pages, clicks, rng = logged()
    mixed = rng.permuted(pages[:8000], axis=1)
    looked = propensities_from_shuffles(simulate_clicks(wanted[mixed], rng))
    np.testing.assert_allclose(looked, examination(6), atol=0.04)
    naive = inverse_propensity(pages, clicks, np.ones(6)).estimate
    fair = inverse_propensity(pages, clicks, looked).estimate
    np.testing.assert_allclose(fair, wanted, rtol=0.15)
    assert np.corrcoef(naive, wanted)[0, 1] < -0.8 < 0.95 < np.corrcoef(fair, wanted)[0, 1]


def test_the_standard_error_is_that_of_repetitions():
    runs = []
    for seed in range(200):
        _, pages, clicks, _ = logged(400, seed)
        runs.append(inverse_propensity(pages, clicks, examination(6)))
    spread = np.std([run.estimate for run in runs], axis=0)
    said = np.mean([run.std_error for run in runs], axis=0)
    np.testing.assert_allclose(said, spread, rtol=0.2)
    assert said[-1] > 2 * said[0]  # far down few look: unbiased is dear


def test_a_floor_trades_variance_for_bias():
    wanted, pages, clicks, _ = logged()
    free = inverse_propensity(pages, clicks, examination(6))
    cut = inverse_propensity(pages, clicks, examination(6), floor=0.5)
    assert cut.std_error[-1] < free.std_error[-1]
    assert cut.estimate[-1] == pytest.approx(wanted[-1] / 6 / 0.5, rel=0.1)


def test_documents_never_shown_are_unknown():
    found = inverse_propensity([[2, 0]], [[1, 0]], [1.0, 0.5], n_documents=4)
    assert found.views.tolist() == [1, 0, 1, 0]
    assert np.isnan(found.estimate[[1, 3]]).all()
    assert np.isnan(found.std_error).all()  # one view has no spread


def test_bad_logs_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        inverse_propensity([[0, 1]], [[1, 0, 0]], [1.0, 0.5])
    with pytest.raises(ValueError, match="must be positive"):
        inverse_propensity([[0, 1]], [[1, 0]], [1.0, 0.0])
    with pytest.raises(ValueError, match="place 2 was never clicked"):
        propensities_from_shuffles([[1, 0], [1, 0]])
    with pytest.raises(ValueError, match="shape"):
        propensities_from_shuffles([1, 0])
