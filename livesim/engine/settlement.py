"""What became of each variant's units once the show is over: units by state, and their money.

Works on all replications and stock levels at once, so that a whole stock curve is settled like a
single show.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.ledger import Ledger
from livesim.engine.orders.binomial import smallest_counts
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.money import left_over_value, unit_money

#: What a ledger knows of units, and a settlement passes on.
_UNITS = (
    *("put_on_sale", "demand", "claimed", "sales", "lost", "lapsed", "backordered", "orders"),
    *("on_hand", "waiting", "gmv", "paid_value", "sold_out_at", "unavailable_at"),
)
#: And what it knows only where it costs anything.
_COSTLY = ("reserve_cost", "time_unavailable")
#: Units that a webshop has sold meanwhile, and could not, where there is one.
WEBSHOP = ("webshop", "webshop_lost")
#: What orders have taken of other products' stock, gifts that they came with, and those missing.
SHARED = ("given", "gifts", "missing_gifts")
#: What is looked at and changed where orders take units of other products.
_CHARGED = (
    *("sales", "left_over", "cancelled", "returned", "bought"),
    *("left_over_value", "cost_of_goods", "profit"),
)


def settled(
    inputs: Inputs, streams: Streams, ledger: Ledger, names: Collection[str] | None = None
) -> dict[str, NDArray[Any]]:
    """Return what became of each variant's units.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    ledger
        What the show came to.
    names
        What is asked for, so that no more than that is held; by default all.

    Returns
    -------
    dict
        Units [units], orders, value and money [currency] by name, and ``sold_out_at`` and
        ``unavailable_at`` [s], each of shape (R, V, J); slot fees are left out.
    """
    figures: dict[str, NDArray[Any]] = {}
    shape = ledger.figures["sales"].shape
    held = names and {*names, *(_CHARGED if inputs.sharing else ())}
    for variant in range(len(inputs.variants)):
        for name, figure in _settled(inputs, streams, ledger, variant).items():
            if held is None or name in held:
                # Of what is stored by volume a bundle has none.
                if name not in figures:
                    figures[name] = np.zeros(shape, dtype=figure.dtype)
                whole = figures[name]
                figures[name] = whole.astype(np.result_type(whole, figure), copy=False)
                figures[name][:, variant] = figure
    if inputs.sharing:
        figures |= {name: wide(ledger.figures[name]) for name in SHARED if name in ledger.figures}
        _charge_who_took(inputs, figures)
    return figures


def _charge_who_took(inputs: Inputs, figures: dict[str, NDArray[Any]]) -> None:
    """Let bundles, and orders with gifts, pay for the units that they took of other products.

    Of what comes back of a bundle, its components are as good as their own; what they bring beside
    these is the bundle's. A gift is not sent back (assumption).
    """
    names = ("left_over", "cancelled", "returned", "bought")
    counts = {name: figures[name].astype(float) for name in names}
    for variant in range(len(inputs.variants)):
        product = int(inputs.product_of[variant])
        for component, _, units in inputs.components(product):
            terms = inputs.terms_of(component)
            own = {name: count[:, component] for name, count in counts.items()}
            before = left_over_value(terms, own)
            for name in ("cancelled", "returned"):
                counts[name][:, component] += units * figures[name][:, variant]
            _move(figures, "left_over_value", variant, left_over_value(terms, own) - before)
            cost = terms.unit_cost * units * figures["sales"][:, variant]
            _move(figures, "cost_of_goods", component, -cost)
            _move(figures, "cost_of_goods", variant, cost)
    for gift in inputs.gifts:
        for variant in gift.to:
            unit_cost = inputs.terms[inputs.product_of[gift.variant]].unit_cost
            cost = unit_cost * figures["gifts"][:, variant]
            _move(figures, "cost_of_goods", gift.variant, -cost)
            _move(figures, "cost_of_goods", variant, cost)


def _move(figures: dict[str, NDArray[Any]], name: str, variant: int, money: Floats) -> None:
    """Add money to a variant's value or cost, and take it into its profit."""
    figures[name][:, variant] += money
    figures["profit"][:, variant] += -money if name == "cost_of_goods" else money


