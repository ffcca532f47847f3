"""Events that wait for a number: due at their bound, once, each in its own replication."""

import numpy as np
import pytest
from simpy import Environment, Event

from livesim.engine.show.waits import Measure, Waits

ROWS = 3


@pytest.fixture
def waits() -> Waits:
    return Waits(ROWS)


def event() -> Event:
    return Environment().event()


def due(waits: Waits, **values: list[float]) -> list[tuple[int, Event]]:
    """Ask what is due, and make it happen as the block does."""
    found = list(waits.due(lambda measure: np.array(values[measure[0]])))
    for _, happened in found:
        happened.succeed()
    return found


def test_an_event_is_due_once_its_bound_is_reached(waits: Waits) -> None:
    ten = event()
    waits.add(("orders", "", 0), 1, 10, ten)
    assert due(waits, orders=[99.0, 9.0, 99.0]) == []
    assert due(waits, orders=[0.0, 10.0, 0.0]) == [(1, ten)]
    assert due(waits, orders=[0.0, 11.0, 0.0]) == []


def test_a_jump_over_several_bounds_wakes_all_of_them(waits: Waits) -> None:
    events = {bound: event() for bound in (30, 10, 20)}
    for bound, waiting in events.items():
        waits.add(("orders", "", 0), 0, bound, waiting)
    assert {e for _, e in due(waits, orders=[25.0, 0.0, 0.0])} == {events[10], events[20]}
    assert due(waits, orders=[29.0, 0.0, 0.0]) == []
    assert due(waits, orders=[30.0, 0.0, 0.0]) == [(0, events[30])]


def test_replications_wait_for_themselves(waits: Waits) -> None:
    events = [event() for _ in range(ROWS)]
    for row, waiting in enumerate(events):
        waits.add(("orders", "", 0), row, 5 * (row + 1), waiting)
    assert due(waits, orders=[5.0, 5.0, 5.0]) == [(0, events[0])]
    assert due(waits, orders=[5.0, 5.0, 15.0]) == [(2, events[2])]
    assert due(waits, orders=[5.0, 10.0, 15.0]) == [(1, events[1])]


def test_measures_are_kept_apart_and_asked_only_while_someone_waits(waits: Waits) -> None:
    orders, first, second = (
        ("orders", "", 0),
        ("available", "serum", 0),
        ("available", "serum", 1),
    )
    asked: list[Measure] = []

    def measured(measure: Measure) -> np.ndarray:
        asked.append(measure)
        return np.full(ROWS, float(measure != second))

    assert list(waits.due(measured)) == []
    assert asked == []
    for measure in (orders, first, second):
        waits.add(measure, 0, 1, event())
    assert len(list(waits.due(measured))) == 2
    assert asked == [orders, first, second]
    assert list(waits.due(measured)) == []
    assert asked == [orders, first, second, second]


def test_an_event_that_has_happened_otherwise_is_forgotten(waits: Waits) -> None:
    late = event()
    waits.add(("orders", "", 0), 0, 1, late)
    late.succeed()
    assert due(waits, orders=[1.0, 1.0, 1.0]) == []


def test_a_wait_can_be_added_again_after_it_was_due(waits: Waits) -> None:
    first, second = event(), event()
    waits.add(("orders", "", 0), 2, 1, first)
    assert due(waits, orders=[0.0, 0.0, 1.0]) == [(2, first)]
    waits.add(("orders", "", 0), 2, 2, second)
    assert due(waits, orders=[0.0, 0.0, 1.0]) == []
    assert due(waits, orders=[0.0, 0.0, 2.0]) == [(2, second)]


def test_falling_values_are_waited_for_by_their_negative(waits: Waits) -> None:
    below_three = event()
    waits.add(("left", "", 0), 0, -2, below_three)
    assert due(waits, left=[-3.0, 0.0, 0.0]) == []
    assert due(waits, left=[-2.0, 0.0, 0.0]) == [(0, below_three)]


def test_whoever_gives_up_waits_no_longer_and_the_others_still_do(waits: Waits) -> None:
    patient, gone = event(), event()
    for waiting in (patient, gone):
        waits.add(("orders", "", 0), 1, 10, waiting)
    waits.give_up(1, gone)
    assert due(waits, orders=[0.0, 10.0, 0.0]) == [(1, patient)]
    waits.give_up(1, patient)  # has happened: nothing to give up
    waits.give_up(1, gone)
    assert due(waits, orders=[0.0, 99.0, 0.0]) == []


def test_what_nobody_waits_for_any_more_is_not_asked_for(waits: Waits) -> None:
    gone = event()
    waits.add(("orders", "", 0), 1, 10, gone)
    waits.give_up(1, gone)
    assert due(waits) == []
