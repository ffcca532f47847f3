"""Few viewers, drawn one by one: when each comes, acts and leaves.

While nothing changes, a viewer acts in every interval with the same chance, so the number of
intervals until then is geometric: an exponential time in whole intervals. It is the same law as how
many act in each interval, and where most intervals and phases see nobody it costs far less.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.model.rates import Chances

Random = np.random.Generator


class Arrivals(NamedTuple):
    """Who comes: the interval, and the place of row and phase in an array (R, K), shape (N,)."""

    interval: Numbers
    place: Numbers


class Stays(NamedTuple):
    """What happens in n intervals, shape (n, R, K).

    Parameters
    ----------
    newcomers
        Who comes in each.
    undecided, decided
        Who watches after each.
    deciding
        Who decides in each.
    """

    newcomers: Counts
    undecided: Counts
    decided: Counts
    deciding: Counts


def coming(rng: Random, not_come: Counts, chances: Floats) -> Arrivals:
    """Draw who comes in n intervals, and when.

    Parameters
    ----------
    rng
        The stream of who comes.
    not_come
        Who has not come yet, shape (R, K).
    chances
        The chance to come in each interval, and in none, shape (R, n + 1).

    Examples
    --------
    >>> chances = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> found = coming(np.random.default_rng(1), np.array([[2, 1], [4, 4]]), chances)
    >>> found.interval.tolist(), found.place.tolist()
    ([1, 1, 1], [0, 0, 1])
    """
    rows, phases = not_come.shape
    by_then = np.cumsum(chances[:, :-1], axis=1)
    number = rng.binomial(not_come, np.minimum(by_then[:, -1:], 1.0))
    place = np.repeat(np.arange(not_come.size), number.ravel())
    row = place // phases
    # Rows stand one after the other, each from its number on: one search finds all.
    moments = by_then + np.arange(rows)[:, None] * 2.0
    drawn = row * 2.0 + by_then[row, -1] * rng.random(len(place))
    interval = np.searchsorted(moments.ravel(), drawn, side="right") - row * by_then.shape[1]
    return Arrivals(np.minimum(interval, by_then.shape[1] - 1), place)


def stays(
    streams: tuple[Random, Random, Random],
    chances: Chances,
    watching: tuple[Counts, Counts],
    arrivals: Arrivals,
    intervals: int,
) -> Stays:
    """Draw what viewers do in n intervals.

    Parameters
    ----------
    streams
        Of who acts, who of these decides, and who leaves later.
    chances
        What they do in one interval.
    watching
        Who watches at first, undecided and decided, shape (R, K) each.
    arrivals
        Who comes, and can act from the next interval on.
    intervals
        The number n of intervals.
    """
    (act, decide, leave), (undecided, decided) = streams, watching
    (rows, phases), places = undecided.shape, np.arange(undecided.size)
    shape = intervals, rows, phases
    here = np.repeat(places, undecided.ravel())
    who = np.concatenate([here, arrivals.place])
    since = np.concatenate([np.zeros_like(here), arrivals.interval + 1])
    acts = since + _waits(act, chances.act.ravel()[who], intervals)
    acting = np.flatnonzero(acts < intervals)
    who, acts = who[acting], acts[acting]
    deciding = np.flatnonzero(decide.random(len(who)) < chances.decide.ravel()[who])
    decider, since = who[deciding], acts[deciding] + 1
    there = np.repeat(places, decided.ravel())
    leaver = np.concatenate([there, decider])
    leaves = np.concatenate([np.zeros_like(there), since])
    leaves += _waits(leave, chances.leave.ravel()[leaver], intervals)
    leaving = np.flatnonzero(leaves < intervals)
    come = _counted(arrivals.interval, arrivals.place, shape)
    decide_then = _counted(since - 1, decider, shape)
    leave_then = _counted(leaves[leaving], leaver[leaving], shape)
    return Stays(
        come,
        undecided + np.cumsum(come - _counted(acts, who, shape), axis=0),
        decided + np.cumsum(decide_then - leave_then, axis=0),
        decide_then,
    )


def _waits(rng: Random, chance: Floats, most: int) -> Numbers:
    """Draw how many intervals pass before something of a chance [1] in each happens."""
    with np.errstate(divide="ignore", over="ignore"):  # a chance of 0 is to wait for ever
        waits = rng.standard_exponential(len(chance)) / -np.log1p(-chance)
    return np.fmin(waits, most).astype(np.intp)


def _counted(interval: Numbers, place: Numbers, shape: tuple[int, int, int]) -> Counts:
    """Return how many there are by interval and place, shape (n, R, K)."""
    intervals, rows, phases = shape
    size = rows * phases
    return np.bincount(interval * size + place, minlength=intervals * size).reshape(shape)
