"""Numbers as people read them.

Three digits are what a forecast can carry at most; the exact figures are in the tables of a result.
"""

from math import floor, log10

from livesim.resolve.words import duration as duration

_SIZES = ((1e12, " tn"), (1e9, " bn"), (1e6, " M"))


def amount(number: float) -> str:
    """Return a count or an amount of money, rounded to three digits and at most one decimal.

    Parameters
    ----------
    number : float
        The amount, in any unit.

    Returns
    -------
    str

    Examples
    --------
    >>> [amount(x) for x in (7, 0.42, 0, 87.7, 1234, 15_240, 999_600, 12_520_000, -2_500_000)]
    ['7', '0.4', '0', '88', '1,230', '15,200', '1 M', '12.5 M', '-2.5 M']
    """
    rounded = _rounded(number)
    for size, name in _SIZES:
        if abs(rounded) >= size:
            return f"{rounded / size:.3g}{name}"
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def units(number: int) -> str:
    """Return a number of units that somebody chose, exactly.

    Parameters
    ----------
    number : int
        Units [1].

    Returns
    -------
    str

    Examples
    --------
    >>> units(15_240)
    '15,240'
    """
    return f"{number:,}"


def percent(share: float, decimals: int = 0) -> str:
    """Return a share or chance in percent.

    Parameters
    ----------
    share : float
        In [0, 1] [1].
    decimals : int
        Decimals shown.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.9347), percent(0.0213, decimals=1)
    ('93 %', '2.1 %')
    """
    return f"{100 * share:.{decimals}f} %"


def sweep_label(name: str) -> str:
    """Return a measure's or a path's name as it stands in a sweep's tables and figures.

    Parameters
    ----------
    name : str
        A measure, or a dotted path, which stays as it is.

    Returns
    -------
    str

    Examples
    --------
    >>> sweep_label("lost_sales"), sweep_label("people.kim.fit.kim_fans")
    ('lost', 'people.kim.fit.kim_fans')
    """
    names = {"sales": "units sold", "lost_sales": "lost", "sold_out": "sold out", "gmv": "GMV"}
    return names.get(name, name if "." in name else name.replace("_", " "))


def _rounded(number: float) -> float:
    if abs(number) < 10:
        return round(number, 1)
    return round(number, 2 - max(2, floor(log10(abs(number)))))
