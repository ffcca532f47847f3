"""A plan as a page of text: what to buy, what it earns, and how sure that is.

Three kinds of not knowing are kept apart. The *good range* is flat: people negotiate in it. The
*simulation error* is what more replications shrink. The *forecast uncertainty* is what only knowing
more about the show narrows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import inf
from typing import TypeAlias

from livesim.planning.curves import Curves
from livesim.planning.deciding import purchase_cost, surely_best
from livesim.planning.limits import NothingLimits
from livesim.planning.lots import Lot
from livesim.planning.recommendation import Choice, ItemPlan, Plan
from livesim.planning.release_plans import COMPARED, ReleaseOutcome
from livesim.planning.sensitivity import Deviation
from livesim.planning.terms import Purchase
from livesim.planning.together import gains_are_approximate, shows_of_gains
from livesim.report.labels import with_ends
from livesim.report.language import known, retold, say
from livesim.report.naming import item as called
from livesim.report.naming import product
from livesim.report.pages import PERCENTILES, Page, Part, Points, Table, Warnings
from livesim.report.plan_answer import aimed, answer, gained, now_then
from livesim.report.plan_figures import drawn_items
from livesim.report.plan_notices import Notice, better_ways, in_full, in_short, told, warned
from livesim.report.plan_reasons import kept_from, kept_out_by, what_keeps_out
from livesim.report.plan_words import (
    WAY_NOTES,
    held_against,
    in_the_balance,
    instead,
    paid,
    taken,
    way_to_sell,
)
from livesim.report.wording import (
    amount,
    counted,
    duration,
    in_one_unit,
    listed,
    mark_explained,
    not_significant,
    percent,
    show_title,
    spread,
    units,
)
from livesim.resolve import Resolution
from livesim.resolve.evidence import assumed, errors_from, told_by
from livesim.resolve.words import exact_share
from livesim.results.intervals import Estimate

Write: TypeAlias = Callable[[float | None], str]
"""What writes the amounts of a column."""

_NO_OTHER_TOTALS = (
    "Other totals: packs, minimum orders, budget and what you own leave nothing else from half as "
    "much to half as much again."
)
#: Who says how far off a product's demand may be, by what it comes from.
_OFF = {
    "template": "template",
    "given": "your file",
    "assumption": "assumed",
    "history": "past shows",
}
#: A sentence names so many items; of more it says how many they are.
_NAMED = 4
#: With more items than this, what is said again of the next one is not repeated.
_REPEATED = 8
#: What comes back is told where it is more than this share of the units paid for.
_MANY_BACK = 1 / 3
#: So many uncertain quantities are shown, and of so many products the ways to put them on sale.
_SHOWN_DRIVERS = 5
_SHOWN_WAYS = 3
_SHOWN_DEFAULTS = 5
#: So many lots are shown, and so many that are not bought.
_SHOWN_LOTS, _NEXT_LOTS = 12, 3

_CASES = {
    "nothing": "The stock curves are exact at each of their levels: nothing in this show reacts to "
    "the stock, so all were counted on the same simulated shows. Between two levels they are "
    "straight lines, which mostly lie a little below: a good range may be a little wider.",
    "orders": "By bundles, gifts or coupons, the stock of one item changes what the "
    "others earn. Every level was counted on the same simulated shows, while the others have the "
    "units that earn most together.",
    "slots": "Slots go on at sell-out, so the stock of one item changes what the others sell; each "
    "item's curve has the others at what is owned.",
    "together": "The items' stocks act on each other, too much for a simulation of each level. "
    "{number} joint stocks were simulated, and what is recommended is the best of those simulated. "
    "The stock curves are approximate: counted as if nobody reacted to the stock, and corrected "
    "by these joint stocks.",
    "viewers": "The stock curves are simulated at chosen levels, with straight lines between: "
    "viewers react to what the screen shows of the stock. Each item's curve has the others at what "
    "is owned.",
    "platform": "The stock curves are simulated at chosen levels, with straight lines between: "
    "what is on hand decides how many viewers come. Each item's curve has the others at what is "
    "owned.",
}
_EXACT = {
    "everything": "Exact at every level: all of {products}.",
    "own figures": "Exact at every level: chance and time of the sell-out of {products}, and the "
    "units sold, lost and left over; simulated at chosen levels, with straight lines between: what "
    "that does to others.",
    "sell-out": "Exact at every level: chance and time of the sell-out of {products}; simulated at "
    "chosen levels, with straight lines between: all the rest, since units are sold on later.",
}
_FACTORS = {
    0.5: "half as many",
    0.75: "a quarter less",
    0.9: "a tenth less",
    1.1: "a tenth more",
    1.25: "a quarter more",
    1.5: "half as many again",
}


def page(plan: Plan) -> Page:
    """Return a plan as a page of text.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> shown = page(livesim.plan(scenario, replications=100, workers=1))
    >>> shown.tables[1].rows[0][:2]
    ('serum', '50')
    """
    warnings, points = warned(plan), told(plan)
    said = {*_said(warnings), *_said(points)}
    return replace(
        first(plan),
        details=(
            aimed(plan),
            Warnings(in_full(warnings)),
            Points(in_full(points)),
            _purchase(plan),
            _items(plan),
            *_rounding(plan),
            *(_lots(plan) if plan.curves.exact else _whole_purchases(plan)),
            _demand(plan),
            *_evidence(plan),
            *_coming_back(plan),
            _profit(plan),
            _sensitivity(plan),
            *_drivers(plan),
            *_defaults(plan),
            *_ways(plan),
            _forecast_uncertainty(plan),
            _simulation_error(plan),
            exactness(plan.curves),
            *_drawn(plan),
            *_assumed(plan.resolution),
            Points(tuple(note for note in plan.notes if retold(note) not in said)),
        ),
    )


def first(plan: Plan) -> Page:
    """Return what a plan says first."""
    told_of = Warnings(in_short(warned(plan))), Points(in_short(told(plan)))
    return Page(title=show_title(plan.scenario), answer=(*answer(plan), *told_of))


def _drawn(plan: Plan) -> Iterator[str]:
    """Yield of how many items there are figures, and where the others' curves are."""
    drawn = drawn_items(plan)
    if len(drawn) < len(plan.items):
        yield say(
            "Of {all} items, {drawn} have figures in a folder and charts in a workbook: first "
            "those that are bought, then those that earn most. The page's sliders and the "
            "workbook's sheets have all of them.",
            all=len(plan.items),
            drawn=len(drawn),
        )


