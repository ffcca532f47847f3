"""Resolving as a whole: everything explicit, everything explained, and nothing changed twice."""

from pathlib import Path

import pytest

import livesim
from livesim.errors import ScenarioError, UsageError
from livesim.resolve import (
    TEMPLATES,
    Resolution,
    alternatives,
    explained,
    leaves,
    reason_of,
    resolve,
    resolve_file,
    resolving,
    starter,
)
from livesim.scenario.document import parse_document
from livesim.scenario.draft import DraftProduct
from livesim.scenario.sources import opened
from livesim.scenario.uncertain import StudentT
from livesim.scenario.writing import write_yaml

ROOM = Path(__file__).parents[2] / "scenarios" / "brand_room.yaml"
VIYA = ROOM.with_name("viya_kim_perfume.yaml")
#: Every reference scenario, and each alternative of those that have some.
FILES = [
    (path.stem, alternative)
    for path in sorted(ROOM.parent.glob("*.yaml"))
    for alternative in alternatives(path) or (None,)
]


#: With so many products they take seconds each.
LARGE = [
    pytest.param(file, marks=pytest.mark.thorough) if file[0] == "presale_marathon" else file
    for file in FILES
]


@pytest.fixture(scope="module", params=[*TEMPLATES, *LARGE], ids=str)
def resolution(request: pytest.FixtureRequest) -> Resolution:
    if request.param in FILES:
        name, alternative = request.param
        return resolve_file(name, alternative=alternative)
    return resolve(parse_document(starter(request.param)))


@pytest.mark.slow
def test_resolving_twice_changes_nothing(resolution: Resolution) -> None:
    again = resolve(parse_document(write_yaml(resolution.scenario.to_data())))
    assert again.scenario == resolution.scenario
    assert again.scenario.digest == resolution.scenario.digest
    assert again.checks == resolution.checks


@pytest.mark.slow
def test_what_is_explicit_is_given(resolution: Resolution) -> None:
    again = resolve(parse_document(write_yaml(resolution.scenario.to_data())))
    kinds = {reason_of(again.reasons, path).kind for path in leaves(again.scenario)}
    assert kinds == {"given"}


@pytest.mark.slow
def test_a_price_that_is_changed_moves_demand_and_one_in_the_file_is_what_the_file_tells_of() -> (
    None
):
    room = livesim.load(ROOM)
    dear = livesim.load(ROOM, {"products.serum.price": 399})
    assert room.products["serum"].reference_price == 299
    assert dear.products["serum"].reference_price == 299
    assert dear.products["serum"].conversion == room.products["serum"].conversion
    file = ROOM.read_text().replace("serum: {price: 299", "serum: {price: 399")
    told = resolve(parse_document(file)).scenario.products["serum"]
    assert (told.price, told.reference_price) == (399, 399)
    assert told.conversion == room.products["serum"].conversion


@pytest.mark.slow
def test_every_value_has_a_reason(resolution: Resolution) -> None:
    for path in leaves(resolution.scenario):
        assert reason_of(resolution.reasons, path)


@pytest.mark.slow
def test_the_explained_form_is_the_resolved_form(resolution: Resolution) -> None:
    text = explained(resolution)
    assert parse_document(text).data == resolution.scenario.to_data()
    assert resolve(parse_document(text)).scenario == resolution.scenario


def test_reasons_say_what_was_given_told_derived_and_assumed() -> None:
    reasons = resolve_file(ROOM).reasons

    def kind(path: str) -> str:
        return reason_of(reasons, tuple(path.split("."))).kind

    assert kind("products.serum.price") == "given"
    assert kind("segments.everyone.reach") == "history"
    assert kind("segments.everyone.stay.browse.mean") == "history"
    assert kind("products.serum.conversion") == "history"
    assert kind("rundown.serum_1.length") == "derived"
    assert kind("products.serum.elasticity") == "template"
    assert kind("products.serum.rush") == "assumption"


