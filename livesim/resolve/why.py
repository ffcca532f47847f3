"""What a planner should be shown beside a resolved scenario: reasons, checks and notes.

Checks go in the other direction: from the model's quantities to what a dashboard would show, so
that a misread input is seen. Notes say what was assumed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from livesim.model.expectation import Expectation
from livesim.resolve.centring import (
    has_middle,
    mean_orders,
    mean_over_median,
    mean_viewers,
    mean_viewers_of,
    median_orders,
    middle_viewers,
    rests_on_truncation,
)
from livesim.resolve.demand import KEYS, units_per_order
from livesim.resolve.derivation import GIVEN, Path, Reasons, leaves, reason_of
from livesim.resolve.inputs import expectation_of
from livesim.resolve.observed import tuning_warnings
from livesim.resolve.purchases import PurchaseTerms, purchase_terms
from livesim.resolve.words import count, counted, duration, listed, money, share
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Part
from livesim.scenario.parts import Product, Slot
from livesim.scenario.planned import (
    first_links,
    offered_until,
    on_hand_from,
    planned_slots,
    sold_until,
)
from livesim.scenario.quantities import BEST
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Quantity, likely
from livesim.scenario.writing import write_yaml

#: A mean and a middle that differ by less are told as one [1].
_ALIKE = 0.02
#: What to write rather than a conversion.
_INSTEAD = (
    "Where there were shows like this, write instead the orders_per_1000 or units_per_1000 that "
    "they had, or history: shows.csv with all of them."
)
#: Said of what has a Student's t distribution with so heavy tails that they make the mean.
_TAILS = (
    "the tails of the error make the mean, which moves by more than 5 % if they are followed twice "
    "as far. So what is told is the middle show, and not what to expect."
)


@dataclass(frozen=True)
class Resolution:
    """A scenario with where everything in it comes from.

    Parameters
    ----------
    scenario
        The show, with everything explicit.
    reasons
        Path → why the value there, and below it, is what it is.
    notes
        What a planner should know of what was assumed: one line each.
    """

    scenario: Scenario
    reasons: Reasons
    notes: tuple[str, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Those of the notes that ask whether a figure means what livesim takes it for."""
        return tuple(note for note in self.notes if "?" in note)

    @cached_property
    def checks(self) -> tuple[str, ...]:
        """What was derived, checked in the other direction.

        One line a segment and a product, and one for the whole show.
        """
        return checks_of(self.scenario)


def explained(resolution: Resolution) -> str:
    """Return the resolved scenario as YAML, with where each value comes from beside it.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> text = explained(resolve_file("scenarios/brand_room.yaml"))
    >>> print(next(line for line in text.splitlines() if "reach:" in line).strip())
    reach: 200000  # history: 2,000 viewers / turnout 1 %
    """
    scenario = resolution.scenario
    comments = {path: str(reason_of(resolution.reasons, path)) for path in leaves(scenario)}
    return write_yaml(scenario.to_data(), comments)


def checks_of(scenario: Scenario) -> tuple[str, ...]:
    """Return what to expect on a neutral stage: a line a segment and a product, and one in all."""
    expected = expectation_of(scenario)
    viewers = sum(expected.viewers.values())
    lines = [
        f"{name}: {counted(number, 'viewer')} {_what_told(scenario, name)}, "
        f"mean watch time {duration(expected.watch_time[name])}, "
        f"peak {count(expected.watching[:, i].max())} concurrent"
        for i, (name, number) in enumerate(expected.viewers.items())
    ]
    only_gifts = scenario.only_gifts
    mean, median = mean_orders(scenario), median_orders(scenario)
    for name, orders in expected.orders.items():
        if name in only_gifts:
            lines.append(f"{name}: given away, not sold")
            continue
        per_1000 = orders / viewers * 1000 if viewers else 0.0
        rate = f"{counted(per_1000, 'order')} per 1,000 viewers" if viewers else "none"
        conversion = share(likely(scenario.products[name].conversion))
        middle = median[name] if has_middle(scenario, name) else None
        placed = _placed(orders, mean[name], middle) + _placed_note(scenario, name)
        lines.append(f"{name}: conversion {conversion} → {rate}, {placed}")
    return (*lines, _in_all(scenario, expected))


