"""The state of R shows side by side: what the show's processes change and what the screen shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.engine.state import State
from livesim.model.inputs import Inputs
from livesim.model.rates import Screen


class Stage:
    """Who is on stage, which links are up and at what price, in each of R replications.

    Parameters
    ----------
    inputs
        The show's numbers in R replications.
    start
        What has happened before a show that is on the air goes on.

    Attributes
    ----------
    on_stage, present
        Who is on stage, and who has come to the studio, shape (R, people).
    link_up
        Which products can be ordered in the current slot, shape (R, P).
    link_at
        When a product's link first went up [s], inf before, shape (R, P).
    price
        Price shown [currency/unit], shape (R, P).
    slot
        Number of the current slot, -1 in a gap, shape (R,).
    slot_started_at, slot_linked_at, slot_ended_at
        When each slot started, when its links went up, and when it ended [s], inf if that did not
        happen, shape (R, slots).
    called
        When processes have put a part of a product on sale [s], inf if not, by product and part,
        shape (R,).
    new_slot
        Replications in which a slot has started and nothing could be ordered since, shape (R,).
    sold_out
        Which products have been sold out since the running slot waits for that, shape (R, P), as
        far as anybody notes it: a slot that goes on from where another process has brought it.
    changed
        Whether anything has changed since the rates were last computed.
    """

    def __init__(self, inputs: Inputs, start: State | None = None) -> None:
        replications, products = inputs.replications, len(inputs.products)
        self.on_stage = np.zeros((replications, len(inputs.people)), dtype=bool)
        self.present = inputs.comes & (inputs.late == 0)
        self.link_up = np.zeros((replications, products), dtype=bool)
        self.link_at = np.full((replications, products), np.inf)
        self.price = np.tile(inputs.price, (replications, 1))
        self.slot = np.full(replications, -1)
        self.slot_started_at = np.full((replications, len(inputs.slots)), np.inf)
        self.slot_linked_at = self.slot_started_at.copy()
        self.slot_ended_at = self.slot_started_at.copy()
        self.called: dict[tuple[int, str], Floats] = {}
        self.new_slot = np.zeros(replications, dtype=bool)
        self.sold_out = np.zeros((replications, products), dtype=bool)
        self.changed = True
        if start is not None:
            self._go_on(inputs, start)

    def _go_on(self, inputs: Inputs, start: State) -> None:
        """Let things be as a started show has left them: what it shows follows from that."""
        self.present, self.link_at = start.present.copy(), start.link_at.copy()
        self.called = {part: due.copy() for part, due in start.called.items()}
        old = start.names["slot"]
        for number, slot in enumerate(inputs.slots):
            if slot.name in old:
                column = old.index(slot.name)
                self.slot_started_at[:, number] = start.slot_started_at[:, column]
                self.slot_linked_at[:, number] = start.slot_linked_at[:, column]
                self.slot_ended_at[:, number] = start.slot_ended_at[:, column]
            runs = np.isfinite(self.slot_started_at[:, number])
            runs &= np.isinf(self.slot_ended_at[:, number])
            linked = runs & np.isfinite(self.slot_linked_at[:, number])
            self.slot[runs] = number
            self.on_stage[runs] = slot.cast & self.present[runs]
            self.link_up[np.ix_(linked, slot.sells)] = True
            for product, price in slot.prices:
                self.price[runs, product] = price
        self.new_slot = (self.slot >= 0) & ~self._can_be_ordered(inputs)

    def take_new_offers(self, inputs: Inputs) -> NDArray[np.bool_]:
        """Return, once, where something can be ordered in a slot for the first time, shape (R,)."""
        first = self.new_slot & self._can_be_ordered(inputs)
        self.new_slot = self.new_slot & ~first
        return first

    def _can_be_ordered(self, inputs: Inputs) -> NDArray[np.bool_]:
        """Say where a link is up, or an earlier one on the shelf, shape (R,)."""
        on_shelf = np.isfinite(self.link_at) & (inputs.shelf > 0)
        return np.asarray((self.link_up | on_shelf).any(axis=1))

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Note that a part of a product is put on sale in a replication at a moment [s]."""
        when = self.called.setdefault((product, part), np.full(len(self.slot), np.inf))
        when[row] = min(when[row], due)

    def screen(self, time: float) -> Screen:
        """Freeze what viewers see at a refresh, without the stock."""
        return Screen(
            time=time,
            on_stage=self.on_stage.copy(),
            offered=self.link_up.copy(),
            earlier=self.link_at <= time,
            price=self.price.copy(),
        )
