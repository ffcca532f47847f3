"""Small shows that between them use every mechanism of the model, for both engines to run.

Each is a few minutes long before one to three hundred viewers, and its mechanisms are strong, so
that few replications suffice to see whether one works. :data:`MECHANISMS` says where each mechanism
is used, and how to switch it off there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from simpy import Event

from livesim.arrays import Floats
from livesim.engine.outcome import Outcome
from livesim.engine.show.show import Show, ShowProcess
from livesim.experiment.custom import Custom
from livesim.experiment.simulating import simulate_block
from livesim.model.rates import Screen
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.engine.custom import Behaviour


#: One segment, one product and no uncertainty: what a show does not say otherwise.
_STAY = "{short: {share: 50%, mean: 20s}, long: {share: 50%, mean: 2min}}"
_COME = "{shape: s_curve, middle: 40%, spread: 16%}"
_USUAL = "unit_cost: 10, returns: 0%, rush: 20s, quantity: {1: 1.0}"
_CLOCK = "currency: CNY, refresh: 5s, appeal: 1, turnout_factor: 1"

HERD = f"""
title: The screen shows the stock, and the crowd reacts
show: {{length: 2min, currency: CNY, refresh: 10s, appeal: 1, turnout_factor: 1}}
segments:
  everyone: {{reach: 250, turnout: 80%, waiting: 40%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum:
    {{price: 100, conversion: 25%, owned: 30, {_USUAL}, herd: 2,
      scarcity: {{below: 15, multiplier: 0.3}}}}
screen: {{claimed: true, on_hand: true}}
checkout: {{unpaid: 0%}}
rundown:
  talk: {{length: 2min, sells: [serum]}}
"""

LAST_UNITS = f"""
title: Orders of several units, and few units
show: {{length: 2min, {_CLOCK}}}
segments:
  everyone: {{reach: 250, turnout: 80%, waiting: 40%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum:
    {{price: 100, conversion: 40%, owned: 60, unit_cost: 10, returns: 20%, rush: 20s, limit: 4,
      quantity: {{1: 40%, 2: 30%, 6: 30%}}}}
checkout: {{unpaid: 0%}}
rundown:
  talk: {{length: 2min, sells: [serum]}}
"""

LAPSES = f"""
title: Units that are not paid for are sold again
show: {{length: 3min, {_CLOCK}}}
segments:
  everyone: {{reach: 300, turnout: 80%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 40%, owned: 40, {_USUAL}}}
checkout: {{unpaid: 50%, payment_timeout: 35s}}
rundown:
  talk: {{length: 90s, sells: [serum]}}
  again: {{length: 90s, sells: [serum]}}
"""

WAVES = f"""
title: The stock comes in waves, with a reserve that takes its time
show: {{start: 2026-11-29 20:00, length: 4min, {_CLOCK}}}
segments:
  everyone: {{reach: 300, turnout: 80%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum:
    {{price: 100, conversion: 50%, owned: 60, {_USUAL},
      waves: {{first: {{share: 40%, after: 0s}}, second: {{share: 60%, after: 60s}}}},
      arriving: {{van: {{units: 8, on: 2026-11-29 20:02:30}}}},
      reserve: {{courier: {{units: 6, below: 6, lead_time: 15s}},
        store: {{units: 20, below: 25, lead_time: 40s}}}}}}
checkout: {{unpaid: 0%}}
rundown:
  talk: {{length: 2min, sells: [serum], link: 5s}}
  again: {{length: 2min, sells: [serum]}}
"""

GUESTS = f"""
title: A guest who is late or does not come
show: {{length: 4min, {_CLOCK}}}
people:
  host: {{role: host}}
  kim:
    {{role: guest, pull: 3, pull_by_segment: {{fans: 1}}, lift: 4, keep: 3, no_show: 20%,
      late: {{choice: {{0s: 40%, 30s: 60%}}}}, fit: {{regulars: -0.6, fans: 1}},
      fit_by_category: {{scent: 1}}}}
segments:
  regulars: {{reach: 200, turnout: 40%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
  fans: {{reach: 150, turnout: 80%, waiting: 30%, comes_for: kim, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 15%, owned: 1_000, {_USUAL}}}
  perfume: {{price: 200, category: scent, conversion: 30%, owned: 1_000, {_USUAL}}}
checkout: {{unpaid: 0%}}
rundown:
  warm_up: {{length: 60s, sells: [serum]}}
  kim: {{length: 80s, on_stage: [host, kim], waits_for: kim, sells: [perfume]}}
  after: {{length: 60s, on_stage: [host, kim], sells: [serum]}}
"""

WORD = f"""
title: Viewers bring viewers, and orders bring viewers
show: {{length: 2min, {_CLOCK}}}
segments:
  everyone:
    {{reach: 300, turnout: 20%, waiting: 50%, word_of_mouth: 0.01,
     stay: {_STAY}, arrivals: {_COME}}}
  far: {{reach: 200, turnout: 10%, waiting: 0%, recommendation: 1.5, recommendation_window: 20s,
        stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 60%, owned: 40, {_USUAL}}}
checkout: {{unpaid: 0%}}
rundown:
  talk: {{length: 2min, sells: [serum]}}
"""

SIZES = f"""
title: Sizes of their own stock, and orders that wait
show: {{length: 3min, {_CLOCK}}}
segments:
  everyone: {{reach: 300, turnout: 80%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
products:
  dress:
    {{price: 100, conversion: 60%, owned: 45, unit_cost: 10, returns: 0%, rush: 20s, limit: 2,
      quantity: {{1: 60%, 2: 40%}},
      variants: {{small: {{share: 70%, owned: 20}}, large: {{share: 30%, owned: 25}}}},
      backorder: {{accept: 60%, units: 20}}, reserve: {{units: 20, below: 20, lead_time: 30s}}}}
checkout: {{unpaid: 20%, payment_timeout: 40s}}
rundown:
  talk: {{length: 3min, sells: [dress]}}
"""

SHELF = f"""
title: Two products at once, other prices in slots, and a shelf
show: {{length: 4min, {_CLOCK}}}
segments:
  everyone: {{reach: 300, turnout: 80%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 25%, elasticity: -2, owned: 1_000, shelf: 60%, {_USUAL}}}
  mask: {{price: 40, conversion: 35%, elasticity: -2, owned: 30, {_USUAL}}}
checkout: {{unpaid: 0%}}
rundown:
  serum: {{length: 63s, sells: [serum]}}
  both: {{length: 60s, sells: [serum, mask], price: {{serum: 70, mask: 60}}}}
  talk: {{start: 150s, length: 30s, sells: []}}
  mask: {{start: 200s, length: 40s, sells: [mask]}}
"""

SELL_OUT = f"""
title: On to the next slot at sell-out
show: {{length: 4min, {_CLOCK}}}
segments:
  everyone: {{reach: 200, turnout: 80%, waiting: 30%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 50%, owned: 24, {_USUAL}}}
  mask: {{price: 40, conversion: 40%, owned: 10, {_USUAL}}}
  tint: {{price: 30, conversion: 30%, owned: 1_000, {_USUAL}}}
checkout: {{unpaid: 30%, payment_timeout: 30s}}
rundown:
  serum: {{length: 100s, sells: [serum], at_sell_out: next}}
  mask: {{length: 60s, sells: [mask], at_sell_out: next}}
  tint: {{length: 40s, sells: [tint]}}
  last: {{start: 200s, length: 40s, sells: [mask, tint]}}
"""

QUEUE = f"""
title: A slow checkout
show: {{length: 3min, {_CLOCK}}}
segments:
  everyone: {{reach: 300, turnout: 80%, waiting: 40%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum: {{price: 100, conversion: 50%, owned: 50, {_USUAL}}}
  mask: {{price: 40, conversion: 50%, owned: 25, {_USUAL}}}
checkout: {{unpaid: 20%, payment_timeout: 40s, capacity: 0.3}}
rundown:
  serum: {{length: 60s, sells: [serum]}}
  cheaper: {{length: 60s, sells: [serum], price: {{serum: 60}}}}
  mask: {{length: 60s, sells: [mask]}}
"""

PLACED = f"""
title: Steps of a redirect, and fake orders among the real ones
show: {{length: 2min, {_CLOCK}}}
segments:
  everyone: {{reach: 250, turnout: 80%, waiting: 40%, stay: {_STAY}, arrivals: {_COME}}}
products:
  serum:
    {{price: 100, conversion: 40%, owned: 60, unit_cost: 10, returns: 20%, rush: 20s, limit: 2,
      quantity: {{1: 60%, 2: 40%}}, fake_orders: {{share: 40%, returned: 90%}}}}
  mask: {{price: 40, conversion: 30%, owned: 30, {_USUAL}}}
checkout:
  {{unpaid: 20%, payment_timeout: 40s, capacity: 1.5,
    steps: {{open_shop: 80%, pay_page: {{choice: {{50%: 50%, 90%: 50%}}}}}}}}
rundown:
  serum: {{length: 60s, sells: [serum]}}
  both: {{length: 60s, sells: [serum, mask], price: {{serum: 70}}}}
"""

UNCERTAIN = f"""
title: What nobody knows yet
show:
  length: 3min
  currency: CNY
  refresh: 5s
  appeal: {{lognormal: {{median: 1, sigma: 1.2}}}}
  turnout_factor: {{lognormal: {{median: 1, sigma: 1.0}}}}
people:
  host: {{role: host}}
  kim: {{role: guest, pull: {{p10: 1, likely: 2, p90: 5}}, lift: {{p10: 1.2, likely: 2, p90: 4}},
        fit: {{everyone: {{uniform: [-1, 1]}}}}}}
segments:
  everyone:
    reach: {{p10: 150, likely: 250, p90: 400}}
    turnout: {{p10: 40%, likely: 60%, p90: 80%}}
    waiting: 20%
    stay: {_STAY}
    stay_factor: {{p10: 0.5, likely: 1, p90: 2}}
products:
  serum:
    {{price: 100, conversion: {{p10: 10%, likely: 20%, p90: 40%}}, unit_cost: 10, owned: 30,
      returns: {{p10: 10%, likely: 20%, p90: 40%}}, rush: {{p10: 8s, likely: 20s, p90: 80s}},
      quantity: {{1: 1.0}}}}
checkout: {{unpaid: {{p10: 10%, likely: 20%, p90: 40%}}, payment_timeout: 30s}}
rundown:
  alone: {{length: 60s, sells: [serum]}}
  kim: {{length: 2min, on_stage: [host, kim], sells: [serum]}}
"""

ROOMS = f"""
title: A big room and three small ones, each with its own host and stock
show: {{length: 3min, {_CLOCK}}}
people:
  star: {{role: guest, pull: 2, lift: 2, keep: 3, fit: {{fans: 1, friends: 1}}}}
  friend: {{role: guest, pull: 1, lift: 4, keep: 1, fit: {{fans: 1, friends: 1}}}}
segments:
  fans:
    {{reach: 120, turnout: 60%, waiting: 30%, recommendation: 1.5, recommendation_window: 20s,
      stay: {_STAY}, arrivals: {_COME}}}
  friends:
    {{reach: 60, turnout: 30%, waiting: 30%, recommendation: 1.5, recommendation_window: 20s,
      stay: {_STAY}, arrivals: {_COME}}}
rooms:
  big: {{segments: [fans], people: [star], allotment: 40%, fee: 1}}
  small: {{segments: [friends], people: [friend], count: 3, spread: 1.2, allotment: 60%, fee: 2}}
products:
  serum:
    {{price: 100, conversion: 30%, owned: 40, {_USUAL},
      waves: {{first: {{share: 50%, after: 0s}}, second: {{share: 50%, after: 60s}}}},
      reserve: {{units: 12, below: 12, lead_time: 30s}}}}
checkout: {{unpaid: 20%, payment_timeout: 40s}}
rundown:
  talk: {{length: 3min, on_stage: [], sells: [serum]}}
"""

PROFILES = f"""
title: Every arrival profile, and what a user adds
show: {{length: 3min, {_CLOCK}}}
segments:
  early: {{reach: 50, turnout: 70%, waiting: 0%, stay: {_STAY},
          arrivals: {{shape: front_loaded, half_by: 15%}}}}
  middling: {{reach: 50, turnout: 90%, waiting: 0%, stay: {_STAY},
             arrivals: {{shape: s_curve, middle: 60%, spread: 5%}}}}
  late: {{reach: 50, turnout: 100%, waiting: 10%, stay: {_STAY},
         arrivals: {{shape: points, points: {{1min: 0%, 100s: 50%, 150s: 100%}}}}}}
products:
  serum: {{price: 100, conversion: 30%, elasticity: -3, owned: 1_000, {_USUAL}}}
checkout: {{unpaid: 0%}}
rundown:
  talk: {{length: 3min, sells: [serum]}}
"""


def flash_sale(show: Show) -> Iterator[Event]:
    """Cut the price once enough people watch, and move on after a while."""
    yield show.reaches("watching", 25)
    show.set_price("serum", 70)
    yield show.until(show.now + 40)
    show.set_price("serum", 100)


def company(screen: Screen) -> Floats:
    """Multiply the odds of all but the first segment, in the second half of the show."""
    log_factor = [0.0, 1.5, 1.5] if screen.time >= 90 else [0.0, 0.0, 0.0]
    return np.tile(log_factor, (len(screen.price), 1))


@dataclass(frozen=True)
class SmallShow:
    """A scenario, and what a user adds to it."""

    scenario: Scenario
    processes: Sequence[ShowProcess] = ()
    behaviour: Behaviour | None = None

    def simulated(self, engine: str, seed: int, block: int) -> Outcome:
        """Return the outcome of a block of replications."""
        return simulate_block(
            self.scenario,
            seed,
            block,
            engine=engine,
            custom=Custom(tuple(self.processes), self.behaviour),
            timeline_step=self.scenario.show.refresh,
        )


def _show(text: str, **additions: object) -> SmallShow:
    return SmallShow(resolve(parse_document(text)).scenario, **additions)


SHOWS: dict[str, SmallShow] = {
    "herd": _show(HERD),
    "last units": _show(LAST_UNITS),
    "lapses": _show(LAPSES),
    "waves": _show(WAVES),
    "guests": _show(GUESTS),
    "word of mouth": _show(WORD),
    "sizes": _show(SIZES),
    "shelf": _show(SHELF),
    "sell-out": _show(SELL_OUT),
    "queue": _show(QUEUE),
    "placed orders": _show(PLACED),
    "uncertain": _show(UNCERTAIN),
    "rooms": _show(ROOMS),
    "profiles": _show(PROFILES, processes=(flash_sale,), behaviour=company),
}


@dataclass(frozen=True)
class Mechanism:
    """A show that uses it, and how to make the same show without it."""

    show: str
    off: Callable[[SmallShow], SmallShow]


def _set(show: str, changes: Mapping[str, object]) -> Mechanism:
    """Return a mechanism that some changes of a show's scenario switch off."""
    return Mechanism(show, lambda it: replace(it, scenario=it.scenario.with_changes(changes)))


_SERUM, _EVERYONE = "products.serum", "segments.everyone"

MECHANISMS: dict[str, Mechanism] = {
    "herding": _set("herd", {f"{_SERUM}.herd": 0}),
    "scarcity": _set("herd", {f"{_SERUM}.scarcity.multiplier": 1}),
    "tight stock": _set("herd", {f"{_SERUM}.owned": 10_000}),
    "quantities": _set("last units", {f"{_SERUM}.quantity": {"1": 1.0}}),
    "limit per order": _set("last units", {f"{_SERUM}.limit": 6}),
    "returns": _set("last units", {f"{_SERUM}.returns": 0}),
    "unpaid orders lapse": _set("lapses", {"checkout.unpaid": 0}),
    "lapsed units are sold again": _set("lapses", {"checkout.payment_timeout": "1h"}),
    "everybody decides anew in a slot": _set("lapses", {"rundown.again.sells": []}),
    "waves": _set("waves", {f"{_SERUM}.waves": {}}),
    "arriving units": _set("waves", {f"{_SERUM}.arriving.van.units": 0}),
    "reserve": _set("waves", {f"{_SERUM}.reserve.store.units": 0}),
    "a second reserve": _set("waves", {f"{_SERUM}.reserve.courier.units": 0}),
    "the reserve's lead time": _set("waves", {f"{_SERUM}.reserve.store.lead_time": 0}),
    "a link after the slot's start": _set("waves", {"rundown.talk.link": 0}),
    "pull": _set("guests", {"people.kim.pull": 1}),
    "pull by segment": _set("guests", {"people.kim.pull_by_segment": {}}),
    "lift": _set("guests", {"people.kim.lift": 1}),
    "keep": _set("guests", {"people.kim.keep": 1}),
    "fit": _set("guests", {"people.kim.fit": {}}),
    "fit by category": _set("guests", {"people.kim.fit_by_category": {}}),
    "lateness": _set("guests", {"people.kim.late": 0}),
    "no-shows": _set("guests", {"people.kim.no_show": 0}),
    "a slot waits for a person": _set("guests", {"rundown.kim.waits_for": None}),
    "a segment comes for a person": _set("guests", {"segments.fans.comes_for": None}),
    "word of mouth": _set("word of mouth", {f"{_EVERYONE}.word_of_mouth": 0}),
    "recommendation": _set("word of mouth", {"segments.far.recommendation": 0}),
    "its window": _set("word of mouth", {"segments.far.recommendation_window": "5s"}),
    "variants": _set("sizes", {"products.dress.variants": {}}),
    "backorders": _set("sizes", {"products.dress.backorder.units": 0}),
    "who accepts to wait": _set("sizes", {"products.dress.backorder.accept": 1.0}),
    "shelf": _set("shelf", {f"{_SERUM}.shelf": 0}),
    "prices in a slot": _set("shelf", {"rundown.both.price": {}}),
    "two products at once": _set(
        "shelf", {"rundown.both.sells": ["serum"], "rundown.both.price": {"serum": 70}}
    ),
    "fixed starts": _set("shelf", {"rundown.mask.start": None}),
    "next at sell-out": _set("sell-out", {"rundown.serum.at_sell_out": "stay"}),
    "checkout capacity": _set("queue", {"checkout.capacity": None}),
    "who waits pays what they saw": _set("queue", {"rundown.cheaper.price": {}}),
    "steps of the checkout": _set(
        "placed orders", {"checkout.steps": {"open_shop": 1.0, "pay_page": 1.0}}
    ),
    "fake orders": _set("placed orders", {f"{_SERUM}.fake_orders.share": 0}),
    "fake orders come back": _set("placed orders", {f"{_SERUM}.fake_orders.returned": 0}),
    "appeal": _set("uncertain", {"show.appeal": 1}),
    "turnout factor": _set("uncertain", {"show.turnout_factor": 1}),
    "uncertain reach": _set("uncertain", {f"{_EVERYONE}.reach": 400}),
    "uncertain stays": _set("uncertain", {f"{_EVERYONE}.stay_factor": 2}),
    "uncertain conversion": _set("uncertain", {f"{_SERUM}.conversion": "40%"}),
    "uncertain rush": _set("uncertain", {f"{_SERUM}.rush": "80s"}),
    "uncertain pull": _set("uncertain", {"people.kim.pull": 5}),
    "uncertain fit": _set("uncertain", {"people.kim.fit": {"everyone": 1}}),
    "allotments": _set("rooms", {f"rooms.{room}.allotment": None for room in ("big", "small")}),
    "many rooms alike": _set("rooms", {"rooms.small.count": 1}),
    "sizes of rooms": _set("rooms", {"rooms.small.spread": 0}),
    "a room's own people": _set("rooms", {"people.friend.lift": 1}),
    "nobody else's people": _set("rooms", {"people.star.lift": 1}),
    "what rooms cost": _set("rooms", {"rooms.small.fee": 0}),
    "recommendation in a room": _set("rooms", {"segments.friends.recommendation": 0}),
    "waiting at the start": _set("profiles", {"segments.late.waiting": 0}),
    "front-loaded arrivals": _set("profiles", {"segments.early.arrivals": {"shape": "flat"}}),
    "arrivals on an s-curve": _set("profiles", {"segments.middling.arrivals": {"shape": "flat"}}),
    "arrivals by points": _set("profiles", {"segments.late.arrivals": {"shape": "flat"}}),
    "a user's process": Mechanism("profiles", lambda it: replace(it, processes=())),
    "a user's behaviour": Mechanism("profiles", lambda it: replace(it, behaviour=None)),
}
