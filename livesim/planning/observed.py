"""Holding the model against what a show like this came to.

What was sold out is censored: more was wanted, nobody knows how much. So it is never taken for
demand, and a demand that comes too near to it is remarked upon. But it can contradict a model: one
in which such a show can hardly happen is wrong about something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from livesim.planning.curves import Curves, StockCurve
from livesim.resolve.observed import tuning_warnings
from livesim.resolve.words import counted, duration, share
from livesim.scenario.parts import Observed
from livesim.scenario.quantities import Floats

#: An observation with less chance than this contradicts the model (the usual 5 % of a test).
CONTRADICTS: Final = 0.05


def remarks(curves: Curves) -> tuple[str, ...]:
    """Say where a show's evidence was misread, and how likely it is under the model.

    Where the observed show's viewers are known, every replication is compared at as many units per
    viewer; this takes demand as proportional to viewers (assumption).

    Parameters
    ----------
    curves
        The stock curves.

    Returns
    -------
    tuple of str
        For each product with an ``observed`` block: a warning where the middle of its demand (P50)
        comes near to what was sold out, and how likely the observation is.
    """
    return tuple(
        line
        for name, product in curves.scenario.products.items()
        if product.observed is not None
        for line in _remarks(curves, name, product.observed)
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


def _remarks(curves: Curves, name: str, observed: Observed) -> Iterator[str]:
    items, like_then = _items(curves, name), _like_then(curves, observed)
    demand = float(np.median(np.sum([curve.demand for curve in items], axis=0)))
    yield from tuning_warnings(name, demand, float(np.median(curves.viewers)), observed)
    if observed.sold_out:
        yield _sold_out(name, observed, items, like_then)
    else:
        yield _not_sold_out(name, observed, items, like_then)


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
    sales = np.sum([curve.figures["sales"][:, -1] for curve in items], axis=0)
    return (sales <= like_then).astype(float), (sales >= like_then).astype(float)


def _sold_out(name: str, observed: Observed, items: Sequence[StockCurve], like_then: Floats) -> str:
    """Say how likely it is that such a show is sold out, and so soon."""
    chance = float(_wanted(items, like_then).mean())
    seen = f"sold out {counted(observed.sold, 'unit')}"
    likely = f"so many are wanted in {share(chance)} of shows"
    if observed.after is not None:
        chance = float(_gone(items, like_then, observed.after).mean())
        seen += f" within {duration(observed.after)}"
        likely += f" and gone so soon in {share(chance)}"
    return _held_against(name, seen, likely, chance, "demand or its pace is too low")


def _not_sold_out(
    name: str, observed: Observed, items: Sequence[StockCurve], like_then: Floats
) -> str:
    """Say how likely it is that such a show sells so few, or so many, with stock for all."""
    few, many = (float(side.mean()) for side in _few_and_many(items, like_then))
    chance, extent, wrong = (
        (few, "so few", "demand is too high")
        if few <= many
        else (many, "so many", "demand is too low")
    )
    seen = f"sold {counted(observed.sold, 'unit')}, not sold out"
    likely = f"{extent} are sold in {share(chance)} of shows"
    return _held_against(name, seen, likely, 2 * chance, wrong)  # either side would contradict


def _split(items: Sequence[StockCurve], units: Floats) -> list[Floats]:
    """Return each item's part of a product's units, without those that arrive later."""
    shares = [curve.demand.mean() for curve in items]
    total = sum(shares) or 1.0
    return [
        np.maximum(units * part / total - curve.item.arriving, 0.0)
        for curve, part in zip(items, shares, strict=True)
    ]


def _held_against(name: str, seen: str, likely: str, chance: float, wrong: str) -> str:
    line = f"{name}: observed: {seen}; in this scenario {likely}."
    if chance >= CONTRADICTS:
        return line
    return f"{line} One contradicts the other: {wrong}, or this show is not like the one observed."
