"""Names that people use, in any script: read everywhere, while keys stay what programs use."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest
from rich.cells import cell_len

import livesim
from livesim.errors import ScenarioError
from livesim.planning.recommendation import Plan
from livesim.planning.saved import load
from livesim.report import views
from livesim.report.drawing import _fonts_for
from livesim.report.naming import naming, product, slot
from livesim.report.pages import Page, Points
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

SERUM, SMALL, MASK, VIYA = "\u7cbe\u534e\u6db2", "\u5c0f\u74f6", "Masque \u00e9clat", "\u8587\u5a05"
TALK = "\u95ee\u7b54"
SHOW = f"""\
like: drop
title: A quick drop
show: {{length: 5min, refresh: 10s, currency: CNY}}
viewers: 500
watch_time: 2min
people: {{viya: {{role: host, label: {VIYA}}}}}
deal: {{slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}}
supply: {{pack: 6, minimum_order: 0}}
products:
  serum:
    {{label: {SERUM}, price: 100, unit_cost: 30, left_over_value: 10, owned: 10, forecast: 90,
     variants: {{small: {{label: {SMALL}, share: 60%}}, large: {{share: 40%}}}}}}
  mask:
    {{label: {MASK}, price: 80, unit_cost: 20, left_over_value: 5, owned: 4, forecast: 30}}
rundown:
  talk: {{label: {TALK}, length: 1min, on_stage: [viya]}}
  serum: {{length: 2min, on_stage: [viya], sells: [serum]}}
  mask: {{length: 2min, on_stage: [viya], sells: [mask]}}
