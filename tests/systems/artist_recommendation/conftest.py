"""Real servers, one of each for a test module; people and events in small."""

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.services import postgres, redis
from mlsd_kit.systems.artist_recommendation import blend


@pytest.fixture(scope="module")
def database():
    with postgres() as dsn:
        yield dsn


@pytest.fixture(scope="module")
def database_to_kill():
    """It is up again after each test: each writes to a schema of its own."""
    with postgres() as dsn:
        yield dsn


@pytest.fixture
def key_value():
    with redis() as url:
        yield url


@pytest.fixture
def people():
    return pd.DataFrame(
        {
            "user": [1, 2, 3],
            "email": ["u1@example.org", "U2@example.org", "u3@example.org"],
            "birth_date": pd.to_datetime(["1990-01-01", "1970-06-15", "1950-12-31"]),
            "latitude": [40.7301, 34.0412, 41.9003],
            "longitude": [-74.0102, -118.2513, -87.6204],
            "signed_up": pd.to_datetime(["2008-05-01", "2009-01-20", "2009-03-01"]),
        }
    )


@pytest.fixture
def catalogue(tmp_path):
    """Eight artists in a ring; those to either side are similar. Artist 7 is the most popular."""
    artists = np.arange(8)
    ring = np.stack([(artists + 1) % 8, (artists - 1) % 8], axis=1)
    similarity = np.tile([0.5, 0.25], (8, 1))
    return blend.Catalogue(artists[::-1], ring, similarity)


@pytest.fixture
def catalogue_file(catalogue, tmp_path):
    return blend.save(catalogue, tmp_path / "catalogue.npz")
