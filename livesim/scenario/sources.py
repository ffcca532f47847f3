"""Where a scenario comes from: a file, the standard input, a text, a stream or plain data.

Whatever a Python program has at hand is turned into one :class:`Document` here, numbers of NumPy
included, so that nothing behind this door asks where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

import numpy as np

from livesim.errors import Mistake, ScenarioError, UsageError, must_be
from livesim.scenario.document import Document, decoded, parse_document, read_bytes
from livesim.scenario.library import scenario_file
from livesim.scenario.shorthand import changes_written_out
from livesim.scenario.workbook import is_archive

__all__ = ["Source", "changed_paths", "opened", "plain", "refuse_drawn"]

#: A file or the name of a reference scenario, a YAML text of several lines, a stream, plain data.
Source: TypeAlias = str | Path | Mapping[str, Any] | IO[Any] | Document


def opened(source: Source) -> Document:
    r"""Return what a scenario's source says, without what it includes.

    Parameters
    ----------
    source
        A YAML file, a workbook, or the name of a reference scenario; ``-`` is the standard input.
        A text of several lines is itself the YAML. A stream is read to its end. A mapping is what a
        file would say, and includes what is in the current folder, as do text and stream. What is
        opened already is returned.

    Raises
    ------
    ScenarioError
        If there is no such file, or its text cannot be read.

    Examples
    --------
    >>> opened("title: A room\nviewers: 2_000\n").data
    {'title': 'A room', 'viewers': '2_000'}
    >>> opened({"title": "A room", "viewers": np.int64(2_000)}).data
    {'title': 'A room', 'viewers': 2000}
    """
    if isinstance(source, Document):
        return source
    if isinstance(source, Mapping):
        return Document(plain(source), "<data>", {})
    if isinstance(source, str) and "\n" in source:
        return parse_document(source)
    if isinstance(source, str | Path):
        file = scenario_file(Path(source))
        return _understood(read_bytes(file), str(file))
    if not hasattr(source, "read"):
        must_be(source, str, "a scenario is a file, a name, a text, a stream or a mapping")
    read, name = source.read(), str(getattr(source, "name", "<stream>"))
    return _understood(read, name) if isinstance(read, bytes) else parse_document(read, name)


def _understood(data: bytes, file: str) -> Document:
    """Return what the bytes of a file say: those of a workbook, or of a text."""
    refused = next((one for one in _OTHERS if one.fits(data, file)), None)
    if refused is not None:
        raise ScenarioError([Mistake(refused.what, remedy=refused.remedy, file=file)])
    if not is_archive(data):
        return parse_document(decoded(data, file), file)
    from livesim.scenario.sheets import parse_sheets

    return parse_sheets(data, file)


@dataclass(frozen=True)
class _Other:
    """A kind of file that planners try, and what to do with it instead."""

    what: str
    remedy: str
    endings: tuple[str, ...]
    begins: tuple[bytes, ...] = ()

    def fits(self, data: bytes, file: str) -> bool:
        """Say whether a file is of the kind, by what it begins with or how its name ends."""
        return data.lstrip()[:40].startswith(self.begins) or file.lower().endswith(self.endings)


_SAVE: Final = "open it with Excel, and save it as an Excel workbook (.xlsx) without a password"
_SCENARIO: Final = (
    "give the file of the scenario that it was made from; only a folder that `livesim plan --out "
    "FOLDER` wrote can be decided anew"
)
_OTHERS: Final = (
    _Other(
        "this is a workbook of the old kind (.xls), or one with a password",
        _SAVE,
        (".xls",),
        (b"\xd0\xcf\x11\xe0",),
    ),
    _Other(
        "this is a workbook with macros, which livesim does not open", _SAVE, (".xlsm", ".xltm")
    ),
    _Other("this is a workbook of another kind", _SAVE, (".xlsb", ".ods", ".numbers")),
    _Other(
        "a table of text has one sheet, and a show needs several",
        "a table of past shows is given with --history FILE; for a show of your own, "
        "`livesim new --sheet my_show.xlsx` writes a workbook: copy the rows into it",
        (".csv", ".tsv"),
    ),
    _Other(
        "this is a page to read, and no scenario", _SCENARIO, (".html", ".htm"), (b"<!DOCTYPE",)
    ),
    _Other(
        "this is a picture or a print, and no scenario",
        _SCENARIO,
        (".png", ".svg", ".pdf", ".jpg", ".jpeg"),
        (b"\x89PNG", b"<?xml", b"<svg", b"%PDF"),
    ),
    _Other(
        "this is what livesim has answered, and no scenario",
        _SCENARIO,
        (),
        (b'{\n  "format":', b'{"format":'),
    ),
)


#: The column that numbers the rows of a result's inputs, and no key of a file.
_OF_A_ROW: Final = "replication"
_ERRORS: Final = (".appeal", ".turnout_factor")
#: People write errors with at most so many digits, and other numbers with so many.
_DIGITS_OF_ERRORS, _DIGITS = 3, 9
_NO_CHANGES: Final = (
    "a row of a result's inputs is what was drawn, not what a file tells; "
    "livesim.simulate(scenario, inputs=row) simulates it"
)


def changed_paths(changes: Any, name: str = "changes") -> dict[str, Any]:
    """Return changes with plain values, in the longer of two spellings.

    Parameters
    ----------
    changes
        Path → value.
    name
        What they are called.

    Raises
    ------
    UsageError
        If they are no mapping of paths to values, or a row of a result's inputs.
    ScenarioError
        If a short spelling changes what another change changes, too.
    """
    if hasattr(changes, "keys") and _OF_A_ROW in changes:
        raise UsageError(f"{name}: {_NO_CHANGES}")
    must_be(changes, Mapping, f"{name}: path → value is needed, as in {{'show.length': '2h'}}")
    for path in changes:
        must_be(path, str, f"{name}: a path is a text, as 'show.length'")
    return changes_written_out({path: plain(value) for path, value in changes.items()})


def refuse_drawn(changes: Mapping[str, Any], uncertain: Callable[[], Collection[str]]) -> None:
    """Refuse a row of a result's inputs among changes, also without the column of its number.

    That it is one is seen by what it leaves uncertain, which is nothing, and by forecast errors
    with more digits than people write: two with more than three, as a printed row has them. A row
    that is rounded to fewer is not told from what somebody writes who knows all, and is taken for
    that; so is a number that is given as a text, as on a command line.

    Parameters
    ----------
    changes
        Path → plain value.
    uncertain
        Tells the paths of what is uncertain with these changes.

    Raises
    ------
    UsageError
        If they are such a row.
    """
    drawn = [path for path, value in changes.items() if _drawn(path, value)]
    errors = any(path.endswith(_ERRORS) for path in drawn)
    if errors and len(drawn) > 1 and not uncertain():
        raise UsageError(f"changes: {_NO_CHANGES}")


def _drawn(path: str, value: Any) -> bool:
    """Say whether a value is a number with more digits than anybody writes."""
    if type(value) is not float:
        return False
    digits = _DIGITS_OF_ERRORS if path.endswith(_ERRORS) else _DIGITS
    return float(f"{value:.{digits}g}") != value


def plain(value: Any) -> Any:
    """Return a value as a file would give it: values of NumPy and numbered keys as Python's own.

    Examples
    --------
    >>> plain({"quantity": {1: np.float64(0.5)}, "sells": np.array(["serum"])})
    {'quantity': {'1': 0.5}, 'sells': ['serum']}
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    if type(value) is not dict and isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {_name(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _name(name: Any) -> Any:
    if type(name) is str:  # nearly all of them, and there are many
        return name
    return str(name) if isinstance(name, int | float | np.generic) else name
