"""Streams of a block: a whole one's are as they have always been, a short one has its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from livesim.engine.streams import Streams
from livesim.randomness import generator, scalar

#: How a first number is had of each stream, and how it would be of its address, the block last.
STREAMS: dict[str, tuple[Callable[[Streams], Any], Callable[..., Any]]] = {
    "crowd": (
        lambda streams: streams.crowd("fans", "come"),
        lambda *block: generator(7, "room", "main", "fans", "come", *block),
    ),
    "viewers": (
        lambda streams: streams.viewers("fans", 3),
        lambda *block: scalar(7, "room", "main", "fans", "viewers", *block, 3),
    ),
    "journeys": (
        lambda streams: streams.journeys(),
        lambda *block: scalar(7, "journeys", *block),
    ),
    "account": (
        lambda streams: streams.account("serum", "small", "fates"),
        lambda *block: generator(7, "account", "serum", "small", "fates", *block),
    ),
    "reviewers": (
        lambda streams: streams.reviewers("koc", "posts"),
        lambda *block: generator(7, "campaign", "koc", "posts", *block),
    ),
    "room": (
        lambda streams: streams.room("small", "serum"),
        lambda *block: generator(7, "rooms", "small", "serum", *block),
    ),
    "checkout": (
        lambda streams: streams.checkout(),
        lambda *block: generator(7, "checkout", "main", *block),
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_size_of_a_short_block_is_part_of_every_address(name: str) -> None:
    of, addressed = STREAMS[name]
    whole, short, shorter = (of(Streams(7, 2, size)).random() for size in (250, 100, 50))
    assert whole == of(Streams(7, 2)).random() == addressed(2).random()
    assert (short, shorter) == (addressed(2, 100).random(), addressed(2, 50).random())
    assert len({whole, short, shorter}) == 3
