"""Drift and retraining: what to watch, when to retrain, and how to release, with late labels."""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from scipy import stats

from mlsd_kit.curriculum.drills.arrivals import streams
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, whole
from mlsd_kit.curriculum.drills.drill import Drill, Estimation, FollowUp, Question, Run, Trap
from mlsd_kit.curriculum.drills.limits import Limit
from mlsd_kit.curriculum.drills.prices import per_unit

RUNS, DAYS = 120, 180  # half-years simulated per seed
FEATURES = 40
SPREAD = 0.3  # standard deviation of the loss of one labelled row [nats]
JUMP, AGING = 0.02, 0.0001  # a drift's excess loss; what a model loses a day by ageing [nats]
NEEDED = 2500.0  # labels of the new world after which a new model has learnt 63 % of it
HARM = 0.005  # an alarm at less excess loss than this is a false one [nats]
SHIFT, HARMLESS, SEASONAL = 0.5, 0.05, 5  # standard deviations; features that a season moves
BINS = 10  # of the population stability index
BROKEN, BAD = 0.2, 0.2  # excess loss of a model from a broken batch; how often, in the fault run
UNDONE = 0.1  # days until a rollback has undone it
RETRAIN, ENGINEER, SHADOW = 60.0, 150.0, 5.0  # dollars: a training; an alarm looked into; a day
WATCH = {
    "nothing": 0.0,
    "each feature, p < 0.05": 0.05,
    "each feature, p < 0.05 / 40": 0.05 / FEATURES,
    "each feature, PSI > 0.1": 0.1,
}
RELEASES = ("at once", "at once, with rollback", "after a day in shadow")


@design
class DriftRetraining(Design):
    """Monitoring and retraining of one model in production."""

    watch: str = choice("the daily test of the 40 features against the training data", *WATCH)
    sample: int = whole("rows a day in that test", 50, 1_000_000, usual=(300, 20_000))
    labels: int = whole("labels bought a day, known at once", 0, 20_000, usual=(200, 1500))
    window: int = whole("days over which the loss on them is averaged", 1, 60, usual=(2, 10))
    alarm_at: float = number("alarm at so many standard errors", 1, 8, usual=(2, 4))
    retrain_hours: int = whole("hours between scheduled trainings", 1, 8760, usual=(72, 700))
    release: str = choice("how a new model goes live", *RELEASES)


@dataclass(frozen=True)
class World:
    """What the interviewer says."""

    rows: float = 20_000.0
    delay: int = 14
    hidden_every: float = 90.0
    visible_every: float = 180.0
    season_every: float = 30.0
    value: float = 50_000.0
    detect: float = 5.0
    regret: float = 220.0
    budget: float = 1800.0


def limits(world):
    """What must hold."""
    regret = {"at_most": world.regret}
    return (
        Limit("detect", "nine of ten drifts noticed within", "days", at_most=world.detect),
        Limit("false", "false alarms", "a month", at_most=1.0),
        Limit("regret", "lost by an outdated model", "$ a day", **regret),
        Limit("regret", "lost, a fifth of the batches broken", "$ a day", fault=True, **regret),
        Limit("cost", "cost", "$ a month", at_most=world.budget),
    )


def rings(d, shift):
    """Chance that the daily test of a feature rings that has moved by ``shift`` deviations."""
    level = WATCH[d.watch]
    if d.watch == "nothing":
        return 0.0
    if "PSI" in d.watch:  # PSI × rows follows a chi-square of bins - 1 degrees, moved by shift²
        return float(stats.ncx2.sf(level * d.sample, BINS - 1, shift**2 * d.sample + 1e-12))
    z, moved = stats.norm.isf(level / 2), shift * sqrt(d.sample)
    return float(stats.norm.sf(z - moved) + stats.norm.cdf(-z - moved))


