"""Choices made again for batches that were drawn anew, with replacement: what a bootstrap needs.

Batches are given by their numbers, shape (times, B). Where each time takes long, fewer are looked
at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.buying import Worth, most_worth
from livesim.planning.curves import Curves, between
from livesim.planning.profit import most_profit
from livesim.planning.risk import Cap, path
from livesim.planning.side_by_side import SideBySide
from livesim.planning.terms import Purchase, Terms, order_quantities
from livesim.randomness import BATCH

#: How often where each time takes long.
_FEWER = 100
#: So many times are worked off together.
_AT_ONCE = 50


def profits_again(curves: Curves, terms: Terms, drawn: NDArray[np.int64]) -> Iterator[Purchase]:
    """Yield the units with most expected profit."""
    if curves.scenario.deal.guaranteed_volume:  # the refund of a mean is not the mean refund
        for some in drawn[:_FEWER]:
            yield most_profit(curves, terms, np.repeat(_counts(some), BATCH))
        return
    counts = np.array([_counts(some) for some in drawn]) / drawn.shape[1]
    options, means = [], []
    for number, curve in enumerate(curves.curves):
        profit = curve.of_each(_batch_profits)
        options.append(order_quantities(terms, number, curve))
        means.append(np.einsum("tb,bl->lt", counts, profit))
    levels = [curve.levels for curve in curves.curves]
    for start in range(0, len(drawn), _AT_ONCE):
        some = [of[:, start : start + _AT_ONCE] for of in means]
        worths = map(between, levels, some, options)
        for worth in zip(*(each.T for each in worths), strict=True):
            yield most_worth(terms, list(map(Worth, options, worth)))


def along_path(
    curves: Curves, terms: Terms, cap: Cap, drawn: NDArray[np.int64]
) -> Iterator[Purchase]:
    """Yield the best units within a cap, along the path to the mildest worst shows."""
    items = SideBySide(curves, terms)
    profit = cache(items.profit)
    purchases = path(items, cap.share, profit)
    profits = [profit(units) for units in purchases]
    for some in drawn[:_FEWER]:
        rows = (some[:, None] * BATCH + np.arange(BATCH)).ravel()
        scores = [cap.score(profit[rows]) for profit in profits]
        yield purchases[scores.index(max(scores))]


def _batch_profits(figures: Mapping[str, Floats]) -> Floats:
    return batch_means(figures["profit"]) + batch_means(figures["elsewhere"])


def batch_means(figure: Floats) -> Floats:
    """Return the means of batches, shape (B, …)."""
    return np.asarray(figure.reshape(-1, BATCH, *figure.shape[1:]).mean(axis=1))


def _counts(batches: NDArray[np.int64]) -> Floats:
    """Return how often each batch was drawn."""
    return np.bincount(batches, minlength=len(batches)).astype(float)
