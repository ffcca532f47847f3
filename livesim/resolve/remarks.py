"""What is said beside what past shows teach: what stands out in them, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import exp, inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.history import History
from livesim.history.factors import (
    Factors,
    Seen,
)
from livesim.resolve.effects import NORMAL_P90, Effect, Side, prices_differ
from livesim.resolve.learned import LITTLE, Learned, PastFactors, elasticity_at
from livesim.resolve.names_in_history import plain_name
from livesim.resolve.own_view import View
from livesim.resolve.past import Past
from livesim.resolve.words import counted, duration, interval, listed, multiple, share
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

#: A product's row so many standard deviations off is named; these are told by the median, for a
#: normal law, and taken to be at least so large, beside what chance gives to small numbers.
_FAR: Final = 4.0
_NORMAL_SD: Final = 1.4826
_LEAST_OFF: Final = 0.25
#: A price so many times the usual one is asked about.
_FAR_OFF: Final = 4.0
#: A mean that is so many times what one show sold is told beside it: an assumption.
_ABOVE: Final = 1.2
#: Returns that are so far from what past shows had are asked about [1]: an assumption.
_FAR_BACK: Final = 0.1
#: More than this share of a product sold after it was sold out is asked about [1]: so much may come
#: back on sale, as orders are not paid (an assumption).
_SOLD_LATER: Final = 0.1
#: So many such rows are named, those that are furthest off.
_NAMED: Final = 5
#: How notes end that belong in a short answer.
_NEW: Final = "so as uncertain as new products are"
_GUESS: Final = "so how much more was wanted is a guess"
_OTHERS: Final = "what is learned is taken to hold of this one, too"
#: Of an effect shows are taken to add at least this share to what is known [1].
_NEWS: Final = 0.05


def remarks(found: Learned, past: Past, audience: Seen, orders: Seen) -> Iterator[str]:
    """Yield what is to be said of past shows, beside what was said as they were compared.

    Parameters
    ----------
    found
        What follows from them.
    past
        The past shows, compared with what the model expects.
    audience, orders
        By how much viewers, and orders per viewer, were off.
    """
    scenario, history = found.told, found.history
    yield from _odd(found.shows, audience, replace(orders, value=_log_orders(past, orders)))
    yield from _odd_rows(past, orders, found.appeal.figures)
    yield from _odd_cells(scenario, history)
    yield from _odd_stocks(past)
    yield from _odd_moments(scenario, history)
    yield from _refunded(scenario, history)
    yield from _named_otherwise(history, found.sold_in)
    yield from _forecasts(found.view)
    yield from _whole_shows(past)
    yield from _untold(past, found.sold_in)
    yield from _strangers(scenario, history)
    yield from _apart(past.effects, found.turnout, found.appeal)
    yield from _prices(past, found.appeal)
    yield from _restless(found.appeal)
    yield from _above_one_show(found, past)


def decides(note: str) -> bool:
    """Say whether a note on past shows belongs in a short answer.

    Examples
    --------
    >>> decides("serum: never sold before, so as uncertain as new products are")
    True
    """
    return note.startswith("From ") or note.endswith((_NEW, _GUESS, _OTHERS))


def _odd(shows: tuple[PastFactors, ...], audience: Seen, orders: Seen) -> Iterator[str]:
    """Name the shows that are far off from the others, by what was seen."""
    for number, show in enumerate(shows):
        told = (("viewers", audience, show.turnout), ("orders per viewer", orders, show.appeal))
        for (what, seen, learned), counted_for in zip(told, show.counted, strict=True):
            if counted_for < LITTLE:
                factor = _beside_others(seen, number) or learned
                yield (
                    f"{show.name}: {what} are {multiple(factor)} times what the other shows let "
                    f"expect; it counts {counted_for:.0%} of a usual show: is there a mistake in "
                    "it?"
                )


def _beside_others(seen: Seen, show: int) -> float | None:
    """Return how many times the others' median a show's figures are [1], product by product.

    None where no product of it was seen exactly, there and in others.
    """
    off = []
    for row in np.flatnonzero((seen.show == show) & ~seen.at_least):
        same = (seen.product == seen.product[row]) & (seen.show != show) & ~seen.at_least
        if same.any():
            off.append(float(seen.value[row] - np.median(seen.value[same])))
    return exp(sum(off) / len(off)) if off else None


def _log_orders(past: Past, seen: Seen) -> Floats:
    """Return by how much each row's orders were off [1], as logarithms, shape (K,)."""
    off = seen.value.copy()
    for number, name in enumerate(past.scenario.products):
        of = seen.product == number
        off[of] = past.log_orders(name, off[of])
    return off


