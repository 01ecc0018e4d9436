"""Nothing from the future, each feature by hand, and what is asked too early is named."""

from dataclasses import replace

import numpy as np
import pytest

from mlsd_kit.systems.demand_forecasting.features import (
    GROUPS,
    HISTORY,
    HORIZON,
    YEAR,
    days_ahead,
    features,
    from_easter,
    holidays,
    level,
    of_shop,
    on_holidays,
    same_weekday,
    year_ago,
)

NOW = HISTORY + 10


def column(chain, name, now=NOW, gap=1):
    names, table = features(chain, now, gap)
    return table[..., names.index(name)]


@pytest.mark.parametrize("gap", [1, 2, 8])
def test_what_has_not_come_changes_no_feature(chain, gap):
    seen, hidden = features(chain, NOW, gap), features(chain.known(NOW), NOW, gap)
    assert seen[0] == hidden[0]
    np.testing.assert_array_equal(seen[1], hidden[1])
    assert np.isfinite(seen[1]).all()


@pytest.mark.parametrize("gap", [1, 2, 3, 8])
def test_the_last_same_weekday_is_the_latest_that_is_known(chain, gap):
    ahead = days_ahead(NOW, gap)
    last = same_weekday(np.arange(2.0 * NOW)[None], NOW, ahead, weeks=2)[:, 0]
    assert (last[0] < NOW).all() and (last[0] >= NOW - 7).all()
    assert ((ahead - last[0]) % 7 == 0).all() and (last[0] - last[1] == 7).all()


def test_lags_are_multiples_of_the_level(chain):
    base = level(chain.demand, NOW)
    sold = chain.demand[:, days_ahead(NOW)[0] - 7]
    np.testing.assert_allclose(column(chain, "last")[:, 0], sold / base[:, 0], atol=1e-4)
    year = chain.demand[:, days_ahead(NOW) - YEAR] / level(chain.demand, NOW - YEAR)
    np.testing.assert_allclose(column(chain, "a year ago"), year, atol=1e-4)


def test_the_weekday_is_the_calendars_wherever_the_history_begins(chain):
    later = replace(
        chain,
        first=chain.first + 3,
        demand=chain.demand[:, 3:],
        promotion=chain.promotion[:, 3:],
        holiday=chain.holiday[3:],
        school=chain.school[3:],
    )
    np.testing.assert_array_equal(column(chain, "weekday"), column(later, "weekday", NOW - 3))
    ahead = days_ahead(NOW) % 7  # the chain begins on a Monday
    np.testing.assert_array_equal((column(chain, "weekday")[0] + 3) % 7, ahead)


def test_demand_on_holidays_is_told_apart(chain):
    assert (on_holidays(chain, NOW) == 0).all()  # closed
    open_ = replace(chain, holiday=np.roll(chain.holiday, 5))
    assert (on_holidays(open_, NOW) > 0.4).all()
    none = replace(chain, holiday=np.zeros_like(chain.holiday))
    assert (on_holidays(none, NOW) == 1).all()


def test_the_neighbours_of_a_holiday(chain):
    ahead = days_ahead(NOW)
    holiday = np.zeros_like(chain.holiday)
    holiday[ahead[3]] = 1
    made = holidays(replace(chain, holiday=holiday), NOW, ahead)
    assert made["holiday"].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert made["day before a holiday"].tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert made["day after a holiday"].tolist() == [0, 0, 0, 0, 1, 0, 0]


def test_a_shop_is_the_sum_of_its_series(chain):
    total = of_shop(chain)
    np.testing.assert_array_equal(total[0], chain.demand[0] + chain.demand[1])
    np.testing.assert_array_equal(total[0], total[1])
    week = year_ago(chain, NOW, days_ahead(NOW))["chain's week a year ago"]
    assert (week == week[0]).all()


def test_easter_is_the_nearest_one():
    days = np.array(["2024-03-31", "2024-04-01", "2024-03-24", "2024-09-01"], "datetime64[D]")
    assert from_easter(days).tolist() == [0, 1, -7, 60]


def test_groups_can_be_left_out(chain):
    names, table = features(chain, NOW, groups={"recent": GROUPS["recent"]})
    assert table.shape == (8, HORIZON, len(names)) and "holiday" not in names


def test_too_short_a_history_and_too_short_a_calendar_are_named(chain):
    with pytest.raises(ValueError, match="the features need"):
        features(chain, HISTORY - 1)
    with pytest.raises(ValueError, match="the calendar has"):
        features(chain, len(chain.holiday) - 3)
