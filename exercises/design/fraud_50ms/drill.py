"""Card fraud decided within 50 ms, through bursts, while a feature node stalls."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlsd_kit.curriculum.drills.arrivals import service_times, streams, varying
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
from mlsd_kit.curriculum.drills.prices import per_month
from mlsd_kit.curriculum.drills.stages import Passage, servers
from mlsd_kit.curriculum.drills.statistics import percentile

TIMES = json.loads(Path(__file__).with_name("service_times.json").read_text(encoding="utf-8-sig"))
RECALL, SCORE, READ = TIMES["recall_percent"], TIMES["score_ms"], TIMES["read"]
SETS = {"payment": 0, "payment+card": 1, "payment+card+terminal": 2}  # reads from the store
GB = {"payment": 0, "payment+card": 200, "payment+card+terminal": 300}
SECONDS, BURST = 5.0, (2.0, 3.0)  # the horizon, and the second with the burst in it
REVIEW, SUSPICIOUS = 120.0, 0.02  # a person's seconds, and the share of payments they look at


@design
class Fraud50ms(Design):
    """A scoring service: what it reads, how it waits, what it does when reading fails."""

    features: str = choice("what the model knows", *SETS)
    model: str = choice("what scores a payment", "rules", "logistic", "trees")
    scorers: int = whole("cores that score", 1, 100, usual=(10, 40))
    feature_nodes: int = whole("nodes of the feature store", 1, 60, usual=(11, 17))
    copies: int = whole("nodes that hold each feature", 1, 3, usual=(2, 3))
    feature_timeout_ms: float = number("give up reading after; 0: never", 0, 500, "ms", (5, 40))
    hedge_after_ms: float = number("ask another copy after; 0: never", 0, 100, "ms", (0, 15))
    fallback: str = choice("if reading fails", "decline", "rules", "payment model")
    review: str = choice("a person looks at the 2 % most suspicious", "afterwards", "before")


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    tps: float = 2000.0
    burst: float = 3.0
    p99_ms: float = 50.0
    recall: float = 50.0
    lost: float = 2.0
    available: float = 99.95
    node_gb: float = 55.0
    budget: float = 10_000.0


def limits(world):
    """What must hold."""
    decided = f"decided within {world.p99_ms:g} ms, a node stalled"
    least = world.available
    return (
        Limit("memory", "memory of a feature node", "GB", at_most=world.node_gb),
        Limit("p99", "p99 latency, burst included", "ms", at_most=world.p99_ms, latency=True),
        Limit("recall", "recall at 0.1 % false alarms", "%", at_least=world.recall),
        Limit("lost", "recall lost, a node stalled", "points", at_most=world.lost, fault=True),
        Limit("decided", decided, "%", None, least, ceiling=100, fault=True, latency=True),
        Limit("cost", "cost", "$ a month", at_most=world.budget),
    )


def loads(d, world):
    """Offered load on average: bursts are not in it."""
    rho = world.tps * SCORE[d.model] / 1e3 / d.scorers
    return (Load("score", rho, d.scorers, "scorers"),)


def facts(d, world):
    """Memory of a node."""
    return {"memory": GB[d.features] * d.copies / d.feature_nodes}


def lint(d, world):
    """Knobs that contradict each other."""
    if d.hedge_after_ms and d.copies == 1:
        return ("hedge_after_ms asks another copy, and copies = 1: there is none.",)
    if d.hedge_after_ms and 0 < d.feature_timeout_ms <= d.hedge_after_ms:
        return ("hedge_after_ms is not below feature_timeout_ms: the second copy is never asked.",)
    if d.copies > d.feature_nodes:
        return (f"{d.copies} copies need as many nodes, there are {d.feature_nodes}.",)
    return ()


def cost(d, world):
    """Dollars a month."""
    return {
        "feature store": per_month("node_store", d.feature_nodes),
        "scorers": per_month("cpu_core", d.scorers),
    }


def reads(d, rng, n, fault):
    """Milliseconds of each read of each payment, two copies: (payments, sets, copies)."""
    shape = (n, 2, 2)
    own = service_times("lognormal", READ["mean_ms"], shape, rng("read"), cv=READ["cv"])
    paused = rng("pauses").random(shape) < READ["paused"]
    took = own + paused * rng("pause").uniform(*READ["pause_ms"], shape)
    place = rng("place").random((n, 2))  # which node: the copies lie on different ones
    first = (place * d.feature_nodes).astype(int)
    if fault:
        took[..., 0] += (first == 0) * READ["stalled_ms"]
        took[..., 1] += (first == d.feature_nodes - 1) * READ["stalled_ms"] * (d.feature_nodes > 1)
    kept = slice(0, SETS[d.features])
    return took[:, kept], own[:, kept, 0]


def fetch(d, rng, arrives, fault):
    """The passage through the store, and whose features did not come."""
    n = len(arrives)
    if not SETS[d.features]:
        nothing = np.zeros(n)
        return Passage(arrives.copy(), nothing, nothing, nothing, 0.0), nothing > 0
    took, own = reads(d, rng, n, fault)
    wait = took[..., 0]
    if d.hedge_after_ms:
        wait = np.minimum(wait, d.hedge_after_ms + took[..., 1])
    wait, own = wait.max(axis=1), own.max(axis=1)
    failed = (wait > d.feature_timeout_ms) & (d.feature_timeout_ms > 0)
    wait = np.where(failed, d.feature_timeout_ms, wait) / 1e3
    work = np.minimum(own / 1e3, wait)
    return Passage(arrives + wait, wait - work, np.zeros(n), work, float(work.sum())), failed


def simulate(d, world, seed, length, fault):
    """Five seconds, one of them at the burst's rate; the mean is as given."""
    rng, seconds = streams(seed), SECONDS * length
    start, end = (each * length for each in BURST)
    high = world.burst * world.tps
    base = (world.tps * SECONDS - high * (BURST[1] - BURST[0])) / (SECONDS - BURST[1] + BURST[0])
    rate = lambda t: np.where((t >= start) & (t < end), high, base)  # noqa: E731
    arrives = varying(rate, high, seconds, rng("arrivals"))
    n = len(arrives)
    read, failed = fetch(d, rng, arrives, fault)
    work = service_times("lognormal", SCORE[d.model] / 1e3, n, rng("score"), cv=0.3)
    scored = servers(read.departs, work, d.scorers)
    stages = {"features": read, "score": scored}
    departs = scored.departs
    if d.review == "before":
        looked = (rng("review").random(n) < SUSPICIOUS) * REVIEW
        nothing = np.zeros(n)
        stages["review"] = Passage(departs + looked, nothing, nothing, looked, float(looked.sum()))
        departs = departs + looked
    total = departs - arrives
    decided = (total <= world.p99_ms / 1e3) & ~(failed & (d.fallback == "decline"))
    full = RECALL[d.model][d.features]
    spare = {"decline": 0.0, "rules": RECALL["rules"]["payment"]}
    poor = min(spare.get(d.fallback, RECALL["logistic"]["payment"]), full)
    share = failed.mean()
    values = {
        "p99": 1e3 * percentile(total, 0.99),
        "decided": 100 * float(decided.mean()),
        "recall": float(full * (1 - share) + poor * share),
        "lost": float((full - poor) * share),
    }
    return Run(values, total, stages)


