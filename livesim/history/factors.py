"""By which factors shows were off: the level, each show's own, and each product's, with censoring.

The logarithm of what was seen over what was expected is a level that wanders from show to show,
plus the show's own error, plus the product's, plus what its price did, plus an error of that
product in that show. Errors have Student's t distribution, so that what is far off counts less: an
odd show, or one row with a zero too many. A few shows, and a few rows, are told wrongly, which says
nothing of how far off the next ones may be. What was sold out says only that at least so much was
wanted.
Spreads are unknown: they are points of a grid, weighed by how well each explains what was seen. At
a point, shows' errors are handled by variational Bayes (Bishop, Pattern Recognition and Machine
Learning, 2006, chapter 10), and rows' errors and lower bounds by expectation propagation (Minka
2001; Rasmussen and Williams, Gaussian Processes, 2006, section 3.6; for t errors Jylänki,
Vanhatalo and Vehtari, JMLR 12, 2011).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product as combinations
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats

#: Rounds at most in which the shows' weights and the stand-ins settle, and by how much weights and
#: means still move when they have.
_ROUNDS, _SETTLED = 30, 1e-3
#: A share of each step, so that many stand-ins at once do not overshoot.
_DAMPED: Final = 0.8
#: Precisions of an own error, in units of what is usual, that stand for all of Student's t: equally
#: spaced logarithms, by which the sum over them is the integral to within 0.1 %.
_PRECISIONS: Final = np.exp(np.linspace(-6.0, 1.8, 9))
#: No show's own error is more than this factor.
_WITHIN: Final = 20.0
#: A show, or a product's row, that is told wrongly, as with a zero too many, is off by a log-sd of
#: so much beside its own error, and one in fifty is: assumptions. Without them one such show made
#: all look restless, and one such row all products.
_MISTAKE, _MISTAKEN = log(10.0), 0.02
#: Points of the grid of the show-to-show scale, in standard deviations of its logarithm.
_SCALES: Final = np.linspace(-1.8, 1.8, 5)


@dataclass(frozen=True)
class Spreads:
    """What is known of the factors before any show was seen, on the scale of logarithms.

    Parameters
    ----------
    level
        Standard deviation of the level around what the planner tells [1].
    scale, scale_sd
        Median of the show-to-show scale, and the standard deviation of its logarithm.
    product
        Standard deviation of a product around what the planner tells, in one show [1]; one for all,
        or one each.
    in_show
        Scales of a product's own error in one show, and how likely each is [1].
    tails
        Degrees of freedom of the shows' errors, of products' own, and of the planner's own view.
    drifts
        By how many scales the level may move from show to show, each as likely.
    """

    level: float
    scale: float
    scale_sd: float
    product: float | tuple[float, ...] = 1.2
    in_show: tuple[tuple[float, float], ...] = ((0.17, 4), (0.3, 4), (0.5, 4), (0.85, 1))
    tails: float = 4.0
    drifts: tuple[float, ...] = (0.0, 0.2)

    def variance(self, scale: Floats) -> Floats:
        """Return the variance of errors with these scales, by Student's t."""
        return np.asarray(scale**2 * self.tails / (self.tails - 2.0))


TURNOUT: Final = Spreads(level=1.1, scale=0.27, scale_sd=0.5, product=0.0, in_show=((0.0, 1),))
"""Of viewers. The level's: eight announced shows against what was promised (press). The scale's:
views an hour against the mean of the host's last five shows, 633 forecasts of 11 hosts (one
platform, summer 2021): 0.3, of which that mean's own error takes a tenth."""

APPEAL: Final = Spreads(level=1.0, scale=0.32, scale_sd=0.4)
"""Of orders per viewer. The level's: 22 published shows, a log-sd of orders of about 1.2, of which
products take a part. The scale's: units a view against the host's last five shows, the same 11
hosts: 0.32. A new product's: 13,611 products of 12 hosts after host, category and price: 1.2. A
product's own error in a show, with tails as shows' errors have: an assumption; large ones are
seldom, or forecasts from few shows would be too wide."""


