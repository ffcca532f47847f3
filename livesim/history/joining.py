"""From rows of several files to one table: which rows are of one show, and what they say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from livesim.errors import Mistake
from livesim.history.questions import (
    alike,
    far_from_others,
    same_evening,
    turned_round,
    unusual_years,
)
from livesim.history.readers.formats import TOTALS, plain
from livesim.history.readers.reading import Entry, Note, rows_in_words
from livesim.history.rows import ROUNDED, Row, odd, placed, row_of, wrong
from livesim.history.table import MINUTES, SHOWS, names

#: How many shows are named that share a note.
_NAMED: Final = 3
_COLUMNS: Final = names(SHOWS)
_OF_SHOW: Final = tuple(column.name for column in SHOWS[1:] if column.of_show)
_OF_ROW: Final = tuple(column.name for column in SHOWS if not column.of_show)
_SUMMED: Final = ("units", "orders", "refunded", "revenue", "placed", "clicks", "slot_time")
#: Rows that cannot be right are asked about, so that a plan tells of them, too.
_ASKED: Final = "; is that a mistake?"
#: By how much two files may differ in what both of them round [s, share].
_LOOSE: Final = {"length": (60.0, 0.02), "watch_time": (60.0, 0.05)}
_START_SLACK: Final = timedelta(minutes=5)


class Joined:
    """Shows and minutes as rows of the tidy tables, with mistakes and what is said.

    Parameters
    ----------
    entries
        What was read.
    zone_asked
        Whether instants were put into a time zone that was asked for.
    """

    def __init__(self, entries: Sequence[Entry], zone_asked: bool) -> None:
        self.mistakes: list[Mistake] = []
        self.notes: list[Note] = []
        self.again: dict[str, list[int]] = defaultdict(list)
        rows = self._right(entries)
        self._check_clocks(rows, zone_asked)
        self._name([row for row in rows if row.entry.format.of != "minute"])
        told = rows
        rows = self._orders_once(rows)
        of_shows = self._without_totals([row for row in rows if row.entry.format.of != "minute"])
        self._place_times(rows)
        self.starts = {
            row.values["show"]: row.start for row in of_shows if row.start and "show" in row.values
        }
        self.shows = self._shows(of_shows)
        self.notes += (
            Note(title, f"left out {rows_in_words(lines)}: there already, each cell the same")
            for title, lines in self.again.items()
        )
        self.minutes = self._minutes(
            [row for row in rows if row.entry.format.of in ("minute", "order")]
        )
        self.notes += [*alike(rows), *same_evening(of_shows), *turned_round(of_shows)]
        self.notes += [*unusual_years(of_shows), *far_from_others(of_shows)]
        self._say_what_counts_once(told)
        self._say_what_is_missing()

    def _right(self, entries: Sequence[Entry]) -> list[Row]:
        """Return the rows that can be right; say of the others why they cannot."""
        kept: list[Row] = []
        out: dict[tuple[str, str], list[int]] = defaultdict(list)
        for entry in entries:
            row, mistakes = row_of(entry)
            self.mistakes += mistakes
            reason = "" if mistakes else wrong(row)
            if reason:
                out[entry.sheet.title, reason].append(entry.line)
            else:
                kept.append(row)
        for (title, reason), lines in out.items():
            self.notes.append(Note(title, f"left out {rows_in_words(lines)}: {reason}{_ASKED}"))
        return kept

    def _check_clocks(self, rows: Iterable[Row], zone_asked: bool) -> None:
        """Refuse starts on two clocks, which would put shows into a wrong order."""
        files: dict[str, str] = {}
        for row in rows:
            if row.start is not None:
                files.setdefault("utc" if row.start.clock == "utc" else "place", row.entry.place)
        if len(files) == 2 and not zone_asked:
            self.mistakes.append(
                Mistake(
                    f"some starts are on the clock of UTC ({files['utc']}), others on that of "
                    f"their place ({files['place']})",
                    remedy="say in which time zone the shows were, as in --time-zone Asia/Bangkok",
                )
            )
        elif "utc" in files:
            self.notes.append(
                Note(
                    "",
                    "starts are on the clock of UTC: --time-zone puts them, and the days of the "
                    "week, where the shows were",
                )
            )

    # --- which show --------------------------------------------------------------------------

    def _name(self, rows: Sequence[Row]) -> None:
        """Give each row the name of its show: its own, that of another file, or host and start."""
        named = {row.values["show"]: row for row in rows if "show" in row.values and row.start}
        by_minute: dict[datetime, list[Row]] = defaultdict(list)
        for row in named.values():
            by_minute[_minute(row)].append(row)
        taken: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            if "show" in row.values:
                continue
            same = [one for one in by_minute.get(_minute(row), []) if _may_be_one(one, row)]
            if len(same) == 1 and same[0].entry.sheet is not row.entry.sheet:
                row.values["show"] = same[0].values["show"]
            elif row.start is not None:
                row.values["show"] = _numbered(row, taken)
            elif "product" not in row.values:
                row.values["show"] = f"{Path(row.entry.sheet.file).stem} {row.entry.line}"
            elif not {"show", "start", "date"} & row.entry.columns.keys():
                self.mistakes.append(
                    row.entry.mistake(
                        "show",
                        "a row of a product that says neither its show nor the date",
                        "write the date into every row",
                    )
                )

    def _orders_once(self, rows: Iterable[Row]) -> list[Row]:
        """Return rows, each product of an order once; two that differ are a mistake."""
        first: dict[tuple[Any, ...], Row] = {}
        kept = []
        for row in rows:
            key = tuple(row.values.get(part) for part in ("show", "order", "product", "variant"))
            one = first.setdefault(key, row) if "order" in row.values else row
            if one is row:
                kept.append(row)
            elif one.values != row.values or one.moment != row.moment:
                self.mistakes.append(
                    row.entry.mistake(
                        "order",
                        f"order {row.values['order']} stands here and in {one.entry.place}, and "
                        "moment, quantity or amount differ",
                        "leave one of them out; if they are two orders, give each its own number",
                    )
                )
            elif one.entry.sheet is row.entry.sheet:
                self.again[row.entry.sheet.title].append(row.entry.line)
        return kept

    def _without_totals(self, rows: Sequence[Row]) -> list[Row]:
        """Return rows without those of a show's total; ask of what is only called one."""
        by_show: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for row in rows:
            by_show[id(row.entry.sheet), row.values.get("show", "")].append(row)
        totals: dict[str, list[Row]] = defaultdict(list)
        for several in by_show.values():
            called = [row for row in several if plain(row.values.get("product", "")) in TOTALS]
            units = sum(
                row.values.get("units", 0) for row in several if "product" in row.values
            ) - sum(row.values.get("units", 0) for row in called)
            for row in called:
                if row.values.get("units") == units > 0:
                    totals[row.entry.sheet.title].append(row)
                else:
                    what = f"'{row.values['product']}' is taken for a product: is it a total?"
                    self.notes.append(Note(row.entry.place, what))
        for title, out in totals.items():
            lines = rows_in_words([row.entry.line for row in out])
            self.notes.append(Note(title, f"left out {lines}: the total of the show's other rows"))
        left_out = {id(row) for out in totals.values() for row in out}
        return [row for row in rows if id(row) not in left_out]

    def _place_times(self, rows: Iterable[Row]) -> None:
        """Read the times of rows that do not say how long their show was: another row may."""
        several = list(rows)
        lengths = {
            row.values["show"]: row.values["length"]
            for row in several
            if "show" in row.values and "length" in row.values
        }
        for row in several:
            self.mistakes += placed(row, lengths.get(row.values.get("show")))

    # --- one row a show and product ----------------------------------------------------------

    def _shows(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if "show" in row.values:
                key = (row.values["show"], row.values.get("product"), row.values.get("variant"))
                groups[key].append(row)  # type: ignore[index]
        of_show = self._of_show(rows)
        table = []
        for key, several in groups.items():
            values = {**of_show[key[0]], **self._merged(several), "show": key[0]}
            said = [one.sold_out for one in several if one.sold_out is not None]
            row = Row(
                several[0].entry,
                values,
                rounded=any(one.rounded for one in several),
                sold_out=any(said) if said else None,
            )
            if reason := wrong(row):
                self.notes.append(
                    Note(row.entry.place, f"left out, with what others add: {reason}{_ASKED}")
                )
            else:
                table.append(values)
                self.notes += (Note(row.entry.place, question) for question in odd(row))
        order = sorted(table, key=lambda row: (row.get("start") is None, row.get("start", 0)))
        return [{name: row[name] for name in _COLUMNS if name in row} for row in order]

    def _of_show(self, rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
        """Return what belongs to a show, from all its rows: those of the whole show come first."""
        by_show: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if "show" in row.values:
                by_show[row.values["show"]].append(row)
        found = {}
        for show, several in by_show.items():
            several.sort(key=lambda row: "product" in row.values)
            found[show] = {
                column: value
                for column in _OF_SHOW
                if (value := self._agreed(several, column)) is not None
            }
        return found

    def _merged(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Return one row from those of one show and product."""
        summed = [row for row in rows if row.entry.format.of in ("slot", "order")]
        others = [row for row in rows if row.entry.format.of not in ("slot", "order")]
        by_sheet: dict[str, list[Row]] = defaultdict(list)
        for row in summed:
            by_sheet[row.entry.sheet.title].append(row)
        parts = [
            Row(several[0].entry, _summed(several), rounded=any(one.rounded for one in several))
            for several in by_sheet.values()
        ]
        self._see_repeated(others)
        merged = {}
        for column in _OF_ROW:
            value = self._agreed([*others, *parts], column)
            if value is not None:
                merged[column] = value
        return merged

    def _see_repeated(self, rows: Sequence[Row]) -> None:
        """Take down which rows of one sheet are there twice."""
        seen: dict[str, Row] = {}
        for row in rows:
            first = seen.setdefault(row.entry.sheet.title, row)
            if first is not row and first.values == row.values:
                self.again[row.entry.sheet.title].append(row.entry.line)

    def _agreed(self, rows: Sequence[Row], column: str) -> Any:
        """Return what rows say of a column; where two differ, that is a mistake."""
        known = [row for row in rows if column in row.values]
        for other in known[1:]:
            if not _agree(known[0], other, column):
                self.mistakes.append(
                    other.entry.mistake(
                        column,
                        f"{column} of {_called(other)} is {_shown(other.values[column])} here and "
                        f"{_shown(known[0].values[column])} in {known[0].entry.place}",
                        "leave one of them out; if they are two shows, give each its own show; if "
                        "two variants, name them",
                    )
                )
                break
        return known[0].values[column] if known else None

    # --- minutes -----------------------------------------------------------------------------

    def _minutes(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        by_show: dict[str, list[Row]] = defaultdict(list)
        by_sheet: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_sheet[row.entry.sheet.title].append(row)
        for several in by_sheet.values():
            _follow_on(several)
            unnamed = self._show_at(several)
            for row in several:
                by_show[row.values.get("show", unnamed)].append(row)
        table: list[dict[str, Any]] = []
        untold = []
        for show, several in by_show.items():
            if not self._place(show, several):
                untold.append(show)
            table += [{"show": show, **minute} for minute in _by_minute(several)]
        if untold:
            self.notes.append(Note("", _unplaced(untold)))
        return table

    def _show_at(self, rows: Sequence[Row]) -> str:
        """Return the show that went on when a table of minutes begins; else the file's name."""
        first = min((row.moment.at for row in rows if row.moment), default=None)
        near = [
            show
            for show, start in self.starts.items()
            if first is not None and _near(start.at, first, rows[0])
        ]
        return near[0] if len(near) == 1 else Path(rows[0].entry.sheet.file).stem

    def _place(self, show: str, rows: Sequence[Row]) -> bool:
        """Give each minute its seconds from the start of its show; say whether all could be.

        A dashboard's first minute is the show's; the first order is not.
        """
        timed = [row for row in rows if row.moment is not None and "at" not in row.values]
        if not timed:
            return True
        start = self.starts.get(show)
        first = min(row.moment.at for row in timed if row.moment)
        known = start is not None and (
            start.clock == timed[0].moment.clock or _near(start.at, first, timed[0])  # type: ignore[union-attr]
        )
        zero = start.at if start is not None and known else first
        if timed[0].moment is not None and timed[0].moment.clock == "no year" and known:
            zero = zero.replace(year=first.year)
        if not known and timed[0].entry.format.of == "order":
            return False
        if not known:
            what = f"when {show} began is not known: its minutes count from the first one"
            self.notes.append(Note(timed[0].entry.sheet.title, what))
        for row in timed:
            if row.moment is not None:
                row.values["at"] = (row.moment.at - zero).total_seconds() // 60 * 60
        return True

    def _say_what_counts_once(self, rows: Iterable[Row]) -> None:
        """Say how many rows stand in several files."""
        seen: dict[tuple[Any, ...], str] = {}
        again = 0
        for row in rows:
            parts = ("show", "product", "variant", "order")
            key = (row.entry.format.name, *(row.values.get(part) for part in parts))
            if row.entry.format.of in ("show", "product", "order"):
                again += seen.setdefault(key, row.entry.sheet.title) != row.entry.sheet.title
        if again:
            self.notes.append(
                Note("", f"rows that stand in several files, counted once: {again:,}")
            )

    def _say_what_is_missing(self) -> None:
        known = {name for row in self.shows for name in row}
        missing = [name for name in _COLUMNS if name not in known]
        if self.shows and missing:
            self.notes.append(Note("", f"nothing says, and so stays missing: {', '.join(missing)}"))


def _unplaced(shows: Sequence[str]) -> str:
    """Say of which shows there are orders whose minutes nobody can count from the start."""
    more = f" and {len(shows) - _NAMED} more" if len(shows) > _NAMED else ""
    return (
        f"when {', '.join(shows[:_NAMED])}{more} began is not known on the orders' clock, and a "
        "first order does not tell it: nothing is said by the minute (read a sheet with show, "
        "start, length and viewers, too, and say --time-zone)"
    )


def _minute(row: Row) -> datetime:
    """Return when a show began, to the minute; a date without a time is that of its midnight."""
    return row.start.at.replace(second=0) if row.start else datetime.min


def _may_be_one(one: Row, other: Row) -> bool:
    hosts = [row.values["host"] for row in (one, other) if "host" in row.values]
    return one.start is not None and len(set(hosts)) < 2


def _numbered(row: Row, taken: dict[tuple[str, str], list[Mapping[str, Any]]]) -> str:
    """Name a show by host and start; of two of one sheet that share them, the second by number.

    A row that is there twice, each cell alike, is one show.
    """
    assert row.start is not None
    at = row.start.at
    form = "%Y-%m-%d" if row.start.clock == "no time" else "%Y-%m-%d %H:%M"
    name = f"{row.values.get('host', '')} {at.strftime(form)}".strip()
    if "product" in row.values:
        return name
    earlier = taken[row.entry.sheet.title, name]
    if row.values not in earlier:
        earlier.append(dict(row.values))
    number = earlier.index(row.values) + 1
    return name if number == 1 else f"{name} ({number})"


def _summed(rows: Sequence[Row]) -> dict[str, Any]:
    """Return slots or orders of one show and product as one row."""
    values = dict(rows[0].values)
    for column in _SUMMED:
        known = [row.values[column] for row in rows if column in row.values]
        if known:
            values[column] = sum(known)
    first = [row.values["slot_at"] for row in rows if "slot_at" in row.values]
    if first:
        values["slot_at"] = min(first)
    if len({row.values.get("price") for row in rows}) > 1:
        values.pop("price", None)
    return values


def _agree(one: Row, other: Row, column: str) -> bool:
    a, b = one.values[column], other.values[column]
    if not isinstance(a, float) or not isinstance(b, float):
        return bool(a == b) or (column == "start" and _minute(one) == _minute(other))
    seconds, part = _LOOSE.get(column, (0.0, 0.0))
    if one.rounded or other.rounded:
        part = max(part, ROUNDED)
    return abs(a - b) <= max(seconds, part * max(abs(a), abs(b)))


def _called(row: Row) -> str:
    return " ".join(
        str(row.values[part]) for part in ("show", "product", "variant") if part in row.values
    )


def _shown(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _follow_on(rows: Sequence[Row]) -> None:
    """Let minutes without a year go on past midnight of New Year's Eve."""
    last: datetime | None = None
    for row in rows:
        if row.moment is None or row.moment.clock != "no year":
            continue
        at = row.moment.at
        if last is not None and at < last - timedelta(days=180):
            at = at.replace(year=at.year + 1)
        row.moment = type(row.moment)(at, "no year")
        last = at


def _near(start: datetime, first: datetime, row: Row) -> bool:
    if row.moment is not None and row.moment.clock == "no year":
        start = start.replace(year=first.year)
    return abs(start - first) <= _START_SLACK


def _by_minute(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield minutes as they are, and orders counted by minute and product."""
    orders: dict[tuple[float, str], list[Row]] = defaultdict(list)
    wanted = names(MINUTES)
    minutes = [row for row in rows if row.entry.format.of == "minute"]
    for row in minutes:
        yield {name: row.values[name] for name in wanted if name in row.values and name != "show"}
    for row in rows:
        if row.entry.format.of == "order" and "at" in row.values:
            orders[row.values["at"], row.values.get("product", "")].append(row)
    for (at, product), several in sorted(orders.items()):
        total = _summed(several)
        found = {"at": at, "product": product or None}
        found |= {name: total[name] for name in ("units", "orders", "revenue") if name in total}
        yield found
