"""The library: the reference scenarios that come with livesim, found by name.

They are the files of the project's folder `scenarios`, which an installed package carries within
itself, so that `livesim list`, `livesim run viya_kim_perfume` and `include: [viya_kim_perfume]`
work without a checkout. What stands beside the planner is found first, the library second.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from livesim.errors import Mistake, ScenarioError, did_you_mean
from livesim.places import is_file, is_no_file, is_within

__all__ = ["LIBRARY", "file_named", "files_below", "fragments", "names_in", "scenario_file"]

_PACKAGE: Final = Path(__file__).parents[1]
#: Within an installed package; in a checkout, which an editable install uses, beside the package.
LIBRARY: Final = next(
    (place for place in (_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios") if place.is_dir()),
    _PACKAGE / "scenarios",
)

_BARE = re.compile(r"[\w-]{1,60}")


def file_named(name: str) -> str:
    """Return the file of a name, which may leave out ``.yaml``.

    Examples
    --------
    >>> file_named("viya_kim_perfume"), file_named("people/small_guest.yaml")
    ('viya_kim_perfume.yaml', 'people/small_guest.yaml')
    """
    return name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the YAML files in a folder and below it, but for what is hidden and what leads away.

    Parameters
    ----------
    folder
        Where to look. A link that leads out of it is not followed. A folder that cannot be looked
        into is yielded itself, as is a file of which nothing can be known: who reads it hears why.
    """
    found: list[Path] = []

    def note(error: OSError) -> None:
        found.append(Path(error.filename))

    for place, below, names in os.walk(folder, onerror=note):
        below[:] = (name for name in below if not name.startswith("."))
        files = (Path(place, name) for name in names if _is_shown_yaml(name))
        found += (one for one in files if is_within(one, folder) and not is_no_file(one))
    yield from sorted(found)


def _is_shown_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")


def names_in(*folders: Path) -> list[str]:
    """Return the names of the scenarios that stand in folders, each once."""
    files = (path for folder in folders for path in folder.glob("[!.]*.yaml"))
    return sorted({path.stem for path in files if is_file(path)})


def fragments() -> list[str]:
    """Return the names of the library's fragments: what stands in its folders, to be included.

    Examples
    --------
    >>> "platforms/one_app" in fragments()
    True
    """
    files = sorted(LIBRARY.glob("*/*.yaml"))
    return [file.relative_to(LIBRARY).with_suffix("").as_posix() for file in files]


def scenario_file(given: Path) -> Path:
    """Return the file that a planner means: a path, or the bare name of a scenario.

    Whatever exists at the very path is taken as it is. A bare name is looked up in the current
    folder, then in the library.

    Parameters
    ----------
    given
        ``shows/gala.yaml``, ``-`` for the standard input, or ``viya_kim_perfume``.

    Raises
    ------
    ScenarioError
        If neither has a scenario of that name.

    Examples
    --------
    >>> scenario_file(Path("viya_kim_perfume")).name
    'viya_kim_perfume.yaml'
    """
    if str(given) == "-" or not _BARE.fullmatch(str(given)) or given.exists():
        return given
    here = Path()
    for folder in (here, LIBRARY):
        file = folder / file_named(given.name)
        if file.is_file():
            return file
    what = "neither a file here nor a reference scenario has this name"
    remedy = did_you_mean(given.name, names_in(here, LIBRARY))
    raise ScenarioError([Mistake(what, remedy=remedy, file=str(given))])
