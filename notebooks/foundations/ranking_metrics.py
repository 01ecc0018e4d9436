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
#     - precision@k vs NDCG@k
#     datasets:
#     - movielens
#     extras: []
#     headline:
#     - 'share of draws: precision@5 prefers the set'
#     - 'share of draws: NDCG@5 prefers the order'
#     - 'share of draws: NDCG@5 needs fewer people than precision@5'
#     question: Precision@k or NDCG@k? Show a case where they disagree, and say whom
#       you would believe.
#     sabotages:
#     - name: stars shuffled among the films of a person, so that no ranker knows anything
#       replace: return mixed[~held], films, stars
#       with: return mixed[~held], films, np.random.default_rng(seed).permuted(stars,
#         axis=1)
#     - name: the set is shown in the order of its scores, so that nothing is lost by
#         retrieval alone
#       replace: '"good, as a set"] = shown + tie'
#       with: '"good, as a set"] = scores["good"]'
#     - name: precision@1 is measured on five places too
#       replace: np.ones(1)
#       with: np.full(K, 1 / K)
#     seconds: 8
#     title: Precision@k and NDCG@k disagree
# ---

# %% [markdown]
# # Two metrics, two winners
#
# *"Would you report precision@k or NDCG@k? Give me a case where they disagree."*
#
# Precision@k asks how many of the first k are relevant. NDCG@k adds two things: how *good* each one
# is, and how *early* it stands. We let both judge the same rankings of films that people rated.

# %%
import numpy as np
import pandas as pd

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.metrics import ndcg_score, precision_at_k

# %% tags=["parameters"]
SEED, DRAWS = 0, 20  # draws of the films to hide, and where they start
LENGTH, K = 20, 5  # films of each person to rank, and places on the screen
PRIOR = 10  # ratings' worth of the overall mean, given to each film

# %% [markdown]
# First by hand. Four films, worth 3, 2, 0 and 0; two places. Which list is better?

# %%
worth = np.array([[3, 2, 0, 0]])
lists = {"best first": [[4, 3, 2, 1]], "best second": [[3, 4, 2, 1]], "one miss": [[4, 1, 3, 2]]}
by_hand = {
    name: [precision_at_k(worth > 0, score, k=2), ndcg_score(worth, score, k=2)]
    for name, score in lists.items()
}
pd.DataFrame(by_hand, index=["precision@2", "NDCG@2"]).T.round(3)

# %% [markdown]
# $$\text{NDCG@}k = \frac{\sum_{i \le k} \text{gain}_i / \log_2(i + 1)}{\text{the same for the best order}}$$
#
# A swap inside the first k leaves precision where it was. Does this matter on real lists?
#
# ## Films
#
# Everybody with at least 30 ratings has 20 of them hidden. We rank those 20, so every film in a list
# has been seen and judged. (Ranking *all* films would count the unseen as bad: another trap.)
# From 4 stars on a film is relevant; its gain is $2^{\text{stars}} - 1$.
#
# Each draw hides other films of the same people. So a share of draws tells how much the choice of
# films matters, not how other people would judge.

# %%
ratings = data.load("movielens")
n_films = ratings["film"].max() + 1
seeds = range(1000 * SEED, 1000 * SEED + DRAWS)


def hidden(seed):
    """The other ratings, and films and stars of shape (people, LENGTH) to rank."""
    mixed = ratings.sample(frac=1, random_state=seed)
    enough = mixed.groupby("user")["film"].transform("size") >= 30
    held = enough & (mixed.groupby("user").cumcount() < LENGTH)
    lists = mixed[held].sort_values("user", kind="stable")
    films, stars = lists[["film", "rating"]].to_numpy(int).T.reshape(2, -1, LENGTH)
    return mixed[~held], films, stars


# %% [markdown]
# Three scores of a film, from other people's ratings: how many there are, the share of *good* ones
# (4 or 5 stars), the share of *great* ones (5 stars). A few ratings are pulled towards the mean.

