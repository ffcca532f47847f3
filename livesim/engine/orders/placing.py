"""From a try to an order in line: the checkout's steps, fake orders, the queue, and kinds.

Where buying leads out of the app, each step loses some of those who try to order; between the
orders that are left, the host's helpers may place fake ones; all of them pass the checkout's queue,
and what each asks for is drawn. Everything comes from streams of its own, in time order, so that it
is the same for every stock level, and whether orders are placed refresh by refresh or all at once
after the show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from livesim.arrays import Counts, Floats, Numbers, Small
from livesim.engine.crowd.crowd import Attempts
from livesim.engine.orders.checkout import Checkout
from livesim.engine.orders.checkout_steps import CheckoutSteps
from livesim.engine.orders.orders import Kinds, Orders, entries, in_cache, small
from livesim.engine.orders.placed import Placed
from livesim.engine.orders.single_rooms import SingleRooms
from livesim.engine.orders.webshop import Prices, Webshops
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs


class Placing:
    """Makes orders of attempts.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    start
        What has been ordered when a show that is on the air goes on.

    Attributes
    ----------
    kinds
        What orders can be.
    past
        The orders that have come to the stock before the start.
    attempts
        Attempts to order so far by room, shape (R, rooms).
    """

    def __init__(self, inputs: Inputs, streams: Streams, start: State | None = None) -> None:
        self._rooms = len(inputs.rooms)
        units = {n for quantity in inputs.quantity for n in quantity}
        units |= set() if start is None else set(start.kinds.units.tolist())
        self.kinds = Kinds.of(units, self._rooms)
        self._webshops: Webshops | None = None
        if inputs.webshops.any() or (start is not None and start.kinds.webshops):
            self.kinds = self.kinds.with_webshop()
            self._webshops = Webshops(inputs, streams, self.kinds)
        self._checkout = Checkout(inputs, streams, start)
        self._variants = [
            _Variant(inputs, streams, self.kinds, number, start)
            for number in range(len(inputs.variants))
        ]
        self.attempts = np.zeros((inputs.replications, self._rooms), dtype=np.int64)
        self.past = Orders.none()
        if start is not None:
            self.attempts += start.attempts
            known = replace(start.orders, kind=start.numbers_in(self.kinds)[start.orders.kind])
            ended = [variant.ended(start) for variant in self._variants]
            self.past = Orders.joined([known, *ended])

    @property
    def queue(self) -> tuple[Counts, Floats]:
        """Who waits at the checkout, and the prices that they saw, shape (R, groups, C)."""
        return self._checkout.queue

    @property
    def sizes(self) -> list[Floats]:
        """Of each room the shares of its single rooms [1]; empty without allotments."""
        return self._variants[0].sizes

    @property
    def dropped(self) -> Counts:
        """Attempts that a step of the checkout has lost so far, by variant, shape (R, V)."""
        return np.stack([variant.dropped for variant in self._variants], axis=1)

    @property
    def waiting(self) -> bool:
        """Whether orders can come of no attempt: from the checkout's queue, or a webshop."""
        return self._checkout.waiting or self._webshops is not None

    def place(self, tried: Attempts, prices: Prices, steps: range) -> Orders:
        """Return the orders that come to the stock in some steps, by variant and time.

        Parameters
        ----------
        tried
            The attempts of these steps.
        prices
            What was shown.
        steps
            Which steps.
        """
        np.add.at(self.attempts.reshape(-1), tried.row * self._rooms + tried.room, tried.count)
        placed = [
            self._variants[int(mine.variant[0])].placed(mine, prices) for mine in _by_variant(tried)
        ]
        orders = self._in_line(self._checkout.passed(placed, steps))
        return orders if self._webshops is None else self._webshops.beside(orders, prices, steps)

    def work_off(self, start: int, times: list[float]) -> Orders:
        """Work off the checkout's queue after the show.

        Parameters
        ----------
        start
            The show's last step.
        times
            The end of each step [s]; those that it takes are added.
        """
        return self._in_line(self._checkout.work_off(start, times))

    def _in_line(self, placed: Iterable[Placed]) -> Orders:
        return Orders.joined([self._variants[one.variant].in_line(one) for one in placed])


def _by_variant(tried: Attempts) -> Iterator[Attempts]:
    """Yield each variant's attempts."""
    order = np.argsort(tried.variant, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(tried.variant[order])) + 1)
    for mine in parts:
        if mine.size:
            yield tried.take(mine) if len(parts) > 1 else tried


