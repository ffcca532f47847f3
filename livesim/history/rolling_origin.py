"""A rolling origin: each past show forecast from those before it, and scored.

Quantiles of all methods are compared at the same levels: the CRPS of the logarithm is twice the
mean pinball loss (Gneiting and Raftery, Strictly proper scoring rules, JASA 102, 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.history.posterior import Posterior, traits
from livesim.history.priors import TEMPLATE
from livesim.history.whole import PRIORS, Measure, PastShow
from livesim.scenario.uncertain import normal_quantile

BANDS: Final = (50, 80, 95)
"""Forecast bands [%] of which it is counted how many shows they hold."""
EARLIER: Final = 5
"""So many earlier shows are needed for a forecast; more than five hardly help."""
OURS: Final = "livesim"
"""The method that is held against the others."""

LEVELS: Final = (np.arange(1, 100) - 0.5) / 99
"""At these levels quantiles are compared."""

LEAST_SPREAD: Final = 0.05
"""Spread of the last shows at least, or five equal ones would foresee no error."""

ON_TOP: Final = 1.3
"""A point forecast of the trade."""


@dataclass(frozen=True)
class Scored:
    """The forecasts of one measure; F of them.

    Parameters
    ----------
    hosts, shows
        Whose and which show each is of.
    pit, pit_high
        Chance that the forecast gave to a figure of less than what came, and of at most that
        (probability integral transform), shape (F,). They differ where more may have been wanted.
    crps
        By method: score of each forecast on the scale of logarithms, shape (F,); less is better.
    pinball
        By method: loss of the 10 %, 50 % and 90 % quantiles on that scale, shape (F, 3).
    """

    hosts: tuple[str, ...]
    shows: tuple[str, ...]
    pit: Floats
    pit_high: Floats
    crps: Mapping[str, Floats]
    pinball: Mapping[str, Floats]

    @classmethod
    def of(cls, cases: Sequence[Case], methods: Sequence[str]) -> Scored:
        """Return the forecasts of cases by these methods."""
        losses = {
            by: np.array([case.losses(by) for case in cases]).reshape(-1, len(LEVELS))
            for by in methods
        }
        return cls(
            tuple(case.host for case in cases),
            tuple(case.show for case in cases),
            np.array([case.pit[0] for case in cases]),
            np.array([case.pit[1] for case in cases]),
            {by: 2.0 * loss.mean(axis=1) for by, loss in losses.items()},
            {by: loss[:, [9, 49, 89]] for by, loss in losses.items()},
        )

    def within(self, band: int) -> Floats:
        """Return of each forecast which part of what may have come lay in a band, shape (F,)."""
        low, high = 0.5 - band / 200, 0.5 + band / 200
        overlap = np.minimum(self.pit_high, high) - np.maximum(self.pit, low)
        width = self.pit_high - self.pit
        part = np.divide(overlap, width, out=(overlap >= 0).astype(float), where=width > 0)
        return np.asarray(np.clip(part, 0.0, 1.0))

    def coverage(self, host: str | None = None) -> dict[str, float | None]:
        """Return which share of the shows lay within each band, of all hosts or of one."""
        of_host = np.array([host in (None, one) for one in self.hosts], dtype=bool)
        return {
            str(band): float(self.within(band)[of_host].mean()) if of_host.any() else None
            for band in BANDS
        }

    def means(self) -> dict[str, float | None]:
        """Return each method's mean score; None where nothing was forecast."""
        return {by: float(crps.mean()) if len(crps) else None for by, crps in self.crps.items()}

    def mean_pinball(self) -> dict[str, float | None]:
        """Return each method's mean pinball loss; None where nothing was forecast."""
        return {by: float(loss.mean()) if len(loss) else None for by, loss in self.pinball.items()}

    def tenths(self) -> list[float]:
        """Return how many shows lay in each tenth of their forecast; alike if it is right."""
        edges = np.linspace(0.0, 1.0, 11)
        low, high = self.pit[:, None], np.maximum(self.pit_high, self.pit + 1e-9)[:, None]
        reached = np.clip((edges - low) / (high - low), 0.0, 1.0)
        reached[:, -1], reached[:, 0] = 1.0, 0.0
        counts = np.diff(reached, axis=1).sum(axis=0).round(6).tolist()
        return [int(count) if count == int(count) else count for count in counts]