def _settled(
    inputs: Inputs, streams: Streams, ledger: Ledger, variant: int
) -> dict[str, NDArray[Any]]:
    own = {name: wide(figure[:, variant]) for name, figure in ledger.figures.items()}
    known = (*_UNITS, *(name for name in _COSTLY if name in own))
    units = {name: own[name] for name in known}
    sales, faked, to_come = units["sales"], own["faked"], own["to_come"]
    cancelled, returned = _back(inputs, streams, variant, sales - faked)
    units["cancelled"] = cancelled
    units["returned"] = returned + _sent_back(inputs, streams, variant, faked)
    units["left_over"] = units["on_hand"] + to_come
    units["bought"] = units["put_on_sale"] + to_come + units["waiting"]
    # An order's units are paid or lapse together, so orders ship in proportion to units.
    claimed = np.maximum(units["claimed"], 1)
    units["shipped_orders"] = units["orders"] * (sales - cancelled) / claimed
    if inputs.fakes.any():
        units["fake"] = faked
    if inputs.coupons:
        units["coupons"] = own["coupons"]
    if inputs.webshops.any():
        units |= {name: own[name] for name in WEBSHOP}
    return units | unit_money(inputs.terms_of(variant), inputs.deal, units, units["paid_value"])


def wide(figure: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in 8 bytes, in which they can be multiplied, and others as they are."""
    return figure.astype(np.result_type(figure, np.int64), copy=False)


def _back(inputs: Inputs, streams: Streams, variant: int, sales: Counts) -> tuple[Counts, Counts]:
    """Draw which units of real orders are cancelled before shipping, and which are returned."""
    number = inputs.product_of[variant]
    address = (inputs.products[number], inputs.variants[variant])
    returns, before = inputs.returns[:, number], inputs.returned_before_shipping[:, number]
    in_time, later = returns * before, returns * (1.0 - before)
    size = inputs.replications
    cancelled = binomial_quantile(streams.account(*address, "cancel").random(size), sales, in_time)
    shipped_share = np.where(in_time < 1, 1.0 - in_time, 1.0)
    returned = binomial_quantile(
        streams.account(*address, "return").random(size), sales - cancelled, later / shipped_share
    )
    return cancelled, returned


def _sent_back(inputs: Inputs, streams: Streams, variant: int, faked: Counts) -> Counts:
    """Draw which units of fake orders come back; none is cancelled in time, for all to see."""
    number = inputs.product_of[variant]
    if not inputs.fake_share[:, number].any():
        return faked
    address = (inputs.products[number], inputs.variants[variant])
    u = streams.account(*address, "fake return").random(inputs.replications)
    return binomial_quantile(u, faked, inputs.fake_returned[:, number])


def binomial_quantile(u: Floats, trials: Counts, chance: Floats) -> Counts:
    """Return the smallest counts whose cumulative chance is at least ``u``.

    One uniform number a replication gives the counts of every number of trials, so that a level
    with more units sold never has fewer of them returned.

    Parameters
    ----------
    u, chance
        Uniform numbers and chances [1], shape (R,).
    trials
        Numbers of trials, shape (R, L).

    Examples
    --------
    >>> u, chance = np.array([0.5, 0.5]), np.array([0.3, 0.3])
    >>> binomial_quantile(u, np.array([[10, 20], [0, 1]]), chance).tolist()
    [[3, 6], [0, 0]]
    """
    certain = np.where(chance[:, None] >= 1, trials, 0)
    drawn = (trials > 0) & ((chance > 0) & (chance < 1))[:, None]
    # At many levels in a row the same units are sold: all the demand there is.
    further = drawn & (np.diff(trials, axis=1, prepend=-1) != 0)
    different, of = np.unique(
        np.nonzero(further)[0] + len(u) * trials[further], return_inverse=True
    )
    many, rows = np.divmod(different, len(u))
    counts = certain.copy()
    counts[further] = smallest_counts(u[rows], many, chance[rows])[of]
    first = np.maximum.accumulate(np.where(further, np.arange(trials.shape[1]), 0), axis=1)
    return np.where(drawn, np.take_along_axis(counts, first, axis=1), certain)
