"""The simulator's mechanism, and the Handbook's published counts within its spread over seeds."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data import load
from mlsd_kit.data.simulators.card_transactions import card_transactions

SMALL = dict(customers=300, terminals=600, days=60, radius=10.0)


@pytest.fixture(scope="module")
def small():
    return card_transactions(seed=0, **SMALL)


def test_published_counts_lie_within_the_spread_over_seeds():
    counts = []
    for seed in range(3):
        table = card_transactions(seed=seed)
        counts.append([len(table), *np.bincount(table["scenario"])[1:]])
    mean, spread = np.mean(counts, axis=0), np.std(counts, axis=0, ddof=1)
    published = np.array([1_754_155, 973, 9_077, 4_631])
    assert (np.abs(mean / published - 1) < 0.05).all()
    assert (np.abs(mean - published) < 4 * spread).all()


def test_a_seed_is_a_table_and_zero_is_a_seed(small):
    pd.testing.assert_frame_equal(small, card_transactions(seed=0, **SMALL))
    assert not small["amount"].equals(card_transactions(seed=1, **SMALL)["amount"])


def test_the_global_generator_is_not_touched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    card_transactions(seed=0, **SMALL)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_rows_are_in_time_within_the_period_and_numbered(small):
    assert small["time"].is_monotonic_increasing
    assert small["time"].min() >= pd.Timestamp("2018-04-01")
    assert small["time"].max() < pd.Timestamp("2018-04-01") + pd.Timedelta(days=60)
    assert small["id"].tolist() == list(range(len(small)))


def test_amounts_are_whole_cents_and_never_negative(small):
    cents = small["amount"] * 100
    assert (small["amount"] >= 0).all()
    assert np.abs(cents - cents.round()).max() < 1e-6


def test_a_customer_pays_only_at_terminals_in_reach(small):
    # a circle of radius 10 in a square of side 100 holds about 3 % of the terminals
    used = small.groupby("card")["terminal"].nunique()
    assert used.max() <= 600 * np.pi * 10**2 / 100**2 * 2


def test_scenario_1_is_every_dear_payment_and_no_other(small):
    dear = small["amount"] > 220
    assert (small.loc[dear, "fraud"] == 1).all()
    assert (small.loc[small["scenario"] == 1, "amount"] > 220).all()


def test_scenario_2_takes_all_payments_of_a_terminal(small):
    # taken over for whole days: after its first such fraud no payment of that day is genuine
    taken = small[small["scenario"] == 2].groupby("terminal")["time"].min()
    first = small["terminal"].map(taken)
    same_day = (small["time"] >= first) & (small["time"].dt.date == first.dt.date)
    assert same_day.sum() > len(taken) > 50
    assert (small.loc[same_day, "fraud"] == 1).all()


def test_scenario_3_multiplies_a_third_of_a_stolen_cards_payments():
    with_fraud = card_transactions(seed=3, **SMALL)
    stolen = with_fraud[with_fraud["scenario"] == 3]
    genuine = with_fraud[with_fraud["scenario"] == 0]
    typical = genuine.groupby("card")["amount"].mean()
    ratio = stolen.groupby("card")["amount"].mean() / typical
    assert 3 < ratio.median() < 8


def test_nobody_pays_where_no_terminal_is_in_reach():
    table = card_transactions(seed=0, customers=50, terminals=1, days=5, radius=0.001)
    assert len(table) == 0
    assert table.columns[0] == "id"


@pytest.mark.parametrize("bad", [{"customers": 0}, {"terminals": 0}, {"days": 0}, {"radius": 0}])
def test_a_size_that_is_not_positive_is_refused(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} must be"):
        card_transactions(**bad)


def test_load_hands_settings_on():
    table = load("card_transactions", seed=5, **SMALL)
    pd.testing.assert_frame_equal(table, card_transactions(seed=5, **SMALL))
