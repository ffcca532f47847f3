"""How long a phase still takes, by a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from livesim.cli.pace import Pace


def told(each: float, tasks: int, at_once: int, late: float = 0.0) -> Iterator[tuple[float, float]]:
    """Yield after each task what is expected and what is true [s].

    Tasks take equally long; of those that are begun together the later ones end a little later.
    """
    pace = Pace(lambda: at_once)
    pace.begin("Simulating", tasks, now=0.0)
    ends = [
        (number // at_once + 1) * each + number % at_once * late * each for number in range(tasks)
    ]
    for number, now in enumerate(ends, 1):
        pace.done(number, now)
        yield pace.left(now) or 0.0, max(ends) - now


@pytest.mark.parametrize("late", [0.0, 0.06, 0.45])
@pytest.mark.parametrize("at_once", [1, 2, 8])
@pytest.mark.parametrize("tasks", [3, 12, 60])
def test_from_the_first_task_on_it_is_near_the_truth(tasks: int, at_once: int, late: float) -> None:
    """Of three blocks on two processors it said 10 s, and 0.3 s later 2.5 s, where 5 were left."""
    late /= max(1, at_once - 1)
    for left, true in told(5.0, tasks, at_once, late):
        assert left == pytest.approx(true, rel=0.25, abs=5.0 * 0.5)


def test_tasks_that_are_done_one_after_the_other_are_no_rounds() -> None:
    assert [*told(2.0, 4, at_once=1)] == [(6.0, 6.0), (4.0, 4.0), (2.0, 2.0), (0.0, 0.0)]


def test_a_last_round_that_takes_longer_than_expected_may_take_any_time() -> None:
    """It said "about 1 s left" for fifteen: the last of several shows was by far the longest."""
    pace = Pace(lambda: 2)
    pace.begin("Checking", 3, now=0.0)
    pace.done(1, now=1.0)
    pace.done(2, now=1.2)
    assert pace.left(1.5) == pytest.approx(0.7)
    assert pace.left(3.0) is None


def test_blocks_of_which_a_part_was_done_before_do_not_tell_of_the_others_alone() -> None:
    """Of 22 products two blocks of eight had been looked at: it said 5 s where 15 were left."""
    pace = Pace(lambda: 2)
    pace.begin("Looking at the first shows", 2, now=0.0)
    pace.done(1, now=3.6)
    pace.done(2, now=3.6)
    pace.begin("Simulating", 8, now=4.0)
    assert pace.left(4.0) == pytest.approx(4 * 3.6)
    ends = [4.6, 4.7, 9.6, 9.7, 14.6, 14.7, 19.6, 19.7]
    for number, now in enumerate(ends, 1):
        pace.done(number, now)
        later = now + 2.0 if number < 7 else now  # amid a round, too
        for moment in (now, later):
            assert (pace.left(moment) or 0.0) == pytest.approx(ends[-1] - moment, rel=0.3, abs=0.2)


def test_nothing_is_told_of_a_phase_of_one_task_that_no_earlier_one_is_like() -> None:
    """Of ways to sell it said 15 s, where the search took three."""
    pace = Pace(lambda: 2)
    pace.begin("Simulating", 2, now=0.0)
    pace.done(2, now=10.0)
    pace.begin("Searching ways to sell", 1, now=10.0)
    assert pace.left(10.0) is None
