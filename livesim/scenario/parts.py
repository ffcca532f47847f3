"""The parts of a show, with every quantity of the model explicit.

This file says what a show *is* for livesim. Read it from :class:`Show` to :class:`Whole`: the
clock, the people, the audience segments, the products and their stock, the money, the checkout, the
rundown. What a planner writes is shorter (:mod:`draft`) and is turned into this form by
:mod:`resolve`; every resolved form is itself a valid file. There are no default numbers here: they
stand, each with its source, in the packaged templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from math import ceil, inf
from typing import Annotated, Final, Literal, Protocol, Self, TypeVar

from pydantic import (
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import SkipJsonSchema

from livesim.scenario.campaign import Campaign
from livesim.scenario.currencies import CURRENCY
from livesim.scenario.expecting import Expectations
from livesim.scenario.fields import (
    Count,
    Date,
    Duration,
    Fee,
    Goods,
    Label,
    Money,
    MoreThan,
    Name,
    Names,
    Part,
    PositiveCount,
    PositiveDuration,
    Price,
    Rate,
    Share,
    Text,
    Texts,
    Title,
    UncertainCount,
    UncertainDuration,
    UncertainEarlyShare,
    UncertainElasticity,
    UncertainFactor,
    UncertainFit,
    UncertainLift,
    UncertainPartialShare,
    UncertainPositiveDuration,
    UncertainPositiveShare,
    UncertainRate,
    UncertainShare,
    UnitPrice,
    Volume,
    Worth,
    kind_of,
    mistake,
    optional,
    required,
)
from livesim.scenario.incubator import Incubator
from livesim.scenario.quantities import DURATION, KEPT, POSITIVE_COUNT, Kind, QuantityError
from livesim.scenario.shorthand import ByNumber, refuse_goods, with_goods
from livesim.scenario.uncertain import Distribution

_LABEL: Final = (
    "What people read in its place, in any script, in all output, figures and workbooks; the key "
    "stays its name in files, --set and JSON. No two alike."
)
#: How many units an order may ask for.
_UNITS: Final = "[1-9]|1[0-9]|20"


class Show(Part):
    """The show's clock, its currency, and the forecast errors that everything in it shares."""

    start: Date | None = optional("When the show starts: date and time of day.", "2026-11-29 20:00")
    length: PositiveDuration = required("Length of the show [s].", "3h")
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)] = required(
        "Currency of all money, three letters: CNY, USD.", "CNY"
    )
    refresh: PositiveDuration = required(
        "How often a viewer looks at the screen [s]; a part of the model, to which a file's stays "
        "are fitted.",
        "5s",
    )
    views_per_viewer: Rate = required(
        "Page views per unique viewer [1], for sources that count views.", 1.4
    )
    appeal: UncertainFactor = required(
        "Forecast error shared by all products: multiplies the odds of ordering [1].",
        {"p10": 0.4, "likely": 1, "p90": 2.5},
    )
    turnout_factor: UncertainFactor = required(
        "Forecast error shared by all segments: multiplies the urge to come [1].",
        {"lognormal": {"median": 1, "sigma": 0.3}},
    )
    arrivals_when_unavailable: UncertainPositiveShare | None = optional(
        "Share of the usual arrivals that comes while something is on offer and nothing of it is "
        "on hand, as platforms show such a room to fewer [1]; without, all come. No published "
        "figure is known: an assumption of yours.",
        "60%",
    )


class Person(Part):
    """Who can be on stage. The usual host is the neutral stage; guests change what viewers do."""

    label: Label | None = optional(_LABEL, "Kim K.")

    role: Literal["host", "guest"] = required(
        "host: the usual host, neutral by definition; guest: whose effect is modelled.", "guest"
    )
    pull: UncertainFactor = required(
        "Multiplies arrivals while on stage, whatever the fit [1].",
        {"p10": 1.2, "likely": 2, "p90": 4},
    )
    pull_by_segment: dict[Name, UncertainFactor] = required(
        "Pull in a segment, instead of the general one [1].", {"fans": 1}
    )
    lift: UncertainLift = required(
        "Multiplies the odds to order while on stage, at perfect fit [1].",
        {"p10": 1.1, "likely": 1.5, "p90": 2.0},
    )
    keep: UncertainLift = required(
        "Divides the rate of leaving while on stage, at perfect fit [1].", 1.2
    )
    fit: dict[Name, UncertainFit] = required(
        "How well the person suits a segment, from -1 to 1 [1]; missing is 0.",
        {"fans": 0.8, "regulars": 0.3},
    )
    fit_by_category: dict[Name, UncertainFit] = required(
        "How well the person suits a product category, from -1 to 1 [1]; for lift, the fit is the "
        "mean of this and the fit to the segment.",
        {"beauty": 0.5},
    )
    late: UncertainDuration = required(
        "How late the person enters [s].", {"choice": {"0s": "80%", "3min": "20%"}}
    )
    no_show: Share = required("Chance that the person does not come at all [1].", "5%")

    @model_validator(mode="after")
    def _host_is_neutral(self) -> Self:
        effects = {"pull": self.pull, "lift": self.lift, "keep": self.keep}
        changed = [name for name, value in effects.items() if value != 1]
        maps = ("pull_by_segment", "fit", "fit_by_category")
        changed += [name for name in maps if getattr(self, name)]
        if self.role == "host" and changed:
            raise mistake(
                "the usual host is the neutral stage, which has no pull, lift, keep or fit",
                "give the effect to a person whose role is guest",
                changed[0],
            )
        return self


