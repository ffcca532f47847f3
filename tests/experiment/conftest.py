"""Executors that finish out of order, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import pytest

from livesim.experiment.executors import InProcess


class LastFirst(Executor):
    """Does what was submitted last first, when the first result is asked for."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = _Asked(self)
        self.waiting.append((future, partial(fn, *args, **kwargs)))
        return future

    def work(self) -> None:
        while self.waiting:
            future, call = self.waiting.pop()
            future.set_result(call())


class _Asked(Future[Any]):
    def __init__(self, executor: LastFirst) -> None:
        super().__init__()
        self.executor = executor

    def result(self, timeout: float | None = None) -> Any:
        self.executor.work()
        return super().result(timeout)


class OneBehind(LastFirst):
    """Does a piece of work when the next one is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.work()
        return super().submit(fn, *args, **kwargs)


class StopsAfter(InProcess):
    """Is interrupted when so many pieces of work were done."""

    def __init__(self, done: int) -> None:
        self.left = done

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().submit(fn, *args, **kwargs)


@pytest.fixture(params=[LastFirst, OneBehind])
def out_of_order(request: pytest.FixtureRequest) -> Executor:
    """An executor that does not finish work in the order in which it comes."""
    return request.param()


@pytest.fixture
def stops_after() -> type[StopsAfter]:
    """An executor that is interrupted after so many pieces of work."""
    return StopsAfter
