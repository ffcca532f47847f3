"""What is kept of a block: the timeline while the show runs, the tables at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.engine.account import Account
from livesim.engine.crowd import Crowd
from livesim.engine.fates import Counts
from livesim.engine.outcome import Columns, Outcome
from livesim.engine.settlement import settled
from livesim.engine.show import House
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs
from livesim.model.money import show_money
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: About how many moments a timeline has where no step is given; the last is the end, if it can be.
_MOMENTS = 100


class Recorder:
    """Notes the audience at every look, orders at every refresh, and the stock at every step.

    Parameters
    ----------
    inputs
        The drawn numbers of the R replications.
    step
        Time between two moments of the timeline [s]; None for about a hundred in the show.
    """

    def __init__(self, inputs: Inputs, step: float | None) -> None:
        self._inputs = inputs
        self._every = _refreshes_a_step(inputs, step)
        refreshes, replications = inputs.refreshes, inputs.replications
        moments = np.arange(0, refreshes + 1, self._every)
        self.times: Floats = np.asarray(moments * inputs.refresh, dtype=float)
        self._looks: list[int] = []
        self._watching: list[Counts] = []
        self._viewers: list[Counts] = []
        self.orders = np.zeros((refreshes + 1, replications), dtype=np.int64)
        self.units = np.zeros((3, len(moments), len(inputs.products), replications), dtype=np.int64)

    @property
    def looks(self) -> Floats:
        """When viewers have looked [s], shape (looks,)."""
        return np.array(self._looks, dtype=float) * self._inputs.refresh

    @property
    def watching(self) -> Counts:
        """Concurrent viewers at each look, shape (looks, R)."""
        return np.stack(self._watching)

    @property
    def viewers(self) -> Counts:
        """Unique viewers at each look, shape (looks, R)."""
        return np.stack(self._viewers)

    def look(self, refresh: int, crowd: Crowd) -> None:
        """Note the audience at a refresh at which it looks."""
        self._looks.append(refresh)
        self._watching.append(crowd.concurrent.copy())
        self._viewers.append(crowd.viewers.sum(axis=0))

    def note(self, refresh: int, account: Account) -> None:
        """Note the stock at a refresh, and the orders of the interval before it."""
        self.orders[refresh] = account.orders
        if refresh % self._every == 0:
            moment = refresh // self._every
            for variant, stock in enumerate(account.stocks):
                product = self._inputs.product_of[variant]
                for state, units in enumerate((stock.on_hand, stock.reserved, stock.paid)):
                    self.units[state, moment, product] += units[:, 0]

    def timeline(self, slot_starts: Floats) -> dict[str, NDArray[np.generic]]:
        """Return the timeline's arrays, replications first."""
        so_far = np.cumsum(self.orders, axis=0)[:: self._every]
        on_hand, reserved, paid = self.units.transpose(0, 3, 1, 2)
        return {
            "times": self.times,
            "concurrent": on_straight_lines(self.times, self.looks, self.watching),
            "arrivals": on_straight_lines(self.times, self.looks, self.viewers),
            "orders": so_far.T.copy(),
            "on_hand": on_hand,
            "reserved": reserved,
            "paid": paid,
            "slot_starts": slot_starts,
        }

    def room(
        self, views_per_viewer: float, viewers: Counts, orders: Counts
    ) -> dict[str, NDArray[np.generic]]:
        """Return what the room's audience came to."""
        looks, watching = self.looks, self.watching
        seconds = np.trapezoid(watching, looks, axis=0)
        peak_at = looks[watching.argmax(axis=0)]
        return {
            "page_views": viewers * views_per_viewer,
            "unique_viewers": viewers,
            "peak_concurrent": watching.max(axis=0),
            "peak_at": peak_at,
            "mean_watch_time": seconds / np.maximum(viewers, 1),
            "orders": orders,
            "peak_orders_per_second": self.orders.max(axis=0) / self._inputs.refresh,
        }


def on_straight_lines(times: Floats, looks: Floats, counts: Counts) -> Counts:
    """Return counts at some times [s] from those at the looks, shape (R, times).

    Between two looks, which lie apart only where nobody can order, the counts are rounded from a
    straight line.

    Parameters
    ----------
    times, looks
        Rising, and within the looks [s].
    counts
        At the looks, shape (looks, R).

    Examples
    --------
    >>> counts = np.array([[0], [10], [12]])
    >>> on_straight_lines(np.array([0.0, 2.5, 4.0]), np.array([0.0, 4.0, 8.0]), counts).tolist()
    [[0, 6, 10]]
    """
    lines = [np.interp(times, looks, of_one_show) for of_one_show in counts.T]
    return np.rint(lines).astype(np.int64)


