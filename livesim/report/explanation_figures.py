"""The figure of an explanation: what each input does alone and with others, and where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from livesim.explaining.explanation import Explanation
from livesim.report.drawing import COLOURS, LINE, drawing, head, key_below, name_below, rows_of
from livesim.report.labels import label
from livesim.report.language import known, say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: So many inputs are drawn.
_SHOWN: Final = 12


def figures(found: Explanation) -> dict[str, Figure]:
    """Return the figures of an explanation by name.

    Parameters
    ----------
    found : Explanation
        The explanation.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``shares``: of each input which share of the variance it has alone, and with others, with
        95 % intervals; and the share of chance.
    """
    inputs = found.shares.inputs[:_SHOWN]
    rows = [(label(share.path), share.first, share.total) for share in inputs]
    if found.chance is not None:
        rows.append((say("chance"), found.chance, found.chance))
    with drawing():
        places = np.arange(len(rows))[::-1]
        figure, axes = rows_of([name for name, _, _ in rows[::-1]], 0.5)
        for number, (name, height) in enumerate(
            ((say("alone"), 0.16), (say("with others"), -0.16))
        ):
            parts = [(first, total)[number] for _, first, total in rows]
            values = np.array([max(part.value, 0.0) for part in parts])
            ends = np.array([[max(part.low, 0.0), part.high] for part in parts]).reshape(-1, 2)
            apart = np.abs(ends.T - values)
            axes.barh(places + height, values, height=0.3, color=COLOURS[number], label=name)
            axes.errorbar(
                values, places + height, xerr=apart, fmt="none", ecolor=LINE, elinewidth=1.2
            )
        axes.set_xlim(left=0.0)
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        name_below(axes, say("share of the variance, with 95 % intervals"))
        head(figure, found.scenario.title, say("what makes {of} vary", of=known(found.of)))
        key_below(figure)
    return {"shares": figure}
