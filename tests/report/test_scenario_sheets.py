"""A workbook to fill in: what is written is what is read, and it helps who fills it in."""

from __future__ import annotations

import io
from functools import reduce
from operator import getitem
from typing import Any

import openpyxl
import pytest

import livesim
from livesim.errors import UsageError
from livesim.report.scenario_sheets import scenario_workbook
from livesim.resolve import resolve
from livesim.resolve.keys import NAME, all_keys
from livesim.resolve.starter import starter
from livesim.scenario.document import Document, parse_document
from livesim.scenario.including import alternatives_in, with_includes
from livesim.scenario.library import LIBRARY, names_in
from livesim.scenario.sheets import kind_at, parse_sheets
from livesim.scenario.sources import opened
from livesim.scenario.writing import write_yaml

#: What a workbook cannot say: several shows.
SEVERAL = {name for name in names_in(LIBRARY) if alternatives_in(opened(name))}
FEW = ("brand_room", "viya_alone")
#: What takes long to resolve.
LARGE = ("presale_marathon", "singles_day", "seeding_celebrity")


@pytest.fixture(scope="module")
def book() -> Any:
    data = scenario_workbook(parse_document(starter("guest_show")))
    return openpyxl.load_workbook(io.BytesIO(data))


def assert_comes_back(document: Document) -> None:
    back = parse_sheets(scenario_workbook(document), "back.xlsx")
    assert resolve(back).scenario == resolve(with_includes(document)).scenario


def test_what_needs_its_unit_keeps_it() -> None:
    volumes = {f"products.{name}.volume": "0.3 l" for name in ("serum", "lip_tint", "mask")}
    room = livesim.load("brand_room", {**volumes, "supply.storage": "60 l"})
    assert_comes_back(parse_document(write_yaml(room.to_data())))


def test_short_spellings_come_back() -> None:
    text = """title: A shop
viewers: 2_000
show: {length: 1h, currency: USD}
products:
  serum: {price: 20, unit_cost: {1: 6, 500: 5}, orders_per_1000: 9, gift: {pouch: 1}}
  pouch: {price: 3, unit_cost: 1, orders_per_1000: 1}
"""
    assert_comes_back(parse_document(text))


WORDS = {
    key.path: kind.word
    for key in all_keys()
    if (kind := kind_at(key.path)) is not None and kind.word
}


@pytest.mark.parametrize("path", WORDS, ids=".".join)
def test_a_word_for_a_number_out_of_range_stays_the_word(path: tuple[str, ...]) -> None:
    data: Any = WORDS[path]
    named = tuple("serum" if step == NAME else step for step in path)
    for step in reversed(named):
        data = {step: data}
    back = parse_sheets(scenario_workbook(Document(data, "word", {})), "back.xlsx")
    assert reduce(getitem, named, back.data) == WORDS[path]


@pytest.mark.parametrize("name", FEW)
def test_a_reference_scenario_comes_back(name: str) -> None:
    assert_comes_back(opened(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(names_in(LIBRARY)) - SEVERAL - {*FEW, *LARGE}))
def test_every_reference_scenario_of_one_show_comes_back(name: str) -> None:
    assert_comes_back(opened(name))


@pytest.mark.thorough
@pytest.mark.parametrize("name", LARGE)
def test_large_reference_scenarios_come_back(name: str) -> None:
    assert_comes_back(opened(name))


@pytest.mark.parametrize("name", sorted(SEVERAL))
def test_several_shows_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="several shows, and a workbook one"):
        scenario_workbook(opened(name))


@pytest.mark.slow
def test_an_explicit_scenario_comes_back() -> None:
    scenario = livesim.load("brand_room")
    data = scenario_workbook(Document(scenario.to_data(), "explicit", {}))
    assert livesim.load(io.BytesIO(data)) == scenario


def test_odd_texts_come_back_and_are_no_formulas() -> None:
    text = starter().replace("An evening in our brand room", "'=1+1'")
    data = scenario_workbook(parse_document(text))
    assert openpyxl.load_workbook(io.BytesIO(data))["Show"]["B3"].data_type == "s"
    assert parse_sheets(data, "back.xlsx").data["title"] == "=1+1"


def test_numbers_shares_and_dates_are_cells_of_their_kind(book: Any) -> None:
    show = {row[0].value: row[1] for row in book["Show"].iter_rows() if row[0].value}
    assert show["deal.commission"].value == 0.2 and "%" in show["deal.commission"].number_format
    assert show["show.start"].is_date and show["deal.guest_fee"].value == 30_000
    assert show["supply.lead_time"].value is None
    heads = [cell.value for cell in book["Products"][1]]
    price, returns = (
        book["Products"].cell(2, heads.index(key) + 1) for key in ("price", "returns")
    )
    assert price.value == 299 and returns.value == 0.1 and "%" in returns.number_format


def test_heads_explain_and_words_are_offered(book: Any) -> None:
    for name in ("Show", "People", "Segments", "Products", "Rundown"):
        sheet = book[name]
        assert sheet.freeze_panes in ("A2", "B2")
        heads = [cell for cell in sheet[1] if cell.value not in ("key", "# what it means")]
        assert all(cell.comment is not None for cell in heads)
    rules = {rule.formula1 for rule in book["People"].data_validations.dataValidation}
    assert '"host,guest"' in rules
    told = [row[1] for row in book["# all keys"].iter_rows(values_only=True)]
    assert "left_over.per_week" in told and "checkout.steps" in told
