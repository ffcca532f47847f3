"""What nobody knows yet: a quantity given as a distribution instead of a number.

A planner writes ``{p10: 420, likely: 800, p90: 1540}`` or names a distribution. A distribution
knows one thing, its quantile function: each replication reads it at one uniform number, so all of a
show shares the draw. Percentiles are percentiles: the curve goes through all three, on the scale
(logarithm, log-odds) where the quantity cannot leave its range. Nothing is ever clipped; a
distribution that could reach outside the range of its field is refused when it is read.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Final, TypeAlias

import numpy as np

from livesim.arrays import Floats
from livesim.scenario.quantities import Kind, Scale, Written

_STANDARD: Final = NormalDist()
_Z90: Final = _STANDARD.inv_cdf(0.9)
#: No uniform number that livesim draws is closer to 0 or 1 than this.
EDGE: Final = 2.0**-53


def normal_quantile(u: Floats) -> Floats:
    """Return standard normal quantiles [1] of probabilities in (0, 1).

    The standard library's algorithm is used because it gives the same bits on every processor.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.9])).round(4).tolist()
    [0.0, 1.2816]
    """
    flat = np.fromiter(map(_STANDARD.inv_cdf, u.ravel()), float, u.size)
    return flat.reshape(u.shape)


class Distribution(ABC):
    """An uncertain quantity, known by its quantile function."""

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Return the values below which a share ``u`` of all draws lies."""

    @abstractmethod
    def write(self, kind: Kind) -> dict[str, Any]:
        """Return the form in which a planner writes it."""

    @property
    def percentiles(self) -> tuple[float, float, float]:
        """The 10th, 50th and 90th percentile."""
        p10, middle, p90 = self.quantile(np.array([0.1, 0.5, 0.9])).tolist()
        return p10, middle, p90

    @property
    def median(self) -> float:
        """The value that half of all draws stay below."""
        return self.percentiles[1]

    def mapped(self, rule: Callable[[float], float], kind: Kind) -> Distribution:
        """Return the distribution of an increasing function of this quantity.

        Percentiles go through an increasing function unchanged, so the 10th, 50th and 90th are
        mapped and joined on the scale of the new kind (exact for a multiple of a lognormal).
        """
        p10, middle, p90 = map(rule, self.percentiles)
        return Percentiles(p10, middle, p90, kind.scale)

    def nodes(self) -> tuple[Floats, Floats]:
        """Return values and weights [1] whose sums are expectations: a quadrature.

        The trapezoid rule on the normal scale, whose error vanishes faster than any power of the
        step for smooth functions (Trefethen and Weideman 2014, doi 10.1137/130932132).
        """
        z = np.linspace(-8.0, 8.0, 33)
        weights = np.exp(-z * z / 2.0)
        u = np.clip(np.fromiter(map(_STANDARD.cdf, z), float, z.size), EDGE, 1.0 - EDGE)
        return self.quantile(u), weights / weights.sum()


class Median(float):
    """A number that half of all shows stay below, where a plain number is their mean."""

    def __eq__(self, other: object) -> bool:
        """Say whether the other is the same median; a mean of that size is another quantity."""
        return isinstance(other, Median) and float(self) == float(other)

    def __ne__(self, other: object) -> bool:
        """Say whether the other is something else."""
        return not self == other

    def __hash__(self) -> int:
        """Return a hash that differs from the plain number's."""
        return hash((Median, float(self)))


Quantity: TypeAlias = float | Distribution


