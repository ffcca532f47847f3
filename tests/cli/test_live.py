"""livesim live: options, files that grow, and mistakes in both."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import livesim
from livesim.cli import main
from livesim.errors import HistoryError
from livesim.history.on_air import read_moments

SHORT = ("--set", "show.length=20min", "--set", "show.refresh=20s", "--shows", "50")
ROOM = "scenarios/brand_room.yaml"


def live(*options: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["live", ROOM, *SHORT, *options])
    return done.exit_code, done.output


def test_counts_can_be_options() -> None:
    code, said = live("--at", "10min", "--viewers", "300", "--left", "serum=40", "--json")
    assert code == 0
    assert json.loads(said)["products"]["serum"]["sold"] == 10


def test_counts_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text("minute,viewers,left serum\n5,150,45\n10,300,40\n", "utf-8")
    code, said = live("--seen", str(file), "--top-up", "serum=20@2min")
    assert code == 0
    assert "\norder 20 more" in said  # the name goes on below


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "what has been seen"),
        (("--viewers", "3"), "give --at"),
        (("--seen", "pyproject.toml", "--left", "serum=3"), "also beside --seen: give --at"),
        (("--help",), "Counts need --at, also beside --seen."),
        (("--at", "5min", "--left", "serum"), "NAME=VALUE"),
        (("--at", "5min", "--left", "serums=3"), "Did you mean serum"),
        (("--at", "5min", "--viewers", "3", "--top-up", "serum=3"), "say when they come"),
        (("--at", "5min", "--viewers", "3", "--follow"), "--follow reads a file"),
    ],
)
def test_mistakes_are_said(options: tuple[str, ...], said: str) -> None:
    code, output = live(*options)
    assert code == (0 if "--help" in options else 2)
    assert said in " ".join(output.split())


def test_mistakes_in_a_file_have_their_line(tmp_path: Path) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text("minute,viewers,lost serum\n5,many,45\n", "utf-8")
    with pytest.raises(HistoryError) as error:
        read_moments(file)
    assert "minutes.csv:1  lost serum" in str(error.value)
    assert "minutes.csv:2  viewers" in str(error.value)


def test_a_line_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text("minute,viewers\n5,150\n10,300", "utf-8")
    assert [one["viewers"] for one in read_moments(file, growing=True)] == [150]
    assert [one["viewers"] for one in read_moments(file)] == [150, 300]


def test_a_table_of_minutes_is_added_up(tmp_path: Path) -> None:
    file = tmp_path / "show.minutes.csv"
    file.write_text(
        "show,at,product,came,left,concurrent,views,units,orders,revenue,clicks\n"
        "gala,0,,100,,80,,,,,\ngala,0,serum,,,,,3,2,,\ngala,60,,50,,90,,,,,\n"
        "gala,60,serum,,,,,1,1,,\n",
        "utf-8",
    )
    first, last = read_moments(file)
    assert (first["at"], last["at"], last["viewers"], last["orders"]) == (60, 120, 150, 3)
    assert (last["watching"], last["sold"]) == (90, {"serum": 4})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at,viewers,viewers\n5min,9,10\n", "two columns hold viewers"),
        ("at,viewers,came\n5min,9,10\n", "two columns hold viewers"),
        ("at,minute,viewers\n5min,6,10\n", "two columns hold at"),
        ("at,left serum,left_serum\n5min,9,10\n", "two columns hold left serum"),
        ("at,viewers\n5min,1,500\n", "3 cells stand below 2 columns"),
        ('at,viewers\n5min,"900\n', "cannot be read from here on"),
        ("at,viewers\n10,9\n", "10 has no unit of time"),
        ("at,left serum\n5min,4 2\n", "'4 2' is not a number"),
        ("at,left serum\n5min,42¹\n", "a raised, circled"),
        ("at,viewers\n5min,15x\n", "'15x' is not a number"),
        ("at,viewers\n5min," + "9" * 400 + "\n", "minutes.csv:2  viewers"),
        ("at,viewers\n5min," + "9" * 200_000 + "\n", "cannot be read from here on"),
    ],
)
def test_a_table_is_not_guessed(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(HistoryError, match=said):
        read_moments(file)


def test_a_heading_may_say_in_which_unit_moments_stand(tmp_path: Path) -> None:
    file = tmp_path / "minutes.csv"
    for heading, at in (("at (min)", 600), ("minute", 600), ("time [s]", 10)):
        file.write_text(f"{heading},viewers\n10,900\n", "utf-8")
        assert [one["at"] for one in read_moments(file)] == [at]


def minutes(place: Path, rows: str) -> Path:
    file = place / "show.minutes.csv"
    header = "show,at,product,came,left,concurrent,views,units,orders,revenue,clicks\n"
    file.write_text(header + rows, "utf-8")
    return file


def test_orders_of_the_whole_show_are_not_counted_again_by_product(tmp_path: Path) -> None:
    file = minutes(tmp_path, "gala,0,,100,,80,,,5,,\ngala,0,serum,,,,,3,2,,\n")
    (now,) = read_moments(file)
    assert (now["orders"], now["sold"]) == (5, {"serum": 3})


def test_minutes_are_of_one_show_and_have_counts(tmp_path: Path) -> None:
    rows = "gala,0,,many,,80,,,5,,\ndrop,60,,-3,,,,,,,\ngala\n"
    with pytest.raises(HistoryError) as error:
        read_moments(minutes(tmp_path, rows))
    for said in (":2  came", ":3  show", ":3  came", ":4  at"):
        assert f"show.minutes.csv{said}" in str(error.value)


@pytest.mark.slow
def test_following_answers_again_and_ends_cleanly(tmp_path: Path) -> None:
    file = tmp_path / "minutes.csv"
    file.write_text("minute,viewers\n5,150\n", "utf-8")
    command = [sys.executable, "-m", "livesim", "live", ROOM, *SHORT, "--seen", str(file)]
    with subprocess.Popen(
        [*command, "--follow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "5 min on the air" not in process.stdout.readline():
            assert process.poll() is None
        with file.open("a", encoding="utf-8") as growing:
            growing.write("10,300\n")
        while "10 min on the air" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_a_mistake_is_told_once_while_a_file_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be answered is not tried again until the file says something else."""
    (file := tmp_path / "minutes.csv").write_text("minute,left serums\n5,3\n", "utf-8")
    looks = iter(range(3))

    def look(_: float) -> None:
        if next(looks, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", look)
    code, said = live("--seen", str(file), "--follow")
    assert code == 130
    assert said.count("Did you mean serum") == 1


def test_the_public_name_is_there() -> None:
    assert livesim.replan.__module__ == "livesim.planning.live"
