"""The plan: how many units of each item, how sure that is, and what being wrong costs.

:func:`plan` simulates the stock curves and decides; :func:`decide_again` decides anew from curves
that are there already, for another objective or budget, in a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from livesim.arrays import Floats
from livesim.errors import Interrupted, UsageError, must_be
from livesim.experiment.custom import Custom
from livesim.experiment.executors import Interrupts
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.study import (
    check_replications,
    resolution_of,
    rough_result,
    roughly,
    soon_done,
)
from livesim.planning.around import near_together
from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.building import (
    build_curves,
    extended,
    refined,
    rough_curves,
    simulated_choices,
    simulated_profits,
)
from livesim.planning.curves import AsWhole, Curves, Simulated, StockCurve
from livesim.planning.deciding import (
    Decision,
    decide,
    decide_roughly,
    good_range,
)
from livesim.planning.defaults import defaults, with_profit
from livesim.planning.drivers import drivers
from livesim.planning.item_curves import outcomes
from livesim.planning.items import Item
from livesim.planning.limits import BetterTogether, Limit, NotSignificant, ResourceDecides
from livesim.planning.looking import cause_of_length
from livesim.planning.lots import lots
from livesim.planning.objectives import GOOD, MOST_PROFIT, Objective, objective_of
from livesim.planning.observed import evidence
from livesim.planning.recommendation import Choice, ItemPlan, Plan
from livesim.planning.release_plans import COMPARED, release_plans
from livesim.planning.risk import worst_mean
from livesim.planning.sensitivity import beside, other_totals, sensitivity
from livesim.planning.terms import Terms
from livesim.planning.together import (
    Sure,
    deciding_resources,
    gain_of,
    left_out,
    surely_together,
    without_unsure,
)
from livesim.randomness import BATCH, BLOCK, checked_seed
from livesim.resolve import Resolution
from livesim.results import Result
from livesim.results.intervals import Chance, estimate
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.experiment.custom import Behaviour, ShowProcess

#: Where orders take units of several products, units nearby are compared in so many shows.
_NEAR = 500
#: So many times what surely pays is simulated at most.
_MOST_ROUNDS = 6
#: Where items are too many to be looked at one by one, shows without each purchase are simulated
#: where these are no more: a show each.
_MOST_LEFT_OUT = 30


def plan(
    scenario: Scenario | Resolution | Source,
    *,
    objective: Objective | str = MOST_PROFIT,
    replications: int = 2000,
    precision: float | None = None,
    most_replications: int = 20_000,
    seed: int = 1,
    workers: int | None = None,
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Say how many units of each item to have, how sure that is, and what being wrong costs.

    Parameters
    ----------
    scenario
        The show, or the file that says what it is.
    objective
        What the plan is for, as an object or in words: ``"service=90%@20min"``.
    replications
        Number of simulated shows R: whole batches of 50.
    precision
        If given, replications, and levels around the recommended units, are added until these
        units' simulation error is at most this share of them [1].
    most_replications
        Most replications in all, with a precision.
    seed
        The study's seed, 0 or greater.
    workers, executor
        Number of processes, or where to work instead.
    processes, behaviour
        Code of your own that takes part in the show, as for `livesim.simulate`. A process may react
        to the stock, so with any, each stock level is simulated.
    progress
        Called as ``progress(what, done, tasks)`` when work begins and whenever a part is done.

    Returns
    -------
    Plan
        The same for any number of workers.

    Raises
    ------
    ScenarioError
        If the scenario's file has mistakes.
    UsageError
        If the replications are not whole batches, or the precision is no share above 0; if service
        is wanted for a time that is over only after the show; if a process or the behaviour is not
        what it must be.
    Interrupted
        If it was interrupted after some replications; it holds a plan from these, without ways to
        sell, and without what decides it where that was not found yet.

    Examples
    --------
    >>> import livesim
    >>> short = {"show.length": "20min", "show.refresh": "20s"}  # a quick look
    >>> scenario = livesim.load("scenarios/brand_room.yaml", short)
    >>> found = livesim.plan(scenario, replications=100, workers=1)
    >>> [item.name for item in found.items if item.owned <= item.recommended]
    ['serum', 'lip_tint', 'mask']
    """
    objective = objective_of(objective)
    check_replications(replications)
    if precision is not None:
        check_precision(precision, replications, most_replications)
    aside = replications > BLOCK  # then there are processes anyway
    runner, custom = Runner(workers, executor, progress, aside), Custom.of(processes, behaviour)
    resolution = resolution_of(scenario)
    resolution = replace(resolution, notes=resolution.notes + custom.notes)
    resolved = resolution.scenario
    runner = replace(runner, cause=cause_of_length(resolved))
    objective.check(resolved)
    stopped = False
    try:
        curves = build_curves(
            resolved, replications=replications, seed=seed, runner=runner, custom=custom
        )
        if precision is not None:
            curves = _more_exact(curves, objective, precision, most_replications, runner)
        if not objective.on_levels:
            curves = _to_a_pack(curves, objective, runner)
    except Interrupted as stop:
        curves, stopped = stop.answer, True
    with Interrupts(raising=stopped) as interrupts:  # without a decision there is nothing to keep
        decision = decide(curves, objective, runner)
        decided = _decided(curves, objective, precision, resolution, decision)
    try:
        if interrupts.noted:
            raise KeyboardInterrupt
        decided = _with_what_decides(decided, runner)
        if stopped:
            raise KeyboardInterrupt
        if curves.reactions.any:
            decided = _simulated(decided, runner)
        compared = release_plans(
            decided.curves,
            decided.decision,
            objective,
            replications=min(curves.replications, COMPARED),
            runner=runner,
        )
    except KeyboardInterrupt:
        requested = curves.requested or curves.replications
        raise Interrupted(replace(decided, requested=requested)) from None
    return replace(decided, release_plans=compared)


