"""What keeps a plan from other units: packs, minimum orders, what is limited, what is not sure."""

from __future__ import annotations

from collections.abc import Sequence

from livesim.planning.limits import NotSignificant
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.terms import Terms, packs
from livesim.report.language import say
from livesim.report.wording import listed, not_significant


def kept_out_by(plan: Plan, item: ItemPlan) -> str:
    """Return what keeps the recommendation out of the good range; empty where it is in it."""
    reasons = what_keeps_out(plan, item)
    return listed(reasons) if reasons else ""


def what_keeps_out(plan: Plan, item: ItemPlan) -> list[str]:
    """Return all that keeps the recommendation out of the good range; none where it is in it."""
    low, high = item.good_range
    unsure = {one.product for one in plan.decision.limits if isinstance(one, NotSignificant)}
    of = item.curve.item
    # Above the least order, it is the next pack that goes beyond the range.
    at_least = of.minimum_order > 1 and item.purchase <= of.minimum_order + of.pack - 1
    ordered = say("minimum order") if at_least else say("packs")
    if low <= item.recommended <= high:
        return []
    if unsure & {item.product, item.name} and item.recommended < low:
        return [not_significant()]
    if plan.objective.capped:
        others = _out_of_reach(plan, item)
        if _nearest(item) > high:
            others = [ordered]
        risky = not others or _too_risky(plan, item)
        return [*others, say("limit on the risk")] if risky else others
    if item.recommended > high:
        return [ordered]
    if not plan.curves.add_up and not _used_up(plan, item, item.have + item.curve.item.pack):
        return [not_significant()]  # with the others, more was simulated and surely earned no more
    return _out_of_reach(plan, item) or [say("packs") if item.purchase else ordered]


def what_forbids_all(plan: Plan) -> list[str]:
    """Return what stands in the way of a purchase that would pay, where nothing is bought."""
    reasons = [why for one in plan.items for why in what_keeps_out(plan, one)]
    return [why for why in dict.fromkeys(reasons) if why != not_significant()]


def _out_of_reach(plan: Plan, item: ItemPlan) -> list[str]:
    """Return what the nearest purchase in the good range takes too much of: budget, storage.

    Where no whole packs, from the minimum order up, lie in the range, it is neither.
    """
    nearest, arriving = _nearest(item), item.curve.item.arriving
    return [] if nearest > item.good_range[1] else _used_up(plan, item, nearest - arriving)


def _nearest(item: ItemPlan) -> int:
    """Return the least total from the good range's lowest up that whole packs can come to."""
    of, low = item.curve.item, item.good_range[0]
    bought = of.pack * packs(max(low - of.arriving - of.owned, of.minimum_order), of)
    return of.owned + bought + of.arriving


def _too_risky(plan: Plan, item: ItemPlan) -> bool:
    """Say whether a cap asks for what is recommended, and not for the nearest in the good range."""
    low, high = item.good_range
    instead = max(low, min(item.recommended, high)) - item.curve.item.arriving
    units = tuple(instead if one.name == item.name else one.have for one in plan.items)
    profit = plan.curves.profit
    return plan.objective.asks_for(profit(plan.decision.units), profit(units))


def _used_up(plan: Plan, item: ItemPlan, instead: int) -> list[str]:
    """Return what so many of an item take too much of, the others as recommended."""
    units = [instead if one.name == item.name else one.have for one in plan.items]
    words = {"budget": say("budget"), "storage": say("storage")}
    return [words[resource] for resource in Terms.of(plan.curves).exceeded(units)]


def kept_from(plan: Plan, units: Sequence[int]) -> str:
    """Return what keeps a plan from units that earn more; empty where nothing does.

    Parameters
    ----------
    plan : Plan
        The plan.
    units : sequence of int
        On hand before the show, those owned included, an item each.
    """
    terms = Terms.of(plan.curves)
    bought = zip(units, terms.items, strict=True)
    reasons = {
        say("budget"): "budget" in terms.exceeded(units),
        say("storage"): "storage" in terms.exceeded(units),
        say("packs"): any((have - item.owned) % item.pack for have, item in bought),
        say("minimum order"): terms.affords(units) and not terms.allow(units),
        say("limit on the risk"): plan.objective.capped,
        say("not asked for"): plan.objective.serves,
    }
    return next((why for why, keeps in reasons.items() if keeps), "")
