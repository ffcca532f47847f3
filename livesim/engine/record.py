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
from livesim.model.money import costs_beside, show_money
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: About how many moments a timeline has where no step is given; the last is the end, if it can be.
_MOMENTS = 100


class Recorder:
    """Notes the audience and the orders at every refresh, and the stock at every step.

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
        self.times = moments * inputs.refresh
        self.watching = np.zeros((refreshes + 1, replications), dtype=np.int64)
        self.orders = np.zeros((refreshes + 1, replications), dtype=np.int64)
        self.viewers = np.zeros((len(moments), replications), dtype=np.int64)
        self.units = np.zeros((3, len(moments), len(inputs.products), replications), dtype=np.int64)

    def note(self, refresh: int, crowd: Crowd, account: Account) -> None:
        """Note what a refresh shows, and the orders of the interval before it."""
        self.watching[refresh] = crowd.concurrent
        self.orders[refresh] = account.orders
        if refresh % self._every == 0:
            moment = refresh // self._every
            self.viewers[moment] = crowd.viewers.sum(axis=0)
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
            "concurrent": self.watching[:: self._every].T.copy(),
            "arrivals": self.viewers.T.copy(),
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
        seconds = self.watching[:-1].sum(axis=0) * self._inputs.refresh
        peak_at = self.watching.argmax(axis=0) * self._inputs.refresh
        return {
            "page_views": viewers * views_per_viewer,
            "unique_viewers": viewers,
            "peak_concurrent": self.watching.max(axis=0),
            "peak_at": peak_at,
            "mean_watch_time": seconds / np.maximum(viewers, 1),
            "orders": orders,
            "peak_orders_per_second": self.orders.max(axis=0) / self._inputs.refresh,
        }


def _refreshes_a_step(inputs: Inputs, step: float | None) -> int:
    if step is None:
        shortest = max(1, -(-inputs.refreshes // _MOMENTS))
        steps = range(shortest, 2 * shortest)
        return next((step for step in steps if inputs.refreshes % step == 0), shortest)
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
        for figures, wanted in zip(
            settled(scenario, inputs, streams, account), potential, strict=True
        )
    ]
    products = [
        _product(scenario, inputs, house, number, variants)
        for number in range(len(inputs.products))
    ]
    sales = np.sum([product["sales"] for product in products], axis=0)
    viewers = crowd.viewers
    return Outcome(
        inputs=dict(drawn),
        shows=show_money(scenario.deal, products, sales, costs_beside(scenario)),
        rooms=recorder.room(
            scenario.show.views_per_viewer, viewers.sum(axis=0), account.orders_so_far
        ),
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
    scenario: Scenario,
    inputs: Inputs,
    house: House,
    number: int,
    variants: Sequence[Columns],
) -> dict[str, NDArray[Any]]:
    """Add up a product's variants, and take its slot fee."""
    mine = [v for v, p in zip(variants, inputs.product_of, strict=True) if p == number]
    total = {column: np.sum([v[column] for v in mine], axis=0) for column in mine[0]}
    slot_fee = np.full(inputs.replications, scenario.deal.slot_fee)
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
