"""Set every knob, then `mlsd check design/search_funnel`; the file is read, not run."""

from mlsd_kit.curriculum.drills.designs import SearchFunnel

design = SearchFunnel(
    # result cache, 10 kB a query: 0 to 2,000 GB
    cache_gb=...,
    # parts that the index is cut into: 1 to 40
    shards=...,
    # copies of each part, each on a node of its own: 1 to 8
    replicas=...,
    # lists that a query visits, of a million: 1 to 256
    probes=...,
    # documents the tree ranker scores: 50 to 2,000
    rank_k=...,
    # cores that rank: 1 to 500
    rankers=...,
    # the cross-encoder that orders the last few: one of 'tinybert-2', 'minilm-2', 'minilm-4',
    # 'minilm-6', 'minilm-12'
    model=...,
    # documents the cross-encoder scores: 10 to 1,000
    rerank_k=...,
    # GPUs with a copy of the cross-encoder: 1 to 500
    gpus=...,
    # most queries in one batch of a GPU: 1 to 256
    batch=...,
    # how long a batch waits to fill: 0 to 200 ms
    batch_timeout_ms=...,
)
