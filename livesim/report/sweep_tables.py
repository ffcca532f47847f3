"""A sweep as a page of text: one row a point, and where the profit crosses the base's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from livesim.errors import UsageError
from livesim.experiment.comparison import SHOW
from livesim.experiment.pairing import Difference
from livesim.experiment.sweeping import BASELINE, Crossing, Sweep
from livesim.report.comparison_tables import notes_told
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import NOT_SIGNIFICANT, amount, counted, percent, sweep_label, within

#: So many products have a table of their own.
_SHOWN_PRODUCTS = 4


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
    >>> page(found).tables[0].header  # doctest: +ELLIPSIS
    ('deal.\nguest_fee', 'profit', 'difference', '95 %\nwithin ±', 'units\nsold', 'GMV', ...)
    """
    products = [*sweep.comparison.scenarios[sweep.points[0].name].products]
    return Page(
        title=_title(sweep),
        parts=(
            Points(notes_told(sweep.comparison)),
            _show(sweep),
            *(_product(sweep, product) for product in products[:_SHOWN_PRODUCTS]),
            *_left_out(products),
            *_crossings(sweep),
            _basis(sweep),
        ),
    )


def _title(sweep: Sweep) -> str:
    show = sweep.comparison.scenarios[sweep.points[0].name]
    title = f"{show.title} over {' × '.join(sweep.over)} · {show.show.currency}"
    if sweep.comparison.base == BASELINE:
        title += f" · against {sweep.comparison.scenarios[BASELINE].title}"
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
    return f"{before}{dot}\n{last}" if dot else last


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _show(sweep: Sweep) -> Table:
    comparison = sweep.comparison
    profit, sales, gmv, viewers = (
        comparison.row(name) for name in ("profit", "sales", "gmv", "unique_viewers")
    )
    return Table(
        header=(
            *map(_folded, _endings([*sweep.over])),
            *("profit", "difference", "95 %\nwithin ±", "units\nsold", "GMV", "unique\nviewers"),
        ),
        rows=tuple(
            (
                *labels,
                amount(profit.values[show]),
                *_difference(profit.differences.get(show)),
                *(amount(row.values[show]) for row in (sales, gmv, viewers)),
            )
            for show, labels in _rows(sweep)
        ),
        note="the profit's difference is from the baseline's"
        if comparison.base == BASELINE
        else "the profit's difference is from the first row's",
    )


def _difference(found: Difference | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    if found.same:
        return "same", ""
    error = "no bound" if found.half_width is None else amount(found.half_width)
    if not found.significant:
        return NOT_SIGNIFICANT, error
    return f"{'+' if found.value > 0 else '-'}{amount(abs(found.value))}", error


def _product(sweep: Sweep, product: str) -> Table:
    names = ("demand", "sales", "lost", "unavailable")
    rows = [sweep.comparison.row(name, product) for name in names]
    write: tuple[Callable[[float], str], ...] = (amount, amount, amount, percent)
    first, *others = _endings([*sweep.over])
    return Table(
        header=(f"{product}\n\n{first}", *others, *map(sweep_label, names)),
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
        yield f"--json and --out have {counted(more, 'more product')}."


def _crossings(sweep: Sweep) -> Iterator[str]:
    """Say where the profit is as high as the baseline's."""
    if sweep.comparison.base != BASELINE:
        return
    try:
        found = sweep.crossings("profit", SHOW)
    except UsageError:
        return  # several paths, or no numbers: nothing to draw a line through
    path = next(iter(sweep.over))
    if not found:
        yield f"The profit does not cross the baseline's for any of these values of {path}."
    for crossing in found:
        yield _crossing(sweep, crossing)


def _crossing(sweep: Sweep, crossing: Crossing) -> str:
    at, low, high = within(crossing.at, crossing.low, crossing.high, sweep.axis)
    where = "higher" if crossing.rising else "lower"
    unit = f" {sweep.unit}" if sweep.unit else ""
    return (
        f"The profit is as high as the baseline's where {next(iter(sweep.over))} is {at}{unit} "
        f"(95 %: {low or 'below the lowest'} to {high or 'beyond the highest'}), and {where} above."
    )


def _basis(sweep: Sweep) -> str:
    comparison = sweep.comparison
    return (
        f"Simulation: {comparison.replications:,} replications of each point, seed "
        f"{comparison.seed}, with common random numbers. Each interval is a 95 % interval of its "
        f"own: of many, 1 in 20 misses. {NOT_SIGNIFICANT}: not significant at 95 %."
    )