def burst_load(s):
    """Offered load of the scorers during the burst."""
    return s.world.burst * s.rho["score"]


TRAPS = (
    Trap(
        "no_timeout",
        ("p99", "decided_fault"),
        lambda s: (
            SETS[s.design.features] > 0
            and not 0 < s.design.feature_timeout_ms < s.world.p99_ms
            and not s.design.hedge_after_ms
        ),
        "nobody stops waiting for a node that does not answer: every payment whose features lie "
        "there hangs with it. A read needs a limit well below the 50 ms.",
    ),
    Trap(
        "no_fallback",
        ("decided_fault",),
        lambda s: s.design.fallback == "decline" and s.design.feature_timeout_ms > 0,
        "a payment whose features do not come is declined: customers who did nothing wrong stand "
        "at the till. A weaker model that needs no features decides better than none.",
    ),
    Trap(
        "sized_for_the_mean",
        ("p99", "decided_fault"),
        lambda s: s.rho["score"] < 1 <= burst_load(s),
        "the scorers carry the average, and the burst is three times the average: while it lasts "
        "the queue only grows.",
    ),
    Trap(
        "review_in_the_path",
        ("p99", "decided_fault"),
        lambda s: s.design.review == "before",
        "a person takes minutes and the payment has 50 ms: decide now, review afterwards, and use "
        "what the reviewer finds as a label.",
    ),
    Trap(
        "no_terminal_features",
        ("recall",),
        lambda s: s.design.features != "payment+card+terminal" and s.design.model != "rules",
        "most frauds here come from terminals taken over: without their recent past no model "
        "finds them.",
    ),
    Trap(
        "one_copy",
        ("lost_fault",),
        lambda s: "recall" not in s.missed and not s.design.hedge_after_ms,
        "the store has no second place to ask, or nobody asks there: for every payment that "
        "needs the stalled node the model is blind.",
    ),
    Trap(
        "features_do_not_fit",
        ("memory",),
        lambda s: True,
        "the features, times their copies, do not fit into the memory of so few nodes.",
    ),
    Trap(
        "rules_only",
        ("recall",),
        lambda s: s.design.model == "rules",
        "one rule on the amount finds a fifth of the frauds: the others look ordinary one by one.",
    ),
)
WRONG = {
    "no_timeout": {"feature_timeout_ms": 0, "hedge_after_ms": 0},
    "no_fallback": {"fallback": "decline"},
    "sized_for_the_mean": {"scorers": 6},
    "review_in_the_path": {"review": "before"},
    "no_terminal_features": {"features": "payment+card"},
    "one_copy": {"copies": 1, "hedge_after_ms": 0},
    "features_do_not_fit": {"feature_nodes": 6},
    "rules_only": {"model": "rules"},
}
QUESTIONS = (
    Question(
        "How many payments a second, and how large are the bursts?",
        "{tps:,.0f} on average, {burst:g} times that for a second.",
        ("tps", "a second", "per second", "payments", "burst", "peak", "traffic"),
    ),
    Question(
        "How fast must a payment be decided?",
        "p99 of {p99_ms:g} ms, bursts included.",
        ("latency", "fast", "ms", "p99", "long may", "wait", "decided", "response time"),
    ),
    Question(
        "What is a good model here?",
        "Recall at 0.1 % false alarms, at least {recall:g} %.",
        ("recall", "false", "metric", "precision", "good"),
    ),
    Question(
        "What if the feature store does not answer?",
        "{available:g} % must still be decided in time, {lost:g} points of recall may go.",
        ("fail", "stall", "availab", "fallback", "down", "not answer"),
    ),
    Question(
        "When do labels come?",
        "After a week; reviewers' findings sooner.",
        ("label", "delay", "feedback"),
    ),
    Question(
        "What may it cost?",
        "{budget:,.0f} $ a month for store and scorers.",
        ("cost", "budget", "money"),
    ),
    Question(
        "How much state does a card have, and how many cards are there?",
        "200 GB for cards, 100 GB for terminals, a copy.",
        ("card", "state", "memory", "size"),
    ),
)

ESTIMATES = (
    Estimation("Payments a second in a burst?", "payments/s", lambda w: w.tps * w.burst),
    Estimation(
        "Cores busy scoring in a burst, at 2.1 ms a payment?",
        "cores",
        lambda w: w.tps * w.burst * 0.0021,
    ),
    Estimation("Memory of two copies of all features?", "GB", lambda w: 2 * 300.0),
)

DRILL = Drill(
    design=Fraud50ms,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=6_880.0,
    facts=facts,
    loads=loads,
    lint=lint,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp("Payments double.", {"tps": 4000.0}, {"scorers": 42}),
        FollowUp(
            "Bursts are now nearly five times the average.",
            {"burst": 4.9},
            {"scorers": 32},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    own_work={
        "review": "a person cannot be made faster than the payment waits. Let them look afterwards."
    },
    fault="a feature node stalled",
    source="service_times.json",
)
