"""A personal feed for a hundred million people: sources, ranking, freshness, cold items."""

import json
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from mlsd_kit.curriculum.drills.arrivals import poisson, service_times, streams
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, several, whole
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
from mlsd_kit.curriculum.drills.prices import per_hour, per_month
from mlsd_kit.curriculum.drills.stages import Passage, only, servers
from mlsd_kit.curriculum.drills.statistics import percentile

TIMES = json.loads(Path(__file__).with_name("service_times.json").read_text(encoding="utf-8-sig"))
RECALL, SOURCE, ASSUMED = TIMES["recall_percent"], TIMES["source_ms"], TIMES["assumed"]
RANK = TIMES["rank_us_per_item"]["value"] * 1e-6
OVERHEAD = 0.001  # a request's own work on a ranker's core, before its first item [s]
LISTS = {"nightly": 1440.0, "hourly": 60.0, "on request": 0.0}  # minutes between two rankings
WINDOW = {"nightly": 4 * 3600.0, "hourly": 3600.0}  # seconds in which everybody's list is made
SECONDS, WARM_UP = 0.5, 0.1
BUILD_CORE_HOURS = 100.0  # one build of the candidates' index
FEED_GB = 1000.0  # 100 M feeds of 10 kB


@design
class RecommendationFeed(Design):
    """A feed: when it is ranked, from what, how long it is kept."""

    lists: str = choice("when a user's feed is ranked", *LISTS)
    sources: tuple = several(
        "where candidates come from", "followed", "two-tower", "trending", "fresh"
    )
    candidates: int = whole("items that each source gives", 25, 2000, usual=(50, 500))
    rankers: int = whole("cores that rank", 1, 1000, usual=(100, 600))
    source_timeout_ms: float = number(
        "go on without a source after; 0: never", 0, 1000, "ms", (20, 300)
    )
    cache_ttl_min: float = number("how long a feed is shown again", 0, 1440, "min", usual=(0, 15))
    index_every_min: float = number(
        "new items enter the sources every", 1, 1440, "min", usual=(5, 60)
    )
    fresh_slots: float = number("share of the feed kept for new items", 0, 50, "%", usual=(2, 20))


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    users: float = 100e6
    qps: float = 35_000.0
    p99_ms: float = 200.0
    item_min: float = 30.0
    action_min: float = 10.0
    cold: float = 5.0
    relevance: float = 70.0
    budget: float = 30_000.0


def limits(world):
    """What must hold."""
    return (
        Limit("p99", "p99 latency", "ms", world.p99_ms, latency=True),
        Limit("p99", "p99 latency, a source slow", "ms", world.p99_ms, fault=True, latency=True),
        Limit("relevance", "liked items among the candidates", "%", at_least=world.relevance),
        Limit("item_min", "until a new item can be shown", "min", at_most=world.item_min),
        Limit("action_min", "until an action changes the feed", "min", at_most=world.action_min),
        Limit("cold", "impressions of items of the last day", "%", at_least=world.cold),
        Limit("cost", "cost", "$ a month", at_most=world.budget),
    )


def hit_rate(d):
    """Share of the requests that see the kept feed again.

    Four of five requests follow another one within the session, 4 minutes on average; the others
    come after 5 hours. One ranking is followed by ttl / gap requests that find it.
    """
    ttl = d.cache_ttl_min
    return 0.8 * ttl / (ttl + 4) + 0.2 * ttl / (ttl + 300)


def ranked(d):
    """Items that are ranked for one feed."""
    return d.candidates * len(d.sources)


def loads(d, world):
    """Offered load of the rankers: by requests, or by everybody within the window."""
    seconds = OVERHEAD + RANK * ranked(d)
    if d.lists == "on request":
        work = world.qps * (1 - hit_rate(d)) * seconds
    else:
        work = world.users * seconds / WINDOW[d.lists]
    return (Load("rank", work / d.rankers, d.rankers, "rankers"),)


def facts(d, world):
    """Freshness, from the intervals."""
    age = LISTS[d.lists] + d.cache_ttl_min
    return {"item_min": d.index_every_min + age, "action_min": age}


