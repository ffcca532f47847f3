"""How dashboards and sheets write numbers, times and amounts, read in one place.

A cell is a text in somebody's notation (``1.2万``, ``1.234,50 €``, ``13小时46分``), or already a
number or a moment. What could mean two things is settled by the rest of its sheet, where that shows
the notation; else it is asked about, and never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from math import isfinite
from typing import Final, Literal, TypeAlias

from livesim.errors import shortened
from livesim.scenario.quantities import DURATION, QuantityError

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None
Mark: TypeAlias = Literal[".", ","]
Dates: TypeAlias = Literal["dmy", "mdy"]

DAY: Final = 86_400.0
#: A number of as many digits may be too large for one.
_LONG: Final = 300
#: Texts that say that nothing is known.
_MISSING: Final = frozenset(
    (
        *("", "-", "--", "---", "–", "—", "/", "n/a", "na", "nan", "nat", "null", "none", "nil"),
        *("无", "無", "暂无", "#n/a", "#n/a n/a", "#div/0!"),
    )
)
#: Signs and codes of a currency; a sign of several currencies ($, ¥) says none.
_CURRENCIES: Final = {
    **{"₫": "VND", "€": "EUR", "£": "GBP", "₹": "INR", "฿": "THB", "₱": "PHP", "₩": "KRW"},
    **{"₺": "TRY", "zł": "PLN", "元": "CNY", "円": "JPY", "rmb": "CNY", "rp": "IDR", "rm": "MYR"},
    **{"us$": "USD", "s$": "SGD", "r$": "BRL", "a$": "AUD", "nt$": "TWD", "hk$": "HKD"},
    **{"đ": "VND", "$": "", "¥": ""},
    **{
        code.lower(): code
        for code in (
            *("USD", "EUR", "GBP", "CNY", "JPY", "KRW", "VND", "THB", "IDR", "MYR", "PHP", "SGD"),
            *("TWD", "HKD", "INR", "AUD", "CAD", "BRL", "MXN", "TRY", "PLN", "CHF", "SEK", "AED"),
        )
    },
}
_SIGNS = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
#: A currency before an amount, and behind one.
_BEFORE = re.compile(rf"({_SIGNS})(.*\d.*)")
_BEHIND = re.compile(rf"(.*\d.*?)({_SIGNS})")
_RANGE: Final = re.compile(r"\d[\d.,]*[^\d.,]*?\s*(?:-|–|—|~|至|到|to)\s*\d[\d.,]*[^\d.,]*")
#: A number, its thousands perhaps parted by one sign that no decimals have, and a word behind it.
_NUMBER: Final = re.compile(
    r"(?P<digits>\d+(?:[.,]\d+)*[.,]?|\d{1,3}(?P<part>['’ _])\d{3}(?:(?P=part)\d{3})*(?:[.,]\d*)?)"
    r"\s*(?P<word>[^\d.,'’_\s]*)(?:\s+(?P<counted>[^\d\s]\S*))?"
)
#: What a number may be multiplied by: Chinese, English, Indonesian, Vietnamese; capitals as such.
_SIZES: Final = {
    **{"千": 10**3, "万": 10**4, "萬": 10**4, "w": 10**4, "亿": 10**8, "億": 10**8},
    **{"k": 10**3, "M": 10**6, "mio": 10**6, "bn": 10**9, "B": 10**9, "lakh": 10**5},
    **{"crore": 10**7, "rb": 10**3, "jt": 10**6, "tr": 10**6},
}
#: Small letters that are no sizes, for they may be something else, as m is minutes; and of what.
_UNCLEAR: Final = {"m": "million", "b": "billion"}
Counted: TypeAlias = Literal["units", "orders", "people", "times"]
#: The words that may stand behind a number, by what the field counts; behind an amount, none.
COUNTED: Final[Mapping[Counted | Literal[""], tuple[str, ...]]] = {
    "units": ("件", "个", "pcs", "pc", "units", "unit", "pieces"),
    "orders": ("单", "笔", "orders", "order"),
    "people": ("人", "people", "viewers", "viewer"),
    "times": ("次", "人次", "views", "view", "clicks", "times"),
    "": (),
}


@dataclass(frozen=True)
class Takes:
    """What the cells of a field may say beside their digits.

    Parameters
    ----------
    counted
        What the field counts, whose words may stand behind a number; empty where it counts nothing.
    currency
        Whether a currency may.
    whole
        Whether there are no decimals, so that 1,234 can only be a thousand and more.
    """

    counted: Counted | Literal[""] = ""
    currency: bool = False
    whole: bool = False


MONEY: Final = Takes(currency=True)
BARE: Final = Takes()
#: The words for units of time.
UNITS: Final = {
    **dict.fromkeys(("d", "day", "days", "天", "日", "ngày", "hari"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时", "小時", "时", "時間"), "h"),
    **dict.fromkeys(("std", "stunde", "stunden", "시간", "giờ", "jam", "hora", "horas"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten", "分", "分钟"), "min"),
    **dict.fromkeys(("分鐘", "분", "phút", "menit", "minuto", "minutos"), "min"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), "s"),
    **dict.fromkeys(("秒", "秒钟", "초", "giây", "detik", "segundo", "segundos"), "s"),
}
#: Seconds of each unit in which a duration may stand bare, below a heading that names it.
SECONDS: Final = {"d": DAY, "h": 3600.0, "min": 60.0, "s": 1.0}


@dataclass(frozen=True)
class Notation:
    """How a sheet writes what could be read in two ways.

    Parameters
    ----------
    decimal
        What separates decimals; None where nothing shows it.
    dates
        Whether 01/07 is the first of July or the seventh of January; None where nothing shows it.
    zone
        The time zone into which instants are put; None leaves them as they are written.
    both
        Two numbers that part decimals in two ways, in words; empty where the sheet has one way.
    """

    decimal: Mark | None = None
    dates: Dates | None = None
    zone: tzinfo | None = None
    both: str = ""


@dataclass(frozen=True)
class Moment:
    """A moment on some clock.

    Parameters
    ----------
    at
        Date and time, without a time zone.
    clock
        Whose: of the place, of UTC, or of nobody (the year or the time of the day is not known).
    """

    at: datetime
    clock: Literal["place", "utc", "no time", "no year"] = "place"


def clean(text: str) -> str:
    """Return a text with the usual forms of its characters, in one line.

    Examples
    --------
    >>> clean("１２，５００％ ")
    '12,500%'
    """
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").split())


def _written(text: str) -> str:
    """Return the clean text of a figure; a raised or circled digit beside it is of a footnote."""
    if any(sign.isnumeric() and not sign.isdecimal() and _has_digit(sign) for sign in text):
        raise QuantityError(
            f"{text!r} has a raised, circled or broken digit",
            "write plain digits, and a footnote into a column of its own",
        )
    return clean(text)


def _has_digit(sign: str) -> bool:
    return any(one.isdecimal() for one in unicodedata.normalize("NFKC", sign))


def is_missing(cell: Cell) -> bool:
    """Say whether a cell says that nothing is known.

    Examples
    --------
    >>> is_missing("--"), is_missing(float("nan")), is_missing("0")
    (True, True, False)
    """
    if isinstance(cell, str):
        return clean(cell).lower() in _MISSING
    return cell is None or (isinstance(cell, float) and cell != cell)


# --- numbers -----------------------------------------------------------------------------------


def decimal_mark(texts: Iterable[str]) -> Mark | None:
    """Return what separates decimals in texts of one sheet; None where they do not show it.

    Examples
    --------
    >>> decimal_mark(["1.234,50", "1.234"]), decimal_mark(["1,234"]), decimal_mark(["1,5", "1.5"])
    (',', None, None)
    """
    shown = {mark for mark in map(shown_mark, texts) if mark}
    return shown.pop() if len(shown) == 1 else None


def shown_mark(text: str) -> Mark | None:
    """Return what separates decimals in a text of one number, where it shows it by itself.

    Examples
    --------
    >>> shown_mark("1.234,50 €"), shown_mark("1,234")
    (',', None)
    """
    return _mark_of(_figures(clean(text)))


def _figures(text: str) -> str:
    """Return the digits and marks of a text that has one number in it; else nothing."""
    found = re.findall(r"\d[\d.,]*", text)
    return found[0].rstrip(".,") if len(found) == 1 else ""


def _mark_of(number: str) -> Mark | None:
    """Return the decimal mark that a number shows by itself."""
    marks = re.findall(r"[.,]", number)
    if not marks:
        return None
    last: Mark = marks[-1]
    other: Mark = "," if last == "." else "."
    if other in marks:
        return last if marks.count(last) == 1 else other
    if len(marks) > 1:
        return other if _grouped(number, re.escape(last)) else None
    before, after = number.split(last)
    return last if len(after) != 3 or before == "0" or len(before) > 3 else None


def number(text: str, notation: Notation, takes: Takes = MONEY) -> tuple[float, str]:
    """Read a number, with its currency.

    Parameters
    ----------
    text
        Such as ``1.2万``, ``₫1,234,000``, ``1.234,50 €``, ``(12)``.
    notation
        How its sheet writes numbers.
    takes
        What may stand beside the digits.

    Returns
    -------
    tuple of float and str
        The number, and the currency or "".

    Raises
    ------
    QuantityError
        If it is no number, or could be two.

    Examples
    --------
    >>> number("1.2万", Notation()), number("1.234,50 €", Notation())
    ((12000.0, ''), (1234.5, 'EUR'))
    """
    if text.isascii() and text.isdigit() and len(text) < _LONG:
        return float(text), ""
    core, currency, sign = _without_currency(_written(text))
    if sign and not takes.currency:
        raise QuantityError(f"{text!r} is an amount of money, and no count", "write digits alone")
    negative, core = _without_sign(core)
    match = _NUMBER.fullmatch(core)
    if match is None and _RANGE.fullmatch(core):
        remedy = "write the number itself, which the account's own dashboard has, or leave it empty"
        raise QuantityError(f"{text!r} is a range, and no number", remedy)
    if match is None:
        raise QuantityError(f"{text!r} is not a number", _DIGITS)
    size = _size(text, match, takes)
    digits, part = match["digits"], match["part"]
    # In decimals, since 1.1 * 1e4 is 11000.000000000002 in binary.
    value = float(
        Decimal(_plain(text, digits, part, notation, takes.whole and size == 1, size)) * size
    )
    if not isfinite(value):
        raise QuantityError(f"{shortened(text)} is too large for a number", "write fewer digits")
    return (-value if negative else value), currency


_DIGITS: Final = "write digits, or leave the cell empty"


def _without_sign(text: str) -> tuple[bool, str]:
    """Return whether a text is below 0, in one of two ways, and what is left of it."""
    bracketed = re.fullmatch(r"\(([^()]*)\)", text)
    if bracketed:
        return True, bracketed[1].strip()
    return text.startswith("-"), (text[1:].strip() if text[:1] in ("+", "-") else text)


def _size(text: str, match: re.Match[str], takes: Takes) -> int:
    """Return what a number is multiplied by, from the words behind it."""
    words = f"{match['word']} {match['counted'] or ''}".split()
    size = 1
    if words and (told := _sized(words[0], takes)):
        size, rest = told
        words = [*([rest] if rest else []), *words[1:]]
    if len(words) == 1 and words[0] in _UNCLEAR:
        letter, size_of = words[0], _UNCLEAR[words[0]]
        raise QuantityError(
            f"the small {letter} in {text!r} could be a {size_of} or something else",
            f"write all digits, or {letter.upper()} for a {size_of}",
        )
    allowed = COUNTED[takes.counted]
    if len(words) > 1 or (words and words[0].lower() not in allowed):
        words_of = f"; behind a number of {takes.counted} may stand {', '.join(allowed)}"
        raise QuantityError(f"{text!r} is not a number", _DIGITS + (words_of if allowed else ""))
    return size


def _sized(word: str, takes: Takes) -> tuple[int, str] | None:
    """Return the size that a word is, or that stands before what is counted, and the rest."""
    for rest in ("", *COUNTED[takes.counted]):
        if word.lower().endswith(rest):
            name = word[: len(word) - len(rest)]
            size = _SIZES.get(name) or (name not in _UNCLEAR and _SIZES.get(name.lower()))
            if size:
                return size, rest
    return None


def _without_currency(text: str) -> tuple[str, str, str]:
    """Return a text without its currency, the currency's letters, and its sign."""
    small = text.lower()
    if before := _BEFORE.fullmatch(small):
        return text[len(before[1]) :].strip(" ."), _CURRENCIES[before[1]], before[1]
    if behind := _BEHIND.fullmatch(small):
        return text[: len(behind[1])].strip(" ."), _CURRENCIES[behind[2]], behind[2]
    return text, "", ""


