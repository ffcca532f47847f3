"""The reference of keys as text: nothing is left out, and it fits a terminal."""

from __future__ import annotations

import re

from livesim.report.keys import NOTATION, overview, reference
from livesim.report.pages import WIDTH
from livesim.resolve.keys import all_keys, keys_at
from livesim.scenario.document import parse_document, parse_value
from livesim.scenario.quantities import AMOUNT, DURATION, SHARE
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.uncertain import Distribution, Median

KEYS = all_keys()


def test_the_overview_names_the_parts_and_their_keys_in_a_screen_or_two() -> None:
    lines = overview(KEYS).splitlines()
    assert len(lines) < 70 and max(map(len, lines)) <= WIDTH
    assert "products.NAME: What is sold" in overview(KEYS)
    for key in keys_at("products"):
        if len(key.path) == 3:
            assert key.path[-1] in overview(KEYS)


def test_the_notation_is_what_is_read() -> None:
    forms = re.findall(r"\{(?:[^{}]|\{[^{}]*\})*\}", NOTATION)
    assert len(forms) == 10
    for form in forms:
        kind = DURATION if "choice" in form else SHARE if "beta" in form else AMOUNT
        if "normal: {mean" not in form and "p50" not in form:  # below 0 in a few; no distribution
            assert isinstance(read_quantity(parse_value(form), kind), Distribution), form
    assert isinstance(read_quantity(parse_value("{p50: 800}"), AMOUNT), Median)
    assert isinstance(read_quantity("420–1540", AMOUNT), Distribution)
    assert max(map(len, NOTATION.splitlines())) <= WIDTH


def test_in_full_every_key_has_its_line() -> None:
    lines = reference(KEYS).splitlines()
    heads = [line.split(":")[0].strip() for line in lines if ":" in line[:36]]
    assert all(heads.count(key.path[-1]) for key in KEYS)
    assert max(map(len, lines)) <= WIDTH


def test_the_left_side_reads_as_a_file() -> None:
    left = [line for line in reference(keys_at("supply")).splitlines() if ":" in line[:36]]
    text = "\n".join(line[:36].rstrip() for line in left)
    assert parse_document(text).data["supply"] == {
        "pack": 12,
        "minimum_order": 60,
        "budget": "60k",
        "paid_before": "30%",
        "storage": "12 m3",
        "storage_price": 30,
        "lead_time": "14d",
        "ordered": "2026-11-20 12:00",
    }


def test_what_holds_without_it_is_said() -> None:
    assert "Default: 60s; 20s (drop, guest_show); 30s (marathon)." in " ".join(
        reference(keys_at("products.rush")).split()
    )
    assert "Required." in reference(keys_at("products.price"))
    assert "Default" not in reference(keys_at("deal")).splitlines()[0]
