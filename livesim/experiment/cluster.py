"""A Dask cluster as an executor: the one door to `distributed`, which is installed by an extra.

Every study takes it as ``executor``, as it takes any other of `concurrent.futures`. Dask sends lost
work to another worker; what is added here is that what all tasks share travels once, that workers
must have the same code and versions, or bits would differ, and that whatever goes wrong is said.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from functools import cache, partial
from itertools import count
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from warnings import warn

from livesim.errors import UsageError
from livesim.experiment.content import code_digest
from livesim.experiment.executors import LostWorkers
from livesim.experiment.same_code import Alike, Known, OtherCodeError, own_code

if TYPE_CHECKING:
    from distributed import Client

#: What an address looks like, an IPv6 one in brackets.
_ADDRESS: Final = re.compile(
    r"(?P<scheme>\w+)://([^\s/:\[\]]+|\[[^\s/\[\]]+\]):(?P<port>\d{1,5})", re.ASCII
)
#: So long is waited for the scheduler to answer [s].
_PATIENCE: Final = 10
#: So long is waited for all workers to answer, which may have to import livesim first [s] …
_IMPORT: Final = 20
#: … and after so long it is said what one waits for [s].
_SOON: Final = 5
#: So long a scheduler may say nothing before it is given up [s] …
_SILENCE: Final = 60
#: … and so often it is asked whether it is there [s].
_LOOK: Final = 5
#: So often work is done anew whose worker was lost.
_RETRIES: Final = 3
#: Where Dask logs what goes wrong on this side.
_LOGS: Final = (
    *("distributed.batched", "distributed.client", "distributed.protocol.pickle"),
    "tornado.application",  # with which it works
)
#: What Dask's nanny sets MALLOC_TRIM_THRESHOLD_ to unless told otherwise [bytes].
_NANNYS: Final = "65536"
#: By glibc's number: from which size on freed memory is given back, at the top of the heap
#: (M_TRIM_THRESHOLD) and of a single array (M_MMAP_THRESHOLD) [bytes].
_GLIBC: Final = {-1: 64 * 2**20, -3: 32 * 2**20}


class Cluster(Executor):
    """An existing Dask cluster.

    Parameters
    ----------
    address
        Of its scheduler, as in ``tcp://10.0.0.5:8786``.

    Raises
    ------
    UsageError
        If `distributed` is not installed, the address is none, no scheduler answers there, there
        is no worker, one does not answer, or has other code or versions, so that bits would
        differ.

    Notes
    -----
    Workers end their work without hearing of Ctrl-C here; what nobody waits for is cancelled.
    """

    def __init__(self, address: str) -> None:
        """Connect, and see that all workers can do the work."""
        self.address = address
        self._client = _connected(address)
        self._logs = {log: log.level for log in map(logging.getLogger, _LOGS)}
        for log in self._logs:
            log.setLevel(logging.CRITICAL)  # what goes wrong is said here, without tracebacks
        #: What was sent already, by what it was here.
        self._sent: dict[int, _Sent] = {}
        #: Of tasks: who asks first is served first, else Dask does them in any order.
        self._numbers = count()
        self._silent = False
        #: Code of one's own that the tasks at hand need.
        self._own: dict[str, Known] = {}
        try:
            _check_workers(self._client, address)
        except BaseException:
            self.shutdown()
            raise
        self._client.loop.add_callback(self._watch)

    def ready(self, *work: object) -> None:
        """Have workers look, before they work, whether they have the code which work needs.

        Parameters
        ----------
        *work
            All that is going to be done.

        Raises
        ------
        UsageError
            If code of one's own has content that cannot be compared.
        """
        self._own = _own_code(work)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a piece of work done by a worker.

        Parameters
        ----------
        fn : callable
            What to do; it is sent to the workers once, whatever the number of tasks.
        *args, **kwargs
            With what.

        Returns
        -------
        concurrent.futures.Future
            Fails with a `LostWorkers` where the cluster is gone, or lost the work again and again,
            with a `UsageError` where it cannot read the work or has other code of one's own, and
            with a `PicklingError` where the work cannot be sent.
        """
        future: Future[Any] = Future()
        try:
            sent = self._shared(fn)
            called, own = partial(_call, **kwargs), (*sent.own, *self._own.items())
            how = {"retries": _RETRIES, "pure": False, "priority": -next(self._numbers)}
            task = self._client.submit(called, sent.there, own, *args, **how)
        except (PicklingError, TypeError) as error:
            future.set_exception(PicklingError(str(error)))
            return future
        except Exception as error:  # Dask's errors of a closed connection have no common class
            future.set_exception(self._lost(error))
            return future
        if self._client.status != "running":  # then Dask cancels only what it knew before
            future.set_exception(self._lost(ConnectionError()))
            return future
        self._client.loop.add_callback(self._tell, future, sent, task)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster as it was; what is not done by then is cancelled."""
        self._sent.clear()
        self._client.close(timeout=_PATIENCE)
        for log, level in self._logs.items():
            log.setLevel(level)

    def _shared(self, fn: Callable[..., Any]) -> _Sent:
        """Return what stands for a function on the workers, sent there when it is new.

        It is what a task of its own comes to, which workers hand on to one another: where the one
        is lost that has it, Dask does that task again, too.
        """
        if id(fn) not in self._sent:
            there = self._client.submit(_itself, fn, pure=False)
            self._sent[id(fn)] = _Sent(fn, there, tuple(_own_code(fn).items()))
        return self._sent[id(fn)]

    async def _tell(self, future: Future[Any], sent: _Sent, task: Any) -> None:
        """Tell a future what became of a task, whatever that is: somebody waits for it."""
        try:
            future.set_result(await self._client.gather(task, asynchronous=True))
        except (CancelledError, asyncio.CancelledError) as error:
            unreadable = sent.there.status == "error"  # then Dask cancels all that needs it
            future.set_exception(self._unreadable(sent) if unreadable else self._lost(error))
        except BaseException as error:
            known = type(error).__module__.startswith("distributed")
            future.set_exception(self._lost(error) if known else error)

    async def _watch(self) -> None:
        """Leave a scheduler that says nothing any more: stopped, or cut off without a word.

        One that is ended closes its connections, of which Dask hears by itself.
        """
        while self._client.status == "running":
            await asyncio.sleep(_LOOK)
            try:
                async with asyncio.timeout(_SILENCE):
                    await self._client.scheduler.who_has(keys=[])  # the least that it answers
            except TimeoutError:
                self._silent = True
                await self._client._close(fast=True)  # all that wait are told
            except Exception:  # Dask connects anew, or ends
                continue

    def _unreadable(self, sent: _Sent) -> UsageError:
        names = ", ".join(sorted({*dict(sent.own), *self._own}))
        return UsageError(
            f"the cluster at {self.address} cannot read the work: code of your own is sent by its "
            f"name, so its scheduler and workers need the same files as here ({names}), where "
            "Python finds them (PYTHONPATH)"
        )

    def _lost(self, error: BaseException) -> LostWorkers:
        if type(error).__name__ == "KilledWorker":
            return LostWorkers(
                f"the cluster at {self.address} lost the same work {_RETRIES + 1} times, as when "
                "memory is short: give its workers more, or take a larger show.refresh"
            )
        what = f"did not answer for {_SILENCE} s" if self._silent else "is gone"
        return LostWorkers(
            f"the cluster at {self.address} {what}: see what its scheduler says, and run again "
            "(with --store FOLDER only what is missing is simulated)"
        )


class _Sent(NamedTuple):
    """A function here, which keeps its number from another; there; the modules it is made of."""

    fn: Callable[..., Any]
    there: Any
    own: tuple[tuple[str, Known], ...]


def _own_code(work: object) -> dict[str, Known]:
    """Return the code of one's own that work needs; a cluster is asked whether it has it."""
    try:
        return own_code(work)
    except UsageError as error:
        raise UsageError(
            f"whether a cluster's workers have the same code of your own cannot be told: {error}"
        ) from None


