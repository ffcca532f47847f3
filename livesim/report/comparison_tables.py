"""A comparison as a page of text: shows side by side, and how far each is from the base.

Below each figure stands what separates the shows, in the same column: the difference from the base
with the half-width of its 95 % interval, or both ends where one is clearly further, or a word.
*same*: equal in every single replication; *n.s.*: not significant at 95 % with so many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import isinf
from operator import attrgetter

from livesim.experiment.comparison import SHOW, WITHIN, Comparison, Row
from livesim.experiment.pairing import Difference
from livesim.report.changes import (
    base_told,
    called,
    has_variants,
    quoted,
    show_names,
)
from livesim.report.language import retold, say, spoken
from livesim.report.naming import called_differently
from livesim.report.naming import product as product_name
from livesim.report.pages import WIDTH, Page, Points, Table
from livesim.report.wording import (
    at_no_cost,
    columns,
    costs_nothing,
    counted,
    duration,
    folded,
    in_one_unit,
    listed,
    not_significant,
    percent,
)

#: So many shows stand beside the base in one table.
_BESIDE = 4
#: So many shows are named before a note that is theirs.
_NAMED = 4
#: Columns that the names of rows may take, and that stand between two columns.
_ROW_NAMES, _BETWEEN = 24, 3
#: So many products have a table of their own: those that differ most.
_SHOWN_PRODUCTS = 6

#: So many shows stand beside the base in the answer, in columns.
_FEW = 2
#: A name of a product of so many columns stands before each of its figures.
_SHORT_NAME = 14
#: Two sides of an interval are told as one where the shorter is at least so much of the longer.
_ALIKE = 0.8
#: What the answer tells of the show, and of a product, where it differs.
_FIRST = (("profit", "sales", "unique_viewers"), ("sales", "unavailable", "since_link"))
#: What else a row of a show tells, where it differs, and how it is headed.
_MOVING = {"sales": "units\nsold", "gmv": "GMV", "unique_viewers": "unique\nviewers"}

_SAME = "same"
_LABELS = {
    "profit": "profit",
    "sales": "units sold",
    "gmv": "value ordered (GMV)",
    "unique_viewers": "unique viewers",
    "demand": "demand",
    "lost": "lost",
    "unavailable": "unavailable at some time",
    "sold_out": "sold out",
    "gone_in_1min": "gone within 1 min",
    "gone_in_5min": "gone within 5 min",
    "gone_in_20min": "gone within 20 min",
    "since_link": "sold out after, P50",
}
#: What is called otherwise in the answer.
_SHORT = {"unavailable": "unavailable", "since_link": "gone after, P50"}


def page(comparison: Comparison) -> Page:
    """Return a comparison as a page of text.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> more = room.with_changes({"products.serum.owned": 80})
    >>> found = livesim.compare({"50": room, "80": more}, replications=100, workers=1)
    >>> [table.header for table in page(found).tables]
    [('the show', '50', '80'), ('the show', '50', '80'), ('serum', '50', '80')]
    """
    shown, left_out = _products(comparison)
    return Page(
        title=_title(comparison),
        answer=(
            *_currencies(comparison),
            *_earns(comparison),
            _moves(comparison, shown),
            *costs_nothing(comparison.scenarios.values()),
        ),
        details=(
            *_tables(comparison, SHOW),
            *(table for product in shown for table in _tables(comparison, product)),
            *left_out,
            _how_to_read(comparison),
            *_called_differently(comparison),
            _simulation(comparison),
            Points(notes_told(comparison)),
        ),
    )


def _title(comparison: Comparison) -> str:
    names = comparison.names[1:]
    if has_variants(comparison):
        several = show_names(names) if len(names) <= _FEW else counted(len(names), "variant")
        title = comparison.scenarios[comparison.base].title
        return say("{title}: as it is, compared with {names}", title=title, names=several)
    told = say(
        "{base} compared with {names}", base=quoted(comparison.base), names=show_names(names)
    )
    title, *others = {scenario.title for scenario in comparison.scenarios.values()}
    return told if others else say("{what}: {value}", what=title, value=told)


def _called_differently(comparison: Comparison) -> Iterator[str]:
    """Say what is called by its key, as the shows have different labels for it."""
    paths = called_differently(comparison.scenarios.values())
    if paths:
        keys = listed([path.rpartition(".")[2] for path in paths])
        yield say("The shows have different labels for {keys}: these keys stand here.", keys=keys)


def _earns(comparison: Comparison) -> Iterator[str]:
    """Say by how much the profits differ, where the shows are few."""
    row, base = comparison.row("profit"), comparison.base
    currency = comparison.scenarios[base].show.currency
    found = {name: one for name, one in row.differences.items() if name != base}
    if not 0 < len(found) <= _FEW:
        return
    told = []
    for name, one in found.items():
        both = {"name": quoted(name), "base": base_told(comparison)}
        if one.same:
            told.append(say("{name} earns the same as {base} in every replication.", **both))
        elif one.significant:
            write = in_one_unit([one.value])
            more = f"{currency} {_apart(one, write).lstrip('+-')}"
            way = say("more") if one.value > 0 else say("less")
            told.append(
                say(
                    "{name} earns {more} {more_2} than {base}{stock}.",
                    **both,
                    more=more,
                    more_2=way,
                    stock=at_no_cost([comparison.scenarios[show] for show in (name, base)]),
                )
            )
        else:
            told.append(say("{name} and {base}: no significant difference in profit.", **both))
    yield say(" ").join(told)


def _moves(comparison: Comparison, products: Sequence[str]) -> Table:
    """Return what differs: figures a row beside each other, or of many shows each in a row."""
    names, currency = comparison.names, _currency(comparison)
    if len(names) > _FEW + 1:
        shows = ((name, (called(comparison, name),)) for name in names)
        table = shows_table(comparison, ("show",), shows)
        notes = [say("difference: from {base}", base=base_told(comparison))]
        if any(not_significant() in row for row in table.rows):
            notes.append(not_significant_told())
        if currency:
            notes.insert(0, say("profit in {currency}", currency=currency))
        return replace(table, note=say("; ").join(notes))
    moving = [
        row
        for row in comparison.rows
        if row.measure.name in _FIRST[bool(row.product)]
        and (row.measure.name == "profit" or any(d.significant for d in row.differences.values()))
        and row.product in (SHOW, *products[:1])
    ]
    of_products = [(row.measure, row.values) for row in moving if row.product]
    moving = [row for row in moving if row.product or (row.measure, row.values) not in of_products]
    least = (WIDTH - 2 * _ROW_NAMES) // len(names)
    rows = [(label, *_beside(row, names)) for label, row in _named_rows(moving, currency)]
    widths = [max(least, *map(columns, cells)) for cells in zip(*rows, strict=True)][1:]
    notes = [say("in brackets: the difference from {base} (95 %)", base=base_told(comparison))]
    cells = " ".join(cell for row in rows for cell in row)
    if say(" pp") in cells:
        notes.append(say("pp: percentage points"))
    if not_significant() in cells:
        notes.append(not_significant_told())
    return Table(
        (
            say("the show"),
            *(_heading(comparison, *one) for one in zip(names, widths, strict=True)),
        ),
        tuple(rows),
        say("; ").join(notes),
    )


def _heading(comparison: Comparison, name: str, width: int) -> str:
    """Return what stands above the column of a show, in lines of a width."""
    return folded(called(comparison, name), width)


def _named_rows(rows: Sequence[Row], currency: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows that say something, each behind its name, a product's long one once."""
    said = ""
    for row in _told(rows):
        label = _labelled(_SHORT.get(row.measure.name, _LABELS[row.measure.name]), row, currency)
        name = product_name(row.product)
        again = row.product == said and columns(name) > _SHORT_NAME
        said = row.product
        if not row.product:
            yield label, row
        elif again:
            yield f"  {label}", row
        else:
            yield say("{name}: {label}", name=name, label=label), row


