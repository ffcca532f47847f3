"""The stock account against a clerk who serves one order at a time and writes everything down.

Both engines share the account, so neither can find its errors. Here is another one, written from
the design's text: a queue of single orders, units in single states, no arrays. Both get orders at
random, a Poisson number a refresh of everything that is offered, and must come to the same law.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import product as pairs

import numpy as np
import pytest
from checks import assert_no_difference, check
from same_law import compared, seed_of
from shows import SHOWS

from livesim.engine import recorder
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.outcome import Outcome
from livesim.engine.streams import Streams
from livesim.experiment.simulating import simulate_block
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.randomness import BLOCK, generator
from livesim.scenario.parts import Product
from livesim.scenario.scenario import Scenario

#: Mean orders of a variant in a refresh in which it can be ordered.
PACE = 2.5
SWEEP = 30.0
LOOKS = (1, 4)
BOOKED = ("last units", "lapses", "waves", "sizes", "queue", "placed orders")
QUICK = ("last units",)


@dataclass
class Order:
    """An order attempt: what it wants, and what it would do."""

    variant: str
    price: float
    units: int
    pays: bool
    accepts: bool
    fake: bool


@dataclass
class Book:
    """Everything about one variant, as a clerk writes it down."""

    on_hand: int
    backorders_left: int
    written: Counter[str] = field(default_factory=Counter)
    reserved: list[tuple[float, int, Order]] = field(default_factory=list)  # until, units
    waiting: int = 0
    emptied_at: float = math.inf

    def serve(self, order: Order, moment: float, settled_at: float) -> None:
        """Serve one order: from what is on hand, or from what may be sold beyond it."""
        beyond = self.on_hand == 0
        can_give = self.backorders_left * order.accepts if beyond else self.on_hand
        given = min(order.units, can_give)
        if beyond:
            self.backorders_left -= given
            self.waiting += given
            self.written["backordered"] += given
        else:
            self.on_hand -= given
            self.emptied_at = moment if self.on_hand == 0 else self.emptied_at
        self.written["demand"] += order.units
        self.written["lost"] += order.units - given
        self.written["claimed"] += given
        self.written["orders"] += given > 0
        self.written["gmv"] += given * order.price
        if given:
            self.reserved.append((settled_at, given, order))

    def sweep(self, now: float) -> None:
        """Settle the reservations that are due: paid, or lapsed and on hand again."""
        due = [entry for entry in self.reserved if entry[0] <= now]
        self.reserved = [entry for entry in self.reserved if entry[0] > now]
        for _, units, order in due:
            self.written["sales" if order.pays else "lapsed"] += units
            self.written["fake"] += units if order.pays and order.fake else 0
            if not order.pays:
                self.put_back(units)

    def receive(self, units: int) -> None:
        """Put further units on sale."""
        self.written["put_on_sale"] += units
        self.put_back(units)

    def put_back(self, units: int) -> None:
        """Give units to those who wait for them; the rest is on hand."""
        filled = min(self.waiting, units)
        self.waiting -= filled
        self.on_hand += units - filled


@dataclass
class Part:
    """Units that come later, by variant: when, and whether they were there to begin with."""

    units: dict[str, int]
    due: float
    owned: bool = True


class Shop:
    """One product in one show: its variants' books, and what is still to come."""

    def __init__(self, scenario: Scenario, name: str, linked_at: float) -> None:
        product = scenario.products[name]
        self.product, self.linked_at, self.end = product, linked_at, scenario.show.length
        self.shares = {v: variant.share for v, variant in product.variants.items()} or {name: 1.0}
        beyond = self.split(product.backorder.units if product.backorder else 0)
        owned = self._owned(product)
        first = dict.fromkeys(owned, 0) if product.waves else owned
        self.books = {v: Book(first[v], beyond[v]) for v in owned}
        for v, book in self.books.items():
            book.written["put_on_sale"] = first[v]
        self.parts = [
            Part({v: round(wave.share * owned[v]) for v in owned}, linked_at + wave.after)
            for wave in product.waves.values()
        ]
        self.parts += [
            Part(self.split(part.units), scenario.seconds_until(part.on))
            for part in product.arriving.values()
        ]
        self.uncalled = list(product.all_reserves.values())
        self.sold_out_at, self.last_came = math.inf, 0.0

    def _owned(self, product: Product) -> dict[str, int]:
        given = {v: variant.owned for v, variant in product.variants.items()}
        return given if given and None not in given.values() else self.split(product.owned)

    def split(self, units: int) -> dict[str, int]:
        """Split units over the variants; the shows are such that no unit is cut."""
        return {v: round(units * share) for v, share in self.shares.items()}

    def look(self, now: float) -> None:
        """Do what is due at a refresh: settle, take in, and call reserves."""
        for book in self.books.values():
            book.sweep(now)
        self.take_in(now)
        for reserve in [*self.uncalled] if now >= self.linked_at else ():
            coming = sum(sum(p.units.values()) for p in self.parts if p.owned and p.due <= self.end)
            if sum(book.on_hand for book in self.books.values()) + coming < reserve.below:
                self.uncalled.remove(reserve)
                units = self.split(reserve.units)
                self.parts.append(Part(units, now + reserve.lead_time, owned=False))
                self.take_in(now)

    def take_in(self, now: float) -> None:
        """Take in the parts that are due."""
        for part in [part for part in self.parts if part.due <= now]:
            self.parts.remove(part)
            self.last_came = max(self.last_came, part.due)
            for variant, units in part.units.items():
                self.books[variant].receive(units)
        self.note_sold_out()

    def note_sold_out(self) -> None:
        """Note the moment at which nothing was left and nothing to come."""
        to_come = bool(self.uncalled) or any(part.due <= self.end for part in self.parts)
        empty = all(book.on_hand == 0 for book in self.books.values())
        if math.isinf(self.sold_out_at) and empty and not to_come:
            emptied_at = max(book.emptied_at for book in self.books.values())
            self.sold_out_at = max(emptied_at, self.last_came)


