"""Files put together: who wins, what is refused, and that every mistake names its own file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import livesim
from livesim.errors import Mistake, ScenarioError
from livesim.resolve import explained, resolve_file
from livesim.scenario import including
from livesim.scenario.document import MAX_CHARACTERS, MAX_NODES, parse_document, read_document
from livesim.scenario.including import MAX_CHAIN, MAX_FILES, all_files, with_includes
from livesim.scenario.library import LIBRARY
from livesim.scenario.writing import write_yaml

BASE = """\
like: guest_show
title: The usual evening
show: {length: 1h, currency: CNY}
viewers: 20k
people:
  viya: {role: host}
  kim: {role: guest, lift: 1.5, fit: {everyone: 0.3}}
products:
  perfume: {price: 299, unit_cost: 90, owned: 500, orders_per_1000: 10, quantity: {1: 50%, 2: 50%}}
rundown:
  talk: {length: 20min}
  perfume: {length: 25min, on_stage: [viya, kim], sells: [perfume]}
"""

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files, and return the first of them."""

    def files(texts: Mapping[str, str]) -> Path:
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / next(iter(texts))

    return files


def data(path: Path) -> dict[str, Any]:
    return with_includes(read_document(path)).data


def mistakes(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(ScenarioError) as refused:
        resolve_file(path)
    return refused.value.mistakes


# --- Who wins -------------------------------------------------------------------------------------


def test_a_file_says_only_what_differs(write: Write) -> None:
    gala = write({"gala.yaml": "include: [base]\ntitle: A gala\n", "base.yaml": BASE})
    assert data(gala) == {**parse_document(BASE).data, "title": "A gala"}


def test_without_include_a_file_is_read_as_it_is(write: Write) -> None:
    assert (
        with_includes(read_document(write({"base.yaml": BASE}))).data == parse_document(BASE).data
    )


def test_the_file_wins_over_its_fragments_and_the_later_of_these(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [a, b]\nshow: {length: 3h}\n",
            "a.yaml": "show: {length: 1h, refresh: 1s, currency: CNY}\n",
            "b.yaml": "show: {length: 2h, refresh: 2s}\n",
        }
    )
    assert data(gala)["show"] == {"length": "3h", "refresh": "2s", "currency": "CNY"}


def test_parts_are_merged_and_their_values_replaced_whole(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [base]\npeople:\n  kim: {fit: {others: 1}}\n"
            "products: {perfume: {quantity: {1: 100%}, owned: {p10: 1}}}\n"
            "rundown: {perfume: {on_stage: [kim]}}\n",
            "base.yaml": BASE,
        }
    )
    found = data(gala)
    assert found["people"]["kim"] == {"role": "guest", "lift": 1.5, "fit": {"others": 1}}
    assert found["products"]["perfume"]["quantity"] == {"1": "100%"}
    assert found["products"]["perfume"]["owned"] == {"p10": 1}
    assert found["rundown"]["perfume"]["on_stage"] == ["kim"]


def test_names_keep_the_order_of_the_fragment_and_new_ones_follow(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [base]\nrundown: {encore: {length: 5min}, talk: {link: 1min}}\n",
            "base.yaml": BASE,
        }
    )
    assert list(data(gala)["rundown"]) == ["talk", "perfume", "encore"]


def test_null_takes_away_what_a_fragment_says(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [base]\nlike: null\npeople: {kim: null, viya: {role: null}}\n",
            "base.yaml": BASE,
        }
    )
    assert "like" not in data(gala)
    assert data(gala)["people"] == {"viya": {}}


def test_what_was_taken_away_can_be_put_back(write: Write) -> None:
    texts = {
        "gala.yaml": "include: [without]\npeople: {kim: {role: guest}}\n",
        "without.yaml": "include: [base]\npeople: {kim: null}\n",
        "base.yaml": BASE,
    }
    assert data(write(texts))["people"]["kim"] == {"role": "guest"}


