"""A crowd on tape: what viewers did once, played again before another stock.

Where nothing reacts to the stock, viewers try to order the same whatever is put on sale and when.
Then the crowd, which is most of the cost, is simulated once, and every other way to release the
stock costs only its account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.engine.crowd import Crowd
from livesim.engine.fates import Counts
from livesim.model.rates import Rates


class Tape:
    """A crowd that takes down what another one does, refresh by refresh.

    Parameters
    ----------
    crowd
        Who is recorded, before it has acted.

    Examples
    --------
    >>> import livesim
    >>> from livesim.engine.block import Lockstep
    >>> from livesim.engine.crowd import CohortCrowd
    >>> from livesim.engine.streams import Streams
    >>> from livesim.resolve.inputs import inputs_of
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> inputs = inputs_of(scenario, None, replications=2)
    >>> owned = inputs.owned[:, None]
    >>> tape = Tape(CohortCrowd(inputs, Streams(1, 0)))
    >>> live = Lockstep(scenario, inputs, Streams(1, 0), owned, tape)
    >>> live.run()
    >>> again = Lockstep(scenario, inputs, Streams(1, 0), owned, tape.played())
    >>> again.run()
    >>> bool((live.house.account.stocks[0].paid == again.house.account.stocks[0].paid).all())
    True

    Notes
    -----
    Each look takes 16 bytes for each segment and replication, and 8 more for each variant that
    somebody tries to order in a room.
    """

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._watching = {0: crowd.watching.copy()}
        self._viewers = {0: crowd.viewers.copy()}
        self._attempts: dict[int, tuple[NDArray[np.intp], Counts]] = {}
        self._columns = 0

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""
        return self._crowd.watching

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""
        return self._crowd.concurrent

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""
        return self._crowd.viewers

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided in the replications in which a slot starts, shape (R,)."""
        self._crowd.start_slot(rows)

    def act(self, refresh: int, rates: Sequence[Rates]) -> Counts:
        """Let everybody act, and take it down; return the order attempts."""
        attempts = self._crowd.act(refresh, rates)
        tried = np.flatnonzero(attempts.any(axis=0))
        self._attempts[refresh] = tried, attempts[:, tried]
        self._columns = attempts.shape[1]
        self._look(refresh + 1)
        return attempts

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> None:
        """Let viewers come and leave, and take down what that comes to."""
        self._crowd.come_and_go(refresh, until, rates)
        self._look(until)

    def _look(self, refresh: int) -> None:
        self._watching[refresh] = self._crowd.watching.copy()
        self._viewers[refresh] = self._crowd.viewers.copy()

    def played(self) -> PlayedCrowd:
        """Return a crowd that does the same again, from the start."""
        return PlayedCrowd(self._watching, self._viewers, self._attempts, self._columns)


class PlayedCrowd:
    """The crowd on a tape; it does what it did, whatever the rates. Made by :meth:`Tape.played`.

    Parameters
    ----------
    watching, viewers
        Concurrent and unique viewers at every refresh at which they looked, each of shape (S, R).
    attempts
        In the interval after each of them: which columns of the attempts had any, and these
        columns, shape (R, columns with any); nothing where that interval was a lull.
    columns
        The number of columns: of variants, in each room.
    """

    def __init__(
        self,
        watching: Mapping[int, Counts],
        viewers: Mapping[int, Counts],
        attempts: Mapping[int, tuple[NDArray[np.intp], Counts]],
        columns: int,
    ) -> None:
        self._tape = watching, viewers, attempts
        self._columns = columns
        self._refresh = 0

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""
        return self._tape[0][self._refresh]

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""
        return np.asarray(self.watching.sum(axis=0))

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""
        return self._tape[1][self._refresh]

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Do nothing: who was undecided when is on the tape."""

    def act(self, refresh: int, rates: Sequence[Rates]) -> Counts:
        """Return the order attempts of the interval after a refresh."""
        tried, attempts = self._tape[2][refresh]
        self._refresh = refresh + 1
        played = np.zeros((len(attempts), self._columns), dtype=np.int64)
        played[:, tried] = attempts
        return played

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> None:
        """Go on to the look after a lull."""
        self._refresh = until
