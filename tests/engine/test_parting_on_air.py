"""Shows on the air part from the one that is recorded where a delivery is felt, and not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from livesim.arrays import Numbers
from livesim.engine import parting
from livesim.engine.noting import Notes
from livesim.engine.recording import Recording
from livesim.engine.state import State
from livesim.experiment.rest_of_show import Delivery, OnAir, Rest, Way
from livesim.experiment.weights import weighed
from livesim.scenario.scenario import Scenario

#: Slots that go on when all is sold out, a guest who may be late, and three products.
TURNS = """
show: {length: 12min, refresh: 5s, appeal: {lognormal: {median: 1, sigma: 0.3}}}
people: {host: {role: host}, guest: {role: guest, pull: 1, late: {uniform: [0s, 5min]}}}
segments: {everyone: {reach: 700}}
products:
  serum: {owned: 28}
  cream: {price: 50, unit_cost: 20, conversion: 20%, owned: 20, rush: 30s}
checkout: {unpaid: 25%, payment_timeout: 1min}
rundown:
  one: {length: 5min, on_stage: [host], sells: [serum], at_sell_out: next}
  two: {length: 4min, on_stage: [host, guest], sells: [cream], at_sell_out: next}
  three: {length: 3min, on_stage: [host], sells: [serum, cream]}
"""
SEEN = {"at": "2min", "sold": {"serum": 20}}
MORE = Way(delivery=Delivery("serum", 8, 200.0))


@pytest.fixture(scope="module")
def turns(show_of: Callable[..., Scenario]) -> Scenario:
    return show_of(TURNS)


def planned_and_more(turns: Scenario, seed: int, shows: int = 100) -> tuple[Rest, Rest]:
    found = weighed(turns, SEEN, shows=shows, seed=seed)
    planned, more = OnAir(found, seed).rest([Way(), MORE])
    return planned, more


def test_a_delivery_leaves_shows_alone_that_do_not_need_it(turns: Scenario) -> None:
    """To the bit: all others have other random numbers from the moment at which they part."""
    planned, more = planned_and_more(turns, 1)
    same = planned.products["gone_at"][:, 0] >= 300.0  # behind the slot that goes on
    assert 20 < same.sum() < 80
    assert np.array_equal(planned.products["demand"][same], more.products["demand"][same])
    assert np.array_equal(planned.viewers[same], more.viewers[same])
    assert (planned.products["demand"][~same] != more.products["demand"][~same]).any()


def different(turns: Scenario, monkeypatch: pytest.MonkeyPatch, blocks: int) -> list[str]:
    """Return the means that are otherwise than where all is simulated again, by five errors."""
    parted, again = [], []
    for seed in range(blocks):
        parted.append(_means(planned_and_more(turns, seed)[1]))
        with monkeypatch.context() as patch:
            patch.setattr(parting, "_noted", lambda notes, shows, row, at: np.full(len(row), -1))
            again.append(_means(planned_and_more(turns, seed)[1]))
    return [
        name
        for name in parted[0]
        if not _alike(*(np.array([one[name] for one in many]) for many in (parted, again)))
    ]


def _means(rest: Rest) -> dict[str, float]:
    gone = np.minimum(rest.products["gone_at"], 720.0)
    figures = {**rest.products, "gone_at": gone, "viewers": rest.viewers[:, None]}
    return {
        f"{name} {n}": of[:, n].mean() for name, of in figures.items() for n in range(of.shape[1])
    }


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    error = (one - other).std(ddof=1) / np.sqrt(len(one))
    return bool(abs((one - other).mean()) <= 5 * error + 1e-9)


@pytest.mark.slow
def test_shows_on_the_air_that_part_have_the_law_of_those_simulated_again(
    turns: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 shows, 13 means of 20: one of 900 such suites fails by chance."""
    assert different(turns, monkeypatch, blocks=20) == []


@pytest.mark.slow
def test_viewers_who_were_forgotten_where_shows_part_would_be_seen(
    turns: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    state_at = parting._state_at

    def gone(recording: Recording, notes: Notes, moment: Numbers) -> State:
        state = state_at(recording, notes, moment)
        undecided, decided = (
            {name: of // 2 for name, of in some.items()}
            for some in (state.undecided, state.decided)
        )
        return replace(state, undecided=undecided, decided=decided)

    monkeypatch.setattr(parting, "_state_at", gone)
    assert "gone_at 0" in different(turns, monkeypatch, blocks=6)


def test_who_has_come_is_there_where_shows_part(
    turns: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the world that is drawn has them come late: it is seen that they are there."""
    stood, state_at = [], parting._state_at

    def noted(recording: Recording, notes: Notes, moment: Numbers) -> State:
        stood.append(state_at(recording, notes, moment))
        return stood[-1]

    monkeypatch.setattr(parting, "_state_at", noted)
    show = turns.with_changes({"rundown.one.on_stage": ["host", "guest"]})
    OnAir(weighed(show, SEEN, shows=50, seed=1, absent=()), 1).rest([Way(), MORE])
    assert len(stood[0]) > 5 and stood[0].present.all()
