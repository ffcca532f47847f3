"""Units that come on hand later: waves, units that arrive on a date, a reserve that is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livesim.engine.fates import Counts
from livesim.scenario.quantities import Floats


@dataclass
class Delivery:
    """A part of a product's stock that comes on hand later.

    Parameters
    ----------
    part
        What it is called, as in the scenario's paths: ``waves.first``, ``arriving.truck``,
        ``reserve``.
    units
        Units of each of the product's variants at each level, shape (variants, L).
    due
        When it comes [s], inf until that is known, shape (R, L).
    owned
        Whether the planner owns the units already; a reserve is only bought by calling it.

    Attributes
    ----------
    came
        Where it has come on hand, shape (R, L).
    """

    part: str
    units: Counts
    due: Floats
    owned: bool
    came: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.came = np.zeros(self.due.shape, dtype=bool)

    @property
    def next_due(self) -> float:
        """When it is due next in any replication [s], inf if that is not known."""
        return float(self.due[~self.came].min(initial=np.inf))

    def arrivals(self, now: float) -> NDArray[np.bool_]:
        """Return where it comes now, and note that it has, shape (R, L)."""
        comes = ~self.came & np.isfinite(self.due) & (self.due <= now)
        self.came |= comes
        return comes

    def still_to_come(self, by: float) -> NDArray[np.bool_]:
        """Return where it will come, or may still be called, before a moment [s], shape (R, L)."""
        return ~self.came & ((self.due <= by) | np.isinf(self.due))


def split(units: Counts, shares: Sequence[float]) -> Counts:
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
    share = np.asarray(shares)[:, None]
    # Nobody is ever behind by as many units as there are parts, so these have gone out for sure.
    parts: Counts = np.maximum(np.floor(share * units) - len(shares), 0).astype(np.int64)
    missing = units - parts.sum(axis=0)
    levels = np.arange(len(units))
    while missing.any():
        with np.errstate(divide="ignore"):
            behind = ((parts + 0.5) / share).argmin(axis=0)
        parts[behind, levels] += missing > 0
        missing = np.maximum(missing - 1, 0)
    return parts


def split_waves(owned: Counts, shares: Sequence[float]) -> list[Counts]:
    """Split each variant's units into waves; one array of shape (variants, L) a wave."""
    if not shares:
        return []
    by_variant = [split(units, shares) for units in owned]
    return [np.stack([parts[wave] for parts in by_variant]) for wave in range(len(shares))]
