"""Who stays, who orders, who loses interest: the hazards of one refresh.

A watching viewer who has not decided yet makes up their mind at the rate δ = ln 2 / rush: half of
those who stay have decided after one rush. Of a neutral stage's decisions the share c, the
conversion, are orders. What moves a viewer (guests, price, what the screen shows of the stock)
multiplies the order hazard by m and leaves the other hazards alone, so that it multiplies the odds
c / (1 − c):

    order h = δ c m        lose interest d = δ (1 − Σ c)        leave μ = 1 / (mean stay · keep^fit)

Links of earlier slots stay on the shelf. The undecided look at the n of them at the rate s δ √n, at
each as often, and order one or look on: h = s δ c m / √n, d = 0. They share an attention that
a wider choice raises, and in a slot nobody orders twice (assumption: the root). Where each product
has its conversion written, expected orders then grow with the number of products N: in 4 h, from 1
to 189, as N^0.23 to N^0.37 by template. It is no power of N: to 22 products they grow as N^0.06 to
N^0.28, and from 22 to 189 as N^0.42 to N^0.51, since slots get shorter and each lets everybody
decide anew; from 22 to 189 in 10 h as N^0.22 to N^0.29.

Over 22 published shows of 1 to 439 products they grew as N^(0.28 ± 0.19), length apart: one power
for all of that range, which tells little of a part of it: the only ones whose number of products is
known to us to be above 22 are one of 439 in 12 h, and one of 279 whose length is not published. Of
what holds beyond 22 in 4 h measured shows tell: 115 of 3 to 5 h, of 9 hosts, with 22 to 124
products grew as N^0.27, each host's mean and length apart, with a standard error of 0.19; from 22
to 113 ours grow as N^0.37 to N^0.45. With 189 products in 4 h there is no show to hold them
against. 496 measured shows of any length, with 9 to 113 products, of 12 hosts grew as N^0.4, with
0.15. Middle shows grow by up to N^0.14 faster than expected ones: a product's own error, which
makes the middle show of one product half the mean one, averages out over many.

Over one refresh a viewer does at most one thing, with the chance 1 − exp(−(h + d + μ)Δ), shared out
as h : d : μ. These are cause-specific proportional hazards; in the final choice they amount to a
logit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.inputs import Inputs, SegmentInputs


@dataclass(frozen=True)
class Screen:
    """What viewers see at one refresh: all that they react to.

    Parameters
    ----------
    time
        Since the show's start [s].
    on_stage
        Who of the rundown is on stage, seen in every room, shape (R, people).
    offered
        Which products' links are up, shape (R, P).
    earlier
        Which products had their link up before and can still be ordered, shape (R, P).
    price
        Price shown [currency/unit], shape (R, P).
    claimed
        Share of the units put on sale that is claimed [1], shape (R, P); None if not shown.
    on_hand
        Units on hand, shape (R, P); None if not shown. Some 10^15 where stock is unlimited: a show
        is simulated once more so, for what is wanted.
    unavailable
        Whether something can be ordered and nothing of it is on hand, shape (R,): what the platform
        sees, which then shows the room to fewer; None if that changes nothing.
    coupons
        Whether there are coupons for first orders, shape (R, P); None where they do nothing.
    """

    time: float
    on_stage: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    earlier: NDArray[np.bool_]
    price: Floats
    claimed: Floats | None = None
    on_hand: NDArray[np.int64] | None = None
    unavailable: NDArray[np.bool_] | None = None
    coupons: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Rates:
    """The hazards of one segment's viewers, constant until the next look.

    Parameters
    ----------
    pull
        Factor on the hazard to come [1], shape (R,).
    leave
        Hazard to leave by phase [1/s], shape (R, K).
    order
        Hazard to order what is offered or on the shelf, by variant [1/s], shape (R, V).
    lose_interest
        Hazard to decide against it [1/s], shape (R,).
    shown
        Share of the usual newcomers to whom the platform shows the room [1], shape (R,): a factor
        on those who come by themselves, by word of mouth and by recommendation alike (assumption).
    """

    pull: Floats
    leave: Floats
    order: Floats
    lose_interest: Floats
    shown: Floats | float = 1.0


def rates(
    inputs: Inputs, segment: SegmentInputs, screen: Screen, log_extra: Floats | float = 0.0
) -> Rates:
    """Return the hazards of a segment's viewers, given what the screen shows.

    Parameters
    ----------
    inputs
        The drawn numbers of R replications.
    segment
        Whose hazards.
    screen
        What viewers see.
    log_extra
        Logarithm of a further factor on the odds to order [1], shape (R,): a user's behaviour.
    """
    on_stage = screen.on_stage | segment.room_people
    # Of hundreds of products few can be ordered at a time.
    up = screen.offered | (screen.earlier & (inputs.shelf > 0))
    shown = np.flatnonzero(up.any(axis=0))
    up, conversion = screen.offered[:, shown], inputs.conversion[:, shown]
    decide = decision_rate(inputs.rush[:, shown])
    pace = np.where(up, decide, 0.0).max(axis=1, initial=0.0)
    offered = np.where(up, conversion, 0.0)
    on_shelf = screen.earlier[:, shown] & ~up
    turning = shelf_attention(inputs.shelf[:, shown] * decide, on_shelf)
    order = pace[:, None] * offered + turning * conversion
    some = order.nonzero()
    row, product = some[0], shown[some[1]]
    log_m = (
        inputs.log_appeal[row, product]
        + price_effect(
            inputs.elasticity[row, product],
            screen.price[row, product],
            inputs.reference_price[product],
        )
        + stock_effect(inputs, screen)[row, product]
        + lift_effect(on_stage, segment.lift_fit[:, :, shown], inputs.log_lift)[some]
        + (segment.log_trust + np.ravel(log_extra))[row]
    )
    by_product = np.zeros_like(screen.price)
    by_product[row, product] = order[some] * np.exp(log_m)
    # What is offered together adds up to 1 at most, and to more only by a rounding error.
    against = pace * np.maximum(1.0 - offered.sum(axis=1), 0.0)
    newcomers = shown_to(inputs, screen)
    return Rates(
        pull=np.exp(guest_effect(on_stage, 1.0, segment.log_pull))
        * segment.turnout_factor
        * newcomers,
        leave=leave_hazard(
            segment.mean_stay, guest_effect(on_stage, segment.fit, inputs.log_keep)[:, None]
        ),
        order=by_product[:, inputs.product_of] * inputs.variant_share,
        lose_interest=against,
        shown=newcomers,
    )


def shown_to(inputs: Inputs, screen: Screen) -> Floats | float:
    """Return the share of the usual newcomers to whom the platform shows the room [1], (R,).

    Less than all only while nothing on offer is on hand (assumption: no figure is published).
    """
    if screen.unavailable is None:
        return 1.0
    return np.where(screen.unavailable, inputs.unavailable_arrivals, 1.0)


def unavailable(inputs: Inputs, screen: Screen, on_hand: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say whether something can be ordered and nothing of it is on hand, shape (R,).

    Parameters
    ----------
    inputs, screen
        The show's numbers, and what viewers see.
    on_hand
        Units on hand, shape (R, P).
    """
    for_sale = screen.offered | (screen.earlier & (inputs.shelf > 0))
    there = for_sale & (on_hand > 0)
    return np.asarray(for_sale.any(axis=1) & ~there.any(axis=1))