def _what_told(scenario: Scenario, segment: str) -> str:
    """Say what a segment's viewers are that its line is of: what is expected, or only likely."""
    alike = abs(mean_viewers_of(scenario, segment) - 1.0) <= _ALIKE
    return "expected" if alike else "at likely values"


def summary_of(scenario: Scenario) -> str:
    """Return what the whole show is expected to come to, in a line: the last of its checks."""
    return _in_all(scenario, expectation_of(scenario))


def _in_all(scenario: Scenario, expected: Expectation) -> str:
    """Say what the whole show comes to: where a figure was misread, this is far off."""
    products, mean = scenario.products, mean_orders(scenario)
    orders = {name: placed * mean[name] for name, placed in expected.orders.items()}
    wanted = sum(placed * units_per_order(products[name]) for name, placed in orders.items())
    owned = sum(product.owned for product in products.values())
    told, mean_of_told = sum(expected.viewers.values()), mean_viewers(scenario)
    viewers = counted(told * mean_of_told, "viewer")
    if abs(mean_of_told - 1.0) > _ALIKE and has_middle(scenario):
        viewers += f" ({count(told * middle_viewers(scenario))} in the middle show)"
    guests = [*_guests_apart(scenario)]
    without = f" without {listed(guests)}" if guests else ""
    return (
        f"in all: {viewers}, {counted(sum(orders.values()), 'order')} and "
        f"{counted(wanted, 'unit')} expected{without}; {counted(owned, 'unit')} owned"
    )


def _guests_apart(scenario: Scenario) -> Iterator[str]:
    """Yield who comes on top of what is expected on a neutral stage, with what moves most."""
    for name, person in scenario.people.items():
        seen = any(name in slot.on_stage for slot in scenario.rundown.values())
        if person.role == "guest" and seen and (pull := likely(person.pull)) != 1:
            yield f"{person.label or name} (pull {pull:.3g})"


def _placed(orders: float, mean: float, median: float | None) -> str:
    """Say how many orders to expect, and how many in the middle show where it has fewer."""
    expected = counted(orders * mean, "order")
    if median is None:
        return f"{expected} expected"
    if abs(mean - median) <= _ALIKE * mean:
        return expected
    return f"{expected} expected ({count(orders * median)} in the middle show)"


def _placed_note(scenario: Scenario, product: str) -> str:
    """Say what has been lost or added between a try and an order."""
    steps = ", after the checkout's steps" if scenario.checkout.steps else ""
    fakes = scenario.products[product].fake_orders
    return steps + (f", {share(likely(fakes.share))} of them fake" if fakes else "")


def notes_of(scenario: Scenario, draft: Draft, reasons: Reasons) -> tuple[str, ...]:
    """Return what was assumed and what does not work, one line each."""
    return (
        *_turnout_notes(scenario, reasons),
        *_rotation_note(scenario, draft),
        *_error_notes(scenario, draft, reasons),
        *_known_note(scenario),
        *_alone_notes(scenario, draft),
        *_tail_notes(scenario),
        *_rush_note(scenario, draft),
        *_view_notes(draft, reasons),
        *_whats(_gaps(scenario)),
        *_guest_notes(scenario),
        *_whats(_unseen(scenario)),
        *too_late(scenario),
        *_whats((*_below_cost(scenario), *_dearer_left_over(scenario), *_unaffordable(scenario))),
        *_kept_note(scenario),
        *_campaign_notes(scenario),
        *_whats(_tuned(scenario)),
        *uncalled(scenario),
        *_deal_note(scenario, reasons),
    )


def remarks_of(scenario: Scenario) -> tuple[Finding, ...]:
    """Return what a planner should look at, as it does nothing, loses money or contradicts itself.

    These are also among the notes, beside what was assumed.

    Parameters
    ----------
    scenario
        The show.

    Examples
    --------
    >>> import livesim
    >>> cheap = {"products.serum.price": 45}
    >>> show = livesim.load("scenarios/brand_room.yaml", cheap)
    >>> [remark.path for remark in remarks_of(show)]
    [('products', 'serum', 'price')]
    """
    own = (_gaps, _unseen, _too_late, _uncalled)
    checks = (*own, _below_cost, _dearer_left_over, _unaffordable, _tuned)
    return tuple(finding for check in checks for finding in check(scenario))


