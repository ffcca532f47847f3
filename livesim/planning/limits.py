"""What a planner must know of a decision: what it misses, and what kept it from doing better.

Plain data; `report` says them in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from livesim.results.intervals import Estimate

#: What a purchase has only so much of: money, or room for what is owned and bought.
Resource: TypeAlias = Literal["budget", "storage"]


@dataclass(frozen=True)
class TooRisky:
    """No purchase is safe enough.

    Parameters
    ----------
    at_best
        What is capped, of the safest purchase: the chance of a loss [1], or the mean profit of the
        worst shows [currency].
    """

    at_best: float


@dataclass(frozen=True)
class LevelsServe:
    """Even the most units that were simulated serve an item too little.

    Parameters
    ----------
    item
        Its name.
    units
        The most that were simulated [units].
    share
        What they serve [1].
    """

    item: str
    units: int
    share: float


@dataclass(frozen=True)
class ResourceServes:
    """A limited resource serves too little.

    Parameters
    ----------
    resource
        Which.
    share
        What it serves of every item [1].
    possible
        What could be served without it [1].
    needed
        How much of it that would take [currency or l].
    """

    resource: Resource
    share: float
    possible: float
    needed: float


@dataclass(frozen=True)
class NotSignificant:
    """A purchase of which fewer or none are recommended, since its gain is inside its own error.

    Parameters
    ----------
    product
        Of what.
    units
        How many would have been bought [units].
    gain
        What they would earn above buying fewer [currency].
    fewer
        How many are bought instead: the most that surely earn something [units].
    above
        How many the gain is above: none, or those that are bought instead [units].
    """

    product: str
    units: int
    gain: Estimate
    fewer: int = 0
    above: int = 0


@dataclass(frozen=True)
class UnsureTogether:
    """What all purchases earn together is inside its own error, so that less is bought.

    Parameters
    ----------
    units
        How many units would have been bought, of all items [units].
    gain
        What they would earn above buying nothing [currency].
    fewer
        How many are bought instead: the most that surely earn something [units].
    """

    units: int
    gain: Estimate
    fewer: int = 0


@dataclass(frozen=True)
class FewReplications:
    """The replications are too few for shows as rare as the objective asks about.

    Parameters
    ----------
    share
        How rare these shows are [1].
    done, needed
        Replications that there are, and that it takes.
    """

    share: float
    done: int
    needed: int


@dataclass(frozen=True)
class NothingLimits:
    """Left-overs are worth what they cost or more, so more of these items never costs anything.

    They are bought up to the most that was simulated: enough for the highest demand seen.

    Parameters
    ----------
    items
        Their names.
    on_consignment
        Whether they are paid for only as they sell, so that no budget limits them either.
    """

    items: tuple[str, ...]
    on_consignment: bool = False


@dataclass(frozen=True)
class LevelsEnd:
    """The best number of an item may be more than was simulated.

    Parameters
    ----------
    item
        Its name.
    units
        The most that were simulated [units].
    """

    item: str
    units: int


@dataclass(frozen=True)
class ResourceDecides:
    """A limited resource keeps the purchase from one that surely earns more.

    Parameters
    ----------
    resource
        Which.
    needed
        How much of it that takes [currency or l].
    gain
        What that earns more [currency].
    """

    resource: Resource
    needed: float
    gain: Estimate


@dataclass(frozen=True)
class BetterTogether:
    """Simulated as a whole, these units earn more than what the items' own curves add up to."""


#: What an objective misses by.
Missed: TypeAlias = TooRisky | LevelsServe | ResourceServes
#: What else is to be known of a decision.
Limit: TypeAlias = (
    NotSignificant
    | UnsureTogether
    | FewReplications
    | NothingLimits
    | LevelsEnd
    | ResourceDecides
    | BetterTogether
)
