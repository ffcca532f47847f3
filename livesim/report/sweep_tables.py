"""A sweep as a page of text: one row a point, and where the profit crosses the base's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from livesim.errors import UsageError
from livesim.experiment.comparison import SHOW, Row
from livesim.experiment.pairing import mean_difference
from livesim.experiment.swept import BASELINE, Crossing, Sweep
from livesim.report.changes import changed, is_share, path_labels, quoted, value_told
from livesim.report.comparison_tables import (
    in_common,
    not_significant_told,
    notes_told,
    shows_table,
)
from livesim.report.labels import key_label
from livesim.report.language import heading, say, spoken
from livesim.report.naming import product as called
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import (
    ROOM,
    amount,
    at_no_cost,
    costs_nothing,
    counted,
    folded,
    in_one_unit,
    listed,
    not_significant,
    percent,
    some,
    sweep_label,
    within,
)

#: So many products have a table of their own.
_SHOWN_PRODUCTS = 4
#: What is told of a product.
_OF_PRODUCT = ("demand", "sales", "lost", "unavailable")
#: Most columns of what stands above swept values.
_NARROW = 16
#: So many rows are named in a sentence.
_NAMED = 3
#: How a profit compares with the baseline's.
_SIDES = {
    "above": "surely above the baseline's at {values}",
    "below": "surely below the baseline's at {values}",
    "same": "the same as the baseline's at {values}",
    "unsure": "not significantly apart from the baseline's at {values}",
}


def page(sweep: Sweep) -> Page:
    r"""Return a sweep as a page of text.

    Parameters
    ----------
    sweep : Sweep
        The sweep.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.sweep(room, {"deal.guest_fee": [0, 900]}, replications=100, workers=1)
    >>> page(found).tables[0].header
    ('guest fee', 'profit', 'difference', '±\n(95 %)')
    """
    products = [*sweep.scenario.products]
    moving = [product for product in products if _moving(sweep, product)]
    return Page(
        title=_title(sweep),
        answer=(
            *([_nothing_moves(sweep)] if _is_level(sweep) else [_found(sweep), _show(sweep)]),
            *costs_nothing(sweep.comparison.scenarios.values()),
        ),
        details=(
            *map(partial(_product, sweep), moving[:_SHOWN_PRODUCTS]),
            *_left_out(moving, [product for product in products if product not in moving]),
            _basis(sweep),
            Points(notes_told(sweep.comparison)),
        ),
    )


def _title(sweep: Sweep) -> str:
    title = say(
        "{title} over {more} · {currency}",
        title=sweep.scenario.title,
        more=" × ".join(path_labels(sweep.over).values()),
        currency=sweep.scenario.show.currency,
    )
    if sweep.comparison.base == BASELINE:
        other = sweep.comparison.scenarios[BASELINE].title
        title += (
            say(" · against the baseline")
            if other == sweep.scenario.title
            else say(" · against {title}", title=other)
        )
    return title


def _rows(sweep: Sweep) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the shows in the order of the page, and what stands before their figures."""
    if sweep.comparison.base == BASELINE:
        yield BASELINE, (BASELINE, *("" for _ in [*sweep.over][1:]))
    for point in sweep.points:
        yield point.name, tuple(value_told(path, value) for path, value in point.values.items())


def _headings(sweep: Sweep, below: str = "") -> tuple[str, ...]:
    """Return what stands above the columns of swept values, below a product's name or none."""
    names = {**path_labels(sweep.over), f"products.{below}.owned": heading("owned")}
    return tuple(folded(names[path], _NARROW) for path in sweep.over)


def _show(sweep: Sweep) -> Table:
    comparison = sweep.comparison
    base = say("the baseline's") if comparison.base == BASELINE else say("the first row's")
    table = shows_table(comparison, _headings(sweep), _rows(sweep))
    notes = [say("difference: in profit, from {base}", base=base)]
    if any(not_significant() in row for row in table.rows):
        notes.append(not_significant_told())
    return replace(table, note=say("; ").join(notes))


def _is_level(sweep: Sweep) -> bool:
    """Say whether nothing that a show is compared by differs between any two points."""
    differences = (one for row in sweep.comparison.rows for one in row.differences.values())
    profits = sweep.comparison.row("profit").differences
    return bool(profits) and all(one.same and one.value == 0 for one in differences)


