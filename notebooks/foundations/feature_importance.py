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
#     - feature importance
#     - permutation importance
#     - SHAP
#     - correlated features
#     datasets:
#     - telco
#     extras: []
#     headline:
#     - 'impurity: repetitions in which noise is among the best three'
#     - 'three copies: what shuffling one column still costs, share'
#     - repetitions in which a badge without effect promises to keep customers
#     question: Which features matter, and how do you know?
#     sabotages:
#     - name: noise of two values, like the flags
#       replace: rng.standard_normal(len(table))])
#       with: rng.integers(0, 2, len(table))])
#     - name: a leaked column in place of noise
#       replace: rng.standard_normal(len(table))])
#       with: left + 0.5 * rng.standard_normal(len(table))])
#     - name: a forest of small trees, which memorises nothing
#       replace: 'RandomForestClassifier(TREES, '
#       with: 'RandomForestClassifier(TREES, max_leaf_nodes=8, '
#     - name: copies that copy nothing
#       replace: 30 * table["tenure"] + rng.integers
#       with: 0 * table["tenure"] + rng.integers
#     - name: a group without its copies
#       replace: group = [0, *range(table.shape[1], X.shape[1])]
#       with: group = [0]
#     - name: a badge that is given by lot
#       replace: table["tenure"] > 36])
#       with: rng.random(len(table)) < 0.4])
#     seconds: 20
#     title: Feature importance, when features are correlated
# ---

# %% [markdown]
# # Feature importance, when features are correlated
#
# *"Which features matter? Show me, and tell me what your picture does not say."*
#
# At the end you will be able to
#
# - say what impurity, permutation and SHAP each measure, and which of them rewards noise;
# - measure importance so that correlated columns do not hide each other;
# - keep apart three questions: what the model uses, what it needs, what has an effect in the world.
#
# **Predict first.** (a) We add a column of pure noise. Which of the three measures places it among
# the best? (b) We add tenure a second time, in days. What happens to the importance of tenure? And
# to the model?

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.ensemble import RandomForestClassifier

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.metrics import roc_auc_score

# %% tags=["parameters"]
SEED = 0  # another value: other customers in every repetition
REPEATS = 10  # new training and test customers and new noise in each
TRAIN, TEST = 3000, 2000
TREES = 40  # of the forest
COPIES = [0, 1, 2, 3]  # further columns that repeat tenure

# %% [markdown]
# Real telecom customers; the label is leaving. Three columns are numbers, the rest flags.

# %%
telco = data.load("telco")
left = (telco["Churn"] == "Yes").to_numpy().astype(int)
facts = telco[["tenure", "MonthlyCharges", "SeniorCitizen"]].assign(
    contract=telco["Contract"].map({"Month-to-month": 1, "One year": 12, "Two year": 24}),
    fibre=telco["InternetService"] == "Fiber optic",
    offline=telco["InternetService"] == "No",
    cheque=telco["PaymentMethod"] == "Electronic check",
    man=telco["gender"] == "Male",
)
yes = ["Partner", "Dependents", "PaperlessBilling", "OnlineSecurity", "TechSupport", "StreamingTV"]
table = facts.assign(**{name: telco[name] == "Yes" for name in yes}).astype(float)
names = [*table, "noise"]
seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)


def draw(seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(table))
    return rows[:TRAIN], rows[TRAIN : TRAIN + TEST], rng


# %% [markdown]
# ## A column that cannot matter
#
# Three measures. *Impurity*: how much the splits on a column reduced the error, on training rows.
# *Permutation*: shuffle a column, see what the ranking loses; on training rows or on new ones.
# *SHAP*: the mean size of a column's share in each prediction; exact for trees. (Impurity and
# permutation look at a forest of full trees, SHAP at boosted trees, for which the library has it.)

# %%
def auc(model, A, b):
    return roc_auc_score(b, model.predict_proba(A)[:, 1])


def shuffle_loss(model, A, b, groups, rng):
    """ROC-AUC lost for each group of columns, shuffled together by the same order."""
    intact, losses = auc(model, A, b), []
    for columns in groups:
        shuffled = A.copy()
        shuffled[:, columns] = A[rng.permutation(len(A))][:, columns]
        losses.append(intact - auc(model, shuffled, b))
    return losses


QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)


