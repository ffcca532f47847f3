"""What must add up at every refresh of every show, whatever the luck: viewers, units and orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import hypothesis
import numpy as np
import pytest
from breaking import patched
from checks import check, mutant
from few_shows import FewShows, few_shows
from hypothesis import Phase, given, settings
from numpy.typing import NDArray
from random_shows import shows
from shows import SHOWS

import livesim.engine.ledger.ledger
from livesim.arrays import Numbers
from livesim.engine.clock import NEVER
from livesim.engine.crowd.crowd import Crowd
from livesim.engine.ledger import validity
from livesim.engine.ledger.book import PAYING
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import ledger
from livesim.engine.ledger.taken import Taken
from livesim.engine.ledger.walk import Followers
from livesim.engine.lockstep import Lockstep
from livesim.engine.loop import Loop
from livesim.engine.orders.orders import Orders
from livesim.engine.own_pace import OwnPace
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Recording
from livesim.model.inputs import Inputs
from livesim.scenario.scenario import Scenario

UNITS = (
    *("demand", "claimed", "lost", "sales", "lapsed", "on_hand", "put_on_sale", "waiting"),
    "backordered",
)
Figures = dict[str, NDArray[np.int64]]
#: Shows at random, and replications of each, by engine.
EXAMPLES = {"cohort": (25, 20), "agent": (40, 2)}


class Auditor:
    """Does the sums of the audience at every look."""

    def __init__(self, inputs: Inputs) -> None:
        self._reach = np.stack([segment.reach for segment in inputs.segments])
        self._came = self._gone = np.zeros_like(self._reach)

    def look(self, crowd: Crowd) -> None:
        """Reach = not come + watching + left: each at least 0, and nobody comes or leaves twice."""
        came, gone = crowd.viewers, crowd.viewers - crowd.watching
        assert (came <= self._reach).all(), "more have come than could"
        assert (came >= self._came).all(), "a viewer has un-come"
        assert (gone >= self._gone).all(), "a viewer has come back"
        assert (crowd.concurrent == crowd.watching.sum(axis=0)).all(), "the segments do not add up"
        self._came, self._gone = came.copy(), gone.copy()


def audited(serve: Callable[[Loop], None]) -> Callable[[Loop], None]:
    """Audit the audience whenever it has acted."""

    def served(self: Loop) -> None:
        if not hasattr(self, "auditor"):
            self.auditor = Auditor(self._inputs)
        self.auditor.look(self.crowd)
        serve(self)

    return served


def audit_units(units: Mapping[str, NDArray[np.int64]]) -> None:
    """Check the account's identities, variant by variant."""
    assert (units["demand"] == units["claimed"] + units["lost"]).all(), "demand = claimed + lost"
    assert (units["claimed"] == units["sales"] + units["lapsed"]).all(), "claimed = sales + lapsed"
    at_large = units["on_hand"] + units["sales"]
    assert (at_large == units["put_on_sale"] + units["waiting"]).all(), "on hand + paid"
    for part in units.values():
        assert (part >= 0).all(), "fewer than no units"
    assert (units["waiting"] <= units["backordered"]).all(), "somebody waits whom nobody let wait"
    assert (units["backordered"] <= units["claimed"]).all(), "backordered, and not claimed"


def audit_moments(shows: FewShows) -> None:
    """Check the units at every refresh: on hand + reserved + paid are those that were put on sale.

    Where orders may wait, they have units that are not there yet.
    """
    products, timeline = shows.outcome.products, shows.outcome.timeline
    states = [timeline[name] for name in ("on_hand", "reserved", "paid")]
    for state in states:
        assert (state >= 0).all(), "fewer than no units"
    assert (np.diff(timeline["paid"], axis=1) >= 0).all(), "a payment is taken back"
    assert (timeline["paid"] <= products["sales"][:, None]).all(), "more is paid for than is sold"
    at_large = np.sum(states, axis=0)
    most = products["put_on_sale"] + products["backordered"]
    assert (at_large <= most[:, None]).all(), "more units than were put on sale"
    calm = products["backordered"][:, None] == 0
    assert ((np.diff(at_large, axis=1) >= 0) | ~calm).all(), "units vanish"


def audit_audience(recording: Recording) -> None:
    """Check the looks at the audience as the auditor does the audience itself."""
    came = recording.audience.viewers
    gone = came - recording.audience.watching
    assert (gone >= 0).all(), "more watch than have come"
    assert (np.diff(came, axis=0) >= 0).all(), "a viewer has un-come"
    assert (np.diff(gone, axis=0) >= 0).all(), "a viewer has come back"