def _beside(row: Row, names: Sequence[str]) -> Iterator[str]:
    """Yield a figure of each show, and how far it is from the base's."""
    write, write_difference = _writers(row)
    for name in names:
        value, found = row.values.get(name), row.differences.get(name)
        apart = f" ({_apart(found, write_difference)})" if found and not found.same else ""
        yield f"{_value(value, write)}{apart}"


def _apart(found: Difference, write: Callable[[float], str]) -> str:
    """Return a difference with its error, its interval where that is skewed, or a word."""
    told, error = _difference(found, write), _half_width(found, write)
    none = error.startswith("<") or not error.strip("0. ")
    if not found.significant or found.half_width is None or none:
        return told
    if _is_skewed(found):
        low, high = (_signed(end, write) for end in (found.low, found.high))
        return say("{low} to {high}", low=low.removesuffix(say(" pp")), high=high)
    return f"{told.removesuffix(say(' pp'))} ± {error}"


def _is_skewed(found: Difference) -> bool:
    """Say whether an interval reaches clearly further on one side, so that ± would mislead."""
    if found.half_width is None:
        return False
    shorter = min(found.value - found.low, found.high - found.value)
    hides = found.significant and abs(found.value) <= found.half_width
    return hides or shorter < _ALIKE * found.half_width


