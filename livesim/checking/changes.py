"""What has changed since a revision, as git knows it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from livesim.errors import UsageError

#: Files that say which livesim, Python and other packages are used: what they change may change
#: every show. The texts of pip may stand in a folder, as ``requirements/ci.txt``.
_VERSIONS: Final = re.compile(
    r"pyproject\.toml|setup\.(cfg|py)|Pipfile|.+\.lock|pylock(\..+)?\.toml|pixi\.toml"
    r"|(.*[-_.])?(environment|conda|conda-lock)([-_.].*)?\.ya?ml|\.python-version|\.tool-versions"
    r"|(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)"
)
_OF_PIP: Final = ("requirements", "constraints")
_NEW: Final = ("--others", "--exclude-standard", "-z")
_PACKAGE: Final = Path(__file__).parents[1]
#: What git tells a hook of its own repository; it would be believed more than the folder asked of.
_OF_A_HOOK: Final = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE")


class Changes:
    """What has changed since a revision; of each folder git is asked once.

    Parameters
    ----------
    revision
        As git names it, ``origin/main``; the branch is held against where it left that. Before the
        first commit all is new since ``HEAD``.
    """

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._known: dict[Path, frozenset[Path]] = {}

    def beside(self, file: Path) -> frozenset[Path]:
        """Return what has changed in the repository of a file: whole paths."""
        folder = file.resolve().parent
        if folder not in self._known:
            self._known[folder] = changed_since(self.revision, folder)
        return self._known[folder]

    def touch(self, file: Path, rests_on: Iterable[Path]) -> bool:
        """Say whether a show of a file rests on any that has changed."""
        changed = self.beside(file)
        return touch_all(changed) or touched(rests_on, changed)


def changed_since(revision: str, folder: Path) -> frozenset[Path]:
    """Return the files that are not as they were where a branch left a revision, new ones included.

    Parameters
    ----------
    revision
        As for :class:`Changes`.
    folder
        A folder of the repository.

    Returns
    -------
    frozenset of Path
        Whole paths.

    Raises
    ------
    UsageError
        If this is no repository, or there is no such revision.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip()).resolve()
    if revision == "HEAD" and not _git(folder, "rev-parse", "--revs-only", "HEAD"):
        return _files(top, _git(top, "ls-files", "--cached", *_NEW))
    known = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    commit = _git(folder, *known, wrong=f"there is no revision {revision}").strip()
    shallow = f"{revision} and this have nothing in common: fetch the whole history first"
    begun = _git(folder, "merge-base", commit, "HEAD", wrong=shallow).strip()
    told = _git(top, "diff", "--name-only", "--no-renames", "-z", begun)
    return _files(top, told + _git(top, "ls-files", *_NEW))


def _files(top: Path, told: str) -> frozenset[Path]:
    return frozenset(top / name for name in told.split("\0") if name)


def deleted(folder: Path, pattern: str) -> frozenset[Path]:
    """Return the files below a folder that the last commit has and that are not there any more.

    Where git knows nothing of the folder there are none.

    Parameters
    ----------
    folder
        Any folder.
    pattern
        What their paths below it look like, as git's ``:(glob)`` has it.
    """
    try:
        told = _git(
            *(folder, "diff", "--name-only", "--no-renames", "--diff-filter=D", "--relative", "-z"),
            *("HEAD", "--", f":(glob){pattern}"),
        )
    except UsageError:
        return frozenset()
    return _files(folder, told)


def touch_all(changed: Iterable[Path]) -> bool:
    """Say whether a change may touch every show.

    It does if it is of livesim itself, or of a file that says which version of it is used.
    """
    return any(map(_touches_all, changed))


def _touches_all(file: Path) -> bool:
    listed = file.suffix in (".txt", ".in") and file.parent.name in _OF_PIP
    versions = bool(_VERSIONS.fullmatch(file.name)) or listed
    return versions or file.is_relative_to(_PACKAGE.resolve())


def touched(files: Iterable[Path], changed: frozenset[Path]) -> bool:
    """Say whether any of some files has changed, or a link on the way to it."""
    return any(not changed.isdisjoint(_names(Path.cwd() / file)) for file in files)


def _names(file: Path) -> set[Path]:
    """Return the whole path of a file and of each link on the way to it, as git knows them."""
    names, waiting = set[Path](), [file]
    while waiting:
        path = waiting.pop()
        for part in (*path.parents, path):
            own = Path(os.path.realpath(part.parent), part.name)
            if own not in names and own.is_symlink():
                waiting.append(own.parent / own.readlink())
            names.add(own)
    return names


def _git(folder: Path, *words: str, wrong: str = "") -> str:
    """Return what git prints."""
    command = ["git", "-C", str(folder), *words]
    around = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=True,
            env=around,
        )
    except FileNotFoundError:
        raise UsageError("--changed-since needs git, and there is none") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise UsageError(
            f"--changed-since: {wrong or (said[-1] if said else 'git failed')}"
        ) from None
    return done.stdout
