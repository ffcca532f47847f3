"""How much work it takes to look at an answer, and what is told of it meanwhile."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from livesim.planning import recommendation
from livesim.planning.columns import curve_columns
from livesim.planning.plan import decide_again
from livesim.planning.recommendation import Plan
from livesim.report import plan_tables, views
from livesim.resolve import Resolution

Planned = tuple[Plan, Resolution]


def test_it_is_told_how_many_figures_are_drawn_and_what_is_written(
    planned: Planned, tmp_path: Path
) -> None:
    """Of hundreds of products that took half a minute under one name, without a count."""
    plan, told = planned[0], list[tuple[str, int, int]]()
    plan.save(tmp_path / "plan", progress=lambda *one: told.append(one))
    phases = {what: [*steps] for what, steps in groupby(told, key=lambda one: one[0])}
    assert [*phases] == [
        *("Drawing figures", "Writing the page", "Writing the workbook", "Writing the tables")
    ]
    counts = [done for _, done, _ in phases["Drawing figures"]]
    images = len([*(tmp_path / "plan" / "figures").glob("*.svg")])
    assert sorted({*counts}) == [*range(counts[-1] + 1)] and counts[-1] > images
    assert {tasks for _, _, tasks in phases["Drawing figures"]} == {counts[-1]}
    told.clear()
    plan.save(tmp_path / "plan.html", progress=lambda *one: told.append(one))
    assert told[-1][0] == "Writing the page" and len(told) > 4
    told.clear()
    plan.save(tmp_path / "plan.xlsx", progress=lambda *one: told.append(one))
    assert told == [("Writing the workbook", 0, 1)]


def test_what_is_said_first_does_not_wait_for_the_rest(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is worth to know everything took seconds, of many products, and was not printed."""
    said = views.full(planned[0]).with_percentiles_explained()
    monkeypatch.setattr(plan_tables, "page", None)
    assert views.brief(planned[0]).answer[:-1] == said.answer
    assert "--out" not in str(views.brief(planned[0], True).answer[-1])  # it is kept already
    assert str(planned[0]) and planned[0]._repr_html_()


def test_a_folder_has_its_stock_curves_made_once(
    planned: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workbook and the table for programs made them each, of many products for seconds."""
    made: list[object] = []
    monkeypatch.setattr(
        recommendation,
        "curve_columns",
        lambda curves: curve_columns(made.append(curves) or curves),  # type: ignore[func-returns-value]
    )
    plan, resolution = planned
    decide_again(plan.curves, plan.objective, resolution).save(tmp_path / "plan")
    assert len(made) == 1
