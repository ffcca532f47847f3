"""Which modules of one's own work needs, and whether they are the same elsewhere."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from livesim.errors import UsageError
from livesim.experiment import same_code
from livesim.experiment.content import content_digest
from livesim.experiment.same_code import differing, differing_once, own_code

HELP = "RATE = 0.1\ndef rate(): return RATE\n"
KEEN = """import helping
class Keen:
    def __call__(self, screen): return helping.rate()
def keen(screen): return helping.rate()
def within(screen):
    return (lambda: screen in {"a", "b", "c"})()
"""


@pytest.fixture
def keen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name, text in {"helping": HELP, "keen": KEEN}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    monkeypatch.setattr(same_code, "_first", {})
    monkeypatch.setattr(same_code, "_alike", set())
    return importlib.import_module("keen")


def main_function(keen: Any) -> FunctionType:
    """As it is written in a notebook: it travels whole, what it imports does not."""
    code = compile("def mine(screen): return keen.keen(screen)", "<notebook>", "exec")
    exec(code, space := {"keen": keen, "__name__": "__main__"})
    mine = space["mine"]
    assert isinstance(mine, FunctionType)
    return mine


WORK: dict[str, Callable[[Any], object]] = {
    "function": lambda keen: keen.keen,
    "object": lambda keen: keen.Keen(),
    "deep in a task": lambda keen: partial(json.dumps, {"by": [keen.keen]}),
    "method": lambda keen: keen.Keen().__call__,
    "notebook": main_function,
    "closure": lambda keen: (
        lambda of: FunctionType((lambda: of).__code__, {}, "f", (), (lambda: of).__closure__)
    )(keen.keen),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_modules_are_found(work: Callable[[Any], object], keen: ModuleType) -> None:
    known = own_code(work(keen))
    assert {"keen", "helping"} <= set(known)
    assert differing(known) == []


def test_libraries_are_not_own() -> None:
    assert own_code(partial(json.dumps, [json, json.dumps, Path(), sys])) == {}


@pytest.mark.parametrize(
    ("folder", "installed", "own"),
    [
        ("home", "", True),
        ("home", "far_kit/__init__.py,sha256=a,3\nother.py,sha256=b,3\n", False),
        ("home", "other/far_kit/__init__.py,sha256=a,3\n", True),
        ("home/python3/dist-packages", "", False),
        ("home/.local/site-packages", "", False),
    ],
)
def test_libraries_are_not_own_wherever_they_are(
    folder: str, installed: str, own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is only linked to (pip install -e) is not among the files that pip lists."""
    place = tmp_path / folder
    (place / "far_kit").mkdir(parents=True)
    (place / "far_kit" / "__init__.py").write_text("def keen(screen): ...\n", "utf-8")
    (place / "far_kit-1.0.dist-info").mkdir()
    (place / "far_kit-1.0.dist-info" / "RECORD").write_text(installed, "utf-8")
    monkeypatch.syspath_prepend(place)
    monkeypatch.delitem(sys.modules, "far_kit", raising=False)
    keen = importlib.import_module("far_kit").keen
    assert ("far_kit" in own_code(keen)) == own


def test_the_same_in_another_process(keen: ModuleType, tmp_path: Path) -> None:
    """Sets in code have another order there."""
    asked = "import keen; from livesim.experiment.same_code import own_code; "
    asked += "print(repr(own_code(keen.within)))"
    command = [sys.executable, "-c", asked]
    there = {
        subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for _ in range(4)
    }
    assert there == {f"{own_code(keen.within)!r}\n"}


