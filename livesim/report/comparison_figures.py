"""The figure of a comparison: how far the profit of each show is from that of the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livesim.experiment.comparison import Comparison
from livesim.report.drawing import COLOURS, drawing, head, name_below, rows_of, thousands
from livesim.report.language import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(comparison: Comparison) -> dict[str, Figure]:
    """Return the figures of a comparison by name.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``profit``: each show's difference from the base with its 95 % interval; nothing where all
        have currencies of their own.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fee = room.with_changes({"deal.guest_fee": 1000})
    >>> list(figures(livesim.compare({"a": room, "b": fee}, replications=100, workers=1)))
    ['profit']
    """
    found = comparison.row("profit").differences
    if not found:
        return {}
    currency = comparison.scenarios[comparison.base].show.currency
    with drawing():
        figure, axes = rows_of([*found], 0.4)
        for place, difference in enumerate(found.values()):
            axes.plot([difference.low, difference.high], [place, place], color=COLOURS[0])
            axes.plot(difference.value, place, "o", color=COLOURS[0])
        axes.axvline(0.0, color="black", linewidth=0.8)
        axes.set_ylim(len(found) - 0.4, -0.6)
        head(
            figure,
            say("what the shows earn above {base}", base=comparison.base),
            say("mean and its 95 % interval"),
        )
        label = say(
            "profit above that of {base} [{currency}]", base=comparison.base, currency=currency
        )
        name_below(axes, label)
        thousands(axes.xaxis)
    return {"profit": figure}
