"""Worker processes work with code of one's own as it is in this process, or do not work."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from livesim.errors import UsageError
from livesim.experiment import own_workers, runner
from livesim.experiment import store as store_module
from livesim.experiment.executors import end_workers
from livesim.experiment.runner import Runner
from livesim.experiment.store import Store


@pytest.fixture
def priced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "priced.py").write_text("K = 100\ndef price(task): return K\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "priced", raising=False)
    importlib.invalidate_caches()
    monkeypatch.setattr(own_workers, "_same", {})
    monkeypatch.setattr(own_workers, "_unlike", {})
    yield importlib.import_module("priced")
    end_workers()


def anew(name: str) -> Any:
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def found(priced: Any, store: Store | None = None) -> list[int]:
    return [*Runner(workers=2, executor=store).run(priced.price, [1, 2]).whole()]


def test_what_was_changed_in_memory_or_in_a_file_is_what_is_simulated(
    priced: Any, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(priced) == [100, 100]  # in other processes, which stay
    priced.K = 140
    with pytest.warns(UserWarning, match="priced from its file"):
        assert found(priced) == [140, 140]
    file = tmp_path / "priced.py"
    file.write_text(file.read_text("utf-8").replace("100", "1800"), encoding="utf-8")
    with pytest.warns(UserWarning, match="priced from its file"):
        assert found(priced) == [140, 140]
    importlib.reload(priced)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(priced) == [1800, 1800]


MEETING = """import os, time
from pathlib import Path
K = 100
HERE = Path(__file__).parent
(HERE / f"{os.getpid()}.pid").touch()
def price(task):
    end = time.monotonic() + 20
    while len([*HERE.glob("*.pid")]) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    return K
"""


@pytest.mark.parametrize("kept", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_worker_that_imports_later_than_the_one_that_is_asked_does_no_other_work(
    kept: bool, priced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both workers have a task at once, and the file has changed when the second one imports it."""
    file = tmp_path / "priced.py"
    file.write_text(MEETING, encoding="utf-8")
    priced = anew("priced")
    where = store_module if kept else runner
    asked = where.able

    def changing(*work: Any) -> Any:
        able = asked(*work)
        file.write_text(MEETING.replace("100", "1800"), encoding="utf-8")
        return able

    monkeypatch.setattr(where, "able", changing)
    with (
        Store(tmp_path / "store", workers=2) if kept else nullcontext() as store,
        pytest.warns(UserWarning, match="a worker process has other code of your own in priced"),
    ):
        assert found(priced, store) == [100, 100]


def test_work_that_imports_what_nobody_knows_is_done_here_and_not_kept(
    priced: Any, tmp_path: Path
) -> None:
    text = "import importlib\ndef price(task): return importlib.import_module(NAME).PI\n"
    (tmp_path / "priced.py").write_text(f"NAME = 'priced'\nPI = 3\n{text}", encoding="utf-8")
    priced = anew("priced")
    with pytest.warns(UserWarning, match=r"alone .* known only when it runs"):
        assert found(priced) == [3, 3]
    with (
        Store(tmp_path / "store", workers=1) as store,
        pytest.raises(UsageError, match=r"price \(priced.py, line 4\) imports by a name"),
    ):
        found(priced, store)


def test_a_store_keeps_what_was_changed_in_memory(priced: Any, tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=2) as store:
        assert found(priced, store) == [100, 100]
        priced.K = 140
        with pytest.warns(UserWarning, match="priced from its file"):
            assert found(priced, store) == [140, 140]
        assert (store.found, store.done) == (0, 4)
