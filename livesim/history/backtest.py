"""Back-testing: each past show forecast from those before it, and scored.

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

from livesim.history.posterior import Posterior, traits
from livesim.history.priors import TEMPLATE
from livesim.history.whole import PRIORS, Measure, PastShow
from livesim.scenario.quantities import Floats
from livesim.scenario.uncertain import normal_quantile

BANDS: Final = (50, 80, 95)
"""Forecast bands [%] of which it is counted how many shows they hold."""
EARLIER: Final = 5
"""So many earlier shows are needed for a forecast; more than five hardly help."""
OURS: Final = "livesim"
"""The method that is held against the others."""

#: At these levels quantiles are compared.
_LEVELS: Final = (np.arange(1, 100) - 0.5) / 99
#: The last shows' own spread is at least this, or five equal ones would foresee no error.
_LEAST_SPREAD: Final = 0.05
#: A point forecast of the trade.
_ON_TOP: Final = 1.3


@dataclass(frozen=True)
class Scored:
    """The forecasts of one measure; F of them.

    Parameters
    ----------
    hosts, shows
        Whose and which show each is of.
    pit
        Chance that the forecast gave to a figure of at most what came (probability integral
        transform), shape (F,).
    crps
        By method: score of each forecast on the scale of logarithms, shape (F,); less is better.
    """

    hosts: tuple[str, ...]
    shows: tuple[str, ...]
    pit: Floats
    crps: Mapping[str, Floats]

    def coverage(self, host: str | None = None) -> dict[str, float | None]:
        """Return which share of the shows lay within each band, of all hosts or of one."""
        of_host = np.array([host in (None, one) for one in self.hosts], dtype=bool)
        off = np.abs(self.pit[of_host] - 0.5)
        return {
            str(band): float((off <= band / 200).mean()) if len(off) else None for band in BANDS
        }

    def means(self) -> dict[str, float | None]:
        """Return each method's mean score; None where nothing was forecast."""
        return {by: float(crps.mean()) if len(crps) else None for by, crps in self.crps.items()}

    def tenths(self) -> list[int]:
        """Return how many shows lay in each tenth of their forecast; alike if it is right."""
        return [int(count) for count in np.histogram(self.pit, bins=10, range=(0.0, 1.0))[0]]


def scored(hosts: Mapping[str, Sequence[PastShow]]) -> dict[Measure, Scored]:
    """Forecast each show of each host from their earlier ones, given its start and length.

    Parameters
    ----------
    hosts
        The past shows by host, each host's in their order.
    """
    return {measure: _scored(hosts, measure) for measure in PRIORS}


def _scored(hosts: Mapping[str, Sequence[PastShow]], measure: Measure) -> Scored:
    forecasts = [
        found
        for shows in hosts.values()
        for found in _forecasts([show for show in shows if show.has(measure)], measure)
    ]
    return Scored(
        tuple(show.host for show, _, _ in forecasts),
        tuple(show.name for show, _, _ in forecasts),
        np.array([pit for _, pit, _ in forecasts]),
        {
            method: np.array([scores[method] for _, _, scores in forecasts])
            for method in (OURS, *_BENCHMARKS)
        },
    )


def _forecasts(
    shows: Sequence[PastShow], measure: Measure
) -> Iterator[tuple[PastShow, float, dict[str, float]]]:
    """Yield each forecast of a host's shows: where the figure lay, and each method's score."""
    known = Posterior.before(PRIORS[measure])
    for number, show in enumerate(shows):
        plan, came = traits(show.start, show.hours), show.per_hour(measure)
        if number >= EARLIER:
            ours = known.forecast(plan)
            scores = {OURS: _crps(ours.quantiles(_LEVELS), came)}
            last, figure = shows[number - EARLIER : number], log(getattr(show, measure))
            for method, quantiles in _BENCHMARKS.items():
                scores[method] = _crps(quantiles(last, show, measure), figure)
            yield show, float(ours.cdf(np.array([came]))[0]), scores
        known, _ = known.after(plan, came)


def _crps(quantiles: Floats, came: float) -> float:
    """Return the continuous ranked probability score of quantiles at the levels.

    Examples
    --------
    >>> round(_crps(np.full(99, 1.0), 3.0), 6)  # of a point forecast: by how much it missed
    2.0
    """
    return float(2.0 * np.mean((came - quantiles) * (_LEVELS - (came < quantiles))))


def _pro_rata(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Return what a show would have come to in the hours of the next one, as logarithms."""
    hourly = np.array([getattr(one, measure) / one.hours for one in last])
    return np.asarray(np.log(hourly * show.hours))


def _last_shows(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the mean of the last shows, with a normal error of their own spread."""
    figures = _pro_rata(last, show, measure)
    spread = max(float(figures.std(ddof=1)), _LEAST_SPREAD) * (1.0 + 1.0 / len(last)) ** 0.5
    return np.asarray(figures.mean() + spread * _normal_errors())


@cache
def _normal_errors() -> Floats:
    """Return the quantiles of a normal error with standard deviation 1."""
    return normal_quantile(_LEVELS)


def _by_template(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the mean of the last shows, with the template's error of a show with a history."""
    return np.asarray(_pro_rata(last, show, measure).mean() + _template_errors(measure))


@cache
def _template_errors(measure: Measure) -> Floats:
    """Return the quantiles of the template's errors: of turnout, and of units by appeal, too."""
    from scipy.special import stdtrit

    errors = np.zeros(1)
    for scale, tails in TEMPLATE[measure]:
        errors = np.add.outer(errors, scale * stdtrit(tails, _LEVELS)).ravel()
    return np.quantile(errors, _LEVELS)


def _with_more(last: Sequence[PastShow], show: PastShow, measure: Measure) -> Floats:
    """Forecast the planner's units, or the mean of the last shows, and something on top."""
    planned = show.forecast if measure == "units" else 0.0
    middle = log(planned) if planned > 0 else float(_pro_rata(last, show, measure).mean())
    return np.full(len(_LEVELS), middle + log(_ON_TOP))


#: What is often done: quantiles of the logarithm of a figure, from the last shows.
_BENCHMARKS: Final[Mapping[str, Callable[[Sequence[PastShow], PastShow, Measure], Floats]]] = {
    "template": _by_template,
    "last five": _last_shows,
    "forecast x 1.3": _with_more,
}
