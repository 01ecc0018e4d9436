"""Large cities of the United States: where simulated people live, and names for coordinates.

Facts of the US Census Bureau (public domain): 2020 population in thousands, the centre to about a
hundredth of a degree.
"""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """One city; latitude and longitude in degrees, population in thousands."""

    name: str
    state: str
    latitude: float
    longitude: float
    population: int


CITIES = (
    City("New York", "NY", 40.71, -74.01, 8804),
    City("Los Angeles", "CA", 34.05, -118.24, 3899),
    City("Chicago", "IL", 41.88, -87.63, 2746),
    City("Houston", "TX", 29.76, -95.37, 2305),
    City("Phoenix", "AZ", 33.45, -112.07, 1608),
    City("Philadelphia", "PA", 39.95, -75.17, 1604),
    City("San Antonio", "TX", 29.42, -98.49, 1435),
    City("San Diego", "CA", 32.72, -117.16, 1387),
    City("Dallas", "TX", 32.78, -96.80, 1304),
    City("San Jose", "CA", 37.34, -121.89, 1013),
    City("Austin", "TX", 30.27, -97.74, 962),
    City("Jacksonville", "FL", 30.33, -81.66, 950),
    City("Fort Worth", "TX", 32.76, -97.33, 919),
    City("Columbus", "OH", 39.96, -83.00, 906),
    City("Indianapolis", "IN", 39.77, -86.16, 888),
    City("Charlotte", "NC", 35.23, -80.84, 875),
    City("San Francisco", "CA", 37.77, -122.42, 874),
    City("Seattle", "WA", 47.61, -122.33, 737),
    City("Denver", "CO", 39.74, -104.99, 716),
    City("Washington", "DC", 38.91, -77.04, 690),
    City("Nashville", "TN", 36.16, -86.78, 689),
    City("Oklahoma City", "OK", 35.47, -97.52, 681),
    City("El Paso", "TX", 31.76, -106.49, 679),
    City("Boston", "MA", 42.36, -71.06, 676),
    City("Portland", "OR", 45.52, -122.68, 653),
    City("Las Vegas", "NV", 36.17, -115.14, 642),
    City("Detroit", "MI", 42.33, -83.05, 639),
    City("Memphis", "TN", 35.15, -90.05, 633),
    City("Louisville", "KY", 38.25, -85.76, 633),
    City("Baltimore", "MD", 39.29, -76.61, 586),
    City("Milwaukee", "WI", 43.04, -87.91, 577),
    City("Albuquerque", "NM", 35.08, -106.65, 565),
    City("Tucson", "AZ", 32.22, -110.97, 543),
    City("Fresno", "CA", 36.74, -119.79, 542),
    City("Sacramento", "CA", 38.58, -121.49, 525),
    City("Kansas City", "MO", 39.10, -94.58, 508),
    City("Atlanta", "GA", 33.75, -84.39, 499),
    City("Omaha", "NE", 41.26, -95.93, 486),
    City("Colorado Springs", "CO", 38.83, -104.82, 479),
    City("Raleigh", "NC", 35.78, -78.64, 468),
    City("Miami", "FL", 25.76, -80.19, 442),
    City("Minneapolis", "MN", 44.98, -93.27, 430),
    City("Tulsa", "OK", 36.15, -95.99, 413),
    City("Wichita", "KS", 37.69, -97.34, 398),
    City("Tampa", "FL", 27.95, -82.46, 385),
    City("New Orleans", "LA", 29.95, -90.07, 384),
    City("Cleveland", "OH", 41.50, -81.69, 373),
    City("Honolulu", "HI", 21.31, -157.86, 351),
    City("Cincinnati", "OH", 39.10, -84.51, 309),
    City("Orlando", "FL", 28.54, -81.38, 308),
    City("Pittsburgh", "PA", 40.44, -80.00, 303),
    City("St. Louis", "MO", 38.63, -90.20, 302),
    City("Anchorage", "AK", 61.22, -149.90, 291),
    City("Buffalo", "NY", 42.89, -78.88, 278),
    City("Madison", "WI", 43.07, -89.40, 270),
    City("Boise", "ID", 43.62, -116.20, 236),
    City("Spokane", "WA", 47.66, -117.43, 229),
    City("Richmond", "VA", 37.54, -77.44, 227),
    City("Des Moines", "IA", 41.59, -93.62, 214),
    City("Little Rock", "AR", 34.75, -92.29, 203),
    City("Birmingham", "AL", 33.52, -86.80, 201),
    City("Salt Lake City", "UT", 40.76, -111.89, 200),
    City("Providence", "RI", 41.82, -71.41, 191),
    City("Jackson", "MS", 32.30, -90.18, 154),
    City("Charleston", "SC", 32.78, -79.93, 150),
    City("Fargo", "ND", 46.88, -96.79, 126),
    City("Hartford", "CT", 41.77, -72.67, 121),
    City("Billings", "MT", 45.78, -108.50, 117),
    City("Portland", "ME", 43.66, -70.26, 68),
    City("Cheyenne", "WY", 41.14, -104.82, 65),
)
