"""Which past shows a show can learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.history.table import SHOWS, tidy
from livesim.planning.plan import decide_again
from livesim.planning.saved import load
from livesim.report.pages import plain
from livesim.report.plan_tables import page
from livesim.resolve.resolving import calibrate_file, resolve_file

ROOM = """
like: brand_room
title: A room with a history
history: shows.csv
show: {start: 2026-09-26 20:00, length: 2h, currency: USD}
products:
  serum: {price: 25, unit_cost: 8}
"""


def room(folder: Path, text: str = ROOM, **columns: object) -> Path:
    """Return a scenario with six past shows, whose columns are given for all or for each."""
    usual = {"length": 7_200, "viewers": 9_000, "product": "serum", "units": 80, "price": 25.0}
    rows = [
        {"show": f"show {n}", "start": f"2026-07-0{n + 1} 20:00", **usual}
        | {name: one[n] if isinstance(one, list) else one for name, one in columns.items()}
        for n in range(6)
    ]
    tidy(rows, SHOWS).to_csv(folder / "shows.csv", index=False)
    (folder / "room.yaml").write_text(text, encoding="utf-8")
    return folder / "room.yaml"


@pytest.mark.parametrize("currency", ["CNY", "元", ["USD"] * 5 + ["CNY"]])
def test_prices_in_another_currency_are_refused(currency: object, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="past prices are in CNY") as caught:
        calibrate_file(room(tmp_path, currency=currency))
    (mistake,) = caught.value.mistakes
    assert mistake.path == "history" and mistake.line == 4 and "in its currency" in mistake.remedy


def test_prices_in_the_show_s_currency_or_none_are_taken(tmp_path: Path) -> None:
    for columns in ({"currency": "usd"}, {"currency": "$"}, {"currency": "CNY", "price": np.nan}):
        assert len(calibrate_file(room(tmp_path, **columns)).shows) == 6


def test_what_did_not_begin_before_the_show_is_no_past_show(tmp_path: Path) -> None:
    starts = [f"2026-07-0{n + 1} 20:00" for n in range(4)]
    later = ["2026-09-26 20:00", "2027-07-01 20:00"]
    found = calibrate_file(room(tmp_path, start=[*starts, *later], units=[80] * 4 + [8_000] * 2))
    assert [show.name for show in found.shows] == [f"show {n}" for n in range(4)]
    assert any("left out 2 shows" in note and "show 4 and show 5" in note for note in found.read)
    asked = resolve_file(tmp_path / "room.yaml").questions
    assert any("left out 2 shows" in note for note in asked)
    undated = ROOM.replace("start: 2026-09-26 20:00, ", "")
    assert len(calibrate_file(room(tmp_path, undated, start=[*starts, *later])).shows) == 6
    with pytest.raises(ScenarioError, match="no past show was before this show"):
        calibrate_file(room(tmp_path, start="2027-07-01 20:00"))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"start": "2027-07-01 20:00"}, "no past show was before this show"),
        ({"currency": "CNY"}, "past prices are in CNY"),
    ],
)
def test_past_shows_that_do_not_fit_hide_no_mistake_of_the_file(
    tmp_path: Path, columns: dict[str, object], says: str
) -> None:
    wrong = ROOM.replace("price: 25,", "price: -25,")
    with pytest.raises(ScenarioError, match=says) as caught:
        calibrate_file(room(tmp_path, wrong, **columns))
    assert "products.serum.price" in {mistake.path for mistake in caught.value.mistakes}


def test_products_that_past_shows_call_otherwise_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="past shows name Serum 30ml") as caught:
        calibrate_file(room(tmp_path, product="Serum 30ml"))
    assert [mistake.path for mistake in caught.value.mistakes] == ["history", "products.serum"]
    labelled = ROOM.replace("price: 25,", "label: Serum 30ml, price: 25,")
    assert len(calibrate_file(room(tmp_path, labelled, product="Serum 30ml")).shows) == 6


def test_returns_that_past_shows_contradict_are_asked_about(tmp_path: Path) -> None:
    text = ROOM.replace("unit_cost: 8", "unit_cost: 8, returns: 5%")
    asked = {}
    for back in (4, 8, 40):
        notes = resolve_file(room(tmp_path, text, refunded=back)).questions
        asked[back] = [note for note in notes if "sent back" in note]
    assert not asked[4] and not asked[8]
    assert len(asked[40]) == 1 and "50 % of what past shows sold" in asked[40][0]


def test_a_plan_says_what_came_from_past_shows_and_names_the_row_that_is_far_off(
    tmp_path: Path,
) -> None:
    """In short and in full, each of it once, and the same of a plan that was kept."""
    file = room(tmp_path, units=[80, 800, 82, 78, 81, 79])
    assert any("show 1: orders per viewer" in one for one in resolve_file(file).questions)
    plan = livesim.plan(file, replications=200, workers=1)
    plan.save(tmp_path / "plan")
    curves, kept = load(tmp_path / "plan")
    for one in (plan, decide_again(curves, plan.objective, kept)):
        short = " ".join(str(one).split())
        assert "! show 1: orders per viewer" in short and "From 6 past shows" in short
        whole = " ".join(plain(page(one)).split())
        assert whole.count("show 1: orders per viewer") == whole.count("From 6 past shows") == 1
        assert "history" in whole and "how far off" in whole
