"""The show's logic before a scripted crowd: when each slot, person, link and unit is there."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
from lived_shows import Lived
from simpy import Event

import livesim
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.show.show import Show
from livesim.errors import ScenarioError, UsageError
from livesim.model.rates import Screen
from livesim.scenario.scenario import Scenario

#: Three slots, one product each; refresh 5 s, show 10 min.
ROTATION = """
show: {refresh: 5s}
people: {kim: {role: guest, pull: 1, lift: 1}}
products:
  serum: {owned: 20}
  cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 1_000, returns: 0%, rush: 30s}
rundown:
  first: {length: 2min, on_stage: [host], sells: [serum], at_sell_out: next}
  second: {length: 2min, on_stage: [kim], sells: [cream], price: {cream: 25}}
  third: {start: 6min, length: 10min, on_stage: [host], sells: [serum, cream]}
"""


@pytest.fixture
def seen(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> Callable[..., tuple[Lived, list[Screen]]]:
    """Run a show and return the finished show with every screen that viewers saw."""

    def run(text: str, **options: Any) -> tuple[Lived, list[Screen]]:
        screens: list[Screen] = []

        def watch(screen: Screen) -> float:
            screens.append(screen)
            return 0.0

        return scripted(show_of(text), behaviour=watch, **options), screens

    return run


def starts(lived: Lived, row: int = 0) -> list[float]:
    return lived.stage.slot_started_at[row].tolist()


def when(screens: list[Screen], shown: Callable[[Screen], Any]) -> list[float]:
    """Return the moments of the screens that showed something."""
    return [screen.time for screen in screens if shown(screen)]


def span(times: list[float], refresh: float = 5.0) -> tuple[float, float]:
    """Return the first and last moment of an unbroken stretch of refreshes."""
    assert times == [times[0] + k * refresh for k in range(len(times))]
    return times[0], times[-1]


# The rundown


def test_slots_start_on_time_or_follow_on(seen: Callable) -> None:
    lived, screens = seen(ROTATION, levels=[1_000])
    assert starts(lived) == [0.0, 120.0, 360.0]
    assert span(when(screens, lambda s: s.offered[0, 0] and s.time < 300)) == (0, 115)
    assert span(when(screens, lambda s: s.offered[0, 1] and s.time < 300)) == (120, 235)
    assert span(when(screens, lambda s: s.offered[0].all())) == (360, 595)  # the show's end


def test_the_gap_shows_and_sells_nothing(seen: Callable) -> None:
    _, screens = seen(ROTATION, levels=[1_000])
    gap = [screen for screen in screens if 240 <= screen.time < 360]
    assert len(gap) == 24
    for screen in gap:
        assert not screen.offered.any()
        assert not screen.on_stage.any()


def test_a_slots_price_holds_in_the_slot_only(seen: Callable) -> None:
    _, screens = seen(ROTATION, levels=[1_000])
    assert span(when(screens, lambda s: s.price[0, 1] == 25)) == (120, 235)
    assert {screen.price[0, 1] for screen in screens} == {25.0, 50.0}
    assert {screen.price[0, 0] for screen in screens} == {100.0}


def test_orders_pay_the_price_that_the_screen_showed(seen: Callable) -> None:
    """The price rises at 62 s; who looked at 60 s orders at the old one until 65 s."""
    lived, _ = seen("""
    show: {refresh: 5s}
    products: {serum: {owned: 1_000}}
    rundown:
      cheap: {length: 62s, on_stage: [host], sells: [serum], price: {serum: 10}}
      dear: {length: 38s, on_stage: [host], sells: [serum]}
    """)
    assert lived.figure("gmv") == [13 * 10.0 + 7 * 100.0] * 3


def test_at_sell_out_following_slots_move_up_and_fixed_starts_stay(seen: Callable) -> None:
    """Two orders in 5 s: the 20 units are gone at the tenth refresh, 50 s."""
    lived, screens = seen(ROTATION, attempts=2)
    assert starts(lived) == [0.0, 50.0, 360.0]
    assert 45 < lived.ledger.sold_out_at[0, 0, 0] < 50
    assert span(when(screens, lambda s: s.offered[0, 1] and s.time < 300)) == (50, 165)
    assert not any(s.offered.any() for s in screens if 170 <= s.time < 360)


def test_a_slot_that_stays_runs_to_its_end(seen: Callable) -> None:
    lived, _ = seen(ROTATION.replace("next", "stay"), attempts=2)
    assert starts(lived) == [0.0, 120.0, 360.0]


def test_a_slot_goes_on_once_all_that_it_sells_is_sold_out(seen: Callable) -> None:
    both = """
    show: {refresh: 5s}
    products:
      serum: {owned: 4}
      cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 9, rush: 30s, quantity: {1: 100%}}
    rundown:
      both: {length: 5min, on_stage: [host], sells: [serum, cream], at_sell_out: next}
      after: {length: 1min, on_stage: [host]}
    """
    lived, _ = seen(both)
    assert starts(lived) == [0.0, 45.0]


def test_a_slot_that_sells_nothing_does_not_go_on(seen: Callable) -> None:
    quiet = """
    show: {refresh: 5s}
    rundown:
      song: {length: 2min, on_stage: [host], at_sell_out: next}
      talk: {length: 2min, on_stage: [host], sells: [serum]}
    """
    lived, _ = seen(quiet)
    assert starts(lived) == [0.0, 120.0]


def test_stock_0_is_sold_out_as_soon_as_the_link_is_up(seen: Callable) -> None:
    text = ROTATION.replace("first: {length: 2min", "first: {length: 2min, link: 30s")
    lived, _ = seen(text, levels=[0])
    assert starts(lived) == [0.0, 30.0, 360.0]


def test_the_link_goes_up_within_the_slot(seen: Callable) -> None:
    linked = """
    show: {refresh: 5s}
    rundown: {a: {start: 1min, length: 2min, link: 33s, sells: [serum], on_stage: [host]}}
    """
    lived, screens = seen(linked)
    assert lived.stage.link_at.ravel().tolist() == [93.0] * 3
    assert span(when(screens, lambda s: s.offered[0, 0])) == (95, 175)


@pytest.mark.parametrize(
    ("shelf", "undecided"),
    [
        ("0%", [0, 29]),  # 145 s is the first refresh at which viewers see the second link
        ("5%", [0, 13, 25]),  # from the shelf they can order as soon as they see that a slot starts
    ],
)
def test_a_new_slot_makes_everyone_undecided_once_they_can_order(
    shelf: str, undecided: list[int], seen: Callable
) -> None:
    text = f"""
    show: {{refresh: 5s}}
    products: {{serum: {{shelf: {shelf}}}}}
    rundown:
      sale: {{length: 62s, on_stage: [host], sells: [serum]}}
      talk: {{length: 1min, on_stage: [host]}}
      more: {{length: 1min, link: 20s, on_stage: [host], sells: [serum]}}
    """
    lived, _ = seen(text)
    assert starts(lived) == [0.0, 62.0, 122.0]
    assert [(k, rows.tolist()) for k, rows in lived.crowd.new_slots] == [
        (k, [True] * 3) for k in undecided
    ]


def test_a_link_of_a_process_in_a_talk_makes_everyone_undecided_once(
    scripted: Callable, show_of: Callable
) -> None:
    def process(show: Show) -> Generator[Event, Any, None]:
        yield show.until(90)
        show.open_link("serum")
        yield show.until(100)
        show.close_links()
        yield show.until(110)
        show.open_link("serum")

    text = """
    show: {refresh: 5s}
    rundown:
      sale: {length: 1min, on_stage: [host], sells: [serum]}
      talk: {length: 1min, on_stage: [host]}
    """
    lived = scripted(show_of(text), processes=(process,))
    assert [k for k, _ in lived.crowd.new_slots] == [0, 18]


def test_a_slot_whose_units_have_come_back_does_not_go_on(seen: Callable) -> None:
    """Nobody pays: the ten units of the first slot are on hand again when the second starts."""
    lived, _ = seen("""
    show: {refresh: 5s}
    products: {serum: {owned: 10}}
    checkout: {unpaid: 100%, payment_timeout: 1min}
    rundown:
      first: {length: 2min, on_stage: [host], sells: [serum], at_sell_out: next}
      second: {start: 4min, length: 3min, on_stage: [host], sells: [serum], at_sell_out: next}
      talk: {length: 1min, on_stage: [host]}
    """)
    assert starts(lived) == [0.0, 240.0, 290.0]


def test_a_slot_cut_short_before_its_link_sells_nothing(seen: Callable) -> None:
    lived, _ = seen("""
    show: {refresh: 5s}
    people: {kim: {role: guest, late: 100s, pull: 1, lift: 1}}
    products: {serum: {owned: 10, waves: {all: {share: 100%, after: 0s}}, shelf: 50%}}
    rundown:
      sale: {length: 2min, on_stage: [kim], sells: [serum], waits_for: kim, link: 1min}
      talk: {start: 2min, length: 3min, on_stage: [host]}
    """)
    assert starts(lived) == [100.0, 120.0]
    assert np.isinf(lived.stage.link_at).all()
    assert lived.figure("put_on_sale") == [0] * 3


# People

LATE = """
show: {refresh: 5s}
people: {kim: {role: guest, pull: 1, lift: 1, late: 93s}}
rundown:
  warm_up: {length: 1min, on_stage: [host]}
  kim: {length: 3min, on_stage: [host, kim], sells: [serum]}
  after: {length: 1min, on_stage: [host]}
  late_show: {start: 7min, length: 1min, on_stage: [host]}
