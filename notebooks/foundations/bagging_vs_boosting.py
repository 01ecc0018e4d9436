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
#     headline:
#     - variance of bagged deep trees / of one deep tree
#     - "share of a shallow tree's bias\xB2 that boosting removes"
#     - 'noisy labels: repetitions in which 30 rounds beat bagging'
#     question: Bagging or boosting, what does each do to bias and variance, and which
#       would you take?
#     sabotages:
#     - name: 'no resampling: all models of an average see the same rows'
#       replace: rng.integers(0, len(A), (BAGS, len(A)))
#       with: np.tile(np.arange(len(A)), (BAGS, 1))
#     - name: 'too few data: bags of twenty rows'
#       replace: (BAGS, len(A))
#       with: (BAGS, 20)
#     - name: averages of deep trees in place of shallow ones
#       replace: '"bagged shallow": shallow'
#       with: '"bagged shallow": deep'
#     - name: boosting that takes no steps
#       replace: min_child_samples=5
#       with: min_child_samples=5, learning_rate=1e-6
#     - name: a forest that looks at all columns at every split
#       replace: 'lambda: deep(2)'
#       with: deep
#     - name: labels to which no noise is added
#       parameter: NOISE
#       value:
#       - 0
#       - 0
#       - 0
#     - name: noise in the labels that are called clean
#       parameter: NOISE
#       value:
#       - 80
#       - 80
#       - 80
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
# - say which of the two is harmed less by noisy labels, and under which condition.
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
SEED = 0  # another value: other flights in every repetition
REPEATS = 10  # repetitions of the whole measurement
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


seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)


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
    model = LGBMRegressor(n_estimators=max(rounds), num_leaves=4, min_child_samples=5, **QUIET)
    model.fit(A, b)
    return [model.predict(T, num_iteration=n) for n in rounds]


# %%
def deep(columns=None):
    return DecisionTreeRegressor(max_features=columns, random_state=0)


def shallow():
    return DecisionTreeRegressor(max_depth=2, random_state=0)


# %%
ROUNDS = {"boosted, 30 rounds": 30, "boosted, 100": 100, "boosted, 400": 400}


def predictions(A, b, T, rng):
    """What each model says, and what each model of an average says."""
    alone = {"deep tree": deep(), "shallow tree": shallow(), "line": LinearRegression()}
    averaged = {"bagged deep": deep, "bagged, 2 columns": lambda: deep(2)}
    averaged |= {"bagged shallow": shallow, "bagged line": LinearRegression}
    made = {name: model.fit(A, b).predict(T) for name, model in alone.items()}
    each = {name: bag(A, b, T, rng, make) for name, make in averaged.items()}
    made |= {name: votes.mean(axis=0) for name, votes in each.items()}
    return made | dict(zip(ROUNDS, boost(A, b, T, list(ROUNDS.values())), strict=True)), each


def decompose(seed):
    test, sets, rng = draw(seed)
    made, each = zip(*(predictions(X[i], y[i], X[test], rng) for i in sets), strict=True)
    stacks = {name: np.stack([one[name] for one in made]) for name in made[0]}  # (set, flight)
    variance = {name: p.var(axis=0, ddof=1).mean() for name, p in stacks.items()}
    off = {name: ((p.mean(axis=0) - y[test]) ** 2).mean() for name, p in stacks.items()}
    bias = {name: off[name] - variance[name] / SETS for name in stacks}  # unbiased for few sets
    votes = {name: np.stack([one[name] for one in each]) for name in each[0]}  # (set, tree, flight)
    return pd.DataFrame({"noise + bias²": bias, "variance": variance}), votes


# %%
parts, votes = {}, {}
for seed in seeds:
    parts[seed], votes[seed] = decompose(seed)
measured = pd.concat(parts, names=["seed", "model"])
means = measured.groupby("model", sort=False).mean()
means.assign(sum=means.sum(axis=1)).round(-1).astype(int)  # minutes²