def test_checks_go_in_the_other_direction() -> None:
    checks = resolve_file(ROOM).checks
    assert checks[0].startswith("everyone: 2,000 viewers expected, mean watch time 2 min 48 s")
    assert checks[1].endswith("40 orders expected (29 in the middle show)")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("title", "title", "No rundown: the 3 products rotate evenly, 5 min each, 12 times."),
        (
            "title",
            "title",
            "Forecast errors are those of what is known from history (5 shows: show.past_shows)",
        ),
        ("orders_per_1000: 20", "gpm: 3_000", "Views are taken as unique viewers for serum"),
        ("orders_per_1000: 20", "orders_per_1000: 20, herd: 0.2", "serum: herd does nothing"),
        (
            "orders_per_1000: 20",
            "orders_per_1000: 20, scarcity: {below: 5, multiplier: 1.1}",
            "serum: scarcity does nothing",
        ),
        ("supply:", "screen: {claimed: true}\nsupply:", "The screen shows the share claimed, and"),
        ("supply:", "screen: {on_hand: true}\nsupply:", "The screen shows the units left, and"),
        (
            "orders_per_1000: 20",
            "orders_per_1000: 20, reserve: {units: 30, below: 9, lead_time: 3h}",
            "serum: the reserve of 30 units comes once serum is off offer and is left over",
        ),
        (
            "orders_per_1000: 20",
            "orders_per_1000: 20, shelf: 0%, "
            "waves: {a: {share: 50%, after: 0s}, b: {share: 50%, after: 2h58min}}",
            "serum: wave b comes 2 h 58 min after the link, and serum is on offer for",
        ),
        ("deal:", "# deal:", "No deal is given"),
        (
            "supply:",
            "rundown: {a: {start: 10min, length: 2h, sells: [serum, mask, lip_tint]}}\nsupply:",
            "From 0 s to 10 min no slot is planned",
        ),
        (
            "supply:",
            "rundown: {a: {length: 4h, sells: [serum, mask, lip_tint]}}\nsupply:",
            "a is cut off by the show's end.",
        ),
        (
            "supply:",
            "people: {anna: {role: host}, mei: {role: guest}}\nsupply:",
            "mei's fit to everyone is not given and taken as 0",
        ),
        (
            "viewers: 2_000",
            "segments: {everyone: {reach: 200k}}\n#",
            "everyone: no turnout is written, and 1 % of the reach are taken to come.",
        ),
    ],
)
def test_notes_say_what_was_assumed(old: str, new: str, note: str) -> None:
    text = ROOM.read_text("utf-8")
    assert old in text
    notes = resolve(parse_document(text.replace(old, new, 1))).notes
    assert any(line.startswith(note) for line in notes), notes


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"screen.claimed": True, "products.serum.herd": 0.2},
        {"screen.on_hand": True, "products.serum.scarcity": {"below": 5, "multiplier": 1.1}},
        {"products.serum.reserve": {"units": 30, "below": 9, "lead_time": "2h59min"}},
        {"products.serum.reserve": {"units": 0, "below": 9, "lead_time": "3h"}},
        {
            "products.serum.reserve": {"units": 30, "below": 9, "lead_time": "3h"},
            "products.serum.backorder": {"accept": 0.5, "units": 9},
        },
    ],
)
def test_what_has_an_effect_is_not_noted(changes: dict[str, object]) -> None:
    """The twin: somebody reacts, it comes in time, or there are buyers who wait for it."""
    assert resolve_file(ROOM, changes).notes == resolve_file(ROOM).notes


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    text = """
like: drop
title: One of each
show: {length: 20min, currency: CNY}
viewers: 1_000
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%}
products: {lamp: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, orders_per_1000: 1}}
"""
    resolution = resolve(parse_document(text))
    assert "No rundown: lamp is on all the time, in 1 slot of 20 min." in resolution.notes
    assert any("→ 1 order per 1,000 viewers, 1 order " in line for line in resolution.checks)


