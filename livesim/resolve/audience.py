"""From what a dashboard tells about an audience to the model's segments.

``viewers`` becomes a reach (or a turnout, where the reach is known), ``concurrent`` shapes the
arrivals; :mod:`fitting` meets ``watch_time`` and ``peak``. All of it is deterministic, at likely
values; what is uncertain in the file stays uncertain in the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.model.expectation import concurrent, mean_watch
from livesim.resolve.derivation import DerivationError, Derived, Path, Reason, follows
from livesim.resolve.words import count, counted, duration, listed, share
from livesim.scenario import quantities as q
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Dashboard, Draft, DraftSegment
from livesim.scenario.uncertain import (
    Choice,
    Distribution,
    Percentiles,
    Quantity,
    likely,
    mapped,
    write_quantity,
)

#: What a dashboard tells, by key.
DASHBOARD: Final = tuple(Dashboard.model_fields)
#: Who waits at the start as a part of the mean audience [1]: before Jay Chou's live stream of 30
#: minutes 2 of 68 million waited, whose mean audience was 6.1 million at most (Record China 2020).
_WAITING: Final = 1.0 / 3.0
#: By which factor fewer or more wait in one show of ten each (assumption: one stream says nothing
#: about others).
_WAITING_WITHIN: Final = 2.0

_CONFLICTS: Final[Mapping[tuple[str, ...], str]] = {
    ("viewers", "reach", "turnout"): "viewers are reach × turnout: leave one of the three out",
    ("watch_time", "stay"): "watch_time scales the template's stays: leave one of the two out",
    ("watch_time", "stay_factor"): "watch_time is the mean stay already: leave one of the two out",
    ("peak", "arrivals"): "the peak decides the arrivals: leave one of the two out",
    ("concurrent", "arrivals"): "these viewers decide the arrivals: leave one of the two out",
    ("concurrent", "waiting"): "these viewers say who waits at the start: leave one out",
    ("concurrent", "peak"): "these viewers have a peak already: leave one of the two out",
}


def conflicts(written: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what cannot be told together about an audience, from the raw file."""
    segments = _written_segments(written)
    overall = [key for key in DASHBOARD if written.get(key) is not None]
    if len(segments) > 1:
        for key in overall:
            yield Finding(
                (key,),
                f"{key} is told for the whole show, but there are {len(segments)} segments",
                f"write it under a segment: {listed(segments)}",
            )
        overall = []
    for name, segment in segments.items():
        told: dict[str, Path] = {
            key: ("segments", name, key) for key in segment if segment[key] is not None
        }
        for key in overall:
            if key in told:
                yield Finding(told[key], f"{key} is told twice", "write it once, at the top")
            told[key] = (key,)
        yield from _conflicts_of(name, told)