def shown(d, answered):
    """Relevance and share of new items, given which sources answered: (requests, sources)."""
    code = answered @ (1 << np.arange(len(d.sources)))
    codes, counts = np.unique(code, return_counts=True)
    widths = [log(width) for width in RECALL["candidates"]]
    slots = d.fresh_slots / 100
    relevance = cold = 0.0
    for each, share in zip(codes, counts / counts.sum(), strict=True):
        there = [source for i, source in enumerate(d.sources) if each >> i & 1]
        known = "+".join(s for s in ("followed", "two-tower", "trending") if s in there)
        relevance += share * float(np.interp(log(d.candidates), widths, RECALL[known]))
        organic = max((ASSUMED["organic_cold_percent"].get(s, 0.0) for s in there), default=0.0)
        cold += share * (100 * slots * ("fresh" in there) + (1 - slots) * organic)
    kept = ASSUMED["stale_kept"][d.lists] * (1 - slots * (1 - ASSUMED["fresh_slot_kept"]))
    return {"relevance": relevance * kept, "cold": cold}


def lint(d, world):
    """Knobs that contradict each other."""
    if not d.sources:
        return ("sources is empty: there is nothing to show.",)
    if d.fresh_slots and "fresh" not in d.sources:
        return ("fresh_slots keeps room for new items, and no source 'fresh' brings any.",)
    return ()


def cost(d, world):
    """Dollars a month."""
    builds = 30 * 1440 / d.index_every_min
    return {
        "rankers": per_month("cpu_core", d.rankers),
        "kept feeds": per_month("cache_gb", FEED_GB * min(1.0, d.cache_ttl_min / 60)),
        "index builds": builds * BUILD_CORE_HOURS * per_hour("cpu_core"),
    }


def gather(d, rng, arrives, fault):
    """All sources at once, none longer than the timeout: the passage, and who answered."""
    n = len(arrives)
    took = np.empty((n, len(d.sources)))
    for i, source in enumerate(d.sources):
        took[:, i] = service_times("lognormal", SOURCE[source] / 1e3, n, rng(source), cv=0.5)
    own = took.max(axis=1)
    took[:, 0] += SOURCE["slow"] / 1e3 * fault
    limit = d.source_timeout_ms / 1e3 or np.inf
    wait = np.minimum(took.max(axis=1), limit)
    work = np.minimum(own, wait)
    passage = Passage(arrives + wait, wait - work, np.zeros(n), work, float(work.sum()))
    return passage, took <= limit


def simulate(d, world, seed, length, fault):
    """Half a second at the peak; with the fault the first source named answers slowly."""
    rng = streams(seed)
    arrives = poisson(world.qps, SECONDS * length, rng("arrivals"))
    n = len(arrives)
    read = service_times("lognormal", 0.005, n, rng("store"), cv=0.5)
    user = Passage(arrives + read, np.zeros(n), np.zeros(n), read, float(read.sum()))
    stages, departs = {"user": user}, user.departs
    answered = np.ones((1, len(d.sources)), dtype=bool)
    if d.lists == "on request":
        miss = rng("cache").random(n) >= hit_rate(d)
        factor = service_times("lognormal", 1.0, n, rng("rank"), cv=0.3)
        work = ((OVERHEAD + RANK * ranked(d)) * factor)[miss]
        inner, answered = gather(d, rng, user.departs[miss], fault)
        found = only(miss, user.departs, lambda a: inner)
        final = only(miss, found.departs, lambda a: servers(a, work, d.rankers))
        stages |= {"sources": found, "rank": final}
        departs = final.departs
    total = departs - arrives
    keep = arrives > WARM_UP * length
    stages = {k: Passage(*(part[keep] for part in v[:4]), v.busy) for k, v in stages.items()}
    values = {"p99": 1e3 * percentile(total[keep], 0.99), **shown(d, answered)}
    return Run(values, total[keep], stages)