@pytest.mark.parametrize(
    ("observed", "warned"),
    [
        ({"sold": 50, "sold_out": True}, True),
        ({"sold": 54, "sold_out": True}, True),  # a forecast that was rounded
        ({"sold": 250, "sold_out": True, "viewers": "10k"}, True),  # as many per viewer
        ({"sold": 20, "sold_out": True}, False),
        ({"sold": 50, "sold_out": False}, False),
    ],
)
def test_a_forecast_taken_from_a_sold_out_show_is_noted(
    observed: dict[str, object], warned: bool
) -> None:
    changes = {"products.serum.forecast": 50, "products.serum.observed": observed}
    notes = resolve_file(ROOM, changes).notes
    assert any("a lower bound of demand, never demand" in note for note in notes) == warned


def test_what_was_observed_changes_no_demand() -> None:
    observed = {"sold": 15_000, "sold_out": True, "after": "5min", "viewers": "13M"}
    told = livesim.load(ROOM, {"products.serum.observed": observed})
    assert told.with_changes({"products.serum.observed": None}) == livesim.load(ROOM)


def test_a_note_leaves_when_its_reason_does() -> None:
    text = ROOM.read_text("utf-8").replace("currency", "appeal: 1, turnout_factor: 1, currency", 1)
    assert len(resolve(parse_document(text)).notes) == 1


def test_history_is_changed_before_deriving() -> None:
    show = livesim.load(ROOM, {"viewers": "5k", "products.serum.orders_per_1000": 30})
    assert show.segments["everyone"].reach == 500_000
    assert "serum: conversion" in str(resolve_file(ROOM, {"show.length": "1h"}).checks)


HAT = {"price": 50, "unit_cost": 10, "conversion": "1%"}


@pytest.mark.slow
def test_a_part_that_is_added_gets_the_defaults_of_the_templates() -> None:
    """As if the file had it, which then rotates four products."""
    text = ROOM.read_text("utf-8")
    line = "  hat: {price: 50, unit_cost: 10, conversion: 1%}\n"
    inside = resolve(parse_document(text.replace("products:\n", "products:\n" + line, 1)))
    added = resolve_file(ROOM, {"products.hat": HAT})
    assert added.scenario.products["hat"] == inside.scenario.products["hat"]
    assert "hat_1" in added.scenario.rundown
    assert str(added.reasons["products", "hat", "price"]) == "given: changed"
    assert str(reason_of(added.reasons, ("products", "hat", "rush"))).startswith("assumption")


def test_a_rundown_is_added_where_none_is_written() -> None:
    slots = {
        "opening": {"length": "1h", "sells": ["serum", "mask"]},
        "end": {"length": "2h", "sells": ["lip_tint"]},
    }
    added = resolve_file(ROOM, {"rundown": slots})
    assert list(added.scenario.rundown) == ["opening", "end"]
    assert added.scenario.rundown["opening"].on_stage == ("host",)
    assert not [note for note in added.notes if note.startswith("No rundown")]
    slot = ("rundown", "end")
    assert str(reason_of(added.reasons, (*slot, "sells"))) == "given: changed"
    assert str(reason_of(added.reasons, (*slot, "link"))).startswith("assumption")


def test_what_is_added_finds_its_slot_in_the_same_changes() -> None:
    changes = {"products.hat": HAT, "rundown.talk.sells": ["hat"], "products.hat.owned": 7}
    text = """
title: A talk and a sale
like: drop
show: {length: 20min, currency: CNY}
viewers: 1_000
products: {lamp: {price: 100, unit_cost: 30, owned: 10, conversion: 1%}}
rundown: {talk: {length: 10min}, sale: {length: 10min, sells: [lamp]}}
"""
    hat = resolve(parse_document(text), changes).scenario.products["hat"]
    assert (hat.price, hat.owned) == (50, 7)
    with pytest.raises(ScenarioError, match="no key called prise"):
        resolve(parse_document(text), {"products.hat": {**HAT, "prise": 3}})