def rough_answer(
    scenario: Scenario | Resolution | Source,
    replications: int,
    *,
    objective: Objective | str,
    seed: int,
) -> Plan | Result | None:
    """Return what can be said at once, of a few of a plan's shows.

    Parameters
    ----------
    scenario, replications, objective, seed
        As for :func:`plan`.

    Returns
    -------
    Plan, Result or None
        A plan without ways to sell and without what decides it, of fewer shows with larger steps
        where products are many, since it is to be there within seconds; where something reacts to
        the stock, so that each level takes a simulation of its own, what happens with the units
        that are owned. None where the plan is there soon.
    """
    objective, resolution = objective_of(objective), resolution_of(scenario)
    if soon_done(resolution.scenario, replications):
        return None
    show, shows = roughly(resolution.scenario)
    curves = rough_curves(show, shows, checked_seed(seed))
    if curves is None:
        return rough_result(resolution, replications, seed=seed)
    return _decided(curves, objective, None, resolution, decide_roughly(curves, objective))


def check_precision(precision: float, replications: int, most_replications: int) -> None:
    """Raise unless replications can be added until a plan is so exact.

    Parameters
    ----------
    precision
        What the simulation error is to be at most [1].
    replications, most_replications
        Number of simulated shows at first, and in all.

    Raises
    ------
    UsageError
        If the precision is not above 0 and at most 1, or the most replications are not whole
        batches or fewer than the first ones.

    Examples
    --------
    >>> check_precision(0.02, 2_000, 20_000)
    >>> check_precision(0.02, 2_000, 1_000)
    Traceback (most recent call last):
    livesim.errors.UsageError: at most 1,000 replications, but 2,000 to begin with: allow as many
    """
    must_be(precision, Real, "precision: a share of the recommended units is needed, as 0.02")
    if not 0 < precision <= 1:
        raise UsageError(
            f"the precision is {precision:g}, but it is a share of the recommended units, above 0 "
            "and at most 1: take one such as 0.02"
        )
    check_replications(most_replications)
    if most_replications < replications:
        raise UsageError(
            f"at most {most_replications:,} replications, but {replications:,} to begin with: "
            "allow as many"
        )


def decide_again(
    curves: Curves,
    objective: Objective | str = MOST_PROFIT,
    resolution: Resolution | None = None,
    *,
    progress: Progress | None = None,
) -> Plan:
    """Decide anew from curves that are there, without any simulation.

    Parameters
    ----------
    curves
        The stock curves.
    objective
        What the plan is for.
    resolution
        Their scenario with where everything in it comes from; without it, nothing is told of that.
    progress
        As for :func:`plan`.

    Returns
    -------
    Plan
        Without ways to put the units on sale, which take a simulation.
    """
    must_be(curves, Curves, "curves: the curves of a plan are needed")
    objective, resolution = objective_of(objective), resolution or resolution_of(curves.scenario)
    runner = Runner(workers=1, progress=progress)
    decision = decide(curves, objective, runner)
    decided = _with_what_decides(_decided(curves, objective, None, resolution, decision), runner)
    if not curves.simulated:
        return decided
    return _with_good_ranges(_with_resources(_as_a_whole(decided, runner)))


