"""What must add up where orders take units of several products: bundles, gifts, a webshop.

Shows are made at random, small enough for both engines, with components that run short, units that
lapse and come back, waves and slots that go on at sell-out. Every unit of a component is sold,
given or left, and every unit of money is somebody's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from breaking import patched
from checks import check, mutant
from few_shows import few_shows

import livesim.engine.ledger.coupons
import livesim.engine.ledger.ledger
import livesim.engine.settlement
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.ledger import figures_of, ledger
from livesim.engine.ledger.on_offer import on_offer
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.shared.stock import SharedStock
from livesim.engine.ledger.shared.takes import Takes
from livesim.engine.ledger.shared.walk import follow_together
from livesim.engine.lockstep import Lockstep
from livesim.engine.recorder import ENGINES
from livesim.engine.streams import Streams
from livesim.experiment.random_inputs import drawn_block
from livesim.model.inputs import Inputs
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

BESIDE = ("given", "gifts", "webshop", "webshop_lost", "coupons", "orders")
#: Shows at random, and replications of each, by engine.
EXAMPLES = {"cohort": (3, 10), "agent": (2, 2)}
FIGURES = ("demand", "claimed", "sales", "lost", "lapsed", "on_hand", "put_on_sale")


def random_show(random: np.random.Generator) -> Scenario:
    """Make a small show with two bundles and a gift, whose stock runs short.

    The tint, which many order, has the gift with its first orders only: fewer than there are.
    """

    def units(most: int) -> int:
        return int(random.integers(most))

    def product(**more: Any) -> dict[str, Any]:
        rate, share = float(random.uniform(20, 60)), int(random.integers(5, 60))
        usual = {"price": 20, "unit_cost": 6, "left_over_value": 4, "returned_value": 3}
        usual |= {"owned": units(30), "goodwill": 1, "rush": "20s"}
        return usual | {"orders_per_1000": rate, "returns": f"{share}%"} | more

    def bundle(**more: Any) -> dict[str, Any]:
        made = product(price=50, **more)
        for key in ("unit_cost", "left_over_value", "returned_value", "owned"):
            del made[key]
        return made

    pouch = {"price": 5, "unit_cost": 2, "left_over_value": 1, "owned": 4 + units(12)}
    waves = {"one": {"share": "50%", "after": "0s"}, "two": {"share": "50%", "after": "2min"}}
    shades = {"rose": {"share": "60%"}, "nude": {"share": "40%"}}
    on_top = {"product": "pouch"}
    few = on_top | {"first": 1 + units(4)}
    coupon = {"off": "20%", "first": 1 + units(9)}
    webshop = {"per_day": 240 * (1 + units(9)), "price": 7}
    pair = {"serum": 1 + units(2), "mask": 1 + units(2)}
    taken = {"serum": 1 + units(2), "tint.rose": 1, "mask": 1 + units(3)}
    products = {
        "mask": product(waves=waves if units(2) else {}),
        "duo": bundle(contains=pair, gift=few if units(2) else on_top),
        "serum": product(left_over={"per_week": 3, "price": 9, "weeks": 4}, webshop=webshop),
        "tint": product(variants=shades, gift=few, coupon=coupon),
        "trio": bundle(contains=taken),
        "pouch": pouch,
    }
    ends = ["stay", "next"][units(2)]
    sells = [["duo", "serum"], ["trio", "tint", "mask"], ["duo", "trio"]]
    data = {
        "title": "Bundles at random",
        "show": {"start": "2026-11-29 20:00", "length": "6min", "refresh": "5s", "currency": "USD"},
        "viewers": 800,
        "products": products,
        "checkout": {"unpaid": "20%", "payment_timeout": "1min"},
        "deal": {"commission": "10%", "shipping": 1, "return_freight": 2},
        "rundown": {
            f"slot_{n}": {"length": "2min", "sells": these, "at_sell_out": ends}
            for n, these in enumerate(sells)
        },
    }
    return resolve(parse_document(write_yaml(data))).scenario


def audit(engine: str, scenario: Scenario, seed: int, replications: int) -> None:
    """Run a few replications, and check that every unit and all money is somewhere."""
    shows = few_shows(engine, scenario, seed, replications)
    inputs, variants = shows.recording.inputs, shows.outcome.variants
    audit_units(inputs, {name: variants[name] for name in (*FIGURES, *BESIDE)})
    audit_money(inputs, variants)
    wanted = variants["demand"].mean(axis=0) @ inputs.takes + 3
    levels = np.rint(np.outer(wanted, (0.2, 0.5, 0.9))).astype(np.int64)
    levels[np.diag(inputs.takes) == 0] = 0
    found = ledger(shows.recording, levels, watch=audit_back).figures
    for level in range(3):
        names = (*FIGURES, *BESIDE)
        audit_units(inputs, {name: found[name][:, :, level] for name in names})


def audit_units(inputs: Inputs, units: dict[str, Any]) -> None:
    """Every unit of a component is sold, given or left, and a bundle has none of its own."""
    assert all((part >= 0).all() for part in units.values()), "fewer than no units"
    assert (units["demand"] == units["claimed"] + units["lost"]).all(), "demand = claimed + lost"
    assert (units["claimed"] == units["sales"] + units["lapsed"]).all(), "claimed = sales + lapsed"
    bundle = np.diag(inputs.takes) == 0
    into_bundles = (units["sales"] * bundle) @ inputs.takes
    given = np.zeros_like(into_bundles)
    for gift in inputs.gifts:
        given[:, gift.variant] += units["gifts"][:, list(gift.to)].sum(axis=1)
        if np.isfinite(gift.first):
            assert (units["gifts"][:, list(gift.to)].sum(axis=1) <= gift.first).all(), "too many"
    assert (units["given"] == into_bundles + given).all(), "given = into bundles + gifts"
    used = units["sales"] * ~bundle + units["given"] + units["webshop"]
    for coupon in inputs.coupons:
        mine = inputs.product_of == coupon.product
        had, orders = (units[name][:, mine].sum(axis=1) for name in ("coupons", "orders"))
        assert (had == np.minimum(orders, coupon.first)).all(), "coupons for the first orders"
    assert (used + units["on_hand"] == units["put_on_sale"]).all(), "sold, given or left"


def audit_money(inputs: Inputs, variants: dict[str, Any]) -> None:
    """The profit of all products is what is paid, less what was bought, and what is left brings."""
    bundle = np.diag(inputs.takes) == 0
    back = (variants["cancelled"] + variants["returned"]) * bundle
    profit = variants["nmv"].sum(axis=1) * 0.9 - variants["goodwill"].sum(axis=1)
    profit -= variants["shipping"].sum(axis=1) + 2 * variants["returned"].sum(axis=1)
    for variant in np.flatnonzero(~bundle):
        terms = inputs.terms[inputs.product_of[variant]]
        profit -= terms.unit_cost * variants["bought"][:, variant]
        left = variants["left_over"][:, variant] + variants["cancelled"][:, variant]
        left = left + ((variants["cancelled"] * bundle) @ inputs.takes)[:, variant]
        returned = variants["returned"][:, variant]
        returned = returned + ((back - variants["cancelled"] * bundle) @ inputs.takes)[:, variant]
        worth = 4.0 * left if terms.unit_cost == 6 else 1.0 * left
        if terms.left_over is not None:  # 12 sell at 9 each, and the rest are worth 4
            worth = 9.0 * np.minimum(left, 12) + 4.0 * np.maximum(left - 12, 0)
        profit += 7.0 * variants["webshop"][:, variant]
        profit += worth + (3.0 if terms.unit_cost == 6 else 1.0) * returned
    np.testing.assert_allclose(variants["profit"].sum(axis=1), profit, rtol=1e-9, atol=1e-6)


def audit_back(part: Part) -> Kept:
    """What was not paid is on hand again, but for what was ordered in the last minute and a half.

    A minute is there to pay, and a sweep comes every half a minute.
    """
    (found, kept), rows = (follow_together(part), keep(part)), part.replications
    stock, shows = found.stock, found.like.reshape(rows, -1)[:, 0]
    orders, inputs = part.book.orders, part.recording.inputs
    lapsing = np.diff(part.book.lapsing) * (orders.step > inputs.refreshes - 90 / inputs.refresh)
    late = np.zeros((part.replications, len(part.cells)), dtype=np.int64)
    np.add.at(late, (orders.row, orders.cell), lapsing)
    most = late @ stock.takes.needs[: stock.takes.variants, : stock.takes.variants]
    for line in range(stock.takes.variants, len(stock.takes.host)):
        gift = stock.takes.needs[line, : stock.takes.variants]
        most += late[:, [stock.takes.host[line]]] * gift
    on_hand = figures_of(part, kept, on_offer(part))["on_hand"][:, :, 0].T
    position = stock.position[shows, : stock.takes.variants]
    bundle = np.diag(stock.takes.needs[: stock.takes.variants]) == 0
    assert (position[:, ~bundle] <= on_hand[:, ~bundle]).all(), "more on hand than there is"
    assert (on_hand - position <= most)[:, ~bundle].all(), "what was not paid has not come back"
    return kept


def audit_live(engine: str, scenario: Scenario, seed: int, replications: int) -> None:
    """The stock that the show lives with serves the orders that its ledger serves."""
    drawn = {path: values[:replications] for path, values in drawn_block(scenario, seed, 0).items()}
    inputs, streams = inputs_of(scenario, drawn, replications), Streams(seed, 0)
    loop = Lockstep(inputs, streams, inputs.owned, ENGINES[engine](inputs, streams, None))
    recording = loop.run()
    if loop._live is not None:
        served = ledger(recording, inputs.owned[:, None]).figures["orders"].sum(axis=(1, 2))
        in_show = recording.orders.step <= inputs.refreshes
        assert in_show.all(), "nothing waits at the checkout"
        assert (loop._live.orders_so_far == served).all(), "the live stock has served others"


def _check(engine: str) -> None:
    examples, replications = EXAMPLES[engine]

    @check(f"bundles and gifts add up ({engine})", thorough=engine == "agent")
    def add_up(seed: int) -> None:
        random = np.random.default_rng(seed)
        for _ in range(examples):
            scenario = random_show(random)
            audit(engine, scenario, seed, replications)
            audit_live(engine, scenario, seed, replications)


def _without_lapses(serve: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: 0 * serve(*args)


def _one_of_each(of: Callable[..., Takes]) -> Callable[..., Takes]:
    def broken(inputs: Inputs, variants: object) -> Takes:
        return of(replace(inputs, takes=np.minimum(inputs.takes, 1)), variants)

    return staticmethod(broken)


def _no_gift_is_counted(of: Callable[..., Takes]) -> Callable[..., Takes]:
    def broken(*args: object) -> Takes:
        found = of(*args)
        return replace(found, counted=found.counted + 1000)

    return staticmethod(broken)


def _one_too_few(least: Callable[..., object]) -> Callable[..., object]:
    """Let a run of orders go on with one unit less than its lines need."""
    return lambda self, holds: np.maximum(least(self, holds) - 1, 0)


def _nobody_pays(charge: Callable[..., object]) -> Callable[..., object]:
    return lambda inputs, figures: None


def _one_coupon_more(coupons: Callable[[Part], list[Any]]) -> Callable[[Part], list[Any]]:
    return lambda part: [replace(one, first=one.first + 1) for one in coupons(part)]


def _of_its_own(of: Callable[..., Any]) -> Callable[..., Any]:
    """Let a webshop's units be the show's sales."""

    def broken(part: Part, kept: Kept, times: Any) -> Any:
        found = of(part, kept, times)
        return found | {"sales": found["sales"] + found["webshop"]}

    return broken


def _leave_out_components(components: Callable[..., object]) -> Callable[..., object]:
    return lambda self, product: components(self, product)[:1]


for _engine in EXAMPLES:
    _check(_engine)
for _what, _breaks in {
    "a bundle takes one of each component": patched(Takes, "of", _one_of_each),
    "components of unpaid bundles are lost": patched(SharedStock, "serve", _without_lapses),
    "more gifts are given than there are": patched(Takes, "of", _no_gift_is_counted),
    "a bundle is sold with a unit too few": patched(SharedStock, "least_held", _one_too_few),
    "components that come back bring nothing": patched(
        livesim.engine.settlement, "_charge_who_took", _nobody_pays
    ),
    "only one component comes back": patched(Inputs, "components", _leave_out_components),
    "a coupon more than are promised": patched(
        livesim.engine.ledger.coupons, "_coupons", _one_coupon_more
    ),
    "what a webshop sells is sold in the show": patched(
        livesim.engine.ledger.ledger, "figures_of", _of_its_own
    ),
}.items():
    mutant(_what, _breaks, caught_by="bundles and gifts add up (cohort)")
mutant(
    "followed viewers take one of each component of a bundle",
    patched(Takes, "of", _one_of_each),
    caught_by="bundles and gifts add up (agent)",
)
