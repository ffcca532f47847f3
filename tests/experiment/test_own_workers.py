"""Worker processes work with code of one's own as it is in this process, or do not work."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from livesim.experiment import own_workers
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


def test_a_store_keeps_what_was_changed_in_memory(priced: Any, tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=2) as store:
        assert found(priced, store) == [100, 100]
        priced.K = 140
        with pytest.warns(UserWarning, match="priced from its file"):
            assert found(priced, store) == [140, 140]
        assert (store.found, store.done) == (0, 4)
