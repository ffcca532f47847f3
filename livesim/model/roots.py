"""Where a function of one number is zero.

SciPy has this, too, and takes half a second to import: as long as all else that reads a scenario.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise


def root(function: Callable[[float], float], low: float, high: float, within: float) -> float:
    """Return where a continuous function is zero, by Ridders' method.

    Each step at least halves the interval, and near the root doubles the digits that are right
    (Ridders 1979, doi 10.1109/TCS.1979.1084580).

    Parameters
    ----------
    function
        A function that has one sign at ``low`` and the other at ``high``.
    low, high
        Where to look.
    within
        How far the root may be from what is returned.

    Raises
    ------
    ValueError
        If the function has the same sign at both ends.

    Examples
    --------
    >>> round(root(lambda x: x * x - 2.0, 0.0, 2.0, 1e-12), 9)
    1.414213562
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0 or at_high == 0:
        return low if at_low == 0 else high
    if at_low * at_high > 0:
        raise ValueError(f"the function is {at_low:g} at {low:g} and {at_high:g} at {high:g}")
    rises, found = math.copysign(1.0, at_high), math.inf
    while True:
        middle = (low + high) / 2.0
        at_middle = function(middle)
        bend = math.hypot(at_middle, math.sqrt(abs(at_low)) * math.sqrt(abs(at_high)))
        before, found = found, middle - (middle - low) * rises * at_middle / bend
        at_found = function(found)
        if at_found == 0 or abs(found - before) <= within or high - low <= within:
            return found
        points = [(low, at_low), *sorted([(middle, at_middle), (found, at_found)]), (high, at_high)]
        (low, at_low), (high, at_high) = next(
            pair for pair in pairwise(points) if pair[0][1] * rises <= 0 <= pair[1][1] * rises
        )
