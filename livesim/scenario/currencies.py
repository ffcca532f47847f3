"""How many decimals money has."""

from __future__ import annotations

from typing import Final

#: What a currency is written as.
CURRENCY: Final = "^[A-Z]{3}$"
#: How many decimals a currency has where they are not two: ISO 4217.
_DECIMALS: Final = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
}


def decimals(currency: str) -> int:
    """Return how many decimals an amount that is paid has in a currency.

    Examples
    --------
    >>> decimals("EUR"), decimals("KRW"), decimals("KWD")
    (2, 0, 3)
    """
    return _DECIMALS.get(currency, 2)
