"""Where a sequence first reaches a bound, from any place on: for many places at once."""

from __future__ import annotations

import numpy as np

from livesim.engine.orders.orders import Counts, Numbers


class Peaks:
    """The highest values of a sequence in runs of 1, 2, 4 … places (a sparse table).

    Parameters
    ----------
    values
        The sequence, shape (N,).
    farthest
        How many places on from a start it matters at most whether the bound is reached.

    Examples
    --------
    >>> peaks = Peaks(np.array([3, 1, 4, 1, 5]), farthest=5)
    >>> peaks.reached(np.array([0, 1, 3, 3]), np.array([4, 2, 5, 6])).tolist()
    [2, 2, 4, 5]
    """

    def __init__(self, values: Counts, farthest: int) -> None:
        self._size = len(values)
        self._runs = [values] if len(values) else []
        width = 1
        while 2 * width <= min(self._size, farthest):
            shorter = self._runs[-1]
            self._runs.append(np.maximum(shorter[:-width], shorter[width:]))
            width *= 2

    def reached(self, start: Numbers, bound: Counts) -> Numbers:
        """Return the first place from each start on at which its bound is reached; N if none.

        What is farther than matters may be told too early, but never as nearer than that.
        """
        place = start.copy()
        if not self._size:
            return place
        for power in range(len(self._runs) - 1, -1, -1):
            runs = self._runs[power]
            fits = place < len(runs)
            below = fits & (runs[np.minimum(place, len(runs) - 1)] < bound)
            place += below << power
        return np.minimum(place, self._size)