TRAPS = (
    Trap(
        "precomputed_only",
        ("item_min", "action_min"),
        lambda s: s.design.lists != "on request" and s.design.cache_ttl_min < 60,
        "everybody's feed is made ahead of time: nothing that happens until the next round, "
        "neither a new item nor what the user just did, can change it.",
    ),
    Trap(
        "kept_for_a_day",
        ("item_min", "action_min"),
        lambda s: s.design.cache_ttl_min >= 60,
        "a kept feed is an old feed: its age adds to everything that should be fresh. Minutes "
        "already save the repeats within a session.",
    ),
    Trap(
        "one_source",
        ("relevance",),
        lambda s: len([each for each in s.design.sources if each != "fresh"]) <= 1,
        "one source finds one kind of item, and what it does not propose nobody ranks: sources "
        "are complements.",
    ),
    Trap(
        "ranks_too_many",
        ("p99", "cost"),
        lambda s: ranked(s.design) >= 3000 and s.rho["rank"] >= 1,
        "thousands of items are ranked for a page of twenty: work grows with every candidate, "
        "relevance hardly any more.",
    ),
    Trap(
        "gives_up_too_soon",
        ("relevance",),
        lambda s: 0 < s.design.source_timeout_ms < 35 and s.design.lists == "on request",
        "the timeout cuts off sources that are merely at work: what they would have proposed is "
        "missing from the feed. Set it above what a source needs on a normal day.",
    ),
    Trap(
        "waits_for_every_source",
        ("p99_fault",),
        lambda s: "p99" not in s.missed and not 0 < s.design.source_timeout_ms < s.world.p99_ms,
        "one slow source holds up every feed: rank what has come, and go on without the rest.",
    ),
    Trap(
        "no_room_for_the_new",
        ("cold",),
        lambda s: not s.design.fresh_slots,
        "sources that learn from behaviour cannot propose what nobody has seen: new items need a "
        "source and places of their own.",
    ),
    Trap(
        "too_few_places",
        ("cold",),
        lambda s: 0 < s.design.fresh_slots < s.world.cold,
        "new items have a source and places of their own, but too few places: hardly any other "
        "impression is of a new item, so the share kept for them is about all that they get.",
    ),
    Trap(
        "index_once_a_day",
        ("item_min",),
        lambda s: s.design.index_every_min > s.world.item_min,
        "new items enter the index too rarely: until the next build they do not exist.",
    ),
    Trap(
        "index_all_the_time",
        ("cost",),
        lambda s: s.design.index_every_min <= 3,
        "the whole index is built anew every few minutes; builds are paid by the piece.",
    ),
)
WRONG = {
    "precomputed_only": {"lists": "nightly"},
    "kept_for_a_day": {"cache_ttl_min": 1440},
    "one_source": {"sources": ("two-tower", "fresh")},
    "ranks_too_many": {"candidates": 2000},
    "waits_for_every_source": {"source_timeout_ms": 0},
    "gives_up_too_soon": {"source_timeout_ms": 15},
    "no_room_for_the_new": {"fresh_slots": 0},
    "too_few_places": {"fresh_slots": 2},
    "index_once_a_day": {"index_every_min": 1440},
    "index_all_the_time": {"index_every_min": 1},
}
QUESTIONS = (
    Question(
        "How many users, and how many requests at the peak?",
        "{users:,.0f} a day, {qps:,.0f} requests a second.",
        ("user", "qps", "peak", "traffic"),
    ),
    Question(
        "How fast must the feed appear?",
        "p99 of {p99_ms:g} ms, also while one source is slow.",
        ("latency", "fast", "p99", "ms", "long may", "wait", "response time"),
    ),
    Question(
        "How fresh must it be?",
        "A new item within {item_min:g} minutes, an action of the user within {action_min:g}.",
        ("fresh", "how soon", "recent", "stale", "old may", "new item"),
    ),
    Question(
        "What about items that nobody has seen?",
        "{cold:g} % of the impressions go to them.",
        ("cold", "explor", "creator", "nobody", "seen"),
    ),
    Question(
        "How is relevance measured?",
        "Liked items among the candidates, at least {relevance:g} %.",
        ("relevan", "metric", "quality", "recall", "engage"),
    ),
    Question(
        "What may it cost?",
        "{budget:,.0f} $ a month for ranking, kept feeds and index builds.",
        ("cost", "budget", "money"),
    ),
)

ESTIMATES = (
    Estimation(
        "Cores busy if every request ranks 600 items at 9.5 µs, plus 1 ms?",
        "cores",
        lambda w: w.qps * (0.001 + 600 * 9.5e-6),
    ),
    Estimation(
        "Cores to rank 600 items for everybody within four hours at night?",
        "cores",
        lambda w: w.users * (0.001 + 600 * 9.5e-6) / 14_400,
    ),
    Estimation("Memory of a kept feed of 10 kB for everybody?", "GB", lambda w: w.users * 1e-5),
)

DRILL = Drill(
    design=RecommendationFeed,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=12_077.0,
    facts=facts,
    loads=loads,
    lint=lint,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp(
            "The peak doubles, and the budget grows by half.",
            {"qps": 70_000.0, "budget": 45_000.0},
            {"rankers": 440},
        ),
        FollowUp(
            "News: a new item must be visible within 8 minutes; the budget doubles.",
            {"item_min": 8.0, "action_min": 5.0, "budget": 60_000.0},
            {"index_every_min": 5, "cache_ttl_min": 2},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    measurements=(Measurement("ranking one item", "µs", RANK * 1e6, ranking_time),),
    fault="the first source slow",
    source="service_times.json",
)
