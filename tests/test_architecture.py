"""Data flows one way: imports follow the picture of the parts, and each dependency has one door."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "livesim"
README = (PACKAGE.parent / "README.md").read_text("utf-8")
CONTRIBUTING = (PACKAGE.parent / ".github/CONTRIBUTING.md").read_text("utf-8")
#: A row of CONTRIBUTING's table of the parts: what each imports beside itself.
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|([^|]*)\|$", re.MULTILINE)
#: A line of README's map of the data and the parts.
LINE = re.compile(r"^(?:[ │▼]+)?(\w+) {2,}\S.*$", re.MULTILINE)
#: What the parts of the map all stand on.
GROUND = {"errors", "version", "arrays", "randomness", "places"}


def picture() -> dict[str, set[str]]:
    """Read from CONTRIBUTING which parts there are, and what each of them imports."""
    table = CONTRIBUTING[CONTRIBUTING.index("| part | imports |") :]
    return {
        part.strip("` "): {name.split()[0] for name in imports.split(",") if name.split()}
        for parts, imports in ROW.findall(table[: table.index("\n\n")])
        for part in parts.split(", ")
    }


#: What each part imports beside itself, as CONTRIBUTING says.
ARROWS: Mapping[str, set[str]] = {**picture(), "__main__": {"cli"}}
#: What the model and the engine take from `scenario`: the type of what is passed on to users'
#: own processes.
TYPES = {"Scenario"}
#: Who may import a library; what is not named here may be imported anywhere.
DOORS: Mapping[str, str | tuple[str, ...]] = {
    "random": "randomness",
    "simpy": "engine",
    "yaml": "scenario/document",
    "matplotlib": "report",
    "distributed": "experiment/cluster",
    "loky": "experiment/executors",
    "pydantic": ("scenario", "results/manifest", "checking/baselines", "checking/verdicts"),
    "pydantic_core": ("scenario", "results/manifest"),
    "click": "cli",
    "openpyxl": "scenario/workbook",
    "pandas": ("history", "results"),
    "pyarrow": "results",
    "xarray": "results",
    "xlsxwriter": ("report/workbook", "report/charts", "report/scenario_sheets"),
    "jinja2": "report/html",
    "markupsafe": "report/html",
}
FRONT_DOOR = "__init__"
SOURCES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix(): path.read_text("utf-8")
    for path in PACKAGE.rglob("*.py")
}
FILES = [file for file in SOURCES if file != FRONT_DOOR]  # it points everywhere
ENGINE = [file for file in FILES if file.startswith("engine/") and file != "engine/__init__"]
#: The one module that is asked for by its name from below: an answer shows itself in a notebook.
SHOWN = "livesim.report.views"
#: Who may ask for a module by a name that is worked out: an answer for SHOWN, the others for what
#: was written or for what they are told.
WORKED_OUT = (
    *(FRONT_DOOR, "cli/terminal", "experiment/same_code"),
    *("report/views", "results/answer", "results/packing"),
)
#: A role of a docstring that names something of the package by its full path.
ROLE = re.compile(r":(?:mod|func|class|meth|data|attr|exc):`(?:[^`<]*<)?~?(livesim\.[\w.]+)>?`")


def downwards(readme: str) -> list[str]:
    """Return the parts of README's map in its order: each imports only those above it."""
    drawn = readme[readme.index("## The map") :].split("```")[1]
    return list(dict.fromkeys(name for name in LINE.findall(drawn) if name in ARROWS))


def wrongly_drawn(readme: str) -> list[str]:
    """Say which imports do not point up the map, and which parts are not on it."""
    parts = downwards(readme)
    wrong = [f"{part} is not drawn" for part in ARROWS.keys() - {*parts, *GROUND, "__main__"}]
    for place, part in enumerate(parts):
        wrong += [f"{part} imports {one}" for one in ARROWS[part] - {*parts[:place], *GROUND}]
    return wrong


def within(docstring: str) -> list[str]:
    """Return the parts of the engine in the order in which its docstring draws them."""
    drawn = docstring[docstring.index(".. code-block:: text") :].split("\n\n")[1]
    return [name for line in drawn.splitlines() for name in line.strip().split("  ")[0].split()]


def out_of_order(file: str, source: str) -> list[str]:
    """Say which imports of a file of the engine do not stand before it in the engine's order."""
    here = place_of(name_of(file))
    modules = [name for name in imported(source) if name.startswith("livesim.engine.")]
    return [f"{file} imports {name}" for name in modules if place_of(name) > here]


