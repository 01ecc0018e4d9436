"""Correct what people mistype, from what people type: the noisy channel over word frequencies."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from mlsd_kit.search.words import words


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions, replacements and swaps of neighbours that turn a into b.

    No stretch is edited twice (optimal string alignment), so "ca" to "abc" costs 3, not 2.

    Examples
    --------
    >>> edit_distance("horocope", "horoscope"), edit_distance("hotesl", "hotels")
    (1, 1)
    """
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


class SpellingCorrector:
    """The likeliest intended word: how common it is, times how likely the slip.

    For a typed word w the candidate c with the highest ``count(c) * slip ** edit_distance(c, w)``
    wins; w itself is a candidate at distance 0. So a common word survives, and a rare one gives way
    only to a neighbour that is more than ``1 / slip`` times as common.

    Candidates come from an index of deletions: two words at most two edits apart share a string
    that both reach by at most two deletions, so a look-up tries dozens of strings where trying all
    edits would take hundreds of thousands (Garbe's symmetric deletes).

    Parameters
    ----------
    max_distance : int, default=2
        Words of four letters or fewer get 1 at most: within 2 lies half the dictionary.
    slip : float in (0, 1), default=0.1
        How likely one given slip is.
    min_count : int, default=2
        Rarer words are no candidates: they are mostly slips themselves.
    unseen : float, default=0.01
        The count of a word that was never seen.

    Attributes
    ----------
    counts_ : dict of str to float

    References
    ----------
    Kernighan, M., Church, K. and Gale, W. (1990). A Spelling Correction Program Based on a Noisy
    Channel Model. COLING.

    Examples
    --------
    >>> corrector = SpellingCorrector().fit({"horoscope": 90, "horror": 40, "scope": 7})
    >>> corrector.correct("my horocope")
    'my horoscope'
    """

    def __init__(
        self,
        *,
        max_distance: int = 2,
        slip: float = 0.1,
        min_count: int = 2,
        unseen: float = 0.01,
    ) -> None:
        self.max_distance = max_distance
        self.slip = slip
        self.min_count = min_count
        self.unseen = unseen

    def fit(
        self, counts: Mapping[str, float], *, trusted: Collection[str] = ()
    ) -> SpellingCorrector:
        """Learn the words.

        Parameters
        ----------
        counts : mapping of str to number
            How often each word was typed.
        trusted : collection of str
            Words that are never changed: those of the collection that is searched.

        Raises
        ------
        ValueError
            If the slip is no probability, or the distance is negative.
        """
        if not 0 < self.slip < 1 or self.max_distance < 0:
            raise ValueError(
                f"slip must lie in (0, 1) and max_distance be >= 0, got {self.slip} and "
                f"{self.max_distance}."
            )
        self.trusted_ = frozenset(trusted)
        self.counts_ = {word: float(count) for word, count in counts.items()}
        self._reached: dict[str, list[str]] = defaultdict(list)
        for word, count in self.counts_.items():
            if count >= self.min_count:
                for shorter in _deletions(word, self.max_distance):
                    self._reached[shorter].append(word)
        return self

    def candidates(self, word: str) -> list[tuple[str, float]]:
        """Known words near a typed one with their log scores, best first; the word included."""
        reach = min(self.max_distance, 1 if len(word) <= 4 else self.max_distance)
        near = {
            known
            for shorter in _deletions(word, reach)
            for known in self._reached.get(shorter, ())
            if abs(len(known) - len(word)) <= reach
        }
        scores = {word: math.log(self.counts_.get(word, self.unseen))}
        for known in near - {word}:
            if (distance := edit_distance(word, known)) <= reach:
                scores[known] = math.log(self.counts_[known]) + distance * math.log(self.slip)
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))

    def correct_word(self, word: str) -> str:
        """The likeliest intended word; trusted words, numbers and single letters stay."""
        if word in self.trusted_ or len(word) < 3 or any(letter.isdigit() for letter in word):
            return word
        return self.candidates(word)[0][0]

    def correct(self, query: str) -> str:
        """The query with every word corrected; its words are normalised as in `words`."""
        return " ".join(self.correct_word(word) for word in words(query))


def _deletions(word: str, most: int) -> Iterator[str]:
    """The word itself and all it becomes by at most so many deletions; each once."""
    seen = set()
    for deleted in range(min(most, len(word)) + 1):
        for kept in combinations(word, len(word) - deleted):
            shorter = "".join(kept)
            if shorter not in seen:
                seen.add(shorter)
                yield shorter
