"""What is changed of a show, in words: so variants, and the points of a sweep, are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from livesim.errors import LivesimError
from livesim.experiment.comparison import Comparison
from livesim.experiment.swept import told
from livesim.report.labels import key_label
from livesim.report.language import Called, say, spoken
from livesim.report.naming import show
from livesim.report.wording import duration, listed
from livesim.resolve.keys import all_keys
from livesim.scenario.paths import parse_assignment, split_path
from livesim.scenario.quantities import DURATION, SHARE, Kind, QuantityError
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.sheets import kind_at
from livesim.scenario.uncertain import Percentiles
from livesim.scenario.writing import write_inline

#: [s]
_HOUR, _DAY = 3600, 86_400
#: What separates the changes in the name of a show: a semicolon before a path and its equals sign.
_NEXT: Final = re.compile(r";\s*(?=[^\s;=]+\s*=)")


def show_name(name: str) -> str:
    """Return what people call one of several shows, of changes what is changed.

    Examples
    --------
    >>> show_name("deal.guest_fee=1.5k; products.serum.owned=80"), show_name("bold")
    ('guest fee: 1,500; serum owned: 80', 'bold')
    """
    if (called := show(name)) != name:
        return called
    changes = dict(filter(None, map(_read, _NEXT.split(name))))
    return changed(changes) if len(changes) == len(_NEXT.split(name)) else Called(name)


def shows_by_name(names: Iterable[str]) -> dict[str, str]:
    """Return what people call shows by their names; those that would be called alike keep these."""
    return _told_apart({name: show_name(name) for name in names})


def show_names(names: Iterable[str]) -> str:
    """Return what people call several shows, as a list in a sentence."""
    return listed(map(quoted, names))


def quoted(name: str) -> str:
    """Return what people call a show as a sentence has it: titles and changes in quotes.

    Examples
    --------
    >>> quoted("viewers=4k"), quoted("bold")
    ('“viewers: 4,000”', 'bold')
    """
    called = show_name(name)
    return say("“{name}”", name=called) if called != name else called


def base_told(comparison: Comparison) -> str:
    """Return what a sentence calls the show that others are compared with."""
    return say("the show as it is") if has_variants(comparison) else quoted(comparison.base)


def has_variants(comparison: Comparison) -> bool:
    """Say whether all shows are variants of the one that nobody named."""
    return [*comparison.titles] == [comparison.base]


def called(comparison: Comparison, name: str) -> str:
    """Return what stands above the column of a show, of variants below the title of their show."""
    is_base = name == comparison.base
    return say("as it is") if is_base and has_variants(comparison) else show_name(name)


def changed(changes: Mapping[str, Any]) -> str:
    """Return changes in words.

    Examples
    --------
    >>> changed({"people.kim.no_show": "100%", "show.length": "90min"})
    'kim does not come: 100 %; length of the show: 1 h 30 min'
    """
    labels = path_labels(changes)
    told = (
        say("{what}: {value}", what=labels[p], value=value_told(p, v)) for p, v in changes.items()
    )
    return Called(say("; ").join(told))


def path_labels(paths: Iterable[str]) -> dict[str, str]:
    """Return what people call the keys at paths; those that would be called alike stay paths."""
    return _told_apart({path: key_label(path) for path in paths})


def _told_apart(called: Mapping[str, str]) -> dict[str, str]:
    """Return what something is called by its name, or this where others are called so, too."""
    times = Counter(called.values())
    return {name: Called(text if times[text] == 1 else name) for name, text in called.items()}


def value_told(path: str, value: Any) -> str:
    """Return a value of a key as people write it, exactly.

    Examples
    --------
    >>> value_told("viewers", "4k"), value_told("checkout.unpaid", 0.1)
    ('4,000', '10 %')
    >>> value_told("show.length", "90s"), value_told("viewers", "420–1540")
    ('1 min 30 s', '420–1540')
    >>> value_told("viewers", {"p10": "1k", "likely": "2k", "p90": "3k"})
    '1,000–3,000, likely 2,000'
    """
    if value is None:
        return say("none")
    kind = kind_at(split_path(path))
    if isinstance(value, Mapping):
        return Called(_range_told(kind, value) or write_inline(value))
    if isinstance(value, list | tuple | bool):
        return Called(write_inline(value))
    try:
        return _number_told(kind, float(value) if kind is None else kind.read(value))
    except (QuantityError, ValueError, TypeError):
        return Called(told(value))


def _range_told(kind: Kind | None, value: Mapping[str, Any]) -> str:
    """Return percentiles as people write a range; empty where a value is none."""
    try:
        quantity = None if kind is None else read_quantity(value, kind)
    except QuantityError:
        return ""
    if not isinstance(quantity, Percentiles):
        return ""
    low, middle, high = (_number_told(kind, one) for one in quantity.percentiles)
    ends = f"{low}–{high}"
    return say("{ends}, likely {middle}", ends=ends, middle=middle) if len(value) > 2 else ends


def is_share(path: str) -> bool:
    """Say whether the numbers at a path are shares, which people write in per cent."""
    kind = kind_at(split_path(path))
    return kind is not None and kind.parse is SHARE.parse


def _number_told(kind: Kind | None, number: float) -> str:
    """Return a number of a kind as people write it."""
    if kind is not None and kind.word and kind.show(number) == kind.word:
        return Called(kind.word)
    if kind is not None and kind.parse is SHARE.parse:
        return Called(spoken().number(f"{100 * number:,.12g} %"))
    if kind is not None and kind.unit == DURATION.unit:
        return Called(_time_told(number))
    return Called(spoken().number(f"{number:,.12g}"))


def _time_told(seconds: float) -> str:
    """Return a time [s] exactly: in days, else in two units where these have all of it."""
    if seconds >= 2 * _DAY and seconds % _DAY == 0:
        return say("{number} d", number=f"{seconds / _DAY:.0f}")
    if seconds % (60 if seconds >= _HOUR else 1) == 0:
        return duration(seconds)
    return say("{number} s", number=spoken().number(f"{seconds:,.12g}"))


def _read(text: str) -> tuple[str, Any] | None:
    """Return the path and the value of a change; None where a text is none."""
    path, equals, _ = text.partition("=")
    if not equals or path.strip().partition(".")[0] not in {key.path[0] for key in all_keys()}:
        return None
    try:
        return path.strip(), parse_assignment(text)[1]
    except LivesimError:
        return None