def not_significant_told() -> str:
    """Say what stands in the place of a difference that is not significant."""
    return say("{not_significant}: not significant at 95 %", not_significant=not_significant())


def shows_table(
    comparison: Comparison,
    header: tuple[str, ...],
    rows: Iterable[tuple[str, tuple[str, ...]]],
) -> Table:
    """Return a table of shows, a row each: profit, its difference from the base, and what moves.

    Parameters
    ----------
    comparison : Comparison
        The comparison.
    header : tuple of str
        Names of the columns before the figures.
    rows : iterable
        Names of shows, and what stands before their figures.
    """
    profit, labels = comparison.row("profit"), dict(rows)
    moving = {
        heading: texts
        for name, heading in _MOVING.items()
        for values in [comparison.row(name).values]
        for write in [in_one_unit(values.values())]
        for texts in [{show: write(values[show]) for show in labels}]
        if len({*texts.values()}) > 1
    }
    differences = profit.differences.values()
    write = in_one_unit(profit.values.values())
    apart = in_one_unit([*_surely(differences)] or (one.half_width for one in differences))
    return Table(
        (*header, "profit", "difference", "±\n(95 %)", *moving),
        tuple(
            (
                *before,
                write(profit.values[show]),
                *_from_base(profit.differences.get(show), apart),
                *(texts[show] for texts in moving.values()),
            )
            for show, before in labels.items()
        ),
    )


def _from_base(found: Difference | None, write: Callable[[float], str]) -> tuple[str, str]:
    return _difference(found, write), _half_width(found, write)


def _surely(differences: Iterable[Difference]) -> Iterator[float]:
    """Yield the differences that are written, as they are significant."""
    yield from (one.value for one in differences if one.significant)


def notes_told(comparison: Comparison) -> tuple[str, ...]:
    """Return what was assumed: once where it holds for all, else with whom it concerns.

    Parameters
    ----------
    comparison : Comparison
        The comparison.

    Returns
    -------
    tuple of str
    """
    notes = dict.fromkeys(note for of_show in comparison.notes.values() for note in of_show)
    texts = []
    for note in notes:
        whose = [name for name, of_show in comparison.notes.items() if note in of_show]
        number, of = len(whose), len(comparison.names)
        names = say("{number} of {number_2} shows", number=number, number_2=of)
        names = show_names(whose) if number <= _NAMED else names
        texts.append(
            note if number == of else say("{names}: {note}", names=names, note=retold(note))
        )
    return tuple(texts)


def _products(comparison: Comparison) -> tuple[list[str], list[str]]:
    """Return the products that get a table, and sentences about the others."""
    rows: dict[str, list[Row]] = {}
    for row in comparison.rows:
        if row.product:
            rows.setdefault(row.product, []).append(row)
    differences = {
        product: [found for row in of_product for found in row.differences.values()]
        for product, of_product in rows.items()
    }
    everywhere = {
        product: differences[product]
        for product, of_product in rows.items()
        if len(of_product[0].values) == len(comparison.names)
    }
    same = [product for product, found in everywhere.items() if all(d.same for d in found)]
    unclear = [
        product
        for product, found in everywhere.items()
        if product not in same and not any(d.significant for d in found)
    ]
    apart = [product for product in rows if product not in (*same, *unclear)]
    by_size = sorted(apart, key=lambda product: -_size(comparison.row("sales", product)))
    shown = [product for product in apart if product in by_size[:_SHOWN_PRODUCTS]]
    sentences = []
    if same:
        sentences.append(say("The same in every replication: {same}.", same=_named(same)))
    if unclear:
        sentences.append(
            say("No significant difference in anything: {unclear}.", unclear=_named(unclear))
        )
    if len(apart) > len(shown):
        sentences.append(
            say(
                "Shown are the {number} products whose sales differ most; the "
                "JSON document has {number_2} more.",
                number=len(shown),
                number_2=len(apart) - len(shown),
            )
        )
    return shown, sentences


