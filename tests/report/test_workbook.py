"""An answer as one file: a workbook whose numbers are numbers, and the other forms."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import livesim
from livesim.errors import ResultsError
from livesim.planning.recommendation import Plan
from livesim.report.workbook import _to_twelve_digits
from livesim.results.single_file import FORMS, form_of

SHOW = """\
like: drop
title: "=HYPERLINK(\\"http://x\\")"
show: {start: 2026-11-29 20:00, length: 5min, refresh: 5s, currency: CNY}
viewers: 5_000
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, forecast: 200}
  mask: {price: 80, unit_cost: 20, left_over_value: 5, owned: 900, forecast: 90}
supply: {pack: 12, minimum_order: 0}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return livesim.plan(SHOW, replications=50, workers=1)


@pytest.fixture(scope="module")
def book(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = plan.save(tmp_path_factory.mktemp("book") / "plan.xlsx")
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def test_the_first_sheet_is_what_to_order(plan: Plan, book: Any) -> None:
    sheet = book.worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert sheet.title == "order list"
    assert header[:2] == ("item", "key") and "CNY" in header[6]
    bought = [one for one in plan.items if one.purchase]
    assert [row[0] for row in rows] == [*(one.name for one in bought), "in all"]
    serum = rows[0]
    assert serum[1] == "serum"  # whatever its label is
    assert serum[2] == bought[0].purchase == serum[3] * serum[4] and serum[4] == 12
    assert rows[-1][6] == pytest.approx(sum(one.cost for one in plan.items))
    assert sheet.freeze_panes == "B2" and book["answer"].freeze_panes == "A2"


def test_sheets_and_columns_have_names_in_another_language(plan: Plan, tmp_path: Path) -> None:
    path = plan.save(tmp_path / "plan.xlsx", language="zh")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    names = [*book.sheetnames, *(cell.value for sheet in book.worksheets for cell in sheet[1])]
    names = [name for name in names if name and plan.scenario.title not in name]
    words = {word for name in names for word in re.findall(r"[A-Za-z_]{4,}", name)}
    assert words == {"serum", "mask"}
    headers = [cell.value for cell in book["商品"][1]]
    chance = book["商品"].cell(2, headers.index("断货 [占场次 %]") + 1)
    assert chance.number_format == "0.0 %"
    assert book.sheetnames[0] == "采购单" and len(set(book.sheetnames)) == len(plan.tables()) + 6


def test_every_table_is_there_and_numbers_are_numbers(plan: Plan, book: Any) -> None:
    for name, table in plan.tables().items():
        assert book[name.replace("_", " ")].max_row == len(table) + 1
    profits = [cell.value for cell in book["stock curves"]["C"][1:]]
    assert profits and all(isinstance(value, int | float) for value in profits)
    assert len(book["stock curves"]._charts) == 2


def test_a_cell_has_no_digits_of_floating_point_rounding() -> None:
    found = [_to_twelve_digits(number) for number in (-1000.000000000001, 4e-16, 1.25, 1e15 / 3)]
    assert found == [-1000.0, 0.0, 1.25, 333333333333000.0]


def test_columns_are_called_in_words_with_their_units(plan: Plan, book: Any) -> None:
    """What only programs read, as changes of the scenario, is in --json and the folder's tables."""
    headers = {sheet.title: [cell.value for cell in sheet[1]] for sheet in book.worksheets}
    every = [name for names in headers.values() for name in names if "HYPERLINK" not in name]
    assert [name for name in every if re.search(r"[a-z]_[a-z]|\w\.\w", name)] == []
    assert headers["items"][:5] == [
        *("item", "owned [units]", "recommended [units]", "purchase [units]", "cost [CNY]"),
    ]
    assert {
        *("unavailable [% of shows]", "unavailable · from (95 %) [% of shows]"),
        *("earns · from (95 %) [CNY]", "earns · to (95 %) [CNY]", "demand · P90 [units]"),
    } <= {*headers["items"]}
    place = headers["items"].index("good range · lowest [units]")
    assert headers["items"][place + 1] == "good range · highest [units]"
    ranges = [[cell.value for cell in row[place : place + 2]] for row in book["items"]][1:]
    assert ranges == [[*one.good_range] for one in plan.items], "numbers, not a text"
    assert headers["stock curves"][:3] == ["item", "units", "earns [CNY]"]
    assert headers["stock curves"][3:5] == [f"earns · {end} (95 %) [CNY]" for end in ("from", "to")]
    assert "unavailable after · P50 [s]" in headers["stock curves"]
    assert "serum · units" in headers["choices"] and "if low · serum [units]" in headers["drivers"]
    assert "bought" in headers["lots"], "yes or no has no unit"
    chances = [row[headers["items"].index("unavailable [% of shows]")] for row in book["items"]]
    assert {cell.number_format for cell in chances[1:]} == {"0.0 %"}
    assert all(0 <= cell.value <= 1 for cell in chances[1:])
    money = [row[headers["items"].index("gain · mean [CNY]")] for row in book["items"]]
    assert {cell.number_format for cell in money[1:]} == {"#,##0.00"}
    assert {name: book[name].auto_filter.ref for name in ("order list", "items", "provenance")} == {
        **dict.fromkeys(("order list", "provenance")),  # a list that ends with its sum, and texts
        "items": book["items"].dimensions,
    }
    paths = {row[0].value for row in book["drivers"].iter_rows(min_row=2)}
    assert "number of viewers" in paths
    assert {row[1].value for row in book["release plans"].iter_rows(min_row=2)} >= {"all at once"}


def test_the_timeline_and_what_is_assumed_have_sheets(plan: Plan, book: Any) -> None:
    timeline, assumed = (
        [*book[name].iter_rows(values_only=True)] for name in ("timeline", "assumptions")
    )
    assert timeline[0] == (
        *("slot", "starts P10 [min]", "starts P50 [min]", "starts P90 [min]", "on stage", "sells"),
    )
    assert [row[0] for row in timeline[1:]] == [
        name.replace("_", " ") for name in plan.curves.scenario.rundown
    ]
    assert timeline[1][1:4] == (0, 0, 0)
    assert assumed[0] == ("value", "taken", "unit", "P10", "P90", "from") and len(assumed) > 10
    assert all(row[5].startswith(("template", "assumption")) for row in assumed[1:])


def test_what_is_assumed_is_a_number_with_its_unit_beside_it(plan: Plan, book: Any) -> None:
    rows = {row[0]: row[1:5] for row in book["assumptions"].iter_rows(min_row=2, values_only=True)}
    assert rows["checkout.unpaid"] == (10, "%", None, None)
    assert rows["checkout.payment_timeout"] == (900, "s", None, None)
    assert rows["deal.guest_fee"] == (0, "CNY", None, None)
    assert rows["products.serum.limit and 1 more like it"] == (2, "units", None, None)
    middle, unit, *ends = rows["show.appeal"]
    assert (middle, unit) == (1, "") and ends[0] < 1 < ends[1]
    assert ends[1] == pytest.approx(1 / ends[0]), "of the logarithm"
    texts = {row[0] for row in rows.values() if isinstance(row[0], str)}
    assert texts == {"none", "true", "false", "stay", "host", "front_loaded"}


def test_nothing_in_a_scenario_becomes_a_formula(book: Any) -> None:
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert all(cell.hyperlink is None for cell in cells)


@pytest.mark.slow
def test_every_form_is_written(plan: Plan, tmp_path: Path) -> None:
    written = {form: plan.save(tmp_path / f"plan{form}").read_bytes() for form in FORMS}
    assert written[".html"].startswith(b"<!DOCTYPE html>")
    assert json.loads(written[".json"]) == plan.document()
    assert written[".csv"].decode().splitlines()[1].startswith("serum,")
    assert written[".png"].startswith(b"\x89PNG") and b"<svg" in written[".svg"]
    assert zipfile.ZipFile(io.BytesIO(written[".xlsx"])).testzip() is None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"plan{f}" for f in FORMS)


