"""The figures of a plan: the stock curve of each item, and what decides the recommendation.

A stock curve shows what every number of units comes to, with the simulation's error as a band: how
flat the best is can be seen, and what being wrong costs on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from livesim.arrays import Floats
from livesim.planning.columns import level_columns
from livesim.planning.curves import places
from livesim.planning.deciding import purchase_cost
from livesim.planning.drivers import Driver
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.report.drawing import (
    COLOURS,
    GREY,
    LINE,
    on_phone,
    plain_numbers,
    right_of,
    thousands,
)
from livesim.report.labels import with_ends
from livesim.report.language import say
from livesim.report.naming import item as called
from livesim.report.paper import Draw, Paper, name_rows
from livesim.report.rundown import Clock, clock_of, draw_rundown
from livesim.report.wording import amount, counted, large, percent
from livesim.results.intervals import quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PROFIT, _CHANCE, _TIME = COLOURS[0], COLOURS[1], COLOURS[2]
_LOW, _HIGH = COLOURS[0], COLOURS[1]
_GOOD = "#F2E3A1"
#: Light beside what is bought, with an edge that is seen on white.
_OWNED = "#D5DADF"
_SHOWN_ITEMS = 12
_OVERVIEW_ITEMS, _TIMED_ITEMS = 40, 20
#: And on a phone.
_ON_PHONE = 15
#: The least and most height of a row of the overview, and what all have where it is between, or
#: paper would have to make many of them smaller [inches].
_LOW_ROW, _HIGH_ROW, _ROWS = 0.25, 0.4, 5.0
#: Where one item is wanted so many times as much as the usual one, the scale is logarithmic.
_FAR_APART = 20
_SHOWN_DRIVERS = 10
#: How much of a row stands for all shows, at how many moments their share is known, and in how
#: many steps of it a line follows it: each moment made a page of many items a fifth larger.
_ROW, _MOMENTS, _STEPS = 0.8, 91, 20
#: What a bar leaves free beyond its end, of the longest.
_ASIDE = 0.05
#: How far a stock curve's axis may go beyond the last number of units that is known.
_BEYOND = 1.02
#: What a remark takes of a stock curve's width.
_ROOM = 0.25


def drawings(plan: Plan) -> dict[str, Draw]:
    """Return what draws the figures of a plan, by name.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    dict of str to function
        ``overview``: what to have of each item, beside what is wanted; ``stock_NAME`` for an item,
        of many for twelve, first those bought, then those that earn most; ``times``, when each is
        first without stock, below the rundown; ``tornado``, if anything uncertain surely decides.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> curves = build_curves(scenario, replications=250, runner=Runner(workers=1))
    >>> found = livesim.decide_again(curves)
    >>> list(drawings(found))
    ['overview', 'stock_serum', 'stock_lip_tint', 'stock_mask', 'times', 'tornado']
    """
    others = page_drawings(plan)
    curves = {f"stock_{item.name}": partial(draw_stock, plan, item) for item in drawn_items(plan)}
    return {"overview": others.pop("overview"), **curves, **others}


def page_drawings(plan: Plan) -> dict[str, Draw]:
    """Return what draws the figures of the page, which draws stock curves itself."""
    return {
        "overview": partial(_overview, plan),
        "times": partial(_times, plan),
        **({"tornado": partial(_tornado, plan)} if plan.drivers else {}),
    }


def _overview(plan: Plan, paper: Paper) -> None:
    """Draw what to have of each item, owned and bought, beside what is wanted."""
    most = _ON_PHONE if on_phone() else _OVERVIEW_ITEMS
    by_cost = sorted(plan.items, key=lambda item: (-item.cost, -item.recommended))
    items = sorted(by_cost[:most], key=lambda item: item.recommended)
    places = np.arange(len(items))
    row = float(np.clip(_ROWS / len(items), _LOW_ROW, _HIGH_ROW))
    axes = paper.rows([called(item.name) for item in items], row)
    owned, bought = ([getattr(item, what) for item in items] for what in ("owned", "purchase"))
    named = say("you own") if any(owned) else None
    looks: dict[str, Any] = {"color": _OWNED, "edgecolor": GREY, "linewidth": 1.0}
    axes.barh(places, owned, height=0.6, label=named, **looks)
    named = say("buy") if any(bought) else None
    axes.barh(places, bought, left=owned, height=0.6, color=_PROFIT, label=named)
    low, middle, high = (
        np.array([getattr(item.demand, part) or 0.0 for item in items])
        for part in ("p10", "p50", "p90")
    )
    axes.hlines(places, low, high, color="white", linewidth=3.6)  # or dark bars would hide it
    axes.hlines(places, low, high, color=LINE, linewidth=1.6, label=say("wanted: 8 shows of 10"))
    label = say("wanted: the middle show")
    axes.plot(middle, places, "o", color=LINE, markersize=7, markeredgecolor="white", label=label)
    axes.set_ylim(-0.6, len(items) - 0.4)
    axes.set_xlabel(say("units"))
    thousands(axes.xaxis)
    longest = max(max(map(sum, zip(owned, bought, strict=True))), float(high.max()), 1.0)
    axes.set_xlim(0, (1 + _ASIDE) * longest)
    usual = max(float(np.median(high)), 1.0)
    if high.max() > _FAR_APART * usual:  # or all but one would be dots
        _in_powers(axes, _round(usual), longest)
    paper.head(
        plan.scenario.title,
        say("what to have, and what is wanted{rest}", rest=_rest(by_cost[:most], by_cost[most:])),
    )
    paper.key_below()


def _rest(shown: Sequence[ItemPlan], others: Sequence[ItemPlan]) -> str:
    """Return what is bought of items that have no room, beside those that have."""
    if not others:
        return ""
    if not any(item.purchase for item in shown):
        return say("; the {number} of which you have most", number=len(shown))
    count = counted(len(others), "more item")
    if any(item.purchase for item in others):
        return say("; for {count}, less is spent", count=count)
    return say("; of {count}, nothing is bought", count=count)


def _in_powers(axes: Axes, usual: float, longest: float) -> None:
    """Have the scale of units logarithmic above a number of them, with marks that stand apart."""
    from matplotlib.ticker import FixedLocator

    axes.set_xscale("symlog", linthresh=usual)
    axes.set_xlabel(say("units; above {usual} on a logarithmic scale", usual=amount(usual)))
    powers = usual * 10.0 ** np.arange(np.floor(np.log10(longest / usual)) + 1)
    axes.xaxis.set_major_locator(FixedLocator([0.0, *powers]))
    plain_numbers(axes.xaxis)


def _round(number: float) -> float:
    """Return the least of 1, 2, 5, 10, … that is no less than a number."""
    power = 10.0 ** np.floor(np.log10(number))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= number))


def drawn_items(plan: Plan) -> list[ItemPlan]:
    """Return the items whose curves are drawn, in the order of the plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    list of ItemPlan
        Twelve at most: those that are bought first, then those that earn most.
    """
    by_worth = sorted(
        plan.items, key=lambda item: (not item.purchase, -(item.earns_then.mean or 0.0))
    )
    kept = {item.name for item in by_worth[:_SHOWN_ITEMS]}
    return [item for item in plan.items if item.name in kept]


@dataclass(frozen=True)
class _Curve:
    """One item's stock curve, up to where it is worth looking at."""

    item: ItemPlan
    columns: dict[str, Floats]
    currency: str
    end: float


