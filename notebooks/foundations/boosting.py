# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   mlsd:
#     asked:
#     - gradient boosting from scratch
#     - when boosting is the wrong choice
#     - small data
#     - extrapolation
#     datasets:
#     - adult
#     - flights
#     extras: []
#     question: What is gradient boosting, and when would you not use it?
#     seconds: 15
#     title: Boosting, and when it is the wrong choice
# ---

# %% [markdown]
# # Boosting, and when it is the wrong choice
#
# *"You reach for gradient boosting. How does it work, and when would you not?"*
#
# At the end you will be able to
#
# - write gradient boosting in a few lines, and say what each tree is fitted to;
# - say from how many rows on it pays on a table, and what to do below that;
# - recognise two problems where no number of rows helps, and name the cure.
#
# **Predict first.** Four contests, each repeated under ten seeds. Who wins: (a) a table of 5,000
# people, boosting or a linear model; (b) the same table, 100 people; (c) flights longer than any in
# training, boosting or a straight line; (d) digits from pixels, boosting or nearest neighbours?

# %%
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.tree import DecisionTreeRegressor

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LinearRegression, LogisticRegression
from mlsd_kit.metrics import accuracy_score, mean_absolute_error, roc_auc_score
from mlsd_kit.neighbors import KNeighborsClassifier
from mlsd_kit.plots.seeds import plot_seeds
from mlsd_kit.preprocessing import OneHotEncoder, StandardScaler

# %% tags=["parameters"]
SEEDS = 10  # repetitions of every contest: new training and test rows in each
SIZES = [50, 100, 300, 1000, 5000]  # people in the training table
TEST = 4000  # people held out
BORDER = 1000  # miles: shorter flights train, longer ones test

# %% [markdown]
# ## The method in six lines
#
# Boosting is gradient descent with trees as steps. For squared error the downhill direction is the
# residual, so: start at the mean, fit a small tree to what is still wrong, add a tenth of it, repeat.

# %%
flights = data.load("flights").dropna(subset="air_time")[["distance", "month", "hour", "air_time"]]
flights = flights.astype(float)
some = flights.sample(2000, random_state=0)
F, minutes = some[["distance", "month", "hour"]].to_numpy(), some["air_time"].to_numpy()

guess = np.full(len(F), minutes.mean())
for _ in range(50):
    tree = DecisionTreeRegressor(max_depth=2, random_state=0).fit(F, minutes - guess)
    guess += 0.1 * tree.predict(F)

# %% [markdown]
# The library's estimator walks the same path.

# %%
from sklearn.ensemble import GradientBoostingRegressor as Twin

twin = Twin(n_estimators=50, learning_rate=0.1, max_depth=2)
np.testing.assert_allclose(guess, twin.fit(F, minutes).predict(F), rtol=1e-9)
spread, rest = np.abs(minutes - minutes.mean()).mean(), mean_absolute_error(minutes, guess)
print(f"mean absolute error on its training rows: {spread:.0f} minutes before, {rest:.0f} after")

# %% [markdown]
# Two consequences to keep in mind. Each step is a *difference of leaf averages*: the sum is a
# staircase, constant beyond the outermost rows. And each tree splits on *one column at a time*: it
# needs columns that mean something alone.
#
# ## Contests (a) and (b): a table of people, large and small
#
# Does somebody earn more than 50,000 dollars? Real census rows; categories become indicators. Three
# candidates, settings fixed in advance: a linear model, boosting with the library's defaults, and
# boosting with a brake (stumps of two leaves, so no interactions).

# %%
people = data.load("adult")
rich = people.pop("income").str.contains(">50K").to_numpy().astype(int)
QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)
candidates = {
    "linear": LogisticRegression(),
    "boosting": LGBMClassifier(**QUIET),
    "boosting, braked": LGBMClassifier(num_leaves=2, min_child_samples=5, **QUIET),
}

# %%
numbers = people.select_dtypes("number").to_numpy(float)
texts = people.select_dtypes(exclude="number")
indicators = OneHotEncoder(sparse_output=False).fit_transform(texts)  # learns names only


