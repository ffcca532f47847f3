"""The figures of a sweep: lines with bands over the swept value, and where they cross.

All points share their random numbers, so how far they are from each other is known much better than
each of them is. A band is the 95 % interval of the difference from the baseline, or without one
from the line's first point, drawn from there on; of a median, that of each point for itself. A
crossing is marked where the lines cross, without an interval: what straight lines between points
miss is in none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

from livesim.errors import UsageError
from livesim.experiment.comparison import OF_PRODUCT, SHOW, Measure, Row
from livesim.experiment.pairing import chance_difference, mean_difference
from livesim.experiment.swept import BASELINE, Crossing, Sweep, crossings, interval, number
from livesim.report.changes import changed
from livesim.report.drawing import (
    COLOURS,
    LINE,
    name_below,
    small,
    thousands,
)
from livesim.report.labels import key_label, key_unit
from livesim.report.language import heading, known, say
from livesim.report.naming import product as called
from livesim.report.paper import Draw, Paper
from livesim.report.sweep_tables import crossed_at
from livesim.report.wording import folded, listed, sweep_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRAWN_PRODUCTS = 4
_DRAWN_PATHS = 4


@dataclass(frozen=True)
class Line:
    """One line: figures with their intervals over the swept values.

    Parameters
    ----------
    name
        Beside it.
    x
        The swept values.
    middle, low, high
        The figure at each, and its interval.
    """

    name: str
    x: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def drawings(sweep: Sweep) -> dict[str, Draw]:
    """Return what draws the figures of a sweep, by name.

    Parameters
    ----------
    sweep : Sweep
        Over one path, or two: the first along the axis, a line for each value of the second.

    Returns
    -------
    dict of str to function
        ``profit``, ``sales``, and of the first four products ``demand_NAME`` and
        ``sold_out_NAME``; nothing where more than two paths are swept or the first has no numbers.
        Of points that are no grid ``profit`` alone, over each of the first four paths.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.sweep(room, {"deal.guest_fee": [0, 900]}, replications=100, workers=1)
    >>> list(drawings(found))[:3]
    ['profit', 'sales', 'demand_serum']
    """
    return _drawn(sweep, _measures(sweep))


def refuse_undrawn(over: Mapping[str, Sequence[Any]], points: int) -> None:
    """Refuse a figure of a sweep that has none, before it is simulated.

    Parameters
    ----------
    over : mapping of str to sequence
        The values by path.
    points : int
        How many there are: a grid has every combination of the values.

    Raises
    ------
    UsageError
        If more than two paths span a grid, or there are no numbers for the axis.
    """
    grid = points == math.prod(map(len, over.values()))
    instead = "or keep it as .html, .xlsx, .csv or a folder"
    if grid and len(over) > 2:
        raise UsageError(
            f"{len(over)} paths are swept, and a figure shows one or two: sweep fewer, {instead}"
        )
    with_axis = [path for path, values in over.items() if _numbers(path, values)]
    first = next(iter(over))
    if not with_axis:
        raise UsageError(
            f"{first} is swept over what are no numbers, so no figure has an axis for it: give "
            f"numbers alone, {instead}"
        )
    if grid and first not in with_axis:
        raise UsageError(
            f"{first} is swept over what are no numbers, so no figure has an axis for it: name "
            f"{with_axis[0]} first, {instead}"
        )


def page_drawings(sweep: Sweep) -> dict[str, Draw]:
    """Return what draws the page's figures: the profit, and what moves along the axis."""
    every = _measures(sweep)
    if not (sweep.is_grid and can_be_drawn(sweep)):
        return _drawn(sweep, every)
    moving = {n: what for n, what in every.items() if n == "profit" or _moves(sweep, *what)}
    return _drawn(sweep, moving)


def _moves(sweep: Sweep, measure: str, product: str) -> bool:
    """Say whether a measure's line, or one of them, is not level."""
    return any(len({*line.middle}) > 1 for line in lines(sweep, "", measure, product))


def _measures(sweep: Sweep) -> dict[str, tuple[str, str]]:
    """Return the measure and product of each figure of a sweep over one path or two."""
    shown = {"profit": ("profit", SHOW), "sales": ("sales", SHOW)}
    products = sweep.scenario.products
    for product in [*products][:_DRAWN_PRODUCTS]:
        shown |= {f"{name}_{product}": (name, product) for name in ("demand", "sold_out")}
    return shown


