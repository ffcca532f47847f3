"""A slow clerk who keeps the stock of one show by hand: one order after the other, in plain loops.

The clerk is written from the rules alone (section 3.5 of the design): first come, first served; who
asks for more than is left takes what is left; who accepts to wait may be sold what is not there;
unpaid units are on hand again in the first sweep after their time to pay; deliveries and lapsed
units go to who waits first. It shares no arithmetic with the ledger but how whole units are split.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.model.inputs import Inputs, ReserveInputs, SupplyInputs
from livesim.model.splitting import split

#: Seconds between two sweeps.
SWEEP = 30.0
#: Sums of binary fractions miss a moment by less [s].
NEARLY = 1e-6
#: A step that never comes.
NEVER = 10**9
_ALL = 2**64 - 1


def moment_of(seed: int, place: int) -> int:
    """Return when the order at a place of a list comes: 34 bits of SplitMix64."""
    z = (seed + (place + 1) * 0x9E3779B97F4A7C15) & _ALL
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _ALL
    return (z ^ (z >> 31)) >> 30


@dataclass(frozen=True)
class Order:
    """One order as it stands in line; ``moment`` is a part of its interval [1]."""

    moment: float
    units: int
    pays: bool
    accepts: bool
    fake: bool
    room: int
    price: float


@dataclass
class Shelf:
    """Where the units of one cell are: what is on hand, and what became of its orders."""

    on_hand: int = 0
    waiting: int = 0
    backorder_room: int = 0
    lapses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    emptied_at: float = 0.0
    emptied_in: int = 0
    demand: int = 0
    claimed: int = 0
    sales: int = 0
    faked: int = 0
    orders: int = 0
    backordered: int = 0
    gmv: float = 0.0
    paid_value: float = 0.0

    def take(self, order: Order) -> int:
        """Give an order what it can have, and return how much that is."""
        self.demand += order.units
        if self.on_hand > 0:
            got = min(order.units, self.on_hand)
            self.on_hand -= got
        elif order.accepts:
            got = min(order.units, self.backorder_room)
            self.backorder_room -= got
            self.waiting += got
            self.backordered += got
        else:
            got = 0
        self.claimed += got
        self.orders += got > 0
        self.gmv += got * order.price
        if order.pays:
            self.sales += got
            self.paid_value += got * order.price
            self.faked += got if order.fake else 0
        return got

    def put_on(self, units: int) -> None:
        """Put units on hand; who waits is served first."""
        served = min(units, self.waiting)
        self.waiting -= served
        self.on_hand += units - served


@dataclass
class Part:
    """A part of a product's stock that comes later; ``units`` by variant."""

    units: list[int]
    due: float
    owned: bool
    came: bool = False


@dataclass
class Spell:
    """A time in which a variant or a product is empty, from a moment to the end of a step."""

    begun_at: float
    begun_in: int
    ended_in: int = NEVER

    @property
    def goes_on(self) -> bool:
        return self.ended_in == NEVER