def sign_of(text: str) -> str:
    """Return the sign or the code of a currency that an amount has, in small letters; else none.

    Examples
    --------
    >>> sign_of("US$ 25"), sign_of("$25"), sign_of("25")
    ('us$', '$', '')
    """
    told = clean(text).lower()
    if before := _BEFORE.fullmatch(told):
        return before[1]
    behind = _BEHIND.fullmatch(told)
    return behind[2] if behind else ""


def currency_called(text: str) -> str:
    """Return the three letters of a currency, none for a sign of several.

    Examples
    --------
    >>> currency_called("usd"), currency_called("元"), currency_called("$")
    ('USD', 'CNY', '')
    """
    told = clean(text)
    return _CURRENCIES.get(told.lower(), told.upper())


def _plain(
    text: str, digits: str, part: str | None, notation: Notation, whole: bool, size: int
) -> str:
    """Return digits with thousands' marks taken away and a point for decimals."""
    if part:
        return digits.replace(part, "").replace(",", ".")
    mark = _mark_of(digits) or (None if whole else notation.decimal)
    if mark is None and len(re.findall("[.,]", digits)) > 1:
        raise QuantityError(f"{text!r} is not a number", _DIGITS)
    if mark is None and re.search("[.,]", digits):
        mark = _mark_of_the_unclear(text, digits, whole, size, notation)
    if mark is None:
        return digits
    head, _, tail = digits.partition(mark)
    other = re.escape("," if mark == "." else ".")
    if mark in tail or re.search(other, tail) or not _grouped(head, other):
        raise QuantityError(
            f"{text!r} is no number whose decimals are parted by {mark!r}, as elsewhere here",
            "write it like the others of its sheet",
        )
    return f"{re.sub(other, '', head)}.{tail or 0}"


