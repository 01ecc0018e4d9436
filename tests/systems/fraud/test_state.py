"""The stream's features equal the table's, to the last bit, whatever the order of arrival."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.systems.fraud import history
from mlsd_kit.systems.fraud.load import messages
from mlsd_kit.systems.fraud.names import DAY, DELAY, WINDOWS
from mlsd_kit.systems.fraud.state import TIDY, PaymentState, Timeline


def label(row):
    return {"id": row.id, "terminal": row.terminal, "fraud": row.fraud, "time": row.second}


@pytest.fixture(scope="module")
def stream(payments):
    second = payments["time"].to_numpy().astype("datetime64[s]").astype(int)
    return list(payments.assign(second=second).itertuples())


def test_skew_is_zero_with_labels_a_week_late(payments, offline, stream):
    state, due = PaymentState(), 0
    for row, message, expected in zip(
        stream, messages(payments), offline.to_numpy(float), strict=True
    ):
        while stream[due].second <= row.second - DELAY * DAY:  # the last moment that is in time
            state.label(label(stream[due]))
            due += 1
        assert state.update(message) == tuple(expected)
    assert due > 1000


def test_labels_that_come_early_change_nothing(payments, offline, stream):
    state = PaymentState()
    for row in stream:
        state.label(label(row))
    found = [state.update(message) for message in messages(payments)]
    np.testing.assert_array_equal(found, offline.to_numpy(float))


def test_duplicates_count_once_and_get_the_same_answer(payments, offline):
    state = PaymentState()
    few = messages(payments)[:300]
    first = [state.update(message) for message in few]
    assert [state.update(message) for message in few] == first
    columns = [c for c in offline if not c.startswith("terminal_risk")]
    places = [offline.columns.get_loc(c) for c in columns]
    np.testing.assert_array_equal(np.array(first)[:, places], offline[columns].iloc[:300])


def test_a_repeated_label_counts_once(payments):
    state = PaymentState()
    fraud = {"id": 1, "terminal": 5, "fraud": 1, "time": 0}
    state.label(fraud), state.label(fraud)
    assert state.frauds[5].window(-1, 1) == (1, 1)


def test_after_late_payments_the_state_is_that_of_the_ordered_stream(payments, offline):
    state, few = PaymentState(), messages(payments)
    half = len(few) // 2
    order = np.arange(half) + np.random.default_rng(0).integers(0, 50, half)
    for k in np.argsort(order, kind="stable"):
        state.update(few[k])
    counts = [c for c in offline if c.startswith("card")]
    places = [offline.columns.get_loc(c) for c in counts]
    later = [state.update(message) for message in few[half:]]
    np.testing.assert_array_equal(np.array(later)[:, places], offline[counts].iloc[half:])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=30),
    st.integers(-1, 21),
    st.integers(-1, 21),
)
def test_a_window_is_a_filter(events, begin, end):
    line = Timeline()
    for time, value in events:
        line.add(time, value)
    inside = [value for time, value in events if begin < time <= end]
    if begin <= end:
        assert line.window(begin, end) == (len(inside), sum(inside))


def test_state_does_not_grow_with_the_length_of_the_stream():
    state = PaymentState()
    for day in range(2000):
        pay = {"id": day, "time": day * DAY, "card": 1, "terminal": 1, "cents": 100}
        answer = state.update(pay)
    assert answer[7] == 30  # payments of the card in 30 days
    assert len(state.cards[1].times) <= max(WINDOWS) + TIDY
    assert len(state.terminals[1].times) <= max(WINDOWS) + DELAY + TIDY


def test_a_restored_history_goes_on_as_if_never_interrupted(payments, offline, stream, tmp_path):
    cut = payments["time"].iloc[0] + np.timedelta64(45, "D")
    past = payments["time"] < cut
    known = payments["time"] < cut - np.timedelta64(DELAY, "D")
    history.save(payments[past], known[past], tmp_path / "past.npz")
    state = history.restore(tmp_path / "past.npz")
    for row in stream:
        if not known[row.Index]:
            state.label(label(row))
    found = [state.update(message) for message in messages(payments[~past])]
    np.testing.assert_array_equal(found, offline[~past].to_numpy(float))


def test_an_empty_history_is_an_empty_state(payments, tmp_path):
    none = payments.iloc[:0]
    history.save(none, none["fraud"] == 1, tmp_path / "past.npz")
    assert not history.restore(tmp_path / "past.npz").cards