@lru_cache(maxsize=16)
def worlds(world, seed, runs):
    """What happens, whatever the design: drifts, seasons, noise; each (days, runs)."""
    rng, size = streams(seed), (DAYS, runs)
    hidden = rng("hidden").random(size) < 1 / world.hidden_every
    visible = rng("visible").random(size) < 1 / world.visible_every
    season = rng("season").random(size) < 1 / world.season_every
    fresh, late = rng("fresh").normal(size=size), rng("late").normal(size=size)
    return hidden, visible, season, fresh, late, rng("test").random(size), rng("bad").random(size)


class Fleet:
    """Many copies of the system, a day at a time; every column is (runs,)."""

    def __init__(self, d, world, runs, fault):
        self.d, self.world, self.fault = d, world, fault
        self.calm, self.moved, self.seasonal = (1 - rings(d, s) for s in (0.0, SHIFT, HARMLESS))
        self.smooth = 2 / (d.window + 1)  # an exponential mean about as wide as the window
        self.gap, self.began, self.age, self.broken, self.released = np.zeros((5, runs))
        self.shifted, self.seasons, self.mean = np.zeros((3, runs))
        self.past = np.zeros((DAYS, runs))
        self.loss = 0.0

    def worsen(self, day, hidden, visible, season):
        """A day of the world; the excess loss it leaves."""
        drift = hidden | visible
        self.gap, self.began = self.gap + JUMP * drift, np.where(drift, day, self.began)
        self.shifted, self.seasons = self.shifted + visible, self.seasons + season
        self.age = self.age + 1
        excess = self.past[day] = self.gap + AGING * self.age + BROKEN * self.broken
        self.loss += excess.sum()
        return excess

    def alarm(self, day, excess, fresh, late, luck):
        """Who rings: the bought labels, all labels when they come, or a feature."""
        d, a, world = self.d, self.smooth, self.world
        self.mean = (1 - a) * self.mean + a * (excess * sqrt(d.labels) / SPREAD + fresh)
        rung = (self.mean > d.alarm_at * sqrt(a / (2 - a))) & (d.labels > 0)
        if day >= world.delay:  # if the labels are of the model that is live
            then = self.past[day - world.delay]
            seen = then * sqrt(world.rows) / SPREAD + late > max(d.alarm_at, 3.0)
            rung |= seen & (then > 0.5 * JUMP) & (self.released <= day - world.delay)
        still = FEATURES - np.minimum(self.shifted + SEASONAL * self.seasons, FEATURES)
        quiet = self.moved**self.shifted * self.seasonal ** (SEASONAL * self.seasons)
        return rung | (luck > self.calm**still * quiet)

    def train(self, day, who, excess, bad):
        """Train and release: what the new model knows depends on the labels there are."""
        d, world = self.d, self.world
        spoilt = who & (bad < BAD) if self.fault else np.zeros_like(who)
        good = who & ~spoilt
        if d.release == RELEASES[1]:
            self.loss += UNDONE * BROKEN * spoilt.sum()
        if d.release == RELEASES[2]:
            self.loss += excess[good].sum()  # the old model serves a day longer
        since = day - self.began
        known = d.labels * since + world.rows * np.maximum(0, since - world.delay)
        self.gap = np.where(good, self.gap * np.exp(-known / NEEDED), self.gap)
        live = good | (spoilt & (d.release == RELEASES[0]))
        self.broken = np.where(live, spoilt, self.broken)
        self.released = np.where(live, day, self.released)
        for name in ("age", "shifted", "seasons", "mean"):
            setattr(self, name, np.where(live, 0, getattr(self, name)))


