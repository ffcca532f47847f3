"""A show's plan for most profit, from its stock curves: its units, and what they bring about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from livesim.arrays import Array
from livesim.checking.measures import OWNED, measures, named
from livesim.checking.planned import CHOICES, KNOWING, OF_RECOMMENDED, Chosen, Planned
from livesim.checking.searched import Look, OfTheBest, Search, searched
from livesim.checking.testing import Wanted
from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.building import simulated_choices
from livesim.planning.curves import Curves, Simulated, StockCurve, places
from livesim.planning.deciding import Decision, decide
from livesim.planning.drivers import gain_of_knowing_all
from livesim.planning.item_curves import outcomes
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.risk import worst_by_show
from livesim.planning.significance import without
from livesim.planning.terms import Purchase, Terms
from livesim.scenario.expecting import PLAN


def planned(
    curves: Curves,
    asked: Sequence[tuple[str, Wanted]],
    before: Planned | None = None,
    *,
    look: Look,
) -> Planned:
    """Return the plan for most profit.

    Where stocks act on each other its units are those of :mod:`~livesim.checking.searched`, and
    all else is what they come to in shows that their search has not seen.

    Parameters
    ----------
    curves
        The show's stock curves.
    asked
        Paths of figures, and what is expected of them. Where only units are asked for, only they
        are searched; where nothing is, there is every figure.
    before
        The plan from fewer replications, if there is any.
    look
        How purchases are judged where they are searched.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    if curves.exact:
        return _by_curves(curves)
    return _by_search(curves, asked, before, look)


def _by_curves(curves: Curves) -> Planned:
    """Return the plan of items of which each tells by itself what it earns."""
    decision = decide(curves, MOST_PROFIT)
    then = decision.units
    profits = (curves.profit_together(each) for each in _chosen(curves, then))
    figures = dict(_choices(*profits))
    figures[f"{PLAN}{KNOWING}"] = gain_of_knowing_all(curves, decision)
    for name, numbers in named(curves.items).items():
        some = [(curves.curves[n], then[n]) for n in numbers]
        gain = np.sum([curve.gain(curve.item.owned, many) for curve, many in some], axis=0)
        found = _brought_about(curves, some, [curve for curve, _ in some], gain)
        figures |= {f"{PLAN}{name}.{key}": values for key, values in found}
    low, high = _ends(curves, decision)
    chosen = {
        path: Chosen(
            *(of(then), of(low), of(high), curves.replications, of.unit),
            least=of.least,
            step=of.step,
        )
        for path, of in measures(curves.items).items()
    }
    return Planned(chosen, figures)


def _by_search(
    curves: Curves, asked: Sequence[tuple[str, Wanted]], before: Planned | None, look: Look
) -> Planned:
    """Return the plan of items whose stocks act on each other."""
    by_path = measures(curves.items)
    groups = [by_path[path].asked(ends) for path, ends in asked if path in by_path]
    search = searched(curves, groups, before.search if before else None, look)
    then = search.judged.found
    chosen: dict[str, Chosen | OfTheBest] = {}
    for path, of in by_path.items():
        row = search.rows.get(of.numbers, [then])
        chosen[path] = OfTheBest(search.judged, of, row, of.step, of.unit)
        if of.key in OWNED:
            chosen[path] = Chosen(of(then), of(then), of(then), curves.replications)
    if asked and all(path in by_path for path, _ in asked):
        return Planned(chosen, {}, search)
    seen = _seen(curves, search, before, look)
    return Planned(chosen, _as_simulated(curves, then, seen), search, seen)


def _seen(
    curves: Curves, search: Search, before: Planned | None, look: Look
) -> Mapping[Purchase, Simulated]:
    """Return what the choices came to, and what is bought without each name's items, as judged."""
    then, items = search.judged.found, curves.items
    rest = [without(items, then, numbers) for numbers in named(items).values()]
    choices = [*_chosen(curves, then), *rest]
    known: Mapping[Purchase, Simulated] = {}
    if before and before.search and before.search.after == search.after:
        known = before.seen if before.seen.keys() == set(choices) else {}
    there = len(next(iter(known.values())).profit) if known else 0
    later = simulated_choices(
        curves,
        choices,
        after=search.after + there,
        replications=look.replications - there,
        runner=look.runner,
    )
    return {
        units: Simulated.joined([known[units], of]) if known else of for units, of in later.items()
    }