def _whats(findings: Iterable[Finding]) -> Iterator[str]:
    return (finding.what for finding in findings)


def _turnout_notes(scenario: Scenario, reasons: Reasons) -> Iterator[str]:
    """Say where a reach is told and the template decides how many of it come.

    Viewers by followers: 2 of 8.3 M (South China Morning Post 2024), 26 of 40 M (RADII 2020), 63 of
    64 M (CNN 2022).
    """
    for name, segment in scenario.segments.items():
        reach, turnout = (
            reason_of(reasons, ("segments", name, key)).kind for key in ("reach", "turnout")
        )
        if reach == GIVEN.kind and turnout in ("template", "assumption"):
            yield (
                f"{name}: no turnout is written, and {share(likely(segment.turnout))} of the reach "
                "are taken to come. In three published shows 24 to 98 viewers came for 100 "
                "followers of the host: write turnout, or viewers."
            )


def _rotation_note(scenario: Scenario, draft: Draft) -> Iterator[str]:
    if draft.rundown is not None:
        return
    each = duration(next(iter(scenario.rundown.values())).length)
    only_gifts = scenario.only_gifts
    names = [name for name in scenario.products if name not in only_gifts]
    turns = len(scenario.rundown) // len(names)
    if len(names) == 1:
        slots = counted(turns, "slot")
        yield f"No rundown: {names[0]} is on all the time, in {slots} of {each}."
    else:
        times = "once" if turns == 1 else f"{turns} times"
        yield f"No rundown: the {len(names)} products rotate evenly, {each} each, {times}."


def _error_notes(scenario: Scenario, draft: Draft, reasons: Reasons) -> Iterator[str]:
    """Say how wrong a forecast can be where the templates say it, and ask what it is known from."""
    show, products = scenario.show, list(scenario.products)
    varying: dict[Path, tuple[str, Quantity]] = {
        ("show", "turnout_factor"): ("viewers", show.turnout_factor),
        ("show", "appeal"): ("orders", show.appeal),
        **{
            ("products", name, "appeal"): (f"a single product's orders ({name})", product.appeal)
            for name, product in scenario.products.items()
        },
    }
    drawn = any(segment.takes_turnout_factor for segment in scenario.segments.values())
    assumed = [
        path
        for path, (_, error) in varying.items()
        if isinstance(error, Distribution)
        and reason_of(reasons, path).kind not in (GIVEN.kind, "history")
        and (path != ("show", "turnout_factor") or drawn)
        and (path[0] == "show" or path[1] == products[0])
    ]
    if assumed:
        yield _known_from(draft, reasons)
    if ("show", "appeal") in assumed:
        yield from _guessed(draft, reasons)
    for path in assumed:
        what, error = varying[path]
        yield f"Forecast error of {what}: {_range_of(error)} ({'.'.join(path)} replaces it)."


def _known_note(scenario: Scenario) -> Iterator[str]:
    """Ask about a show in which nothing is uncertain, though its errors are told: as one was drawn.

    A row of a result's inputs that somebody has rounded looks like that.
    """
    products = {f"products.{name}.appeal": one.appeal for name, one in scenario.products.items()}
    errors = {
        "show.appeal": scenario.show.appeal,
        "show.turnout_factor": scenario.show.turnout_factor,
        **products,
    }
    told = {path: one for path, one in errors.items() if isinstance(one, float) and one != 1}
    if len(told) > 1 and not scenario.uncertain():
        (path, value), *more = told.items()
        yield (
            f"Nothing is uncertain, as {path} is written as {value:.4g}, and {len(more)} more "
            "forecast errors with it: all figures are of this one show. Is it one that was drawn? "
            "Leave them out to see what may come."
        )


def _known_from(draft: Draft, reasons: Reasons) -> str:
    """Say from what a show is taken to be known, and which keys say otherwise."""
    known: str = draft.show.known_from
    if known == "history":
        known += f" ({counted(draft.show.past_shows, 'show')}: show.past_shows)"
    if reason_of(reasons, ("show", "known_from")).kind != GIVEN.kind:
        known += ", as nothing else is said: show.known_from is history, followers or nothing"
    return f"Forecast errors are those of what is known from {known}."


