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
#     - class imbalance and resampling
#     - cost of false positives and false negatives
#     - delayed labels
#     - high-throughput ingestion
#     - in-memory inference and micro-batching within 50 ms
#     - training-serving skew
#     - faults without loss or doubles
#     - feedback loop and shadow model
#     datasets:
#     - ulb_fraud
#     - card_transactions
#     extras: []
#     question: Design a system that decides on every card payment within 50 ms whether
#       to block it.
#     seconds: 90
#     title: Stop card fraud within 50 ms
# ---

# %% [markdown]
# # Stop card fraud within 50 ms
#
# *"Design real-time fraud detection for a card issuer: every payment is decided while the customer
# waits, and frauds are known only days later."*
#
# At the end you will be able to
#
# - choose a metric that one fraud in 600 payments does not fool;
# - split by time, with the days in which no label is known, and say what a random split hides;
# - resample without leaking, and put a number on what the leak would have pretended;
# - decide by the money at stake, payment by payment;
# - build the same features twice, from a table and from a stream, equal to the last bit;
# - run producer, broker, feature store and scorer as processes, and measure their latency honestly;
# - kill, stall and confuse them without losing a payment or deciding one twice;
# - let a new model prove itself in the shadow of the old one.

# %%
import json
import re
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier

from mlsd_kit import plots
from mlsd_kit.curriculum import claim
from mlsd_kit.data import load

# %% tags=["parameters"]
SEED = 0
SEEDS = 3  # simulated worlds behind each band
ALARM = 5.0  # what blocking a genuine payment costs: a call, and some goodwill
RATE = 500  # payments a second that the system must carry
LIMIT = 50.0  # ms from a payment's due time to its decision, read
STEADY, STAGE = 12, 5  # seconds of steady load, and of each stage of the ramp
RAMP = [1000, 2000, 4000, 8000]  # payments a second, until the limit breaks
FAULT_SECONDS = 1.2  # load during each fault

# %% [markdown]
# ## 1 Understand the problem
#
# The output is one bit a payment, block or let pass, while the customer stands at the till. Two
# prices make it a decision: a missed fraud costs the amount; a blocked honest payment costs a call
# and a customer's patience. And the truth comes late: analysts and complaining customers take about
# a week.
#
# <details><summary><b>Interviewer asks:</b> what do you want to know first?</summary>
#
# Who answers for a missed fraud, and what does a false alarm cost? How long may the answer take,
# at which load, and what happens if it does not come (let pass, block, ask for a PIN)? How late are
# labels, and are blocked payments ever labelled? What do we know of a card and of a merchant? What
# may be stored: card numbers, for how long, who may see them?
# </details>
#
# Predict before running: do the histories of all cards fit into memory?

# %%
cards, payments_a_day, bytes_an_event = 10_000_000, RATE * 86_400, 16
scale = {
    "payments a day [million]": payments_a_day / 1e6,
    "frauds a day, at one in 600 [thousand]": payments_a_day / 600 / 1e3,
    "30 days of (time, amount) of all cards [GB]": 30 * payments_a_day * bytes_an_event / 1e9,
    "payments in flight at 50 ms": RATE * LIMIT / 1e3,
    "cards that analysts can look at, 100 a day [share of cards]": 100 / cards,
}
pd.Series(scale).map("{:,.5g}".format).to_frame("back of the envelope")

# %% [markdown]
# They do, on one machine: latency and correctness are the problem, not size. And analysts see
# almost nothing: what they look at must be right.
#
# ## 2 Data
#
# Two sources, since neither is enough. The **ULB** payments are real, but anonymised beyond use for
# a system: no card, no merchant, two days.

# %%
ulb = load("ulb_fraud")
y, euros = ulb.pop("Class").to_numpy(), ulb["Amount"].to_numpy()
X = ulb.drop(columns="Time").to_numpy()  # the rows are in order of time
claim("ULB payments", len(y), between=(284_807, 284_807), why="the published set")
claim("of which frauds", y.sum(), between=(492, 492), why="the published set")

# %% [markdown]
# The **simulated** payments have cards, terminals and half a year of history. Their mechanism is the
# *Fraud Detection Handbook*'s (Le Borgne et al., 2022): a dear payment is a fraud (scenario 1), some
# terminals are taken over for four weeks (2), some cards are stolen for two (3). Does our code draw
# the world that they published? One world says little: draw several.

# %%
worlds = [load("card_transactions", seed=SEED + k) for k in range(SEEDS)]
counts = pd.DataFrame(
    [[len(world), *world["scenario"].value_counts().loc[[1, 2, 3]]] for world in worlds],
    columns=["payments", "scenario 1", "scenario 2", "scenario 3"],
)
published = pd.Series([1_754_155, 973, 9_077, 4_631], index=counts.columns)
pd.DataFrame({"least": counts.min(), "most": counts.max(), "published": published})

# %%
for name in counts:
    away = counts[name].mean() / published[name] - 1
    claim(f"{name}, mean over worlds / published - 1", away, between=(-0.05, 0.05), why="chance")
fraud_share = np.mean([world["fraud"].mean() for world in worlds])
claim("share of frauds", fraud_share, approx=0.00837, rel=0.05, why="published: 0.837 %")

# %% [markdown]
# ### Features: what has this card done, what has happened at this terminal?
#
# Fifteen columns: the amount, weekend, night; number and mean amount of the card's payments in 1, 7
# and 30 days; number of payments and share of frauds at the terminal in 1, 7 and 30 days **that
# ended a week ago**, because only their labels are known. The kit sorts each card's payments once
# and finds every window by bisection, without a loop over rows.

