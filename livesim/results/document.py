"""Documents: plain data for other programs, as ``--json`` prints it and folders keep it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

from livesim.errors import HIDDEN

#: Plain data by name: texts, numbers, lists, and further documents.
Document: TypeAlias = dict[str, Any]


def finite(data: Any) -> Any:
    """Return plain data with None for every number that is not finite, which JSON does not have.

    Examples
    --------
    >>> finite({"never": [math.inf, 1.5]})
    {'never': [None, 1.5]}
    """
    if isinstance(data, Mapping):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    if isinstance(data, float):
        return float(data) if math.isfinite(data) else None
    return data


def as_document(record: Any) -> Document:
    """Return a record by the names of its parts; of its estimates, the intervals without widths.

    Parameters
    ----------
    record
        A dataclass, or one that is made of several.

    Examples
    --------
    >>> from livesim.results.intervals import Chance
    >>> as_document(Chance(0.5, 0.1, 0.9))
    {'chance': 0.5, 'low': 0.1, 'high': 0.9}
    """

    def named(parts: list[tuple[str, Any]]) -> Document:
        return {name: value for name, value in parts if name != "half_width"}

    return asdict(record, dict_factory=named)


def json_text(document: Document) -> str:
    """Return a document as JSON for people and programs to read.

    Raises
    ------
    ValueError
        If a number in it is not finite.

    Examples
    --------
    >>> print(json_text({"units": 15000}))
    {
      "units": 15000
    }
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
