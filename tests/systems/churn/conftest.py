"""A database, thirty customers, and two models that disagree about them."""

import numpy as np
import pandas as pd
import psycopg
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlsd_kit.services import postgres
from mlsd_kit.systems.churn import store
from mlsd_kit.systems.churn.economy import Economy
from mlsd_kit.systems.churn.job import nightly
from mlsd_kit.systems.churn.model import Plan, to_onnx

NIGHT = "2026-03-01"
ROWS = 30
PLAN = Plan(0.5, 0.5, budget=0.5, hold_out=0.2, rest_days=90, economy=Economy())


@pytest.fixture(scope="session")
def customers():
    rng = np.random.default_rng(0)
    contract = rng.choice(["monthly", "yearly"], 300)
    table = pd.DataFrame(
        {
            "tenure": rng.integers(0, 72, 300).astype(float),
            "MonthlyCharges": rng.uniform(20, 110, 300).round(2),
            "Contract": contract,
        }
    )
    left = (rng.random(300) < np.where(contract == "monthly", 0.8, 0.2)).astype(int)
    return table, left


def fit(table, left):
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (StandardScaler(), ["tenure", "MonthlyCharges"]), (encoder, ["Contract"])
    )
    return make_pipeline(columns, LogisticRegression()).fit(table, left)


@pytest.fixture(scope="session")
def pipeline(customers):
    return fit(*customers)


@pytest.fixture(scope="session")
def graphs(customers, pipeline):
    table, left = customers
    return to_onnx(pipeline, table), to_onnx(fit(table, 1 - left), table)


@pytest.fixture(scope="session")
def server():
    with postgres() as dsn:
        yield dsn


@pytest.fixture
def dsn(server, customers, graphs):
    """A store with thirty customers and two models, emptied for each test."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    table = customers[0].head(ROWS)
    store.create(server, table)
    store.write_snapshot(server, NIGHT, [f"c{i:02}" for i in range(ROWS)], table)
    for version, graph in zip(("v1", "v2"), graphs, strict=True):
        store.register(server, version, graph, PLAN)
    return server


@pytest.fixture
def run_night():
    """The job in a transaction of its own, as the scheduler runs it."""

    def run(dsn, version="v1", night=NIGHT, **options):
        with psycopg.connect(dsn) as connection:
            return nightly(connection, night, version, **options)

    return run


@pytest.fixture
def plan():
    return PLAN
