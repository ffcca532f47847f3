"""How far the decision could differ on other random numbers: its simulation error.

The independent units of a study are its batches, so these are drawn anew, with replacement, and the
decision is made again: a bootstrap. It says how much more replications would help. How little it
matters to miss the best number (`good_range`), and how uncertain the forecast itself is (the spread
of the demand), are other questions.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from livesim.planning.curves import Curves
from livesim.planning.deciding import Decision
from livesim.planning.objectives import Objective
from livesim.planning.terms import Terms, order_quantities
from livesim.randomness import BATCH, generator

#: How often batches are drawn anew.
_RESAMPLES = 400


def simulation_intervals(
    curves: Curves, objective: Objective, decision: Decision
) -> tuple[tuple[int, int], ...]:
    """Return a 95 % interval of each item's units, as far as simulation leaves them open.

    Percentiles of a bootstrap over batches, as far out as Student's t is beyond the normal law
    (Hesterberg 2015, doi 10.1080/00031305.2015.1089789), since few batches differ less among
    themselves than batches do. Under a cap on the risk the decision is made again along the path
    from the most profit to the mildest worst shows, for the sake of speed. The most profit between
    two levels of a curve is seen at one of them, so its interval reaches half-way to those beyond.

    Parameters
    ----------
    curves, objective, decision
        What was decided, for what, from what.

    Returns
    -------
    tuple of (int, int)
        Lowest and highest units of each item, those owned included, that whole packs, minimum
        orders and what is limited allow; the decision is among them. With fewer than two batches
        nothing is known: from what is owned to the most up to the curve's highest level.
    """
    batches, terms = curves.replications // BATCH, Terms.of(curves)
    if batches < 2:
        return tuple(
            (owned, _furthest(terms, number, owned, max(int(curve.levels[-1]), owned)))
            for number, (curve, owned) in enumerate(zip(curves.curves, curves.owned, strict=True))
        )
    random = generator(curves.seed, "planning", "simulation interval")
    drawn = random.integers(batches, size=(_RESAMPLES, batches))
    found = np.array([*objective.choose_again(curves, terms, drawn), decision.units])
    tail = _tail(batches)
    lows = np.minimum(np.quantile(found, tail, axis=0, method="lower"), decision.units)
    highs = np.maximum(np.quantile(found, 1 - tail, axis=0, method="higher"), decision.units)
    ends = list(zip(lows.tolist(), highs.tolist(), strict=True))
    if not objective.on_levels:
        return tuple(ends)
    return tuple(
        _to_halfway(terms, number, order_quantities(terms, number, curve), low, high)
        for number, (curve, (low, high)) in enumerate(zip(curves.curves, ends, strict=True))
    )


def _tail(batches: int) -> float:
    """Return how much the interval leaves out on each side [1]."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-sqrt(batches / (batches - 1)) * stdtrit(batches - 1, 0.975)))


def _to_halfway(
    terms: Terms, number: int, known: NDArray[np.int64], low: int, high: int
) -> tuple[int, int]:
    """Return the ends of an item's interval moved outward, half-way to its next choices at most."""
    below, above = known[known < low], known[known > high]
    if low in known and len(below):
        low = _furthest(terms, number, low, int(low + below[-1] + 1) // 2)
    if high in known and len(above):
        high = _furthest(terms, number, high, int(high + above[0]) // 2)
    return low, high


def _furthest(terms: Terms, number: int, start: int, end: int) -> int:
    """Return the last total of an item on the way to an end that can be had by whole packs."""
    pack = terms.items[number].pack
    totals = start + np.sign(end - start) * np.arange(0, abs(end - start) + 1, pack)
    return int(totals[terms.can_be_had(number, totals)][-1])
