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
#     - bagging vs boosting
#     - bias and variance measured
#     - random forests
#     - noisy labels
#     datasets:
#     - flights
#     extras: []
#     question: Bagging or boosting, what does each do to bias and variance, and which
#       would you take?
#     seconds: 20
#     title: Bagging or boosting, by bias and variance measured
# ---

# %% [markdown]
# # Bagging or boosting, by bias and variance measured
#
# *"What is the difference between bagging and boosting, and which would you take?"*
#
# At the end you will be able to
#
# - measure bias² and variance instead of reciting them;
# - say why an average of trees stops improving, from one number: how alike the trees are;
# - say which of the two stands noisy labels better, and under which condition.
#
# **Predict first.** Bagging averages models fitted to resampled rows, boosting adds models fitted to
# what is still wrong. (a) Does bagging help a deep tree? a stump? a straight line? (b) Trees that
# may look at fewer columns are less alike; is their average better? (c) Labels get noisy: who
# suffers more?

# %%
import numpy as np
import pandas as pd
import sklearn
from lightgbm import LGBMRegressor
from sklearn.tree import DecisionTreeRegressor

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LinearRegression

sklearn.set_config(assume_finite=True, skip_parameter_validation=True)  # thousands of small fits

# %% tags=["parameters"]
SEEDS = 10  # repetitions of the whole measurement
SETS = 6  # training sets behind each bias and variance
ROWS, TEST = 300, 400  # flights in a training set; flights predicted
BAGS = 20  # trees in an average
NOISE = [0, 40, 80]  # minutes of noise added to the training labels (standard deviation)

# %% [markdown]
# ## How to measure it
#
# With one training set bias and variance cannot be told apart. With several, at the same test rows,
#
# $$\mathbb E\,(y-\hat f)^2 = \underbrace{(y-\mathbb E \hat f)^2}_{\text{noise + bias}^2} + \underbrace{\operatorname{Var} \hat f}_{\text{variance}}$$
#
# Three hundred thousand flights are enough to draw training sets that share no row: no bootstrap
# stands in for the population. We predict minutes in the air. The two routes to Hawaii are left
# out, since a few such rows would decide every mean of squares.

# %%
flights = data.load("flights").dropna(subset="air_time").query("distance < 3000")
X = flights[["distance", "month", "hour", "day", "flight"]].to_numpy(float)
y = flights["air_time"].to_numpy(float)