def _said(warnings: Sequence[Notice]) -> tuple[str, ...]:
    return (*in_short(warnings), *in_full(warnings))


def exactness(curves: Curves) -> str:
    """Say how exact the stock curves are, and where slots go on, of which product."""
    if curves.together is not None:
        return say(_CASES["together"], number=curves.together.joint_stocks)
    reactions = curves.reactions
    sentences = [say(_CASES["platform" if reactions.platform else reactions.word])]
    if reactions.slots:
        kinds = {item.product: curves.known(item.product) for item in curves.items}
        for kind, sentence in _EXACT.items():
            names = [product(name) for name, its_kind in kinds.items() if its_kind == kind]
            if names:
                all_of_them = say("{number} products", number=len(names))
                told = listed(names) if len(names) <= _NAMED else all_of_them
                sentences.append(say(sentence, products=told))
    return say(" ").join(sentences)


def _purchase(plan: Plan) -> Table:
    """Return what is bought of every item, and what that earns."""
    gain = _in_one_unit(item.gain for item in plan.items if item.purchase)
    earns = in_one_unit(item.earns_then.mean for item in plan.items)
    rows = tuple(
        (
            called(item.name),
            *(units(number) for number in (item.owned, item.purchase, item.recommended)),
            paid(plan, item.cost),
            gained(item.gain, gain) if item.purchase else "-",
            earns(item.earns_then.mean),
        )
        for item in plan.items
    )
    header = (
        *("purchase [units]", "own", "buy", "have"),
        *(say("cost, {currency}", currency=plan.currency), "gain", "earns"),
    )
    return Table(header, rows, say(". ").join(_purchase_note(plan)))


def _purchase_note(plan: Plan) -> Iterator[str]:
    fees = say(", slot fees apart") if plan.scenario.deal.slot_fee else ""
    if any(one.contains for one in plan.scenario.products.values()):
        fees += say(", what bundles bring apart")
    yield say(
        "gain: mean profit of the show above not buying; earns: what all its units bring above "
        "what they cost, on average{fees}",
        fees=fees,
    )
    if plan.curves.around and all(one.then is one.curve for one in plan.items):
        yield say("now and gain: of each item while the others have what is recommended")
    yield from _of_gains(plan)


def _of_gains(plan: Plan) -> Iterator[str]:
    """Say how far what purchases earn is known, where it is not simulated in all shows."""
    curves, units = plan.curves, plan.decision.units
    if gains_are_approximate(curves, units):
        yield say("Gains are approximate, as the curves are")
    elif (shows := shows_of_gains(curves, units)) < curves.replications:
        yield say(
            "Gains are simulated in {number} shows: of the others curves tell, corrected by these",
            number=shows,
        )


def _items(plan: Plan) -> Table:
    rows = tuple(
        (
            called(item.name),
            units(item.recommended),
            _good_range(plan, item),
            "-"
            if item.product in plan.scenario.only_gifts
            else now_then(item.unavailable_now.chance, item.unavailable_then.chance),
            *spread(item.left_over),
        )
        for item in plan.items
    )
    header = (
        *("stock [units]", "have", "good range", "unavailable\nnow → then"),
        *("left\nover,\nP10", "P50", "P90"),
    )
    return Table(header, rows, _good_range_note(plan))


