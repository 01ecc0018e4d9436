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
#     - training on data larger than memory
#     datasets:
#     - flights
#     extras: []
#     headline:
#     - 'chunks and sample: growth for 4 x the rows'
#     - all rows in the order of the file - a sample, log loss, lower end
#     - ROC-AUC that all rows add to 30,000 learned from for as many steps, lower end
#     question: The training data do not fit into memory. What do you do?
#     sabotages:
#     - name: the chunks are kept
#       replace: weights = learn(weights, *encode(chunk))
#       with: weights = learn(weights, *encode(chunk)); globals().setdefault("kept",
#         []).append(chunk)
#     - name: no column is left out
#       replace: usecols=[*small], dtype=small
#       with: dtype=small
#     - name: there is no limit
#       parameter: LIMIT_MB
#       value: 1000
#     - name: one chunk holds the whole file
#       parameter: CHUNK
#       value: 260000
#     - name: the file is in random order
#       replace: encode(flights)
#       with: encode(flights.sample(frac=1, random_state=0))
#     - name: labels are shuffled
#       replace: (np.isnan(delay) | (delay > 15)).astype(np.int8)
#       with: np.random.default_rng(0).permutation(delay > 15).astype(np.int8)
#     - name: the last weights are taken for their mean
#       replace: weights = mean if averaged else last
#       with: weights = last
#     - name: the rows are not shuffled
#       replace: yield "all, shuffled", mixed
#       with: yield "all, shuffled", rows
#     seconds: 25
#     title: Training on data larger than memory
# ---

# %% [markdown]
# # The data do not fit
#
# *"Your training table is larger than the machine's memory. What now?"*
#
# Four answers: take fewer and smaller columns, read in chunks and learn on the way, draw a sample, or
# rent a larger machine. We measure what each costs in memory, in processes of their own, and in
# quality.

# %%
import inspect
import json
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from scipy import stats

from mlsd_kit import data, plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import sigmoid
from mlsd_kit.metrics import log_loss, roc_auc_score
from mlsd_kit.streaming import ReservoirSample

# %% tags=["parameters"]
SEED, DRAWS = 0, 10  # which flights are held out, and in what order the others come
CHUNK = 10_000  # rows read at a time
SAMPLE, PASSES = 20_000, 10  # rows of the sample, which memory holds: learn from it repeatedly
LIMIT_MB = 80  # what a process may add to its memory
WORTH = 0.005  # ROC-AUC that would pay for learning from all rows: an assumption

# %% [markdown]
# The table: flights out of New York, here of a size that a laptop can hold, so that both ways can be
# compared. The task: from the timetable, will the flight be late by more than 15 minutes, or never
# arrive?
#
# The model is a logistic regression learned by stochastic gradient descent. Categories are *hashed*
# into 1,024 columns: no pass over the data is needed to learn which airports there are.

# %%
COLUMNS, WIDTH = ["carrier", "origin", "dest", "hour", "distance"], 1024


def encode(table):
    """Five hashed columns a row (n, 5), and whether the flight was late (n,)."""
    places = np.empty((len(table), len(COLUMNS)), dtype=np.int16)
    for j, name in enumerate(COLUMNS):
        codes, values = pd.factorize(table[name])
        hashed = [crc32(f"{name}={value}".encode()) % WIDTH for value in values]
        places[:, j] = np.array(hashed)[codes]
    delay = table["arr_delay"].to_numpy(dtype=float)
    return places, (np.isnan(delay) | (delay > 15)).astype(np.int8)


