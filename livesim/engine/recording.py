"""The recording: what the crowd did in a block of replications, written down once.

Both engines write the same recording. Every stock level and every way to sell is then a ledger of
it, as long as nothing in the show reacts to the stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from livesim.arrays import Counts, Floats, Numbers, Small
from livesim.engine.clock import Clock
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.reactions import Reactions
from livesim.engine.release_plan import Cells, ReleasePlan
from livesim.model.inputs import Inputs


@dataclass(frozen=True)
class Slots:
    """When the slots of the rundown happened, each of shape (R, slots); inf if they did not.

    Parameters
    ----------
    started_at, linked_at, ended_at
        When a slot started, when its links went up, and when it ended [s].
    """

    started_at: Floats
    linked_at: Floats
    ended_at: Floats


@dataclass(frozen=True)
class Audience:
    """Who watched in R replications.

    Parameters
    ----------
    looks
        When viewers have looked at the screen [s], shape (looks,).
    watching, viewers
        Concurrent and unique viewers at each look, shape (looks, R).
    viewers_by_segment, watching_by_segment
        Unique viewers, and viewers at the end, shape (S, R).
    """

    looks: Floats
    watching: Small
    viewers: Small
    viewers_by_segment: Counts
    watching_by_segment: Counts

    @staticmethod
    def unknown(viewers_by_segment: Counts) -> Audience:
        """Return an audience of which nobody knows who watched when."""
        none = viewers_by_segment[:0]
        return Audience(np.zeros(0), none, none, viewers_by_segment, none)


@dataclass(frozen=True)
class Recording:
    """What happened in R replications before the stock was counted.

    Parameters
    ----------
    inputs
        The show's numbers.
    clock
        Its steps: every refresh, and what it took to work off the checkout's queue.
    kinds, orders
        What orders can be, and those that there were, by account and time.
    attempts
        Attempts to order by room, shape (R, rooms).
    dropped
        Attempts that a step of the checkout has lost, by variant, shape (R, V).
    audience, slots
        Who watched, and when the slots happened.
    link_at
        When each product's link first went up [s], inf if never, shape (R, P).
    called
        When processes have put a part of a product on sale [s], by product and part, shape (R,).
    lived, plan
        Owned units of each variant in the show that viewers have lived through, shape (V,), and how
        they were put on sale.
    reactions
        What in the show reacts to its stock.
    begun
        The refresh from which on it was watched: 0, or where a show that is on the air goes on.
    while_coupons_last
        Whether its coupons never ran out, which viewers react to: at every stock it holds until
        they do.
    """

    inputs: Inputs
    clock: Clock
    kinds: Kinds
    orders: Orders
    attempts: Counts
    dropped: Counts
    audience: Audience
    slots: Slots
    link_at: Floats
    called: Mapping[tuple[int, str], Floats]
    lived: Counts
    plan: ReleasePlan
    reactions: Reactions
    begun: int = 0
    while_coupons_last: bool = False

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return self.inputs.replications

    @property
    def holds(self) -> bool:
        """Whether a ledger can follow it at every stock level."""
        return self.reactions.one_recording

    @property
    def reacts(self) -> bool:
        """Whether viewers or processes have reacted to the stock.

        Slots that go on at sell-out react, too, but only then.
        """
        return self.reactions.viewers

    @property
    def wanted(self) -> Counts:
        """Units that its orders want of each variant, whatever there is, shape (R, V)."""
        shape, cells = (len(self.inputs.variants), self.replications), Cells(self.inputs).of_variant
        wanted = np.zeros(shape[0] * shape[1], dtype=np.int64)
        for some in self.orders.few_at_a_time():
            account = np.ravel_multi_index((some.cell // cells, some.row), shape)
            np.add.at(wanted, account, some.sums(self.kinds.units[:, None])[:, 0])
        return wanted.reshape(shape).T

    def for_ledgers(self) -> Recording:
        """Return what ledgers need of it, a small part: who watched and came when is left out."""
        seen = Audience.unknown(self.audience.viewers_by_segment)
        return replace(self, inputs=replace(self.inputs, segments=()), audience=seen)

    def first(self, replications: int) -> Recording:
        """Return what happened in the first of its replications."""
        return self.of_rows(np.arange(replications), self.lived, self.plan)

    def of_rows(self, rows: Numbers, lived: Counts, plan: ReleasePlan) -> Recording:
        """Return what happened in some replications, all of which had the same to sell.

        Parameters
        ----------
        rows
            Their numbers, shape (N,).
        lived, plan
            What they had to sell.
        """
        seen, slots = self.audience, self.slots
        return replace(
            self,
            inputs=self.inputs.of_rows(rows),
            orders=self.orders.of_rows(rows).by_account(len(rows)),
            attempts=self.attempts[rows],
            dropped=self.dropped[rows],
            audience=Audience(
                seen.looks,
                *(
                    of[:, rows]
                    for of in (
                        seen.watching,
                        seen.viewers,
                        seen.viewers_by_segment,
                        seen.watching_by_segment,
                    )
                ),
            ),
            slots=Slots(slots.started_at[rows], slots.linked_at[rows], slots.ended_at[rows]),
            link_at=self.link_at[rows],
            called={part: when[rows] for part, when in self.called.items()},
            lived=lived,
            plan=plan,
        )

    def swept(self, product: Numbers, step: Numbers) -> Numbers:
        """Return the step at whose end the orders of batches are swept, shape (N,).

        Parameters
        ----------
        product, step
            Of each batch, shape (N,).
        """
        steps, which = self.clock.swept_by(self.inputs.timeout)
        return np.asarray(steps[which[product], step])