class Clerk:
    """One show before customers at random: who is served when, and what that leaves."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator, pace: float = PACE) -> None:
        self.scenario, self.rng, self.pace = scenario, rng, pace
        self.step = scenario.show.refresh
        self.offers = [dict(_offered(scenario, k)) for k in range(scenario.refreshes)]
        self.shops = {
            name: Shop(scenario, name, linked_at=_linked_at(scenario, name))
            for name in scenario.products
        }
        steps = (scenario.checkout.steps or {}).values()
        self.steps = [
            s if isinstance(s, float) else float(s.quantile(rng.random(1))[0]) for s in steps
        ]
        self.queue: list[Order] = []
        self.seen: list[list[tuple[int, int, int]]] = []

    def run(self) -> None:
        """Run the show, work off the queue, and settle everything."""
        self._look(0.0)
        for k, offer in enumerate(self.offers):
            for product, price in offer.items():
                for variant in self.shops[product].books:
                    for _ in range(self.rng.poisson(self.pace)):
                        self._try(product, variant, price)
            self._serve(k * self.step, (k + 1) * self.step)
            self._look((k + 1) * self.step)
        start = len(self.offers) * self.step
        while self.queue:
            end = start + max(SWEEP, 1 / (self.scenario.checkout.capacity or math.inf))
            self._serve(start, end)
            self._settle(end)
            start = end
        self._settle(1e9)

    def _try(self, product: str, variant: str, price: float) -> None:
        """Let somebody try to order; helpers place fake orders before each real one."""
        if not all(self.rng.random() < step for step in self.steps):
            self._book(variant).written["dropped"] += 1
            return
        fakes = self.scenario.products[product].fake_orders
        while fakes and self.rng.random() < fakes.share:
            self.queue.append(self._order(product, variant, price, fake=True))
        self.queue.append(self._order(product, variant, price, fake=False))

    def _order(self, product: str, variant: str, price: float, *, fake: bool) -> Order:
        value, unpaid = self.scenario.products[product], self.scenario.checkout.unpaid
        asked = self.rng.choice([int(n) for n in value.quantity], p=list(value.quantity.values()))
        accept = value.backorder.accept if value.backorder else 0.0
        return Order(
            variant,
            price,
            min(int(asked), value.limit),
            pays=bool(self.rng.random() >= unpaid),
            accepts=bool(self.rng.random() < accept),
            fake=fake,
        )

    def _serve(self, start: float, end: float) -> None:
        """Let the queue through the checkout, in any order, and serve who gets through."""
        self.rng.shuffle(self.queue)
        capacity = self.scenario.checkout.capacity
        places = len(self.queue)
        if capacity is not None:
            places = math.floor(capacity * end + 1e-9) - math.floor(capacity * start + 1e-9)
        through, self.queue = self.queue[:places], self.queue[places:]
        moments = np.sort(self.rng.uniform(start, end, len(through)))
        timeout = self.scenario.checkout.payment_timeout
        settled_at = SWEEP * math.ceil((end + timeout) / SWEEP)
        for order, moment in zip(through, moments.tolist(), strict=True):
            self._book(order.variant).serve(order, moment, settled_at)
        for shop in self.shops.values():
            shop.note_sold_out()

    def _book(self, variant: str) -> Book:
        return next(s.books[variant] for s in self.shops.values() if variant in s.books)

    def _look(self, now: float) -> None:
        for shop in self.shops.values():
            shop.look(now)
        self.seen.append([self._states(shop) for shop in self.shops.values()])

    def _settle(self, now: float) -> None:
        for shop in self.shops.values():
            for book in shop.books.values():
                book.sweep(now)
            shop.take_in(now)

    @staticmethod
    def _states(shop: Shop) -> tuple[int, int, int]:
        """Return the units on hand, reserved and paid."""
        books = shop.books.values()
        return (
            sum(book.on_hand for book in books),
            sum(units for book in books for _, units, _ in book.reserved),
            sum(book.written["sales"] for book in books),
        )


def _offered(scenario: Scenario, k: int) -> Iterator[tuple[str, float]]:
    """Yield what can be ordered from a refresh on, and at which price."""
    clock, now = 0.0, k * scenario.show.refresh
    for slot in scenario.rundown.values():
        start = clock if slot.start is None else slot.start
        clock = start + slot.length
        if start + slot.link <= now < clock:
            for name in slot.sells:
                yield name, slot.price.get(name, scenario.products[name].price)


def _linked_at(scenario: Scenario, name: str) -> float:
    step = scenario.show.refresh
    return step * next(k for k in range(scenario.refreshes) if name in dict(_offered(scenario, k)))


WRITTEN = ("put_on_sale", "demand", "claimed", "sales", "lost", "lapsed", "backordered", "orders")


@cache  # the program's mutants all meet the same clerk
def booked(scenario: Scenario, seed: int, block: int) -> Outcome:
    """Return a block of shows as the clerk keeps them."""
    rng = generator(seed, "clerk", block)
    clerks = [Clerk(scenario, rng) for _ in range(BLOCK)]
    for clerk in clerks:
        clerk.run()
    seen = np.array([clerk.seen for clerk in clerks]).transpose(3, 0, 1, 2)
    shops = [list(clerk.shops.values()) for clerk in clerks]
    some_fake = any(product.fake_orders for product in scenario.products.values())
    placed = [*(["dropped"] if scenario.checkout.steps else []), *(["fake"] if some_fake else [])]

    def by_product(figure: str) -> np.ndarray:
        return np.array(
            [[sum(b.written[figure] for b in s.books.values()) for s in row] for row in shops]
        )

    def by_variant(figure: str) -> np.ndarray:
        return np.array(
            [[b.written[figure] for s in row for b in s.books.values()] for row in shops]
        )

    return Outcome(
        inputs={},
        shows={},
        segments={},
        products={name: by_product(name) for name in (*WRITTEN, *placed, "gmv")}
        | {"sold_out_at": np.array([[shop.sold_out_at for shop in row] for row in shops])},
        variants={name: by_variant(name) for name in (*WRITTEN, *placed)},
        timeline={
            "times": np.arange(scenario.refreshes + 1) * scenario.show.refresh,
            **dict(zip(("on_hand", "reserved", "paid"), seen, strict=True)),
        },
    )


class CustomersAtRandom:
    """A crowd that orders at random whatever is offered, and does nothing else."""

    def __init__(self, inputs: Inputs, streams: Streams, start: object = None) -> None:
        shape = (len(inputs.segments), inputs.replications)
        self.watching = self.viewers = np.zeros(shape, dtype=np.int64)
        self.concurrent = self.watching[0]
        self._rng = streams.crowd("customers", "order")

    def start_slot(self, rows: np.ndarray) -> None:
        """Do nothing: a customer is no viewer."""

    def act(self, refresh: int, until: int, rates: list[Rates]) -> tuple[Attempts, Looks]:
        """Return the attempts, and that nobody looks."""
        offered = np.stack([room.order > 0 for room in rates], axis=-1)
        tried = self._rng.poisson(PACE * offered)
        return Attempts.of(tried, refresh + 1), Looks.of(self, refresh + 1)

    def come_and_go(self, refresh: int, until: int, rates: list[Rates]) -> Looks:
        """Do nothing: while nothing is offered, nobody is there."""
        return Looks.of(self, until)


def accounted(scenario: Scenario, seed: int, number: int) -> Outcome:
    """Return a block of the same shows with the program's account."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(recorder.ENGINES, "customers", CustomersAtRandom)
        return simulate_block(
            scenario, seed, number, engine="customers", timeline_step=scenario.show.refresh
        )


