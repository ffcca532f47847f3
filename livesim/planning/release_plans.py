"""How to put the recommended units on sale, and how to top them up.

Waves, a reserve that is called, orders beyond the stock: each way is tried on the same random
numbers as selling all at once, beside the benchmark rule (60/30/10 %), so that a planner sees
what a way earns and which differences are not significant. What a small search has found is judged
on other shows than those it was found on, or chance would be taken for merit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.experiment.runner import Runner
from livesim.experiment.study import check_replications
from livesim.planning.curves import Curves
from livesim.planning.deciding import Decision
from livesim.planning.items import owned_paths
from livesim.planning.objectives import MOST_PROFIT, Objective
from livesim.planning.offers import AS_IN_FILE, AT_ONCE, Offer, Search, offers
from livesim.planning.trials import Seen, Trial, tried
from livesim.results.intervals import Chance, Estimate, estimate, mean_interval, quantile

#: A plan compares ways to sell, and other totals where joint stocks take long, in so many of its
#: shows at most: differences on the same random numbers are small.
COMPARED: Final = 250


@dataclass(frozen=True)
class ReleaseOutcome:
    """A way to sell one product's units, the other products as recommended.

    Parameters
    ----------
    product, kind
        Which product, and of which kind the way is: ``at_once``, ``as_in_file``,
        ``benchmark_rule``, ``split`` (two waves), ``reserve_below``, ``reserve_when``,
        ``no_reserve``, ``backorder``, ``no_backorder``.
    changes
        What it takes, by path: ``scenario.with_changes(way.changes)`` is the show sold like this.
    units
        Units on hand before the show, waves included [units].
    gain
        Profit of the whole show above selling all at once, on the same random numbers [currency].
    sold_out
        Chance to be sold out before the show ends.
    sold_out_after
        Median time to the sell-out after the first link, over the shows that sell out [s]; None if
        none does.
    on_sale
        Share of the time on offer in which there are units on hand [1].
    lost, left_over
        Units turned away, and left over [units].
    bought
        Units paid for: owned, called and made to order [units].
    note
        What a planner must know of it; mostly nothing.
    recommended
        Whether to sell it like this: as the file does, unless another way surely brings more.
    above_called, above_none
        Of the best rule by what is sold by a moment: its profit above calling the reserve then
        whatever is sold, and above having none, each as is best for it [currency]. The smaller one
        is what it is worth to wait for that count.
    """

    product: str
    kind: str
    changes: Mapping[str, Any]
    units: int
    gain: Estimate
    sold_out: Chance
    sold_out_after: float | None
    on_sale: Estimate
    lost: Estimate
    left_over: Estimate
    bought: Estimate
    note: str = ""
    recommended: bool = False
    above_called: Estimate | None = None
    above_none: Estimate | None = None


def release_plans(
    curves: Curves,
    decision: Decision,
    objective: Objective = MOST_PROFIT,
    *,
    replications: int = 500,
    runner: Runner,
) -> tuple[ReleaseOutcome, ...]:
    """Compare ways to put the recommended units on sale and to top them up.

    Parameters
    ----------
    curves, decision, objective
        The show, how many units of each item are recommended, and what for.
    replications
        Number of simulated shows R: whole batches of 50. As many others are searched on.
    runner
        Who does the work.

    Returns
    -------
    tuple of ReleaseOutcome
        For each product that has units: all at once, the benchmark rule, what the file says, and
        the best that was found. The same for any number of workers.

    Raises
    ------
    UsageError
        If the replications are not whole batches.
    KeyboardInterrupt
        If it was interrupted.

    Notes
    -----
    The split is searched for the objective where slots or viewers react to the stock, where a price
    rises during the show, and where a reserve can be called. Elsewhere waves cannot raise sales:
    the split is searched that keeps units on sale longest at a cost of at most 1 % of the profit.
    Reserve and orders beyond the stock are searched where the file has them, as only the supplier
    and the buyers can say their lead time and who accepts to wait. A reserve that is decided at a
    moment is also shown as called then whatever was sold: what the best rule brings above this and
    above no reserve is what it is worth to wait for that count (the expected value of sample
    information: Raiffa and Schlaifer 1961).

    Examples
    --------
    >>> import livesim
    >>> from livesim.planning.building import build_curves
    >>> from livesim.planning.deciding import decide
    >>> short = {"show.length": "30min", "show.refresh": "30s"}  # a quick look
    >>> scenario = livesim.load("scenarios/brand_room.yaml", short)
    >>> here = Runner(workers=1)
    >>> curves = build_curves(scenario, replications=100, runner=here)
    >>> found = release_plans(curves, decide(curves, MOST_PROFIT), replications=100, runner=here)
    >>> [way.kind for way in found if way.product == "serum"][:2]
    ['at_once', 'benchmark_rule']
    """
    check_replications(replications)
    on_offer = offers(curves, decision.units, objective)
    if not on_offer:
        return ()
    searches = [search for offer in on_offer for search in offer.searches()]
    see = partial(_see, curves, on_offer[0].as_in_file, replications, runner)
    found = _best(searches, partial(see, after=replications, what="Searching ways to sell"))
    _, *judged = see([trial for offer in on_offer for trial in _ways_of(offer, found)])
    at_once = {one.trial.product: one for one in judged if one.trial.kind == AT_ONCE}
    best = recommended(objective, judged)
    ways = [
        replace(_way(curves, one, at_once[one.trial.product]), recommended=number in best)
        for number, one in enumerate(judged)
    ]
    for rule, called, none in (found for offer in on_offer for found in offer.informed(judged)):
        profit = judged[rule].profit[:, 0]
        ways[rule] = replace(
            ways[rule],
            above_called=estimate(profit - judged[called].profit[:, 0]),
            above_none=estimate(profit - judged[none].profit[:, 0]),
        )
    return tuple(ways)


def _ways_of(offer: Offer, found: Sequence[Trial]) -> list[Trial]:
    """Return the ways that need no search, and what was found otherwise."""
    ways = list(offer.rules())
    for one in found:
        known = any(
            one.levers == way.levers and np.array_equal(one.units, way.units) for way in ways
        )
        if one.product == offer.product and not known:
            ways.append(one)
    return ways


def recommended(objective: Objective, judged: Sequence[Seen]) -> set[int]:
    """Return the numbers of the ways to recommend, one of each product.

    As the file sells it, or the way of most profit among those that surely bring more (95 % over
    all ways together, Bonferroni) and reach the objective as well.

    Parameters
    ----------
    objective
        What the plan is for.
    judged
        The ways of all products, on the same random numbers.
    """
    missed = [min(float(objective.score(one)[0][0]), 0.0) for one in judged]
    tail, usual = 0.025 / len(judged), {}
    for number, one in enumerate(judged):  # the file's waves stand behind selling all at once
        if one.trial.kind in (AT_ONCE, AS_IN_FILE):
            usual[one.trial.product] = number
    best = set()
    for product, base in usual.items():
        surely = [
            number
            for number, one in enumerate(judged)
            if one.trial.product == product
            and missed[number] >= missed[base]
            and _above_zero(one.profit[:, 0] - judged[base].profit[:, 0], tail)
        ]
        best.add(max(surely, key=lambda n: judged[n].profit[:, 0].mean(), default=base))
    return best


def _above_zero(gain: Floats, tail: float) -> bool:
    """Say whether a mean is surely above 0, in a tail of its interval [1]."""
    mean, half_width = mean_interval(gain, tail=tail)
    return half_width is not None and mean > half_width


def _see(
    curves: Curves,
    as_in_file: Trial,
    replications: int,
    runner: Runner,
    trials: Sequence[Trial],
    after: int = 0,
    what: str = "Comparing ways to sell",
) -> list[Seen]:
    """Return what becomes of all products as the file has them, and of trials beside these."""
    rows = [as_in_file, *trials]
    return tried(curves, rows, replications, after=after, runner=runner, what=what)


def _best(
    searches: Sequence[Search],
    see: Callable[[Sequence[Trial]], list[Seen]],
) -> list[Trial]:
    """Return the best way of each search, unless it comes to the same as selling all at once."""
    if not searches:
        return []
    _, *tries = see([trial for one in searches for trial in (one.at_once, *one.trials)])
    seen = iter(tries)
    found = []
    for one in searches:
        at_once = next(seen)
        scored = [
            (score, result, level)
            for result in (at_once, *(next(seen) for _ in one.trials))
            for level, score in enumerate(one.score(at_once, result))
            if one.or_nothing or result is not at_once
        ]
        _, best, level = max(scored, key=lambda each: each[0])  # the first of equally good ones
        if not np.array_equal(best.profit[:, level], at_once.profit[:, 0]):
            found.append(best.trial.at(level))
    return found


def _way(curves: Curves, seen: Seen, at_once: Seen) -> ReleaseOutcome:
    """Report what was seen of a way."""
    trial = seen.trial
    mine = [n for n, item in enumerate(curves.items) if item.product == trial.product]
    after = seen.sold_out_after[:, 0]
    sold_out = np.isfinite(after)
    return ReleaseOutcome(
        product=trial.product,
        kind=trial.kind,
        changes=trial.changes | _owned(curves, trial, mine),
        units=int(trial.units[mine].sum()),
        gain=estimate(seen.profit[:, 0] - at_once.profit[:, 0]),
        sold_out=Chance.of(int(sold_out.sum()), len(after)),
        sold_out_after=quantile(after[sold_out], 0.5) if sold_out.any() else None,
        on_sale=estimate(seen.on_sale, least=0.0),
        lost=estimate(seen.figures["lost"][:, 0], least=0.0),
        left_over=estimate(seen.figures["left_over"][:, 0], least=0.0),
        bought=estimate(seen.figures["bought"][:, 0], least=0.0),
        note=trial.note,
    )


def _owned(curves: Curves, trial: Trial, mine: Sequence[int]) -> dict[str, int]:
    """Return the units to own by their path in the scenario, those for samples included."""
    items = {curves.items[number]: int(trial.units[number][0]) for number in mine}
    return owned_paths(curves.scenario, items)