def decision_rate(rush: Floats) -> Floats:
    """Return the rate δ [1/s] at which viewers decide, of whom half have after one rush [s]."""
    return np.asarray(np.log(2.0) / rush)


def shelf_attention(hazard: Floats, on_shelf: NDArray[np.bool_]) -> Floats:
    """Return the rate [1/s] at which the undecided look at each link on the shelf.

    Parameters
    ----------
    hazard
        Rate at which they would look at a link that is alone there [1/s], of products last.
    on_shelf
        Which links are there, of the same shape.

    Examples
    --------
    >>> four = np.ones((1, 4), dtype=bool)
    >>> shelf_attention(np.array([[0.1, 0.1, 0.1, 0.4]]), four).tolist()
    [[0.05, 0.05, 0.05, 0.2]]
    """
    links = (on_shelf & (hazard > 0)).sum(axis=-1, keepdims=True)
    return np.asarray(np.where(on_shelf, hazard / np.sqrt(np.maximum(links, 1)), 0.0))


def leave_hazard(mean_stay: Floats, log_keep: Floats) -> Floats:
    """Return the hazard to leave [1/s]; guests divide it by keep^fit."""
    return np.asarray(np.exp(-log_keep) / mean_stay)


def guest_effect(on_stage: NDArray[np.bool_], fit: Floats | float, log_size: Floats) -> Floats:
    """Return the joint log-effect [1] of those on stage, shape (R,): the sum of fit · ln size.

    Notes
    -----
    Fit scales the logarithm, so a fit of −f undoes what f does (assumption). That fit works in this
    direction is known of attitudes: from d = −0.96 (mismatch) to +0.90 (match) in the meta-analysis
    of Knoll and Matthes (2017, doi 10.1007/s11747-016-0503-8). The size is an assumption.
    """
    return np.asarray((on_stage * fit * log_size).sum(axis=1))


