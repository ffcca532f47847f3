"""The one runner: work is handed in, and what is done comes back in order.

Nothing else opens an executor, counts progress or cuts a study into blocks. The same comes back for
any number of workers and any order of work, and what was done before Ctrl-C comes back without a
gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pickle import PicklingError
from typing import Final, Generic, TypeAlias, TypeVar
from warnings import warn

from livesim.errors import LostWarning, UsageError, checked_count, must_be
from livesim.experiment.blocks import Block, blocks, blocks_in
from livesim.experiment.executors import (
    Interrupts,
    LostWorkers,
    begin_workers,
    give_back_memory,
    local_executor,
    processors,
    result_of,
    tidily,
    usable,
)
from livesim.experiment.own_workers import able, renew
from livesim.experiment.patience import Forecast, first_word
from livesim.experiment.same_code import Alike, Known, OtherCodeError
from livesim.results.on_disk import Scratch

Task = TypeVar("Task")
Part = TypeVar("Part")
Found = TypeVar("Found")
Taken = TypeVar("Taken")

#: So many tasks are handed in before the first of them is done.
_TASKS_AHEAD = 10_000

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as ``progress(what, done, tasks)`` when work begins and whenever a task is done."""


def _as_it_is(found: Found) -> Found:
    return found


@dataclass(frozen=True)
class Done(Generic[Found]):
    """What came of tasks, in their order.

    Parameters
    ----------
    found
        Of every task; after an interrupt, of the first ones: at least one.
    interrupted
        Whether Ctrl-C came before all was told.
    """

    found: Sequence[Found]
    interrupted: bool

    def whole(self) -> Sequence[Found]:
        """Return what came of all tasks, where a part of it is of no use.

        Raises
        ------
        KeyboardInterrupt
            If it was interrupted.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        return self.found


@dataclass(frozen=True)
class Runner:
    """Where work is done, and who hears of it.

    Parameters
    ----------
    workers
        Number of processes on this machine; as many as processors if None.
    executor
        Where to work instead. It stays open, and what an interrupt leaves in it is the caller's to
        cancel.
    progress
        Called as ``progress(what, done, tasks)`` when work begins and whenever a task is done.
    aside
        Whether a single task is done in another process, too, where there may be several: there,
        the memory that it takes stands beside nothing else.
    cause
        What makes a task long, for whoever waits for it.

    Raises
    ------
    UsageError
        If there are to be fewer workers than one.

    Examples
    --------
    >>> Runner(workers=1).run(abs, [-1, 2])
    Done(found=(1, 2), interrupted=False)
    """

    workers: int | None = None
    executor: Executor | None = None
    progress: Progress | None = None
    aside: bool = False
    cause: str = ""

    def __post_init__(self) -> None:
        """Refuse to have nobody do the work."""
        if self.workers is not None:
            checked_count(self.workers, "workers", 1)
        if self.executor is not None and not hasattr(self.executor, "submit"):
            must_be(self.executor, Executor, "executor: one of concurrent.futures is needed")
        must_be(self.progress, (Callable, type(None)), "progress: a function is needed")  # type: ignore[arg-type]

    def scratch(self) -> Scratch | None:
        """Return where what blocks have come to is put away on disk; None if it is not."""
        scratch = getattr(self.executor, "scratch", None)
        return scratch and scratch()

    def begin(self, replications: int) -> None:
        """Let the processes start that will simulate so many replications.

        Parameters
        ----------
        replications
            How many [1].
        """
        if self.executor is None:
            begin_workers(min(self._most, len(blocks(replications))))

    def run(
        self, work: Callable[[Task], Found], tasks: Sequence[Task], what: str = "Simulating"
    ) -> Done[Found]:
        """Do work on every task.

        Parameters
        ----------
        work
            What to do with a task; it must be a function that processes can be sent.
        tasks
            The tasks.
        what
            What is being done, for who looks at the progress.

        Returns
        -------
        Done
            What came of each task.

        Raises
        ------
        KeyboardInterrupt
            If it was interrupted before the first task was done.
        UsageError
            If a worker was ended from outside, or memory was short, before that. Later it is
            warned of, and what was done by then comes back as after an interrupt.
        """
        return self.gather(work, tasks, _as_it_is, what)

    def gather(
        self,
        work: Callable[[Task], Found],
        tasks: Sequence[Task],
        take: Callable[[Found], Taken],
        what: str = "Simulating",
    ) -> Done[Taken]:
        """Do work on every task, and keep what is taken of what came of it; else as :meth:`run`.

        Parameters
        ----------
        work, tasks, what
            As for :meth:`run`.
        take
            Called here with what came of each task, in their order, as soon as it can be had.

        Examples
        --------
        >>> Runner(workers=1).gather(abs, [-1, 2], str)
        Done(found=('1', '2'), interrupted=False)
        """
        share = 2 if self.aside and len(tasks) == 1 else len(tasks)
        workers = usable(max(1, min(self._most, share)))
        own: tuple[tuple[str, Known], ...] = ()
        if self.executor is None:
            workers, own = able(workers, work, *tasks)
        elif ready := getattr(self.executor, "ready", None):
            ready(work, *tasks)
        in_pool = self.executor is None and workers > 1
        found: list[Taken] = []
        forecast = Forecast(len(tasks), workers, self.cause)
        waits = first_word(len(tasks), workers, self.cause)
        give_back_memory()
        here = partial(tidily, work)
        work = work if self.executor else Alike(here, own)
        with Interrupts(raising=not in_pool) as interrupts, waits as first_is_done:
            try:
                with self._opened(workers) as executor:
                    self._tell(what, 0, len(tasks))
                    for one in _in_order(work, here, tasks, executor, interrupts):
                        if not found:
                            first_is_done()
                        forecast.look(one)
                        found.append(take(one))
                        self._tell(what, len(found), len(tasks))
            except (KeyboardInterrupt, Exception) as error:
                stopped = isinstance(error, KeyboardInterrupt) or interrupts.noted
                if not (stopped or isinstance(error, (BrokenExecutor, MemoryError))):
                    raise
                if not stopped:
                    _say_lost(found, error)
                if not found:
                    raise KeyboardInterrupt from None
                return Done(tuple(found), interrupted=True)
        give_back_memory()
        return Done(tuple(found), interrupted=interrupts.noted)

    @property
    def _most(self) -> int:
        """How many processes may work here."""
        return int(self.workers or processors())

    def _tell(self, what: str, done: int, tasks: int) -> None:
        if self.progress is not None and tasks:
            self.progress(what, done, tasks)

    def replicate(
        self,
        work: Callable[[tuple[Part, Block]], Found],
        parts: Callable[[Block], Sequence[Part]],
        replications: int,
        *,
        after: int = 0,
        what: str = "Simulating",
        take: Callable[[Found], Found] = _as_it_is,
    ) -> Done[Sequence[Found]]:
        """Do work on every part of a study in each of its blocks.

        Parameters
        ----------
        work
            What to do with a part and a block.
        parts
            What shares the random numbers of a block, such as the shows of a comparison: one or
            more, as many in every block.
        replications, after
            As for :func:`blocks`.
        what, take
            As in :meth:`gather`.

        Returns
        -------
        Done
            Of each block what came of the parts, in their order. After an interrupt, of the blocks
            of which every part was done.

        Raises
        ------
        KeyboardInterrupt
            If it was interrupted before all of the first block was done.

        Examples
        --------
        >>> def named(task):
        ...     part, block = task
        ...     return f"{part}{block.number}"
        >>> Runner(workers=1).replicate(named, lambda block: ["a", "b"], 300).found
        (('a0', 'b0'), ('a1', 'b1'))
        """
        those = blocks(replications, after)
        tasks = [(part, block) for block in those for part in parts(block)]
        done, size = self.gather(work, tasks, take, what), len(tasks) // len(those)
        ends = range(size, len(done.found) + 1, size)
        by_block = tuple(done.found[end - size : end] for end in ends)
        if not by_block:
            raise KeyboardInterrupt
        return Done(by_block, done.interrupted)

    def each(self, what: str, tasks: Sequence[Task]) -> Iterator[Task]:
        """Yield tasks that are done here, and tell after each how far that is.

        Parameters
        ----------
        what
            What is being done, for who looks at the progress.
        tasks
            The tasks, of about the same length each.

        Examples
        --------
        >>> told = []
        >>> list(Runner(progress=lambda *said: told.append(said)).each("Counting", ["a", "b"]))
        ['a', 'b']
        >>> told
        [('Counting', 0, 2), ('Counting', 1, 2), ('Counting', 2, 2)]
        """
        self._tell(what, 0, len(tasks))
        for done, task in enumerate(tasks, 1):
            yield task
            self._tell(what, done, len(tasks))

    def _opened(self, workers: int) -> AbstractContextManager[Executor]:
        """Return the executor to work with: the caller's, or one of its own."""
        if self.executor is not None:
            return nullcontext(self.executor)
        return local_executor(workers, self._most)


