"""Short spellings of what has a longer one, written out before anything else is read.

`unit_cost: {1: 6.20, 500: 5.80}` is short for `unit_cost: 6.20` with `price_breaks: {500: 5.80}`,
and `gift: {pouch: 1}` for `gift: {product: pouch}`. What breaks their rules is left as it is, and
refused where it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final, NamedTuple, TypeGuard

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from livesim.errors import Mistake, ScenarioError
from livesim.scenario.document import DataPath, Document
from livesim.scenario.fields import mistake
from livesim.scenario.paths import get, mapping_at, replaced, said_at, split_path
from livesim.scenario.quantities import POSITIVE_COUNT, QuantityError
from livesim.scenario.quantity_schema import Schema, plain

__all__ = [
    "ByNumber",
    "changes_written_out",
    "data_written_out",
    "refuse_goods",
    "with_goods",
    "written_out",
]

Path = tuple[str, ...]

_ANY: Final = "*"
_PRODUCT: Final = ("products", _ANY)
_SUPPLIER: Final = ("supply", "suppliers", _ANY)

#: Who has a unit_cost → where its price breaks stand, seen from there.
_BREAKS: Final[Mapping[Path, Path]] = {
    _PRODUCT: ("supply", "price_breaks"),
    (*_PRODUCT, *_SUPPLIER): ("price_breaks",),
    (*_PRODUCT, "variants", _ANY, *_SUPPLIER): ("price_breaks",),
}


class _Long(NamedTuple):
    """A value of a longer spelling, and which path below it is written where."""

    path: Path
    value: Any
    written: Mapping[Path, Path]


def written_out(document: Document) -> Document:
    """Return what a document says in the longer spellings, which have the places of the short ones.

    Examples
    --------
    >>> from livesim.scenario.document import parse_document
    >>> short = parse_document("products: {serum: {unit_cost: {1: 6.2, 500: 5.8}}}")
    >>> written_out(short).data["products"]["serum"]
    {'unit_cost': 6.2, 'supply': {'price_breaks': {'500': 5.8}}}
    """
    found = [*_long(document.data)]
    if not found:
        return document
    written: dict[DataPath, DataPath] = {
        (*one.path, *below): short for one in found for below, short in one.written.items()
    }
    places = dict(document.places)
    for path, short in written.items():
        if (place := document.place(short)) is not None:
            places[path] = place
    return replace(document, data=_with(document.data, found), places=places, written=written)


def data_written_out(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return plain data in the longer spellings, as :func:`written_out` does a document."""
    return _with(data, _long(data))