def _guessed(draft: Draft, reasons: Reasons) -> Iterator[str]:
    """Ask whether conversions are guesses where a template takes orders for known from history.

    Of 150 shows of 11 hosts (one platform, summer 2021) written with one conversion for all, orders
    missed what was expected by a log-sd of 1.3, against 0.6 by the host's own past shows. They took
    1.1 times what 1.2 % comes to on average, and 18 published shows, which are selected, some 2.6
    times as much a viewer as these.
    """
    written = [name for name, product in draft.products.items() if product.conversion is not None]
    taken = reason_of(reasons, ("show", "known_from")).kind != GIVEN.kind
    if written and taken and draft.show.known_from == "history":
        yield (
            "No dashboard shows a conversion, and one is written: if it is a guess, write "
            "show.known_from: followers, and orders err about twice as much. " + _INSTEAD
        )
    elif written and draft.show.known_from != "history":
        yield (
            "No dashboard shows a conversion, and one is written. Measured shows sold 1.1 times "
            "what a conversion of 1.2 % of every product comes to; published shows sold 2.6 times "
            "as much a viewer as these, since what sells much is published. " + _INSTEAD
        )


def _range_of(error: Quantity) -> str:
    """Say where most shows lie about what is told."""
    assert isinstance(error, Distribution)
    told = error.median * mean_over_median(error)
    p10, middle, p90 = (percentile / told for percentile in error.percentiles)
    return (
        f"8 shows in 10 lie between {p10:.2g} and {p90:.2g} times what is told, the middle one at "
        f"{middle:.2g}"
    )


def _tail_notes(scenario: Scenario) -> Iterator[str]:
    """Say of what no mean can be relied on, so that the middle show stays what is told."""
    show, segments = scenario.show, scenario.segments.values()
    drawn = any(segment.takes_turnout_factor for segment in segments)
    viewers = [show.turnout_factor] if drawn else []
    viewers += [told for segment in segments for told in (segment.reach, segment.turnout)]
    if any(rests_on_truncation((one,)) for one in viewers):
        yield f"Viewers: {_TAILS}"
    heavy = [
        name
        for name, product in scenario.products.items()
        if rests_on_truncation((show.appeal, product.appeal))
        or rests_on_truncation((product.conversion,))
    ]
    if heavy:
        yield f"Orders of {listed(heavy)}: {_TAILS}"


def _rush_note(scenario: Scenario, draft: Draft) -> Iterator[str]:
    """Say how much rests on the rush where conversions are written, which do not absorb it."""
    only_gifts = scenario.only_gifts
    written = [
        name
        for name, product in draft.products.items()
        if product.conversion is not None and name not in only_gifts
    ]
    if not written:
        return
    faster = {
        name: product.model_copy(update={"rush": likely(product.rush) / 2})
        for name, product in scenario.products.items()
    }
    told, twice = (
        sum(found.orders[name] for name in written) / (sum(found.viewers.values()) or 1.0) * 1000
        for found in (
            expectation_of(show)
            for show in (scenario, scenario.model_copy(update={"products": faster}))
        )
    )
    whose = "a conversion is" if len(written) == 1 else f"{len(written)} conversions are"
    yield (
        f"Of who stays until decided {whose} written, and rush says how many do: 1,000 viewers "
        f"place {counted(told, 'such order')}, and {count(twice)} if they decided twice as fast."
    )


def _view_notes(draft: Draft, reasons: Reasons) -> Iterator[str]:
    by_views = [
        name for name, p in draft.products.items() if p.gpm is not None or p.ctr is not None
    ]
    assumed = reason_of(reasons, ("show", "views_per_viewer")).kind != GIVEN.kind
    if by_views and assumed:
        names = listed(by_views)
        yield f"Views are taken as unique viewers for {names} (show.views_per_viewer is 1)."


def uncalled(scenario: Scenario) -> tuple[str, ...]:
    """Return which reserves wait for a number that a plan is to find, a sentence each.

    Parameters
    ----------
    scenario
        Whose reserves.
    """
    return tuple(_whats(_uncalled(scenario)))


def _uncalled(scenario: Scenario) -> Iterator[Finding]:
    for name, product in scenario.products.items():
        for part, reserve in product.all_reserves.items():
            if reserve.when is not None and reserve.when.sold == BEST:
                path = ("products", name, *part.split("."), "when", "sold")
                what = (
                    f"{'.'.join(path)}: best is a number that livesim plan finds "
                    "and prints; until it stands here, the reserve is not called at that moment."
                )
                yield Finding(path, what, "run livesim plan, and write the number that it prints")


