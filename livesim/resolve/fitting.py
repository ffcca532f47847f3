"""Stays and arrivals at which the show is watched as the dashboard tells.

A dashboard's watch time is cut off by the show's end, and its peak follows from who comes when and
how long they stay: both are met together, by the expectations that :mod:`expectation` makes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.model.expectation import Expectation, arriving, concurrent, mean_watch
from livesim.model.roots import root
from livesim.resolve.audience import Told, scaled_stays, significant, told_of
from livesim.resolve.derivation import DerivationError, Derived, Path, Reason
from livesim.resolve.drawn import Drawn
from livesim.resolve.inputs import expectation_of
from livesim.resolve.segments import segment_of
from livesim.resolve.words import count, duration
from livesim.scenario import quantities as q
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Draft
from livesim.scenario.parts import Arrivals, Segment
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Quantity, likely, write_quantity

#: Shape of the arrivals → the number that a peak decides, where nearly all come at once and where
#: they come at a constant pace.
_SHAPES: Final[Mapping[str, tuple[str, float, float]]] = {
    "front_loaded": ("half_by", 0.001, 0.5),
    "s_curve": ("spread", 0.001, 1.0),
}
_KINDS: Final[Mapping[str, q.Kind]] = {"half_by": q.EARLY_SHARE, "spread": q.POSITIVE_SHARE}
_LONGEST: Final = 1e6
_CORRECTIONS: Final = 2


def fitted(draft: Draft, scenario: Scenario, written: Mapping[str, Any]) -> dict[Path, Derived]:
    """Return stays that meet the watch time told, and arrivals that meet the peak told.

    Who decides in a refresh does not leave in it, which a closed form leaves out: what it is to
    meet is corrected by what the expected show comes to, a few times.

    Parameters
    ----------
    draft
        What is told.
    scenario
        The show with its audience and rundown, with the template's stays and arrivals.
    written
        What the planner wrote.

    Raises
    ------
    DerivationError
        If no stays or arrivals do, with what can be met.
    """
    wanted = [_Wanted.of(told, draft) for told in told_of(draft, written)]
    wanted = [want for want in wanted if want.watch_time is not None or want.peak is not None]
    derived: dict[Path, Derived] = {}
    if not wanted:
        return derived
    aims, fits = wanted, [_fit(scenario, want) for want in wanted]
    for _ in range(_CORRECTIONS):
        segments = {fit.told.name: fit.segment(scenario) for fit in fits}
        changed = {"segments": {**scenario.segments, **segments}}
        met = expectation_of(scenario.model_copy(update=changed))
        aims = [aim.corrected(want, met) for aim, want in zip(aims, wanted, strict=True)]
        fits = [_fit(scenario, aim) for aim in aims]
    for fit in fits:
        derived |= fit.derived()
    return derived


@dataclass(frozen=True)
class _Wanted:
    """What the audience of one segment is to come to."""

    told: Told
    watch_time: float | None
    peak: float | None

    @classmethod
    def of(cls, told: Told, draft: Draft) -> _Wanted:
        """Return what is told of a segment, but where a column of viewers tells all."""
        watch_time, peak = told.history["watch_time"], told.history["peak"]
        if peak is not None and (len(draft.segments) > 1 or isinstance(peak, Distribution)):
            raise DerivationError(_not_a_peak(told))
        if watch_time is None or told.history["concurrent"] is not None:
            return cls(told, None, peak)
        return cls(told, likely(watch_time), peak)

    def corrected(self, wanted: _Wanted, met: Expectation) -> _Wanted:
        """Return what to aim at next, given what the expected show has come to."""
        name = self.told.name
        column = list(met.viewers).index(name)
        watch_time, peak = self.watch_time, self.peak
        if watch_time is not None and wanted.watch_time is not None and met.watch_time[name]:
            watch_time *= wanted.watch_time / met.watch_time[name]
        if peak is not None and wanted.peak is not None and met.watching.max():
            peak *= wanted.peak / float(met.watching[:, column].max())
        return _Wanted(self.told, watch_time, peak)


@dataclass(frozen=True)
class _Fitted:
    """Arrivals, and a scale of the stays, of one segment."""

    told: Told
    arrivals: Arrivals
    scale: float
    of_peak: bool

    def segment(self, scenario: Scenario) -> Segment:
        """Return the segment with these arrivals and stays."""
        usual = scenario.segments[self.told.name]
        stay = {
            name: phase.model_copy(update={"mean": likely(phase.mean) * self.scale})
            for name, phase in usual.stay.items()
        }
        return usual.model_copy(update={"arrivals": self.arrivals, "stay": stay})

    def derived(self) -> dict[Path, Derived]:
        """Return them in the notation of a file."""
        found: dict[Path, Derived] = {}
        if self.told.history["watch_time"] is not None:
            found |= scaled_stays(self.told, self.scale)
        if self.of_peak:
            peak = count(likely(self.told.history["peak"]))
            reason = f"arrivals that bring a peak of {peak} in the middle show"
            value = self.arrivals.model_dump(exclude_none=True)
            found[self.told.at("arrivals")] = Derived(value, Reason("history", reason))
        return found


def _fit(scenario: Scenario, aim: _Wanted) -> _Fitted:
    """Return arrivals of the template's shape that bring the peak; front-loaded if it is flat.

    They are as uncertain as the template's, on the scale of what the peak decides.
    """
    usual = scenario.segments[aim.told.name].arrivals
    if aim.peak is None:
        return _Fitted(aim.told, usual, _scale(scenario, usual, aim), of_peak=False)
    peak = aim.peak
    shape = usual.shape if usual.shape in _SHAPES else "front_loaded"
    key, at_once, evenly = _SHAPES[shape]
    kind, law = _KINDS[key], getattr(usual, key)

    def arrivals(value: Quantity) -> Arrivals:
        part = {"shape": shape, key: write_quantity(value, kind)}
        if usual.middle is not None:
            part["middle"] = write_quantity(usual.middle, q.SHARE)
        return Arrivals.model_validate(part)

    def peak_at(value: float) -> float:
        arrive, shares, means = _audience(scenario, arrivals(value), aim)
        means = means * _scale(scenario, arrivals(value), aim)
        return float(concurrent(arrive, shares, means, scenario.show.refresh).max())

    lowest, highest = peak_at(evenly), peak_at(at_once)
    if not lowest <= peak <= highest:
        raise DerivationError(_out_of_reach(aim.told, lowest, highest))
    met = root(lambda value: peak_at(value) - peak, at_once, evenly, within=1e-7)
    found = arrivals(_moved(law, significant(met), kind))
    return _Fitted(aim.told, found, _scale(scenario, found, aim), of_peak=True)


def _moved(law: Quantity | None, middle: float, kind: q.Kind) -> Quantity:
    """Return a quantity with another middle, as uncertain on the scale on which it is symmetric."""
    if not isinstance(law, Distribution) or not kind.low < middle < kind.high:
        return middle
    start, end = kind.scale.forward(np.array([law.median, middle]))

    def moved(value: float) -> float:
        there = kind.scale.forward(np.array([value])) + end - start
        return significant(float(kind.scale.back(there)[0]))

    return law.mapped(moved, kind)


def _scale(scenario: Scenario, arrivals: Arrivals, aim: _Wanted) -> float:
    """Return the factor on the stays at which the watch time is the one to aim at."""
    if aim.watch_time is None:
        return 1.0
    watch_time, refresh = aim.watch_time, scenario.show.refresh
    arrive, shares, means = _audience(scenario, arrivals, aim)
    if not arrive.any():  # nobody comes, so nobody's stay says anything
        return 1.0

    def missed(log_scale: float) -> float:
        return mean_watch(arrive, shares, means * math.exp(log_scale), refresh) - watch_time

    least, most = -math.log(_LONGEST), math.log(_LONGEST)
    if missed(most) <= 0:
        raise DerivationError(_too_long(scenario, aim.told, missed(most) + watch_time))
    if missed(least) >= 0:
        raise DerivationError(_too_short(scenario, aim.told, missed(least) + watch_time))
    return math.exp(root(missed, least, most, within=1e-10))


def _audience(
    scenario: Scenario, arrivals: Arrivals, aim: _Wanted
) -> tuple[Floats, Floats, Floats]:
    """Return a segment's newcomers by refresh, and its phases' shares and mean stays."""
    name = aim.told.name
    changed = scenario.segments[name].model_copy(update={"arrivals": arrivals})
    show = scenario.model_copy(update={"segments": {**scenario.segments, name: changed}})
    segment = segment_of(show, name, Drawn({}, 1))
    return arriving(segment), segment.phase_share, segment.mean_stay[0]


def _too_long(scenario: Scenario, told: Told, most: float) -> Finding:
    length, watch_time = scenario.show.length, likely(told.history["watch_time"])
    return Finding(
        told.paths["watch_time"],
        f"viewers cannot watch {duration(watch_time)} of a show of {duration(length)}",
        f"who comes as these do can watch {duration(most)} on average before it ends: check "
        "watch_time, the mean stay of one viewer, and when they come",
    )


def _too_short(scenario: Scenario, told: Told, least: float) -> Finding:
    refresh, watch_time = scenario.show.refresh, likely(told.history["watch_time"])
    about = q.DURATION.write(float(f"{least:.3g}"))
    return Finding(
        told.paths["watch_time"],
        f"viewers watch longer than {q.DURATION.write(watch_time)} on average",
        f"whoever comes stays to the next look at the screen: {about} on average "
        f"where it is every {q.DURATION.write(refresh)}. Check watch_time, the mean stay of one "
        "viewer, or shorten show.refresh",
    )


def _out_of_reach(told: Told, lowest: float, highest: float) -> Finding:
    return Finding(
        told.paths["peak"],
        f"a peak of {count(likely(told.history['peak']))} does not fit the viewers and their watch "
        "time",
        f"these make a peak between {count(lowest)} (coming at a constant pace) and "
        f"{count(highest)} (nearly all at once): check viewers, watch_time, length and waiting",
    )


def _not_a_peak(told: Told) -> Finding:
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
