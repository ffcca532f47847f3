"""Shows that go on from a state: what is exact, what somebody sees, and what cannot be.

That they go on by the same law is shown in verification, in both engines.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import livesim
from livesim import Scenario, State, UsageError
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.reactions import Reactions
from livesim.engine.streams import Streams
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.starting import refresh_at
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

STAY = "{short: {share: 50%, mean: 20s}, long: {share: 50%, mean: 5min}}"
SHOW = f"""
title: On the air
show: {{start: 2026-11-29 20:00, length: 10min, currency: CNY, refresh: 5s,
       appeal: {{lognormal: {{median: 1, sigma: 0.5}}}}, turnout_factor: 1}}
people:
  host: {{role: host}}
  kim: {{role: guest, no_show: 20%, late: {{uniform: [0s, 4min]}}, pull: 2, lift: 3,
        fit: {{everyone: 1}}}}
segments:
  everyone: {{reach: 400, turnout: 70%, waiting: 20%, stay: {STAY}}}
  others: {{reach: 100, turnout: 70%, waiting: 20%, stay: {STAY}}}
products:
  serum:
    price: 100
    unit_cost: 10
    conversion: 40%
    owned: 60
    returns: 0%
    rush: 20s
    quantity: {{1: 60%, 2: 40%}}
    waves: {{first: {{share: 50%, after: 0s}}, second: {{share: 50%, after: 2min}}}}
    arriving: {{van: {{units: 8, on: 2026-11-29 20:06:40}}}}
    reserve: {{units: 20, below: 25, lead_time: 60s}}
  dress:
    price: 200
    unit_cost: 10
    conversion: 40%
    owned: 50
    returns: 0%
    rush: 20s
    quantity: {{1: 100%}}
    variants: {{small: {{share: 70%, owned: 30}}, large: {{share: 30%, owned: 20}}}}
checkout: {{unpaid: 30%, payment_timeout: 60s}}
rundown:
  serum: {{length: 4min, on_stage: [host], sells: [serum]}}
  dress: {{length: 4min, on_stage: [host, kim], sells: [dress], at_sell_out: next}}
  both: {{length: 2min, on_stage: [host], sells: [serum], price: {{serum: 80}}}}
"""


@pytest.fixture(scope="module")
def show() -> Scenario:
    return resolve(parse_document(SHOW)).scenario


@pytest.fixture(scope="module")
def states(show: Scenario) -> State:
    return livesim.state_at(show, "5min", replications=50, seed=3, workers=1)


@pytest.fixture
def lockstep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whole shows step as one, as states are reached: only then they have the same luck."""
    monkeypatch.setattr(Reactions, "own_pace", False)


def going_on(show: Scenario, state: State, **options: Any) -> livesim.Result:
    return livesim.simulate(show, start=state, workers=1, **{"seed": 4, **options})


# What has happened ---------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.slow
@pytest.mark.parametrize("at", ["5s", "4min", "7min"])
@pytest.mark.usefixtures("lockstep")
def test_all_units_are_at_the_start_where_the_same_shows_had_them(show: Scenario, at: str) -> None:
    """Waves, receipts, reserves, lapses and slots that went on included."""
    states = livesim.state_at(show, at, replications=50, seed=3, workers=1)
    options = {"timeline_step": 5.0, "workers": 1}
    whole = livesim.simulate(show, replications=50, seed=3, **options).timeline
    rest = livesim.simulate(show, start=states, seed=4, **options).timeline
    assert float(rest.time[0]) == states.at
    begun = whole.sel(time=states.at)
    for name in ("on_hand", "reserved", "paid", "orders"):
        assert (rest[name].isel(time=0) == begun[name]).all(), name
    if at != "5s":  # viewers would look at 5 s only where somebody asks for them
        same = (rest[name].isel(time=0) == begun[name] for name in ("concurrent", "arrivals"))
        assert all(map(bool, (one.all() for one in same)))


