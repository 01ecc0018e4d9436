"""What a reservoir sample must do: its structure first, then its chances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.stats import chi2

from mlsd_kit.curriculum.grading import check, require, same
from mlsd_kit.curriculum.grading.wire import Stream

Given = dict[str, Any]

RUNS = 1200
"""Samples that one test looks at."""
RARE = 1e-7
"""P-value below which a test rejects; a run makes two, so a false alarm is rarer than 1e-6."""

seeds = st.integers(0, 2**31)


@st.composite
def streams(draw: st.DrawFn, shorter: bool = False) -> Given:
    """Small whole numbers or letters, so that equal items turn up often."""
    item = draw(st.sampled_from([st.integers(0, 5), st.sampled_from("abc")]))
    k = draw(st.integers(1, 5))
    n = draw(st.integers(0, k)) if shorter else draw(st.integers(0, 12))
    stream = draw(st.lists(item, min_size=n, max_size=n))
    return {"stream": stream, "k": k, "seed": draw(seeds)}


def answer(call: Callable, given: Given) -> list:
    """The sample as a list of plain items, or a sentence why it is none."""
    got = call(**given)
    if not isinstance(got, list | tuple | np.ndarray) or np.ndim(got) != 1:
        same(got, given["stream"][: given["k"]], what="sample")
    return [item.item() if isinstance(item, np.generic) else item for item in got]


@check(
    streams(shorter=True),
    always=[
        {"stream": [], "k": 3, "seed": 1},
        {"stream": ["a", "b", "c"], "k": 5, "seed": 0},
        {"stream": [7, 7, 7], "k": 3, "seed": 0},
    ],
)
def a_short_stream_is_kept_whole(call: Callable, given: Given) -> None:
    """If the stream has at most k items, all of them are the sample."""
    same(answer(call, given), given["stream"], what="sample", order=False)


@check(
    streams(),
    always=[
        {"stream": list(range(20)), "k": 4, "seed": 1},
        {"stream": list(range(20)), "k": 19, "seed": 2},
        {"stream": [1, 1, 1, 1, 1, 2, 2], "k": 3, "seed": 3},
    ],
)
def k_different_items_of_the_stream(call: Callable, given: Given) -> None:
    """The sample has k items of the stream, none of them more often than the stream has it."""
    sample, stream = answer(call, given), given["stream"]
    size = min(given["k"], len(stream))
    require(len(sample) == size, f"expected {size} items, got {len(sample)}")
    for item, times in Counter(sample).items():
        held = stream.count(item)
        require(times <= held, f"{item!r} is {times} × in the sample and {held} × in the stream")


@check(streams(), always=[{"stream": list(range(50)), "k": 5, "seed": 0}])
def the_seed_decides(call: Callable, given: Given) -> None:
    """The same seed gives the same sample; 0 is a seed too."""
    first, again = answer(call, given), answer(call, given)
    require(first == again, f"seed {given['seed']} gave {first} and then {again}")


@check(
    always=[
        {"stream": list(range(9)), "k": 3, "seed": 0},
        {"stream": list("abc"), "k": 5, "seed": 1},
        {"stream": [], "k": 2, "seed": 2},
    ]
)
def anything_that_can_be_read_will_do(call: Callable, given: Given) -> None:
    """A stream that can be read only once, without a length, gives what a list gives."""
    got = answer(call, {**given, "stream": Stream(given["stream"])})
    same(got, answer(call, given), what="sample", order=False)


@check(
    streams(),
    always=[{"stream": list(range(n)), "k": 3, "seed": seed} for n in (4, 9) for seed in range(4)],
)
def one_more_item_changes_at_most_one_place(call: Callable, given: Given) -> None:
    """With one more item at the end the sample is the same but for the new item's place."""
    stream = given["stream"]
    new = "new" if stream and isinstance(stream[0], str) else 99
    before = answer(call, given)
    sample = answer(call, {**given, "stream": [*stream, new]})
    fresh = Counter(sample) - Counter(before)
    require(
        not fresh or fresh == Counter([new]),
        f"the sample was {before}, and after the item {new!r} {sample}: only {new!r} can come in. "
        "Decide about each item when it comes, not when the stream has ended",
    )


