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
#     headline:
#     - random split / next quarter
#     - random split / new shops
#     - error promised by the time split / live, with the leak
#     question: How do you split your data, and how would you notice a leak?
#     sabotages:
#     - name: days are shuffled, so that the future resembles the past
#       replace: sales["day"] = (sales["date_short"] - sales["date_short"].min()).dt.days
#       with: sales["day"] = np.random.default_rng(0).integers(0, 1215, len(sales))
#     - name: every shop sells what all the others sell
#       replace: sales["target"] = np.log1p(sales["demand"]).round(6)
#       with: sales["target"] = np.log1p(sales.groupby(["date_short", "product_no"])["demand"].transform("median"))
#     - name: the time split holds out random days
#       replace: '"time split": error(fit(past[~late]), past[late])'
#       with: '"time split": error(fit(past[~held]), past[held])'
#     - name: the group split cuts through the shops
#       replace: GroupKFold(4).split(past, groups=past["shop_no"])
#       with: GroupKFold(4).split(past, groups=past["day"])
#     - name: the leaking column is built from the past
#       replace: s.rolling(3, center=True, min_periods=1).mean()
#       with: s.shift(7).rolling(3, min_periods=1).mean()
#     - name: the as-of column holds noise
#       replace: sales["known"].fillna(sales["target"].mean())
#       with: np.random.default_rng(0).random(len(sales))
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
# - measure how far a random split is too optimistic, for tomorrow and for a new shop;
# - recognise a leak that no split can find, by its signature;
# - say what an experiment adds to all of it.
#
# **Predict first.** Daily demand of bakery shops. The error on a random fifth of the days is known.
# How much larger is it (a) in the next quarter, (b) in a shop the model has never seen? (c) A column
# looks too good. Would a split by time expose it?

# %%
from functools import cache

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
SEED = 0  # which shops are known and which are new, which days are held out, who gets which model
QUARTER, QUARTERS = 91, 4  # days that count as the future, and how many such futures are tried
USEFUL = 0.8  # an estimate below this share of the later error misleads: an assumption

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
QUIET = dict(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1, n_estimators=40)


def fit(rows, columns=BASE):
    return LGBMRegressor(**QUIET).fit(rows[columns].to_numpy(float), rows["target"])


def off(model, rows, columns=BASE):
    """Absolute error of every row."""
    return np.abs(model.predict(rows[columns].to_numpy(float)) - rows["target"])


def error(model, rows, columns=BASE):
    return off(model, rows, columns).mean()


# %% [markdown]
# ## Three splits, three questions
#
# A random split asks about *days like these in shops like these*. A split by time asks about
# tomorrow. A split by group asks about a shop never seen. Each is answered here by the held-out
# rows, and checked against what then happened: in each of the last four quarters, with half of the
# shops known and the others new, and the other way round. Each quarter divides the shops anew, for
# with so few of them much depends on who is in which half.

# %%
rng = np.random.default_rng(SEED)
halves = [np.array_split(rng.permutation(sales["shop_no"].unique()), 2) for _ in range(QUARTERS)]
DRAWS = [(quarter, half) for quarter in range(QUARTERS) for half in (0, 1)]


@cache
def draw(quarter, half):
    """Past and next quarter of the known shops, past of the new ones, and which rows are held out."""
    start = sales["day"].max() - QUARTER * (QUARTERS - quarter)
    past = sales[sales["day"] <= start]
    then = sales[sales["day"].between(start + 1, start + QUARTER)]
    known = [rows[rows["shop_no"].isin(halves[quarter][half])] for rows in (past, then)]
    new = past[past["shop_no"].isin(halves[quarter][1 - half])]
    return *known, new, np.random.default_rng([SEED, quarter, half]).random(len(known[0])) < 0.2


@cache
def plain(quarter, half):
    """The calendar model of the whole past, and the one without the rows held out."""
    past, _, _, held = draw(quarter, half)
    return fit(past), fit(past[~held])


def by_split(quarter, half):
    past, future, new, held = draw(quarter, half)
    late = past["day"] > past["day"].max() - QUARTER
    folds = GroupKFold(4).split(past, groups=past["shop_no"])
    whole, part = plain(quarter, half)
    return {
        "random split": error(part, past[held]),
        "time split": error(fit(past[~late]), past[late]),
        "next quarter": error(whole, future),
        "group split": np.mean([error(fit(past.iloc[a]), past.iloc[b]) for a, b in folds]),
        "new shops": error(whole, new),
    }