def _nothing_moves(sweep: Sweep) -> str:
    """Say what is the same in all rows, and how high it is."""
    profit, sales = (sweep.comparison.row(name).values for name in ("profit", "sales"))
    point = sweep.points[0].name
    return say(
        "Nothing moves: at each of these values the profit is {currency} {profit}, with {units} "
        "sold.",
        currency=sweep.scenario.show.currency,
        profit=amount(profit[point]),
        units=counted(sales[point], "unit"),
    )


def _moving(sweep: Sweep, product: str) -> list[tuple[Row, Callable[[float], str]]]:
    """Return what differs of a product between rows as they are written, and what writes it."""
    found: list[tuple[Row, Callable[[float], str]]] = []
    for row in (sweep.comparison.row(name, product) for name in _OF_PRODUCT):
        is_chance = row.measure.statistic == "chance"
        write: Callable[[float], str] = percent if is_chance else in_one_unit(row.values.values())
        if len({*map(write, row.values.values())}) > 1:
            found.append((row, write))
    return found


def _product(sweep: Sweep, product: str) -> Table:
    found = _moving(sweep, product)
    first, *others = _headings(sweep, product)
    names = [sweep_label(row.measure.name) for row, _ in found]
    return Table(
        header=(f"{folded(called(product), ROOM)}\n\n{first}", *others, *names),
        rows=tuple(
            (*labels, *(write(row.values[show]) for row, write in found))
            for show, labels in _rows(sweep)
            if show in found[0][0].values
        ),
    )


def _left_out(moving: list[str], level: list[str]) -> Iterator[str]:
    """Say which products have no table, as nothing of them moves or there are many."""
    more = len(moving) - _SHOWN_PRODUCTS
    if more > 0:
        yield say("The JSON document has {count}.", count=counted(more, "more product"))
    if level:
        yield say("The same in all rows: {names}.", names=some(map(called, level), 2 * ROOM))


def _found(sweep: Sweep) -> str:
    """Say where the profit is highest, and where it is as high as the baseline's, or 0."""
    profit = sweep.comparison.row("profit").values
    best = max(sweep.points, key=lambda point: profit[point.name])
    currency, *others = {one.show.currency for one in sweep.comparison.scenarios.values()}
    if others:
        return say("Money is in each show's own currency: compare units, chances and times.")
    write, highest = in_one_unit(profit.values()), profit[best.name]
    places = {
        "currency": currency,
        "profit": write(abs(highest)),  # as the table below has it
        "name": quoted(best.name) if len(sweep.over) > 1 else changed(best.values),
        "beside": _beside(sweep, best.name),
        "stock": at_no_cost(sweep.comparison.scenarios.values()),
    }
    told = (
        say("Most profit: {currency} {profit} with {name}{beside}{stock}.", **places)
        if highest >= 0
        else say("Least loss: {currency} {profit} with {name}{beside}{stock}.", **places)
    )
    return say(" ").join((*_crossings(sweep), told))


def _beside(sweep: Sweep, best: str) -> str:
    """Say from which other shows of the page the best one cannot be told apart by its profit."""
    profits = {show: one[SHOW, "profit"] for show, one in sweep.comparison.measured.items()}
    others = [
        labels[0] if len(sweep.over) == 1 or show == BASELINE else quoted(show)
        for show, labels in _rows(sweep)
        if show != best and not mean_difference(profits[show], profits[best]).significant
    ]
    if not others:
        return ""
    told = listed(others) if len(others) <= _NAMED else counted(len(others), "other row")
    return say(", but {others} may be as good (95 %)", others=told)


def _crossings(sweep: Sweep) -> Iterator[str]:
    """Say where the profit is as high as the baseline's, or without one, where it is 0."""
    based = sweep.comparison.base == BASELINE
    try:
        all_found = sweep.crossings("profit", SHOW) if based else sweep.break_even()
    except UsageError:
        if max(sweep.comparison.row("profit").values.values()) < 0:
            yield say("The show makes a loss in every row.")
        return  # several paths, or no numbers: nothing to draw a line through
    path = next(iter(path_labels(sweep.over).values()))
    found = [one for one in all_found if (one.low, one.high) != (None, None)]
    if not found:
        yield _no_crossing(sweep, based, path)
    for crossing in found:
        yield _crossing(sweep, crossing, say("as high as the baseline's") if based else "0")


