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
#     headline:
#     - Brier score, full tree / constant
#     - full tree with 8,000 rows - depth 2 with 1,000, lower end
#     - 60 features or more, tuned penalty at its worst / no penalty at its best
#     question: How do you tell underfitting from overfitting, and what do you do about
#       each?
#     sabotages:
#     - name: every tree is stopped at three levels
#       replace: max_depth=depth
#       with: max_depth=min(depth or 3, 3)
#     - name: no tree is stopped
#       replace: max_depth=depth
#       with: max_depth=None
#     - name: a penalty at every width
#       replace: np.array([0.0, 0.1, 1, 10, 100, 1000])
#       with: np.array([100.0, 1000])
#     - name: no penalty to choose from
#       replace: np.array([0.0, 0.1, 1, 10, 100, 1000])
#       with: np.array([0.0])
#     - name: the clean labels are flipped as well
#       replace: 'some = {"flipped": 0.0,'
#       with: 'some = {"flipped": 0.2,'
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
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.metrics import brier_score_loss
from mlsd_kit.preprocessing import OneHotEncoder

# %% tags=["parameters"]
SEED, DRAWS = 0, 10  # new training and test rows in each draw
ROWS, TEST = 1000, 10_000  # people to train on and to test on
DEPTHS = [1, 2, 3, 5, 8, 12, 16, 25]  # levels of a tree
SIZES = [125, 500, 1000, 2000, 4000, 8000]  # training rows of the learning curve
WIDTHS = [10, 30, 60, 100, 150, 200, 250, 300, 500, 1000, 2000]  # random features
FLIPPED = 0.2  # share of wrong labels in the digits' training rows
CURE, TRIFLE = 0.02, 0.005  # Brier score that is worth a change, and that is not: assumptions
DIGITS = 0.05  # one digit in twenty is worth a change: an assumption

# %% [markdown]
# ## Error against complexity
#
# Census rows: does somebody earn more than 50,000 dollars? One tree, deeper and deeper. The error
# is the Brier score: squared difference between probability and truth. Every figure is a mean over
# draws of training and test rows; `lower` is the lower end of its 95 % interval. The draws share the
# same people: an interval says how much the choice of rows matters, and nothing about other people.

# %%
people = data.load("adult")
rich = people.pop("income").str.contains(">50K").to_numpy().astype(int)
texts = people.select_dtypes(exclude="number")
indicators = OneHotEncoder(sparse_output=False).fit_transform(texts)  # learns names only
X = np.hstack([people.select_dtypes("number"), indicators]).astype(np.float32)
draws = range(1000 * SEED, 1000 * SEED + DRAWS)


def lower(values):
    """Lower end of the 95 % interval of the mean over the draws, by Student's t."""
    return np.mean(values) - stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


def errors(seed, depth, rows):
    order = np.random.default_rng(seed).permutation(len(X))
    train, test = order[:rows], order[-TEST:]
    tree = DecisionTreeClassifier(max_depth=depth, random_state=seed).fit(X[train], rich[train])
    where = {"train": train, "test": test}
    return {n: brier_score_loss(rich[i], tree.predict_proba(X[i])[:, 1]) for n, i in where.items()}


# %%
pairs = [(seed, depth) for seed in draws for depth in DEPTHS]
runs = pd.DataFrame([errors(seed, depth, ROWS) for seed, depth in pairs])
runs.index = pd.MultiIndex.from_tuples(pairs, names=["seed", "depth"])
by_depth = runs.groupby("depth").mean()
by_depth.round(3)

# %%
STYLES = {"train": ("o-", plots.COLOURS["blue"]), "test": ("s--", plots.COLOURS["orange"])}


def train_and_test(ax, table):
    for part, (mark, hue) in STYLES.items():
        ax.plot(table.index, table[part], mark, color=hue, label=part)


falls = "Training error only falls; test error turns"
ax = plots.style.frame(None, title=falls, xlabel="depth of the tree [levels]", ylabel="Brier score")
train_and_test(ax, by_depth)
base = rich.mean() * (1 - rich.mean())
ax.axhline(base, ls="--", color=plots.COLOURS["grey"], lw=1, label="constant")
_ = ax.legend(frameon=False)

# %%
test = runs["test"].unstack()
inside = test.idxmin(axis=1).between(DEPTHS[1], DEPTHS[-2]).mean()
worthless = test[DEPTHS[-1]].mean() / base
coin = "A fair coin gives nine or more of ten in 1 % of cases."
constant = "At 1 the full tree is worth no more than the constant."
claim("share of draws: the best depth is neither end", inside, at_least=0.9, why=coin)
claim("Brier score, full tree / constant", worthless, at_least=1, why=constant)

# %% [markdown]
# Left of the turn both errors are high: **underfitting**, the model is too simple for the pattern.
# Right of it they part: **overfitting**, the model also learns what was chance in its training rows.
# **The trap:** a gap between the two is no
# fault in itself. The best depth has one too; what counts is the test error.
#
# ## Error against rows
#
# Would more data help? Fit depth 2 and the full tree on ever more rows.

