"""One recording, many stock levels: a replay is what a show at that stock gives, bit for bit.

As far as the ledger says that it holds: to the end where nothing reacts to the stock, and until a
slot goes on where one does. What the show itself reads off its stock as it goes is what the ledger
says afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from clerk import Clerk
from lived_shows import Lived
from simpy import Event

from livesim.engine import own_pace
from livesim.engine.custom import Custom
from livesim.engine.ledger import validity
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.keeping import Kept
from livesim.engine.ledger.ledger import ledger, ledger_of_all
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.stock_over_time import StockOverTime
from livesim.engine.lockstep import Lockstep
from livesim.engine.orders.orders import Orders
from livesim.engine.reactions import Reactions
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.show.show import Show
from livesim.engine.streams import Streams
from livesim.experiment import block_at
from livesim.experiment.block_at import BlockAt
from livesim.experiment.blocks import Block
from livesim.experiment.first_look import first_look
from livesim.experiment.levels import FIGURES, Levels, Stocked
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.simulating import simulate_block
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

#: Everything that a stock account knows, and nothing that reacts to it.
TIGHT = """
show: {refresh: 5s, appeal: {lognormal: {median: 1, sigma: 0.5}}}
products:
  serum:
    left_over_value: 0
    owned: 150
    quantity: {1: 60%, 2: 30%, 3: 10%}
    limit: 3
    returns: 20%
    variants: {small: {share: 60%}, large: {share: 40%}}
    waves: {w1: {share: 70%, after: 0s}, w2: {share: 30%, after: 2min}}
    backorder: {accept: 30%, units: 10}
  cream:
    {price: 50, unit_cost: 20, left_over_value: 0, conversion: 10%, owned: 40, returns: 10%,
     rush: 30s, shelf: 10%, reserve: {units: 30, below: 20, lead_time: 2min}}
checkout: {unpaid: 25%, payment_timeout: 1min}
rundown:
  serum: {length: 5min, on_stage: [host], sells: [serum]}
  cream: {length: 5min, on_stage: [host], sells: [cream]}
"""
#: Owned units of small and large serum and of the cream, at three levels.
UNITS = np.array([[60, 90, 300], [20, 60, 200], [10, 40, 90]])

#: Replications of a block, each of which must be the same in every bit.
FEW = 40

REACTIONS: dict[str, dict[str, object]] = {
    "nothing": {},
    "a queue": {"checkout.capacity": 1.0},
    "slots": {"rundown.serum.at_sell_out": "next"},
    "viewers": {"screen.claimed": True, "products.serum.herd": 0.5, "show.refresh": "10s"},
}


@pytest.fixture(scope="module")
def tight(show_of: Callable[..., Scenario]) -> Scenario:
    return show_of(TIGHT)


# What the show reads off its stock as it goes --------------------------------------------------


def hurries(show: Show) -> Iterator[Event]:
    """Put the second wave on sale at once when few are left, and cut the price at sell-out."""
    yield show.link("serum")
    yield show.below("serum", 60)
    show.release("serum", "waves.w2")
    yield show.sold_out("serum")
    show.set_price("serum", 70)
    yield show.reaches("orders", 80)
    show.next_slot()


ROOMS = """
segments: {fans: {reach: 1_000, turnout: 50%}}
rooms:
  big: {segments: [everyone], allotment: 60%}
  small: {segments: [fans], allotment: 40%, count: 3, spread: 0.5}