def _no_crossing(sweep: Sweep, based: bool, path: str) -> str:
    """Say that a profit surely crosses neither the baseline's nor 0."""
    if based:
        return _against_the_baseline(sweep, path)
    profits = sweep.comparison.row("profit").values.values()
    if max(profits) < 0:
        return say("The show makes a loss at all of these values.")
    if min(profits) > 0:
        return say("The show makes a gain at all of these values.")
    return say("At which of these values the profit crosses 0 is not sure.")


def _against_the_baseline(sweep: Sweep, path: str) -> str:
    """Say at which values a profit that surely crosses nowhere is above the baseline's, or not."""
    found = sweep.comparison.row("profit").differences
    sides: dict[str, list[str]] = {}
    for point in sweep.points:
        (value,) = point.values.items()
        apart = found[point.name]
        side = "above" if apart.value > 0 else "below"
        side = side if apart.significant else "same" if apart.low == apart.high else "unsure"
        sides.setdefault(side, []).append(value_told(*value))
    told = [say(_SIDES[side], values=_named(values)) for side, values in sides.items()]
    return say("With {path}, the profit is {told}.", path=path, told=say("; ").join(told))


def _named(values: Sequence[str]) -> str:
    """Return values as a list, or of many how many they are."""
    return listed(values) if len(values) <= _NAMED else counted(len(values), "value")


def _crossing(sweep: Sweep, crossing: Crossing, height: str) -> str:
    """Say where it is; what the line misses between two points is in no interval."""
    path, values = next(iter(sweep.over.items()))
    axis, values = zip(*sorted(zip(sweep.axis, values, strict=True)), strict=True)
    if crossing.at in axis:
        return say(
            "The profit is {height} where {path} is {at}{where}.",
            height=height,
            path=key_label(path),
            at=value_told(path, values[axis.index(crossing.at)]),
            where=_above(crossing),
        )
    return say(
        "The profit is {height} where {path} is about {at}, on a straight line between "
        "{before} and {after}{where}.",
        height=height,
        path=key_label(path),
        at=_crossed_told(sweep, crossing),
        before=value_told(path, values[bisect_left(axis, crossing.at) - 1]),
        after=value_told(path, values[bisect_right(axis, crossing.at)]),
        where=_above(crossing),
    )


def _above(crossing: Crossing) -> str:
    """Say what a profit is at greater values, where that is significant."""
    if crossing.high is None:
        return ""
    return say("; above, it is higher") if crossing.rising else say("; above, it is lower")


def crossed_at(sweep: Sweep, crossing: Crossing) -> str:
    """Return where a sweep crosses, with the digits that are justified; units are whole."""
    if crossing.at in sweep.axis:
        return spoken().number(f"{crossing.at:,.12g}")
    least = 1.0 if sweep.whole else 0.0
    return within(crossing.at, crossing.low, crossing.high, sweep.axis, least)


def _crossed_told(sweep: Sweep, crossing: Crossing) -> str:
    """Return where a sweep crosses as a sentence has it: shares in per cent, times with a unit."""
    if not is_share(next(iter(sweep.over))):
        at = crossed_at(sweep, crossing)
        return f"{at} {sweep.unit}" if sweep.unit else at
    low, high = (None if end is None else 100 * end for end in (crossing.low, crossing.high))
    axis = [100 * one for one in sweep.axis]
    return f"{within(100 * crossing.at, low, high, axis)} %"


def _basis(sweep: Sweep) -> str:
    comparison = sweep.comparison
    return say(
        "Simulation: {replications:,} replications of each point, seed "
        "{seed}, {common}. Each interval is a 95 % "
        "interval of its own: of many, 1 in 20 misses. "
        "{not_significant}: not significant at 95 %.",
        replications=comparison.replications,
        seed=comparison.seed,
        common=in_common(comparison),
        not_significant=not_significant(),
    )
