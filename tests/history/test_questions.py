"""What past shows are asked about where no single row is wrong, and counts that fall."""

from __future__ import annotations

from pathlib import Path

import pytest

import livesim
from livesim.errors import HistoryError
from livesim.history.on_air import read_moments


def notes(place: Path, *rows: str, header: str = "date,product,viewers,units") -> list[str]:
    file = place / "past.csv"
    file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return [note for note in livesim.History.read(file).notes if note.endswith("?")]


def test_products_whose_names_differ_in_little_are_asked_about(tmp_path: Path) -> None:
    rows = ("2026-03-01,serum,9,3", "2026-03-01,Lip tint,9,3", "2026-03-08,serum ,9,3")
    assert not notes(tmp_path, *rows)  # a blank at the end is none
    told = notes(tmp_path, *rows, "2026-03-08,lip-tint,9,3", "2026-03-15,ｓerum,9,3")
    assert told == [
        "'serum' and 'ｓerum' are taken for 2 products: are they one?",
        "'Lip tint' and 'lip-tint' are taken for 2 products: are they one?",
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_day_for_a_month_is_asked_about_where_only_that_keeps_the_order(
    backwards: bool, tmp_path: Path
) -> None:
    days = ["2026-03-01", "2026-04-03", "2026-03-08", "2026-03-08", "2026-05-12"]
    days = days[::-1] if backwards else days
    (told,) = notes(tmp_path, *(f"{day},9,3" for day in days), header="date,viewers,units")
    row = days.index("2026-04-03") + 2
    assert f"past.csv, row {row}: 2026-04-03 is out of the order" in told
    assert "2026-03-04 is not" in told


@pytest.mark.parametrize(
    "days",
    [
        ["2026-03-01", "2026-04-03", "2026-05-08"],  # right as it is
        ["2026-03-01", "2026-04-13", "2026-03-18"],  # there is no 13th month
        ["2026-03-01", "2026-04-07", "2026-03-18"],  # turned round it does not fit, either
        ["2026-06-01", "2026-04-03", "2026-05-08", "2026-01-02", "2026-05-01"],  # no order
        ["2026-03-01", "2026-02-02"],
    ],
)
def test_other_dates_are_not_asked_about(days: list[str], tmp_path: Path) -> None:
    assert not notes(tmp_path, *(f"{day},9,3" for day in days), header="date,viewers,units")


def test_a_range_where_a_number_belongs_is_told_as_one(tmp_path: Path) -> None:
    for cell in ("1万-2.5万", "1000-2500", "10w~25w", "1万至2.5万"):
        with pytest.raises(HistoryError, match="is a range, and no number"):
            notes(tmp_path, f"2026-03-01,serum,{cell},3")
    with pytest.raises(HistoryError, match="is not a number"):
        notes(tmp_path, "2026-03-01,serum,abc-def,3")


def test_a_count_from_the_start_on_does_not_fall(tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("at,viewers,watching,sold serum\n3min,220,9,2\n1min,200,12,1\n2min,210,10,3\n")
    with pytest.raises(HistoryError) as told:
        read_moments(file)
    (mistake,) = told.value.mistakes
    assert (mistake.line, mistake.path) == (2, "sold serum")
    assert mistake.what == "2 are less than the 3 of an earlier moment"
    file.write_text("at,viewers,left serum\n1min,200,50\n2min,,80\n3min,200,70\n")
    assert [moment["at"] for moment in read_moments(file)] == [60, 120, 180]


@pytest.mark.parametrize(
    ("header", "row", "asks"),
    [
        ("date,viewers,units,ctr", "2026-03-01,9000,50,45%", "up to 45 %, which clicks per view"),
        ("date,viewers,units,CTR", "2026-03-01,9000,50,3%", "is it clicks per view, and so"),
        ("date,views,units,LIVE CTR", "2026-03-01,9000,50,45%", "clicks are 45 % of the views"),
        ("date,views,orders,live ctr", "2026-03-01,9000,50,0.1%", "50 orders of 9 clicks: is"),
        ("date,views,orders,live ctr", "2026-03-01,9000,50,3%", None),
        ("date,views,orders,clicks", "2026-03-01,9000,50,4000", None),  # counted, not a rate
    ],
)
def test_a_click_rate_that_somebody_wrote_is_asked_about(
    tmp_path: Path, header: str, row: str, asks: str | None
) -> None:
    """TikTok's CTR is clicks per product impression, and not clicks per view."""
    told = notes(tmp_path, row, header=header)
    assert [asks in one for one in told] == [True] if asks else not told
    read = livesim.History.read(tmp_path / "past.csv").notes
    assert not any("columns that are not read: ctr" in note.lower() for note in read)  # once


@pytest.mark.parametrize(
    ("sold", "stock", "at", "asks"),
    [(50, 100, "40min", True), (80, 100, "40min", False), (50, 100, "", False)],
)
def test_a_stock_that_was_sold_out_and_not_sold_is_asked_about(
    tmp_path: Path, sold: int, stock: int, at: str, asks: bool
) -> None:
    header = "date,length,viewers,product,units,stock,sold out at"
    told = notes(tmp_path, f"2026-03-01,3h,9000,serum,{sold},{stock},{at}", header=header)
    assert [one.partition(": ")[2] for one in told] == (
        ["50 sold of 100, and sold out: is 100 what was on offer?"] if asks else []
    )


@pytest.mark.parametrize(
    ("header", "row", "asks"),
    [
        ("date,viewers,units", "1926-03-01,9000,50", "in 1926: is the year right?"),
        ("date,viewers,units", "2062-03-01,9000,50", "in 2062: is the year right?"),
        ("date,viewers,units", "0026-03-01,9000,50", "in 26: is the year right?"),
        ("date,viewers,length (min)", "2026-03-01,9000,2", "less than 5 min: is its length in"),
        ("date,viewers,length (min)", "2026-03-01,9000,1.30", "less than 5 min: is its length in"),
        ("date,viewers,length (min)", "2026-03-01,9000,5", None),
        ("date,product,units,revenue", "2026-03-01,p,0,1500", "0 units sold for 1,500: is"),
        ("date,product,units,price,revenue", "2026-03-01,p,9,31,1.12", "9 sold at 31 for 1.12"),
        ("date,product,units,price,revenue", "2026-03-01,p,9,31,200", None),
        ("date,length (min),product,units,sold out at", "2026-03-01,90,p,9,0min", "at the start"),
        ("date,viewers,product,units", "2026-03-01,1100,p,500", "9.1 times as many as usual: is"),
        ("date,viewers,product,units", "2026-03-01,1100,p,200", None),
    ],
)
def test_what_seldom_is_right_is_asked_about(
    tmp_path: Path, header: str, row: str, asks: str | None
) -> None:
    usual = {"date": "2026-02-0{}", "viewers": "1000", "units": "50", "length (min)": "90"}
    usual |= {"product": "p", "price": "31", "revenue": "1550", "sold out at": ""}
    rows = [",".join(usual[name].format(day) for name in header.split(",")) for day in (1, 2, 3, 4)]
    told = notes(tmp_path, *rows, row, header=header)
    assert [asks in one and "row 6" in one for one in told] == [True] if asks else not told


@pytest.mark.parametrize(
    ("start", "host", "asks"),
    [
        ("2026-03-01 20:00", "Ann", True),
        ("2026-03-01 20:00", "", True),
        ("2026-03-02 20:00", "Ann", False),
        ("2026-03-01", "", False),  # the same name: one show
    ],
)
def test_two_sheets_of_one_evening_are_asked_about(
    tmp_path: Path, start: str, host: str, asks: bool
) -> None:
    """A date alone in one, and with clock and host in the other: they count as two shows."""
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("date,viewers,product,units\n2026-03-01,900,serum,50\n", encoding="utf-8")
    other.write_text(
        f"start,host,viewers,product,units\n{start},{host},900,mask,20\n", encoding="utf-8"
    )
    told = [note for note in livesim.History.read([one, other]).notes if note.endswith("?")]
    name = f"{host} {start}".strip()
    question = f"'2026-03-01' and '{name}' are taken for 2 shows: are they one?"
    assert told == ([question] if asks else [])
