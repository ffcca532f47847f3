"""Small shows without noise, a crowd that orders by a script, and both engines' crowds alone."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livesim.engine import recorder
from livesim.engine.crowd.crowd import Crowd
from livesim.engine.custom import Custom
from livesim.engine.lockstep import Lockstep
from livesim.engine.streams import Streams
from livesim.experiment.random_inputs import drawn_block
from livesim.model.rates import Rates
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

HERE = Path(__file__).parent
if str(HERE) not in sys.path:  # the tests' own modules
    sys.path.insert(0, str(HERE))

from lived_shows import Lived, ScriptedCrowd, levels_of  # noqa: E402

PLAIN = """
title: A show without noise
show: {start: 2026-11-29 20:00, length: 10min, currency: CNY, refresh: 1s, appeal: 1,
       turnout_factor: 1}
people: {host: {role: host}}
segments:
  everyone:
    {reach: 2_000, turnout: 50%, waiting: 40%,
     arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
products:
  serum: {price: 100, unit_cost: 40, conversion: 20%, owned: 100, returns: 0%, rush: 30s,
          quantity: {1: 100%}}
checkout: {unpaid: 0%, payment_timeout: 2min}
rundown:
  talk: {length: 10min, on_stage: [host], sells: [serum]}
"""


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another; what stands in ``whole`` is replaced."""
    data = dict(base)
    for name, value in over.items():
        inner = isinstance(value, Mapping) and isinstance(data.get(name), Mapping)
        whole = name in ("rundown", "quantity", "arrivals")
        data[name] = merged(data[name], value) if inner and not whole else value
    return data


@pytest.fixture(scope="session")
def show_of() -> Callable[..., Scenario]:
    """Make a scenario from a text that is laid over the plain show."""

    def make(text: str = "") -> Scenario:
        over = parse_document(text).data if text.strip() else {}
        data = merged(parse_document(PLAIN).data, over)
        return resolve(parse_document(write_yaml(data))).scenario

    return make


@pytest.fixture(scope="session")
def lived() -> Callable[..., Lived]:
    """Let R replications live through a scenario, at the first of some levels of every product."""

    def live(
        scenario: Scenario,
        replications: int = 3,
        seed: int = 1,
        levels: Sequence[int] = (),
        engine: str = "cohort",
        timeline_step: float | None = None,
        **own: Any,
    ) -> Lived:
        drawn = {path: u[:replications] for path, u in drawn_block(scenario, seed, 0).items()}
        inputs, streams = inputs_of(scenario, drawn, replications), Streams(seed, 0)
        units = levels_of(inputs, levels)
        crowd = recorder.ENGINES[engine](inputs, streams)
        custom = Custom(scenario=scenario, **own)
        show = Lockstep(inputs, streams, units[:, 0], crowd, custom=custom)
        return Lived(show, show.run(), streams, units, timeline_step)

    return live


@pytest.fixture
def scripted(lived: Callable[..., Lived], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lived]:
    """Run a scenario before the scripted crowd: no luck at all in who orders when."""

    def run(scenario: Scenario, attempts: int = 1, **options: Any) -> Lived:
        crowd = type("Crowd", (ScriptedCrowd,), {"attempts": attempts})
        monkeypatch.setitem(recorder.ENGINES, "scripted", crowd)
        return lived(scenario, engine="scripted", **options)

    return run


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
class Counted:
    """A crowd whose attempts are an array, shape (R, V), also where nobody tries anything."""

    crowd: Crowd
    shape: tuple[int, int]

    def act(self, refresh: int, rates: Sequence[Rates]) -> np.ndarray:
        attempts = np.zeros(self.shape, dtype=np.int64)
        tried, _ = self.crowd.act(refresh, refresh + 1, rates)
        np.add.at(attempts, (tried.row, tried.variant), tried.count)
        return attempts

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crowd, name)


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

    def start(self, seed: int = 1, **segment: object) -> Any:
        """Return a crowd of one segment, changed as told, in its state at the start."""
        changes = {f"segments.fans.{key}": value for key, value in segment.items()}
        inputs = inputs_of(self.scenario.with_changes(changes), None, self.replications)
        crowd = recorder.ENGINES[self.engine](inputs, Streams(seed, 0))
        return Counted(crowd, (self.replications, len(inputs.variants)))

    def rates(
        self,
        order: float = 0.0,
        lose: float = 0.0,
        leave: float = 0.0,
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
            )
        ]


@pytest.fixture(scope="session")
def cohorts() -> Crowds:
    """The crowds of the cohort engine, whose cost does not depend on how many people they are."""
    return Crowds("cohort", replications=50, reach=1_000, many=2_000_000, refreshes=600)


@pytest.fixture(scope="session")
def agents() -> Crowds:
    """The crowds of the agent engine, which is slow."""
    return Crowds("agent", replications=10, reach=300, many=4_000, refreshes=60)
