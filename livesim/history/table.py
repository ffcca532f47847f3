"""The tidy table of past shows: its columns, what each of them counts, and its frame.

A row is a show and product; a row without a product is a whole show's. What is not known is
missing (NaN, NaT), and never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame

Held = Literal["text", "number", "moment"]


@dataclass(frozen=True)
class Column:
    """A column of a tidy table.

    Parameters
    ----------
    name
        Its name.
    unit
        Its unit; empty for a text and a moment.
    means
        What it says, with what it counts.
    holds
        A text, a number or a moment.
    of_show
        True where it belongs to the show, and so is the same in all rows of one.
    """

    name: str
    unit: str
    means: str
    holds: Held = "number"
    of_show: bool = False


SHOWS: tuple[Column, ...] = (
    Column("show", "", "name of the show, another one for each", "text", of_show=True),
    Column("start", "", "when it went on the air, on the clock of its place", "moment", True),
    Column("length", "s", "from its start to its end", of_show=True),
    Column("host", "", "who presented it", "text", of_show=True),
    Column("guests", "", "who else did, parted by commas", "text", of_show=True),
    Column("viewers", "1", "different people who watched", of_show=True),
    Column("views", "1", "how often somebody came to watch", of_show=True),
    Column("watch_time", "s", "what all of them watched together", of_show=True),
    Column("peak", "1", "most people at one moment", of_show=True),
    Column("product", "", "what was sold; missing in a row for the whole show", "text"),
    Column("variant", "", "which variant of the product", "text"),
    Column("price", "currency", "of a unit"),
    Column("units", "1", "units in paid orders, those sent back included"),
    Column("orders", "1", "paid orders"),
    Column("stock", "1", "units that could be sold in the show"),
    Column("sold_out_at", "s", "when none was left, from the start of the show"),
    Column("refunded", "1", "units of the paid orders that were sent back or cancelled"),
    Column("forecast", "1", "units that the planner expected to be wanted"),
    Column("revenue", "currency", "value of the paid orders"),
    Column("currency", "", "of price and revenue, as three letters", "text"),
    Column("placed", "1", "orders placed, unpaid ones included"),
    Column("clicks", "1", "clicks on the product, or on any product"),
    Column("slot_at", "s", "when the product first went on, from the start of the show"),
    Column("slot_time", "s", "how long it was on, in all its slots"),
)
"""The columns of the shows, in their order."""

MINUTES: tuple[Column, ...] = (
    Column("show", "", "name of the show, as in the table of shows", "text"),
    Column("at", "s", "where the minute begins, from the start of the show"),
    Column("product", "", "what was sold; missing in a row for the whole show", "text"),
    Column("came", "1", "people who came in the minute"),
    Column("left", "1", "people who left in it"),
    Column("concurrent", "1", "people who watched in it"),
    Column("views", "1", "how often somebody came to watch in it"),
    Column("units", "1", "units in the orders of the minute"),
    Column("orders", "1", "orders of the minute"),
    Column("revenue", "currency", "value of these orders"),
    Column("clicks", "1", "clicks on products in it"),
)
"""The columns of the minutes, in their order."""


def names(columns: Sequence[Column]) -> list[str]:
    """Return the names of columns.

    Examples
    --------
    >>> names(SHOWS)[:4]
    ['show', 'start', 'length', 'host']
    """
    return [column.name for column in columns]


def tidy(rows: Iterable[Mapping[str, Any]] | DataFrame, columns: Sequence[Column]) -> DataFrame:
    """Return rows as a frame that has exactly these columns, each with its type.

    Parameters
    ----------
    rows
        Rows by name of column; what is left out of one is missing.
    columns
        `SHOWS` or `MINUTES`.

    Returns
    -------
    DataFrame
        Numbers as float64 (missing: NaN), moments as datetime64 without a time zone (missing: NaT),
        texts as they are (missing: NaN).

    Raises
    ------
    KeyError
        If a row has what is none of the columns.

    Examples
    --------
    >>> tidy([{"show": "gala", "units": 80}], SHOWS)[["show", "views", "units"]]
       show  views  units
    0  gala    NaN   80.0
    """
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame([dict(row) for row in rows])
    unknown = [str(name) for name in frame.columns if name not in names(columns)]
    if unknown:
        raise KeyError(f"not a column of the table: {', '.join(unknown)}")
    frame = frame.reindex(columns=names(columns))
    types: dict[str, Any] = {"text": "object", "number": "float64", "moment": "datetime64[us]"}
    for column in columns:
        frame[column.name] = frame[column.name].astype(types[column.holds])
    return frame.reset_index(drop=True)
