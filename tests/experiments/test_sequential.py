"""Peeking: the fixed test breaks, the mixture test does not."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from scipy import integrate, stats

from mlsd_kit.experiments import MixtureSPRT, welch_test


def run(seed, effect, looks=60, batch=25, tau=0.2):
    """Whether a look ever rejected: (always-valid test, Welch at every look)."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=looks * batch), rng.normal(effect, 1, size=looks * batch)
    test, peeked = MixtureSPRT(tau), False
    for look in range(looks):
        part = slice(look * batch, (look + 1) * batch)
        test.update(x[part], y[part])
        end = part.stop
        peeked |= end >= 100 and welch_test(x[:end], y[:end]).pvalue <= 0.05
    return test.pvalue <= 0.05, peeked


def test_peeking_breaks_welch_and_not_the_mixture_test():
    outcomes = np.array([run(seed, effect=0.0) for seed in range(120)])
    assert outcomes[:, 0].mean() <= 0.06
    assert outcomes[:, 1].mean() >= 0.15


def test_real_effect_is_found():
    assert np.mean([run(seed, effect=0.25)[0] for seed in range(40)]) > 0.9


def test_interval_covers_the_truth_at_every_look():
    misses = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        test = MixtureSPRT(0.2)
        missed = False
        for _ in range(40):
            test.update(rng.normal(size=25), rng.normal(0.3, 1, size=25))
            effect = test.get()
            missed |= not effect.low <= 0.3 <= effect.high
        misses += missed
    assert misses <= 8


def test_likelihood_ratio_is_the_mixture_integral():
    """The textbook form: ∫ N(d; θ, V) N(θ; 0, τ²) dθ / N(d; 0, V)."""
    rng = np.random.default_rng(1)
    x, y, tau = rng.normal(size=150), rng.normal(0.3, 1, size=200), 0.3
    test = MixtureSPRT(tau)
    test.update(x, y)
    d, v = y.mean() - x.mean(), x.var(ddof=1) / 150 + y.var(ddof=1) / 200
    mixture, _ = integrate.quad(
        lambda t: stats.norm.pdf(d, t, sqrt(v)) * stats.norm.pdf(t, 0, tau), -3, 3, points=[0, d]
    )
    assert test.pvalue == pytest.approx(min(1, stats.norm.pdf(d, 0, sqrt(v)) / mixture), rel=1e-6)


def test_interval_and_pvalue_say_the_same():
    for effect in (0.0, 0.15, 0.3, 0.5):
        rng = np.random.default_rng(5)
        test = MixtureSPRT(0.2, alpha=0.05)
        test.update(rng.normal(size=400), rng.normal(effect, 1, 400))
        assert test.get().excludes_zero == (test.pvalue < 0.05)


def test_pvalue_never_rises_and_batches_do_not_matter():
    rng = np.random.default_rng(3)
    x, y = rng.normal(1e5, 1, 600), rng.normal(1e5 + 0.2, 1, 600)
    one, many = MixtureSPRT(0.2), MixtureSPRT(0.2)
    one.update(x, y)
    last = 1.0
    for i in range(600):
        many.update(x[i : i + 1])
        many.update(treatment=y[i : i + 1])
        assert many.pvalue <= last
        last = many.pvalue
    assert tuple(many.get())[:4] == pytest.approx(tuple(one.get())[:4], rel=1e-6)


def test_nothing_is_said_before_burn_in_or_with_an_empty_arm():
    test = MixtureSPRT(1.0, burn_in=10)
    assert np.isnan(test.get().estimate)
    test.update([0.0, 1.0] * 50)
    effect = test.get()
    assert np.isnan(effect.estimate) and effect.pvalue == 1 and not effect.excludes_zero
    test.update(treatment=[50.0, 51.0] * 4)
    assert test.pvalue == 1 and test.get().high == np.inf
    test.update(treatment=[50.0, 51.0])
    assert test.pvalue < exp(-10)


def test_zero_variance_gives_no_verdict():
    test = MixtureSPRT(1.0, burn_in=5)
    test.update([0.0] * 20, [1.0] * 20)
    assert test.pvalue == 1 and test.get().estimate == 1 and test.get().low == -np.inf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tau": 0}, "tau must be positive"),
        ({"tau": float("inf")}, "tau must be positive"),
        ({"tau": 1, "alpha": 0}, "alpha"),
        ({"tau": 1, "burn_in": 1}, "burn_in must be at least 2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        MixtureSPRT(**arguments)


def test_bad_batch_changes_nothing():
    test = MixtureSPRT(1.0)
    with pytest.raises(ValueError, match="treatment holds NaN"):
        test.update([1.0], [np.nan])
    assert test._control.n == 0