"""
WATCHED: dict[str, tuple[str, dict[str, object], dict[str, Any]]] = {
    "slots": ("", {"rundown.serum.at_sell_out": "next", "rundown.cream.at_sell_out": "next"}, {}),
    "slots and a queue": (
        "",
        {"rundown.serum.at_sell_out": "next", "checkout.capacity": 1.0},
        {},
    ),
    "the screen": (
        "",
        {"screen.claimed": True, "screen.on_hand": True, "products.serum.herd": 0.5},
        {},
    ),
    "processes": ("", {}, {"processes": (hurries,)}),
    "rooms": (ROOMS, {"rundown.serum.at_sell_out": "next"}, {"processes": (hurries,)}),
}


@pytest.mark.slow
@pytest.mark.parametrize("levels", [None, (60, 20, 10), (0, 7, 3)])
@pytest.mark.parametrize("case", WATCHED)
def test_the_stock_as_it_goes_is_what_the_ledger_says_afterwards(
    case: str,
    levels: tuple[int, int, int] | None,
    show_of: Callable[..., Scenario],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Refresh by refresh: units on hand, orders so far, and what is sold out."""
    text, changes, own = WATCHED[case]
    calm = TIGHT.replace("    backorder: {accept: 30%, units: 10}\n", "") if text else TIGHT
    scenario = show_of(calm + text).with_changes(changes)
    inputs = inputs_of(scenario, drawn_block(scenario, 7, 0, 20), 20)
    on_hand, orders, sold_out = [], [], []
    monkeypatch.setattr(Reactions, "own_pace", False)  # one refresh for all shows
    wake = Lockstep._wake

    def watched(self: Lockstep) -> None:
        wake(self)
        live = self._live
        assert live is not None
        on_hand.append(np.stack([live.on_hand(product) for product in (0, 1)], axis=1))
        sold_out.append(np.stack([live.sold_out(product) for product in (0, 1)], axis=1))
        orders.append(live.orders_so_far.copy())

    monkeypatch.setattr(Lockstep, "_wake", watched)
    units = inputs.owned if levels is None else np.array(levels)
    recording = record(inputs, Streams(7, 0, 20), units, custom=Custom(**own))
    curves = StockOverTime(recording, inputs.refresh)
    spells = []

    def watch(part: Part) -> Kept:
        kept = curves.watch(part)
        spells.append((part.products.start, kept.products.spells(recording.clock.steps + 1)))
        return kept

    found = ledger(recording, units[:, None], watch=watch)
    assert np.isinf(found.exact_until).all() and found.final.all()
    timeline = curves.timeline()
    refreshes = inputs.refreshes + 1
    np.testing.assert_array_equal(timeline["on_hand"].transpose(1, 0, 2), np.array(on_hand))
    np.testing.assert_array_equal(timeline["orders"].T, np.array(orders))
    gone = np.zeros((refreshes, 20, 2), dtype=bool)
    for first, (groups, begun, ended) in spells:
        for group, start, end in zip(groups, begun, ended, strict=True):
            product, row = divmod(int(group), 20)
            gone[start:end, row, first + product] = True
    np.testing.assert_array_equal(gone, np.array(sold_out))
    assert levels is None or gone.any()
    for row in range(3):
        clerk = Clerk(recording, row, units.tolist(), recording.plan).work()
        left = np.array(on_hand)[:, row].tolist()
        assert clerk.left_by_product[:refreshes] == left


def test_the_share_claimed_is_of_what_is_on_sale_now(show_of: Callable[..., Scenario]) -> None:
    """56 units, and 80 from two minutes on; orders beyond them are all that is there."""
    scenario = show_of(TIGHT).with_changes({"screen.claimed": True, "products.serum.herd": 0.1})
    inputs, claimed = inputs_of(scenario, None, 5), []

    def note(screen: Any) -> float:
        claimed.append(screen.claimed[:, 0])
        return 0.0

    recording = record(inputs, Streams(7, 0), UNITS[:, 0], custom=Custom(behaviour=note))
    curves = StockOverTime(recording, inputs.refresh)
    ledger(recording, UNITS[:, [0]], watch=curves.watch)
    timeline = curves.timeline()
    taken = (timeline["reserved"] + timeline["paid"])[:, :, 0]
    share = taken / np.where(timeline["times"] >= 120, 80, 56)
    np.testing.assert_allclose(np.array(claimed).T, np.minimum(share, 1)[:, :-1])
    assert (share > 1).any() and (share < 1).any()