# %% tags=["key-figure"]
names = ["deep tree", "bagged deep", "shallow tree", "bagged shallow", *ROUNDS]
title = f"Averaging lowers the variance, boosting the bias (mean of {REPEATS} repetitions)"
ax = plots.style.frame(None, title=title, xlabel="squared error [minutes²]", ylabel="", grid="x")
left = means.loc[names, "noise + bias²"]
ax.barh(names, left, color=plots.COLOURS["blue"], label="noise + bias²")
bars = dict(left=left, color=plots.COLOURS["orange"], hatch="///", edgecolor="white", lw=0)
ax.barh(names, means.loc[names, "variance"], label="variance", **bars)
ax.invert_yaxis()
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %%
bias, variance = means["noise + bias²"], means["variance"]
by_seed = measured["variance"].unstack("model")
claim(
    "variance of bagged deep trees / of one deep tree",
    variance["bagged deep"] / variance["deep tree"],
    at_most=0.5,
    why="Whoever fits twenty trees in place of one asks for at least half of the variance in return.",
)
claim(
    "share of a shallow tree's bias² that bagging removes",
    1 - bias["bagged shallow"] / bias["shallow tree"],
    at_most=0.2,
    why="An average has the bias of its members, up to what smaller samples change: we allow a fifth.",
)
claim(
    "share of a shallow tree's bias² that boosting removes",
    1 - bias["boosted, 100"] / bias["shallow tree"],
    at_least=0.5,
    why="We call the bias removed when at least half of it is gone; the noise in it cannot go.",
)
claim(
    "repetitions in which 400 rounds vary more than 30",
    (by_seed["boosted, 400"] > by_seed["boosted, 30 rounds"]).mean(),
    at_least=0.9,
    why="The textbook gives the direction, and nine repetitions in ten must show it.",
)
claim(
    "variance of a bagged line / of one line",
    variance["bagged line"] / variance["line"],
    between=(0.8, 1.25),
    why="A stable model has nothing to average out: a change below a quarter does not pay twenty fits.",
)

# %% [markdown]
# Read the bars in pairs. Bagging lowers the variance (hatched) and hardly moves the rest, so it pays for models that are right on
# average and unstable: deep trees. Boosting lowers the bias and slowly raises the variance: it
# pays for models that are stable and wrong. A line is stable too, and bagging it is a waste. (It
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