"""
KIM = 1


def test_a_slot_starts_without_a_late_guest_who_enters_later(seen: Callable) -> None:
    lived, screens = seen(LATE)
    assert starts(lived) == [0.0, 60.0, 240.0, 420.0]
    assert span(when(screens, lambda s: s.on_stage[0, KIM])) == (155, 235)  # 60 + 93 = 153 s
    assert span(when(screens, lambda s: s.offered[0, 0])) == (60, 235)


def test_a_slot_can_wait_for_a_guest(seen: Callable) -> None:
    lived, screens = seen(LATE.replace("sells: [serum]", "sells: [serum], waits_for: kim"))
    assert starts(lived) == [0.0, 153.0, 333.0, 420.0]
    assert span(when(screens, lambda s: s.on_stage[0, KIM])) == (155, 330)
    assert not any(s.on_stage.any() for s in screens if 60 <= s.time < 153)


def test_a_fixed_start_cuts_a_slot_short_and_skips_what_no_longer_fits(seen: Callable) -> None:
    text = LATE.replace("sells: [serum]", "sells: [serum], waits_for: kim").replace("93s", "200s")
    lived, screens = seen(text)
    assert starts(lived) == [0.0, 260.0, math.inf, 420.0]
    assert span(when(screens, lambda s: s.offered[0, 0])) == (260, 415)


def test_a_slot_whose_guest_comes_too_late_is_skipped(seen: Callable) -> None:
    text = LATE.replace("sells: [serum]", "sells: [serum], waits_for: kim").replace("93s", "6min")
    lived, screens = seen(text)
    assert starts(lived) == [0.0, math.inf, math.inf, 420.0]
    assert np.isinf(lived.stage.link_at).all()
    assert not any(s.offered.any() for s in screens)


# What happens in LATE while the second slot waits, by hand: warm_up ends at 60 s, kim comes at 60 +
# late, and starts are of warm_up, kim, after, late_show.
WAITS = {
    "at most 40 s": ("longest_wait: 40s", "93s", [0.0, 100.0, 280.0, 420.0]),
    "longer than needed": ("longest_wait: 3min", "93s", [0.0, 153.0, 333.0, 420.0]),
    "not at all": ("longest_wait: 0s", "93s", [0.0, 60.0, 240.0, 420.0]),
    "and makes way": ("longest_wait: 10min", "7min", [0.0, math.inf, math.inf, 420.0]),
    "after moves forward": ("instead: [after]", "93s", [0.0, 153.0, 60.0, 420.0]),
    "who is there after 30 s": ("instead: [after]", "30s", [0.0, 120.0, 60.0, 420.0]),
    "who is not late": ("instead: [after]", "0s", [0.0, 60.0, 240.0, 420.0]),
    "who never gets there": ("instead: [after]", "7min", [0.0, math.inf, 60.0, 420.0]),
    "both": ("instead: [after], longest_wait: 70s", "93s", [0.0, 130.0, 60.0, 420.0]),
}


@pytest.mark.parametrize("case", WAITS)
def test_a_wait_can_have_an_end_and_slots_move_forward(case: str, seen: Callable) -> None:
    how, late, by_hand = WAITS[case]
    text = LATE.replace("sells: [serum]", f"sells: [serum], waits_for: kim, {how}")
    lived, _ = seen(text.replace("93s", late))
    assert starts(lived) == by_hand
    if math.isfinite(by_hand[2]):
        assert lived.stage.slot_ended_at[0, 2] == by_hand[2] + 60  # a slot moves as a whole


@pytest.mark.parametrize("at", [90, 130])
def test_a_show_on_the_air_goes_on_with_what_moved_forward(at: int, show_of: Callable) -> None:
    """Kim's slot starts at 153 s, since she comes then, or at 130 s without her."""
    for how, start in (("", 153.0), (", longest_wait: 70s", 130.0)):
        waits = f"sells: [serum], waits_for: kim, instead: [after]{how}"
        scenario = show_of(LATE.replace("sells: [serum]", waits))
        state = livesim.state_at(scenario, at, replications=50)
        rest = livesim.simulate(scenario, start=state, replications=50, workers=1)
        found = rest.slots.groupby("slot", sort=False)["start"].unique()
        assert [float(one[0]) for one in found] == [0.0, start, 60.0, 420.0]
        assert all(len(one) == 1 for one in found)


