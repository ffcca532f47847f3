"""When products are on offer, and when they then have nothing on hand.

On offer is what happened in a replication, not what was planned: a guest who is late moves slots,
what is on the shelf can be ordered until the show ends, and who waits in the checkout's queue is
served after the link is down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats, Numbers
from livesim.engine.clock import Clock
from livesim.engine.ledger.part import Part, places
from livesim.engine.ledger.sold_out import Empties


@dataclass(frozen=True)
class OnOffer:
    """A time in which the products of a part are on offer, each of shape (products, R, J or 1).

    It has one level where it is the same at all.

    Parameters
    ----------
    since
        When it begins [s], inf if it does not.
    first, end
        The step at whose end it begins, and with whose end it is over.
    """

    since: Floats
    first: Numbers
    end: Numbers

    def of(self, empties: Empties, products: Numbers) -> tuple[Floats, Numbers, Numbers]:
        """Return it for what each of N spells is of, each of shape (N,).

        Parameters
        ----------
        empties
            When variants or products were empty.
        products
            The product of each of these, counted from the part's first.
        """
        shows, different = empties.size // len(products), self.since[0].size
        number, show = np.divmod(empties.empty.who, shows)
        place = products[number] * different + show // (shows // different)
        return self.since.ravel()[place], self.first.ravel()[place], self.end.ravel()[place]


def on_offer(part: Part) -> list[OnOffer]:
    """Return the times in which products are on offer, one after the other.

    A product is on offer while its link is up, in a slot or on the shelf, and as long after that as
    orders for it come to the stock. A component of a bundle is on offer by its own link only: where
    the bundle's link is up and it cannot be sold, the bundle is unavailable, whichever component it
    lacks, and times are counted from the bundle's link.
    """
    clock, shelved = part.recording.clock, _shelved(part)
    since, over = _links_up(part, shelved)
    following = np.minimum.accumulate(since[::-1], axis=0)[::-1]
    following = np.concatenate([following[1:], np.full_like(since[:1], np.inf)])
    # At another stock a slot may be over when the recording ends, but not the shelf.
    known = np.where(shelved[:, :, None], clock.steps, part.different_until)
    times = []
    for up, down, next_up in zip(since, over, following, strict=True):
        last = np.maximum(clock.by(down), _last_order(part, clock.by(next_up)))
        end = np.minimum(np.where(np.isfinite(up), last, 0)[:, :, None], known)
        first = np.minimum(clock.by(up)[:, :, None], end)
        if (end > first).any():
            times.append(OnOffer(np.where(end > first, up[:, :, None], np.inf), first, end))
    return times


def _shelved(part: Part) -> NDArray[np.bool_]:
    """Say which products stay on the shelf after their slots, shape (products, R)."""
    rows = slice(part.rows.start, part.rows.stop)
    return np.asarray(part.recording.inputs.shelf[rows, places(part.products)].T > 0)


def _links_up(part: Part, shelved: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return since when and until when links were up [s], each of shape (times, products, R).

    The first time begins with the first link, whoever put it up, and on the shelf it lasts as long
    as the show; the others are those of the slots.
    """
    recording, rows = part.recording, slice(part.rows.start, part.rows.stop)
    slots, length = recording.slots, recording.inputs.length
    selling = [
        [number for number, slot in enumerate(recording.inputs.slots) if product in slot.sells]
        for product in part.products
    ]
    since = np.full((1 + max(map(len, selling)), *shelved.shape), np.inf)
    over = since.copy()
    since[0], over[0] = part.link_at.T, np.where(shelved, length, part.link_at.T)
    for product, mine in enumerate(selling):
        since[1 : 1 + len(mine), product] = slots.linked_at[rows, mine].T
        over[1 : 1 + len(mine), product] = slots.ended_at[rows, mine].T
    since[1:, shelved] = np.inf
    order = since[1:].argsort(axis=0, kind="stable")  # a slot can have moved forward
    since[1:], over[1:] = (np.take_along_axis(one[1:], order, axis=0) for one in (since, over))
    return since, np.minimum(over, length)


def _last_order(part: Part, until: Numbers) -> Numbers:
    """Return the last step up to another at which products are ordered, 0 if none, (products, R).

    Parameters
    ----------
    part
        The accounts.
    until
        The other steps, shape (products, R).
    """
    accounts = np.arange(len(part.start))
    last = part.book.after(accounts, until[part.product_of].ravel()) - 1
    steps = np.append(part.book.orders.step, 0)
    by_cell = np.where(last >= part.start, steps[last], 0).reshape(len(part.cells), -1)
    first = np.searchsorted(part.product_of, np.arange(len(part.products)))
    return np.asarray(np.maximum.reduceat(by_cell, first, axis=0))


def unavailable_at(
    times: Sequence[OnOffer], clock: Clock, empties: Empties, products: Numbers
) -> Floats:
    """Return when groups were first on offer with nothing on hand [s], inf if never, shape (G,).

    Parameters
    ----------
    times, clock
        When the part's products were on offer, and the clock of that.
    empties
        When the groups, its variants or products, were empty.
    products
        The product of each variant or product, counted from the part's first.
    """
    found = np.full(empties.size, np.inf)
    for one in times:
        since, first, end = one.of(empties, products)
        np.minimum(found, empties.first_empty(since, first, clock.times[end]), out=found)
    return found


def on_sale(times: Sequence[OnOffer], clock: Clock, empties: Empties) -> Floats:
    """Return the share of the time on offer in which products have units on hand, shape (G,).

    Parameters
    ----------
    times, clock, empties
        As for :func:`unavailable_at`, of the products.
    """
    if not times:
        return np.zeros(empties.size)
    whole = np.add.reduce([clock.times[one.end] - clock.times[one.first] for one in times])
    empty = time_unavailable(times, clock, empties, np.arange(len(whole)))
    empty = empty.reshape(*whole.shape[:2], -1)
    return 1.0 - np.divide(empty, whole, out=np.ones_like(empty), where=whole > 0).ravel()


def time_unavailable(
    times: Sequence[OnOffer], clock: Clock, empties: Empties, products: Numbers
) -> Floats:
    """Return for how long groups are on offer with nothing on hand [s], shape (G,).

    Parameters
    ----------
    times, clock, empties, products
        As for :func:`unavailable_at`.
    """
    empty = np.zeros(empties.size)
    for one in times:
        _, first, end = one.of(empties, products)
        empty += empties.time_empty(clock.times, first, end)
    return empty