# %%
from mlsd_kit.systems.fraud.features import features

FROM, TRAIN, LIVE, END = (
    pd.Timestamp(f"2018-{day}") for day in ("06-18", "07-25", "08-08", "08-29")
)


def season(world):
    """Payments that training, test and the live system need, with a month of history before."""
    return world[world["time"].between(FROM, END, inclusive="left")].reset_index(drop=True)


tables = [season(world) for world in worlds]
rows = [features(table) for table in tables]
world, known = tables[0], rows[0]

# %% [markdown]
# The textbook asks pandas for a rolling window of each card. The same numbers?

# %%
few = world[world["card"] < 100]
rolling = few.set_index("time").groupby("card")["amount"].rolling("7D")
order = few.sort_values(["card", "time"], kind="stable").index
ours, slow = known.loc[order], pd.DataFrame({"n": rolling.count(), "mean": rolling.mean()})
np.testing.assert_array_equal(ours["card_count_7"], slow["n"])
np.testing.assert_allclose(ours["card_mean_7"], slow["mean"], atol=1e-9)
unequal = (ours["card_mean_7"].to_numpy() != slow["mean"].to_numpy()).mean()
claim("share of means that differ in the last bits", unequal, at_least=0.1, why="sums of floats")

# %% [markdown]
# Equal, and yet not the same: a running sum of dollars in floating point depends on the order of
# additions. Between training code and serving code that difference is **skew**, and a tree that
# splits there decides otherwise. The kit adds whole cents, which are exact in any order. Section 5
# holds the two to equality, not to a tolerance.
#
# ## 3 Choose a model
#
# ### The metric first
#
# On the ULB payments, in order of time: learn from the first 70 %, judge on the rest. The model is
# boosted trees on all frauds and a sample of the genuine payments, as one does when there are too
# many; section 4 puts the probabilities right.

# %%
KEPT = 30_000  # genuine payments kept for training
REPEATABLE = dict(n_jobs=1, deterministic=True, force_col_wise=True, random_state=SEED, verbose=-1)
BRAKES = dict(min_child_samples=50, reg_lambda=10, colsample_bytree=0.4)


def boosting(**changes):
    size = dict(n_estimators=100, learning_rate=0.09, num_leaves=15)
    return LGBMClassifier(**(REPEATABLE | BRAKES | size | changes))


def thin(rows, kept=KEPT, seed=SEED):
    genuine = np.random.default_rng(seed).choice(rows[y[rows] == 0], kept, replace=False)
    return np.sort(np.concatenate([rows[y[rows] == 1], genuine]))


cut = int(0.7 * len(y))
past, future = np.arange(cut), np.arange(cut, len(y))
few = thin(past)
p = boosting().fit(X[few], y[few]).predict_proba(X[future])[:, 1]

# %%
from mlsd_kit.metrics import accuracy_score, average_precision_score, roc_auc_score, roc_curve


def recall_at(y, p, share=0.001):
    false_alarms, recall, _ = roc_curve(y, p)
    return recall[false_alarms <= share].max()


def scores(y, p, cut=0.5):
    return {
        "accuracy": accuracy_score(y, p > cut),
        "ROC-AUC": roc_auc_score(y, p),
        "average precision": average_precision_score(y, p),
        "recall at 0.1 % false alarms": recall_at(y, p),
    }


yf, rng = y[future], np.random.default_rng(SEED)
candidates = {"never fraud": np.zeros(len(yf)), "dearest first": euros[future] / euros.max()}
candidates |= {"boosting": p, "boosting, top 200 reversed": p.copy()}
top = np.argsort(-p)[:200]
candidates["boosting, top 200 reversed"][top] = p[top[::-1]]
metrics = pd.DataFrame({name: scores(yf, score) for name, score in candidates.items()}).T
metrics.round(3)

# %% [markdown]
# The last row is a model spoilt on purpose: its 200 most suspicious payments, all that anybody will
# ever act on, in reverse order. Which metric notices?

# %%
spoilt = metrics.loc["boosting"] - metrics.loc["boosting, top 200 reversed"]
never = metrics.loc["never fraud", "accuracy"]
claim("accuracy of 'never fraud'", never, at_least=0.998, why="the class balance")
claim("ROC-AUC lost by the spoilt model", spoilt["ROC-AUC"], at_most=0.01, why="85,000 other rows")
lost = spoilt["average precision"]
claim("average precision lost by it", lost, at_least=0.2, why="it looks at the top of the list")

# %% [markdown]
# ROC-AUC averages over false-alarm rates that nobody can afford. Average precision, recall at a
# fixed small rate of false alarms, and precision among the cards that analysts can look at are about
# the top of the list; money comes in section 4.
#
# ### Does a random split flatter?
#
# Most published figures on these payments come from a random split, and reach 0.85. It is easy to
# believe that it flatters: frauds come in bursts, and a burst that is cut in two is half known. Learn from
# *all* payments of the training part now, twice: in order of time, and in random folds. Which will
# score higher, and why?

# %%
from mlsd_kit.model_selection import StratifiedKFold, cross_val_predict

folds = StratifiedKFold(3, shuffle=True, random_state=SEED)
by_chance = cross_val_predict(boosting(), X, y, cv=folds, method="predict_proba")[:, 1]
in_time = boosting().fit(X[past], y[past]).predict_proba(X[future])[:, 1]

# %%
parts = {"all payments": slice(None), "first 70 %": past, "last 30 %": future}
ap = pd.DataFrame({"frauds in 1,000": [1000 * y[rows].mean() for rows in parts.values()]}, list(parts))
ap["random folds"] = [average_precision_score(y[rows], by_chance[rows]) for rows in parts.values()]
ap["in order of time"] = [np.nan, np.nan, average_precision_score(yf, in_time)]
ap.round(3)