@st.composite
def odds(draw: st.DrawFn) -> Given:
    """Few items, so that every set of them comes often."""
    n, k = draw(st.sampled_from([4, 5])), draw(st.sampled_from([2, 3]))
    # hypothesis tries the simplest input first: without 0 the only one drawn is a random one
    return {"stream": list(range(n)), "k": k, "seed": draw(seeds.filter(bool))}


@check(odds(), examples=1)
def everything_has_the_same_chance(call: Callable, given: Given) -> None:
    """Over many seeds each item is in the sample with chance k / n, and each set equally often."""
    n, k = len(given["stream"]), given["k"]
    found = samples(call, given)
    counts = Counter(item for sample in found for item in sample)
    shares, fair = np.array([counts[item] for item in range(n)]) / RUNS, k / n
    # the shares of a sample without replacement sum to k: n - 1 degrees of freedom
    statistic = RUNS * (n - 1) / n * ((shares - fair) ** 2).sum() / (fair * (1 - fair))
    worst = int(np.argmax(np.abs(shares - fair)))
    require(
        chi2.sf(statistic, n - 1) > RARE,
        f"item {worst} of 0 … {n - 1} is in {shares[worst]:.1%} of {RUNS} samples of {k}, expected"
        f" about {fair:.1%}; all items: {', '.join(f'{share:.0%}' for share in shares)}",
    )
    sets, times = [frozenset(s) for s in combinations(range(n), k)], Counter(found)
    expected = RUNS / len(sets)
    statistic = sum((times[s] - expected) ** 2 for s in sets) / expected
    odd = max(sets, key=lambda s: abs(times[s] - expected))
    require(
        chi2.sf(statistic, len(sets) - 1) > RARE,
        f"the set {sorted(odd)} of 0 … {n - 1} came {times[odd]} × in {RUNS} samples, expected"
        f" about {expected:.0f} ×",
    )


@check(seeds.filter(bool), examples=1)
def late_items_have_the_same_chance(call: Callable, given: int) -> None:
    """In a long stream each quarter gives a quarter of the sample: chances fall with k / n."""
    n, k, runs = 1000, 20, 60
    drawn = np.random.default_rng(given).integers(0, 2**40, runs).tolist()
    stream = list(range(n))
    found = [answer(call, {"stream": stream, "k": k, "seed": seed}) for seed in drawn]
    quarters = np.bincount([item * 4 // n for sample in found for item in sample], minlength=4)
    expected = runs * k / 4
    # without replacement the counts vary a little less than those of independent draws
    statistic = ((quarters - expected) ** 2).sum() / expected
    shares = ", ".join(f"{each:.0%}" for each in quarters / quarters.sum())
    require(
        chi2.sf(statistic, 3) > RARE,
        f"the quarters of a stream of {n} items gave {shares} of {runs} samples of {k}, "
        "expected about 25% each",
    )


def samples(call: Callable, given: Given) -> list[frozenset[int]]:
    """Samples of 0 … n - 1, each with a seed of its own."""
    drawn = np.random.default_rng(given["seed"]).integers(0, 2**40, RUNS)
    found = []
    for seed in drawn.tolist():
        sample = answer(call, {**given, "seed": seed})
        require(
            len(sample) == given["k"] == len(set(sample)) and set(sample) <= set(given["stream"]),
            f"expected {given['k']} different items of the stream, got {sample}",
        )
        found.append(frozenset(sample))
    return found


def speed_inputs(rng: np.random.Generator) -> Given:
    """Log lines, by number."""
    return {"stream": rng.integers(0, 10**9, 300_000).tolist(), "k": 100, "seed": 1}
