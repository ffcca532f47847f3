"""The one door to processes.

The rest of livesim speaks `concurrent.futures.Executor` and nothing else. Here are the two
executors that it makes for itself: worker processes on this machine (loky, whose pickling lets
functions of a notebook through), and the calling process for a single worker. A cluster comes with
its own.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import current_process, resource_tracker
from time import sleep
from types import FrameType
from typing import Any, TypeVar

Task = TypeVar("Task")
Found = TypeVar("Found")


class LostWorkers(BrokenExecutor):
    """Who does the work is gone for good; says why, and what to do."""


class InProcess(Executor):
    """An executor that does the work at once, in the calling process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function and return its finished future.

        Parameters
        ----------
        fn : callable
            What to do.
        *args, **kwargs
            With what.

        Returns
        -------
        concurrent.futures.Future
            Done. An interrupt is not kept in it but raised here.

        Examples
        --------
        >>> InProcess().submit(max, 3, 4).result()
        4
        """
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def tidily(work: Callable[[Task], Found], task: Task) -> Found:
    """Do a task in the room that those before have left: their memory is given back.

    Examples
    --------
    >>> tidily(abs, -1)
    1
    """
    give_back_memory()
    return work(task)


def give_back_memory() -> None:
    """Give freed memory back to the system, if this process has taken much.

    glibc keeps what lies between smaller things that are still there. Much of what comes next does
    not fit in, so that a process would grow from block to block.
    """
    with suppress(ImportError, OSError, AttributeError):  # on another system
        from resource import RUSAGE_SELF, getrusage

        if getrusage(RUSAGE_SELF).ru_maxrss > _MUCH:
            ctypes.CDLL(None).malloc_trim(0)


def processors() -> int:
    """Return how many processors this process may use [1]."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Interrupts:
    """Ctrl-C while there is work: noted, since an exception can get lost where it happens to come.

    Parameters
    ----------
    raising : bool
        Whether it is raised, too, as usual. Not while other processes work: in the midst of
        handling them it would do harm, and who waits for them looks whether it was noted. They are
        ended at once, as they would take the processors from who tidies up.

    Attributes
    ----------
    noted : bool
        Whether there was one. Only the main thread hears of them.
    """

    def __init__(self, *, raising: bool) -> None:
        self.noted = False
        self._raising = raising
        self._usual: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            usual = signal.getsignal(signal.SIGINT)
            if callable(usual):  # else somebody wants them to be ignored
                self._usual = usual
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._usual is not None:
            signal.signal(signal.SIGINT, self._usual)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.noted = True
        if self._raising:
            self._usual(number, frame)
        for executor in _started:
            _terminate(executor)


def result_of(future: Future[Found], interrupts: Interrupts) -> Found:
    """Wait for what a future comes to.

    Parameters
    ----------
    future : concurrent.futures.Future
        What is being done.
    interrupts : Interrupts
        Where Ctrl-C is noted meanwhile.

    Raises
    ------
    KeyboardInterrupt
        If one was noted.
    """
    while not interrupts.noted:
        try:
            found = future.result(timeout=_LOOK)
        except TimeoutError:
            if future.done():  # it is the work's own
                raise
        else:
            if not interrupts.noted:
                return found
    raise KeyboardInterrupt


@contextmanager
def local_executor(workers: int, most: int | None = None) -> Iterator[Executor]:
    """Give an executor on this machine.

    Worker processes stay for the next call, since starting one takes longer than many a simulation;
    after an error or an interrupt they are ended at once.

    Parameters
    ----------
    workers : int
        Number of processes [1]; 1 is the calling process itself.
    most : int, optional
        Of processes that are there already, so many may be among them [1].

    Yields
    ------
    concurrent.futures.Executor
        With `workers` workers, or more that are there.

    Examples
    --------
    >>> with local_executor(1) as executor:
    ...     executor.submit(max, 3, 4).result()
    4
    """
    if usable(workers) == 1:
        yield InProcess()
        return
    there = _started[0]._max_workers if _started else 0
    executor, first = _pool(max(workers, min(there, most or workers)))
    try:
        wait([first])  # a worker is there: how long one takes to start tells nothing of the work
        with _at_once(executor._max_workers):
            yield executor
    except BaseException:
        end_workers()
        raise


