"""What was counted of a show on the air, moment by moment: what cannot be, and what it says.

What is seen is binomial among those who have come, given what a world lets expect, which is itself
a little off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.errors import Mistake
from livesim.experiment.expected import Expected
from livesim.experiment.resumed import beside_of, taken_of, variants_called
from livesim.experiment.sightings import Moment
from livesim.model.inputs import Inputs
from livesim.resolve.words import duration
from livesim.scenario.scenario import Scenario

#: Chances are kept so far from 0 and 1, and the share of those who have not ordered from 0.
_LEAST: Final = 1e-15
_LAST: Final = 0.05
#: By so much is what a world lets expect of a count itself off [1]: viewers do not come and order
#: as smoothly as that (assumption), and how long they stay differs between shows of a host (a
#: log-sd of 0.14 in most, 0.29 in all: 731 shows of one platform, summer 2021).
_OFF: Final = {"viewers": 0.1, "watching": 0.2, "orders": 0.1, "units": 0.1}


@dataclass(frozen=True)
class Counted:
    """What was counted of a show, and what was there by then.

    Parameters
    ----------
    scenario, inputs
        The show, in one replication.
    moments, refreshes
        What was counted at each moment, and up to which refresh that is.
    put_on
        Units of each variant on sale by the end of each step, shape (V, steps + 1).
    """

    scenario: Scenario
    inputs: Inputs
    moments: Sequence[Moment]
    refreshes: Sequence[int]
    put_on: Counts

    def wrong_stock(self) -> Iterator[Mistake]:
        """Say which units cannot have been sold, or be left."""
        last: dict[str, int] = {}
        for number, moment in enumerate(self.moments):
            for name, told in moment.units.items():
                there, taken = self._units(name, number)
                what, count, product = next(iter(told)), sum(told.values()), name.partition(".")[0]
                if count > there.sum():
                    of, by = " or ".join(told), duration(moment.at)
                    told_of = f"{count:,} are {of}, but {there.sum():,} were on sale by {by}"
                    remedy = _more_on_sale(self.scenario, what, name)
                    yield moment.mistake(f"{what}.{name}", told_of, remedy)
                always_paid = not self.inputs.unpaid[:, self.inputs.products.index(product)].any()
                if 0 <= taken < last.get(name, 0) and always_paid:
                    told_of = (
                        f"{taken:,} sold after {last[name]:,}, and orders here are always paid"
                    )
                    remedy = "count from the start of the show on, or correct it"
                    yield moment.mistake(f"{what}.{name}", told_of, remedy)
                last[name] = max(taken, last.get(name, 0))

    def too_few_orders(self) -> Iterator[Mistake]:
        """Say which orders are fewer than the units need that are gone, by an order's limit."""
        inputs, products = self.inputs, self.scenario.products
        limits = np.array([products[name].limit for name in inputs.products])
        for number, moment in enumerate(self.moments):
            needs: list[tuple[int, str, set[int]]] = []  # orders, of what, and by which variants
            for name in moment.units if moment.orders is not None else ():
                mine = variants_called(inputs, name)
                each = inputs.takes[:, mine].sum(axis=1) * limits[inputs.product_of]
                for gift in (one for one in inputs.gifts if one.variant in mine):
                    each[list(gift.to)] += 1
                _, taken = self._units(name, number)
                told = f"{taken:,} units of {name}"
                needs.append(
                    (math.ceil(taken / each.max()), told, {*np.flatnonzero(each).tolist()})
                )
            apart, by, least = list[str](), set[int](), 0
            for orders, told, variants in sorted(needs, key=lambda need: -need[0]):
                if not by & variants:  # what an order can take together needs no order of its own
                    apart, by, least = [*apart, told], by | variants, least + orders
            if moment.orders is not None and moment.orders < least:
                limited_by = dict.fromkeys(
                    inputs.products[inputs.product_of[one]] for one in sorted(by)
                )
                limited = ", ".join(
                    f"products.{one}.limit={products[one].limit}" for one in limited_by
                )
                yield moment.mistake(
                    "orders",
                    f"{moment.orders:,} orders cannot have taken {', '.join(apart)}: "
                    f"they take {least:,} orders at least",
                    f"correct one of these counts, or what an order may ask for: {limited}",
                )

    def series(self) -> Iterator[Series]:
        """Yield what was counted, each thing with its moments."""
        each, now = [*enumerate(self.moments)], self.moments[-1]
        told = [(n, float(one.viewers), False) for n, one in each if one.viewers is not None]
        if told:
            yield self._series_of("viewers", (), told)
        if now.watching is not None:
            yield self._series_of("watching", (), [(each[-1][0], float(now.watching), False)])
        seen: set[int] = set()
        for name in dict.fromkeys(name for moment in self.moments for name in moment.units):
            mine = variants_called(self.inputs, name)
            told = [*self._until_gone(name)]
            if told and self.put_on[mine].any():
                seen |= {*mine}
                yield self._series_of("units", mine, told)
        others = [one for one in range(len(self.put_on)) if one not in seen]
        told = [*self._other_orders(seen)]
        if told and others:
            yield self._series_of("orders", others, told)

    def _units(self, name: str, number: int) -> tuple[Counts, int]:
        """Return the units of a name that were on sale by a moment, by variant, and those taken."""
        there = self.put_on[variants_called(self.inputs, name), self.refreshes[number]]
        return there, taken_of(self.moments[number], name, there)

    def _series_of(
        self, kind: str, variants: Sequence[int], told: Sequence[tuple[int, float, bool]]
    ) -> Series:
        places, counts, open_ = (np.array(column) for column in zip(*told, strict=True))
        last = int(places[-1])
        return Series(
            kind,
            tuple(variants),
            places.astype(np.intp),
            np.maximum(np.diff(counts.astype(float), prepend=0.0), 0.0),
            open_.astype(bool),
            self.put_on[:, self.refreshes[last]],
            self.moments[-1].viewers if last == len(self.moments) - 1 else None,
        )

    def _other_orders(self, seen: set[int]) -> Iterator[tuple[int, float, bool]]:
        """Yield the orders so far for what is not counted by itself, where that is known."""
        each = [sum(n * share for n, share in of.items()) for of in self.inputs.quantity]
        for number, moment in enumerate(self.moments):
            mine = {name: variants_called(self.inputs, name) for name in moment.units}
            if moment.orders is None or not seen <= {one for of in mine.values() for one in of}:
                continue
            known = sum(
                self._units(name, number)[1] / each[self.inputs.product_of[of[0]]]
                for name, of in mine.items()
            )
            yield number, max(0.0, moment.orders - known), False

    def _until_gone(self, name: str) -> Iterator[tuple[int, float, bool]]:
        """Yield the units taken by each moment, and whether all was gone, until it is."""
        for number, moment in enumerate(self.moments):
            if name in moment.units:
                there, taken = self._units(name, number)
                gone = taken + beside_of(moment, name, there) >= int(there.sum())
                yield number, float(taken), gone
                if gone:
                    return


