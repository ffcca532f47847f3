"""The draft: what a planner writes, in the words of last show's dashboard.

A draft may hold everything that a :class:`~livesim.scenario.scenario.Scenario` holds, and instead
of some of it what people know: unique viewers, the mean watch time, orders per 1,000 viewers.
Whatever it leaves out comes from its template. :mod:`resolve` turns a draft into a scenario.
"""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from livesim.scenario import parts
from livesim.scenario.campaign import Campaign
from livesim.scenario.expecting import Expectations
from livesim.scenario.fields import (
    Name,
    Part,
    PositiveCount,
    PositiveDuration,
    Rate,
    Text,
    Texts,
    Title,
    UncertainAmount,
    UncertainCount,
    UncertainPositiveDuration,
    UncertainRate,
    UncertainShare,
    UnitPrice,
    mistake,
    optional,
    required,
)
from livesim.scenario.incubator import Incubator
from livesim.scenario.uncertain import Distribution, Quantity


class Dashboard(Part):
    """What a dashboard tells about an audience."""

    viewers: UncertainCount | None = optional(
        "Unique viewers of the whole show, all rooms together, as expected with the usual host "
        "[1].",
        "2_000",
    )
    watch_time: UncertainPositiveDuration | None = optional("Mean stay of a viewer [s].", "2.8min")
    peak: UncertainCount | None = optional(
        "Most concurrent viewers of the middle show with the usual host [1], not the mean over "
        "shows; where there is one segment.",
        300,
    )
    concurrent: dict[str, UncertainCount] | None = optional(
        "Concurrent viewers by time since the start: {0min: 60, 10min: 140}.",
        {"0min": 60, "10min": 140, "60min": 90},
    )


class DraftShow(parts.Show):
    """The show, with what it is known from, and the rotation where no rundown is written."""

    known_from: Literal["history", "followers", "nothing"] = required(
        "What viewers and orders are known from, which says how wrong they can be: history (this "
        "host's past shows), followers (or an announcement), nothing (a guess).",
        "history",
    )
    past_shows: PositiveCount = required(
        "How many past shows a history is from [1]; more than five hardly help.", 3
    )
    rotation: PositiveDuration | None = optional(
        "Without a rundown: about how long each product is shown before the next [s]; without, "
        "each product is shown once.",
        "5min",
    )


class DraftSegment(parts.SegmentBase, Dashboard):
    """A segment whose reach, turnout, stays or arrivals may follow from history."""

    waiting: UncertainShare | None = optional(
        "Share of those who come who wait at the start [1]; without, a third of the mean audience.",
        "3%",
    )

    reach: UncertainCount | None = optional(
        "People who could come [1]; where a room stands for many, to one of them.", "37M"
    )


class DraftProduct(parts.ProductBase):
    """A product with exactly one of the ways to say how often it is ordered."""

    new: bool = optional(
        "Whether this room has never sold it, so that its history says nothing.",
        True,
        default=False,
    )

    reference_price: UnitPrice | None = optional(
        "Price at which it is ordered as often as told [currency/unit]; without, the price.", 299
    )
    conversion: UncertainShare | None = optional(
        "Chance that a viewer who stays until decided orders it [1]; how many do so in time also "
        "depends on rush, which the other ways to tell orders absorb. No dashboard shows it: at "
        "1.2 % for all products, measured shows sold 1.1 times what is expected, and published "
        "ones, which are chosen for having sold, 2.6 times as much a viewer as these. Where there "
        "were shows like this, write instead the orders_per_1000 or units_per_1000 that they had, "
        "or history: shows.csv with all of them.",
        {"p10": "0.3%", "likely": "1.2%", "p90": "2%"},
    )
    orders_per_1000: UncertainRate | None = optional(
        "Orders per 1,000 unique viewers of the whole show [1].", 20
    )
    units_per_1000: UncertainRate | None = optional(
        "Units per 1,000 unique viewers of the whole show [units].", 23
    )
    gpm: UncertainAmount | None = optional("Value ordered per 1,000 page views [currency].", 900)
    ctr: UncertainShare | None = optional("Product clicks per page view [1].", "4%")
    ctor: UncertainShare | None = optional("Orders per product click [1].", "8%")
    forecast: UncertainAmount | None = optional(
        "Units wanted in this show, as expected with the usual host [units]. A range is of this "
        "product alone, and its middle is the middle show; what is uncertain of the whole show "
        "(show.appeal, show.turnout_factor) comes on top.",
        {"p10": 420, "likely": 800, "p90": 1540},
    )
    weight: Rate | None = optional(
        "Where orders, units or gpm of the whole show are told: how many orders of it there are "
        "for one of a product of weight 1 [1]; without, each product takes the same value.",
        2.5,
    )


