"""Places on disk: what is written there is whole, or is not there.

Everything is written beside its place and moved there when it is whole and on the disk. Who writes
holds a lock on what is unfinished, which the system takes away when the process ends, however it
does: so the next who writes to the place can tell what nobody will finish, and clears it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from time import sleep
from typing import Final

from livesim.errors import UnwritableError

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there, and nothing cleared
    fcntl = None  # type: ignore[assignment]

#: How to have something in the place of what is there.
REPLACE: Final = "replace it (--force)"
#: So much must fit on the disk for there to be a point in beginning [bytes].
_TRIAL = 1 << 18
_UNFINISHED = ".unfinished"
#: Where a shell hands over its own input, or what a command prints.
OF_SHELLS: Final = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
#: What can have a name and is no file: opening it may wait for ever, and reading it never end.
_NO_FILES: Final = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
#: How often a lock is tried, and the time in between [s].
_TRIES, _PAUSE = 50, 0.1


def files_in(place: Path) -> Iterator[Path]:
    """Yield the files below a folder, one by one: it can be large, and somebody else's."""
    for folder, _, names in os.walk(place):
        yield from (Path(folder, name) for name in names)


class NoFileError(OSError):
    """Something that has a name and is no file; its ``strerror`` says what it is."""


def read_file(path: Path, most: int = -1) -> bytes:
    """Read a file that somebody named, or a link to one.

    Of what is no file only that is read which a shell hands over: ``/dev/stdin``, ``<(command)``.

    Parameters
    ----------
    path
        The file.
    most
        Read no more than this; -1 for all of it [bytes].

    Raises
    ------
    NoFileError
        If it is a pipe, a socket or a device.
    OSError
        If it cannot be read.
    """
    if not str(path).startswith(OF_SHELLS):
        kind = _NO_FILES.get(stat.S_IFMT(path.stat().st_mode))
        if kind is not None:
            raise NoFileError(errno.EINVAL, f"this is {kind}, and no file", str(path))
    with path.open("rb") as stream:
        return stream.read(most)


def is_within(path: Path, folder: Path) -> bool:
    """Say whether what a path leads to, through links or not, stands in a folder or below it."""
    leads_to = Path(os.path.realpath(path))  # of links in a circle `Path.resolve` makes an error
    return leads_to.is_relative_to(os.path.realpath(folder))


def entries(folder: Path) -> list[Path]:
    """Return what stands in a folder, as far as that can be known, by name."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def is_folder(path: Path) -> bool:
    """Say whether a path leads to a folder, as far as that can be known."""
    return stat.S_ISDIR(_mode(path))


def is_file(path: Path) -> bool:
    """Say whether a path leads to a file, as far as that can be known."""
    return stat.S_ISREG(_mode(path))


def is_no_file(path: Path) -> bool:
    """Say whether a path surely leads to something that is no file."""
    mode = _mode(path)
    return bool(mode) and not stat.S_ISREG(mode)


def _mode(path: Path) -> int:
    """Return what a path leads to, as the system counts it; 0 if that cannot be known."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def is_there(path: Path) -> bool:
    """Say whether anything has a name: a link that leads nowhere, and what may not be seen, too.

    Raises
    ------
    OSError
        If the system does not bear the name.
    """
    try:
        path.lstat()
    except PermissionError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        folder = path.parent
        return os.path.lexists(folder) and not is_folder(folder)
    return True


