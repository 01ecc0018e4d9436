"""How a gradient becomes a step: SGD with momentum, and Adam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Optimizer(Protocol):
    """Changes weights in place, given their gradients."""

    def step(self, weights: Sequence[Array], grads: Sequence[Array]) -> None:
        """One step; the weights are always the same arrays in the same order."""


class SGD:
    """``velocity ← momentum · velocity - rate · gradient``, and the weights follow the velocity.

    Nesterov's form takes the step from where the momentum is about to lead.

    Examples
    --------
    >>> w, sgd = [np.array([1.0])], SGD(0.1, momentum=0.0)
    >>> sgd.step(w, [np.array([2.0])])
    >>> w
    [array([0.8])]
    """

    def __init__(self, rate: float, *, momentum: float = 0.9, nesterov: bool = True) -> None:
        self.rate, self.momentum, self.nesterov = rate, momentum, nesterov
        self._velocity: list[Array] = []

    def step(self, weights: Sequence[Array], grads: Sequence[Array]) -> None:
        """Move ``weights`` (changed in place) against ``grads``."""
        if not self._velocity:
            self._velocity = [np.zeros_like(w) for w in weights]
        for w, velocity, grad in zip(weights, self._velocity, grads, strict=True):
            velocity *= self.momentum
            velocity -= self.rate * grad
            w += self.momentum * velocity - self.rate * grad if self.nesterov else velocity


class Adam:
    """Steps of about ``rate`` in every weight, whatever the size of its gradient.

    The mean of past gradients over the root of the mean of their squares, both corrected for
    having started at 0 (Kingma and Ba, 2015).

    Examples
    --------
    >>> w, adam = [np.array([1.0, 1.0])], Adam(0.1)
    >>> adam.step(w, [np.array([5.0, -0.01])])
    >>> w[0].round(3)
    array([0.9, 1.1])
    """

    def __init__(
        self, rate: float, *, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        self.rate, self.beta_1, self.beta_2, self.epsilon = rate, beta_1, beta_2, epsilon
        self._t = 0
        self._means: list[Array] = []
        self._squares: list[Array] = []

    def step(self, weights: Sequence[Array], grads: Sequence[Array]) -> None:
        """Move ``weights`` (changed in place) against ``grads``."""
        if not self._means:
            self._means = [np.zeros_like(w) for w in weights]
            self._squares = [np.zeros_like(w) for w in weights]
        self._t += 1
        rate = self.rate * np.sqrt(1.0 - self.beta_2**self._t) / (1.0 - self.beta_1**self._t)
        for w, mean, square, grad in zip(weights, self._means, self._squares, grads, strict=True):
            mean += (1.0 - self.beta_1) * (grad - mean)
            square += (1.0 - self.beta_2) * (grad * grad - square)
            w -= rate * mean / (np.sqrt(square) + self.epsilon)
