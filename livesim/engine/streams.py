"""The random streams of one block, each addressed by what it is for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livesim.randomness import BLOCK, Random, generator, scalar

ROOM = "main"


@dataclass(frozen=True)
class Streams:
    """The streams of a block: adding a segment or a product moves no other stream.

    Parameters
    ----------
    seed, block
        The study's seed and which block of it.
    size
        Replications in the block. Draws of a short block fill arrays of another shape, so it has
        streams of its own: its replications are no part of the whole block's.
    start
        Number of the refresh at which the shows begin: from each on, random numbers are others.
    branch
        Where shows of the same replications have parted from each other, which of them these are.

    Examples
    --------
    >>> whole, short = Streams(1, 0), Streams(1, 0, size=50)
    >>> bool(whole.checkout().random() == short.checkout().random())
    False
    """

    seed: int
    block: int
    size: int = BLOCK
    start: int = 0
    branch: str = ""

    @property
    def _block(self) -> tuple[int | str, ...]:
        """The end of every address."""
        size = () if self.size == BLOCK else (self.size,)
        start = ("from", self.start) if self.start else ()
        return (self.block, *size, *start, *((self.branch,) if self.branch else ()))

    def crowd(self, segment: str, act: str) -> np.random.Generator:
        """Return the stream of one act of one segment's viewers."""
        return generator(self.seed, "room", ROOM, segment, act, *self._block)

    def viewers(self, segment: str, row: int) -> Random:
        """Return the stream of all that one segment's viewers do in one replication."""
        return scalar(self.seed, "room", ROOM, segment, "viewers", *self._block, row)

    def journeys(self) -> Random:
        """Return the stream of which viewer it was that the account has served."""
        return scalar(self.seed, "journeys", *self._block)

    def account(self, product: str, variant: str, *part: str) -> np.random.Generator:
        """Return a stream of one variant's orders, or of what becomes of its units."""
        return generator(self.seed, "account", product, variant, *part, *self._block)

    def reviewers(self, tier: str, what: str) -> np.random.Generator:
        """Return a stream of one tier's reviewers in the campaign before the show."""
        return generator(self.seed, "campaign", tier, what, *self._block)

    def room(self, room: str, *what: str) -> np.random.Generator:
        """Return a stream of what happens between like rooms, and in the stock of one."""
        return generator(self.seed, "rooms", room, *what, *self._block)

    def checkout(self) -> np.random.Generator:
        """Return the stream of who gets through the checkout first."""
        return generator(self.seed, "checkout", ROOM, *self._block)
