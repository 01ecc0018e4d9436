"""Gradient descent: full batch, mini-batch and Nesterov's accelerated form, with its trajectory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

Array = NDArray[np.float64]
Step = float | Callable[[int], float]
_BLOWN_UP = 1e8
"""A loss this many times above where it began will not come back."""


class Descent(NamedTuple):
    """Where a descent ended, and how it got there."""

    w: Array
    """The last point, in the shape of ``w0``."""
    losses: Array
    """(n_iter,) loss at the point where each gradient was taken; the epoch's mean if mini-batch."""
    path: Array
    """(n_iter + 1, *w0.shape) every point from ``w0`` to ``w``; no rows if not kept."""
    n_iter: int
    """Gradient steps taken; epochs if mini-batch."""
    converged: bool
    """Whether the steps became shorter than ``tol`` before ``max_iter`` ran out."""


def gradient_descent(
    loss_and_grad: Callable[..., tuple[float, NDArray[Any]]],
    w0: ArrayLike,
    *,
    step: Step,
    max_iter: int = 100,
    tol: float = 1e-4,
    nesterov: bool = False,
    batch_size: int | None = None,
    n_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    prox: Callable[[Array, float], Array] | None = None,
    keep_path: bool = True,
) -> Descent:
    """Walk downhill from ``w0`` by ``w ← prox(w - step · gradient)`` until the steps are short.

    The textbook loop is the whole idea::

        for _ in range(max_iter):
            loss, grad = loss_and_grad(w)
            w = w - step * grad

    For a loss whose gradient changes by at most L per unit of w (L is its Lipschitz constant), any
    step below 2/L descends and 1/L is the safe choice. Nesterov's form takes the gradient a little
    ahead of the point, which needs about √κ steps where the plain form needs κ (the condition
    number); the momentum is dropped whenever it points uphill (O'Donoghue and Candès, 2015).

    Parameters
    ----------
    loss_and_grad : callable
        ``loss_and_grad(w) -> (loss, gradient)``, the gradient in the shape of ``w``. Mini-batch:
        ``loss_and_grad(w, rows)`` with the row numbers of the batch; both are means over rows.
    w0 : array-like of any shape
        Where to begin; not written to.
    step : float or callable
        Length of the step per unit of gradient (the learning rate), or ``step(t) -> float`` with t
        = 0, 1, 2 ... counting the gradients taken.
    max_iter : int
        Steps (full batch) or epochs (mini-batch) at most.
    tol : float
        Stop when no component of ``(w_old - w_new) / step`` exceeds this: without ``prox`` that is
        the gradient itself. Mini-batch: its mean over the epoch.
    nesterov : bool
        Accelerate. Only for the full batch, whose gradient has no noise for momentum to amplify.
    batch_size, n_samples : int, optional
        Rows a step sees and rows there are. Every row is seen once an epoch, in a new order.
    random_state : int, RandomState or None
        Order of the rows.
    prox : callable, optional
        ``prox(w, step)``, the proximal step of a penalty without a gradient, e.g. L1's shrinkage.
    keep_path : bool
        Whether to keep every point.

    Returns
    -------
    Descent
        ``(w, losses, path, n_iter, converged)``.

    Raises
    ------
    FloatingPointError
        If the loss grows out of bounds or is not a number: the step is too long.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> bowl = lambda w: (0.5 * float(w @ w), w)
    >>> result = gradient_descent(bowl, [8.0, -4.0], step=0.5, max_iter=3)
    >>> result.path
    array([[ 8. , -4. ],
           [ 4. , -2. ],
           [ 2. , -1. ],
           [ 1. , -0.5]])
    >>> result.losses
    array([40. , 10. ,  2.5])
    """
    if batch_size is not None and nesterov:
        raise ValueError("nesterov needs full batches; leave batch_size out or set nesterov=False.")
    w = np.array(w0, dtype=np.float64)
    if w.size == 0 or not np.isfinite(w).all():
        raise ValueError("w0 must hold at least one number, all finite; start from zeros.")
    if max_iter < 1 or not tol >= 0:
        raise ValueError("max_iter must be at least 1 and tol not negative.")
    rates = _rates(step)
    if batch_size is None:
        walk = _full_batch(loss_and_grad, w, rates, prox, nesterov)
    else:
        rows = _Rows(n_samples, batch_size, random_state)
        walk = _mini_batch(loss_and_grad, w, rates, prox, rows)

    losses, path, converged = [], [w] if keep_path else [], False
    with np.errstate(over="ignore", invalid="ignore"):  # divergence has a sentence of its own
        for w, loss, speed in walk:
            losses.append(loss)
            if keep_path:
                path.append(w)
            if not math.isfinite(speed) or abs(loss) > _BLOWN_UP * (1.0 + abs(losses[0])):
                raise FloatingPointError(
                    f"gradient_descent diverged after {len(losses)} steps (loss {loss:.3g}); take a"
                    " step below 2 / L, L the gradient's Lipschitz constant, or scale the columns."
                )
            converged = speed <= tol
            if converged or len(losses) == max_iter:
                break
    kept = np.array(path) if keep_path else np.empty((0, *w.shape))
    return Descent(w, np.array(losses), kept, len(losses), converged)


