"""A store: every block of a study in a file of its own, as soon as it is done.

A study that was interrupted, or asks for more replications, then simulates only what is missing,
and one that is finished is not simulated again. What is in the store is found by the digest of the
work (:mod:`~livesim.experiment.content`): another seed, scenario, version or code of one's own is
other work. A store is an executor, so every study takes it as ``executor``.

What counts as content of code of one's own: the files of all modules that it imports, with a
statement or by a name in quotes, and the values in these that it names; values that it reads,
closes over or is given. Code that imports by a name which is known only when it runs is refused, as
nobody would see what it imports change. Not seen is what code reads while it is called (a file, the
clock), what it compiles of a text (`exec`, `eval`), and what it imports there: who changes that
takes another folder, or reads it where the module is loaded and keeps it in a variable.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from livesim.errors import ResultsError, UsageError
from livesim.experiment.blocks import blocks_in
from livesim.experiment.content import code_digest, content_digest
from livesim.experiment.executors import local_executor, processors, usable
from livesim.experiment.own_workers import able
from livesim.experiment.same_code import Alike, Known
from livesim.resolve.words import counted
from livesim.results.on_disk import Scratch
from livesim.results.packing import packed, told_of, unpacked
from livesim.scenario.scenario import Scenario

_ENDING: Final = ".arrow"
_UNFINISHED: Final = ".part"
#: Names of its folders.
_PART: Final = re.compile("[0-9a-f]{2}")
#: What a file says of itself beside what is told: its name, so that no other block is taken for it.
_KEY: Final = "key"
#: Says that a folder is a store, for people who find it.
_README: Final = "README.txt"
_ABOUT: Final = (
    "Blocks of livesim's studies, each found by the digest of the work that it is the result of.\n"
    "See: livesim store --help. Any file can be deleted; it is then simulated again.\n"
)
#: After so long a file that was never finished is nobody's [s].
_ABANDONED: Final = 3600.0


@dataclass(frozen=True)
class StoredBlock:
    """A block in a store.

    Parameters
    ----------
    path
        Its file.
    about
        ``title``, ``seed``, ``block``, ``replications``, ``work``, ``code`` and ``key``, as far as
        known.
    size
        Of its file [bytes].
    used
        When it was written or last read, as `time.time` counts [s].
    """

    path: Path
    about: dict[str, Any]
    size: int
    used: float


class Store(Executor):
    """A folder in which every block of a study is kept as it is done.

    Parameters
    ----------
    folder
        Where; it is made if it is not there.
    executor
        Who simulates what is missing; it stays open. By default processes of this machine.
    workers
        How many these are; as many as processors if not given.

    Raises
    ------
    UsageError
        If the folder has other things in it.

    Examples
    --------
    >>> import livesim, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> short = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> with livesim.Store(folder, workers=1) as store:
    ...     result = livesim.simulate(short, replications=50, executor=store)
    ...     again = livesim.simulate(short, replications=50, executor=store)
    >>> again.fingerprint == result.fingerprint, store.found, store.done
    (True, 1, 1)

    Notes
    -----
    Two processes may use one store at the same time: a file is there whole or not at all, and what
    both simulate is the same.

    What of code of one's own counts: its file, the files of all modules of one's own that it
    imports, and the values that it names in them. So have it in a module of its own: any edit of
    the file that it stands in, also of a comment, simulates anew. Installed libraries count by
    their version: a package of one's own that is installed needs a new version with each change, or
    is installed with ``pip install -e``. What code fetches while it runs is not seen: files, the
    environment, the clock, other modules through `sys.modules` or as subclasses, what it compiles
    (`exec`, `eval`), and patches of libraries. Who changes that takes another folder, or reads it
    where the module is loaded and keeps it in a variable, such as ``VERSION = 2``, which the code
    names.

    More replications cost only the whole blocks of 250 that are missing: a block of fewer is not
    part of a longer one.

    What a run or a plan comes to is put away in the folder, in a file without a name that is gone
    with the answer, and read as figures are asked for: so memory hardly grows with the
    replications: by a few columns of them, and by holes that are left where others were read and
    freed (of a plan of few products up to 0.5 kB a replication).
    """

    #: A fault in one block is no reason to lose what others come to.
    keeps = True

    def __init__(
        self, folder: str | Path, executor: Executor | None = None, workers: int | None = None
    ) -> None:
        """Make the folder, or check that it is a store."""
        self.folder = Path(folder)
        #: Blocks that were there, that were simulated, and that were there but damaged.
        self.found = 0
        self.done = 0
        self.damaged = 0
        #: Whether it was left before all was done that was asked for.
        self.stopped = False
        self._given = executor
        self._workers = self._able = usable(workers or processors())
        self._own: tuple[tuple[str, Known], ...] = ()
        self._opened = ExitStack()
        self._executor: Executor | None = None
        self._waiting: set[Future[Any]] = set()
        _made(self.folder)

    @property
    def about(self) -> str:
        """What there was and what was done, in words."""
        there = f"{counted(self.found, 'block')} {_were(self.found)} there"
        told = f"{there}, {self.done:,} {_were(self.done)} simulated and kept"
        return told + (f", {self.damaged:,} of them in place of damaged files" * bool(self.damaged))

    def scratch(self) -> Scratch:
        """Return where what blocks have come to is put away while somebody needs it."""
        return Scratch(self.folder if os.access(self.folder, os.W_OK) else None)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return what a piece of work comes to, from the store if it is there.

        Parameters
        ----------
        fn : callable
            What to do.
        *args, **kwargs
            With what.

        Raises
        ------
        UsageError
            If it is no work whose content can be told, such as code that imports by a name which is
        known only when it runs.
        """
        path = self._path(content_digest(code_digest(), fn, args, kwargs))
        try:
            found = _read(path)
        except OSError:
            return self._simulated(path, fn, *args, **kwargs)
        except ResultsError:
            self.damaged += 1
            return self._simulated(path, fn, *args, **kwargs)
        self.found += 1
        with suppress(OSError):  # of somebody else's store that may only be read
            os.utime(path)
        if self._waiting:  # nobody asks for it soon, and many may be there
            return _Unread(path, partial(self.submit, fn, *args, **kwargs))
        future: Future[Any] = Future()
        future.set_result(found)
        return future

    def ready(self, *work: object) -> None:
        """Let processes be there that have the code which work needs.

        Parameters
        ----------
        *work
            All that is going to be done; nothing else is being done meanwhile.
        """
        if self._given is None:
            self._able, self._own = able(self._workers, *work)
            self._executor = None
            self._opened.close()
        elif ready := getattr(self._given, "ready", None):
            ready(*work)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes that the store itself has opened."""
        self._executor = None
        self.stopped = bool(self._waiting)
        if self.stopped:  # nobody will ask for it any more: an interrupt, or a fault
            with suppress(KeyboardInterrupt):
                self._opened.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
        self._opened.close()

    def blocks(self) -> Iterator[StoredBlock]:
        """Yield what is in the store; a damaged file has nothing told of it."""
        for path in self._files(_ENDING):
            with suppress(FileNotFoundError):  # pruned by somebody else meanwhile
                about: dict[str, Any] = {}
                with suppress(OSError, ResultsError), path.open("rb") as file:
                    about = told_of(file.readline())
                there = path.stat(follow_symlinks=path.exists())  # one to nothing is there, too
                yield StoredBlock(path, about, there.st_size, there.st_mtime)

    def verify(self) -> Iterator[tuple[Path, str]]:
        """Yield the files that are not as they were written, and what is wrong with each."""
        for path in self._files(_ENDING):
            try:
                content = path.read_bytes()
                _value(content, path)
            except FileNotFoundError:
                if path.is_symlink():  # else pruned by somebody else meanwhile
                    yield path, "it is a link to nothing"
            except OSError as error:
                yield path, f"it cannot be read: {error.strerror}"
            except ResultsError as error:
                yield path, f"{error}{_which(content)}"

    def prune(self, *, unused_for: float | None = None) -> list[StoredBlock]:
        """Delete what is of no use: of other versions of livesim, damaged, or long unused.

        Parameters
        ----------
        unused_for
            Delete also what was not used for so long [s].

        Returns
        -------
        list of StoredBlock
            What was deleted.

        Raises
        ------
        ResultsError
            If some files cannot be deleted; the others are.
        """
        now, damaged = time.time(), {path for path, _ in self.verify()}
        gone = [
            kept
            for kept in self.blocks()
            if kept.path in damaged
            or kept.about.get("code") != code_digest()
            or (unused_for is not None and now - kept.used > unused_for)
        ]
        paths = [kept.path for kept in gone]
        for path in self._files(_UNFINISHED):
            with suppress(FileNotFoundError):  # finished meanwhile
                if now - path.stat().st_mtime > _ABANDONED:
                    paths.append(path)
        if faults := [fault for path in paths if (fault := _deleted(path))]:
            deleted = len(paths) - len(faults)
            raise ResultsError(f"{'; '.join(faults)}; {deleted:,} other files were deleted")
        return gone

    def _simulated(
        self, path: Path, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return what a piece of work will come to, which is kept then."""
        future: Future[Any] = Future()
        keep = partial(self._keep, path, _about(fn, args), future)
        self._waiting.add(future)
        work = fn if self._given else Alike(fn, self._own)
        self._inner().submit(work, *args, **kwargs).add_done_callback(keep)
        return future

    def _files(self, ending: str) -> list[Path]:
        """Return all files of a kind; a folder that cannot be read is not taken for empty."""
        try:
            parts = [part for part in sorted(self.folder.iterdir()) if _PART.fullmatch(part.name)]
            wrong = [part for part in parts if not part.is_dir() and ending == _ENDING]
            files = [file for part in parts if part.is_dir() for file in sorted(part.iterdir())]
        except OSError as error:
            raise ResultsError(
                f"{error.filename} cannot be read: {error.strerror}; whose it is can give you the "
                "right to"
            ) from error
        return wrong + [file for file in files if file.suffix == ending]

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}{_ENDING}"

    def _inner(self) -> Executor:
        """Return who simulates what is missing, opened when it is first needed."""
        if self._executor is None:
            opened = local_executor(self._able)
            self._executor = self._given or self._opened.enter_context(opened)
        return self._executor

    def _keep(
        self, path: Path, about: dict[str, Any], future: Future[Any], found: Future[Any]
    ) -> None:
        """Keep what was found, then tell it: what is told was kept."""
        self._waiting.discard(future)
        try:
            value = found.result()
            if not self.folder.exists():  # somebody has deleted it meanwhile
                _made(self.folder)
            _write(path, packed(value, about | {_KEY: path.stem}))
            self.done += 1
        except OSError as error:
            future.set_exception(
                ResultsError(
                    f"{path}: cannot be written: {error.strerror}; what is in the store is kept: "
                    f"{_remedy(path)}, and run again"
                )
            )
        except BaseException as error:  # whatever happened to the work is told to who waits
            future.set_exception(error)
        else:
            future.set_result(value)