@pytest.mark.slow
@pytest.mark.usefixtures("lockstep")
def test_slots_and_inputs_stay_what_they_were(show: Scenario, states: State) -> None:
    whole = livesim.simulate(show, replications=50, seed=3, workers=1)
    rest = going_on(show, states)
    assert rest.replications == 50
    for path in whole.outcome.inputs:
        assert np.array_equal(rest.outcome.inputs[path], whole.outcome.inputs[path]), path
    begun = whole.outcome.timeline["slot_starts"] <= states.at
    assert begun.sum(axis=0)[:2].tolist() == [50, 50] and 0 < begun[:, 2].sum() < 50
    for one in (whole, rest):
        assert (one.outcome.timeline["slot_starts"][begun] <= states.at).all()


@pytest.mark.slow
def test_the_rest_has_other_luck_than_the_beginning(show: Scenario, states: State) -> None:
    once, again, other = (going_on(show, states, seed=seed) for seed in (3, 3, 4))
    assert once.fingerprint == again.fingerprint != other.fingerprint
    crowds = [Streams(3, 0, start=refresh).crowd("everyone", "come") for refresh in (0, 60)]
    assert crowds[0].random() != crowds[1].random()
    assert Streams(3, 0).crowd("everyone", "come").random() == (
        Streams(3, 0, start=0).crowd("everyone", "come").random()
    )


@pytest.mark.slow
def test_a_show_that_begins_with_nobody_there_is_the_usual_one() -> None:
    """Bit for bit: so the start of a show is a state like any other."""
    room = livesim.load("scenarios/brand_room.yaml", {"segments.everyone.waiting": 0})
    begun = livesim.state_at(room, 0, replications=50, seed=5, workers=1)
    assert not begun.watching.any() and not len(begun.orders)
    usual = livesim.simulate(room, replications=50, seed=5, workers=1)
    assert going_on(room, begun, seed=5).fingerprint == usual.fingerprint


@pytest.mark.slow
def test_states_of_several_blocks_are_joined_and_taken_apart(show: Scenario) -> None:
    states = livesim.state_at(show, "5min", replications=300, seed=3, workers=1)
    short = livesim.state_at(show, "5min", replications=50, seed=3, workers=1)
    assert len(states) == 300
    rows = np.array([299, 7, 7, 0])
    taken = states.take(rows)
    assert np.array_equal(taken.watching, states.watching[rows])
    for new, old in enumerate(rows.tolist()):
        sums = [one.orders.take(np.flatnonzero(one.orders.row == row)).count.sum()
                for one, row in ((taken, new), (states, old))]  # fmt: skip
        assert sums[0] == sums[1] > 0
    assert len(State.joined([taken, short])) == 54
    rest = going_on(show, states.take(np.repeat(np.arange(10), 30)))
    assert rest.outcome.shows["orders"].reshape(10, 30).std(axis=1).all()


def test_a_state_can_be_reached_in_two_steps(show: Scenario, states: State) -> None:
    later = livesim.state_at(show, "7min", start=states, seed=9, workers=1)
    assert (len(later), later.at) == (50, 420.0)
    assert all((later.viewers[name] >= states.viewers[name]).all() for name in states.viewers)
    with pytest.raises(UsageError, match="300 s, and 4min lies before"):
        livesim.state_at(show, "4min", start=states)


@pytest.mark.slow
def test_inputs_can_be_given_beside_a_state(show: Scenario, states: State) -> None:
    appeal = np.linspace(0.5, 2.0, 50)
    rest = going_on(show, states, inputs={"show.appeal": appeal})
    assert np.array_equal(rest.outcome.inputs["show.appeal"], appeal)
    path = "people.kim.late"
    assert np.array_equal(rest.outcome.inputs[path], states.inputs[path])


