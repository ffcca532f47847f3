"""Numbers of a workbook as the person sees them, who reads the cell and not what it holds.

A cell holds a number and shows it by a format: 0.03 as 3 %, 5 as 5万 where 万 stands in the format
alone. What is seen is what is meant; where what is seen is another number, it is refused.
"""

from __future__ import annotations

import math
import re
from typing import Final

from livesim.errors import Mistake, ScenarioError
from livesim.scenario.quantities import Kind

#: What of a format is a word between quotes or behind a \\, and what is never shown as such.
_WORDS: Final = re.compile(r'"([^"]*)"|\\(.)')
_UNSEEN: Final = re.compile(r"\[[^\]]*\]|[_*].")
_DIGITS: Final = re.compile(r"General|[0#?][0#?,.]*")


def as_shown(number: float, number_format: str, kind: Kind | None) -> float | str:
    """Return what a cell says that holds a number.

    Parameters
    ----------
    number
        What it holds.
    number_format
        How Excel shows it.
    kind
        The kind of number that is wanted; None where it is none.

    Returns
    -------
    float or str
        The number, to the 15 digits that Excel shows, or a text with the unit that its format adds.

    Raises
    ------
    ScenarioError
        If nothing of it is shown, or a thousandth of it.

    Examples
    --------
    >>> from livesim.scenario.quantities import COUNT, DURATION, MONEY, SHARE
    >>> as_shown(0.03, "0%", SHARE), as_shown(5, '0"万"', COUNT), as_shown(90, '0" min"', DURATION)
    ('3%', '5 万', '90 min')
    >>> as_shown(299.5, '"¥"0.00', MONEY), as_shown(30000, '#,##0,"k"', MONEY)
    (299.5, 30000)
    """
    held = float(f"{number:.15g}") if isinstance(number, float) else number
    section = _section(number, number_format)
    if not section.strip():
        raise ScenarioError([Mistake(f"the cell holds {held} and shows nothing", remedy=_GENERAL)])
    if "%" in _seen(section):
        return _in_percent(number, held, kind)
    word, scale = unit_shown(number, number_format)
    if kind is None or (scale == 1 and not word):
        return held
    text = f"{held / scale:.15g} {word}".strip()
    read = kind.parse(text)
    seen = [kind.parse(way) for way in kind.meanings(text)] if read is None else [read]
    if not seen or any(one is not None and math.isclose(one, held) for one in seen):
        return held
    if scale > 1:
        what = f"the cell holds {held} and shows {text}"
        raise ScenarioError([Mistake(what, remedy=_GENERAL)])
    return text


def _in_percent(number: float, held: float, kind: Kind | None) -> str:
    """Return the share that a cell shows; refuse 15 in a cell that shows it as 1500 %."""
    text = f"{number * 100:.12g}%"
    share = None if kind is None else kind.parse(text)
    if kind is not None and share is None:
        what = f"the cell holds {held:g} and shows {text}, which is not {kind.name}"
        raise ScenarioError([Mistake(what, remedy=_GENERAL)])
    if kind is not None and held > 1 and not kind.allows(held) and kind.allows(held / 100):
        what = f"the cell holds {held:g} and shows {text}: {kind.name} must be {kind.range}"
        raise ScenarioError([Mistake(what, remedy=f"write {held:g}%")])
    return text


def unit_shown(number: float, number_format: str) -> tuple[str, int]:
    """Return the word that a format shows behind a number, and by what it divides it before.

    Examples
    --------
    >>> unit_shown(90, '0" min"'), unit_shown(30000, '#,##0,"k"'), unit_shown(3, "General")
    (('min', 1), ('k', 1000), ('', 1))
    """
    section = _section(number, number_format)
    digits = _DIGITS.search(_seen(section))
    if digits is None:
        return "", 1
    word = "".join(map("".join, _WORDS.findall(section[digits.end() :]))).strip()
    return word, 1000 ** (len(digits[0]) - len(digits[0].rstrip(",")))


def _seen(section: str) -> str:
    """Return a format with blanks for what stands in it as it is."""
    return _UNSEEN.sub(_masked, _WORDS.sub(_masked, section))


_GENERAL: Final = "format the cell as General, and look whether it says what you mean"


def _masked(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _section(number: float, number_format: str) -> str:
    """Return the part of a format that shows a number; all of it where conditions choose."""
    parts = [""]
    for piece in re.split(r'("[^"]*"|\\.|;)', number_format):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    if len(parts) == 1 or re.search(r"\[[<>=]", number_format):
        return number_format or "General"
    if number < 0:
        return parts[1]
    return parts[2] if number == 0 and len(parts) > 2 else parts[0]