def _curve(plan: Plan, item: ItemPlan) -> _Curve:
    marks = (1.5 * item.recommended, 1.2 * item.good_range[1], 1.1 * item.owned)
    end = max(*marks, item.demand.p90 or 0.0, 1.0)
    columns = level_columns(item.curve)
    end = min(end, _BEYOND * max(columns["units"]))  # beyond, nothing is known
    seen = columns["units"] <= end
    seen[: min(len(seen), int(seen.sum()) + 1)] = True  # the line goes on to the edge
    return _Curve(
        item,
        {name: column[seen] for name, column in columns.items()},
        plan.currency,
        end,
    )


_Panel = Callable[[_Curve, "Axes"], None]


def draw_stock(plan: Plan, item: ItemPlan, paper: Paper) -> None:
    """Draw what every number of units of an item comes to."""
    curve = _curve(plan, item)
    axes = paper.panels(8.2, 3, sharex=True, height_ratios=(1.5, 1, 1))
    title = f"{plan.scenario.title}: {called(item.name)}"
    basis = say(
        "what every number of units comes to, {replications:,} replications",
        replications=plan.curves.replications,
    )
    panels: tuple[_Panel, ...] = (_draw_profit, _draw_chance, _draw_times)
    for draw, panel in zip(panels, axes, strict=True):
        draw(curve, panel)
        _mark(curve, panel)
        panel.set_xlim(0, curve.end)
        thousands(panel.xaxis)
    _name_marks(curve, paper, axes[0])
    handles = axes[-1].lines[:3]
    paper.key_beside(axes[-1], handles, say("of all shows"))
    axes[-1].set_xlabel(say("units in all, owned and bought"))
    paper.head(title, basis)
    # What a layout would find out, in a fraction of its time: all stock curves look alike.
    paper.settle(left=0.1, right=0.77, bottom=0.07, top=0.945, hspace=0.2)