def test_behaviour_stays_when_a_lever_changes() -> None:
    plain = livesim.load(ROOM)
    longer = livesim.load(ROOM, {"rundown.serum_1.length": "4min", "products.serum.owned": 9})
    assert longer.rundown["serum_1"].length == 240
    assert longer.products["serum"].conversion == plain.products["serum"].conversion


def test_a_written_rundown_is_changed_together_with_the_show() -> None:
    """Neither alone would do: the slots of 45 minutes do not fit into ten."""
    lengths = {"opening_talk": "2min", "kim_and_the_perfume": "5min", "closing_talk": "3min"}
    changes = {f"rundown.{slot}.length": length for slot, length in lengths.items()}
    short = livesim.load(VIYA, {"show.length": "10min", **changes})
    assert [slot.length for slot in short.rundown.values()] == [120, 300, 180]
    with pytest.raises(ScenarioError, match="when the show is over"):
        livesim.load(VIYA, {"show.length": "10min"})


def test_a_change_of_demand_replaces_how_it_was_told() -> None:
    resolution = resolve_file(ROOM, {"products.serum.forecast": 115})
    assert any("serum" in line and "100 orders" in line for line in resolution.checks)


@pytest.mark.parametrize("path", ["show.length", "products.serum.owned", "viewers"])
def test_a_mistake_in_a_change_points_at_the_change(path: str) -> None:
    """And not at the line of the file that it replaces, in which nothing is wrong."""
    with pytest.raises(ScenarioError) as found:
        resolve_file(ROOM, {path: "abc"})
    (mistake,) = found.value.mistakes
    assert str(mistake).startswith(f"as changed  {path}\n")


def test_other_mistakes_keep_their_place(tmp_path: Path) -> None:
    file = tmp_path / "room.yaml"
    file.write_text(ROOM.read_text().replace("watch_time: ", "watch_time: abc # "))
    with pytest.raises(ScenarioError) as found:
        resolve_file(file, {"show.length": "2h"})
    (mistake,) = found.value.mistakes
    assert mistake.file == str(file) and mistake.line is not None