def _odd_rows(past: Past, seen: Seen, counted: Floats) -> Iterator[str]:
    """Name the products' rows that are far off from the same show's and product's others."""
    exact = np.flatnonzero(~seen.at_least & ~seen.whole)
    product = seen.product[exact]
    off = _log_orders(past, seen)[exact]
    off -= _middles_by(product, off)
    off -= _middles_by(seen.show[exact], off)
    usual = max(_LEAST_OFF, _NORMAL_SD * float(np.median(np.abs(off)))) if len(off) else 0.0
    far = np.flatnonzero(np.abs(off) > _FAR * np.sqrt(usual**2 + seen.noise[exact]))
    for row in far[np.argsort(-np.abs(off[far]), kind="stable")][:_NAMED]:
        one = past.rows[exact[row]]
        yield (
            f"{past.names[one.show]}, {one.product}: its orders per viewer are "
            f"{multiple(exp(off[row]))} times what its other shows and this show's other "
            f"products let expect; it counts {share(float(counted[exact[row]]))} of a usual row: "
            "is there a mistake in the row?"
        )
    if len(far) > _NAMED:
        yield f"{len(far) - _NAMED:,} more rows of single products are as far off as that"


def _middles_by(group: NDArray[np.intp], values: Floats) -> Floats:
    """Return the median of each value's group; of two middle ones that which is nearer to 0."""
    found = np.zeros_like(values)
    for one in np.unique(group):
        mine = group == one
        ordered = np.sort(values[mine])
        middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
        found[mine] = middle[np.argmin(np.abs(middle))]
    return found


def _odd_cells(scenario: Scenario, history: History) -> Iterator[str]:
    """Name the rows whose price is far off what stands beside it."""
    rows = history.shows[history.shows["product"].isin(list(scenario.products))]
    usual = rows.groupby("product")["price"].transform("median")
    times = rows["price"] / usual
    dear = (times > _FAR_OFF) | (times < 1.0 / _FAR_OFF)
    for row in rows[dear].itertuples():
        yield (
            f"{row.show}, {row.product}: a price of {row.price:,.10g} is far from its usual one: "
            "is there a mistake in the row?"
        )


def _odd_stocks(past: Past) -> Iterator[str]:
    """Name the products that were sold out with fewer sold than lapses and returns explain."""
    unpaid = likely(past.scenario.checkout.unpaid)
    for name in past.scenario.products:
        rows = [row for row in past.rows if row.product == name and row.missing]
        if not rows:
            continue
        shows = [past.names[row.show] for row in rows[:_NAMED]]
        more = [f"{len(rows) - _NAMED:,} more"] if len(rows) > _NAMED else []
        sold = rows[0].units * (1.0 - unpaid)
        yield (
            f"{name}: sold out in {listed([*shows, *more])} with fewer sold than what lapses and "
            f"comes back explains ({shows[0]}: {sold:,.10g} of {rows[0].stock:,.10g}), so what was "
            "sold counts, with what lapses beside it, and not the stock: is that what was on offer?"
        )


def _odd_moments(scenario: Scenario, history: History) -> Iterator[str]:
    """Name the rows sold out before the product was on, or long before the minutes' last sales."""
    rows: Any = history.shows[history.shows["product"].isin(list(scenario.products))]
    for row in rows[rows["sold_out_at"].notna()].itertuples():
        said = f"{row.show}, {row.product}: sold out after {duration(row.sold_out_at)}"
        if row.slot_at > row.sold_out_at:
            yield (
                f"{said}, but first on after {duration(row.slot_at)}: is there a mistake in the "
                "row?"
            )
        later = _sold_after(history, row)
        if later > _SOLD_LATER * row.units:  # a few come back on sale when orders are not paid
            yield (
                f"{said}, and by the minutes {later:,.10g} of {row.units:,.10g} units were sold "
                "later: is there a mistake in the row?"
            )


