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
#     - rivals in dollars
#     - a job that may be killed and repeated
#     - a claim for every headline
#     datasets:
#     - cdnow
#     extras: []
#     headline:
#     - lead of the chosen list, lower end [$]
#     - what boosted trees would add, upper end [$]
#     - letters of a killed job left in the store
#     question: Design a system that tells a music shop to which customers it should
#       send a letter each quarter.
#     sabotages:
#     - name: the list is everybody
#       replace: chosen = next(name for name in POLICIES if lead(board[best], board[name])[0]
#         <= 0)
#       with: chosen = "everybody"
#     - name: the list is committed before it is served
#       replace: 'if stop:'
#       with: 'if store.commit() or stop:'
#     - name: a repeated run adds to the earlier one
#       replace: '"DELETE FROM lists WHERE quarter = ?"'
#       with: '"DELETE FROM lists WHERE quarter < ? AND 0"'
#     - name: a new list overwrites the old one
#       replace: '"DELETE FROM lists WHERE quarter = ?"'
#       with: '"DELETE FROM lists WHERE quarter <= ?"'
#     - name: the test is planned for half the customers
#       replace: arm = sample_size_means(effect, spread).n_control
#       with: arm = sample_size_means(effect, spread).n_control // 2
#     - name: every customer is counted four times
#       replace: result = welch_test(control, treated)
#       with: result = welch_test(np.tile(control, 4), np.tile(treated, 4))
#     - name: the monitor never speaks
#       replace: limit = change[:"1997"].min()
#       with: limit = -9.0
#     - name: the monitor speaks at any fall
#       replace: limit = change[:"1997"].min()
#       with: limit = 0.0
#     seconds: 15
#     title: 'Template: who gets a letter?'
# ---

# %% [markdown]
# # Who gets a letter?
#
# > *Interviewer:* A music shop can send its customers a letter each quarter. Design the system that says to whom.
#
# This is the smallest complete case study, and the template for the others: six steps in the order of an interview
# answer, one thing a cell, every headline a claim. By the end you will be able to
#
# - turn a log of purchases into features and a label without looking into the future;
# - compare a model with the rules that anybody could write, in dollars and with an interval;
# - run a batch job that may be killed and repeated, and take its result back;
# - plan the test that measures the assumption on which everything hangs.

# %% tags=["parameters"]
LETTER = 0.50  # $ for a letter; directmail.io (2026) names 0.50 to 1.25 for letters
MARGIN = 0.29  # share of a disc's price that the shop keeps; Almighty Institute of Music Retail (2004)
LIFT = 0.20  # a letter raises a quarter's purchases by this share; assumed, see "Sensitivity"
UPKEEP = 433  # $ a quarter to keep a model: a day of a data scientist; median wage, U.S. BLS (2024)
seed = 0

# %%
import inspect
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor

from mlsd_kit import plots
from mlsd_kit.curriculum import capacity_table, claim, contract, defence
from mlsd_kit.data import load
from mlsd_kit.experiments import sample_size_means, welch_test
from mlsd_kit.linear_model import LinearRegression
from mlsd_kit.plots import NOT_BUILT, Arrow, Box, diagram
from mlsd_kit.services.contracts import StoredTable

# %% [markdown]
# ## 1 Goal and scale
# <details><summary><b>Ask first:</b> which answers change the design?</summary>
#
# What does a letter cost, and what does the shop keep of a sale? (They set how much a customer must spend to be worth
# a letter.) Was the effect of a letter ever measured? (If not, the first design is an experiment.) How soon must the
# list be there? (Once a quarter: no service, a batch job.) May every customer be written to? (Opt-outs go first.)
# </details>
#
# The goal is **profit**: what the letters add to the shop's margin, less what they cost. Estimate before you look.

# %%
enough = LETTER / (MARGIN * LIFT)
print(f"A letter pays if its reader spends at least {enough:.2f} $ in the quarter.")
CUSTOMERS, PURCHASES, WORTH_IT, TYPICAL = 24_000, 70_000, 0.2, 40  # guesses; the last in $
estimated = {
    "customers to score [rows]": CUSTOMERS,
    "log of purchases [MB]": PURCHASES * 100 / 1e6,
    "letters a quarter [letters]": WORTH_IT * CUSTOMERS,
    "profit a quarter [$]": WORTH_IT * CUSTOMERS * (MARGIN * LIFT * TYPICAL - LETTER),
    "job that stores the list [s]": 60,
}
pd.Series(estimated, name="estimate").round(1).to_frame()

