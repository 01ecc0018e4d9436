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
#     headline:
#     - '5,000 rows: repetitions in which boosting beats the linear model'
#     - '300 rows: repetitions in which a brake beats the defaults'
#     - 'longer flights: error of boosting / of a constant'
#     question: What is gradient boosting, and when would you not use it?
#     sabotages:
#     - name: shuffled labels for boosting, people
#       replace: model.fit(A, rich[train])
#       with: model.fit(A, rich[train] if name == "linear" else rich[rows[-size:]])
#     - name: shuffled labels for the linear model, people
#       replace: model.fit(A, rich[train])
#       with: model.fit(A, rich[train] if name != "linear" else rich[rows[-size:]])
#     - name: 'a leaked column: the answer among the numbers'
#       replace: select_dtypes("number").to_numpy(float)
#       with: select_dtypes("number").assign(leak=rich).to_numpy(float)
#     - name: a brake that does not brake
#       replace: 'braked": LGBMClassifier(num_leaves=2, min_child_samples=5, '
#       with: 'braked": LGBMClassifier('
#     - name: stumps that end as early as the trees
#       replace: 'n_estimators=1000, '
#       with: ''
#     - name: shuffled labels for boosting, flights
#       replace: trees = LGBMRegressor(**QUIET).fit(A, b)
#       with: trees = LGBMRegressor(**QUIET).fit(A, np.random.default_rng(0).permutation(b))
#     - name: a training range without a border
#       replace: 'short, longer = sample.query("distance < @BORDER"), '
#       with: 'short, longer = sample, '
#     - name: a mixture in which nothing is boosted
#       replace: line.predict(rows) + rest.predict(rows)
#       with: line.predict(rows)
#     - name: a mixture without the line
#       replace: line.predict(rows) + rest.predict(rows)
#       with: trees.predict(rows)
#     - name: a constant model in place of the neighbours
#       replace: KNeighborsClassifier(3)
#       with: KNeighborsClassifier(1200)
#     seconds: 25
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
# **Predict first.** Four contests, each repeated on new rows. Who wins: (a) a table of 5,000
# people, boosting or a linear model; (b) the same table, 100 people; (c) flights longer than any in
# training, boosting or a straight line; (d) digits from pixels, boosting or nearest neighbours?

# %%
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from scipy import stats
from sklearn.tree import DecisionTreeRegressor

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LinearRegression, LogisticRegression
from mlsd_kit.metrics import accuracy_score, mean_absolute_error, roc_auc_score
from mlsd_kit.neighbors import KNeighborsClassifier
from mlsd_kit.plots.seeds import plot_seeds
from mlsd_kit.preprocessing import OneHotEncoder, StandardScaler

# %% tags=["parameters"]
SEED = 0  # another value: other rows in every repetition
REPEATS = 10  # repetitions of every contest: new training and test rows in each
SIZES = [50, 100, 300, 1000, 5000]  # people in the training table
TEST = 4000  # people held out
BORDER = 1000  # miles: shorter flights train, longer ones test

# %% [markdown]
# ## The method in six lines
#
# Boosting is gradient descent with trees as steps. For squared error the downhill direction is the
# residual, so: start at the mean, fit a small tree to what is still wrong, add a tenth of it, repeat.

# %%
COLUMNS = ["distance", "month", "hour", "air_time"]
flights = data.load("flights").dropna(subset="air_time")[COLUMNS].astype(float)
some = flights.sample(2000, random_state=0)
F, minutes = some[["distance", "month", "hour"]].to_numpy(), some["air_time"].to_numpy()


def boosted(F, minutes):
    guess = np.full(len(F), minutes.mean())
    for _ in range(50):
        tree = DecisionTreeRegressor(max_depth=2, random_state=0).fit(F, minutes - guess)
        guess += 0.1 * tree.predict(F)
    return guess


fitted = boosted(F, minutes)

# %% [markdown]
# The library's estimator walks the same path.

# %%
from sklearn.ensemble import GradientBoostingRegressor as Twin

