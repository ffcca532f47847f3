"""The timeline of a block: curves over the show, those of products by what they change by.

The units of a product change while it is sold and soon after, and stay as they are for the rest of
the show. With hundreds of products, the changes are a small part of all units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers
from livesim.engine.orders.orders import in_few_bytes

#: About how many moments a timeline has where no step is given; the last is the end, if it can be.
_MOMENTS = 100


@dataclass(frozen=True)
class Changes:
    """Counts of P products at N moments in R replications, by what they change by.

    Parameters
    ----------
    shape
        R, N and P.
    place
        Where they change, in order: (replication · N + moment) · P + product.
    by
        By how much; before the first moment all are 0.
    """

    shape: tuple[int, int, int]
    place: Numbers
    by: NDArray[Any]

    @staticmethod
    def of(counts: Counts, shape: tuple[int, int, int], row: int, products: Numbers) -> Changes:
        """Return what the counts of some products in some replications change by.

        Parameters
        ----------
        counts
            Shape (N, products, replications).
        shape
            That of all of them.
        row, products
            The first of the replications, and which products.
        """
        by = np.diff(counts, axis=0, prepend=0)
        moment, number, some = by.nonzero()
        place = ((row + some) * shape[1] + moment) * shape[2] + products[number]
        return Changes(shape, place, in_few_bytes(by[moment, number, some]))

    @staticmethod
    def together(shape: tuple[int, int, int], parts: Sequence[Changes]) -> Changes:
        """Return the changes of parts of the same counts, which have none in common."""
        place = np.concatenate([np.zeros(0, dtype=np.intp), *(part.place for part in parts)])
        by = np.concatenate([np.zeros(0, dtype=np.int32), *(part.by for part in parts)])
        order = np.argsort(place, kind="stable")
        return Changes(shape, place[order], by[order])

    @staticmethod
    def joined(blocks: Sequence[Changes]) -> Changes:
        """Put blocks of replications one after the other."""
        rows, each = [block.shape[0] for block in blocks], blocks[0].shape[1:]
        before = (np.cumsum(rows) - rows) * each[0] * each[1]
        return Changes(
            (sum(rows), *each),
            np.concatenate([block.place + n for block, n in zip(blocks, before, strict=True)]),
            np.concatenate([block.by for block in blocks]),
        )

    def part(self, rows: slice) -> Changes:
        """Return the changes in some replications, from one up to another."""
        each = self.shape[1] * self.shape[2]
        first, end = np.searchsorted(self.place, [rows.start * each, rows.stop * each])
        place = self.place[first:end]
        shape = (rows.stop - rows.start, *self.shape[1:])
        return Changes(
            shape, place - rows.start * each if rows.start else place, self.by[first:end]
        )

    def counts(self) -> NDArray[Any]:
        """Return the counts, shape (R, N, P)."""
        counts = np.zeros(self.shape, dtype=self.by.dtype)
        counts.reshape(-1)[self.place] = self.by
        return np.cumsum(counts, axis=1, out=counts)


class Changed(Protocol):
    """What :class:`Changes` are for who reads them, wherever they are kept."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """R, N and P."""

    def part(self, rows: slice) -> Changes:
        """Return the changes in some replications, from one up to another."""

    def counts(self) -> NDArray[Any]:
        """Return the counts, shape (R, N, P)."""


@dataclass(frozen=True)
class _Part:
    """The changes in some replications, taken when they are asked for."""

    changes: Changed
    rows: slice

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.rows.stop - self.rows.start, *self.changes.shape[1:]

    def part(self, rows: slice) -> Changes:
        start = self.rows.start
        return self.changes.part(slice(start + rows.start, start + rows.stop))

    def counts(self) -> NDArray[Any]:
        return self.changes.part(self.rows).counts()


class Timeline(Mapping[str, NDArray[Any]]):
    """Curves over the show by name; those of products are put together when they are asked for.

    Parameters
    ----------
    plain
        The others as they are.
    changes
        What those of products change by.
    """

    def __init__(self, plain: Mapping[str, NDArray[Any]], changes: Mapping[str, Changed]) -> None:
        self.plain, self.changes = plain, changes

    @staticmethod
    def of(curves: Mapping[str, NDArray[Any]]) -> Timeline:
        """Return curves by what they change by, those that were kept as they are, too."""
        if isinstance(curves, Timeline):
            return curves
        counts = {name: curve for name, curve in curves.items() if curve.ndim == 3}
        changes = {}
        for name, curve in counts.items():
            products = np.arange(curve.shape[2])
            all_of_them = Changes.of(curve.transpose(1, 2, 0), curve.shape, 0, products)
            changes[name] = Changes.together(curve.shape, [all_of_them])
        return Timeline({n: curve for n, curve in curves.items() if n not in counts}, changes)

    def part(self, rows: slice) -> Timeline:
        """Return the curves of some replications, from one up to another."""
        changes = {name: _Part(changes, rows) for name, changes in self.changes.items()}
        return Timeline(rows_of(self.plain, rows), changes)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.changes[name].counts() if name in self.changes else self.plain[name]

    def __iter__(self) -> Iterator[str]:
        last = [name for name in self.plain if name == "slot_starts"]  # as fingerprints have it
        yield from (*(name for name in self.plain if name not in last), *self.changes, *last)

    def __len__(self) -> int:
        return len(self.plain) + len(self.changes)


def rows_of(columns: Mapping[str, NDArray[Any]], rows: slice) -> Mapping[str, NDArray[Any]]:
    """Return columns over some replications, from one up to another; the times are of all."""
    if hasattr(columns, "part"):  # they are taken when they are asked for
        return columns.part(rows)  # type: ignore[no-any-return]
    return {name: one if name == "times" else one[rows] for name, one in columns.items()}


def usual_step(refreshes: int) -> int:
    """Return the refreshes from one moment of a timeline to the next where no step is given.

    Examples
    --------
    >>> usual_step(90), usual_step(720)
    (1, 8)
    """
    shortest = max(1, -(-refreshes // _MOMENTS))
    steps = range(shortest, 2 * shortest)
    return next((step for step in steps if refreshes % step == 0), shortest)
