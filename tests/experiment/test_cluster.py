"""A Dask cluster: a real scheduler and two workers on this machine, and what can go wrong there."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from distributed.comm import CommClosedError

import livesim
from livesim.cli import main
from livesim.errors import UsageError
from livesim.experiment.cluster import Cluster
from livesim.experiment.executors import LostWorkers
from livesim.experiment.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:waiting for every worker"),  # on a busy machine
]
SHORT = {"show.length": "20min", "show.refresh": "20s"}


@dataclass
class Processes:
    """A scheduler and its workers."""

    address: str
    folder: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def whole(self) -> bool:
        return all(one.poll() is None for one in (*self.workers, self.scheduler))

    def end(self) -> None:
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait()


def started(module: str, *options: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *options, "--no-dashboard"]
    paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    own = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    with (folder / f"{module}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=own)


def cluster_in(folder: Path) -> Processes:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    here = ("--host", "127.0.0.1")
    scheduler = started("dask_scheduler", *here, "--port", str(port), folder=folder)
    one = (*here, "--nthreads", "1", "--no-nanny")
    there = Processes(address, folder, scheduler)
    there.workers += [started("dask_worker", address, *one, folder=folder) for _ in range(2)]
    log = folder / "dask_worker.log"
    for _ in range(600):
        if log.exists() and len(re.findall("Registered to", log.read_text("utf-8"))) == 2:
            return there
        time.sleep(0.1)
    there.end()
    pytest.fail(log.read_text("utf-8"))


@pytest.fixture(scope="module")
def clusters() -> Iterator[list[Processes]]:
    """All that were started here."""
    started: list[Processes] = []
    yield started
    for one in started:
        one.end()


@pytest.fixture
def cluster(clusters: list[Processes], tmp_path: Path) -> Processes:
    """The last one, or where something of it was lost, a new one: each takes seconds to start."""
    if not clusters or not clusters[-1].whole():
        own = tmp_path / "cluster"  # what a test writes beside it is nothing that workers have
        own.mkdir()
        clusters.append(cluster_in(own))
    return clusters[-1]


@pytest.fixture
def room() -> livesim.Scenario:
    return livesim.load("scenarios/brand_room.yaml", SHORT)


def test_the_same_bits_as_on_one_machine(cluster: Processes, room: livesim.Scenario) -> None:
    with Cluster(cluster.address) as executor:
        assert len(executor._client.nthreads()) == 2
        far = livesim.simulate(room, replications=500, executor=executor)
        plan = livesim.plan(room, replications=50, executor=executor)
    assert far.fingerprint == livesim.simulate(room, replications=500, workers=1).fingerprint
    assert plan.fingerprint == livesim.plan(room, replications=50, workers=1).fingerprint


def test_first_blocks_are_done_first(
    cluster: Processes, room: livesim.Scenario, tmp_path: Path
) -> None:
    """As what is done by then is told from the first block on where the cluster is lost."""
    with Cluster(cluster.address) as executor, Store(tmp_path / "store", executor) as store:
        livesim.simulate(room, replications=5_000, executor=store)
    kept = sorted(store.blocks(), key=lambda one: one.used)
    assert {one.about["block"] for one in kept[:10]} > {*range(5)}


def test_own_code_that_the_cluster_has_not_is_told(
    cluster: Processes, room: livesim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "only_here.py").write_text("def keen(screen): return 0.1\n", encoding="utf-8")
    keen = importlib.import_module("only_here").keen
    with (
        Cluster(cluster.address) as executor,
        pytest.raises(UsageError, match=r"cannot read the work: .* as here \(only_here\)"),
    ):
        livesim.simulate(room, replications=50, behaviour=keen, executor=executor)


def test_own_code_whose_imports_nobody_knows_is_told_of_the_cluster(
    cluster: Processes, room: livesim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said of the function alone, and the same runs without a cluster."""
    monkeypatch.syspath_prepend(tmp_path)
    text = "import importlib\nNAME = 'js' + 'on'\n"
    text += "def keen(screen): return len(importlib.import_module(NAME).dumps(1)) * 0.1\n"
    (tmp_path / "imports_by_name.py").write_text(text, encoding="utf-8")
    keen = importlib.import_module("imports_by_name").keen
    said = "whether a cluster's workers have the same code of your own cannot be told: keen"
    with Cluster(cluster.address) as executor, pytest.raises(UsageError, match=said):
        livesim.simulate(room, replications=50, behaviour=keen, executor=executor)


