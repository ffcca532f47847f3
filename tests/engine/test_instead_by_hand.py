"""A late guest whose slot lets others move forward: each slot and unit by a hand-worked ledger.

One viewer orders one unit of what is on offer every 5 s, so that a slot of 1 min wants 12. Kim is
announced for 1 min after the start, and her slot of 2 min wants 24 serums, of which there are 20;
of creams there are 8, of masks plenty. Masks (1 min) and creams (1 min) move forward for her, whole
and one after the other; the goodbye (1 min) sells masks once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from lived_shows import Lived

from livesim.engine.show.show import Show
from livesim.scenario.scenario import Scenario

SHOW = """
show: {{refresh: 5s}}
people: {{kim: {{role: guest, pull: 1, lift: 1, late: {late}}}}}
products:
  serum: {{owned: 20}}
  mask: {{price: 50, unit_cost: 20, conversion: 10%, owned: 100, rush: 30s, quantity: {{1: 100%}}}}
  cream: {{price: 30, unit_cost: 10, conversion: 10%, owned: 8, rush: 30s, quantity: {{1: 100%}}}}
rundown:
  warm_up: {{length: 1min, on_stage: [host]}}
  kim: {{length: 2min, on_stage: [kim], sells: [serum], waits_for: kim, {how}}}
  masks: {{length: 1min, on_stage: [host], sells: [mask]}}
  creams: {{length: 1min, on_stage: [host], sells: [cream]}}
  goodbye: {{length: 1min, on_stage: [host], sells: [mask]}}
"""
MOVES = "instead: [masks, creams]"
#: Wanted, sold and lost of serum, mask and cream, and the value of what is sold.
ALL_SLOTS = {"serum": (24, 20, 4), "mask": (24, 24, 0), "cream": (12, 8, 4)}
VALUE = 20 * 100 + 24 * 50 + 8 * 30
Ledger = dict[str, tuple[int, int, int]]
#: How kim's slot waits, and how late she is → when kim, masks, creams and goodbye start [s], the
#: ledger and the value.
#:
#: | case                  | kim there | masks   | creams  | kim's slot | goodbye |
#: |-----------------------|-----------|---------|---------|------------|---------|
#: | in time               | 60        | 180–240 | 240–300 | 60–180     | 300–360 |
#: | while masks are shown | 90        | 60–120  | 240–300 | 120–240    | 300–360 |
#: | while creams are      | 150       | 60–120  | 120–180 | 180–300    | 300–360 |
#: | after both            | 360       | 60–120  | 120–180 | 360–480    | 480–540 |
#: | nobody waits so long  | 360       | 60–120  | 120–180 | 180–300    | 300–360 |
#: | after the show        | 840       | 60–120  | 120–180 | never      | never   |
#: | and not at all        | never     | 180–240 | 240–300 | 60–180     | 300–360 |
BY_HAND: dict[str, tuple[str, str, list[float], Ledger, int]] = {
    "in time": (MOVES, "0s", [60, 180, 240, 300], ALL_SLOTS, VALUE),
    "while masks are shown": (MOVES, "30s", [120, 60, 240, 300], ALL_SLOTS, VALUE),
    "while creams are": (MOVES, "90s", [180, 60, 120, 300], ALL_SLOTS, VALUE),
    "after both": (MOVES, "5min", [360, 60, 120, 480], ALL_SLOTS, VALUE),
    "nobody waits so long": (
        f"{MOVES}, longest_wait: 2min",
        *("5min", [180, 60, 120, 300], ALL_SLOTS, VALUE),
    ),
    "after the show": (
        MOVES,
        *("13min", [math.inf, 60, 120, math.inf]),
        {"serum": (0, 0, 0), "mask": (12, 12, 0), "cream": (12, 8, 4)},
        12 * 50 + 8 * 30,
    ),
    "and not at all": (MOVES, "0s, no_show: 100%", [60, 180, 240, 300], ALL_SLOTS, VALUE),
}


@pytest.fixture
def by_hand(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> Callable[[str], None]:
    """Hold a case against its ledger."""

    def hold(case: str) -> None:
        how, late, starts, ledger, value = BY_HAND[case]
        lived = scripted(show_of(SHOW.format(how=how, late=late)))
        assert lived.stage.slot_started_at[0].tolist() == [0, *starts]
        for number, (name, (wanted, sold, lost)) in enumerate(ledger.items()):
            found = [lived.figure(of, number)[0] for of in ("demand", "sales", "lost", "on_hand")]
            owned = {"serum": 20, "mask": 100, "cream": 8}[name]
            assert found == [wanted, sold, lost, owned - sold], name
        assert sum(lived.figure("gmv", number)[0] for number in range(3)) == value

    return hold


@pytest.mark.parametrize("case", BY_HAND)
def test_what_moves_forward_by_hand(case: str, by_hand: Callable[[str], None]) -> None:
    by_hand(case)


#: A wrong show → the case that must see it, what it breaks, and how.
MUTANTS: dict[str, tuple[str, str, Callable[..., object]]] = {
    "all move, whoever has come": ("while masks are shown", "is_awaited", lambda *_: True),
    "nothing moves forward": ("while creams are", "is_awaited", lambda *_: False),
    "who does not come is waited for": ("and not at all", "is_awaited", lambda *_: True),
    "what has moved is shown again": ("after both", "has_begun", lambda *_: False),
    "the wait is from the start on": ("nobody waits so long", "could_start", lambda *_: 0.0),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_show_is_caught(
    mutant: str, by_hand: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, broken, wrong = MUTANTS[mutant]
    monkeypatch.setattr(Show, broken, wrong)
    with pytest.raises(AssertionError):
        by_hand(case)
