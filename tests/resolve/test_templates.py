"""Templates: every default says where it comes from, and a file's value replaces it whole."""

from collections.abc import Iterator
from typing import Any

import pytest

from livesim.resolve.derivation import GIVEN, Path
from livesim.resolve.templates import KNOWN_FROM, TEMPLATES, Template, filled, layers, template

ALL = ("base", *(f"known_from_{source}" for source in KNOWN_FROM), *TEMPLATES)


def values(data: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(data, dict) and data:
        for key, inner in data.items():
            yield from values(inner, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("name", ALL)
def test_every_default_says_where_it_comes_from(name: str) -> None:
    silent = [
        path
        for path in values(template(name).data)
        if template(name).reason(path) is None and path != ("segments", "everyone")
    ]
    assert silent == []


@pytest.mark.parametrize("name", ALL)
def test_every_reason_has_a_default(name: str) -> None:
    """A reason whose path is misspelt would be shown nowhere."""
    known = template(name)
    for pattern in known.because:
        alone = Template(name, known.data, {pattern: "x"})
        assert any(alone.reason(path) for path in values(known.data)), pattern


def test_a_default_without_a_reason_would_be_noticed() -> None:
    base = template("base")
    thinner = {key: text for key, text in base.because.items() if key != ("each_product", "rush")}
    assert Template("base", base.data, thinner).reason(("each_product", "rush")) is None


def test_the_closest_reason_counts() -> None:
    because = {("deal",): "all of it", ("deal", "*", "fee"): "every fee"}
    known = Template("t", {"deal": {"host": {"fee": 1}}}, because)
    near, far = known.reason(("deal", "host", "fee")), known.reason(("deal", "host"))
    assert near and near.text == "every fee [t]"
    assert far and far.text == "all of it [t]"


def fill(written: dict[str, Any], like: str = "drop") -> dict[str, Any]:
    show = written.get("show", {})
    return filled(written, layers(like, show.get("known_from"))).data


def test_the_file_wins_over_the_template_and_the_template_over_base() -> None:
    assert fill({"show": {"refresh": "2s"}})["show"]["refresh"] == "2s"
    assert fill({})["show"]["refresh"] == "1s"
    assert fill({}, like="none")["show"]["refresh"] == "5s"


def test_a_value_is_replaced_whole() -> None:
    stay = {"all": {"share": "100%", "mean": "2min"}}
    segment = fill({"segments": {"fans": {"stay": stay}}})["segments"]["fans"]
    assert segment["stay"] == stay
    assert segment["turnout"] == "1%"


def test_own_people_replace_those_of_the_template() -> None:
    assert list(fill({}, "guest_show")["people"]) == ["host", "guest"]
    mine = fill({"people": {"anna": {"role": "host"}, "mei": {"role": "guest"}}}, "guest_show")
    assert list(mine["people"]) == ["anna", "mei"]
    assert [mine["people"][name]["pull"] for name in ("anna", "mei")] == [1, 2]


def test_the_host_is_on_stage_unless_a_slot_says_who_is() -> None:
    rundown = {"talk": {"length": "9min"}, "guest": {"on_stage": ["mei"]}}
    people = {"anna": {"role": "host"}, "mei": {"role": "guest"}}
    slots = fill({"people": people, "rundown": rundown})["rundown"]
    assert [slot["on_stage"] for slot in slots.values()] == [["anna"], ["mei"]]


def test_reasons_tell_file_from_template() -> None:
    reasons = filled({"products": {"serum": {"limit": 1}}}, layers("drop")).reasons
    assert reasons["products", "serum", "limit"] == GIVEN
    assert reasons["products", "serum", "rush"].kind == "assumption"
    assert reasons["products", "serum", "rush"].text.endswith("[drop]")
    assert reasons["products", "serum", "elasticity"].text.endswith("[base]")


def test_the_errors_are_those_of_what_is_known() -> None:
    show = fill({"show": {"known_from": "history"}})["show"]
    assert show["turnout_factor"] == {"student_t": {"median": 1, "scale": 0.3, "df": 4.4}}
    assert fill({})["show"]["turnout_factor"] == {"lognormal": {"median": 1, "sigma": 1.1}}


def test_a_new_product_errs_more_than_one_with_a_history() -> None:
    products = {"serum": {}, "hat": {"new": True}}
    known = fill({"show": {"known_from": "history"}, "products": products})["products"]
    guessed = fill({"products": products})["products"]
    sigmas = [part["appeal"]["lognormal"]["sigma"] for part in (*known.values(), *guessed.values())]
    assert sigmas == [0.5, 1.2, 1.2, 1.2]