def _itself(fn: Callable[..., Any]) -> Callable[..., Any]:
    return fn


def _call(
    fn: Callable[..., Any], own: tuple[tuple[str, Known], ...], *args: Any, **kwargs: Any
) -> Any:
    _keep_freed_memory()
    try:
        return Alike(fn, own)(*args, **kwargs)
    except OtherCodeError as error:
        raise UsageError(
            f"a worker on {socket.gethostname()} has {error}: bring the same files there, and "
            "start its workers again"
        ) from None


@cache
def _keep_freed_memory() -> None:
    """Have this worker use freed memory again, as Linux does by itself.

    Dask's nanny has its workers give back all that they free, so that each large array comes to
    fresh pages of memory, which takes half of the time again. Here arrays of the same sizes come
    block after block. The thresholds are those that glibc reaches by itself (its ``mallopt``).
    """
    if os.environ.get("MALLOC_TRIM_THRESHOLD_") != _NANNYS:
        return  # no nanny, or somebody chose
    with suppress(OSError, AttributeError):  # another system's library
        tuned = ctypes.CDLL(None).mallopt
        for option, size in _GLIBC.items():
            tuned(option, size)


def _connected(address: str) -> Client:
    try:
        from distributed import Client
        from distributed.utils import LoopRunner
    except ImportError:
        raise UsageError("a cluster needs Dask: pip install 'livesim[cluster]'") from None
    if not _is_address(str(address)):
        raise UsageError(
            f"{str(address)!r} is no address of a Dask scheduler: give it as in tcp://10.0.0.5:8786"
        )
    try:
        LoopRunner().run_sync(_check_scheduler, address)  # in a thread: a notebook has its own loop
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except Exception as error:  # whatever comes of what somebody else answers
        why = " ".join(f"{type(error).__name__} {error}".split())
        raise UsageError(
            f"no Dask scheduler answers at {address} ({why}): start one with 'dask scheduler', "
            "workers with 'dask worker ADDRESS', and give the scheduler's address"
        ) from None


