"""What is to be known beside a plan's answer: in a line of its own, and in full in the details."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from math import inf

import numpy as np

from livesim.experiment.levels import MISSING
from livesim.planning.curves import StockCurve
from livesim.planning.limits import (
    BetterTogether,
    LevelsEnd,
    LevelsServe,
    NothingLimits,
    NotSignificant,
)
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.offers import AS_IN_FILE, AT_ONCE
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.release_plans import ReleaseOutcome
from livesim.planning.terms import packs, volume_of
from livesim.report.language import retold, say
from livesim.report.naming import item as called
from livesim.report.naming import product, variant
from livesim.report.plan_reasons import kept_out_by, what_forbids_all
from livesim.report.plan_words import (
    held_against,
    in_the_balance,
    limit,
    missed,
    way_to_sell,
    wrong,
)
from livesim.report.wording import (
    amount,
    counted,
    duration,
    fewer_come,
    in_part,
    in_rundown,
    listed,
    off_the_end,
    percent,
    some,
    units,
    volume,
)
from livesim.resolve import (
    below_cost,
    dearer_left_over,
    reason_of,
    too_late,
    unaffordable,
    unplanned,
)
from livesim.resolve.purchases import Source
from livesim.resolve.remarks import decides
from livesim.resolve.words import money
from livesim.results.intervals import estimate
from livesim.scenario.scenario import Scenario

#: So many questions stand in the short answer.
_ASKED = 2
#: Of so many purchases that gain too little the details say by how much.
_NAMED = 4
#: What earns or costs less than this of profit and purchase [1] is told in full only.
_TRIVIAL = 0.01


@dataclass(frozen=True)
class Notice:
    """What is to be known: things of the same kind together.

    Parameters
    ----------
    short
        In a line; empty where it is none of the first things to know.
    whole
        All that there is to say of it; empty where the line says all.
    """

    short: str
    whole: tuple[str, ...] = ()


def in_short(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Return what notices say in a line each."""
    return tuple(one.short for one in notices if one.short)


