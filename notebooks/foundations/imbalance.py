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
#     - class imbalance
#     - resampling and SMOTE
#     - class weights
#     - threshold and calibration
#     datasets:
#     - ulb_fraud
#     extras: []
#     headline:
#     - largest average precision that balancing adds, upper end
#     - cost with the threshold by theory / best balanced model at either threshold,
#       upper end
#     - repetitions in which undoing the odds makes the weighted model cheaper
#     question: One case in six hundred is positive. What do you do?
#     sabotages:
#     - name: weights left out
#       replace: class_weight=weight
#       with: class_weight=None
#     - name: shuffled labels for the model that is not balanced
#       replace: if sampler else (A, a)
#       with: if sampler else (A, a if weight else np.random.default_rng(0).permutation(a))
#     - name: a missed fraud costs no more than a review
#       parameter: LOSS
#       value: 1.0
#     - name: the two prices swapped
#       replace: return REVIEW / (REVIEW + loss)
#       with: return loss / (REVIEW + loss)
#     - name: odds left as balancing made them
#       replace: undone = p / (p + factor * (1 - p))
#       with: undone = p
#     seconds: 35
#     title: Imbalance, by weights, by resampling, or by moving the threshold
# ---

# %% [markdown]
# # Imbalance, by weights, by resampling, or by moving the threshold
#
# *"One payment in six hundred is fraud. Your model calls everything honest. What do you do?"*
#
# At the end you will be able to
#
# - say what weights, over-sampling, SMOTE and under-sampling each do to ranking, to cost and to
#   probabilities;
# - compute the threshold from two prices instead of resampling for it;
# - undo the damage to probabilities by arithmetic, and say where that stops working.
#
# **Predict first.** Five models that differ only in how, and how strongly, they balance. (a) Which finds most frauds at
# the usual threshold of one half? (b) Which ranks best? (c) Which is cheapest once each may use its
# own threshold?

# %%
import numpy as np
import pandas as pd
from imblearn.under_sampling import RandomUnderSampler as Twin
from scipy import stats

from mlsd_kit import data
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.metrics import average_precision_score, cost_threshold, recall_score
from mlsd_kit.plots.seeds import plot_seeds
from mlsd_kit.preprocessing import StandardScaler
from mlsd_kit.resampling import SMOTE, RandomOverSampler, RandomUnderSampler

# %% tags=["parameters"]
SEED = 0  # another value: other draws in every repetition
REPEATS = 20  # payments are drawn anew in each
TRAIN, VAL, TEST = 20_000, 20_000, 120_000
REVIEW, LOSS = 1.0, 100.0  # price of a false alarm and of a missed fraud: assumptions

# %%
payments = data.load("ulb_fraud")
fraud = payments["Class"].to_numpy().astype(int)
amount = np.log1p(payments["Amount"].to_numpy(float))
X = np.column_stack([payments.filter(regex="^V").to_numpy(float), amount])
print(f"share of frauds: {fraud.mean():.2%} (published: 0.172 %)")
print(f"about {TRAIN * fraud.mean():.0f} frauds in {TRAIN:,} training rows")

# %% [markdown]
# Real card payments of two days, columns anonymised. Calling all honest is right nearly always, so
# accuracy is out. What is scarce is not balance but **frauds**: a few dozen.
#
# ## Five ways, one learner

# %%
WAYS = {
    "as it is": {},
    "weights": {"class_weight": "balanced"},
    "over-sampling": {"sampler": RandomOverSampler(sampling_strategy=0.1, random_state=0)},
    "SMOTE": {"sampler": SMOTE(sampling_strategy=0.1, random_state=0)},
    "under-sampling": {"sampler": RandomUnderSampler(random_state=0)},
}


seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)


def draw(seed):
    mixed = np.random.default_rng(seed).permutation(len(X))[: TRAIN + VAL + TEST]
    train, val, test = np.split(mixed, [TRAIN, TRAIN + VAL])
    scaler = StandardScaler().fit(X[train])
    return [(scaler.transform(X[rows]), fraud[rows]) for rows in (train, val, test)]


# %% [markdown]
# The kit's sampler draws the library's very rows.

# %%
A, a = draw(seeds[0])[0]
ours, twin = (make(random_state=0).fit_resample(A, a) for make in (RandomUnderSampler, Twin))
np.testing.assert_array_equal(ours[0], twin[0])


