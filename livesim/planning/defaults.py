"""Which of livesim's own values move the plan most: what would be had, and earned, with others.

Nobody wrote these values; a template or an assumption did. Each is changed alone, for every product
that has it, and it is decided again, from the curves that are there: terms of money are settled
anew, and where another share of what is wanted is paid, what is sold grows or shrinks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from livesim.arrays import Floats
from livesim.experiment.levels import COSTS, SHIPPED
from livesim.experiment.packing import Figures, part_of, replications_of
from livesim.experiment.runner import HERE, Runner
from livesim.model.money import left_over_value
from livesim.planning.curves import TIMES, Curves, StockCurve, with_plenty
from livesim.planning.deciding import surely_best
from livesim.planning.items import terms_of_item
from livesim.planning.objectives import Objective
from livesim.planning.terms import Purchase, Terms
from livesim.resolve import Resolution, reason_of
from livesim.resolve.demand import units_per_order
from livesim.resolve.evidence import told_by
from livesim.scenario.quantities import KEPT
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

#: Kinds of reasons that are livesim's own.
_OWN: Final = ("template", "assumption")
#: The figures that say when something happened, and those of left-overs.
_TIMES: Final = (*TIMES, *map(with_plenty, TIMES))
_LEFT: Final = ("left_over", "cancelled", "returned", "bought")
#: How orders are told where units then follow from the units in an order.
_BY_ORDERS: Final = ("conversion", "orders_per_1000", "ctr × ctor", "orders", "history")


@dataclass(frozen=True)
class Instead:
    """What a plan comes to with another value of a default.

    Parameters
    ----------
    value
        The value; of money, as a part of what :attr:`Default.part_of` names.
    units
        What would be recommended: units on hand before the show, an item each.
    cost
        What the purchase costs [currency].
    profit
        The show's expected profit with them [currency].
    """

    value: float
    units: tuple[int, ...]
    cost: float
    profit: float


@dataclass(frozen=True)
class Default:
    """A value that nobody wrote, and what the plan would be with a low and a high one.

    Parameters
    ----------
    paths
        The keys by which to give it, one a product that has it.
    value
        What livesim took: a share, an amount [currency], a number; of units an order, the share of
        orders for more than one.
    low, high
        What the plan comes to at the ends of what is plausible.
    swing
        By how much these differ: in profit, or in what the purchase costs if that is more
        [currency].
    part_of
        The key of a product of which ``low`` and ``high`` are parts; None if they are values.
    """

    paths: tuple[str, ...]
    value: float
    low: Instead
    high: Instead
    swing: float
    part_of: str | None = None

    @property
    def key(self) -> str:
        """The key to write, with a * for the names of several products."""
        if len(self.paths) == 1:
            return self.paths[0]
        first, _, *rest = self.paths[0].split(".")
        return ".".join([first, "*", *rest])


def defaults(
    curves: Curves,
    objective: Objective,
    units: Purchase,
    resolution: Resolution,
    runner: Runner = HERE,
) -> tuple[Default, ...]:
    """Say which values that nobody wrote move the plan, the one that moves it most first.

    Parameters
    ----------
    curves, objective
        From what it is decided, and for what.
    units
        What is recommended, units on hand before the show of each item: it stays where another
        value decides nothing else.
    resolution
        The scenario with where everything in it comes from; where that is not known, there are no
        defaults to tell.
    runner
        Who hears how far it is.

    Returns
    -------
    tuple of Default
        What changes nothing is left out.

    Notes
    -----
    About so: levels where something reacts to the stock are not simulated again, and a curve of
    more paid units is the old one with its units and what they earn in proportion (left-overs and
    price breaks are settled anew), as if units that are never paid came back in time for others.
    """
    if not resolution.reasons:
        return ()
    terms = [(term, names) for term in _TERMS if (names := _left_open(resolution, term))]
    plan = _Decided(curves, objective, tuple(units), surely_best(curves, objective))
    found = [
        _default(plan, term, names)
        for term, names in runner.each("Trying other values of what nobody wrote", terms)
    ]
    moving = [one for one in found if one.swing > 0]
    return tuple(sorted(moving, key=lambda one: one.swing, reverse=True))


def with_profit(found: Sequence[Default], more: float) -> tuple[Default, ...]:
    """Return defaults whose profits are so much more, so that they stand beside a plan's own.

    Parameters
    ----------
    found
        What is told of the defaults.
    more
        By how much what the plan tells of its units is above what this was told from [currency].
    """
    return tuple(
        replace(
            one,
            low=replace(one.low, profit=one.low.profit + more),
            high=replace(one.high, profit=one.high.profit + more),
        )
        for one in found
    )


class _Term(NamedTuple):
    """A key, * for each product, the values to try, what is written, and how it changes curves.

    The values are parts of another key of the product where one is named.
    """

    path: str
    low: float
    high: float
    written: Callable[[float], object]
    changed: Callable[[StockCurve, Scenario, Scenario], StockCurve]
    part_of: str | None = None


def _left_open(resolution: Resolution, term: _Term) -> tuple[str, ...]:
    """Return the products of which a key is livesim's own, all of them for one of the show."""
    return tuple(
        name
        for name in resolution.scenario.products
        if reason_of(resolution.reasons, tuple(term.path.replace("*", name).split("."))).kind
        in _OWN
        and not (term.path in _PER_ORDER and told_by(resolution, name) not in _BY_ORDERS)
    )