HERE: Final = Runner(workers=1)
"""Who works in this process, and tells nobody."""


def _in_order(
    work: Callable[[Task], Found],
    here: Callable[[Task], Found],
    tasks: Sequence[Task],
    executor: Executor,
    interrupts: Interrupts,
) -> Iterator[Found]:
    """Yield what becomes of the tasks, in their order, each as soon as it can be had.

    What a worker of this machine does not do, as it has other code of one's own, is done here.
    """
    unlike = set[str]()

    def first() -> Found:
        task = waiting[0][0]
        try:
            return _of_first(waiting, interrupts)
        except OtherCodeError as error:
            if not unlike:
                warn(
                    f"a worker process has {error}, as where its file changed meanwhile: this "
                    "process simulates what that one would have",
                    stacklevel=2,
                )
            unlike.add(str(error))
            return here(task)

    waiting: deque[tuple[Task, Future[Found]]] = deque()
    ahead = iter(tasks)
    try:
        for task in ahead:
            if interrupts.noted:
                raise KeyboardInterrupt
            waiting.append((task, executor.submit(work, task)))
            while waiting and (waiting[0][1].done() or len(waiting) > _TASKS_AHEAD):
                yield first()
        while waiting:
            yield first()
    except Exception:
        if getattr(executor, "keeps", False):  # a fault in one task is no reason to lose others
            others = [future for _, future in waiting]
            for future in (*others, *(executor.submit(work, task) for task in ahead)):
                with suppress(Exception):
                    result_of(future, interrupts)
        raise
    if unlike:
        renew()


