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
#     - calibration
#     datasets:
#     - adult
#     extras: []
#     headline:
#     - 'seeds: weights triple the calibration error'
#     - 'seeds: naive Bayes needs isotonic'
#     - mean calibration error on 500 rows, base rate / perfect model
#     question: The model says 0.9. Does that mean nine in ten, how do you check it,
#       and how do you repair it?
#     sabotages:
#     - name: no class weights
#       replace: random_state=seed, class_weight="balanced", **TREES
#       with: random_state=seed, **TREES
#     - name: logistic regression in the place of naive Bayes
#       replace: '"naive Bayes": NaiveBayes()'
#       with: '"naive Bayes": LogisticRegression()'
#     - name: trees of two leaves
#       replace: num_leaves=8
#       with: num_leaves=2
#     - name: the repair learns from shuffled labels
#       replace: yield name, *p, y[repair], y[test]
#       with: yield name, *p, np.random.default_rng(seed).permutation(y[repair]), y[test]
#     - name: the repair sees all rows, whatever their number
#       replace: fit(p[:n], before[:n])
#       with: fit(p, before)
#     - name: the perfect model is judged on all rows
#       replace: calibration_error(perfect[rows], p[rows])
#       with: calibration_error(perfect, p)
#     seconds: 12
#     title: Calibration and its repair
# ---

# %% [markdown]
# # When does 0.9 mean nine in ten?
#
# *"Your model ranks well, and the business multiplies its scores by dollars. Can it?"*
#
# A score is **calibrated** if, among the cases scored 0.9, nine in ten are positive. We measure how
# far four models are from that on census data, repair them, and find out how many rows it takes.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from scipy.special import logit, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.naive_bayes import BernoulliNB, GaussianNB

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.metrics import brier_score_loss, calibration_error, log_loss, roc_auc_score
from mlsd_kit.preprocessing import OneHotEncoder, StandardScaler

# %% tags=["parameters"]
SEED = 0  # another one repeats everything on other splits
SEEDS = 10  # splits
TRAIN, REPAIR = 3000, 3000  # rows to fit the model, and rows to fit its repair; the rest is test
TOLERATED = 0.02  # a calibration error that we would accept: an assumption

# %% [markdown]
# Each row is a person, the label an income above 50,000 dollars. Ten seeds draw ten different
# splits.

# %%
people = data.load("adult")
y = (people.pop("income") == ">50K").to_numpy().astype(int)
numbers = people.select_dtypes("number")
words = people.drop(columns=["education", *numbers]).fillna("unknown")
encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(words)
X = np.hstack([StandardScaler().fit_transform(numbers), encoder.transform(words)])
print(f"{len(X):,} people, {X.shape[1]} columns, {y.mean():.3f} above 50,000 dollars")


# %% [markdown]
# (Encoder and scaler see all rows here. They use no label, and the same columns serve every split.)
#
# **Predict:** which of these gives calibrated probabilities without any repair: naive Bayes, boosted
# trees, the same with `class_weight="balanced"`, logistic regression? (Naive Bayes takes each column
# for what it is: normal if it is a number, a coin if it is a flag.)

# %%
class NaiveBayes:
    """Normal numbers and flags of two values, independent within each class."""

    def fit(self, X, y):
        number = np.arange(X.shape[1]) < numbers.shape[1]
        self.parts = [(number, GaussianNB().fit(X[:, number], y))]
        self.parts += [(~number, BernoulliNB().fit(X[:, ~number], y))]
        self.log_prior = np.log(np.bincount(y) / len(y))
        return self

    def predict_proba(self, X):
        joint = sum(nb.predict_joint_log_proba(X[:, columns]) for columns, nb in self.parts)
        return softmax(joint - self.log_prior, axis=1)  # each part has counted the prior once


TREES = dict(n_estimators=60, num_leaves=8, min_child_samples=20)
TREES |= dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)


def models(seed):
    return {
        "naive Bayes": NaiveBayes(),
        "boosting": LGBMClassifier(random_state=seed, **TREES),
        "boosting, weighted": LGBMClassifier(random_state=seed, class_weight="balanced", **TREES),
        "logistic regression": LogisticRegression(),
    }


def split(seed):
    rows = np.random.default_rng(seed).permutation(len(X))
    return np.split(rows, [TRAIN, TRAIN + REPAIR])


def scored(seed):
    train, repair, test = split(seed)
    for name, model in models(seed).items():
        model.fit(X[train], y[train])
        p = [model.predict_proba(X[rows])[:, 1].clip(1e-6, 1 - 1e-6) for rows in (repair, test)]
        yield name, *p, y[repair], y[test]


