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
#     - hyper-parameter search
#     - nested cross-validation
#     - regularisation
#     - early stopping
#     datasets: []
#     extras: []
#     headline:
#     - optimism of the winner of 100, lower end
#     - "R\xB2 claimed on shuffled labels, lower end"
#     - optimism that nesting removes, lower end
#     question: How do you tune a model, and how far do you trust the score of the winner?
#     sabotages:
#     - name: shuffled labels, so that no choice of columns is better than another
#       replace: rng.permutation(progress) if shuffled else progress
#       with: rng.permutation(progress)
#     - name: only three candidates are tried
#       parameter: TRIALS
#       value:
#       - 1
#       - 2
#       - 3
#     - name: the mean of the candidates is reported, not the winner
#       replace: scores[:n].max() for n in TRIALS
#       with: scores[:n].mean() for n in TRIALS
#     - name: nested folds, but the winner is chosen outside
#       replace: judge(X[train[fit]], y[train[fit]], candidates)
#       with: judge(X[train], y[train], candidates)
#     - name: the largest penalties are left out
#       replace: np.geomspace(0.1, 1e4, 26)
#       with: np.geomspace(0.1, 1, 26)
#     - name: gradient descent ends before it can overfit
#       replace: steps=1500
#       with: steps=15
#     seconds: 10
#     title: Tuning, its optimism, and two ways to hold a model back
# ---

# %% [markdown]
# # Tuning, its optimism, and two ways to hold a model back
#
# *"You tried a hundred settings and report the best cross-validated score. What will it score on
# new data?"*
#
# At the end you will be able to
#
# - say why the winner's score is too good, how it grows with the number of trials, and how large it
#   is on pure noise;
# - repair it with nested cross-validation, and say what that estimates;
# - hold a model back by a penalty or by early stopping, and see that the two do nearly the same.
#
# **Predict first.** (a) A hundred candidates, five folds, no candidate has seen the held-out fold:
# is the best score honest? (b) The labels are shuffled, so nothing can be learned: what does the
# best of a hundred score? (c) Gradient descent stopped early, or ridge at its best penalty: which
# predicts better?

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.datasets import load_diabetes

from mlsd_kit import plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import Ridge, gradient_descent, squared_loss_and_grad
from mlsd_kit.metrics import r2_score
from mlsd_kit.model_selection import KFold, ridge_cv
from mlsd_kit.plots.seeds import plot_seeds

# %% tags=["parameters"]
SEED, DRAWS = 0, 40  # new patients in training and test, new candidates in each draw
PAIRS = 100  # draws that compare penalty and early stopping: their difference is small
TRAIN = 80  # patients to train and tune with; the others test
TRIALS = [1, 3, 10, 30, 100]  # candidates tried
COLUMNS, PENALTY = 8, 10.0  # a candidate: eight of the columns, one ridge penalty
MATTERS = 0.01  # a difference in R² that would change a decision: an assumption

# %% [markdown]
# Real patients: how far has diabetes gone a year later? Ten measurements and their products make 65
# columns, too many for so few patients.

# %%
measured, progress = load_diabetes(return_X_y=True)
first, second = np.triu_indices(measured.shape[1])
wide = np.hstack([measured, measured[:, first] * measured[:, second]])
X = (wide - wide.mean(axis=0)) / wide.std(axis=0)
draws = range(1000 * SEED, 1000 * SEED + DRAWS)
print(f"{len(X)} patients, {X.shape[1]} columns")


# %% [markdown]
# ## A hundred trials
#
# Each figure below is a mean over many draws of patients and candidates. A claim about it holds for
# the lower end of its 95 % interval, so that the luck of the draws is allowed for. (The draws share
# these patients: the interval says nothing about another clinic.)
#
# A candidate is a choice of columns. All are judged on the same five folds, from one Gram matrix a
# fold; the kit's `ridge_cv` says the same of any one of them.

# %%
def judge(A, b, candidates):
    """R² of ridge regression on each candidate's columns, over the held-out rows of five folds."""
    off = 0.0
    for fit, held in KFold(5).split(A):
        centre, middle = A[fit].mean(axis=0), b[fit].mean()
        Z, T = A[fit] - centre, A[held] - centre
        gram = (Z.T @ Z)[candidates[:, :, None], candidates[:, None, :]]
        moment = (Z.T @ (b[fit] - middle))[candidates][..., None]
        w = np.linalg.solve(gram + PENALTY * np.eye(COLUMNS), moment)[..., 0]
        p = np.einsum("rcj,cj->rc", T[:, candidates], w) + middle  # (row, candidate)
        off += ((b[held, None] - p) ** 2).sum(axis=0)
    return 1 - off / (len(b) * b.var())


