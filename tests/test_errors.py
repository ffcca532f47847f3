"""Errors say where, what and the remedy, survive a process boundary, and suggest a name."""

import pickle

import pytest

from livesim.errors import (
    LISTED_NAMES,
    LivesimError,
    Mistake,
    ResultsError,
    ScenarioError,
    UsageError,
    did_you_mean,
)

KIM = Mistake(
    what="no audience segment is called kim_fan",
    path="people.kim.fit.kim_fan",
    remedy="known: kim_fans, viya_followers. Did you mean kim_fans?",
    file="scenarios/gala.yaml",
    line=14,
    column=9,
)


def test_a_mistake_reads_place_path_what_and_remedy():
    assert str(KIM) == (
        "scenarios/gala.yaml:14:9  people.kim.fit.kim_fan\n"
        "  no audience segment is called kim_fan\n"
        "  known: kim_fans, viya_followers. Did you mean kim_fans?"
    )


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        (Mistake("it is empty", file="a.yaml"), "a.yaml\n  it is empty"),
        (Mistake("it is empty", path="show"), "show\n  it is empty"),
        (Mistake("it is empty"), "it is empty"),
        (Mistake("it is empty", remedy="fill it"), "it is empty\nfill it"),
        (Mistake("one\ntwo", path="show"), "show\n  one\n  two"),
    ],
)
def test_what_is_unknown_is_left_out(mistake, text):
    assert str(mistake) == text


def test_a_scenario_error_tells_all_mistakes_with_a_blank_line_between():
    error = ScenarioError([KIM, Mistake("it is empty", path="show")])
    assert str(error) == f"{KIM}\n\nshow\n  it is empty"
    assert error.mistakes == (KIM, Mistake("it is empty", path="show"))


def test_a_scenario_error_survives_a_process_boundary():
    error = pickle.loads(pickle.dumps(ScenarioError([KIM])))
    assert type(error) is ScenarioError
    assert error.mistakes == (KIM,)
    assert str(error) == str(KIM)


def test_an_error_without_a_mistake_is_a_defect():
    with pytest.raises(ValueError, match="at least one"):
        ScenarioError([])


@pytest.mark.parametrize("kind", [ScenarioError, ResultsError, UsageError])
def test_everything_on_purpose_is_one_tree(kind):
    assert issubclass(kind, LivesimError)


def test_no_known_name_makes_no_remedy():
    assert did_you_mean("kim", []) == ""


def test_nothing_close_asks_no_question():
    assert did_you_mean("dog", ["kim_fans"]) == "known: kim_fans"


def test_a_long_list_is_cut_but_still_searched():
    names = [f"lipstick_{number}" for number in range(LISTED_NAMES)] + ["serum", "cream"]
    remedy = did_you_mean("serun", names)
    assert remedy.endswith("lipstick_11 and 2 more. Did you mean serum?")
    assert "cream" not in remedy
