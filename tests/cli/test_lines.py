"""What is said of long work where nobody sees a bar."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner

from livesim.cli import lines, main
from livesim.cli.lines import Lines
from livesim.report.language import speaking


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take 50 ms for a minute, and 100 ms for eight."""
    monkeypatch.setattr(lines, "FIRST", 0.05)
    monkeypatch.setattr(lines, "LONGEST", 0.1)
    return iter([None])


def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it never came")


@pytest.mark.usefixtures("soon")
def test_how_far_it_is_is_said_again_and_again() -> None:
    said: list[str] = []
    with Lines("Getting ready", said.append) as told:
        until(lambda: len(said) == 1)
        told.tell("Simulating", 0, 4)
        told.tell("Simulating", 1, 4)
        until(lambda: len(said) > 5)
    assert said[0].startswith("Getting ready")
    assert re.fullmatch(r"Simulating: 1 of 4 parts are done, about \d s left", said[-1])
    time.sleep(0.3)
    there = len(said)
    time.sleep(0.3)
    assert len(said) == there


def test_what_is_soon_done_is_not_spoken_of() -> None:
    said: list[str] = []
    with Lines("Getting ready", said.append) as told:
        told.tell("Simulating", 0, 1)
    assert not said


def test_lines_come_at_the_first_second_fourth_and_eighth_minute_and_every_eight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(Lines, "_wait", lambda _, seconds: waits.append(seconds))
    told = Lines("Getting ready", lambda _: None)
    told._wait(told._after)
    for _ in range(6):
        told._say()
    ends = [sum(waits[: n + 1]) / 60 for n in range(len(waits))]
    assert ends == [1, 2, 4, 8, 16, 24, 32]


def test_they_are_said_in_chinese() -> None:
    told = Lines("Simulating", lambda _: None)
    told.tell("Simulating", 1, 4)
    with speaking("zh"):
        assert "4 份中已完成 1 份" in told._line()


def test_a_command_says_them_beside_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FIRST", 0.01)
    monkeypatch.setattr(lines, "LONGEST", 0.01)
    short = ("--set", "show.length=20min", "--set", "show.refresh=20s")
    command = ("run", "brand_room", "-n", "2000", "--workers", "1", "--json", *short)
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 0, found.output
    assert re.search(r"Simulating: \d of 8 parts are done, about \d+ s left", found.stderr)
    assert found.stdout.startswith("{")
