"""From what a dashboard tells about an audience to the model's segments.

``viewers`` becomes a reach (or a turnout, where the reach is known), ``watch_time`` scales the
stays, ``peak`` and ``concurrent`` shape the arrivals. All of it is deterministic, at likely values;
what is uncertain in the file stays uncertain in the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from livesim.model.expectation import concurrent, expect
from livesim.resolve.derivation import Derived, HistoryError, Path, Reason
from livesim.resolve.inputs import inputs_of
from livesim.resolve.words import count, counted, duration, listed, share
from livesim.scenario import quantities as q
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Draft, DraftSegment, History
from livesim.scenario.parts import Arrivals
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import (
    Choice,
    Distribution,
    Quantity,
    likely,
    mapped,
    write_quantity,
)

#: What a dashboard tells, by key.
HISTORY: Final = tuple(History.model_fields)
_EARLIEST: Final = 0.001

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
    overall = [key for key in HISTORY if written.get(key) is not None]
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
class _Told:
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


def _told(draft: Draft, written: Mapping[str, Any]) -> Iterator[_Told]:
    entries = _written_segments(written)
    for name, segment in draft.segments.items():
        history, paths = {}, {}
        for key in HISTORY:
            own, overall = getattr(segment, key), getattr(draft, key)
            history[key] = overall if own is None else own
            paths[key] = (key,) if own is None else ("segments", name, key)
        given = frozenset(entries.get(name, {}))
        yield _Told(name, segment, history, paths, given, _like_rooms(draft, name))


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
    HistoryError
        If what is told cannot be.
    """
    derived: dict[Path, Derived] = {}
    for told in _told(draft, written):
        stays = _stays(told, draft.show.length)
        derived |= stays
        if told.history["concurrent"] is not None:
            derived |= _from_concurrent(draft, told, stays)
        derived |= _people(told)
        if _says_how_uncertain(told, written):
            reason = Reason("derived", "the file says how uncertain this audience is")
            derived[told.at("takes_turnout_factor")] = Derived(False, reason)
    return derived


def _says_how_uncertain(told: _Told, written: Mapping[str, Any]) -> bool:
    show = written.get("show") or {}
    if "turnout_factor" in show or "takes_turnout_factor" in told.given:
        return False
    given = [told.history["viewers"]]
    given += [getattr(told.segment, key) for key in ("reach", "turnout") if key in told.given]
    return any(isinstance(quantity, Distribution) for quantity in given)


def _people(told: _Told) -> dict[Path, Derived]:
    """Return reach or turnout from the unique viewers."""
    viewers, reach, turnout = told.history["viewers"], told.segment.reach, told.segment.turnout
    if viewers is None:
        return {}
    other = "turnout" if reach is None else "reach"
    if isinstance(viewers, Distribution) and isinstance(getattr(told.segment, other), Distribution):
        raise HistoryError(
            Finding(
                told.paths["viewers"],
                f"viewers and {other} are both uncertain",
                "the uncertainty of viewers is that of the whole audience: give the other plain",
            )
        )
    if reach is None:
        part = likely(turnout)
        if part == 0:
            raise HistoryError(
                Finding(told.at("turnout"), "nobody comes at a turnout of 0", "raise the turnout")
            )
        whole = part * told.rooms  # the viewers of all rooms, the reach of one
        if largest(viewers) > whole * q.COUNT.high:
            raise HistoryError(
                Finding(
                    told.at("turnout"),
                    f"{count(largest(viewers))} viewers at this turnout need a reach beyond bounds",
                    "raise the turnout, or leave it out",
                )
            )
        text = f"{counted(likely(viewers), 'viewer')} / turnout {share(part)}{told.in_rooms}"
        value = mapped(viewers, lambda v: float(round(v / whole)), q.COUNT)
        reason = Reason("history", text)
        return {told.at("reach"): Derived(write_quantity(value, q.COUNT), reason)}
    people = likely(reach) * told.rooms
    if largest(viewers) > people:
        raise HistoryError(
            Finding(
                told.paths["viewers"],
                f"{count(largest(viewers))} viewers are more than the reach of {count(people)}",
                "reach is everybody who could come: raise it, or leave it out",
            )
        )
    value = mapped(viewers, lambda v: v / people if people else 0.0, q.SHARE)
    reason = Reason("history", f"{counted(likely(viewers), 'viewer')} / reach {count(people)}")
    return {told.at("turnout"): Derived(write_quantity(value, q.SHARE), reason)}


