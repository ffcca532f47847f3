"""Cross-checks: what no single field can know.

Two kinds. *Name checks* read the raw data, so that a misspelt name is reported together with every
other mistake of the file. *Show checks* need a whole scenario: times that collide, shares of one
slot that add up to too much. Each finding says where, what and how to mend it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import chain
from typing import Any, Final, TypeAlias

from livesim.errors import did_you_mean
from livesim.scenario.labels import groups
from livesim.scenario.parts import Show, Slot, Whole
from livesim.scenario.paths import mapping_at, parts_at, said_at
from livesim.scenario.planned import PlannedSlot, announced_entry, first_links, planned_slots
from livesim.scenario.quantities import DURATION
from livesim.scenario.uncertain import Distribution, Draws, likely

Path: TypeAlias = tuple[str | int, ...]

#: A day at one refresh a second is 86,400; what is far beyond is a mistake, and would take hours.
MAX_REFRESHES: Final = 200_000

#: So many misspelt names are looked up; more are no slips of the pen.
_MOST_MEANT: Final = 20


@dataclass(frozen=True)
class Finding:
    """Something wrong in a scenario.

    Parameters
    ----------
    path
        Where: names, and numbers within a list.
    what
        What is wrong.
    remedy
        The rule, or how to mend it.
    """

    path: Path
    what: str
    remedy: str


def name_findings(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the names in raw data, however broken the rest is.

    Examples
    --------
    >>> people = {"kim": {"fit": {"kim_fan": 1}}}
    >>> data = {"people": people, "segments": {"kim_fans": {}}, "products": {"perfume": {}}}
    >>> [finding.what for finding in name_findings(data)]
    ['no audience segment is called kim_fan']
    """
    for check in _NAME_CHECKS:
        yield from check(data)


def show_findings(scenario: Whole) -> Iterator[Finding]:
    """Yield what is wrong with a scenario whose fields are all right by themselves."""
    clock = list(clock_findings(scenario.show))
    yield from clock
    if not clock:
        for check in _SHOW_CHECKS:
            yield from check(scenario)


def clock_findings(show: Show) -> Iterator[Finding]:
    """Yield what is wrong with the show's length in refreshes, on which all else builds."""
    count, refresh = show.length / show.refresh, DURATION.write(show.refresh)
    if count < 1 - 1e-9 or abs(count - round(count)) > 1e-9 * count:
        yield Finding(
            ("show", "length"),
            f"the show's length is not a whole number of refreshes of {refresh}",
            f"make it a multiple of {refresh}, or change show.refresh",
        )
    elif count > MAX_REFRESHES:
        yield Finding(
            ("show", "length"),
            f"the show has {count:,.0f} refreshes of {refresh}",
            f"at most {MAX_REFRESHES:,} can be simulated: make show.refresh longer",
        )


