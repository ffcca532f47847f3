"""What a terminal shows while a command works; here a real one, in which nothing is typed."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from rich.progress import ProgressColumn

from livesim.cli.display import Display
from livesim.cli.given import Output
from livesim.cli.lines import time_left
from livesim.cli.plan import _decided_anew
from livesim.cli.terminal import _show_rough, echo, loading
from livesim.report.language import speaking
from livesim.report.pages import Page
from livesim.results.answer import Answer

#: Of the terminal: fewer than an answer has.
LINES = 16
#: What is told of the steps of a decision.
DECIDING = ("Finding what decides it", "Trying other values of what nobody wrote")


class Clock:
    """Tells the time that a test has set [s]."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(display: Display) -> tuple[str, float | None, str]:
    assert [*display.get_renderables()]
    (task,), told = display.tasks, display.columns[-1]
    assert isinstance(told, ProgressColumn)
    return task.description, task.total, str(told(task))


def test_each_phase_has_its_name_and_from_the_first_task_on_the_time_left() -> None:
    clock = Clock()
    display = Display("Getting ready", clock)
    assert shown(display) == ("Getting ready", None, "")
    display.tell("Simulating", 0, 4)
    clock.now = 0.3
    assert shown(display) == ("Simulating", 4, "")
    clock.now = 20.0
    display.tell("Simulating", 1, 4)
    assert shown(display) == ("Simulating", 4, "20 s so far, about 60 s left")
    clock.now = 79.5
    display.tell("Simulating", 4, 4)
    clock.now = 80.0
    assert shown(display) == ("Working out the answer", None, "")
    display.tell("Comparing", 0, 2)
    clock.now = 90.0
    display.tell("Comparing", 1, 2)
    assert shown(display) == ("Comparing", 2, "10 s so far, about 10 s left")


def test_a_phase_is_named_once_it_has_lasted_long_enough_to_be_read() -> None:
    """Between short ones "Working out the answer" flashed by eight times in a second."""
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 2)
    clock.now = 4.0
    assert shown(display)[0] == "Simulating"
    display.tell("Simulating", 2, 2)
    seen = []
    for phase in ("Putting together", "Choosing", "Trying", "Finding"):
        clock.now += 0.1
        display.tell(phase, 0, 3)
        seen.append(shown(display)[0])
        clock.now += 0.1
        seen.append(shown(display)[0])
        display.tell(phase, 3, 3)
    assert seen == 3 * ["Simulating"] + 5 * ["Working out the answer"]
    assert shown(display)[2] == "", "not how long the phase before it took"
    display.tell("Comparing", 0, 3)
    clock.now += 0.4
    display.tell("Comparing", 1, 3)
    assert shown(display)[:2] == ("Comparing", 3)


def test_of_what_is_over_in_a_moment_the_time_left_is_not_told() -> None:
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 3)
    clock.now = 0.5
    display.tell("Simulating", 1, 3)
    assert shown(display)[2] == ""
    display.tell("Checking", 0, 30)
    clock.now = 1.0
    display.tell("Checking", 1, 30)
    assert shown(display)[2] == "about 15 s left"


def test_the_time_left_runs_down_between_tasks_and_does_not_pass_what_a_late_one_leaves() -> None:
    """It stood still for a minute while a block of many products was simulated."""
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 4)
    clock.now = 20.0
    display.tell("Simulating", 1, 4)
    clock.now = 30.0
    assert shown(display)[2] == "30 s so far, about 50 s left"
    clock.now = 60.0  # the second task should have been done at 40
    assert shown(display)[2] == "60 s so far, about 60 s left"
    display.tell("Simulating", 2, 4)
    assert shown(display)[2] == "60 s so far, about 60 s left"


def test_a_phase_of_one_task_tells_the_time_left_by_phases_before_it() -> None:
    """Of hundreds of products its only block takes a minute; once that is over, it tells no more
    than how long it has taken.
    """
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("A first look", 0, 1)
    clock.now = 2.0
    display.tell("A first look", 1, 1)
    display.tell("Simulating", 0, 1)
    clock.now = 2.5
    assert shown(display) == ("Simulating", None, "about 10 s left")
    clock.now = 7.5
    assert shown(display)[2] == "5 s so far, about 5 s left"
    clock.now = 13.5
    assert shown(display)[2] == "11 s so far"


def test_a_phase_of_one_task_moves_and_tells_how_long_it_has_taken() -> None:
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 1)
    clock.now = 1.9
    assert shown(display) == ("Simulating", None, "")
    assert shown(display)[2] == ""
    clock.now = 14.9
    assert shown(display)[2] == "14 s so far"


def test_a_phase_that_begins_anew_before_it_was_done_keeps_the_time_left() -> None:
    """Plans look at their first blocks first, and then at all of them."""
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 8)
    clock.now = 20.0
    display.tell("Simulating", 2, 8)
    display.tell("Simulating", 0, 8)
    assert shown(display) == ("Simulating", 8, "20 s so far, about 60 s left")
    clock.now = 22.0
    display.tell("Simulating", 1, 8)
    assert shown(display) == ("Simulating", 8, "22 s so far, about 70 s left")  # not 150
    clock.now = 24.0
    display.tell("Simulating", 2, 8)
    assert shown(display) == ("Simulating", 8, "24 s so far, about 60 s left")