def largest(quantity: Quantity) -> float:
    """Return the largest value that a quantity is described by: the number, p90, or last choice."""
    if isinstance(quantity, Choice):
        return quantity.values[-1]
    return quantity.percentiles[2] if isinstance(quantity, Distribution) else quantity


def _stays(told: _Told, length: float) -> dict[Path, Derived]:
    """Scale the template's stays so that their mean is the watch time."""
    watch_time = told.history["watch_time"]
    if watch_time is None:
        return {}
    if likely(watch_time) > length:
        raise HistoryError(
            Finding(
                told.paths["watch_time"],
                f"viewers cannot watch {duration(likely(watch_time))} of a show of "
                f"{duration(length)}",
                "watch_time is the mean stay of one viewer: check it, or the show's length",
            )
        )
    phases = told.segment.stay
    mixture = sum(phase.share * likely(phase.mean) for phase in phases.values())
    reason = Reason(
        "history", f"the template's stays scaled to a mean of {duration(likely(watch_time))}"
    )
    derived: dict[Path, Derived] = {}
    for name, phase in phases.items():
        mean = significant(likely(phase.mean) * likely(watch_time) / mixture)
        derived[(*told.at("stay"), name, "mean")] = Derived(q.DURATION.write(mean), reason)
    if isinstance(watch_time, Distribution):
        factor = mapped(watch_time, lambda v: v / likely(watch_time), q.FACTOR)
        value = write_quantity(factor, q.FACTOR)
        spread = Reason("history", "how uncertain the watch time is")
        derived[told.at("stay_factor")] = Derived(value, spread)
    return derived


def significant(number: float) -> float:
    """Round to nine significant digits, so that what was derived reads well.

    Examples
    --------
    >>> significant(0.1 + 0.2)
    0.3
    """
    return float(f"{number:.9g}")


