"""A multi-layer perceptron: dense layers and ReLUs, trained on the softmax cross-entropy."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import check_is_fitted

from mlsd_kit._validation import class_labels, validate_data
from mlsd_kit.linear_model.losses import softmax, softmax_cross_entropy
from mlsd_kit.neural_network.early_stopping import hold_out
from mlsd_kit.neural_network.layers import dense_backward, dense_forward, he_init, relu, relu_grad
from mlsd_kit.neural_network.optimizers import SGD, Adam, Optimizer

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
_SHARE = Interval(Real, 0, 1, closed="left")


class MLPClassifier(ClassifierMixin, BaseEstimator):
    """Classifier of dense layers with ReLUs between, trained by SGD or Adam on mini-batches.

    Minimises the mean cross-entropy plus ``alpha |W|² / (2 · batch size)``; biases are free. There
    is one output per class, also for two classes (scikit-learn then has a single one).

    Parameters
    ----------
    hidden_layer_sizes : sequence of int or int
        Units of each hidden layer; ``()`` is logistic regression.
    solver : "adam" or "sgd"
    alpha : float
        Strength of the L2 penalty.
    batch_size : int or "auto"
        Rows a step; "auto" is min(200, n).
    learning_rate_init : float
    max_iter : int
        Epochs at most; a `ConvergenceWarning` if they do not suffice.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    random_state : int, RandomState or None
        Of the first weights, the order of rows and the validation rows.
    tol, n_iter_no_change
        Stop when the epoch's loss (or the validation accuracy) has not improved by ``tol`` for so
        many epochs.
    momentum, nesterovs_momentum
        Of SGD.
    early_stopping : bool
        Hold out ``validation_fraction`` of each class, watch the accuracy on it, and keep the
        weights of the best epoch.
    beta_1, beta_2, epsilon
        Of Adam.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    coefs_, intercepts_ : list of ndarray
        (d_in, d_out) and (d_out,) of each layer.
    loss_curve_ : list of float
        Mean loss of each epoch. ``validation_scores_`` beside it with early stopping.
    best_loss_, best_validation_score_ : float or None
        Of the best epoch: the one without, the other with early stopping.
    n_iter_ : int

    Examples
    --------
    >>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 25), [0, 1, 1, 0] * 25
    >>> MLPClassifier((16,), learning_rate_init=0.05, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    _parameter_constraints = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "solver": [StrOptions({"adam", "sgd"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "momentum": [_SHARE],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "beta_1": [_SHARE],
        "beta_2": [_SHARE],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Options(Real, {np.inf}), Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on the rows ``X`` (n, d) with labels ``y`` (n,) of any kind."""
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        self.classes_, codes = np.unique(class_labels(labels), return_inverse=True)
        random = check_random_state(self.random_state)
        hidden = np.atleast_1d(np.asarray(self.hidden_layer_sizes, dtype=int)).tolist()
        if any(size < 1 for size in hidden):
            raise ValueError("hidden_layer_sizes must all be at least 1; leave empty layers out.")
        sizes = [rows.shape[1], *hidden, len(self.classes_)]
        self.coefs_, self.intercepts_ = he_init(sizes, random)
        held = np.zeros(len(rows), dtype=bool)
        if self.early_stopping:
            held = hold_out(codes, self.validation_fraction, random)
        with np.errstate(over="ignore", invalid="ignore"):  # divergence has its own sentence
            self._train(rows[~held], codes[~held], rows[held], codes[held], random)
        return self

    def _train(
        self, X: Array, y: Codes, X_held: Array, y_held: Codes, random: np.random.RandomState
    ) -> None:
        size = min(200, len(X)) if self.batch_size == "auto" else int(self.batch_size)
        optimizer = self._optimizer()
        self.loss_curve_: list[float] = []
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        best, best_weights, stale = -np.inf, self._copy(), 0
        for epoch in range(1, self.max_iter + 1):
            order = random.permutation(len(X)) if self.shuffle else np.arange(len(X))
            total = 0.0
            for start in range(0, len(X), size):
                batch = order[start : start + size]
                loss, grads = self._loss_and_grads(X[batch], y[batch])
                optimizer.step([*self.coefs_, *self.intercepts_], grads)
                total += loss * len(batch)
            self.loss_curve_.append(total / len(X))
            self.n_iter_ = epoch
            if not np.isfinite(total):
                raise ValueError(
                    "MLPClassifier diverged: scale the columns of X or lower learning_rate_init."
                )
            score = -self.loss_curve_[-1]
            if self.validation_scores_ is not None:
                score = float(np.mean(self._scores(X_held).argmax(axis=1) == y_held))
                self.validation_scores_.append(score)
            stale = 0 if score > best + self.tol else stale + 1
            if score > best:
                best, best_weights = score, self._copy() if self.early_stopping else best_weights
            if stale >= self.n_iter_no_change:
                break
        else:
            warnings.warn(
                f"MLPClassifier did not converge in {self.max_iter} epochs; raise max_iter.",
                ConvergenceWarning,
                stacklevel=4,
            )
        self.best_loss_ = None if self.early_stopping else -best
        self.best_validation_score_ = best if self.early_stopping else None
        if self.early_stopping:
            self.coefs_, self.intercepts_ = best_weights

    def _copy(self) -> tuple[list[Array], list[Array]]:
        return [w.copy() for w in self.coefs_], [b.copy() for b in self.intercepts_]

    def _optimizer(self) -> Optimizer:
        rate = self.learning_rate_init
        if self.solver == "sgd":
            return SGD(rate, momentum=self.momentum, nesterov=self.nesterovs_momentum)
        return Adam(rate, beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon)

    def _forward(self, X: Array) -> tuple[list[Array], list[Array]]:
        """What each layer was given, and what it gave before its ReLU."""
        given, gave = [X], []
        for W, b in zip(self.coefs_, self.intercepts_, strict=True):
            gave.append(dense_forward(given[-1], W, b))
            given.append(relu(gave[-1]))
        return given[:-1], gave

    def _loss_and_grads(self, X: Array, y: Codes) -> tuple[float, list[Array]]:
        given, gave = self._forward(X)
        loss, grad = softmax_cross_entropy(gave[-1], y)  # the only place that averages
        by_W, by_b = [], []
        for layer in reversed(range(len(self.coefs_))):
            W = self.coefs_[layer]
            grads = dense_backward(grad, given[layer], W)
            by_W.append(grads.W + self.alpha / len(X) * W)
            by_b.append(grads.b)
            loss += 0.5 * self.alpha / len(X) * float(np.vdot(W, W))
            if layer:
                grad = grads.X * relu_grad(gave[layer - 1])
        return loss, [*by_W[::-1], *by_b[::-1]]

    def _scores(self, X: Array) -> Array:
        return self._forward(X)[1][-1]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probability of every class in the order of ``classes_``: (n, n_classes)."""
        check_is_fitted(self)
        return softmax(self._scores(validate_data(self, X, dtype=np.float64, reset=False)))

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """Logarithm of `predict_proba`, finite where the probability itself rounds to 0."""
        check_is_fitted(self)
        scores = self._scores(validate_data(self, X, dtype=np.float64, reset=False))
        return np.asarray(log_softmax(scores, axis=1))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Most probable class of each row of ``X`` (n, d); the lower class at a tie."""
        winners = self.predict_proba(X).argmax(axis=1)
        return self.classes_[winners]