def draw(seed, shuffled=False):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))
    candidates = np.array([rng.choice(X.shape[1], COLUMNS, replace=False) for _ in range(100)])
    labels = rng.permutation(progress) if shuffled else progress
    return rows[:TRAIN], rows[TRAIN:], candidates, labels


# %%
train, _, candidates, y = draw(0)
A, b, scoring = X[train][:, candidates[0]], y[train], "neg_mean_squared_error"
one = ridge_cv(A, b, alphas=[PENALTY], cv=5, scoring=scoring).mean_scores[0]
np.testing.assert_allclose(judge(X[train], b, candidates)[0], 1 + one / b.var(), rtol=1e-8)


# %%
def predict(columns, y, fit, held):
    return Ridge(PENALTY).fit(X[fit][:, columns], y[fit]).predict(X[held][:, columns])


def tune(seed, shuffled=False):
    train, test, candidates, y = draw(seed, shuffled)
    scores = judge(X[train], y[train], candidates)
    best = {n: candidates[scores[:n].argmax()] for n in TRIALS}
    claimed = {("claimed", n): scores[:n].max() for n in TRIALS}
    made = {n: predict(best[n], y, train, test) for n in TRIALS}
    return claimed | {("true", n): r2_score(y[test], p) for n, p in made.items()}


def all_seeds(shuffled):
    runs = pd.DataFrame([tune(seed, shuffled) for seed in draws])
    return runs.set_axis(pd.MultiIndex.from_tuples(runs), axis=1)


real, noise = all_seeds(shuffled=False), all_seeds(shuffled=True)
pd.concat({"real": real.mean().unstack(0), "shuffled": noise.mean().unstack(0)}, axis=1).round(2)

# %% tags=["key-figure"]
_, pair = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
titles = ["Real labels: score claimed and delivered", "Shuffled labels: nothing can be learned"]
labels = {"claimed": "cross-validated", "true": "on test"}
for ax, runs, title in zip(pair, (real, noise), titles, strict=True):
    plots.style.frame(ax, title=title, xlabel="candidates tried", ylabel="R² of the winner")
    for colour, style, (kind, label) in zip(
        plots.PALETTE, ("o-", "s--"), labels.items(), strict=False
    ):
        ax.plot(TRIALS, runs[kind].mean(), style, color=colour, label=label)
    ax.set_xscale("log")
    ax.set_xticks(TRIALS, TRIALS)
_ = pair[0].legend(frameon=False)


# %%
def lower(values):
    """Lower end of the 95 % interval of the mean over the draws, by Student's t."""
    return np.mean(values) - stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


few, many = TRIALS[1], TRIALS[-1]
extra = real["claimed", many] - real["true", many]
luck = noise["claimed"] - noise["true"]
useful = real["true", many] - real["true", 1]
honest = "Below what matters, the winner's score could be reported as it is."
claim("optimism of the winner of 100, lower end", lower(extra), at_least=MATTERS, why=honest)
nothing = "Nothing can be learned here, so the true score is zero or less."
claim(
    "R² claimed on shuffled labels, lower end",
    lower(noise["claimed", many]),
    at_least=0,
    why=nothing,
)
same = "Below this the number of trials would not matter."
claim(
    "luck of 100 trials - of 3, lower end",
    lower(luck[many] - luck[few]),
    at_least=MATTERS,
    why=same,
)
idle = "Below what matters, tuning would not pay."
claim("true R², 100 trials - one, lower end", lower(useful), at_least=MATTERS, why=idle)


# %% [markdown]
# No candidate has seen the fold it is judged on. **The trap:** the *choice* has. The maximum of many
# noisy scores picks skill and luck together, and on new data only the skill remains. Tuning still
# pays; but the *report* is too high, and the more was tried, the higher. So report how many were tried.
#
# ## Nested cross-validation
#
# Put the whole procedure, choice included, inside an outer fold that it cannot see.

# %%
def nested(seed):
    train, _, candidates, y = draw(seed)
    p = np.empty(len(train))
    for fit, held in KFold(10).split(train):
        winner = candidates[judge(X[train[fit]], y[train[fit]], candidates).argmax()]
        p[held] = predict(winner, y, train[fit], train[held])
    return r2_score(y[train], p)


truth = real["true", many]
reports = {
    "the winner's own score": real["claimed", many] - truth,
    "nested": np.array([nested(seed) for seed in draws]) - truth,
}
ax = plot_seeds(
    reports,
    unit="reported R² minus R² on test",
    title="Reported minus delivered, a dot for each draw",
)
_ = ax.axvline(0, ls="--", color=plots.COLOURS["grey"], lw=1)

