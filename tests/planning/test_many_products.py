"""An agency's show: 22 products on terms of all kinds, and a guest who is late."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.planning.terms import Terms
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.resolve import resolve
from livesim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow

PRODUCTS = 22
#: Supplier terms in turn, none for every sixth product.
SUPPLY = (
    {"pack": 12, "minimum_order": 24},
    {"price_breaks": {"40": 8.5, "80": 8.0}},
    {"buy_back": {"price": 6, "up_to": "30%"}},
    {"consignment": True},
    {"suppliers": {"near": {"unit_cost": 10}, "far": {"unit_cost": 8, "minimum_order": 50}}},
    None,
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    names = [f"p{number:02}" for number in range(PRODUCTS)]
    products = {
        name: {
            **{"price": 30 + number, "unit_cost": 10, "owned": 5 * (number % 3)},
            **{"orders_per_1000": 2 + number % 5, "volume": "1 l"},
            **({"supply": SUPPLY[number % 6]} if SUPPLY[number % 6] else {}),
        }
        for number, name in enumerate(names)
    }
    rundown = {
        f"slot_{name}": {"length": "5min", "on_stage": ["host"], "sells": [name]} for name in names
    }
    late = {"on_stage": ["host", "kim"], "waits_for": "kim", "longest_wait": "15min"}
    rundown["slot_p03"] |= {**late, "instead": ["slot_p04"]}
    data = {
        **{"like": "guest_show", "title": "Twenty-two products and a guest", "viewers": "8k"},
        "show": {"length": "1h50min", "refresh": "10s", "currency": "USD"},
        "people": {
            "host": {"role": "host"},
            "kim": {"role": "guest", "fit": {"everyone": 0.5}, "late": "25min", "no_show": "0%"},
        },
        "products": products,
        "rundown": rundown,
        "supply": {"budget": 3_000},
    }
    from livesim.scenario.document import parse_document
    from livesim.scenario.writing import write_yaml

    return resolve(parse_document(write_yaml(data))).scenario


@pytest.mark.thorough
def test_a_plan_of_many_products_says_who_is_late_and_what_falls_off_the_end(scenario) -> None:
    plan = livesim.plan(scenario, replications=50, workers=1)
    terms, units = Terms.of(plan.curves), plan.decision.units
    assert terms.allow(units) and len(units) == PRODUCTS
    assert any(item.purchase for item in plan.items)
    assert sum(item.cost for item in plan.items) <= 3_000
    bought = [lot.gain_per_money for lot in plan.lots if lot.bought]
    assert bought == sorted(bought, reverse=True)
    said = " ".join(plain(full(plan)).split())
    starts = plan.curves.slot_starts
    # The guest comes late: another slot moves forward, and the wait beyond it costs the last one.
    names = list(scenario.rundown)
    assert (starts[:, names.index("slot_p04")] < starts[:, names.index("slot_p03")]).all()
    assert np.isinf(starts[:, -1]).all() and "slot p21 (100 %)" in said
    assert "on consignment" in said


def test_the_same_show_in_both_engines(scenario) -> None:
    small = scenario.with_changes({"segments.everyone.reach": 400})
    starts = [
        livesim.simulate(small, replications=50, engine=engine, workers=1).slots["start"]
        for engine in ("cohort", "agent")
    ]
    assert starts[0].equals(starts[1])