# %%
DEPTH_NAMES = {2: "depth 2", None: "full"}
grid = [(seed, depth, rows) for seed in draws for depth in DEPTH_NAMES for rows in SIZES]
learned = pd.DataFrame([errors(*cell) for cell in grid])
keys = [(seed, DEPTH_NAMES[depth], rows) for seed, depth, rows in grid]
learned.index = pd.MultiIndex.from_tuples(keys, names=["seed", "tree", "rows"])
curves = learned.groupby(["tree", "rows"]).mean().unstack("tree")
curves.round(3)

# %%
_, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", sharey=True)
titles = "Depth 2: train and test have met", "Full tree: far apart, rows help"
for ax, tree, about in zip(axes, DEPTH_NAMES.values(), titles, strict=True):
    plots.style.frame(ax, title=about, xlabel="training rows", ylabel="Brier score")
    train_and_test(ax, curves.xs(tree, axis=1, level="tree"))
    ax.set_xscale("log")
    ax.set_xticks(SIZES, SIZES)
    ax.minorticks_off()
_ = axes[0].legend(frameon=False)

# %%
few, many = (learned["test"].xs(rows, level="rows").unstack() for rows in (1000, 8000))
gap = (many - learned["train"].xs(8000, level="rows").unstack())["depth 2"]
gain = few - many
more, still = gain["full"] - gain["depth 2"], many["full"] - few["depth 2"]
alike = "At zero the rows would help both trees alike."
claim(
    "gain from 1,000 to 8,000 rows, full - depth 2, lower end", lower(more), at_least=0, why=alike
)
small = "A smaller gap is not worth a change, as assumed above."
claim("depth 2 with 8,000 rows: test - train, upper end", -lower(-gap), at_most=TRIFLE, why=small)
level = "Nearer than this, eight times the rows would do as well as a limit on the depth."
claim(
    "full tree with 8,000 rows - depth 2 with 1,000, lower end",
    lower(still),
    at_least=CURE,
    why=level,
)

# %% [markdown]
# | what you see | what helps | what does not |
# |---|---|---|
# | both errors high and close: underfitting | columns, interactions, a larger model | rows |
# | train low, test high: overfitting | rows, a penalty, averaging, stopping | a larger model |
# | both low, production bad | look for a leak or a shift | either cure |
#
# Even with eight times the rows the full tree stays behind the tree of two levels: a limit on the
# depth is cheaper than rows.
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
wide = pd.concat({seed: descend(seed) for seed in draws}, names=["seed", "features"])
mean = wide.groupby("features").mean()
mean.round(2)

# %%
descents = "Two descents without a penalty, one with"
ax = plots.style.frame(
    None, title=descents, xlabel="random features", ylabel="share of wrong digits"
)
for curve, mark, tint in zip(mean, ("^:", "s--", "o-"), ("grey", "red", "blue"), strict=True):
    ax.plot(WIDTHS, mean[curve], mark, color=plots.COLOURS[tint], label=curve)
ax.axvline(200, ls="--", color=plots.COLOURS["grey"], lw=1, label="as many as rows")
ax.set_xscale("log")
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %%
bare, tuned = (wide[name].unstack() for name in ("no penalty", "tuned penalty"))
peak = bare.mean().loc[60:].idxmax()
braked = tuned.mean().loc[60:].max() / bare.mean().min()
theory = "Theory puts the peak at 200 features, one for each row; these are the widths beside it."
claim("features at the peak of the error", peak, between=(150, 250), why=theory)
luck = "Above 1 some width without a penalty would beat some width with one."
claim(
    "60 features or more, tuned penalty at its worst / no penalty at its best",
    braked,
    at_most=1,
    why=luck,
)

# %% [markdown]
# With as many features as rows exactly one set of weights fits all labels, wrong ones included, and
# these weights are large. With more features there are many such sets, and least norm picks the
# smallest: width acts as a penalty. **What it does not say:** that overfitting is over. The first descent's best and the
# tail are about equally good here; from 60 features on a tuned penalty beats both at every width,
# and with it the curve has no peak. The peak needs (nearly) no penalty, noise, and a size near the
# number of rows.
#
# How much of it is the noise? The same without flipped labels:

# %%
some = {"flipped": 0.0, "widths": [60, 200, 2000]}
clean = pd.concat({seed: descend(seed, **some) for seed in draws}, names=["seed"])
clean_bare = clean["no penalty"].unstack()
print(clean_bare.mean().round(2).to_string())
noise, tail = bare[200] - clean_bare[200], clean_bare[60] - clean_bare[2000]
no_part = "Below what is worth a change, wrong labels would play no part in the peak."
claim(
    "error at the peak, flipped - clean labels, lower end",
    lower(noise),
    at_least=DIGITS,
    why=no_part,
)
equal = "Below what is worth a change, the second descent would only equal the first."
claim("clean labels: 60 features - 2,000, lower end", lower(tail), at_least=DIGITS, why=equal)

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
