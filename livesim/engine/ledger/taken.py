"""What orders took, batch by batch: for curves over the show, and for when a reserve is called."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers
from livesim.engine.ledger.book import Book
from livesim.engine.ledger.serving import Taking


class Taken:
    """Units and orders that each batch took at J stock levels.

    Parameters
    ----------
    book
        The orders.
    levels
        The number J of levels.

    Notes
    -----
    It takes a number for each batch and level, so it is kept only where it is needed.
    """

    def __init__(self, book: Book, levels: int) -> None:
        self._book, self._levels = book, levels
        size = len(book.orders) + 1
        self._whole = [np.zeros((size, levels), dtype=np.int32) for _ in book.bases]
        self._partly: list[tuple[Numbers, Counts]] = []

    def note(self, taking: Taking) -> None:
        """Note what orders took; who took it is account · J + level."""
        level = taking.who % self._levels
        # One index and one type: NumPy is ten times faster then.
        whole = self._whole[1 if taking.waiting else 0].reshape(-1)
        some = taking.first < taking.last
        for add, batch in ((np.add, taking.first), (np.subtract, taking.last)):
            add.at(whole, (batch * self._levels + level)[some], np.int32(1))
        there = taking.partly >= 0
        place = (taking.partly * self._levels + level)[there]
        self._partly.append((place, taking.taken_partly[there]))

    def column(self, number: int) -> Counts:
        """Return a column of what each batch took, shape (N, J)."""
        taken = np.zeros((len(self._book.orders), self._levels), dtype=np.int64)
        for whole, base in zip(self._taken_whole, self._book.bases, strict=True):
            taken += whole * np.diff(self._book.upto[:, base + number])[:, None]
        for place, units in self._partly:
            np.add.at(taken.reshape(-1), place, units[:, number])
        return taken

    @cached_property
    def _taken_whole(self) -> list[NDArray[np.int32]]:
        """Whether each batch took all that it asked for, shape (N, J)."""
        return [np.cumsum(whole, axis=0, dtype=np.int32)[:-1] for whole in self._whole]
