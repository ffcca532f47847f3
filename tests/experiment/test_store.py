"""A store: nothing is simulated twice, nothing damaged is used, and the bits are the same."""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import interpolate, stats

import livesim
from livesim.engine.outcome import Outcome
from livesim.errors import Interrupted, ResultsError, UsageError
from livesim.experiment import store as module
from livesim.experiment.blocks import Block
from livesim.experiment.content import content_digest
from livesim.experiment.executors import InProcess
from livesim.experiment.simulating import simulate_block
from livesim.experiment.store import Store
from livesim.results.packing import packed, sealed, told_of, unpacked
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def short() -> Scenario:
    text = (Path(__file__).parents[2] / "scenarios" / "brand_room.yaml").read_text("utf-8")
    return livesim.load(text, {"show.length": "20min", "show.refresh": "20s"})


@pytest.fixture(scope="module")
def coarse() -> Scenario:
    serum = {"price": 99, "unit_cost": 40, "owned": 40, "orders_per_1000": 25}
    show = {"length": "15min", "refresh": "30s", "currency": "CNY"}
    return livesim.load(
        {"title": "A room", "show": show, "viewers": 2_000, "products": {"serum": serum}}
    )


def run(scenario: Scenario, store: Executor | None, **options: Any) -> Any:
    return livesim.simulate(scenario, replications=50, workers=1, executor=store, **options)


def fails_late(show: Any) -> Any:
    """Fail in the third show of a whole block, and in no other."""
    yield show.until(120)
    if show.row == 2 and len(show.inputs.comes) == 250:
        raise ValueError("my own mistake")


@pytest.mark.filterwarnings("ignore:this process simulates alone")  # tests are no code to import
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_fault_says_where_and_takes_no_other_block_with_it(
    short: Scenario, tmp_path: Path, workers: int
) -> None:
    study = partial(livesim.simulate, short, replications=300, processes=[fails_late])
    with (
        pytest.raises(ValueError, match="my own mistake") as fault,
        Store(tmp_path / "store", workers=workers) as store,
    ):
        study(executor=store)
    assert fault.value.__notes__ == [
        "in replication 2 of block 0, seed 1, at 120 s",
        "in block 0 of 250 replications",
    ]
    assert store.done == 1


@pytest.mark.parametrize("study", [livesim.plan, livesim.simulate])
def test_a_fault_says_where_in_every_study(study: Any, short: Scenario) -> None:
    def fails(show: Any) -> Any:
        yield show.until(120)
        raise ValueError("my own mistake")

    with pytest.raises(ValueError, match="my own mistake") as fault:
        study(short, replications=50, seed=7, processes=[fails], workers=1)
    assert fault.value.__notes__[0] == "in replication 0 of block 0, seed 7, at 120 s"


def test_a_fault_of_a_behaviour_says_where(short: Scenario) -> None:
    """It acts in all replications at once, so one is named only for what it returned there."""

    def fails(screen: Any) -> float:
        raise ValueError("my own mistake")

    def no_number(screen: Any) -> Any:
        return np.where(np.arange(50) == 3, np.nan, 0.0)[:, None]

    with pytest.raises(ValueError, match="my own mistake") as fault:
        livesim.simulate(short, replications=50, seed=7, behaviour=fails, workers=1)
    assert fault.value.__notes__[0] == "in all replications of block 0, seed 7, at 0 s"
    with pytest.raises(UsageError, match="at 0 s, in replication 3 of block 0, seed 7; return 0"):
        livesim.simulate(short, replications=50, seed=7, behaviour=no_number, workers=1)


def test_what_is_there_waits_on_disk_for_what_comes_before_it(
    coarse: Scenario, tmp_path: Path
) -> None:
    """A damaged first block of many does not make all others be in memory at once."""

    class Later(Executor):
        """Does the first piece of work when it is told to, and others at once."""

        def __init__(self) -> None:
            self.first: Callable[[], None] | None = None

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            work = lambda: future.set_result(fn(*args, **kwargs))  # noqa: E731
            if self.first is None:
                self.first = work
            else:
                work()
            return future

    def there() -> int:
        gc.collect()
        return sum(isinstance(one, Outcome) for one in gc.get_objects())

    def profits(futures: list[Future[Any]]) -> list[list[float]]:
        return [future.result().shows["profit"].tolist() for future in futures]

    def submitted(store: Store, *numbers: int) -> list[Future[Any]]:
        return [store.submit(simulate_block, coarse, 1, n, replications=50) for n in numbers]

    paths, wanted, before = list[Path](), list[list[float]](), there()
    with Store(tmp_path / "store", workers=1) as store:
        for number in range(3):
            wanted += profits(submitted(store, number))
            paths += [kept.path for kept in store.blocks() if kept.path not in paths]
    paths[0].unlink()
    later = Later()
    store = Store(tmp_path / "store", later)
    futures = submitted(store, 0, 1, 2)
    assert [future.done() for future in futures] == [False, True, True]
    assert there() == before, "what is there is not read yet"
    paths[2].write_bytes(b"damaged meanwhile")
    assert later.first is not None
    later.first()
    assert profits(futures) == wanted