def audit_slots(recording: Recording) -> None:
    """Check that slots go on at the refresh at which the ledger says their products are gone."""
    lived = Wanted(recording.lived[:, None], recording.plan)
    gone = validity._goes_on_at(recording, [lived])[:, :, 0].T
    goes_on = gone <= recording.clock.steps
    ended = recording.clock.by(recording.slots.ended_at)
    assert (gone[goes_on] == ended[goes_on]).all(), "a slot goes on too early or too late"


@check("slots go on at the sell-out")
def go_on_at_the_sell_out(seed: int) -> None:
    """Random shows hardly ever go on at their own pace; these all do."""
    shows = few_shows("cohort", SHOWS["sell-out"].scenario, seed, 100)
    assert reactions_of(shows.recording.inputs).own_pace
    audit_slots(shows.recording)


def audit(engine: str, scenario: Scenario, seed: int, replications: int) -> None:
    """Run a few replications under audit, and check what they end with."""
    shows = few_shows(engine, scenario, seed, replications)
    audit_units({name: shows.outcome.variants[name] for name in UNITS})
    audit_moments(shows)
    audit_audience(shows.recording)
    audit_slots(shows.recording)
    wanted = shows.outcome.variants["demand"].mean(axis=0)
    scarce = np.rint(np.outer(wanted, (0.2, 0.5, 0.8, 0.97))).astype(np.int64)
    found = ledger(shows.recording, scarce).figures
    audit_units({name: found[name] for name in UNITS})
    if not shows.recording.inputs.allotted:
        never = np.isinf(found["unavailable_at"])
        assert not found["lost"][never].any(), "turned away, and never unavailable"


def _check(engine: str) -> None:
    examples, replications = EXAMPLES[engine]

    @check(f"identities ({engine})", thorough=engine == "agent")
    def identities(seed: int) -> None:
        @hypothesis.seed(seed)
        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate])
        @given(scenario=shows())
        def hold(scenario: Scenario) -> None:
            audit(engine, scenario, seed, replications)

        with pytest.MonkeyPatch.context() as patch:
            for loop in (Lockstep, OwnPace):
                patch.setattr(loop, "_serve", audited(loop._serve))
            hold()


def _ten_times(receive: Callable[..., None]) -> Callable[..., None]:
    """Put everything that comes back on hand ten times over."""

    def broken(
        self: Followers, on: Numbers, step: Numbers, back: NDArray[np.bool_], *others: object
    ) -> None:
        who = on[back & (step < NEVER)]
        self._back[self._place[who] + self._lapse[who]] *= 10
        receive(self, on, step, back, *others)

    return broken


def _forget_one_lost(figures_of: Callable[..., Figures]) -> Callable[..., Figures]:
    def broken(*args: object) -> Figures:
        found = figures_of(*args)
        return found | {"lost": found["lost"] - (found["lost"] > 0)}

    return broken


def _one_refresh_late(stop: Callable[..., NDArray[np.intp]]) -> Callable[..., object]:
    def broken(self: OwnPace, orders: Orders) -> NDArray[np.intp]:
        return np.minimum(stop(self, orders) + 1, self._until)

    return broken


def _pay_one_twice(column: Callable[..., NDArray[np.int64]]) -> Callable[..., object]:
    """Count one unit more of every batch of which any is paid."""

    def broken(self: Taken, number: int) -> NDArray[np.int64]:
        found = column(self, number)
        return found + (found > 0) if number == PAYING else found

    return broken


# Where a stock runs out is all that a ledger follows, and this alone does not upset the sums.
mutant(
    "units are given back ten times over",
    patched(Followers, "_receive", _ten_times),
    caught_by="a clerk's ledger: lapses",
)

for _engine in EXAMPLES:
    _check(_engine)
    for _what, _breaks in {
        "one who is turned away is not lost": patched(
            livesim.engine.ledger.ledger, "figures_of", _forget_one_lost
        ),
        "a reservation is paid twice": patched(Taken, "column", _pay_one_twice),
    }.items():
        mutant(f"{_what} ({_engine})", _breaks, caught_by=f"identities ({_engine})")
mutant(
    "a slot goes on a refresh after the sell-out",
    patched(OwnPace, "_stop", _one_refresh_late),
    caught_by="slots go on at the sell-out",
)