def place_of(module: str) -> int:
    """Return the place of a module of the engine, or of a name in it, in the engine's order."""
    own = module.removeprefix("livesim.engine.")
    named = [name for name in ORDER if own == name or own.startswith(f"{name}.")]
    return ORDER.index(max(named, key=len))


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def imported(source: str) -> tuple[str, ...]:
    """Return what a source imports, in functions, for types and by a name in quotes, too.

    A name that is worked out is ``?``.
    """
    found: list[str] = []
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Constant) and node.value in BY_NAME:
            found.append(str(node.value))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(IMPORTERS):
            found += ["?"] * (not isinstance(node.args[0], ast.Constant))
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)


def name_of(file: str) -> str:
    """Return the module that a file is."""
    return f"livesim.{file}".replace("/", ".").removesuffix(".__init__")


#: The parts of the engine, each of which imports only those before it.
ORDER = within(SOURCES["engine/__init__"])
#: Modules that are imported where their names stand in quotes, and what imports by name.
BY_NAME = {name_of(file) for file in FILES} - {SHOWN}
IMPORTERS = ("import_module", "__import__")


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which modules of the package each of them imports."""
    modules = {name_of(file) for file in sources}
    return {
        name_of(file): {
            name if name in modules else name.rpartition(".")[0]
            for name in imported(source)
            if name.split(".")[0] == "livesim"
        }
        for file, source in sources.items()
    }


def circle(sources: Mapping[str, str]) -> list[str]:
    """Return modules that import each other in a circle, if there is one."""
    try:
        TopologicalSorter(graph(sources)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def arrows(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which parts each part imports."""
    found: dict[str, set[str]] = {file.split("/")[0]: set() for file in sources}
    for file, source in sources.items():
        part = file.split("/")[0]
        for name in imported(source):
            library, *inside = name.split(".")
            if library == "livesim":
                found[part] |= {inside[0]} - {part}
    return found


def wrong_ways(file: str, source: str) -> list[str]:
    """Say which imports of a file are not in the picture, or go past a door."""
    part = file.split("/")[0]
    wrong = []
    for name in imported(source):
        library, *inside = name.split(".")
        if library == "livesim" and inside[0] not in {part, *ARROWS}:
            wrong.append(f"{file} imports {name} from the front door, which points everywhere")
        elif library == "livesim" and inside[0] not in {part, *ARROWS[part]}:
            wrong.append(f"{file} imports {name}, which lies above it or beside it")
        elif part in ("model", "engine") and inside[:1] == ["scenario"] and inside[-1] not in TYPES:
            wrong.append(f"{file} imports {name}, which is no type")
        if library in DOORS and not file.startswith(DOORS[library]):
            wrong.append(f"{file} imports {name}, which only {DOORS[library]} may")
        if library == "?" and file not in WORKED_OUT:
            wrong.append(
                f"{file} imports a module by a name that is worked out: write it in quotes"
            )
        if not library:
            wrong.append(f"{file} imports {name} by a dot: write its whole name")
    return wrong


@pytest.mark.parametrize("file", FILES)
def test_imports_follow_the_picture_and_go_through_the_doors(file: str) -> None:
    assert wrong_ways(file, SOURCES[file]) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("model/rates", "from livesim.engine.show.show import Show"),
        ("model/rates", "from livesim import simulate"),
        ("engine/loop", "from livesim.scenario.scenario import Scenario, Product"),
        ("model/rates", "from .inputs import Inputs"),
        ("engine/show/show", "from livesim.resolve.inputs import inputs_of"),
        ("engine/show/show", "def late():\n    from livesim.scenario.planned import planned_slots"),
        ("scenario/checks", "def check():\n    import livesim.model.inputs"),
        ("model/rates", "from simpy import Environment"),
        ("results/result", "import matplotlib.figure"),
        ("planning/plan", 'importlib.import_module("livesim.engine.recorder")'),
        ("planning/plan", 'import_module("livesim.engine." + "recorder")'),
    ],
)
def test_a_wrong_way_would_be_seen(file: str, line: str) -> None:
    assert len(wrong_ways(file, line)) == 1


def test_imports_inside_the_engine_point_one_way() -> None:
    assert [wrong for file in ENGINE for wrong in out_of_order(file, SOURCES[file])] == []
    drawn = {name_of(file).split(".")[2] for file in ENGINE}
    assert {name.split(".")[0] for name in ORDER} == drawn
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/recording", "from livesim.engine.ledger.ledger import Ledger"),
        ("engine/show/show", "def late():\n    from livesim.engine.ledger.part import Part"),
        ("engine/crowd/cohort", "from livesim.engine.orders.placing import Placing"),
        ("engine/orders/orders", "from livesim.engine.orders.placing import Placing"),
        ("engine/state", "import livesim.engine.crowd.crowd"),
        ("engine/loop", "from livesim.engine import lockstep"),
    ],
)
def test_an_import_back_inside_the_engine_would_be_seen(file: str, line: str) -> None:
    assert len(out_of_order(file, line)) == 1
    assert out_of_order(file, "from livesim.engine.orders.orders import Orders") == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(SOURCES) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("scenario/reading", "def late():\n    from livesim.scenario.scenario import Scenario"),
        ("scenario/planned", "if TYPE_CHECKING:\n    from livesim.scenario import checks"),
        ("results/provenance", "import livesim"),
        ("errors", "from livesim.cli import main"),
        ("experiment/executors", 'import_module("livesim.experiment.runner")'),
    ],
)
def test_a_circle_would_be_seen(file: str, line: str) -> None:
    assert name_of(file) in circle({**SOURCES, file: line})


