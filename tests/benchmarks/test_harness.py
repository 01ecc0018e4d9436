"""The benchmark's judgement, on clocks that are set by hand: no test here measures a time."""

import importlib.util
import sys

import pytest

from mlsd_kit import paths


def load(name):
    file = paths.root() / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", file)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


harness = load("harness")


def case(name="sort", bar=1.0, repeats=5, work=sorted, peer=sorted):
    def same(ours, theirs):
        assert ours == theirs

    return harness.Case(name, 100, bar, lambda n: ([*range(n, 0, -1)],), work, peer, same, repeats)


def outcome(ours, peer, bar=1.0, ours_peak=0):
    pairs = harness.Pairs(tuple(ours), tuple(peer))
    return harness.Outcome(case(bar=bar, repeats=len(ours)), pairs, ours_peak, 0)


def test_a_lucky_run_of_one_side_does_not_decide():
    usual, lucky = [1.0, 1.0, 1.0, 1.0, 1.0], [1.2, 1.2, 1.2, 1.2, 0.5]
    assert min(lucky) < min(usual)  # the best of each side would say that the peer is faster
    assert outcome(usual, lucky).ratio == pytest.approx(1.2)
    assert outcome(usual, lucky).fast_enough


def test_other_work_that_slows_pairs_down_does_not_decide():
    slowed = [1, 10, 1, 30, 10]
    assert outcome(slowed, [1.5 * s for s in slowed]).ratio == pytest.approx(1.5)


def test_a_slower_kit_misses_its_bar_and_so_does_a_larger_one():
    slow = outcome([1.0] * 3, [0.9] * 3)
    large = outcome([1.0] * 3, [2.0] * 3, ours_peak=2 << 20)
    assert harness.line(slow).startswith("MISS") and harness.line(large).startswith("MISS")
    assert harness.line(outcome([1.0] * 3, [2.0] * 3)).startswith("ok")
    assert outcome([1.0] * 3, [2.0] * 3, bar=2.0).fast_enough


def test_the_sides_take_turns_and_every_pair_counts():
    seen = []
    watched = case(work=lambda x: seen.append("ours"), peer=lambda x: seen.append("peer"))
    pairs = harness.compare(watched, 10, 4)
    assert seen == ["ours", "peer", "peer", "ours"] * 2
    assert len(pairs.ours) == len(pairs.peer) == len(pairs.ratios) == 4


def test_the_first_line_says_how_many_pairs_each_row_has():
    cases = [case("a"), case("b"), case("slow", repeats=2)]
    first = harness.headline(cases, 2)
    assert "5 pairs of runs a row, 2 of slow;" in first
    assert "2 of slow" not in harness.headline(cases[:2], 2)


def test_results_that_differ_are_not_timed():
    with pytest.raises(AssertionError):
        harness.measure(case(peer=lambda x: x))


def test_a_measured_case_has_its_growth_and_its_peaks():
    measured = harness.measure(case(repeats=3))
    assert [n for n, _ in measured.growth] == [25, 50, 100]
    assert len(measured.pairs.ours) == 3 and measured.growth[-1][1] is measured.pairs
    assert "n=25:" in harness.growth_line(measured) and "3 pairs" in harness.line(measured)
