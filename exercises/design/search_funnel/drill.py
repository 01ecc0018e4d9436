"""Search over ten billion documents: cache, sharded retrieval, tree ranker, cross-encoder."""

import json
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from mlsd_kit.curriculum.drills.arrivals import poisson, service_times, streams
from mlsd_kit.curriculum.drills.caches import lru_hit_rate, zipf
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, whole
from mlsd_kit.curriculum.drills.drill import (
    Drill,
    Estimation,
    FollowUp,
    Limit,
    Load,
    Question,
    Run,
    Trap,
)
from mlsd_kit.curriculum.drills.here import Measurement, ranking_time
from mlsd_kit.curriculum.drills.prices import per_month
from mlsd_kit.curriculum.drills.stages import Passage, batching, fan_out, only, servers
from mlsd_kit.curriculum.drills.statistics import percentile

TIMES = json.loads(Path(__file__).with_name("service_times.json").read_text(encoding="utf-8-sig"))
ENCODERS = TIMES["cross_encoders"]
SCAN, RANK = (
    TIMES["scan_ns_per_code"]["value"] * 1e-9,
    TIMES["rank_us_per_document"]["value"] * 1e-6,
)
LAUNCH = 0.004  # a GPU batch, before its first pair [s]
CALL = 0.0005  # a shard answers and its answer is merged, before any scanning [s]
HICCUP, SLOWER = 0.0005, 4.0  # share of the shards' answers that are so many times slower
CORES = 16  # of an index node
BYTES_PER_CODE = 64 + 8
SECONDS, WARM_UP = 1.2, 0.2


@design
class SearchFunnel(Design):
    """A search funnel: how it is cut, how wide each stage is, on how many machines."""

    cache_gb: int = whole("result cache, 10 kB a query", 0, 2000, "GB", usual=(200, 1000))
    shards: int = whole("parts that the index is cut into", 1, 40, usual=(8, 24))
    replicas: int = whole("copies of each part, each on a node of its own", 1, 8, usual=(2, 4))
    probes: int = whole("lists that a query visits, of a million", 1, 256, usual=(72, 160))
    rank_k: int = whole("documents the tree ranker scores", 50, 2000, usual=(200, 1000))
    rankers: int = whole("cores that rank", 1, 500, usual=(30, 120))
    model: str = choice("the cross-encoder that orders the last few", *ENCODERS["ndcg"])
    rerank_k: int = whole("documents the cross-encoder scores", 10, 1000, usual=(30, 80))
    gpus: int = whole("GPUs with a copy of the cross-encoder", 1, 500, usual=(100, 220))
    batch: int = whole("most queries in one batch of a GPU", 1, 256, usual=(1, 8))
    batch_timeout_ms: float = number("how long a batch waits to fill", 0, 200, "ms", (0, 10))


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    documents: float = 10e9
    qps: float = 10_000.0
    lists: float = 1e6
    distinct_queries: float = 1e9
    zipf: float = 0.9
    node_gb: float = 110.0
    p99_ms: float = 100.0
    ndcg: float = 95.0
    budget: float = 350_000.0


def limits(world):
    """What must hold."""
    return (
        Limit("memory", "memory of an index node", "GB", at_most=world.node_gb),
        Limit("p99", "p99 latency", "ms", at_most=world.p99_ms, latency=True),
        Limit(
            "p99", "p99 latency, a node lost", "ms", at_most=world.p99_ms, fault=True, latency=True
        ),
        Limit("ndcg", "NDCG@10, of scoring everything", "%", at_least=world.ndcg, ceiling=100),
        Limit("ndcg_fault", "NDCG@10, a node lost", "%", at_least=world.ndcg, ceiling=100),
        Limit("cost", "cost", "$ a month", at_most=world.budget),
    )


def hit_rate(d, world):
    """Share of the queries that the cache answers."""
    popularity, items = zipf(world.distinct_queries, world.zipf)
    return lru_hit_rate(popularity, d.cache_gb * 1e5, items) if d.cache_gb else 0.0


def scan_seconds(d, world):
    """Own work of one shard for one query."""
    return CALL + SCAN * d.probes * world.documents / world.lists / d.shards


def pair_seconds(d):
    """Cross-encoder's time for one query in a batch, without the launch."""
    return d.rerank_k / ENCODERS["pairs_per_second"][d.model]


def loads(d, world):
    """Offered load of each stage."""
    missed = world.qps * (1 - hit_rate(d, world))
    scan = missed * scan_seconds(d, world) / (CORES * d.replicas)
    rank = missed * RANK * d.rank_k / d.rankers
    rerank = missed * (LAUNCH / d.batch + pair_seconds(d)) / d.gpus
    return (
        Load("retrieve", scan, d.replicas, "replicas"),
        Load("rank", rank, d.rankers, "rankers"),
        Load("rerank", rerank, d.gpus, "gpus"),
    )