def _more_exact(
    curves: Curves, objective: Objective, precision: float, most: int, runner: Runner
) -> Curves:
    """Add levels where they are what limits, and replications where chance is, while that helps."""
    try:
        while True:
            decision = decide(curves, objective)
            intervals = simulation_intervals(curves, objective, decision)
            error = _error(curves, decision, intervals)
            if error is not None and error <= precision:
                return curves
            spans = _far_apart(curves, intervals, precision) if objective.on_levels else {}
            if spans:
                curves = refined(curves, spans, runner=runner)
            elif curves.replications < most:
                curves = extended(curves, min(2 * curves.replications, most), runner=runner)
            else:
                return curves
    except KeyboardInterrupt:
        raise Interrupted(replace(curves, requested=curves.replications)) from None


def _to_a_pack(curves: Curves, objective: Objective, runner: Runner) -> Curves:
    """Add levels until the units that are chosen, and one pack fewer, were looked at themselves.

    What is served, or risked, between two levels lies on no straight line.
    """
    while spans := {} if curves.together else _between_levels(curves, objective):
        curves = refined(curves, spans, runner=runner)
    return curves


def _between_levels(curves: Curves, objective: Objective) -> dict[int, tuple[int, int]]:
    """Return the items of which the units that are chosen lie between levels, and between which.

    Where a minimum order asks for more, those that would do, and then those that it comes to: with
    levels over all that lies between, neither would ever be close enough.
    """
    terms, spans = Terms.of(curves), dict[int, tuple[int, int]]()
    for rules in (terms.without_minimum, terms):
        for number, units in enumerate(objective.choose(curves, rules)):
            levels, item = curves.curves[number].levels, curves.items[number]
            above = min(int(np.searchsorted(levels, units)), len(levels) - 1)
            low, high = int(levels[max(above - 1, 0)]), int(levels[above])
            if units > item.owned and high - low > item.pack:
                spans.setdefault(number, (low, high))
    return spans


def _far_apart(
    curves: Curves, intervals: Sequence[tuple[int, int]], precision: float
) -> dict[int, tuple[int, int]]:
    """Return the items whose levels around the decision lie too far apart, and where these lie."""
    spans = {}
    for number, (curve, (low, high)) in enumerate(zip(curves.curves, intervals, strict=True)):
        first = max(int(np.searchsorted(curve.levels, low, side="right")) - 1, 0)
        around = curve.levels[first : int(np.searchsorted(curve.levels, high)) + 1]
        enough = max(precision * high, curve.item.pack)
        if len(around) > 1 and np.diff(around).max() > enough:
            spans[number] = (int(around[0]), int(around[-1]))
    return spans


def _error(
    curves: Curves, decision: Decision, intervals: tuple[tuple[int, int], ...]
) -> float | None:
    """Return the largest relative half-width of the recommended units."""
    if curves.replications < 2 * BATCH:
        return None
    halves = [
        (high - low) / 2 / max(units, item.pack)
        for (low, high), units, item in zip(intervals, decision.units, curves.items, strict=True)
    ]
    return max(halves)


def _with_what_decides(decided: Plan, runner: Runner) -> Plan:
    """Return a plan that says when to buy, and what its units and its profit depend on."""
    curves, objective, units = decided.curves, decided.objective, decided.decision.units
    return replace(
        decided,
        lots=lots(curves, units) if curves.exact else (),
        sensitivity=sensitivity(curves, units),
        drivers=drivers(curves, objective, decided.decision, runner),
        defaults=defaults(curves, objective, units, decided.resolution, runner),
    )


def _decided(
    curves: Curves,
    objective: Objective,
    precision: float | None,
    resolution: Resolution,
    decision: Decision,
) -> Plan:
    """Return a plan with what is said of it at once."""
    intervals = simulation_intervals(curves, objective, decision)
    chosen = {
        "now": curves.owned,
        "recommended": decision.units,
        "forecast × 1.3": forecast_and_margin(curves),
    }
    return Plan(
        curves=curves,
        objective=objective,
        decision=decision,
        items=tuple(
            _item_plan(curves, objective, decision, number, interval)
            for number, interval in enumerate(intervals)
        ),
        choices=_choices(chosen, {units: curves.profit(units) for units in chosen.values()}),
        lots=(),
        sensitivity=(),
        drivers=(),
        defaults=(),
        release_plans=(),
        simulation_error=_error(curves, decision, intervals),
        precision=precision,
        evidence=evidence(curves),
        resolution=resolution,
        requested=curves.requested,
    )