@pytest.mark.parametrize(
    ("line", "path", "remedy"),
    [
        ("people: {kmi: null}", "people.kmi", "Did you mean kim?"),
        ("peeple: null", "peeple", "Did you mean people?"),
        ("checkout: {capacity: null}", "checkout.capacity", "delete the line"),
    ],
)
def test_null_must_take_something_away(write: Write, line: str, path: str, remedy: str) -> None:
    gala = write({"gala.yaml": f"include: [base]\n{line}\n", "base.yaml": BASE})
    (mistake,) = mistakes(gala)
    assert (mistake.file, mistake.line, mistake.path) == (str(gala), 2, path)
    assert remedy in mistake.remedy


def test_includes_may_include_and_be_shared(write: Write) -> None:
    texts = {
        "gala.yaml": "include: [people/stars, products]\ntitle: A gala\n",
        "people/stars.yaml": "include: [base]\npeople: {kim: {lift: 2}}\n",
        "products.yaml": "include: [base.yaml]\nproducts: {perfume: {price: 199}}\n",
        "base.yaml": BASE,
    }
    found = data(write(texts))
    assert found["products"]["perfume"]["price"] == 199
    # products.yaml comes later and carries all of base.yaml with it.
    assert found["people"]["kim"]["lift"] == 1.5


KEYS = [
    (section, name, key)
    for section in ("people", "products", "rundown")
    for name, part in parse_document(BASE).data[section].items()
    for key in part
] + [("show", "length"), ("show", "currency"), ("viewers",), ("like",), ("title",)]


@pytest.mark.slow
@given(places=st.lists(st.integers(0, 2), min_size=len(KEYS), max_size=len(KEYS)))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_scenario_may_be_split_over_files_in_any_way(write: Write, places: list[int]) -> None:
    """However its lines are spread over a file and two fragments, it is the same scenario."""
    texts: list[dict[str, Any]] = [{"include": ["one", "two"]}, {"title": "-"}, {"title": "-"}]
    whole = parse_document(BASE).data
    for path, place in zip(KEYS, places, strict=True):
        value = whole
        node = texts[place]
        for name in path[:-1]:
            value, node = value[name], node.setdefault(name, {})
        node[path[-1]] = value[path[-1]]
    texts[0]["title"] = whole["title"]
    names = ("gala.yaml", "one.yaml", "two.yaml")
    gala = write({name: write_yaml(text) for name, text in zip(names, texts, strict=True)})
    assert data(gala) == whole


# --- Where a fragment may be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("../base", "people/../../base", "..", ".", "", "people//base", "people/", "./base"),
        *("/etc/passwd", "~/base", "~root/base", "C:/base", "C:base", "people\\base", ".hidden"),
        *(
            "people/.hidden",
            "base\x00",
            "base\n",
            "a" * 61,
            "香" * 100,
            "%2e%2e/base",
            "file:///base",
        ),
    ],
)
def test_a_name_that_leads_away_is_refused(write: Write, name: str) -> None:
    inside = write({"shows/gala.yaml": write_yaml({"include": [name]}), "base.yaml": BASE})
    (mistake,) = mistakes(inside)
    assert (mistake.file, mistake.path) == (str(inside), "include.0")
    assert "cannot be included" in mistake.what


def test_the_longest_name_is_one_that_a_file_can_have(write: Write) -> None:
    name = "𐌰" * 60  # four bytes each
    gala = write({"gala.yaml": write_yaml({"include": [name]}), f"{name}.yaml": BASE})
    assert data(gala)["viewers"] == "20k"


@pytest.mark.parametrize("value", [3, True, None, ["base"], {"base": 1}])
def test_what_is_no_name_is_refused(write: Write, value: object) -> None:
    gala = write({"gala.yaml": write_yaml({"include": [value]}), "base.yaml": BASE})
    (mistake,) = mistakes(gala)
    assert "cannot be included" in mistake.what


@pytest.mark.parametrize("value", ["base", "null", "{base: 1}", "3"])
def test_a_single_name_is_a_list_of_one(write: Write, value: str) -> None:
    gala = write({"gala.yaml": f"title: A gala\ninclude: {value}\n", "base.yaml": BASE})
    (mistake,) = mistakes(gala)
    assert (mistake.line, mistake.path) == (2, "include")
    assert "also for a single one" in mistake.remedy