# Where nothing reacts --------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"checkout.capacity": 1.0}])
def test_a_ledger_at_a_level_is_that_of_a_show_at_that_level(
    changes: dict[str, object], tight: Scenario
) -> None:
    """Bit for bit, whatever viewers have lived through; and so is another way to sell."""
    scenario = tight.with_changes(changes)
    other = scenario.with_changes({"products.serum.waves": {}, "products.cream.reserve": None})
    drawn = drawn_block(scenario, 7, 0, 30)
    shows = [inputs_of(one, drawn, 30) for one in (scenario, other)]
    recording = record(shows[0], Streams(7, 0, 30), np.array([UNLIMITED] * 3))
    wanted = [Wanted(UNITS, show.supplies) for show in shows]
    each = ledger_of_all(recording, wanted).split([one.size for one in wanted])
    for show, found in zip(shows, each, strict=True):
        assert np.isinf(found.exact_until).all()
        assert found.figures["lost"].any() and found.figures["lapsed"].any()
        for level in range(3):
            own = record(show, Streams(7, 0, 30), UNITS[:, level])
            for field in fields(Orders):
                mine, theirs = (getattr(one.orders, field.name) for one in (own, recording))
                np.testing.assert_array_equal(mine, theirs)
            alone = ledger(own, UNITS[:, [level]])
            for name, values in alone.figures.items():
                np.testing.assert_array_equal(values[..., 0], found.figures[name][..., level])
            np.testing.assert_array_equal(alone.sold_out_at[..., 0], found.sold_out_at[..., level])
            np.testing.assert_array_equal(alone.on_sale[..., 0], found.on_sale[..., level])


def owning(scenario: Scenario, small: int, large: int, cream: int) -> Scenario:
    changes = {
        "products.serum.owned": small + large,
        "products.serum.variants": {
            "small": {"share": "60%", "owned": small},
            "large": {"share": "40%", "owned": large},
        },
        "products.cream.owned": cream,
    }
    return scenario.with_changes(changes)


def differences(found: Levels, scenario: Scenario, block: int) -> list[str]:
    """Name the figures that a simulation at some level gives in other bits."""
    different = []
    for level, units in enumerate(UNITS.T.tolist()):
        outcome = simulate_block(owning(scenario, *units), 7, block, replications=FEW)
        figures = {name: outcome.variants[name] for name in FIGURES}
        different += [
            f"{name} at {units}"
            for name, figure in figures.items()
            if not np.array_equal(found.figures[name][:, :, level], figure)
        ]
        if not np.array_equal(found.sold_out_at[:, :, level], outcome.products["sold_out_at"]):
            different.append(f"products sold out at {units}")
        if not np.array_equal(found.viewers[:, level], outcome.shows["unique_viewers"]):
            different.append(f"viewers at {units}")
    return different


@pytest.mark.slow
@pytest.mark.parametrize("reaction", [one for one in REACTIONS if one != "slots"])
def test_every_level_is_a_simulation_at_that_stock(reaction: str, tight: Scenario) -> None:
    scenario = tight.with_changes(REACTIONS[reaction])
    known = first_look(scenario, 7, Block(0, 20)).reactions.word
    assert known == (reaction if reaction == "viewers" else "nothing")
    (found,) = BlockAt(scenario, 7, 1, FEW).simulated([Stocked(UNITS)])
    assert np.isinf(found.exact_until).all() and found.final.all()
    assert differences(found, scenario, block=1) == []
    lost = found.figures["lost"].sum(axis=(0, 1))
    assert lost[0] > lost[1] > lost[2]  # the levels do matter here


