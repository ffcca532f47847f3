"""What rests on a show's stock curves: its plan, and whether it agrees with what was observed.

A plan is that of ``livesim plan``, for most profit, and a path that of its ``--json`` behind
``plan.``: ``plan.serum.purchase`` (``buy``, as the table says, means the same),
``plan.serum.profit.p10``, ``plan.choices.now.loss``. Of all products together,
``choices.recommended.`` and ``purchase.`` may be left out: ``plan.profit.p10``, ``plan.cost``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from livesim.checking.searched import SEARCHED, Asked, Look, OfTheBest, Search, searched
from livesim.checking.testing import (
    NOT_OBSERVED,
    Estimated,
    Figure,
    Judgement,
    Sample,
    Wanted,
    judge,
    sample,
)
from livesim.errors import Interrupted, UsageError
from livesim.experiment.runner import Runner
from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.building import build_curves, extended, simulated_choices
from livesim.planning.buying import Purchase, Terms
from livesim.planning.curves import Curves, Simulated, StockCurve, places
from livesim.planning.deciding import Decision, decide
from livesim.planning.drivers import gain_of_knowing_all
from livesim.planning.item_curves import outcomes
from livesim.planning.items import Item, items_of, terms_of_item
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.observed import Likeness, likenesses
from livesim.planning.risk import worst_by_show
from livesim.planning.significance import without
from livesim.randomness import BATCH
from livesim.resolve.words import share
from livesim.results.figures import Array, Unit
from livesim.scenario.expecting import AGREES, PLAN
from livesim.scenario.scenario import Scenario

_WORST_FIRST: Final = ("broken", "undecided", "holds")
#: Units of items, and what they cost, by path and by what is measured of a purchase: known by an
#: interval. Of all else there is a number by replication.
_OF_UNITS: Final = {
    "owned": "owned",
    **dict.fromkeys(("recommended", "have"), "have"),
    **dict.fromkeys(("purchase", "buy"), "buy"),
    "cost": "cost",
}
_OWNED: Final = ("owned", "owned before")
_OF_ITEMS: Final = ("demand", "left_over", "earns", "earns_now", "gain")
_OF_ONE_ITEM: Final = ("unavailable", "unavailable_now", "sold_out", "sold_out_now")
_OF_CHOICE: Final = ("profit", "loss", "worst", "gain", "cost")
_CHOICES: Final = ("now", "recommended", "forecast × 1.3")
_KNOWING: Final = "value_of_perfect_information"
_OF_RECOMMENDED: Final = ("profit", "loss", "gain")
_OF_SHOW: Final = (
    *(*_OF_RECOMMENDED, _KNOWING),
    *(f"choices.{which}.{key}" for which in _CHOICES for key in _OF_CHOICE),
)

#: What else a plan's document has.
_OF_DOCUMENT: Final = (
    *("format", "kind", "title", "scenarios", "digest", "seed", "replications", "requested"),
    *("interrupted", "versions", "notes", "fingerprint", "objective", "reached", "reaction"),
    *("simulation_error", "precision", "fixed_costs", "lots", "sensitivity", "drivers"),
    *("defaults", "release_plans", "evidence"),
)


def rests_on_curves(figure: str) -> bool:
    """Say whether a figure takes a show's stock curves."""
    return figure == AGREES or figure.startswith(PLAN)


def tell_all(curves: Curves, figures: Iterable[str]) -> bool:
    """Say whether curves from more replications would tell no more of figures that rest on them.

    Where a plan is searched, it is judged on other replications, once it is found.
    """
    of_curves = {AGREES, f"{PLAN}{_KNOWING}"}
    return not curves.exact and curves.replications >= SEARCHED and of_curves.isdisjoint(figures)


