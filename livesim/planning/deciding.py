"""The stock decision: from stock curves and an objective to the units of each item.

What is owned is paid for, so only more can be bought: by whole packs, from minimum orders up, and
within one budget for all items. The decision is the best of all such purchases for the objective:

- most profit: packs are bought in the order of their worth (`profit`, `buying`);
- service, fill rate: the fewest units that serve well enough, equally well everywhere
  (`service_level`);
- a cap on the risk: profit is given up until the worst shows are mild enough (`risk`).

:func:`good_range` says how little it matters to miss the best number; how far simulation leaves it
open stands in :mod:`~livesim.planning.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray

from livesim.planning.buying import Terms
from livesim.planning.checking import check_objective
from livesim.planning.curves import Curves, StockCurve, Units
from livesim.planning.objectives import FillRate, LossCap, Objective, Service, WorstCap
from livesim.planning.profit import at_units, most_profit
from livesim.planning.risk import WORST, Cap, most_profit_within, no_loss, worst_mean
from livesim.planning.service_level import ALMOST, fewest, served, serving, wanted
from livesim.planning.words import said_share
from livesim.resolve.words import money
from livesim.scenario.quantities import Floats

__all__ = ["Decision", "best_units", "decide", "good_range", "purchase_cost", "worst_mean"]

#: What a good number of units may give up: of what the item brings, and of a share served [1].
_GOOD = 0.01


@dataclass(frozen=True)
class Decision:
    """How many units of each item to have.

    Parameters
    ----------
    units
        Units on hand before the show, those owned included, an item each [units].
    reached
        Whether the objective's service, fill rate or cap is reached; always so for most profit.
    notes
        What a planner must know of it, as sentences.
    rounding_cost
        Expected profit given up to packs and minimum orders [currency]: that of the same decision
        in single units, minus this one's. Below 0 where units that are bought for the sake of whole
        packs happen to earn more than they cost, as they can when the objective is a service level.
    """

    units: tuple[int, ...]
    reached: bool
    notes: tuple[str, ...]
    rounding_cost: float


def decide(curves: Curves, objective: Objective) -> Decision:
    """Choose the units of each item.

    Parameters
    ----------
    curves
        What every number of units comes to.
    objective
        What the units are for.

    Raises
    ------
    UsageError
        If the objective has no best number of units in this show, as
        :func:`~livesim.planning.checking.check_objective` says.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "15min"})
    >>> curves = build_curves(scenario, replications=100, runner=Runner(workers=1))
    >>> decision = decide(curves, Service(0.8))
    >>> decision.reached, all(units >= owned for units, owned in zip(decision.units, curves.owned))
    (True, True)
    """
    check_objective(objective, curves.scenario)
    terms = Terms.of(curves)
    units = best_units(curves, objective, terms)
    single = best_units(curves, objective, terms.unrounded())
    shortfall = _shortfall(curves, objective, terms, units)
    lost_to_packs = sum(map(_between_packs, curves.curves, single))
    return Decision(
        units=units,
        reached=not shortfall,
        notes=(*shortfall, *_limits(curves, objective, terms, units)),
        rounding_cost=float(np.mean(curves.profit(single) - curves.profit(units))) + lost_to_packs,
    )


def best_units(curves: Curves, objective: Objective, terms: Terms) -> tuple[int, ...]:
    """Return the units of each item that serve the objective best under some terms.

    Where no purchase reaches the objective, the one that comes closest.
    """
    if isinstance(objective, Service | FillRate):
        shares = [served(curve, objective) for curve in curves.curves]
        return serving(curves, terms, shares, wanted(objective))
    if isinstance(objective, LossCap | WorstCap):
        return most_profit_within(curves, terms, Cap.of(objective))
    return most_profit(curves, terms)


def _between_packs(curve: StockCurve, units: int) -> float:
    """Return what the best number between packs would earn above the best whole pack [currency].

    Where packs are so many that all levels of a curve are whole ones, it is straight in between and
    hides this. The parabola through the best pack and its neighbours shows it.
    """
    at = int(np.searchsorted(curve.levels, units))
    three, pack = curve.levels[max(at - 1, 0) : at + 2], curve.item.pack
    packs_alone = pack > 1 and three.tolist() == [units - pack, units, units + pack]
    if not packs_alone or three[0] < curve.item.owned:
        return 0.0
    below, best, above = curve.mean_at("profit", three) + curve.mean_at("elsewhere", three)
    bend = below - 2 * best + above
    on_top = best >= max(below, above) and bend < 0
    return float(-((above - below) ** 2) / (8 * bend)) if on_top else 0.0


def purchase_cost(curves: Curves, units: Units) -> float:
    """Return what the units beyond those owned cost [currency].

    Parameters
    ----------
    curves
        Whose items.
    units
        Units on hand before the show, those owned included, an item each.
    """
    return Terms.of(curves).cost(units)


def good_range(
    curves: Curves, objective: Objective, decision: Decision, number: int
) -> tuple[int, int]:
    """Return the lowest and the highest units of an item that are about as good as the best.

    People negotiate what they buy, so packs, minimum orders and the budget are left aside, and the
    decision itself may lie outside where one of them, or a cap on the risk, decides. What is owned
    stays: units below it count as those owned.

    Parameters
    ----------
    curves, objective, decision
        What was decided, for what, from what.
    number
        Which item; the others have what was decided.

    Returns
    -------
    low, high : int
        For most profit, also under a cap: the units around the best ones that give up at most 1 %
        of what having this item brings: of what the best ones earn over having none of it. For
        service or a fill rate: from the fewest units that serve one percentage point less than
        wanted to the fewest that serve one more.
    """
    curve = curves.curves[number]
    if isinstance(objective, Service | FillRate):
        shares = served(curve, objective)
        low = fewest(curve.levels, shares, wanted(objective) - _GOOD)
        high = max(low, fewest(curve.levels, shares, wanted(objective) + _GOOD))
    else:
        profit = _profit_by_level(curves, decision.units, number)
        least = profit.max() - _GOOD * (profit.max() - profit[0])
        low, high = _around_best(curve.levels, profit, float(least))
    return max(low, curve.item.owned), max(high, curve.item.owned)


def _profit_by_level(curves: Curves, units: Units, number: int) -> Floats:
    """Return the show's expected profit at each level of an item, up to a constant, shape (L,)."""
    curve = curves.curves[number]
    profit = curve.figures["profit"].mean(axis=0) + curve.figures["elsewhere"].mean(axis=0)
    if curves.scenario.deal.guaranteed_volume:
        others = (units[:number], units[number + 1 :])
        levels = curve.levels.tolist()
        profit += [curves.fixed((*others[0], have, *others[1])).mean() for have in levels]
    return np.asarray(profit)


