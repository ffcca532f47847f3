"""How shows stood before their slots could go on: where others can part from a recording."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Bools, Counts, Numbers, Small
from livesim.engine.crowd.segment import REFRESHES_AHEAD
from livesim.engine.orders.orders import Orders, in_few_bytes
from livesim.engine.own_pace import OwnPace
from livesim.engine.recording import Recording
from livesim.engine.release_plan import Stocks
from livesim.engine.state import State
from livesim.engine.state_reached import state_reached
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs


@dataclass(frozen=True)
class Notes:
    """How shows stood whenever something could make one go on apart from another: M moments.

    Parameters
    ----------
    end
        What has become of the shows in the end.
    present
        Who was in the studio when they began, or went on, shape (R, people).
    at, row
        The refresh and the replication of each moment, shape (M,); by refresh, and then by
        replication.
    counts
        The viewers, as :meth:`~livesim.engine.crowd.cohort.CohortCrowd.counts` says, shape (M, C).
    attempts, dropped
        As in a state, shapes (M, rooms) and (M, V); without columns where no attempt is dropped.
    """

    end: State
    present: Bools
    at: Numbers
    row: Numbers
    counts: Small
    attempts: Small
    dropped: Small


def record_noting(
    inputs: Inputs,
    streams: Streams,
    levels: Counts,
    fewest: Counts,
    start: State | None = None,
) -> tuple[Recording, Notes]:
    """Record a block, and note how its shows stood before slots could go on.

    Parameters
    ----------
    inputs, streams, levels, start
        As for :func:`~livesim.engine.recorder.record`. Of shows that are on the air nothing is
        noted before the refresh after which they go on.
    fewest
        The fewest owned units of each variant with which shows may go on apart, shape (V,): nothing
        is noted before as many are asked for of a product.
    """
    stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
    least = np.minimum(fewest, levels)
    with closing(_Noting(inputs, streams, stocks, least, start)) as shows:
        return shows.run(), shows.notes()


class _Noting(OwnPace):
    """Shows at their own pace that note how each stood before its slots could go on.

    They cannot before a product is asked for the fewest units that there are of it.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        stocks: Stocks,
        fewest: Counts,
        start: State | None,
    ) -> None:
        super().__init__(inputs, streams, stocks, start)
        self._present = self.state.stage.present.copy()
        self._least = np.zeros(len(inputs.products), dtype=np.int64)
        if not inputs.sharing:  # else orders of others take units, too
            np.add.at(self._least, inputs.product_of, fewest)
        self._asked = self._asked_for(self._placing.past)
        # A state that is given stands after its processes have run, and nobody can part there.
        rows = np.arange(inputs.replications if start is None else 0)
        at, none = self._at[: len(rows)], np.zeros_like(rows)
        self._noted = [self._stood(at, rows, self.crowd.counts(rows), none)]

    def _wake(self) -> None:
        """Note how the shows stand, before their processes notice what has happened."""
        orders, rows = self._kept, np.arange(self._inputs.replications)
        self._asked += self._asked_for(orders)
        intervals = np.zeros((REFRESHES_AHEAD + 1, len(rows)), dtype=bool)
        intervals[orders.step - self._since[orders.row], orders.row] = True
        intervals[self._at - self._since, rows] = True
        intervals[0] = False
        intervals &= (self._asked >= self._least).any(axis=1)
        after, row = np.nonzero(intervals)
        at, counts = self._since[row] + after, self.crowd.counts_after(after, row)
        self._noted.append(self._stood(at, row, counts, after))
        super()._wake()

    def notes(self) -> Notes:
        """Return what was noted, once the shows are over."""
        columns = [np.concatenate(column) for column in zip(*self._noted, strict=True)]
        self._noted.clear()
        at, row, *_ = columns
        order = np.lexsort((row, at))
        inputs, stage = self._inputs, self.state.stage
        end = state_reached(
            inputs, self.crowd, stage, self._placing, inputs.refreshes, Orders.none()
        )
        return Notes(end, self._present, *(column[order] for column in columns))

    def _asked_for(self, orders: Orders) -> Counts:
        """Return how many units orders ask for of each product, shape (R, P)."""
        inputs = self._inputs
        asked = np.zeros((inputs.replications, len(inputs.products)), dtype=np.int64)
        product = inputs.product_of[orders.cell // self._stock.cells_of_variant]
        units = orders.sums(self._placing.kinds.units[:, None])[:, 0]
        np.add.at(asked, (orders.row, product), units)
        return asked

    def _stood(
        self, at: Numbers, row: Numbers, counts: Counts, intervals: Numbers
    ) -> tuple[NDArray[Any], ...]:
        """Return what is noted of some rows after some intervals."""
        attempts, dropped = self._tries_after(intervals, row)
        return at, row, in_few_bytes(counts), in_few_bytes(attempts), in_few_bytes(dropped)

    def _tries_after(self, intervals: Numbers, rows: Numbers) -> tuple[Counts, Counts]:
        """Return who had tried to order after some intervals, and whom the checkout had lost."""
        attempts = self._attempts[intervals, rows]
        if self._inputs.steps:
            return attempts, self._dropped[intervals, rows]
        return attempts, np.zeros((len(rows), 0), dtype=np.int64)
