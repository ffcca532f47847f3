"""The rundown as a table and as a strip below what happens over a show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from livesim.arrays import Floats
from livesim.report.drawing import fitted, on_phone, small
from livesim.report.language import say
from livesim.report.naming import person, product
from livesim.report.naming import slot as called
from livesim.report.pages import Table
from livesim.report.paper import Paper
from livesim.report.wording import columns, duration, wrapped
from livesim.results.intervals import quantile
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GREY = "#9A9A9A"
#: What a column of a slot's name takes, as a part of its size.
_LETTER = 0.65
#: What stays free before a long number in a row, as a part of that.
_BETWEEN = 0.4
#: What the strip has of a figure's width at least.
_STRIP, _STRIP_ON_PHONE = 0.7, 0.55
#: What the key has of it, as it begins below the strip, right of the names of rows.
_KEY, _KEY_ON_PHONE = 0.68, 0.58
#: Most columns and lines of a name in its slot, and most rows of numbers.
_FOLD, _LINES, _ROWS = 14, 2, 3
#: With more slots than this the key would be longer than the figure, and on a phone with more
#: lines: the numbers are the rundown's, which a page has below it.
_NAMED, _KEY_LINES = 80, 12
#: Height of a line of the key [inches a point].
_HIGH = 0.02
_GLUE = "\N{NO-BREAK SPACE}"


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
        return Clock(3600.0, say("hours since the start"), length / 3600)
    return Clock(60.0, say("minutes since the start"), length / 60)


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
        (f"{number} {name}", *map(_moment, times), stage, sells)
        for number, (name, *times, stage, sells) in enumerate(timeline(scenario, starts), start=1)
    )
    note = say("starts: after the start of the show; -: not in so many shows")
    return Table(("slot", "starts\nP10", "P50", "P90", "on stage", "sells"), rows, note, words=2)


def timeline(scenario: Scenario, starts: Floats) -> Iterator[tuple[Any, ...]]:
    """Yield of each slot its name, when it starts (P10, P50, P90) [s], who is on stage, what sells.

    Parameters
    ----------
    scenario, starts
        As for :func:`rundown`.
    """
    for (name, slot), column in zip(scenario.rundown.items(), starts.T, strict=True):
        stage, sells = map(person, slot.on_stage), map(product, slot.sells)
        times = (quantile(column, share) for share in (0.1, 0.5, 0.9))
        yield called(name), *times, say(", ").join(stage), say(", ").join(sells)


def slots(scenario: Scenario, starts: Floats) -> Iterator[tuple[str, float, float]]:
    """Yield the name, start and end [s] of each slot that most shows came to, in the median."""
    middle = np.median(starts, axis=0)
    shown = [(n, s) for n, s in zip(scenario.rundown, middle, strict=True) if np.isfinite(s)]
    ends = [*[start for _, start in shown[1:]], scenario.show.length]
    for (name, start), limit in zip(shown, ends, strict=True):
        yield name, start, min(start + scenario.rundown[name].length, limit)


def draw_rundown(
    paper: Paper,
    axes: Axes,
    clock: Clock,
    scenario: Scenario,
    starts: Floats,
    colours: Mapping[str, str],
    label: str = "",
) -> None:
    """Draw the slots with their names, or where these have no room, with numbers and a key below.

    Parameters
    ----------
    paper, axes
        Where to; a figure of its own grows by the key.
    clock
        The axis of time.
    scenario, starts
        As for :func:`rundown`.
    colours
        By product: a slot has the colour of what it sells.
    label
        What stands below the axis.
    """
    shown = list(slots(scenario, starts))
    boxes = [(start / clock.seconds, (end - start) / clock.seconds) for _, start, end in shown]
    sold = [scenario.rundown[name].sells for name, *_ in shown]
    filled = [colours.get(sells[0], _GREY) if len(sells) == 1 else _GREY for sells in sold]
    axes.broken_barh(boxes, (0, 1), facecolors=filled, alpha=0.35, edgecolor="white")
    whole = 72 * paper.width
    scale = (_STRIP_ON_PHONE if on_phone() else _STRIP) * whole / clock.end
    widths = [scale * wide for _, wide in boxes]
    names = [_inside(name, width) for (name, *_), width in zip(shown, widths, strict=True)]
    middles = [left + wide / 2 for left, wide in boxes]
    numbered = {place: scale * middles[place] for place, name in enumerate(names) if not name}
    heights = _rows(numbered)
    room = int((_KEY_ON_PHONE if on_phone() else _KEY) * whole / _letter())
    key = _key({place + 1: shown[place][0] for place in numbered}, scenario, room)
    if (on_phone() and len(key) > _KEY_LINES) or (numbered and not key):
        names, heights = [""] * len(names), _spread([scale * middle for middle in middles])
        key = fitted(say("the slots have their numbers in the rundown's order"), room, small())
    for place, (name, middle) in enumerate(zip(names, middles, strict=True)):
        text = name or (str(place + 1) if place in heights else "")
        height = heights.get(place, 0.5)
        of_slot = axes.text(middle, height, text, ha="center", va="center", fontsize=small())
        of_slot.set_in_layout(False)  # which measures it several times, and it is inside
    _label(axes, label, key)
    paper.grow(_HIGH * small() * len(key))
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_ylabel(say("rundown"), rotation=0, ha="right", va="center")
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)


def _letter() -> float:
    return _LETTER * small()


def _inside(slot: str, width: float) -> str:
    """Return a slot's name in lines that fit a width [points]; empty if it does not."""
    name, room = called(slot), int(width / _letter())
    if max(map(columns, name.split())) > room:
        return ""
    lines = fitted(name, min(room, _FOLD), small())
    return "\n".join(lines) if len(lines) <= _LINES else ""


