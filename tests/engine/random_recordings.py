"""Random recordings of shows that do not react to their stock, made without any crowd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livesim.engine.clock import Clock
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Audience, Recording, Slots
from livesim.model.inputs import (
    Inputs,
    ReceiptInputs,
    ReserveInputs,
    RoomInputs,
    SupplyInputs,
    WaveInputs,
)

Random = np.random.Generator


def recording_of(
    inputs: Inputs,
    batches: list[tuple[int, int, int, float, dict[int, int]]],
    kinds: Kinds,
    link_at: np.ndarray | None = None,
    further: tuple[float, ...] = (),
    seed: int = 0,
    called: dict[tuple[int, str], np.ndarray] | None = None,
    slots: Slots | None = None,
) -> Recording:
    """Write a recording by hand.

    Parameters
    ----------
    inputs
        The show's numbers.
    batches
        Cell, replication, step, price, and the number of orders of each kind.
    kinds
        What orders can be.
    link_at
        When links first went up [s], shape (R, P); at the start by default.
    further
        Ends of the steps after the show [s].
    seed
        Of the lines' moments.
    called
        What processes have put on sale.
    slots
        When the slots happened; by default each lasts from the first link to the show's end.
    """
    random = np.random.default_rng(seed)
    rows = inputs.replications
    batches = sorted(batches, key=lambda batch: batch[:3])
    cell, row, step = (np.array([batch[n] for batch in batches], dtype=np.intp) for n in range(3))
    entries = [list(batch[4].items()) for batch in batches]
    orders = Orders(
        cell,
        row,
        step,
        np.array([batch[3] for batch in batches], dtype=float),
        random.integers(0, 2**64, len(batches), dtype=np.uint64),
        np.cumsum([0, *(len(of_batch) for of_batch in entries)]),
        np.array([kind for of_batch in entries for kind, _ in of_batch], dtype=np.int16),
        np.array([count for of_batch in entries for _, count in of_batch], dtype=np.int64),
    )
    looks, nobody = np.array([0.0, inputs.length]), np.zeros((2, rows), dtype=np.int64)
    by_segment = np.zeros((len(inputs.segments), rows), dtype=np.int64)
    links = np.zeros((rows, len(inputs.products))) if link_at is None else link_at
    start = np.repeat(links.min(axis=1)[:, None], len(inputs.slots), axis=1)
    return Recording(
        inputs=inputs,
        clock=Clock(np.array([*np.arange(inputs.refreshes + 1) * inputs.refresh, *further])),
        kinds=kinds,
        orders=orders,
        attempts=np.zeros((rows, len(inputs.rooms)), dtype=np.int64),
        dropped=np.zeros((rows, len(inputs.variants)), dtype=np.int64),
        audience=Audience(looks, nobody, nobody, by_segment, by_segment),
        slots=Slots(start, start, np.maximum(start, inputs.length)) if slots is None else slots,
        link_at=links,
        called=called or {},
        lived=inputs.owned,
        plan=inputs.supplies,
        reactions=replace(reactions_of(inputs), screen=(), platform=()),
        while_coupons_last=bool(inputs.log_coupon.any()),
    )


def random_recording(inputs: Inputs, random: Random) -> Recording:
    """Draw who orders what when, how long there is to pay, and when links go up."""
    products, rows = len(inputs.products), inputs.replications
    if random.random() < 0.3:
        rooms = (
            RoomInputs("one", int(random.integers(1, 4)), np.zeros(rows), 0.4),
            RoomInputs("two", int(random.integers(1, 3)), np.zeros(rows), 0.6),
        )
        inputs = replace(inputs, rooms=rooms, allotted=True, has_rooms=True)
    elif random.random() < 0.3:
        rooms = tuple(RoomInputs(name, 1, np.zeros(rows), None) for name in ("one", "two"))
        inputs = replace(inputs, rooms=rooms, has_rooms=True)
    inputs = replace(
        inputs,
        timeout=random.choice([0.0, 20.0, 60.0, 145.0, np.inf], products),
        shelf=random.choice([0.0, 0.0, 0.1], (rows, products)),
        supplies=random_plan(inputs, random),
    )
    further = tuple(inputs.length + 30.0 * np.arange(1, int(random.choice([1, 1, 4]))))
    kinds = Kinds.of(random.choice([1, 2, 3, 5], 2, replace=False).tolist(), len(inputs.rooms))
    singles = sum(room.count for room in inputs.rooms) if inputs.allotted else 1
    busy, many, some = random.random(), int(random.choice([2, 6, 30])), random.random()
    batches = []
    for cell in range(len(inputs.variants) * singles):
        for row in range(rows):
            price = 10.0
            for step in range(1, inputs.refreshes + 1 + len(further)):
                price = float(random.choice([price, 7.5, 20.0], p=[0.8, 0.1, 0.1]))
                if random.random() > busy:
                    continue
                chosen = random.choice(len(kinds.units), int(random.integers(1, 5)))
                counts = {int(kind): int(random.integers(1, many)) for kind in chosen}
                if some < 0.3:  # everybody pays
                    counts = {k: n for k, n in counts.items() if kinds.pays[k]}
                if counts:
                    batches.append((cell, row, step, price, counts))
    link_at = random.choice([0.0, 0.0, 12.0, 33.0, np.inf], (rows, products))
    linked = np.sort(random.uniform(0.0, inputs.length, (rows, len(inputs.slots))))
    ended = np.append(linked[:, 1:], np.full((rows, 1), inputs.length), axis=1)
    ended = linked + random.choice([0.3, 1.0], linked.shape) * (ended - linked)
    never = random.random(linked.shape) < 0.2
    linked[never] = ended[never] = np.inf
    for product in range(products):
        mine = [number for number, slot in enumerate(inputs.slots) if product in slot.sells]
        link_at[:, product] = np.minimum(link_at[:, product], linked[:, mine].min(axis=1))
    called = {}
    if random.random() < 0.3:
        called[0, "waves.one"] = random.choice([40.0, 77.0, np.inf], rows)
    return recording_of(
        inputs,
        batches,
        kinds,
        link_at,
        further,
        int(random.integers(10**6)),
        called,
        Slots(linked, linked, ended),
    )


def random_plan(inputs: Inputs, random: Random) -> tuple[SupplyInputs, ...]:
    """Draw how each product is put on sale."""
    plan = []
    for _ in inputs.products:
        waves: tuple[WaveInputs, ...] = ()
        if random.random() < 0.4:
            after = random.choice([0.0, 7.0, 60.0, 125.0, 500.0], 2)
            waves = (WaveInputs("one", 0.6, after[0]), WaveInputs("two", 0.4, after[1]))
        dues = random.choice([0.0, 41.0, 90.0, 1e4], int(random.choice([0, 0, 1, 2])))
        receipts = tuple(
            ReceiptInputs(f"van {number}", int(random.integers(1, 40)), float(due))
            for number, due in enumerate(dues)
        )
        reserves = tuple(
            ReserveInputs(
                f"reserve.{number}",
                int(random.integers(1, 50)),
                int(random.choice([0, 1, 5, 20])),
                float(random.choice([0.0, 31.0, 100.0, 1e4])),
                [None, None, (float(random.integers(0, 90)), int(random.integers(0, 9)))][
                    int(random.integers(3))
                ],
            )
            for number in range(int(random.choice([0, 0, 1, 1, 2, 3])))
        )
        backorders = int(random.choice([0, 0, 3, 25]))
        plan.append(SupplyInputs(waves, receipts, reserves, backorders))
    return tuple(plan)
