"""Linear models, and the gradient descent that fits them.

`descent` walks downhill, `losses` says how steep it is, `coordinates` chooses axes in which the
walk is short, and the estimators put the three together under scikit-learn's names.
"""

from __future__ import annotations

from mlsd_kit.linear_model.descent import Descent, gradient_descent
from mlsd_kit.linear_model.linear import LinearRegression, Ridge
from mlsd_kit.linear_model.logistic import LogisticRegression
from mlsd_kit.linear_model.losses import (
    binary_cross_entropy,
    logistic_loss_and_grad,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    squared_loss_and_grad,
)

__all__ = [
    "Descent",
    "LinearRegression",
    "LogisticRegression",
    "Ridge",
    "binary_cross_entropy",
    "gradient_descent",
    "logistic_loss_and_grad",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "squared_loss_and_grad",
]