def test_a_phase_that_does_its_first_tasks_again_takes_no_longer_by_those_before() -> None:
    """It said 105 and then 120 s: of many products the first blocks are simulated once more."""
    clock = Clock()
    display = Display("Getting ready", clock)
    display.tell("Simulating", 0, 8)
    clock.now = 20.0
    display.tell("Simulating", 2, 8)
    display.tell("Simulating", 0, 8)
    clock.now = 30.0
    display.tell("Simulating", 1, 8)
    assert shown(display)[2] == "30 s so far, about 70 s left"
    clock.now = 40.0
    display.tell("Simulating", 2, 8)
    assert shown(display)[2] == "40 s so far, about 60 s left"


def test_a_first_look_tells_that_blocks_are_simulated_side_by_side() -> None:
    clock = Clock()
    display = Display("Getting ready", clock, at_once=lambda: 2)
    display.tell("A first look", 0, 1)
    clock.now = 2.0
    display.tell("A first look", 1, 1)
    display.tell("Simulating", 0, 8)
    clock.now = 2.5
    assert shown(display)[2] == "about 40 s left"


def test_after_a_first_look_the_show_is_got_ready() -> None:
    """Of hundreds of products that takes a minute, in which nobody looks at anything any more."""
    clock, seen = Clock(), []
    display = Display("Getting ready", clock)

    def look() -> None:
        clock.now += 1.0
        seen.append(shown(display)[0])

    _show_rough(display, look)
    clock.now += 1.0
    assert seen == ["A first look"] and shown(display)[0] == "Getting ready"


def test_what_is_printed_is_put_into_words_while_something_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer of hundreds of products takes seconds, in which the terminal was empty."""
    told: list[str] = []

    @contextmanager
    def display(what: str) -> Iterator[None]:
        told.append(what)
        yield
        told.append("over")

    def page(answer: object, is_kept: bool) -> Page:
        told.append("put into words")
        return Page("The title", ())

    monkeypatch.setattr("livesim.cli.terminal.display", display)
    monkeypatch.setattr("livesim.report.views.brief", page)
    echo(cast("Answer", None), Output((), True, "brief"))
    assert told == ["Working out the answer", "put into words", "over"]
    assert "The title" in capsys.readouterr().out


def test_the_time_left_never_is_nothing() -> None:
    assert time_left(0.01, 999, 1000) == "about 1 s left"


def test_what_is_needed_later_is_loaded_meanwhile_and_ctrl_c_does_not_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "needed_later.py").touch()
    with loading("not_there_at_all", "needed_later"):
        pass
    assert "needed_later" in sys.modules
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(2)\n")
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), loading("slow_to_load"):
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 2


def seen_on_a_terminal(*words: str) -> str:
    """Run a command on a terminal, and return all that this was sent, without colours."""
    process, terminal = pty.fork()
    if not process:
        os.environ |= {"COLUMNS": "100", "LINES": str(LINES), "TERM": "xterm"}
        os.execv(sys.executable, [sys.executable, "-m", "livesim", *words])
    sent = b""
    while True:
        try:
            more = os.read(terminal, 65_536)
        except OSError:  # what Linux says once the other end is closed
            break
        if not more:
            break
        sent += more
    os.close(terminal)
    assert os.waitpid(process, 0)[1] == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", sent.decode("utf-8", "replace"))


@pytest.mark.slow
def test_a_terminal_shows_a_rough_answer_until_the_final_one_is_there(
    show: Path, tmp_path: Path
) -> None:
    few = ("-n", "500", "--workers", "1")
    sent = seen_on_a_terminal("plan", str(show), *few, "--out", str(tmp_path / "plan.html"))
    rough = "Rough, from 50 shows; the final answer takes its place"
    phases = ("Getting ready", rough, "Drawing and writing")  # the others may be over in a moment
    first = [sent.index(phase) for phase in phases]
    assert first == sorted(first)
    final = sent.rindex("A quick drop")
    erased = sent.rindex("\x1b[2K", 0, final)  # what is shown while files are written comes later
    assert sent.rindex(rough) < erased < final
    frames = re.split(r"(?:\r?\x1b\[2K(?:\x1b\[1A)?)+", sent[:erased])
    assert max(frame.count("\n") for frame in frames) < LINES, "what scrolls cannot be erased"


@pytest.mark.slow
def test_a_saved_plan_that_is_decided_anew_tells_how_far_it_is(show: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "plan")
    few = ("-n", "100", "--workers", "1")
    seen_on_a_terminal("plan", str(show), *few, "--out", folder)
    told: dict[str, int] = {}
    _decided_anew(Path(folder), {}, "profit", lambda what, done, _: told.update({what: done}))
    assert [phase for phase in told if phase in DECIDING] == [*DECIDING]
    assert all(told[phase] for phase in DECIDING)
    assert "A quick drop" in seen_on_a_terminal("plan", folder, "--budget", "2k")


def test_progress_is_told_in_the_language_that_is_spoken() -> None:
    with speaking("zh"):
        clock = Clock()
        display = Display("Getting ready", clock)
        display.tell("Simulating", 0, 4)
        clock.now = 1.0
        assert shown(display)[0] == "模拟中"
        assert time_left(20.0, 1, 4) == "约剩 60 秒"


@pytest.mark.slow
def test_few_shows_have_no_rough_answer(show: Path) -> None:
    assert "Rough" not in seen_on_a_terminal("run", str(show), "-n", "50", "--workers", "1")


def test_libraries_whose_parts_import_each_other_are_loaded_by_one_thread() -> None:
    """From two sides at once Python hands out one of them half made: 2 of 18 plans ended in it."""
    asked = "import sys; from livesim.cli.terminal import loading\n"
    asked += "with loading(): print(*sys.modules)"
    command = [sys.executable, "-c", asked]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {"numpy._typing", "scipy.special"} <= set(ended.stdout.split())
