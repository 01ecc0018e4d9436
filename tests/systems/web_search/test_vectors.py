"""The vector index against a scan."""

from __future__ import annotations

import numpy as np
import pytest

from mlsd_kit.systems.web_search.vectors import VectorIndex


@pytest.fixture
def vectors():
    rows = np.random.default_rng(0).normal(size=(2000, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_scan_is_exact(vectors):
    found, products = VectorIndex(neighbours=0).fit(vectors).search(vectors[7], k=20)
    exact = vectors @ vectors[7]
    assert found.tolist() == np.argsort(-exact, kind="stable")[:20].tolist()
    np.testing.assert_allclose(products, np.sort(exact)[::-1][:20], rtol=1e-5)


def test_the_graph_finds_more_with_more_effort_and_most_in_the_end(vectors):
    shares = []
    for effort in (20, 400):
        graph = VectorIndex(neighbours=8, effort=effort).fit(vectors)
        exact = [set(np.argsort(-vectors @ v)[:20]) for v in vectors[:50]]
        near = [set(graph.search(v, k=20)[0]) for v in vectors[:50]]
        shares.append(np.mean([len(a & b) / 20 for a, b in zip(exact, near, strict=True)]))
    assert shares[0] < shares[1]
    assert shares[1] > 0.95


def test_the_same_graph_every_time(vectors):
    found = [VectorIndex().fit(vectors).search(vectors[3], k=50)[0] for _ in range(2)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("neighbours", [0, 16])
def test_more_asked_for_than_there_are(vectors, neighbours):
    found, products = VectorIndex(neighbours=neighbours).fit(vectors[:3]).search(vectors[0], k=10)
    assert sorted(found.tolist()) == [0, 1, 2]
    assert len(products) == 3


@pytest.mark.parametrize("neighbours", [0, 16])
def test_equal_products_come_by_document_number(neighbours):
    rows = np.repeat(np.eye(4, dtype=np.float32), 10, axis=0)
    found, products = VectorIndex(neighbours=neighbours).fit(rows).search(rows[0], k=20)
    assert (np.diff(products) <= 0).all()
    for product in set(products):
        assert (np.diff(found[products == product]) > 0).all()
