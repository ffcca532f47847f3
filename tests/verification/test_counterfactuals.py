"""What a change must do to the very same shows, and what it must not touch, on both engines.

Nothing here is a matter of luck: replication by replication, two scenarios share all that their
difference does not reach. The shows are drawn at random; a failure shows the smallest one found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from few_shows import FewShows, few_shows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_shows import busy_show, calm_shows, shows
from simpy import Event

from livesim.engine.show.show import Show
from livesim.scenario.scenario import Scenario

SEED = 3
ROWS = {"cohort": 20, "agent": 2}

pytestmark = [pytest.mark.verification, pytest.mark.parametrize("engine", ROWS)]
some = settings(
    max_examples=12,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def ran(engine: str, scenario: Scenario, *processes: Callable[[Show], object]) -> FewShows:
    return few_shows(engine, scenario, SEED, ROWS[engine], processes)


def seen(shows: FewShows) -> list[np.ndarray]:
    """Return the audience, orders and stock, a row a refresh."""
    names = ("concurrent", "arrivals", "orders", "on_hand", "reserved", "paid")
    return [np.swapaxes(shows.outcome.timeline[name], 0, 1) for name in names]


def same(one: FewShows, other: FewShows, refreshes: int | None = None) -> bool:
    """Say whether two runs are the same up to a refresh, bit for bit."""
    pairs = zip(seen(one), seen(other), strict=True)
    return all((a[:refreshes] == b[:refreshes]).all() for a, b in pairs)


@pytest.mark.slow
@some
@given(scenario=calm_shows(), more=st.integers(1, 30))
def test_more_stock_moves_no_viewer_and_never_lowers_what_is_claimed(
    engine: str, scenario: Scenario, more: int
) -> None:
    """Sales neither, where all orders are paid."""
    owned = scenario.products["serum"].owned
    few, many = (
        ran(engine, scenario.with_changes({"products.serum.owned": units}))
        for units in (owned, owned + more)
    )
    for name in ("watching", "viewers"):
        mine, theirs = (getattr(shows.recording.audience, name) for shows in (few, many))
        assert (mine == theirs).all()
    less, plenty = few.outcome.variants, many.outcome.variants
    assert (less["demand"] == plenty["demand"]).all()
    assert (less["claimed"] <= plenty["claimed"]).all()
    if scenario.checkout.unpaid == 0:
        assert (less["sales"] <= plenty["sales"]).all()


@pytest.mark.slow
@some
@given(scenario=shows(), refresh=st.integers(1, 30))
def test_what_happens_at_a_moment_leaves_everything_before_it_as_it_is(
    engine: str, scenario: Scenario, refresh: int
) -> None:
    """A price is cut at a refresh: it is seen in the interval after it, and not before."""

    def look(show: Show) -> Iterator[Event]:
        yield show.until(refresh * scenario.show.refresh)

    def sale(show: Show) -> Iterator[Event]:
        yield from look(show)
        show.set_price("serum", 1)

    # Without a process, shows whose slots go on at sell-out are drawn each at its own pace: the
    # same law by other luck.
    usual, cheaper = ran(engine, scenario, look), ran(engine, scenario, sale)
    assert same(usual, cheaper, refresh + 1)


def test_a_sale_is_seen_in_the_very_next_interval(engine: str) -> None:
    """So the test above can fail: a refresh earlier would be noticed."""
    scenario = busy_show()
    for refresh in (4, 9):

        def sale(show: Show, at: float = 5.0 * refresh) -> Iterator[Event]:
            yield show.until(at)
            show.set_price("serum", 1)

        usual, cheaper = ran(engine, scenario), ran(engine, scenario, sale)
        assert same(usual, cheaper, refresh + 1)
        assert not same(usual, cheaper, refresh + 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"rundown.again.price": {"serum": 50}},
        {"rundown.again.on_stage": ["host"]},
        {"rundown.again.sells": []},
        {"rundown.again.link": "20s"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_of_a_later_slot_leaves_everything_before_it_as_it_is(
    engine: str, changes: dict[str, object]
) -> None:
    scenario = busy_show()
    usual, changed = ran(engine, scenario), ran(engine, scenario.with_changes(changes))
    assert same(usual, changed, 110 // 5 + 1)
    assert not same(usual, changed)


@pytest.mark.slow
@some
@given(scenario=shows())
def test_a_guest_with_fit_0_and_pull_1_changes_nothing(engine: str, scenario: Scenario) -> None:
    neutral = {"people.kim.pull": 1, "people.kim.fit": {}, "segments.fans.reach": 0}
    neutral |= {"people.kim.lift": 3, "people.kim.keep": 3}
    guest = scenario.with_changes(neutral)
    alone = guest.with_changes({"rundown.serum.on_stage": ["host"]})
    assert same(ran(engine, guest), ran(engine, alone))


def test_a_guest_with_a_fit_or_a_pull_is_felt(engine: str) -> None:
    """So the test above can fail."""
    scenario = busy_show()
    neutral = scenario.with_changes({"people.kim.fit": {}, "people.kim.pull": 1})
    assert not same(ran(engine, scenario), ran(engine, neutral))
