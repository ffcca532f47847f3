"""The whole engine against the law of a single viewer.

Where nothing feeds back, every viewer of a segment is on their own, so any count of those who have
done something is exactly Binomial(reach, chance). The chances come from :class:`OneViewer`, which
writes the behaviour model down a second time, as the transition matrices of one viewer, and shares
no line with `livesim.model` or `livesim.engine`.

With 2,000 replications and up to 1,100 comparisons a check sees, with 99.9 % power, a mean that is
off by 0.2 standard deviations of one replication: 2 % of an expected count of 100. Over six fresh
seeds each, 5 to 10 % of a show's comparisons, which hang together, came below 5 %, and the least
was 4 · 10⁻⁵.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from checks import assert_no_difference, check
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from livesim.engine.outcome import Outcome
from livesim.experiment.simulating import simulate_block
from livesim.randomness import BLOCK
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

#: Blocks at a first look, which finds what is plainly broken, and at a second.
LOOKS = (2, 6)

#: A guest with every effect, who has a segment of her own; two products at once, one in two sizes.
GUEST = """
title: A guest
show: {length: 4min, currency: CNY, refresh: 2s, appeal: 1, turnout_factor: 1}
people:
  host: {role: host}
  kim:
    role: guest
    pull: 2
    pull_by_segment: {fans: 1.5}
    lift: 1.6
    keep: 1.5
    fit: {regulars: -0.5, fans: 0.8}
segments:
  regulars:
    reach: 6_000
    turnout: 40%
    waiting: 10%
    arrivals: {shape: flat}
    stay: {a: {share: 45%, mean: 20s}, b: {share: 35%, mean: 60s}, c: {share: 20%, mean: 5min}}
  fans:
    reach: 2_500
    turnout: 60%
    waiting: 20%
    comes_for: kim
    arrivals: {shape: front_loaded, half_by: 30%}
    stay: {a: {share: 30%, mean: 30s}, b: {share: 70%, mean: 3min}, c: {share: 0%, mean: 1h}}
products:
  scarf: {price: 50, conversion: 20%, rush: 15s}
  serum: {price: 100, reference_price: 90, conversion: 10%, rush: 25s, elasticity: -1.5}
  tint:
    price: 60
    conversion: 15%
    rush: 25s
    variants: {pale: {share: 30%}, dark: {share: 70%}}
rundown:
  warm_up: {length: 60s, sells: [scarf]}
  both: {length: 80s, on_stage: [host, kim], sells: [serum, tint], link: 14s, price: {serum: 80}}
  scarf_again: {start: 170s, length: 60s, sells: [scarf]}
"""

#: The other arrivals, slots between two refreshes, and a shelf; sold by the host alone.
ROOM = """
title: A room
show: {length: 5min, currency: CNY, refresh: 5s, appeal: 1, turnout_factor: 1}
segments:
  many:
    reach: 20_000
    turnout: 30%
    waiting: 3%
    arrivals: {shape: s_curve, middle: 40%, spread: 10%}
    stay: {a: {share: 50%, mean: 25s}, b: {share: 30%, mean: 90s}, c: {share: 20%, mean: 10min}}
  few:
    reach: 500
    turnout: 90%
    waiting: 0%
    arrivals: {shape: points, points: {30s: 40%, 90s: 40%, 200s: 100%}}
    stay: {a: {share: 100%, mean: 45s}}
products:
  serum: {price: 100, conversion: 3%, rush: 40s, shelf: 20%}
  mask: {price: 40, conversion: 60%, rush: 10s, shelf: 5%}
rundown:
  serum: {length: 91s, sells: [serum], link: 3s}
  mask: {length: 72s, sells: [mask], price: {mask: 44}}
  talk: {length: 40s, sells: []}
  serum_again: {length: 1min, sells: [serum]}
