"""Evidence from an earlier show: what is remarked upon, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import livesim
from livesim.planning.curves import Curves
from livesim.planning.observed import evidence
from livesim.randomness import generator
from livesim.report.plan_words import held_against
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Lognormal

#: Lognormal demand, its middle 1,000; the made audience is 2,000 viewers.
STRATA = generator(0, "observed").permutation(2000)
LEVELS = range(0, 8000, 10)
DEMAND = Lognormal(1000, 0.5).quantile((STRATA + 0.5) / 2000)


def told(curves: Curves) -> tuple[str, ...]:
    """Return what the page says of the only product."""
    [one] = evidence(curves)
    observed = curves.scenario.products["serum"].observed
    assert observed is not None
    return tuple(held_against(one, observed))


def said(known: Callable[..., Curves], **observed: Any) -> tuple[str, ...]:
    return told(known({"serum": DEMAND}, products={"serum": {"observed": observed}}, levels=LEVELS))


def test_nothing_is_said_where_nothing_was_observed(known: Callable[..., Curves]) -> None:
    assert evidence(known({"serum": DEMAND}, levels=LEVELS)) == ()


@pytest.mark.parametrize(
    ("observed", "warned"),
    [
        ({"sold": 1100, "sold_out": True}, True),
        ({"sold": 500, "sold_out": True}, False),
        ({"sold": 1100, "sold_out": False}, False),  # all who wanted some had some
        ({"sold": 5500, "sold_out": True, "viewers": "10k"}, True),  # per viewer
        ({"sold": 2500, "sold_out": True, "viewers": "10k"}, False),
        ({"sold": 1100, "sold_out": True, "viewers": "10k"}, True),  # as it stands
        ({"sold": 1100, "sold_out": True, "viewers": 2000}, True),  # either way: said once
    ],
)
def test_a_demand_near_to_what_was_sold_out_is_warned_of(
    known: Callable[..., Curves], observed: dict[str, Any], warned: bool
) -> None:
    *warnings, _ = said(known, **observed)
    assert len(warnings) == warned
    assert all("a lower bound of demand, never demand" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("observed", "likely"),
    [
        # Half of shows want 1,000 and more, and one in 12 twice as many, gone in half the time.
        ({"sold": 1000, "sold_out": True}, "50 % of shows."),
        (
            {"sold": 1000, "sold_out": True, "after": "30min"},
            "50 % of shows and gone so soon in 8.3 %.",
        ),
        ({"sold": 5000, "sold_out": True, "viewers": "10k"}, "50 % of shows."),
        ({"sold": 1000, "sold_out": False}, "50 % of shows."),
        ({"sold": 417, "sold_out": False}, "so few are sold in 4 % of shows."),
    ],
)
def test_it_says_how_likely_the_observation_is(
    known: Callable[..., Curves], observed: dict[str, Any], likely: str
) -> None:
    last = said(known, **observed)[-1]
    assert last.startswith("serum: observed: sold")
    assert likely in last
    assert "contradicts" not in last


@pytest.mark.parametrize(
    ("observed", "wrong"),
    [
        ({"sold": 3000, "sold_out": True}, "demand or its pace is too low"),
        ({"sold": 1000, "sold_out": True, "after": "5min"}, "demand or its pace is too low"),
        ({"sold": 300, "sold_out": False}, "demand is too high"),
        ({"sold": 4000, "sold_out": False}, "demand is too low"),
        ({"sold": 1000, "sold_out": False, "viewers": "10k"}, "demand is too high"),
    ],
)
def test_a_model_in_which_it_can_hardly_happen_is_contradicted(
    known: Callable[..., Curves], observed: dict[str, Any], wrong: str
) -> None:
    last = said(known, **observed)[-1]
    assert "One contradicts the other" in last
    assert wrong in last


def test_variants_are_held_against_it_together(known: Callable[..., Curves]) -> None:
    observed = {"sold": 1000, "sold_out": True, "after": "30min"}
    shares = {"small": {"share": "30%"}, "large": {"share": "70%"}}
    sizes = known(
        {"serum.small": DEMAND * 0.3, "serum.large": DEMAND * 0.7},
        products={"serum": {"variants": shares, "observed": observed}},
        levels=LEVELS,
    )
    assert told(sizes) == said(known, **observed)


def test_sold_out_so_soon_means_that_every_size_was(known: Callable[..., Curves]) -> None:
    """Where one size is wanted more, the other is wanted less: never are both gone in half time."""
    observed = {"sold": 2000, "sold_out": True, "after": "30min"}
    shares = {"small": {"share": "50%"}, "large": {"share": "50%"}}
    sizes = known(
        {"serum.small": DEMAND, "serum.large": 1e6 / DEMAND},
        products={"serum": {"variants": shares, "observed": observed}},
        levels=LEVELS,
    )
    assert "gone so soon in 0 %" in told(sizes)[-1]


@pytest.mark.slow
def test_the_simulation_makes_no_use_of_it(brand_room: Scenario) -> None:
    observed = {"products.serum.observed": {"sold": 50, "sold_out": True, "after": "1h"}}
    short = brand_room.with_changes({"show.refresh": "30s"})
    plain, told = (
        livesim.simulate(show, replications=50, workers=1)
        for show in (short, short.with_changes(observed))
    )
    assert told.products.equals(plain.products)
    assert told.inputs.equals(plain.inputs)
