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
#     - the six steps
#     - a time split
#     - a baseline
#     - a claim for every headline
#     datasets:
#     - cdnow
#     extras: []
#     question: Design a system that tells a music shop which customers will buy in
#       the next quarter.
#     seconds: 10
#     title: 'Template: who will buy again?'
# ---

# %% [markdown]
# # Who will buy again?
#
# > *Interviewer:* A music shop wants to mail the customers who are likely to buy next quarter. Design it.
#
# This is the smallest complete case study, and the template for the others: six steps in the order of an interview
# answer, one thing a cell, every headline a claim. By the end you will be able to
#
# - turn a log of purchases into features and a label without looking into the future;
# - say what a model must beat before anyone builds it;
# - test on the next quarter, not on other customers of the same one.

# %% tags=["parameters"]
train_cut, test_cut = "1997-10-01", "1998-01-01"  # features end here, the label's quarter begins
mailing = 2000  # letters we can afford
seed = 0

# %%
import numpy as np
import pandas as pd

from mlsd_kit.curriculum import claim
from mlsd_kit.data import load
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.metrics import calibration_error, roc_auc_score
from mlsd_kit.preprocessing import StandardScaler

# %% [markdown]
# ## 1 Goal and scale
# A letter costs money, so the list must be short: the useful figure is how many buyers are among the
# customers we mail, and the useful order of magnitude is how often we must score them.

# %%
purchases = load("cdnow")
customers = purchases["id"].nunique()
print(f"{customers:,} customers, scored four times a year: {4 * customers:,} scores a year")
print(
    f"at 100 bytes a row the whole log is {len(purchases) * 100 / 1e6:.1f} MB: one machine will do"
)


# %% [markdown]
# ## 2 Data: a log, a cut, a label
# A row is one purchase. Everything before the cut may become a feature; whether the customer buys in the
# quarter after it is the label. **Before you go on:** what would happen if the cut were applied to the label only?

# %%
def snapshot(log: pd.DataFrame, cut: str, *, features_until: str | None = None) -> pd.DataFrame:
    """One row a customer known at ``cut``: recency, frequency, spend, age, and the label."""
    start, end = pd.Timestamp(cut), pd.Timestamp(cut) + pd.DateOffset(months=3)
    until = pd.Timestamp(features_until or cut)
    past = log[log["date"] < until].groupby("id")
    table = pd.DataFrame(
        {
            "recency": (until - past["date"].max()).dt.days,
            "frequency": np.log1p(past["date"].nunique()),
            "spend": np.log1p(past["usd"].sum()),
            "age": (until - past["date"].min()).dt.days,
        }
    )
    buyers = log.loc[log["date"].between(start, end, inclusive="left"), "id"]
    return table.assign(buys=table.index.isin(buyers).astype(int))


train, test = snapshot(purchases, train_cut), snapshot(purchases, test_cut)
train.describe().round(2).loc[["mean", "50%", "max"]]

# %%
leaky = snapshot(purchases, test_cut, features_until="1998-04-01")
leak_auc = roc_auc_score(leaky["buys"], -leaky["recency"])
print(
    f"ROC-AUC of recency alone, with features that run on into the label's quarter: {leak_auc:.3f}"
)

# %% [markdown]
# Recency then *is* the label: whoever bought in the quarter bought recently. This is the leak of every table
# built "as of today": **the trap is a feature that is computed after the moment it is used.** An area this
# close to one is its signature.

# %%
claim("ROC-AUC of one leaking feature", leak_auc, at_least=0.99, why="it is the label, renamed")

# %% [markdown]
# ## 3 Model: first what it must beat
# Three rules need no model: mail anyone, mail the latest buyers, mail the most frequent ones. Then the simplest
# model that can weigh both, a logistic regression on four standardised columns.

# %%
columns = ["recency", "frequency", "spend", "age"]
scaler = StandardScaler().fit(train[columns])
model = LogisticRegression(C=1.0).fit(scaler.transform(train[columns]), train["buys"])
scores = {
    "anyone": np.zeros(len(test)),
    "latest first": -test["recency"].to_numpy(float),
    "most frequent first": test["frequency"].to_numpy(float),
    "logistic regression": model.predict_proba(scaler.transform(test[columns]))[:, 1],
}

# %% [markdown]
# The library twin, on the same columns, must say the same.

# %% tags=["nbval-ignore-output"]
from sklearn.linear_model import LogisticRegression as LibraryRegression

twin = LibraryRegression(C=1.0, tol=1e-8).fit(scaler.transform(train[columns]), train["buys"])
twin_scores = twin.predict_proba(scaler.transform(test[columns]))[:, 1]
gap = np.abs(twin_scores - scores["logistic regression"])
claim("largest difference to scikit-learn", gap.max(), at_most=1e-3, why="same model, same data")

# %% [markdown]
# ## 4 Evaluate on the next quarter
# The model was fitted on labels of one quarter and is judged on the next: what the shop will live through.
# Ties (all of "anyone", most of "frequency") are broken at random, with a seed.

# %%
rng = np.random.default_rng(seed)
shuffled = rng.permutation(len(test))


def buyers_mailed(score: np.ndarray) -> int:
    """Buyers among the ``mailing`` best, ties in random order."""
    best = shuffled[np.argsort(-score[shuffled], kind="stable")[:mailing]]
    return int(test["buys"].to_numpy()[best].sum())


report = pd.DataFrame(
    {
        "ROC-AUC": {name: roc_auc_score(test["buys"], score) for name, score in scores.items()},
        "buyers mailed": {name: buyers_mailed(score) for name, score in scores.items()},
    }
)
report.round(3)

# %% [markdown]
# Is the model's lead over the best rule more than luck? The same customers, resampled with replacement, answer both.

# %%
y = test["buys"].to_numpy()
chosen, rule = scores["logistic regression"], scores["most frequent first"]
leads = []
for _ in range(200):
    rows = rng.integers(len(y), size=len(y))
    leads.append(roc_auc_score(y[rows], chosen[rows]) - roc_auc_score(y[rows], rule[rows]))
low, high = np.quantile(leads, [0.025, 0.975])
print(f"lead in ROC-AUC over the best rule: {np.mean(leads):.3f}, 95 % in [{low:.3f}, {high:.3f}]")

# %%
claim(
    "lead over the best rule, lower end",
    low,
    at_least=0.005,
    why="a model must pay for its upkeep: half a point of area at least",
)

# %% [markdown]
# ## 5 Deploy: a quarterly batch, watched
# Nothing here needs a server: a batch job writes a list. What can break is the world. Compare what the model
# expected with what happened.

# %%
expected, happened = chosen.mean(), y.mean()
print(f"expected share of buyers {expected:.3f}, happened {happened:.3f}")
error = calibration_error(y, chosen)
claim("calibration error a quarter later", error, at_most=0.04, why="the next quarter is calmer")

# %% [markdown]
# <details><summary><b>Interviewer asks:</b> the forecast is too high for the whole list. Does the list change?</summary>
#
# No: a common factor keeps the order, so the same customers are mailed. It matters as soon as a letter is weighed
# against its cost, or the budget is set from the expected number of buyers.
# </details>
#
# ## 6 Wrap up
# You can now
#
# - build features and a label around a cut, and recognise the leak when the cut is missing;
# - state the rules that a model must beat, and measure its lead with an interval;
# - judge it on the next quarter, and watch its calibration there.
#
# **At 100 × the load** the log no longer fits a laptop's memory comfortably, and the group-by moves into the database;
# the model stays as small as it is.
