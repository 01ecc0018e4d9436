"""The dueling bandit finds the best arm and stops paying for poor ones."""

from __future__ import annotations

import numpy as np
import pytest

from mlsd_kit.ranking import DuelingBandit

BEATS = np.array(
    [  # chance that the row beats the column: arm 2 is best, 0 and 3 are poor
        [0.5, 0.35, 0.2, 0.5],
        [0.65, 0.5, 0.35, 0.65],
        [0.8, 0.65, 0.5, 0.8],
        [0.5, 0.35, 0.2, 0.5],
    ]
)


def play(seed, rounds=600, beats=BEATS):
    bandit, coin = DuelingBandit(len(beats), random_state=seed), np.random.default_rng(seed)
    pairs = []
    for _ in range(rounds):
        i, j = bandit.pair()
        bandit.update(i, j, coin.random() < beats[i, j])
        pairs.append((i, j))
    return bandit, np.array(pairs)


def test_it_finds_the_best_arm_and_shows_it_more_and_more():
    won, early, late = [], [], []
    for seed in range(10):
        bandit, pairs = play(seed)
        won.append(bandit.get() == 2)
        early.append((pairs[:100] == 2).mean())
        late.append((pairs[-100:] == 2).mean())
    assert np.mean(won) >= 0.9
    assert np.mean(late) > np.mean(early) + 0.1
    assert np.mean(late) > 0.7  # chance is a quarter


def test_a_known_winner_duels_itself():
    bandit = DuelingBandit(3, random_state=0)
    bandit.wins[:] = [[0, 0, 0], [900, 0, 900], [400, 100, 0]]
    assert {bandit.pair() for _ in range(20)} == {(1, 1)}


def test_a_duel_with_itself_teaches_nothing():
    bandit = DuelingBandit(2, random_state=0)
    bandit.update(1, 1, True)
    assert not bandit.wins.any()


def test_a_tie_is_half_a_win_for_each():
    bandit = DuelingBandit(2, random_state=0)
    bandit.update(0, 1, 0.5)
    assert bandit.wins.tolist() == [[0, 0.5], [0.5, 0]]


def test_a_cycle_has_no_best_arm_and_is_no_error():
    rock = np.array([[0.5, 0.9, 0.1], [0.1, 0.5, 0.9], [0.9, 0.1, 0.5]])
    _, pairs = play(0, 300, rock)
    assert set(pairs.ravel()) == {0, 1, 2}


def test_a_seed_repeats_the_game():
    assert (play(3, 50)[1] == play(3, 50)[1]).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="needs two"):
        DuelingBandit(1)
    with pytest.raises(ValueError, match="i_won=2"):
        DuelingBandit(2).update(0, 1, 2)
