"""Every figure: one axes, the data it claims to show, labels, determinism, clear errors."""

from __future__ import annotations

import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from mlsd_kit import plots
from mlsd_kit.drift import bin_pair, drift_report
from mlsd_kit.plots import COLOURS, PALETTE

rng = np.random.default_rng(0)
Y = (rng.random(200) < 0.3).astype(int)
P = np.clip(0.25 + 0.3 * Y + rng.normal(0, 0.15, 200), 0, 1)
THEN = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
REPORT = drift_report(THEN, THEN.assign(a=THEN["a"] + 2))
BACKTEST = pd.DataFrame(
    {"time": [3, 4, 5, 6], "origin": [2, 2, 4, 4], "actual": [1.0, 2, 3, 4], "forecast": 2.0}
)
WORLDS = pd.DataFrame(
    [[-1200.0, 0.0], [0.4, 80.0]],
    index=pd.Index([1, 2], name="price [$]"),
    columns=pd.Index([0.1, 0.2], name="share saved"),
)

FIGURES = {
    "confusion": lambda **kw: plots.plot_confusion_matrix(Y, P > 0.4, **kw),
    "roc": lambda **kw: plots.plot_roc_curve(Y, P, **kw),
    "pr": lambda **kw: plots.plot_pr_curve(Y, P, **kw),
    "calibration": lambda **kw: plots.plot_calibration(Y, P, **kw),
    "importance": lambda **kw: plots.plot_importance([0.1, 0.3], ["age", "plan"], **kw),
    "drift": lambda **kw: plots.plot_drift(REPORT, **kw),
    "shift": lambda **kw: plots.plot_shift(THEN["a"], THEN["a"] + 1, **kw),
    "funnel": lambda **kw: plots.plot_funnel({"seen": 10, "bought": 2}, **kw),
    "profit": lambda **kw: plots.plot_profit({"model": [1, 3, 2]}, budget=2, **kw),
    "sensitivity": lambda **kw: plots.plot_sensitivity(WORLDS, **kw),
    "backtest": lambda **kw: plots.plot_backtest(BACKTEST, **kw),
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_returns_the_one_axes_of_a_new_figure_with_labels(name):
    ax = FIGURES[name]()
    assert ax.figure.axes == [ax]
    assert ax.get_title(loc="left")
    assert ax.get_xlabel()
    assert ax.get_ylabel() or [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("name", FIGURES)
def test_draws_on_the_given_axes_with_the_given_title(name):
    figure, axes = plt.subplots(1, 2)
    ax = FIGURES[name](ax=axes[1], title="The answer")
    assert ax is axes[1] and plt.get_fignums() == [figure.number]
    assert ax.get_title(loc="left") == "The answer"
    assert not axes[0].has_data()


@pytest.mark.parametrize("name", FIGURES)
def test_same_bytes_every_time(name):
    pictures = []
    for _ in range(2):
        buffer = io.BytesIO()
        FIGURES[name]().figure.savefig(buffer, format="png", metadata={"Software": None})
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("name", FIGURES)
def test_global_settings_and_generator_are_left_alone(name):
    before, state = dict(matplotlib.rcParams), np.random.get_state()[1].copy()  # noqa: NPY002
    FIGURES[name]()
    assert dict(matplotlib.rcParams) == before
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def _simulate(colour, matrix):
    """sRGB as a colour-blind eye sees it (Viénot, Brettel, Mollon 1999), 0 ... 1."""
    rgb = np.array(matplotlib.colors.to_rgb(colour)) ** 2.2
    return np.clip(np.array(matrix) @ rgb, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3).tolist(),
        [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],  # protanopia
        [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],  # deuteranopia
    ],
)
def test_palette_is_told_apart_by_colour_blind_eyes(matrix):
    seen = [_simulate(colour, matrix) for colour in PALETTE]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > 0.12


def _curves(ax):
    return [line for line in ax.lines if line.get_gid() == "curve"]


@pytest.mark.parametrize("name", ["roc", "pr", "calibration"])
def test_second_model_takes_the_next_colour_and_no_second_baseline(name):
    ax = FIGURES[name](name="one")
    n_lines = len(ax.lines)
    FIGURES[name](name="two", ax=ax)
    assert len(ax.lines) == n_lines + 1
    assert [to_hex(line.get_color()).upper() for line in _curves(ax)] == list(PALETTE[:2])
    assert len(ax.get_legend().get_texts()) == 3
    assert "compared" in ax.get_title(loc="left")


def test_roc_draws_the_curve_and_prints_its_area():
    from sklearn.metrics import roc_auc_score, roc_curve

    ax = plots.plot_roc_curve(Y, P, name="m")
    fpr, tpr, _ = roc_curve(Y, P)
    np.testing.assert_allclose(_curves(ax)[0].get_xydata(), np.column_stack([fpr, tpr]))
    assert f"m ({roc_auc_score(Y, P):.3f})" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_pr_draws_average_precision_and_the_base_rate():
    from sklearn.metrics import average_precision_score

    ax = plots.plot_pr_curve(np.where(Y == 1, "yes", "no"), P, pos_label="yes", name="m")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [f"chance ({Y.mean():.3f})", f"m ({average_precision_score(Y, P):.3f})"]


