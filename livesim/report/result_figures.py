"""The figures: stock left, viewers and orders over the show, with the rundown below.

Each panel shows the median of all replications and the band that holds 8 shows of 10. Figures are
made without any global state, and the same result gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from livesim.arrays import Array
from livesim.experiment.random_inputs import heard_in_block
from livesim.randomness import BLOCK
from livesim.report.drawing import (
    COLOURS,
    LINE,
    fitted,
    on_phone,
    small,
    thousands,
    whole_numbers,
)
from livesim.report.language import say
from livesim.report.naming import product
from livesim.report.paper import Draw, Paper
from livesim.report.rundown import Clock, clock_of, draw_rundown, slots
from livesim.report.wording import duration, folded
from livesim.results.curves import at, few, quantiles
from livesim.results.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What a band shows of the replications: 8 shows of 10 around the median.
_BAND = (0.1, 0.5, 0.9)
_SHOWN_PRODUCTS = len(COLOURS)
_SHOWN_LINKS = 8
#: A key of more lines has no room beside a panel.
_KEY_LINES = 7
#: Links closer than this part of the show have no room for a name each.
_APART, _APART_ON_PHONE = 0.06, 0.14
#: Between a panel and its title, beside the names of links [points].
_BESIDE_LINKS = 8
#: Most bins of orders, and how wide they may be [s].
_ORDER_BINS = 60
_BINS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)


def drawings(result: Result) -> dict[str, Draw]:
    """Return what draws the figures of a result, by name.

    Parameters
    ----------
    result : Result
        What happened.

    Returns
    -------
    dict of str to function
        ``overview`` (stock, viewers and orders), ``stock`` (a panel a product), ``viewers`` and
        ``orders``; ``campaign``, the days before the show, where there was one.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> list(drawings(livesim.simulate(room, replications=50)))
    ['overview', 'stock', 'viewers', 'orders']
    """
    clock = clock_of(result.scenario)
    over_time = partial(_over_time_with_key, result, clock)
    return {
        "overview": partial(over_time, tuple(_PANELS.values())),
        "stock": partial(_stock_over_time, result, clock),
        **{name: partial(over_time, (_PANELS[name],)) for name in ("viewers", "orders")},
        **({"campaign": partial(_campaign, result)} if result.scenario.campaign else {}),
    }


def page_drawings(result: Result) -> dict[str, Draw]:
    """Return what draws the figures of the page: its overview has those of single panels."""
    of_all = drawings(result)
    return {name: draw for name, draw in of_all.items() if name not in ("viewers", "orders")}


def _over_time_with_key(
    result: Result, clock: Clock, panels: tuple[_Panel, ...], paper: Paper
) -> None:
    """Draw panels over the show, and say which colour is which product's."""
    axes = _over_time(result, clock, panels, paper)
    stock = _draw_stock in panels
    in_slots = _in_slots_of_their_own(result) if len(axes) > len(panels) else set()
    colours = {n: hue for n, hue in _drawn_colours(result).items() if stock or n in in_slots}
    if colours:
        _name_products(result, paper, axes[0], colours)
    of_stock = [_never_on_hand(result)] if stock else []
    paper.head(result.scenario.title, _basis(result), *filter(None, of_stock))


def _in_slots_of_their_own(result: Result) -> set[str]:
    """Return the products that a slot sells alone, which has their colour in the rundown."""
    slots_of = (slot.sells for slot in result.scenario.rundown.values())
    return {sells[0] for sells in slots_of if len(sells) == 1}


def _stock_over_time(result: Result, clock: Clock, paper: Paper) -> None:
    """Draw the stock of each product in a panel below its name, which has its colour."""
    _over_time(result, clock, _stock_panels(result), paper)
    told = filter(None, [_of_all(result), _never_on_hand(result)])
    paper.head(result.scenario.title, _basis(result), *told)


def _over_time(
    result: Result, clock: Clock, panels: tuple[_Panel, ...], paper: Paper
) -> list[Axes]:
    """Draw panels over the show, and the rundown below them; return all of these."""
    number = len(panels)
    strip = 0.3 if on_phone() else 0.24 if number == 1 else 0.22
    panel_high = 2.0 if on_phone() else 2.5 if number == 1 else 1.7
    height = 1.6 + panel_high * number
    heights = [*[1.0] * number, strip]
    axes = paper.panels(height, number + 1, least=number, sharex=True, height_ratios=heights)
    for draw, panel in zip(panels, axes, strict=False):
        draw(result, clock, panel)
        panel.set_ylim(0, None if panel.dataLim.y1 > 0 else 1)
        _mark_links(result, clock, panel)
    for panel in axes:
        panel.set_xlim(0, clock.end)
    _name_links(result, clock, axes[0])
    axes[-1].set_xlabel(clock.label)
    starts, colours = _timeline(result)["slot_starts"], _drawn_colours(result)
    for strip_axes in axes[number:]:
        draw_rundown(paper, strip_axes, clock, result.scenario, starts, colours, clock.label)
    axes[0].figure.align_ylabels(axes)
    return axes


