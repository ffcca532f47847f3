"""What a plan says first: what to buy, what that earns and risks, and what decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import inf

import numpy as np

from livesim.planning.buying import volume_of
from livesim.planning.items import Source
from livesim.planning.limits import NotSignificant
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.offers import AS_IN_FILE, AT_ONCE
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.report.labels import label
from livesim.report.language import say
from livesim.report.naming import item as called
from livesim.report.naming import product
from livesim.report.pages import Part, Points, Table, Warnings
from livesim.report.plan_words import aim, held_against, limit, missed, taken, way_to_sell
from livesim.report.wording import (
    NOT_SIGNIFICANT,
    amount,
    counted,
    duration,
    fewer_come,
    listed,
    off_the_end,
    percent,
    units,
    volume,
)
from livesim.resolve.evidence import own_value
from livesim.resolve.words import money
from livesim.results.intervals import Estimate, estimate
from livesim.scenario.scenario import Scenario

#: So many items have a line; of more, those for which most is bought.
_LINES = 8
#: So many items are named in a sentence, and so many things that decide.
_NAMED, _DECIDING, _DEFAULTS = 4, 3, 2


def answer(plan: Plan) -> Iterator[Part]:
    """Yield the parts of a plan's answer.

    Parameters
    ----------
    plan : Plan
        The plan.
    """
    yield Warnings(tuple(_warnings(plan)))
    yield _purchase(plan)
    yield Points(
        (
            *(*_limits(plan), *_ordering(plan), *_stored(plan), *_late(plan)),
            *(*_stock_outs(plan), *_calls(plan), *_waiting(plan)),
            *(*_going_back(plan), *_sold_on(plan), *_too_few_gifts(plan), *_in_webshops(plan)),
        )
    )
    yield _items(plan) if any(item.purchase for item in plan.items) else _kept(plan)
    yield _profit(plan)
    yield say(" ").join((_risk(plan), *_deciding(plan)))


def spread(figure: Estimate) -> tuple[str, ...]:
    """Return the 10th, 50th and 90th percentile of a figure in words."""
    return tuple(map(amount, (figure.p10, figure.p50, figure.p90)))


def now_then(now: float, then: float) -> str:
    """Return a chance with what is owned, and with what is recommended."""
    return f"{percent(now)} → {percent(then)}"


def gained(of: Estimate) -> str:
    """Return a paired difference, or that it is not significant."""
    if not of.significant:
        return NOT_SIGNIFICANT if of.mean else "0"
    return f"{'+' if (of.mean or 0.0) > 0 else ''}{amount(of.mean)}"


def _warnings(plan: Plan) -> Iterator[str]:
    products = plan.curves.scenario.products
    yield from _loss(plan)
    yield from _off_the_end(plan)
    yield from _better_ways(plan)
    for one in plan.evidence:
        if (observed := products[one.product].observed) is not None:
            *copied, likely = held_against(one, observed)
            yield from (*copied, likely) if one.contradicts else copied
    of = plan.objective, plan.curves.scenario
    yield from (missed(one, *of) for one in plan.decision.missed)


def _loss(plan: Plan) -> Iterator[str]:
    """Warn of a show that is expected to lose money, and say so where no purchase helps."""
    profit, currency = plan.choices[1].profit, plan.curves.scenario.show.currency
    if profit.mean is None or profit.mean + (profit.half_width or 0.0) >= 0:
        return
    average = say("{currency} {profit} on average", currency=currency, profit=amount(profit.mean))
    better = profit.mean - plan.curves.without_show
    if better - (profit.half_width or 0.0) > 0:
        yield (
            say(
                "Expect less than the stock has cost: {average}. But not doing "
                "the show would be {currency} {better} worse.",
                average=average,
                currency=currency,
                better=amount(better),
            )
        )
    elif plan.objective == MOST_PROFIT:
        yield (
            say(
                "Expect a loss whatever you buy: {average}, fees included. No "
                "purchase that packs, minimum orders and budget allow makes it a "
                "gain.",
                average=average,
            )
        )
    else:
        yield (
            say(
                "Expect a loss: {average}, fees included. The objective profit "
                "shows the most that can be had.",
                average=average,
            )
        )


def _off_the_end(plan: Plan) -> Iterator[str]:
    """Warn of slots and products that come too late in some shows, as after a late guest."""
    curves = plan.curves
    never = np.isinf(curves.slot_starts).mean(axis=0).tolist()
    links = {one.item.product: one.figures["link_at"][:, 0] for one in reversed(curves.curves)}
    sold = {name for slot in curves.scenario.rundown.values() for name in slot.sells}
    no_link = {name: float(np.isinf(of).mean()) for name, of in links.items() if name in sold}
    return off_the_end(dict(zip(curves.scenario.rundown, never, strict=True)), no_link)


def _better_ways(plan: Plan) -> Iterator[str]:
    """Say where another way to sell surely beats the file's, in which all figures above are."""
    for way in plan.release_plans:
        waves = plan.curves.scenario.products[way.product].waves
        if way.recommended and way.kind != (AS_IN_FILE if waves else AT_ONCE):
            yield (
                say(
                    "Sell {product} otherwise than the file says: {way}, with "
                    "{count}, earns significantly more. All figures here are of the "
                    "way in the file; the details have all ways to sell.",
                    product=product(way.product),
                    way=way_to_sell(way),
                    count=counted(way.units, "unit"),
                )
            )