# %%
print(pd.DataFrame(reports).mean().round(2).to_string())
removed = reports["the winner's own score"] - reports["nested"]
vain = "Below what matters, the nested folds would report what the winner claims."
claim("optimism that nesting removes, lower end", lower(removed), at_least=MATTERS, why=vain)

# %% [markdown]
# Nested folds score the *procedure* (tune, then fit), not one setting: each outer fold may choose
# another. It costs as many times the work as there are outer folds, and its own spread stays wide, for
# the rows are few. With plenty of data a test set used once does the same.
#
# ## Penalty and early stopping
#
# All columns now. Ridge shrinks the weights by a penalty. Early stopping starts gradient descent with
# weights of zero and ends it before it arrives. Both choose their strength on validation rows.

# %%
PENALTIES = np.geomspace(0.1, 1e4, 26)


def paths(A, b, steps=1500):
    """Weights along gradient descent from zero, and along ridge penalties."""
    step = len(A) / np.linalg.norm(A, 2) ** 2
    start, loss = np.zeros(A.shape[1]), lambda w: squared_loss_and_grad(w, A, b)
    walk = gradient_descent(loss, start, step=step, max_iter=steps, tol=0.0).path
    return {"steps": walk, "ridge": np.array([Ridge(a).fit(A, b).coef_ for a in PENALTIES])}


def held_back(seed):
    rows = np.random.default_rng(seed).permutation(len(X))
    fit, val, test = rows[:100], rows[100:150], rows[150:]
    centre, middle, scores = X[fit].mean(axis=0), progress[fit].mean(), {}
    for name, weights in paths(X[fit] - centre, progress[fit] - middle).items():
        for where, held in {"validation": val, "test": test}.items():
            off = progress[held, None] - middle - (X[held] - centre) @ weights.T
            scores[name, where] = 1 - (off**2).mean(axis=0) / progress[held].var()
    return scores


# %%
walks = [held_back(seed) for seed in range(1000 * SEED, 1000 * SEED + PAIRS)]
ends = pd.DataFrame(
    {
        name: [run[name, "test"][run[name, "validation"].argmax()] for run in walks]
        for name in ("ridge", "steps")
    }
)
ends["all steps"] = [run["steps", "test"][-1] for run in walks]
ends.median().round(2).to_frame("R² on test, median of the draws")

# %%
walked, shrunk = (np.mean([run[n, "test"] for run in walks], axis=0) for n in ("steps", "ridge"))
_, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", sharey=True)
plots.style.frame(
    axes[0], title="Early stopping", xlabel="gradient steps", ylabel="R² on test, mean"
)
axes[0].semilogx(np.arange(1, len(walked)), walked[1:], color=plots.COLOURS["blue"])
plots.style.frame(axes[1], title="Ridge", xlabel="penalty", ylabel="")
axes[1].semilogx(PENALTIES, shrunk, color=plots.COLOURS["orange"])
axes[1].invert_xaxis()
_ = axes[0].set_ylim(-0.5, 0.5)

# %%
lead = ends["steps"] - ends["ridge"]
ended = (ends["steps"] > ends["all steps"]).mean()
small = "A smaller difference would change no decision, as assumed above."
claim(
    "R², early stopping - ridge, the end of the interval farther from zero",
    max(lower(lead), -lower(-lead), key=abs),
    between=(-MATTERS, MATTERS),
    why=small,
)
coin = 0.5 + 2 * np.sqrt(0.25 / PAIRS)
chance = "If stopping made no difference, the share would stay below this in 98 % of cases."
claim("share of draws in which early stopping beats all steps", ended, at_least=coin, why=chance)

# %% [markdown]
# Both hold back the directions in which the data says little. The step at which you stop was chosen
# on the validation rows, so *their* score is a winner's score as well: early stopping is tuning.
#
# <details><summary><b>The two-minute answer</b></summary>
#
# Split off a test set first. Inside, search at random over the few parameters that matter (rate and
# size for boosting, penalty for linear models), on a log scale, with early stopping instead of a
# grid over rounds; more folds or repeats when rows are few. The winner's score is the maximum of
# noisy numbers, so it is optimistic: more so with more trials and fewer rows. I report nested
# cross-validation, or a test set touched once, together with the number of trials, and I prefer the
# simplest setting within one standard error of the best. If tuning gains less than the noise
# between folds, I stop and look for data instead.
# </details>
#
# You have seen
#
# - a winner that claims too much, on real labels and on shuffled ones;
# - the same search inside an outer fold, and the optimism gone;
# - penalty and early stopping, which end at nearly the same score.
#
# **Where it matters:** [churn](../customers/churn.ipynb) lists which rows chose what, and the test
# rows chose nothing. **Practise:** `mlsd check grid_search`
# ([task](../../exercises/coding/grid_search/task.md)).
