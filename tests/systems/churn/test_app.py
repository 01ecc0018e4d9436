"""The call centre's service, and what it says when the database is away."""

import re

import httpx
import pytest
from fastapi.testclient import TestClient

from mlsd_kit.services import http_service
from mlsd_kit.systems.churn import store
from mlsd_kit.systems.churn.app import call_service, create

NIGHT = "2026-03-01"


@pytest.fixture
def client(dsn):
    return TestClient(create(dsn))


def row(customers, number=0):
    return customers[0].iloc[number].to_dict()


def test_before_the_first_release_everything_is_503(client, customers):
    for answer in (client.get("/calls"), client.get("/health"), client.get("/customers/c01")):
        assert answer.status_code == 503
        assert answer.json() == {"detail": "nothing is released yet."}


def test_the_list_in_pages(client, dsn, run_night):
    run_night(dsn)
    wanted = store.call_list(dsn, "call")[["place", "customer"]].to_dict("records")
    first = client.get("/calls", params={"limit": 3}).json()
    assert (first["night"], first["version"]) == (NIGHT, "v1")
    rest = client.get("/calls", params={"after": first["calls"][-1]["place"]}).json()
    assert first["calls"] + rest["calls"] == wanted


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=-1", "limit=x"])
def test_a_bad_page_is_422(client, dsn, run_night, query):
    run_night(dsn)
    assert client.get(f"/calls?{query}").status_code == 422


def test_one_customer(client, dsn, run_night):
    run_night(dsn)
    top = store.call_list(dsn).iloc[0]
    said = client.get(f"/customers/{top['customer']}").json()
    assert said["place"] == 1 and said["arm"] == top["arm"]
    assert said["profit"] == pytest.approx(top["profit"], rel=1e-6)
    assert client.get("/customers/nobody").status_code == 404


def test_a_score_at_once_is_the_nights_score(client, dsn, run_night, customers):
    run_night(dsn)
    now = client.post("/score", json=row(customers, 4)).json()
    assert now["version"] == "v1"
    assert now["risk"] == pytest.approx(client.get("/customers/c04").json()["risk"], rel=1e-5)


def test_a_score_follows_a_swap_and_a_roll_back(client, dsn, run_night, customers):
    run_night(dsn, "v1")
    first = client.post("/score", json=row(customers)).json()
    run_night(dsn, "v2")
    second = client.post("/score", json=row(customers)).json()
    assert second["version"] == "v2" and second["risk"] != pytest.approx(first["risk"], rel=0.01)
    store.roll_back(dsn)
    assert client.post("/score", json=row(customers)).json() == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contract": "monthly"}, r"unknown: \['contract'\]"),
        ({"tenure": "long"}, "tenure must be a number"),
        ({"Contract": 3}, "Contract must be text"),
    ],
)
def test_a_row_that_is_not_as_in_training_is_422(
    client, dsn, run_night, customers, change, message
):
    run_night(dsn)
    answer = client.post("/score", json=row(customers) | change)
    assert answer.status_code == 422
    assert re.search(message, answer.json()["detail"])


def test_who_was_called_is_noted_once(client, dsn, run_night):
    run_night(dsn)
    for _ in range(2):
        answer = client.post("/customers/c03/called", params={"day": NIGHT})
        assert answer.status_code == 204
    assert "c03" not in store.untreated(dsn, NIGHT, 90)


def test_a_killed_database_is_503_and_then_all_is_well_again(dsn, run_night, server, customers):
    run_night(dsn)
    with http_service(call_service(dsn)) as url:
        before = httpx.get(f"{url}/calls").json()
        assert httpx.post(f"{url}/score", json=row(customers)).status_code == 200
        server.process.kill()
        for answer in (
            httpx.get(f"{url}/calls", timeout=10),
            httpx.post(f"{url}/score", json=row(customers), timeout=10),
        ):
            assert answer.status_code == 503
            assert answer.json() == {"detail": "The database does not answer."}
        server.process.start()
        assert httpx.get(f"{url}/calls", timeout=10).json() == before


def test_a_killed_service_comes_back_with_nothing_lost(dsn, run_night):
    run_night(dsn)
    with http_service(call_service(dsn)) as url:
        before = httpx.get(f"{url}/calls").json()
        url.process.kill()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/calls")
        url.process.start()
        assert httpx.get(f"{url}/calls").json() == before