class _Decided(NamedTuple):
    """A plan, what it recommends, and what its curves alone would recommend.

    These differ where joint stocks were simulated that curves of single items do not add up to.
    """

    curves: Curves
    objective: Objective
    units: Purchase
    by_curves: Purchase

    def instead(self, changed: Curves) -> Purchase:
        """Return what is recommended where curves have changed: what it is now, and their change.

        Where that may not be bought, what they alone recommend.
        """
        terms, alone = Terms.of(changed), surely_best(changed, self.objective)
        parts = zip(self.units, alone, self.by_curves, strict=True)
        units = tuple(have + then - now for have, then, now in parts)
        owned = all(have >= least for have, least in zip(units, changed.owned, strict=True))
        return units if owned and terms.allow(units) else alone


def _default(plan: _Decided, term: _Term, names: Sequence[str]) -> Default:
    low, high = (_instead(plan, term, names, value) for value in (term.low, term.high))
    path = term.path.replace("*", names[0])
    return Default(
        paths=tuple(dict.fromkeys(term.path.replace("*", name) for name in names)),
        value=_value_of(plan.curves.scenario, path),
        low=low,
        high=high,
        swing=max(abs(high.profit - low.profit), abs(high.cost - low.cost)),
        part_of=term.part_of,
    )


def _instead(plan: _Decided, term: _Term, names: Sequence[str], value: float) -> Instead:
    curves, before = plan.curves, plan.curves.scenario
    whole = {
        name: getattr(before.products[name], term.part_of) if term.part_of else 1 for name in names
    }
    after = before.with_changes(
        {term.path.replace("*", name): term.written(value * whole[name]) for name in names}
    )
    changed = replace(
        curves,
        scenario=after,
        curves=tuple(
            term.changed(curve, before, after) if curve.item.product in names else curve
            for curve in curves.curves
        ),
    )
    units = plan.instead(changed)
    return Instead(value, units, Terms.of(changed).cost(units), float(changed.profit(units).mean()))


def _value_of(scenario: Scenario, path: str) -> float:
    """Return the value at a path; of units an order, the share of orders for more than one."""
    part: Any = scenario
    for name in path.split("."):
        part = part[name] if isinstance(part, Mapping) else getattr(part, name)
    if isinstance(part, Mapping):
        return float(sum(share for units, share in part.items() if int(units) > 1))
    return 0.0 if part == KEPT else float(likely(part))  # of what is bought


def _with_more(curve: StockCurve, more: Callable[[Mapping[str, Floats]], Floats]) -> StockCurve:
    """Return a curve with so much more profit, shape (R, L), as its figures tell."""

    def changed(figures: Mapping[str, Floats], name: str) -> Floats | None:
        return figures["profit"] + more(figures) if name == "profit" else None

    return replace(curve, figures=_Changed(curve.figures, changed))


def _money_again(curve: StockCurve, before: Scenario, after: Scenario) -> StockCurve:
    """Settle left-over units, commission and fee anew: profit is linear in each."""
    old_terms, new_terms = (terms_of_item(scenario, curve.item) for scenario in (before, after))
    shares = [scenario.deal.commission + scenario.deal.platform_fee for scenario in (before, after)]

    def more(units: Mapping[str, Floats]) -> Floats:
        return np.asarray(
            (left_over_value(new_terms, units) - left_over_value(old_terms, units))
            - (shares[1] - shares[0]) * units["nmv"]
        )

    return _with_more(curve, more)


def _returned_again(curve: StockCurve, before: Scenario, after: Scenario) -> StockCurve:
    """Send more or fewer of the units that are paid for back, as many as are to be expected."""
    name, deal = curve.item.product, after.deal
    product = after.products[name]
    returned = likely(product.returns) - likely(before.products[name].returns)
    in_time = likely(product.returned_before_shipping)
    terms = terms_of_item(after, curve.item)
    freight = in_time * deal.shipping / units_per_order(product) - (1 - in_time) * (
        deal.return_freight
    )
    kept = 1 - deal.commission - deal.platform_fee

    def more(figures: Mapping[str, Floats]) -> Floats:
        beside = figures.get("webshop", 0.0)  # which counts as sold and claimed
        back = returned * (figures["sales"] - beside)
        units = {name: figures[name] for name in _LEFT}
        more_back = {
            **units,
            "cancelled": units["cancelled"] + in_time * back,
            "returned": units["returned"] + (1 - in_time) * back,
        }
        worth = left_over_value(terms, more_back) - left_over_value(terms, units)
        claimed, gmv = figures["claimed"] - beside, figures["gmv"]
        price = np.divide(gmv, claimed, out=np.zeros_like(gmv), where=claimed > 0)
        return np.asarray(worth + back * (freight - kept * price))

    return _with_more(curve, more)


