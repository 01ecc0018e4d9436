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
#     - underfitting and overfitting
#     - learning curves
#     - validation curves
#     - double descent
#     datasets:
#     - adult
#     extras: []
#     question: How do you tell underfitting from overfitting, and what do you do about
#       each?
#     seconds: 15
#     title: Underfitting, overfitting, and what double descent does not say
# ---

# %% [markdown]
# # Underfitting, overfitting, and what double descent does not say
#
# *"Your model disappoints. Is it underfitting or overfitting, and would more data help?"*
#
# At the end you will be able to
#
# - read a validation curve (error against complexity) and a learning curve (error against rows);
# - say from two numbers whether to buy rows, or a better model;
# - explain double descent, produce it, and make it vanish.
#
# **Predict first.** (a) A tree fits its training rows perfectly: how does it do on new rows?
# (b) Eight times the rows: which gains more, a tree of depth 2 or a full one? (c) A model with
# ten times as many weights as rows: better or worse than one with as many weights as rows?

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.metrics import brier_score_loss
from mlsd_kit.preprocessing import OneHotEncoder

# %% tags=["parameters"]
SEEDS = 10  # new training and test rows in each
ROWS, TEST = 1000, 3000  # people to train on and to test on
DEPTHS = [1, 2, 3, 5, 8, 12, 16, 25]  # levels of a tree
SIZES = [125, 500, 1000, 2000, 4000, 8000]  # training rows of the learning curve
WIDTHS = [10, 30, 60, 100, 150, 200, 250, 300, 500, 1000, 2000]  # random features
FLIPPED = 0.2  # share of wrong labels in the digits' training rows

# %% [markdown]
# ## Error against complexity
#
# Census rows: does somebody earn more than 50,000 dollars? One tree, deeper and deeper. The error
# is the Brier score: squared difference between probability and truth.

# %%
people = data.load("adult")
rich = people.pop("income").str.contains(">50K").to_numpy().astype(int)
texts = people.select_dtypes(exclude="number")
indicators = OneHotEncoder(sparse_output=False).fit_transform(texts)  # learns names only
X = np.hstack([people.select_dtypes("number"), indicators]).astype(np.float32)


def errors(seed, depth, rows):
    order = np.random.default_rng(seed).permutation(len(X))
    train, test = order[:rows], order[-TEST:]
    tree = DecisionTreeClassifier(max_depth=depth, random_state=seed).fit(X[train], rich[train])
    where = {"train": train, "test": test}
    return {n: brier_score_loss(rich[i], tree.predict_proba(X[i])[:, 1]) for n, i in where.items()}


# %%
grid = [(seed, depth) for seed in range(SEEDS) for depth in DEPTHS]
runs = pd.DataFrame([errors(seed, depth, ROWS) for seed, depth in grid])
runs.index = pd.MultiIndex.from_tuples(grid, names=["seed", "depth"])
by_depth = runs.groupby("depth").mean()
by_depth.round(3)

# %%
title = "Training error only falls; test error turns"
ax = plots.style.frame(None, title=title, xlabel="depth of the tree [levels]", ylabel="Brier score")
for colour, name in zip(plots.PALETTE, by_depth, strict=False):
    ax.plot(DEPTHS, by_depth[name], "o-", color=colour, label=name)
base = rich.mean() * (1 - rich.mean())
ax.axhline(base, ls="--", color=plots.COLOURS["grey"], lw=1, label="constant")
_ = ax.legend(frameon=False)

# %%
test = runs["test"].unstack()
inside = test.idxmin(axis=1).between(DEPTHS[1], DEPTHS[-2]).mean()
memory = (test[DEPTHS[-1]] > test[2]).mean()
claim("the best depth is neither end: share of seeds", inside, at_least=0.9, why="two errors trade")
claim("the full tree does worse than depth 2", memory, at_least=0.9, why="it knows the rows by heart")