def learn(weights, places, late, rate=0.5, batch=200, mean=None):
    """One pass of stochastic gradient descent; `mean` becomes that of the weights over its steps."""
    for start in range(0, len(late), batch):
        rows = places[start : start + batch]
        error = sigmoid(weights[rows].sum(axis=1)) - late[start : start + batch]
        spread = np.repeat(error, rows.shape[1])
        weights -= rate * np.bincount(rows.ravel(), spread, WIDTH) / len(rows)
        if mean is not None:
            mean += (weights - mean) / (start // batch + 1)
    return weights


# %% [markdown]
# ## Four ways to read
#
# **Predict:** whose memory grows with the file?

# %%
def whole(file):
    return learn(np.zeros(WIDTH), *encode(pd.read_csv(file)))


def fewer_columns(file):
    small = {"hour": "int8", "distance": "int16", "arr_delay": "float32"}
    small |= dict.fromkeys(["carrier", "origin", "dest"], "category")
    return learn(np.zeros(WIDTH), *encode(pd.read_csv(file, usecols=[*small], dtype=small)))


def chunks(file):
    weights = np.zeros(WIDTH)
    for chunk in pd.read_csv(file, usecols=[*COLUMNS, "arr_delay"], chunksize=CHUNK):
        weights = learn(weights, *encode(chunk))
    return weights


def sample(file):
    reservoir = ReservoirSample(SAMPLE, random_state=0)
    with Path(file).open() as lines:
        header = next(lines).strip().split(",")
        for line in lines:
            reservoir.update(line)
    rows = pd.DataFrame([line.strip().split(",") for line in reservoir.get()], columns=header)
    rows["arr_delay"] = pd.to_numeric(rows["arr_delay"], errors="coerce")
    weights, encoded = np.zeros(WIDTH), encode(rows)
    for _ in range(PASSES):
        weights = learn(weights, *encoded)
    return weights


WAYS = [whole, fewer_columns, chunks, sample]

# %% [markdown]
# A process's peak counts everything it ever held, so each way runs in a child of its own: a fork of a
# fresh Python that has loaded the libraries and nothing else. The child reports how far its peak
# rose, or dies: on Linux the last round runs under a hard limit.

# %%
IMPORTS = """
import json, os, resource, sys
from pathlib import Path
from zlib import crc32
import numpy as np, pandas as pd
from mlsd_kit.linear_model import sigmoid
from mlsd_kit.streaming import ReservoirSample
"""


def peak_mb():
    """The most memory this process has held [MB]."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def limit_growth(megabytes):
    """From here on, allocating more than this fails."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    used = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + int(megabytes * 1e6),) * 2)


def child(way, file, limit):
    """Run one way in a fork; print by how many MB it grew, or null if it died."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(2)  # where it runs out of memory, that is the result: no traceback is printed
        start = peak_mb()
        if limit:
            limit_growth(limit)
        globals()[way](file)
        os.write(writer, str(peak_mb() - start).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 100)
    os.wait()
    print(json.dumps(float(said) if said else None), flush=True)


# %%
def measure(tasks):
    """Growth of each (way, file, limit) [MB], NaN where it died."""
    functions = encode, learn, *WAYS, peak_mb, limit_growth, child
    settings = {name: globals()[name] for name in ("COLUMNS", "WIDTH", "CHUNK", "SAMPLE", "PASSES")}
    source = "\n".join(map(inspect.getsource, functions))
    calls = f"for task in {tasks!r}:\n    child(*task)"
    script = f"{IMPORTS}\nglobals().update({settings!r})\n{source}\n{calls}"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) or np.nan for line in done.stdout.splitlines()]


# %%
folder = tempfile.TemporaryDirectory()
with zipfile.ZipFile(data.path("flights")) as archive:
    lines = archive.read("flights.csv").splitlines(keepends=True)
files = {}
for share in (0.25, 0.5, 1.0):
    n = round(share * (len(lines) - 1))
    files[n] = Path(folder.name, f"{n}.csv")
    files[n].write_bytes(b"".join(lines[: n + 1]))
print(f"{n:,} flights, {files[n].stat().st_size / 1e6:.0f} MB of text")

# %% tags=["nbval-ignore-output"]
tasks = [(way.__name__, str(file), 0) for way in WAYS for file in files.values()]
names = [way.__name__.replace("_", " ") for way in WAYS]
grew = pd.DataFrame(np.reshape(measure(tasks), (len(WAYS), -1)), index=names, columns=list(files))
grew.round(1).rename_axis(index="growth [MB]", columns="rows")

# %% tags=["key-figure"]
memory, ylabel = "Peak memory of four ways to read a file", "growth of the process [MB]"
ax = plots.style.frame(None, title=memory, xlabel="rows of the file [thousands]", ylabel=ylabel)
for colour, mark, name in zip(plots.PALETTE, "os^D", names, strict=False):
    ax.plot(grew.columns / 1000, grew.loc[name], mark + "-", color=colour, label=name)
ax.axhline(LIMIT_MB, ls="--", color=plots.COLOURS["grey"], label="the limit below")
ax.set(xlim=(0, None), ylim=(0, None))
_ = ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

# %% tags=["nbval-ignore-output"]
first, last = grew.iloc[:, 0], grew.iloc[:, -1]
flat = (last / first)[["chunks", "sample"]].max()
fixed = "The requirement is memory that does not grow; a fifth is left to the allocator."
claim("chunks and sample: growth for 4 x the rows", flat, at_most=1.2, why=fixed)
needed = len(lines[0].split(b",")) / 6
unread = "This many columns are in the file for each one that is read; small types save the rest."
claim("memory, whole / fewer columns", last["whole"] / last["fewer columns"], at_least=needed, why=unread)

# %% tags=["nbval-ignore-output"]
limit = LIMIT_MB if sys.platform == "linux" else 0  # others do not enforce it
alive = pd.Series(measure([(way.__name__, str(files[n]), limit) for way in WAYS]), index=names)
print(alive.round(1).to_string(na_rep="died"))
fits = alive.notna() if limit else alive <= LIMIT_MB
must = "The limit is the requirement: whole needs more, the three other ways need less."
claim("ways that stay below the limit", fits.sum(), approx=3, rel=0, why=must)

# %% [markdown]
# First look at what is stored: the columns you need, in the smallest types that hold them, cut the
# memory several times, and often the problem is gone. That line still rises; chunks and the sample
# do not.
#
# ## What does it cost in quality?
#
# One fifth of the flights is the test, drawn at random several times. The draws share the flights of one
# year: an interval says how much the choice of rows matters, and nothing about another year. Chunks
# come as the file has them. Which is its last month?

# %%
flights = data.load("flights")
print("months in the order of the file:", *flights["month"].drop_duplicates())
places, late = encode(flights)


# %% [markdown]
# Sorted as text, so that September comes last. **Predict:** does the order matter? Does shuffling
# inside each chunk repair it? Does it help to keep the mean of the weights over all steps (which needs
# no memory to speak of) in place of the last ones? And what does the sample lose?

# %%
def passes(rows, rng):
    """Name, rows in the order of learning."""
    mixed = rng.permutation(rows)
    pieces = np.array_split(rows, len(rows) // CHUNK)
    yield "all, in the order of the file", rows
    yield "the same, mean of the weights", rows
    yield "all, shuffled inside chunks", np.concatenate([rng.permutation(piece) for piece in pieces])
    yield "all, shuffled", mixed
    yield "sample, ten passes", np.tile(mixed[:SAMPLE], PASSES)


def judged(order, held, averaged=False):
    mean = np.zeros(WIDTH) if averaged else None
    last = learn(np.zeros(WIDTH), places[order], late[order], mean=mean)
    weights = mean if averaged else last
    p = sigmoid(weights[places[held]].sum(axis=1))
    scores = {"ROC-AUC": roc_auc_score(late[held], p), "log loss": log_loss(late[held], p)}
    return scores | {"promised - happened": p.mean() - late[held].mean()}


def compare(seed):
    rng = np.random.default_rng(seed)
    held = rng.random(len(late)) < 0.2
    for name, order in passes(np.flatnonzero(~held), rng):
        yield {"seed": seed, "way": name} | judged(order, held, averaged="mean" in name)


draws = range(1000 * SEED, 1000 * SEED + DRAWS)
runs = pd.DataFrame([row for seed in draws for row in compare(seed)])
runs.groupby("way", sort=False).mean().drop(columns="seed").round(3)


# %%
def lower(values):
    """Lower end of the 95 % interval of the mean over the draws, by Student's t."""
    return np.mean(values) - stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


loss = runs.pivot(index="seed", columns="way", values="log loss")
as_is, in_chunks = loss["all, in the order of the file"], loss["all, shuffled inside chunks"]
shuffled, small = loss["all, shuffled"], loss["sample, ten passes"]
equal = "At zero all rows in a bad order would be worth as much as the sample."
claim("all rows in the order of the file - a sample, log loss, lower end", lower(as_is - small), at_least=0, why=equal)
left = (in_chunks - small).mean() / (as_is - small).mean()
mostly = "Above one half, most of the damage is left."
claim("damage left by shuffling inside chunks", left, at_least=0.5, why=mostly)
mended = loss["the same, mean of the weights"]
enough = "At zero the mean of the weights would be worth no more than the sample."
claim("sample - mean of the weights in the order of the file, log loss, lower end", lower(small - mended), at_least=0, why=enough)
none = "At zero the rows outside the sample would be worth nothing."
claim("sample - all shuffled, log loss, lower end", lower(small - shuffled), at_least=0, why=none)

# %% [markdown]
# One pass over a sorted file ends with the last weeks: the model has learned September and promises
# its punctuality to the whole year. Two remedies. A shuffle must reach across the file. Done once on
# disk: write each row to one of many small files at random, then shuffle each file in memory. Or keep
# the mean of the weights over all steps: every month counts equally per row, and it costs one more array
# in memory. (Where the next month is to be predicted, the latest rows may deserve more weight: judge on later rows.)
#
# ## Is more data worth it?
#
# After one pass over all rows the sample looks nearly as good. That is no fair race: it was passed over
# ten times. How much does each further row buy, if all sizes are passed over equally often (so that more
# rows mean more gradient steps, too)?

# %%
SIZES = [1000, 3000, 10_000, 30_000, 100_000, 269_000]


def curve(seed):
    rng = np.random.default_rng(seed)
    held = rng.random(len(late)) < 0.2
    mixed = rng.permutation(np.flatnonzero(~held))
    orders = [np.tile(mixed[:n], PASSES) for n in SIZES]
    orders.append(np.resize(mixed[:30_000], len(orders[-1])))  # few rows, as many steps as all
    return [judged(order, held)["ROC-AUC"] for order in orders]


LONG = "30,000, as many steps"
auc = pd.DataFrame([curve(seed) for seed in draws], columns=[*SIZES, LONG])

# %%
title, xlabel = "What more rows add to the same model", "rows learned from [thousands]"
ax = plots.style.frame(None, title=title, xlabel=xlabel, ylabel="ROC-AUC on test")
ax.plot(SIZES, auc[SIZES].median(), "o-", color=plots.COLOURS["blue"], label="median of the draws")
band = auc[SIZES].quantile([0.1, 0.9]).to_numpy()
ax.fill_between(SIZES, *band, color=plots.COLOURS["blue"], alpha=0.2, lw=0, label="80 % of them")
ax.plot(30_000, auc[LONG].median(), "D", color=plots.COLOURS["orange"], label=LONG)
_ = ax.legend(frameon=False, loc="lower right")
ax.set_xscale("log"), ax.minorticks_off()
_ = ax.set_xticks(SIZES, [n // 1000 for n in SIZES])

# %%
early, further = auc[30_000] - auc[3000], auc[269_000] - auc[30_000]
print(f"ROC-AUC: +{early.mean():.3f} from 3,000 to 30,000 rows, +{further.mean():.3f} from there to all")
again = auc[269_000] - auc[LONG]
print(f"all rows over {LONG}: {lower(again):.4f} to {-lower(-again):.4f} (95 %), would pay from {WORTH}")
straight = "At zero the last step (nine times the rows) would add as much as the one before (ten times)."
claim("gain from 3,000 to 30,000 rows - from there to all, lower end", lower(early - further), at_least=0, why=straight)
more = "At zero the other rows would add nothing that more steps on the same rows do not add."
claim("ROC-AUC that all rows add to 30,000 learned from for as many steps, lower end", lower(again), at_least=0, why=more)

# %% [markdown]
# So plot this curve before renting a larger machine: it says whether the rows that do not fit would be
# worth their price. Here each further row buys far less than the first ones. A part of the gain comes
# from more gradient steps and not from more rows. Against the same number of steps the other rows do add
# something. Whether that pays is decided only if the whole printed interval lies on one side of the gain
# that would pay; otherwise it is undecided. A file that is shuffled once on disk and read repeatedly in chunks needs no larger machine. More rows
# may matter more for a larger model, or for rare cases, which a uniform sample loses first.
#
# ## The two-minute answer
#
# First ask whether all of it is needed: the learning curve of growing samples tells. Then make it
# small: only the columns used, small types, categories as codes, a columnar file. If it still does
# not fit, learn *out of core*: read in chunks, hash categories, update by gradient steps; memory is
# that of one chunk. The order must be random across the whole file, so shuffle once on disk, or keep
# the mean of the weights. Trees go by histograms, which are small whatever the rows. A reservoir gives
# a uniform sample in one pass over data of unknown length. Last, more machines: they cost coordination.
# Measure peaks in processes of their own, for a process remembers its largest moment.
#
# - Exercises: [reservoir sampling](../../exercises/coding/reservoir/task.md),
#   [gradient descent](../../exercises/coding/gradient_descent/task.md)
# - Whether more rows would help a business: [churn](../customers/churn.ipynb)
