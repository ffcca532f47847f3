"""What a plan's data is called in sentences: objectives, limits, evidence, ways to sell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livesim.planning import limits, offers
from livesim.planning.defaults import Default
from livesim.planning.objectives import FillRate, LossCap, Objective, Service, WorstCap
from livesim.planning.observed import Evidence
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.release_plans import ReleaseOutcome
from livesim.planning.risk import WORST
from livesim.report.language import heading, say
from livesim.report.naming import item as called
from livesim.report.naming import product
from livesim.report.wording import amount, counted, decimals_of, duration, exactly, listed, volume
from livesim.resolve.observed import tuning_warnings
from livesim.resolve.words import exact_share, money, share
from livesim.scenario.parts import Observed, Reserve
from livesim.scenario.quantities import DURATION, KEPT, WORTH
from livesim.scenario.scenario import Scenario

#: What there is to know of a way to sell.
WAY_NOTES: Final = {
    offers.ONLY_DELAY: "Nothing reacts to this stock, so waves cannot raise expected sales: they "
    "put off the sell-out.",
    offers.PROMISE: "With a wave then it cannot be sold out before, but there may be nothing left "
    "until then.",
}

#: What a kind of ways to sell is called, with the numbers of the way.
_WAYS: Final = {
    offers.AT_ONCE: "all at once",
    offers.AS_IN_FILE: "waves as in the file",
    offers.BENCHMARK_RULE: "60/30/10 %",
    offers.SPLIT: "{first}, the rest after {after}",
    offers.NO_RESERVE: "no reserve",
    offers.RESERVE_BELOW: "call {units:,} below {below:,}",
    offers.RESERVE_WHEN: "call {units:,} if over {sold:,} by {at}",
    offers.NO_BACKORDER: "no orders beyond the stock",
    offers.BACKORDER: "up to {units:,} beyond the stock",
}


def way_to_sell(way: ReleaseOutcome) -> str:
    """Return what a way to sell a product is called."""
    numbers = {
        path.rpartition(".")[2]: value
        for path, value in way.changes.items()
        if ".reserve" in path or ".backorder." in path
    }
    if way.kind == offers.RESERVE_WHEN:
        numbers["at"] = duration(DURATION.read(numbers["at"]))
    if way.kind == offers.SPLIT:
        first, second = way.changes[f"products.{way.product}.waves"].values()
        numbers["first"] = share(first["share"])
        numbers["after"] = duration(DURATION.read(second["after"]))
    below = f"products.{way.product}.reserve."
    for path in way.changes:
        one = path.removeprefix(below).partition(".")[0]
        if path.startswith(below) and one not in Reserve.model_fields:  # one of several
            if way.kind == offers.NO_RESERVE:
                return say("without {reserve}", reserve=one)
            return say("{reserve}: {way}", reserve=one, way=say(_WAYS[way.kind], **numbers))
    return say(_WAYS[way.kind], **numbers)


def aim(objective: Objective, currency: str) -> str:
    """Return what a plan is for, in words.

    Examples
    --------
    >>> aim(Service(0.9, 1200.0), "CNY")
    'always available until 20 min after the link, 90 % sure'
    """
    match objective:
        case LossCap(chance):
            return say(
                "most expected profit, a loss in at most {chance} of shows",
                chance=exact_share(chance),
            )
        case WorstCap(least):
            return say(
                "most expected profit, the worst {worst} of shows at {least} or more on average",
                worst=exact_share(WORST),
                least=money(least, currency),
            )
        case Service(sure, by):
            until = say("the end") if by is None else say("{by} after the link", by=duration(by))
            return say(
                "always available until {until}, {sure} sure", until=until, sure=exact_share(sure)
            )
        case FillRate(of_demand):
            return say(
                "{of_demand} of demand served, all shows added up",
                of_demand=exact_share(of_demand),
            )
        case _:
            return say(objective.examples[str(objective)])


def paid(plan: Plan, number: float) -> str:
    """Return what units cost, exactly: to the cent where a unit's cost has cents."""
    return exactly(number, cost_decimals(plan))


def cost_decimals(plan: Plan) -> int:
    """Return how many decimals costs of purchases have beside each other."""
    items = [one.curve.item for one in plan.items]
    prices = [price for one in items for price in (one.unit_cost, *dict(one.breaks).values())]
    return decimals_of(prices, plan.currency)


