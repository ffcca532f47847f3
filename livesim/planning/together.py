"""Whether purchases are surely worth it where stocks act on each other, by simulation.

There what an item earns is what the show earns less without its purchase, both simulated: what
single curves tell need not add up. The rule is that of :mod:`~livesim.planning.significance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from livesim.arrays import Floats
from livesim.planning.curves import Curves
from livesim.planning.limits import NotSignificant, ResourceDecides, UnsureTogether
from livesim.planning.objectives import Objective
from livesim.planning.sensitivity import gain_above
from livesim.planning.significance import on_the_way, parts, without
from livesim.planning.terms import Purchase, Terms, needed_of
from livesim.results.intervals import Estimate, estimate

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
    as surely earns something beside the others, and whatever else was simulated and surely earns
    more.

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
        units = found.units
        unsure += found.reasons
    unknown = [one for _, one in left_out(curves, units) if one not in profits]
    owned = curves.owned
    if units != owned and not _pays(objective, profits[units], profits[owned]):
        gain = estimate(profits[units] - profits[curves.owned])
        unsure.append(UnsureTogether(sum(units) - sum(curves.owned), gain))
        units = curves.owned
    for number in range(len(units)):
        way = _way(curves, units, number, wanted[number])
        unknown += [one for one in way if one not in profits]
        units = max(_surely_more(profits, way, units), key=sum, default=units)
    if (better := _no_worse(curves, objective, profits, units)) != units:
        units = better
        unknown += [one for _, one in left_out(curves, units) if one not in profits]
    told = (_with_fewer(curves, one, units) for one in unsure)
    return Sure(units, tuple(one for one in told if one.fewer < one.units), tuple(unknown))


def deciding_resources(
    curves: Curves, objective: Objective, units: Purchase
) -> Iterator[ResourceDecides]:
    """Yield what is limited and keeps units from others that surely earn more, as simulated."""
    terms = Terms.of(curves)
    totals = {one: whole.profit for one, whole in curves.totals.items()}
    beside = [profits for profits in (curves.simulated, totals) if units in profits]
    for resource in () if objective.serves else terms.resources:
        gains = {
            one: estimate(profits[one] - profits[units])
            for profits in beside
            for one in filter(terms.free_of(resource).allow, profits)
            if resource in terms.exceeded(one)
            and not objective.asks_for(profits[units], profits[one])
        }
        surely = {one: gain for one, gain in gains.items() if gain.above_zero}
        if surely:
            best = max(surely, key=lambda one: surely[one].mean or 0.0)
            yield ResourceDecides(resource, needed_of(resource, curves, best), surely[best])


def gain_of(curves: Curves, units: Purchase, number: int) -> Estimate:
    """Return what an item's purchase earns above buying none of it, the others as they are.

    As simulated together where it was, otherwise by the item's curve [currency].
    """
    item = curves.items[number]
    none = without(curves.items, units, [number])
    if (gain := _simulated_gain(curves, units, none)) is not None:
        return gain
    return estimate(curves.curves[number].gain(item.owned, units[number]))


def shows_of_gains(curves: Curves, units: Purchase) -> int:
    """Return in how many shows what each purchase earns is simulated: in all, or the first."""
    bought = [n for n, item in enumerate(curves.items) if units[n] > item.owned]
    rest = [without(curves.items, units, [number]) for number in bought]
    return min(
        (len(curves.totals[none].profit) for none in rest if _told_by_totals(curves, units, none)),
        default=curves.replications,
    )


def gains_are_approximate(curves: Curves, units: Purchase) -> bool:
    """Say whether what some item's purchase earns is from approximate curves, not simulated."""
    bought = [n for n, item in enumerate(curves.items) if units[n] > item.owned]
    rest = [without(curves.items, units, [number]) for number in bought]
    known = all(_simulated_gain(curves, units, none) is not None for none in rest)
    return curves.together is not None and not known


