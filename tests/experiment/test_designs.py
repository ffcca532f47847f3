"""Sweeps over points: space-filling designs and lists, from Python and from the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import livesim
from livesim.cli import main
from livesim.errors import ResultsError, UsageError
from livesim.experiment.designs import design
from livesim.experiment.swept import Sweep, number
from livesim.report.views import figures
from livesim.results.answer import write

SHORT = {"show.length": "20min", "show.refresh": "20s"}
BOX = {"viewers": ["1k", "5k"], "deal.guest_fee": [0, 9000], "deal.commission": ["10%", "30%"]}


@pytest.fixture(scope="module")
def spread() -> Sweep:
    return livesim.sweep(
        "scenarios/brand_room.yaml", design(BOX, 8), changes=SHORT, replications=50, workers=1
    )


def test_each_sixteenth_of_each_path_has_one_of_sixteen_points() -> None:
    """What makes a Sobol' sequence fill the space: its projections on an axis are even."""
    points = design(BOX, 16, seed=3)
    for path, (low, high) in BOX.items():
        ends = number(path, low), number(path, high)
        values = np.array([number(path, point[path]) for point in points])
        cells = (values - ends[0]) / (ends[1] - ends[0]) * 16
        assert sorted(np.minimum(cells + 1e-3, 15.99).astype(int)) == list(range(16))
    assert design(BOX, 16, seed=3) == points != design(BOX, 16, seed=4)


def test_points_rise_by_the_first_path() -> None:
    for seed in range(1, 6):
        values = [point["viewers"] for point in design({"viewers": [1_000, 9_000]}, 13, seed=seed)]
        assert values == sorted(values)


def test_the_command_tells_a_design_against_the_show_as_it_is_written() -> None:
    """No point of it is like a first one."""
    options = ("--over", "viewers=1000,5000", "--design", "4", "-n", "50", "--workers", "1")
    short = ("--set", "show.length=20min", "--set", "show.refresh=60s")
    found = CliRunner().invoke(main, ["sweep", "brand_room", *short, *options])
    assert found.exit_code == 0, found.output
    assert "from the baseline's" in found.output and "\nbaseline " in found.output
    assert re.search(r"with viewers:\s\d,\d{3}[.,]", found.output)


def test_values_are_written_as_their_ends() -> None:
    box = {**BOX, "show.length": ["10min", "1h"], "people.kim.fit.fans": [-0.5, 0.5]}
    for point in design(box, 5):
        assert isinstance(point["deal.guest_fee"], int)
        assert point["deal.commission"].endswith("%")
        assert point["show.length"].endswith("s")
        assert isinstance(point["people.kim.fit.fans"], float)


