"""Which first orders have had a coupon, and what it has taken off their price.

A coupon changes nothing of who gets units. A product's first orders that get some have one, in the
order in which they come; of those of one interval the variants come one after the other
(assumption: then as much is taken off, whoever of them was first).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import ORDERS, PAYING, UNITS
from livesim.engine.ledger.keeping import keep
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.taken import Taken
from livesim.model.inputs import CouponInputs


class Coupons(NamedTuple):
    """Orders that had one, and the value that it took off what was claimed, and paid.

    Shapes (cells, R, J) and (cells, R, J, 2).
    """

    orders: Counts
    off: Floats


def coupons_used(part: Part) -> Coupons | None:
    """Return which orders of a part have had coupons; None where there are none."""
    coupons = _coupons(part)
    if not coupons:
        return None
    taken = _taken(part)
    orders = taken.column(ORDERS)
    units = np.stack([taken.column(UNITS), taken.column(PAYING)], axis=-1)
    if part.book.webshops:
        units -= taken.column(part.book.columns - 1)[..., None]
    had, off = np.zeros_like(orders), np.zeros(units.shape)
    for coupon in coupons:
        mine, before = _orders_before(part, coupon, orders)
        had[mine] = first = np.clip(coupon.first - before, 0, orders[mine])
        value = coupon.off * part.book.orders.price[mine]
        off[mine] = value[:, None, None] * _units(part, mine, first, orders[mine], units[mine])
    shape = len(part.cells), part.replications, part.levels
    account = part.book.account
    by_account = Coupons(
        np.zeros((shape[0] * shape[1], shape[2]), dtype=np.int64),
        np.zeros((shape[0] * shape[1], shape[2], 2)),
    )
    np.add.at(by_account.orders, account, had)
    np.add.at(by_account.off, account, off)
    return Coupons(by_account.orders.reshape(shape), by_account.off.reshape(*shape, 2))


def run_out_at(part: Part) -> Numbers:
    """Return the step at whose end some coupons that viewers react to have run out, (R, J).

    The last one if none do.
    """
    lifts = np.asarray(part.recording.inputs.log_coupon.any(axis=0))
    until, coupons = part.until.copy(), [one for one in _coupons(part) if lifts[one.product]]
    if not coupons:
        return until
    orders, book = _taken(part).column(ORDERS), part.book.orders
    for coupon in coupons:
        mine, before = _orders_before(part, coupon, orders)
        gone = before + orders[mine] >= coupon.first
        step = np.where(gone, book.step[mine, None], part.until[book.row[mine]])
        np.minimum.at(until, book.row[mine], step)
    return until


def _coupons(part: Part) -> list[CouponInputs]:
    return [one for one in part.recording.inputs.coupons if one.product in part.products]


def _taken(part: Part) -> Taken:
    taken = Taken(part.book, part.levels)
    keep(part, taken.note)
    return taken


def _orders_before(part: Part, coupon: CouponInputs, orders: Counts) -> tuple[Numbers, Counts]:
    """Return a product's batches in time, and how many orders of it came before each, (n, J)."""
    book = part.book.orders
    product = np.array(part.products)[part.product_of[book.cell]]
    mine = np.flatnonzero(product == coupon.product)
    mine = mine[np.lexsort((book.cell[mine], book.step[mine], book.row[mine]))]
    served, row = orders[mine], book.row[mine]
    before = np.cumsum(served, axis=0) - served
    before -= before[np.searchsorted(row, row)]
    return mine, before


def _units(part: Part, batch: Numbers, first: Counts, orders: Counts, units: Counts) -> Counts:
    """Return units that the first orders of batches took, and those to be paid, (n, J, 2)."""
    book = part.book
    found = np.where((first == orders)[..., None], units, 0)
    place, level = np.nonzero((first > 0) & (first < orders))
    if place.size:
        front = book.fronts(batch[place], first[place, level], ORDERS)
        found[place, level] = book.valued(front.sums)
    return found
