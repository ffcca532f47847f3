"""How accounts are kept: at all stock levels at once."""

from __future__ import annotations

from dataclasses import dataclass

from livesim.engine.ledger.order_sums import UNITS, Book
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer
from livesim.engine.ledger.sold_out import Empties, EmptyAccounts
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
    wanted
        Units wanted, shape (cells, R, J).
    beyond
        Units sold beyond the stock, shape (cells, R, J).
    variants, products
        When variants and products were empty; group = (number · R + replication) · J + level.
    """

    book: Book
    taken: Counts
    dearer: Floats
    wanted: Counts
    beyond: Counts
    variants: Empties
    products: Empties


def keep(part: Part, observer: Observer | None = None) -> Kept:
    """Keep the accounts of a part.

    Parameters
    ----------
    part
        Which accounts, at which levels.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    book, shape = part.book, (len(part.cells), part.replications, part.levels)
    empties = EmptyAccounts(part)
    followed = follow(part, empties, observer)
    wanted = book.upto[part.end, UNITS] - book.upto[part.start, None, UNITS]
    return Kept(
        book,
        followed.taken.reshape(*shape, -1),
        followed.dearer.reshape(*shape, 2),
        wanted.reshape(shape),
        followed.beyond.reshape(shape),
        empties.variants,
        empties.products,
    )
