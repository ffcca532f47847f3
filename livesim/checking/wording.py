"""Numbers as the gate says them, in the unit of their figure."""

from __future__ import annotations

from math import isinf

from livesim.resolve.words import duration, exact_share
from livesim.results.figures import Unit


def number(value: float, unit: Unit, currency: str = "") -> str:
    """Return a number in its unit.

    Parameters
    ----------
    value, unit
        The number, and what it is measured in.
    currency
        Of money; empty where it is said elsewhere.

    Examples
    --------
    >>> number(0.062, "share"), number(-3181, "currency", "EUR"), number(float("inf"), "s")
    ('6.2 %', 'EUR -3,181', 'never')
    """
    if isinf(value):
        return "never" if unit == "s" and value > 0 else "?"
    if unit == "s":
        return ("-" if value < 0 else "") + duration(abs(value))
    if unit == "share":
        return exact_share(value)
    told = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{currency} {told}" if currency and unit == "currency" else told