def _good_range_note(plan: Plan) -> str:
    if plan.objective.serves:
        what = say("with any total in it, the objective is met to one percentage point")
    else:
        what = say("any total in it gives up at most 1 % of what the product earns")
    outside = sorted({why for item in plan.items for why in what_keeps_out(plan, item)})
    if plan.curves.add_up:
        said = say(
            "good range: {what}, the others as recommended: negotiate inside it. ", what=what
        )
    elif plan.curves.together:
        said = say(
            "good range, approximate: {what}, the others as recommended: negotiate inside it. ",
            what=what,
        )
    else:
        said = say("good range, approximate: {what}, the others as you own them. ", what=what)
    if outside:
        said += say(
            "In brackets: what keeps the recommendation out of it ({outside}). ",
            outside=listed(outside),
        )
    return say("{said}Unavailable: at some time on offer with nothing on hand.", said=said)


def _good_range(plan: Plan, item: ItemPlan) -> str:
    """Return the good range, and what keeps the recommendation out of it."""
    (low, high), of = item.good_range, item.curve.item
    shown, why = _range(low, high), kept_out_by(plan, item)
    if why and low == high and low - of.owned - of.arriving in dict(of.breaks):
        why, shown = say("price break; {why}", why=why), units(low)
    return f"{shown} ({why})" if why else shown


def _rounding(plan: Plan) -> Iterator[str]:
    cost = plan.decision.rounding_cost
    money = {"currency": plan.currency, "cost": amount(abs(cost))}
    if round(cost) < 0:
        yield say(
            "Rounding up to whole packs and minimum orders brings {currency} {cost} of expected "
            "profit.",
            **money,
        )
    elif round(cost) > 0:
        yield say(
            "Whole packs and minimum orders cost {currency} {cost} of expected profit.", **money
        )


def _lots(plan: Plan) -> Iterator[Table]:
    """Yield what each further lot earns, down to where buying no longer pays."""
    bought = [lot for lot in plan.lots if lot.bought]
    if not bought:
        return
    following = [lot for lot in plan.lots if not lot.bought][:_NEXT_LOTS]
    shown = (*bought[:_SHOWN_LOTS], *following)
    write = _in_one_unit(lot.gain for lot in shown)
    rows = tuple(
        (
            f"{units(lot.units)} {called(lot.item)}"
            + ("" if lot.bought else _not_bought(plan, lot)),
            f"{units(lot.after)} → {units(lot.after + lot.units)}",
            paid(plan, lot.cost),
            _difference(lot.gain, write),
            f"{lot.gain_per_money:+z.2f}" if lot.cost else "-",
        )
        for lot in shown
    )
    more = len(bought) - _SHOWN_LOTS
    note = say(
        "each lot after those before it; gain: mean profit above its cost; for each: for each "
        "{currency} spent",
        currency=plan.currency,
    )
    if more > 0:
        note += say("; {count} in the JSON document", count=counted(more, "more lot"))
    cost = say("cost,\n{currency}", currency=plan.currency)
    header = ("lots by what\nthey earn", "on hand", cost, "gain\n(95 %)", "for each")
    yield Table(header, rows, _sentences(note, *mark_explained(rows)))


def _not_bought(plan: Plan, lot: Lot) -> str:
    """Say that a lot is not bought, and what keeps it from that if it surely earns something."""
    have = [lot.after + lot.units if one.name == lot.item else one.have for one in plan.items]
    # A lot that is not sure to earn may still be the first of more that are, as at a price break.
    out = [kept_out_by(plan, one) for one in plan.items if one.name == lot.item]
    why = kept_from(plan, have) if lot.gain.above_zero else "".join(out)
    why = "" if why == not_significant() else why
    return say(" (not bought: {why})", why=why) if why else say(" (not bought)")


def _whole_purchases(plan: Plan) -> Iterator[Table]:
    """Yield purchases by what they earn, where what a lot of one earns depends on the others."""
    bought = [(item, item.gain.mean or 0.0) for item in plan.items if item.purchase]
    if not bought:
        return
    each = [(item, gain / item.cost if item.cost else inf) for item, gain in bought]
    write = _in_one_unit(item.gain for item, _ in bought)
    rows = tuple(
        (
            called(item.name),
            f"{units(item.owned)} → {units(item.recommended)}",
            paid(plan, item.cost),
            _difference(item.gain, write),
            f"{by_money:+z.2f}" if item.cost else "-",
        )
        for item, by_money in sorted(each, key=lambda one: -one[1])
    )
    note = say(
        "each as a whole, the others as recommended; lots are not told apart, as stocks act on "
        "each other; for each: for each {currency} spent",
        currency=plan.currency,
    )
    note = say(". ").join((note, *_of_gains(plan)))
    cost = say("cost,\n{currency}", currency=plan.currency)
    header = ("purchases by\nwhat they earn", "on hand", cost, "gain\n(95 %)", "for each")
    yield Table(header, rows, _sentences(note, *mark_explained(rows)))


