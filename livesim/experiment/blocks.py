"""Blocks: the replications that are simulated together, and which of them a study consists of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from livesim.randomness import BLOCK


class Block(NamedTuple):
    """Replications that are simulated together.

    Parameters
    ----------
    number
        Which block of the study, from 0.
    replications
        How many are simulated of it [1].
    """

    number: int
    replications: int


def blocks(replications: int, after: int = 0) -> list[Block]:
    """Return the blocks of some replications: whole ones, and a last one of what is left.

    Parameters
    ----------
    replications
        How many [1].
    after
        How many others are there before them [1]: theirs are the first blocks.

    Examples
    --------
    >>> blocks(550)
    [Block(number=0, replications=250), Block(number=1, replications=250), \
Block(number=2, replications=50)]
    >>> blocks(50, after=300)
    [Block(number=2, replications=50)]
    """
    first, starts = -(-after // BLOCK), range(0, replications, BLOCK)
    return [
        Block(first + number, min(BLOCK, replications - start))
        for number, start in enumerate(starts)
    ]


def in_whole_blocks(replications: int) -> int:
    """Return how many of a study's replications stay when it is extended.

    A short last block is simulated again: as a part of a larger one its random numbers are others.

    Examples
    --------
    >>> in_whole_blocks(550), in_whole_blocks(200)
    (500, 0)
    """
    return replications // BLOCK * BLOCK


def blocks_in(task: object) -> Iterator[Block]:
    """Yield the blocks that a task is about."""
    if isinstance(task, Block):
        yield task
    elif isinstance(task, tuple | list):
        for part in task:
            yield from blocks_in(part)