def _gaps(scenario: Scenario) -> Iterator[Finding]:
    slots = planned_slots(scenario)
    ends = [0.0, *(slot.end for slot in slots)]
    starts = [*(slot.start for slot in slots), scenario.show.length]
    for end, start in zip(ends, starts, strict=True):
        if start - end > 1e-9:
            when = f"From {duration(end)} to {duration(start)}"
            what = f"{when} no slot is planned: nothing is shown then."
            yield Finding(("rundown",), what, "plan a slot, or make the show shorter")
    for before, after in pairwise(slots):
        if before.start + before.slot.length > after.start + 1e-9:
            yield _cut_off(before.name, after.name)
    if slots and slots[-1].start + slots[-1].slot.length > scenario.show.length + 1e-9:
        yield _cut_off(slots[-1].name, "the show's end")


def _cut_off(slot: str, by: str) -> Finding:
    return Finding(("rundown", slot), f"{slot} is cut off by {by}.", "make it shorter")


def _guest_notes(scenario: Scenario) -> Iterator[str]:
    own = {name: room.segments for room in (scenario.rooms or {}).values() for name in room.people}
    for name, person in scenario.people.items():
        seen_by = own.get(name, scenario.segments)
        missing = [segment for segment in seen_by if segment not in person.fit]
        if person.role == "guest" and missing and (person.lift != 1 or person.keep != 1):
            yield (
                f"{name}'s fit to {listed(missing)} is not given and taken as 0: no effect on "
                "ordering or staying there."
            )


def _unseen(scenario: Scenario) -> Iterator[Finding]:
    for name, product in scenario.products.items():
        at = ("products", name)
        if product.herd != 0 and not scenario.screen.claimed:
            what = f"{name}: herd does nothing, since screen.claimed is false."
            yield Finding((*at, "herd"), what, "write screen: {claimed: true}, or take herd away")
        if product.scarcity is not None and not scenario.screen.on_hand:
            what = f"{name}: scarcity does nothing, since screen.on_hand is false."
            remedy = "write screen: {on_hand: true}, or take scarcity away"
            yield Finding((*at, "scarcity"), what, remedy)
    products = scenario.products.values()
    if scenario.screen.claimed and all(product.herd == 0 for product in products):
        yield Finding(
            ("screen", "claimed"),
            "The screen shows the share claimed, and nobody reacts to it, since herd is 0: write "
            "0.2 for a product's herd, or leave screen.claimed out.",
            "",
        )
    if scenario.screen.on_hand and all(product.scarcity is None for product in products):
        yield Finding(
            ("screen", "on_hand"),
            "The screen shows the units left, and nobody reacts to them: write a product's "
            "scarcity, or leave screen.on_hand out.",
            "",
        )


def too_late(scenario: Scenario) -> tuple[str, ...]:
    """Return which units cannot be sold any more when they come on hand, a sentence each.

    Parameters
    ----------
    scenario
        Whose waves, deliveries and reserves.
    """
    return tuple(_whats(_too_late(scenario)))


def _too_late(scenario: Scenario) -> Iterator[Finding]:
    """Yield which units cannot be sold any more when they come on hand."""
    links, on_offer, sold = first_links(scenario), offered_until(scenario), sold_until(scenario)
    for name, product in scenario.products.items():
        link, until, at = links.get(name, math.inf), on_offer.get(name, 0.0), ("products", name)
        for wave, part in product.waves.items():
            if part.share and link < until <= on_hand_from(scenario, link + part.after):
                yield Finding(
                    (*at, "waves", wave),
                    f"{name}: wave {wave} comes {duration(part.after)} after the link, and {name} "
                    f"is on offer for {duration(until - link)}: these units are left over.",
                    "bring it forward",
                )
        for arrival, arriving in product.arriving.items():
            there = scenario.seconds_until(arriving.on)
            late = there > scenario.show.length
            when = "after the show" if late else f"once {name} is off offer"
            if on_hand_from(scenario, there) >= sold[name]:
                yield Finding(
                    (*at, "arriving", arrival),
                    f"{name}: {counted(arriving.units, 'unit')} ({arrival}) will arrive {when} and "
                    "be left over.",
                    "let them arrive earlier, or take them away",
                )
        yield from _reserve_too_late(name, product, link, until)