class Arrivals(Part):
    """When those come who come: the cumulative share of them over the show."""

    shape: Literal["flat", "front_loaded", "s_curve", "points"] = required(
        "flat; front_loaded (announced); s_curve (spreads by word); points (your own).", "flat"
    )
    half_by: UncertainEarlyShare | None = optional(
        "front_loaded: part of the time by which half of them have come, at most a half [1].", "24%"
    )
    middle: UncertainShare | None = optional(
        "s_curve: part of the time at which most come [1].", "40%"
    )
    spread: UncertainPositiveShare | None = optional(
        "s_curve: width of the rise as a part of the time [1].", "10%"
    )
    points: dict[str, Share] | None = optional(
        "points: time since the start, or since the entry of whom the segment comes for → share "
        "that has come by then, to 100%.",
        {"10min": "63%", "30min": "100%"},
    )

    @model_validator(mode="after")
    def _needs_its_numbers(self) -> Self:
        needs = {
            "flat": (),
            "front_loaded": ("half_by",),
            "s_curve": ("middle", "spread"),
            "points": ("points",),
        }
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        wanted = {"shape", *needs[self.shape]}
        if given != wanted:
            raise mistake(
                f"arrivals of shape {self.shape} take {' and '.join(sorted(wanted))}, "
                f"but here stand {' and '.join(sorted(given))}",
                "front_loaded takes half_by; s_curve middle and spread; points points",
            )
        if self.points is not None:
            _check_points(self.points)
        return self


def _check_points(points: Mapping[str, float]) -> None:
    remedy = "write times and shares that rise to 100%: {10min: 63%, 30min: 100%}"
    try:
        times = [DURATION.read(time) for time in points]
    except QuantityError as error:
        raise mistake(error.what, error.remedy, "points") from None
    shares = list(points.values())
    pairs = sorted(zip(times, shares, strict=True))
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(pairs))
    if not pairs or not rising or pairs[-1][1] != 1 or pairs[0][0] == 0:
        raise mistake("the points do not rise from after the start to 100%", remedy, "points")


class Phase(Part):
    """One kind of stay within a segment: bouncers, browsers, stayers."""

    share: Share = required("Share of the segment's viewers who stay like this [1].", "45%")
    mean: UncertainPositiveDuration = required("Their mean stay [s].", "20s")


def _check_shares(shares: Mapping[str, float]) -> None:
    """Raise a mistake unless the shares add up to 1."""
    total = sum(shares.values())
    if abs(total - 1) > 1e-9:
        raise mistake(
            f"the shares add up to {total:.6g}, not to 1",
            f"change them so that {', '.join(shares) or 'they'} add up to 100%",
        )


class _Sharing(Protocol):
    """A part that has a share of the whole."""

    share: float


_Parts = TypeVar("_Parts", bound=Mapping[str, _Sharing])


def _sharing(parts: _Parts) -> _Parts:
    """Return parts whose shares add up to 1; none are fine."""
    if parts:
        _check_shares({name: part.share for name, part in parts.items()})
    return parts


class SegmentBase(Part):
    """Everything about an audience segment except how many people it has."""

    turnout: UncertainShare = required(
        "Share of the reach that comes by the end on a neutral stage [1].", "20%"
    )
    arrivals: Arrivals = required("When the others come.")
    stay: dict[Name, Phase] = required(
        "How long viewers stay: a mixture of phases.",
        {"bounce": {"share": "45%", "mean": "20s"}, "browse": {"share": "55%", "mean": "4min"}},
    )
    stay_factor: UncertainFactor = required(
        "Multiplies every mean stay [1].", {"p10": 0.6, "likely": 1, "p90": 1.6}
    )
    trust: UncertainFactor = required(
        "Multiplies the odds that these viewers order [1], against the viewers whom the "
        "conversion or the history tells of.",
        1.5,
    )
    comes_for: Name | None = optional(
        "Person for whom the segment comes; its arrivals count from the entry.", "kim"
    )
    word_of_mouth: UncertainRate = required(
        "Bass's imitation q: arrivals that watchers bring, per time [1/s].", 0.0001
    )
    recommendation: UncertainRate = required(
        "Visitors that the platform brings per order while the pool is full [1]; orders as they "
        "are tried, before the checkout's steps and without fake ones.",
        0.5,
    )
    recommendation_window: PositiveDuration = required(
        "Time over which the platform counts orders for that [s].", "5min"
    )
    takes_turnout_factor: bool = required(
        "Whether show.turnout_factor applies; false where this file says how uncertain viewers "
        "are.",
        False,
    )

    _stays_add_up = field_validator("stay")(_sharing)


class Segment(SegmentBase):
    """An audience segment: viewers who behave alike."""

    waiting: UncertainShare = required("Share of those who come who wait at the start [1].", "3%")
    reach: UncertainCount = required(
        "People who could come [1]; where a room stands for many, to one of them."
    )


class Room(Part):
    """One stream of the show, or many streams alike: who watches there, and what it may sell."""

    segments: Names = required(
        "Audience segments that watch here; each belongs to exactly one room.", ["fans"]
    )
    people: Names = required(
        "People who are on stage here all the time and in no other room; those of the rundown are "
        "seen in every room.",
        ["kim"],
    )
    count: PositiveCount = required(
        "So many rooms like this stand side by side [1]; reach and fee are those of one, and "
        "together they are one crowd.",
        40,
    )
    spread: UncertainRate = required(
        "How much the sizes of these rooms differ: log-sd of a room's own size [1]; matters only "
        "where rooms have allotments.",
        0.8,
    )
    allotment: Share | None = optional(
        "Share of every product's units that only these rooms sell, each an equal part [1]; "
        "without, all rooms sell from one stock.",
        "30%",
    )
    fee: Fee = required("Paid for each room, beside the deal [currency].", 200)


def _read_breaks(breaks: dict[str, float] | None) -> dict[str, float] | None:
    """Return price breaks in ascending order, each with its number of units as plain digits."""
    if breaks is None:
        return None
    read = {}
    for written, price in breaks.items():
        try:
            read[int(POSITIVE_COUNT.read(written))] = price
        except QuantityError as error:
            raise mistake(error.what, error.remedy, written) from None
    return {f"{units}": read[units] for units in sorted(read)}


def _check_breaks(breaks: dict[str, float] | None, unit_cost: float, *path: str) -> None:
    """Raise a mistake unless a unit costs ever less from break to break."""
    before = unit_cost
    for units, price in (breaks or {}).items():
        if price >= before:
            raise mistake(
                f"from {units} units on a unit costs {price:g}, not less than before ({before:g})",
                "let each further price break cost less than the one before and unit_cost",
                *path,
                units,
            )
        before = price


