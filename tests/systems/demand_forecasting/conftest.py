"""A chain of four shops and two products, a database, and two models that disagree."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import psycopg
import pytest
from lightgbm import LGBMRegressor

from mlsd_kit.services import postgres
from mlsd_kit.systems.demand_forecasting import store
from mlsd_kit.systems.demand_forecasting.features import (
    HISTORY,
    HORIZON,
    Chain,
    days_ahead,
    features,
    level,
)
from mlsd_kit.systems.demand_forecasting.job import nightly

FIRST, SOLD = date(2023, 1, 2), HISTORY + 40  # a Monday; days of sales
TONIGHT = SOLD
NIGHT = (FIRST + timedelta(days=TONIGHT)).isoformat()
MORROW = (FIRST + timedelta(days=TONIGHT + 1)).isoformat()
SERIES = [(shop, product) for shop in (3, 5, 8, 9) for product in (1, 2)]


@pytest.fixture(scope="session")
def chain():
    """Demand with a weekday, a size and noise; closed on holidays."""
    rng, planned = np.random.default_rng(0), SOLD + 2 * HORIZON
    weekday = np.array([1.0, 0.8, 0.8, 0.9, 1.2, 1.6, 0.6])[np.arange(planned) % 7]
    sizes = np.array([20, 30, 60, 90, 100, 40, 200, 50])[:, None]
    holiday = (np.arange(planned) % 30 == 17).astype(float)
    demand = np.rint(sizes * weekday * rng.uniform(0.8, 1.2, (8, planned))) * (1 - holiday)
    promotion = (rng.random((8, planned)) < 0.1).astype(float)
    school = (np.arange(planned) % 90 < 14).astype(float)
    shops = np.array([shop for shop, _ in SERIES])
    return Chain(np.datetime64(FIRST), shops, demand, promotion, holiday, school)


@pytest.fixture(scope="session")
def texts(chain):
    """Two models: one learns demand, one learns half of it."""
    evenings = range(HISTORY, SOLD - HORIZON)
    rows = np.concatenate([features(chain, now)[1].reshape(8 * HORIZON, -1) for now in evenings])
    ratio = np.concatenate(
        [(chain.demand[:, days_ahead(n)] / level(chain.demand, n)).ravel() for n in evenings]
    )
    options = dict(n_estimators=20, num_leaves=8, n_jobs=1, verbose=-1)
    fits = (LGBMRegressor(**options).fit(rows, part * ratio) for part in (1.0, 0.5))
    return [model.booster_.model_to_string() for model in fits]


@pytest.fixture(scope="session")
def rows_of(chain):
    """What the shops send of a day: shop, product, demand."""

    def rows(day):
        return [(*name, float(n)) for name, n in zip(SERIES, chain.demand[:, day], strict=True)]

    return rows


@pytest.fixture(scope="session")
def server():
    with postgres() as dsn:
        yield dsn


@pytest.fixture
def dsn(server, chain, rows_of, texts):
    """Sales up to the day before yesterday, the plan, and two models; emptied for each test."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    store.create(server)
    days = [FIRST + timedelta(days=k) for k in range(len(chain.holiday))]
    calendar = {"day": days, "holiday": chain.holiday > 0, "school": chain.school > 0}
    promoted = [(days[d], *SERIES[i]) for i, d in np.argwhere(chain.promotion > 0)]
    planned = pd.DataFrame(promoted, columns=["day", "shop", "product"])
    store.write_plan(server, pd.DataFrame(calendar), planned)
    sold = [(days[k], *row) for k in range(SOLD - 1) for row in rows_of(k)]
    with psycopg.connect(server) as connection:
        columns = ["day", "shop", "product", "demand"]
        store.write_sales(connection, pd.DataFrame(sold, columns=columns), filled=False)
    for version, text in zip(("v1", "v2"), texts, strict=True):
        store.register(server, version, text, 1.2)
    return server


@pytest.fixture
def send(dsn, rows_of):
    """A day's sales arrive, as they are or spoilt."""

    def arrive(day, rows=None):
        with psycopg.connect(dsn) as connection:
            told = rows_of(day) if rows is None else rows
            store.receive(connection, (FIRST + timedelta(days=day)).isoformat(), told)

    return arrive


@pytest.fixture
def run_night(dsn):
    """The job in a transaction of its own, as the scheduler runs it."""

    def run(version="v1", night=NIGHT, **options):
        with psycopg.connect(dsn) as connection:
            return nightly(connection, night, version, **options)

    return run