def _title(axes: Axes, text: str) -> None:
    """Say above a panel what it shows; at a set height, as looking for one takes long."""
    axes.set_title(text, loc="left", fontsize=10, y=1.02)


def _draw_profit(curve: _Curve, axes: Axes) -> None:
    columns = curve.columns
    x, profit = columns["units"], columns["earns"]
    between = columns["earns_low"], columns["earns_high"]
    axes.fill_between(x, between[0], between[1], color=_PROFIT, alpha=0.25, linewidth=0)
    axes.plot(x, profit, color=_PROFIT, linewidth=1.8, label="earns")
    _title(axes, say("earns on average, slot fees apart [{currency}]", currency=curve.currency))
    thousands(axes.yaxis)
    few, many = (edge / curve.end for edge in _sides(curve))
    if few > _ROOM:
        _remark(axes, few - 0.01, say("too few: sales are lost"))
    if 1 - many > _ROOM:
        _remark(axes, 0.99, say("too many: left over"))


def _sides(curve: _Curve) -> tuple[float, float]:
    """Return up to where units are too few, and from where on too many.

    What is owned may be more than would be best, and a budget or a pack buy less: the good range is
    then beside the best, as it begins with what can be had.
    """
    low, high = curve.item.good_range
    best = float(curve.columns["units"][np.argmax(curve.columns["earns"])])
    return min(low, best), best if best < low else max(high, best)


def _remark(axes: Axes, right: float, said: str) -> None:
    """Say what a side of the good range costs, ending at a part of the width."""
    axes.text(
        *(right, 0.03, said),
        transform=axes.transAxes,
        ha="right",
        fontsize=8,
        color=LINE,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        zorder=3,
    )


def _draw_chance(curve: _Curve, axes: Axes) -> None:
    x, columns = curve.columns["units"], curve.columns
    low, high = 100 * columns["unavailable_low"], 100 * columns["unavailable_high"]
    axes.fill_between(x, low, high, color=_CHANCE, alpha=0.25, linewidth=0)
    axes.plot(x, 100 * columns["unavailable"], color=_CHANCE, linewidth=1.8)
    axes.set_ylim(0, 102)
    _title(axes, say("nothing on hand while on offer [% of shows]"))


