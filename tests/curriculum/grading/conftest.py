"""A small curriculum of its own, so that the grader's tests do not lean on the real exercises."""

import contextlib
import textwrap

import pytest

TOML = """
title = "{title}"
kind = "{kind}"
theme = "customers"
case_study = "churn"
function = "{function}"
level = {level}
requires = {requires}
"""
REFERENCE = '''
"""Sum of squares."""

import numpy as np


def total(x, scale=1.0):
    """Sum of (scale * x) squared."""
    # >>> your code
    x = np.asarray(x)
    return float(((scale * x) ** 2).sum())
    # <<< your code
'''
CHECKS = '''
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, same

import numpy as np

WHOLE = st.lists(st.integers(-9, 9).map(float), max_size=5).map(np.array)


@check(st.fixed_dictionaries({"x": WHOLE}), examples=20, always=[{"x": np.array([1.0, 2.0])}])
def adds_the_squares(call, given):
    """The squares are added."""
    same(call(**given), sum(float(v) ** 2 for v in given["x"]))


@check(st.fixed_dictionaries({"x": WHOLE, "scale": st.sampled_from([0.5, 1.0, 2.0])}), examples=20)
def scales_before_squaring(call, given):
    """The scale is squared too."""
    same(call(**given), sum((given["scale"] * float(v)) ** 2 for v in given["x"]), what="total")


def speed_inputs(rng):
    return {"x": rng.normal(size=20_000)}
'''
MISCONCEPTIONS = '''
import numpy as np


def no_square(x, scale=1.0):
    """The values are added without squaring: square each first."""
    return float((scale * np.asarray(x)).sum())


def scale_not_squared(x, scale=1.0):
    """The scale multiplies the sum: scale first, then square."""
    return float(scale * (np.asarray(x) ** 2).sum())


def square_of_the_sum(x, scale=1.0):
    """The sum is squared: square each value, then add."""
    return float((scale * np.asarray(x)).sum() ** 2)


def first_is_skipped(x, scale=1.0):
    """The first value is missing from the sum: start at index 0."""
    return float(((scale * np.asarray(x)[1:]) ** 2).sum())
'''
ALTERNATIVES = """
import numpy as np
import pandas as pd


def with_a_loop(x, scale=1.0):
    return sum((scale * v) ** 2 for v in x)


def with_a_dot_product(x, scale=1.0):
    return scale**2 * (x @ x)


def with_pandas(x, scale=1.0):
    return pd.Series(x, dtype=float).mul(scale).pow(2).sum()
"""
WRONG = '''
import numpy as np


def only_what_is_above_zero(x, scale=1.0):
    """Values below 0 are left out."""
    x = np.asarray(x)
    return float(((scale * x[x > 0]) ** 2).sum())


def scale_cut_to_a_whole_number(x, scale=1.0):
    """A scale of one half becomes 0."""
    return float(((int(scale) * np.asarray(x)) ** 2).sum())
'''
HINTS = "## 1\n\nSquare.\n\n## 2\n\nThen add.\n\n## 3\n\n`(x ** 2).sum()`\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip())


def add_exercise(root, kind, name, *, function="total", level=1, requires=(), extra="", **files):
    folder = root / "exercises" / kind / name
    toml = TOML.format(
        title=name.title(), kind=kind, function=function, level=level, requires=list(requires)
    )
    write(folder / "exercise.toml", toml + extra)
    for file, text in files.items():
        write(folder / file.replace("_dot_", "."), text)
    return folder


@pytest.fixture
def add():
    """`add_exercise`, for tests that need more than one."""
    return add_exercise


@pytest.fixture(scope="session")
def nursery():
    """One nursery for all tests: what one learner's file does must not harm the next."""
    from mlsd_kit.curriculum.grading.sandbox import Sandbox

    with Sandbox() as found:
        yield found


@pytest.fixture
def curriculum(tmp_path, monkeypatch, nursery):
    """A curriculum with one coding exercise, ``coding/total``, judged in the shared nursery."""
    from mlsd_kit.curriculum.grading import grader, proof, stub

    for module in (grader, proof):
        monkeypatch.setattr(module, "Sandbox", lambda: contextlib.nullcontext(nursery))

    for folder in ("notebooks", "datasets"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("MLSD_HOME", str(tmp_path))
    monkeypatch.delenv("MLSD_WORK", raising=False)
    add_exercise(
        tmp_path,
        "coding",
        "total",
        task_dot_md="# Total\n\nAdd the squares.\n",
        reference_dot_py=REFERENCE,
        exercise_dot_py=stub.stub(REFERENCE.lstrip(), "total"),
        checks_dot_py=CHECKS,
        misconceptions_dot_py=MISCONCEPTIONS,
        alternatives_dot_py=ALTERNATIVES,
        wrong_dot_py=WRONG,
        hints_dot_md=HINTS,
    )
    return tmp_path
