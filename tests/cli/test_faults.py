"""Faults that are nobody's mistake, as they happen: full disks, kills, and Ctrl-C at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.experiment import runner
from livesim.experiment.executors import InProcess, LostWorkers
from livesim.results import load

ROOT = Path(__file__).parents[2]
LIVESIM = [sys.executable, "-m", "livesim"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
#: How often a program is interrupted; .ci/long asks for more.
TIMES = int(os.environ.get("LIVESIM_FAULTS", "2"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def begun(
    *arguments: object,
    stdout: int | IO[str] = subprocess.PIPE,
    stderr: int | IO[str] = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start livesim as a terminal does: a Ctrl-C reaches it and its workers."""
    return subprocess.Popen(
        [*LIVESIM, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=stdout,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("name", ["out", "out.html"])
def test_a_full_disk_is_told_before_the_work_and_loses_no_answer(
    show: Path, small_disk: Path, name: str
) -> None:
    (small_disk / "other").write_bytes(bytes(300_000))
    result = call("run", show, "-n", 50, "--out", small_disk / name)
    assert result.exit_code == 2
    assert "A quick drop" in result.stdout
    full = f"{small_disk / name}: cannot be written: No space left on device: livesim wants 256 kB"
    full = f"{full} free before it begins"
    assert result.stderr == f"{full}; what is found is printed all the same\n{full}\n"
    assert [path.name for path in small_disk.iterdir()] == ["other"]


@pytest.mark.slow
def test_no_command_loses_its_answer_to_a_full_disk(show: Path, small_disk: Path) -> None:
    (small_disk / "other").write_bytes(bytes(400 * 1024 - 8_192))
    past = show.with_name("past.csv")
    past.write_text(
        "date,length,viewers,product,price,sold\n"
        + "".join(
            f"2026-0{m}-05 20:00,60min,{900 + 9 * m},serum,100,{20 + m}\n" for m in range(1, 9)
        )
    )
    show.write_text(show.read_text() + "\nexpect: [{conservation: holds}]\n")
    out, small = ("--out", small_disk / "out"), ("-n", 50, "--workers", 1)
    for command, said in (
        (("plan", show, *small, *out), "Buy"),
        (("compare", show, "--set", "products.serum.owned=20", *small, *out), "earns"),
        (("sweep", show, "--over", "products.serum.owned=5,20", *small, *out), "serum"),
        (("explain", show, "-n", 250, *out), "what"),
        (("live", show, "--at", "2min", "--left", "serum=8", *out), "on the air"),
        (("calibrate", show, "--history", past, *out), "serum"),
        (("backtest", "--history", past, *out), "shows"),
        (("import", past, "--out", small_disk / "shows.csv"), "serum"),
        (("journeys", show, "--out", small_disk / "journeys.csv"), "everyone"),
        (("check", show, "--no-cache", "--junit", small_disk / "check.xml"), "holds: 1"),
        (("validate", show, "--junit", small_disk / "validate.xml"), "fine"),
    ):
        (small_disk / "last").write_bytes(bytes(8_192))
        result = call(*command)
        assert result.exit_code == 2, (command, result.output)
        assert "cannot be written: No space left on device" in result.stderr
        assert said in result.stdout, command


def test_what_goes_wrong_in_keeping_takes_no_answer_along(
    show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr("livesim.results.result.Result.save", fail)
    result = call("run", show, "-n", 50, "--out", tmp_path / "out")
    assert result.exit_code == 3 and "A quick drop" in result.stdout


def test_a_reader_that_is_gone_does_not_keep_the_answer_from_its_folder(
    show: Path, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = begun("run", show, "-n", "50", "--out", tmp_path / "out", stdout=writer)
    os.close(writer)
    process.communicate()
    assert process.returncode == 141
    assert load(tmp_path / "out").replications == 50


@pytest.mark.slow
def test_a_disk_that_fills_up_loses_no_answer(show: Path, small_disk: Path) -> None:
    (small_disk / "other").write_bytes(bytes(100_000))
    result = call("run", show, "-n", 500, "--json", "--out", small_disk / "out")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["replications"] == 500
    assert "No space left on device" in result.stderr
    assert [path.name for path in small_disk.iterdir()] == ["other"]


def test_a_disk_that_only_reads(show: Path, small_disk: Path) -> None:
    expecting = small_disk / "shows" / "show.yaml"
    expecting.parent.mkdir()
    expecting.write_text(show.read_text() + "\nexpect: [{conservation: holds}]\n")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for command in (
        ("run", show, "--out", small_disk / "out"),
        ("run", show, "--out", small_disk / "out.html"),
        ("new", small_disk / "new.yaml"),
        ("journeys", show, "--out", small_disk / "journeys.csv"),
        ("check", expecting.parent, "--update"),
        ("check", expecting, "--no-cache", "--junit", small_disk / "check.xml"),
        ("validate", expecting, "--strict", "--junit", small_disk / "validate.xml"),
    ):
        result = call(*command)
        assert result.exit_code == 2
        assert bool(result.stdout) == (command[0] != "new" and "--update" not in command)
        assert "cannot be written: Read-only file system" in result.stderr
    process = begun("check", expecting, "--cache", small_disk / "verdicts")
    said, warned = process.communicate()
    assert process.returncode == 0 and "holds: 1" in said
    assert "verdicts cannot be kept there: Read-only file system" in warned


def test_a_report_goes_into_a_new_folder_and_into_a_pipe(show: Path, tmp_path: Path) -> None:
    assert call("validate", show, "--junit", tmp_path / "new" / "a.xml").exit_code == 0
    assert (tmp_path / "new" / "a.xml").read_text().startswith("<?xml")
    process = begun("validate", show, "--junit", "/dev/stdout")
    assert process.communicate()[0].rstrip().endswith("</testsuites>") and not process.returncode


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        (("run", "SHOW", "--out", "LONG"), "'--out'"),
        (("run", "SHOW", "--store", "LONG"), "'--store'"),
        (("check", "SHOW", "--junit", "LONG"), "'--junit'"),
        (("import", "LONG"), "'EXPORT...'"),
        (("plan", "LONG"), "'SCENARIO'"),
    ],
)
def test_a_name_that_is_too_long_is_told_with_its_argument(
    command: tuple[str, ...], argument: str, show: Path, tmp_path: Path
) -> None:
    given = {"SHOW": show, "LONG": tmp_path / ("x" * 300)}
    result = call(*(given.get(word, word) for word in command))
    assert result.exit_code == 2
    assert f"Invalid value for {argument}" in result.stderr
    assert "xxx…, is too long; take a shorter one" in result.stderr


def test_a_large_tree_is_refused_at_once(show: Path) -> None:
    start = time.monotonic()
    result = call("run", show, "--out", "/usr")
    assert result.exit_code == 2
    assert "has files in it but is not a livesim result" in result.stderr
    assert time.monotonic() - start < 10


def test_force_needs_a_folder(show: Path) -> None:
    result = call("run", show, "--force")
    assert result.exit_code == 2
    assert "give --out FOLDER" in result.stderr


@pytest.mark.slow
def test_only_the_same_study_is_replaced(show: Path, tmp_path: Path) -> None:
    out, common = tmp_path / "out", ("run", show, "--workers", 1)
    for _ in range(2):
        assert call(*common, "-n", 100, "--out", out).exit_code == 0
    others = {
        "another scenario": ("-n", 100, "--set", "products.serum.owned=11"),
        "of seed 1": ("-n", 100, "--seed", 2),
        "100 replications": ("-n", 50),
    }
    for said, options in others.items():
        result = call(*common, *options, "--out", out)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr and "--force" in result.stderr
    plan = call("plan", show, "-n", 50, "--workers", 1, "--out", out)
    assert plan.exit_code == 2
    assert "is a livesim result, not a livesim plan" in plan.stderr
    (out / "notes.txt").write_text("mine")
    result = call(*common, "-n", 50, "--out", out, "--force")
    assert result.exit_code == 2
    assert "notes.txt is not part of the result" in result.stderr


class Lost(InProcess):
    """It loses all but the first piece of work."""

    done = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.done += 1
        if self.done == 1:
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        future.set_exception(LostWorkers("the cluster is gone: run again"))
        return future


@pytest.mark.filterwarnings("default")
def test_a_lost_cluster_is_not_taken_for_ctrl_c(
    show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "local_executor", lambda *_: Lost())
    result = call("run", show, "-n", 500, "--workers", 1)
    assert result.exit_code == 5
    assert "the cluster is gone: run again; what was done by then is kept\n" in result.stderr
    assert "Stopped early: this is from the first 250 of 500 replications." in result.stderr
    assert "nterrupted" not in result.stderr


@pytest.mark.slow
def test_a_killed_worker(show: Path) -> None:
    """What was done by then is shown; before that, it is said what to change."""
    run = begun("run", show, "-n", 1_000_000, "--workers", 2, "--json")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(workers := _workers(run.pid)) < 2:
        time.sleep(0.1)
    time.sleep(2)
    os.kill(workers[0], signal.SIGKILL)
    printed, said = run.communicate(timeout=120)
    assert "a worker was ended from outside, as systems do when memory is short" in said
    assert "--workers 1" in said
    assert "Traceback" not in said
    assert run.returncode == (5 if printed else 2)
    if printed:
        assert json.loads(printed)["replications"] % 250 == 0


def _workers(parent: int) -> list[int]:
    """Return the workers of a program (Linux)."""
    found = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # a thread or a process that has ended
            children = [int(child) for child in task.read_text().split()]
            found += [
                pid for pid in children if "LokyProcess" in Path(f"/proc/{pid}/cmdline").read_text()
            ]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.thorough), 2])