def _demand(plan: Plan) -> Table:
    errors = errors_from(plan.resolution)
    off = [_how_far_off(errors[item.product]) for item in plan.items]
    alike = "" if len(off) == 1 or len({*off}) > 1 else off[0]
    origins = [
        _origin(plan.resolution, item.product, "" if alike else error, bool(error))
        for item, error in zip(plan.items, off, strict=True)
    ]
    rows = tuple(
        (called(item.name), *spread(item.demand), origin)
        for item, origin in zip(plan.items, _without_repeats(origins), strict=True)
    )
    beside = any(one.contains or one.webshop for one in plan.scenario.products.values())
    notes = [say("demand: with what bundles or a webshop take of an item")] if beside else []
    note = say("; ").join((*notes, *filter(None, [alike])))
    return Table(("demand [units]", "P10", "P50", "P90", "from"), rows, note, words=1)


def _evidence(plan: Plan) -> Iterator[Points]:
    """Yield how likely what was observed is, where that is no warning."""
    products = plan.scenario.products
    likely = [
        [*held_against(one, observed)][-1]
        for one in plan.evidence
        if not one.contradicts and (observed := products[one.product].observed) is not None
    ]
    if likely:
        yield Points(tuple(likely))


def _without_repeats(texts: Sequence[str]) -> list[str]:
    """Return the texts of the rows of a table; in a long one, "as above" for the same text."""
    if len(texts) <= _REPEATED:
        return list(texts)
    return [
        say("as above") if text == above else text
        for text, above in zip(texts, ["", *texts[:-1]], strict=True)
    ]


def _how_far_off(kinds: str) -> str:
    """Say who says how far off a demand may be; empty where nothing does."""
    told = say(", ").join(known(_OFF[kind]) for kind in filter(None, kinds.split(", ")))
    return say("how far off: {error}", error=told) if told else ""


def _origin(resolution: Resolution, product: str, error: str, is_uncertain: bool) -> str:
    if product in resolution.scenario.only_gifts:
        return say("given away, not sold")
    told = retold(told_by(resolution, product))
    if not is_uncertain:
        return say("{told}, as if it were certain", told=told)
    return say("; ").join(filter(None, (told, error)))


def _coming_back(plan: Plan) -> Iterator[str]:
    """Yield how much of what is paid for comes back, where that is much."""
    back = {
        name: _share_back([item for item in plan.items if item.product == name])
        for name in dict.fromkeys(item.product for item in plan.items)
    }
    most = sorted((name for name in back if back[name] > _MANY_BACK), key=lambda name: -back[name])
    if most:
        told = listed(f"{product(name)} {100 * back[name]:.0f}" for name in most[:_NAMED])
        others, more = len(most) - _NAMED, ""
        if others > 0:
            more = say("; of {count}, more than a third", count=counted(others, "more product"))
        yield say("Cancelled or returned, of 100 paid units: {told}{more}.", told=told, more=more)


def _share_back(items: Sequence[ItemPlan]) -> float:
    """Return the share of a product's paid units that are cancelled or returned [1]."""

    def total(figure: str) -> float:
        return sum(float(item.then.at(figure, item.have).mean()) for item in items)

    sales = total("sales")
    return (total("cancelled") + total("returned")) / sales if sales > 0 else 0.0


def _profit(plan: Plan) -> Table:
    shown = [choice for choice in plan.choices if _alike(plan, choice) is choice]
    made = [(of.profit.mean, of.profit.p10, of.profit.p50, of.profit.p90, of.worst) for of in shown]
    write = in_one_unit(chain.from_iterable(made))
    write_gain = _in_one_unit(choice.gain for choice in shown)
    rows = tuple(
        (
            _kept(plan, choice.name, choice),
            *map(write, figures),
            percent(choice.loss.chance),
            "" if choice.name == "now" else _difference(choice.gain, write_gain),
        )
        for choice, figures in zip(shown, made, strict=True)
    )
    header = (
        *(say("profit, {currency}", currency=plan.currency), "mean", "P10", "P50", "P90"),
        *("mean of\nworst\n10 %", "loss\nin", "above now\n(95 %)"),
    )
    note = _sentences(_risk(plan.choices), _rule(plan), *mark_explained(rows))
    return Table(header, rows, say(" ").join((say(PERCENTILES), note)))


def _kept(plan: Plan, name: str, other: Choice | Deviation) -> str:
    """Return the name of other units, and what keeps a plan from them if they surely earn more."""
    better = other.cost.significant and (other.cost.mean or 0.0) < 0
    why = kept_from(plan, other.units) if better else ""
    return f"{say(name)} ({why})" if why else name


