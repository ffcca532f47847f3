"""Runs of numbers, one after the other: so many from a first one on each."""

from __future__ import annotations

import numpy as np

from livesim.arrays import Counts, Numbers


def spread(size: Counts | Numbers, first: Counts | Numbers) -> tuple[Numbers, Numbers]:
    """Return for runs of numbers from a first one the run of each number, and the numbers.

    Examples
    --------
    >>> [of.tolist() for of in spread(np.array([2, 0, 3]), np.array([5, 9, 1]))]
    [[0, 0, 2, 2, 2], [5, 6, 1, 2, 3]]
    """
    run = np.repeat(np.arange(len(size)), size)
    return run, np.arange(len(run)) + (first - (np.cumsum(size) - size))[run]