class Supplier(Part):
    """One of several who sell a product, or a variant: a purchase is placed with one of them."""

    unit_cost: Annotated[UnitPrice, ByNumber()] = required(
        "What a unit costs there [currency/unit]; {1: 7.10, 1_000: 5.40} is short for 7.10 with "
        "price_breaks: {1_000: 5.40}.",
        7.10,
    )
    minimum_order: Count = optional("Least units in a purchase there [units].", 500, default=0)
    price_breaks: dict[str, UnitPrice] | None = optional(
        "From how many units in a purchase on all its units cost less [currency/unit].",
        {"1_000": 5.4},
    )
    lead_time: Duration | None = optional("Time from the order until units can be sold [s].", "35d")

    _quantities = field_validator("price_breaks")(_read_breaks)

    @field_validator("price_breaks")
    @classmethod
    def _prices_fall(
        cls, breaks: dict[str, float] | None, info: ValidationInfo
    ) -> dict[str, float] | None:
        _check_breaks(breaks, info.data.get("unit_cost", inf))
        return breaks


class BuyBack(Part):
    """What the supplier takes back of the units that the show leaves over."""

    price: UnitPrice = required("What it pays for a unit [currency/unit].", 4.00)
    up_to: Share = optional(
        "Most that it takes back, as a share of all units that there were, owned and bought [1].",
        "30%",
        default=1.0,
    )


class OrderTerms(Part):
    """What a purchase of one product, or one of its variants, must respect; else as in supply."""

    pack: PositiveCount | None = optional("Units in a pack; purchases are whole packs [units].", 12)
    minimum_order: Count | None = optional(
        "Least units in a purchase [units]: of all variants of a product together, or of the one "
        "variant that says it.",
        60,
    )
    price_breaks: dict[str, UnitPrice] | None = optional(
        "From how many units in a purchase on a unit costs less [currency/unit] than unit_cost; a "
        "product with variants has them below each variant's supply.",
        {"500": 5.8, "1_000": 5.4},
    )
    discount: Literal["all_units", "incremental"] = optional(
        "Whether a price break is for all units of the purchase, or for those from it on.",
        "incremental",
        default="all_units",
    )

    lead_time: Duration | None = optional("Time from the order until units can be sold [s].", "35d")
    suppliers: dict[Name, Supplier] | None = optional(
        "Several who sell it: a purchase is placed with the cheapest that delivers in time; "
        "prices, minimum orders and lead times are then theirs. A product with variants has them "
        "below each variant's supply.",
        {
            "near": {"unit_cost": 7.10, "lead_time": "4d"},
            "far": {"unit_cost": 5.40, "minimum_order": 500, "lead_time": "35d"},
        },
    )

    buy_back: BuyBack | None = optional(
        "What the supplier takes back of left-overs, owned or bought, that were never sold, or "
        "were cancelled in time: those that would bring less otherwise.",
        {"price": 4.00, "up_to": "30%"},
    )
    consignment: bool | None = optional(
        "Whether all units, those on hand before the show too, are the supplier's and paid for "
        "only as they sell, at unit_cost; left-overs go back, and a purchase takes no part of the "
        "budget.",
        True,
    )

    _quantities = field_validator("price_breaks")(_read_breaks)

    @model_validator(mode="after")
    def _who_carries_left_overs(self) -> Self:
        for key in ("price_breaks", "suppliers", "buy_back"):
            if self.consignment and getattr(self, key) is not None:
                raise mistake(
                    "units on consignment cost unit_cost each, as they sell, and all that are left "
                    "go back",
                    f"take {key} away, or consignment",
                    key,
                )
        return self

    @model_validator(mode="after")
    def _suppliers_have_terms_of_their_own(self) -> Self:
        if self.suppliers is None:
            return self
        if not self.suppliers:
            raise mistake("nobody sells it", "name a supplier, or take suppliers away", "suppliers")
        for key in ("minimum_order", "price_breaks", "lead_time"):
            if getattr(self, key) is not None:
                raise mistake(
                    f"each supplier has a {key} of its own", f"give {key} below suppliers", key
                )
        return self

    def least_costs(self, unit_cost: float) -> Iterator[tuple[str, float, float]]:
        """Yield from whom a unit costs what at least [currency], after how long [s].

        Whoever sells at the unit cost has no name.
        """
        breaks = (self.price_breaks or {}).values()
        if self.suppliers is None:
            yield "", min([unit_cost, *breaks]), self.lead_time or 0.0
        for name, one in (self.suppliers or {}).items():
            least = min([one.unit_cost, *(one.price_breaks or {}).values()])
            yield name, least, one.lead_time or 0.0


_OF_THE_PRODUCT: Final = "Refused here: it is said for all variants alike, in the product's supply."


class VariantTerms(OrderTerms):
    """What a purchase of a variant must respect; its left-overs go back as the product says."""

    # No keys of a variant: they are here so that who writes them hears where they belong.
    buy_back: SkipJsonSchema[BuyBack | None] = optional(_OF_THE_PRODUCT)
    consignment: SkipJsonSchema[bool | None] = optional(_OF_THE_PRODUCT)

    @field_validator("buy_back", "consignment", mode="before")
    @classmethod
    def _left_overs_are_the_products(cls, said: object, info: ValidationInfo) -> object:
        if said is not None:
            raise mistake(
                f"{info.field_name} is about all variants of a product alike",
                f"give {info.field_name} below the product's supply",
            )
        return said


class Variant(Part):
    """A size or shade of a product, with units of its own."""

    label: Label | None = optional(_LABEL, "30 ml")

    share: Share = required("Share of the product's orders that want it [1].", "40%")
    owned: Count | None = optional(
        "Units owned of it [units]; without, the product's units are split by share.", 20
    )
    supply: VariantTerms | None = optional(
        "What a purchase of it must respect; what it leaves out is the product's.",
        {"pack": 6, "minimum_order": 30},
    )


class Scarcity(Part):
    """What seeing few units left does to viewers; needs a screen that shows units left."""

    below: PositiveCount = required(
        "Works while fewer units than this are shown, none included [units].", 100
    )
    multiplier: UncertainFactor = required(
        "Multiplies the odds to order then [1]; published signs disagree.", 1.3
    )


