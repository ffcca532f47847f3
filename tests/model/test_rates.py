"""Who stays, orders or loses interest, against the formulas in the design's words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from livesim.model.rates import Chances, Rates, Screen, chances, rates
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

Show = Callable[..., Scenario]

DELTA = math.log(2) / 30  # the small show's rush is 30 s
SERUM, TINT = 0, 1


def seen(
    scenario: Scenario,
    *,
    offered: tuple[str, ...] = ("serum",),
    on_stage: tuple[str, ...] = (),
    earlier: tuple[str, ...] = (),
    price: dict[str, float] | None = None,
    claimed: float | None = None,
    on_hand: int | None = None,
    log_extra: float = 0.0,
    drawn: dict[str, np.ndarray] | None = None,
) -> Rates:
    """Return the rates of the small show's fans who see what is told here."""
    inputs = inputs_of(scenario, drawn)
    usual = {name: product.price for name, product in scenario.products.items()}
    shape = (1, len(usual))
    screen = Screen(
        time=0.0,
        on_stage=np.array([[name in on_stage for name in inputs.people]]),
        offered=np.array([[name in offered for name in inputs.products]]),
        earlier=np.array([[name in earlier for name in inputs.products]]),
        price=np.array([list({**usual, **(price or {})}.values())]),
        claimed=None if claimed is None else np.full(shape, claimed),
        on_hand=None if on_hand is None else np.full(shape, on_hand),
    )
    return rates(inputs, inputs.segments[0], screen, log_extra)


def by_product(found: Rates) -> tuple[float, float]:
    """Return the hazards to order serum and tint, whose two variants are added up."""
    serum, pale, dark = found.order[0]
    return serum, pale + dark


def test_a_neutral_stage(show: Show) -> None:
    """h = δ c, d = δ (1 − c), leave 1 / mean."""
    found = seen(show())
    assert by_product(found) == (pytest.approx(DELTA * 0.1), 0.0)
    assert found.lose_interest[0] == pytest.approx(DELTA * 0.9)
    assert found.leave[0, 0] == pytest.approx(1 / 100)
    assert found.pull[0] == 1.0


def test_the_usual_host_is_neutral(show: Show) -> None:
    alone, with_host = seen(show()), seen(show(), on_stage=("host",))
    assert vars(alone).keys() == vars(with_host).keys()
    for name, value in vars(alone).items():
        np.testing.assert_array_equal(value, getattr(with_host, name))


def test_nothing_is_decided_where_nothing_is_offered(show: Show) -> None:
    found = seen(show(), offered=())
    assert not found.order.any() and not found.lose_interest.any()


def test_two_products_at_once(show: Show) -> None:
    """h_p = δ c_p m_p, d = δ (1 − Σ c)."""
    found = seen(show(), offered=("serum", "tint"))
    assert by_product(found) == (pytest.approx(DELTA * 0.1), pytest.approx(DELTA * 0.04))
    assert found.lose_interest[0] == pytest.approx(DELTA * 0.86)


def test_variants_share_the_orders_of_their_product(show: Show) -> None:
    _, pale, dark = seen(show(), offered=("tint",)).order[0]
    assert (pale, dark) == (pytest.approx(DELTA * 0.01), pytest.approx(DELTA * 0.03))


@pytest.mark.parametrize(
    ("guests", "m"),
    [(("kim",), 1.5**0.5), (("lee",), 1 / 1.2), (("kim", "lee"), 1.5**0.5 / 1.2)],
)
def test_guests_multiply_the_odds_by_lift_to_the_power_of_fit(
    show: Show, guests: tuple[str, ...], m: float
) -> None:
    found = seen(show(), on_stage=("host", *guests))
    assert by_product(found)[SERUM] == pytest.approx(DELTA * 0.1 * m)
    assert found.lose_interest[0] == pytest.approx(DELTA * 0.9), "who is not won over is not lost"


def test_a_guest_without_fit_changes_nothing_but_arrivals(show: Show) -> None:
    stranger = show({"people.kim.fit": {}, "people.kim.pull": 3})
    found = seen(stranger, on_stage=("kim",))
    assert by_product(found)[SERUM] == pytest.approx(DELTA * 0.1)
    assert found.leave[0, 0] == pytest.approx(1 / 100)
    assert found.pull[0] == pytest.approx(3)


def test_a_category_counts_half_of_the_fit_for_lift_and_only_for_its_products(show: Show) -> None:
    plain = seen(show(), offered=("serum", "tint"), on_stage=("kim",))
    changes = {"products.tint.category": "makeup", "people.kim.fit_by_category": {"makeup": -0.3}}
    suited = seen(show(changes), offered=("serum", "tint"), on_stage=("kim",))
    # kim's fit to the fans is 0.5, so for tints it is 0.1.
    np.testing.assert_allclose(suited.order[0, 1:] / plain.order[0, 1:], 1.5 ** (0.1 - 0.5))
    np.testing.assert_array_equal(suited.order[0, 0], plain.order[0, 0])
    np.testing.assert_array_equal(suited.leave, plain.leave)


