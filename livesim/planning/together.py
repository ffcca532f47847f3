"""Whether purchases are surely worth it where stocks act on each other, by simulation.

There what an item earns is what the show earns less without its purchase, both simulated: what
single curves tell need not add up. The rule is that of :mod:`~livesim.planning.significance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from livesim.planning.buying import Purchase, Terms
from livesim.planning.curves import Curves
from livesim.planning.limits import NotSignificant, UnsureTogether
from livesim.planning.objectives import Objective
from livesim.planning.significance import on_the_way, parts, without
from livesim.results.intervals import Estimate, estimate
from livesim.scenario.quantities import Floats

#: The profit of the show with joint stocks that were simulated, by the units of each item, (R,).
Profits: TypeAlias = Mapping[Purchase, Floats]

#: Of what lies between nothing and a purchase, about so many are simulated.
_LOOKED_AT = 8


@dataclass(frozen=True)
class Sure:
    """What is surely worth it of a purchase, as far as simulations tell.

    Parameters
    ----------
    units
        On hand before the show, those owned included, an item each.
    unsure
        What is not recommended, since its gain is inside its own error.
    unknown
        Joint stocks of which a simulation would tell more.
    """

    units: Purchase
    unsure: tuple[NotSignificant | UnsureTogether, ...]
    unknown: tuple[Purchase, ...]


def surely_together(
    curves: Curves, objective: Objective, profits: Profits, units: Purchase, wanted: Purchase
) -> Sure:
    """Return what of some units is surely worth it.

    Purchases that are not are left out, the least sure first; then as much is bought of each item
    as surely earns something beside the others.

    Parameters
    ----------
    curves, objective
        Of which show, and what the units are for.
    profits
        Of joint stocks that were simulated, those of what is owned and of the units among them.
    units
        What is best, sure or not.
    wanted
        The most of each item that is looked at.
    """
    unsure: list[NotSignificant | UnsureTogether] = []
    while found := min(_not_sure(curves, objective, profits, units), key=_by_gain, default=None):
        units, reason = found
        unsure.append(reason)
    unknown = [one for _, one in left_out(curves, units) if one not in profits]
    if units != curves.owned and not _pays(objective, profits, units, curves.owned):
        gain = estimate(profits[units] - profits[curves.owned])
        unsure.append(UnsureTogether(sum(units) - sum(curves.owned), gain))
        units = curves.owned
    for number in range(len(units)):
        way = _way(curves, units, number, wanted[number])
        unknown += [one for one in way if one not in profits]
        units = max(_surely_more(profits, way, units), key=sum, default=units)
    return Sure(units, tuple(_with_fewer(curves, one, units) for one in unsure), tuple(unknown))


def gain_of(curves: Curves, units: Purchase, number: int) -> Estimate:
    """Return what an item's purchase earns above buying none of it, the others as they are.

    As simulated together where it was, otherwise by the item's curve [currency].
    """
    item = curves.items[number]
    none = without(curves.items, units, [number])
    if curves.reaction != "nothing" and curves.is_exact(units) and curves.is_exact(none):
        return estimate(curves.simulated[units] - curves.simulated[none])
    return estimate(curves.curves[number].gain(item.owned, units[number]))


def left_out(curves: Curves, units: Purchase) -> Iterator[tuple[str, Purchase]]:
    """Yield the units without each purchase that may be left out."""
    terms = Terms.of(curves)
    for name, numbers in parts(terms).items():
        none = without(curves.items, units, numbers)
        if none != units and terms.allow(none):
            yield name, none


def _not_sure(
    curves: Curves, objective: Objective, profits: Profits, units: Purchase
) -> Iterator[tuple[Purchase, NotSignificant]]:
    """Yield the units without each purchase that is not surely worth it, and why."""
    for name, none in left_out(curves, units):
        if none in profits and not _pays(objective, profits, units, none):
            gain = estimate(profits[units] - profits[none])
            yield none, NotSignificant(name, sum(units) - sum(none), gain)


def _by_gain(found: tuple[Purchase, NotSignificant]) -> float:
    return found[1].gain.mean or 0.0


def _way(curves: Curves, units: Purchase, number: int, most: int) -> list[Purchase]:
    """Return some purchases with more of an item, the fewest first."""
    terms, full = Terms.of(curves), (*units[:number], most, *units[number + 1 :])
    if full == units:
        return []
    way = [*filter(terms.allow, on_the_way(curves, terms, units, full))]
    return [*way[:: 1 + len(way) // _LOOKED_AT], *filter(terms.allow, [full])]


def _surely_more(profits: Profits, way: Sequence[Purchase], units: Purchase) -> Iterator[Purchase]:
    """Yield what lies on a way as long as it is known to earn surely more than units."""
    for one in way:
        if one not in profits or not estimate(profits[one] - profits[units]).above_zero:
            return
        yield one


def _with_fewer(
    curves: Curves, unsure: NotSignificant | UnsureTogether, units: Purchase
) -> NotSignificant | UnsureTogether:
    """Return a purchase that is not recommended with what is bought of it after all."""
    numbers = list(range(len(units)))
    if isinstance(unsure, NotSignificant):
        numbers = parts(Terms.of(curves))[unsure.product]
    return replace(unsure, fewer=sum(units[n] - curves.owned[n] for n in numbers))


def _pays(objective: Objective, profits: Profits, units: Purchase, none: Purchase) -> bool:
    """Say whether units surely earn more than others, or are what the objective asks for."""
    profit, other = profits[units], profits[none]
    return estimate(profit - other).above_zero or objective.asks_for(profit, other)