def _item_plan(
    curves: Curves,
    objective: Objective,
    decision: Decision,
    number: int,
    interval: tuple[int, int],
) -> ItemPlan:
    curve, units = curves.curves[number], decision.units[number]
    item = curve.item
    return ItemPlan(
        curve=curve,
        owned=item.owned + item.arriving,
        recommended=units + item.arriving,
        purchase=units - item.owned,
        cost=float(item.cost(units - item.owned)),
        gain=gain_of(curves, decision.units, number),
        good_range=_total(item, good_range(curves, objective, decision, number)),
        simulation_interval=_total(item, interval),
        demand=estimate(curve.demand, least=0.0),
        **_outcomes(curves, curve, curve, units),
    )


def _outcomes(curves: Curves, now: StockCurve, then: StockCurve, units: int) -> dict[str, Any]:
    """Return what an item comes to with what is owned, and with so many units recommended."""
    owned = now.item.owned
    weeks, back = curves.weeks_left(then, units), curves.given_back(then, units)
    return {
        "now": now,
        "then": then,
        "unavailable_now": now.unavailable(owned),
        "unavailable_then": then.unavailable(units),
        "sold_out_now": now.sold_out(owned),
        "sold_out_then": then.sold_out(units),
        "left_over": estimate(then.at("left_over", units), least=0.0),
        "goes_back": None if back is None else estimate(back, least=0.0),
        "weeks_left": None if weeks is None else estimate(weeks, least=0.0),
        "earns_now": estimate(now.at("profit", owned)),
        "earns_then": estimate(then.at("profit", units)),
    }


def _total(item: Item, units: tuple[int, int]) -> tuple[int, int]:
    """Return a range of units on hand with those that arrive in time."""
    low, high = units
    return low + item.arriving, high + item.arriving


def _choices(
    chosen: Mapping[str, tuple[int, ...]], profits: Mapping[tuple[int, ...], Floats]
) -> tuple[Choice, ...]:
    now, recommended = (profits[chosen[name]] for name in ("now", "recommended"))
    return tuple(
        Choice(
            name=name,
            units=units,
            profit=estimate(profits[units]),
            loss=Chance.of(int((profits[units] < 0).sum()), len(now)),
            worst=worst_mean(profits[units]),
            gain=estimate(profits[units] - now),
            cost=estimate(recommended - profits[units]),
        )
        for name, units in chosen.items()
    )


def _simulated(decided: Plan, runner: Runner) -> Plan:
    """Simulate each choice as a whole, since effects of several items need not add up.

    What then earns more than the units that the items' curves add up to is recommended instead, as
    far as that is sure; what each purchase earns is what the show earns less without it.
    """
    curves, chosen = decided.curves, [one.units for one in decided.choices]
    near = [curves.around] if curves.together else []
    if curves.reactions.orders_alone:
        best = _best_near(decided, runner)
        near += [best, *(without for _, without in left_out(curves, best))]
    found = simulated_choices(curves, [*chosen, *near], runner=runner)
    # Where items are too many, or too entangled, they are not looked at one by one.
    for _ in range(0 if curves.together else _MOST_ROUNDS):
        unknown = _judged(_with_simulated(decided, found)).unknown
        if not unknown:
            break
        # Where shows part, what is drawn depends on what stands beside it: so do all once more.
        known = found if curves.reactions.orders_alone else {}
        again = [one for one in (*found, *unknown) if one not in known]
        found = {**known, **simulated_choices(curves, again, runner=runner)}
    decided = _as_a_whole(_with_simulated(decided, found), runner)
    decided = _with_totals(decided, found, runner)
    for _ in range(_MOST_ROUNDS):
        fewer_or_more = next((units for units in _doubted(decided) if units not in found), None)
        if fewer_or_more is None:
            break
        found = simulated_choices(curves, [*found, fewer_or_more], runner=runner)
        decided = _with_totals(_as_a_whole(_with_simulated(decided, found), runner), found, runner)
    best = decided.decision.units
    decided = _with_resources(replace(decided, sensitivity=sensitivity(decided.curves, best)))
    decided = _with_good_ranges(decided)
    if decided.as_drawn:
        return decided
    ends = {units: outcomes(curves, found[units], units) for units in {curves.owned, best}}
    items = tuple(
        replace(item, **_outcomes(curves, now, then, units))
        for item, now, then, units in zip(
            decided.items, ends[curves.owned], ends[best], best, strict=True
        )
    )
    return replace(decided, items=items)


