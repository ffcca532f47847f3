"""The rundown where none is written: products in rotation, for equally long each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livesim.resolve.derivation import DerivationError
from livesim.resolve.words import counted
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Draft
from livesim.scenario.quantities import DURATION


def rotation(draft: Draft, each_slot: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the slots of an even rotation, in the notation of a file.

    With ``show.rotation`` the products take turns of about that length, in the whole number of
    cycles that comes closest; without, each is shown once. Slots last whole refreshes, and the
    last takes what is left.
    Everybody is on stage all the time.

    Parameters
    ----------
    draft
        A show without a rundown.
    each_slot
        What the template says about every slot.

    Raises
    ------
    DerivationError
        If there are more slots than refreshes.
    """
    gifts = {one.gift.product.partition(".")[0] for one in draft.products.values() if one.gift}
    products = [
        name
        for name, product in draft.products.items()
        if name not in gifts or product.conversion != 0
    ]
    show = draft.show
    # One product is on all the time: a new slot of it would let everybody decide about it again.
    turn = (show.rotation if len(products) > 1 else None) or show.length
    cycles = max(1, round(show.length / (turn * len(products))))
    slots = [f"{product}_{cycle}" for cycle in range(1, cycles + 1) for product in products]
    each = int(show.length / show.refresh / len(slots) + 1e-9) * show.refresh
    if each == 0:
        raise DerivationError(
            Finding(
                ("show", "length"),
                f"the show is too short to show {counted(len(products), 'product')}",
                f"one refresh is {DURATION.write(show.refresh)}: make the show longer",
            )
        )
    last = show.length - each * (len(slots) - 1)
    in_a_room = {name for room in (draft.rooms or {}).values() for name in room.people}
    return {
        name: {
            **each_slot,
            "length": DURATION.write(last if number == len(slots) else each),
            "on_stage": [name for name in draft.people if name not in in_a_room],
            "sells": [products[(number - 1) % len(products)]],
        }
        for number, name in enumerate(slots, start=1)
    }
