"""Arithmetic of a training run."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def training_flops(parameters: float, tokens: float) -> Q:
    """6 N D: two operations a parameter and token forward, four backward.

    Parameters
    ----------
    parameters : float
        Number of parameters.
    tokens : float
        Tokens trained on.

    Returns
    -------
    Q
        The operations of the whole run.
    """
    raise NotImplementedError("write training_flops")