def test_a_file_that_is_there_stays_unless_told(plan: Plan, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text("mine")
    with pytest.raises(ResultsError, match="is there already"):
        plan.save(history)
    assert history.read_text() == "mine"
    plan.save(history, replace=True)
    assert json.loads(history.read_text())["kind"] == "plan"
    with pytest.raises(ResultsError, match="there is no folder"):
        plan.save(tmp_path / "nowhere" / "plan.json")


def test_a_folder_may_have_a_point_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "plans.html").mkdir()
    assert form_of(tmp_path / "plans.html") is None
    assert form_of("plans/2026.11") is None


@pytest.mark.parametrize("name", ["plan.pdf", "plan.XLS", "plans/2026.docx"])
def test_a_form_that_no_answer_has_is_refused(name: str) -> None:
    with pytest.raises(ResultsError, match="no answer can be written as"):
        form_of(name)


def test_an_ending_alone_is_no_file() -> None:
    with pytest.raises(ResultsError, match=r"an ending without a name: write answer\.html"):
        form_of("out/.html")


def test_a_form_that_no_answer_has_names_those_there_are_and_a_folder() -> None:
    with pytest.raises(ResultsError) as told:
        form_of("m/plan.xls")
    assert "Did you mean .xlsx?" in str(told.value)
    assert str(told.value).endswith("a folder's name has no such ending: m/plan")


def test_a_shows_viewers_and_stock_have_charts(tmp_path: Path) -> None:
    result = livesim.simulate(SHOW, replications=50, workers=1)
    sheet = openpyxl.load_workbook(result.save(tmp_path / "run.xlsx"))["over time"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header[:3] == ("minutes since the start", "watching, P10", "watching, P50")
    assert header[4:] == ("serum on hand, P50", "mask on hand, P50")
    assert rows[0][4:] == (10, 900) and rows[-1][0] == 5
    assert [len(chart.series) for chart in sheet._charts] == [3, 2]


def test_curves_show_the_chance_to_be_without_stock(plan: Plan, book: Any) -> None:
    sheet = book["stock curves"]
    column = 1 + list(plan.tables()["stock_curves"].columns).index("unavailable")
    letter = openpyxl.utils.get_column_letter(column)
    drawn = sheet._charts[0]
    of_all = [one.yVal.numRef.f for part in drawn._charts for one in part.ser]
    assert len(of_all) == 2 and f"${letter}$2" in of_all[1]
