"""The JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from typing import Any, Final

from livesim.resolve.templates import layers, template
from livesim.scenario.draft import Draft
from livesim.scenario.fields import SchemaAsWritten
from livesim.scenario.including import ALTERNATIVES, INCLUDE

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


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of what a planner may write.

    What the templates fill in is optional. The rules between fields are not in it; livesim checks
    them when it reads a file.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["title"], schema["required"]
    ('livesim scenario', ['title', 'show', 'products'])
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
        "items": {"type": "string"},
        "description": "Reference scenarios, and files of this folder or below it, whose parts "
        "hold where this file says nothing else; null takes one away.",
        "examples": [["platforms/link_in_bio"]],
    }
    schema["properties"][ALTERNATIVES] = {
        "type": "object",
        "minProperties": 2,
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
