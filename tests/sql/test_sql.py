"""The feature queries against independent pandas versions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.sql import (
    COHORT_RETENTION,
    MONTHLY_SPENDING,
    POINT_IN_TIME_JOIN,
    WINDOW_FEATURES,
    cohort_retention,
    monthly_spending,
    point_in_time_join,
    window_features,
)

START = pd.Timestamp("2023-11-20")


def events(seed: int, n: int = 80, users: int = 6) -> pd.DataFrame:
    """Events in no order, with ties in time, missing amounts, and an index of its own."""
    rng = np.random.default_rng(seed)
    amount = rng.normal(10, 5, n).round(2)
    amount[rng.random(n) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "user_id": rng.integers(0, users, n),
            "time": START + pd.to_timedelta(rng.integers(0, 24 * 100, n), unit="h"),
            "amount": amount,
            "note": rng.choice(["a", "b"], n),
        },
        index=rng.permutation(n) + 100,
    )


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_monthly_spending(seed: int) -> None:
    purchases = events(seed)
    before = purchases.copy(deep=True)
    got = monthly_spending(purchases)
    known = purchases.dropna(subset="amount")
    month = known["time"].dt.to_period("M").dt.to_timestamp().rename("month")
    expected = known.groupby(["user_id", month])["amount"].agg(total="sum", n_purchases="count")
    pd.testing.assert_frame_equal(got, expected.reset_index(), check_dtype=False)
    assert got["month"].dtype == purchases["time"].dtype
    pd.testing.assert_frame_equal(purchases, before)


def naive_windows(table: pd.DataFrame, window: pd.Timedelta) -> pd.DataFrame:
    rows = []
    for _, event in table.iterrows():
        own = table[(table["user_id"] == event["user_id"]) & (table["time"] < event["time"])]
        recent = own[own["time"] >= event["time"] - window]["amount"].dropna()
        since = (event["time"] - own["time"].max()) / pd.Timedelta("1D") if len(own) else np.nan
        rows.append([len(recent), recent.sum(), recent.mean(), recent.max(), since])
    columns = ["n_window", "sum_window", "mean_window", "max_window", "days_since_last"]
    return pd.DataFrame(rows, columns=columns, index=table.index)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(["1D", "7D", "1h", "400D"]))
def test_window_features(seed: int, window: str) -> None:
    table = events(seed, 40, 3)
    got = window_features(table, window)
    pd.testing.assert_frame_equal(got[table.columns], table)
    expected = naive_windows(table, pd.Timedelta(window))
    pd.testing.assert_frame_equal(got[expected.columns], expected, check_dtype=False)


def test_window_edges() -> None:
    times = ["2024-01-01", "2024-01-08", "2024-01-08", "2024-01-15 00:00:00.000001"]
    table = pd.DataFrame(
        {"user_id": "u", "time": pd.to_datetime(times, format="ISO8601"), "amount": [1, 2, 4, 8]}
    )
    got = window_features(table, pd.Timedelta(days=7))
    assert got["sum_window"].tolist() == [0, 1, 1, 0]  # [t - 7 days, t): no peeking at ties


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_cohort_retention(seed: int) -> None:
    table = events(seed, users=30)
    got = cohort_retention(table)
    month = table["time"].dt.to_period("M")
    first = month.groupby(table["user_id"]).min()
    active = pd.DataFrame({"user": table["user_id"], "month": month}).drop_duplicates()
    active["cohort"] = active["user"].map(first)
    active["age"] = [m.ordinal - c.ordinal for m, c in zip(active["month"], active["cohort"])]  # noqa: B905
    expected = active.groupby(["cohort", "age"]).size().rename("n_active").reset_index()
    expected["size"] = expected["cohort"].map(first.value_counts())
    expected["retention"] = expected["n_active"] / expected["size"]
    expected["cohort"] = expected["cohort"].dt.to_timestamp().astype(table["time"].dtype)
    pd.testing.assert_frame_equal(got, expected[got.columns], check_dtype=False)
    assert (got.loc[got["age"] == 0, "retention"] == 1).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.booleans())
def test_point_in_time_join(seed: int, allow_same_time: bool) -> None:
    labels = events(seed, 40, 4)[["note", "time", "user_id"]]
    features = events(seed + 1, 40, 4).drop_duplicates(["user_id", "time"])
    features = features.rename(columns={"note": "plan", "time": "known_at"})
    got = point_in_time_join(
        labels, features, available="known_at", allow_same_time=allow_same_time
    )
    expected = pd.merge_asof(
        labels.assign(row=range(len(labels))).sort_values("time"),
        features.sort_values("known_at"),
        left_on="time",
        right_on="known_at",
        by="user_id",
        allow_exact_matches=allow_same_time,
    ).sort_values("row")
    pd.testing.assert_frame_equal(got[labels.columns], labels)
    for name in ("amount", "plan"):
        pd.testing.assert_series_equal(
            got[name], expected[name].set_axis(got.index), check_dtype=False
        )
    pd.testing.assert_series_equal(
        got["available_at"],
        expected["known_at"].set_axis(got.index),
        check_names=False,
        check_dtype=False,
    )
    seen = got["available_at"].dropna()
    limit = labels.loc[seen.index, "time"]
    assert (seen <= limit).all() if allow_same_time else (seen < limit).all()


def test_other_names_even_odd_ones() -> None:
    table = events(0).rename(columns={"user_id": 'a "b" {c}', "time": "when", "amount": "select"})
    named: dict[str, Any] = dict(user='a "b" {c}', time="when")
    plain = events(0)
    got = monthly_spending(table, **named, amount="select")
    assert got["total"].tolist() == monthly_spending(plain)["total"].tolist()
    got = window_features(table, "7D", **named, amount="select")
    assert got["sum_window"].tolist() == window_features(plain, "7D")["sum_window"].tolist()
    pd.testing.assert_frame_equal(cohort_retention(table, **named), cohort_retention(plain))


def test_rows_without_a_user() -> None:
    table = pd.DataFrame({"user_id": ["u", None], "time": [START, START], "amount": [1.0, 2.0]})
    assert monthly_spending(table)["total"].tolist() == [1.0]
    assert cohort_retention(table)["size"].tolist() == [1]
    with pytest.raises(ValueError, match=r"events\['user_id'\] has missing values"):
        window_features(table, "1D")


def test_empty_frames() -> None:
    nothing = events(0).iloc[:0]
    assert monthly_spending(nothing).shape == (0, 4)
    assert window_features(nothing, "1D").shape == (0, 9)
    assert cohort_retention(nothing).shape == (0, 5)
    joined = point_in_time_join(events(1)[["user_id", "time"]], nothing)
    assert joined["amount"].isna().all()


def test_bad_input_is_named() -> None:
    table = events(0)
    with pytest.raises(ValueError, match=r"purchases has no column \['price'\]"):
        monthly_spending(table, amount="price")
    with pytest.raises(ValueError, match="purchases must be a DataFrame, got list"):
        monthly_spending([1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must hold datetimes, not .*parse_dates"):
        cohort_retention(table.astype({"time": str}))
    with pytest.raises(ValueError, match="has a time zone"):
        cohort_retention(table.assign(time=table["time"].dt.tz_localize("UTC")))
    with pytest.raises(ValueError, match="has missing times"):
        cohort_retention(table.assign(time=pd.NaT).astype({"time": table["time"].dtype}))
    with pytest.raises(ValueError, match="window must be positive"):
        window_features(table, "0D")
    labels = table[["user_id", "time", "note"]]
    with pytest.raises(ValueError, match=r"both hold \['note'\]"):
        point_in_time_join(labels, table)
    twice = pd.concat([table, table]).drop(columns="note")
    with pytest.raises(ValueError, match="two rows of one 'user_id' and 'time'"):
        point_in_time_join(labels, twice)


def test_the_sql_text_is_shown() -> None:
    for text in (MONTHLY_SPENDING, WINDOW_FEATURES, COHORT_RETENTION, POINT_IN_TIME_JOIN):
        assert "SELECT" in text
        assert "member" in text or "entity" in text