# %%
def odds_factor(a, used, weight):
    """By how much balancing multiplied the odds of fraud."""
    before, after = a.mean() / (1 - a.mean()), used.mean() / (1 - used.mean())
    return 1 / before if weight else after / before


def theory(loss):
    # below this probability a review costs more than it saves
    return REVIEW / (REVIEW + loss)


def price(b, p, threshold, loss):
    alarms, missed = ((p >= threshold) & (b == 0)).mean(), ((p < threshold) & (b == 1)).mean()
    return 1000 * (REVIEW * alarms + loss * missed)  # for a thousand payments


def bill(b, v, p, p_val, loss):
    own = cost_threshold(v, p_val, cost_fp=REVIEW, cost_fn=loss).threshold
    return {
        "cost at 0.5": price(b, p, 0.5, loss),
        "cost, threshold by theory": price(b, p, theory(loss), loss),
        "cost, threshold by validation": price(b, p, own, loss),
    }


# %%
PRICES = [10.0, 30.0, LOSS, 300.0, 1000.0]  # of a missed fraud
bills = {}  # by price, repetition and way


def measure(b, p, factor):
    undone = p / (p + factor * (1 - p))
    return {
        "recall at 0.5": recall_score(b, p > 0.5),
        "average precision": average_precision_score(b, p),
        "predicted / true frauds": p.mean() / b.mean(),
        "predicted / true frauds, odds undone": undone.mean() / b.mean(),
        "cost, threshold by theory, odds undone": price(b, undone, theory(LOSS), LOSS),
    }


def contest(seed):
    (A, a), (V, v), (B, b) = draw(seed)
    rows = {}
    for name, options in WAYS.items():
        sampler, weight = options.get("sampler"), options.get("class_weight")
        used = sampler.fit_resample(A, a) if sampler else (A, a)
        model = LogisticRegression(C=0.1, class_weight=weight).fit(*used)
        p, p_val = (model.predict_proba(Z)[:, 1] for Z in (B, V))
        bills.update({(loss, seed, name): bill(b, v, p, p_val, loss) for loss in PRICES})
        learned, factor = {"rows learned from": len(used[1])}, odds_factor(a, used[1], weight)
        rows[name] = learned | measure(b, p, factor) | bills[LOSS, seed, name]
    return pd.DataFrame(rows).T


# %%
runs = pd.concat({seed: contest(seed) for seed in seeds}, names=["seed", "way"])
runs.groupby("way", sort=False).mean().T.round(2)  # costs: in reviews, per 1,000 payments


# %%
def upper(values):
    # of the 95 % interval of the mean over the repetitions, by Student's t
    return np.mean(values) + stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


ranking = runs["average precision"].unstack()[list(WAYS)]
look = {"title": f"Ranking by way of balancing, {REPEATS} repetitions"}
_ = plot_seeds(ranking, unit="average precision on test", **look)

# %%
costs = {
    "as it is, at 0.5": runs["cost at 0.5"].unstack()["as it is"],
    "weights, at 0.5": runs["cost at 0.5"].unstack()["weights"],
    "as it is, threshold by theory": runs["cost, threshold by theory"].unstack()["as it is"],
    "weights, threshold by theory": runs["cost, threshold by theory"].unstack()["weights"],
    "weights, odds undone": runs["cost, threshold by theory, odds undone"].unstack()["weights"],
    "under-sampling, at 0.5": runs["cost at 0.5"].unstack()["under-sampling"],
    "under-sampling, threshold by validation": runs["cost, threshold by validation"].unstack()["under-sampling"],
}
title = f"Cost by threshold and balancing, {REPEATS} repetitions"
nothing = {"baseline": 1000 * LOSS * fraud.mean(), "baseline_name": "review nobody"}
_ = plot_seeds(costs, unit="cost per 1,000 payments [reviews]", title=title, **nothing)

# %% [markdown]
# (All repetitions draw from the payments of the same two days. An interval below says how much the draw
# of rows matters, and nothing about other days.)
#
# The price of a missed fraud is an assumption. For other prices: the model as it is, by its threshold,
# against the best balanced model at either threshold (a half, or tuned on validation rows).

# %%
levels = ["price of a missed fraud", "seed", "way"]
by_price = pd.DataFrame(bills).T.rename_axis(levels).groupby(level=[0, 2]).mean()
balanced = by_price.drop("as it is", level="way").drop(columns="cost, threshold by theory")
cheapest = balanced.min(axis=1).groupby(level=0).min()
versus = by_price.xs("as it is", level="way").assign(
    **{"review nobody": lambda t: 1000 * fraud.mean() * t.index}
)
versus.div(cheapest, axis=0).round(2)  # cost / cost of the best balanced model