def in_full(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Return what notices say beyond their lines."""
    return tuple(chain.from_iterable(one.whole for one in notices))


def warned(plan: Plan) -> tuple[Notice, ...]:
    """Return what nobody may miss."""
    return (
        *_dearer_left_over(plan),
        *(*_approximate(plan), *_loss(plan), *_off_the_end(plan), *_better_ways(plan)),
        *(*_by_label(plan, too_late(plan.scenario)), *_below_cost(plan), *_observed(plan)),
        *_by_label(plan, unaffordable(plan.scenario)),
        *(*map(Notice, unplanned(plan.scenario)), *_missed(plan), *_questions(plan)),
    )


def told(plan: Plan) -> tuple[Notice, ...]:
    """Return what else is to be known."""
    return (
        *(
            *_past_shows(plan),
            *_together(plan),
            *_limits(plan),
            *_only_together(plan),
            *_in_the_balance(plan),
            *_packs(plan),
            *_ordering(plan),
            *_stored(plan),
            *_late(plan),
        ),
        *(*_stock_outs(plan), *_calls(plan), *_waiting(plan), *_going_back(plan)),
        *(*_sold_on(plan), *_too_few_gifts(plan), *_in_webshops(plan), *_ways_unseen(plan)),
    )


def _approximate(plan: Plan) -> Iterator[Notice]:
    """Warn of units that act on each other and were not simulated together."""
    if all(plan.curves.is_exact(choice.units) for choice in plan.choices):
        if _read_off_curves(plan):
            yield Notice(say("Each item's own figures are approximate: for exact ones, plan anew."))
        return
    yield Notice(
        say("Approximate: not simulated together; plan SCENARIO anew for exact figures."),
        (
            say(
                "Approximate: the stocks of these items act on each other, and not all numbers of "
                "units here were simulated together. For these the effects of single items add up; "
                "plan SCENARIO anew for exact figures."
            ),
        ),
    )


def _by_label(plan: Plan, sentences: Iterable[str]) -> Iterator[Notice]:
    """Yield sentences that begin with a key of a product or variant, with its label there."""
    for sentence in sentences:
        key, colon, rest = sentence.partition(": ")
        of_product = key.partition(".")[0] in plan.scenario.products
        yield Notice(f"{called(key)}{colon}{rest}" if of_product else sentence)


def _below_cost(plan: Plan) -> Iterator[Notice]:
    """Warn of what brings less than a unit costs, in a line however many there are."""
    found = below_cost(plan.scenario)
    names = some([product(name) for name in found], 34) if found else ""
    yield from _in_a_line(plan, found, say("Cost more than they bring: {names}.", names=names))


def _dearer_left_over(plan: Plan) -> Iterator[Notice]:
    """Warn of what it pays to have left over: as much of it is bought as may be."""
    found = dearer_left_over(plan.scenario)
    names = some([product(name) for name in found], 24) if found else ""
    several = say("Worth more left over than they cost or bring: {names}.", names=names)
    yield from _in_a_line(plan, found, several)


def _in_a_line(plan: Plan, found: Mapping[str, str], several: str) -> Iterator[Notice]:
    """Yield what was found by product, in one line however many there are."""
    if len(found) == 1:
        yield from _by_label(plan, found.values())
    elif found:
        yield Notice(several, tuple(one.short for one in _by_label(plan, found.values())))


def _read_off_curves(plan: Plan) -> bool:
    """Say whether items that act on each other are told of by curves of other units, as saved."""
    return not plan.as_drawn and all(one.then is one.curve for one in plan.items)


def _ways_unseen(plan: Plan) -> Iterator[Notice]:
    """Say where ways to sell stand that were compared, as of a saved plan, or that none were."""
    if not plan.release_plans and any(item.purchase for item in plan.items):
        said = say(
            "No other ways to sell are compared here: of a plan that is decided anew, page.html "
            "in its folder has those that were compared when it was made."
        )
        yield Notice("", (said,))


def _loss(plan: Plan) -> Iterator[Notice]:
    """Warn of a show that is expected to lose money, and say so where no purchase helps."""
    if not _surely_loses(plan):
        return
    then, (before, lowest) = plan.choices[1], risk_now(plan)
    risk = say(
        "{after} of shows lose{more}, the worst 10 % {currency} {lost} on average{more_2}",
        after=percent(then.loss.chance),
        more=before,
        currency=plan.currency,
        lost=amount(-then.worst),
        more_2=lowest,
    )
    if not expects_loss(plan):
        better = (then.profit.mean or 0.0) - plan.without_show.profit
        yield Notice(
            say(
                "Expect less than the stock cost, but {currency} {better} more than without a "
                "show.",
                currency=plan.currency,
                better=amount(better),
            )
        )
    elif plan.objective == MOST_PROFIT:
        yield Notice(
            say("Expect a loss whatever you buy: {risk}.", risk=risk),
            (
                say(
                    "Expect a loss whatever you buy: no purchase that packs, minimum orders and "
                    "budget allow makes it a gain."
                ),
            ),
        )
    else:
        yield Notice(
            say("Expect a loss: {risk}.", risk=risk),
            (say("Expect a loss: the objective profit shows the most that can be had."),),
        )


def _surely_loses(plan: Plan) -> bool:
    """Say whether the profit is below 0 on average, beyond its error."""
    profit = plan.choices[1].profit
    return profit.mean is not None and profit.mean + (profit.half_width or 0.0) < 0


def expects_loss(plan: Plan) -> bool:
    """Say whether the show surely loses, and is not surely better than not doing it."""
    profit = plan.choices[1].profit
    better = (profit.mean or 0.0) - plan.without_show.profit - (profit.half_width or 0.0)
    return _surely_loses(plan) and better <= 0


def risk_now(plan: Plan) -> tuple[str, str]:
    """Return how often shows lose without the purchase, and how their worst end, if otherwise."""
    now, then, *_ = plan.choices
    before, after = percent(now.loss.chance), percent(then.loss.chance)
    often = say(" (now {before})", before=before) if before != after else ""
    if amount(now.worst) == amount(then.worst):
        return often, ""
    lowest = made(now.worst, plan.currency)
    if (now.worst < 0) == (then.worst < 0):
        lowest = f"{plan.currency} {amount(abs(now.worst))}"
    return often, say(" (now {lowest})", lowest=lowest)


def made(profit: float, currency: str) -> str:
    """Say what shows make or lose."""
    said = {"currency": currency, "amount": amount(abs(profit))}
    if profit < 0:
        return say("lose {currency} {amount}", **said)
    return say("make {currency} {amount}", **said)


def _off_the_end(plan: Plan) -> Iterator[Notice]:
    """Warn of slots and products that come too late in some shows, as after a late guest."""
    curves = plan.curves
    never = np.isinf(curves.slot_starts).mean(axis=0).tolist()
    slots = dict(zip(curves.scenario.rundown, never, strict=True))
    with_link = {
        one.product: one.now.levels_of("link_at", _level_of(one.now))
        for one in reversed(plan.items)
    }
    never_up = {name: float(np.isinf(times).mean()) for name, times in with_link.items()}
    no_link = in_rundown(curves.scenario, never_up)
    for short, whole in zip(
        off_the_end(slots, no_link), off_the_end(slots, no_link, inf), strict=True
    ):
        yield Notice(short, (whole,) if whole != short else ())


def _level_of(curve: StockCurve) -> int:
    """Return the number of the level that is owned, or of the next one below."""
    return max(int(np.searchsorted(curve.levels, curve.item.owned, side="right")) - 1, 0)


def _better_ways(plan: Plan) -> Iterator[Notice]:
    """Say where another way to sell surely beats the file's, in which all figures above are."""
    ways, whole = [], []
    currency = plan.currency
    found = sorted(better_ways(plan), key=lambda one: -one[1])
    spent = sum(item.cost for item in plan.items) if found else 0.0
    least = _TRIVIAL * max(abs(plan.choices[1].profit.mean or 0.0), spent)
    for way, gain in found:
        name, other, count = product(way.product), way_to_sell(way), counted(way.units, "unit")
        more = say("{currency} {profit} a show more", currency=currency, profit=amount(gain))
        if gain >= least:
            ways.append(
                say("{name}, {more} ({way}, {count})", name=name, more=more, way=other, count=count)
            )
        whole.append(
            say(
                "Sell {product} otherwise than the file says: {way}, with "
                "{count}, earns significantly more: {more}. All figures here are of the "
                "way in the file; the details have all ways to sell.",
                product=name,
                way=other,
                count=count,
                more=more,
            )
        )
    if whole:
        names = some(ways, 36)
        short = say("Another way to sell earns significantly more: {names}.", names=names)
        yield Notice(short if ways else "", tuple(whole))


def better_ways(plan: Plan) -> Iterator[tuple[ReleaseOutcome, float]]:
    """Yield each way to sell that surely beats the file's, and by how much [currency].

    Parameters
    ----------
    plan : Plan
        The plan.
    """
    products = plan.scenario.products
    usual = {name: AS_IN_FILE if one.waves else AT_ONCE for name, one in products.items()}
    of_file = {
        way.product: way.gain.mean or 0.0
        for way in plan.release_plans
        if way.kind == usual[way.product]
    }
    for way in plan.release_plans:
        if way.recommended and way.kind != usual[way.product]:
            yield way, (way.gain.mean or 0.0) - of_file.get(way.product, 0.0)


def _observed(plan: Plan) -> Iterator[Notice]:
    """Warn of what was observed and taken for demand, and of what it contradicts."""
    products = plan.scenario.products
    near: dict[str, list[str]] = {}
    against: dict[str, str] = {}
    for one in plan.evidence:
        if (observed := products[one.product].observed) is not None:
            *copied, likely = held_against(one, observed)
            if one.contradicts:
                why = say("{what} ({value})", what=product(one.product), value=wrong(one))
                against[why] = likely
                yield Notice("", tuple(copied))
            elif copied:
                near[product(one.product)] = copied
    if near:
        yield Notice(
            say(
                "More may be wanted than was sold when it was sold out: {names}.",
                names=some(near, 22),
            ),
            tuple(chain.from_iterable(near.values())),
        )
    if against:
        yield Notice(
            say("Does not fit what was observed: {names}.", names=some(against, 46)),
            tuple(against.values()),
        )


def _missed(plan: Plan) -> Iterator[Notice]:
    """Say by what the objective is missed, of items that no level serves together."""
    of = plan.objective, plan.scenario
    unserved = {
        called(one.item): missed(one, *of)
        for one in plan.decision.missed
        if isinstance(one, LevelsServe)
    }
    if unserved:
        yield Notice(
            say(
                "Even the most that was simulated serves too little: {names}.",
                names=some(unserved, 24),
            ),
            tuple(unserved.values()),
        )
    others = (one for one in plan.decision.missed if not isinstance(one, LevelsServe))
    yield from (Notice(missed(one, *of)) for one in others)


def _questions(plan: Plan) -> Iterator[Notice]:
    """Ask about figures that may be mistaken, of many about the first ones in short."""
    asked = plan.resolution.questions
    yield from map(Notice, map(retold, asked[:_ASKED]))
    if more := asked[_ASKED:]:
        questions = counted(len(more), "more question")
        yield Notice(say("{questions} in --full", questions=questions), tuple(map(retold, more)))


def _past_shows(plan: Plan) -> Iterator[Notice]:
    """Say what came from past shows, and how much each of them counts."""
    reasons = plan.resolution.reasons
    if reasons and reason_of(reasons, ("show", "appeal")).kind == "history":
        said = (note for note in plan.notes if decides(note))
        yield from (Notice(retold(note)) for note in said)


def _together(plan: Plan) -> Iterator[Notice]:
    """Say that stocks act on each other too much for curves to be exact."""
    if (of := plan.curves.together) is not None:
        yield Notice(
            say(
                "The products' stocks act on each other: {number} joint stocks were simulated.",
                number=of.joint_stocks,
            )
        )


def _limits(plan: Plan) -> Iterator[Notice]:
    """Say what is to be known of the decision."""
    limits, of = plan.decision.limits, (plan.objective, plan.scenario)
    unsure = [one for one in limits if isinstance(one, NotSignificant)]
    if unsure:
        names = [f"{units(one.units - one.fewer)} {called(one.product)}" for one in unsure]
        whole = say("Not bought, as not significant at 95 %: {names}.", names=some(names, 36))
        yield Notice("", (whole, *(limit(one, *of) for one in unsure[:_NAMED])))
    ends = {called(one.item): limit(one, *of) for one in limits if isinstance(one, LevelsEnd)}
    if ends:
        yield Notice(
            say("The best number may be more than was simulated: {names}.", names=some(ends, 28)),
            tuple(ends.values()),
        )
    for one in limits:
        match one:
            case NotSignificant() | LevelsEnd():
                continue
            case NothingLimits(items, lent):
                those = some(map(called, items), 28)
                short = (
                    say("Nothing limits the purchase on consignment: {names}.", names=those)
                    if lent
                    else say("Nothing limits the purchase: give a budget for {names}.", names=those)
                )
                yield Notice(short, (limit(one, *of),))
            case BetterTogether():
                yield Notice("", (limit(one, *of),))
            case _:
                yield Notice(limit(one, *of))


def _only_together(plan: Plan) -> Iterator[Notice]:
    """Say which purchases earn something surely only with the others, as a margin on every item."""
    gain, bought = plan.choices[1].gain, [one for one in plan.items if one.purchase]
    unsure = [called(one.name) for one in bought if not one.gain.above_zero]
    if plan.objective.serves or len(bought) < 2 or not unsure or not gain.above_zero:
        return
    whole = say(
        "{names}: what each earns alone is not significant at 95 %; all purchases together earn "
        "{currency} {gain} ± {half_width} more than buying none.",
        names=listed(unsure),
        currency=plan.currency,
        gain=amount(gain.mean),
        half_width=amount(gain.half_width or 0),
    )
    yield Notice(say("Significant only together: {names}.", names=some(unsure, 28)), (whole,))


def _in_the_balance(plan: Plan) -> Iterator[Notice]:
    """Say of what other random numbers might buy some, or none, or as much again."""
    items = in_the_balance(plan)
    if none := [called(one.name) for one in items if not one.purchase]:
        names = some(none, 28)
        yield Notice(say("More replications (-n) may buy some: {names}.", names=names))
    if bought := [called(one.name) for one in items if one.purchase]:
        names = some(bought, 28)
        yield Notice(say("More replications (-n) may buy none, or twice: {names}.", names=names))


def _packs(plan: Plan) -> Iterator[Notice]:
    """Say of what a pack or a minimum order decides how many are bought, and what would be best.

    They do where the recommendation is outside of the good range for their sake, and nothing is
    bought, or packs and minimum orders cost more than a trifle.
    """
    decided = dict(_told_by_order(plan, _decided_by_packs(plan)))
    if only_packs_forbid(plan):
        yield Notice("", tuple(decided.values()))
    elif len(decided) == 1:
        yield from map(Notice, decided.values())
    elif decided:
        names = some(decided, 30)
        short = say("Packs and minimum orders decide how many: {names}.", names=names)
        yield Notice(short, tuple(decided.values()))


def only_packs_forbid(plan: Plan) -> str:
    """Say that nothing is bought, where it is only for packs and minimum orders; else nothing."""
    decided = _decided_by_packs(plan)
    others = {*what_forbids_all(plan)} - {say("packs"), say("minimum order")}
    if others or not decided or any(one.purchase for one in plan.items):
        return ""
    if len(decided) == 1:
        return say(
            "Buy nothing: {best} {name} would be best, but the minimum order is {least}.",
            **_told_of_packs(plan, decided[0]),
        )
    names = some([called(one.name) for one in decided], 30)
    return say("Buy nothing: minimum orders are more than would pay ({names}).", names=names)


def _decided_by_packs(plan: Plan) -> list[ItemPlan]:
    spent, profit = sum(one.cost for one in plan.items), plan.choices[1].profit.mean or 0.0
    costly = plan.decision.rounding_cost > _TRIVIAL * max(abs(profit), spent)
    return [
        one
        for one in plan.items
        if (costly or not one.purchase)
        and max(one.curve.item.pack, one.curve.item.minimum_order) > 1
        and kept_out_by(plan, one) in (say("packs"), say("minimum order"))
    ]


def _told_by_order(plan: Plan, decided: list[ItemPlan]) -> Iterator[tuple[str, str]]:
    """Yield what is ordered together, and what its minimum order decides, a sentence an order."""
    orders = {one.curve.item.order: one.product for one in decided}
    for order, name in orders.items():
        items = [one for one in decided if one.curve.item.order == order]
        if len(items) == 1 or any(one.purchase for one in items):
            yield from ((called(one.name), _kept_by_packs(plan, one)) for one in items)
            continue
        best = listed(
            say("{number} {name}", number=_best_to_buy(one), name=variant(one.product, own))
            for one in items
            for own in (one.name.partition(".")[2],)
        )
        least = _told_of_packs(plan, items[0])["least"]
        yield (
            product(name),
            say(
                "{name}: the minimum order is {least}, and to buy {best} would be best.",
                name=product(name),
                least=least,
                best=best,
            ),
        )


def _best_to_buy(of: ItemPlan) -> str:
    """Return how many of an item it would be best to buy, were there no packs."""
    low, high = (units(max(0, end - of.owned)) for end in of.good_range)
    return low if low == high else f"{low} – {high}"


def _told_of_packs(plan: Plan, of: ItemPlan) -> dict[str, str]:
    """Return what an item is called, how many are the least to buy, and how many would be best."""
    item = of.curve.item
    of_several = sum(one.order == item.order for one in plan.curves.items) > 1
    return {
        "name": called(of.name),
        "least": say("{least} of all variants together", least=units(item.minimum_order))
        if of_several and item.minimum_order
        else units(item.pack * max(1, packs(item.minimum_order, item))),
        "best": _best_to_buy(of),
    }


def _kept_by_packs(plan: Plan, of: ItemPlan) -> str:
    """Say how many of an item are bought for the sake of packs, and how many would be best."""
    told = _told_of_packs(plan, of)
    if not of.purchase:
        return say("{name}: the minimum order is {least}, and to buy {best} would be best.", **told)
    return say(
        "{name}: {bought} are bought, in packs of {pack} and at least {least}; to buy {best} "
        "would be best.",
        bought=units(of.purchase),
        pack=units(of.curve.item.pack),
        **told,
    )


def _ordering(plan: Plan) -> Iterator[Notice]:
    """Say from whom to buy, and by when; and who would deliver too late for the show."""
    yield from _too_late(plan)
    scenario = plan.scenario
    chosen = [
        (source.lead_time, called(one.name), source)
        for one in plan.items
        if one.purchase and (source := one.curve.item.source(one.purchase)) is not None
        if source.lead_time or source.name
    ]
    if not chosen:
        return
    first = sorted(chosen, key=lambda one: -one[0])  # the earliest to be ordered
    when = {
        f"{name}{_whom(source, ' from {name}')}": _by_when(scenario, source)
        for _, name, source in first
    }
    if len({*when.values()}) == 1 and any(when.values()):
        names = some(when, 36)
        short = say("Order {when}: {names}.", when=next(iter(when.values())), names=names)
    else:
        names = some([f"{name} {by}" if by else name for name, by in when.items()], 68)
        short = say("Order {names}.", names=names)
    if scenario.supply.ordered is None and any(when.values()) and scenario.show.start is not None:
        short += say(" ") + say("supply.ordered tells whether that is possible.")
    whole = tuple(
        say(
            "{name}: order{whom} {scenario}.",
            name=name,
            whom=_whom(source, " it from {name}"),
            scenario=_by_when(scenario, source),
        )
        if source.lead_time
        else say("{name}: order{whom}.", name=name, whom=_whom(source, " it from {name}"))
        for _, name, source in chosen
    )
    yield Notice(short, whole if len(whole) > 1 else ())


def _too_late(plan: Plan) -> Iterator[Notice]:
    """Say what comes too late for the show if it is ordered."""
    ordered, late = plan.scenario.supply.ordered, []
    for item in (one.curve.item for one in plan.items):
        for source in item.sources:
            if not source.in_time and ordered is not None:
                whom = _whom(source, " from {name}")
                text = say(
                    "{name}: what is ordered{source} comes by {comes:%Y-%m-%d "
                    "%H:%M}: too late for the show, and of use only afterwards.",
                    name=called(item.name),
                    source=whom,
                    comes=ordered + timedelta(seconds=source.lead_time),
                )
                late.append((f"{called(item.name)}{whom}", text))
    if late:
        names = some([name for name, _ in late], 34)
        yield Notice(
            say("Comes too late for the show if ordered: {names}.", names=names),
            tuple(text for _, text in late),
        )


def _whom(source: Source, message: str) -> str:
    return say(message, name=source.name) if source.name else ""


def _by_when(scenario: Scenario, source: Source) -> str:
    """Return by when to order, so that units come before the show; empty where no time is said."""
    if not source.lead_time:
        return ""
    if scenario.show.start is None:
        return say("at least {lead_time} before the show", lead_time=duration(source.lead_time))
    latest = scenario.show.start - timedelta(seconds=source.lead_time)
    return say("by {latest:%Y-%m-%d %H:%M}", latest=latest)


def _stored(plan: Plan) -> Iterator[Notice]:
    """Say what of the storage is taken."""
    storage = plan.scenario.supply.storage
    if storage is None:
        return
    taken, owned = (volume_of(plan.curves, n) for n in (plan.decision.units, plan.curves.owned))
    if owned > storage:
        yield Notice(
            say(
                "What you own takes {owned}, and storage is {storage}: buy nothing.",
                owned=volume(owned),
                storage=volume(storage),
            )
        )
        return
    what = say("What you own") if taken == owned else say("With what you own, that")
    whole = say(
        "{what} takes {taken} of {storage} of storage.",
        what=what,
        taken=volume(taken),
        storage=volume(storage),
    )
    yield Notice("", (whole,))


def _late(plan: Plan) -> Iterator[Notice]:
    """Say how many orders leave late, where a warehouse ships them."""
    found = plan.curves.late_orders(plan.decision.units)
    if found is None:
        return
    late, gone = map(estimate, found)
    if not late.mean:
        yield Notice("", (say("No order leaves late."),))
        return
    yield Notice(
        say(
            "{late} orders leave late on average (P90 {most}), of which {cancelled} are cancelled.",
            late=amount(late.mean),
            most=amount(late.p90),
            cancelled=amount(gone.mean),
        )
    )


def _stock_outs(plan: Plan) -> Iterator[Notice]:
    """Say what stock-outs cost beyond the lost sales, where they do."""
    curves, scenario = plan.curves, plan.scenario
    products, costs = scenario.products, []
    if any(one.goodwill for one in products.values()):
        lost = float(curves.total(plan.decision.units, "goodwill").mean())
        cost = money(lost, scenario.show.currency)
        costs.append(say("{cost} of goodwill", cost=cost))
    if any(one.ads_per_hour is not None for one in products.values()):
        ads = float(curves.total(plan.decision.units, "ads_wasted").mean())
        cost = money(ads, scenario.show.currency)
        costs.append(say("{cost} for ads that run on", cost=cost))
    if scenario.show.arrivals_when_unavailable is not None:
        served = [int(curve.levels[-1]) for curve in curves.curves]
        come, would = (
            curves.total(have, "viewers").mean() for have in (plan.decision.units, served)
        )
        costs.append(say("{viewers} viewers who stay away", viewers=amount(would - come)))
    if costs:
        whole = say("Beyond lost sales, stock-outs cost on average: {costs}.", costs=listed(costs))
        yield Notice("", (whole,))
    yield Notice("", tuple(fewer_come(scenario)))


def _calls(plan: Plan) -> Iterator[Notice]:
    """Say what calling reserves costs, where it costs anything."""
    reserves = [
        reserve
        for product in plan.scenario.products.values()
        for reserve in product.all_reserves.values()
    ]
    if any(one.call_cost or one.extra_unit_cost for one in reserves):
        cost = float(plan.curves.total(plan.decision.units, "reserve_cost").mean())
        whole = say(
            "Calling reserves costs {cost} on average, beside the unit cost of what they bring.",
            cost=money(cost, plan.currency),
        )
        yield Notice("", (whole,))


def _waiting(plan: Plan) -> Iterator[Notice]:
    """Say what it is worth to wait for what is sold by a moment, and to call a reserve by that."""
    currency, worthy, unsure = plan.currency, [], []
    for way in plan.release_plans:
        if way.above_called is None or way.above_none is None:
            continue
        called, none = (
            f"{currency} {amount(of.mean)} ± {amount(of.half_width)}"
            for of in (way.above_called, way.above_none)
        )
        worth = min(way.above_called, way.above_none, key=lambda of: of.mean or 0.0)
        told = {"product": product(way.product), "way": way_to_sell(way)}
        figures = {"called": called, "none": none}
        if worth.above_zero:
            worthy.append(f"{told['product']} ({told['way']})")
            whole = say(
                "What {product} sells at first is worth waiting for. The best rule ({way}) brings "
                "{called} a show more than calling the reserve then whatever is sold, and {none} "
                "more than having none: the smaller figure is what waiting is worth.",
                **(told | figures),
            )
        else:
            unsure.append(told["product"])
            whole = say(
                "What {product} sells at first is not surely worth waiting for: the best rule "
                "({way}) brings {called} a show beside calling the reserve then whatever is sold, "
                "and {none} beside having none.",
                **(told | figures),
            )
        yield Notice("", (whole,))
    if worthy:
        names = some(worthy, 34)
        yield Notice(say("Wait for what sells first, then decide: {names}.", names=names))
    if unsure:
        names = some(unsure, 34)
        yield Notice(say("Not surely worth waiting for what sells first: {names}.", names=names))
    yield from _waiting_untried(plan)


def _waiting_untried(plan: Plan) -> Iterator[Notice]:
    """Say how to ask whether to wait, of reserves that only go by what is left."""
    untried = [
        product(name)
        for name, one in plan.scenario.products.items()
        if any(reserve.units for reserve in one.all_reserves.values())
        and not any(reserve.when for reserve in one.all_reserves.values())
    ]
    if untried:
        ask = say(
            "Is it worth waiting for the first minutes before a reserve is called ({names})? Write "
            "when: {{at: 10min, sold: best}} into it, and the plan says so.",
            names=some(untried, 34),
        )
        yield Notice(ask)


def _going_back(plan: Plan) -> Iterator[Notice]:
    """Say how many left-overs the supplier takes back, and of what that is most of it."""
    currency, mostly = plan.currency, []
    for item in plan.items:
        terms, name = plan.curves.terms(item.curve.item), called(item.name)
        if terms.buy_back is None or item.goes_back is None or not item.recommended:
            continue
        middle, late = (
            counted(round(of or 0.0), "unit") for of in (item.goes_back.p50, item.goes_back.p90)
        )
        paid = say("on consignment, paid for as it sells")
        if not item.curve.item.on_consignment:
            paid = say("bought back at {price}", price=money(terms.buy_back.price, currency))
        whole = say(
            "{name}: {paid}; {middle} go back (P50; P90 {late}).",
            name=name,
            paid=paid,
            middle=middle,
            late=late,
        )
        yield Notice("", (whole,))
        lent = item.curve.item.on_consignment and item.purchase
        if lent and 2 * (item.goes_back.p50 or 0.0) > item.recommended:
            mostly.append(name)
    if mostly:
        names = some(mostly, 24)
        yield Notice(say("Most of it goes back, so ask if so many are lent: {names}.", names=names))


def _sold_on(plan: Plan) -> Iterator[Notice]:
    """Say when left-overs that sell on after the show are gone."""
    kept = dict[str, float]()
    for item in plan.items:
        weeks = plan.curves.weeks_left(item.curve, item.have)
        if item.weeks_left is None or weeks is None:
            continue
        middle, late = item.weeks_left.p50, item.weeks_left.p90
        kept[item.name] = float(np.isinf(weeks).mean())
        if middle is not None:
            most = say("; P90 {count}", count=counted(late, "week")) if late is not None else ""
            whole = say(
                "{name}: left-overs have sold after {count} (P50{most}).",
                name=called(item.name),
                count=counted(middle, "week"),
                most=most,
            )
            yield Notice("", (whole,))
    if any(kept.values()):
        short, whole = (
            say("Shows with more left than sells on in time: {kept}.", kept=told)
            for told in (in_part(kept, called, 34), in_part(kept, called, inf))
        )
        yield Notice(short, (whole,) if whole != short else ())


def _too_few_gifts(plan: Plan) -> Iterator[Notice]:
    """Say of which gifts most shows have fewer than are promised: no objective buys them."""
    few = dict[str, str]()
    for item in plan.items:
        if MISSING not in item.then.figures:
            continue
        name, without = item.name, item.then.at(MISSING, item.have)
        if np.median(without) >= 1:
            few[called(name)] = say(
                "{name} is promised as a gift, and {orders} orders get none on average. No "
                "sale or goodwill depends on gifts here, so that none are bought "
                "for that: own as many as you promise.",
                name=called(name),
                orders=amount(float(without.mean())),
            )
    if few:
        short = say("Fewer gifts than are promised: {names}.", names=some(few))
        yield Notice(short, tuple(few.values()))


def _in_webshops(plan: Plan) -> Iterator[Notice]:
    """Say how much of what is wanted is a webshop's."""
    for item in plan.items:
        of, name = item.curve, called(item.name)
        if plan.curves.terms(item.curve.item).webshop is not None:
            wanted = of.levels_of("webshop", -1) + of.levels_of("webshop_lost", -1)
            whole = say(
                "{name}: {units} of the units wanted are the webshop's (mean).",
                name=name,
                units=amount(float(wanted.mean())),
            )
            yield Notice("", (whole,))
