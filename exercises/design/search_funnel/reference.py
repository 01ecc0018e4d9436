"""Search over ten billion documents: a design that holds."""

from mlsd_kit.curriculum.drills.designs import SearchFunnel

design = SearchFunnel(
    cache_gb=500,
    shards=12,
    replicas=3,
    probes=96,
    rank_k=500,
    rankers=60,
    model="minilm-4",
    rerank_k=60,
    gpus=120,
    batch=2,
    batch_timeout_ms=2,
)