def test_nothing_moves_forward_for_who_does_not_come_at_all(seen: Callable) -> None:
    text = LATE.replace("sells: [serum]", "sells: [serum], waits_for: kim, instead: [after]")
    lived, _ = seen(text.replace("late: 93s", "late: 93s, no_show: 100%"))
    assert starts(lived) == [0.0, 60.0, 240.0, 420.0]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("length: 3min", "length: 3min, longest_wait: 1min", "waits for nobody"),
        ("length: 3min", "length: 3min, instead: [after]", "waits for nobody"),
        ("length: 3min", "length: 3min, waits_for: kim, instead: [warm_up]", "not stand behind"),
        ("length: 3min", "length: 3min, waits_for: kim, instead: [late_show]", "fixed start"),
        ("length: 3min", "length: 3min, waits_for: kim, instead: [afer]", "no slot is called"),
    ],
)
def test_what_cannot_move_forward_is_refused(old: str, new: str, what: str, seen) -> None:
    with pytest.raises(ScenarioError, match=what):
        seen(LATE.replace(old, new))


@pytest.mark.parametrize("waits", ["", ", waits_for: kim"])
def test_nobody_waits_for_who_does_not_come_at_all(waits: str, seen: Callable) -> None:
    text = LATE.replace("sells: [serum]", f"sells: [serum]{waits}")
    lived, screens = seen(text.replace("late: 93s", "late: 93s, no_show: 100%"))
    assert starts(lived) == [0.0, 60.0, 240.0, 420.0]
    assert not any(s.on_stage[:, KIM].any() for s in screens)


