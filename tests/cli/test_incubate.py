"""The incubate command: its page, its document and its folder, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.report.pages import WIDTH

Call = Callable[..., Result]
QUICK = ("-n", 100, "--later-shows", 2, "--workers", 1, "--set", "show.refresh=60s")
GRID = ("--tried", "5, 20", "--lengths", "5min,20min", "--shows", "1,2")


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(
        main, ["incubate", "incubator", *map(str, (*QUICK, *args))]
    )


@pytest.mark.slow
def test_the_page_recommends_and_says_how_sure(call: Call) -> None:
    result = call(*GRID, "--full")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    text = " ".join(result.stdout.split())
    for said in (
        *("Best of what was looked at: 20 tried", "pay back after", "20 × 5 min"),
        *("80 pass the screening: more may be better", "Winner's curse", "reliability"),
        *(
            "net, mean, CNY",
            "cost is paid back in",
            "100 candidates, each in 3 trial shows and 2 later ones",
        ),
    ):
        assert said in text
    assert result.stderr == ""


def test_what_never_pays_back_is_told(call: Call) -> None:
    text = " ".join(call(*GRID, "--set", "deal.guest_fee=10M").stdout.split())
    assert "pay back after no number of shows" in text
    assert "0 % (0 – 52 %)" in text  # 100 candidates are five groups of 20


def test_a_single_show_is_told_in_the_singular(call: Call) -> None:
    text = " ".join(call(*GRID, "--full", "--set", "incubator.first_shows=1").stdout.split())
    assert "in their first show, the cost taken off" in text
    assert "net: of the first show, the cost taken off" in text
    assert "from group to group, 1 show " in text


@pytest.mark.slow
def test_json_is_one_document_of_finite_numbers(call: Call) -> None:
    result = call(*GRID, "--json", "--set", "deal.guest_fee=10M")
    document = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    assert len(document["designs"]) == 8
    assert document["best"]["pays_back_after"] is None
    assert 0 <= document["asked"]["picked"]["mean"] <= 1
    assert document["asked"]["outlook"]["paid_back"]["chance"] == 0


@pytest.mark.slow
def test_it_keeps_choices_candidates_and_figures(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for _ in range(2):  # the second replaces the first
        result = call(*GRID, "--out", folder)
        assert result.exit_code == 0, result.output
    assert len((folder / "candidates.csv").read_text().splitlines()) == 101
    assert len((folder / "designs.csv").read_text().splitlines()) == 9
    assert (folder / "figures" / "tried.png").stat().st_size > 1000
    assert "candidate: newcomer" in (folder / "scenario.yaml").read_text()
    refused = call(*GRID, "--out", tmp_path)
    assert (refused.exit_code, "not a livesim incubation" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tried", "five"), "--tried: 'five' is not a count"),
        (("--lengths", "20"), "--lengths"),
        (("--lengths", "90s"), "multiples of 60 s"),
        (("--shows", "0"), "--shows"),
        (("--tried", "90"), "80 pass the screening"),
        (("-n", "120"), "take 100"),
        (("--set", "incubator.tried=81"), "only 80 pass"),
    ],
)
def test_mistakes_are_told(call: Call, arguments: tuple[str, ...], said: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.slow
def test_one_of_several_alternatives_is_picked(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(
        "include: [incubator]\nalternatives:\n  one: {}\n  three: {incubator: {promotes: 3}}\n"
    )

    def call(*picked: str) -> Result:
        return CliRunner().invoke(
            main, ["incubate", str(path), *map(str, (*QUICK, *GRID)), *picked]
        )

    refused = call()
    assert refused.exit_code == 2
    assert "--alternative one" in refused.stderr
    result = call("--alternative", "three")
    assert result.exit_code == 0, result.output
    assert "promotes 3" in result.stdout


@pytest.mark.slow
def test_another_show_has_no_incubator() -> None:
    result = CliRunner().invoke(main, ["incubate", "brand_room"])
    assert result.exit_code == 2
    assert "livesim new --from incubator" in result.stderr
