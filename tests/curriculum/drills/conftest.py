"""A drill of its own, small enough to compute by hand."""

from dataclasses import dataclass

import numpy as np
import pytest

from mlsd_kit.curriculum.drills.arrivals import poisson, streams
from mlsd_kit.curriculum.drills.design import Design, choice, design, number, several, whole
from mlsd_kit.curriculum.drills.drill import Drill, Estimation, FollowUp, Load, Question, Run, Trap
from mlsd_kit.curriculum.drills.limits import Limit
from mlsd_kit.curriculum.drills.stages import servers
from mlsd_kit.curriculum.drills.statistics import percentile


@design
class Kiosk(Design):
    """A kiosk."""

    clerks: int = whole("people who serve", 1, 20)
    patience: float = number("seconds that a customer waits", 0, 60, "s")
    drink: str = choice("what is sold", "tea", "coffee")
    extras: tuple = several("what goes with it", "milk", "sugar")


@dataclass(frozen=True)
class World:
    rate: float = 40.0
    budget: float = 900.0


def limits(world):
    return (
        Limit("p99", "p99 wait", "ms", 150.0, latency=True),
        Limit("p99", "p99 wait, a clerk ill", "ms", 300.0, fault=True, latency=True),
        Limit("taste", "taste", "%", at_least=50.0, ceiling=100),
        Limit("cost", "wages", "$", world.budget),
    )


def simulate(d, world, seed, length, fault):
    rng = streams(seed)
    arrives = poisson(world.rate, 100 * length, rng("arrivals"))
    work = 0.05 * (0.5 + rng("work").random(len(arrives)))
    served = servers(arrives, work, max(1, d.clerks - fault))
    total = served.departs - arrives
    return Run({"p99": 1e3 * percentile(total, 0.99)}, total, {"serve": served})


DRILL = Drill(
    design=Kiosk,
    world=World(),
    limits=limits,
    simulate=simulate,
    cost=lambda d, world: {"clerks": 100.0 * d.clerks},
    best_cost=400.0,
    facts=lambda d, world: {"taste": 80.0 if d.drink == "tea" else 40.0},
    loads=lambda d, world: (Load("serve", world.rate * 0.05 / d.clerks, d.clerks, "clerks"),),
    lint=lambda d, world: ("cold milk",) if d.extras == ("milk",) and d.patience > 50 else (),
    traps=(
        Trap("coffee", ("taste",), lambda s: s.design.drink == "coffee", "nobody likes it."),
        Trap("alone", ("p99_fault",), lambda s: "p99" not in s.missed, "nobody stands in."),
    ),
    follow_ups=(FollowUp("More come.", {"rate": 160.0, "budget": 2000.0}, {"clerks": 12}),),
    questions=(
        Question("How many come?", "{rate:g} a second.", ("many", "rate")),
        Question("What may it cost?", "{budget:,.0f} $.", ("cost", "budget")),
    ),
    estimates=(Estimation("Customers an hour?", "customers", lambda w: 3600 * w.rate),),
    fault="a clerk ill",
    cost_unit="$ a day",
    name="kiosk",
)


@pytest.fixture
def kiosk():
    return DRILL


@pytest.fixture
def good():
    return Kiosk(clerks=5, patience=10, drink="tea", extras=())


@pytest.fixture
def many():
    """Random numbers, always the same."""
    return np.random.default_rng(0)
