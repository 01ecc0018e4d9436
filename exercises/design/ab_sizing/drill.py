"""An experiment with two variants: how many users, for how long, judged how."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from mlsd_kit.curriculum.drills.arrivals import streams
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, whole
from mlsd_kit.curriculum.drills.drill import Drill, Estimation, FollowUp, Limit, Question, Run, Trap

EXPERIMENTS = 5000  # simulated per seed
SESSIONS, ALIKE = 3, 0.3  # sessions of a user in the experiment, and how alike they are (ICC)
CARRIED = 0.5  # share of the effect that is left if a user meets both variants
WORKDAY, WEEKEND = 1.1, 0.75  # the effect on a day, relative to its weekly mean
DAY, USER = 1500.0, 0.005  # dollars: a day's delay of the decision; a user in an experiment
PEEKING = ("at the end", "daily, stop at p < alpha", "daily, O'Brien-Fleming bounds")


@design
class AbSizing(Design):
    """An experiment: who is assigned, how many, how long, and the rule that decides."""

    assign_by: str = choice("what is assigned to a variant", "user", "session")
    analyse_by: str = choice("what counts as one observation", "user", "session")
    traffic: float = number("share of new users in the experiment", 1, 100, "%", usual=(50, 100))
    days: int = whole("days that it runs, from a Monday", 1, 60, usual=(10, 24))
    alpha: float = number("level of the test, two-sided", 0.001, 0.2, usual=(0.02, 0.06))
    correction: str = choice("for comparing several variants", "none", "Bonferroni")
    peeking: str = choice("when the result is looked at", *PEEKING)


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    base: float = 0.05
    effect: float = 0.02
    variants: int = 2
    users_a_day: float = 250_000.0
    days: float = 28.0
    budget: float = 50_000.0


def limits(world):
    """What must hold."""
    return (
        Limit("false", "false alarms, any variant", "%", at_most=6.0),
        Limit("power", "power", "%", at_least=78.0, ceiling=100),
        Limit("excess", "power, no more users than needed", "%", at_most=95.0),
        Limit("bias", "effect misjudged by", "%", at_most=2.0),
        Limit("days", "duration", "days", at_most=world.days),
        Limit("cost", "cost", "$", at_most=world.budget),
    )


def facts(d, world):
    """Duration, and the effect that it measures against that of a whole week on its own."""
    effect = [WORKDAY if day % 7 < 5 else WEEKEND for day in range(d.days)]
    measured = float(np.mean(effect)) * (CARRIED if d.assign_by == "session" else 1.0)
    return {"days": float(d.days), "bias": 100 * abs(measured - 1)}


def lint(d, world):
    """Knobs that contradict each other."""
    if d.assign_by == "session" and d.analyse_by == "user":
        return ("assign_by session, analyse_by user: a user has then met several variants.",)
    return ()


def users(d, world):
    """Users in all arms together."""
    return world.users_a_day * d.traffic / 100 * d.days


def cost(d, world):
    """Dollars, once: waiting for the decision, and users in an unfinished experiment."""
    return {"waiting": DAY * d.days, "users": USER * users(d, world)}


def observations(d, world):
    """Per arm and day: how many are counted, and how much more their mean varies than it seems."""
    people = world.users_a_day * d.traffic / 100 / (world.variants + 1)
    if d.analyse_by == "user":
        return people, 1.0
    cluster = 1 + (SESSIONS - 1) * ALIKE if d.assign_by == "user" else 1.0
    return people * SESSIONS, cluster


@cache
def paths():
    """Null distribution of max over j ≤ k of |S_j|, S a sum of normals: (paths, k = 1 ... 60)."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=(20_000, 60)), axis=1)
    return np.maximum.accumulate(np.abs(walk), axis=1)


def bounds(d, world):
    """The |z| that decides at each day."""
    level = d.alpha / (world.variants if d.correction == "Bonferroni" else 1)
    z = stats.norm.isf(level / 2)
    if d.peeking == PEEKING[0]:
        return np.append(np.full(d.days - 1, np.inf), z)
    if d.peeking == PEEKING[1]:
        return np.full(d.days, z)
    top = float(np.quantile(paths()[:, d.days - 1], 1 - level)) / np.sqrt(d.days)
    return top * np.sqrt(d.days / np.arange(1, d.days + 1))


def decided(d, world, rng, effects, experiments):
    """Share of the experiments in which each variant, and any, is declared different."""
    people, cluster = observations(d, world)
    sd = np.sqrt(world.base * (1 - world.base) / people * cluster)
    lift = world.base * np.asarray(effects) * (CARRIED if d.assign_by == "session" else 1.0)
    arms = rng.normal(scale=sd, size=(experiments, d.days, world.variants + 1))
    arms[..., 1:] += lift
    seen = np.arange(1, d.days + 1)[:, None]
    gap = np.cumsum(arms[..., 1:] - arms[..., :1], axis=1) / seen
    believed = np.sqrt(2 * world.base * (1 - world.base) / (people * seen))
    crossed = (np.abs(gap / believed) > bounds(d, world)[:, None]).any(axis=1)
    return crossed.mean(axis=0), crossed.any(axis=1).mean()


