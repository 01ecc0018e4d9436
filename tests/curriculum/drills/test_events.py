"""The event loop: copies, cancellation, giving up; and the autoscaler."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.curriculum.drills.arrivals import poisson, streams
from mlsd_kit.curriculum.drills.autoscaling import Autoscaler, autoscale
from mlsd_kit.curriculum.drills.events import hedge, retry
from mlsd_kit.curriculum.drills.stages import servers

TIME = st.floats(0, 100, allow_subnormal=False)
REQUESTS = st.lists(
    st.tuples(TIME, st.floats(0, 5, allow_subnormal=False)), min_size=1, max_size=30
)


@given(REQUESTS, st.integers(1, 4))
def test_one_copy_is_a_queue(requests, count):
    a, s = np.array(requests).T
    found = hedge(a, s[:, None], 1.0, servers=count)
    np.testing.assert_allclose(found.passage.departs, servers(a, s, count).departs, atol=1e-9)
    assert (found.copies == 1).all()
    assert found.passage.busy == pytest.approx(s.sum())


def test_the_loser_is_called_back_and_its_server_freed():
    # one server each: the copy answers at 2 + 1; the first is called back and lets the next begin
    a, service, route = [0.0, 2.5], [[9.0, 1.0], [1.0, 1.0]], [[0, 1], [0, 1]]
    kept = hedge(a, service, 2.0, route=route, cancel=False)
    called = hedge(a, service, 2.0, route=route)
    np.testing.assert_allclose(kept.passage.departs, [3.0, 5.5])  # the copy at 4.5 helps it
    np.testing.assert_allclose(called.passage.departs, [3.0, 4.0])
    assert kept.passage.busy == 12.0
    assert called.passage.busy == 5.0
    assert kept.copies.tolist() == [2, 2] and called.copies.tolist() == [2, 1]


def test_a_waiting_copy_that_is_called_back_is_never_served():
    # the second request's copy waits behind the first's; its own station answers before
    found = hedge([0.0, 0.0], [[1.0, 50.0], [5.0, 1.0]], 0.5, route=[[1, 1], [0, 1]])
    np.testing.assert_allclose(found.passage.departs, [1.0, 2.0])
    assert found.passage.busy == 1.0 + 2.0 + 1.0


def test_hedging_keeps_its_budget():
    n = 1000
    found = hedge(np.arange(n), np.full((n, 2), 0.9), 0.1, servers=2, budget=0.05)
    assert found.copies.sum() - n == 50


def test_without_cancellation_copies_of_everything_drown_the_service():
    """Load 0.6, every request hedged at once: served once it holds, served twice it is 1.2."""
    rng = streams(0)
    a = poisson(6.0, 500, rng("arrivals"))
    s = rng("work").exponential(1.0, (a.size, 2))
    drowned = hedge(a, s, 0.0, servers=10, cancel=False).passage
    alone = hedge(a, s[:, :1], 0.0, servers=10).passage
    assert drowned.waiting[-500:].mean() > 20 * alone.waiting[-500:].mean() + 20


def test_an_attempt_given_up_counts_for_nothing_but_is_worked_on():
    found = retry([0.0], [[3.0, 3.0]], timeout=2.0, servers=2)
    assert found.passage.departs.tolist() == [np.inf]  # the first would have answered at 3
    assert found.copies.tolist() == [2]
    assert found.passage.busy == 6.0
    assert retry([0.0], [[3.0, 3.0]], timeout=2.0, cancel=True).passage.busy == 4.0


def test_a_retry_waits_for_its_backoff():
    found = retry([1.0], [[9.0, 9.0, 1.0]], 2.0, servers=3, backoff=[[1.0, 10.0, 0.0]])
    assert found.passage.departs.tolist() == [1 + 2 + 1 + 2 + 10 + 1]
    assert found.copies.tolist() == [3]


def storm(**options):
    """Three minutes at 70 % of ten servers; for ten seconds they stand still (work takes 10 s)."""
    rng = streams(1)
    a = poisson(70.0, 180, rng("arrivals"))
    s = rng("work").exponential(0.1, (a.size, 4))
    s[(a > 60) & (a < 70)] += 10.0
    found = retry(a, s, timeout=1.0, servers=10, **options)
    late = a > 150
    return np.isfinite(found.passage.departs[late]).mean(), found.copies[late].mean()


def test_retries_keep_a_stall_alive_and_a_budget_ends_it():
    answered, copies = storm()
    assert answered < 0.1 and copies > 3.5  # a minute after the cause is gone
    answered, copies = storm(budget=0.1, cancel=True)
    assert answered > 0.99 and copies < 1.1


def constant(count):
    return Autoscaler(target=0.5, fewest=count, most=count)


@given(REQUESTS, st.integers(1, 4))
def test_a_scaler_that_may_not_move_is_so_many_servers(requests, count):
    a, s = np.array(requests).T
    found = autoscale(a, s, constant(count))
    np.testing.assert_allclose(found.passage.departs, servers(a, s, count).departs, atol=1e-9)
    assert (found.ready == count).all()
    assert found.paid == pytest.approx(count * 15.0 * len(found.time))


def flat(rate, seconds, service=1.0):
    a = np.arange(0, seconds, 1 / rate)
    return a, np.full(a.size, service)


def test_it_settles_where_the_utilisation_is_the_target():
    found = autoscale(*flat(12.0, 3600), Autoscaler(0.6, 1, 100))
    assert found.ready[-1] == 20.0
    assert found.passage.waiting[-12 * 600 :].max() == 0.0


def test_new_servers_are_ready_after_their_cold_start_and_paid_from_before():
    scaler = Autoscaler(0.5, 1, 2, tick=10.0, cold_start=30.0)
    found = autoscale(*flat(0.9, 100), scaler)
    assert found.time[found.ready == 2].min() == 50.0  # seen at 10, ready at 40: the tick 40-50
    assert found.paid == 10 + 2 * 10 * (len(found.time) - 1)


def test_a_hot_target_creeps_while_a_cool_one_leaps():
    """A saturated service shows 100 %: with a target of 90 % it grows by a ninth a tick."""
    load = flat(100.0, 900)
    late = [autoscale(*load, Autoscaler(t, 10, 500)).passage.waiting.max() for t in (0.5, 0.9)]
    assert late[1] > 2 * late[0]


def test_a_scaler_that_sees_the_queue_leaps():
    load = flat(100.0, 900)
    late = [
        autoscale(*load, Autoscaler(0.8, 10, 500, sees_queue=sees)).passage.waiting.max()
        for sees in (False, True)
    ]
    assert late[0] > 2 * late[1]


def test_one_long_job_is_one_busy_server():
    found = autoscale([0.0, 50.0], [100.0, 1.0], Autoscaler(0.5, 1, 50, tick=10.0))
    assert found.ready.max() == 2.0


@pytest.mark.parametrize("tick", [5.0, 7.0, 44.0])
def test_one_of_the_looks_is_at_the_time_that_is_asked_for(tick):
    scaler = Autoscaler(0.5, 1, 50, tick=tick)
    assert 300.0 in autoscale(*flat(0.9, 600), scaler, looks_at=300.0).time.tolist()
    early = autoscale(*flat(0.9, 600), scaler, looks_at=-300.0)
    assert 0 < early.time[0] <= tick
    assert (early.time[0] + 300) % tick == 0


def test_a_share_of_the_servers_can_be_lost():
    found = autoscale(*flat(12.0, 600), Autoscaler(0.6, 20, 100), losses=[(300.0, 0.25)])
    assert found.ready[found.time == 330.0] == 15


def test_it_scales_in_only_after_so_long_below():
    a = np.concatenate([np.arange(0, 300, 0.1), np.arange(300, 1500, 1.0)])
    runs = {
        wait: autoscale(a, np.full(a.size, 1.0), Autoscaler(0.5, 1, 30, scale_in_after=wait))
        for wait in (15.0, 600.0)
    }
    falls = {
        wait: run.time[(run.ready < 15) & (run.time > 300)].min() for wait, run in runs.items()
    }
    assert falls[15.0] == 330.0  # seen at 315
    assert falls[600.0] == 915.0  # the last tick of the high load has left the window
    assert runs[600.0].paid > 1.5 * runs[15.0].paid


def test_lost_servers_are_replaced():
    found = autoscale(*flat(12.0, 900), Autoscaler(0.6, 20, 100), losses=[(300.0, 10)])
    before, after = found.ready[found.time <= 300.0], found.ready[found.time > 330.0]
    assert (before == 20).all()
    assert found.ready[found.time == 330.0] == 10
    assert after[-1] == 20


def test_nothing_left_is_an_outage_not_an_error():
    found = autoscale(*flat(1.0, 300, 0.1), Autoscaler(0.5, 1, 1), losses=[(100.0, 1)])
    assert found.passage.departs.max() < 301
    # lost at 100 between two looks, seen at 105, back at 135
    assert found.passage.departs[100] >= 135.0
    assert found.passage.waiting.max() == pytest.approx(35.0)
