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
#     - missing data
#     - imputation
#     - MCAR, MAR and MNAR
#     - missingness indicators
#     datasets:
#     - adult
#     - telco
#     extras: []
#     headline:
#     - 'MAR: repetitions in which regression is off by chance only'
#     - 'MNAR: repetitions in which even the best filling is off by more than chance'
#     - 'after the repair: mean ROC-AUC that the indicator adds'
#     question: Some of your data are missing. What do you do?
#     sabotages:
#     - name: 'holes without a reason: every value is equally likely to be lost'
#       replace: expit(push[reason])
#       with: expit(0 * push[reason])
#     - name: 'MCAR in name only: old customers lose their date'
#       replace: '"MCAR": 0 * rows[:, TENURE]'
#       with: '"MCAR": 2 * rows[:, TENURE]'
#     - name: 'other columns shuffled: they know nothing of tenure'
#       replace: ((table - table.mean()) / table.std()).to_numpy()
#       with: '((table - table.mean()) / table.std()).apply(lambda c: c if c.name ==
#         "tenure" else c.sample(frac=1, random_state=len(c.name)).to_numpy()).to_numpy()'
#     - name: a constant in place of the regression
#       replace: '"regression": RegressionImputer()'
#       with: '"regression": SimpleImputer()'
#     - name: 'few holes: one value in fifty'
#       parameter: SHARE
#       value: 0.02
#     - name: blank occupations drawn by lot
#       replace: people["occupation"].isna().to_numpy()
#       with: people["occupation"].isna().sample(frac=1, random_state=0).to_numpy()
#     seconds: 15
#     title: 'Missing data: six ways to go on, three reasons for the holes'
# ---

# %% [markdown]
# # Missing data: six ways to go on, three reasons for the holes
#
# *"Four in ten values of an important column are missing. What do you do?"*
#
# At the end you will be able to
#
# - ask the first question (why are they missing?) and name the three answers;
# - say what deletion, mean, median, regression, neighbours and an indicator each do to a mean, to a
#   spread and to a prediction;
# - say which damage no method can repair, and which repair breaks in production.
#
# **Predict first.** We remove values from a complete column, fill the holes, and compare with the truth.
# (a) Which filling keeps the column's mean? its spread? (b) Is there one that works whatever the
# reason for the holes? (c) How much ranking quality is lost with four in ten values?

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import expit

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.metrics import roc_auc_score
from mlsd_kit.plots.seeds import plot_seeds
from mlsd_kit.preprocessing import KNNImputer, RegressionImputer, SimpleImputer

# %% tags=["parameters"]
SEED = 0  # another value: other customers and holes in every repetition
REPEATS = 10  # new customers and new holes in each
ROWS = 1500  # customers in the training table, and as many in the test table
SHARE = 0.4  # of the values of one column go missing

# %% [markdown]
# ## A complete table
#
# Real telecom customers. The column that loses values is `tenure` (months as a customer); the label
# is leaving. All columns are in units of their standard deviation.

# %%
telco = data.load("telco")
leaves = (telco["Churn"] == "Yes").to_numpy().astype(int)
contract = telco["Contract"].map({"Month-to-month": 1, "One year": 12, "Two year": 24})
flags = {
    "fibre": telco["InternetService"] == "Fiber optic",
    "internet": telco["InternetService"] != "No",
    "cheque": telco["PaymentMethod"] == "Electronic check",
    "partner": telco["Partner"] == "Yes",
}
facts = telco[["tenure", "MonthlyCharges", "SeniorCitizen"]]
table = facts.assign(contract=contract, **flags).astype(float)
whole = ((table - table.mean()) / table.std()).to_numpy()
TENURE, CONTRACT = 0, 3
seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)


# %% [markdown]
# ## Three reasons to be missing
#
# - **MCAR**, completely at random: a broken disk lost the value for a random part of the rows.
# - **MAR**, at random *given the other columns*: many holders of long contracts are in an old system
#   that kept no dates.
# - **MNAR**, not at random: the longer somebody has been a customer, the likelier the date was lost.
#   The reason is the missing value itself.

# %%
def make_holes(rows, reason, rng):
    """A copy with holes in tenure, for one of the three reasons."""
    push = {"MCAR": 0 * rows[:, TENURE], "MAR": 2 * rows[:, CONTRACT], "MNAR": 2 * rows[:, TENURE]}
    chance = expit(push[reason])
    holed = rows.copy()
    holed[rng.random(len(rows)) < SHARE * chance / chance.mean(), TENURE] = np.nan
    return holed


REASONS = ["MCAR", "MAR", "MNAR"]
kept = {r: make_holes(whole, r, np.random.default_rng(SEED))[:, TENURE] for r in REASONS}
seen = {r: [np.isnan(column).mean(), np.nanmean(column)] for r, column in kept.items()}
pd.DataFrame(seen, index=["share missing", "mean of what is left"]).T.round(2)

# %% [markdown]
# The true mean is zero. Only with the first reason is what is left a representative sample.
#
# ## Six ways to go on
#
# Every imputer is fitted on training rows only, and fills the test rows with what it learned there.
# Deletion cannot delete a customer who must be scored: there the hole is filled with the training mean
# or, in a second form of deletion, by the regression.