def test_every_replication_has_its_own_late_guest(seen: Callable) -> None:
    text = LATE.replace("93s", "{uniform: [10s, 150s]}")
    text = text.replace("sells: [serum]", "sells: [serum], waits_for: kim")
    lived, screens = seen(text, replications=20)
    late = lived.inputs.late[:, KIM]
    assert len(set(late)) == 20
    assert lived.stage.slot_started_at[:, 1] == pytest.approx(60 + late)
    for row in range(20):
        first = when(screens, lambda s, row=row: s.on_stage[row, KIM])[0]
        assert first == math.ceil((60 + late[row]) / 5) * 5


# What comes on sale

WAVES = """
show: {refresh: 5s}
products:
  serum:
    owned: 100
    waves:
      w1: {share: 50%, after: 0s}
      w2: {share: 30%, after: 62s}
      w3: {share: 20%, after: 5min}
rundown:
  talk: {length: 1min, on_stage: [host]}
  sale: {length: 2min, on_stage: [host], sells: [serum], link: 30s}
  again: {length: 3min, on_stage: [host], sells: [serum]}
"""


def put_on_sale(lived: Lived, row: int = 0) -> dict[float, int]:
    """Return the units that are on sale from each moment of the timeline at which it changes."""
    timeline = lived.outcome.timeline
    total = sum(timeline[name][row, :, 0] for name in ("on_hand", "reserved", "paid"))
    steps = np.flatnonzero(np.diff(total, prepend=0))
    return {float(timeline["times"][k]): int(total[k]) for k in steps}


