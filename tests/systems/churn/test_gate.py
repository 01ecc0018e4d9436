"""A challenger passes if it is better, not if it is other, and never if it costs money."""

import numpy as np
import pytest

from mlsd_kit.systems.churn.gate import Gate, gate, surprise

RNG = np.random.default_rng(0)
TRUE = RNG.uniform(0.05, 0.9, 1500)
LEFT = (RNG.random(1500) < TRUE).astype(int)


def worth(risk, customers):
    """A dollar for every leaver among the tenth of highest risk."""
    first = np.argsort(-risk, kind="stable")[: len(risk) // 10]
    return 1000 * LEFT[customers][first].sum() / len(risk)


def test_right_risks_surprise_nobody_and_halved_ones_do():
    assert abs(surprise(TRUE, LEFT)) < 3
    assert surprise(TRUE / 2, LEFT) > 10
    assert surprise(TRUE, 1 - LEFT) == pytest.approx(-surprise(1 - TRUE, LEFT))


def test_the_truth_passes_against_a_blunt_model_and_not_the_reverse():
    blunt = np.full(1500, LEFT.mean())
    better = gate(LEFT, blunt, TRUE, worth)
    assert better.passes and better.dollars[0] > 0
    assert not gate(LEFT, TRUE, blunt, worth).passes


def test_a_model_against_itself_gains_nothing():
    same = gate(LEFT, TRUE, TRUE, worth)
    assert same == Gate((0.0, 0.0), (0.0, 0.0)) and not same.passes


def test_a_better_log_loss_that_costs_money_does_not_pass():
    upside = 0.4 + 0.001 * (1 - TRUE)  # nearly constant, and in the wrong order
    wild = np.clip(TRUE**4, 0.001, 0.999)  # the right order, far too low
    lost = gate(LEFT, wild, upside, worth)
    assert lost.nats[0] > 0 and lost.dollars[1] < 0 and not lost.passes