def usual_step(refreshes: int) -> int:
    """Return the refreshes from one moment of a timeline to the next where no step is given.

    Examples
    --------
    >>> usual_step(90), usual_step(720)
    (1, 8)
    """
    shortest = max(1, -(-refreshes // _MOMENTS))
    steps = range(shortest, 2 * shortest)
    return next((step for step in steps if refreshes % step == 0), shortest)


def _refreshes_a_step(inputs: Inputs, step: float | None) -> int:
    if step is None:
        return usual_step(inputs.refreshes)
    length = inputs.refreshes * inputs.refresh
    if not 0 < step <= length:
        raise UsageError(
            f"a timeline step of {step:g} s does not lie within the show of {length:g} s"
        )
    every = round(step / inputs.refresh)
    if every < 1 or abs(every * inputs.refresh - step) > 1e-9 * step:
        raise UsageError(
            f"a timeline step of {step:g} s is not a whole number of refreshes of "
            f"{inputs.refresh:g} s; choose a multiple of it"
        )
    return every


def outcome_of(
    scenario: Scenario,
    inputs: Inputs,
    drawn: Mapping[str, Floats],
    streams: Streams,
    house: House,
    crowd: Crowd,
    recorder: Recorder,
    potential: Sequence[Counts],
) -> Outcome:
    """Gather a finished block's tables, at the first stock level.

    Parameters
    ----------
    scenario, inputs, drawn, streams
        The show, its numbers, the drawn quantities by path, and the block's streams.
    house, crowd, recorder
        The finished block.
    potential
        Units wanted with unlimited stock, by variant, each of shape (R,).
    """
    account = house.account
    variants: list[Columns] = [
        {name: figure[:, 0] for name, figure in figures.items()} | {"potential_demand": wanted}
        for figures, wanted in zip(settled(inputs, streams, account), potential, strict=True)
    ]
    products = [_product(inputs, house, number, variants) for number in range(len(inputs.products))]
    sales = np.sum([product["sales"] for product in products], axis=0)
    viewers = crowd.viewers
    return Outcome(
        inputs=dict(drawn),
        shows=show_money(inputs.deal, products, sales),
        rooms=recorder.room(inputs.views_per_viewer, viewers.sum(axis=0), account.orders_so_far),
        by_room=_by_room(inputs, viewers, account) if scenario.rooms else {},
        segments={
            "reach": np.stack([segment.reach for segment in inputs.segments], axis=1),
            "unique_viewers": viewers.T,
            "watching_at_end": crowd.watching.T,
            "left": (viewers - crowd.watching).T,
        },
        products=_side_by_side(products),
        variants=_side_by_side(variants),
        timeline=recorder.timeline(house.stage.slot_started_at),
    )


def _product(
    inputs: Inputs,
    house: House,
    number: int,
    variants: Sequence[Columns],
) -> dict[str, NDArray[Any]]:
    """Add up a product's variants, and take its slot fee."""
    mine = [v for v, p in zip(variants, inputs.product_of, strict=True) if p == number]
    total = {column: np.sum([v[column] for v in mine], axis=0) for column in mine[0]}
    slot_fee = np.full(inputs.replications, inputs.terms[number].slot_fee)
    for name in ("on_hand", "waiting", "paid_value"):
        del total[name]
    return total | {
        "sold_out_at": house.account.products[number].sold_out_at[:, 0],
        "link_at": house.stage.link_at[:, number],
        "slot_fee": slot_fee,
        "profit": total["profit"] - slot_fee,
    }


def _by_room(inputs: Inputs, viewers: Counts, account: Account) -> Columns:
    """Return what the audience of each room came to, shape (R, rooms)."""
    room_of = np.array([segment.room for segment in inputs.segments])
    came = [viewers[room_of == number].sum(axis=0) for number in range(len(inputs.rooms))]
    return {
        "unique_viewers": np.stack(came, axis=1),
        "attempts": account.attempts_by_room,
        "orders": account.orders_by_room,
    }


def _side_by_side(columns: Sequence[Columns]) -> Columns:
    return {name: np.stack([column[name] for column in columns], axis=1) for name in columns[0]}
