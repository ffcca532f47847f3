"""Space-filling designs: points that lie evenly in a box of values, for sweeps of many paths.

A grid of five paths with five values each has 3,125 points; 64 points of a design show as much of
each path alone, and more of how they work together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from livesim.errors import UsageError, checked_count, must_be
from livesim.experiment.sweeping import check_points
from livesim.experiment.swept import number, unit
from livesim.randomness import checked_seed
from livesim.scenario.paths import split_path
from livesim.scenario.sheets import kind_at

#: Digits of a value; more would be noise in names and tables.
_DIGITS: Final = 4
#: Decimals of money that is paid, where its ends show that its currency has decimals.
_CENTS: Final = 2


def design(
    over: Mapping[str, Sequence[Any]], points: int, *, seed: int = 1
) -> list[dict[str, Any]]:
    """Spread points evenly over a box of values.

    Parameters
    ----------
    over
        Path → lowest and highest value, in the notation of a file: ``{"viewers": ["1k", "5k"]}``.
    points
        How many; powers of 2 lie most evenly.
    seed
        Which of many such designs.

    Returns
    -------
    list of dict
        Of each point path → value, as `livesim.sweep` takes it, rising by the first path. Whole
        numbers stay whole where both ends are, shares and durations have their signs, and money
        that is paid has two decimals, or as many as an end of it.

    Raises
    ------
    UsageError
        If there are no paths or points, or too many, two ends are not two rising numbers of one
        unit, or fewer whole numbers, or amounts that can be paid, than points lie between them.

    Notes
    -----
    A scrambled Sobol' sequence (Owen, Scrambling Sobol' and Niederreiter–Xing points, Journal of
    Complexity 14, 1998), from `scipy.stats.qmc`.

    Examples
    --------
    >>> for point in design({"deal.guest_fee": [0, "8k"], "deal.commission": ["10%", "30%"]}, 4):
    ...     print(point)  # doctest: +ELLIPSIS
    {'deal.guest_fee': ..., 'deal.commission': '...%'}
    {'deal.guest_fee': ..., 'deal.commission': '...%'}
    {'deal.guest_fee': ..., 'deal.commission': '...%'}
    {'deal.guest_fee': ..., 'deal.commission': '...%'}
    """
    from scipy.stats import qmc

    count, chosen = checked_count(points, "points", 2), checked_seed(seed)
    check_points(count)
    if not over:
        raise UsageError("a design needs paths with a lowest and a highest value each")
    ends = {path: _ends(path, values) for path, values in over.items()}
    power = (count - 1).bit_length()
    sampled = sorted(qmc.Sobol(len(ends), rng=chosen).random_base2(power)[:count].tolist())
    found = [
        {
            path: _written(path, over[path], low + (high - low) * place)
            for (path, (low, high)), place in zip(ends.items(), row, strict=True)
        }
        for row in sampled
    ]
    differ = len({tuple(point.values()) for point in found})
    if differ < count:
        raise UsageError(
            f"only {differ} of {count} points differ, as counts are whole, and so is money between "
            "whole amounts, else in cents: take fewer points, or values that lie farther apart"
        )
    return found


def _ends(path: str, values: Sequence[Any]) -> tuple[float, float]:
    must_be(values, (list, tuple), f"{path}: a lowest and a highest value are needed")
    if len(values) != 2:
        raise UsageError(f"{path}: a design needs two values, the lowest and the highest")
    low, high = (_end(path, value) for value in values)
    if not low < high or unit(path, values[0]) != unit(path, values[1]):
        raise UsageError(f"{path}: {values[0]} and {values[1]} are no lowest and highest value")
    return low, high


def _end(path: str, value: object) -> float:
    """Return an end as a number."""
    try:
        return number(path, value)
    except UsageError:
        raise UsageError(
            f"{path}: {value!r} is no number, and a design lies between two numbers: write these, "
            "or sweep over single values without a design"
        ) from None


def _written(path: str, ends: Sequence[Any], value: float) -> int | float | str:
    """Return a value in the notation of its ends."""
    if any(isinstance(end, str) and end.strip().endswith("%") for end in ends):
        return f"{value * 100:.{_DIGITS}g}%"
    if any(unit("", end) for end in ends):
        return f"{value:.{_DIGITS}g}s" if value < 10**_DIGITS else f"{value:.0f}s"
    kind = kind_at(split_path(path))
    is_paid = kind is not None and kind.paid
    whole = all(number("", end).is_integer() for end in ends)
    if whole and (is_paid or number("", ends[1]) > 1):
        return round(value)
    shown = float(f"{value:.{_DIGITS}g}")
    return round(shown, max(_CENTS, *map(_decimals, ends))) if is_paid else shown


def _decimals(end: object) -> int:
    """Return how many decimals an end of an amount has, which its currency then has, too."""
    exponent = Decimal(repr(number("", end))).as_tuple().exponent
    return max(0, -int(exponent))
