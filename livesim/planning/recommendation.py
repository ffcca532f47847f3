"""The plan as an answer: what is recommended of each item, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from livesim.planning.columns import Columns, curve_columns
from livesim.planning.curves import Curves, StockCurve
from livesim.planning.deciding import Decision
from livesim.planning.defaults import Default
from livesim.planning.drivers import Driver, value_of_perfect_information
from livesim.planning.kept import PlanManifest, kept, write_curves
from livesim.planning.lots import Lot
from livesim.planning.objectives import Objective
from livesim.planning.observed import Evidence
from livesim.planning.release_plans import ReleaseOutcome
from livesim.planning.sensitivity import Deviation
from livesim.planning.without_show import WithoutShow, without_show
from livesim.resolve import Resolution
from livesim.resolve.terms import fixed_costs
from livesim.results.answer import Answer, InParts, Origin
from livesim.results.document import Document, as_document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame, frame_of
from livesim.results.intervals import Chance, Estimate, estimate
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame


@dataclass(frozen=True)
class ItemPlan:
    """What the plan says of one item.

    Parameters
    ----------
    curve
        Its stock curve.
    now, then
        What it comes to with what is owned and as recommended of all items: where their stocks act
        on each other, as simulated together; otherwise, and in a plan from saved curves, its curve.
    owned, recommended
        Units in all before and after the purchase, with those that arrive in time [units].
    purchase, cost
        Units to buy, and what they cost [units, currency].
    gain
        What the purchase earns: by how much less the show earns without it, the others as
        recommended; simulated where stocks act on each other [currency].
    good_range
        Lowest and highest total [units] that give up at most 1 % of what having this item brings;
        for service or a fill rate, that serve one percentage point less and more than wanted
        (:func:`~livesim.planning.deciding.good_range`).
    simulation_interval
        95 % interval of the recommended total: what more replications would narrow [units].
    demand
        Units wanted with stock for all: what only knowing more about the show narrows.
    unavailable_now, unavailable_then
        Chance to have nothing on hand while on offer, with what is owned and as recommended.
    sold_out_now, sold_out_then
        Chance that all is gone and nothing to come before the show ends.
    left_over
        Units left over as recommended.
    goes_back
        Units that the supplier takes back as recommended; None where it takes none.
    weeks_left
        After how many weeks the last of them has sold on; None where they do not sell on.
    earns_now, earns_then
        What its units bring above what they cost, the product's slot fee left out [currency].
    """

    curve: StockCurve
    now: StockCurve
    then: StockCurve
    owned: int
    recommended: int
    purchase: int
    cost: float
    gain: Estimate
    good_range: tuple[int, int]
    simulation_interval: tuple[int, int]
    demand: Estimate
    unavailable_now: Chance
    unavailable_then: Chance
    sold_out_now: Chance
    sold_out_then: Chance
    left_over: Estimate
    goes_back: Estimate | None
    weeks_left: Estimate | None
    earns_now: Estimate
    earns_then: Estimate

    @property
    def name(self) -> str:
        """Of the product, or of a product and its variant."""
        return self.curve.item.name

    @property
    def product(self) -> str:
        """The product that it is, or is a variant of."""
        return self.curve.item.product

    @property
    def have(self) -> int:
        """Units on hand before the show as recommended, without those that arrive [units]."""
        return self.recommended - self.curve.item.arriving

    @property
    def in_the_balance(self) -> bool:
        """Whether as many units more or fewer could be recommended on other random numbers."""
        low, high = self.simulation_interval
        return (high - low) / 2 >= max(self.have, self.curve.item.pack)


@dataclass(frozen=True)
class Choice:
    """What a choice of units for all items comes to.

    Parameters
    ----------
    name
        ``now``, ``recommended``, or a benchmark rule.
    units
        Units on hand before the show, an item each.
    profit
        Of the whole show [currency].
    loss
        Chance that the show makes a loss.
    worst
        Mean profit of the worst 10 % of shows [currency].
    gain
        Expected profit above ``now`` on the same random numbers, with its error [currency].
    cost
        By how much the profit is less than with the recommended units, likewise [currency].
    """

    name: str
    units: tuple[int, ...]
    profit: Estimate
    loss: Chance
    worst: float
    gain: Estimate
    cost: Estimate


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Answer):
    """How many units, how sure, and what being wrong costs.

    Parameters
    ----------
    curves
        From which all of it is computed.
    objective, decision
        What the plan is for, and what was decided.
    items
        One an item.
    choices
        Now, recommended, and the benchmark rule.
    lots
        What each further lot of the purchase earns for its money, and the next ones; none where
        curves do not tell lots apart, as where slots go on.
    sensitivity
        What other numbers of units than the recommended ones cost: where stocks act on each other
        as simulated, of a saved plan as the effects of single items add up.
    drivers
        What decides the recommendation, most important first.
    defaults
        Values that nobody wrote and that move the plan, the one that moves it most first.
    release_plans
        How the recommended units can be put on sale and topped up; empty for a plan from saved
        curves.
    simulation_error
        Half-width of the recommended units over them, of the item that is least certain [1]; None
        where replications are too few to say.
    precision
        What the simulation error was wanted to be at most [1]; None if nothing was said.
    evidence
        How likely what was observed of a product is, where anything was.
    resolution
        The scenario with where everything in it comes from, and what was assumed.
    requested
        Replications that were asked for, where the work was interrupted.
    """

    kind: ClassVar = FolderKind(
        name="plan",
        command="livesim plan SCENARIO --out FOLDER",
        again="plan the scenario again",
        manifest=PlanManifest,
        next_step="decide anew: livesim plan {} --objective …",
    )

    curves: Curves
    objective: Objective
    decision: Decision
    items: tuple[ItemPlan, ...]
    choices: tuple[Choice, ...]
    lots: tuple[Lot, ...]
    sensitivity: tuple[Deviation, ...]
    drivers: tuple[Driver, ...]
    defaults: tuple[Default, ...]
    release_plans: tuple[ReleaseOutcome, ...]
    simulation_error: float | None
    precision: float | None
    evidence: tuple[Evidence, ...]
    resolution: Resolution
    requested: int | None = None

    @property
    def scenario(self) -> Scenario:
        """The show that was planned."""
        return self.curves.scenario

    @cached_property
    def without_show(self) -> WithoutShow:
        """What most can be made without the show, with the same stock and terms."""
        return without_show(self.curves)

    @cached_property
    def value_of_perfect_information(self) -> Estimate:
        """What it would be worth to know everything beforehand [currency]."""
        return value_of_perfect_information(self.curves, self.decision)

    @cached_property
    def columns(self) -> Columns:
        """Its stock curves as columns, for tables: of many products they take seconds."""
        return curve_columns(self.curves)

    @property
    def as_drawn(self) -> bool:
        """Whether each item's curve was drawn while the others have what is recommended."""
        curves = self.curves
        if curves.exact:
            return True
        return not curves.together and self.decision.units == (curves.around or curves.owned)

    @property
    def currency(self) -> str:
        """What all money in it is in."""
        return self.scenario.show.currency

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed when the scenario was resolved."""
        return self.resolution.notes

    @property
    def origin(self) -> Origin:
        """What it was made from."""
        curves = self.curves
        return Origin.of(
            self.scenario,
            curves.seed,
            curves.replications,
            curves.versions,
            self.notes,
            self.requested,
        )

    def tables(self) -> dict[str, DataFrame]:
        """Return ``items``, ``choices``, ``sensitivity``, ``drivers``, … and ``stock_curves``."""
        body = self._body()
        rows = {
            "items": [{"item": one.name, **_item(one)} for one in self.items],
            "choices": [{"choice": name, **one} for name, one in body["choices"].items()],
            **{name: body[name] for name in ("lots", "sensitivity", "drivers", "release_plans")},
        }
        return {
            **{name: frame_of(of_table) for name, of_table in rows.items()},
            "stock_curves": frame(self.columns),
        }

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any] | InParts]]:
        return self.curves.in_few_bytes()

    def _kept(self) -> Document:
        return kept(self.curves, self.resolution)

    def _write(self, place: Path) -> None:
        write_curves(self.curves, self.columns, self.resolution, place)

    def _body(self) -> Document:
        """Return the figures of its document.

        ``products`` by name: totals ``owned`` and ``recommended`` (with units that arrive during
        the show), ``purchase``, ``good_range``, ``simulation_interval`` [units]; ``cost``;
        ``gain`` by how much less the show earns without the purchase; ``earns`` and ``earns_now``
        what its units bring above what they cost, slot fees and what bundles bring left out
        [currency], now with the others as owned, or as recommended where orders take units of
        several products; ``fixed_costs`` what the show costs whatever it sells; chances in [0, 1].
        A product with
        ``variants`` has the sums of these, and no chance of its own; ``exact`` says how much of
        its curves is so (:data:`~livesim.planning.curves.Known`). ``choices`` are the whole
        show's: now, recommended, and by the benchmark rule; ``sensitivity`` what other numbers of
        units cost; ``drivers`` what decides the recommendation, most important first; ``defaults``
        which values that nobody wrote move it, by their ``paths``; ``release_plans`` how it can be
        put on sale, empty for a plan from saved curves: ``above_called`` and ``above_none`` say of
        a reserve that is called by what is sold what that brings above fixed decisions.
        """
        curves = self.curves
        names = [item.name for item in curves.items]
        return {
            "objective": str(self.objective),
            "reached": self.decision.reached,
            "reaction": curves.reactions.word,
            "simulation_error": self.simulation_error,
            "precision": self.precision,
            "products": {
                name: {
                    **_product([item for item in self.items if item.product == name]),
                    "exact": curves.known(name),
                }
                for name in dict.fromkeys(item.product for item in curves.items)
            },
            "fixed_costs": fixed_costs(self.scenario),
            "purchase": {
                "units": sum(item.purchase for item in self.items),
                "cost": sum(item.cost for item in self.items),
                "rounding_cost": self.decision.rounding_cost,
            },
            "choices": {
                one.pop("name"): one
                for one in [_by_item(choice, names, "units") for choice in self.choices]
            },
            "lots": [as_document(lot) for lot in self.lots],
            "sensitivity": [
                _by_item(one, names, "units", "unavailable") for one in self.sensitivity
            ],
            "drivers": [_by_item(one, names, "low", "high") for one in self.drivers],
            "defaults": [_default(one, names) for one in self.defaults],
            "value_of_perfect_information": as_document(self.value_of_perfect_information),
            "release_plans": [_way(way) for way in self.release_plans],
            "evidence": [as_document(one) for one in self.evidence],
        }


def _way(way: ReleaseOutcome) -> Document:
    """Return a way to sell, with what it is worth to wait only of a rule that waits."""
    waits = ("above_called", "above_none")
    return {key: value for key, value in as_document(way).items() if key not in waits or value}


def _product(items: Sequence[ItemPlan]) -> Document:
    if len(items) == 1:
        return _item(items[0])
    variants = {item.name.split(".")[1]: _item(item) for item in items}
    now = sum(item.now.at("profit", item.curve.item.owned) for item in items)
    then = sum(item.then.at("profit", item.have) for item in items)
    return {
        **{
            key: sum(variant[key] for variant in variants.values())
            for key in ("owned", "recommended", "purchase", "cost")
        },
        **{
            key: [sum(variant[key][end] for variant in variants.values()) for end in (0, 1)]
            for key in ("good_range", "simulation_interval")
        },
        "earns": estimate(then).as_dict(),
        "earns_now": estimate(now).as_dict(),
        "demand": estimate(sum(item.curve.demand for item in items), least=0.0).as_dict(),
        "variants": variants,
    }


def _item(item: ItemPlan) -> Document:
    return {
        "owned": item.owned,
        "recommended": item.recommended,
        "purchase": item.purchase,
        "cost": item.cost,
        "gain": item.gain.as_dict(),
        "good_range": list(item.good_range),
        "simulation_interval": list(item.simulation_interval),
        "unavailable": as_document(item.unavailable_then),
        "unavailable_now": as_document(item.unavailable_now),
        "sold_out": as_document(item.sold_out_then),
        "sold_out_now": as_document(item.sold_out_now),
        "earns": item.earns_then.as_dict(),
        "earns_now": item.earns_now.as_dict(),
        "demand": item.demand.as_dict(),
        "left_over": item.left_over.as_dict(),
        **({} if item.goes_back is None else {"goes_back": item.goes_back.as_dict()}),
        **({} if item.weeks_left is None else {"weeks_left": item.weeks_left.as_dict()}),
    }


def _by_item(told: Any, names: Sequence[str], *keys: str) -> Document:
    """Return a part of a plan as data, with what it has for each item by the item's name."""
    data = as_document(told)
    return {**data, **{key: dict(zip(names, data[key], strict=True)) for key in keys}}


def _default(told: Default, names: Sequence[str]) -> Document:
    ends = {end: _by_item(getattr(told, end), names, "units") for end in ("low", "high")}
    return {**as_document(told), "paths": list(told.paths), **ends}