def test_waves_are_timed_from_the_first_link(seen: Callable) -> None:
    lived, _ = seen(WAVES, timeline_step=5.0)
    assert put_on_sale(lived) == {90.0: 50, 155.0: 80, 390.0: 100}
    assert lived.stage.link_at.ravel().tolist() == [90.0] * 3


def test_a_wave_at_0_s_is_on_hand_for_the_very_first_attempts(seen: Callable) -> None:
    lived, _ = seen(WAVES, attempts=10, timeline_step=5.0)
    assert lived.figure("lost")[0] > 0  # the second wave is too late for some
    so_far = lived.outcome.timeline["orders"][0]
    first_sold = np.flatnonzero(so_far)[0]
    assert first_sold * 5.0 == 95.0  # the acts of 90–95 s
    assert so_far[first_sold] == 10


@pytest.mark.slow
def test_a_wave_is_on_time_where_the_grid_misses_its_moment_by_a_rounding(seen: Callable) -> None:
    """2,700 · 0.7 is 1889.9999999999998 in binary: the link is up then, so is the wave."""
    lived, _ = seen("""
    show: {refresh: 0.7s, length: 35min}
    products: {serum: {owned: 1_000, waves: {all: {share: 100%, after: 0s}}}}
    rundown: {sale: {start: 1890s, length: 3min, on_stage: [host], sells: [serum]}}
    """)
    assert lived.figure("lost") == [0] * 3


RESERVE = """
show: {refresh: 5s}
products: {serum: {owned: 20, reserve: {units: 7, below: 4, lead_time: 62s}}}
"""


def test_the_reserve_is_called_once_when_few_are_left_and_comes_after_its_lead_time(
    seen: Callable,
) -> None:
    """One order in 5 s: 3 of 20 are left at 85 s; 62 s later is 147 s, seen at 150 s."""
    lived, _ = seen(RESERVE, timeline_step=5.0)
    assert put_on_sale(lived) == {0.0: 20, 150.0: 27}
    # Empty at 100 s, sold again from 150 s on, sold out for good at 185 s.
    assert lived.figure("claimed") == [27] * 3
    assert (np.floor(lived.ledger.sold_out_at / 5) == 36).all()


@pytest.mark.parametrize(("more_than", "comes"), [(7, {0.0: 20, 105.0: 27}), (8, {0.0: 20})])
def test_the_reserve_is_called_at_a_moment_if_enough_is_sold(
    seen: Callable, more_than: int, comes: dict[float, int]
) -> None:
    """One order in 5 s: 8 are sold at 40 s; 62 s later is 102 s, seen at 105 s."""
    when = f"reserve: {{units: 7, when: {{at: 40s, sold: '> {more_than}'}}, lead_time: 62s}}"
    text = RESERVE.replace("reserve: {units: 7, below: 4, lead_time: 62s}", when)
    lived, _ = seen(text, timeline_step=5.0)
    assert put_on_sale(lived) == comes


def test_a_reserve_that_is_not_needed_is_not_called(seen: Callable) -> None:
    lived, _ = seen(RESERVE, levels=[1_000])
    assert lived.figure("put_on_sale") == [1_000] * 3


def test_the_reserve_counts_waves_still_to_come_as_left(seen: Callable) -> None:
    waves = "waves: {w1: {share: 50%, after: 0s}, w2: {share: 50%, after: 4min}}"
    lived, _ = seen(RESERVE.replace("owned: 20", f"owned: 20, {waves}"), timeline_step=5.0)
    # 10 are gone at 50 s, but 10 are to come at 240 s: below 4 only 7 orders later, at 275 s.
    # The reserve is due 62 s later, at 337 s.
    assert put_on_sale(lived) == {0.0: 10, 240.0: 20, 340.0: 27}


GOES_ON = """
rundown:
  sale: {length: 8min, on_stage: [host], sells: [serum], at_sell_out: next}
  after: {length: 1min, on_stage: [host]}
"""


def test_a_slot_does_not_go_on_while_a_reserve_is_still_to_come(seen: Callable) -> None:
    lived, _ = seen(RESERVE + GOES_ON)
    assert starts(lived) == [0.0, 185.0]