def changes_written_out(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes, path → value, in the longer spellings: one can become two.

    Raises
    ------
    ScenarioError
        If price breaks are changed twice.

    Examples
    --------
    >>> changes_written_out({"products.serum.unit_cost": {"1": 6.2, "500": 5.8}})
    {'products.serum.unit_cost': 6.2, 'products.serum.supply.price_breaks': {'500': 5.8}}
    """
    found, beside = dict(changes), dict[str, Any]()
    for path, value in changes.items():
        if isinstance(value, Mapping):
            names = split_path(path)
            data = replaced({}, names, value)
            long = [*_long(data)]
            found[path] = get(_with(data, long), names)
            beside |= {".".join(p): one for p, one, _ in long if p[: len(names)] != names}
    for path in beside:
        above, _, key = path.rpartition(".")
        if path in found or key in mapping_at(found, above):
            what = "price breaks are changed twice, here and with unit_cost by number of units"
            raise ScenarioError([Mistake(what, path, "leave one of the two out")])
    return found | beside


def _with(data: Mapping[str, Any], found: Iterable[_Long]) -> dict[str, Any]:
    return reduce(lambda done, long: replaced(done, long.path, long.value), found, dict(data))


def _long(data: Mapping[str, Any]) -> Iterator[_Long]:
    """Yield what the short spellings in data stand for."""
    for who, breaks in _BREAKS.items():
        for path, part in _at(data, who):
            costs, at = part.get("unit_cost"), (*path, "unit_cost")
            if not _is_by_number(costs) or _fault(costs) or said_at(part, *breaks) is not None:
                continue
            (one, cost), *more = costs.items()
            yield _Long(at, cost, {(): (*at, one)})
            beside = part.get(breaks[0])
            if beside is None or isinstance(beside, Mapping):
                written: dict[Path, Path] = {(units,): (*at, units) for units, _ in more}
                yield _Long((*path, *breaks), dict(more), {(): at} | written)
    for path, part in _at(data, _PRODUCT):
        gift, at = part.get("gift"), (*path, "gift")
        if _is_of_goods(gift) and _is_one(gift):
            (goods,) = gift.keys() - {"first"}
            first = {"first": gift["first"]} if "first" in gift else {}
            yield _Long(at, {"product": goods, **first}, {("product",): (*at, goods)})


def _at(data: Any, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the mappings at the paths of a pattern."""
    if not isinstance(data, Mapping):
        return
    if not pattern:
        yield path, data
        return
    name, *further = pattern
    for one in data if name == _ANY else [name] if name in data else []:
        yield from _at(data[one], tuple(further), (*path, one))


# --------------------------------------------------------------------------------------------------
# unit_cost: {1: 6.20, 500: 5.80}
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ByNumber:
    """Marks what a unit costs, which the file may say by number of units."""

    def read(self, value: object) -> object:
        """Return a plain value; refuse what could not be written out."""
        if _is_by_number(value):
            raise mistake(*(_fault(value) or _TWICE))
        if isinstance(value, str) and ":" in value:  # as in a cell
            raise mistake("costs by number of units stand in braces", f"write {{{value}}}")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read as what is marked."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Schema:
        """Describe both spellings to editors."""
        one = handler(schema)
        number, unit = POSITIVE_COUNT.text
        by_number = {
            "type": "object",
            "required": ["1"],
            "minProperties": 2,
            "propertyNames": {"pattern": rf"^\s*{number}(?:{unit})?\s*$"},
            "additionalProperties": one,
        }
        return {"anyOf": [one, by_number]}


_EXAMPLE: Final = "write {1: 6.20, 500: 5.80}: from how many units on a unit costs what"
_TWICE: Final = (
    "unit_cost says what many units cost, and so does price_breaks",
    "take price_breaks away, or write what one unit costs as unit_cost",
)


def _is_by_number(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and any(str(key)[:1].isdigit() for key in value)


def _fault(costs: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what is wrong with costs by number of units, and the remedy."""
    try:
        units = [POSITIVE_COUNT.read(key) for key in costs]
    except QuantityError as error:
        return error.what, _EXAMPLE
    if next(iter(costs)) != "1":
        return f"what one unit costs comes first, and here stands {next(iter(costs))}", _EXAMPLE
    if len(units) == 1:
        return "a single cost is no cost by number of units", "write it alone: unit_cost: 6.20"
    if None in costs.values():
        return "a number of units has no cost", _EXAMPLE
    if units != sorted({*units}):
        return "these numbers of units do not ascend", _EXAMPLE
    return None


# --------------------------------------------------------------------------------------------------
# gift: {pouch: 1}
# --------------------------------------------------------------------------------------------------


def refuse_goods(gift: object) -> object:
    """Return a gift; raise a mistake for what names no product and could not be written out."""
    if _is_of_goods(gift) and not _is_one(gift):
        raise mistake(
            "an order comes with one unit of one gift",
            "write {pouch: 1}, and first: 200 beside it if only so many get one",
        )
    return gift


def with_goods(schema: Schema) -> None:
    """Describe the short spelling of a gift to editors."""
    goods = {
        "type": "object",
        "patternProperties": {f"^(?!(?:first|product)$){_GOODS}": {"const": 1}},
        "properties": {"first": {"anyOf": [plain(POSITIVE_COUNT), {"type": "null"}]}},
        "additionalProperties": False,
        "anyOf": [
            {"minProperties": 1, "maxProperties": 1, "not": {"required": ["first"]}},
            {"minProperties": 2, "maxProperties": 2, "required": ["first"]},
        ],
    }
    schema["anyOf"].insert(1, goods)


_GOODS: Final = r"[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,59})?$"


def _is_of_goods(gift: object) -> TypeGuard[Mapping[str, Any]]:
    """Say whether a gift is told as product → number of units."""
    return isinstance(gift, Mapping) and "product" not in gift and bool(gift.keys() - {"first"})


def _is_one(gift: Mapping[str, Any]) -> bool:
    units = [units for goods, units in gift.items() if goods != "first"]
    return len(units) == 1 and units[0] == 1 and not isinstance(units[0], bool)
