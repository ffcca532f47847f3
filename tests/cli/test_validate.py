"""`livesim validate`: files and folders, remarks, and what other programs are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from livesim.checking import lines
from livesim.cli import main

SHOW = """\
title: A show
show: {length: 1h, currency: CNY}
viewers: 2_000
products:
  serum: {price: 299, unit_cost: 80, owned: 50, orders_per_1000: 20}
"""
#: Sold below its cost, which is told on line 5.
CHEAP = SHOW.replace("price: 299", "price: 70")
BAD = SHOW.replace("length", "lenght")
#: What most slips show in.
IN_ALL = "in all: 2,000 viewers, 40 orders and 46 units expected; 50 units owned"

#: A show of a template that brings a guest, of whom the file says nothing.
GUEST = "like: guest_show\n" + SHOW

Validate = Callable[..., Result]


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Validate:
    """Run the command in a folder with a sound show, a cheap one, and what is none."""
    shows = tmp_path / "shows"
    (shows / "parts").mkdir(parents=True)
    (shows / ".hidden").mkdir()
    (shows / "sound.yaml").write_text(SHOW)
    (shows / "cheap.yml").write_text(CHEAP)
    (shows / "parts" / "people.yaml").write_text("people: {viya: {role: host}}\n")
    (shows / ".hidden" / "bad.yaml").write_text(BAD)
    (shows / "notes.txt").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["validate", *arguments])


def test_a_folder_is_the_shows_in_it(validate: Validate) -> None:
    found = validate("shows")
    assert found.exit_code == 0
    assert found.output == (
        "shows/cheap.yml: fine\n"
        f"  {IN_ALL}\n"
        "  shows/cheap.yml:5:11  products.serum.price\n"
        "    serum: its price of CNY 70 is less than a unit costs (CNY 80).\n"
        "    check price and unit_cost\n"
        "shows/sound.yaml: fine\n"
        f"  {IN_ALL}\n"
    )


def test_a_part_that_only_includes_other_parts_is_no_show(
    validate: Validate, tmp_path: Path
) -> None:
    shows = tmp_path / "shows"
    (shows / "parts" / "more.yaml").write_text("viewers: 3000\n")
    (shows / "parts" / "all.yaml").write_text("include: [more, deeper]\n")
    (shows / "parts" / "deeper.yaml").write_text("include: [parts/more]\n")
    (shows / "whole.yaml").write_text(f"include: [parts/all]\n{SHOW}")
    (shows / "other.yaml").write_text("include: [sound]\nviewers: 1000\n")
    found = validate("shows", "--json")
    assert found.exit_code == 0, found.output
    files = [Path(one["file"]).stem for one in json.loads(found.stdout)["files"]]
    assert files == ["cheap", "other", "sound", "whole"]


def test_of_parts_in_a_circle_without_a_show_none_is_passed_over(
    validate: Validate, tmp_path: Path
) -> None:
    (tmp_path / "shows" / "one.yaml").write_text("include: [two]\n")
    (tmp_path / "shows" / "two.yaml").write_text("include: [one]\n")
    found = validate("shows")
    assert found.exit_code == 2 and found.output.count("a file includes itself") == 2


def test_what_leads_out_of_the_folder_is_left_alone(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(BAD)
    (tmp_path / "shows" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert validate("shows").exit_code == 0


def test_remarks_fail_where_asked(validate: Validate) -> None:
    assert validate("shows/cheap.yml").exit_code == 0
    assert validate("shows/cheap.yml", "--strict").exit_code == 1
    assert validate("shows/sound.yaml", "--strict").exit_code == 0


def test_mistakes_count_more_than_remarks(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "shows" / "bad.yaml").write_text(BAD)
    found = validate("shows", "--strict")
    assert found.exit_code == 2
    assert "shows/bad.yaml:2:8  show.lenght" in found.output
    assert "shows/sound.yaml: fine" in found.output


@pytest.mark.parametrize("strict", [(), ("--strict",)])
def test_a_show_that_one_compares_with_must_be_there_and_sound(
    validate: Validate, tmp_path: Path, strict: tuple[str, ...]
) -> None:
    """As `livesim check` says it, but without simulating anything."""
    lines = ('profit: "> sound"', 'orders: ">= brand_rom"', 'profit.p10: "> 0"', 'profit: "> soud"')
    expect = "".join(f"  - {line}\n" for line in lines)
    (tmp_path / "shows" / "own.yaml").write_text(f"{SHOW}expect:\n{expect}")
    missing = validate("shows/own.yaml", *strict)
    assert missing.exit_code == 2
    assert "own.yaml:8:5  expect.1.orders\n  no show is called brand_rom\n" in missing.output
    assert "Did you mean brand_room?" in missing.output
    assert "own.yaml:10:5  expect.3.profit\n  no show is called soud\n" in missing.output
    (tmp_path / "shows" / "own.yaml").write_text(f'{SHOW}expect: [{{profit: "> bad"}}]\n')
    (tmp_path / "shows" / "bad.yaml").write_text(BAD)
    wrong = validate("shows/own.yaml", *strict)
    assert wrong.exit_code == 2 and "shows/bad.yaml:2:8  show.lenght" in wrong.output
    assert wrong.output.startswith("shows/own.yaml:6:11  expect.0.profit\n  this compares with")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'profit: "> {"z" * 300}"', "zzzzzzzzzzzzzzzzzzzz… is no file that can be read: "),
        ('profit: "> own"', "own is the show itself, which never differs from itself"),
        ('compare.profit: "> 0"', "write profit.differences.SHOW for how far SHOW is from this"),
    ],
)
def test_what_cannot_be_compared_is_told_at_its_line_and_of_its_file_alone(
    validate: Validate, tmp_path: Path, line: str, said: str
) -> None:
    (tmp_path / "shows" / "own.yaml").write_text(f"{SHOW}expect:\n  - {line}\n")
    found = validate("shows")
    assert found.exit_code == 2 and said in found.output
    assert "own.yaml:7:5  expect.0." in found.output and "sound.yaml: fine" in found.output


def test_many_lines_are_read_with_few_shows_and_their_number_has_a_limit(
    validate: Validate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How often a show is resolved for lines does not grow with them."""
    asked: list[object] = []
    honest = lines.resolve
    monkeypatch.setattr(lines, "resolve", lambda *of: asked.append(of) or honest(*of))  # type: ignore[func-returns-value]
    expect = [f'  - {{orders: "> sound + {number}"}}\n' for number in range(1, 1002)]
    (tmp_path / "shows" / "own.yaml").write_text(f"{SHOW}expect:\n{''.join(expect[:1000])}")
    assert validate("shows/own.yaml").exit_code == 0 and len(asked) == 1
    (tmp_path / "shows" / "own.yaml").write_text(f"{SHOW}expect:\n{''.join(expect)}")
    assert "own.yaml:6:1  expect\n  more than 1,000 entries\n" in validate("shows").output