def with_noise(seed):
    train, test, rng = draw(seed)
    X = np.column_stack([table, rng.standard_normal(len(table))])
    forest = RandomForestClassifier(TREES, random_state=seed).fit(X[train], left[train])
    boost = LGBMClassifier(num_leaves=4, **QUIET).fit(X[train], left[train])
    losses = {
        where: shuffle_loss(forest, X[rows], left[rows], np.arange(len(names))[:, None], rng)
        for where, rows in {"train": train, "test": test}.items()
    }
    shares = boost.predict(X[test], pred_contrib=True)[:, :-1]  # log-odds, one column a feature
    return pd.DataFrame(
        {
            "impurity": forest.feature_importances_,
            "permutation, train": losses["train"],
            "permutation, test": losses["test"],
            "SHAP": np.abs(shares).mean(axis=0),
        },
        names,
    )


# %%
runs = pd.concat({seed: with_noise(seed) for seed in seeds}, names=["seed", "column"])
means = runs.groupby("column").mean().sort_values("impurity", ascending=False)
means.head(6).round(3)

# %%
_, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
panels = {
    "impurity": ("Impurity: noise near the top", "impurity [share of all]"),
    "permutation, test": ("Permutation: noise at zero", "permutation, test [ROC-AUC lost]"),
    "SHAP": ("SHAP: noise has a share", "mean |SHAP| [log-odds]"),
}
for ax, (measure, (heading, unit)) in zip(axes, panels.items(), strict=True):
    top = means[measure].sort_values()
    colours = [plots.COLOURS["red" if name == "noise" else "blue"] for name in top.index]
    plots.style.frame(ax, title=heading, xlabel=unit, ylabel="", grid="x")
    bars = ax.barh(top.index, top, color=colours)
    bars[list(top.index).index("noise")].set(hatch="///", edgecolor="white", lw=0)

# %%
noise = runs.xs("noise", level="column")
rank = runs["impurity"].groupby("seed").rank(ascending=False).xs("noise", level="column")
claim(
    "impurity: repetitions in which noise is among the best three",
    (rank <= 3).mean(),
    at_least=0.9,
    why="To warn of a measure we want to see it fail in nine repetitions of ten.",
)
claim(
    "repetitions in which shuffled noise costs more on training rows than on new ones",
    (noise["permutation, train"] > noise["permutation, test"]).mean(),
    at_least=0.9,
    why="What was memorised helps on training rows only, and nine repetitions in ten must show it.",
)
claim(
    "mean ROC-AUC that shuffled noise costs on new rows",
    noise["permutation, test"].mean(),
    between=(-0.01, 0.01),
    why="One point is about the standard error of a ROC-AUC on two thousand customers.",
)


# %% [markdown]
# Impurity rewards *opportunities to fit*: a number offers a thousand cuts, a contract two. The full
# trees used them on noise: that lowers the error on training rows, and not on new ones. **The trap** is in
# every library: `feature_importances_` of a forest is this first column. SHAP says what the model
# *does*; the boosted trees do use noise a little, and SHAP reports that truly: it explains the model,
# mistakes included.
#
# ## Copies
#
# Now tenure again, in days (constructed: months times thirty, plus a day of the month). Nothing is
# known that was not known before. Four measures of tenure as copies are added: shuffle the first
# column alone; shuffle all of its copies together; SHAP of the first; SHAP of the group (shares
# added before taking the size). And, at a higher price, *refit* without the first column.

# %%
def with_copies(seed, copies):
    train, test, rng = draw(seed)
    days = [30 * table["tenure"] + rng.integers(0, 30, len(table)) for _ in range(copies)]
    X = np.column_stack([table, *days])
    group = [0, *range(table.shape[1], X.shape[1])]  # tenure and its copies
    fresh = LGBMClassifier(num_leaves=4, colsample_bytree=0.5, random_state=seed, **QUIET)
    model = fresh.fit(X[train], left[train])
    A, b = X[test], left[test]
    shares, score = model.predict(A, pred_contrib=True), auc(model, A, b)
    lost = np.reshape(shuffle_loss(model, A, b, [[0], group] * 3, rng), (3, 2)).mean(axis=0)
    fresh.fit(np.delete(X[train], 0, axis=1), left[train])
    return {
        "shuffle one": lost[0],
        "shuffle all": lost[1],
        "SHAP of one": np.abs(shares[:, 0]).mean(),
        "SHAP of all": np.abs(shares[:, group].sum(axis=1)).mean(),
        "refit without": score - auc(fresh, np.delete(A, 0, axis=1), b),
        "ROC-AUC": score,
    }


