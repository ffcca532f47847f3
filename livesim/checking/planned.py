"""What rests on a show's stock curves: its plan, and whether it agrees with what was observed.

A plan is that of ``livesim plan``, for most profit, and a path that of its ``--json`` behind
``plan.``: ``plan.serum.purchase`` (``buy``, as the table says, means the same),
``plan.serum.profit.p10``, ``plan.choices.now.loss``. Of all products together,
``choices.recommended.`` and ``purchase.`` may be left out: ``plan.profit.p10``, ``plan.cost``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from livesim.checking.testing import NOT_OBSERVED, Judgement, Sample, Wanted, judge, sample
from livesim.errors import Interrupted, UsageError
from livesim.experiment.runner import Runner
from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.building import build_curves, extended
from livesim.planning.buying import Terms
from livesim.planning.curves import Curves, StockCurve, places
from livesim.planning.deciding import Decision, decide
from livesim.planning.drivers import gain_of_knowing_all
from livesim.planning.items import Item, items_of, terms_of_item
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.observed import likenesses
from livesim.planning.risk import worst_by_show
from livesim.randomness import BATCH
from livesim.results.figures import Array, Unit
from livesim.scenario.expecting import AGREES, PLAN
from livesim.scenario.scenario import Scenario

_WORST_FIRST: Final = ("broken", "undecided", "holds")
#: What is chosen, and known by an interval; of all else there is a number by replication.
_CHOSEN: Final = ("owned", "recommended", "have", "purchase", "buy", "units", "cost")
_OF_ITEMS: Final = (*_CHOSEN[:5], "cost", "demand", "left_over", "profit", "profit_now", "gain")
_OF_ONE_ITEM: Final = ("unavailable", "unavailable_now", "sold_out", "sold_out_now")
_OF_CHOICE: Final = ("profit", "loss", "worst", "gain", "cost")
_CHOICES: Final = ("now", "recommended", "forecast × 1.3")
_KNOWING: Final = "value_of_perfect_information"
_OF_SHOW: Final = (
    *("buy", "cost", "purchase.units", "purchase.cost", "profit", "loss", "gain", _KNOWING),
    *(f"choices.{which}.{key}" for which in _CHOICES for key in _OF_CHOICE),
)


def rests_on_curves(figure: str) -> bool:
    """Say whether a figure takes a show's stock curves."""
    return figure == AGREES or figure.startswith(PLAN)


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
    judged = [
        judge(Sample(one.chances, "mean", "share"), Wanted(low=one.least), tail / len(told))
        for one in told
    ]
    return min(judged, key=lambda judgement: _WORST_FIRST.index(judgement.verdict))


@dataclass(frozen=True)
class Chosen:
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

    def less(self, units: float) -> Chosen:
        """Return it without some units that are known."""
        value, low, high = (one - units for one in (self.value, self.low, self.high))
        return replace(self, value=value, low=low, high=high)

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
    """

    chosen: Mapping[str, Chosen]
    figures: Mapping[str, Array]

    def figure(self, path: str) -> Chosen | Sample:
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
    chosen = {path for path in known if path.endswith(_CHOSEN) and "choices" not in path}
    chosen |= {path for item in items for path in _units(item)}
    return Planned(
        dict.fromkeys(chosen, Chosen(0, 0, 0, BATCH)),
        {
            path: np.zeros(1, dtype=bool if path.endswith("loss") else float)
            for path in set(known) - chosen
        },
    )


def planned(curves: Curves) -> Planned:
    """Return the plan for most profit.

    Parameters
    ----------
    curves
        The show's stock curves.

    Raises
    ------
    UsageError
        If there is no best number of units, or slots or viewers react to the stock.
    """
    if curves.reaction != "nothing":
        raise UsageError(
            "a plan is not tested where slots or viewers react to the stock, or bundles and gifts "
            "share it, as its units are found by trials, and how far chance moves those is not "
            "known; write the units into an alternative or a file, and compare with it: "
            '{profit: "> NAME"}'
        )
    decision = decide(curves, MOST_PROFIT)
    ends = _ends(curves, decision)
    chosen, figures = dict[str, Chosen](), dict(_choices(curves, decision.units))
    figures[f"{PLAN}{_KNOWING}"] = gain_of_knowing_all(curves, decision)
    for name, numbers in _named(curves.items).items():
        for key, one in _chosen(curves, decision.units, ends, numbers):
            chosen[f"{PLAN}{name}.{key}"] = one
        for key, values in _brought_about(curves, decision.units, numbers):
            figures[f"{PLAN}{name}.{key}"] = values
    for number, item in enumerate(curves.items):
        own = Chosen(item.owned, item.owned, item.owned, curves.replications)
        here = dict(_chosen(curves, decision.units, ends, [number]))["recommended"]
        of_show = here.less(item.arriving)
        chosen |= zip(_units(item), (own, of_show), strict=True)
    whole = dict(_chosen(curves, decision.units, ends, range(len(curves.items))))
    for key, document in (("buy", "units"), ("cost", "cost")):
        chosen[f"{PLAN}{key}"] = chosen[f"{PLAN}purchase.{document}"] = whole[key]
    for key in ("profit", "loss", "gain"):
        figures[f"{PLAN}{key}"] = figures[f"{PLAN}choices.recommended.{key}"]
    return Planned(chosen, figures)


def _units(item: Item) -> list[str]:
    """Return where the document tells the units of an item, now and as recommended."""
    return [f"{PLAN}choices.{which}.units.{item.name}" for which in _CHOICES[:2]]


def _ends(curves: Curves, decision: Decision) -> list[tuple[int, int]]:
    """Return each item's interval; a purchase that is only not significant yet lies in it, too."""
    ends = simulation_intervals(curves, MOST_PROFIT, decision)
    best = MOST_PROFIT.choose(curves, Terms.of(curves))
    both = zip(ends, best, strict=True)
    return [(min(low, units), max(high, units)) for (low, high), units in both]


