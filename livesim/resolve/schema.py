"""The JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from typing import Any, Final

from livesim.resolve.templates import template
from livesim.scenario.draft import Draft
from livesim.scenario.including import ALTERNATIVES, INCLUDE

#: Definition in the schema → the parts of a template that fill it in.
_FILLED_BY: Final = {
    "DraftShow": ("show",),
    "Person": ("each_person", "each_guest"),
    "DraftSegment": ("each_segment",),
    "DraftProduct": ("each_product",),
    "Slot": ("each_slot",),
    "Deal": ("deal",),
    "Supply": ("supply",),
    "Screen": ("screen",),
    "Checkout": ("checkout",),
}


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
    schema = Draft.model_json_schema()
    filled = template("base").data
    _relax(schema, set(filled) - {"show"})
    for definition, sections in _FILLED_BY.items():
        supplied = {key for section in sections for key in filled[section]}
        _relax(schema["$defs"][definition], supplied | {"on_stage"})
    schema["properties"][INCLUDE] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Reference scenarios, and files of this folder or below it, whose parts "
        "hold where this file says nothing else; null takes one away.",
        "examples": [["viya_kim_perfume", "people/small_guest.yaml"]],
    }
    schema["properties"][ALTERNATIVES] = {
        "type": "object",
        "minProperties": 2,
        "additionalProperties": {"type": "object"},
        "description": "Several shows of one file, by name: each is any part of a scenario, laid "
        "over the rest of the file; livesim compare lays them side by side.",
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