def _grouped(head: str, other: str) -> bool:
    """Say whether the marks of thousands stand where they may, in India's way, too."""
    return re.fullmatch(rf"\d+|\d{{1,3}}({other}\d{{2,3}})*{other}\d{{3}}", head) is not None


def _mark_of_the_unclear(
    text: str, digits: str, whole: bool, size: int, notation: Notation
) -> Mark:
    """Return the decimal mark of a number such as 1,234, which does not show it."""
    used: Mark = "," if "," in digits else "."
    other: Mark = "." if used == "," else ","
    name, both = "comma" if used == "," else "point", notation.both
    if size >= 10**4:
        return "."  # 万 and 亿 are written where the point separates decimals
    if whole:  # 1,234 can be no count but of thousands; 15,000 can be fifteen, to three decimals
        usual = notation.decimal == other or (notation.decimal is None and used == ",")
        if usual or not digits.endswith("000"):
            return other
        if notation.decimal == used:
            few, many = digits.split(used)[0], digits.replace(used, "")
            raise QuantityError(
                f"the {name} in {text!r} could part thousands or, as elsewhere here, decimals",
                f"write {many}, or {few}",
            )
    raise QuantityError(
        f"the {name} in {text!r} could part thousands or decimals",
        (f"the sheet has both, {both}: write all in one way, or" if both else _SHOWN_NOWHERE)
        + " say what separates decimals, as in --decimal ,",
    )