# %% [markdown]
# ### The picture
# Nothing is online but the shop itself: a list that is a day old is as good as a fresh one.

# %%
boxes = [
    Box("shop", "client", NOT_BUILT),
    Box("log of purchases", "store", 2, "customer, date, dollars"),
    Box("snapshot", "job", 2, "what was known at the cut"),
    Box("rule", "model", 3, "half a year's spend"),
    Box("A/B switch", "job", NOT_BUILT, "keeps a part without letters"),
    Box("lists", "store", 5, "one a quarter, the old ones kept"),
    Box("mailing house", "client", NOT_BUILT),
    Box("monitor", "job", 5, "a week against the four before"),
    Box("analyst", "person", NOT_BUILT),
]

# %%
arrows = [
    Arrow("shop", "log of purchases", "purchase", "online"),
    Arrow("log of purchases", "snapshot", "everything before the cut", "offline"),
    Arrow("snapshot", "rule", "features; labels of earlier quarters", "offline"),
    Arrow("rule", "A/B switch", "customers worth a letter", "offline"),
    Arrow("A/B switch", "lists", "list, all or nothing", "offline"),
    Arrow("lists", "mailing house", "the list that is served", "offline"),
    Arrow("log of purchases", "monitor", "purchases a week", "offline"),
    Arrow("monitor", "analyst", "alarm", "offline"),
    Arrow("analyst", "lists", "back to the old list", "offline"),
]
picture = diagram("A list of letters, once a quarter", boxes, arrows)
picture

# %% [markdown]
# ## 2 Data: a log, a cut, a label
# A row is one purchase. What lies before the cut may become a feature; what a customer spends in the quarter after it is
# the label. Known traps: all customers are one cohort, who first bought early in 1997, and no customer says that they left.

# %%
log = load("cdnow")
customers = np.sort(log["id"].unique())
QUARTER, START = pd.DateOffset(months=3), pd.Timestamp("1997-01-01")


