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


def test_a_database_restarted_between_two_requests_is_not_noticed(client, dsn, run_night, server):
    run_night(dsn)
    before = client.get("/calls").json()
    server.process.restart()  # the service's connections are broken, and made anew
    assert client.get("/calls").json() == before
    server.process.restart()
    assert client.post("/customers/c03/called", params={"day": NIGHT}).status_code == 204
    assert "c03" not in store.untreated(dsn, NIGHT, 90)


NONSENSE = [
    b"",
    b'{"tenure": 3',
    b"NaN",
    b"[1e999]",
    b"[" * 100_000,
    b'{"tenure": NaN, "MonthlyCharges": 50, "Contract": "monthly"}',
    b'{"tenure": Infinity, "MonthlyCharges": 50, "Contract": "monthly"}',
    b'{"tenure": 3, "MonthlyCharges": 1e999, "Contract": "monthly"}',
    b'{"tenure": 3, "MonthlyCharges": 50, "Contract": "\\ud800"}',
    b'{"\\ud800": 3}',
    b'{"tenure": ' + b"9" * 5000 + b"}",
]


def test_malformed_requests_are_refused_and_the_next_one_is_served(dsn, run_night, customers):
    run_night(dsn)
    with http_service(call_service(dsn)) as url:
        for body in NONSENSE:
            kind = {"Content-Type": "application/json"}
            said = httpx.post(f"{url}/score", content=body, headers=kind, timeout=90)
            assert said.status_code in (400, 422) and said.json()["detail"], body[:40]
        for path in ("/customers/%00", "/customers/%ff", "/calls?after=1e999"):
            said = httpx.get(f"{url}{path}", timeout=90)
            assert said.status_code in (404, 422) and said.json()["detail"], path
        assert httpx.get(f"{url}/calls?after={10**30}", timeout=90).json()["calls"] == []
        said = httpx.post(f"{url}/score", json={"Contract": "x" * 50_000_000}, timeout=90)
        assert said.status_code == 413
        assert httpx.post(f"{url}/score", json=row(customers), timeout=90).status_code == 200
        assert "Traceback" not in url.process.tail(10_000)


def test_a_killed_service_comes_back_with_nothing_lost(dsn, run_night):
    run_night(dsn)
    with http_service(call_service(dsn)) as url:
        before = httpx.get(f"{url}/calls").json()
        url.process.kill()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/calls")
        url.process.start()
        assert httpx.get(f"{url}/calls").json() == before
