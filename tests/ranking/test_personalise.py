"""Profiles: nothing for a stranger, more with evidence, the recent more than the old."""

from __future__ import annotations

import numpy as np
import pytest

from mlsd_kit.ranking import Profiles, affinity

X, Y = np.eye(2)


def test_a_stranger_has_no_effect_on_the_order():
    profile = Profiles(2).get("nobody")
    assert profile.tolist() == [0, 0]
    assert affinity(profile, [X, Y]).tolist() == [0, 0]


def test_the_mean_with_its_prior():
    profiles = Profiles(2, half_life=1e12, prior=2.0)
    for vector in (X, X, Y):
        profiles.update("u", vector)
    np.testing.assert_allclose(profiles.get("u"), [2 / 5, 1 / 5])


def test_it_grows_with_evidence_and_stays_within_one():
    profiles, lengths = Profiles(2), []
    for _ in range(50):
        profiles.update("u", X)
        lengths.append(np.linalg.norm(profiles.get("u")))
    assert (np.diff(lengths) > 0).all()
    assert 0.8 < lengths[-1] < 1


def test_reading_fades_by_half_each_half_life():
    profiles = Profiles(2, half_life=5, prior=1e-12)
    profiles.update("u", X)
    for _ in range(5):
        profiles.update("u", Y)
    newest_first = 0.5 ** (np.arange(6) / 5)
    assert profiles.get("u")[0] == pytest.approx(0.5 / newest_first.sum())


def test_users_are_apart_and_can_be_forgotten():
    profiles = Profiles(2)
    profiles.update("a", X)
    profiles.update("b", Y)
    assert profiles.get("a")[1] == profiles.get("b")[0] == 0
    profiles.forget("a")
    profiles.forget("a")
    assert not profiles.get("a").any()
    assert profiles.get("b").any()


def test_a_profile_handed_out_is_a_copy():
    profiles, read = Profiles(2), np.array([1.0, 0.0])
    profiles.update("u", read)
    read[:] = 9
    profiles.get("u")[:] = 9
    assert profiles.get("u").max() < 1


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        Profiles(2).update("u", [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="must be positive"):
        Profiles(2, half_life=0)
