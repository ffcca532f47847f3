"""The stock decision: from stock curves and an objective to the units of each item.

What is owned is paid for, so only more can be bought: by whole packs, from minimum orders up, and
within one budget for all items. The decision is the best of all such purchases for the objective,
which knows how to choose (`objectives`).

:func:`good_range` says how little it matters to miss the best number; how far simulation leaves it
open stands in :mod:`~livesim.planning.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from livesim.experiment.runner import HERE, Runner
from livesim.planning.curves import Curves, StockCurve, Units
from livesim.planning.limits import (
    FewReplications,
    LevelsEnd,
    Limit,
    Missed,
    NothingLimits,
    NotSignificant,
    ResourceDecides,
)
from livesim.planning.objectives import Objective
from livesim.planning.profit import left_overs_are_free
from livesim.planning.significance import surely_bought, surely_more
from livesim.planning.terms import Purchase, Terms, needed_of
from livesim.results.intervals import estimate, least_replications


@dataclass(frozen=True)
class Decision:
    """How many units of each item to have.

    Parameters
    ----------
    units
        Units on hand before the show, those owned included, an item each [units].
    missed
        By what the objective's service, fill rate or cap is missed; nothing where it is reached,
        as most profit always is.
    limits
        What else a planner must know of it.
    rounding_cost
        Expected profit given up to packs and minimum orders [currency]: that of the same decision
        in single units, minus this one's. Below 0 where units that are bought for the sake of whole
        packs happen to earn more than they cost, as they can when the objective is a service level.
    """

    units: tuple[int, ...]
    missed: tuple[Missed, ...]
    limits: tuple[Limit, ...]
    rounding_cost: float

    @property
    def reached(self) -> bool:
        """Whether the objective is reached."""
        return not self.missed


def decide(curves: Curves, objective: Objective, runner: Runner = HERE) -> Decision:
    """Choose the units of each item.

    Parameters
    ----------
    curves
        What every number of units comes to.
    objective
        What the units are for.
    runner
        Who hears how far it is.

    Raises
    ------
    UsageError
        If the objective has no best number of units in this show.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> from livesim.planning.objectives import objective_of
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "15min"})
    >>> curves = build_curves(scenario, replications=100, runner=Runner(workers=1))
    >>> decision = decide(curves, objective_of("service=80%"))
    >>> decision.reached, all(units >= owned for units, owned in zip(decision.units, curves.owned))
    (True, True)
    """
    objective.check(curves.scenario)
    terms = Terms.of(curves)
    rules = runner.each("Choosing how many to buy", [terms, terms.unrounded()])
    (units, unsure), (single, _) = (_decided(curves, objective, one) for one in rules)
    lost_to_packs = sum(map(_between_packs, curves.curves, single))
    return Decision(
        units=units,
        missed=tuple(objective.shortfall(curves, terms, units)),
        limits=(
            *unsure,
            *_too_few(curves, objective),
            *_limits(curves, objective, terms, units),
        ),
        rounding_cost=float(np.mean(curves.profit(single) - curves.profit(units))) + lost_to_packs,
    )


def decide_roughly(curves: Curves, objective: Objective) -> Decision:
    """Choose the units that are best in few replications, whether or not they surely are.

    In few shows hardly any gain is sure, so that to buy only what is would be far from what many
    shows say.
    """
    terms = Terms.of(curves)
    units = objective.choose(curves, terms)
    return Decision(units, tuple(objective.shortfall(curves, terms, units)), (), 0.0)


def surely_best(curves: Curves, objective: Objective) -> Purchase:
    """Return the best units of each item that are surely worth buying, as :func:`decide` does.

    Parameters
    ----------
    curves, objective
        From which shows it is decided, and for what.
    """
    units, _ = _decided(curves, objective, Terms.of(curves))
    return units


def _decided(
    curves: Curves, objective: Objective, terms: Terms
) -> tuple[Purchase, tuple[NotSignificant, ...]]:
    """Return the best units that are surely worth buying, and purchases that are not."""
    units = objective.choose(curves, terms)
    return (units, ()) if objective.serves else surely_bought(curves, objective, terms, units)


def _too_few(curves: Curves, objective: Objective) -> Iterator[FewReplications]:
    """Yield how many replications it takes to see shows as rare as an objective asks about."""
    share = objective.share_of_shows
    if share is not None and curves.replications < (needed := least_replications(share)):
        yield FewReplications(min(share, 1 - share), curves.replications, needed)


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
        of what having this item brings: of what the best ones earn over having none of it. Of an
        item of which nothing is bought, only those that surely earn more than what is owned. Of
        one that has fewer, from these on where the lowest do not surely earn more. Where a unit
        too many costs little, up to the most that surely earn more than fewer. For
        service or a fill rate: from the fewest units that serve one percentage point less than
        wanted to the fewest that serve one more. Where curves are approximate and it would not
        hold the decision, which was simulated, the decision alone.
    """
    owned, have = curves.curves[number].item.owned, decision.units[number]
    low, high = objective.good_range(curves, decision.units, number)
    if curves.together and not low <= have <= high:
        return have, have  # which were simulated, and the range is from approximate curves
    low, high = max(low, owned), max(high, owned)
    if objective.serves or (have > owned and low <= have):
        return low, high
    if have > owned:
        return (low if _pays(curves, decision.units, number, low) else have), high
    if have < low and not curves.add_up:
        return have, have  # with the others, more was simulated and did not surely earn more
    return _that_pays(curves, decision.units, number, (low, high))


