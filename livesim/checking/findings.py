"""What came of a run of checks: a verdict for each expectation of each show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livesim.checking.testing import Judgement, Verdict
from livesim.errors import Mistake
from livesim.results.figures import Unit
from livesim.scenario.document import Place
from livesim.scenario.expecting import Expectation


@dataclass(frozen=True)
class Finding:
    """What came of one expectation.

    Parameters
    ----------
    expectation
        The line.
    place
        Where it is written; None if nobody knows.
    verdict
        ``holds``; ``broken``; ``undecided``, as the replications were too few; ``missing``, as
        there is nothing to test, which fails like a broken one.
    said
        Why, where there is no figure.
    judgement
        The figure with its interval; None if there is none.
    unit
        What the figure is measured in, as far as that matters for writing it.
    currency
        Of the show.
    """

    expectation: Expectation
    place: Place | None
    verdict: Verdict = "undecided"
    said: str = "there was no time to simulate it"
    judgement: Judgement | None = None
    unit: Unit = ""
    currency: str = ""

    @property
    def fails(self) -> bool:
        """Whether it is broken or missing, and not only a warning."""
        return self.verdict in ("broken", "missing") and self.expectation.severity == "error"

    @property
    def is_open(self) -> bool:
        """Whether it is undecided, and not only a warning."""
        return self.verdict == "undecided" and self.expectation.severity == "error"


@dataclass(frozen=True)
class Checked:
    """A show and what came of all that its file expects of it.

    Parameters
    ----------
    name, file
        What it is called here, the alternative included; and its file.
    title, digest
        Of the show; empty if its file has mistakes.
    findings
        One for each expectation, in the file's order.
    mistakes
        What is wrong with the file.
    recalled
        Whether the verdicts are those of an earlier run.
    """

    name: str
    file: str
    title: str = ""
    digest: str = ""
    findings: tuple[Finding, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    recalled: bool = False


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Parameters
    ----------
    shows
        One for each show that expects anything, and for each file with mistakes.
    error_rate
        Chance that any verdict of the run is wrong by chance [1].
    looks
        After how many replications was looked [1].
    seed, versions
        Of the simulation.
    interrupted
        Whether it was interrupted: what was not tested by then is undecided.
    """

    shows: tuple[Checked, ...]
    error_rate: float
    looks: tuple[int, ...]
    seed: int
    versions: Mapping[str, str]
    interrupted: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return tuple(finding for show in self.shows for finding in show.findings)
