"""Arrivals, service times, caches, statistics."""

from collections import OrderedDict

import numpy as np
import pytest
from scipy.stats import kstest

from mlsd_kit.curriculum.drills.arrivals import (
    bursts,
    diurnal,
    measured,
    poisson,
    service_times,
    streams,
    trace,
    varying,
)
from mlsd_kit.curriculum.drills.caches import lru_hit_rate, ttl_hit_rate, zipf
from mlsd_kit.curriculum.drills.stages import Passage
from mlsd_kit.curriculum.drills.statistics import offered_load, over_seeds, percentile, slowest


def dispersion(times, width, seconds):
    """Variance over mean of the counts a window: 1 for Poisson."""
    counts = np.histogram(times, np.arange(0, seconds + width, width))[0]
    return counts.var() / counts.mean()


def test_gaps_between_poisson_arrivals_are_exponential():
    times = poisson(100.0, 500, streams(0)("arrivals"))
    assert (np.diff(times) >= 0).all() and times.min() >= 0 and times.max() < 500
    assert kstest(np.diff(times), "expon", args=(0, 0.01)).pvalue > 0.01
    assert dispersion(times, 1.0, 500) == pytest.approx(1.0, abs=0.2)


def test_a_varying_rate_is_met_hour_by_hour():
    rate = diurnal(5.0, 1.8)
    times = varying(rate, 9.0, 86_400, streams(0)("arrivals"))
    counts = np.histogram(times, 24, (0, 86_400))[0]
    hours = rate(np.arange(24) * 3600 + 1800.0) * 3600
    assert (np.abs(counts - hours) < 4 * np.sqrt(hours) + 0.01 * hours).all()
    assert times.size == pytest.approx(5.0 * 86_400, rel=0.01)


def test_a_rate_above_its_peak_is_refused():
    with pytest.raises(ValueError, match="its peak"):
        varying(diurnal(5.0, 1.8), 8.0, 86_400, streams(0)("arrivals"))
    with pytest.raises(ValueError, match="between 1"):
        diurnal(5.0, 3.0)


def test_bursts_have_the_mean_of_their_states_and_more_dispersion():
    times = bursts([50, 500], [9, 1], 20_000, streams(0)("arrivals"))
    assert times.size / 20_000 == pytest.approx(95, rel=0.05)
    # two states: excess 2 (500 - 50)² · 0.9·0.1 / 95 · τ (1 - τ (1 - exp(-1/τ))), 1/τ = 1 + 1/9
    assert dispersion(times, 1.0, 20_000) == pytest.approx(1 + 383.7 * 0.9 * 0.396, rel=0.1)
    assert (np.diff(times) >= 0).all() and times.max() < 20_000


def test_a_trace_is_replayed_bin_by_bin():
    counts = np.array([100, 0, 300])
    times = trace(counts, 60.0, streams(0)("arrivals"))
    assert np.histogram(times, [0, 60, 120, 180])[0].tolist() == counts.tolist()
    scaled = [trace(counts, 60.0, streams(s)("arrivals"), scale=0.125).size for s in range(40)]
    assert np.mean(scaled) == pytest.approx(50, abs=0.5)


@pytest.mark.parametrize(
    ("law", "asked", "cv"),
    [
        ("constant", None, 0.0),
        ("erlang", 0.25, 0.25),
        ("erlang", None, 0.5),
        ("exponential", None, 1.0),
        ("lognormal", None, 1.0),
        ("lognormal", 0.5, 0.5),
        ("hyperexponential", None, 2.0),
        ("hyperexponential", 3.0, 3.0),
    ],
)
def test_service_times_have_their_mean_and_spread(law, asked, cv):
    x = service_times(law, 0.02, 400_000, streams(0)("work"), cv=asked)
    assert x.min() > 0
    assert x.mean() == pytest.approx(0.02, rel=0.02)
    assert x.std() / x.mean() == pytest.approx(cv, rel=0.03, abs=1e-12)


def test_a_law_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match="there are constant, erlang"):
        service_times("pareto", 1.0, 3, streams(0)("work"))
    assert service_times("exponential", 1.0, (3, 2), streams(0)("work")).shape == (3, 2)
    assert set(measured([1.0, 2.0], 100, streams(0)("work"))) == {1.0, 2.0}


