"""What told past shows apart: who presented them, who came, on which day they were, the prices.

How much each moves viewers and orders is uncertain before, and learned with all else: where all
shows had it, or none, it stays as uncertain as it was, and so does the level. A price moves its own
product's orders, by an elasticity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.history.priors import VIEWS, WEEKEND_A_VIEW
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Quantity, likely

Side = Literal["turnout", "appeal"]

#: An effect is learned if so many shows have it, and as many have not.
_EACH_WAY: Final = 3
#: Standard deviations of logarithms. Hosts': by host, units a view differ so (827 shows of 12 hosts
#: of one platform, summer 2021), for viewers an assumption. Weekends': the priors', over these
#: hosts. Guests' of whom nothing is told: assumptions, as wide as what templates say of guests.
_HOSTS: Final[dict[Side, float]] = {"turnout": 0.8, "appeal": 0.8}
_WEEKENDS: Final[dict[Side, float]] = {"turnout": VIEWS.weekend, "appeal": WEEKEND_A_VIEW}
_GUESTS: Final[dict[Side, float]] = {"turnout": 0.7, "appeal": 0.3}
#: Standard deviation of an elasticity that nobody told, and by how much prices must differ [log]:
#: assumptions.
_ELASTICITY: Final = 1.5
_APART: Final = 0.05
NORMAL_P90: Final = 1.2815515655446004


@dataclass(frozen=True)
class Effect:
    """What some of N past shows had, and others not.

    Parameters
    ----------
    name
        What it is, in words.
    guest
        The guest of the scenario whose pull and lift it is; empty if it is another effect.
    had
        By how much each past show and the next one had it [1], shape (N + 1,). What a guest does to
        the next show stands in the scenario itself.
    middle, spread
        What is known of it before, for viewers and for orders per viewer: median and standard
        deviation, as logarithms.
    """

    name: str
    guest: str
    had: Floats
    middle: dict[Side, float]
    spread: dict[Side, float]

    @property
    def learned(self) -> bool:
        """Whether enough shows had it, and enough had it not."""
        had = int((self.had[:-1] > 0).sum())
        return min(had, len(self.had) - 1 - had) >= _EACH_WAY


def effects(
    scenario: Scenario,
    hosts: Sequence[str],
    guests: Sequence[frozenset[str]],
    starts: Sequence[datetime | None],
) -> tuple[Effect, ...]:
    """Return what some past shows had and others not.

    Parameters
    ----------
    scenario
        The next show.
    hosts, guests, starts
        Of each past show; empty and None where it is not told.
    """
    return (
        *_hosts(scenario, hosts),
        *_guests(scenario, guests),
        *_weekends(scenario, starts),
    )


def _hosts(scenario: Scenario, hosts: Sequence[str]) -> Iterator[Effect]:
    """Yield an effect of each other host, beside the next show's."""
    known = [host for host in hosts if host]
    ours = {name.casefold() for name, who in scenario.people.items() if who.role == "host"}
    own = [host for host in known if host.casefold() in ours] or known
    usual = Counter(own).most_common(1)[0][0] if own else ""
    for other in dict.fromkeys(known):
        if other != usual:
            had = _had([host == other for host in hosts])
            yield Effect(f"{other} as host instead of {usual}", "", had, _none(), _HOSTS)


def _guests(scenario: Scenario, guests: Sequence[frozenset[str]]) -> Iterator[Effect]:
    named = {name.casefold(): name for name, who in scenario.people.items() if who.role == "guest"}
    for guest in dict.fromkeys(guest for several in guests for guest in sorted(several)):
        had, name = _had([guest in several for several in guests]), named.get(guest.casefold(), "")
        if name:
            who = scenario.people[name]
            told: dict[Side, Quantity] = {"turnout": who.pull, "appeal": who.lift}
            middle = {side: log(likely(quantity)) for side, quantity in told.items()}
            spread = {side: spread_of(quantity) for side, quantity in told.items()}
        else:
            middle, spread = _none(), _GUESTS
        yield Effect(f"{guest} as guest", name, had, middle, spread)


def _weekends(scenario: Scenario, starts: Sequence[datetime | None]) -> Iterator[Effect]:
    days = [None if start is None else start.weekday() >= 5 for start in starts]
    if scenario.show.start is not None and any(days) and False in days:
        had = _had([day or False for day in days])
        had[-1] = float(datetime.fromisoformat(str(scenario.show.start)).weekday() >= 5)
        yield Effect("a weekend", "", had, _none(), _WEEKENDS)


def _had(past: Sequence[bool]) -> Floats:
    return np.array([*past, False], dtype=float)


def _none() -> dict[Side, float]:
    return {"turnout": 0.0, "appeal": 0.0}


def spread_of(*quantities: Quantity) -> float:
    """Return the standard deviation of the logarithm of a product of quantities, by percentiles.

    Examples
    --------
    >>> from livesim.scenario.uncertain import Lognormal
    >>> round(spread_of(Lognormal(2.0, 0.3), Lognormal(1.0, 0.4), 5.0), 6)
    0.5
    """
    spreads = [
        log(percentiles[2] / percentiles[0]) / (2.0 * NORMAL_P90)
        for quantity in quantities
        if isinstance(quantity, Distribution)
        for percentiles in [quantity.percentiles]
    ]
    return float(np.hypot.reduce(spreads)) if spreads else 0.0


def elasticity_spread(told: Quantity, *, untold: bool) -> float:
    """Return the standard deviation of what is known of an elasticity before past shows [1].

    Examples
    --------
    >>> elasticity_spread(-2.0, untold=True), elasticity_spread(-2.0, untold=False)
    (1.5, 0.0)
    """
    if isinstance(told, Distribution):
        low, _, high = told.percentiles
        return (high - low) / (2.0 * NORMAL_P90)
    return _ELASTICITY if untold else 0.0


def prices_differ(prices: Sequence[float]) -> bool:
    """Say whether several past shows sold at a lower price than several others.

    Examples
    --------
    >>> prices_differ([99, 99, 99, 79, 79, 79]), prices_differ([99, 99, 99, 99, 99, 79])
    (True, False)
    """
    logs = sorted(log(price) for price in prices if price > 0)
    return len(logs) >= 2 * _EACH_WAY and logs[-_EACH_WAY] - logs[_EACH_WAY - 1] >= _APART


def moved(found: Sequence[Effect], side: Side) -> Floats:
    """Return by how much effects move the shows, in their own spreads, shape (N + 1, J)."""
    columns = [effect.had * effect.spread[side] for effect in found]
    return np.stack(columns, axis=1) if columns else np.zeros((0, 0))


def middles(found: Sequence[Effect], side: Side, shows: NDArray[np.intp]) -> Floats:
    """Return what was known of the effects before of figures of these shows, shape (K,)."""
    each = [effect.had[shows] * effect.middle[side] for effect in found]
    return np.asarray(np.sum(each, axis=0)) if each else np.zeros(len(shows))
