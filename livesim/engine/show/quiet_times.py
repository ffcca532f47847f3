"""Lulls: times in which nobody can order, so that viewers need not look once a refresh.

While nothing is on offer and nothing happens on stage, viewers only come and leave, at hazards that
stay as they are. What many refreshes make of them follows at once, by the same law, and the crowd
is asked once for all of them. What is recorded of an audience is what there is at a look, so looks
lie close together after a change, when the audience changes fast, and then twice as far each time,
but never more than a minute apart; and there is one at each moment that a timeline usually has.
"""

from __future__ import annotations

from collections.abc import Sequence

from livesim.engine.timeline import usual_step
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates

#: Longest time between two looks [s], short against what changes an audience without a change on
#: stage: in a show of twelve hours of whose viewers half come in the first twenty minutes, peak and
#: mean watch time are then within 0.3 % of those with a look at every refresh.
LONGEST = 60.0


class Lulls:
    """Says at which refresh viewers look next.

    Parameters
    ----------
    inputs
        The drawn numbers of the R replications.
    until
        The last refresh at which anybody looks.
    live
        Whether what viewers see can change with every refresh: then there is no lull.

    Attributes
    ----------
    quiet
        Whether there is a lull.

    Notes
    -----
    Nothing here depends on the stock, so that attempts do not, and nothing on the timeline that
    somebody asks for.
    """

    def __init__(self, inputs: Inputs, until: int, *, live: bool) -> None:
        self._live = live or any(segment.reacts for segment in inputs.segments)
        self._until, self._step = until, usual_step(inputs.refreshes)
        self._longest = int(LONGEST / inputs.refresh)
        self._rates: Sequence[Rates] = ()
        self._since = 0
        self.quiet = False

    def next_look(self, refresh: int, rates: Sequence[Rates], next_change: int) -> int:
        """Return the refresh at which viewers look after this one.

        Parameters
        ----------
        refresh
            At which they look now.
        rates
            Hazards of each segment. The same object as last time means that nothing has changed.
        next_change
            Refresh by which something happens on stage in any replication.
        """
        if rates is not self._rates:
            self._rates, self._since = rates, refresh
            self.quiet = not (self._live or any(map(can_order, rates)))
        if not self.quiet:
            return refresh + 1
        twice_as_far = refresh + max(1, min(refresh - self._since, self._longest))
        next_moment = refresh - refresh % self._step + self._step
        return min(twice_as_far, next_moment, max(next_change, refresh + 1), self._until)


def can_order(rates: Rates) -> bool:
    """Say whether in any replication anything is on offer or on the shelf."""
    return bool(rates.order.any() or rates.lose_interest.any())
