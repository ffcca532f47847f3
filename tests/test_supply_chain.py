"""What livesim is built from: pinned for CI, bounded for users, and nothing read that could run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [
    Requirement(text)
    for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])
]
PINNED = [
    Requirement(line)
    for line in (ROOT / ".github" / "constraints.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "livesim").rglob("*.py")}

#: What reads objects or runs text: whoever writes such a file decides what happens.
RUNS = re.compile(
    r"\b(?:pickle|cloudpickle|dill|joblib|marshal|shelve)\.(?:loads?|open|Unpickler)\b"
    r"|\bread_pickle\b|allow_pickle\s*=\s*True|(?<![\w.])(?:eval|exec)\(|yaml\.(?:unsafe_)?load\("
    r"|\bos\.system\b|shell\s*=\s*True"
)


def bare(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("needed", NEEDED, ids=str)
def test_ci_tests_versions_that_users_may_have(needed: Requirement) -> None:
    pinned = [one for one in PINNED if bare(one.name) == bare(needed.name)]
    assert pinned, f"{needed.name} is not in .github/constraints.txt"
    for one in pinned:
        (version,) = (each.version for each in one.specifier)
        assert needed.specifier.contains(version), f"{one} is not {needed}"


def test_every_pin_is_one_version() -> None:
    assert all([each.operator for each in one.specifier] == ["=="] for one in PINNED)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_read_that_could_run(path: Path) -> None:
    assert not RUNS.search(SOURCES[path])


@pytest.mark.parametrize(
    "line",
    [
        "pickle.load(stream)",
        "frame = pd.read_pickle(path)",
        "np.load(path, allow_pickle=True)",
        "eval(text)",
        "yaml.load(text)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_what_could_run_would_be_seen(line: str) -> None:
    assert RUNS.search(line)


def test_the_audit_fails_where_it_could_not_look() -> None:
    """Without --strict, what its database does not know is safe, and without a net all is."""
    workflow = (ROOT / ".github" / "workflows" / "dependencies.yml").read_text("utf-8")
    (audit,) = re.findall(r"pip-audit --.*", workflow)
    options = {"--requirement", ".github/constraints.txt", "--no-deps", "--disable-pip", "--strict"}
    assert options <= {*audit.split()}


def test_whoever_finds_a_hole_is_told_where_to_go() -> None:
    assert "report it in private" in (ROOT / ".github" / "SECURITY.md").read_text("utf-8")