# %%
copied = {n: pd.DataFrame([with_copies(seed, n) for seed in seeds]) for n in COPIES}
trend = pd.DataFrame({n: run.mean() for n, run in copied.items()}).rename_axis(columns="copies")
trend.round(3)

# %%
title = "Importance of tenure by number of copies, against no copy"
axis = {"xlabel": "copies of tenure added", "ylabel": "share of its value without copies"}
ax = plots.style.frame(None, title=title, **axis)
for colour, mark, name in zip(plots.PALETTE, "os^Dv", trend.index[:5], strict=False):
    ax.plot(COPIES, trend.loc[name] / trend.loc[name, 0], f"{mark}-", color=colour, label=name)
ax.set_xticks(COPIES)
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), title=f"mean of {REPEATS}")

# %%
left_of = trend[COPIES[-1]] / trend[0]
claim(
    "three copies: what shuffling one column still costs, share",
    left_of["shuffle one"],
    at_most=0.25,
    why="Four columns that shared the credit equally would each keep a quarter.",
)
claim(
    "three copies: SHAP of one column, share",
    left_of["SHAP of one"],
    at_most=0.25,
    why="Four columns that shared the credit equally would each keep a quarter.",
)
claim(
    "three copies: what shuffling the whole group costs, share",
    left_of["shuffle all"],
    at_least=0.8,
    why="A measure that copies cannot deceive keeps its value; we allow a fifth less.",
)
claim(
    "three copies: SHAP of the whole group, share",
    left_of["SHAP of all"],
    between=(0.8, 1.25),
    why="A measure that copies cannot deceive keeps its value; we allow a fifth less or more.",
)
claim(
    "three copies: mean ROC-AUC lost by a refit without one column",
    trend.loc["refit without", COPIES[-1]],
    between=(-0.005, 0.005),
    why="For less than half a point we would not keep a column.",
)


# %% [markdown]
# Somebody who looks at one column at a time and drops each "unimportant" one would drop all four
# tenures, and the quality with them. So: cluster correlated columns first, and shuffle, explain or
# refit by *cluster*.
#
# ## Does the feature have an effect?
#
# Importance says nothing about interventions. A constructed check on the same customers: give
# everybody a reward that copies an existing fact, "long-standing customer" for those with more than
# three years. The model uses it. Would giving this badge to everybody keep anyone?

# %%
def badge(seed):
    train, test, rng = draw(seed)
    X = np.column_stack([table.drop(columns="tenure"), table["tenure"] > 36])
    model = LGBMClassifier(num_leaves=4, **QUIET).fit(X[train], left[train])
    given = X[test].copy()
    given[:, -1] = 1.0  # everybody gets one; nobody's behaviour changes by construction
    before, after = (model.predict_proba(A)[:, 1].mean() for A in (X[test], given))
    (lost,) = shuffle_loss(model, X[test], left[test], [[-1]], rng)
    return {"ROC-AUC lost by shuffling": lost, "leaving it promises to prevent": before - after}


badges = pd.DataFrame([badge(seed) for seed in seeds])
badges.mean().round(3).to_frame("mean of seeds")

# %%
claim(
    "repetitions in which a badge without effect promises to keep customers",
    (badges["leaving it promises to prevent"] > 0).mean(),
    at_least=0.9,
    why="The true effect is zero by construction; by chance half of the promises would be positive.",
)

# %% [markdown]
# The model promises fewer leavers for a badge that does nothing. Only an experiment tells what has an effect.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# It depends on the question. *What does the model use?* SHAP: exact for trees, adds up to each
# prediction, good for explaining one case. *What does its quality rest on?* Permutation on held-out
# rows, in the metric I care about, by groups of correlated columns, with repeats. *What does it
# need?* Refit without the group. I do not use impurity importance: it rewards columns with many
# values and is computed on training rows. I add a noise column for comparison: a column that ranks below it
# has shown nothing. And none of these is causal: for "what if we change it" I need an experiment.
# </details>
#
# You have seen
#
# - noise among the best three by impurity, and at zero by permutation on new rows;
# - copies that hide each other, and groups that do not;
# - a badge without effect from which the model expects one.
#
# **Where it matters:** [churn](../customers/churn.ipynb) measures it in dollars, by groups of columns.
# **Practise:** `mlsd check ab_test` ([task](../../exercises/coding/ab_test/task.md)), which tells
# what has an effect.
