"""A plan as a page of text: what to buy, what it earns, and how sure that is.

Three kinds of not knowing are kept apart. The *good range* is flat: people negotiate in it. The
*simulation error* is what more replications shrink. The *forecast uncertainty* is what only knowing
more about the show narrows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livesim.planning.deciding import purchase_cost
from livesim.planning.objectives import (
    FillRate,
    LossCap,
    MostProfit,
    Objective,
    Service,
    WorstCap,
)
from livesim.planning.plan import Choice, ItemPlan, Plan
from livesim.planning.ways import Way
from livesim.planning.words import written
from livesim.planning.wrong import Wrong
from livesim.report.pages import Page, Part, Points, Table, Warnings
from livesim.report.wording import amount, duration, percent, units
from livesim.resolve import Resolution
from livesim.resolve.evidence import assumed, error_from, told_by
from livesim.resolve.words import listed
from livesim.results.intervals import Estimate

#: A sentence names so many items; of more it says how many they are.
_NAMED = 4
#: So many uncertain quantities are shown, and of so many products the ways to put them on sale.
_SHOWN_DRIVERS = 5
_SHOWN_WAYS = 3

_CASES = {
    "nothing": "The stock curves are exact: nothing in this show reacts to the stock, so every "
    "level was replayed on the same simulated shows.",
    "slots": "The stock curves are simulated at chosen levels, with straight lines between: slots "
    "go on at sell-out, so the stock of one item changes what the others sell. Each item's curve "
    "has the others at what is owned.",
    "viewers": "The stock curves are simulated at chosen levels, with straight lines between: "
    "viewers react to what the screen shows of the stock. Each item's curve has the others at what "
    "is owned.",
}
_FACTORS = {
    0.5: "half as many",
    0.75: "a quarter fewer",
    0.9: "a tenth fewer",
    1.1: "a tenth more",
    1.25: "a quarter more",
    1.5: "half as many again",
}


def page(plan: Plan, resolution: Resolution, values_at: str) -> Page:
    """Return a plan as a page of text.

    Parameters
    ----------
    plan : Plan
        The plan.
    resolution : Resolution
        Its scenario, with where everything in it comes from.
    values_at : str
        Where every value is shown with where it comes from, such as a command.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> from livesim.resolve import resolve_file
    >>> file = "scenarios/brand_room.yaml"
    >>> resolution = resolve_file(file, {"show.length": "20min"})
    >>> found = livesim.plan(resolution, replications=100, workers=1)
    >>> shown = page(found, resolution, f"livesim resolve --why {file}")
    >>> shown.tables[0].rows[0][:2]
    ('serum', '50')
    """
    reached = plan.decision.reached
    return Page(
        title=_title(plan),
        parts=(
            Warnings((*plan.remarks, *(() if reached else plan.decision.notes))),
            _items(plan),
            _purchase(plan),
            Points(plan.decision.notes if reached else ()),
            _demand(plan, resolution),
            _profit(plan),
            _wrong(plan),
            *_drivers(plan),
            *_ways(plan),
            _forecast_uncertainty(plan),
            _simulation_error(plan),
            _CASES[plan.curves.reaction],
            *_assumed(resolution, values_at),
            Points(plan.notes),
        ),
    )


def said(objective: Objective, currency: str) -> str:
    """Return an objective in words.

    Parameters
    ----------
    objective : Objective
        What a plan is for.
    currency : str
        The scenario's.

    Examples
    --------
    >>> said(Service(0.9, 1200.0), "CNY")
    'not sold out before 20 min after the link, 90 % sure'
    """
    match objective:
        case MostProfit():
            return "most expected profit"
        case Service(sure, None):
            return f"not sold out before the end, {_share(sure)} sure"
        case Service(sure, by):
            assert by is not None
            return f"not sold out before {duration(by)} after the link, {_share(sure)} sure"
        case FillRate(share):
            return f"{_share(share)} of demand served"
        case LossCap(chance):
            return f"most expected profit, a loss in at most {_share(chance)} of shows"
        case WorstCap(least):
            return (
                "most expected profit, the worst 10 % of shows at "
                f"{currency} {amount(least)} or more on average"
            )


def _title(plan: Plan) -> str:
    scenario = plan.curves.scenario
    show = scenario.show
    when = [f"{show.start:%Y-%m-%d %H:%M}"] if show.start else []
    what = f"{said(plan.objective, show.currency)} (--objective {written(plan.objective)})"
    return " · ".join([scenario.title, *when, duration(show.length), what])


def _items(plan: Plan) -> Table:
    rows = tuple(
        (
            item.curve.item.name,
            units(item.owned),
            units(item.purchase),
            units(item.recommended),
            _range(*item.good_range),
            _now_then(item.sold_out_now.chance, item.sold_out_then.chance),
            _besides(plan.objective, item),
        )
        for item in plan.items
    )
    header = (
        *("stock [units]", "you own", "buy", "have", "good range"),
        *("sold out\nnow → then", _besides_header(plan.objective)),
    )
    return Table(header, rows, _good_range_note(plan))


def _besides_header(objective: Objective) -> str:
    """Name what is shown besides: what the objective limits, if it is about a time."""
    if isinstance(objective, Service) and objective.by is not None:
        return f"in {duration(objective.by)}\nnow → then"
    return "left over\nthen, P50"


def _besides(objective: Objective, item: ItemPlan) -> str:
    if not (isinstance(objective, Service) and objective.by is not None):
        return _amount(item.left_over.p50)
    own, arriving = item.curve.item.owned, item.curve.item.arriving
    now, then = (
        item.curve.sold_out_chance(number, objective.by)
        for number in (own, item.recommended - arriving)
    )
    return _now_then(now, then)


def _good_range_note(plan: Plan) -> str:
    if isinstance(plan.objective, Service | FillRate):
        what = "totals with which the objective is met to one percentage point"
    else:
        what = "totals whose expected profit is within 1 % of the best"
    note = (
        f"good range: {what}, the other items as recommended: negotiate inside it. "
        "Sold out: before the show ends."
    )
    outside = [item.curve.item.name for item in plan.items if not _in_good_range(item)]
    if outside:
        names = listed(outside) if len(outside) <= _NAMED else f"{len(outside)} items"
        note += f" Kept outside by packs, the minimum order, the budget or a cap: {names}."
    return note


def _in_good_range(item: ItemPlan) -> bool:
    low, high = item.good_range
    return low <= item.recommended <= high


def _purchase(plan: Plan) -> str:
    bought = [item for item in plan.items if item.purchase]
    supply, currency = plan.curves.scenario.supply, plan.curves.scenario.show.currency
    if not bought and plan.decision.reached:
        return "Buy nothing: nothing that can be bought serves the objective better."
    if not bought:
        return "Buy nothing: no purchase that is allowed comes nearer to the objective."
    if len(bought) <= _NAMED:
        what = listed(
            f"{units(item.purchase)} {item.curve.item.name}{_packs(item.purchase, supply.pack)}"
            for item in bought
        )
    else:
        total = sum(item.purchase for item in bought)
        what = f"{units(total)} units of {len(bought)} items{_packs(total, supply.pack)}"
    cost = f"{currency} {sum(item.cost for item in bought):,.0f}"
    if supply.budget is not None:
        cost += f" of the budget of {currency} {supply.budget:,.0f}"
    return f"Buy {what}: {cost}. {_rounding(plan, currency)}".rstrip()


def _packs(number: int, pack: int) -> str:
    if pack == 1:
        return ""
    packs = number // pack
    return f" ({units(packs)} {'pack' if packs == 1 else 'packs'} of {units(pack)})"


def _rounding(plan: Plan, currency: str) -> str:
    cost = plan.decision.rounding_cost
    if round(cost) == 0:
        return ""
    if cost < 0:
        return (
            f"Rounding up to whole packs and minimum orders brings {currency} {amount(-cost)} of "
            "expected profit."
        )
    return f"Whole packs and minimum orders cost {currency} {amount(cost)} of expected profit."


def _demand(plan: Plan, resolution: Resolution) -> Table:
    rows = tuple(
        (
            item.curve.item.name,
            *_spread(item.demand, "p10", "p50", "p90"),
            _origin(resolution, item.curve.item.product),
        )
        for item in plan.items
    )
    return Table(("demand [units]", "P10", "P50", "P90", "from"), rows, words=1)


def _origin(resolution: Resolution, product: str) -> str:
    told, error = told_by(resolution, product), error_from(resolution, product)
    return f"{told}; its error: {error}" if error else f"{told}, as if it were certain"


def _profit(plan: Plan) -> Table:
    currency = plan.curves.scenario.show.currency
    rows = tuple(
        (
            choice.name,
            _amount(choice.profit.mean),
            *_spread(choice.profit, "p10", "p90"),
            amount(choice.worst),
            percent(choice.loss.chance),
            "" if choice.name == "now" else _signed(choice.gain.mean, choice.gain.half_width),
        )
        for choice in plan.choices
    )
    header = (
        *(f"profit, {currency}", "mean", "P10", "P90"),
        *("mean of the\nworst 10 %", "loss in", "above now\n(95 %)"),
    )
    return Table(header, rows, _risk(plan.choices))


def _risk(choices: Sequence[Choice]) -> str:
    """Say what the recommendation does to profit and risk, compared with buying nothing."""
    now, then = choices[0], choices[1]
    if then.units == now.units:
        return "recommended: what you have, so nothing changes"
    gain, error = then.gain.mean, then.gain.half_width
    losses = f"a loss in {percent(then.loss.chance)} of shows instead of {_loss(now)}"
    if gain is None or error is None or abs(gain) <= error:
        return f"recommended: no gain in mean profit that can be told from luck; {losses}"
    profit = "more profit" if gain > 0 else "less profit"
    more, fewer = then.loss.chance > now.loss.chance, then.loss.chance < now.loss.chance
    risk = "more risk" if more or then.worst < now.worst else "less risk" if fewer else "no risk"
    if risk == "no risk":
        return f"recommended: {profit} than now, and no more risk"
    return f"recommended: {profit} than now, {risk}: {losses}"


def _loss(choice: Choice) -> str:
    return percent(choice.loss.chance)


def _wrong(plan: Plan) -> Table:
    arriving = sum(item.arriving for item in plan.curves.items)
    rows = tuple(
        (
            _FACTORS.get(wrong.factor, f"× {wrong.factor:g}"),
            units(sum(wrong.units) + arriving),
            amount(wrong.profit),
            _with_error(wrong.cost, wrong.cost_half_width),
            _chances(wrong),
        )
        for wrong in plan.wrong
    )
    currency = plan.curves.scenario.show.currency
    header = ("if we are wrong", "units", f"profit,\n{currency}", "costs\n(95 %)", "sold out")
    return Table(header, rows, "all totals as many times what is recommended, packs left aside")


def _chances(wrong: Wrong) -> str:
    least, most = percent(min(wrong.sold_out)), percent(max(wrong.sold_out))
    return most if least == most else f"{least.removesuffix(' %')} – {most}"


def _drivers(plan: Plan) -> Iterator[Part]:
    if not plan.drivers:
        yield "What decides it: nothing is uncertain in this show but the luck of single viewers."
        return
    currency = plan.curves.scenario.show.currency
    rows = [
        (
            f"{rank} {driver.label}",
            *(_bought(plan, number) for number in (driver.low, driver.high)),
            _with_error(driver.worth, driver.worth_half_width),
        )
        for rank, driver in enumerate(plan.drivers[:_SHOWN_DRIVERS], 1)
    ]
    everything = plan.worth_of_knowing_all
    rows.append(("all of it", "", "", _with_error(everything.mean, everything.half_width)))
    one = len(plan.items) == 1
    what = "have [units]" if one else f"buy for {currency}"
    header = ("what decides it", f"{what}\nif low", "\nif high", f"knowing it: {currency}\n(95 %)")
    more = len(plan.drivers) - _SHOWN_DRIVERS
    note = "low, high: the lowest and highest fifth of what is thought possible"
    yield Table(header, tuple(rows), f"{note}; {more} more in --json" if more > 0 else note)


def _bought(plan: Plan, number: tuple[int, ...]) -> str:
    """Return what would be had of the only item, or what is spent on several."""
    if len(number) == 1:
        return units(number[0] + plan.curves.items[0].arriving)
    return amount(purchase_cost(plan.curves, number))


def _ways(plan: Plan) -> Iterator[Table]:
    """Yield how to sell the products for which most is bought, if that was compared."""
    if not plan.ways:
        return
    cost: dict[str, float] = {}
    for item in plan.items:
        product = item.curve.item.product
        cost[product] = cost.get(product, 0.0) + item.cost
    products = sorted(dict.fromkeys(way.product for way in plan.ways), key=lambda name: -cost[name])
    shown = [way for name in products[:_SHOWN_WAYS] for way in plan.ways if way.product == name]
    currency = plan.curves.scenario.show.currency
    header = (
        *("ways to sell", "units", f"profit, {currency}\n(95 %)"),
        *("sold out", "after the\nlink, P50", "on sale"),
    )
    rows = tuple(row for place, way in enumerate(shown) for row in _way(way, shown[:place]))
    yield Table(header, rows, _ways_note(shown, len(products) - _SHOWN_WAYS))


def _way(way: Way, before: Sequence[Way]) -> Iterator[tuple[str, ...]]:
    """Yield the row of a way, below its product's name if it is the first of it."""
    first = all(other.product != way.product for other in before)
    if first:
        yield (way.product, *[""] * 5)
    yield (
        f"  {way.name}",
        units(way.units),
        _with_error(way.profit.mean, way.profit.half_width) if first else _above(way),
        percent(way.sold_out),
        "-" if way.sold_out_after is None else duration(way.sold_out_after),
        percent(way.on_sale.mean or 0.0),
    )