def _more_on_sale(scenario: Scenario, what: str, name: str) -> str:
    """Say how a count can be that is more than the units put on sale."""
    product, _, variant = name.partition(".")
    variants = scenario.products[product].variants
    by_variant = any(one.owned is not None for one in variants.values())
    where = f"{product}.variants.{variant or next(iter(variants))}" if by_variant else product
    remedy = f"correct {what}, or say what was bought: --set products.{where}.owned=…"
    reserves = [f"{product}.{part}" for part in scenario.products[product].all_reserves]
    called = " or ".join(f"--called {one}=TIME" for one in reserves)
    return f"{remedy}; or which reserve has come, and when: {called}" if called else remedy


@dataclass(frozen=True)
class Series:
    """Counts of something at some of the moments, as likely as a world makes them.

    Parameters
    ----------
    of
        ``viewers``, ``watching``, ``orders`` or ``units``.
    variants
        Whose units or orders, numbers of variants.
    moments
        At which of the moments, shape (n,).
    counts
        By how much it grew from the one to the next, shape (n,).
    at_least
        Whether it would have grown further if there had been more, shape (n,).
    stock
        Most units there are of every variant at the last moment, shape (V,).
    viewers
        Unique viewers at the last moment, where they are counted.
    """

    of: str
    variants: tuple[int, ...]
    moments: NDArray[np.intp]
    counts: Floats
    at_least: NDArray[np.bool_]
    stock: Counts
    viewers: int | None

    def chances(self, worlds: Expected) -> tuple[Floats, Floats, Floats]:
        """Return out of how many, with which chance each, shapes (R,), (n, R), and what counts.

        An order of several units comes and goes as one: units count by the size-biased mean.
        """
        last = self.moments[-1]
        counts = self.counts
        if self.of == "viewers":
            trials, so_far = worlds.reach, worlds.viewers[self.moments] / worlds.reach
        elif self.of == "watching":
            came = np.maximum(worlds.viewers[last], _LEAST)
            trials = came if self.viewers is None else np.full_like(came, float(self.viewers))
            so_far = worlds.watching[self.moments] / came
        else:
            came = np.maximum(worlds.viewers[last], _LEAST)
            trials = came if self.viewers is None else np.full_like(came, float(self.viewers))
            mine = np.ix_(self.moments, np.array(self.variants))
            if self.of == "orders":
                many = worlds.orders[mine] * worlds.served(self.stock)[mine]
            else:
                counts = counts / worlds.units_per_order[1]
                many = worlds.used[mine] / worlds.units_per_order[1]
            so_far = many.sum(axis=1) / came
        steps = np.diff(so_far, axis=0, prepend=0.0)
        return trials, np.maximum(steps, 0.0), counts

    def says(self, counts: Floats) -> Floats:
        """Return which part of what a count would say it does say [1], as expectations are off.

        The variance of a count n becomes n + (off · n)²: no count says more than one of 1 / off²
        (a power likelihood: Bissiri, Holmes and Walker 2016, doi 10.1111/rssb.12158).
        """
        return np.asarray(1.0 / (1.0 + _OFF[self.of] ** 2 * counts))

    def log_likelihood(self, worlds: Expected) -> Floats:
        """Return the logarithm of the chance of what was seen in each world, shape (R,)."""
        trials, chances, counts = self.chances(worlds)
        before, gone = 0.0, np.zeros_like(trials)
        total = np.zeros_like(trials)
        steps = zip(counts, chances, self.at_least, self.says(counts), strict=True)
        for count, chance, open_, says in steps:
            rest = chance / np.maximum(1.0 - gone, _LAST)
            total += says * _log_binomial(count, trials - before, rest, at_least=bool(open_))
            before, gone = before + count, gone + chance
        return total


def _log_binomial(count: float, trials: Floats, chance: Floats, *, at_least: bool) -> Floats:
    """Return the logarithm of a binomial chance, of as many or of at least as many."""
    from scipy.special import betainc, gammaln

    p = np.clip(chance, _LEAST, 1.0 - 1e-9)
    rest = trials - count
    if at_least:
        if count <= 0:
            return np.zeros_like(trials)
        with np.errstate(divide="ignore"):
            more = np.log(betainc(count, np.maximum(rest, 0.0) + 1.0, p))
        return np.where(rest < 0, -np.inf, more)
    room = np.maximum(rest, 0.0)
    ways = gammaln(trials + 1.0) - gammaln(count + 1.0) - gammaln(room + 1.0)
    return np.where(rest < 0, -np.inf, ways + count * np.log(p) + room * np.log1p(-p))
