"""The runner: what is done comes back in order, and without a gap after an interrupt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

import pytest

from livesim.errors import Interrupted, LivesimError, UsageError
from livesim.experiment.blocks import Block, blocks, in_whole_blocks
from livesim.experiment.runner import Done, Runner

Stops = Callable[[int], Executor]


def squared(number: int) -> int:
    return number * number


def named(task: tuple[str, Block]) -> str:
    part, block = task
    return f"{part}{block.number}:{block.replications}"


def test_what_is_done_comes_in_the_order_of_the_tasks(out_of_order: Executor) -> None:
    done = Runner(executor=out_of_order).run(squared, range(5))
    assert done == Done((0, 1, 4, 9, 16), interrupted=False)
    assert done.whole() == (0, 1, 4, 9, 16)


def test_progress_tells_what_and_how_far(out_of_order: Executor) -> None:
    told: list[tuple[str, int, int]] = []
    runner = Runner(executor=out_of_order, progress=lambda *done: told.append(done))
    runner.run(squared, range(3), "Squaring")
    assert told == [("Squaring", done, 3) for done in range(4)]


@pytest.mark.slow
def test_work_that_cannot_be_sent_is_told() -> None:
    locked = partial(max, threading.Lock())
    with pytest.raises(UsageError, match=r"cannot be sent .*\(TypeError: cannot pickle '_thread.l"):
        Runner(workers=2).run(locked, [-1, 2, -3])


@pytest.mark.slow
def test_worker_processes_do_the_same() -> None:
    assert Runner(workers=2).run(abs, [-1, 2, -3]).found == (1, 2, 3)


def at_work(number: int) -> int:
    return os.getpid()


@pytest.mark.parametrize(("workers", "aside"), [(1, True), (2, False), (2, True)])
def test_a_single_task_is_done_in_another_process_where_that_is_wanted(
    workers: int, aside: bool
) -> None:
    (where,) = Runner(workers=workers, aside=aside).run(at_work, [0]).whole()
    assert (where != os.getpid()) == (workers > 1 and aside)


def test_no_tasks_are_done_at_once() -> None:
    assert Runner(workers=1).run(squared, []) == Done((), interrupted=False)


def test_an_interrupt_leaves_the_first_tasks(stops_after: Stops) -> None:
    done = Runner(executor=stops_after(3)).run(squared, range(5))
    assert done == Done((0, 1, 4), interrupted=True)
    with pytest.raises(KeyboardInterrupt):
        done.whole()


def test_an_interrupt_out_of_order_leaves_no_gap(out_of_order: Executor) -> None:
    """The third task is the first to be done, and is not there without the second."""

    def stop(what: str, done: int, tasks: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    done = Runner(executor=out_of_order, progress=stop).run(squared, [2, 3, 4])
    assert done == Done((4,), interrupted=True)


def test_an_interrupt_before_anything_is_done(stops_after: Stops) -> None:
    with pytest.raises(KeyboardInterrupt):
        Runner(executor=stops_after(0)).run(squared, range(5))


def test_a_fault_is_not_kept_back() -> None:
    with pytest.raises(TypeError):
        Runner(workers=1).run(squared, ["two"])  # type: ignore[list-item]


def test_parts_of_every_block_come_block_by_block(out_of_order: Executor) -> None:
    done = Runner(executor=out_of_order).replicate(named, lambda _: ["a", "b"], 300)
    assert done.found == (("a0:250", "b0:250"), ("a1:50", "b1:50"))


def test_an_interrupt_leaves_blocks_with_all_parts(stops_after: Stops) -> None:
    done = Runner(executor=stops_after(3)).replicate(named, lambda _: ["a", "b"], 1000)
    assert done == Done((("a0:250", "b0:250"),), interrupted=True)
    with pytest.raises(KeyboardInterrupt):
        Runner(executor=stops_after(1)).replicate(named, lambda _: ["a", "b"], 1000)


@pytest.mark.parametrize("replications", [1, 50, 249, 250, 251, 600])
@pytest.mark.parametrize("after", [0, 50, 250, 300])
def test_blocks_are_whole_but_for_the_last(replications: int, after: int) -> None:
    found = blocks(replications, after)
    sizes = [block.replications for block in found]
    assert sum(sizes) == replications
    assert all(size == 250 for size in sizes[:-1]) and 1 <= sizes[-1] <= 250
    numbers = [block.number for block in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert (numbers[0] - 1) * 250 < after <= numbers[0] * 250


def test_a_study_keeps_its_whole_blocks() -> None:
    assert [in_whole_blocks(n) for n in (50, 250, 300, 500)] == [0, 250, 250, 500]


def test_nobody_to_work_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="workers: a whole number from 1 on is needed, not 0"):
        Runner(workers=0)


def test_an_interrupt_says_where_its_answer_is() -> None:
    stop = Interrupted({"done": 250})
    assert isinstance(stop, LivesimError)
    assert stop.answer == {"done": 250}
    assert "what was done by then" in str(stop)
