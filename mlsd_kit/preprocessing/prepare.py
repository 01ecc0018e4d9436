"""From a file to arrays for a model, in the order that leaks nothing: `prepare`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from mlsd_kit.cleaning import NA_VALUES, CleaningReport, clean_frame, read_csv
from mlsd_kit.model_selection import train_val_test_split
from mlsd_kit.preprocessing.one_hot import OneHotEncoder
from mlsd_kit.preprocessing.scaler import StandardScaler
from mlsd_kit.preprocessing.simple_imputer import SimpleImputer

_DAY = np.timedelta64(1, "D")
_IMPUTER = SimpleImputer(strategy="median")
_ENCODER = OneHotEncoder(handle_unknown="ignore", sparse_output=False)


@dataclass(frozen=True)
class Prepared:
    """What `prepare` returns.

    Attributes
    ----------
    X_train, X_val, X_test : ndarrays of shape (n_rows, n_features), float64
    y_train, y_val, y_test : ndarrays of shape (n_rows,)
    index_train, index_val, index_test : pandas Index
        Which rows of the input each part holds.
    feature_names : ndarray of shape (n_features,), dtype object
    transformers : dict of str to list of estimators
        "numeric": imputer, scaler; "categorical": encoder; all fitted on the train rows only.
    columns : dict of str to list of str
        The input columns that each of them takes.
    report : CleaningReport
        What cleaning changed.
    """

    X_train: np.ndarray
    X_val: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_val: np.ndarray
    y_test: np.ndarray
    index_train: pd.Index
    index_val: pd.Index
    index_test: pd.Index
    feature_names: np.ndarray
    transformers: dict[str, list[Any]]
    columns: dict[str, list[str]]
    report: CleaningReport

    def transform(self, df: pd.DataFrame) -> np.ndarray:
        """New rows (cleaned the same way) as the model's inputs.

        Parameters
        ----------
        df : DataFrame with the input columns

        Returns
        -------
        ndarray of shape (n_rows, n_features)
        """
        return _transform(df, self.transformers, self.columns)


def prepare(
    data: str | os.PathLike[str] | pd.DataFrame,
    target: str,
    *,
    date_columns: Sequence[str] = (),
    numeric_columns: Sequence[str] = (),
    drop: Sequence[str] = (),
    na_values: Sequence[str] = NA_VALUES,
    dayfirst: bool | None = None,
    val_size: float | int = 0.2,
    test_size: float | int = 0.2,
    stratify: bool = False,
    groups: str | None = None,
    time: str | None = None,
    imputer: BaseEstimator | None = None,
    scaler: BaseEstimator | None = None,
    encoder: BaseEstimator | None = None,
    random_state: Any = None,
) -> Prepared:
    """Load, clean, split, *then* fit imputer, scaler and encoder on the train rows, and transform.

    Numbers (and dates, as days since 1970) are imputed and scaled, all else is one-hot encoded. The
    order matters: a mean, a standard deviation or a category learned from test rows is knowledge
    that the model would not have in production.

    Parameters
    ----------
    data : path of a CSV file, or DataFrame
    target : str
        Column to predict; its rows must not be missing.
    date_columns, numeric_columns, na_values, dayfirst
        As in `mlsd_kit.cleaning.read_csv`.
    drop : sequence of str, default=()
        Columns that are no features: identifiers, and what is known only after the event.
    val_size, test_size : float or int, default=0.2
        Shares or numbers of rows.
    stratify : bool, default=False
        Keep the shares of the target's classes in each part.
    groups : str or None, default=None
        Column whose equal values must stay in one part (it is not used as a feature).
    time : str or None, default=None
        Column to split by: the latest rows are the test set (it stays a feature; see ``drop``).
    imputer, scaler : transformers or None, default=None
        For numbers; None means ``SimpleImputer(strategy="median")`` and ``StandardScaler()``.
    encoder : transformer or None, default=None
        For the rest; None means ``OneHotEncoder(handle_unknown="ignore", sparse_output=False)``.
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    Prepared
        Arrays, names and the fitted transformers.

    Raises
    ------
    ValueError
        If a named column is not there, the target has missing values, or no feature is left.

    Examples
    --------
    >>> df = pd.DataFrame({"plan": list("abababababab"), "age": range(12), "left": [0, 0, 1] * 4})
    >>> ready = prepare(df, "left", val_size=2, test_size=3, random_state=0)
    >>> ready.X_train.shape, ready.X_val.shape, ready.X_test.shape, ready.feature_names.tolist()
    ((7, 3), (2, 3), (3, 3), ['age', 'plan_a', 'plan_b'])
    >>> bool(abs(ready.X_train[:, 0].mean()) < 1e-12)
    True
    """
    options: dict[str, Any] = dict(date_columns=date_columns, numeric_columns=numeric_columns)
    options |= dict(na_values=na_values, dayfirst=dayfirst)
    if isinstance(data, pd.DataFrame):
        frame, report = clean_frame(data, **options)
    else:
        frame, report = read_csv(data, **options)
    _check(frame, target, drop, groups, time)
    parts = train_val_test_split(
        frame,
        val_size=val_size,
        test_size=test_size,
        random_state=random_state,
        stratify=frame[target] if stratify else None,
        groups=None if groups is None else frame[groups],
        time=None if time is None else frame[time],
    )
    train, val, test = parts
    columns = _feature_columns(train, {target, groups, *drop})
    transformers = {
        "numeric": [clone(imputer or _IMPUTER), clone(scaler or StandardScaler())],
        "categorical": [clone(encoder or _ENCODER)],
    }
    names = _fit(train, transformers, columns)
    X_train, X_val, X_test = (_transform(part, transformers, columns) for part in parts)
    return Prepared(
        X_train=X_train,
        X_val=X_val,
        X_test=X_test,
        y_train=train[target].to_numpy(),
        y_val=val[target].to_numpy(),
        y_test=test[target].to_numpy(),
        index_train=train.index,
        index_val=val.index,
        index_test=test.index,
        feature_names=names,
        transformers=transformers,
        columns=columns,
        report=report,
    )


def _check(
    frame: pd.DataFrame, target: str, drop: Sequence[str], groups: str | None, time: str | None
) -> None:
    named = {"target": [target], "drop": drop, "groups": [groups], "time": [time]}
    for argument, names in named.items():
        if isinstance(names, str):
            raise ValueError(f"{argument} must be a list of names, got the text {names!r}.")
        if lost := [name for name in names if name is not None and name not in frame.columns]:
            raise ValueError(f"{argument} names {lost}, but the columns are {list(frame.columns)}.")
    if missing := int(frame[target].isna().sum()):
        raise ValueError(
            f"target {target!r} is missing in {missing} rows: a label cannot be imputed, drop them."
        )


def _feature_columns(train: pd.DataFrame, left_out: set[str | None]) -> dict[str, list[str]]:
    features = [name for name in train.columns if name not in left_out]
    if not features:
        raise ValueError("no column is left as a feature: name fewer in drop.")
    numeric = [name for name in features if _is_numeric(train[name])]
    return {"numeric": numeric, "categorical": [name for name in features if name not in numeric]}


def _is_numeric(column: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return is_number or pd.api.types.is_datetime64_any_dtype(column)


def _numbers(df: pd.DataFrame) -> pd.DataFrame:
    """Numeric and date columns as floats, dates in days since 1970-01-01."""
    out = {}
    for name in df.columns:
        column = df[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            column = (column - pd.Timestamp(0, tz=column.dt.tz)) / _DAY
        out[name] = column.astype(np.float64)
    return pd.DataFrame(out, index=df.index)


def _fit(
    train: pd.DataFrame, transformers: dict[str, list[Any]], columns: dict[str, list[str]]
) -> np.ndarray:
    """Fit the chains on the train rows; the names of their outputs."""
    names: list[str] = []
    for kind, chain in transformers.items():
        if not columns[kind]:
            continue
        values: Any = train[columns[kind]]
        values = _numbers(values) if kind == "numeric" else values
        output: Any = None
        for step in chain:
            values = step.fit(values).transform(values)
            output = step.get_feature_names_out(output)
        names += list(output)
    return np.array(names, dtype=object)


def _transform(
    df: pd.DataFrame, transformers: dict[str, list[Any]], columns: dict[str, list[str]]
) -> np.ndarray:
    blocks = []
    for kind, chain in transformers.items():
        if columns[kind]:
            values: Any = df[columns[kind]]
            values = _numbers(values) if kind == "numeric" else values
            for step in chain:
                values = step.transform(values)
            blocks.append(values.toarray() if hasattr(values, "toarray") else np.asarray(values))
    return np.hstack(blocks).astype(np.float64)
