"""Ten limits: scores by hand, one window and whole tables alike, to text and back."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.systems.network_anomaly import FEATURES
from mlsd_kit.systems.network_anomaly.limits import FEWEST, TAIL, Limits


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    counts = rng.poisson(3.0, (5000, len(FEATURES))) ** 2
    counts[:, FEATURES.index("contacts")] = 0
    return pd.DataFrame(counts.astype(float), columns=list(FEATURES))


def test_limits_are_what_one_quiet_window_in_a_thousand_exceeds(table):
    detector = Limits().fit(table)
    expected = np.quantile(table["out_flows"], TAIL)
    assert detector.limits_[0] == expected
    assert detector.limits_[FEATURES.index("contacts")] == FEWEST


def test_the_largest_part_is_the_score_and_the_reason():
    detector = Limits()
    detector.limits_ = np.full(len(FEATURES), 9.0)
    windows = np.zeros((1, len(FEATURES)))
    windows[0, FEATURES.index("uploads")] = 99.0  # log 100 / log 10
    assert detector.score(pd.DataFrame(windows, columns=list(FEATURES))).tolist() == [2.0]
    assert detector.score_one("10.0.0.1", 0, windows[0].tolist()) == (2.0, "uploads")


def test_one_window_scores_exactly_as_in_the_table(table):
    detector = Limits().fit(table)
    singly = [detector.score_one("10.0.0.1", 0, row)[0] for row in table.to_numpy()[:500]]
    assert singly == detector.score(table)[:500].tolist()


def test_to_text_and_back(table):
    detector = Limits().fit(table)
    detector.threshold = 1.7
    again = Limits.from_json(detector.to_json())
    assert again.threshold == 1.7
    np.testing.assert_array_equal(again.score(table), detector.score(table))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"limits": [1], "threshold": 1}', '{"limits": "x", "threshold": 1}']
)
def test_what_is_no_detector_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="no detector"):
        Limits.from_json(text)


def test_limits_that_nothing_can_reach_are_refused():
    text = Limits.from_json(_text(2.0)).to_json()
    assert "threshold" in text
    with pytest.raises(ValueError, match="positive"):
        Limits.from_json(_text(0.0))


def _text(limit):
    return f'{{"limits": {[limit] * len(FEATURES)}, "threshold": 1.0}}'