@pytest.mark.slow
def test_who_waits_for_two_products_has_not_forgotten_the_one_that_is_back() -> None:
    """A slot goes on once each of its products has been sold out, not all of them at once."""
    text = SHOW.replace("sells: [serum]}\n  dress", "sells: [serum, dress], at_sell_out: next}\n"
                        "  dress").replace("conversion: 40%", "conversion: 0.001%")  # fmt: skip
    scenario = resolve(parse_document(text)).scenario.with_changes(
        {"products.serum.owned": 5, "products.serum.waves": {}, "products.serum.arriving": {},
         "products.serum.reserve": None}
    )  # fmt: skip
    kinds = Kinds.of([1], rooms=1)
    number = {pays: kinds.number(1, pays=pays, accepts=False, fake=False, room=0)
              for pays in (True, False)}  # fmt: skip

    def state(serum: int) -> State:
        """Serum was gone, lapses and is back; dresses are gone in the last interval but one."""
        batches = [
            (0, 5, number[False], serum),
            (1, 35, number[True], 30),
            (2, 35, number[True], 20),
        ]
        cell, step, kind, count = (np.array(column) for column in zip(*batches, strict=True))
        orders = Orders(
            cell, 0 * cell, step, 100.0 + 0 * cell, cell.astype(np.uint64), np.arange(4),
            kind.astype(np.int16), count,
        )  # fmt: skip
        seen = livesim.state_seen(scenario, "3min")
        return replace(seen, orders=orders, kinds=kinds)

    def goes_on_at(serum: int) -> float:
        result = going_on(scenario, state(serum), replications=50)
        return float(np.unique(result.outcome.timeline["slot_starts"][:, 1])[0])

    assert goes_on_at(5) == 180.0
    assert goes_on_at(4) == 240.0


@pytest.mark.parametrize("engine", ["cohort", "agent"])
@pytest.mark.parametrize("at", ["90s", "130s", "170s"])
def test_everybody_orders_twice_wherever_the_state_was(engine: str, at: str) -> None:
    """All are there at once, stay, and decide at once: in a sale, and in another after a talk."""
    text = """
title: Two sales
show: {length: 3min, currency: CNY, refresh: 5s, appeal: 1, turnout_factor: 1}
people: {host: {role: host}}
segments: {fans: {reach: 300, turnout: 100%, waiting: 100%, stay: {long: {share: 100%, mean: 90h}}}}
products:
  dress: {price: 20, unit_cost: 1, conversion: 100%, rush: 1s, owned: 900, quantity: {1: 100%}}
rundown:
  sale: {length: 1min, on_stage: [host], sells: [dress]}
  talk: {length: 1min, on_stage: [host]}
  more: {length: 1min, on_stage: [host], sells: [dress], link: 30s}
"""
    scenario = resolve(parse_document(text)).scenario
    state = livesim.state_at(scenario, at, replications=50, workers=1)
    rest = going_on(scenario, state, replications=50, engine=engine)
    assert rest.products.demand.to_numpy() == pytest.approx(600, abs=10)


# What is to come -----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_scenario_says_what_is_to_come(show: Scenario, states: State) -> None:
    usual = going_on(show, states)
    dear = going_on(show.with_changes({"rundown.both.price.serum": 400,
                                       "products.serum.elasticity": -3}), states)  # fmt: skip
    start = [float(one.timeline.orders.isel(time=0).sum()) for one in (usual, dear)]
    assert start[0] == start[1]
    assert dear.products.demand.sum() < usual.products.demand.sum()
    top_up = {"units": 500, "on": "2026-11-29 20:08:20"}
    more = going_on(show.with_changes({"products.serum.arriving.truck": top_up}), states)
    serum = [one.products[one.products["product"] == "serum"] for one in (usual, more)]
    assert (serum[1].put_on_sale.to_numpy() >= serum[0].put_on_sale.to_numpy() + 480).all()


