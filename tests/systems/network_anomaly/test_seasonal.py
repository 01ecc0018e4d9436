"""The seasonal detector: one window at a time and whole tables agree; it extrapolates."""

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


@pytest.mark.parametrize("seasonal", [True, False])
def test_one_window_scores_as_in_the_table(table, quiet, seasonal):
    detector = SeasonalDetector(seasonal=seasonal).fit(quiet)
    some = table.iloc[:: len(table) // 500]
    singly = [
        detector.score_one(host, int(time.timestamp()), row)
        for (host, time), row in zip(some.index, some.to_numpy(), strict=True)
    ]
    np.testing.assert_allclose([score for score, _ in singly], detector.score(some))
    reasons = [FEATURES[i] for i in detector.residuals(some).argmax(axis=1)]
    assert [reason for _, reason in singly] == reasons


def test_the_tail_of_the_past_is_one(quiet):
    detector = SeasonalDetector().fit(quiet)
    residuals = detector.residuals(quiet)
    np.testing.assert_allclose(np.quantile(residuals, 0.999, axis=0), 1.0)


def test_a_feature_that_was_always_zero_has_the_smallest_scale(quiet):
    detector = SeasonalDetector().fit(quiet.assign(in_logins=0.0))
    assert detector.scale_[FEATURES.index("in_logins")] == SMALLEST


def test_it_sees_what_is_beyond_all_it_has_seen(quiet):
    detector = SeasonalDetector().fit(quiet)
    row = quiet.iloc[[0]].copy()
    row["in_flows"] = 1e5
    assert detector.score(row)[0] > detector.score(quiet).max()


def test_the_same_load_is_stranger_at_night(quiet):
    detector = SeasonalDetector().fit(quiet)
    features = quiet.loc[quiet["out_flows"] > 0].iloc[0].to_numpy() + 50
    night, noon = (int(pd.Timestamp(f"2026-03-03 {h}:00").timestamp()) for h in ("03", "13"))
    host = "10.0.1.1"  # a server with visitors by day
    assert detector.score_one(host, night, features) >= detector.score_one(host, noon, features)


def test_an_unknown_host_is_compared_with_all(quiet):
    detector = SeasonalDetector().fit(quiet)
    median = np.log1p(quiet.to_numpy()).mean()
    assert np.isfinite(detector.score_one("10.9.9.9", 0, np.full(len(FEATURES), median))[0])
