"""What an engine draws, written down so that the same can be drawn again and nothing else done.

The engine takes all its generators from :class:`~livesim.engine.streams.Streams`. A
:class:`WatchedStreams` hands out generators that report each call to a watcher; a :class:`Tape` is
a watcher that keeps the calls. Drawing them again on fresh generators gives the same values, which
:meth:`Tape.check` makes sure of, in the least time that an engine with these draws can take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from livesim.engine.streams import Streams
from livesim.experiment import simulating

Maker = Callable[[], Any]
#: Calls a generator's method, given how the generator is made, the method's name and arguments.
Watcher = Callable[[Any, str, tuple[Any, ...], dict[str, Any]], Any]


class Watched:
    """A generator that lets a watcher make its draws."""

    def __init__(self, make: Maker, watcher: Watcher) -> None:
        self.make = make
        self.generator = make()
        self._watcher = watcher

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._watcher(self, method, args, kwargs)

        setattr(self, method, call)
        return call

    @cached_property
    def bit_generator(self) -> Watched:
        """Its source of bits, watched too; who draws bits draws nothing else."""
        return Watched(lambda: self.make().bit_generator, self._watcher)


@dataclass(frozen=True)
class WatchedStreams(Streams):
    """The streams of a block, each watched."""

    watcher: Watcher = field(kw_only=True)

    def crowd(self, segment: str, act: str) -> Any:
        return Watched(partial(super().crowd, segment, act), self.watcher)

    def account(self, product: str, variant: str, *part: str) -> Any:
        return Watched(partial(super().account, product, variant, *part), self.watcher)

    def reviewers(self, tier: str, what: str) -> Any:
        return Watched(partial(super().reviewers, tier, what), self.watcher)

    def room(self, room: str, *what: str) -> Any:
        return Watched(partial(super().room, room, *what), self.watcher)

    def checkout(self) -> Any:
        return Watched(super().checkout, self.watcher)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let a watcher make all draws of the blocks that are simulated meanwhile."""
    with patch.object(simulating, "Streams", partial(WatchedStreams, watcher=watcher)):
        yield


@dataclass(frozen=True)
class Call:
    """One call of a generator's method."""

    stream: int
    method: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Tape:
    """The calls of a block, in order.

    Attributes
    ----------
    calls
        Each call, with copies of its arguments as they were.
    elements, draws
        Values that were asked for, and those of them that are not known beforehand: a binomial of
        nobody, or with no chance, costs a look and no randomness.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.elements = 0
        self.draws = 0
        self._makers: list[Maker] = []
        self._numbers: dict[int, int] = {}
        self._watched: list[Watched] = []  # kept alive, so that no two have the same id
        self._last: dict[tuple[int, str, int], NDArray[Any]] = {}
        self._drawn = blake2b()

    def write(
        self, source: Watched, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Write a call down, and make it."""
        number = self._number(source)
        copies = tuple(self._copy(number, method, place, arg) for place, arg in enumerate(args))
        self.calls.append(Call(number, method, copies, kwargs))
        values = getattr(source.generator, method)(*args, **kwargs)
        self._count(method, args, values)
        self._drawn.update(np.asarray(values).tobytes())
        return values

    def again(self) -> Callable[[], None]:
        """Prepare to draw everything again on fresh generators, and return what does it."""
        generators = [make() for make in self._makers]
        ready = [
            (getattr(generators[call.stream], call.method), call.args, call.kwargs)
            for call in self.calls
        ]

        def draw() -> None:
            for method, args, kwargs in ready:
                method(*args, **kwargs)

        return draw

    def check(self) -> None:
        """Raise unless the draws on fresh generators are, to the bit, what the engine drew."""
        generators = [make() for make in self._makers]
        drawn = blake2b()
        for call in self.calls:
            values = getattr(generators[call.stream], call.method)(*call.args, **call.kwargs)
            drawn.update(np.asarray(values).tobytes())
        if drawn.digest() != self._drawn.digest():
            raise AssertionError("the replayed draws are not those of the engine")

    def _number(self, source: Watched) -> int:
        if id(source) not in self._numbers:
            self._numbers[id(source)] = len(self._makers)
            self._makers.append(source.make)
            self._watched.append(source)
        return self._numbers[id(source)]

    def _copy(self, stream: int, method: str, place: int, arg: Any) -> Any:
        """Copy an argument, or reuse the last copy: chances stay the same for many refreshes."""
        if not isinstance(arg, np.ndarray):
            return arg
        key = (stream, method, place)
        if key not in self._last or not np.array_equal(self._last[key], arg):
            self._last[key] = arg.copy()
        return self._last[key]

    def _count(self, method: str, args: tuple[Any, ...], values: Any) -> None:
        size = np.size(values)
        self.elements += size
        if method == "binomial":
            trials, chance = np.broadcast_arrays(*args)
            size = int(((trials > 0) & (chance > 0)).sum())
        self.draws += size