def test_ctrl_c_at_any_moment(show: Path, tmp_path: Path, workers: int) -> None:
    """The code is 130 within two seconds, and there is no traceback.

    Time in which others have the processors does not count (Linux tells how long it is), and
    moments are of the program's own processor time, so that a busy machine changes neither. Before
    the first line of livesim runs it is Python's own to say something (the first 50 ms).
    """
    choose, slow = random.Random(workers), []
    for number in range(TIMES):
        out = tmp_path / f"{number}"
        with (tmp_path / "printed").open("w+") as printed, (tmp_path / "said").open("w+") as said:
            command = ("run", show, "-n", 1_000_000, "--workers", workers, "--json", "--out", out)
            run = begun(*command, stdout=printed, stderr=said)
            _wait_for(run.pid, 6 * (number + choose.random()) / TIMES)  # first while it starts
            pressed, waited = time.monotonic(), _waited(run.pid)
            os.killpg(run.pid, signal.SIGINT)
            os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
            slow += [time.monotonic() - pressed - (_waited(run.pid) - waited)]
            code = run.wait()
        told = (tmp_path / "said").read_text()
        assert code in (130, -signal.SIGINT), told
        if code == 130:
            assert "Interrupted" in told or "Stopped " in told
        assert "Traceback" not in told or "site.py" in told or "<frozen" in told, told
        document = (tmp_path / "printed").read_text()
        assert bool(document) == out.exists()
        if document:
            assert json.loads(document)["interrupted"] is True
            assert load(out).requested == 1_000_000
    assert max(slow) < 2, slow


def _wait_for(program: int, seconds: float) -> None:
    """Wait until a program and its workers have had so much processor time (Linux)."""
    had = 0.0
    while had < seconds:
        time.sleep(0.001)
        spent = (_of_thread(pid)[0] for pid in (program, *_workers(program)))
        had = max(had, sum(spent))


def _waited(program: int) -> float:
    """Return how long a program's main thread was ready and another one had the processor [s]."""
    return _of_thread(program)[1]


def _of_thread(program: int) -> tuple[float, float]:
    """Return how long a program's main thread had a processor, and waited for one [s] (Linux)."""
    try:
        had, waited, _ = Path(f"/proc/{program}/schedstat").read_text().split()
    except FileNotFoundError:  # a worker that has ended
        return 0.0, 0.0
    return int(had) / 1e9, int(waited) / 1e9