# %%
recall, ratio = (runs[name].unstack() for name in ("recall at 0.5", "predicted / true frauds"))
claim(
    "repetitions in which weights find more frauds at 0.5",
    (recall["weights"] > recall["as it is"]).mean(),
    at_least=0.9,
    why="Weights multiply the odds of fraud, and nine repetitions in ten must show it.",
)
off = np.log(ratio).abs()
claim(
    "repetitions in which weights count frauds worse",
    (off["weights"] > off["as it is"]).mean(),
    at_least=0.9,
    why="To warn of their probabilities we want them farther off in nine repetitions of ten.",
)
gains = ranking.drop(columns="as it is").sub(ranking["as it is"], axis=0)
claim(
    "largest average precision that balancing adds, upper end",
    max(upper(gains[way]) for way in gains),
    at_most=0.02,
    why="For less than two points of average precision we would not build a resampling step.",
)
untouched = runs.xs("as it is", level="way")
claim(
    "repetitions in which moving the threshold beats 0.5",
    (untouched["cost, threshold by theory"] < untouched["cost at 0.5"]).mean(),
    at_least=0.9,
    why="A threshold of 0.5 takes both errors for equally expensive; nine in ten must show the loss.",
)
either = ["cost at 0.5", "cost, threshold by validation"]
rivals = runs[either].drop("as it is", level="way").unstack()
best = rivals[rivals.mean().idxmin()]
claim(
    "cost with the threshold by theory / best balanced model at either threshold, upper end",
    1 + upper(untouched["cost, threshold by theory"] - best) / best.mean(),
    at_most=1.1,
    why="A tenth of the cost is what we would pay to be spared resampling and tuning.",
)
weighted, theoretic = runs.xs("weights", level="way"), "cost, threshold by theory"
claim(
    "repetitions in which undoing the odds makes the weighted model cheaper",
    (weighted[f"{theoretic}, odds undone"] < weighted[theoretic]).mean(),
    at_least=0.9,
    why="A threshold from prices needs true probabilities, so correcting them must save money.",
)

# %% [markdown]
# At one half weights look like a cure: far more frauds found. **The trap:** the threshold was never
# sensible. A missed fraud costs `LOSS` reviews, so a review pays from the probability `theory(LOSS)` on.
# With that threshold the untouched model is as cheap as the best of the balanced ones, and its
# probabilities still count frauds. The balanced models cost several times as much at the same
# threshold (weights cost about as much as reviewing nobody, and the under-sampled model reviews nearly
# everybody), until the odds are divided by the factor that balancing multiplied them by. With few
# frauds that arithmetic is only roughly right: the line "predicted / true frauds, odds undone" should
# read one, and for weights it is far from it. The answer depends on the price: at the lower prices of
# the table the threshold by theory costs more than the best balanced model; there, tune the threshold
# of the untouched model on validation rows. (The best balanced model of each row of that table is
# chosen on the test rows, which favours balancing.)
#
# Under-sampling is cheap at one half too. Balancing and then cutting at one half *is* a moved
# threshold, but the share of frauds has set it, and not the prices: change `LOSS` and it stays.
#
# Under-sampling is the surprise: it keeps a few dozen honest rows, is as cheap as the untouched model at
# a tuned threshold, and loses some average precision. That loss is larger than the gain for which we
# would have built a resampling step. What it saves is rows.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# I ask what breaks. If it is the metric: drop accuracy; precision at the number of reviews we can
# afford, average precision, cost. If it is the decision at 0.5: move the threshold to the ratio of
# prices, or tune it on validation rows at the true base rate. If there are too many rows to train on: under-sample
# the majority and correct the odds by the known factor. If it is the number of positives: collect
# more, use a longer window, regularise; copies and interpolated points add no information. Weights
# and over-sampling to the same ratio do nearly the same thing (here the ratios differ), both shift every
# probability, and all resampling happens inside the training folds. Then I check calibration before anybody multiplies a score by
# money.
# </details>
#
# You have seen
#
# - weights that "find" frauds by moving every probability;
# - a threshold from two prices that does the same without;
# - odds divided back, roughly; and under-sampling as a way to save rows.
#
# **Where it matters:** [churn](../customers/churn.ipynb) turns plain probabilities into calls by
# their price.
# **Practise:** `mlsd check resample` ([task](../../exercises/coding/resample/task.md)).