def without_unsure(curves: Curves, objective: Objective, units: Purchase) -> Iterator[Purchase]:
    """Yield units without all purchases whose simulated gain is not sure, and without the least.

    Other purchases may then be worth more, so that what is left is to be simulated in its turn.
    """
    bought_of = parts(Terms.of(curves))
    unsure: dict[str, float] = {}
    for name, none in left_out(curves, units):
        gain = _simulated_gain(curves, units, none)
        if gain is not None and not gain.above_zero and not objective.serves:
            unsure[name] = gain.mean or 0.0
    for names in [[*unsure], [min(unsure, key=unsure.__getitem__)]] if unsure else []:
        fewer = without(curves.items, units, [n for name in names for n in bought_of[name]])
        if Terms.of(curves).allow(fewer):
            yield fewer


def _simulated_gain(curves: Curves, units: Purchase, none: Purchase) -> Estimate | None:
    """Return what units earn above others, both simulated side by side; None where none were."""
    if _told_by_totals(curves, units, none):
        return gain_above(curves, units, none)
    if _simulated_in_all(curves, units, none):
        return estimate(curves.simulated[units] - curves.simulated[none])
    return None


def _simulated_in_all(curves: Curves, units: Purchase, none: Purchase) -> bool:
    return {units, none} <= curves.simulated.keys()


def _told_by_totals(curves: Curves, units: Purchase, none: Purchase) -> bool:
    whole = {units, none} <= curves.totals.keys()
    return whole and not _simulated_in_all(curves, units, none)


def left_out(curves: Curves, units: Purchase) -> Iterator[tuple[str, Purchase]]:
    """Yield the units without each purchase that may be left out."""
    terms = Terms.of(curves)
    for name, numbers in parts(terms).items():
        none = without(curves.items, units, numbers)
        if none != units and terms.allow(none):
            yield name, none


@dataclass(frozen=True)
class _Fewer:
    """Units without purchases that are not surely worth it, what these earn, and why."""

    units: Purchase
    gain: Estimate
    reasons: tuple[NotSignificant, ...]


def _not_sure(
    curves: Curves, objective: Objective, profits: Profits, units: Purchase
) -> Iterator[_Fewer]:
    """Yield the units without each purchase that is not surely worth it, and why.

    Where items are too many to be looked at one by one, without several at once.
    """
    terms, left = Terms.of(curves), dict(left_out(curves, units))
    for name, none in left.items():
        if none in profits and not _pays(objective, profits[units], profits[none]):
            gain = estimate(profits[units] - profits[none])
            yield _Fewer(none, gain, (NotSignificant(name, sum(units) - sum(none), gain),))
    for none in profits if curves.together else ():
        parted = [n for n, have in enumerate(units) if none[n] != have]
        several = without(curves.items, units, parted) == none and none != curves.owned
        if several and len(parted) > 1 and not _pays(objective, profits[units], profits[none]):
            reasons = tuple(
                NotSignificant(name, sum(units) - sum(left[name]), alone)
                for name, numbers in parts(terms).items()
                if {*numbers} <= {*parted} and name in left
                if (alone := _simulated_gain(curves, units, left[name])) is not None
            )
            yield _Fewer(none, estimate(profits[units] - profits[none]), reasons)


def _by_gain(found: _Fewer) -> float:
    return found.gain.mean or 0.0


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


def _no_worse(curves: Curves, objective: Objective, profits: Profits, units: Purchase) -> Purchase:
    """Return units that nothing which was simulated and may be bought surely earns more than.

    Of what does the fewest units first, so that each step is sure.
    """
    allowed = [*filter(Terms.of(curves).allow, profits)]
    while better := [
        one
        for one in allowed
        if estimate(profits[one] - profits[units]).above_zero
        and not objective.asks_for(profits[units], profits[one])
    ]:
        units = min(better, key=sum)
    return units


def _with_fewer(
    curves: Curves, unsure: NotSignificant | UnsureTogether, units: Purchase
) -> NotSignificant | UnsureTogether:
    """Return a purchase that is not recommended with what is bought of it after all."""
    numbers = list(range(len(units)))
    if isinstance(unsure, NotSignificant):
        numbers = parts(Terms.of(curves))[unsure.product]
    return replace(unsure, fewer=sum(units[n] - curves.owned[n] for n in numbers))


def _pays(objective: Objective, profit: Floats, other: Floats) -> bool:
    """Say whether units surely earn more than others, or are what the objective asks for."""
    return estimate(profit - other).above_zero or objective.asks_for(profit, other)
