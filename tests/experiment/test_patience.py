"""Long work says that it is long: before the hours, not after."""

from __future__ import annotations

import re
import time

import pytest

from livesim.experiment import patience
from livesim.experiment.patience import Forecast, first_word
from livesim.experiment.runner import Runner


def test_the_first_tasks_tell_of_all() -> None:
    forecast = Forecast(4_000_000, 2)
    with pytest.warns(UserWarning) as said:
        forecast.look(bytes(1_000_000))
        time.sleep(0.02)
        for _ in range(10):
            forecast.look(bytes(1_000_000))
    memory, hours = (str(one.message) for one in said)
    assert "This takes 8,000 GB of memory, of which there are" in memory
    assert re.match(r"This takes about \d+ hours: ", hours)
    for told in (memory, hours):
        assert "a larger show.refresh" in told and "Ctrl-C keeps what is done" in told


def test_what_is_soon_done_is_not_spoken_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the workers take to start, which is in the time of the first task only."""
    monkeypatch.setattr(patience, "LONG", 10.0)
    forecast = Forecast(1_000, 2)
    time.sleep(0.1)
    for _ in range(5):
        forecast.look(bytes(1_000))


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (1, "The only part of the work is not done after 0 minutes: fewer"),
        (2, "The first of 2 parts of the work is not done after 0 minutes: fewer"),
        (4, "The first of 4 parts of the work is not done after 0 minutes, and all take at least"),
    ],
)
def test_a_first_task_that_never_ends_is_spoken_of(
    tasks: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few there are: four of a show of 30 hours can take a day."""
    monkeypatch.setattr(patience, "FIRST_WORD", 0.01)
    monkeypatch.setattr(patience, "LONG", 0.1)
    with (
        pytest.warns(UserWarning, match=said),
        first_word(tasks, workers=2 if tasks > 1 else 1),
    ):
        time.sleep(0.3)


def test_what_makes_it_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_WORD", 0.01)
    monkeypatch.setattr(patience, "LONG", 0.1)
    with pytest.warns(UserWarning, match=r"after 0 minutes: viewers react to it; fewer repl"):
        Runner(workers=1, cause="viewers react to it").run(time.sleep, [0.3])


def test_once_the_first_task_is_done_nothing_is_said_of_it(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(patience, "FIRST_WORD", 0.05)
    monkeypatch.setattr(patience, "LONG", 0.1)
    assert Runner(workers=1).run(time.sleep, [0.0, 0.2]).found == (None, None)
    assert not recwarn.list