def draw(seed, sets=SETS):
    """A test set, and training sets that share no row with it or with each other."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))[: TEST + sets * ROWS]
    return rows[:TEST], rows[TEST:].reshape(sets, ROWS), rng


# %% [markdown]
# Bagging in four lines. Boosting is written out in [its own notebook](boosting.ipynb); here the
# library's, with trees of four leaves.

# %%
def bag(A, b, T, rng, make):
    """Prediction of each of BAGS models, every one fitted to rows drawn with replacement."""
    picks = rng.integers(0, len(A), (BAGS, len(A)))
    return np.array([make().fit(A[i], b[i]).predict(T) for i in picks])


QUIET = dict(n_jobs=1, deterministic=True, force_col_wise=True, verbose=-1)


def boost(A, b, T, rounds):
    model = LGBMRegressor(n_estimators=max(rounds), num_leaves=4, min_child_samples=5, **QUIET).fit(A, b)
    return [model.predict(T, num_iteration=n) for n in rounds]


# %%
def deep(columns=None):
    return DecisionTreeRegressor(max_features=columns, random_state=0)


def shallow():
    return DecisionTreeRegressor(max_depth=2, random_state=0)


# %%
ROUNDS = {"boosted, 30 rounds": 30, "boosted, 100": 100, "boosted, 400": 400}


def predictions(A, b, T, rng):
    alone = {"deep tree": deep(), "shallow tree": shallow(), "line": LinearRegression()}
    averaged = {"bagged deep": deep, "bagged, 2 columns": lambda: deep(2)}
    averaged |= {"bagged shallow": shallow, "bagged line": LinearRegression}
    made = {name: model.fit(A, b).predict(T) for name, model in alone.items()}
    made |= {name: bag(A, b, T, rng, make).mean(axis=0) for name, make in averaged.items()}
    return made | dict(zip(ROUNDS, boost(A, b, T, list(ROUNDS.values())), strict=True))


def decompose(seed):
    test, sets, rng = draw(seed)
    runs = pd.DataFrame([predictions(X[rows], y[rows], X[test], rng) for rows in sets])
    stacks = {name: np.stack(runs[name]) for name in runs}  # (training set, flight)
    variance = {name: p.var(axis=0, ddof=1).mean() for name, p in stacks.items()}
    off = {name: ((p.mean(axis=0) - y[test]) ** 2).mean() for name, p in stacks.items()}
    bias = {name: off[name] - variance[name] / SETS for name in stacks}  # unbiased for few sets
    return pd.DataFrame({"noise + bias²": bias, "variance": variance})


# %%
parts = pd.concat({seed: decompose(seed) for seed in range(SEEDS)}, names=["seed", "model"])
bias, variance = (parts[term].unstack("model") for term in parts)
means = parts.groupby("model", sort=False).mean()
means.assign(sum=means.sum(axis=1)).round(-1).astype(int)  # minutes²

# %% tags=["key-figure"]
names = ["deep tree", "bagged deep", "shallow tree", "bagged shallow", *ROUNDS]
title = "Averaging cuts variance; boosting cuts bias, then buys variance"
ax = plots.style.frame(None, title=title, xlabel="squared error [minutes²]", ylabel="", grid="x")
left = means.loc[names, "noise + bias²"]
ax.barh(names, left, color=plots.COLOURS["blue"], label="noise + bias²")
ax.barh(
    names, means.loc[names, "variance"], left=left, color=plots.COLOURS["orange"], label="variance"
)
ax.invert_yaxis()
_ = ax.legend(frameon=False, loc="lower right")

# %%
calmer = (variance["bagged deep"] < variance["deep tree"] / 2).mean()
stuck = (bias["bagged shallow"] > 0.8 * bias["shallow tree"]).mean()
straighter = (bias["boosted, 100"] < 0.8 * bias["shallow tree"]).mean()
restless = (variance["boosted, 400"] > 1.5 * variance["boosted, 30 rounds"]).mean()
idle = ((variance["bagged line"] / variance["line"]).between(0.8, 1.25)).mean()
claim("bagging halves a deep tree's variance: share of seeds", calmer, at_least=0.9, why="averaging")
claim("it leaves 80 % of a shallow tree's bias²", stuck, at_least=0.9, why="same bias, averaged")
claim("boosting shallow trees removes a fifth of it", straighter, at_least=0.9, why="it corrects")
claim("400 rounds vary half again as much as 30", restless, at_least=0.9, why="it follows the sample")
claim("bagging leaves a line's variance within 25 %", idle, at_least=0.9, why="nothing to average out")

# %% [markdown]
# Read the bars in pairs. Bagging moves the orange part only, so it pays for models that are right on
# average and nervous: deep trees. Boosting eats the blue part and slowly grows the orange one: it
# pays for models that are calm and wrong. The line is neither, and bagging it is a waste. (It
# also keeps up with both ensembles: time is distance over speed. Neither replaces a look at the
# problem.)
#
# ## Why an average stops improving
#
# For trees of variance σ² whose predictions correlate by ρ between trees of one forest, the average
# of $B$ has variance $\rho\sigma^2 + (1-\rho)\sigma^2/B$: more trees cannot go below $\rho\sigma^2$.
# Fewer columns per split make trees less alike. Is the average better for it?

# %%
GROUPS = [1, 2, 5, 10, BAGS]


def variance_by_size(seed, columns):
    test, sets, rng = draw(seed)
    each = np.array([bag(X[i], y[i], X[test], rng, lambda: deep(columns)) for i in sets])
    split = {n: each.reshape(SETS, BAGS // n, n, TEST).mean(axis=2) for n in GROUPS}
    return {n: groups.var(axis=0, ddof=1).mean() for n, groups in split.items()}


curves = {
    label: pd.DataFrame([variance_by_size(seed, columns) for seed in range(SEEDS)])
    for label, columns in {"all columns": None, "2 columns": 2}.items()
}
rho = {label: 2 * runs[2] / runs[1] - 1 for label, runs in curves.items()}  # from pairs alone

# %%
title = "Trees of a forest are alike: the average has a floor"
ax = plots.style.frame(None, title=title, xlabel="trees averaged", ylabel="variance [minutes²]")
for colour, (label, runs) in zip(plots.PALETTE, curves.items(), strict=False):
    one, alike = runs[1].mean(), rho[label].mean()
    ax.plot(GROUPS, runs.mean(), "o-", color=colour, label=f"{label}, measured")
    ax.axhline(alike * one, ls="--", color=colour, lw=1, label=f"floor, correlation {alike:.2f}")
ax.set_xticks(GROUPS)
_ = ax.legend(frameon=False)

# %%
law = {
    label: (rho[label] * runs[1] + (1 - rho[label]) * runs[1] / BAGS) / runs[BAGS]
    for label, runs in curves.items()
}
follows = law["all columns"].between(0.85, 1.15).mean()
unlike = (rho["2 columns"] < rho["all columns"]).mean()
total = (bias + variance)["bagged, 2 columns"] / (bias + variance)["bagged deep"]
claim("variance foretold from pairs, within 15 %", follows, at_least=0.9, why="the formula")
claim("fewer columns: less alike", unlike, at_least=0.9, why="what a random forest does")
claim("and yet the larger error", (total > 1).mean(), at_least=0.9, why="one column matters most here")

# %% [markdown]
# The random forest's recipe works as advertised, and loses: trees kept from the distance at half
# their splits are less alike *and* wrong. It pays where many columns say similar things. The trap is to
# look at one of the two terms only.
#
# ## Noisy labels
#
# "Labels are noisy, so take the forest." Noise of known size is added to training labels only. Which
# of the four suffers least?

# %%
FIELD = ["bagged deep", "bagged shallow", "boosted, 30 rounds", "boosted, 400"]


def noisy(seed, noise):
    test, sets, rng = draw(seed, sets=3)
    errors = []
    for rows in sets:
        A, b, T = X[rows], y[rows] + noise * rng.standard_normal(ROWS), X[test]
        few, many = boost(A, b, T, [30, 400])
        averages = [bag(A, b, T, rng, make).mean(axis=0) for make in (deep, shallow)]
        errors.append([((p - y[test]) ** 2).mean() for p in (*averages, few, many)])
    return dict(zip(FIELD, np.sqrt(np.mean(errors, axis=0)), strict=True))


error = {n: pd.DataFrame([noisy(seed, n) for seed in range(SEEDS)]) for n in NOISE}
pd.DataFrame({n: runs.mean() for n, runs in error.items()}).round(1)  # minutes, by noise added

# %%
title = "Noise hurts whoever has the more variance, not a family"
ax = plots.style.frame(
    None, title=title, xlabel="noise in training labels [minutes]", ylabel="error on test [minutes]"
)
for colour, name in zip(plots.PALETTE, FIELD, strict=False):
    ax.plot(NOISE, [runs[name].mean() for runs in error.values()], "o-", color=colour, label=name)
_ = ax.legend(frameon=False)

# %%
clean, dirty = error[NOISE[0]], error[NOISE[-1]]
folk = (dirty["bagged deep"] < dirty["boosted, 400"]).mean()
turned = (dirty["bagged deep"] > dirty["boosted, 30 rounds"]).mean()
before = (clean["bagged deep"] < clean["boosted, 30 rounds"]).mean()
claim("noisy: bagging beats 400 rounds", folk, at_least=0.9, why="the rule as it is told")
claim("noisy: 30 rounds beat bagging", turned, at_least=0.9, why="the rule forgets the brake")
claim("clean: bagging beats 30 rounds", before, at_least=0.9, why="there the bias decides")

# %% [markdown]
# <details><summary><b>The two-minute answer</b></summary>
#
# Error is noise plus bias² plus variance. Bagging fits the same nervous model to resampled rows and
# averages: variance falls to ρσ², bias stays, more trees never hurt, and trees train in parallel with
# an out-of-bag estimate for free. Boosting adds small models in sequence, each on the current
# gradient: bias falls, variance grows with the rounds, so it needs a brake (rate, size, early
# stopping) and somebody to set it. With a validation set and clean labels I boost; with noisy
# labels, no time to tune, or wide parallel hardware I bag, or boost for few rounds. "Bagging for
# noise" holds against boosting without its brake. I would measure both: it takes some training sets
# and a table with two columns.
# </details>
#
# You have seen
#
# - the two terms measured on real training sets that share no row;
# - a floor set by how alike the trees are, and decorrelation that cost more than it brought;
# - a folk rule about noise, right against many rounds and wrong against few.
#
# **Where it matters:** [churn](../customers/churn.ipynb) makes the same measurement on
# the probabilities of a classifier. **Practise:** `mlsd check kfold_linear_regression`
# ([task](../../exercises/coding/kfold_linear_regression/task.md)): the folds that choose the number of rounds.