def test_a_link_that_leads_out_is_refused_and_one_within_is_followed(write: Write) -> None:
    gala = write(
        {
            "shows/gala.yaml": "include: [linked]\n",
            "secret.yaml": BASE,
            "shows/people/base.yaml": BASE,
        }
    )
    link = gala.parent / "linked.yaml"
    link.symlink_to("../secret.yaml")
    (mistake,) = mistakes(gala)
    assert "leads out of its folder" in mistake.what
    link.unlink()
    link.symlink_to("people/base.yaml")
    assert data(gala)["viewers"] == "20k"


def test_a_folder_that_is_a_link_out_is_refused(write: Write) -> None:
    gala = write({"shows/gala.yaml": "include: [out/base]\n", "base.yaml": BASE})
    (gala.parent / "out").symlink_to("..")
    (mistake,) = mistakes(gala)
    assert "leads out of its folder" in mistake.what


def test_what_is_no_file_is_not_read(write: Write) -> None:
    gala = write({"gala.yaml": "include: [pipe, folder]\n", "folder.yaml/x.yaml": BASE})
    os.mkfifo(gala.parent / "pipe.yaml")
    assert [one.path for one in mistakes(gala)] == ["include.0", "include.1"]


@given(name=st.text(max_size=20) | st.lists(st.sampled_from(("..", "a", "/", "~")), max_size=6))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_reaches_beyond_the_folder(tmp_path: Path, name: str | list[str]) -> None:
    """``..`` and all else is a file below, or an error."""
    folder = tmp_path / "shows"
    (folder / "a" / "a").mkdir(parents=True, exist_ok=True)
    for place in (tmp_path, folder, folder / "a", folder / "a" / "a"):
        (place / "a.yaml").touch()
    text = name if isinstance(name, str) else "".join(name)
    for own in (folder, folder / "a"):
        tops = {own: folder, folder: folder, LIBRARY: LIBRARY}
        found = including._found(("include", 0), text, tops, own / "gala.yaml")[0]
        if not isinstance(found, Path):
            continue
        assert found.resolve().is_relative_to(folder) or found.is_relative_to(LIBRARY)


def test_every_missing_fragment_is_told_with_its_likeliest_name(write: Write) -> None:
    gala = write({"gala.yaml": "include:\n  - bse\n  - viya_kim_parfume\n", "base.yaml": BASE})
    first, second = mistakes(gala)
    assert (first.line, first.column, second.line) == (2, 5, 3)
    assert "Did you mean base?" in first.remedy
    assert "Did you mean viya_kim_perfume?" in second.remedy


def test_the_own_folder_comes_before_the_library(write: Write) -> None:
    assert "Kim" in data(write({"gala.yaml": "include: [viya_kim_perfume]\n"}))["title"]
    own = write({"gala.yaml": "include: [viya_kim_perfume]\n", "viya_kim_perfume.yaml": BASE})
    assert data(own)["title"] == "The usual evening"


def test_an_included_file_names_others_from_its_own_folder_first(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [shows/room]\n",
            "shows/room.yaml": "include: [parts/base, common, viya_kim_perfume]\nviewers: 30k\n",
            "shows/parts/base.yaml": BASE,
            "parts/base.yaml": "title: Not this one\n",
            "common.yaml": "watch_time: 3min\n",
            "shows/viya_kim_perfume.yaml": "title: Ours\n",
        }
    )
    told = data(gala)
    assert (told["title"], told["watch_time"], told["viewers"]) == ("Ours", "3min", "30k")