def _limits(plan: Plan) -> Iterator[str]:
    """Say what else is to be known, of many purchases that gain too little only which they are."""
    unsure = [one for one in plan.decision.limits if isinstance(one, NotSignificant)]
    together = unsure if len(unsure) > 1 else []
    if together:
        names = [f"{units(one.units)} {called(one.product)}" for one in together[:_NAMED]]
        more = (
            [say("{number} more", number=len(together) - _NAMED)] if len(together) > _NAMED else []
        )
        yield (
            say(
                "Not bought, as what it would gain is not significant at 95 %: "
                "{more}. More replications would tell.",
                more=listed([*names, *more]),
            )
        )
    of = plan.objective, plan.curves.scenario
    yield from (limit(one, *of) for one in plan.decision.limits if one not in together)


def _ordering(plan: Plan) -> Iterator[str]:
    """Say from whom to buy, and by when; and who would deliver too late for the show."""
    scenario = plan.curves.scenario
    for one in plan.items:
        item = one.curve.item
        for source in item.sources:
            if not source.in_time and scenario.supply.ordered is not None:
                comes = scenario.supply.ordered + timedelta(seconds=source.lead_time)
                yield (
                    say(
                        "{name}: what is ordered{source} comes by {comes:%Y-%m-%d "
                        "%H:%M}: too late for the show, and of use only afterwards.",
                        name=called(item.name),
                        source=_whom(source, " from {name}"),
                        comes=comes,
                    )
                )
        chosen = item.source(one.purchase) if one.purchase else None
        if chosen is not None:
            whom = _whom(chosen, " it from {name}")
            yield say(
                "{name}: order{whom} {scenario}.",
                name=called(item.name),
                whom=whom,
                scenario=_by_when(scenario, chosen),
            )


def _whom(source: Source, message: str) -> str:
    return say(message, name=source.name) if source.name else ""


def _by_when(scenario: Scenario, source: Source) -> str:
    """Return by when to order, so that units come before the show."""
    if scenario.show.start is None:
        return say("at least {lead_time} before the show", lead_time=duration(source.lead_time))
    latest = scenario.show.start - timedelta(seconds=source.lead_time)
    return say("by {latest:%Y-%m-%d %H:%M}", latest=latest)


def _stored(plan: Plan) -> Iterator[str]:
    """Say what of the storage is taken."""
    storage = plan.curves.scenario.supply.storage
    if storage is None:
        return
    taken, owned = (volume_of(plan.curves, n) for n in (plan.decision.units, plan.curves.owned))
    if owned > storage:
        yield say(
            "What you own takes {owned}, and storage is {storage}: buy nothing.",
            owned=volume(owned),
            storage=volume(storage),
        )
    else:
        what = say("What you own") if taken == owned else say("With what you own, that")
        yield say(
            "{what} takes {taken} of {storage} of storage.",
            what=what,
            taken=volume(taken),
            storage=volume(storage),
        )


def _late(plan: Plan) -> Iterator[str]:
    """Say how many orders leave late, where a warehouse ships them."""
    found = plan.curves.late_orders(plan.decision.units)
    if found is None:
        return
    late, gone = map(estimate, found)
    if not late.mean:
        yield say("No order leaves late.")
        return
    yield say(
        "{late} orders leave late on average (P90 {most}), of which {cancelled} are cancelled.",
        late=amount(late.mean),
        most=amount(late.p90),
        cancelled=amount(gone.mean),
    )


