"""A scenario in a workbook: the data that YAML gives, and mistakes that name sheet and cell."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import livesim
from livesim.errors import ScenarioError
from livesim.scenario.sheets import TABLES, parse_sheets

SHOW: Sequence[Sequence[Any]] = [
    ["key", "value", "# what it means"],
    ["title", "An evening", None],
    ["# the clock", None, None],
    ["show.start", datetime(2026, 11, 29, 20), "the start"],
    ["show.length", "1h", None],
    ["show.currency", "CNY", None],
    ["viewers", "2_000", None],
]
PRODUCTS: Sequence[Sequence[Any]] = [
    ["name", "price", "Unit cost [CNY]", "owned", "returns", "orders_per_1000", "supply.pack"],
    ["serum", 299, 80, 50, 0.1, "6–10", 12],
    [None, None, None, None, None, None, None],
    ["# not yet", 1, 1, 1, 1, 1, 1],
    ["mask", "129", 30, "1.5k", "25%", "{p10: 5, likely: 8, p90: 12}", None],
]
SHEETS = {"Show": SHOW, "Products": PRODUCTS}
Change = Callable[[Any], object]


def packed(sheets: Mapping[str, Sequence[Sequence[Any]]], *changes: Change) -> bytes:
    """Return a workbook whose column of returns is shown in percent, as Excel would save it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet: Any = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if "Products" in sheets and not changes:
        book["Products"]["E2"].number_format = "0%"
    for change in changes:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def told(data: bytes) -> str:
    """Return what is wrong with a workbook."""
    try:
        mistakes = parse_sheets(data, "my.xlsx").mistakes
    except ScenarioError as error:
        mistakes = tuple(error.mistakes)
    return "\n\n".join(map(str, mistakes))


def changed(cell: str, value: Any, sheet: str = "Products") -> bytes:
    def change(book: Any) -> None:
        book[sheet][cell] = value

    return packed(SHEETS, change)


def test_a_workbook_says_what_a_file_says() -> None:
    assert parse_sheets(packed(SHEETS), "my.xlsx").data == {
        "title": "An evening",
        "show": {"start": "2026-11-29 20:00:00", "length": "1h", "currency": "CNY"},
        "viewers": "2_000",
        "products": {
            "serum": {
                "price": 299,
                "unit_cost": 80,
                "owned": 50,
                "returns": "10%",
                "orders_per_1000": "6–10",
                "supply": {"pack": 12},
            },
            "mask": {
                "price": 129,
                "unit_cost": 30,
                "owned": "1.5k",
                "returns": "25%",
                "orders_per_1000": {"p10": 5, "likely": 8, "p90": 12},
            },
        },
    }


def test_a_path_and_a_stream_may_be_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "my show.xlsx"
    file.write_bytes(packed(SHEETS))
    scenario = livesim.load(file)
    assert scenario.products["mask"].owned == 1500
    assert livesim.load(io.BytesIO(packed(SHEETS))) == scenario