def contest(seed, size):
    rows = np.random.default_rng(seed).permutation(len(people))
    train, test = rows[:size], rows[-TEST:]
    scaler = StandardScaler().fit(numbers[train])
    A, B = (np.hstack([scaler.transform(numbers[i]), indicators[i]]) for i in (train, test))
    return {
        name: roc_auc_score(rich[test], model.fit(A, rich[train]).predict_proba(B)[:, 1])
        for name, model in candidates.items()
    }


runs = {size: pd.DataFrame([contest(seed, size) for seed in range(SEEDS)]) for size in SIZES}
curve = pd.DataFrame({size: run.mean() for size, run in runs.items()}).T.rename_axis("rows")
curve.round(3)

# %% tags=["key-figure"]
COLOURS = dict(zip(candidates, plots.PALETTE, strict=False))
title = "The defaults need thousands of rows; braked, hundreds do"
ax = plots.style.frame(None, title=title, xlabel="training rows", ylabel="ROC-AUC on test")
for name, colour in COLOURS.items():
    ax.plot(SIZES, curve[name], "o-", color=colour, label=name)
    low, high = (np.array([run[name].quantile(q) for run in runs.values()]) for q in (0.1, 0.9))
    ax.fill_between(SIZES, low, high, color=colour, alpha=0.15, lw=0)
ax.set_xscale("log")
ax.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
_ = ax.legend(frameon=False, title="mean, and 8 of 10 seeds", loc="lower right")


# %%
def wins(size, name, other):
    return (runs[size][name] > runs[size][other]).mean()


large, small = wins(5000, "boosting", "linear"), wins(100, "boosting", "linear")
braked = wins(300, "boosting, braked", "boosting")
claim("5,000 rows: share of seeds won by boosting", large, at_least=0.9, why="against linear")
claim("100 rows: the same share", small, at_most=0.2, why="leaves of 20 rows: few splits")
claim("300 rows: the brake beats the defaults", braked, at_least=0.9, why="fewer things to learn")

# %% [markdown]
# With thousands of rows the interactions that trees find are real, and the defaults win. With
# a hundred, leaves of twenty rows leave room for few splits. The trap is to conclude that boosting
# is bad on small data: the braked version is boosting too, and from some hundred rows on it keeps
# up with the linear model. Few rows ask for few effective parameters, whatever the family.
#
# ## Contest (c): beyond the training range
#
# An airline has flown short routes and plans long ones. Train below the border, predict the minutes
# in the air beyond it. The straight line is a poor model *inside* the range. And outside?

# %%
INPUTS = ["distance", "month", "hour"]


def fly(seed):
    sample = flights.sample(12_000, random_state=seed)
    short, longer = sample.query("distance < @BORDER"), sample.query("distance >= @BORDER")
    A, b = short[:4000][INPUTS].to_numpy(), short[:4000]["air_time"].to_numpy()
    line = LinearRegression().fit(A, b)
    trees = LGBMRegressor(**QUIET).fit(A, b)
    rest = LGBMRegressor(**QUIET).fit(A, b - line.predict(A))
    models = {
        "line": line.predict,
        "boosting": trees.predict,
        "line + boosted rest": lambda rows: line.predict(rows) + rest.predict(rows),
    }
    return models, {"same range": short[4000:], "longer": longer}


# %%
def misses(seed):
    models, places = fly(seed)
    return {
        (place, name): mean_absolute_error(rows["air_time"], predict(rows[INPUTS].to_numpy()))
        for place, rows in places.items()
        for name, predict in models.items()
    }


minutes_off = pd.DataFrame([misses(seed) for seed in range(SEEDS)])
minutes_off = minutes_off.set_axis(pd.MultiIndex.from_tuples(minutes_off), axis=1)
minutes_off.mean().unstack().round(1)  # mean absolute error [minutes]

