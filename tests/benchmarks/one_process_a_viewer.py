"""The program that a competent SimPy user writes first: one process a viewer.

A much simpler show than livesim's (one segment, no phases, no guests, no payments) that still has
its skeleton: viewers arrive, stay, make up their minds once the link is up, and take from stock.
It stands here to be timed beside livesim, which counts viewers instead of listing them.
"""

from __future__ import annotations

import random

import simpy

SHOW = 45 * 60.0  # [s]
LINK = 18 * 60.0  # when ordering opens [s]
MEAN_STAY = 170.0  # [s]
MEAN_DECISION = 29.0  # [s]
CONVERSION = 0.012


def viewer(env: simpy.Environment, stock: simpy.Container) -> simpy.events.ProcessGenerator:
    """Watch; order one unit if the mind is made up, for it, before the stay is over."""
    leaves = env.now + random.expovariate(1 / MEAN_STAY)
    decides = max(env.now, LINK) + random.expovariate(1 / MEAN_DECISION)
    if decides < leaves and random.random() < CONVERSION:
        yield env.timeout(decides - env.now)
        if stock.level:
            yield stock.get(1)
    yield env.timeout(leaves - env.now)


def arrivals(
    env: simpy.Environment, stock: simpy.Container, viewers: int
) -> simpy.events.ProcessGenerator:
    """Let viewers come at a constant pace, so many in a show on average."""
    while True:
        yield env.timeout(random.expovariate(viewers / SHOW))
        env.process(viewer(env, stock))


def units_sold(viewers: int, units: int, seed: int = 1) -> int:
    """Run one show and return the units sold."""
    random.seed(seed)
    env = simpy.Environment()
    stock = simpy.Container(env, init=units)
    env.process(arrivals(env, stock, viewers))
    env.run(until=SHOW)
    return units - int(stock.level)


if __name__ == "__main__":
    print(f"{units_sold(viewers=20_000, units=23)} units sold")
