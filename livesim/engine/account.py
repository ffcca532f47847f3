"""The stock account: order attempts in, units by state out.

The account is a function of the attempts, the stock levels and streams of its own; it never asks
the crowd anything. Attempts become orders by :class:`~livesim.engine.placing.Placing` and pass the
checkout's queue, then the :class:`ProductAccount` of what they want, and there the
:class:`~livesim.engine.stock.Stock` of the variant; deliveries come on hand when due.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.allotments import Allotments, Serve, in_one_room, shared
from livesim.engine.checkout import Checkout
from livesim.engine.delivery import Delivery
from livesim.engine.fates import Counts, Fates
from livesim.engine.placing import Placing
from livesim.engine.stock import SWEEP, Stock
from livesim.engine.streams import Streams
from livesim.errors import UsageError, did_you_mean
from livesim.model.inputs import Inputs, RoomInputs
from livesim.model.splitting import split, split_waves
from livesim.scenario.parts import Product
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: More units than anybody can want: the level at which demand is never turned away.
UNLIMITED = 10**15

#: The units of one variant: one stock for all rooms, or split among them.
VariantStock: TypeAlias = Stock | Allotments


class ProductAccount:
    """The stock of one product: its variants, and what comes later.

    Parameters
    ----------
    name
        What it is called.
    stocks
        The account of each variant.
    deliveries
        What comes on hand later.
    end
        When the show ends [s]; what comes afterwards does not keep a product from being sold out.

    Attributes
    ----------
    sold_out_at
        When the product was first sold out, all variants at once [s], inf before, shape (R, L).
    variant_sold_out_at
        The same for each variant, shape (variants, R, L).
    next_due
        When something may come on hand next [s], inf if that is not known.
    """

    def __init__(
        self, name: str, stocks: Sequence[VariantStock], deliveries: Sequence[Delivery], end: float
    ) -> None:
        self.name = name
        self.stocks = stocks
        self.deliveries = deliveries
        self._end = end
        self.sold_out_at = np.full(stocks[0].on_hand.shape, math.inf)
        self.variant_sold_out_at = np.full((len(stocks), *self.sold_out_at.shape), math.inf)
        self._last_came = np.zeros(self.sold_out_at.shape)
        self.next_due = 0.0

    @property
    def on_hand(self) -> Counts:
        """Units on hand, shape (R, L)."""
        return _total([stock.on_hand for stock in self.stocks])

    @property
    def units_left(self) -> Counts:
        """Units on hand, and owned ones that come before the show's end, shape (R, L)."""
        coming = np.zeros(self.sold_out_at.shape, dtype=np.int64)
        for delivery in self.deliveries:
            if delivery.owned:
                coming += delivery.still_to_come(self._end) * delivery.units.sum(axis=0)
        return self.on_hand + coming

    @property
    def owned_to_come(self) -> Counts:
        """Owned units that have not come on hand, by variant, shape (variants, R, L)."""
        units = np.zeros(self.variant_sold_out_at.shape, dtype=np.int64)
        for delivery in self.deliveries:
            if delivery.owned:
                units += ~delivery.came * delivery.units[:, None, :]
        return units

    @property
    def claimed_share(self) -> Floats:
        """Share of the units put on sale that is reserved or paid [1], shape (R, L)."""
        put_on = _total([stock.put_on_sale for stock in self.stocks])
        taken = _total([stock.reserved + stock.paid for stock in self.stocks])
        # Orders beyond the stock can be more than all units; the screen shows them all as claimed.
        return np.asarray(np.minimum(taken / np.maximum(put_on, 1), 1.0))

    @property
    def sold_out(self) -> NDArray[np.bool_]:
        """Where it is sold out now: empty, and nothing to come before the end, shape (R, L)."""
        return np.asarray((self.on_hand == 0) & self._nothing_to_come)

    def schedule(self, part: str, row: int, due: float, level: int | None) -> None:
        """Say when a part comes on hand in one replication [s], at one level or at all."""
        parts = {delivery.part: delivery for delivery in self.deliveries}
        if part not in parts:
            known = did_you_mean(part, parts) or "it has no waves and no reserve"
            raise UsageError(f"{self.name} has no part called {part}; {known}")
        at = (row, slice(None) if level is None else level)
        parts[part].due[at] = np.minimum(parts[part].due[at], due)
        self.next_due = min(self.next_due, due)

    def receive(self, now: float) -> bool:
        """Take in the deliveries that are due; say whether any were."""
        if now < self.next_due:
            return False
        received = False
        for delivery in self.deliveries:
            comes = delivery.arrivals(now)
            if comes.any():
                received = True
                np.maximum(self._last_came, delivery.due, out=self._last_came, where=comes)
                for stock, units in zip(self.stocks, delivery.units, strict=True):
                    stock.put_on(comes * units)
        self.next_due = min((delivery.next_due for delivery in self.deliveries), default=math.inf)
        return received

    def mark_sold_out(self) -> None:
        """Note the first moments at which it, and each variant, is sold out."""
        if all((stock.on_hand > 0).all() for stock in self.stocks):
            return
        final = self._nothing_to_come
        # The last delivery may all have gone to orders that waited for it.
        since = [np.maximum(stock.emptied_at, self._last_came) for stock in self.stocks]
        emptied = [
            np.where(stock.on_hand == 0, moment, math.inf)
            for stock, moment in zip(self.stocks, since, strict=True)
        ]
        for first, moment in zip(self.variant_sold_out_at, emptied, strict=True):
            np.copyto(first, moment, where=np.isinf(first) & final)
        together = np.max(emptied, axis=0)
        np.copyto(self.sold_out_at, together, where=np.isinf(self.sold_out_at) & final)

    @property
    def _nothing_to_come(self) -> NDArray[np.bool_]:
        coming = np.zeros(self.sold_out_at.shape, dtype=bool)
        for delivery in self.deliveries:
            coming |= delivery.still_to_come(self._end)
        return ~coming


