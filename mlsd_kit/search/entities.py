"""Find the known names in a query: longest match against a list of names."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from mlsd_kit.search.words import terms


class Mention(NamedTuple):
    """A name found: whose it is, and which terms of the text (``first`` to before ``end``)."""

    entity: Hashable
    first: int
    end: int


class Gazetteer:
    """Names of entities, found in text from left to right, the longest first.

    Names and texts are compared by `terms`, so "Knowledge graphs" finds "knowledge graph". A name
    of several entities belongs to the first that was given: a list cannot tell which is meant.

    Examples
    --------
    >>> names = Gazetteer().fit([("graph", "G"), ("knowledge graph", "KG"), ("KG", "KG")])
    >>> [mention.entity for mention in names.find("knowledge graphs and a graph")]
    ['KG', 'G']
    """

    def fit(self, names: Iterable[tuple[str, Hashable]]) -> Gazetteer:
        """Learn pairs of a name and its entity."""
        self.names_: dict[tuple[str, ...], Hashable] = {}
        for name, entity in names:
            if key := tuple(terms(name)):
                self.names_.setdefault(key, entity)
        self.longest_ = max(map(len, self.names_), default=0)
        return self

    def find(self, text: str) -> list[Mention]:
        """Mentions in the text, in order, without overlap."""
        typed, found, at = terms(text), [], 0
        while at < len(typed):
            for end in range(min(at + self.longest_, len(typed)), at, -1):
                if (entity := self.names_.get(tuple(typed[at:end]))) is not None:
                    found.append(Mention(entity, at, end))
                    at = end - 1
                    break
            at += 1
        return found
