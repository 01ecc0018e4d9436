"""Set every knob, then `mlsd check design/recommendation_feed`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import RecommendationFeed

design = RecommendationFeed(
    # when a user's feed is ranked: one of 'nightly', 'hourly', 'on request'
    lists=...,
    # where candidates come from: a tuple of some of 'followed', 'two-tower', 'trending', 'fresh'
    sources=...,
    # items that each source gives: 25 to 2,000
    candidates=...,
    # cores that rank: 1 to 1,000
    rankers=...,
    # go on without a source after; 0: never: 0 to 1,000 ms
    source_timeout_ms=...,
    # how long a feed is shown again: 0 to 1,440 min
    cache_ttl_min=...,
    # new items enter the sources every: 1 to 1,440 min
    index_every_min=...,
    # share of the feed kept for new items: 0 to 50 %
    fresh_slots=...,
)
