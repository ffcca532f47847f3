"""One grammar for places: names joined by dots."""

import pytest

from livesim.errors import ScenarioError, UsageError
from livesim.scenario.paths import get, parse_assignment, replaced, split_path

DATA = {
    "title": "Gala",
    "products": {"serum": {"owned": 800, "waves": [1, 2]}, "cream": None},
}


def mistake(call, *arguments):
    with pytest.raises(ScenarioError) as caught:
        call(*arguments)
    (only,) = caught.value.mistakes
    return only


def test_a_path_is_names_joined_by_dots():
    assert split_path("products.serum.owned") == ("products", "serum", "owned")
    assert split_path("title") == ("title",)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a. b", "a .b", "a[0]", "a.[0].b"])
def test_what_is_no_path_is_refused_with_the_way_to_write_it(path):
    with pytest.raises(UsageError, match="is not a path"):
        split_path(path)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("products.serum.owned=800", ("products", "serum", "owned"), 800),
        ("viewers={p10: 1, likely: 2, p90: 3}", ("viewers",), {"p10": 1, "likely": 2, "p90": 3}),
        ("show.start=20:00", ("show", "start"), "20:00"),
        ("show.note=a=b", ("show", "note"), "a=b"),
        ("products.serum.reserve=null", ("products", "serum", "reserve"), None),
        ("a=[1, 2.5, x]", ("a",), [1, 2.5, "x"]),
        ("a = 1", ("a",), 1),
        ('a=""', ("a",), ""),
    ],
)
def test_an_assignment_is_a_path_and_a_value(text, path, value):
    assert parse_assignment(text) == (path, value)


@pytest.mark.parametrize("text", ["products.serum.owned", "owned=", "owned= ", "=800", "a..b=1"])
def test_half_an_assignment_is_refused(text):
    with pytest.raises(UsageError, match="write"):
        parse_assignment(text)


def test_a_broken_value_is_told_by_its_path():
    broken = mistake(parse_assignment, "show.length={a: 1")
    assert broken.path == "show.length"
    assert (broken.file, broken.line) == (None, None)
    assert "bracket" in broken.what


def test_get_finds_values_and_mappings():
    assert get(DATA, ("products", "serum", "owned")) == 800
    assert get(DATA, ("products", "cream")) is None
    assert get(DATA, ()) is DATA


def test_get_stops_at_the_first_unknown_name():
    unknown = mistake(get, DATA, ("products", "serun", "owned"))
    assert unknown.path == "products.serun"
    assert unknown.what == "products has nothing called serun"
    assert unknown.remedy == "known: serum, cream. Did you mean serum?"
    assert mistake(get, DATA, ("produkts",)).what == "the scenario has nothing called produkts"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("title", "x"), "title is 'Gala', which has no x inside"),
        (("products", "serum", "waves", "x"), "products.serum.waves is a list"),
        (("products", "cream", "x"), "products.cream is None"),
    ],
)
def test_get_refuses_to_look_inside_a_value(path, shown):
    assert shown in mistake(get, DATA, path).what


def test_replaced_sets_creates_and_leaves_the_original_alone():
    changed = replaced(DATA, ("products", "serum", "owned"), 900)
    assert get(changed, ("products", "serum", "owned")) == 900
    assert get(changed, ("products", "serum", "waves")) == [1, 2]
    assert list(changed) == list(DATA)
    assert DATA["products"]["serum"]["owned"] == 800

    created = replaced(DATA, ("products", "cream", "reserve", "units"), 5)
    assert get(created, ("products", "cream")) == {"reserve": {"units": 5}}
    assert DATA["products"]["cream"] is None
    assert replaced({}, ("show", "length"), "2h") == {"show": {"length": "2h"}}


@pytest.mark.parametrize(
    "path", [("title", "x"), ("products", "serum", "waves", "x"), ("title", "x", "y")]
)
def test_replaced_does_not_overwrite_a_value_by_a_mapping(path):
    assert "inside" in mistake(replaced, DATA, path, 1).what
