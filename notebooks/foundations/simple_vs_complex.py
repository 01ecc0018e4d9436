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
#     - simple vs complex models
#     datasets:
#     - adult
#     - telco
#     extras: []
#     headline:
#     - 'census: what boosting adds, lower end'
#     - 'telecom: what boosting adds, upper end'
#     - what the committee adds, upper end
#     question: Would you ship the simple model or the complex one?
#     sabotages:
#     - name: shuffled labels
#       replace: y = (frame.pop(target) == positive).to_numpy().astype(int)
#       with: y = np.random.default_rng(0).permutation(frame.pop(target) == positive).astype(int)
#     - name: boosting stops after one tree
#       replace: n_estimators=100
#       with: n_estimators=1
#     - name: the rival is a logistic regression that a penalty keeps from learning
#       replace: LogisticRegression(C=0.3, tol=1e-3)
#       with: LogisticRegression(C=1e-5, tol=1e-3)
#     seconds: 15
#     title: 'Simple or complex: quality, latency, explanation'
# ---

# %% [markdown]
# # The simple model or the complex one?
#
# *"The complex model is better on the test. Do you ship it?"*
#
# A model has three prices besides its error: the time of a prediction, what it takes to explain one,
# and what it takes to run. We climb a ladder of five models on two data sets and ask on which rung the
# next one stops paying.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.metrics import roc_auc_score
from mlsd_kit.preprocessing import OneHotEncoder

# %% tags=["parameters"]
SEED, DRAWS = 0, 20  # which rows are learned from and tested on
TRAIN, TEST = 4000, 8000  # rows to learn from, and at most to test on
WORTH = 0.005  # ROC-AUC that would pay for running another system: an assumption


# %% [markdown]
# Who earns more than 50,000 dollars (census), and who leaves a telecom? Both are tables of a few
# numbers and many categories. Each figure below is a mean over draws of training and test rows. The
# draws share these people, so an interval says how much the choice of rows matters, and nothing about
# other people; more draws narrow it, and add no people. (Scaling and bins see all rows; they use no label.)

# %%
def table(name, target, positive, drop):
    frame = data.load(name).drop(columns=drop)
    y = (frame.pop(target) == positive).to_numpy().astype(int)
    if name == "telco":
        frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce").fillna(0.0)
    words = frame.select_dtypes("str").fillna("unknown")
    numbers = frame.drop(columns=words)
    onehot = OneHotEncoder(sparse_output=False).fit_transform(words)
    X = np.hstack([(numbers - numbers.mean()) / numbers.std(), onehot])
    bins = [pd.qcut(numbers[name], 10, labels=False, duplicates="drop") for name in numbers]
    bins = OneHotEncoder(sparse_output=False).fit_transform(np.column_stack(bins))
    return y, X, np.hstack([X, bins])


TABLES = {
    "census": table("adult", "income", ">50K", ["education"]),
    "telecom": table("telco", "Churn", "Yes", ["customerID"]),
}
sizes = {name: [len(y), X.shape[1], y.mean()] for name, (y, X, _) in TABLES.items()}
pd.DataFrame(sizes, index=["rows", "columns", "share of positives"]).T.round(2)

# %% [markdown]
# The ladder: a tree of three questions; logistic regression; the same with every number also cut into
# ten bins; boosted trees; and a committee, the mean of the last two and a forest. **Predict** for each
# step what it adds to the ROC-AUC.

# %%
QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)
TREES = dict(  # set on other draws than those below
    n_estimators=100, num_leaves=8, learning_rate=0.08, reg_lambda=10, colsample_bytree=0.5, **QUIET
)
MODELS = {
    "three questions": lambda seed: DecisionTreeClassifier(max_depth=3, random_state=seed),
    "logistic": lambda seed: LogisticRegression(tol=1e-3),
    "logistic, bins": lambda seed: LogisticRegression(C=0.3, tol=1e-3),
    "boosting": lambda seed: LGBMClassifier(random_state=seed, **TREES),
    "forest": lambda seed: RandomForestClassifier(25, min_samples_leaf=5, random_state=seed),
}
COMMITTEE = ["logistic, bins", "boosting", "forest"]
LADDER = ["three questions", "logistic", "logistic, bins", "boosting", "committee"]


def fitted(name, seed):
    """Every model, with the columns it takes, the test rows and their labels."""
    y, X, binned = TABLES[name]
    rows = np.random.default_rng(seed).permutation(len(y))
    train, test = rows[:TRAIN], rows[TRAIN : TRAIN + TEST]
    models = {}
    for rung, make in MODELS.items():
        columns = binned if "bins" in rung else X
        models[rung] = make(seed).fit(columns[train], y[train]), columns[test]
    return models, y[test]


def climb(name, seed):
    models, truth = fitted(name, seed)
    p = {rung: model.predict_proba(rows)[:, 1] for rung, (model, rows) in models.items()}
    p["committee"] = np.mean([p[member] for member in COMMITTEE], axis=0)
    return {rung: roc_auc_score(truth, p[rung]) for rung in LADDER}


# %%
keys = [(name, seed) for name in TABLES for seed in range(1000 * SEED, 1000 * SEED + DRAWS)]
index = pd.MultiIndex.from_tuples(keys, names=["data", "seed"])
auc = pd.DataFrame([climb(*key) for key in keys], index=index)
auc.groupby("data").mean().round(3)

