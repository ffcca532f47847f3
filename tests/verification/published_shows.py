"""Published shows that livesim was not made from, as a planner would have written each.

Here stands every show of which viewers (or followers) are published and the orders or units that it
took, or their value and what an order of the same host is worth. Left out is what tells less: a
value alone, a weight, the best of many products, a show without viewers. What is published of a
show is written into a short scenario; all else is the template's, and what a template does not say
is what is usual, the same for all: 4 h, a product every four minutes (the middle one of 731 shows
of one platform had 62 products in 4.2 h), and 1.2 % who order, from 0.3 to 2 % (SSRN 4847854).
None was tuned.

Shows get published because they sold much, or scandalously little: as a sample they are selected.
Of 24 shows of 12 best-selling hosts (one platform, summer 2021), two of each by date, written
likewise, 23 lay in their bands of 90 %; their mean PIT was 0.48. These are no proof: that orders
grow with the products was taken from shows of the same hosts, beside published ones.

With a plain 1.2 %, which is an expected value, the middle show sells half as much: 13 of 18 lie in
their bands, the fewest that a binomial interval around 90 % allows (13 to 18 at 95 %, 12 to 18 at
99 %), and all others sold more. It is the level that is missed, and not the spread: of 150 shows of
11 hosts (the same platform and summer; drawn from 622 by a seed), written with a plain 1.2 %, their
viewers, length and number of products, 91 % lay in their bands of 90 %, 4 % below and 5 % above,
and on average they took 1.1 times what was expected. The published ones took some 2.6 times as much
a viewer as these: no default can know that a show will be one that is written about. A wider error
of orders is not what measured shows have (see `known_from_followers.yaml`). Written as a median,
`{p50: 1.2%}`, which the source does not say, 16.5 lie in their bands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livesim.experiment.random_inputs import drawn_block
from livesim.model.expectation import expect
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

Floats = npt.NDArray[np.float64]

USUAL_HOURS, USUAL_MINUTES_A_PRODUCT = 4.0, 4.0
CONVERSION = "{p10: 0.3%, likely: 1.2%, p90: 2%}"


@dataclass(frozen=True)
class PublishedShow:
    """What is published of a show.

    ``taken`` are orders or units, of all products or of ``one`` among many. A show that
    ``sold_out`` tells no more than that as many were wanted at least.
    """

    name: str
    source: str
    year: int
    taken: float
    viewers: float | None = None
    followers: float | None = None
    hours: float | None = None
    products: int | None = None
    one: bool = False
    sold_out: bool = False

    @property
    def shown(self) -> int:
        """The products shown, as published or as is usual."""
        if self.products is not None:
            return self.products
        return round((self.hours or USUAL_HOURS) * 60 / USUAL_MINUTES_A_PRODUCT)

    def scenario(self, conversion: str = CONVERSION, show: str = "") -> Scenario:
        """Return the show as a planner would have written it; ``show`` adds to its first part."""
        seconds = (self.hours or USUAL_HOURS) * 3600
        known = f"viewers: {self.viewers:.0f}" if self.viewers else ""
        if self.followers:
            known = f"segments: {{everyone: {{reach: {self.followers:.0f}}}}}"
        audience = ", turnout_factor: 1" if self.viewers else ""  # the viewers are published
        product = f"{{price: 100, unit_cost: 50, owned: 1bn, conversion: {conversion}}}"
        lines = [
            f"like: {'drop' if self.shown == 1 else 'marathon'}",
            f"title: {self.name}",
            f"show: {{length: {seconds:.0f}s, currency: CNY{audience}{show}}}",
            known,
            "products:",
            *(f"  p{number}: {product}" for number in range(self.shown)),
        ]
        return resolve(parse_document("\n".join(lines))).scenario


#: What an order was worth [CNY] in other published shows of the same host.
LI, LUO, LIANG = 200e6 / 1.03e6, 110e6 / 910e3, 10.25e6 / 6_710

SHOWS = (
    PublishedShow(
        "Viya with Kim Kardashian, a perfume", "Straits Times; Springwise; Week in China 2019",
        2019, 15_000, viewers=13e6, one=True, sold_out=True,
    ),
    PublishedShow(
        "Viya, coffee from Rwanda", "New Times, China Daily HK, May to July 2020",
        2020, 3_000, viewers=10e6, one=True, sold_out=True,
    ),
    PublishedShow(
        "Tommy Hilfiger, hoodies", "Wall Street Journal, on warc.com, October 2020",
        2020, 1_300, viewers=14e6, one=True, sold_out=True,
    ),
    PublishedShow(
        "Wang Han, appliances", "Jing Daily, November 2020; viewers: daydaynews.cc (weak)",
        2020, 1_323, viewers=1e6, one=True,
    ),
    PublishedShow(
        "Twenty thousand pairs of shoes", "redcensor.com on Henan television, 2025 (weak)",
        2025, 58, followers=10e6, one=True,
    ),
    PublishedShow(
        "Angelababy, lipsticks", "shoppertainment.ph on Maybelline, 2016",
        2016, 10_000, viewers=5e6, hours=2, products=1,
    ),
    PublishedShow(
        "Dong Yuhui, a literary magazine", "Yangcheng Evening News, February 2024",
        2024, 82_600, viewers=8.95e6, hours=2, products=1,
    ),
    PublishedShow(
        "A county's head, pears", "China News, on tellerreport.com, March 2020",
        2020, 27_000, viewers=600e3, products=1,
    ),
    PublishedShow(
        "Ming Dao, shampoo", "South China Morning Post; 348,000 CNY at about 100 each",
        2024, 3_480, viewers=2e6, hours=6, products=1,
    ),
    PublishedShow(
        "Luo Yonghao, the first show", "China Daily HK 2020-04-03; KrASIA",
        2020, 910_000, viewers=48e6, hours=3.5, products=22,
    ),
    PublishedShow(
        "Luo Yonghao, the second show", "newrank.cn, on i3investor.com 2020-04-14: 35 M CNY",
        2020, 35e6 / LUO, viewers=11e6,
    ),
    PublishedShow(
        "Li Jiaqi, June 2020", "ProQuest 2648999939",
        2020, 1.03e6, viewers=22.95e6, hours=4,
    ),
    PublishedShow(
        "Li Jiaqi, a presale", "Jiemian 6729326: 10.65 bn CNY",
        2021, 10.65e9 / LI, viewers=250e6, hours=12, products=439,
    ),
    PublishedShow(
        "Li Jiaqi, before Women's Day", "Dao Insights, March 2022: 2.83 bn CNY",
        2022, 2.83e9 / LI, viewers=70e6, products=279,
    ),
    PublishedShow(
        "Li Jiaqi and Zhu Guangquan, goods from Hubei", "CCTV; ecns.cn 2020-04-13",
        2020, 660_000, viewers=10.91e6, hours=2, products=16, sold_out=True,
    ),
    PublishedShow(
        "Jiang Qiulian, the first show", "China Daily 2023-10-12",
        2023, 60_000, viewers=15.1e6, hours=3,
    ),
    PublishedShow(
        "James Liang, hotels in Sanya", "China Daily 2020-04-07",
        2020, 6_710, viewers=510e3, hours=1,
    ),
    PublishedShow(
        "James Liang, hotels in Huzhou", "chine.tv, April 2020: 26.9 M CNY",
        2020, 26.9e6 / LIANG, viewers=1.15e6, hours=1,
    ),
)  # fmt: skip


def foretold(show: PublishedShow, scenario: Scenario, seed: int = 7) -> Floats:
    """Return what the scenario foretells of the orders, in 250 draws of what nobody knows.

    Of so many viewers as many order as is to be expected at what is drawn: a simulated show's luck
    beyond that is left out.
    """
    inputs = inputs_of(scenario, drawn_block(scenario, seed, 0, 250), 250)
    expected = expect(inputs_of(scenario))
    decisions = [expected.most_orders(name) for name in inputs.products]
    odds = inputs.conversion * np.exp(inputs.log_appeal)
    orders = decisions * odds / (1.0 - inputs.conversion + odds)
    if show.followers:  # how many of them come is drawn, too
        turnout = scenario.segments["everyone"].turnout
        came = 1.0 - (1.0 - turnout) ** inputs.segments[0].turnout_factor
        orders *= (came / turnout)[:, None]
    return np.asarray(orders[:, show.shown // 2] if show.one else orders.sum(axis=1))
