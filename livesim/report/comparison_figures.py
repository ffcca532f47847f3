"""The figure of a comparison: how far the profit of each show is from that of the base."""

from __future__ import annotations

from functools import partial

from livesim.experiment.comparison import Comparison
from livesim.report.changes import base_told, show_name
from livesim.report.drawing import COLOURS, name_below, thousands
from livesim.report.language import say
from livesim.report.paper import Draw, Paper


def drawings(comparison: Comparison) -> dict[str, Draw]:
    """Return what draws the figures of a comparison, by name.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    dict of str to function
        ``profit``: each show's difference from the base with its 95 % interval; nothing where all
        have currencies of their own.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fee = room.with_changes({"deal.guest_fee": 1000})
    >>> list(drawings(livesim.compare({"a": room, "b": fee}, replications=100, workers=1)))
    ['profit']
    """
    alone = not comparison.row("profit").differences
    return {} if alone else {"profit": partial(_profit, comparison)}


def _profit(comparison: Comparison, paper: Paper) -> None:
    found, base = comparison.row("profit").differences, base_told(comparison)
    currency = comparison.scenarios[comparison.base].show.currency
    axes = paper.rows([*map(show_name, found)], 0.4)
    for place, difference in enumerate(found.values()):
        axes.plot([difference.low, difference.high], [place, place], color=COLOURS[0])
        axes.plot(difference.value, place, "o", color=COLOURS[0])
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_ylim(len(found) - 0.4, -0.6)
    label = say(
        "profit above that of {base} [{currency}]", base=base_told(comparison), currency=currency
    )
    name_below(axes, label)
    thousands(axes.xaxis)
    paper.head(
        say("what the shows earn above {base}", base=base),
        say("mean and its 95 % interval"),
    )