def simulate(d, world, seed, length, fault):
    """Thousands of experiments without an effect, and as many where one variant has it."""
    rng, n = streams(seed), int(EXPERIMENTS * length)
    none = np.zeros(world.variants)
    _, false = decided(d, world, rng("null"), none, n)
    found, _ = decided(d, world, rng("effect"), np.append(world.effect, none[1:]), n)
    power = 100 * float(found[0])
    return Run({"false": 100 * float(false), "power": power, "excess": power})


TRAPS = (
    Trap(
        "daily_peeking",
        ("false",),
        lambda s: s.design.peeking == PEEKING[1],
        "every look at p < alpha is another chance of a false alarm: {d.days} daily looks "
        "make several of one. Look once, or pay for looks with wider bounds.",
    ),
    Trap(
        "wrong_unit",
        ("false",),
        lambda s: s.design.assign_by == "user" and s.design.analyse_by == "session",
        "users were assigned and sessions are counted: the sessions of a user are alike, so there "
        "is less evidence than rows, and chance looks like an effect.",
    ),
    Trap(
        "both_variants",
        ("power", "bias"),
        lambda s: s.design.assign_by == "session",
        "a user who meets both variants carries one over into the other: what is left of the "
        "effect is half, and the experiment is blind to it.",
    ),
    Trap(
        "uncorrected_arms",
        ("false",),
        lambda s: (
            s.design.correction == "none"
            and s.design.peeking != PEEKING[1]
            and s.design.analyse_by == "user"
        ),
        "each variant brings its own chance of a false alarm: with several, the level must be "
        "shared between them.",
    ),
    Trap(
        "too_few_users",
        ("power",),
        lambda s: s.design.assign_by == "user",
        "the experiment is too small for the change that matters: if it finds nothing, nothing "
        "was learnt. Users needed grow with the square of 1 / effect.",
    ),
    Trap(
        "too_many_users",
        ("excess",),
        lambda s: s.design.analyse_by == "user",
        "it was decided long before it ends: the users after that learn nothing and meet an "
        "unfinished variant.",
    ),
    Trap(
        "a_trickle",
        ("days",),
        lambda s: s.design.traffic < 50,
        "so small a share of the traffic makes it last for months, in which the product changes.",
    ),
    Trap(
        "part_of_a_week",
        ("bias",),
        lambda s: s.design.assign_by == "user",
        "people behave otherwise on weekends: run whole weeks, or the mixture of days is part of "
        "the result.",
    ),
)
WRONG = {
    "daily_peeking": {"peeking": PEEKING[1]},
    "wrong_unit": {"analyse_by": "session"},
    "both_variants": {"assign_by": "session", "analyse_by": "session"},
    "uncorrected_arms": {"correction": "none", "traffic": 72},
    "too_few_users": {"traffic": 30},
    "too_many_users": {"days": 21, "traffic": 90, "alpha": 0.05},
    "a_trickle": {"days": 42, "traffic": 29},
    "part_of_a_week": {"days": 12, "traffic": 98},
}
QUESTIONS = (
    Question(
        "What is the rate today, and which change is worth finding?",
        "A rate of {base:.1%}, and {effect:.1%} of that.",
        ("base", "rate", "effect", "mde", "change"),
    ),
    Question(
        "How many variants are compared?",
        "{variants}, with one control.",
        ("variant", "arm"),
    ),
    Question("How many new users come a day?", "{users_a_day:,.0f}.", ("traffic", "user", "day")),
    Question(
        "What is assigned, and how often does a user come back?",
        "Users come about three times; their visits are alike.",
        ("unit", "session", "assign"),
    ),
    Question(
        "Who looks at the result, and when?",
        "Everybody, daily, unless the plan forbids it.",
        ("look", "peek", "stop", "early"),
    ),
    Question(
        "By when is the decision needed?",
        "Within {days:g} days; every day costs 1,500 $, of {budget:,.0f} in all.",
        ("how long", "deadline", "by when", "duration", "how many days"),
    ),
)

ESTIMATES = (
    Estimation(
        "Users an arm for one variant, level 0.05 two-sided, power 0.8?",
        "users",
        lambda w: 2 * 7.85 * w.base * (1 - w.base) / (w.base * w.effect) ** 2,
    ),
    Estimation(
        "Days for a million users in each arm, with all the traffic?",
        "days",
        lambda w: 1e6 * (w.variants + 1) / w.users_a_day,
    ),
)

DRILL = Drill(
    design=AbSizing,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=32_126.0,
    facts=facts,
    lint=lint,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp(
            "A change of 1.5 % already matters, and the budget grows by half.",
            {"effect": 0.015, "budget": 75_000.0},
            {"days": 21, "traffic": 90},
        ),
        FollowUp(
            "Two more variants are to be compared, and the budget doubles.",
            {"variants": 4, "budget": 100_000.0},
            {"days": 28, "traffic": 90},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    cost_unit="$",
    source="stated in the task; the z statistics of cumulative means, by simulation",
)