def _stock_outs(plan: Plan) -> Iterator[str]:
    """Say what stock-outs cost beyond the lost sales, where they do."""
    curves, scenario = plan.curves, plan.curves.scenario
    products, costs = scenario.products, []
    if any(one.goodwill for one in products.values()):
        lost = float(curves.total(plan.decision.units, "goodwill").mean())
        cost = money(lost, scenario.show.currency)
        costs.append(say("{cost} of goodwill", cost=cost))
    if any(one.ads_per_hour is not None for one in products.values()):
        ads = float(curves.total(plan.decision.units, "ads_wasted").mean())
        cost = money(ads, scenario.show.currency)
        costs.append(say("{cost} for ads that run on", cost=cost))
    if costs:
        yield say("Beyond lost sales, stock-outs cost on average: {costs}.", costs=listed(costs))
    yield from fewer_come(scenario)


def _calls(plan: Plan) -> Iterator[str]:
    """Say what calling reserves costs, where it costs anything."""
    reserves = [
        reserve
        for product in plan.curves.scenario.products.values()
        for reserve in product.all_reserves.values()
    ]
    if any(one.call_cost or one.extra_unit_cost for one in reserves):
        cost = float(plan.curves.total(plan.decision.units, "reserve_cost").mean())
        yield say(
            "Calling reserves costs {cost} on average, beside the unit cost of what they bring.",
            cost=money(cost, plan.curves.scenario.show.currency),
        )


def _waiting(plan: Plan) -> Iterator[str]:
    """Say what it is worth to wait for what is sold by a moment, and to call a reserve by that."""
    currency = plan.curves.scenario.show.currency
    for way in plan.release_plans:
        if way.above_called is None or way.above_none is None:
            continue
        called, none = (
            f"{currency} {amount(of.mean)} ± {amount(of.half_width)}"
            for of in (way.above_called, way.above_none)
        )
        worth = min(way.above_called, way.above_none, key=lambda of: of.mean or 0.0)
        told = {"product": product(way.product), "way": way_to_sell(way)}
        if worth.significant and (worth.mean or 0.0) > 0:
            yield say(
                "What {product} sells at first is worth waiting for. The best rule ({way}) brings "
                "{called} a show more than calling the reserve then whatever is sold, and {none} "
                "more than having none: the smaller figure is what waiting is worth.",
                **{**told, "called": called, "none": none},
            )
        else:
            yield say(
                "What {product} sells at first is not surely worth waiting for: the best rule "
                "({way}) brings {called} a show beside calling the reserve then whatever is sold, "
                "and {none} beside having none.",
                **{**told, "called": called, "none": none},
            )


def _too_few_gifts(plan: Plan) -> Iterator[str]:
    """Say of which gifts most shows have fewer than are promised: no objective buys them.

    Promised are those of orders that are shipped, but for bundles, which are no items.
    """
    products = plan.curves.scenario.products
    for item in plan.items:
        name = item.curve.item.name
        promised = np.zeros(plan.curves.replications)
        for host in plan.items:
            gift = products[host.curve.item.product].gift
            if gift is not None and gift.product == name:
                have = host.recommended - host.curve.item.arriving
                orders = host.curve.at("shipped_orders", have)
                promised += np.minimum(orders, inf if gift.first is None else gift.first)
        without = np.maximum(promised - item.recommended, 0)
        if np.median(without) >= 1:
            yield say(
                "{name} is promised as a gift, and {orders} orders get none on average. No "
                "sale or goodwill depends on gifts here, so that none are bought "
                "for that: own as many as you promise.",
                name=called(name),
                orders=amount(float(without.mean())),
            )


def _going_back(plan: Plan) -> Iterator[str]:
    """Say how many left-overs the supplier takes back."""
    currency = plan.curves.scenario.show.currency
    for item in plan.items:
        terms, name = plan.curves.terms(item.curve.item), called(item.curve.item.name)
        if terms.buy_back is None or item.goes_back is None or not item.recommended:
            continue
        middle, late = (
            counted(round(of or 0.0), "unit") for of in (item.goes_back.p50, item.goes_back.p90)
        )
        paid = say("on consignment, paid for as it sells")
        if not item.curve.item.on_consignment:
            paid = say("bought back at {price}", price=money(terms.buy_back.price, currency))
        yield say(
            "{name}: {paid}; {middle} go back (P50; P90 {late}).",
            name=name,
            paid=paid,
            middle=middle,
            late=late,
        )
        bought = item.recommended - item.curve.item.owned
        if item.curve.item.on_consignment and 2 * (item.goes_back.p50 or 0.0) > bought > 0:
            yield say(
                "{name}: most of what is ordered goes back. It costs nothing here, so ask whether "
                "the supplier lends so many.",
                name=name,
            )


