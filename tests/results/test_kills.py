"""Processes that are killed while they save, at any moment, and two that save to one place."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from livesim.errors import ResultsError
from livesim.places import earlier_of, unfinished_folder, write_whole
from livesim.results import Result, load
from livesim.results.answer import write

#: How many are killed; .ci/long asks for more.
TIMES = int(os.environ.get("LIVESIM_FAULTS", "10"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that is warm is copied")

Save = Callable[[int], object]


def begun(save: Save, first: int) -> tuple[int, int]:
    """Start a process that saves again and again, and wait for the first time that it says so.

    Returns
    -------
    tuple of int and int
        Its number, and the handle of what it says.
    """
    told, tells = os.pipe()
    child = os.fork()
    if child:
        os.close(tells)
        assert os.read(told, 1)
        return child, told
    try:
        for number in range(first, sys.maxsize):
            save(number)
            os.write(tells, b".")
    finally:
        os._exit(1)


def killed(save: Save, first: int, after: float) -> int:
    """Kill a process while it saves; return the last save that it told of."""
    child, told = begun(save, first)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it ended by itself"
    with open(told, "rb") as more:  # noqa: PTH123
        return first + len(more.read())


def seconds(save: Save, number: int) -> float:
    start = time.perf_counter()
    save(number)
    return time.perf_counter() - start


def note_of(place: Path) -> int:
    """Return which save a folder is of, once it was read and found to be whole."""
    try:
        load(place)
    except ResultsError as error:
        assert "an earlier result, whole" in str(error)
        place = earlier_of(place)
        load(place)
    return int((place / "note.txt").read_text())


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_that_was_saved(result: Result, tmp_path: Path) -> None:
    place, choose, last = tmp_path / "show", random.Random(1), 1

    def save(number: int) -> None:
        write(result, place, {"note.txt": str(number).encode()})

    save(0)
    takes = seconds(save, 1)
    for _ in range(TIMES):
        told = killed(save, last + 1, choose.uniform(0, takes))
        last = note_of(place)
        assert last in (told, told + 1)
    save(last + 1)
    assert note_of(place) == last + 1
    assert [path.name for path in tmp_path.iterdir()] == ["show"]


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_file_whole(tmp_path: Path) -> None:
    file, choose, last = tmp_path / "plan.html", random.Random(2), 0

    def save(number: int) -> None:
        write_whole(file, f"{number:09} " * 100_000)

    takes = seconds(save, 0)
    for _ in range(TIMES):
        told = killed(save, last + 1, choose.uniform(0, takes))
        (last,) = map(int, set(file.read_text().split()))
        assert last in (told, told + 1)
    save(last + 1)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.html"]


def test_what_a_dead_process_left_is_cleared_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
) -> None:
    """Each save clears what is unfinished at its own place, and at no other."""
    for name in ("show", "plan.html"):
        dead = tmp_path / f".{name}.0123abcd.unfinished"
        dead.mkdir() if name == "show" else dead.touch()
    others = tmp_path / ".other.0123abcd.unfinished"
    others.mkdir()
    with unfinished_folder(tmp_path / "show") as alive:
        with unfinished_folder(tmp_path / "show") as second:
            assert alive.is_dir() and second.is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {
            *(alive.name, others.name, ".plan.html.0123abcd.unfinished")
        }
    write_whole(tmp_path / "plan.html", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {others.name, "plan.html"}


@pytest.mark.slow
def test_two_processes_that_save_to_one_folder_leave_it_whole(
    result: Result, tmp_path: Path
) -> None:
    place = tmp_path / "show"

    def save(number: int) -> None:
        write(result, place, {"note.txt": str(number).encode()})

    save(0)
    both = [begun(save, first) for first in (1, 10_000)]
    for _, told in both:
        assert os.read(told, 1), "it ended by itself"
    for child, told in both:
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        os.close(told)
    note_of(place)
    save(1)
    assert note_of(place) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["show"]
