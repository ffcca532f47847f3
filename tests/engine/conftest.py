"""Small shows without noise, a crowd that orders by a script, and both engines' crowds alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from livesim.engine import block
from livesim.engine.account import Account
from livesim.engine.block import Lockstep
from livesim.engine.crowd import Crowd
from livesim.engine.streams import Streams
from livesim.experiment.drawing import drawn_block
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.model.splitting import split
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

PLAIN = """
title: A show without noise
show: {start: 2026-11-29 20:00, length: 10min, currency: CNY, refresh: 1s, appeal: 1,
       turnout_factor: 1}
people: {host: {role: host}}
segments:
  everyone: {reach: 2_000, turnout: 50%, waiting: 40%}
products:
  serum: {price: 100, unit_cost: 40, conversion: 20%, owned: 100, returns: 0%, rush: 30s,
          quantity: {1: 100%}}
checkout: {unpaid: 0%, payment_timeout: 2min}
rundown:
  talk: {length: 10min, on_stage: [host], sells: [serum]}
"""


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another; ``rundown`` and ``quantity`` are replaced as a whole."""
    data = dict(base)
    for name, value in over.items():
        inner = isinstance(value, Mapping) and isinstance(data.get(name), Mapping)
        whole = name in ("rundown", "quantity")
        data[name] = merged(data[name], value) if inner and not whole else value
    return data


def levels_of(scenario: Scenario, inputs: Inputs, levels: Sequence[int]) -> np.ndarray:
    """Return the units of each variant, shape (V, L): of every product the levels, or the owned."""
    if not levels:
        return inputs.owned[:, None]
    of = [inputs.variant_share[inputs.product_of == p] for p in range(len(inputs.products))]
    return np.concatenate([split(np.array(levels), shares.tolist()) for shares in of])


class ScriptedCrowd:
    """A crowd of which a fixed number tries to order each variant that can be ordered.

    It writes down the order hazards that it was given, shape (S, R, V) at each refresh.
    """

    attempts = 1

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        shape = (len(inputs.segments), inputs.replications)
        self.watching, self.viewers = np.full(shape, 1000), np.full(shape, 1000)
        self.concurrent = self.watching.sum(axis=0)
        self.order: list[np.ndarray] = []
        self.new_slots: list[tuple[int, np.ndarray]] = []

    def start_slot(self, rows: np.ndarray) -> None:
        self.new_slots.append((len(self.order), rows.copy()))

    def act(self, refresh: int, rates: Sequence[Rates]) -> np.ndarray:
        assert refresh == len(self.order)
        self.order.append(np.stack([segment.order for segment in rates]))
        return np.where(rates[0].order > 0, self.attempts, 0).astype(np.int64)

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> None:
        for number in range(refresh, until):
            self.act(number, rates)


@pytest.fixture(scope="session")
def show_of() -> Callable[..., Scenario]:
    """Make a scenario from a text that is laid over the plain show."""

    def make(text: str = "") -> Scenario:
        over = parse_document(text).data if text.strip() else {}
        data = merged(parse_document(PLAIN).data, over)
        return resolve(parse_document(write_yaml(data))).scenario

    return make


@pytest.fixture(scope="session")
def lockstep_of() -> Callable[..., Lockstep]:
    """Run R replications of a scenario and return the finished lockstep."""

    def run(
        scenario: Scenario,
        replications: int = 3,
        seed: int = 1,
        levels: Sequence[int] = (),
        engine: str = "cohort",
        **options: Any,
    ) -> Lockstep:
        drawn = {path: u[:replications] for path, u in drawn_block(scenario, seed, 0).items()}
        inputs = inputs_of(scenario, drawn, replications)
        crowd = block.ENGINES[engine](inputs, Streams(seed, 0))
        owned = levels_of(scenario, inputs, levels)
        lockstep = Lockstep(scenario, inputs, Streams(seed, 0), owned, crowd, **options)
        lockstep.run()
        return lockstep

    return run


@pytest.fixture
def scripted(
    lockstep_of: Callable[..., Lockstep], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Lockstep]:
    """Run a scenario before the scripted crowd: no luck at all in who orders when."""

    def run(scenario: Scenario, attempts: int = 1, **options: Any) -> Lockstep:
        crowd = type("Crowd", (ScriptedCrowd,), {"attempts": attempts})
        monkeypatch.setitem(block.ENGINES, "scripted", crowd)
        return lockstep_of(scenario, engine="scripted", **options)

    return run


@pytest.fixture(scope="session")
def account_of() -> Callable[..., Account]:
    """Open the account of a scenario for R replications, at the given levels of every product."""

    def make(
        scenario: Scenario, levels: Sequence[int] = (), replications: int = 1, seed: int = 1
    ) -> Account:
        inputs = inputs_of(scenario, None, replications)
        return Account(scenario, inputs, Streams(seed, 0), levels_of(scenario, inputs, levels))

    return make


CROWD_ALONE = """
title: A crowd
show: {{length: {length}s, currency: CNY, refresh: 1s, appeal: 1, turnout_factor: 1}}
segments:
  fans:
    reach: {reach}
    turnout: 50%
    waiting: 100%
    stay: {{long: {{share: 25%, mean: 1h}}, longer: {{share: 75%, mean: 2h}}}}
products:
  serum: {{price: 1, unit_cost: 1, conversion: 50%, owned: 1}}
  tint: {{price: 1, unit_cost: 1, conversion: 50%, owned: 1}}
rundown:
  all: {{length: {length}s, sells: [serum, tint]}}
"""


@dataclass(frozen=True)
class Crowds:
    """The crowds of an engine without its show, at sizes that it can follow in no time.

    ``many`` is a reach before which luck is small, and ``refreshes`` is the length of the show.
    """

    engine: str
    replications: int
    reach: int
    many: int
    refreshes: int

    @cached_property
    def scenario(self) -> Scenario:
        """The show of one segment, half of whom wait at the start."""
        text = CROWD_ALONE.format(length=self.refreshes, reach=self.reach)
        return resolve(parse_document(text)).scenario

    def start(self, seed: int = 1, **segment: object) -> Crowd:
        """Return a crowd of one segment, changed as told, in its state at the start."""
        changes = {f"segments.fans.{key}": value for key, value in segment.items()}
        inputs = inputs_of(self.scenario.with_changes(changes), None, self.replications)
        return block.ENGINES[self.engine](inputs, Streams(seed, 0))

    def rates(
        self,
        order: float = 0.0,
        lose: float = 0.0,
        leave: float = 0.0,
        shelf: float = 0.0,
        pull: float = 1.0,
    ) -> list[Rates]:
        """Return hazards [1/s] that are the same for everybody; both products share the orders."""
        one = np.ones((self.replications, 2))
        return [
            Rates(
                pull=pull * one[:, 0],
                leave=leave * one,
                order=order / 2 * one,
                lose_interest=lose * one[:, 0],
                shelf=shelf / 2 * one,
            )
        ]


@pytest.fixture(scope="session")
def cohorts() -> Crowds:
    """The crowds of the cohort engine, whose cost does not depend on how many people they are."""
    return Crowds("cohort", replications=50, reach=1_000, many=2_000_000, refreshes=600)


@pytest.fixture(scope="session")
def agents() -> Crowds:
    """The crowds of the agent engine, which is slow."""
    return Crowds("agent", replications=20, reach=300, many=4_000, refreshes=60)
