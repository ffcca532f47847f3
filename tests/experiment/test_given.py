"""Rows of inputs: simulated as they are, and refused where they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pandas as pd
import pytest

import livesim
from livesim.errors import Interrupted, UsageError
from livesim.experiment.given import given
from livesim.experiment.random_inputs import drawn_block
from livesim.history.table import SHOWS, tidy
from livesim.model.campaign import OPINIONS, aware_path
from livesim.resolve import resolve_file
from livesim.results import Result
from livesim.scenario.scenario import Scenario

CAMPAIGN = "scenarios/seeding_koc.yaml"


@pytest.fixture(scope="module")
def room(brand_room: Scenario) -> Scenario:
    """A quick room whose host may stay away, and whose serum is liked by nobody knows how many."""
    return brand_room.with_changes(
        {
            "show.length": "15min",
            "show.refresh": "20s",
            "rundown": dict(list(brand_room.to_data()["rundown"].items())[:3]),
            "people.host.no_show": "20%",
            "products.serum.returns": {"p10": "5%", "likely": "10%", "p90": "30%"},
        }
    )


@pytest.fixture(scope="module")
def drawn(room: Scenario) -> Result:
    return livesim.simulate(room, replications=300, seed=3, workers=1)


def test_the_rows_that_would_have_been_drawn_give_the_same_bits(
    room: Scenario, drawn: Result
) -> None:
    again = livesim.simulate(room, inputs=drawn.inputs, seed=3, workers=1)
    assert again.fingerprint == drawn.fingerprint
    assert again.replications == 300


def test_rows_are_put_back_as_they_are(room: Scenario, drawn: Result) -> None:
    rows = drawn.inputs.iloc[[3, 3, 7]]
    found = livesim.simulate(room, inputs=rows, seed=3, workers=1)
    assert found.replications == 3
    pd.testing.assert_frame_equal(
        found.inputs.drop(columns="replication"),
        rows.drop(columns="replication").reset_index(drop=True),
    )


ROWS: dict[str, Callable[[Any], Any]] = {
    "a row": lambda rows: rows.iloc[3],
    "a table": lambda rows: rows.iloc[[3]],
    "a dict": lambda rows: rows.iloc[3].to_dict(),
}


@pytest.mark.parametrize("of", ROWS)
def test_a_row_that_is_given_as_changes_hears_where_it_belongs(
    room: Scenario, drawn: Result, of: str
) -> None:
    """As changes it makes another show: what was drawn is what errors are before their centre."""
    row = ROWS[of](drawn.inputs)
    doors: tuple[Callable[[Any], Any], ...] = (
        room.with_changes,
        lambda changes: livesim.load("scenarios/brand_room.yaml", changes),
    )
    for door in doors:
        with pytest.raises(UsageError, match=r"livesim\.simulate\(scenario, inputs=row\)"):
            door(row)


def test_by_inputs_a_row_is_the_show_that_it_was(room: Scenario, drawn: Result) -> None:
    """Of many viewers little is left to chance: by 5 standard errors, one in two million seeds."""
    row = int(drawn.shows["unique_viewers"].idxmax())
    again = livesim.simulate(room, inputs=drawn.inputs.iloc[[row] * 100], seed=9, workers=1)
    viewers = again.shows["unique_viewers"]
    then = drawn.shows["unique_viewers"][row]
    assert abs(then - viewers.mean()) < 5 * viewers.std() * np.sqrt(1 + 1 / 100)


def test_more_rows_than_a_block_stay_in_order(room: Scenario) -> None:
    appeal = np.linspace(0.5, 2, 257)
    found = livesim.simulate(room, inputs={"show.appeal": appeal}, workers=1)
    assert np.array_equal(found.inputs["show.appeal"], appeal)


def test_what_has_no_column_is_drawn_as_usual(room: Scenario, drawn: Result) -> None:
    found = livesim.simulate(room, inputs={"show.appeal": np.ones(300)}, seed=3, workers=1)
    assert (found.outcome.inputs["show.appeal"] == 1).all()
    for path in ("show.turnout_factor", "people.host.no_show", "products.serum.returns"):
        assert np.array_equal(found.outcome.inputs[path], drawn.outcome.inputs[path])


def test_values_move_the_show(room: Scenario) -> None:
    low, high = (
        livesim.simulate(room, inputs={"show.appeal": np.full(60, factor)}, workers=1)
        for factor in (0.2, 5.0)
    )
    demand = [one.outcome.products["demand"].sum() for one in (low, high)]
    assert demand[1] > 3 * demand[0]


def test_who_stays_away_can_be_given(room: Scenario) -> None:
    away = {"people.host.no_show": [0, 1]}
    found = livesim.simulate(room, inputs=away, workers=1)
    assert found.outcome.inputs["people.host.no_show"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("kind", [object, np.float32, np.int64, bool])
def test_numbers_are_numbers_however_they_are_kept(room: Scenario, kind: type) -> None:
    found = livesim.simulate(room, inputs={"show.appeal": np.ones(2, dtype=kind)}, workers=1)
    assert found.outcome.inputs["show.appeal"].tolist() == [1.0, 1.0]


def test_a_result_says_what_was_given(room: Scenario) -> None:
    found = livesim.simulate(room, inputs={"show.appeal": [1.0]}, workers=1)
    assert found.notes == ("Simulated at given rows of show.appeal.",)


@pytest.mark.slow
def test_a_campaign_can_be_put_back_or_takes_place_with_what_is_given() -> None:
    posts = "campaign.tiers.koc.posts"
    unknown = {"p10": "20%", "likely": "50%", "p90": "80%"}
    scenario = livesim.load(CAMPAIGN, {"show.refresh": "60s", posts: unknown})
    first = livesim.simulate(scenario, replications=50, seed=2, workers=1)
    rows = first.inputs.iloc[[4, 4, 9]]
    again = livesim.simulate(scenario, inputs=rows, seed=5, workers=1)
    for path in first.outcome.inputs:
        assert np.array_equal(again.outcome.inputs[path], rows[path]), path
    few, many = (
        livesim.simulate(scenario, inputs={posts: np.full(20, share)}, workers=1)
        for share in (0.05, 0.95)
    )
    posted = "campaign.tiers.koc.posted"
    assert few.outcome.inputs[posted].max() < many.outcome.inputs[posted].min()


def test_a_show_in_which_nothing_is_uncertain(room: Scenario) -> None:
    own = [f"products.{name}.appeal" for name in room.products]
    known = ("show.appeal", "show.turnout_factor", "products.serum.returns", *own)
    audience = {"arrivals": {"shape": "flat"}, "waiting": 0}
    others = {f"segments.everyone.{key}": value for key, value in audience.items()}
    others["people.host.no_show"] = 0
    fixed = room.with_changes({**dict.fromkeys(known, 1.0), **others})
    assert livesim.simulate(fixed, replications=50, workers=1).inputs.columns == ["replication"]
    first = livesim.simulate(fixed, replications=50, seed=2, workers=1)
    again = livesim.simulate(fixed, inputs=first.inputs, seed=2, workers=1)
    assert again.fingerprint == first.fingerprint


@pytest.mark.slow
def test_an_interrupt_keeps_the_first_rows(
    room: Scenario, stops_after: Callable[[int], Executor]
) -> None:
    appeal = np.linspace(0.5, 2, 600)
    with pytest.raises(Interrupted) as stop:
        livesim.simulate(room, inputs={"show.appeal": appeal}, executor=stops_after(1))
    assert np.array_equal(stop.value.answer.inputs["show.appeal"], appeal[:250])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"show.apeal": [1.0]}, r"show\.apeal: no such.*Did you mean show\.appeal\?"),
    "known to all": ({"products.serum.conversion": [0.1]}, "no such quantity is drawn"),
    "text": ({"show.appeal": ["1"]}, "must be numbers"),
    "text among numbers": ({"show.appeal": np.array([1, "2"], dtype=object)}, "must be numbers"),
    "nan": ({"show.appeal": [1, np.nan]}, r"show\.appeal: nan in row 1 is not a finite number"),
    "inf": ({"show.appeal": [np.inf]}, "inf in row 0 is not a finite number"),
    "below": ({"show.appeal": [1, 0]}, "0 in row 1 is out of range for a factor.*more than 0"),
    "share": ({"products.serum.returns": [1.2]}, "1.2 in row 0 is out of range for a share"),
    "who comes": ({"people.host.no_show": [0, 0.5]}, "0.5 in row 1 is neither 0 nor 1"),
    "lengths": ({"show.appeal": [1, 1], "show.turnout_factor": [1]}, "has 2, .* has 1"),
    "a number beside a column": (
        {"show.appeal": [1, 1], "show.turnout_factor": 1.0},
        "one value a replication",
    ),
    "a table": ({"show.appeal": np.ones((2, 2))}, r"not the shape \(2, 2\)"),
    "ragged": ({"show.appeal": [[1.0], [1.0, 2.0]]}, "must be numbers"),
    "a complex number": (
        {"show.appeal": np.array([np.complex128(1 + 1j)], dtype=object)},
        "must be numbers",
    ),
    "only how many": ({"replication": [0, 1]}, "alone says nothing of what is drawn"),
    "no rows": ({"show.appeal": []}, "there are no rows"),
    "nothing": ({}, "there are no rows"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(room: Scenario, case: str) -> None:
    inputs, said = WRONG[case]
    with pytest.raises(UsageError, match=said):
        livesim.simulate(room, inputs=inputs, workers=1)


def test_all_mistakes_are_told_at_once(room: Scenario) -> None:
    rows = {"show.apeal": [1.0, 1.0], "show.appeal": [1.0, -1.0], "show.turnout_factor": ["a", "b"]}
    with pytest.raises(UsageError) as error:
        livesim.simulate(room, inputs=rows)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == list(rows)


def test_a_column_twice_is_refused(room: Scenario) -> None:
    twice = pd.DataFrame(np.ones((2, 2)), columns=["show.appeal", "show.appeal"])
    with pytest.raises(UsageError, match="2 such columns"):
        livesim.simulate(room, inputs=twice)


def test_more_than_all_cannot_have_heard() -> None:
    scenario = livesim.load(CAMPAIGN)
    segment, tier = next(iter(scenario.segments)), next(iter(scenario.campaign.tiers))
    heard = [aware_path(tier, segment, opinion) for opinion in OPINIONS]
    with pytest.raises(UsageError, match=f"{segment}: 1.6 of them have heard"):
        livesim.simulate(scenario, inputs={path: [0.8] for path in heard})


def test_replications_must_agree_with_the_rows(room: Scenario) -> None:
    rows = {"show.appeal": [1.0, 2.0]}
    assert livesim.simulate(room, inputs=rows, replications=2, workers=1).replications == 2
    with pytest.raises(UsageError, match="50 replications are asked for, and there are 2 rows"):
        livesim.simulate(room, inputs=rows, replications=50)
    with pytest.raises(UsageError, match="replications: a whole number is needed, not '2'"):
        livesim.simulate(room, inputs=rows, replications="2")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def calibration() -> livesim.Calibration:
    shows = [
        {"show": str(n), "length": 10_800, "viewers": 2_000 + 100 * n, "product": "serum"}
        for n in range(6)
    ]
    past = livesim.History(tidy([{**row, "units": 60} for row in shows], SHOWS))
    return livesim.calibrate("scenarios/brand_room.yaml", past)


def test_a_calibrations_rows_are_refused_in_the_planners_own_scenario(
    calibration: livesim.Calibration, brand_room: Scenario
) -> None:
    """There its factors would be divided as the planner's errors are: demand 30 % too low."""
    rows = calibration.inputs(20)
    cut = rows.iloc[[7, 7, 3]]
    plain = {"products.lip_tint.appeal": [1.0] * 20, **dict(rows.drop(columns="show.appeal"))}
    for some in (rows, cut, rows.iloc[7], dict(rows), rows.to_dict("series"), plain):
        with pytest.raises(UsageError, match=r"simulate\(calibration\.scenario, inputs="):
            livesim.simulate(brand_room, inputs=some, workers=1)