draws = range(SEED * SEEDS, (SEED + 1) * SEEDS)
runs = [(seed, *run) for seed in draws for run in scored(seed)]


# %%
def judge(p, labels):
    scores = {"ROC-AUC": roc_auc_score, "log loss": log_loss, "Brier score": brier_score_loss}
    return {name: score(labels, p) for name, score in scores.items()} | {
        "calibration error": calibration_error(labels, p),
        "says on average": p.mean(),
        "happens": labels.mean(),
    }


raw = pd.DataFrame(
    [{"seed": seed, "model": name} | judge(p, labels) for seed, name, _, p, _, labels in runs]
)
raw.groupby("model", sort=False).mean().drop(columns="seed").round(3)

# %% tags=["key-figure"]
ax, title = None, "Predicted and observed shares in ten bins, first split"
for _, name, _, p, _, labels in runs[:4]:
    ax = plots.plot_calibration(labels, p, name=name, ax=ax, title=title)

# %%
error = raw.pivot(index="seed", columns="model", values="calibration error")
auc = raw.pivot(index="seed", columns="model", values="ROC-AUC")
weighted, plain = error["boosting, weighted"], error["boosting"]
tripled = (weighted > 3 * plain).mean()
naive = (error["naive Bayes"] > 3 * error["logistic regression"]).mean()
ranks = (auc["boosting, weighted"] > auc["logistic regression"]).mean()
claim("seeds: weights triple the calibration error", tripled, at_least=0.9,
      why="The weights make the model predict for a world in which half have the high income.")
claim("seeds: naive Bayes triples the error of logistic regression", naive, at_least=0.9,
      why="Its columns are correlated, and it counts what they share several times.")
claim("seeds: weighted trees rank better than logistic regression", ranks, at_least=0.9,
      why="Ranking does not see a shift that keeps the order.")


# %% [markdown]
# Ranking and calibration are two things. Naive Bayes counts what correlated columns share several
# times, so its scores are too near to zero and one; the weighted model predicts for a world in which
# half have the high income; plain boosting and logistic regression minimise log loss, which is
# smallest when the scores are the true probabilities.
#
# ## The repair
#
# Learn a curve from score to probability on rows **the model has not seen**. *Platt*: a logistic
# curve in the log-odds, two numbers. *Isotonic*: any rising steps. Will a repair improve the
# ranking, too?

# %%
def platt(p, labels):
    curve = LogisticRegression(C=np.inf).fit(logit(p)[:, None], labels)
    return lambda q: curve.predict_proba(logit(q)[:, None])[:, 1]


def isotonic(p, labels):
    return IsotonicRegression(out_of_bounds="clip").fit(p, labels).predict


REPAIRS = {"Platt": platt, "isotonic": isotonic}
rows = [
    {"seed": seed, "model": name, "repair": repair} | judge(fit(p, before)(q), after)
    for seed, name, p, q, before, after in runs
    for repair, fit in REPAIRS.items()
]
repaired = pd.concat([raw.assign(repair="none"), pd.DataFrame(rows)])
mean = repaired.groupby(["model", "repair"], sort=False)[["calibration error", "ROC-AUC"]].mean()
mean.unstack().round(3)

# %%
broken, table = "boosting, weighted", repaired.set_index(["model", "repair", "seed"]).sort_index()
ece, area = table["calibration error"], table["ROC-AUC"]
mended = (ece[broken, "Platt"] < TOLERATED).mean()
same = (area[broken, "Platt"] - area[broken, "none"]).abs().max()
curve = (ece["naive Bayes", "isotonic"] < ece["naive Bayes", "Platt"]).mean()
claim("seeds: Platt mends weighted boosting", mended, at_least=0.9,
      why="Weights shift log-odds, and Platt shifts them back.")
claim("largest change of its ROC-AUC", same, at_most=1e-9, why="A rising curve keeps the order.")
claim("seeds: naive Bayes needs isotonic", curve, at_least=0.9,
      why="A logistic curve does not have the shape of its error.")

# %% [markdown]
# ## How many rows does a repair need?
#
# Isotonic takes any shape. **Predict:** is it the better choice with 100 rows for the repair?
# (Lines: medians over the seeds; bands: 80 % of them.)

# %%
SIZES = [50, 100, 300, 1000, 3000]


def with_rows(n):
    for seed, name, p, q, before, after in runs:
        for repair, fit in REPAIRS.items():
            says = np.clip(fit(p[:n], before[:n])(q), 1e-3, 1 - 1e-3)
            yield name, n, repair, seed, log_loss(after, says)