# %% [markdown]
# Compare down and across. The headline pair, random folds on everything against order of time, seems
# to say that the random split flatters. But on the *same* payments, the last 30 %, the model that
# knows their neighbours scores no better than the one that knows the past alone: those payments are
# harder, with fewer frauds among them. And how much is luck? Draw test sets of that size from the
# random folds' scores.

# %%
rng = np.random.default_rng(SEED)
draws = [rng.choice(len(y), len(future), replace=False) for _ in range(100)]
lucky = np.array([average_precision_score(y[rows], by_chance[rows]) for rows in draws])
ap_time = ap.loc["last 30 %", "in order of time"]
title = f"Luck alone: {lucky.min():.2f} to {lucky.max():.2f} for one model"
ax = plots.style.frame(None, title=title, xlabel="average precision", ylabel="random test sets")
ax.hist(lucky, bins=20, color=plots.COLOURS["sky"])
ax.axvline(ap_time, color=plots.COLOURS["red"], lw=2, ymax=0.8, label="in order of time")
ax.axvline(0.85, color=plots.COLOURS["ink"], ls="--", ymax=0.8, label="often published")
ax.set_ylim(top=1.25 * ax.get_ylim()[1])
_ = ax.legend(frameon=False, loc="upper left")

# %%
by_fold, luck = ap["random folds"], lucky.max() - lucky.min()
same_rows, harder = by_fold["last 30 %"] - ap_time, by_fold["first 70 %"] - by_fold["last 30 %"]
claim("average precision, in order of time", ap_time, between=(0.78, 0.83), why="below the 0.83 hoped for")
claim("random folds, all payments", by_fold["all payments"], approx=0.85, rel=0.01, why="often published")
claim("what knowing the neighbours adds on the last 30 %", same_rows, between=(-0.02, 0.02), why="little")
claim("first 70 % minus last 30 %, same folds", harder, at_least=0.02, why="the real reason")
claim("luckiest minus unluckiest random test set", luck, at_least=0.05, why="one split says little")

# %% [markdown]
# The honest headline is the one in order of time, with the random one and the reason beside it. A
# single number from a single random split says as much about the split as about the model.
#
# ### Imbalance, four ways
#
# Weights, fewer genuine payments, copied frauds, synthetic frauds (SMOTE): each *inside* the folds,
# on the first 70 %, with fewer genuine payments for speed.

# %%
from imblearn.pipeline import make_pipeline as resampled

from mlsd_kit.resampling import SMOTE, RandomOverSampler, RandomUnderSampler

few = thin(past, kept=25_000)
A, b = X[few], y[few]
small = boosting(n_estimators=80, learning_rate=0.08)
ways = {
    "as it is": small,
    "class weights": boosting(n_estimators=80, learning_rate=0.08, class_weight="balanced"),
    "under-sampling": resampled(RandomUnderSampler(random_state=SEED), small),
    "over-sampling": resampled(RandomOverSampler(random_state=SEED), small),
    "SMOTE": resampled(SMOTE(random_state=SEED), small),
}
fold_scores = {
    name: cross_val_predict(way, A, b, cv=folds, method="predict_proba")[:, 1]
    for name, way in ways.items()
}
ways_table = pd.DataFrame({name: scores(b, q) for name, q in fold_scores.items()}).T
ways_table["mean probability / share"] = [q.mean() / b.mean() for q in fold_scores.values()]
ways_table.round(3)

# %% [markdown]
# Now SMOTE *before* the split, the way many notebooks do it: first balance the table, then
# cross-validate. What will the score be?

# %%
balanced, labels = SMOTE(random_state=SEED).fit_resample(A, b)
q = cross_val_predict(small, balanced, labels, cv=folds, method="predict_proba")[:, 1]
claimed = average_precision_score(labels, q)
leaky = average_precision_score(labels[: len(b)], q[: len(b)])  # judged on the real rows alone
honest = ways_table.loc["SMOTE", "average precision"]
print(f"claimed {claimed:.3f}; on the real rows {leaky:.3f}; inside the folds {honest:.3f}")

# %%
added = (
    ways_table["average precision"].drop("as it is").max() - ways_table.iloc[0]["average precision"]
)
distorted = ways_table["mean probability / share"].drop("as it is").min()
claim(
    "average precision that SMOTE before the split invents",
    claimed - honest,
    at_least=0.08,
    why="see below",
)
claim(
    "of that, on the real rows: the leak alone",
    leaky - honest,
    at_least=0.03,
    why="near-copies of test rows",
)
claim(
    "average precision the four ways add",
    added,
    at_most=0.02,
    why="within luck: the order needs no balance",
)
claim(
    "their mean probability / share of frauds",
    distorted,
    at_least=1.3,
    why="and its meaning suffers",
)

# %% [markdown]
# Two lies in one figure. The folds hold as many frauds as genuine payments, a world that is not
# ours. And a synthetic fraud lies between two real ones: one of them in the test fold means that
# the training fold has seen it. Resample inside the fold, or rather not at all: on these payments none
# of the four ways helps.
#
# ### Delayed labels: the Handbook's protocol
#
# A week to learn from, a week in which no label is known yet, a week of test, from which the cards
# known to be stolen are removed: they are blocked. Five models in several worlds.

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlsd_kit.systems.fraud.evaluation import card_precision, delayed_split

