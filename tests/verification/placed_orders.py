"""Closed forms of what stands between a try and an order: the steps of a redirect, fake orders.

Both only thin out and multiply, so the law of demand is known exactly: binomial after the steps, a
binomial number of geometric ones with fake orders. What the helpers' orders take of a single unit
tells an order that is known to be fake from a unit that is fake with some chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from breaking import patched, wrong_inputs
from closed_forms import AGENT, COHORT, Engine, broken_twin, chance, closed_form, show_of, simulated
from laws import Chance, Comparison, Curve, Mean, Same
from scipy import stats

from livesim.engine.orders.checkout_steps import CheckoutSteps
from livesim.engine.orders.placing import _Variant
from livesim.scenario.scenario import Scenario

#: A minute in which all who watch decide, to one in a million.
LENGTH, RUSH, CONVERSION = 60, 3, 0.3
WATCHED = 1 - 2 ** (-LENGTH / RUSH)
STEPS = {"open_shop": 0.7, "sign_in": 0.8, "pay_page": 0.9}
FAKE, SENT_BACK, RETURNED = 0.5, 0.9, 0.2


def placing_show(
    people: int, steps: Mapping[str, float] | None = None, **serum: object
) -> Scenario:
    """Return a show in which each person tries to order with the same chance."""
    checkout: dict[str, Any] = {"unpaid": "0%"} | ({"steps": dict(steps)} if steps else {})
    return show_of(
        show={"length": f"{LENGTH}s"},
        everyone={"reach": people},
        serum={"conversion": CONVERSION, "rush": f"{RUSH}s", **serum},
        checkout=checkout,
        rundown={"all": {"length": f"{LENGTH}s", "on_stage": ["host"], "sells": ["serum"]}},
    )


@closed_form("the steps of a redirect", "orders ~ Binomial(M, c Π steps), the others are dropped")
def steps_of_a_redirect(engine: Engine, seed: int) -> Iterator[Comparison]:
    outcome = simulated(engine, placing_show(engine.people, STEPS), seed, engine.blocks)
    through, trying = math.prod(STEPS.values()), CONVERSION * WATCHED
    ordered, dropped = (outcome.products[name][:, 0] for name in ("demand", "dropped"))
    yield chance("orders", ordered, engine.people, trying * through)
    yield chance("dropped", dropped, engine.people, trying * (1 - through))
    counts = np.unique(ordered)
    found = (ordered[:, None] <= counts).mean(axis=0)
    law = stats.binom(engine.people, trying * through).cdf(counts)
    yield Curve.of("spread of orders", found, law, len(ordered))
    without, everybody = (
        simulated(engine, placing_show(engine.people, steps), seed, engine.blocks).products[
            "demand"
        ]
        for steps in (None, {"pay_page": 1.0})
    )
    yield Same("a step loses nobody of all", bool((without == everybody).all()))
    tried = without[:, 0]
    yield Same("who tries is through or dropped", bool((tried == ordered + dropped).all()))


@closed_form(
    "fake orders", "D of n real orders is n + NegBinomial(n, 1 − φ): on average n / (1 − φ)"
)
def fake_orders(engine: Engine, seed: int) -> Iterator[Comparison]:
    faking = {"fake_orders": {"share": FAKE, "returned": SENT_BACK}, "returns": RETURNED}
    scenario = placing_show(engine.people, **faking)
    products = simulated(engine, scenario, seed, engine.blocks).products
    wanted, fake = products["demand"][:, 0], products["fake"][:, 0]
    real, trying = wanted - fake, CONVERSION * WATCHED
    yield chance("real orders", real, engine.people, trying)
    mean, each = engine.people * trying, FAKE / (1 - FAKE)
    # D = Σ of geometric numbers: its variance is that of their number, and their own.
    variance = mean * (1 - trying) / (1 - FAKE) ** 2 + mean * FAKE / (1 - FAKE) ** 2
    error = math.sqrt(variance / len(wanted))
    yield Mean("demand", float(wanted.mean()), mean / (1 - FAKE), error)
    error = math.sqrt((mean * each / (1 - FAKE) + each**2 * mean * (1 - trying)) / len(fake))
    yield Mean("fake orders", float(fake.mean()), mean * each, error)
    back = int(products["returned"].sum() + products["cancelled"].sum())
    expected = RETURNED * real.sum() + SENT_BACK * fake.sum()
    spread = RETURNED * (1 - RETURNED) * real.sum() + SENT_BACK * (1 - SENT_BACK) * fake.sum()
    yield Mean("what comes back", back, float(expected), math.sqrt(spread))
    rate = (1 - FAKE) * RETURNED + FAKE * SENT_BACK
    yield Same("the share that comes back", abs(back / wanted.sum() - rate) < 0.02)


@closed_form("one buyer and fake orders", "P(D = k) = (1 − φ) φ^(k−1); one unit to be had")
def one_buyer(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Of k orders in a random line one is real, and another one gets the unit with (k − 1) / k."""
    faking = {"fake_orders": {"share": FAKE, "returned": SENT_BACK}, "owned": 1, "conversion": 1.0}
    products = simulated(engine, placing_show(1, **faking), seed, blocks=4).products
    wanted, few = products["demand"][:, 0], np.arange(12)
    found = (wanted[:, None] <= few).mean(axis=0)
    yield Curve.of("demand", found, 1 - WATCHED * FAKE**few, len(wanted))
    lucky = 1 + (1 - FAKE) / FAKE * math.log(1 - FAKE)
    fake = int(products["fake"].sum())
    yield Chance("the unit goes to a fake order", fake, len(wanted), WATCHED * lucky)


# Broken twins ---------------------------------------------------------------------------------


def _rounded(self: CheckoutSteps, tried: np.ndarray) -> np.ndarray:
    """Let the mean number through, without any luck."""
    return tried if self._through is None else np.rint(tried * self._through).astype(np.int64)


def _poisson(self: _Variant, real: np.ndarray, room: int) -> np.ndarray:
    """Put the right number of fake orders on average, at their own pace."""
    share = self._real_share
    rng = self._stream("fakes", self._names[room])
    return np.asarray(rng.poisson(real * (1 - share) / share))


for _engine, _off in ((COHORT, 1.005), (AGENT, 1.2)):
    broken_twin(
        "the steps of a redirect",
        "the steps lose too many",
        **{_engine.name: wrong_inputs(through=lambda i, off=_off: i.through**off)},
    )
    broken_twin(
        "fake orders",
        "too many fake orders",
        **{_engine.name: wrong_inputs(fake_share=lambda i, off=_off: i.fake_share * off)},
    )
    broken_twin(
        "one buyer and fake orders",
        "fake orders come at a pace of their own",
        **{_engine.name: patched(_Variant, "_beside", lambda f: _poisson)},
    )
broken_twin(
    "the steps of a redirect",
    "the steps lose shares without luck",
    cohort=patched(CheckoutSteps, "passed", lambda f: _rounded),
)
