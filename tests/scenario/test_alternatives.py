"""Several shows of one file: what lies over what, and where a mistake in one of them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import livesim
from livesim.errors import Mistake, ScenarioError
from livesim.scenario.document import read_document
from livesim.scenario.including import alternatives_in, with_includes

ROOM = """\
title: A room
about: two ways to sell
like: brand_room
show: {length: 1h, currency: CNY}
viewers: 2_000
products:
  serum: {price: 100, unit_cost: 40, conversion: 2%}
alternatives:
  cheap:
    products:
      serum: {price: 80}
  late:
    include: [evening]
    title: An evening room
    checkout: {unpaid: 20%}
"""
EVENING = """\
show: {start: 2026-11-29 22:00, length: 2h}
checkout: {unpaid: 30%, payment_timeout: 5min}
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "evening.yaml").write_text(EVENING)
    return written(tmp_path, ROOM)


def written(folder: Path, text: str) -> Path:
    path = folder / "room.yaml"
    path.write_text(text)
    return path


def mistakes(path: Path, alternative: str | None = None) -> tuple[Mistake, ...]:
    with pytest.raises(ScenarioError) as refused:
        livesim.load(path, alternative=alternative)
    return refused.value.mistakes


def test_an_alternative_lies_over_the_file(room: Path) -> None:
    assert alternatives_in(read_document(room)) == ("cheap", "late")
    cheap = livesim.load(room, alternative="cheap")
    assert (cheap.products["serum"].price, cheap.products["serum"].unit_cost) == (80, 40)
    assert cheap.title == "A room"
    assert "alternatives" not in cheap.to_data()


def test_what_it_includes_lies_between_the_file_and_the_alternative(room: Path) -> None:
    late = livesim.load(room, alternative="late")
    assert late.show.length == 2 * 3600, "the fragment wins over the file"
    assert late.checkout.unpaid == 0.2, "the alternative wins over the fragment"
    assert late.checkout.payment_timeout == 300
    assert late.products["serum"].price == 100, "another alternative is none of its business"


def test_changes_come_last(room: Path) -> None:
    changed = livesim.load(room, {"products.serum.price": 90}, alternative="cheap")
    assert changed.products["serum"].price == 90


def test_a_file_with_alternatives_is_no_show_by_itself(room: Path) -> None:
    (mistake,) = mistakes(room)
    assert "describes 2 alternatives: cheap, late" in mistake.what
    assert "livesim compare" in mistake.remedy and "--alternative cheap" in mistake.remedy
    assert (mistake.line, mistake.file) == (8, str(room))


def test_an_unknown_alternative_is_told_its_likeliest(room: Path, tmp_path: Path) -> None:
    (mistake,) = mistakes(room, "chep")
    assert "Did you mean cheap?" in mistake.remedy
    plain = tmp_path / "plain.yaml"
    plain.write_text(ROOM.split("alternatives:")[0])
    (mistake,) = mistakes(plain, "cheap")
    assert "describes one show" in mistake.remedy
    assert alternatives_in(read_document(plain)) == ()


@pytest.mark.parametrize(
    ("old", "new", "alternative", "file", "line"),
    [
        ("price: 80", "price: eighty", "cheap", "room.yaml", 11),
        ("price: 80", "prize: 80", "cheap", "room.yaml", 11),
        ("conversion: 2%", "conversion: 2", "cheap", "room.yaml", 7),
        ("unpaid: 20%", "unpaid: 2", "late", "room.yaml", 15),
        ("title: An evening room", "title: null", "late", "room.yaml", 14),
        ("[evening]", "[evenin]", "late", "room.yaml", 13),
    ],
)
def test_a_mistake_is_told_where_it_stands(
    room: Path, old: str, new: str, alternative: str, file: str, line: int
) -> None:
    assert old in ROOM
    found = mistakes(written(room.parent, ROOM.replace(old, new)), alternative)
    assert (Path(found[0].file or "").name, found[0].line) == (file, line)


def test_a_mistake_in_a_fragment_of_an_alternative_is_told_there(room: Path) -> None:
    (room.parent / "evening.yaml").write_text("show:\n  length: long\n")
    (mistake,) = mistakes(room, "late")
    assert (Path(mistake.file or "").name, mistake.line) == ("evening.yaml", 2)
    assert livesim.load(room, alternative="cheap").show.length == 3600


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ("[cheap]", "takes a name for each"),
        ("{}", "no alternatives here"),
        ("{cheap: {}}", "one alternative is none"),
        ("{cheap: {}, Late one: {}}", "cannot be a name"),
        ("{cheap: {}, late: 3}", "any part of a scenario"),
        ("{cheap: {}, late: {alternatives: {a: {}, b: {}}}}", "of its own"),
    ],
)
def test_what_are_no_alternatives_is_refused(tmp_path: Path, parts: str, what: str) -> None:
    text = ROOM.split("alternatives:")[0] + f"alternatives: {parts}\n"
    (mistake,) = mistakes(written(tmp_path, text), "cheap")
    assert what in mistake.what
    assert mistake.line == 8


def test_what_has_alternatives_cannot_be_included(room: Path) -> None:
    other = room.with_name("other.yaml")
    other.write_text("include: [room]\ntitle: Another\n")
    (mistake,) = mistakes(other)
    assert "describes alternatives" in mistake.what
    assert (Path(mistake.file or "").name, mistake.line) == ("other.yaml", 1)


def test_the_file_as_it_is_can_be_one_of_them(tmp_path: Path) -> None:
    text = ROOM.split("alternatives:")[0] + "alternatives: {as_it_is: {}, none: {title: B}}\n"
    document = with_includes(read_document(written(tmp_path, text)), "as_it_is")
    assert document.data["title"] == "A room"