SMALL_TREES = dict(n_estimators=200, learning_rate=0.05, num_leaves=8, min_child_samples=30)
models = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "tree of depth 2": DecisionTreeClassifier(max_depth=2, random_state=SEED),
    "unlimited tree": DecisionTreeClassifier(random_state=SEED),
    "random forest": RandomForestClassifier(20, random_state=SEED),
    "boosting": boosting(**SMALL_TREES),
}
METRICS = ["ROC-AUC", "average precision", "card precision@100"]


def judged(model, table, rows):
    train, test = delayed_split(table, str(TRAIN.date()))
    fraud, columns = table["fraud"].to_numpy(), rows.to_numpy(np.float32)
    q = model.fit(columns[train], fraud[train]).predict_proba(columns[test])[:, 1]
    ranking = roc_auc_score(fraud[test], q), average_precision_score(fraud[test], q)
    return *ranking, card_precision(table.iloc[test], q)


# %%
results = np.array(
    [[judged(m, *pair) for pair in zip(tables, rows, strict=True)] for m in models.values()]
)  # (model, world, metric)
published = np.array(
    [
        [0.871, 0.606, 0.291],
        [0.763, 0.496, 0.241],
        [0.788, 0.309, 0.243],
        [0.867, 0.658, 0.287],
        [0.862, 0.639, 0.273],
    ]
)  # the last row is XGBoost's
board = {"mean": results.mean(axis=1), "spread": results.std(axis=1, ddof=1), "published": published}
board = {name: pd.DataFrame(part, list(models), METRICS) for name, part in board.items()}
pd.concat(board, axis=1).swaplevel(axis=1)[METRICS].round(3)

# %% [markdown]
# The published row comes from one more world, of which nobody knows whether it was a lucky one. So
# ask where one more world would fall: the **prediction interval** around the mean of $n$ worlds has the
# half width $t_{n-1}\,s\sqrt{1 + 1/n}$. With few worlds it is wide, and honest.

# %%
from scipy import stats

reach = stats.t.ppf(0.975, SEEDS - 1) * board["spread"] * np.sqrt(1 + 1 / SEEDS)
_, axes = plt.subplots(1, 3, figsize=(10.5, 3), layout="constrained", sharey=True)
titles = "Ranking of all payments", "Top of the list", "What analysts see"
for k, (ax, metric, title) in enumerate(zip(axes, METRICS, titles, strict=True)):
    plots.style.frame(ax, title=title, xlabel=metric, ylabel="", grid="x")
    low, high = (board["mean"][metric] + sign * reach[metric] for sign in (-1, 1))
    ax.hlines(list(models), low, high, color=plots.COLOURS["sky"], lw=6, label="one more world")
    for of_world, label in zip(results[:, :, k].T, ["our worlds", *[None] * SEEDS], strict=False):
        ax.plot(of_world, list(models), "|", color=plots.COLOURS["blue"], ms=9, mew=2, label=label)
    ax.plot(published[:, k], list(models), "D", color=plots.COLOURS["red"], label="published")
    ax.set_ylim(4.5, -0.5)
_ = axes[1].legend(frameon=False, loc="upper left", fontsize=8)

# %%
_, test = delayed_split(world, str(TRAIN.date()))
perfect = card_precision(world.iloc[test], world["fraud"].to_numpy()[test])
print(f"card precision@100 of a perfect score: {perfect:.3f}")
off = (board["mean"] - published).abs()
inside, ours = (off <= reach).to_numpy().mean(), board["mean"]["average precision"]
claim("published figures inside the prediction interval, share", inside, at_least=0.8, why="chance")
for metric, most in zip(METRICS, (0.05, 0.09, 0.07), strict=True):  # with few worlds the interval is wide
    claim(f"largest distance from the published {metric}", off[metric].max(), at_most=most, why="chance")
likeness = stats.spearmanr(ours, published[:, 1]).statistic
claim("rank correlation with the published models' order", likeness, at_least=0.8, why="same lessons")
tree = ours["unlimited tree"] / ours["random forest"]
claim("unlimited tree: average precision / forest's", tree, at_most=0.7, why="published: 0.47")

# %% [markdown]
# The published row could be one of ours, and the models come in nearly its order. One tree without
# limits loses little ROC-AUC and half of the average precision: its scores are 0 and 1, and do not
# order the top of the list. And what analysts see is bounded by what there is to find: a perfect
# score would not reach 1 either.
#
# <details><summary><b>Interviewer asks:</b> why leave a week between training and test?</summary>
#
# Because production has it. On the day of the decision, last week's frauds are not known: a model
# trained up to yesterday exists only in hindsight, and so does a feature that counts yesterday's
# frauds of a terminal. The same rule removes cards known to be stolen from the test: they are blocked.
# </details>
#
# ## 4 Evaluate
#
# ### A probability after sampling
#
# Training on a sample of the genuine payments multiplied the odds of fraud by a known factor. Divide
# it out, or every probability is too high.

# %%
from mlsd_kit.metrics import calibration_error

kept_share = KEPT / (y[past] == 0).sum()
corrected = p * kept_share / (p * kept_share + 1 - p)
repair = {"as trained": p, "odds divided": corrected}
repair = pd.DataFrame(
    {name: [q.sum() / yf.sum(), 1e3 * calibration_error(yf, q)] for name, q in repair.items()},
    index=["expected / actual frauds", "calibration error [1/1000]"],
).T
repair.round(2)

# %%
before, after = repair["expected / actual frauds"]
claim("expected / actual frauds, as trained", before, at_least=1.5, why="a world with more frauds")
claim(
    "expected / actual frauds, corrected",
    after,
    between=(0.7, 1.4),
    why="108 frauds: 20 % by chance",
)

