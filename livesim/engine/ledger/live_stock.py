"""The stock as the show goes on: for slots, processes and viewers that react to it.

It is the ledger at the one level that viewers live through, followed refresh by refresh: the same
accounts serve the same orders. Where nothing reacts to the stock, nobody looks at it before the
show is over, and it is not followed at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.clock import NEVER, Clock
from livesim.engine.ledger.book import ORDERS, Book, counted
from livesim.engine.ledger.deliveries import Called, Deliveries, deliveries
from livesim.engine.ledger.reserve import Rules
from livesim.engine.ledger.serving import Accounts
from livesim.engine.ledger.shared.queue import Sums, Window
from livesim.engine.ledger.shared.stock import SharedStock
from livesim.engine.ledger.shared.takes import Takes
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.release_plan import Cells, Stocks
from livesim.engine.unwatched import Unwatched
from livesim.model.inputs import Inputs
from livesim.model.splitting import split


class Live(Unwatched):
    """The stock of every product in R replications, as it is now.

    Parameters
    ----------
    inputs
        The show's numbers.
    kinds
        What orders can be.
    stocks
        What each show has to sell.

    Attributes
    ----------
    orders_so_far
        Orders served since the start, shape (R,).
    """

    def __init__(self, inputs: Inputs, kinds: Kinds, stocks: Stocks) -> None:
        self._inputs, self._kinds = inputs, kinds
        self._cells = Cells(inputs)
        self.cells_of_variant = self._cells.of_variant
        self._clock = Clock.of(inputs)
        self._swept, which = self._clock.swept_by(inputs.timeout)
        per_variant, rows = self._cells.of_variant, inputs.replications
        self._product_of = np.repeat(inputs.product_of, per_variant)
        self._timeout_of = which[self._product_of]
        cells = np.searchsorted(self._product_of, np.arange(len(inputs.products) + 1))
        self._cells_of = list(pairwise(cells.tolist()))
        self._step: int | Numbers = 0
        numbers = np.unique(stocks.level_of).tolist()
        self._alike = [
            (np.flatnonzero(stocks.level_of == n), stocks.levels[:, n], stocks.plans[n])
            for n in numbers
        ]
        self._delivered = [
            product
            for product in range(len(inputs.products))
            if any(plan[product].parts for _, _, plan in self._alike)
        ]
        self._in_order = np.argsort(np.concatenate([rows for rows, _, _ in self._alike]))
        self._called: dict[tuple[int, str], Floats] = {}
        self._rules = self._reserves()
        self._reserve_at = [np.full((len(of), rows), np.inf) for of in self._rules]
        self._link_at = np.full((rows, len(inputs.products)), np.inf)
        self._changed: set[int] = set()
        self._comes = [self._deliveries(product) for product in range(len(inputs.products))]
        self._due = [set(np.unique(comes.step).tolist()) for comes in self._comes]
        at_start = np.concatenate([comes.at_start for comes in self._comes])
        self._put_on_sale = at_start[:, :, 0].copy()
        position, backorder_room = self._put_on_sale, self._backorder_room()
        self._waiting = bool(backorder_room.any())
        self._accounts = Accounts(
            position.ravel().copy(),
            np.repeat(backorder_room, per_variant, axis=0).ravel(),
            counted(kinds).shape[1],
            self._clock.times,
        )
        self._shared = [
            _Shared(inputs, kinds, group, self._position, self._clock) for group in inputs.sharing
        ]
        self._alone = ~np.isin(self._product_of, [p for group in inputs.sharing for p in group])
        self.orders_so_far = np.zeros(rows, dtype=np.int64)

    def serve(self, orders: Orders, step: int) -> None:
        """Serve the orders of a step."""
        if not len(orders):
            return
        rows, by_account = self._inputs.replications, orders.by_account(self._inputs.replications)
        swept = self._swept[self._timeout_of[by_account.cell], step]
        book = Book.of(
            by_account,
            self._kinds,
            swept,
            rows,
            range(len(self._product_of)),
            waiting=self._waiting,
        )
        before = self._accounts.taken[book.account, ORDERS]
        batch = np.flatnonzero(self._alone[by_account.cell])
        self._accounts.serve(book, book.account[batch], batch, batch + 1)
        served = self._accounts.taken[book.account, ORDERS] - before
        np.add.at(self.orders_so_far, by_account.row, served)
        for shared in self._shared:
            back = self._swept[self._timeout_of[shared.variants], step]
            self.orders_so_far += shared.serve(book, step, back)

    def receive(self, step: int, link_at: Floats) -> None:
        """Sweep payments and take in what is due at a step's end; links went up so [s]."""
        self._step = step
        self._accounts.receive(step)
        for shared in self._shared:
            shared.receive(step)
        for product in self._delivered:
            if not np.array_equal(link_at[:, product], self._link_at[:, product]):
                self._link_at[:, product] = link_at[:, product]
                self._expect(product)
            if step in self._due[product] or product in self._changed:
                self._take_in(product)
            self._call_reserves(product)

    def follow(self, orders: Orders, called: Called, link_at: Floats, until: int) -> Iterator[int]:
        """Go through what a started show has sold; yield each step when it is done.

        Parameters
        ----------
        orders
            The orders of the steps.
        called
            What was put on sale otherwise than by rule.
        link_at
            When links went up [s], shape (R, P).
        until
            The last step.
        """
        for (product, part), due in called.items():
            for row in np.flatnonzero(np.isfinite(due)).tolist():
                self.release(product, part, row, float(due[row]))
        in_time = np.argsort(orders.step, kind="stable")
        ends = np.searchsorted(orders.step[in_time], np.arange(until + 1), side="right")
        for step, (first, end) in enumerate(pairwise([0, *ends.tolist()])):
            self.serve(orders.take(in_time[first:end]), step)
            self.receive(step, link_at)
            yield step

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Put a part of a product on sale in one replication at a moment [s]."""
        never = np.full(self._inputs.replications, np.inf)
        when = self._called.setdefault((product, part), never)
        when[row] = min(when[row], due)
        self._expect(product)

    def _expect(self, product: int) -> None:
        """Note anew what of a product comes on sale, and when; some of it may be there now."""
        self._comes[product] = self._deliveries(product)
        self._due[product] = set(np.unique(self._comes[product].step).tolist())
        self._changed.add(product)

    def _deliveries(self, product: int) -> Deliveries:
        """Return what of a product comes on sale, as far as that is known now."""
        mine = self._inputs.product_of == product
        parts = [
            deliveries(
                self._cells,
                product,
                plan[product],
                units[mine, None],
                self._link_at[rows, product],
                self._reserve_at[product][:, rows, None],
                {part: due[rows] for part, due in self._called.items()},
                self._clock,
            )
            for rows, units, plan in self._alike
        ]
        if len(parts) == 1:
            return parts[0]
        joined = Deliveries.joined(parts, self._clock.steps + 1, axis=-2)
        return joined.of_rows(self._in_order)

    def _backorder_room(self) -> Counts:
        """Return the units of each variant that may be sold beyond the stock, shape (V, R)."""
        inputs = self._inputs
        backorder_room = np.zeros((len(inputs.variants), inputs.replications), dtype=np.int64)
        for rows, _, plan in self._alike:
            for product, supply in enumerate(plan):
                mine = inputs.product_of == product
                share = inputs.variant_share[mine].tolist()
                parts = split(np.array([supply.backorder_units]), share)
                backorder_room[np.ix_(mine, rows)] = parts
        return backorder_room

    def _reserves(self) -> list[Rules]:
        """Return by which rules each product's reserves are called, a row a replication."""
        ways = np.empty(self._inputs.replications, dtype=np.intp)
        for way, (rows, _, _) in enumerate(self._alike):
            ways[rows] = way
        plans = [plan for _, _, plan in self._alike]
        return [
            Rules.of([plan[product] for plan in plans], self._clock).take(ways)
            for product in range(len(self._inputs.products))
        ]

    def _take_in(self, product: int) -> None:
        """Put on hand what has come by now."""
        cells, (step, rows) = self._product_of == product, self._now
        come = self._comes[product].come_by(step, rows)[:, :, 0]
        self._position[cells] += come - self._put_on_sale[cells]
        self._put_on_sale[cells] = come
        self._changed.discard(product)
        for shared in self._shared:
            shared.look_again(product)

    def _call_reserves(self, product: int) -> None:
        """Call the reserves whose rules hold now, one after the other."""
        rules, linked = self._rules[product], self._link_at[:, product]
        now = self._clock.times[self._now[0]]
        for number, at in enumerate(self._reserve_at[product]):
            looks = rules.moment[number] == self._step
            may = (linked <= now + 1e-6) & np.isinf(at) & (looks | (rules.below[number] > 0))
            if not may.any():
                continue
            on_hand = self.on_hand(product)
            sold = self._put_on_sale[self._product_of == product].sum(axis=0) - on_hand
            few = self.available(product) < rules.below[number]
            called = may & (few | (looks & (sold > rules.sold[number])))
            if called.any():
                at[called] = (now + rules.lead_time[number])[called]
                self._expect(product)
                self._take_in(product)

    @property
    def _now(self) -> tuple[Numbers, Numbers]:
        """The step that has ended, for each replication, and their numbers, both of shape (R,)."""
        rows = np.arange(self._inputs.replications)
        return np.full(len(rows), self._step), rows

    @property
    def _position(self) -> Counts:
        return self._accounts.position.reshape(len(self._product_of), -1)

    def on_hand(self, product: int) -> Counts:
        """Return the units on hand of a product, shape (R,)."""
        return np.asarray(np.maximum(self._position[self._product_of == product], 0).sum(axis=0))

    def orders(self, product: int) -> Counts:
        """Return the orders of a product that have been served, shape (R,)."""
        for shared in self._shared:
            if (mine := self._inputs.product_of[shared.variants] == product).any():
                return np.asarray(shared.orders[:, mine].sum(axis=1))
        served = self._accounts.taken[:, ORDERS].reshape(len(self._product_of), -1)
        return np.asarray(served[self._product_of == product].sum(axis=0))

    def available(self, product: int) -> Counts:
        """Return units on hand, and owned ones that come before the show's end, shape (R,).

        Of a bundle, the sets on hand.
        """
        return self.on_hand(product) + self._comes[product].owned_after(*self._now)[:, 0]

    def sold_out(self, product: int) -> NDArray[np.bool_]:
        """Return where a product is sold out: empty, and nothing to come before the end, (R,).

        A bundle is, where a component is, or has too few units left for it.
        """
        if parts := self._inputs.components(product):
            final = [self._comes[of].final_step[:, 0] <= self._step for _, of, _ in parts]
            few = [self._position[variant] < units for variant, _, units in parts]
            return np.asarray((np.array(few) & np.array(final)).any(axis=0))
        gone = (self._position[self._product_of == product] <= 0).all(axis=0)
        return np.asarray(gone & (self._comes[product].final_step[:, 0] <= self._step))

    def sold_out_at(self, product: int, row: int) -> float:
        """Return the moment of now if a product is sold out in one replication, else inf [s]."""
        step = self._step if isinstance(self._step, int) else self._step[row]
        if self._comes[product].final_step[row, 0] > step:
            return math.inf
        rows, (first, last) = self._inputs.replications, self._cells_of[product]
        left = self._accounts.position[first * rows + row : last * rows : rows]
        return math.inf if left.max() > 0 else float(self._clock.times[step])

    def claimed_share(self, product: int) -> Floats:
        """Return the share of the units put on sale that is reserved or paid [1], shape (R,).

        Of a bundle, that of the component of which most is.
        """
        if parts := self._inputs.components(product):
            return np.asarray(np.max([self.claimed_share(of) for _, of, _ in parts], axis=0))
        mine = self._product_of == product
        put_on = self._put_on_sale[mine].sum(axis=0)
        taken = put_on - self._position[mine].sum(axis=0)
        # Orders beyond the stock can be more than all units; the screen shows them all as claimed.
        return np.asarray(np.clip(taken / np.maximum(put_on, 1), 0.0, 1.0))


