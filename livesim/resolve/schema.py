"""The JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias, get_args, get_origin

from livesim.resolve.templates import layers, template
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Part, SchemaAsWritten, unwrapped
from livesim.scenario.including import ALTERNATIVE, ALTERNATIVES, FRAGMENT, INCLUDE, MAX_FILES
from livesim.scenario.quantity_schema import shared

_Schema: TypeAlias = dict[str, Any]
_NULL: Final = {"type": "null"}

#: Definition in the schema → the parts of a template that fill it in.
FILLED_BY: Final = {
    "DraftShow": ("show",),
    "Person": ("each_person", "each_host", "each_guest"),
    "DraftSegment": ("each_segment",),
    "DraftProduct": ("each_product",),
    "Room": ("each_room",),
    "Slot": ("each_slot",),
    "Deal": ("deal",),
    "Supply": ("supply",),
    "Screen": ("screen",),
    "Checkout": ("checkout",),
}

#: What a file begins with.
_FIRST: Final = ("like", "title", "about", "sources", "show")


def _filled() -> dict[str, dict[str, Any]]:
    """Return what the templates fill in by section, whatever a show is known from."""
    data = dict(template("base").data)
    errors = layers(None)[-1].data
    known = errors.keys() & data.keys()
    return data | {section: {**data[section], **errors[section]} for section in known}


def schema_of_keys() -> dict[str, Any]:
    """Return a JSON Schema of every key, where what the templates fill in is optional.

    Examples
    --------
    >>> schema_of_keys()["required"]
    ['title', 'show', 'products']
    """
    schema = Draft.model_json_schema(schema_generator=SchemaAsWritten)
    filled = _filled()
    _relax(schema, set(filled) - {"show"})
    for definition, sections in FILLED_BY.items():
        supplied = {key for section in sections for key in filled[section]}
        _relax(schema["$defs"][definition], supplied | {"on_stage"})
    first = {key: schema["properties"].pop(key) for key in _FIRST}
    schema["properties"] = first | schema["properties"]
    schema["properties"][INCLUDE] = {
        "type": "array",
        "items": {"type": "string", "pattern": f"^{FRAGMENT.pattern}$"},
        "maxItems": MAX_FILES - 1,
        "description": "Reference scenarios, and files of this folder or below it, whose parts "
        "hold where this file says nothing else; null takes one away. What an included file "
        "names is looked up beside that first, then here.",
        "examples": [["platforms/link_in_bio"]],
    }
    schema["properties"][ALTERNATIVES] = {
        "type": "object",
        "minProperties": 2,
        "propertyNames": {"pattern": f"^{ALTERNATIVE.pattern}$"},
        "additionalProperties": {"type": "object"},
        "description": "Several shows of one file, by name: each is any part of a scenario, laid "
        "over the rest of the file; livesim compare lays them side by side.",
        "examples": [
            {"cautious": {"supply": {"budget": "10k"}}, "bold": {"supply": {"budget": "60k"}}}
        ],
    }
    schema["description"] = "A live-stream shopping show, as livesim reads it."
    schema["title"] = "livesim scenario"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _relax(definition: dict[str, Any], supplied: set[str]) -> None:
    """Require only what no template supplies."""
    required = [key for key in definition.get("required", []) if key not in supplied]
    definition.pop("required", None)
    if required:
        definition["required"] = required


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of what a planner may write.

    A file that includes others, or describes alternatives, may hold any part of a scenario, and
    null where it takes something away; what a file by itself must say stands under ``else``. The
    schema sees one value at a time: livesim checks the rules between them when it reads a file.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["title"], schema["else"]["required"]
    ('livesim scenario', ['title', 'show', 'products'])
    """
    schema: _Schema
    schema, quantities = shared(schema_of_keys())
    schema["$defs"] |= quantities
    alone = _alone(schema, Draft, [key for key, *_ in _sections()])
    for section, part, many in _sections():
        inside = _alone(schema["$defs"][part.__name__], part)
        if section == "products":  # what a bundle costs follows from what it contains
            inside["required"] = [key for key in inside["required"] if key != "unit_cost"]
            inside["anyOf"] = [{"required": [key]} for key in ("unit_cost", "contains")]
        if many:
            _take_null(schema["properties"][section])
            # What must say something is there; what need not say anything may be null.
            filled = {"type": "object"} if inside["required"] else {}
            inside = {"minProperties": 1, "additionalProperties": filled | inside}
        there = {"type": "object"} if section in alone["required"] else {}
        alone["properties"][section] = there | inside
    keys = [key for key in schema["properties"] if key != ALTERNATIVES]
    schema["properties"][ALTERNATIVES]["additionalProperties"] = {
        "type": "object",
        "properties": {key: {"$ref": f"#/properties/{key}"} for key in keys},
        "additionalProperties": False,
    }
    schema["if"] = {"anyOf": [{"required": [INCLUDE]}, {"required": [ALTERNATIVES]}]}
    schema["then"] = {}
    schema["else"] = alone
    return schema


def _sections() -> Iterator[tuple[str, type[Part], bool]]:
    """Yield each key that holds a part, or parts under names, with the part and which it is."""
    for key, field in Draft.model_fields.items():
        part = unwrapped(field.annotation)
        many = get_origin(part) is dict
        part = get_args(part)[-1] if many else part
        if isinstance(part, type) and issubclass(part, Part):
            yield key, part, many


def _alone(definition: dict[str, Any], part: type[Part], empty: Iterable[str] = ()) -> _Schema:
    """Let a part leave everything out; return what it must say where no file lies below it.

    There it may hold null for what may be missing, and for the ``empty`` sections.
    """
    required = definition.pop("required", [])
    missing = [
        key for key, field in part.model_fields.items() if type(None) in get_args(field.annotation)
    ]
    properties = definition["properties"]
    for key in part.model_fields:
        properties[key] = _or_null(properties[key])
    return {
        "required": required,
        "properties": {key: {} for key in (*missing, *empty)},
        "additionalProperties": {"not": _NULL},
    }


def _take_null(section: dict[str, Any]) -> None:
    """Let null stand in the place of each named part of a section."""
    for way in section["anyOf"]:
        for name, part in way.get("patternProperties", {}).items():
            way["patternProperties"][name] = _or_null(part)


def _or_null(value: _Schema) -> _Schema:
    """Return the schema of a value or null."""
    if _NULL in value.get("anyOf", ()):
        return value
    said, meant = _Schema(), _Schema()
    for key, inner in value.items():
        (said if key in ("description", "examples") else meant)[key] = inner
    return {"anyOf": [meant, _NULL], **said}
