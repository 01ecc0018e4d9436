"""The nearest city, against great-circle distances computed the slow way."""

import numpy as np
import pytest

from mlsd_kit.data.us_cities import CITIES
from mlsd_kit.systems.artist_recommendation.places import EARTH, nearest_city


def haversine(a, b):
    (lat1, lon1), (lat2, lon2) = np.radians(a), np.radians(b)
    h = np.sin((lat2 - lat1) / 2) ** 2
    h += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(h))


def test_it_is_the_nearest_on_the_globe():
    rng = np.random.default_rng(0)
    points = np.stack([rng.uniform(-90, 90, 100), rng.uniform(-180, 180, 100)], axis=1)
    found = nearest_city(*points.T)
    for point, (city, state, kilometres) in zip(points, found.to_numpy(), strict=True):
        distances = [haversine(point, (c.latitude, c.longitude)) for c in CITIES]
        best = CITIES[int(np.argmin(distances))]
        assert (city, state) == (best.name, best.state)
        assert kilometres == pytest.approx(min(distances), rel=1e-6)


def test_a_city_is_nearest_to_itself():
    found = nearest_city([c.latitude for c in CITIES], [c.longitude for c in CITIES])
    assert list(zip(found["city"], found["state"], strict=True)) == [(c[0], c[1]) for c in CITIES]
    assert found["kilometres"].max() < 0.01


def test_across_the_date_line_near_is_near():
    assert nearest_city([52.0], [179.9])["city"][0] == "Anchorage"


def test_nobody_is_an_empty_table():
    assert nearest_city([], []).shape == (0, 3)


@pytest.mark.parametrize("point", [(91, 0), (0, 181), (float("nan"), 0)])
def test_what_is_not_on_the_globe_is_refused(point):
    with pytest.raises(ValueError, match="latitude must lie in"):
        nearest_city([point[0]], [point[1]])
