"""The draft: what a planner writes, in the words of last show's dashboard.

A draft may hold everything that a :class:`~livesim.scenario.scenario.Scenario` holds, and instead
of some of it what people know: unique viewers, the mean watch time, orders per 1,000 viewers.
Whatever it leaves out comes from its template. :mod:`resolve` turns a draft into a scenario.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

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
)
from livesim.scenario.incubator import Incubator
from livesim.scenario.parts import (
    Checkout,
    Deal,
    Person,
    ProductBase,
    Room,
    Screen,
    SegmentBase,
    Show,
    Slot,
    Supply,
)
from livesim.scenario.uncertain import Distribution, Quantity


class Dashboard(Part):
    """What a dashboard tells about an audience."""

    viewers: UncertainCount | None = Field(
        None,
        description="Unique viewers of the whole show, all rooms together, as expected with the "
        "usual host [1].",
        examples=["2_000"],
    )
    watch_time: UncertainPositiveDuration | None = Field(
        None, description="Mean stay of a viewer [s].", examples=["2.8min"]
    )
    peak: UncertainCount | None = Field(
        None,
        description="Most concurrent viewers, as expected with the usual host [1]; where there is "
        "one segment.",
        examples=[300],
    )
    concurrent: dict[str, UncertainCount] | None = Field(
        None,
        description="Concurrent viewers by time since the start: {0min: 60, 10min: 140}.",
        examples=[{"0min": 60, "10min": 140, "60min": 90}],
    )


class DraftShow(Show):
    """The show, with what it is known from, and the rotation where no rundown is written."""

    known_from: Literal["history", "followers", "nothing"] = Field(
        description="What viewers and orders are known from, which says how wrong they can be: "
        "history (this host's past shows), followers (or an announcement), nothing (a guess).",
        examples=["history"],
    )
    past_shows: PositiveCount = Field(
        description="How many past shows a history is from [1]; more than five hardly help.",
        examples=[3],
    )
    rotation: PositiveDuration | None = Field(
        None,
        description="Without a rundown: about how long each product is shown before the next [s]; "
        "without, each product is shown once.",
        examples=["5min"],
    )


class DraftSegment(SegmentBase, Dashboard):
    """A segment whose reach, turnout, stays or arrivals may follow from history."""

    waiting: UncertainShare | None = Field(
        None,
        description="Share of those who come who wait at the start [1]; without, a third of the "
        "mean audience.",
        examples=["3%"],
    )

    reach: UncertainCount | None = Field(
        None,
        description="People who could come [1]; where a room stands for many, to one of them.",
        examples=["37M"],
    )


class DraftProduct(ProductBase):
    """A product with exactly one of the ways to say how often it is ordered."""

    new: bool = Field(
        False,
        description="Whether this room has never sold it, so that its history says nothing.",
        examples=[True],
    )

    reference_price: UnitPrice | None = Field(
        None,
        description="Price at which it is ordered as often as told [currency/unit]; without, the "
        "price.",
        examples=[299],
    )
    conversion: UncertainShare | None = Field(
        None,
        description="Chance that a viewer who stays until decided orders it [1]; how many do so in "
        "time also depends on rush, which the other ways to tell orders absorb. No dashboard shows "
        "it: at 1.2 % for all products, measured shows sold 1.1 times what is expected, and "
        "published ones, which are chosen for having sold, 2.6 times as much a viewer as these. "
        "Where there were shows like this, write instead the orders_per_1000 or units_per_1000 "
        "that they had, or history: shows.csv with all of them.",
        examples=[{"p10": "0.3%", "likely": "1.2%", "p90": "2%"}],
    )
    orders_per_1000: UncertainRate | None = Field(
        None, description="Orders per 1,000 unique viewers of the whole show [1].", examples=[20]
    )
    units_per_1000: UncertainRate | None = Field(
        None, description="Units per 1,000 unique viewers of the whole show [units].", examples=[23]
    )
    gpm: UncertainAmount | None = Field(
        None, description="Value ordered per 1,000 page views [currency].", examples=[900]
    )
    ctr: UncertainShare | None = Field(
        None, description="Product clicks per page view [1].", examples=["4%"]
    )
    ctor: UncertainShare | None = Field(
        None, description="Orders per product click [1].", examples=["8%"]
    )
    forecast: UncertainAmount | None = Field(
        None,
        description="Units wanted in this show, as expected with the usual host [units]. A range "
        "is of this product alone, and its middle is the middle show; what is uncertain of the "
        "whole show (show.appeal, show.turnout_factor) comes on top.",
        examples=[{"p10": 420, "likely": 800, "p90": 1540}],
    )
    weight: Rate | None = Field(
        None,
        description="Where orders, units or gpm of the whole show are told: how many orders of it "
        "there are for one of a product of weight 1 [1]; without, each product takes the same "
        "value.",
        examples=[2.5],
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

    like: Literal["brand_room", "drop", "guest_show", "marathon"] | None = Field(
        None,
        description="Packaged template that fills in what the file leaves out.",
        examples=["guest_show"],
    )
    title: Title = Field(
        description="What the show is called.", examples=["A singer visits our room"]
    )
    about: Text | None = Field(
        None,
        description="What the scenario is for, in a line.",
        examples=["whether the singer is worth the fee"],
    )
    sources: Texts | None = Field(
        None,
        description="Published work that its figures come from.",
        examples=[["viewers: last month's dashboard"]],
    )
    history: str | Texts | None = Field(
        None,
        description="Table of past shows, or several, in the file's folder or below it: from it "
        "follow turnout and appeal, how uncertain they are, and what the file does not say of "
        "viewers and orders.",
        examples=["shows.csv"],
    )
    gpm: UncertainAmount | None = Field(
        None,
        description="Value ordered per 1,000 page views, all products together [currency]; shared "
        "out by weight, or the same value for each product.",
        examples=[900],
    )
    orders: UncertainAmount | None = Field(
        None, description="Orders of the whole show [orders]; shared out likewise.", examples=[420]
    )
    units: UncertainAmount | None = Field(
        None, description="Units of the whole show [units]; shared out likewise.", examples=[500]
    )
    show: DraftShow = Field(description="The clock, the currency, the shared forecast errors.")
    people: dict[Name, Person] = Field(
        description="Hosts and guests.",
        examples=[{"kim": {"role": "guest", "fit": {"fans": 0.8}}, "viya": {"role": "host"}}],
    )
    segments: dict[Name, DraftSegment] = Field(
        description="Audience segments.",
        examples=[{"fans": {"viewers": 500}, "regulars": {"viewers": "2_000"}}],
    )
    rooms: dict[Name, Room] | None = Field(
        None,
        description="Streams of the show side by side; without, one room for all.",
        examples=[
            {
                "hall": {"segments": ["fans"]},
                "attendees": {"segments": ["regulars"], "count": 40, "fee": 200},
            }
        ],
    )
    products: dict[Name, DraftProduct] = Field(
        description="What is sold; each with one of orders_per_1000, units_per_1000, gpm, ctr with "
        "ctor, forecast and conversion, unless the whole show's orders, units or gpm, or a history "
        "say it.",
        examples=[{"serum": {"price": 299, "unit_cost": 80, "owned": 50, "orders_per_1000": 20}}],
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

    deal: Deal = Field(description="Who is paid what.")
    supply: Supply = Field(description="What a purchase must respect.")
    screen: Screen = Field(description="What viewers see of the stock.")
    checkout: Checkout = Field(description="From an order to a payment.")
    rundown: dict[Name, Slot] | None = Field(
        None,
        description="The run of show; without it, products rotate evenly.",
        examples=[
            {
                "kim_and_the_serum": {
                    "length": "15min",
                    "on_stage": ["viya", "kim"],
                    "sells": ["serum"],
                },
                "talk": {"length": "20min"},
            }
        ],
    )
    incubator: Incubator | None = Field(
        None, description="Candidates to be tried in such shows; nothing where there are none."
    )
    campaign: Campaign | None = Field(
        None, description="Reviewers who post about it in the days before."
    )
    expect: Expectations | None = Field(
        None,
        description="What livesim check tests, a line each: a figure of livesim run --json, or of "
        "livesim plan --json behind plan., and what is expected of it: a bound, a range, or "
        "another show's figure, as it is or with a margin. Of livesim compare --json a figure has "
        "its show behind it: profit.differences.SHOW, which is SHOW's minus this show's, or "
        "profit.values.SHOW. And that orders and units add up, or "
        "what was observed is likely. With severity: warn nothing fails.",
        examples=[
            [
                {"serum.sold_out@20min": ">= 10%"},
                {"orders": [30, "2k"], "severity": "warn"},
                {"profit": "> brand_room + 5k"},
                {"profit.differences.brand_room.p10": "> -5k"},
                {"plan.serum.buy": [60, 100]},
                {"conservation": "holds"},
                {"agrees_with": "observed"},
            ]
        ],
    )