def test_keep_divides_the_rate_of_leaving_by_its_power_of_fit(show: Show) -> None:
    assert seen(show(), on_stage=("kim",)).leave[0, 0] == pytest.approx(1 / 100 / 2**0.5)
    disliked = show({"people.kim.fit": {"fans": -0.5}})
    assert seen(disliked, on_stage=("kim",)).leave[0, 0] == pytest.approx(2**0.5 / 100)


def test_pulls_multiply_whatever_the_fit_and_a_segment_can_have_its_own(show: Show) -> None:
    stars = show({"people.kim.pull": 2, "people.lee.pull": 3})
    assert seen(stars, on_stage=("kim", "lee")).pull[0] == pytest.approx(6)
    known = stars.with_changes({"people.kim.pull_by_segment": {"fans": 1.25}})
    assert seen(known, on_stage=("kim",)).pull[0] == pytest.approx(1.25)


def test_a_price_works_through_its_elasticity(show: Show) -> None:
    """m = (price / reference)^elasticity; 80 for 100 at −2 is 1.5625."""
    found = seen(show({"products.serum.elasticity": -2}), price={"serum": 80.0})
    assert by_product(found)[SERUM] == pytest.approx(DELTA * 0.1 * 1.5625)
    dear = show({"products.serum.elasticity": -1, "products.serum.reference_price": 50})
    assert by_product(seen(dear))[SERUM] == pytest.approx(DELTA * 0.1 / 2)


def test_a_price_moves_its_own_product_only(show: Show) -> None:
    found = seen(show(), offered=("serum", "tint"), price={"serum": 50.0})
    assert by_product(found)[TINT] == pytest.approx(DELTA * 0.04)


def test_the_herd_follows_the_share_claimed_that_the_screen_shows(show: Show) -> None:
    herd = show({"products.serum.herd": 0.2})
    assert by_product(seen(herd, claimed=0.5))[SERUM] == pytest.approx(DELTA * 0.1 * 1.5**0.2)
    assert by_product(seen(herd))[SERUM] == pytest.approx(DELTA * 0.1), "not shown"


def test_scarcity_works_below_its_threshold_and_where_units_left_are_shown(show: Show) -> None:
    scarce = show({"products.serum.scarcity": {"below": 5, "multiplier": 1.14}})
    assert by_product(seen(scarce, on_hand=4))[SERUM] == pytest.approx(DELTA * 0.1 * 1.14)
    assert by_product(seen(scarce, on_hand=5))[SERUM] == pytest.approx(DELTA * 0.1)
    assert by_product(seen(scarce))[SERUM] == pytest.approx(DELTA * 0.1), "not shown"


def test_a_behaviour_of_the_users_own_multiplies_the_odds(show: Show) -> None:
    assert by_product(seen(show(), log_extra=math.log(3)))[SERUM] == pytest.approx(DELTA * 0.3)


def test_trust_multiplies_the_odds_and_draws_nobody(show: Show) -> None:
    found = seen(show({"segments.fans.trust": 2}))
    assert by_product(found)[SERUM] == pytest.approx(DELTA * 0.2)
    assert found.lose_interest[0] == pytest.approx(DELTA * 0.9)
    assert found.pull[0] == 1.0


def test_the_forecast_errors_multiply_the_odds_and_the_urge_to_come(show: Show) -> None:
    drawn = {"show.appeal": np.array([2.0]), "show.turnout_factor": np.array([0.5])}
    found = seen(show(), drawn=drawn)
    assert by_product(found)[SERUM] == pytest.approx(DELTA * 0.2)
    assert found.lose_interest[0] == pytest.approx(DELTA * 0.9)
    assert found.pull[0] == pytest.approx(0.5)
    published = seen(show({"segments.fans.takes_turnout_factor": False}), drawn=drawn)
    assert published.pull[0] == 1.0


def test_a_product_has_an_error_of_its_own_beside_the_shared_one(show: Show) -> None:
    drawn = {"show.appeal": np.array([2.0]), "products.serum.appeal": np.array([3.0])}
    assert by_product(seen(show(), drawn=drawn))[SERUM] == pytest.approx(DELTA * 0.6)


def test_the_shelf_takes_what_was_offered_before_and_is_not_now(show: Show) -> None:
    turning = 0.1 * DELTA
    alone = seen(show(), offered=(), earlier=("tint",))
    assert alone.order[0] == pytest.approx(turning * 0.04 * np.array([0.0, 0.25, 0.75]))
    assert alone.lose_interest[0] == 0, "who orders nothing from it stays undecided"
    again = seen(show(), offered=("tint",), earlier=("tint",))
    assert again.order.sum() + again.lose_interest[0] == pytest.approx(DELTA), "shown, not shelved"


