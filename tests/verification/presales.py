"""Presales: what a deposit and a balance that is due days later do to units and money.

A hundred viewers decide at once, twice; so many units that none runs out, or so few that the first
offer takes them all. Whatever the stock, each order that is served pays its balance with the same
chance, nothing comes back while the show is on, and the deposits of the others are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from breaking import patched, wrong_inputs
from checks import Break, mutant
from closed_forms import (
    AFFORDABLE,
    Engine,
    chance,
    check_name,
    closed_form,
    show_of,
    simulated,
)
from laws import Comparison, Curve, Same
from scipy import stats

import livesim.engine.settlement
from livesim.arrays import Floats
from livesim.engine.clock import Clock
from livesim.scenario.scenario import Scenario

PEOPLE, CONVERSION, DEPOSIT, BALANCE = 100, 0.3, 0.2, 0.7
PLENTY, FEW = 1_000, 10
FORM = "a presale"


def presale(owned: int) -> Scenario:
    """Return a show that offers the same twice to a hundred who decide within a refresh."""
    offer = {"length": "10s", "on_stage": ["host"], "sells": ["serum"]}
    return show_of(
        show={"length": "2min"},
        everyone={"reach": PEOPLE},
        serum={
            "conversion": CONVERSION,
            "rush": "0.1s",
            "owned": owned,
            "presale": {"deposit": DEPOSIT, "balance_paid": BALANCE},
        },
        rundown={"first": offer, "second": offer | {"start": "1min"}},
    )


@closed_form(
    FORM, "sales Binomial(orders served, balance paid); units come back only after the show"
)
def balances(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Orders of both offers together are Binomial(2 N, c), and those that are paid (2 N, c b)."""
    for owned, trials, paid in (
        (PLENTY, 2 * PEOPLE, CONVERSION * BALANCE),
        (FEW, FEW, BALANCE),
    ):
        scenario = presale(owned)
        outcome = simulated(engine, scenario, seed, engine.blocks)
        found = {name: figures[:, 0] for name, figures in outcome.products.items()}
        few = f"{owned} units"
        yield chance(f"{few}: paid", found["sales"], trials, paid)
        steps = np.arange(trials + 1)
        share = (found["sales"][:, None] <= steps).mean(axis=0)
        yield Curve.of(
            f"{few}: sales", share, stats.binom(trials, paid).cdf(steps), len(found["sales"])
        )
        yield Same(
            f"{few}: lapsed", bool((found["lapsed"] == found["claimed"] - found["sales"]).all())
        )
        served_once = np.minimum(found["demand"], owned)  # nothing is sold again in the show
        yield Same(f"{few}: claimed", bool((found["claimed"] == served_once).all()))
        left = bool((found["left_over"] == owned - found["sales"]).all())
        yield Same(f"{few}: what lapses is left over", left)
        on_hand = outcome.timeline["on_hand"][:, :, 0]
        yield Same(f"{few}: none comes back in the show", bool((np.diff(on_hand) <= 0).all()))
        kept = DEPOSIT * 100.0 * found["lapsed"]
        yield Same(f"{few}: deposits kept", bool(np.allclose(found["deposits_kept"], kept)))
        profit = 100.0 * found["sales"] + kept + 10.0 * found["left_over"] - 40.0 * owned
        yield Same(f"{few}: profit", bool(np.allclose(found["profit"], profit)))


def _swept_soon(swept: Callable[..., object]) -> Callable[..., object]:
    """End a reservation in the next sweep."""
    return lambda self, timeout: swept(self, 0.0)


def _deposit_of_all(unit_money: Callable[..., dict[str, Floats]]) -> Callable[..., object]:
    """Count the deposits of those who pay the balance as kept, too."""

    def broken(product: object, deal: object, units: dict[str, Floats], value: Floats) -> object:
        return unit_money(product, deal, units, value) | {"deposits_kept": DEPOSIT * units["gmv"]}

    return broken


_TWINS: dict[str, Break] = {
    "a presale is swept during the show": patched(Clock, "swept", _swept_soon),
    "deposits are kept twice": patched(livesim.engine.settlement, "unit_money", _deposit_of_all),
    "a fifth of the lapses is paid": wrong_inputs(unpaid=lambda found: 0.8 * found.unpaid),
}
for _engine in AFFORDABLE:
    for _what, _breaks in _TWINS.items():
        mutant(f"{_what} ({_engine.name})", _breaks, caught_by=check_name(FORM, _engine))
