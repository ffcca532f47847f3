"""What a plan is for: most profit, a service level, a fill rate, or profit with a cap on its risk.

An objective is one object that knows how it is written (``service=90%@20min``), what it asks of a
show, how it chooses units, how sure its choice is, and how it judges a way to sell. To add one,
write its class here, name it in :data:`KINDS`, and say it in words in `report`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.errors import UsageError
from livesim.planning.curves import Curves, StockCurve, Units, between
from livesim.planning.limits import LevelsServe, Missed, ResourceServes, TooRisky
from livesim.planning.profit import (
    around_best,
    left_overs_cost_little,
    most_profit,
    most_profit_of_each,
    most_that_earn,
    profit_by_level,
)
from livesim.planning.resampling import along_path, batch_means, profits_again
from livesim.planning.risk import WORST, Cap, most_profit_within, worst_by_show, worst_mean
from livesim.planning.service_level import ALMOST, fewest, raised, serving, share
from livesim.planning.terms import Purchase, Terms, needed_of
from livesim.planning.trials import Seen
from livesim.scenario import quantities as q
from livesim.scenario.planned import planned_slots
from livesim.scenario.scenario import Scenario

#: What a good number of units may give up: of what the item brings, and of a share served [1].
GOOD: Final = 0.01


class Objective(ABC):
    """What the units are for."""

    word: ClassVar[str]
    #: How it can be written, and what that means.
    examples: ClassVar[dict[str, str]]
    #: Whether it asks for units that serve, and for profit only among equals.
    serves: ClassVar[bool] = False
    #: Whether it caps the risk of a show.
    capped: ClassVar[bool] = False
    #: Whether the best units are among the levels that were simulated.
    on_levels: ClassVar[bool] = False
    #: Time after the first link until which units are promised [s]; None for no such promise.
    by: float | None = None

    @property
    def share_of_shows(self) -> float | None:
        """The share of shows about which it asks, such as the worst 1 % [1]; None for none."""
        return None

    @classmethod
    @abstractmethod
    def parse(cls, value: str) -> Objective:
        """Read what stands behind the equals sign."""

    @abstractmethod
    def __str__(self) -> str:
        """Return it as it is written."""

    @abstractmethod
    def check(self, scenario: Scenario) -> None:
        """Raise a UsageError if it asks for something that a show does not have."""

    @abstractmethod
    def choose(self, curves: Curves, terms: Terms) -> Purchase:
        """Return the units of each item that serve it best; the closest where none reach it."""

    def choose_each(
        self, curves: Curves, terms: Terms, parts: Sequence[NDArray[np.intp]]
    ) -> list[Purchase]:
        """Return the units chosen for each of several parts of the replications."""
        return [self.choose(curves.rows(rows), terms) for rows in parts]

    @abstractmethod
    def choose_again(
        self, curves: Curves, terms: Terms, drawn: NDArray[np.int64]
    ) -> Iterator[Purchase]:
        """Yield the units chosen for batches that were drawn anew, shape (times, B)."""

    @abstractmethod
    def good_range(self, curves: Curves, units: Units, number: int) -> tuple[int, int]:
        """Return the lowest and highest units of an item that are about as good."""

    @abstractmethod
    def shortfall(self, curves: Curves, terms: Terms, units: Units) -> Iterator[Missed]:
        """Yield by how much it is missed; nothing if it is reached."""

    @abstractmethod
    def asks_for(self, profit: Floats, other: Floats) -> bool:
        """Say whether units are what it asks for beside profit, and other units are not.

        Both are told by their profit, by replication, shape (R,): whether it is safe enough.
        """

    @abstractmethod
    def score(self, seen: Seen) -> tuple[Floats, Floats]:
        """Return by how much a way to sell is above it, and its value, by level, shape (L,)."""

    def once_known(self) -> Objective:
        """Return what it is where more is known of a show."""
        return self


class _Profit(Objective):
    """Objectives that seek profit."""

    def check(self, scenario: Scenario) -> None:
        """Any show has a purchase of most profit among those that are looked at."""

    def good_range(self, curves: Curves, units: Units, number: int) -> tuple[int, int]:
        levels, profit = curves.curves[number].levels, profit_by_level(curves, units, number)
        if left_overs_cost_little(curves, curves.items[number]):
            most = most_that_earn(curves, units, number)
            within = np.unique([*levels[levels < most], most])
            levels, profit = within, between(levels, profit, within)
        least = profit.max() - GOOD * (profit.max() - profit[0])
        return around_best(levels, profit, float(least))


@dataclass(frozen=True)
class MostProfit(_Profit):
    """Most expected profit of the whole show."""

    word: ClassVar[str] = "profit"
    examples: ClassVar[dict[str, str]] = {"profit": "most expected profit"}
    on_levels: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str) -> MostProfit:
        if value:
            raise q.QuantityError(f"profit takes no value, and here is {value}", "write profit")
        return cls()

    def __str__(self) -> str:
        return self.word

    def choose(self, curves: Curves, terms: Terms) -> Purchase:
        return most_profit(curves, terms)

    def choose_each(
        self, curves: Curves, terms: Terms, parts: Sequence[NDArray[np.intp]]
    ) -> list[Purchase]:
        return most_profit_of_each(curves, terms, parts)

    def choose_again(
        self, curves: Curves, terms: Terms, drawn: NDArray[np.int64]
    ) -> Iterator[Purchase]:
        return profits_again(curves, terms, drawn)

    def shortfall(self, curves: Curves, terms: Terms, units: Units) -> Iterator[Missed]:
        return iter(())

    def asks_for(self, profit: Floats, other: Floats) -> bool:
        """Say no: it asks for profit alone."""
        return False

    def score(self, seen: Seen) -> tuple[Floats, Floats]:
        profit = seen.profit.mean(axis=0)
        return np.zeros_like(profit), profit


class _Capped(_Profit):
    """Most expected profit with a cap on its risk."""

    capped: ClassVar[bool] = True

    @property
    @abstractmethod
    def cap(self) -> Cap:
        """How safe the profit must be."""

    @abstractmethod
    def risk(self, profit: Floats) -> float:
        """Return what is capped: a chance of a loss [1], or a mean of the worst [currency]."""

    def choose(self, curves: Curves, terms: Terms) -> Purchase:
        return most_profit_within(curves, terms, self.cap)

    def choose_again(
        self, curves: Curves, terms: Terms, drawn: NDArray[np.int64]
    ) -> Iterator[Purchase]:
        return along_path(curves, terms, self.cap, drawn)

    def shortfall(self, curves: Curves, terms: Terms, units: Units) -> Iterator[Missed]:
        cap, profit = self.cap, curves.profit_together(units)
        if cap.safety(profit) < cap.least:
            yield TooRisky(self.risk(profit))

    def asks_for(self, profit: Floats, other: Floats) -> bool:
        return self.cap.asks_for(profit, other)

    def score(self, seen: Seen) -> tuple[Floats, Floats]:
        cap = self.cap
        above = np.array([cap.safety(level) - cap.least for level in seen.profit.T])
        return above, seen.profit.mean(axis=0)

    def once_known(self) -> Objective:
        """Return most profit: no cap could hold once demand is known to be low."""
        return MOST_PROFIT


@dataclass(frozen=True)
class LossCap(_Capped):
    """Most expected profit with at most this chance that the show makes a loss.

    Parameters
    ----------
    chance
        In [0, 1) [1].
    """

    word: ClassVar[str] = "loss"
    examples: ClassVar[dict[str, str]] = {
        "loss=10%": "most expected profit with a loss in at most 10 % of shows"
    }

    chance: float

    @classmethod
    def parse(cls, value: str) -> LossCap:
        chance = q.SHARE.read(value)
        if chance == 1:
            raise q.QuantityError("100 % caps nothing", "write a chance below 100%, such as 10%")
        return cls(chance)

    def __str__(self) -> str:
        return f"{self.word}={q.SHARE.write(self.chance)}"

    @property
    def share_of_shows(self) -> float | None:
        return self.chance or None

    @property
    def cap(self) -> Cap:
        return Cap.on_losses(self.chance)

    def risk(self, profit: Floats) -> float:
        return 1 - float((profit >= 0).mean())


@dataclass(frozen=True)
class WorstCap(_Capped):
    """Most expected profit of which the worst 10 % of shows still make a mean of so much.

    Parameters
    ----------
    least
        Mean profit of the worst 10 % of shows (the conditional value at risk) [currency].
    """

    word: ClassVar[str] = "worst"
    examples: ClassVar[dict[str, str]] = {
        "worst=-50k": "most expected profit while the worst 10 % of shows make -50k or more on "
        "average"
    }

    least: float

    @classmethod
    def parse(cls, value: str) -> WorstCap:
        below_zero = value.startswith(("-", "−"))
        size = q.MONEY.read(value[1:].strip() if below_zero else value)
        return cls(-size if below_zero else size)

    def __str__(self) -> str:
        return f"{self.word}={'-' if self.least < 0 else ''}{q.MONEY.write(abs(self.least))}"

    @property
    def cap(self) -> Cap:
        return Cap(worst_by_show, self.least, WORST)

    def risk(self, profit: Floats) -> float:
        return worst_mean(profit)


class _Serves(Objective):
    """The fewest units of each item that serve well enough."""

    serves: ClassVar[bool] = True

    @property
    @abstractmethod
    def least(self) -> float:
        """How well each item is to be served [1]."""

    def check(self, scenario: Scenario) -> None:
        """Any show can be served."""

    @abstractmethod
    def served_of(self, curve: StockCurve, figures: Mapping[str, Floats]) -> Floats:
        """Return what is served by replication and level, shape (R, L), of figures of a curve.

        Orders that are lost for want of another item are not held against this one: no number of
        its units would serve them.
        """

    @abstractmethod
    def wanted(self, curve: StockCurve) -> Floats:
        """Return of how much that is, by replication, shape (R,)."""

    def served(self, curve: StockCurve) -> Floats:
        """Return the share that each level of a curve serves, shape (L,) [1]."""
        return share(curve.mean_of(partial(self.served_of, curve)), self.wanted(curve).mean())

    def choose(self, curves: Curves, terms: Terms) -> Purchase:
        shares = [self.served(curve) for curve in curves.curves]
        units = serving(curves, terms, shares, self.least)
        if not terms.resources:
            return units
        return raised(curves, terms, shares, self.least, units)

    def choose_again(
        self, curves: Curves, terms: Terms, drawn: NDArray[np.int64]
    ) -> Iterator[Purchase]:
        by_batch = [self._by_batch(curve) for curve in curves.curves]
        for some in drawn:
            shares = [share(of[some].mean(axis=0), all_[some].mean()) for of, all_ in by_batch]
            yield serving(curves, terms, shares, self.least)

    def _by_batch(self, curve: StockCurve) -> tuple[Floats, Floats]:
        """Return the means of batches of what is served, (B, L), and of how much, (B,)."""

        def served(figures: Mapping[str, Floats]) -> Floats:
            return batch_means(self.served_of(curve, figures))

        return curve.of_each(served), batch_means(self.wanted(curve))

    def good_range(self, curves: Curves, units: Units, number: int) -> tuple[int, int]:
        curve = curves.curves[number]
        shares = self.served(curve)
        low = fewest(curve.levels, shares, self.least - GOOD)
        return low, max(low, fewest(curve.levels, shares, self.least + GOOD))

    def shortfall(self, curves: Curves, terms: Terms, units: Units) -> Iterator[Missed]:
        possible = self.least
        level = 1.0
        for curve, have in zip(curves.curves, units, strict=True):
            shares = self.served(curve)
            level = min(level, float(between(curve.levels, shares, np.array([have]))[0]))
            if shares.max() < self.least - ALMOST:
                yield LevelsServe(curve.item.name, int(curve.levels[-1]), float(shares.max()))
                possible = min(possible, float(shares.max()))
        if level < possible - ALMOST:
            free = self.choose(curves, terms.free_of("budget", "storage"))
            for resource in terms.exceeded(free):
                needed = needed_of(resource, curves, free)
                yield ResourceServes(resource, level, possible, needed)

    def asks_for(self, profit: Floats, other: Floats) -> bool:
        """Say yes: it buys nothing but what serves."""
        return True

    def score(self, seen: Seen) -> tuple[Floats, Floats]:
        return self.seen_served(seen) - self.least, -seen.figures["bought"].mean(axis=0)

    @abstractmethod
    def seen_served(self, seen: Seen) -> Floats:
        """Return how well a way to sell serves at each level, shape (L,) [1]."""


@dataclass(frozen=True)
class Service(_Serves):
    """The fewest units with which each item is always on hand long enough, sure enough.

    Parameters
    ----------
    sure
        Least chance that it always was on hand by then, in (0, 1) [1].
    by
        Time after the product's first link [s]; None: the end of the show.
    """

    word: ClassVar[str] = "service"
    examples: ClassVar[dict[str, str]] = {
        "service=90%@20min": "always available until 20 min after the link, 90 % sure",
        "service=95%": "always available until the show ends, 95 % sure",
    }

    sure: float
    by: float | None = None

    @classmethod
    def parse(cls, value: str) -> Service:
        sure, at, by = (part.strip() for part in value.partition("@"))
        return cls(_within(sure), q.POSITIVE_DURATION.read(by) if at else None)

    def __str__(self) -> str:
        until = "" if self.by is None else f"@{q.DURATION.write(self.by)}"
        return f"{self.word}={q.SHARE.write(self.sure)}{until}"

    @property
    def share_of_shows(self) -> float:
        return self.sure

    @property
    def least(self) -> float:
        return self.sure

    def check(self, scenario: Scenario) -> None:
        """Refuse a time after the link that is over with the show, whichever link comes first.

        No link goes up before the first one is planned: slots go on early only when they have sold.
        """
        links = [planned.link for planned in planned_slots(scenario) if planned.slot.sells]
        longest = scenario.show.length - min(links, default=0.0)
        if self.by is not None and self.by >= longest:
            raise UsageError(
                f"the objective {self}: {q.DURATION.write(self.by)} after a link is never before "
                f"the show's end, which is {q.DURATION.write(longest)} after the first link; leave "
                f"@ out to plan for the whole show ({replace(self, by=None)})"
            )

    def served_of(self, curve: StockCurve, figures: Mapping[str, Floats]) -> Floats:
        """Return where it always was on hand by then."""
        return self._in_time(figures[curve.served("unavailable_after")]).astype(float)

    def wanted(self, curve: StockCurve) -> Floats:
        """Return as many ones as there are shows."""
        return np.ones(curve.replications)

    def seen_served(self, seen: Seen) -> Floats:
        in_time = self._in_time(seen.items_unavailable_after)
        return np.asarray(in_time.mean(axis=0).min(axis=0))

    def _in_time(self, after: Floats) -> NDArray[np.bool_]:
        return np.asarray(np.isinf(after) if self.by is None else after >= self.by)


@dataclass(frozen=True)
class FillRate(_Serves):
    """The fewest units with which a share of each item's demand is served.

    Parameters
    ----------
    share
        Expected units served over expected units wanted, in (0, 1) [1].
    """

    word: ClassVar[str] = "fill"
    examples: ClassVar[dict[str, str]] = {"fill=95%": "95 % of demand served, all shows added up"}

    share: float

    @classmethod
    def parse(cls, value: str) -> FillRate:
        return cls(_within(value))

    def __str__(self) -> str:
        return f"{self.word}={q.SHARE.write(self.share)}"

    @property
    def least(self) -> float:
        return self.share

    def served_of(self, curve: StockCurve, figures: Mapping[str, Floats]) -> Floats:
        """Return units claimed."""
        return figures[curve.served("claimed")]

    def wanted(self, curve: StockCurve) -> Floats:
        """Return units wanted with stock for all."""
        return curve.demand

    def seen_served(self, seen: Seen) -> Floats:
        wanted = np.maximum(seen.figures["demand"].mean(axis=0), 1e-9)
        return np.asarray(1 - seen.figures["lost"].mean(axis=0) / wanted)


MOST_PROFIT: Final = MostProfit()
#: Every objective there is.
KINDS: Final[tuple[type[Objective], ...]] = (MostProfit, Service, FillRate, LossCap, WorstCap)
#: How objectives are written and what they mean, for messages and help.
EXAMPLES: Final = {text: meaning for kind in KINDS for text, meaning in kind.examples.items()}


def objective_of(objective: Objective | str) -> Objective:
    """Return an objective, read from its words where it is given so.

    Raises
    ------
    UsageError
        With the rule and how to write an objective.

    Examples
    --------
    >>> objective_of("service=90%@20min")
    Service(sure=0.9, by=1200.0)
    >>> print(objective_of("worst=-50k"))
    worst=-50000
    """
    if isinstance(objective, Objective):
        return objective
    if not isinstance(objective, str):
        raise _refused(objective, "it is neither a text nor an objective")
    word, equals, value = (part.strip() for part in objective.strip().partition("="))
    kind = next((kind for kind in KINDS if kind.word == word), None)
    if kind is None:
        raise _refused(objective, "there is no such objective")
    if not value and (equals or kind is not MostProfit):
        raise _refused(objective, f"{word} needs a value" if kind is not MostProfit else "no value")
    try:
        return kind.parse(value)
    except q.QuantityError as error:
        raise _refused(objective, f"{error.what} ({error.remedy})") from None


def _within(text: str) -> float:
    within = q.SHARE.read(text)
    if not 0 < within < 1:
        raise q.QuantityError(
            f"{text} is never reached, or always", "write a share above 0% and below 100%"
        )
    return within


def _refused(objective: object, what: str) -> UsageError:
    lines = "\n".join(f"  {written:<19}{meaning}" for written, meaning in EXAMPLES.items())
    return UsageError(f"the objective {objective!r}: {what}; write one such as\n{lines}")