@pytest.mark.parametrize(
    ("at", "more_than", "goes_on"),
    [
        ("40s", 7, 140.0),  # called, there at 105 s, and 7 orders later gone
        ("40s", 8, 100.0),  # not called: not to come when the last of 20 goes
        ("2min", 20, 120.0),  # gone at 100 s, but it might be called until 120 s
    ],
)
def test_a_slot_goes_on_once_a_reserve_can_no_longer_be_called(
    seen: Callable, at: str, more_than: int, goes_on: float
) -> None:
    when = f"when: {{at: {at}, sold: '> {more_than}'}}"
    lived, _ = seen(RESERVE.replace("below: 4", when) + GOES_ON)
    assert starts(lived) == [0.0, goes_on]
    assert (np.ceil(lived.ledger.sold_out_at / 5) * 5 == goes_on).all()


# A user's own processes


def journal(*steps: Callable[[Show], Event | None]) -> tuple[Callable, list[list[float]]]:
    """Make a process that takes its steps one after the other and notes when each was done."""
    notes: list[list[float]] = [[] for _ in range(3)]

    def process(show: Show) -> Any:
        for step in steps:
            event = step(show)
            if event is not None:
                yield event
            notes[show.row].append(show.now)
        yield show.until(0)

    return process, notes


def test_a_process_can_move_on_to_the_next_slot(seen: Callable) -> None:
    process, _ = journal(lambda show: show.until(62), lambda show: show.next_slot())
    lived, screens = seen(ROTATION, processes=(process,))
    # The second slot moves up to 62 s, and keeps its length; the third has a fixed start.
    assert starts(lived) == [0, 62, 360]
    assert span(when(screens, lambda screen: screen.offered[0, 1] and screen.time < 360)) == (
        65,
        180,
    )


def test_moving_on_before_the_link_is_up_sells_nothing(seen: Callable) -> None:
    process, _ = journal(lambda show: show.until(10), lambda show: show.next_slot())
    late_link = ROTATION.replace(
        "sells: [serum], at_sell_out", "link: 1min, sells: [serum], at_sell_out"
    )
    lived, screens = seen(late_link, processes=(process,))
    assert starts(lived)[1] == 10
    assert when(screens, lambda screen: screen.offered[0, 0] and screen.time < 360) == []


def test_who_is_there_can_arrive_again_and_nothing_happens(seen: Callable) -> None:
    process, notes = journal(lambda show: show.until(30), lambda show: show.arrive("kim"))
    lived, _ = seen(ROTATION, processes=(process,))
    assert starts(lived) == [0, 100, 360]  # the first slot goes on at sell-out
    assert notes[0] == [30, 30]


def test_a_part_that_is_released_twice_comes_at_the_earlier_time(seen: Callable) -> None:
    text = """
    show: {refresh: 5s}
    products: {serum: {owned: 100, waves: {all: {share: 100%, after: 5min}}}}
    """
    process, _ = journal(
        lambda show: show.until(10), lambda show: show.release("serum", "waves.all", after=20)
    )
    lived, _ = seen(text, processes=(process,), timeline_step=5.0)
    assert put_on_sale(lived) == {30.0: 100}


def test_what_is_no_generator_is_refused_as_a_process(seen: Callable) -> None:
    def sale(show: Show) -> None:
        show.set_price("cream", 1)

    with pytest.raises(UsageError, match="sale is not a process: it must be a generator function"):
        seen(ROTATION, processes=(sale,))


def test_commands_are_seen_at_the_next_refresh(seen: Callable) -> None:
    process, notes = journal(
        lambda show: show.until(62),
        lambda show: show.enter("kim"),
        lambda show: show.set_price("cream", 30),
        lambda show: show.until(94.9),
        lambda show: show.leave("kim"),
        lambda show: show.open_link("cream"),
        lambda show: show.until(100),
        lambda show: show.close_links(),
        lambda show: show.until(50),
    )
    _, screens = seen(ROTATION, processes=(process,), levels=[1_000])
    assert notes == [[62, 62, 62, 94.9, 94.9, 94.9, 100, 100, 100]] * 3
    before = [screen for screen in screens if screen.time < 120]
    assert span(when(before, lambda s: s.on_stage[0, KIM])) == (65, 90)
    assert span(when(before, lambda s: s.price[0, 1] == 30)) == (65, 115)
    assert span(when(before, lambda s: s.offered[0, 1])) == (95, 95)
    assert span(when(before, lambda s: s.offered[0, 0])) == (0, 95)