def looked_at(
    scenario: Scenario, before: Curves | None, replications: int, seed: int, runner: Runner
) -> Curves:
    """Return the stock curves of a show from so many replications.

    Parameters
    ----------
    scenario
        The show.
    before
        Its curves from fewer replications, if there are any.
    replications, seed, runner
        How many in all, the study's seed, and who does the work.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    try:
        if before is not None:
            return extended(before, replications, runner=runner)
        return build_curves(scenario, replications=replications, seed=seed, runner=runner)
    except Interrupted:
        raise KeyboardInterrupt from None


def agreement(curves: Curves, tail: float) -> Judgement:
    """Say whether what was observed is likely enough not to contradict the model.

    Of several products, and of the two sides on which one that was not sold out can be wrong, the
    worst verdict counts; the tail is shared out over them.

    Parameters
    ----------
    curves
        The show's stock curves.
    tail
        Chance to miss on one side [1].

    Raises
    ------
    UsageError
        If nothing was observed.
    """
    told = likenesses(curves)
    if not told:
        raise UsageError(NOT_OBSERVED)
    judged = [_likely(one, tail / len(told)) for one in told]
    return min(judged, key=lambda judgement: _WORST_FIRST.index(judgement.verdict))


def _likely(one: Likeness, tail: float) -> Judgement:
    """Judge a mean of chances, and say what would contradict."""
    found = judge(Sample(one.chances, "mean", "share", 0, 1), Wanted(low=one.least), tail)
    return replace(found, note=f"less than {share(one.least)} would contradict it")


@dataclass(frozen=True)
class Chosen(Estimated):
    """Units that a plan recommends, or their cost, as far as simulation leaves them open.

    Parameters
    ----------
    value, low, high
        What it is, and its 95 % interval.
    replications
        From how many [1].
    unit
        What it is measured in.
    """

    value: float
    low: float
    high: float
    replications: int
    unit: Unit = ""

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return the value and the ends of its interval, wider than at 95 % as Student's t is.

        Parameters
        ----------
        tail
            Chance to miss on one side [1].
        """
        from scipy.special import stdtrit

        freedom = self.replications // BATCH - 1
        wider = float(stdtrit(freedom, 1 - tail) / stdtrit(freedom, 0.975))
        low, high = self.value - self.low, self.high - self.value
        return self.value, self.value - wider * low, self.value + wider * high


@dataclass(frozen=True)
class Planned:
    """What a plan comes to.

    Parameters
    ----------
    chosen
        Units and their cost by path.
    figures
        What they bring about by path, shape (R,).
    search
        What was searched and judged, where stocks act on each other.
    seen
        What choices came to there by their units, where figures beside units are asked for.
    """

    chosen: Mapping[str, Chosen | OfTheBest]
    figures: Mapping[str, Array]
    search: Search | None = None
    seen: Mapping[Purchase, Simulated] = field(default_factory=dict)

    def figure(self, path: str) -> Figure:
        """Return a figure of the plan.

        Raises
        ------
        UsageError
            If there is none, with the nearest; or the statistic is none of it.
        """
        name = path.replace("plan.products.", PLAN)
        if name == f"{PLAN}purchase.rounding_cost":
            what = "what packs and minimum orders cost is worked out without its error"
            raise UsageError(f"{what}; write {PLAN}profit")
        if name.startswith(f"{PLAN}choices.forecast × 1.3.units."):
            product = name.rpartition(".")[2]
            what = "the rule's units are 1.3 times the middle of the demand, without an error"
            raise UsageError(f"{what}; write {PLAN}{product}.demand.p50")
        found = self.chosen.get(name)
        return sample(self.figures, name, [*self.chosen]) if found is None else found