def in_the_balance(plan: Plan) -> list[ItemPlan]:
    """Return the items of which other random numbers may buy none, or as much again."""
    known = plan.simulation_error is not None
    return [item for item in plan.items if known and item.in_the_balance]


def missed(one: limits.Missed, objective: Objective, scenario: Scenario) -> str:
    """Say by what an objective is missed."""
    currency = scenario.show.currency
    match one, objective:
        case limits.TooRisky(at_best), WorstCap(least):
            return say(
                "Not safe enough: at best, the worst {worst} make {currency} {at_best:,.0f}, not "
                "{least}.",
                worst=exact_share(WORST),
                currency=currency,
                at_best=at_best,
                least=money(least, currency),
            )
        case limits.TooRisky(at_best), LossCap(chance):
            return say(
                "Not safe enough: at best, a loss in {at_best} of shows, not in {chance}.",
                at_best=exact_share(at_best),
                chance=exact_share(chance),
            )
        case limits.LevelsServe(item, most, served), Service() | FillRate():
            return say(
                "{item}: even {most:,} units, the most that were simulated, "
                "serve {served}, not the {least} asked for.",
                item=called(item),
                most=most,
                served=exact_share(served),
                least=exact_share(objective.least),
            )
        case limits.ResourceServes("budget", served, possible, needed), _:
            return say(
                "The budget of {scenario} serves each item to {served}; {possible} takes {paid}.",
                scenario=_budget(scenario),
                served=exact_share(served),
                possible=exact_share(possible),
                paid=money(needed, currency),
            )
        case limits.ResourceServes(_, served, possible, needed), _:
            return say(
                "{scenario} serves each item to {served}; {possible} takes {needed}.",
                scenario=_storage(scenario),
                served=exact_share(served),
                possible=exact_share(possible),
                needed=volume(needed),
            )
    raise TypeError(f"{one} of {objective}")


def _not_significant(one: limits.NotSignificant, currency: str) -> str:
    """Say of which purchase nobody knows whether it earns anything, and what is recommended."""
    told = {
        "bought_of": called(one.product),
        "bought": one.units,
        "currency": currency,
        "gain": amount(one.gain.mean),
        "half_width": amount(one.gain.half_width or 0),
    }
    if one.above:
        return say(
            "{bought_of}: buying {bought:,} would earn {currency} "
            "{gain} ± {half_width} more than the {fewer:,} that are recommended: not "
            "significant at 95 %. More replications would tell.",
            fewer=one.above,
            **told,
        )
    if one.fewer:
        return say(
            "{bought_of}: buying {bought:,} would earn {currency} "
            "{gain} ± {half_width} more than buying none: not "
            "significant at 95 %, so {fewer:,} are recommended, the most that are sure to earn "
            "something. More replications would tell.",
            fewer=one.fewer,
            **told,
        )
    return say(
        "{bought_of}: buying {bought:,} would earn {currency} "
        "{gain} ± {half_width} more than buying none: not "
        "significant at 95 %, so none is recommended. More replications "
        "would tell.",
        **told,
    )


def _keeps_its_worth(scenario: Scenario, item: str) -> bool:
    """Say whether what is left over of an item is worth what it costs, or is not paid for."""
    of = scenario.products[item.partition(".")[0]]
    return of.on_consignment or of.worth_left_over >= of.unit_cost


