"""The funnel: from what was typed to ten documents, each stage timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mlsd_kit.search import (
    Gazetteer,
    NavigationalIntent,
    SpellingCorrector,
    freshness,
    maximal_marginal_relevance,
    reciprocal_rank_fusion,
    terms,
    words,
)
from mlsd_kit.search.bm25 import top
from mlsd_kit.systems.web_search.collection import Collection, Tag
from mlsd_kit.systems.web_search.embedding import SentenceEncoder, cached_vectors
from mlsd_kit.systems.web_search.features import Words
from mlsd_kit.systems.web_search.stages import STAGES, Answer, Widths, timed
from mlsd_kit.systems.web_search.vectors import VectorIndex

__all__ = ["STAGES", "Answer", "Funnel", "Widths"]

DEFAULT = Widths()
SYNONYM = 0.3  # what a synonym's term counts, beside 1 for a typed one
MAX_TOKENS = 32  # half of the documents are shorter; longer ones lose little (measured)


class Ranker(Protocol):
    """Anything that scores rows of features: a LightGBM booster."""

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]: ...


class Funnel:
    """A search engine over one collection.

    Parameters
    ----------
    collection : Collection
    tags : mapping of str to Tag
        The thesaurus: names and synonyms (never which documents carry them).
    queries : iterable of str
        A log, for spelling and intent.
    ranker : Ranker or None
        None keeps the fused order.
    encoder : SentenceEncoder or None
        Of the queries.
    vectors : ndarray of shape (n_documents, 384) or None
        The documents'; None encodes them with ``encoder``, or takes them from the cache.

    Attributes
    ----------
    likeness : {"names", "vectors"}
        What makes two documents alike when a page is spread: the known names in their titles, or
        their vectors.
    """

    def __init__(
        self,
        collection: Collection,
        tags: Mapping[str, Tag],
        queries: Iterable[str],
        *,
        ranker: Ranker | None = None,
        encoder: SentenceEncoder | None = None,
        vectors: NDArray[np.float32] | None = None,
        neighbours: int = 16,
    ) -> None:
        self.collection, self.ranker = collection, ranker
        self.likeness = "names"
        self.words = Words(collection)
        self.spelling, self.intent = _learn(collection, list(queries))
        self.names = {address: (tag.label, *tag.others) for address, tag in tags.items()}
        self.gazetteer = Gazetteer().fit(
            (name, address) for address, names in self.names.items() for name in names
        )
        self.about = [
            frozenset(one.entity for one in self.gazetteer.find(title))
            for title in collection.titles
        ]
        self.encoder = encoder or SentenceEncoder(max_tokens=MAX_TOKENS)
        if vectors is None:
            vectors = cached_vectors(self.encoder, collection.texts)
        self.vectors = vectors
        self.nearest = VectorIndex(neighbours=neighbours).fit(self.vectors)

    def search(self, query: str, widths: Widths = DEFAULT) -> Answer:
        """Answer one query.

        Parameters
        ----------
        query : str
        widths : Widths

        Returns
        -------
        Answer
            With the seconds that each of `STAGES` took.
        """
        seconds: dict[str, float] = {}
        with timed(seconds, "rewrite"):
            corrected = self.spelling.correct(query)
        with timed(seconds, "understand"):
            navigational = self.intent.is_navigational(corrected)
            entities = [str(one.entity) for one in self.gazetteer.find(corrected)]
        found, facts = self.candidates(
            corrected, entities, widths.retrieve, seconds, keep=widths.rank
        )
        with timed(seconds, "rank"):
            order, scores = self.rank(facts)
        with timed(seconds, "rerank"):
            plain = widths.relevance == 1 and widths.fresh == 0
            if not (plain or navigational):  # one page is wanted: nothing to spread
                spread = self.spread(found[order], scores, widths)
                order, scores = order[spread], scores[spread]
        shown = order[: widths.show]
        changed = corrected if words(query) != words(corrected) else None
        return Answer(
            documents=[int(number) for number in found[shown]],
            scores=[float(value) for value in scores[: widths.show]],
            query=query,
            corrected=changed,
            navigational=navigational,
            entities=entities,
            seconds=seconds,
        )

    def candidates(
        self,
        query: str,
        entities: Iterable[str],
        width: int,
        seconds: dict[str, float] | None = None,
        vector: NDArray[np.float32] | None = None,
        keep: int | None = None,
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Both retrievers' documents, fused, best first, and their features for the ranker.

        Parameters
        ----------
        query : str
            Corrected.
        entities : iterable of str
            Addresses of the tags it mentions.
        width : int
            Documents of each retriever.
        seconds : dict, default=None
            The stages' times are added to it.
        vector : ndarray of shape (384,), default=None
            The query's, if it was encoded before.
        keep : int, default=None
            At most so many of the fused list; None keeps all.

        Returns
        -------
        documents : ndarray of shape (n,)
        features : ndarray of shape (n, len(NAMES))
        """
        seconds = {} if seconds is None else seconds
        typed = terms(query)
        with timed(seconds, "retrieve_words"):
            word_scores = self.words.text.score(self.expanded(typed, entities))
            by_words, _ = top(word_scores, width)
        with timed(seconds, "encode"):
            vector = self.encoder.encode([query])[0] if vector is None else vector
        with timed(seconds, "retrieve_vectors"):
            by_vectors, _ = self.nearest.search(vector, k=width)
        with timed(seconds, "fuse"):
            found, fused = reciprocal_rank_fusion([by_words, by_vectors])
            found, fused = found[:keep], fused[:keep]
        with timed(seconds, "rank"):
            facts = self.words.features(
                typed,
                found,
                word_scores=word_scores,
                cosines=self.vectors[found] @ vector,
                fused=fused,
            )
        return found, facts

    def expanded(self, typed: list[str], entities: Iterable[str]) -> dict[str, float]:
        """The typed terms, and those of the entities' other names at less weight."""
        weights = {term: float(count) for term, count in Counter(typed).items()}
        for address in entities:
            for name in self.names[address]:
                for term in terms(name):
                    weights.setdefault(term, SYNONYM)
        return weights

    def rank(self, facts: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Positions of the candidates, best first, and their scores in that order."""
        if self.ranker is None or not len(facts):
            return np.arange(len(facts)), facts[:, -1]
        scores = self.ranker.predict(facts)
        order = np.argsort(-scores, kind="stable")
        return order, scores[order]

    def spread(
        self,
        found: NDArray[np.intp],
        scores: NDArray[np.float64],
        widths: Widths,
    ) -> NDArray[np.intp]:
        """Positions of the documents to show: spread over what they are about, towards the new.

        Parameters
        ----------
        found : ndarray of shape (n,)
            Documents, best first; twice as many as are shown are looked at.
        scores : ndarray of shape (n,)
            The ranker's, descending.
        widths : Widths
        """
        found, scores = found[: 2 * widths.show], scores[: 2 * widths.show]
        if not len(found):
            return np.empty(0, dtype=np.intp)
        value = (scores - scores[-1]) / max(float(scores[0] - scores[-1]), 1e-9)
        fresh = freshness(self.collection.ages[found], half_life=widths.half_life)
        value = (value + widths.fresh * fresh) / (1 + widths.fresh)
        alike = (
            self.vectors[found] @ self.vectors[found].T
            if self.likeness == "vectors"
            else self._alike(found)
        )
        return maximal_marginal_relevance(value, alike, k=widths.show, trade_off=widths.relevance)

    def _alike(self, found: NDArray[np.intp]) -> NDArray[np.float64]:
        """Names shared by two titles, as a share of all names in either; 1 with itself."""
        known = [self.about[number] for number in found]
        alike = np.eye(len(known))
        for i, here in enumerate(known):
            for j, there in enumerate(known[:i]):
                alike[i, j] = alike[j, i] = len(here & there) / max(len(here | there), 1)
        return alike


def _learn(
    collection: Collection, queries: list[str]
) -> tuple[SpellingCorrector, NavigationalIntent]:
    """Corrections lead to words of the collection only: another word would find nothing.

    A word that is there more than once is right; one that is there once may be somebody's slip.
    """
    here = collection.word_counts()
    log = Counter(word for query in queries for word in words(query))
    counts = {word: count + log[word] for word, count in here.items()}
    trusted = [word for word, count in here.items() if count > 1]
    return SpellingCorrector().fit(counts, trusted=trusted), NavigationalIntent().fit(queries)