@dataclass(frozen=True)
class Case:
    """One figure that was forecast, on the scale of logarithms.

    Parameters
    ----------
    host, show
        Whose and which show it is of.
    came
        The figure.
    pit
        Chances that the forecast gave to less than it, and to at most it.
    quantiles
        By method: the forecast at the levels, shape (99,).
    """

    host: str
    show: str
    came: float
    pit: tuple[float, float]
    quantiles: Mapping[str, Floats]

    def losses(self, by: str) -> Floats:
        """Return the pinball losses of a method's quantiles, shape (99,)."""
        quantiles = self.quantiles[by]
        return np.asarray((self.came - quantiles) * (LEVELS - (self.came < quantiles)))


def scored(hosts: Mapping[str, Sequence[PastShow]]) -> dict[str, Scored]:
    """Forecast each show of each host from their earlier ones, given its start and length.

    Parameters
    ----------
    hosts
        The past shows by host, each host's in their order.
    """
    return {measure: _scored(hosts, measure) for measure in PRIORS}


def _scored(hosts: Mapping[str, Sequence[PastShow]], measure: Measure) -> Scored:
    cases = [
        case
        for shows in hosts.values()
        for case in _forecasts([show for show in shows if show.has(measure)], measure)
    ]
    return Scored.of(cases, (OURS, *_BENCHMARKS))


def _forecasts(shows: Sequence[PastShow], measure: Measure) -> Iterator[Case]:
    """Yield each forecast of a host's shows."""
    known = Posterior.before(PRIORS[measure])
    for number, show in enumerate(shows):
        plan, came = traits(show.start, show.hours), show.per_hour(measure)
        if number >= EARLIER:
            ours = known.forecast(plan)
            last, figure = shows[number - EARLIER : number], log(getattr(show, measure))
            pit = float(ours.cdf(np.array([came]))[0])
            others = {by: quantiles(last, show, measure) for by, quantiles in _BENCHMARKS.items()}
            whole = {OURS: ours.quantiles(LEVELS) + figure - came, **others}
            yield Case(show.host, show.name, figure, (pit, pit), whole)
        known, _ = known.after(plan, came)


def _pro_rata(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Return what a show would have come to in the hours of the next one, as logarithms."""
    hourly = np.array([getattr(one, measure) / one.hours for one in last])
    return np.asarray(np.log(hourly * show.hours))


def _last_shows(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the mean of the last shows, with a normal error of their own spread."""
    figures = _pro_rata(last, show, measure)
    spread = max(float(figures.std(ddof=1)), LEAST_SPREAD) * (1.0 + 1.0 / len(last)) ** 0.5
    return np.asarray(figures.mean() + spread * normal_errors())


@cache
def normal_errors() -> Floats:
    """Return the quantiles of a normal error with standard deviation 1."""
    return normal_quantile(LEVELS)


def _by_template(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the mean of the last shows, with the template's error of a show with a history."""
    return np.asarray(_pro_rata(last, show, measure).mean() + _template_errors(measure))


@cache
def _template_errors(measure: Measure) -> Floats:
    """Return the quantiles of the template's errors: of turnout, and of units by appeal, too."""
    from scipy.special import stdtrit

    errors = np.zeros(1)
    for scale, tails in TEMPLATE[measure]:
        errors = np.add.outer(errors, scale * stdtrit(tails, LEVELS)).ravel()
    return np.quantile(errors, LEVELS)


def _with_more(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the planner's units, or the mean of the last shows, and something on top."""
    planned = show.forecast if measure == "units" else 0.0
    middle = log(planned) if planned > 0 else float(_pro_rata(last, show, measure).mean())
    return np.full(len(LEVELS), middle + log(ON_TOP))


#: What is often done: quantiles of the logarithm of a figure, from the last shows.
_BENCHMARKS: Final[Mapping[str, Callable[[Sequence[PastShow], PastShow, Measure], Floats]]] = {
    "template": _by_template,
    "last five": _last_shows,
    "forecast x 1.3": _with_more,
}
