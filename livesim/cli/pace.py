"""How long a phase still takes: from what is done of it, or from phases that were before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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

    Parameters
    ----------
    at_once
        How many tasks of a phase are done at a time.

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

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._each: dict[str, float] = {}  # of a phase: how long one of its tasks took [s]
        self._what, self._tasks, self._done = "", 0, 0
        self._begun = self._last = self._least = 0.0
        self._end: float | None = None

    def begin(self, what: str, tasks: int, now: float) -> None:
        """Begin a phase of so many tasks, of the same length each."""
        self._what, self._tasks, self._done = what, tasks, 0
        self._begun, self._last, self._least = now, now, 0.0
        earlier, times = AS_LONG_AS.get(what, ("", 0.0))
        each = self._each.get(earlier)
        rounds = max(1.0, tasks / self._at_once)
        self._end = None if each is None else now + each * times * rounds

    def done(self, number: int, now: float) -> None:
        """Note that so many tasks are done.

        Where a phase began anew, fewer are done than by then: each takes at least as long as those
        before did, as the first may be had at once, and otherwise as long as it does from then on.
        """
        if number < self._done:
            self._begun, self._least = self._last, self._each[self._what]
        self._done, self._last = number, now
        each = max((now - self._begun) / number, self._least)
        self._each[self._what] = each
        self._end = now + (self._tasks - number) * each

    def left(self, now: float) -> float | None:
        """Return how long the phase still takes [s]; None if nothing tells that.

        What was expected runs down by the clock. A task that takes longer than expected may be done
        at any moment: what comes after it then takes as long as those before it, and it, did.
        """
        if self._end is None:
            return None
        if not self._done:
            return self._end - now if self._end > now else None
        after = self._tasks - self._done - 1
        each = max((now - self._begun) / (self._done + 1), self._least)
        return max(self._end - now, each * after, 0.0)