@lru_cache(maxsize=64)
def half_year(d, world, seed, length, fault):
    """Per month or day: what is noticed how late, false alarms, trainings, loss."""
    runs = max(20, round(RUNS * length))
    hidden, visible, season, fresh, late, luck, bad = worlds(world, seed, runs)
    fleet, step = Fleet(d, world, runs, fault), max(1, round(d.retrain_hours / 24))
    open_since, noticed = np.full(runs, -1.0), []
    alarms = false = trained = 0
    for day in range(DAYS):
        excess = fleet.worsen(day, hidden[day], visible[day], season[day])
        new = (hidden[day] | visible[day]) & (open_since < 0)
        open_since = np.where(new, day, open_since)
        alarm = fleet.alarm(day, excess, fresh[day], late[day], luck[day])
        due = alarm | (day % step == step - 1)
        fleet.train(day, due, excess, bad[day])
        alarms, false = alarms + alarm.sum(), false + (alarm & (excess < HARM)).sum()
        trained += due.sum() * max(1.0, 24 / d.retrain_hours)
        cured = fleet.gap < 0.5 * JUMP
        over = (open_since >= 0) & (alarm | cured) & (open_since < DAYS - 30)
        noticed += list((day - open_since)[over])
        open_since = np.where(over, -1.0, open_since)
    months = runs * DAYS / 30
    return {
        "detect": float(np.quantile(noticed, 0.9)),
        "false": float(false / months),
        "regret": float(world.value * fleet.loss / runs / DAYS),
        "alarms": float(alarms / months),
        "trained": float(trained / months),
    }


def simulate(d, world, seed, length, fault):
    """Many half-years at once, a day at a time."""
    return Run(half_year(d, world, seed, length, fault))


def cost(d, world):
    """Dollars a month; alarms and trainings as they come in a short simulation."""
    found = half_year(d, world, 1, 0.3, False)
    return {
        "labels": 30 * d.labels * per_unit("label"),
        "trainings": RETRAIN * found["trained"],
        "alarms looked into": ENGINEER * found["alarms"],
        "shadow": 30 * SHADOW * (d.release == RELEASES[2]),
        "rows tested": 30 * d.sample * 1e-5 * (d.watch != "nothing"),
    }


