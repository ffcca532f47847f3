"""Holding the model against what a show like this came to.

What was sold out is censored: more was wanted, nobody knows how much. So it is never taken for
demand. But it can contradict a model: one
in which such a show can hardly happen is wrong about something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np

from livesim.arrays import Floats
from livesim.planning.curves import Curves, StockCurve
from livesim.scenario.parts import Observed

#: An observation with less chance than this contradicts the model (the usual 5 % of a test).
CONTRADICTS: Final = 0.05


@dataclass(frozen=True)
class Evidence:
    """How likely what was observed of a product is under the model.

    Where the observed show's viewers are known, every replication is compared at as many units per
    viewer; this takes demand as proportional to viewers (assumption).

    Parameters
    ----------
    product
        The product's name.
    demand, viewers
        The middle of its simulated demand [units], and of the viewers [1].
    side
        What is unlikely if anything: that so many are gone so soon, that so few are sold with
        stock for all, or so many.
    wanted
        The share of shows in which so many are wanted; None where it was not sold out [1].
    likely
        The share of shows that are so extreme [1].
    contradicts
        Whether that is so little that the observation contradicts the model.
    """

    product: str
    demand: float
    viewers: float
    side: Literal["gone", "few", "many"]
    wanted: float | None
    likely: float
    contradicts: bool


def evidence(curves: Curves) -> tuple[Evidence, ...]:
    """Return how likely what was observed is, of each product with an ``observed`` block.

    Parameters
    ----------
    curves
        The stock curves.
    """
    return tuple(
        _evidence(curves, name, product.observed)
        for name, product in curves.scenario.products.items()
        if product.observed is not None
    )


@dataclass(frozen=True)
class Likeness:
    """How likely one side of what was observed of a product is under the model.

    Parameters
    ----------
    chances
        That a show is so extreme, by replication, shape (R,) [1].
    least
        If they are less than this on average, the observation contradicts the model [1].
    """

    chances: Floats
    least: float


def likenesses(curves: Curves) -> tuple[Likeness, ...]:
    """Return how likely all that was observed is: one a product, or two where it was not sold out.

    Parameters
    ----------
    curves
        The stock curves.
    """
    return tuple(
        likeness
        for name, product in curves.scenario.products.items()
        if product.observed is not None
        for likeness in _likenesses(curves, name, product.observed)
    )


def _likenesses(curves: Curves, name: str, observed: Observed) -> Iterator[Likeness]:
    items, like_then = _items(curves, name), _like_then(curves, observed)
    if not observed.sold_out:  # either side would contradict
        yield from (Likeness(side, CONTRADICTS / 2) for side in _few_and_many(items, like_then))
    elif observed.after is None:
        yield Likeness(_wanted(items, like_then), CONTRADICTS)
    else:
        yield Likeness(_gone(items, like_then, observed.after), CONTRADICTS)


def _evidence(curves: Curves, name: str, observed: Observed) -> Evidence:
    items, like_then = _items(curves, name), _like_then(curves, observed)
    demand = float(np.median(np.sum([curve.demand for curve in items], axis=0)))
    told = partial(Evidence, name, demand, float(np.median(curves.viewers)))
    if not observed.sold_out:
        few, many = (float(side.mean()) for side in _few_and_many(items, like_then))
        likely = min(few, many)
        return told("few" if few <= many else "many", None, likely, 2 * likely < CONTRADICTS)
    wanted = likely = float(_wanted(items, like_then).mean())
    if observed.after is not None:
        likely = float(_gone(items, like_then, observed.after).mean())
    return told("gone", wanted, likely, likely < CONTRADICTS)


def _items(curves: Curves, name: str) -> list[StockCurve]:
    return [curve for curve in curves.curves if curve.item.product == name]


def _like_then(curves: Curves, observed: Observed) -> Floats:
    """Return the units observed, by replication in proportion to its viewers, shape (R,)."""
    like_then = np.full(curves.replications, float(observed.sold))
    return like_then if observed.viewers is None else like_then * curves.viewers / observed.viewers


def _wanted(items: Sequence[StockCurve], like_then: Floats) -> Floats:
    """Return whether so many are wanted, by replication."""
    demand: Floats = np.sum([curve.demand for curve in items], axis=0)
    return (demand >= like_then).astype(float)


def _gone(items: Sequence[StockCurve], like_then: Floats, after: float) -> Floats:
    """Return the chance that so many are gone so soon, by replication."""
    gone = [
        curve.unavailable_each(part, after)
        for curve, part in zip(items, _split(items, like_then), strict=True)
    ]
    return np.asarray(np.min(gone, axis=0))


def _few_and_many(items: Sequence[StockCurve], like_then: Floats) -> tuple[Floats, Floats]:
    """Return whether so few, and so many, are sold with stock for all, by replication."""
    sales = np.sum([curve.levels_of("sales", -1) for curve in items], axis=0)
    return (sales <= like_then).astype(float), (sales >= like_then).astype(float)


def _split(items: Sequence[StockCurve], units: Floats) -> list[Floats]:
    """Return each item's part of a product's units, without those that arrive later."""
    shares = [curve.demand.mean() for curve in items]
    total = sum(shares) or 1.0
    return [
        np.maximum(units * part / total - curve.item.arriving, 0.0)
        for curve, part in zip(items, shares, strict=True)
    ]
