"""A personal feed: a design that holds."""

from mlsd_kit.curriculum.drills.designs import RecommendationFeed

design = RecommendationFeed(
    lists="on request",
    sources=("followed", "two-tower", "trending", "fresh"),
    candidates=150,
    rankers=220,
    source_timeout_ms=100,
    cache_ttl_min=5,
    index_every_min=15,
    fresh_slots=6,
)
