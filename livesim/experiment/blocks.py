"""Work on blocks of replications, done by an executor and handed back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from livesim.errors import UsageError
from livesim.experiment.executors import local_executor, processors

Task = TypeVar("Task")
Done = TypeVar("Done")


def opened(
    executor: Executor | None, workers: int | None, tasks: int
) -> AbstractContextManager[Executor]:
    """Return the executor to work with: the caller's, or one on this machine.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None
        The caller's; it stays open.
    workers : int or None
        Number of processes; as many as processors if None, and never more than tasks.
    tasks : int
        Number of tasks.

    Raises
    ------
    UsageError
        If there are to be fewer workers than one.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"there must be at least one worker, not {workers}")
    if executor is not None:
        return nullcontext(executor)
    return local_executor(max(1, min(workers or processors(), tasks)))


def in_order(
    work: Callable[[Task], Done], tasks: Iterable[Task], executor: Executor
) -> Iterator[Done]:
    """Yield what becomes of the tasks, in their order, each as soon as it can be had.

    Examples
    --------
    >>> from livesim.experiment.executors import InProcess
    >>> list(in_order(abs, [-1, 2], InProcess()))
    [1, 2]
    """
    waiting: deque[Future[Done]] = deque()
    for task in tasks:
        waiting.append(executor.submit(work, task))
        while waiting and waiting[0].done():
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
