"""How accounts are kept: at all stock levels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livesim.engine.ledger.order_sums import UNITS, Book
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.shared_accounts import by_cell, follow_together
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
    stock = follow_together(part, observer)
    assert stock.empties is not None
    (variants, products), draws = stock.empties.known(), stock.draws
    taken = by_cell(part, stock.taken[:, :, : part.book.columns])
    return Kept(
        part.book,
        taken,
        by_cell(part, stock.dearer),
        np.zeros_like(taken[..., UNITS]),
        variants,
        products,
        by_cell(part, stock.paid @ draws.needs)[: draws.variants],
        by_cell(part, stock.gifts),
        by_cell(part, stock.missing_gifts) if part.recording.inputs.gifts else None,
    )