class Account:
    """The stock of every product, in R replications at L levels.

    Parameters
    ----------
    scenario, inputs
        The show and its drawn numbers.
    streams
        The block's streams.
    levels
        Owned units of each variant at each level, shape (V, L).

    Attributes
    ----------
    products
        The account of each product.
    stocks
        The account of each variant, in the order of the inputs' variants.
    placing
        What makes orders of attempts.
    orders
        Orders served in the last refresh at the first level, shape (R,).
    orders_so_far
        Orders served since the start at the first level, shape (R,).
    closed
        Where attempts do not count any more, shape (R, L).
    attempts_by_room, orders_by_room
        Attempts to order, and orders served at the first level, since the start, shape (R, rooms).
    """

    def __init__(
        self, scenario: Scenario, inputs: Inputs, streams: Streams, levels: Counts
    ) -> None:
        self._inputs = inputs
        self.levels = int(levels.shape[1])
        self.placing = Placing(inputs, streams)
        self._checkout = Checkout(scenario.checkout.capacity, inputs, streams)
        self.products = [
            _open(scenario, inputs, number, streams, levels[inputs.product_of == number])
            for number in range(len(inputs.products))
        ]
        self.stocks = [stock for product in self.products for stock in product.stocks]
        self._serve = [
            _server(stock, streams, inputs, variant) for variant, stock in enumerate(self.stocks)
        ]
        self.closed: NDArray[np.bool_] = np.zeros((inputs.replications, self.levels), dtype=bool)
        for stock in self.stocks:
            stock.closed = self.closed
        self.orders = np.zeros(inputs.replications, dtype=np.int64)
        self.orders_so_far = np.zeros(inputs.replications, dtype=np.int64)
        self.attempts_by_room = np.zeros((inputs.replications, len(inputs.rooms)), dtype=np.int64)
        self.orders_by_room = np.zeros_like(self.attempts_by_room)
        self._next_sweep = self._next_due = 0.0
        self._touched = set(range(len(self.products)))

    def schedule(
        self, product: str, part: str, row: int, due: float, level: int | None = None
    ) -> None:
        """Say when a wave or the reserve of a product comes on hand in one replication [s].

        Raises
        ------
        UsageError
            If the product has no such part.
        """
        number = self._inputs.products.index(product)
        self.products[number].schedule(part, row, due, level)
        self._next_due = min(self._next_due, due)
        self._touched.add(number)

    def settle(
        self, attempts: Counts, price: Floats, refresh: int, start: float, end: float
    ) -> None:
        """Make orders of the attempts of one refresh, let them through the queue and serve them.

        Parameters
        ----------
        attempts
            By variant and room, rooms last, shape (R, V · rooms).
        price
            By product [currency/unit], shape (R, P).
        refresh
            Number of the refresh.
        start, end
            Its interval [s].
        """
        self.orders = np.zeros(len(attempts), dtype=np.int64)
        if not (self._checkout.waiting or attempts.any()):
            return
        by_variant = (len(attempts), len(self.stocks), len(self._inputs.rooms))
        self.attempts_by_room += attempts.reshape(by_variant).sum(axis=1)
        variant_of = self.placing.variant_of
        passed, paid = self._checkout.let_through(
            self.placing.placed(attempts, start),
            price[:, self._inputs.product_of[variant_of]],
            start,
            end,
        )
        for variant in dict.fromkeys(variant_of[passed.any(axis=0)].tolist()):
            orders = self.placing.of(variant, passed, paid)
            served = self._serve[variant](orders, refresh, start, end)
            self.orders_by_room += served
            self.orders += served.sum(axis=1)
            if self.stocks[variant].ran_out:
                self._touched.add(int(self._inputs.product_of[variant]))
        self.orders_so_far += self.orders
        self.mark_sold_out()

    def receive(self, now: float) -> None:
        """Settle reservations, and take in the deliveries that are due."""
        if now >= self._next_sweep:
            for stock in self.stocks:
                stock.sweep(now)
            self._next_sweep = (now // SWEEP + 1) * SWEEP
        if now >= self._next_due:
            self._touched |= {n for n, product in enumerate(self.products) if product.receive(now)}
            self._next_due = min(product.next_due for product in self.products)

    def mark_sold_out(self) -> None:
        """Note which products are sold out by what has happened since the last look."""
        for number in self._touched:
            self.products[number].mark_sold_out()
        self._touched.clear()

    def finish(self, price: Floats) -> None:
        """Work off the checkout's queue after the show, and settle everything."""
        refresh, start = self._inputs.refreshes, self._inputs.refreshes * self._inputs.refresh
        nobody = np.zeros(self._inputs.attempts_shape, dtype=np.int64)
        while self._checkout.waiting:
            end = start + max(SWEEP, self._checkout.pace)  # nobody looks at a screen any more
            self.settle(nobody, price, refresh, start, end)
            self.receive(end)
            refresh, start = refresh + 1, end
        self.receive(math.inf)


def _open(
    scenario: Scenario, inputs: Inputs, number: int, streams: Streams, owned: Counts
) -> ProductAccount:
    """Open a product's account: its units at the start by variant, and what comes later."""
    name, product = inputs.products[number], scenario.products[inputs.products[number]]
    variants = np.flatnonzero(inputs.product_of == number)
    shares = inputs.variant_share[variants].tolist()
    waves = split_waves(owned, [wave.share for wave in product.waves.values()])
    limits = split(np.array([product.backorder.units if product.backorder else 0]), shares)
    # Unlimited stock is all there from the start, or its screen would show that nothing is left.
    at_start = np.where(owned >= UNLIMITED, owned, 0) if waves else owned
    stocks: list[VariantStock] = []
    for variant, units, limit in zip(variants.tolist(), at_start, limits, strict=True):
        address = (name, inputs.variants[variant])
        on_hand = np.tile(units, (inputs.replications, 1))
        if scenario.split:
            open_stock = partial(_open_allotment, scenario, inputs, streams, address)
            stocks.append(Allotments(inputs, streams, address, on_hand, open_stock))
            continue
        fates = Fates(
            inputs.quantity[number],
            inputs.unpaid[:, number],
            inputs.accept[:, number],
            streams.account(*address, "fates"),
            fakes=product.fake_orders is not None,
        )
        timeout = _timeout(scenario, product)
        stocks.append(Stock(on_hand, fates, streams.order_of(*address), timeout, int(limit[0])))
    shape = (inputs.replications, owned.shape[1])
    deliveries = _deliveries(scenario, product, shares, waves, shape)
    return ProductAccount(name, stocks, deliveries, scenario.show.length)


def _open_allotment(
    scenario: Scenario,
    inputs: Inputs,
    streams: Streams,
    address: tuple[str, str],
    room: RoomInputs,
    on_hand: Counts,
) -> Stock:
    """Open the stock of a variant in a room: a row for each replication and single room."""
    product, number = scenario.products[address[0]], inputs.products.index(address[0])
    unpaid = np.repeat(inputs.unpaid[:, number], room.count)
    fates = Fates(
        inputs.quantity[number],
        unpaid,
        np.zeros_like(unpaid),
        streams.room(room.name, *address, "fates"),
        fakes=product.fake_orders is not None,
    )
    lines = streams.order_in(room.name, *address)
    return Stock(on_hand, fates, lines, _timeout(scenario, product), backorder_limit=0)


def _timeout(scenario: Scenario, product: Product) -> float:
    """Return after what time an unpaid order lapses [s]: of a presale, never during the show."""
    return math.inf if product.presale else scenario.checkout.payment_timeout


def _server(stock: VariantStock, streams: Streams, inputs: Inputs, variant: int) -> Serve:
    """Return what serves a variant's attempts."""
    if isinstance(stock, Allotments):
        return stock.serve
    if len(inputs.rooms) == 1:
        return in_one_room(stock)
    product = inputs.products[inputs.product_of[variant]]
    return shared(stock, streams.account(product, inputs.variants[variant], "rooms"))


def _deliveries(
    scenario: Scenario,
    product: Product,
    shares: Sequence[float],
    waves: Sequence[Counts],
    shape: tuple[int, int],
) -> list[Delivery]:
    """Return what comes later; waves and the reserve are due when a process says so."""

    def units(number: int) -> Counts:
        return split(np.full(shape[1], number), shares)

    later = np.full(shape, math.inf)
    deliveries = [
        Delivery(f"waves.{name}", wave, later.copy(), owned=True)
        for name, wave in zip(product.waves, waves, strict=True)
    ]
    for name, part in product.arriving.items():
        due = np.full(shape, max(0.0, scenario.seconds_until(part.on)))
        deliveries.append(Delivery(f"arriving.{name}", units(part.units), due, owned=True))
    if product.reserve is not None:
        deliveries.append(
            Delivery("reserve", units(product.reserve.units), later.copy(), owned=False)
        )
    return deliveries


def _total(parts: Sequence[Counts]) -> Counts:
    return parts[0] if len(parts) == 1 else np.asarray(np.sum(parts, axis=0))
