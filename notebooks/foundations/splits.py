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
#     - random, time and group splits
#     - leakage
#     - A/B test as the last judge
#     datasets:
#     - bakery
#     extras: []
#     question: How do you split your data, and how would you notice a leak?
#     seconds: 20
#     title: Splits, the leak's signature, and the last judge
# ---

# %% [markdown]
# # Splits: random, by time, by group; a leak's signature; the last judge
#
# *"How do you split your data, and how would you notice a leak?"*
#
# At the end you will be able to
#
# - choose the split by the question the model must answer in production;
# - measure how far a random split flatters, for tomorrow and for a new shop;
# - recognise a leak that no split can find, by its signature;
# - say what an experiment adds to all of it.
#
# **Predict first.** Daily demand of bakery shops. The error on a random fifth of the days is known.
# How much larger is it (a) in the next quarter, (b) in a shop that has just opened? (c) A column
# looks too good. Would a split by time expose it?

# %%
import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from scipy import stats
from sklearn.model_selection import GroupKFold as Twin

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.model_selection import GroupKFold
from mlsd_kit.plots.seeds import plot_seeds

# %% tags=["parameters"]
SEEDS = 10  # which shops are known, which are new, which days are held out
SHOPS = 8  # known shops, and as many new ones
QUARTER = 90  # days at the end that count as the future

# %% [markdown]
# The error is the mean absolute error of log(1 + demand): 0.2 is about a fifth of the demand.

# %%
sales = data.load("bakery")
sales["day"] = (sales["date_short"] - sales["date_short"].min()).dt.days
# Rounded, as all that trees learn from here: two equal means that differ in their last bit, the
# one way round on one processor and the other on the next, would grow other trees.
sales["target"] = np.log1p(sales["demand"]).round(6)
CALENDAR = ["weekday", "month", "is_schoolholiday", "is_holiday", "promotion_currentweek"]
BASE = [*CALENDAR, "product_no", "shop_no"]
series = sales.groupby(["shop_no", "product_no"])["target"]
QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, n_estimators=60)


def fit(rows, columns=BASE):
    return LGBMRegressor(**QUIET).fit(rows[columns].to_numpy(float), rows["target"])


def error(model, rows, columns=BASE):
    return np.abs(model.predict(rows[columns].to_numpy(float)) - rows["target"]).mean()


# %% [markdown]
# ## Three splits, three questions
#
# A random split asks about *days like these in shops like these*. A split by time asks about
# tomorrow. A split by group asks about a shop never seen. Each is answered here by the held-out
# rows, and checked against what then happened.

# %%
def draw(seed):
    rng = np.random.default_rng(seed)
    shops = rng.permutation(sales["shop_no"].unique())
    known, new = (sales[sales["shop_no"].isin(part)] for part in np.split(shops[: 2 * SHOPS], 2))
    future = known["day"] > sales["day"].max() - QUARTER
    return known[~future], known[future], new[new["day"] <= sales["day"].max() - QUARTER], rng


def by_split(seed):
    past, future, new, rng = draw(seed)
    held = rng.random(len(past)) < 0.2
    late = past["day"] > past["day"].max() - QUARTER
    shops = next(iter(GroupKFold(4).split(past, groups=past["shop_no"])))
    model = fit(past)
    return {
        "random split": error(fit(past[~held]), past[held]),
        "time split": error(fit(past[~late]), past[late]),
        "next quarter": error(model, future),
        "group split": error(fit(past.iloc[shops[0]]), past.iloc[shops[1]]),
        "new shops": error(model, new),
    }


runs = pd.DataFrame([by_split(seed) for seed in range(SEEDS)])
runs.mean().round(2).to_frame("error")

# %% tags=["key-figure"]
blue, orange, red = (plots.COLOURS[name] for name in ("blue", "orange", "red"))
colours = [blue, orange, orange, red, red]
title = "Each split answers its own question"
_ = plot_seeds(runs, unit="mean absolute error of log(1 + demand)", colours=colours, title=title)