def spent(start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Dollars of every customer from ``start`` up to, not including, ``end``."""
    rows = log[(log["date"] >= start) & (log["date"] < end)]
    return rows.groupby("id")["usd"].sum().reindex(customers, fill_value=0.0)


# %%
def snapshot(cut: pd.Timestamp, seen: pd.Timestamp) -> pd.DataFrame:
    """One row a customer: what was known at ``seen``, and the dollars after ``cut``."""
    past = log[log["date"] < seen].groupby("id")["date"]
    features = {
        "last": spent(seen - QUARTER, seen),
        "before": spent(seen - 2 * QUARTER, seen - QUARTER),
        "all": spent(START, seen),
        "days": past.nunique(),
        "recency": (seen - past.max()).dt.days,
    }
    return pd.DataFrame(features).assign(next=spent(cut, cut + QUARTER))


CUTS = [pd.Timestamp(day) for day in ("1997-10-01", "1998-01-01", "1998-04-01")]
fit, choose, test = (snapshot(cut, cut) for cut in CUTS)
fit.describe().round(1).loc[["mean", "50%", "max"]]


# %% [markdown]
# **Before you go on:** what happens to a table that is built "as of today", when the label's quarter is over?

# %%
def profit(dollars: pd.Series, mailed: pd.Series) -> np.ndarray:
    """Dollars earned with every customer: the margin on what a letter adds, less the letter."""
    return np.where(mailed, MARGIN * LIFT * dollars - LETTER, 0.0)


late = snapshot(CUTS[0], seen=CUTS[1])  # features run on until the end of the label's quarter
promised = profit(late["next"], late["last"] >= enough).sum()
delivered = profit(choose["next"], choose["last"] >= enough).sum()
print(f"promised on the late table {promised:,.0f} $, delivered a quarter later {delivered:,.0f} $")
assert promised > delivered  # the trap, in dollars


# %% [markdown]
# The late table holds the label among its features, so the promise is that of perfect foresight. **A feature must be
# computed as it was at the moment of its use.** `snapshot` takes both moments, and they are equal everywhere below.
#
# ## 3 Model: first what it must beat
# Rules in the order of simplicity, then two models. Each takes the last finished quarter, with its label, and says whom
# to write to in the next one. The rule of half a year has one number, taken from that earlier quarter.

# %%
def half_year(then: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Who spent at least so much in half a year; the sum that earned most a quarter ago."""
    limits = np.arange(5, 105, 5)
    sums = then["last"] + then["before"]
    earned = [profit(then["next"], sums >= limit).sum() for limit in limits]
    return now["last"] + now["before"] >= limits[np.argmax(earned)]


# %%
FEATURES = ["last", "before", "all", "days", "recency"]
TREES = dict(n_estimators=60, learning_rate=0.05, num_leaves=7, n_jobs=1, verbose=-1)


def linear(then: pd.DataFrame, now: pd.DataFrame) -> np.ndarray:
    model = LinearRegression().fit(np.log1p(then[FEATURES]), then["next"])
    return model.predict(np.log1p(now[FEATURES])) >= enough


def boosted(then: pd.DataFrame, now: pd.DataFrame) -> np.ndarray:
    model = LGBMRegressor(objective="poisson", **TREES).fit(then[FEATURES], then["next"])
    return model.predict(now[FEATURES]) >= enough


# %%
POLICIES = {
    "nobody": lambda then, now: np.zeros(len(now), bool),
    "everybody": lambda then, now: np.ones(len(now), bool),
    "last quarter's buyers": lambda then, now: now["last"] > 0,
    "half a year's spend": half_year,
    "linear model": linear,
    "boosted trees": boosted,
}
chooses = {
    "limit of the rule, both models": "the quarter before the one that is scored",
    "settings of the trees": "nothing: small trees, written down beforehand",
    "which list is sent": "the first quarter of 1998",
    "limit of the monitor": "the weeks of 1997",
    "final figures": "the second quarter of 1998, looked at once",
}
pd.Series(chooses, name="rows that chose it").to_frame()

# %% [markdown]
# ## 4 Evaluate in dollars
# A fit on other customers would have been another fit, so every policy is fitted on several resamples of its training
# customers. The interval of a lead then holds both kinds of luck: which customers taught it, and which were scored.

# %%
FITS, DRAWS = 8, 400


def earnings(then: pd.DataFrame, now: pd.DataFrame) -> dict[str, np.ndarray]:
    """Dollars earned with every customer under every policy: fits x customers."""
    again = [then.sample(frac=1, replace=True, random_state=seed + k) for k in range(FITS)]
    return {
        name: np.array([profit(now["next"], policy(one, now)) for one in again])
        for name, policy in POLICIES.items()
    }


# %%
def lead(ours: np.ndarray, rival: np.ndarray) -> tuple[float, float]:
    """95 % interval of what ``ours`` earns more than ``rival`` [$]."""
    rng, n = np.random.default_rng(seed), ours.shape[1]
    leads = []
    for _ in range(DRAWS):
        difference = ours[rng.integers(len(ours))] - rival[rng.integers(len(rival))]
        leads.append(difference[rng.integers(n, size=n)].sum())
    low, high = np.quantile(leads, [0.025, 0.975])
    return low, high


# %% [markdown]
# ### Which list is sent
# The simplest policy that the best one does not beat measurably (its lead has an interval that reaches zero), decided
# on a quarter that the final figures do not use.

# %%
board = earnings(fit, choose)
best = max(board, key=lambda name: board[name].sum())
chosen = next(name for name in POLICIES if lead(board[best], board[name])[0] <= 0)
print(f"earned most: {best}; the simplest that it does not beat measurably: {chosen}")

# %% [markdown]
# ### The final figures

# %%
final = earnings(choose, test)
intervals = {name: lead(final[name], final["nobody"]) for name in POLICIES}
table = pd.DataFrame(
    {
        "letters": {n: round((e != 0).sum(axis=1).mean(), -2) for n, e in final.items()},
        "profit [$]": {n: round(e.sum(axis=1).mean(), -2) for n, e in final.items()},
        "from": {n: round(low, -2) for n, (low, _) in intervals.items()},
        "to": {n: round(high, -2) for n, (_, high) in intervals.items()},
    }
)
table.astype(int).rename_axis("who gets a letter").map("{:,}".format)

# %% tags=["key-figure"]
ax = plots.style.frame(
    None,
    title=f"Profit of a quarter's letters, 95 % intervals (n = {len(test):,} customers)",
    xlabel="profit [$]",
    ylabel="",
    figsize=(7, 3),
    grid="x",
)
for _place, _name in enumerate(POLICIES):
    colour, mark = ("blue", "D") if _name == chosen else ("grey", "o")
    ax.plot(intervals[_name], [_place] * 2, color=plots.COLOURS[colour], lw=2)
    ax.plot(table.loc[_name, "profit [$]"], _place, mark, color=plots.COLOURS[colour], ms=7)
ax.set_yticks(range(len(POLICIES)), [f"{n} (sent)" if n == chosen else n for n in POLICIES])
ax.xaxis.set_major_formatter("{x:,.0f}")
_ = ax.invert_yaxis()

# %%
over_buyers = lead(final[chosen], final["last quarter's buyers"])
from_trees = lead(final["boosted trees"], final[chosen])
claim(
    "lead of the chosen list, lower end [$]",
    over_buyers[0],
    at_least=0,
    why="The rival is the strongest rule without a number in it: last quarter's buyers.",
)
claim(
    "what boosted trees would add, upper end [$]",
    from_trees[1],
    at_most=UPKEEP,
    why="A model must earn the day of work a quarter that its upkeep takes.",
)

# %% [markdown]
# ### Sensitivity: the assumed effect of a letter
# Everything above assumes `LIFT`. Change it in the parameters cell and the list changes. Here the list stays as it is:
# from which effect on does it earn anything?

# %%
mailed = pd.Series(POLICIES[chosen](choose, test), index=test.index)
lifts = np.linspace(0, 0.4, 41)
earned_at = [(MARGIN * x * test["next"] - LETTER)[mailed].sum() for x in lifts]
even = LETTER * mailed.sum() / (MARGIN * test["next"][mailed].sum())
ax = plots.style.frame(
    None,
    title="Profit by the effect of a letter",
    xlabel="share that a letter adds to a quarter's purchases",
    ylabel="profit [$]",
)
ax.yaxis.set_major_formatter("{x:,.0f}")
ax.plot(lifts, earned_at, color=plots.COLOURS["blue"], lw=2, label="the list that is sent")
ax.axhline(0, color=plots.COLOURS["ink"], lw=0.8)
ax.axvline(LIFT, color=plots.COLOURS["grey"], ls="--", label="assumed")
ax.axvline(even, color=plots.COLOURS["red"], ls=":", label="nothing earned")
_ = ax.legend(frameon=False)


# %% [markdown]
# ## 5 Deploy: a batch job, a test, a monitor
# ### The job
# All of a list is stored and served, or nothing of it. The earlier quarters' lists stay.

# %%
def publish(database: str, quarter: str, file: str, stop: bool) -> None:
    """Replace a quarter's list and serve it; ``stop`` imitates a crash in the middle."""
    rows = [(quarter, customer) for customer in Path(file).read_text().split()]
    with sqlite3.connect(database) as store:  # a transaction: it ends with the block
        store.execute("DELETE FROM lists WHERE quarter = ?", [quarter])
        store.executemany("INSERT OR REPLACE INTO lists VALUES (?, ?)", rows)
        if stop:
            os.kill(os.getpid(), signal.SIGKILL)
        store.execute("UPDATE served SET quarter = ?", [quarter])


# %%
folder = tempfile.TemporaryDirectory()
database = str(Path(folder.name, "letters.db"))
store = sqlite3.connect(database)
store.executescript(
    """CREATE TABLE lists (quarter TEXT, customer TEXT, PRIMARY KEY (quarter, customer));
    CREATE TABLE served (quarter TEXT NOT NULL);
    INSERT INTO served VALUES ('none');"""
)
contract(
    StoredTable("lists", store, kept="two years, by quarter"),
    StoredTable("served", store, kept="one row: the quarter whose list is in use"),
)

# %%
PROGRAM = "import os, signal, sqlite3, sys\nfrom pathlib import Path\n" + inspect.getsource(publish)


def job(quarter: str, letters: pd.Series, stop: bool = False) -> float:
    """Run ``publish`` in a process of its own; the seconds it took."""
    file = Path(folder.name, "list.txt")
    file.write_text("\n".join(letters.index[letters]))
    began = time.perf_counter()
    call = f"publish({database!r}, {quarter!r}, {str(file)!r}, {stop})"
    subprocess.run([sys.executable, "-c", f"{PROGRAM}\n{call}"], check=not stop)
    return time.perf_counter() - began


# %%
def listed(quarter: str) -> set[str]:
    """Customers on the stored list of a quarter."""
    rows = store.execute("SELECT customer FROM lists WHERE quarter = ?", [quarter])
    return {customer for (customer,) in rows}


def served() -> str:
    return store.execute("SELECT quarter FROM served").fetchone()[0]


earlier = pd.Series(POLICIES[chosen](fit, choose), index=choose.index)
job("1998-01", earlier)
print(f"served: {served()}, {len(listed('1998-01')):,} letters")

# %% [markdown]
# ### Killed, repeated, taken back

# %%
job("1998-04", mailed, stop=True)
remains, still = len(listed("1998-04")), served()
seconds = job("1998-04", mailed)
first_run = len(listed("1998-04"))
job("1998-04", mailed & (test["last"] > 0))  # repeated with a shorter list
stale = listed("1998-04") - set(test.index[mailed & (test["last"] > 0)])
_ = store.execute("UPDATE served SET quarter = '1998-01'"), store.commit()
missing = set(earlier.index[earlier]) - listed(served())
print(f"after the kill: {still} served; first run: {first_run:,} letters; at the end: {served()}")

# %%
claim(
    "letters of a killed job left in the store",
    remains,
    at_most=0,
    why="The contract says all of a list or nothing of it.",
)
claim(
    "letters of the first run left after the second",
    len(stale),
    at_most=0,
    why="A repeated run must leave what a single one would have left.",
)
claim(
    "customers missing from the old list after going back",
    len(missing),
    at_most=0,
    why="Going back is only possible if the old list is whole.",
)

# %% [markdown]
# ### Estimated and measured

# %% tags=["nbval-ignore-output"]
measured = {
    "customers to score [rows]": len(test),
    "log of purchases [MB]": len(log.to_csv(index=False)) / 1e6,
    "letters a quarter [letters]": first_run,
    "profit a quarter [$]": final[chosen].sum(axis=1).mean(),
    "job that stores the list [s]": seconds,
}
capacity_table(estimated, measured)

# %% [markdown]
# ### The online test
# The unit is the customer; half of the list gets no letter for a quarter. The metric is dollars spent in that quarter,
# the guardrail the share who ask for no more letters. Letters also spread the spending, so both arms' spreads count.

# %%
on_list = choose["next"][earlier].to_numpy()  # planned on the quarter before
effect = LIFT * on_list.mean()
spread = on_list.std() * np.sqrt((1 + (1 + LIFT) ** 2) / 2)
arm = sample_size_means(effect, spread).n_control
print(f"{arm:,} customers an arm, {earlier.sum():,} on a list: {2 * arm / earlier.sum():.1f} lists")
price = (profit(choose["next"], earlier).sum() / earlier.sum()) * arm
print(f"letters not sent to one arm cost about {round(price, -2):,.0f} $")


# %% [markdown]
# Few customers spend much, so the formula's bell curve is doubtful. Try the plan on the list's own customers.

# %%
def found(lift: float, times: int = 1000) -> float:
    """Share of simulated tests that report a difference at 5 %."""
    rng, reported = np.random.default_rng(seed), 0
    for _ in range(times):
        control, treated = rng.choice(on_list, arm), (1 + lift) * rng.choice(on_list, arm)
        result = welch_test(control, treated)
        reported += result.pvalue < 0.05
    return reported / times


# %%
SLACK = 3 / np.sqrt(1000)  # three standard errors of a share, in units of its own spread
claim(
    "tests that find the assumed effect",
    found(LIFT),
    at_least=0.8 - SLACK * np.sqrt(0.8 * 0.2),
    why="The plan asks for four in five, less three standard errors of the simulation.",
)
claim(
    "tests that report an effect where there is none",
    found(0.0),
    at_most=0.05 + SLACK * np.sqrt(0.05 * 0.95),
    why="The plan allows one in twenty, plus three standard errors of the simulation.",
)

# %% [markdown]
# ### Monitoring
# A purchase that never reached the log is a letter that is not sent. Each week's purchases are compared with the median
# of the four weeks before; the limit is the lowest ratio of 1997. It is tried on 1998, with losses that it should find
# and one that it cannot.

# %%
weeks = log.set_index("date")["usd"].resample("W").count()["1997-04":"1998-06-28"]
change = np.log(weeks / weeks.shift(1).rolling(4).median()).dropna()
limit = change[:"1997"].min()
watched = change["1998":]
quarters = len(watched) / 13  # weeks in a quarter
seen_half, seen_tenth = ((watched + np.log(kept) < limit).mean() for kept in (0.5, 0.9))
false_alarms = (watched < limit).sum() / quarters
print(f"found: {seen_half:.0%} of weeks that lost half, {seen_tenth:.0%} of those that lost a tenth")
print(f"false alarms: {false_alarms:.1f} a quarter, {len(watched)} weeks")

# %%
claim(
    "weeks found that lost half of their purchases",
    seen_half,
    at_least=0.8,
    why="The requirement is that a broken export is found in its first week, four times in five.",
)
claim(
    "false alarms a quarter",
    false_alarms,
    at_most=2,
    why="The analyst can look into two alarms a quarter.",
)

# %% [markdown]
# The monitor is blind to small losses, and to customers who simply buy less: nothing is wrong with the log then. That is
# seen a quarter later, when the list's own profit falls behind its estimate, and by the group without letters.
#
# <details><summary><b>Interviewer asks:</b> why is there no service?</summary>
#
# Nobody waits for an answer. A list that is a day old costs nothing, and a batch job can be repeated.
# </details>
#
# ## 6 Wrap up
# Headlines again: a rule with one number beats the rule without one in dollars, with an interval above zero; boosted
# trees would not earn their upkeep; and a job killed in the middle leaves nothing behind.

# %%
per_letter = final[chosen].sum(axis=1).mean() / first_run
defence(
    goal="profit that letters add in a quarter [$], less their cost",
    numbers={
        "worth a letter from": f"{enough:.2f} $ in the quarter",
        "profit a letter": f"{per_letter:.1f} $",
        "effect at which nothing is earned": f"{even:.0%}",
    },
    picture=picture,
    trade_offs=[
        ("a rule, not a model", f"at most {from_trees[1]:,.0f} $ a quarter are given up"),
        ("half a list without letters", f"about {round(price, -2):,.0f} $, to measure the effect"),
        ("a limit that few weeks cross", f"finds {seen_tenth:.0%} of losses of a tenth"),
    ],
    breaks_first="the assumed effect of a letter: it is not measured yet",
    at_100x="the group-by moves into the database; the rule and the lists stay as they are",
    questions=[
        ("How do you know that no feature looks ahead?", "2 Data: a log, a cut, a label"),
        ("Why not the model?", "The final figures"),
        ("What if letters work half as well?", "Sensitivity: the assumed effect of a letter"),
        ("What if the job dies in the middle?", "Killed, repeated, taken back"),
        ("What does your monitor miss?", "Monitoring"),
    ],
    exercise="coding/windowed_features",
    drill="design/ab_sizing",
    write_ups=[
        ("Groupon", 2016, "hundreds of millions of users", "doi 10.1145/2939672.2939693"),
        ("ASOS", 2017, "every customer, every day", "arXiv 1703.02596"),
        ("Google", 2019, "many customers never come back: two public data sets", "arXiv 1912.07753"),
        ("a mail-order firm", 2006, "policy in a large field test", "Management Science 52(5)"),
    ],
)