class Arriving(Part):
    """Units that are paid for but arrive on a date."""

    units: Count = required("How many [units].", 500)
    on: Date = required("When they can be sold: date and time of day.", "2026-11-29 20:30")


class Wave(Part):
    """One timed part of the stock put on sale."""

    share: Share = required("Share of the owned units in this wave [1].", "60%")
    after: Duration = required("Time after the product's first link [s].", "0s")


class When(Part):
    """A look at the sales so far, at one moment of the show."""

    at: Duration = required("When, since the show's start [s].", "10min")
    sold: MoreThan = required(
        "True if more units than this have been ordered by then, and not given back unpaid "
        "[units]. best: livesim plan finds the number from which on calling earns, as livesim "
        "live would decide then, and says what waiting for the count is worth; until that number "
        "stands here, the reserve is not called then.",
        "> 2_000",
        "best",
    )


class Reserve(Part):
    """Units that are called once, when few are left or many have been sold."""

    units: Count = required("How many are called [units].", 200)
    below: PositiveCount | None = optional(
        "Called when fewer units than this are left [units].", 50
    )
    when: When | None = optional(
        "Called at a moment if so much has been sold by then; with below, whatever comes first. "
        "Is it worth waiting for the first ten minutes? {at: 10min, sold: best} asks livesim plan.",
        {"at": "10min", "sold": "> 2_000"},
    )
    lead_time: Duration = required("Time from the call until they are on hand [s].", "10min")
    call_cost: Fee | None = optional(
        "What calling it costs, once, as a courier's trip [currency].", 250
    )
    extra_unit_cost: Money | None = optional(
        "What each of its units costs beside unit_cost [currency/unit].", 1.50
    )

    @model_validator(mode="after")
    def _is_called_somehow(self) -> Self:
        if self.below is None and self.when is None:
            raise mistake(
                "nothing says when the reserve is called",
                "give below, as below: 50, or when, as when: {at: 10min, sold: '> 2_000'}",
            )
        return self


_RESERVES: Final = TypeAdapter(dict[Name, Reserve], config=ConfigDict(defer_build=True))


class Backorder(Part):
    """Orders taken beyond the stock, for buyers who accept to wait."""

    accept: UncertainShare = required("Share of the turned-away who accept the wait [1].", "30%")
    units: Count = required("At most this many units are sold beyond the stock [units].", "1_000")
    promised: Date | None = optional(
        "When they are promised: the wait that accept is about. A note for people; how a later "
        "date lowers accept is not modelled.",
        "2026-12-20 12:00",
    )


class FakeOrders(Part):
    """Orders that the host's helpers place, pay for and send back, to look good."""

    share: UncertainPartialShare = required(
        "Share of all orders that is fake [1]: each real order brings share / (1 - share) fake "
        "ones on average.",
        "30%",
    )
    returned: UncertainShare = required(
        "Share of the units that fake orders have paid for that comes back after shipping [1].",
        "100%",
    )


class Presale(Part):
    """Selling against a deposit: the balance is due days later, and some never pay it."""

    deposit: Share = required("Part of the price that is paid with the order [1].", "15%")
    balance_paid: UncertainShare = required(
        "Share of the orders whose balance is paid [1]; the deposit of the others is kept, and "
        "their units come back after the show. It takes the place of checkout.unpaid.",
        "90%",
    )


class Observed(Part):
    """What an earlier show came to: evidence to hold the model against, never its demand."""

    sold: Count = required("Units sold in it [units]; if sold out, fewer than wanted.", "15_000")
    sold_out: bool = required("Whether that was all there was.", True)
    after: PositiveDuration | None = optional(
        "If sold out: about how long after the link, at most [s].", "5min"
    )
    viewers: PositiveCount | None = optional(
        "Its unique viewers [1]; without, an audience like this show's.", "13M"
    )

    @model_validator(mode="after")
    def _sold_out_or_not(self) -> Self:
        if self.sold_out and self.sold == 0:
            raise mistake(
                "nothing was sold, so it was not sold out", "write sold_out: false", "sold_out"
            )
        if self.after is not None and not self.sold_out:
            raise mistake(
                "after says when it was sold out, and it was not",
                "take after away, or write sold_out: true",
                "after",
            )
        return self


def _a_number_of(unit: str, seconds: float, value: object) -> object:
    """Refuse a duration where a number of days or weeks stands, and say how many it would be."""
    text = value.strip() if isinstance(value, str) else ""
    if spelled := re.fullmatch(rf"([0-9.]+)\s*(?:{unit[0]}|{unit}|{unit}s)", text):
        number = spelled[1]
    else:
        try:
            number = f"{ceil(DURATION.read(text) / seconds)}"
        except QuantityError:
            return value
    what = f"{value!r} has a unit, and this is a number of {unit}s"
    raise mistake(what, f"write {number}, for {number} {unit}s")


def _above_nothing(value: object, what: str, part: str) -> object:
    if value == 0 and value is not False:
        raise mistake(what, f"write a number above 0, or take {part} away")
    return value


class LeftOver(Part):
    """Left-overs that sell on after the show: ever more of them take ever longer."""

    per_week: Rate = required(
        "Units that sell in a week after the show, evenly, all variants together [units/week].", 60
    )
    price: UnitPrice = required(
        "What such a unit brings, fees and shipping taken off [currency/unit].", 25
    )
    weeks: Rate = required(
        "For how many weeks they sell on [weeks]; what is left then is worth `then`.", 12
    )
    holding_cost: Share = optional(
        "Cost of keeping a unit for a week, as a share of its unit_cost [1/week].",
        "2%",
        default=0.0,
    )
    then: Money | None = optional(
        "What a unit that is left after these weeks is worth [currency/unit]; without, "
        "left_over_value.",
        3.00,
    )

    @field_validator("per_week", "weeks", mode="before")
    @classmethod
    def _some_sell_on(cls, value: object, info: ValidationInfo) -> object:
        if info.field_name == "weeks":
            value = _a_number_of("week", 7 * 86_400, value)
        return _above_nothing(value, "nothing would sell on", "left_over")

    def check(self, left_over_value: float) -> None:
        """Raise a mistake if what does not sell in time is worth more than what does."""
        then = left_over_value if self.then is None else self.then
        if then > self.price:
            raise mistake(
                f"what does not sell in time is worth more ({then:g}) than what does "
                f"({self.price:g})",
                "write a then of at most the price, or take left_over away and write "
                "left_over_value",
                *(("left_over_value",) if self.then is None else ("left_over", "then")),
            )