def _in_webshops(plan: Plan) -> Iterator[str]:
    """Say how much of what is wanted is a webshop's."""
    for item in plan.items:
        figures, name = item.curve.figures, called(item.curve.item.name)
        if plan.curves.terms(item.curve.item).webshop is not None:
            wanted = figures["webshop"][:, -1] + figures["webshop_lost"][:, -1]
            yield say(
                "{name}: {units} of the units wanted are the webshop's (mean).",
                name=name,
                units=amount(float(wanted.mean())),
            )


def _sold_on(plan: Plan) -> Iterator[str]:
    """Say when left-overs that sell on after the show are gone."""
    for item in plan.items:
        have = item.recommended - item.curve.item.arriving
        weeks = plan.curves.weeks_left(item.curve, have)
        if item.weeks_left is None or weeks is None:
            continue
        middle, late = item.weeks_left.p50, item.weeks_left.p90
        kept, name = float(np.isinf(weeks).mean()), called(item.curve.item.name)
        if middle is not None:
            most = say("; P90 {count}", count=counted(late, "week")) if late is not None else ""
            yield say(
                "{name}: left-overs have sold after {count} (P50{most}).",
                name=name,
                count=counted(middle, "week"),
                most=most,
            )
        if kept:
            yield say(
                "{name}: in {kept} of shows more are left than sell on in time.",
                name=name,
                kept=percent(kept),
            )


def _purchase(plan: Plan) -> str:
    currency = plan.curves.scenario.show.currency
    return say(
        "{plan} Aim: {objective}.",
        plan=_bought(plan, currency),
        objective=aim(plan.objective, currency),
    )


def _bought(plan: Plan, currency: str) -> str:
    bought = [item for item in plan.items if item.purchase]
    supply = plan.curves.scenario.supply
    if not bought and plan.decision.reached:
        return (
            say("Buy nothing: no purchase is expected to earn more than it costs.")
            if plan.objective == MOST_PROFIT
            else say("Buy nothing: no purchase serves the objective better.")
        )
    if not bought and plan.objective.serves:
        return say("Buy nothing: no purchase that is allowed serves every item better.")
    if not bought:
        return say("Buy nothing: no purchase that is allowed comes nearer to the objective.")
    if len(bought) <= _NAMED:
        what = listed(f"{units(item.purchase)} {called(item.curve.item.name)}" for item in bought)
    else:
        what = say(
            "{number} units of {number_2} items",
            number=units(sum(item.purchase for item in bought)),
            number_2=len(bought),
        )
    spent = sum(item.cost for item in bought)
    cost = money(spent, currency)
    if supply.paid_part < 1:
        cost += say(
            ", {spent} of it before the show,", spent=money(spent * supply.paid_part, currency)
        )
    if supply.budget is not None:
        cost += say(" of the budget of {budget}", budget=money(supply.budget, currency))
    return say("Buy {what} for {cost}.", what=what, cost=cost)


def _items(plan: Plan) -> Table:
    shown = _shown(plan.items)
    currency = plan.curves.scenario.show.currency
    rows = tuple(
        (
            called(item.curve.item.name),
            units(item.owned),
            units(item.purchase),
            units(item.recommended),
            amount(item.cost),
            gained(item.gain) if item.purchase else "-",
            amount(item.profit_then.mean),
            _runs_out(plan, item),
        )
        for item in shown
    )
    by = plan.objective.by
    header = (
        *(
            "what to buy",
            "you own",
            "buy",
            "have",
            say("cost,\n{currency}", currency=currency),
            "gain",
            "earns",
        ),
        say("unavailable\nnow → then")
        if by is None
        else say("gone in {by}\nnow → then", by=duration(by)),
    )
    return Table(header, rows, say(". ").join(_items_note(plan, shown)))


def _kept(plan: Plan) -> Table:
    """Return what is owned, where nothing is bought."""
    shown, currency = _shown(plan.items), plan.curves.scenario.show.currency
    rows = tuple(
        (
            called(item.curve.item.name),
            units(item.owned),
            *spread(item.demand),
            amount(item.profit_now.mean),
            _runs_out(plan, item).partition(" → ")[0],
        )
        for item in shown
    )
    by = plan.objective.by
    header = (
        *(
            "what you have",
            "units",
            "wanted\nP10",
            "P50",
            "P90",
            say("earns,\n{currency}", currency=currency),
        ),
        say("unavailable") if by is None else say("gone in\n{by}", by=duration(by)),
    )
    return Table(header, rows, say(". ").join(_items_note(plan, shown)))


def _shown(items: Sequence[ItemPlan]) -> list[ItemPlan]:
    """Return the items that have a line, in the order of the file."""
    if len(items) <= _LINES:
        return list(items)
    first = sorted(items, key=lambda item: (-item.cost, -(item.demand.mean or 0.0)))[:_LINES]
    return [item for item in items if item in first]


