"""How people write numbers, read in one place.

A planner writes ``90s``, ``25k``, ``45%`` or ``15_000``; the model needs seconds, counts and
shares. Each kind of quantity is one :class:`Kind`: its unit, its range, the texts that it
understands, and the scale on which an uncertain value of it is symmetric. A text that could mean
two things is refused with the ways to write it; nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np

from livesim.arrays import Floats
from livesim.scenario.core_schema import MAX_NUMBER, Spelled, SpelledWhole
from livesim.scenario.meant import is_a_part, numbers_meant, several_meant, something_else

Written: TypeAlias = str | int | float


class QuantityError(ValueError):
    """A text or number that is not a quantity of the kind asked for.

    Parameters
    ----------
    what
        What is wrong with it.
    remedy
        How to write it.
    path
        Where it stands below the field, for parts of an uncertain quantity.
    """

    def __init__(self, what: str, remedy: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.path = path


@dataclass(frozen=True)
class Scale:
    """A change of variable that maps a range of numbers onto the whole real line.

    Parameters
    ----------
    name
        Its name in messages.
    forward, back
        The change of variable and its inverse, both increasing and both for arrays.
    """

    name: str
    forward: Callable[[Floats], Floats] = field(compare=False)
    back: Callable[[Floats], Floats] = field(compare=False)


def _logit(share: Floats) -> Floats:
    return np.asarray(np.log(share) - np.log1p(-share))


def _expit(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


IDENTITY = Scale("the number itself", lambda x: x, lambda x: x)
LOG = Scale("its logarithm", lambda x: np.log(x), lambda x: np.exp(x))
LOG_BELOW_ZERO = Scale("the logarithm of its size", lambda x: -np.log(-x), lambda x: -np.exp(-x))
LOG_ABOVE_ONE = Scale(
    "the logarithm of its excess over 1", lambda x: np.log(x - 1.0), lambda x: 1.0 + np.exp(x)
)
LOGIT = Scale("its log-odds", _logit, _expit)
LOGIT_HALF = Scale(
    "the log-odds of its double", lambda x: _logit(2.0 * x), lambda x: 0.5 * _expit(x)
)
LOGIT_99 = Scale(
    "the log-odds of its part of 99 %", lambda x: _logit(x / 0.99), lambda x: 0.99 * _expit(x)
)
ATANH = Scale("its inverse hyperbolic tangent", lambda x: np.arctanh(x), lambda x: np.tanh(x))

#: What nobody would write: an end that is only there so that sums stay exact.
_ENORMOUS: Final = 1e15


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of quantity: what it is called, its unit and range, and how it is read and written.

    Parameters
    ----------
    name
        What it is called in messages, with its article: ``a duration``.
    unit
        Unit of the number that the model sees.
    low, high
        The closed range of allowed numbers.
    above
        True where ``low`` itself is not allowed.
    scale
        Where an uncertain value of this kind is symmetric.
    parse
        Reads a text; returns None for a text that it does not understand.
    show
        Writes a number so that reading it gives the same number back.
    ways
        How to write it, for messages.
    whole
        True where only whole numbers make sense.
    bare
        False where a number needs its unit.
    paid
        True of money that is paid as it stands, so that it has no more decimals than its currency;
        what a unit costs or brings may, as an average of many does.
    word
        A text that stands for a number out of the range, which nobody can write as a number.
    """

    name: str
    unit: str
    low: float
    high: float
    scale: Scale
    parse: Callable[[str], float | None]
    show: Callable[[float], Written]
    ways: str
    above: bool = False
    whole: bool = False
    bare: bool = True
    paid: bool = False
    word: str = ""

    @property
    def range(self) -> str:
        """The range in words."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "any number"
        if math.isinf(self.high):
            return f"{'more than' if self.above else 'at least'} {self.low:,.16g}"
        if math.isinf(self.low):
            return f"at most {self.high:,.16g}"
        return f"{'above' if self.above else 'from'} {self.low:,.16g} to {self.high:,.16g}"

    def _rule(self, value: float) -> str:
        """Return the range in words, or that end of it that a value passes if none is near it."""
        if value < self.low and self.high >= _ENORMOUS:
            return f"{'more than' if self.above else 'at least'} {self.low:,.16g}"
        return self.range

    @property
    def text(self) -> tuple[str, str]:
        """Regular expressions of a number as text, and of the unit that may follow it."""
        return _TEXTS[self.parse]

    def read(self, value: object) -> float:
        """Read a plain quantity.

        Parameters
        ----------
        value
            A number or text as written.

        Returns
        -------
        float
            The number in this kind's unit.

        Raises
        ------
        QuantityError
            If it is not clearly a quantity of this kind, or is out of range.

        Examples
        --------
        >>> DURATION.read("1h30m"), COUNT.read("13M"), SHARE.read("45%")
        (5400.0, 13000000.0, 0.45)
        """
        # The same few texts stand in a file again and again.
        return _text_read(self, value) if type(value) is str else self._read(value)

    def _read(self, value: object) -> float:
        number = self._number(value)
        if not math.isfinite(number):
            raise QuantityError(f"{value} is not a finite number", f"write {self.ways}")
        if not self.allows(number) and not self._is_word(value):
            ways = self._percent(value) or self.ways
            if (self.whole or self.unit == "currency") and number < 0 and self.allows(0):
                ways = f"{-number:_.15g} if the minus is a slip, or 0 where there is none"
            raise QuantityError(
                f"{value} is out of range for {self.name}: it must be {self._rule(number)}",
                f"write {ways}",
            )
        if self.whole and number != int(number):
            raise QuantityError(f"{value} is not a whole number", f"write {self.ways}")
        return number

    def _is_word(self, value: object) -> bool:
        return bool(self.word) and isinstance(value, str) and value.strip() == self.word

    def _percent(self, value: object) -> str:
        """Return what a share of 10 probably means."""
        is_bare = self.parse is _share and "%" not in str(value)
        return f"{value}%" if is_bare and self.allows(float(str(value)) / 100) else ""

    def allows(self, number: float) -> bool:
        """Say whether a number is in the range of this kind."""
        return (number > self.low if self.above else number >= self.low) and number <= self.high

    def write(self, number: float) -> Written:
        """Write a number so that :meth:`read` gives it back.

        Examples
        --------
        >>> DURATION.write(5400.0), COUNT.write(15000.0), SHARE.write(0.45)
        ('1h30m', 15000, '45%')
        """
        return self.show(number)

    def _number(self, value: object) -> float:
        if self.bare:  # most of what is read, as everything is read twice
            if type(value) is float:
                return value
            if type(value) is int and value != 1 and -_EXACT < value < _EXACT:
                return float(value)
        if type(value) not in (str, int) and isinstance(value, np.generic | np.ndarray):
            value = value.item() if value.ndim == 0 else value
        if isinstance(value, list) and several_meant(in_one_text(value)):
            remedy = f"write {self._instead(in_one_text(value))}"
            raise QuantityError(f"a list is not {self.name}", remedy)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            remedy = f"write {self.ways}" + (", or take the line away" if value is None else "")
            raise QuantityError(f"{_shown(value)} is not {self.name}", remedy)
        if isinstance(value, str) and len(value) > MAX_NUMBER:
            what = f"a text of {len(value):,} characters is not {self.name}"
            raise QuantityError(what, f"write {self.ways}")
        if isinstance(value, str | Spelled | SpelledWhole):
            self._refuse_two_meanings(str(value).strip())
        if self.parse is _share and value in (1, "1") and not isinstance(value, float):
            raise QuantityError("1 could be 1 % or 100 %", "write 1% or 100%")
        if isinstance(value, str):
            return self._parsed(value)
        if not self.bare and value != 0 and math.isfinite(value):
            days = f"; {value}d for days" if self.parse is _duration else ""
            raise QuantityError(f"{value} has no unit", f"write {self.ways}{days}")
        try:
            return float(value)
        except OverflowError:
            raise QuantityError("the number is too large", f"write {self.ways}") from None

    def _parsed(self, text: str) -> float:
        number = self.parse(text.strip())
        if number is None:
            several = "several numbers" if several_meant(text) and not self._meant(text) else ""
            other = something_else(text, self.unit) or several
            what = f"{text!r} is {f'{other}, ' if other else ''}not {self.name}"
            raise QuantityError(what, f"write {self._instead(text)}")
        return number

    def _instead(self, text: str) -> str:
        """Return what a text that is not understood probably means, or how to write this kind."""
        days = re.fullmatch(r"(?i)(\d+(?:\.\d+)?)\s*(?:(w|wk|wks|weeks?)|days?)", text.strip())
        if days and self.parse is _duration:
            return f"{float(days[1]) * (7 if days[2] else 1):g}d"
        if meant := self._meant(text):
            return meant
        if one_of := self.one_of(text):
            of_all = f", or how many {text.strip()} of them are" if is_a_part(text) else ""
            return ", or ".join(one_of) + of_all
        if several_meant(text):
            return f"one of them{'' if self.bare else ', with its unit'}: {self.ways}"
        if self.whole and is_a_part(text):
            return f"how many that are: {self.ways}"
        a_bound = self.parse is _bound  # which is always needed
        if self.whole and not a_bound and self.allows(0) and not re.search(r"\d", text):
            return f"{self.ways}; where there is none write 0, or leave it out"
        return self.ways

    def _refuse_two_meanings(self, text: str) -> None:
        """Refuse 1,299, and 1.299 where it could be a thousand, as it is in half of the world."""
        if re.search(r"\d,\d", text):
            ways = self._meant(text) or f"{self.ways}; 1_000 for a thousand, 1.5 for one and a half"
            raise QuantityError(
                f"the comma in {text!r} could separate thousands or decimals", f"write {ways}"
            )
        text = text.removeprefix(">").lstrip() if self.parse is _bound else text
        if self.parse in (_sized, _worth, _bound) and _LIKE_THOUSANDS.fullmatch(text):
            raise QuantityError(
                f"the point in {text} could separate thousands or decimals",
                f"write {text.replace('.', '_')}, or {_write_sized(float(text))}",
            )
        if self.parse in (_plain, _sized, _worth, _bound):
            _refuse_odd_spelling(text)

    def _meant(self, text: str) -> str:
        """Return how to write what a text probably means; nothing if that cannot be read."""
        return ", or ".join(self.meanings(text))

    def meanings(self, text: str) -> list[str]:
        """Return the ways to write what a text probably means, each another number.

        Examples
        --------
        >>> COUNT.meanings("2 dozen"), DURATION.meanings("1:30"), SHARE.meanings("~20")
        (['24'], ['1h30m', '1m30s'], ['20%'])
        """
        ways: dict[float | None, str] = {}
        for way in numbers_meant(text, self.unit):
            if self._reads(way):
                ways.setdefault(self.parse(way), way)
        return [*ways.values()]

    def one_of(self, text: str) -> list[str]:
        """Return the numbers that stand in a text in which one belongs, each as it can be read.

        Examples
        --------
        >>> COUNT.one_of("10, 20"), SHARE.one_of("10 / 20"), DURATION.one_of("10 or 20 min")
        (['10', '20'], ['10%', '20%'], ['10min', '20min'])
        """
        ways = [[one] if self._reads(one) else self.meanings(one) for one in several_meant(text)]
        return [way[0] for way in ways] if all(len(way) == 1 for way in ways) else []

    def _reads(self, text: str) -> bool:
        """Say whether a text is a number of this kind that has one meaning."""
        thousands = self.parse in (_sized, _worth, _bound) and _LIKE_THOUSANDS.fullmatch(text)
        one_or_all = self.parse is _share and text == "1"
        number = None if thousands or one_or_all else self.parse(text)
        if number is None or not math.isfinite(number) or not self.allows(number):
            return False
        return not self.whole or number == int(number)


@lru_cache(10_000)
def _text_read(kind: Kind, text: str) -> float:
    return kind._read(text)


def in_one_text(values: list[object]) -> str:
    """Return a list as a text of the same numbers."""
    return " or ".join(map(str, values))


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"a {'mapping' if isinstance(value, dict) else 'list'}"


def _refuse_odd_spelling(text: str) -> None:
    """Refuse what is a number to a program, but hardly what a planner meant: 0x10, 010, 1e-3k."""
    if re.fullmatch(r"0x[\da-fA-F]+|0o[0-7]+", text):  # in digits of any script, as int reads
        raise QuantityError(f"{text} is no decimal number", f"write {int(text, 0)}")
    if re.fullmatch(rf"[+-]?0\d[\d_]*(?:\.\d+)?{_SIZE}?", text):
        plain = re.sub(r"^([+-]?)0+(?=\d)", r"\1", text)
        raise QuantityError(f"{text} begins with 0, which could be a slip", f"write {plain}")
    sized = re.fullmatch(rf"({_NUMBER}){_SIZE}", text)
    number = _sized(text) if sized and "e" in sized[1].lower() else None
    if number is not None and math.isfinite(number):
        what = f"{text} has both an exponent and a letter for size"
        raise QuantityError(what, f"write {_write_sized(number)}")
    zeros = re.fullmatch(rf"([+-]?[1-9]\d{{0,2}})\.000({_SIZE})", text)
    if zeros:
        ways = f"write {zeros[1]}{zeros[2]}, or {zeros[1]}_000{zeros[2]}"
        raise QuantityError(f"the point in {text} could separate thousands or decimals", ways)


_NUMBER = r"[+-]?(?:\d+(?:_\d+)*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?"
_SIZE = r"\s*(?:k|K|M|bn|B|万|萬|亿|億)"
_PERCENT = r"\s*%"
_TIME = r"(?:\d+\.?\d*|\.\d+)"
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_AMOUNT = rf"(?!{_LIKE_THOUSANDS.pattern}(?!\s*[\dkKMbBeE万萬亿億])){_NUMBER}"
_SIZES = {
    **{"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "bn": 10**9, "B": 10**9},
    **{"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8},
}
_SECONDS = (86400, 3600, 60, 1)
_LITRES = r"\s*(?:ml|cl|l|L|m3|m³)"
_VOLUMES = {
    **{"ml": Decimal("0.001"), "cl": Decimal("0.01"), "l": Decimal(1), "L": Decimal(1)},
    **{"m3": Decimal(1000), "m³": Decimal(1000)},
}
_DURATION = r"\s*".join(rf"(?:({_TIME})\s*{unit})?" for unit in ("d", "h", "m(?:in)?", "s"))


# Each is remembered, as the same few texts stand in a file again and again.


@lru_cache(10_000)
def _plain(text: str) -> float | None:
    return float(text.replace("_", "")) if re.fullmatch(_NUMBER, text) else None


@lru_cache(10_000)
def _sized(text: str) -> float | None:
    match = re.fullmatch(rf"({_NUMBER})({_SIZE})?", text)
    if match is None:
        return None
    # In decimals, since 1.1 * 1e6 is 1100000.0000000002 in binary.
    return float(Decimal(match[1].replace("_", "")) * _SIZES[(match[2] or "").strip()])


@lru_cache(10_000)
def _bound(text: str) -> float | None:
    return BEST if text == "best" else _sized(text.removeprefix(">").lstrip())


@lru_cache(10_000)
def _worth(text: str) -> float | None:
    return KEPT if text == "kept" else _sized(text)


@lru_cache(10_000)
def _share(text: str) -> float | None:
    match = re.fullmatch(rf"({_NUMBER}){_PERCENT}", text)
    if match is None:
        return _plain(text)
    return float(Decimal(match[1].replace("_", "")) / 100)


@lru_cache(10_000)
def _duration(text: str) -> float | None:
    if text == "0":
        return 0.0
    parts = re.fullmatch(_DURATION, text)
    if parts is None or not text:
        return None
    numbers = zip(parts.groups(), _SECONDS, strict=True)
    return float(sum(Decimal(number) * unit for number, unit in numbers if number))


@lru_cache(10_000)
def _volume(text: str) -> float | None:
    match = re.fullmatch(rf"({_NUMBER})({_LITRES})", text)
    if match is None:
        return 0.0 if text == "0" else None
    return float(Decimal(match[1].replace("_", "")) * _VOLUMES[match[2].strip()])


#: What each of these understands, for those who cannot ask it: the number, and its unit.
_TEXTS: Mapping[Callable[[str], float | None], tuple[str, str]] = {
    _plain: (_NUMBER, ""),
    _sized: (_AMOUNT, _SIZE),
    _bound: (rf"(?:best(?=\s*$)|(?:>\s*)?{_AMOUNT})", _SIZE),
    _worth: (rf"(?:kept(?=\s*$)|{_AMOUNT})", _SIZE),
    _share: (_NUMBER, _PERCENT),
    _duration: (rf"(?:0|(?=[\d.]){_DURATION})", ""),
    _volume: (rf"(?:0|{_NUMBER}{_LITRES})", ""),
}


def _write_number(number: float) -> Written:
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def _write_sized(number: float) -> Written:
    text = repr(number)
    return f"{text}0" if _LIKE_THOUSANDS.fullmatch(text) else _write_number(number)


def _write_share(number: float) -> Written:
    text = f"{number * 100:.12g}%"
    return text if _share(text) == number else number


def _write_duration(seconds: float) -> Written:
    if seconds != int(seconds) or seconds < 60:
        return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    only_minutes = hours == 0 and rest == 0
    parts = [(hours, "h"), (minutes, "min" if only_minutes else "m"), (rest, "s")]
    return "".join(f"{n}{unit}" for n, unit in parts if n)


def _write_volume(litres: float) -> Written:
    return f"{litres / 1000:.12g} m3" if litres >= 1000 else f"{litres:.12g} l"


_INF = math.inf
#: Whole numbers up to it are the same as floats.
_EXACT: Final = 2**53
_TIMES = "90s, 5min or 1h30m"
_COUNTS = "15000, 15_000, 25k or 13M"
_SHARES = "45% or 0.45"
_MONEY = "the number alone, in the scenario's currency: 299, 25k or 1.5M"


def _time(name: str, above: bool) -> Kind:
    return Kind(
        name, "s", 0, _INF, LOG, _duration, _write_duration, _TIMES, above=above, bare=False
    )


DURATION = _time("a duration", above=False)
POSITIVE_DURATION = _time("a duration longer than 0 s", above=True)
COUNT = Kind("a count", "1", 0, 1e15, LOG, _sized, _write_number, _COUNTS, whole=True)
#: A bound that is yet to be found; nothing is above it.
BEST: Final = 1e15
MORE_THAN = Kind(
    "a bound",
    "1",
    0,
    1e14,
    LOG,
    _bound,
    lambda number: "best" if number == BEST else f"> {number:_.0f}",
    "> 2_000, or 2_000, which is the same, or best",
    whole=True,
    word="best",
)
POSITIVE_COUNT = Kind(
    *("a count of at least 1", "1", 1, 1e15, LOG, _sized, _write_number, "1, 12, 1_000 or 25k"),
    whole=True,
)
SHARE = Kind("a share", "1", 0, 1, LOGIT, _share, _write_share, _SHARES)
POSITIVE_SHARE = Kind(
    "a share above 0", "1", 0, 1, LOGIT, _share, _write_share, _SHARES, above=True
)
EARLY_SHARE = Kind(
    "a share of at most a half", "1", 0, 0.5, LOGIT_HALF, _share, _write_share, "25%", above=True
)
PARTIAL_SHARE = Kind("a share of at most 99 %", "1", 0, 0.99, LOGIT_99, _share, _write_share, "30%")
VOLUME = Kind(
    *("a volume", "l", 0, _INF, LOG, _volume, _write_volume, "250 ml, 0.3 l or 12 m3"),
    above=True,
    bare=False,
)
MONEY = Kind("an amount of money", "currency", 0, _INF, LOG, _sized, _write_sized, _MONEY)
FEE = replace(MONEY, paid=True)
UNIT_PRICE = Kind("a price", "currency", 0, _INF, LOG, _sized, _write_sized, _MONEY, above=True)
PRICE = replace(UNIT_PRICE, paid=True)
#: What nobody says: what is owned keeps its cost, and what is bought is worth nothing.
KEPT: Final = 1e15
WORTH = Kind(
    *("an amount of money", "currency", 0, 1e14, LOG, _worth),
    lambda number: "kept" if number == KEPT else _write_sized(number),
    f"{_MONEY}; or kept",
    word="kept",
)
FACTOR = Kind(
    "a factor", "1", 0, _INF, LOG, _plain, _write_number, "a number such as 1.5", above=True
)
LIFT = Kind(
    "a factor of at least 1", "1", 1, _INF, LOG_ABOVE_ONE, _plain, _write_number, "1 or 1.5"
)
FIT = Kind(
    "a fit", "1", -1, 1, ATANH, _plain, _write_number, "a number from -1 (mismatch) to 1 (match)"
)
RATE = Kind("a rate", "1", 0, _INF, LOG, _plain, _write_number, "a number such as 20 or 0.5")
POSITIVE_RATE = replace(RATE, name="a rate above 0", above=True)
AMOUNT = Kind("a number", "1", 0, _INF, LOG, _sized, _write_sized, "a number such as 20 or 1.5k")
FIGURE = Kind("a figure", "1", -_INF, _INF, IDENTITY, _sized, _write_sized, "20, -50k or 1.5M")
ELASTICITY = Kind(
    "a price elasticity", "1", -_INF, 0, LOG_BELOW_ZERO, _plain, _write_number, "0 or -2"
)


def seconds_of(time: float | str) -> float:
    """Return a time that is given as a number of seconds, or as a text [s].

    Parameters
    ----------
    time
        As ``90``, or as ``1min 30s``.

    Raises
    ------
    QuantityError
        If it is a text that is no duration, or a number below 0 or none at all.

    Examples
    --------
    >>> seconds_of(90), seconds_of("1min 30s")
    (90.0, 90.0)
    """
    if isinstance(time, str):
        return DURATION.read(time)
    if not 0 <= time < math.inf:
        raise QuantityError(f"{time} is no time", "give seconds from 0 on, or a text as 10min")
    return float(time)
