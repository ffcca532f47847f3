"""Other values in the place of wrong ones, so that what is wrong besides them can be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

from livesim.scenario.quantities import DURATION, SHARE, Kind, QuantityError
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.sheets import answers, kind_at

#: What may stand in, small and large: what is found wrong with both does not hang on the value.
SMALL, LARGE = 0, 1
_SHARES: Final = ("2%", "40%")
_TIMES: Final = ("30min", "2h")
_NUMBERS: Final = (2, 4_000)

Path = tuple[str, ...]


def with_stand_ins(data: Mapping[str, Any], wrong: Iterable[Path], size: int) -> dict[str, Any]:
    """Return what a file says with other numbers at some paths.

    Parameters
    ----------
    data
        What the file says.
    wrong
        The paths.
    size
        ``SMALL`` or ``LARGE``.

    Examples
    --------
    >>> data = {"products": {"serum": {"price": "cheap", "owned": 5}}}
    >>> with_stand_ins(data, [("products", "serum", "price")], SMALL)
    {'products': {'serum': {'price': 2, 'owned': 5}}}
    """
    found = deepcopy(dict(data))
    for path in wrong:
        around: Any = found
        for name in path[:-1]:
            around = around.get(name) if isinstance(around, dict) else None
        kind = _kind_at(path)
        if isinstance(around, dict) and kind is not None:
            around[path[-1]] = _stand_in(kind, size)
    return found


def is_misread(data: Mapping[str, Any], path: Path) -> bool:
    """Say whether what stands at a path is no number of the kind that is needed there.

    Examples
    --------
    >>> data = {"products": {"serum": {"price": "cheap", "owned": 5}}}
    >>> is_misread(data, ("products", "serum", "price"))
    True
    >>> is_misread(data, ("products", "serum", "owned"))
    False
    """
    value: Any = data
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    if (kind := _kind_at(path)) is None:
        return False
    try:
        read_quantity(value, kind)
    except QuantityError:
        return True
    return False


def _kind_at(path: Path) -> Kind | None:
    return kind_at(path) if answers(path) else None


def _stand_in(kind: Kind, size: int) -> str | int:
    if kind.parse is SHARE.parse:
        return _SHARES[size]
    return _TIMES[size] if kind.parse is DURATION.parse else _NUMBERS[size]