def variance_by_size(trees):
    """Variance of an average of n of the trees: (set, tree, flight) -> a number for each n."""
    split = {n: trees.reshape(SETS, BAGS // n, n, TEST).mean(axis=2) for n in GROUPS}
    return {n: groups.var(axis=0, ddof=1).mean() for n, groups in split.items()}


FORESTS = {"all columns": "bagged deep", "2 columns": "bagged, 2 columns"}
curves = {
    label: pd.DataFrame([variance_by_size(votes[seed][name]) for seed in seeds])
    for label, name in FORESTS.items()
}
rho = {label: 2 * curve[2] / curve[1] - 1 for label, curve in curves.items()}  # from pairs alone

# %%
ax = plots.style.frame(
    None,
    title="Trees of a forest are alike: the variance of their average has a floor",
    xlabel="trees averaged",
    ylabel="variance [minutes²]",
)
for colour, mark, dash, (label, curve) in zip(
    plots.PALETTE, "os", ("--", ":"), curves.items(), strict=False
):
    floor = (rho[label] * curve[1]).mean()
    ax.plot(GROUPS, curve.mean(), f"{mark}-", color=colour, label=f"{label}, measured")
    ax.axhline(floor, ls=dash, color=colour, label=f"floor, correlation {rho[label].mean():.2f}")
ax.set_xticks(GROUPS)
ax.set_ylim(bottom=0)
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %%
for columns, size in curves.items():  # the formula, from pairs, against averages of all the trees
    foretold = rho[columns] * size[1] + (1 - rho[columns]) * size[1] / BAGS
    np.testing.assert_allclose(foretold.mean(), size[BAGS].mean(), rtol=0.2)

error = measured.sum(axis=1).unstack("model")
claim(
    "repetitions in which trees that see 2 columns are less alike",
    (rho["2 columns"] < rho["all columns"]).mean(),
    at_least=0.9,
    why="The random forest is built for this, and nine repetitions in ten must show it.",
)
claim(
    "repetitions in which the average of trees that see 2 columns has the larger error",
    (error["bagged, 2 columns"] > error["bagged deep"]).mean(),
    at_least=0.9,
    why="To advise against fewer columns here, we want to see them lose in nine repetitions of ten.",
)

# %% [markdown]
# Fewer columns do what they should, and the forest still loses: trees that often may not split on the
# distance are less alike *and* wrong (each varies far more). It pays where many columns say similar things. The trap is to
# look at one of the two terms only.
#
# ## Noisy labels
#
# "Labels are noisy, so take the forest." Noise of known size is added to training labels only. Which
# of the four suffers least?

# %%
FIELD = ["bagged deep", "bagged shallow", "boosted, 30 rounds", "boosted, 400"]


def noisy(seed, noise):
    test, sets, rng = draw(seed, sets=2)
    errors = []
    for rows in sets:
        A, b, T = X[rows], y[rows] + noise * rng.standard_normal(ROWS), X[test]
        few, many = boost(A, b, T, [30, 400])
        averages = [bag(A, b, T, rng, make).mean(axis=0) for make in (deep, shallow)]
        errors.append([((p - y[test]) ** 2).mean() for p in (*averages, few, many)])
    return dict(zip(FIELD, np.sqrt(np.mean(errors, axis=0)), strict=True))


runs = [pd.DataFrame([noisy(seed, noise) for seed in seeds]) for noise in NOISE]
rmse = pd.DataFrame({noise: run.mean() for noise, run in zip(NOISE, runs, strict=True)})
rmse.round(1)  # minutes

# %%
ax = plots.style.frame(
    None,
    title="Noisy labels hurt the models with much variance, bagged or boosted",
    xlabel="noise in training labels [minutes]",
    ylabel="error on test [minutes]",
)
for hue, symbol, name in zip(plots.PALETTE, "os^D", FIELD, strict=False):
    ax.plot(NOISE, [run[name].mean() for run in runs], f"{symbol}-", color=hue, label=name)
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), title=f"mean of {REPEATS}")

# %%
clean, dirty = runs[0], runs[-1]
claim(
    "noisy labels: repetitions in which bagging beats 400 rounds",
    (dirty["bagged deep"] < dirty["boosted, 400"]).mean(),
    at_least=0.9,
    why="The rule says that noise harms bagging less; a rule must hold in nine cases of ten.",
)
claim(
    "noisy labels: repetitions in which 30 rounds beat bagging",
    (dirty["boosted, 30 rounds"] < dirty["bagged deep"]).mean(),
    at_least=0.9,
    why="A counterexample to the rule must hold in nine cases of ten as well.",
)
claim(
    "clean labels: mean error of bagging / of 30 rounds",
    clean["bagged deep"].mean() / clean["boosted, 30 rounds"].mean(),
    at_most=1,
    why="Below one bagging is ahead, so it is the noise that turns the order round.",
)

# %% [markdown]
# <details><summary><b>The two-minute answer</b></summary>
#
# Error is noise plus bias² plus variance. Bagging fits the same unstable model to resampled rows and
# averages: variance falls to ρσ², bias stays, more trees never hurt, and trees train in parallel with
# an out-of-bag estimate for free. Boosting adds small models in sequence, each on the current
# gradient: bias falls, variance grows with the rounds, so it needs a limit (rate, size, early
# stopping) and somebody to set it. With a validation set and clean labels I boost; with noisy
# labels, no time to tune, or wide parallel hardware I bag, or boost for few rounds. "Bagging for
# noise" holds against boosting without that limit. I would measure both: it takes some training sets
# and a table with two columns.
# </details>
#
# You have seen
#
# - the two terms measured on real training sets that share no row;
# - a floor set by how alike the trees are, and decorrelation that cost more than it brought;
# - a common rule about noise, right against many rounds and wrong against few.
#
# **Where it matters:** [churn](../customers/churn.ipynb) makes the same measurement on
# the probabilities of a classifier. **Practise:** `mlsd check kfold_linear_regression`
# ([task](../../exercises/coding/kfold_linear_regression/task.md)): the folds that choose the number of rounds.
