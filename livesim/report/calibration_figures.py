"""The figure of a calibration: what past shows were, and where the next one lies."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from livesim.learning.calibration import QUANTILES, Calibration
from livesim.report.calibration_tables import factor_called
from livesim.report.drawing import COLOURS, LINE, name_below, plain_numbers
from livesim.report.language import say
from livesim.report.paper import Draw, Paper

#: Which numbers an axis has of each power of ten, where its ends are so many times apart, or less.
_MANY_TIMES: Final = 8.0
_FAR: Final = (1.0, 2.0, 5.0)
_NEAR: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


def drawings(found: Calibration) -> dict[str, Draw]:
    """Return what draws the figures of a calibration, by name.

    Parameters
    ----------
    found : Calibration
        The calibration.

    Returns
    -------
    dict of str to function
        ``factors``: of viewers, of orders per viewer and of each product the factor on what the
        scenario tells, as a band from the 10th to the 90th percentile with the median.
    """
    return {"factors": partial(_factors, found)}


def _factors(found: Calibration, paper: Paper) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    factors = found.next_show
    axes = paper.rows([factor_called(found, name) for name in factors], 0.35)
    for place, values in enumerate(factors.values()):
        low, middle, high = np.quantile(values, QUANTILES, method="inverted_cdf")
        axes.plot([low, high], [place, place], color=COLOURS[0], linewidth=5, alpha=0.5)
        axes.plot([middle], [place], "o", color=COLOURS[0])
    axes.axvline(1.0, color=LINE, linewidth=0.8)
    axes.set_xscale("log")
    least, most = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=_FAR if most > _MANY_TIMES * least else _NEAR))
    axes.xaxis.set_minor_locator(NullLocator())
    plain_numbers(axes.xaxis)
    axes.invert_yaxis()
    name_below(axes, say("times what the file says: P10, median, P90"))
    paper.head(found.scenario.title, say("what past shows say of the next one"))
