"""The slow clerk where orders of one variant take units of others: one line for all of a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from clerk import NEARLY, NEVER, SWEEP, Clerk, Order, Spell

from livesim.model.inputs import SupplyInputs


class SharingClerk(Clerk):
    """Keeps one replication with bundles and gifts, as :class:`Clerk` keeps it without."""

    def __init__(
        self, recording: Any, row: int, units: Sequence[int], plan: Sequence[SupplyInputs],
        until: int = NEVER,
    ) -> None:  # fmt: skip
        takes = recording.inputs.takes
        self.takes = [
            {int(k): int(takes[v, k]) for k in np.flatnonzero(takes[v])} for v in range(len(takes))
        ]
        self.bundles = [v for v, parts in enumerate(self.takes) if v not in parts]
        self.gifts_left = [gift.first for gift in recording.inputs.gifts]
        self.used, self.gifts = [0] * len(takes), [0] * len(takes)
        self.paid_orders, self.given = [0] * len(takes), [0] * len(self.gifts_left)
        self.lapsing: dict[int, list[tuple[dict[int, int], int | None]]] = {}
        super().__init__(recording, row, units, plan, until)
        self.count_sets()

    def sets(self, variant: int) -> int:
        """Return how many units of a variant could be sold."""
        return min(self.shelves[k][0].on_hand // n for k, n in self.takes[variant].items())

    def count_sets(self) -> None:
        """Let what is on hand of a bundle be its sets."""
        for bundle in self.bundles:
            self.shelves[bundle][0].on_hand = self.sets(bundle)

    def work(self) -> SharingClerk:
        """Go through the show step by step, all orders of a step in one line."""
        self.look()
        for step in range(len(self.times)):
            line = [
                (order.moment, variant, order)
                for variant, _, orders in self.queue.get(step, [])
                for order in orders
            ]
            for _, variant, order in sorted(line, key=lambda one: one[0]):
                self.serve(step, variant, 0, order)
            self.look()
            self.come_back(step)
            self.receive(step)
        for step in list(self.lapsing):
            self.come_back(step)
        for product, parts in enumerate(self.parts):
            for part in parts.values():
                if not part.came and math.isfinite(part.due):
                    self.take_in(product, part)
        return self

    def come_back(self, step: int) -> None:
        for units, gift in self.lapsing.pop(step, []):
            for variant, number in units.items():
                self.shelves[variant][0].on_hand += number
            if gift is not None:
                self.gifts_left[gift] += 1
        self.count_sets()

    def take_in(self, product: int, part: Any) -> None:
        super().take_in(product, part)
        self.count_sets()

    def serve(self, step: int, variant: int, single: int, order: Order) -> None:
        shelf, had = self.shelves[variant][0], [one.on_hand for (one,) in self.shelves]
        got = min(order.units, self.sets(variant))
        shelf.demand += order.units
        shelf.claimed += got
        shelf.orders += got > 0
        shelf.gmv += got * order.price
        units = {k: n * got for k, n in self.takes[variant].items()}
        for k, number in units.items():
            self.shelves[k][0].on_hand -= number
        given = self.give(variant, units) if got else None
        if order.pays:
            shelf.sales += got
            shelf.faked += got if order.fake else 0
            shelf.paid_value += got * order.price
            self.gifts[variant] += given is not None
            self.paid_orders[variant] += got > 0
            if given is not None:
                self.given[given] += 1
            for k, number in units.items():
                self.used[k] += number
        elif got:
            timeout = float(self.inputs.timeout[self.inputs.product_of[variant]])
            due = math.ceil((self.times[step] + timeout) / SWEEP - 1e-9) * SWEEP \
                if math.isfinite(timeout) else math.inf  # fmt: skip
            in_time = [k for k, time in enumerate(self.times) if time >= due - NEARLY]
            if in_time:
                self.lapsing.setdefault(in_time[0], []).append((units, given))
            else:
                self.lapsing.setdefault(NEVER, []).append((units, given))
        self.count_sets()
        start, end = self.times[step - 1], self.times[step]
        at = start + order.moment * (end - start)
        for (one,), before in zip(self.shelves, had, strict=True):
            if before > 0 and one.on_hand == 0:
                one.emptied_at, one.emptied_in = at, step
        self.look_at_conditions(at, step)

    def give(self, variant: int, units: dict[int, int]) -> int | None:
        """Give an order its gift, and return its number, if there is one."""
        for number, gift in enumerate(self.inputs.gifts):
            there = self.shelves[gift.variant][0]
            if variant in gift.to and self.gifts_left[number] > 0 and there.on_hand > 0:
                there.on_hand -= 1
                self.gifts_left[number] -= 1
                units[gift.variant] = units.get(gift.variant, 0) + 1
                return number
        return None

    def look_at_conditions(self, at: float, step: int) -> None:
        """Note which components are too few for a bundle."""
        for bundle in self.bundles:
            for k, n in self.takes[bundle].items():
                spells = self.spells[f"too few {k}", bundle]
                if self.shelves[k][0].on_hand < n and not (spells and spells[-1].goes_on):
                    spells.append(Spell(at, step))

    def look(self) -> None:
        super().look()
        self.look_at_conditions(0.0, 0)

    def receive(self, step: int) -> None:
        super().receive(step)
        for bundle in self.bundles:
            for k, n in self.takes[bundle].items():
                spells = self.spells[f"too few {k}", bundle]
                if spells and spells[-1].goes_on and self.shelves[k][0].on_hand >= n:
                    spells[-1].ended_in = step

    def sold_out_at(self, what: str, number: int, product: int) -> float:
        variant = number if what == "variant" else self.variants[number][0]
        if variant not in self.bundles:
            return super().sold_out_at(what, number, product)
        return min(
            super(SharingClerk, self).sold_out_at(
                f"too few {k}", variant, int(self.inputs.product_of[k])
            )
            for k in self.takes[variant]
        )

    def figures(self, variant: int) -> dict[str, float]:
        found = super().figures(variant)
        shelf = self.shelves[variant][0]
        if variant in self.bundles:
            found["on_hand"] = 0
        found["on_hand"] += sum(
            units.get(variant, 0) for parts in self.lapsing.values() for units, _ in parts
        )
        found["given"] = max(self.used[variant] - shelf.sales, 0)
        found["gifts"] = self.gifts[variant]
        if self.inputs.gifts:
            found["missing_gifts"] = sum(
                min(sum(self.paid_orders[one] for one in gift.to), gift.first) - self.given[number]
                for number, gift in enumerate(self.inputs.gifts)
                if gift.variant == variant
            )
        return found
