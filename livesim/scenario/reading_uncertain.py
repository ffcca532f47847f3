"""Reading what nobody knows yet: ranges as people write them, and distributions by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.scenario.core_schema import MAX_NUMBER, Spelled, SpelledWhole, core_scalar
from livesim.scenario.meant import without_about
from livesim.scenario.quantities import SHARE, Kind, QuantityError, in_one_text
from livesim.scenario.uncertain import (
    EDGE,
    Beta,
    Choice,
    Distribution,
    Draws,
    Lognormal,
    Median,
    Normal,
    Percentiles,
    Quantity,
    StudentT,
    Uniform,
)

_RANGE = re.compile(r"(?<=[\w%.])\s*[-–—]\s*(?=[\d.])")
_OTHER_DASHES = re.compile(
    r"\s*(?:[~\uff5e\u301c\u2212至到à]|\.\.+|…|\b(?:to|bis|through|until)\b)\s*"
)
_PLUS_MINUS = re.compile(r"(\S.*?)\s*(?:±|\+/-|\+-)\s*(\S.*)")
#: Ranges in words that stand around both ends.
_IN_WORDS = re.compile(
    r"(?:between\s+(.+?)\s+and|from\s+(.+?)\s+to|zwischen\s+(.+?)\s+und|von\s+(.+?)\s+bis)\s+(.+)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[]\s*([^,;]+?)\s*[,;]\s*([^,;]+?)\s*[)\]]")
#: Names that others give to the two ends of a range.
_ENDS: Final = (
    *({"min", "max"}, {"minimum", "maximum"}, {"from", "to"}, {"lower", "upper"}, {"lo", "hi"}),
    *({"least", "most"}, {"worst", "best"}, {"p10", "p90"}),
)
_UNIT = re.compile(r"[^\W\d_]*%?$")
_LAST_WORD = re.compile(r"(?<=\d)\s*[^\W\d_]+\.?$|(?<=\d)\s*[%‰]$")
#: What is no distribution: nearly all values, and there are many.
_PLAIN: Final = frozenset([float, int, str])
WAYS = (
    "4–10, {p10: …, likely: …, p90: …}, {lognormal: {median: …, sigma: …}}, "
    "{student_t: {median: …, scale: …, df: …}}, "
    "{normal: {mean: …, sd: …}}, {uniform: [low, high]}, {beta: {a: …, b: …}}, "
    "{choice: {value: chance, …}} or {draws: 0.9 1.2 1.1}"
)


def read_quantity(value: object, kind: Kind) -> Quantity:
    """Read a number that may be uncertain.

    Parameters
    ----------
    value
        A plain quantity, or a mapping that names a distribution.
    kind
        The kind of quantity that the field holds.

    Returns
    -------
    float or Distribution
        The number in the kind's unit, or the distribution of it.

    Raises
    ------
    QuantityError
        If it cannot be read, its percentiles are out of order, or a draw of it could leave the
        range of the field.

    Examples
    --------
    >>> from livesim.scenario.quantities import COUNT
    >>> read_quantity("13M", COUNT)
    13000000.0
    >>> read_quantity({"p10": "12M", "likely": "12.5M", "p90": "13M"}, COUNT).median
    12500000.0
    """
    if type(value) not in _PLAIN:
        if isinstance(value, Distribution):
            return value
        if isinstance(value, Median):
            return Median(kind.read(float(value)))
        if isinstance(value, Mapping):
            spelt = _spelt(value)
            if spelt is None:
                return _read_uncertain(value, kind)
            return _read_alike(_Alike(spelt, value), kind)
    try:
        return kind.read(value)
    except QuantityError as error:
        ends = as_range(value, kind)
        if isinstance(ends, Mapping):
            return _read_ends(ends, str(value), kind)
        _refuse_other_ranges(value, kind)
        raise _unknown(error, value, kind) from None


def _read_ends(ends: Mapping[str, Any], text: str, kind: Kind) -> Quantity:
    """Read a range; if one of its ends cannot be read, say how to write the range."""
    try:
        return _read_uncertain(ends, kind)
    except QuantityError as error:
        if not error.path:
            raise
        remedy = range_meant(text, kind) or f"both ends as {kind.ways}"
        raise QuantityError(error.what, f"write {remedy}", error.path) from None


def _unknown(error: QuantityError, value: object, kind: Kind) -> QuantityError:
    """Return the mistake of a text without a number, such as TBD, with what to write for it."""
    if not isinstance(value, str) or re.search(r"\d", value) or kind.meanings(value):
        return error
    known = "if nobody knows it, a range in which it lies in 8 shows of 10, as low–high"
    return QuantityError(error.what, f"{error.remedy}; {known}", error.path)


@dataclass(frozen=True)
class _Alike:
    """What is written, the same as all that is written alike."""

    spelt: tuple[object, ...]
    value: Mapping[str, Any] = field(compare=False)


def _spelt(value: object) -> tuple[object, ...] | None:
    """Return what tells it from all else: its type, too, as 1 could be 1 %; None of lists."""
    if isinstance(value, dict):
        parts = tuple((_spelt(name), _spelt(part)) for name, part in value.items())
        return None if any(None in both for both in parts) else parts
    return (type(value), value) if type(value) in (str, int, float) else None


@lru_cache(256)
def _read_alike(written: _Alike, kind: Kind) -> Quantity:
    """Read it once: hundreds of products may have the same forecast error."""
    return _read_uncertain(written.value, kind)


def _read_uncertain(value: Mapping[str, Any], kind: Kind) -> Quantity:
    if {"likely", "p50"} <= set(value):
        raise QuantityError("likely and p50 are the same percentile", "write one of them")
    value = {"likely" if key == "p50" else key: part for key, part in value.items()}
    if set(value) == {"likely"}:
        return Median(_part(value, "likely", kind))
    distribution = _read_distribution(value, kind)
    with np.errstate(over="ignore"):  # what overflows is refused below
        ends = distribution.quantile(np.array([EDGE, 1 - EDGE]))
    if not (np.isfinite(ends).all() and all(kind.allows(float(end)) for end in ends)):
        narrower = "write {p10: …, likely: …, p90: …}, which stays inside, or something narrower"
        if isinstance(distribution, Percentiles):
            narrower = "bring p10 and p90 nearer to likely"
        raise QuantityError(
            f"draws of this could leave the range of {kind.name}, which is {kind.range}", narrower
        )
    return distribution


def _refuse_other_ranges(value: object, kind: Kind) -> None:
    """Say how to write a range of which it is clear that it is meant as one: 6~10, [3, 8]."""
    if isinstance(value, list) and (meant := _range_of(value, kind)):
        raise QuantityError(f"a list is not {kind.name}", f"write {meant}")
    text = in_one_text(value) if isinstance(value, list) else value
    if not isinstance(text, str) or len(text) > MAX_NUMBER:
        return
    if meant := range_meant(text, kind):
        raise QuantityError(f"{text!r} is not {kind.name}", f"write {meant}")
    ends = [] if kind.meanings(text) else kind.one_of(text)
    if len(ends) == 2 and (between := _range_of(ends, kind)):
        what = "a list is" if isinstance(value, list) else f"{text!r} is several numbers,"
        remedy = f"write {', or '.join(ends)}; {between} for what lies between"
        raise QuantityError(f"{what} not {kind.name}", remedy)


def range_meant(text: str, kind: Kind) -> str:
    """Return how to write a range that a text probably means; nothing if it means none.

    Examples
    --------
    >>> from livesim.scenario.quantities import COUNT, SHARE
    >>> range_meant("2-3 dozen", COUNT), range_meant("about 10 to 20", SHARE)
    ('24–36', '10%–20%')
    """
    ends = _around_a_middle(text.strip(), kind)
    if not ends:
        plain = text.strip() if _IN_WORDS.fullmatch(text.strip()) else without_about(text)
        ends = _ends_in_words(plain)
        ends = ends if len(ends) == 2 else _RANGE.split(plain)
    if len(ends) != 2:
        return ""
    low, high = ends
    if (word := _LAST_WORD.search(high)) and not _LAST_WORD.search(low):
        low += word[0]
    ways = (
        _range_of(pair, kind) for pair in zip(_ways(low, kind), _ways(high, kind), strict=False)
    )
    return ", or ".join(way for way in ways if way)


def _ways(end: str, kind: Kind) -> list[str]:
    """Return the ways to write one end of a range; the end itself where it can be read."""
    try:
        kind.read(end)
    except QuantityError:
        return kind.meanings(end)
    return [end]


def _around_a_middle(text: str, kind: Kind) -> list[str]:
    """Return the ends of a range that is written as its middle and how far they are from it.

    Examples
    --------
    >>> from livesim.scenario.quantities import COUNT
    >>> _around_a_middle("10k ± 2k", COUNT), _around_a_middle("100±20%", COUNT)
    (['8000', '12000'], ['80', '120'])
    """
    written = _PLUS_MINUS.fullmatch(text)
    if written is None:
        return []
    first = written[1] + _missing_unit(written[1], written[2], kind)
    middle, percent = kind.parse(first), SHARE.parse(written[2])
    far = kind.parse(written[2])
    if middle is not None and far is None and "%" in written[2] and percent is not None:
        far = middle * percent
    if middle is None or far is None or not kind.allows(middle - far):
        return []
    ends = middle - far, middle + far
    return [str(kind.write(round(end) if kind.whole else float(f"{end:.12g}"))) for end in ends]


def _ends_in_words(text: str) -> list[str]:
    """Return the ends of a range in other words or with other dashes; one text where it is none.

    Examples
    --------
    >>> _ends_in_words("between 10k and 15k"), _ends_in_words("6~10"), _ends_in_words("(3, 8)")
    (['10k', '15k'], ['6', '10'], ['3', '8'])
    """
    if in_words := _IN_WORDS.fullmatch(text) or _IN_BRACKETS.fullmatch(text):
        return [end for end in in_words.groups() if end]
    return _OTHER_DASHES.split(text)


def _missing_unit(low: str, high: str, kind: Kind) -> str:
    """Return the unit that only the high end of a range has, where the low one could have it."""
    unit = "" if _UNIT.findall(low)[0] else _UNIT.findall(high)[0]
    return unit if kind.parse(low + unit) is not None and kind.parse(high) is not None else ""


def _refuse_other_ends(value: Mapping[str, Any], kind: Kind) -> None:
    """Say how to write a range whose ends are called otherwise: {min: 3, max: 8}."""
    if set(value) not in _ENDS or not (meant := _range_of(list(value.values()), kind)):
        return
    if "p10" in value:
        low, high = meant.split("–")
        raise QuantityError(
            "p10 and p90 need likely between them",
            f"write {meant}, or {{low: {low}, high: {high}}}",
        )
    named = " and ".join(value)
    raise QuantityError(
        f"the ends of a range are called low and high, not {named}",
        f"write {meant}, its 10th to its 90th percentile",
    )


def _range_of(ends: Sequence[object], kind: Kind) -> str:
    """Return two values as a range that can be read, the lower first; nothing if they make none."""
    if len(ends) != 2:
        return ""
    one, other = (str(end).strip() for end in ends)
    for text in (f"{one}–{other}", f"{other}–{one}"):
        try:
            read = as_range(text, kind)
            if isinstance(read, Mapping) and _read_uncertain(read, kind):
                return text
        except QuantityError:
            continue
    return ""


def as_range(value: object, kind: Kind) -> object:
    """Return ``4–10`` as ``{low: 4, high: 10}``, and anything else as it is.

    Raises
    ------
    QuantityError
        If only one end has a unit: 10–15k could begin at 10 or at 10k.

    Examples
    --------
    >>> from livesim.scenario.quantities import COUNT
    >>> as_range("10k–15k", COUNT)
    {'low': '10k', 'high': '15k'}
    """
    if not isinstance(value, str) or len(value) > MAX_NUMBER:
        return value
    if kind.parse(value.strip()) is not None:
        return value
    ends = _RANGE.split(value.strip())
    if len(ends) != 2:
        return value
    low, high = ends
    if unit := _missing_unit(low, high, kind):
        raise QuantityError(f"{low} has no {unit}, and {high} has", f"write {low}{unit}–{high}")
    return {"low": low, "high": high}


def _read_distribution(value: Mapping[str, Any], kind: Kind) -> Distribution:
    if set(value) & {"low", "high"}:
        return _read_low_high(value, kind)
    _refuse_other_ends(value, kind)
    if set(value) & {"p10", "likely", "p90"}:
        return _read_percentiles(value, kind)
    if len(value) != 1 or next(iter(value)) not in _READERS:
        raise QuantityError("this is not an uncertain quantity", f"write {WAYS}")
    name, body = next(iter(value.items()))
    try:
        return _READERS[name](body, kind)
    except QuantityError as error:
        raise QuantityError(error.what, error.remedy, (name, *error.path)) from None


def _read_percentiles(value: Mapping[str, Any], kind: Kind) -> Distribution:
    _keys(value, ("p10", "likely", "p90"), "{p10: …, likely: …, p90: …}")
    p10, middle, p90 = (_part(value, key, kind) for key in ("p10", "likely", "p90"))
    if not p10 <= middle <= p90:
        raise QuantityError(
            f"p10, likely and p90 must rise, but are {kind.write(p10)}, {kind.write(middle)}, "
            f"{kind.write(p90)}",
            "p10 is the value that one show in ten stays below, likely the middle one",
        )
    _on_scale(kind, p10, middle, p90)
    return Percentiles(p10, middle, p90, kind.scale)


def _read_low_high(value: Mapping[str, Any], kind: Kind) -> Distribution:
    """Read two ends as the 10th and the 90th percentile; the middle lies amid them on the scale."""
    _keys(value, ("low", "high"), "{low: …, high: …}")
    low, high = (_part(value, key, kind) for key in ("low", "high"))
    if not low < high:
        means = "low is the value that one show in ten stays below, high that nine in ten do"
        raise QuantityError(
            f"low and high must rise, but are {kind.write(low)}, {kind.write(high)}",
            f"write {kind.write(high)}–{kind.write(low)}: {means}" if high < low else means,
        )
    middle = float(kind.scale.back(np.array(_on_scale(kind, low, high).mean())))
    return Percentiles(low, round(middle) if kind.whole else middle, high, kind.scale)


def _on_scale(kind: Kind, *percentiles: float) -> Floats:
    with np.errstate(divide="ignore"):  # the edge of a range lies at infinity of its scale
        on_scale = kind.scale.forward(np.array(percentiles))
    if not np.isfinite(on_scale).all():
        raise QuantityError(
            f"a percentile may not stand on the edge of the range of {kind.name}",
            "move it inside, or write {choice: {value: chance, …}}",
        )
    return on_scale


def _read_lognormal(body: object, kind: Kind) -> Distribution:
    part = _keys(body, ("median", "sigma"), "{lognormal: {median: …, sigma: …}}")
    return Lognormal(_positive(_part(part, "median", kind), "median"), _spread(part, "sigma"))


def _read_student_t(body: object, kind: Kind) -> Distribution:
    keys = ("median", "scale", "df", "within")
    way = "{student_t: {median: …, scale: …, df: …, within: 20}}"
    whole = {"within": 20, **body} if isinstance(body, Mapping) else body
    part = _keys(whole, keys, way)
    median = _positive(_part(part, "median", kind), "median")
    scale, df, within = (_spread(part, key) for key in keys[1:])
    if within <= 1:
        raise QuantityError(
            "within must be more than 1: the factor beyond which nothing is drawn",
            "write within: 20",
            ("within",),
        )
    return StudentT(median, scale, df, within)


def _read_normal(body: object, kind: Kind) -> Distribution:
    part = _keys(body, ("mean", "sd"), "{normal: {mean: …, sd: …}}")
    spread = replace(kind, name="a spread", low=0.0, high=math.inf, above=True, whole=False)
    return Normal(_part(part, "mean", kind), _part(part, "sd", spread))


def _read_uniform(body: object, kind: Kind) -> Distribution:
    if not isinstance(body, Sequence) or isinstance(body, str) or len(body) != 2:
        raise QuantityError("uniform needs its two ends", "write {uniform: [low, high]}")
    low, high = kind.read(body[0]), kind.read(body[1])
    if not low < high:
        raise QuantityError("the first end must be below the second", "write [low, high]")
    return Uniform(low, high)


def _read_beta(body: object, kind: Kind) -> Distribution:
    if not (kind.low == 0 and kind.high == 1):
        raise QuantityError(f"beta is for shares, and this is {kind.name}", f"write {WAYS}")
    part = _keys(body, ("a", "b"), "{beta: {a: …, b: …}}")
    return Beta(_spread(part, "a"), _spread(part, "b"))


def _read_choice(body: object, kind: Kind) -> Distribution:
    ways = "write {choice: {value: chance, …}} with chances that add up to 1, or a list of values"
    if isinstance(body, Sequence) and not isinstance(body, str) and body:
        pairs = [(kind.read(v), 1.0 / len(body)) for v in body]
    elif isinstance(body, Mapping) and body:
        pairs = [(kind.read(_key(v)), SHARE.read(c)) for v, c in body.items()]
    else:
        raise QuantityError("choice needs its values", ways)
    pairs.sort()
    values, chances = zip(*pairs, strict=True)
    if abs(sum(chances) - 1) > 1e-9:
        raise QuantityError(f"the chances add up to {sum(chances):g}, not to 1", ways)
    if len(set(values)) < len(values):
        raise QuantityError("a value stands twice", ways)
    return Choice(values, chances)


def _read_draws(body: object, kind: Kind) -> Distribution:
    if not isinstance(body, str) or len(texts := body.split()) < 2:
        raise QuantityError(
            "draws are two values or more in one text", "write {draws: 0.9 1.2 1.1}"
        )
    return Draws(tuple(kind.read(_key(text)) for text in texts))


_READERS: Final[Mapping[str, Callable[[object, Kind], Distribution]]] = {
    "lognormal": _read_lognormal,
    "student_t": _read_student_t,
    "normal": _read_normal,
    "uniform": _read_uniform,
    "beta": _read_beta,
    "choice": _read_choice,
    "draws": _read_draws,
}


def _keys(body: object, keys: tuple[str, ...], way: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping) or set(body) != set(keys):
        raise QuantityError(f"this needs exactly {', '.join(keys)}", f"write {way}")
    return body


def _part(body: Mapping[str, Any], key: str, kind: Kind) -> float:
    try:
        return kind.read(body[key])
    except QuantityError as error:
        raise QuantityError(error.what, error.remedy, (key,)) from None


def _spread(body: Mapping[str, Any], key: str) -> float:
    value = body[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(f"{key} must be a number", f"write {key}: 0.5", (key,))
    return _positive(float(value), key)


def _positive(number: float, key: str) -> float:
    if not 0 < number < float("inf"):
        raise QuantityError(f"{key} must be more than 0", f"write {key}: 0.5", (key,))
    return number


def _key(text: str) -> str | int | float:
    """Give a mapping's key the type that the same text has as a value (keys are always texts)."""
    value = core_scalar(text)
    return value if type(value) in (int, float, Spelled, SpelledWhole) else text