@dataclass(frozen=True)
class Percentiles(Distribution):
    """Three percentiles, joined by two half-normals on the scale of the quantity.

    Parameters
    ----------
    p10, likely, p90
        The 10th, 50th and 90th percentile.
    scale
        Where each half is normal: lognormal for positive quantities, logit-normal for shares.

    Examples
    --------
    >>> from livesim.scenario.quantities import LOG
    >>> demand = Percentiles(420, 800, 1540, LOG)
    >>> demand.quantile(np.array([0.1, 0.5, 0.9])).round(6).tolist()
    [420.0, 800.0, 1540.0]
    """

    p10: float
    likely: float
    p90: float
    scale: Scale

    @property
    def percentiles(self) -> tuple[float, float, float]:
        """The three numbers as they were given."""
        return self.p10, self.likely, self.p90

    def quantile(self, u: Floats) -> Floats:
        """Return the values on the two half-normals."""
        low, middle, high = self.scale.forward(np.array(self.percentiles))
        z = normal_quantile(u)
        spread = np.where(z < 0, middle - low, high - middle) / _Z90
        return self.scale.back(middle + z * spread)

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{p10: …, likely: …, p90: …}``."""
        return {
            "p10": kind.write(self.p10),
            "likely": kind.write(self.likely),
            "p90": kind.write(self.p90),
        }


@dataclass(frozen=True)
class Lognormal(Distribution):
    """A quantity whose logarithm is normal.

    Parameters
    ----------
    median_value
        The value that half of all draws stay below.
    sigma
        Standard deviation of the natural logarithm [1].
    """

    median_value: float
    sigma: float

    def quantile(self, u: Floats) -> Floats:
        """Return the values whose logarithms are normal."""
        return self.median_value * np.exp(self.sigma * normal_quantile(u))

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{lognormal: {median: …, sigma: …}}``."""
        return {"lognormal": {"median": kind.write(self.median_value), "sigma": self.sigma}}


@dataclass(frozen=True)
class StudentT(Distribution):
    """A quantity whose logarithm has Student's t distribution, truncated.

    Without the truncation it has no mean. Draws beyond it are drawn again, not moved to its edge.

    Parameters
    ----------
    median_value
        The value that half of all draws stay below.
    scale
        Scale of the natural logarithm [1].
    df
        Degrees of freedom [1]: the fewer, the heavier the tails.
    within
        No draw is further from the median than by this factor [1].

    Examples
    --------
    >>> views = StudentT(1.0, scale=0.3, df=4.4, within=20)
    >>> views.quantile(np.array([0.1, 0.5, 0.9])).round(2).tolist()
    [0.64, 1.0, 1.57]
    """

    median_value: float
    scale: float
    df: float
    within: float = 20.0

    def quantile(self, u: Floats) -> Floats:
        """Return the values whose logarithms have the truncated t distribution."""
        from scipy.special import stdtr, stdtrit

        beyond = stdtr(self.df, -math.log(self.within) / self.scale)
        lower = np.asarray(beyond + np.minimum(u, 1.0 - u) * (1.0 - 2.0 * beyond), dtype=float)
        t = np.where(u < 0.5, 1.0, -1.0) * stdtrit(self.df, lower)
        return np.asarray(self.median_value * np.exp(self.scale * t))

    def mapped(self, rule: Callable[[float], float], kind: Kind) -> Distribution:
        """Return a multiple of this quantity as such, and else as its percentiles are mapped."""
        percentiles = super().mapped(rule, kind)
        ratios = np.array(percentiles.percentiles) / np.array(self.percentiles)
        if np.ptp(ratios) <= 0.02 * ratios[1]:  # but for rounding
            return replace(self, median_value=percentiles.median)
        return percentiles

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{student_t: {median: …, scale: …, df: …, within: …}}``."""
        median = kind.write(self.median_value)
        rest = {"scale": self.scale, "df": self.df, "within": self.within}
        return {"student_t": {"median": median, **rest}}


@dataclass(frozen=True)
class Normal(Distribution):
    """A normal quantity, for fields in which no draw can leave the range."""

    mean: float
    sd: float

    def quantile(self, u: Floats) -> Floats:
        """Return the values on the normal curve."""
        return self.mean + self.sd * normal_quantile(u)

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{normal: {mean: …, sd: …}}``."""
        return {"normal": {"mean": kind.write(self.mean), "sd": kind.write(self.sd)}}