def test_a_calibrations_rows_are_taken_where_its_errors_are(
    calibration: livesim.Calibration, brand_room: Scenario
) -> None:
    rows, own = calibration.inputs(20), calibration.scenario
    written = livesim.load(own.to_data())
    dearer = own.with_changes({"products.serum.price": 400, "products.serum.owned": 300})
    for scenario in (own, written, dearer):
        assert livesim.simulate(scenario, inputs=rows, workers=1).replications == 20
    rest = rows.drop(columns="show.appeal")
    other = own.with_changes({"show.appeal": 1})
    assert livesim.simulate(other, inputs=rest, workers=1).replications == 20
    with pytest.raises(UsageError, match=r"is drawn together with show\.appeal: give"):
        livesim.simulate(own, inputs=rest, workers=1)


# --- What is drawn together ----------------------------------------------------------------------

TOGETHER = {
    "show.length": "20min",
    "show.refresh": "20s",
    "show.appeal": {"draws": "0.5 1 2 4 1"},
    "show.turnout_factor": {"draws": "4 2 1 0.5 8"},
}


@pytest.fixture(scope="module")
def together() -> Scenario:
    return livesim.load("scenarios/brand_room.yaml", TOGETHER)


def test_what_is_drawn_together_with_a_given_column_stays_with_it(together: Scenario) -> None:
    """The pairs that come are those of the draws, and where two have a value, both come."""
    pairs = {(0.5, 4.0), (1.0, 2.0), (2.0, 1.0), (4.0, 0.5), (1.0, 8.0)}
    appeal = np.repeat([0.5, 1.0, 2.0, 4.0], 75)
    drawn = drawn_block(together, 8, 0, 250, {"show.appeal": appeal[:250]})
    came = [*zip(drawn["show.appeal"], drawn["show.turnout_factor"], strict=True)]
    assert set(came) == pairs
    # Of 75 fair choices 20 to 55: missed by chance in 1 of 30,000; the seed is fixed.
    assert 20 <= came.count((1.0, 8.0)) <= 55
    alone = drawn_block(together, 8, 0, 250)
    whole = {path: alone[path] for path in ("show.appeal", "show.turnout_factor")}
    again = drawn_block(together, 8, 0, 250, whole)
    assert all(np.array_equal(alone[path], again[path]) for path in alone)
    assert {*zip(*whole.values(), strict=True)} == pairs


