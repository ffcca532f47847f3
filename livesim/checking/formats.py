"""What came of a run, as people, continuous integration and other programs read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from math import inf
from shlex import join

from livesim.checking import reports
from livesim.checking.cases import BASELINE
from livesim.checking.findings import Checked, Finding, Report
from livesim.checking.keeping import KeptShow
from livesim.checking.reports import Case, Outcome, Suite
from livesim.checking.wording import number
from livesim.errors import visible
from livesim.resolve.words import counted, share
from livesim.results.document import Document, finite

_VERDICTS = ("holds", "broken", "missing", "undecided")
#: Nobody simulates more shows than these to decide a line.
_MOST_NEEDED = 1_000_000
#: Files are named where they are no more.
_MOST_NAMED = 3


def text(report: Report) -> str:
    """Return what came of a run as lines for people.

    Parameters
    ----------
    report
        What came of it.
    """
    lines = [line for show in report.shows for line in _lines(show)]
    return "\n".join([*lines, summary(report), *_next_steps(report)])


def summary(report: Report) -> str:
    """Return how many expectations hold and how many do not, in a line.

    Parameters
    ----------
    report
        What came of the run.
    """
    counts: Counter[str] = Counter(finding.verdict for finding in report.findings)
    bad = sum(bool(show.mistakes) for show in report.shows)
    told = [f"{verdict}: {counts[verdict]}" for verdict in _VERDICTS if counts[verdict]]
    told += [f"bad files: {bad}"] if bad else []
    rate = share(report.error_rate)
    if not told:
        return "nothing that is expected has changed"
    recalled = sum(show.recalled for show in report.shows)
    told += [f"recalled: {counted(recalled, 'show')}"] if recalled else []
    if report.interrupted:
        told.append("it was interrupted before all was tested")
    elif _time_was_short(report):
        told.append("the time was over before all looks were taken")
    return f"{', '.join(told)}; that any verdict is wrong by chance: at most {rate}"


def _next_steps(report: Report) -> Iterator[str]:
    """Say what to do about baselines that are broken: of all else its line says that."""
    moved = [
        show.file
        for show in report.shows
        for finding in show.findings
        if finding.expectation == BASELINE and finding.verdict == "broken"
    ]
    if moved:
        files = join(dict.fromkeys(moved)) if len(moved) <= _MOST_NAMED else "FILE"
        yield visible(f"If that is meant, livesim check {files} --update keeps what moved.")


def _time_was_short(report: Report) -> bool:
    open_ = (finding.judgement for finding in report.findings if finding.verdict == "undecided")
    return any(known is None or known.replications < report.looks[-1] for known in open_)


def kept_text(kept: KeptShow) -> str:
    """Return what was kept of a show as lines for people.

    Parameters
    ----------
    kept
        What was kept, or the mistakes of its file.
    """
    if kept.show.mistakes:
        return "\n".join(map(str, kept.show.mistakes))
    first, *more = kept.said.splitlines()
    return "\n".join([f"kept {visible(str(kept.file))}: {first}", *(f"  {line}" for line in more)])


def _lines(show: Checked) -> Iterator[str]:
    yield visible(f"{show.name}  {show.title}".rstrip())
    for mistake in show.mistakes:
        yield from (f"  {line}" for line in str(mistake).splitlines())
    width = max((len(str(finding.expectation)) for finding in show.findings), default=0)
    for finding in show.findings:
        warning = " (warning)" if finding.expectation.severity == "warn" else ""
        line = str(finding.expectation).ljust(width)
        first, *more = said(finding).splitlines()
        yield f"  {finding.verdict:<9}  {line}  {first}{warning}"
        yield from (f"             {one}" for one in more)
    yield ""


def said(finding: Finding) -> str:
    """Say what a verdict rests on.

    Parameters
    ----------
    finding
        What came of an expectation.
    """
    found = finding.judgement
    if found is None:
        return finding.said
    shows = counted(found.replications, "show")
    value = number(found.value, finding.unit, finding.currency)
    low, high = (number(end, finding.unit) for end in (found.low, found.high))
    told = [f"{value} [{low}, {high}] in {shows}"]
    if finding.verdict == "undecided" and (found.needed or inf) > _MOST_NEEDED:
        told.append("too near to what is expected to say how many would decide it")
    elif finding.verdict == "undecided":
        told.append(f"about {found.needed:,} would decide it (--max-replications)")
    return "; ".join([*told, *filter(None, [found.note])])


def document(report: Report) -> Document:
    """Return what came of a run as plain data for programs.

    Parameters
    ----------
    report
        What came of it.

    Returns
    -------
    dict
        ``kind``, ``error_rate``, ``looks``, ``seed``, ``versions``, ``interrupted``, and ``shows``:
        each with ``name``, ``file``, ``title``, ``digest``, ``recalled``, ``mistakes`` and
        ``expectations``. None stands for never and unknown.
    """
    told = {
        "kind": "check",
        "error_rate": report.error_rate,
        "looks": report.looks,
        "seed": report.seed,
        "versions": report.versions,
        "interrupted": report.interrupted,
        "shows": [
            {
                "name": show.name,
                "file": show.file,
                "title": show.title,
                "digest": show.digest,
                "recalled": show.recalled,
                "mistakes": [asdict(mistake) for mistake in show.mistakes],
                "expectations": [_told(finding) for finding in show.findings],
            }
            for show in report.shows
        ],
    }
    return dict(finite(told))


def _told(finding: Finding) -> Document:
    line, place, found = finding.expectation, finding.place, finding.judgement
    figures = ("value", "low", "high", "replications", "needed")
    return {
        "figure": line.figure,
        "wanted": line.wanted,
        "severity": line.severity,
        "line": place and place.line,
        "column": place and place.column,
        "verdict": finding.verdict,
        "said": said(finding),
        **{name: found and getattr(found, name) for name in figures},
    }


def junit(report: Report) -> str:
    """Return what came of a run as JUnit's XML: a suite a show, a case an expectation.

    Broken and missing are failures, undecided is an error; what only warns passes, and so does what
    holds, with what is said as output.

    Parameters
    ----------
    report
        What came of it.
    """
    return reports.junit("livesim check", [_suite(show) for show in report.shows])


def github(report: Report) -> str:
    """Return what came of a run as annotations of GitHub, and a summary.

    Parameters
    ----------
    report
        What came of it.
    """
    suites = [_suite(show) for show in report.shows]
    return "\n".join([*reports.github(suites), summary(report), *_next_steps(report)])


def _suite(show: Checked) -> Suite:
    cases = tuple(_case(finding) for finding in show.findings)
    return Suite(show.name, show.file, show.mistakes, cases)


def _case(finding: Finding) -> Case:
    outcome: Outcome = "fine" if finding.verdict == "holds" else "warning"
    if finding.fails or finding.is_open:
        outcome = "failure" if finding.fails else "error"
    place, told = finding.place, f"{finding.verdict}: {said(finding)}"
    line, column = (place.line, place.column) if place else (None, None)
    return Case(str(finding.expectation), told, outcome, line, column)