def test_beside_an_included_file_nothing_leads_out_of_the_scenarios_folder(write: Write) -> None:
    gala = write(
        {
            "own/gala.yaml": "include: [parts/room]\n",
            "own/parts/room.yaml": "include: [linked]\n",
            "own/base.yaml": BASE,
            "secret.yaml": BASE,
        }
    )
    link = gala.parent / "parts" / "linked.yaml"
    link.symlink_to("../../secret.yaml")
    assert "leads out of its folder" in mistakes(gala)[0].what
    link.unlink()
    link.symlink_to("../base.yaml")
    assert data(gala)["viewers"] == "20k"
    link.unlink()
    own = gala.parent
    assert f"no file in {own / 'parts'} or {own} and no reference" in mistakes(gala)[0].what


def test_the_library_includes_from_the_library_only(write: Write) -> None:
    """A planner's file that has the name of another does not get into it."""
    gala = write({"gala.yaml": "include: [viya_alone]\n", "viya_kim_perfume.yaml": BASE})
    assert "kkw_perfume" in data(gala)["products"]


def test_names_hold_for_the_scenario_s_folder_and_from_anywhere(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a notebook loads it, which runs in a folder of its own."""
    gala = write({"shows/gala.yaml": "include: [base]\ntitle: A gala\n", "shows/base.yaml": BASE})
    there = gala.parent.parent / "notebooks"
    there.mkdir()
    monkeypatch.chdir(there)
    assert livesim.load("../shows/gala.yaml").title == "A gala"
    assert livesim.load(str(gala)).title == "A gala"


# --- Cycles and limits ----------------------------------------------------------------------------


def test_a_cycle_is_told_as_a_chain(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [a]\n",
            "a.yaml": "title: x\ninclude: [base, b]\n",
            "b.yaml": "include: [gala]\n",
            "base.yaml": BASE,
        }
    )
    (mistake,) = mistakes(gala)
    assert mistake.file == str(gala.parent / "b.yaml")
    assert "gala.yaml → a.yaml → b.yaml → gala.yaml" in mistake.what


def test_a_cycle_need_not_begin_at_the_scenario(write: Write) -> None:
    (mistake,) = mistakes(
        write(
            {"gala.yaml": "include: [a]\n", "a.yaml": "include: [b]\n", "b.yaml": "include: [a]\n"}
        )
    )
    assert "gala.yaml → a.yaml → b.yaml → a.yaml" in mistake.what


def test_a_file_that_includes_itself_is_refused(write: Write) -> None:
    (mistake,) = mistakes(write({"gala.yaml": "include: [gala.yaml]\n"}))
    assert "gala.yaml → gala.yaml" in mistake.what


def test_a_part_may_refine_what_has_its_own_name(write: Write) -> None:
    files = {
        "gala.yaml": "include: [parts/viya_kim_perfume]\n",
        "parts/viya_kim_perfume.yaml": "include: [viya_kim_perfume]\nshow: {length: 1h}\n",
    }
    whole = with_includes(read_document(write(files)))
    assert whole.data["show"]["length"] == "1h"
    assert "kkw_perfume" in whole.data["products"]


def test_where_a_fragment_would_be_taken_from_first_belongs_to_a_scenario(write: Write) -> None:
    files = {
        "gala.yaml": "include: [parts/all]\n",
        "parts/all.yaml": "include: [people]\n",
        "people.yaml": "viewers: 900\n",
    }
    gala = write(files)
    told = [file.relative_to(gala.parent) for file in all_files(read_document(gala))]
    assert told == [Path(name) for name in (*files, "parts/people.yaml")]


def test_a_cycle_through_a_link_is_seen(write: Write) -> None:
    gala = write({"gala.yaml": "include: [again]\n"})
    (gala.parent / "again.yaml").symlink_to("gala.yaml")
    (mistake,) = mistakes(gala)
    assert "includes itself" in mistake.what


def chain(length: int) -> dict[str, str]:
    files = {f"f{n}.yaml": f"include: [f{n + 1}]\n" for n in range(1, length)}
    return {**files, f"f{length}.yaml": BASE}


def test_a_chain_has_a_limit_and_names_itself(write: Write) -> None:
    assert data(write(chain(MAX_CHAIN)))["viewers"] == "20k"
    (mistake,) = mistakes(write(chain(MAX_CHAIN + 1)))
    assert f"more than {MAX_CHAIN} files: f1.yaml → f2.yaml" in mistake.what


def test_the_number_of_files_has_a_limit(write: Write) -> None:
    most = "include: [" + ", ".join(["a"] * (MAX_FILES - 1)) + "]\ntitle: x\n"
    assert data(write({"gala.yaml": most, "a.yaml": BASE}))["title"] == "x"
    (mistake,) = mistakes(write({"gala.yaml": most.replace("[a", "[a, a"), "a.yaml": BASE}))
    assert f"the limit is {MAX_FILES - 1}" in mistake.what


def test_files_that_include_each_other_many_times_over_are_refused(write: Write) -> None:
    """Two includes a file and six files deep would be 126 files."""
    files = {f"f{n}.yaml": f"include: [f{n + 1}, f{n + 1}]\n" for n in range(6)}
    (mistake,) = mistakes(write({**files, "f6.yaml": BASE}))
    assert f"more than {MAX_FILES} files" in mistake.what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"title: x\n# {'x' * 600}\n", "more than 1,000 characters"),
        (f"title: x\nproducts: [{'1, ' * 60}1]\n", "more than 100 names"),
    ],
    ids=["long", "many"],
)
def test_the_limits_of_a_file_hold_for_all_together(
    write: Write, text: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (including.MAX_CHARACTERS, including.MAX_NODES) == (MAX_CHARACTERS, MAX_NODES)
    monkeypatch.setattr(including, "MAX_CHARACTERS", 1_000)
    monkeypatch.setattr(including, "MAX_NODES", 100)
    one = write({"gala.yaml": "include: [a]\n", "a.yaml": text, "b.yaml": text})
    assert data(one)["title"] == "x"
    (mistake,) = mistakes(write({"gala.yaml": "include: [a, b]\n"}))
    assert what in mistake.what
    assert (mistake.file, mistake.path) == (str(one), "include.1")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- a list\n", "this is a list"),
        ("", "there is no scenario in this file"),
        ("title: x\ntitle: y\n", "title is given twice"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "nested more than"),
        ("a: &a [*a]\n", "*a stands inside the value"),
        ("title: !!python/object:os.system x\n", "the tag"),
    ],
)
def test_a_broken_fragment_is_told_in_its_own_file(write: Write, text: str, what: str) -> None:
    gala = write({"gala.yaml": "include: [people/broken]\n", "people/broken.yaml": text})
    (mistake,) = mistakes(gala)
    assert mistake.file == str(gala.parent / "people/broken.yaml")
    assert what in mistake.what


# --- Mistakes and reasons name their file ---------------------------------------------------------


def test_every_mistake_stands_in_the_file_and_line_that_made_it(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [base]\ntitle: A gala\n\nshow: {lenght: 2h}\n",
            "base.yaml": BASE.replace("owned: 500", "owned: 1.5").replace("0.3}", "3}"),
        }
    )
    base = str(gala.parent / "base.yaml")
    found = [(one.file, one.line, one.path) for one in mistakes(gala)]
    assert found[0] == (str(gala), 4, "show.lenght")
    assert (base, 7, "people.kim.fit.everyone") in found
    assert {file for file, _, _ in found} == {str(gala), base}


def test_a_mistake_between_two_files_stands_where_it_was_written(write: Write) -> None:
    """The fragment's slot knows a person that the file took away."""
    gala = write({"gala.yaml": "include: [base]\npeople: {kim: null}\n", "base.yaml": BASE})
    (mistake,) = mistakes(gala)
    assert (mistake.file, mistake.line) == (str(gala.parent / "base.yaml"), 12)
    assert mistake.what == "no person is called kim"


def test_what_replaces_a_value_is_what_a_mistake_points_at(write: Write) -> None:
    gala = write(
        {
            "gala.yaml": "include: [base]\nproducts:\n  perfume:\n    quantity: {1: 40%}\n",
            "base.yaml": BASE,
        }
    )
    (mistake,) = mistakes(gala)
    assert (mistake.file, mistake.line) == (str(gala), 4)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("show: {refresh: 1s}", "show.currency"),
        ("people: {kim: {role: guest, fit: {nobody: 1}}}", "people.kim.fit.nobody"),
        ("segments: {everyone: {stay: {bounce: {share: 100%}}}}", "segments.everyone.stay.bounce"),
    ],
)
def test_what_is_missing_is_missing_in_the_file_above(write: Write, line: str, path: str) -> None:
    """Nothing of a value that was replaced or taken away is left to point at."""
    texts = {
        "gala.yaml": f"include: [without]\n\n{line}\n",
        "without.yaml": "include: [base]\npeople: {kim: null}\n",
        "base.yaml": BASE.replace(", currency: CNY", "")
        + "segments: {everyone: {stay: {bounce: {share: 100%, mean: 2min}}}}\n",
    }
    gala = write(texts)
    (found,) = [one for one in mistakes(gala) if one.path.startswith(path)]
    assert (found.file, found.line) == (str(gala), 3)