WHOLE_SHOW: Final = -1
"""In place of a product: a figure of all products together."""


@dataclass(frozen=True)
class Together:
    """All products of a show together: the sum of lognormal factors, as a lognormal one.

    Mean and variance are the sum's (Fenton, The sum of log-normal probability distributions in
    scatter transmission systems, 1960).

    Parameters
    ----------
    weights
        Of each product's factor in the sum, with its median in it [1], shape (P,).
    shares
        Of the mean of the sum that each product is [1], shape (P,).
    middle
        Logarithm of the sum's median, beside what is expected.
    """

    weights: Floats
    shares: Floats
    middle: float

    @classmethod
    def of(cls, weights: Floats, middles: Floats, spreads: Floats) -> Together:
        """Return the sum of factors with these weights, medians and spreads, all of shape (P,).

        Examples
        --------
        >>> one = Together.of(np.ones(1), np.zeros(1), np.ones(1))
        >>> one.shares.tolist(), round(one.middle, 6)
        ([1.0], 0.0)
        """
        weights = weights * np.exp(middles)
        means = weights * np.exp(spreads**2 / 2.0)
        mean = float(means.sum())
        variance = cls(weights, means / mean, 0.0).variance(spreads**2)
        return cls(weights, means / mean, log(mean) - float(variance) / 2.0)

    def of_products(self, products: Floats, own: Floats) -> Floats:
        """Return the sum's logarithm beside its median, shape (R,).

        Parameters
        ----------
        products
            Each product's factor, as a logarithm, shape (R, P).
        own
            Variance of its own error in a show beside that, shape (R,).
        """
        raised = own - self.variance(np.multiply.outer(own, np.ones_like(self.shares)))
        return np.asarray(np.log(np.exp(products) @ self.weights) + raised / 2.0 - self.middle)

    def variance(self, variances: Floats) -> Floats:
        """Return the variance of the sum's logarithm, of those of its parts, shape (…, P)."""
        found = np.log1p((self.shares**2 * np.expm1(variances)).sum(axis=-1))
        least = (self.shares**2 * variances).sum(axis=-1)  # as a straight line through its parts
        return np.asarray(np.maximum(found, least))


@dataclass(frozen=True)
class Slopes:
    """What moves figures as a straight line: a price, by an elasticity that is not known.

    Parameters
    ----------
    of
        Which of E slopes moves each figure, shape (K,).
    by
        How far along it each is, in standard deviations of what is known of the slope before,
        shape (K,); 0 where none moves it.
    number
        The number E.
    """

    of: NDArray[np.intp]
    by: Floats
    number: int


