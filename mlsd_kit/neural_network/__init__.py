"""Neural networks: dense layers forward and backward, and the classifier built of them."""

from __future__ import annotations

from mlsd_kit.linear_model.losses import softmax, softmax_cross_entropy
from mlsd_kit.neural_network.classifier import MLPClassifier
from mlsd_kit.neural_network.layers import (
    dense_backward,
    dense_forward,
    gradient_check,
    relu,
    relu_grad,
)
from mlsd_kit.neural_network.optimizers import SGD, Adam

__all__ = [
    "SGD",
    "Adam",
    "MLPClassifier",
    "dense_backward",
    "dense_forward",
    "gradient_check",
    "relu",
    "relu_grad",
    "softmax",
    "softmax_cross_entropy",
]
