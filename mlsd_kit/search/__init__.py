"""A search engine's parts from scratch: words, index, BM25, spelling, intent, fusion, diversity."""

from mlsd_kit.search.bm25 import BM25
from mlsd_kit.search.diversity import freshness, maximal_marginal_relevance
from mlsd_kit.search.entities import Gazetteer
from mlsd_kit.search.fusion import reciprocal_rank_fusion
from mlsd_kit.search.intent import NavigationalIntent
from mlsd_kit.search.inverted_index import InvertedIndex
from mlsd_kit.search.page import Result, results_page
from mlsd_kit.search.spelling import SpellingCorrector, edit_distance
from mlsd_kit.search.words import stem, terms, words

__all__ = [
    "BM25",
    "Gazetteer",
    "InvertedIndex",
    "NavigationalIntent",
    "Result",
    "SpellingCorrector",
    "edit_distance",
    "freshness",
    "maximal_marginal_relevance",
    "reciprocal_rank_fusion",
    "results_page",
    "stem",
    "terms",
    "words",
]
