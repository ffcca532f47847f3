"""How to write the number that a text which is refused probably means.

Nothing here becomes a value: it is told beside the mistake, and the planner decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from livesim.errors import HIDDEN

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
        "": "unit units pc pcs piece pieces order orders viewer viewers people 人",
    }.items()
    for word in words.split()
}
_CURRENCY: Final = r"(?:[A-Z]{0,3}[¥€$£₩₫₹฿₱]|[A-Z]{3}|Rp\.?|RM|R\$|kr|元|円|원)"
#: What says that a number is not exact, before it and behind it.
_ABOUT: Final = re.compile(
    r"(?i)^(?:about|around|circa|approx\.?|ca\.?|c\.|~|≈|约|約|more than|over|at least|from|min\.?"
    r"|less than|under|at most|up to|max\.?|[<>]=?|[≤≥])\s*(?=\S)"
    r"|(?<=\d)\s*(?:\+|\?|ish|or (?:so|more|less)|\(?est\.?\)?|(?:±|\+/-|\+-)\s*\d\S*)$"
)
_MONEY: Final = re.compile(rf"^{_CURRENCY}\s*|\s*{_CURRENCY}$|[.,]-$")
_WORD: Final = re.compile(r"(?<=[\dkKMB万萬亿億])\s*([^\W\d_]+)")
_PER_CENT: Final = re.compile(r"(?i)per\s+cent\b")
_FRACTION: Final = re.compile(r"(\d*)\s*([¼-¾⅐-⅞])")
#: 1 1/2, and 1/2 before a unit: 1/2 alone could be two numbers.
_SLASHED: Final = re.compile(r"(?<![\d/.,])(?:(\d+)\s+)?([1-9])/([2-9])(?!\s*[\d/])")
_PART: Final = re.compile(r"([1-9])\s*/\s*([2-9]|10)|([¼-¾⅐-⅞])")
_PARTS: Final = {
    **{"half": "50%", "a half": "50%", "one half": "50%", "一半": "50%"},
    **{"a quarter": "25%", "one quarter": "25%", "three quarters": "75%"},
    **{"a third": "33.3%", "one third": "33.3%", "two thirds": "66.7%"},
}
_SUM: Final = re.compile(r"=?\s*(\d+(?:\.\d+)?)\s*([x×*/+]|dozens?|doz\.?|打|‰)\s*(\d+(?:\.\d+)?)?")
_CLOCK: Final = re.compile(r"(\d{1,3}):(\d\d)(?::(\d\d)(?:\.\d+)?)?")
_LARGE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(k|K|M|万|萬)")
_PIECES: Final = re.compile(r"(?<=[\d千万萬亿億])\s*[件个個支瓶套]$")
#: Thousands that are clear, since they are several, or since what parts them can be nothing else.
_GROUPS: Final = re.compile(
    r"(?<![\d.,])\d{1,3}(?:(?:[ '\u2019\u066c]\d{3})+|(?:,\d{3}){2,}|(?:\.\d{3}){2,}"
    r"|(?:,\d{3})+(?=\.\d)|(?:\.\d{3})+(?=,\d))(?![\d'\u2019\u066c])"
)
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d+(?:\D|$))")
#: What stands between several numbers where one belongs.
_BETWEEN: Final = re.compile(
    r"(?i)\s*[;/|&、或和]\s*|\s*,\s+|\s+(?:or|and|oder|und|ou|et)\s+|(?<=\d)\s+(?=[1-9])"
)
_ONE_NUMBER: Final = re.compile(r"(\d[\d._]*)\s*([^\W\d_]*|%)")
_CUT_THOUSANDS: Final = re.compile(r"([1-9]\d{0,2}),\s+(\d{3})")
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
    plain = without_about(text)
    if unit == "currency":
        plain = _MONEY.sub("", plain)
    plain = _PIECES.sub("", plain)
    if (part := _part(text)) is not None:
        yield from (f"{part:.4g}h", f"{part:.4g}min") if unit == "s" else (f"{100 * part:.4g}%",)
        yield f"{part:.4g}"
        return
    plain = _PARTS.get(plain.lower(), plain)
    plain = _WORD.sub(lambda found: _UNITS.get(found[1].lower(), found[1]), plain)
    plain = _GROUPS.sub(lambda found: re.sub(r"\D", "_", found[0]), plain)
    if clock := _CLOCK.fullmatch(plain):
        yield from _times(*clock.groups())
    elif sum_ := _SUM.fullmatch(plain):
        yield from _worked_out(*sum_.groups())
    elif _EITHER.search(plain):
        yield _EITHER.sub(r"\1_\2", plain)
        yield _EITHER.sub(lambda found: _decimal(found[1], found[2]), plain)
    else:
        plain = _DECIMAL_COMMA.sub(".", plain)
        yield plain
        yield from _with_another_unit(plain, unit)


def several_meant(text: str) -> list[str]:
    """Return the numbers that stand in a text in which one belongs; none where it is not several.

    Parameters
    ----------
    text
        As it is written.

    Returns
    -------
    list of str
        Each with the unit of the last where it has none. 10, 200 may also be 10_200.

    Examples
    --------
    >>> several_meant("10, 20"), several_meant("1/2"), several_meant("10 or 20 min")
    (['10', '20'], ['1', '2'], ['10min', '20min'])
    >>> several_meant("10, 200"), several_meant("10 000"), several_meant("5 apples")
    (['10', '200', '10_200'], [], [])
    """
    plain = _SLASHED.sub(lambda found: _divided(found) if found[1] else found[0], text)
    plain = plain.strip().strip("()[]{}")
    numbers = [_ONE_NUMBER.fullmatch(one.strip()) for one in _BETWEEN.split(plain)]
    found = [one for one in numbers if one is not None]
    if len(found) < max(len(numbers), 2):
        return []
    unit = _UNITS.get(found[-1][2].lower(), found[-1][2])
    several = [one[1] + (_UNITS.get(one[2].lower(), one[2]) or unit) for one in found]
    cut = _CUT_THOUSANDS.fullmatch(plain)
    return [*several, *([f"{cut[1]}_{cut[2]}"] if cut else [])]


def is_a_part(text: str) -> bool:
    """Say whether a text is a part of a whole that it does not name.

    Examples
    --------
    >>> is_a_part("half"), is_a_part("½"), is_a_part("1/2"), is_a_part("half an hour")
    (True, True, True, False)
    """
    return _part(text) is not None or text.strip().lower() in _PARTS


def something_else(text: str, unit: str) -> str:
    """Return what a text clearly is that is no number of a unit: money or a time, else nothing.

    Parameters
    ----------
    text
        As it is written.
    unit
        Unit of the number that is wanted.

    Examples
    --------
    >>> something_else("$100", "1"), something_else("1:30", "1"), something_else("1:30", "s")
    ('an amount of money', 'a time', '')
    """
    plain = without_about(text)
    number = _MONEY.sub("", plain)
    if unit != "currency" and number != plain and re.fullmatch(r"\d[\d.,_]*", number):
        return "an amount of money"
    return "a time" if unit != "s" and _CLOCK.fullmatch(plain) else ""


def without_about(text: str) -> str:
    """Return a text without what says that it is not exact, and without what nobody sees.

    Examples
    --------
    >>> without_about("~100"), without_about("at least 20"), without_about("1½k ")
    ('100', '20', '1.5k')
    """
    plain = _FRACTION.sub(_in_decimals, HIDDEN.sub("", text))
    if _part(plain) is None:
        plain = _SLASHED.sub(_divided, plain)
    plain = _PER_CENT.sub("percent", unicodedata.normalize("NFKC", plain).strip())
    return _ABOUT.sub("", _ABOUT.sub("", plain))


def _in_decimals(fraction: re.Match[str]) -> str:
    return f"{int(fraction[1] or 0) + unicodedata.numeric(fraction[2]):.4g}"


def _divided(fraction: re.Match[str]) -> str:
    """Return 1 1/2 in decimals, and what is no part of one as it is."""
    over, under = int(fraction[2]), int(fraction[3])
    return f"{int(fraction[1] or 0) + over / under:.4g}" if over < under else fraction[0]


def _part(text: str) -> float | None:
    """Return what part of one a text is that says nothing else: 1/2, ½; None if it is none."""
    part = _PART.fullmatch(HIDDEN.sub("", text).strip().removeprefix("=").strip())
    if part is None:
        return None
    value = unicodedata.numeric(part[3]) if part[3] else int(part[1]) / int(part[2])
    return value if value < 1 else None


def _times(first: str, second: str, third: str | None) -> Iterator[str]:
    """Yield what a time on a clock may be as a duration: 1:30 is hours, or minutes."""
    numbers = [*map(int, (first, second, *([third] if third else [])))]
    for units in ("hms",) if third else ("hm", "ms"):
        parts = zip(numbers, units, strict=True)
        yield "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def _worked_out(first: str, sign: str, second: str | None) -> Iterator[str]:
    """Yield what a small sum comes to: 2 dozen, 2 x 12 and 5‰."""
    number = float(first)
    if sign == "‰":
        yield f"{number / 10:g}%"
    elif sign[0] in "d打":
        yield f"{12 * number:.15g}"
    elif second and sign == "+":
        yield f"{number + float(second):.15g}"
    elif second and sign != "/":
        yield f"{number * float(second):.15g}"


def _with_another_unit(plain: str, unit: str) -> Iterator[str]:
    """Yield a number as what else it may be where it cannot stand as it is."""
    if large := _LARGE.fullmatch(plain):
        size = {"k": 10**3, "K": 10**3, "M": 10**6}.get(large[2], 10**4)
        yield f"{float(large[1]) * size:.15g}"
    elif re.fullmatch(r"\d+(?:\.\d+)?", plain):
        yield from (f"{plain}s", f"{plain}min") if unit == "s" else (f"{plain}%",)


def _decimal(whole: str, part: str) -> str:
    """Return a number with decimals that nobody takes for thousands."""
    shorter = part.rstrip("0")
    return f"{whole}.{part}0" if len(shorter) == len(part) else f"{whole}.{shorter}".rstrip(".")
