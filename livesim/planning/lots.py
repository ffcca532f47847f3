"""What each further lot of a purchase earns for its money, all items in one ranking.

A purchase is cut into lots where its price or its minimum order says so, and otherwise into equal
parts. The next lot of each item, which is not bought, shows where buying stops to pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from livesim.planning.curves import Curves, Units
from livesim.planning.items import Item
from livesim.planning.terms import packs
from livesim.results.intervals import Estimate, estimate

#: A purchase is shown in about so many lots.
_PARTS: Final = 4


@dataclass(frozen=True)
class Lot:
    """Further units of an item.

    Parameters
    ----------
    item
        Its name.
    after
        Units of it on hand before the show, without this lot [units].
    units
        Units of the lot [units].
    cost
        What they cost, with what they save of the price of those before [currency].
    gain
        What they earn above their cost, on the same random numbers [currency].
    bought
        Whether they are a part of the purchase that is recommended.
    """

    item: str
    after: int
    units: int
    cost: float
    gain: Estimate
    bought: bool

    @property
    def gain_per_money(self) -> float:
        """What they earn for each unit of money [1]."""
        return (self.gain.mean or 0.0) / max(self.cost, 1e-9)


def lots(curves: Curves, units: Units) -> tuple[Lot, ...]:
    """Return the lots of a purchase, and the next ones, those that earn most for their money first.

    Lots of an item stand in the order in which they are bought: a later one counts no more than
    those before it, and what pays only together with more, as up to a price break, is one lot. So
    is what only together surely earns something: a purchase of which that is not sure is not
    recommended (:mod:`~livesim.planning.significance`), so that each lot that is bought surely does
    if the purchase is for profit.

    Parameters
    ----------
    curves
        The stock curves.
    units
        Units on hand before the show that are recommended, an item each.
    """
    found: list[tuple[float, Lot]] = []
    for number, (item, have) in enumerate(zip(curves.items, units, strict=True)):
        ends = [item.owned, *(_ends(item, have - item.owned) if item.most > 0 else ())]
        if item.owned < have >= curves.curves[number].levels[-1]:
            del ends[-1]  # the next lot: no more was looked at
        mine: list[Lot] = []
        for after, end in pairwise(ends):
            lot = _lot(curves, number, after, end, bought=end <= have)
            while lot.bought and mine and not _apart(mine[-1], lot):
                lot = _lot(curves, number, mine.pop().after, end, bought=True)
            mine.append(lot)
        worths = np.minimum.accumulate([lot.gain_per_money for lot in mine])
        found += zip(worths.tolist(), mine, strict=True)
    return tuple(lot for _, lot in sorted(found, key=lambda one: -one[0]))


def _apart(before: Lot, lot: Lot) -> bool:
    """Say whether lots can be told apart: what each earns is known, and the first earns more."""
    known = before.gain.significant and lot.gain.significant
    return known and before.gain_per_money >= lot.gain_per_money


def _ends(item: Item, bought: int) -> list[int]:
    """Return the units on hand with which lots end, the next one after the purchase included."""
    least = item.pack * packs(item.minimum_order, item)
    step = item.pack * max(1, packs(max(bought - least, 0) / _PARTS, item))
    starts = [item.pack * packs(start, item) for start, _ in item.breaks]
    parts = [least + step * part for part in range(1, _PARTS)]
    inside = {n for n in (least, *starts, *parts) if least <= n < bought}
    following = bought + step if bought else max(step, least)
    return [item.owned + n for n in sorted({*inside, bought, following} - {0})]


def _lot(curves: Curves, number: int, after: int, end: int, *, bought: bool) -> Lot:
    curve = curves.curves[number]
    item = curve.item
    return Lot(
        item=item.name,
        after=after,
        units=end - after,
        cost=float(item.cost(end - item.owned) - item.cost(after - item.owned)),
        gain=estimate(curve.gain(after, end)),
        bought=bought,
    )