class Clerk:
    """The account of one replication of a recording, at one stock level, sold in one way.

    Parameters
    ----------
    recording
        What the crowd did.
    row
        Which replication.
    units
        Owned units of each variant.
    plan
        How they are put on sale.
    until
        The step after which no order counts.
    """

    def __init__(
        self,
        recording: Recording,
        row: int,
        units: Sequence[int],
        plan: Sequence[SupplyInputs],
        until: int = NEVER,
    ) -> None:
        self.recording, self.row, self.plan, self.until = recording, row, plan, until
        self.inputs: Inputs = recording.inputs
        self.times = recording.clock.times.tolist()
        self.singles = sum(room.count for room in self.inputs.rooms) if self.inputs.allotted else 1
        self.variants = [
            [v for v, of in enumerate(self.inputs.product_of) if of == product]
            for product in range(len(plan))
        ]
        self.shelves = [
            [Shelf() for _ in range(self.singles)] for _ in range(len(self.inputs.variants))
        ]
        self.put_on_sale = [0] * len(self.inputs.variants)
        self.parts: list[dict[str, Part]] = []
        self.called: set[tuple[int, str]] = set()
        for product in range(len(plan)):
            self.open(product, list(units))
        self.ordered = [self.order_steps(product) for product in range(len(plan))]
        self.queue = self.lines()
        self.spells: dict[tuple[str, int], list[Spell]] = defaultdict(list)
        self.left_by_product: list[list[int]] = []  # on hand after each step
        self.orders_by_step = [0] * len(self.times)
        self.orders_by_room = [0] * len(self.inputs.rooms)

    # What there is -------------------------------------------------------------------------------

    def open(self, product: int, units: list[int]) -> None:
        """Put the first units of a product on sale, and plan the others."""
        supply, mine = self.plan[product], self.variants[product]
        share = [float(self.inputs.variant_share[v]) for v in mine]
        shares = [wave.share for wave in supply.waves]
        link_at = float(self.recording.link_at[self.row, product])
        parts: dict[str, Part] = {}
        waves = [split(np.array([units[v]]), shares)[:, 0].tolist() if shares else [] for v in mine]
        for number, wave in enumerate(supply.waves):
            of_variants = [by_wave[number] for by_wave in waves]
            parts[f"waves.{wave.name}"] = Part(of_variants, link_at + wave.after, owned=True)
        for receipt in supply.receipts:
            of_variants = split(np.array([receipt.units]), share)[:, 0].tolist()
            parts[f"arriving.{receipt.name}"] = Part(of_variants, receipt.due, owned=True)
        for reserve in supply.reserves:
            of_variants = split(np.array([reserve.units]), share)[:, 0].tolist()
            parts[reserve.part] = Part(of_variants, math.inf, owned=False)
        for (of, name), when in self.recording.called.items():
            if of == product and name in parts:
                parts[name].due = min(parts[name].due, float(when[self.row]))
        self.parts.append(parts)
        rooms = split(np.array([supply.backorder_units]), share)[:, 0].tolist()
        for variant, room in zip(mine, rooms, strict=True):
            for shelf in self.shelves[variant]:
                shelf.backorder_room = room
            if not supply.waves or units[variant] >= UNLIMITED:
                self.add(variant, units[variant])

    def add(self, variant: int, units: int) -> None:
        """Put units of a variant on sale, each room its allotment of all that there were."""
        had, has = self.put_on_sale[variant], self.put_on_sale[variant] + units
        before, after = self.allotments(had), self.allotments(has)
        for shelf, old, new in zip(self.shelves[variant], before, after, strict=True):
            shelf.put_on(new - old)
        self.put_on_sale[variant] = has

    def allotments(self, units: int) -> list[int]:
        """Return the units of each single room."""
        if not self.inputs.allotted:
            return [units]
        rooms = self.inputs.rooms
        parts = split(np.array([units]), [room.allotment or 0.0 for room in rooms])[:, 0].tolist()
        single = []
        for room, part in zip(rooms, parts, strict=True):
            each, over = divmod(part, room.count)
            single += [each + (number < over) for number in range(room.count)]
        return single

    def lines(self) -> dict[int, list[tuple[int, int, list[Order]]]]:
        """Return the orders of each step: variant, single room, and its line, first come first."""
        orders, kinds = self.recording.orders, self.recording.kinds
        found: dict[int, list[tuple[int, int, list[Order]]]] = defaultdict(list)
        for batch in range(len(orders)):
            if orders.row[batch] != self.row or orders.step[batch] > self.until:
                continue
            line, place, seed = [], 0, int(orders.seed[batch])
            for entry in range(orders.first[batch], orders.first[batch + 1]):
                kind = orders.kind[entry]
                for _ in range(orders.count[entry]):
                    order = Order(
                        (moment_of(seed, place) + 0.5) / 2**34,
                        int(kinds.units[kind]),
                        bool(kinds.pays[kind]),
                        bool(kinds.accepts[kind]),
                        bool(kinds.fake[kind]),
                        int(kinds.room[kind]),
                        float(orders.price[batch]),
                    )
                    line.append(order)
                    place += 1
            line.sort(key=lambda order: order.moment)
            variant, single = divmod(int(orders.cell[batch]), self.singles)
            found[int(orders.step[batch])].append((variant, single, line))
        return found

    def order_steps(self, product: int) -> list[int]:
        """Return the steps with orders for a product, whether they count or not."""
        orders, cells = self.recording.orders, [v * self.singles for v in self.variants[product]]
        return sorted(
            int(orders.step[batch])
            for batch in range(len(orders))
            if orders.row[batch] == self.row
            and any(0 <= orders.cell[batch] - cell < self.singles for cell in cells)
        )

    # What happens --------------------------------------------------------------------------------

    def work(self) -> Clerk:
        """Go through the show step by step, and through the queue after it."""
        self.look()
        for step in range(len(self.times)):
            for variant, single, line in self.queue.get(step, []):
                for order in line:
                    self.serve(step, variant, single, order)
            self.look()
            self.receive(step)
        for shelves in self.shelves:  # after the show all is settled, and all that is due comes
            for shelf in shelves:
                shelf.put_on(sum(shelf.lapses.values()))
        for product, parts in enumerate(self.parts):
            for part in parts.values():
                if not part.came and math.isfinite(part.due):
                    self.take_in(product, part)
        return self

    def serve(self, step: int, variant: int, single: int, order: Order) -> None:
        shelf = self.shelves[variant][single]
        had = shelf.on_hand
        got = shelf.take(order)
        self.orders_by_step[step] += got > 0
        self.orders_by_room[order.room] += got > 0
        if got and not order.pays:
            product = int(self.inputs.product_of[variant])
            timeout = float(self.inputs.timeout[product])
            due = math.inf
            if math.isfinite(timeout):
                due = math.ceil((self.times[step] + timeout) / SWEEP - 1e-9) * SWEEP
            in_time = [k for k, time in enumerate(self.times) if time >= due - NEARLY]
            shelf.lapses[in_time[0] if in_time else NEVER] += got
        if had > 0 and shelf.on_hand == 0:
            start, end = self.times[step - 1], self.times[step]
            shelf.emptied_at, shelf.emptied_in = start + order.moment * (end - start), step

    def groups(self) -> Iterator[tuple[list[Spell], list[Shelf]]]:
        """Yield variants and products: when they were empty, and where their units are."""
        alone = [("variant", number, [number]) for number in range(len(self.shelves))]
        together = [("product", number, of) for number, of in enumerate(self.variants)]
        for what, number, variants in alone + together:
            yield self.spells[what, number], [one for v in variants for one in self.shelves[v]]

    def look(self) -> None:
        """Note what has become empty."""
        for spells, shelves in self.groups():
            empty = all(shelf.on_hand == 0 for shelf in shelves)
            if empty and not (spells and spells[-1].goes_on):
                last = max(shelves, key=lambda shelf: shelf.emptied_at)
                spells.append(Spell(last.emptied_at, last.emptied_in))

    def receive(self, step: int) -> None:
        """Let units lapse and parts come at the end of a step, and call what must be called."""
        now = self.times[step]
        for shelves in self.shelves:
            for shelf in shelves:
                shelf.put_on(shelf.lapses.pop(step, 0))
        for product, parts in enumerate(self.parts):
            self.take_in_due(product, now)
            linked = self.recording.link_at[self.row, product] <= now + NEARLY
            for reserve in self.plan[product].reserves if linked else ():
                if (product, reserve.part) not in self.called and self.calls(
                    product, reserve, step
                ):
                    self.called.add((product, reserve.part))
                    part = parts[reserve.part]
                    part.due = min(part.due, now + reserve.lead_time)
                    self.take_in_due(product, now)
        for spells, shelves in self.groups():
            if spells and spells[-1].goes_on and any(shelf.on_hand for shelf in shelves):
                spells[-1].ended_in = step
        self.left_by_product.append(
            [
                sum(shelf.on_hand for v in variants for shelf in self.shelves[v])
                for variants in self.variants
            ]
        )

    def calls(self, product: int, reserve: ReserveInputs, step: int) -> bool:
        """Say whether a reserve's rule holds at the end of a step."""
        many = False
        if reserve.when is not None and step == int(self.recording.clock.by(reserve.when[0])):
            shelves = [shelf for v in self.variants[product] for shelf in self.shelves[v]]
            come = sum(self.put_on_sale[v] for v in self.variants[product])
            many = come - sum(shelf.on_hand for shelf in shelves) > reserve.when[1]
        few = self.available(product) < reserve.below
        return step <= self.inputs.refreshes and (few or many)

    def take_in_due(self, product: int, now: float) -> None:
        for part in self.parts[product].values():
            if not part.came and part.due <= now + NEARLY:
                self.take_in(product, part)

    def take_in(self, product: int, part: Part) -> None:
        part.came = True
        for variant, units in zip(self.variants[product], part.units, strict=True):
            self.add(variant, units)

    def available(self, product: int) -> int:
        """Return units on hand, and owned ones that come before the show's end, or may."""
        left = sum(shelf.on_hand for v in self.variants[product] for shelf in self.shelves[v])
        for part in self.parts[product].values():
            if part.owned and not part.came and self.counts(part):
                left += sum(part.units)
        return left

    def counts(self, part: Part) -> bool:
        """Say whether a part comes before the show's end, or might."""
        return part.due <= self.inputs.length or math.isinf(part.due)

    # What it came to -----------------------------------------------------------------------------

    def figures(self, variant: int) -> dict[str, float]:
        """Return what a variant came to, as a ledger has it."""
        shelves = self.shelves[variant]
        product = int(self.inputs.product_of[variant])
        place = self.variants[product].index(variant)

        def total(name: str) -> float:
            return sum(getattr(shelf, name) for shelf in shelves)

        return {
            "put_on_sale": self.put_on_sale[variant],
            "demand": total("demand"),
            "claimed": total("claimed"),
            "sales": total("sales"),
            "lost": total("demand") - total("claimed"),
            "lapsed": total("claimed") - total("sales"),
            "backordered": total("backordered"),
            "waiting": total("waiting"),
            "on_hand": total("on_hand"),
            "faked": total("faked"),
            "orders": total("orders"),
            "gmv": total("gmv"),
            "paid_value": total("paid_value"),
            "to_come": sum(
                part.units[place]
                for part in self.parts[product].values()
                if part.owned and math.isinf(part.due)
            ),
            "sold_out_at": self.sold_out_at("variant", variant, product),
            "unavailable_at": self.unavailable_at("variant", variant, product),
        }

    def sold_out_at(self, what: str, number: int, product: int) -> float:
        """Return the first moment at which it is empty and nothing is to come, inf if never."""
        last_step, last_at = 0, 0.0
        for name, part in self.parts[product].items():
            due = self.not_called_at(product, name) if math.isinf(part.due) else part.due
            if due <= self.inputs.length or math.isinf(due):
                steps = [k for k, t in enumerate(self.times) if t >= due - NEARLY]
                last_step = max(last_step, steps[0] if steps else NEVER)
                last_at = max(last_at, due)
        for spell in self.spells[what, number]:
            if spell.ended_in > last_step:
                return max(spell.begun_at, last_at) if last_step < NEVER else math.inf
        return math.inf

    def not_called_at(self, product: int, name: str) -> float:
        """Return when it was known that a part which never came does not come, inf if never."""
        for reserve in self.plan[product].reserves:
            if reserve.part == name and reserve.when is not None and not reserve.below:
                looks = [t for t in self.times if t >= reserve.when[0] - NEARLY]
                in_time = [t for t in looks[:1] if t + reserve.lead_time <= self.inputs.length]
                return in_time[0] if in_time else 0.0
        return math.inf

    def unavailable_at(self, what: str, number: int, product: int) -> float:
        """Return the first moment at which it is on offer and nothing is on hand, inf if never."""
        moments = [
            max(spell.begun_at, since)
            for since, steps in self.offered(product)
            for spell in self.spells[what, number]
            if spell.ended_in > steps[0] and spell.begun_at < self.times[steps[-1] + 1]
        ]
        return min(moments, default=math.inf)

    def product_unavailable_at(self, product: int) -> float:
        """Return when no variant of a product on offer was first on hand."""
        return self.unavailable_at("product", product, product)

    def product_sold_out_at(self, product: int) -> float:
        """Return when all variants of a product were first sold out together."""
        return self.sold_out_at("product", product, product)

    def links(self, product: int) -> list[tuple[float, float]]:
        """Return since when and until when its links were up, one after the other."""
        slots, link_at = self.recording.slots, float(self.recording.link_at[self.row, product])
        if self.inputs.shelf[self.row, product] > 0:
            return [(link_at, self.inputs.length)]
        return [(link_at, link_at)] + [
            (float(slots.linked_at[self.row, number]), float(slots.ended_at[self.row, number]))
            for number, slot in enumerate(self.inputs.slots)
            if product in slot.sells
        ]

    def offered(self, product: int) -> list[tuple[float, list[int]]]:
        """Return since when it is on offer, and in which steps, for each time that it is.

        In a step if a link is up at its begin, or if orders still come to the stock after it.
        """
        links = [link for link in self.links(product) if math.isfinite(link[0])]
        next_up = [*(up for up, _ in links[1:]), math.inf]
        shelved = self.inputs.shelf[self.row, product] > 0
        found = []
        for (since, over), following in zip(links, next_up, strict=False):
            come = [s for s in self.ordered[product] if self.times[s - 1] < following - NEARLY]
            last = max([over, *(self.times[step] for step in come)])
            steps = [
                k
                for k in range(len(self.times) - 1)
                if since - NEARLY <= self.times[k] < last - NEARLY and (shelved or k < self.until)
            ]
            if steps:
                found.append((since, steps))
        return found

    def on_sale(self, product: int) -> float:
        """Return the share of the time on offer with units on hand."""
        steps = [k for _, of_link in self.offered(product) for k in of_link]
        took = [self.times[k + 1] - self.times[k] for k in steps]
        left = [self.left_by_product[k][product] > 0 for k in steps]
        return float(np.dot(took, left) / sum(took)) if steps else 0.0
