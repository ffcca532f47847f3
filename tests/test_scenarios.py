"""What the guest variants of the Viya × Kim show must show.

The four shows are simulated on common random numbers, and compared replication by replication. The
mean of 100 paired differences has a t-interval; ``clearly_above_zero`` asks that it stay above zero
at 4 standard errors, which luck alone does less than once in 10,000 comparisons where there is no
difference. What follows for *every* show (a fee that no sale can earn) is asked of every one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.results import Result
from livesim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow

KIM, ALONE = "viya_kim_perfume", "viya_alone"
MISFIT, SMALL = "viya_famous_misfit", "viya_small_fit"
REPLICATIONS, SEED = 100, 5


def simulated(scenario: Scenario) -> Result:
    return livesim.simulate(scenario, replications=REPLICATIONS, seed=SEED, workers=1)


@cache
def shown(name: str) -> Result:
    return simulated(livesim.load(name))


def wanted(result: Result) -> np.ndarray[Any, Any]:
    return result.products["demand"].to_numpy(dtype=float)


def viewers(result: Result) -> np.ndarray[Any, Any]:
    return result.shows["unique_viewers"].to_numpy(dtype=float)


def profit(result: Result) -> np.ndarray[Any, Any]:
    return result.shows["profit"].to_numpy(dtype=float)


def clearly_above_zero(differences: np.ndarray[Any, Any]) -> bool:
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() > 4 * error)


def test_what_is_clear_is_told_from_luck() -> None:
    """The twin of the tests below: no difference is not clear, and a small one is."""
    luck = np.random.default_rng(3).normal(0, 1, REPLICATIONS)
    assert not clearly_above_zero(luck)
    assert clearly_above_zero(luck + 0.5)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        pytest.param(ALONE, 7.3e6, 7.5e6, marks=pytest.mark.thorough),
        (SMALL, 7.6e6, 8.1e6),
        (KIM, 12e6, 13e6),
        pytest.param(MISFIT, 17e6, 23e6, marks=pytest.mark.thorough),
    ],
)
def test_as_many_come_as_the_file_expects(name: str, low: float, high: float) -> None:
    assert low <= np.median(viewers(shown(name))) <= high


def test_only_the_guest_is_another() -> None:
    """Each file says only what its guest changes: product, host and stock are those of the show."""
    base = livesim.load(KIM)
    for name in (ALONE, MISFIT, SMALL):
        variant = livesim.load(name)
        assert variant.people["viya"] == base.people["viya"]
        assert variant.segments["viya_followers"] == base.segments["viya_followers"]
        product = variant.products["kkw_perfume"]
        assert product == base.products["kkw_perfume"].model_copy(update={"observed": None})
        assert variant.show == base.show


def test_without_kim_fewer_come_and_less_is_wanted() -> None:
    ratio = np.median(wanted(shown(ALONE))) / np.median(wanted(shown(KIM)))
    assert 0.2 <= ratio <= 0.7
    assert (viewers(shown(ALONE)) < viewers(shown(KIM))).all()


def test_the_small_guest_sells_more_to_hardly_more_viewers() -> None:
    small, alone = shown(SMALL), shown(ALONE)
    assert clearly_above_zero(np.log(wanted(small)) - np.log(wanted(alone)))
    assert 1.3 <= np.median(wanted(small) / wanted(alone)) <= 1.8
    assert np.median(viewers(small) / viewers(alone)) <= 1.1


def test_that_comes_from_the_fit() -> None:
    """Could have failed: with a poor fit the same guest sells clearly less."""
    misfit = livesim.load(SMALL).with_changes(
        {"people.blogger.fit.viya_followers": -0.4, "people.blogger.fit.blogger_fans": 0}
    )
    assert clearly_above_zero(np.log(wanted(shown(SMALL))) - np.log(wanted(simulated(misfit))))


def test_the_famous_guest_brings_reach() -> None:
    misfit, kim = shown(MISFIT), shown(KIM)
    assert (viewers(misfit) > viewers(kim)).all()
    assert clearly_above_zero(np.log(wanted(misfit)) - np.log(wanted(kim)))


def test_the_famous_guest_would_sell_more_with_kim_s_fit() -> None:
    kim = livesim.load(KIM).to_data()["people"]["kim"]["fit"]
    fitting = livesim.load(MISFIT).with_changes(
        {"people.star.fit": {"viya_followers": kim["viya_followers"], "star_fans": 0}}
    )
    assert clearly_above_zero(np.log(wanted(simulated(fitting))) - np.log(wanted(shown(MISFIT))))


@pytest.mark.parametrize("name", [ALONE, SMALL, KIM])
def test_no_show_earns_the_famous_guest_s_fee(name: str) -> None:
    """As many bottles as are paid for cannot earn it, whatever happens."""
    dearer = profit(shown(name)) - profit(shown(MISFIT))
    assert (dearer > 0).all()


def test_what_forbids_it_is_that_orders_lapse() -> None:
    """All 15,000 would earn the fee; with a tenth unpaid no show sells as many as that takes."""
    misfit = livesim.load(MISFIT)
    nothing = profit(simulated(misfit.with_changes({"products.kkw_perfume.conversion": 0})))
    all_paid = profit(simulated(misfit.with_changes({"checkout.unpaid": 0})))
    assert (profit(shown(MISFIT)) - nothing < misfit.deal.guest_fee).all()
    assert np.median(all_paid - nothing) > misfit.deal.guest_fee


def test_with_bottles_enough_some_shows_do_earn_it() -> None:
    """The twin: with more stock the fee is within reach."""
    plenty = {"products.kkw_perfume.owned": 200_000}
    misfit = simulated(livesim.load(MISFIT).with_changes(plenty))
    alone = simulated(livesim.load(ALONE).with_changes(plenty))
    assert 0.1 < (profit(misfit) > profit(alone)).mean() < 1


def test_every_variant_says_its_fee_and_its_sources() -> None:
    fees = {name: livesim.load(name).deal.guest_fee for name in (ALONE, SMALL, MISFIT)}
    assert fees == {ALONE: 0, SMALL: 80_000, MISFIT: 2_000_000}
    for name in (SMALL, MISFIT):
        sources = " ".join(livesim.load(name).sources or ())
        assert "10.1177/10949968261425234" in sources
        assert "10.1007/s11747-016-0503-8" in sources
        assert "10.1177/21582440261428773" in sources