twin = Twin(n_estimators=50, learning_rate=0.1, max_depth=2)
np.testing.assert_allclose(fitted, twin.fit(F, minutes).predict(F), rtol=1e-9)
spread, rest = np.abs(minutes - minutes.mean()).mean(), mean_absolute_error(minutes, fitted)
print(f"mean absolute error on its training rows: {spread:.0f} minutes before, {rest:.0f} after")

# %% [markdown]
# Two consequences to keep in mind. Each step is a *difference of leaf averages*: the sum is a
# staircase, constant beyond the outermost rows. And each tree splits on *one column at a time*: it
# needs columns that mean something alone.
#
# ## Contests (a) and (b): a table of people, large and small
#
# Does somebody earn more than 50,000 dollars? Real census rows; categories become indicators. Four
# candidates, settings fixed in advance: a linear model, boosting with the library's defaults, boosting
# with a brake (stumps of two leaves, so no interactions), and the same stumps for ten times the rounds.

# %%
people = data.load("adult")
rich = people.pop("income").str.contains(">50K").to_numpy().astype(int)
QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)
candidates = {
    "linear": LogisticRegression(),
    "boosting": LGBMClassifier(**QUIET),
    "boosting, braked": LGBMClassifier(num_leaves=2, min_child_samples=5, **QUIET),
    "many stumps": LGBMClassifier(n_estimators=1000, num_leaves=2, min_child_samples=5, **QUIET),
}

# %%
numbers = people.select_dtypes("number").to_numpy(float)
texts = people.select_dtypes(exclude="number")
indicators = OneHotEncoder(sparse_output=False).fit_transform(texts)  # learns names only


seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)


def contest(seed, size):
    rows = np.random.default_rng(seed).permutation(len(people))
    train, test = rows[:size], rows[-TEST:]
    scaler = StandardScaler().fit(numbers[train])
    A, B = (np.hstack([scaler.transform(numbers[i]), indicators[i]]) for i in (train, test))
    return {
        name: roc_auc_score(rich[test], model.fit(A, rich[train]).predict_proba(B)[:, 1])
        for name, model in candidates.items()
    }


runs = {size: pd.DataFrame([contest(seed, size) for seed in seeds]) for size in SIZES}
curve = pd.DataFrame({size: run.mean() for size, run in runs.items()}).T.rename_axis("rows")
curve.round(3)

# %% tags=["key-figure"]
COLOURS = dict(zip(candidates, plots.PALETTE, strict=False))
title = "Census: ROC-AUC by number of training rows"
ax = plots.style.frame(None, title=title, xlabel="training rows", ylabel="ROC-AUC on test")
for (name, colour), mark in zip(COLOURS.items(), "os^D", strict=True):
    ax.plot(SIZES, curve[name], f"{mark}-", color=colour, label=name)
    low, high = (np.array([run[name].quantile(q) for run in runs.values()]) for q in (0.1, 0.9))
    ax.fill_between(SIZES, low, high, color=colour, alpha=0.15, lw=0)
ax.set_xscale("log")
ax.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
_ = ax.legend(frameon=False, title=f"mean of {REPEATS},\nband: 10 to 90 %", loc="lower right")


# %%
def wins(size, name, other):
    return (runs[size][name] > runs[size][other]).mean()


def upper(values):
    # of the 95 % interval of the mean over the repetitions, by Student's t
    return np.mean(values) + stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


claim(
    "5,000 rows: repetitions in which boosting beats the linear model",
    wins(5000, "boosting", "linear"),
    at_least=0.9,
    why="To recommend the dearer model we want to see it win in nine repetitions of ten.",
)
lead = {name: runs[5000]["boosting"] - runs[5000][name] for name in ("linear", "many stumps")}
claim(
    "5,000 rows: lead over many stumps - a third of the lead over the linear model, upper end",
    upper(lead["many stumps"] - lead["linear"] / 3),
    at_most=0,
    why="If interactions mattered, more than a third of that lead would be left over stumps.",
)
claim(
    "100 rows: ROC-AUC, boosting - linear, upper end",
    upper(runs[100]["boosting"] - runs[100]["linear"]),
    at_most=0,
    why="Below zero the linear model is ahead, and the order has turned with the number of rows.",
)
claim(
    "300 rows: repetitions in which a brake beats the defaults",
    wins(300, "boosting, braked", "boosting"),
    at_least=0.9,
    why="To recommend the brake we want to see it win in nine repetitions of ten.",
)

