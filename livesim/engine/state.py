"""A show on the air: all that its law depends on from a refresh on.

What has happened stands here, and nothing that follows from it and from the scenario: who is on
stage, which links are up and what they cost follow from the slot that runs, and what is on hand,
reserved, called and sold out from the orders so far. Of those who have not come, their number is
enough: patience and phase of stay have no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Array, Counts, Floats, Numbers
from livesim.engine.orders.orders import Kinds, Orders
from livesim.model.inputs import Inputs, SupplyInputs


@dataclass(frozen=True)
class Stock:
    """What of the supply decides who has been served so far: another one would have served others.

    Parameters
    ----------
    owned
        Units of each variant, in all waves together [units].
    supplies
        How each product's units come on sale.
    timeout
        How long units of each product are kept for who has not paid [s].
    """

    owned: tuple[int, ...]
    supplies: tuple[SupplyInputs, ...]
    timeout: tuple[float, ...]

    @staticmethod
    def of(inputs: Inputs) -> Stock:
        """Return it as a show has it."""
        owned, timeout = inputs.owned.tolist(), inputs.timeout.tolist()
        return Stock(tuple(owned), tuple(inputs.supplies), tuple(timeout))


@dataclass(frozen=True, eq=False, repr=False)
class State:
    """Shows on the air at a moment: one row a replication, or one row for all.

    Make one with `livesim.state_at`, of shows that are simulated up to then, or with
    `livesim.state_seen`, of what somebody sees. All arrays have the R rows first.

    Attributes
    ----------
    at : float
        Moment of the refresh at which viewers look next, since the show's start [s].
    refresh : float
        Length of the refreshes that intervals are counted in [s].
    names : mapping of str to tuple of str
        Whose numbers these are: ``segment``, ``phase``, ``room``, ``person``, ``product``,
        ``variant`` and ``slot``, each in the order of the file.
    viewers : mapping of str to ndarray
        Unique viewers so far by segment, shape (R,). The others of its reach have not come yet.
    undecided, decided : mapping of str to ndarray
        Concurrent viewers by segment and phase of stay, shape (R, K): who may still order in the
        running slot, and who has decided about it. The other unique viewers have left.
    present : ndarray
        Who has come to the studio, shape (R, people).
    link_at : ndarray
        When each product's link first went up [s], inf if it has not, shape (R, P).
    slot_started_at, slot_linked_at, slot_ended_at : ndarray
        When each slot started, put its links up and ended [s], inf if it has not, shape (R, slots).
    called : mapping of tuple of int and str to ndarray
        When parts of products go on sale that were called otherwise than by rule [s], by number of
        the product and name of the part, shape (R,).
    kinds : Kinds
        What the orders can be.
    orders : Orders
        The orders that have come to the stock, served or not, each in the interval in which it did.
        They say what is on hand and reserved, at any stock level.
    open_orders : Orders
        Further such orders, of which nobody knows yet whether they will be paid: it is drawn.
    queue : ndarray
        Orders that wait at the checkout, by group that saw the same prices: real ones and fake ones
        of each variant and room, shape (R, groups, C).
    queue_price : ndarray
        What they saw [currency/unit], shape (R, groups, C).
    recent : ndarray
        Attempts to order in the last W intervals, the last one last, shape (R, W, rooms): the
        platform's recommendation counts them.
    attempts, dropped : ndarray
        Attempts to order so far by room, shape (R, rooms), and those that a step of the checkout
        has lost, by variant, shape (R, V).
    stock : Stock
        What the orders so far have been served from.
    sizes : mapping of str to ndarray
        Shares of the single rooms in a crowd that is spread over many, by room [1], (R, count);
        empty where the stock is not split among rooms.
    inputs : mapping of str to ndarray
        What was drawn once a replication, by path, shape (R,); empty where nobody knows.
    """

    at: float
    refresh: float
    names: Mapping[str, tuple[str, ...]]
    viewers: Mapping[str, Counts]
    undecided: Mapping[str, Counts]
    decided: Mapping[str, Counts]
    present: NDArray[np.bool_]
    link_at: Floats
    slot_started_at: Floats
    slot_linked_at: Floats
    slot_ended_at: Floats
    called: Mapping[tuple[int, str], Floats]
    kinds: Kinds
    orders: Orders
    open_orders: Orders
    queue: Counts
    queue_price: Floats
    recent: Counts
    attempts: Counts
    dropped: Counts
    stock: Stock
    sizes: Mapping[str, Floats] = field(default_factory=dict)
    inputs: Mapping[str, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say in a line what it is."""
        return f"<State at {self.at:g} s: {len(self):,} rows>"

    def __len__(self) -> int:
        return len(self.present)

    @property
    def watching(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""
        parts = [*self.undecided.values(), *self.decided.values()]
        return np.asarray(sum(part.sum(axis=1) for part in parts))

    def take(self, rows: Numbers | slice) -> State:
        """Return some rows, any of them several times: what a particle filter resamples.

        Parameters
        ----------
        rows
            Their numbers, in the order that is wanted, shape (N,).
        """
        numbers = np.arange(len(self))[rows]
        return replace(
            self,
            orders=self.orders.of_rows(numbers),
            open_orders=self.open_orders.of_rows(numbers),
            **_each([self], lambda parts: parts[0][numbers]),
        )

    @staticmethod
    def joined(states: Sequence[State]) -> State:
        """Put states of the same show at the same moment one after the other."""
        groups = max(state.queue.shape[1] for state in states)
        padded = [
            replace(
                state, queue=_to(state.queue, groups), queue_price=_to(state.queue_price, groups)
            )
            for state in states
        ]
        starts = np.cumsum([0, *(len(state) for state in states)]).tolist()
        orders, open_orders = (
            Orders.joined([_moved(one, start) for one, start in zip(parts, starts, strict=False)])
            for parts in zip(*((state.orders, state.open_orders) for state in states), strict=True)
        )
        return replace(
            states[0], orders=orders, open_orders=open_orders, **_each(padded, np.concatenate)
        )

    def numbers_in(self, kinds: Kinds) -> NDArray[Any]:
        """Return what number each kind has among others."""
        old = self.kinds
        shown = np.flatnonzero(~old.webshop)
        numbers = [
            kinds.number(units, pays=pays, accepts=accepts, fake=fake, room=room)
            for units, pays, accepts, fake, room in zip(
                *(
                    getattr(old, name)[shown].tolist()
                    for name in ("units", "pays", "accepts", "fake", "room")
                ),
                strict=True,
            )
        ]
        beside = np.flatnonzero(kinds.webshop)[: len(old.webshop) - len(shown)]
        return np.concatenate([numbers, beside]).astype(np.int16)


def names_of(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Return what the columns of a state of a show are called."""
    return {
        "segment": tuple(segment.name for segment in inputs.segments),
        "phase": tuple(phase for segment in inputs.segments for phase in segment.phases),
        "room": tuple(room.name for room in inputs.rooms),
        "person": inputs.people,
        "product": inputs.products,
        "variant": inputs.variants,
        "slot": tuple(slot.name for slot in inputs.slots),
    }


#: What has no rows, or its own.
_WHOLE = ("at", "refresh", "names", "kinds", "orders", "open_orders", "stock")


def _each(states: Sequence[State], change: Callable[[Sequence[Array]], Array]) -> dict[str, Any]:
    """Return what a change makes of the like arrays of states, by field."""

    def changed(values: Sequence[Any]) -> Any:
        if isinstance(values[0], Mapping):
            return {name: changed([value[name] for value in values]) for name in values[0]}
        return change(values)

    names = [field.name for field in fields(State) if field.name not in _WHOLE]
    return {name: changed([getattr(state, name) for state in states]) for name in names}


def _moved(orders: Orders, rows: int) -> Orders:
    return replace(orders, row=orders.row.astype(np.int64) + rows)


def _to(groups: Array, many: int) -> Array:
    """Return as many groups of a queue, empty ones behind the others."""
    return np.pad(groups, ((0, 0), (0, many - groups.shape[1]), (0, 0)))
