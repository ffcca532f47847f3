"""Past shows as one object: a table of shows, perhaps one of minutes, and what was said of both."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from livesim.errors import FORMULA_STARTS, HistoryError, Mistake
from livesim.history.quantities import Dates, Mark, Notation
from livesim.history.table import MINUTES, SHOWS, Column, tidy
from livesim.places import said_as_error, write_all

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame

    from livesim.history.readers.reading import Note

#: How many cells of one column are listed that have the same kind of mistake.
_LISTED: Final = 3
#: How many products are named where a history is printed.
_NAMED: Final = 10


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """Past shows; printed, how many there are, of what, and what is missing.

    Parameters
    ----------
    shows
        A row a show and product, with the columns of `livesim.history.table.SHOWS`; a row without
        a product is a whole show's.
    minutes
        A row a show and minute, with the columns of `livesim.history.table.MINUTES`; None where
        nothing is known by the minute.
    notes
        What was left out of the tables and why, and what the files do not say.

    Examples
    --------
    >>> print(History(tidy([{"show": "gala", "product": "serum", "units": 80}], SHOWS)))
    Past shows: 1 show in 1 row
    Products: serum
    """

    shows: DataFrame
    minutes: DataFrame | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        paths: str | Path | Sequence[str | Path],
        *,
        decimal: Mark | None = None,
        dates: Dates | None = None,
        time_zone: str | None = None,
        format: str | None = None,
    ) -> History:
        """Read past shows from dashboards' exports, sheets, or what `livesim import` wrote.

        Parameters
        ----------
        paths
            A file, or several, each of any form.
        decimal
            What separates decimals, where a file does not show it by itself.
        dates
            Whether 01/07 is the first of July (``dmy``) or the seventh of January (``mdy``), where
            a file does not show it.
        time_zone
            Where the shows were, such as ``Asia/Bangkok``; without it, moments stay on the clock
            that the file has.
        format
            Which of the known exports the files are; without it, each is recognised.

        Raises
        ------
        HistoryError
            If a file cannot be read, with all that is wrong in all of them.
        UsageError
            If there is no such time zone or format.
        """
        from livesim.history.joining import Joined
        from livesim.history.readers.formats import formats_called, zone_called
        from livesim.history.readers.reading import read_files

        several = [paths] if isinstance(paths, str | Path) else list(paths)
        zone = zone_called(time_zone) if time_zone else None
        asked = Notation(decimal, dates, zone)
        found = read_files([Path(path) for path in several], asked, formats_called(format))
        joined = Joined(found.entries, zone is not None)
        mistakes = [*found.mistakes, *joined.mistakes]
        if mistakes:
            raise HistoryError(_shortened(mistakes))
        notes = _said([*found.notes, *joined.notes])
        if not joined.shows and not joined.minutes:
            file = ", ".join(map(str, several))
            raise HistoryError([Mistake("no row can be used", "", "\n".join(notes), file)])
        minutes = tidy(joined.minutes, MINUTES) if joined.minutes else None
        return cls(tidy(joined.shows, SHOWS), minutes, notes)

    def save(self, path: str | Path) -> list[Path]:
        """Write the table of shows as CSV, and beside it that of minutes where there is one.

        The files are written whole or not at all. An older table of minutes beside the shows is
        taken away where nothing is known by the minute: it is of other shows. What a spreadsheet
        would take for a formula is written with a ' before it, which `read` takes away again.

        Parameters
        ----------
        path
            Where the shows go, such as ``shows.csv``; the minutes then go to ``shows.minutes.csv``.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        ResultsError
            If they cannot be written.
        """
        place = Path(path)
        texts: dict[Path, str | bytes] = {place: csv_text(self.shows, SHOWS)}
        if self.minutes is not None:
            texts[minutes_beside(place)] = csv_text(self.minutes, MINUTES)
        with said_as_error(place):
            write_all(texts)
            if self.minutes is None:
                minutes_beside(place).unlink(missing_ok=True)
        return list(texts)

    def __repr__(self) -> str:
        products = [str(name) for name in self.shows["product"].dropna().unique()]
        more = f" and {len(products) - _NAMED:,} more" if len(products) > _NAMED else ""
        named = ", ".join(products[:_NAMED]) + more
        lines = [f"Past shows: {self.about}", f"Products: {named or 'none, whole shows alone'}"]
        return "\n".join([*lines, *(f"- {note}" for note in self.notes)])

    @property
    def about(self) -> str:
        """How much there is, in words."""
        shows = self.shows.drop_duplicates("show")
        starts = shows["start"].dropna()
        parts = [f"{len(shows):,} {'show' if len(shows) == 1 else 'shows'}"]
        hosts = shows["host"].nunique()
        if hosts:
            parts.append(f"of {hosts:,} {'host' if hosts == 1 else 'hosts'}")
        if len(starts):
            first, last = (f"{one:%Y-%m-%d}" for one in (starts.min(), starts.max()))
            parts.append(f"on {first}" if first == last else f"from {first} to {last}")
        parts.append(f"in {len(self.shows):,} {'row' if len(self.shows) == 1 else 'rows'}")
        minutes = f", and {len(self.minutes):,} minutes" if self.minutes is not None else ""
        return " ".join(parts) + minutes


def minutes_beside(place: Path) -> Path:
    """Return where the table of minutes goes, beside that of the shows.

    Examples
    --------
    >>> minutes_beside(Path("shows.csv")).name
    'shows.minutes.csv'
    """
    return place.with_name(f"{place.stem}.minutes.csv")


def csv_text(frame: DataFrame, columns: Sequence[Column]) -> str:
    """Return a tidy table as the text of a CSV file.

    Examples
    --------
    >>> print(csv_text(tidy([{"show": "=gala", "at": 60.0}], MINUTES), MINUTES).splitlines()[1])
    '=gala,60,,,,,,,,,
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    kinds = [column.holds for column in columns]
    for row in frame.itertuples(index=False):
        writer.writerow(_written(cell, holds) for cell, holds in zip(row, kinds, strict=True))
    return stream.getvalue()


def _written(cell: object, holds: str) -> str:
    if cell is None or cell != cell:
        return ""
    if holds == "number":
        value = float(str(cell))
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    text = str(cell)
    return f"'{text}" if holds == "text" and text.startswith(FORMULA_STARTS) else text


def _said(notes: Sequence[Note]) -> tuple[str, ...]:
    """Return notes as lines, what is said of several files only once."""
    of: dict[str, list[str]] = {}
    for note in notes:
        of.setdefault(note.what, []).append(note.of)
    lines = []
    for what, places in of.items():
        several = list(dict.fromkeys(places))
        more = f" and {len(several) - 3} more" if len(several) > 3 else ""
        lines.append(f"{', '.join(several[:3])}{more}: {what}".removeprefix(": "))
    return tuple(lines)


def _shortened(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Return mistakes, of a kind in one column only the first, and how many more there are."""
    kinds: dict[tuple[str | None, str, str], list[Mistake]] = {}
    for mistake in mistakes:
        column = mistake.path.split("(", 1)[-1]
        kinds.setdefault((mistake.file, column, mistake.remedy), []).append(mistake)
    shown = []
    for several in kinds.values():
        shown += several[:_LISTED]
        more = several[_LISTED:]
        if more:
            last = more[-1]
            what = f"and {len(more):,} more like this, the last of them: {last.what}"
            shown.append(Mistake(what, last.path, "", last.file, last.line))
    return shown
