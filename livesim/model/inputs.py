"""The numbers of R replications as arrays: all that the engine knows of a show.

:func:`~livesim.resolve.inputs.inputs_of` makes them of what a planner wrote. Everything in it that
has a name is addressed by its number, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.splitting import split

#: What has a row for each replication.
_OF_SEGMENT = (
    *("reach", "turnout_factor", "mean_stay", "fit", "log_pull", "lift_fit", "log_trust"),
    *("word_of_mouth", "recommendation"),
)
_OF_SHOW = (
    *("log_lift", "log_keep", "late", "comes", "log_appeal", "conversion", "rush", "elasticity"),
    *("herd", "log_scarcity", "shelf", "unpaid", "accept", "returns", "returned_before_shipping"),
    *("through", "fake_share", "fake_returned", "unavailable_arrivals", "webshop", "log_coupon"),
)


@dataclass(frozen=True)
class SegmentInputs:
    """One audience segment in R replications, with K phases of stay.

    Parameters
    ----------
    name
        What the segment is called.
    room
        Number of its room.
    phases
        What its phases of stay are called.
    room_people
        Who is on stage in its room all the time, shape (people,).
    reach
        People who could come, all like rooms together, whole numbers, shape (R,).
    hazards
        Integrated hazard to come [1] up to each refresh, those who wait first, a campaign before
        the show included, shape (T + 1, R).
    turnout_factor
        Shared forecast error, a factor on the hazard to come [1], shape (R,).
    phase_share
        Share of the viewers in each phase [1], shape (K,).
    mean_stay
        Mean stay by phase [s], shape (R, K).
    fit, log_pull
        Fit of each person and log of their pull [1], shape (R, people).
    lift_fit
        Fit of each person for lift, by product [1], shape (R, people, P).
    log_trust
        Logarithm of their own factor on the odds to order [1], a campaign's included, shape (R,).
    word_of_mouth
        Imitation q [1/s], shape (R,).
    recommendation
        Visitors brought per order [1], shape (R,).
    window
        Refreshes over which orders are counted for that.
    """

    name: str
    room: int
    phases: tuple[str, ...]
    room_people: NDArray[np.bool_]
    reach: NDArray[np.int64]
    hazards: Floats
    turnout_factor: Floats
    phase_share: Floats
    mean_stay: Floats
    fit: Floats
    lift_fit: Floats
    log_pull: Floats
    log_trust: Floats
    word_of_mouth: Floats
    recommendation: Floats
    window: int

    @property
    def reacts(self) -> bool:
        """Whether watchers or orders bring newcomers."""
        return bool(self.word_of_mouth.any() or self.recommendation.any())

    def of_rows(self, rows: NDArray[np.intp]) -> SegmentInputs:
        """Return the same of some replications, shape (N,)."""
        mine = {name: getattr(self, name)[rows] for name in _OF_SEGMENT}
        return replace(self, hazards=self.hazards[:, rows], **mine)


@dataclass(frozen=True)
class RoomInputs:
    """One room, or many alike, in R replications.

    Parameters
    ----------
    name
        What it is called.
    count
        How many such rooms there are.
    spread
        Log-sd of a single room's size [1], shape (R,).
    allotment
        Share of every product's units that they alone sell [1]; None where all sell from one stock.
    """

    name: str
    count: int
    spread: Floats
    allotment: float | None


@dataclass(frozen=True)
class SlotInputs:
    """One slot of the rundown.

    Parameters
    ----------
    name
        What it is called.
    start
        When it starts [s]; None where it follows on.
    cutoff
        When it must make way [s]: at the next fixed start, or at the show's end.
    length
        How long it is [s].
    link
        When the link goes up, after its start [s].
    sells
        Numbers of the products that it offers.
    cast
        Who is on stage, shape (people,).
    prices
        Its own prices: numbers of products, each with its price [currency/unit].
    waits_for
        Number of the person without whom it does not start, if they come at all.
    goes_on
        Whether it goes on to the next slot once all that it sells is sold out.
    longest_wait
        After what wait it starts without them [s]; inf: it waits until it must make way.
    instead
        Numbers of the slots that move forward meanwhile.
    """

    name: str
    start: float | None
    cutoff: float
    length: float
    link: float
    sells: tuple[int, ...]
    cast: NDArray[np.bool_]
    prices: tuple[tuple[int, float], ...]
    waits_for: int | None
    goes_on: bool
    longest_wait: float = inf
    instead: tuple[int, ...] = ()


@dataclass(frozen=True)
class WaveInputs:
    """A timed part of the owned units.

    Parameters
    ----------
    name
        What it is called.
    share
        Share of the owned units [1].
    after
        When it goes on sale, after the product's first link [s].
    """

    name: str
    share: float
    after: float


@dataclass(frozen=True)
class ReceiptInputs:
    """A scheduled receipt: units that are paid for and arrive on a date.

    Parameters
    ----------
    name
        What it is called.
    units
        How many [units].
    due
        When they arrive [s]; at the show's start if the date lies before it.
    """

    name: str
    units: int
    due: float


@dataclass(frozen=True)
class ReserveInputs:
    """Units that are called once, when few are left.

    Parameters
    ----------
    part
        Its path below the product: ``reserve``, or ``reserve.courier``.
    units
        How many are called [units].
    below
        Called when fewer units than this are left [units]; 0 if that is no reason.
    lead_time
        Time from the call until they are on hand [s].
    when
        Called at a moment [s] if more units than so many have been sold [units]; None if that is no
        reason.
    due
        When it comes whatever happens, as it has been called [s]; inf: by these rules only.
    call_cost, extra_unit_cost
        What calling it costs [currency], and each of its units beside the unit cost
        [currency/unit].
    """

    part: str
    units: int
    below: int
    lead_time: float
    when: tuple[float, int] | None = None
    due: float = inf
    call_cost: float = 0.0
    extra_unit_cost: float = 0.0

    @property
    def costs(self) -> bool:
        """Whether calling it costs more than its units do elsewhere."""
        return self.call_cost > 0 or self.extra_unit_cost > 0


@dataclass(frozen=True)
class SupplyInputs:
    """How the units of one product come on sale.

    Parameters
    ----------
    waves
        The parts in which the owned units go on sale; none where all are there from the start.
    receipts
        What arrives later.
    reserves
        What can be called, in the order in which it is if several rules hold at once.
    backorder_units
        At most this many units are sold beyond the stock [units].
    """

    waves: tuple[WaveInputs, ...]
    receipts: tuple[ReceiptInputs, ...]
    reserves: tuple[ReserveInputs, ...]
    backorder_units: int

    @property
    def parts(self) -> tuple[str, ...]:
        """What comes on sale later, by its path below the product."""
        waves = [f"waves.{wave.name}" for wave in self.waves]
        receipts = [f"arriving.{receipt.name}" for receipt in self.receipts]
        return (*waves, *receipts, *(reserve.part for reserve in self.reserves))


@dataclass(frozen=True)
class LeftOverInputs:
    """How left-overs sell on after the show, evenly, and what the rest is worth.

    Parameters
    ----------
    per_week
        Units that sell in a week [units/week].
    price
        What each of these brings [currency/unit].
    weeks
        For how many weeks they sell on [weeks].
    holding_cost
        Cost of keeping a unit for a week [currency/unit/week].
    then
        What a unit that is left after these weeks is worth [currency/unit].
    """

    per_week: float
    price: float
    weeks: float
    holding_cost: float
    then: float

    @property
    def most(self) -> float:
        """How many sell on at most [units]."""
        return self.per_week * self.weeks


@dataclass(frozen=True)
class BuyBackInputs:
    """What the supplier takes back of left-overs.

    Parameters
    ----------
    price
        What it pays for a unit [currency/unit].
    up_to
        Most that it takes, as a share of all units that there were [1].
    """

    price: float
    up_to: float


@dataclass(frozen=True)
class TermsInputs:
    """What the units of one product, or of one of its variants, are worth.

    Parameters
    ----------
    unit_cost, left_over_value, returned_value, goodwill
        Of a unit bought, left over, returned and turned away [currency/unit]; returned_value is
        None where a returned unit sells on among the left-overs.
    deposit
        Part of the price that is kept of an order never paid for [1]; 0 without a presale.
    slot_fee
        What the host is paid for it [currency].
    left_over
        How left-overs sell on, instead of being worth left_over_value each.
    buy_back
        What the supplier takes back of them, before.
    storage
        What storing a unit costs [currency/unit]; None where nobody says it.
    ads
        What ads cost that bring viewers to it [currency/s]; None where nobody says it.
    webshop
        What a unit brings that a webshop sells meanwhile [currency/unit]; None without one.
    owned_value
        What a unit is worth that was owned and is not sold [currency/unit], where that is another
        amount than of one that is bought; else None.
    owned
        Units owned before the show, those that arrive included [units]; they are sold first.
    """

    unit_cost: float
    left_over_value: float
    returned_value: float | None
    goodwill: float
    deposit: float
    slot_fee: float
    left_over: LeftOverInputs | None = None
    buy_back: BuyBackInputs | None = None
    storage: float | None = None
    ads: float | None = None
    webshop: float | None = None
    owned_value: float | None = None
    owned: int = 0

    def of_share(self, share: float) -> TermsInputs:
        """Return the same of a variant that this share of the buyers wants."""
        mine = self if self.ads is None else replace(self, ads=self.ads * share)
        if mine.left_over is None:
            return mine
        per_week = mine.left_over.per_week * share
        return replace(mine, left_over=replace(mine.left_over, per_week=per_week))

    def of_owned(self, units: int) -> TermsInputs:
        """Return the same where so many units are owned before the show."""
        return replace(self, owned=units, owned_value=self.owned_value if units else None)


@dataclass(frozen=True)
class WarehouseInputs:
    """How fast orders leave after the show, and what late ones cost.

    Parameters
    ----------
    per_day
        Orders that leave in a day [orders/day].
    promised
        Days within which an order is promised to leave [days].
    cancelled
        Share of the late orders that are cancelled each day while they wait [1/day].
    penalty
        What each late order costs [currency/order].
    """

    per_day: float
    promised: int
    cancelled: float
    penalty: float


@dataclass(frozen=True)
class DealInputs:
    """Who is paid what.

    Parameters
    ----------
    commission, platform_fee
        Shares of the value kept [1].
    shipping
        Cost of shipping an order [currency/order].
    return_freight
        Cost of a returned unit [currency/unit].
    guest_fee
        Paid to guests [currency].
    guaranteed_volume
        Units that the host guarantees [units]; 0 for none.
    beside
        What the show costs beside the deal [currency], by name.
    warehouse
        How fast orders leave; None if none is ever late.
    """

    commission: float
    platform_fee: float
    shipping: float
    return_freight: float
    guest_fee: float
    guaranteed_volume: float
    beside: Mapping[str, float]
    warehouse: WarehouseInputs | None = None


@dataclass(frozen=True)
class GiftInputs:
    """What comes with an order for nothing, while there is some of it.

    Parameters
    ----------
    to
        Numbers of the variants with whose orders it comes.
    variant
        The number of the variant that is given, a unit with each order.
    first
        With how many orders it comes at most; inf: as long as there are units.
    """

    to: tuple[int, ...]
    variant: int
    first: float = inf


@dataclass(frozen=True)
class CouponInputs:
    """Money off the price of a product's first orders.

    Parameters
    ----------
    product
        Its number.
    off
        Part of the price that is taken off [1].
    first
        With how many orders it comes.
    """

    product: int
    off: float
    first: int


@dataclass(frozen=True)
class Inputs:
    """A scenario in R replications: P products in V variants, sold to S segments.

    Parameters
    ----------
    refresh, refreshes
        Length [s] and number T of the refreshes.
    length
        Length of the show [s].
    segments
        The audience, in the order of the file.
    rooms
        Where they watch, in the order of the file; without rooms, the whole show is one.
    has_rooms
        Whether the file has rooms.
    people, products, variants
        Names, in the order of the file; a product without variants is its own only variant.
    product_of
        Product of each variant, shape (V,).
    variant_share
        Share of the product's orders that want the variant [1], shape (V,).
    log_lift, log_keep
        Logarithms of lift and keep [1], shape (R, people).
    late, comes
        How late each person is [s], and whether they come at all, shape (R, people).
    entry
        When each person is announced to be on stage first [s], inf if never, shape (people,).
    slots
        The rundown.
    price, reference_price
        Prices [currency/unit], shape (P,).
    log_appeal, conversion, rush, elasticity, herd, log_scarcity, shelf
        The model's quantities by product, shape (R, P).
    scarce_below
        Scarcity works below this many units shown [units], shape (P,).
    shows_on_hand, shows_claimed
        Whether the screen shows the units left and the share claimed.
    owned
        Units of each variant that are owned at the start, once samples have gone to reviewers
        [units], shape (V,).
    supplies
        How each product comes on sale.
    takes
        Units of each variant's stock that a unit sold of a variant takes [units], shape (V, V), who
        takes first: its own, but a bundle's none, and those of its components.
    gifts
        What comes with orders.
    coupons
        Money off the price of first orders.
    log_coupon
        Logarithm of what multiplies the odds to order while there are coupons [1], shape (R, P).
    allotted
        Whether the stock is split among rooms.
    quantity
        For each product, units in an order → share of orders [1], its limit applied.
    unpaid
        Share of orders that are never paid [1], shape (R, P).
    timeout
        After what time an unpaid order lapses [s], shape (P,); of a presale, never during the show.
    capacity
        Most orders that the checkout takes [orders/s]; inf without a limit.
    steps
        Whether the checkout has steps on which orders are lost.
    accept
        Share of the turned-away who accept to wait [1], shape (R, P).
    returns, returned_before_shipping
        Shares of paid units that come back, and of these cancelled in time [1], shape (R, P).
    through
        Share of the attempts that go through all steps of the checkout [1], shape (R,).
    fakes
        Whether there are fake orders, shape (P,).
    fake_share, fake_returned
        Share of the orders that is fake, and of what these pay for that is returned [1], shape
        (R, P).
    webshop
        Units that a webshop sells of the same stock in a day [units/day], shape (R, P).
    terms, deal
        What units are worth, product by product, and who is paid what.
    views_per_viewer
        Page views of a viewer [1].
    unavailable_arrivals
        Share of the usual arrivals that comes while nothing on offer is on hand [1], shape (R,).
    """

    refresh: float
    refreshes: int
    length: float
    segments: tuple[SegmentInputs, ...]
    rooms: tuple[RoomInputs, ...]
    has_rooms: bool
    people: tuple[str, ...]
    products: tuple[str, ...]
    variants: tuple[str, ...]
    product_of: NDArray[np.intp]
    variant_share: Floats
    log_lift: Floats
    log_keep: Floats
    late: Floats
    comes: NDArray[np.bool_]
    entry: Floats
    slots: tuple[SlotInputs, ...]
    price: Floats
    reference_price: Floats
    log_appeal: Floats
    conversion: Floats
    rush: Floats
    elasticity: Floats
    herd: Floats
    log_scarcity: Floats
    scarce_below: NDArray[np.int64]
    shelf: Floats
    shows_on_hand: bool
    shows_claimed: bool
    owned: NDArray[np.int64]
    supplies: tuple[SupplyInputs, ...]
    takes: NDArray[np.int64]
    gifts: tuple[GiftInputs, ...]
    coupons: tuple[CouponInputs, ...]
    log_coupon: Floats
    allotted: bool
    quantity: tuple[Mapping[int, float], ...]
    unpaid: Floats
    timeout: Floats
    capacity: float
    steps: bool
    accept: Floats
    returns: Floats
    returned_before_shipping: Floats
    through: Floats
    fakes: NDArray[np.bool_]
    fake_share: Floats
    fake_returned: Floats
    webshop: Floats
    terms: tuple[TermsInputs, ...]
    deal: DealInputs
    views_per_viewer: float
    unavailable_arrivals: Floats

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return len(self.unpaid)

    def terms_of(self, variant: int) -> TermsInputs:
        """Return what the units of a variant are worth."""
        product = int(self.product_of[variant])
        terms = self.terms[product].of_share(float(self.variant_share[variant]))
        mine = np.flatnonzero(self.product_of == product)
        coming = np.array([one.units for one in self.supplies[product].receipts], dtype=np.int64)
        arriving = split(coming, self.variant_share[mine].tolist())[mine == variant]
        return terms.of_owned(int(self.owned[variant] + arriving.sum()))

    @property
    def webshops(self) -> NDArray[np.bool_]:
        """Which products a webshop sells meanwhile, shape (P,)."""
        return np.array([terms.webshop is not None for terms in self.terms])

    @property
    def of_crowd(self) -> Inputs:
        """The same without what no crowd is told: the units owned, and what units are worth.

        Where this is equal of two shows, one recording serves both, as long as it holds.
        """
        terms = (
            TermsInputs(0.0, 0.0, None, 0.0, 0.0, 0.0, webshop=None if one.webshop is None else 0.0)
            for one in self.terms
        )
        deal = DealInputs(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, beside={})
        return replace(self, owned=np.zeros_like(self.owned), terms=tuple(terms), deal=deal)

    def of_rows(self, rows: NDArray[np.intp]) -> Inputs:
        """Return the same of some replications, shape (N,)."""
        return replace(
            self,
            segments=tuple(segment.of_rows(rows) for segment in self.segments),
            rooms=tuple(replace(room, spread=room.spread[rows]) for room in self.rooms),
            **{name: getattr(self, name)[rows] for name in _OF_SHOW},
        )

    def components(self, product: int) -> list[tuple[int, int, int]]:
        """Return variant, its product and its units [units] of each component of a bundle.

        Nothing where the product is no bundle.
        """
        takes = self.takes[np.flatnonzero(self.product_of == product)[0]]
        taken = np.flatnonzero(takes).tolist()
        if any(self.product_of[variant] == product for variant in taken):
            return []
        return [(one, int(self.product_of[one]), int(takes[one])) for one in taken]

    @cached_property
    def sharing(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of the products that share stock, since orders of some take units of others."""
        apart = np.eye(len(self.variants), dtype=np.int64)
        pairs = np.argwhere(self.takes != apart).tolist()
        pairs += [[variant, gift.variant] for gift in self.gifts for variant in gift.to]
        groups: list[set[int]] = []
        for pair in pairs:
            joined = {int(self.product_of[variant]) for variant in pair}
            joined = joined.union(*(group for group in groups if group & joined))
            groups = [group for group in groups if not group & joined] + [joined]
        return tuple(tuple(sorted(group)) for group in sorted(groups, key=min))

    @property
    def joint(self) -> tuple[int, ...]:
        """Numbers of the products of which a unit's worth depends on others' or variants' stock.

        Those that share stock, and those whose variants have first orders' coupons in common.
        """
        shared = {number for group in self.sharing for number in group}
        sizes = np.bincount(self.product_of, minlength=len(self.products))
        return tuple(sorted(shared | {c.product for c in self.coupons if sizes[c.product] > 1}))

    @property
    def reserves_cost(self) -> bool:
        """Whether calling any reserve costs more than its units do elsewhere."""
        return any(reserve.costs for supply in self.supplies for reserve in supply.reserves)

    @property
    def attempts_shape(self) -> tuple[int, int]:
        """Shape of the order attempts: a column for each variant in each room, rooms last."""
        return (self.replications, len(self.variants) * len(self.rooms))
