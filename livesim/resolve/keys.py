"""Every key of a scenario's file: what it means, what it is without the file saying it, an example.

Made from the JSON Schema, so from the descriptions and examples beside the fields in `scenario`,
and from the templates, which say what holds where a file is silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from livesim.errors import UsageError
from livesim.resolve.schema import FILLED_BY, schema_of_keys
from livesim.resolve.templates import KNOWN_FROM, TEMPLATES, template

#: Stands in a path for a name that the planner chooses.
NAME: Final = "NAME"


@dataclass(frozen=True)
class Key:
    """A key of a scenario's file.

    Parameters
    ----------
    path
        Names from the top of the file; `NAME` stands for one of the planner's own.
    meaning
        What it means, with its unit in brackets.
    required
        Whether a file must have it, if it has the part that it stands in.
    defaults
        Template → what that one says where a file does not, in a file's notation; `base` is common
        to all, and those that agree with it are left out.
    example
        A value in a file's notation. For a part, the examples of what it requires.
    named
        Whether it holds parts under names of the planner's own.
    """

    path: tuple[str, ...]
    meaning: str
    required: bool
    defaults: Mapping[str, Any]
    example: Any
    named: bool = False

    def __str__(self) -> str:
        """Write the path: ``products.NAME.price``."""
        return ".".join(self.path)


@cache
def all_keys() -> tuple[Key, ...]:
    """Return every key of a scenario's file, a part before what is in it.

    Examples
    --------
    >>> [key.example for key in all_keys() if str(key) == "products.NAME.price"]
    [299]
    """
    schema = schema_of_keys()
    return tuple(_keys(schema, schema, (), ""))


def keys_at(path: str) -> tuple[Key, ...]:
    """Return the key at a path, and all that are in it.

    Parameters
    ----------
    path
        Names joined by dots. Those that a planner chooses may be there or not:
        ``products.serum.variants`` is ``products.variants``. Those above may be left out: it is
        then each key that ends so, as ``label`` of people, products and slots.

    Raises
    ------
    UsageError
        If there is no such key, with the nearest ones.

    Examples
    --------
    >>> [str(key) for key in keys_at("supply")]
    ['supply', 'supply.pack', 'supply.minimum_order', 'supply.budget', \
'supply.paid_before', 'supply.storage', 'supply.storage_price', 'supply.lead_time', \
'supply.ordered']
    """
    keys = all_keys()
    asked = tuple(path.split("."))
    meant = [key.path for key in keys if _is_meant(key.path, asked)][:1] or [
        key.path for key in keys if any(_is_meant(end, asked) for end in _ends(key.path))
    ]
    if meant:
        return tuple(k for k in keys if any(k.path[: len(path)] == path for path in meant))
    raise UsageError(f"a scenario has no key {path}; {_nearest(asked, keys)}")


def _is_meant(path: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Say whether a key is the one asked for, whose chosen names may be left out."""
    if not path:
        return not asked
    if path[0] == NAME and _is_meant(path[1:], asked):
        return True
    return bool(asked) and path[0] in (NAME, asked[0]) and _is_meant(path[1:], asked[1:])


def _ends(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what a path ends with, from its last name on or from an earlier one."""
    return (path[start:] for start in range(1, len(path)) if path[start] != NAME)


def _nearest(asked: tuple[str, ...], keys: tuple[Key, ...]) -> str:
    names = dict.fromkeys(key.path[-1] for key in keys)
    close = get_close_matches(asked[-1], names, n=3)
    near = [key for name in close for key in keys if key.path[-1] == name]
    near += [key for key in keys if _is_meant(key.path, asked[:-1])]
    if not near:
        return "livesim keys lists all there are"
    return f"nearest: {', '.join(map(str, near))}"


def _keys(
    schema: Mapping[str, Any], part: Mapping[str, Any], above: tuple[str, ...], kind: str
) -> Iterator[Key]:
    """Yield the keys of a part of the schema, which is of a kind that templates may fill in."""
    for name, node in part["properties"].items():
        holds, named = _holds(node)
        path = (*above, name)
        # Where both say the same, the schema says it of the part alone.
        meaning = node.get("description") or schema["$defs"][holds]["description"]
        yield Key(
            path,
            meaning,
            name in part.get("required", ()),
            _defaults(kind, name),
            _example(schema, node),
            named,
        )
        if holds:
            inside = (*path, NAME) if named else path
            yield from _keys(schema, schema["$defs"][holds], inside, holds)


def _holds(node: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the kind of part that a key holds, if any, and whether under names."""
    for way in node.get("anyOf", [node]):
        if "$ref" in way:
            return way["$ref"].rpartition("/")[2], False
        for inside in way.get("patternProperties", {}).values():
            if "$ref" in inside:
                return inside["$ref"].rpartition("/")[2], True
    return "", False


def _defaults(kind: str, name: str) -> dict[str, Any]:
    """Return what the templates say of a key, by template."""
    found: dict[str, Any] = {}
    for one in ("base", *(f"known_from_{source}" for source in KNOWN_FROM), *TEMPLATES):
        data = template(one).data
        sections = [data.get(section, {}) for section in FILLED_BY.get(kind, ())] or [data]
        said = [section[name] for section in sections if name in section]
        if said and ("base" not in found or said[-1] != found["base"]):
            found[one] = said[-1]
    return found


def _example(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Any:
    """Return the example of a key; of a part without one, what it requires."""
    if "examples" in node:
        return node["examples"][0]
    holds, _ = _holds(node)
    part = schema["$defs"][holds]
    return {name: _example(schema, part["properties"][name]) for name in part.get("required", ())}
