"""Where a show fails: a box in its inputs within which most shows do, and few elsewhere.

Found by peeling (PRIM: Friedman and Fisher, Bump hunting in high-dimensional data, Statistics and
Computing 9, 1999): from all replications a thin slice at one end of one input is cut off again and
again, the one without which failing is most frequent. Of all the boxes on the way the one is taken
with which failing is most correlated: shows in it fail, and shows that fail lie in it. It is
made from one half of the replications, and what is told of it is counted in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.randomness import BATCH
from livesim.results.intervals import Chance
from livesim.scenario.quantities import Floats

Bools = NDArray[np.bool_]

#: Share of what is left that a slice cuts off; so little that a mistake can be made good.
_SLICE: Final = 0.05
#: A box holds at least so many replications, or what is in it is chance.
_FEWEST: Final = 25
#: Most inputs that bound a box: more is no sentence.
_MOST_BOUNDS: Final = 3
#: A bound that adds less to how good a box is tells nothing.
_LITTLE: Final = 0.01


@dataclass(frozen=True)
class Bound:
    """Between which values an input lies.

    Parameters
    ----------
    path
        The input.
    low, high
        In its own unit; -inf and inf where there is no bound.
    """

    path: str
    low: float
    high: float


@dataclass(frozen=True)
class Region:
    """A box in which shows fail, as counted in replications that it was not made from.

    Parameters
    ----------
    bounds
        Of the inputs that bound it, the one that matters most first.
    inside
        The chance to fail in it.
    everywhere
        The chance to fail of all.
    held
        Which share of those that fail lie in it.
    size
        Share of all replications that lie in it [1].
    """

    bounds: tuple[Bound, ...]
    inside: Chance
    everywhere: Chance
    held: Chance
    size: float


def region(inputs: Mapping[str, Floats], fails: Bools) -> Region | None:
    """Find where shows fail.

    Parameters
    ----------
    inputs
        By path, each of shape (R,).
    fails
        Which replications fail, shape (R,).

    Returns
    -------
    Region or None
        None if no box is found in which failing is surely more frequent than elsewhere.

    Examples
    --------
    >>> luck = np.random.default_rng(1)
    >>> viewers, appeal, other = luck.random((3, 2000))
    >>> found = region(
    ...     {"viewers": viewers, "appeal": appeal, "other": other}, (viewers < 0.4) & (appeal < 0.5)
    ... )
    >>> sorted(bound.path for bound in found.bounds)
    ['appeal', 'viewers']
    """
    odd = np.arange(len(fails)) // (BATCH if len(fails) >= 2 * BATCH else 1) % 2 == 1
    learnt = {path: values[~odd] for path, values in inputs.items() if np.ptp(values) > 0}
    boxes = [{}, *_peeled(learnt, fails[~odd])]
    best = max(boxes, key=lambda box: _worth(box, learnt, fails[~odd]))
    bounds = _needed(best, learnt, fails[~odd])
    if not bounds:
        return None
    if not fails[odd].any():
        return None
    found = _counted(bounds, {path: inputs[path][odd] for path in bounds}, fails[odd])
    return found if found is not None and found.inside.low > found.everywhere.chance else None


#: Lowest and highest value by path.
Box = Mapping[str, tuple[float, float]]


def _peeled(inputs: Mapping[str, Floats], fails: Bools) -> Iterator[Box]:
    """Yield ever smaller boxes in which failing is ever more frequent."""
    box: Box = {}
    inside = np.ones(len(fails), dtype=bool)
    while inside.sum() >= 2 * _FEWEST and not fails[inside].all():
        bounded = inputs if len(box) < _MOST_BOUNDS else box
        slices = [
            (path, end)
            for path in bounded
            for end in _slices(inputs[path][inside], box.get(path, (-inf, inf)))
        ]
        tried = [
            (fails[kept].mean(), path, end, kept)
            for path, end in slices
            if (kept := inside & _between(inputs[path], end)).sum() >= _FEWEST
        ]
        if not tried:
            return
        share, path, end, kept = max(tried, key=lambda one: one[0])
        if share <= fails[inside].mean() and len(box) == _MOST_BOUNDS:
            return
        box, inside = {**box, path: end}, kept
        yield box


def _slices(values: Floats, now: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Yield the bounds of what is left once a slice is cut off below or above."""
    low, high = np.quantile(values, (_SLICE, 1.0 - _SLICE))
    least, most = values.min(), values.max()
    if most > least:  # of many equal values all go at once
        yield (low if low > least else float(values[values > least].min()), now[1])
        yield (now[0], high if high < most else float(values[values < most].max()))


def _between(values: Floats, ends: tuple[float, float]) -> Bools:
    return np.asarray((values >= ends[0]) & (values <= ends[1]))


def _inside(box: Box, inputs: Mapping[str, Floats], size: int) -> Bools:
    inside = np.ones(size, dtype=bool)
    for path, ends in box.items():
        inside &= _between(inputs[path], ends)
    return inside


def _worth(box: Box, inputs: Mapping[str, Floats], fails: Bools) -> float:
    """Return the correlation between lying in it and failing [1] (the phi coefficient)."""
    inside, share = _inside(box, inputs, len(fails)), fails.mean()
    size, both = inside.mean(), (inside & fails).mean()
    spread = (size * (1.0 - size) * share * (1.0 - share)) ** 0.5
    return float((both - size * share) / spread) if spread > 0 else 0.0


def _needed(box: Box, inputs: Mapping[str, Floats], fails: Bools) -> Box:
    """Return a box without the bounds that tell nothing, the one that tells most first."""
    worth = _worth(box, inputs, fails)
    told = {
        path: worth - _worth({p: e for p, e in box.items() if p != path}, inputs, fails)
        for path in box
    }
    if told and min(told.values()) < _LITTLE:
        useless = min(told, key=lambda path: told[path])
        return _needed({p: e for p, e in box.items() if p != useless}, inputs, fails)
    return {path: box[path] for path in sorted(told, key=lambda path: -told[path])}


def _counted(box: Box, inputs: Mapping[str, Floats], fails: Bools) -> Region | None:
    inside = _inside(box, inputs, len(fails))
    if not inside.any():
        return None
    both = int((inside & fails).sum())
    return Region(
        tuple(Bound(path, float(low), float(high)) for path, (low, high) in box.items()),
        inside=Chance.of(both, int(inside.sum())),
        everywhere=Chance.of(int(fails.sum()), len(fails)),
        held=Chance.of(both, int(fails.sum())),
        size=float(inside.mean()),
    )