# %% [markdown]
# ### The threshold is the money at stake
#
# Missing a fraud costs its amount; a false alarm costs the same for every payment. So block where
# $p \cdot \text{amount} > (1-p) \cdot \text{alarm}$: a threshold for each payment, which follows from
# prices and needs no search. On the simulated test week, against fixed thresholds, the best of them
# chosen with hindsight, which nobody has in advance:

# %%
train, test = delayed_split(world, str(TRAIN.date()))
fraud, columns = world["fraud"].to_numpy(), known.to_numpy(np.float32)
amount = world["amount"].to_numpy()
champion = boosting(**SMALL_TREES).fit(columns[train], fraud[train])
risk = champion.predict_proba(columns[test])[:, 1]


def dollars(block, rows=test):
    return np.where(block, ALARM * (fraud[rows] == 0), amount[rows] * (fraud[rows] == 1))


cuts = np.geomspace(0.003, 0.9, 60)
fixed = np.array([dollars(risk > cut).sum() for cut in cuts])
by_amount = dollars(risk * amount[test] > (1 - risk) * ALARM)
ax = plots.style.frame(
    None,
    title="No search, and close to the best threshold",
    xlabel="fixed threshold",
    ylabel="cost of the week [$]",
)
ax.semilogx(cuts, fixed, color=plots.COLOURS["blue"], label="block above it")
ax.axhline(by_amount.sum(), color=plots.COLOURS["orange"], label="by the money at stake")
ax.axhline(
    dollars(np.zeros(len(test), bool)).sum(),
    color=plots.COLOURS["grey"],
    ls=":",
    label="block nothing",
)
ax.yaxis.set_major_formatter("{x:,.0f}")
ax.set_ylim(0)
_ = ax.legend(frameon=False, loc="upper center")

# %%
half = dollars(risk > 0.5).sum()
claim(
    "cost by money at stake / at 0.5",
    by_amount.sum() / half,
    at_most=0.6,
    why="0.5 prices all alike",
)
claim(
    "the same / best fixed threshold, with hindsight",
    by_amount.sum() / fixed.min(),
    at_most=1.1,
    why="a world's luck moves it by a few percent",
)
error = calibration_error(fraud[test], risk)
claim(
    "calibration error of the probabilities behind it",
    error,
    at_most=0.002,
    why="small beside the base rate",
)

# %% [markdown]
# A rule that multiplies probabilities by dollars works because the probabilities are right: this
# model was trained on log loss, without weights, on all rows. With balanced classes every
# probability would be too high, and the same rule would block too much.
#
# <details><summary><b>Interviewer asks:</b> and the customers you block wrongly?</summary>
#
# Count them by customer, not by payment, and by group: the price of an alarm is an average, and
# whoever travels pays it ten times. Offer a cheap way out (a confirmation in the app) and the price
# falls for everybody, which moves the thresholds by itself.
# </details>

# %% [markdown]
# ## 5 Deploy
#
# ```
# producer → [payments] → scorer → [decisions] → reader
#                           ↕
#                         store ← [labels] ← analysts
# ```
#
# Broker, feature store and scorer are processes of their own. The store keeps every card's and
# terminal's last weeks in memory; the scorer asks it for each micro-batch, scores in ONNX and writes
# one decision a payment. Two model files: the champion, and a **fallback** that knows the payment
# alone, for when the store is silent.

# %%
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from mlsd_kit.systems.fraud import history
from mlsd_kit.systems.fraud.names import DELAY, FEATURES, OWN
from mlsd_kit.systems.fraud.scorer import BATCH, Model

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)


def save(model, name, width):
    shape = [("x", FloatTensorType([None, width]))]
    graph = convert_lightgbm(model, initial_types=shape, zipmap=False, target_opset=15)
    file = folder / f"{name}.onnx"
    file.write_bytes(graph.SerializeToString())
    return file


fallback = boosting(**SMALL_TREES).fit(columns[train, :OWN], fraud[train])
files = {
    "champion": save(champion, "champion", len(FEATURES)),
    "fallback": save(fallback, "fallback", OWN),
}
served = np.array(Model(files["champion"])(columns[test]))
gap = np.abs(served - risk).max()
claim("ONNX against native scores, largest gap", gap, at_most=1e-3, why="float32 moves a few cuts")

# %% [markdown]
# ### Why micro-batches?
#
# A call costs more than a row. How much more?

# %% tags=["nbval-ignore-output"]
onnx, sizes = Model(files["champion"]), [1, 4, 16, BATCH]


def microseconds_a_row(size, calls=200):
    block = columns[test[:size]]
    start = time.process_time()  # of this process alone: the machine may be busy
    for _ in range(calls):
        onnx(block)
    return 1e6 * (time.process_time() - start) / calls / size


cost = pd.Series({size: min(microseconds_a_row(size) for _ in range(5)) for size in sizes})
claim(
    "cost of a row, alone / in a batch of 64",
    cost[1] / cost[BATCH],
    at_least=1.3,
    why="what a call costs",
)
cost.round(1).rename_axis("batch").to_frame("microseconds a row")

# %% [markdown]
# The scorer does not wait for a batch to fill: it takes what has come while it worked on the last
# one. At low load batches are of one and nothing waits; under pressure they grow, and a row becomes
# cheaper just when that is needed.

# %% [markdown]
# ### Start it
#
# The store starts with five weeks of payments, and with the labels that are known on the morning of
# August 8. Last week's frauds are confirmed one by one and come by the labels topic.

# %%
from mlsd_kit.systems.fraud.trial import trial

