"""The service of the shops, and what it says when the database is away."""

import httpx
import pytest
from fastapi.testclient import TestClient

from mlsd_kit.services import http_service
from mlsd_kit.systems.demand_forecasting import store
from mlsd_kit.systems.demand_forecasting.app import create, order_service

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


NONSENSE = [
    b"[",
    b"NaN",
    b'[{"shop": 3, "product": 1, "demand": NaN}]',
    b'[{"shop": 3, "product": 1, "demand": 1e999}]',
    b'[{"shop": 3e9, "product": 1, "demand": 1}]',
    b'[{"shop": 3, "product": ' + b"9" * 30 + b', "demand": 1}]',
    b"[" * 100_000,
]


def test_malformed_requests_are_refused_and_the_next_one_is_served(dsn, send, run_night, rows_of):
    send(TONIGHT - 1)
    run_night()
    with http_service(order_service(dsn)) as url:
        for body in NONSENSE:
            kind = {"Content-Type": "application/json"}
            said = httpx.put(f"{url}/sales/{NIGHT}", content=body, headers=kind, timeout=90)
            assert said.status_code in (400, 422) and said.json()["detail"], body[:60]
        for path in ("/orders/%00", "/orders/1e999", f"/orders/{10**30}", "/orders/-1"):
            said = httpx.get(f"{url}{path}", timeout=90)
            assert said.status_code in (404, 422) and said.json()["detail"], path
        too_long = b" " * 50_000_000
        assert httpx.put(f"{url}/sales/{NIGHT}", content=too_long, timeout=90).status_code == 413
        rows = as_json(rows_of(TONIGHT))
        assert httpx.put(f"{url}/sales/{NIGHT}", json=rows, timeout=90).status_code == 202
        assert "Traceback" not in url.process.tail(10_000)


def test_a_killed_service_comes_back_with_nothing_lost(dsn, send, run_night):
    send(TONIGHT - 1)
    run_night()
    with http_service(order_service(dsn)) as url:
        before = httpx.get(f"{url}/orders/3", timeout=90).json()
        url.process.kill()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/orders/3", timeout=90)
        url.process.start()
        assert httpx.get(f"{url}/orders/3", timeout=90).json() == before


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