def _list(part: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the names in a list; what is no name is blank, and refused by its type elsewhere."""
    value = part.get(key, ())
    names = value if isinstance(value, list | tuple) else (value,)
    return tuple(name if isinstance(name, str) else "" for name in names)


def _keys(part: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(mapping_at(part, key))


def _unknown(path: Path, name: object, known: tuple[str, ...], noun: str) -> Iterator[Finding]:
    if known and isinstance(name, str) and name and name not in known:
        yield Finding(path, f"no {noun} is called {name}", did_you_mean(name, known))


def _meant(names: Iterable[str], known: tuple[str, ...]) -> set[str]:
    """Return who or what is named, the misspelt included: that is told as such, and once.

    Names that are near none may mean all that nobody names, where they are as many.
    """
    found = set(names)
    unknown = sorted(found.difference(known))[:_MOST_MEANT]
    near = [get_close_matches(name, known, n=1) for name in unknown]
    found.update(*near)
    unnamed = set(known).difference(found)
    return found | unnamed if near.count([]) >= len(unnamed) else found


def _nothing_there(data: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = {
        "products": "write at least one product with its price and how often it is ordered",
        "segments": "write at least one audience segment, or leave segments out for everyone",
        "people": "write at least a host: {host: {role: host}}, or leave people out",
        "rundown": "write at least one slot, or leave the rundown out for an even rotation",
        "rooms": "write at least one room with its segments, or leave rooms out for one room",
    }
    for section, remedy in wanted.items():
        entries = data.get(section)
        if isinstance(entries, Mapping) and not entries:
            yield Finding((section,), f"the show has no {section}", remedy)


def _people_know_segments(data: Mapping[str, Any]) -> Iterator[Finding]:
    segments = _keys(data, "segments")
    for name, person in parts_at(data, "people").items():
        for key in ("fit", "pull_by_segment"):
            for segment in _keys(person, key):
                path = ("people", name, key, segment)
                yield from _unknown(path, segment, segments, "audience segment")


def _people_know_categories(data: Mapping[str, Any]) -> Iterator[Finding]:
    products = parts_at(data, "products")
    named = [product.get("category") for product in products.values()]
    categories = tuple(dict.fromkeys(name for name in named if isinstance(name, str)))
    for name, person in parts_at(data, "people").items():
        for category in _keys(person, "fit_by_category"):
            if products and category not in categories:
                yield Finding(
                    ("people", name, "fit_by_category", category),
                    f"no product is of the category {category}",
                    did_you_mean(category, categories) or "write category: under the product",
                )


def _segments_know_people(data: Mapping[str, Any]) -> Iterator[Finding]:
    for name, segment in parts_at(data, "segments").items():
        path = ("segments", name, "comes_for")
        yield from _unknown(path, segment.get("comes_for"), _keys(data, "people"), "person")


def _slots_know_names(data: Mapping[str, Any]) -> Iterator[Finding]:
    people, products = _keys(data, "people"), _keys(data, "products")
    for name, slot in parts_at(data, "rundown").items():
        at = ("rundown", name)
        for i, product in enumerate(_list(slot, "sells")):
            yield from _unknown((*at, "sells", i), product, products, "product")
        for i, person in enumerate(_list(slot, "on_stage")):
            yield from _unknown((*at, "on_stage", i), person, people, "person")
        yield from _unknown((*at, "waits_for"), slot.get("waits_for"), people, "person")
        for i, other in enumerate(_list(slot, "instead")):
            yield from _unknown((*at, "instead", i), other, _keys(data, "rundown"), "slot")
        yield from _named_twice(at, slot)
        yield from _priced_but_not_sold(at, slot)
        yield from _waits_for_nobody_on_stage(at, slot, people)


def _campaign_knows_names(data: Mapping[str, Any]) -> Iterator[Finding]:
    segments, products = _keys(data, "segments"), _keys(data, "products")
    for name, tier in parts_at(data, "campaign", "tiers").items():
        at = ("campaign", "tiers", name)
        for segment in _keys(tier, "reaches"):
            yield from _unknown((*at, "reaches", segment), segment, segments, "audience segment")
        for product in _keys(tier, "sample"):
            yield from _unknown((*at, "sample", product), product, products, "product")


def _named_twice(at: Path, slot: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("sells", "on_stage", "instead"):
        seen: set[str] = set()
        for i, name in enumerate(_list(slot, key)):
            if name and name in seen:
                yield Finding((*at, key, i), f"{name} stands twice in this list", "write it once")
            seen.add(name)


def _priced_but_not_sold(at: Path, slot: Mapping[str, Any]) -> Iterator[Finding]:
    sold = _list(slot, "sells")
    for product in _keys(slot, "price"):
        if product not in sold:
            yield Finding(
                (*at, "price", product),
                f"this slot has a price for {product}, but does not sell it",
                "add the product to sells, or take the price away",
            )


def _waits_for_nobody_on_stage(
    at: Path, slot: Mapping[str, Any], people: tuple[str, ...]
) -> Iterator[Finding]:
    person = slot.get("waits_for")
    if person in people and person not in _meant(_list(slot, "on_stage"), people):
        yield Finding(
            (*at, "waits_for"),
            f"this slot waits for {person}, who is not on stage in it",
            f"add {person} to on_stage, or take waits_for away",
        )


def _slots_that_can_move(scenario: Whole) -> Iterator[Finding]:
    """Refuse to move slots forward over a fixed start, or such as wait themselves."""
    names = list(scenario.rundown)
    for name, slot in scenario.rundown.items():
        for i, other in enumerate(slot.instead or ()):
            path = ("rundown", name, "instead", i)
            if names.index(other) <= names.index(name):
                what = f"{other} does not stand behind {name} in the rundown"
                yield Finding(path, what, "only slots to come can move forward")
                continue
            between = names[names.index(name) + 1 : names.index(other) + 1]
            fixed = [one for one in between if scenario.rundown[one].start is not None]
            if fixed:
                what = f"{fixed[0]} has a fixed start, over which {other} would move"
                yield Finding(path, what, "name slots that follow on, one after the other")
            elif scenario.rundown[other].waits_for is not None:
                what = f"{other} waits for somebody itself"
                yield Finding(path, what, "name slots that wait for nobody")


def people_of_rooms(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the people whom raw data puts on stage in a room of their own.

    Examples
    --------
    >>> list(people_of_rooms({"rooms": {"mega": {"segments": ["fans"], "people": ["viya"]}}}))
    ['viya']
    """
    for room in parts_at(data, "rooms").values():
        yield from _list(room, "people")


def _rooms_know_names(data: Mapping[str, Any]) -> Iterator[Finding]:
    known = {"segments": "audience segment", "people": "person"}
    for key, noun in known.items():
        room_of: dict[str, str] = {}
        for name, room in parts_at(data, "rooms").items():
            for i, entry in enumerate(_list(room, key)):
                path = ("rooms", name, key, i)
                yield from _unknown(path, entry, _keys(data, key), noun)
                if entry in room_of:
                    what = f"{entry} is in the room {room_of[entry]} already"
                    yield Finding(path, what, f"each {noun} is in one room: write it once")
                elif entry:
                    room_of[entry] = name


def _every_segment_has_a_room(data: Mapping[str, Any]) -> Iterator[Finding]:
    rooms = parts_at(data, "rooms")
    segments = _keys(data, "segments")
    listed = (name for room in rooms.values() for name in _list(room, "segments"))
    somewhere = _meant(listed, segments)
    for segment in segments if rooms else ():
        if segment not in somewhere:
            yield Finding(
                ("rooms",),
                f"the audience segment {segment} is in no room",
                f"add {segment} to the segments of a room, or leave rooms out for one room",
            )
    for name, room in rooms.items():
        if "segments" in room and not _list(room, "segments"):
            yield Finding(
                ("rooms", name, "segments"),
                "nobody watches in this room",
                "add an audience segment, or take the room away",
            )


def _people_of_rooms_stay_there(data: Mapping[str, Any]) -> Iterator[Finding]:
    theirs = set(people_of_rooms(data))
    for name, slot in parts_at(data, "rundown").items():
        for i, person in enumerate(_list(slot, "on_stage")):
            if person and person in theirs:
                yield Finding(
                    ("rundown", name, "on_stage", i),
                    f"{person} is on stage in a room of their own all the time",
                    "who is in the rundown is seen in every room: take the person out here, or out "
                    "of the room",
                )


def _everybody_has_a_slot(data: Mapping[str, Any]) -> Iterator[Finding]:
    slots = parts_at(data, "rundown").values()
    if not slots:
        return
    listed = (name for slot in slots for name in _list(slot, "on_stage"))
    on_stage = _meant((*listed, *people_of_rooms(data)), _keys(data, "people"))
    for_sale = (name for slot in slots for name in _list(slot, "sells"))
    sold = _meant(for_sale, _keys(data, "products"))
    for name, person in parts_at(data, "people").items():
        if person.get("role") == "guest" and name not in on_stage:
            yield Finding(
                ("people", name),
                f"{name} is never on stage",
                "add the guest to on_stage of a slot, or take the person away",
            )
    gifts = given_away(data)
    for name in _keys(data, "products"):
        if name not in sold and name not in gifts:
            yield Finding(
                ("products", name),
                f"no slot sells {name}",
                "add the product to sells of a slot, or take it away",
            )


#: What a bundle cannot have, and what to do instead.
_NOT_OF_BUNDLES: Final = {
    **dict.fromkeys(("owned", "arriving", "waves"), "write it at its components"),
    **dict.fromkeys(("set_aside", "webshop"), "write it at its components"),
    **dict.fromkeys(("reserve", "backorder"), "take it away: a bundle ends with its components"),
    "supply": "write supply at its components: a bundle is never bought",
    "variants": "write one bundle for each choice, as contains: {lip_tint.rose: 1}",
    **dict.fromkeys(("left_over", "returned_value", "buy_back"), "write it at its components"),
}


def given_away(data: Mapping[str, Any]) -> set[str]:
    """Return the products that come with orders of raw data as gifts.

    A gift that there is not may be meant to be the one of the nearest name, or if none is near any:
    it is told once that there is no such product, and not that this one is not sold.
    """
    products, found = _keys(data, "products"), set[str]()
    for _, goods in _gifts(data):
        name = _product_of(goods)
        near = [name] if name in products else get_close_matches(name, products, n=1)
        found.update(near or products)
    return found


def _product_of(goods: str) -> str:
    return goods.partition(".")[0]


def _gifts(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield where each gift is named, and what it is."""
    for name, product in parts_at(data, "products").items():
        said = mapping_at(product, "gift")
        # What is more than one unit of a product is told as such, and not also as never sold.
        goods = said.get("product", next((key for key in said if key != "first"), None))
        if isinstance(goods, str):
            yield ("products", name, "gift", "product"), goods


def _components(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield where each component of a bundle is named, and what it is."""
    for name, product in parts_at(data, "products").items():
        for goods in _keys(product, "contains"):
            if isinstance(goods, str):
                yield ("products", name, "contains", goods), goods


def _goods_are_known(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse components and gifts that there are not, or of which several could be meant."""
    products = parts_at(data, "products")
    for path, goods in (*_components(data), *_gifts(data)):
        name, _, variant = goods.partition(".")
        yield from _unknown(path, name, tuple(products), "product")
        product = products.get(name, {})
        variants = _keys(product, "variants")
        if product.get("contains"):
            what = f"{name} is a bundle itself" if name != path[1] else f"{name} contains itself"
            yield Finding(path, what, "name what it is made of, product by product")
        elif variants and not variant:
            what = f"{name} has the variants {', '.join(variants)}, and nothing says which is meant"
            yield Finding(path, what, f"write {name}.{variants[0]}; each choice is a product")
        elif variant and name in products and variant not in variants:
            what = f"no variant of {name} is called {variant}"
            yield Finding(path, what, did_you_mean(variant, variants) or f"write {name}")


def _bundles_are_simple(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse bundles with anything of their own that only units have."""
    products = parts_at(data, "products")
    for name, product in products.items():
        if isinstance(product.get("contains"), Mapping) and not product["contains"]:
            yield Finding(
                ("products", name, "contains"), "the bundle is empty", "say what it takes"
            )
        for key, remedy in _NOT_OF_BUNDLES.items() if product.get("contains") else ():
            if product.get(key):
                what = f"a bundle has no units of its own, so {key} says nothing"
                yield Finding(("products", name, key), what, remedy)
    for tier, part in parts_at(data, "campaign", "tiers").items():
        for name in _keys(part, "sample"):
            if products.get(name, {}).get("contains"):
                path = ("campaign", "tiers", tier, "sample", name)
                yield Finding(
                    path, f"the bundle {name} has no units to send", "send its components"
                )


def _coupons_are_for_what_is_there(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse coupons for first orders beside orders beyond the stock."""
    for name, product in parts_at(data, "products").items():
        if said_at(product, "coupon", "first") is not None and product.get("backorder"):
            yield Finding(
                ("products", name, "coupon", "first"),
                f"{name} has a backorder, and whether who waits for units has a coupon is open",
                "take first away, or backorder",
            )


def _shared_stock_is_simple(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse what is not modelled where orders of one product take units of another."""
    products = parts_at(data, "products")
    pairs = [*_components(data), *_gifts(data)]
    sharing = {name: str(path[1]) for path, goods in pairs for name in (_product_of(goods),)}
    sharing |= {str(path[1]): str(path[1]) for path, _ in _gifts(data)}
    for name, by in sharing.items():
        for key in ("reserve", "backorder"):
            if products.get(name, {}).get(key) and not products[name].get("contains"):
                has = f"{name} has a {key}"
                what = f"{has}, and orders of {by} take units of it"
                if name == by:
                    what = f"{has}, and its orders come with a gift"
                remedy = f"who would get these units is not modelled: take {key} away"
                yield Finding(("products", name, key), what, remedy)
    for name, room in parts_at(data, "rooms").items() if sharing else ():
        if room.get("allotment") is not None:
            what = "bundles and gifts take units of other products, and rooms have allotments"
            remedy = "this is not modelled: take the allotments away, then all rooms sell one stock"
            yield Finding(("rooms", name, "allotment"), what, remedy)
            return


def _slots_in_order(scenario: Whole) -> Iterator[Finding]:
    previous, clock, length = "", 0.0, scenario.show.length
    for name, slot in scenario.rundown.items():
        start = clock if slot.start is None else slot.start
        if start < clock:
            yield Finding(
                ("rundown", name, "start"),
                f"this slot starts at {DURATION.write(start)}, before {previous} ends at "
                f"{DURATION.write(clock)}",
                "start it later, shorten the slot before it, or leave start out to follow on",
            )
        if start >= length:
            yield Finding(
                ("rundown", name),
                f"this slot starts at {DURATION.write(start)}, when the show is over "
                f"({DURATION.write(length)})",
                "make the show longer, or the slots before it shorter",
            )
        previous, clock = name, start + slot.length


def _links_go_up_in_time(scenario: Whole) -> Iterator[Finding]:
    for planned in planned_slots(scenario):
        if not planned.slot.sells:
            continue
        if planned.start < scenario.show.length <= planned.link:
            yield Finding(
                ("rundown", planned.name, "link"),
                "the link would go up when the show is over",
                "open it earlier, or make the show longer",
            )
        elif planned.slot.link >= planned.slot.length:
            yield Finding(
                ("rundown", planned.name, "link"),
                f"the link goes up after {DURATION.write(planned.slot.link)}, but the slot lasts "
                f"only {DURATION.write(planned.slot.length)}",
                "open it earlier, or make the slot longer",
            )
        elif planned.start < planned.end and not _seen(planned, scenario.show.refresh):
            yield Finding(
                ("rundown", planned.name, "length"),
                f"viewers look every {DURATION.write(scenario.show.refresh)} and never see this "
                "link",
                "make the slot longer, or show.refresh shorter",
            )


def _seen(planned: PlannedSlot, refresh: float) -> bool:
    """Say whether viewers look at the screen while the link is up."""
    link, end = (math.ceil(time / refresh - 1e-9) for time in (planned.link, planned.end))
    return link < end


def _one_rush_in_a_slot(scenario: Whole) -> Iterator[Finding]:
    for name, slot in scenario.rundown.items():
        rushes = [scenario.products[product].rush for product in slot.sells]
        uncertain = len(rushes) > 1 and any(isinstance(rush, Distribution) for rush in rushes)
        if uncertain or any(rush != rushes[0] for rush in rushes[1:]):
            yield Finding(
                ("rundown", name, "sells"),
                "what this slot sells has different rushes"
                + (", since an uncertain rush is drawn for each product" if uncertain else ""),
                "viewers make up their mind about all that a slot offers at once: give these "
                "products the same plain rush, or a slot each",
            )


def _choices_of_a_slot(scenario: Whole) -> Iterator[Finding]:
    products = scenario.products.items()
    conversions = {name: likely(product.conversion) for name, product in products}
    yield from choice_findings(scenario.rundown, conversions)


def choice_findings(
    rundown: Mapping[str, Slot], conversions: Mapping[str, float]
) -> Iterator[Finding]:
    """Yield the slots in which more than everybody would order, by products' conversions."""
    for name, slot in rundown.items():
        total = sum(conversions[product] for product in slot.sells)
        if total > 1 + 1e-9:
            yield Finding(
                ("rundown", name, "sells"),
                f"the conversions of what this slot sells add up to {total:.3g}, more than 1",
                "a viewer orders at most once in a slot: lower them, or sell fewer at once",
            )


def _waves_come_in_time(scenario: Whole) -> Iterator[Finding]:
    links = first_links(scenario)
    for name, product in scenario.products.items():
        for wave, part in product.waves.items():
            if name in links and links[name] + part.after >= scenario.show.length:
                yield Finding(
                    ("products", name, "waves", wave, "after"),
                    f"this wave would come {DURATION.write(part.after)} after the link, when the "
                    "show is over",
                    f"the link goes up at {DURATION.write(links[name])} of "
                    f"{DURATION.write(scenario.show.length)}: bring the wave forward",
                )


def _reserves_are_called_within_the_show(scenario: Whole) -> Iterator[Finding]:
    for name, product in scenario.products.items():
        for part, reserve in product.all_reserves.items():
            at = None if reserve.when is None else reserve.when.at
            if at is not None and at >= scenario.show.length:
                yield Finding(
                    ("products", name, *part.split("."), "when", "at"),
                    f"the reserve would be called at {DURATION.write(at)}, when the show is over",
                    f"the show lasts {DURATION.write(scenario.show.length)}: take an earlier "
                    "moment",
                )


def _middles_are_above_zero(scenario: Whole) -> Iterator[Finding]:
    """Yield what is 0 in the middle show, from which all that is expected is reckoned."""
    products = (("products", name, "conversion") for name in scenario.products)
    segments = (
        ("segments", name, key) for name in scenario.segments for key in ("reach", "turnout")
    )
    for part, name, key in (*products, *segments):
        value = getattr(getattr(scenario, part)[name], key)
        if isinstance(value, Distribution) and value.median == 0:
            yield Finding(
                (part, name, key),
                f"in half of all shows or more the {key} is 0, and it is uncertain around its "
                "middle, which has to be above 0",
                "give a small number instead of 0, or compare two shows, with it and without",
            )


def _samples_come_out_of_stock(scenario: Whole) -> Iterator[Finding]:
    for name, product in scenario.products.items():
        samples, aside = scenario.samples(name), product.set_aside or 0
        if aside and samples + aside > product.owned:
            yield Finding(
                ("products", name, "set_aside"),
                f"{aside:,} units are kept for other channels"
                + (f" and {samples:,} sent to reviewers" if samples else "")
                + f", and only {product.owned:,} are owned",
                "keep fewer, or own more: what is kept is a part of owned",
            )
        elif samples > product.owned:
            yield Finding(
                ("products", name, "owned"),
                f"{samples:,} samples of it are sent to reviewers, and only {product.owned:,} "
                "units are owned",
                "own as many before the campaign, or send fewer samples",
            )


def _dates_go_with_the_show(scenario: Whole) -> Iterator[Finding]:
    """Refuse dates that the show's own cannot be compared with."""
    start = scenario.show.start
    for path, date, what in _dates(scenario):
        if start is None:
            then = "write show.start: 2026-11-29 20:00"
            yield Finding(path, f"{what} on a date, but the show has none", then)
        elif (start.tzinfo is None) != (date.tzinfo is None):
            yield Finding(
                path,
                "one of this date and show.start has a time zone and the other has none",
                "write both with a time zone, or both without",
            )
        elif path[-1] == "ordered" and date > start:
            what = "orders are placed after the show has started"
            yield Finding(path, what, "give an earlier date")
        elif path[-1] == "promised" and date < start:
            what = "orders beyond the stock are promised for a date before the show"
            yield Finding(path, what, "write a date after show.start")


def _dates(scenario: Whole) -> Iterator[tuple[Path, datetime, str]]:
    """Yield where each date stands that is compared with the show's, and what happens then."""
    for name, product in scenario.products.items():
        for part, arriving in product.arriving.items():
            yield ("products", name, "arriving", part, "on"), arriving.on, "units arrive"
    supply = scenario.supply
    if supply.ordered is not None:
        yield ("supply", "ordered"), supply.ordered, "orders are placed"
    for name, product in scenario.products.items() if scenario.show.start is not None else ():
        promised = product.backorder.promised if product.backorder is not None else None
        if promised is not None:
            yield ("products", name, "backorder", "promised"), promised, "orders are promised"


def _nothing_goes_back_for_more_than_it_costs(scenario: Whole) -> Iterator[Finding]:
    """Refuse to be paid more for what goes back than whoever delivers in time asks for it."""
    dated = scenario.show.start is not None  # without, who is late is not known, and told apart
    for name, product in scenario.products.items():
        supply, path = product.supply, ("products", name, "supply", "buy_back", "price")
        if supply is None or supply.buy_back is None:
            continue
        pays, of_variants = supply.buy_back.price, [one.supply for one in product.variants.values()]
        terms = [one for one in (supply, *of_variants) if one is not None]
        for whom, least, lead_time in chain(*(one.least_costs(product.unit_cost) for one in terms)):
            if pays > least and (not whom or not dated or scenario.in_time(lead_time)):
                where = f" from {whom}" if whom else ""
                what = f"{pays:g} is paid for what goes back, and a unit costs {least:g}{where}"
                yield Finding(path, what, "let buy_back.price be at most what a unit costs")
                break


def _storage_needs_volumes(scenario: Whole) -> Iterator[Finding]:
    for key in ("storage", "storage_price"):
        if getattr(scenario.supply, key) is None:
            continue
        units = {name: one for name, one in scenario.products.items() if not one.contains}
        for name in (name for name, one in units.items() if one.volume is None):
            yield Finding(
                ("products", name, "volume"),
                f"supply.{key} is told, and not what a unit of {name} takes of it",
                "write the volume of each product: volume: 0.3 l",
            )
        return


def _arrivals_within_the_show(scenario: Whole) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        entry = announced_entry(scenario, segment.comes_for) if segment.comes_for else 0.0
        left = scenario.show.length - (entry or 0.0)
        for time in segment.arrivals.points or ():
            if DURATION.read(time) > left:
                yield Finding(
                    ("segments", name, "arrivals", "points", time),
                    f"this point lies at {time}, when the show is over",
                    f"the segment's time lasts {DURATION.write(left)}: all who come have come by "
                    "then",
                )


def _incubator_knows_its_candidate(data: Mapping[str, Any]) -> Iterator[Finding]:
    people = parts_at(data, "people")
    path, name = ("incubator", "candidate"), said_at(data, "incubator", "candidate")
    yield from _unknown(path, name, tuple(people), "person")
    if isinstance(name, str) and people.get(name, {}).get("role") == "host":
        yield Finding(
            path,
            f"{name} is the usual host, in whom candidates cannot differ",
            "let the candidate be a person whose role is guest, alone on stage",
        )


def _trials_are_shown(scenario: Whole) -> Iterator[Finding]:
    if scenario.incubator is None:
        return
    length, refresh = scenario.incubator.trial.length, scenario.show.refresh
    if length > scenario.show.length or abs(length / refresh - round(length / refresh)) > 1e-9:
        yield Finding(
            ("incubator", "trial", "length"),
            f"a trial of {DURATION.write(length)} is not a part of the show in whole refreshes",
            f"make it a multiple of {DURATION.write(refresh)}, at most "
            f"{DURATION.write(scenario.show.length)}",
        )


def _people_of_rooms_are_there(scenario: Whole) -> Iterator[Finding]:
    for room in (scenario.rooms or {}).values():
        for name in room.people:
            person = scenario.people[name]
            for key in ("late", "no_show"):
                if getattr(person, key) != 0:
                    yield Finding(
                        ("people", name, key),
                        f"{name} is on stage in a room of their own all the time",
                        f"{key} is for people of the rundown: leave it at 0",
                    )


def _segments_come_for_who_is_seen(scenario: Whole) -> Iterator[Finding]:
    for room_name, room in (scenario.rooms or {}).items():
        elsewhere = {
            person: other
            for other, value in (scenario.rooms or {}).items()
            for person in value.people
            if other != room_name
        }
        for name in room.segments:
            person = scenario.segments[name].comes_for
            if person in elsewhere:
                yield Finding(
                    ("segments", name, "comes_for"),
                    f"{person} is only seen in the room {elsewhere[person]}, and this segment "
                    f"watches in {room_name}",
                    "put both into one room, or let the segment come for somebody else",
                )


def _allotments_are_whole(scenario: Whole) -> Iterator[Finding]:
    rooms = scenario.rooms or {}
    given = {name: room.allotment for name, room in rooms.items() if room.allotment is not None}
    missing = [name for name in rooms if name not in given]
    total = sum(given.values())
    if given and missing:
        yield Finding(
            ("rooms", missing[0]),
            f"other rooms have an allotment and {missing[0]} has none",
            "write an allotment for every room (0% for one that sells nothing), or for none: then "
            "all sell from one stock",
        )
    elif given and abs(total - 1) > 1e-9:
        yield Finding(
            ("rooms", next(iter(given)), "allotment"),
            f"the allotments add up to {total:.6g}, not to 1",
            f"change them so that {', '.join(given)} add up to 100%: it is how the stock is split",
        )


def _allotments_are_simple(scenario: Whole) -> Iterator[Finding]:
    if not scenario.split:
        return
    for name, product in scenario.products.items():
        if product.backorder is not None:
            yield Finding(
                ("products", name, "backorder"),
                "orders beyond the stock cannot be taken where rooms have allotments",
                "whose stock they would wait for is not modelled: take backorder away, or the "
                "allotments",
            )
    for key in ("on_hand", "claimed"):
        if getattr(scenario.screen, key):
            yield Finding(
                ("screen", key),
                "where rooms have allotments, each screen would show another stock",
                "this is not modelled: write false, or take the allotments away",
            )


_NAME_CHECKS: Final[tuple[Callable[[Mapping[str, Any]], Iterator[Finding]], ...]] = (
    _nothing_there,
    _people_know_segments,
    _people_know_categories,
    _segments_know_people,
    _slots_know_names,
    _rooms_know_names,
    _every_segment_has_a_room,
    _people_of_rooms_stay_there,
    _campaign_knows_names,
    _everybody_has_a_slot,
    _goods_are_known,
    _bundles_are_simple,
    _shared_stock_is_simple,
    _coupons_are_for_what_is_there,
    _incubator_knows_its_candidate,
)


def _draws_are_as_many(scenario: Whole) -> Iterator[Finding]:
    """Yield which quantities have more or fewer draws than the first, to which theirs belong."""
    numbers = {
        path: len(law.values)
        for path, law in scenario.uncertain().items()
        if isinstance(law, Draws)
    }
    first = next(iter(numbers), "")
    for path, number in numbers.items():
        if number != numbers[first]:
            what = f"{path} has {number:,} draws, and {first} has {numbers[first]:,}"
            remedy = "give as many of each: the first of one belongs to the first of the others"
            yield Finding(tuple(path.split(".")), what, remedy)


def _labels_tell_apart(scenario: Whole) -> Iterator[Finding]:
    """Yield labels that others of their kind have, or that are another's key."""
    for noun, group in groups(scenario):
        seen: dict[str, str] = {}
        for path, part in group.items():
            read = (part.label or path.rpartition(".")[2]).casefold()
            other = seen.setdefault(read, path)
            if other != path:
                at = path if part.label else other
                what = f"two {noun} read {part.label or read}: {other} and {path}"
                yield Finding((*at.split("."), "label"), what, "give each a label of its own")


_SHOW_CHECKS: Final[tuple[Callable[[Whole], Iterator[Finding]], ...]] = (
    _labels_tell_apart,
    _slots_in_order,
    _slots_that_can_move,
    _links_go_up_in_time,
    _one_rush_in_a_slot,
    _choices_of_a_slot,
    _waves_come_in_time,
    _reserves_are_called_within_the_show,
    _middles_are_above_zero,
    _samples_come_out_of_stock,
    _dates_go_with_the_show,
    _nothing_goes_back_for_more_than_it_costs,
    _storage_needs_volumes,
    _arrivals_within_the_show,
    _trials_are_shown,
    _people_of_rooms_are_there,
    _segments_come_for_who_is_seen,
    _allotments_are_whole,
    _allotments_are_simple,
    _draws_are_as_many,
)
