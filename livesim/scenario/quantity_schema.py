"""What a JSON Schema can say of a quantity: its numbers, its texts, and how it can be uncertain.

A schema sees one value at a time. That percentiles rise, that chances add up to 1 and that a draw
stays within its range is known to :mod:`livesim.scenario.uncertain` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from math import inf, isfinite
from typing import Any, Final, TypeAlias

from livesim.scenario.quantities import SHARE, Kind

Schema: TypeAlias = dict[str, Any]

_POSITIVE: Final = {"type": "number", "exclusiveMinimum": 0}
_EXAMPLE: Final = {"p10": 420, "likely": 800, "p90": 1540}


#: Marks, in a schema, what is to be shared under this name: see :func:`shared`.
_SHARED: Final = "shared as"


def plain(kind: Kind) -> Schema:
    """Return the schema of a number of a kind, as such or as people write it.

    Examples
    --------
    >>> shared(plain(SHARE))[1]["a_share"]["anyOf"][0]
    {'type': 'number', 'minimum': 0, 'maximum': 1}
    """
    number, unit = kind.text
    text = {"type": "string", "pattern": rf"^\s*{number}(?:{unit})?\s*$"}
    return _named(kind.name, {"anyOf": [*_numbers(kind), text], "examples": [kind.ways]})


def uncertain(kind: Kind) -> Schema:
    """Return the schema of a number of a kind that may be a range or a distribution.

    Examples
    --------
    >>> forms = shared(uncertain(SHARE))[1]["a_share_perhaps_uncertain"]["anyOf"]
    >>> [form["title"] for form in forms if "title" in form][-2:]
    ['choice', 'draws']
    """
    number, unit = kind.text
    forms = [_mapping("uncertain", form) for form in _percentiles(kind)]
    forms[0]["examples"] = [_EXAMPLE]
    forms += [_mapping(name, {name: body}) for name, body in _distributions(kind).items()]
    ways = {f"{number}{_DASH}{number}", f"{number}{unit}{_DASH}{number}(?:{unit})?"}
    ranges = {"type": "string", "pattern": rf"^\s*(?:{'|'.join(sorted(ways))})\s*$"}
    return _named(f"{kind.name}, perhaps uncertain", {"anyOf": [plain(kind), ranges, *forms]})


def shared(node: Any) -> tuple[Any, dict[str, Schema]]:
    """Return a schema whose quantities stand once each, under names; and these definitions.

    Parameters
    ----------
    node
        A schema, or any part of one.
    """
    if isinstance(node, list):
        items = [shared(inner) for inner in node]
        return [inner for inner, _ in items], _merged(found for _, found in items)
    if not isinstance(node, dict):
        return node, {}
    inside = {key: shared(inner) for key, inner in node.items()}
    found = _merged(defined for _, defined in inside.values())
    body = {key: inner for key, (inner, _) in inside.items()}
    if _SHARED not in body:
        return body, found
    (quantity,) = body.pop(_SHARED)
    name = re.sub(r"\W+", "_", quantity["title"]).strip("_")
    return {"$ref": f"#/$defs/{name}", **body}, {**found, name: quantity}


def _merged(definitions: Iterable[dict[str, Schema]]) -> dict[str, Schema]:
    return {name: schema for some in definitions for name, schema in some.items()}


def _named(name: str, schema: Schema) -> Schema:
    return {_SHARED: [{"title": name, **schema}]}


_DASH: Final = r"\s*[-–—]\s*"


def _numbers(kind: Kind) -> list[Schema]:
    """Return the schema of a bare number; where one needs a unit, of 0 alone, which needs none."""
    if not kind.bare:
        return [{"type": "number", "const": 0}] if kind.allows(0) else []
    number: Schema = {"type": "integer" if kind.whole else "number"}
    if isfinite(kind.low):
        number["exclusiveMinimum" if kind.above else "minimum"] = kind.low
    if isfinite(kind.high):
        number["maximum"] = kind.high
    return [number]


def _percentiles(kind: Kind) -> list[Schema]:
    one = plain(kind)
    return [
        *({"p10": one, middle: one, "p90": one} for middle in ("likely", "p50")),
        *({middle: one} for middle in ("likely", "p50")),
        {"low": one, "high": one},
    ]


def _distributions(kind: Kind) -> dict[str, Schema]:
    spread = replace(
        kind, name=f"a spread of {kind.name}", low=0, high=inf, above=True, whole=False
    )
    one, sd = plain(kind), plain(spread)
    t = {"median": one, "scale": _POSITIVE, "df": _POSITIVE, "within": _POSITIVE}
    shares = {"type": "object", "minProperties": 1, "additionalProperties": plain(SHARE)}
    found = {
        "lognormal": _mapping("", {"median": one, "sigma": _POSITIVE}),
        "student_t": _mapping("", t, optional=("within",)),
        "normal": _mapping("", {"mean": one, "sd": sd}),
        "uniform": {"type": "array", "items": one, "minItems": 2, "maxItems": 2},
        "beta": _mapping("", {"a": _POSITIVE, "b": _POSITIVE}),
        "choice": {"anyOf": [shares, {"type": "array", "items": one, "minItems": 1}]},
        "draws": {"type": "string", "pattern": r"^\s*\S+(?:\s+\S+)+\s*$"},
    }
    if (kind.low, kind.high) != (0, 1):
        del found["beta"]
    return found


def _mapping(title: str, keys: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a mapping with exactly these keys."""
    return {
        **({"title": title} if title else {}),
        "type": "object",
        "properties": keys,
        "required": [key for key in keys if key not in optional],
        "additionalProperties": False,
    }