"""

ROOMS = """
title: Two kinds of rooms, and one rundown that all of them see
show: {length: 5min, currency: CNY, refresh: 5s, appeal: 1, turnout_factor: 1}
people:
  star: {role: guest, pull: 2, lift: 3, keep: 2, fit: {fans: 0.8, friends: -0.4}}
  mega: {role: guest, pull: 1.5, lift: 2, keep: 2, fit: {fans: 0.7, friends: 1}}
  koc: {role: guest, pull: 3, lift: 4, keep: 4, fit: {fans: 1, friends: 0.6, family: 1}}
segments:
  fans: {reach: 9_000, turnout: 20%, waiting: 5%, comes_for: mega,
         arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
  friends: {reach: 40, turnout: 40%, waiting: 0%,
            arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
  family: {reach: 5, turnout: 90%, waiting: 50%,
           arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
rooms:
  big: {segments: [fans], people: [mega]}
  small: {segments: [friends, family], people: [koc], count: 70}
products:
  serum: {price: 100, conversion: 10%, rush: 30s}
rundown:
  songs: {length: 100s, on_stage: [star], sells: []}
  serum: {length: 100s, on_stage: [], sells: [serum], link: 7s}
  gap: {length: 30s, on_stage: [star], sells: []}
"""

_EVERY_PRODUCT = {"unit_cost": 1, "owned": 10_000_000, "limit": 1, "quantity": {"1": 1.0}}


def scenario_of(text: str) -> Scenario:
    """Resolve a show in which every attempt asks for one unit, and there are always enough."""
    document = parse_document(text)
    for product in document.data["products"].values():
        product.update(_EVERY_PRODUCT)
    return resolve(document).scenario


# One viewer -----------------------------------------------------------------------------------

NOT_COME, UNDECIDED, DECIDED, LEFT = range(4)


class OneViewer:
    """What one member of a segment does: chances and moments from explicit transition matrices."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        self.segment = scenario.segments[name]
        rooms = (scenario.rooms or {}).items()
        self.room, here = next(((n, r) for n, r in rooms if name in r.segments), ("", None))
        self.reach = int(self.segment.reach) * (here.count if here else 1)
        self._own_people = list(here.people) if here else []
        self._scenario, self._name = scenario, name
        self._step = scenario.show.refresh
        self._refreshes = round(scenario.show.length / self._step)
        self._slots = list(self._planned())
        phases = [phase for phase in self.segment.stay.values() if phase.share]
        self._phases = [(phase.share, 1 / phase.mean) for phase in phases]
        #: chance to watch at each refresh; to have come, to watch and to have left at the end
        self.watching = np.zeros(self._refreshes + 1)
        self.came = self.left = 0.0
        #: chance to have ordered in the slot, by slot, and by refresh since its start
        self.ordered: dict[str, NDArray[np.float64]] = {}
        #: chance to order a variant in a slot
        self.chosen: dict[tuple[str, str], float] = {}
        for share, leave in self._phases:
            self._follow(share, leave)

    def _planned(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield each slot with the refreshes from which its start, link and end are seen."""
        clock = 0.0
        for name, slot in self._scenario.rundown.items():
            start = clock if slot.start is None else slot.start
            clock = start + slot.length
            seen = (math.ceil(t / self._step) for t in (start, start + slot.link, clock))
            yield name, *seen

    def _slot(self, k: int) -> str | None:
        return next((name for name, start, _, end in self._slots if start <= k < end), None)

    def _guests(self, k: int) -> list[str]:
        slot = self._slot(k)
        on_stage = self._scenario.rundown[slot].on_stage if slot else ()
        return [p for p in (*on_stage, *self._own_people) if p != "host"]

    def _log_m(self, product: str, k: int) -> float:
        slot, value = self._slot(k), self._scenario.products[product]
        price = (
            self._scenario.rundown[slot].price.get(product, value.price) if slot else value.price
        )
        fits = {p: self._scenario.people[p].fit.get(self._name, 0.0) for p in self._guests(k)}
        lifts = sum(fit * math.log(self._scenario.people[p].lift) for p, fit in fits.items())
        return lifts + value.elasticity * math.log(price / value.reference_price)

    def _offered(self, k: int) -> list[str]:
        return [
            product
            for name, _, link, end in self._slots
            if link <= k < end
            for product in self._scenario.rundown[name].sells
        ]

    def _hazards(self, k: int) -> tuple[dict[str, float], float]:
        """Return the hazards to order each product, and to lose interest."""
        offered = {p: self._scenario.products[p] for p in self._offered(k)}
        paces = {math.log(2) / value.rush for value in offered.values()}
        pace = paces.pop() if paces else 0.0
        order = {
            p: pace * value.conversion * math.exp(self._log_m(p, k)) for p, value in offered.items()
        }
        lose = pace * (1 - sum(value.conversion for value in offered.values()))
        links = self._on_shelf(k)
        for p in links:
            value = self._scenario.products[p]
            looking = value.shelf * math.log(2) / value.rush / math.sqrt(len(links))
            order[p] = looking * value.conversion * math.exp(self._log_m(p, k))
        return order, lose

    def _on_shelf(self, k: int) -> list[str]:
        """Return the products whose link was up before and which are not shown now."""
        rundown = self._scenario.rundown
        earlier = {p for slot, _, link, _ in self._slots if link <= k for p in rundown[slot].sells}
        left = sorted(earlier - set(self._offered(k)))
        return [p for p in left if self._scenario.products[p].shelf > 0]

    def _leave(self, leave: float, k: int) -> float:
        people = self._scenario.people
        for guest in self._guests(k):
            leave /= people[guest].keep ** people[guest].fit.get(self._name, 0.0)
        return leave

    def _come(self, k: int) -> float:
        """Return the chance to come in the interval after refresh k."""
        theta, pull = self.segment.turnout, 1.0
        for guest in self._guests(k):
            person = self._scenario.people[guest]
            pull *= person.pull_by_segment.get(self._name, person.pull)
        stay_away = (1 - theta * self.profile(k + 1)) / (1 - theta * self.profile(k))
        return 1 - stay_away**pull

    def profile(self, k: int) -> float:
        """Return the share of those who come that has come by refresh k."""
        begin, length = 0.0, self._scenario.show.length
        if self.segment.comes_for not in (None, *self._own_people):
            slots = self._scenario.rundown
            entry = next(n for n, *_ in self._slots if self.segment.comes_for in slots[n].on_stage)
            begin = next(start for name, start, *_ in self._slots if name == entry) * self._step
        if k * self._step < begin:
            return 0.0
        share = _curve(self.segment.arrivals, k * self._step - begin, length - begin)
        return self.segment.waiting + (1 - self.segment.waiting) * share

    def _act(self, leave: float, k: int) -> NDArray[np.float64]:
        """Return the transition matrix of the interval after refresh k."""
        order, lose = self._hazards(k)
        decide, leave = sum(order.values()) + lose, self._leave(leave, k)
        acts = 1 - math.exp(-(decide + leave) * self._step)
        matrix = np.zeros((4, 4))
        matrix[NOT_COME, UNDECIDED] = self._come(k)
        matrix[UNDECIDED, DECIDED] = acts * decide / (decide + leave)
        matrix[UNDECIDED, LEFT] = acts * leave / (decide + leave)
        matrix[DECIDED, LEFT] = 1 - math.exp(-leave * self._step)
        return matrix + np.diag(1 - matrix.sum(axis=1))

    def _reset(self, k: int) -> NDArray[np.float64]:
        """Return the matrix of a moment: everyone is undecided again where a slot starts."""
        matrix = np.eye(4)
        if any(start == k for _, start, *_ in self._slots):
            matrix[DECIDED] = matrix[UNDECIDED]
        return matrix

    def _follow(self, share: float, leave: float) -> None:
        waits = self.segment.turnout * self.profile(0)
        state = share * np.array([1 - waits, waits, 0.0, 0.0])
        for k in range(self._refreshes):
            self.watching[k] += state[UNDECIDED] + state[DECIDED]
            state = state @ self._reset(k)
            act = self._act(leave, k)
            self._note_orders(k, state[UNDECIDED] * act[UNDECIDED, DECIDED])
            state = state @ act
        self.watching[-1] += state[UNDECIDED] + state[DECIDED]
        self.came += share - state[NOT_COME]
        self.left += state[LEFT]

    def _note_orders(self, k: int, decides: float) -> None:
        slot, (order, lose) = self._slot(k), self._hazards(k)
        if slot is None:
            return
        so_far = self.ordered.setdefault(slot, np.zeros(self._refreshes + 1))
        for product, hazard in order.items():
            ordering = decides * hazard / (sum(order.values()) + lose)
            so_far[k + 1 :] += ordering
            for variant, share in _variants(self._scenario, product).items():
                key = (slot, variant)
                self.chosen[key] = self.chosen.get(key, 0.0) + ordering * share

    def all_orders(self, product: str) -> tuple[float, float]:
        """Return mean and variance of the orders of a product, in its slots and from the shelf.

        One viewer can order again and again, so this goes backwards: from the first and second
        moment of the orders after an interval to those of the orders from its beginning on.
        """
        mean, square = 0.0, 0.0
        for share, leave in self._phases:
            first, second = np.zeros(4), np.zeros(4)
            for k in reversed(range(self._refreshes)):
                first, second = self._one_interval_more(product, leave, k, first, second)
            waits = self.segment.turnout * self.profile(0)
            start = share * np.array([1 - waits, waits, 0.0, 0.0])
            mean, square = mean + start @ first, square + start @ second
        return mean, square - mean**2

    def _one_interval_more(
        self,
        product: str,
        leave: float,
        k: int,
        first: NDArray[np.float64],
        second: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        order, lose = self._hazards(k)
        act = self._act(leave, k)
        ordering = np.zeros((4, 4))
        if product in order:
            ordering[UNDECIDED, DECIDED] = order[product] / (sum(order.values()) + lose)
        mean = act @ first + (act * ordering).sum(axis=1)
        square = act @ second + (act * ordering) @ (1 + 2 * first)
        return self._reset(k) @ mean, self._reset(k) @ square


def _variants(scenario: Scenario, product: str) -> dict[str, float]:
    variants = scenario.products[product].variants
    return {name: v.share for name, v in variants.items()} if variants else {product: 1.0}


def _curve(arrivals, since: float, length: float) -> float:
    x = since / length
    if arrivals.shape == "front_loaded":
        half = arrivals.half_by
        fall = brentq(lambda r: math.expm1(-r * half) / math.expm1(-r) - 0.5, 1e-6, 2 / half)
        return math.expm1(-fall * x) / math.expm1(-fall)
    if arrivals.shape == "s_curve":
        below, at, above = (
            1 / (1 + math.exp((arrivals.middle - y) / arrivals.spread)) for y in (0, x, 1)
        )
        return (at - below) / (above - below)
    if arrivals.shape == "points":
        points = [(0.0, 0.0)] + [(float(t[:-1]), s) for t, s in arrivals.points.items()]
        for (t0, s0), (t1, s1) in pairwise(points):
            if since <= t1:
                return s0 + (s1 - s0) * (since - t0) / (t1 - t0)
        return 1.0
    return x


# The comparison -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """A count in each replication, and its law: probabilities of ``lowest``, ``lowest`` + 1, …"""

    name: str
    sample: NDArray[np.int64]
    lowest: int
    chances: NDArray[np.float64]

    @classmethod
    def binomial(cls, name: str, sample: NDArray[np.int64], parts: list[tuple[int, float]]):
        """Return a count that is a sum of independent binomials (trials, chance)."""
        lowest, chances = 0, np.ones(1)
        for trials, chance in parts:
            low, high = stats.binom.ppf([1e-14, 1 - 1e-14], trials, chance).astype(int)
            low = max(low, 0)
            chances = np.convolve(
                chances, stats.binom.pmf(np.arange(low, high + 1), trials, chance)
            )
            lowest += low
        return cls(name, sample, lowest, chances / chances.sum())

    def p_values(self) -> Iterator[tuple[str, float]]:
        """Yield what the sample's moments, order and shape say of the law."""
        values = self.lowest + np.arange(len(self.chances))
        mean = self.chances @ values
        moments = [self.chances @ (values - mean) ** power for power in (2, 4)]
        yield from p_values_of_moments(self.name, self.sample, mean, *moments)
        yield f"{self.name}: shape", self._shape()

    def _shape(self) -> float:
        """Return the p-value of a χ² test on up to 20 cells of about equal chance."""
        cumulative = np.cumsum(self.chances)
        edges = np.unique(np.searchsorted(cumulative, np.arange(1, 20) / 20))
        if len(edges) < 2:
            return 1.0
        cell = np.searchsorted(edges, np.arange(len(self.chances)))
        expected = np.bincount(cell, self.chances) * len(self.sample)
        place = np.clip(self.sample - self.lowest, 0, len(self.chances) - 1)
        observed = np.bincount(cell[place], minlength=len(expected))
        keep = expected > 10
        chi2 = ((observed - expected)[keep] ** 2 / expected[keep]).sum()
        return float(stats.chi2.sf(chi2, keep.sum() - keep.all()))


def p_values_of_moments(
    name: str, sample: NDArray[np.int64], mean: float, variance: float, fourth: float
) -> Iterator[tuple[str, float]]:
    """Yield what a sample's mean, variance and independence say, by the central limit theorem."""
    size = len(sample)
    if variance < 1e-9:
        yield f"{name}: mean", float(np.all(np.abs(sample - mean) < 1e-3))
        return
    centred = (sample - mean) / math.sqrt(variance)
    z = (sample.mean() - mean) / math.sqrt(variance / size)
    yield f"{name}: mean", 2 * stats.norm.sf(abs(z))
    spread = ((sample - mean) ** 2).mean() - variance
    z = spread / math.sqrt((fourth - variance**2) / size)
    yield f"{name}: variance", 2 * stats.norm.sf(abs(z))
    for lag in (1, BLOCK):
        z = (centred[lag:] * centred[:-lag]).sum() / math.sqrt(size - lag)
        yield f"{name}: correlation with the replication {lag} later", 2 * stats.norm.sf(abs(z))


def simulated(scenario: Scenario, seed: int, blocks: int) -> Outcome:
    step = scenario.show.refresh
    return Outcome.joined(
        [simulate_block(scenario, seed, block, timeline_step=step) for block in range(blocks)]
    )


def audience(scenario: Scenario, outcome: Outcome) -> Iterator[Count]:
    """Yield the counts of viewers, which are binomial where nothing feeds back."""
    viewers = [OneViewer(scenario, name) for name in scenario.segments]
    for i, (name, one) in enumerate(zip(scenario.segments, viewers, strict=True)):
        chances = {
            "unique_viewers": one.came,
            "watching_at_end": one.watching[-1],
            "left": one.left,
        }
        for what, chance in chances.items():
            sample = outcome.segments[what][:, i]
            yield Count.binomial(f"{name}: {what}", sample, [(one.reach, chance)])
    for k, sample in enumerate(outcome.timeline["concurrent"].T):
        law = [(one.reach, one.watching[k]) for one in viewers]
        yield Count.binomial(f"watching at refresh {k}", sample, law)


def orders(scenario: Scenario, outcome: Outcome) -> Iterator[Count]:
    """Yield the orders of every slot by each of its refreshes, where no shelf adds to them."""
    viewers = [OneViewer(scenario, name) for name in scenario.segments]
    so_far = outcome.timeline["orders"]
    for slot in viewers[0].ordered:
        ordering = np.flatnonzero(np.diff(viewers[0].ordered[slot]))
        for k in ordering + 1:
            law = [(one.reach, one.ordered[slot][k]) for one in viewers]
            sample = so_far[:, k] - so_far[:, ordering[0]]
            yield Count.binomial(f"orders in {slot} by refresh {k}", sample, law)
    names = [v for product in scenario.products for v in _variants(scenario, product)]
    slots_of = Counter(variant for _, variant in viewers[0].chosen)
    for slot, variant in viewers[0].chosen:
        if slots_of[variant] == 1:
            law = [(one.reach, one.chosen[slot, variant]) for one in viewers]
            sample = outcome.variants["demand"][:, names.index(variant)]
            yield Count.binomial(f"demand of {variant}", sample, law)


def orders_by_room(scenario: Scenario, outcome: Outcome) -> Iterator[Count]:
    """Yield the attempts and the orders of every room, where there is enough for all."""
    viewers = [OneViewer(scenario, name) for name in scenario.segments]
    for i, room in enumerate(scenario.rooms):
        law = [(one.reach, sum(one.chosen.values())) for one in viewers if one.room == room]
        for what in ("attempts", "orders"):
            yield Count.binomial(f"{what} in {room}", outcome.rooms[what][:, i], law)


def p_values(counts: Iterator[Count]) -> Iterator[tuple[str, float]]:
    for count in counts:
        yield from count.p_values()


def shelf_p_values(scenario: Scenario, outcome: Outcome) -> Iterator[tuple[str, float]]:
    """Yield what the demand of products with a shelf says of its mean and variance."""
    viewers = [OneViewer(scenario, name) for name in scenario.segments]
    for i, product in enumerate(scenario.products):
        moments = [one.all_orders(product) for one in viewers]
        mean = sum(one.reach * m for one, (m, _) in zip(viewers, moments, strict=True))
        variance = sum(one.reach * v for one, (_, v) in zip(viewers, moments, strict=True))
        sample = outcome.products["demand"][:, i]
        yield from p_values_of_moments(product, sample, mean, variance, 3 * variance**2)


# The checks -----------------------------------------------------------------------------------


@check("one viewer: the audience of a guest show is binomial")
def audience_of_a_guest_show(seed: int) -> None:
    guest = scenario_of(GUEST)
    assert_no_difference(
        lambda blocks: p_values(audience(guest, simulated(guest, seed, blocks))), LOOKS
    )


@check("one viewer: the orders of a guest show are binomial", thorough=True)
def orders_of_a_guest_show(seed: int) -> None:
    guest = scenario_of(GUEST)
    assert_no_difference(
        lambda blocks: p_values(orders(guest, simulated(guest, seed, blocks))), LOOKS
    )


@check("one viewer: the audience of a room is binomial")
def audience_of_a_room(seed: int) -> None:
    room = scenario_of(ROOM)
    assert_no_difference(
        lambda blocks: p_values(audience(room, simulated(room, seed, blocks))), LOOKS
    )


@check("one viewer: the orders of a room are binomial")
def orders_of_a_room(seed: int) -> None:
    changes = {"products.serum.shelf": 0, "products.mask.shelf": 0}
    room = scenario_of(ROOM).with_changes(changes)
    assert_no_difference(
        lambda blocks: p_values(orders(room, simulated(room, seed, blocks))), LOOKS
    )


@check("one viewer: links on the shelf share an attention")
def shelf_of_a_room(seed: int) -> None:
    room = scenario_of(ROOM)
    assert_no_difference(lambda blocks: shelf_p_values(room, simulated(room, seed, blocks)), LOOKS)


@check("one viewer: the audience of rooms is binomial")
def audience_of_rooms(seed: int) -> None:
    rooms = scenario_of(ROOMS)
    assert_no_difference(
        lambda blocks: p_values(audience(rooms, simulated(rooms, seed, blocks))), LOOKS
    )


@check("one viewer: the orders of rooms are binomial")
def orders_of_rooms(seed: int) -> None:
    rooms = scenario_of(ROOMS)

    def compare(blocks: int) -> Iterator[tuple[str, float]]:
        outcome = simulated(rooms, seed, blocks)
        yield from p_values(orders(rooms, outcome))
        yield from p_values(orders_by_room(rooms, outcome))

    assert_no_difference(compare, LOOKS)
