"""The sweep command: its page, its document and its folder, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.errors import Interrupted
from livesim.experiment import sweeping
from livesim.report.pages import WIDTH

Call = Callable[..., Result]

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 5s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 300, shipping: 5}
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 20}
supply: {pack: 1, minimum_order: 0}
"""
FEES = ("--over", "deal.guest_fee=0,200,400")


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "drop.yaml"
    path.write_text(SHOW)
    return path


@pytest.fixture
def call(show: Path) -> Call:
    quick = ("-n", 100, "--workers", 1)
    return lambda *args: CliRunner().invoke(main, ["sweep", str(show), *map(str, (*quick, *args))])


def test_where_every_row_is_a_loss_the_least_is_named_as_in_its_table(call: Call) -> None:
    said = call("--over", "deal.guest_fee=2M,3M").stdout
    headline, table = said.split("\n\n")[1:3]
    (told,) = re.findall(r"Least loss: CNY (\S+(?: M)?) with", " ".join(headline.split()))
    assert f"  -{told}\n" in table and "Most profit" not in said


def test_a_range_is_told_as_people_write_one(call: Call, tmp_path: Path) -> None:
    said = call("--over", "viewers={p10: 300, likely: 500, p90: 2k},600").stdout
    assert "300–2,000, likely 500" in said and "p10" not in said


def test_a_show_is_not_compared_with_its_own_title(call: Call, show: Path) -> None:
    (title, *_) = call("--over", "deal.guest_fee=0,200", "--against", show).stdout.splitlines()
    assert title == "A quick drop over guest fee · CNY · against the baseline"


