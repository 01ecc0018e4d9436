"""Work on blocks by several threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from mlsd_kit._threads import in_order, n_threads, one_blas_thread


@pytest.mark.parametrize(("wanted", "got"), [("1", 1), ("3", 3), ("64", 8), ("0", 1)])
def test_the_environment_says_how_many(monkeypatch, wanted, got):
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    assert n_threads() == got


@pytest.mark.parametrize("wanted", ["", "many"])
def test_without_a_number_there_is_one_per_processor(monkeypatch, wanted):
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert n_threads() == 5
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert n_threads() == 1


@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100])
@pytest.mark.parametrize("least", [1, 8])
def test_results_are_in_the_order_of_the_blocks(monkeypatch, threads, n, least):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert in_order(lambda i: i * i, range(n), least=least) == [i * i for i in range(n)]


def test_two_threads_work_at_the_same_time(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    meeting = threading.Barrier(2, timeout=20)
    assert sorted(in_order(lambda _: meeting.wait(), [0, 1], least=1)) == [0, 1]


def test_short_work_starts_no_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    used = in_order(lambda _: threading.current_thread(), range(8), least=8)
    assert set(used) == {threading.current_thread()}


def test_an_error_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with pytest.raises(ZeroDivisionError):
        in_order(lambda i: 1 // i, [1, 0], least=1)


def test_blas_keeps_to_one_thread_inside_only():
    def threads() -> list[int]:
        return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]

    np.ones((2, 2)) @ np.ones((2, 2))
    before = threads()
    with one_blas_thread():
        assert set(threads()) <= {1}
    assert threads() == before
