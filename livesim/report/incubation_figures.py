"""The figures of an incubator: what trying more, longer and more often is worth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from livesim.arrays import Floats
from livesim.planning.incubation import Evaluation, Incubation
from livesim.report.drawing import COLOURS, plain_numbers, thousands
from livesim.report.incubation_tables import first_shows
from livesim.report.language import known, say
from livesim.report.paper import Draw, Paper
from livesim.report.wording import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_STYLES = ("-", "--", ":", "-.")
#: How far a kind of trial stands from the next, of the width of what is tried.
_ASIDE = 0.006


def drawings(found: Incubation) -> dict[str, Draw]:
    """Return what draws the figures of an incubator's evaluations, by name.

    Parameters
    ----------
    found : Incubation
        The evaluations.

    Returns
    -------
    dict of str to function
        ``tried`` (how often the best is picked, and the net, over the number tried) and ``talent``
        (trial against worth, one dot a candidate).

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate("scenarios/incubator.yaml", tried=[5, 20], lengths=[1200],
    ...     shows=[1], candidates=100, later_shows=2, workers=1)
    >>> list(drawings(found))
    ['tried', 'talent']
    """
    return {"tried": partial(_tried, found), "talent": partial(_talent, found)}


def by_trial(found: Incubation) -> dict[tuple[float, int], list[Evaluation]]:
    """Return what was looked at by length [s] and number of trial shows, the fewest tried first.

    Parameters
    ----------
    found : Incubation
        The evaluations.

    Returns
    -------
    dict of tuple to list of Evaluation
    """
    trials: dict[tuple[float, int], list[Evaluation]] = {}
    for one in sorted(found.designs, key=lambda one: one.design.tried):
        trials.setdefault((one.design.length, one.design.shows), []).append(one)
    return dict(sorted(trials.items(), key=lambda trial: trial[0][::-1]))


def _tried(found: Incubation, paper: Paper) -> None:
    picked, net = paper.panels(6.4, 2, sharex=True)
    trials = by_trial(found)
    lengths = [*dict.fromkeys(length for length, _ in trials)]
    numbers = [*dict.fromkeys(shows for _, shows in trials)]
    for number, ((length, shows), of_trial) in enumerate(trials.items()):
        aside = (number - (len(trials) - 1) / 2) * _ASIDE
        colour = COLOURS[lengths.index(length) % len(COLOURS)]
        style = _STYLES[numbers.index(shows) % len(_STYLES)]
        _draw(picked, of_trial, "picked", 100.0, colour, style, "", aside)
        label = f"{shows} × {duration(length)}"
        _draw(net, of_trial, "net", 1.0, colour, style, label, aside)
    picked.set_ylabel(say("the best is picked\n[% of groups]"))
    net.set_ylabel(
        say(
            "net of the {found}\n[{currency}]",
            found=first_shows(found),
            currency=found.scenario.show.currency,
        )
    )
    net.set_xlabel(say("candidates tried"))
    net.set_xticks(sorted({one.design.tried for one in found.designs}))  # no half ones
    thousands(net.yaxis)
    paper.key_beside(net, title=say("trial shows × length"))
    basis = say("{candidates:,} candidates; bars: 95 % intervals", candidates=found.pool.candidates)
    paper.head(found.scenario.title, basis)


def _draw(
    axes: Axes,
    evaluations: list[Evaluation],
    name: str,
    scale: float,
    colour: str,
    style: str,
    label: str,
    aside: float,
) -> None:
    """Draw what trials of a kind come to; bars stand beside those of other kinds."""
    tried = np.array([evaluation.design.tried for evaluation in evaluations])
    x = tried + aside * np.ptp(tried)
    measured = [getattr(evaluation, name) for evaluation in evaluations]
    value = scale * np.array([one.value for one in measured])
    possible = (0.0, 1.0) if name == "picked" else ()  # a share of groups
    ends = [one.interval(*possible) or (one.value, one.value) for one in measured]
    low, high = scale * np.array(ends).T
    axes.vlines(x, low, high, color=colour, alpha=0.6, linewidth=1.2)
    axes.plot(x, value, style, color=colour, marker="o", markersize=3, label=label)


def _talent(found: Incubation, paper: Paper) -> None:
    design = found.asked.design
    trial = found.pool.score(found.incubator.judged_by, design.length, design.shows)
    worth = found.pool.profit.mean(axis=1)
    axes = paper.panel(5)
    axes.plot(trial, worth, "o", markersize=3, alpha=0.4, color=COLOURS[0])
    _in_decades(axes.xaxis, axes.set_xscale, trial)
    _in_decades(axes.yaxis, axes.set_yscale, worth)
    what = known(found.incubator.judged_by.replace("_", " "))
    axes.set_xlabel(
        say(
            "{what} in the trial: {shows} × {length}",
            what=what,
            shows=design.shows,
            length=duration(design.length),
        )
    )
    axes.set_ylabel(
        say("expected profit of a later show [{currency}]", currency=found.scenario.show.currency)
    )
    paper.head(say("What a trial tells: one dot a candidate"))


def _in_decades(axis: Axis, scale: Callable[..., None], figures: Floats) -> None:
    """Mark an axis at 0 and at powers of ten, between whose lowest it is linear."""
    from matplotlib.ticker import FixedLocator

    sizes = np.abs(figures)
    smallest = np.quantile(sizes, 0.25, method="inverted_cdf")
    lowest = int(np.ceil(np.log10(max(smallest, 1.0))))
    highest = int(np.ceil(np.log10(max(sizes.max(), 1.0))))
    powers = [10.0**n for n in range(lowest, max(lowest, highest) + 1)]
    scale("symlog", linthresh=powers[0])
    low, high = float(min(figures)), float(max(figures))
    marks = [0.0, *powers, *(-power for power in powers)]
    axis.set_major_locator(FixedLocator([m for m in marks if low <= m <= high]))
    plain_numbers(axis)
