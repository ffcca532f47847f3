"""The figure of a show on the air: what is still wanted of each product, beside what is there."""

from __future__ import annotations

from functools import partial
from typing import Any

from livesim.planning.live import LivePlan
from livesim.report.drawing import COLOURS, GREY, LINE, thousands
from livesim.report.language import say
from livesim.report.naming import product
from livesim.report.paper import Draw, Paper
from livesim.report.wording import duration


def drawings(found: LivePlan) -> dict[str, Draw]:
    """Return what draws the figures of a show on the air, by name.

    Parameters
    ----------
    found : LivePlan
        What is to be expected of it.

    Returns
    -------
    dict of str to function
        ``wanted``: demand of the whole show as planned and as it is expected now, P10 to P90, and
        the units that there are.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> list(drawings(livesim.replan(room, {"at": "10min", "viewers": 400}, shows=50)))
    ['wanted']
    """
    return {"wanted": partial(_wanted, found)}


def _wanted(found: LivePlan, paper: Paper) -> None:
    axes = paper.rows([product(one.product) for one in found.products], 0.6)
    apart = 0.15 if any(one.before is not None for one in found.products) else 0.0
    for place, one in enumerate(found.products):
        ranges = (
            (say("planned"), one.before, -apart, GREY),
            (say("now"), one.demand, apart, COLOURS[0]),
        )
        for name, range_, shift, colour in ranges:
            if range_ is not None:
                label = name if not place else None
                ends = [range_.p10 or 0.0, range_.p90 or 0.0]
                axes.plot(ends, [place + shift] * 2, color=colour, linewidth=4, label=label)
                axes.plot(range_.p50 or 0.0, place + shift, "o", color=colour)
        there = one.on_hand + one.sold
        axes.plot([there] * 2, [place - 0.4, place + 0.4], color=LINE, linewidth=2)
    axes.set_ylim(len(found.products) - 0.4, -0.6)
    axes.set_xlim(left=0)
    title = say("what is wanted, as seen after {at} on the air", at=duration(round(found.at)))
    axes.set_xlabel(say("units wanted in the whole show"))
    thousands(axes.xaxis)
    mark: dict[str, Any] = {"marker": "|", "markersize": 14, "markeredgewidth": 2, "linestyle": ""}
    axes.plot([], [], color=LINE, label=say("units put on sale"), **mark)  # upright, as in the rows
    paper.key_below()
    paper.head(title, say("P10 to P90, and the middle"))
