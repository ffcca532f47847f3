"""In a lull viewers look less often; nothing else of the show is any different."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from lived_shows import Lived

from livesim.engine import lockstep
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.custom import Custom
from livesim.engine.ledger.stock_over_time import on_straight_lines
from livesim.engine.lockstep import Lockstep
from livesim.engine.recorder import ENGINES
from livesim.engine.show.quiet_times import Lulls
from livesim.engine.show.show import Process, Show, alike
from livesim.engine.streams import Streams
from livesim.experiment.random_inputs import drawn_block
from livesim.model.arrivals import arrival_chance, lull_chances
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

ROWS, SEED = 20, 5

#: A sale of a minute, a gap, a sale of a minute, and talk to the end.
SALES = """
show: {length: 20min, refresh: 2s}
segments:
  everyone: {reach: 2_000, stay: {a: {share: 50%, mean: 20s}, b: {share: 50%, mean: 5min}}}
rundown:
  first: {length: 1min, on_stage: [host], sells: [serum]}
  second: {start: 8min, length: 1min, on_stage: [host], sells: [serum]}
  talk: {length: 11min, on_stage: [host]}
"""

#: What still moves stock while nothing is on offer: a queue, lapses, a wave, the reserve.
MOVING = """
products:
  serum:
    owned: 60
    quantity: {1: 70%, 2: 30%}
    waves: {w1: {share: 60%, after: 0s}, w2: {share: 40%, after: 150s}}
    reserve: {units: 30, below: 15, lead_time: 95s}
    backorder: {accept: 60%, units: 40}
checkout: {unpaid: 40%, payment_timeout: 65s, capacity: 0.5}
"""


class Buyers:
    """A crowd of which three try to order in every refresh, on average, whoever comes."""

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        shape = (len(inputs.segments), inputs.replications)
        self.watching = self.viewers = np.full(shape, 100)
        self.concurrent = self.watching[0]
        self.lulls: list[tuple[int, int]] = []

    def start_slot(self, rows: np.ndarray) -> None:
        """Nobody minds."""

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        tried = np.random.default_rng(refresh).poisson(3.0 * (rates[0].order > 0))
        return Attempts.of(tried, refresh + 1), Looks.of(self, refresh + 1)

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        self.lulls.append((refresh, until))
        return Looks.of(self, until)


def run(scenario: Scenario, crowd: Callable[..., Any] = Buyers, **own: Any) -> Lived:
    drawn = {path: values[:ROWS] for path, values in drawn_block(scenario, SEED, 0).items()}
    inputs, streams = inputs_of(scenario, drawn, ROWS), Streams(SEED, 0)
    show = Lockstep(inputs, streams, inputs.owned, crowd(inputs, streams), custom=Custom(**own))
    return Lived(show, show.run(), streams, inputs.owned[:, None], timeline_step=2.0)


@pytest.fixture
def no_lulls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let viewers look at every refresh, whatever is on offer."""
    monkeypatch.setattr(Lulls, "next_look", lambda self, refresh, *args: refresh + 1)


def refreshes(lived: Lived) -> list[int]:
    return [round(look / 2.0) for look in lived.recording.audience.looks]


# When viewers look ----------------------------------------------------------------------------


def test_looks_lie_close_after_a_change_and_then_twice_as_far(
    show_of: Callable[..., Scenario],
) -> None:
    """A timeline of 600 refreshes has a moment every 6: gaps of 1, 1, 2, and then 6 at most."""
    looks = refreshes(run(show_of(SALES)))
    assert looks[:31] == list(range(31)), "the sale"
    assert looks[31:37] == [31, 32, 34, 36, 42, 48], "the gap"
    assert looks[looks.index(234) :][:32] == [234, *range(240, 271)], "the second sale"
    assert looks[-2:] == [594, 600]


@pytest.mark.slow
def test_a_lull_ends_when_somebody_comes(show_of: Callable[..., Scenario]) -> None:
    """Of the guest who comes at 501 s viewers know at 502 s; then they look closely for a while."""
    scenario = show_of("""
        show: {length: 20min, refresh: 2s}
        people: {kim: {role: guest, late: 501s}}
        rundown:
          kim: {length: 15min, on_stage: [host, kim]}
          sale: {length: 5min, on_stage: [host], sells: [serum]}
    """)
    looks = refreshes(run(scenario))
    assert looks[looks.index(246) :][:5] == [246, 251, 252, 253, 255]


def _waits_long(show: Show) -> Process:
    yield show.until(1_100)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("segments: {everyone: {word_of_mouth: 0.001}}", {}),
        ("segments: {everyone: {recommendation: 0.1}}", {}),
        ("screen: {claimed: true}", {}),
        ("screen: {on_hand: true}", {}),
        ("", {"behaviour": lambda screen: 0.0}),
        ("", {"processes": (_waits_long,)}),
    ],
)
def test_where_something_may_change_at_any_refresh_there_is_no_lull(
    show_of: Callable[..., Scenario], text: str, options: dict[str, object]
) -> None:
    scenario = show_of(merged_text(SALES, text))
    assert len(refreshes(run(scenario, **options))) == 601
    assert len(refreshes(run(show_of(SALES)))) < 200


