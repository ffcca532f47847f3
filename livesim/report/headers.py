"""What stands above the columns of a workbook: the columns of tidy tables in words, with units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from livesim.report.changes import show_name
from livesim.report.labels import group_label, key_label, label
from livesim.report.language import heading, known, parts_of, retold, say
from livesim.report.naming import columns as named
from livesim.report.naming import item as called
from livesim.scenario.currencies import decimals
from livesim.scenario.scenario import Scenario

#: What the names of quantities, which are paths, begin with.
_SECTIONS: Final = ("show.", "people.", "segments.", "products.", "campaign.", "checkout.", "deal.")
#: What is taken of a figure, as its column says it and as people do.
_STATISTICS: Final = {
    "chance": "",
    "mean": "mean",
    "low": "from (95 %)",
    "high": "to (95 %)",
    "lowest": "lowest",
    "highest": "highest",
    **{f"p{share}": f"P{share}" for share in (10, 50, 90)},
}
_STATISTIC: Final = re.compile(rf"(?:(.+)[._])?({'|'.join(_STATISTICS)})")
#: Shares of a variance, as an explanation has them, and as its page calls them.
_OF_VARIANCE: Final = {
    **dict.fromkeys(("first", "first_value"), "alone"),
    **dict.fromkeys(("total", "total_value"), "with others"),
}
#: Figures by their unit: money, shares of shows, other shares, units, seconds.
_MONEY: Final = (
    *(
        "profit",
        "earns",
        "gain",
        "cost",
        "worst",
        "gmv",
        "nmv",
        "deposits_kept",
        "campaign_cost",
        "net",
    ),
    *("guest_fee", "slot_fee", "slot_fee_refund", "cost_of_goods", "commission", "platform_fee"),
    *("shipping", "return_freight", "goodwill", "left_over_value", "paid_value", "worth", "missed"),
    "value_of_information",
)
_CHANCES: Final = (
    *("unavailable", "sold_out", "loss", "gone", "too_late"),
    *(f"gone_in_{minutes}min" for minutes in (1, 5, 20)),
)
_SHARES: Final = ("on_sale", "share", "picked", *_OF_VARIANCE)
_COUNTS: Final = (
    *("owned", "recommended", "purchase", "good_range", "simulation_interval", "units", "demand"),
    *("left_over", "lost", "sales", "bought", "put_on_sale", "returned", "on_hand"),
    *("potential_demand", "to_come", "missing", "sold"),
)
_TIMES: Final = (
    *("sold_out_at", "unavailable_at", "link_at", "since_link", "sold_out_after", "peak_at"),
    *("unavailable_after", "mean_watch_time", "start", "length", "time", "gone_at", "at"),
)
#: Ways to sell, and parts of what varies, as tables have them.
_KINDS: Final = {
    **{"at_once": "all at once", "as_in_file": "waves as in the file", "split": "two waves"},
    **{"benchmark_rule": "60/30/10 %", "no_reserve": "no reserve"},
    **{"reserve_below": "a reserve below so many", "reserve_when": "a reserve by what is sold"},
    **{"no_backorder": "no orders beyond the stock", "backorder": "orders beyond the stock"},
    "together": "two of them together",
}
IN_PERCENT: Final = "0.0 %"
"""How Excel is to show a share."""
_SOON: Final = re.compile(r"gone_in_(\d+)min")
#: Columns that only programs read: a table's own changes of a scenario, intervals of percentiles.
_FOR_PROGRAMS: Final = re.compile(r"changes\..*|.*\.p\d+_interval")
_MEAN_INTERVAL: Final = re.compile(r"(.*)\.mean_interval")


@dataclass(frozen=True)
class Column:
    """A column of a workbook.

    Parameters
    ----------
    name
        In words, with its unit in brackets.
    values
        Its cells.
    form
        How Excel is to show its numbers; as each one is where empty.
    """

    name: str
    values: Sequence[Any]
    form: str = ""


def columns(table: Any, scenarios: Mapping[str, Scenario]) -> list[Column]:
    """Return the columns of a tidy table (pandas) as people read them.

    Parameters
    ----------
    table
        The table.
    scenarios
        The shows that it is of, by name.
    """
    shows = [*scenarios.values()]
    currency = shows[0].show.currency if shows else ""
    items = [*_items(shows)]
    told = named(table)
    cells = {**_CELLS, "unit": lambda unit: currency if unit == "currency" else _in_words(unit)}
    return [
        _column(name, [*map(cells.get(name, _as_it_is), values)], items, currency)
        for column in table.columns
        for name, values in _for_people(str(column), told[column])
    ]


def _for_people(name: str, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield a column as it is, the two ends of a mean's interval each, and none for programs."""
    if interval := _MEAN_INTERVAL.fullmatch(name):
        for place, end in enumerate(("low", "high")):
            yield (
                f"{interval[1]}.{end}",
                [one[place] if isinstance(one, list | tuple) else None for one in values],
            )
    elif _FOR_PROGRAMS.fullmatch(name):
        return
    elif _are_ranges(values):
        for place, end in enumerate(("lowest", "highest")):
            yield f"{name}.{end}", [one and one[place] for one in values]
    else:
        yield name, values


