"""What stands at a wrong indentation: one mistake, from which many others would follow.

A key is misplaced if it means nothing where it stands, but is a key of what stands just above it,
or a part of a section around it. Whoever gets one indentation wrong should hear of that alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

from livesim.scenario.checks import Finding, Path
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Part, below, unwrapped

TOP = "the top level of the file"


class _Home(NamedTuple):
    """Where a key belongs, where it stands instead, and how to move it."""

    name: str
    instead: str
    indent: str


def misplaced(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what stands at a wrong indentation in what a planner wrote.

    Examples
    --------
    >>> [finding.what for finding in misplaced({"products": {"serum": None, "price": 45}})]
    ['price belongs to serum, but stands beside it']
    """
    yield from _misplaced([Draft], data, ())


def _misplaced(annotations: list[Any], node: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """Yield what is misplaced below a path; the annotations are those of the nodes on its way."""
    here = annotations[-1]
    keys, many = _keys(here)
    homes: dict[_Home, list[str]] = {}
    above = None
    for key, value in node.items():
        if _means_something(keys, many, key, value):
            above = key
            if isinstance(value, Mapping):
                yield from _misplaced([*annotations, below(here, key)], value, (*path, key))
        elif home := _home(annotations, path, above, key, value):
            homes.setdefault(home, []).append(key)
    for home, moved in homes.items():
        one, it = len(moved) == 1, "it" if len(moved) == 1 else "them"
        listed = moved[0] if one else f"{', '.join(moved[:-1])} and {moved[-1]}"
        belong, stand = ("belongs", "stands") if one else ("belong", "stand")
        yield Finding(
            (*path, moved[0]),
            f"{listed} {belong} to {home.name}, but {stand} {home.instead}",
            f"indent {it} {home.indent}",
        )


def _means_something(keys: frozenset[str], many: bool, key: str, value: object) -> bool:
    """Say whether a key may stand where these keys may, whatever else may be wrong with it."""
    if many and isinstance(value, Mapping):
        return not value or not keys.isdisjoint(value)
    return not keys or (value is None or key not in keys if many else key in keys)


def _home(
    annotations: list[Any], path: Path, above: str | None, key: str, value: object
) -> _Home | None:
    """Return where a key belongs: in what stands above it, or in a section around it."""
    if above is not None and _takes(below(annotations[-1], above), key, value):
        return _Home(above, "beside it", f"more than {above}")
    for level in reversed(range(len(path))):
        if (level == 0 or _keys(annotations[level])[1]) and _takes(annotations[level], key, value):
            name = TOP if level == 0 else str(path[level - 1])
            return _Home(name, f"inside {path[-1]}", f"like {path[level]}")
    return None


def _takes(annotation: Any, key: str, value: object) -> bool:
    """Say whether a key clearly belongs to a place."""
    keys, many = _keys(annotation)
    if not many:
        return key in keys and _holds(below(annotation, key), value)
    return isinstance(value, Mapping) and bool(value) and keys.issuperset(value)


def _holds(annotation: Any, value: object) -> bool:
    """Say whether a part may have the keys of a value; of what else there is this is not asked."""
    keys, many = _keys(annotation)
    return many or not keys or not isinstance(value, Mapping) or keys.issuperset(value)


def _keys(annotation: Any) -> tuple[frozenset[str], bool]:
    """Return the keys of a part, or of each of many named parts, and whether they are many."""
    part, many = unwrapped(annotation), False
    if get_origin(part) is dict:
        part, many = get_args(part)[-1], True
    is_part = isinstance(part, type) and issubclass(part, Part)
    return (frozenset(part.model_fields), many) if is_part else (frozenset(), False)
