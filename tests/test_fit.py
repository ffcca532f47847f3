"""One guest, two categories: who fits beauty sells beauty, and the same face sells no phones."""

from __future__ import annotations

from math import sqrt

import pytest

import livesim
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

LIFT, BEAUTY, ELECTRONICS, SEGMENT = 1.5, 0.9, -0.5, 0.4

SHOW = f"""\
like: guest_show
title: One guest, a cream and a phone
show: {{length: 10min, refresh: 5s, currency: CNY}}
viewers: 20k
people:
  host: {{role: host}}
  blogger:
    role: guest
    pull: 1
    lift: {LIFT}
    late: 0s
    fit: {{everyone: {SEGMENT}}}
    fit_by_category: {{beauty: {BEAUTY}, electronics: {ELECTRONICS}}}
products:
  cream: {{category: beauty, price: 299, unit_cost: 90, left_over_value: 60, owned: 100k,
    returns: 10%, appeal: 1, conversion: 3%, rush: 60s}}
  phone: {{category: electronics, price: 299, unit_cost: 90, left_over_value: 60, owned: 100k,
    returns: 10%, appeal: 1, conversion: 3%, rush: 60s}}
rundown:
  both: {{length: 10min, on_stage: [host, blogger], sells: [cream, phone]}}
"""


def orders(scenario: Scenario) -> tuple[int, int]:
    table = livesim.simulate(scenario, replications=250, seed=3, workers=1).variants
    cream, phone = (
        int(table.loc[table["product"] == name, "claimed"].sum()) for name in ("cream", "phone")
    )
    return cream, phone


def z_score(cream: int, phone: int, ratio: float) -> float:
    """Return how far the cream's share is from that of two hazards in a ratio, in sds.

    Alike in all but the hazard, an order is for the cream with the chance ratio / (1 + ratio).
    Units vary more than orders do, one or two each: by a factor of 1.2 at most.
    """
    share, total = ratio / (1 + ratio), cream + phone
    return (cream - total * share) / sqrt(1.2 * total * share * (1 - share))


@pytest.fixture(scope="module")
def show() -> Scenario:
    return resolve(parse_document(SHOW)).scenario


def test_the_same_guest_sells_the_category_that_fits(show: Scenario) -> None:
    """The fit for lift is the mean of segment's and category's, and scales the log of lift."""
    ratio = LIFT ** ((BEAUTY - ELECTRONICS) / 2)
    cream, phone = orders(show)
    assert cream + phone > 10_000
    assert abs(z_score(cream, phone, ratio)) < 4
    assert abs(z_score(cream, phone, 1)) > 10


def test_without_a_fit_to_categories_both_sell_alike(show: Scenario) -> None:
    plain = show.with_changes({"people.blogger.fit_by_category": {}})
    assert abs(z_score(*orders(plain), 1)) < 4


def test_a_misfit_to_the_category_undoes_the_fit_to_the_segment(show: Scenario) -> None:
    """At fits of 0.4 and -0.4 the guest is nobody: as many phones are ordered without lift."""
    undone = show.with_changes({"people.blogger.fit_by_category.electronics": -SEGMENT})
    plain = show.with_changes({"people.blogger.lift": 1})
    (cream, phone), (plain_cream, plain_phone) = orders(undone), orders(plain)
    assert abs(phone - plain_phone) < 0.03 * plain_phone
    assert cream > 1.1 * plain_cream
