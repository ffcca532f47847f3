"""What an unquoted text means: the core schema of YAML 1.2.2 (section 10.3.2).

`no` is a word and `20:00` is not 1200; only what the schema names is a number, a truth or nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

MAX_NAME = 200
"""Characters of a name."""
MAX_NUMBER = 100
"""Characters of a number."""

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_THREE_DECIMALS = re.compile(r"[-+]?[0-9]{1,3}\.[0-9]{3}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


class Spelled(float):
    """A number that keeps its text, which says more: 30.000 could be thirty thousand.

    Examples
    --------
    >>> core_scalar("30.000"), str(core_scalar("30.000"))
    (30.0, '30.000')
    """

    _text: str

    def __new__(cls, text: str) -> Spelled:
        """Return the number of a text."""
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        """Return the text."""
        return self._text

    def __reduce__(self) -> tuple[type[Spelled], tuple[str]]:
        """Be made anew from the text."""
        return Spelled, (self._text,)


class SpelledWhole(int):
    """A whole number that keeps its text, which is no plain decimal: 0x10 is 16, and 010 is 10.

    Examples
    --------
    >>> core_scalar("0x10"), str(core_scalar("010"))
    (16, '010')
    """

    _text: str

    def __new__(cls, text: str) -> SpelledWhole:
        """Return the number of a text."""
        number = super().__new__(cls, text, 0 if _BASED.fullmatch(text) else 10)
        number._text = text
        return number

    def __str__(self) -> str:
        """Return the text."""
        return self._text

    def __reduce__(self) -> tuple[type[SpelledWhole], tuple[str]]:
        """Be made anew from the text."""
        return SpelledWhole, (self._text,)


@dataclass(frozen=True)
class Unfit:
    """A number that Python cannot hold without a silent change."""

    what: str
    remedy: str = "write an ordinary number"


def core_scalar(text: str) -> Any:
    """Return what an unquoted text means."""
    if text in _WORDS:
        return _WORDS[text]
    integer, based = _INTEGER.fullmatch(text), _BASED.fullmatch(text)
    if not (integer or based or _FLOAT.fullmatch(text)):
        return text
    if len(text) > MAX_NUMBER:
        return Unfit(f"a number of {len(text):,} characters; the limit is {MAX_NUMBER}")
    if based or _LEADING_ZERO.fullmatch(text):
        return SpelledWhole(text)
    if integer:
        return int(text)
    number = Spelled(text) if _THREE_DECIMALS.fullmatch(text) else float(text)
    return number if math.isfinite(number) else Unfit(f"{text} is too large for a number")