# %% [markdown]
# Left of the turn both errors are high: **underfitting**, the model cannot say it. Right of it they
# part: **overfitting**, the model says what chance said. **The trap:** a gap between the two is no
# fault in itself. The best depth has one too; what counts is the test error.
#
# ## Error against rows
#
# Would more data help? Fit depth 2 and the full tree on ever more rows.

# %%
DEPTH_NAMES = {2: "depth 2", None: "full"}
grid = [(seed, depth, rows) for seed in range(SEEDS) for depth in DEPTH_NAMES for rows in SIZES]
learned = pd.DataFrame([errors(*cell) for cell in grid])
keys = [(seed, DEPTH_NAMES[depth], rows) for seed, depth, rows in grid]
learned.index = pd.MultiIndex.from_tuples(keys, names=["seed", "tree", "rows"])
curves = learned.groupby(["tree", "rows"]).mean().unstack("tree")
curves.round(3)

# %%
_, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", sharey=True)
titles = "They have met: rows will not help", "Far apart: rows help, or a brake"
for ax, tree, title in zip(axes, DEPTH_NAMES.values(), titles, strict=True):
    plots.style.frame(ax, title=title, xlabel=f"training rows ({tree})", ylabel="Brier score")
    for colour, name in zip(plots.PALETTE, ("train", "test"), strict=False):
        ax.plot(SIZES, curves[name, tree], "o-", color=colour, label=name)
    ax.set_xscale("log")
    ax.set_xticks(SIZES, SIZES)
    ax.minorticks_off()
_ = axes[0].legend(frameon=False)

# %%
few, many = (learned["test"].xs(rows, level="rows").unstack() for rows in (1000, 8000))
gap = many - learned["train"].xs(8000, level="rows").unstack()
gain = few - many
more = (gain["full"] > gain["depth 2"]).mean()
met, apart = (gap["depth 2"].abs() < 0.01).mean(), (gap["full"] > 0.1).mean()
still = (many["full"] > many["depth 2"]).mean()
claim("1,000 to 8,000 rows: full tree gains more", more, at_least=0.9, why="variance falls")
claim("depth 2 at 8,000 rows: gap below 0.01", met, at_least=0.9, why="its error is bias")
claim("full tree at 8,000 rows: gap above 0.1", apart, at_least=0.9, why="it fits every row")
claim("and still the full tree is behind", still, at_least=0.9, why="a brake is cheaper than rows")

# %% [markdown]
# | what you see | what helps | what does not |
# |---|---|---|
# | both errors high and close: underfitting | columns, interactions, a larger model | rows |
# | train low, test high: overfitting | rows, a penalty, averaging, stopping | a larger model |
# | both low, production bad | look for a leak or a shift | either cure |
#
# Even with eight times the rows the full tree stays behind the stubby one: a brake is cheaper than
# rows.
#
# ## Double descent, and its conditions
#
# "Large networks break the rule: beyond some size the error falls again." It does not take a
# network. Digits with some wrong labels, a layer of random ReLU features, and the weights of least
# norm that fit the training rows best. How does the test error go as features are added?

# %%
pixels, digit = load_digits(return_X_y=True)
PENALTIES = np.array([0.0, 0.1, 1, 10, 100, 1000])


