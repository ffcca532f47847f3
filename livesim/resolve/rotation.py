"""The rundown where none is written, for equally long a product; and the talk in short slots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from livesim.resolve.derivation import DerivationError, Derived, Path, Reason, Reasons, reason_of
from livesim.resolve.words import counted, duration
from livesim.scenario.draft import Draft
from livesim.scenario.quantities import DURATION

#: The talk that a template puts before the link takes at most one in so many of a slot [1]
#: (assumption).
_TALK: Final = 3


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
        raise DerivationError.of(
            ("show", "length"),
            f"the show is too short to show {counted(len(products), 'product')}",
            f"one refresh is {DURATION.write(show.refresh)}: make the show longer",
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


def soon_enough(
    rundown: Mapping[str, Mapping[str, Any]], refresh: float, reasons: Reasons
) -> dict[Path, Derived]:
    """Return the links of what is sold in slots that are short for the template's talk before one.

    They go up after a third of the slot (assumption), in whole refreshes. What a file says stands.

    Parameters
    ----------
    rundown
        All slots, in the notation of a file.
    refresh
        How often viewers look [s].
    reasons
        Why each link goes up when it does.
    """
    found: dict[Path, Derived] = {}
    for name, slot in rundown.items():
        path = ("rundown", name, "link")
        length, link = (_seconds(slot[key]) for key in ("length", "link"))
        if not slot["sells"] or link <= length / _TALK or reason_of(reasons, path).kind == "given":
            continue
        why = f"a third of the slot, which is short for the template's {duration(link)}"
        soon = int(length / _TALK / refresh + 1e-9) * refresh
        found[path] = Derived(DURATION.write(soon), Reason("assumption", why))
    return found


def _seconds(value: Any) -> float:
    return float(DURATION.read(value) if isinstance(value, str) else value)
