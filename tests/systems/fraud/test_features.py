"""The table's features against a slow, obvious oracle."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.systems.fraud.features import DAY, DELAY, FEATURES, WINDOWS, features

START = pd.Timestamp("2018-04-01")


def oracle(payments):
    """One row at a time, with nothing but filters."""
    table = payments.sort_values("time", kind="stable")
    second = (table["time"] - START).dt.total_seconds().to_numpy()
    rows = {}
    for i, (label, row) in enumerate(table.iterrows()):
        before, now = table.iloc[: i + 1], second[i]
        age = now - second[: i + 1]
        out = [row["amount"], float(row["time"].day_of_week >= 5), float(row["time"].hour <= 6)]
        card, terminal = before["card"] == row["card"], table["terminal"] == row["terminal"]
        for days in WINDOWS:
            mine = before["amount"][card.to_numpy() & (age < days * DAY)]
            out += [len(mine), mine.mean()]
        old = now - second
        for days in WINDOWS:
            inside = (old >= DELAY * DAY) & (old < (DELAY + days) * DAY) & terminal.to_numpy()
            frauds = table["fraud"].to_numpy()[inside]
            out += [inside.sum(), frauds.mean() if len(frauds) else 0.0]
        rows[label] = out
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(FEATURES)).loc[payments.index]


# few instants, cards and terminals: ties and window edges are the rule
events = st.lists(
    st.tuples(
        st.sampled_from([0, 1, DAY, DAY + 1, 7 * DAY, 8 * DAY, 14 * DAY, 30 * DAY, 37 * DAY]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 30_000),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=25,
)


def as_table(rows):
    columns = ["time", "card", "terminal", "amount", "fraud"]
    table = pd.DataFrame(rows, columns=columns).astype({"amount": float})
    table["time"] = START + pd.to_timedelta(table["time"], unit="s")
    return table.assign(amount=table["amount"] / 100)


@settings(max_examples=60, deadline=None)
@given(events)
def test_every_row_equals_the_slow_form(rows):
    table = as_table(rows)
    found, expected = features(table), oracle(table)
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(events, st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order_if_no_two_share_an_instant(rows, random):
    spread = [(row[0] + 7 * i, *row[1:]) for i, row in enumerate(rows)]
    table = as_table(spread)
    order = list(range(len(table)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(features(table.iloc[order]), features(table).iloc[order])


def test_no_label_younger_than_a_week_is_looked_at(payments, offline):
    cut = payments["time"].max() - pd.Timedelta(days=DELAY)
    hidden = payments.assign(fraud=payments["fraud"].where(payments["time"] <= cut, 0))
    assert (hidden["fraud"] != payments["fraud"]).any()
    pd.testing.assert_frame_equal(features(hidden), offline)


def test_an_older_label_does_change_the_risk(payments, offline):
    honest = features(payments.assign(fraud=0))
    assert (honest["terminal_risk_30"] == 0).all()
    assert (offline["terminal_risk_30"] > 0).any()


def test_no_future_payment_is_looked_at(payments, offline):
    half = len(payments) // 2
    pd.testing.assert_frame_equal(features(payments.iloc[:half]), offline.iloc[:half])


def test_the_callers_table_is_left_alone(payments):
    copy = payments.copy()
    features(payments)
    pd.testing.assert_frame_equal(payments, copy)


def test_no_rows_give_no_rows(payments):
    assert features(payments.iloc[:0]).shape == (0, len(FEATURES))


def test_a_missing_column_is_named(payments):
    with pytest.raises(ValueError, match="no column 'terminal'"):
        features(payments.drop(columns="terminal"))


def test_a_missing_time_is_refused(payments):
    with pytest.raises(ValueError, match="missing values"):
        features(payments.assign(time=payments["time"].where(payments.index > 0)))
