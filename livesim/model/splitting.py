"""Whole units split by shares: over variants, waves and rooms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def split(units: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.int64]:
    """Split whole units by shares, so that the parts add up and none shrinks as the units grow.

    Units go one by one to the part that is furthest behind its share (Webster's method), which is
    what makes it monotone; rounding the shares' cumulative sums would not be.

    Parameters
    ----------
    units
        Units at each level, shape (L,).
    shares
        Shares that add up to 1.

    Returns
    -------
    ndarray
        Shape (len(shares), L).

    Examples
    --------
    >>> split(np.array([1, 2, 10]), [1 / 3, 1 / 3, 1 / 3]).T.tolist()
    [[1, 0, 0], [1, 1, 0], [4, 3, 3]]
    """
    if len(shares) == 1:
        return units[None].astype(np.int64)
    share = np.asarray(shares)[:, None]
    # Nobody is ever behind by as many units as there are parts, so these have gone out for sure.
    parts: NDArray[np.int64] = np.maximum(np.floor(share * units) - len(shares), 0).astype(np.int64)
    missing = units - parts.sum(axis=0)
    levels = np.arange(len(units))
    while missing.any():
        with np.errstate(divide="ignore"):
            behind = ((parts + 0.5) / share).argmin(axis=0)
        parts[behind, levels] += missing > 0
        missing = np.maximum(missing - 1, 0)
    return parts


def split_waves(owned: NDArray[np.int64], shares: Sequence[float]) -> list[NDArray[np.int64]]:
    """Split each variant's units into waves; one array of shape (variants, L) a wave."""
    if not shares:
        return []
    by_variant = [split(units, shares) for units in owned]
    return [np.stack([parts[wave] for parts in by_variant]) for wave in range(len(shares))]
