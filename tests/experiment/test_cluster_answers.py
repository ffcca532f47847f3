"""Whoever answers at a cluster's address, or does not: told in one message, soon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from livesim.errors import UsageError
from livesim.experiment import cluster as door
from livesim.experiment.cluster import Cluster


@contextmanager
def answering(words: bytes) -> Iterator[int]:
    """Somebody who says these words to whoever calls, and goes on listening; at which port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        heard: list[socket.socket] = []

        def answer() -> None:
            try:
                while True:
                    heard.append(server.accept()[0])
                    heard[-1].sendall(words)
            except OSError:
                return  # the server is closed

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in heard:
                one.close()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="another protocol"),
        pytest.param(b"\1" + b"\0" * 15, id="a message without sense"),
    ],
)
def test_who_is_no_scheduler_is_told(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_PATIENCE", 0.5)
    with answering(words) as port, pytest.raises(UsageError, match="no Dask scheduler answers at"):
        Cluster(f"tcp://127.0.0.1:{port}")


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_PATIENCE", 0.5)
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        Cluster("tcp://127.0.0.1:9")


def test_what_keeps_tls_from_being_spoken_is_told() -> None:
    with answering(b"") as port, pytest.raises(UsageError, match="check your TLS configuration"):
        Cluster(f"tls://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "foo",
        "localhost",
        "127.0.0.1:8786",
        "nowhere://",
        "nowhere://one:1",
        "http://one:1",
        "tcp://",
        "tcp://one",
        "tcp://:8786",
        "tcp://one:abc",
        "tcp://one:0",
        "tcp://one:-1",
        "tcp://one:99999",
        "tcp://one:8786 ",
        "tcp://one:8786/status",
        "tcp://::1:8786",
    ],
)
def test_what_is_no_address_is_told_before_anyone_is_asked(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_check_scheduler", None)
    with pytest.raises(UsageError) as told:
        Cluster(address)
    assert str(told.value).startswith(f"{address!r} is no address of a Dask scheduler: give it as")


@pytest.mark.parametrize("address", ["tcp://one:8786", "tls://one.two-3.net:1", "tcp://[::1]:8786"])
def test_what_is_an_address(address: str) -> None:
    assert door._is_address(address)


def test_workers_with_other_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "code_digest", lambda: "mine")
    there = _Client({"tcp://one": "other", "tcp://two": "other", "tcp://lost": OSError("closed")})
    with pytest.raises(UsageError, match=r"2 of 2 workers at .* bits would differ: .* start these"):
        door._check_workers(there, "tcp://there")  # type: ignore[arg-type]


def test_a_worker_that_does_not_answer_is_named() -> None:
    with pytest.raises(UsageError, match=r"within 20 s \(without a sign of life: tcp://one\): end"):
        door._check_workers(_Client(None), "tcp://there")  # type: ignore[arg-type]


class _Client:
    """Of two workers, of whom the first shows no sign of life."""

    def __init__(self, answers: dict[str, object] | None) -> None:
        self.answers, self.asked = answers, 0
        self.scheduler = self

    def identity(self) -> dict[str, dict[str, dict[str, int]]]:
        self.asked += 1
        return {"workers": {"tcp://one": {"last_seen": 1}, "tcp://two": {"last_seen": self.asked}}}

    def sync(self, asked: object, callback_timeout: float) -> object:
        return self.identity()

    def run(self, asked: object, on_error: str, callback_timeout: float) -> dict[str, object]:
        if self.answers is None:
            raise TimeoutError
        return self.answers
