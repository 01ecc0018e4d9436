"""The learner's file is read and never run."""

import pytest

from mlsd_kit.curriculum.drills.errors import DrillError
from mlsd_kit.curriculum.drills.reading import read

GOOD = '''
"""My kiosk."""
import numpy as np

from mlsd_kit.curriculum.drills.designs import Kiosk

day: float = 8 * 3600
people = ceil(day / 10_000) + 2

design = Kiosk(clerks=people, patience=-(-5), drink="tea", extras=["milk", "sugar"])
'''


def test_literals_names_and_arithmetic(good):
    found = read(GOOD, type(good))
    assert found == type(good)(clerks=5, patience=5, drink="tea", extras=("milk", "sugar"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("while True: pass", "it is read, not run"),
        ("import os; os.system('true')", "it is read, not run"),
        ("x = open('/etc/passwd').read()", "cannot be called here"),
        ("x = __import__('os')", "cannot be called here"),
        ("x = 9 ** 9 ** 9", "a power that large"),
        ("x = (10.0 ** 18) * (10.0 ** 18)", "a number that large"),
        ("x = 1 / 0", "division by zero"),
        ("x = [i for i in range(10)]", "only numbers, text, tuples and arithmetic"),
        ("x = 'a' * 3", "arithmetic is for numbers"),
        ("x = unknown + 1", "'unknown' is not set above"),
        ("x = (", "not Python"),
        ("x = max()", "max expected at least 1 argument"),
        ("design = Kiosk(**{'clerks': 1})", "write the knobs out"),
        ("design = Kiosk(recall=1)", "recall is an outcome"),
        ("design = 3", "sets no design"),
        ("", "sets no design"),
        ("x = " + "(" * 5000 + ")" * 5000, "not Python"),
        ("x = " + "-" * 3000 + "1", ""),
        ("#" * 200_000, "longer than"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(good, line, says):
    with pytest.raises(DrillError) as caught:
        read(line, type(good), "mine.py")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_line_is_named(good):
    with pytest.raises(DrillError, match=r"^mine\.py:3: "):
        read("a = 1\n\nb = a + c\n", type(good), "mine.py")
