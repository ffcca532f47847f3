"""Let the suite's files import each other under pytest as they do as a script."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

# Looked through for doctests, the suite's modules would be imported again under another name, and
# would register all their checks twice.
collect_ignore = [path.name for path in HERE.glob("*.py") if not path.match("test_*.py")]


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """The suite's seed: always the same, unless --fresh-seed or --seed asks for another."""
    from checks import SEED

    asked = pytestconfig.getoption("seed")
    return SEED if asked is None else int(asked)