def _in_proportion(curve: StockCurve, after: Scenario, factor: float, orders: float) -> StockCurve:
    """Return a curve of so many times as many units: at a level, what a like part of it came to.

    Left-overs, price breaks and what comes once are not in proportion: they are settled anew, with
    what is owned.

    Parameters
    ----------
    curve, after
        The curve, and the show with the other value.
    factor, orders
        How many times as many units, and as many orders [1].
    """
    item, levels, terms = curve.item, curve.levels, terms_of_item(after, curve.item)
    like = (levels + item.arriving) / factor - item.arriving
    nearest = np.abs(levels[:, None] - like).argmin(axis=0)
    each = units_per_order(after.products[item.product]) * orders / factor
    times = {**dict.fromkeys(COSTS, 1.0), SHIPPED[0]: orders}

    bends = any((terms.owned_value is not None, terms.buy_back, terms.left_over))

    def left_over(figures: Mapping[str, Floats]) -> Floats | float:
        return left_over_value(terms, figures) if bends else 0.0

    def earned(figures: Mapping[str, Floats]) -> Floats:
        """Return what so many times as many units earn, but what is settled anew."""
        once = sum(figures[name] for name in COSTS if name in figures)
        turned = figures["profit"] + once - left_over(figures) - item.saving(levels)
        shipped = figures["sales"] - figures.get("webshop", 0.0) - figures["cancelled"]
        postage = (factor - orders) * after.deal.shipping / each
        return np.asarray(factor * turned + postage * shipped - once)

    def scaled(figures: Mapping[str, Floats], name: str) -> Floats:
        if name in _TIMES:
            return figures[name][:, nearest]
        if name != "profit":
            return times.get(name, factor) * _at(curve, figures[name], like)
        there = {of: scaled(figures, of) for of in _LEFT if bends}
        return _at(curve, earned(figures), like) + left_over(there) + item.saving(levels)

    return replace(curve, figures=_Changed(curve.figures, scaled))


def _at(curve: StockCurve, figure: Floats, units: Floats) -> Floats:
    """Return a figure by the levels of a curve, (R, L), at n other numbers of units, (R, n)."""
    return replace(curve, figures={"figure": figure}).at("figure", units)


class _Changed(Figures):
    """Figures that are changed when they are asked for: most never are."""

    def __init__(
        self,
        figures: Mapping[str, Floats],
        change: Callable[[Mapping[str, Floats], str], Floats | None],
    ) -> None:
        self._figures, self._change = figures, change

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return replications_of(self._figures)

    def over(self, name: str, rows: slice) -> Floats:
        """Return a figure over some replications."""
        part = part_of(self._figures, rows)
        changed = self._change(part, name)
        return part[name] if changed is None else changed

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def _paid_again(curve: StockCurve, before: Scenario, after: Scenario) -> StockCurve:
    paid = [1 - likely(scenario.checkout.unpaid) for scenario in (before, after)]
    if after.products[curve.item.product].presale is not None:  # its balances say who pays
        return curve
    return _in_proportion(curve, after, paid[1] / paid[0], paid[1] / paid[0])


def _ordered_again(curve: StockCurve, before: Scenario, after: Scenario) -> StockCurve:
    old, new = (units_per_order(one.products[curve.item.product]) for one in (before, after))
    return _in_proportion(curve, after, new / old, 1.0)


def _share(value: float) -> str:
    return f"{100 * value:g}%"


def _quantity(value: float) -> Mapping[str, str]:
    """Return who asks for one unit and for two, where this share asks for a second."""
    return {"1": _share(1 - value), "2": _share(value)}


#: The values to try are plausible ones (assumption), but where a source is said.
_TERMS: Final = (
    _Term("products.*.left_over_value", 0.0, 0.5, float, _money_again, "unit_cost"),
    # Beauty about 10 %, womenswear 60 %: press, as the template says.
    _Term("products.*.returns", 0.1, 0.6, _share, _returned_again),
    _Term("products.*.limit", 1, 5, int, _ordered_again),
    _Term("products.*.quantity", 0.0, 0.3, _quantity, _ordered_again),
    _Term("checkout.unpaid", 0.03, 0.3, _share, _paid_again),
    _Term("deal.commission", 0.0, 0.2, _share, _money_again),
    _Term("deal.platform_fee", 0.0, 0.05, _share, _money_again),
)
_PER_ORDER: Final = ("products.*.limit", "products.*.quantity")
