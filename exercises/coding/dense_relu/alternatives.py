"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import numpy as np
import pandas as pd

Result = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def with_loops(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> Result:
    """One row, one output, one input at a time; results as lists."""
    n, d_in, d_out = len(X), len(W), len(b)
    out = [[0.0] * d_out for _ in range(n)]
    grad_X = [[0.0] * d_in for _ in range(n)]
    grad_W = [[0.0] * d_out for _ in range(d_in)]
    grad_b = [0.0] * d_out
    for i in range(n):
        for j in range(d_out):
            z = sum(X[i][p] * W[p][j] for p in range(d_in)) + b[j]
            if z > 0:
                out[i][j] = z
                grad_b[j] += grad_out[i][j]
                for p in range(d_in):
                    grad_W[p][j] += X[i][p] * grad_out[i][j]
                    grad_X[i][p] += W[p][j] * grad_out[i][j]
    return out, grad_X, grad_W, grad_b


def with_einsum(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> Result:
    """Index notation, and the mask from the output: it is positive where X W + b is."""
    out = np.clip(np.einsum("ip,pj->ij", X, W) + b, 0, None)
    grad = np.where(out > 0, grad_out, 0)
    grad_X = np.einsum("ij,pj->ip", grad, W)
    return out, grad_X, np.einsum("ip,ij->pj", X, grad), np.ones(len(X)) @ grad


def with_a_column_of_ones(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """The bias is the weight of an input that is always 1."""
    ones = np.column_stack([X, np.ones(len(X))])
    weights = np.vstack([W, b])
    before = ones @ weights
    grad = np.array(grad_out, dtype=float)
    grad[before <= 0] = 0.0
    both = ones.T @ grad
    return before * (before > 0), grad @ np.asarray(W).T, both[:-1], both[-1]


def with_pandas(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> Result:
    """Frames, which align by label, turned into arrays at the end."""
    before = pd.DataFrame(X).dot(pd.DataFrame(W)) + pd.Series(b)
    grad = pd.DataFrame(grad_out).where(before > 0, 0)
    grad_W = pd.DataFrame(X).T.dot(grad).to_numpy()
    return (
        before.clip(lower=0).to_numpy(),
        (grad @ pd.DataFrame(W).T).to_numpy(),
        grad_W,
        grad.sum(),
    )
