"""How accounts are kept: at all stock levels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import UNITS, Book, Number
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared_accounts import follow_together
from livesim.engine.ledger.sold_out import Empties, empties_of
from livesim.engine.ledger.walk import follow
from livesim.engine.orders.orders import Counts, Floats


@dataclass(frozen=True)
class Kept:
    """What the accounts of a part came to.

    Parameters
    ----------
    book
        Their orders.
    taken
        What orders got, by the book's columns, shape (cells, R, J, columns).
    dearer
        Value taken, and paid, above what it is at the account's first price (cells, R, J, 2).
    beyond
        Units sold beyond the stock, shape (cells, R, J).
    variants, products
        When variants and products were empty; group = (number · R + replication) · J + level.
    used
        Units that paid orders have taken of each cell's stock, shape (cells, R, J), where products
        share stock; else orders take units of their own cell.
    gifts, missing_gifts
        Gifts that paid orders of each cell came with, where products share stock, and those of each
        cell's stock that paid orders were promised and did not get, where there are gifts, shape
        (cells, R, J).
    """

    book: Book
    taken: Counts
    dearer: Floats
    beyond: Counts
    variants: Empties
    products: Empties
    used: Counts | None = None
    gifts: Counts | None = None
    missing_gifts: Counts | None = None


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
    followed = follow(part, observer)
    variants, products = empties_of(part, followed.empty)
    return Kept(
        part.book,
        np.moveaxis(followed.taken.reshape(-1, *part.shape), 0, -1),
        np.moveaxis(followed.dearer.reshape(2, *part.shape), 0, -1),
        followed.beyond.reshape(part.shape),
        variants,
        products,
    )


def _kept_together(part: Part, observer: Observer | None) -> Kept:
    """Keep accounts that share stock."""
    found = follow_together(part, observer)
    stock, draws = found.stock, found.stock.draws
    variants, products = found.empties.known(
        np.stack([comes.final_step.ravel() for comes in part.deliveries]),
        np.stack([comes.final_at.ravel() for comes in part.deliveries]),
        found.like,
    )

    def by_cell(values: NDArray[Number]) -> NDArray[Number]:
        """Return what is known of the shows that differ as a ledger has it, (cells, R, J, …)."""
        apart = values[found.like].reshape(part.replications, part.levels, *values.shape[1:])
        return np.asarray(np.moveaxis(apart, 2, 0))

    taken = by_cell(stock.taken[:, :, : part.book.columns])
    return Kept(
        part.book,
        taken,
        by_cell(stock.dearer),
        np.zeros_like(taken[..., UNITS]),
        variants,
        products,
        by_cell(stock.paid @ draws.needs)[: draws.variants],
        by_cell(stock.gifts),
        by_cell(stock.missing_gifts) if part.recording.inputs.gifts else None,
    )