_SHOWN_NOWHERE: Final = "nothing else in the sheet shows which:"


def is_rounded(cell: Cell) -> bool:
    """Say whether a number is written rounded, as 1.2万 is.

    Examples
    --------
    >>> is_rounded("1.2万"), is_rounded("12,000")
    (True, False)
    """
    return (
        isinstance(cell, str) and re.search(r"\d\s*([a-z]+|[千万萬亿億])", cell.lower()) is not None
    )


def share(cell: Cell, notation: Notation) -> float:
    """Read a share; without a percent sign only where it can be no percentage.

    Examples
    --------
    >>> share("3.2%", Notation()), share(0.032, Notation())
    (0.032, 0.032)
    """
    if isinstance(cell, str) and _written(cell).endswith("%"):
        return number(clean(cell).rstrip("% "), notation, BARE)[0] / 100
    value = number(cell, notation, BARE)[0] if isinstance(cell, str) else amount_of(cell)
    if value > 1 or (value == 1 and not isinstance(cell, float)):
        raise QuantityError(f"{cell} could be a share or a percentage", "write it with %")
    return value


def amount_of(cell: Cell) -> float:
    """Return a cell that holds a number.

    Raises
    ------
    QuantityError
        If it holds something else.
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise QuantityError(f"{cell} is not a number", "write digits, or leave the cell empty")
    if cell != cell or abs(cell) == float("inf"):
        raise QuantityError(f"{cell} is not a finite number", "write digits")
    return float(cell)


# --- durations ---------------------------------------------------------------------------------

_HOW_LONG: Final = "write 1h30m, 90min or 1:30:00, or the unit in the heading, as in length (min)"


def duration(cell: Cell, notation: Notation, unit: str = "") -> float:
    """Read a duration [s].

    Parameters
    ----------
    cell
        Such as ``13小时46分``, ``1h 30min``, ``1:30:00``, or a time of Excel.
    notation
        How its sheet writes numbers.
    unit
        In which unit a bare number stands (``d``, ``h``, ``min``, ``s``), or how 1:30 is meant
        (``h:mm``, ``mm:ss``); empty where nothing says it.

    Raises
    ------
    QuantityError
        If it is no duration, or could be two.

    Examples
    --------
    >>> [duration(text, Notation()) for text in ("1分35秒", "13小时46分", "1 hr 5 min", "1:30:00")]
    [95.0, 49560.0, 3900.0, 5400.0]
    """
    if isinstance(cell, time | timedelta) or (isinstance(cell, datetime) and cell.year <= 1904):
        return _of_spreadsheet(cell, unit)
    if not isinstance(cell, str):
        return _with_unit(amount_of(cell), unit)
    text = _written(cell).lower()
    if re.fullmatch(r"-[\d.,]+", text):  # a row that cannot be right, and is left out as one
        return -duration(text[1:], notation, unit)
    if ":" in text:
        return _colons(text, unit)
    text = re.sub(r"^(\d+\s*h\s*[0-5]\d)$", r"\1min", text)  # 1h15, as French clocks have it
    parts = re.findall(r"([\d.,]+)\s*([^\d\s.,]*)[.,]?\s*", text)
    if "".join(n + word for n, word in parts) != re.sub(r"[\s]|(?<=[^\d\s.,])[.,]", "", text):
        raise QuantityError(f"{cell!r} is not a duration", _HOW_LONG)
    if len(parts) == 1 and not parts[0][1]:
        return _with_unit(number(parts[0][0], notation, BARE)[0], unit)
    unknown = [word for _, word in parts if word not in UNITS]
    if unknown or not parts:
        raise QuantityError(f"{cell!r} is not a duration", _HOW_LONG)
    values = [f"{number(n, notation, BARE)[0]:.9f}{UNITS[word]}" for n, word in parts]
    try:
        return DURATION.read("".join(values))
    except QuantityError:
        raise QuantityError(f"{cell!r} is not a duration", _HOW_LONG) from None


def _of_spreadsheet(cell: time | timedelta | datetime, unit: str) -> float:
    """Return the seconds of a time as a spreadsheet keeps it."""
    if isinstance(cell, time):
        cell = datetime.combine(datetime(1899, 12, 31), cell)
    if isinstance(cell, datetime):  # how Excel keeps 26:30:00
        cell -= datetime(1899, 12, 31 if cell < datetime(1900, 3, 1) else 30)
    seconds = cell.total_seconds()
    if unit == "mm:ss" and seconds and seconds % 60 == 0:
        hours, minutes = divmod(round(seconds / 60), 60)
        raise QuantityError(
            f"{hours}:{minutes:02} stands here as {hours} h {minutes} min, below a heading that "
            "says mm:ss",
            f"a spreadsheet takes {hours}:{minutes:02} for hours and minutes: write "
            f"{hours // 60}:{hours % 60:02}:{minutes:02} for {hours} min {minutes} s; or, where it "
            "is right, (h:mm) in the heading",
        )
    return seconds


def _with_unit(value: float, unit: str) -> float:
    if value and unit not in SECONDS:
        raise QuantityError(f"{value:g} has no unit of time", _HOW_LONG)
    return value * SECONDS.get(unit, 1.0)


def _colons(text: str, unit: str) -> float:
    match = re.fullmatch(r"(?:(\d+)\s*(?:d|days?|天),? *)?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?", text)
    if match is None or int(match[3]) > 59:
        raise QuantityError(f"{text!r} is not a duration", _HOW_LONG)
    days, first, second, third = (float(part or 0) for part in match.groups())
    if match[4] is not None or match[1] is not None or unit == "h:mm":
        return days * DAY + first * 3600 + second * 60 + third
    if unit == "mm:ss" or first * 60 + second == 0:
        return first * 60 + second
    raise QuantityError(
        f"{text!r} could be hours and minutes or minutes and seconds",
        "write 1:30:00 or 1h30m, or (h:mm) or (mm:ss) in the heading",
    )


# --- moments -----------------------------------------------------------------------------------

_HOW_DATED: Final = "write 2026-07-01 20:00"
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|晚上|凌晨|오전|오후)?\s*(?P<hour>\d{1,2})[:时h點点](?P<minute>\d\d)?分?"
    r"(?::?(?P<second>\d\d)(?:[.,]\d+)?秒?)?\s*(?P<m>[ap]\.?m\.?)?"
)
_ZONE = re.compile(
    r"\s*\(?(?:(?P<zero>z|utc|gmt)(?![+-])|(?:utc|gmt)?(?P<sign>[+-])(?P<h>\d{1,2}):?(?P<m>\d\d)?)\)?$"
)
_MONTHS: Final = {
    name: month
    for month, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_NUMERIC = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,4})\s*日?)?")
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)??(?:(\d{1,2})[.\s-]+([a-z]{3,9})|([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?)"
    r"[.,\s-]+(\d{4})"
)


def date_order(texts: Iterable[str]) -> Dates | None:
    """Return whether day or month comes first in texts of one sheet; None where none shows it.

    Examples
    --------
    >>> date_order(["01/07/2026", "23/07/2026"]), date_order(["01/07/2026"])
    ('dmy', None)
    """
    shown: set[Dates] = set()
    for text in texts:
        match = re.match(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}\b", clean(text))
        if match and int(match[1]) > 12:
            shown.add("dmy")
        elif match and int(match[2]) > 12:
            shown.add("mdy")
    return shown.pop() if len(shown) == 1 else None


def moment(cell: Cell, notation: Notation) -> Moment:
    """Read a moment.

    Parameters
    ----------
    cell
        A date, with or without its time of day, in a local form, of Excel, or as Unix time.
    notation
        In which order its sheet writes dates, and where instants are to be put.

    Raises
    ------
    QuantityError
        If it is no moment, or could be two.

    Examples
    --------
    >>> moment("2026年7月1日 20:05", Notation()).at.isoformat()
    '2026-07-01T20:05:00'
    >>> moment("2026-07-01T13:05:00Z", Notation()).clock
    'utc'
    """
    if isinstance(cell, datetime):
        whole = (cell + timedelta(microseconds=500_000)).replace(microsecond=0, tzinfo=None)
        return Moment(whole)
    if isinstance(cell, date):
        return Moment(datetime(cell.year, cell.month, cell.day), "no time")
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_number(float(cell), notation)
    if not isinstance(cell, str):
        raise QuantityError(f"{cell} is not a date", _HOW_DATED)
    text = _written(cell).lower()
    if re.fullmatch(r"\d+(\.\d+)?", text) and not re.fullmatch(r"20\d{6}|\d{1,2}\.\d{1,2}", text):
        return _of_number(float(text), notation)
    try:
        return _of_text(cell, text, notation)
    except (ValueError, OverflowError) as error:
        if isinstance(error, QuantityError):
            raise
        raise QuantityError(f"{cell!r} is not a date: {error}", _HOW_DATED) from None


def _of_number(value: float, notation: Notation) -> Moment:
    """Read Excel's days since 1899-12-30, or Unix time in seconds or milliseconds."""
    if 20_000 <= value < 80_000:
        at = datetime(1899, 12, 30) + timedelta(seconds=round(value * DAY))
        return Moment(at, "place" if value % 1 else "no time")
    for scale in (1.0, 1e3):
        if 1e9 * scale <= value < 4e9 * scale:
            instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value / scale)
            return _placed(instant.replace(microsecond=0), notation)
    raise QuantityError(f"{value:.15g} is not a date", _HOW_DATED)


