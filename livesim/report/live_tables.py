"""A show on the air as a page of text: what to do now, what is to be expected, and how sure."""

from __future__ import annotations

from collections.abc import Iterator

from livesim.planning.live import LivePlan, Option, ProductNow, Tried
from livesim.report.language import say
from livesim.report.naming import item, product, slot
from livesim.report.pages import Page, Points, Table, Warnings
from livesim.report.wording import (
    amount,
    counted,
    decimals_of,
    duration,
    exactly,
    in_one_unit,
    listed,
    not_significant,
    percent,
    spread,
)
from livesim.resolve.words import money
from livesim.results.intervals import Estimate

#: With fewer independent worlds than this, what is said is rough.
_FEW = 50


def page(found: LivePlan) -> Page:
    """Return a show on the air as a page of text.

    Parameters
    ----------
    found : LivePlan
        What is to be expected of it.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> seen = {"at": "10min", "viewers": 400, "left": {"serum": 8}}
    >>> now = livesim.replan(room, seen, shows=50)
    >>> [len(table.rows) for table in page(now).tables]
    [3, 1, 3]
    """
    return Page(
        title=say(
            "{title} · {at} on the air",
            title=found.learned.scenario.title,
            at=duration(round(found.at)),
        ),
        answer=(
            _advice(found),
            *_few_worlds(found),
            *_too_few_gifts(found),
            _products(found),
            *((_options(found),) if found.tried else ()),
            *_late(found),
            *_unmoved(found),
            say(" ").join((_viewers(found), _money(found))),
        ),
        details=(_demand(found), Points(tuple(_basis(found)))),
    )


def _advice(found: LivePlan) -> str:
    """Say what to do now."""
    best = found.best
    if best is None:
        if not found.tried and found.requested is not None:
            return say("Nothing else than going on as planned was tried.")
        if not found.tried:
            return say("Go on as planned: there is nothing else to do now that could be tried.")
        return say("Go on as planned: nothing that was tried surely earns more.")
    low, high = _ends(best.gain)
    currency = found.learned.scenario.show.currency
    return say(
        "Do now: {option}. It earns {currency} {gain} more on average "
        "(95 % interval {low} to {high}).",
        option=_said(best.option, currency),
        currency=currency,
        gain=amount(best.gain.mean),
        low=low,
        high=high,
    )


def _said(option: Option, currency: str) -> str:
    """Return an option as an order."""
    name, count = product(option.product), counted(option.units, "unit")
    match option.what:
        case "reserve" if option.reserve is not None:
            return say(
                "call {reserve} of {product}, {count}",
                reserve=option.reserve,
                product=name,
                count=count,
            )
        case "reserve":
            return say("call the reserve of {product}, {count}", product=name, count=count)
        case "top-up":
            more = counted(option.units, "more unit")
            return say("order {count} of {product}", count=more, product=name)
        case "move":
            own = slot(option.slot or "")
            return say("show {product} next: move its slot {own} up", product=name, own=own)
    return say(
        "sell {product} at {price} from now on",
        product=name,
        price=money(option.price or 0.0, currency),
    )


def _ends(figure: Estimate) -> tuple[str, str]:
    mean, half = figure.mean or 0.0, figure.half_width or 0.0
    write = in_one_unit((mean - half, mean + half))
    return write(mean - half), write(mean + half)


def _few_worlds(found: LivePlan) -> Iterator[Warnings]:
    if found.learned.effective < _FEW:
        rough = say(
            "What was seen is far from what the plan thinks possible: it rests on {effective:.0f} "
            "independent worlds. Take the figures as rough.",
            effective=found.learned.effective,
        )
        yield Warnings((rough,))


def _too_few_gifts(found: LivePlan) -> Iterator[Warnings]:
    """Warn of fewer gifts gone than orders came with."""
    for one in found.too_few_gifts:
        warning = say(
            "{gone:,} of {given} are gone, but {product} sold {sold:,}, in at least "
            "{orders:,} orders, and a gift comes with {least:,} of them: one of these counts "
            "is wrong, or orders went without.",
            gone=one.gone,
            given=product(one.gift),
            product=product(one.product),
            sold=one.sold,
            orders=one.orders,
            least=one.least,
        )
        yield Warnings((warning,))


def _products(found: LivePlan) -> Table:
    """Return how each product stands."""
    return Table(
        header=(
            "product",
            "\nsold",
            "\non hand",
            "still wanted\n(P10 – P90)",
            "\ngone at",
            "\n(P10 – P90)",
            "gone by\nthe end",
            "could sell\nbesides",
        ),
        rows=tuple(_product(one) for one in found.products),
        note=_note(found),
    )


def _note(found: LivePlan) -> str:
    said = say(
        "gone at: hours and minutes since the start; could sell besides: "
        "units that are wanted and not there, on average"
    )
    if takers := [*_takers(found)]:
        said = say(
            "{said} · still wanted: in orders of its own; others take of it, too: {takers}",
            said=said,
            takers=listed(takers),
        )
    if all(one.counted for one in found.products):
        return said
    return say("~ not counted in full: as expected · {said}", said=said)


