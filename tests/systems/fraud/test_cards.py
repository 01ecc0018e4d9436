"""Card numbers: valid, different, and hidden."""

import pytest

from mlsd_kit.systems.fraud.cards import mask, number, token


def luhn_is_valid(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@pytest.mark.parametrize("card", [0, 1, 42, 4999, 999_999_999])
def test_numbers_have_16_digits_and_a_valid_check_digit(card):
    assert len(number(card)) == 16
    assert luhn_is_valid(number(card))


def test_cards_have_different_numbers_and_tokens():
    numbers = [number(card) for card in range(2000)]
    assert len(set(numbers)) == len({token(n, b"key") for n in numbers}) == 2000


def test_a_mask_shows_no_more_than_ten_digits():
    assert mask(number(123_456)) == "400000******" + number(123_456)[-4:]
    assert sum(c.isdigit() for c in mask(number(7))) == 10