def test_links_on_the_shelf_share_one_attention(show: Show) -> None:
    """Two have the root of two times one's attention; one that is down takes nothing away."""
    scenario = show({"products.serum.shelf": 0.1})
    both, alone = (
        seen(scenario, offered=(), earlier=links) for links in (("serum", "tint"), ("tint",))
    )
    assert both.order[0, 1:] == pytest.approx(alone.order[0, 1:] / math.sqrt(2))
    down = seen(show({"products.serum.shelf": 0}), offered=(), earlier=("serum", "tint"))
    assert down.order[0] == pytest.approx(alone.order[0])


# What the hazards amount to --------------------------------------------------------------------


def one_refresh(order: list[float], lose: float, leave: float, refresh: float) -> Chances:
    return chances(
        Rates(
            pull=np.ones(1),
            leave=np.array([[leave]]),
            order=np.array([order]),
            lose_interest=np.array([lose]),
        ),
        refresh,
    )


def test_at_most_one_act_shared_out_by_the_hazards() -> None:
    found = one_refresh([0.02, 0.03], 0.10, 0.05, refresh=4.0)
    assert found.act[0, 0] == pytest.approx(1 - math.exp(-0.8))
    assert found.decide[0, 0] == pytest.approx(0.75)
    assert found.leave[0, 0] == pytest.approx(1 - math.exp(-0.2))
    assert found.order[0] == pytest.approx(np.array([0.10, 0.02, 0.03]) / 0.15)


def test_nothing_is_decided_without_an_offer_and_nobody_leaves_at_hazard_0() -> None:
    found = one_refresh([0.0], 0.0, 0.0, refresh=1.0)
    assert not found.offered.size and found.order.tolist() == [[1.0]]
    assert not any(np.any(getattr(found, name)) for name in ("act", "decide", "leave"))


def ordered_within(seconds: float, found: Rates, refresh: float) -> float:
    """Return the chance to have ordered after some seconds, refresh by refresh."""
    step = chances(found, refresh)
    act, decide = step.act[0, 0], step.decide[0, 0]
    undecided, ordered = 1.0, 0.0
    for _ in range(round(seconds / refresh)):
        ordered += undecided * act * decide * step.order[0, 1]
        undecided *= 1 - act
    return ordered


@pytest.mark.parametrize("refresh", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("seconds", [10, 30, 90, 600])
def test_who_sees_l_seconds_orders_with_c_times_1_minus_half_to_the_l_over_rush(
    show: Show, seconds: int, refresh: float
) -> None:
    nobody_leaves = replace(seen(show()), leave=np.zeros((1, 1)))
    expected = 0.1 * (1 - 2 ** (-seconds / 30))
    assert ordered_within(seconds, nobody_leaves, refresh) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("m", [0.25, 1.5, 40.0])
def test_a_multiplier_multiplies_the_odds_of_who_stays_until_decided(show: Show, m: float) -> None:
    found = replace(seen(show(), log_extra=math.log(m)), leave=np.zeros((1, 1)))
    chance = ordered_within(3600, found, 1.0)
    assert chance / (1 - chance) == pytest.approx(m * 0.1 / 0.9, rel=1e-9)


def test_a_longer_look_sells_more_and_leaving_costs_orders(show: Show) -> None:
    """A viewer who may leave orders with h / (h + d + μ) in the end."""
    chance = ordered_within(3600, seen(show()), 1.0)
    assert chance == pytest.approx(DELTA * 0.1 / (DELTA + 0.01), rel=1e-9)


@pytest.mark.parametrize("refresh", [1.0, 7.0])
def test_a_stay_is_geometric_with_its_mean(show: Show, refresh: float) -> None:
    """Refreshes stayed have mean 1 / (1 − e^(−Δ/mean)): the mean stay and about half a refresh."""
    leaves = chances(seen(show(), offered=()), refresh).leave[0, 0]
    stay = refresh * sum(k * leaves * (1 - leaves) ** (k - 1) for k in range(1, 20_000))
    assert stay == pytest.approx(refresh / (1 - math.exp(-refresh / 100)), rel=1e-9)
    assert stay == pytest.approx(100 + refresh / 2, rel=1e-3)
    assert chances(seen(show()), refresh).leave[0, 0] == leaves, "an offer keeps nobody"


def test_conversions_that_add_up_to_1_leave_no_interest_to_lose(show: Show) -> None:
    """0.33 + 0.56 + 0.11 is more than 1 in floating point; a chance must be one all the same."""
    serum = show().to_data()["products"]["serum"]
    three = {"products.mask": serum, "products.soap": serum}
    scenario = show({**three, "rundown.serum.sells": ["serum", "mask", "soap"]})
    conversions = {"serum": 0.33, "mask": 0.56, "soap": 0.11}
    drawn = {f"products.{name}.conversion": np.array([c]) for name, c in conversions.items()}
    found = chances(seen(scenario, offered=tuple(conversions), drawn=drawn), 1.0)
    assert (found.order <= 1).all() and (found.order >= 0).all()
    assert found.order.sum() == pytest.approx(1, abs=1e-12)
