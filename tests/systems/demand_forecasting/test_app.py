"""The service of the shops, and what it says when the database is away."""

import pytest
from fastapi.testclient import TestClient

from mlsd_kit.systems.demand_forecasting import store
from mlsd_kit.systems.demand_forecasting.app import create

NIGHT, YESTERDAY, TONIGHT = "2024-05-11", "2024-05-10", 495


@pytest.fixture
def client(dsn):
    return TestClient(create(dsn))


def as_json(rows):
    return [{"shop": shop, "product": product, "demand": sold} for shop, product, sold in rows]


def test_before_the_first_release_orders_are_503(client):
    for path in ("/orders/3", "/health"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.json() == {"detail": "nothing is released yet."}


def test_sales_arrive_and_orders_are_given(client, dsn, run_night, rows_of):
    rows = as_json(rows_of(TONIGHT - 1))
    for _ in range(2):  # a client that sends twice
        assert client.put(f"/sales/{YESTERDAY}", json=rows).status_code == 202
    assert not run_night().refused
    week = client.get("/orders/5").json()
    assert (week["night"], week["version"], len(week["orders"])) == (NIGHT, "v1", 14)
    table = store.orders(dsn)
    assert [o["pieces"] for o in week["orders"]] == table.loc[table["shop"] == 5, "pieces"].tolist()
    assert client.get("/orders/77").status_code == 404


def test_a_refused_day_stands_in_health(client, run_night):
    run_night()
    [refused] = client.get("/health").json()["refused"]
    assert refused["day"] < NIGHT and "missing" in refused["reasons"]


@pytest.mark.parametrize("body", [[{"shop": "x"}], {"shop": 1}, [{"shop": 1, "product": 1}]])
def test_sales_of_another_form_are_422(client, body):
    assert client.put(f"/sales/{NIGHT}", json=body).status_code == 422
    assert client.put("/sales/yesterday", json=[]).status_code == 422


def test_a_killed_database_is_503(client, server, send, run_night):
    send(TONIGHT - 1)
    run_night()
    before = client.get("/orders/3").json()
    server.process.kill()
    answer = client.get("/orders/3")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The database does not answer."}
    server.process.start()
    assert client.get("/orders/3").json() == before
