"""What the two campaigns of the same money must show: samples to many, and a fee to one.

Everything is on common random numbers, and compared replication by replication as in
``test_scenarios.py``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.resolve.terms import campaign_cost
from livesim.results import Result
from livesim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow

KOC, CELEBRITY = "seeding_koc", "seeding_celebrity"
REPLICATIONS, SEED = 100, 5


@cache
def shown(*tiers: str, owned: int = 4_000) -> Result:
    """Simulate the show after a campaign of these tiers."""
    koc, celebrity = livesim.load(KOC), livesim.load(CELEBRITY)
    data = koc.to_data()
    known = {**data["campaign"]["tiers"], **celebrity.to_data()["campaign"]["tiers"]}
    data["campaign"]["tiers"] = {name: known[name] for name in tiers}
    if not tiers:
        del data["campaign"]
    data["products"]["hair_dryer"]["owned"] = owned
    scenario = Scenario.from_data(data)
    return livesim.simulate(scenario, replications=REPLICATIONS, seed=SEED, workers=1)


def wanted(result: Result) -> np.ndarray[Any, Any]:
    return result.products["demand"].to_numpy(dtype=float)


def viewers(result: Result) -> np.ndarray[Any, Any]:
    return result.shows["unique_viewers"].to_numpy(dtype=float)


def profit(result: Result) -> np.ndarray[Any, Any]:
    return result.shows["profit"].to_numpy(dtype=float)


def clearly_above_zero(differences: np.ndarray[Any, Any]) -> bool:
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() > 4 * error)


def test_only_the_campaign_is_another_and_costs_the_same() -> None:
    koc, celebrity = livesim.load(KOC), livesim.load(CELEBRITY)
    told = {"title", "about", "sources", "campaign", "expect"}
    for name in set(type(koc).model_fields) - told:
        assert getattr(koc, name) == getattr(celebrity, name)
    assert koc.campaign is not None and celebrity.campaign is not None
    assert koc.campaign.length == celebrity.campaign.length
    assert koc.campaign.word_of_mouth == celebrity.campaign.word_of_mouth
    assert campaign_cost(koc) == campaign_cost(celebrity) == 53_000


@pytest.mark.parametrize(("tier", "low", "high"), [("koc", 0.2, 0.4), ("celebrity", 0.25, 0.45)])
def test_as_many_have_heard_as_the_file_expects(tier: str, low: float, high: float) -> None:
    assert low <= shown(tier).campaign["aware"].median() <= high


def test_the_celebrity_is_reach_and_the_small_are_conversion() -> None:
    """Could have failed: with no more trust than the celebrity, the small ones sell less."""
    small, big = shown("koc"), shown("celebrity")
    assert clearly_above_zero(np.log(viewers(big)) - np.log(viewers(small)))
    assert clearly_above_zero(np.log(wanted(small)) - np.log(wanted(big)))
    untrusted = livesim.load(KOC, {"campaign.tiers.koc.trust": 1})
    known = livesim.simulate(untrusted, replications=REPLICATIONS, seed=SEED, workers=1)
    assert clearly_above_zero(np.log(wanted(big)) - np.log(wanted(known)))


def test_small_and_big_together_do_less_than_the_sum() -> None:
    """They find the same people; nothing else in the model makes it so."""
    none, small, big, both = (shown(*tiers) for tiers in ((), ("koc",), ("celebrity",), TWO))
    for figure in (viewers, wanted):
        missing = figure(small) + figure(big) - figure(none) - figure(both)
        assert clearly_above_zero(missing)
        assert clearly_above_zero(figure(both) - figure(small))


TWO = ("koc", "celebrity")


def test_it_pays_where_there_are_units_to_sell_and_not_with_so_few() -> None:
    """The campaign takes a quarter of the stock, and brings buyers for more than is left."""
    assert clearly_above_zero(profit(shown(owned=2_000)) - profit(shown("koc", owned=2_000)))
    few, plenty = (
        (profit(shown("koc", owned=n)) - profit(shown(owned=n))).mean() for n in (2_000, 20_000)
    )
    assert plenty > few + 20_000
