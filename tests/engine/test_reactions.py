"""What in a show reacts to its stock, and what follows from that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import livesim
from livesim.engine.custom import NONE, Custom
from livesim.engine.reactions import Reaction, Reactions, reactions_of
from livesim.resolve.inputs import inputs_of

COUPON = {"products.serum.coupon": {"off": "10%", "first": 20, "lift": 1.2}}
HERD = {"screen.claimed": True, "products.serum.herd": 0.5}
SCARCE = {"screen.on_hand": True, "products.mask.scarcity": {"below": 10, "multiplier": 1.5}}
PLATFORM = {"show.arrivals_when_unavailable": 0.5}
GOES_ON = {"rundown.slot_1.at_sell_out": "next"}
DUO = {"products.duo": {"price": 350, "orders_per_1000": 5, "contains": {"serum": 1, "mask": 1}}}
BEHAVES, PROCESS = Custom(behaviour=lambda screen: 0.0), Custom(processes=(print,))  # type: ignore[arg-type]


def reactions(changes: dict[str, Any], custom: Custom = NONE) -> Reactions:
    sells = ["serum", "lip_tint", "mask", *(["duo"] if "products.duo" in changes else [])]
    room = {"show.length": "20min", "rundown": {"slot_1": {"length": "20min", "sells": sells}}}
    scenario = livesim.load("scenarios/brand_room.yaml", room | changes)
    return reactions_of(inputs_of(scenario), custom)


@pytest.mark.parametrize(
    ("changes", "word", "keys"),
    [
        ({}, "nothing", ()),
        ({"products.serum.herd": 0.5}, "nothing", ()),  # which no screen shows
        (DUO, "orders", ()),
        (GOES_ON, "slots", ()),
        (GOES_ON | DUO, "slots", ()),
        (COUPON, "viewers", ("products.serum.coupon.lift",)),
        (COUPON | GOES_ON, "viewers", ("products.serum.coupon.lift",)),
        (HERD | DUO, "viewers", ("products.serum.herd",)),
        (SCARCE, "viewers", ("products.mask.scarcity",)),
        (PLATFORM, "viewers", ("show.arrivals_when_unavailable",)),
        (
            COUPON | HERD | GOES_ON,
            "viewers",
            ("products.serum.coupon.lift", "products.serum.herd"),
        ),
    ],
)
def test_what_reacts(changes: dict[str, Any], word: Reaction, keys: tuple[str, ...]) -> None:
    found = reactions(changes)
    assert (found.word, found.keys) == (word, keys)
    assert found.any == (word != "nothing")
    assert found.one_recording == (word in ("nothing", "orders"))
    assert found.orders_alone == (word == "orders")
    assert found.simulated_apart == (word == "viewers" and changes is not COUPON)
    assert found.own_pace == (changes is GOES_ON)


def test_code_of_a_users_own_reacts_if_it_can_see_the_stock() -> None:
    assert reactions({}, PROCESS).viewers
    assert not reactions({}, BEHAVES).any
    assert reactions({"screen.on_hand": True}, BEHAVES).viewers
    for custom in (BEHAVES, PROCESS):
        assert reactions(COUPON, custom).simulated_apart
        assert not reactions(GOES_ON, custom).own_pace


def test_a_saved_plan_tells_what_its_show_and_its_word_say() -> None:
    for changes in ({}, DUO, GOES_ON, COUPON, HERD | DUO):
        seen = reactions(changes)
        assert seen.as_saved(seen.word) == seen
    goes_on = reactions(GOES_ON | DUO)
    assert goes_on.as_saved("orders") == replace(goes_on, slots=())  # they never did
    assert reactions({}).as_saved("viewers") == reactions({}, PROCESS)
