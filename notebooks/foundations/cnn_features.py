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
#     - what a CNN learns
#     - convolution as weight sharing
#     datasets: []
#     extras: []
#     headline:
#     - accuracy that the convolution adds to the dense model, lower end
#     - share of the lead that is left with mixed pixels
#     - 'shifted images: repetitions in which copies beat the convolution'
#     question: What do the features of a convolutional network buy over raw pixels?
#     sabotages:
#     - name: 'a wrong derivative: pooling hands its gradient to every pixel'
#       replace: (won * share
#       with: (0 * won + share
#     - name: 'a convolution whose neighbours are no neighbours: mixed pixels'
#       replace: yield "convolution", score(CNN(seed).fit(x, y), test)
#       with: yield "convolution", score(CNN(seed).fit(mix(x), y), test, mix)
#     - name: mixing left out
#       replace: .reshape(-1, 64)[:, order]
#       with: .reshape(-1, 64)[:, :]
#     - name: random filters without pooling
#       replace: return features(patches(images), W, b)[1]
#       with: return features(patches(images), W, b)[0].reshape(len(images), -1)
#     - name: filters that never learn
#       replace: adam.step(self.weights, loss_and_grads(self.weights, squares[rows],
#         y[rows])[1])
#       with: adam.step(self.weights[2:], loss_and_grads(self.weights, squares[rows],
#         y[rows])[1][2:])
#     - name: copies that are not shifted
#       replace: '*(shifted(images[train], *move) for move in MOVES)'
#       with: '*(images[train] for _ in MOVES)'
#     - name: one epoch for the convolution on copies
#       replace: EPOCHS // 5
#       with: '1'
#     seconds: 30
#     title: What a CNN's features buy over pixels
# ---

# %% [markdown]
# # What do convolutions buy?
#
# *"Why a convolutional network, and not a dense one on the pixels?"*
#
# The textbook gives three reasons: neighbouring pixels belong together, a feature found in one place
# is useful in another, and pooling forgives a small shift. Each can be tested. We build a network of
# one convolution from the kit's dense layer, compare it with a dense network **of the same number of
# parameters**, and take its advantages away one by one.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.datasets import load_digits

from mlsd_kit import plots
from mlsd_kit.curriculum import claim
from mlsd_kit.linear_model import LogisticRegression
from mlsd_kit.neighbors import KNeighborsClassifier
from mlsd_kit.neural_network import (
    Adam,
    MLPClassifier,
    dense_backward,
    dense_forward,
    gradient_check,
    relu,
    relu_grad,
    softmax_cross_entropy,
)

# %% tags=["parameters"]
SEED = 0  # another value: other images and weights in every repetition
REPEATS = 20
TRAIN = 400  # images; all others are the test
EPOCHS, FILTERS, HIDDEN = 25, 10, 23

# %% [markdown]
# The data: 1,797 handwritten digits of 8 × 8 pixels (scikit-learn carries them; UCI, 1998).
#
# ## A convolution is a dense layer that is used again
#
# Cut each image into its 64 neighbourhoods of 3 × 3 pixels. One small dense layer, nine inputs and
# ten outputs, is applied to every one of them: *the same weights in every place*. A ReLU and the
# largest value of each 2 × 2 block follow, and a dense layer decides.

# %%
digits = load_digits()
images, labels = digits.images / 16, digits.target


def patches(images):
    """The 3 x 3 neighbourhoods: (n, 8, 8) -> (n, 64, 9)."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return views.reshape(len(images), 64, 9)


def pool(maps):
    """The largest of each 2 x 2 block: (n, 64, f) -> (n, 4, 4, f)."""
    blocks = maps.reshape(len(maps), 4, 2, 4, 2, -1)
    columns = np.maximum(blocks[:, :, 0], blocks[:, :, 1])
    return np.maximum(columns[..., 0, :], columns[..., 1, :])


def features(squares, W, b):
    """Convolution, ReLU, pooling: (n, 64, 9) -> (n, 64, f) and (n, 16 f)."""
    maps = relu(dense_forward(squares.reshape(-1, 9), W, b)).reshape(len(squares), 64, -1)
    return maps, pool(maps).reshape(len(squares), -1)


# %% [markdown]
# Backwards, the gradient goes to the winner of each block, through the ReLU, and into the shared
# weights, whose gradient is summed over all places by the dense layer's own backward pass. (Equal
# winners share: blank neighbourhoods are all alike.)

# %%
def unpool(grad, maps):
    """The gradient by the maps: each block's to its largest value."""
    blocks = maps.reshape(len(maps), 4, 2, 4, 2, -1)
    won = (blocks == pool(maps)[:, :, None, :, None]).astype(float)
    rows = won[:, :, 0] + won[:, :, 1]
    share = grad.reshape(len(maps), 4, 4, -1) / (rows[..., 0, :] + rows[..., 1, :])
    return (won * share[:, :, None, :, None]).reshape(maps.shape)


