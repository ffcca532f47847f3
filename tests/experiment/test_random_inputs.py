"""What is drawn once a replication: by path, stratified, and shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livesim.experiment import random_inputs
from livesim.experiment.random_inputs import drawn_block, drawn_kinds
from livesim.randomness import BATCH, BLOCK
from livesim.resolve import alternatives, load
from livesim.resolve.drawn import no_show_path
from livesim.scenario.scenario import Scenario

LIKELY = {"p10": "0.5%", "likely": "1%", "p90": "4%"}

#: What nobody knows of when a segment comes.
COMING = ("arrivals.middle", "arrivals.spread", "waiting")


@pytest.fixture(scope="module")
def uncertain(brand_room: Scenario) -> Scenario:
    changes = {
        "products.serum.conversion": LIKELY,
        "products.mask.conversion": LIKELY,
        "people.host.no_show": "10%",
    }
    return brand_room.with_changes(changes)


def test_every_uncertain_quantity_is_drawn_once_a_replication(uncertain: Scenario) -> None:
    drawn = drawn_block(uncertain, seed=1, block=0)
    assert {path: values.shape for path, values in drawn.items()} == {
        "show.appeal": (BLOCK,),
        "show.turnout_factor": (BLOCK,),
        **{f"products.{name}.appeal": (BLOCK,) for name in uncertain.products},
        **{f"segments.everyone.{key}": (BLOCK,) for key in COMING},
        "products.serum.conversion": (BLOCK,),
        "products.mask.conversion": (BLOCK,),
        "people.host.no_show": (BLOCK,),
    }


def test_one_more_uncertain_quantity_moves_no_other_draw(
    brand_room: Scenario, uncertain: Scenario
) -> None:
    few, more = drawn_block(brand_room, 1, 3), drawn_block(uncertain, 1, 3)
    assert len(few) < len(more)
    for path, values in few.items():
        np.testing.assert_array_equal(values, more[path])


def test_the_place_in_the_file_does_not_matter(uncertain: Scenario) -> None:
    data = uncertain.to_data()
    data["products"] = dict(reversed(data["products"].items()))
    turned = drawn_block(Scenario.from_data(data), 1, 0)
    for path, values in drawn_block(uncertain, 1, 0).items():
        np.testing.assert_array_equal(values, turned[path])


def test_equal_quantities_have_luck_of_their_own(uncertain: Scenario) -> None:
    drawn = drawn_block(uncertain, seed=1, block=0)
    together = np.corrcoef(drawn["products.serum.conversion"], drawn["products.mask.conversion"])
    assert abs(together[0, 1]) < 0.35  # 5.5 standard deviations of what 250 draws show by chance


def test_a_batch_has_a_draw_in_every_fiftieth(uncertain: Scenario) -> None:
    """Of each batch exactly five lie below the 10th percentile and twenty-five below the median."""
    for block in (0, 1):
        drawn = drawn_block(uncertain, 1, block)
        conversion = drawn["products.serum.conversion"].reshape(-1, BATCH)
        assert ((conversion < 0.005).sum(axis=1) == 5).all()
        assert ((conversion < 0.01).sum(axis=1) == 25).all()
        assert ((conversion > 0.04).sum(axis=1) == 5).all()


def test_the_share_who_do_not_come_is_exact_in_every_batch(uncertain: Scenario) -> None:
    absent = drawn_block(uncertain, 1, 0)[no_show_path("host")].reshape(-1, BATCH)
    assert (absent.sum(axis=1) == 5).all()
    assert set(np.unique(absent)) == {0.0, 1.0}
    never = uncertain.with_changes({"people.host.no_show": "100%"})
    assert drawn_block(never, 1, 0)[no_show_path("host")].all()


def test_seeds_and_blocks_differ_and_repeat(uncertain: Scenario) -> None:
    appeal = {
        (seed, block): drawn_block(uncertain, seed, block)["show.appeal"] for seed, block in KEYS
    }
    again = drawn_block(uncertain, 1, 0)["show.appeal"]
    np.testing.assert_array_equal(appeal[1, 0], again)
    assert len({tuple(values) for values in appeal.values()}) == len(KEYS)


KEYS = [(1, 0), (1, 1), (2, 0), (0, 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "replications", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in (50, 249))]
)
def test_a_short_block_has_the_first_draws_of_the_whole_one(
    uncertain: Scenario, scenarios: Path, replications: int
) -> None:
    few = load(scenarios / "seeding_koc.yaml", {"campaign.tiers.koc.reviewers": 20})
    for scenario in (uncertain, few):
        whole, short = drawn_block(scenario, 1, 2), drawn_block(scenario, 1, 2, replications)
        assert list(whole) == list(short)
        for path, values in whole.items():
            # A sum over a single column is rounded in another order.
            np.testing.assert_allclose(short[path], values[:replications], rtol=1e-14)


def test_what_is_given_is_not_drawn(uncertain: Scenario) -> None:
    given = {"show.appeal": np.array([0.5, 2.0])}
    known, drawn = drawn_block(uncertain, 1, 0, 2, given), drawn_block(uncertain, 1, 0, 2)
    assert list(known) == list(drawn)
    for path, values in drawn.items():
        np.testing.assert_array_equal(known[path], given.get(path, values))


def test_a_campaign_that_is_given_as_a_whole_does_not_take_place(
    scenarios: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load(scenarios / "seeding_koc.yaml")
    drawn = drawn_block(scenario, 1, 0, 3)

    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(random_inputs, "simulate_campaign", refused)
    again = drawn_block(scenario, 9, 0, 3, drawn)
    for path, values in drawn.items():
        np.testing.assert_array_equal(values, again[path])
    with pytest.raises(AssertionError):
        drawn_block(scenario, 9, 0, 3)


@pytest.mark.slow
def test_everything_that_is_drawn_has_a_kind_that_allows_it(scenarios: Path) -> None:
    for file in scenarios.glob("*.yaml"):
        if alternatives(file):
            continue
        scenario = load(file)
        kinds, drawn = drawn_kinds(scenario), drawn_block(scenario, 1, 0, 5)
        assert list(kinds) == list(drawn)
        for path, values in drawn.items():
            assert all(map(kinds[path].allows, values.tolist())), path
