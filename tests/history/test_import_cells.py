"""Odd files: what is asked about, what is left out, and what can be read all the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import exports
import openpyxl
import pandas as pd
import pytest

from livesim.errors import HistoryError, ResultsError, UsageError
from livesim.history import History
from livesim.history.quantities import (
    MONEY,
    Counted,
    Mark,
    Notation,
    Takes,
    decimal_mark,
    duration,
    moment,
    number,
)
from livesim.history.readers.formats import FORMATS, OWN, match
from livesim.history.table import SHOWS, tidy
from livesim.scenario.quantities import QuantityError

HEAD = ("start", "length (min)", "product", "price", "sold", "stock")


def sheet(path: Path, *rows: Sequence[object], head: Sequence[object] = HEAD) -> Path:
    return exports.table(path, [head, *rows])


def mistakes_of(*paths: Path, **asked: str) -> str:
    with pytest.raises(HistoryError) as caught:
        History.read(paths, **asked)  # type: ignore[arg-type]
    return str(caught.value)


COUNT = Takes("units", whole=True)


def read(text: str, notation: Notation = Notation(), takes: Takes = MONEY) -> float:  # noqa: B008
    return number(text, notation, takes)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0.00₫", 0), ("1.234,50", 1234.5), ("1,234.50", 1234.5), ("1.2万", 12000)),
        *(("3.4亿", 340_000_000), ("１２，３４５，６７８", 12_345_678), ("1 234,5", 1234.5)),
        *(("1'234'567", 1_234_567), ("12,34,567.8", 1_234_567.8), ("US$ 1.2k", 1200)),
        *(("(12)", -12), ("−5", -5), ("1.234万", 12340), ("Rp1.234.567", 1_234_567)),
        *(("0,125", 0.125), ("1.5万元", 15000), ("2,5 Mio", 2_500_000), ("1.2M", 1_200_000)),
        *(("1 234 567,89", 1_234_567.89), ("1’234.50", 1234.5), ("29_900", 29_900)),
    ],
)
def test_a_number_in_one_of_the_world_s_notations(text: str, value: float) -> None:
    assert read(text) == value


@pytest.mark.parametrize("text", ["1,234", "1.234", "€1.234"])
def test_a_number_that_may_be_two_is_asked_about(text: str) -> None:
    with pytest.raises(QuantityError, match="could part thousands or decimals"):
        read(text)
    assert read(text, Notation(decimal=",")) != read(text, Notation(decimal="."))


def test_what_is_no_number_shows_no_notation() -> None:
    assert decimal_mark(["1.2.3", "9.90"]) == "."


def test_a_count_has_no_decimals() -> None:
    assert read("1,234", takes=COUNT) == read("1.234", takes=COUNT) == 1234
    with pytest.raises(QuantityError, match="could part"):
        read("3.000", takes=COUNT)


def test_units_that_are_foretold_may_have_decimals_but_not_three(tmp_path: Path) -> None:
    head = (*HEAD, "forecast")
    rows = [
        ("2026-05-01 20:00", 60, "serum", "29,90", 30, 50, forecast)
        for forecast in ("1,300", "12,5")
    ]
    rows[1] = ("2026-05-02 20:00", *rows[1][1:])
    found = History.read(sheet(tmp_path / "a.csv", *rows, head=head))
    assert found.shows["forecast"].tolist() == [1300, 12.5]


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        *(("1,300", ",", 1300), ("1.300", ".", 1300), ("15,000", ".", 15_000)),
        *(("15.000", ",", 15_000), ("15,000", None, 15_000), ("12,0", ",", 12)),
        *(("15,000", ",", "write 15000, or 15"), ("1.000", ".", "write 1000, or 1")),
    ],
)
def test_a_count_with_three_digits_behind_its_mark_is_thousands_or_asked_about(
    text: str, decimal: Mark | None, value: int | str
) -> None:
    """Prices beside it show the decimal mark, and viewers may be written in another way."""
    if isinstance(value, int):
        assert read(text, Notation(decimal), COUNT) == value
        return
    with pytest.raises(QuantityError, match="as elsewhere here, decimals") as told:
        read(text, Notation(decimal), COUNT)
    assert told.value.remedy == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "29 90",
            "19 99",
            "29_90",
            "29'90",
            "35 35",
            "4 0",
            "12 5",
            "1 2000",
            "12 0000",
            "1234 567",
            "35, 20",
        ),
        *("29⁹⁹", "35¹", "10²", "35①", "3½", "12000₂", "35, 20"),
        *("+-40", "(40", "40)", "((40))", "--40", "40..", "35x", "30 x"),
    ],
)
@pytest.mark.parametrize("takes", [MONEY, COUNT])
def test_digits_are_not_joined_and_signs_are_whole(text: str, takes: Takes) -> None:
    with pytest.raises(QuantityError):
        read(text, takes=takes)


@pytest.mark.parametrize(
    ("counted", "text", "read_as"),
    [
        *(("units", "12件", 12), ("units", "1.2k pcs", 1200), ("units", "1.2万件", 12_000)),
        *(("orders", "12 orders", 12), ("people", "3万人", 30_000), ("times", "2万人次", 20_000)),
        *(("units", "35人", "件"), ("units", "$35", "money"), ("units", "35 USD", "money")),
        *(("people", "$1200", "money"), ("people", "120 rm", "money"), ("people", "12人次", "人")),
        *(
            ("people", "5 m", "M for a"),
            ("units", "35m", "million or"),
            ("people", "1b", "billion"),
        ),
    ],
)
def test_each_count_takes_its_own_words(counted: Counted, text: str, read_as: int | str) -> None:
    takes = Takes(counted, whole=True)
    if isinstance(read_as, int):
        assert read(text, takes=takes) == read_as
        return
    with pytest.raises(QuantityError) as told:
        read(text, takes=takes)
    assert read_as in f"{told.value.what} {told.value.remedy}"


@pytest.mark.parametrize("text", ["30人", "30 orders", "30x", "30b", "30m", "30 件", "30%"])
def test_an_amount_takes_no_words_but_its_currency(text: str) -> None:
    with pytest.raises(QuantityError):
        read(text)


@pytest.mark.parametrize("text", ["about 5", "1..5", "1,2,3", "5-6", "1万+", "", "₫", "1.2.3,4"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        read(text)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        *(("1分35秒", 95), ("13小时46分", 49560), ("2h 5min", 7500), ("1 hr. 5 min.", 3900)),
        *(("1:30:00", 5400), ("1 day, 2:00:00", 93600), ("1,5 h", 5400), ("90 minutes", 5400)),
        *((dt.time(1, 30), 5400), (dt.timedelta(hours=26), 93600), ("0", 0), ("1h30", 5400)),
        *((dt.datetime(1900, 1, 1, 2, 30), 95400), ("2 giờ 5 phút", 7500), ("3시간", 10800)),
    ],
)
def test_a_duration(cell: object, seconds: float) -> None:
    assert duration(cell, Notation()) == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["1:30", "90", 90, "soon", "1h5", "1h75", "25:75:00"])
def test_what_is_no_duration_or_two_is_refused(cell: object) -> None:
    with pytest.raises(QuantityError):
        duration(cell, Notation())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-07-01 20:05", "2026/7/1 20:05:00", "2026年7月1日 20:05", "1 Jul 2026 8:05 PM"),
        *("July 1, 2026 20:05", "2026.07.01 20:05", "20260701 20:05", "2026-07-01T20:05:00+07:00"),
        *("2026年7月1日 下午8:05", "Wed, 1 Jul 2026 20:05", 46204.8368055556, "46204.836806"),
        *(dt.datetime(2026, 7, 1, 20, 4, 59, 999_999), "2026-07-01 20:05 (UTC+8)"),
    ],
)
def test_a_moment(cell: object) -> None:
    assert moment(cell, Notation()).at == dt.datetime(2026, 7, 1, 20, 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell", ["01/07/2026", "01/07/26", "2026-02-30", "2026-07-01 20:00-22:00", "soon", 12, True]
)
def test_what_is_no_moment_or_two_is_refused(cell: object) -> None:
    with pytest.raises(QuantityError):
        moment(cell, Notation())  # type: ignore[arg-type]


def test_a_message_shows_the_cell_as_it_is_written() -> None:
    with pytest.raises(QuantityError, match="'90min 90min' is not a duration"):
        duration("90min 90min", Notation())
    with pytest.raises(QuantityError, match="time zone CST in '20:00 cst' may be one of several"):
        moment("2026-09-04 20:00 CST", Notation())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk"])
def test_every_encoding_and_delimiter(delimiter: str, encoding: str, tmp_path: Path) -> None:
    rows = [("日期", "商品", "销量"), ("2026-07-01", "精华", "1万")]
    history = History.read(exports.table(tmp_path / "a.csv", rows, delimiter, encoding))
    assert history.shows[["product", "units"]].to_numpy().tolist() == [["精华", 10000]]


def test_a_sheet_in_the_way_of_the_west(tmp_path: Path) -> None:
    rows = [("Datum", "Produkt", "Preis", "verkauft"), ("23.07.2026", "Crème", "1.234,50 €", "12")]
    path = exports.table(tmp_path / "a.csv", rows, ";", "cp1252")
    found = History.read(path).shows.iloc[0]
    assert (found["product"], found["price"], found["currency"]) == ("Crème", 1234.5, "EUR")
    assert found["start"] == pd.Timestamp("2026-07-23")


def test_a_sheet_that_parts_decimals_in_two_ways_is_told_of_both_cells(tmp_path: Path) -> None:
    head = ("date", "product", "price", "sold")
    rows = [("2026-07-01", "a", "1.234,50", 5), ("2026-07-08", "a", "1,234.50", 6)]
    clear = History.read(sheet(tmp_path / "a.csv", *rows, head=head))
    assert clear.shows["price"].tolist() == [1234.5, 1234.5]
    both = "'1.234,50' (price, row 2) and '1,234.50' (price, row 3)"
    assert any(f"decimals are parted in two ways, {both}" in note for note in clear.notes)
    path = sheet(tmp_path / "b.csv", *rows, ("2026-07-15", "a", "1.234", 5), head=head)
    said = mistakes_of(path)
    assert "b.csv:4  column 3 (price)" in said
    assert f"the sheet has both, {both}: write all in one way, or say what" in said
    assert "nothing else" not in said
    assert History.read(path, decimal=",").shows["price"].tolist()[-1] == 1234


def test_notation_is_learned_from_the_sheet_and_else_asked_about(tmp_path: Path) -> None:
    row = ("01/07/2026 20:00", 60, "a", "1,234", "5", "9")
    path = sheet(tmp_path / "a.csv", row)
    said = mistakes_of(path)
    assert "--dates dmy" in said and "--decimal" in said and "column 4 (price)" in said
    found = History.read(path, dates="mdy", decimal=",").shows.iloc[0]
    assert (found["start"], found["price"]) == (pd.Timestamp("2026-01-07 20:00"), 1.234)
    other = ("23/07/2026 20:00", 60, "a", "12.50", "5", "9")
    found = History.read(sheet(tmp_path / "b.csv", row, other)).shows.iloc[0]
    assert (found["start"], found["price"]) == (pd.Timestamp("2026-07-01 20:00"), 1234)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"stock": 50, "sold": 51}, "more units sold than there were in stock"),
        ({"end": "2026-07-01 19:00", "sold": 3}, "an end that is not after the start"),
        ({"average concurrent": 50, "peak": 40}, "above their peak"),
        ({"average concurrent": 0, "peak": 40, "views": 90_000}, "average of 0 viewers"),
        ({"viewers": 50, "views": 40}, "more different viewers than views"),
        ({"peak": 50, "viewers": 40}, "a peak above all viewers"),
        ({"sold": 5, "returned": 6}, "more units sent back than sold"),
        ({"sold": 5, "orders": 6}, "more paid orders than units"),
        ({"sold": -5}, "units below 0"),
        ({"sold": 5, "sold out at": "3h"}, "sold out after the end"),
    ],
)
def test_a_row_that_cannot_be_right_is_left_out(
    cells: dict[str, object], reason: str, tmp_path: Path
) -> None:
    head = ["start", "length (min)", "note", *cells]
    rows = [("2026-07-01 20:00", 60, "", *cells.values()), ("2026-07-02 20:00", 60, "")]
    path = sheet(tmp_path / "a.csv", *rows, head=[*head, "forecast"])
    history = History.read(path)
    assert history.shows["start"].tolist() == [pd.Timestamp("2026-07-02 20:00")]
    assert [note for note in history.notes if reason in note and "row 2:" in note]


def test_a_length_of_nothing_is_told_as_that(tmp_path: Path) -> None:
    rows = [("2026-07-01", 0, "a", 5, 3, 9), ("2026-07-02", 60, "a", 5, 3, 9)]
    history = History.read(sheet(tmp_path / "a.csv", *rows))
    (note,) = (note for note in history.notes if "row 2:" in note)
    assert "a length of 0 or less, or an end that is not after the start" in note


def test_rounded_numbers_contradict_each_other_only_beyond_their_rounding(tmp_path: Path) -> None:
    head = ("start", "viewers", "views")
    rows = [("2026-07-01", "1.2万", "11,990"), ("2026-07-02", "1.2万", "9,000")]
    history = History.read(sheet(tmp_path / "a.csv", *rows, head=head))
    assert history.shows["viewers"].tolist() == [12000]


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    head = ("Date", "Length", "Product", "Price", "Sold", "Stock", "Sold out at")
    book = exports.workbook(
        tmp_path / "a.xlsx",
        {
            "July": [
                ("My shows",),
                head,
                ("2026-07-01 20:00", "2h", "serum", 10, "many", 5, None),
                ("2026-07-02 20:00", 2, "serum", "1,234", 3, 5, None),
                ("02/07/2026 20:00", "2h", "serum", 10, 3.5, 5, "05:99"),
                (None, None, "toner", 10, 3, 5, None),
                ("2026-07-04 20:00", "2h", "serum", 10, "=A1", 5, None),
            ]
        },
    )
    said = mistakes_of(book, tmp_path / "no.csv", exports.table(tmp_path / "b.csv", [("a", "b")]))
    for part in (
        "sheet July, cell E3 (Sold)\n  'many' is not a number",
        "cell B4 (Length)\n  2 has no unit of time",
        "cell D4 (Price)\n  the comma in '1,234'",
        "cell A5 (Date)\n  '02/07/2026 20:00' could be day and month or month and day",
        "cell E5 (Sold)\n  3.5 is not a whole number",
        "cell G5 (Sold out at)",
        "neither its show nor the date",
        "cell E7 (Sold)\n  the file holds the formula, but not its result",
        "no.csv\n  there is no such file",
        "b.csv\n  no export of past shows is recognised in it: it has a, b",
    ):
        assert part in said
    assert said.count("neither its show nor the date") == 1  # not where the date is the mistake


@pytest.mark.slow
def test_of_ten_thousand_rows_none_is_lost_and_each_that_is_wrong_is_named(tmp_path: Path) -> None:
    """Five hundred shows of 20 products; then two rows that cannot be right, and two mistakes."""
    head = ("start", "length (min)", "viewers", "product", "sold", "stock")
    first = dt.datetime(2024, 1, 1, 20)
    rows = [
        [str(first + dt.timedelta(days=n // 20)), 120, 3_000, f"p{n % 20}", n % 50, 60]
        for n in range(10_000)
    ]
    shows = History.read(sheet(tmp_path / "a.csv", *rows, head=head)).shows
    assert len(shows) == 10_000 and shows["show"].nunique() == 500
    assert shows["units"].sum() == sum(n % 50 for n in range(10_000))
    rows[41][4], rows[9_000][4] = 61, 70
    found = History.read(sheet(tmp_path / "b.csv", *rows, head=head))
    assert len(found.shows) == 9_998
    assert any("rows 43, 9002" in note and "stock" in note for note in found.notes)
    rows[77][4], rows[9_999][1] = "many", "soon"
    said = mistakes_of(sheet(tmp_path / "c.csv", *rows, head=head))
    assert "c.csv:79  column 5 (sold)" in said and "c.csv:10001  column 2 (length" in said


def test_many_mistakes_of_a_kind_are_counted(tmp_path: Path) -> None:
    rows = [("2026-07-01 20:00", 60, f"p{n}", 5, "many", 9) for n in range(1000)]
    said = mistakes_of(sheet(tmp_path / "a.csv", *rows))
    assert said.count("is not a number") == 4 and "and 997 more like this" in said


def test_merged_cells_fill_what_belongs_to_the_show_and_nothing_else(tmp_path: Path) -> None:
    head = ("Date", "Viewers", "Product", "Sold")
    rows = [head, ("2026-07-01", 900, "a", 5), (None, None, "b", 6)]
    path = exports.workbook(tmp_path / "a.xlsx", {"S": rows}, ["A2:A3", "B2:B3"])
    assert History.read(path).shows["viewers"].tolist() == [900, 900]
    path = exports.workbook(tmp_path / "b.xlsx", {"S": rows}, ["A2:A3", "D2:D3"])
    assert "one number for several rows" in mistakes_of(path)


def test_one_number_that_is_merged_over_several_shows_is_refused(tmp_path: Path) -> None:
    head = ("Date", "Viewers", "Product", "Sold")
    rows = [head, ("2026-07-01", 900, "a", 5), ("2026-07-02", None, "a", 6)]
    path = exports.workbook(tmp_path / "a.xlsx", {"S": rows}, ["B2:B3"])
    assert "cell B3 (Viewers)\n  one number for several shows (merged cells)" in mistakes_of(path)


_HEAD = ("date", "start", "length", "viewers", "avg. watch time", "product", "price", "sold")
_CELLS = (
    dt.date(2026, 11, 1),
    dt.time(20),
    dt.time(2),
    12_000,
    dt.time(0, 2, 30),
    "cup",
    29.9,
    150,
)


def as_in_excel(path: Path, changes: Mapping[str, object], then: Callable[[Any], None]) -> History:
    """Read a workbook of one show, with other cells (a value, or a value and its format)."""
    book = openpyxl.Workbook()
    book.active.append(_HEAD)
    book.active.append(_CELLS)
    for name, cell in changes.items():
        value, shown = cell if isinstance(cell, tuple) else (cell, None)
        book.active[name].value = value
        if shown:
            book.active[name].number_format = shown
    then(book.active)
    book.save(path)
    return History.read(path)


def nothing(_: object) -> None:
    """Leave a sheet as it is."""


@pytest.mark.parametrize(
    ("changes", "column", "read"),
    [
        ({"D2": (12, '0"k"')}, "viewers", 12_000),
        ({"D2": (1.2, '0.0"万"')}, "viewers", 12_000),
        ({"D2": (12_000, '0,"k"')}, "viewers", 12_000),
        ({"D2": (12_000, "#,##0")}, "viewers", 12_000),
        ({"D2": (12_000, '0" people"')}, "viewers", 12_000),
        ({"D2": "12\u00a0000"}, "viewers", 12_000),
        ({"C2": (120, '0" min"')}, "length", 7_200),
        ({"C2": (2, '0.0" h"')}, "length", 7_200),
        ({"C2": (2 / 24, "[h]:mm")}, "length", 7_200),
        ({"C2": dt.timedelta(hours=26)}, "length", 93_600),
        ({"E2": (150, '0" s"')}, "watch_time", 1_800_000),
        ({"G2": (29.9, '0.00" €"')}, "price", 29.9),
        ({"G2": (29.9, '"¥"0')}, "price", 29.9),
        ({"G2": "29,90"}, "price", 29.9),
        ({"A2": (46_327, "General")}, "length", 7_200),
    ],
)
def test_cells_are_read_with_the_units_that_excel_shows(
    changes: Mapping[str, object], column: str, read: float, tmp_path: Path
) -> None:
    history = as_in_excel(tmp_path / "a.xlsx", changes, nothing)
    assert history.shows[column].tolist() == [read]


def test_what_excel_does_not_show_or_could_not_work_out_is_told(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.append((dt.date(2026, 11, 8), *_CELLS[1:3], "#N/A", *_CELLS[4:7], "#DIV/0!"))
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True

    history = as_in_excel(tmp_path / "a.xlsx", {}, hide)
    assert history.shows["units"].fillna(-1).tolist() == [150, -1]
    said = " ".join(history.notes)
    assert "hidden in the sheet, and read like all else: row 3, the column viewers" in said
    known = "read as not known: #N/A below viewers (row 3), #DIV/0! below sold (row 3)"
    assert f"errors of the spreadsheet, {known}" in said


def test_minutes_that_excel_took_for_hours_are_asked_about(tmp_path: Path) -> None:
    """2:30 typed into a cell is half past two, though two minutes and a half were meant."""
    with pytest.raises(HistoryError, match="row 2: watched for longer than the show lasts"):
        as_in_excel(tmp_path / "a.xlsx", {"E2": (dt.time(2, 30), "h:mm")}, nothing)


def test_two_files_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    row = ("2026-07-01 20:00", 60, "a", 5, 5, 9)
    one = sheet(tmp_path / "a.csv", row)
    same = sheet(tmp_path / "b.csv", row)
    history = History.read([one, same])
    assert len(history.shows) == 1
    assert "rows that stand in several files, counted once: 1" in history.notes
    other = sheet(tmp_path / "c.csv", ("2026-07-01 20:00", 60, "a", 5, 6, 9))
    said = mistakes_of(one, other)
    assert "units of 2026-07-01 20:00 a is 6 here and 5 in" in said and "a.csv, row 2" in said


def test_two_shows_of_a_host_in_one_minute_are_two(tmp_path: Path) -> None:
    head = ("start", "host", "views")
    rows = [("2026-07-01 20:00", "ana", 100), ("2026-07-01 20:00", "ana", 90)]
    history = History.read(sheet(tmp_path / "a.csv", *rows, head=head))
    assert history.shows["show"].tolist() == ["ana 2026-07-01 20:00", "ana 2026-07-01 20:00 (2)"]


def test_times_of_selling_out(tmp_path: Path) -> None:
    head = ("start", "length", "product", "sold", "sold out at")
    ways = {"20:35": 2100, "35min": 2100, "2026-07-01 20:35": 2100, "0:35": 2100, "no": None}
    rows = [
        ("2026-07-01 20:00", "2h", f"p{n}", 5, way)
        for n, way in enumerate([*ways, "yes", "8:35 pm"])
    ]
    shows = History.read(sheet(tmp_path / "a.csv", *rows, head=head)).shows
    assert shows["sold_out_at"].dropna().tolist() == [2100] * 5
    assert shows["stock"].dropna().tolist() == [5]  # sold out: what was sold was all there was
    bad = sheet(tmp_path / "b.csv", ("2026-07-01 01:00", "3h", "p", 5, "1:35"), head=head)
    assert "could be a time of day or hours and minutes" in mistakes_of(bad)


@pytest.mark.parametrize(("said", "stock"), [("yes", 60), ("no", 50)])
def test_a_yes_or_no_that_units_and_stock_deny_is_asked_about(
    tmp_path: Path, said: str, stock: int
) -> None:
    head = ("start", "length", "product", "sold", "stock", "sold out")
    row = ("2026-07-01 20:00", "2h", "p", 50, stock, said)
    notes = " ".join(History.read(sheet(tmp_path / "a.csv", row, head=head)).notes)
    assert f"50 sold of {stock}, and " in notes and "what was on offer?" in notes


@pytest.mark.parametrize(
    ("cell", "heading", "at", "stock"),
    [
        *(("0", "sold out at", None, None), ("0", "sold out at (min)", None, None)),
        *((0, "sold out at", None, None), (False, "sold out", None, None)),
        *(("1", "sold out", None, 5), (True, "sold out", None, 5), (1, "sold out at", None, 5)),
        *(("1", "sold out at (min)", 60, None), ("1min", "sold out at", 60, None)),
    ],
)
def test_a_bare_0_or_1_for_sold_out_is_no_or_yes(
    cell: object, heading: str, at: float | None, stock: float | None, tmp_path: Path
) -> None:
    head = ("start", "length", "product", "sold", heading)
    rows = {"S": [head, ("2026-07-01 20:00", "2h", "p", 5, cell)]}
    found = History.read(exports.workbook(tmp_path / "a.xlsx", rows)).shows.iloc[0]
    assert [None if pd.isna(found[name]) else found[name] for name in ("sold_out_at", "stock")] == [
        at,
        stock,
    ]


def test_a_total_among_the_products_is_left_out_or_asked_about(tmp_path: Path) -> None:
    head = ("date", "viewers", "product", "sold")
    rows = [
        *(("2026-07-01", 900, "serum", 50), ("2026-07-01", 900, "mask", 5)),
        ("2026-07-01", 900, "GESAMT", 55),
        *(("2026-07-02", 900, "serum", 40), ("2026-07-02", 900, "合计", 41)),
        *(("2026-07-03", 900, "All products", 40), ("", "", "Total", 400)),
    ]
    for path in (
        sheet(tmp_path / "a.csv", *rows, head=head),
        exports.workbook(tmp_path / "a.xlsx", {"S": [head, *rows]}),
    ):
        history = History.read(path)
        assert [*history.shows["product"]] == ["serum", "mask", "serum", "合计", "All products"]
        notes = " ".join(history.notes)
        assert "left out row 4: the total of the show's other rows" in notes
        assert "row 6: '合计' is taken for a product: is it a total?" in notes
        assert "row 7: 'All products' is taken for a product: is it a total?" in notes


@pytest.mark.parametrize(
    ("cell", "units"),
    [("1", 3), ("2", "differ"), ("another product", 7), ("another moment", "differ")],
)
def test_an_order_that_stands_twice_is_one_or_a_conflict(
    cell: str, units: int | str, tmp_path: Path
) -> None:
    head = ("order_placed_at_utc", "order_id", "listing_title", "quantity_sold", "livestream_id")
    head = (*head, "transaction_currency", "transaction_amount")
    one = ["2026-07-03 19:00:10", "o1", "Card A", "1", "77", "USD", "9.99"]
    again = list(one)
    if cell in ("1", "2"):
        again[3] = cell
    elif cell == "another product":
        again[2:4] = ["Card B", "4"]
    else:
        again[0] = "2026-07-03 19:00:11"
    path = sheet(
        tmp_path / "w.csv", one, again, [one[0], "o2", *one[2:3], "2", *one[4:]], head=head
    )
    if units == "differ":
        assert "order o1 stands here and in" in mistakes_of(path)
        return
    history = History.read(path, time_zone="UTC")
    assert history.shows["units"].sum() == units
    left_out = any("left out row 3: there already" in note for note in history.notes)
    assert left_out == (cell == "1")


@pytest.mark.parametrize("written", ["{} ({})", "{}({})", "{} [{}]", "{}（{}）", "{} in {}"])
def test_every_heading_may_name_a_unit_of_its_kind(written: str) -> None:
    units = {"count": "pcs", "number": "人", "money": "CNY", "share": "%", "moment": "UTC"}
    units |= {"duration": "minutes", "after": "hh:mm", "clock": "h:mm", "utc": "UTC"}
    known = {"minutes": "min", "hh:mm": "h:mm"}
    for form in (one for one in FORMATS if one not in OWN):
        for field in form.fields:
            for heading in field.names if field.kind in units else ():
                unit = units[field.kind]
                found = match([written.format(heading, unit)], [replace(form, signs=())])
                assert found is not None, (form.name, heading)
                fields, told = found.columns[0]
                assert field in fields and told == known.get(unit, unit.lower())


@pytest.mark.parametrize(
    "heading", ["Units sold (CNY)", "Sold (€)", "Units returned (%)", "Unit price (pcs)", "Size m"]
)
def test_a_unit_of_something_else_makes_another_figure(heading: str, tmp_path: Path) -> None:
    head = ("start", "product", "orders", heading)
    history = History.read(sheet(tmp_path / "a.csv", ("2026-07-01", "p", 3, 5), head=head))
    assert not (history.shows == 5).any(axis=None)
    assert [note for note in history.notes if f"columns that are not read: {heading}" in note]


@pytest.mark.parametrize(
    ("heading", "start", "bad", "remedies", "at"),
    [
        *(
            ("sold out at", start, "1:10", {"1:10": "(h:mm)", "70:00": "(mm:ss)", "70min": ""}, 70)
            for start in ("2026-07-01", "2026-07-01 01:00")
        ),
        ("slot at", "2026-07-01", "1:10", {"1:10": "(hh:mm)", "70:00": "(m:ss)", "70min": ""}, 70),
        ("sold out at", "2026-07-01 01:00", "1:10", {"2026-07-01 02:10": ""}, 70),
        ("sold out after", "2026-07-01", "70", {"70": "(min)", "1h10m": "", "1:10": "(h:mm)"}, 70),
        ("slot time", "2026-07-01", "1:10", {"1:10": "(h:mm)", "70:00": "(mm:ss)"}, 70),
        ("watch time", "2026-07-01", "70", {"70": "(minutes)", "1h10m": "", "4200": "(秒)"}, 70),
        ("total watch time", "2026-07-01", "1:10", {"1:10:00": "", "1h10m": ""}, 70),
    ],
)
def test_what_a_message_says_about_a_time_can_be_done(
    heading: str, start: str, bad: str, remedies: dict[str, str], at: float, tmp_path: Path
) -> None:
    """Each remedy that is told is followed, and the column is read."""

    def written(cell: str, unit: str) -> Path:
        head = ("start", "length (min)", "views", "product", f"{heading} {unit}".strip())
        return sheet(tmp_path / "a.csv", (start, 180, 900, "p", cell), head=head)

    said = mistakes_of(written(bad, ""))
    assert "in the heading" in said and ("date and time" in said) <= (":" in start)
    for cell, unit in remedies.items():
        shows = History.read(written(cell, unit)).shows
        assert 60 * at in shows.iloc[0].tolist(), (cell, unit)


@pytest.mark.parametrize("heading", ["slot time", "sold out after"])
def test_what_a_spreadsheet_took_for_hours_is_refused_below_minutes(
    heading: str, tmp_path: Path
) -> None:
    """Who types 1:10 into Excel below (mm:ss) has typed an hour and ten minutes."""

    def written(cell: object, unit: str = "mm:ss") -> Path:
        head = ("start", "length (min)", "views", "product", f"{heading} ({unit})")
        row = ("2026-07-01 01:00", 1_800, 900, "p", cell)
        return exports.workbook(tmp_path / "a.xlsx", {"Shows": [head, row]})

    for cell, told in ((dt.time(1, 10), "0:01:10"), (dt.timedelta(hours=25), "0:25:00")):
        said = mistakes_of(written(cell))
        assert "a.xlsx" in said and "cell E2" in said and f"write {told} for" in said
    for cell, unit, seconds in (
        (dt.time(0, 1, 10), "mm:ss", 70),
        ("1:10", "mm:ss", 70),
        (dt.time(1, 10), "h:mm", 4200),
    ):
        assert seconds in History.read(written(cell, unit)).shows.iloc[0].tolist()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old kind"),
        (b"<html><table>", "a page"),
        (b"PK\x03\x04nothing", "not a workbook that can be read"),
        (b"%PDF-1.7", "a PDF"),
        (b'{"a": [1, 2', "this is not JSON"),
        (b'{"a": 1}', "no export of past shows is recognised"),
        (b"\x00\x01\x02", "no export"),
        (b"[" * 100_000, "nested too deep"),
        (b'date,sold\n2026-07-01,"5', "2026-07-01"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    if what == "2026-07-01":  # a quote that is never closed: the rest is one cell
        assert History.read(path).shows["units"].tolist() == [5]
        return
    assert what in mistakes_of(path)


def test_a_folder_a_format_and_a_time_zone_that_are_none(tmp_path: Path) -> None:
    assert "cannot be read" in mistakes_of(tmp_path)
    with pytest.raises(UsageError, match="Did you mean tiktok-2026-05"):
        History.read(tmp_path, format="tiktok-2026")
    with pytest.raises(UsageError, match="no time zone"):
        History.read(tmp_path, time_zone="Mars")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [
        {"show": "=1+1", "start": "2026-07-01 20:00:07", "length": 0.1 + 0.2, "host": "'-a"},
        {"show": " NA", "product": "-", "variant": 'a;b\n"c"', "units": 1e15, "price": 1e-7},
        {"show": "x", "product": "@cmd", "stock": 3.0, "units": 3.0, "guests": "None"},
    ]
    history = History(tidy(rows, SHOWS))
    (path,) = history.save(tmp_path / "shows.csv")
    text = io.StringIO(path.read_text("utf-8"), newline="")
    cells = [cell for row in csv.reader(text) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    again = History.read(path)
    pd.testing.assert_frame_equal(
        again.shows.sort_values("show", ignore_index=True),
        history.shows.sort_values("show", ignore_index=True),
    )


def test_minutes_are_written_beside_the_shows_and_read_again(tmp_path: Path) -> None:
    own = [("show", "start", "length", "viewers"), ("L1", "2026-07-01 20:00", "2h", 800)]
    both = [exports.whatnot(tmp_path / "a.csv"), exports.table(tmp_path / "own.csv", own)]
    history = History.read(both, time_zone="UTC")
    paths = history.save(tmp_path / "shows.csv")
    assert [path.name for path in paths] == ["shows.csv", "shows.minutes.csv"]
    again = History.read(paths)
    pd.testing.assert_frame_equal(again.shows, history.shows)
    pd.testing.assert_frame_equal(again.minutes, history.minutes)


def test_nothing_is_written_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = [("show", "start", "length", "viewers"), ("L1", "2026-07-01 20:00", "2h", 800)]
    both = [exports.whatnot(tmp_path / "a.csv"), exports.table(tmp_path / "own.csv", own)]
    history = History.read(both, time_zone="UTC")
    (tmp_path / "shows.csv").write_text("old")

    def full(path: Path, _: bytes) -> None:
        if "minutes" in path.name:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ResultsError, match=r"shows\.csv: cannot be written: No space"):
        history.save(tmp_path / "shows.csv")
    assert (tmp_path / "shows.csv").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "own.csv", "shows.csv"}


def test_a_date_of_excel_is_a_day_and_a_remark_below_a_table_is_no_row(tmp_path: Path) -> None:
    rows = [
        ("Date", "Product", "Sold"),
        (dt.datetime(2026, 7, 1), "serum", 5),
        ("* numbers are provisional",),
    ]
    history = History.read(exports.workbook(tmp_path / "a.xlsx", {"S": rows}))
    assert history.shows["show"].tolist() == ["2026-07-01"]
    assert any("left out row 3: a total, a remark" in note for note in history.notes)


def test_what_two_files_say_together_can_be_wrong(tmp_path: Path) -> None:
    one = sheet(tmp_path / "a.csv", ("2026-07-01", "serum", 5), head=("date", "product", "sold"))
    other = sheet(tmp_path / "b.csv", ("2026-07-01", "serum", 4), head=("date", "product", "stock"))
    last = sheet(tmp_path / "c.csv", ("2026-07-02", "serum", 4), head=("date", "product", "stock"))
    history = History.read([one, other, last])
    assert history.shows["show"].tolist() == ["2026-07-02"]
    assert any("with what others add: more units sold" in note for note in history.notes)


def test_rounded_numbers_are_still_rounded_when_read_again(tmp_path: Path) -> None:
    head = ("start", "viewers", "views")
    rows = [("2026-07-01", "1.2万", "11,990")]
    history = History.read(sheet(tmp_path / "a.csv", *rows, head=head))
    (path,) = history.save(tmp_path / "shows.csv")
    pd.testing.assert_frame_equal(History.read(path).shows, history.shows)


def test_two_tables_of_a_workbook_are_both_read(tmp_path: Path) -> None:
    head = ("Date", "Product", "Sold")
    book = {month: [head, (f"2026-0{month}-01", "a", 5)] for month in ("7", "8")}
    history = History.read(exports.workbook(tmp_path / "a.xlsx", {**book, "Notes": [("x",)]}))
    assert len(history.shows) == 2
    assert any("sheet Notes: not read" in note for note in history.notes)


def test_headings_in_two_rows(tmp_path: Path) -> None:
    rows = [
        ("Date", "Product", "Sales", None),
        (None, None, "Units", "Revenue"),
        ("2026-07-01", "a", 5, 50.5),
    ]
    areas = ["A1:A2", "B1:B2", "C1:D1"]
    history = History.read(exports.workbook(tmp_path / "a.xlsx", {"S": rows}, areas))
    assert history.shows[["units", "revenue"]].to_numpy().tolist() == [[5, 50.5]]


def test_a_number_that_the_delimiter_cuts_in_two_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,views,sold\n2026-07-01,1,234,5\n2026-07-02,10,5,,\n", encoding="utf-8")
    assert "a.csv:2\n  the row has more cells than there are headings" in mistakes_of(path)


def test_a_time_of_selling_out_is_read_by_the_length_that_another_file_gives(
    tmp_path: Path,
) -> None:
    head = ("start", "product", "sold", "sold out at")
    times = sheet(tmp_path / "a.csv", ("2026-07-01 20:00", "p", 5, "21:05"), head=head)
    assert "could be a time of day" in mistakes_of(times)
    row = ("2026-07-01 20:00", "2h", 900)
    lengths = sheet(tmp_path / "b.csv", row, head=("start", "length", "viewers"))
    products = History.read([times, lengths]).shows.dropna(subset="product")
    assert products["sold_out_at"].item() == 3900


def test_a_show_that_stands_twice_in_a_sheet_counts_once(tmp_path: Path) -> None:
    head = ("host", "start", "length_s", "views", "units")
    show = ("h1", "2021-06-09 12:04", 3_600, 50_000, 70)
    rows = [show, (*show[:3], 60_000, 70), show, show]
    history = History.read(exports.table(tmp_path / "a.csv", [head, *rows]))
    assert history.shows["views"].tolist() == [50_000, 60_000]  # two shows at a time are two
    assert any("left out rows 4–5: there already" in note for note in history.notes)


def test_a_length_below_zero_leaves_out_its_row(tmp_path: Path) -> None:
    head = ("host", "start", "length_s", "views")
    rows = [("h1", "2021-06-09 12:04", -5, 50_000), ("h1", "2021-06-10 12:04", 3_600, 60_000)]
    history = History.read(exports.table(tmp_path / "a.csv", [head, *rows]))
    assert history.shows["views"].tolist() == [60_000]
    assert any("left out row 2: a length of 0 or less, or an end that" in n for n in history.notes)


def test_an_end_before_the_start_is_past_midnight_only_if_the_show_is_short(
    tmp_path: Path,
) -> None:
    """Nobody can say whether 20:00 to 19:00 are 23 hours, or start and end turned round."""
    head = ("date", "start", "end", "duration", "viewers")
    rows = [
        ("2026-03-12", "22:00", "00:30", "", 900),
        ("2026-03-13", "20:00", "19:00", "", 900),
        ("2026-03-14", "20:00", "08:00", "", 900),
        ("2026-03-15", "20:00", "08:01", "", 900),
        ("2026-03-16", "20:00", "19:00", "23h", 900),
    ]
    history = History.read(exports.table(tmp_path / "a.csv", [head, *rows]))
    assert (history.shows["length"] / 3_600).tolist() == [2.5, 12, 23]
    assert any("left out rows 3, 5: a length of 0 or less, or an end that" in n
               and "write the date of a later end" in n for n in history.notes)  # fmt: skip


def test_a_sign_of_several_currencies_beside_another_is_asked_about(tmp_path: Path) -> None:
    head = ("date", "viewers", "product", "price", "sold")
    days = [(f"2026-07-0{day} 20:00", 900, "serum") for day in (1, 2, 3)]
    mixed = [(*day, price, 8) for day, price in zip(days, ("$25", "€25", "¥25"), strict=True)]
    said = mistakes_of(sheet(tmp_path / "mixed.csv", *mixed, head=head))
    assert said.count("may be of several currencies") == 2
    for prices in (("$25", "$25", "25"), ("US$25", "€25", "25")):
        one = [(*day, price, 8) for day, price in zip(days, prices, strict=True)]
        History.read(sheet(tmp_path / "one.csv", *one, head=head))
    named = [(*row, "USD") for row in mixed]
    shows = History.read(sheet(tmp_path / "named.csv", *named, head=(*head, "currency"))).shows
    assert [*shows["price"]] == [25, 25, 25]


def test_more_units_than_viewers_are_asked_about_and_kept(tmp_path: Path) -> None:
    head = ("date", "length (min)", "viewers", "product", "sold")
    rows = [("2026-07-01 20:00", 120, 90, "serum", 800), ("2026-07-02 20:00", 120, 90, "serum", 8)]
    history = History.read(sheet(tmp_path / "sold.csv", *rows, head=head))
    assert [*history.shows["units"]] == [800, 8]
    asked = [note for note in history.notes if "units sold to" in note]
    assert len(asked) == 1 and "row 2: 800 units sold to 90 viewers" in asked[0]


def test_a_show_of_days_is_left_out_with_the_reason(tmp_path: Path) -> None:
    head = ("date", "length (min)", "viewers", "product", "sold")
    rows = [("2026-07-01 20:00", 7200, 90, "serum", 8), ("2026-07-02 20:00", 120, 90, "serum", 8)]
    history = History.read(sheet(tmp_path / "long.csv", *rows, head=head))
    assert [*history.shows["length"]] == [7_200]
    assert any("more than three days" in note for note in history.notes)


def test_what_livesim_wrote_keeps_its_seconds_when_columns_are_deleted(tmp_path: Path) -> None:
    rows = [{"show": "a", "start": "2026-07-01 20:00", "length": 7_230.0, "units": 80.0}]
    (path,) = History(tidy(rows, SHOWS)).save(tmp_path / "shows.csv")
    gone = ["sold_out_at", "refunded", "forecast"]
    pd.read_csv(path).drop(columns=gone).to_csv(path, index=False)
    assert [*History.read(path).shows["length"]] == [7_230]
    sheet(path, ("a", "2026-07-01 20:00", 120, 80), head=("show", "start", "length", "units"))
    assert "unit of time" in mistakes_of(path)
