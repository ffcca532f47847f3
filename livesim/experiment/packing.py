"""Figures of a stock curve in little space, each of them whole again when it is asked for.

With stock for all, more units change nothing but what is left over, so that most figures are the
same at many levels; and most are counts. Both are kept in fewer bytes, and nothing is lost: what
comes out is what was put in, to the bit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

#: A figure stays as it is where it would take more than this part of its space [1].
_WORTH_IT = 0.75
#: A figure of fewer bytes stays as it is: it takes longer to pack than it saves.
_SMALL = 4_096
#: So many numbers are looked at before all of them.
_FEW = 64


class Packed(Mapping[str, Numbers]):
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
    >>> Packed.joined([figures, figures])["sales"].shape
    (4, 4)
    """

    def __init__(self, figures: Mapping[str, Numbers], whole: Collection[str] = ()) -> None:
        self._kept = {
            name: figure if name in whole else _packed(figure) for name, figure in figures.items()
        }

    @staticmethod
    def joined(parts: Sequence[Mapping[str, Numbers]]) -> Packed:
        """Put the figures of some replications after those of others."""
        each = [part if isinstance(part, Packed) else Packed(part) for part in parts]
        if len(each) == 1:
            return each[0]
        found = Packed({})
        found._kept = {name: _joined([part._kept[name] for part in each]) for name in parts[0]}
        return found

    def having(self, **figures: Numbers) -> Packed:
        """Return these figures with others as they are beside them, or instead of some."""
        found = Packed({})
        found._kept = {**self._kept, **figures}
        return found

    @property
    def nbytes(self) -> int:
        """The space that it takes [bytes]."""
        return sum(kept.nbytes for kept in self._kept.values())

    def __getitem__(self, name: str) -> Numbers:
        return _whole(self._kept[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


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

    numbers: Numbers
    begins: NDArray[np.uint8]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    along: Any
    layout: Any

    @property
    def nbytes(self) -> int:
        """The space that it takes [bytes]."""
        return self.numbers.nbytes + self.begins.nbytes

    def whole(self) -> Numbers:
        """Return the figure."""
        return np.asarray(self.spread(self.numbers.astype(self.dtype)), order=self.layout)

    def spread(self, numbers: Numbers) -> Numbers:
        """Return a number of each run at every place of it, in the shape of the figure."""
        starts = np.flatnonzero(self.bits.view(np.bool_))
        lengths = np.diff(starts, append=prod(self.shape))
        return np.repeat(numbers, lengths).reshape(self.shape, order=self.along)

    @property
    def bits(self) -> NDArray[np.uint8]:
        """Whether a run begins at each number of the figure."""
        return np.unpackbits(self.begins, count=prod(self.shape))


def _packed(figure: Numbers) -> Numbers | _Runs:
    if figure.dtype.itemsize != 8 or figure.nbytes < _SMALL:
        return figure
    least = min((_runs(figure, along) for along in ("C", "F")), key=lambda runs: runs.nbytes)
    return least if least.nbytes < _WORTH_IT * figure.nbytes else figure


def _whole(kept: Numbers | _Runs) -> Numbers:
    return kept.whole() if isinstance(kept, _Runs) else kept


def _runs(figure: Numbers, along: Any) -> _Runs:
    numbers = figure.ravel(order=along)
    bits = numbers.view(np.int64)  # 0.0 equals -0.0, their bits do not
    begins = np.append(True, bits[1:] != bits[:-1])
    layout = "F" if figure.flags.f_contiguous and not figure.flags.c_contiguous else "C"
    numbers = in_least_space(numbers[begins])
    return _Runs(numbers, np.packbits(begins), figure.shape, figure.dtype, along, layout)


def _joined(parts: Sequence[Numbers | _Runs]) -> Numbers | _Runs:
    runs = [part for part in parts if isinstance(part, _Runs) and part.along == "C"]
    if len(runs) < len(parts):
        whole = np.concatenate([_whole(part) for part in parts])
        return _packed(whole) if any(isinstance(part, _Runs) for part in parts) else whole
    numbers = np.concatenate([one.numbers for one in runs])
    begins = np.packbits(np.concatenate([one.bits for one in runs]))
    shape = sum(one.shape[0] for one in runs), *runs[0].shape[1:]
    return replace(runs[0], numbers=numbers, begins=begins, shape=shape)


def in_few_bytes(figures: Mapping[str, Numbers]) -> Iterator[tuple[str, np.dtype[Any], Numbers]]:
    """Yield the name and type of each figure, and it in the least space, however it is kept.

    Examples
    --------
    >>> sales = {"sales": np.repeat([[0.0, 10.0], [0.0, 12.0]], 40, axis=1)}
    >>> for one in (sales, Packed(sales)):
    ...     for name, kind, figure in in_few_bytes(one):
    ...         print(name, kind, figure.dtype, figure[:, 79])
    sales float64 int8 [10 12]
    sales float64 int8 [10 12]
    """
    kept = figures._kept if isinstance(figures, Packed) else figures
    for name, figure in kept.items():
        if isinstance(figure, _Runs):
            yield name, figure.dtype, figure.spread(figure.numbers)
        else:
            whole = figure.dtype.itemsize == 8 and figure.size
            yield name, figure.dtype, in_least_space(figure) if whole else figure


def in_least_space(numbers: Numbers) -> Numbers:
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


def _are_whole(numbers: Numbers) -> bool:
    """Return whether all are whole numbers of 64 bits; -0.0, whose bits are others, is none."""
    with np.errstate(invalid="ignore"):  # inf is no whole number
        back = np.ascontiguousarray(numbers.astype(np.int64).astype(numbers.dtype))
    return bool((back.view(np.int64) == np.ascontiguousarray(numbers).view(np.int64)).all())
