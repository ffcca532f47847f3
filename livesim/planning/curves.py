"""The stock curve: what every number of units would have come to, replication by replication.

A :class:`StockCurve` is one item's; :class:`Curves` are those of all items of a show, on the same
random numbers, with what joins them. Every decision, comparison and figure of a plan is computed
from them, so that another objective needs no new simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial, reduce
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.blocks import Block
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.levels import GOODWILL, SHIPPED, VIEWERS, Reactions, Recording
from livesim.experiment.packing import (
    Figures,
    Packed,
    Place,
    in_few_bytes,
    in_parts,
    part_of,
    replications_of,
)
from livesim.model.inputs import TermsInputs
from livesim.model.money import given_back, late_orders, left_over_value, show_money
from livesim.planning.items import Item, terms_of_item
from livesim.resolve.terms import deal_of, slot_fees
from livesim.results.answer import InParts
from livesim.results.intervals import Chance
from livesim.results.provenance import provenance
from livesim.scenario.scenario import Scenario

Units: TypeAlias = Sequence[int]
#: What one show tells of an item's curve at every level, while the rest is simulated at a few:
#: everything; all its own figures, but not what it does to other items; whether and when it is
#: sold out; all as if nobody reacted to the stock, corrected by some joint stocks; nothing.
Known: TypeAlias = Literal["everything", "own figures", "sell-out", "as if", "nothing"]
_LESS_AND_LESS: Final[tuple[Known, ...]] = get_args(Known)
#: The name of the array of units that the others have, and what the names of bundles' begin with.
AROUND: Final = "around"
BUNDLES: Final = "bundles."
#: What is told of a show as a whole, and so of those, too, whose sales an item's units change.
OF_ALL: Final = ("profit", GOODWILL, "ads_wasted", *SHIPPED, VIEWERS)
#: The names of the arrays of what joint stocks tell.
PER_LOST: Final = "per_lost"
JOINT_STOCKS: Final = "joint_stocks"
#: The names of the arrays of joint stocks that were simulated as a whole, and of their profit.
SIMULATED_UNITS: Final = "simulated_units"
SIMULATED_PROFITS: Final = "simulated_profits"
#: The names of the arrays of other totals that were simulated: units, profits, chances.
TOTALS: Final = ("totals_units", "totals_profits", "totals_unavailable")
#: The name of the array of when slots started.
SLOT_STARTS: Final = "slot_starts"
#: What stands before the path of an uncertain quantity in the name of its array.
DRAWN: Final = "drawn/"
#: The figures that say when an item is sold out and unavailable, and when its link goes up.
TIMES: Final = ("sold_out_at", "unavailable_after", "link_at")
#: The figures by which an item is served: where orders take units of several products, they are
#: there once more with plenty of the others.
SERVED: Final = ("claimed", "unavailable_after")

#: So many numbers at some levels are had of all replications at once.
_AT_ONCE: Final = 1 << 20


def elsewhere(figure: str) -> str:
    """Return what it is called by how much a figure of all other items differs."""
    return "elsewhere" if figure == "profit" else f"{figure}_elsewhere"


def with_plenty(figure: str) -> str:
    """Return what a figure is called where the other items have more than is wanted of them."""
    return f"{figure}_with_plenty"


def places(
    levels: NDArray[np.int64], units: Floats | NDArray[np.int64] | float
) -> tuple[NDArray[np.intp], Floats]:
    """Return the level below and how far units lie towards the next [1], of the shape of units."""
    below = levels.searchsorted(units, side="right") - 1
    left = np.minimum(np.maximum(below, 0), len(levels) - 2)  # faster than to clip, and often asked
    return left, np.asarray((units - levels[left]) / (levels[left + 1] - levels[left]))


def between(levels: NDArray[np.int64], values: Floats, units: NDArray[np.int64]) -> Floats:
    """Return values between levels, (L, …), on straight lines, beyond the last as before."""
    left, part = places(levels, units)
    part = part.reshape(*part.shape, *[1] * (values.ndim - 1))
    return np.asarray(values[left] * (1.0 - part) + values[left + 1] * part)


@dataclass(frozen=True)
class StockCurve:
    """What R replications come to at L stock levels of one item, the other items being as they are.

    Parameters
    ----------
    item
        Whose levels.
    levels
        Units on hand before the show (and released as the scenario says), ascending, shape (L,).
    figures
        By name, shape (R, L): demand, claimed, sales, lost, left_over, bought, cancelled, returned,
        backordered [units]; gmv, nmv, profit [currency], the profit without slot fees;
        ``sold_out_at``, when all was gone and nothing to come, and ``unavailable_after``, when it
        was first on offer with nothing on hand, counted from the product's first link ``link_at``
        [s], inf if never; ``elsewhere``: by how much the other items' profit differs from what it
        is at the units owned, or those of ``around`` where orders take units of several products
        [currency], 0 where nothing reacts to the stock. What else is told of all of the show
        likewise, as ``ads_wasted`` and ``ads_wasted_elsewhere``. Where bundles take units of the
        item, or a webshop does, demand, claimed, sales and lost count them, too. Where orders take
        units of several products, ``claimed_with_plenty`` and ``unavailable_after_with_plenty``
        are what they are where only this item can run short.
    known
        What of it one show tells at every level, so that it is exact.

    Notes
    -----
    Between two levels every replication is on a straight line, and beyond the last it goes on as
    before; levels lie so densely where demand does that this costs less than the simulation error.
    Of many replications figures are computed some replications after the other (:meth:`in_parts`),
    and at some levels alone (:meth:`levels_of`), so that not all that there is has to be in memory.
    """

    item: Item
    levels: NDArray[np.int64]
    figures: Mapping[str, Floats]
    known: Known = "everything"

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return replications_of(self.figures)

    @property
    def demand(self) -> Floats:
        """Units wanted with stock for all, shape (R,)."""
        return self.levels_of("demand", -1)

    @cached_property
    def mean_demand(self) -> float:
        """Units wanted with stock for all, on average."""
        return float(self.demand.mean())

    def in_parts(self) -> Iterator[tuple[slice, Mapping[str, Floats]]]:
        """Yield the figures over some replications after the other, and which these are."""
        return in_parts(self.figures, len(self.levels))

    def of_each(self, tell: Callable[[Mapping[str, Floats]], Floats]) -> Floats:
        """Return what is told of each replication, shape (R, …), from figures over some of them."""
        parts = (tell(figures) for _, figures in self.in_parts())
        first, *others = (part.copy() for part in parts)  # a view would hold all of its levels
        return np.concatenate([first, *others]) if others else first

    def levels_of(self, figure: str, levels: int | slice | NDArray[np.intp]) -> Floats:
        """Return a figure at one or some of the levels, by their numbers, (R,) or (R, n)."""
        return self.of_each(lambda figures: figures[figure][:, levels])

    def columns(self, *figures: str) -> Iterator[Floats]:
        """Yield the sum of figures at some levels after the other, over all replications, (R, n).

        So not all levels of all of them have to be in memory.
        """
        step = max(1, _AT_ONCE // self.replications)
        for first in range(0, len(self.levels), step):
            some = slice(first, first + step)
            yield self.of_each(partial(_added, figures, some))

    def mean(self, figure: str) -> Floats:
        """Return the mean of a figure of units or money at each level, shape (L,)."""
        return self.mean_of(lambda figures: figures[figure])

    def mean_of(self, tell: Callable[[Mapping[str, Floats]], NDArray[Any]]) -> Floats:
        """Return the mean of what is told of each replication, (R, …), as `of_each` has it."""
        sums = (tell(figures).sum(axis=0) for _, figures in self.in_parts())
        return np.asarray(reduce(np.add, sums) / self.replications)

    def served(self, figure: str) -> str:
        """Return the name of one of :data:`SERVED` where only this item can run short."""
        name = with_plenty(figure)
        return name if name in self.figures else figure

    def at(self, figure: str, units: float | Floats | NDArray[np.int64]) -> Floats:
        """Return a figure of units or money at any level, shape (R,), or at n levels, (R, n)."""
        left, part = places(self.levels, units)

        def there(figures: Mapping[str, Floats]) -> Floats:
            of = figures[figure]
            return np.asarray(of[:, left] * (1.0 - part) + of[:, left + 1] * part)

        return self.of_each(there)

    def earned_at(self, units: float | Floats) -> Floats:
        """Return the profit at any level, with what the units change elsewhere; shape as `at`."""
        return self.at("profit", units) + self.at("elsewhere", units)

    def gain(self, few: int, many: int) -> Floats:
        """Return what it earns to have many units instead of few [currency], shape (R,)."""
        own, others = (self.at(of, many) - self.at(of, few) for of in ("profit", "elsewhere"))
        return own + others

    def gains(self, few: int, many: NDArray[np.int64]) -> Floats:
        """Return what it earns to have each of n numbers of units instead of few, (R, n)."""
        from_few = np.array([few])
        own, others = (self.at(of, many) - self.at(of, from_few) for of in ("profit", "elsewhere"))
        return own + others

    def unavailable_each(self, units: Floats, within: float) -> Floats:
        """Return the chance to be unavailable so soon after the link, by replication, (R,).

        Parameters
        ----------
        units
            A level for each replication, shape (R,).
        within
            Time after the product's first link [s]; inf: before the show ends.
        """
        left, part = places(self.levels, units)
        found = []
        for rows, figures in self.in_parts():
            times, of, far = figures["unavailable_after"], left[rows], part[rows]
            gone, each = np.isfinite(times) & (times <= within), np.arange(len(of))
            found.append(gone[each, of] * (1.0 - far) + gone[each, of + 1] * far)
        return np.clip(np.concatenate(found), 0.0, 1.0)

    def mean_at(self, figure: str, units: NDArray[np.int64]) -> Floats:
        """Return the mean of a figure of units or money at many levels, shape of ``units``."""
        return between(self.levels, self.mean(figure), units)

    def unavailable_chance(self, units: float, within: float | None = None) -> float:
        """Return the chance to have nothing on hand while on offer [1], or so soon after the link.

        Parameters
        ----------
        units
            The level.
        within
            Time after the product's first link [s]; None: before the show ends.
        """
        return self._chance(units, "unavailable_after", within)

    def sold_out_chance(self, units: float) -> float:
        """Return the chance that all is gone and nothing to come before the show ends [1]."""
        return self._chance(units, "sold_out_at", None)

    def _chance(self, units: float, time: str, within: float | None) -> float:
        """Return in which share of shows it was time so soon; None: before the show ends."""
        left, part = places(self.levels, units)
        two = slice(int(left), int(left) + 2)

        def happened(figures: Mapping[str, Floats]) -> NDArray[np.bool_]:
            times = figures[time][:, two]
            return np.asarray(np.isfinite(times) if within is None else times < within)

        low, high = self.mean_of(happened)
        return float(np.clip(low * (1.0 - part) + high * part, 0.0, 1.0))

    def unavailable(self, units: float) -> Chance:
        """Return the chance to have nothing on hand while on offer, with its interval."""
        return self._with_interval(self.unavailable_chance(units))

    def sold_out(self, units: float) -> Chance:
        """Return the chance that all is gone and nothing to come, with its interval."""
        return self._with_interval(self.sold_out_chance(units))

    def _with_interval(self, chance: float) -> Chance:
        # Between two levels the chance is that of no whole number of shows.
        around = Chance.of(round(chance * self.replications), self.replications)
        return replace(around, chance=chance)


def _added(names: Sequence[str], levels: slice, figures: Mapping[str, Floats]) -> Floats:
    """Return the sum of some figures at some levels."""
    return np.asarray(reduce(np.add, [figures[name][:, levels] for name in names]))


@dataclass(frozen=True)
class Together:
    """What simulated joint stocks tell of items whose stocks act on each other.

    Parameters
    ----------
    per_lost
        By how much the profit of the show changes with each unit that an item loses while the
        others have the units of ``around`` [currency/unit], an item each.
    joint_stocks
        How many were simulated.
    """

    per_lost: tuple[float, ...]
    joint_stocks: int


class AsWhole(NamedTuple):
    """What a choice of units for all items comes to.

    Parameters
    ----------
    profit
        Of the show in the first of the curves' replications [currency], shape (R,).
    unavailable
        Chance to have nothing on hand while on offer [1], an item each.
    """

    profit: Floats
    unavailable: Floats


class Simulated(NamedTuple):
    """What a choice of units comes to as a whole.

    Parameters
    ----------
    profit
        Of the whole show [currency], shape (R,).
    items
        The figures of each item's :class:`StockCurve` by name, shape (R, items).
    """

    profit: Floats
    items: Mapping[str, Floats]

    @staticmethod
    def joined(parts: Sequence[Simulated]) -> Simulated:
        """Put blocks of replications one after the other."""
        profit = np.concatenate([one.profit for one in parts])
        return Simulated(profit, Packed.joined([one.items for one in parts]))


@dataclass(frozen=True, eq=False)
class Curves:
    """The stock curves of all items of a show, on the same random numbers.

    Parameters
    ----------
    scenario, seed
        The show and the study's seed.
    reactions
        What reacts to the stock. Where nothing does, curves are exact; otherwise each item's holds
        while the others have the units of ``around``, effects of several items add up, and
        :attr:`StockCurve.known` says what of it is exact.
    curves
        One an item.
    viewers, slot_starts
        Unique viewers, and when slots started [s], inf if they did not, at the units owned, shape
        (R,) and (R, slots); what is the same in all replications takes no space.
    drawn
        Every uncertain quantity by its path, shape (R,).
    versions
        What they were simulated with.
    requested
        Replications that were asked for, where an interrupt came before they were done.
    recordings
        What the crowd did in some blocks, where nothing reacts to the stock.
    custom
        Code of a user's own that takes part; it is not kept in a folder.
    around
        Units of each item that it has in the curves of the others, where orders take units of
        several products; empty where they are those owned.
    bundles
        What bundles come to, which are no items, with the units of ``around``: those figures that
        there are of :data:`OF_ALL`, shape (R,); empty where there are no bundles.
    together
        What joint stocks tell, where the items were too many, or too entangled, to be looked at one
        by one: then the curves are approximate.
    simulated
        Profit of the whole show with joint stocks that were simulated as a whole, by the units of
        each item, shape (R,) [currency]; empty where curves are exact, or before a plan has any.
    totals
        What other totals than the recommended units came to, and these beside them, by the units of
        each item; empty likewise.
    wholes
        Joint stocks that were simulated as a whole for the curves, by the units of each item.
    """

    scenario: Scenario
    seed: int
    reactions: Reactions
    curves: tuple[StockCurve, ...]
    viewers: Floats
    slot_starts: Floats
    drawn: Mapping[str, Floats]
    versions: Mapping[str, str] = field(default_factory=provenance, repr=False)
    requested: int | None = None
    recordings: Mapping[Block, Recording] = field(default_factory=dict, repr=False)
    custom: Custom = NONE
    around: tuple[int, ...] = ()
    bundles: Mapping[str, Floats] = field(default_factory=dict)
    together: Together | None = None
    simulated: Mapping[tuple[int, ...], Floats] = field(default_factory=dict)
    totals: Mapping[tuple[int, ...], AsWhole] = field(default_factory=dict)
    wholes: Mapping[tuple[int, ...], Simulated] = field(default_factory=dict, repr=False)

    def in_few_bytes(self) -> Iterator[tuple[str, NDArray[Any] | InParts]]:
        """Yield all arrays by name and type, figures of curves in the least space that there is."""
        yield from self.beside_figures()
        for curve in self.curves:
            for name, kind, figure in in_few_bytes(curve.figures):
                yield f"{curve.item.name}/{name} {kind}", figure

    def beside_figures(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """Yield the arrays that are no figures of a curve, and the levels of those."""
        yield "viewers", self.viewers
        yield SLOT_STARTS, self.slot_starts
        if self.around:
            yield AROUND, np.array(self.around)
        for name, figure in self.bundles.items():
            yield f"{BUNDLES}{name}", figure
        if self.together is not None:
            yield PER_LOST, np.array(self.together.per_lost)
            yield JOINT_STOCKS, np.array(self.together.joint_stocks)
        if self.simulated:
            yield SIMULATED_UNITS, np.array(list(self.simulated))
            yield SIMULATED_PROFITS, np.stack(list(self.simulated.values()), axis=1)
        if self.totals:
            profits, chances = zip(*self.totals.values(), strict=True)
            every = np.array(list(self.totals)).T, np.stack(profits, 1), np.stack(chances, 1)
            yield from zip(TOTALS, every, strict=True)
        for path, values in self.drawn.items():
            yield f"{DRAWN}{path}", values
        for curve in self.curves:
            yield f"{curve.item.name}/levels", curve.levels

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return len(self.viewers)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items, in the order of the curves."""
        return tuple(curve.item for curve in self.curves)

    @cached_property
    def owned(self) -> tuple[int, ...]:
        """The units owned of each item, on hand before the show."""
        return tuple(item.owned for item in self.items)

    @property
    def exact(self) -> bool:
        """Whether no item's units change what those of another one earn."""
        return not self.reactions.any or len(self.curves) == 1

    @property
    def add_up(self) -> bool:
        """Whether curves tell what items earn beside each other as well: not as each is alone."""
        return self.exact or self.reactions.orders_alone

    def known(self, product: str) -> Known:
        """Return what of all of a product's curves is exact: one show tells it at every level."""
        known = [curve.known for curve in self.curves if curve.item.product == product]
        return max(known, key=_LESS_AND_LESS.index)

    def profit(self, units: Units) -> Floats:
        """Return the profit of the whole show with so many units of each item, shape (R,)."""
        return self.total(units, "profit") + self.fixed(units)

    def gain(self, few: Units, many: Units) -> Floats:
        """Return what it earns to have many units of the items instead of few, (R,) [currency].

        Of hundreds of items mostly one differs, so that only what differs is looked at.
        """
        if joins_products(self.scenario):
            return self.profit(many) - self.profit(few)
        names, parts = self.summands("profit"), zip(self.curves, few, many, strict=True)
        differ = [
            reduce(np.add, (curve.at(name, more) - curve.at(name, less) for name in names))
            for curve, less, more in parts
            if less != more
        ]
        return np.asarray(np.sum(differ, axis=0) if differ else np.zeros(self.replications))

    def is_exact(self, units: Units) -> bool:
        """Say whether :meth:`profit_together` is what a simulation of these units comes to."""
        return not self.reactions.any or tuple(units) in self.simulated

    def profit_together(self, units: Units) -> Floats:
        """Return the profit of the whole show as it was simulated, else as curves add up, (R,).

        Curves then add to what was simulated of what is owned, so that both can be compared.
        """
        known, owned = (self.simulated.get(tuple(one)) for one in (units, self.owned))
        if known is not None or owned is None:
            return self.profit(units) if known is None else known
        return owned + self.profit(units) - self.profit(self.owned)

    def fixed(self, units: Units) -> Floats:
        """Return what belongs to the show as a whole: minus fees, plus their refund, shape (R,)."""
        fixed = fixed_money(self.scenario, partial(self._of_show, units), np.zeros(1))
        return np.broadcast_to(fixed, self.replications)

    def _of_show(self, units: Units, figure: str) -> Floats:
        """Return a figure of all items together, without what a webshop has sold, shape (R,)."""
        beside = figure == "sales" and "webshop" in self.curves[0].figures
        return self.total(units, figure) - (self.total(units, "webshop") if beside else 0)

    def summands(self, figure: str) -> list[str]:
        """Return the names of an item's figures that add up to one of all items together."""
        both = (figure, elsewhere(figure)) if self.reactions.any else (figure,)
        return [name for name in both if name in self.curves[0].figures]

    def total(self, units: Units, figure: str) -> Floats:
        """Return a figure of units or money of all items together, shape (R,).

        One of :data:`OF_ALL` is of bundles, too.
        """
        parts = (
            curve.at(name, have)
            for name in self.summands(figure)
            for curve, have in zip(self.curves, units, strict=True)
        )
        return np.asarray(reduce(np.add, parts) + self.bundles.get(figure, 0.0))

    def late_orders(self, units: Units) -> tuple[Floats, Floats] | None:
        """Return how many orders leave late, and how many of these are cancelled, both (R,).

        None where no warehouse says how fast they leave.
        """
        warehouse = deal_of(self.scenario).warehouse
        if warehouse is None:
            return None
        return late_orders(warehouse, self.total(units, SHIPPED[0]))

    def terms(self, item: Item) -> TermsInputs:
        """Return what the units of an item are worth."""
        return terms_of_item(self.scenario, item)

    def left_over_value(self, item: Item, units: Floats | float, of: Floats | float) -> Floats:
        """Return what left-over units of so many of an item are worth [currency], their shape."""
        left = np.asarray(units, dtype=float)
        nothing = np.zeros_like(left)
        counts = {"left_over": left, "cancelled": nothing, "returned": nothing}
        counts["bought"] = np.asarray(of, dtype=float)
        return left_over_value(self.terms(item), counts)

    def given_back(self, curve: StockCurve, units: float) -> Floats | None:
        """Return how many of an item's left-overs the supplier takes back, shape (R,) [units].

        None where it takes none.
        """
        terms = self.terms(curve.item)
        if terms.buy_back is None:
            return None
        names = ("left_over", "cancelled", "returned", "bought")
        return given_back(terms, {name: curve.at(name, units) for name in names})

    def weeks_left(self, curve: StockCurve, units: float) -> Floats | None:
        """Return after how many weeks an item's left-overs have sold on, shape (R,) [weeks].

        It is inf where some are left when they stop to sell on; None where they never do.
        """
        terms = self.terms(curve.item)
        if terms.left_over is None:
            return None
        names = ("left_over", "cancelled", *(["returned"] if terms.returned_value is None else []))
        left = np.sum([curve.at(name, units) for name in names], axis=0)
        back = self.given_back(curve, units)
        weeks = (left if back is None else left - back) / terms.left_over.per_week
        return np.where(weeks <= terms.left_over.weeks, weeks, np.inf)

    def rows(self, rows: NDArray[np.intp] | slice) -> Curves:
        """Return the same curves over some of the replications, repeated ones included."""

        def some(figures: Mapping[str, Floats]) -> Mapping[str, Floats]:
            if isinstance(rows, slice):
                first, stop, _ = rows.indices(self.replications)
                return part_of(figures, slice(first, stop))
            return _FiguresOf(figures, rows)

        return replace(
            self,
            curves=tuple(replace(curve, figures=some(curve.figures)) for curve in self.curves),
            viewers=self.viewers[rows],
            slot_starts=self.slot_starts[rows],
            bundles=some(self.bundles),
            simulated={units: profit[rows] for units, profit in self.simulated.items()},
            totals={},
            wholes={},
            drawn=some(self.drawn),
        )

    def head(self, replications: int) -> Curves:
        """Return the curves over the first replications."""
        return self.rows(slice(replications))

    @staticmethod
    def joined(parts: Sequence[Curves], scratch: Place | None = None) -> Curves:
        """Put replications at the same levels one after the other, on disk if there is a place."""
        first = parts[0]
        return replace(
            first,
            curves=tuple(
                replace(
                    curve,
                    figures=Packed.joined([part.curves[n].figures for part in parts], scratch),
                )
                for n, curve in enumerate(first.curves)
            ),
            viewers=np.concatenate([part.viewers for part in parts]),
            slot_starts=joined_alike([part.slot_starts for part in parts]),
            bundles=Packed.joined([part.bundles for part in parts], scratch),
            drawn=Packed.joined([part.drawn for part in parts], scratch),
            simulated={},
            totals={},
            wholes={
                units: Simulated.joined([part.wholes[units] for part in parts])
                for units in first.wholes
                if all(units in part.wholes for part in parts)
            },
            recordings={block: one for part in parts for block, one in part.recordings.items()},
        )


