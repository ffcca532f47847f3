"""An answer as one file, of the form that its name ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from livesim.errors import ResultsError, did_you_mean
from livesim.places import REPLACE, said_as_error, try_place

#: What a name can end with, and what is then written.
FORMS: Final = {
    ".html": "the page",
    ".xlsx": "a workbook",
    ".json": "the document",
    ".csv": "the first table",
    ".png": "the first figure",
    ".svg": "the first figure",
}


def form_of(place: str | Path) -> str | None:
    """Return the ending that asks for one file; None where a folder is meant.

    Raises
    ------
    ResultsError
        If it asks for a file of another form: a folder that is not there is not called so.

    Examples
    --------
    >>> form_of("plan.HTML"), form_of("plans/2026.11")
    ('.html', None)
    """
    ending = Path(place).suffix.lower()
    if Path(place).is_dir():
        return None
    if Path(place).name.lower() in FORMS:
        name = Path(place).name
        raise ResultsError(f"{place}: this is an ending without a name: write answer{name}")
    if ending in FORMS:
        return ending
    if ending.isascii() and ending[1:].isalpha():
        raise ResultsError(
            f"{place}: no answer can be written as {ending}: {did_you_mean(ending, FORMS)}; a "
            f"folder's name has no such ending: {Path(place).with_suffix('')}"
        )
    return None


def check_free(path: str | Path, *, replace: bool) -> None:
    """See whether a file can be written.

    Raises
    ------
    ResultsError
        If there is one that is not to be replaced, or no folder to write in.
    """
    place = Path(path)
    with said_as_error(place):
        if place.exists() and not replace:
            raise ResultsError(f"{place}: is there already: choose another name, or {REPLACE}")
        if not place.parent.is_dir():
            raise ResultsError(f"{place}: there is no folder {place.parent}: make it first")
        try_place(place.absolute())