class _Shared:
    """The live accounts of products that share stock, which stand in the positions of all.

    Parameters
    ----------
    inputs, kinds, clock
        As :class:`Live` has them.
    products
        Which products.
    position
        Units on hand of all variants, shape (V, R); of a bundle, the sets that can be sold.
    """

    def __init__(
        self,
        inputs: Inputs,
        kinds: Kinds,
        products: Sequence[int],
        position: Counts,
        clock: Clock,
    ) -> None:
        self.variants = np.flatnonzero(np.isin(inputs.product_of, products))
        self._products, self._kinds, self._position = products, kinds, position
        takes = Takes.of(inputs, self.variants)
        self._own = np.flatnonzero(np.diag(takes.needs[: takes.variants]) > 0)
        units = position[self.variants].T
        self._stock = SharedStock(takes, kinds, units, clock.times)
        self._due: dict[int, Counts] = {}
        self._show()

    def serve(self, book: Book, step: int, back: Numbers) -> Counts:
        """Serve the orders of a step; return how many were served, shape (R,)."""
        before = self._stock.taken[..., ORDERS].sum(axis=1)
        rows = self._position.shape[1]
        accounts = self.variants * rows + np.arange(rows)[:, None]
        first, last = (np.searchsorted(book.account, accounts, side) for side in ("left", "right"))
        if (first < last).any():
            sums, everyone = Sums(book, self._kinds), np.arange(rows)
            window = Window(everyone, first, last, np.full(rows, NEVER))
            late = self._stock.serve(sums, everyone, window)
            self._stock.tally(sums, everyone, last)
            self._let_lapse(late, back[self._stock.takes.host])
            self._show()
        return np.asarray(self._stock.taken[..., ORDERS].sum(axis=1) - before)

    @property
    def orders(self) -> Counts:
        """Orders of each variant that have been served, shape (R, U)."""
        return np.asarray(self._stock.taken[..., ORDERS])

    def _let_lapse(self, late: Counts, back: Numbers) -> None:
        """Let units that will not be paid come back at the ends of steps, by line."""
        for step in np.unique(back[late.any(axis=0)]).tolist():
            self._due[step] = self._due.get(step, 0) + self._stock.takes.units(
                late * (back == step)
            )

    def receive(self, step: int) -> None:
        """Take in what comes back at the end of a step."""
        if step in self._due:
            everyone = np.arange(self._position.shape[1])
            self._stock.receive(everyone, self._due.pop(step), np.full(len(everyone), step))
            self._show()

    def look_again(self, product: int) -> None:
        """Take over what has come of one of the products."""
        if product in self._products:
            units = self._position[self.variants[self._own]].T
            self._stock.set_position(self._own, units)
            self._show()

    def _show(self) -> None:
        """Write down what is on hand."""
        self._position[self.variants] = self._stock.sets.T