is_past, week = world["time"] < LIVE, pd.Timedelta(days=DELAY)
live = world[~is_past]
labelled = world["time"] < LIVE - week
history.save(world[is_past], labelled[is_past], folder / "past.npz")
confirmed = world[~labelled & (world["time"] < END - week) & (fraud == 1)]
system = dict(past=folder / "past.npz", live=live, confirmed=confirmed, alarm=ALARM, **files)

# %% [markdown]
# ### Measure it honestly
#
# Payments come at random moments, whatever becomes of those before, and a payment's clock starts
# when it was *due*. A driver that waits for answers would slow down with the system and miss the
# worst moments (**coordinated omission**). Every payment counts, and nothing is measured twice.
# A second is set aside for one reason only, which the load cannot cause: other programs took more
# than a quarter of the machine, by their processor time. If too little is left, the claim is
# *undecided*. How late the driver was is printed and no more. It runs on the same cores, so that a
# busy system makes it late: without its late seconds the system would look better than it is.

# %% tags=["nbval-ignore-output", "alone"]
from mlsd_kit.services.load import Load

with trial(**system) as running:
    timetable = Load(RATE, STEADY, seed=SEED)
    steady = running.offer(running.take(len(timetable.due)), timetable)
    normal = running.measured
print(normal)
normal.windows.round(2)

# %% tags=["nbval-ignore-output"]
p50, p99 = normal.percentile(50), normal.percentile(99)
print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, of {len(normal.counted):,} payments")
open_because = dict(undecided=normal.undecided)
claim("p99 from due to read [ms]", p99, at_most=LIMIT, why="the requirement", **open_because)
claim("payments without a decision", normal.failed, at_most=0, why="none may wait", **open_because)

# %% tags=["nbval-ignore-output"]
parts = normal.counted[["queue", "score", "reply"]].quantile([0.5, 0.99]).T
names = ["sent until taken", "features, score", "decided until read"]
title = "Most of the time goes into the log, not the model"
ax = plots.style.frame(None, title=title, xlabel="ms", ylabel="", grid="x", figsize=(7, 2.4))
ax.barh(names, parts[0.99], color=plots.COLOURS["sky"], label="p99")
ax.barh(names, parts[0.5], color=plots.COLOURS["blue"], height=0.4, label="p50")
ax.invert_yaxis()
_ = ax.legend(frameon=False, loc="center right")
logged = parts.loc[["queue", "reply"], 0.5].sum() / parts[0.5].sum()
claim(
    "share of the p50 that goes into the log",
    logged,
    at_least=0.6,
    why="two hops, batched",
    undecided=normal.undecided,
)

# %% [markdown]
# Two hops through a log cost more than features and trees together. That is the price of a record
# that can be read again, on which everything below leans.
#
# ### Where does it break?
#
# Double the load until the p99 passes the limit, each stage measured once and as above. Keep an eye
# on the driver: it is a process on the same machine, and where it falls behind its own timetable the
# edge is shared with it.

# %% tags=["nbval-ignore-output", "alone"]
stages = {RATE: normal}
with trial(**system) as running:
    for rate in RAMP:
        timetable = Load(rate, STAGE, seed=SEED)
        running.offer(running.take(len(timetable.due)), timetable)
        stages[rate] = running.measured
        if stages[rate].percentile(99) > LIMIT:
            break
climb = pd.DataFrame(
    [
        [rate, len(m.counted), m.percentile(50), m.percentile(99), m.late, 100 * m.outside.mean()]
        for rate, m in stages.items()
    ],
    columns=["payments/s", "counted", "p50 [ms]", "p99 [ms]", "driver late [ms]", "outside [%]"],
)
print(climb.round(1).to_string(index=False))

# %% tags=["nbval-ignore-output"]
rates, high = climb["payments/s"], climb["p99 [ms]"]
last = rates.iloc[-1]
broken = f"breaks at {last:,} payments a second" if high.iloc[-1] > LIMIT else f"holds at {last:,}"
doubt = [bool(measured.undecided) for measured in stages.values()]
broken += " beside other work" if doubt[-1] else ""
ax = plots.style.frame(
    None, title=f"The limit {broken}", xlabel="offered [payments/s]", ylabel="p99 [ms]"
)
ax.loglog(rates, high, "o-", color=plots.COLOURS["blue"], label="all payments of a stage")
if any(doubt):
    shown = dict(mfc="white", color=plots.COLOURS["blue"], label="undecided: other work")
    ax.plot(rates[doubt], high[doubt], "o", **shown)
ax.axhline(LIMIT, ls="--", color=plots.COLOURS["red"], label=f"limit of {LIMIT:.0f} ms")
ax.set_xticks(rates, [f"{rate:,}" for rate in rates])
ax.set_yticks(ticks := [10, 20, 50, 100, 200, 500, 1000], ticks)
ax.minorticks_off()
_ = ax.legend(frameon=False, loc="upper left")
peak = stages[RAMP[0]]
claim(
    "p99 at the first step of the ramp [ms]",
    peak.percentile(99),
    at_most=LIMIT,
    why="a peak is twice the load",
    undecided=peak.undecided,
)

# %% [markdown]
# One process of each kind: past the edge, payments queue, and latency is the length of the queue. The
# remedy is more partitions, each with a scorer and a store of its own. The first point may lie above
# the second, though the load is half: it is the long measurement, and this broker slows down as its log
# grows, as the seconds of the table above do. A log needs an end (retention), and a load test needs
# to last.
#
# ### Are the features the same?
#
# Every decision carries the features it was made from. Compare them with those that the training
# code computes from the table, for every payment of the steady load, without a tolerance.