def test_every_mistake_names_its_cell(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["Products"]["B5"] = "cheap"
        book["Products"]["C2"] = None
        book["Show"]["B5"] = time(3, 0)

    file = tmp_path / "my.xlsx"
    file.write_bytes(packed(SHEETS, change))
    with pytest.raises(ScenarioError) as error:
        livesim.load(file)
    found = {mistake.path: mistake for mistake in error.value.mistakes}
    assert str(found["products.mask.price"]).startswith(f"{file}: Products!B5  products.mask.price")
    assert found["products.serum.unit_cost"].cell == "Products!C2"
    assert found["show.length"].cell == "Show!B5"
    assert "'03:00:00' is not a duration" in found["show.length"].what


def all_told(*changes: Change) -> dict[str | None, str]:
    """Return what is wrong with a workbook once it is loaded, by cell."""
    with pytest.raises(ScenarioError) as error:
        livesim.load(io.BytesIO(packed(SHEETS, *changes)))
    return {one.cell: f"{one.what}: {one.remedy}" for one in error.value.mistakes}


def test_what_cannot_be_read_is_told_together_with_what_else_is_wrong() -> None:
    def change(book: Any) -> None:
        products, show = book["Products"], book["Show"]
        products["D6"], products["A6"] = 1, "serum"
        products["C5"], products["B5"] = "=1+1", "cheap"
        show["A7"], show["B5"] = "veiwers", "long"

    assert all_told(change).keys() == {
        *("Products!A6", "Products!C5", "Products!B5", "Show!A7", "Show!B5"),
    }


def test_a_column_that_no_key_is_like_is_told_together_with_what_else_is_wrong() -> None:
    """With one that a key is like, no product is told to lack that key."""
    for heading, meant in (("colour", False), ("orders_per_100", True)):
        rows = [[*PRODUCTS[0], heading], ["serum", "two hundred", *PRODUCTS[1][2:], 1], PRODUCTS[4]]
        rows[1][3] = -5
        with pytest.raises(ScenarioError) as told:
            livesim.load(io.BytesIO(packed({**SHEETS, "Products": rows})))
        assert len(told.value.mistakes) == 3
        assert ("Did you mean" in str(told.value)) == meant


def test_a_workbook_without_products_is_told_which_sheet_to_add() -> None:
    with pytest.raises(ScenarioError, match="add a sheet Products"):
        livesim.load(io.BytesIO(packed({"Show": SHOW})))


def test_with_a_row_that_is_not_read_what_other_cells_say_wrongly_is_told_at_once() -> None:
    """But not what is missing only as the row is not read."""

    def change(book: Any) -> None:
        book["Products"]["A5"], book["Show"]["B5"] = None, "long"
        book["Products"]["B2"] = "two hundred"

    assert all_told(change).keys() == {"Products!A5", "Show!B5", "Products!B2"}
    assert all_told(lambda book: book["Products"].__setitem__("A5", None)).keys() == {"Products!A5"}


def late_link(book: Any) -> None:
    sheet = book.create_sheet("Rundown")
    for row in (("name", "length", "sells", "link"), ("one", "5min", "serum, mask", "9min")):
        sheet.append(row)


def test_what_only_the_whole_show_tells_comes_with_wrong_cells() -> None:
    """A link after its slot is seen only in a show whose values are all right by themselves."""

    def cheap(book: Any) -> None:
        book["Products"]["B5"] = "cheap"

    def long(book: Any) -> None:
        book["Show"]["B5"] = "long"

    assert all_told(late_link).keys() == {"Rundown!D2"}
    assert all_told(late_link, cheap).keys() == {"Products!B5", "Rundown!D2"}
    assert all_told(late_link, cheap, long).keys() == {"Products!B5", "Rundown!D2", "Show!B5"}
    assert all_told(cheap).keys() == {"Products!B5"}


def test_what_hangs_on_a_wrong_cell_is_not_told_before_it_is_right() -> None:
    def late(book: Any) -> None:
        late_link(book)
        book["Rundown"]["B2"] = "five"

    assert all_told(late).keys() == {"Rundown!B2"}, "whether the link is late nobody knows"


def test_a_mistake_in_a_workbook_is_told_in_words_of_sheets() -> None:
    def change(book: Any) -> None:
        products = book["Products"]
        at = next(cell.column for cell in products[1] if "orders" in str(cell.value).lower())
        products.cell(2, at).value = None

    (told_of,) = (one for one in all_told(change).values() if "how often" in one)
    assert "{p10: 0.3%, likely: 1.2%, p90: 2%} in a column conversion" in told_of
    assert "conversion: {" not in told_of


def test_a_remedy_with_keys_within_keys_names_their_column() -> None:
    def change(book: Any) -> None:
        book["Products"]["C2"].value = None

    (told_of,) = (one for one in all_told(change).values() if "unit_cost is missing" in one)
    assert "with {500: 75} in a column supply.price_breaks." in told_of
    assert "{{" not in told_of and "supply: {" not in told_of


@pytest.mark.parametrize(
    ("cell", "told_of"),
    [
        (("E2", 15), "holds 15 and shows 1500%: a share must be from 0 to 1: write 15%"),
        (("E2", 1.5), "holds 1.5 and shows 150%: a share must be from 0 to 1: write 1.5%"),
        (("D2", 60), "holds 60 and shows 6000%, which is not a count: format the cell as General"),
    ],
)
def test_a_number_in_a_cell_that_shows_it_in_percent_has_its_own_remedy(
    cell: tuple[str, float], told_of: str
) -> None:
    """45 %, as for any share, is what nobody has written."""
    (only,) = all_told(put(*cell, "0%")).values()
    assert told_of in only


def test_keys_in_a_cell_are_told_to_stand_in_braces() -> None:
    def change(book: Any) -> None:
        products = book["Products"]
        products["H1"], products["H2"] = "gift", "product: mask, first: 200"
        products["I1"], products["I2"] = "left over", 15
        products["I5"] = 20

    told_of = all_told(change)
    assert "write {product: mask, first: 200}, with the braces" in told_of["Products!H2"]
    assert "Did you mean left_over_value?" in told_of["Products!I1"]
    assert told_of.keys() == {"Products!H2", "Products!I1"}


@pytest.mark.parametrize(
    ("cell", "value", "cells", "words"),
    [
        ("B1", "colour", "Products!B1", "no key called colour"),
        ("B1", "unit_cost", "Products!C1", "two columns Unit cost"),
        ("B1", None, "Products!B1", "entries and no heading"),
        ("A1", "product", "Products!A1", "no column name"),
        ("A2", None, "Products!A2", "entries and no name"),
        ("A5", "serum", "Products!A5", "serum is given twice: here and in row 2"),
        ("B2", "=1+1", "Products!B2", "this formula has no value"),
        ("A2", "=B2", "Products!A2", "this formula has no value"),
        ("B1", "=B2", "Products!B1", "this formula has no value"),
        ("B2", "#REF!", "Products!B2", "the cell shows #REF!: its formula has no value"),
        ("B2", True, "Products!B2", "the cell holds TRUE, where "),
        ("B2", "{p10: 1, likely", "Products!B2", "bracket"),
        ("G1", "price.p10", "Products!G1", "no key called p10"),
        ("G1", "orders_per_1000.p10", "Products!G2", "given twice"),
        ("H5", 3, "Products!H1", "entries and no heading"),
        ("B2", "9" * 120, "Products!B2", "a number of 120 characters"),
    ],
)
def test_what_a_table_cannot_say_is_refused_in_its_cell(
    cell: str, value: Any, cells: str, words: str
) -> None:
    told_of = told(changed(cell, value))
    assert f"my.xlsx: {cells}" in told_of and words in told_of


@pytest.mark.parametrize(
    ("cell", "value", "cells", "words"),
    [
        ("A2", "titel", "Show!A2", "Did you mean title"),
        ("A7", "title", "Show!B7", "given twice"),
        ("A7", None, "Show!A7", "entries and no name"),
        ("B1", "values", "Show!A1", "no column value"),
        ("C1", "notes", "Show!C1", "nothing is read from this column"),
        ("A7", "show", "Show!B7", "given twice"),
    ],
)
def test_what_the_show_cannot_say_is_refused_in_its_cell(
    cell: str, value: Any, cells: str, words: str
) -> None:
    told_of = told(changed(cell, value, "Show"))
    assert f"my.xlsx: {cells}" in told_of and words in told_of


def test_headings_below_other_rows_are_one_mistake_and_the_rest_is_read() -> None:
    def change(book: Any) -> None:
        book["Products"].insert_rows(1)
        book["Products"]["A1"], book["Products"]["B3"] = "Our products", "cheap"

    told_of = all_told(change)
    assert told_of.keys() == {"Products!A1", "Products!B3"}
    assert "the headings are in row 2" in told_of["Products!A1"]
    owned = all_told(change, lambda book: book["Products"].__setitem__("A1", "# ours"))
    assert owned.keys() == {"Products!B3"}, "what is one's own begins with #"


def test_who_writes_a_name_in_another_script_is_told_of_the_label() -> None:
    def change(book: Any) -> None:
        book["Products"]["A2"] = "\u7cbe\u534e\u6db2"

    told_of = all_told(change)
    assert "in any script, is its label" in told_of["Products!A2"]


def merge(book: Any) -> None:
    book["Products"].merge_cells("B2:B3")


def hide_a_row(book: Any) -> None:
    book["Products"].row_dimensions[2].hidden = True


def hide_a_column(book: Any) -> None:
    book["Products"].column_dimensions["D"].hidden = True


@pytest.mark.parametrize(
    ("change", "cell", "words"),
    [
        (merge, "Products!B2", "several cells are merged"),
        (hide_a_row, "Products!A2", "this is hidden"),
        (hide_a_column, "Products!D1", "this is hidden"),
    ],
)
def test_what_a_reader_does_not_see_is_refused(change: Change, cell: str, words: str) -> None:
    assert f"my.xlsx: {cell}" in (told_of := told(packed(SHEETS, change))) and words in told_of


def test_empty_rows_hidden_or_merged_and_own_notes_do_no_harm() -> None:
    def change(book: Any) -> None:
        sheet: Worksheet = book["Products"]
        sheet["E2"].number_format = "0%"
        sheet.row_dimensions[3].hidden = True
        sheet["I1"] = "# mine"
        sheet["I2"] = "=SUM(D2:D9)"
        sheet.merge_cells("B7:D9")
        book.create_sheet("# sums")["A1"] = "whatever"

    assert parse_sheets(packed(SHEETS, change), "x").data == parse_sheets(packed(SHEETS), "x").data


@pytest.mark.parametrize("shape", ["0%", "0.00%", "#,##0.0 %"])
def test_a_cell_in_percent_is_a_share(shape: str) -> None:
    def change(book: Any) -> None:
        book["Products"]["E2"] = 1
        book["Products"]["E2"].number_format = shape

    assert parse_sheets(packed(SHEETS, change), "x").data["products"]["serum"]["returns"] == "100%"


def put(cell: str, value: Any, shape: str, sheet: str = "Products") -> Change:
    """Return what puts a value into a cell, which is shown by a format."""

    def change(book: Any) -> None:
        book[sheet][cell] = value
        book[sheet][cell].number_format = shape

    return change


@pytest.mark.parametrize(
    ("key", "cell", "value", "shape", "number"),
    [
        ("returns", "E2", 10, '0"%"', 0.1),  # shown as 10%
        ("returns", "E2", 0.5, "0.0\\%", 0.005),
        ("owned", "D2", 5, '0"万"', 50_000),
        ("owned", "D2", 5, 'General"k"', 5_000),
        ("owned", "D2", 50, '0" pcs"', 50),
        ("owned", "D2", 2_500, '[>=1000]0.0,"K";0', 2_500),
        ("owned", "D2", 49.99999999999999, "General", 50),  # shown as 50
        ("price", "B2", 1_299, '"¥"#,##0.00', 1_299),
        ("price", "B2", 30_000, '#,##0,"k"', 30_000),
        ("price", "B2", 299.99999999999994, "_-[$€-407]* #,##0.00_-", 300),
    ],
)
def test_a_number_is_read_as_it_is_seen(
    key: str, cell: str, value: Any, shape: str, number: float
) -> None:
    scenario = livesim.load(io.BytesIO(packed(SHEETS, put(cell, value, shape))))
    assert getattr(scenario.products["serum"], key) == number


def test_a_duration_has_the_unit_that_its_format_shows() -> None:
    for value, shape in ((90, '0" min"'), (1.5, '0.0" h"')):
        change = put("B5", value, shape, "Show")
        assert livesim.load(io.BytesIO(packed(SHEETS, change))).show.length == 5_400


@pytest.mark.parametrize(
    ("cell", "value", "shape", "words"),
    [
        ("B2", 299, ";;;", "the cell holds 299 and shows nothing: format the cell as General"),
        ("D2", 0, "0;-0;", "the cell holds 0 and shows nothing"),
        ("B2", 30_000, "#,##0,", "the cell holds 30000 and shows 30"),
        ("D2", 5, '0" dozen"', "'5 dozen' is not a count: write 60"),
        ("F2", datetime(2026, 6, 10), "d-mmm", "the cell holds a date, 2026-06-10, where a rate"),
        ("D2", 50, "yyyy-mm-dd", "holds a date, 1900-02-19, where a count belongs: Excel makes"),
        ("B2", "\u200b", "General", "price is missing"),
        ("F2", "#GETTING_DATA", "General", "this formula has no value: open the file with Excel"),
        ("F2", "=20+1", "General", "this formula has no value: open the file with Excel"),
    ],
)
def test_what_is_seen_otherwise_than_it_is_held_is_refused_in_its_cell(
    cell: str, value: Any, shape: str, words: str
) -> None:
    """Alone, so that nothing is said to lack what stands there."""
    found = all_told(put(cell, value, shape))
    assert words in found.pop(f"Products!{cell}") and not found


@pytest.mark.parametrize(
    ("value", "shape", "remedy"),
    [
        (time(3, 0), "h:mm:ss", "write 3h"),
        (timedelta(hours=30), "[h]:mm:ss", "write 30h"),
        (0.001944, "mm:ss", "write 2m48s"),
        (time(2, 48), "h:mm", "write 2h48m, or 2m48s"),
        ("1:30", "General", "write 1h30m, or 1m30s"),
    ],
)
def test_a_time_where_a_duration_belongs_is_told_how_to_be_written(
    value: Any, shape: str, remedy: str
) -> None:
    found = all_told(put("B5", value, shape, "Show"))
    assert found["Show!B5"].endswith(remedy)


def test_a_moment_that_is_a_sum_of_days_has_whole_seconds() -> None:
    change = put("B4", 46355.83333332, "yyyy-mm-dd hh:mm", "Show")
    assert parse_sheets(packed(SHEETS, change), "x").data["show"]["start"] == "2026-11-29 20:00:00"


def test_a_date_whose_time_is_not_shown_has_none(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["Show"]["B4"].number_format = "dd/mm/yyyy"

    file = tmp_path / "my.xlsx"
    file.write_bytes(packed(SHEETS, change))
    with pytest.raises(
        ScenarioError, match=r"Show!B4 .*\n.*'2026-11-29' is not a date with a time"
    ):
        livesim.load(file)


def test_numbers_and_texts_are_taken_for_what_the_key_takes() -> None:
    show = [*SHOW, ["about", 2026, None], ["sources", "a, b", None], ["screen.on_hand", True, None]]
    rundown = [
        ["name", "length", "sells"],
        ["talk", "20min", None],
        ["all", "40min", "serum, mask"],
    ]
    data = parse_sheets(packed({**SHEETS, "Show": show, "Rundown": rundown}), "x").data
    assert data["about"] == "2026" and data["sources"] == ["a, b"]
    assert data["screen"] == {"on_hand": True}
    assert data["rundown"]["all"]["sells"] == ["serum", "mask"]
    assert "sells" not in data["rundown"]["talk"]


def test_sheets_are_known_by_name() -> None:
    told_of = told(packed({"show": SHOW, "Prodcts": PRODUCTS}))
    assert "no sheet of a scenario is called Prodcts" in told_of
    assert "Did you mean Products" in told_of and "my.xlsx: Prodcts!A1" in told_of
    assert "two sheets Show" in told(packed({"Show": SHOW, " show": SHOW}))
    assert "no scenario in this workbook" in told(packed({"Sheet1": SHOW}))
    answer = told(packed({"answer": SHOW, "products": PRODUCTS, "provenance": SHOW}))
    assert answer.count("my.xlsx") == 1 and "no scenario in this workbook" in answer
    assert set(TABLES) == {"people", "segments", "rooms", "products", "rundown"}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0 ...", "old kind"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 ...", "with a password"),
        ("a.xlsm", packed(SHEETS), "macros"),
        ("a.ods", b"PK\x03\x04", "another kind"),
        ("a.csv", b"name,price\nserum,3\n", "one sheet"),
        ("shows.csv", b"show,units\n1,3\n", "past shows is given with --history FILE"),
        ("a.xlsx", b"PK\x03\x04 no archive", "not a workbook"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 5_000_000, "4,800,000 bytes"),
    ],
    # A workbook holds when it was written, and workers of a run must find the same names of tests.
    ids=lambda value: "content" if isinstance(value, bytes) else value,
)
def test_other_files_are_refused_with_the_way_out(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ScenarioError, match=words) as error:
        livesim.load(tmp_path / name)
    (mistake,) = error.value.mistakes
    assert ".xlsx" in mistake.remedy or "delete" in mistake.remedy


