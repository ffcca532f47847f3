"""What a block of replications came to: plain arrays by name, the same for every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.engine.timeline import Changes, Timeline, rows_of

Columns: TypeAlias = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Outcome:
    """R replications, P products in V variants, S segments, N moments of the timeline.

    Parameters
    ----------
    inputs
        Every drawn quantity by its path, shape (R,).
    shows
        The audience, orders and money [currency] of the whole show, shape (R,).
    segments
        Reach, unique viewers, viewers who left and who watch at the end, shape (R, S).
    products, variants
        The stock account, times and money by product, shape (R, P), and by variant, shape (R, V);
        a time that never came is inf.
    timeline
        ``times`` [s], shape (N,); concurrent viewers, arrivals and orders so far, shape (R, N);
        units on hand, reserved and paid, shape (R, N, P); ``slot_starts`` [s], shape (R, slots).
    rooms
        Unique viewers, attempts to order and orders by room, shape (R, rooms); empty where the
        scenario has no rooms.
    """

    inputs: Columns
    shows: Columns
    segments: Columns
    products: Columns
    variants: Columns
    timeline: Columns
    rooms: Columns = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of replications R."""
        tables = (self.shows, self.variants)
        return len(next(column for table in tables for column in table.values()))

    def part(self, rows: slice) -> Outcome:
        """Return what some replications came to, from one up to another."""
        return Outcome(**{one.name: rows_of(getattr(self, one.name), rows) for one in fields(self)})

    @staticmethod
    def joined(outcomes: Sequence[Outcome]) -> Outcome:
        """Put blocks of replications one after the other."""
        rows = Outcomes(sum(map(len, outcomes)))
        return rows.first(sum(map(rows.add, outcomes)))


class Outcomes:
    """Blocks of replications one after the other, in tables that are made once for all of them.

    Parameters
    ----------
    replications
        How many there will be [1].
    """

    def __init__(self, replications: int) -> None:
        self._replications, self._there = replications, 0
        self._tables: dict[str, dict[str, NDArray[Any]]] = {}
        self._changes: dict[str, list[Changes]] = {}

    def add(self, block: Outcome) -> int:
        """Write a block behind those that are there, and return how many replications it has."""
        end = self._there + len(block)
        for part in fields(Outcome):
            table, columns = self._tables.setdefault(part.name, {}), getattr(block, part.name)
            if part.name == "timeline":
                timeline = Timeline.of(columns)
                for name, changes in timeline.changes.items():
                    whole = changes.part(slice(0, len(block)))
                    self._changes.setdefault(name, []).append(whole)
                columns = timeline.plain
            for name, column in columns.items():
                if name == "times":
                    table[name] = column
                elif part.name == "variants" and column is block.products.get(name):
                    table[name] = self._tables["products"][name]  # of one variant each: kept once
                else:
                    table[name] = self._wide_enough(table.get(name), column)
                    table[name][self._there : end] = column
        self._there = end
        return len(block)

    def _wide_enough(self, there: NDArray[Any] | None, column: NDArray[Any]) -> NDArray[Any]:
        """Return a column of all replications whose numbers can be those of a block, too."""
        if there is None:
            return np.empty((self._replications, *column.shape[1:]), column.dtype)
        return there.astype(np.promote_types(there.dtype, column.dtype), copy=False)

    def first(self, replications: int) -> Outcome:
        """Return the first of the replications that are there."""
        tables: dict[str, Columns] = {
            table: {
                name: column if name == "times" else column[:replications]
                for name, column in columns.items()
            }
            for table, columns in self._tables.items()
        }
        changes = {
            name: Changes.joined(blocks).part(slice(0, replications))
            for name, blocks in self._changes.items()
        }
        return Outcome(**tables | {"timeline": Timeline(tables["timeline"], changes)})


def after_link(sold_out_at: Floats, link_at: Floats) -> Floats:
    """Count the moments of being sold out from the first link [s].

    Parameters
    ----------
    sold_out_at, link_at
        When it was sold out, and when the link first went up [s], inf if never; of shapes that go
        together.

    Returns
    -------
    ndarray
        0 where nothing was left when the link went up; inf where it was never sold out, or the link
        never went up.

    Examples
    --------
    >>> never = np.inf
    >>> after_link(np.array([90.0, 0.0, never, 90.0]), np.array([60.0, 60.0, 60.0, never])).tolist()
    [30.0, 0.0, inf, inf]
    """
    sold_out_at, link_at = np.broadcast_arrays(sold_out_at, link_at)
    both = np.isfinite(sold_out_at) & np.isfinite(link_at)
    after = np.full(both.shape, np.inf)
    after[both] = np.maximum(sold_out_at[both] - link_at[both], 0.0)
    return after
