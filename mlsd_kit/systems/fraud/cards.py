"""Card numbers: made up for the simulator's cards, masked wherever they are kept."""

from __future__ import annotations

import functools
import hashlib
import hmac

ISSUER = "400000"


@functools.cache  # a driver asks for the same cards all the time
def number(card: int) -> str:
    """A 16-digit number with a valid check digit for the simulator's card.

    >>> number(42)
    '4000000000000424'
    """
    body = f"{ISSUER}{card:09d}"
    return body + str(-_luhn(body + "0") % 10)


def mask(number: str) -> str:
    """The first six and the last four digits, the most that may be shown (PCI DSS 3.4).

    >>> mask("4000000000000424")
    '400000******0424'
    """
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def token(number: str, key: bytes) -> str:
    """A pseudonym of a card: the same for the same card, and of no use without the key.

    A plain hash would be: there are few enough card numbers to try them all.

    >>> token("4000000000000424", b"key") == token("4000000000000424", b"other key")
    False
    """
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:16]


def _luhn(digits: str) -> int:
    """Sum of the digits, every second one from the right doubled; valid if it ends in 0."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return sum(map(int, digits[::-2])) + sum(d // 10 + d % 10 for d in doubled)
