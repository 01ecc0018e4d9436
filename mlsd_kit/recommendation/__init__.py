"""Recommenders from scratch, on a sparse matrix of users by items, and how their lists are judged.

Every model has ``fit`` and ``scores(users) -> (len(users), n_items)``; `top_k` makes lists of them.
"""

from mlsd_kit.recommendation.als import ImplicitALS
from mlsd_kit.recommendation.baseline_neighbours import Baseline, BaselineNeighbours, fit_baseline
from mlsd_kit.recommendation.evaluation import (
    Interval,
    coverage,
    novelty,
    paired_ratio,
    per_user,
    top_k,
)
from mlsd_kit.recommendation.factorisation import BiasedMF
from mlsd_kit.recommendation.interactions import interactions
from mlsd_kit.recommendation.neighbours import ItemNeighbours, UserNeighbours, cosine_neighbours
from mlsd_kit.recommendation.popularity import Popularity, RandomOrder
from mlsd_kit.recommendation.scores import (
    evidence_scores,
    examination,
    neighbour_scores,
    threshold_tradeoff,
    unclicked_weight,
)

__all__ = [
    "Baseline",
    "BaselineNeighbours",
    "BiasedMF",
    "ImplicitALS",
    "Interval",
    "ItemNeighbours",
    "Popularity",
    "RandomOrder",
    "UserNeighbours",
    "cosine_neighbours",
    "coverage",
    "evidence_scores",
    "examination",
    "fit_baseline",
    "interactions",
    "neighbour_scores",
    "novelty",
    "paired_ratio",
    "per_user",
    "threshold_tradeoff",
    "top_k",
    "unclicked_weight",
]
