"""What a call earns, term by term, and the odds of another base rate."""

import numpy as np
import pytest

from mlsd_kit.systems.churn.economy import Economy, prior_shift


def test_a_leaver_a_stayer_and_the_call_itself():
    economy = Economy(margin=0.5, months=10, contact=4, discount=0.2, discount_months=2, save=0.25)
    value, offer = 100 * 0.5 * 10, 100 * 0.2 * 2
    leaver, stayer = economy.profit([1, 0], [0.5, 0.5], 100.0)
    assert leaver == pytest.approx(0.25 * (value - offer) - 4)
    assert stayer == pytest.approx(-(offer + 0.01 * value) - 4)


def test_at_the_break_even_risk_a_call_earns_nothing():
    economy = Economy()
    for bill in (20.0, 65.0, 118.0):
        risk = economy.break_even(bill)
        assert economy.profit(risk, risk, bill) == pytest.approx(0, abs=1e-9)
    assert economy.break_even(110.0) < economy.break_even(25.0)
    assert Economy(contact=1e6).break_even(50.0) == 1.0


def test_an_effect_that_fades_earns_less_at_high_risk_only():
    steady, fading = Economy(), Economy(fade=1.0)
    low, high = steady.profit([0.1, 0.9], [0.1, 0.9], 80) - fading.profit(
        [0.1, 0.9], [0.1, 0.9], 80
    )
    assert 0 < low < high
    assert steady.profit(0.0, 0.0, 80) == fading.profit(0.0, 0.0, 80)


def test_the_shifted_probabilities_are_those_of_bayes_in_the_other_population():
    rng = np.random.default_rng(0)
    left = rng.random(200_000) < 0.3
    x = rng.normal(left.astype(float))
    risk = 1 / (1 + np.exp(-(x - 0.5 + np.log(0.3 / 0.7))))  # exact for two normals
    kept = left & (rng.random(len(left)) < 0.05)  # thin the leavers: another base rate
    other = kept | ~left
    shifted = prior_shift(risk[other], trained=left.mean(), base_rate=left[other].mean())
    assert shifted.mean() == pytest.approx(left[other].mean(), rel=0.02)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_outside_zero_to_one_is_named(rate):
    with pytest.raises(ValueError, match="base_rate must lie between 0 and 1"):
        prior_shift([0.5], trained=0.5, base_rate=rate)
    with pytest.raises(ValueError, match="trained must lie"):
        prior_shift([0.5], trained=rate, base_rate=0.5)
