"""How accounts are kept: at all stock levels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts
from livesim.engine.ledger.book import UNITS, Number
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared.walk import follow_together
from livesim.engine.ledger.sold_out import Empties, empties_of
from livesim.engine.ledger.walk import Followed, follow


@dataclass(frozen=True)
class Kept:
    """What the accounts of a part came to.

    Parameters
    ----------
    followed
        What orders took, in N cases that differ.
    shape
        Cells, replications and levels: (cells, R, J).
    variants, products
        When variants and products were empty; group = (number · R + replication) · J + level.
    used
        Units that paid orders have taken of the cell's stock, shape (N,), where products share
        stock; else orders take units of their own cell.
    gifts, missing_gifts
        Gifts that paid orders of the cell came with, where products share stock, and those of the
        cell's stock that paid orders were promised and did not get, where there are gifts, (N,).
    """

    followed: Followed
    shape: tuple[int, int, int]
    variants: Empties
    products: Empties
    used: Counts | None = None
    gifts: Counts | None = None
    missing_gifts: Counts | None = None

    def of_cells(self, cases: NDArray[Number]) -> NDArray[Number]:
        """Return what is known of the cases, (N, …), by cell, shape (cells, R, J, …)."""
        if not cases.any():  # nothing, which needs no memory
            return np.broadcast_to(cases[:1], (*self.shape, *cases.shape[1:]))
        return np.asarray(cases.take(self.followed.like.reshape(self.shape), axis=0))


def keep(part: Part, observer: Observer | None = None) -> Kept:
    """Keep the accounts of a part.

    Parameters
    ----------
    part
        Which accounts, at which levels.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    if part.shares_stock:
        return _kept_together(part, observer)
    followed, empty = follow(part, observer)
    return Kept(followed, part.shape, *empties_of(part, empty))


def _kept_together(part: Part, observer: Observer | None) -> Kept:
    """Keep accounts that share stock."""
    found = follow_together(part, observer)
    stock, takes = found.stock, found.stock.takes
    variants, products = found.empties.known(
        np.stack([comes.final_step.ravel() for comes in part.deliveries]),
        np.stack([comes.final_at.ravel() for comes in part.deliveries]),
        found.like,
    )
    cells = np.arange(takes.variants)
    taken = stock.taken[:, :, : part.book.columns].reshape(-1, part.book.columns)
    like = cells[:, None] + len(cells) * found.like
    beyond = np.zeros_like(taken[:, UNITS])
    return Kept(
        Followed(taken, stock.dearer.reshape(-1, 2), beyond, like.reshape(-1, part.levels)),
        part.shape,
        variants,
        products,
        (stock.paid @ takes.needs)[:, cells].ravel(),
        stock.gifts.ravel(),
        stock.missing_gifts.ravel() if part.recording.inputs.gifts else None,
    )