class _Unread(Future[Any]):
    """What is in a store, and in memory only when somebody asks for it.

    Parameters
    ----------
    path
        Its file.
    anew
        Does the work where the file is not there any more.
    """

    def __init__(self, path: Path, anew: Callable[[], Future[Any]]) -> None:
        super().__init__()
        self._path, self._anew = path, anew
        self.set_result(None)

    def result(self, timeout: float | None = None) -> Any:
        """Return what is in the file."""
        try:
            return _read(self._path)
        except (OSError, ResultsError):  # deleted or damaged meanwhile
            return self._anew().result()


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def is_store(folder: Path) -> bool:
    """Say whether a folder is a store."""
    return (folder / _README).exists()


def _made(folder: Path) -> None:
    """Make a store's folder, or raise a UsageError if it is something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _README).exists():
            if any(folder.iterdir()):
                raise UsageError(
                    f"{folder} has other things in it and is no store: name a folder that is not "
                    "there yet"
                )
            (folder / _README).write_text(_ABOUT, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be a store: {error.strerror}; name a folder that is not there yet"
        ) from error


def _read(path: Path) -> Any:
    """Return what the block in a file came to."""
    return _value(path.read_bytes(), path)


def _value(content: bytes, path: Path) -> Any:
    """Return what a file's content came to; raise a ResultsError if it is damaged or misnamed."""
    about, value = unpacked(content)
    if about.get(_KEY) != path.stem:
        raise ResultsError("it is another block, under this one's name")
    return value


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f"{path.stem}.{token_hex(8)}{_UNFINISHED}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _which(content: bytes) -> str:
    """Return of which block a damaged file is, as far as that can still be read."""
    with suppress(ResultsError):
        about = told_of(content)
        return f" (block {about.get('block')} of seed {about.get('seed')}, {about.get('title')})"
    return ""