# %%
later = (runs["next quarter"] > runs["random split"]).mean()
strange = (runs["new shops"] > 2 * runs["random split"]).mean()
closer = (runs["new shops"] - runs["group split"]).abs() < (
    runs["new shops"] - runs["random split"]
).abs()
claim("next quarter is worse than the random split said", later, at_least=0.9, why="days repeat")
claim("new shops: over twice the error it said", strange, at_least=0.9, why="a shop is an identity")
claim("group split comes closer to new shops", closer.mean(), at_least=0.9, why="same question")

# %% [markdown]
# The orange dots fall into two clouds. Which seeds make the upper one?

# %%
early = sales[sales["day"] <= sales["day"].max() - QUARTER]
idle = early["demand"].eq(0).groupby(early["shop_no"]).mean()
opened = idle.index[idle > 0.7]  # shops without demand on most days of the past
holds = [draw(seed)[0]["shop_no"].isin(opened).any() for seed in range(SEEDS)]
extra = (runs["next quarter"] - runs["random split"]).groupby(np.array(holds)).mean()
extra.rename({True: "a shop opened late", False: "none did"}).round(2).to_frame("further error")

# %%
claim("further error with such a shop / without", extra[True] / extra[False], at_least=2, why="new")

# %% [markdown]
# Shops that stood empty for most of the past and then opened: to the model they are zeros. A random
# split scores those zeros as easy hits; the future asks for bread.
#
# The kit's group folds are the library's.

# %%
rows = sales.iloc[:5000]
for ours, twin in zip(
    GroupKFold(3).split(rows, groups=rows["product_no"]),
    Twin(3).split(rows, groups=rows["product_no"]),
    strict=True,
):
    np.testing.assert_array_equal(ours[1], twin[1])

# %% [markdown]
# ## A leak that no split can find
#
# A colleague adds `level`: the mean of yesterday, today and tomorrow, "to smooth". The table is
# built after the fact, so the column is there for every row, past and future.

# %%
sales["level"] = series.transform(lambda s: s.rolling(3, center=True, min_periods=1).mean())
sales["known"] = series.transform(lambda s: s.shift(7).rolling(3, min_periods=1).mean())
sales["known"] = sales["known"].fillna(sales["target"].mean())
sales[["level", "known"]] = sales[["level", "known"]].round(6)
RICH, HONEST = [*BASE, "level"], [*BASE, "known"]


def leak(seed):
    past, future, _, rng = draw(seed)
    held = rng.random(len(past)) < 0.2
    plain, rich = fit(past), fit(past, RICH)
    live = future.assign(level=future["known"])  # what can be known a week ahead
    gains = rich.booster_.feature_importance("gain")
    return {
        "random, without": error(fit(past[~held]), past[held]),
        "random, with": error(fit(past[~held], RICH), past[held], RICH),
        "by time, without": error(plain, future),
        "by time, with": error(rich, future, RICH),
        "live, with": error(rich, live, RICH),
        "live, as-of column": error(fit(past, HONEST), future, HONEST),
        "share of gain": gains[-1] / gains.sum(),
    }


# %%
leaks = pd.DataFrame([leak(seed) for seed in range(SEEDS)])
leaks.mean().round(2).to_frame("error (last line: share)")

# %%
title = "Random and time split both applaud the leak"
_ = plot_seeds(leaks.iloc[:, :6], unit="mean absolute error of log(1 + demand)", title=title)

# %%
fooled = (leaks["by time, with"] < 0.8 * leaks["by time, without"]).mean()
exposed = (leaks["live, with"] > 1.4 * leaks["by time, with"]).mean()
better = (leaks["live, as-of column"] < leaks["live, with"]).mean()
signature = (leaks["share of gain"] > 0.5).mean()
claim("time split applauds too: share of seeds", fooled, at_least=0.9, why="its rows leak as well")
claim("live: over 1.4 x the promised error", exposed, at_least=0.9, why="tomorrow is not known")
claim("an as-of column does better live", better, at_least=0.9, why="trained on what will be there")
claim("signature: over half the gain in one column", signature, at_least=0.9, why="too good")


