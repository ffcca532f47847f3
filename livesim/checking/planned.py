"""The figures of a show's plan by path, and which there are.

A plan is that of ``livesim plan``, for most profit, and a path that of its ``--json`` behind
``plan.``: ``plan.serum.purchase`` (``buy``, as the table says, means the same),
``plan.serum.earns.p10``, ``plan.choices.now.loss``. Of all products together,
``choices.recommended.`` and ``purchase.`` may be left out: ``plan.profit.p10``, ``plan.cost``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil, floor, inf, isfinite
from typing import Final

import numpy as np

from livesim.arrays import Array
from livesim.checking.measures import measures, named
from livesim.checking.searched import OfTheBest, Search
from livesim.checking.testing import Estimated, Figure, sample
from livesim.errors import UsageError
from livesim.planning.curves import Simulated
from livesim.planning.items import items_of, terms_of_item
from livesim.planning.terms import Purchase
from livesim.randomness import BATCH
from livesim.results.figures import Unit
from livesim.scenario.expecting import PLAN
from livesim.scenario.scenario import Scenario

_OF_ITEMS: Final = ("demand", "left_over", "earns", "earns_now", "gain")
_OF_ONE_ITEM: Final = ("unavailable", "unavailable_now", "sold_out", "sold_out_now")
_OF_CHOICE: Final = ("profit", "loss", "worst", "gain", "cost")
CHOICES: Final = ("now", "recommended", "forecast × 1.3")
KNOWING: Final = "value_of_perfect_information"
OF_RECOMMENDED: Final = ("profit", "loss", "gain")
_OF_SHOW: Final = (
    *(*OF_RECOMMENDED, KNOWING),
    *(f"choices.{which}.{key}" for which in CHOICES for key in _OF_CHOICE),
)

#: What else a plan's document has.
_OF_DOCUMENT: Final = (
    *("format", "kind", "title", "scenarios", "digest", "seed", "replications", "requested"),
    *("interrupted", "versions", "notes", "fingerprint", "objective", "reached", "reaction"),
    *("simulation_error", "precision", "fixed_costs", "lots", "sensitivity", "drivers"),
    *("defaults", "release_plans", "evidence"),
)


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
    least, step
        What it is at least, and by how much what it can be differs; 0 where that is by anything.
    """

    value: float
    low: float
    high: float
    replications: int
    unit: Unit = ""
    least: float = -inf
    step: float = 0.0

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return the value and the ends of its interval, wider than at 95 % as Student's t is.

        Each end is what can be bought: the next whole pack further out, and not less than nothing.

        Parameters
        ----------
        tail
            Chance to miss on one side [1].

        Examples
        --------
        >>> Chosen(40, 37.5, 46, 1000, least=0, step=5).interval(0.025)
        (40, 35, 50)
        """
        from scipy.special import stdtrit

        freedom = self.replications // BATCH - 1
        wider = float(stdtrit(freedom, 1 - tail) / stdtrit(freedom, 0.975))
        low, high = self.value - self.low, self.high - self.value
        least = self._possible(self.value - wider * low, floor)
        return self.value, least, self._possible(self.value + wider * high, ceil)

    def _possible(self, end: float, to_whole: Callable[[float], int]) -> float:
        """Return an end as far out as the next value that it can have."""
        if self.step and isfinite(end):
            end = self.least + self.step * to_whole(round((end - self.least) / self.step, 9))
        return max(self.least, end)


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
    """Return the figures that a show's plan has, before there is any: zeros.

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
    for name, numbers in named(items).items():
        keys = (*_OF_ITEMS, *(_OF_ONE_ITEM if len(numbers) == 1 else ()))
        known += [f"{PLAN}{name}.{key}" for key in keys]
        if len(numbers) == 1:
            terms = terms_of_item(scenario, items[numbers[0]])
            known += [f"{PLAN}{name}.goes_back"] * (terms.buy_back is not None)
            known += [f"{PLAN}{name}.weeks_left"] * (terms.left_over is not None)
    return Planned(
        {path: Chosen(0, 0, 0, BATCH, of.unit) for path, of in measures(items).items()},
        {path: np.zeros(1, dtype=bool if path.endswith("loss") else float) for path in known},
    )
