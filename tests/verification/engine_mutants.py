"""The negative controls: the program broken in many ways, and the check that must catch each.

What only one engine has is caught by the other engine. What both share needs an oracle: one
viewer's matrices, a clerk's ledger, the run sheet; the mutants of a closed form stand beside it.
``mutants.py`` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from breaking import around, misread_screen, patched, scaled, then, wrong_inputs
from checks import Break, mutant
from closed_forms import at_the_end, one_place_more
from numpy.typing import NDArray

import livesim.engine.crowd.agent
import livesim.engine.crowd.cohort
import livesim.engine.crowd.segment
import livesim.engine.ledger.dividing
import livesim.engine.ledger.ledger
import livesim.engine.orders.placing
import livesim.resolve.segments
from livesim.arrays import Numbers
from livesim.engine.clock import Clock
from livesim.engine.crowd.agent import AgentCrowd
from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.crowd.crowd import Attempts
from livesim.engine.crowd.segment import SegmentCrowd
from livesim.engine.ledger.book import ORDERS as ORDER_COUNT
from livesim.engine.ledger.book import Book
from livesim.engine.ledger.deliveries import Deliveries
from livesim.engine.ledger.live_stock import Live
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.reserve import Rules
from livesim.engine.ledger.serving import Accounts
from livesim.engine.lockstep import Lockstep
from livesim.engine.orders.checkout import Checkout
from livesim.engine.orders.queue_order import Fronts
from livesim.engine.orders.single_rooms import LikeRooms
from livesim.engine.release_plan import Cells
from livesim.engine.show.show import Show
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.rates import Chances, Rates, Screen

Method = Callable[..., object]


def nothing(method: Method) -> Method:
    """Do nothing at all."""
    return lambda *args, **kwargs: None


# What everybody shares: the rates, the numbers, the streams ------------------------------------

AUDIENCE = "one viewer: the audience of a guest show is binomial"
ORDERS = "one viewer: the orders of a guest show are binomial"


def per_refresh_profile(hazards: Method) -> Method:
    """Take the rate of θ G in place of the profile integrated over the interval."""

    def broken(turnout, profile):
        return turnout * np.diff(profile, axis=0, prepend=0.0) * np.ones_like(turnout)

    return broken


def same_luck_in_every_block(crowd: Method) -> Method:
    return lambda self, segment, act: crowd(Streams(self.seed, 0), segment, act)


class TwoByTwo:
    """A generator that gives every second replication the luck of the one before."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __getattr__(self, name: str) -> Method:
        def draw(*args: object) -> NDArray[np.int64]:
            drawn = getattr(self._rng, name)(*args)
            drawn[1::2] = drawn[: len(drawn) // 2 * 2 : 2]
            return drawn

        return draw


def luck_two_by_two(crowd: Method) -> Method:
    def broken(self, segment, act):
        rng = crowd(self, segment, act)
        return TwoByTwo(rng) if act == "come" else rng

    return broken


def early(self: Lockstep, *args: object, **kwargs: object) -> None:
    self._tolerance = 0.999 * self._inputs.refresh


mutant("viewers leave 5 % too fast", scaled("leave", 1.05), caught_by=AUDIENCE)
mutant("guests pull 5 % too much", scaled("pull", 1.05), caught_by=AUDIENCE)
mutant("keep is forgotten", wrong_inputs(log_keep=lambda i: 0 * i.log_keep), caught_by=AUDIENCE)
mutant(
    "arrivals by rates at each refresh",
    patched(livesim.resolve.segments, "arrival_hazards", per_refresh_profile),
    caught_by=AUDIENCE,
)
mutant(
    "arrivals by rates at each refresh, before a room",
    patched(livesim.resolve.segments, "arrival_hazards", per_refresh_profile),
    caught_by="one viewer: the audience of a room is binomial",
)
mutant(
    "blocks share their luck",
    patched(Streams, "crowd", same_luck_in_every_block),
    caught_by=AUDIENCE,
)
mutant(
    "replications share their luck two by two",
    patched(Streams, "crowd", luck_two_by_two),
    caught_by=AUDIENCE,
)
mutant("orders 5 % too rare", scaled("order", 0.95), caught_by=ORDERS)
mutant("interest lost 5 % too slowly", scaled("lose_interest", 0.95), caught_by=ORDERS)
mutant("lift is forgotten", wrong_inputs(log_lift=lambda i: 0 * i.log_lift), caught_by=ORDERS)
mutant(
    "the slot's price is not seen",
    misread_screen(price=lambda i, s: np.broadcast_to(i.price, s.price.shape)),
    caught_by=ORDERS,
)
mutant(
    "sizes are taken for each other",
    wrong_inputs(variant_share=lambda i: i.variant_share[[0, 1, 3, 2]]),
    caught_by=ORDERS,
)
mutant("a rush too short by a tenth", wrong_inputs(rush=lambda i: 0.9 * i.rush), caught_by=ORDERS)
mutant(
    "slots start, and end, a look early",
    then(Lockstep, "__init__", early),
    caught_by="one viewer: the orders of a room are binomial",
)
mutant(
    "the shelf sells 5 % too much",
    wrong_inputs(shelf=lambda i: 1.05 * i.shelf),
    caught_by="one viewer: links on the shelf share an attention",
)


# The show: its processes, and what the screen shows --------------------------------------------


def a_refresh_old(with_stock: Method) -> Method:
    """Show the stock of the last refresh."""

    def broken(self: Lockstep, screen: Screen) -> Screen:
        now = with_stock(self, screen)
        before = getattr(self, "_before", now)
        self._before = now
        return replace(screen, claimed=before.claimed, on_hand=before.on_hand)

    return broken


def never(wait: Method) -> Method:
    """Wait for what never happens."""
    return lambda self, *args: self.env.event()


def at_once(wait: Method) -> Method:
    """Wait for nothing."""
    return lambda self, *args: self.until(self.now)


def a_look_late(until: Method) -> Method:
    return lambda self, time: until(self, time + self.inputs.refresh)


def nine_tenths(share: Method) -> Method:
    return lambda self, product: 0.9 * share(self, product)


WAITS = "run sheet: a slot waits for its guest, unless they do not come"
SCREEN = "run sheet: viewers react to the stock that the screen shows now"

mutant("late guests are on time", wrong_inputs(late=lambda i: 0 * i.late), caught_by=WAITS)
mutant("slots wait for nobody", patched(Show, "arrival", at_once), caught_by=WAITS)
mutant("everybody comes", wrong_inputs(comes=lambda i: np.ones_like(i.comes)), caught_by=WAITS)
mutant(
    "guests stay on stage",
    misread_screen(on_stage=lambda i, s: np.ones_like(s.on_stage)),
    caught_by="run sheet: who is on stage moves the rates, and nobody else does",
)
mutant(
    "whatever waits for a time waits a look too long",
    patched(Show, "until", a_look_late),
    caught_by="run sheet: fixed starts and links hold",
)
mutant(
    "slots stay at sell-out",
    patched(Show, "sold_out", never),
    caught_by="run sheet: a slot goes on at sell-out",
)
mutant(
    "the screen shows the stock of a refresh ago",
    patched(Lockstep, "_with_stock", a_refresh_old),
    caught_by=SCREEN,
)
mutant(
    "of what is claimed a tenth is not shown",
    patched(Live, "claimed_share", nine_tenths),
    caught_by=SCREEN,
)


# The account -----------------------------------------------------------------------------------


def without_last_unit(take_first: Method) -> Method:
    """Keep the last unit back, if it is not the only one."""

    def broken(self: Accounts, book: Book, who, first, since) -> object:
        self.position[who] = np.maximum(self.position[who] - 1, 1)
        return take_first(self, book, who, first, since)

    return broken


def lapsed_units_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that lapses come on hand again."""
    none = property(lambda self: np.zeros(len(self.orders) + 1, dtype=np.int64))
    monkeypatch.setattr(Book, "lapsing", none)
    monkeypatch.setattr(Accounts, "_let_lapse", nothing(Accounts._let_lapse))


def forget_lost(figures_of: Method) -> Method:
    def broken(*args: object) -> object:
        found = figures_of(*args)
        return found | {"lost": 0 * found["lost"]}

    return broken


def never_swept(swept: Method) -> Method:
    return lambda self, timeout: np.full(self.steps + 1, self.steps + 1)


def whole_orders_only(shortened: Method) -> Method:
    """Count an order only if it gets all that it asks for."""

    def broken(self: Book, front: Fronts, base: int = 0) -> NDArray[np.int64]:
        got = shortened(self, front, base)
        got[:, ORDER_COUNT] -= front.missing > 0
        return got

    return broken


def twice(deliveries: Method) -> Method:
    def broken(*args: object) -> Deliveries:
        found = deliveries(*args)
        return replace(found, together=2 * found.together)

    return broken


def at_once_called(inputs: Inputs) -> object:
    """Return the supplies, their reserves without a lead time."""
    return tuple(
        replace(supply, reserves=tuple(replace(one, lead_time=0.0) for one in supply.reserves))
        for supply in inputs.supplies
    )


def five_units_late(next_called: Method) -> Method:
    return lambda part, rules, *rest: next_called(
        part, replace(rules, below=rules.below - 5), *rest
    )


def only_the_first(next_called: Method) -> Method:
    def broken(part: Part, rules: Rules, *rest: object) -> object:
        first = (np.arange(len(rules)) == 0)[:, None]
        return next_called(part, replace(rules, below=rules.below * first), *rest)

    return broken


def all_at_once(next_called: Method) -> Method:
    def broken(part: Part, rules: Rules, called: Numbers, level: Numbers) -> object:
        for _ in range(len(rules)):
            called = next_called(part, rules, called, level)
        return called

    return broken


def three_more(room: Method) -> Method:
    def broken(*args: object) -> NDArray[np.int64]:
        found = room(*args)
        return found + 3 * (found > 0)

    return broken


def at_the_new_price(self: Checkout, orders: object, price: NDArray[np.float64]) -> None:
    for group in self._queue:
        np.copyto(group.price, price, where=price > 0)


def without_marks(kinds_of: Method) -> Method:
    def broken(*args: object) -> object:
        shares, numbers = kinds_of(*args)
        return shares, {(fake, room): numbers[False, room] for fake, room in numbers}

    return broken


LEDGER = "a clerk's ledger: {}".format

mutant(
    "the last unit is never sold",
    patched(Accounts, "_take_first", without_last_unit),
    caught_by=LEDGER("last units"),
)
mutant(
    "lost units are not counted",
    patched(livesim.engine.ledger.ledger, "figures_of", forget_lost),
    caught_by=LEDGER("last units"),
)
mutant(
    "an order that is served in part is not counted",
    patched(Book, "shortened", whole_orders_only),
    caught_by=LEDGER("last units"),
)
mutant(
    "sold out at the refresh, not at the moment",
    patched(Book, "fronts", at_the_end),
    caught_by=LEDGER("last units"),
)
mutant("lapsed units are not on hand again", lapsed_units_vanish, caught_by=LEDGER("lapses"))
mutant(
    "unpaid orders never lapse",
    patched(Clock, "swept", never_swept),
    caught_by=LEDGER("lapses"),
)
mutant(
    "every wave comes twice",
    patched(livesim.engine.ledger.dividing, "deliveries", twice),
    caught_by=LEDGER("waves"),
)
mutant(
    "the reserve comes without its lead time",
    wrong_inputs(supplies=at_once_called),
    caught_by=LEDGER("waves"),
)
mutant(
    "the reserve is called five units late",
    patched(livesim.engine.ledger.dividing, "next_called", five_units_late),
    caught_by=LEDGER("waves"),
)
mutant(
    "only the first of two reserves is ever called",
    patched(livesim.engine.ledger.dividing, "next_called", only_the_first),
    caught_by=LEDGER("waves"),
)
mutant(
    "what a reserve brings is not on hand for the rule of the other",
    patched(livesim.engine.ledger.dividing, "next_called", all_at_once),
    caught_by=LEDGER("waves"),
)
mutant(
    "three units are sold beyond the limit",
    patched(livesim.engine.ledger.dividing, "_backorder_room", three_more),
    caught_by=LEDGER("sizes"),
)
mutant(
    "the checkout lets one too many through",
    patched(Checkout, "_take", one_place_more),
    caught_by=LEDGER("queue"),
)
mutant(
    "who waits at the checkout pays the new price",
    around(Checkout, "_join", at_the_new_price),
    caught_by=LEDGER("queue"),
)
mutant(
    "fake orders are taken for real ones",
    patched(livesim.engine.orders.placing, "_kinds_of", without_marks),
    caught_by=LEDGER("placed orders"),
)


# The cohort engine alone -----------------------------------------------------------------------


def interval_by_interval(break_act: Break) -> Break:
    """Let viewers act in one interval at a time, so that what is broken is so in each."""

    def breaks(monkeypatch: pytest.MonkeyPatch) -> None:
        coming = SegmentCrowd.coming

        def of_the_next(self: SegmentCrowd, refresh: int, until: int, *args: object) -> object:
            return coming(self, refresh, refresh + 1, *args)

        monkeypatch.setattr(SegmentCrowd, "coming", of_the_next)
        break_act(monkeypatch)

    return breaks


def welcome_decided(act: Method) -> Method:
    """Take newcomers for viewers who have decided."""

    def broken(self: SegmentCrowd, refresh, newcomers, rates, looks) -> Attempts:
        attempts = act(self, refresh, newcomers, rates, looks)
        self._undecided -= newcomers[0]
        self._decided += newcomers[0]
        return attempts

    return broken


def one_viewer_too_many(self: SegmentCrowd, *args: object) -> None:
    self.viewers += 1


def welcome_first(act: Method) -> Method:
    """Let newcomers act in the interval in which they come."""

    def broken(self: SegmentCrowd, refresh, newcomers, rates, looks) -> Attempts:
        self._undecided = self._undecided + newcomers[0]
        self._not_come = self._not_come - newcomers[0]
        self.viewers = self.viewers + newcomers[0].sum(axis=1)
        return act(self, refresh, 0 * newcomers, rates, looks)

    return broken


def order_again(self: SegmentCrowd, *args: object) -> None:
    self.start_slot(np.ones(len(self.watching), dtype=bool))


def stay_for_ever(chances: Method) -> Method:
    """Let nobody leave who has decided."""

    def broken(rates: Rates, refresh: float) -> Chances:
        right = chances(rates, refresh)
        return replace(right, leave=np.zeros_like(right.leave))

    return broken


def count_who_left(self: SegmentCrowd, refresh, newcomers, rates, looks) -> None:
    self._let_leave()
    looks.watching[:] = looks.viewers


def with_rates_before(act: Method) -> Method:
    """Look at the screen of a refresh ago."""

    def broken(self: SegmentCrowd, refresh, newcomers, rates, looks) -> Attempts:
        before = getattr(self, "_seen", rates)
        self._seen = rates
        return act(self, refresh, newcomers, before, looks)

    return broken


def remember_for_ever(add: Method) -> Method:
    def broken(self, refresh: int, attempts: Attempts) -> None:
        np.add.at(self.orders, attempts.row, attempts.count)

    return broken


def shelf_for_shown(chances: Method) -> Method:
    """Take what can be ordered, shown or on the shelf, for each other."""

    def broken(rates: Rates, refresh: float) -> Chances:
        right = chances(rates, refresh)
        order = right.order.copy()
        order[:, 1:] = order[:, :0:-1]
        return replace(right, order=order)

    return broken


def sizes_alike(chances: Method) -> Method:
    """Let every variant have the same share of the orders."""

    def broken(rates: Rates, refresh: float) -> Chances:
        right = chances(rates, refresh)
        order = right.order.copy()
        order[:, 1:] = order[:, 1:].mean(axis=1, keepdims=True)
        return replace(right, order=order)

    return broken


def linear(chances: Method) -> Method:
    """Take hazard times length for the chance of an interval."""

    def broken(rates: Rates, refresh: float) -> Chances:
        right = chances(rates, refresh)
        return replace(right, act=np.minimum(-np.log1p(-right.act), 1))

    return broken


def in_every_replication(start_slot: Method) -> Method:
    return lambda self, rows: start_slot(self, np.ones_like(rows))


def no_factor_for_who_waits(chance: Method) -> Method:
    """Forget the factor where nothing is said of who is brought: of those who wait at the start."""
    return lambda hazard, pull, *brought: chance(
        hazard, pull if brought else np.ones_like(pull), *brought
    )


def no_pull(chance: Method) -> Method:
    return lambda hazards, pull: chance(hazards, np.ones_like(pull))


def five_percent_more(hazard: Method) -> Method:
    return lambda *args: 1.05 * hazard(*args)


LAW = "same law: {}".format

mutant(
    "cohort: newcomers have decided",
    interval_by_interval(patched(SegmentCrowd, "act", welcome_decided)),
    caught_by=ORDERS,
)
mutant(
    "cohort: nobody is undecided again",
    patched(SegmentCrowd, "start_slot", nothing),
    caught_by=ORDERS,
)
mutant(
    "cohort: one viewer too many",
    interval_by_interval(then(SegmentCrowd, "act", one_viewer_too_many)),
    caught_by=AUDIENCE,
)
mutant(
    "cohort: viewers look at the screen of a refresh ago",
    interval_by_interval(patched(SegmentCrowd, "act", with_rates_before)),
    caught_by=LAW("herd"),
)
mutant(
    "cohort: who has ordered may order again",
    interval_by_interval(then(SegmentCrowd, "act", order_again)),
    caught_by=LAW("last units"),
)
mutant(
    "cohort: who has decided never leaves",
    patched(livesim.engine.crowd.segment, "chances_of", stay_for_ever),
    caught_by=LAW("lapses"),
)
mutant(
    "cohort: the chance of an interval is its hazard",
    patched(livesim.engine.crowd.segment, "chances_of", linear),
    caught_by=LAW("lapses"),
)
mutant(
    "cohort: a guest's pull is forgotten",
    patched(livesim.engine.crowd.segment, "first_come_chances", no_pull),
    caught_by=LAW("guests"),
)
mutant(
    "cohort: watchers and orders bring 5 % too many",
    patched(livesim.engine.crowd.segment, "brought_hazard", five_percent_more),
    caught_by=LAW("word of mouth"),
)
mutant(
    "cohort: the platform never forgets an order",
    patched(livesim.engine.crowd.cohort._Recent, "add", remember_for_ever),
    caught_by=LAW("word of mouth"),
)
mutant(
    "cohort: what is shown and what is on the shelf are taken for each other",
    patched(livesim.engine.crowd.segment, "chances_of", shelf_for_shown),
    caught_by=LAW("shelf"),
)
mutant(
    "cohort: all sizes are ordered alike",
    patched(livesim.engine.crowd.segment, "chances_of", sizes_alike),
    caught_by=LAW("sizes"),
)
mutant(
    "cohort: a slot starts in every replication at once",
    patched(SegmentCrowd, "start_slot", in_every_replication),
    caught_by=LAW("sell-out"),
)
mutant(
    "cohort: newcomers act at once",
    interval_by_interval(patched(SegmentCrowd, "act", welcome_first)),
    caught_by=LAW("queue"),
)
mutant(
    "cohort: the error of turnout misses who waits",
    patched(livesim.engine.crowd.segment, "arrival_chance", no_factor_for_who_waits),
    caught_by=LAW("uncertain"),
)
mutant(
    "cohort: viewers are counted after they have left",
    interval_by_interval(then(SegmentCrowd, "act", count_who_left)),
    caught_by=LAW("profiles"),
)


# Rooms ------------------------------------------------------------------------------------------

CLERKS = "a clerk's ledger: rooms"


def first_of_like_rooms(share_out: Method) -> Method:
    """Let all attempts of like rooms fall to the first of them."""

    def broken(self: LikeRooms, row: NDArray[np.intp], count: NDArray[np.int64]) -> object:
        return np.arange(len(count)), np.zeros(len(count), dtype=np.intp), count

    return broken


def one_of_like_rooms(room_of: Method) -> Method:
    """Take the reach of one room for that of all like it."""

    def broken(scenario: object, segment: str) -> object:
        number, _, people = room_of(scenario, segment)
        return number, 1, people

    return broken


def nobody_of_their_own(inputs: Inputs) -> object:
    return tuple(replace(s, room_people=s.room_people & False) for s in inputs.segments)


def everybody_s_people(inputs: Inputs) -> object:
    theirs = np.any([segment.room_people for segment in inputs.segments], axis=0)
    return tuple(replace(segment, room_people=theirs) for segment in inputs.segments)


def all_to_the_first(split: Method) -> Method:
    """Give all units to the first room."""

    def broken(self: Cells, units: NDArray[np.int64]) -> NDArray[np.int64]:
        found = split(self, units)
        cells = found.reshape(len(units), -1, *units.shape[1:]).copy()
        cells[:, 0] = units
        cells[:, 1:] = 0
        return cells.reshape(found.shape)

    return broken


def orders_of_another_room(brought: Method) -> Method:
    """Let the platform count the orders of the room next door."""

    def broken(self: CohortCrowd, segment: SegmentCrowd) -> object:
        if not segment.inputs.reacts:
            return brought(self, segment)
        rooms = [key for key in self._recent if key[1] == segment.inputs.window]
        here = rooms.index((segment.inputs.room, segment.inputs.window))
        return segment.brought(self._recent[rooms[here - 1]].orders)

    return broken


mutant(
    "rooms: the reach of one for that of all",
    patched(livesim.resolve.segments, "_room_of", one_of_like_rooms),
    caught_by="one viewer: the audience of rooms is binomial",
)
mutant(
    "rooms: nobody sees a room's own people",
    wrong_inputs(segments=nobody_of_their_own),
    caught_by="one viewer: the orders of rooms are binomial",
)
mutant(
    "rooms: everybody sees every room's people",
    wrong_inputs(segments=everybody_s_people),
    caught_by="one viewer: the orders of rooms are binomial",
)
mutant(
    "rooms: attempts all fall to the first of like rooms",
    patched(LikeRooms, "share_out", first_of_like_rooms),
    caught_by=CLERKS,
)
mutant(
    "rooms: all units to the first room",
    patched(Cells, "split", all_to_the_first),
    caught_by=CLERKS,
)
mutant(
    "cohort: orders of one room bring visitors to another",
    patched(CohortCrowd, "_brought", orders_of_another_room),
    caught_by=LAW("rooms"),
)


# The agent engine alone ------------------------------------------------------------------------


def hazards_off(name: str, factor: float) -> Break:
    """Let every agent's hazards of one name be off by a factor."""

    def change(clocks_of: Method) -> Method:
        def broken(rates: Rates, row: int) -> object:
            return clocks_of(replace(rates, **{name: factor * getattr(rates, name)}), row)

        return broken

    return patched(livesim.engine.crowd.agent, "clocks_of", change)


def come_in_first(act: Method) -> Method:
    """Let newcomers act in the interval in which they come."""

    def broken(self: AgentCrowd, refresh: int, until: int, rates: list[Rates]) -> object:
        urges = self._urges(refresh, rates)
        for segment, urge in zip(self._audiences, urges, strict=True):
            for audience, added in zip(segment, urge.tolist(), strict=True):
                audience.let_in(added)
        self._urges = lambda *args: [0 * urge for urge in urges]
        acted = act(self, refresh, until, rates)
        del self._urges
        return acted

    return broken


mutant("agent: orders 5 % too rare", hazards_off("order", 0.95), caught_by=LAW("waves"))
mutant(
    "agent: viewers leave 5 % too slowly", hazards_off("leave", 0.95), caught_by=LAW("last units")
)
mutant(
    "agent: orders 20 % too rare, before the steps",
    hazards_off("order", 0.8),
    caught_by=LAW("placed orders"),
)
mutant(
    "agent: nobody is undecided again",
    patched(AgentCrowd, "start_slot", nothing),
    caught_by=LAW("lapses"),
)
mutant(
    "agent: newcomers act at once",
    patched(AgentCrowd, "act", come_in_first),
    caught_by=LAW("queue"),
)
