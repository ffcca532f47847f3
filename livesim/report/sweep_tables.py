"""A sweep as a page of text: one row a point, and where the profit crosses the base's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from livesim.errors import UsageError
from livesim.experiment.comparison import SHOW
from livesim.experiment.pairing import mean_difference
from livesim.experiment.swept import BASELINE, Crossing, Sweep, told
from livesim.report.comparison_tables import (
    in_common,
    not_significant_told,
    notes_told,
    shows_table,
)
from livesim.report.language import Called, say
from livesim.report.naming import product as called
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import (
    NOT_SIGNIFICANT,
    amount,
    at_no_cost,
    costs_nothing,
    counted,
    listed,
    percent,
    sweep_label,
    within,
)

#: So many products have a table of their own.
_SHOWN_PRODUCTS = 4
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
    ('deal.\nguest_fee', 'profit', 'difference', '±\n(95 %)')
    """
    products = [*sweep.scenario.products]
    return Page(
        title=_title(sweep),
        answer=(
            _found(sweep),
            _show(sweep),
            *costs_nothing(sweep.comparison.scenarios.values()),
        ),
        details=(
            *(_product(sweep, product) for product in products[:_SHOWN_PRODUCTS]),
            *_left_out(products),
            _basis(sweep),
            Points(notes_told(sweep.comparison)),
        ),
    )


def _title(sweep: Sweep) -> str:
    title = say(
        "{title} over {more} · {currency}",
        title=sweep.scenario.title,
        more=" × ".join(sweep.over),
        currency=sweep.scenario.show.currency,
    )
    if sweep.comparison.base == BASELINE:
        title += say(" · against {title}", title=sweep.comparison.scenarios[BASELINE].title)
    return title


def _rows(sweep: Sweep) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the shows in the order of the page, and what stands before their figures."""
    if sweep.comparison.base == BASELINE:
        yield BASELINE, (BASELINE, *("" for _ in [*sweep.over][1:]))
    for point in sweep.points:
        yield point.name, tuple(map(_shown, point.values.values()))


def _endings(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the last two names of each path, or as many as tell it from the others.

    The title has the whole paths.

    Examples
    --------
    >>> _endings(["viewers", "people.kim.fit.kim_fans"])
    ('viewers', 'fit.kim_fans')
    >>> _endings(["people.kim.fit.kim_fans", "people.viya.fit.kim_fans"])
    ('kim.fit.kim_fans', 'viya.fit.kim_fans')
    """
    names = [path.split(".") for path in paths]
    for kept in range(2, max(map(len, names))):
        endings = tuple(".".join(one[-kept:]) for one in names)
        if len(set(endings)) == len(paths):
            return endings
    return tuple(paths)


def _folded(path: str) -> str:
    """Return a path in two lines, the last name alone in the second."""
    before, dot, last = path.rpartition(".")
    return Called(f"{before}{dot}\n{last}" if dot else last)


def _shown(value: Any) -> str:
    whole = isinstance(value, int | float) and float(value).is_integer()
    return Called(f"{value:,.0f}" if whole else told(value))


def _show(sweep: Sweep) -> Table:
    comparison = sweep.comparison
    header = tuple(map(_folded, _endings([*sweep.over])))
    base = say("the baseline's") if comparison.base == BASELINE else say("the first row's")
    table = shows_table(comparison, header, _rows(sweep))
    notes = [say("difference: in profit, from {base}", base=base)]
    if any(NOT_SIGNIFICANT in row for row in table.rows):
        notes.append(not_significant_told())
    return replace(table, note=say("; ").join(notes))


def _product(sweep: Sweep, product: str) -> Table:
    names = ("demand", "sales", "lost", "unavailable")
    rows = [sweep.comparison.row(name, product) for name in names]
    write: tuple[Callable[[float], str], ...] = (amount, amount, amount, percent)
    first, *others = _endings([*sweep.over])
    return Table(
        header=(f"{called(product)}\n\n{first}", *others, *map(sweep_label, names)),
        rows=tuple(
            (
                *labels,
                *(w(row.values[show]) for w, row in zip(write, rows, strict=True)),
            )
            for show, labels in _rows(sweep)
            if show in rows[0].values
        ),
    )