# %%
offline = dict(zip(world["id"], known.to_numpy(), strict=True))


def skewed(decisions):
    """Ids of the payments whose features differ from the training code's."""
    full = [d for d in decisions if not d["degraded"]]
    return {d["id"] for d in full if (offline[d["id"]] != np.array(d["features"])).any()}


# %% tags=["nbval-ignore-output"]
claim(
    "payments compared",
    sum(not d["degraded"] for d in steady),
    at_least=0.9 * len(steady),
    why="most",
    undecided=normal.undecided,
)
claim("payments with a feature that differs", len(skewed(steady)), at_most=0, why="one truth")


# %% [markdown]
# The comparison needs two rules. The features as they were are logged with the decision (computing
# them again later would compare the code with itself). And labels count from a fixed age on, longer
# than the slowest analyst: then what was known when does not depend on the day's delays.
#
# ### Break it
#
# Four faults, each under load. What must hold: every payment gets exactly one decision.
#
# 1. The producer sends every tenth payment twice.
# 2. Payments come late: every fifth is held back behind up to five hundred others.
# 3. The scorer is killed, without warning, and started again.
# 4. The store hangs: it lives, its port is open, it does not answer.
#
# Predict: which of the four change decisions?

# %%
def balance(sent, decisions):
    ids, wanted = [d["id"] for d in decisions], {message["id"] for message in sent}
    return {
        "messages": len(sent),
        "payments": len(wanted),
        "lost": len(wanted - set(ids)),
        "decided twice": len(ids) - len(set(ids)),
        "degraded": sum(d["degraded"] for d in decisions),
        "features differ": len(skewed(decisions)),
    }


def twice(messages):
    return [copy for m in messages for copy in [m] * (1 + (m["id"] % 10 == 0))]


def held_back(messages):
    rng = np.random.default_rng(SEED)
    wait = np.where(rng.random(len(messages)) < 0.2, rng.integers(1, 500, len(messages)), 0)
    return [messages[k] for k in np.argsort(np.arange(len(messages)) + wait, kind="stable")]


def kill_scorer(system):
    system.scorer.kill()
    system.scorer.start()


def stall_store(system):
    with system.stalled_store():
        time.sleep(0.7)


# %% tags=["nbval-ignore-output", "alone"]
import threading

faults = {
    "none": (list, None),
    "duplicates": (twice, None),
    "late": (held_back, None),
    "scorer killed": (list, kill_scorer),
    "store stalled": (list, stall_store),
    "none again": (list, None),
}
sent, got, during = {}, {}, {}
with trial(**system) as running:
    for name, (disturb, strike) in faults.items():
        sent[name] = disturb(running.take(int(RATE * FAULT_SECONDS)))
        if strike:  # in the middle of the load
            threading.Timer(FAULT_SECONDS / 4, strike, [running.system]).start()
        running.offer(sent[name], RATE)
        during[name] = running.measured
    time.sleep(0.5)  # a second decision would show itself by now
    everything = list(running.reader.decisions)

# %% tags=["nbval-ignore-output"]
for name, messages in sent.items():
    wanted = {message["id"] for message in messages}
    got[name] = [d for d in everything if d["id"] in wanted]
table = pd.DataFrame({name: balance(sent[name], got[name]) for name in faults}).T
table


# %% [markdown]
# Duplicates change nothing. The killed scorer decided nothing for a while, then everything, in order:
# it wrote each payment's offset into its decision, so the topic of decisions alone told its successor where
# to go on. While the store hung, decisions came from the fallback, marked as degraded; the store
# then read what it had missed from the log, and its features are right again.
#
# Late payments did change something. Which ones, exactly? A payment decided before an earlier one
# of the same card had arrived could not count it.

# %% tags=["nbval-ignore-output"]
def overtaken(arrivals):
    """Ids of the payments decided before an earlier payment of the same card had arrived."""
    table = pd.DataFrame({"id": [m["id"] for m in arrivals], "card": [m["card"] for m in arrivals]})
    table["arrival"] = np.arange(len(table))
    table = table.sort_values("id")  # the order of event time
    latest = table.groupby("card")["arrival"].cummax()
    return set(table.loc[latest > table["arrival"], "id"])


expected, found = overtaken(sent["late"]), skewed(got["late"])
degraded, differ = table["degraded"], table["features differ"]
claim("payments lost", table["lost"].sum(), at_most=0, why="through all faults")
claim("payments decided twice", table["decided twice"].sum(), at_most=0, why="through all faults")
claim(
    "degraded while the store hung",
    degraded["store stalled"],
    at_least=100,
    why="0.7 s of load",
    undecided=during["store stalled"].undecided,
)
claim(
    "late: features differ, were not overtaken", len(found - expected), at_most=0, why="explained"
)
claim("late: features differ", len(found), at_least=1, why="the price of a stream")
claim("features differ under any other fault", differ.drop("late").sum(), at_most=0, why="healed")

# %% [markdown]
# That is not a defect of the code: those decisions were made from what was known. It is why the
# features are logged as they were, and why training on recomputed ones would learn from a past
# that never happened.
#
# <details><summary><b>Interviewer asks:</b> is this exactly once?</summary>
#
# Delivery is at least once, the *effect* is once: decisions carry the offset and the id, and a
# successor reads them before it starts. It takes one writer at a time: a scorer that hung for a minute and
# then woke up beside its successor would write twice. A transactional producer fences it off (its
# writes are refused once a successor has registered), at the price of a commit for each batch.
# </details>
#
# <details><summary><b>Interviewer asks:</b> ten scorers instead of one?</summary>
#
# Partition the payments by card: each scorer and store own some cards, in order. Terminals cut
# across: their features need a second stream, partitioned by terminal, whose counts are a week old by
# design and so can be shared as a table that is a little stale.
# </details>
#
# ### Who may read what?
#
# Decisions are kept for years, card numbers must not be. The scorer masks the number and adds a keyed
# pseudonym, by which an auditor can join the payments of one card but not find the card.