def _are_ranges(values: Sequence[Any]) -> bool:
    """Say whether a column has two numbers in each of its cells, or nothing."""
    cells = [one for one in values if one is not None]
    return bool(cells) and all(isinstance(one, list | tuple) and len(one) == 2 for one in cells)


def _items(shows: Sequence[Scenario]) -> Iterator[str]:
    """Yield the keys of all items, those of variants before their products'."""
    for show in shows:
        for name, product in show.products.items():
            yield from (f"{name}.{variant}" for variant in product.variants or ())
            yield name


def _column(name: str, values: Sequence[Any], items: Sequence[str], currency: str) -> Column:
    if name.startswith(_SECTIONS):
        return Column(label(name) if label(name) != name else key_label(name), values)
    item = next((one for one in items if f".{one}." in f".{name}."), "")
    own = f".{name}.".replace(f".{item}.", ".", 1).strip(".") if item else name
    statistic = _STATISTIC.fullmatch(own)
    figure, taken = (statistic[1] or "", statistic[2]) if statistic else (own, "")
    if item and not figure:  # of an item, if a quantity is low or high
        words, figure = [say(f"if {taken}"), called(item)], "units"
    else:
        of = say(_STATISTICS[taken]) if taken and _STATISTICS[taken] else ""
        words = [*filter(None, (called(item) if item else "", *_words(figure), of))]
        words = words or [*_words(own)]
    told = " · ".join(words)
    root = figure.split(".")[0].removesuffix("_now")
    found = _unit(root, currency)
    if found == words[-1] or all(isinstance(one, bool | np.bool_) for one in values):
        return Column(told, values)  # whether it is so, or how many units
    form = IN_PERCENT if root in (*_CHANCES, *_SHARES) else _of_money(root, currency)
    return Column(f"{told} [{found}]" if found else told, values, form)


def _of_money(figure: str, currency: str) -> str:
    """Return how Excel is to show an amount of money; empty of another figure."""
    places = decimals(currency) if figure in _MONEY else None
    return "" if places is None else f"#,##0.{'0' * places}".rstrip(".")


def _words(figure: str) -> Iterator[str]:
    yield from map(_word, parts_of(figure) if figure else ())


def _word(key: str) -> str:
    """Return what a part of a column's name, or a measure, is called."""
    told = heading(key)
    if key in _OF_VARIANCE:
        return say(_OF_VARIANCE[key])
    if soon := _SOON.fullmatch(key):
        return known(" ".join(("gone within", soon[1], "min")))
    return key.replace("_", " ") if told == key else told


def _unit(figure: str, currency: str) -> str:
    if figure in _MONEY:
        return currency
    if figure in _CHANCES:
        return say("% of shows")
    if figure in _COUNTS:
        return say("units")
    return "%" if figure in _SHARES else say("s") if figure in _TIMES else ""


def _as_it_is(cell: Any) -> Any:
    return cell


def _in_words(cell: Any) -> Any:
    return retold(_KINDS.get(cell, cell)) if isinstance(cell, str) else cell


#: Columns whose cells are keys or sentences → how they are read.
_CELLS: Final[Mapping[str, Any]] = {
    "path": label,
    "name": group_label,
    "measure": _word,
    "scenario": show_name,
    **dict.fromkeys(("kind", "choice", "note", "part", "unit", "factor", "what"), _in_words),
}