def _named(items: Sequence[Item]) -> dict[str, list[int]]:
    """Return the numbers of the items that each name of the document stands for."""
    by_product: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        by_product.setdefault(item.product, []).append(number)
    variants = {
        ".variants.".join(item.name.split(".")): [number]
        for number, item in enumerate(items)
        if "." in item.name
    }
    return by_product | variants


def _chosen(
    curves: Curves, units: Sequence[int], ends: Sequence[tuple[int, int]], numbers: Sequence[int]
) -> Iterator[tuple[str, Chosen]]:
    """Yield units of some items together; an interval reaches half a pack beyond at least.

    They have the names of the document, and those of the table.
    """
    totals = np.zeros((3, 2))
    for number in numbers:
        item, value, (low, high) = curves.items[number], units[number], ends[number]
        at = np.array([value, min(low, value - item.pack / 2), max(high, value + item.pack / 2)])
        totals += np.outer(np.maximum(at - item.owned, 0), [1.0, item.unit_cost])
    there = sum(curves.items[number].owned + curves.items[number].arriving for number in numbers)
    many = curves.replications
    (bought, fewest, most), (cost, least, dearest) = totals.T.tolist()
    yield "owned", Chosen(there, there, there, many)
    for name in ("recommended", "have"):
        yield name, Chosen(there + bought, there + fewest, there + most, many)
    for name in ("purchase", "buy"):
        yield name, Chosen(bought, fewest, most, many)
    yield "cost", Chosen(cost, least, dearest, many, "currency")


def _brought_about(
    curves: Curves, units: Sequence[int], numbers: Sequence[int]
) -> Iterator[tuple[str, Array]]:
    """Yield what some items come to, with the units recommended and with those that are owned."""
    some = [(curves.curves[number], units[number]) for number in numbers]
    yield "demand", np.sum([curve.demand for curve, _ in some], axis=0)
    yield "left_over", np.sum([curve.at("left_over", many) for curve, many in some], axis=0)
    yield "gain", np.sum([curve.gain(curve.item.owned, many) for curve, many in some], axis=0)
    if len(some) == 1:
        for key, of in (("goes_back", curves.given_back), ("weeks_left", curves.weeks_left)):
            if (values := of(*some[0])) is not None:
                yield key, values
    for ending, at in (("", some), ("_now", [(curve, curve.item.owned) for curve, _ in some])):
        yield f"profit{ending}", np.sum([curve.at("profit", many) for curve, many in at], axis=0)
        if len(at) == 1:
            yield f"unavailable{ending}", _came_to_it(*at[0], "unavailable_after")
            yield f"sold_out{ending}", _came_to_it(*at[0], "sold_out_at")


def _came_to_it(curve: StockCurve, units: int, when: str) -> Array:
    """Return whether it came to something, by replication; between two levels how likely it did."""
    left, part = places(curve.levels, units)
    came = np.isfinite(curve.figures[when])
    chance = np.clip(came[:, left] * (1.0 - part) + came[:, left + 1] * part, 0.0, 1.0)
    return chance > 0 if np.isin(chance, (0.0, 1.0)).all() else chance


def _choices(curves: Curves, units: Sequence[int]) -> Iterator[tuple[str, Array]]:
    chosen = curves.owned, units, forecast_and_margin(curves)
    now, then, by_rule = (curves.profit_together(each) for each in chosen)
    for name, profit in zip(_CHOICES, (now, then, by_rule), strict=True):
        above = f"{PLAN}choices.{name}"
        yield f"{above}.profit", profit
        yield f"{above}.loss", profit < 0
        yield f"{above}.worst", worst_by_show(profit)
        yield f"{above}.gain", profit - now
        yield f"{above}.cost", then - profit