def alike(rows: Floats) -> Floats:
    """Return rows as they are; where all are the same, as one that is only repeated."""
    first = rows[:1].copy()
    return np.broadcast_to(first, rows.shape) if (rows == first).all() else rows


def joined_alike(parts: Sequence[Floats]) -> Floats:
    """Put rows one after the other, as :func:`alike` has them."""
    ends = np.concatenate([part[[0, -1]] for part in parts if len(part)])
    shape = sum(map(len, parts)), ends.shape[1]
    if all(part.strides[0] == 0 for part in parts) and (ends == ends[0]).all():
        return np.broadcast_to(ends[:1].copy(), shape)
    return np.concatenate(parts)


class _FiguresOf(Figures):
    """Figures over some of the replications, taken when they are asked for: most never are."""

    def __init__(self, figures: Mapping[str, Floats], rows: NDArray[np.intp]) -> None:
        self._figures, self._rows = figures, rows
        self._taken: dict[str, Floats] = {}

    @property
    def replications(self) -> int:
        """The number of these replications."""
        return len(self._rows)

    def over(self, name: str, rows: slice) -> Floats:
        """Return a figure over some of these replications."""
        if name not in self._taken:
            self._taken[name] = self._figures[name][self._rows]
        return self._taken[name][rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def joins_products(scenario: Scenario) -> bool:
    """Say whether profit depends on the sales of all products together."""
    refund = scenario.deal.guaranteed_volume and scenario.deal.slot_fee
    return bool(refund) or scenario.deal.warehouse is not None


def whole_profit(scenario: Scenario, figures: Mapping[str, Floats]) -> Floats:
    """Return a show's profit [currency], shape (R, L), from figures by variant, (R, V, L)."""

    def total(name: str) -> Floats:
        return np.asarray(figures[name].sum(axis=1))

    profit = total("profit")
    return profit + fixed_money(scenario, total, np.zeros_like(profit))


def fixed_money(scenario: Scenario, total: Callable[[str], Floats], nothing: Floats) -> Floats:
    """Return what belongs to a show as a whole [currency]: minus fees and campaign, plus refund.

    And minus what late orders cost, where a warehouse ships them.

    Parameters
    ----------
    scenario
        The show.
    total
        Returns a figure, all products together, of any shape.
    nothing
        Zeros of that shape, or of one that is broadcast to it.
    """
    volume, many = scenario.deal.guaranteed_volume, len(scenario.products)
    sales = total("sales") if volume else nothing  # nobody else asks for them
    product = dict.fromkeys(("gmv", "nmv", "deposits_kept"), nothing)
    if scenario.deal.warehouse is not None:
        product |= {name: total(name) / many for name in SHIPPED}
    fees = (np.full(nothing.shape, fee) for fee in slot_fees(scenario).values())
    products = [{**product, "slot_fee": fee, "profit": -fee} for fee in fees]
    return show_money(deal_of(scenario), products, sales)["profit"]
