"""A small show for the tests of the behaviour model, in plain numbers unless a test changes one."""

from collections.abc import Callable

import pytest

from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

SHOW = """
title: A small show
show: {length: 10min, currency: CNY, refresh: 1s, appeal: 1, turnout_factor: 1}
people:
  host: {role: host}
  kim: {role: guest, pull: 1, lift: 1.5, keep: 2, fit: {fans: 0.5}}
  lee: {role: guest, pull: 1, lift: 1.2, keep: 1, fit: {fans: -1}}
segments:
  fans:
    reach: 1_000
    turnout: 20%
    waiting: 0%
    arrivals: {shape: flat}
    stay: {long: {share: 100%, mean: 100s}}
products:
  serum: {price: 100, unit_cost: 40, conversion: 10%, rush: 30s, owned: 100}
  tint:
    price: 60
    unit_cost: 20
    conversion: 4%
    rush: 30s
    shelf: 10%
    variants: {pale: {share: 25%}, dark: {share: 75%}}
    owned: 100
rundown:
  talk: {length: 1min, on_stage: [host]}
  both: {length: 4min, on_stage: [host, kim, lee], sells: [serum, tint]}
  serum: {length: 4min, on_stage: [host], sells: [serum]}
"""


@pytest.fixture(scope="session")
def show() -> Callable[..., Scenario]:
    """Return the small show with some paths changed."""
    small = resolve(parse_document(SHOW)).scenario

    def changed(changes: dict[str, object] | None = None, **segment: object) -> Scenario:
        paths = {f"segments.fans.{key}": value for key, value in segment.items()}
        return small.with_changes({**(changes or {}), **paths})

    return changed