def _that_pays(
    curves: Curves, units: Purchase, number: int, within: tuple[int, int]
) -> tuple[int, int]:
    """Return the fewest and most units of an item that surely earn more than what it has.

    Only units within a range are looked at; where none of these do, it is what the item has.
    """
    curve, have, (low, high) = curves.curves[number], units[number], within
    inside = curve.levels[(low < curve.levels) & (curve.levels < high)].tolist()
    that_pay = [more for more in (low, *inside, high) if _pays(curves, units, number, more)]
    return (that_pay[0], that_pay[-1]) if that_pay else (have, have)


def _pays(curves: Curves, units: Purchase, number: int, more: int) -> bool:
    """Say whether more of an item surely earns more than what it has, beside the others."""
    return estimate(curves.gain(units, (*units[:number], more, *units[number + 1 :]))).above_zero


def _free_of_cost(curves: Curves, objective: Objective, curve: StockCurve, have: int) -> bool:
    """Say whether all demand is served, since a unit too many is worth what it costs."""
    if objective.serves or have + curve.item.arriving < min(curve.demand.max(), curve.levels[-1]):
        return False
    return left_overs_are_free(curves, curve.item)


def _limits(
    curves: Curves, objective: Objective, terms: Terms, units: Purchase
) -> Iterator[NothingLimits | LevelsEnd | ResourceDecides]:
    """Yield what decided instead of the objective: budget, storage, or a curve's highest level."""
    bought = [
        (curve, have)
        for curve, have in zip(curves.curves, units, strict=True)
        if have > curve.item.owned
    ]
    for curve, have in bought:
        if have >= curve.levels[-1] and not _free_of_cost(curves, objective, curve, have):
            yield LevelsEnd(curve.item.name, have)
    free = [curve.item for curve, have in bought if _free_of_cost(curves, objective, curve, have)]
    for lent in (False, True):
        if names := tuple(item.name for item in free if item.on_consignment is lent):
            yield NothingLimits(names, lent)
    if objective.serves:
        return
    for resource in terms.resources:
        unlimited = terms.free_of(resource)
        best, _ = _decided(curves, objective, unlimited)
        wanted = surely_more(curves, objective, unlimited, units, best)
        if resource in terms.exceeded(wanted):
            gain = estimate(curves.gain(units, wanted))
            yield ResourceDecides(resource, needed_of(resource, curves, wanted), gain)