def account_is_kept(name: str, seed: int) -> None:
    """Compare the account and the clerk on one show."""
    scenario = SHOWS[name].scenario

    def compare(blocks: int) -> Iterator[tuple[str, float]]:
        clerk, account = (seed_of(seed, name, who) for who in ("clerk", "account"))
        one = Outcome.joined([booked(scenario, clerk, b) for b in range(blocks)])
        other = Outcome.joined([accounted(scenario, account, b) for b in range(2 * blocks)])
        return compared(one, other)

    assert_no_difference(compare, LOOKS)


def _of_one_room(scenario: Scenario, room: str) -> Scenario:
    """Return a show that owns what a single room has; a clerk knows of no other."""
    here = scenario.rooms[room]
    part = here.allotment / here.count
    parts = {
        f"products.{name}.owned": round(part * value.owned)
        for name, value in scenario.products.items()
    }
    return scenario.with_changes(parts)


def booked_in_rooms(scenario: Scenario, seed: int, block: int) -> Outcome:
    """Return a block of shows of which a clerk in every single room keeps a part."""
    rng = generator(seed, "clerks", block)
    kept = {name: np.zeros((BLOCK, 1), dtype=np.int64) for name in (*WRITTEN, "gmv")}
    seen = np.zeros((3, BLOCK, scenario.refreshes + 1, 1), dtype=np.int64)
    for name, room in scenario.rooms.items():
        show = _of_one_room(scenario, name)
        for _, row in pairs(range(room.count), range(BLOCK)):
            clerk = Clerk(show, rng, PACE / room.count)
            clerk.run()
            seen[:, row] += np.array(clerk.seen).transpose(2, 0, 1)
            for book in (book for shop in clerk.shops.values() for book in shop.books.values()):
                for figure, values in kept.items():
                    values[row, 0] += book.written[figure]
    return Outcome(
        inputs={},
        shows={},
        segments={},
        products=kept,
        variants={name: kept[name] for name in WRITTEN},
        timeline={
            "times": np.arange(scenario.refreshes + 1) * scenario.show.refresh,
            **dict(zip(("on_hand", "reserved", "paid"), seen, strict=True)),
        },
    )


@check("a clerk's ledger: rooms", thorough=True)
def rooms_are_kept(seed: int) -> None:
    """Rooms with allotments and alike in size are as many shops, each with customers of its own."""
    alike = {"rooms.small.spread": 0, "products.serum.reserve": None}
    scenario = SHOWS["rooms"].scenario.with_changes(alike)

    def compare(blocks: int) -> Iterator[tuple[str, float]]:
        clerks, account = (seed_of(seed, "rooms", who) for who in ("clerks", "account"))
        one = Outcome.joined([booked_in_rooms(scenario, clerks, b) for b in range(blocks)])
        other = Outcome.joined([accounted(scenario, account, b) for b in range(2 * blocks)])
        return compared(one, other)

    assert_no_difference(compare, LOOKS)


for _name in BOOKED:
    check(f"a clerk's ledger: {_name}", thorough=_name not in QUICK)(
        partial(account_is_kept, _name)
    )