def _as_simulated(
    curves: Curves, then: Purchase, seen: Mapping[Purchase, Simulated]
) -> dict[str, Array]:
    """Return what the units that were found bring about, by path."""
    choices, items = _chosen(curves, then), curves.items
    figures = dict(_choices(*(seen[units].profit for units in choices)))
    decision = Decision(then, (), (), 0.0)
    figures[f"{PLAN}{KNOWING}"] = gain_of_knowing_all(curves, decision)
    before_it, after_it = (outcomes(curves, seen[units], units) for units in choices[:2])
    for name, numbers in named(items).items():
        some = [(after_it[n], then[n]) for n in numbers]
        gain = seen[then].profit - seen[without(items, then, numbers)].profit
        found = _brought_about(curves, some, [before_it[n] for n in numbers], gain)
        figures |= {f"{PLAN}{name}.{key}": values for key, values in found}
    return figures


def _chosen(curves: Curves, units: Purchase) -> tuple[Purchase, Purchase, Purchase]:
    """Return the units of the choices, in the order of their names."""
    return curves.owned, units, forecast_and_margin(curves)


def _ends(curves: Curves, decision: Decision) -> Iterator[list[float]]:
    """Yield the fewest and the most units of each item; half a pack from those decided at least.

    A purchase that is only not significant yet lies between them, too.
    """
    ends = simulation_intervals(curves, MOST_PROFIT, decision)
    best = MOST_PROFIT.choose(curves, Terms.of(curves))
    each = [*zip(curves.items, decision.units, best, ends, strict=True)]
    yield [
        max(item.owned, min(low, units, have - item.pack / 2))
        for item, have, units, (low, _) in each
    ]
    yield [max(high, units, have + item.pack / 2) for item, have, units, (_, high) in each]


def _brought_about(
    curves: Curves,
    then: Sequence[tuple[StockCurve, int]],
    now: Sequence[StockCurve],
    gain: Array,
) -> Iterator[tuple[str, Array]]:
    """Yield what some items come to, with the units recommended and with those that are owned.

    Parameters
    ----------
    curves
        Of the whole show.
    then, now
        What the items come to with the units recommended, and with those owned.
    gain
        What their purchase earns, shape (R,).
    """
    yield "demand", np.sum([curve.demand for curve, _ in then], axis=0)
    yield "left_over", np.sum([curve.at("left_over", many) for curve, many in then], axis=0)
    yield "gain", gain
    if len(then) == 1:
        for key, of in (("goes_back", curves.given_back), ("weeks_left", curves.weeks_left)):
            if (values := of(*then[0])) is not None:
                yield key, values
    for ending, at in (("", then), ("_now", [(curve, curve.item.owned) for curve in now])):
        yield f"earns{ending}", np.sum([curve.at("profit", many) for curve, many in at], axis=0)
        if len(at) == 1:
            yield f"unavailable{ending}", _came_to_it(*at[0], "unavailable_after")
            yield f"sold_out{ending}", _came_to_it(*at[0], "sold_out_at")


def _came_to_it(curve: StockCurve, units: int, when: str) -> Array:
    """Return whether it came to something, by replication; between two levels how likely it did."""
    left, part = places(curve.levels, units)
    came = np.isfinite(curve.levels_of(when, slice(int(left), int(left) + 2)))
    chance = np.clip(came[:, 0] * (1.0 - part) + came[:, 1] * part, 0.0, 1.0)
    return chance > 0 if np.isin(chance, (0.0, 1.0)).all() else chance


def _choices(now: Array, then: Array, by_rule: Array) -> Iterator[tuple[str, Array]]:
    """Yield what the choices come to, by their profits, each of shape (R,)."""
    for name, profit in zip(CHOICES, (now, then, by_rule), strict=True):
        above = f"{PLAN}choices.{name}"
        told = {"profit": profit, "loss": profit < 0, "gain": profit - now, "cost": then - profit}
        told["worst"] = worst_by_show(profit)
        for key, values in told.items():
            yield f"{above}.{key}", values
            if name == "recommended" and key in OF_RECOMMENDED:
                yield f"{PLAN}{key}", values