def _sentences(*texts: str) -> str:
    return say(". ").join(texts)


def _alike(plan: Plan, choice: Choice) -> Choice:
    """Return the first choice that comes to the same units: one row is enough for both."""
    return next(first for first in plan.choices if first.units == choice.units)


def _rule(plan: Plan) -> str:
    """Say which forecast the benchmark rule multiplies, and where that changes nothing."""
    rule, forecast = plan.choices[-1], say("the P50 of simulated demand")
    products = plan.scenario.products
    if any(told_by(plan.resolution, product) == "forecast" for product in products):
        forecast += say(", not the forecast in the file, which knows no guests and no doubts")
    same = _alike(plan, rule)
    if same is not rule:
        return say(
            "{name} comes to the same units as {name_2}; forecast: {forecast}",
            name=retold(rule.name),
            name_2=retold(same.name),
            forecast=forecast,
        )
    return say("{name}: of {forecast}", name=retold(rule.name), forecast=forecast)


def _risk(choices: Sequence[Choice]) -> str:
    """Say what the recommendation does to profit and risk, compared with buying nothing."""
    now, then = choices[0], choices[1]
    if then.units == now.units:
        return say("recommended: what you have, so nothing changes")
    gain, error = then.gain.mean, then.gain.half_width
    losses = _losses(now, then)
    if gain is None or error is None or abs(gain) <= error:
        return say("recommended: no significant gain in mean profit; {losses}", losses=losses)
    profit = say("more profit") if gain > 0 else say("less profit")
    often, deep = _risen(now, then)
    if not often and not deep:
        return say("recommended: {profit} than now, and no more risk", profit=profit)
    if often * deep < 0:
        risk = (
            say("less often a loss, but worse worst shows")
            if deep > 0
            else say("more often a loss, but better worst shows")
        )
    else:
        risk = say("more risk") if often > 0 or deep > 0 else say("less risk")
    return say(
        "recommended: {profit} than now, {risk}: {losses}", profit=profit, risk=risk, losses=losses
    )


def _risen(now: Choice, then: Choice) -> tuple[float, float]:
    """Return how much more often a loss is made [1], and how much worse the worst shows are.

    Where one of them reads alike, the other decides.
    """
    often, deep = then.loss.chance - now.loss.chance, now.worst - then.worst
    if deep and percent(now.loss.chance) == percent(then.loss.chance):
        return 0.0, deep
    return often, 0.0 if often and amount(now.worst) == amount(then.worst) else deep


def _losses(now: Choice, then: Choice) -> str:
    """Say how often a loss is made, and where that does not tell all, how the worst shows end."""
    before, after = percent(now.loss.chance), percent(then.loss.chance)
    often, deep = _risen(now, then)
    if before != after and often * deep >= 0:
        return say("a loss in {after} of shows instead of {before}", after=after, before=before)
    lowest, low, worst = amount(now.worst), amount(then.worst), say("as now")
    if lowest != low:
        worst = say("{low} instead of {lowest}", low=low, lowest=lowest)
    if before != after:
        return say(
            "a loss in {after} of shows instead of {before}, the mean of the worst 10 % {worst}",
            after=after,
            before=before,
            worst=worst,
        )
    return say(
        "a loss in {after} of shows as now, the mean of the worst 10 % {worst}",
        after=after,
        worst=worst,
    )


def _sensitivity(plan: Plan) -> Table | str:
    if not plan.sensitivity:
        return _NO_OTHER_TOTALS
    arriving = sum(item.arriving for item in plan.curves.items)
    write = in_one_unit(deviation.profit.mean for deviation in plan.sensitivity)
    write_cost = _in_one_unit(deviation.cost for deviation in plan.sensitivity)
    rows = tuple(
        (
            _kept(plan, _FACTORS.get(deviation.factor, f"× {deviation.factor:g}"), deviation),
            units(sum(deviation.units) + arriving),
            write(deviation.profit.mean),
            _difference(deviation.cost, write_cost).removeprefix("+"),
            _chances(deviation),
        )
        for deviation in plan.sensitivity
    )
    profit = say("profit,\n{currency}", currency=plan.currency)
    header = ("other totals", "units", profit, "costs\n(95 %)", "unavailable")
    return Table(header, rows, _sentences(_sensitivity_note(plan), *mark_explained(rows)))


