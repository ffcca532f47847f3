"""The summary of a result as a page of text.

What the forecast leaves open and what the number of replications leaves open are said apart, since
only one of them shrinks with more work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from typing import Any, Final, TypeAlias

from livesim.report.language import say
from livesim.report.naming import product as called
from livesim.report.pages import Page, Points, Table, Warnings
from livesim.report.wording import (
    ROOM,
    amount,
    duration,
    fewer_come,
    in_one_unit,
    in_rundown,
    off_the_end,
    percent,
    show_title,
    some,
    told_fixed_costs,
    units,
    with_kept_cost,
)
from livesim.resolve import too_late, uncalled
from livesim.resolve.words import money
from livesim.results.columns import share_of_never
from livesim.results.result import Result
from livesim.results.summary import summary
from livesim.scenario.scenario import Scenario

Figures: TypeAlias = Mapping[str, Any]

_NOT_REACHED = "-"
#: So many products have a line of the answer.
_LINES = 8
_QUANTILES = ("p10", "p50", "p90")
#: What a product comes to on average, in the answer.
_MEANS = ("lost", "left_over", "profit")


def page(result: Result) -> Page:
    """Return the summary of a result as a page of text.

    Parameters
    ----------
    result : Result
        What happened.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> shown = page(livesim.simulate(room, replications=100))
    >>> [table.header[0] for table in shown.tables]
    ['the show', 'by product', 'audience', 'stock', 'unavailable', 'money, CNY']
    """
    figures = summary(result.outcome, result.scenario)
    products: Mapping[str, Figures] = {
        called(name): product for name, product in figures["products"].items()
    }
    currency = result.scenario.show.currency
    late, scenario = tuple(_off_the_end(result, ROOM)), result.scenario
    stock = (*too_late(scenario), *uncalled(scenario))
    return Page(
        title=show_title(result.scenario),
        answer=(
            _show(figures["show"], result.scenario),
            _happens(products, result.scenario),
            _forecast_uncertainty(products),
            *_costed(result.scenario),
            Warnings((*late, *stock)),
        ),
        details=(
            Warnings(tuple(text for text in _off_the_end(result, inf) if text not in late)),
            *fewer_come(result.scenario),
            *_campaign(figures.get("campaign"), currency),
            _audience(figures["show"]),
            *_rooms(result, figures.get("rooms", {})),
            _stock(products),
            Points(tuple(_placing(products))),
            _unavailable(products, result.scenario),
            _money(figures["show"], products, currency),
            _simulation_error(result, products),
            Points(tuple(note for note in result.notes if note not in stock)),
        ),
    )


def _show(show: Figures, scenario: Scenario) -> Table:
    """Return what the show as a whole comes to."""
    late = (("late orders", "late_orders"), ("  of them cancelled", "cancelled_late"))
    rows = (
        *(("unique viewers", "unique_viewers"), ("orders", "orders")),
        *(late if "late_orders" in show else ()),
        ("profit", "profit"),
    )
    loss = say(
        "profit in {currency}; a loss in {chance} of shows",
        currency=scenario.show.currency,
        chance=percent(show["loss"]["chance"]),
    )
    return Table(
        ("the show", "mean", "P10", "P50", "P90"),
        tuple((name, *map(_in_one_unit(show[key]), _figures(show[key]))) for name, key in rows),
        say("; ").join((with_kept_cost(loss, scenario), *told_fixed_costs(scenario))),
    )


def _happens(products: Mapping[str, Figures], scenario: Scenario) -> Table:
    """Return what happens to each product's stock: of many, those wanted most."""
    by_demand = sorted(products, key=lambda name: -products[name]["demand"]["mean"])
    shown = {name: one for name, one in products.items() if name in by_demand[:_LINES]}
    others = [products[name] for name in by_demand[_LINES:]]
    sums = {key: sum(one[key]["mean"] for one in others) for key in _MEANS if others}
    means = {key: [one[key]["mean"] for one in shown.values()] for key in _MEANS}
    write = {key: in_one_unit([*means[key], *filter(None, [sums.get(key)])]) for key in _MEANS}
    demand = _in_one_unit(*(one["demand"] for one in shown.values()))
    rows = [
        (
            name,
            units(product["stock"]),
            *map(demand, _figures(product["demand"], _QUANTILES)),
            percent(product["unavailable"]["chance"]),
            *(write[key](product[key]["mean"]) for key in _MEANS),
        )
        for name, product in shown.items()
    ]
    if others:
        stock = units(sum(one["stock"] for one in others))
        more = say("and {number} more", number=len(others))
        rows.append((more, stock, "", "", "", "", *(write[key](sums[key]) for key in _MEANS)))
    header = (
        *("by product", "stock", "demand\nP10", "P50", "P90", "unavailable"),
        *("mean\nlost", "mean\nleft over", "mean\nprofit"),
    )
    notes = filter(None, (_own_demand(products), *_of_variants(scenario)))
    return Table(header, tuple(rows), say("; ").join(notes))