runs = pd.DataFrame([by_split(*which) for which in DRAWS])
runs.mean().round(2).to_frame("error")

# %% tags=["key-figure"]
blue, orange, red = (plots.COLOURS[name] for name in ("blue", "orange", "red"))
unit = "mean absolute error of log(1 + demand)"
_ = plot_seeds(
    runs,
    unit=unit,
    colours=[blue, orange, orange, red, red],
    title="Estimated and later error, a dot for each quarter and half of the shops",
)

# %%
told = runs.mean()
low = "An estimate below this share of the later error misleads, as stated above."
near = "An estimate is useful if it misses the later error by less than the stated share."
useful = (USEFUL, 1 / USEFUL)
claim(
    "random split / next quarter",
    told["random split"] / told["next quarter"],
    at_most=USEFUL,
    why=low,
)
claim(
    "time split / next quarter", told["time split"] / told["next quarter"], between=useful, why=near
)
claim("random split / new shops", told["random split"] / told["new shops"], at_most=USEFUL, why=low)
claim("group split / new shops", told["group split"] / told["new shops"], between=useful, why=near)


# %% [markdown]
# The dots of one row lie apart. Which shops make the next quarter so much worse?

# %%
def by_shop(quarter, half):
    past, future, _, held = draw(quarter, half)
    zeros = past["demand"].eq(0).groupby(past["shop_no"]).mean()
    whole, part = plain(quarter, half)
    both = {"random split": off(part, past[held]), "next quarter": off(whole, future)}
    each = pd.DataFrame({name: e.groupby(sales["shop_no"]).mean() for name, e in both.items()})
    return each.assign(shops=np.where(zeros > 0.7, "opened late", "open all along"))


shops = pd.concat([by_shop(*which) for which in DRAWS])
kinds = shops.rename_axis("shop").reset_index().groupby("shops")
kinds[["random split", "next quarter"]].mean().round(2).assign(n=kinds["shop"].nunique())

# %% [markdown]
# The difference comes from the few shops that opened late (`n` shops of each kind). Before, their demand
# was zero, and most rows that a random split holds out are such zeros; in the next quarter the shops
# sell. In the other shops the random split is close to what follows: without an opening it would not
# have misled here.
#
# The kit's group folds are the library's.

# %%
some = sales.iloc[:5000]
for kit, library in zip(
    GroupKFold(3).split(some, groups=some["product_no"]),
    Twin(3).split(some, groups=some["product_no"]),
    strict=True,
):
    np.testing.assert_array_equal(kit[1], library[1])

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


def share_of_gain(model):
    """Share of all splits' gain that the last column carries."""
    gains = model.booster_.feature_importance("gain")
    return gains[-1] / gains.sum()


def leak(quarter, half):
    past, future, _, held = draw(quarter, half)
    # the columns are newer than the rows that `draw` keeps
    past, future = (sales.loc[rows.index] for rows in (past, future))
    whole, part = plain(quarter, half)
    rich, honest = fit(past, RICH), fit(past, HONEST)
    live = future.assign(level=future["known"])  # what can be known a week ahead
    return {
        "random, without": error(part, past[held]),
        "random, with": error(fit(past[~held], RICH), past[held], RICH),
        "by time, without": error(whole, future),
        "by time, with": error(rich, future, RICH),
        "live, with": error(rich, live, RICH),
        "live, as-of column": error(honest, future, HONEST),
        "share of gain, leak": share_of_gain(rich),
        "share of gain, as-of": share_of_gain(honest),
    }


# %%
leaks = pd.DataFrame([leak(*which) for which in DRAWS])
leaks.mean().round(2).to_frame("error (last two lines: share)")

# %%
promise = "Both splits promise an error that the first live quarter does not keep"
_ = plot_seeds(leaks.iloc[:, :6], unit=unit, title=promise)

# %%
leaky = leaks.mean()
claim(
    "error promised by the time split / live, with the leak",
    leaky["by time, with"] / leaky["live, with"],
    at_most=USEFUL,
    why=low,
)
claim(
    "live error, as-of column / leaking column",
    leaky["live, as-of column"] / leaky["live, with"],
    at_most=1,
    why="At 1 it would make no difference when a column becomes known.",
)