# %%
WAYS = {
    "mean": SimpleImputer(),
    "median": SimpleImputer(strategy="median"),
    "mean + indicator": SimpleImputer(add_indicator=True),
    "regression": RegressionImputer(),
    "10 neighbours": KNNImputer(n_neighbors=10),
}


def auc(A, a, B, b):
    return roc_auc_score(b, LogisticRegression().fit(A, a).predict_proba(B)[:, 1])


def fill(train, test, a, b, truth):
    """For each way: error of tenure's mean, its spread against the truth, ROC-AUC on test."""
    some = ~np.isnan(train[:, TENURE])
    filled = {name: (way.fit_transform(train), way.transform(test)) for name, way in WAYS.items()}
    deleted = {"deletion": "mean", "deletion, then regression": "regression"}
    filled = {name: (train[some], filled[way][1]) for name, way in deleted.items()} | filled
    labels = {name: a[some] if name in deleted else a for name in filled}
    return {
        name: [
            A[:, TENURE].mean() - truth.mean(),
            A[:, TENURE].std() / truth.std(),
            auc(A, labels[name], B, b),
        ]
        for name, (A, B) in filled.items()
    }


# %%
def experiment(seed, reason):
    rng = np.random.default_rng(seed)
    train, test = rng.permutation(len(whole))[: 2 * ROWS].reshape(2, ROWS)
    a, b, A, B = leaves[train], leaves[test], whole[train], whole[test]
    result = fill(make_holes(A, reason, rng), make_holes(B, reason, rng), a, b, A[:, TENURE])
    return pd.DataFrame(result, index=["mean off", "spread", "ROC-AUC"]).T


runs = pd.concat(
    {(reason, seed): experiment(seed, reason) for reason in REASONS for seed in seeds},
    names=["reason", "seed", "way"],
)
means = runs.groupby(["way", "reason"], sort=False).mean().unstack()
means.round(2)

# %% tags=["key-figure"]
_, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained", sharex=True, sharey=True)
for ax, reason in zip(axes, REASONS, strict=True):
    errors = runs["mean off"].xs(reason).unstack()[["deletion", *WAYS]]
    title = f"{reason}, {REPEATS} repetitions"
    plot_seeds(errors, unit="error of the mean [sd]", ax=ax, title=title)
    ax.axvline(0, ls="--", color=plots.COLOURS["grey"], lw=1)

# %%
# The mean of those left, against the mean of all, in standard deviations: three standard errors.
chance = 3 * np.sqrt(1 / (ROWS * (1 - SHARE)) - 1 / ROWS)
off, spread = (runs[column].unstack("way") for column in ("mean off", "spread"))
claim(
    "MCAR: repetitions in which deletion is off by chance only",
    (off.loc["MCAR", "deletion"].abs() < chance).mean(),
    at_least=0.9,
    why="The mean of a random sample stays within three standard errors nearly always.",
)
claim(
    "MAR: repetitions in which mean filling is off by more than chance",
    (off.loc["MAR", "mean"].abs() > chance).mean(),
    at_least=0.9,
    why="To warn of a method we want to see it fail in nine repetitions of ten.",
)
claim(
    "MAR: repetitions in which regression is off by chance only",
    (off.loc["MAR", "regression"].abs() < chance).mean(),
    at_least=0.9,
    why="The reason is in the table, and a cure must work in nine repetitions of ten.",
)
claim(
    "MNAR: repetitions in which even the best filling is off by more than chance",
    (off.loc["MNAR"].abs().min(axis=1) > chance).mean(),
    at_least=0.9,
    why="The reason is not in the table, so all methods should fail in nine repetitions of ten.",
)
claim(
    "MCAR: spread that mean filling leaves, share",
    spread.loc["MCAR", "mean"].mean(),
    approx=np.sqrt(1 - SHARE),
    rel=0.05,
    why="A filled value does not deviate, so the variance falls to about the share that is kept.",
)

# %% [markdown]
# **The trap:** the three tables look alike. MAR and MNAR cannot be told apart from the data that is
# left, since the difference lies in what is not there. Ask who wrote the column, and when it is
# empty; or fetch the true value for a small random sample of the holes.
#
# ## Does the prediction care?
#
# A wrong mean makes a report wrong. Does it make a ranking worse?

# %%
ranked = runs["ROC-AUC"].unstack("way")
ranked.groupby("reason", sort=False).mean().T.round(3)

# %%
others = ranked[list(WAYS)].groupby("reason").mean()
random_holes = ranked.loc["MCAR"].mean()
claim(
    "MCAR: mean ROC-AUC after deletion, new customers filled by regression - by the mean",
    random_holes["deletion, then regression"] - random_holes["deletion"],
    at_least=0.005,
    why="Half a point is the least for which we would run another model to fill holes.",
)
claim(
    "MCAR: mean ROC-AUC that the deleted rows cost",
    random_holes["regression"] - random_holes["deletion, then regression"],
    between=(-0.005, 0.005),
    why="A difference below half a point would not decide how we treat the training rows.",
)
claim(
    "largest mean difference in ROC-AUC between two fillings",
    (others.max(axis=1) - others.min(axis=1)).max(),
    at_most=0.01,
    why="One point is about the standard error of a ROC-AUC on fifteen hundred customers.",
)


