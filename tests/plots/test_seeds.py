"""The picture of many seeds: every run is drawn, and the title says who leads."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from mlsd_kit.plots.seeds import plot_seeds


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


RUNS = pd.DataFrame({"rule": [0.5, 0.6, 0.7], "model": [0.9, 0.55, 0.8]})


def test_one_dot_a_seed_and_the_mean():
    dots, mean = plot_seeds(RUNS, unit="AUC").lines[:2]
    np.testing.assert_allclose(dots.get_xdata(), RUNS["rule"])
    np.testing.assert_allclose(mean.get_xdata(), RUNS["rule"].mean())


def test_first_method_on_top():
    ax = plot_seeds(RUNS, unit="AUC")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["rule", "model"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_title_counts_the_seeds_led():
    title = plot_seeds(RUNS, unit="AUC").get_title(loc="left")
    assert title == "model has the highest mean, and leads in 2 of 3 seeds"


def test_baseline_is_named():
    ax = plot_seeds(RUNS, unit="AUC", baseline=0.5, baseline_name="chance")
    assert ax.get_legend().get_texts()[0].get_text() == "chance"


def test_missing_runs_are_left_out():
    dots = plot_seeds({"a": [1.0, np.nan, 3.0]}, unit="x").lines
    assert dots[1].get_xdata()[0] == 2.0


def test_input_is_not_changed():
    before = RUNS.copy()
    plot_seeds(RUNS, unit="AUC")
    pd.testing.assert_frame_equal(RUNS, before)


@pytest.mark.parametrize("runs", [{}, {"a": [np.nan, np.nan]}, {"a": []}])
def test_nothing_to_draw(runs):
    with pytest.raises(ValueError, match="at least one method"):
        plot_seeds(runs, unit="x")