def _reserve_too_late(name: str, product: Product, link: float, until: float) -> Iterator[Finding]:
    for part, reserve in product.all_reserves.items():
        late = link + reserve.lead_time >= until > link
        if not late or not reserve.units or product.backorder is not None:
            continue
        yield Finding(
            ("products", name, *part.split(".")),
            f"{name}: the reserve of {counted(reserve.units, 'unit')} comes once {name} is off "
            f"offer and is left over, if it is called: it takes {duration(reserve.lead_time)}, "
            f"and {name} is on offer for {duration(until - link)}.",
            "have them nearer, or offer the product for longer",
        )


def range_note(draft: Draft, written: Mapping[str, Any]) -> Iterator[str]:
    """Yield how quantities that are written as 4–10, or {low: 4, high: 10}, are read."""
    ranges = list(_ranges(draft, written, ()))
    ways = [path for path, _ in ranges if path[0] == "products" and path[-1] in KEYS]
    of_all = [f"{'.'.join(path)} {text}" for path, text in ranges if path not in ways]
    of_one = [f"{'.'.join(path)} {text}" for path, text in ranges if path in ways]
    if of_all:
        yield (
            "Read as the 10th to the 90th percentile, so that 8 shows in 10 lie within: "
            f"{listed(of_all)}."
        )
    if of_one:
        yield (
            f"Read as the 10th to the 90th percentile, each of its product alone: {listed(of_one)}."
        )


def _alone_notes(scenario: Scenario, draft: Draft) -> Iterator[str]:
    """Say what comes on top of a product's range, and that its middle is the middle show's."""
    ranged = {
        name: keys
        for name, product in draft.products.items()
        if (keys := [k for k in KEYS if isinstance(getattr(product, k), Distribution)])
    }
    show = scenario.show
    forecast = any("forecast" in keys for keys in ranged.values())
    drawn = forecast and any(one.takes_turnout_factor for one in scenario.segments.values())
    errors = {"appeal": show.appeal, "turnout_factor": show.turnout_factor if drawn else 1.0}
    uncertain = [key for key, error in errors.items() if isinstance(error, Distribution)]
    if ranged and uncertain:
        coming = any(path.startswith("segments.") for path in scenario.uncertain())
        see = [*(f"show.{key}" for key in uncertain), *(["segments"] if coming else [])]
        sure = f"show: {{{', '.join(f'{key}: 1' for key in uncertain)}}}"
        yield (
            "A range of a product is of that product alone; what is uncertain of the whole show "
            f"comes on top: see {listed(see)} in livesim resolve. If your ranges hold the show's "
            f"errors too, write {sure}."
        )
    mean, median = mean_orders(scenario), median_orders(scenario)
    above = [mean[name] / median[name] for name in ranged if has_middle(scenario, name)]
    if above and max(above) > 1 + _ALIKE:
        times = " to ".join(dict.fromkeys(f"{of(above):.3g}" for of in (min, max)))
        yield (
            "The middle of a product's range is its orders in the middle show; on average it is "
            f"{times} times as many, which a plain number would tell."
        )


