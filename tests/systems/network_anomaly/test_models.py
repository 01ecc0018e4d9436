"""Versions of a detector: kept, released, taken back."""

import sqlite3

import numpy as np
import pytest

from mlsd_kit.systems.network_anomaly import FEATURES
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.models import Models


def detector(threshold):
    made = Limits()
    made.limits_, made.threshold = np.full(len(FEATURES), 2.0), threshold
    return made


@pytest.fixture
def models(tmp_path):
    made = Models(tmp_path / "models.db")
    for number, version in enumerate(("march", "april", "may"), start=1):
        made.register(version, detector(float(number)))
    yield made
    made.close()


def test_the_newest_release_serves(models):
    for number, version in enumerate(("march", "april"), start=1):
        models.release(version)
        assert models.released()[0] == version
        assert models.released()[1].threshold == number


def test_another_process_sees_a_release_at_once(models, tmp_path):
    other = Models(tmp_path / "models.db")
    models.release("march")
    assert other.released()[0] == "march"
    models.release("may")
    assert other.released()[0] == "may"
    other.close()


def test_the_way_back_is_a_release_of_what_served_before(models):
    for version in ("march", "april"):
        models.release(version)
    assert models.roll_back() == "march" == models.released()[0]
    assert models.roll_back() == "april", "going back from a way back returns to what it replaced"


def test_nothing_to_go_back_to(models):
    with pytest.raises(LookupError, match="no detector was released"):
        models.released()
    models.release("march")
    with pytest.raises(LookupError, match="no earlier release"):
        models.roll_back()


def test_unknown_versions_are_not_released(models):
    models.release("march")
    with pytest.raises(KeyError, match="june"):
        models.release("june")
    assert models.released()[0] == "march"


def test_versions_do_not_change(models):
    with pytest.raises(sqlite3.IntegrityError):
        models.register("march", detector(9.0))