class Webshop(Part):
    """What a webshop sells of the same stock while the show runs."""

    per_day: UncertainRate = required(
        "Units that it sells in a day, while there are any, all variants together [units/day]: "
        "one by one at random moments, at the same rate all day, whatever the show does "
        "(assumption: a Poisson process).",
        {"p10": 80, "likely": 120, "p90": 200},
    )
    price: UnitPrice | None = optional(
        "What such a unit brings, fees, shipping and returns taken off [currency/unit]; without, "
        "the product's price.",
        35,
    )


def _for_some_orders(first: object) -> object:
    if first == 0 and first is not False:
        raise mistake(
            "for the first 0 orders there would be none",
            "take it away, or say for how many there is one, as first: 200; without first, for all",
        )
    return first


class Gift(Part):
    """What comes with each order of a product for nothing; it costs its unit cost."""

    product: Goods = required(
        "The product that is given, or one variant of it as product.variant: one unit with each "
        "order, from its own stock, which can be sold as well: first come, first served. When "
        "that has gone, orders go on without.",
        "pouch",
    )
    first: PositiveCount | None = optional(
        "With how many orders it comes at most, the first ones [1]; without, as long as there are "
        "units.",
        200,
    )

    _for_some = field_validator("first", mode="before")(_for_some_orders)

    _by_number = model_validator(mode="before")(refuse_goods)


class Coupon(Part):
    """Money off the price of orders, which everybody sees who may use it."""

    off: Share = required("Part of the price that it takes off [1].", "10%")
    first: PositiveCount | None = optional(
        "For how many orders, the first ones that get units [1]; one that is not paid has used "
        "its coupon up (assumption). Without, for all: as if the price were lower by it.",
        200,
    )
    lift: UncertainFactor = optional(
        "Multiplies the odds to order while there are coupons [1], beside `first`; without, "
        "nobody orders sooner for them (assumption: what a few coupons do is not published). A "
        "price lower by `off` for all multiplies them by (1 - off)^elasticity.",
        {"p10": 1.0, "likely": 1.1, "p90": 1.3},
        default=1.0,
    )

    _for_some = field_validator("first", mode="before")(_for_some_orders)

    @model_validator(mode="after")
    def _takes_off_some(self) -> Self:
        if not 0 < self.off < 1:
            raise mistake(
                f"a coupon cannot take {self.off:.0%} off the price",
                "write a part of it, as off: 10%",
                "off",
            )
        if self.first is None and self.lift != 1:
            raise mistake(
                "a coupon for all orders is a lower price, and elasticity says what that does",
                "say for how many orders it is, as first: 200, or take lift away",
                "lift",
            )
        return self