def not_of_a_purchase(scenario: Scenario, path: str) -> str:
    """Say why a plan's document has no number of this name to test; empty where it may have.

    Parameters
    ----------
    scenario
        The show.
    path
        Of a figure, with ``plan.`` before it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> not_of_a_purchase(room, "plan.sensitivity").partition(",")[0]
    'sensitivity of a plan is no number of its purchase'
    """
    names = [name for name in path.split(".")[1:] if name not in ("products", "bundles")]
    name, last = names[0] if names else "", names[-1] if names else ""
    product = scenario.products.get(name)
    if product is None and name in _OF_DOCUMENT:
        return (
            f"{name} of a plan is no number of its purchase, which alone is tested; livesim plan "
            "--json has these under products, purchase and choices"
        )
    if product is None or not product.contains:
        return ""
    units = [f"{PLAN}{part}.{last}" for part in product.contains]
    return f"{name} is a bundle, which has no units of its own; write {' and '.join(units)}"


def no_plan(scenario: Scenario) -> Planned:
    """Return the figures that :func:`planned` has of a show, before there is any: zeros.

    Parameters
    ----------
    scenario
        The show.

    Examples
    --------
    >>> import livesim
    >>> room = no_plan(livesim.load("scenarios/brand_room.yaml"))
    >>> room.figure("plan.serum.buy").value, room.figure("plan.profit.p10").statistic
    (0, 0.1)
    """
    known = [f"{PLAN}{name}" for name in _OF_SHOW]
    items = items_of(scenario)
    for name, numbers in _named(items).items():
        keys = (*_OF_ITEMS, *(_OF_ONE_ITEM if len(numbers) == 1 else ()))
        known += [f"{PLAN}{name}.{key}" for key in keys]
        if len(numbers) == 1:
            terms = terms_of_item(scenario, items[numbers[0]])
            known += [f"{PLAN}{name}.goes_back"] * (terms.buy_back is not None)
            known += [f"{PLAN}{name}.weeks_left"] * (terms.left_over is not None)
    return Planned(
        {path: Chosen(0, 0, 0, BATCH, of.unit) for path, of in _measures(items).items()},
        {path: np.zeros(1, dtype=bool if path.endswith("loss") else float) for path in known},
    )


def planned(
    curves: Curves,
    asked: Sequence[tuple[str, Wanted]],
    before: Planned | None = None,
    *,
    look: Look,
) -> Planned:
    """Return the plan for most profit.

    Where stocks act on each other its units are those of :mod:`~livesim.checking.searched`, and
    all else is what they come to in shows that their search has not seen.

    Parameters
    ----------
    curves
        The show's stock curves.
    asked
        Paths of figures, and what is expected of them. Where only units are asked for, only they
        are searched; where nothing is, there is every figure.
    before
        The plan from fewer replications, if there is any.
    look
        How purchases are judged where they are searched.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    if curves.exact:
        return _by_curves(curves)
    return _by_search(curves, asked, before, look)


def _by_curves(curves: Curves) -> Planned:
    """Return the plan of items of which each tells by itself what it earns."""
    decision = decide(curves, MOST_PROFIT)
    then = decision.units
    profits = (curves.profit_together(each) for each in _chosen(curves, then))
    figures = dict(_choices(*profits))
    figures[f"{PLAN}{_KNOWING}"] = gain_of_knowing_all(curves, decision)
    for name, numbers in _named(curves.items).items():
        some = [(curves.curves[n], then[n]) for n in numbers]
        gain = np.sum([curve.gain(curve.item.owned, many) for curve, many in some], axis=0)
        found = _brought_about(curves, some, [curve for curve, _ in some], gain)
        figures |= {f"{PLAN}{name}.{key}": values for key, values in found}
    low, high = _ends(curves, decision)
    chosen = {
        path: Chosen(of(then), of(low), of(high), curves.replications, of.unit)
        for path, of in _measures(curves.items).items()
    }
    return Planned(chosen, figures)


def _by_search(
    curves: Curves, asked: Sequence[tuple[str, Wanted]], before: Planned | None, look: Look
) -> Planned:
    """Return the plan of items whose stocks act on each other."""
    measures = _measures(curves.items)
    groups = [measures[path].asked(ends) for path, ends in asked if path in measures]
    search = searched(curves, groups, before.search if before else None, look)
    then = search.judged.found
    chosen: dict[str, Chosen | OfTheBest] = {}
    for path, of in measures.items():
        row = search.rows.get(of.numbers, [then])
        chosen[path] = OfTheBest(search.judged, of, row, of.step, of.unit)
        if of.key in _OWNED:
            chosen[path] = Chosen(of(then), of(then), of(then), curves.replications)
    if asked and all(path in measures for path, _ in asked):
        return Planned(chosen, {}, search)
    seen = _seen(curves, search, before, look)
    return Planned(chosen, _as_simulated(curves, then, seen), search, seen)


def _seen(
    curves: Curves, search: Search, before: Planned | None, look: Look
) -> Mapping[Purchase, Simulated]:
    """Return what the choices came to, and what is bought without each name's items, as judged."""
    then, items = search.judged.found, curves.items
    rest = [without(items, then, numbers) for numbers in _named(items).values()]
    choices = [*_chosen(curves, then), *rest]
    known: Mapping[Purchase, Simulated] = {}
    if before and before.search and before.search.after == search.after:
        known = before.seen if before.seen.keys() == set(choices) else {}
    there = len(next(iter(known.values())).profit) if known else 0
    later = simulated_choices(
        curves,
        choices,
        after=search.after + there,
        replications=look.replications - there,
        runner=look.runner,
    )
    return {
        units: Simulated.joined([known[units], of]) if known else of for units, of in later.items()
    }


