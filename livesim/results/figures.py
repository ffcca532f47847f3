"""The figures of a show by their paths, replication by replication.

A path is that of ``livesim run --json``: ``show.profit.p10``, ``products.serum.sold_out``,
``rooms.hall.orders``. ``show.`` and ``products.`` may be left out; without a statistic, a number's
mean is meant. ``sold_out@5min`` and ``unavailable@5min`` are the chances that it came to this
within so long after the first link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from livesim.arrays import Array
from livesim.errors import UsageError, did_you_mean
from livesim.scenario.quantities import DURATION, FIGURE, SHARE, Kind, QuantityError

Unit: TypeAlias = Literal["", "s", "share", "currency"]
"""What a figure is measured in, as far as it matters for reading a number."""

KINDS: Final[Mapping[Unit, Kind]] = {
    "s": DURATION,
    "share": SHARE,
    "currency": FIGURE,
    "": FIGURE,
}
"""How a number of each unit is written."""

_SECTIONS: Final = ("", "show.", "products.")
_PLAN: Final = "plan."
#: What is taken of a figure: its mean, a chance, or a quantile by whole percents.
_STATISTIC: Final = re.compile(r"mean|chance|p[1-9]\d?")
#: What can be asked for by a time, and what says when it came [s after the first link].
_WITHIN: Final = {"sold_out": "since_link", "unavailable": "unavailable_after"}
_UNITS: Final[Mapping[str, Unit]] = {
    **dict.fromkeys(("sold_out_at", "unavailable_at", "since_link", "unavailable_after"), "s"),
    "mean_watch_time": "s",
    **dict.fromkeys(("unavailable_share", "aware", "good"), "share"),
    **dict.fromkeys(("unavailable", "unavailable_now", "sold_out", "sold_out_now"), "share"),
    **dict.fromkeys(("gmv", "nmv", "deposits_kept", "profit", "earns", "earns_now"), "currency"),
    **dict.fromkeys(
        (
            "gain",
            "cost",
            "worst",
            "value_of_perfect_information",
            "reserve_cost",
            "goodwill",
            "ads_wasted",
            "late_cost",
        ),
        "currency",
    ),
}

#: Money that is never lost.
_NEVER_NEGATIVE: Final = ("gmv", "nmv", "deposits_kept", "value_of_perfect_information")


@dataclass(frozen=True)
class Named:
    """A figure that was asked for by its path.

    Parameters
    ----------
    values
        By replication, shape (R,): numbers, or for a chance whether it happened.
    statistic
        What is taken of them: ``mean``, ``chance``, or a number q for that quantile.
    unit
        What it is measured in.
    signed
        Whether it can be below 0, as money can.
    """

    values: Array
    statistic: Literal["mean", "chance"] | float
    unit: Unit
    signed: bool = False

    @property
    def possible(self) -> tuple[float, float]:
        """Between what its mean lies whatever happens."""
        return -inf if self.signed else 0.0, 1.0 if self.unit == "share" else inf


def named(known: Mapping[str, Array], path: str, others: Sequence[str] = ()) -> Named:
    """Return the figure at a path.

    Parameters
    ----------
    known
        Every figure of a show by its whole path, shape (R,).
    path
        As an expectation has it.
    others
        Paths of what else there is, to name it where it is nearest.

    Raises
    ------
    UsageError
        If there is none, with the nearest; or the statistic is none of it.

    Examples
    --------
    >>> known = {"show.profit": np.array([1.0, 3.0]), "show.loss": np.array([False, False])}
    >>> named(known, "profit.p10").statistic, named(known, "show.loss").statistic
    (0.1, 'chance')
    >>> sold_out = {"products.serum.since_link": np.array([200.0, 400.0])}
    >>> [float(named(sold_out, f"{path}@5min").values.mean()) for path in
    ...  ("serum.sold_out", "sold_out.serum")]
    [0.5, 0.5]
    >>> named(known, "profits")
    Traceback (most recent call last):
    livesim.errors.UsageError: there is no figure profits; nearest: profit
    >>> named({"products.serum.lost": np.array([1.0])}, "lost.serum")
    Traceback (most recent call last):
    livesim.errors.UsageError: there is no figure lost.serum; nearest: serum.lost
    """
    whole, _, time = path.partition("@")
    name, _, last = whole.rpartition(".")
    name, statistic = (name, last) if name and _STATISTIC.fullmatch(last) else (whole, "")
    if time:
        values: Array | None = _within(known, name, time)
    else:
        values = _at(known, name)
    if values is None:
        raise UsageError(f"there is no figure {path}; {_nearest(name, [*known, *others])}")
    if values.dtype == bool:
        if statistic not in ("", "chance"):
            raise UsageError(f"{name} is a chance, which has no {statistic}; write {name}")
        return Named(values, "chance", "share")
    last = name.rpartition(".")[2]
    unit = _UNITS.get(last, "")
    if statistic == "chance" and unit != "share":
        raise UsageError(f"{name} is no chance; write {name}, or {name}.p10 for a quantile")
    share = int(statistic[1:]) / 100 if statistic.startswith("p") else None
    signed = unit == "currency" and last not in _NEVER_NEGATIVE
    return Named(values, "mean" if share is None else share, unit, signed)


def _at(known: Mapping[str, Array], name: str) -> Array | None:
    return next((known[above + name] for above in _SECTIONS if above + name in known), None)


def _within(known: Mapping[str, Array], name: str, time: str) -> Array | None:
    """Return whether it came within a time, or None if nothing of the kind is known."""
    product, _, chance = name.rpartition(".")
    if product in _WITHIN:  # it is as clear before its product: sold_out.serum@5min
        product, chance = chance, product
    if chance not in _WITHIN:
        what = f"only {' and '.join(_WITHIN)} are chances within a time, not {name}"
        raise UsageError(f"{what}; leave @{time} out")
    try:
        seconds = DURATION.read(time)
    except QuantityError as error:
        raise UsageError(f"{name}@{time}: {error.what}; {error.remedy}") from None
    came = _at(known, f"{product}.{_WITHIN[chance]}")
    return None if came is None else came <= seconds


def _nearest(name: str, known: Sequence[str]) -> str:
    plan = _PLAN if name.startswith(_PLAN) else ""
    asked = _short(name.removeprefix(plan))
    short = [_short(path.removeprefix(plan)) for path in known if path.startswith(plan)]
    turned = [_turned(asked)] if _turned(asked) in short else []
    above, _, _ = asked.rpartition(".")
    own = [path for path in short if above and path.rpartition(".")[0] == above]
    near = turned or get_close_matches(asked, own or short, n=3)
    if near:
        return f"nearest: {', '.join(f'{plan}{path}' for path in near)}"
    if own:
        return did_you_mean(asked, [f"{plan}{path}" for path in own])
    if plan:
        return "livesim plan --json has all there are, under products, purchase and choices"
    return "livesim run --json has all there are, under show, products, rooms and campaign"


def _turned(name: str) -> str:
    """Return a figure's name behind its product's, where somebody has written it before."""
    figure, _, product = name.partition(".")
    return f"{product}.{figure}" if product else name


def _short(path: str) -> str:
    return path.removeprefix("show.").removeprefix("products.")


def flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Array]]:
    """Yield every figure by its path; what is no array, a product's stock, is no figure."""
    for name, found in tree.items():
        if isinstance(found, Mapping):
            yield from flat(found, f"{above}{name}.")
        elif isinstance(found, np.ndarray):
            yield above + name, found
