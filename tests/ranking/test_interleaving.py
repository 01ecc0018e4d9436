"""Team-draft interleaving: fair coins, whole pages, and the better ranker wins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_kit.ranking import simulate_clicks, team_draft, verdict

RANKINGS = st.integers(1, 8).flatmap(
    lambda n: st.tuples(st.permutations(range(n)), st.permutations(range(2, n + 2)))
)


@given(RANKINGS, st.integers(1, 12), st.integers(0, 999), st.booleans())
def test_a_page_holds_each_ones_best_in_turn(both, n, seed, shared):
    a, b = both
    page = team_draft(a, b, n, np.random.default_rng(seed), shared_prefix=shared)
    assert len(page.documents) == len(page.team) == min(n, len({*a, *b}))
    assert len(set(page.documents)) == len(page.documents)
    if len(page.documents) < min(len(a), len(b)):  # neither had run out
        assert abs((page.team == 0).sum() - (page.team == 1).sum()) <= 1
    for side, ranking in enumerate((a, b)):
        for place in np.flatnonzero(page.team == side):
            before = set(page.documents[:place])
            assert page.documents[place] == next(d for d in ranking if d not in before)


def test_a_shared_prefix_belongs_to_nobody():
    page = team_draft("abcd", "abdc", 4, np.random.default_rng(0), shared_prefix=True)
    assert page.documents[:2] == ["a", "b"]
    assert page.team[:2].tolist() == [-1, -1]
    assert verdict(page.team, [True, True, False, False]) == 0
    assert (
        team_draft("ab", "ab", 2, np.random.default_rng(0), shared_prefix=True).team == -1
    ).all()


def test_the_coin_is_fair_for_equal_rankers():
    rng = np.random.default_rng(0)
    outcomes = []
    for _ in range(4000):
        page = team_draft([0, 1, 2, 3], [0, 1, 2, 3], 4, rng)
        outcomes.append(verdict(page.team, simulate_clicks([0.5] * 4, rng)))
    assert abs(np.mean(outcomes)) < 4 * np.std(outcomes) / np.sqrt(4000)


@pytest.mark.parametrize(("better", "sign"), [(0, -1), (1, 1)])
def test_the_better_ranker_wins(better, sign):
    rng, wanted = np.random.default_rng(1), np.linspace(0.9, 0.1, 8)
    rankings = [list(range(8)), list(range(7, -1, -1))]
    good_first = rankings if better == 0 else rankings[::-1]
    outcomes = []
    for _ in range(1000):
        page = team_draft(*good_first, 5, rng)
        outcomes.append(verdict(page.team, simulate_clicks(wanted[page.documents], rng)))
    assert sign * np.mean(outcomes) > 0.2


def test_bad_rankings_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="ranking b repeats"):
        team_draft([1, 2], [1, 1], 2, rng)
    with pytest.raises(ValueError, match="at least one place"):
        team_draft([1], [2], 0, rng)
    with pytest.raises(ValueError, match="differ"):
        verdict([0, 1], [True])
