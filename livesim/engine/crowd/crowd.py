"""What a crowd is asked to do, and what it tells: who tries to order, and how many watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers, Small
from livesim.model.rates import Rates


@dataclass(frozen=True)
class Attempts:
    """How many try to order what, when and where: an entry for what anybody tries.

    Parameters
    ----------
    step, room, row, variant, count
        In which step and room, in which replication, which variant, and how many, shape (N,).
    """

    step: Numbers
    room: Numbers
    row: Numbers
    variant: Numbers
    count: Counts

    def __len__(self) -> int:
        return len(self.count)

    @staticmethod
    def of(counts: Counts, step: int) -> Attempts:
        """Return the attempts of a step, counted in an array, shape (R, V) or (R, V, rooms).

        Examples
        --------
        >>> tried = Attempts.of(np.array([[0, 2], [1, 0]]), step=5)
        >>> tried.row.tolist(), tried.variant.tolist(), tried.count.tolist()
        ([0, 1], [1, 0], [2, 1])
        """
        by_room = counts.reshape(*counts.shape[:2], -1)
        row, variant, room = by_room.nonzero()
        return Attempts(np.full_like(row, step), room, row, variant, by_room[row, variant, room])

    @staticmethod
    def joined(parts: Sequence[Attempts]) -> Attempts:
        """Return attempts together; of no parts, none."""
        columns = zip(*map(_columns, parts or [_NO_ATTEMPTS]), strict=True)
        return Attempts(*map(np.concatenate, columns))

    def take(self, which: Numbers) -> Attempts:
        """Return some of the attempts."""
        return Attempts(*(column[which] for column in _columns(self)))


def _columns(attempts: Attempts) -> tuple[Numbers, ...]:
    return attempts.step, attempts.room, attempts.row, attempts.variant, attempts.count


_NO_ATTEMPTS = Attempts(*(np.zeros(0, dtype=np.int64) for _ in range(5)))


class Looks(NamedTuple):
    """How many watch when they look at the screen.

    Parameters
    ----------
    at
        Numbers of the refreshes, shape (n,).
    watching, viewers
        Concurrent viewers then, and unique viewers so far, shape (n, R). Viewers of whom a crowd
        puts off who leaves are added once it is asked who watches.
    """

    at: Numbers
    watching: Small
    viewers: Small

    @staticmethod
    def none_yet(refresh: int, until: int, replications: int) -> Looks:
        """Return looks after one refresh and up to another, to which segments add their viewers."""
        watching, viewers = np.zeros((2, until - refresh, replications), dtype=np.int64)
        return Looks(np.arange(refresh + 1, until + 1), watching, viewers)

    @staticmethod
    def of(crowd: Crowd, refresh: int) -> Looks:
        """Return how many of a crowd watch now."""
        viewers = crowd.viewers.sum(axis=0)
        return Looks(np.array([refresh]), crowd.concurrent[None], viewers[None])


class Crowd(Protocol):
    """What an engine must do: turn rates into acts. Everything else is shared by the engines."""

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided in the replications in which a slot starts, shape (R,)."""

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        """Let everybody act in the intervals after a refresh: in one, or in as many as go at once.

        Parameters
        ----------
        refresh, until
            Number of the refresh, and of the one up to which they may act.
        rates
            Hazards of each segment, constant in between. The same object as last time means that
            nothing has changed.

        Returns
        -------
        attempts, looks
            The order attempts, and how many look at the end of each interval.
        """

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        """Let viewers come and leave from one refresh to another, while nobody can order.

        Parameters
        ----------
        refresh, until
            Numbers of the refreshes at which viewers look, and look again.
        rates
            Hazards of each segment, constant in between.

        Returns
        -------
        Looks
            How many look then.
        """