def _sold_after(history: History, row: Any) -> float:
    """Return the units of a row that minutes tell which begin after it was sold out."""
    minutes = history.minutes
    if minutes is None:
        return 0.0
    of_row = (minutes["show"] == row.show) & (minutes["product"] == row.product)
    return float(minutes[of_row & (minutes["at"] > row.sold_out_at)]["units"].sum())


def _refunded(scenario: Scenario, history: History) -> Iterator[str]:
    """Ask where past shows' units came back far more often, or more seldom, than is told."""
    rows = history.shows[history.shows["refunded"].notna() & (history.shows["units"] > 0)]
    for name, product in scenario.products.items():
        mine = rows[rows["product"] == name]
        units, told = float(mine["units"].sum()), likely(product.returns)
        if not units:
            continue
        back = float(mine["refunded"].sum()) / units
        chance = _FAR * (back * (1.0 - back) / units) ** 0.5
        if abs(back - told) > max(_FAR_BACK, chance):
            yield (
                f"{name}: {share(back)} of what past shows sold was sent back or cancelled, and "
                f"the scenario's returns are {share(told)}, by which it is planned: is that meant?"
            )


def _named_otherwise(history: History, sold_in: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Say which products past shows name, where none of them is one of this show."""
    others = sorted({str(name) for name in history.shows["product"].dropna()})
    if others and not any(times for times, _ in sold_in.values()):
        more = [f"{len(others) - _NAMED:,} more"] if len(others) > _NAMED else []
        yield (
            f"past shows name {listed([*others[:_NAMED], *more])}, none of which is a product of "
            "this show: call them alike to learn from them"
        )


def _forecasts(view: View) -> Iterator[str]:
    """Say how the planner's past forecasts make the own view count."""
    if view.forecasts:
        factor = exp((view.turnout**2 + view.appeal**2) ** 0.5)
        yield (
            f"the record of {counted(view.forecasts, 'past forecast')} sets how noisy the "
            f"planner's own view is: usually wrong by a factor of {multiple(factor)}"
        )


def _whole_shows(past: Past) -> Iterator[str]:
    """Say of which shows only is known what they sold in all, and what that is taken to say."""
    if past.whole:
        kinds = {row.of for row in past.whole}
        yield (
            f"{counted(len(past.whole), 'past show')} told in all, not by product of this show: "
            f"their {listed(sorted(kinds, reverse=True))} are held against what all products of "
            "this show together are expected to sell, and so tell of orders per viewer, and not of "
            "which product sells"
        )
        if len(past.scenario.products) > 1:
            yield (
                "so the middle of a single product lies below its share of the whole: most "
                "products of a show sell less than their mean"
            )


def _untold(past: Past, sold_in: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Say what these shows cannot tell."""
    new = [name for name, (times, _) in sold_in.items() if not times]
    if new and past.whole:
        yield f"{listed(new)}: told of in no past show, {_NEW}"
    elif new:
        yield f"{listed(new)}: never sold before, {_NEW}"
    timed = {row.product for row in past.rows if 0 < row.sold_out_at < inf}
    bounds = [
        name for name, (times, out) in sold_in.items() if times == out > 0 and name not in timed
    ]
    if bounds:
        yield f"{listed(bounds)}: sold out in every show, {_GUESS}"


def _strangers(scenario: Scenario, history: History) -> Iterator[str]:
    """Say of whom past shows are, where none of them is of a host of this one."""
    known = {name: who for name, who in scenario.people.items() if who.role == "host"}
    hosts = [who.label or name for name, who in known.items()]
    ours = {plain_name(word) for name, who in known.items() for word in (name, who.label or name)}
    theirs = history.shows.groupby("show")["host"].first().dropna().astype(str)
    if (
        hosts
        and "host" not in hosts
        and len(theirs)
        and not ours & {plain_name(host) for host in theirs}
    ):
        told = listed(sorted(set(theirs)))
        yield (
            f"{counted(len(theirs), 'past show')} told with a host, {told}, none with "
            f"{listed(hosts)}: {_OTHERS}"
        )


def _apart(effects: tuple[Effect, ...], turnout: Factors, appeal: Factors) -> Iterator[str]:
    """Say what was learned of hosts, guests and weekends, and what cannot be told apart."""
    for number, effect in enumerate(effects):
        had, shows = int((effect.had[:-1] > 0).sum()), len(effect.had) - 1
        told = f"{effect.name}, in {had} of {counted(shows, 'past show')}"
        if not effect.learned:
            yield f"{told}: too few to tell it from the shows' own errors, so it stays as told"
            continue
        parts = []
        sides: tuple[tuple[Side, str, Factors], ...] = (
            ("turnout", "viewers", turnout),
            ("appeal", "orders per viewer", appeal),
        )
        for side, what, of in sides:
            spread, before = effect.spread[side], effect.middle[side]
            mean, sd = float(of.effect[number]), float(of.effect_sd[number])
            ends = mean + sd * np.array([0.0, -NORMAL_P90, NORMAL_P90])
            middle, low, high = interval(*map(float, np.exp(before + spread * ends)))
            held = _held(mean, sd)
            parts.append(f"{middle} times the {what} ({low}–{high}{held})")
        yield f"{told}: {' and '.join(parts)}"


def _held(mean: float, sd: float) -> str:
    """Say whether what is known of an effect before holds back what past shows say of it.

    It does where that is not in its 80 % interval, by a normal law, of which a mean is weighed by
    precision. All in standard deviations of what is known before, around its median.
    """
    alone = mean / max(1.0 - sd**2, _NEWS)
    held = abs(mean) > 1.0 and abs(alone - mean) > NORMAL_P90 * sd
    return "; held back by what is known of others" if held else ""


def _prices(past: Past, appeal: Factors) -> Iterator[str]:
    """Say what was learned of prices, and of which products they tell nothing."""
    for (name, spread), mean, sd in zip(past.elasticities.items(), *appeal.slopes, strict=True):
        prices = past.prices(name)
        off = np.array([0.0, -NORMAL_P90, NORMAL_P90]) * sd
        found = elasticity_at(past.scenario, name, spread * (mean + off))
        middle, low, high = interval(*map(float, found))
        held = _held(float(mean), float(sd))
        yield (
            f"{name}: sold for {min(prices):,g} to {max(prices):,g} in "
            f"{counted(len(prices), 'past show')}: elasticity {middle} "
            f"({low} to {high}{held})"
        )
    sold = {row.product for row in past.rows} - past.elasticities.keys()
    rest = [name for name in past.scenario.products if name in sold]
    told = [name for name in rest if prices_differ(past.prices(name))]
    if told:
        yield f"{listed(told)}: elasticity stays as it is told, whatever prices past shows had"
    same = [name for name in rest if name not in told]
    if same:
        yield (
            f"{listed(same)}: too few past shows had another price than the others to say what a "
            "price does, so elasticity stays as it is"
        )


def _restless(appeal: Factors) -> Iterator[str]:
    """Say where products vary as much between shows as is tried at most, or even more."""
    widest = float(appeal.in_show.max())
    if appeal.weights[appeal.in_show == widest].sum() > 0.5:
        yield (
            "products sell unlike each other from show to show, by a factor of "
            f"{multiple(exp(widest))} or more beside what their shows have in common: intervals of "
            "single products may be too narrow"
        )


def _above_one_show(found: Learned, past: Past) -> Iterator[str]:
    """Say of a product that one show sold how much more is expected of the next one, and why."""
    for row in past.rows:
        if found.sold_in[row.product] != (1, 0) or not row.units:
            continue
        draws = found.many
        viewers = np.full(len(draws["show.appeal"]), past.viewers[row.show])
        factor = draws["show.appeal"] * draws[f"products.{row.product}.appeal"]
        elasticity = draws.get(f"products.{row.product}.elasticity")
        units = past.units_at(row, viewers, factor, elasticity)
        mean, middle = float(units.mean()), float(np.median(units))
        if mean > _ABOVE * max(row.units, middle):
            yield (
                f"{row.product}: its one past show sold {row.units:,.0f}, and the next one is "
                f"expected to sell {mean:,.0f} to as many viewers on average, {middle:,.0f} in the "
                "middle: one show leaves much open, and the few that sell much raise the average"
            )
