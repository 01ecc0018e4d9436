"""Quantities: their units, their arithmetic, and what they refuse."""

import copy
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import wire
from mlsd_kit.curriculum.grading.unit_table import UNITS
from mlsd_kit.curriculum.grading.units import Q, UnitError, amount, figure, parse, spell

QUICK = settings(deadline=None, max_examples=50)
NAMES = st.sampled_from(sorted(UNITS))


@pytest.mark.parametrize(
    ("unit", "size", "base"),
    [
        ("GB", 1e9, "B"),
        ("GiB", 2**30, "B"),
        ("Gbit", 1e9 / 8, "B"),
        ("Mbps", 1e6 / 8, "B/s"),
        ("TB/s", 1e12, "B/s"),
        ("QPS", 1, "request/s"),
        ("queries/s", 1, "request/s"),
        ("request/day", 1 / 86_400, "request/s"),
        ("TFLOPS", 1e12, "FLOP/s"),
        ("TFLOP/s", 1e12, "FLOP/s"),
        ("GPU h", 3600, "GPU s"),
        ("USD/GPU/h", 1 / 3600, "USD/GPU/s"),
        ("$/month", 12 / (365 * 86_400), "USD/s"),
        ("1/s^2", 1, "1/s^2"),
        ("s^2", 1, "s^2"),
        ("hours", 3600, "s"),
        ("%", 0.01, ""),
        ("", 1, ""),
    ],
)
def test_units_have_a_size_and_a_dimension(unit, size, base):
    found, dimension = parse(unit)
    assert math.isclose(found, size, rel_tol=1e-12)
    assert spell(dimension) == base


@given(unit=NAMES, other=NAMES)
@QUICK
def test_the_base_unit_of_a_dimension_can_be_read_back(unit, other):
    dimension = parse(f"{unit}/{other}")[1]
    assert parse(spell(dimension)) == (1.0, dimension)


def test_bytes_and_counts_are_dimensions():
    kinds = {parse(unit)[1] for unit in ("B", "s", "1", "request", "user", "token", "GPU", "USD")}
    assert len(kinds) == 8


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("GBB", "No unit 'GBB': did you mean GB or"),
        ("GB/fortnight", "No unit 'fortnight'"),
        ("s^x", "write powers as 's^2'"),
        ("x" * 81, "A unit is short"),
    ],
)
def test_an_unknown_unit_is_named_with_a_cure(unit, said):
    with pytest.raises(UnitError, match=said.replace("^", r"\^")):
        Q(1, unit)


def test_a_unit_is_text_and_a_value_is_a_number():
    with pytest.raises(TypeError, match="The unit is text"):
        Q(1, 2)
    with pytest.raises(TypeError, match="already a quantity"):
        Q(Q(1, "s"), "s")


numbers = st.floats(1e-6, 1e6)


@given(a=numbers, b=numbers, unit=NAMES)
@QUICK
def test_arithmetic_within_one_unit_is_that_of_numbers(a, b, unit):
    left, right = Q(a, unit), Q(b, unit)
    scale = parse(unit)[0]
    assert math.isclose((left + right).in_base, (a + b) * scale, rel_tol=1e-9)
    assert math.isclose((left - right).in_base, (a - b) * scale, rel_tol=1e-9, abs_tol=1e-9 * scale)
    assert math.isclose(float(left / right), a / b, rel_tol=1e-9)
    assert math.isclose((left / b).value, a / b) and (left / b).unit == unit
    assert math.isclose((2 * left).value, 2 * a) and (left * 2).value == (2 * left).value
    assert (left < right, left > right) == (a * scale < b * scale, a * scale > b * scale)
    assert left <= left and left >= left


@given(a=numbers, b=numbers, left=NAMES, right=NAMES)
@QUICK
def test_products_and_ratios_multiply_sizes_and_dimensions(a, b, left, right):
    for got, unit in ((Q(a, left) * Q(b, right), f"{left} {right}"),
                      (Q(a, left) / Q(b, right), f"{left}/{right}")):  # fmt: skip
        value = a * b if " " in unit else a / b
        assert math.isclose(got.in_base, Q(value, unit).in_base, rel_tol=1e-9)
        assert got.dimension == Q(value, unit).dimension


def test_a_plain_number_meets_a_quantity():
    assert Q(3) + 2 == Q(5) and 2 + Q(3) == Q(5)
    assert 5 - Q(3) == Q(2)
    assert 6 / Q(2, "s") == Q(3, "1/s")
    assert Q(25, "%") < 0.5
    assert float(Q(25, "%")) == 0.25


@pytest.mark.parametrize(
    "mixed",
    [
        lambda: Q(1, "B") + Q(1, "s"),
        lambda: Q(1, "B") - 1,
        lambda: 1 + Q(1, "request"),
        lambda: Q(1, "request") < Q(1, "user"),
        lambda: Q(1, "s") <= Q(1, "B"),
        lambda: Q(1, "s") >= 1,
        lambda: Q(1, "s").to("GB"),
        lambda: Q(1, "GB").to(""),
    ],
)
def test_different_dimensions_do_not_mix(mixed):
    with pytest.raises(UnitError):
        mixed()


def test_a_quantity_with_a_unit_is_no_plain_number():
    with pytest.raises(TypeError, match="has a unit"):
        float(Q(3, "GB"))


def test_conversion_and_equality():
    assert Q(1, "GB") == Q(1000, "MB") and hash(Q(1, "GB")) == hash(Q(1000, "MB"))
    assert Q(1, "GB") != Q(1, "GiB")
    assert Q(2, "KiB").to("B").value == 2048
    assert Q(1, "day").to("h").unit == "h"


def test_copies_keep_the_unit_as_written():
    for same in (copy.deepcopy(Q(3, "GB")), pickle.loads(pickle.dumps(Q(3, "GB")))):
        assert (same.value, same.unit, same) == (3.0, "GB", Q(3, "GB"))


def test_a_quantity_travels_as_number_and_base_unit():
    assert wire.unpack(wire.pack(Q(2, "KiB"))) == (2048.0, "B")
    assert Q(*wire.unpack(wire.pack(Q(3, "request/day")))) == Q(3, "request/day")


def test_quantities_in_words():
    assert repr(Q(51.2, "GB")) == "Q(51.2, 'GB')" and str(Q(51.2, "GB")) == "51.2 GB"
    assert str(Q(1, "day")) == "1 day" and str(Q(2, "day")) == "2 days"
    assert amount(1.5e9, "") == "1.5e+09"
    assert figure(123456.7) == "123,457"