def _rows(middles: Mapping[int, float]) -> dict[int, float]:
    """Return the heights of numbers by place, each in the first row that has room for it.

    Parameters
    ----------
    middles
        Where a number is to stand [points], by its place from 0 on, from left to right.
    """
    ends, rows = [-np.inf] * _ROWS, dict[int, int]()
    for place, middle in middles.items():
        digits = len(str(place + 1))
        half = _letter() * digits / 2
        between = _BETWEEN * _letter() if digits > 2 else 0.0
        for row, end in enumerate(ends):
            if end + between < middle - half:
                rows[place], ends[row] = row, middle + half
                break
    used = 1 + max(rows.values(), default=0)
    return {place: 1 - (row + 0.5) / used for place, row in rows.items()}


def _spread(middles: Sequence[float]) -> dict[int, float]:
    """Return the heights of numbers in one row, of every slot or so many that all have room.

    Parameters
    ----------
    middles
        Where each number would stand [points], from left to right.
    """
    widest = _letter() * (len(str(len(middles))) + _BETWEEN)
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        shown = range(step - 1, len(middles), step)
        if all(middles[right] - middles[left] > widest for left, right in pairwise(shown)):
            return dict.fromkeys(shown, 0.5)
    return {}


def _key(numbered: Mapping[int, str], scenario: Scenario, width: int) -> list[str]:
    """Return what the numbers of slots stand for, in lines of a width; a rotation's together.

    Of too many there is none. On a phone each entry begins a line where so many have room,
    or a number would stand at the end of one apart from its name.
    """
    found: dict[str, list[str]] = {}
    for number, name in numbered.items():
        of, _, turn = name.rpartition("_")
        again = of in scenario.products and turn.isdecimal()
        found.setdefault(product(of) if again else called(name), []).append(str(number))
    if len(found) > _NAMED:
        return []
    told = [f"{say(', ').join(of)} {name}" for name, of in found.items()]
    apart = [line for entry in told for line in fitted(entry, width, small())]
    if on_phone() and len(apart) <= _KEY_LINES:
        return apart
    entries = "\n".join(f"{entry} ·" for entry in told)
    lines = fitted(entries, width, small(), _in_entries)
    return [line.removesuffix("·").rstrip() for line in lines]


def _in_entries(text: str, width: int) -> list[str]:
    """Return entries, one a line of a text, in lines of a width; broken are those that need it."""
    entries = (
        entry.replace(" ", _GLUE) if columns(entry) <= width else entry
        for entry in text.split("\n")
    )
    return wrapped(" ".join(entries), width)


def _label(axes: Axes, label: str, key: Sequence[str]) -> None:
    """Write what stands below the strip."""
    axes.set_xlabel(label)
    if key:
        # Apart from the key, or the label looks like its first entry.
        lines = "\n".join([label, "", *key] if label else key)
        axes.set_xlabel(lines, loc="left", fontsize=small())


def _moment(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)
