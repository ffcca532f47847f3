"""Validating files: whether they can be read, and what their planners should look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livesim.checking import reports
from livesim.checking.lines import lines_of
from livesim.checking.reports import Case, Outcome, Suite
from livesim.checking.shows import shows_in
from livesim.errors import Mistake, MistakesError, ScenarioError, UsageError, visible
from livesim.places import is_folder
from livesim.resolve import alternatives, remarks_of, resolve, summary_of
from livesim.scenario.including import with_includes
from livesim.scenario.sources import opened

if TYPE_CHECKING:  # whatever else results are made of takes half a second to import
    from livesim.results.document import Document

__all__ = ["Validated", "document", "github", "junit", "text", "validate"]


@dataclass(frozen=True)
class Validated:
    """A file, and what is to be said of it.

    Parameters
    ----------
    file
        Its name.
    mistakes
        What is wrong with it.
    remarks
        What its planner should look at although it can be read.
    summaries
        What each of its shows is expected to come to, a line each.
    """

    file: str
    mistakes: tuple[Mistake, ...] = ()
    remarks: tuple[Mistake, ...] = ()
    summaries: tuple[str, ...] = ()


def validate(
    paths: Iterable[Path], changes: Mapping[str, Any] | None = None
) -> tuple[Validated, ...]:
    """Read files with all their alternatives, and return what is to be said of each.

    Parameters
    ----------
    paths
        Scenario files, names of reference scenarios, and folders: in these, and in all below that
        are not hidden, every YAML file that has a line with ``title:``, ``include:`` or
        ``alternatives:``. What has none of them is a part that others include, and so is what has
        ``include:`` alone and is included by another file of the folder.
    changes
        Path → value, of all of them.

    Raises
    ------
    UsageError
        If there is no scenario in the folders.

    Examples
    --------
    >>> (room,) = validate([Path("scenarios/brand_room.yaml")])
    >>> room.mistakes, room.remarks, room.summaries
    ((), (), ('in all: 2,000 viewers, 80 orders and 92 units expected; 100 units owned',))
    """
    asked = list(paths)
    found = [file for path in asked for file in _meant(path)]
    if not found:
        raise UsageError(
            f"there is no scenario in {', '.join(map(str, asked))}: a file that ends in .yaml or "
            ".yml, with a line title:, include: or alternatives:"
        )
    return tuple(_validated(file, changes) for file in dict.fromkeys(found))


def _meant(path: Path) -> Iterator[Path]:
    return iter(shows_in(path) if is_folder(path) else [path])


def _validated(file: Path, changes: Mapping[str, Any] | None) -> Validated:
    remarks: list[Mistake] = []
    summaries: list[str] = []
    try:
        source = opened(file)
        for alternative in alternatives(source) or (None,):
            whole = with_includes(source, alternative)
            resolution = resolve(whole, changes)
            lines, wrong = lines_of(resolution.scenario, source, whole)
            if mistakes := [*wrong, *(line.missing for line in lines if line.missing)]:
                raise ScenarioError(mistakes)
            remarks += map(Mistake, resolution.questions)
            remarks += (
                whole.mistake(remark.path, remark.what, remark.remedy)
                for remark in remarks_of(resolution.scenario)
            )
            name = "" if alternative is None else f"{alternative}, "
            summaries.append(f"{name}{summary_of(resolution.scenario)}")
    except MistakesError as error:  # past shows that it learns from can have some, too
        return Validated(str(file), error.mistakes)
    except OSError as error:  # a name in it that the system does not bear
        no_name = Mistake(f"{error.filename}: {error.strerror}", file=str(file))
        return Validated(str(file), (no_name,))
    return Validated(str(file), (), tuple(dict.fromkeys(remarks)), tuple(summaries))


# --------------------------------------------------------------------------------------------------
# What came of it, for people and programs
# --------------------------------------------------------------------------------------------------


def text(one: Validated, told: Callable[[str], str] = str) -> str:
    """Return what is to be said of a file as lines for people.

    Parameters
    ----------
    one
        What came of it.
    told
        Says what is no mistake in another language.
    """
    if one.mistakes:
        return "\n\n".join(map(str, one.mistakes)) + "\n"
    remarks = (replace(of, what=told(of.what), remedy=told(of.remedy)) for of in one.remarks)
    lines = [line for remark in remarks for line in str(remark).split("\n")]
    fine = visible(f"{one.file}: {told('fine')}")
    return "\n  ".join([fine, *map(told, one.summaries), *lines])


def document(found: Sequence[Validated]) -> Document:
    """Return what is to be said as plain data for programs.

    Parameters
    ----------
    found
        What came of each file.

    Returns
    -------
    dict
        ``kind``, and ``files``: each with ``file``, ``mistakes``, ``remarks`` and ``summaries``.
    """
    return {"kind": "validation", "files": [asdict(one) for one in found]}


def junit(found: Sequence[Validated], strict: bool) -> str:
    """Return what is to be said as JUnit's XML: a suite a file, a case a remark.

    Parameters
    ----------
    found
        What came of each file.
    strict
        Whether remarks are failures.
    """
    return reports.junit("livesim validate", [_suite(one, strict) for one in found])


def github(found: Sequence[Validated], strict: bool) -> str:
    """Return what is to be said as annotations of GitHub.

    Parameters
    ----------
    found
        What came of each file.
    strict
        Whether remarks are failures.
    """
    return "\n".join(reports.github([_suite(one, strict) for one in found]))


def _suite(found: Validated, strict: bool) -> Suite:
    outcome: Outcome = "failure" if strict else "warning"
    cases = [
        Case(
            one.path or "the file",
            f"{one.what} {one.remedy}".strip(),
            outcome,
            one.line,
            one.column,
        )
        for one in found.remarks
    ]
    fine = [] if found.mistakes or cases else [Case("the file", "fine")]
    return Suite(found.file, found.file, found.mistakes, (*cases, *fine))