@dataclass(frozen=True)
class Seen:
    """What was seen of past shows, K figures of N shows and P products.

    Parameters
    ----------
    show, product
        Which show and product each is of, shape (K,), or `WHOLE_SHOW`; shows count from the first
        to the last.
    value
        Logarithm of the figure over what was expected, shape (K,).
    noise
        Variance that chance gives to the value [1], shape (K,).
    at_least
        Whether more may have been wanted, shape (K,).
    shows, products
        The numbers N and P.
    effects
        By how much each of J effects moves each show and the next one, in standard deviations of
        what is known of the effect before, shape (N + 1, J).
    slopes
        What moves figures by themselves.
    together
        All products together, if a figure is of them.
    """

    show: NDArray[np.intp]
    product: NDArray[np.intp]
    value: Floats
    noise: Floats
    at_least: NDArray[np.bool_]
    shows: int
    products: int
    effects: Floats | None = None
    slopes: Slopes | None = None
    together: Together | None = None

    @property
    def moved(self) -> Floats:
        """By how much effects move the shows, shape (N + 1, J)."""
        return np.zeros((self.shows + 1, 0)) if self.effects is None else self.effects

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which figures are of all products together, shape (K,)."""
        return np.equal(self.product, WHOLE_SHOW)

    @property
    def last(self) -> int:
        """The place of all products together, behind products and slopes."""
        return self.products + (0 if self.slopes is None else self.slopes.number)


@dataclass(frozen=True)
class Factors:
    """What is known of the next show's factors: a mixture over G points of a grid.

    Parameters
    ----------
    spreads
        What was known before.
    sold
        Which products were sold in any show, shape (P,).
    weights
        Of the points [1], shape (G,).
    scale, in_show, drift
        The points, each of shape (G,).
    mean, covariance
        Of the level, the products' factors, the slopes in their own standard deviations of
        before, and last of all products together, where a figure is of them: shapes (G, V) and
        (G, V, V), with V the number of these.
    own
        Of each show: its own error at the likeliest [1], shape (N,), as a logarithm.
    counted
        Of each show: how much it counted [1], shape (N,): about 1, near 0 for one far off.
    figures
        The same of each figure, shape (K,); a show counts as its figures do, too.
    shares
        Of each show: by which share of a change of it the next show's factor moves [1], shape (N,).
        What is missing to 1 is the share of what the planner tells.
    effect, effect_sd
        Of each effect: mean and standard deviation, in its own ones of before, shape (J,).
    together
        All products together, where a figure is of them.
    """

    spreads: Spreads
    sold: NDArray[np.bool_]
    weights: Floats
    scale: Floats
    in_show: Floats
    drift: Floats
    mean: Floats
    covariance: Floats
    own: Floats = field(repr=False)
    counted: Floats = field(repr=False)
    figures: Floats = field(repr=False)
    shares: Floats = field(repr=False)
    effect: Floats = field(repr=False)
    effect_sd: Floats = field(repr=False)
    together: Together | None = field(repr=False)

    @property
    def slopes(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each slope, in its own ones of before, shape (E,) both."""
        last = self.mean.shape[1] - (self.together is not None)
        some = np.arange(1 + len(self.sold), last)
        return _mixed(self.weights, self.mean[:, some], self.covariance[:, some, some])

    def draw(self, number: int, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Return draws of the next show's factors, on the scale of logarithms.

        Past shows tell the sum of the level and a product's factor well, and neither alone. So what
        the products sold have in common is the show's, or what all have where only whole shows are
        known: the parts then hardly depend on each other.

        Parameters
        ----------
        number
            How many, R.
        random
            From where.

        Returns
        -------
        show : array
            The level with the next show's own error, shape (R,).
        products : array
            Each product's factor in the next show, shape (R, P).
        slopes : array
            Each slope, in its own standard deviations of before, shape (R, E).
        """
        points = random.choice(len(self.weights), size=number, p=self.weights)
        roots = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(self.mean.shape[1]))
        level = random.standard_normal((number, self.mean.shape[1]))
        for point in np.unique(points):
            mine = points == point
            level[mine] = self.mean[point] + level[mine] @ roots[point].T
        show = level[:, 0] + self.drift[points] * random.standard_normal(number)
        show += self._errors(self.scale[points], random)
        last = level.shape[1] - (self.together is not None)
        products, slopes = np.split(level[:, 1:last], [len(self.sold)], axis=1)
        scale = self.in_show[points]
        own = self._errors(np.broadcast_to(scale[:, None], products.shape), random)
        shared = common = np.zeros(number)
        if self.sold.any():
            shared = common = products[:, self.sold].mean(axis=1)
        elif self.together is not None:  # what is known is the sum, whatever its parts
            own_variance = self.spreads.variance(scale)
            shared, common = level[:, -1], self.together.of_products(products, own_variance)
        return show + shared, products - common[:, None] + own, slopes

    def _errors(self, scale: Floats, random: np.random.Generator) -> Floats:
        """Return errors with Student's t distribution, none further off than the templates'."""
        from scipy.special import stdtr, stdtrit

        tails = self.spreads.tails
        beyond = stdtr(tails, -np.log(_WITHIN) / np.maximum(scale, 1e-9))
        even = beyond + random.random(scale.shape) * (1.0 - 2.0 * beyond)
        return np.asarray(scale * stdtrit(tails, even))


def factors(seen: Seen, spreads: Spreads) -> Factors:
    """Return what past shows say of the next one's factors.

    Parameters
    ----------
    seen
        What was seen of them.
    spreads
        What was known before.

    Examples
    --------
    >>> one = np.zeros(4, dtype=int)
    >>> figures = np.log([1.9, 2.0, 2.1, 2.0])
    >>> seen = Seen(np.arange(4), one, figures, np.zeros(4), np.zeros(4, bool), 4, 0)
    >>> found = factors(seen, TURNOUT)
    >>> round(float(np.exp(found.weights @ found.mean[:, 0])), 1)
    2.0
    """
    grid = _Grid.of(seen, spreads)
    # Of each show's error, and last of the planner's view of the level, by variational Bayes.
    weight = np.ones((len(grid.scale), seen.shows + 1))
    sites = _Sites.of(seen, grid)
    for _ in range(_ROUNDS):
        prior = grid.prior(weight)
        sites.fit(prior)
        square, own = grid.own_errors(prior, weight, sites)
        errors = _Errors.of(square, grid, spreads.tails)
        moved = max(sites.moved, float(np.abs(errors.weight - weight).max()))
        weight = errors.weight
        if moved < _SETTLED:
            break
    log_weights = sites.evidence(prior) - errors.divergence
    log_weights -= 0.5 * (np.log(grid.scale / spreads.scale) / spreads.scale_sd) ** 2
    log_weights += np.log(grid.likely)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    rest = slice(seen.shows, None)
    sold = np.isin(np.arange(seen.products), seen.product)
    figures = np.minimum(sites.counted, 1.0)
    return Factors(
        spreads,
        sold,
        weights,
        grid.scale,
        grid.in_show,
        grid.drift,
        sites.mean[:, rest],
        sites.covariance[:, rest, rest],
        weights @ own,
        weights @ (np.minimum(weight[:, :-1], 1.0) * _by_show(seen, figures)),
        weights @ figures,
        weights @ sites.shares(sold),
        *_mixed(weights, *grid.effects(prior, sites)),
        seen.together,
    )


def _mixed(weights: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of a mixture of G parts, each of shape (G, J)."""
    middle = weights @ mean
    return middle, np.sqrt(weights @ (variance + mean**2) - middle**2)


def _by_show(seen: Seen, figures: Floats) -> Floats:
    """Return the mean of each show's figures, shape (G, N); 1 where there is none."""
    number = np.bincount(seen.show, minlength=seen.shows)
    total = np.zeros((len(figures), seen.shows))
    _add(total, seen.show, figures)
    return np.where(number > 0, total / np.maximum(number, 1), 1.0)


@dataclass(frozen=True)
class _Errors:
    """What is known of the shows' own errors and of the view's, by variational Bayes.

    An error is normal with a precision that is not known, or the show is told wrongly (Bishop, 10.2
    and B). The view is told by the planner and is not mistaken.

    Parameters
    ----------
    weight
        Mean precision of each, in units of what is usual, shape (G, N + 1).
    divergence
        What they cost the evidence, shape (G,).
    """

    weight: Floats
    divergence: Floats

    @classmethod
    def of(cls, square: Floats, grid: _Grid, tails: float) -> _Errors:
        """Return it, of mean squares in units of what is usual, shape (G, N + 1)."""
        from scipy.special import digamma, expit, gammaln, rel_entr

        prior, half, rate = tails / 2.0, (tails + 1.0) / 2.0, (tails + square) / 2.0
        mean, logs = half / rate, digamma(half) - np.log(rate)
        away = half * np.log(rate) - gammaln(half) + (half - prior) * logs - half
        away += gammaln(prior) - prior * np.log(prior) + prior * mean
        narrow = np.broadcast_to((grid.scale[:, None] / _MISTAKE) ** 2, square.shape)
        odds = log(_MISTAKEN / (1.0 - _MISTAKEN)) + away
        odds += 0.5 * (np.log(narrow) - narrow * square - logs + mean * square)
        wrong = expit(odds)
        wrong[:, -1] = 0.0
        weight = (1.0 - wrong) * mean + wrong * narrow
        cost = (1.0 - wrong) * (away - 0.5 * logs) - 0.5 * wrong * np.log(narrow)
        cost += 0.5 * np.log(weight)
        cost += rel_entr(wrong, _MISTAKEN) + rel_entr(1.0 - wrong, 1.0 - _MISTAKEN)
        return cls(weight, cost.sum(axis=1))


@dataclass(frozen=True)
class _Grid:
    """The spreads tried, and what each says before anything was seen."""

    seen: Seen
    spreads: Spreads
    scale: Floats
    in_show: Floats
    likely: Floats
    drift: Floats

    @classmethod
    def of(cls, seen: Seen, spreads: Spreads) -> _Grid:
        scales = spreads.scale * np.exp(spreads.scale_sd * _SCALES)
        points = combinations(scales, spreads.in_show, spreads.drifts)
        scale, in_show, likely, drift = np.array([(s, *own, d) for s, own, d in points]).T
        return cls(seen, spreads, scale, in_show, likely, drift * scale)

    def prior(self, weight: Floats) -> Floats:
        """Return the covariance of shows' factors, the next level, products' factors and slopes."""
        shows, last = self.seen.shows, self.seen.shows + 1 + self.seen.products
        size = shows + 1 + self.seen.last + (self.seen.together is not None)
        to_come = shows - np.arange(shows + 1.0)  # shows between each one and the next
        walked = np.minimum.outer(to_come, to_come)
        prior = np.zeros((len(self.scale), size, size))
        moved = self.seen.moved
        view = self.spreads.level**2 / weight[:, shows, None, None]
        prior[:, : shows + 1, : shows + 1] = view + moved @ moved.T
        prior[:, : shows + 1, : shows + 1] += self.drift[:, None, None] ** 2 * walked
        each = np.arange(shows)
        prior[:, each, each] += self.scale[:, None] ** 2 / weight[:, :shows]
        products = np.arange(shows + 1, last)
        slopes = np.arange(last, shows + 1 + self.seen.last)
        known = np.square(self.spreads.product) - self.spreads.variance(self.in_show)[:, None]
        known = np.maximum(known, 0.01)
        prior[:, products, products] = known
        prior[:, slopes, slopes] = 1.0
        if self.seen.together is not None:
            known = np.broadcast_to(known, (len(prior), len(products)))
            prior[:, -1, products] = prior[:, products, -1] = self.seen.together.shares * known
            prior[:, -1, -1] = self.seen.together.variance(known) + 1e-6
        return prior

    def effects(self, prior: Floats, sites: _Sites) -> tuple[Floats, Floats]:
        """Return mean and variance of the effects, in their own of before, shape (G, J) both.

        They are what remains to be regressed on the shows' factors, of which these are known.
        """
        levels, moved = slice(0, self.seen.shows + 1), self.seen.moved
        slope = moved.T @ np.linalg.inv(prior[:, levels, levels])
        mean = np.einsum("gji,gi->gj", slope, sites.mean[:, levels])
        known = np.einsum("gji,gik,gjk->gj", slope, sites.covariance[:, levels, levels], slope)
        return mean, 1.0 - np.einsum("gji,ij->gj", slope, moved) + known

    def own_errors(self, prior: Floats, weight: Floats, sites: _Sites) -> tuple[Floats, Floats]:
        """Return the mean squares of the shows' own errors and of the view's, and the errors.

        The squares are in units of what is usual, shape (G, N + 1); the errors have shape (G, N).
        """
        shows = self.seen.shows
        levels = slice(0, shows + 1)
        own = self.scale[:, None] ** 2 / weight[:, :shows]
        slope = own[:, :, None] * np.linalg.inv(prior[:, levels, levels])[:, :shows]
        mean = np.einsum("gij,gj->gi", slope, sites.mean[:, levels])
        spread = np.einsum("gij,gjk,gik->gi", slope, sites.covariance[:, levels, levels], slope)
        unknown = own - np.einsum("gi,gii->gi", own, slope[:, :, :shows])
        square = (mean**2 + spread + unknown) / self.scale[:, None] ** 2
        view = sites.mean[:, shows] ** 2 + sites.covariance[:, shows, shows]
        return np.column_stack([square, view / self.spreads.level**2]), mean


def _add(table: Floats, columns: NDArray[np.intp], values: Floats) -> None:
    """Add values to columns of a table, of which some occur several times."""
    at: Any = (slice(None), columns)
    np.add.at(table, at, values)


class _Sites:
    """Gaussian stand-ins for what was seen, exp(shift η - precision η² / 2) each, shape (G, K).

    η is a show's factor, a product's, and a slope so far along it as the figure is, added up.
    """

    def __init__(self, seen: Seen, own: Floats, tails: float) -> None:
        self.seen = seen
        self.parts = [(seen.show, np.ones(len(seen.value)))]
        if seen.products:
            product = np.where(seen.whole, seen.last, seen.product)
            self.parts.append((seen.shows + 1 + product, np.ones(len(seen.value))))
        if seen.slopes is not None:
            first = seen.shows + 1 + seen.products
            self.parts.append((first + seen.slopes.of, seen.slopes.by))
        # Student's t is a normal law of which the precision is not known (West 1987)
        chances = _PRECISIONS ** (tails / 2.0) * np.exp(-tails / 2.0 * _PRECISIONS)
        # What is a whole show's is told wrongly as the show is.
        wrong = np.where(seen.whole | (seen.products == 0), 0.0, _MISTAKEN)
        chances = np.vstack([np.outer(chances / chances.sum(), 1.0 - wrong), wrong])
        self.log_chances = np.log(np.maximum(chances, 1e-300))[:, None, :]
        errors = np.concatenate(
            [own / _PRECISIONS[:, None, None], np.full((1, *own.shape), _MISTAKE**2)]
        )
        self.errors = np.maximum(errors + seen.noise, 1e-6)
        usual = np.maximum(own + seen.noise, 1e-6)
        self.precision = np.where(seen.at_least, 0.0, 1.0 / usual)
        self.shift = np.where(seen.at_least, 0.0, seen.value / usual)
        self.mean = np.full(1, np.inf)

    @classmethod
    def of(cls, seen: Seen, grid: _Grid) -> _Sites:
        own = np.ones(len(seen.value))
        if seen.together is not None:  # products' own errors average out
            own[seen.whole] = (seen.together.shares**2).sum()
        return cls(seen, grid.in_show[:, None] ** 2 * own, grid.spreads.tails)

    def fit(self, prior: Floats) -> None:
        """Solve for the posterior, and move the stand-ins of all lower bounds a step."""
        size = prior.shape[1]
        flat = np.zeros((len(prior), size * size))
        shift = np.zeros((len(prior), size))
        for one, by in self.parts:
            _add(shift, one, by * self.shift)
            for other, other_by in self.parts:
                _add(flat, one * size + other, by * other_by * self.precision)
        self.joint = np.linalg.inv(prior) + flat.reshape(prior.shape)
        self.covariance = np.linalg.inv(self.joint)
        before = self.mean
        self.mean = np.einsum("gij,gj->gi", self.covariance, shift)
        self.moved = float(np.abs(self.mean - before).max())
        self.fitted_shift = shift
        self._tilt()

    def _tilt(self) -> None:
        """Match the moments of what is known without each figure, times what the figure says."""
        mean, variance = self._marginals()
        without = 1.0 / np.maximum(1.0 / variance - self.precision, 1e-9)
        centre = without * (mean / variance - self.shift)
        self.without, self.centre = without, centre
        self.fitted = self.precision, self.shift
        wide = without + self.errors
        logs, steep, bent = self._likelihood(centre - self.seen.value, wide)
        logs += self.log_chances
        most = logs.max(axis=0)
        chances = np.exp(logs - most)
        total = chances.sum(axis=0)
        self.log_tilted = most + np.log(total)
        chances /= total
        self.counted = np.einsum("q,qgk->gk", _PRECISIONS, chances[:-1])  # told wrongly: not at all
        slope = np.einsum("qgk,qgk->gk", chances, steep)
        bend = np.einsum("qgk,qgk->gk", chances, steep**2 - bent) - slope**2
        # A figure that is far off makes less known, not more: for that there is no stand-in.
        precision = np.maximum(-bend / (1.0 + bend * without), 0.0)
        shift = slope + (centre + without * slope) * precision
        self.precision = self.precision + _DAMPED * (precision - self.precision)
        self.shift = self.shift + _DAMPED * (shift - self.shift)

    def _likelihood(self, above: Floats, wide: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the logarithm of what figures say, its slope, and how much it is bent there.

        Parameters
        ----------
        above
            By how much what is known without a figure lies above it, shape (G, K).
        wide
            Variance of the two together, shape (Q, G, K).
        """
        from scipy.special import log_ndtr

        steep, bent = -above / wide, 1.0 / wide
        logs = 0.5 * (above * steep + np.log(bent) - np.log(2 * np.pi))
        bound = self.seen.at_least
        if bound.any():
            root = np.sqrt(bent[..., bound])
            standing = above[:, bound] * root
            logs[..., bound] = log_ndtr(standing)
            ratio = np.exp(-0.5 * standing**2 - 0.5 * np.log(2 * np.pi) - logs[..., bound])
            steep[..., bound] = ratio * root
            bent[..., bound] = ratio * (standing + ratio) * root**2
        return logs, steep, bent

    def _marginals(self) -> tuple[Floats, Floats]:
        mean, variance = np.zeros_like(self.precision), np.zeros_like(self.precision)
        for one, by in self.parts:
            mean += by * self.mean[:, one]
            for other, other_by in self.parts:
                variance += by * other_by * self.covariance[:, one, other]
        return mean, variance

    def shares(self, sold: NDArray[np.bool_]) -> Floats:
        """Return by how much the next show's factor moves with each show, shape (G, N)."""
        shows = self.seen.shows
        gain = self.covariance[:, shows]  # of the level, and of what products sold have in common
        if sold.any():
            each = self.covariance[:, shows + 1 : shows + 1 + len(sold)]
            gain = gain + each[:, sold].mean(axis=1)
        elif self.seen.together is not None:
            gain = gain + self.covariance[:, -1]
        of_each = sum(by * gain[:, one] for one, by in self.parts)
        found = np.zeros((len(gain), shows))
        _add(found, self.seen.show, of_each * self.precision)
        return found

    def evidence(self, prior: Floats) -> Floats:
        """Return the logarithm of the evidence of what was seen, shape (G,)."""
        precision, shift = self.fitted
        total = 0.5 * np.einsum("gi,gi->g", self.fitted_shift, self.mean)
        total -= 0.5 * (np.linalg.slogdet(prior)[1] + np.linalg.slogdet(self.joint)[1])
        stand_in = -0.5 * np.log1p(precision * self.without) + 0.5 * (
            (self.centre / self.without + shift) ** 2 / (1.0 / self.without + precision)
            - self.centre**2 / self.without
        )
        return np.asarray(total + (self.log_tilted - stand_in).sum(axis=1))