TRAPS = (
    Trap(
        "every_feature_tested",
        ("false", "cost"),
        lambda s: s.design.watch == "each feature, p < 0.05",
        "forty tests a day at 5 % ring nearly every day though nothing has changed: correct for "
        "the number of tests, or alarm on the size of a change.",
    ),
    Trap(
        "corrected_but_daily",
        ("false", "cost"),
        lambda s: s.design.watch == "each feature, p < 0.05 / 40",
        "the correction counts the features and forgets the days: 5 % a day is more than one false "
        "alarm a month, and with many rows a harmless season is significant too. Size, not "
        "significance.",
    ),
    Trap(
        "psi_of_few_rows",
        ("false", "cost", "regret_fault"),
        lambda s: "PSI" in s.design.watch and s.design.sample < 250,
        "a PSI of few rows is noise: it is about (bins - 1) / rows when nothing has changed, and "
        "forty features make forty draws of it a day.",
    ),
    Trap(
        "trained_by_the_hour",
        ("cost",),
        lambda s: s.design.retrain_hours <= 48,
        "it trains far more often than the world changes: each training costs, each can be fed a "
        "broken batch, and the labels that would teach it something new are not there yet.",
    ),
    Trap(
        "no_way_back",
        ("regret_fault",),
        lambda s: s.design.release == RELEASES[0] and "regret" not in s.missed,
        "a model from a broken batch goes live and stays until the next training: keep the old one "
        "one switch away.",
    ),
    Trap(
        "waits_for_late_labels",
        ("detect",),
        lambda s: s.design.labels < 100,
        "a drift of the relation shows in no feature, only in the loss, and the labels for that "
        "come two weeks late: buy some fresh ones.",
    ),
    Trap(
        "alarm_too_deaf",
        ("detect",),
        lambda s: s.design.alarm_at > 4.5 and s.design.labels >= 100,
        "the alarm waits for more standard errors than a day's labels can give: half as many "
        "would ring a week earlier and still hardly ever for nothing.",
    ),
    Trap(
        "alarm_too_eager",
        ("false",),
        lambda s: s.design.alarm_at < 1.8 and "p <" not in s.design.watch,
        "one or two standard errors are crossed by chance every few weeks: the alarm is one test "
        "a day, all year.",
    ),
    Trap(
        "labels_for_everything",
        ("cost",),
        lambda s: s.design.labels > 1500,
        "labels are bought by the thousand: the error of a mean falls with their square root, and "
        "their price does not.",
    ),
    Trap(
        "only_on_alarm",
        ("regret", "regret_fault"),
        lambda s: s.design.retrain_hours > 2000,
        "it trains only when it rings: at that moment hardly any label of the new world exists, "
        "so the new model has learnt little, and what is left is too small to ring again.",
    ),
)
WRONG = {
    "every_feature_tested": {"watch": "each feature, p < 0.05"},
    "corrected_but_daily": {"watch": "each feature, p < 0.05 / 40"},
    "psi_of_few_rows": {"sample": 100},
    "trained_by_the_hour": {"retrain_hours": 1},
    "no_way_back": {"release": RELEASES[0]},
    "waits_for_late_labels": {"labels": 0},
    "alarm_too_deaf": {"alarm_at": 7},
    "alarm_too_eager": {"alarm_at": 1.3},
    "labels_for_everything": {"labels": 6000},
    "only_on_alarm": {"retrain_hours": 8760},
}
QUESTIONS = (
    Question(
        "When do labels come?",
        "All of them after {delay} days; single ones at once, at 0.05 $ each.",
        ("label", "delay", "ground truth", "feedback"),
    ),
    Question(
        "How many rows a day are scored?",
        "{rows:,.0f}, with 40 features.",
        ("rows", "traffic", "volume", "requests", "predictions"),
    ),
    Question(
        "How often does the world change, and does it show in the features?",
        "Every {hidden_every:g} days unseen, every {visible_every:g} days in one feature; harmless "
        "seasons every {season_every:g} days.",
        ("drift", "change", "often", "season", "shift"),
    ),
    Question(
        "What does a worse model cost?",
        "{value:,.0f} $ a day for each nat of log loss; a drift costs 0.02 nats.",
        ("cost of a drift", "worse", "outdated", "regret", "business", "value", "lose"),
    ),
    Question(
        "How fast must a drift be noticed, and how many false alarms are bearable?",
        "Nine of ten within {detect:g} days; one false alarm a month.",
        ("notice", "detect", "alarm", "how fast", "how soon"),
    ),
    Question(
        "What can go wrong in a training?",
        "A batch may be broken: one in five, in bad times. The loss must stay below {regret:g} $ "
        "a day.",
        ("fail", "wrong", "broken", "bad data", "fault"),
    ),
    Question(
        "What may it cost?",
        "{budget:,.0f} $ a month.",
        ("cost", "budget", "spend", "money", "price"),
    ),
)
ESTIMATES = (
    Estimation(
        "False alarms a month of 40 daily tests at 5 %, if nothing changes (days with an alarm)?",
        "days",
        lambda w: 30 * (1 - 0.95**FEATURES),
    ),
    Estimation(
        "Dollars lost by one drift that nobody notices until all labels have come?",
        "$",
        lambda w: w.value * JUMP * w.delay,
    ),
    Estimation(
        "Labels for which a loss of 0.02 nats is three standard errors (one row's deviation: 0.3)?",
        "labels",
        lambda w: (3 * SPREAD / JUMP) ** 2,
    ),
)

DRILL = Drill(
    design=DriftRetraining,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=cost,
    best_cost=901.0,
    traps=TRAPS,
    wrong=WRONG,
    follow_ups=(
        FollowUp(
            "Drifts come three times as often; 700 $ more may be spent, 350 $ a day lost.",
            {"hidden_every": 30.0, "visible_every": 60.0, "budget": 2500.0, "regret": 350.0},
            {"labels": 900, "retrain_hours": 72},
        ),
        FollowUp(
            "A drift must be noticed within three days; the budget grows to 2,500 $.",
            {"detect": 3.0, "budget": 2500.0},
            {"labels": 1200},
        ),
    ),
    questions=QUESTIONS,
    estimates=ESTIMATES,
    fault="a fifth of the training batches broken",
    source="stated in the task",
)