def _of_first(waiting: deque[tuple[Task, Future[Found]]], interrupts: Interrupts) -> Found:
    """Return what becomes of the first task; a fault says in which block it was."""
    task, future = waiting.popleft()
    try:
        return result_of(future, interrupts)
    except PicklingError as fault:
        reason = str(fault.__cause__ or fault).strip('"\n').splitlines()[-1]  # below a traceback
        raise UsageError(
            f"the work cannot be sent to other processes ({reason}): make what cannot be copied, "
            "such as a lock or an open file, within your function, or take workers=1"
        ) from fault
    except Exception as fault:
        for block in blocks_in(task):
            fault.add_note(f"in block {block.number} of {block.replications} replications")
        raise


def _say_lost(found: Sequence[object], error: BaseException) -> None:
    """Say what became of a worker, and what to do about it."""
    if isinstance(error, LostWorkers):
        if not found:
            raise UsageError(str(error)) from error
        warn(f"{error}; what was done by then is kept", LostWarning, stacklevel=2)
        return
    ended = not isinstance(error, MemoryError)
    what = "a worker was ended from outside, as systems do when" if ended else "it failed, since"
    remedy = "take fewer workers (--workers 1), fewer replications (-n) or a larger show.refresh"
    if not found:
        raise UsageError(f"{what} memory is short: {remedy}") from error
    said = f"{what} memory is short; what was done by then is kept: {remedy}"
    warn(said, LostWarning, stacklevel=2)
