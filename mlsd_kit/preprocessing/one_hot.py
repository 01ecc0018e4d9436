"""One column of numbers per category: `OneHotEncoder`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Tags, check_array
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_is_fitted,
    validate_data,
)

from mlsd_kit.preprocessing import _one_hot_rules as rules
from mlsd_kit.preprocessing.categories import distinct, encode, lookup


class OneHotEncoder(TransformerMixin, BaseEstimator):
    """Each category of each column becomes a column of its own that holds 0 or 1.

    Missing values (None, NaN) are a category like any other. The category of a cell is found by a
    table or a hash, so the cost is O(cells), whatever the number of categories.

    Parameters
    ----------
    categories : "auto" or list of array-likes, default="auto"
        ``categories[j]`` lists the values of column j; "auto" finds them in ``fit``. Numbers must
        be sorted, and a missing value must come last.
    drop : {"first", "if_binary"}, array-like of shape (n_features,) or None, default=None
        Category to leave out per column: its first; its first if it has exactly two; the given one.
        A linear model without penalty needs it, since the columns of one feature add up to 1.
    sparse_output : bool, default=True
        A CSR matrix with one stored 1 per cell, or a dense array.
    dtype : dtype, default=np.float64
        Of the output.
    handle_unknown : {"error", "ignore"}, default="error"
        What ``transform`` does with a category that ``fit`` never saw: raise, or write zeros only.
    feature_name_combiner : "concat" or callable, default="concat"
        ``f(column_name, category) -> str`` for `get_feature_names_out`; default "name_category".

    Attributes
    ----------
    categories_ : list of ndarrays
        The categories of each column, sorted, dropped ones included.
    drop_idx_ : ndarray of shape (n_features,), dtype object, or None
        Position in ``categories_[j]`` of the dropped category, None where none is.

    Examples
    --------
    >>> encoder = OneHotEncoder(sparse_output=False)
    >>> encoder.fit_transform([["Month-to-month"], ["Two year"], ["Month-to-month"]])
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    >>> encoder.get_feature_names_out(["Contract"])
    array(['Contract_Month-to-month', 'Contract_Two year'], dtype=object)
    """

    _parameter_constraints: dict = {
        "categories": [StrOptions({"auto"}), list],
        "drop": [StrOptions({"first", "if_binary"}), "array-like", None],
        "sparse_output": ["boolean"],
        "dtype": "no_validation",
        "handle_unknown": [StrOptions({"error", "ignore"})],
        "feature_name_combiner": [StrOptions({"concat"}), callable],
    }

    def __init__(
        self,
        *,
        categories: str | list = "auto",
        drop: str | Sequence[Any] | np.ndarray | None = None,
        sparse_output: bool = True,
        dtype: Any = np.float64,
        handle_unknown: str = "error",
        feature_name_combiner: str | Callable[[Any, Any], str] = "concat",
    ) -> None:
        self.categories = categories
        self.drop = drop
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.handle_unknown = handle_unknown
        self.feature_name_combiner = feature_name_combiner

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the categories of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers or texts, each column of one kind.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If given categories are unsorted, repeated or incomplete, or ``drop`` is not among them.
        """
        columns = self._start(X)
        if isinstance(self.categories, str):
            return self._settle([distinct(column) for column in columns])
        return self._settle(rules.given_categories(self, columns))

    def _start(self, X: Any) -> list[np.ndarray]:
        columns = rules.read_columns(X)
        validate_data(self, X=X, reset=True, skip_check_array=True)
        self.n_features_in_ = len(columns)
        return columns

    def _settle(self, categories: list[np.ndarray]) -> Self:
        self.categories_ = categories
        self.drop_idx_ = rules.find_dropped(categories, self.drop)
        self._places, self._starts = rules.output_columns(categories, self.drop_idx_)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """``fit(X).transform(X)``, looking each cell up once instead of twice."""
        if not isinstance(self.categories, str):
            return self.fit(X).transform(X)
        rules.check_output(self)
        columns = self._start(X)
        coded = [encode(column) for column in columns]
        self._settle([categories for categories, _ in coded])
        places = np.empty((len(columns[0]), len(columns)), dtype=np.int32)
        for j, (_, codes) in enumerate(coded):
            np.take(self._places[j], codes, out=places[:, j])
        return self._write(places)

    def transform(self, X: Any) -> Any:
        """Write a 1 in the column of each cell's category.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        CSR matrix, or ndarray if not ``sparse_output``, of shape (n_samples, n_features_out)

        Raises
        ------
        ValueError
            For an unknown category if ``handle_unknown="error"``.
        """
        check_is_fitted(self)
        rules.check_output(self)
        columns = rules.read_columns(X)
        validate_data(self, X=X, reset=False, skip_check_array=True)
        places = np.empty((len(columns[0]), len(columns)), dtype=self._places[0].dtype)
        unknown = []
        for j, column in enumerate(columns):
            places[:, j] = lookup(column, self.categories_[j], self._places[j])
            if places[:, j].min() == rules.UNKNOWN:
                unknown.append(j)
                if self.handle_unknown == "error":
                    rules.refuse_unknown(column, self.categories_[j], j, "transform")
        if unknown and self.drop is not None:
            warnings.warn(
                f"Found unknown categories in columns {unknown} during transform. These unknown"
                " categories will be encoded as all zeros, like the dropped category.",
                UserWarning,
                stacklevel=2,
            )
        return self._write(places)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The categories that a one-hot matrix stands for.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features_out)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            A row of zeros gives the dropped category, else None if unknown ones are ignored.

        Raises
        ------
        ValueError
            If the number of columns is wrong, or a row of zeros can mean nothing.
        """
        check_is_fitted(self)
        X = check_array(X, accept_sparse="csr", ensure_min_features=0)
        if X.shape[1] != self._starts[-1]:
            raise ValueError(
                f"Shape of the passed X data is not correct. Expected {self._starts[-1]} columns,"
                f" got {X.shape[1]}."
            )
        columns = [self._inverse_column(X, j) for j in range(self.n_features_in_)]
        out = np.empty((X.shape[0], len(columns)), dtype=np.result_type(*columns))
        for j, column in enumerate(columns):
            out[:, j] = column
        return out

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name of each output column: ``column_category``.

        Parameters
        ----------
        input_features : array-like of shape (n_features,) or None, default=None
            Names of the input columns; default those seen in ``fit``, else x0, x1 ...

        Returns
        -------
        ndarray of shape (n_features_out,), dtype object
        """
        check_is_fitted(self)
        features = _check_feature_names_in(self, input_features)
        combine = rules.name_combiner(self.feature_name_combiner)
        names = [
            combine(feature, category)
            for j, feature in enumerate(features)
            for category in self._kept(j)
        ]
        return np.array(names, dtype=object)

    def _write(self, places: np.ndarray) -> Any:
        write = rules.sparse_ones if self.sparse_output else rules.dense_ones
        return write(places, int(self._starts[-1]), self.dtype)

    def _inverse_column(self, X: Any, j: int) -> np.ndarray:
        ones = X[:, self._starts[j] : self._starts[j + 1]]
        known, drop = self.categories_[j], self.drop_idx_
        dropped = None if drop is None or drop[j] is None else known[[drop[j]]]
        return rules.invert(ones, self._kept(j), dropped, self.handle_unknown == "ignore")

    def _kept(self, j: int) -> np.ndarray:
        """Categories of column j that have an output column."""
        return self.categories_[j][self._places[j][:-1] >= 0]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags
