"""What in a show reacts to its stock: made once from its numbers, and read by whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.custom import NONE, Custom
from livesim.model.inputs import Inputs

#: What people are told that most reacts to the stock.
Reaction: TypeAlias = Literal["nothing", "orders", "slots", "viewers"]


@dataclass(frozen=True)
class Reactions:
    """What in a show reacts to its stock.

    Parameters
    ----------
    orders
        Products whose stock decides what others or other variants sell: orders take units of
        several of them, or their variants have first orders' coupons in common.
    slots
        Products at whose sell-out a slot goes on.
    coupons, screen, platform
        Keys of the scenario by which viewers react to coupons while there are some, viewers to the
        share claimed or to few units left, and the platform to a room with nothing on hand.
    own_code
        Whether a user's code takes part that can see the stock.
    tied
        Whether viewers cannot look ahead, since others bring newcomers, a checkout has a queue, or
        a user's behaviour takes part: then what happens in an interval depends on the one before
        it. Nor can they where orders take units of several products, or a webshop does: when they
        are sold out is not told ahead.
    screen_changes
        Whether what viewers make of the screen can change at any refresh, also while nothing
        happens on stage: it shows the stock, somebody reacts to that, or a user's behaviour does.
    """

    orders: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    screen: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    own_code: bool = False
    tied: bool = False
    screen_changes: bool = False

    @property
    def any(self) -> bool:
        """Whether anything reacts: orders, slots or viewers."""
        return bool(self.orders) or not self.one_recording

    @property
    def one_recording(self) -> bool:
        """Whether one recording holds at every stock: all levels are ledgers of it."""
        return not (self.slots or self.viewers)

    @property
    def viewers(self) -> bool:
        """Whether viewers, the platform or a user's code react: each stock has its own show."""
        return bool(self.keys) or self.own_code

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the scenario by which they do."""
        return self.coupons + self.screen + self.platform

    @property
    def orders_alone(self) -> bool:
        """Whether orders alone join stocks: one recording tells of all of them together."""
        return bool(self.orders) and self.one_recording

    @property
    def coupons_alone(self) -> bool:
        """Whether viewers react to coupons alone: all is one show, as long as these last."""
        others = self.slots or self.screen or self.platform or self.own_code
        return bool(self.coupons) and not others

    @property
    def own_pace(self) -> bool:
        """Whether slots go on at sell-out, and each show can at a pace of its own."""
        return bool(self.slots) and not (self.viewers or self.tied)

    @property
    def simulated_apart(self) -> bool:
        """Whether each level and each way to sell takes a simulation of its own."""
        return self.viewers and not self.coupons_alone

    @property
    def word(self) -> Reaction:
        """What people are told of it, and a saved plan."""
        if self.viewers:
            return "viewers"
        return "slots" if self.slots else "orders" if self.orders else "nothing"

    def as_saved(self, word: Reaction) -> Reactions:
        """Return what a saved plan tells of a show that may react so.

        Slots may never have gone on, and of a user's code nothing is kept.
        """
        slots = self.slots if word in ("slots", "viewers") else ()
        return replace(self, slots=slots, own_code=word == "viewers" and not self.viewers)


def reactions_of(inputs: Inputs, custom: Custom = NONE) -> Reactions:
    """Return what in a show reacts to its stock, by its numbers and a user's code."""
    herd = _keys(inputs, "herd", inputs.shows_claimed * inputs.herd)
    scarce = _keys(inputs, "scarcity", inputs.shows_on_hand * (inputs.scarce_below > 0)[None])
    moved = bool((inputs.unavailable_arrivals != 1).any())
    coupons = _keys(inputs, "coupon.lift", inputs.log_coupon)
    waited_for = {product for slot in inputs.slots if slot.goes_on for product in slot.sells}
    behaves, shown = custom.behaviour is not None, inputs.shows_claimed or inputs.shows_on_hand
    felt = bool(coupons or herd or scarce) or moved
    tied = behaves or bool(inputs.sharing) or inputs.webshops.any() or np.isfinite(inputs.capacity)
    return Reactions(
        orders=tuple(inputs.products[product] for product in inputs.joint),
        slots=tuple(inputs.products[product] for product in sorted(waited_for)),
        coupons=coupons,
        screen=herd + scarce,
        platform=("show.arrivals_when_unavailable",) if moved else (),
        own_code=bool(custom.processes) or (behaves and bool(shown or coupons)),
        tied=bool(tied) or any(segment.reacts for segment in inputs.segments),
        screen_changes=behaves or shown or felt,
    )


def _keys(inputs: Inputs, key: str, effects: NDArray[Any]) -> tuple[str, ...]:
    """Return a key of each product by which it has any effect on viewers, of effects (R, P)."""
    moved = np.flatnonzero(effects.any(axis=0)).tolist()
    return tuple(f"products.{inputs.products[product]}.{key}" for product in moved)