def test_confusion_matrix_counts_shares_and_labels():
    ax = plots.plot_confusion_matrix(["b", "b", "a"], ["b", "a", "a"], labels=["b", "a", "none"])
    texts = [text.get_text() for text in ax.texts]
    assert texts[:3] == ["1\n50 %", "1\n50 %", "0\n0 %"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["b", "a", "none"]


def test_calibration_points_are_bin_means():
    ax = plots.plot_calibration([0, 1, 1, 1], [0.2, 0.4, 0.8, 0.9], n_bins=2, strategy="uniform")
    np.testing.assert_allclose(_curves(ax)[0].get_xydata(), [[0.3, 0.5], [0.85, 1.0]])


def test_importance_orders_and_cuts():
    ax = plots.plot_importance([[1, 3], [5, 5], [0, 0]], list("abc"), top=2)
    assert [bar.get_width() for bar in ax.patches] == [5, 2]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a"]
    assert ax.yaxis_inverted()


def test_drift_colours_alarms():
    ax = plots.plot_drift(REPORT)
    colours = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches]
    assert colours == [COLOURS["red"], COLOURS["pale"]]
    assert ax.get_title(loc="left") == "1 of 2 features has drifted"


def test_shift_draws_the_shares_of_both_samples():
    pair = bin_pair(["x", "x", "y"], ["y", "z"])
    ax = plots.plot_shift(["x", "x", "y"], ["y", "z"], name="kind")
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, 100 * np.concatenate(pair.shares()))


def test_funnel_prints_counts_and_names_the_worst_step():
    ax = plots.plot_funnel(pd.Series({"seen": 1000, "clicked": 100, "bought": 0, "kept": 0}))
    assert ax.get_title(loc="left") == "clicked → bought loses most: 0 % go on"
    assert [t.get_text().strip() for t in ax.texts][:2] == ["1,000", "100  (10 %)"]
    assert plots.plot_funnel({"all": 3}).get_title(loc="left") == "One stage: all"


def test_profit_marks_the_best_point_within_the_budget():
    profit = [1.0, 3.0, 2.0, 5.0]
    ax = plots.plot_profit({"model": profit, "random": [0, 0, 0, 0]}, budget=3, unit="€")
    assert ax.get_title(loc="left") == "model: treat 2, for 3 €"
    best = next(line for line in ax.lines if line.get_label() == "best within the budget")
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (2, 3.0)
    np.testing.assert_allclose(_curves(ax)[0].get_ydata(), [0, *profit])


def test_profit_says_when_nobody_is_worth_treating():
    ax = plots.plot_profit({"model": [-1, -2]})
    assert ax.get_title(loc="left") == "model: treat nobody, every number loses money"
    assert not any(str(line.get_label()).startswith("best") for line in ax.lines)


def test_sensitivity_writes_a_sign_into_every_cell():
    ax = plots.plot_sensitivity(WORLDS, unit="$")
    assert [text.get_text() for text in ax.texts] == ["-1,200", "+0", "+0", "+80"]
    assert ax.get_title(loc="left") == "1 of 4 cells below zero [$]"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("share saved", "price [$]")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]


def test_backtest_draws_each_origin_and_its_band():
    dated = BACKTEST.assign(
        time=pd.to_datetime("2026-01-01") + pd.to_timedelta(BACKTEST["time"], "D"),
        origin=pd.to_datetime("2026-01-01") + pd.to_timedelta(BACKTEST["origin"], "D"),
        lower=1.0,
        upper=3.0,
    )
    history = pd.Series(np.arange(7.0), index=pd.date_range("2026-01-01", periods=7))
    ax = plots.plot_backtest(dated, history)
    assert len(_curves(ax)) == 2 and len(ax.collections) == 2
    assert ax.get_title(loc="left") == "Mean absolute error 1 over 2 forecasts"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.plot_importance([1, 2], ["a"]), "one row for each of the 1 names"),
        (lambda: plots.plot_importance([], []), "importances"),
        (lambda: plots.plot_importance([np.nan], ["a"]), "importances hold NaN"),
        (lambda: plots.plot_importance([1], ["a"], top=0), "top must be at least 1"),
        (lambda: plots.plot_drift(REPORT.drop(columns="psi")), "missing columns: .'psi'."),
        (lambda: plots.plot_drift(REPORT.iloc[:0]), "at least one row"),
        (lambda: plots.plot_drift(REPORT, top=0), "top must be at least 1"),
        (lambda: plots.plot_funnel({}), "stages holds 0 values"),
        (lambda: plots.plot_funnel({"a": -1}), "stages holds a negative count"),
        (lambda: plots.plot_profit({}), "curves is empty"),
        (lambda: plots.plot_profit({"a": []}), "curves.'a'. holds 0 values"),
        (lambda: plots.plot_profit({"a": [1]}, budget=0), "budget must be at least 1"),
        (lambda: plots.plot_sensitivity(WORLDS.iloc[:0]), "at least one cell"),
        (lambda: plots.plot_sensitivity(WORLDS / 0), "finite numbers"),
        (lambda: plots.plot_backtest(BACKTEST.iloc[:0]), "at least one row"),
        (lambda: plots.plot_backtest(BACKTEST.drop(columns="origin")), "missing columns"),
    ],
)
def test_bad_input_names_the_argument(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
