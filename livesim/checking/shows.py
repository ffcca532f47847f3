"""Which files of a folder are shows, and which are parts that others include."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from livesim.errors import ScenarioError
from livesim.scenario.document import read_document, read_text
from livesim.scenario.including import ALTERNATIVES, INCLUDE
from livesim.scenario.library import file_named, files_below

#: What a show has and a part to be included has not.
_A_SHOW: Final = re.compile("^(?:title|alternatives):", re.MULTILINE)
_INCLUDING: Final = re.compile("^include:", re.MULTILINE)


def shows_in(folder: Path) -> list[Path]:
    """Return the files in a folder, and in all below that are not hidden, that are shows.

    They have a line with ``title:`` or ``alternatives:``, or with ``include:`` where no other file
    of the folder includes them. One that cannot be read is among them, to be told of.

    Parameters
    ----------
    folder
        Where to look.
    """
    texts = {file: _text(file) for file in files_below(folder)}
    sure = {file for file, text in texts.items() if text is None or _A_SHOW.search(text)}
    open_ = {file for file, text in texts.items() if text and _INCLUDING.search(text)} - sure
    if open_:
        open_ -= _parts(sure, open_, folder)
    return [file for file in texts if file in sure or file in open_]


def _text(file: Path) -> str | None:
    try:
        return read_text(file)
    except ScenarioError:
        return None


def _parts(sure: set[Path], open_: set[Path], folder: Path) -> set[Path]:
    """Return the files that shows include: of a circle without a show, none is a part."""
    includes = {file: _included(file, folder) for file in sure | open_}
    named = {one for file, found in includes.items() for one in found - {file}}
    waiting, parts = list(sure | (open_ - named)), set[Path]()
    while waiting:
        new = includes.get(waiting.pop(), set()) - parts
        parts |= new
        waiting += new
    return parts


def _included(file: Path, folder: Path) -> set[Path]:
    """Return the files that one names, beside it or in a folder above, as that of its show."""
    try:
        data = read_document(file).data
    except ScenarioError:
        return set()
    above = [place for place in file.parents if place == folder or place.is_relative_to(folder)]
    names = [name for name in _names(data) if isinstance(name, str)]
    return {place / file_named(name) for place in above for name in names}


def _names(data: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what a file and its alternatives include."""
    alternatives = data.get(ALTERNATIVES)
    several = alternatives.values() if isinstance(alternatives, Mapping) else ()
    for part in (data, *several):
        names = part.get(INCLUDE) if isinstance(part, Mapping) else None
        yield from names if isinstance(names, list) else ()
