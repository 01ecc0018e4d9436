"""The stages against slow obvious versions, against SimPy, and at their edges."""

from heapq import heappop, heappush

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.curriculum.drills.stages import (
    batching,
    fan_out,
    only,
    priority,
    servers,
    single_server,
)

TIME = st.floats(0, 100, allow_subnormal=False)
REQUESTS = st.lists(
    st.tuples(TIME, st.floats(0, 5, allow_subnormal=False)), min_size=1, max_size=30
)


def load(requests):
    return np.array(requests).T


def in_simpy(arrives, service, count, rank=None):
    """Departures by SimPy's own resource."""
    env = simpy.Environment()
    desk = simpy.PriorityResource(env, count)
    departs = np.zeros(len(arrives))

    def request(i):
        yield env.timeout(arrives[i])
        with desk.request(priority=0 if rank is None else int(rank[i])) as turn:
            yield turn
            yield env.timeout(service[i])
            departs[i] = env.now

    for i in range(len(arrives)):
        env.process(request(i))
    env.run()
    return departs


@pytest.fixture(scope="module")
def busy_hour():
    rng = np.random.default_rng(0)
    return np.sort(rng.uniform(0, 1000, 3000)), rng.exponential(0.9, 3000)


def test_servers_are_simpys(busy_hour):
    a, s = busy_hour
    np.testing.assert_allclose(servers(a, s, 3).departs, in_simpy(a, s, 3))


def test_one_server_is_simpys(busy_hour):
    a, s = busy_hour
    np.testing.assert_allclose(single_server(a, s / 3).departs, in_simpy(a, s / 3, 1))


def test_priority_is_simpys(busy_hour):
    a, s = busy_hour
    rank = np.random.default_rng(1).integers(0, 3, len(a))
    np.testing.assert_allclose(priority(a, s, rank, 3).departs, in_simpy(a, s, 3, rank))


@given(REQUESTS)
def test_lindleys_recursion_and_its_running_maximum_agree(requests):
    a, s = load(requests)
    wanted, free = np.empty_like(a), 0.0
    for i in np.argsort(a, kind="stable"):
        wanted[i] = free = max(a[i], free) + s[i]
    np.testing.assert_allclose(single_server(a, s).departs, wanted, atol=1e-9)
    np.testing.assert_allclose(servers(a, s, 1).departs, wanted, atol=1e-9)


@given(REQUESTS, st.integers(1, 4))
def test_equal_rank_is_first_come_first_served(requests, count):
    a, s = load(requests)
    np.testing.assert_array_equal(priority(a, s, 0, count).departs, servers(a, s, count).departs)


@given(REQUESTS, st.integers(1, 4))
def test_a_schedule_that_never_changes_is_a_number(requests, count):
    a, s = load(requests)
    wanted = servers(a, s, count).departs
    np.testing.assert_array_equal(servers(a, s, [(0, count), (50, count)]).departs, wanted)


def test_of_two_changes_at_one_time_the_last_counts():
    found = servers([0.0], [1.0], [(-1.0, 1), (0.0, 1), (0.0, 0), (9.0, 1)])
    assert found.departs.tolist() == [10.0]


def test_of_the_servers_that_go_the_idle_go_first():
    found = servers([0.0, 6.0], [10.0, 1.0], [(0.0, 2), (5.0, 1)])
    assert found.departs.tolist() == [10.0, 11.0]  # the one left is at work until 10


STEPS = st.lists(st.tuples(TIME, st.integers(0, 4)), max_size=5)


@given(REQUESTS, STEPS, st.integers(1, 4))
def test_a_schedule_is_kept_and_nobody_waits_beside_an_idle_server(requests, steps, last):
    a, s = load(requests)
    schedule = [(-1.0, 1), *sorted(steps, key=lambda step: step[0]), (101.0, last)]
    found = servers(a, s, schedule)
    starts = found.departs - s
    order = np.argsort(a, kind="stable")
    assert (np.diff(starts[order]) >= -1e-9).all()  # first come, first served
    for i in np.flatnonzero(found.waiting > 1e-6):
        # just before it starts, as many are at work as there are servers, or more
        moment = starts[i] - min(1e-7, found.waiting[i] / 2)
        at_work = ((starts <= moment) & (found.departs > moment)).sum()
        assert at_work >= [count for time, count in schedule if time <= moment][-1]
    for i in np.flatnonzero(s > 1e-6):
        # and of those who started since the last change, no more than servers are at work
        at_work = (starts <= starts[i]) & (found.departs > starts[i] + 1e-9) & (s > 1e-6)
        changed, allowed = [step for step in schedule if step[0] <= starts[i] + 1e-9][-1]
        assert (at_work & (starts >= changed)).sum() <= allowed