def loss_and_grads(weights, squares, y):
    W, b, V, c = weights
    maps, pooled = features(squares, W, b)
    loss, grad = softmax_cross_entropy(dense_forward(pooled, V, c), y)
    top = dense_backward(grad, pooled, V)
    back = unpool(top.X, maps) * relu_grad(maps)
    low = dense_backward(back.reshape(-1, maps.shape[2]), squares.reshape(-1, 9), W)
    return loss, [low.W, low.b, top.W, top.b]


def start(seed, filters=FILTERS):
    rng = np.random.default_rng(seed)
    W = rng.normal(scale=np.sqrt(2 / 9), size=(9, filters))
    V = rng.normal(scale=np.sqrt(1 / (16 * filters)), size=(16 * filters, 10))
    return [W, np.zeros(filters), V, np.zeros(10)]


# %% [markdown]
# Is the gradient right? Compare it with finite differences, in all weights at once.

# %%
shapes = [w.shape for w in start(0, filters=2)]
cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]


def flat(w):
    parts = [p.reshape(s) for p, s in zip(np.split(w, cuts), shapes, strict=True)]
    loss, grads = loss_and_grads(parts, patches(images[:5]), labels[:5])
    return loss, np.concatenate([g.ravel() for g in grads])


w = np.random.default_rng(0).normal(size=sum(map(np.prod, shapes)))
claim(
    "gradient against finite differences, relative error",
    gradient_check(flat, w),
    at_most=1e-6,
    why="A right derivative agrees with central differences to six digits in double precision.",
)


# %%
class CNN:
    """One convolution, learned with Adam."""

    def __init__(self, seed, epochs=EPOCHS):
        self.rng, self.weights, self.epochs = np.random.default_rng(seed), start(seed), epochs

    def fit(self, images, y):
        squares, adam = patches(images), Adam(0.01)
        for _ in range(self.epochs):
            for rows in np.array_split(self.rng.permutation(len(y)), len(y) // 50):
                adam.step(self.weights, loss_and_grads(self.weights, squares[rows], y[rows])[1])
        return self

    def predict(self, images):
        W, b, V, c = self.weights
        return dense_forward(features(patches(images), W, b)[1], V, c).argmax(axis=1)


class Flat:
    """A model of the rows of numbers that `view` makes of images."""

    def __init__(self, model, view=lambda images: images.reshape(len(images), -1)):
        self.model, self.view = model, view

    def fit(self, images, y):
        self.model.fit(self.view(images), y)
        return self

    def predict(self, images):
        return self.model.predict(self.view(images))


def dense(seed, tol=1e-3):
    settings = dict(batch_size=50, learning_rate_init=3e-3, max_iter=500, random_state=seed)
    return Flat(MLPClassifier((HIDDEN,), tol=tol, **settings))


sizes = {"convolution": sum(w.size for w in start(0)), "dense": 65 * HIDDEN + (HIDDEN + 1) * 10}
pd.Series(sizes).to_frame("parameters")


# %% [markdown]
# ## Six models
#
# - *pixels, linear* and *pixels, dense*: do not know which pixels are neighbours;
# - *pixels, 3 neighbours*: the most frequent label of the three most similar training images; no
#   network, and the simple rival to beat;
# - *convolution*, learned;
# - *random filters*: the same features with weights never learned, under a linear model;
# - *convolution, pixels mixed*: every image's pixels permuted in the same way. No information is
#   lost, a dense model would not notice, but neighbours are no longer neighbours.
#
# **Predict** the order; and again on test images that are shifted by one pixel, which no model has
# seen. (A lead of one point is less than the luck of a few hundred test images, so all that are left
# are tested. The repetitions share images: an interval says nothing about other writers.)

# %%
def shifted(images, down, right):
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return padded[:, 1 - down : 9 - down, 1 - right : 9 - right]


MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]