def lift_effect(on_stage: NDArray[np.bool_], fit: Floats, log_lift: Floats) -> Floats:
    """Return the joint log-effect [1] on the odds to order, by product, shape (R, P).

    Parameters
    ----------
    on_stage
        Who is on stage, shape (R, people).
    fit
        Fit of each person for lift, shape (R, people, P).
    log_lift
        Logarithm of each person's lift, shape (R, people).
    """
    return np.asarray(((on_stage * log_lift)[:, :, None] * fit).sum(axis=1))


def price_effect(elasticity: Floats, price: Floats, reference: Floats) -> Floats:
    """Return the log-effect [1] of a price: elasticity · ln(price / reference)."""
    return elasticity * np.log(price / reference)


def stock_effect(inputs: Inputs, screen: Screen) -> Floats:
    """Return the log-effect [1] of what the screen shows of the stock, shape (R, P).

    Notes
    -----
    Herding raises the odds with 1 + the share claimed: in field experiments on Amazon's lightning
    deals a share 10 % larger brought 2.08 % more into carts in the next hour (Cui, Zhang and
    Bassamboo 2019, doi 10.1287/mnsc.2017.2950); the form is an assumption. The sign of a scarcity
    cue is disputed: 13.6 % more sales (Wagner, Calvo and Cui 2018, SSRN 3195047), 17.6 % fewer
    (Park, Rabinovich, Tang and Yin 2020, doi 10.1002/joom.1082). Both are nothing where the screen
    does not show what they react to. What a few coupons do is an assumption: the planner's.
    """
    effect = np.zeros_like(screen.price)
    if screen.claimed is not None:
        effect = effect + inputs.herd * np.log1p(screen.claimed)
    if screen.on_hand is not None:
        effect = effect + inputs.log_scarcity * (screen.on_hand < inputs.scarce_below)
    if screen.coupons is not None:
        effect = effect + inputs.log_coupon * screen.coupons
    return effect


@dataclass(frozen=True)
class Chances:
    """What the hazards amount to over one refresh.

    Parameters
    ----------
    act
        Chance that an undecided viewer does anything, by phase [1], shape (R, K).
    decide
        Of those who act, the share who decide rather than leave [1], shape (R, K).
    leave
        Chance that a decided viewer leaves [1], shape (R, K).
    offered, order
        The variants that can be ordered, shape (R, O), and the share of decisions that order none
        of them, and then each of them [1], shape (R, 1 + O); nobody orders what fills up a row.
    """

    act: Floats
    decide: Floats
    leave: Floats
    offered: NDArray[np.intp]
    order: Floats


def chances(rates: Rates, refresh: float) -> Chances:
    """Return the chances of one refresh [s] from the hazards.

    Examples
    --------
    >>> one = np.array([[0.01]])
    >>> hazards = Rates(np.ones(1), leave=one, order=one, lose_interest=one[0])
    >>> result = chances(hazards, refresh=1.0)
    >>> bool(np.isclose(result.act[0, 0], 1 - np.exp(-0.03)))
    True
    >>> round(float(result.decide[0, 0]), 6), result.order[0].tolist()
    (0.666667, [0.5, 0.5])
    """
    deciding = rates.order.sum(axis=1) + rates.lose_interest
    total = deciding[:, None] + rates.leave
    row, variant = rates.order.nonzero()
    many = np.bincount(row, minlength=len(rates.order))
    place = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    offered = np.zeros((len(many), many.max(initial=0)), dtype=np.intp)
    order = np.zeros(offered.shape)
    offered[row, place], order[row, place] = variant, rates.order[row, variant]
    return Chances(
        act=-np.expm1(-total * refresh),
        decide=_share(np.broadcast_to(deciding[:, None], total.shape), total),
        leave=-np.expm1(-rates.leave * refresh),
        offered=np.maximum.accumulate(offered, axis=1),  # the last one again
        order=_after_rest(_share(order, deciding[:, None])),
    )


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _after_rest(shares: Floats) -> Floats:
    """Return shares after what they leave over."""
    rest = np.maximum(1.0 - shares.sum(axis=1, keepdims=True), 0.0)
    return np.concatenate([rest, shares], axis=1)