@pytest.mark.parametrize(
    ("box", "points", "said"),
    [
        ({}, 4, "needs paths"),
        ({"viewers": ["1k"]}, 4, "two values"),
        ({"viewers": ["5k", "1k"]}, 4, "no lowest and highest"),
        ({"viewers": ["1k", "many"]}, 4, "no number"),
        (BOX, 1, "from 2 on"),
        (BOX, 1_000_000_000, "at most"),
        ({"products.serum.owned": [10, 12]}, 8, "only 3 of 8 points differ"),
    ],
)
def test_what_is_no_box_is_refused(box: Any, points: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        design(box, points)


def test_a_sweep_over_points_has_a_row_each_and_a_figure(spread: Sweep, tmp_path: Path) -> None:
    assert not spread.is_grid
    assert [*spread.table()["viewers"]] == [*spread.over["viewers"]]
    assert len(spread.table()) == len(spread.points) == 8
    assert [*figures(spread)] == ["profit"]
    told = write(spread, tmp_path / "spread")
    command = spread.kind._run_again(told, {"over": {"viewers": [1]}, "grid": False})
    assert "--points FILE" in command


def test_points_share_their_random_numbers_as_a_grid_does(spread: Sweep) -> None:
    point = spread.points[3]
    alone = livesim.sweep(
        "scenarios/brand_room.yaml",
        [dict(point.values), dict(spread.points[0].values)],
        changes=SHORT,
        replications=50,
        workers=1,
    )
    key = ("", "profit")
    one, other = (s.comparison.measured[point.name][key] for s in (alone, spread))
    assert (one == other).all()


@pytest.mark.parametrize("rows", [[], [{}], [{"viewers": 1}, {"deal.guest_fee": 1}]])
def test_points_need_the_same_paths(rows: Any) -> None:
    with pytest.raises(UsageError, match="over points"):
        livesim.sweep("scenarios/brand_room.yaml", rows)


def test_the_command_takes_a_table_or_a_design(tmp_path: Path) -> None:
    def swept(*options: str) -> Any:
        quick = ("-n", "50", "--workers", "1", "--set", "show.length=20min")
        return CliRunner().invoke(main, ["sweep", "brand_room", *quick, *options])

    table = tmp_path / "points.csv"
    table.write_text('viewers,deal.guest_fee\n1k,0\n"{p10: 1k, likely: 2k, p90: 3k}",5k\n')
    found = swept("--points", str(table))
    assert found.exit_code == 0, found.output
    assert "5,000" in found.output
    found = swept("--over", "viewers=1k,5k", "--design", "3", "--json")
    assert found.exit_code == 0, found.output
    assert found.stdout.count('"values": {"viewers"') in (0, 3)
    for options, said in (
        ((), "say what to try"),
        (("--points", str(table), "--over", "viewers=1,2"), "both say what to try"),
        (("--points", str(table), "--design", "4"), "leave --points away"),
    ):
        refused = swept(*options)
        assert refused.exit_code == 2
        assert said in refused.output
    table.write_text("viewers,deal.guest_fee\n1k\n")
    assert "row 2 needs 2 values" in swept("--points", str(table)).output
    table.write_text("viewers,deal.guest_fee,viewers\n1k,0,2k\n2k,5\n")
    said = swept("--points", str(table)).output
    assert "viewers has 2 columns" in said
    assert "row 3 needs 3 values" in said
    table.write_text("viewers\n" + "9" * 200_000 + "\n")
    assert "cannot be read as a table" in swept("--points", str(table)).output
    table.write_text("viewers;deal.guest_fee\n1k;-1\n-2;0\n")
    said = swept("--points", str(table)).output
    assert "--points points.csv:2  deal.guest_fee" in said
    assert "--points points.csv:3  viewers" in said
    table.write_text("viewers\n")
    assert "has no points" in swept("--points", str(table)).output


def test_a_grid_of_too_many_points_is_refused_before_it_is_made() -> None:
    over = {"viewers": range(1, 10**9), "deal.guest_fee": [0, 1]}
    with pytest.raises(UsageError, match="too many for a sweep"):
        livesim.sweep("scenarios/brand_room.yaml", over)


@pytest.mark.parametrize(
    ("path", "ends", "places"),
    [
        ("products.aa.price", [5.99, 6.99], 2),
        ("products.aa.price", [0.125, 0.5], 3),
        ("rundown.late.price.aa", [105.5, 120], 2),
        ("deal.guest_fee", [99, 140], 0),
        ("products.aa.unit_cost", [5.99, 6.99], 3),
    ],
)
def test_money_that_is_paid_can_be_paid_at_every_point(
    path: str, ends: list[float], places: int
) -> None:
    values = [point[path] for point in design({path: ends}, 8)]
    assert values == [round(value, places) for value in values]
    assert len({*values}) == 8


def test_amounts_too_near_for_as_many_points_are_refused() -> None:
    with pytest.raises(UsageError, match=r"only \d of 8 points differ"):
        design({"products.aa.price": [5.97, 5.99]}, 8)


def test_a_word_is_no_end_of_a_design() -> None:
    with pytest.raises(UsageError, match=r"'kept' is no number.*without a design"):
        design({"products.serum.left_over_value": [10, "kept"]}, 4)


@pytest.mark.parametrize(
    ("swept", "said"),
    [
        (("left_over_value=kept,0,20",), "give numbers alone"),
        (("left_over_value=kept,0,20", "owned=1,2"), "name products.serum.owned first"),
        (("left_over_value=1,2", "owned=1,2", "limit=1,2"), "shows one or two"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused_before_the_work(
    swept: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livesim.experiment.sweeping.compare_with", None)
    over = [part for one in swept for part in ("--over", f"products.serum.{one}")]
    kept = ("--workers", "1", "--out", str(tmp_path / "k.png"))
    found = CliRunner().invoke(main, ["sweep", "brand_room", *over, *kept])
    assert found.exit_code == 2
    assert said in " ".join(found.output.split())


def test_a_file_of_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    over = {"products.serum.left_over_value": ["kept", 20]}
    words = livesim.sweep(
        "scenarios/brand_room.yaml", over, changes=SHORT, replications=50, workers=1
    )
    with pytest.raises(ResultsError, match=r"nothing of this can be drawn as \.svg"):
        words.save(tmp_path / "k.svg")
