"""The collection that is searched: bookmarks with their text, their names, and who judged what."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlsd_kit import data
from mlsd_kit.search import words


@dataclass(frozen=True)
class Collection:
    """Semanlink's documents, in the order of their file.

    Attributes
    ----------
    documents : DataFrame
        As `semanlink_documents`.
    texts : list of str
        Title, note and abstract of each: what is indexed and encoded.
    ages : ndarray of shape (n_documents,)
        Days before the newest.
    """

    documents: pd.DataFrame
    texts: list[str]
    ages: NDArray[np.float64]

    @property
    def titles(self) -> list[str]:
        """The titles."""
        return list(self.documents["title"])

    def word_counts(self) -> Counter[str]:
        """How often each word is in the collection."""
        return Counter(word for text in self.texts for word in words(text))


@dataclass(frozen=True)
class Tag:
    """A tag: the query it stands for, its other names, wider tags, and what carries it."""

    label: str
    others: tuple[str, ...]
    broader: tuple[str, ...]
    documents: tuple[int, ...]


def load_collection() -> Collection:
    """The documents."""
    documents = data.load("semanlink_documents")
    fields = zip(documents["title"], documents["comment"], documents["arxiv_summary"], strict=True)
    texts = [" ".join(". ".join(part for part in parts if part).split()) for parts in fields]
    added = documents["creationDate"]
    ages = (added.max() - added).dt.days.to_numpy(dtype=float)
    return Collection(documents, texts, ages)


def load_tags(documents: pd.DataFrame) -> dict[str, Tag]:
    """Every tag by its address, with the documents that a reader gave it."""
    carried = defaultdict(list)
    for number, listed in enumerate(documents["tag"]):
        for address in json.loads(listed):
            carried[address].append(number)
    tags = data.load("semanlink_tags")
    return {
        row["uri"]: _tag(row["prefLabel"], row["altLabel"], row["broader"], carried[row["uri"]])
        for row in tags.to_dict("records")
    }


def _tag(names: str, others: str, broader: str, documents: list[int]) -> Tag:
    label, *rest = json.loads(names)
    known = dict.fromkeys(name.strip() for name in [*rest, *json.loads(others)])
    other = tuple(name for name in known if name and name != label)
    return Tag(label, other, tuple(json.loads(broader)), tuple(documents))
