"""What an answer was made from, for the page: assumptions, the shows, and provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from livesim.planning.recommendation import Plan
from livesim.report.language import say
from livesim.report.pages import Table
from livesim.report.rundown import rundown
from livesim.resolve import Resolution, explained
from livesim.resolve.derivation import leaves, reason_of
from livesim.results.answer import Answer
from livesim.results.result import Result
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_inline, write_yaml


@dataclass(frozen=True)
class Background:
    """What an answer was made from.

    Parameters
    ----------
    over_time
        The rundown with when slots start; None where an answer is about several shows.
    assumptions
        Values that nobody wrote, each with its source or the word assumption; None where that is
        not known.
    scenarios
        The shows by name, with everything explicit.
    origin
        Seed, replications, versions and fingerprints, each in words.
    """

    over_time: Table | None
    assumptions: Table | None
    scenarios: Mapping[str, str]
    origin: Mapping[str, str]


def background(answer: Answer) -> Background:
    """Return what an answer was made from."""
    if isinstance(answer, Plan) and answer.resolution.reasons:
        shows = {answer.resolution.scenario.title: explained(answer.resolution)}
        found = _assumptions(answer.resolution)
    else:
        shows = {name: write_yaml(one.to_data()) for name, one in answer.origin.scenarios.items()}
        found = None
    over_time, taken = (one and one.in_words() for one in (_over_time(answer), found))
    return Background(over_time, taken, shows, dict(_origin(answer)))


def slot_starts(answer: Answer) -> tuple[Scenario, Floats] | None:
    """Return an answer's show with when its slots start [s], shape (R, slots); None of several."""
    match answer:
        case Plan():
            return answer.curves.scenario, answer.curves.slot_starts
        case Result():
            return answer.scenario, answer.outcome.timeline["slot_starts"]
    return None


def _over_time(answer: Answer) -> Table | None:
    found = slot_starts(answer)
    if found is None:
        return None
    told, slots = rundown(*found), found[0].rundown.values()
    if isinstance(answer, Result) or all(slot.at_sell_out != "next" for slot in slots):
        return told
    now = say("Slots go on at sell-out: they start so with what you own now")
    return replace(told, note=f"{now}; {told.note}")


def _assumptions(resolution: Resolution) -> Table | None:
    """Return the values that livesim chose: those alike of all products and slots in one row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    data = resolution.scenario.to_data()
    for path in leaves(resolution.scenario):
        reason = reason_of(resolution.reasons, path)
        if reason.kind in ("template", "assumption"):
            of = (path[-1], _written(data, path), str(reason))
            rows.setdefault(of, []).append(".".join(path))
    shown = tuple((_named(paths), value, why) for (_, value, why), paths in rows.items())
    return Table(("value", "taken", "from"), shown, words=2) if shown else None


def _written(data: Any, path: tuple[str, ...]) -> str:
    """Return the value at a path, as a file has it."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return write_inline(data).replace('"', "")


def _named(paths: list[str]) -> str:
    first, *others = paths
    return (
        say("{paths} and {number} more like it", paths=first, number=len(others))
        if others
        else first
    )


def _origin(answer: Answer) -> Iterator[tuple[str, str]]:
    told = answer.origin
    if told.replications:
        yield "seed", str(told.seed)
        yield "replications", f"{told.replications:,}"
    if told.scenarios:
        yield "scenario's digest", told.digest
    yield "fingerprint", answer.fingerprint
    yield from told.versions.items()