"""
#: Keys that nobody may read, but in the scenario and in the paths of quantities.
KEYS = re.compile(r"serum|mask\b|viya|\btalk\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return livesim.plan(SHOW, replications=50, workers=1)


def test_what_is_said_has_the_labels_and_no_key(plan: Plan) -> None:
    said = views.plain(views.full(plan))
    assert f"{SERUM} {SMALL}" in said and f"{SERUM} large" in said and MASK in said
    *parts, notes = views.full(plan).parts
    assert notes == Points(plan.notes), "they tell of the file, by its keys"
    full = views.plain(Page("", tuple(parts)))
    assert [line for line in full.splitlines() if KEYS.search(line)] == []


def test_rows_stay_aligned_by_the_width_of_what_is_shown(plan: Plan) -> None:
    lines = views.plain(views.full(plan)).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("purchase"))
    table = lines[start : lines.index("", start)]
    rows = [line for line in table if line.startswith((SERUM, MASK))]
    assert len({cell_len(row) for row in rows}) == 1 and len(rows) == 3


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_the_page_and_its_figures_have_them(plan: Plan) -> None:
    page = plan.page()
    shown = re.sub(r"<pre.*?</pre>|<script.*?</script>|base64,[^\"]*", "", page, flags=re.DOTALL)
    found = re.findall(r">([^<]*)<", shown)
    assert all(any(name in text for text in found) for name in (SERUM, SMALL, MASK, VIYA, TALK))
    assert [
        text for text in found if KEYS.search(text) and not re.search(r"[.]|^assumption", text)
    ] == []
    names = [label.get_text() for label in plan.figures()["overview"].axes[0].get_yticklabels()]
    assert sorted(names) == sorted([f"{SERUM} {SMALL}", f"{SERUM} large", MASK])


@pytest.mark.slow
def test_the_workbook_has_them(plan: Plan, tmp_path: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(plan.save(tmp_path / "a.xlsx").read_bytes()))
    cells = {str(row[0]) for row in book["order list"].iter_rows(min_row=2, values_only=True)}
    assert cells <= {f"{SERUM} {SMALL}", f"{SERUM} large", MASK, "in all"}
    first = {row[0] for row in book["stock curves"].iter_rows(min_row=2, values_only=True)}
    assert first == {f"{SERUM} {SMALL}", f"{SERUM} large", MASK}


def test_the_document_has_both(plan: Plan) -> None:
    document = plan.document()
    (scenario,) = document["scenarios"].values()
    assert scenario["labels"]["products.serum"] == SERUM
    assert scenario["labels"]["products.serum.variants.small"] == SMALL
    assert scenario["labels"]["rundown.talk"] == TALK
    assert f"{SERUM}" not in json.dumps(document["products"]) and "serum" in document["products"]


def test_a_saved_plan_with_labels_can_be_decided_anew(plan: Plan, tmp_path: Any) -> None:
    curves, _ = load(plan.save(tmp_path / "kept", figures=False))
    assert livesim.decide_again(curves).decision == plan.decision


ROOM = "scenarios/brand_room.yaml"


def test_a_rotations_slots_are_called_as_what_they_sell() -> None:
    with naming([livesim.load(SHOW)]):
        assert [slot(key) for key in ("serum_2", "serum", "talk", "q_and_a", "tea_2")] == [
            f"{SERUM} 2",
            SERUM,
            TALK,
            "q and a",
            "tea 2",
        ]


@pytest.mark.slow
def test_other_answers_have_them(plan: Plan) -> None:
    room = livesim.load(ROOM, {"show.length": "20min", "products.serum.label": SERUM})
    more = room.with_changes({"products.serum.owned": 80})
    for answer in (
        livesim.simulate(room, replications=50, workers=1),
        livesim.compare({"one": room, "more": more}, replications=50, workers=1),
        livesim.sweep(room, {"products.serum.owned": [50, 80]}, replications=50, workers=1),
    ):
        said = views.plain(views.full(answer))
        assert SERUM in said
        assert [one for one in said.splitlines() if re.search(r"\bserum\b(?![.])", one)] == []


def test_a_glyph_that_no_font_has_is_told(plan: Plan) -> None:
    from livesim.report import drawing

    changed = livesim.load(SHOW.replace(MASK, "\U00013000"))  # an Egyptian hieroglyph
    result = livesim.simulate(changed, replications=50, workers=1)
    drawing._TOLD.clear()
    with pytest.warns(UserWarning, match="No font on this machine has .*\U00013000"):
        views.as_file(result, ".png")


@pytest.mark.parametrize(
    ("characters", "fonts"),
    [
        ("मास", "Noto Sans Devanagari"),
        ("ไทยق", "Noto Sans Thai or Noto Sans Arabic"),
        ("玫瑰\U00013000\U000e0fff", "Noto Sans CJK or Noto Emoji"),
    ],
)
def test_a_font_is_named_that_has_the_script(characters: str, fonts: str) -> None:
    """Of those that figures take, where one is of this script."""
    assert _fonts_for(set(characters)) == fonts


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (f"label: {MASK}", f"label: {SERUM}", f"two products read {SERUM}: products.serum and"),
        (f"label: {MASK}", "label: SERUM", None),
        (f"label: {SERUM},", "label: mask,", None),
        (f"label: {MASK},", "", None),
        (f"label: {SMALL}", "label: Large", "two variants of serum read"),
        (f"label: {TALK}", "label: Mask", "two slots read mask"),
        (f"label: {TALK}", 'label: "a\\tb"', "cannot be seen"),
        (f"label: {TALK}", 'label: " "', "is blank"),
        (f"label: {TALK}", f"label: {TALK * 31}", "a text of 62 characters"),
    ],
)
def test_labels_can_be_seen_and_told_apart(old: str, new: str, told: str | None) -> None:
    assert old in SHOW
    text = SHOW.replace(old, new)
    if told is None:
        resolve(parse_document(text))
        return
    with pytest.raises(ScenarioError, match=re.escape(told)):
        resolve(parse_document(text))


def test_what_compared_shows_call_differently_has_its_key() -> None:
    room = livesim.load(SHOW)
    other = room.with_changes({"products.serum.label": "Serum 2"})
    with naming([room, other]):
        assert (product("serum"), product("mask")) == ("serum", MASK)
    found = livesim.compare({"a": room, "b": other}, replications=50, workers=1)
    said = views.plain(views.full(found))
    assert "The shows have different labels for serum: these keys stand here." in said
    same = livesim.compare({"a": room, "b": room}, replications=50, workers=1)
    assert "different labels" not in views.plain(views.full(same))
