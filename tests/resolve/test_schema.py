"""The JSON Schema for editors: current, and true to what livesim reads."""

import json
from pathlib import Path

from livesim.resolve import json_schema, starter
from livesim.resolve.templates import TEMPLATES
from livesim.scenario.document import parse_document


def test_the_committed_schema_is_current(scenarios: Path) -> None:
    """If this fails: ``livesim schema > scenarios/scenario.schema.json``."""
    committed = json.loads((scenarios / "scenario.schema.json").read_text("utf-8"))
    assert committed == json_schema()


def test_what_no_template_supplies_is_required_of_a_file_by_itself() -> None:
    alone = json_schema()["else"]
    named = {
        section: said["additionalProperties"]["required"]
        for section, said in alone["properties"].items()
        if "minProperties" in said
    }
    assert alone["required"] == ["title", "show", "products"]
    assert alone["properties"]["show"]["required"] == ["length", "currency"]
    assert alone["properties"]["deal"]["required"] == []
    assert named == {
        "people": ["role"],
        "segments": [],
        "rooms": ["segments"],
        "products": ["price"],
        "rundown": ["length"],
    }
    of_product = alone["properties"]["products"]["additionalProperties"]
    assert of_product["anyOf"] == [{"required": ["unit_cost"]}, {"required": ["contains"]}]


def test_the_starters_have_only_keys_of_the_schema() -> None:
    schema = json_schema()
    for template in TEMPLATES:
        data = parse_document(starter(template)).data
        assert set(data) <= set(schema["properties"])
        for product in data["products"].values():
            assert set(product) <= set(schema["$defs"]["DraftProduct"]["properties"])


def test_the_example_files_point_to_it(scenarios: Path) -> None:
    for path in scenarios.glob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=scenario.schema.json"
