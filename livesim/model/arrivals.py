"""Who comes when: arrival profiles, and the chance to come in one refresh.

A segment's profile G says which share of those who come has come by a moment; it starts at the
share who wait and ends at 1. Turnout θ is the share of the reach that comes by the end on a neutral
stage. Who has not come yet comes in the interval from G₀ to G₁ with the chance 1 − (1 − θG₁) / (1 −
θG₀): the profile integrated over the interval, so θ keeps its meaning at any refresh, at zero rates
and in the last interval. A guest's pull multiplies the hazard behind that chance.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats


def flat(x: Floats) -> Floats:
    """Return the share that has come by a part ``x`` of the time [1] at a constant pace."""
    return x


def front_loaded(x: Floats, rate: Floats) -> Floats:
    """Return the share that has come by ``x`` [1] where the pace falls exponentially.

    Parameters
    ----------
    x
        Part of the time that has passed, in [0, 1].
    rate
        How fast it falls, as :func:`front_rate` has it [1].

    Notes
    -----
    F(x) = (1 − e^(−rx)) / (1 − e^(−r)). The shape follows an announced live stream (Jay Chou's on
    Kuaishou, 26 July 2020): 42.6 of 68 million viewers came in the first third (TODAY Online, July
    2020).

    Examples
    --------
    >>> front_loaded(np.array([0.0, 0.2, 1.0]), front_rate(np.array([0.2]))).round(6).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.expm1(-rate * x) / np.expm1(-rate))


def front_rate(half_by: Floats) -> Floats:
    """Return the rate r at which the pace must fall for half of them to have come by then [1].

    Parameters
    ----------
    half_by
        Part of the time by which half of them have come, in (0, 0.5].

    Notes
    -----
    (1 − e^(−rh)) / (1 − e^(−r)) = ½ has the root r → 0 at h = ½ (flat); below it r is found by
    bisection.
    """
    low, high = np.full_like(half_by, 1e-9), 2.0 * np.log(2.0) / half_by
    for _ in range(80):
        middle = (low + high) / 2
        too_slow = np.expm1(-middle * half_by) / np.expm1(-middle) < 0.5
        low, high = np.where(too_slow, middle, low), np.where(too_slow, high, middle)
    return np.asarray(np.maximum((low + high) / 2, 1e-9))


def s_curve(x: Floats, middle: Floats, spread: Floats) -> Floats:
    """Return the share that has come by ``x`` [1] where the news spreads: a cut logistic curve.

    Parameters
    ----------
    x
        Part of the time that has passed, in [0, 1].
    middle, spread
        Where the curve is steepest, and its width, as parts of the time.
    """

    def logistic(y: Floats) -> Floats:
        return np.asarray(0.5 * (1.0 + np.tanh((y - middle) / (2.0 * spread))))

    start, end = logistic(np.zeros(1)), logistic(np.ones(1))
    return np.asarray((logistic(x) - start) / (end - start))


def through_points(seconds: Floats, points: Mapping[float, float]) -> Floats:
    """Return the share that has come by a time [s], on straight lines through times and shares.

    Examples
    --------
    >>> through_points(np.array([0.0, 300.0, 900.0]), {600.0: 0.5, 1200.0: 1.0}).tolist()
    [0.0, 0.25, 0.75]
    """
    times, shares = zip((0.0, 0.0), *sorted(points.items()), strict=True)
    return np.asarray(np.interp(seconds, times, shares))


def with_waiting(share: Floats, waiting: Floats, started: NDArray[np.bool_]) -> Floats:
    """Return the profile G [1]: the waiting all at the start, the others by their curve.

    Parameters
    ----------
    share
        Share of the others that has come, in [0, 1].
    waiting
        Share of those who come who wait at the start [1].
    started
        True where the segment's own clock has started (before it, nobody comes).
    """
    return np.where(started, waiting + (1.0 - waiting) * share, 0.0)


def arrival_hazards(turnout: Floats, profile: Floats) -> Floats:
    """Return the integrated hazard to come [1] over each interval between the profile's moments.

    Parameters
    ----------
    turnout
        Share θ of the reach that comes on a neutral stage, shape (R,).
    profile
        The profile G, first moment first, shape (T + 1, R) or (T + 1, 1).

    Returns
    -------
    ndarray
        Shape (T + 1, R); the first row is for those who wait at the start (from G = 0).

    Examples
    --------
    >>> hazards = arrival_hazards(np.array([0.2]), np.array([[0.0], [0.5], [1.0], [1.0]]))
    >>> round(float(1 - np.exp(-hazards.sum())), 12)
    0.2
    """
    before = np.vstack([np.zeros_like(profile[:1]), profile[:-1]])
    still_to_come = 1.0 - turnout * before
    share = np.divide(
        turnout * (profile - before),
        still_to_come,
        out=np.zeros(np.broadcast_shapes(profile.shape, turnout.shape)),
        where=still_to_come > 0,
    )
    with np.errstate(divide="ignore"):  # turnout 1 ends in an infinite hazard: a chance of 1
        return np.asarray(-np.log1p(-np.minimum(share, 1.0)))