def score(model, test, mix=lambda images: images):
    still = (model.predict(mix(images[test])) == labels[test]).mean()
    moved = [model.predict(mix(shifted(images[test], *move))) == labels[test] for move in MOVES]
    return {"as trained": still, "shifted": np.mean(moved)}


def split(seed):
    rows = np.random.default_rng(seed).permutation(len(images))
    return rows[:TRAIN], rows[TRAIN:]


def contest(seed):
    train, test = split(seed)
    x, y = images[train], labels[train]
    order = np.random.default_rng(seed).permutation(64)
    W, b = start(seed)[:2]

    def mix(images):
        return images.reshape(-1, 64)[:, order].reshape(-1, 8, 8)

    def fixed(images):
        return features(patches(images), W, b)[1]

    yield "pixels, linear", score(Flat(LogisticRegression(tol=1e-2)).fit(x, y), test)
    yield "pixels, dense", score(dense(seed).fit(x, y), test)
    yield "pixels, 3 neighbours", score(Flat(KNeighborsClassifier(3)).fit(x, y), test)
    yield "random filters", score(Flat(LogisticRegression(tol=1e-2), fixed).fit(x, y), test)
    yield "convolution", score(CNN(seed).fit(x, y), test)
    yield "convolution, pixels mixed", score(CNN(seed).fit(mix(x), y), test, mix)


def table(models):
    """A row for every repetition and model that `models(seed)` yields."""
    return pd.DataFrame(
        [{"seed": s, "model": name} | row for s in seeds for name, row in models(s)]
    )


seeds = range(SEED * REPEATS, (SEED + 1) * REPEATS)
runs = table(contest)
runs.groupby("model", sort=False)[["as trained", "shifted"]].mean().round(3)

# %%
_, axes = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained", sharey=True)
panels = {"as trained": "Test images as they are", "shifted": "The same, shifted by one pixel"}
order = list(runs["model"].unique())
for ax, (name, title) in zip(axes, panels.items(), strict=True):
    label = f"accuracy, {REPEATS} repetitions"
    plots.style.frame(ax, title=title, xlabel=label, ylabel="", grid="x")
    ax.plot(runs[name], runs["model"].map(order.index), "o", alpha=0.5, color=plots.COLOURS["blue"])
    ax.set_yticks(range(len(order)), order)
axes[0].invert_yaxis()

# %%
still, moved = (runs.pivot(index="seed", columns="model", values=name) for name in panels)


def lower(values):
    """Lower end of the 95 % interval of the mean over the repetitions, by Student's t."""
    return np.mean(values) - stats.t.isf(0.025, len(values) - 1) * stats.sem(values)


dense_model, mixed = "pixels, dense", "convolution, pixels mixed"
lead = (still["convolution"] - still[dense_model]).mean()
claim(
    "accuracy that the convolution adds to the dense model, lower end",
    lower(still["convolution"] - still[dense_model]),
    at_least=0,
    why="Both have the same number of parameters, and at zero the convolution would add nothing.",
)
claim(
    "shifted images: repetitions in which it beats the dense model",
    (moved["convolution"] > moved[dense_model]).mean(),
    at_least=0.9,
    why="Pooling should forgive a shift, and a rule must hold in nine repetitions of ten.",
)
claim(
    "share of the lead that is left with mixed pixels",
    (still[mixed] - still[dense_model]).mean() / lead,
    at_most=0.5,
    why="If neighbours make the lead, more than half of it must go when there are none.",
)

# %% [markdown]
# With its pixels mixed the convolution falls back to the dense model: what it had was the knowledge
# that neighbours belong together. But three neighbours on the pixels are at least as good as the
# convolution here: its lead is one over networks of its size, not over every simple model. On a few
# hundred small images that are centred already, I would not ship a network.
#
# How much of the lead over the dense model is *learning*?

# %%
free = (still["random filters"] - still[dense_model]).mean()
free_moved = (moved["random filters"] - moved[dense_model]).mean()
lead_moved = (moved["convolution"] - moved[dense_model]).mean()
shares = pd.Series({"as trained": free / lead, "shifted": free_moved / lead_moved})
shares.round(1).to_frame("share of the lead that random filters have")

