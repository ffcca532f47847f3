"""What must add up at every refresh of every show, whatever the luck: viewers, units and orders."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from breaking import then
from checks import check, mutant
from few_shows import few_shows
from hypothesis import Phase, given, settings
from random_shows import shows

from livesim.engine import block
from livesim.engine.account import Account
from livesim.engine.crowd import Crowd
from livesim.engine.fates import Counts
from livesim.engine.record import Recorder
from livesim.engine.stock import Stock
from livesim.model.inputs import Inputs
from livesim.scenario.scenario import Scenario

#: Shows at random, and replications of each, by engine.
EXAMPLES = {"cohort": (25, 20), "agent": (40, 2)}


class Auditor(Recorder):
    """A recorder that does the sums of what it notes."""

    def __init__(self, inputs: Inputs, step: float | None) -> None:
        super().__init__(inputs, step)
        self._reach = np.stack([segment.reach for segment in inputs.segments])
        self._came = self._gone = np.zeros_like(self._reach)

    def look(self, refresh: int, crowd: Crowd) -> None:
        """Audit the audience, and note it."""
        self._audit_viewers(crowd)
        super().look(refresh, crowd)

    def note(self, refresh: int, account: Account) -> None:
        """Audit the stock, and note it."""
        for stock in account.stocks:
            audit_units(stock)
        super().note(refresh, account)

    def _audit_viewers(self, crowd: Crowd) -> None:
        """Reach = not come + watching + left: each at least 0, and nobody comes or leaves twice."""
        came, gone = crowd.viewers, crowd.viewers - crowd.watching
        assert (came <= self._reach).all(), "more have come than could"
        assert (came >= self._came).all(), "a viewer has un-come"
        assert (gone >= self._gone).all(), "a viewer has come back"
        assert (crowd.concurrent == crowd.watching.sum(axis=0)).all(), "the segments do not add up"
        self._came, self._gone = came.copy(), gone.copy()


def audit_units(stock: Stock) -> None:
    """Check the account's identities at a moment of the show."""
    demand = stock.demand[:, None]
    settled = stock.paid + stock.lapsed
    at_large = stock.on_hand + stock.reserved + stock.paid
    assert (demand == stock.claimed + stock.lost).all(), "demand = claimed + lost"
    assert (stock.claimed == stock.reserved + settled).all(), "claimed = reserved + paid + lapsed"
    assert (at_large == stock.put_on_sale + stock.waiting).all(), "on hand + reserved + paid"
    for part in (stock.on_hand, stock.reserved, stock.waiting, stock.lost):
        assert (part >= 0).all(), "fewer than no units"
    assert ((stock.waiting == 0) | (stock.on_hand == 0)).all(), "somebody waits for what is there"


def audit(engine: str, scenario: Scenario, seed: int, replications: int) -> None:
    """Run a few replications under audit, and check what they end with."""
    lockstep = few_shows(engine, scenario, seed, replications)
    for stock in lockstep.house.account.stocks:
        audit_units(stock)
        assert not stock.reserved.any(), "a payment is never settled"
        assert (stock.claimed == stock.paid + stock.lapsed).all(), "claimed = sales + lapsed"


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
            patch.setattr(block, "Recorder", Auditor)
            hold()


def _give_one_more(self: Stock, units: Counts) -> None:
    self.on_hand += units > 0


def _forget_one_lost(self: Stock, *args: object) -> None:
    self.lost -= self.lost > 0


def _pay_one_twice(self: Stock, now: float) -> None:
    self.paid += self.paid > 3


for _engine in EXAMPLES:
    _check(_engine)
    for _what, _breaks in {
        "a unit too many is given back": then(Stock, "_put_back", _give_one_more),
        "one who is turned away is not lost": then(Stock, "serve", _forget_one_lost),
        "a reservation is settled twice": then(Stock, "sweep", _pay_one_twice),
    }.items():
        mutant(f"{_what} ({_engine})", _breaks, caught_by=f"identities ({_engine})")