def arrival_chance(hazard: Floats, pull: Floats, brought: Floats | float = 0.0) -> Floats:
    """Return the chance [1] that someone who has not come yet comes in an interval.

    Parameters
    ----------
    hazard
        Integrated hazard of the profile over the interval [1].
    pull
        Factor on it: the guests' pull times the forecast error of turnout [1].
    brought
        Integrated hazard that watchers and orders bring [1].

    Examples
    --------
    >>> float(arrival_chance(-np.log1p(-np.array(0.2)), np.array(2.0)).round(3))
    0.36
    """
    return np.asarray(-np.expm1(-(hazard * pull + brought)))


def first_come_chances(hazards: Floats, pull: Floats) -> Floats:
    """Return the chance [1] of who has not come to come in each of some intervals, or in none.

    Parameters
    ----------
    hazards
        Integrated hazard of the profile over each interval [1], shape (intervals, R).
    pull
        Factor on it [1], shape (R,).

    Returns
    -------
    ndarray
        Shape (R, intervals + 1): the last is the chance not to come in any.

    Examples
    --------
    >>> half = -np.log(0.5) * np.ones((2, 1))
    >>> first_come_chances(half, np.ones(1)).round(6).tolist()
    [[0.5, 0.25, 0.25]]
    """
    away = np.exp(-np.cumsum(hazards, axis=0) * pull)
    return np.concatenate([1.0 - away[:1], away[:-1] - away[1:], away[-1:]]).T


def lull_chances(hazards: Floats, pull: Floats, leave: Floats) -> tuple[Floats, Floats]:
    """Return the chance to come in any of some intervals, and to stay to the end of the last.

    Parameters
    ----------
    hazards
        Integrated hazard of the profile over each interval [1], shape (intervals, R).
    pull
        Factor on it [1], shape (R,).
    leave
        Hazard to leave by phase, integrated over one interval [1], shape (R, K).

    Returns
    -------
    tuple of ndarray
        The chance to come, shape (R,), and, of who comes, the chance to stay, shape (R, K).

    Notes
    -----
    Who comes in an interval looks at its end for the first time, and can leave from then on:
    q = Σ pⱼ e^(−λ(n − 1 − j)) / Σ pⱼ, where pⱼ is the chance to come in interval j of n.

    Examples
    --------
    Of two who come, one in each interval, the first can leave once:

    >>> even = arrival_hazards(np.array([0.5]), np.array([[0.0], [0.5], [1.0]]))[1:]
    >>> come, stay = lull_chances(even, np.ones(1), leave=np.full((1, 1), np.log(2.0)))
    >>> come.round(6).tolist(), stay.round(6).tolist()
    ([0.5], [[0.75]])
    """
    staying = np.ascontiguousarray(np.exp(-leave).T)  # by phase: NumPy is faster along the rows
    away, there = np.ones(hazards.shape[1]), np.zeros_like(staying)
    for stays_away in 1.0 - arrival_chance(hazards, pull):
        before, away = away, away * stays_away
        there *= staying
        there += before - away
    come = 1.0 - away
    share = np.divide(there, come, out=np.zeros_like(there), where=come > 0)
    return come, np.minimum(share, 1.0).T


def brought_hazard(
    imitation: Floats,
    watching: NDArray[np.int64],
    recommendation: Floats,
    orders: NDArray[np.int64],
    window: float,
    reach: NDArray[np.int64],
    refresh: float,
) -> Floats:
    """Return the integrated hazard [1] of those whom watchers and the platform bring in a refresh.

    Parameters
    ----------
    imitation
        Bass's coefficient q [1/s].
    watching
        Concurrent viewers of the segment.
    recommendation
        Visitors brought per order while nobody has come yet [1].
    orders
        Orders, served or not, in the last ``window`` seconds.
    window
        Time over which orders are counted [s].
    reach
        People who could come.
    refresh
        Length of the interval [s].

    Notes
    -----
    (q · watching / M + ρ · orders / (W · M)) Δ: Bass (1969, doi 10.1287/mnsc.15.5.215) with
    watchers as the imitated; the second term is an assumption.
    """
    rate = imitation * watching + recommendation * orders / window
    return np.asarray(rate / np.maximum(reach, 1.0) * refresh)