def _as_simulated(
    curves: Curves, then: Purchase, seen: Mapping[Purchase, Simulated]
) -> dict[str, Array]:
    """Return what the units that were found bring about, by path."""
    choices, items = _chosen(curves, then), curves.items
    figures = dict(_choices(*(seen[units].profit for units in choices)))
    decision = Decision(then, (), (), 0.0)
    figures[f"{PLAN}{_KNOWING}"] = gain_of_knowing_all(curves, decision)
    before_it, after_it = (outcomes(curves, seen[units], units) for units in choices[:2])
    for name, numbers in _named(items).items():
        some = [(after_it[n], then[n]) for n in numbers]
        gain = seen[then].profit - seen[without(items, then, numbers)].profit
        found = _brought_about(curves, some, [before_it[n] for n in numbers], gain)
        figures |= {f"{PLAN}{name}.{key}": values for key, values in found}
    return figures


def _chosen(curves: Curves, units: Purchase) -> tuple[Purchase, Purchase, Purchase]:
    """Return the units of the choices, in the order of their names."""
    return curves.owned, units, forecast_and_margin(curves)


@dataclass(frozen=True)
class _Measure:
    """How many units some items have or buy, or what these cost, by the units on hand of all."""

    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    key: str

    def __call__(self, units: Sequence[float]) -> float:
        return sum(self._of(self.items[number], units[number]) for number in self.numbers)

    def _of(self, item: Item, units: float) -> float:
        match self.key:
            case "cost":
                return float(item.cost(units - item.owned))
            case "buy":
                return units - item.owned
            case "have":
                return units + item.arriving
            case "owned":
                return item.owned + item.arriving
            case "owned before":
                return item.owned
        return units

    @property
    def unit(self) -> Unit:
        """What it is measured in."""
        return "currency" if self.key == "cost" else ""

    @property
    def step(self) -> float:
        """The least by which two purchases differ in it."""
        return 0 if self.key == "cost" else min(self.items[n].pack for n in self.numbers)

    def asked(self, wanted: Wanted) -> Asked:
        """Return which items it asks for, and of how many units what is expected says something."""
        nothing = self([item.owned for item in self.items])
        ends = (end - nothing for end in (wanted.low, wanted.high) if np.isfinite(end))
        return Asked(self.numbers, () if self.key == "cost" else tuple(ends))