def test_what_is_no_wait_is_refused_where_it_is_yielded(seen: Callable) -> None:
    def waits_for_a_number(show: Show) -> Generator[object, None, None]:
        yield show.until(10)
        yield 5

    def fails(show: Show) -> Generator[Event, None, None]:
        yield show.until(10)
        raise RuntimeError("the user's own")

    with pytest.raises(UsageError, match='a process yields "5", which is nothing that it can wait'):
        seen(ROTATION, processes=(waits_for_a_number,))
    with pytest.raises(RuntimeError, match="the user's own"):
        seen(ROTATION, processes=(fails,))


def test_processes_wait_for_what_happens(seen: Callable) -> None:
    """One order in 5 s from the start on: the n-th is settled at 5 n s."""
    process, notes = journal(
        lambda show: show.link("serum"),
        lambda show: show.below("serum", 18),
        lambda show: show.below("serum", 18),
        lambda show: show.sold_out("serum"),
        lambda show: show.sold_out("serum"),
        lambda show: show.arrival("kim"),
        lambda show: show.link("cream"),
        lambda show: show.reaches("watching", 1_000),
        lambda show: show.reaches("viewers", 1_000),
    )
    text = ROTATION.replace("lift: 1}", "lift: 1, late: 23s}")
    lived, _ = seen(text, processes=(process,))
    assert starts(lived) == [0.0, 100.0, 360.0]
    # Kim arrives at a moment of her own; what is counted is looked at once a refresh.
    assert notes == [[0, 15, 15, 100, 100, 143, 143, 145, 145]] * 3


def test_the_orders_just_settled_count(seen: Callable) -> None:
    process, notes = journal(lambda show: show.reaches("orders", 2))
    seen(ROTATION, processes=(process,))
    assert notes == [[10]] * 3


def test_arrival_of_someone_who_does_not_come_is_no_wait(seen: Callable) -> None:
    process, notes = journal(lambda show: show.until(40), lambda show: show.arrival("kim"))
    seen(LATE.replace("late: 93s", "late: 93s, no_show: 100%"), processes=(process,))
    assert notes == [[40, 40]] * 3


def test_a_process_can_put_a_part_of_the_stock_on_sale(seen: Callable) -> None:
    process, _ = journal(
        lambda show: show.until(20),
        lambda show: show.release("serum", "waves.w3"),
        lambda show: show.release("serum", "waves.w2", after=13),
    )
    lived, _ = seen(WAVES, processes=(process,), timeline_step=5.0)
    assert put_on_sale(lived) == {20.0: 20, 35.0: 50, 90.0: 100}


@pytest.mark.parametrize("time", [70, 120])
def test_a_price_set_by_a_process_outlasts_the_slot(time: float, seen: Callable) -> None:
    process, _ = journal(lambda show: show.until(time), lambda show: show.set_price("serum", 50))
    _, screens = seen(ROTATION, processes=(process,), levels=[1_000])
    assert span(when(screens, lambda s: s.price[0, 0] == 50)) == (time, 595)


def test_a_process_knows_its_show(seen: Callable) -> None:
    told: dict[int, tuple[float, str]] = {}

    def process(show: Show) -> Any:
        assert show.screen is None
        yield show.until(12)
        assert show.screen is not None
        assert show.late("host") == 0
        told[show.row] = (show.screen.time, show.scenario.title)

    seen(ROTATION, processes=(process,))
    assert told == dict.fromkeys(range(3), (10.0, "A show without noise"))


def test_a_process_asks_for_figures_whatever_the_screen_shows(seen: Callable) -> None:
    told: list[tuple[int, ...]] = []

    def process(show: Show) -> Any:
        assert (show.viewers, show.watching, show.orders) == (0, 0, 0) or show.viewers > 0
        assert show.on_hand("serum") >= 0
        for time in (12, 300):
            yield show.until(time)
            figures = (show.on_hand("serum"), show.viewers, show.watching, show.orders)
            assert all(type(figure) is int for figure in figures)
            told.append(figures)

    seen(ROTATION, processes=(process,), levels=[1_000])
    assert all(0 < on_hand <= 1_000 for on_hand, *_ in told)
    with pytest.raises(UsageError, match="no product is called serun"):
        seen(ROTATION, processes=(journal(lambda show: show.on_hand("serun"))[0],))


