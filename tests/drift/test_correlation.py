"""Correlations then and now: values against pandas, false alarms, what is undefined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlsd_kit.drift import correlation_change


def frame(seed, n, rho=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {"x": x, "y": rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n), "z": rng.normal(size=n)}
    )


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_are_those_of_pandas(method):
    then, now = frame(0, 80, 0.5).round(1), frame(1, 60, -0.3).round(1)
    report = correlation_change(then, now, method=method)
    for row in report.itertuples():
        for side, data in (("reference", then), ("current", now)):
            expected = data.corr(method=method).loc[row.feature_a, row.feature_b]
            assert getattr(row, side) == pytest.approx(expected, abs=1e-12)
        assert row.change == pytest.approx(row.current - row.reference, abs=1e-12)


def test_pvalue_is_fishers_z_test():
    then, now = frame(0, 80, 0.5), frame(1, 60, 0.2)
    row = correlation_change(then[["x", "y"]], now[["x", "y"]], method="pearson").iloc[0]
    z = (np.arctanh(row["current"]) - np.arctanh(row["reference"])) / np.sqrt(1 / 77 + 1 / 57)
    assert row["pvalue"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_changed_pair_is_found_and_comes_first():
    report = correlation_change(frame(0, 500, 0.7), frame(1, 400, -0.2))
    assert report.loc[0, ["feature_a", "feature_b"]].tolist() == ["x", "y"]
    assert report["changed"].tolist() == [True, False, False]


def test_false_alarms_stay_under_control():
    alarms = [
        correlation_change(frame(2 * seed, 200, 0.6), frame(2 * seed + 1, 150, 0.6))[
            "changed"
        ].any()
        for seed in range(60)
    ]
    assert np.mean(alarms) <= 0.12


def test_outlier_does_not_decide_the_rank_correlation():
    then, now = frame(0, 300), frame(1, 300)
    now.loc[0, ["x", "y"]] = 1e6
    assert correlation_change(then, now, method="pearson")["changed"].any()
    assert not correlation_change(then, now)["changed"].any()


def test_constant_column_and_too_few_rows_have_no_test():
    then, now = frame(0, 50).assign(x=1.0), frame(1, 50)
    report = correlation_change(then, now).set_index(["feature_a", "feature_b"])
    assert np.isnan(report.loc[("x", "y"), "pvalue"])
    assert not report.loc[("x", "y"), "changed"]
    assert np.isfinite(report.loc[("y", "z"), "pvalue"])
    tiny = correlation_change(frame(0, 3), frame(1, 50))
    assert tiny["pvalue"].isna().all() and not tiny["changed"].any()


def test_tiny_scale_does_not_underflow():
    then = frame(0, 50, 0.5) * 1e-170
    report = correlation_change(then, then, method="pearson")
    assert not report["changed"].any()


def test_perfect_correlation_stays_finite():
    x = np.arange(50.0)
    then = pd.DataFrame({"x": x, "y": 2 * x})
    report = correlation_change(then, then)
    assert report.loc[0, "pvalue"] == 1
    assert correlation_change(then, pd.DataFrame({"x": x, "y": -x})).loc[0, "changed"]


def test_missing_values_are_left_out_by_pair_and_text_is_ignored():
    then = frame(0, 60, 0.5)
    then.loc[:9, "x"] = np.nan
    then["text"] = "a"
    report = correlation_change(then, then)
    row = report[(report.feature_a == "x") & (report.feature_b == "y")].iloc[0]
    assert len(report) == 3
    assert row["reference"] == pytest.approx(then[["x", "y"]].corr("spearman").iloc[0, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="z"), "different columns .z in only one"),
        (lambda f: f.iloc[:0], "current is empty"),
        (lambda f: f.set_axis(["x", "x", "z"], axis=1), "current has repeated column names"),
        (lambda f: f.to_numpy(), "current must be a DataFrame"),
        (lambda f: f.replace(f.iloc[0, 0], np.inf), "holds infinite values"),
    ],
)
def test_bad_frames(change, message):
    with pytest.raises(ValueError, match=message):
        correlation_change(frame(0, 20), change(frame(1, 20)))


def test_bad_arguments():
    data = frame(0, 20)
    with pytest.raises(ValueError, match="method must be"):
        correlation_change(data, data, method="kendall")
    with pytest.raises(ValueError, match="alpha"):
        correlation_change(data, data, alpha=1)
    with pytest.raises(ValueError, match="1 numeric columns"):
        correlation_change(data[["x"]], data[["x"]])
