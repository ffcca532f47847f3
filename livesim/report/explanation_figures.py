"""The figure of an explanation: what each input does alone and with others, and where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from livesim.explaining.explanation import Explanation
from livesim.explaining.sobol import Part, Share
from livesim.report.drawing import COLOURS, LINE, name_below
from livesim.report.explanation_tables import figure_name
from livesim.report.labels import label
from livesim.report.language import say
from livesim.report.paper import Draw, Paper
from livesim.report.wording import counted

#: So many inputs are drawn, and only those that have so much of the variance.
_SHOWN: Final = 12
_LEAST: Final = 0.01


def drawings(found: Explanation) -> dict[str, Draw]:
    """Return what draws the figures of an explanation, by name.

    Parameters
    ----------
    found : Explanation
        The explanation.

    Returns
    -------
    dict of str to function
        ``shares``: of each input which share of the variance it has alone, and with others, with
        95 % intervals; and the share of chance.
    """
    return {"shares": partial(_shares, found)}


def drawn_inputs(found: Explanation) -> list[tuple[str, Part, Part]]:
    """Return the name of each input that is drawn, its share alone, and with others; and chance.

    Parameters
    ----------
    found : Explanation
        The explanation.

    Returns
    -------
    list of tuple
    """
    rows = [(label(share.path), share.first, share.known) for share in _inputs(found)]
    if found.chance is not None:
        rows.append((say("chance"), found.chance, found.chance))
    return rows


def _inputs(found: Explanation) -> Sequence[Share]:
    every = found.shares.inputs
    return [share for share in every if share.known.value >= _LEAST][:_SHOWN] or every[:1]


def _shares(found: Explanation, paper: Paper) -> None:
    rows = drawn_inputs(found)
    places = np.arange(len(rows))[::-1]
    axes = paper.rows([name for name, _, _ in rows[::-1]], 0.5)
    alone, others = say("alone"), say("with others")
    bars = [(alone, 0.16), (others, -0.16)] if found.shares.together else [(alone, 0.0)]
    for number, (name, height) in enumerate(bars):
        parts = [(first, total)[number] for _, first, total in rows]
        values = np.array([max(part.value, 0.0) for part in parts])
        ends = np.array([[max(part.low, 0.0), part.high] for part in parts]).reshape(-1, 2)
        apart = np.abs(ends.T - values)
        axes.barh(places + height, values, height=0.3, color=COLOURS[number], label=name)
        for colour, wide in (("white", 3.2), (LINE, 1.2)):  # or dark bars would hide it
            axes.errorbar(
                values, places + height, xerr=apart, fmt="none", ecolor=colour, elinewidth=wide
            )
    axes.set_xlim(left=0.0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    name_below(axes, say("share of the variance (95 % intervals)"))
    more = len(found.shares.inputs) - len(_inputs(found))
    rest = say("; {count}: less than 1 % each", count=counted(more, "more input")) if more else ""
    paper.head(
        found.scenario.title, say("what makes {of} vary{rest}", of=figure_name(found.of), rest=rest)
    )
    paper.key_below()
