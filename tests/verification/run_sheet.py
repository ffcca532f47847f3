"""The show's logic against what its run sheet says must happen, replication by replication.

Both engines share the show's processes and what the screen shows. Nothing of that is luck: who is
late, and when a product is sold out, decides what happens when, and the screen decides the rates.
"""

from __future__ import annotations

import numpy as np
import pytest
from checks import check
from numpy.typing import NDArray
from shows import SHOWS

import livesim.engine.recorder
from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.outcome import Outcome
from livesim.model.rates import Rates

STEP = 5.0


def assert_same(what: str, found: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    """Fail where a replication's figure is not what it must be."""
    wrong = np.flatnonzero(~np.isclose(found, expected, rtol=1e-9))
    assert not len(wrong), (
        f"{what}: {found[wrong[0]]:g}, not {expected[wrong[0]]:g}, in replication {wrong[0]} "
        f"and {len(wrong) - 1} more"
    )


def slot_starts(outcome: Outcome) -> NDArray[np.float64]:
    """Return when each slot started [s], slots first."""
    return np.asarray(outcome.timeline["slot_starts"].T)


@check("run sheet: a slot waits for its guest, unless they do not come")
def waits_for_a_guest(seed: int) -> None:
    outcome = SHOWS["guests"].simulated("cohort", seed, 0)
    late = np.where(
        outcome.inputs["people.kim.no_show"] == 1, 0.0, outcome.inputs["people.kim.late"]
    )
    warm_up, kim, after = slot_starts(outcome)
    assert_same("the guest's slot starts", kim, 60 + late)
    assert_same("the slot before it starts", warm_up, 0 * late)
    assert_same("the slot after it starts", after, 140 + late)


@check("run sheet: who is on stage moves the rates, and nobody else does")
def who_is_on_stage(seed: int) -> None:
    """Regulars come three times as fast while the guest is there, and buy as they suit her."""
    outcome, rates = _with_rates("guests", seed)
    comes = outcome.inputs["people.kim.no_show"] == 0
    _, kim, after = slot_starts(outcome)
    for k, (regulars, fans) in enumerate(rates):
        there = comes & (kim <= k * STEP) & (k * STEP < np.minimum(after + 60, 240))
        assert_same(f"pull of regulars at {k * STEP:g} s", regulars.pull, np.where(there, 3, 1))
        assert_same(f"pull of fans at {k * STEP:g} s", fans.pull, np.ones(len(there)))
        keep = np.where(there, 3.0, 1.0)
        assert_same(f"leaving of fans at {k * STEP:g} s", fans.leave[:, 0], 1 / 20 / keep)


@check("run sheet: fixed starts and links hold")
def fixed_starts(seed: int) -> None:
    shelf = SHOWS["shelf"].simulated("cohort", seed, 0)
    for at, found in zip((0, 63, 150, 200), slot_starts(shelf), strict=True):
        assert_same("a slot starts", found, np.full(len(found), float(at)))
    link_at = SHOWS["waves"].simulated("cohort", seed, 0).products["link_at"][:, 0]
    assert_same("the link goes up", link_at, np.full(len(link_at), STEP))


@check("run sheet: a slot goes on at sell-out")
def goes_on_at_sell_out(seed: int) -> None:
    """The first look at which nothing is on hand is when the next slot starts."""
    outcome = SHOWS["sell-out"].simulated("cohort", seed, 0)
    serum, mask, tint, last = slot_starts(outcome)
    assert_same("the second slot starts", mask, _first_empty(outcome, 0, serum, serum + 100))
    assert_same("the third slot starts", tint, _first_empty(outcome, 1, mask, mask + 60))
    assert_same("the last slot starts", last, np.full(len(last), 200.0))
    assert len(np.unique(mask)) > 3, "slots go on at several moments"


def _first_empty(
    outcome: Outcome, product: int, start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the first look from a start on at which a product is empty, or the end."""
    times = outcome.timeline["times"]
    empty = (outcome.timeline["on_hand"][:, :, product] == 0) & (times >= start[:, None])
    return np.where(empty.any(axis=1), np.minimum(times[empty.argmax(axis=1)], end), end)


@check("run sheet: viewers react to the stock that the screen shows now")
def reacts_to_the_screen(seed: int) -> None:
    """Odds times (1 + claimed share)², and times 0.3 below 15 units, as they are at the look."""
    outcome, rates = _with_rates("herd", seed)
    on_hand, reserved, paid = (
        outcome.timeline[state][:, :, 0] for state in ("on_hand", "reserved", "paid")
    )
    neutral, times = np.log(2) / 20 * 0.25, outcome.timeline["times"]
    for k, (everyone,) in enumerate(rates):
        claimed = (reserved[:, k] + paid[:, k]) / 30
        few = np.where(on_hand[:, k] < 15, 0.3, 1.0)
        expected = neutral * (1 + claimed) ** 2 * few
        assert_same(f"order hazard at {times[k]:g} s", everyone.order[:, 0], expected)


def _with_rates(name: str, seed: int) -> tuple[Outcome, list[list[Rates]]]:
    """Simulate a block of a show, and write down the rates of every refresh."""
    seen: list[list[list[Rates]]] = []

    class Watched(CohortCrowd):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            seen.append([])

        def act(self, refresh: int, until: int, rates: list[Rates]) -> tuple[Attempts, Looks]:
            attempts, looks = super().act(refresh, until, rates)
            seen[-1] += [rates] * len(looks.at)
            return attempts, looks

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(livesim.engine.recorder.ENGINES, "watched", Watched)
        outcome = SHOWS[name].simulated("watched", seed, 0)
    return outcome, seen[0]
