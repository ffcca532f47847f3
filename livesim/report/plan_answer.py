"""What a plan says first: what to buy, what that earns and risks, and what decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from livesim.planning.defaults import Default
from livesim.planning.limits import NotSignificant, UnsureTogether
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.together import gains_are_approximate
from livesim.report.labels import default_label, label
from livesim.report.language import say
from livesim.report.naming import item as called
from livesim.report.pages import LOW_TO_HIGH, Part, Table
from livesim.report.plan_notices import (
    expects_loss,
    made,
    only_packs_forbid,
    risk_now,
)
from livesim.report.plan_reasons import what_forbids_all
from livesim.report.plan_words import aim, paid, taken
from livesim.report.wording import (
    amount,
    duration,
    in_one_unit,
    in_part,
    listed,
    mark_explained,
    not_significant,
    percent,
    some,
    told_fixed_costs,
    units,
    with_fixed_costs,
    with_kept_cost,
)
from livesim.resolve.evidence import own_value
from livesim.resolve.words import money
from livesim.results.intervals import Estimate

#: So many items have a line; of more, those for which most is bought.
_LINES = 8
#: So many items are named in a sentence.
_NAMED = 2
#: So many things that decide, and of these at most so many that are uncertain.
_DECIDING, _UNCERTAIN = 4, 3
#: Gains add up if their sum is that near to what they make together [1]: else figures show it.
_ADDS_UP = 0.02


def answer(plan: Plan) -> Iterator[Part]:
    """Yield the parts of a plan's answer, before what else is to be known.

    Parameters
    ----------
    plan : Plan
        The plan.
    """
    first = (_purchase(plan), *_above_no_show(plan))
    if any(item.purchase for item in plan.items):
        yield say(" ").join(first)
        yield _items(plan) if len(plan.items) > 1 else _had(plan, plan.items[0])
    else:
        yield say(" ").join((*first, _kept(plan)))
    yield _profit(plan)
    yield say(" ").join((*_risk(plan), *_deciding(plan)))


def now_then(now: float, then: float) -> str:
    """Return a chance with what is owned, and with what is recommended."""
    return f"{percent(now)} → {percent(then)}"


def gained(of: Estimate, write: Callable[[float | None], str] = amount) -> str:
    """Return a paired difference, or that it is not significant."""
    if not of.significant:
        return not_significant() if of.mean else "0"
    return f"{'+' if (of.mean or 0.0) > 0 else ''}{write(of.mean)}"


def _purchase(plan: Plan) -> str:
    """Say what to buy, and what for, where that is not what plans usually are for."""
    bought = _bought(plan)
    return bought if plan.objective == MOST_PROFIT else f"{bought}{say(' ')}{aimed(plan)}"


def aimed(plan: Plan) -> str:
    """Say what a plan is for."""
    return say("Aim: {objective}.", objective=aim(plan.objective, plan.currency))


def _bought(plan: Plan) -> str:
    bought = [item for item in plan.items if item.purchase]
    supply, currency = plan.scenario.supply, plan.currency
    unsure = any(isinstance(one, NotSignificant | UnsureTogether) for one in plan.decision.limits)
    if not bought and plan.decision.reached and not plan.objective.serves:
        if kept_back := only_packs_forbid(plan):
            return kept_back
        if forbidden := what_forbids_all(plan):
            return say(
                "Buy nothing: no purchase that pays is allowed ({what}).", what=listed(forbidden)
            )
        if plan.objective != MOST_PROFIT:
            return say("Buy nothing: no purchase serves the objective better.")
        return (
            say("Buy nothing: no purchase significantly earns more than it costs.")
            if unsure
            else say("Buy nothing: no purchase earns more than it costs.")
        )
    if not bought and plan.decision.reached:
        return say("Buy nothing: what you own is enough.")
    if not bought and plan.objective.serves:
        return say("Buy nothing: no purchase that is allowed serves every item better.")
    if not bought:
        return say("Buy nothing: no purchase that is allowed comes nearer to the objective.")
    if len(bought) <= _NAMED:
        what = listed(f"{units(item.purchase)} {called(item.name)}" for item in bought)
    else:
        number = units(sum(item.purchase for item in bought))
        what = say("{number} units of {number_2} items", number=number, number_2=len(bought))
    spent = sum(item.cost for item in bought)
    cost = money(spent, currency)
    if supply.paid_part < 1:
        before = money(spent * supply.paid_part, currency)
        cost += say(", {spent} of it before the show,", spent=before)
    if supply.budget is not None:
        cost += say(" of the budget of {budget}", budget=money(supply.budget, currency))
    return say("Buy {what} for {cost}.", what=what, cost=cost)


def _had(plan: Plan, item: ItemPlan) -> str:
    """Say what there is then of the only item, and how often that is too little."""
    told = {"owned": units(item.owned), "have": units(item.recommended)}
    if item.product in plan.scenario.only_gifts:  # it is never on offer
        return say("You own {owned} and then have {have}.", **told)
    now, then = map(percent, _chances(plan, item))
    told |= {"now": now, "then": then}
    if (by := plan.objective.by) is not None:
        return say(
            "You own {owned} and then have {have}: gone within {by} in {then} of shows, now in "
            "{now}.",
            by=duration(by),
            **told,
        )
    return say(
        "You own {owned} and then have {have}: unavailable in {then} of shows, now in {now}.",
        **told,
    )


def _items(plan: Plan) -> Table:
    """Return what to buy, a row an item; of many, a row each of those for which most is spent."""
    items, bought = plan.items, [one for one in plan.items if one.purchase]
    first = items if len(items) <= _LINES else sorted(bought, key=lambda one: -one.cost)[:_LINES]
    shown = [one for one in items if one in first]
    write = in_one_unit(one.gain.mean for one in shown if one.purchase and one.gain.significant)
    rows = [
        (
            called(item.name),
            *_counts(plan, [item]),
            gained(item.gain, write) if item.purchase else "-",
            _runs_out(plan, item),
        )
        for item in shown
    ]
    rows += [
        (say(told, number=len(others)), *_counts(plan, others), "", "")
        for told, others in (
            ("and {number} more, in the details", [one for one in bought if one not in first]),
            ("not bought: {number}", [o for o in items if not (o.purchase or o in first)]),
        )
        if others
    ]
    by = plan.objective.by
    header = (
        *("what to buy", "own", "buy", "have"),
        *(say("cost,\n{currency}", currency=plan.currency), "gain over\nnot buying"),
        "unavailable\nnow → then"
        if by is None
        else say("gone in {by}\nnow → then", by=duration(by)),
    )
    return Table(header, tuple(rows), say("; ").join((*_gains(plan), *mark_explained(rows))))


def _gains(plan: Plan) -> Iterator[str]:
    """Say what gains are, where they do not add up to what all of them make together."""
    gains = [item.gain.mean or 0.0 for item in plan.items if item.purchase]
    together = plan.choices[1].gain.mean or 0.0
    if len(gains) > 1 and gains_are_approximate(plan.curves, plan.decision.units):
        yield say(
            "gain: above not buying it, approximate; together {amount}, as stocks act on each "
            "other",
            amount=amount(together),
        )
    elif len(gains) > 1 and abs(sum(gains) - together) > _ADDS_UP * abs(together):
        yield say(
            "gain: above not buying it; together {amount}, as stocks act on each other",
            amount=amount(together),
        )


def _counts(plan: Plan, items: Sequence[ItemPlan]) -> tuple[str, str, str, str]:
    """Return what is owned and bought of items, what there is then, and what it costs."""
    numbers = [(one.owned, one.purchase, one.recommended) for one in items]
    owned, bought, have = (units(sum(column)) for column in zip(*numbers, strict=True))
    return owned, bought, have, paid(plan, sum(one.cost for one in items))


def _kept(plan: Plan) -> str:
    """Say what runs out where nothing is bought."""
    chances = {
        item.name: _chances(plan, item)[0]
        for item in plan.items
        if item.product not in plan.scenario.only_gifts
    }
    names, by = in_part(chances, called, 46), plan.objective.by
    if not names:
        return say("What you own is always enough.")
    if by is not None:
        return say("Gone in {by} with what you own: {names}.", by=duration(by), names=names)
    return say("Unavailable with what you own: {names}.", names=names)


def _runs_out(plan: Plan, item: ItemPlan) -> str:
    """Return the chance to be unavailable, now and then."""
    if item.product in plan.scenario.only_gifts:
        return "-"  # it is never on offer
    return now_then(*_chances(plan, item))


def _chances(plan: Plan, item: ItemPlan) -> tuple[float, float]:
    """Return the chances to be unavailable, or so by the time that the objective names."""
    by = plan.objective.by
    if by is None:
        return item.unavailable_now.chance, item.unavailable_then.chance
    own, then = item.curve.item.owned, item.have
    return item.now.unavailable_chance(own, by), item.then.unavailable_chance(then, by)


def _profit(plan: Plan) -> Table:
    """Return what the show earns, against buying nothing and against not doing it."""
    now, then, *_ = plan.choices
    buys, without = then.units != now.units, plan.without_show.profit
    rows = [(say("with this purchase") if buys else say("as it is"), then.profit, 0.0)]
    if buys:
        rows.append(("  above buying nothing", then.gain, 0.0))
    if without:
        rows.append((f"  {_named_no_show(without)}", then.profit, without))
    numbers = [
        [None if one is None else one - less for one in (of.mean, of.p10, of.p50, of.p90)]
        for _, of, less in rows
    ]
    write = in_one_unit(chain.from_iterable(numbers))
    shown = [
        (name, *map(write, figures)) for (name, *_), figures in zip(rows, numbers, strict=True)
    ]
    if buys and then.gain.mean and not then.gain.significant:
        name, _, *percentiles = shown[1]
        shown[1] = (name, not_significant(), *percentiles)
    profit = say("profit of the show, {currency}", currency=plan.currency)
    note = say("; ").join((*_owned_anyway(plan), *mark_explained(shown)))
    return Table((profit, "mean", *LOW_TO_HIGH), tuple(shown), note)


def _above_no_show(plan: Plan) -> Iterator[str]:
    """Say so where the show earns less on average than not doing it, or no more than its error.

    Where nothing is earned or lost without it, its profit says that alone.
    """
    profit, without = plan.choices[1].profit, plan.without_show.profit
    above, error = (profit.mean or 0.0) - without, profit.half_width
    if not without or above >= 0:
        return
    if error is not None and above + error < 0:
        less = f"{plan.currency} {amount(-above)}"
        yield say("On average the show earns {less} less than not doing it.", less=less)
    else:
        yield say("On average the show earns about the same as not doing it.")


def _named_no_show(made: float) -> str:
    """Name the row of what the show earns above not doing it, with what is made then."""
    if made < 0:
        return say("above no show, which loses {lost}", lost=amount(-made))
    return say("above no show, which makes {made}", made=amount(made))


def _owned_anyway(plan: Plan) -> Iterator[str]:
    """Say what of the costs is there whatever is bought, and what is bought without a show."""
    yield from _costs(plan)
    if bought := _bought_without(plan):
        yield say("without a show, {what} are bought to sell on", what=some(bought, 30))


def _costs(plan: Plan) -> Iterator[str]:
    owned = [item.curve.item for item in plan.items if not item.curve.item.on_consignment]
    cost, scenario = sum(item.owned * item.unit_cost for item in owned), plan.scenario
    if not cost:
        yield from told_fixed_costs(scenario)
        return
    said = say("{cost} of costs are for stock you own", cost=money(cost, plan.currency))
    yield with_kept_cost(with_fixed_costs(said, scenario), scenario)


def _bought_without(plan: Plan) -> list[str]:
    """Return what pays to be bought without a show, as it sells on."""
    return [
        f"{units(have - item.owned)} {called(item.name)}"
        for have, item in zip(plan.without_show.units, plan.curves.items, strict=True)
        if have > item.owned
    ]


def _risk(plan: Plan) -> Iterator[str]:
    """Say what the purchase does to the risk of the show.

    Where a loss is to be expected, the warning of it says so.
    """
    if expects_loss(plan):
        return
    then, (before, lowest) = plan.choices[1], risk_now(plan)
    yield say(
        "Risk: a loss in {after} of shows{more}; the worst 10 % {low} on average{more_2}.",
        after=percent(then.loss.chance),
        more=before,
        low=made(then.worst, plan.currency),
        more_2=lowest,
    )


def _deciding(plan: Plan) -> Iterator[str]:
    """Say what changes what to buy, and with a mark what of that nobody wrote.

    These are ranges of what is uncertain, and values. Where none does, say so, and which values
    change the profit most.
    """
    uncertain = plan.drivers[:_UNCERTAIN]
    told = [(label(one.path), own_value(plan.resolution, one.path)) for one in uncertain]
    changing = [one for one in plan.defaults if _changes_purchase(plan, one)]
    told += [(_named_value(one), True) for one in changing[: _DECIDING - len(uncertain)]]
    if told and all(assumed for _, assumed in told):
        things = listed(what for what, _ in told)
        yield say("What decides it, all assumed: {told}.", told=things)
    elif told:
        marks = say(" (*: assumed)") if any(assumed for _, assumed in told) else ""
        things = listed(what + "*" * assumed for what, assumed in told)
        yield say("What decides it: {told}{marks}.", told=things, marks=marks)
    elif plan.defaults:
        yield say(
            "Nothing uncertain or assumed surely changes what to buy. Of what is assumed, profit "
            "moves most with {told}.",
            told=listed(map(_named_value, plan.defaults[:_UNCERTAIN])),
        )


def _changes_purchase(plan: Plan, one: Default) -> bool:
    return {one.low.units, one.high.units} != {plan.decision.units}


def _named_value(one: Default) -> str:
    return say("{what} ({value})", what=default_label(one.key), value=taken(one))