CHANGES = {
    "file": lambda text: text.replace("0.1", "0.2"),
    "comment": lambda text: f"{text}# no more\n",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_file_differs(change: Callable[[str], str], keen: Any, tmp_path: Path) -> None:
    known = own_code(keen.keen)
    (tmp_path / "helping.py").write_text(change(HELP), encoding="utf-8")
    assert differing(known) == ["helping"]


@pytest.mark.parametrize("text", [HELP.replace("0.1", "0.2"), HELP.replace("RATE\n", "2 * RATE\n")])
def test_what_was_imported_before_it_changed_differs(text: str, keen: Any, tmp_path: Path) -> None:
    """The file is the same there by now; what is in memory is still what it was."""
    file = tmp_path / "helping.py"
    file.write_text(text, encoding="utf-8")
    stale = own_code(keen.keen)
    importlib.reload(sys.modules["helping"])
    assert differing(stale) == ["helping"]


@pytest.mark.parametrize("held", ["{table}", "[{table}]", "{{'rate': {table}}}", "'{table}'"])
def test_a_file_that_changed_since_it_was_compared_differs(
    held: str, keen: Any, tmp_path: Path
) -> None:
    """Here it is loaded as it was, whatever it holds; elsewhere as it is now."""
    assert differing(own_code(keen.keen)) == []
    loaded = sys.modules["helping"]
    file = tmp_path / "helping.py"
    file.write_text(f"{HELP}TABLE = {held.format(table=0.2)}\n", encoding="utf-8")
    sys.modules["helping"] = elsewhere = ModuleType("helping")
    elsewhere.__spec__ = loaded.__spec__
    exec(compile(file.read_text("utf-8"), file, "exec"), vars(elsewhere))
    known = own_code(keen.keen)
    sys.modules["helping"] = loaded
    assert differing(known) == ["helping"]


@pytest.mark.parametrize(
    "text",
    ["(0.1, ('a', 2))", "[0.1]", "{'by': [0.1]}", "np.array([0.1])", "'0.1'", "{'a', 'b', '0.1'}"],
)
def test_data_are_compared_as_they_are_loaded(
    text: str, keen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["helping"], "HELD", eval(text, {"np": np}), raising=False)
    known = own_code(keen.keen)
    assert differing(known) == []
    changed = eval(text.replace("0.1", "0.3"), {"np": np})
    monkeypatch.setattr(sys.modules["helping"], "HELD", changed)
    assert differing(known) == ["helping"]


@pytest.mark.parametrize("held", [str, Path, lambda place: {"data": [place]}])
def test_where_a_machine_has_its_files_does_not_matter(
    held: Callable[[Path], object], keen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["helping"], "HERE", held(tmp_path), raising=False)
    known = own_code(keen.keen)
    monkeypatch.setattr(sys.modules["helping"], "HERE", held(tmp_path.parent))
    assert differing(known) == []


def test_what_is_not_there_is_told_by_its_import(keen: Any) -> None:
    known = own_code(keen.keen)
    assert differing({"not_here": known["helping"]}) == []


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\ndef price(task): return importlib.import_module('deep').K",
        "def price(task): return __import__('deep').K",
        "import importlib\nclass Tools: deep = importlib.import_module('deep')\n"
        "def price(task): return Tools.deep.K",
        "from importlib import import_module\nBY = {'a': import_module('deep')}\n"
        "def price(task): return BY['a'].K",
        "from importlib import import_module\nfrom functools import partial\n"
        "DEEP = partial(getattr, import_module('deep'), 'K')\ndef price(task): return DEEP()",
        "from importlib import import_module\nof = import_module('deep').of\n"
        "def price(task): return of()",
        "from importlib import import_module\nTABLE = {'of': import_module('deep').of}\n"
        "def price(task): return TABLE['of']()",
        "from importlib import import_module\nmeta = import_module('deep').Deep().of\n"
        "def price(task): return meta()",
        "from functools import lru_cache\nimport importlib\n"
        "@lru_cache\ndef price(task): return importlib.import_module('deep').K",
    ],
)
def test_what_is_imported_otherwise_than_by_a_statement_is_own_code(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(same_code, "_first", {})
    deep_text = "K = 100\ndef of(): return K\nclass Deep:\n    def of(self): return K\n"
    for name, one in {"deep": deep_text, "priced": text}.items():
        (tmp_path / f"{name}.py").write_text(one, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    deep, priced = (importlib.import_module(name) for name in ("deep", "priced"))
    known, digest = own_code(priced.price), content_digest(priced.price)
    assert differing(known) == []
    monkeypatch.setattr(deep, "K", 140)
    assert "deep" in differing(known)
    assert content_digest(priced.price) != digest


IN_A_NOTEBOOK = {
    "default": "def mine(screen, rate=keen.keen): return rate(screen)",
    "table": "TABLE = {'a': keen.keen}\ndef mine(screen): return TABLE['a'](screen)",
    "partial": "PART = partial(keen.keen)\ndef mine(screen): return PART(screen)",
    "method": "METHOD = keen.Keen().__call__\ndef mine(screen): return METHOD(screen)",
    "beside what cannot be copied": "BY = [Lock()]\nRATE = [keen.keen]\n"
    "def mine(screen): return BY and RATE[0](screen)",
    "attribute": "class Mine:\n    rate = keen.keen\n    def __call__(self, screen): return "
    "self.rate(screen)\nmine = Mine()",
    "base": "class Mine(keen.Keen): pass\nmine = Mine()",
    "cached": "from functools import lru_cache\nCACHED = lru_cache(keen.keen)\n"
    "def mine(screen): return CACHED(screen)",
}


@pytest.mark.parametrize("text", IN_A_NOTEBOOK.values(), ids=IN_A_NOTEBOOK)
def test_what_a_notebook_has_of_a_module_is_own_code(text: str, keen: ModuleType) -> None:
    space = {"keen": keen, "partial": partial, "Lock": Lock, "__name__": "__main__"}
    exec(compile(text, "<notebook>", "exec"), space)
    assert {"keen", "helping"} <= set(own_code(space["mine"]))


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\ndef price(task): return importlib.import_module(NAME).K",
        "from importlib import import_module as load\ndef price(task): return load('deep').K",
        "def price(task): return __import__(NAME).K",
        "def price(task): return (lambda: __import__(NAME).K)()",
        "import runpy\ndef price(task): return runpy.run_path('deep.py')['K']",
        "def price(task):\n    from importlib import import_module as load\n"
        "    return load('deep').K",
        "def of(): return __import__(NAME).K\nTABLE = {'of': of}\n"
        "def price(task): return TABLE['of']()",
        "class Price:\n    def of(self): return __import__(NAME).K\nprice = Price().of",
    ],
)
def test_an_import_by_a_name_that_nobody_knows_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "priced.py").write_text(f"NAME = 'deep'\n{text}", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "priced", raising=False)
    importlib.invalidate_caches()
    price = importlib.import_module("priced").price
    for looked in (own_code, content_digest):
        with pytest.raises(UsageError, match=r"\(priced\.py, line \d\) imports by a name"):
            looked(price)


def test_an_import_that_no_work_does_refuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of a script's, which finds its parts by their names, beside the work."""
    monkeypatch.syspath_prepend(tmp_path)
    text = "def main(name): return __import__(name)\ndef price(task): return 3\n"
    (tmp_path / "priced.py").write_text(text, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "priced", raising=False)
    importlib.invalidate_caches()
    price = importlib.import_module("priced").price
    assert [*own_code(price)] == ["priced"]
    assert content_digest(price)


def test_a_module_made_in_memory_is_content() -> None:
    made: Any = ModuleType("made")
    made.K = 100
    exec("def price(task): return made.K", space := {"made": made, "__name__": "__main__"})
    digest = content_digest(made)
    made.K = 140
    assert content_digest(made) != digest
    assert space


def test_what_cannot_be_imported_elsewhere_is_named_itself(
    keen: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what imports it: that is there, and is the same."""
    known = tuple(own_code(vars(keen)["keen"]).items())
    (tmp_path / "helping.py").unlink()
    for name in ("keen", "helping"):
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    assert differing_once(known) == ["helping"]
