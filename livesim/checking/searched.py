"""The purchase that earns most where stocks act on each other, as far as simulation tells it.

There a plan's units are found by search, and what chance does to a search no interval can say. So
the search is done on the replications of the stock curves, and what it finds is judged on others,
which it has not seen: each purchase as a whole, on the same random numbers. Beside the one that is
found stand others with more and with fewer units, up to what is expected and beyond. What is found
on enough replications is not searched again: those purchases are judged on more of them at each
look, without those that surely earned less at an earlier one, as that verdict stands.

Of all these, the one that truly earns most is among those that none surely earns more than (subset
selection: Gupta 1965, doi 10.1080/00401706.1965.10490251; here with paired differences, whose
chance is shared out over them). Where a further pack is worth ever less, which is an assumption,
it lies between two that surely earn less. What no search comes near to is not among them: of that
nothing is said here, but by how little it can be better (``tests/planning/test_decided_shows.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.checking.testing import Wanted
from livesim.experiment.runner import Runner
from livesim.planning.around import near_together
from livesim.planning.building import simulated_profits
from livesim.planning.curves import Curves
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.terms import Purchase, Terms, order_quantities
from livesim.randomness import BLOCK
from livesim.results.figures import Unit
from livesim.results.intervals import mean_interval

#: What is found on so many replications is not searched again, and what several searches have found
#: is compared on as many.
SEARCHED: Final = 500
#: Several items are looked at with so many times what is bought of them [1].
_TIMES: Final = (0.0, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)
#: Where nothing is bought of them, with so much of the most that is looked at instead [1].
_SOME: Final = 0.25


@dataclass(frozen=True, eq=False)
class Judged:
    """Purchases beside each other, on replications that their search has not seen.

    Parameters
    ----------
    found
        The one that was found.
    profits
        The profit of the show with each of them [currency], shape (R,).
    refused
        How many others surely earned less at an earlier look [1].
    """

    found: Purchase
    profits: Mapping[Purchase, Floats]
    refused: int = 0

    @property
    def replications(self) -> int:
        """On how many they were judged [1]."""
        return len(next(iter(self.profits.values())))

    @property
    def best(self) -> Purchase:
        """The one that earned most."""
        return max(self.profits, key=lambda one: float(self.profits[one].mean()))

    def behind(self, tail: float) -> dict[Purchase, tuple[float, float]]:
        """Return by how much each earns less than the best, and how exactly that is known.

        Half-widths hold for all together: the one that truly earns most is more than its half-width
        behind with the chance ``tail`` at most. Those refused keep their share of it: who is left
        was told by the same shows.
        """
        best = self.profits[self.best]
        each = tail / max(1, len(self.profits) + self.refused - 1)
        known = {one: mean_interval(best - of, tail=each) for one, of in self.profits.items()}
        return {one: (mean, half or 0.0) for one, (mean, half) in known.items()}

    def open_at(self, tail: float) -> list[Purchase]:
        """Return those that may earn most: none surely earns more, as :meth:`behind` has it."""
        return [one for one, (less, half) in self.behind(tail).items() if less <= half]

    def with_more(self, later: Mapping[Purchase, Floats]) -> Judged:
        """Return it with further replications of some of them; the others are refused."""
        profits = {one: np.concatenate([self.profits[one], of]) for one, of in later.items()}
        return replace(self, profits=profits, refused=self.refused + len(self.profits) - len(later))


@dataclass(frozen=True, eq=False)
class OfTheBest:
    """A number of units, or a cost, of the purchase that earns most.

    Parameters
    ----------
    judged
        The purchases.
    measure
        The number by purchase.
    row
        Those that differ in what is measured, the others being as well as they can be beside it: a
        further pack is worth ever less, so the best lies between those that surely earn less.
    step
        Least difference between two purchases.
    unit
        What it is measured in.
    """

    judged: Judged
    measure: Callable[[Purchase], float]
    row: Sequence[Purchase]
    step: float
    unit: Unit = ""

    #: There is nothing but more replications.
    remedy = ""

    @property
    def replications(self) -> int:
        """On how many they were judged [1]."""
        return self.judged.replications

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return that of the best purchase, and the ends of what it may be.

        Parameters
        ----------
        tail
            Chance to miss [1].
        """
        open_ = [self.measure(one) for one in self.judged.open_at(tail)]
        low, high = min(open_), max(open_)
        row = [self.measure(one) for one in self.row]
        below = max((one for one in row if one < low), default=None)
        above = min((one for one in row if one > high), default=inf)
        low = low if below is None else min(low, below + self.step)
        return self.measure(self.judged.best), low, max(high, above - self.step)

    def needed(self, wanted: Wanted, tail: float) -> int | None:
        """Return on how many replications it would about be decided.

        The half-width of a difference shrinks with the square root of them.
        """

        def outside(one: Purchase) -> bool:
            return wanted.below(self.measure(one)) or wanted.above(self.measure(one))

        there = outside(self.judged.best)
        behind = self.judged.behind(tail)
        open_ = [one for one, (less, half) in behind.items() if 0 < less <= half]
        # What is beyond an open one was not looked at, or surely earns less.
        other = [one for one in open_ if outside(one) != there] or _ends(open_, self.measure)
        times = [(half / less) ** 2 for less, half in map(behind.__getitem__, other)]
        return BLOCK * ceil(max(times) * self.replications / BLOCK) if times else None