def test_changes_are_given() -> None:
    changes = {"viewers": "5k", "show.length": "1h", "products.serum.quantity": {"1": 1.0}}
    reasons = resolve_file(ROOM, changes).reasons
    assert str(reason_of(reasons, ("show", "length"))) == "given: changed"
    assert str(reason_of(reasons, ("products", "serum", "quantity", "1"))) == "given: changed"
    reasons = resolve_file(ROOM, {"products.serum.supply.lead_time": "4d"}).reasons
    for key in ("lead_time", "discount"):
        assert str(reason_of(reasons, ("products", "serum", "supply", key))) == "given: changed"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("products.serun.owned", "Did you mean serum?"),
        ("products.serun.forecast", "Did you mean serum?"),
        ("products.serum.ownd", "Did you mean owned?"),
        ("segments.all.viewers", "known: everyone"),
        ("show.lenght", "Did you mean length?"),
        ("viewer", "Did you mean viewers?"),
        ("rundown.serum_99.length", "nothing called serum_99"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_mistake(path: str, what: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        livesim.load(ROOM, {path: "5"})
    assert what in str(refused.value)


def test_a_template_is_found_or_named() -> None:
    with pytest.raises(UsageError, match="Did you mean drop"):
        starter("dropp")


def test_few_past_shows_make_wider_errors() -> None:
    """Views an hour forecast from one show erred 1.2 times as widely as from five."""
    text = (
        "like: drop\ntitle: One\nviewers: 100\nshow: {length: 1h, currency: CNY, "
        "known_from: history, past_shows: %d}\n"
        "products: {serum: {price: 1, unit_cost: 1, conversion: 1%%}}\n"
    )
    scales = []
    for shows in (1, 2, 5, 9):
        error = resolve(parse_document(text % shows)).scenario.show.turnout_factor
        assert isinstance(error, StudentT)
        scales.append(error.scale)
    assert scales == [0.3873, 0.3354, 0.3, 0.3]


def test_the_file_asks_what_its_forecasts_are_known_from() -> None:
    text = (
        "like: drop\ntitle: One\nviewers: 100\nshow: {length: 1h, currency: CNY%s}\n"
        "products: {serum: {price: 1, unit_cost: 1, conversion: 1%%}}\n"
    )
    asking, told = (
        [note for note in resolve(parse_document(text % more)).notes if "known from" in note]
        for more in ("", ", known_from: followers")
    )
    assert "show.known_from is history, followers or nothing" in asking[0]
    assert told == ["Forecast errors are those of what is known from followers."]


def test_a_conversion_that_may_be_a_guess_is_not_taken_for_known_from_history_without_a_word() -> (
    None
):
    text = (
        "like: brand_room\ntitle: One\nviewers: 1_000\n"
        "show: {length: 1h, currency: CNY%s}\n"
        "products: {serum: {price: 1, unit_cost: 1, %s}}\n"
    )

    def asks(show: str, told: str) -> bool:
        return "if it is a guess" in str(resolve(parse_document(text % (show, told))).notes)

    assert asks("", "conversion: 1%")
    assert not asks(", known_from: history", "conversion: 1%")
    assert not asks(", appeal: {lognormal: {median: 1, sigma: 1}}", "conversion: 1%")
    assert not asks("", "orders_per_1000: 20")


def test_a_conversion_is_told_that_published_shows_are_selected() -> None:
    """150 measured shows took 1.1 times what 1.2 % comes to, and 18 published ones 2.6 times that.

    So whoever holds a plan against a show that was written about knows why it sold more.
    """
    text = (
        "like: drop\ntitle: One\nviewers: 100\nshow: {length: 1h, currency: CNY%s}\n"
        "products: {serum: {price: 1, unit_cost: 1, %s}}\n"
    )

    def told(show: str, orders: str) -> bool:
        notes = str(resolve(parse_document(text % (show, orders))).notes)
        return "what sells much is published" in notes

    assert told(", known_from: followers", "conversion: 1%")
    assert told(", known_from: nothing", "conversion: 1%")
    assert not told(", known_from: history", "conversion: 1%")
    assert not told(", known_from: followers", "orders_per_1000: 20")
    readme = (ROOM.parents[1] / "README.md").read_text("utf-8")
    for text in (readme, DraftProduct.model_fields["conversion"].description or ""):
        assert "2.6 times as much a viewer as these" in " ".join(text.split())


def test_a_written_conversion_says_how_much_rests_on_the_rush() -> None:
    text = (
        "like: brand_room\ntitle: One\nviewers: 1_000\nshow: {length: 1h, currency: CNY}\n"
        "products: {serum: {price: 1, unit_cost: 1, %s}, mask: {price: 1, unit_cost: 1, %s}}\n"
    )

    def notes(*told: str) -> list[str]:
        found = resolve(parse_document(text % told)).notes
        return [note for note in found if "twice as fast" in note]

    orders = {"orders_per_1000: 20", "forecast: 20"}
    assert notes(*orders) == []
    (note,) = notes("conversion: 2%", "forecast: 20")
    told, twice = (float(word) for word in note.split("1,000")[1].split() if word[0].isdigit())
    assert 1.2 * told < twice < 2 * told


def test_a_file_resolved_again_with_other_changes_is_as_resolved_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is told is worked out once for all changes of something else."""
    every = [
        {"products.serum.owned": 20},
        {"viewers": "3k", "deal.guest_fee": "5k"},
        {"products.serum.owned": 40, "deal.guest_fee": 1_000},
        {"deal.guest_fee": 1_000, "viewers": "3k"},
    ]
    document, derived = opened("scenarios/brand_room.yaml"), []
    usual = resolving.fitted
    monkeypatch.setattr(resolving, "fitted", lambda *told: derived.append(told) or usual(*told))
    resolver = resolving.Resolver(document)
    found = [resolver.at(changes) for changes in every]
    assert len(derived) == 2
    assert found == [resolving.resolve(document, changes) for changes in every]
