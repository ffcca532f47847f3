"""How long a phase still takes: from what is done of it, or from phases that were before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final

from livesim.experiment import executors

#: How long a task of a phase takes, by one of an earlier phase [1]. The first: a block has five
#: times as many shows as the first look. The others are assumptions, seen of shows of 1 to 400
#: products.
AS_LONG_AS: Final[Mapping[str, tuple[str, float]]] = {
    "Simulating": ("A first look", 5.0),
    "Searching ways to sell": ("Simulating", 0.3),
    "Comparing ways to sell": ("Simulating", 0.2),
}


class Pace:
    """Tells how long the phase that is on still takes.

    Tasks are thought of as rounds: so many as are done at a time make one, and end together. The
    first that is done so tells of all of its round, and not that it was the only one.

    Parameters
    ----------
    at_once
        Tells, when a phase begins, how many of its tasks are done at a time.

    Examples
    --------
    >>> pace = Pace()
    >>> pace.begin("A first look", 1, now=0.0)
    >>> pace.done(1, now=2.0)
    >>> pace.begin("Simulating", 4, now=2.0)
    >>> pace.left(3.0), pace.left(60.0)
    (39.0, None)
    >>> pace.done(1, now=60.0)
    >>> pace.left(60.0), pace.left(110.0)
    (174.0, 124.0)
    """

    def __init__(self, at_once: Callable[[], int] = executors.at_once) -> None:
        self._count = at_once
        self._each: dict[str, float] = {}  # of a phase: how long one of its tasks took [s]
        self._what, self._done, self._at_once, self._rounds = "", 0, 1, 0
        self._begun = self._last = self._least = 0.0
        self._lately: deque[float] = deque()
        self._end: float | None = None

    def begin(self, what: str, tasks: int, now: float) -> None:
        """Begin a phase of so many tasks, of the same length each."""
        self._what, self._done, self._at_once = what, 0, self._count()
        self._begun, self._last, self._least = now, now, 0.0
        self._rounds, self._lately = self._in_rounds(tasks), deque(maxlen=self._at_once)
        earlier, times = AS_LONG_AS.get(what, ("", 0.0))
        each = self._each.get(earlier)
        self._end = None if each is None else now + each * times * self._rounds

    def done(self, number: int, now: float) -> None:
        """Note that so many tasks are done.

        Where a phase began anew, fewer are done than by then: each takes at least as long as those
        before did, as the first may be had at once, and otherwise as long as it does from then on.
        """
        if number < self._done:
            self._begun, self._least = self._last, self._each[self._what]
            self._lately.clear()
        self._done, self._last = number, now
        rounds = self._in_rounds(number)
        self._lately.append((now - self._begun) / rounds)
        each = max(sum(self._lately) / len(self._lately), self._least)
        self._each[self._what] = each
        # What was begun late in a round ends late in it, too, and what was there at once is over.
        self._end = min(self._begun + each * self._rounds, now + each * (self._rounds - rounds))

    def left(self, now: float) -> float | None:
        """Return how long the phase still takes [s]; None if nothing tells that.

        What was expected runs down by the clock. A round that takes longer than expected may be
        done at any moment: what comes after it then takes as long as those before it, and it, did.
        Where nothing comes after it, nobody knows.
        """
        if self._end is None:
            return None
        rounds = self._done / self._at_once + 1
        each = max((now - self._begun) / rounds, self._least) if self._done else 0.0
        left = max(self._end - now, each * (self._rounds - rounds))
        return left if left > 0 else None

    def _in_rounds(self, tasks: int) -> int:
        return ceil(tasks / self._at_once)