def _own_demand(products: Mapping[str, Figures]) -> str:
    """Say that demand leaves out what others take of a product's stock, where they do."""
    if not any(key in one for one in products.values() for key in ("given", "webshop")):
        return ""
    return say("demand: of the product itself, without what bundles, gifts or a webshop take of it")


def _of_variants(scenario: Scenario) -> Iterator[str]:
    """Say what it means that a product with variants is unavailable, where there is one."""
    if names := [called(name) for name, one in scenario.products.items() if one.variants]:
        yield say("unavailable, of {names}: all variants at once", names=some(names, ROOM))


def _costed(scenario: Scenario) -> Iterator[str]:
    """Say at what price owned units are counted, where a purchase could have another."""
    named = []
    for name, product in scenario.products.items():
        terms = (product.supply, *(variant.supply for variant in product.variants.values()))
        if product.owned and any(one and (one.price_breaks or one.suppliers) for one in terms):
            named.append(called(name))
    if named:
        yield say(
            "What you own is counted at unit_cost; price breaks and suppliers only count in what a "
            "plan buys: {names}.",
            names=some(named, 36),
        )


def _campaign(campaign: Figures | None, currency: str) -> tuple[Table, ...]:
    if campaign is None:
        return ()
    rows = []
    for name, tier in campaign["tiers"].items():
        rows.append((say("posts by {name}", name=name), *_spread(tier["posts"])))
        rows.append(("  followers of those who posted", *_spread(tier["followers"])))
    for name, segment in campaign["segments"].items():
        rows.append((say("{name} who have heard", name=name), *_shares(segment["aware"])))
        rows.append(("  and well of it", *_shares(segment["good"])))
    note = say(
        "fees and samples: {cost}, taken from the show's profit",
        cost=money(campaign["cost"], currency),
    )
    return (Table(("before the show", "P10", "P50", "P90"), tuple(rows), note),)


def _audience(show: Figures) -> Table:
    rows = {
        "unique viewers": "unique_viewers",
        "viewers lost to stock-outs": "viewers_lost",
        "page views": "page_views",
        "peak concurrent viewers": "peak_concurrent",
        "orders": "orders",
    }
    return Table(
        ("audience", "P10", "P50", "P90"),
        tuple((called, *_spread(show[name])) for called, name in rows.items() if name in show),
    )


def _rooms(result: Result, rooms: Mapping[str, Figures]) -> list[Table]:
    """Return the table of the rooms, where the scenario has any."""
    rows = []
    for name, room in rooms.items():
        count = (result.scenario.rooms or {})[name].count
        medians = (amount(room[key]["p50"]) for key in ("unique_viewers", "attempts", "orders"))
        rows.append((name, units(count), *medians))
    header = ("rooms, P50", "rooms", "unique viewers", "orders wanted", "orders")
    return [Table(header, tuple(rows))] if rows else []


