"""The rundown as planned: when each slot starts, opens its link and ends if nothing goes wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from livesim.scenario.parts import Slot, Whole
from livesim.scenario.uncertain import likely


@dataclass(frozen=True)
class PlannedSlot:
    """A slot with its planned moments since the show's start [s].

    Parameters
    ----------
    name, slot
        The slot and what it is called in the rundown.
    start, link, end
        When it starts, when its link goes up, and when it ends.
    """

    name: str
    slot: Slot
    start: float
    link: float
    end: float


def planned_slots(scenario: Whole) -> tuple[PlannedSlot, ...]:
    """Return the slots at their planned times, cut off at the show's end.

    A slot without a start follows on at the end of the one before it.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/viya_kim_perfume.yaml")
    >>> [planned.name for planned in planned_slots(scenario) if planned.slot.sells]
    ['kim_and_the_perfume']
    """
    slots: list[PlannedSlot] = []
    clock = 0.0
    for name, slot in scenario.rundown.items():
        start = clock if slot.start is None else slot.start
        clock = min(start + slot.length, scenario.show.length)
        slots.append(PlannedSlot(name, slot, start, start + slot.link, clock))
    return tuple(slots)


def first_links(scenario: Whole) -> dict[str, float]:
    """Return when each product's link is first planned to go up [s]; without a slot it has none.

    Examples
    --------
    >>> import livesim
    >>> first_links(livesim.load("scenarios/viya_kim_perfume.yaml"))
    {'kkw_perfume': 1080.0}
    """
    return {
        product: planned.link
        for planned in reversed(planned_slots(scenario))
        for product in planned.slot.sells
    }


def offered_until(scenario: Whole) -> dict[str, float]:
    """Return when each product's last slot is planned to end [s]; the show's end with a shelf.

    Examples
    --------
    >>> import livesim
    >>> offered_until(livesim.load("scenarios/viya_kim_perfume.yaml"))
    {'kkw_perfume': 1800.0}
    """
    return {
        product: scenario.show.length if likely(scenario.products[product].shelf) else planned.end
        for planned in planned_slots(scenario)
        for product in planned.slot.sells
    }


def sold_until(scenario: Whole) -> dict[str, float]:
    """Return until when each product can be sold [s]; without a link of its own, to the end.

    Examples
    --------
    >>> import livesim
    >>> sold_until(livesim.load("scenarios/viya_kim_perfume.yaml"))
    {'kkw_perfume': 1800.0}
    """
    links, on_offer = first_links(scenario), offered_until(scenario)
    return {
        name: on_offer[name]
        if name in links and on_offer[name] > links[name]
        else scenario.show.length
        for name in scenario.products
    }


def on_hand_from(scenario: Whole, moment: float) -> float:
    """Return from when units that come at a moment [s] can be ordered [s]: the next refresh."""
    refresh = scenario.show.refresh
    return math.ceil(moment / refresh - 1e-9) * refresh


def announced_entry(scenario: Whole, person: str) -> float | None:
    """Return when a person is first planned on stage [s], or None if they never are."""
    if any(person in room.people for room in (scenario.rooms or {}).values()):
        return 0.0
    starts = [p.start for p in planned_slots(scenario) if person in p.slot.on_stage]
    return min(starts, default=None)