sizes = pd.DataFrame([row for n in SIZES for row in with_rows(n)])
loss = sizes.pivot(index=1, columns=[0, 2, 3], values=4).sort_index(axis=1)

# %%
_, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
for ax, model in zip(axes, (broken, "naive Bayes"), strict=True):
    frame = dict(xlabel="rows for the repair", ylabel="log loss on test [nats]")
    plots.style.frame(ax, title=f"{model}, repaired", **frame)
    for colour, look, repair in zip(plots.PALETTE, ("o-", "s--"), REPAIRS, strict=False):
        low, middle, high = loss[model, repair].quantile([0.1, 0.5, 0.9], axis=1).to_numpy()
        ax.plot(SIZES, middle, look, color=colour, label=repair)
        ax.fill_between(SIZES, low, high, color=colour, alpha=0.2, lw=0)
    ax.set_xscale("log"), ax.set_xticks(SIZES, SIZES), ax.minorticks_off()
_ = ax.legend(frameon=False)

# %%
wins = (loss.xs("isotonic", level=1, axis=1) < loss.xs("Platt", level=1, axis=1)).T
ahead = wins.groupby(level=0).mean().loc[[broken, "naive Bayes"]]
ahead.round(2).rename_axis(index="seeds in which isotonic wins", columns="rows")

# %%
claim("weights, 100 rows: share of seeds in which isotonic wins",
      ahead.loc[broken, 100], at_most=0.1, why="With few rows its steps follow noise.")
claim("naive Bayes, 50 rows: share of seeds in which isotonic wins",
      ahead.loc["naive Bayes", 50], at_most=0.5, why="It has the right shape and too few rows.")
claim("naive Bayes, 3,000 rows: share of seeds in which isotonic wins",
      ahead.loc["naive Bayes", 3000], at_least=0.9, why="With enough rows the free shape pays.")
harm = loss[broken, "isotonic"].loc[50] > table.loc[(broken, "none"), "log loss"]
claim("seeds: 50 rows of isotonic do harm", harm.mean(), at_least=0.5,
      why="A repair by noise is worse than none.")


# %% [markdown]
# Weights shift every log-odds by the same amount, which is just what Platt's curve can undo; the
# freedom of isotonic is then only noise. The error of naive Bayes is of another shape, and with
# enough rows the free curve finds it. It is the old trade of bias and variance.
#
# ## Two traps in the number itself
#
# Score everybody with the base rate. And draw labels from the scores, so that these are perfect.
# Which of the two has the larger calibration error on 500 rows? (Mean over groups of 500 test rows.)

# %%
def traps(place, seed):
    rng, (*_, p, _, labels) = np.random.default_rng(seed), runs[4 * place + 3]
    perfect, base = (rng.random(len(p)) < p).astype(int), np.full(500, y[split(seed)[0]].mean())
    groups = np.arange(len(p) // 500 * 500).reshape(-1, 500)
    constant = [calibration_error(labels[rows], base) for rows in groups]
    skilled = [calibration_error(perfect[rows], p[rows]) for rows in groups]
    return {"the base rate for everybody": np.mean(constant), "a perfect model": np.mean(skilled)}


trap = pd.DataFrame([traps(place, seed) for place, seed in enumerate(draws)]).mean()
trap.round(3).to_frame("calibration error on 500 rows")

# %%
claim("mean calibration error on 500 rows, base rate / perfect model",
      trap["the base rate for everybody"] / trap["a perfect model"], at_most=1,
      why="Below one, a score without skill looks better calibrated than a perfect model.")

# %% [markdown]
# A constant is calibrated and useless, so read the calibration error beside a ranking metric, or use a
# proper score (log loss, Brier), which pays for both. And the error of a finite sample has a floor
# above zero: compare with what a perfect model would show on as many rows.
#
# ## The two-minute answer
#
# *Calibrated* means that predicted and observed rates agree; ranking metrics cannot see it, because
# every rising curve keeps the order. It matters where scores are multiplied, compared with a fixed
# price, or added up. Models that minimise log loss without weights come close; naive Bayes, class
# weights, resampling and margins break it. Check with a reliability curve with equal counts in each
# bin, and a proper score. Repair on held-out rows: by arithmetic if the cause is known (weights,
# sampling), Platt with few rows, isotonic with thousands. Then watch it, for a change of the base
# rate breaks it again.
#
# - Exercise: [precision, recall, F1](../../exercises/coding/precision_recall_f1/task.md)
# - Where it pays: [churn](../customers/churn.ipynb), where offers are made by expected profit