def merged_text(text: str, more: str) -> str:
    """Put a further section, or a further field of everyone, into a text."""
    if more.startswith("segments"):
        field = more.removeprefix("segments: {everyone: {").removesuffix("}}")
        return text.replace("{reach: 2_000,", f"{{reach: 2_000, {field},")
    return f"{text}\n{more}\n"


def test_while_the_shelf_sells_there_is_no_lull(show_of: Callable[..., Scenario]) -> None:
    looks = refreshes(run(show_of(SALES + "\nproducts: {serum: {shelf: 5%}}")))
    assert len(looks) == 601


def test_while_a_link_is_up_in_any_show_there_is_no_lull(
    show_of: Callable[..., Scenario],
) -> None:
    """The guest whom the slot waits for comes at 20 different moments."""
    scenario = show_of(
        "show: {length: 20min, refresh: 2s}\n"
        "people: {kim: {role: guest, late: {p10: 1min, likely: 3min, p90: 6min}}}\n"
        "rundown:\n  talk: {length: 5min, on_stage: [host]}\n"
        "  kim: {length: 8min, on_stage: [kim], sells: [serum], waits_for: kim}"
    )
    lived = run(scenario)
    starts = lived.recording.slots.started_at[:, 1]
    ends = starts.max() + 480
    sold = [k for k in range(600) if starts.min() <= 2 * k < min(ends, 1_200)]
    assert np.unique(starts).size > 10 and set(sold) <= set(refreshes(lived))


# What goes on in a lull -----------------------------------------------------------------------


def tables(lived: Lived) -> Iterator[tuple[str, np.ndarray]]:
    """Yield everything that the stock came to, moment by moment and at the end."""
    for name in ("on_hand", "reserved", "paid", "orders"):
        yield name, lived.outcome.timeline[name]
    yield from lived.outcome.products.items()
    yield from lived.outcome.variants.items()


@pytest.mark.parametrize("owned", [10, 60, 400])
def test_the_account_goes_on_in_a_lull_bit_for_bit(
    show_of: Callable[..., Scenario], owned: int, request: pytest.FixtureRequest
) -> None:
    scenario = show_of(SALES + MOVING).with_changes({"products.serum.owned": owned})
    with_lulls = run(scenario)
    assert with_lulls.crowd.lulls
    timeline = with_lulls.outcome.timeline
    orders, on_hand = timeline["orders"][:, 40:200], timeline["on_hand"][:, 40:200]
    assert (np.diff(orders, axis=1) > 0).any(), "the queue goes on when the link is down"
    assert (np.diff(on_hand, axis=1) != 0).any(), "stock moves in the lull"
    request.getfixturevalue("no_lulls")
    without = run(scenario)
    assert not without.crowd.lulls
    for (name, mine), (_, yours) in zip(tables(with_lulls), tables(without), strict=True):
        np.testing.assert_array_equal(mine, yours, err_msg=name)


@pytest.mark.slow
def test_both_engines_look_at_the_same_moments(show_of: Callable[..., Scenario]) -> None:
    scenario = show_of(SALES).with_changes({"segments.everyone.reach": 200})
    cohort, agent = (
        run(scenario, ENGINES[name]).recording.audience for name in ("cohort", "agent")
    )
    np.testing.assert_array_equal(cohort.looks, agent.looks)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["cohort", "agent"])
def test_watch_time_is_the_area_under_the_looks(
    show_of: Callable[..., Scenario], engine: str
) -> None:
    everyone = {"segments.everyone.reach": 400, "segments.everyone.waiting": 0}
    scenario = show_of(SALES).with_changes(everyone)
    lived = run(scenario, ENGINES[engine])
    audience, room = lived.recording.audience, lived.outcome.shows
    steps = np.diff(audience.looks)[:, None]
    area = (steps * (audience.watching[1:] + audience.watching[:-1]) / 2).sum(axis=0)
    np.testing.assert_allclose(room["mean_watch_time"] * audience.viewers[-1], area)
    peaks = np.searchsorted(audience.looks, room["peak_at"])
    assert (peaks > 100).any(), "a peak when viewers look seldom"
    there = audience.watching[peaks, range(ROWS)]
    assert (there == room["peak_concurrent"]).all() and (there >= audience.watching).all()


def test_lulls_move_no_mean(
    show_of: Callable[..., Scenario], request: pytest.FixtureRequest
) -> None:
    """Peak and watch time of 60 M people: a shift by one in a thousand would be seen.

    Watch time is not quite the same: between two looks the audience need not follow a line.
    """
    scenario = show_of(SALES).with_changes({"segments.everyone.reach": 3_000_000})

    def room() -> dict[str, np.ndarray]:
        return dict(run(scenario, ENGINES["cohort"]).outcome.shows)

    with_lulls = room()
    request.getfixturevalue("no_lulls")
    without = room()
    for figure in ("unique_viewers", "peak_concurrent", "mean_watch_time"):
        assert with_lulls[figure].mean() == pytest.approx(without[figure].mean(), rel=1e-3)