# %% [markdown]
# Hardly. The other columns carry the same facts, and a model that has learned from filled values gives
# them less weight. So the answer depends on the use: for estimates the reason decides; for predictions
# nearly any filling will do, as long as *new holes have the same reason and are filled in the same way*.
# Deletion breaks the second condition: its model has seen true values only and trusts the mean like one
# of them. That costs ranking quality here; the deleted rows hardly do.
#
# ## An indicator, and a reason that changes
#
# Under MNAR, a missing date means a long tenure: an indicator turns the hole into a feature. Then
# somebody repairs the old system, and holes become random. Which model loses more?

# %%
def repaired_system(seed):
    rng = np.random.default_rng(seed)
    train, test = rng.permutation(len(whole))[: 2 * ROWS].reshape(2, ROWS)
    old, new = (make_holes(whole[test], r, rng) for r in ("MNAR", "MCAR"))
    A, scores = make_holes(whole[train], "MNAR", rng), {}
    for name in ("mean", "mean + indicator", "regression"):
        way = WAYS[name].fit(A)
        model = LogisticRegression().fit(way.transform(A), leaves[train])
        for when, B in {"as trained": old, "repaired": new}.items():
            p = model.predict_proba(way.transform(B))[:, 1]
            scores[when, name] = roc_auc_score(leaves[test], p)
    return scores


before_after = pd.DataFrame({seed: repaired_system(seed) for seed in seeds}).T.sort_index(axis=1)
before_after.mean().unstack().round(3)

# %%
added = before_after.xs("mean + indicator", level=1, axis=1) - before_after.xs("mean", level=1, axis=1)
ax = plot_seeds(
    added,
    unit="ROC-AUC that the indicator adds to mean filling",
    title="The indicator before and after the reason for the holes changes",
)
_ = ax.axvline(0, ls="--", color=plots.COLOURS["grey"], lw=1)

# %%
claim(
    "as trained: mean ROC-AUC that the indicator adds",
    added["as trained"].mean(),
    between=(-0.005, 0.005),
    why="Half a point is the least for which we would carry another column.",
)
claim(
    "after the repair: mean ROC-AUC that the indicator adds",
    added["repaired"].mean(),
    at_most=0,
    why="Below zero the model would be better off without the indicator.",
)

# %% [markdown]
# We expected a gain as trained, and found none that would pay: contract and bill tell the tenure of a
# customer better than the hole does. An indicator pays where the hole says what no other column says, and always
# ties the model to the reason. So the share of missing values is the first thing to monitor on
# every input.
#
# ## Holes that we did not make
#
# Census rows with a blank occupation. Are they like the others?

# %%
people = data.load("adult")
rich = people["income"].str.contains(">50K").to_numpy()
blank = people["occupation"].isna().to_numpy()
shares = pd.Series({"occupation given": rich[~blank].mean(), "blank": rich[blank].mean()})
shares.round(3).to_frame("share with a high income")

# %%
drift = rich[~blank].mean() - rich.mean()
print(f"deleting {blank.mean():.1%} of rows moves the base rate by {100 * drift:.2f} points")
rich_blank = shares["blank"] * blank.sum()
claim(
    "share of high incomes, blank / given",
    shares["blank"] / shares["occupation given"],
    at_most=1 - 3 / np.sqrt(rich_blank),
    why="Holes at random would leave the ratio at one, within three standard errors of the count.",
)

# %% [markdown]
# Blank mostly means *no job*: the hole is a category of its own, and filling in the most
# frequent occupation would invent a job. That could be seen only because the income is known: MCAR can be
# refuted from data, never confirmed.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# First: why is it missing, and will it be missing the same way when we predict? Structural blanks
# (no job, not billed yet) are values: give them their own category or a zero. Random ones: a mean
# or median is a sound start for a ranking, with an indicator where the hole itself tells something,
# inside the pipeline, fitted on training rows; trees can take the hole as it is. If a *number* is
# to be reported rather than a ranking, use the other columns (regression, neighbours), several
# times with noise so that the spread survives; under MNAR no filling helps: collect, or bound the
# answer. Deletion shifts the population unless blanks are completely random, it wastes labels, and its
# model has never seen a filled value, though in use it must score them.
# Then monitor the share missing.
# </details>
#
# You have seen
#
# - three reasons, and means that are right only under the right assumption;
# - a spread that constant filling takes away, and a ranking that hardly changes;
# - a deletion whose price is not the lost rows but the filled values that its model never saw;
# - an indicator that brought nothing, and cost ranking quality when the reason changed;
# - blanks in a census that are a category.
#
# **Where it matters:** the blank charges of [churn](../customers/churn.ipynb) are zeros.
# **Practise:** `mlsd check clean_csv` ([task](../../exercises/coding/clean_csv/task.md)).
