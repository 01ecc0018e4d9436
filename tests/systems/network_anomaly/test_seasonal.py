"""The detector of host and hour: scaled by its own tail, it extrapolates."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.data.simulators.network_flows import simulate
from mlsd_kit.systems.network_anomaly import FEATURES, host_windows
from mlsd_kit.systems.network_anomaly.seasonal import SMALLEST, SeasonalDetector


@pytest.fixture(scope="module")
def table():
    return host_windows(simulate(seed=2, days=8, quiet_days=7, events=1))


@pytest.fixture(scope="module")
def quiet(table):
    return table[table.index.get_level_values("time") < "2026-03-09"]


def test_the_tail_of_the_past_is_one(quiet):
    detector = SeasonalDetector().fit(quiet)
    tail = np.quantile(detector.residuals(quiet), 0.999, axis=0)
    wide = detector.scale_ > SMALLEST  # the others are held at the least scale
    assert wide.sum() >= len(FEATURES) / 2
    np.testing.assert_allclose(tail[wide], 1.0)
    assert np.all(tail[~wide] <= 1.0)


def test_a_feature_that_was_always_zero_has_the_smallest_scale(quiet):
    detector = SeasonalDetector().fit(quiet.assign(in_logins=0.0))
    assert detector.scale_[FEATURES.index("in_logins")] == SMALLEST


def test_it_sees_what_is_beyond_all_it_has_seen(quiet):
    detector = SeasonalDetector().fit(quiet)
    row = quiet.iloc[[0]].copy()
    row["in_flows"] = 1e5
    assert detector.score(row)[0] > detector.score(quiet).max()


def one(detector, host, at, features):
    index = pd.MultiIndex.from_tuples([(host, pd.Timestamp(at))], names=["host", "time"])
    return detector.score(pd.DataFrame([features], index=index, columns=list(FEATURES)))[0]


def test_the_same_load_is_stranger_at_night(quiet):
    detector = SeasonalDetector().fit(quiet)
    features = quiet.loc[quiet["out_flows"] > 0].iloc[0].to_numpy() + 50
    host = "10.0.1.1"  # a server with visitors by day
    night, noon = (one(detector, host, f"2026-03-03 {hour}:00", features) for hour in ("03", "13"))
    assert night >= noon


def test_without_the_hour_night_and_noon_are_alike(quiet):
    detector = SeasonalDetector(seasonal=False).fit(quiet)
    features = quiet.iloc[0].to_numpy() + 50
    scores = {one(detector, "10.0.1.1", f"2026-03-03 {hour}:00", features) for hour in ("03", "13")}
    assert len(scores) == 1


def test_an_unknown_host_is_compared_with_all(quiet):
    detector = SeasonalDetector().fit(quiet)
    median = np.expm1(np.median(np.log1p(quiet.to_numpy()), axis=0))
    assert one(detector, "10.9.9.9", "2026-03-03", median) == pytest.approx(0, abs=1e-9)