def _remedy(path: Path) -> str:
    """Return what to do where a block cannot be written."""
    if os.path.lexists(path.parent) and not path.parent.is_dir():
        return f"delete {path.parent}, in whose place a folder belongs"
    if path.is_dir():
        return "delete the folder that is in its place"
    return "give it room and the right to write"


def _deleted(path: Path) -> str:
    """Delete what is in a block's place; return what is wrong if it cannot be."""
    try:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # one with something in it may be somebody's
        else:
            path.unlink()
    except FileNotFoundError:
        pass  # somebody else deletes, too
    except OSError as error:
        return f"{path}: cannot be deleted: {error.strerror}"
    return ""


def _about(fn: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Any]:
    """Return what people may want to know of a piece of work."""
    whole = fn if isinstance(fn, partial) else partial(fn)
    given = [*whole.args, *whole.keywords.values(), *args]
    parts, blocks = list(_parts(given)), list(blocks_in(given))
    scenarios = [part.title for part in parts if isinstance(part, Scenario)]
    about: dict[str, Any] = {
        "work": f"{whole.func.__module__}.{whole.func.__qualname__}",
        "code": code_digest(),
        "seed": whole.keywords.get("seed", next((p for p in parts if type(p) is int), None)),
    }
    if scenarios:
        about["title"] = scenarios[0]
    if blocks:
        about |= {"block": blocks[0].number, "replications": blocks[0].replications}
    return about


def _parts(values: list[Any]) -> Iterator[Any]:
    """Yield values and, of tuples and lists, what they hold."""
    for value in values:
        yield value
        if isinstance(value, tuple | list):
            yield from _parts(list(value))