# %%
claim(
    "shifted images: share of the lead without learning",
    free_moved / lead_moved,
    at_least=0.5,
    why="To credit the architecture, at least half must be there before any learning.",
)
claim(
    "mean accuracy that learning the filters adds",
    (still["convolution"] - still["random filters"]).mean(),
    at_least=0,
    why="Below zero, learning the filters would not pay on these images.",
)

# %% [markdown]
# Most of the robustness comes from the *architecture*: filters that never learned have it too.
# Learning adds the rest. These are small images with one stroke each; on photographs, where layers
# build on layers, learning is nearly everything.
#
# ## What are the features?
#
# The filters of one network (purple: positive weights, orange: negative), and what the strongest of
# them make of a digit (dark: a high value).

# %%
train, _ = split(seeds[0])
network = CNN(seeds[0]).fit(images[train], labels[train])
W, b, V, _ = network.weights
maps = features(patches(images[:1]), W, b)[0][0].reshape(8, 8, -1)
best = np.argsort(-maps.sum(axis=(0, 1)))[:5]
_, grid = plt.subplots(2, 6, figsize=(8.4, 3.2), layout="constrained")
for ax in grid.flat:
    ax.set(xticks=[], yticks=[])
grid[0, 0].axis("off")
grid[1, 0].imshow(images[0], cmap="Greys")
grid[1, 0].set_xlabel("the digit")
for (top, bottom), k in zip(grid[:, 1:].T, best, strict=True):
    top.imshow(W[:, k].reshape(3, 3), cmap="PuOr", vmin=-1.5, vmax=1.5)
    bottom.imshow(maps[..., k], cmap="Greys")
    top.set_xlabel("filter"), bottom.set_xlabel("its map")
_ = plt.gcf().suptitle(
    "Five filters and what each makes of one digit", x=0.02, ha="left", weight="bold"
)


# %% [markdown]
# ## Shifted copies in the training
#
# Another way to a model that forgives shifts: train it on shifted copies too. **Predict:** can the
# dense model reach the convolution that way?

# %%
def with_copies(seed):
    train, test = split(seed)
    x = np.concatenate([images[train], *(shifted(images[train], *move) for move in MOVES)])
    y = np.tile(labels[train], 5)
    yield "dense, copies", score(dense(seed, tol=1e-2).fit(x, y), test)
    yield "3 neighbours, copies", score(Flat(KNeighborsClassifier(3)).fit(x, y), test)
    yield "convolution, copies", score(CNN(seed, EPOCHS // 5).fit(x, y), test)


copies = table(with_copies)
without = [dense_model, "pixels, 3 neighbours", "convolution"]
both = pd.concat([runs[runs["model"].isin(without)], copies])
both.groupby("model", sort=False)[list(panels)].mean().round(3)

# %%
unshifted, shifted_too = (
    copies.pivot(index="seed", columns="model", values=name) for name in panels
)
claim(
    "shifted images: repetitions in which copies beat the convolution",
    (shifted_too["dense, copies"] > moved["convolution"]).mean(),
    at_least=0.9,
    why="To recommend copies before architecture they must win in nine repetitions of ten.",
)
claim(
    "with copies, unshifted: accuracy that the convolution adds to the dense model, lower end",
    lower(unshifted["convolution, copies"] - unshifted["dense, copies"]),
    at_least=0,
    why="At zero the convolution would add nothing to a dense model that learns from copies too.",
)

# %% [markdown]
# Copies teach every model the shift, and more of it than the architecture did. But the dense model
# loses accuracy on images that are not shifted: it must learn each feature again for each place, with
# the same few parameters. Three neighbours with copies are ahead of both networks in either column.
#
# ## The two-minute answer
#
# A convolution is a dense layer on neighbourhoods, applied everywhere with the same weights. It knows
# beforehand that neighbours belong together and that a feature may appear anywhere; so it needs fewer
# parameters and fewer examples *where that is true*. Mix the pixels, and the advantage is gone:
# convolutions are for data with neighbours (images, sound, text, time series), not for tables. Pooling
# forgives small shifts, but far less than is often said; copies with the shifts that occur in use do
# more. For few images take the features of a network trained on many, and learn only the last layer;
# compare always with a linear model and with neighbours on the pixels.
#
# - Exercise: [a dense layer with ReLU](../../exercises/coding/dense_relu/task.md), which is most of it
# - What a more complex model must pay for: [simple or complex](simple_vs_complex.ipynb)