def _is_address(address: str) -> bool:
    from distributed.comm.registry import get_backend

    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 2**16:
        return False
    with suppress(ValueError):
        return get_backend(found["scheme"]) is not None
    return False


async def _check_scheduler(address: str) -> None:
    """Raise whatever shows that no scheduler is there.

    Dask's client limits the time of its connecting, but not of the first words that it changes
    with whoever answers; where these fail it takes long to end, and shows a traceback.
    """
    from distributed.comm import connect
    from distributed.security import Security

    async with asyncio.timeout(_PATIENCE):
        own = Security().get_connection_args("client")
        comm = await connect(address, timeout=_PATIENCE, **own)
        try:
            await comm.write({"op": "identity", "reply": True})
            found = await comm.read()
        finally:
            comm.abort()
    if "workers" not in found:
        raise ConnectionError(f"a {found['type']} does")


def _check_workers(client: Client, address: str) -> None:
    """Raise a UsageError unless there are workers, all with the same code and versions as here."""
    try:
        answers = _answers(client, address)
    except OSError:
        gone = f"the cluster at {address} is gone: see what its scheduler says, and run again"
        raise UsageError(gone) from None
    if any(isinstance(answer, ModuleNotFoundError) for answer in answers.values()):
        raise UsageError(
            f"workers at {address} have no livesim: install version and extras as here"
        )
    # One that is lost meanwhile has no part in it.
    digests = {one: found for one, found in answers.items() if not isinstance(found, OSError)}
    if not digests:
        raise UsageError(f"the cluster at {address} has no workers: dask worker {address}")
    others = [worker for worker, digest in digests.items() if digest != code_digest()]
    if others:
        python = ".".join(map(str, sys.version_info[:3]))
        raise UsageError(
            f"{len(others)} of {len(digests)} workers at {address} have another version of "
            f"livesim, Python (here {python}), NumPy or SciPy, or another processor, so that bits "
            f"would differ: {', '.join(others[:3])}; bring the same there, and start these workers "
            "again, as also where livesim has changed since they were started"
        )


def _answers(client: Client, address: str) -> dict[str, Any]:
    """Return what each worker says of its code, an error where it has none or is lost.

    Raises
    ------
    UsageError
        If a worker, which is stopped or hangs, does not say anything.
    OSError
        If the scheduler is gone.
    """
    before = _heartbeats(client)
    waits = f"waiting for every worker at {address} to answer, for up to {_IMPORT} s"
    said = threading.Timer(_SOON, warn, [waits])
    said.start()
    try:
        told: dict[str, Any] = client.run(code_digest, on_error="return", callback_timeout=_IMPORT)
    except TimeoutError:
        after = _heartbeats(client)
        silent = [worker for worker, last in after.items() if before.get(worker) == last]
        raise UsageError(
            f"not every worker at {address} answers within {_IMPORT} s (without a sign of life: "
            f"{', '.join(silent[:3]) or 'none'}): end those that hang, and run again, as their "
            "first import of livesim may take so long"
        ) from None
    finally:
        said.cancel()
    return told


def _heartbeats(client: Client) -> dict[str, float]:
    """Return when the scheduler heard of each worker last [s, by its clock]."""
    found = client.sync(client.scheduler.identity, callback_timeout=_PATIENCE)
    return {worker: one["last_seen"] for worker, one in found["workers"].items()}
