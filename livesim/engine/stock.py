"""The units of one variant: on hand, reserved, paid, lapsed, in R replications at L stock levels.

Attempts come in, units go out, first come first served. Whoever has not paid by the timeout gives
the units back in the next sweep. Every method works on all replications and levels at once; only
where the units run out within a refresh is the line of attempts looked at one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from livesim.engine.fates import Counts, Fates, Line, Taken
from livesim.randomness import Keyed
from livesim.scenario.quantities import Floats

#: Seconds between two sweeps in which reservations are settled (assumption: platforms sweep often).
SWEEP = 30.0


@dataclass(frozen=True)
class _Given:
    """What the attempts of a refresh get, at each level: shape (R, L), or (R, 1) if at all alike.

    Orders served, units from what is on hand, units of them and beyond that will be paid, and units
    sold beyond the stock.
    """

    orders: Counts
    units: Counts
    paying: Counts
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
        Time after which an unpaid order lapses [s].
    backorder_limit
        Most units that are sold beyond the stock [units].

    Attributes
    ----------
    put_on_sale, on_hand, reserved, paid, lapsed
        Units by state, shape (R, L).
    demand
        Units wanted, shape (R,): it does not depend on the level.
    claimed, lost
        Units taken by attempts, and turned away, shape (R, L).
    backordered, waiting
        Units sold beyond the stock, and those of them that no unit has come for, shape (R, L).
    orders
        Orders that got at least one unit, shape (R, L).
    gmv, paid_value
        Value ordered, and what of it will be or is paid [currency], shape (R, L).
    emptied_at
        When the last unit went, the last time that happened [s], shape (R, L); inf if never.
    ran_out
        Whether the last unit went in the last refresh that was served, anywhere.
    """

    def __init__(
        self,
        on_hand: Counts,
        fates: Fates,
        lines: Keyed,
        payment_timeout: float,
        backorder_limit: int,
    ) -> None:
        self._fates = fates
        self._lines = lines
        self._payment_timeout = payment_timeout
        self._backorder_limit = backorder_limit
        self._due: dict[int, tuple[Counts, Counts]] = {}
        self._none = none = np.zeros_like(on_hand)
        self.on_hand, self.put_on_sale = on_hand.copy(), on_hand.copy()
        self.demand = none[:, 0].copy()
        self.reserved, self.paid, self.lapsed = none.copy(), none.copy(), none.copy()
        self.claimed, self.lost, self.orders = none.copy(), none.copy(), none.copy()
        self.backordered, self.waiting = none.copy(), none.copy()
        self.gmv, self.paid_value = none.astype(float), none.astype(float)
        self.emptied_at = np.where(on_hand == 0, 0.0, math.inf)
        self.ran_out = False

    def serve(
        self, attempts: Counts, price: Floats, refresh: int, start: float, end: float
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

        Returns
        -------
        ndarray
            Orders that got at least one unit, shape (R, L).
        """
        kinds = self._fates.draw(attempts)
        wanted = (kinds @ self._fates.units)[:, None]
        paying = (kinds @ self._fates.units_paid)[:, None]
        self.demand += wanted[:, 0]
        self.ran_out = False
        if (wanted < self.on_hand).all():
            given = _Given(attempts[:, None], wanted, paying, self._none)
        else:
            given = self._share_out(kinds, wanted, paying, attempts, refresh, start, end)
            self.lost += wanted - given.units - given.beyond
            self.backordered += given.beyond
            self.waiting += given.beyond
        self.on_hand -= given.units
        self.orders += given.orders
        self._reserve(given.units + given.beyond, given.paying, price, end)
        return np.broadcast_to(given.orders, self.on_hand.shape)

    def _share_out(
        self,
        kinds: Counts,
        wanted: Counts,
        paying: Counts,
        attempts: Counts,
        refresh: int,
        start: float,
        end: float,
    ) -> _Given:
        """Serve where there is enough, and look at the line where the units run out."""
        enough = wanted <= self.on_hand
        units = np.minimum(wanted, self.on_hand)
        orders = np.where(enough, attempts[:, None], 0)
        paid = np.where(enough, paying, 0)
        beyond = np.zeros_like(units)
        rows = self._scarce_rows(wanted)
        self.ran_out = bool(rows)
        for row in rows:
            line = Line(kinds[row], self._fates, partial(self._lines.at, refresh, row))
            for level in np.flatnonzero(wanted[row, 0] >= self.on_hand[row]).tolist():
                served = self._serve_line(line, row, level, start, end)
                orders[row, level], paid[row, level] = served.orders, served.paying
                beyond[row, level] = served.units - units[row, level]
        return _Given(orders, units, paid, beyond)

    def _scarce_rows(self, wanted: Counts) -> list[int]:
        """Return the replications in which some level's units run out, or somebody could wait."""
        last = (self.on_hand <= wanted) & (wanted > 0)
        could_wait = self.backordered < (self._backorder_limit if self._fates.accepts.any() else 0)
        last &= (self.on_hand > 0) | could_wait
        return [int(row) for row in np.flatnonzero(last.any(axis=1))]

    def _serve_line(self, line: Line, row: int, level: int, start: float, end: float) -> Taken:
        """Serve a line that wants all there is, and then those who accept to wait."""
        units = int(self.on_hand[row, level])
        nobody = Taken(np.zeros_like(self._fates.units), 0, 0, 0)
        now = line.take(units, np.ones_like(self._fates.accepts)) if units else nobody
        if units:
            self.emptied_at[row, level] = start + line.moment(now.end) * (end - start)
        room = self._backorder_limit - int(self.backordered[row, level])
        if room <= 0 or not self._fates.accepts.any():
            return now
        later = line.take(room, self._fates.accepts, after=now.through)
        return Taken(
            later.through,
            now.orders + later.orders,
            now.units + later.units,
            now.paying + later.paying,
        )

    def _reserve(self, units: Counts, paying: Counts, price: Floats, now: float) -> None:
        self.claimed += units
        self.reserved += units
        self.gmv += units * price[:, None]
        self.paid_value += paying * price[:, None]
        sweep = math.ceil((now + self._payment_timeout) / SWEEP - 1e-9)
        if sweep not in self._due:
            self._due[sweep] = np.zeros_like(units), np.zeros_like(units)
        paid, lapsing = self._due[sweep]
        paid += paying
        lapsing += units - paying

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
