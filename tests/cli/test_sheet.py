"""`livesim new --sheet`, and a workbook from the first to the last step of a planner's work."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.scenario.sheets import parse_sheets


def livesim(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def sheet(show: Path) -> Path:
    """The quick drop as a workbook."""
    file = show.with_name("drop.xlsx")
    assert livesim("new", "--sheet", "--from", show, file).exit_code == 0
    return file


@pytest.mark.slow
def test_the_template_is_written_and_fine(tmp_path: Path) -> None:
    file = tmp_path / "my_show.xlsx"
    made = livesim("new", "--sheet", "--like", "drop", file)
    assert f"livesim plan {file} --out answer.xlsx" in made.output
    checked = livesim("validate", file)
    assert checked.exit_code == 0 and "fine" in checked.output
    assert "exists" in livesim("new", "--sheet", file).output


def test_a_workbook_is_a_name_that_says_so(tmp_path: Path) -> None:
    told = {("--sheet", tmp_path / "a.yaml"): "ends with .xlsx", (tmp_path / "a.xlsx",): "--sheet"}
    for words, remedy in told.items():
        made = livesim("new", *words)
        assert made.exit_code == 2 and remedy in made.output


@pytest.mark.slow
def test_a_workbook_is_planned_into_a_workbook(sheet: Path, show: Path) -> None:
    answer = sheet.with_name("answer.xlsx")
    planned = livesim("plan", sheet, "-n", "50", "--workers", "1", "--out", answer)
    assert planned.exit_code == 0, planned.output
    assert f"Kept in {answer}; open it with Excel" in planned.stderr
    assert openpyxl.load_workbook(answer).sheetnames[0] == "order list"
    other = answer.with_name("other.xlsx")
    as_yaml = livesim("plan", show, "-n", "50", "--workers", "1", "--out", other)
    assert planned.stdout == as_yaml.stdout.replace(str(show), str(sheet))


def test_a_workbook_is_taken_wherever_a_scenario_is(sheet: Path) -> None:
    assert "serum" in livesim("resolve", sheet, "--set", "products.serum.owned=20").output
    few = ("-n", "50", "--workers", "1")
    assert livesim("run", sheet, *few).exit_code == 0
    other = sheet.with_suffix(".yaml").rename(sheet.with_name("other.yaml"))
    assert livesim("compare", sheet, other, *few).exit_code == 0
    assert livesim("check", sheet).exit_code in (0, 2)


def test_the_scenario_itself_is_never_replaced(sheet: Path) -> None:
    before = sheet.read_bytes()
    for command in ("plan", "run"):
        done = livesim(command, sheet, "--out", sheet, "--force")
        assert done.exit_code == 2 and "the scenario itself" in done.output
    assert sheet.read_bytes() == before


def test_mistakes_name_sheet_and_cell_in_every_format(sheet: Path) -> None:
    book = openpyxl.load_workbook(sheet)
    book["Products"]["C2"] = "cheap"
    book.save(sheet)
    assert f"{sheet}: Products!C2  products.serum.price" in livesim("validate", sheet).output
    annotated = livesim("validate", "--format", "github", sheet).output
    assert "Products!C2: products.serum.price: 'cheap'" in annotated
    assert '"sheet": "Products"' in livesim("validate", "--json", sheet).output


@pytest.mark.parametrize("template", ["brand_room", "guest_show"])
def test_a_template_in_another_language_has_names_beside_the_keys_and_is_read(
    tmp_path: Path, template: str
) -> None:
    files = {code: tmp_path / f"{code}.xlsx" for code in ("en", "zh")}
    for code, file in files.items():
        made = livesim("new", "--sheet", "--like", template, file, "--language", code)
        assert made.exit_code == 0, made.output
        assert ("Open it" in made.output) == (code == "en")
    chinese, english = (parse_sheets(files[c].read_bytes(), c).data for c in ("zh", "en"))
    assert chinese == english
    book = openpyxl.load_workbook(files["zh"])
    for place in book.worksheets[:-1]:
        if place.title == "Show":
            names = [row[2].split(":")[0] for row in place.values if row[1] and row[2]]
        else:
            names = [name for name in list(place.values)[1] if name]
        assert len(names) > 3 and not [one for one in names if re.fullmatch("[a-z_.# ]+", one)]
