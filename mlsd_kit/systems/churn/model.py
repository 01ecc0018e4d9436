"""A model that travels whole: encoder and weights in one ONNX graph, with its plan beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlsd_kit.services.releases import ModelError
from mlsd_kit.systems.churn.economy import Economy, prior_shift

BILL = "MonthlyCharges"
NUMBER, TEXT = "tensor(float)", "tensor(string)"


class FieldError(ValueError):
    """A row that the model does not accept: a column is missing, unknown, or of another type."""


@dataclass(frozen=True)
class Plan:
    """What belongs to a model's decision: the rates, the prices, and how many calls."""

    trained: float
    """Share of leavers in the training rows."""
    base_rate: float
    """Share of leavers a month where it is used."""
    budget: float
    """Share of the customers who can be called, at most."""
    hold_out: float
    """Share of the list that is left alone at random, for the experiment."""
    rest_days: int
    """Days in which nobody is called twice."""
    economy: Economy

    def as_dict(self) -> dict[str, Any]:
        """As it is stored beside the model."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Plan:
        """The plan that `as_dict` wrote."""
        return cls(**{**stored, "economy": Economy(**stored["economy"])})


def to_onnx(pipeline: Any, table: pd.DataFrame) -> bytes:
    """A fitted scikit-learn pipeline as one graph whose inputs are the table's columns, by name.

    Parameters
    ----------
    pipeline : fitted Pipeline
        A column transformer and a classifier.
    table : DataFrame
        For the names and types of its columns: numbers, and texts.
    """
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    kinds = [
        (name, FloatTensorType([None, 1]) if numeric(table[name]) else StringTensorType([None, 1]))
        for name in table
    ]
    graph = convert_sklearn(
        pipeline,
        initial_types=kinds,
        options={id(pipeline[-1]): {"zipmap": False}},
        target_opset=17,
    )
    return bytes(graph.SerializeToString())


def numeric(column: pd.Series) -> bool:
    """True for a column of numbers."""
    return pd.api.types.is_numeric_dtype(column)


def fingerprint(graph: bytes) -> str:
    """The SHA-256 of a graph, in hexadecimal digits."""
    return hashlib.sha256(graph).hexdigest()


class Scorer:
    """Risk and expected profit of customers, from raw columns.

    Parameters
    ----------
    graph : bytes
        As `to_onnx` makes it.
    plan : Plan
    sha256 : str, default=None
        What the bytes must hash to.

    Raises
    ------
    ModelError
        If they do not, or are no graph.
    """

    def __init__(self, graph: bytes, plan: Plan, sha256: str | None = None) -> None:
        import onnxruntime

        if sha256 is not None and fingerprint(graph) != sha256:
            raise ModelError("the model's bytes are not those that were registered.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        try:
            self._session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"the model's bytes are no ONNX graph: {error}") from None
        self.plan = plan
        self.columns = {node.name: node.type for node in self._session.get_inputs()}

    def score(self, table: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Risk and expected profit [dollars], each of shape (n,); columns are found by name.

        Raises
        ------
        FieldError
            If a column is missing, or holds something else than it did in training.
        """
        missing = [name for name in self.columns if name not in table]
        if missing:
            raise FieldError(f"missing: {', '.join(missing)}")
        feed = {name: self._column(table[name], kind) for name, kind in self.columns.items()}
        said = self._session.run(["probabilities"], feed)[0][:, 1].astype(float)
        risk = prior_shift(said, self.plan.trained, self.plan.base_rate)
        return risk, self.plan.economy.profit(risk, risk, table[BILL].to_numpy(float))

    def _column(self, column: pd.Series, kind: str) -> NDArray[Any]:
        if kind == TEXT:
            if not column.map(_is_text).all():
                raise FieldError(f"{column.name} must be text")
            return column.to_numpy(object)[:, None]
        try:
            values = column.to_numpy(np.float32)
        except (TypeError, ValueError):
            raise FieldError(f"{column.name} must be a number") from None
        if not np.isfinite(values).all():
            raise FieldError(f"{column.name} must be a finite number")
        return values[:, None]


def _is_text(value: object) -> bool:
    """Half of a pair of surrogates, which JSON can bring, is none."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_fields(given: Sequence[str], scorer: Scorer) -> None:
    """Raise a FieldError that names the fields which are missing or unknown."""
    missing = sorted(set(scorer.columns) - set(given))
    unknown = sorted(set(given) - set(scorer.columns))
    if missing or unknown:
        raise FieldError(f"missing: {missing}, unknown: {unknown}")
