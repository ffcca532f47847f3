"""What somebody has seen of a show that is on the air: counts so far, at one moment or at several.

Here they are read and checked, all that is wrong with them at once. What they tell of the show is
the matter of :mod:`~livesim.experiment.weights`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from typing import Any, Final

import numpy as np

from livesim.errors import Mistake, UsageError, did_you_mean, must_be, refuse, shortened
from livesim.experiment.starting import refresh_at
from livesim.resolve.words import duration
from livesim.scenario.quantities import COUNT, QuantityError, seconds_of
from livesim.scenario.scenario import Scenario

#: What is counted for the whole show.
COUNTED: Final = ("viewers", "watching", "orders")
#: What is counted by product, or by variant as ``serum.small``.
UNITS: Final = ("left", "sold")
#: What a moment may say: where it stands in a file, besides.
KEYS: Final = ("at", *COUNTED, *UNITS)
#: What is wrong with units of a bundle.
NO_STOCK: Final = "a bundle has no stock of its own"
_NOT_SOLD: Final = "what is sold of a bundle counts as its components, all together"
_PLACE: Final = ("file", "line")


@dataclass(frozen=True)
class Moment:
    """Counts at a moment, each from the start of the show; what is not seen is None or left out.

    Parameters
    ----------
    at
        When, since the show's start [s].
    viewers, watching, orders
        Unique viewers so far, concurrent viewers now, and orders so far.
    left, sold
        Units on hand, and units that orders have taken so far, paid or not; by product, or by
        variant as ``serum.small``.
    file, line
        Where it was read.
    """

    at: float
    viewers: int | None = None
    watching: int | None = None
    orders: int | None = None
    left: Mapping[str, int] = field(default_factory=dict)
    sold: Mapping[str, int] = field(default_factory=dict)
    file: str | None = None
    line: int | None = None

    def mistake(self, path: str, what: str, remedy: str) -> Mistake:
        """Return what is wrong with it."""
        return Mistake(what, path, remedy, self.file, self.line)

    @property
    def units(self) -> dict[str, dict[str, int]]:
        """Name → what is counted of its units."""
        found: dict[str, dict[str, int]] = {}
        for what in UNITS:
            for name, count in getattr(self, what).items():
                found.setdefault(name, {})[what] = count
        return found


def moments(scenario: Scenario, seen: Any) -> tuple[Moment, ...]:
    """Read what has been seen of a show.

    Parameters
    ----------
    scenario
        The show.
    seen
        One moment as a mapping with ``at`` and what was counted by then, or a sequence of such
        moments, the last one now.

    Raises
    ------
    UsageError
        With everything that cannot be, each with its place, the rule and the remedy.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> (now,) = moments(room, {"at": "10min", "viewers": 310, "left": {"serum": 31}})
    >>> now.at, now.viewers
    (600.0, 310)
    >>> moments(room, {"at": "4h", "left": {"serums": 31}})
    Traceback (most recent call last):
    livesim.errors.UsageError: at
      4 h is not within the show, which lasts 3 h
      take a moment after its start and before its end
    <BLANKLINE>
    left.serums
      nothing is called serums
      known: serum, lip_tint, mask. Did you mean serum?
    """
    several = [seen] if isinstance(seen, Mapping) else seen
    rule = "seen: a moment as a mapping is needed, as {'at': '10min', 'viewers': 310}, or several"
    must_be(several, Sequence, rule)
    for one in several:
        must_be(one, Mapping, rule)
    if not several:
        raise UsageError("seen: there is no moment yet: say at least at, and what was counted")
    wrong: list[Mistake] = []
    found = tuple(_read(one, wrong) for one in several)
    if not wrong:
        for one in found:
            wrong += _impossible(scenario, one)
        wrong += [*_untold_webshops(scenario, found), *_backwards(found)]
    if not wrong and not any(_tells(one) for one in found):
        remedy = f"say at least one of {', '.join(KEYS[1:])}"
        wrong.append(found[-1].mistake("", "nothing was counted", remedy))
    refuse(wrong, "\n\n")
    return found


def _tells(moment: Moment) -> bool:
    return bool(moment.units) or any(getattr(moment, what) is not None for what in COUNTED)


def _read(told: Mapping[str, Any], wrong: list[Mistake]) -> Moment:
    """Return a moment as it was told, and note what cannot be read."""
    place = {key: told[key] for key in _PLACE if key in told}

    def note(path: str, what: str, remedy: str) -> None:
        wrong.append(Mistake(what, path, remedy, **place))

    def count(path: str, value: Any) -> int | None:
        try:
            number = COUNT.read(value) if isinstance(value, str) else value
        except QuantityError as error:
            note(path, error.what, error.remedy)
            return None
        whole = isinstance(number, Real) and not isinstance(number, bool)
        if not whole or not np.isfinite(float(number)) or number < 0 or number != int(number):
            note(path, f"{shortened(value)} is no count", "give a whole number from 0 on")
            return None
        return int(number)

    for key in told:
        if key not in (*KEYS, *_PLACE):
            note(str(key), "no such count is known", did_you_mean(str(key), KEYS))
    at = 0.0
    if "at" not in told:
        note("at", "when it was counted is not said", "give the time on the air, as 10min")
    else:
        try:
            value = told["at"]
            at = seconds_of(value if isinstance(value, str) else float(value))
        except QuantityError as error:
            note("at", error.what, error.remedy)
        except (TypeError, ValueError):
            note("at", f"{shortened(value)} is no time", "give seconds, or a text as 10min")
    units: dict[str, dict[str, int]] = {what: {} for what in UNITS}
    for what in UNITS:
        named = told.get(what, {})
        if not isinstance(named, Mapping):
            note(what, f"{shortened(named)} names no product", "give product → units")
            continue
        for name, value in named.items():
            read = count(f"{what}.{name}", value)
            units[what] |= {} if read is None else {str(name): read}
    whole = {what: count(what, told[what]) for what in COUNTED if told.get(what) is not None}
    file, line = place.get("file"), place.get("line")
    viewers, watching, orders = map(whole.get, COUNTED)
    return Moment(at, viewers, watching, orders, units["left"], units["sold"], file, line)


def unit_names(scenario: Scenario) -> list[str]:
    """Return the names of what has a stock: no bundles, but variants, as ``serum.small``."""
    return [
        name
        for product, value in scenario.products.items()
        if not value.contains
        for name in (product, *(f"{product}.{variant}" for variant in value.variants))
    ]


def count_instead(contains: Iterable[str]) -> str:
    """Say what is counted in the place of a bundle."""
    return f"count the units of its components instead: {', '.join(contains)}"


def _untold_webshops(scenario: Scenario, seen: Sequence[Moment]) -> Iterator[Mistake]:
    """Say of which products, sold in a webshop too, nobody can tell who took what is missing."""
    for product, value in scenario.products.items():
        names = [name for name in unit_names(scenario) if name.partition(".")[0] == product]
        for moment in seen if value.webshop is not None else ():
            told = [name for name in names if name in moment.units]
            whole = {product} & {*told} or len(told) == len(names) - 1 > 0
            half = [one for one in told if one in moment.left and one not in moment.sold]
            if half or (moment is seen[-1] and not (whole and {*told} <= moment.left.keys())):
                yield moment.mistake(
                    f"left.{(*half, product)[0]}",
                    f"a webshop sells {product}, too, and who took what is missing is not said",
                    "give both the units left and those that the show has sold, as --left "
                    f"{product}=70 --sold {product}=25: what else is missing is the webshop's",
                )


def _impossible(scenario: Scenario, moment: Moment) -> Iterator[Mistake]:
    """Say what cannot be at a moment."""
    length, known = scenario.show.length, unit_names(scenario)
    shops = [name for name, one in scenario.products.items() if one.webshop is not None]
    if not 0 < moment.at < length:
        what = f"{duration(moment.at)} is not within the show, which lasts {duration(length)}"
        yield moment.mistake("at", what, "take a moment after its start and before its end")
    else:
        try:
            refresh_at(scenario, moment.at)
        except UsageError as error:
            what, _, remedy = str(error).removeprefix("at: ").partition(": ")
            yield moment.mistake("at", what, remedy)
    if moment.viewers is not None and (moment.watching or 0) > moment.viewers:
        what = f"{moment.watching:,} watch, and only {moment.viewers:,} have come"
        yield moment.mistake("watching", what, "viewers are all who have come so far")
    for what in UNITS:
        for name in getattr(moment, what):
            of = scenario.products.get(name.partition(".")[0])
            if of is not None and of.contains:
                said = NO_STOCK if what == "left" else _NOT_SOLD
                parts = [f"{what}.{part}" for part in of.contains]
                yield moment.mistake(f"{what}.{name}", said, count_instead(parts))
            elif name not in known:
                yield moment.mistake(
                    f"{what}.{name}", f"nothing is called {name}", did_you_mean(name, known)
                )
    for name in moment.units:
        product, _, variant = name.partition(".")
        if variant and product in moment.units:
            what = f"units of {product} are counted as a whole and by variant"
            yield moment.mistake(name, what, "leave one of them away")
        if len(moment.units[name]) > 1 and product not in shops:
            what = f"of {name}, both the units left and the units sold are counted"
            yield moment.mistake(name, what, "leave one of them away: the other follows")


def _backwards(moments: Sequence[Moment]) -> Iterator[Mistake]:
    """Say what has decreased that only grows."""
    for before, after in pairwise(moments):
        if after.at <= before.at:
            what = f"{after.at:g} s does not come after {before.at:g} s"
            yield after.mistake("at", what, "put the moments in the order of time, each once")
    for what in ("viewers", "orders"):
        last = 0
        for moment in moments:
            count = getattr(moment, what)
            if count is not None and count < last:
                told = f"{count:,} after {last:,}: such counts never decrease"
                yield moment.mistake(what, told, f"give all {what} from the start of the show on")
            last = last if count is None else max(last, count)
