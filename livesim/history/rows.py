"""From what a row says to what it means: derived figures, and what cannot be right.

Each step fills in what follows from the rest of the row, in the units of the tidy table. A row that
contradicts itself is left out with the reason; nobody can say which of its cells is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

from livesim.errors import Mistake
from livesim.history.quantities import (
    DAY,
    Moment,
    Notation,
    clean,
    clock_time,
    duration,
    moment,
)
from livesim.history.readers.formats import MANY_CLICKS, PLAIN
from livesim.history.readers.reading import After, Entry
from livesim.history.table import SHOWS
from livesim.scenario.quantities import QuantityError

_NUMBERS: Final = tuple(column.name for column in SHOWS if column.holds == "number")
#: An end by the clock that is before the start is on the next day if the show is then no longer
#: than this [s], an assumption, or just as long as is told; else one of the two is wrong.
_PAST_MIDNIGHT: Final = DAY / 2
_HOW_AFTER: Final = "write 35min, or (h:mm) or (mm:ss) in the heading"
_HOW_BARE: Final = "write 35min, or the unit in the heading, as in sold out at (min)"
_YES: Final = frozenset(("yes", "y", "ja", "si", "true", "x", "是", "已售罄"))
_NO: Final = frozenset(("no", "n", "nein", "false", "否", "未售罄"))
#: A bare 0 or 1 for sold out is a no or a yes, as spreadsheets count; but 1 below a unit is a time.
_ZERO, _ONE = frozenset(("0", "0.0")), frozenset(("1", "1.0"))


@dataclass
class Row:
    """A row of a history in the making.

    Parameters
    ----------
    entry
        The row of an export that it is from.
    values
        By column of the tidy table.
    start
        When the show began, with whose clock that was read from.
    moment
        When the row's minute or order was.
    rounded
        Whether its numbers may be rounded.
    sold_out
        Whether the product was sold out, where the row says yes or no.
    """

    entry: Entry
    values: dict[str, Any] = field(default_factory=dict)
    start: Moment | None = None
    moment: Moment | None = None
    rounded: bool = False
    sold_out: bool | None = None


def row_of(entry: Entry) -> tuple[Row, list[Mistake]]:
    """Return what an entry means, with mistakes that only the whole row shows."""
    row = Row(entry, dict(entry.values), rounded=entry.rounded)
    values = row.values
    row.moment = values.pop("moment", None)
    if entry.format.of == "order":
        values["orders"] = 1.0
    mistakes = []
    for step in (_start, _length, _means, _refunded, _slot):
        step(row)
    if "length" in values:
        mistakes += placed(row, values["length"])
    if row.start is not None and row.start.clock == "no time" and "clock" in values:
        mistakes.append(entry.mistake("clock", "a time of day without a date", "write the date"))
    return row, mistakes


def _start(row: Row) -> None:
    """Put date and time of day together, wherever they stand."""
    values = row.values
    parts = [values.pop(name, None) for name in ("start", "date", "clock")]
    moments = [part for part in parts if isinstance(part, Moment)]
    clocks = [part for part in parts if isinstance(part, float)]
    if not moments:
        return
    row.start = moments[0]
    if row.start.clock == "no time" and clocks:
        row.start = Moment(row.start.at + timedelta(seconds=clocks[0]))
    if row.start.clock != "no year":
        values["start"] = row.start.at


def _length(row: Row) -> None:
    """Take the length from start and end where both are known: a duration is often cut."""
    end = row.values.pop("end", None)
    if isinstance(end, float) and row.start is not None and row.start.clock != "no time":
        midnight = row.start.at.replace(hour=0, minute=0, second=0)
        after = (midnight + timedelta(seconds=end) - row.start.at).total_seconds()
        told = row.values.get("length", 0.0)
        if after < 0 and (after + DAY <= _PAST_MIDNIGHT or abs(after + DAY - told) <= 60):
            after += DAY
        end = Moment(row.start.at + timedelta(seconds=after), row.start.clock)
    start = row.start
    if start and isinstance(end, Moment) and start.clock == end.clock != "no time":
        row.values["length"] = (end.at - start.at).total_seconds()


def _means(row: Row) -> None:
    """Turn means and shares into totals, where what they are of is known."""
    for one, value in row.entry.means:
        of = row.values.get(one.per)
        if one.to not in row.values and of is not None:
            total = value * of
            row.values[one.to] = float(round(total)) if one.kind != "duration" else total
        if one.per == "length" and one.to == "watch_time":
            row.values["concurrent"] = value


def _refunded(row: Row) -> None:
    parts = [row.values.pop(f"refunded_{when}", None) for when in ("before", "after")]
    known = [part for part in parts if part is not None]
    if known and "refunded" not in row.values:
        row.values["refunded"] = sum(known)


def _slot(row: Row) -> None:
    """Put a slot into the show: when it began, and how long it was."""
    start, end = row.values.pop("slot_start", None), row.values.pop("slot_end", None)
    if start is None:
        return
    if end is not None and "slot_time" not in row.values:
        row.values["slot_time"] = (end.at - start.at).total_seconds()
    if row.start is not None and row.start.clock == start.clock:
        row.values["slot_at"] = (start.at - row.start.at).total_seconds()


# --- times from the start of a show ------------------------------------------------------------


def placed(row: Row, length: float | None) -> list[Mistake]:
    """Read the times of a row, once the length of its show is known or nowhere to be found [s].

    Returns
    -------
    list of Mistake
        What may be two times, or is none in the show.
    """
    times = [to for to in ("sold_out_at", "slot_at", "at") if isinstance(row.values.get(to), After)]
    return [mistake for to in times for mistake in _after_start(row, to, length)]


def _after_start(row: Row, to: str, length: float | None) -> list[Mistake]:
    """Read a time that may be a duration, a time of day or a moment, as seconds from the start."""
    after: After = row.values.pop(to)
    answer = _answer(after, to)
    if answer is not None:
        if to == "sold_out_at":
            row.sold_out = answer
            if row.sold_out and "units" in row.values:
                row.values.setdefault("stock", row.values["units"])
        return []
    try:
        row.values[to] = _seconds(after, row.start, length, row.entry.notation)
    except QuantityError as error:
        return [row.entry.mistake(to, error.what, error.remedy)]
    return []


def _answer(after: After, to: str) -> bool | None:
    """Return the yes or no that stands where a time may; None where there is none."""
    word = clean(str(after.cell)).lower()
    flag = to == "sold_out_at"
    if word in _NO or (flag and word in _ZERO):
        return False
    return True if word in _YES or (flag and word in _ONE and not after.unit) else None


def _seconds(after: After, start: Moment | None, length: float | None, notation: Notation) -> float:
    timed = start if start is not None and start.clock in ("place", "utc") else None
    cell = after.cell
    if isinstance(cell, datetime) and cell.year > 1904:
        return _since(moment(cell, notation), timed, cell)
    if isinstance(cell, timedelta):
        return duration(cell, notation, after.unit)
    text = clean(str(cell)).lower()
    if len(text) >= 12 and isinstance(cell, str) and any(mark in text for mark in "-/年"):
        return _since(moment(cell, notation), timed, cell)
    if ":" not in text or after.unit in ("h:mm", "mm:ss"):
        try:
            return duration(cell, notation, after.unit)
        except QuantityError as error:
            written = isinstance(cell, str | int | float)
            raise QuantityError(error.what, _HOW_BARE if written else error.remedy) from None
    if timed is None:
        raise QuantityError(
            f"{text} could be a time of day or a time from the start, which is not known",
            _HOW_AFTER,
        )
    ways = dict(_ways(text, timed, notation))
    within = {way: t for way, t in ways.items() if length is not None and t <= length + 60}
    if len(within) != 1:
        where = "could be" if within or length is None else "is not within the show, as"
        raise QuantityError(
            f"{text} {where} {' or '.join(ways) or 'a time'}",
            f"{_HOW_AFTER}, or date and time",
        )
    return next(iter(within.values()))


def _ways(text: str, start: Moment, notation: Notation) -> Iterator[tuple[str, float]]:
    """Yield how a time such as 20:35 can be meant, in seconds from the start of the show."""
    midnight = start.at.replace(hour=0, minute=0, second=0)
    with suppress(QuantityError):
        at = midnight + timedelta(seconds=clock_time(text))
        yield "a time of day", (at - start.at).total_seconds() % DAY
    with suppress(QuantityError):
        yield "hours and minutes from the start", duration(text, notation, "h:mm")


def _since(at: Moment, start: Moment | None, cell: Any) -> float:
    if start is None or at.clock != start.clock:
        raise QuantityError(
            f"{cell} is a moment, but when the show began is not known on the same clock",
            "write how long after the start, such as 35min",
        )
    return (at.at - start.at).total_seconds()


# --- what cannot be right ----------------------------------------------------------------------

#: What cannot exceed what, by how much rounding may hide [in its unit], and how that is said.
_NEVER_ABOVE: Final = (
    ("units", "stock", 0.0, "more units sold than there were in stock"),
    ("viewers", "views", 0.0, "more different viewers than views"),
    ("peak", "views", 0.0, "a peak above all views"),
    ("peak", "viewers", 0.0, "a peak above all viewers"),
    ("concurrent", "peak", 0.5, "an average of concurrent viewers above their peak"),
    ("refunded", "units", 0.0, "more units sent back than sold"),
    ("orders", "units", 0.0, "more paid orders than units"),
    ("orders", "placed", 0.0, "more orders paid than placed"),
    ("sold_out_at", "length", 60.0, "sold out after the end"),
    ("slot_at", "length", 60.0, "on after the end"),
)
#: Of what is ordered at least so much is paid for [1], an assumption.
_LEAST_PAID: Final = 0.7
#: No show that somebody watched is shorter [s], an assumption.
_SHORT: Final = 300.0
#: By what factor the revenue of a unit may differ from its price [1], for discounts and sets; an
#: assumption.
_OTHER_PRICE: Final = 3.0
#: No show is longer [s], an assumption.
_LONGEST: Final = 3 * DAY
#: By what share two numbers may differ that are written rounded, as 1.2万 is.
ROUNDED: Final = 0.05


def wrong(row: Row) -> str:
    """Return why a row cannot be right; empty where it can."""
    return next(_reasons(row), "")


def odd(row: Row) -> Iterator[str]:
    """Yield what to ask about a row that can be right, but seldom is."""
    units, viewers = row.values.get("units", 0), row.values.get("viewers", inf)
    if units > viewers:
        yield f"{units:,g} units sold to {viewers:,g} viewers: is there a mistake in the row?"
    yield from _odd_stock(row.values)
    yield from _odd_length(row.values)
    yield from _odd_revenue(row.values)
    yield from _odd_answer(row)
    own = row.entry.format is PLAIN
    rates = [share for one, share in row.entry.means if one.to == "clicks" and own]
    if rates and rates[0] > MANY_CLICKS:
        yield (
            f"clicks are {100 * rates[0]:.3g} % of the views, which they seldom are: is it "
            "TikTok's CTR, clicks per product impression?"
        )
    orders, clicks = row.values.get("orders", 0), row.values.get("clicks", inf)
    if rates and orders > clicks:
        yield f"{orders:,g} orders of {clicks:,g} clicks: is there a mistake in the row?"


def _odd_stock(values: dict[str, Any]) -> Iterator[str]:
    """Ask of a stock that was sold out, and of which less was sold than is ever paid for."""
    sold, stock = values.get("units", inf), values.get("stock", 0)
    chance = 3 * (stock * _LEAST_PAID * (1 - _LEAST_PAID)) ** 0.5
    if values.get("sold_out_at") == 0 and 0 < sold < inf:
        yield f"{sold:,g} sold, and sold out at the start: was it sold out?"
    if isinstance(values.get("sold_out_at"), float) and sold < _LEAST_PAID * stock - chance:
        yield f"{sold:,g} sold of {stock:,g}, and sold out: is {stock:,g} what was on offer?"


def _odd_length(values: dict[str, Any]) -> Iterator[str]:
    """Ask of a show of a few minutes that somebody watched: the unit may be another one."""
    length = values.get("length", _SHORT)
    if 0 < length < _SHORT and ("viewers" in values or "views" in values):
        yield f"a show of less than {_SHORT / 60:g} min: is its length in another unit?"


def _odd_revenue(values: dict[str, Any]) -> Iterator[str]:
    """Ask of a revenue that no price near the one that is told explains."""
    units, revenue, price = (values.get(name) for name in ("units", "revenue", "price"))
    if units == 0 and revenue:
        yield f"0 units sold for {revenue:,g}: is there a mistake in the row?"
    elif (
        units
        and revenue
        and price
        and not 1 / _OTHER_PRICE < revenue / units / price < _OTHER_PRICE
    ):
        yield f"{units:,g} sold at {price:,g} for {revenue:,g}: is there a mistake in the row?"


def _odd_answer(row: Row) -> Iterator[str]:
    """Ask of a yes or no that units and stock say otherwise: these count."""
    sold, stock = row.values.get("units"), row.values.get("stock")
    if row.sold_out is None or sold is None or stock is None:
        return
    if row.sold_out and sold < stock:
        yield (
            f"{sold:,g} sold of {stock:,g}, and sold out without a moment, which is taken for not "
            f"sold out: is {stock:,g} what was on offer?"
        )
    elif not row.sold_out and sold >= stock > 0:
        yield (
            f"{sold:,g} sold of {stock:,g}, and not sold out, which is taken for sold out: is "
            f"{stock:,g} what was on offer?"
        )


def _reasons(row: Row) -> Iterator[str]:
    values = {name: value for name, value in row.values.items() if isinstance(value, float)}
    if values.get("shows", 1) != 1:
        yield "a row for several shows, or for none"
    if values.get("length", 0) > _LONGEST:
        yield "a length of more than three days, perhaps in another unit"
    if values.get("length", 1.0) <= 0:
        yield (
            "a length of 0 or less, or an end that is not after the start nor past midnight within "
            f"{_PAST_MIDNIGHT / 3_600:g} hours of it (write the date of a later end, too)"
        )
    for name in _NUMBERS:
        if values.get(name, 0) < 0:
            yield f"{name} below 0"
    slack = 1 + ROUNDED if row.rounded else 1.0
    for small, large, hidden, reason in _NEVER_ABOVE:
        if small in values and large in values and values[small] > values[large] * slack + hidden:
            yield reason
    yield from _of_watching(values)


def _of_watching(values: dict[str, float]) -> Iterator[str]:
    """Yield what contradicts Little's law: views, watch time, length and peak go together."""
    views, watched = values.get("views"), values.get("watch_time")
    length, peak = values.get("length"), values.get("peak")
    if watched is None or length is None:
        return
    watching = views if views is not None else values.get("viewers", inf)
    if watched > 1.02 * length * watching + watching:
        yield "watched for longer than the show lasts (are its minutes and seconds read as hours?)"
    if views is None:
        return
    if watched == 0 and views > length / 2:
        yield "an average of 0 viewers at any moment in spite of views"
    elif peak is not None and watched > 1.02 * (peak + 0.5) * length + views / 2:
        yield "an average of concurrent viewers above their peak"