def descend(seed, rows=200, flipped=FLIPPED, widths=WIDTHS):
    """Errors for every width: least norm, and ridge with its penalty chosen on validation."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(digit))
    train, val, test = order[:rows], order[rows:400], order[400:]
    told = np.where(rng.random(rows) < flipped, rng.integers(0, 10, rows), digit[train])
    layer, shift = rng.standard_normal((64, max(WIDTHS))), rng.uniform(-1, 1, max(WIDTHS))
    H = np.maximum(pixels / 16 @ layer + shift, 0)
    found = []
    for width in widths:
        U, s, Vt = np.linalg.svd(H[train, :width], full_matrices=False)
        U, s, V = (part[..., s > 1e-10 * s[0]] for part in (U, s, Vt.T))  # no dead directions
        weights = [U.T @ np.eye(10)[told] * (s / (s**2 + a))[:, None] for a in PENALTIES]
        off = {}
        for where, held in {"train": train, "validation": val, "test": test}.items():
            said = np.array([(H[held, :width] @ V @ w).argmax(axis=1) for w in weights])
            off[where] = (said != (told if where == "train" else digit[held])).mean(axis=1)
        best = off["validation"].argmin()
        found.append([off["train"][0], off["test"][0], off["test"][best]])
    return pd.DataFrame(found, widths, ["train, no penalty", "no penalty", "tuned penalty"])


# %%
wide = pd.concat({seed: descend(seed) for seed in range(SEEDS)}, names=["seed", "features"])
mean = wide.groupby("features").mean()
mean.round(2)

# %%
title = "Two descents without a penalty, one with"
ax = plots.style.frame(None, title=title, xlabel="random features", ylabel="share of wrong digits")
for colour, name in zip(("pale", "red", "blue"), mean, strict=True):
    ax.plot(WIDTHS, mean[name], "o-", color=plots.COLOURS[colour], label=name)
ax.axvline(200, ls="--", color=plots.COLOURS["grey"], lw=1, label="as many as rows")
ax.set_xscale("log")
_ = ax.legend(frameon=False)

# %%
bare, tuned = (wide[name].unstack() for name in ("no penalty", "tuned penalty"))
peak = (bare[200] > 1.5 * bare[60]).mean()
second = (bare[2000] < 0.5 * bare[200]).mean()
smooth = (tuned[200] < bare[60]).mean()
never = (bare[2000] > tuned[2000]).mean()
claim("a peak where features = rows: share of seeds", peak, at_least=0.9, why="one way to fit noise")
claim("the error falls to half beyond it", second, at_least=0.9, why="many ways: take the smallest")
claim("with a tuned penalty there is no peak", smooth, at_least=0.9, why="the brake was missing")
claim("and it beats the second descent", never, at_least=0.9, why="at every width, by more or less")

# %% [markdown]
# At as many features as rows there is exactly one way through all labels, wrong ones included, and
# it is a wild one. With more features there are many, and least norm picks a tame one: width became
# a penalty. **What it does not say:** that overfitting is over. The first descent's best and the
# tail are about equally good here; a tuned penalty beats both, and with it the curve has no peak.
# The peak needs (nearly) no penalty, noise, and a size near the number of rows.
#
# How much of it is the noise? The same without flipped labels:

# %%
some = {"flipped": 0.0, "widths": [60, 200, 2000]}
clean = pd.concat({seed: descend(seed, **some) for seed in range(SEEDS)}, names=["seed"])
clean_bare = clean["no penalty"].unstack()
lower = (clean_bare[200] < bare[200]).mean()
tail = (clean_bare[2000] < clean_bare[60]).mean()
print(clean_bare.mean().round(2).to_string())
claim("clean labels: a lower peak, share of seeds", lower, at_least=0.9, why="less noise to fit")
claim("clean labels: the tail beats 60 features", tail, at_least=0.9, why="nothing wrong to learn")

# %% [markdown]
# With clean labels the second descent wins over the first: this is the world of large networks on
# large, clean data.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# I compare training and validation error with a baseline and with what is possible. Both bad and
# close: underfitting, so features, interactions, a larger model; rows are wasted. Train good and
# validation bad: overfitting, so a penalty, early stopping, averaging, fewer columns, or rows; a
# learning curve on subsamples tells what rows would buy before anybody pays for them. Both good and
# production bad is neither: a leak or a shift. Double descent is real for unpenalised models near
# the size of their data; the practical advice it gives is to regularise, or to go well past the
# peak, never to sit on it.
# </details>
#
# You have seen
#
# - a validation curve that turns, and a perfect fit that loses to two levels;
# - learning curves that say "rows" for one model and "not rows" for another;
# - a second descent that needs no network, and that a penalty makes unnecessary.
#
# **Where it matters:** [churn](../customers/churn.ipynb) ships the linear model, and says why;
# [tuning](tuning.ipynb) shows what choosing it costs. **Practise:**
# `mlsd check kfold_linear_regression`
# ([task](../../exercises/coding/kfold_linear_regression/task.md)).
