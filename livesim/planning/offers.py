"""What can be done with a product's recommended units: the ways to sell them, and what is best.

Waves, a reserve that is called, orders beyond the stock. An :class:`Offer` lists the ways that
need no search (all at once, the benchmark rule, what the file says) and the searches among the
others; a :class:`Search` says what is best among some ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final, TypeAlias

import numpy as np

from livesim.arrays import Counts
from livesim.planning.curves import Curves, Units
from livesim.planning.deciding import decide
from livesim.planning.objectives import MOST_PROFIT, Objective
from livesim.planning.terms import Terms
from livesim.planning.trials import Seen, Trial
from livesim.resolve.inputs import expectation_of
from livesim.scenario.parts import Backorder, Product, Reserve, When
from livesim.scenario.planned import first_links, offered_until
from livesim.scenario.quantities import BEST, DURATION

#: The benchmark rule: three waves at the start and at thirds of the time on offer. That the trade
#: splits like this is often said; the times are an assumption.
RULE_OF_THUMB = {0.0: 0.6, 1 / 3: 0.3, 2 / 3: 0.1}
#: What is searched: the first wave's share, and when the second comes, as a part of the time on
#: offer; parts of the file's reserve (the supplier has promised no more); multiples of its trigger
#: and of the orders beyond the stock; quantiles of what is wanted by the moment at which it is
#: decided; parts of the recommended units.
FIRST_SHARES = (0.75, 0.5)
SECOND_AT = (1 / 3, 2 / 3)
RESERVES = (0.5, 1.0)
MULTIPLES = (0.5, 1.0, 2.0)
QUANTILES = (0.3, 0.5, 0.7, 0.9)
UNITS = tuple(eighths / 8 for eighths in range(13))
#: Where the items are too many to be looked at one by one, ways are compared of so many products.
_MOST_PRODUCTS = 5
#: A way that keeps units on sale longer may cost this share of the profit.
TOLERATED = 0.01
#: The kinds of ways to sell; `report` says them, and their notes, in words.
AT_ONCE: Final = "at_once"
AS_IN_FILE: Final = "as_in_file"
BENCHMARK_RULE: Final = "benchmark_rule"
SPLIT: Final = "split"
NO_RESERVE: Final = "no_reserve"
RESERVE_BELOW: Final = "reserve_below"
RESERVE_WHEN: Final = "reserve_when"
NO_BACKORDER: Final = "no_backorder"
BACKORDER: Final = "backorder"
ONLY_DELAY = "waves only delay"
PROMISE = "never sold out before the wave"

#: How good a level of a trial is: whether the objective is reached (0, or by how much it is missed,
#: as a negative number), how well, and the profit.
Score: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Search:
    """Ways of one kind of which the best is wanted.

    Parameters
    ----------
    at_once
        What they are compared with.
    trials
        The ways, each at one or several levels.
    score
        How good a way is at each level, given what selling all at once came to.
    or_nothing
        Whether only a way that is better than selling all at once is wanted.
    """

    at_once: Trial
    trials: tuple[Trial, ...]
    score: Callable[[Seen, Seen], list[Score]]
    or_nothing: bool = False


def offers(curves: Curves, recommended: Units, objective: Objective) -> list[Offer]:
    """Return what there is to sell in some way: products with units, or with a way to get them."""
    units = np.array(recommended, dtype=np.int64)[:, None]
    sold = first_links(curves.scenario)
    products = dict.fromkeys(item.product for item in curves.items if item.product in sold)
    if curves.together is not None:
        products = _losing_most(curves, recommended, products)
    return [
        offer
        for offer in (Offer(curves, objective, product, units) for product in products)
        if offer.units[offer.items].any() or offer.facts.all_reserves or offer.facts.backorder
    ]


def _losing_most(curves: Curves, units: Units, products: Iterable[str]) -> dict[str, None]:
    """Return those few products that lose orders of the most value, where every way is simulated.

    Where none is lost, no other way can bring more.
    """
    lost = dict.fromkeys(products, 0.0)
    for curve, have in zip(curves.curves, units, strict=True):
        if curve.item.product in lost:
            price = curves.scenario.products[curve.item.product].price or 0.0
            lost[curve.item.product] += price * float(curve.at("lost", have).mean())
    most = sorted(lost, key=lambda name: -lost[name])[:_MOST_PRODUCTS]
    return {name: None for name in lost if name in most and lost[name] > 0}


@dataclass(frozen=True)
class Offer:
    """One product's recommended units, and the ways to sell them.

    Parameters
    ----------
    curves, objective
        The show, and what its plan is for.
    product
        The product's name.
    units
        Recommended units of every item of the show, shape (items, 1).
    """

    curves: Curves
    objective: Objective
    product: str
    units: Counts

    @property
    def facts(self) -> Product:
        """What the file says of the product."""
        return self.curves.scenario.products[self.product]

    @cached_property
    def items(self) -> list[int]:
        """The numbers of the product's items."""
        return Terms.of(self.curves).products[self.product]

    @property
    def as_in_file(self) -> Trial:
        """The recommended units, sold as the file says."""
        return Trial(self.product, AS_IN_FILE, self.units)

    @property
    def at_once(self) -> Trial:
        """The recommended units, all on sale with the first link."""
        note = ONLY_DELAY if self.waves_only_delay else ""
        return self._trial(AT_ONCE, {}, note=note)

    @property
    def waves_only_delay(self) -> bool:
        """Whether waves cannot raise sales: nothing reacts, no price rises, nothing is called."""
        prices = [
            slot.price.get(self.product, self.facts.price)
            for slot in self.curves.scenario.rundown.values()
            if self.product in slot.sells
        ]
        if self.facts.shelf != 0:  # sold on after its slots, at its own price
            prices.append(self.facts.price)
        rises = prices != sorted(prices, reverse=True)
        return not (self.curves.reactions.any or rises or self.facts.all_reserves)

    @cached_property
    def span(self) -> float:
        """The planned time on offer, on the shelf too [s]."""
        scenario = self.curves.scenario
        return offered_until(scenario)[self.product] - first_links(scenario)[self.product]

    def rules(self) -> Iterator[Trial]:
        """Yield the ways that need no search."""
        yield self.at_once
        if self.facts.waves:
            yield self.as_in_file
        rule = [(_round(part * self.span), share) for part, share in RULE_OF_THUMB.items()]
        yield self._trial(BENCHMARK_RULE, {"waves": _waves(rule)})
        for levers in self._without_reserves():
            yield self._trial(NO_RESERVE, levers)
        for part, reserve in self.facts.all_reserves.items():
            if reserve.when is not None:  # as written, and whatever is sold, but for nothing
                for sold in sorted({reserve.when.sold, 0} - {BEST}):
                    levers = _called(part, reserve.units, reserve.when, sold)
                    yield self._trial(RESERVE_WHEN, levers)
        if self.facts.backorder is not None:
            yield self._trial(NO_BACKORDER, {"backorder.units": 0})

    def searches(self) -> Iterator[Search]:
        """Yield what is searched for."""
        reach = partial(_reached, self.objective)
        score = _longest_on_sale if self.waves_only_delay else reach
        splits = [
            self._split(first, _round(part * self.span))
            for first in FIRST_SHARES
            for part in SECOND_AT
        ]
        yield Search(self.at_once, tuple(splits), score, or_nothing=True)
        if self.promise is not None:
            yield Search(self.at_once, self.promise, _longest_on_sale)
        for levers in self._without_reserves():
            yield Search(self.at_once, (self._trial(NO_RESERVE, levers, self._levels()),), reach)
        for part, reserve in self.facts.all_reserves.items():
            for trials in self._reserves(part, reserve):
                yield Search(self.at_once, tuple(trials), reach)
        if self.facts.backorder is not None:
            without = self._trial(NO_BACKORDER, {"backorder.units": 0}, self._levels())
            yield Search(self.at_once, (without,), reach)
            yield Search(self.at_once, tuple(self._backorders(self.facts.backorder)), reach)

    @property
    def promise(self) -> tuple[Trial, ...] | None:
        """Ways to keep a service by a wave at its moment, with the units of most profit.

        None where the plan is for no such service, or the units of most profit are no fewer.
        """
        if not self.objective.by:
            return None
        units = self.units.copy()
        units[self.items, 0] = np.array(decide(self.curves, MOST_PROFIT).units)[self.items]
        if self.objective.by >= self.span or units.sum() >= self.units.sum():
            return None
        return tuple(
            self._split(first, self.objective.by, units, PROMISE) for first in FIRST_SHARES
        )

    def _without_reserves(self) -> Iterator[dict[str, None]]:
        """Yield what takes all reserves away, and then each of several."""
        parts = list(self.facts.all_reserves)
        if parts:
            yield {parts[0].partition(".")[0]: None}
        for part in parts if len(parts) > 1 else ():
            yield {part: None}

    def informed(self, judged: Sequence[Seen]) -> Iterator[tuple[int, int, int]]:
        """Yield what tells the worth of a reserve's moment, as numbers of ways that were judged.

        The best rule of what is sold by then, calling it then whatever is sold, and having none:
        of each kind the last, which is the one that was searched.
        """
        for part in self.facts.all_reserves:
            without_it = {part, part.partition(".")[0]}
            none = [one for one in self._without_reserves() if without_it & one.keys()][-1]
            rules, called, without = [], [], []
            for number, one in enumerate(judged):
                if one.trial.product == self.product:
                    sold = one.trial.levers.get(f"{part}.when.sold")
                    rules += [number] if sold else []
                    called += [number] if sold == 0 else []
                    without += [number] if none.items() <= one.trial.levers.items() else []
            if rules:
                yield rules[-1], called[-1], without[-1]

    def _reserves(self, part: str, reserve: Reserve) -> Iterator[list[Trial]]:
        """Yield parts of the reserve, called earlier and later, by each rule that the file has."""
        several = [_times(reserve.units, many) for many in RESERVES]
        if reserve.below is not None:
            levers: list[dict[str, Any]] = [
                {f"{part}.units": units, f"{part}.below": _times(reserve.below, early)}
                for units in several
                for early in MULTIPLES
            ]
            yield [self._trial(RESERVE_BELOW, one, self._levels()) for one in levers]
        if reserve.when is not None:
            for thresholds in (self._thresholds(reserve.when), [0]):
                yield [
                    self._trial(
                        RESERVE_WHEN, _called(part, units, reserve.when, sold), self._levels()
                    )
                    for units in several
                    for sold in thresholds
                ]

    def _thresholds(self, when: When) -> list[int]:
        """Return how many units sold by a moment may say that more will be wanted.

        The file's own, and quantiles of what is wanted by then, as the expected show has decided.
        """
        decided = expectation_of(self.curves.scenario).decided_by(self.product, when.at)
        wanted = np.sum([self.curves.curves[number].demand for number in self.items], axis=0)
        quantiles = np.quantile(wanted * decided, QUANTILES)
        found = {int(when.sold), *np.rint(quantiles).astype(int).tolist()}
        return sorted(found - {0, int(BEST)})

    def _backorders(self, backorder: Backorder) -> Iterator[Trial]:
        for many in MULTIPLES:
            levers = {"backorder.units": _times(backorder.units, many)}
            yield self._trial(BACKORDER, levers, self._levels())

    def _split(
        self, first: float, after: float, units: Counts | None = None, note: str = ""
    ) -> Trial:
        waves = _waves([(0.0, first), (after, 1 - first)])
        return self._trial(SPLIT, {"waves": waves}, units, note)

    def _trial(
        self, kind: str, levers: Mapping[str, Any], units: Counts | None = None, note: str = ""
    ) -> Trial:
        """Return a trial: all on sale at once, unless its levers say otherwise."""
        at_once: dict[str, Any] = {"waves": {}} if self.facts.waves else {}
        chosen = self.units if units is None else units
        return Trial(self.product, kind, chosen, {**at_once, **levers}, note)

    def _levels(self) -> Counts:
        """Return what may be bought instead of the recommended units, shape (items, L)."""
        terms, columns = Terms.of(self.curves), []
        # Where something reacts, every level is a simulation: a third of them has to do.
        parts = UNITS[::3] if self.curves.reactions.any else UNITS
        for part in parts:
            column = self.units[:, 0].copy()
            for number in self.items:
                item = self.curves.items[number]
                packs = max(0, round((part * column[number] - item.owned) / item.pack))
                column[number] = item.owned + packs * item.pack
            if terms.allow(column.tolist()):
                columns.append(column)
        return np.unique(np.array([self.units[:, 0], *columns]), axis=0).T


