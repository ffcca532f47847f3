"""A word about work that takes long, or more memory than there is: before the hours, not after."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from warnings import warn

#: More than this is long [s].
LONG = 600.0
#: After so long without any task done, a word is said at the earliest [s].
FIRST_WORD = 60.0
#: What fewer tasks come to fits into any memory.
_FEW = 40
_REMEDY = (
    "fewer replications or a larger show.refresh, such as 30s, take less; Ctrl-C keeps what "
    "is done by then"
)


@contextmanager
def first_word(tasks: int, workers: int, cause: str = "") -> Iterator[Callable[[], None]]:
    """Say a word once it is known that the work takes long although no task is done yet.

    Parameters
    ----------
    tasks, workers
        How many there are.
    cause
        What makes each task long, as far as that is known.

    Yields
    ------
    callable
        What to call when the first task is done.
    """
    after = max(FIRST_WORD, LONG * workers / tasks) if tasks > 1 else FIRST_WORD

    def say() -> None:
        of = f"The first of {tasks:,} parts" if tasks > 1 else "The only part"
        all_take = f", and all take at least {_told(after * tasks / workers)}" * (tasks > workers)
        not_done = f"{of} of the work is not done after {_told(after)}{all_take}"
        warn(f"{not_done}: {_remedy(cause)}.", stacklevel=1)

    timer = Timer(after, say)
    timer.daemon = True
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()


class Forecast:
    """How much memory all of the work takes, and how long, from its first tasks.

    Parameters
    ----------
    tasks, workers
        How many there are.
    cause
        What makes each task long, as far as that is known.
    """

    def __init__(self, tasks: int, workers: int, cause: str = "") -> None:
        self._tasks, self._workers, self._cause, self._done = tasks, workers, cause, 0

    def look(self, found: object) -> None:
        """Say if all take too much memory, or long, now that another task is done.

        The first one tells of memory. Its time holds the start of the workers, which for many
        small tasks is most of it; the pace is that of the next ones, one for each worker.
        """
        self._done += 1
        if self._done == 1:
            self._first = monotonic()
            self._look_at_memory(found)
        elif self._done == 1 + self._workers:
            pace = (monotonic() - self._first) / self._workers
            if (time := pace * (self._tasks - self._done)) >= LONG:
                warn(f"This takes about {_told(time)}: {_remedy(self._cause)}.", stacklevel=2)

    def _look_at_memory(self, found: object) -> None:
        size = 2 * len(pickle.dumps(found)) * self._tasks if self._tasks > _FEW else 0
        there = _memory()
        if there is not None and size > there:  # twice, as what is kept is put together once more
            warn(
                f"This takes {size / 1e9:,.0f} GB of memory, of which there are "
                f"{there / 1e9:,.0f}: {_REMEDY}.",
                stacklevel=3,
            )


def _remedy(cause: str) -> str:
    return f"{cause}; {_REMEDY}" if cause else _REMEDY


def _told(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> _told(60), _told(90), _told(5400), _told(1e6)
    ('1 minute', '2 minutes', '90 minutes', '278 hours')
    """
    if seconds < 7200:
        minutes = f"{seconds / 60:.0f}"
        return "1 minute" if minutes == "1" else f"{minutes} minutes"
    return f"{seconds / 3600:,.0f} hours"


def _memory() -> int | None:
    """Return the memory of this machine [bytes]; None where it does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