def _written_segments(written: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    entries = written.get("segments")
    if not isinstance(entries, Mapping):
        return {"everyone": {}}
    return {name: part if isinstance(part, Mapping) else {} for name, part in entries.items()}


def _conflicts_of(name: str, told: Mapping[str, Path]) -> Iterator[Finding]:
    for keys, remedy in _CONFLICTS.items():
        if all(key in told for key in keys):
            yield Finding(told[keys[0]], f"{listed(keys)} are told together", remedy)
    if not {"viewers", "reach", "concurrent"} & set(told):
        yield Finding(
            ("viewers",) if name == "everyone" else ("segments", name),
            "nothing says how many viewers "
            + ("there are" if name == "everyone" else f"are of {name}"),
            "write viewers: 2_000, the unique viewers of the whole show as expected with the usual "
            "host, or reach, the people who could come",
        )


@dataclass(frozen=True)
class Told:
    """A segment with what is told about it, whether at the top of the file or below it."""

    name: str
    segment: DraftSegment
    history: Mapping[str, Any]
    paths: Mapping[str, Path]
    given: frozenset[str]
    rooms: int

    def at(self, key: str) -> Path:
        """Return the path of one of the segment's model quantities."""
        return ("segments", self.name, key)

    @property
    def in_rooms(self) -> str:
        """Say over how many rooms the reach is spread."""
        return f" / {self.rooms} rooms" if self.rooms > 1 else ""


def told_of(draft: Draft, written: Mapping[str, Any]) -> Iterator[Told]:
    """Yield every segment with what is told about it."""
    entries = _written_segments(written)
    for name, segment in draft.segments.items():
        history, paths = {}, {}
        for key in DASHBOARD:
            own, overall = getattr(segment, key), getattr(draft, key)
            history[key] = overall if own is None else own
            paths[key] = (key,) if own is None else ("segments", name, key)
        given = frozenset(entries.get(name, {}))
        yield Told(name, segment, history, paths, given, _like_rooms(draft, name))


def _like_rooms(draft: Draft, segment: str) -> int:
    """Return in how many rooms a segment watches."""
    rooms = (draft.rooms or {}).values()
    return next((room.count for room in rooms if segment in room.segments), 1)


def audience(draft: Draft, written: Mapping[str, Any]) -> dict[Path, Derived]:
    """Return reach, turnout, stays and their forecast errors where they follow from history.

    Parameters
    ----------
    draft
        The filled-in draft.
    written
        What the planner wrote, which says what was given.

    Raises
    ------
    DerivationError
        If what is told cannot be.
    """
    derived: dict[Path, Derived] = {}
    for told in told_of(draft, written):
        derived |= _waiting(told, draft.show.length)
        if told.history["concurrent"] is not None:
            derived |= _from_concurrent(draft, told)
        derived |= _people(told)
        if _says_how_uncertain(told, written):
            reason = Reason("derived", "the file says how uncertain this audience is")
            derived[told.at("takes_turnout_factor")] = Derived(False, reason)
    return derived


def _says_how_uncertain(told: Told, written: Mapping[str, Any]) -> bool:
    show = written.get("show") or {}
    if "turnout_factor" in show or "takes_turnout_factor" in told.given:
        return False
    given = [told.history["viewers"]]
    given += [getattr(told.segment, key) for key in ("reach", "turnout") if key in told.given]
    return any(isinstance(quantity, Distribution) for quantity in given)


def _people(told: Told) -> dict[Path, Derived]:
    """Return reach or turnout from the unique viewers."""
    viewers, reach, turnout = told.history["viewers"], told.segment.reach, told.segment.turnout
    if viewers is None:
        return {}
    other = "turnout" if reach is None else "reach"
    if isinstance(viewers, Distribution) and isinstance(getattr(told.segment, other), Distribution):
        raise DerivationError.of(
            told.paths["viewers"],
            f"viewers and {other} are both uncertain",
            "the uncertainty of viewers is that of the whole audience: give the other plain",
        )
    if reach is None:
        part = likely(turnout)
        if part == 0:
            raise DerivationError.of(
                told.at("turnout"), "nobody comes at a turnout of 0", "raise the turnout"
            )
        whole = part * told.rooms  # the viewers of all rooms, the reach of one
        if largest(viewers) > whole * q.COUNT.high:
            raise DerivationError.of(
                told.at("turnout"),
                f"{count(largest(viewers))} viewers at this turnout need a reach beyond bounds",
                "raise the turnout, or leave it out",
            )
        text = f"{counted(likely(viewers), 'viewer')} / turnout {share(part)}{told.in_rooms}"
        value = mapped(viewers, lambda v: float(round(v / whole)), q.COUNT)
        reason = Reason("history", text)
        return {told.at("reach"): follows(told.paths["viewers"], value, "reach", q.COUNT, reason)}
    people = likely(reach) * told.rooms
    if largest(viewers) > people:
        raise DerivationError.of(
            told.paths["viewers"],
            f"{count(largest(viewers))} viewers are more than the reach of {count(people)}",
            "reach is everybody who could come: raise it, or leave it out",
        )
    value = mapped(viewers, lambda v: v / people if people else 0.0, q.SHARE)
    reason = Reason("history", f"{counted(likely(viewers), 'viewer')} / reach {count(people)}")
    return {told.at("turnout"): follows(told.paths["viewers"], value, "turnout", q.SHARE, reason)}


def largest(quantity: Quantity) -> float:
    """Return the largest value that a quantity is described by: the number, p90, or last choice."""
    if isinstance(quantity, Choice):
        return quantity.values[-1]
    return quantity.percentiles[2] if isinstance(quantity, Distribution) else quantity


def _waiting(told: Told, length: float) -> dict[Path, Derived]:
    """Return the share who wait at the start, if not given: about a third of a mean audience."""
    if told.segment.waiting is not None or told.history["concurrent"] is not None:
        return {}
    phases, watch_time = told.segment.stay.values(), told.history["watch_time"]
    mean = sum(phase.share * likely(phase.mean) for phase in phases)
    mean *= likely(told.segment.stay_factor)
    if watch_time is not None:
        mean = likely(watch_time)
    middle, factor = _WAITING * min(mean / length, 1.0), _WAITING_WITHIN
    few, usual, many = map(significant, (middle / factor, middle, middle * factor))
    law = Percentiles(few, usual, many, q.SHARE.scale)
    text = "a third of the mean audience waits, as before an announced stream; half to twice it"
    reason = Reason("assumption", text)
    return {told.at("waiting"): Derived(write_quantity(law, q.SHARE), reason)}


def significant(number: float) -> float:
    """Round to nine significant digits, so that what was derived reads well.

    Examples
    --------
    >>> significant(0.1 + 0.2)
    0.3
    """
    return float(f"{number:.9g}")


def _from_concurrent(draft: Draft, told: Told) -> dict[Path, Derived]:
    """Fit waiting, arrivals, stays and, where unknown, the reach to a column of viewers."""
    column, phases = _column(draft, told), told.segment.stay.values()
    shares = np.array([phase.share for phase in phases])
    means = np.array([likely(phase.mean) for phase in phases]) * likely(told.segment.stay_factor)
    show, watch_time = draft.show, told.history["watch_time"]
    paces = _paces(column, show.length, show.refresh)
    scale = 1.0
    for _ in range(1 if watch_time is None else 30):
        newcomers = _newcomers(paces, column, shares, means * scale, show.refresh)
        arriving = np.stack(paces, axis=1) @ newcomers
        if watch_time is None or not arriving.sum():
            break
        watched = mean_watch(arriving, shares, means * scale, show.refresh)
        if abs(likely(watch_time) / watched - 1.0) < 1e-9:
            break
        scale *= likely(watch_time) / watched
    derived = {} if watch_time is None else scaled_stays(told, scale)
    total, later = newcomers.sum(), newcomers[1:].sum()
    if later <= 0:
        raise DerivationError.of(
            told.paths["concurrent"],
            "with these stays, nobody came after the start",
            "check the numbers of viewers, their times, and watch_time",
        )
    ends = [*(t for t in column if t > 0), draft.show.length][: len(newcomers) - 1]
    shares = np.minimum(np.cumsum(newcomers[1:]) / later, 1.0)
    shares[-1] = 1.0
    points = {
        str(q.DURATION.write(end)): q.SHARE.write(significant(part))
        for end, part in zip(ends, shares.tolist(), strict=True)
    }
    reason = Reason("history", "fitted to the concurrent viewers, given how long viewers stay")
    waiting = q.SHARE.write(significant(float(newcomers[0] / total)))
    derived |= {
        told.at("arrivals"): Derived({"shape": "points", "points": points}, reason),
        told.at("waiting"): Derived(waiting, reason),
    }
    if told.history["viewers"] is None and told.segment.reach is None:
        turnout = likely(told.segment.turnout)
        text = f"{count(total)} viewers make these concurrent viewers / turnout {share(turnout)}"
        text += told.in_rooms
        reach = q.COUNT.write(round(total / turnout / told.rooms))
        derived[told.at("reach")] = Derived(reach, Reason("history", text))
    return derived


def _column(draft: Draft, told: Told) -> dict[float, float]:
    """Return concurrent viewers by time [s], in order of time."""
    column: dict[float, float] = {}
    for text, viewers in told.history["concurrent"].items():
        path = (*told.paths["concurrent"], text)
        if isinstance(viewers, Distribution):
            raise DerivationError.of(path, *_PLAIN)
        try:
            moment = q.DURATION.read(text)
        except q.QuantityError as error:
            raise DerivationError.of(path, error.what, error.remedy) from None
        if moment > draft.show.length:
            raise DerivationError.of(
                path, f"{text} is after the show's end", "write times within the show"
            )
        column[moment] = viewers
    return dict(sorted(column.items()))


_PLAIN: Final = (
    "concurrent viewers shape the arrivals, and must be plain numbers",
    "write them as they were expected; what is uncertain belongs to viewers",
)


def _paces(column: Mapping[float, float], length: float, refresh: float) -> list[Floats]:
    """Return who comes at each refresh if all wait, or all come between two times of the column."""
    times = np.arange(round(length / refresh) + 1) * refresh
    knots = [0.0, *(t for t in column if t > 0)]
    if knots[-1] < length:
        knots.append(length)
    between = [
        np.diff(np.interp(times, [start, end], [0.0, 1.0]), prepend=0.0)
        for start, end in pairwise(knots)
    ]
    return [np.where(times == 0, 1.0, 0.0), *between]


def _newcomers(
    paces: Sequence[Floats],
    column: Mapping[float, float],
    stay_shares: Floats,
    stay_means: Floats,
    refresh: float,
) -> Floats:
    """Return who waits at the start and who comes in each interval, by non-negative least squares.

    Newcomers come at a constant pace between the times of the column; how many of them still watch
    at each of these times follows from how long they stay.
    """
    from scipy.optimize import nnls

    seen = np.rint(np.array(list(column)) / refresh).astype(int)
    watching = [concurrent(pace, stay_shares, stay_means, refresh)[seen] for pace in paces]
    newcomers, _ = nnls(np.stack(watching, axis=1), np.array(list(column.values())))
    return np.asarray(newcomers)


def scaled_stays(told: Told, scale: float) -> dict[Path, Derived]:
    """Return the template's stays times a scale, at which the watch time is the one told."""
    watch_time = told.history["watch_time"]
    text = "the template's stays, scaled: a mean of "
    text += f"{duration(likely(watch_time))} is watched before the show's end"
    derived: dict[Path, Derived] = {}
    for name, phase in told.segment.stay.items():
        mean = q.DURATION.write(significant(likely(phase.mean) * scale))
        derived[(*told.at("stay"), name, "mean")] = Derived(mean, Reason("history", text))
    if isinstance(watch_time, Distribution):
        factor = mapped(watch_time, lambda v: v / likely(watch_time), q.FACTOR)
        spread = Reason("history", "how uncertain the watch time is")
        derived[told.at("stay_factor")] = Derived(write_quantity(factor, q.FACTOR), spread)
    return derived
