"""Shows of one crowd have it recorded once, with the same bits as each by itself."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.engine.outcome import Outcome
from livesim.engine.tables import Totals
from livesim.experiment import simulating
from livesim.experiment.comparing import _alike
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.simulating import simulate_block, totals_alike
from livesim.scenario.scenario import Scenario

#: What differs → how many crowds there are.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "stock": ({}, {"products.serum.owned": 5, "products.mask.owned": 0}, 1),
    "the deal": ({}, {"deal.guest_fee": 500, "deal.commission": "10%"}, 1),
    "what units are worth": ({}, {"products.serum.unit_cost": 9, "products.mask.goodwill": 3}, 1),
    "a price": ({}, {"products.serum.price": 199}, 2),
    "the orders of all": ({}, {"show.appeal": 1}, 2),
    "a webshop": ({}, {"products.serum.webshop": {"per_day": 40}}, 2),
    "stock that is seen": (
        {"screen.on_hand": True, "products.serum.scarcity": {"below": 20, "multiplier": 1.5}},
        {"products.serum.owned": 5},
        2,
    ),
    "stock that a slot waits for": (
        {"rundown.serum_1.at_sell_out": "next"},
        {"products.serum.owned": 5},
        2,
    ),
}


@pytest.fixture(scope="module")
def room(scenarios: Path) -> Scenario:
    short = {"show.length": "5min", "show.refresh": "15s", "viewers": 4000}
    return livesim.load(scenarios / "brand_room.yaml", short)


def tables(outcome: Outcome | Totals) -> dict[str, Any]:
    return {
        f"{part.name}.{name}": np.asarray(column)
        for part in fields(outcome)
        for name, column in getattr(outcome, part.name).items()
    }


@pytest.mark.parametrize("what", CHANGES)
def test_a_show_beside_others_is_the_show_by_itself(
    room: Scenario, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    always, changes, crowds = CHANGES[what]
    base = room.with_changes(always) if always else room
    shows = [base, base.with_changes(changes)]
    alone = [simulate_block(show, 3, 0, replications=20) for show in shows]
    recorded: list[Any] = []
    honest = simulating.record

    def counted(*given: Any, **options: Any) -> Any:
        recorded.append(given)
        return honest(*given, **options)

    monkeypatch.setattr(simulating, "record", counted)
    together = [*totals_alike(shows, 3, 0, replications=20)]
    assert len(recorded) == crowds  # nothing is recorded for a potential that nobody asks for
    for one, other in zip(alone, together, strict=True):
        told, again = tables(one), tables(other)
        assert {"shows.profit", "products.sold_out_at", "variants.sales"} <= again.keys()
        for name, column in again.items():
            np.testing.assert_array_equal(told[name], column, err_msg=name)


def test_shows_of_one_crowd_are_one_piece_of_work_up_to_ten(room: Scenario) -> None:
    shows = {f"{fee}": room.with_changes({"deal.guest_fee": fee}) for fee in range(12)}
    shows["dearer"] = room.with_changes({"products.serum.price": 199})
    shows["own"] = room
    custom = dict.fromkeys(shows, NONE) | {"own": Custom.of([print], None)}
    groups = _alike(shows, custom)
    assert [len(group) for group in groups] == [10, 2, 1, 1]
    assert groups[2:] == [["dearer"], ["own"]]
