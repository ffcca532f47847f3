"""Which past shows a show can learn from: those before it, with prices in its own currency."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from livesim.history import History
from livesim.history.quantities import currency_called
from livesim.resolve.words import counted, listed
from livesim.scenario.checks import Finding
from livesim.scenario.fields import read_moment
from livesim.scenario.including import HISTORY
from livesim.scenario.paths import mapping_at, said_at

#: So many shows are named, and then how many more there are.
_NAMED: Final = 3


def findings_of(written: Mapping[str, Any], history: History) -> Iterator[Finding]:
    """Yield why nothing can be learned: prices in another currency, or no show before this one.

    Parameters
    ----------
    written
        What the file says.
    history
        Past shows.
    """
    own = said_at(written, "show", "currency")
    rows = history.shows[history.shows["price"] > 0]
    currencies = rows["currency"].dropna().map(lambda text: currency_called(str(text)))
    others = currencies[(currencies != "") & (currencies != own)]
    if isinstance(own, str) and len(others):
        shows = _some([*dict.fromkeys(rows.loc[others.index, "show"])])
        yield Finding(
            (HISTORY,),
            f"past prices are in {listed(sorted({*others}))} ({shows}), and this show's in {own}",
            "prices of past shows are held against this show's: write them in its currency, with "
            f"{own} in the column currency, or leave the column price out",
        )
    if len(history.shows) and _later(written, history).all():
        yield Finding(
            ("show", "start"),
            "no past show was before this show",
            "correct the date of this show, or those in the history",
        )


def misnamed(
    written: Mapping[str, Any], history: History, found: Collection[Finding]
) -> Iterator[Finding]:
    """Yield what past shows call their products, where a product lacks orders and is none of them.

    Parameters
    ----------
    written, history
        What the file says, and past shows.
    found
        What else is wrong in the file.
    """
    own = mapping_at(written, "products")
    others = sorted({*map(str, history.shows["product"].dropna())} - {*map(str, own)})
    sold = {*history.shows["product"]}
    lacking = {path[1] for path in (one.path for one in found) if path[:1] == ("products",)}
    if others and {*lacking} - sold:
        yield Finding(
            (HISTORY,),
            f"past shows name {_some(others)}, which no product of this show is called",
            "call them alike, or write as a product's label what past shows call it",
        )


def before_it(written: Mapping[str, Any], history: History) -> History:
    """Return the past shows without those that begin when this show does, or after it.

    Parameters
    ----------
    written
        What the file says; without a date all shows are past ones.
    history
        Past shows.
    """
    later = _later(written, history)
    if not later.any():
        return history
    names = [*dict.fromkeys(history.shows.loc[later, "show"])]
    note = (
        f"left out {counted(len(names), 'show')} of the history, which did not begin before this "
        f"show ({_some(names)}): are the dates right?"
    )
    return replace(history, shows=history.shows[~later], notes=(*history.notes, note))


def _later(written: Mapping[str, Any], history: History) -> Any:
    """Say of each row whether its show begins when this one does, or after it."""
    try:
        start = read_moment(said_at(written, "show", "start"))
    except ValueError:  # none, or none that can be read: that is told elsewhere
        return history.shows["start"].notna() & False
    return history.shows["start"] >= start.replace(tzinfo=None)


def _some(names: list[Any]) -> str:
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    return listed([*map(str, names[:_NAMED]), *more])
