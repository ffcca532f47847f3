"""When a show fails by a figure: as asked for, or by what planners would call so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livesim.errors import UsageError
from livesim.results.figures import KINDS, Named
from livesim.scenario.quantities import QuantityError

_RELATION: Final = re.compile(r"\s*(<=|>=|<|>)\s*(.+)")
_COMPARE: Final[Mapping[str, Callable[..., Any]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
#: What fails in fewer shows than this, or holds in fewer, says little of where it does [1].
_RARE: Final = 0.02
_TENTH: Final = 0.1


@dataclass(frozen=True)
class Failing:
    """Which replications fail.

    Parameters
    ----------
    said
        What counts as failing.
    rows
        In which replications it came to that, shape (R,).
    """

    said: str
    rows: NDArray[np.bool_]


def failing(of: str, figure: Named, fails: str | None) -> Failing:
    """Say which replications fail.

    Parameters
    ----------
    of, figure
        The figure.
    fails
        A relation such as ``< 0``; None for the usual one.

    Raises
    ------
    UsageError
        If it is no relation, or what stands in it no number of the figure's unit.

    Examples
    --------
    >>> profit = Named(np.array([-1.0, 1.0, 2.0]), "mean", "currency")
    >>> failing("profit", profit, None).said, failing("profit", profit, "< 2").rows.tolist()
    ('profit < 0', [True, True, False])
    """
    values = figure.values
    if fails is not None:
        return _asked(of, figure, fails)
    if values.dtype == bool:
        return Failing(of, values)
    losses = values < 0
    if figure.unit == "currency" and _RARE < losses.mean() < 1 - _RARE:
        return Failing(f"{of} < 0", losses)
    low, high = np.quantile(values, (_TENTH, 1.0 - _TENTH))
    if (values <= low).mean() > 1 - _TENTH / 2 or low == np.median(values):  # mostly the lowest
        return _among(of, "highest", values >= high)
    return _among(of, "lowest", values <= low)


def _among(of: str, which: str, rows: NDArray[np.bool_]) -> Failing:
    """Say what counts as failing where it is a tail: equal values make it more than a tenth."""
    share = float(rows.mean())
    told = "tenth" if share < _TENTH + _RARE else f"{100 * share:.0f} %"
    return Failing(f"{of} among the {which} {told}", rows)


def _asked(of: str, figure: Named, fails: str) -> Failing:
    found = _RELATION.fullmatch(fails)
    if found is None:
        raise UsageError(f"{fails!r} does not say when a show fails: write as in '< 0' or '> 90%'")
    try:
        number = KINDS[figure.unit].read(found[2].strip())
    except QuantityError as error:
        raise UsageError(f"{of} {fails}: {error.what}: {error.remedy}") from None
    return Failing(f"{of} {found[1]} {found[2].strip()}", _COMPARE[found[1]](figure.values, number))