@dataclass(frozen=True)
class Uniform(Distribution):
    """A quantity that is equally likely anywhere between two values."""

    low: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        """Return the values on the straight line between the ends."""
        return self.low + (self.high - self.low) * u

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{uniform: [low, high]}``."""
        return {"uniform": [kind.write(self.low), kind.write(self.high)]}


@dataclass(frozen=True)
class Beta(Distribution):
    """A share with the beta distribution."""

    a: float
    b: float

    def quantile(self, u: Floats) -> Floats:
        """Return the values by the inverse of the incomplete beta function."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.a, self.b, u))

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{beta: {a: …, b: …}}``."""
        return {"beta": {"a": self.a, "b": self.b}}


@dataclass(frozen=True)
class Choice(Distribution):
    """One of several values, in increasing order, each with its chance."""

    values: tuple[float, ...]
    chances: tuple[float, ...]

    def quantile(self, u: Floats) -> Floats:
        """Return the value in whose share of the chances each ``u`` falls."""
        edges = np.cumsum(self.chances)[:-1]
        return np.asarray(self.values, dtype=float)[np.searchsorted(edges, u, side="right")]

    def nodes(self) -> tuple[Floats, Floats]:
        """Return the values and their chances."""
        return np.asarray(self.values, dtype=float), np.asarray(self.chances, dtype=float)

    def mapped(self, rule: Callable[[float], float], kind: Kind) -> Distribution:
        """Return the mapped values with their chances."""
        return Choice(tuple(rule(v) for v in self.values), self.chances)

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{choice: {value: chance, …}}``."""
        pairs = zip(self.values, self.chances, strict=True)
        return {"choice": {str(kind.write(v)): c for v, c in pairs}}


@dataclass(frozen=True)
class Draws(Distribution):
    """Equally likely values that belong to those of other quantities, one by one.

    All quantities of a show that are given so are drawn together: what belongs together stays so,
    also where rows of inputs give some of them (:func:`~livesim.resolve.drawn.drawn_at`). One that
    is changed to something else in the scenario is drawn with the others no more.

    Parameters
    ----------
    values
        The values, in an order that is the same for all of them.

    Examples
    --------
    >>> Draws((0.7, 1.3, 0.9)).median
    0.9
    """

    values: tuple[float, ...]

    def quantile(self, u: Floats) -> Floats:
        """Return the values below which a share ``u`` of them lies, on lines between them."""
        return np.quantile(self.values, u)

    def mapped(self, rule: Callable[[float], float], kind: Kind) -> Distribution:
        """Return the mapped values."""
        return Draws(tuple(map(rule, self.values)))

    def write(self, kind: Kind) -> dict[str, Any]:
        """Return ``{draws: …}`` with the values in one text."""
        return {"draws": " ".join(str(kind.write(value)) for value in self.values)}


@dataclass(frozen=True)
class Spread:
    """A quantity that differs from one of many to the next: each of them has a draw of their own.

    Unlike an uncertain quantity, of which one draw holds for all of a show, it is known: what is
    not is who of them has how much.
    """

    quantity: Quantity

    def quantile(self, u: Floats) -> Floats:
        """Return the values below which a share ``u`` of them lies."""
        if isinstance(self.quantity, Distribution):
            return self.quantity.quantile(u)
        return np.full(u.shape, self.quantity)


def likely(quantity: Quantity) -> float:
    """Return the number itself, or the median of an uncertain quantity."""
    if type(quantity) is float:  # most of them, and there are many
        return quantity
    return quantity.median if isinstance(quantity, Distribution) else float(quantity)


def mapped(quantity: Quantity, rule: Callable[[float], float], kind: Kind) -> Quantity:
    """Return an increasing function of a quantity."""
    if isinstance(quantity, Distribution):
        return quantity.mapped(rule, kind)
    value = rule(float(quantity))
    return Median(value) if isinstance(quantity, Median) else value


def write_quantity(quantity: Quantity, kind: Kind) -> Written | dict[str, Any]:
    """Write a quantity in the form in which :func:`read_quantity` reads it."""
    if isinstance(quantity, Distribution):
        return quantity.write(kind)
    if isinstance(quantity, Median):
        return {"p50": kind.write(float(quantity))}
    return kind.write(quantity)
