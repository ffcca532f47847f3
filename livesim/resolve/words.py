"""How resolved numbers are said: for reasons, checks and notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from livesim.scenario.currencies import decimals

_NOTHING: Final = 1e-9
"""By so much a share may be off by floating-point rounding."""


def count(number: float) -> str:
    """Return a count in words.

    Examples
    --------
    >>> count(2000.0), count(0.3)
    ('2,000', '0.3')
    """
    return f"{number:,.0f}" if abs(number) >= 10 else f"{number:.2g}"


def counted(number: float, one: str, many: str | None = None) -> str:
    """Return a count with what is counted, in the singular where the count reads 1.

    Examples
    --------
    >>> counted(1, "order"), counted(0.3, "order"), counted(2, "people's day", "people's days")
    ('1 order', '0.3 orders', "2 people's days")
    """
    shown = count(number)
    return f"{shown} {one if shown == '1' else many or f'{one}s'}"


def money(amount: float, currency: str) -> str:
    """Return an exact amount of money: whole, or with the decimals that its currency has.

    Examples
    --------
    >>> money(12_500.0, "EUR"), money(45.5, "EUR"), money(45.5, "JPY"), money(0.125, "KWD")
    ('EUR 12,500', 'EUR 45.50', 'JPY 46', 'KWD 0.125')
    """
    places = decimals(currency)
    rounded = round(amount, places)
    return f"{currency} {rounded:,.{0 if rounded == int(rounded) else places}f}"


def multiple(factor: float) -> str:
    """Return a factor in words: to two digits, and of the smallest ones only how small they are.

    Examples
    --------
    >>> multiple(1.28), multiple(212.0), multiple(0.00022)
    ('1.3', '210', 'less than 0.01')
    """
    return f"{float(f'{factor:.2g}'):,.10g}" if factor >= 0.01 else "less than 0.01"


def interval(middle: float, low: float, high: float) -> tuple[str, str, str]:
    """Return an estimate and the ends of its interval in words, with digits that tell them apart.

    Examples
    --------
    >>> interval(1.35, 1.31, 1.39), interval(2.0, 0.5, 8.0)
    (('1.35', '1.31', '1.39'), ('2', '0.5', '8'))
    """
    for digits in (2, 3):
        told = [f"{float(f'{one:.{digits}g}'):,.10g}" for one in (middle, low, high)]
        if len({*told}) == len({middle, low, high}):
            break
    return told[0], told[1], told[2]


def share(number: float) -> str:
    """Return a share in words.

    Examples
    --------
    >>> share(0.0187), share(0.998), share(1.0)
    ('1.9 %', '>99 %', '100 %')
    """
    if 0.995 <= number < 1 - _NOTHING:
        return ">99 %"
    return f"{number * 100:.2g} %" if number < 0.995 else f"{number * 100:.0f} %"


def exact_share(number: float) -> str:
    """Return a share that somebody chose in words, to three digits, or as many as it is not 100.

    Examples
    --------
    >>> exact_share(0.995), exact_share(0.1), exact_share(0.9996)
    ('99.5 %', '10 %', '99.96 %')
    """
    digits = 6 if 0.9995 <= number < 1 - _NOTHING else 3
    return f"{100 * number:.{digits}g} %"


def duration(seconds: float) -> str:
    """Return a time [s] in the two units that matter.

    Examples
    --------
    >>> [duration(t) for t in (0, 4.2, 59.7, 250, 300, 5400, 93_600)]
    ['0 s', '4 s', '1 min', '4 min 10 s', '5 min', '1 h 30 min', '26 h']
    """
    whole = round(seconds)
    if whole >= 3600:
        whole = 60 * round(whole / 60)
    hours, rest = divmod(whole, 3600)
    minutes, last = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (last, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