def _sensitivity_note(plan: Plan) -> str:
    note = say(
        "what it costs to have so much less or more of every product "
        "than recommended, in whole packs and minimum orders"
    )
    if any(item.owned for item in plan.curves.items):
        note += say(", but no fewer than you own: that is paid for")
    shown = {deviation.factor for deviation in plan.sensitivity}
    most = [
        called(one)
        for limit in plan.decision.limits
        if isinstance(limit, NothingLimits)
        for one in limit.items
    ]
    if most:
        note += say(", and no more of {names}, which nothing limits", names=listed(most))
    missing = [say(said_so) for factor, said_so in _FACTORS.items() if factor not in shown]
    if missing:
        note += say(
            ". No row where that is the same purchase as in another row, or "
            "as recommended, or cannot be bought: {missing}",
            missing=listed(missing),
        )
    if not all(deviation.as_whole for deviation in plan.sensitivity):
        note += say(". Approximate: what single items cost, added up")
    totals, known = plan.curves.totals, plan.curves.simulated
    few = [row.units for row in plan.sensitivity if row.units in totals.keys() - known.keys()]
    shows = min((len(totals[one].profit) for one in few), default=plan.curves.replications)
    if shows < plan.curves.replications:
        note += say(
            ". Simulated in {number} shows: unavailable is of these alone; profit and costs are of "
            "all, as curves tell of the others, corrected by these",
            number=shows,
        )
    return note


def _chances(deviation: Deviation) -> str:
    least, most = (percent(end(one.chance for one in deviation.unavailable)) for end in (min, max))
    return most if least == most else f"{least.removesuffix(' %')} – {most}"


def _drivers(plan: Plan) -> Iterator[Part]:
    if not plan.drivers:
        yield _nothing_decides(plan)
        return
    shown = plan.drivers[:_SHOWN_DRIVERS]
    all_of_it = plan.value_of_perfect_information  # never below 0 in any show
    write = _in_one_unit((*(one.value_of_information for one in shown), all_of_it))
    write_spent = _writes_spent(plan, (n for one in shown for n in (one.low, one.high)))
    rows = [
        (
            f"{rank} {with_ends(driver.path)}",
            *_bought_of(plan, driver.low, driver.high, write_spent),
            _value(driver.value_of_information, write),
        )
        for rank, driver in enumerate(shown, 1)
    ]
    value = _and_error(write(all_of_it.mean), all_of_it, write) if all_of_it.mean else "-"
    rows.append(("all of it, chance included", "", "", value))
    worth = say("value of\ninformation,\n{currency} (95 %)", currency=plan.currency)
    low = say("{what}\nif low", what=_what_is_bought(plan))
    header = ("what decides it", low, "\nif high", worth)
    more = len(plan.drivers) - _SHOWN_DRIVERS
    notes = [
        say("low, high: the lowest and highest fifth of what is thought possible"),
        say("first is what moves the purchase most")
        if len(plan.items) == 1
        else say(
            "first is what moves the purchases most, each by itself; where one gains what another "
            "loses, the units of the one that moves most"
        ),
        *([say("-: not significant")] if any(row[-1] == "-" for row in rows) else []),
        *([say("{more} more in the JSON document", more=more)] if more > 0 else []),
    ]
    yield Table(header, tuple(rows), say("; ").join(notes))


def _defaults(plan: Plan) -> Iterator[Table]:
    """Yield the values that nobody wrote and that move the plan most, if there are any."""
    shown = plan.defaults[:_SHOWN_DEFAULTS]
    if not shown:
        return
    ends = [end for one in shown for end in (one.low, one.high)]
    write = in_one_unit(end.profit for end in ends)
    write_spent = _writes_spent(plan, (end.units for end in ends))
    rows = tuple(
        (
            one.key,
            taken(one),
            instead(one),
            " → ".join(_bought(plan, end.units, write_spent) for end in (one.low, one.high)),
            f"{write(one.low.profit)} → {write(one.high.profit)}",
        )
        for one in shown
    )
    profit = say("profit,\n{currency}", currency=plan.currency)
    header = ("nobody wrote", "taken", "if it were", _what_is_bought(plan), profit)
    more = len(plan.defaults) - len(shown)
    notes = [
        say(
            "livesim's own values, the one that moves most first, each "
            "changed alone and decided anew, about so: write the key into "
            "the file if you know better"
        ),
        *_decided_as_it_is(plan),
        *([say("*: each product")] if len(plan.scenario.products) > 1 else []),
        *([say("{more} more in the JSON document", more=more)] if more > 0 else []),
    ]
    yield Table(header, rows, say("; ").join(notes))


def _decided_as_it_is(plan: Plan) -> Iterator[str]:
    """Say what would be bought with no default changed, where it is not what is recommended.

    So it is where joint stocks are better than what the items' curves add up to.
    """
    as_it_is = surely_best(plan.curves, plan.objective)
    if (bought := _bought(plan, as_it_is, amount)) != _bought(plan, plan.decision.units, amount):
        yield say("none changed, so decided: {bought}", bought=bought)


