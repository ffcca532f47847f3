"""Platforms as fragments, and what the shows on two of them must show.

What their files expect is held against 100 simulated shows; the seed is fixed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.model.expectation import expect
from livesim.resolve import alternatives
from livesim.resolve.inputs import inputs_of
from livesim.resolve.reference import fragments
from livesim.results import Result
from livesim.scenario.library import LIBRARY
from livesim.scenario.scenario import Scenario

ONE_APP, LINK = "one_app", "link_in_bio"
TWO, WEST_EAST = "same_show_two_platforms", "west_and_east"


def on(platform: str, folder: Path) -> Scenario:
    file = folder / "show.yaml"
    file.write_text(
        f"include: [platforms/{platform}]\ntitle: A show\nshow: {{length: 1h, currency: USD}}\n"
        "products: {serum: {price: 35, unit_cost: 9, conversion: 1.2%}}\n"
    )
    return livesim.load(file)


def loaded(name: str, alternative: str, **changes: object) -> Scenario:
    return livesim.load(name, alternative=alternative).with_changes(changes)


@cache
def shown(name: str, alternative: str) -> Result:
    scenario = livesim.load(name, alternative=alternative)
    return livesim.simulate(scenario, replications=100, seed=5, workers=1)


def wanted(result: Result) -> np.ndarray:
    return result.products["demand"].to_numpy(dtype=float)


# --- The fragments --------------------------------------------------------------------------------


def test_every_fragment_says_what_it_is_and_what_is_assumed() -> None:
    platforms = {name for name in fragments() if name.startswith("platforms/")}
    assert platforms == {f"platforms/{name}" for name in ("one_app", "review_store", "link_in_bio")}
    for name in platforms:
        text = (LIBRARY / f"{name}.yaml").read_text("utf-8")
        assert f"include: [{name}]" in text
        assert "assumption" in text


def test_one_app_is_found_in_four_ways_and_loses_nobody(tmp_path: Path) -> None:
    app = on("one_app", tmp_path)
    assert list(app.segments) == ["followers", "reposts", "search", "recommended"]
    assert app.checkout.steps is None
    assert app.segments["reposts"].word_of_mouth and app.segments["recommended"].recommendation


def test_reviews_come_slowly_and_order_more_readily(tmp_path: Path) -> None:
    segments = on("review_store", tmp_path).segments
    reviews, followers = segments["reviews"], segments["followers"]
    assert reviews.trust > followers.trust == 1
    assert reviews.arrivals.shape == "flat" and followers.arrivals.shape == "front_loaded"


def test_a_link_in_a_profile_loses_more_than_half_of_the_orders(tmp_path: Path) -> None:
    link = on("link_in_bio", tmp_path)
    assert expect(inputs_of(link)).placed["serum"] == pytest.approx(0.7 * 0.9 * 0.8 * 0.85)
    assert len(link.segments) < len(on("one_app", tmp_path).segments)


# --- The same show on two of them -----------------------------------------------------------------


def test_only_the_platform_differs() -> None:
    app, link = (loaded(TWO, name).to_data() for name in alternatives(TWO))
    differ = {key for key in app | link if app.get(key) != link.get(key)}
    assert differ - {"expect"} == {"segments", "checkout"}
    assert app["segments"]["followers"]["reach"] == link["segments"]["followers"]["reach"]


@pytest.mark.slow
def test_one_app_brings_more_viewers_and_sells_more() -> None:
    app, link = shown(TWO, ONE_APP), shown(TWO, LINK)
    viewers = [np.median(result.shows["unique_viewers"]) for result in (app, link)]
    assert 1.7 <= viewers[0] / viewers[1] <= 3
    assert 4 <= np.median(wanted(app)) / np.median(wanted(link)) <= 10
    tried = wanted(link).sum() / 1.15 + link.products["dropped"].sum()
    assert 0.5 <= link.products["dropped"].sum() / tried <= 0.65


@pytest.mark.slow
def test_each_part_of_the_difference_counts() -> None:
    """Could have failed: without the redirect, or with no orders recommended, it is smaller."""
    steps = loaded(TWO, LINK).checkout.steps or {}
    direct = loaded(TWO, LINK, **{f"checkout.steps.{step}": 1.0 for step in steps})
    alone = loaded(TWO, ONE_APP, **{"segments.recommended.recommendation": 0})
    for scenario, name, more in ((direct, LINK, True), (alone, ONE_APP, False)):
        changed = livesim.simulate(scenario, replications=100, seed=5, workers=1)
        assert (wanted(changed).mean() > wanted(shown(TWO, name)).mean()) == more


# --- West and East --------------------------------------------------------------------------------


@pytest.mark.slow
def test_west_and_east_sell_one_product_with_the_same_guest() -> None:
    west, east = (loaded(WEST_EAST, name).to_data() for name in alternatives(WEST_EAST))
    others = {key for key in west if west[key] != east[key]} - {"expect"}
    assert others == {"segments", "products", "checkout"}
    products = [data["products"]["perfume"] for data in (west, east)]
    assert {key for key in products[0] if products[0][key] != products[1][key]} == {"returns"}


@pytest.mark.slow
def test_the_west_is_no_record() -> None:
    west = shown(WEST_EAST, "west")
    assert (west.shows["gmv"] < 1e6).mean() >= 0.975
    assert (west.shows["peak_concurrent"] < 20_000).mean() >= 0.9


@pytest.mark.slow
def test_one_product_of_the_east_sells_less_than_twenty_two_did() -> None:
    east = shown(WEST_EAST, "east")
    ordered = wanted(east) / 1.15 / east.shows["unique_viewers"].to_numpy()
    assert 0.001 <= np.median(ordered) <= 0.019
    assert 4 <= np.median(wanted(east)) / np.median(wanted(shown(WEST_EAST, "west"))) <= 12


@pytest.mark.slow
@pytest.mark.parametrize(("side", "low", "high"), [("west", 0.95, 0.97), ("east", 0.5, 0.7)])
def test_peaks_and_what_is_kept_are_as_published(side: str, low: float, high: float) -> None:
    result = shown(WEST_EAST, side)
    peak = result.shows["peak_concurrent"] / result.shows["unique_viewers"]
    assert 0.023 <= np.median(peak) <= 0.15
    back = result.products[["returned", "cancelled"]].sum().sum()
    assert low <= 1 - back / result.products["sales"].sum() <= high
