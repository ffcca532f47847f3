"""The import command: one table out of many exports, never half of one, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main

Call = Callable[..., Result]
SHEET = "date,product,sold,stock\n2026-07-01,serum,5,9\n2026-07-02,serum,10,9\n"


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(main, ["import", *(str(arg) for arg in args)])


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "my.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def test_it_prints_the_table_and_says_what_it_left_out(call: Call, sheet: Path) -> None:
    result = call(sheet)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].startswith("show,start,length,host")
    assert len(result.stdout.splitlines()) == 2
    assert "left out row 3: more units sold than there were in stock; is that a" in result.stderr


def test_it_writes_a_table_that_it_reads_again(call: Call, sheet: Path) -> None:
    out = sheet.with_name("shows.csv")
    result = call(sheet, "--out", out)
    assert result.exit_code == 0, result.output
    assert "1 show on 2026-07-01 in 1 row" in result.stdout
    assert call(out).stdout == out.read_text("utf-8")


def test_it_says_that_minutes_are_not_printed(call: Call, sheet: Path) -> None:
    text = '{"room_minute_indicator": {"OnlineUCntTrend": [{"x": "07-01 20:00", "y": 5}]}}'
    (minutes := sheet.with_name("minutes.json")).write_text(text, encoding="utf-8")
    assert "known by the minute is not printed" in call(minutes).stderr
    assert "not printed" not in call(sheet).stderr


def test_nothing_is_overwritten_unasked(call: Call, sheet: Path) -> None:
    out = sheet.with_name("shows.csv")
    out.write_text("mine")
    assert "add --force" in call(sheet, "--output", out).stderr
    assert out.read_text() == "mine"
    assert "one of the files to read" in call(sheet, "--output", sheet, "--force").stderr
    assert sheet.read_text() == SHEET
    (minutes := sheet.with_name("july.minutes.csv")).write_text("mine")
    assert "july.minutes.csv exists" in call(sheet, "--output", sheet.with_name("july.csv")).stderr
    assert minutes.read_text() == "mine"
    assert "there is no folder" in call(sheet, "--output", sheet.parent / "no" / "a.csv").stderr
    assert call(sheet, "--output", out, "--force").exit_code == 0


def test_old_minutes_do_not_stay_beside_new_shows(call: Call, sheet: Path) -> None:
    (minutes := sheet.with_name("july.minutes.csv")).write_text("of another evening")
    out = sheet.with_name("july.csv")
    said = call(minutes, "--out", out, "--force").stderr
    assert "july.minutes.csv is one of the files to read" in said
    result = call(sheet, "--out", out, "--force")
    assert "Removed" in result.stdout and "july.minutes.csv" in result.stdout
    assert not minutes.exists() and out.exists()


def test_mistakes_end_it_with_their_places_and_no_output(call: Call, sheet: Path) -> None:
    sheet.write_text("date,product,sold\n2026-07-01,serum,many\n", encoding="utf-8")
    out = sheet.with_name("shows.csv")
    result = call(sheet, "--out", out)
    assert result.exit_code == 2
    assert "my.csv:2  column 3 (sold)" in result.stderr
    assert not out.exists()
    assert "name the files to read" in call().stderr


def test_the_list_names_each_column_with_its_denominator(call: Call) -> None:
    text = call("--list").stdout
    assert "clicks, times views <- live ctr" in text
    assert "watch_time, times viewers <- 人均观看时长" in text


def test_what_a_killed_import_left_is_cleared_by_the_next(call: Call, sheet: Path) -> None:
    (left := sheet.with_name(".shows.csv.0123abcd.unfinished")).touch()
    assert call(sheet, "--out", sheet.with_name("shows.csv")).exit_code == 0
    assert not left.exists()
