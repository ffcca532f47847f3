"""What a plan's data is called in sentences: objectives, limits, evidence, ways to sell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livesim.planning.defaults import Default
from livesim.planning.limits import (
    BetterTogether,
    BudgetDecides,
    BudgetServes,
    FewReplications,
    LevelsEnd,
    LevelsServe,
    Limit,
    Missed,
    NothingLimits,
    NotSignificant,
    StorageDecides,
    StorageServes,
    TooRisky,
)
from livesim.planning.objectives import FillRate, LossCap, Objective, Service, WorstCap
from livesim.planning.observed import Evidence
from livesim.planning.offers import (
    AS_IN_FILE,
    AT_ONCE,
    BACKORDER,
    BENCHMARK_RULE,
    NO_BACKORDER,
    NO_RESERVE,
    ONLY_DELAY,
    PROMISE,
    RESERVE_BELOW,
    RESERVE_WHEN,
    SPLIT,
)
from livesim.planning.release_plans import ReleaseOutcome
from livesim.planning.risk import WORST
from livesim.report.naming import item as called
from livesim.report.naming import product
from livesim.report.wording import counted, duration, volume
from livesim.resolve.observed import tuning_warnings
from livesim.resolve.words import exact_share, listed, money, share
from livesim.scenario.parts import Observed
from livesim.scenario.quantities import DURATION
from livesim.scenario.scenario import Scenario

#: What there is to know of a way to sell.
WAY_NOTES: Final = {
    ONLY_DELAY: "Nothing reacts to this stock, so waves cannot raise expected sales: they put off "
    "the sell-out.",
    PROMISE: "With a wave then it cannot be sold out before, but there may be nothing left until "
    "then.",
}

#: What a kind of ways to sell is called, with the numbers of the way.
_WAYS: Final = {
    AT_ONCE: "all at once",
    AS_IN_FILE: "waves as in the file",
    BENCHMARK_RULE: "60/30/10 %",
    SPLIT: "{first}, the rest after {after}",
    NO_RESERVE: "no reserve",
    RESERVE_BELOW: "call {units:,} below {below:,}",
    RESERVE_WHEN: "call {units:,} if over {sold:,} by {at}",
    NO_BACKORDER: "no orders beyond the stock",
    BACKORDER: "up to {units:,} beyond the stock",
}


def way_to_sell(way: ReleaseOutcome) -> str:
    """Return what a way to sell a product is called."""
    numbers = {
        path.rpartition(".")[2]: value
        for path, value in way.changes.items()
        if ".reserve." in path or ".backorder." in path
    }
    if way.kind == RESERVE_WHEN:
        numbers["at"] = duration(DURATION.read(numbers["at"]))
    if way.kind == SPLIT:
        first, second = way.changes[f"products.{way.product}.waves"].values()
        numbers["first"] = share(first["share"])
        numbers["after"] = duration(DURATION.read(second["after"]))
    return _WAYS[way.kind].format(**numbers)


def aim(objective: Objective, currency: str) -> str:
    """Return what a plan is for, in words.

    Examples
    --------
    >>> aim(Service(0.9, 1200.0), "CNY")
    'always available until 20 min after the link, 90 % sure'
    """
    match objective:
        case LossCap(chance):
            return f"most expected profit, a loss in at most {exact_share(chance)} of shows"
        case WorstCap(least):
            return (
                f"most expected profit, the worst {exact_share(WORST)} of shows at "
                f"{money(least, currency)} or more on average"
            )
        case Service(sure, by):
            until = "the end" if by is None else f"{duration(by)} after the link"
            return f"always available until {until}, {exact_share(sure)} sure"
        case FillRate(of_demand):
            return f"{exact_share(of_demand)} of demand served"
        case _:
            return objective.examples[str(objective)]


def missed(one: Missed, objective: Objective, scenario: Scenario) -> str:
    """Say by what an objective is missed."""
    currency = scenario.show.currency
    match one, objective:
        case TooRisky(at_best), WorstCap(least):
            return (
                f"No purchase is safe enough: at best, the worst {exact_share(WORST)} of shows "
                f"make {currency} {at_best:,.0f} on average, not {money(least, currency)}."
            )
        case TooRisky(at_best), LossCap(chance):
            return (
                "No purchase is safe enough: at best, the show makes a loss in "
                f"{exact_share(at_best)} of cases, not in {exact_share(chance)}."
            )
        case LevelsServe(item, most, served), Service() | FillRate():
            return (
                f"{called(item)}: even {most:,} units, the most that were simulated, serve "
                f"{exact_share(served)}, not the {exact_share(objective.least)} asked for."
            )
        case BudgetServes(served, possible, needed), _:
            paid = money(needed * scenario.supply.paid_part, currency)
            return (
                f"The budget of {_budget(scenario)} serves every item to {exact_share(served)} at "
                f"most, not to {exact_share(possible)}, which takes {paid}."
            )
        case StorageServes(served, possible, needed), _:
            return (
                f"{_storage(scenario)} serves every item to {exact_share(served)} at most, not to "
                f"{exact_share(possible)}, which takes {volume(needed)}."
            )
    raise TypeError(f"{one} of {objective}")


def limit(one: Limit, objective: Objective, scenario: Scenario) -> str:
    """Say what is to be known of a decision."""
    currency = scenario.show.currency
    match one:
        case NotSignificant(bought_of, bought, gain):
            return (
                f"{called(bought_of)}: buying {bought:,} would earn {currency} {gain.mean:,.0f} ± "
                f"{gain.half_width or 0:,.0f} more than buying none: not significant at 95 %, so "
                "none is recommended. More replications would tell."
            )
        case FewReplications(rare, done, needed):
            return (
                f"{done:,} replications are too few for {objective}: it asks about 1 show in "
                f"{1 / rare:,.0f}. Take at least {needed:,}."
            )
        case NothingLimits(items):
            return (
                f"{listed(map(called, items))}: left-overs are worth what they cost or more, so "
                "nothing limits the purchase but the most that was looked at, enough for the "
                "highest demand simulated. Give a budget or a storage, or as left_over_value "
                "what a unit brings after it was stored and sold off."
            )
        case LevelsEnd(item, most):
            return (
                f"{called(item)}: the best number may lie above {most:,} units, the most that were "
                "simulated."
            )
        case BudgetDecides(cost, gain):
            return (
                f"The budget of {_budget(scenario)} decides: without it, the best purchase costs "
                f"{money(cost, currency)} and earns {currency} {gain:,.0f} more."
            )
        case StorageDecides(needed, gain):
            return (
                f"{_storage(scenario)} decides: without it, the best purchase takes "
                f"{volume(needed)} with what you own, and earns {currency} {gain:,.0f} more."
            )
        case BetterTogether():
            return (
                "Simulated as a whole, these units earn more than those to which the items' own "
                "curves add up."
            )


def _storage(scenario: Scenario) -> str:
    return f"The storage of {volume(scenario.supply.storage or 0.0)}"


def _budget(scenario: Scenario) -> str:
    return money(scenario.supply.budget or 0.0, scenario.show.currency)


def taken(one: Default, currency: str) -> str:
    """Return a value that nobody wrote."""
    return money(one.value, currency) if one.part_of else _default_value(one, one.value)


def instead(one: Default) -> str:
    """Return the ends of what is plausible in the place of a value that nobody wrote."""
    return f"{_default_value(one, one.low.value)} → {_default_value(one, one.high.value)}"


def _default_value(one: Default, value: float) -> str:
    if one.part_of:
        return f"{one.part_of.removeprefix('unit_')} × {value:g}" if value else "0"
    if one.key.endswith("limit"):
        return f"{value:g}"
    return exact_share(value) + (" two" if one.key.endswith("quantity") else "")


def held_against(one: Evidence, observed: Observed) -> Iterator[str]:
    """Say how likely what was observed of a product is, and where it was taken for demand."""
    yield from tuning_warnings(product(one.product), one.demand, one.viewers, observed, "median")
    seen = f"sold {counted(observed.sold, 'unit')}, not sold out"
    likely = f"so {one.side} are sold in {share(one.likely)} of shows"
    if observed.sold_out:
        seen = f"sold out {counted(observed.sold, 'unit')}"
        likely = f"so many are wanted in {share(one.wanted or 0.0)} of shows"
    if observed.after is not None:
        seen += f" within {duration(observed.after)}"
        likely += f" and gone so soon in {share(one.likely)}"
    line = f"{product(one.product)}: observed: {seen}; in this scenario {likely}."
    wrong = {
        "gone": "demand or its pace is too low",
        "few": "demand is too high",
        "many": "demand is too low",
    }[one.side]
    yield (
        line
        if not one.contradicts
        else (
            f"{line} One contradicts the other: {wrong}, or this show is not like the one observed."
        )
    )