class ProductBase(Part):
    """Everything about a product except how often it is ordered."""

    label: Label | None = optional(_LABEL, "Hydrating serum")

    category: Name | None = optional(
        "Product category, which people can suit more or less.", "beauty"
    )
    price: Price = required("Price in the show [currency/unit].", 299)
    unit_cost: Annotated[Money, ByNumber()] = required(
        "What a unit costs the planner [currency/unit]: what is owned, given away or called as a "
        "reserve, and what is bought where no price break or supplier says otherwise; {1: 80, "
        "500: 75} is short for 80 with supply: {price_breaks: {500: 75}}.",
        80,
    )
    left_over_value: Worth = required(
        "What a unit left over is worth afterwards [currency/unit], owned or bought: 0 where it "
        "perishes. kept: what is owned before the show and not sold keeps its unit_cost, and what "
        "is bought for it is worth nothing, so that stock on hand is no loss and buying too much "
        "is. Owned units are sold first.",
        60,
        0,
    )
    left_over: LeftOver | None = optional(
        "How left-overs sell on after the show; without, each is worth left_over_value.",
        {"per_week": 60, "price": 25, "weeks": 12, "holding_cost": "2%", "then": 3.00},
    )
    returned_value: Money | None = optional(
        "What a returned unit is worth [currency/unit]; without, as a left-over, and nothing "
        "where left_over_value is kept.",
        40,
    )
    goodwill: Money = required("What turning away one unit costs [currency/unit].", 10)
    ads_per_hour: Money | None = optional(
        "What ads cost that bring viewers to it [currency/hour]: while it is on offer with "
        "nothing on hand, they are paid for nothing (a variant's share of them while it has "
        "none). What they cost else is no part of the profit.",
        1_200,
    )
    returns: UncertainShare = required("Share of paid units that come back [1].", "10%")
    returned_before_shipping: UncertainShare = required(
        "Share of these that are cancelled before shipping, and so can be resold [1].", "60%"
    )
    rush: UncertainPositiveDuration = required(
        "Time in which half of those who stay have decided, once they see it [s].",
        {"p10": "8s", "likely": "20s", "p90": "60s"},
    )
    elasticity: UncertainElasticity = required("Price elasticity of the odds to order [1].", -2)
    herd: UncertainRate = required(
        "Elasticity to 1 + the share claimed, where the screen shows it [1].", 0.2
    )
    scarcity: Scarcity | None = optional("What seeing few units left does.")
    shelf: UncertainShare = required(
        "After its slots: rate at which the undecided look at its link, as a share of the rate at "
        "which they decide during them [1]; n such links share the root of n times it.",
        "10%",
    )
    appeal: UncertainFactor = required(
        "Forecast error of this product's own, beside show.appeal: multiplies the odds of "
        "ordering [1].",
        {"p10": 0.5, "likely": 1, "p90": 2},
    )
    limit: PositiveCount = required("Most units in one order [units].", 2)
    quantity: dict[str, Share] = required(
        "Units that an order would ask for without a limit → share of orders.",
        {"1": "85%", "2": "15%"},
        json_schema_extra={"propertyNames": {"pattern": f"^(?:{_UNITS})$"}},
    )
    contains: dict[Goods, PositiveCount] | None = optional(
        "What one unit of a bundle takes: product, or product.variant → units [units]. A bundle "
        "has no stock, and is sold out when one of these is.",
        {"serum": 1, "lip_tint.rose": 2},
    )
    gift: Gift | None = optional(
        "What comes with each of its orders for nothing; {pouch: 1} is short for {product: "
        "pouch}, also with first beside it.",
        {"product": "pouch", "first": 200},
        json_schema_extra=with_goods,
    )
    coupon: Coupon | None = optional(
        "Money off the price of its orders, of all or of the first ones.",
        {"off": "10%", "first": 200},
    )
    variants: dict[Name, Variant] = required(
        "Sizes or shades; empty where there are none.",
        {"small": {"share": "40%", "owned": 20}, "large": {"share": "60%", "owned": 30}},
    )
    owned: Count = required(
        "Units already paid for, on hand before the show [units]; of a product on consignment "
        "those that are lent, and paid for as they sell.",
        50,
    )
    set_aside: Count | None = optional(
        "Of the units owned, those that are kept for other channels, as a webshop with units of "
        "its own [units]: they are not sold in the show, and are no part of what it earns.",
        20,
    )
    webshop: Webshop | None = optional(
        "A webshop that sells of the same stock while the show runs; what it sells afterwards is "
        "in left_over, and units kept back for it are in set_aside.",
        {"per_day": 120, "price": 35},
    )
    arriving: dict[Name, Arriving] = required(
        "Units paid for that arrive on a date.",
        {"by_truck": {"units": 500, "on": "2026-11-29 20:30"}},
    )
    waves: dict[Name, Wave] = required(
        "Timed parts in which the owned units go on sale; empty: all from the start.",
        {"first": {"share": "60%", "after": "0s"}, "second": {"share": "40%", "after": "10min"}},
    )
    volume: Volume | None = optional(
        "What a unit takes of the storage, its packing included [l].", "0.3 l"
    )
    supply: OrderTerms | None = optional(
        "What a purchase of it must respect; what it leaves out stands in supply.",
        {"pack": 12, "minimum_order": 60},
    )
    reserve: Reserve | dict[Name, Reserve] | None = optional(
        "Units that can be called during the show; several reserves stand under names of yours, "
        "as reserve: {van: {…}, courier: {…}}, and each is called once by its own rule.",
        {"units": 200, "below": 50, "lead_time": "10min"},
        {
            "van": {"units": 200, "below": 50, "lead_time": "10min"},
            "courier": {"units": 80, "below": 20, "lead_time": "40min", "call_cost": 250},
        },
    )
    backorder: Backorder | None = optional("Orders beyond the stock.")
    fake_orders: FakeOrders | None = optional(
        "Fake orders among the real ones; they pay, ask for units and wait like real ones, and "
        "returns is about the real ones alone."
    )
    presale: Presale | None = optional(
        "Sold against a deposit; without, an order is paid at once or lapses."
    )
    observed: Observed | None = optional(
        "What an earlier show came to; the simulation makes no use of it."
    )

    # What a field can know is checked with it, whatever is wrong beside it.
    _parts_add_up = field_validator("waves", "variants")(_sharing)

    @field_validator("reserve", mode="before")
    @classmethod
    def _one_or_several(cls, reserve: object, info: ValidationInfo) -> object:
        """Read a reserve as one or as several, so that what is wrong is said of what is meant."""
        if reserve is None:
            return None
        if not isinstance(reserve, Mapping):
            return Reserve.model_validate(reserve, context=info.context)
        own = [name for name in reserve if name in Reserve.model_fields]
        others = [name for name, one in reserve.items() if isinstance(one, Mapping | Reserve)]
        named = [name for name in others if name not in own]
        if own and named:
            raise mistake(
                f"{own[0]} is of one reserve, and {named[0]} is another",
                "give each a name of its own: reserve: {van: {…}, courier: {…}}",
                named[0],
            )
        if named and len(named) == len(reserve):
            return _RESERVES.validate_python(reserve, context=info.context)
        return Reserve.model_validate(reserve, context=info.context)

    @field_validator("quantity")
    @classmethod
    def _orders_ask_for_units(cls, quantity: dict[str, float]) -> dict[str, float]:
        for units in quantity:
            if not re.fullmatch(_UNITS, units):
                raise mistake(
                    f"{units!r} is not a number of units from 1 to 20",
                    "write {1: 85%, 2: 15%}",
                    units,
                )
        _check_shares(quantity)
        return quantity

    @field_validator("supply")
    @classmethod
    def _prices_fall(cls, supply: OrderTerms | None, info: ValidationInfo) -> OrderTerms | None:
        if supply is not None:
            _check_breaks(supply.price_breaks, info.data.get("unit_cost", inf), "price_breaks")
        return supply

    @field_validator("variants")
    @classmethod
    def _prices_of_variants_fall(
        cls, variants: dict[str, Variant], info: ValidationInfo
    ) -> dict[str, Variant]:
        for name, variant in variants.items():
            if variant.supply is not None:
                at, unit_cost = (name, "supply", "price_breaks"), info.data.get("unit_cost", inf)
                _check_breaks(variant.supply.price_breaks, unit_cost, *at)
        return variants

    @property
    def keeps_its_cost(self) -> bool:
        """Whether what is owned and not sold is worth its unit_cost, as nobody says otherwise."""
        told = self.left_over is not None or self.contains or self.on_consignment
        return self.left_over_value == KEPT and not told

    @property
    def on_consignment(self) -> bool:
        """Whether its units are the supplier's until they sell, those on hand too."""
        return bool(self.supply and self.supply.consignment)

    @property
    def worth_left_over(self) -> float:
        """What a unit bought for the show and left over is worth [currency]."""
        return 0.0 if self.left_over_value == KEPT else self.left_over_value

    @property
    def worth_if_owned(self) -> float:
        """What a unit on hand before the show and left over is worth [currency]."""
        kept = self.keeps_its_cost or self.on_consignment
        return self.unit_cost if kept else self.worth_left_over

    @property
    def all_reserves(self) -> dict[str, Reserve]:
        """What can be called, by its path below the product, in the order of the file."""
        if isinstance(self.reserve, Reserve):
            return {"reserve": self.reserve}
        return {f"reserve.{name}": reserve for name, reserve in (self.reserve or {}).items()}

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.left_over is not None:
            self.left_over.check(self.worth_left_over)
        if self.variants:
            self._check_variant_units()
        return self

    def _check_variant_units(self) -> None:
        owned = [variant.owned for variant in self.variants.values()]
        given = [units for units in owned if units is not None]
        if given and len(given) < len(owned):
            raise mistake(
                "some variants say how many units are owned and others do not",
                "say it for every variant, or for none (then owned is split by share)",
                "variants",
            )
        apart = [name for name, variant in self.variants.items() if variant.supply is not None]
        if self.all_reserves and apart:
            raise mistake(
                "a reserve is called for all variants together, so they are bought together",
                "give supply at the product, not at a variant",
                "variants",
                apart[0],
                "supply",
            )
        for key in ("price_breaks", "suppliers"):
            together = self.supply is not None and getattr(self.supply, key) is not None
            if together and not self.all_reserves:
                beside = ", and unit_cost as one number" if key == "price_breaks" else ""
                raise mistake(
                    f"the variants are bought one by one, so each has {key} of its own",
                    f"give {key} below each variant's supply{beside}",
                    "supply",
                    key,
                )
        if given and sum(given) != self.owned:
            raise mistake(
                f"the variants own {sum(given)} together, but owned is {self.owned}",
                f"make them agree: write owned: {sum(given)}, or take it away",
                "variants",
            )


