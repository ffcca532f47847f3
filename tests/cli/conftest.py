"""A show that is over in a moment, for the tests of the commands; and Ctrl-C as users press it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TEXT = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 5s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 20}
supply: {pack: 1, minimum_order: 0}
"""


@pytest.fixture(scope="session")
def drop() -> str:
    """The text of the show's file."""
    return _TEXT


@pytest.fixture
def show(tmp_path: Path, drop: str) -> Path:
    path = tmp_path / "drop.yaml"
    path.write_text(drop, encoding="utf-8")
    return path


@pytest.fixture
def interrupted() -> Callable[..., str]:
    """Run livesim, press Ctrl-C, and return what it prints: a document of whole blocks, or none.

    The code is 130 with or without a first block.
    """

    def run(*arguments: object, seconds: float) -> str:
        running = subprocess.Popen(
            [sys.executable, "-m", "livesim", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        _press_ctrl_c(running)
        printed, said = running.communicate(timeout=seconds)
        assert running.returncode == 130
        assert "Interrupted" in said
        assert "Traceback" not in said
        if printed:
            assert json.loads(printed)["replications"] % 250 == 0
        return printed

    return run


def _press_ctrl_c(running: subprocess.Popen[str]) -> None:
    """Interrupt a program with all its processes, as a terminal does, once its workers work."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len(_children(running.pid)) < 2:
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)


def _children(process: int) -> list[int]:
    """Return the processes that a process has started (Linux)."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