def _stock(products: Mapping[str, Figures]) -> Table:
    rows = []
    for name, product in products.items():
        means = (amount(product[key]["mean"]) for key in ("lost", "left_over"))
        rows.append((name, units(product["stock"]), *_spread(product["demand"]), *means))
        if product["potential_demand"] != product["demand"]:
            rows.append(
                ("  if nothing sold out", "", *_spread(product["potential_demand"]), "", "")
            )
    header = ("stock", "units", "demand P10", "P50", "P90", "mean lost", "mean left over")
    return Table(header, tuple(rows), _own_demand(products))


def _placing(products: Mapping[str, Figures]) -> Iterator[str]:
    """Say how many orders the checkout's steps lose, how many helpers place, and what is given."""
    for name, product in products.items():
        figures = ("given", "gifts", "coupons", "webshop", "fake")
        means = {key: mean for key in figures if (mean := product.get(key, {}).get("mean"))}
        told = {key: amount(mean) for key, mean in means.items()}
        if given := told.get("given"):
            yield say(
                "{name}: {given} units went into bundles, or were gifts (mean).",
                name=name,
                given=given,
            )
        if gifts := told.get("gifts"):
            yield say("{name}: {gifts} orders came with a gift (mean).", name=name, gifts=gifts)
        if had := told.get("coupons"):
            yield say("{name}: {orders} orders had a coupon (mean).", name=name, orders=had)
        if sold := told.get("webshop"):
            yield say(
                "{name}: {sold} units sold in the webshop meanwhile, and {lost} more could have "
                "been (mean).",
                name=name,
                sold=sold,
                lost=amount(product["webshop_lost"]["mean"]),
            )
        if "dropped" in product:
            yield say(
                "{name}: {lost} tries to order are lost on the checkout's steps (mean).",
                name=name,
                lost=amount(product["dropped"]["mean"]),
            )
        if "fake" in means:
            yield say(
                "{name}: {fake} of the units paid for are for fake orders.",
                name=name,
                fake=percent(means["fake"] / product["sales"]["mean"]),
            )


def _off_the_end(result: Result, room: float) -> Iterator[str]:
    """Say which slots and products come too late in some shows, as after a late guest."""
    scenario, outcome = result.scenario, result.outcome
    never = share_of_never(outcome.timeline, "slot_starts", result.replications).tolist()
    no_link = share_of_never(outcome.products, "link_at", result.replications).tolist()
    products = dict(zip(scenario.products, no_link, strict=True))
    return off_the_end(
        dict(zip(scenario.rundown, never, strict=True)),
        in_rundown(scenario, products),
        room,
    )


def _unavailable(products: Mapping[str, Figures], scenario: Scenario) -> Table:
    rows = tuple(
        (
            name,
            _with_interval(product["unavailable"]),
            *_times(product["unavailable_after"]),
            percent(product["unavailable_share"]["mean"]),
            percent(product["sold_out"]["chance"]),
        )
        for name, product in products.items()
    )
    note = say(
        "unavailable: on offer with nothing on hand; of the time: of "
        "that on offer; sold out: and nothing more to come"
    )
    if any(_NOT_REACHED in row for row in rows):
        note += say("; {not_reached}: not in that share of all shows", not_reached=_NOT_REACHED)
    note = say("; ").join((note, *_of_variants(scenario)))
    header = ("unavailable", "chance (95 %)", "after link\nP10", "P50", "P90")
    return Table((*header, "of the\ntime", "sold\nout"), rows, note)


#: What calling reserves and stock-outs cost beside units, where they cost anything.
_COSTS: Final = {
    "reserve_cost": "cost of calling reserves",
    "goodwill": "goodwill lost with units turned away",
    "ads_wasted": "ads while there was nothing on hand",
}