# %%
models, places = fly(0)
flown = pd.concat(list(places.values())).sort_values("distance")
title = "Past the longest flight it knows, boosting predicts that flight"
ax = plots.style.frame(None, title=title, xlabel="distance [miles]", ylabel="time in the air [min]")
ax.plot(flown["distance"], flown["air_time"], ".", color=plots.COLOURS["pale"], ms=3, label="flown")
grid = np.column_stack([np.arange(100, 2700, 20), np.full(130, 6), np.full(130, 12)])
for colour, (name, predict) in zip(plots.PALETTE, models.items(), strict=False):
    ax.plot(grid[:, 0], predict(grid), color=colour, label=name, lw=2)
ax.axvline(BORDER, ls="--", color=plots.COLOURS["grey"], lw=1, label="end of the training range")
_ = ax.legend(frameon=False)

# %%
inside, outside = minutes_off["same range"], minutes_off["longer"]
better_in = (inside["boosting"] < inside["line"]).mean()
worse_out = (outside["boosting"] > 3 * outside["line"]).mean()
cured_in = (inside["line + boosted rest"] < inside["line"]).mean()
cured_out = (outside["line + boosted rest"] < 1.1 * outside["line"]).mean()
claim("same range: share of seeds won by boosting", better_in, at_least=0.9, why="against the line")
claim("longer: its error is over 3 x the line's", worse_out, at_least=0.9, why="constant out there")
claim("the mixture beats the line in range", cured_in, at_least=0.9, why="the rest is boosted")
claim("and keeps within 10 % of it beyond", cured_out, at_least=0.9, why="the line carries the trend")

# %% [markdown]
# A random split holds "same range" rows only, so it would have chosen boosting, confidently. Time is
# the usual axis on which this happens: next year's prices lie outside this year's. Cures: model the
# trend and boost the rest; or predict a ratio (minutes per mile) that has no trend.
#
# ## Contest (d): columns that mean nothing alone
#
# A pixel says little; a shape is many pixels at once. One split looks at one pixel.

# %%
from sklearn.datasets import load_digits

pixels, digit = load_digits(return_X_y=True)


def read(seed):
    rows = np.random.default_rng(seed).permutation(len(digit))
    train, test = rows[:1200], rows[1200:]
    readers = {
        "boosting": LGBMClassifier(n_estimators=60, num_leaves=15, **QUIET),
        "3 nearest neighbours": KNeighborsClassifier(3),
    }
    return {
        name: accuracy_score(digit[test], model.fit(pixels[train], digit[train]).predict(pixels[test]))
        for name, model in readers.items()
    }


digits = pd.DataFrame([read(seed) for seed in range(SEEDS)])
look = {"colours": plots.PALETTE[1:], "title": "Pixels: distance beats splits"}
_ = plot_seeds(digits, unit="accuracy on held-out digits", **look)

# %%
lost = (digits["boosting"] < digits["3 nearest neighbours"]).mean()
claim("share of seeds lost to three neighbours", lost, at_least=0.9, why="shapes are not columns")

# %% [markdown]
# Images, sound and text go to models that build their own features (or to boosting *on* such
# features: embeddings are columns again).
#
# <details><summary><b>The two-minute answer</b></summary>
#
# Boosting adds small trees, each fitted to the gradient of the loss at the current prediction; rate,
# number and size of trees trade bias for variance. On tables with thousands of rows, mixed scales,
# missing cells and interactions it is the first strong model to try. I would not use it, or not
# alone, (1) with few rows: a linear model or a strongly braked booster; (2) where the future lies
# outside the training range: detrend first; (3) on raw pixels, sound, text: learned features;
# (4) where a linear model is as good and somebody must read it. I would always run the linear model
# beside it: it costs seconds and tells which case I am in.
# </details>
#
# You have seen
#
# - boosting written out, equal to the library's;
# - a crossing of learning curves: interactions need rows, a brake stands in for them;
# - a staircase that stops at the border, and pixels that no single split can read.
#
# **Where it matters:** [churn](../customers/churn.ipynb) compares boosting with a linear model in
# dollars, and ships the simpler one. **Practise:** `mlsd check gradient_descent`
# ([task](../../exercises/coding/gradient_descent/task.md)), the same descent with a vector as step.