def _ranges(part: object, written: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(part, Distribution):
        if isinstance(written, str):
            yield path, written
        elif isinstance(written, Mapping) and "low" in written:
            yield path, f"{written['low']}–{written['high']}"
    elif isinstance(part, Part | Mapping) and isinstance(written, Mapping):
        inside = part if isinstance(part, Mapping) else part.__dict__
        for name in (name for name in inside if name in written):
            if type(inside[name]) not in (str, int, float):  # most of them, and there are many
                yield from _ranges(inside[name], written[name], (*path, name))


def unplanned(scenario: Scenario) -> tuple[str, ...]:
    """Return when no slot is planned, and which slots are cut off, in a sentence each.

    Parameters
    ----------
    scenario
        Whose rundown.
    """
    return tuple(_whats(_gaps(scenario)))


def unaffordable(scenario: Scenario) -> tuple[str, ...]:
    """Return what cannot be bought, as its minimum order costs more than the budget.

    Parameters
    ----------
    scenario
        Whose products.
    """
    return tuple(_whats(_unaffordable(scenario)))


def below_cost(scenario: Scenario) -> Mapping[str, str]:
    """Return which products bring less than they cost: name → a sentence.

    Parameters
    ----------
    scenario
        Whose products.
    """
    return {str(finding.path[1]): finding.what for finding in _below_cost(scenario)}


def _below_cost(scenario: Scenario) -> Iterator[Finding]:
    only_gifts = scenario.only_gifts
    selling: dict[str, list[Slot]] = {name: [] for name in scenario.products}
    for slot in scenario.rundown.values():
        for name in slot.sells:
            selling[name].append(slot)
    for name, product in scenario.products.items():
        if name in only_gifts:
            continue
        slots = selling[name]
        price = min([slot.price.get(name, product.price) for slot in slots] or [product.price])
        if price < product.unit_cost:
            lowest, cost = (
                money(one, scenario.show.currency) for one in (price, product.unit_cost)
            )
            what = f"{name}: its price of {lowest} is less than a unit costs ({cost})."
            yield Finding(("products", name, "price"), what, "check price and unit_cost")
            continue
        yield from _below_cost_net(scenario, name, price)


def _below_cost_net(scenario: Scenario, name: str, price: float) -> Iterator[Finding]:
    """Yield what an order of one unit, or a webshop, brings less than its unit costs."""
    product, deal, currency = scenario.products[name], scenario.deal, scenario.show.currency
    coupon, gift = product.coupon, product.gift
    fees = deal.commission + deal.platform_fee
    worth = scenario.products[gift.product.partition(".")[0]].unit_cost if gift else 0.0

    def net(order: float) -> tuple[float, list[str]]:
        """Return what an order brings, by its number, and what was taken from it."""
        off = coupon.off if coupon and order <= (coupon.first or math.inf) else 0.0
        given = worth if gift and order <= (gift.first or math.inf) else 0.0
        less = {
            "coupon": off,
            "commission and platform fee": fees,
            "shipping": deal.shipping,
            "gift": given,
        }
        left = price * (1 - off) * (1 - fees) - deal.shipping - given
        return left, [what for what, some in less.items() if some]

    limits = (one.first for one in (coupon, gift) if one and one.first)
    for last in sorted({*limits, math.inf}, reverse=True):  # the later an order, the less is taken
        left, taken = net(last)
        if left >= product.unit_cost:
            continue
        who = "an order of one brings"
        if last < math.inf:
            who = f"each of the first {count(last)} orders of one brings"
        after = f" after {listed(taken)}" if taken else ""
        brings, cost = money(left, currency), money(product.unit_cost, currency)
        what = f"{name}: {who} {brings}{after}, less than a unit costs ({cost})."
        at = next((part for part in ("coupon", "gift") if part in taken), "price")
        yield Finding(("products", name, at), what, "check price, deal and unit_cost")
        break
    shop = product.webshop
    if shop and shop.price is not None and shop.price < product.unit_cost:
        brings, cost = money(shop.price, currency), money(product.unit_cost, currency)
        what = f"{name}: its webshop's price of {brings} is less than a unit costs ({cost})."
        yield Finding(("products", name, "webshop"), what, "check webshop.price and unit_cost")


def _unaffordable(scenario: Scenario) -> Iterator[Finding]:
    """Yield what cannot be bought at all, as its cheapest purchase costs more than the budget."""
    supply, currency = scenario.supply, scenario.show.currency
    for order, parts in _orders(scenario).items():
        if min(part.lowest_cost() for part in parts) <= supply.spendable:
            continue
        least = min(parts, key=lambda part: float(part.cost(part.least)))
        cost, budget = float(least.cost(least.least)), money(supply.budget or 0.0, currency)
        costs = f"costs {money(cost, currency)}"
        if supply.paid_part < 1:
            costs += f", {money(cost * supply.paid_part, currency)} of it before the show"
        what = f"{order}: the minimum order, {count(least.least)}, {costs}: above the budget of "
        remedy = "raise the budget, or have a smaller minimum_order or pack"
        yield Finding(("supply", "budget"), f"{what}{budget}.", remedy)


def _orders(scenario: Scenario) -> dict[str, list[PurchaseTerms]]:
    """Return each order that is paid for before the show, by name, with what it can be of."""
    orders: dict[str, list[PurchaseTerms]] = {}
    for name, product in scenario.products.items():
        if product.contains or product.on_consignment:
            continue
        apart = len(product.variants) > 1 and not product.all_reserves
        for variant in tuple(product.variants) if apart else (None,):
            terms = purchase_terms(scenario, name, variant)
            if terms.in_time:
                orders.setdefault(terms.order, []).append(terms)
    return orders


def dearer_left_over(scenario: Scenario) -> Mapping[str, str]:
    """Return which products it pays to have left over: name → a sentence.

    Parameters
    ----------
    scenario
        Whose products.
    """
    return {str(finding.path[1]): finding.what for finding in _dearer_left_over(scenario)}


def _dearer_left_over(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is worth more left over than it costs or brings: it pays not to sell it."""
    for name, product in scenario.products.items():
        sells_on, currency = product.left_over, scenario.show.currency
        start, price = _cheapest(scenario, name)
        if product.worth_left_over > price:
            worth, cost = money(product.worth_left_over, currency), money(price, currency)
            costs = f"costs from {count(start)} on" if start else "costs"
            what = f"{name}: a unit left over is worth {worth}, more than it {costs} ({cost})."
            remedy = f"check left_over_value and {'the price breaks' if start else 'unit_cost'}"
            yield Finding(("products", name, "left_over_value"), what, remedy)
        if sells_on is not None and sells_on.price > product.price:
            later, now = (money(one, currency) for one in (sells_on.price, product.price))
            what = f"{name}: a unit left over sells for {later}, more than in the show ({now})."
            remedy = "check left_over.price, which is less fees and shipping, and price"
            yield Finding(("products", name, "left_over"), what, remedy)


def _cheapest(scenario: Scenario, name: str) -> tuple[int, float]:
    """Return from how many units on one costs less than it is worth left over, else least.

    From 0 where that is its unit cost.
    """
    product = scenario.products[name]
    costs = [(0, product.unit_cost)]
    if not product.on_consignment and not product.contains:
        variants = (None, *product.variants)
        costs += [
            one for variant in variants for one in purchase_terms(scenario, name, variant).breaks
        ]
    less = [one for one in costs if one[1] < product.worth_left_over]
    return min(less or costs)


def _kept_note(scenario: Scenario) -> Iterator[str]:
    """Say of what is owned that more of it would cost nothing here, as it keeps its cost."""
    kept = [
        name
        for name, product in scenario.products.items()
        if product.keeps_its_cost
        and (product.owned or product.arriving)
        and name not in scenario.only_gifts
    ]
    if kept:
        yield (
            f"What is owned of {listed(kept)} and not sold keeps its unit_cost, so that owning "
            "too much costs nothing here: give left_over_value to compare stocks, 0 for what "
            "perishes."
        )


def _campaign_notes(scenario: Scenario) -> Iterator[str]:
    if scenario.campaign is None:
        return
    days = scenario.campaign.length / 86_400
    yield (
        f"A campaign of {days:g} {'day' if days == 1 else 'days'} goes before the show: what is "
        "expected of viewers and orders without it is multiplied by what it does."
    )
    sent = {name: scenario.samples(name) for name in scenario.products}
    samples = [f"{count(units)} {name}" for name, units in sent.items() if units]
    if samples:
        yield (
            f"Samples for reviewers: {listed(samples)}. They come out of what is owned, so the "
            "stock figures, also what to have, are without them; profit has paid for them."
        )


def _tuned(scenario: Scenario) -> Iterator[Finding]:
    if all(product.observed is None for product in scenario.products.values()):
        return
    expected = expectation_of(scenario)
    viewers = sum(expected.viewers.values())
    for name, product in scenario.products.items():
        demand = expected.orders[name] * units_per_order(product)
        for what in tuning_warnings(name, demand, viewers, product.observed, "mean"):
            yield Finding(("products", name, "observed"), what, "")


def _deal_note(scenario: Scenario, reasons: Reasons) -> Iterator[str]:
    kinds = {reason_of(reasons, path).kind for path in leaves(scenario.deal, ("deal",))}
    if kinds == {"template"}:
        yield "No deal is given: profit is before fees, commissions and shipping."
