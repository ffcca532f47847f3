"""The units of one variant: on hand, reserved, paid, lapsed, in R replications at L stock levels.

Attempts come in, units go out, first come first served. Whoever has not paid by the timeout gives
the units back in the next sweep. Every method works on all replications and levels at once; only
where the units run out within a refresh is the line of attempts looked at one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.fates import Counts, Fates, Line, Taken
from livesim.randomness import Keyed
from livesim.scenario.quantities import Floats

#: Seconds between two sweeps in which reservations are settled (assumption: platforms sweep often).
SWEEP = 30.0


#: Is told what a refresh's attempts ask for before they are served: their kinds, shape (R, F), the
#: number of the refresh, and its start and end [s].
Observer: TypeAlias = Callable[[Counts, int, float, float], None]


def unobserved(kinds: Counts, refresh: int, start: float, end: float) -> None:
    """Take no note."""


@dataclass(frozen=True)
class _Given:
    """What the attempts of a refresh get in the rows where there are any, at each level.

    Of shape (rows, L), or (rows, 1) if alike at all levels: orders served, units from what is on
    hand, units of them and beyond that will be paid, those of these that fake orders pay for, and
    units sold beyond the stock.
    """

    orders: Counts
    units: Counts
    paying: Counts
    faked: Counts
    beyond: Counts


class Stock:
    """The account of one variant.

    At any moment: demand = claimed + lost, and on hand + reserved + paid = put on sale + waiting.

    Parameters
    ----------
    on_hand
        Units on hand at the start, shape (R, L).
    fates
        What attempts ask for.
    lines
        The streams of who comes first, by refresh and replication.
    payment_timeout
        Time after which an unpaid order lapses [s]; inf if not before the show is over.
    backorder_limit
        Most units that are sold beyond the stock [units].

    Attributes
    ----------
    put_on_sale, on_hand, reserved, paid, lapsed
        Units by state, shape (R, L).
    demand
        Units that attempts asked for wherever it was not closed, shape (R,).
    claimed, lost
        Units taken by attempts, and turned away, shape (R, L).
    backordered, waiting
        Units sold beyond the stock, and those of them that no unit has come for, shape (R, L).
    orders
        Orders that got at least one unit, shape (R, L).
    gmv, paid_value
        Value ordered, and what of it will be or is paid [currency], shape (R, L).
    faked
        Units of fake orders that are or will be paid, shape (R, L).
    emptied_at
        When the last unit went, the last time that happened [s], shape (R, L); inf if never.
    ran_out
        Whether the last unit went in the last refresh that was served, anywhere.
    fates
        What attempts ask for.
    observer
        Is told what attempts ask for before they are served.
    closed
        Where attempts do not count any more, shape (R, L): at that level the show has gone on.
    """

    def __init__(
        self,
        on_hand: Counts,
        fates: Fates,
        lines: Keyed,
        payment_timeout: float,
        backorder_limit: int,
    ) -> None:
        self.fates = fates
        self.observer: Observer = unobserved
        self._lines = lines.moving()
        self._payment_timeout = payment_timeout
        self._backorder_limit = backorder_limit
        self._beyond_the_stock = bool(backorder_limit and fates.accepts.any())
        self._due: dict[float, tuple[Counts, Counts]] = {}
        none = np.zeros_like(on_hand)
        self.on_hand, self.put_on_sale = on_hand.copy(), on_hand.copy()
        self.demand = none[:, 0].copy()
        self.reserved, self.paid, self.lapsed = none.copy(), none.copy(), none.copy()
        self.claimed, self.lost, self.orders = none.copy(), none.copy(), none.copy()
        self.backordered, self.waiting, self.faked = none.copy(), none.copy(), none.copy()
        self.gmv, self.paid_value = none.astype(float), none.astype(float)
        self.emptied_at = np.where(on_hand == 0, 0.0, math.inf)
        self.ran_out = False
        self.closed: NDArray[np.bool_] = np.zeros(on_hand.shape, dtype=bool)

    def serve(
        self,
        attempts: Counts,
        price: Floats,
        refresh: int,
        start: float,
        end: float,
        fakes: Counts | int = 0,
    ) -> Counts:
        """Serve the attempts of one refresh, first come first served.

        Parameters
        ----------
        attempts
            Order attempts, shape (R,).
        price
            What they pay for a unit [currency/unit], shape (R,).
        refresh
            Number of the refresh, which names its line.
        start, end
            The interval in which the attempts come, each at a uniformly random moment [s].
        fakes
            How many of the attempts are fake orders, shape (R,).

        Returns
        -------
        ndarray
            Orders that got at least one unit at the first level, shape (R,).
        """
        kinds = self.fates.draw(attempts, fakes)
        self.observer(kinds, refresh, start, end)
        rows = np.flatnonzero(attempts)  # where nobody tries to order, nothing changes
        given = self._given(kinds, attempts, rows, refresh, start, end)
        self.on_hand[rows] -= given.units
        self.orders[rows] += given.orders
        self.faked[rows] += given.faked
        self._reserve(rows, given, price[rows], end)
        served = np.zeros_like(attempts)
        served[rows] = given.orders[:, 0]
        return served

    def _given(
        self,
        kinds: Counts,
        attempts: Counts,
        rows: NDArray[np.intp],
        refresh: int,
        start: float,
        end: float,
    ) -> _Given:
        """Say what the attempts get; only where units run out does their order matter."""
        mine = kinds[rows]
        by_fate = mine @ self.fates.units_by_fate
        wanted, paying, faking = by_fate[:, :1], by_fate[:, 1:2], by_fate[:, 2:]
        asking = attempts[rows, None]
        self.demand[rows] += wanted[:, 0]
        if self.closed.any():
            open_ = ~self.closed[rows]
            wanted, paying = wanted * open_, paying * open_
            faking, asking = faking * open_, asking * open_
        on_hand = self.on_hand[rows]
        self.ran_out = False
        if (wanted < on_hand).all():
            return _Given(asking, wanted, paying, faking, np.zeros_like(wanted))
        units = np.minimum(wanted, on_hand)
        orders = np.where(wanted <= on_hand, asking, 0)
        paid = np.where(wanted <= on_hand, paying, 0)
        faked = np.where(wanted <= on_hand, faking, 0)
        beyond = np.zeros_like(units)
        scarce = self._scarce(rows, wanted)
        alone = self._alone(attempts[rows], scarce)
        if alone.any():
            scarce &= ~alone
            orders[alone] = 1
            paid[alone] = np.where(paying > 0, units, 0)[alone]
            faked[alone] = np.where(faking > 0, units, 0)[alone]
            self._note_alone(kinds, rows, alone, refresh, start, end)
        of = -1
        for place, level in np.argwhere(scarce).tolist():
            self.ran_out = True
            if place != of:
                of, row = place, int(rows[place])
                line = self.line(kinds[row], refresh, row)
            served = self._serve_line(line, row, level, start, end)
            orders[place, level], paid[place, level] = served.orders, served.paying
            faked[place, level] = served.faked
            beyond[place, level] = served.units - units[place, level]
        self.lost[rows] += wanted - units - beyond
        self.backordered[rows] += beyond
        self.waiting[rows] += beyond
        return _Given(orders, units, paid, faked, beyond)

    def _alone(self, attempts: Counts, scarce: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say where a single order takes the last unit: a line of one needs no order.

        That is usual where many rooms have a few units each, and then most of the work.
        """
        if self._beyond_the_stock:
            return np.zeros_like(scarce)
        return np.asarray(scarce & (attempts == 1)[:, None])

    def _note_alone(
        self,
        kinds: Counts,
        rows: NDArray[np.intp],
        alone: NDArray[np.bool_],
        refresh: int,
        start: float,
        end: float,
    ) -> None:
        """Note when single orders took the last unit, at all levels of a row at once."""
        self.ran_out = True
        for place in np.flatnonzero(alone.any(axis=1)).tolist():
            row = int(rows[place])
            moment = self.line(kinds[row], refresh, row).moment(1)
            self.emptied_at[row, alone[place]] = start + moment * (end - start)

    def line(self, kinds: Counts, refresh: int, row: int) -> Line:
        """Return the line of one replication's attempts in a refresh, by their kinds (F,)."""
        return Line(kinds, self.fates, partial(self._lines, refresh, row))

    def room_to_wait(self, row: int, level: int) -> int:
        """Return how many units can still be sold beyond the stock in a replication at a level."""
        return self._backorder_limit - int(self.backordered[row, level])

    def _scarce(self, rows: NDArray[np.intp], wanted: Counts) -> NDArray[np.bool_]:
        """Say at which levels of the rows the last unit goes, or somebody could wait."""
        on_hand = self.on_hand[rows]
        some_left: NDArray[np.bool_] = on_hand > 0
        if self._beyond_the_stock:
            some_left |= self.backordered[rows] < self._backorder_limit
        return (on_hand <= wanted) & (wanted > 0) & some_left

    def _serve_line(self, line: Line, row: int, level: int, start: float, end: float) -> Taken:
        """Serve a line that wants all there is, and then those who accept to wait."""
        units = int(self.on_hand[row, level])
        now = line.take(units) if units else Taken((), 0, 0, 0, 0)
        if units:
            self.emptied_at[row, level] = start + line.moment(now.end) * (end - start)
        if not self._beyond_the_stock:
            return now
        room = self.room_to_wait(row, level)
        if room <= 0:
            return now
        later = line.take(room, self.fates.accepts, after=now.through)
        return Taken(
            later.through,
            now.orders + later.orders,
            now.units + later.units,
            now.paying + later.paying,
            now.faked + later.faked,
        )

    def _reserve(self, rows: NDArray[np.intp], given: _Given, price: Floats, now: float) -> None:
        units = given.units + given.beyond
        self.claimed[rows] += units
        self.reserved[rows] += units
        self.gmv[rows] += units * price[:, None]
        self.paid_value[rows] += given.paying * price[:, None]
        sweep = self.sweep_of(now)
        if sweep not in self._due:
            self._due[sweep] = np.zeros_like(self.claimed), np.zeros_like(self.claimed)
        paid, lapsing = self._due[sweep]
        paid[rows] += given.paying
        lapsing[rows] += units - given.paying

    def sweep_of(self, reserved_at: float) -> float:
        """Return the number of the sweep that settles what is reserved at a moment [s]."""
        return float(np.ceil((reserved_at + self._payment_timeout) / SWEEP - 1e-9))

    def sweep(self, now: float) -> None:
        """Settle every reservation whose sweep has come: paid, or lapsed and on hand again."""
        for number in [number for number in self._due if number * SWEEP <= now + 1e-9]:
            paid, lapsing = self._due.pop(number)
            self.reserved -= paid + lapsing
            self.paid += paid
            self.lapsed += lapsing
            self._put_back(lapsing)

    def put_on(self, units: Counts) -> None:
        """Put further units on sale, shape (R, L)."""
        self.put_on_sale += units
        self._put_back(units)

    def _put_back(self, units: Counts) -> None:
        """Give units to the orders that wait; the rest is on hand."""
        filled = np.minimum(self.waiting, units)
        self.waiting -= filled
        self.on_hand += units - filled