def test_a_finer_timeline_moves_nothing(show_of: Callable[..., Scenario]) -> None:
    """Between two looks it shows straight lines; at the looks, what there is."""
    scenario = show_of(SALES)
    lived = run(scenario, ENGINES["cohort"])
    audience, fine = lived.recording.audience, lived.outcome.timeline
    at_looks = np.isin(fine["times"], audience.looks)
    np.testing.assert_array_equal(fine["concurrent"][:, at_looks], audience.watching.T)
    np.testing.assert_array_equal(fine["arrivals"][:, at_looks], audience.viewers.T)
    assert (np.diff(fine["arrivals"], axis=1) >= 0).all()
    assert (fine["concurrent"] <= fine["arrivals"]).all()


def test_lines_between_looks() -> None:
    looks, counts = np.array([0.0, 1.0, 5.0]), np.array([[3, 0], [5, 0], [9, 100]])
    found = on_straight_lines(np.array([0.0, 1.0, 2.0, 4.0, 5.0]), looks, counts)
    assert found.tolist() == [[3, 5, 6, 8, 9], [0, 0, 25, 75, 100]]


# The law of a lull ----------------------------------------------------------------------------


def test_the_chances_of_a_lull_are_those_of_its_refreshes() -> None:
    """Follow one who has not come, refresh by refresh."""
    random = np.random.default_rng(1)
    hazards, pull = random.exponential(0.05, (7, 3)), random.uniform(0.5, 2, 3)
    hazards[2] = 0.0
    leave = random.exponential(0.3, (3, 2))
    come, stay = lull_chances(hazards, pull, leave)
    for row in range(3):
        away, there = 1.0, np.zeros(2)
        for hazard in hazards[:, row]:
            coming = away * float(arrival_chance(hazard, pull[row]))
            there, away = there * np.exp(-leave[row]) + coming, away - coming
        assert come[row] == pytest.approx(1 - away, rel=1e-12)
        np.testing.assert_allclose(stay[row], there / (1 - away), rtol=1e-12)


def test_where_nobody_can_come_or_everybody_must() -> None:
    hazards = np.array([[0.0, math.inf, 0.1], [0.0, 0.2, math.inf]])
    come, stay = lull_chances(hazards, np.ones(3), np.full((3, 1), math.log(2)))
    assert come.tolist() == [0.0, 1.0, 1.0]
    assert stay[0, 0] == 0.0 and stay[1, 0] == pytest.approx(0.5)
    assert stay[2, 0] == pytest.approx(1 - 0.5 * (1 - math.exp(-0.1)))


@pytest.mark.parametrize("refresh", [0, 3])
def test_a_lull_needs_at_least_a_refresh(refresh: int) -> None:
    """A change that is due in the past, by rounding, must not stop the clock."""
    inputs: Any = SimpleNamespace(refreshes=100, refresh=5.0, segments=())
    quiet: Any = SimpleNamespace(order=np.zeros(1), lose_interest=np.zeros(1))
    assert (
        Lulls(inputs, inputs.refreshes, live=False).next_look(refresh, [quiet], refresh)
        == refresh + 1
    )


def test_looks_are_never_more_than_a_minute_apart() -> None:
    """Where a timeline's moments are far apart, too: in half a day, 5 min."""
    inputs: Any = SimpleNamespace(refreshes=8640, refresh=5.0, segments=())
    quiet: Any = SimpleNamespace(order=np.zeros(1), lose_interest=np.zeros(1))
    lulls, rates, looks = Lulls(inputs, inputs.refreshes, live=False), [quiet], [0]
    while looks[-1] < 8640:
        looks.append(lulls.next_look(looks[-1], rates, 8640))
    assert looks[:7] == [0, 1, 2, 4, 8, 16, 28] and max(np.diff(looks)) == 12
    assert set(range(0, 8641, 90)) <= set(looks), "the moments of a timeline"


# Shows in which the same happens ---------------------------------------------------------------


def test_shows_in_which_the_same_happens_share_their_processes(
    show_of: Callable[..., Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit what they are with processes of their own: the guest comes late in some."""
    scenario = show_of("""
        people: {kim: {role: guest, late: {choice: {0s: 50%, 1min: 30%, 3min: 20%}}}}
        rundown:
          talk: {length: 2min, on_stage: [host], sells: [serum]}
          kim: {length: 4min, on_stage: [kim], sells: [serum], waits_for: kim, price: {serum: 80}}
    """)
    together = run(scenario, ENGINES["cohort"])
    assert 1 < len(alike(together.recording.inputs, None)) < ROWS
    monkeypatch.setattr(lockstep, "alike", lambda inputs, start: [[row] for row in range(ROWS)])
    apart = run(scenario, ENGINES["cohort"])
    np.testing.assert_array_equal(
        together.recording.slots.started_at, apart.recording.slots.started_at
    )
    for (name, mine), (_, yours) in zip(tables(together), tables(apart), strict=True):
        np.testing.assert_array_equal(mine, yours, err_msg=name)