def _nothing_decides(plan: Plan) -> str:
    if not plan.curves.drawn:
        return say(
            "What decides it: nothing is uncertain in this show but what "
            "single viewers do by chance."
        )
    said_so = say(
        "What decides it: nothing that is uncertain in this show surely changes what to buy, in "
        "{shows} shows.",
        shows=units(plan.curves.replications),
    )
    worth = _value(plan.value_of_perfect_information, amount)
    if worth == "-":
        return say(
            "{said_so} The value of perfect information is not significant.", said_so=said_so
        )
    return say(
        "{said_so} Knowing all of it beforehand, chance included (perfect information), is "
        "worth {currency} {worth}.",
        said_so=said_so,
        currency=plan.currency,
        worth=worth,
    )


def _value(of: Estimate, write: Write) -> str:
    return _and_error(write(of.mean), of, write) if of.above_zero else "-"


def _what_is_bought(plan: Plan) -> str:
    """Return the heading of what :func:`_bought` returns."""
    if len(plan.items) == 1:
        return say("have [units]")
    return say("spent on units,\n{currency}", currency=plan.currency)


def _bought_of(plan: Plan, if_low: Purchase, if_high: Purchase, write: Write) -> tuple[str, str]:
    """Return what is bought if a quantity is low, and if high.

    Where one item gains what another loses, sums say nothing: then of the item that moves most.
    """
    low, high = (_bought(plan, number, write) for number in (if_low, if_high))
    if low != high or if_low == if_high:
        return low, high
    each = zip(plan.items, if_low, if_high, strict=True)
    item, few, many = max(each, key=lambda one: abs(one[2] - one[1]) * one[0].curve.item.unit_cost)
    few, many = few - item.owned, many - item.owned
    return f"{units(few)} {called(item.name)}", f"{units(many)} {called(item.name)}"


def _bought(plan: Plan, number: Purchase, write: Write) -> str:
    """Return what would be had of the only item, or what is spent on several."""
    if len(number) == 1:
        return units(number[0] + plan.curves.items[0].arriving)
    return write(purchase_cost(plan.curves, number))


def _writes_spent(plan: Plan, numbers: Iterable[Purchase]) -> Write:
    """Return what writes what is spent in a column."""
    return in_one_unit(purchase_cost(plan.curves, number) for number in numbers)


def _ways(plan: Plan) -> Iterator[Table]:
    """Yield how to sell products: where another way surely earns more, then most bought first."""
    if not plan.release_plans:
        return
    cost = defaultdict[str, float](float)
    for item in plan.items:
        cost[item.product] += item.cost
    better = {way.product for way, _ in better_ways(plan)}
    products = sorted(
        dict.fromkeys(way.product for way in plan.release_plans),
        key=lambda name: (name not in better, -cost[name]),
    )
    shown = [
        way for name in products[:_SHOWN_WAYS] for way in plan.release_plans if way.product == name
    ]
    header = (
        *("ways to sell", "units", say("more profit,\n{currency} (95 %)", currency=plan.currency)),
        *("sold out", "if so, after\nthe link, P50", "on sale"),
    )
    write = _in_one_unit(way.gain for way in shown)
    rows = tuple(row for place, way in enumerate(shown) for row in _way(way, shown[:place], write))
    yield Table(header, rows, _ways_note(plan, shown, len(products) - _SHOWN_WAYS))


def _way(
    way: ReleaseOutcome, before: Sequence[ReleaseOutcome], write: Write
) -> Iterator[tuple[str, ...]]:
    """Yield the row of a way, below its product's name if it is the first of it."""
    first = all(other.product != way.product for other in before)
    if first:
        yield (product(way.product), *[""] * 5)
    yield (
        f"  {way_to_sell(way)}",
        units(way.units),
        "-" if first else _difference(way.gain, write),
        percent(way.sold_out.chance),
        "-" if way.sold_out_after is None else duration(way.sold_out_after),
        percent(way.on_sale.mean or 0.0),
    )


def _ways_note(plan: Plan, ways: Sequence[ReleaseOutcome], others: int) -> str:
    notes = [say("more profit: of the whole show, than in the first way")]
    if plan.curves.replications > COMPARED:
        notes.append(say("these ways are compared in the first {number} shows", number=COMPARED))
    notes += mark_explained([gained(way.gain)] for way in ways)
    if others > 0:
        notes.append(say("{count} in the JSON document", count=counted(others, "more product")))
    return say(". ").join(
        [say("; ").join(notes), *dict.fromkeys(say(WAY_NOTES[w.note]) for w in ways if w.note)]
    )


