"""What became of each variant's units once the show is over: units by state, and their money.

Works on all replications and stock levels at once, so that a whole stock curve is settled like a
single show.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, ndtri

from livesim.engine.account import Account
from livesim.engine.fates import Counts
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.money import unit_money
from livesim.scenario.quantities import Floats


def settled(inputs: Inputs, streams: Streams, account: Account) -> list[dict[str, Floats]]:
    """Return what became of each variant's units, once its account is finished.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    account
        The finished account.

    Returns
    -------
    list of dict
        For each variant units [units], orders, value and money [currency] by name, and
        ``sold_out_at`` [s], each of shape (R, L); the slot fee is left out.
    """
    to_come = np.concatenate([product.owned_to_come for product in account.products])
    sold_out_at = np.concatenate([product.variant_sold_out_at for product in account.products])
    return [
        _settled(inputs, streams, account, variant, to_come[variant])
        | {"sold_out_at": sold_out_at[variant]}
        for variant in range(len(inputs.variants))
    ]


def _settled(
    inputs: Inputs,
    streams: Streams,
    account: Account,
    variant: int,
    to_come: Counts,
) -> dict[str, Floats]:
    stock = account.stocks[variant]
    cancelled, returned = _back(inputs, streams, variant, stock.paid - stock.faked)
    returned = returned + _sent_back(inputs, streams, variant, stock.faked)
    units: dict[str, NDArray[Any]] = {
        "put_on_sale": stock.put_on_sale,
        "demand": stock.claimed + stock.lost,
        "claimed": stock.claimed,
        "sales": stock.paid,
        "lost": stock.lost,
        "lapsed": stock.lapsed,
        "backordered": stock.backordered,
        "orders": stock.orders,
        "cancelled": cancelled,
        "returned": returned,
        "on_hand": stock.on_hand,
        "waiting": stock.waiting,
        "left_over": stock.on_hand + to_come,
        "bought": stock.put_on_sale + to_come + stock.waiting,
        # An order's units are paid or lapse together, so orders ship in proportion to units.
        "shipped_orders": stock.orders * (stock.paid - cancelled) / np.maximum(stock.claimed, 1),
        "gmv": stock.gmv,
        "paid_value": stock.paid_value,
    }
    if inputs.steps:
        dropped = account.placing.dropped[:, variant]
        units["dropped"] = np.broadcast_to(dropped[:, None], stock.paid.shape)
    if inputs.fakes.any():
        units["fake"] = stock.faked
    terms = inputs.terms[inputs.product_of[variant]]
    return units | unit_money(terms, inputs.deal, units, stock.paid_value)


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
    rows = np.nonzero(further)[0]
    counts = certain.copy()
    counts[further] = _smallest(u[rows], trials[further], chance[rows])
    first = np.maximum.accumulate(np.where(further, np.arange(trials.shape[1]), 0), axis=1)
    return np.where(drawn, np.take_along_axis(counts, first, axis=1), certain)


def _smallest(u: Floats, n: Counts, p: Floats) -> Counts:
    """Return the smallest counts of binomials whose cumulative chance is at least ``u``.

    A guess by the normal law and the binomial's skewness (Cornish and Fisher 1938) is off by one at
    most nearly always; it is moved until it is right.
    """
    z, spread = ndtri(u), np.sqrt(n * p * (1.0 - p))
    guess = n * p + z * spread + (z * z - 1.0) * (1.0 - 2.0 * p) / 6.0
    count = np.clip(np.rint(guess), 0, n)
    for step in (1.0, -1.0):
        wrong = np.arange(len(count))
        while len(wrong):
            below = count[wrong] + min(step, 0.0)
            enough = (bdtr(below, n[wrong], p[wrong]) >= u[wrong]) & (below >= 0)
            wrong = wrong[~enough & (below < n[wrong]) if step > 0 else enough]
            count[wrong] += step
    return count.astype(np.int64)