class Draft(Dashboard):
    """A show as a planner writes it.

    Examples
    --------
    >>> sorted(set(Draft.model_fields) - {"show", "products", "people", "segments", "rundown"})
    ['about', 'campaign', 'checkout', 'concurrent', 'deal', 'expect', 'gpm', 'history', \
'incubator', 'like', 'orders', 'peak', 'rooms', 'screen', 'sources', 'supply', 'title', 'units', \
'viewers', 'watch_time']
    """

    like: Literal["brand_room", "drop", "guest_show", "marathon"] | None = optional(
        "Packaged template that fills in what the file leaves out.", "guest_show"
    )
    title: Title = required("What the show is called.", "A singer visits our room")
    about: Text | None = optional(
        "What the scenario is for, in a line.", "whether the singer is worth the fee"
    )
    sources: Texts | None = optional(
        "Published work that its figures come from.", ["viewers: last month's dashboard"]
    )
    history: str | Texts | None = optional(
        "Table of past shows, or several, in the file's folder or below it: from it follow "
        "turnout and appeal, how uncertain they are, and what the file does not say of viewers "
        "and orders.",
        "shows.csv",
    )
    gpm: UncertainAmount | None = optional(
        "Value ordered per 1,000 page views, all products together [currency]; shared out by "
        "weight, or the same value for each product.",
        900,
    )
    orders: UncertainAmount | None = optional(
        "Orders of the whole show [orders]; shared out likewise.", 420
    )
    units: UncertainAmount | None = optional(
        "Units of the whole show [units]; shared out likewise.", 500
    )
    show: DraftShow = required("The clock, the currency, the shared forecast errors.")
    people: dict[Name, parts.Person] = required(
        "Hosts and guests.",
        {"kim": {"role": "guest", "fit": {"fans": 0.8}}, "viya": {"role": "host"}},
    )
    segments: dict[Name, DraftSegment] = required(
        "Audience segments.", {"fans": {"viewers": 500}, "regulars": {"viewers": "2_000"}}
    )
    rooms: dict[Name, parts.Room] | None = optional(
        "Streams of the show side by side; without, one room for all.",
        {
            "hall": {"segments": ["fans"]},
            "attendees": {"segments": ["regulars"], "count": 40, "fee": 200},
        },
    )
    products: dict[Name, DraftProduct] = required(
        "What is sold; each with one of orders_per_1000, units_per_1000, gpm, ctr with ctor, "
        "forecast and conversion, unless the whole show's orders, units or gpm, or a history say "
        "it.",
        {"serum": {"price": 299, "unit_cost": 80, "owned": 50, "orders_per_1000": 20}},
    )

    @field_validator("gpm", "orders", "units")
    @classmethod
    def _is_no_range(cls, told: Quantity | None) -> Quantity | None:
        if isinstance(told, Distribution):
            raise mistake(
                "a range of the whole show is an error that all products share",
                "write one value here, and how wrong it can be as show.appeal: "
                "{p10: 0.5, likely: 1, p90: 2}",
            )
        return told

    deal: parts.Deal = required("Who is paid what.")
    supply: parts.Supply = required("What a purchase must respect.")
    screen: parts.Screen = required("What viewers see of the stock.")
    checkout: parts.Checkout = required("From an order to a payment.")
    rundown: dict[Name, parts.Slot] | None = optional(
        "The run of show; without it, products rotate evenly.",
        {
            "kim_and_the_serum": {
                "length": "15min",
                "on_stage": ["viya", "kim"],
                "sells": ["serum"],
            },
            "talk": {"length": "20min"},
        },
    )
    incubator: Incubator | None = optional(
        "Candidates to be tried in such shows; nothing where there are none."
    )
    campaign: Campaign | None = optional("Reviewers who post about it in the days before.")
    expect: Expectations | None = optional(
        "What livesim check tests, a line each: a figure of livesim run --json, or of livesim "
        "plan --json behind plan., and what is expected of it: a bound, a range, or another "
        "show's figure, as it is or with a margin. Of livesim compare --json a figure has its "
        "show behind it: profit.differences.SHOW, which is SHOW's minus this show's, or "
        "profit.values.SHOW. And that orders and units add up, or what was observed is likely. "
        "With severity: warn nothing fails.",
        [
            {"serum.sold_out@20min": ">= 10%"},
            {"orders": [30, "2k"], "severity": "warn"},
            {"profit": "> brand_room + 5k"},
            {"profit.differences.brand_room.p10": "> -5k"},
            {"plan.serum.buy": [60, 100]},
            {"conservation": "holds"},
            {"agrees_with": "observed"},
        ],
    )