def _items_note(plan: Plan, shown: Sequence[ItemPlan]) -> Iterator[str]:
    others = [item for item in plan.items if item not in shown]
    if others:
        number, cost = sum(item.purchase for item in others), sum(item.cost for item in others)
        what = (
            say("{number} units for {cost}", number=units(number), cost=amount(cost))
            if number
            else say("nothing")
        )
        yield say("Of {count}: buy {what}", count=counted(len(others), "more item"), what=what)
    fees = say(", slot fees apart") if plan.curves.scenario.deal.slot_fee else ""
    gain = say("gain: mean profit above not buying; ") if any(one.purchase for one in shown) else ""
    yield say("{gain}earns: mean profit of all its units{fees}", gain=gain, fees=fees)
    yield say("unavailable: at some time on offer with nothing on hand")
    if plan.curves.around and gain:
        yield say("now and gain: of each item while the others have what is recommended")
    if any(gained(item.gain) == NOT_SIGNIFICANT for item in shown if item.purchase):
        yield say("{not_significant}: not significant at 95 %", not_significant=NOT_SIGNIFICANT)


def _runs_out(plan: Plan, item: ItemPlan) -> str:
    """Return the chance to be unavailable, or so by the time that the objective names."""
    objective = plan.objective
    if item.curve.item.product in plan.curves.scenario.only_gifts:
        return "-"  # it is never on offer
    if objective.by is None:
        return now_then(item.unavailable_now.chance, item.unavailable_then.chance)
    own, arriving = item.curve.item.owned, item.curve.item.arriving
    now, then = (
        item.curve.unavailable_chance(number, objective.by)
        for number in (own, item.recommended - arriving)
    )
    return now_then(now, then)


def _profit(plan: Plan) -> Table:
    """Return what the show earns, against buying nothing and against not doing it."""
    now, then, *_ = plan.choices
    buys, without = then.units != now.units, plan.curves.without_show
    rows = [(say("with this purchase") if buys else say("as it is"), then.profit, 0.0)]
    if buys:
        rows.append(("  above buying nothing", then.gain, 0.0))
    if without:
        rows.append(("  above not doing the show", then.profit, without))
    currency = plan.curves.scenario.show.currency
    figures = ("mean", "p10", "p50", "p90")
    return Table(
        (say("profit of the show, {currency}", currency=currency), "mean", "P10", "P50", "P90"),
        tuple(
            (name, *(amount(getattr(figure, part) - less) for part in figures))
            for name, figure, less in rows
        ),
        _owned_anyway(plan, currency),
    )


def _owned_anyway(plan: Plan, currency: str) -> str:
    """Say how much of the profit is the cost of stock that is owned anyway."""
    cost = sum(item.owned * item.curve.item.unit_cost for item in plan.items)
    if not cost:
        return ""
    lost = -plan.curves.without_show
    said = say(
        "{currency} {cost} of the costs are for units you own anyway",
        currency=currency,
        cost=amount(cost),
    )
    return (
        say(
            "{said}; without a show they lose {currency} {lost}",
            said=said,
            currency=currency,
            lost=amount(lost),
        )
        if lost > 0
        else said
    )


def _risk(plan: Plan) -> str:
    """Say what the purchase does to the risk of the show."""
    now, then, *_ = plan.choices
    currency = plan.curves.scenario.show.currency
    before, after = percent(now.loss.chance), percent(then.loss.chance)
    lowest, low = amount(now.worst), amount(then.worst)
    changed = before != after or lowest != low
    return say(
        "Risk: a loss in {after} of shows{more}; the worst 10 % of shows "
        "make {currency} {low} on average{more_2}.",
        after=after,
        more=say(" (now {before})", before=before) if changed else "",
        currency=currency,
        low=low,
        more_2=say(" (now {lowest})", lowest=lowest) if changed else "",
    )


def _deciding(plan: Plan) -> Iterator[str]:
    """Say what decides the purchase, and which values nobody wrote."""
    first = plan.drivers[:_DECIDING]
    if first:
        told = [label(one.path) + "*" * own_value(plan.resolution, one.path) for one in first]
        marks = say(" (*: its error is assumed)") if any(one.endswith("*") for one in told) else ""
        yield say("What decides it{marks}: {told}.", marks=marks, told=listed(told))
    if plan.defaults:
        currency = plan.curves.scenario.show.currency
        shown = [f"{one.key} = {taken(one, currency)}" for one in plan.defaults[:_DEFAULTS]]
        yield say("Not in your file, and it matters: {shown}.", shown=listed(shown))