@pytest.mark.slow
def test_one_recording_for_viewers_who_react_would_be_seen(
    tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calm(*args: Any, **options: Any) -> Recording:
        return replace(record(*args, **options), reactions=Reactions())

    monkeypatch.setattr(block_at, "record_orders", calm)
    scenario = tight.with_changes(REACTIONS["viewers"])
    (found,) = BlockAt(scenario, 7, 1, FEW).simulated([Stocked(UNITS)])
    assert differences(found, scenario, block=1) != []


def test_ways_to_sell_are_simulations_of_their_own(tight: Scenario) -> None:
    """Side by side, bit for bit; and blocks are joined in order."""
    ways = [{}, {"products.serum.waves": {}}, {"products.cream.reserve": None}]
    block = BlockAt(tight, seed=7, block=0, replications=50)
    found = block.simulated([Stocked(UNITS, way) for way in ways])
    for way, one in zip(ways, found, strict=True):
        (alone,) = BlockAt(tight.with_changes(way), 7, 0, 50).simulated([Stocked(UNITS)])
        for name in FIGURES:
            np.testing.assert_array_equal(alone.figures[name], one.figures[name])
    assert not np.array_equal(found[0].figures["lost"], found[1].figures["lost"])
    (more,) = BlockAt(tight, seed=7, block=1, replications=50).simulated([Stocked(UNITS)])
    joined = Levels.joined([found[0], more])
    for name in FIGURES:
        np.testing.assert_array_equal(joined.figures[name][:50], found[0].figures[name])
        np.testing.assert_array_equal(joined.figures[name][50:], more.figures[name])
    assert len(joined.viewers) == len(joined.drawn["show.appeal"]) == 100


def test_where_viewers_react_nothing_is_known_of_another_stock(tight: Scenario) -> None:
    scenario = tight.with_changes(REACTIONS["viewers"])
    inputs = inputs_of(scenario, None, 10)
    recording = record(inputs, Streams(7, 0), UNITS[:, 1])
    found = ledger(recording, UNITS)
    assert (found.exact_until[:, [0, 2]] == 0).all() and np.isinf(found.exact_until[:, 1]).all()
    assert found.final[:, :, 1].all() and not found.final[:, :, [0, 2]].any()
    assert not found.figures["demand"][:, :, [0, 2]].any()
    other = tuple(replace(supply, backorder_units=3) for supply in inputs.supplies)
    assert (ledger(recording, UNITS, other).exact_until == 0).all()


# Where a slot goes on --------------------------------------------------------------------------

ALIKE = {"products.serum.rush": "30s", "products.cream.rush": "30s"}
SLOT = {"length": "3min", "on_stage": ["host"], "link": 0, "price": {}, "at_sell_out": "stay"}
#: The serum's slot goes on at sell-out, in every way in which a stock can be sold out.
GOING_ON: dict[str, dict[str, Any]] = {
    "one slot": {},
    "after a slot that stays": {
        "rundown": {
            "early": {**SLOT, "length": "2min", "sells": ["serum"]},
            "late": {**SLOT, "sells": ["serum"], "at_sell_out": "next", "link": "20s"},
            "cream": {**SLOT, "length": "5min", "sells": ["cream"]},
        },
    },
    "two products": {"rundown.serum.sells": ["serum", "cream"], **ALIKE},
    "a reserve": {
        "products.serum.reserve": {"units": 20, "below": 30, "lead_time": "1min"},
        "rundown.cream.at_sell_out": "next",
    },
}
GOES_ON = {"rundown.serum.at_sell_out": "next", "products.cream.shelf": 0, "show.refresh": "10s"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lived_at", "shows"),
    [(1, 4), *(pytest.param(level, 12, marks=pytest.mark.thorough) for level in (1, 2))],
)
@pytest.mark.parametrize("case", GOING_ON)
def test_a_replay_is_exact_until_it_says_so(
    case: str, lived_at: int, shows: int, tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Single shows: the same orders, to the bit, up to the moment at which one of them goes on.

    In lockstep: at their own pace shows stop where a stock runs out, and draw the rest anew.
    """
    monkeypatch.setattr(Reactions, "own_pace", False)
    scenario = tight.with_changes(GOES_ON).with_changes(GOING_ON[case])
    parted = 0
    for block in range(shows):
        inputs = inputs_of(scenario, drawn_block(scenario, 7, block, 1), 1)
        streams = Streams(7, block, 1)
        recording = record(inputs, streams, UNITS[:, lived_at])
        found = ledger(recording, UNITS)
        assert np.isinf(found.exact_until[0, lived_at])
        for level in range(3):
            own = record(inputs, streams, UNITS[:, level])
            until = float(found.exact_until[0, level])
            parted += np.isfinite(until)
            assert orders_by(own, until) == orders_by(recording, until)
            if np.isinf(until):
                np.testing.assert_array_equal(own.slots.started_at, recording.slots.started_at)
            else:
                assert until == first_apart(own, recording)


def orders_by(recording: Recording, until: float) -> list[Any]:
    """Return all that was ordered up to a moment."""
    orders = recording.orders
    in_time = np.flatnonzero(recording.clock.times[orders.step] <= until)
    some = orders.take(in_time)
    return [(getattr(some, field.name)).tolist() for field in fields(Orders)]


def first_apart(one: Recording, other: Recording) -> float:
    """Return the first refresh at which a slot goes on in one of two shows and not in the other."""
    ended = np.stack([one.slots.ended_at[0], other.slots.ended_at[0]])
    apart = np.where(ended[0] != ended[1], ended.min(axis=0), np.inf)
    return float(apart.min())


def one_by_one(
    scenario: Scenario, number: int, levels: np.ndarray, shows: int = 20
) -> tuple[Levels, Levels]:
    """Return shows, each simulated by itself, replayed and simulated at each level."""
    seen = np.where([variant == number for variant in range(3)], UNLIMITED, UNITS[:, 1])
    units = np.repeat(UNITS[:, [1]], len(levels), axis=1)
    units[number] = levels
    blocks = [BlockAt(scenario, 7, block, replications=1) for block in range(shows)]
    replayed = [block.simulated([Stocked(units, of=())], seen)[0] for block in blocks]
    simulated = [each_alone(block, units) for block in blocks]
    return Levels.joined(replayed), Levels.joined(simulated)


def each_alone(block: BlockAt, units: np.ndarray) -> Levels:
    """Return levels each of which is simulated from the start."""
    (found,) = afresh(block).simulated([Stocked(units, of=())], units[:, 0])
    for level in range(units.shape[1]):
        found.put(slice(None), level, afresh(block).simulated([Stocked(units[:, [level]])])[0])
    return found


def afresh(block: BlockAt) -> BlockAt:
    """Return a block of which no show has been recorded yet."""
    other = copy(block)
    other._told = other.recording = None
    return other


def unlike(replayed: Levels, simulated: Levels, number: int) -> list[str]:
    return [
        name
        for name in FIGURES
        if not np.array_equal(replayed.figures[name][:, number], simulated.figures[name][:, number])
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("case", GOING_ON)
def test_what_is_sold_until_a_slot_goes_on_is_replayed(
    case: str, number: int, tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit where a show is simulated by itself; units lapse and orders wait in all cases.

    Where a slot waits for two products, a show stops as one of them runs out, and draws anew what
    it had looked ahead: other luck by the same law. Shows that look ahead by one refresh have
    nothing to draw anew.
    """
    monkeypatch.setattr(own_pace, "REFRESHES_AHEAD", 1)
    scenario = tight.with_changes(GOES_ON).with_changes(GOING_ON[case])
    replayed, simulated = one_by_one(scenario, number, np.array([0, 5, 15, 40, 80]))
    assert unlike(replayed, simulated, number) == []
    assert np.array_equal(replayed.sold_out_at[:, 0], simulated.sold_out_at[:, 0])
    assert replayed.final[:, 0].all() and np.isinf(simulated.exact_until).all()
    assert replayed.figures["left_over"][:, number].any()
    assert replayed.figures["backordered"][:, number].any()


@pytest.mark.thorough
def test_a_slot_that_does_not_go_on_would_be_seen(
    tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(recording: Recording, wanted: Any) -> np.ndarray:
        levels = sum(one.levels.shape[1] for one in wanted)
        shape = len(recording.inputs.slots), recording.replications, levels
        return np.full(shape, recording.clock.steps + 1)

    monkeypatch.setattr(validity, "_goes_on_at", never)
    replayed, simulated = one_by_one(tight.with_changes(GOES_ON), 0, np.array([0, 5, 15, 40]))
    assert "lost" in unlike(replayed, simulated, 0)


@pytest.mark.slow
def test_what_is_sold_later_is_not_replayed_but_the_sell_out_is(tight: Scenario) -> None:
    again = {"rundown.cream.sells": ["serum", "cream"], "products.serum.backorder": None, **ALIKE}
    scenario = tight.with_changes(GOES_ON | again)
    replayed, simulated = one_by_one(scenario, 0, np.array([5, 40]), shows=8)
    assert not replayed.final[:, 0].all()
    assert "sales" in unlike(replayed, simulated, 0)
    assert "sold_out_at" not in unlike(replayed, simulated, 0)


@pytest.mark.thorough
@pytest.mark.slow
def test_replayed_levels_have_the_law_of_simulated_ones(tight: Scenario) -> None:
    """Within a block luck differs: 500 shows; shows a mean that is off by a tenth of itself."""
    scenario = tight.with_changes(GOES_ON)
    units = np.repeat(UNITS[:, [1]], 3, axis=1)
    units[0] = 10, 30, 60
    seen = np.array([UNLIMITED, *UNITS[1:, 1]])
    blocks = [BlockAt(scenario, 7, number) for number in range(2)]
    replayed = Levels.joined(
        [block.simulated([Stocked(units, of=())], seen)[0] for block in blocks]
    )
    simulated = Levels.joined([each_alone(block, units) for block in blocks])
    assert unlike(replayed, simulated, 0) != []
    for name in ("sales", "lost", "left_over", "profit"):
        one, other = (found.figures[name][:, 0] for found in (replayed, simulated))
        error = (one - other).std(axis=0) / np.sqrt(len(one))
        assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) <= 4 * error + 1e-9).all(), name
        assert (4 * error < 0.1 * np.abs(other.mean(axis=0)).max()).all(), name


@pytest.mark.parametrize("share", [None, 0.3])
def test_where_the_platform_reacts_a_recording_holds_at_its_own_stock_alone(
    share: float | None, show_of: Callable[..., Scenario]
) -> None:
    scenario = show_of("show: {refresh: 5s}").with_changes(
        {"show.arrivals_when_unavailable": share, "products.serum.owned": 2}
    )
    inputs = inputs_of(scenario, None, 5)
    recording = record(inputs, Streams(7, 0), inputs.owned)
    assert recording.holds == (share is None)
    until = ledger(recording, np.array([[2, 3]])).exact_until
    assert np.isinf(until[:, 0]).all()
    assert (until[:, 1] == (np.inf if share is None else 0)).all()


@pytest.mark.parametrize("engine", ["cohort", "agent"])
def test_a_room_that_is_shown_to_nobody_grows_by_word_of_mouth_no_more(
    engine: str, show_of: Callable[..., Scenario]
) -> None:
    """20 of 200 wait at the start; all others come by word of mouth, while there is something."""
    scenario = show_of("""
    show: {refresh: 5s, arrivals_when_unavailable: 0.000001%}
    segments: {everyone: {reach: 200, turnout: 10%, waiting: 100%, word_of_mouth: 0.05}}
    """)
    came = []
    for units in (0, 1_000):
        inputs = inputs_of(scenario.with_changes({"products.serum.owned": units}), None, 3)
        watched = record(inputs, Streams(7, 0), inputs.owned, engine=engine).audience.viewers
        came.append(watched[-1] - watched[0])
    assert (came[0] == 0).all() and (came[1] > 20).all()


# Every level its own reserve ------------------------------------------------------------------


def test_every_level_calls_its_own_reserve(
    lived: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    scenario = show_of("""
    show: {refresh: 5s}
    products: {serum: {reserve: {units: 30, below: 10, lead_time: 1min}}}
    """)
    together = lived(scenario, levels=[40, 1_000]).ledger.figures["put_on_sale"]
    assert together[:, 0].tolist() == [[70, 1_000]] * 3