# --- What is there is not simulated again ---------------------------------------------------------


def test_a_finished_study_is_not_simulated_again(short: Scenario, tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        first = run(short, store)
        assert (store.found, store.done) == (0, 1)
    with Store(tmp_path / "store", workers=1) as store:
        again = run(short, store)
        assert (store.found, store.done) == (1, 0)
    assert again.fingerprint == first.fingerprint == run(short, None).fingerprint


@pytest.mark.slow
def test_more_replications_simulate_only_what_is_missing(short: Scenario, tmp_path: Path) -> None:
    study = partial(livesim.simulate, short, seed=3, workers=1)
    with Store(tmp_path / "store", workers=1) as store:
        study(replications=500, executor=store)
        more = study(replications=800, executor=store)
        assert (store.found, store.done) == (2, 4)
    assert more.fingerprint == study(replications=800).fingerprint


ANSWERS: dict[str, Callable[..., Any]] = {
    "plan": lambda show, **where: livesim.plan(show, replications=100, **where),
    "compare": lambda show, **where: livesim.compare(
        {"a": show, "b": show.with_changes({"products.mask.price": 99})}, replications=100, **where
    ),
    "sweep": lambda show, **where: livesim.sweep(
        show, {"products.mask.owned": [5, 10]}, replications=100, **where
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_has_the_same_bits(answer: str, short: Scenario, tmp_path: Path) -> None:
    usual = ANSWERS[answer](short, workers=1)
    with Store(tmp_path / "store", workers=1) as store:
        first = ANSWERS[answer](short, executor=store)
        simulated = store.done
        again = ANSWERS[answer](short, executor=store)
    assert simulated > 0
    assert (store.found, store.done) == (simulated, simulated)
    assert usual.fingerprint == first.fingerprint == again.fingerprint


@pytest.mark.slow
def test_an_incubator_too(tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        found = [
            livesim.incubate(
                "incubator", tried=[2], candidates=100, later_shows=2, shows=[1], executor=store
            )
            for _ in range(2)
        ]
        assert store.found == store.done > 0
    assert found[0].fingerprint == found[1].fingerprint


def test_other_work_is_other_work(short: Scenario, tmp_path: Path) -> None:
    dearer = short.with_changes({"products.mask.price": 130})
    with Store(tmp_path / "store", workers=1) as store:
        run(short, store)
        run(short, store, seed=2)
        run(dearer, store)
        run(short, store, behaviour=lambda screen: 0.1)
        run(short, store, behaviour=lambda screen: 0.2)
        assert store.found == 0


def earlier(show: Any) -> Any:
    yield show.until(60)
    show.set_price("serum", 79)


def later(show: Any) -> Any:
    yield show.until(600)
    show.set_price("serum", 79)


STUDIES: dict[str, Callable[..., Any]] = {
    "plan": livesim.plan,
    "compare": lambda show, **given: livesim.compare({"a": show, "b": show}, **given),
    "sweep": lambda show, **given: livesim.sweep(show, {"deal.guest_fee": [0, 1]}, **given),
}


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_own_code_takes_part_in_every_study(study: str, coarse: Scenario, tmp_path: Path) -> None:
    """That a process changes what comes out, and that another one is other work."""
    found = []
    with Store(tmp_path / "store", workers=1) as store:
        for own in ({}, {"processes": [earlier]}, {"processes": [later]}, {"behaviour": keen}):
            found.append(STUDIES[study](coarse, replications=50, executor=store, **own))
            assert ("parts of your own" in " ".join(found[-1].origin.notes)) == bool(own)
        done = store.done
        again = STUDIES[study](coarse, replications=50, executor=store, processes=[earlier])
        assert (store.done, again.fingerprint) == (done, found[1].fingerprint)
    assert len({one.fingerprint for one in found}) == len(found)


# --- Interrupts, faults and damage ----------------------------------------------------------------


class Impatient(InProcess):
    """Ctrl-C comes at the third piece of work."""

    def __init__(self) -> None:
        self.asked = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked += 1
        if self.asked == 3:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


@pytest.mark.slow
def test_what_was_done_before_an_interrupt_is_kept(short: Scenario, tmp_path: Path) -> None:
    study = partial(livesim.simulate, short, replications=1000)
    with Store(tmp_path / "store", Impatient()) as store, pytest.raises(Interrupted):
        study(executor=store)
    with Store(tmp_path / "store", workers=1) as store:
        whole = study(executor=store)
        assert (store.found, store.done) == (2, 2)
    assert whole.fingerprint == study(workers=1).fingerprint


def damaged(content: bytes) -> list[bytes]:
    middle = len(content) // 2
    return [b"", content[:middle], content[:-9], content[:middle] + b"\0" * 40 + content[middle:]]


@pytest.mark.parametrize("number", range(4))
def test_a_damaged_file_is_named_and_simulated_again(
    number: int, short: Scenario, tmp_path: Path
) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        first = run(short, store)
        (kept,) = store.blocks()
        assert list(store.verify()) == []
        kept.path.write_bytes(damaged(kept.path.read_bytes())[number])
        ((path, what),) = store.verify()
        assert (path, bool(what)) == (kept.path, True)
        again = run(short, store)
        assert (store.found, store.done) == (0, 2)
        assert "2 were simulated and kept, 1 of them in place of damaged files" in store.about
        assert list(store.verify()) == []
    assert again.fingerprint == first.fingerprint


def test_a_block_under_the_name_of_another_is_not_used(short: Scenario, tmp_path: Path) -> None:
    """It is whole, so that only its name shows that it is other work."""
    with Store(tmp_path / "store", workers=1) as store:
        first, other = run(short, store), run(short, store, seed=7)
        places = {one.about["seed"]: one.path for one in store.blocks()}
        shutil.copyfile(places[7], places[1])
        said = f"it is another block, under this one's name (block 0 of seed 7, {short.title})"
        assert [*store.verify()] == [(places[1], said)]
        assert run(short, store).fingerprint == first.fingerprint != other.fingerprint
        assert (store.damaged, [*store.verify()]) == (1, [])


def test_a_first_line_that_was_edited_is_told() -> None:
    """It is a whole file of livesim's, with something else in it."""
    content = packed(1, {"seed": 1})
    with pytest.raises(ResultsError, match="it is not as it was written"):
        unpacked(content.replace(b'"seed": 1', b'"seed": 7'))
    with pytest.raises(ResultsError, match="no whole file"):
        unpacked(content[:30])


def test_a_full_disk_is_told(
    short: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    with (
        Store(tmp_path / "store", workers=1) as store,
        pytest.raises(
            ResultsError, match=r"cannot be written: No space left on device; .* run again"
        ),
    ):
        run(short, store)


def test_a_file_that_cannot_go_is_named(
    short: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_somebody_else(path: Path, missing_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system")

    store = Store(tmp_path / "store", workers=1)
    (store.folder / "ab").mkdir()
    (store.folder / "ab" / "damaged.arrow").write_bytes(b"")
    monkeypatch.setattr(Path, "unlink", of_somebody_else)
    with pytest.raises(ResultsError, match=r"damaged.arrow: cannot be deleted: Read-only"):
        store.prune()


def test_a_fault_in_one_block_loses_no_other(short: Scenario, tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        good = store.submit(abs, -1)
        bad = store.submit(divmod, 1, 0)
        assert good.result() == 1
        with pytest.raises(ZeroDivisionError):
            bad.result()
        assert store.done == 1


PROGRAM = """
import sys, livesim
from pathlib import Path
show = livesim.load(Path({scenario!r}).read_text("utf-8"), {{"show.length": "20min"}})
if __name__ == "__main__":
    with livesim.Store({folder!r}, workers=1) as store:
        found = livesim.simulate(show, replications=1000, executor=store)
    print(found.fingerprint)
"""


def program(folder: Path, scenarios: Path) -> str:
    return PROGRAM.format(scenario=str(scenarios / "brand_room.yaml"), folder=str(folder))


@pytest.mark.slow
def test_two_processes_do_one_store_no_harm(tmp_path: Path, scenarios: Path) -> None:
    code = program(tmp_path / "store", scenarios)
    two = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = {process.communicate()[0] for process in two}
    assert len(said) == 1
    store = Store(tmp_path / "store")
    assert len(list(store.blocks())) == 4
    assert list(store.verify()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [1, *(pytest.param(number, marks=pytest.mark.thorough) for number in (0, 2, 4))]
)
def test_a_kill_leaves_whole_blocks_only(number: int, tmp_path: Path, scenarios: Path) -> None:
    code = program(tmp_path / "store", scenarios)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    folder, end = tmp_path / "store", time.monotonic() + 60
    while not list(folder.glob("*/*.arrow")) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.05 * number)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(Store(folder).verify()) == []
    assert list(Store(folder).blocks())


# --- Keeping house --------------------------------------------------------------------------------


def test_what_is_there_is_told(short: Scenario, tmp_path: Path) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        run(short, store, seed=9)
        (kept,) = store.blocks()
    assert kept.about["title"] == short.title
    assert (kept.about["seed"], kept.about["block"], kept.about["replications"]) == (9, 0, 50)
    assert kept.size == kept.path.stat().st_size


def test_pruned_is_what_is_old_damaged_or_long_unused(
    short: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "store", workers=1) as store:
        for seed in range(3):
            run(short, store, seed=seed)
        first, second, third = (kept.path for kept in store.blocks())
        assert store.prune() == []
        first.write_bytes(b"damaged")
        os.utime(second, (0, 0))
        assert [kept.path for kept in store.prune(unused_for=3600)] == [first, second]
        monkeypatch.setattr(module, "code_digest", lambda: "another version")
        assert [kept.path for kept in store.prune()] == [third]
        assert list(store.blocks()) == []


def test_a_folder_with_other_things_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(UsageError, match="has other things in it"):
        Store(tmp_path)
    with pytest.raises(UsageError, match="cannot be a store"):
        Store(tmp_path / "thesis.tex" / "store")


# --- Content --------------------------------------------------------------------------------------


class Pair(NamedTuple):
    first: int
    second: float


def keen(screen: Any) -> float:
    return 0.1


DIFFERENT = [
    *(1, 1.0, True, "1", b"1", None, (1,), [1], {1: 1}, {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    *(np.array([1]), np.array([1.0]), np.array([[1]]), np.float64(1), Pair(1, 1.0), (1, 1.0)),
    *(Block(1, 50), (1, 50), abs, keen, partial(keen, 1), partial(keen), int, range(3), ("a", "b")),
    *(("ab",), ("a", ("b",)), {1}, {1, 2}, frozenset({1, 2})),
]


def test_what_differs_has_another_digest() -> None:
    digests = [content_digest(value) for value in DIFFERENT]
    assert len(set(digests)) == len(DIFFERENT)
    assert digests == [content_digest(value) for value in DIFFERENT]


def test_what_a_function_closes_over_is_content() -> None:
    def factor(size: float) -> Callable[[Any], float]:
        return lambda screen: size

    assert content_digest(factor(1.0)) == content_digest(factor(1.0))
    assert content_digest(factor(1.0)) != content_digest(factor(2.0))


OWN = """
from dataclasses import dataclass
import own_helper

SIZE = {size}

def size():
    return SIZE * own_helper.SCALE

def keener(screen):
    return size()

@dataclass(frozen=True)
class Keen:
    by: float
    def __call__(self, screen):
        return {size} * self.by
"""


@pytest.mark.parametrize("changed", ["its own file", "a file that it imports", "a value now"])
def test_what_own_code_reads_is_content(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)

    def digests(size: float, scale: float) -> list[str]:
        (tmp_path / "own_code.py").write_text(OWN.format(size=size), encoding="utf-8")
        (tmp_path / "own_helper.py").write_text(f"SCALE = {scale}\n", encoding="utf-8")
        for name in ("own_code", "own_helper"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        own = importlib.import_module("own_code")
        if changed == "a value now":
            own.SIZE = size
        return [content_digest(one) for one in (own.keener, own.Keen(1.0))]

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before, after = digests(1.0, 1.0), digests(1.0, 1.0)
    assert before == after
    match changed:
        case "its own file":
            assert not set(digests(2.0, 1.0)) & set(before)
        case "a file that it imports":
            assert digests(1.0, 2.0)[0] != before[0]
        case "a value now":
            own = sys.modules["own_code"]
            own.SIZE = 3.0  # as another cell of a notebook does
            assert content_digest(own.keener) != before[0]


#: Ways in which a behaviour reads a file that it does not stand in; the last file is changed.
FAR = {
    "a module's import": {
        "own_code": "import own_near\ndef keen(screen): return own_near.by(screen)",
        "own_near": "import own_far\ndef by(screen): return own_far.by(screen)",
        "own_far": "def by(screen): return 0.1",
    },
    "an import within": {
        "own_code": "def keen(screen):\n    from own_far import by\n    return by(screen)",
        "own_far": "def by(screen): return 0.1",
    },
    "a default": {
        "own_code": "from own_far import BY\ndef keen(screen, *, by=BY): return by",
        "own_far": "BY = 0.1",
    },
    "a class": {
        "own_code": """
from dataclasses import dataclass
from own_far import by
@dataclass(frozen=True)
class Keen:
    most: float
    def __call__(self, screen): return by(screen)
keen = Keen(1.0)
""",
        "own_far": "def by(screen): return 0.1",
    },
    "a class to stand on": {
        "own_code": """
from dataclasses import dataclass
from own_far import Base
@dataclass(frozen=True)
class Keen(Base):
    most: float
keen = Keen(1.0)
""",
        "own_far": "class Base:\n    def __call__(self, screen): return 0.1",
    },
    "a package": {
        "own_code": "import own_parts\ndef keen(screen): return own_parts.far.by(screen)",
        "own_parts/__init__": "from . import far",
        "own_parts/far": "def by(screen): return 0.1",
    },
}


@pytest.mark.parametrize("way", FAR)
def test_what_own_code_reads_through_other_files_is_content(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def digest(files: dict[str, str]) -> str:
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name in [name for name in sys.modules if name.startswith("own_")]:
            monkeypatch.delitem(sys.modules, name)
        importlib.invalidate_caches()
        return content_digest(importlib.import_module("own_code").keen)

    files = FAR[way]
    far = [*files][-1]
    before = digest(files)
    assert digest(files) == before
    assert digest(files | {far: files[far].replace("0.1", "0.2")}) != before


def test_own_code_is_known_as_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who changes a file that is imported already has the old code with the new text."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "own_loaded.py").write_text("import own_far_one\n\ndef keen(s): ...\n", "utf-8")
    far = tmp_path / "own_far_one.py"
    far.write_text("def by(screen): return 0.1\n", encoding="utf-8")
    own = importlib.import_module("own_loaded")
    far.write_text("def by(screen): return 0.2\n", encoding="utf-8")
    stale = content_digest(own.keen)
    monkeypatch.delitem(sys.modules, "own_far_one")
    importlib.invalidate_caches()
    importlib.import_module("own_far_one")
    assert content_digest(own.keen) != stale


#: Data of many kinds, each of which is other data for another x.
HELD = """
(x,)
[x]
{"by": [x]}
{"by": x, "of": len}
{x}
b"%d" % x
x * 1j
np.array([x])
np.array([x, None])
np.ma.array([3, 4], mask=[x == 1, x == 2])
np.random.default_rng(x)
pandas.Series([x])
pandas.DataFrame({"by": [x]})
decimal.Decimal(x)
fractions.Fraction(1, x + 1)
datetime.timedelta(x)
datetime.time(x)
signal.Signals(x)
pathlib.Path(str(x))
re.compile(str(x))
functools.partial(max, x)
types.SimpleNamespace(by=x)
{"by": x}.get
stats.norm(x)
interpolate.interp1d([0, 1], [0, x])
interpolate.CubicSpline([0, 1, 3], [0, x, 4])
(lambda by: lambda screen: by)(x)
type("Held", (), {"by": x, "__module__": "own_held"})
"""


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module that reads one that it imports, which has something HELD and something more."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    reading = "import own_held\ndef keen(s): return own_held.HELD\ndef calm(s): ...\n"
    (tmp_path / "own_reading.py").write_text(reading, "utf-8")
    (tmp_path / "own_held.py").write_text("HELD = None\n", "utf-8")
    for name in ("own_reading", "own_held"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    return importlib.import_module("own_reading")


@pytest.mark.parametrize("text", HELD.strip().splitlines())
def test_data_of_a_module_that_own_code_imports_is_content(
    text: str, held: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from somewhere else as it is loaded, so that its text says nothing of it."""
    names = [
        "datetime",
        "decimal",
        "fractions",
        "functools",
        "pandas",
        "pathlib",
        "re",
        "signal",
        "types",
    ]
    known = {name: importlib.import_module(name) for name in names}
    known |= {"np": np, "stats": stats, "interpolate": interpolate}
    own = sys.modules["own_held"]
    code, digests = compile(text, str(own.__file__), "eval"), set()
    for x in (1, 1, 2, 2):
        monkeypatch.setattr(own, "HELD", eval(code, known | {"x": x}))
        digests.add(content_digest(held.keen))
    assert len(digests) == 2


#: Ways in which something HELD may have data X beside what a copy or the items of it tell.
BESIDE = {
    "a data class": """
@dataclasses.dataclass(frozen=True)
class Keen:
    by: int = 3
    def __post_init__(self): object.__setattr__(self, "lift", X)
HELD = Keen()
""",
    "a function": """
def HELD(screen): return HELD.lift
HELD.lift = X
""",
    "a dictionary": """
class Table(dict): ...
HELD = Table(by=3)
HELD.lift = X
""",
    "a list": """
class Table(list): ...
HELD = Table([3])
HELD.lift = X
""",
    "a number": """
class Lift(float): ...
HELD = Lift(3)
HELD.lift = X
""",
    "a default": "HELD = collections.defaultdict(functools.partial(int, X))",
    "a length": "HELD = collections.deque([3], maxlen=X + 1)",
    "an enumeration": """
class Lift(enum.Enum):
    HIGH = 3
    def __init__(self, by): self.lift = X
HELD = Lift.HIGH
""",
    "a cached function": """
def made(x):
    @functools.lru_cache
    def keen(screen): return x
    return keen
HELD = made(X)
""",
    "a function by type": """
def made(x):
    @functools.singledispatch
    def keen(screen): return 3
    @keen.register
    def _(screen: int): return x
    return keen
HELD = made(X)
""",
    "a descriptor": """
class Lift:
    def __init__(self, x): self.x = x
    def __get__(self, *_): return self.x
class Keen:
    lift = Lift(X)
HELD = Keen()
""",
    "a state of its own": """
class Keen:
    def __init__(self): self.lift = X
    def __getstate__(self): return {}
HELD = Keen()
""",
    "a copy of its own": """
class Keen:
    def __init__(self): self.lift = X
    def __reduce__(self): return Keen, ()
HELD = Keen()
""",
    "slots": """
class Keen:
    __slots__ = ("lift",)
    def __init__(self): self.lift = X
    def __reduce__(self): return Keen, ()
HELD = Keen()
""",
    "a partial function": """
HELD = functools.partial(max, 3)
HELD.lift = X
""",
    "names of columns": "HELD = np.zeros(2, [('a', 'f8'), ('b', 'f8')][:: 3 - 2 * X])",
}


@pytest.mark.parametrize("way", BESIDE)
def test_all_that_something_has_is_content(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    imports = "import collections, dataclasses, enum, functools, os\nimport numpy as np\n"
    reading = "import own_held\ndef keen(s): return own_held.HELD\n"
    (tmp_path / "own_reading.py").write_text(reading, "utf-8")
    text = imports + BESIDE[way].replace("X", "int(os.environ['X'])")
    (tmp_path / "own_held.py").write_text(text, "utf-8")
    digests = set()
    for x in "1122":
        monkeypatch.setenv("X", x)
        for name in ("own_reading", "own_held"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        digests.add(content_digest(importlib.import_module("own_reading").keen))
    assert len(digests) == 2


@pytest.mark.parametrize("nothing", [(one for one in "a"), [(one for one in "a")]])
def test_what_cannot_be_told_is_refused_where_own_code_reads_it(
    nothing: object, held: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, before = sys.modules["own_held"], content_digest(held.keen)
    monkeypatch.setattr(known, "MORE", nothing, raising=False)
    assert content_digest(held.keen) == before
    monkeypatch.setattr(known, "HELD", nothing)
    with pytest.raises(UsageError, match=r"content can be told; .* \(own_held.HELD\)"):
        content_digest(held.keen)


@pytest.mark.parametrize(
    ("reading", "different"),
    [
        ("import own_held\ndef keen(s): return own_held.HELD\n", False),
        ("import own_held\ndef keen(s): return own_held.START\n", True),
        ("import own_held\ndef keen(s): return own_held.started()\n", True),
        ("from own_held import started\ndef keen(s): return started()\n", True),
        ("from own_held import *\ndef keen(s): return START\n", True),
        ("import own_held\ndef keen(s): return (lambda: own_held.START)()\n", True),
        ("import own_held\ndef keen(s): return own_held.KINDS['a'](s)\n", True),
        (
            "import own_held\nNAME = 'ST' + 'ART'\ndef keen(s): return getattr(own_held, NAME)\n",
            True,
        ),
        ("import own_held\nNAME = 'ST' + 'ART'\ndef keen(s): return vars(own_held)[NAME]\n", True),
        ("import sys\nh = sys.modules['own_held']\ndef keen(s): return h.START\n", True),
        ("import own_held as h\nHELD = [h]\ndef keen(s): return HELD[0].START\n", True),
    ],
)
def test_data_of_a_module_counts_where_own_code_names_it(
    reading: str, different: bool, held: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what differs by process, such as when it began, would let no block be found again."""
    text = "import os\nHELD = 3\nSTART = os.environ['X']\n"
    if different:
        text += "def started(): return START\nKINDS = {'a': lambda s: START}\n"
    digests = set()
    for x in "12":
        monkeypatch.setenv("X", x)
        for name in ("own_reading", "own_held"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / "own_held.py").write_text(text, "utf-8")
        (tmp_path / "own_reading.py").write_text(reading, "utf-8")
        importlib.invalidate_caches()
        importlib.import_module("own_held")
        digests.add(content_digest(importlib.import_module("own_reading").keen))
    assert len(digests) == 1 + different


def opens_what_is_gone(screen: Any) -> float:
    return float(next(GONE))


GONE = (one for one in "a")


def waits_for_others(screen: Any) -> float:
    with LOCK:
        return 0.1


LOCK = Lock()


def test_what_cannot_be_told_is_named_with_its_file() -> None:
    with pytest.raises(UsageError, match=r"generator .* \(GONE in test_store.py\)$"):
        content_digest(opens_what_is_gone)


def test_a_lock_decides_nothing() -> None:
    assert content_digest(Lock(), waits_for_others) == content_digest(Lock(), waits_for_others)


TABLE: dict[str, Any] = {}


def reads_its_table(screen: Any) -> float:
    return float(len(TABLE))


#: Cells of a notebook that define a class, which has no file, in several ways each: all differ.
CELLS = [
    ["P = namedtuple('P', 'a b', defaults=[1])", "P = namedtuple('P', 'a b', defaults=[2])"],
    [
        "class P(NamedTuple):\n a: float = 1",
        *(f"class P(NamedTuple):\n {a}: float = 2" for a in "ab"),
    ],
    [
        "class P(Enum):\n A = 1\n B = 2",
        "class P(Enum):\n A = 1\n B = 3",
        "class P(Enum):\n A = 1\n C = 2",
    ],
    ["class P(Flag):\n A = 1\n B = 2", "class P(Flag):\n A = 1\n B = 4"],
    [
        f"@dataclass{of}\nclass P:\n a: int = {n}"
        for of in ("", "(slots=True)", "(order=True)")
        for n in (1, 2)
    ],
    [
        f"@dataclass\nclass P:\n a: list = field(default_factory=lambda: [{a}])\n"
        f" def b(self): return {b}"
        for a, b in [(1, 1), (2, 1), (1, 2)]
    ],
    [
        f"class P:\n a = {a}\n def b(self, b={b}): return {c}\n"
        f" b = property(b, lambda self, new: {d})"
        for a, b, c, d in [(1, 1, 1, 1), (2, 1, 1, 1), (1, 2, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2)]
    ],
]
#: Runs cells as a notebook does, each in a notebook of its own, and tells what they come to.
SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from livesim.experiment.content import content_digest
names = "from collections import namedtuple; from dataclasses import dataclass, field; "
names += "from enum import Enum, Flag; from typing import NamedTuple"
for cells in json.loads(sys.argv[1]):
    shell, digests = InteractiveShell(), []
    shell.run_cell(names).raise_error()
    for cell in cells:
        shell.run_cell(cell + "\\ndef keen(screen): return P").raise_error()
        digests.append(content_digest(shell.user_ns["keen"]))
        shell.run_cell("used = [P.A | P.B, ~P.A, P(0)] if issubclass(P, Flag) else P").raise_error()
        digests.append(content_digest(shell.user_ns["keen"]))
    print(*digests)
"""


@pytest.mark.slow
def test_a_class_of_a_notebook_is_content() -> None:
    """It is the same when its cell is run again, or another notebook runs it; changed, another."""
    notebooks = json.dumps([[*cells, *cells] for cells in CELLS])
    command = [sys.executable, "-c", SHELL, notebooks]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in "ab"
    )
    assert first == second
    for told, cells in zip(first.splitlines(), CELLS, strict=True):
        digests = told.split()
        assert digests[::2] == digests[1::2], f"{cells[0]}\nis another after it was used"
        before, after = digests[: 2 * len(cells)], digests[2 * len(cells) :]
        assert before == after, f"{cells[0]}\nis another when it is run again"
        assert len({*before}) == len(cells), f"{cells[0]}\nis the same when it is changed"


def test_code_may_hold_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, "keen", reads_its_table)
    before = content_digest(reads_its_table)
    monkeypatch.setitem(TABLE, "by", 0.1)
    assert content_digest(reads_its_table) != before


def test_a_list_that_holds_itself_is_refused() -> None:
    itself = list[Any]()
    itself.append(itself)
    with pytest.raises(UsageError, match="code of your own holds itself"):
        content_digest(itself)


def test_what_cannot_be_told_is_refused() -> None:
    for value in ((one for one in "a"), {(one for one in "a")}):
        with pytest.raises(UsageError, match="nothing whose content can be told"):
            content_digest(value)
    named = eval("lambda screen: 0.1")  # a function without a text
    with pytest.raises(UsageError, match="code of <lambda> cannot be read"):
        content_digest(named)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, 0.1, float("inf"), "题", [1, (2, "a")], {("a", 1): {"b": [None]}}),
        *(Block(2, 50), np.float64(2.5), np.arange(6).reshape(2, 3)[:, ::-1], np.zeros((0, 4))),
        np.array([True, False]),
    ],
)
def test_what_is_packed_comes_back(value: Any) -> None:
    about, back = unpacked(packed(value, {"title": "题"}))
    assert about == {"title": "题"} == told_of(packed(value, {"title": "题"}))
    assert type(back) is type(value)
    assert content_digest(back) == content_digest(value)


def test_nothing_but_livesims_data_is_made_from_a_file() -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        packed(object(), {})
    for tree in (["data", "os", "system", "true"], ["data", "livesim.errors", "visible", "a"], [1]):
        content = packed_as(tree)
        with pytest.raises(ResultsError):
            unpacked(content)


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_packed_lies_in_memory_as_it_did(order: Any) -> None:
    """Sums depend on it in the last bit."""
    back = unpacked(packed(np.ones((2, 3), order=order), {}))[1]
    assert back.flags[f"{order}_CONTIGUOUS"]


def test_a_plan_is_the_same_to_the_bit_from_a_store(short: Scenario, tmp_path: Path) -> None:
    costs = list[float]()
    for _ in range(2):
        with Store(tmp_path / "store", workers=1) as store:
            costs.append(
                livesim.plan(short, replications=500, executor=store).decision.rounding_cost
            )
    assert store.done == 0
    assert costs[0] == costs[1]


def packed_as(tree: list[Any]) -> bytes:
    """Return a file that says it holds something else, with digests that fit."""
    import pyarrow as pa

    empty = {"type": pa.array([], pa.string()), "shape": pa.array([], pa.list_(pa.int64()))}
    table = pa.table({**empty, "data": pa.array([], pa.large_binary())})
    sink = pa.BufferOutputStream()
    table = table.replace_schema_metadata({"livesim": json.dumps(tree)})
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sealed(sink.getvalue().to_pybytes(), {})


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The file of the only block of a store."""
    with Store(tmp_path / "store", workers=1) as store:
        store.submit(abs, -1).result()
    (file,) = (tmp_path / "store").glob("*/*.arrow")
    return file


#: What may be in the place of a block's file or of its folder, and what is said of it.
WRONG: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a folder": (Path.mkdir, "cannot be read: Is a directory", "delete the folder"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "a link to nothing", ""),
    "a file": (lambda path: path.write_bytes(b"a"), "", ""),
}


@pytest.mark.parametrize(
    ("there", "place"),
    [*((there, "file") for there in WRONG), *((t, "folder") for t in [*WRONG][1:])],
)
def test_what_is_in_the_place_of_a_block_is_named_and_goes(
    there: str, place: str, kept: Path, tmp_path: Path
) -> None:
    make, said, remedy = WRONG[there]
    wrong, store = kept if place == "file" else kept.parent, Store(tmp_path / "store", workers=1)
    kept.unlink()
    if place == "folder":
        kept.parent.rmdir()
    make(wrong)
    ((path, what),) = store.verify()
    assert (path, said in what) == (wrong, True)
    assert [(one.path, one.about) for one in store.blocks()] == [(wrong, {})]
    if remedy or place == "folder":
        remedy = remedy or f"delete {wrong}, in whose place a folder belongs"
        with pytest.raises(ResultsError, match=f"{remedy}.*, and run again"):
            store.submit(abs, -1).result()
    assert [one.path for one in store.prune()] == [wrong]
    assert store.submit(abs, -1).result() == 1
    assert list(store.verify()) == []


def test_what_verify_names_is_pruned(short: Scenario, tmp_path: Path) -> None:
    """Also where only the numbers in it are damaged, and what is told of it is not."""
    with Store(tmp_path / "store", workers=1) as store:
        run(short, store, seed=7)
        (whole,) = store.blocks()
        flipped(whole.path, whole.size - 100)
        assert [one.about for one in store.blocks()] == [whole.about]
        said = f"it is not as it was written (block 0 of seed 7, {short.title})"
        assert [*store.verify()] == [(whole.path, said)]
        assert [one.path for one in store.prune()] == [whole.path]


def flipped(path: Path, place: int, bit: int = 0) -> None:
    """Change a bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


@pytest.mark.parametrize("value", [3, np.arange(1e4)])
def test_no_flipped_bit_reaches_arrow(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which can end the process; and some bits it does not look at."""
    import pyarrow as pa

    content = packed(value, {"block": 4})
    seen = list[object]()
    monkeypatch.setattr(pa.ipc, "open_file", seen.append)
    places = np.random.default_rng(1).integers(len(content), size=500).tolist()
    for place in [*range(400), *places]:
        wrong = bytearray(content)
        wrong[place % len(wrong)] ^= 1 << place % 8
        with pytest.raises(ResultsError, match="it is no"):
            unpacked(bytes(wrong))
    assert not seen


def test_what_cannot_be_pruned_leaves_no_other(kept: Path) -> None:
    kept.unlink()
    (kept / "of somebody").mkdir(parents=True)
    damaged = kept.parent / "z.arrow"
    damaged.write_bytes(b"damaged")
    with pytest.raises(ResultsError, match=f"{kept.name}: cannot be deleted: .*; 1 other files"):
        Store(kept.parents[1]).prune()
    assert kept.exists() and not damaged.exists()


def test_what_somebody_else_prunes_meanwhile_is_no_fault(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.rmdir

    def after_another(path: Path) -> None:
        whole(path)
        whole(path)

    kept.unlink()
    kept.mkdir()
    monkeypatch.setattr(Path, "rmdir", after_another)
    assert [one.path for one in Store(kept.parents[1]).prune()] == [kept]
    assert not kept.exists()


def test_a_store_that_is_deleted_meanwhile_is_made_anew(kept: Path) -> None:
    with Store(kept.parents[1], workers=1) as store:
        shutil.rmtree(store.folder)
        assert store.submit(abs, -1).result() == 1
    with Store(store.folder, workers=1) as again:
        assert (again.submit(abs, -1).result(), again.found) == (1, 1)


def test_how_much_room_figures_need_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    scratch = Store(tmp_path / "store").scratch()
    scratch.put([np.zeros(500_000)])
    monkeypatch.setattr(scratch._file, "write", full)
    with pytest.raises(ResultsError, match=r"No space left .*\(4 MB so far\)"):
        scratch.put([np.zeros(1)])


def test_a_folder_that_cannot_be_read_is_not_taken_for_empty(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path == kept.parent:
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(ResultsError, match=f"{kept.parent.name} cannot be read: Permission denied"):
        list(Store(kept.parents[1]).verify())