def _campaign(result: Result, paper: Paper) -> None:
    """Draw who has heard by each day; the first block's replications are simulated once more.

    Where rows of inputs gave what a campaign came to, it is another one with the same reviewers.
    """
    rows = min(result.replications, BLOCK)
    known = {path: values[:rows] for path, values in result.outcome.inputs.items()}
    days, heard = heard_in_block(result.scenario, result.seed, 0, rows, known)
    axes = paper.panel(4)
    for colour, (name, shares) in zip(COLOURS, heard.items(), strict=False):
        if shares.any():
            heard_of = np.quantile(100 * shares, _BAND, axis=0, method="inverted_cdf")
            _draw_band(axes, days, heard_of, colour, name)
    axes.set_ylabel(say("have heard of the show\n[% of the segment; median, P10–P90]"))
    axes.set_xlabel(say("days since the campaign began"))
    axes.set_xlim(0, days[-1])
    axes.set_ylim(0)
    axes.legend(loc="upper left")
    paper.head(result.scenario.title)


def _basis(result: Result) -> str:
    length = duration(result.scenario.show.length)
    return say(
        "{length}; median and 8 shows of 10 (P10–P90) of {replications:,} replications",
        length=length,
        replications=result.replications,
    )


_Panel = Callable[[Result, Clock, "Axes"], None]


def _draw_stock(result: Result, clock: Clock, axes: Axes) -> None:
    """Draw the middle of each product's stock; units and the band where it is the only one."""
    (first, *others), colours = _product_colours(result), _drawn_colours(result)
    if not others:
        _draw_stock_of(first, result, clock, axes)
        axes.set_ylabel(say("stock left\n[units on hand]"))
    else:
        times = _timeline(result)["times"] / clock.seconds
        for name, colour in colours.items():
            (middle,) = _on_hand(result, name, (0.5,))
            shares = 100 * middle / max(middle.max(), 1.0)  # a product of many would hide the rest
            there = np.logical_or.accumulate(middle > 0) if middle.any() else np.isfinite(middle)
            axes.plot(times[there], shares[there], color=colour, linewidth=1.6)
        axes.set_ylabel(say("median units on hand\n[% of their most]"))


def _stock_panels(result: Result) -> tuple[_Panel, ...]:
    """Return a panel for the stock of each product: bands over one another cannot be read."""
    return tuple(partial(_draw_named_stock_of, name) for name in _drawn_colours(result))


def _drawn_colours(result: Result) -> dict[str, str]:
    """Return the colours of the products whose stock is drawn: what never has any, only alone."""
    every, without = _product_colours(result), _without_units(result)
    return {name: colour for name, colour in every.items() if name not in without} or every


def _without_units(result: Result) -> list[str]:
    """Return the products that have no unit at any moment."""
    names = _product_colours(result)
    return [name for name in names if not _on_hand(result, name, (1.0,)).any()]


def _never_on_hand(result: Result) -> str | None:
    """Say which products have no unit at any moment; None: none, or all of them."""
    names = _without_units(result)
    if len(names) in {0, len(_product_colours(result))}:
        return None
    return say("no units: {names}", names=say(", ").join(map(product, names)))


def _draw_named_stock_of(name: str, result: Result, clock: Clock, axes: Axes) -> None:
    """Draw a product's stock below its name, which is too long for a panel's side."""
    _draw_stock_of(name, result, clock, axes)
    called = "\n".join(fitted(product(name), 30 if on_phone() else 80))
    axes.set_title(called, loc="left", fontsize=10, pad=small() + _BESIDE_LINKS)


def _draw_stock_of(name: str, result: Result, clock: Clock, axes: Axes) -> None:
    times = _timeline(result)["times"] / clock.seconds
    colour = _product_colours(result)[name]
    _draw_band(axes, times, _on_hand(result, name, _BAND), colour, product(name))
    axes.set_ylabel(say("units on hand"))
    whole_numbers(axes.yaxis)


def _draw_viewers(result: Result, clock: Clock, axes: Axes) -> None:
    times = _timeline(result)["times"] / clock.seconds
    _draw_band(axes, times, quantiles(result.outcome, "concurrent", _BAND), LINE, "")
    axes.set_ylabel(say("watching\n[concurrent viewers]"))
    whole_numbers(axes.yaxis)


