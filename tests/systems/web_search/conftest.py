"""A small collection and an encoder that needs no model: words hashed to directions."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.search import terms
from mlsd_kit.systems.web_search.collection import Collection, Tag
from mlsd_kit.systems.web_search.funnel import Funnel

TITLES = [
    "Knowledge graph embeddings, a survey",
    "Graph databases compared",
    "SPARQL tutorial for beginners",
    "A tutorial on knowledge graphs",
    "Climate and history of the Sahara",
    "The history of salt",
    "Salt caravans of the Sahara <b>today</b>",
    "",
]


class WordsAsDirections:
    """Stands in for the sentence encoder: texts that share words are near."""

    def __init__(self) -> None:
        self.calls = 0

    def fingerprint(self) -> str:
        return "words as directions"

    def encode(self, texts):
        self.calls += 1
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            rows[row, 0] = 0.01
            for term in terms(text):
                rows[row, hashlib.sha256(term.encode()).digest()[0] % 63 + 1] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def encoder():
    return WordsAsDirections()


@pytest.fixture
def collection():
    documents = pd.DataFrame(
        {
            "document": [f"https://example.org/{i}" for i in range(len(TITLES))],
            "title": TITLES,
            "comment": ["some notes"] * len(TITLES),
            "arxiv_summary": [""] * len(TITLES),
            "creationDate": pd.date_range("2020-01-01", periods=len(TITLES), freq="365D"),
            "tag": ["[]"] * len(TITLES),
        }
    )
    ages = np.arange(len(TITLES))[::-1] * 365.0
    return Collection(documents, list(TITLES), ages)


@pytest.fixture
def tags():
    return {
        "kg": Tag("Knowledge graph", ("KG",), (), (0, 3)),
        "sparql": Tag("SPARQL", (), (), (2,)),
        "salt": Tag("Salt", (), (), (5, 6)),
    }


@pytest.fixture
def funnel(collection, tags, encoder, tmp_path, monkeypatch):
    monkeypatch.setenv("MLSD_DATA", str(tmp_path / "cache"))
    log = ["home depot", "homedepot", "sahara", "sparql tutorial", "graph"]
    return Funnel(collection, tags, log, encoder=encoder, neighbours=0)