class _Variant:
    """What stands between the attempts for one variant and the stock."""

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        kinds: Kinds,
        number: int,
        start: State | None = None,
    ) -> None:
        product_number = int(inputs.product_of[number])
        address = inputs.products[product_number], inputs.variants[number]
        self._number, self._product, self._last = number, product_number, inputs.refreshes
        self._rows, self._rooms = inputs.replications, len(inputs.rooms)
        self._steps = CheckoutSteps(inputs, streams, address)
        self._real_share = 1.0 - inputs.fake_share[:, product_number]
        self._fakes = bool(inputs.fakes[product_number])
        # Made when it is needed: many a variant has no fake orders.
        self._stream = cache(partial(streams.account, *address))
        self._names = [room.name for room in inputs.rooms]
        self._unpaid, self._all_kinds = inputs.unpaid[:, product_number], kinds
        self._shares, self._numbers = _kinds_of(inputs, kinds, product_number)
        self._single = None
        if inputs.allotted:
            sizes = {} if start is None else start.sizes
            self._single = SingleRooms(inputs, streams, kinds, address, sizes)
        self._cells = len(inputs.variants) * (1 if self._single is None else self._single.count)
        self.dropped = np.zeros(self._rows, dtype=np.int64)
        if start is not None:
            self.dropped += start.dropped[:, number]

    @property
    def sizes(self) -> list[Floats]:
        """Of each room the shares of its single rooms [1]; empty without allotments."""
        return [] if self._single is None else self._single.sizes

    def ended(self, start: State) -> Orders:
        """Draw which orders are paid of those that nobody knows it of."""
        singles = 1 if self._single is None else self._single.count
        orders = start.open_orders.take(
            np.flatnonzero(start.open_orders.cell // singles == self._number)
        )
        row = np.repeat(orders.row, np.diff(orders.first))
        lapse = self._stream("unsettled").binomial(orders.count, self._unpaid[row])
        count = np.stack([orders.count - lapse, lapse], axis=1).ravel()
        kinds = self._all_kinds
        lapsing = replace(start.kinds, pays=np.zeros_like(start.kinds.pays))
        numbers = [
            replace(start, kinds=of).numbers_in(kinds)[orders.kind] for of in (start.kinds, lapsing)
        ]
        kind, some = np.stack(numbers, axis=1).ravel(), count > 0
        first = np.concatenate([[0], np.cumsum(some)])[2 * orders.first]
        return replace(orders, kind=kind[some], count=count[some], first=first)

    def placed(self, tried: Attempts, prices: Prices) -> Placed:
        """Return the orders of attempts: those that go through all steps, and fake ones."""
        there = np.bincount(tried.step) > 0
        steps, place = np.flatnonzero(there), (np.cumsum(there) - 1)[tried.step]
        real = np.zeros((len(steps), self._rooms, self._rows), dtype=np.int64)
        who = (place * self._rooms + tried.room) * self._rows + tried.row
        np.add.at(real.reshape(-1), who, tried.count)  # one index: NumPy is faster then
        before, real = real, self._steps.passed(real)
        if before is not real:
            self.dropped += (before - real).sum(axis=(0, 1))
        fake = np.zeros((len(steps), 0, self._rows), dtype=np.int64)
        if self._fakes:
            fake = np.stack([self._beside(real[:, n], n) for n in range(self._rooms)], axis=1)
        return Placed(self._number, steps, real, fake, prices(steps, self._product))

    def _beside(self, real: Counts, room: int) -> Counts:
        """Draw the fake orders that stand between the real ones of a room, shape (n, R).

        Each order is fake with the same chance φ, whatever the others are, so between two real
        orders stands a geometric number of fake ones: of n real ones, NegBinomial(n, 1 − φ) in all,
        and the orders of a show are 1 / (1 − φ) times the real ones on average.
        """
        fake = np.zeros_like(real)
        some = np.nonzero(real)
        rng = self._stream("fakes", self._names[room])
        fake[some] = rng.negative_binomial(real[some], self._real_share[some[1]])
        return fake

    def in_line(self, placed: Placed) -> Orders:
        """Return orders that have passed the queue, with what each asks for, by time."""
        whole = placed.real.sum(axis=1) + placed.fake.sum(axis=1)
        at = np.flatnonzero(whole.ravel())
        step, row = np.divmod(at, self._rows)
        batch, kind, count = self._kinds(placed, at, row)
        price = placed.price.ravel()[at]
        if self._single is None:
            cell = np.full(len(at), self._number)
        else:
            old, single, batch, kind, count = self._single.share_out(batch, row[batch], kind, count)
            cell = single + self._number * self._single.count
            step, row, price = step[old], row[old], price[old]
        last = max(self._last, int(placed.step.max(initial=0)))
        return Orders(
            cell=cell.astype(small(self._cells)),
            row=row.astype(small(self._rows)),
            step=placed.step.astype(small(last))[step],
            price=price,
            seed=self._stream("first come").bit_generator.random_raw(len(cell)),
            first=np.append(0, np.cumsum(np.bincount(batch, minlength=len(cell)))),
            kind=kind,
            count=count.astype(small(int(count.max(initial=0)))),
        )

    def _kinds(self, placed: Placed, at: Numbers, row: Numbers) -> tuple[Numbers, Small, Counts]:
        """Draw what orders ask for; return the batch, kind and number of each entry."""
        parts = [(at[:0], self._numbers[False, 0][:0], at[:0])]
        for fake, orders in enumerate((placed.real, placed.fake)):
            for room in range(orders.shape[1]):
                counts = orders[:, room].ravel().take(at)
                some = np.flatnonzero(counts)
                numbers = self._numbers[bool(fake), room]
                stream = partial(
                    self._stream, "fake orders" if fake else "orders", self._names[room]
                )
                for few in in_cache(len(some)):
                    mine = some[few]
                    who, kind, count = self._asked(counts.take(mine), row.take(mine), stream)
                    parts.append((mine.take(who), numbers.take(kind), count))
        batch, kind, count = (np.concatenate(column) for column in zip(*parts, strict=True))
        if placed.fake.shape[1] or placed.real.shape[1] > 1:
            order = np.argsort(batch, kind="stable")
            batch, kind, count = batch[order], kind[order], count[order]
        return batch, kind, count

    def _asked(
        self, count: Counts, row: Numbers, stream: Callable[[str], Generator]
    ) -> tuple[Numbers, Numbers, Counts]:
        """Draw one thing that orders ask for after the other; return the batch, kind and number.

        Each has a stream of its own: whether an order is paid changes nothing of its units.
        """
        who, kind = np.arange(len(count)), np.zeros(len(count), dtype=np.intp)
        for what, shares in self._shares.items():
            table = stream(what).multinomial(count, shares.take(row.take(who), axis=0))
            entry, which, count = entries(table)
            who, kind = who.take(entry), kind.take(entry) * shares.shape[1] + which
        return who, kind, count


def _kinds_of(
    inputs: Inputs, kinds: Kinds, number: int
) -> tuple[dict[str, Floats], dict[tuple[bool, int], Numbers]]:
    """Return the shares of what a product's orders ask for, and the numbers of their kinds.

    The shares of each thing in which orders differ, (R, choices); the numbers of all that there are
    of real or fake orders from each room, shape (F,) each, those of the last thing side by side.
    """
    unpaid, accept = inputs.unpaid[:, number], inputs.accept[:, number]
    quantity = inputs.quantity[number]
    shares: dict[str, dict[Any, Floats]] = {
        "units": {units: np.full(len(unpaid), share) for units, share in quantity.items()},
        "pays": {False: unpaid, True: 1 - unpaid} if unpaid.any() else {True: 1 - unpaid},
        "accepts": {True: accept, False: 1 - accept} if accept.any() else {False: 1 - accept},
    }
    numbers = {
        (fake, room): np.array(
            [
                kinds.number(units, pays=pays, accepts=accepts, fake=fake, room=room)
                for units, pays, accepts in product(*(of for of in shares.values()))
            ],
            dtype=small(len(kinds.units)),
        )
        for fake in (False, True)
        for room in range(len(inputs.rooms))
    }
    return {what: _normed(of) for what, of in shares.items() if len(of) > 1}, numbers


def _normed(shares: Mapping[Any, Floats]) -> Floats:
    """Return shares that add up to 1, shape (R, choices)."""
    each = np.stack([*shares.values()], axis=1)
    return np.asarray(each / each.sum(axis=1, keepdims=True))