def kept(table, width):
    """Quality kept by a stage of this width, between the measured widths."""
    widths = [log(w) for w in TIMES["kept_by_width"][f"{table}_width"]]
    return float(np.interp(log(width), widths, TIMES["kept_by_width"][f"{table}_kept"]))


def facts(d, world):
    """Memory and quality, from the tables."""
    recall = TIMES["recall_by_probes"]
    found = float(np.interp(log(d.probes), np.log(recall["probes"]), recall["recall"]))
    model = ENCODERS["ndcg"][d.model] / max(ENCODERS["ndcg"].values())
    last = kept("rerank", min(d.rerank_k, d.rank_k))
    ndcg = 100 * found * kept("rank", d.rank_k) * last * model
    lost = 1 / d.shards if d.replicas == 1 else 0.0
    memory = world.documents * BYTES_PER_CODE / d.shards / 1e9
    return {"memory": memory, "ndcg": ndcg, "ndcg_fault": ndcg * (1 - lost)}


def lint(d, world):
    """Knobs that contradict each other."""
    if d.rerank_k > d.rank_k:
        return (f"rerank_k = {d.rerank_k} is more than the {d.rank_k} that rank_k lets through.",)
    return ()


def cost(d, world):
    """Dollars a month."""
    return {
        "cache": per_month("cache_gb", d.cache_gb),
        "index": per_month("node_index", d.shards * d.replicas),
        "rankers": per_month("cpu_core", d.rankers),
        "GPUs": per_month("gpu_v100", d.gpus),
    }


def retrieve(d, arrives, work, fault):
    """Every shard, each with its replicas' cores; with the fault the first has a node less."""
    whole_, less = CORES * d.replicas, CORES * (d.replicas - 1)
    if not fault or not less:  # without a replica nobody waits: those documents are just missing
        return fan_out(arrives, work[:, : max(1, d.shards - (fault and d.shards > 1))], whole_)
    hurt = servers(arrives, work[:, 0], less)
    if d.shards == 1:
        return hurt
    rest = fan_out(arrives, work[:, 1:], whole_)
    late = hurt.departs > rest.departs
    parts = [np.where(late, a, b) for a, b in zip(hurt[:4], rest[:4], strict=True)]
    return Passage(*parts, hurt.busy + rest.busy)


def simulate(d, world, seed, length, fault):
    """A second or two at the peak rate."""
    rng = streams(seed)
    arrives = poisson(world.qps, SECONDS * length, rng("arrivals"))
    miss = rng("cache").random(len(arrives)) >= hit_rate(d, world)
    n = int(miss.sum())
    work = service_times("lognormal", 1.0, (n, 40), rng("scan"), cv=0.25)[:, : d.shards]
    slow = rng("hiccups").random((n, 40))[:, : d.shards] < HICCUP
    work = scan_seconds(d, world) * work * np.where(slow, SLOWER, 1.0)
    rank = RANK * d.rank_k * service_times("lognormal", 1.0, n, rng("rank"), cv=0.1)
    table = LAUNCH + pair_seconds(d) * np.arange(1, d.batch + 1)
    answer = only(~miss, arrives, lambda a: servers(a, 0.001, 64))
    found = only(miss, arrives, lambda a: retrieve(d, a, work, fault))
    ranked = only(miss, found.departs, lambda a: servers(a, rank, d.rankers))
    final = only(
        miss,
        ranked.departs,
        lambda a: batching(a, table, timeout=d.batch_timeout_ms / 1e3, replicas=d.gpus),
    )
    total = np.where(miss, final.departs, answer.departs) - arrives
    stages = {"cache": answer, "retrieve": found, "rank": ranked, "rerank": final}
    keep = arrives > WARM_UP
    stages = {k: Passage(*(part[keep] for part in v[:4]), v.busy) for k, v in stages.items()}
    return Run({"p99": 1e3 * percentile(total[keep], 0.99)}, total[keep], stages)


def full_batch(s):
    """Seconds that a GPU works on a full batch."""
    return LAUNCH + pair_seconds(s.design) * s.design.batch