def kinds_asked(file: str, source: str) -> list[str]:
    """Say where a file compares what it is called that reacts to the stock: the record knows."""
    asked = [node for node in ast.walk(parsed(source)) if isinstance(node, ast.Compare | ast.Match)]
    heads = [ast.unparse(one.subject if isinstance(one, ast.Match) else one) for one in asked]
    kind = re.compile(r"\.word\b|'(?:nothing|orders|slots|viewers)'")
    return [f"{file} asks {one}" for one in heads if "reaction" in one and kind.search(one)]


@pytest.mark.parametrize("file", [file for file in FILES if file != "engine/reactions"])
def test_what_reacts_to_the_stock_is_asked_of_its_record(file: str) -> None:
    assert kinds_asked(file, SOURCES[file]) == []


@pytest.mark.parametrize(
    "line",
    [
        'if curves.reaction in ("slots", "viewers"):\n    pass',
        'many = curves.reactions.word == "orders"',
        "match look.reactions.word:\n    case _:\n        pass",
    ],
)
def test_another_asker_would_be_seen(line: str) -> None:
    assert len(kinds_asked("planning/plan", line)) == 1


def test_the_arrows_are_those_of_the_picture() -> None:
    assert arrows({file: SOURCES[file] for file in FILES}) == ARROWS


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("model/rates", "from livesim.errors import UsageError"),  # one too many
        ("randomness", "import numpy"),  # one too few
    ],
)
def test_another_arrow_would_be_seen(file: str, line: str) -> None:
    assert arrows({name: SOURCES[name] for name in FILES} | {file: line}) != ARROWS


def leads_somewhere(path: str) -> bool:
    """Say whether a full path names a module, or something in one, or of a class in one."""
    module, names = path, list[str]()
    while module not in MODULES:
        module, _, name = module.rpartition(".")
        names.insert(0, name)
    if module == "livesim":  # the front door, which loads what it is asked for
        return f'"{names[0]}"' in SOURCES[FRONT_DOOR]
    body = parsed(MODULES[module]).body
    for name in names:
        there = {told: node for node in body for told in told_by(node)}
        if name not in there:
            return False
        node = there[name]
        body = node.body if isinstance(node, ast.ClassDef) else []
    return True


def told_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement gives to something."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return [one.id for one in targets if isinstance(one, ast.Name)]


MODULES = {name_of(file).removesuffix(".__init__"): source for file, source in SOURCES.items()}
MODULES["livesim"] = SOURCES[FRONT_DOOR]


def test_what_docstrings_name_is_there() -> None:
    named = [(file, path) for file, text in SOURCES.items() for path in ROLE.findall(text)]
    assert len(named) > 50
    assert [(file, path) for file, path in named if not leads_somewhere(path)] == []
    assert leads_somewhere("livesim.engine.recorder.record")
    assert leads_somewhere("livesim.experiment.block_at.BlockAt.simulated")
    assert not leads_somewhere("livesim.engine.loop.record")
    assert not leads_somewhere("livesim.experiment.block_at.BlockAt.simulate")


def other_quantiles(text: str) -> list[str]:
    """Return the quantiles of a module that mix two replications."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    told = [one for one in calls if ast.unparse(one.func) in ("np.quantile", "np.percentile")]
    found = [ast.unparse(one) for one in told]
    return [one for one in found if "method='inverted_cdf'" not in one]


def test_people_read_one_kind_of_percentile() -> None:
    """It is one of the replications, as `livesim.results.intervals.quantile` has it."""
    shown = [*PACKAGE.glob("report/**/*.py"), *PACKAGE.glob("results/**/*.py")]
    shown.append(PACKAGE / "planning" / "incubating.py")
    assert [one for file in shown for one in other_quantiles(file.read_text("utf-8"))] == []
    mixed = "np.quantile(values, (0.1, 0.9))"
    assert other_quantiles(mixed) == [mixed]


def test_imports_point_up_the_map() -> None:
    assert wrongly_drawn(README) == []


@pytest.mark.parametrize(
    ("drawn", "other"), [("   model ", "   mode "), ("   resolve ", "   report "), ("cli ", "ui ")]
)
def test_a_wrong_map_would_be_seen(drawn: str, other: str) -> None:
    start = README.index("## The map")
    assert drawn in README[start:]
    assert wrongly_drawn(README[:start] + README[start:].replace(drawn, other)) != []