def _forecast_uncertainty(plan: Plan) -> str:
    """Say how far apart demand can lie, and what would narrow this."""
    item = max(plan.items, key=lambda one: one.demand.mean or 0.0)
    low, high = item.demand.p10 or 0.0, item.demand.p90 or 0.0
    factor = say(", a factor of {high}", high=amount(high / low)) if low > 0 else ""
    spread = (high - low) / 2 / max(item.demand.p50 or 0.0, 1.0)
    dominates = plan.simulation_error is not None and spread > plan.simulation_error
    by_chance = _is_chance(item)
    what = say("Forecast uncertainty{more}", more=say(" dominates") if dominates else "")
    narrowed = say("Only knowing more about the show narrows this.")
    if not plan.curves.drawn:
        what = say("Forecast uncertainty: none")
    elif by_chance:
        what = say("Chance dominates")
    if by_chance or not plan.curves.drawn:
        narrowed = say("Nothing narrows what viewers do by chance.")
    return say(
        "{what}: in 8 shows of 10, demand for {name} lies between {low} "
        "and {high}{factor}. {narrowed}",
        what=what,
        name=called(item.name),
        low=amount(low),
        high=amount(high),
        factor=factor,
        narrowed=narrowed,
    )


def _is_chance(item: ItemPlan) -> bool:
    """Say whether a demand varies no more than twice as much as by chance alone.

    Of so many viewers that each decide for themselves, orders vary as a Poisson variable at most.
    """
    demand = item.curve.demand
    return float(demand.var()) <= 2.0 * float(demand.mean())


def _simulation_error(plan: Plan) -> str:
    curves, error = plan.curves, plan.simulation_error
    basis = say(
        "{replications:,} replications, seed {seed}",
        replications=curves.replications,
        seed=curves.seed,
    )
    if error is None:
        return say(
            "Simulation error: unknown ({basis}); it takes at least 100 replications to tell.",
            basis=basis,
        )
    if items := in_the_balance(plan):
        return say(
            "Simulation error ({basis}): how many to buy hangs in the balance for {names}; with "
            "other random numbers {plan}. More replications shrink this, not the forecast "
            "uncertainty.{plan_2}",
            basis=basis,
            names=listed(called(one.name) for one in items),
            plan=_other_numbers(plan),
            plan_2=_precision(plan, error),
        )
    return say(
        "Simulation error: ±{error}{of} ({basis}); with other random numbers "
        "{plan}. More replications shrink this, not the forecast "
        "uncertainty.{plan_2}",
        error=percent(error, decimals=int(error < 0.1)),
        of=say(" where it is largest") if len(plan.items) > 1 else "",
        basis=basis,
        plan=_other_numbers(plan),
        plan_2=_precision(plan, error),
    )


def _other_numbers(plan: Plan) -> str:
    """Say which totals other random numbers would recommend, of what is or would be bought."""
    bought = [item for item in plan.items if item.simulation_interval[1] > item.owned]
    if not bought:
        return say("nothing would be bought either")
    widest = sorted(bought, key=lambda item: -_width(item))[:_NAMED]
    told = listed(f"{called(item.name)} {_range(*item.simulation_interval)}" for item in widest)
    others = say("; all others bought are closer") if len(bought) > _NAMED else ""
    return say(
        "the totals would lie, 95 % sure, in {intervals}{others}", intervals=told, others=others
    )


def _width(item: ItemPlan) -> float:
    low, high = item.simulation_interval
    return (high - low) / max(item.recommended, 1)


def _precision(plan: Plan, error: float) -> str:
    if plan.precision is None:
        return ""
    wanted = exact_share(plan.precision)
    if error <= plan.precision:
        return say(" It is as small as a precision of {wanted} wants it.", wanted=wanted)
    return say(
        " A precision of {wanted} was not reached with all replications allowed. Whole packs may "
        "be coarser than that.",
        wanted=wanted,
    )


def _assumed(resolution: Resolution) -> Iterator[str]:
    number = assumed(resolution)
    if number is not None:
        yield say(
            "Assumed by livesim, not known: {values}. Assumptions that the file's comments admit "
            "to are not counted.",
            values=counted(number, "value") if number else say("nothing; every value is given"),
        )


def _range(low: int, high: int) -> str:
    return units(low) if low == high else f"{units(low)} – {units(high)}"


def _in_one_unit(differences: Iterable[Estimate]) -> Write:
    """Return what writes a column of differences, each error with a digit at least."""
    shown = [of for of in differences if of.significant]
    means = [of.mean or 0.0 for of in shown]
    largest = max(map(abs, means), default=0.0)
    errors = [10 * (of.half_width or 0.0) for of in shown]
    return in_one_unit((*means, *(error for error in errors if error <= largest)))


def _difference(of: Estimate, write: Write) -> str:
    """Return a paired difference with its error, or that it is not significant."""
    told = gained(of, write)
    return _and_error(told, of, write) if of.significant else told


def _and_error(told: str, of: Estimate, write: Write) -> str:
    error = write(of.half_width)
    if not of.half_width or error == "0":
        return told
    unit = error.lstrip("0123456789.,")  # said once, behind both
    return f"{told.removesuffix(unit)} ± {error}"
