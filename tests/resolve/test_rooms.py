"""Rooms in a file: what they are filled in with, how history is read, and every mistake."""

import pytest

from livesim.errors import Mistake, ScenarioError
from livesim.model.expectation import expect
from livesim.resolve import Resolution, resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

GALA = """\
title: A gala that its guests relay
show: {start: 2026-11-29 20:00, length: 1h, currency: CNY}
people:
  viya: {role: host}
  mega: {role: guest, fit: {fans: 0.3}}
  koc: {role: host}
segments:
  fans: {viewers: 10_000}
  friends: {viewers: 5_000, comes_for: koc}
rooms:
  big: {segments: [fans], people: [mega], allotment: 40%, fee: 20k}
  small: {segments: [friends], people: [koc], count: 50, allotment: 60%, fee: 300}
products:
  perfume: {price: 299, unit_cost: 90, owned: 500, orders_per_1000: 10}
rundown:
  talk: {length: 20min, sells: [perfume]}
  songs: {length: 20min, on_stage: [viya], sells: []}
"""


def changed(*replaced: tuple[str, str]) -> str:
    text = GALA
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return text


def resolved(*replaced: tuple[str, str]) -> Resolution:
    return resolve(parse_document(changed(*replaced)))


def mistakes(*replaced: tuple[str, str]) -> tuple[Mistake, ...]:
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(changed(*replaced), "gala.yaml"))
    return refused.value.mistakes


def test_every_resolved_form_is_a_scenario() -> None:
    scenario = resolved().scenario
    assert Scenario.from_data(scenario.to_data()) == scenario
    assert scenario.split
    assert scenario.room_fees == 20_000 + 50 * 300


def test_without_rooms_nothing_is_said_of_them() -> None:
    alone = resolved(
        (GALA[GALA.index("rooms:") : GALA.index("products:")], ""),
        ("comes_for: koc", ""),
        ("on_stage: [viya]", "on_stage: [viya, mega]"),
    ).scenario
    assert "rooms" not in alone.to_data()
    assert not alone.split
    assert alone.room_fees == 0


def test_a_template_fills_rooms_in() -> None:
    resolution = resolved()
    small = (resolution.scenario.rooms or {})["small"]
    assert (small.count, small.spread) == (50, 0.8)
    big = (resolution.scenario.rooms or {})["big"]
    assert (big.count, big.people) == (1, ("mega",))
    assert resolution.reasons["rooms", "small", "spread"].kind == "assumption"


def test_the_usual_host_of_a_room_stays_there() -> None:
    """Who is on stage in a room is not put into the rundown, where everybody would see them."""
    rundown = resolved().scenario.rundown
    assert rundown["talk"].on_stage == ("viya",)
    rotating = resolved((GALA[GALA.index("rundown:") :], "")).scenario
    assert all(slot.on_stage == ("viya",) for slot in rotating.rundown.values())


def test_viewers_are_those_of_all_rooms_and_reach_that_of_one() -> None:
    scenario = resolved().scenario
    assert scenario.segments["friends"].reach == 5_000 / 0.01 / 50
    expected = expect(inputs_of(scenario))
    assert expected.viewers["friends"] == pytest.approx(5_000)
    assert expected.viewers["fans"] == pytest.approx(10_000)
    assert expected.orders["perfume"] == pytest.approx(150)


def test_a_turnout_is_that_of_all_rooms_together() -> None:
    scenario = resolved(("{viewers: 5_000", "{viewers: 5_000, reach: 250")).scenario
    assert scenario.segments["friends"].turnout == pytest.approx(5_000 / (250 * 50))


def test_concurrent_viewers_are_those_of_all_rooms() -> None:
    column = "{concurrent: {0min: 500, 30min: 2_000, 1h: 1_000}"
    one = resolved(("{viewers: 5_000", column), ("count: 50", "count: 1"))
    many = resolved(("{viewers: 5_000", column))
    alone, each = (r.scenario.segments["friends"].reach for r in (one, many))
    assert each == pytest.approx(alone / 50, rel=0.01)
    reason = many.reasons["segments", "friends", "reach"]
    assert reason.text.endswith("/ 50 rooms")


def test_who_comes_for_a_room_s_own_host_comes_from_the_start() -> None:
    assert expect(inputs_of(resolved().scenario)).watching[1, 1] > 0


def test_a_room_s_guest_needs_a_fit_to_nobody_else() -> None:
    notes = " ".join(resolved().notes)
    assert "mega" not in notes
    assert "mega's fit to fans" in " ".join(resolved(("{fans: 0.3}", "{}")).notes)


# One fault each: what is written instead of what, where it is told, and what is said.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "no such segment": (
        "segments: [fans]", "segments: [fans, fan]", "rooms.big.segments", "no audience segment",
    ),
    "no such person": ("[mega]", "[mga]", "rooms.big.people", "no person is called mga"),
    "a segment in no room": (
        "  friends: {viewers", "  cousins: {viewers: 5}\n  friends: {viewers", "rooms",
        "the audience segment cousins is in no room",
    ),
    "a segment in two rooms": (
        "segments: [friends]", "segments: [friends, fans]", "rooms.small.segments",
        "fans is in the room big already",
    ),
    "a person in two rooms": (
        "people: [koc]", "people: [koc, mega]", "rooms.small.people",
        "mega is in the room big already",
    ),
    "a room's person in the rundown": (
        "on_stage: [viya]", "on_stage: [viya, koc]", "rundown.songs.on_stage",
        "koc is on stage in a room of their own",
    ),
    "nobody watches": (
        "  big:", "  empty: {segments: [], allotment: 0%}\n  big:", "rooms.empty.segments",
        "nobody watches in this room",
    ),
    "no rooms": (
        GALA[GALA.index("rooms:") : GALA.index("products:")], "rooms: {}\n", "rooms",
        "the show has no rooms",
    ),
    "late": (
        "koc: {role: host}", "koc: {role: host, late: 5min}", "people.koc.late",
        "koc is on stage in a room of their own all the time",
    ),
    "no-show": (
        "koc: {role: host}", "koc: {role: host, no_show: 5%}", "people.koc.no_show",
        "koc is on stage in a room of their own all the time",
    ),
    "comes for who is elsewhere": (
        "comes_for: koc", "comes_for: mega", "segments.friends.comes_for",
        "mega is only seen in the room big",
    ),
    "an allotment missing": (
        "allotment: 40%, ", "", "rooms.big", "other rooms have an allotment and big has none",
    ),
    "allotments that do not add up": (
        "allotment: 60%", "allotment: 70%", "rooms.big.allotment", "add up to 1.1, not to 1",
    ),
    "backorders": (
        "owned: 500", "owned: 500, backorder: {accept: 60%, units: 50}",
        "products.perfume.backorder", "orders beyond the stock cannot be taken",
    ),
    "a screen that shows the stock": (
        "products:", "screen: {on_hand: true}\nproducts:", "screen.on_hand",
        "each screen would show another stock",
    ),
    "no like rooms": ("count: 50", "count: 0", "rooms.small.count", "0"),
    "an uncertain count": (
        "count: 50", "count: {p10: 20, likely: 50, p90: 90}", "rooms.small.count",
        "this is chosen by the planner",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_every_mistake_is_told_where_it_stands(name: str) -> None:
    old, new, path, what = FAULTS[name]
    told = [mistake for mistake in mistakes((old, new)) if mistake.path.startswith(path)]
    assert told, [str(mistake) for mistake in mistakes((old, new))]
    assert what in told[0].what
    assert told[0].remedy
    assert told[0].line