def slow_batching(arrives, seconds, timeout, replicas):
    """An event at a time: arrivals, replicas that come free, the oldest one's patience."""
    events, queue, free, departs = [], [], replicas, {}
    for i, time in enumerate(arrives):
        heappush(events, (time, 0, i))
    while events:
        now, kind, who = heappop(events)
        if kind == 0:
            queue.append(who)
            heappush(events, (now + timeout, 2, who))
        elif kind == 1:
            free += 1
        if events and events[0][0] == now:
            continue  # all that happens now happens before a batch starts
        while free and queue:
            full = len(queue) >= len(seconds)
            if not full and now < arrives[queue[0]] + timeout:
                break
            batch, queue = queue[: len(seconds)], queue[len(seconds) :]
            free -= 1
            for i in batch:
                departs[i] = now + seconds[len(batch) - 1]
            heappush(events, (now + seconds[len(batch) - 1], 1, -1))
    return [departs[i] for i in range(len(arrives))]


GRID = st.lists(st.integers(0, 400), min_size=1, max_size=40)


@given(GRID, st.integers(1, 5), st.integers(0, 30), st.integers(1, 3))
def test_batches_are_those_of_the_slow_version(ticks, most, timeout, replicas):
    a = np.array(ticks) / 4.0  # exact in binary: ties are ties
    seconds = [3.0 + 0.5 * size for size in range(most)]
    found = batching(a, seconds, timeout=timeout / 4, replicas=replicas)
    order = np.argsort(a, kind="stable")
    wanted = slow_batching(a[order], seconds, timeout / 4, replicas)
    np.testing.assert_allclose(found.departs[order], wanted)


def test_batches_of_one_are_servers(busy_hour):
    a, _ = busy_hour
    found, wanted = batching(a, [0.9], timeout=5.0, replicas=3), servers(a, 0.9, 3)
    for part, same in zip(found, wanted, strict=True):
        np.testing.assert_allclose(part, same, atol=1e-9)


def test_whose_time_a_batch_costs():
    """Three parts: a free replica was lacking, the batch was not full, the work grew."""
    found = batching([0.0, 1.0, 1.5], [2.0, 3.0], timeout=4.0)
    np.testing.assert_allclose(found.departs, [4.0, 4.0, 7.5])  # full at 1; then 1.5 + 4
    np.testing.assert_allclose(found.work, 2.0)
    np.testing.assert_allclose(found.waiting, [0.0, 0.0, 2.5])
    np.testing.assert_allclose(found.batching, [2.0, 1.0, 1.5])
    assert found.busy == 5.0


def test_a_batch_keeps_filling_while_replicas_are_busy():
    found = batching([0.0, 0.1, 0.2, 0.3], [1.0, 1.0, 1.0], timeout=0.0)
    np.testing.assert_allclose(found.departs, [1.0, 2.0, 2.0, 2.0])


def test_fan_out_waits_for_the_slowest_and_says_which():
    found = fan_out([0.0, 1.0], [[1.0, 5.0, 2.0], [1.0, 1.0, 3.0]])
    np.testing.assert_allclose(found.departs, [5.0, 6.0])
    np.testing.assert_allclose(found.waiting, [0.0, 4.0])
    np.testing.assert_allclose(found.work, [5.0, 1.0])
    assert found.busy == 13.0


def test_those_who_skip_a_stage_pass_at_once():
    hit = np.array([True, False, False])
    found = only(~hit, [0.0, 1.0, 1.0], lambda a: servers(a, [2.0, 3.0]))
    np.testing.assert_allclose(found.departs, [0.0, 3.0, 6.0])
    np.testing.assert_allclose(found.waiting, [0.0, 0.0, 2.0])
    assert only(hit & ~hit, [0.0, 1.0, 2.0], lambda a: batching(a, [1.0])).busy == 0.0


@pytest.mark.parametrize("stage", [single_server, servers, lambda a, s: priority(a, s, 0)])
def test_the_order_of_the_arrays_does_not_matter(stage, busy_hour):
    a, s = (column[:300] for column in busy_hour)
    shuffle = np.random.default_rng(2).permutation(300)
    np.testing.assert_array_equal(
        stage(a[shuffle], s[shuffle]).departs, stage(a, s).departs[shuffle]
    )


@pytest.mark.parametrize("stage", [single_server, servers, lambda a, s: batching(a, [1.0])])
def test_no_request_is_no_trouble(stage):
    assert stage([], []).departs.size == 0


def test_the_inputs_stay_as_they_are(busy_hour):
    a, s = (column.copy() for column in busy_hour)
    priority(a, s, 0, 2), only(s > 1, a, lambda times: servers(times, s[s > 1], 2))
    np.testing.assert_array_equal(a, busy_hour[0])
    np.testing.assert_array_equal(s, busy_hour[1])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: servers([0.0, np.inf], [1.0, 1.0]), "finite"),
        (lambda: servers([0.0], [-1.0]), "0 or more"),
        (lambda: servers([0.0], [np.nan]), "0 or more"),
        (lambda: servers([0.0], [1.0], 0), "at least one server"),
        (lambda: servers([0.0], [1.0], [(0, 2), (9, 0)]), "at least one server"),
        (lambda: batching([0.0], [2.0, 1.0]), "never falling"),
        (lambda: batching([0.0], []), "never falling"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()