class Product(ProductBase):
    """A product with its conversion."""

    reference_price: UnitPrice = required(
        "Price at which the conversion holds [currency/unit]; another price in the show moves the "
        "odds to order by the elasticity."
    )
    conversion: UncertainShare = required(
        "Chance that a viewer who stays until decided orders it, on a neutral stage at the "
        "reference price [1]; real orders as they are tried, before the checkout's steps; not "
        "units or payments. How many decide before they leave, or the slot ends, rush says."
    )


class Warehouse(Part):
    """How fast orders leave after the show, and what becomes of those that leave late."""

    per_day: Rate = required("Orders that leave in a day [orders/day].", 4000)
    promised: PositiveCount = required(
        "Within how many days an order is promised to leave [days].", 3
    )
    cancelled: Share = optional(
        "Share of the late orders that are cancelled each day while they wait [1/day]: their "
        "value is lost, and their units are left over.",
        "10%",
        default=0.0,
    )
    penalty: Money = optional(
        "What each late order costs, once [currency/order].", 1.00, default=0.0
    )

    @field_validator("per_day", "promised", mode="before")
    @classmethod
    def _some_leave(cls, value: object, info: ValidationInfo) -> object:
        if info.field_name == "promised":
            return _a_number_of("day", 86_400, value)
        return _above_nothing(value, "no order would ever leave", "warehouse")


class Deal(Part):
    """Who is paid what."""

    slot_fee: Fee = required("Paid to the host for each product in the show [currency].", "1_500")
    commission: Share = required("Host's share of the value kept (NMV) [1].", "20%")
    platform_fee: Share = required("Platform's share of the value kept (NMV) [1].", "5%")
    guest_fee: Fee = required(
        "Paid to guests for the show, whether or not they come [currency].", "30k"
    )
    shipping: Money = required("Cost of shipping an order [currency/order].", 6)
    return_freight: Money = required("Cost of a returned unit [currency/unit].", 8)
    warehouse: Warehouse | None = optional(
        "How fast orders leave, and what late ones cost; without, none is late.",
        {"per_day": 4000, "promised": 3, "cancelled": "10%", "penalty": 1.00},
    )
    guaranteed_volume: Count = required(
        "Units that the host guarantees [units]; below it, slot fees are partly repaid.", "2_000"
    )


class Supply(Part):
    """What a purchase must respect; a show is simulated with the units owned, whatever it says.

    A product, or a variant, can have a pack and a minimum order of its own.
    """

    pack: PositiveCount = required("Units in a pack; purchases are whole packs [units].", 12)
    minimum_order: Count = required(
        "Least units of a product in a purchase, its variants together [units].", 60
    )
    budget: Fee | None = optional("Most that a purchase may cost [currency].", "60k")
    paid_before: Share | None = optional(
        "Part of a purchase that is paid before the show [1], which is what the budget is for; "
        "without, all of it.",
        "30%",
    )
    storage: Volume | None = optional(
        "Most that all units on hand before the show may take, those owned included [l]; each "
        "product then says its volume.",
        "12 m3",
    )
    storage_price: Money | None = optional(
        "What storing units costs by their volume, all that there were, however long "
        "[currency/m3]; each product then says its volume.",
        30,
    )
    lead_time: Duration | None = optional(
        "Time from an order until its units can be sold [s].", "14d"
    )
    ordered: Date | None = optional(
        "When orders are placed, as today; what then comes after the show starts is not bought "
        "for it.",
        "2026-11-20 12:00",
    )

    @property
    def spendable(self) -> float:
        """Most that a purchase may cost in all, later payments included [currency]; maybe inf."""
        if self.budget is None or self.paid_part == 0:
            return inf
        return self.budget / self.paid_part

    @property
    def paid_part(self) -> float:
        """Part of a purchase that is paid before the show [1]."""
        return 1.0 if self.paid_before is None else self.paid_before


class Screen(Part):
    """What viewers can see of the stock."""

    on_hand: bool = required("Whether the screen shows units left.", True)
    claimed: bool = required("Whether the screen shows the share claimed.", True)


class Checkout(Part):
    """From an order to a payment."""

    unpaid: UncertainShare = required("Share of orders that are never paid [1].", "10%")
    payment_timeout: Duration = required("Time after which an unpaid order lapses [s].", "15min")
    capacity: Rate | None = optional(
        "Most orders that the checkout takes [orders/s]; without, no limit.", 300
    )
    steps: dict[Name, UncertainPositiveShare] | None = optional(
        "Steps of a redirect on the way to the order → share of those who try to order who go "
        "through it [1]; without, the checkout is in the app and nobody is lost.",
        {"follow_the_link": "70%", "sign_in": "80%"},
    )