def at_once() -> int:
    """Return how many processes of this machine share the work that is being done [1].

    Examples
    --------
    >>> at_once()
    1
    """
    return _sharing[-1]


@contextmanager
def _at_once(workers: int) -> Iterator[None]:
    _sharing.append(workers)
    try:
        yield
    finally:
        _sharing.pop()


def begin_workers(workers: int) -> None:
    """Start worker processes that are soon needed: they load what they work with meanwhile.

    Parameters
    ----------
    workers : int
        Number of processes [1], as :func:`local_executor` takes it; for 1 nothing is done.
    """
    if usable(workers) > 1:
        _pool(workers)


def from_workers(workers: int, ask: Callable[[Task], Found], what: Task) -> Found:
    """Return what one of the worker processes says, which are started if there are none.

    Parameters
    ----------
    workers : int
        Number of processes [1].
    ask : callable
        What it does.
    what
        With what.
    """
    with local_executor(workers, max(workers, processors())) as executor:
        return executor.submit(ask, what).result()


def _pool(workers: int) -> tuple[Any, Future[None]]:
    """Return the pool of so many workers, and its first task."""
    from loky import get_reusable_executor

    _begin_tracking()  # here, as it would unblock what is blocked below
    with _interrupts_blocked():
        executor = get_reusable_executor(
            max_workers=workers, timeout=_IDLE, initializer=_begin, initargs=_me()
        )
        first = executor.submit(_begin, *_me())  # the first task starts the workers
    _started[:] = [executor]
    return executor, first


def usable(workers: int) -> int:
    """Return how many of so many workers there can be: a daemon may have no children."""
    return 1 if current_process().daemon else workers


def end_workers() -> None:
    """End the worker processes, whatever they do; what Ctrl-C comes meanwhile comes afterwards."""
    with Interrupts(raising=False) as interrupts:
        while _started:
            executor = _started.pop()
            results = executor._result_queue
            reader = executor._executor_manager_thread
            _terminate(executor)  # at once: the library looks for workers of theirs before
            executor.shutdown(wait=False, kill_workers=True)
            if reader is not None:  # it closes the queue itself, unless it reads half a result
                reader.join(_TIDYING)
            if results is not None and (reader is None or reader.is_alive()):
                with suppress(OSError):  # which both close at the same moment
                    results._writer.close()
    if interrupts.noted:
        signal.raise_signal(signal.SIGINT)


def _terminate(executor: Any) -> None:
    """End the processes of a pool; those that it has ended itself by now are no more."""
    for worker in [*(executor._processes or {}).values()]:
        with suppress(OSError):
            worker.terminate()


#: A process that has never had so much memory keeps what it frees, for what comes next [kB].
_MUCH = 250_000
#: How long workers without a task stay [s]: on a busy machine, longer than a program may pause.
_IDLE = 60
#: How often is looked whether Ctrl-C was noted [s].
_LOOK = 0.1
#: How long who reads results may take to tidy up; then it waits for the other half of one [s].
_TIDYING = 0.5
#: How often a worker looks whether the process that started it is still there [s].
_WATCH = 1.0
#: The executor whose workers there are, if there are some.
_started: list[Any] = []
#: How many processes share the work: this one alone, but while an executor is open.
_sharing: list[int] = [1]


def _begin_tracking() -> None:
    """Begin the processes that take away what this one leaves behind, however it ends.

    They do it without a word: a program that is interrupted leaves something behind now and then.
    """
    from loky.backend.resource_tracker import ensure_running

    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    try:
        resource_tracker.ensure_running()
        ensure_running()
    finally:
        sys.warnoptions.pop()


def _me() -> tuple[int]:
    return (os.getpid(),)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let processes be born deaf to Ctrl-C: amid their imports it would be a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """Begin as a worker: it works for one process, and does not outlive it."""
    # Ctrl-C reaches every process of a terminal; the one that started the workers ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not any(thread.name == _begin.__name__ for thread in threading.enumerate()):
        threading.Thread(target=_watch, args=(parent,), name=_begin.__name__, daemon=True).start()
    gc.set_threshold(200_000)  # hardly anything stands in circles, and to look for them takes time
    import_module("livesim.experiment.block_at")  # what most work needs: there before any comes


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_WATCH)
    os._exit(1)