def _waves(parts: Sequence[tuple[float, float]]) -> dict[str, dict[str, Any]]:
    """Return waves as a file would write them, from time after the first link [s] → share [1]."""
    names = ("first", "second", "third")
    return {
        name: {"share": share, "after": DURATION.write(after)}
        for name, (after, share) in zip(names, parts, strict=False)
    }


def _called(part: str, units: int, when: When, sold: int) -> dict[str, Any]:
    """Return a reserve that is called at the moment of a rule, if more than this is sold."""
    at = {f"{part}.when.at": DURATION.write(when.at), f"{part}.when.sold": sold}
    return {f"{part}.units": units, **at}


def _round(seconds: float) -> float:
    """Round a time to what people would announce [s]."""
    step = 60 if seconds >= 600 else 10 if seconds >= 60 else 1
    return float(round(seconds / step) * step)


def _times(units: int, many: float) -> int:
    return max(1, round(units * many))


def _reached(objective: Objective, at_once: Seen, seen: Seen) -> list[Score]:
    """Score a trial's levels by the plan's objective."""
    above, value = objective.score(seen)
    scores = zip(np.minimum(above, 0.0), value, seen.profit.mean(axis=0), strict=True)
    return [(float(one), float(two), float(three)) for one, two, three in scores]


def _longest_on_sale(at_once: Seen, seen: Seen) -> list[Score]:
    """Score a split by how long units are on sale, in whole percent, at hardly any cost."""
    most, profit = float(at_once.profit.mean()), float(seen.profit.mean())
    missed = min(0.0, profit - most + TOLERATED * abs(most))
    return [(missed, round(float(seen.on_sale.mean()), 2), 0.0)]
