"""What rows of past shows should be asked about, since nothing in one row alone is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import combinations, pairwise
from math import inf
from statistics import median
from typing import Final
from unicodedata import normalize

from livesim.history.readers.reading import Note
from livesim.history.rows import Row


def alike(rows: Iterable[Row]) -> Iterator[Note]:
    """Ask about products whose names differ in capitals, blanks, dashes or width alone."""
    spelt: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if name := row.values.get("product"):
            spelt[re.sub(r"[\s_-]", "", normalize("NFKC", name).casefold())][name] = None
    for names in spelt.values():
        if len(names) > 1:
            told = " and ".join(map(repr, names))
            yield Note("", f"{told} are taken for {len(names)} products: are they one?")


def same_evening(rows: Iterable[Row]) -> Iterator[Note]:
    """Ask about shows of two sheets on one day, where one says less of clock or host.

    Where neither says something else than the other, they may be one show.
    """
    by_day: dict[date, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if "show" in row.values and row.start is not None and row.start.clock != "no year":
            by_day[row.start.at.date()].setdefault(row.values["show"], row)
    for shows in by_day.values():
        if len({id(row.entry.sheet) for row in shows.values()}) < 2:
            continue
        for (name, one), (other_name, other) in combinations(shows.items(), 2):
            if one.entry.sheet is not other.entry.sheet and _may_be_one_evening(one, other):
                what = f"'{name}' and '{other_name}' are taken for 2 shows: are they one?"
                yield Note("", what)


def _may_be_one_evening(one: Row, other: Row) -> bool:
    hosts = {row.values["host"] for row in (one, other) if row.values.get("host")}
    timed = {row.start.at for row in (one, other) if row.start and row.start.clock != "no time"}
    return len(hosts) < 2 and len(timed) < 2


#: Live shopping began in this year: Taobao's first shows were in May 2016.
_FIRST_YEAR: Final = 2016
#: Past shows lie within as many years of the middle one, an assumption.
_YEARS: Final = 10


def unusual_years(rows: Iterable[Row]) -> Iterator[Note]:
    """Ask about shows before there were any, or many years from the middle one."""
    dated = [row for row in rows if row.start is not None and row.start.clock != "no year"]
    years = sorted(_at(row).year for row in dated)
    for row in dated:
        if _is_far(_at(row), years):
            yield Note(row.entry.place, f"the show was in {_at(row).year}: is the year right?")


def _is_far(at: datetime, years: Sequence[int]) -> bool:
    return at.year < _FIRST_YEAR or abs(at.year - years[len(years) // 2]) > _YEARS


#: Units per viewer so many times the median of the product's other shows are asked about [1], an
#: assumption: a digit too many is more, and few shows are so good.
_MANY_TIMES: Final = 5.0
#: Of fewer units [1] or in fewer other shows nothing can be told, assumptions.
_LEAST_UNITS, _LEAST_SHOWS = 20, 3


def far_from_others(rows: Iterable[Row]) -> Iterator[Note]:
    """Ask about rows that sold far more per viewer than the product's other shows."""
    by_product: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if (
            row.values.get("units") is not None
            and row.values.get("viewers")
            and "product" in row.values
        ):
            key = row.values["product"], row.values.get("variant", "")
            by_product[key].append(row)
    for of_product in by_product.values():
        each = [row.values["units"] / row.values["viewers"] for row in of_product]
        for number, row in enumerate(of_product):
            others = [*each[:number], *each[number + 1 :]]
            usual = median(others) if len(others) >= _LEAST_SHOWS else inf
            if each[number] > _MANY_TIMES * usual and row.values["units"] >= _LEAST_UNITS:
                times = each[number] / usual if usual else inf
                yield Note(
                    row.entry.place,
                    f"{row.values['units']:,g} units sold to {row.values['viewers']:,g} viewers, "
                    f"{times:.2g} times as many as usual: is there a mistake in the row?",
                )


def turned_round(rows: Iterable[Row]) -> Iterator[Note]:
    """Ask about dates that break the order of their sheet, and would not with day and month turned.

    A sheet's rows follow each other in time, forwards or backwards; where they do not even without
    those dates, nothing can be told.
    """
    by_sheet: dict[int, list[Row]] = defaultdict(list)
    several = list(rows)
    years = sorted(_at(row).year for row in several if row.start is not None)
    for row in several:
        dated = row.start is not None and row.start.clock != "no year"
        if dated and not _is_far(_at(row), years):  # of a year that is off something else is asked
            by_sheet[id(row.entry.sheet)].append(row)
    for of_sheet in by_sheet.values():
        first = [of_sheet[0]]  # of each show
        for row in of_sheet[1:]:
            if _at(row) != _at(first[-1]):
                first.append(row)
        yield from _turned(first) or _turned(first[::-1])


def _turned(rows: Sequence[Row]) -> list[Note]:
    """Return what is to be asked of rows in the order of time."""
    notes, others = [], []
    for number, row in enumerate(rows):
        before, after = rows[number - 1 : number][:1], rows[number + 1 : number + 2]
        at, turned = _at(row), _day_for_month(_at(row))
        fits = all(_at(one) <= turned for one in before) and all(turned <= _at(a) for a in after)
        right = all(_at(one) <= at for one in before) and all(at <= _at(one) for one in after)
        if turned != at and fits and not right:
            what = f"{at:%Y-%m-%d} is out of the order of the rows, and {turned:%Y-%m-%d} is not"
            notes.append(Note(row.entry.place, f"{what}: were day and month turned round?"))
        else:
            others.append(at)
    return notes if len(others) > 1 and all(one <= two for one, two in pairwise(others)) else []


def _at(row: Row) -> datetime:
    assert row.start is not None
    return row.start.at


def _day_for_month(at: datetime) -> datetime:
    return at.replace(month=at.day, day=at.month) if at.day <= 12 else at