def _money(show: Figures, products: Mapping[str, Figures], currency: str) -> Table:
    rows = [("value ordered (GMV)", show["gmv"]), ("value kept (NMV)", show["nmv"])]
    if "late_cost" in show:
        rows += [("cost of late orders", show["late_cost"])]
    rows += [(called, show[name]) for name, called in _COSTS.items() if name in show]
    if "deposits_kept" in show:
        rows += [("deposits kept", show["deposits_kept"])]
    rows += [(say("profit from {name}", name=name), p["profit"]) for name, p in products.items()]
    rows += [("profit of the show", show["profit"])]
    write = _in_one_unit(*(figure for _, figure in rows))
    return Table(
        (say("money, {currency}", currency=currency), "mean", "P10", "P50", "P90"),
        tuple((name, *map(write, _figures(figure))) for name, figure in rows),
        say("chance of a loss: {loss}", loss=_with_interval(show["loss"])),
    )


def _forecast_uncertainty(products: Mapping[str, Figures]) -> str:
    name = max(products, key=lambda product: products[product]["demand"]["mean"])
    demand = products[name]["demand"]
    low, high = demand["p10"], demand["p90"]
    factor = say(", a factor of {high}", high=amount(high / low)) if low > 0 else ""
    return say(
        "Forecast uncertainty: in 8 shows of 10, demand for {name} lies "
        "between {low} and {high}{factor}. Only knowing more about the "
        "show narrows this.",
        name=name,
        low=amount(low),
        high=amount(high),
        factor=factor,
    )


def _simulation_error(result: Result, products: Mapping[str, Figures]) -> str:
    basis = say(
        "{replications:,} replications, seed {seed}",
        replications=result.replications,
        seed=result.seed,
    )
    figures = [product["demand"] for product in products.values() if product["demand"]["mean"] > 0]
    if any(figure["mean_interval"] is None for figure in figures):
        return say(
            "Simulation error: unknown ({basis}); it takes more than one replication to tell.",
            basis=basis,
        )
    above = (figure["mean_interval"][1] / figure["mean"] - 1 for figure in figures)
    error = max(above, default=0.0)
    if error > 0.5:
        return say(
            "Simulation error: too large to say what the mean demands are "
            "({basis}){products}. Take more replications.",
            basis=basis,
            products=_tails(products),
        )
    within = percent(error, decimals=1)
    return say(
        "Simulation error: the mean demands are within ±{within} "
        "({basis}){products}. More replications shrink this, not the "
        "forecast uncertainty.",
        within=within,
        basis=basis,
        products=_tails(products),
    )


def _tails(products: Mapping[str, Figures]) -> str:
    """Say how sure the percentiles of the largest demand are; nothing where no interval exists."""
    name = max(products, key=lambda product: products[product]["demand"]["mean"])
    ends = {q: products[name]["demand"][f"{q}_interval"] for q in ("p10", "p90")}
    told = [
        say(
            "{q} in {interval} – {interval_2}",
            q=q.upper(),
            interval=amount(interval[0]),
            interval_2=amount(interval[1]),
        )
        for q, interval in ends.items()
        if interval is not None
    ]
    return (
        say("; of the demand for {name}, {more}", name=name, more=say(" and ").join(told))
        if told
        else ""
    )


def _figures(figure: Figures, keys: Iterable[str] = ("mean", *_QUANTILES)) -> list[float | None]:
    return [figure[key] for key in keys]


def _in_one_unit(*several: Figures) -> Callable[[float | None], str]:
    """Return what writes figures beside and below each other."""
    return in_one_unit(number for figure in several for number in _figures(figure))


def _spread(figure: Figures) -> tuple[str, ...]:
    return tuple(map(_in_one_unit(figure), _figures(figure, _QUANTILES)))


def _shares(figure: Figures) -> tuple[str, ...]:
    return tuple(percent(figure[key], decimals=1) for key in _QUANTILES)


def _times(figure: Figures) -> tuple[str, ...]:
    times = (figure[key] for key in _QUANTILES)
    return tuple(_NOT_REACHED if time is None else duration(time) for time in times)


def _with_interval(chance: Figures) -> str:
    near_an_end = chance["low"] < 0.01 or chance["high"] > 0.99
    share, low, high = (
        percent(chance[key], decimals=int(near_an_end)) for key in ("chance", "low", "high")
    )
    return f"{share} ({low.removesuffix(' %')} – {high})"