Walk = Iterator[tuple[Array, float, float]]
"""Yields the new point, the loss where the gradient was taken, and the largest |Δw| / step."""


def _full_batch(
    loss_and_grad: Callable[..., tuple[float, NDArray[Any]]],
    w: Array,
    rates: Iterator[float],
    prox: Callable[[Array, float], Array] | None,
    nesterov: bool,
) -> Walk:
    ahead, t = w, 1.0
    for rate in rates:
        loss, grad = loss_and_grad(ahead)
        moved = _move(ahead, grad, rate, prox)
        speed = float(np.max(np.abs(ahead - moved))) / rate
        if nesterov:
            if np.vdot(ahead - moved, moved - w) > 0:  # the momentum points uphill
                t = 1.0
            t_next = (1.0 + math.sqrt(1.0 + 4.0 * t * t)) / 2.0
            ahead = moved + (t - 1.0) / t_next * (moved - w)
            w, t = moved, t_next
        else:
            ahead = w = moved
        yield w, float(loss), speed if math.isfinite(loss) else math.nan


def _mini_batch(
    loss_and_grad: Callable[..., tuple[float, NDArray[Any]]],
    w: Array,
    rates: Iterator[float],
    prox: Callable[[Array, float], Array] | None,
    rows: _Rows,
) -> Walk:
    while True:
        start, length, total = w, 0.0, 0.0
        for batch in rows.epoch():
            rate = next(rates)
            loss, grad = loss_and_grad(w, batch)
            w = _move(w, grad, rate, prox)
            length += rate
            total += float(loss) * len(batch)
        speed = float(np.max(np.abs(start - w))) / length
        yield w, total / rows.n, speed if math.isfinite(total) else math.nan


def _move(
    w: Array, grad: NDArray[Any], rate: float, prox: Callable[[Array, float], Array] | None
) -> Array:
    if np.shape(grad) != w.shape:
        raise ValueError(f"loss_and_grad gave a gradient {np.shape(grad)} for weights {w.shape}.")
    moved: Array = w - rate * grad
    return moved if prox is None else prox(moved, rate)


def _rates(step: Step) -> Iterator[float]:
    t = 0
    while True:
        rate = float(step(t)) if callable(step) else float(step)
        if not (rate > 0 and math.isfinite(rate)):
            raise ValueError(f"step must be a positive finite number, got {rate!r}; try 1 / L.")
        yield rate
        t += 1


class _Rows:
    """Every row once an epoch, in batches, in a new random order each time."""

    def __init__(self, n: int | None, batch_size: int, random_state: Any) -> None:
        if n is None or n < 1 or batch_size < 1:
            raise ValueError("batch_size and n_samples must both be given and be at least 1.")
        self.n, self.batch_size = n, batch_size
        self.random = check_random_state(random_state)

    def epoch(self) -> Iterator[NDArray[np.intp]]:
        order = self.random.permutation(self.n)
        for start in range(0, self.n, self.batch_size):
            yield order[start : start + self.batch_size]
