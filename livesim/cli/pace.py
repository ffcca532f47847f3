"""How long a phase still takes: from what is done of it, or from phases that were before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final

from livesim.experiment import executors

#: By a task of which earlier phase it is told how long one of a phase takes, and how many times as
#: long that is [1]: the first of these that there was. A block has five times as many shows as the
#: first look.
AS_LONG_AS: Final[Mapping[str, tuple[tuple[str, float], ...]]] = {
    "Simulating": (("Looking at the first shows", 1.0), ("A first look", 5.0)),
}
#: By which earlier phase a part of a phase's first tasks is done: they tell less than its tasks do.
_GOES_ON_WITH: Final[Mapping[str, str]] = {"Simulating": "Looking at the first shows"}


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
        self._tasks: dict[str, int] = {}  # of a phase: how many tasks it had
        self._what, self._done, self._at_once, self._rounds = "", 0, 1, 0
        self._begun = self._last = self._least = 0.0
        self._aside = 0  # so many rounds are in part done before
        self._ended: dict[int, float] = {}  # when the last of these were done [s]
        self._lately: deque[float] = deque()
        self._end: float | None = None

    def begin(self, what: str, tasks: int, now: float) -> None:
        """Begin a phase of so many tasks, of the same length each."""
        self._what, self._done, self._at_once = what, 0, self._count()
        self._begun, self._last, self._tasks[what] = now, now, tasks
        self._rounds, self._lately = self._in_rounds(tasks), deque(maxlen=self._at_once)
        earlier = _GOES_ON_WITH.get(what, "")
        self._least = self._each.get(earlier, 0.0)
        self._aside, self._ended = self._in_rounds(self._tasks.get(earlier, 0)), {}
        known = (self._each[one] * t for one, t in AS_LONG_AS.get(what, ()) if one in self._each)
        each = next(known, None)
        self._end = None if each is None else now + each * self._rounds

    def done(self, number: int, now: float) -> None:
        """Note that so many tasks are done.

        Where a phase began anew, fewer are done than by then: each takes at least as long as those
        before did, as the first may be had at once, and otherwise as long as it does from then on.
        Where an earlier phase has done a part of the first, each takes as long as both parts, until
        others are done.
        """
        if number < self._done:
            self._begun, self._least = self._last, self._each[self._what]
            self._aside, self._ended = 0, {}
            self._lately.clear()
        self._done, self._last = number, now
        rounds, place = self._in_rounds(number), (number - 1) % self._at_once
        begun, counted = self._counted(place, rounds)
        before = self._least if rounds <= self._aside else 0.0
        if before:
            self._ended[place] = now
        elif self._ended and self._least:
            self._least = 0.0
            self._lately.clear()
        self._lately.append((now - begun) / counted + before)
        each = max(sum(self._lately) / len(self._lately), self._least)
        self._each[self._what] = each
        # What was begun late in a round ends late in it, too, and what was there at once is over.
        left = self._rounds - rounds
        self._end = min(begun + each * (counted + left), now + each * left)

    def left(self, now: float) -> float | None:
        """Return how long the phase still takes [s]; None if nothing tells that.

        What was expected runs down by the clock. A round that takes longer than expected may be
        done at any moment: what comes after it then takes as long as those before it, and it, did.
        Where nothing comes after it, nobody knows.
        """
        if self._end is None:
            return None
        rounds = self._done / self._at_once + 1
        begun, counted = self._counted(self._done % self._at_once, rounds)
        each = max((now - begun) / counted, self._least) if self._done else 0.0
        left = max(self._end - now, each * (self._rounds - rounds))
        return left if left > 0 else None

    def _counted(self, place: int, rounds: float) -> tuple[float, float]:
        """Return since when rounds are counted that tell how long one takes, and how many."""
        if rounds > self._aside and place in self._ended:
            return self._ended[place], rounds - self._aside
        return self._begun, rounds

    def _in_rounds(self, tasks: int) -> int:
        return ceil(tasks / self._at_once)
