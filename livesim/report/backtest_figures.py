"""The figure of a back-test: where past shows lay in their forecasts."""

from __future__ import annotations

from functools import partial

import numpy as np

from livesim.learning.backtest import Backtest
from livesim.report.drawing import COLOURS, LINE
from livesim.report.language import known, say
from livesim.report.paper import Draw, Paper


def drawings(found: Backtest) -> dict[str, Draw]:
    """Return what draws the figures of a back-test, by name.

    Parameters
    ----------
    found : Backtest
        The back-test.

    Returns
    -------
    dict of str to function
        ``pit``: of each measure a histogram of the chances that forecasts gave to at most what
        came. It is flat where forecasts are right, a hill where they are too wide, a valley where
        they are too narrow. Nine of ten counts of right forecasts lie within the band.
    """
    return {"pit": partial(_pit, found)}


def band(forecasts: int) -> tuple[float, float]:
    """Return between which counts nine of ten tenths lie where forecasts are right.

    Parameters
    ----------
    forecasts : int
        How many there are.

    Returns
    -------
    tuple of float
    """
    from scipy.special import bdtrik

    low, high = (float(bdtrik(chance, forecasts, 0.1)) for chance in (0.05, 0.95))
    return low, high


def _pit(found: Backtest, paper: Paper) -> None:
    from matplotlib.ticker import MaxNLocator

    number = len(found.scored)
    axes = paper.row(number, 3.6)
    for place, (name, one) in enumerate(found.scored.items()):
        count = len(one.pit)
        axes[place].stairs(one.tenths(), np.linspace(0.0, 1.0, 11), fill=True, color=COLOURS[place])
        if count:
            low, high = band(count)
            axes[place].axhspan(low, high, color=LINE, alpha=0.15, linewidth=0, zorder=0)
        axes[place].set_title(
            say("{name}, {count:,} forecasts", name=known(name), count=count),
            loc="left",
            fontsize=10,
        )
        axes[place].set_xlabel(say("chance that was given to at most what came"))
        axes[place].xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes[place].set_ylabel(say("forecasts"))
        axes[place].yaxis.set_major_locator(MaxNLocator(integer=True))
    paper.head(
        say("where past shows lay in their forecasts: flat where these are right"),
        say("grey: where nine of ten counts lie if they are"),
    )
