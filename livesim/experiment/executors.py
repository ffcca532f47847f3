"""The one door to processes.

The rest of livesim speaks `concurrent.futures.Executor` and nothing else. Here are the two
executors that it makes for itself: worker processes on this machine (loky, whose pickling lets
functions of a notebook through), and the calling process for a single worker. A cluster comes with
its own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing import current_process
from typing import Any


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


def processors() -> int:
    """Return how many processors this process may use [1]."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def local_executor(workers: int) -> Iterator[Executor]:
    """Give an executor on this machine.

    Worker processes stay for the next call, since starting one takes longer than many a simulation;
    after an error or an interrupt they are ended at once.

    Parameters
    ----------
    workers : int
        Number of processes [1]; 1 is the calling process itself, which also works alone if it is a
        worker of somebody's pool.

    Yields
    ------
    concurrent.futures.Executor
        With `workers` workers.

    Examples
    --------
    >>> with local_executor(1) as executor:
    ...     executor.submit(max, 3, 4).result()
    4
    """
    if workers == 1 or current_process().daemon:  # a daemon may have no children
        yield InProcess()
        return
    from loky import get_reusable_executor

    with _interrupts_ignored():
        executor = get_reusable_executor(max_workers=workers, initializer=_ignore_interrupts)
        first = executor.submit(_ignore_interrupts)  # the first task starts the workers
    try:
        yield executor
        first.result()  # or the next call, with other workers, might find it still pending
    except BaseException:
        executor.shutdown(wait=True, kill_workers=True)
        raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let processes be born deaf to Ctrl-C: in the midst of their imports it would be a traceback.

    Only the main thread can see to that; elsewhere workers are deaf as soon as they have started.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual or signal.SIG_DFL)


def _ignore_interrupts() -> None:
    # Ctrl-C reaches every process of a terminal; the one that started the workers ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