def _around_best(levels: NDArray[np.int64], values: Floats, least: float) -> tuple[int, int]:
    """Return the units around the best level between which no value is below the least."""
    best = int(values.argmax())
    below = np.flatnonzero(values < least)
    left, right = below[below < best], below[below > best]
    low, high = levels[0], levels[-1]
    if len(left):
        low = ceil(np.interp(least, values[left[-1] :][:2], levels[left[-1] :][:2]))
    if len(right):
        high = floor(np.interp(-least, -values[right[0] - 1 :][:2], levels[right[0] - 1 :][:2]))
    return int(low), int(high)


def _shortfall(curves: Curves, objective: Objective, terms: Terms, units: Units) -> tuple[str, ...]:
    """Say by how much an objective is missed; nothing if it is reached."""
    if isinstance(objective, Service | FillRate):
        return tuple(_poorly_served(curves, objective, terms, units))
    if not isinstance(objective, LossCap | WorstCap):
        return ()
    cap, profit = Cap.of(objective), curves.profit(units)
    return () if cap.safety(profit) >= cap.least else (_too_risky(curves, objective, profit),)


def _too_risky(curves: Curves, objective: LossCap | WorstCap, profit: Floats) -> str:
    if isinstance(objective, LossCap):
        return (
            f"No purchase is safe enough: at best, the show makes a loss in "
            f"{said_share(1 - no_loss(profit))} of cases, not in {said_share(objective.chance)}."
        )
    currency = curves.scenario.show.currency
    return (
        f"No purchase is safe enough: at best, the worst {said_share(WORST)} of shows make "
        f"{currency} {worst_mean(profit):,.0f} on average, not {money(objective.least, currency)}."
    )


def _poorly_served(
    curves: Curves, objective: Service | FillRate, terms: Terms, units: Units
) -> Iterator[str]:
    asked = possible = wanted(objective)
    level = 1.0
    for curve, have in zip(curves.curves, units, strict=True):
        shares = served(curve, objective)
        level = min(level, float(at_units(curve.levels, shares, np.array([have]))[0]))
        if shares.max() < asked - ALMOST:
            yield (
                f"{curve.item.name}: even {curve.levels[-1]:,} units, the most that were "
                f"simulated, serve {said_share(shares.max())}, not the {said_share(asked)} "
                "asked for."
            )
            possible = min(possible, float(shares.max()))
    if level < possible - ALMOST:
        currency = curves.scenario.show.currency
        enough = terms.cost(best_units(curves, objective, terms.without_budget()))
        yield (
            f"The budget of {money(terms.budget, currency)} serves every item to "
            f"{said_share(level)} at most, not to {said_share(possible)}, which takes "
            f"{money(enough, currency)}."
        )


def _limits(curves: Curves, objective: Objective, terms: Terms, units: Units) -> Iterator[str]:
    """Say where the budget, or the highest level of a curve, decided instead of the objective."""
    for curve, have in zip(curves.curves, units, strict=True):
        if have > curve.item.owned and have >= curve.levels[-1]:
            yield (
                f"{curve.item.name}: the best number may lie above {have:,} units, the most that "
                "were simulated."
            )
    if isinstance(objective, Service | FillRate) or terms.budget == inf:
        return
    free = best_units(curves, objective, terms.without_budget())
    if terms.cost(free) > terms.budget:
        currency = curves.scenario.show.currency
        more = float(np.mean(curves.profit(free) - curves.profit(units)))
        yield (
            f"The budget of {money(terms.budget, currency)} decides: without it, the best purchase "
            f"costs {money(terms.cost(free), currency)} and earns {currency} {more:,.0f} more."
        )