def _draw_times(curve: _Curve, axes: Axes) -> None:
    x = curve.columns["units"]
    for share, style in (("p10", ":"), ("p50", "-"), ("p90", "--")):
        minutes = curve.columns[f"unavailable_after_{share}"] / 60
        shown = np.where(np.isfinite(minutes), minutes, np.nan)
        axes.plot(x, shown, style, color=_TIME, linewidth=1.8, label=share.upper())
    axes.set_ylim(bottom=0)
    _title(axes, say("first without stock, after the link [min]"))
    thousands(axes.yaxis)


def _mark(curve: _Curve, axes: Axes) -> None:
    """Shade the good range and mark what is owned and what is recommended."""
    low, high = curve.item.good_range
    axes.axvspan(low, high, color=_GOOD, alpha=0.7, linewidth=0, zorder=0, label="good range")
    axes.axvline(curve.item.owned, color=LINE, linewidth=1.2, linestyle=(0, (2, 2)), label="owned")
    axes.axvline(curve.item.recommended, color=LINE, linewidth=1.6, label="recommended")


def _name_marks(curve: _Curve, paper: Paper, axes: Axes) -> None:
    low, high = curve.item.good_range
    shown = {
        "earns": say("with its error, 95 %"),
        "good range": say("good range:\n{units}", units=_between(low, high)),
        "owned": say("owned:\n{owned}", owned=large(curve.item.owned)),
        "recommended": say("recommended:\n{units}", units=large(curve.item.recommended)),
    }
    handles, labels = axes.get_legend_handles_labels()
    for handle, label in zip(handles, labels, strict=True):
        handle.set_label(shown[label])
    paper.key_beside(axes, handles)


def _between(low: int, high: int) -> str:
    return large(low) if low == high else f"{large(low)} – {large(high)}"


def _times(plan: Plan, paper: Paper) -> None:
    """Draw when each item is on offer and first without stock, below the rundown."""
    curves, scenario = plan.curves, plan.scenario
    clock = clock_of(scenario)
    shown = sorted(plan.items, key=lambda item: -item.unavailable_then.chance)[:_TIMED_ITEMS]
    shown.sort(key=lambda item: float(np.median(item.curve.levels_of("link_at", 0))))
    names, row = paper.names_of_rows([called(item.name) for item in shown], 0.32)
    heights = (0.9 if on_phone() else 0.6, row * len(shown) + 0.4)
    height = (2.5 if on_phone() else 2.1) + row * len(shown)
    *strips, axes = paper.panels(height, 2, least=1, sharex=True, height_ratios=heights)
    for strip in strips:
        strip.set_xlim(0, clock.end)
        draw_rundown(paper, strip, clock, scenario, curves.slot_starts, {})
    name_rows(axes, names)
    for place, item in enumerate(shown):
        _draw_gone(axes, clock, place, item)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, clock.end)
    axes.set_xlabel(clock.label)
    rest = (
        say("; the {number} most often so", number=len(shown))
        if len(shown) < len(plan.items)
        else ""
    )
    if any(slot.at_sell_out == "next" for slot in scenario.rundown.values()):
        rest += say("; slots as with what you own now")
    paper.head(
        scenario.title,
        say("when items are first without stock, as recommended{rest}", rest=rest),
    )
    _name_times(paper)


def _draw_gone(axes: Axes, clock: Clock, row: int, item: ItemPlan) -> None:
    """Draw from when on an item is on offer, and which share of shows is without stock by then."""
    level = int(places(item.then.levels, item.have)[0])
    link, after = (item.then.levels_of(name, level) for name in ("link_at", "unavailable_after"))
    gone = np.sort(link + after) / clock.seconds
    starts, middle = quantile(link, 0.5), quantile(gone, 0.5)
    if starts is not None:
        axes.hlines(row, starts / clock.seconds, clock.end, color=GREY, linewidth=1.5)
    if gone[0] < clock.end:  # from when on it is so in any show: before, there is nothing to see
        moments = np.linspace(gone[0], clock.end, _MOMENTS)
        share = np.searchsorted(gone, moments, side="right") / len(gone)
        steps = np.flatnonzero(np.diff(np.round(_STEPS * share)))
        seen = np.unique([0, *steps, *(steps + 1), _MOMENTS - 1])
        half, moments = _ROW / 2 * share[seen], moments[seen]
        axes.fill_between(moments, row - half, row + half, color=_CHANCE, linewidth=0, zorder=2)
    if middle is not None:
        axes.plot(middle, row, "o", color=LINE, markersize=4)
    right_of(axes, row, percent(item.unavailable_then.chance))