# %%
def shares(train, hit):
    votes = np.bincount(train["film"], minlength=n_films)
    hits = np.bincount(train["film"], hit, minlength=n_films)
    return (hits + PRIOR * hit.mean()) / (votes + PRIOR)


def rankers(seed):
    train, films, stars = hidden(seed)
    tie = 1e-9 * np.random.default_rng(seed).random(films.shape)
    good, great = (shares(train, (train["rating"] >= bar).to_numpy(float)) for bar in (4, 5))
    popular = np.bincount(train["film"], minlength=n_films)
    scores = {"popular": popular, "good": good, "great": great}
    scores = {name: score[films] + tie for name, score in scores.items()}
    shown = scores["good"] >= np.sort(scores["good"], axis=1)[:, [-K]]
    scores["good, as a set"] = shown + tie  # the same five films, in whatever order
    return scores, stars


# %% [markdown]
# The fourth ranker shows the same five films as *good*, in no order: a retrieval stage without a
# ranking stage. **Predict:** does it beat *great*, a ranker with fewer hits and the better film on
# top?

# %%
def judged(seed):
    scores, stars = rankers(seed)
    for name, score in scores.items():
        precision = precision_at_k((stars >= 4).astype(int), score, k=K)
        yield {"seed": seed, "ranker": name, "precision@5": precision} | {
            "NDCG@5": ndcg_score(2**stars - 1, score, k=K)
        }


table = pd.DataFrame([row for seed in seeds for row in judged(seed)])
mean = table.groupby("ranker", sort=False)[["precision@5", "NDCG@5"]].mean()
mean.round(3)

# %%
metric = table.pivot(index="seed", columns="ranker")
unordered, great = (metric.xs(name, axis=1, level=1) for name in ("good, as a set", "great"))
set_wins = (unordered["precision@5"] > great["precision@5"]).mean()
order_wins = (great["NDCG@5"] > unordered["NDCG@5"]).mean()
coin = "Were both equally good, 15 or more of 20 draws would fall this way in 2 % of cases."
claim("share of draws: precision@5 prefers the set", set_wins, at_least=0.75, why=coin)
claim("share of draws: NDCG@5 prefers the order", order_wins, at_least=0.75, why=coin)

# %% [markdown]
# The case where they disagree: same people, same films, opposite winners. The library agrees with the
# kit about NDCG:

# %%
from sklearn.metrics import ndcg_score as twin

scores, stars = rankers(0)
for score in scores.values():
    kit, library = (f(2**stars - 1, score, k=K) for f in (ndcg_score, twin))
    np.testing.assert_allclose(kit, library, rtol=1e-9)

# %% [markdown]
# ## Whom to believe?
#
# It depends on the reader. Somebody looks at the first place, and at each next one with probability
# $q$, the *patience*. How many good films will they meet in either list? With a patience of one that
# is five times precision@5.

# %%
patience = np.linspace(0, 1, 21)


def met(score, stars):
    """Expected number of good films met, for each patience."""
    first = np.argsort(-score, axis=1)[:, :K]
    good = (np.take_along_axis(stars, first, axis=1) >= 4).mean(axis=0)
    return patience[:, None] ** np.arange(K) @ good


def advantage(seed):
    scores, stars = rankers(seed)
    return met(scores["great"], stars) - met(scores["good, as a set"], stars)


lead = np.array([advantage(seed) for seed in seeds])

# %%
title = "Good films met with great, minus those met with the unordered set"
xlabel, ylabel = "patience: chance to look at the next place", "good films met: great - set"
ax = plots.style.frame(None, title=title, xlabel=xlabel, ylabel=ylabel)
low, middle, high = np.quantile(lead, [0.1, 0.5, 0.9], axis=0)
ax.plot(patience, middle, color=plots.COLOURS["blue"], label="median of the draws")
ax.fill_between(patience, low, high, color=plots.COLOURS["blue"], alpha=0.2, lw=0, label="80 % of them")
_ = ax.legend(frameon=False, loc="upper right")
_ = ax.axhline(0, color=plots.COLOURS["ink"], lw=0.8)

