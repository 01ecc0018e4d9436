"""The same 15 features, one payment at a time, from memory: what scoring reads."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from mlsd_kit.systems.fraud.names import DAY, DELAY, WINDOWS

REMEMBER = 500_000  # payments whose features are kept, to answer a repeated question alike
SLACK = DAY  # seconds behind the newest event that a late one may be
TIDY = 64  # events that pile up before the expired ones are dropped


class Timeline:
    """Events of one key in order of event time, with running sums: a window is two bisections.

    >>> line = Timeline()
    >>> for time, value in ((10, 1), (30, 5), (20, 2)):     # the last one is late
    ...     line.add(time, value)
    >>> line.window(10, 30)                                 # what is in (10, 30]
    (2, 7)
    """

    __slots__ = ("sums", "times")

    def __init__(self, times: list[int] | None = None, sums: list[int] | None = None) -> None:
        self.times = [] if times is None else times
        self.sums = [0] if sums is None else sums  # sums[k]: of the first k values

    def add(self, time: int, value: int) -> None:
        """Take an event in; among events of one instant the last to arrive is last."""
        if not self.times or time >= self.times[-1]:
            self.times.append(time)
            self.sums.append(self.sums[-1] + value)
            return
        at = bisect_right(self.times, time)
        self.times.insert(at, time)
        self.sums[at + 1 :] = [self.sums[at] + value, *(s + value for s in self.sums[at + 1 :])]

    def window(self, begin: int, end: int) -> tuple[int, int]:
        """Number and sum of the events in (begin, end]."""
        low, high = bisect_right(self.times, begin), bisect_right(self.times, end)
        return high - low, self.sums[high] - self.sums[low]

    def forget(self, before: int) -> None:
        """Drop what lies at or before a time, once enough has piled up."""
        if len(self.times) > TIDY and self.times[TIDY // 2] <= before:
            gone = bisect_right(self.times, before)
            del self.times[:gone], self.sums[:gone]


def own_features(time: int, cents: int) -> list[float]:
    """Amount, weekend and night: the features that need the payment alone.

    >>> own_features(1_522_540_800, 1250)           # the Sunday 2018-04-01, 0:00
    [12.5, 1.0, 1.0]
    """
    weekend, night = (time // DAY + 3) % 7 >= 5, time % DAY // 3600 <= 6
    return [cents / 100, float(weekend), float(night)]


class PaymentState:
    """Rolling features of cards and terminals in memory, in event time.

    A payment that comes again (the same id) is counted once and gets the features it got; a late
    one takes its place in time; a label comes when it comes, and counts from 7 days after its
    payment. Sums are of whole cents, so that they are exact and equal those of the offline code.

    >>> state = PaymentState()
    >>> pay = {"id": 1, "time": 1_522_540_800, "card": 1, "terminal": 5, "cents": 1000}
    >>> state.update(pay)[:5]           # amount, weekend, night, card_count_1, card_mean_1
    (10.0, 1.0, 1.0, 1.0, 10.0)
    >>> state.update(pay) == state.update(pay)
    True
    >>> state.update({**pay, "id": 2, "cents": 3000})[3:5]
    (2.0, 20.0)
    """

    def __init__(self) -> None:
        self.cards: defaultdict[int | str, Timeline] = defaultdict(Timeline)
        self.terminals: defaultdict[int, Timeline] = defaultdict(Timeline)
        self.frauds: defaultdict[int, Timeline] = defaultdict(Timeline)
        self._answers: dict[int, tuple[float, ...]] = {}
        self._labelled: set[int] = set()
        self._newest = 0

    def update(self, payment: Mapping[str, Any]) -> tuple[float, ...]:
        """Count a payment (keys id, time, card, terminal, cents) and return its 15 features."""
        known = self._answers.get(payment["id"])
        if known is not None:
            return known
        time, cents = payment["time"], payment["cents"]
        card, terminal = self.cards[payment["card"]], self.terminals[payment["terminal"]]
        card.add(time, cents)
        terminal.add(time, 0)
        answer = self._features(time, cents, card, terminal, self.frauds[payment["terminal"]])
        self._remember(payment["id"], answer)
        self._newest = max(self._newest, time)
        card.forget(self._newest - SLACK - max(WINDOWS) * DAY)
        terminal.forget(self._newest - SLACK - (max(WINDOWS) + DELAY) * DAY)
        return answer

    def label(self, label: Mapping[str, Any]) -> None:
        """Take in what analysts found (keys id, time, terminal, fraud); twice counts once."""
        if label["fraud"] and label["id"] not in self._labelled:
            self._labelled.add(label["id"])
            self.frauds[label["terminal"]].add(label["time"], 1)

    def _features(
        self, time: int, cents: int, card: Timeline, terminal: Timeline, frauds: Timeline
    ) -> tuple[float, ...]:
        row = own_features(time, cents)
        for days in WINDOWS:
            count, total = card.window(time - days * DAY, time)
            row += [float(count), total / (100 * count)]
        end = time - DELAY * DAY
        for days in WINDOWS:
            count, _ = terminal.window(end - days * DAY, end)
            found, _ = frauds.window(end - days * DAY, end)
            row += [float(count), found / max(count, 1)]
        return tuple(row)

    def _remember(self, id_: int, answer: tuple[float, ...]) -> None:
        self._answers[id_] = answer
        if len(self._answers) > REMEMBER:
            del self._answers[next(iter(self._answers))]  # the oldest: dicts keep their order