def test_what_was_taken_away_is_missing_where_that_was_done(write: Write) -> None:
    gala = write({"gala.yaml": "include: [base]\nshow: {currency: null}\n", "base.yaml": BASE})
    (mistake,) = mistakes(gala)
    assert (mistake.file, mistake.line, mistake.path) == (str(gala), 2, "show.currency")


def test_laying_one_over_another_changes_neither() -> None:
    below, above = parse_document(BASE), parse_document("people: {kim: {lift: 2}, viya: null}\n")
    both = including._laid_over(below, above)
    assert both.data["people"]["kim"]["lift"] == 2
    assert (below, above) == (
        parse_document(BASE),
        parse_document("people: {kim: {lift: 2}, viya: null}\n"),
    )


def test_include_elsewhere_or_by_a_change_is_refused(write: Write) -> None:
    gala = write({"gala.yaml": BASE.replace("viya: {", "viya: {include: [kim], ")})
    (mistake,) = mistakes(gala)
    assert (mistake.path, mistake.line) == ("people.viya.include", 6)
    assert "top level of the file" in mistake.remedy
    base = write({"base.yaml": BASE})
    with pytest.raises(ScenarioError, match="no key called include"):
        resolve_file(base, {"include": ["viya_kim_perfume"]})


def test_why_names_the_file_of_what_was_included(write: Write) -> None:
    texts = {
        "gala.yaml": "include: [middle]\ntitle: A gala\npeople: {kim: {lift: 2}}\n",
        "middle.yaml": "include: [base]\nproducts: {perfume: {price: 199}}\n",
        "base.yaml": BASE,
    }
    reasons = {
        line.split("#")[0].strip(): line.split("# ")[1]
        for line in explained(resolve_file(write(texts))).splitlines()
        if "# " in line
    }
    assert reasons["title: A gala"] == "given"
    assert reasons["lift: 2"] == "given"
    assert reasons["price: 199"] == "given: in middle.yaml"
    assert reasons["unit_cost: 90"] == "given: in base.yaml"
    assert reasons["left_over_value: kept"].startswith(("template", "assumption"))


def test_changes_are_made_to_the_whole(write: Write) -> None:
    gala = write({"gala.yaml": "include: [base]\ntitle: A gala\n", "base.yaml": BASE})
    changed = livesim.load(gala, {"viewers": "40k", "people.kim.lift": 2})
    assert changed.people["kim"].lift == 2
    assert changed.segments["everyone"].reach == 2 * livesim.load(gala).segments["everyone"].reach


def test_the_resolved_form_needs_no_include(write: Write, tmp_path: Path) -> None:
    resolution = resolve_file(write({"gala.yaml": "include: [viya_small_fit]\nlike: drop\n"}))
    alone = tmp_path / "elsewhere" / "explicit.yaml"
    alone.parent.mkdir()
    alone.write_text(explained(resolution), encoding="utf-8")
    assert "include" not in parse_document(alone.read_text("utf-8")).data
    again = resolve_file(alone)
    assert again.scenario == resolution.scenario
    assert explained(again).count("given: in") == 0