def _from_concurrent(
    draft: Draft, told: _Told, stays: Mapping[Path, Derived]
) -> dict[Path, Derived]:
    """Fit waiting, arrivals and, where unknown, the reach to a column of concurrent viewers."""
    column = _column(draft, told)
    phases = told.segment.stay
    means = {
        name: q.DURATION.read(stays[path].value) if path in stays else likely(phase.mean)
        for name, phase in phases.items()
        for path in [(*told.at("stay"), name, "mean")]
    }
    factor = 1.0 if stays else likely(told.segment.stay_factor)
    newcomers = _newcomers(
        column,
        np.array([phase.share for phase in phases.values()]),
        np.array(list(means.values())) * factor,
        draft.show.length,
        draft.show.refresh,
    )
    total, later = newcomers.sum(), newcomers[1:].sum()
    if later <= 0:
        raise HistoryError(
            Finding(
                told.paths["concurrent"],
                "with these stays, nobody came after the start",
                "check the numbers of viewers, their times, and watch_time",
            )
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
    derived = {
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


def _column(draft: Draft, told: _Told) -> dict[float, float]:
    """Return concurrent viewers by time [s], in order of time."""
    column: dict[float, float] = {}
    for text, viewers in told.history["concurrent"].items():
        path = (*told.paths["concurrent"], text)
        if isinstance(viewers, Distribution):
            raise HistoryError(Finding(path, *_PLAIN))
        try:
            moment = q.DURATION.read(text)
        except q.QuantityError as error:
            raise HistoryError(Finding(path, error.what, error.remedy)) from None
        if moment > draft.show.length:
            raise HistoryError(
                Finding(path, f"{text} is after the show's end", "write times within the show")
            )
        column[moment] = viewers
    return dict(sorted(column.items()))


_PLAIN: Final = (
    "concurrent viewers shape the arrivals, and must be plain numbers",
    "write them as they were expected; what is uncertain belongs to viewers",
)


def _newcomers(
    column: Mapping[float, float],
    stay_shares: q.Floats,
    stay_means: q.Floats,
    length: float,
    refresh: float,
) -> q.Floats:
    """Return who waits at the start and who comes in each interval, by non-negative least squares.

    Newcomers come at a constant pace between the times of the column; how many of them still watch
    at each of these times follows from how long they stay.
    """
    from scipy.optimize import nnls

    times = np.arange(round(length / refresh) + 1) * refresh
    knots = [0.0, *(t for t in column if t > 0)]
    if knots[-1] < length:
        knots.append(length)
    paces = [np.where(times == 0, 1.0, 0.0)]
    paces += [
        np.diff(np.interp(times, [start, end], [0.0, 1.0]), prepend=0.0)
        for start, end in pairwise(knots)
    ]
    seen = np.rint(np.array(list(column)) / refresh).astype(int)
    watching = [concurrent(pace, stay_shares, stay_means, refresh)[seen] for pace in paces]
    newcomers, _ = nnls(np.stack(watching, axis=1), np.array(list(column.values())))
    return np.asarray(newcomers)


def front_loaded(
    draft: Draft, scenario: Scenario, written: Mapping[str, Any]
) -> dict[Path, Derived]:
    """Return arrivals that meet the expected peak of concurrent viewers.

    Raises
    ------
    HistoryError
        If no front-loaded arrivals do, with the peaks that can be met.
    """
    derived: dict[Path, Derived] = {}
    for told in _told(draft, written):
        peak = told.history["peak"]
        if peak is None:
            continue
        if len(draft.segments) > 1 or isinstance(peak, Distribution):
            raise HistoryError(_not_a_peak(told))
        half_by = _half_by_for(scenario, told, peak)
        value = {"shape": "front_loaded", "half_by": q.SHARE.write(significant(half_by))}
        reason = Reason("history", f"arrivals that bring a peak of {count(peak)}")
        derived[told.at("arrivals")] = Derived(value, reason)
    return derived


def _not_a_peak(told: _Told) -> Finding:
    if isinstance(told.history["peak"], Distribution):
        return Finding(
            told.paths["peak"],
            "the peak shapes the arrivals, and must be a plain number",
            "write it as it was expected; what is uncertain belongs to viewers",
        )
    return Finding(
        told.paths["peak"],
        "a peak can be told only where there is one audience segment",
        "write arrivals for each segment instead",
    )


def _half_by_for(scenario: Scenario, told: _Told, peak: float) -> float:
    from scipy.optimize import brentq

    def expected_peak(half_by: float) -> float:
        arrivals = Arrivals(shape="front_loaded", half_by=half_by)
        segment = scenario.segments[told.name].model_copy(update={"arrivals": arrivals})
        changed = {"segments": {told.name: segment}}
        return expect(inputs_of(scenario.model_copy(update=changed))).peak

    lowest, highest = expected_peak(0.5), expected_peak(_EARLIEST)
    if not lowest <= peak <= highest:
        raise HistoryError(
            Finding(
                told.paths["peak"],
                f"a peak of {count(peak)} does not fit the viewers and their watch time",
                f"these make a peak between {count(lowest)} (coming at a constant pace) and "
                f"{count(highest)} (nearly all at the start): check viewers, watch_time and length",
            )
        )
    return float(brentq(lambda h: expected_peak(h) - peak, _EARLIEST, 0.5, xtol=1e-7))
