"""How resolved numbers are said: for reasons, checks and notes."""

from __future__ import annotations

from collections.abc import Iterable


def count(number: float) -> str:
    """Return a count in words.

    Examples
    --------
    >>> count(2000.0), count(0.3)
    ('2,000', '0.3')
    """
    return f"{number:,.0f}" if abs(number) >= 10 else f"{number:.2g}"


def share(number: float) -> str:
    """Return a share in words.

    Examples
    --------
    >>> share(0.0187)
    '1.9 %'
    """
    return f"{number * 100:.2g} %" if number < 0.995 else f"{number * 100:.0f} %"


def time(seconds: float) -> str:
    """Return a length of time in words.

    Examples
    --------
    >>> time(45), time(156), time(10800)
    ('45 s', '2.6 min', '3 h')
    """
    if seconds < 90:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
