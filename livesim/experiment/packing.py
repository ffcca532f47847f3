"""Figures of a stock curve in little space, each of them whole again when it is asked for.

With stock for all, more units change nothing but what is left over, so that most figures are the
same at many levels; and most are counts. Both are kept in fewer bytes, and nothing is lost: what
comes out is what was put in, to the bit. They can be put away, too: what is let go of in between
what is made of it would leave holes in the memory of the process, which nothing else fits into.

Of many replications a figure is kept in pieces, so that what is computed of it, some replications
after the other, takes no more memory the more there are.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from mmap import mmap
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Array
from livesim.randomness import BLOCK
from livesim.results.answer import InParts

#: A figure stays as it is where it would take more than this part of its space [1].
_WORTH_IT = 0.75
#: A figure of fewer bytes stays as it is: it takes longer to pack than it saves.
_SMALL = 4_096
#: So many numbers are looked at before all of them.
_FEW = 64
#: Memory is taken in rooms of so many bytes, or larger ones.
_ROOM = 1 << 18
#: So many numbers of a figure are had at once where not all have to be.
_AT_ONCE = 1 << 17
#: In the place of numbers that are elsewhere.
_NONE: Final = np.zeros(0, np.uint8)


class Place(Protocol):
    """Where figures are put away until somebody asks for them."""

    def put(self, arrays: Iterable[Array]) -> int:
        """Write arrays one behind the other, and return where they begin [bytes]."""

    def read(self, start: int, into: Array) -> None:
        """Fill an array with what begins somewhere [bytes]."""


class Memory:
    """A place whose memory goes back to the system when nobody needs anything that is there.

    Examples
    --------
    >>> memory, back = Memory(), np.zeros(2)
    >>> memory.read(memory.put([np.array([1.0, 2.0])]), back)
    >>> back.tolist()
    [1.0, 2.0]
    """

    def __init__(self) -> None:
        self._rooms: list[NDArray[np.uint8]] = []
        self._starts: list[int] = []
        self._end = 0

    def put(self, arrays: Iterable[Array]) -> int:
        """Write arrays one behind the other, and return where they begin [bytes]."""
        parts = [_bytes(np.ascontiguousarray(one)) for one in arrays]
        size, start = sum(map(len, parts)), self._end
        if not self._rooms or start + size > self._starts[-1] + len(self._rooms[-1]):
            self._rooms.append(np.frombuffer(mmap(-1, max(size, _ROOM)), np.uint8))
            self._starts.append(start)
        first = start - self._starts[-1]
        np.concatenate(parts, out=self._rooms[-1][first : first + size])
        self._end += size
        return start

    def read(self, start: int, into: Array) -> None:
        """Fill an array with what begins somewhere [bytes]."""
        number = bisect_right(self._starts, start) - 1
        first = start - self._starts[number]
        _bytes(into)[:] = self._rooms[number][first : first + into.nbytes]


class Figures(Mapping[str, Array]):
    """Figures by name, each of shape (R, L), of which some replications can be had alone."""

    @property
    @abstractmethod
    def replications(self) -> int:
        """The number R of replications."""

    @abstractmethod
    def over(self, name: str, rows: slice) -> Array:
        """Return a figure over some replications, from one up to another."""

    def part(self, rows: slice) -> Figures:
        """Return the figures over some replications, each read when it is asked for."""
        return _Part(self, rows)

    def __getitem__(self, name: str) -> Array:
        return self.over(name, slice(0, self.replications))

    def __contains__(self, name: object) -> bool:
        """Say whether there is a figure, without reading it."""
        return name in tuple(self)


class _Part(Figures):
    """Figures over some of the replications."""

    def __init__(self, whole: Figures, rows: slice) -> None:
        self._whole, self._rows = whole, rows

    @property
    def replications(self) -> int:
        """The number of these replications."""
        return int(self._rows.stop - self._rows.start)

    def over(self, name: str, rows: slice) -> Array:
        """Return a figure over some of these replications."""
        start = self._rows.start
        return self._whole.over(name, slice(start + rows.start, start + rows.stop))

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


def in_parts(
    figures: Mapping[str, Array], levels: int
) -> Iterator[tuple[slice, Mapping[str, Array]]]:
    """Yield figures over some replications after the other, and which these are.

    Parameters
    ----------
    figures
        Of any number of replications.
    levels
        How many numbers each has of a replication [1].

    Examples
    --------
    >>> figures = {"sales": np.zeros((3_000, 80))}
    >>> [(rows, part["sales"].shape) for rows, part in in_parts(figures, 80)]
    [(slice(0, 1500, None), (1500, 80)), (slice(1500, 3000, None), (1500, 80))]
    """
    replications, step = replications_of(figures), rows_at_once(levels)
    for start in range(0, replications, step):
        rows = slice(start, min(start + step, replications))
        yield rows, figures if replications <= step else part_of(figures, rows)


def part_of(figures: Mapping[str, Array], rows: slice) -> Mapping[str, Array]:
    """Return figures over some replications, from one up to another."""
    if isinstance(figures, Figures):
        return figures.part(rows)
    return {name: one[rows] for name, one in figures.items()}


def replications_of(figures: Mapping[str, Array]) -> int:
    """Return how many replications figures have, without reading any that is put away."""
    if isinstance(figures, Figures):
        return figures.replications
    return len(next(iter(figures.values())))


class Packed(Figures):
    """Figures by name, each of shape (R, L), in the least space that loses nothing.

    Parameters
    ----------
    figures
        The figures.
    whole
        The names of those that are asked for so often that they stay as they are.

    Examples
    --------
    >>> sales = np.array([[0.0, 10.0, 17.0, 17.0], [0.0, 10.0, 12.0, 12.0]])
    >>> figures = Packed({"sales": sales})
    >>> joined = Packed.joined([figures, figures])
    >>> joined["sales"].shape, joined.part(slice(1, 3))["sales"][:, 2].tolist()
    ((4, 4), [12.0, 17.0])
    """

    def __init__(self, figures: Mapping[str, Array], whole: Collection[str] = ()) -> None:
        self._kept = {
            name: _Pieces((figure if name in whole else _packed(figure),), (len(figure),))
            for name, figure in figures.items()
        }

    @staticmethod
    def joined(parts: Iterable[Mapping[str, Array]], place: Place | None = None) -> Packed:
        """Put the figures of some replications after those of others, away to a place if there is.

        Of what is put away, one piece after the other is there meanwhile.
        """
        each, found = [*parts], Packed({})
        for name in each[0]:
            found._kept[name] = _Pieces.joined([_pieces(part, name) for part in each], place)
        return found

    @staticmethod
    def made(
        parts: Iterable[Mapping[str, Array]], place: Place | None, whole: Collection[str] = ()
    ) -> Packed:
        """Put figures away as they are made, some replications after the other."""
        away = [Packed.joined([Packed(part, whole)], place) for part in parts]
        return Packed.joined(away, place)

    def having(self, others: Packed) -> Packed:
        """Return these figures with others beside them, or instead of some."""
        found = Packed({})
        found._kept = {**self._kept, **others._kept}
        return found

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return next(iter(self._kept.values())).ends[-1]

    @property
    def nbytes(self) -> int:
        """The space that it takes, wherever that is [bytes]."""
        return sum(one.nbytes for kept in self._kept.values() for one in kept.pieces)

    def over(self, name: str, rows: slice) -> Array:
        """Return a figure over some replications."""
        return self._kept[name].over(rows)

    def __getitem__(self, name: str) -> Array:
        kept = self._kept[name]
        return kept.over(slice(0, kept.ends[-1]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """A figure as pieces, some replications after the other, and how many there are up to each."""

    pieces: tuple[_Piece, ...]
    ends: tuple[int, ...]

    def over(self, rows: slice) -> Array:
        """Return the figure over some replications."""
        first = min(bisect_right(self.ends, rows.start), len(self.ends) - 1)
        last = max(bisect_left(self.ends, rows.stop), first)
        there, found = (0, *self.ends)[first], []
        for piece in self.pieces[first : last + 1]:
            whole = _whole(_back(piece))
            some = slice(max(0, rows.start - there), rows.stop - there)
            found.append(whole if some.start == 0 and some.stop >= len(whole) else whole[some])
            there += len(whole)
        return found[0] if len(found) == 1 else np.concatenate(found)

    @staticmethod
    def joined(parts: Sequence[_Pieces], place: Place | None) -> _Pieces:
        """Put pieces one behind the other, so many together as are had at once."""
        every = [piece for part in parts for piece in part.pieces]
        lengths = [_shape(piece)[0] for piece in every]
        most, together = rows_at_once(prod(_shape(every[0])[1:])), dict[int, list[_Piece]]()
        for piece, end, rows in zip(every, np.cumsum(lengths).tolist(), lengths, strict=True):
            together.setdefault((end - rows) // most, []).append(piece)
        pieces, ends, there = list[_Piece](), list[int](), 0
        for few in together.values():
            there_already = len(few) == 1 and isinstance(few[0], _Away) and few[0].place is place
            joined = few[0] if there_already else _away(_joined([*map(_back, few)]), place)
            pieces.append(joined)
            there += sum(_shape(one)[0] for one in few)
            ends.append(there)
        return _Pieces(tuple(pieces), tuple(ends))


@dataclass(frozen=True, slots=True)
class _Runs:
    """A figure as runs of the same number.

    Parameters
    ----------
    numbers
        What each run repeats, in few bytes.
    begins
        Where runs begin, a bit for each number of the figure.
    shape, dtype
        Those of the figure.
    along
        In which order it is gone through: ``"C"`` along the levels, ``"F"`` along the replications.
    layout
        In which order it lies in memory, since sums depend on it in the last bit.
    """

    numbers: Array
    begins: NDArray[np.uint8]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    along: Any
    layout: Any

    @property
    def nbytes(self) -> int:
        """The space that it takes [bytes]."""
        return self.numbers.nbytes + self.begins.nbytes

    def whole(self) -> Array:
        """Return the figure; one that is 0 everywhere takes no space."""
        if len(self.numbers) == 1 and not self.numbers[0]:
            return np.broadcast_to(self.numbers.astype(self.dtype), self.shape)
        return np.asarray(self.spread(self.numbers.astype(self.dtype)), order=self.layout)

    def spread(self, numbers: Array) -> Array:
        """Return a number of each run at every place of it, in the shape of the figure."""
        starts = np.flatnonzero(self.bits.view(np.bool_))
        lengths = np.diff(starts, append=prod(self.shape))
        return np.repeat(numbers, lengths).reshape(self.shape, order=self.along)

    @property
    def bits(self) -> NDArray[np.uint8]:
        """Whether a run begins at each number of the figure."""
        return np.unpackbits(self.begins, count=prod(self.shape))


@dataclass(frozen=True, slots=True)
class _Away:
    """A figure that is kept elsewhere.

    Parameters
    ----------
    place, start
        Where.
    arrays
        Shape, type and order in memory of each of its arrays, which lie one behind the other.
    runs
        What it is beside its arrays, if it is kept as runs.
    """

    place: Place
    start: int
    arrays: tuple[tuple[tuple[int, ...], np.dtype[Any], Any], ...]
    runs: _Runs | None

    @property
    def whole_shape(self) -> tuple[int, ...]:
        """That of the figure."""
        return self.arrays[0][0] if self.runs is None else self.runs.shape

    @property
    def nbytes(self) -> int:
        """The space that it takes there [bytes]."""
        return sum(prod(shape) * dtype.itemsize for shape, dtype, _ in self.arrays)

    def back(self) -> Array | _Runs:
        """Return it as it was."""
        found, start = [], self.start
        for shape, dtype, order in self.arrays:
            flat: Array = np.empty(prod(shape), dtype)
            self.place.read(start, flat)
            start += flat.nbytes
            found.append(flat.reshape(shape, order=order))
        if self.runs is None:
            return found[0]
        return replace(self.runs, numbers=found[0], begins=found[1])

    def __reduce__(self) -> Any:
        """Send other processes what it is: they do not see the place."""
        return _back, (self.back(),)


def rows_at_once(levels: int) -> int:
    """Return how many replications with so many numbers are had at once: whole blocks."""
    return max(1, _AT_ONCE // max(1, levels) // BLOCK) * BLOCK


def _away(kept: Array | _Runs, place: Place | None) -> _Piece:
    if place is None:
        return kept
    runs = kept if isinstance(kept, _Runs) else None
    arrays = (kept,) if not isinstance(kept, _Runs) else (kept.numbers, kept.begins)
    told = tuple((one.shape, one.dtype, _layout(one)) for one in arrays)
    start = place.put(one.ravel(order=order) for one, (*_, order) in zip(arrays, told, strict=True))
    return _Away(place, start, told, runs and replace(runs, numbers=_NONE, begins=_NONE))


def _shape(kept: _Piece) -> tuple[int, ...]:
    return kept.whole_shape if isinstance(kept, _Away) else kept.shape


def _back(kept: _Piece) -> Array | _Runs:
    return kept.back() if isinstance(kept, _Away) else kept


#: A piece of a figure, as it is kept.
_Piece: TypeAlias = Array | _Runs | _Away


def _pieces(figures: Mapping[str, Array], name: str) -> _Pieces:
    """Return a figure in pieces, packed where it is not yet."""
    kept = figures if isinstance(figures, Packed) else Packed({name: figures[name]})
    return kept._kept[name]


def _packed(figure: Array) -> Array | _Runs:
    if figure.dtype.itemsize != 8 or figure.nbytes < _SMALL:
        return figure
    least = min((_runs(figure, along) for along in ("C", "F")), key=lambda runs: runs.nbytes)
    return least if least.nbytes < _WORTH_IT * figure.nbytes else figure


def _whole(kept: Array | _Runs) -> Array:
    return kept.whole() if isinstance(kept, _Runs) else kept


def _runs(figure: Array, along: Any) -> _Runs:
    numbers = figure.ravel(order=along)
    bits = numbers.view(np.int64)  # 0.0 equals -0.0, their bits do not
    begins = np.append(True, bits[1:] != bits[:-1])
    layout = _layout(figure)
    numbers = in_least_space(numbers[begins])
    return _Runs(numbers, np.packbits(begins), figure.shape, figure.dtype, along, layout)


def _layout(figure: Array) -> Any:
    """Return in which order an array lies in memory."""
    return "F" if figure.flags.f_contiguous and not figure.flags.c_contiguous else "C"


def _joined(parts: Sequence[Array | _Runs]) -> Array | _Runs:
    if len(parts) == 1:
        return parts[0]
    runs = [part for part in parts if isinstance(part, _Runs) and part.along == "C"]
    if len(runs) < len(parts):
        whole = np.concatenate([_whole(part) for part in parts])
        return _packed(whole) if any(isinstance(part, _Runs) for part in parts) else whole
    numbers = np.concatenate([one.numbers for one in runs])
    begins = np.packbits(np.concatenate([one.bits for one in runs]))
    shape = sum(one.shape[0] for one in runs), *runs[0].shape[1:]
    return replace(runs[0], numbers=numbers, begins=begins, shape=shape)


def in_few_bytes(figures: Mapping[str, Array]) -> Iterator[tuple[str, np.dtype[Any], InParts]]:
    """Yield the name and type of each figure, and it in the least space, however it is kept.

    Examples
    --------
    >>> sales = {"sales": np.repeat([[0.0, 10.0], [0.0, 12.0]], 40, axis=1)}
    >>> for one in (sales, Packed(sales)):
    ...     for name, kind, figure in in_few_bytes(one):
    ...         print(name, kind, figure.dtype, *(part[:, 79] for part in figure.parts))
    sales float64 int8 [10 12]
    sales float64 int8 [10 12]
    """
    for name in figures:
        kept = _pieces(figures, name)
        kinds, shape = zip(*map(_kinds, kept.pieces), strict=True), _shape(kept.pieces[0])
        kind, least = (np.result_type(*each) for each in kinds)
        yield name, kind, InParts(least, (kept.ends[-1], *shape[1:]), _InLeastSpace(kept, least))


class _InLeastSpace(Iterable[Array]):
    """The pieces of a figure in the least space, one after the other."""

    def __init__(self, kept: _Pieces, least: np.dtype[Any]) -> None:
        self._kept, self._least = kept, least

    def __iter__(self) -> Iterator[Array]:
        for one in self._kept.pieces:
            yield _in_least_space(_back(one)).astype(self._least, copy=False)


def _kinds(kept: _Piece) -> tuple[np.dtype[Any], np.dtype[Any]]:
    """Return the type of a piece, and that of the least space that it takes."""
    if isinstance(kept, _Away) and kept.runs is not None:
        return kept.runs.dtype, kept.arrays[0][1]
    if isinstance(kept, _Runs):
        return kept.dtype, kept.numbers.dtype
    there = _back(kept)
    return there.dtype, _in_least_space(there).dtype


def _in_least_space(kept: Array | _Runs) -> Array:
    if isinstance(kept, _Runs):
        return kept.spread(kept.numbers)
    return in_least_space(kept) if kept.dtype.itemsize == 8 and kept.size else kept


def in_least_space(numbers: Array) -> Array:
    """Return numbers as whole ones of few bytes, if that loses nothing; else as they are.

    Examples
    --------
    >>> in_least_space(np.array([3.0, -200.0])).dtype, in_least_space(np.array([0.5])).dtype
    (dtype('int16'), dtype('float64'))
    """
    if not _are_whole(numbers.flat[:_FEW]) or not _are_whole(numbers):  # most that are not: at once
        return numbers
    whole = numbers.astype(np.int64)
    return whole.astype(np.min_scalar_type(-1 - int(np.abs(whole).max(initial=0))))  # either sign


def _are_whole(numbers: Array) -> bool:
    """Return whether all are whole numbers of 64 bits; -0.0, whose bits are others, is none."""
    with np.errstate(invalid="ignore"):  # inf is no whole number
        back = np.ascontiguousarray(numbers.astype(np.int64).astype(numbers.dtype))
    return bool((back.view(np.int64) == np.ascontiguousarray(numbers).view(np.int64)).all())


def _bytes(whole: Array) -> NDArray[np.uint8]:
    return whole.reshape(-1).view(np.uint8)
