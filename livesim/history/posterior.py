"""What past shows say of the next one: a host's level, spread and habits, learned show by show.

The logarithm of a figure is a level that wanders from show to show, plus effects of the show's
hour, weekday and length, plus an error with Student's t distribution (a local level model: Durbin
and Koopman, Time Series Analysis by State Space Methods, 2012). Scale, tails and wandering are
unknown: they are points of a grid, weighed by how well each foretold the shows so far. At a point
the rest is a Kalman filter, in which a show that is far off counts less, by Student's t (West,
Robust sequential approximate Bayesian estimation, JRSS B 43, 1981).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, log, pi, sin
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.history.priors import DRIFTS, TAILS, Prior

#: Scales of the grid, in standard deviations of their logarithm: equally spaced over nearly all.
_SCALES: Final = np.linspace(-2.2, 2.2, 7)
#: Effects are measured from a show of so many hours; two days of seven are a weekend's.
_USUAL_HOURS, _WEEKEND = 4.0, 2 / 7
#: Points of the grid that count less change no forecast by more than 1 % of chance.
_NEGLIGIBLE: Final = 2e-4


def traits(start: datetime | None, hours: float) -> Floats:
    """Return what of a show's plan moves its figures: level, two waves of the day, weekend, length.

    Parameters
    ----------
    start
        When it starts; of a show at an unknown hour nothing is known but the length.
    hours
        Its length [h].

    Examples
    --------
    >>> traits(None, 4.0).tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    length = log(hours / _USUAL_HOURS)
    if start is None:
        return np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, length])
    turn = 2.0 * pi * (start.hour + start.minute / 60.0) / 24.0
    waves = (cos(turn), sin(turn), cos(2.0 * turn), sin(2.0 * turn))
    return np.array([1.0, *waves, float(start.weekday() >= 5) - _WEEKEND, length])


@dataclass(frozen=True)
class Forecast:
    """A mixture of Student's t distributions, on the scale of logarithms; all of shape (G,).

    Parameters
    ----------
    weights
        Weight of each [1]; they add up to 1.
    centres, scales, tails
        Location, scale and degrees of freedom of each.
    """

    weights: Floats
    centres: Floats
    scales: Floats
    tails: Floats

    def cdf(self, at: Floats) -> Floats:
        """Return the chances of a value of at most each of these."""
        from scipy.special import stdtr

        standing = (at[:, None] - self.centres) / self.scales
        return np.asarray(stdtr(self.tails, standing) @ self.weights)

    def quantiles(self, levels: Floats) -> Floats:
        """Return the quantiles at levels between 0.001 and 0.999, read off 61 points.

        Examples
        --------
        >>> one = Forecast(np.ones(1), np.ones(1), np.ones(1), np.array([4.0]))
        >>> one.quantiles(np.array([0.1, 0.5, 0.9])).round(1).tolist()
        [-0.5, 1.0, 2.5]
        """
        centre = float(self.weights @ self.centres)
        spread = np.sqrt(self.weights @ (self.scales**2 + (self.centres - centre) ** 2))
        points = np.sinh(np.linspace(-5.0, 5.0, 61))  # dense where most of the chance is
        points = centre + points * (12.0 * spread / points[-1])
        return np.asarray(np.interp(levels, self.cdf(points), points))


@dataclass(frozen=True)
class Posterior:
    """What is known of a host's figure, at each of G points of a grid.

    Parameters
    ----------
    prior
        What is known of any host.
    scale, tails, drift
        The points: show-to-show scale, degrees of freedom, and by how much the level moves from
        show to show, each of shape (G,).
    log_weights
        Logarithm of the points' weights, but for a constant, shape (G,).
    mean, covariance
        Of the level and the effects of `traits`, shapes (G, 7) and (G, 7, 7).
    """

    prior: Prior
    scale: Floats
    tails: Floats
    drift: Floats
    log_weights: Floats
    mean: Floats
    covariance: Floats

    @classmethod
    def before(cls, prior: Prior) -> Posterior:
        """Return what is known before any show was seen."""
        scales = prior.scale * np.exp(prior.scale_sd * _SCALES)
        scale, tails, drift = (
            axis.ravel() for axis in np.meshgrid(scales, TAILS, DRIFTS, indexing="ij")
        )
        waves = (prior.hour, prior.hour, prior.hour / 2, prior.hour / 2)
        variances = np.square([prior.level_sd, *waves, prior.weekend, prior.length])
        mean = np.zeros((len(scale), len(variances)))
        mean[:, 0] = prior.level
        covariance = np.repeat(np.diag(variances)[None], len(scale), axis=0)
        log_weights = -0.5 * np.log(scale / prior.scale) ** 2 / prior.scale_sd**2
        return cls(prior, scale, tails, drift * scale, log_weights, mean, covariance)

    @property
    def weights(self) -> Floats:
        """Weights of the points of the grid [1], shape (G,); they add up to 1."""
        weights = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(weights / weights.sum())

    def forecast(self, traits: Floats) -> Forecast:
        """Return the logarithm of the figure of a show, for an hour of it: see `per_hour`.

        Parameters
        ----------
        traits
            Of the show, as `traits` gives them.
        """
        weights = self.weights
        kept = weights > _NEGLIGIBLE
        variances = np.einsum("i,gij,j->g", traits, self.covariance, traits) + self.scale**2
        return Forecast(
            weights[kept] / weights[kept].sum(),
            (self.mean @ traits)[kept],
            np.sqrt(variances)[kept],
            self.tails[kept],
        )

    def after(self, traits: Floats, value: float) -> tuple[Posterior, float]:
        """Return what is known after a show, and how much that show counted.

        Parameters
        ----------
        traits
            Of the show.
        value
            Logarithm of its figure, for an hour of it.

        Returns
        -------
        posterior : Posterior
        weight : float
            Of the show [1]: about 1 for a usual one, near 0 for one that is far off.
        """
        from scipy.special import gammaln

        with_traits = self.covariance @ traits
        known = with_traits @ traits
        spread = np.sqrt(self.scale**2 + known)
        missed = value - self.mean @ traits
        off = (missed / spread) ** 2
        half = (self.tails + 1.0) / 2.0
        density = gammaln(half) - gammaln(self.tails / 2.0) - 0.5 * np.log(self.tails * pi)
        density += -np.log(spread) - half * np.log1p(off / self.tails)
        counted = (self.tails + 1.0) / (self.tails + off)
        gain = with_traits / (self.scale**2 / counted + known)[:, None]
        covariance = self.covariance - gain[:, :, None] * with_traits[:, None, :]
        covariance[:, 0, 0] += self.drift**2
        return (
            replace(
                self,
                log_weights=self.log_weights + density,
                mean=self.mean + gain * missed[:, None],
                covariance=covariance,
            ),
            float(np.minimum(counted, 1.0) @ self.weights),
        )
