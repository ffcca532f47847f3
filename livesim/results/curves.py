"""Curves of the timeline over all replications, some moments after the other.

A curve has a number for each replication and moment: of many replications only a part is there at
once, and what is asked of each moment does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Array
from livesim.engine.outcome import Outcome
from livesim.results.columns import in_parts

#: So many numbers of some moments are had at once.
_AT_ONCE = 4_000_000


def quantiles(
    outcome: Outcome, curve: str, shares: Sequence[float], product: int | None = None
) -> Array:
    """Return quantiles of a curve over the replications at each moment, shape (shares, N).

    Parameters
    ----------
    outcome : Outcome
        What happened.
    curve : str
        One of the timeline.
    shares : sequence of float
        Shares of the replications [1].
    product : int, optional
        Whose, of a curve that each product has.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> result = livesim.simulate(room, replications=50)
    >>> quantiles(result.outcome, "on_hand", (0.5,), product=0)[:, 0].tolist()
    [50]
    """
    moments = np.arange(len(outcome.timeline["times"]))
    parts = [
        np.quantile(at(outcome, curve, some, product), shares, axis=0, method="inverted_cdf")
        for some in few(moments, len(outcome))
    ]
    return np.concatenate(parts, axis=1)


def few(moments: NDArray[np.intp], replications: int) -> Iterator[NDArray[np.intp]]:
    """Yield moments in groups that are small enough to be had of all replications at once."""
    step = max(1, _AT_ONCE // replications)
    for start in range(0, len(moments), step):
        yield moments[start : start + step]


def at(
    outcome: Outcome, curve: str, moments: NDArray[np.intp], product: int | None = None
) -> Array:
    """Return a curve at some moments, shape (R, moments).

    Parameters
    ----------
    outcome, curve, product
        As for :func:`quantiles`.
    moments : ndarray of int
        Their places in the timeline.
    """
    one = outcome.part(slice(0, 1)).timeline[curve]
    parts = []
    for rows in in_parts(len(outcome), one.size):
        part = outcome.part(rows).timeline[curve]
        parts.append((part if product is None else part[:, :, product])[:, moments])
    return np.concatenate(parts)
