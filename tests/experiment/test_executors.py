"""Where work is done: in this process, in worker processes, and that an interrupt ends both."""

import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livesim.experiment import executors
from livesim.experiment.executors import (
    InProcess,
    begin_workers,
    end_workers,
    local_executor,
    processors,
)
from livesim.experiment.runner import Runner

ROOT = Path(__file__).parent.parent.parent


def test_one_worker_is_this_process() -> None:
    with local_executor(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()


@pytest.mark.slow
def test_more_workers_are_other_processes() -> None:
    with local_executor(2) as executor:
        assert executor.submit(os.getpid).result() != os.getpid()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what is ignored")
def test_workers_ignore_ctrl_c_from_their_first_moment() -> None:
    """Else one that comes while they import livesim leaves their tracebacks on the terminal."""
    usual = signal.getsignal(signal.SIGINT)
    with local_executor(3) as executor:  # more than other tests have, so one at least is new
        for pid in executor._processes:
            status = Path(f"/proc/{pid}/status").read_text()
            deaf = (int(status.split(f"{how}:")[1].split()[0], 16) for how in ("SigBlk", "SigIgn"))
            assert any(mask & 1 << signal.SIGINT - 1 for mask in deaf)
        executor.submit(os.getpid).result()
    assert signal.getsignal(signal.SIGINT) is usual


@pytest.mark.slow
def test_workers_that_have_begun_are_there_for_the_work_and_no_more_are_asked_for() -> None:
    end_workers()
    begin_workers(3)
    with local_executor(2, most=3) as executor:
        pids = set(executor._processes)
        assert len(pids) == 3
        assert executor.submit(_loaded, "livesim.experiment.block_at").result()
    with local_executor(2) as fewer:
        assert len(fewer._processes) == 2 and set(fewer._processes) < pids
    end_workers()
    with local_executor(2, most=3) as anew:
        assert len(anew._processes) == 2


def _loaded(module: str) -> bool:
    return module in sys.modules


def in_a_daemon(answer: Any) -> None:
    with local_executor(2) as executor:
        answer.put(executor.submit(os.getpid).result() == os.getpid())


@pytest.mark.slow
def test_a_worker_of_somebody_elses_pool_works_alone() -> None:
    """A daemonic process may have no children."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=in_a_daemon, args=(answer,), daemon=True)
    process.start()
    assert answer.get(timeout=100)
    process.join()


@pytest.mark.slow
def test_an_error_ends_the_workers() -> None:
    """Else a notebook would go on computing what nobody waits for."""
    with pytest.raises(RuntimeError), local_executor(2) as executor:
        pid = executor.submit(os.getpid).result()
        for _ in range(2):
            executor.submit(time.sleep, 600)
        raise RuntimeError
    deadline = time.monotonic() + 30
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)


def test_an_error_reaches_who_asks_for_the_result() -> None:
    future = InProcess().submit(int, "many")
    with pytest.raises(ValueError, match="many"):
        future.result()


def test_an_interrupt_in_this_process_is_not_kept_for_later() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InProcess().submit(interrupted)


def test_there_is_a_processor() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)


ENDLESS = """
import signal
import time
from livesim.experiment.executors import local_executor

# As at a terminal: what a shell starts in its background ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
with local_executor(2) as executor:
    futures = [executor.submit(time.sleep, 600) for _ in range(2)]
    print("working", flush=True)
    futures[0].result()
"""


@pytest.mark.slow
def test_an_interrupt_ends_the_workers() -> None:
    """Ctrl-C goes to the whole group, as from a terminal; afterwards the group must be empty."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"working\n"
            time.sleep(1)  # for the workers to start
            os.killpg(parent.pid, signal.SIGINT)
            parent.wait(timeout=60)
            for _ in range(200):  # loky's resource tracker ends a moment after its parent
                if not _group_lives(parent.pid):
                    break
                time.sleep(0.05)
            assert not _group_lives(parent.pid)
        finally:
            if _group_lives(parent.pid):
                os.killpg(parent.pid, signal.SIGKILL)


AT_ONCE = """
import os
from livesim.experiment.executors import local_executor

with local_executor(2) as executor:
    executor.submit(abs, 1).result()
    os._exit(7)
"""


@pytest.mark.slow
def test_what_a_program_that_ends_at_once_leaves_is_taken_away_without_a_word() -> None:
    """As after a Ctrl-C: it has no time to tidy up, and the planner none to read of semaphores."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-c", AT_ONCE]
    ended = subprocess.run(program, env=environment, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"", b"")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


HALF_READ = """
from livesim.experiment.executors import local_executor

with local_executor(2) as executor:
    futures = [executor.submit(bytes, 100_000_000) for _ in range(4)]
    futures[0].result()
    raise SystemExit(7)
"""


@pytest.mark.slow
def test_workers_can_be_ended_while_a_result_is_being_read() -> None:
    """Else whoever reads it waits for the rest for ever, and the program does not end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-c", HALF_READ]
    assert subprocess.run(program, env=environment, timeout=60, check=False).returncode == 7


def test_workers_that_an_interrupt_has_ended_are_no_fault() -> None:
    """As who runs work does on Ctrl-C, before the first of them has started."""
    end_workers()
    with local_executor(2):
        end_workers()


def test_memory_is_given_back_before_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[None] = []
    monkeypatch.setattr(executors, "give_back_memory", lambda: given.append(None))
    assert Runner(workers=1).run(abs, [-1, 2, -3]).found == (1, 2, 3)
    assert len(given) == 3


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that keeps it")
def test_what_lies_between_things_that_stay_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def resident() -> float:
        """Return the memory that this process has [MB]."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    monkeypatch.setattr(executors, "_MUCH", 0)
    pairs = [(np.ones(12_000), np.ones(10)) for _ in range(1_500)]
    stays, before = [pair[1] for pair in pairs], resident()
    del pairs  # 144 MB
    executors.give_back_memory()
    assert resident() < before - 100
    assert len(stays) == 1_500
