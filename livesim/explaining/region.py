"""Where a show fails: a box in its inputs within which most shows do, and few elsewhere.

Where failing is the rule the same search is for the shows that do not fail.

Found by peeling (PRIM: Friedman and Fisher, Bump hunting in high-dimensional data, Statistics and
Computing 9, 1999): from all replications a thin slice at one end of one input is cut off again and
again, the one that raises the share of failing shows most for each replication that it takes. That
is the lenient objective of Kwakkel and Jaxa-Rozen (Environmental Modelling & Software 79, 2016):
of few different values all equal ones go at once, and a large slice would win by its size alone.
Of all the boxes on the way the one is taken with which failing is most correlated: it weighs
coverage, the share of failing shows that it holds, and density, the share of its shows that fail.
Their product would do so too, but where half of all shows fail it takes nearly all for a box.

Inputs are peeled one first, then it with each other, as with few failing shows almost any slice is
free of them, and a search over all inputs at once loses itself in those that do not matter. An end
stays if without it so many failing shows would hardly be in the box (the quasi-p-value of Bryant
and Lempert, Technological Forecasting & Social Change 77, 2010). The box is made from one half of
the replications, and what is told of it is counted in the other. How often all shows fail is
counted in both: no box has chosen among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

import numpy as np

from livesim.arrays import Bools, Floats
from livesim.randomness import BATCH
from livesim.results.intervals import Chance

#: Share of what is left that a slice cuts off; so little that a mistake can be made good.
_SLICE: Final = 0.05
#: A box holds at least so many replications, or what is in it is chance.
_FEWEST: Final = 10
#: Most inputs that bound a box: more is no sentence.
_MOST_BOUNDS: Final = 3
#: An end stays if without it so many failing shows were in the box with at most this chance.
_CHANCE: Final = 0.01


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
    """A box in which shows fail (or do not), counted in replications that it was not made from.

    Only how often all shows fail is counted in all replications.

    Parameters
    ----------
    bounds
        Of the inputs that bound it, the one that matters most first.
    inside
        The chance in it of what is looked for: to fail, or not to.
    everywhere
        Its chance in all shows, the same that a plan or a result has of them.
    held
        Which share of the shows that come to it lie in the box.
    size
        Share of shows that lie in it [1].
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
        Which replications fail, shape (R,); or which do not, to find where shows succeed.

    Returns
    -------
    Region or None
        None if no box is found in which failing is surely more frequent than elsewhere.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> viewers, appeal, other = random.random((3, 2000))
    >>> found = region(
    ...     {"viewers": viewers, "appeal": appeal, "other": other}, (viewers < 0.4) & (appeal < 0.5)
    ... )
    >>> sorted(bound.path for bound in found.bounds)
    ['appeal', 'viewers']
    """
    odd = np.arange(len(fails)) // (BATCH if len(fails) >= 2 * BATCH else 1) % 2 == 1
    learnt = {path: values[~odd] for path, values in inputs.items() if np.ptp(values) > 0}
    bounds = _found(learnt, fails[~odd])
    if not bounds or not fails[odd].any():
        return None
    everywhere = Chance.of(int(fails.sum()), len(fails))
    apart = {path: inputs[path][odd] for path in bounds}
    found = _counted(bounds, apart, fails[odd], everywhere)
    return found if found is not None and found.inside.low > found.everywhere.chance else None


#: Lowest and highest value by path.
Box = Mapping[str, tuple[float, float]]


def _found(inputs: Mapping[str, Floats], fails: Bools) -> Box:
    """Return the box found input by input; without bounds if no input tells anything."""
    box: Box = {}
    while len(box) < min(_MOST_BOUNDS, len(inputs)):
        boxes = [
            one
            for path in inputs
            if path not in box
            for one in _peeled({each: inputs[each] for each in (*box, path)}, fails)
        ]
        best = max(boxes, key=lambda one: _worth(one, inputs, fails), default=box)
        more = _needed(best, inputs, fails)
        if len(more) <= len(box):
            break
        box = more
    return box


def _peeled(inputs: Mapping[str, Floats], fails: Bools) -> Iterator[Box]:
    """Yield ever smaller boxes in which failing is ever more frequent."""
    box: Box = {}
    inside = np.ones(len(fails), dtype=bool)
    while not fails[inside].all():
        size, share = int(inside.sum()), float(fails[inside].mean())
        slices = [
            (path, ends, inside & _between(values, ends))
            for path, values in inputs.items()
            for ends in _slices(values[inside], box.get(path, (-inf, inf)))
        ]
        tried = [
            ((fails[kept].mean() - share) / (size - left), path, ends, kept)
            for path, ends, kept in slices
            if (left := int(kept.sum())) >= _FEWEST
        ]
        if not tried:
            return
        _, path, ends, inside = max(tried, key=lambda one: one[0])
        box = {**box, path: ends}
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
    """Return a box without the ends that tell nothing, the input that tells most first."""
    looser = {
        (path, end): _without(box, path, end)
        for path, ends in box.items()
        for end in range(2)
        if isfinite(ends[end])
    }
    by_chance = {end: _by_chance(box, other, inputs, fails) for end, other in looser.items()}
    if by_chance and max(by_chance.values()) > _CHANCE:
        useless = max(by_chance, key=lambda end: by_chance[end])
        return _needed(looser[useless], inputs, fails)
    order = sorted(by_chance, key=lambda end: by_chance[end])
    return {path: box[path] for path, _ in order}


def _without(box: Box, path: str, end: int) -> Box:
    """Return a box without one end of an input."""
    low, high = box[path]
    ends = (low, inf) if end else (-inf, high)
    others = {other: both for other, both in box.items() if other != path}
    return {**others, path: ends} if ends != (-inf, inf) else others


def _by_chance(box: Box, looser: Box, inputs: Mapping[str, Floats], fails: Bools) -> float:
    """Return the chance of as many failing shows in a box if they were as frequent as around it."""
    from scipy.special import bdtrc

    inside = _inside(box, inputs, len(fails))
    share = float(fails[_inside(looser, inputs, len(fails))].mean())
    hits, size = int((inside & fails).sum()), int(inside.sum())
    return float(bdtrc(hits - 1, size, share)) if hits else 1.0


def _counted(
    box: Box, inputs: Mapping[str, Floats], fails: Bools, everywhere: Chance
) -> Region | None:
    inside = _inside(box, inputs, len(fails))
    if not inside.any():
        return None
    both = int((inside & fails).sum())
    return Region(
        tuple(Bound(path, float(low), float(high)) for path, (low, high) in box.items()),
        inside=Chance.of(both, int(inside.sum())),
        everywhere=everywhere,
        held=Chance.of(both, int(fails.sum())),
        size=float(inside.mean()),
    )