def limit(one: limits.Limit, objective: Objective, scenario: Scenario) -> str:
    """Say what is to be known of a decision."""
    currency = scenario.show.currency
    match one:
        case limits.NotSignificant():
            said = _not_significant(one, currency)
            if not one.above or not _keeps_its_worth(scenario, one.product):
                return said
            return say("{said} Left-overs cost nothing: only what is sure limits it.", said=said)
        case limits.UnsureTogether(together, gain, fewer) if fewer:
            return say(
                "Buying {together:,} units would earn {currency} {gain} ± "
                "{half_width} more than buying nothing: not significant at 95 %, so {fewer:,} "
                "are recommended, which are sure to earn something. More replications would tell.",
                together=together,
                currency=currency,
                gain=amount(gain.mean),
                half_width=amount(gain.half_width or 0),
                fewer=fewer,
            )
        case limits.UnsureTogether(together, gain, _):
            return say(
                "Buying {together:,} units would earn {currency} {gain} ± "
                "{half_width} more than buying nothing: not significant at 95 %, so nothing "
                "is recommended. More replications would tell.",
                together=together,
                currency=currency,
                gain=amount(gain.mean),
                half_width=amount(gain.half_width or 0),
            )
        case limits.FewReplications(_, done, needed):
            return say(
                "{done:,} replications are too few for {objective}: take at least {needed:,}.",
                done=done,
                objective=objective,
                needed=needed,
            )
        case limits.NothingLimits(items, on_consignment=True):
            return say(
                "{called}: left-overs go back for what they cost, so nothing limits the purchase "
                "but the most that was looked at, enough for the highest demand simulated. Ask "
                "how many are lent, or give a storage.",
                called=listed(map(called, items)),
            )
        case limits.NothingLimits(items):
            return say(
                "{called}: left-overs are worth what they cost or more, so "
                "nothing limits the purchase but the most that was looked at, "
                "enough for the highest demand simulated. Give a budget or a "
                "storage, or as left_over_value what a unit brings after it was "
                "stored and sold off.",
                called=listed(map(called, items)),
            )
        case limits.LevelsEnd(item, most):
            return say(
                "{item}: the best number may lie above {most:,} units, the most "
                "that were simulated.",
                item=called(item),
                most=most,
            )
        case limits.ResourceDecides("budget", cost, gain):
            return say(
                "The budget of {scenario} decides: {cost} would earn {currency} "
                "{gain} ± {half_width} more.",
                scenario=_budget(scenario),
                cost=money(cost, currency),
                currency=currency,
                gain=amount(gain.mean),
                half_width=amount(gain.half_width or 0),
            )
        case limits.ResourceDecides(_, needed, gain):
            return say(
                "{scenario} decides: {needed} would earn {currency} {gain} ± {half_width} more.",
                scenario=_storage(scenario),
                needed=volume(needed),
                currency=currency,
                gain=amount(gain.mean),
                half_width=amount(gain.half_width or 0),
            )
        case limits.BetterTogether():
            return say(
                "Simulated as a whole, these units earn more than those to which "
                "the items' own curves add up."
            )


def _storage(scenario: Scenario) -> str:
    return say("The storage of {storage}", storage=volume(scenario.supply.storage or 0.0))


def _budget(scenario: Scenario) -> str:
    return money(scenario.supply.budget or 0.0, scenario.show.currency)


def taken(one: Default) -> str:
    """Return a value that nobody wrote."""
    if one.key.endswith("left_over_value"):
        return str(WORTH.write(KEPT))  # which nobody wrote
    return _default_value(one, one.value) + (
        say(" for two") if one.key.endswith("quantity") else ""
    )


def instead(one: Default) -> str:
    """Return the ends of what is plausible in the place of a value that nobody wrote."""
    return f"{_default_value(one, one.low.value)} → {_default_value(one, one.high.value)}"


def _default_value(one: Default, value: float) -> str:
    if one.part_of:
        part_of = heading(one.part_of.removeprefix("unit_"))
        return f"{part_of} × {value:g}" if value else "0"
    if one.key.endswith("limit"):
        return f"{value:g}"
    return exact_share(value)


def held_against(one: Evidence, observed: Observed) -> Iterator[str]:
    """Say how likely what was observed of a product is, and where it was taken for demand."""
    yield from tuning_warnings(product(one.product), one.demand, one.viewers, observed, "median")
    seen = say("sold {count}, not sold out", count=counted(observed.sold, "unit"))
    likely = say("so {side} are sold in {likely} of shows", side=one.side, likely=share(one.likely))
    if observed.sold_out:
        seen = say("sold out {count}", count=counted(observed.sold, "unit"))
        likely = say("so many are wanted in {wanted} of shows", wanted=share(one.wanted or 0.0))
    if observed.after is not None:
        seen += say(" within {after}", after=duration(observed.after))
        likely += say(" and gone so soon in {likely}", likely=share(one.likely))
    line = say(
        "{product}: observed: {seen}; in this scenario {likely}.",
        product=product(one.product),
        seen=seen,
        likely=likely,
    )
    yield (
        line
        if not one.contradicts
        else (
            say(
                "{line} One contradicts the other: {wrong}, or this show is not "
                "like the one observed.",
                line=line,
                wrong=wrong(one),
            )
        )
    )


def wrong(one: Evidence) -> str:
    """Say what is wrong with a scenario that what was observed contradicts."""
    return {
        "gone": say("demand or its pace is too low"),
        "few": say("demand is too high"),
        "many": say("demand is too low"),
    }[one.side]