def test_a_process_is_told_that_stock_is_unlimited_where_it_is(seen: Callable) -> None:
    """In the simulation of what would be wanted: any number would be taken for one of units."""
    told: list[float] = []

    def process(show: Show) -> Any:
        yield show.until(300)
        told.append(show.on_hand("serum"))

    seen(ROTATION, processes=(process,), levels=[UNLIMITED])
    assert set(told) == {math.inf}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda show: show.enter("kimm"), "no person is called kimm.*Did you mean kim?"),
        (lambda show: show.leave("bob"), "no person is called bob; known: host, kim"),
        (lambda show: show.arrival("kin"), "no person is called kin.*Did you mean kim?"),
        (lambda show: show.late("kin"), "no person is called kin"),
        (lambda show: show.link("creme"), "no product is called creme.*Did you mean cream?"),
        (lambda show: show.open_link("x"), "no product is called x; known: serum, cream"),
        (lambda show: show.sold_out("x"), "no product is called x"),
        (lambda show: show.below("x", 3), "no product is called x"),
        (lambda show: show.set_price("x", 3), "no product is called x"),
        (lambda show: show.set_price("cream", 0), "a price must be a number above 0, not 0"),
        (lambda show: show.set_price("cream", "9"), "a price must be a number above 0, not '9'"),
        (lambda show: show.until(float("nan")), "a process waits until nan"),
        (lambda show: show.set_price("cream", math.nan), "a price must be a number above 0"),
        (lambda show: show.reaches("order", 3), "no counter called order.*Did you mean orders?"),
        (lambda show: show.release("cream", "waves.w9"), "no part called waves.w9"),
        (lambda show: show.release("creme", "reserve"), "no product is called creme"),
        (lambda show: show.start_slot("frist"), "no slot is called frist"),
    ],
)
def test_a_wrong_name_is_told_with_the_known_ones(
    step: Callable, message: str, seen: Callable
) -> None:
    process, _ = journal(lambda show: show.until(30), step)
    with pytest.raises(UsageError, match=message):
        seen(ROTATION, processes=(process,))


# The clock


@pytest.mark.parametrize("time", [0, 4.999, 5, 5.001, 599.9, 600])
def test_no_moment_of_the_show_is_lost(time: float, seen: Callable) -> None:
    process, notes = journal(lambda show: show.until(time), lambda show: show.enter("kim"))
    _, screens = seen(ROTATION, processes=(process,), levels=[1_000])
    assert notes == [[time, time]] * 3
    seen_from = [*when(screens, lambda s: s.on_stage[0, KIM]), 600.0][0]
    assert seen_from == min(math.ceil(time / 5) * 5, 120.0 if time > 120 else math.inf)


def test_nothing_happens_after_the_end(seen: Callable) -> None:
    process, notes = journal(lambda show: show.until(600.1))
    seen(ROTATION, processes=(process,))
    assert notes == [[], [], []]


@pytest.mark.slow
def test_1_200_steps_of_a_tenth_lose_no_event(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    """Every full second something is due exactly at a refresh, although k · 0.1 is not exact."""
    late: list[float] = []

    def process(show: Show) -> Any:
        for second in range(1, 121):
            yield show.until(second)
            screen = show.screen
            assert screen is not None
            late.append(second - screen.time)
            show.set_price("serum", 100 + second % 2)

    long = show_of("""
    show: {length: 2min, refresh: 0.1s}
    rundown: {all: {length: 2min, on_stage: [host], sells: [serum]}}
    """)
    lived = scripted(long, replications=1, processes=(process,))
    assert len(lived.crowd.order) == 1_200
    assert len(late) == 120
    # What a process reads is the screen of the last price change, one second (ten refreshes) ago.
    assert np.allclose(late[1:], 1.0)


def test_slots_at_fractions_of_a_refresh_add_up(seen: Callable) -> None:
    text = "show: {length: 14s, refresh: 0.7s}\nrundown:\n" + "\n".join(
        f"  s{n}: {{length: 0.7s, on_stage: [host], sells: [serum]}}" for n in range(20)
    )
    lived, _ = seen(text)
    assert starts(lived) == pytest.approx([0.7 * n for n in range(20)])
    assert [k for k, _ in lived.crowd.new_slots] == list(range(20))
