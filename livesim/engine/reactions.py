"""What in a show reacts to its stock."""

from __future__ import annotations

import numpy as np

from livesim.model.inputs import Inputs


def at_own_pace(inputs: Inputs) -> bool:
    """Say whether slots go on at sell-out, and viewers can look ahead.

    They cannot where they react to what is left, where others bring newcomers, or where a checkout
    has a queue: then what happens in an interval depends on the one before it. Nor where orders
    take units of several products, or a webshop does: when they are sold out is not told ahead.
    """
    tied = (
        bool(inputs.sharing)
        or bool(inputs.webshops.any())
        or viewers_react(inputs)
        or any(segment.reacts for segment in inputs.segments)
    )
    return not tied and bool(np.isinf(inputs.capacity)) and any(s.goes_on for s in inputs.slots)


def viewers_react(inputs: Inputs) -> bool:
    """Say whether the screen shows what they react to, or the platform reacts.

    They react to the share claimed, to few units left, and to coupons while there are some.
    """
    return bool(inputs.log_coupon.any()) or _stock_is_seen(inputs)


def coupons_alone_move(inputs: Inputs) -> bool:
    """Say whether coupons are all that viewers react to, and no slot goes on at sell-out."""
    seen = _stock_is_seen(inputs) or any(slot.goes_on for slot in inputs.slots)
    return bool(inputs.log_coupon.any()) and not seen


def _stock_is_seen(inputs: Inputs) -> bool:
    """Say whether viewers react to the share claimed or to few units left, or the platform does."""
    herds = inputs.shows_claimed and bool(inputs.herd.any())
    scarce = inputs.shows_on_hand and bool((inputs.scarce_below > 0).any())
    return herds or scarce or platform_reacts(inputs)


def platform_reacts(inputs: Inputs) -> bool:
    """Say whether a room with nothing on hand is shown to fewer."""
    return bool((inputs.unavailable_arrivals != 1).any())