def _draw_orders(result: Result, clock: Clock, axes: Axes) -> None:
    axes.set_ylabel(say("orders\n[per minute]"))
    thousands(axes.yaxis)
    times = _timeline(result)["times"]
    edges = _edges(times)
    if len(edges) < 2:  # a show that goes on at its last moment
        return
    bins = few(np.arange(len(edges) - 1), result.replications)
    bands = [_orders_per_minute(result, edges[[*some, some[-1] + 1]]) for some in bins]
    low, middle, high = np.concatenate(bands, axis=1)
    times = times[edges]
    moments = times / clock.seconds
    axes.stairs(high, moments, baseline=low, fill=True, color=LINE, alpha=0.22, linewidth=0)
    axes.stairs(middle, moments, baseline=None, color=LINE, linewidth=1.6)


def _orders_per_minute(result: Result, edges: Array) -> Array:
    """Return the band of the orders between some moments, shape (3, moments − 1) [1/min]."""
    times = _timeline(result)["times"][edges]
    orders = at(result.outcome, "orders", edges)
    a_minute = np.diff(orders, axis=1) / np.diff(times) * 60
    return np.asarray(np.quantile(a_minute, _BAND, axis=0, method="inverted_cdf"))


_PANELS: dict[str, _Panel] = {
    "stock": _draw_stock,
    "viewers": _draw_viewers,
    "orders": _draw_orders,
}


def _draw_band(axes: Axes, times: Array, band: Array, colour: str, label: str) -> None:
    low, middle, high = band
    axes.fill_between(times, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(times, middle, color=colour, linewidth=1.6, label=label)


def _name_products(result: Result, paper: Paper, axes: Axes, colours: Mapping[str, str]) -> None:
    """Write the key beside a panel, or below all where long names make it higher than that."""
    from matplotlib.patches import Patch

    names = {one: fitted(product(one), 24, split=_at_marks) for one in colours}
    beside = sum(map(len, names.values())) <= _KEY_LINES
    if not beside:
        names = {one: fitted(product(one), 34 if on_phone() else 80) for one in colours}
    handles = [Patch(label="\n".join(names[one]), color=hue) for one, hue in colours.items()]
    if beside:
        paper.key_beside(axes, handles, _of_all(result))
    else:
        paper.key_below(handles, _of_all(result))


def _of_all(result: Result) -> str | None:
    """Return how many of all products are shown; None: all."""
    shown, total = len(_product_colours(result)), len(result.scenario.products)
    if shown == total:
        return None
    return say("the {number} that sell most of {total}", number=shown, total=total)


def _at_marks(name: str, width: int) -> list[str]:
    return folded(name, width).splitlines()


def _mark_links(result: Result, clock: Clock, axes: Axes) -> None:
    for moment in _links(result, clock):
        axes.axvline(moment, color="#444444", linewidth=1, linestyle=(0, (2, 2)))


def _name_links(result: Result, clock: Clock, axes: Axes) -> None:
    """Name the links above a panel: each where all have room, or else what they are drawn as."""
    moments = _links(result, clock)
    apart = (_APART_ON_PHONE if on_phone() else _APART) * clock.end
    each = all(next_ - moment >= apart for moment, next_ in pairwise(moments))
    for moment in moments if each else moments[:1]:
        axes.annotate(
            say("link") if each else say("dotted: links"),
            (moment, 1),
            (0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=small(),
            color="#444444",
            ha="center" if each else "left",
            va="bottom",
        )


def _links(result: Result, clock: Clock) -> list[float]:
    """Return when the links open, in the clock's unit; nothing where they are too many to mark."""
    rundown = result.scenario.rundown
    selling = [
        (name, start)
        for name, start, _ in slots(result.scenario, _timeline(result)["slot_starts"])
        if rundown[name].sells
    ]
    if len(selling) > _SHOWN_LINKS:
        return []
    return [(start + rundown[name].link) / clock.seconds for name, start in selling]


def _timeline(result: Result) -> Mapping[str, Array]:
    return result.outcome.timeline


def _on_hand(result: Result, name: str, shares: tuple[float, ...]) -> Array:
    """Return quantiles of a product's units on hand, shape (shares, N)."""
    number = list(result.scenario.products).index(name)
    return quantiles(result.outcome, "on_hand", shares, number)


def _product_colours(result: Result) -> dict[str, str]:
    """Return the colours of the products that sell most, in the order of the file."""
    sales = result.outcome.products["sales"].mean(axis=0)
    shown = sorted(np.argsort(-sales, kind="stable")[:_SHOWN_PRODUCTS])
    names = list(result.scenario.products)
    return {names[index]: colour for index, colour in zip(shown, COLOURS, strict=False)}


def _edges(times: Array) -> Array:
    """Return where the bins of orders begin and end: where it can be at round times, as links."""
    last = len(times) - 1
    step = max(1, -(-last // _ORDER_BINS))
    moment = times[1] - times[0] if step > 1 else 0.0
    widths = (wide / moment for wide in _BINS if moment and wide % moment == 0)
    round_ = next((int(wide) for wide in widths if step <= wide <= 2 * step), step)
    return np.unique(np.append(np.arange(0, last + 1, round_), last))
