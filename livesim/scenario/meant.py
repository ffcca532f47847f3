"""How to write the number that a text which is refused probably means.

Nothing here becomes a value: it is told beside the mistake, and the planner decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

#: What others write for the units that are read, behind a number.
_UNITS: Final = {
    word: unit
    for unit, words in {
        "k": "thousand ribu rb tsd 千",
        "万": "만",
        "M": "million millions mio mn mln juta jt 百万 百萬",
        "bn": "billion billions mrd",
        "亿": "억",
        "%": "percent pct prozent",
        "s": "sec secs second seconds 秒 초",
        "min": "mins minute minutes 分钟 分鐘 分 분",
        "h": "hr hrs hour hours 小时 小時 時間 시간",
        "d": "day days 天",
        "": "unit units pc pcs piece pieces",
    }.items()
    for word in words.split()
}
_CURRENCY: Final = r"(?:[A-Z]{0,3}[¥€$£₩₫₹฿₱]|[A-Z]{3}|Rp\.?|RM|R\$|kr|元|円|원)"
_ABOUT: Final = re.compile(r"(?i)^(?:about|around|circa|approx\.?|ca\.?|c\.|~|≈|约|約)\s*(?=\S)")
_MONEY: Final = re.compile(rf"^{_CURRENCY}\s*|\s*{_CURRENCY}$|[.,]-$")
_WORD: Final = re.compile(r"(?<=[\dkKMB万萬亿億])\s*([^\W\d_]+)")
_PIECES: Final = re.compile(r"(?<=[\d千万萬亿億])\s*[件个個支瓶套]$")
#: Thousands that are clear, since they are several, or since what parts them can be nothing else.
_GROUPS: Final = re.compile(
    r"(?<![\d.,])\d{1,3}(?:(?:[ '\u2019\u066c]\d{3})+|(?:,\d{3}){2,}|(?:\.\d{3}){2,}"
    r"|(?:,\d{3})+(?=\.\d)|(?:\.\d{3})+(?=,\d))(?![\d'\u2019\u066c])"
)
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d+(?:\D|$))")
_EITHER: Final = re.compile(r"(?<![\d.,_])([1-9]\d{0,2})[.,](\d{3})(?!\d)")


def numbers_meant(text: str, unit: str) -> Iterator[str]:
    """Yield how to write what a text may mean as a number, most often one way, or two.

    Parameters
    ----------
    text
        As it is written.
    unit
        Unit of the number that is wanted: of a ``currency`` its sign and its name are left out.

    Yields
    ------
    str
        It need not be a number that can be read.

    Examples
    --------
    >>> [*numbers_meant("10 000", "1")], [*numbers_meant("1.299,50 €", "currency")]
    (['10_000'], ['1_299.50'])
    >>> [*numbers_meant("10,000", "1")], [*numbers_meant("5 minutes", "s")]
    (['10_000', '10'], ['5min'])
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = _ABOUT.sub("", plain)
    if unit == "currency":
        plain = _MONEY.sub("", plain)
    plain = _PIECES.sub("", plain)
    plain = _WORD.sub(lambda found: _UNITS.get(found[1].lower(), found[1]), plain)
    plain = _GROUPS.sub(lambda found: re.sub(r"\D", "_", found[0]), plain)
    if _EITHER.search(plain):
        yield _EITHER.sub(r"\1_\2", plain)
        yield _EITHER.sub(lambda found: _decimal(found[1], found[2]), plain)
    else:
        yield _DECIMAL_COMMA.sub(".", plain)


def _decimal(whole: str, part: str) -> str:
    """Return a number with decimals that nobody takes for thousands."""
    shorter = part.rstrip("0")
    return f"{whole}.{part}0" if len(shorter) == len(part) else f"{whole}.{shorter}".rstrip(".")