def repacked(name: str, content: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook of which one part is another."""
    stream = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(packed(SHEETS)))
    with old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            read = old.read(part)
            new.writestr(part, content(read) if part == name else read)
    return stream.getvalue()


def _with(pattern: bytes, put: bytes) -> Callable[[bytes], bytes]:
    return lambda content: re.sub(pattern, lambda found: put + found[0], content, count=1)


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (b" " * 9_000_000, "unpacks to more than"),
        (b"<row>" + b"<c/>" * 60_000 + b"</row>", "cells"),
        (b"<row/>" * 300_000, "too many rows"),
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "reaches to XFD1048576"),
    ],
)
def test_a_small_file_that_unpacks_to_much_is_refused_at_once(put: bytes, words: str) -> None:
    assert words in told(repacked("xl/worksheets/sheet2.xml", _with(rb"</sheetData>", put)))


@pytest.mark.parametrize(
    ("pattern", "put", "words"),
    [
        (rb"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]>', "Excel never writes"),
        (
            rb"<pageMargins",
            b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            "17,179,869",
        ),
        (rb"<pageMargins", b"<mergeCells><mergeCell  ref='A1:B2'/></mergeCells>", "never writes"),
    ],
)
def test_what_would_take_long_to_read_is_refused(pattern: bytes, put: bytes, words: str) -> None:
    assert words in told(repacked("xl/worksheets/sheet2.xml", _with(pattern, put)))


def test_mistakes_and_characters_are_counted() -> None:
    rows = [["name", "price"], *([None, 1] for _ in range(60))]
    assert "more mistakes, which are not shown" in told(packed({"Show": SHOW, "Products": rows}))
    long = [*SHOW, *([f"sources.x{number}", "x" * 30_000, None] for number in range(3))]
    assert told(packed({"Show": long})).count("no key called") == 3
    texts = [["name", "category"], *([f"p{number}", "x" * 30_000] for number in range(50))]
    assert "more than 1,200,000 characters" in told(packed({"Show": SHOW, "Products": texts}))


def test_a_cell_has_short_spellings_in_braces() -> None:
    rows = [
        ["name", "price", "unit_cost", "owned", "gift", "orders_per_1000"],
        ["serum", 20, "{1: 6.20, 500: 5.80}", 10, "{pouch: 1}", 20],
        ["pouch", 3, 1, 100, None, 1],
    ]
    read = livesim.load(parse_sheets(packed({"Show": SHOW, "Products": rows}), "shop.xlsx"))
    serum = read.products["serum"]
    assert serum.supply is not None and serum.supply.price_breaks == {"500": 5.8}
    assert serum.gift is not None and serum.gift.product == "pouch"
    for cell, column, what in ((2, 3, "{1: 6.20, 500: 5.80}"), (4, 5, "{pouch: 1}")):
        wrong = [rows[0], [*rows[1]], rows[2]]
        wrong[1][cell] = what.strip("{}")
        with pytest.raises(ScenarioError) as caught:
            livesim.load(parse_sheets(packed({"Show": SHOW, "Products": wrong}), "shop.xlsx"))
        (mistake,) = caught.value.mistakes
        assert (mistake.line, mistake.column) == (2, column)
        assert f"write {what}" in mistake.remedy