def _ways_note(ways: Sequence[Way], others: int) -> str:
    notes = ["profit: the first way's, and what the others make above or below it"]
    if any(way.tie for way in ways):
        notes.append("tie: no difference that can be told from luck")
    if others > 0:
        notes.append(f"{others} more products in --json")
    return ". ".join([f"{'; '.join(notes)}", *dict.fromkeys(w.note for w in ways if w.note)])


def _above(way: Way) -> str:
    return "tie" if way.tie else _signed(way.gain.mean, way.gain.half_width)


def _forecast_uncertainty(plan: Plan) -> str:
    item = max(plan.items, key=lambda one: one.demand.mean or 0.0)
    low, high = item.demand.p10 or 0.0, item.demand.p90 or 0.0
    factor = f", a factor of {amount(high / low)}" if low > 0 else ""
    spread = (high - low) / 2 / max(item.demand.p50 or 0.0, 1.0)
    dominates = plan.simulation_error is not None and spread > plan.simulation_error
    return (
        f"Forecast uncertainty{' dominates' if dominates else ''}: in 8 shows of 10, demand for "
        f"{item.curve.item.name} lies between {amount(low)} and {amount(high)}{factor}. Only "
        "knowing more about the show narrows this."
    )


def _simulation_error(plan: Plan) -> str:
    curves, error = plan.curves, plan.simulation_error
    basis = f"{curves.replications:,} replications, seed {curves.seed}"
    if error is None:
        return f"Simulation error: unknown ({basis}); it takes at least 100 replications to tell."
    widest = sorted(plan.items, key=lambda item: -_width(item))[:_NAMED]
    intervals = listed(
        f"{item.curve.item.name} {_range(*item.simulation_interval)}" for item in widest
    )
    others = "; all others are closer" if len(plan.items) > _NAMED else ""
    return (
        f"Simulation error: ±{percent(error, decimals=int(error < 0.1))} ({basis}); with other "
        f"luck the totals would lie, 95 % sure, in {intervals}{others}. More replications shrink "
        f"this, not the forecast uncertainty.{_precision(plan, error)}"
    )


