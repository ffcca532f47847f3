"""Looks at a study: what blocks of shows come to at stock levels and in ways to sell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from livesim.arrays import Counts
from livesim.experiment.block_at import BlockAt
from livesim.experiment.blocks import Block
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.first_look import foreseen
from livesim.experiment.levels import Levels, Reactions, Recording, Stocked
from livesim.experiment.runner import Done, Runner
from livesim.planning.curves import Curves
from livesim.resolve.words import listed
from livesim.scenario.scenario import Scenario

Told = TypeVar("Told")

#: Of the first blocks, recordings are kept: ways to sell are searched and judged on these shows.
RECORDINGS = 2
#: Where orders share stock, choices of units are looked at in all blocks again, so recordings are
#: kept of all, up to so many batches of orders in all (of some 40 bytes): memory stays small.
_MOST_BATCHES = 4_000_000


@dataclass(frozen=True)
class Look:
    """Levels and ways to sell that are told from one show of a block as far as they can be.

    Parameters
    ----------
    wanted
        The levels and ways.
    lived
        Owned units of each variant in that show, shape (V,), or None, as
        :meth:`~livesim.experiment.block_at.BlockAt.simulated` has them.
    unmoved
        Levels and ways that are told first, as if nobody reacted to the stock.
    """

    wanted: Sequence[Stocked]
    lived: Counts | None = None
    unmoved: Sequence[Stocked] = ()


@dataclass(frozen=True)
class Found(Generic[Told]):
    """What is told of a look in a block, and the block's recording where it is new and kept."""

    block: Block
    told: Told
    recording: Recording | None


def blocks_kept(reactions: Reactions, recording: Recording | None) -> int:
    """Return of how many first blocks recordings are kept, by that of one of them."""
    if recording is None or not reactions.orders_alone:
        return RECORDINGS
    return max(RECORDINGS, _MOST_BATCHES // max(1, len(recording.orders)))


def cause_of_length(scenario: Scenario) -> str:
    """Return what makes the plan of a show long, by the keys that it is due to; nothing else.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> cause_of_length(room)
    ''
    >>> coupon = {"products.serum.coupon": {"off": "10%", "first": 20, "lift": 1.2}}
    >>> cause_of_length(room.with_changes(coupon))
    'viewers react to the stock by products.serum.coupon.lift, so that many stocks are simulated'
    """
    if not (keys := foreseen(scenario).keys):
        return ""
    return f"viewers react to the stock by {listed(keys)}, so that many stocks are simulated"


@dataclass(frozen=True)
class Shows:
    """The shows that are looked at, time and again on the same random numbers.

    Parameters
    ----------
    scenario, seed
        The show, and the study's seed.
    runner
        Who does the work.
    custom
        Code of a user's own that takes part.
    recordings
        What the crowd does in some blocks, as far as that is known.
    kept
        Of how many first blocks recordings are kept.
    """

    scenario: Scenario
    seed: int
    runner: Runner
    custom: Custom = NONE
    recordings: Mapping[Block, Recording] = field(default_factory=dict)
    kept: int = RECORDINGS

    @classmethod
    def of(cls, curves: Curves, runner: Runner) -> Shows:
        """Return the shows that stock curves are from."""
        return cls(curves.scenario, curves.seed, runner, curves.custom, curves.recordings)

    def looked_at(
        self,
        looks: Sequence[Look],
        tell: Sequence[Callable[[Sequence[Levels]], Told]],
        replications: int,
        *,
        after: int = 0,
        what: str = "Simulating",
        put_away: Callable[[Told], Told] | None = None,
    ) -> Done[Sequence[Found[Told]]]:
        """Look at replications of them.

        Parameters
        ----------
        looks
            What is looked at in each block.
        tell
            What to keep of what each look has come to: it is done where the block was simulated, so
            that the rest of it is held nowhere else.
        replications, after, what
            As for :meth:`~livesim.experiment.runner.Runner.replicate`.
        put_away
            Called here with what is told of a look, as soon as it is there: what waits instead.

        Returns
        -------
        Done
            Of each block what is told of the looks, in their order.

        Raises
        ------
        KeyboardInterrupt
            If it was interrupted before all of the first block was done.
        """

        def of_block(block: Block) -> list[_Task[Told]]:
            known = self.recordings.get(block)
            return [(look, told, known) for look, told in zip(looks, tell, strict=True)]

        def taken(found: Found[Told]) -> Found[Told]:
            return replace(found, told=put_away(found.told)) if put_away else found

        work: Callable[[tuple[_Task[Told], Block]], Found[Told]]
        work = partial(_found, self.scenario, self.seed, self.custom, self.kept)
        replicate = self.runner.replicate
        return replicate(work, of_block, replications, after=after, what=what, take=taken)


#: A look, what to tell of it, and what the crowd does in its block, if that is known already.
_Task = tuple[Look, Callable[[Sequence[Levels]], Told], Recording | None]


def _found(
    scenario: Scenario, seed: int, custom: Custom, kept: int, task: tuple[_Task[Told], Block]
) -> Found[Told]:
    (look, tell, recording), block = task
    at = BlockAt(scenario, seed, *block, recording, custom)
    found = at.simulated(look.wanted, look.lived)
    if look.unmoved:
        found = at.unmoved().simulated(look.unmoved) + found
    new = recording is None and block.number < kept
    return Found(block, tell(found), at.recording if new else None)
