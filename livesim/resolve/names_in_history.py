"""What past shows and a file call the same things, and what a file leaves to past shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from livesim.history import History
from livesim.resolve.demand import KEYS, WHOLE
from livesim.resolve.words import listed


def named_as(written: Mapping[str, Any], history: History) -> History:
    """Return past shows with products named as a file names them.

    ``Lip tint`` is ``lip_tint``: capitals, spaces and hyphens make no other product, and a label is
    a name, too.

    Parameters
    ----------
    written
        What the file says.
    history
        Past shows.
    """
    products = written.get("products")
    if not isinstance(products, Mapping):
        return history
    meant: dict[str, set[str]] = {}
    for name, product in products.items():
        label = product.get("label") if isinstance(product, Mapping) else None
        for word in (name, *([label] if isinstance(label, str) else [])):
            meant.setdefault(plain_name(word), set()).add(name)
    told = [str(name) for name in history.shows["product"].dropna().unique()]
    others = {name: meant.get(plain_name(name), set()) for name in told if name not in products}
    named = {other: one for other, (one, *more) in _some(others) if not more}
    if not named:
        return history
    shows = history.shows.assign(product=history.shows["product"].replace(named))
    minutes = history.minutes
    if minutes is not None:
        minutes = minutes.assign(product=minutes["product"].replace(named))
    says = listed([f"{other} is {one}" for other, one in named.items()])
    notes = (*history.notes, f"of products {says}")
    return replace(history, shows=shows, minutes=minutes, notes=notes)


def _some(others: Mapping[str, set[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield those that may be some product, with which."""
    yield from ((other, sorted(names)) for other, names in others.items() if names)


def plain_name(name: object) -> str:
    """Return a name without what makes no other one.

    Examples
    --------
    >>> plain_name(" Lip-Tint")
    'lip_tint'
    """
    return re.sub(r"[\s_-]+", "_", str(name).strip().casefold())


def with_told(
    written: Mapping[str, Any], history: History
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what a file says, with past shows' medians where it says nothing; and where it does.

    Of viewers, and of orders per 1,000 of them by product, if nothing of the kind is written. What
    follows hardly depends on them: they are where the planner's own view would stand.

    Parameters
    ----------
    written
        What the file says.
    history
        Past shows.
    """
    rows = history.shows.assign(viewers=history.shows["viewers"].fillna(history.shows["views"]))
    rows = rows[rows["viewers"] > 0]
    told, untold = dict(written), set()
    if len(rows) and "segments" not in told and not {"viewers", "concurrent"} & told.keys():
        told["viewers"] = round(float(rows.groupby("show")["viewers"].first().median()))
        untold.add("viewers")
    products = told.get("products")
    if not isinstance(products, Mapping) or any(key in told for key in WHOLE):
        return told, frozenset(untold)
    sold = rows[rows["units"] > 0]
    sold = sold.assign(per_1000=1_000 * sold["units"] / sold["viewers"])
    usual = sold.groupby("product")["per_1000"].median()
    new = {
        name: {**product, "orders_per_1000": float(f"{usual[name]:.3g}")}
        for name, product in products.items()
        if isinstance(product, Mapping) and name in usual.index and not KEYS & product.keys()
    }
    told["products"] = {**products, **new}
    return told, frozenset(untold | new.keys())
