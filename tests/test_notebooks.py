"""The notebooks run from top to bottom, and are kept with their outputs.

``python tests/test_notebooks.py`` runs them and keeps the outputs anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
#: By how much replications are divided, as far as what is seldom is still to be seen.
PARTS = {path.stem: 5 for path in NOTEBOOKS} | {"12_what_decides": 2}
#: Forgets what other notebooks defined. (`%reset` forgets what starting processes needs, too.)
FORGET = """
for _name in get_ipython().run_line_magic("who_ls", ""):
    del globals()[_name]
"""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def client(notebook: Any, kernel: Any = None) -> Any:
    """Return who runs a notebook in a kernel, or in one of its own."""
    from nbclient import NotebookClient

    patience = {"timeout": 300, "startup_timeout": 300}
    place = {"metadata": {"path": str(FOLDER)}}
    return NotebookClient(notebook, km=kernel, resources=place, **patience)


def execute(notebook: Any, kernel: Any) -> None:
    """Run a notebook in a kernel that stays."""
    running = client(notebook, kernel)
    running.execute()
    running.kc.stop_channels()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    """A kernel for all, as each would take seconds to load the same libraries."""
    from nbclient.util import run_sync

    first = client(new_notebook())
    first.execute(cleanup_kc=False)
    first.kc.stop_channels()
    yield first.km
    run_sync(first.km.shutdown_kernel)(now=True)


def with_fewer_shows(source: str, part: int) -> str:
    """Divide the replications of a cell: what they come to is not looked at here."""

    def fewer(found: re.Match[str]) -> str:
        return f"{found[1]}{max(int(found[2]) // part, min(int(found[2]), 50))}"

    return re.sub(r"""(replications["']?\s*[=:]\s*)(\d[\d_]*)""", fewer, source)


@pytest.mark.slow
# The Jupyter client leaves sockets and loops to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, whole: bool, kernel: Any) -> None:
    notebook = read(path)
    for cell in notebook.cells:
        cell.source = with_fewer_shows(cell.source, 1 if whole else PARTS[path.stem])
    execute(new_notebook(cells=[new_code_cell(FORGET)]), kernel)
    execute(notebook, kernel)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in cells)
    warned = [o.text for cell in cells for o in cell.outputs if o.get("name") == "stderr"]
    assert warned == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_with_its_outputs(path: Path) -> None:
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_are_kept_as_pictures(path: Path) -> None:
    """Without `%matplotlib inline` a figure was a line that says how large it is."""
    kept = [
        output.data
        for cell in read(path).cells
        for output in cell.get("outputs", ())
        if "Figure size" in output.get("data", {}).get("text/plain", "")
    ]
    assert all("image/png" in data for data in kept)


if __name__ == "__main__":
    for path in NOTEBOOKS:
        notebook = read(path)
        client(notebook).execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # times of day would differ from run to run
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