def _with_simulated(decided: Plan, found: Mapping[tuple[int, ...], Simulated]) -> Plan:
    """Return a plan that knows what joint stocks come to that were simulated."""
    profits = {units: one.profit for units, one in found.items()}
    return replace(decided, curves=replace(decided.curves, simulated=profits))


def _with_totals(decided: Plan, found: Mapping[tuple[int, ...], Simulated], runner: Runner) -> Plan:
    """Return a plan that knows what other totals come to, and what each purchase earns.

    Each as a whole: simulated, where it was not found yet.
    """
    curves, best = decided.curves, decided.decision.units
    others, few = [*other_totals(curves, best)], curves
    if curves.together:  # where a choice takes long
        few = curves.head(min(curves.replications, COMPARED))
    without = list(dict(left_out(curves, best)).values()) if curves.together else []
    if len(without) <= _MOST_LEFT_OUT:
        others += without
    unknown = [units for units in others if units not in found or units in without]
    # Where shows part, what is drawn depends on what stands beside it: so does the best once more.
    beside = simulated_choices(few, [best, *unknown], runner=runner) if unknown else {}
    whole = {**found, **beside}
    totals = {
        units: AsWhole(whole[units].profit[: few.replications], _unavailable(whole[units]))
        for units in (best, *others)
    }
    curves = replace(curves, totals={**curves.totals, **totals})
    gains = (gain_of(curves, best, number) for number in range(len(best)))
    items = (replace(item, gain=gain) for item, gain in zip(decided.items, gains, strict=True))
    return replace(decided, curves=curves, items=tuple(items))


def _with_good_ranges(decided: Plan) -> Plan:
    """Return a plan whose good ranges hold the other totals that are about as good as the best."""
    units, found = decided.decision.units, {one.units: one.cost for one in decided.choices}
    found |= {one.units: one.cost for one in decided.sensitivity}
    costs = {one: cost.mean or 0.0 for one, cost in found.items()}
    items = (
        item
        if decided.objective.serves
        else replace(item, good_range=_holding(item, units, number, costs))
        for number, item in enumerate(decided.items)
    )
    return replace(decided, items=tuple(items))


def _holding(
    item: ItemPlan, units: tuple[int, ...], number: int, costs: Mapping[tuple[int, ...], float]
) -> tuple[int, int]:
    """Return an item's good range with what was simulated and costs no more than it allows.

    Only what differs in this item alone tells of it, where the range holds the recommendation.
    """
    low, high = item.good_range
    allowed = GOOD * max(item.earns_then.mean or 0.0, 0.0)
    alike = [
        item.recommended + have[number] - units[number]
        for have, cost in costs.items()
        if cost <= allowed and (*have[:number], units[number], *have[number + 1 :]) == units
    ]
    return (min(low, *alike), max(high, *alike)) if low <= item.recommended <= high else (low, high)


def _with_resources(decided: Plan) -> Plan:
    """Return a plan that says what a budget or a storage keeps out as its own rows do.

    What single curves tell of it need not add up. Of units that were not simulated, all is theirs.
    """
    decision = decided.decision
    if decision.units not in decided.curves.simulated:
        return decided
    others = (one for one in decision.limits if not isinstance(one, ResourceDecides))
    told = deciding_resources(decided.curves, decided.objective, decision.units)
    return replace(decided, decision=replace(decision, limits=(*others, *told)))


def _doubted(decided: Plan) -> Iterator[tuple[int, ...]]:
    """Yield what may be better than the recommendation, as far as it was simulated on few shows.

    Other totals that may be bought and earn surely more, and units without purchases that are not
    sure to earn anything.
    """
    curves, best = decided.curves, decided.decision.units
    objective = decided.objective
    for units in filter(Terms.of(curves).allow, other_totals(curves, best)):
        if not objective.serves and units in curves.totals:
            profit, recommended = (curves.totals[one].profit for one in (units, best))
            _, cost = beside(curves, best, units, curves.totals)
            earns_more = cost.significant and (cost.mean or 0.0) < 0
            if earns_more and not objective.asks_for(recommended, profit):
                yield units
    if curves.together:
        yield from without_unsure(curves, decided.objective, best)