@pytest.mark.slow
def test_another_slot_can_be_next(show: Scenario, states: State) -> None:
    rundown = show.with_changes({"rundown.both.start": "9min"})
    starts = going_on(rundown, states).outcome.timeline["slot_starts"][:, 2]
    begun = states.slot_started_at[:, 2]
    assert np.array_equal(starts, np.where(np.isinf(begun), 540.0, begun))


@pytest.mark.slow
def test_a_guest_who_has_not_come_is_late_by_more(show: Scenario) -> None:
    """Announced for 4 min, late by up to 4 min, with a no-show of 20 %; at 7 min not there."""
    seen = livesim.state_seen(show, "7min", absent=["kim"], watching=50)
    result = going_on(show, seen, replications=250)
    late, away = (result.outcome.inputs[f"people.kim.{name}"] for name in ("late", "no_show"))
    assert late.min() >= 180 and late.max() <= 240
    # Uniform on what is left: a Latin hypercube has one value in each of 50 equal strata.
    assert np.array_equal(np.sort(np.floor((late[:50] - 180) / 60 * 50)), np.arange(50))
    assert away[:250].mean() == pytest.approx(0.2 / (0.2 + 0.8 * 0.25), abs=0.02)


def test_who_is_there_may_come_at_any_time_before(show: Scenario) -> None:
    seen = livesim.state_seen(show, "7min", absent=[])
    assert seen.present.all()
    late = going_on(show, seen, replications=50).outcome.inputs["people.kim.late"]
    assert np.array_equal(late, drawn_block(show, 4, 0, 50)["people.kim.late"])


# What somebody sees --------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_seen_is_what_the_show_goes_on_from(show: Scenario) -> None:
    seen = livesim.state_seen(
        show, "5min", watching={"everyone": 90, "others": 11}, viewers=250,
        on_hand={"serum": 20, "dress.small": 25}, reserved={"serum": 12},
        called={"serum.reserve": "4min 30s"},
    )  # fmt: skip
    assert (len(seen), seen.at, seen.watching.tolist()) == (1, 300.0, [101])
    assert sum(int(viewers[0]) for viewers in seen.viewers.values()) == 250
    assert min(part.min() for part in seen.undecided.values()) > 0
    result = going_on(show, seen, replications=50, timeline_step=5.0)
    begun = result.timeline.sel(time=300.0)
    assert (begun.concurrent == 101).all() and (begun.arrivals == 250).all()
    assert (begun.on_hand == np.array([20, 45])).all()
    # 60 owned in two waves and 20 called have come: 48 are sold and 12 reserved.
    assert (begun.orders == 48 + 12 + 5).all()
    serum = result.products[result.products["product"] == "serum"]
    assert (serum.claimed >= 60).all() and (serum.put_on_sale == 88).all()
    small = result.variants[result.variants.variant == "small"]
    assert (small.claimed >= 5).all()


@pytest.mark.slow
def test_reserved_units_lapse_with_the_chance_that_they_do(show: Scenario) -> None:
    """Of 40 reserved units 30 % lapse: the mean of 1,000 shows is 12 ± 0.5 (5 standard errors)."""
    unpaid = show.with_changes({f"segments.{name}.turnout": "0.0001%" for name in show.segments})
    seen = livesim.state_seen(unpaid, "3min", watching=0, viewers=0, on_hand={"serum": 20},
                              reserved={"serum": 40})  # fmt: skip
    assert (seen.open_orders.count.sum(), len(seen.orders)) == (40, 0)
    assert seen.open_orders.step.min() > (180 - 90) // 5  # a sweep after a minute to pay
    lapsed = going_on(unpaid, seen).outcome.products["lapsed"][:, 0]
    assert lapsed.mean() == pytest.approx(12, abs=5 * np.sqrt(40 * 0.3 * 0.7 / 1000))
    assert lapsed.std() == pytest.approx(np.sqrt(40 * 0.3 * 0.7), rel=0.15)