def _ends(purchases: Sequence[Purchase], measure: Callable[[Purchase], float]) -> list[Purchase]:
    """Return those with the least and the most."""
    return [end(purchases, key=measure) for end in (min, max)] if purchases else []


@dataclass(frozen=True)
class Asked:
    """Items of which the units are asked for.

    Parameters
    ----------
    numbers
        Which.
    ends
        Units bought at which what is expected begins or ends.
    """

    numbers: tuple[int, ...]
    ends: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Search:
    """What a search has found, judged beside others.

    Parameters
    ----------
    judged
        The purchases.
    rows
        By the numbers of items, those that differ in these.
    after
        On how many replications it was searched: those judged on follow them [1].
    """

    judged: Judged
    rows: Mapping[tuple[int, ...], Sequence[Purchase]]
    after: int

    @property
    def is_done(self) -> bool:
        """Whether it was searched on enough."""
        return self.after >= SEARCHED


@dataclass(frozen=True)
class Look:
    """How purchases are judged.

    Parameters
    ----------
    replications
        On how many [1].
    tail
        Chance that one interval may miss on one side [1].
    runner
        Who does the work.
    """

    replications: int
    tail: float
    runner: Runner


def searched(curves: Curves, asked: Iterable[Asked], before: Search | None, look: Look) -> Search:
    """Search the purchase that earns most, and judge it and others on new replications.

    Once it was searched on enough, those that are still open are judged on more.

    Parameters
    ----------
    curves
        The show's stock curves, on which it is searched.
    asked
        Of which items the units are asked for.
    before
        What was found and judged when there were fewer replications.
    look
        How they are judged.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    if before is not None and before.is_done:
        return _judged_on(curves, before, look)
    terms = Terms.of(curves)
    found = _found(curves, terms, before, look.runner)
    rows: dict[tuple[int, ...], list[Purchase]] = {}
    for one in asked:
        row = rows.setdefault(one.numbers, [found])
        row += (_beside(curves, terms, found, units) for units in _row(curves, terms, found, one))
    every = dict.fromkeys([found, *(one for row in rows.values() for one in row)])
    if curves.reactions.orders_alone:
        every |= dict.fromkeys(near_together(curves, found))
    allowed, after = [one for one in every if terms.allow(one)], curves.replications
    profits = simulated_profits(
        curves, allowed, after=after, replications=look.replications, runner=look.runner
    )
    # What may not be bought is none better, unless others would make up its order's minimum.
    told = profits.keys() if terms.minimum_of_several else every.keys()
    rows = {numbers: [*filter(told.__contains__, row)] for numbers, row in rows.items()}
    return Search(Judged(found, profits), rows, after)


def _judged_on(curves: Curves, before: Search, look: Look) -> Search:
    """Judge purchases that are still open on more replications, behind those there are."""
    judged = before.judged
    later = simulated_profits(
        curves,
        judged.open_at(look.tail),
        after=before.after + judged.replications,
        replications=look.replications - judged.replications,
        runner=look.runner,
    )
    return replace(before, judged=judged.with_more(later))


def _found(curves: Curves, terms: Terms, before: Search | None, runner: Runner) -> Purchase:
    """Return the best of what curves, a search of joint stocks and an earlier look have found."""
    finds = [MOST_PROFIT.choose(curves, terms), curves.owned]
    finds += [curves.around] if curves.around else []
    finds += [before.judged.best] if before else []
    few = curves.head(min(curves.replications, SEARCHED))
    profits = simulated_profits(few, [*filter(terms.allow, finds)], runner=runner)
    return max(profits, key=lambda one: float(profits[one].mean()))


def _row(
    curves: Curves, terms: Terms, found: Purchase, asked: Asked
) -> Iterator[Mapping[int, int]]:
    """Yield other units of the items that are asked for."""
    if len(asked.numbers) == 1:
        (number,) = asked.numbers
        for units in _levels(curves, terms, found, number, asked.ends):
            yield {number: units}
        return
    items = {number: terms.items[number] for number in asked.numbers}
    pack = max(item.pack for item in items.values())
    tops = {n: max(0, int(curves.curves[n].levels[-1]) - item.owned) for n, item in items.items()}
    bought = {number: found[number] - item.owned for number, item in items.items()}
    if not any(bought.values()):
        bought = {n: max(1, round(_SOME * most)) for n, most in tops.items()}
    total = sum(bought.values())
    ends = [max(0.0, end + more) / total for end in asked.ends for more in (-pack, 0, pack)]
    for times in (*_TIMES, *ends):
        yield {
            n: item.owned + item.pack * round(min(times * bought[n], tops[n]) / item.pack)
            for n, item in items.items()
        }


def _levels(
    curves: Curves, terms: Terms, found: Purchase, number: int, ends: Iterable[float]
) -> list[int]:
    """Return units of an item: ever further from those found, and beside the ends, a pack apart."""
    item, known = terms.items[number], order_quantities(terms, number, curves.curves[number])
    at = int(np.searchsorted(known, found[number]))
    steps = [sign * 2**k for k in range(len(known).bit_length()) for sign in (-1, 1)]
    units = {int(known[at + step]) for step in steps if 0 <= at + step < len(known)}
    for end in ends:
        there = item.owned + item.pack * int(end // item.pack)
        units |= {there - item.pack, there, there + item.pack}
    units |= {found[number] - item.pack, found[number] + item.pack, item.owned}
    most = min(item.most, int(curves.curves[number].levels[-1]) - item.owned)
    return sorted(one for one in units if item.owned <= one <= item.owned + most)


def _beside(curves: Curves, terms: Terms, found: Purchase, units: Mapping[int, int]) -> Purchase:
    """Return units of some items with those of the others that earn most beside them.

    What the others earn is told by curves; where nothing is scarce, they are as found.
    """
    whole = tuple(units.get(number, have) for number, have in enumerate(found))
    if not terms.resources:
        return whole
    alone = tuple(units.get(n, item.owned) for n, item in enumerate(terms.items))
    left = terms.budget - terms.cost(alone), terms.storage - terms.volume(alone)
    if min(left) < 0:
        return whole
    rest = replace(terms.at_most(dict.fromkeys(units, 0)), budget=left[0], storage=left[1])
    others = MOST_PROFIT.choose(curves, rest)
    return tuple(units.get(number, have) for number, have in enumerate(others))