def test_a_mistake_of_a_table_has_its_row(call: Call, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("viewers\n400\n\n-5\n")
    said = call("--points", tmp_path / "points.csv").stderr
    assert said.startswith("--points points.csv:4  viewers\n  -5 is out of range")


def test_what_is_to_be_tried_is_asked_for_by_the_option_that_lacks(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "points.csv").write_text("deal.guest_fee\n0\n")
    points = ("--points", tmp_path / "points.csv")
    for given, said in (
        ((), "say what to try: --over"),
        ((*FEES, *points), "keep one of them"),
        ((*points, "--design", 8), "leave --points away"),
    ):
        assert said in " ".join(call(*given).stderr.split())


def test_the_page_has_a_row_a_point_and_the_crossing(call: Call, show: Path) -> None:
    result = call(*FEES, "--against", show, "--full")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    rows = [line.split()[0] for line in result.stdout.splitlines() if line]
    assert rows.count("baseline") == rows.count("400") == 1  # of no product anything moves
    assert (
        "where guest fee is about 300, on a straight line between 200 and 400; above, it is "
        "lower" in " ".join(result.stdout.split())
    )


def test_a_sweep_over_its_own_value_is_even_with_the_file_there(call: Call, show: Path) -> None:
    """However far from it the other values are, and in whichever order they are given."""
    for fees in ("200,300,900", "900,300,200"):
        result = call("--over", f"deal.guest_fee={fees}", "--against", show)
        assert result.exit_code == 0, result.output
        told = " ".join(result.stdout.split())
        assert "baseline's where guest fee is 300; above, it is lower" in told


@pytest.mark.parametrize("values", ["80,160", "80, 160", "80,160,240"])
def test_the_sweep_that_a_mistake_tells_runs(call: Call, show: Path, values: str) -> None:
    """Of --set, and of --over with two values that look like one with its thousands."""
    mistakes = [
        CliRunner().invoke(main, ["run", str(show), "--set", f"products.serum.owned={values}"])
    ]
    if values == "80,160":
        mistakes.append(call("--over", f"products.serum.owned={values}"))
    for mistake in mistakes:
        assert mistake.exit_code == 2
        (told,) = re.findall(r'--over "([^"]*)"', " ".join(mistake.stderr.split()))
        runs = call("--over", told, "--json")
        assert runs.exit_code == 0, runs.output
        owned = [one["values"]["products.serum.owned"] for one in json.loads(runs.stdout)["points"]]
        assert owned == [80, 160, 240][: len(owned)] and len(owned) == values.count(",") + 1


def test_help_shows_how_two_values_are_written(call: Call) -> None:
    told = re.search(r'"PATH=(.*?)"', " ".join(call("--help").stdout.split()))
    assert told is not None
    assert call("--over", f"products.serum.owned={told[1]}").exit_code == 0


def test_a_crossing_between_values_that_fall_has_its_neighbours(call: Call, show: Path) -> None:
    result = call("--over", "deal.guest_fee=900,400,200", "--against", show)
    assert result.exit_code == 0, result.output
    assert "a straight line between 200 and 400" in " ".join(result.stdout.split())


def profit_of(document: dict[str, Any], point: int) -> float:
    """Return by how much the profit of a point is above the base's."""
    name = document["points"][point]["name"]
    difference: float = document["show"]["profit"]["differences"][name]["difference"]
    return difference


def test_json_is_one_document_of_finite_numbers(call: Call) -> None:
    result = call(*FEES, "--over", "products.serum.owned=5,50", "--json", "--set", "viewers=300")
    document = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    assert len(document["points"]) == 6
    last = document["points"][-1]
    assert last["values"] == {"deal.guest_fee": 400, "products.serum.owned": 50}
    assert profit_of(document, 2) == pytest.approx(-200)
    assert document["crossings"] == []


@pytest.mark.slow
def test_the_points_and_the_baseline_are_of_the_alternative_that_is_picked(
    call: Call, show: Path
) -> None:
    one, two = show.with_name("one.yaml"), show.with_name("two.yaml")
    one.write_text(SHOW)
    text = SHOW + "alternatives:\n  free: {}\n  dear:\n    deal: {slot_fee: 1_000}\n"
    two.write_text(text)
    refused = call(*FEES, "--against", two, "--alternative", "dear")
    assert "it describes one show: pick none" in refused.stderr  # the show that is swept
    show.write_text(text)
    for baseline, ahead in ((two, 300), (one, -700)):  # the show itself has a guest's fee of 300
        result = call(*FEES, "--json", "--against", baseline, "--alternative", "dear")
        assert result.exit_code == 0, result.output
        assert profit_of(json.loads(result.stdout), 0) == pytest.approx(ahead)


@pytest.mark.slow
def test_it_keeps_the_sweep_and_its_figures(call: Call, show: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for _ in range(2):  # the second replaces the first
        result = call(*FEES, "--against", show, "--out", folder)
        assert result.exit_code == 0, result.output
    assert len((folder / "points.csv").read_text().splitlines()) == 4
    assert json.loads((folder / "sweep.json").read_text())["crossings"][0]["rising"] is False
    assert (folder / "figures" / "profit.png").stat().st_size > 1000
    kept = [file.read_text() for file in folder.glob("scenario*.yaml")]
    assert any("guest_fee: 0" in text for text in kept)
    refused = call(*FEES, "--out", tmp_path)
    assert (refused.exit_code, "not a livesim sweep" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to try: --over"),
        (("--over", "deal.guest_fee="), "has no values: write PATH=V1,V2"),
        (("--over", "deal.guest_fee"), "has no values: write PATH=V1,V2"),
        (("--over", "viewers=1k..2k"), "is a range, and no values to try: write viewers=V1,V2"),
        (("--over", "viewers=1k..2k"), "the lowest and the highest: viewers=1k,2k"),
        (("--over", "deal.guest_fe=1,2"), "guest_fe"),
        ((*FEES, *FEES), "swept twice"),
        ((*FEES, "--set", "deal.guest_fee=5"), "--over and --set both change deal.guest_fee"),
        ((*FEES, "--against", "nothing.yaml"), "nothing.yaml"),
        (("--over", "deal.guest_fee=1,1"), "stands twice"),
        (("--over", "products.serum.owned=1,000"), "could be 1 and 000, or 1000"),
        (("--over", "products.serum.owned=500,1,000"), "the comma in '1,000' could separate"),
        (("--over", "products.serum.owned=1,500"), "could be 1 and 500, or 1500"),
        (("--over", "deal.guest_fee=30.000,60"), "thousands or decimals"),
    ],
)
def test_mistakes_are_told(call: Call, arguments: tuple[str, ...], said: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_an_interrupted_sweep_shows_what_there_is(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sweeping.compare_with

    def interrupted(runner: Any, shows: Any, replications: int, seed: int, custom: Any) -> None:
        raise Interrupted(replace(whole(runner, shows, 100, seed, custom), requested=replications))

    monkeypatch.setattr(sweeping, "compare_with", interrupted)
    result = call(*FEES, "-n", "1000")
    assert result.exit_code == 130
    assert "from the first 100 of 1,000 replications" in result.stderr


def test_values_without_an_option_are_told_with_the_one_that_takes_them(
    call: Call, show: Path
) -> None:
    """All that was said is that the argument is one too many."""
    values = "products.serum.price=99,199,299"
    assert f"({values}): write --over {values}" in call(values).stderr
    assert ": write --over viewers=1k,2k --over a.b=1" in call("viewers=1k,2k", "a.b=1").stderr
    for command in ("plan", "run", "explain"):
        said = CliRunner().invoke(main, [command, str(show), "viewers=1k"]).stderr
        assert said.rstrip().endswith("(viewers=1k): write --set viewers=1k")
    alone = call("other.yaml").stderr.rstrip()
    assert alone.endswith("stands in quotes, as in 'my show.yaml'")
    assert ": write" not in call("--set", values).stderr.partition("write 1_000 for a thousand")[2]
