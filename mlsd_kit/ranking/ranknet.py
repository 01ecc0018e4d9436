"""RankNet: a network that learns scores from which of two documents is the better one."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, column_or_1d

from mlsd_kit._validation import validate_data
from mlsd_kit.neural_network.layers import dense_backward, dense_forward, he_init, relu, relu_grad
from mlsd_kit.neural_network.optimizers import Adam
from mlsd_kit.ranking.lists import list_rows
from mlsd_kit.ranking.pairs import weighted_loss

Array = NDArray[np.float64]


class RankNet(BaseEstimator):
    """Scores documents with dense layers and ReLUs, trained on pairs of one query's documents.

    Minimises the mean over queries of `pairwise_loss` plus ``alpha |W|² / 2`` with Adam, one query
    a step. Only differences of scores within a query mean anything. Give it features on similar
    scales.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; ``()`` is a linear ranker.
    pair_weight : "equal" or "ndcg"
        "ndcg" weighs each pair by `ndcg_changes`, which turns RankNet into LambdaRank.
    alpha : float
        Strength of the L2 penalty on the weights.
    learning_rate : float
        Adam's.
    max_iter : int
        Times that each query is used.
    random_state : int, RandomState or None
        Of the first weights and the order of queries.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        (d_in, d_out) and (d_out,) of each layer.
    loss_curve_ : list of float
        Mean loss of each pass, over the queries that have a pair.
    n_iter_ : int

    Examples
    --------
    >>> X, grades = [[0.0], [1.0], [0.5], [9.0], [8.0]], [0, 2, 1, 1, 0]
    >>> queries = ["a", "a", "a", "b", "b"]
    >>> net = RankNet((4,), max_iter=50, random_state=0).fit(X, grades, groups=queries)
    >>> scores = net.predict(X)
    >>> bool(scores[1] > scores[2] > scores[0]), bool(scores[3] > scores[4])
    (True, True)
    """

    _parameter_constraints = {
        "hidden_layer_sizes": ["array-like"],
        "pair_weight": [StrOptions({"equal", "ndcg"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (32,),
        *,
        pair_weight: str = "equal",
        alpha: float = 1e-3,
        learning_rate: float = 1e-3,
        max_iter: int = 30,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.pair_weight = pair_weight
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from judged lists.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : array-like of shape (n,)
            Grades; the higher, the better.
        groups : array-like of shape (n,) or None
            Query of each row; None takes all rows for one query's.

        Returns
        -------
        self
        """
        data: Any
        data, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        grades = column_or_1d(y, dtype=np.float64)
        queries = np.zeros(len(data)) if groups is None else np.asarray(groups)
        check_consistent_length(data, queries)
        lists = list_rows(queries)
        random = check_random_state(self.random_state)
        sizes = [data.shape[1], *self.hidden_layer_sizes, 1]
        self.coefs_, self.intercepts_ = he_init(sizes, random)
        lists = [rows for rows in lists if np.ptp(grades[rows]) > 0]  # the others have no pair
        adam = Adam(self.learning_rate)
        self.loss_curve_: list[float] = []
        for _ in range(self.max_iter):
            losses = []
            for each in random.permutation(len(lists)):
                rows = lists[each]
                loss, grads = self.loss_and_gradients(data[rows], grades[rows])
                adam.step([*self.coefs_, *self.intercepts_], grads)
                losses.append(loss)
            self.loss_curve_.append(float(np.mean(losses)) if losses else 0.0)
        self.n_iter_ = self.max_iter
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Scores (n,): higher is earlier."""
        check_is_fitted(self)
        data: Any = validate_data(self, X, dtype=np.float64, reset=False)
        return self._forward(data)[1]

    def _forward(self, X: Array) -> tuple[list[tuple[Array, Array]], Array]:
        """(inputs, outputs before the ReLU) of each layer, and the scores (n,)."""
        layers = []
        for W, b in zip(self.coefs_, self.intercepts_, strict=True):
            z = dense_forward(X, W, b)
            layers.append((X, z))
            X = relu(z)
        return layers, layers[-1][1][:, 0]

    def loss_and_gradients(self, X: ArrayLike, y: ArrayLike) -> tuple[float, list[Array]]:
        """Penalised loss of one query's list; its gradients by all weights, then all biases.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : array-like of shape (n,)
        """
        check_is_fitted(self)
        layers, scores = self._forward(np.asarray(X, dtype=np.float64))
        grades = np.asarray(y, dtype=np.float64)
        loss, by_score = weighted_loss(scores, grades, self.pair_weight)
        loss += 0.5 * self.alpha * sum(float(np.sum(W * W)) for W in self.coefs_)
        grad, weights, biases = by_score[:, None], [], []
        for k in range(len(layers) - 1, -1, -1):
            back = dense_backward(grad, layers[k][0], self.coefs_[k])
            weights.append(back.W + self.alpha * self.coefs_[k])
            biases.append(back.b)
            if k:
                grad = back.X * relu_grad(layers[k - 1][1])
        return loss, weights[::-1] + biases[::-1]
