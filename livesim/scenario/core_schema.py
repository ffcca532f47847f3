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
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


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
    if integer:
        return int(text)
    if based:
        return int(text, 0)
    number = float(text)
    return number if math.isfinite(number) else Unfit(f"{text} is too large for a number")