def _named(products: Sequence[str]) -> str:
    more, names = (
        len(products) - _SHOWN_PRODUCTS,
        listed(map(product_name, products[:_SHOWN_PRODUCTS])),
    )
    return names if more <= 0 else say("{names}, {more} more", names=names, more=more)


def _size(row: Row) -> float:
    """Return how far the shows' values are apart."""
    return max(row.values.values()) - min(row.values.values())


def _tables(comparison: Comparison, product: str) -> Iterator[Table]:
    """Yield the base beside up to four shows at a time."""
    others = comparison.names[1:]
    for start in range(0, len(others), _BESIDE):
        names = (comparison.base, *others[start : start + _BESIDE])
        width = (WIDTH - _ROW_NAMES) // len(names) - _BETWEEN
        rows = [row for row in comparison.rows if row.product == product]
        currency = _currency(comparison)
        yield Table(
            header=(
                folded(product_name(product), _ROW_NAMES) if product else say("the show"),
                *(_heading(comparison, name, width) for name in names),
            ),
            rows=tuple(line for row in _told(rows) for line in _lines(row, names, currency)),
        )


def _currency(comparison: Comparison) -> str:
    """Return what money is in; empty where each show has its own."""
    currency, *others = {scenario.show.currency for scenario in comparison.scenarios.values()}
    return "" if others else currency


def _labelled(label: str, row: Row, currency: str) -> str:
    """Return what a row is called, with the currency where it is of money."""
    if row.measure.unit != "currency" or not currency:
        return say(label)
    return say("{what}, {currency}", what=say(label), currency=currency)