def _measures(items: tuple[Item, ...]) -> dict[str, _Measure]:
    """Return what is chosen, by its path: by the names of the document, and those of the table."""
    whole = tuple(range(len(items)))
    found = {
        f"{PLAN}{path}": _Measure(items, whole, key)
        for key, document in (("buy", "units"), ("cost", "cost"))
        for path in (key, f"purchase.{document}")
    }
    for name, numbers in _named(items).items():
        for path, key in _OF_UNITS.items():
            found[f"{PLAN}{name}.{path}"] = _Measure(items, numbers, key)
    for number, item in enumerate(items):
        for which, key in (("now", "owned before"), ("recommended", "on hand")):
            path = f"{PLAN}choices.{which}.units.{item.name}"
            found[path] = _Measure(items, (number,), key)
    return found


def _ends(curves: Curves, decision: Decision) -> Iterator[list[float]]:
    """Yield the fewest and the most units of each item; half a pack from those decided at least.

    A purchase that is only not significant yet lies between them, too.
    """
    ends = simulation_intervals(curves, MOST_PROFIT, decision)
    best = MOST_PROFIT.choose(curves, Terms.of(curves))
    each = [*zip(curves.items, decision.units, best, ends, strict=True)]
    yield [
        max(item.owned, min(low, units, have - item.pack / 2))
        for item, have, units, (low, _) in each
    ]
    yield [max(high, units, have + item.pack / 2) for item, have, units, (_, high) in each]


def _named(items: Sequence[Item]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the items that each name of the document stands for."""
    by_product: dict[str, tuple[int, ...]] = {}
    for number, item in enumerate(items):
        by_product[item.product] = (*by_product.get(item.product, ()), number)
    variants = {
        ".variants.".join(item.name.split(".")): (number,)
        for number, item in enumerate(items)
        if "." in item.name
    }
    return by_product | variants


def _brought_about(
    curves: Curves,
    then: Sequence[tuple[StockCurve, int]],
    now: Sequence[StockCurve],
    gain: Array,
) -> Iterator[tuple[str, Array]]:
    """Yield what some items come to, with the units recommended and with those that are owned.

    Parameters
    ----------
    curves
        Of the whole show.
    then, now
        What the items come to with the units recommended, and with those owned.
    gain
        What their purchase earns, shape (R,).
    """
    yield "demand", np.sum([curve.demand for curve, _ in then], axis=0)
    yield "left_over", np.sum([curve.at("left_over", many) for curve, many in then], axis=0)
    yield "gain", gain
    if len(then) == 1:
        for key, of in (("goes_back", curves.given_back), ("weeks_left", curves.weeks_left)):
            if (values := of(*then[0])) is not None:
                yield key, values
    for ending, at in (("", then), ("_now", [(curve, curve.item.owned) for curve in now])):
        yield f"earns{ending}", np.sum([curve.at("profit", many) for curve, many in at], axis=0)
        if len(at) == 1:
            yield f"unavailable{ending}", _came_to_it(*at[0], "unavailable_after")
            yield f"sold_out{ending}", _came_to_it(*at[0], "sold_out_at")


def _came_to_it(curve: StockCurve, units: int, when: str) -> Array:
    """Return whether it came to something, by replication; between two levels how likely it did."""
    left, part = places(curve.levels, units)
    came = np.isfinite(curve.levels_of(when, slice(int(left), int(left) + 2)))
    chance = np.clip(came[:, 0] * (1.0 - part) + came[:, 1] * part, 0.0, 1.0)
    return chance > 0 if np.isin(chance, (0.0, 1.0)).all() else chance


def _choices(now: Array, then: Array, by_rule: Array) -> Iterator[tuple[str, Array]]:
    """Yield what the choices come to, by their profits, each of shape (R,)."""
    for name, profit in zip(_CHOICES, (now, then, by_rule), strict=True):
        above = f"{PLAN}choices.{name}"
        told = {"profit": profit, "loss": profit < 0, "gain": profit - now, "cost": then - profit}
        told["worst"] = worst_by_show(profit)
        for key, values in told.items():
            yield f"{above}.{key}", values
            if name == "recommended" and key in _OF_RECOMMENDED:
                yield f"{PLAN}{key}", values
