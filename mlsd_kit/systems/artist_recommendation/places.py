"""Coordinates to city and state: the nearest of a small table, and the coordinates are gone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from mlsd_kit.data.us_cities import CITIES

EARTH = 6371.0  # kilometres


def nearest_city(latitude: np.ndarray, longitude: np.ndarray) -> pd.DataFrame:
    """The nearest of about seventy large US cities.

    Parameters
    ----------
    latitude, longitude : array-like of shape (n,)
        Degrees.

    Returns
    -------
    DataFrame of shape (n, 3)
        city, state, and kilometres to its centre: far ones are not to be believed.

    Raises
    ------
    ValueError
        If a coordinate is not on the globe.

    Examples
    --------
    >>> nearest_city([40.8], [-73.9]).round(0).values.tolist()
    [['New York', 'NY', 14.0]]
    """
    latitude, longitude = np.asarray(latitude, dtype=float), np.asarray(longitude, dtype=float)
    if not ((np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)).all():
        raise ValueError("latitude must lie in [-90, 90] and longitude in [-180, 180].")
    tree = cKDTree(_points([c.latitude for c in CITIES], [c.longitude for c in CITIES]))
    chord, which = tree.query(_points(latitude, longitude))
    return pd.DataFrame(
        {
            "city": [CITIES[i].name for i in which],
            "state": [CITIES[i].state for i in which],
            "kilometres": 2 * EARTH * np.arcsin(np.clip(chord / 2, 0, 1)),
        }
    )


def _points(latitude: np.ndarray | list, longitude: np.ndarray | list) -> np.ndarray:
    """Points on the unit sphere, where straight distance orders as distance on the ground does."""
    up, along = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)], axis=-1)
