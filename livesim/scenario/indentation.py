"""What stands at a wrong indentation: one mistake, from which many others would follow.

A key is misplaced if it means nothing where it stands, but is a key of what stands just above it,
or a part of a section around it. Whoever gets one indentation wrong should hear of that, and of
what else is wrong as if it stood where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, get_args, get_origin

from livesim.errors import Mistake
from livesim.scenario.checks import Path
from livesim.scenario.document import MAX_MISTAKES, Document
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Part, below, fields_at, unwrapped
from livesim.scenario.reading import is_habit
from livesim.scenario.writing import write_inline

TOP = "the top level of the file"


class _Home(NamedTuple):
    """Where a key belongs, where it stands instead, and how to move it, or if that is in braces."""

    path: Path
    name: str
    instead: str
    indent: str
    braces: str


class _Stray(NamedTuple):
    """Keys of one part that belong elsewhere."""

    path: Path
    keys: tuple[str, ...]
    home: _Home


def put_right(document: Document) -> tuple[Document, tuple[Mistake, ...]]:
    """Return a document in which each key stands where it belongs, and which did not.

    What is there already is not replaced: the misplaced key is left out.

    Examples
    --------
    >>> from livesim.scenario.document import parse_document
    >>> wrong = parse_document("products: {serum: , price: 45}")
    >>> document, mistakes = put_right(wrong)
    >>> document.data, [mistake.what for mistake in mistakes]
    ({'products': {'serum': {'price': 45}}}, ['price belongs to serum, but stands beside it'])
    """
    strays = list(_strays([Draft], document.data, ()))
    if not strays:
        return document, ()
    data, moves = _copied(document.data), dict[Path, Path]()
    for stray in strays:
        here, home = _at(data, stray.path), _at(data, stray.home.path)
        for key in stray.keys:
            value = here.pop(key)
            if isinstance(home, dict) and key not in home:
                home[key] = value
                moves[*stray.path, key] = (*stray.home.path, key)
    places = {_moved(path, moves): place for path, place in document.places.items()}
    mistakes = tuple(_mistake(stray, document) for stray in strays[:MAX_MISTAKES])
    return replace(document, data=data, places=places), mistakes


def _copied(node: Any) -> Any:
    return {k: _copied(value) for k, value in node.items()} if isinstance(node, Mapping) else node


def _at(data: dict[str, Any], path: Path) -> Any:
    """Return what stands at a path, which begins if nothing is there yet."""
    node: Any = data
    for step in path:
        if node.get(step) is None:
            node[step] = {}
        node = node[step]
    return node


def _moved(path: Path, moves: Mapping[Path, Path]) -> Path:
    """Return where something is that stood at a path, or below what was moved."""
    for end in range(1, len(path) + 1):
        if path[:end] in moves:
            return (*moves[path[:end]], *path[end:])
    return path


def _mistake(stray: _Stray, document: Document) -> Mistake:
    first, home = stray.keys[0], stray.home
    one = len(stray.keys) == 1
    listed = first if one else f"{', '.join(stray.keys[:-1])} and {stray.keys[-1]}"
    belong, stand, it = ("belongs", "stands", "it") if one else ("belong", "stand", "them")
    return document.mistake(
        (*stray.path, first),
        f"{listed} {belong} to {home.name}, but {stand} {home.instead}",
        f"write {it} {home.braces}"
        if _in_braces(stray, document)
        else f"indent {it} {home.indent}",
    )


def _in_braces(stray: _Stray, document: Document) -> bool:
    """Say whether keys stand in the line of what they stand in, where nothing is indented."""
    around, key = (document.place(path) for path in (stray.path, (*stray.path, stray.keys[0])))
    return bool(stray.path) and around is not None and key is not None and around.line == key.line


def _strays(annotations: list[Any], node: Mapping[str, Any], path: Path) -> Iterator[_Stray]:
    """Yield what is misplaced below a path; the annotations are those of the nodes on its way."""
    here = annotations[-1]
    keys, many = _keys(here)
    if many and (home := _named_home(annotations, node, path)):
        yield _Stray(path, tuple(node), home)
        return
    homes: dict[_Home, list[str]] = {}
    above = None
    for key, value in node.items():
        if _means_something(keys, many, key, value):
            above = key
            if isinstance(value, Mapping):
                yield from _strays([*annotations, below(here, key)], value, (*path, key))
        elif home := _home(annotations, path, above, key, value):
            homes.setdefault(home, []).append(key)
    for home, strays in homes.items():
        yield _Stray(path, tuple(strays), home)


def _named_home(annotations: list[Any], node: Mapping[str, Any], path: Path) -> _Home | None:
    """Return where the keys of one part belong that stand where a name does, as an example has it.

    Only where nothing else stands there: beside a name, they may belong to that.
    """
    keys, _ = _keys(annotations[-1])
    if keys.isdisjoint(node) or any(
        one is None or isinstance(one, Mapping) for one in node.values()
    ):
        return None
    field = fields_at(annotations[-2], ()).get(str(path[-1]))
    if field is None or not field.examples or not isinstance(field.examples[0], Mapping):
        return None
    name, part = next(iter(field.examples[0].items()))
    below_it = f"below a name of your choice, as {write_inline({name: part})[1:-1]}"
    return _Home((*path, name), "a part with a name", f"right below {path[-1]}", below_it, below_it)


def _means_something(keys: frozenset[str], many: bool, key: str, value: object) -> bool:
    """Say whether a key may stand where these keys may, whatever else may be wrong with it."""
    if many and isinstance(value, Mapping):
        return not value or not keys.isdisjoint(value)
    return not keys or (value is None or key not in keys if many else key in keys)


def _home(
    annotations: list[Any], path: Path, above: str | None, key: str, value: object
) -> _Home | None:
    """Return where a key belongs: in what stands above it, or in a section around it."""
    if is_habit(key, _keys(annotations[-1])[0]):
        return None
    if above is not None and _takes(below(annotations[-1], above), key, value):
        braces = f"in its braces: {above}: {{…}}"
        return _Home((*path, above), above, "beside it", f"more than {above}", braces)
    for level in reversed(range(len(path))):
        if (level == 0 or _keys(annotations[level])[1]) and _takes(annotations[level], key, value):
            name = TOP if level == 0 else str(path[level - 1])
            like = f"like {path[level]}"
            braces = f"behind these braces, in a line that is indented {like}"
            return _Home(path[:level], name, f"inside {path[-1]}", like, braces)
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