# %% [markdown]
# **The trap:** a time split holds out later *rows*, not later *knowledge*. The signature of a leak:
# a jump in score, one column that carries most of the gain, and a drop on the first live day. The
# cure is a rule: every column carries the time at which it became known, and training rows are
# joined as of the decision. Built that way, the same idea (a recent level) is worth having.
#
# ## The last judge
#
# Offline, two candidates are compared: the calendar model, and the as-of column added. In the last
# quarter each shop and week is given to one of them by lot, as an A/B test would; the judge sees
# only the errors of the model that was on duty.

# %%
def experiment(seed):
    past, future, _, rng = draw(seed)
    arms = {"A": (fit(past), BASE), "B": (fit(past, HONEST), HONEST)}
    off = {
        arm: np.abs(model.predict(future[names].to_numpy(float)) - future["target"])
        for arm, (model, names) in arms.items()
    }
    units = pd.DataFrame(off).groupby([future["shop_no"], future["day"] // 7]).mean()
    lot = rng.random(len(units)) < 0.5
    a, b = units["A"][lot], units["B"][~lot]  # the other half is never seen
    margin = 1.96 * np.sqrt(stats.sem(a) ** 2 + stats.sem(b) ** 2)
    late = past["day"] > past["day"].max() - QUARTER
    plain, rich = (error(fit(past[~late], c), past[late], c) for c in (BASE, HONEST))
    seen = a.mean() - b.mean()
    return {"time split, offline": plain - rich, "experiment": seen, "margin": margin}


trials = pd.DataFrame([experiment(seed) for seed in range(SEEDS)])
trials.mean().round(3).to_frame("error of A minus error of B")

# %%
title = "The experiment confirms the sign; its size is its own"
ax = plot_seeds(trials.iloc[:, :2], unit="error of A minus error of B", title=title)
_ = ax.axvline(0, ls="--", color=plots.COLOURS["grey"], lw=1)

# %%
sure = trials["experiment"].mean() / trials["margin"].mean()
same = (np.sign(trials["experiment"]) == np.sign(trials["time split, offline"])).mean()
claim(
    "difference seen / half of its interval's width",
    sure,
    at_least=1,
    why="Above one, the 95 % interval of a typical trial leaves out zero.",
)
claim("its sign agrees with the time split", same, at_least=0.9, why="the same question, live")

# %% [markdown]
# A trial of one quarter is small: its interval is wide, and in some seeds it does not decide. It
# judges what no split can: whether the columns arrive in time, whether the shops act on the
# forecast, and what a better forecast is worth to them.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# The split copies the situation of use. Tomorrow's rows: train on the past, test on the future,
# with a gap as long as labels or features take to arrive. New customers, shops, patients: whole
# groups on one side. Both: both. Only rows that are truly exchangeable may be split at random,
# stratified if classes are rare. Everything fitted (scalers, imputers, encoders, selections) is
# fitted inside the training part. I suspect a leak when a score jumps, when one column carries most
# of it, when a plain model is nearly perfect, or when the first live day disappoints; then I ask of
# each column when it became known. Offline splits choose what is worth trying; an A/B test on units
# that do not touch each other decides.
# </details>
#
# You have seen
#
# - one model, and errors that differ by the question the split asks;
# - a leak applauded by a time split, with its signature, and an as-of column that does better live;
# - an experiment that judges by the model on duty.
#
# **Where it matters:** [churn](../customers/churn.ipynb) has a leak that only the calendar reveals.
# **Practise:** `mlsd check stratified_split`
# ([task](../../exercises/coding/stratified_split/task.md)).