# %% tags=["nbval-ignore-output"]
audit = folder / "audit.jsonl"
audit.write_text("".join(json.dumps(decision) + "\n" for decision in everything))
lines = audit.read_text().splitlines()
numbers = {message["card"] for messages in sent.values() for message in messages}
leaks = sum(not numbers.isdisjoint(re.findall(r"\d{16}", line)) for line in lines)
claim(
    "audit lines a payment",
    len(lines) / len({d["id"] for d in everything}),
    between=(1, 1),
    why="complete",
)
claim("audit lines with a card number", leaks, at_most=0, why="masked at the source")
last = json.loads(lines[-1])
{name: last[name] for name in ("card", "token", "amount", "score", "model", "block", "degraded")}

# %%
temporary.cleanup()

# %% [markdown]
# ### The loop back
#
# A week later the labels of the live week are in. A challenger learns from more and later rows,
# then runs in the **shadow**: it scores every payment, decides none (`trial(shadow=file)` does that
# live; here the same week is scored at once). When the labels of the shadow week
# arrive too, both are judged on it. It is promoted only if it is better by more than chance, and
# since payments of one card are alike, chance is counted by card.
#
# Two challengers: one learnt from two labelled weeks; the other is *impatient* and takes last week
# as well, whose frauds nobody has reported yet: they look genuine.

# %%
day = ((world["time"] - LIVE) // pd.Timedelta(days=1)).to_numpy()  # August 8 is day 0
shadow_week = (day >= 7) & (day < 14)
two_weeks, impatient_weeks = (day >= -14) & (day < 0), (day >= -7) & (day < 7)
reported = np.where(day < 0, fraud, 0)  # what is known on day 7
challengers = {
    "two labelled weeks": boosting(**SMALL_TREES).fit(columns[two_weeks], fraud[two_weeks]),
    "impatient": boosting(**SMALL_TREES).fit(columns[impatient_weeks], reported[impatient_weeks]),
}

# %%
card, truth = world["card"].to_numpy()[shadow_week], fraud[shadow_week]
running = champion.predict_proba(columns[shadow_week])[:, 1]


def gate(challenger):
    q = challenger.predict_proba(columns[shadow_week])[:, 1]
    gain = np.log(np.abs(truth - 1 + q) / np.abs(truth - 1 + running))  # of what happened
    gain = pd.Series(gain).groupby(card).sum()  # nats, a card and week
    low, high = gain.mean() + 1.96 * stats.sem(gain) * np.array([-1, 1])
    ranking = average_precision_score(truth, q)
    return {"average precision": ranking, "gain from": low, "to": high, "promote": low > 0}


verdicts = pd.DataFrame({name: gate(m) for name, m in challengers.items()}).T
print(f"running model: average precision {average_precision_score(truth, running):.3f}")
verdicts.astype(float).round(3)

# %%
good, bad = verdicts["gain from"]["two labelled weeks"], verdicts["to"]["impatient"]
claim("sure gain of two labelled weeks [nats a card]", good, at_least=0, why="promoted")
claim(
    "possible gain of the impatient one",
    bad,
    at_most=0,
    why="refused: labels that are not in are no zeros",
)

# %% [markdown]
# The loop has one more leak. A blocked payment never becomes a proven fraud, so tomorrow's training
# rows lack what today's model catches. Let a small random share of blocked payments pass, or ask
# the customer, and weigh those rows up.
#
# ## 6 Wrap up
#
# | part | choice | price |
# |---|---|---|
# | metric | average precision, recall at few false alarms, money | none is comparable across shares of fraud |
# | split | time, with the label's delay, known cards removed | few frauds in the test: wide intervals |
# | imbalance | nothing resampled; sampling undone in the odds | more rows to train on |
# | decision | probability times amount against the price of an alarm | needs calibrated probabilities |
# | features | one definition, twice in code, whole cents | a test that compares every payment |
# | state | in memory, the log is its truth | a restart reads the gap again |
# | delivery | offset inside the decision | one scorer a partition |
# | silence | time-out, fallback model, marked | weaker decisions for a moment |
#
# <details><summary><b>Interviewer asks:</b> a hundred times the load?</summary>
#
# 50,000 payments a second. Scoring is the easy part: batches grow, cores multiply. The broker takes
# it with dozens of partitions by card. The state no longer fits one process: shard it with
# the partitions, so that a scorer and its cards live on one machine and a request never leaves it.
# What breaks first is the hot key: one big merchant's terminal in a thousand partitions; count
# it approximately, near the source. And analysts do not multiply: precision at what they can look at is
# the metric that gets worse.
# </details>
#
# You have seen
#
# - a metric that notices when the top of the list is spoilt, and two that do not;
# - two splits of the same payments, and that their difference was the rows and luck;
# - SMOTE before the split, and how much of its score was invented;
# - a threshold for each payment, from prices and honest probabilities;
# - fifteen features that agree to the last bit, from a table and from a stream;
# - a pipeline of processes within its limit at the offered load, and the load at which it breaks;
# - a kill, duplicates, latecomers and a stall: nothing lost, nothing doubled, what was degraded marked;
# - a challenger that earned its place in the shadow, and one that was refused.