# %% tags=["key-figure"]
steps = auc.diff(axis=1).iloc[:, 1:]
title, ylabel = "What each step adds", "gain in ROC-AUC over the rung before"
ax = plots.style.frame(None, title=title, xlabel="rung", ylabel=ylabel, figsize=(8, 3.8), grid="y")
for colour, mark, name, shift in zip(plots.PALETTE, "os", TABLES, (-0.1, 0.1), strict=False):
    places = np.repeat(np.arange(4) + shift, DRAWS)
    dots = steps.loc[name].to_numpy().T.ravel()
    ax.plot(places, dots, mark, ms=5, alpha=0.5, color=colour, label=f"{name}, {DRAWS} draws")
ax.axhline(0, color=plots.COLOURS["ink"], lw=0.8)
ax.axhline(WORTH, ls="--", color=plots.COLOURS["grey"], label="worth a new system")
ax.set_xticks(range(4), steps.columns)
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


# %%
def lower(values):
    """Lower end of the 95 % interval of the mean over the draws, by Student's t."""
    return np.mean(values) - stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


census, telecom = steps.loc["census"], steps.loc["telecom"]
lead = [2 * table["logistic"] - table.sum(axis=1) for table in (census, telecom)]
together = "At zero the later steps together would add as much as the first."
claim("first step - all later ones, lower end", min(map(lower, lead)), at_least=0, why=together)
pays = "This gain would pay for running another system, as assumed above."
claim("census: what boosting adds, lower end", lower(census["boosting"]), at_least=WORTH, why=pays)
claim(
    "telecom: what boosting adds, upper end", -lower(-telecom["boosting"]), at_most=WORTH, why=pays
)
committee = max(-lower(-table["committee"]) for table in (census, telecom))
claim("what the committee adds, upper end", committee, at_most=WORTH, why=pays)
mean = steps.groupby("data").mean()
print("steps that pay:", {name: list(steps.columns[mean.loc[name] >= WORTH]) for name in TABLES})


# %% [markdown]
# ## What a prediction costs
#
# One row at a time, as a service would ask; the median of many calls. And the *explanation*: how many
# figures must somebody read to recompute one score by hand?

# %% tags=["nbval-ignore-output"]
def microseconds(model, rows, calls=60):
    took = []
    for i in range(calls):
        start = time.perf_counter()
        model.predict_proba(rows[i : i + 1])
        took.append(time.perf_counter() - start)
    return 1e6 * np.median(took)


def latency(name):
    models, _ = fitted(name, 0)
    cost = {rung: microseconds(*pair) for rung, pair in models.items()}
    return cost | {"committee": sum(cost[member] for member in COMMITTEE)}


speed = pd.DataFrame({name: latency(name) for name in TABLES}).loc[LADDER]
speed.round(0).astype(int).rename_axis("one prediction [µs]")


# %%
def to_read(model, row):
    """Comparisons and terms behind one score."""
    if isinstance(model, LGBMClassifier):
        nodes = model.booster_.trees_to_dataframe()
        leaves = nodes[nodes["left_child"].isna()]
        depth = np.average(leaves["node_depth"] - 1, weights=leaves["count"])
        return depth * model.n_estimators
    if isinstance(model, RandomForestClassifier):
        return model.decision_path(row)[0].sum()
    if isinstance(model, DecisionTreeClassifier):
        return model.decision_path(row).sum() - 1
    return np.count_nonzero(row)


models, _ = fitted("census", 0)
behind = {which: to_read(model, rows[:1]) for which, (model, rows) in models.items()}
behind["committee"] = sum(behind[member] for member in COMMITTEE)
figures = pd.Series(behind)[LADDER].astype(int)
figures.to_frame("figures behind one score, census")

# %% tags=["nbval-ignore-output"]
_, axes = plt.subplots(1, 2, figsize=(10.5, 3.8), layout="constrained")
for ax, where in zip(axes, TABLES, strict=True):
    frame = dict(xlabel="one prediction [µs]", ylabel="ROC-AUC on test, 80 % of the draws")
    plots.style.frame(ax, title=f"{where}: quality and time of one prediction", **frame)
    for hue, sign, rung in zip(plots.PALETTE, "osv^D", LADDER, strict=False):
        low, middle, high = auc.loc[where, rung].quantile([0.1, 0.5, 0.9])
        x, bar = speed.loc[rung, where], [[middle - low], [high - middle]]
        ax.errorbar(x, middle, bar, fmt=sign, color=hue, label=f"{rung} ({figures[rung]} figures)")
    ax.set_xscale("log"), ax.minorticks_off()
    ticks = [10**k for k in range(2, 6) if 10**k < 2 * speed[where].max()]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
_ = axes[1].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %% [markdown]
# A point is on the frontier if no other is at least as good and faster. On the census boosting is on
# it, at several times the latency and dozens of times the reading; the committee is slower and no
# better. On the telecom no rung above the plain logistic regression gains as much as the scatter of the
# draws. (Much of a fast model's time is Python checking its input. A service that scores a hundred
# candidates for one page cares, a nightly job does not.)
#
# ## The two-minute answer
#
# I start on the lowest rung that could do and climb while a step pays. "Pays" is measured on the same
# splits, pair by pair, because the spread between splits is larger than most steps, and in the unit of
# the business. Against the gain stand latency, the cost of running and debugging, the explanation owed
# to a customer or a regulator, and what happens when data drift. Features often buy what a larger
# model would (bins did part of it here). A complex model is right where interactions are many and data
# plenty; then the simple one stays as baseline, fallback and canary. An explanation fitted
# afterwards explains itself; if it must be *the* reason, ship the model that can be read.
#
# - Exercise: [grid search](../../exercises/coding/grid_search/task.md): settings on the same folds
# - The same question inside a system: [churn](../customers/churn.ipynb)