# %% [markdown]
# With thousands of rows the defaults win. The first trap is to credit interactions: a sum of stumps has
# none, and with enough rounds it is nearly as good. What the trees have found are bends and jumps of single
# columns, where the linear model has a straight line; [bins](simple_vs_complex.ipynb) give it a part of
# them. With a hundred rows the defaults lose, and so do many stumps. These differ from the braked ones only
# in the number of rounds, so fewer rounds are what helps. The second trap is to conclude that boosting is bad on small data: the braked version is boosting too, and from some hundred rows on
# it keeps up with the linear model. Few rows ask for few effective parameters, whatever the family.
#
# ## Contest (c): beyond the training range
#
# An airline has flown short routes and plans long ones. Train below the border, predict the minutes
# in the air beyond it. The straight line is a poor model *inside* the range. And outside? Beside the
# models stands a constant: the mean of the twentieth of training flights next to the border.

# %%
INPUTS = ["distance", "month", "hour"]


def fly(seed):
    sample = flights.sample(12_000, random_state=seed)
    short, longer = sample.query("distance < @BORDER"), sample.query("distance >= @BORDER")
    A, b = short[:4000][INPUTS].to_numpy(), short[:4000]["air_time"].to_numpy()
    line = LinearRegression().fit(A, b)
    trees = LGBMRegressor(**QUIET).fit(A, b)
    rest = LGBMRegressor(**QUIET).fit(A, b - line.predict(A))
    farthest = A[:, 0] >= np.quantile(A[:, 0], 0.95)  # the twentieth next to the border
    models = {
        "line": line.predict,
        "boosting": trees.predict,
        "line + boosted rest": lambda rows: line.predict(rows) + rest.predict(rows),
    }
    return models, {"same range": short[4000:], "longer": longer}, b[farthest].mean()


# %%
def misses(seed):
    models, places, constant = fly(seed)
    found = {
        (place, name): mean_absolute_error(rows["air_time"], predict(rows[INPUTS].to_numpy()))
        for place, rows in places.items()
        for name, predict in models.items()
    }
    beyond = places["longer"]["air_time"]
    return found | {
        ("longer", "constant"): mean_absolute_error(beyond, np.full(len(beyond), constant))
    }


minutes_off = pd.DataFrame({seed: misses(seed) for seed in seeds}).T.sort_index(axis=1)
minutes_off.mean().unstack().round(1)  # mean absolute error [minutes]

# %%
models, places, constant = fly(seeds[0])
flown = pd.concat(list(places.values())).sort_values("distance")
ax = plots.style.frame(
    None,
    title="Beyond the longest training flight boosting stays constant",
    xlabel="distance [miles]",
    ylabel="time in the air [minutes]",
)
ax.plot(flown["distance"], flown["air_time"], ".", color=plots.COLOURS["pale"], ms=3, label="flown")
miles = np.arange(100, 5000, 20)
grid = np.column_stack([miles, np.full_like(miles, 6), np.full_like(miles, 12)])
for hue, dash, (model, predict) in zip(
    plots.PALETTE, ["-", "--", "-."], models.items(), strict=False
):
    ax.plot(miles, predict(grid), dash, color=hue, label=model, lw=2)
ax.axvline(BORDER, ls=":", color=plots.COLOURS["grey"], lw=1, label="end of the training range")
_ = ax.legend(frameon=False)

