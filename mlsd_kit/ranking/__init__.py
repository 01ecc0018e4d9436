"""Ranking lists of documents: learning from judgements and from clicks, and comparing rankers."""

from __future__ import annotations

from mlsd_kit.ranking.clicks import attraction, examination, simulate_clicks
from mlsd_kit.ranking.dueling import DuelingBandit
from mlsd_kit.ranking.interleaving import Interleaved, team_draft, verdict
from mlsd_kit.ranking.lists import list_rows, ndcg_by_query
from mlsd_kit.ranking.pairs import ndcg_changes, pairwise_loss
from mlsd_kit.ranking.personalise import Profiles, affinity
from mlsd_kit.ranking.propensity import (
    Attractions,
    inverse_propensity,
    propensities_from_shuffles,
)
from mlsd_kit.ranking.ranknet import RankNet

__all__ = [
    "Attractions",
    "DuelingBandit",
    "Interleaved",
    "Profiles",
    "RankNet",
    "affinity",
    "attraction",
    "examination",
    "inverse_propensity",
    "list_rows",
    "ndcg_by_query",
    "ndcg_changes",
    "pairwise_loss",
    "propensities_from_shuffles",
    "simulate_clicks",
    "team_draft",
    "verdict",
]
