"""The one grammar for a place in a scenario: `products.serum.owned`.

A path is names joined by dots, and nothing else: no list indexes, since inserting an entry would
move them all. `--set`, `with_changes` and everything that names a quantity use these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from livesim.errors import Mistake, ScenarioError, UsageError, did_you_mean
from livesim.scenario.document import parse_value

__all__ = [
    "get",
    "mapping_at",
    "parse_assignment",
    "parts_at",
    "replaced",
    "said_at",
    "split_path",
]


def split_path(path: str) -> tuple[str, ...]:
    """Split a path into its names.

    Raises
    ------
    UsageError
        If a name is empty, has blanks around it, or has the brackets of a list index.

    Examples
    --------
    >>> split_path("products.serum.owned")
    ('products', 'serum', 'owned')
    """
    names = tuple(path.split("."))
    for name in names:
        if not name or name != name.strip():
            raise UsageError(
                f"{path!r} is not a path: a name in it is empty or has blanks around it; "
                "write names joined by dots, such as products.serum.owned"
            )
        if "[" in name or "]" in name:
            raise UsageError(
                f"{path!r} is not a path: an entry of a list has no name; "
                "set the whole list instead"
            )
    return names


def parse_assignment(text: str) -> tuple[tuple[str, ...], Any]:
    """Parse `PATH=VALUE`.

    Parameters
    ----------
    text
        A path, an equals sign, and a value as a scenario file would have it after the colon.

    Raises
    ------
    UsageError
        If there is no path or no value.
    ScenarioError
        If the value cannot be read.

    Examples
    --------
    >>> parse_assignment("products.serum.owned=800")
    (('products', 'serum', 'owned'), 800)
    >>> parse_assignment("viewers={p10: 1500, likely: 2000, p90: 4000}")
    (('viewers',), {'p10': 1500, 'likely': 2000, 'p90': 4000})
    """
    left, _, right = text.partition("=")
    if not right.strip():
        raise UsageError(
            f"{text!r} sets nothing: write PATH=VALUE, such as products.serum.owned=800 "
            "(null takes a value away)"
        )
    path = split_path(left.strip())
    try:
        return path, parse_value(right)
    except ScenarioError as error:
        # The value is no file: the path says where it belongs, a line number would not.
        raise ScenarioError(
            [replace(one, path=left.strip(), line=None, column=None) for one in error.mistakes]
        ) from None


def get(data: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return the value at a path.

    Raises
    ------
    ScenarioError
        At the first name that is not there.

    Examples
    --------
    >>> get({"products": {"serum": {"owned": 800}}}, ("products", "serum", "owned"))
    800
    """
    node: Any = data
    for depth, name in enumerate(path):
        if not isinstance(node, Mapping):
            raise _nothing_inside(path[: depth + 1], node)
        if name not in node:
            where = ".".join(path[:depth]) or "the scenario"
            what = f"{where} has nothing called {name}"
            remedy = did_you_mean(name, node)
            raise ScenarioError([Mistake(what, ".".join(path[: depth + 1]), remedy)])
        node = node[name]
    return node


def said_at(data: Any, *path: str) -> Any:
    """Return what raw data, however broken, say at a path; None for nothing.

    Examples
    --------
    >>> data = {"show": {"length": "2h"}, "deal": 2}
    >>> said_at(data, "show", "length"), said_at(data, "deal", "fee")
    ('2h', None)
    """
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def mapping_at(data: Any, *path: str) -> Mapping[str, Any]:
    """Return the mapping at a path of raw data, an empty one if there is none."""
    found = said_at(data, *path)
    return found if isinstance(found, Mapping) else {}


def parts_at(data: Any, *path: str) -> dict[str, Mapping[str, Any]]:
    """Return the named parts at a path of raw data that are mappings."""
    entries = mapping_at(data, *path).items()
    return {name: part for name, part in entries if isinstance(part, Mapping)}


def replaced(data: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a copy of the data in which a path has another value.

    The original is not changed; what is not on the path is shared with it. Mappings on the way
    that are missing (or null) are created. A value of None takes the last name away.

    Raises
    ------
    ScenarioError
        If something on the way is not a mapping.

    Examples
    --------
    >>> replaced({"show": {"length": "2h"}}, ("show", "start"), "20:00")
    {'show': {'length': '2h', 'start': '20:00'}}
    >>> replaced({"people": {"kim": {}, "viya": {}}}, ("people", "kim"), None)
    {'people': {'viya': {}}}
    """
    copy = dict(data)
    node = copy
    for depth, name in enumerate(path[:-1]):
        inner = node.get(name)
        if inner is not None and not isinstance(inner, Mapping):
            raise _nothing_inside(path[: depth + 2], inner)
        node[name] = dict(inner or {})
        node = node[name]
    node[path[-1]] = value
    if value is None:
        del node[path[-1]]
    return copy


def _nothing_inside(path: tuple[str, ...], found: object) -> ScenarioError:
    *parents, name = path
    shown = "a list" if isinstance(found, list | tuple) else repr(found)
    what = f"{'.'.join(parents)} is {shown:.60}, which has no {name} inside"
    return ScenarioError([Mistake(what, ".".join(path), f"set {'.'.join(parents)} as a whole")])
