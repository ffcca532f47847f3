"""What is said of work that takes long where nobody sees a bar: in CI, and in a file."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from threading import Timer
from time import monotonic

from livesim.report.language import known, say

#: A line is said after so long, then after twice as long, and so on [s].
FIRST = 60.0
#: It is never longer without one: some CI ends what says nothing for ten minutes [s].
LONGEST = 480.0
#: How long a phase takes, or still takes, is told of none that is shorter [s].
WORTH_A_WORD = 2.0


class Lines:
    """Says after a minute how far the work is, and then ever more seldom.

    Parameters
    ----------
    what
        What is done until the first phase is named.
    write
        What is called with each line.
    """

    def __init__(self, what: str, write: Callable[[str], object]) -> None:
        self._phase, self._begun = (what, 0, 0), monotonic()
        self._write, self._after = write, FIRST

    def __enter__(self) -> Lines:
        """Begin to wait."""
        self._wait(self._after)
        return self

    def __exit__(self, *_: object) -> None:
        """Say no more."""
        self._after = 0.0
        self._timer.cancel()

    def tell(self, what: str, done: int, tasks: int) -> None:
        """Note how far a phase has come; called when it begins and whenever a task is done."""
        if done == 0 and what != self._phase[0]:
            self._begun = monotonic()
        self._phase = what, done, tasks

    def _wait(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._say)
        self._timer.daemon = True
        self._timer.start()

    def _say(self) -> None:
        """Say a line, and wait for as long as it has taken by now."""
        if self._after:
            self._write(self._line())
            more = min(self._after, LONGEST)
            self._after += more
            self._wait(more)

    def _line(self) -> str:
        (what, done, tasks), elapsed = self._phase, monotonic() - self._begun
        if not 0 < done < tasks:
            return say("{what}: {time}", what=known(what), time=time_taken(elapsed))
        return say(
            "{what}: {done} of {tasks} parts are done, {left}",
            what=known(what),
            done=f"{done:,}",
            tasks=f"{tasks:,}",
            left=time_left(elapsed, done, tasks),
        )


def time_taken(elapsed: float) -> str:
    """Return how long something takes by now [s], in words once that is worth a word.

    Examples
    --------
    >>> time_taken(1.5), time_taken(14.9)
    ('', '14 s so far')
    """
    return say("{number} s so far", number=int(elapsed)) if elapsed >= WORTH_A_WORD else ""


def time_left(elapsed: float, done: int, tasks: int) -> str:
    """Return how long the rest takes, in words.

    Parameters
    ----------
    elapsed
        How long the tasks that are done took [s].
    done, tasks
        How many are done, of how many.

    Examples
    --------
    >>> time_left(2.0, 1, 8), time_left(60.0, 2, 8), time_left(3600.0, 1, 8)
    ('about 15 s left', 'about 3 min left', 'about 7 h left')
    """
    return in_words(elapsed * (tasks - done) / done)


def in_words(seconds: float) -> str:
    """Return in words how long something still takes.

    Examples
    --------
    >>> in_words(0.0), in_words(7.2), in_words(14.0)
    ('about 1 s left', 'about 8 s left', 'about 15 s left')
    """
    if seconds < 90:
        step = 1 if seconds <= 10 else 5
        return say("about {number} s left", number=step * max(1, ceil(seconds / step)))
    if seconds < 5400:
        return say("about {number} min left", number=round(seconds / 60))
    return say("about {number} h left", number=round(seconds / 3600))
