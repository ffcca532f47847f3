"""Figures that are put away on disk, and read when somebody asks for them.

So the memory that a study needs does not grow with its replications. Blocks come one behind the
other, as they are, in a file that has no name: it is gone when nobody needs it any more, however a
process ends. As long as they are few they stay in memory.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from math import prod
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any, Final, NamedTuple
from weakref import finalize

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import Outcome
from livesim.engine.timeline import Changes, Timeline
from livesim.errors import ResultsError

#: So much is kept in memory before the disk is used [bytes].
_IN_MEMORY: Final = 1 << 23


class Scratch:
    """A file without a name, to which arrays are put away.

    Parameters
    ----------
    folder
        Where; the system's place for such files if None, or if nothing can be written there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._place = folder
        where = None if folder is None else str(folder)
        self._file = SpooledTemporaryFile(_IN_MEMORY, dir=where)  # noqa: SIM115
        finalize(self, self._file.close)
        self._lock = Lock()
        self._size = 0

    def put(self, arrays: Iterable[Array]) -> int:
        """Write arrays one behind the other, and return where they begin [bytes].

        Raises
        ------
        ResultsError
            If the disk is full, or the like.
        """
        with self._lock:
            start = self._size
            try:
                self._file.seek(start)
                for one in arrays:
                    self._size += self._file.write(_bytes(np.ascontiguousarray(one)))
                self._file.flush()  # a full disk is told of now
            except OSError as error:
                raise self._fault("written", error) from error
        return start

    def read(self, start: int, into: Array) -> None:
        """Fill an array, whose numbers lie in one piece, with what begins somewhere [bytes].

        Raises
        ------
        ResultsError
            If it cannot be read.
        """
        with self._lock:
            try:
                self._file.seek(start)
                read = self._file.readinto(_bytes(into))
            except OSError as error:
                raise self._fault("read", error) from error
        if read != into.nbytes:
            raise self._fault("read", OSError(f"it ends {into.nbytes - read:,} bytes too early"))

    def _fault(self, what: str, error: OSError) -> ResultsError:
        where = "the place for temporary files" if self._place is None else self._place
        return ResultsError(
            f"{where}: figures that were put away there cannot be {what}: "
            f"{error.strerror or error}; while a study runs they need room there beside what is "
            f"kept ({self._size / 1e6:,.0f} MB so far): give it that and the right to write, and "
            "run again"
        )


def _bytes(whole: Array) -> memoryview:
    return whole.reshape(-1).view(np.uint8).data


