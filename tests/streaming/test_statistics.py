"""Sum, mean, variance, quantile, distinct count, reservoir: values, merging, bounds, state."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlsd_kit.streaming import CountDistinct, Mean, Quantile, ReservoirSample, Sum, Variance

FLOATS = st.lists(st.floats(-1e6, 1e6), max_size=60)


def fed(statistic, values):
    for value in values:
        statistic.update(value)
    return statistic


@settings(deadline=None, max_examples=50)
@given(FLOATS, st.integers(0, 60))
def test_moments_match_numpy_whole_and_merged(values, cut):
    for make in (Sum, Mean, Variance, lambda: Variance(ddof=0)):
        whole = fed(make(), values)
        left, right = fed(make(), values[:cut]), fed(make(), values[cut:])
        left.merge(right)
        if isinstance(whole, Sum):
            expected = math.fsum(values)
        elif isinstance(whole, Mean):
            expected = np.mean(values) if values else math.nan
        else:
            enough = len(values) > whole.ddof
            expected = np.var(values, ddof=whole.ddof) if enough else math.nan
        for got in (whole.get(), left.get()):
            assert got == pytest.approx(expected, rel=1e-9, abs=1e-5, nan_ok=True)


def test_sum_loses_no_digits_and_merges_them():
    assert fed(Sum(), [1.0, 1e100, 1.0, -1e100]).get() == 2.0
    one, two = fed(Sum(), [1e16, 1.0]), fed(Sum(), [-1e16, 1.0])
    one.merge(two)
    assert one.get() == 2.0
    assert Sum().get() == 0


def test_variance_far_from_the_origin():
    values = 1e9 + np.random.default_rng(0).normal(size=5000)
    assert fed(Variance(), values).get() == pytest.approx(values.var(ddof=1), rel=1e-6)
    textbook = (np.sum(values**2) - 5000 * values.mean() ** 2) / 4999
    assert abs(textbook - 1) > 0.5  # the form that cancels


@pytest.mark.parametrize("make", [Sum, Mean, Variance, Quantile])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_not_finite_is_refused_and_leaves_no_trace(make, value):
    statistic = fed(make(), [1.0, 2.0])
    before = statistic.get()
    with pytest.raises(ValueError, match="x must be finite"):
        statistic.update(value)
    assert statistic.get() == before


def test_empty_statistics():
    for statistic in (Mean(), Variance(), Quantile()):
        assert math.isnan(statistic.get())
    assert math.isnan(fed(Variance(), [3]).get())
    assert fed(Variance(ddof=0), [3]).get() == 0
    with pytest.raises(ValueError, match="ddof"):
        Variance(-1)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e12, 1e12) | st.floats(-2e-9, 2e-9), min_size=1, max_size=80),
    st.floats(0, 1),
    st.sampled_from([0.2, 0.01, 0.001]),
)
def test_quantile_is_within_its_relative_error(values, q, error):
    sketch = fed(Quantile(q, relative_error=error), values)
    exact = sorted(values)[math.floor(q * (len(values) - 1))]
    assert abs(sketch.get() - exact) <= error * abs(exact) * (1 + 1e-9) + 1e-9
    assert sketch.get(1.0) >= sketch.get(0.0)


@settings(deadline=None, max_examples=30)
@given(FLOATS, FLOATS, st.floats(0, 1))
def test_merged_quantile_is_that_of_the_whole(left, right, q):
    one, two = fed(Quantile(), left), fed(Quantile(), right)
    one.merge(two)
    assert one.get(q) == pytest.approx(fed(Quantile(), left + right).get(q), nan_ok=True)


def test_quantile_state_is_bounded_by_the_spread_not_by_the_stream():
    rng = np.random.default_rng(0)
    values = np.exp(rng.uniform(np.log(1e-6), np.log(60), 30_000))
    sketch = fed(Quantile(0.99), values)
    assert sketch.n_buckets <= math.log(60 / 1e-6) / math.log(1.01 / 0.99) + 2
    half = fed(Quantile(), values[:15_000]).n_buckets
    assert sketch.n_buckets <= 1.05 * half


def test_quantile_extremes_and_bad_arguments():
    assert fed(Quantile(), [1.7e308]).get() == pytest.approx(1.7e308, rel=0.011)
    assert fed(Quantile(), [-3.0, 0.0, 1e-12, 5.0]).get(0.5) == 0.0
    for q in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="q must lie"):
            Quantile(q)
        with pytest.raises(ValueError, match="q must lie"):
            fed(Quantile(), [1]).get(q)
    with pytest.raises(ValueError, match="relative_error"):
        Quantile(relative_error=0)
    with pytest.raises(ValueError, match=r"relative_error 0\.02"):
        Quantile().merge(Quantile(relative_error=0.02))


@pytest.mark.parametrize("n", [10, 1000, 20_000])
def test_distinct_count_is_within_three_standard_errors(n):
    sketch = fed(CountDistinct(p=10), range(n))
    assert sketch.get() == pytest.approx(n, rel=3 * sketch.standard_error)


def test_distinct_count_error_over_many_streams_is_as_stated():
    errors = []
    for seed in range(40):
        sketch = fed(CountDistinct(p=6), (f"{seed}-{i}" for i in range(1500)))
        errors.append(sketch.get() / 1500 - 1)
    assert np.std(errors) == pytest.approx(CountDistinct(p=6).standard_error, rel=0.5)
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(40)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 500), max_size=100), st.lists(st.integers(0, 500), max_size=100))
def test_distinct_repeats_order_and_merging_do_not_matter(left, right):
    union = fed(CountDistinct(4), sorted({*left, *right}))
    one, two = fed(CountDistinct(4), left), fed(CountDistinct(4), right)
    one.merge(two)
    assert one.get() == union.get()
    assert one._registers.size == 16


def test_distinct_items_that_are_equal_or_not():
    assert fed(CountDistinct(), [1, 1.0, True, np.int64(1), np.float32(1)]).get() == pytest.approx(
        1, abs=0.01
    )
    different = [
        1,
        "1",
        b"1",
        None,
        (1,),
        ("1",),
        (1, 1),
        ("ab", "c"),
        ("a", "bc"),
        1.5,
        math.nan,
        math.inf,
        10**30,
    ]
    assert fed(CountDistinct(), different * 2).get() == pytest.approx(len(different), abs=0.1)
    assert CountDistinct().get() == 0


def test_distinct_is_the_same_in_every_process():
    code = (
        "from mlsd_kit.streaming import CountDistinct as C\nc = C(4)\n"
        "for i in range(99): c.update(str(i))\nprint(c.get())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
    )
    assert float(out.stdout) == fed(CountDistinct(4), map(str, range(99))).get()


def test_distinct_bad_arguments():
    for p in (3, 19, 4.5):
        with pytest.raises(ValueError, match="p must be an integer from 4 to 18"):
            CountDistinct(p)
    with pytest.raises(ValueError, match="p=5"):
        CountDistinct(4).merge(CountDistinct(5))
    with pytest.raises(ValueError, match="got list; pass its identifier"):
        CountDistinct().update([1])


def test_reservoir_is_uniform():
    hits = np.zeros(20)
    for seed in range(2000):
        hits[fed(ReservoirSample(5, random_state=seed), range(20)).get()] += 1
    assert hits.sum() == 10_000
    assert stats.chisquare(hits).pvalue > 0.001


def test_reservoir_seed_size_and_global_generator():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (fed(ReservoirSample(4, random_state=0), range(500)).get() for _ in range(2))
    assert one == two and len(set(one)) == 4
    assert one != fed(ReservoirSample(4, random_state=1), range(500)).get()
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert fed(ReservoirSample(4), "ab").get() == ["a", "b"]
    for k in (0, 1.5):
        with pytest.raises(ValueError, match="k must be an integer"):
            ReservoirSample(k)