def _left_out(products: list[str]) -> Iterator[str]:
    more = len(products) - _SHOWN_PRODUCTS
    if more > 0:
        yield say("The JSON document has {count}.", count=counted(more, "more product"))


def _found(sweep: Sweep) -> str:
    """Say where the profit is highest, and where it is as high as the baseline's, or 0."""
    profit = sweep.comparison.row("profit").values
    best = max(sweep.points, key=lambda point: profit[point.name])
    currency, *others = {one.show.currency for one in sweep.comparison.scenarios.values()}
    if others:
        return say("Money is in each show's own currency: compare units, chances and times.")
    highest = say(
        "Most profit: {currency} {profit} at {name}{beside}{stock}.",
        currency=currency,
        profit=amount(profit[best.name]),
        name="; ".join(f"{path}={_shown(value)}" for path, value in best.values.items()),
        beside=_beside(sweep, best.name),
        stock=at_no_cost(sweep.comparison.scenarios.values()),
    )
    return say(" ").join((*_crossings(sweep), highest))


def _beside(sweep: Sweep, best: str) -> str:
    """Say from which other shows of the page the best one cannot be told apart by its profit."""
    profits = {show: one[SHOW, "profit"] for show, one in sweep.comparison.measured.items()}
    others = [
        labels[0] if len(sweep.over) == 1 else show
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
    path = next(iter(sweep.over))
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
        return say("The show makes a loss at all of these values of {path}.", path=path)
    if min(profits) > 0:
        return say("The show makes a gain at all of these values of {path}.", path=path)
    return say("At which of these values of {path} the profit crosses 0 is not sure.", path=path)


def _against_the_baseline(sweep: Sweep, path: str) -> str:
    """Say at which values a profit that surely crosses nowhere is above the baseline's, or not."""
    found = sweep.comparison.row("profit").differences
    sides: dict[str, list[str]] = {}
    for point in sweep.points:
        apart = found[point.name]
        side = "above" if apart.value > 0 else "below"
        side = side if apart.significant else "same" if apart.low == apart.high else "unsure"
        sides.setdefault(side, []).append(_shown(point.values[path]))
    told = [say(_SIDES[side], values=_named(values)) for side, values in sides.items()]
    return say("With {path}, the profit is {told}.", path=path, told=say("; ").join(told))


def _named(values: Sequence[str]) -> str:
    """Return values as a list, or of many how many they are."""
    return listed(values) if len(values) <= _NAMED else counted(len(values), "value")


def _crossing(sweep: Sweep, crossing: Crossing, height: str) -> str:
    """Say where it is; what the line misses between two points is in no interval."""
    path, values = next(iter(sweep.over.items()))
    return say(
        "The profit is {height} where {path} is about {at}{unit}, on a straight line between "
        "{before} and {after}{where}.",
        height=height,
        path=path,
        at=crossed_at(sweep, crossing),
        unit=f" {sweep.unit}" if sweep.unit else "",
        before=told(values[bisect_left(sweep.axis, crossing.at) - 1]),
        after=told(values[bisect_right(sweep.axis, crossing.at)]),
        where=_above(crossing),
    )


def _above(crossing: Crossing) -> str:
    """Say what a profit is at greater values, where that is significant."""
    if crossing.high is None:
        return ""
    return say("; above, it is higher") if crossing.rising else say("; above, it is lower")


def crossed_at(sweep: Sweep, crossing: Crossing) -> str:
    """Return where a sweep crosses, with the digits that are justified; units are whole."""
    least = 1.0 if sweep.whole else 0.0
    return within(crossing.at, crossing.low, crossing.high, sweep.axis, least)


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
        not_significant=NOT_SIGNIFICANT,
    )