# %%
hasty = (lead[:, 10] > 0).mean()
np.testing.assert_allclose(lead[:, -1] < 0, unordered["precision@5"] > great["precision@5"])
claim("share of draws: patience 0.5 prefers the order", hasty, at_least=0.75, why=coin)


# %% [markdown]
# So the metric is a model of the reader. A mail with five offers is read whole: precision. A search
# page is read from the top: NDCG.
#
# ## Which needs fewer people?
#
# A good metric shows a real improvement with few people. *Good* is better than *popular* on both. From the
# spread of the paired differences follows the number of people for a test at 5 % with power 80 %:
# $7.85\,(\text{sd}/\text{mean})^2$. **Predict** the order of precision@1, precision@5, NDCG@5.

# %%
def each(gain, score, discount):
    """Discounted gain of the first places, one figure a person."""
    first = np.argsort(-score, axis=1)[:, : len(discount)]
    return np.take_along_axis(gain, first, axis=1) @ discount


def judges(stars):
    good, gain, log = stars >= 4, 2**stars - 1, 1 / np.log2(np.arange(K) + 2)
    return {
        "precision@1": lambda score: each(good, score, np.ones(1)),
        "precision@5": lambda score: each(good, score, np.full(K, 1 / K)),
        "NDCG@5": lambda score: each(gain, score, log) / each(gain, gain, log),
    }


ours = {name: judge(scores["good"]).mean() for name, judge in judges(stars).items()}
np.testing.assert_allclose(ours["NDCG@5"], ndcg_score(2**stars - 1, scores["good"], k=K))


# %%
def people_needed(seed):
    scores, stars = rankers(seed)
    for name, judge in judges(stars).items():
        gain = judge(scores["good"]) - judge(scores["popular"])
        yield name, 7.85 * gain.var() / gain.mean() ** 2


people = pd.DataFrame([dict(people_needed(seed)) for seed in seeds])
people.quantile([0.1, 0.5, 0.9]).T.round(-1).astype(int).rename_axis("people needed")

# %%
finer = (people["NDCG@5"] < people["precision@5"]).mean()
coarse = (people["precision@1"] > people["precision@5"]).mean()
claim("share of draws: NDCG@5 needs fewer people than precision@5", finer, at_least=0.75, why=coin)
claim("share of draws: precision@1 needs more people than precision@5",
      coarse, at_least=0.75, why=coin)


# %% [markdown]
# ## What is the largest possible value?
#
# What would a perfect ranking score, if the screen had ten places?

# %%
def perfection(seed):
    _, stars = rankers(seed)
    precision = precision_at_k((stars >= 4).astype(int), stars, k=10)
    return precision, ndcg_score(2**stars - 1, stars, k=10)


perfect = pd.DataFrame(map(perfection, seeds), columns=["precision@10", "NDCG@10"])
assert np.allclose(perfect["NDCG@10"], 1)  # by its definition
perfect.mean().round(2).to_frame("a perfect ranking")

# %% [markdown]
# A list with three good films cannot fill ten places. NDCG divides that away, which makes lists
# comparable, and hides that there was nothing good to show: report how many lists had a good film.
#
# ## The two-minute answer
#
# *Precision@k* counts hits among the first k: easy to explain, blind to grades and to order, with a
# ceiling that depends on the list. *NDCG@k* weighs each hit by its grade and discounts it by its
# place, relative to the best possible order. They disagree when one ranker finds more and the other
# puts the best first. I choose by what the reader does: whole screen read, precision; read from the
# top, NDCG; one right answer, reciprocal rank. NDCG tells rankers apart with fewer people where
# grades exist. For either: unjudged is not irrelevant, ties must not help, and the last word is an
# experiment with users.
#
# - Exercise: [NDCG@k](../../exercises/coding/ndcg/task.md)
# - The same choice for a list of calls: [churn](../customers/churn.ipynb)
