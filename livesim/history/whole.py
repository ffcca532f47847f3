"""Whole shows of a history: one record a show, and which of them say something about a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, log
from typing import Any, Final, Literal

from livesim.history.history import History
from livesim.history.priors import UNITS, VIEWS, Prior

Measure = Literal["units", "views"]

PRIORS: Final[dict[Measure, Prior]] = {"units": UNITS, "views": VIEWS}
"""The measures that a whole show is forecast in, and what is known of any host's."""

#: What is shorter was broken off or a test; of 827 shows it were 40.
_SHORTEST: Final = 1_800.0


@dataclass(frozen=True)
class PastShow:
    """A whole show; NaN and None where something is not known.

    Parameters
    ----------
    name, host
        Its name, and who presented it.
    start
        When it started.
    hours
        Its length [h].
    units, views
        Units sold of all products, and how often somebody came to watch.
    forecast
        Units that the planner expected.
    """

    name: str
    host: str
    start: datetime | None
    hours: float
    units: float
    views: float
    forecast: float

    def has(self, measure: Measure) -> bool:
        """Say whether it can be compared with others on the scale of logarithms."""
        value = float(getattr(self, measure))
        return isfinite(value) and value > 0

    def per_hour(self, measure: Measure) -> float:
        """Return the logarithm of a figure, for an hour of the show: length to the prior's power.

        Examples
        --------
        >>> show = PastShow("gala", "viya", None, 2.0, 500.0, 40_000.0, 600.0)
        >>> round(10 ** (show.per_hour("views") / log(10)))
        20000
        """
        return log(getattr(self, measure)) - PRIORS[measure].power * log(self.hours)


@dataclass(frozen=True)
class WholeShows:
    """The shows of a history that can be forecast, in the order of their start.

    Parameters
    ----------
    shows
        The shows.
    notes
        What was left out and why, and what stands for what.
    """

    shows: tuple[PastShow, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, history: History) -> WholeShows:
        """Return a history's whole shows; the products of one are added up where no row does.

        A show without a known length, or of less than 30 minutes, is left out: it was broken off,
        or a test. Of one without a unit sold, or without views, only the other figure is used.
        """
        told = [*_told(history)]
        long = [show for show in told if show.hours * 3_600 >= _SHORTEST]
        notes = [*history.notes, *_left_out(told, long)]
        if _watched(history) == "viewers":
            notes.append("no show has views; different people who watched stand for them")
        shows = sorted(long, key=lambda show: (show.start is None, show.start or datetime.min))
        return cls(tuple(shows), tuple(notes))

    def by_host(self) -> dict[str, list[PastShow]]:
        """Return the shows of each host, in their order."""
        hosts: dict[str, list[PastShow]] = {}
        for show in self.shows:
            hosts.setdefault(show.host, []).append(show)
        return hosts


def _told(history: History) -> Iterator[PastShow]:
    """Yield each show of a history once."""
    rows = history.shows
    watched = _watched(history)
    for name, of_show in rows.groupby("show", sort=False):
        whole = of_show[of_show["product"].isna()]
        told = whole if len(whole) else of_show
        first = of_show.iloc[0]
        yield PastShow(
            name=str(name),
            host=_text(first["host"]),
            start=None if _missing(first["start"]) else first["start"].to_pydatetime(),
            hours=float(first["length"]) / 3_600,
            units=float(told["units"].sum(min_count=1)),
            views=float(first[watched]),
            forecast=float(told["forecast"].sum(min_count=1)),
        )


def _watched(history: History) -> str:
    """Return the column of how many watched: views, or different people where only they are."""
    some = {name: bool((history.shows[name] > 0).any()) for name in ("views", "viewers")}
    return "viewers" if some["viewers"] and not some["views"] else "views"


def _missing(cell: Any) -> bool:
    return bool(cell != cell)  # NaN and NaT alone are not equal to themselves


def _text(cell: Any) -> str:
    return "" if _missing(cell) else str(cell)


def _left_out(told: Iterable[PastShow], long: Iterable[PastShow]) -> Iterator[str]:
    """Say how many shows were left out of everything, and of one measure."""
    kept = [*long]
    why = Counter(
        "without a length" if not isfinite(show.hours) else "shorter than 30 minutes"
        for show in told
        if show not in kept
    )
    yield from (f"left out: {number:,} {reason}" for reason, number in why.items())
    for measure in PRIORS:
        number = sum(not show.has(measure) for show in kept)
        if number:
            yield f"left out of {measure}: {number:,} with none, or where they are not known"