# %%
inside, outside = minutes_off["same range"], minutes_off["longer"]
claim(
    "same range: repetitions in which boosting beats the line",
    (inside["boosting"] < inside["line"]).mean(),
    at_least=0.9,
    why="Inside the range it must win in nine repetitions of ten, or the border would not be the reason.",
)
claim(
    "longer flights: error of boosting / of a constant",
    outside["boosting"].mean() / outside["constant"].mean(),
    between=(0.9, 1.1),
    why="A sum of leaf averages is constant beyond its last split; a tenth is left for month and hour.",
)
claim(
    "longer flights: repetitions in which the line beats boosting",
    (outside["line"] < outside["boosting"]).mean(),
    at_least=0.9,
    why="To recommend the line out there we want to see it win in nine repetitions of ten.",
)
claim(
    "same range: repetitions in which the mixture beats the line",
    (inside["line + boosted rest"] < inside["line"]).mean(),
    at_least=0.9,
    why="The cure must keep what boosting gained inside the range, in nine repetitions of ten.",
)
claim(
    "longer flights: error of the mixture / of the line",
    outside["line + boosted rest"].mean() / outside["line"].mean(),
    at_most=1.1,
    why="Safe beyond the border means that the mixture loses at most a tenth against the line there.",
)

# %% [markdown]
# A random split holds "same range" rows only, so it would have chosen boosting, confidently. Time is
# the usual axis on which this happens: next year's prices lie outside this year's. Cures: model the
# trend and boost the rest; or predict a ratio (minutes per mile) that has no trend.
#
# ## Contest (d): columns that mean nothing alone
#
# A pixel says little; a shape is many pixels at once. One split looks at one pixel. Each tree here is
# allowed part of the pixels, so that the trees differ more.

# %%
from sklearn.datasets import load_digits

pixels, digit = load_digits(return_X_y=True)


def read(seed):
    rows = np.random.default_rng(seed).permutation(len(digit))
    train, test = rows[:1200], rows[1200:]
    readers = {
        "boosting": LGBMClassifier(colsample_bytree=0.3, **QUIET),  # pixels a tree may look at
        "3 nearest neighbours": KNeighborsClassifier(3),
    }
    return {
        name: accuracy_score(
            digit[test], model.fit(pixels[train], digit[train]).predict(pixels[test])
        )
        for name, model in readers.items()
    }


digits = pd.DataFrame([read(seed) for seed in seeds])
look = {
    "colours": plots.PALETTE[1:],
    "title": "Digits from pixels: neighbours against boosted splits",
}
_ = plot_seeds(digits, unit="accuracy on held-out digits", **look)

# %%
claim(
    "digits: mean error of boosting / of three neighbours",
    (1 - digits["boosting"].mean()) / (1 - digits["3 nearest neighbours"].mean()),
    at_least=1.25,
    why="We advise against boosting on pixels if it makes at least a quarter more errors.",
)

# %% [markdown]
# Images, sound and text go to models that build their own features (or to boosting *on* such
# features: embeddings are columns again).
#
# <details><summary><b>The two-minute answer</b></summary>
#
# Boosting adds small trees, each fitted to the gradient of the loss at the current prediction; rate,
# number and size of trees trade bias for variance. On tables with thousands of rows, mixed scales and
# columns whose effect bends or jumps it is the first strong model to try. I would not use it, or not
# alone, (1) with few rows: a linear model or a strongly braked booster; (2) where the future lies
# outside the training range: detrend first; (3) on raw pixels, sound, text: learned features;
# (4) where a linear model is as good and somebody must read it. I would always run the linear model
# beside it: it costs seconds and tells which case I am in.
# </details>
#
# You have seen
#
# - boosting written out, equal to the library's;
# - a crossing of learning curves: bends need rows, and with enough rounds stumps find them;
# - a staircase that stops at the border, and pixels that no single split can read.
#
# **Where it matters:** [churn](../customers/churn.ipynb) compares boosting with a linear model in
# dollars, and ships the simpler one. **Practise:** `mlsd check gradient_descent`
# ([task](../../exercises/coding/gradient_descent/task.md)), the same descent with a vector as step.
