"""The rundown as a table and as a strip below what happens over a show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from livesim.report.language import say
from livesim.report.naming import person, product
from livesim.report.naming import slot as called
from livesim.report.pages import Table
from livesim.report.wording import duration, wrapped
from livesim.results.intervals import quantile
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GREY = "#9A9A9A"


@dataclass(frozen=True)
class Clock:
    """The axis of time: seconds to the unit that suits a show's length.

    Parameters
    ----------
    seconds
        Of one unit [s].
    label
        What stands below the axis.
    end
        Of the show, in that unit.
    """

    seconds: float
    label: str
    end: float


def clock_of(scenario: Scenario) -> Clock:
    """Return the axis of time of a show."""
    length = scenario.show.length
    if length > 4 * 3600:
        return Clock(3600.0, "hours since the start", length / 3600)
    return Clock(60.0, "minutes since the start", length / 60)


def rundown(scenario: Scenario, starts: Floats) -> Table:
    """Return the slots of a show with when they start and who is on stage.

    Parameters
    ----------
    scenario
        The show.
    starts
        When slots started [s], inf if they did not, shape (R, slots).
    """
    rows = tuple(
        (
            called(name),
            *(_moment(quantile(column, share)) for share in (0.1, 0.5, 0.9)),
            say(", ").join(map(person, slot.on_stage)),
            say(", ").join(map(product, slot.sells)),
        )
        for (name, slot), column in zip(scenario.rundown.items(), starts.T, strict=True)
    )
    note = say("starts: after the start of the show; -: not in so many shows")
    return Table(("slot", "starts\nP10", "P50", "P90", "on stage", "sells"), rows, note, words=2)


def slots(scenario: Scenario, starts: Floats) -> Iterator[tuple[str, float, float]]:
    """Yield the name, start and end [s] of each slot that most shows came to, in the median."""
    middle = np.median(starts, axis=0)
    shown = [(n, s) for n, s in zip(scenario.rundown, middle, strict=True) if np.isfinite(s)]
    ends = [*[start for _, start in shown[1:]], scenario.show.length]
    for (name, start), limit in zip(shown, ends, strict=True):
        yield name, start, min(start + scenario.rundown[name].length, limit)


def draw_rundown(
    axes: Axes, clock: Clock, scenario: Scenario, starts: Floats, colours: Mapping[str, str]
) -> None:
    """Draw the slots, each in the colour of what it sells if that has one."""
    for name, start, end in slots(scenario, starts):
        sells = scenario.rundown[name].sells
        colour = colours.get(sells[0], _GREY) if len(sells) == 1 else _GREY
        left, width = start / clock.seconds, (end - start) / clock.seconds
        axes.broken_barh(
            [(left, width)], (0, 1), facecolor=colour, alpha=0.35, edgecolor="white", linewidth=1
        )
        text = "\n".join(wrapped(called(name), 12))
        label = axes.text(left + width / 2, 0.5, text, ha="center", va="center", fontsize=8)
        label.set_gid(f"{left} {left + width}")
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_ylabel("rundown", rotation=0, ha="right", va="center")
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)


def keep_what_fits(figure: Figure, axes: Axes) -> None:
    """Remove the names of slots that are larger than their slot."""
    figure.draw_without_rendering()  # the layout is known only now
    fits = []
    for label in axes.texts:
        box = label.get_window_extent()
        left, right = map(float, str(label.get_gid()).split())
        (x0, y0), (x1, y1) = axes.transData.transform([(left, 0), (right, 1)])
        fits.append(box.width <= x1 - x0 - 2 and box.height <= y1 - y0)
    for label, fit in zip(list(axes.texts), fits, strict=True):
        label.set_gid(None)
        if not fit:
            label.remove()


def _moment(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)