def test_programs_are_told_the_same(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "shows" / "bad.yaml").write_text(BAD)
    told = json.loads(validate("shows", "--json").stdout)
    assert told["kind"] == "validation"
    by_file = {one["file"]: one for one in told["files"]}
    assert by_file["shows/bad.yaml"]["mistakes"][0]["line"] == 2
    assert by_file["shows/cheap.yml"]["remarks"][0]["path"] == "products.serum.price"
    assert by_file["shows/sound.yaml"] == {
        "file": "shows/sound.yaml",
        "mistakes": [],
        "remarks": [],
        "summaries": [IN_ALL],
    }


def test_annotations_point_at_lines(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "shows" / "bad.yaml").write_text(BAD)
    lines = validate("shows", "--format", "github").output.splitlines()
    assert lines[0].startswith("::error file=shows/bad.yaml,line=2,col=8::show.lenght: there is no")
    assert any(line.startswith("::warning file=shows/cheap.yml,line=5,col=11::") for line in lines)
    strict = validate("shows/cheap.yml", "--format", "github", "--strict").output
    assert strict.startswith("::error file=shows/cheap.yml,line=5")


def test_junit_has_a_suite_for_each_file(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "shows" / "bad.yaml").write_text(BAD)
    validate("shows", "--strict", "--junit", "found.xml")
    suites = ElementTree.parse(tmp_path / "found.xml").getroot()
    numbers = {one.get("name"): (one.get("failures"), one.get("errors")) for one in suites}
    assert numbers == {
        "shows/bad.yaml": ("0", "1"),
        "shows/cheap.yml": ("1", "0"),
        "shows/sound.yaml": ("0", "0"),
    }


HARM = "kim\x1b]0;owned\x07\x1b[2J\u202e\x9b5A"


@pytest.mark.parametrize("form", [(), ("--format", "github"), ("--json",)])
def test_neither_a_file_nor_its_name_steers_the_terminal(
    validate: Validate, tmp_path: Path, form: tuple[str, ...]
) -> None:
    folder = tmp_path / f"shows {HARM}"
    folder.mkdir()
    (folder / f"{HARM}.yaml").write_text(SHOW + '"k\\e[2J\\u202e": 5\n')
    (folder / f"fine {HARM}\n.yaml").write_text(CHEAP)
    found = validate(str(folder), *form, "--junit", "found.xml")
    assert found.exit_code == 2
    told = found.output + (tmp_path / "found.xml").read_text("utf-8")
    assert not set(told) & set("\x1b\x07\u202e\x9b")
    assert "owned" in told
    ElementTree.parse(tmp_path / "found.xml")


@pytest.mark.parametrize(
    "arguments",
    [("run", HARM), ("run", "shows/sound.yaml", "--set", f"{HARM}=5"), ("new", f"nowhere/{HARM}")],
)
def test_what_is_given_on_the_command_line_does_not_either(
    validate: Validate, arguments: tuple[str, ...]
) -> None:
    found = CliRunner().invoke(main, list(arguments))
    assert found.exit_code == 2
    assert not set(found.output) & set("\x1b\x07\u202e\x9b")


def test_a_reserve_that_only_a_plan_can_call_is_told(validate: Validate) -> None:
    reserve = "reserve: {units: 5, lead_time: 5min, when: {at: 10min, sold: best}}"
    text = SHOW.replace("owned: 50", f"owned: 50, {reserve}")
    Path("shows/waits.yaml").write_text(text, encoding="utf-8")
    found = validate("shows/waits.yaml", "--strict")
    assert found.exit_code == 1 and "products.serum.reserve.when.sold" in found.output
    assert "run livesim plan, and write the number that it prints" in found.output


def test_values_are_changed_in_all_files(validate: Validate) -> None:
    """The price of the cheap one is mended, and the sound one has another's mistake."""
    dear = validate("--set", "products.serum.price=299", "--strict", "shows")
    assert dear.exit_code == 0 and "less than a unit costs" not in dear.output
    bad = validate("--set", "products.serum.owned=-1", "shows/sound.yaml")
    assert bad.exit_code == 2 and "-1 is out of range for a count" in bad.output


def test_a_guest_who_comes_on_top_is_named(validate: Validate, tmp_path: Path) -> None:
    """A template brings one who doubles what comes, and what is written is without."""
    (tmp_path / "shows" / "guest.yaml").write_text(GUEST)
    told = IN_ALL.replace("expected;", "expected without guest (pull 2);")
    assert f"guest.yaml: fine\n  {told}\n" in validate("shows").output