def _unavailable(choice: Simulated) -> Floats:
    """Return the chance that each item of a choice is unavailable [1], (items,)."""
    return np.asarray(np.isfinite(choice.items["unavailable_after"]).mean(axis=0))


def _judged(decided: Plan) -> Sure:
    """Return what of the choices that were simulated is best, and surely worth it."""
    curves, chosen = decided.curves, {one.units for one in decided.choices}
    near = [units for units in curves.simulated if units not in chosen]
    profits = {units: curves.profit_together(units) for units in (*chosen, *near)}
    best = _best_as_a_whole(decided, profits, near)
    if decided.objective.serves:
        return Sure(best, (), ())
    wanted = tuple(map(max, best, decided.decision.units))
    return surely_together(curves, decided.objective, profits, best, wanted)


def _as_a_whole(decided: Plan, runner: Runner) -> Plan:
    """Judge each choice by what was simulated as a whole, now or when the curves were made."""
    curves, chosen = decided.curves, {one.name: one.units for one in decided.choices}
    found = _judged(decided)
    best, limits = found.units, decided.decision.limits
    if best != decided.decision.units:
        limits = not_bought(limits, curves.items, best)
        if not (found.unsure or curves.together or curves.reactions.orders_alone):
            limits = (*limits, BetterTogether())
    if curves.together and best not in chosen.values():
        # By simulation, so nothing was left out by a curve.
        limits = tuple(one for one in limits if not isinstance(one, NotSignificant))
    limits = tuple(dict.fromkeys((*limits, *found.unsure)))  # judged again, one may be known
    missed = tuple(decided.objective.shortfall(curves, Terms.of(curves), best))
    decision = replace(decided.decision, units=best, limits=limits, missed=missed)
    if decision != decided.decision:
        decided = _decided(
            curves, decided.objective, decided.precision, decided.resolution, decision
        )
        decided = _with_what_decides(decided, runner)
        chosen["recommended"] = best
    profits = {units: curves.profit_together(units) for units in chosen.values()}
    gains = (gain_of(curves, best, number) for number in range(len(best)))
    items = (replace(item, gain=gain) for item, gain in zip(decided.items, gains, strict=True))
    choices = _choices(chosen, profits)
    told, before = (_recommended_profit(one) for one in (choices, decided.choices))
    others = with_profit(decided.defaults, told - before)
    return replace(decided, items=tuple(items), choices=choices, defaults=others)


def _recommended_profit(choices: Sequence[Choice]) -> float:
    """Return what a show is told to earn with the recommended units [currency]."""
    return next(one.profit.mean or 0.0 for one in choices if one.name == "recommended")


def not_bought(
    limits: tuple[Limit, ...], items: Sequence[Item], units: Sequence[int]
) -> tuple[Limit, ...]:
    """Return the limits without those that say that none is bought of what is bought."""
    bought = {item.product for item, have in zip(items, units, strict=True) if have > item.owned}
    return tuple(
        one for one in limits if not isinstance(one, NotSignificant) or one.product not in bought
    )


def _best_near(decided: Plan, runner: Runner) -> tuple[int, ...]:
    """Return the units near those decided that earn most as a whole, on the first shows."""
    curves, best, terms = decided.curves, decided.decision.units, Terms.of(decided.curves)
    few = curves.head(min(curves.replications, _NEAR))
    while True:
        near = [one for one in near_together(curves, best) if terms.allow(one) and one != best]
        if not near:
            return best
        profits = simulated_profits(few, [best, *near], runner=runner)
        better = max(profits, key=lambda one: float(profits[one].mean()))
        if better == best:
            return best
        best = better


def _best_as_a_whole(
    decided: Plan,
    profits: Mapping[tuple[int, ...], Floats],
    near: Sequence[tuple[int, ...]],
) -> tuple[int, ...]:
    """Return the choice with the most profit of those that may be bought and surely earn more.

    Of those near the one decided, the best needs not be sure: they differ by little.
    """
    best, terms = decided.decision.units, Terms.of(decided.curves)
    if decided.objective != MOST_PROFIT:
        return best
    best = max((best, *filter(terms.allow, near)), key=lambda units: float(profits[units].mean()))
    for units in filter(terms.allow, profits):
        if estimate(profits[units] - profits[best]).above_zero:
            best = units
    return best