def _width(item: ItemPlan) -> float:
    low, high = item.simulation_interval
    return (high - low) / max(item.recommended, 1)


def _precision(plan: Plan, error: float) -> str:
    wanted = plan.precision
    if wanted is None:
        return ""
    if error <= wanted:
        return f" It is as small as --precision {_share(wanted)} wants it."
    return (
        f" --precision {_share(wanted)} was not reached: --max-replications are used up. Whole "
        "packs may be coarser than that."
    )


def _assumed(resolution: Resolution, values_at: str) -> Iterator[str]:
    number = assumed(resolution)
    if number == 0:
        yield f"Assumed by livesim, not known: nothing; every value is given ({values_at})."
    elif number is not None:
        values = "1 value" if number == 1 else f"{number:,} values"
        yield f"Assumed by livesim, not known: {values} ({values_at})."


def _spread(figure: Estimate, *quantiles: str) -> tuple[str, ...]:
    return tuple(_amount(getattr(figure, name)) for name in quantiles)


def _amount(number: float | None) -> str:
    return "-" if number is None else amount(number)


def _range(low: int, high: int) -> str:
    return f"{units(low)} – {units(high)}"


def _now_then(now: float, then: float) -> str:
    return f"{percent(now)} → {percent(then)}"


def _with_error(mean: float | None, half_width: float | None) -> str:
    if mean is None or half_width is None:
        return _amount(mean)
    return f"{amount(mean)} ± {amount(half_width)}"


def _signed(mean: float | None, half_width: float | None) -> str:
    sign = "+" if mean is not None and mean > 0 else ""
    return sign + _with_error(mean, half_width)


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"