def _told(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows that say something: not what never is, nor a chance that was said before."""
    chances = {row.measure.name: row.values for row in rows}
    said_before = {"sold_out": "unavailable", **dict.fromkeys(WITHIN, "sold_out")}
    for row in rows:
        again = row.values == chances.get(said_before.get(row.measure.name, ""))
        never = row.measure.name in WITHIN and not any(row.values.values())
        if not (again or never or all(map(isinf, row.values.values()))):
            yield row


def _lines(row: Row, names: Sequence[str], currency: str) -> Iterator[tuple[str, ...]]:
    """Yield a figure's values, their differences from the base, and the half-widths."""
    write, write_difference = _writers(row)
    values = [row.values.get(name) for name in names]
    differences = [
        None if value is not None and isinf(value) and value == values[0] else found
        for value, found in zip(values, map(row.differences.get, names), strict=True)
    ]
    yield (
        _labelled(_LABELS[row.measure.name], row, currency),
        *(_value(value, write) for value in values),
    )
    if any(differences):
        yield ("  difference", *(_difference(found, write_difference) for found in differences))
    unlike = [found for found in differences if found and not found.same]
    if any(map(_is_skewed, unlike)):
        for name, end in (("  95 % from", attrgetter("low")), ("  95 % to", attrgetter("high"))):
            yield (name, *(_end(found, end, write_difference) for found in differences))
    elif unlike:
        yield ("  95 % within ±", *(_half_width(found, write_difference) for found in differences))


def _value(value: float | None, write: Callable[[float], str]) -> str:
    if value is None:
        return ""
    return say("never") if isinf(value) else write(value)


def _difference(found: Difference | None, write: Callable[[float], str]) -> str:
    if found is None:
        return ""
    if found.same:
        return _SAME
    if not found.significant:
        return not_significant()
    if isinf(found.value):
        return say("later") if found.value > 0 else say("sooner")
    return _signed(found.value, write)


def _signed(value: float, write: Callable[[float], str]) -> str:
    return f"{'-' if value < 0 else '+'}{write(abs(value))}"


def _end(
    found: Difference | None,
    end: Callable[[Difference], float],
    write: Callable[[float], str],
) -> str:
    if found is None or found.same:
        return ""
    return say("no bound") if isinf(end(found)) else _signed(end(found), write)


def _half_width(found: Difference | None, write: Callable[[float], str]) -> str:
    if found is None or found.same:
        return ""
    return say("no bound") if found.half_width is None else write(found.half_width)


def _percent(share: float) -> str:
    return percent(share, decimals=1)


def _points(share: float) -> str:
    return spoken().number(f"{100 * share:.1f}") + say(" pp")


def _writers(row: Row) -> tuple[Callable[[float], str], Callable[[float], str]]:
    """Return what writes the figures of a row, and their differences."""
    match row.measure.unit:
        case "1":
            return _percent, _points
        case "s":
            return duration, duration
    write = in_one_unit([*row.values.values(), *_surely(row.differences.values())])
    return write, write


def _currencies(comparison: Comparison) -> list[str]:
    by_currency: dict[str, list[str]] = {}
    for name, scenario in comparison.scenarios.items():
        by_currency.setdefault(scenario.show.currency, []).append(name)
    if len(by_currency) == 1:
        return []
    whose = [f"{currency}: {show_names(names)}" for currency, names in by_currency.items()]
    return [
        say(
            "Money is in each show's own currency ({whose}), and there is no difference between "
            "currencies: compare units, chances and times.",
            whose=say("; ").join(whose),
        )
    ]


def _how_to_read(comparison: Comparison) -> str:
    found = [found for row in comparison.rows for found in row.differences.values()]
    words = [
        say("Differences are from {base}; pp are percentage points.", base=base_told(comparison))
    ]
    if any(not one.significant and not one.same for one in found):
        words.append(
            say(
                "{not_significant}: not significant at 95 % with {replications:,} replications.",
                not_significant=not_significant(),
                replications=comparison.replications,
            )
        )
    if any(one.same for one in found):
        words.append(say("{same}: equal in every replication.", same=say(_SAME)))
    return say(" ").join([*words, _missing(comparison.intervals)])


def _missing(intervals: int) -> str:
    if intervals == 0:
        return say("No difference has any error.")
    if intervals == 1:
        return say("The one interval misses 1 time in 20.")
    missing = round(intervals / 20)
    return say(
        "Each of the {intervals:,} intervals is a 95 % interval of its "
        "own: expect about 1 in 20 to miss{more}.",
        intervals=intervals,
        more=say(", here {missing} or so", missing=missing) if missing else "",
    )


def _simulation(comparison: Comparison) -> str:
    basis = say(
        "{replications:,} replications of each show, seed {seed}",
        replications=comparison.replications,
        seed=comparison.seed,
    )
    common = in_common(comparison)
    factors = [
        found.narrowing
        for found in comparison.row("profit").differences.values()
        if found.narrowing is not None
    ]
    if not factors:
        return say("Simulation: {basis}, {common}.", basis=basis, common=common)
    low, high = (f"{factor:.2g}" for factor in (min(factors), max(factors)))
    if low == high == "1":
        return say(
            "Simulation: {basis}, {common}. Independent "
            "random numbers would make the interval of the profit difference "
            "no wider.",
            basis=basis,
            common=common,
        )
    times = low if low == high else say("{low} to {high}", low=low, high=high)
    return say(
        "Simulation: {basis}, {common}. Independent "
        "random numbers would make the interval of the profit difference "
        "{times} times as wide.",
        basis=basis,
        common=common,
        times=times,
    )


def in_common(comparison: Comparison) -> str:
    """Say which random numbers the shows have in common."""
    slots = (slot for show in comparison.scenarios.values() for slot in show.rundown.values())
    if any(slot.at_sell_out == "next" for slot in slots):
        return say(
            "with the same draws of what is uncertain; where units or viewers differ, chance is "
            "each show's own, as slots go on at sell-out"
        )
    return say("with common random numbers")