def _takers(found: LivePlan) -> Iterator[str]:
    """Say what is taken of products by orders of others: as gifts, and in bundles."""
    for name, one in found.learned.scenario.products.items():
        if one.gift is not None:
            given = item(one.gift.product)
            yield say("{given} as a gift with {product}", given=given, product=product(name))
        for part in one.contains or ():
            yield say("{part} in {bundle}", part=item(part), bundle=product(name))


def _product(one: ProductNow) -> tuple[str, ...]:
    mark = "" if one.counted else "~"
    wanted, gone = one.to_come, one.gone_at
    return (
        product(one.product),
        f"{mark}{one.sold:,}",
        f"{mark}{one.on_hand:,}",
        f"{amount(wanted.p10)} – {amount(wanted.p90)}",
        say("now") if not one.on_hand else _when(gone.p50),
        "" if not one.on_hand or gone.p10 is None else f"{_when(gone.p10)} – {_when(gone.p90)}",
        percent(one.gone.chance),
        amount(one.missing.mean),
    )


def _when(seconds: float | None) -> str:
    if seconds is None:
        return say("never")
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _options(found: LivePlan) -> Table:
    """Return what can be done now."""
    currency = found.learned.scenario.show.currency
    places = decimals_of((one.cost for one in found.tried), currency)
    notes = [say("compared with going on as planned, in the same simulated shows")]
    if any(one.too_late is not None for one in found.tried):
        notes.append(
            say(
                "gone before: the chance that the product is gone before the units are there, so "
                "that they come too late"
            )
        )
    return Table(
        header=(
            "what can be done now",
            "\nthere at",
            "gone\nbefore",
            say("cost,\n{currency}", currency=currency),
            "units\nmore sold",
            "\nearns more",
            "\n95 % interval",
        ),
        rows=tuple(_option(one, currency, places) for one in found.tried),
        note=say("; ").join(notes),
    ).without_empty_columns()


def _late(found: LivePlan) -> Iterator[str]:
    """Say which reserves are too late."""
    for one in found.late:
        yield say(
            "Too late to {option}: there at {at}, and the show ends at {end}.",
            option=_said(one, ""),
            at=_when(one.at),
            end=_when(found.learned.scenario.show.length),
        )


def _unmoved(found: LivePlan) -> Iterator[str]:
    """Say why no product was tried earlier than planned."""
    many = len(found.learned.scenario.products) > 2  # beside what is on and what comes next
    moved = any(one.option.what == "move" for one in found.tried)
    if many and not moved and found.requested is None:
        yield say(
            "No product was tried earlier: a slot moves up only to the next one's place, if both "
            "are as long, none has a time of its own, and units would be left over."
        )


def _option(one: Tried, currency: str, places: int) -> tuple[str, ...]:
    low, high = _ends(one.gain)
    sure = one.gain.significant
    delivered = one.too_late is not None
    said = _said(one.option, currency)
    if _called_anyway(one):
        said = say("{option}: its rule calls it now", option=said)
    return (
        said,
        _when(one.option.at) if delivered else say("now"),
        percent(one.too_late.chance) if one.too_late is not None else "",
        exactly(one.cost, places) if delivered else "",
        amount(one.sold.mean),
        amount(one.gain.mean) if sure else f"{amount(one.gain.mean)} {not_significant()}",
        say("{low} to {high}", low=low, high=high),
    )


def _called_anyway(one: Tried) -> bool:
    """Say whether calling a reserve by hand changes nothing in any show, though it has a cost."""
    same = one.gain.mean == one.gain.half_width == one.sold.mean == 0
    return one.option.what == "reserve" and one.cost > 0 and same


def _viewers(found: LivePlan) -> str:
    before, planned = found.viewers_before, ""
    if before is not None:
        planned = say(" (planned: {p10} to {p90})", **_range(before))
    return say(
        "Viewers of the whole show, P10 to P90: {p10} to {p90}{planned}.",
        **_range(found.viewers),
        planned=planned,
    )


def _range(figure: Estimate) -> dict[str, str]:
    write = in_one_unit((figure.p10, figure.p90))
    return {"p10": write(figure.p10), "p90": write(figure.p90)}


def _money(found: LivePlan) -> str:
    profit, currency = found.profit, found.learned.scenario.show.currency
    return say(
        "Profit as planned: {currency} {profit} on average (P10 to P90: {p10} to {p90}).",
        currency=currency,
        profit=amount(profit.mean),
        **_range(profit),
    )


def _demand(found: LivePlan) -> Table:
    """Return what was learned of the demand for each product."""
    planned = any(one.before is not None for one in found.products)
    before = ("planned: P10", "P50", "P90") if planned else ()
    return Table(
        header=("wanted in the whole show", "P10", "P50", "P90", *before),
        rows=tuple(
            (
                product(one.product),
                *spread(one.demand),
                *(["" for _ in before] if one.before is None else spread(one.before)),
            )
            for one in found.products
        ),
        note="units turned away before now are not known and not counted",
    )


def _basis(found: LivePlan) -> Iterator[str]:
    learned = found.learned
    yield say(
        "{tried:,} worlds were weighed by how likely they make what was seen; they are worth "
        "{effective:.0f} independent ones (effective sample size). {number:,} shows go on from "
        "now.",
        tried=learned.tried,
        effective=learned.effective,
        number=len(found.rest.profit),
    )
    yield say(
        "What was not counted is as each world lets expect: who has decided, what is reserved, "
        "what of other products is sold."
    )
