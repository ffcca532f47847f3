"""Whether demand looks as though a sold-out figure had been taken for it.

What a sold-out show sold is all there was, a lower bound of what was wanted. A forecast made from
it orders as much again, and the show is sold out again. So a demand that comes so near to such a
figure is remarked upon, here from what is expected and in a plan from what is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livesim.resolve.words import count, counted
from livesim.scenario.parts import Observed

#: So near is too near [1]. Where nobody copied and forecasts are wrong by a factor of e (a log-sd
#: of 1), one falls there in at most one show in eight; a copied figure falls there when rounded.
NEAR: Final = 0.15


def tuning_warnings(
    name: str, demand: float, viewers: float, observed: Observed | None, which: str
) -> Iterator[str]:
    """Yield a warning where demand comes near to what was sold out, in units or per viewer.

    Parameters
    ----------
    name
        The product's name.
    demand, viewers
        Its demand [units] and the unique viewers [1].
    observed
        What was observed.
    which
        What the demand is of all shows': mean or median.

    Examples
    --------
    >>> sold_out = Observed(sold=820, sold_out=True)
    >>> list(tuning_warnings("serum", 1_800, 40_000, sold_out, "mean"))
    []
    >>> warning, = tuning_warnings("serum", 800, 40_000, sold_out, "mean")
    >>> warning[:75]
    'serum: the mean demand of 800 units is close to the 820 that were sold out.'
    """
    if observed is None or not observed.sold_out:
        return
    like_then = f"{count(observed.sold)} that were sold out"
    if observed.viewers is not None and viewers > 0:
        per_viewer = demand / viewers * observed.viewers
        if _near(per_viewer, observed.sold) and not _near(demand, observed.sold):
            what = f"{counted(per_viewer, 'unit')} for as many viewers"
            yield _warning(
                name,
                f"{which} demand of {what}",
                f"{like_then} with {counted(observed.viewers, 'viewer')}",
            )
    if _near(demand, observed.sold):
        yield _warning(name, f"{which} demand of {counted(demand, 'unit')}", like_then)


def _near(demand: float, sold: int) -> bool:
    return abs(demand / sold - 1.0) <= NEAR


def _warning(name: str, demand: str, sold: str) -> str:
    return (
        f"{name}: the {demand} is close to the {sold}. Where all was sold, more was wanted: it is "
        "a lower bound of demand, never demand. Give a forecast that does not rest on it."
    )