class Slot(Part):
    """One timed item of the rundown."""

    label: Label | None = optional(_LABEL, "Kim and the serum")

    start: Duration | None = optional(
        "Start since the show's start [s]; without, follows on.", "20min"
    )
    length: PositiveDuration = required("Length of the slot [s].", "15min")
    on_stage: Names = required("Who is on stage.", ["viya", "kim"])
    sells: Names = required("Products offered while the link is up.", ["serum"])
    link: Duration = required("When the link goes up, after the slot's start [s].", "3min")
    price: dict[Name, Price] = required(
        "Price in this slot by product [currency/unit], instead of the product's.", {"serum": 249}
    )
    waits_for: Name | None = optional(
        "Person without whom the slot does not start, if they come at all.", "kim"
    )
    longest_wait: Duration | None = optional(
        "How long it waits for them at most [s]; then it starts without them. Without, it waits "
        "until it has to make way.",
        "10min",
    )
    instead: Names | None = optional(
        "Slots that move forward while it waits, whole and one after the other: they stand behind "
        "it in the rundown and follow on.",
        ["lip_tint", "questions"],
    )
    at_sell_out: Literal["stay", "next"] = required(
        "When all it sells is sold out: stay until the end, or go on to the next slot.", "next"
    )

    @model_validator(mode="after")
    def _waits_for_somebody(self) -> Self:
        for key in ("longest_wait", "instead"):
            if getattr(self, key) is not None and self.waits_for is None:
                raise mistake(
                    f"{key} is about a wait, and this slot waits for nobody",
                    f"say for whom: waits_for: NAME, or take {key} away",
                    key,
                )
        return self


class Whole(Part):
    """All parts of one show, and what follows from them.

    A :class:`~livesim.scenario.scenario.Scenario` is this, read and checked.
    """

    title: Title = required("What the show is called.")
    about: Text | None = optional("What the scenario is for, in a line.")
    sources: Texts | None = optional("Published work that its figures come from.")
    show: Show = required("The clock, the currency, the shared forecast errors.")
    people: dict[Name, Person] = required("Hosts and guests.")
    segments: dict[Name, Segment] = required("Audience segments.")
    rooms: dict[Name, Room] | None = optional(
        "Streams of the show side by side; without, one room for all."
    )
    products: dict[Name, Product] = required("What is sold.")
    deal: Deal = required("Who is paid what.")
    supply: Supply = required("What a purchase must respect.")
    screen: Screen = required("What viewers see of the stock.")
    checkout: Checkout = required("From an order to a payment.")
    rundown: dict[Name, Slot] = required("The run of show: its slots in order.")
    incubator: Incubator | None = optional(
        "Candidates to be tried in such shows; nothing where there are none."
    )
    campaign: Campaign | None = optional("Reviewers who post about it in the days before.")
    expect: Expectations | None = optional("What livesim check tests, a line each.")

    @property
    def split(self) -> bool:
        """Whether the stock is split: whether several rooms have allotments."""
        rooms = list((self.rooms or {}).values())
        several = sum(room.count for room in rooms) > 1
        return several and any(room.allotment is not None for room in rooms)

    @property
    def room_fees(self) -> float:
        """What all rooms are paid together [currency]."""
        return sum((room.fee * room.count for room in (self.rooms or {}).values()), 0.0)

    def paid(self, product: str, price: float) -> float:
        """Return what is paid where a price stands, less a coupon for all [currency/unit]."""
        coupon = self.products[product].coupon
        return price if coupon is None or coupon.first is not None else price * (1 - coupon.off)

    @property
    def refreshes(self) -> int:
        """Number of refreshes T of the show."""
        return round(self.show.length / self.show.refresh)

    def samples(self, product: str) -> int:
        """Return the units of a product that go to reviewers before the show [units]."""
        return 0 if self.campaign is None else self.campaign.samples(product)

    def withheld(self, product: str) -> int:
        """Return the owned units of a product that the show cannot sell [units].

        They go to reviewers before it, or are kept for other channels.
        """
        return self.samples(product) + (self.products[product].set_aside or 0)

    def in_time(self, lead_time: float) -> bool:
        """Say whether what takes so long [s] comes before the show, if it is ordered as planned."""
        ordered = self.supply.ordered
        return ordered is None or self.seconds_until(ordered) + lead_time <= 0

    def seconds_until(self, moment: datetime) -> float:
        """Return when a date lies on the show's clock [s]; negative before its start.

        Raises
        ------
        ValueError
            If the show has no date; reading a scenario refuses dates without one.
        """
        if self.show.start is None:
            raise ValueError("the show has no date")
        return (moment - self.show.start).total_seconds()

    def uncertain(self) -> dict[str, Distribution]:
        """Return every uncertain quantity by its path, in the order of the model's fields."""
        return {path: quantity for path, quantity, _ in _uncertain(self, (), None)}

    def uncertain_kinds(self) -> dict[str, Kind]:
        """Return the kind of every uncertain quantity by its path."""
        return {path: kind_of(field) for path, _, field in _uncertain(self, (), None)}


def _uncertain(
    part: object, path: tuple[str, ...], field: FieldInfo | None
) -> Iterator[tuple[str, Distribution, FieldInfo | None]]:
    """Yield every uncertain quantity with its path and the field that holds it."""
    if isinstance(part, dict):
        for name, value in part.items():
            if type(value) not in _PLAIN:  # most of them, and there are many
                yield from _uncertain(value, (*path, name), field)
    elif isinstance(part, Part):
        for name, value in part.__dict__.items():
            if type(value) not in _PLAIN and value:
                yield from _uncertain(value, (*path, name), type(part).model_fields[name])
    elif isinstance(part, Distribution):
        yield ".".join(path), part, field


_PLAIN: Final = frozenset([type(None), bool, int, float, str, tuple, datetime])