TRAPS = (
    Trap(
        "cross_encoder_on_everything",
        ("p99", "cost"),
        lambda s: s.design.rerank_k >= 200,
        "the cross-encoder reads hundreds of documents for each query. Its time grows with every "
        "one of them; let the tree ranker, 40 times cheaper, narrow the funnel first.",
    ),
    Trap(
        "index_does_not_fit",
        ("memory",),
        lambda s: True,
        "the index is cut into too few parts: 10 G codes of 64 bytes, each with an id of 8, are "
        "720 GB, and every part must fit into the memory of one node.",
    ),
    Trap(
        "batch_waits",
        ("p99",),
        lambda s: full_batch(s) > 0.1 and s.rho["rerank"] < 1 and s.design.rerank_k < 200,
        "the batch is sized for the GPU, not for the user: a full one takes longer than the whole "
        "budget of time. Past a few queries a batch gains little here.",
    ),
    Trap(
        "no_replica",
        ("ndcg_fault",),
        lambda s: s.design.replicas == 1 and "ndcg" not in s.missed,
        "each part of the index lies on one node only: when it dies, its documents are in no "
        "answer until it is back.",
    ),
    Trap(
        "no_room_for_the_loss",
        ("p99_fault",),
        lambda s: s.design.replicas > 1 and "p99" not in s.missed,
        "the replicas carry the load only while all of them live: the part that lost one queues, "
        "and every query waits for its slowest part.",
    ),
    Trap(
        "no_cache",
        ("p99", "cost"),
        lambda s: s.design.cache_gb < 10,
        "popular queries are computed again and again: queries follow Zipf's law, and a cache "
        "takes its share off every stage behind it.",
    ),
    Trap(
        "funnel_too_narrow",
        ("ndcg",),
        lambda s: s.design.rerank_k < 25,
        "the last stage sees too few documents: what the tree ranker leaves out the cross-encoder "
        "cannot bring back.",
    ),
    Trap(
        "weak_last_stage",
        ("ndcg",),
        lambda s: s.design.model in ("tinybert-2", "minilm-2"),
        "the smallest cross-encoders lose more quality than any width of the funnel can regain.",
    ),
    Trap(
        "few_lists",
        ("ndcg",),
        lambda s: s.design.probes < 24,
        "too few lists are visited: what retrieval does not find no ranker brings back.",
    ),
)
WRONG = {
    "cross_encoder_on_everything": {"rank_k": 1000, "rerank_k": 1000},
    "index_does_not_fit": {"shards": 5, "replicas": 8},
    "batch_waits": {"batch": 256, "batch_timeout_ms": 100},
    "no_replica": {"shards": 36, "replicas": 1},
    "no_room_for_the_loss": {"replicas": 2},
    "no_cache": {"cache_gb": 0},
    "funnel_too_narrow": {"rerank_k": 10},
    "weak_last_stage": {"model": "tinybert-2"},
    "few_lists": {"probes": 8},
}
QUESTIONS = (
    Question(
        "How many documents, and how large is each one's code?",
        "{documents:,.0f}, each a code of 64 bytes and an id of 8.",
        ("document", "index size", "corpus", "code"),
    ),
    Question(
        "How many queries a second at the peak?",
        "{qps:,.0f}.",
        ("qps", "how many queries", "a second", "per second", "traffic", "peak"),
    ),
    Question(
        "How fast must an answer be, and at which percentile?",
        "p99 of {p99_ms:g} ms.",
        ("latency", "fast", "p99", "percentile", "long may", "wait", "response time"),
    ),
    Question(
        "How is quality measured, and what is enough?",
        "NDCG@10, at least {ndcg:g} % of scoring every document with the best model.",
        ("ndcg", "quality", "relevance", "metric"),
    ),
    Question(
        "What must survive?",
        "The loss of one index node, unnoticed.",
        ("fail", "lost", "loss", "availab", "die", "fault", "survive"),
    ),
    Question("What may it cost?", "{budget:,.0f} $ a month.", ("cost", "budget", "money", "price")),
    Question(
        "How often do queries repeat?",
        "Zipf, exponent {zipf:g}, over {distinct_queries:,.0f} distinct ones.",
        ("repeat", "how often", "popular", "cache", "distinct"),
    ),
)

ESTIMATES = (
    Estimation("Memory of all codes and ids?", "GB", lambda w: w.documents * BYTES_PER_CODE / 1e9),
    Estimation(
        "Queries in flight at the peak, if each takes 70 ms?", "queries", lambda w: 0.07 * w.qps
    ),
    Estimation(
        "GPUs busy if every query sends 60 documents to a model of 2,500 documents a second?",
        "GPUs",
        lambda w: w.qps * 60 / 2500,
    ),
)

DRILL = Drill(
    design=SearchFunnel,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=125_870.0,
    facts=facts,
    loads=loads,
    lint=lint,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp(
            "Traffic doubles, and so does the budget.",
            {"qps": 20_000.0, "budget": 700_000.0},
            {"gpus": 240, "rankers": 120, "replicas": 5},
        ),
        FollowUp(
            "The budget falls to 200,000 $; NDCG of 92.5 % will do.",
            {"budget": 200_000.0, "ndcg": 92.5},
            {"model": "minilm-2", "gpus": 78, "probes": 112},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    measurements=(Measurement("ranking one document", "µs", RANK * 1e6, ranking_time),),
    fault="an index node lost",
    source="service_times.json",
)