def test_values_that_no_draw_has_are_refused_without_what_belongs_to_them(
    together: Scenario,
) -> None:
    with pytest.raises(UsageError) as refused:
        given(together, {"show.appeal": [1.0, 1.2]})
    assert str(refused.value) == (
        "show.appeal (1.2) in row 1: no draw of the scenario has that, and it is drawn together "
        "with show.turnout_factor: give these, too, or values of one draw, as rows of a result's "
        "inputs have them"
    )
    both = {"show.appeal": [1.2], "show.turnout_factor": [1.2]}
    assert given(together, both)[0] == 1


def test_one_that_is_changed_alone_is_said_to_be_drawn_with_the_others_no_more(
    together: Scenario,
) -> None:
    written = together.to_data()
    noted = "Changed, and drawn together with others no more: show.appeal. show.turnout_factor: "
    notes = resolve_file(written, {"show.appeal": 1}).notes
    assert [note for note in notes if note.startswith(noted)]
    swept = livesim.sweep(written, {"show.appeal": [1, 2]}, replications=50, workers=1)
    assert all(str(notes).count(noted) == 1 for notes in swept.comparison.notes.values())
    both = {"show.appeal": 1, "show.turnout_factor": 2}
    for changes in (None, both, {"show.length": "15min"}):
        assert noted[:20] not in str(resolve_file(written, changes).notes)