# %% [markdown]
# **The trap:** a time split holds out later *rows*, not later *knowledge*. The signature of a leak:
# a jump in score, one column that carries most of the gain, and a drop on the first live day. The
# second sign alone proves nothing: the honest as-of column carries most of the gain as well. The
# cure is a rule: every column carries the time at which it became known, and training rows are
# joined as of the decision. Built that way, the same idea (a recent level) is worth having.
#
# ## The last judge
#
# Offline, two candidates are compared: the calendar model (A), and the as-of column added (B). For
# the four quarters an A/B test gives every shop and week to one of them at random; the judge sees only
# the errors of the model that was on duty. From each shop comes one difference, and the mean of the
# shops is the result.
#
# A shop's weeks resemble each other, and so do the shops of a week. Whoever counts shop-weeks as
# independent believes in far more data than there are. So whole shops and whole weeks are drawn
# again for the interval.

# %%
def on_duty(quarter):
    """Mean error of every shop and week under A and B, and B's advantage in an offline time split."""
    start = sales["day"].max() - QUARTER * (QUARTERS - quarter)
    past, now = (
        sales[sales["day"] <= start],
        sales[sales["day"].between(start + 1, start + QUARTER)],
    )
    weeks = [now["shop_no"], (now["day"] - start - 1) // 7]
    errors = [off(fit(past, c), now, c).groupby(weeks).mean().unstack() for c in (BASE, HONEST)]
    late = past["day"] > past["day"].max() - QUARTER
    plain, rich = (error(fit(past[~late], c), past[late], c) for c in (BASE, HONEST))
    return *errors, plain - rich


under_a, under_b, offline = zip(*map(on_duty, range(QUARTERS)), strict=True)
shop_names = under_a[0].index
a, b = (np.hstack(under) for under in (under_a, under_b))  # (shop, week)
rng = np.random.default_rng(SEED)
lot = rng.random(a.shape) < 0.5  # True: A is on duty, and B's error is never seen


def per_shop(week_weights):
    """Error of A minus error of B in each shop, from the weeks in which each was on duty."""
    of_a, of_b = week_weights * lot, week_weights * ~lot
    return (a * of_a).sum(axis=1) / of_a.sum(axis=1) - (b * of_b).sum(axis=1) / of_b.sum(axis=1)


def drawn(n):
    return rng.multinomial(n, np.full(n, 1 / n))


# %%
n_shops, n_weeks = a.shape
seen = per_shop(np.ones(n_weeks))
again = [np.average(per_shop(drawn(n_weeks)), weights=drawn(n_shops)) for _ in range(2000)]
margin = 1.96 * np.hypot(stats.sem(a[lot]), stats.sem(b[~lot]))
intervals = {
    "shop-weeks counted as independent": (seen.mean() - margin, seen.mean() + margin),
    "whole shops and weeks drawn again": tuple(np.quantile(again, [0.025, 0.975])),
}
pd.DataFrame(intervals, index=["from", "to"]).T.round(2).rename_axis("error of A - error of B")

# %%
title = "The experiment's result with two 95 % intervals"
ax = plots.style.frame(
    None, title=title, xlabel="error of A - error of B", ylabel="", figsize=(7.5, 2.2), grid="x"
)
for place, ends in enumerate(intervals.values()):
    ax.plot(ends, [place, place], "|-", ms=14, color=blue)
    ax.plot(seen.mean(), place, "o", color=blue)
ax.axvline(0, ls="--", color=plots.COLOURS["grey"], lw=1, label="no difference")
ax.axvline(np.mean(offline), ls=":", color=red, label="time split, offline")
ax.set_yticks(range(2), intervals), ax.set_ylim(1.5, -0.5)
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %%
lowest = intervals["whole shops and weeks drawn again"][0]
late_shops = shops.index[shops["shops"] == "opened late"].unique()
gain = pd.Series(seen, shop_names).groupby(shop_names.isin(late_shops)).agg(["mean", "count"])
why = "Above zero the experiment prefers B, whatever shops and weeks come."
claim("A - B in the experiment, lower end of the interval", lowest, at_least=0, why=why)
gain.rename({True: "opened late", False: "open all along"}).round(2).rename_axis(
    "B's advantage, by shops"
)

# %% [markdown]
# Most of B's advantage comes from the shops that opened late. They are too few for an interval of their
# own, and the wide interval over all says so: a chain without such shops gains much less. The experiment judges what no split can: whether the columns
# arrive in time, whether the shops act on the forecast, and what a better forecast is worth to them.
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
# - a leak that a time split does not find, its signature, and an as-of column that does better live;
# - an experiment that judges by the model on duty.
#
# **Where it matters:** [churn](../customers/churn.ipynb) has a leak that only the calendar reveals.
# **Practise:** `mlsd check stratified_split`
# ([task](../../exercises/coding/stratified_split/task.md)).
