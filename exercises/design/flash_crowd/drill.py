"""A flash crowd: an image service that scales itself through a day, a spike and a lost zone."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mlsd_kit.curriculum.drills.arrivals import diurnal, poisson, service_times, streams, varying
from mlsd_kit.curriculum.drills.autoscaling import Autoscaler, autoscale
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, whole
from mlsd_kit.curriculum.drills.drill import Drill, Estimation, FollowUp, Load, Question, Run, Trap
from mlsd_kit.curriculum.drills.limits import Limit
from mlsd_kit.curriculum.drills.prices import per_hour
from mlsd_kit.curriculum.drills.stages import Passage
from mlsd_kit.curriculum.drills.statistics import percentile

DAY = 86_400.0
PEAK = DAY / 2  # the clock starts in the quietest hour
BEFORE, AFTER, WARM_UP = 3600.0, 7200.0, 900.0  # the evening, around the coming of the crowd
NIGHTS, MINUTES = 40, 120.0  # losses in the quietest hour, and the seconds after each
RAMP, FADE = 30.0, 300.0  # the crowd comes within, and goes with this time constant [s]
COLD = {"pull": 90.0, "disk": 35.0, "snapshot": 12.0}  # seconds until a replica answers
RESTORE = {"pull": 0.0, "disk": 8.0, "snapshot": 25.0}  # dollars a day


@design
class FlashCrowd(Design):
    """An autoscaler: what it looks at, how often, and what it may do."""

    signal: str = choice("what it keeps at the target", "utilisation", "concurrency")
    target: float = number("busy share of a replica that it aims at", 0.1, 0.95, usual=(0.3, 0.95))
    fewest: int = whole("replicas that always run", 1, 100, usual=(1, 16))
    most: int = whole("replicas that it may start", 1, 400, usual=(20, 200))
    tick_s: float = number("how often it looks", 5, 120, "s", usual=(5, 90))
    start: str = choice("how a replica starts", *COLD)
    scale_in_after_s: float = number("how long fewer must do", 5, 3600, "s", usual=(5, 1200))


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    mean_rate: float = 1.0
    peak_to_mean: float = 1.6
    spike: float = 8.0
    spike_seconds: float = 600.0
    service: float = 1.5
    late_ms: float = 10_000.0
    night: float = 2.0
    lost: float = 0.5
    lost_after: float = 60.0
    budget: float = 150.0


def limits(world):
    """What must hold."""
    late = {"at_most": world.late_ms, "latency": True}
    return (
        Limit("p995", "99.5th percentile of a day's latency", "ms", **late),
        Limit("p995", "99.5th percentile, half of the replicas lost", "ms", fault=True, **late),
        Limit(
            "night",
            "late in the two minutes after such a loss at night",
            "%",
            at_most=world.night,
            fault=True,
        ),
        Limit("cost", "cost", "$ a day", at_most=world.budget),
    )


def evening_rate(world):
    """Requests a second at the daily peak."""
    return world.mean_rate * world.peak_to_mean


def arrivals(world, rng):
    """The evening: the daily cycle around its peak, and a crowd that comes unannounced."""
    peak, cycle = evening_rate(world), diurnal(world.mean_rate, world.peak_to_mean)
    calm = varying(lambda t: cycle(PEAK - BEFORE + t), peak, BEFORE + AFTER, rng("cycle"))
    extra, lasts = peak * (world.spike - 1), world.spike_seconds

    def crowd(t):
        return extra * np.minimum(1.0, t / RAMP) * np.exp(-np.maximum(0.0, t - lasts) / FADE)

    spike = varying(crowd, extra, lasts + 6 * FADE, rng("spike"))
    return np.sort(np.append(calm, BEFORE + spike))


def scaler(d):
    """The controller that the knobs describe."""
    return Autoscaler(
        target=d.target,
        fewest=d.fewest,
        most=d.most,
        tick=d.tick_s,
        cold_start=COLD[d.start],
        scale_in_after=d.scale_in_after_s,
        sees_queue=d.signal == "concurrency",
    )


@lru_cache(maxsize=16)
def load(world, seed):
    """Arrivals and service times of an evening: the same for every design."""
    rng = streams(seed)
    arrives = arrivals(world, rng)
    return arrives, service_times("lognormal", world.service, arrives.size, rng("work"), cv=0.3)


@lru_cache(maxsize=16)
def evening(d, world, seed, fault):
    """The evening, request by request."""
    losses = ((BEFORE + world.lost_after, world.lost),) if fault else ()
    # the crowd comes just after a look: nobody may count on the next one
    return autoscale(*load(world, seed), scaler(d), losses, looks_at=BEFORE)


@lru_cache(maxsize=16)
def nights(world, seed):
    """The minutes after a loss in the quietest hour, a request at its moment: several nights."""
    found, rate = [], world.mean_rate * (2 - world.peak_to_mean)
    for night in range(NIGHTS):
        rng = streams(seed + 1000 * night)
        arrives = np.append(0.0, poisson(rate, MINUTES, rng("night")))
        work = service_times("lognormal", world.service, arrives.size, rng("work"), cv=0.3)
        found.append((arrives, work))
    return found


@lru_cache(maxsize=64)
def late_at_night(d, world, seed, fault):
    """Late answers there [%], while no more replicas run than must, and just after a look."""
    losses = ((0.0, world.lost),) if fault else ()
    runs = [(a, autoscale(a, s, scaler(d), losses, looks_at=0.0)) for a, s in nights(world, seed)]
    late = [1e3 * (run.passage.departs - a) > world.late_ms for a, run in runs]
    return 100 * float(np.concatenate(late).mean())


def simulate(d, world, seed, length, fault):
    """Evenings: the horizon is their number, since traffic must not be thinned."""
    seeds = [seed + 100 * more for more in range(max(1, round(length)))]
    runs = [evening(d, world, each, fault).passage for each in seeds]
    arrives = [load(world, each)[0] for each in seeds]
    keep = np.concatenate(arrives) > WARM_UP
    total = np.concatenate([r.departs - a for r, a in zip(runs, arrives, strict=True)])[keep]
    whole_day = len(seeds) * world.mean_rate * DAY  # the rest of the day is answered in time
    late = 1 - 0.005 * whole_day / total.size
    parts = [np.concatenate(part)[keep] for part in list(zip(*runs, strict=True))[:4]]
    passage = Passage(*parts, sum(run.busy for run in runs))
    night = float(np.mean([late_at_night(d, world, each, fault) for each in seeds]))
    values = {"p995": 1e3 * percentile(total, late), "night": night}
    return Run(values, total, {"replicas": passage})


@lru_cache(maxsize=16)
def calm(world, block):
    """An hour from the middle of a third of the calm day: arrivals and service times."""
    rng, third = streams(block), (DAY - BEFORE - AFTER) / 3
    begins = PEAK + AFTER + (block + 0.5) * third - 1800.0
    rate = diurnal(world.mean_rate, world.peak_to_mean)
    arrives = varying(lambda t: rate(begins + t), evening_rate(world), 3600.0, rng("calm"))
    return arrives, service_times("lognormal", world.service, arrives.size, rng("work"), cv=0.3)


def calm_hours(d, world):
    """Replica-hours of the day without its evening: three hours of it, seven times each."""
    hours = [autoscale(*calm(world, block), scaler(d)) for block in range(3)]
    each = (DAY - BEFORE - AFTER) / 3 / 3600
    per_hour = [hour.paid / (hour.time[-1] - hour.time[0] + d.tick_s) for hour in hours]
    return float(each * sum(per_hour))


def loads(d, world):
    """Offered load while the crowd lasts, with every replica that may be started."""
    rho = evening_rate(world) * world.spike * world.service / d.most
    return (Load("replicas", rho, d.most, "most"),)


def lint(d, world):
    """Knobs that contradict each other."""
    if d.fewest > d.most:
        return (f"fewest = {d.fewest} is more than most = {d.most}.",)
    return ()


def cost(d, world):
    """Dollars a day, cold starts included."""
    hours = calm_hours(d, world) + evening(d, world, 1, False).paid / 3600
    return {"GPU replicas": hours * per_hour("gpu_small"), "fast start": RESTORE[d.start]}


def capped(s):
    """The cap binds: with as many replicas as asked for the late requests would come far sooner."""
    if not 0.6 < s.rho["replicas"] < 1:
        return s.rho["replicas"] >= 1
    fault = "p995" not in s.missed
    free = simulate(s.design.but(most=400), s.world, 1, 1.0, fault).values["p995"]
    now = simulate(s.design, s.world, 1, 1.0, fault).values["p995"]
    return free < 0.85 * now


TRAPS = (
    Trap(
        "hot_target",
        ("p995", "p995_fault"),
        lambda s: s.design.signal == "utilisation" and s.design.target >= 0.8,
        "the target leaves no room: at 90 % busy a full service asks for a ninth more replicas "
        "each time it looks, and every small swing of the load is already a queue.",
    ),
    Trap(
        "saturated_signal",
        ("p995", "p995_fault"),
        lambda s: s.design.signal == "utilisation" and s.design.target < 0.8,
        "utilisation ends at 100 %: a service that is eight times overloaded looks like one that "
        "is just full, and grows in steps, a cold start each. Waiting requests tell how far off "
        "it is.",
    ),
    Trap(
        "slow_start",
        ("p995", "p995_fault"),
        lambda s: COLD[s.design.start] >= 90,
        "a replica that pulls its image and weights first answers after 90 s: the crowd has come "
        "within 30, so a minute and a half of it waits.",
    ),
    Trap(
        "flapping",
        ("p995", "p995_fault", "cost"),
        lambda s: s.design.scale_in_after_s < 60,
        "replicas are let go after a few calm seconds and started again at the next busy ones: "
        "each time somebody waits for the cold start.",
    ),
    Trap(
        "slow_look",
        ("p995", "p995_fault"),
        lambda s: s.design.tick_s >= 45,
        "the controller looks too rarely: before it even sees the crowd, a minute of it is in "
        "the queue.",
    ),
    Trap(
        "capped",
        ("p995", "p995_fault"),
        capped,
        "most is a cap for the bill that caps the answer: the crowd keeps nearly that many "
        "replicas busy, so what queued before they started is never worked off.",
    ),
    Trap(
        "no_room_for_the_loss",
        ("p995_fault",),
        lambda s: "p995" not in s.missed and s.design.most < 60,
        "with most started, half of them are not enough: the cap must leave room for what is lost, "
        "since the lost ones are replaced a cold start later.",
    ),
    Trap(
        "one_at_night",
        ("night_fault",),
        lambda s: s.design.fewest == 1,
        "half of one replica, rounded up, is the whole service: nobody is served until the "
        "controller looks again and a cold start is over.",
    ),
    Trap(
        "always_for_the_crowd",
        ("cost",),
        lambda s: s.design.fewest >= 12,
        "replicas for a crowd of minutes run all day: pay for them when they are needed, and for "
        "a start fast enough that they may come late.",
    ),
    Trap(
        "idle_target",
        ("cost",),
        lambda s: s.design.target < 0.3,
        "each replica is kept mostly idle, day and night: room for a crowd that comes once.",
    ),
)
WRONG = {
    "hot_target": {"signal": "utilisation", "target": 0.9},
    "saturated_signal": {"signal": "utilisation"},
    "slow_start": {"fewest": 2, "start": "pull"},
    "flapping": {"scale_in_after_s": 10},
    "slow_look": {"tick_s": 60},
    "capped": {"most": 22},
    "no_room_for_the_loss": {"most": 40},
    "one_at_night": {"fewest": 1, "tick_s": 44, "start": "snapshot"},
    "always_for_the_crowd": {"fewest": 40},
    "idle_target": {"target": 0.15},
}
QUESTIONS = (
    Question(
        "How many requests, by day and by night?",
        "{mean_rate:g} a second on average; {peak_to_mean:g} times that in the evening.",
        ("requests", "rate", "traffic", "qps", "load"),
    ),
    Question(
        "How large can a crowd be, and how fast does it come?",
        "{spike:g} times the evening, within 30 s, for {spike_seconds:g} s; unannounced, and right "
        "after a look of the controller.",
        ("spike", "crowd", "burst", "sudden", "does it come"),
    ),
    Question(
        "How long does one request take?",
        "{service:g} s of one replica.",
        ("service time", "one request", "request take", "processing", "inference"),
    ),
    Question(
        "How fast must an answer be, and for which share?",
        "99.5 % of a day's requests within {late_ms:,.0f} ms.",
        (
            "latency",
            "slo",
            "percentile",
            "fast",
            "p99",
            "answer",
            "long may",
            "wait",
            "may be late",
            "response time",
        ),
    ),
    Question(
        "How long until a new replica answers?",
        "90 s with everything pulled, 35 s with the weights on a local disk, 12 s from a snapshot.",
        ("cold", "start", "new replica", "warm"),
    ),
    Question(
        "What must survive?",
        "Half of the replicas, rounded up, are lost {lost_after:g} s after the crowd began to "
        "come, or in the quietest hour, just after a look, while no more run than must: then at "
        "most {night:g} % of the requests of the next two minutes may be late.",
        ("fail", "zone", "lost", "fault", "survive", "availab"),
    ),
    Question(
        "What may it cost, and what does a replica cost?",
        f"{{budget:,.0f}} $ a day; a replica {per_hour('gpu_small'):.2f} $ an hour.",
        ("cost", "budget", "money", "price"),
    ),
)
ESTIMATES = (
    Estimation(
        "Replicas that the crowd keeps busy?",
        "replicas",
        lambda w: evening_rate(w) * w.spike * w.service,
    ),
    Estimation(
        "Requests of a day that may be late?",
        "requests",
        lambda w: 0.005 * w.mean_rate * DAY,
    ),
    Estimation(
        "Requests of the crowd in its first 45 s (a look, and a cold start from disk)?",
        "requests",
        lambda w: evening_rate(w) * w.spike * (45 - RAMP / 2),
        within=1.6,
    ),
)

DRILL = Drill(
    design=FlashCrowd,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=85.7,
    loads=loads,
    lint=lint,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp(
            "The next crowd is twice as large; the budget grows to 170 $.",
            {"spike": 16.0, "budget": 170.0},
            {"start": "snapshot", "most": 160},
        ),
        FollowUp(
            "The budget falls to 110 $ a day.",
            {"budget": 110.0},
            {"target": 0.75, "fewest": 2, "scale_in_after_s": 90},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    fault="half of the replicas lost",
    cost_unit="$ a day",
    source="stated in the task",
)
