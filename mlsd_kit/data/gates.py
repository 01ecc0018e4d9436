"""A gate before a nightly job: a day of data that cannot be true is refused, with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.errors import SchemaError, SchemaErrors

from mlsd_kit.data.errors import DataError


class RefusedError(DataError):
    """A table that the gate refuses; ``reasons`` holds one sentence for each rule it breaks."""

    def __init__(self, message: str, reasons: Sequence[str]) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class DayGate:
    """What one new day of a panel of series must satisfy before a job may use it.

    The limits come from the days before it: the same series, each once; the types of the columns;
    no value missing, negative, or far above the largest one of its series; and, compared with the
    days of the same kind, neither too many zeros nor a total that is far off.

    Parameters
    ----------
    keys : sequence of str
        Columns that name a series.
    date, value : str
        Column of the day (datetime64), and of the figure that is checked.
    kind : sequence of str, default=()
        Columns that hold for a whole day and change what is normal: weekday, holiday.
    recent : int, default=8
        Days of the same kind that the total is compared with.
    most : float, default=3.0
        Largest value allowed, as a multiple of the largest one of that series.
    total : (float, float), default=(0.5, 2.0)
        The day's total, as multiples of the lowest and the highest of the recent days.

    >>> days = pd.date_range("2024-01-01", periods=3)
    >>> past = pd.DataFrame({"day": days[:2].repeat(2), "shop": [1, 2] * 2, "sold": [5, 6, 7, 8]})
    >>> gate = DayGate(keys=["shop"], date="day", value="sold")
    >>> good = pd.DataFrame({"day": days[2], "shop": [1, 2], "sold": [6, 7]})
    >>> gate.check(good, past).equals(good)
    True
    >>> gate.check(good.head(1), past)
    Traceback (most recent call last):
        ...
    mlsd_kit.data.gates.RefusedError: the day is refused: 1 of 2 series missing
    """

    keys: Sequence[str]
    date: str
    value: str
    kind: Sequence[str] = ()
    recent: int = 8
    most: float = 3.0
    total: tuple[float, float] = (0.5, 2.0)

    def schema(self, history: pd.DataFrame, day: pd.DataFrame) -> pa.DataFrameSchema:
        """The pandera schema for the day after ``history``; ``day`` says only of which kind it is.

        Its checks are named by sentences that say what is wrong where they fail.
        """
        due = history[self.date].max() + pd.Timedelta(days=1)
        columns = {str(name): pa.Column(dtype) for name, dtype in history.dtypes.items()}
        on_time = pa.Check.eq(due, error=f"a date other than {due:%Y-%m-%d}")
        columns[self.date] = pa.Column(history[self.date].dtype, on_time)
        positive = pa.Check.ge(0, error=f"{self.value} below 0")
        columns[self.value] = pa.Column(history[self.value].dtype, positive)
        whole = {*self.keys, self.date, self.value, *self.kind} <= set(day.columns)
        checks = [*self._of_series(history, day), *self._of_day(history, day)] if whole else []
        return pa.DataFrameSchema(columns, checks=checks)

    def check(self, day: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
        """``day`` unchanged, or a `RefusedError` that gives every reason.

        Parameters
        ----------
        day : DataFrame
            The new day, a row for each series.
        history : DataFrame
            The days before it that were let in, with the same columns.

        Returns
        -------
        DataFrame

        Raises
        ------
        RefusedError
            If a rule is broken.
        """
        try:
            self.schema(history, day).validate(day, lazy=True)
        except SchemaErrors as error:
            reasons = list(dict.fromkeys(map(_sentence, error.schema_errors)))
            raise RefusedError(f"the day is refused: {'; '.join(reasons)}", reasons) from None
        return day

    def _of_series(self, history: pd.DataFrame, day: pd.DataFrame) -> list[pa.Check]:
        keys = list(self.keys)
        highest = history.groupby(keys)[self.value].max()
        names = pd.MultiIndex.from_frame(day[keys])
        known = pd.MultiIndex.from_frame(highest.reset_index()[keys])
        limit = self.most * highest.set_axis(known).reindex(names.unique())
        missing, unknown = len(known.difference(names)), len(names.unique().difference(known))
        high = self._figures(day) > limit.reindex(names).to_numpy()
        return [
            _rule(missing == 0, f"{missing} of {len(known)} series missing"),
            _rule(unknown == 0, f"{unknown} unknown series"),
            _rule(not names.duplicated().any(), f"{names.duplicated().sum()} rows repeat a series"),
            _rule(
                not high.any(),
                f"{self.value} above {self.most:g} x the most of its series in {high.sum()} rows",
            ),
        ]

    def _of_day(self, history: pd.DataFrame, day: pd.DataFrame) -> list[pa.Check]:
        alike = history
        if day.empty:
            return []  # its series are missing, which is said
        for name in self.kind:
            alike = alike[alike[name] == day[name].iloc[0]]
        if alike.empty:
            return []  # the first day of its kind: nothing to compare with
        zeros = (alike[self.value] == 0).groupby(alike[self.date]).mean().max()
        totals = alike.groupby(self.date)[self.value].sum().tail(self.recent)
        low, high = self.total[0] * totals.min(), self.total[1] * totals.max()
        figures = self._figures(day)
        share, total = (figures == 0).mean(), np.nansum(figures)
        return [
            _rule(share <= zeros, f"{share:.0%} of rows are 0, at most {zeros:.0%} on days before"),
            _rule(low <= total <= high, f"total {total:,.0f} outside {low:,.0f} to {high:,.0f}"),
        ]

    def _figures(self, day: pd.DataFrame) -> NDArray[np.float64]:
        """The values as numbers; what is none is missing here, and reported by its column."""
        return pd.to_numeric(day[self.value], errors="coerce").to_numpy(float)


def _rule(holds: bool | np.bool, sentence: str) -> pa.Check:
    return pa.Check(lambda _: bool(holds), error=sentence)


def _sentence(error: SchemaError) -> str:
    """What pandera found, in words a person on call can act on."""
    if error.check is not None and getattr(error.check, "error", None):
        return str(error.check.error)
    code = error.reason_code.name if error.reason_code else ""
    if code == "COLUMN_NOT_IN_DATAFRAME":
        return f"the column {error.failure_cases!r} is missing"
    if code == "SERIES_CONTAINS_NULLS":
        return f"{error.schema.name} has missing values"
    if code == "WRONG_DATATYPE":
        return f"{error.schema.name} is not of type {error.schema.dtype}"
    return " ".join(str(error).split())