@contextmanager
def said_as_error(place: str | Path) -> Iterator[None]:
    """Say what the system has against writing to a place.

    Raises
    ------
    UnwritableError
        With the place, instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableError(f"{place}: cannot be written: {error.strerror or error}") from error


def try_place(place: Path) -> None:
    """Raise unless something can be written to a place: a little is, and is taken away again.

    Raises
    ------
    OSError
        If it cannot; of a disk that is nearly full it says how much livesim wants.
    """
    there = next(folder for folder in place.parents if folder.exists())
    trial = there / _beside(place)
    try:
        with trial.open("xb") as file:
            file.write(bytes(_TRIAL))
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        wants = f"{error.strerror}: livesim wants {_TRIAL >> 10} kB free before it begins"
        raise OSError(error.errno, wants, str(place)) from error
    finally:
        trial.unlink(missing_ok=True)


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file, in place of one that is there: a crash leaves the earlier or the new one.

    Parameters
    ----------
    file
        Where to; its folder is there.
    content
        All of it; a text as UTF-8.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    write_all({file: content})


def write_all(contents: Mapping[Path, str | bytes]) -> None:
    """Write files as `write_whole` does, and none of them unless all can be written.

    Raises
    ------
    OSError
        If one cannot be written.
    """
    with ExitStack() as until_moved:
        moves = []
        for named, content in contents.items():
            data = content.encode() if isinstance(content, str) else content
            if named.exists() and not named.is_file():  # a pipe or a terminal has nothing to lose
                _hand_over(named, data)
                continue
            file = named.resolve()
            unfinished = until_moved.enter_context(_unfinished(file, Path.touch))
            unfinished.write_bytes(data)
            sync(unfinished)
            moves.append((unfinished, file))
        for unfinished, file in moves:
            unfinished.replace(file)


def _hand_over(pipe: Path, data: bytes) -> None:
    """Write to a pipe or a terminal; one that nobody reads is an error, and not waited for."""
    with open(pipe, "wb", opener=_at_once) as stream:
        stream.write(data)


def _at_once(pipe: str, flags: int) -> int:
    if os.name == "nt":
        return os.open(pipe, flags)
    try:
        handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise NoFileError(errno.ENXIO, "nobody reads this pipe", pipe) from None
        raise
    os.set_blocking(handle, True)
    return handle


@contextmanager
def unfinished_folder(place: Path) -> Iterator[Path]:
    """Give a new folder beside a place, to be filled; it is gone afterwards, if it still is there.

    What others have left unfinished there is cleared.
    """
    with _unfinished(place, Path.mkdir) as folder:
        yield folder


@contextmanager
def _unfinished(place: Path, make: Callable[[Path], object]) -> Iterator[Path]:
    with alone(place.parent):
        for other in place.parent.iterdir():
            if other.name.startswith(f".{place.name}.") and other.name.endswith(_UNFINISHED):
                _clear(other)
        made = place.with_name(_beside(place))
        make(made)
        mine = _locked(made)
    try:
        yield made
    finally:
        _drop(made)
        _unlock(mine)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others who write answers out of a folder for a moment."""
    for _ in range(_TRIES):  # who holds it longer is another program, and means something else
        with suppress(BlockingIOError):
            lock = _locked(folder)
            break
        sleep(_PAUSE)
    else:
        lock = None
    try:
        yield
    finally:
        _unlock(lock)


def move_in(unfinished: Path, place: Path) -> None:
    """Move a whole folder to its place, and take away the one that is there."""
    earlier = earlier_of(place)
    if place.exists():
        rmtree(earlier, ignore_errors=True)
        place.rename(earlier)
    try:
        unfinished.rename(place)
    except OSError:
        if earlier.exists():
            earlier.rename(place)
        raise
    sync(place.parent)
    rmtree(earlier, ignore_errors=True)


def put_back(place: Path) -> None:
    """Put back what a process took away and did not live to replace."""
    if not place.exists() and earlier_of(place).exists():
        earlier_of(place).rename(place)


def earlier_of(place: Path) -> Path:
    """Return where a folder is while another one takes its place."""
    return place.with_name(f".{place.name}.replaced")


def sync(path: Path) -> None:
    """Have a file or a folder on the disk."""
    if os.name == "nt":  # there a folder has no handle, and a file none that only reads
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(place: Path) -> str:
    return f".{place.name}.{token_hex(4)}{_UNFINISHED}"


def _clear(unfinished: Path) -> None:
    """Take away what a dead process left unfinished."""
    with suppress(OSError):  # its process lives, or it is another user's
        lock = _locked(unfinished)
        if lock is not None:
            _drop(unfinished)
        _unlock(lock)


def _drop(path: Path) -> None:
    rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _locked(path: Path) -> int | None:
    """Return the handle that holds the lock of a path; None where there are no locks.

    Raises
    ------
    BlockingIOError
        If somebody else has it.
    """
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # a disk without locks
        os.close(handle)
        return None
    return handle


def _unlock(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)
