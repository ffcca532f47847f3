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

    def __init__(self) -> None:
        self._each: dict[str, float] = {}  # of a phase: how long one of its tasks took [s]
        self._what, self._tasks, self._begun = "", 0, 0.0
        self._done = self._most = 0
        self._end: float | None = None

    def begin(self, what: str, tasks: int, now: float) -> None:
        """Begin a phase of so many tasks, of the same length each."""
        self._what, self._tasks, self._begun = what, tasks, now
        self._done = self._most = 0
        earlier, times = AS_LONG_AS.get(what, ("", 0.0))
        each = self._each.get(earlier)
        self._end = None if each is None else now + each * times * tasks

    def done(self, number: int, now: float) -> None:
        """Note that so many tasks are done.

        Where a phase began anew and fewer are done than by then, the time goes by those that were:
        one alone would seem to have taken all of it.
        """
        self._done, self._most = number, max(self._most, number)
        taken = now - self._begun
        self._each[self._what] = taken / self._most
        self._end = now + (self._tasks - number) * taken / self._most

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
        return max(self._end - now, (now - self._begun) / (self._most + 1) * after, 0.0)
