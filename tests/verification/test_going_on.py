"""Shows that go on from the state they had: the law of the shows that nothing has interrupted.

Every small show is simulated up to a moment, and goes on from there with other luck, in either
engine. All that its outcome holds from that moment on is compared with that of whole shows, as the
two engines are compared in :mod:`same_law`, in one look at :data:`BLOCKS` blocks. At fresh seeds
each test here raises a false alarm at most once in a million times. What they see is shown by the
last tests: a state that forgets any one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from checks import Comparison, assert_no_difference
from same_law import compared, seed_of
from shows import SHOWS, SmallShow

from livesim.engine.orders.orders import Orders
from livesim.engine.outcome import Outcome
from livesim.engine.state import State
from livesim.experiment.blocks import Block
from livesim.experiment.custom import Custom
from livesim.experiment.simulating import simulate_block
from livesim.experiment.starting import refresh_at
from livesim.experiment.states import simulated_up_to
from livesim.randomness import BLOCK

#: Blocks of shows that go on, in each engine, and of whole ones.
BLOCKS = {"cohort": 4, "agent": 1}
WHOLE_BLOCKS = 4
#: When each show goes on [s]: links are up, units reserved, slots half over, guests late.
MOMENTS = {
    "herd": 40.0,
    "last units": 40.0,
    "lapses": 75.0,
    "waves": 75.0,
    "guests": 80.0,
    "word of mouth": 60.0,
    "sizes": 60.0,
    "shelf": 90.0,
    "sell-out": 70.0,
    "queue": 90.0,
    "placed orders": 65.0,
    "uncertain": 75.0,
    "rooms": 70.0,
    "profiles": 85.0,
}
#: What is counted from the moment on where a show has gone on, and so cannot be compared.
_FROM_THEN_ON = (
    *("peak_concurrent", "peak_at", "mean_watch_time", "peak_orders_per_second"),
    "potential_demand",
)

#: Changes a state; by default not at all.
Change = Callable[[State], State]


def whole(show: SmallShow, seed: int, block: int, at: float) -> Outcome:
    """Return a block of shows that nothing has interrupted, as it is seen from a moment on."""
    return seen_from(show.simulated("cohort", seed, block), at)


def going_on(
    show: SmallShow, engine: str, seed: int, block: int, at: float, change: Change
) -> Outcome:
    """Return a block of shows that go on from the states that others had."""
    refresh = refresh_at(show.scenario, at)
    task = Block(block, BLOCK), {}, None
    states = simulated_up_to(task, show.scenario, seed_of(seed, "before"), refresh)
    outcome = simulate_block(
        show.scenario,
        seed_of(seed, "after"),
        block,
        engine=engine,
        custom=Custom(behaviour=show.behaviour),
        timeline_step=show.scenario.show.refresh,
        start=change(states),
    )
    return seen_from(outcome, at)


def seen_from(outcome: Outcome, at: float) -> Outcome:
    """Return what can be compared of an outcome from a moment on."""
    timeline = outcome.timeline
    later = timeline["times"] >= at
    tables = {
        table: {
            name: of for name, of in getattr(outcome, table).items() if name not in _FROM_THEN_ON
        }
        for table in ("shows", "products", "variants")
    }
    cut = {
        name: values
        if name == "slot_starts"
        else np.compress(later, values, axis=min(1, values.ndim - 1))
        for name, values in timeline.items()
    }
    tables["shows"]["peak"] = cut["concurrent"].max(axis=1)
    return replace(outcome, **tables, timeline=cut)


def continued(
    name: str, engine: str, seed: int, change: Change = lambda state: state
) -> Comparison:
    """Return a comparison of blocks of shows that go on with whole ones."""
    show, at = replace(SHOWS[name], processes=()), MOMENTS[name]
    mine, others = (seed_of(seed, name, what) for what in (f"going on, {engine}", "whole"))

    def comparison(blocks: int) -> Iterator[tuple[str, float]]:
        rest = [going_on(show, engine, mine, block, at, change) for block in range(blocks)]
        return compared(
            Outcome.joined(rest),
            Outcome.joined([whole(show, others, block, at) for block in range(WHOLE_BLOCKS)]),
        )

    return comparison


def fast_ones(names: Iterable[str], fast: Collection[str]) -> list[object]:
    """Return names, most of them with the mark of what is slow."""
    return [
        name if name in fast else pytest.param(name, marks=pytest.mark.thorough) for name in names
    ]


@pytest.mark.slow
@pytest.mark.verification
@pytest.mark.parametrize("engine", BLOCKS)
@pytest.mark.parametrize("name", fast_ones(SHOWS, {"queue"}))
def test_a_show_goes_on_by_the_same_law(name: str, engine: str, seed: int) -> None:
    assert_no_difference(continued(name, engine, seed), [BLOCKS[engine]])


def _paid(state: State) -> State:
    return replace(state, kinds=replace(state.kinds, pays=np.ones_like(state.kinds.pays)))


def _undecided(state: State) -> State:
    together = {name: part + state.decided[name] for name, part in state.undecided.items()}
    nobody = {name: 0 * part for name, part in state.decided.items()}
    return replace(state, undecided=together, decided=nobody)


def _mixed(state: State) -> State:
    """Give everybody any phase of stay."""
    mean = {name: part.sum(axis=1, keepdims=True) for name, part in state.undecided.items()}
    halves = {name: np.hstack([whole - whole // 2, whole // 2]) for name, whole in mean.items()}
    return replace(state, undecided=halves)


def _none_sold(state: State) -> State:
    return replace(state, orders=Orders.none())


def _not_gone(state: State) -> State:
    """Let those who have left come once more."""
    watching = {
        name: state.undecided[name].sum(axis=1) + state.decided[name].sum(axis=1)
        for name in state.viewers
    }
    return replace(state, viewers=watching)


def _drawn_anew(state: State) -> State:
    """Forget what was drawn, but for the reach, which what has happened would contradict."""
    reach = {path: of for path, of in state.inputs.items() if path.endswith("reach")}
    return replace(state, inputs=reach)


def _rooms_alike(state: State) -> State:
    """Let the single rooms of a crowd be as large as each other; none at all would be refused."""
    alike = {name: np.full_like(of, 1 / of.shape[1]) for name, of in state.sizes.items()}
    return replace(state, sizes=alike)


#: What a state could forget, and the show that shows it.
FORGOTTEN: dict[str, tuple[str, Change]] = {
    "which orders lapse": ("lapses", _paid),
    "who has decided": ("last units", _undecided),
    "phases of stay": ("last units", _mixed),
    "who has left": ("last units", _not_gone),
    "what is sold": ("last units", _none_sold),
    "when the first link went up": (
        "waves",
        lambda state: replace(state, link_at=np.full_like(state.link_at, state.at)),
    ),
    "when the slot began": (
        "shelf",
        lambda state: replace(
            state, slot_started_at=np.minimum(state.slot_started_at + 30.0, state.at)
        ),
    ),
    "who has come": (
        "guests",
        lambda state: replace(state, present=np.ones_like(state.present)),
    ),
    "who waits at the checkout": ("queue", lambda state: replace(state, queue=0 * state.queue)),
    "what waiting orders cost": (
        "queue",
        lambda state: replace(state, queue_price=0 * state.queue_price + 1),
    ),
    "the last orders": ("word of mouth", lambda state: replace(state, recent=0 * state.recent)),
    "what was drawn": ("uncertain", _drawn_anew),
    "the sizes of rooms": ("rooms", _rooms_alike),
}


@pytest.mark.slow
@pytest.mark.verification
@pytest.mark.parametrize("what", fast_ones(FORGOTTEN, {"who has decided", "which orders lapse"}))
def test_a_state_that_forgets_something_is_seen(what: str, seed: int) -> None:
    name, change = FORGOTTEN[what]
    with pytest.raises(AssertionError, match="p ="):
        assert_no_difference(continued(name, "cohort", seed, change), [BLOCKS["cohort"]])
