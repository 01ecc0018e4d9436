"""Is a query a place to go, or a thing to know? Sites learned from a log of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mlsd_kit.search.words import words

STARTS = ("www", "http", "https")
MOST_WORDS = 4  # of a site's name


class NavigationalIntent:
    """Navigational: the query names one site (Broder, 2002); else informational.

    A log without clicks has no labels, but it labels itself, in two ways. Some people type a whole
    address ("mapquest com", its dots taken for spaces), so the words before "com" are a site's
    name. And names of sites are written together where ordinary words are not: if "bank of
    america" and "bankofamerica" were both typed, they are one site.

    Attributes
    ----------
    addressed_ : Counter of str
        Names, written together, and in how many addresses they were seen.
    joined_ : Counter of str
        Names that were typed both in several words and in one; how often in several.

    References
    ----------
    Broder, A. (2002). A taxonomy of web search. SIGIR Forum 36(2): navigational are 24.5 % of
    queries by a survey, and about 20 % by reading a log.

    Examples
    --------
    >>> log = ["map quest", "mapquest", "hsn com shoes", "maps of ohio"]
    >>> intent = NavigationalIntent().fit(log)
    >>> [query for query in ("hsn", "Map Quest", "maps of ohio") if intent.is_navigational(query)]
    ['hsn', 'Map Quest']
    """

    def fit(self, queries: Iterable[str]) -> NavigationalIntent:
        """Learn site names from queries as typed."""
        self.addressed_: Counter[str] = Counter()
        spaced: Counter[str] = Counter()
        single = set()
        for query in queries:
            typed = words(query)
            if name := address_name(typed):
                self.addressed_[name] += 1
            elif len(typed) == 1:
                single.add(typed[0])
            elif 1 < len(typed) <= MOST_WORDS:
                spaced["".join(typed)] += 1
        # five letters or fewer are written together by chance ("a b" and "ab")
        self.joined_ = Counter(
            {name: count for name, count in spaced.items() if name in single and len(name) > 5}
        )
        return self

    def is_navigational(self, query: str) -> bool:
        """True if the query is an address, or names a learned site."""
        typed = words(query)
        name = "".join(typed)
        return bool(address_name(typed)) or name in self.addressed_ or name in self.joined_


def address_name(typed: list[str]) -> str:
    """The name within an address, written together; "" if the words hold no address.

    >>> address_name(["www", "hsn", "com"]), address_name(["hsn", "com", "shoes"])
    ('hsn', 'hsn')
    >>> address_name(["dot", "coms"])
    ''
    """
    start = next((at for at, word in enumerate(typed) if word not in STARTS), 0)
    if "com" in typed[start + 1 : start + MOST_WORDS]:
        return "".join(typed[start : typed.index("com", start + 1)])
    return typed[start] if start else ""
