"""A thousand inputs that mean harm, or come by bad luck: none may do any."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from corpus import GALA, faults
from fuzzing import any_text, changed_text, outcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livesim.errors import ScenarioError
from livesim.resolve import json_schema
from livesim.scenario import document
from livesim.scenario.writing import write_yaml

NAMES = st.sampled_from(["serum", "mask", "kim", "viya", "fans", "everyone", "talk", "5min", "2"])


@cache
def schema_of_files() -> dict[str, Any]:
    return json_schema()


@pytest.mark.slow
def test_no_changed_scenario_does_harm() -> None:
    """In a process of their own, so that the memory is that of the inputs."""
    program = [sys.executable, str(Path(__file__).with_name("fuzzing.py")), "850"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    assert found["read"] >= 21  # so that what is behind the reading is tried as well
    assert found["refused"] >= 210


def read_by(tokeniser: object, text: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(document, "_COMPILED", tokeniser)
    try:
        read = document.parse_document(text)
    except ScenarioError as error:
        return str(error)
    return repr((read.data, read.places))  # which tells 1 from True, and nan from nothing


@pytest.mark.slow
@pytest.mark.skipif(document._COMPILED is None, reason="there is but one tokeniser here")
def test_machines_without_the_compiled_tokeniser_read_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In whole files with one fault, and in some lines of 1,000 with several."""
    luck, compiled = random.Random(1), document._COMPILED
    whole = [GALA, *(fault.text for fault in islice(faults(), 0, None, 8))]
    changed = (luck.choice((changed_text, any_text))(luck).split("\n") for _ in range(1_000))
    starts = ((luck.randrange(len(lines)), lines) for lines in changed)
    for text in [*whole, *("\n".join(lines[at : at + 8]) for at, lines in starts)]:
        once, again = (read_by(one, text, monkeypatch) for one in (compiled, None))
        assert once == again, text


def values(schema: Mapping[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Return the strategy of what a part of the schema accepts, or nearly so."""
    if "$ref" in schema:
        target: Any = schema_of_files()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return values(target, depth)
    if "anyOf" in schema:
        return st.one_of([values(way, depth) for way in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    return _of_a_type(schema, depth)


def _of_a_type(schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    match schema.get("type"):
        case "object":
            return _mappings(schema, depth)
        case "array":
            most = schema.get("maxItems", 3)
            items = NAMES if depth > 3 else values(schema.get("items", {}), depth + 1)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(most, 3))
        case "integer":
            return st.integers(int(schema.get("minimum", 0)), 10**6)
        case "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum", -5))
            return st.floats(least, schema.get("maximum", 10**4)) | st.just(2)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string" if schema.get("pattern", "").startswith("^[a-z]"):
            return NAMES
        case "string" if "pattern" in schema:
            return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
        case _:
            return st.text(max_size=5)


def _mappings(schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    known = {key: values(inner, depth + 1) for key, inner in schema.get("properties", {}).items()}
    inside = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    others = [one for one in inside if isinstance(one, Mapping)]
    if not known:
        return st.dictionaries(NAMES, values(others[0], depth + 1) if others else NAMES, max_size=2)
    needed = {key: known[key] for key in schema.get("required", ()) if key in known}
    chosen = st.sets(st.sampled_from(sorted(known)), max_size=4)

    def drawn(keys: set[str]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries({**needed, **{key: known[key] for key in sorted(keys)}})

    return chosen.flatmap(drawn)


def shows() -> st.SearchStrategy[dict[str, Any]]:
    """Return the strategy of shows of one product, with anything that the schema knows in them."""
    sound = {
        "title": "A show",
        "show": {"length": "1h", "currency": "CNY"},
        "viewers": "2k",
        "products": {
            "serum": {"price": 299, "unit_cost": 80, "owned": 50, "orders_per_1000": 20},
        },
    }
    schema = schema_of_files()
    product = values(schema["$defs"]["DraftProduct"])

    def laid_over(parts: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
        top, serum = parts
        return {**sound, "products": {"serum": {**sound["products"]["serum"], **serum}}, **top}  # type: ignore[index]

    top = values({key: schema[key] for key in ("type", "properties")})
    return st.tuples(top, product).map(laid_over)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.deferred(shows))
def test_nothing_that_the_schema_knows_does_harm(data: dict[str, Any]) -> None:
    outcome(write_yaml(data).encode())


@pytest.mark.slow
@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_does_harm(raw: bytes) -> None:
    outcome(raw)
