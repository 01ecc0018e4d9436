"""What an A/B test of two rates must say, from simple to subtle."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from scipy import stats

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]
KEYS = ("difference", "p_value", "low", "high", "users_per_arm")


def users(control: tuple[int, int], mde: float, alpha: float, power: float) -> float:
    """The formula of the statement, before it is rounded up."""
    p = control[0] / control[1]
    q = p + mde
    mean = (p + q) / 2
    critical, wanted = stats.norm.isf(alpha / 2), stats.norm.isf(1 - power)
    spread = critical * math.sqrt(2 * mean * (1 - mean))
    return float((spread + wanted * math.sqrt(p * (1 - p) + q * (1 - q))) / mde) ** 2


def oracle(
    control: tuple[int, int], treatment: tuple[int, int], mde: float, alpha: float, power: float
) -> dict[str, float]:
    """Each of the five by its definition."""
    (a, n), (b, m) = control, treatment
    p, q, pooled = a / n, b / m, (a + b) / (n + m)
    p_value = 1.0
    if 0 < a + b < n + m:
        z = (q - p) / math.sqrt(pooled * (1 - pooled) / n + pooled * (1 - pooled) / m)
        p_value = float(stats.norm.sf(abs(z)) + stats.norm.cdf(-abs(z)))
    half = stats.norm.ppf(1 - alpha / 2) * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    return {
        "difference": q - p,
        "p_value": p_value,
        "low": float(q - p - half),
        "high": float(q - p + half),
        "users_per_arm": math.ceil(users(control, mde, alpha, power)),
    }


def judge(call: Callable, given: Given, *keys: str) -> dict:
    """Is each of ``keys`` as it should be?"""
    got, expected = call(**given), oracle(**given)
    require(
        isinstance(got, dict), f"expected a dict with the keys {', '.join(KEYS)}, got {_kind(got)}"
    )
    for key in keys:
        require(key in got, f"the dict has no key {key!r}; it has {', '.join(map(repr, got))}")
        exact = key == "users_per_arm"
        same(got[key], expected[key], what=key, rel=0 if exact else 1e-6, abs=0 if exact else 1e-9)
    return got


def _kind(got: Any) -> str:
    return "None: did you forget to return?" if got is None else f"a {type(got).__name__}"


@st.composite
def tests(draw: st.DrawFn, smallest: int = 1) -> Given:
    """Arms of different sizes, rates from 0 to 1, any level."""
    arms = []
    for _ in range(2):
        n = draw(st.integers(smallest, 400))
        arms.append((draw(st.integers(0, n)), n))
    rate = arms[0][0] / arms[0][1]
    given = {
        "control": arms[0],
        "treatment": arms[1],
        "mde": draw(st.sampled_from([0.002, 0.01, 0.05, 0.1])),
        "alpha": draw(st.sampled_from([0.01, 0.05, 0.1, 0.2])),
        "power": draw(st.sampled_from([0.6, 0.8, 0.9, 0.95])),
    }
    assume(rate + given["mde"] < 0.999)
    needed = users(given["control"], given["mde"], given["alpha"], given["power"])
    assume(abs(needed - round(needed)) > 1e-6)  # rounded up alike, however it is computed
    return given


def _case(
    control: tuple[int, int], treatment: tuple[int, int], mde: float = 0.02, alpha: float = 0.05,
    power: float = 0.8,
) -> Given:  # fmt: skip
    return {"control": control, "treatment": treatment, "mde": mde, "alpha": alpha, "power": power}


PAGES = _case((200, 2000), (250, 2000))
UNEVEN = _case((30, 100), (20, 300), alpha=0.1, power=0.9)
WORSE = _case((90, 300), (50, 250), mde=0.05, alpha=0.01)


@check(tests(), always=[PAGES, UNEVEN, WORSE])
def the_difference_is_treatment_minus_control(call: Callable, given: Given) -> None:
    """The difference is the treatment's rate minus the control's."""
    judge(call, given, "difference")


@check(
    tests(),
    always=[
        PAGES,
        UNEVEN,
        WORSE,
        _case((0, 50), (5, 60)),
        _case((10, 40), (20, 20)),
    ],
)
def the_p_value_of_the_two_sided_test(call: Callable, given: Given) -> None:
    """The p-value is that of the two-sided z-test with the pooled standard error."""
    judge(call, given, "p_value")


@check(
    always=[
        _case((0, 40), (0, 70), mde=0.01),
        _case((0, 1), (0, 1), mde=0.1, alpha=0.1),
        _case((7, 28), (25, 100)),
    ]
)
def arms_that_do_not_differ(call: Callable, given: Given) -> None:
    """With equal rates, nobody's conversion included, the p-value is 1."""
    judge(call, given, "p_value", "difference")


# borders beyond -1 and 1, and of length 0
WIDE = [_case((1, 4), (1, 1)), _case((3, 4), (0, 1), mde=0.1), _case((0, 40), (0, 70), mde=0.01)]


@check(tests(), always=[PAGES, UNEVEN, WORSE, *WIDE])
def the_interval_of_the_difference(call: Callable, given: Given) -> None:
    """The interval is the difference plus or minus z(1 - alpha / 2) unpooled standard errors."""
    got = judge(call, given, "low", "high")
    require(got["low"] <= got["high"], f"low {got['low']} is above high {got['high']}")


@check(
    tests(),
    always=[
        PAGES,
        UNEVEN,
        WORSE,
        _case((0, 40), (3, 70), mde=0.01),
        _case((500, 10_000), (510, 10_000), mde=0.01, alpha=0.01, power=0.95),
    ],
)
def the_users_that_each_arm_needs(call: Callable, given: Given) -> None:
    """Each arm needs the formula's number of users, rounded up, to find a rise of mde."""
    judge(call, given, "users_per_arm")


@check(tests(smallest=20), always=[PAGES, UNEVEN])
def all_five_together(call: Callable, given: Given) -> None:
    """The dict has the five keys and no other; the plan does not depend on the treatment."""
    got = judge(call, given, *KEYS)
    same(sorted(map(str, got)), sorted(KEYS), what="keys")
    other = {**given, "treatment": (given["treatment"][1], given["treatment"][1])}
    planned = judge(call, other, "p_value")["users_per_arm"]
    require(
        planned == got["users_per_arm"],
        f"users_per_arm went from {got['users_per_arm']} to {planned} with the treatment's counts",
    )
