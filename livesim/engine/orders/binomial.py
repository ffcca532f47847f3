"""Binomial counts at given uniform numbers: common random numbers for all numbers of trials."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincc, ndtri

from livesim.arrays import Counts, Floats


def smallest_counts(u: Floats, trials: Counts, chance: Floats) -> Counts:
    """Return the smallest counts of binomials whose cumulative chance is at least ``u``.

    A guess by the normal law and the binomial's skewness (Cornish and Fisher 1938) errs by the
    terms left out: (|z|³ + 5 |z|) / (48 σ) at most, and others that are small beside it. Where it
    could round to another count within twice that, it is moved until it is right.

    Parameters
    ----------
    u, chance
        Uniform numbers and chances [1], strictly between 0 and 1, shape (N,).
    trials
        Numbers of trials, shape (N,).

    Examples
    --------
    >>> smallest_counts(np.array([0.5, 0.5]), np.array([10, 20]), np.array([0.3, 0.3])).tolist()
    [3, 6]
    """
    z, spread = ndtri(u), np.sqrt(trials * chance * (1.0 - chance))
    guess = trials * chance + z * spread + (z * z - 1.0) * (1.0 - 2.0 * chance) / 6.0
    count = np.clip(np.rint(guess), 0, trials)
    to_next = np.abs(guess - np.floor(guess) - 0.5)  # from where it would round to another count
    unsure = np.flatnonzero(to_next < (1.0 + np.abs(z)) ** 3 / (24.0 * spread))
    for step in (1.0, -1.0):
        wrong = unsure
        while len(wrong):
            below = count[wrong] + min(step, 0.0)
            enough = (_at_most(below, trials[wrong], chance[wrong]) >= u[wrong]) & (below >= 0)
            wrong = wrong[~enough & (below < trials[wrong]) if step > 0 else enough]
            count[wrong] += step
    return count.astype(np.int64)


def _at_most(count: Floats, trials: Counts, chance: Floats) -> Floats:
    """Return the chance of at most so many [1], shape (N,).

    By the incomplete beta function, which is right for any number of trials; SciPy's own
    cumulative chance of a binomial is not from about 100 million on.
    """
    return np.asarray(betaincc(np.maximum(count, 0.0) + 1.0, trials - count, chance))