def test_without_more_a_show_is_seen_as_it_is_planned(show: Scenario) -> None:
    seen = livesim.state_seen(show, "5min")
    usual = livesim.state_at(show, "5min", replications=250, workers=1)
    assert seen.watching[0] == pytest.approx(usual.watching.mean(), rel=0.15)
    assert seen.slot_started_at.tolist() == [[0.0, 240.0, np.inf]]
    assert not len(seen.orders) and not len(seen.open_orders)


# What cannot be ------------------------------------------------------------------------------


def test_a_moment_is_taken_to_the_last_digit(show: Scenario) -> None:
    long = show.with_changes({"show.length": "3h", "show.refresh": "0.25s"})
    assert refresh_at(long, 10_000.25) == 40_001


WRONG_SEEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "over": ({"at": "10min"}, ["at: 600 s does not lie before the show's end at 600 s"]),
    "between": ({"at": 62.5}, ["every 5 s, and 62.5 s is no such moment: take 60 s or 65 s"]),
    "no time": ({"at": "soon"}, ["at: 'soon' is not a duration: write .*"]),
    "before": ({"at": -5}, ["at: -5 is no time: give seconds from 0 on, or a text as 10min"]),
    "at none": ({"at": np.nan}, ["at: nan is no time: give seconds from 0 on"]),
    "called before": ({"called": {"serum.reserve": -3.5}}, ["reserve: -3.5 is no time"]),
    "names": (
        {"watching": {"fans": 3}, "on_hand": {"sermu": 3}, "reserved": {"dress.blue": 1},
         "absent": ["kin"], "called": {"serum.reserv": "1min"}},
        ["absent: .*Did you mean kim", "watching: nothing is called fans", "Did you mean serum",
         "reserved: nothing is called dress.blue", "Did you mean serum.reserve"],
    ),
    "counts": (
        {"watching": -1, "viewers": 2.5, "on_hand": {"serum": -2}, "reserved": {"serum": True}},
        ["watching: -1 is no count", "viewers: 2.5 is no", "on_hand: serum: -2", "serum: True"],
    ),
    "too many": ({"on_hand": {"serum": 70}}, ["more of serum is on hand .* 60 put on sale"]),
    "too many reserved": ({"on_hand": {"serum": 50}, "reserved": {"serum": 20}}, ["more of serum"]),
    "by variant": ({"on_hand": {"dress": 3}}, ["say units by variant, as dress.NAME"]),
    "no link": ({"at": "2min", "on_hand": {"dress.small": 1}}, ["its link has not gone up before"]),
    "more than have come": ({"watching": 400, "viewers": 300}, [r"everyone: \d+ watch, and \d+"]),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", WRONG_SEEN)
def test_what_cannot_be_seen_is_refused(show: Scenario, case: str) -> None:
    options, said = WRONG_SEEN[case]
    with pytest.raises(UsageError) as error:
        livesim.state_seen(show, **{"at": "5min", **options})
    for one in said:
        assert error.match(one)
    assert len(str(error.value).splitlines()) >= len(said)


def test_units_by_room_cannot_be_seen() -> None:
    gala = livesim.load("scenarios/gala_rooms_split.yaml")
    product = next(iter(gala.products))
    with pytest.raises(UsageError, match="each room has a stock of its own"):
        livesim.state_seen(gala, gala.show.refresh * 20, reserved={product: 1})


def changed(name: str, change: Any) -> Any:
    return lambda state: replace(state, **{name: change(getattr(state, name))})


