"""What a scenario's demand rests on, as every way to write it tells."""

from dataclasses import replace

import pytest

from livesim.resolve import Reason, Resolution, resolve
from livesim.resolve.evidence import assumed, errors_from, told_by
from livesim.scenario.document import parse_document

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 20}
  mask: {price: 80, unit_cost: 20, left_over_value: 5, owned: 4, returns: 10%, conversion: 2%}
supply: {pack: 6, minimum_order: 0}
"""


#: Who comes when, if that is known.
FLAT = "segments: {everyone: {arrivals: {shape: flat}, waiting: 0%}}\n"


def resolved(demand: str = "forecast: 20", show: str = "", more: str = "") -> Resolution:
    text = SHOW.replace("forecast: 20", demand).replace("show: {", f"show: {{{show}")
    return resolve(parse_document(text + more))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("demand", "keys"),
    [
        ("forecast: 20", "forecast"),
        ("orders_per_1000: 20", "orders_per_1000"),
        ("gpm: 900", "gpm"),
        ("ctr: 5%, ctor: 10%", "ctr × ctor"),
        ("ctr: 5%, ctor: {p10: 5%, likely: 10%, p90: 15%}", "ctr × ctor"),
        ("conversion: 2%", "conversion"),
    ],
)
def test_every_way_to_tell_the_orders(demand: str, keys: str) -> None:
    assert told_by(resolved(demand), "serum") == keys


def test_where_the_error_comes_from() -> None:
    assert errors_from(resolved())["serum"] == "template, assumption"
    certain = resolved(show="appeal: 1, turnout_factor: 1, ", more=FLAT)
    assert errors_from(certain)["serum"] == ""
    given = resolved(show="appeal: {p10: 0.5, likely: 1, p90: 2}, turnout_factor: 1, ", more=FLAT)
    assert errors_from(given)["serum"] == "given"


def test_an_error_that_past_shows_tell_is_called_so() -> None:
    told = resolved()
    changes = {"show.appeal": {"draws": "0.5 0.9 1.1 2.0"}}
    reasons = {**told.reasons, ("show", "appeal"): Reason("history", "6 shows")}
    learned = replace(told, scenario=told.scenario.with_changes(changes), reasons=reasons)
    assert set(errors_from(learned)["serum"].split(", ")) == {"template", "assumption", "history"}


def test_an_error_of_another_product_is_not_its_own() -> None:
    only_serum = resolved("forecast: {p10: 10, likely: 20, p90: 40}", show="turnout_factor: 1, ")
    assert set(errors_from(only_serum)["serum"].split(", ")) == {"template", "assumption", "given"}
    assert errors_from(only_serum)["mask"] == "template, assumption"


def test_what_is_given_is_not_assumed() -> None:
    first, second = resolved(), resolved(show="views_per_viewer: 1.5, ")
    assert assumed(first) == (assumed(second) or 0) + 1
    assert assumed(Resolution(first.scenario, {}, ())) is None


def test_nothing_is_assumed_of_a_file_in_which_all_is_given() -> None:
    from livesim.scenario.writing import write_yaml

    text = write_yaml(resolved().scenario.to_data())
    assert assumed(resolve(parse_document(text))) == 0
