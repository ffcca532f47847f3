"""What is surely worth buying: no purchase is recommended whose gain is inside its own error.

One rule for all objectives. What is bought to reach what an objective asks for, as units for a
service level or for a cap on losses, is bought for that; all else must significantly earn something
above what is left without it. Where left-overs are worth about what they cost, the best is whatever
the largest show took, so that the second half must earn something, too. Of what does not, as much
is bought as surely does, each step over the fewer units before it; and of what that leaves out of
several items, as much as surely earns something together: no row that a plan prints beside its
recommendation, as another total or the benchmark rule, is surely better and could be bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.curves import Curves
from livesim.planning.items import Item
from livesim.planning.limits import NotSignificant
from livesim.planning.objectives import Objective
from livesim.planning.profit import left_overs_cost_little
from livesim.planning.sensitivity import other_totals
from livesim.planning.terms import Purchase, Terms, order_quantities
from livesim.results.intervals import estimate

#: Of items that are bought together, so many parts of the purchase are looked at.
_PARTS = 8
#: So often at most another total is taken instead.
_ROUNDS = 12


def surely_bought(
    curves: Curves, objective: Objective, terms: Terms, units: Purchase
) -> tuple[Purchase, tuple[NotSignificant, ...]]:
    """Return the units without purchases whose gain is inside its own error, and these.

    What that leaves of a budget, a storage or a cap is for the others, which are then looked at
    once more: each time less can be bought, so it ends.

    Parameters
    ----------
    curves, objective, terms
        What units come to, what they are for, and what a purchase must respect.
    units
        What is best, sure or not: on hand before the show, those owned included, an item each.
    """
    unsure: dict[str, NotSignificant] = {}
    best, of_all = units, terms
    frees = _frees(curves, objective, terms, units)
    while True:
        before = units
        for name, numbers in parts(terms).items():
            found = _unsure(curves, objective, terms, units, name, numbers)
            if found is None:
                continue
            unsure.setdefault(name, found[1])
            units = found[0]
            bought = {n: units[n] - terms.items[n].owned for n in numbers}
            terms = terms.at_most(bought)
            if frees:
                units = objective.choose(curves, terms)
        if units == before or not frees:
            break
    units = _no_worse(curves, objective, of_all, units)
    return units, tuple(_in_the_end(curves, unsure.values(), of_all, units, best))


def _no_worse(curves: Curves, objective: Objective, terms: Terms, units: Purchase) -> Purchase:
    """Return units that no row of a plan surely earns more than: other totals, the benchmark rule.

    Of each first only what is bought anyway, and none beyond what was looked at. Of one item that
    is known; of several, what each lacks may be unsure, and all of it not.
    """
    benchmark = forecast_and_margin(curves)
    beyond = any(n > max(of.levels) for n, of in zip(benchmark, curves.curves, strict=True))
    for _ in range(_ROUNDS):
        rows = [*other_totals(curves, units), *([] if beyond else [benchmark])]
        others = [_of_what_is_bought(terms, units, row) for row in rows]
        better = (
            other
            for other in filter(terms.allow, (*others, *rows))
            if _surely_better(curves, objective, units, other)
        )
        if (found := next(better, None)) is None:
            break
        units = found
    return units


def _of_what_is_bought(terms: Terms, units: Purchase, other: Purchase) -> Purchase:
    """Return other units of the items of which some are bought; the rest stays."""
    return tuple(
        many if have > item.owned else have
        for many, have, item in zip(other, units, terms.items, strict=True)
    )


def _surely_better(curves: Curves, objective: Objective, units: Purchase, other: Purchase) -> bool:
    """Say whether other units surely earn more, and lose nothing of what the objective asks for."""
    above_zero = estimate(curves.gain(units, other)).above_zero
    return above_zero and not _is_asked_for(curves, objective, units, other)


def _in_the_end(
    curves: Curves,
    unsure: Iterable[NotSignificant],
    terms: Terms,
    units: Purchase,
    best: Purchase,
) -> Iterator[NotSignificant]:
    """Yield what is not bought in the end of what was not sure by itself."""
    for one in unsure:
        numbers = parts(terms)[one.product]
        bought, wanted = (
            sum(have[n] - terms.items[n].owned for n in numbers) for have in (units, best)
        )
        if bought == one.fewer:
            yield one
        elif bought < wanted:
            all_of_it = tuple(best[n] if n in numbers else have for n, have in enumerate(units))
            gain = estimate(curves.gain(units, all_of_it))
            yield NotSignificant(one.product, wanted, gain, bought, bought)


def _frees(curves: Curves, objective: Objective, terms: Terms, units: Purchase) -> bool:
    """Say whether others may get what an item leaves: not where there is enough for all."""
    if objective.capped or not terms.resources:
        return objective.capped
    return objective.choose(curves, terms.free_of(*terms.resources)) != units


def parts(terms: Terms) -> dict[str, list[int]]:
    """Return the numbers of the items of each product, and then of each item, by their name."""
    return terms.products | {item.name: [number] for number, item in enumerate(terms.items)}


def _unsure(
    curves: Curves,
    objective: Objective,
    terms: Terms,
    units: Purchase,
    name: str,
    numbers: Sequence[int],
) -> tuple[Purchase, NotSignificant] | None:
    """Return what is surely bought instead of some items, and why; None where they stay."""
    bought = sum(units[number] - terms.items[number].owned for number in numbers)
    if not bought:
        return None
    fewest = without(terms.items, units, numbers)
    if not terms.allow(fewest):
        return None  # some are bought for the sake of an order's minimum
    way = [*filter(terms.allow, on_the_way(curves, terms, fewest, units))]
    halves = [one for one in way if 2 * (sum(one) - sum(fewest)) <= bought]
    endless = all(left_overs_cost_little(curves, curves.items[number]) for number in numbers)
    half = halves[-1] if halves and endless else fewest
    if all(
        estimate(curves.gain(less, units)).above_zero
        or _is_asked_for(curves, objective, units, less)
        for less in (fewest, half)
    ):
        return None
    fewer = _surely(curves, objective, fewest, way)
    above = sum(fewer) - sum(fewest)
    gain = estimate(curves.gain(fewer, units))
    return None if gain.above_zero else (fewer, NotSignificant(name, bought, gain, above, above))


def without(items: Sequence[Item], units: Purchase, numbers: Sequence[int]) -> Purchase:
    """Return units of which nothing is bought of some items, by their numbers."""
    return tuple(
        items[number].owned if number in numbers else have for number, have in enumerate(units)
    )


def _surely(
    curves: Curves, objective: Objective, fewest: Purchase, way: Sequence[Purchase]
) -> Purchase:
    """Return the most units on a way whose gain is sure, over none and over the fewer that are.

    Tested from the fewest on, each at its own 95 %. Units beyond that earn nothing surely, even if
    all together do. On the way nothing is lost of what the objective asks for.
    """
    sure = fewest
    for more in way:
        pays = all(estimate(curves.gain(less, more)).above_zero for less in (fewest, sure))
        if pays and not _is_asked_for(curves, objective, fewest, more):
            sure = more
    return sure


def _is_asked_for(curves: Curves, objective: Objective, units: Purchase, other: Purchase) -> bool:
    """Say whether units are what the objective asks for beside profit, and others are not."""
    return objective.capped and objective.asks_for(curves.profit(units), curves.profit(other))


def surely_more(
    curves: Curves, objective: Objective, terms: Terms, units: Purchase, wanted: Purchase
) -> Purchase:
    """Return other units if they surely earn more than units, else as much of the way as does."""
    if estimate(curves.gain(units, wanted)).above_zero:
        return wanted
    way = filter(terms.allow, on_the_way(curves, terms, units, wanted))
    return _surely(curves, objective, units, [*way])


def on_the_way(
    curves: Curves, terms: Terms, fewest: Purchase, units: Purchase
) -> Iterator[Purchase]:
    """Yield what lies between two purchases in whole packs, the fewest units first."""
    differ = [n for n, (one, other) in enumerate(zip(fewest, units, strict=True)) if one != other]
    if len(differ) == 1:
        (number,) = differ
        for have in order_quantities(terms, number, curves.curves[number]).tolist():
            if fewest[number] < have < units[number]:
                yield (*fewest[:number], have, *fewest[number + 1 :])
        return
    for part in np.arange(1, _PARTS) / _PARTS:
        between = [*fewest]
        for n in differ:
            pack = terms.items[n].pack
            between[n] += pack * int(part * (units[n] - fewest[n]) / pack)
        yield tuple(between)
