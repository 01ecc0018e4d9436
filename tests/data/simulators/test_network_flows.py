"""The simulated flows: reproducible, with the attacks and proportions that they promise."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data.simulators import network_attacks
from mlsd_kit.data.simulators.network_flows import ATTACKS, START, activity, simulate

FAMILIES = {
    "none": "normal",
    "syn_flood": "dos",
    "port_scan": "probe",
    "password_guessing": "r2l",
    "botnet_beacon": "r2l",
    "exfiltration": "u2r",
}


@pytest.fixture(scope="module")
def flows():
    return simulate(seed=1)


@pytest.fixture(scope="module")
def normal(flows):
    return flows[flows["attack"] == "none"]


def test_a_seed_gives_the_same_flows_again():
    small = {"days": 3, "quiet_days": 2, "events": 1}
    pd.testing.assert_frame_equal(simulate(seed=3, **small), simulate(seed=3, **small))
    assert len(simulate(seed=4, **small)) != len(simulate(seed=3, **small))


def test_sorted_within_the_days_asked_for(flows):
    assert flows["time"].is_monotonic_increasing
    assert flows["time"].iloc[0] >= START
    assert (flows["time"].iloc[-1] - START).days <= 28


def test_the_records_have_the_shares_of_nsl_kdd(flows):
    later = flows[flows["time"] >= START + pd.Timedelta("14D")]
    shares = later["attack"].astype(str).map(FAMILIES).value_counts(normalize=True)
    published = pd.Series(network_attacks.NSL_KDD) / sum(network_attacks.NSL_KDD.values())
    np.testing.assert_allclose(shares[published.index], published, rtol=0.1)


def test_the_first_days_are_quiet_and_each_class_comes_as_often_as_asked(flows):
    attacks = flows[flows["event"] > 0]
    assert attacks["time"].min() >= START + pd.Timedelta("14D")
    assert (attacks.groupby("event")["attack"].nunique() == 1).all()
    counts = attacks.groupby("attack", observed=True)["event"].nunique()
    assert counts.to_dict() == dict.fromkeys(network_attacks.CLASSES, 6)
    assert set(flows["attack"].cat.categories) == set(ATTACKS)


def test_working_days_are_busier_than_nights_and_weekends(normal):
    human = normal[normal["source"].str.startswith("10.0.0.") & (normal["service"] != "monitor")]
    hour, weekend = human["time"].dt.hour, human["time"].dt.day_of_week >= 5
    noon, night = ((hour >= lo) & (hour < hi) & ~weekend for lo, hi in ((11, 15), (0, 4)))
    assert noon.sum() > 5 * night.sum()
    per_day = human.groupby(weekend).size() / [20, 8]
    assert per_day[False] > 3 * per_day[True]


def test_counts_are_burstier_than_poisson_on_every_scale(normal):
    noon = normal[normal["source"].str.startswith("10.0.0.") & (normal["service"] != "monitor")]
    noon = noon[noon["time"].dt.hour.between(11, 14) & (noon["time"].dt.day_of_week < 5)]
    seconds = (noon["time"] - START).dt.total_seconds().to_numpy()
    for width in (10, 60, 300):
        counts = np.unique(seconds // width, return_counts=True)[1]
        bins = 20 * 4 * 3600 // width  # with those in which nothing came
        mean = counts.sum() / bins
        variance = (counts**2).sum() / bins - mean**2
        assert variance > 1.5 * mean


def test_bytes_have_a_heavy_tail(normal):
    received = np.sort(normal["bytes_in"].to_numpy(dtype=float))[::-1]
    top = received[: len(received) // 100]
    hill = 1 / np.log(top / top[-1])[:-1].mean()  # Hill's estimate of the tail's exponent
    assert 0.9 < hill < 1.6
    assert top.sum() > 0.3 * received.sum()


def test_the_new_service_starts_on_its_day():
    flows = simulate(seed=0, days=4, quiet_days=3, events=0, new_service_day=2)
    first = flows.loc[flows["service"] == "backup", "time"].min()
    assert START + pd.Timedelta("2D") <= first < START + pd.Timedelta("3D")
    assert (flows["attack"] == "none").all()


def test_beacons_are_regular_and_exfiltration_is_slow(flows):
    attacks = flows[flows["event"] > 0].groupby("event")
    gaps = attacks["time"].agg(lambda t: t.diff().std() / t.diff().mean())
    span = attacks["time"].agg(lambda t: (t.max() - t.min()).total_seconds() / 3600)
    kind = attacks["attack"].first()
    assert gaps[kind == "botnet_beacon"].max() < 0.1 < gaps[kind == "exfiltration"].min()
    assert span[kind == "exfiltration"].min() > 3 > span[kind == "syn_flood"].max()


def test_activity_peaks_by_day():
    hours = np.arange(168)
    assert activity(hours, human=True)[:24].argmax() == 13
    assert activity(hours, human=True)[120:].max() < 0.2


@pytest.mark.parametrize(
    "wrong", [{"days": 5, "quiet_days": 5}, {"events": -1}, {"sessions": 0}, {"quiet_days": -1}]
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="days must exceed quiet_days"):
        simulate(**wrong)