WRONG: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "another show": (
        lambda state: replace(state, names=state.names | {"product": ("tint", "dress")}), {},
        ["start: it has the products tint, dress, and the scenario has the products serum, dress"],
    ),
    "with nobody": (
        lambda state: replace(state, names=state.names | {"person": ()}), {},
        ["start: it has no people, and the scenario has the people host, kim: take the state of"],
    ),
    "over": (changed("at", lambda at: 600.0), {}, ["start: at: 600 s does not lie before"]),
    "nobody": (lambda state: state.take(slice(0, 0)), {}, ["the state has no rows: take one"]),
    "other refreshes": (
        changed("refresh", lambda refresh: 1.0),
        {},
        ["refreshes of 1 s, and those of the scenario last 5 s: keep show.refresh"],
    ),
    "other stocks": (
        changed("sizes", lambda sizes: {"main": np.ones((50, 2))}),
        {},
        ["served from other stocks of the rooms"],
    ),
    "no refresh": (changed("at", lambda at: 301.0), {}, ["start: at: viewers look every 5 s"]),
    "negative": (
        changed("decided", lambda of: {name: part - 999 for name, part in of.items()}), {},
        ["everyone: there are fewer viewers than 0", "others: there are fewer"],
    ),
    "more than have come": (
        changed("viewers", lambda of: {name: 0 * part for name, part in of.items()}), {},
        ["everyone: .* watch in row 0, and 0 have come"],
    ),
    "more than could": (
        changed("viewers", lambda of: {name: part + 999 for name, part in of.items()}), {},
        ["have come, and the reach in row 0 is 400: .* segments.everyone.reach", "others"],
    ),
    "a slot that is gone": (
        lambda state: replace(state, names=state.names | {"slot": ("serum", "dres", "both")}), {},
        ["the slot dres has begun, and the rundown has none.*Did you mean dress"],
    ),
    "another order": (
        lambda state: replace(state, names=state.names | {"slot": ("dress", "serum", "both")}), {},
        ["the slots dress, serum, both have begun in this order"],
    ),
    "a new slot that is over": (
        lambda state: replace(
            state, names=state.names | {"slot": ("new", "dress", "both")}), {},
        ["the slot new has begun", "the slot serum is new and would .*: put it behind both"],
    ),
    "a guest": (
        lambda state: state, {"inputs": {"people.kim.late": [0.0] * 50,
                                         "people.kim.no_show": [0.0] * 50}},
        ["kim has not come by 300 s, and is 0 s late in row"],
    ),
    "rows": (
        lambda state: state, {"inputs": {"show.appeal": [1.0] * 3}},
        ["the state has 50 rows and the inputs have 3"],
    ),
    "replications": (
        lambda state: state, {"replications": 100}, ["and there are 50 rows of the state"],
    ),
    "a process": (
        lambda state: state, {"processes": [lambda show: iter(())]},
        ["a process of your own cannot go on in the middle of a show"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_go_on_is_refused(show: Scenario, states: State, case: str) -> None:
    change, options, said = WRONG[case]
    with pytest.raises(UsageError) as error:
        going_on(show, change(states), **options)
    for one in said:
        assert error.match(one)


@pytest.mark.slow
def test_a_result_says_from_when_on_it_is(show: Scenario, states: State) -> None:
    (note,) = going_on(show, states).notes
    assert note.startswith("Simulated from a state of the show at 300 s")


@pytest.mark.slow
def test_a_line_at_the_checkout_gets_through_once_there_is_no_limit(show: Scenario) -> None:
    narrow = show.with_changes({"checkout.capacity": 0.05})
    state = livesim.state_at(narrow, "4min", replications=50, workers=1)
    rest = going_on(narrow.with_changes({"checkout.capacity": None}), state)
    assert (rest.products.groupby("product")["claimed"].sum() > 0).all()


def test_rooms_with_stocks_of_their_own_go_on_where_no_units_are_told() -> None:
    split = livesim.load("gala_rooms_split", {"show.refresh": "60s"})
    seen = livesim.state_seen(split, "2min")
    assert seen.at == 120


@pytest.mark.slow
def test_a_show_at_its_last_moment_can_be_drawn(show: Scenario) -> None:
    last = livesim.state_at(show, "9min 55s", replications=50, workers=1)
    assert dict(going_on(show, last).figures())