def test_work_that_cannot_be_sent_is_told(
    cluster: Processes, room: livesim.Scenario, capfd: pytest.CaptureFixture[str]
) -> None:
    keen = partial(max, threading.Lock())
    with Cluster(cluster.address) as executor, pytest.raises(UsageError, match="cannot be sent"):
        livesim.simulate(room, replications=50, behaviour=keen, executor=executor)
    assert not capfd.readouterr().err  # Dask's own traceback


def test_own_code_that_is_another_there_is_told(
    cluster: Processes, room: livesim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file changes after the workers have imported it: they go on with what it was."""
    folder = cluster.folder
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = folder / "changes.py"
    file.write_text("def keen(screen): return 0.1\n", encoding="utf-8")
    changes = importlib.import_module("changes")
    with Cluster(cluster.address) as executor:
        simulate = partial(livesim.simulate, room, replications=50)
        executor._client.run(importlib.import_module, "changes")  # on both, or the other does it
        far = simulate(behaviour=changes.keen, executor=executor)
        assert far.fingerprint == simulate(behaviour=changes.keen, workers=1).fingerprint
        file.write_text("def keen(screen): return 0.25\n", encoding="utf-8")
        importlib.reload(changes)
        with pytest.raises(UsageError, match="other code of your own in changes: bring the same"):
            simulate(behaviour=changes.keen, executor=executor)
        # It travels in each task of a comparison.
        compare = partial(livesim.compare, {"a": room, "b": room}, replications=50)
        with pytest.raises(UsageError, match="other code of your own in changes: bring the same"):
            compare(behaviour=changes.keen, executor=executor)


@pytest.mark.parametrize("at", [pytest.param(0, marks=pytest.mark.thorough), 1])
def test_a_lost_worker_loses_nothing(at: int, cluster: Processes, room: livesim.Scenario) -> None:
    """While the first work is sent, and amid it."""
    seen: list[int] = []

    def lose_one(what: str, done: int, tasks: int) -> None:
        if done == at:
            cluster.workers[0].send_signal(signal.SIGKILL)
        seen.append(done)

    with Cluster(cluster.address) as executor:
        far = livesim.simulate(room, replications=1500, executor=executor, progress=lose_one)
    assert seen == [0, 1, 2, 3, 4, 5, 6]
    assert far.fingerprint == livesim.simulate(room, replications=1500, workers=1).fingerprint


def test_a_lost_scheduler_is_said_and_what_is_done_is_kept(
    cluster: Processes, room: livesim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[logging.LogRecord] = []
    monkeypatch.setattr(logging.getLogger("distributed.client"), "handle", said.append)

    def lose_all(what: str, done: int, tasks: int) -> None:
        if done == 1:
            cluster.end()

    with Cluster(cluster.address) as executor:
        with (
            pytest.warns(UserWarning, match=r"is gone: .* what was done by then is kept"),
            pytest.raises(livesim.Interrupted) as stop,
        ):
            livesim.simulate(room, replications=5000, executor=executor, progress=lose_all)
        with pytest.raises(LostWorkers, match="is gone"):  # what is asked for afterwards
            executor.submit(abs, -1).result(timeout=60)
    done = stop.value.answer.replications
    whole = livesim.simulate(room, replications=done, workers=1)
    assert stop.value.answer.fingerprint == whole.fingerprint
    assert not said  # of Dask's, with tracebacks, beside what is said here


def test_a_stopped_scheduler_is_said_and_what_is_done_is_kept(
    cluster: Processes, room: livesim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It closes no connection, as one that was ended does, and would be waited for for ever."""
    from livesim.experiment import cluster as door

    monkeypatch.setattr(door, "_LOOK", 0.2)
    monkeypatch.setattr(door, "_SILENCE", 5)

    def stop(what: str, done: int, tasks: int) -> None:
        if done == 1:
            cluster.scheduler.send_signal(signal.SIGSTOP)

    try:
        with (
            Cluster(cluster.address) as executor,
            pytest.warns(UserWarning, match=r"did not answer for 5 s: .* by then is kept"),
            pytest.raises(livesim.Interrupted) as end,
        ):
            livesim.simulate(room, replications=5000, executor=executor, progress=stop)
    finally:
        cluster.end()
    whole = livesim.simulate(room, replications=end.value.answer.replications, workers=1)
    assert end.value.answer.fingerprint == whole.fingerprint


def test_a_scheduler_that_is_lost_while_it_hands_over_a_result_is_said(
    cluster: Processes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def lost(*_: object) -> None:
        raise CommClosedError("connection reset by peer")

    with Cluster(cluster.address) as executor:
        monkeypatch.setattr(executor._client, "_gather_remote", lost)
        with pytest.raises(LostWorkers, match="is gone"):
            executor.submit(abs, -1).result(timeout=60)
        executor._client.close()  # as it does where it cannot connect anew; then leaving is quiet
    assert not caplog.records  # of Tornado's, with tracebacks


@pytest.mark.thorough
def test_commands_take_it_beside_a_store(cluster: Processes, tmp_path: Path) -> None:
    from click.testing import CliRunner

    store = tmp_path / "store"
    options = ("-n", "100", "--set", "show.length=20min", "--cluster", cluster.address)
    run = CliRunner().invoke(main, ["run", "brand_room", *options, "--store", str(store)])
    assert run.exit_code == 0, run.output
    assert "0 blocks were there, 1 was simulated and kept" in run.output
    checked = ("check", "scenarios/brand_room.yaml", "--no-cache", "--max-replications", "250")
    there = ("--cluster", cluster.address, "--json")
    far, near = (CliRunner().invoke(main, [*checked, *of]).output for of in (there, there[2:]))
    assert json.loads(far) == json.loads(near)
    refused = CliRunner().invoke(main, ["run", "brand_room", *options, "--workers", "2"])
    assert refused.exit_code == 2
    assert "keep one" in refused.output


def test_what_cannot_be_sent_any_more_shows_no_traceback(
    cluster: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[logging.LogRecord] = []
    monkeypatch.setattr(logging.getLogger("distributed.batched"), "handle", said.append)
    with Cluster(cluster.address) as executor:

        async def lose() -> None:
            sending = executor._client.scheduler_comm
            sending.send({"op": "heartbeat-client"})
            sending.comm.abort()
            await sending.stopped.wait()
            while executor._client.scheduler_comm in (None, sending):  # connects anew, amid which
                await asyncio.sleep(0.01)  # its end would leave a socket open

        executor._client.sync(lose, callback_timeout=30)
    assert not said


def test_a_worker_is_no_scheduler(cluster: Processes) -> None:
    with Cluster(cluster.address) as executor:
        worker = next(iter(executor._client.nthreads()))
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at .*a Worker does"):
        Cluster(worker)


def test_a_worker_that_hangs_is_named(cluster: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    from livesim.experiment import cluster as door

    with Cluster(cluster.address) as executor:
        pids = executor._client.run(os.getpid)
    hangs = next(at for at, pid in pids.items() if pid == cluster.workers[0].pid)
    monkeypatch.setattr(door, "_IMPORT", 5)
    cluster.workers[0].send_signal(signal.SIGSTOP)
    monkeypatch.setattr(door, "_SOON", 0.5)
    try:
        with (
            pytest.warns(UserWarning, match=f"waiting for every worker at {cluster.address}"),
            pytest.raises(UsageError, match=f"without a sign of life: {hangs}\\)"),
        ):
            Cluster(cluster.address)
    finally:
        cluster.workers[0].send_signal(signal.SIGCONT)