def _name_times(paper: Paper) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=GREY, linewidth=1.5, label=say("on offer")),
        Patch(color=_CHANCE, label=say("without stock by then (whole row: all shows)")),
        Line2D(
            [], [], color=LINE, marker="o", markersize=4, linestyle="", label=say("half of shows")
        ),
        Line2D([], [], linestyle="", label=say("right: share of shows without stock")),
    ]
    paper.key_below(handles)


def _tornado(plan: Plan, paper: Paper) -> None:
    """Draw how the recommendation moves if a quantity were known to be low or high."""
    drivers = plan.drivers[:_SHOWN_DRIVERS][::-1]
    middle = _moved(plan, plan.decision.units)
    lows = [_moved(plan, driver.low) for driver in drivers]
    highs = [_moved(plan, driver.high) for driver in drivers]
    places = [float(place) for place in range(len(drivers))]
    axes = paper.rows([with_ends(driver.path) for driver in drivers], 0.5)
    for place, low, high in zip(places, lows, highs, strict=True):
        _draw_bars(axes, place, middle, {_LOW: low, _HIGH: high})
    axes.axvline(middle, color=LINE, linewidth=1.6)
    axes.use_sticky_edges = False
    axes.margins(x=_ASIDE)
    worths = [_worth(driver, plan.currency) for driver in drivers]
    paper.beside(axes, say("value of\ninformation"), dict(zip(places, worths, strict=True)))
    axes.set_xlabel(
        say("units to have")
        if len(plan.items) == 1
        else say("what is bought, all items together [{currency}]", currency=plan.currency)
    )
    thousands(axes.xaxis)
    title = say("{title}: what decides it", title=plan.scenario.title)
    basis = say("the recommendation if a quantity were known to be in its lowest or highest fifth")
    paper.head(title, basis)
    unmoved = [end for end in (*lows, *highs) if end == middle]
    _name_bars(paper, some_stay=bool(unmoved), unsure=not all(one.significant for one in drivers))


def _draw_bars(axes: Axes, place: float, middle: float, ends: dict[str, float]) -> None:
    """Draw the bars of one quantity, the longer one behind: both can lie on the same side."""
    for colour, end in sorted(ends.items(), key=lambda bar: -abs(bar[1] - middle)):
        axes.barh(place, end - middle, left=middle, height=0.62, color=colour)


def _worth(driver: Driver, currency: str) -> str:
    """Return what knowing a quantity is worth."""
    if not driver.significant:
        return say("not\nsignificant")
    value = driver.value_of_information
    return f"{currency} {amount(value.mean)}\n± {amount(value.half_width)}"


def _name_bars(paper: Paper, *, some_stay: bool, unsure: bool) -> None:
    """Write the key: of the bars, of those that are missing, and of a value that is not sure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=LINE, linewidth=1.6, label=say("recommended")),
        Patch(color=_LOW, label=say("if low")),
        Patch(color=_HIGH, label=say("if high")),
    ]
    remarks = [say("no bar: as recommended")] * some_stay
    remarks += [say("not significant: maybe 0")] * unsure
    handles += [Line2D([], [], linestyle="", label=remark) for remark in remarks]
    paper.key_below(handles)


def _moved(plan: Plan, number: tuple[int, ...]) -> float:
    """Return what would be had of the only item [units], or spent on several [currency]."""
    if len(number) == 1:
        return float(number[0] + plan.curves.items[0].arriving)
    return purchase_cost(plan.curves, number)