def _placed(instant: datetime, notation: Notation) -> Moment:
    if notation.zone is not None:
        return Moment(instant.astimezone(notation.zone).replace(tzinfo=None))
    offset = instant.utcoffset()
    return Moment(instant.replace(tzinfo=None), "place" if offset else "utc")


def _of_text(cell: str, text: str, notation: Notation) -> Moment:
    day, rest, known = _day(cell, text, notation)
    zone = _ZONE.search(rest) if rest.strip() else None
    rest = (rest[: zone.start()] if zone else rest).strip(" ,").removeprefix("t")
    rest = re.sub(r"^(星期|周|週)[一二三四五六日天]\s*", "", rest)
    if not rest:
        return Moment(day, "no time")
    at = day + timedelta(seconds=clock_time(rest))
    if not known:
        return Moment(at, "no year")
    if zone is None:
        return Moment(at)
    if int(zone["h"] or 0) > 14:
        raise QuantityError(f"{cell!r} is not one moment", _HOW_DATED)
    shift = timedelta(hours=int(zone["h"] or 0), minutes=int(zone["m"] or 0))
    offset = timezone(-shift if zone["sign"] == "-" else shift)
    return _placed(at.replace(tzinfo=offset), notation)


def _day(cell: str, text: str, notation: Notation) -> tuple[datetime, str, bool]:
    """Return the day at the beginning of a text, what follows, and whether the year is known."""
    compact = re.match(r"(20\d\d)(\d\d)(\d\d)(?!\d)", text)
    if compact:
        year, month, day = (int(part) for part in compact.groups())
        return datetime(year, month, day), text[compact.end() :], True
    named = _NAMED.match(text)
    if named and (named[2] or named[3])[:3] in _MONTHS:
        month = _MONTHS[(named[2] or named[3])[:3]]
        return datetime(int(named[5]), month, int(named[1] or named[4])), text[named.end() :], True
    match = _NUMERIC.match(text)
    if match is None:
        raise QuantityError(f"{cell!r} is not a date", _HOW_DATED)
    first, second, third = match.groups()
    rest = text[match.end() :]
    if third is None and len(first) <= 2 and rest.strip():
        return datetime(2000, int(first), int(second)), rest, False
    if third is not None and len(first) == 4 and len(third) <= 2:
        return datetime(int(first), int(second), int(third)), rest, True
    if third is None or len(third) != 4 or len(first) > 2:
        raise QuantityError(f"the year in {cell!r} has not four digits", _HOW_DATED)
    one, two = int(first), int(second)
    dotted = "." in match[0]  # with points, the day comes first everywhere
    order = "dmy" if one > 12 or dotted else "mdy" if two > 12 else notation.dates
    if order is None and one != two:
        raise QuantityError(
            f"{cell!r} could be day and month or month and day",
            "nothing else in the sheet shows which: say --dates dmy or --dates mdy",
        )
    month, day = (two, one) if order == "dmy" else (one, two)
    return datetime(int(third), month, day), rest, True


def clock_time(text: str) -> float:
    """Read a time of day, as seconds from midnight [s].

    Raises
    ------
    QuantityError
        If it is none.

    Examples
    --------
    >>> clock_time("8:35 pm"), clock_time("20:35:10")
    (74100.0, 74110.0)
    """
    told = _written(text).lower()
    match = _CLOCK.fullmatch(told)
    hour = int(match["hour"]) if match else 24
    if lettered := re.fullmatch(r"[\d:.]+ ([a-z]{2,5})", told) if match is None else None:
        raise QuantityError(
            f"the time zone {lettered[1].upper()} in {text!r} may be one of several",
            "write how far it is from UTC, as in 20:35 +08:00, or leave it out",
        )
    if match is None or hour > 24:
        raise QuantityError(f"{text!r} is not a time of day", "write 20:35")
    if match["m"] or match["half"]:
        late = (match["m"] or "").startswith("p") or match["half"] in (
            "下午",
            "晚上",
            "中午",
            "오후",
        )
        hour = hour % 12 + 12 if late and hour <= 12 else hour % 12 if hour == 12 else hour
    return hour * 3600.0 + int(match["minute"] or 0) * 60 + int(match["second"] or 0)
