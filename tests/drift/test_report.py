"""The report: what is detected, what is not, and with which error rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.drift import adjust_pvalues, drift_report, jensen_shannon, ks_test, psi


def month(seed, n=600, features=6):
    rng = np.random.default_rng(seed)
    data = {f"x{i}": rng.normal(size=n) for i in range(features)}
    return pd.DataFrame(data | {"plan": rng.choice(["basic", "plus"], n), "const": 1.0})


def test_unshifted_month_is_quiet_and_shifted_month_is_not():
    quiet = drift_report(month(0), month(1))
    assert not quiet["drifted"].any()
    shifted = month(3)
    shifted["x3"] += 0.5
    shifted["plan"] = np.where(np.arange(600) < 200, "gold", shifted["plan"])
    shifted["const"] = 2.0
    report = drift_report(month(0), shifted, correction="holm")
    assert report.index[report["drifted"]].tolist() == ["x3", "plan", "const"]


def test_family_of_unchanged_features_rarely_alarms():
    alarms = [drift_report(month(2 * s), month(2 * s + 1))["drifted"].any() for s in range(60)]
    assert np.mean(alarms) <= 0.12


def test_columns_are_the_parts_called_alone():
    then, now = month(0), month(1)
    report = drift_report(then, now)
    assert report.index.tolist() == then.columns.tolist()
    assert report.loc["x0", "psi"] == psi(then["x0"], now["x0"])
    assert report.loc["plan", "jensen_shannon"] == jensen_shannon(then["plan"], now["plan"])
    assert report.loc["x1", ["statistic", "pvalue"]].tolist() == list(ks_test(then.x1, now.x1))
    np.testing.assert_array_equal(report["adjusted_pvalue"], adjust_pvalues(report["pvalue"]))
    assert report["kind"].tolist() == ["numeric"] * 6 + ["categorical", "numeric"]


def test_tiny_but_significant_change_needs_min_psi_to_be_ignored():
    rng = np.random.default_rng(0)
    then = pd.DataFrame({"x": rng.normal(size=50_000)})
    now = pd.DataFrame({"x": rng.normal(0.03, size=50_000)})
    assert drift_report(then, now).loc["x", "drifted"]
    assert not drift_report(then, now, min_psi=0.05).loc["x", "drifted"]


def test_missingness_alone_is_drift():
    then, now = month(0), month(1)
    now.loc[:60, "x0"] = np.nan
    report = drift_report(then, now)
    assert report.index[report["drifted"]].tolist() == ["x0"]
    assert report.loc["x0", "missing_current"] == pytest.approx(61 / 600)


def test_missing_on_both_sides_at_one_rate_is_not():
    then, now = month(0), month(1)
    then.loc[:60, "x0"] = now.loc[:60, "x0"] = np.nan
    assert not drift_report(then, now)["drifted"].any()


def test_column_that_went_all_missing():
    now = month(1).assign(x0=np.nan, plan=None)
    report = drift_report(month(0), now, correction="holm")
    assert report.index[report["drifted"]].tolist() == ["x0", "plan"]


def test_stated_categories_and_column_order():
    rng = np.random.default_rng(0)
    then = pd.DataFrame({"code": rng.integers(0, 3, 300), "x": rng.normal(size=300)})
    report = drift_report(then, then[["x", "code"]], categorical=["code"])
    assert report["test"].tolist() == ["chi_squared", "ks"]
    assert not report["drifted"].any()


def test_correction_is_passed_on():
    then, now = month(0), month(1)
    report = drift_report(then, now, correction="bonferroni")
    np.testing.assert_array_equal(
        report["adjusted_pvalue"], adjust_pvalues(report["pvalue"], "bonferroni")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0}, "alpha"),
        ({"min_psi": -1}, "min_psi"),
        ({"bins": 1}, "column 'x0': bins"),
        ({"categorical": ["nope"]}, "categorical names .'nope'."),
        ({"correction": "none"}, "method must be"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        drift_report(month(0, 50), month(1, 50), **arguments)


def test_bad_columns_are_named():
    good = month(0, 50)
    with pytest.raises(ValueError, match="column 'x1': current holds infinite"):
        drift_report(good, good.assign(x1=np.inf))
    with pytest.raises(ValueError, match="column 'x1': reference holds only missing"):
        drift_report(good.assign(x1=np.nan), good)
    with pytest.raises(ValueError, match="column 'x1': current must hold real numbers"):
        drift_report(good, good.assign(x1="a"))