def _drawn(sweep: Sweep, measures: Mapping[str, tuple[str, str]]) -> dict[str, Draw]:
    if not sweep.is_grid:
        return {"profit": partial(_clouds, sweep)} if _known(sweep) else {}
    if not can_be_drawn(sweep):
        return {}
    return {name: partial(draw_lines, {"": sweep}, *what) for name, what in measures.items()}


def draw_lines(sweeps: Mapping[str, Sweep], measure: str, product: str, paper: Paper) -> None:
    """Draw one measure of one sweep or several over the swept value.

    Parameters
    ----------
    sweeps : mapping of str to Sweep
        By the name of the line. Of one sweep, its base is drawn, too, and where they cross; of two
        over equal values, where the two cross.
    measure : str
        What is drawn, as in `Sweep.table`.
    product : str
        Of which product; of the show if empty.
    paper : Paper
        Where to.

    Raises
    ------
    UsageError
        If there is nothing to draw, a sweep is over more than two paths or over what are no
        numbers, or there is no such measure.
    """
    if not sweeps:
        raise UsageError("there is no sweep to draw: give one by its name")
    first = next(iter(sweeps.values()))
    row = first.comparison.row(measure, product)
    drawn = [line for name, one in sweeps.items() for line in lines(one, name, measure, product)]
    axes = paper.panel(4.8)
    for line, colour in zip(_together(drawn), cycle(COLOURS), strict=False):
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(line.x, line.middle, color=colour, marker="o", markersize=3, label=line.name)
    _mark(axes, _crossings([*sweeps.values()], measure, product), next(iter(sweeps.values())))
    _name(axes, first, row.measure, product)
    titles = tuple(dict.fromkeys(one.scenario.title for one in sweeps.values()))
    paper.head(f"{listed(titles)}: {_what(row.measure, product)}", _basis(first, row, product))
    if len(drawn) > 1:
        paper.key_beside(axes)


def _together(drawn: Sequence[Line]) -> Iterator[Line]:
    """Yield lines, those that lie on each other as one, with the widest band."""
    lying: dict[tuple[tuple[float, ...], ...], list[Line]] = {}
    for line in drawn:
        lying.setdefault((line.x, line.middle), []).append(line)
    for same in lying.values():
        yield replace(
            same[0],
            name="\n".join(line.name for line in same),
            low=tuple(map(min, zip(*(line.low for line in same), strict=True))),
            high=tuple(map(max, zip(*(line.high for line in same), strict=True))),
        )


def _known(sweep: Sweep) -> dict[str, list[float]]:
    """Return the swept values of each path that has numbers."""
    return {path: x for path, values in sweep.over.items() if (x := _numbers(path, values))}


def _clouds(sweep: Sweep, paper: Paper) -> None:
    """Draw the profit of points that are no grid over each path that has numbers."""
    row = sweep.comparison.row("profit", SHOW)
    profit = [row.values[point.name] for point in sweep.points]
    shown = dict(list(_known(sweep).items())[:_DRAWN_PATHS])
    panels = paper.row(len(shown), 3.8, sharey=True)
    for axes, x in zip(panels, shown.values(), strict=True):
        axes.plot(x, profit, "o", color=COLOURS[0], markersize=4, alpha=0.7)
        thousands(axes.xaxis)
    _name(panels[0], sweep, row.measure, SHOW)
    for axes, path in zip(panels, shown, strict=True):
        axes.set_xlabel(folded(axis(sweep, path), 24))
    basis = say(
        "a point a show, {replications:,} replications each",
        replications=sweep.comparison.replications,
    )
    paper.head(sweep.scenario.title, say("mean profit; {basis}", basis=basis))


def _numbers(path: str, values: Sequence[Any]) -> list[float]:
    """Return swept values as numbers; nothing where one is none."""
    try:
        return [number(path, value) for value in values]
    except UsageError:
        return []


def can_be_drawn(sweep: Sweep) -> bool:
    """Say whether a sweep has lines: over one path or two, the first of numbers."""
    return len(sweep.over) <= 2 and bool(_numbers(*next(iter(sweep.over.items()))))