def test_streams_are_common_random_numbers():
    """What one part draws does not move what another draws; names and seeds do."""
    some, more = streams(7), streams(7)
    more("arrivals").random(1000)
    assert some("work").random() == more("work").random()
    assert len({streams(s)(n).random() for s in (0, 1) for n in ("work", "arrivals")}) == 4


def test_zipf_in_groups_is_zipf():
    shares, items = zipf(50_000, 0.9, exact=200)
    weight = np.arange(1, 50_001) ** -0.9
    wanted = weight / weight.sum()
    assert items.sum() == 50_000 and (shares * items).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(shares[:200], wanted[:200], rtol=1e-3)
    first = np.cumsum(items) <= 5000
    assert (shares * items)[first].sum() == pytest.approx(
        wanted[: int(items[first].sum())].sum(), rel=1e-3
    )
    assert zipf(3)[0] == pytest.approx([6 / 11, 3 / 11, 2 / 11])


@pytest.mark.parametrize("size", [20, 200, 2000])
def test_the_hit_rate_is_that_of_a_cache_that_is_run(size):
    shares, _ = zipf(20_000, exact=20_000)
    asked = np.random.default_rng(0).choice(20_000, 200_000, p=shares).tolist()
    cache, hits = OrderedDict(), []
    for item in asked:
        hits.append(item in cache)
        cache[item] = True
        cache.move_to_end(item)
        if len(cache) > size:
            cache.popitem(last=False)
    found = lru_hit_rate(*zipf(20_000)[:1], size, zipf(20_000)[1])
    assert found == pytest.approx(np.mean(hits[50_000:]), abs=0.005)


def test_a_cache_for_all_holds_all():
    shares, items = zipf(1e10)
    assert lru_hit_rate(shares, 1e10, items) == 1.0
    assert lru_hit_rate(shares, 1e5, items) < lru_hit_rate(shares, 1e7, items) < 0.8


def test_the_hit_rate_of_a_lifetime_is_that_of_a_cache_that_is_run():
    shares, _ = zipf(1000)
    rng = np.random.default_rng(0)
    times, asked = poisson(50.0, 2000, rng), rng.choice(1000, 200_000, p=shares)
    ends, hits = np.zeros(1000), 0
    for time, item in zip(times, asked, strict=False):
        hits += time < ends[item]
        if time >= ends[item]:
            ends[item] = time + 30.0
    assert ttl_hit_rate(shares, 50.0, 30.0) == pytest.approx(hits / times.size, abs=0.01)


def test_an_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    runs = [over_seeds(rng.normal(5.0, 2.0, 3)).within(5.0) for _ in range(2000)]
    assert np.mean(runs) == pytest.approx(0.95, abs=0.02)


def test_intervals_at_their_edges():
    assert over_seeds([3.0, 3.0, 3.0]) == (3.0, 0.0)
    assert over_seeds([3.0, np.inf, 3.0]).mean == np.inf
    with pytest.raises(ValueError, match="two runs"):
        over_seeds([3.0])


def test_a_percentile_is_an_order_statistic_and_knows_the_unanswered():
    assert percentile(np.arange(1, 101.0), 0.99) == 99.0
    assert percentile(np.r_[np.ones(99), np.inf], 0.99) == 1.0
    assert percentile(np.r_[np.ones(98), np.inf, np.inf], 0.99) == np.inf


def test_where_the_slowest_spend_their_time():
    zero = np.zeros(100)
    first = Passage(zero, np.arange(100.0), zero, zero + 1.0, 100.0)
    second = Passage(zero, zero, zero + 2.0, zero + 3.0, 300.0)
    latency = np.arange(100.0) + 6.0
    found = slowest({"first": first, "second": second}, latency, share=0.1)
    np.testing.assert_allclose(found["first"], [94.0, 0.0, 1.0])  # 89 ... 99: ties at the edge in
    np.testing.assert_allclose(found["second"], [0.0, 2.0, 3.0])
    assert offered_load(100.0, 0.05, 10) == 0.5
