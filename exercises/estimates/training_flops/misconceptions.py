"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def forward_only(parameters, tokens):
    """The forward pass alone: the backward pass costs twice as much again, 6 N D in all."""
    return Q(2 * parameters * tokens, "FLOP")


def multiply_add_as_one(parameters, tokens):
    """A multiplication with its addition counts as one: it is 2 FLOP."""
    return Q(3 * parameters * tokens, "FLOP")


def one_for_each_pair(parameters, tokens):
    """One operation a parameter and token: it is 6, forward and backward."""
    return Q(parameters * tokens, "FLOP")


def operations_a_second(parameters, tokens):
    """FLOP/s is a speed: the run as a whole has a number of operations."""
    return Q(6 * parameters * tokens, "FLOP/s")