def lines(sweep: Sweep, name: str, measure: str, product: str) -> Iterator[Line]:
    """Yield a sweep's line, or one for each value of its second path, and its baseline.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    name : str
        Of its only line; empty: its show's.
    measure, product : str
        As for :func:`draw_lines`.

    Yields
    ------
    Line

    Raises
    ------
    UsageError
        If it is over more than two paths or over what are no numbers.
    """
    paths = [*sweep.over]
    if len(paths) > 2:
        raise UsageError(f"{len(paths)} paths are swept, and a figure shows one or two")
    x = tuple(number(paths[0], value) for value in sweep.over[paths[0]])
    step = len(sweep.points) // len(x)
    for place in range(step):
        shows = [point.name for point in sweep.points[place::step]]
        value = sweep.points[place].values[paths[-1]]
        own = name or sweep.comparison.scenarios[shows[0]].title
        label = own if step == 1 else changed({paths[1]: value})
        yield _line(sweep, label, x, shows, measure, product)
    has_base = (
        product == SHOW or product in sweep.comparison.scenarios[sweep.comparison.base].products
    )
    if sweep.comparison.base == BASELINE and not name and has_base:
        yield _line(sweep, say("baseline"), x, [BASELINE] * len(x), measure, product)


def _line(
    sweep: Sweep, name: str, x: tuple[float, ...], shows: Sequence[str], measure: str, product: str
) -> Line:
    row = sweep.comparison.row(measure, product)
    scale = 100.0 if row.measure.statistic == "chance" else 1.0
    base = BASELINE if BASELINE in row.values else shows[0]
    points = [(row.values[show], *_ends(sweep, row, show, base)) for show in shows]
    middle, low, high = (tuple(scale * one for one in ones) for ones in zip(*points, strict=True))
    return Line(folded(name, 28), x, middle, low, high)


def _ends(sweep: Sweep, row: Row, show: str, base: str) -> tuple[float, float]:
    """Return the ends of a point's band: its difference from a base, of a median its interval."""
    measure, measured = row.measure, sweep.comparison.measured
    figures, of_base = (measured[one][row.product, measure.name] for one in (show, base))
    if measure.statistic == "median":
        return interval(measure, figures)
    difference = chance_difference if measure.statistic == "chance" else mean_difference
    apart = difference(of_base, figures)
    if apart.same:
        return row.values[show], row.values[show]
    most = 1.0 if measure.statistic == "chance" else math.inf
    first = row.values[base]
    return max(first + apart.low, measure.least), min(first + apart.high, most)


def _crossings(sweeps: Sequence[Sweep], measure: str, product: str) -> tuple[Crossing, ...]:
    """Return where a sweep crosses its baseline, or two sweeps each other."""
    try:
        if len(sweeps) == 2:
            return crossings(sweeps[0].axis, sweeps[0].against(sweeps[1], measure, product))
        if len(sweeps) == 1 and sweeps[0].comparison.base == BASELINE:
            return sweeps[0].crossings(measure, product)
    except UsageError:
        return ()
    return ()


def _mark(axes: Axes, found: Sequence[Crossing], sweep: Sweep) -> None:
    for crossing in found:
        axes.axvline(crossing.at, color=LINE, linewidth=1.0, linestyle="--")
        axes.annotate(
            say("about {at}", at=crossed_at(sweep, crossing)),
            (crossing.at, 1.0),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=small(),
            color=LINE,
        )


def _name(axes: Axes, sweep: Sweep, measure: Measure, product: str) -> None:
    units = {"currency": sweep.scenario.show.currency, "1": say("% of shows")}
    unit = units.get(measure.unit, known(measure.unit))
    axes.set_ylabel(folded(f"{_what(measure, product)} [{unit}]", 48))
    name_below(axes, axis(sweep, next(iter(sweep.over))))
    thousands(axes.xaxis)
    thousands(axes.yaxis)
    if measure.statistic == "chance":
        axes.set_ylim(-2, 102)


def _what(measure: Measure, product: str) -> str:
    what = sweep_label(measure.name)
    return f"{called(product)}: {what}" if product else what


def axis(sweep: Sweep, path: str) -> str:
    """Return what stands below the axis of a swept path: the key in words, with its unit."""
    units = {"currency": sweep.scenario.show.currency, "units": say("units")}
    unit = sweep.unit or units.get(key_unit(path).partition("/")[0], "")
    return f"{key_label(path)} [{unit}]" if unit else key_label(path)


def _basis(sweep: Sweep, row: Row, product: str) -> str:
    of = (
        say("mean")
        if row.measure in OF_PRODUCT[:3] or not product
        else heading(row.measure.statistic)
    )
    of_what = (
        ""
        if row.measure.statistic == "median"
        else say(" of the difference from the baseline")
        if BASELINE in row.values
        else say(" of the difference from the first point")
    )
    return say(
        "{of} and 95 % interval{of_what}, {replications:,} replications a point",
        of=of,
        of_what=of_what,
        replications=sweep.comparison.replications,
    )