class _Column(NamedTuple):
    """How the rows of a column lie behind those of others.

    Parameters
    ----------
    dtype, shape
        Of one row.
    before
        Space that a row of all columns before it takes [bytes].
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    before: int

    @property
    def nbytes(self) -> int:
        """The space that a row takes [bytes]."""
        return self.dtype.itemsize * prod(self.shape)


class _Blocks:
    """Blocks of columns of equal length, put away one behind the other."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._starts, self._ends = array("q"), array("q")
        self._layouts: list[dict[str, _Column]] = []
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def add(self, columns: Mapping[str, Array]) -> None:
        """Put a block away; its numbers are read as those of the others, too."""
        layout, before, rows = dict[str, _Column](), 0, 0
        for name, one in columns.items():
            layout[name] = column = _Column(one.dtype, one.shape[1:], before)
            before += column.nbytes
            rows = len(one)
            self.dtypes[name] = np.promote_types(self.dtypes.get(name, one.dtype), one.dtype)
        known = self._layouts[-1] if self._layouts and self._layouts[-1] == layout else layout
        self._layouts.append(known)  # the same object: nearly all blocks are alike
        self._starts.append(self._scratch.put(columns.values()))
        self._ends.append(len(self) + rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._ends[-1] if self._ends else 0

    def rows_of(self, first: int, last: int) -> slice:
        """Return which rows some blocks have, the last of them included."""
        return slice(self._ends[first - 1] if first else 0, self._ends[last])

    def read(self, name: str, rows: slice) -> Array:
        """Return some rows of a column, from one up to another."""
        shape = self._layouts[0][name].shape
        found = np.empty((rows.stop - rows.start, *shape), self.dtypes[name])
        at, block = rows.start, bisect_right(self._ends, rows.start)
        while at < rows.stop:
            column, first = self._layouts[block][name], self.rows_of(block, block).start
            end = min(rows.stop, self._ends[block])
            place = self._starts[block] + (self._ends[block] - first) * column.before
            there = found[at - rows.start : end - rows.start]
            into = there if column.dtype == found.dtype else np.empty(there.shape, column.dtype)
            self._scratch.read(place + (at - first) * column.nbytes, into)
            if into is not there:
                there[:] = into
            at, block = end, block + 1
        return found


class _Rows(Mapping[str, Array]):
    """Columns over some replications, each read when it is asked for.

    Parameters
    ----------
    blocks
        Where they are.
    rows
        Which of the replications, from one up to another.
    times
        Moments of the timeline, which are the same in all replications.
    """

    def __init__(self, blocks: _Blocks, rows: slice, times: Array | None = None) -> None:
        self._blocks, self._rows, self._times = blocks, rows, times

    def part(self, rows: slice) -> _Rows:
        """Return the columns over some of these replications."""
        start = self._rows.start
        return _Rows(self._blocks, slice(start + rows.start, start + rows.stop), self._times)

    def __getitem__(self, name: str) -> Array:
        if name == "times" and self._times is not None:
            return self._times
        return self._blocks.read(name, self._rows)

    def __iter__(self) -> Iterator[str]:
        yield from () if self._times is None else ("times",)
        yield from self._blocks.dtypes

    def __len__(self) -> int:
        return (self._times is not None) + len(self._blocks.dtypes)

    def __reduce__(self) -> Any:
        """Send other processes what is there: they do not see the file."""
        return dict, (dict(self),)


class _Changes:
    """What the units of products change by in all replications, read when it is asked for.

    Parameters
    ----------
    blocks
        Where and by how much, one a change.
    ends
        How many replications there are up to the end of each block.
    shape
        As that of :class:`~livesim.engine.timeline.Changes`.
    """

    def __init__(self, blocks: _Blocks, ends: Sequence[int], shape: tuple[int, int, int]) -> None:
        self._blocks, self._ends, self.shape = blocks, ends, shape

    def part(self, rows: slice) -> Changes:
        """Return the changes in some replications, from one up to another."""
        some = self._blocks.rows_of(
            bisect_right(self._ends, rows.start), bisect_left(self._ends, rows.stop)
        )
        place, by = (self._blocks.read(name, some) for name in ("place", "by"))
        return Changes(self.shape, place, by).part(rows)

    def counts(self) -> Array:
        """Return the counts, shape (R, N, P)."""
        return self._all().counts()

    def _all(self) -> Changes:
        return self.part(slice(0, self.shape[0]))

    def __reduce__(self) -> Any:
        """Send other processes what is there."""
        return _as_it_is, (self._all(),)


def _as_it_is(changes: Changes) -> Changes:
    return changes


class OutcomesOnDisk:
    """Blocks of replications one behind the other, as those of `Outcomes`, but not in memory.

    Parameters
    ----------
    scratch
        Where they are put away.

    Examples
    --------
    >>> from livesim.experiment.simulating import simulate_block
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> outcomes = OutcomesOnDisk(Scratch())
    >>> sum(outcomes.add(simulate_block(room, 1, number, replications=50)) for number in range(2))
    100
    >>> outcomes.first(100).products["sales"].shape
    (100, 3)
    """

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._ends = array("q")
        self._tables: dict[str, _Blocks] = {}
        self._changes: dict[str, _Blocks] = {}
        self._shapes: dict[str, tuple[int, int]] = {}
        self._times: Array | None = None

    def add(self, block: Outcome) -> int:
        """Put a block behind those that are there, and return how many replications it has."""
        there = self._ends[-1] if self._ends else 0
        timeline = Timeline.of(block.timeline)
        tables = {one.name: getattr(block, one.name) for one in fields(Outcome)}
        for name, columns in (tables | {"timeline": timeline.plain}).items():
            varying = {column: one for column, one in columns.items() if column != "times"}
            self._tables.setdefault(name, _Blocks(self._scratch)).add(varying)
        for name, changes in timeline.changes.items():
            whole = changes.part(slice(0, len(block)))
            moments, products = self._shapes[name] = whole.shape[1:]
            place = whole.place + there * moments * products
            blocks = self._changes.setdefault(name, _Blocks(self._scratch))
            blocks.add({"place": place, "by": whole.by})
        self._times = timeline.plain["times"]
        self._ends.append(there + len(block))
        return len(block)

    def first(self, replications: int) -> Outcome:
        """Return the first of the replications that are there."""
        rows = slice(0, replications)
        tables: dict[str, Any] = {
            name: _Rows(blocks, rows, self._times if name == "timeline" else None)
            for name, blocks in self._tables.items()
        }
        changes = {
            name: _Changes(blocks, self._ends, (replications, *self._shapes[name]))
            for name, blocks in self._changes.items()
        }
        return Outcome(**tables | {"timeline": Timeline(tables["timeline"], changes)})
