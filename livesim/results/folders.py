"""Folders that are written whole or not at all, whatever is in them.

A folder is written beside its place and moved there when it is whole and on the disk: a crash
leaves the earlier one or the new one, never a half that looks whole. Its manifest says of what kind
it is and lists every file with its digest, so that reading sees what is missing or was changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import Any

from livesim.errors import ResultsError
from livesim.version import __version__

MANIFEST = "manifest.json"
#: The layout of folders and documents; folders of another one are refused.
FORMAT = 2
#: What every manifest has; one of format 1 that does not say its kind is a result's.
_ENTRIES = frozenset({"kind", "format", "digest", "seed", "replications", "versions", "files"})
_FIRST_KIND = "result"


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder that livesim writes.

    Parameters
    ----------
    name
        What it is called: ``result`` for "a livesim result".
    command
        What writes one, for messages.
    again
        What to do about a damaged one.
    next_step
        What can be done with one that was written, with ``{}`` for the folder.
    """

    name: str
    command: str
    again: str
    next_step: str = ""

    def write(self, folder: str | Path, fill: Callable[[Path], Mapping[str, Any]]) -> Path:
        """Write a folder, in place of one of this kind that is there.

        Parameters
        ----------
        folder
            Where to.
        fill
            Writes the files into an empty folder and returns what the manifest says beside them.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ResultsError
            If there is something else at that place, or it cannot be written.
        """
        place = Path(folder).resolve()
        try:
            self.check_free(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f".{place.name}.{token_hex(4)}.unfinished")
            try:
                unfinished.mkdir()
                self._finish(unfinished, fill(unfinished))
                _move_in(unfinished, place)
            finally:
                rmtree(unfinished, ignore_errors=True)
        except OSError as error:
            raise ResultsError(f"{folder}: cannot be written: {error.strerror or error}") from error
        return place

    def check_free(self, folder: str | Path) -> None:
        """Raise unless one can be written to a folder without losing anything else.

        Parameters
        ----------
        folder
            Where it is to go. One of this kind that is there may be replaced.

        Raises
        ------
        ResultsError
            If there is a file, a folder of other things, or one to which something was added.
        """
        place = Path(folder).resolve()
        if not place.exists():
            return
        remedy = "choose a new folder, or move away what is there"
        if not place.is_dir():
            raise ResultsError(f"{place}: is a file, not a folder: {remedy}")
        present = {str(path.relative_to(place)) for path in _files(place)}
        if not present:
            return
        if MANIFEST not in present:
            raise ResultsError(
                f"{place}: has files in it but is not a livesim {self.name}: {remedy}"
            )
        foreign = sorted(present - {MANIFEST, *self.manifest(place)["files"]})
        if foreign:
            raise ResultsError(
                f"{place}: {foreign[0]} is not part of the {self.name} that is there and would be "
                f"lost: {remedy}"
            )

    def manifest(self, place: Path) -> dict[str, Any]:
        """Read the manifest of a folder.

        Raises
        ------
        ResultsError
            If it is missing, damaged, of another kind or in another format.
        """
        path = place / MANIFEST
        if not path.is_file():
            raise ResultsError(f"{place}: {self._missing(place)}")
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            kind = manifest.get("kind", _FIRST_KIND)
            written = manifest["format"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.damaged(path) from error
        if kind != self.name:
            raise ResultsError(
                f"{place}: is a livesim {kind}, not a livesim {self.name}: {self.command} writes "
                f"a {self.name}"
            )
        if written != FORMAT:
            raise ResultsError(self._of_another_version(place, manifest))
        if not set(manifest) >= _ENTRIES:
            raise self.damaged(path)
        return dict(manifest)

    def check_file(self, place: Path, name: str, manifest: Mapping[str, Any]) -> None:
        """Raise unless a file of a folder is there and as it was written."""
        path, listed = place / name, manifest["files"]
        if name not in listed or not path.is_file():
            raise ResultsError(f"{place}: {name} is missing: {self.again}")
        if _described(path) != listed[name]:
            raise ResultsError(f"{path}: is not as it was written: restore it, or {self.again}")

    def damaged(self, path: Path) -> ResultsError:
        """Return the error of a file that cannot be understood."""
        return ResultsError(f"{path}: is damaged: {self.again}")

    def _of_another_version(self, place: Path, manifest: Mapping[str, Any]) -> str:
        """Say which version wrote a folder, and the command that runs its scenario again."""
        versions = manifest.get("versions")
        version = versions.get("livesim") if isinstance(versions, Mapping) else None
        return (
            f"{place}: was written by livesim {version or 'of another format'}, and livesim "
            f"{__version__} does not read it: run its scenario again (a key that has changed since "
            f"is named then):\n  {self._run_again(place, manifest)}"
        )

    def _run_again(self, place: Path, manifest: Mapping[str, Any]) -> str:
        """Return the command that makes anew what is in a folder, in whatever format."""
        files = sorted(place.glob("scenario*.yaml"), key=lambda path: (len(path.name), path.name))
        command = re.sub(
            "SCENARIO( SCENARIO)?", lambda _: shlex.join(map(str, files)), self.command
        )
        over = manifest.get("over")
        if isinstance(over, Mapping):
            swept = (f"{path}={','.join(map(str, values))}" for path, values in over.items())
            command = command.replace(
                "--over PATH=VALUE,VALUE", " ".join(f"--over {shlex.quote(one)}" for one in swept)
            )
        options = {"-n": manifest.get("replications"), "--seed": manifest.get("seed")}
        told = (f" {name} {value}" for name, value in options.items() if isinstance(value, int))
        return command + "".join(told)

    def _missing(self, place: Path) -> str:
        whole = place.absolute()
        earlier = whole.parent / f".{whole.name}.replaced"
        if not place.exists() and earlier.exists():
            return f"there is no such folder, but an earlier {self.name}, whole: rename {earlier}"
        if not place.exists():
            return f"there is no such folder: {self.command} writes one"
        return f"is not a livesim {self.name}: {MANIFEST} is missing"

    def _finish(self, place: Path, told: Mapping[str, Any]) -> None:
        files = {str(path.relative_to(place)): _described(path) for path in _files(place)}
        manifest = {"kind": self.name, "format": FORMAT, **told, "files": files}
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (place / MANIFEST).write_text(text + "\n", encoding="utf-8")
        for path in (*_files(place), place):
            _sync(path)


def write_whole(file: Path, text: str) -> None:
    """Write a text file, in place of one that is there: a crash leaves the earlier or the new one.

    Parameters
    ----------
    file
        Where to; its folder is there.
    text
        All of it.
    """
    if file.exists() and not file.is_file():  # a pipe or a terminal has no earlier text to lose
        file.write_text(text, encoding="utf-8")
        return
    unfinished = file.with_name(f".{file.name}.{token_hex(4)}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        _sync(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def attach(place: Path, attachments: Mapping[str, bytes]) -> None:
    """Write further files by their path in a folder."""
    for name, content in attachments.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def _move_in(unfinished: Path, place: Path) -> None:
    earlier = place.with_name(f".{place.name}.replaced")
    if place.exists():
        rmtree(earlier, ignore_errors=True)
        place.rename(earlier)
    try:
        unfinished.rename(place)
    except OSError:
        if earlier.exists():
            earlier.rename(place)
        raise
    _sync(place.parent)
    rmtree(earlier, ignore_errors=True)


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return {"bytes": path.stat().st_size, "blake2b": digest.hexdigest()}


def _files(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.rglob("*")) if not path.is_dir())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
