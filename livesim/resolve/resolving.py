"""Resolving: from a planner's file to a scenario in which everything is explicit.

A pipeline of pure steps: fill in from the templates, read the draft, work out the audience, put the
rundown together, and invert the expected orders. Every step says why its values are what they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from livesim.errors import (
    AS_CHANGED,
    HistoryError,
    Mistake,
    MistakesError,
    ScenarioError,
    UsageError,
    did_you_mean,
)
from livesim.resolve import audience, bundles, demand, terms
from livesim.resolve.derivation import (
    GIVEN,
    DerivationError,
    Derived,
    Path,
    Reason,
    Reasons,
    reason_of,
    with_reasons,
)
from livesim.resolve.drawn import drawn_together
from livesim.resolve.few_shows import errors_of_few_shows
from livesim.resolve.fitting import fitted
from livesim.resolve.questions import questions_of
from livesim.resolve.rotation import rotation, soon_enough
from livesim.resolve.stand_ins import LARGE, SMALL, is_misread, with_stand_ins
from livesim.resolve.templates import NAMED, Template, defaults_of_slot, filled, layers, template
from livesim.resolve.why import Resolution, notes_of, range_note
from livesim.resolve.words import listed
from livesim.scenario.checks import clock_findings, show_findings
from livesim.scenario.document import Document
from livesim.scenario.draft import Draft, DraftProduct, DraftShow
from livesim.scenario.including import (
    HISTORY,
    MAX_FILES,
    alternatives_in,
    history_files,
    with_includes,
)
from livesim.scenario.indentation import put_right
from livesim.scenario.parts import Product, Show
from livesim.scenario.paths import get, mapping_at, replaced, said_at, split_path
from livesim.scenario.reading import read, refuse
from livesim.scenario.scenario import Scenario
from livesim.scenario.sheets import TABLES
from livesim.scenario.shorthand import written_out
from livesim.scenario.sources import Source, changed_paths, opened, refuse_drawn

if TYPE_CHECKING:  # few files name past shows, and what reads them takes its time to import
    from concurrent.futures import Executor

    from livesim.history import History
    from livesim.resolve.learned import Learned

_ONLY_TOLD_OF_SHOW: Final = tuple(set(DraftShow.model_fields) - set(Show.model_fields))
_ONLY_TOLD: Final = tuple(set(DraftProduct.model_fields) - set(Product.model_fields))
_CHANGED: Final = Reason("given", "changed")
#: What stands for past viewers, and orders per 1,000 of them, while these cannot be read.
_ANY: Final = 1
#: So many ways to tell of one show are kept, however many are tried.
_MOST_KEPT: Final = 100


def load(
    source: Source,
    changes: Mapping[str, Any] | None = None,
    *,
    alternative: str | None = None,
) -> Scenario:
    """Load a scenario from a file, in its short or its resolved form, with all that it includes.

    Parameters
    ----------
    source
        A YAML file, or the name of a reference scenario; ``-`` is the standard input. A text of
        several lines is itself the YAML, a stream is read, and a mapping is what a file would say.
    changes
        Path → value, in the notation of a file. What tells of past shows (``viewers``,
        ``products.serum.orders_per_1000``) and everything under ``show`` is changed before the
        model's quantities are derived from it; all else is changed afterwards, so that viewers
        behave the same while, say, a slot gets longer. A whole part that the file has not
        (``products.hat``, or ``rundown`` where none is written) is added to the file, and so gets
        the defaults of the templates. A written rundown is changed together with the show, and
        with what is added.
    alternative
        Which of the alternatives that the file describes, where it does.

    Raises
    ------
    ScenarioError
        With every mistake in the file, or in what the changes make of it.

    Examples
    --------
    >>> scenario = load("scenarios/brand_room.yaml", {"viewers": "5k"})
    >>> scenario.segments["everyone"].reach
    500000.0
    """
    return resolve_file(source, changes, alternative=alternative).scenario


def resolve_file(
    source: Source,
    changes: Mapping[str, Any] | None = None,
    *,
    alternative: str | None = None,
) -> Resolution:
    """Resolve a file; like :func:`load`, with where everything comes from.

    Raises
    ------
    ScenarioError
        With every mistake in the file, or in what the changes make of it.

    Examples
    --------
    >>> resolution = resolve_file("scenarios/brand_room.yaml")
    >>> resolution.checks[0]
    'everyone: 2,000 viewers expected, mean watch time 2 min 48 s, peak 52 concurrent'
    """
    return resolve(with_includes(opened(source), alternative), changes)


def alternatives(source: Source) -> tuple[str, ...]:
    """Return the names of the alternatives that a file describes; none where it is one show.

    Raises
    ------
    ScenarioError
        If there is no such file, or its alternatives are none.

    Examples
    --------
    >>> alternatives("scenarios/same_show_two_platforms.yaml")
    ('one_app', 'link_in_bio')
    """
    return alternatives_in(opened(source))


def resolve(document: Document, changes: Mapping[str, Any] | None = None) -> Resolution:
    """Resolve a parsed file.

    Parameters
    ----------
    document
        What the file says.
    changes
        As in :func:`load`.

    Raises
    ------
    ScenarioError
        With every mistake in the file, or in what the changes make of it.
    """
    return Resolver(document).at(changes)


def _told_together(document: Document, others: Sequence[Mistake]) -> list[Mistake]:
    """Return all mistakes in their order, but for what is missing only as it could not be read."""
    unread = document.mistakes
    keys = [mistake.path.rpartition(".")[2] for mistake in unread if mistake.path]
    cells = {_at(mistake) for mistake in unread}
    at = (tuple(mistake.path.split(".")) for mistake in unread)
    lacking = {path[:-1] for path in at if path[-1] in demand.KEYS}  # how often it is ordered

    def follows(other: Mistake) -> bool:
        *_, key = path = tuple(other.path.split("."))
        is_absent = path not in document.places
        if document.judged is not None and not _is_judged(document, other):
            return True
        if path in lacking:
            return True
        return _at(other) in cells or (is_absent and bool(get_close_matches(key, keys, n=1)))

    kept = [other for other in others if not (unread and follows(other))]
    return sorted([*unread, *kept], key=_at) if unread else kept


def _is_judged(document: Document, mistake: Mistake) -> bool:
    """Say whether a mistake is one of a value, whatever else is not read."""
    judged = document.judged or ()
    return any((at.sheet, at.line, at.column) == _at(mistake)[1:] for at in judged)


def _at(mistake: Mistake) -> tuple[str, str, int, int]:
    return mistake.file or "", mistake.sheet or "", mistake.line or 0, mistake.column or 0


#: A key, or one within another, with what has keys of its own, as YAML writes it, in which these
#: may have keys of theirs; the place of one of several in a cell.
_KEY_WITH_KEYS: Final = re.compile(
    r"\b(\w+): (?:\{(\w+): (\{[^{}]*\})\}|(\{(?:[^{}]|\{[^{}]*\})*\}))"
)
_PLACE_IN_LIST: Final = re.compile(r"(?:\.\d+)+$")


def _in_sheets(mistake: Mistake) -> Mistake:
    """Say a workbook's mistake in its words: which sheet, row or column, and not as in YAML."""
    if mistake.sheet is None:
        return mistake
    if mistake.what != "products is missing":
        beside = "row" if mistake.sheet.lower() == "show" else "column"
        remedy = _KEY_WITH_KEYS.sub(partial(_in_a_cell, beside), mistake.remedy)
        return replace(mistake, remedy=remedy, path=_PLACE_IN_LIST.sub("", mistake.path))
    remedy = (
        "add a sheet Products: a row a product, with a name, a price and one of orders_per_1000, "
        "gpm, forecast and conversion; `livesim new --sheet my_show.xlsx` has one"
    )
    return replace(mistake, remedy=remedy)


def _in_a_cell(beside: str, found: re.Match[str]) -> str:
    """Say in which row or column of a sheet something with keys of its own stands."""
    key, inner, of_inner, whole = found.groups()
    if key in TABLES:  # which has a sheet of its own
        return found[0]
    return f"{of_inner} in a {beside} {key}.{inner}" if inner else f"{whole} in a {beside} {key}"


def _where_changed(mistake: Mistake, changes: Iterable[str], said: Mapping[str, Any]) -> Mistake:
    """Point at the change rather than at the line of the file that it replaces.

    Where the file says nothing at a path, what is wrong there comes from a change inside.
    """
    if any(f"{mistake.path}.".startswith(f"{path}.") for path in changes):
        return replace(mistake, file=AS_CHANGED, line=None, column=None)
    inside = next((path for path in changes if path.startswith(f"{mistake.path}.")), "")
    if inside and said_at(said, *mistake.path.split(".")) is None:
        return replace(mistake, path=inside, file=AS_CHANGED, line=None, column=None)
    return mistake


def _of_no_segment(changes: Iterable[Path], segments: Collection[str]) -> list[Mistake]:
    """Return the changes of a segment's viewers that are written as if viewers had segments."""
    return [
        Mistake(
            f"each segment has {key} of its own",
            f"{key}.{name}",
            f"write segments.{name}.{key}"
            if name in segments
            else f"write segments.NAME.{key}; {did_you_mean(name, segments)}",
            file=AS_CHANGED,
        )
        for key, name in (path for path in changes if len(path) == 2)
        if key in audience.DASHBOARD and (name in segments or len(segments) > 1)
    ]


def calibrate_file(
    source: Source,
    history: History | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    alternative: str | None = None,
    executor: Executor | None = None,
) -> Learned:
    """Learn a scenario's turnout and appeal from past shows.

    Parameters
    ----------
    source, changes, alternative
        As in :func:`load`.
    history
        Past shows; those that the file names, if None.
    executor
        Where to learn, if not in this process.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    UsageError
        If there are no past shows, or none of them says how many watched.
    """
    changed = changed_paths({} if changes is None else changes)
    document = with_includes(opened(source), alternative)
    _, learned = Resolver(document, history, executor).learned(changed)
    if learned is None:
        raise UsageError(
            "the scenario names no past shows: write history: shows.csv into it, or give them"
        )
    return learned


@dataclass(frozen=True)
class _Told:
    """What a file tells: the show that follows, where from, and what past shows add to it."""

    written: Mapping[str, Any]
    draft: Draft
    scenario: Scenario
    reasons: Reasons
    learned: Learned | None


class Resolver:
    """A parsed file that is resolved with one set of changes after the other.

    What is told is worked out once for all of them that change none of it, such as a sweep of a
    price: most of the time goes into that.

    Parameters
    ----------
    document
        What the file says.
    past
        Past shows; those that the file names, if None.
    executor
        Where to learn from them, if not in this process.

    Examples
    --------
    >>> room = Resolver(opened("scenarios/brand_room.yaml"))
    >>> [room.at({"deal.guest_fee": fee}).scenario.deal.guest_fee for fee in (0, "5k")]
    [0.0, 5000.0]
    """

    def __init__(
        self, document: Document, past: History | None = None, executor: Executor | None = None
    ) -> None:
        document, self._misplaced = put_right(written_out(document))
        self._document, self._past, self._executor = document, past, executor
        self._told: dict[str, _Told] = {}

    def at(self, changes: Mapping[str, Any] | None = None) -> Resolution:
        """Resolve the file with changes; all as for :func:`resolve`."""
        return self.learned(changed_paths({} if changes is None else changes))[0]

    def learned(self, changes: Mapping[str, Any]) -> tuple[Resolution, Learned | None]:
        """Resolve the file, and return beside it what was learned from past shows.

        What could not be read of the file, or stands at a wrong indentation, is told together with
        what else is wrong.
        """
        parsed = {split_path(path): value for path, value in changes.items()}
        if inside := _of_no_segment(parsed, mapping_at(self._document.data, "segments")):
            raise ScenarioError(inside)
        try:
            found = self._resolved(parsed)
        except ScenarioError as error:
            beyond = self._beyond(parsed, error.mistakes)
            told = [*error.mistakes, *beyond]
            told = sorted(told, key=_at) if beyond else told
            told = [_where_changed(_in_sheets(one), changes, self._document.data) for one in told]
            told = [*self._misplaced, *_told_together(self._document, told)]
            raise ScenarioError(sorted(told, key=_at) if self._misplaced else told) from None
        except HistoryError as error:
            if wrong := (*self._misplaced, *self._document.mistakes):
                raise ScenarioError([*wrong, *error.mistakes]) from None
            raise
        if wrong := (*self._misplaced, *self._document.mistakes):
            raise ScenarioError(wrong)
        refuse_drawn(changes, found[0].scenario.uncertain)
        return found

    def _beyond(self, parsed: Mapping[Path, Any], mistakes: Sequence[Mistake]) -> list[Mistake]:
        """Return what else is wrong, which other values in the place of the wrong ones show.

        What hangs on these is not told: it would be found with one of two values and not with the
        other, or stands in the same part.
        """
        said = self._document.data
        wrong = {tuple(one.path.split(".")) for one in mistakes}
        if HISTORY in said or not all(is_misread(said, path) for path in wrong):
            return []
        looks = []
        for size in (SMALL, LARGE):
            data = with_stand_ins(said, wrong, size)
            other = Resolver(replace(self._document, data=data), self._past)
            try:
                other._resolved(parsed)
                return []
            except ScenarioError as error:
                looks.append(error.mistakes)
            except (HistoryError, UsageError):
                return []
        parts = {path[:2] for path in wrong}
        first, second = looks
        return [
            one for one in first if one in second and tuple(one.path.split("."))[:2] not in parts
        ]

    def _resolved(self, parsed: Mapping[Path, Any]) -> tuple[Resolution, Learned | None]:
        written = self._document.data
        added = {path for path, value in parsed.items() if _is_added(path, value, written)}
        together = _changed_together(parsed, added, written)
        before = {
            path: value
            for path, value in parsed.items()
            if _is_told(path) or path in added or path[0] in together
        }
        later = {path: value for path, value in parsed.items() if path not in before}
        told = self._told_with(before)
        alike = terms.said_alike(told.scenario, later)
        after = {".".join(path): value for path, value in (later | alike).items()}
        said = [
            one
            for path, value in parsed.items()
            for one in (_keys(path, value) if path in added else [path])
        ]
        changed = dict.fromkeys((_with_its_part(path, told.reasons) for path in said), _CHANGED)
        reasons = with_reasons(told.reasons, changed)
        scenario = told.scenario.with_changes(after) if after else told.scenario
        questions, learned = questions_of(told.draft), told.learned
        from_past = () if learned is None else (learned.summary, *learned.notes, *learned.asked)
        ranges = range_note(told.draft, told.written)
        instead = (
            *_ways_replaced(parsed, written),
            *terms.replaced_by(written, told.scenario, later),
        )
        apart = _drawn_apart(parsed, written, told.scenario, scenario)
        assumed = notes_of(scenario, told.draft, reasons)
        notes = (*questions, *from_past, *ranges, *instead, *apart, *assumed)
        return Resolution(scenario, reasons, notes), learned

    def _told_with(self, changes: Mapping[Path, Any]) -> _Told:
        """Return what the file tells with changes of that, worked out if it is new."""
        key = repr(changes)
        if key not in self._told:
            if len(self._told) >= _MOST_KEPT:
                self._told.clear()
            self._told[key] = _told(self._document, changes, self._past, self._executor)
        return self._told[key]


def _drawn_apart(
    changes: Iterable[Path], written: Mapping[str, Any], before: Scenario, after: Scenario
) -> Iterator[str]:
    """Note what is changed of quantities that are drawn together, and what is left of them."""
    said = (path for path in changes if "draws" in mapping_at(written, *path))
    left = drawn_together(after)
    were = dict.fromkeys([*map(".".join, said), *drawn_together(before)])
    gone = [path for path in were if path not in left]
    if gone and left:
        yield (
            f"Changed, and drawn together with others no more: {', '.join(gone)}. "
            f"{', '.join(left)}: drawn as before, whatever that is."
        )


def _told(
    document: Document,
    changes: Mapping[Path, Any],
    past: History | None,
    executor: Executor | None,
) -> _Told:
    """Work out what a file tells, with changes of that."""
    written = _with_changes(document.data, changes)
    try:
        past = past or _past(written, document)
        if past is not None:
            from livesim.resolve.comparable import before_it, findings_of, misnamed

            refuse(findings_of(written, past), document)
    except MistakesError as error:
        if beside := _beside_past(written, document):
            raise ScenarioError(sorted([*beside, *error.mistakes], key=_at)) from None
        raise
    untold: frozenset[str] = frozenset()
    if past is not None:
        from livesim.resolve.names_in_history import named_as, with_told

        past = named_as(written, before_it(written, past))
        written, untold = with_told(written, past)
    templates = layers(written.get("like"), said_at(written, "show", "known_from"))
    fill = bundles.with_what_follows(filled(written, templates))
    known = [
        finding
        for part in (audience, demand, terms, bundles)
        for finding in part.conflicts(written)
    ]
    if past is not None:
        known += misnamed(written, past, known)
    draft = read(Draft, fill.data, document, known)
    refuse(clock_findings(draft.show), document)
    reasons = {path: _from_file(why, document, path) for path, why in fill.reasons.items()}
    work = _Work(_only_explicit(draft), reasons)
    try:
        work, scenario = _derived(draft, written, templates, document, work)
    except DerivationError as error:
        refuse(error.findings, document)
        raise
    if past is None:
        return _Told(written, draft, scenario, work.reasons, None)
    from livesim.resolve.updating import calibrate

    untold |= {
        f"{name}.elasticity"
        for name in scenario.products
        if reason_of(work.reasons, ("products", name, "elasticity")).kind != GIVEN.kind
    }
    learned = (
        calibrate(scenario, past, untold)
        if executor is None
        else executor.submit(calibrate, scenario, past, untold).result()
    )
    work = work.with_reasons(learned.reasons)
    return _Told(written, draft, learned.scenario, work.reasons, learned)


def _beside_past(written: Mapping[str, Any], document: Document) -> list[Mistake]:
    """Return the mistakes of a file whose past shows cannot be read, any figures in their place."""
    told = {name: value for name, value in written.items() if name != HISTORY}
    if not {"segments", *audience.DASHBOARD} & told.keys():
        told["viewers"] = _ANY
    products = mapping_at(told, "products")
    if products and not any(key in told for key in demand.WHOLE):
        told["products"] = {
            name: {**product, "orders_per_1000": _ANY}
            if isinstance(product, Mapping) and not demand.KEYS & product.keys()
            else product
            for name, product in products.items()
        }
    try:
        _told(replace(document, data=told), {}, None, None)
    except ScenarioError as error:
        places = document.places
        return [one for one in error.mistakes if tuple((one.path or "").split(".")) in places]
    return []


def _past(written: Mapping[str, Any], document: Document) -> History | None:
    """Return the past shows that a file names."""
    if written.get(HISTORY) is None:
        return None
    from livesim.history import History

    return History.read(history_files(document, written[HISTORY]))


@dataclass(frozen=True)
class _Work:
    """Data on its way to a scenario, and the reasons for it."""

    data: dict[str, Any]
    reasons: Reasons

    def with_reasons(self, new: Reasons) -> _Work:
        """Return it with new reasons."""
        return _Work(self.data, with_reasons(self.reasons, new))

    def with_derived(self, derived: Mapping[Path, Derived]) -> _Work:
        """Return it with derived values."""
        data = self.data
        for path, found in derived.items():
            data = replaced(data, path, found.value)
        work = _Work(data, self.reasons)
        return work.with_reasons({path: found.reason for path, found in derived.items()})


def _from_file(reason: Reason, document: Document, path: Path) -> Reason:
    """Name the included file in the reason for what it gives."""
    place = document.place(path) if reason is GIVEN else None
    return reason if place is None or place.file is None else _given_in(place.file)


@lru_cache(MAX_FILES)
def _given_in(file: str) -> Reason:
    return Reason("given", f"in {FilePath(file).name}")


def _derived(
    draft: Draft,
    written: Mapping[str, Any],
    templates: tuple[Template, ...],
    document: Document,
    work: _Work,
) -> tuple[_Work, Scenario]:
    """Work out what follows from history, step by step."""
    not_yet: dict[Path, Derived] = {
        ("products", name, "conversion"): Derived(0, Reason("derived"))
        for name, product in draft.products.items()
        if product.conversion is None
    }
    told = (
        audience.audience(draft, written),
        errors_of_few_shows(draft, written),
        demand.own_errors(draft, written),
        demand.reference_prices(draft),
        terms.left_over_values(draft),
        not_yet,
    )
    work = work.with_derived({path: one for found in told for path, one in found.items()})
    if draft.rundown is None:
        work = _with_rotation(draft, templates, work)
    work = work.with_derived(soon_enough(work.data["rundown"], draft.show.refresh, work.reasons))
    scenario = Scenario.from_data(work.data, document)
    if met := fitted(draft, scenario, written):
        work = work.with_derived(met)
        scenario = Scenario.from_data(work.data, document)
    if not_yet:
        found = demand.conversions(draft, scenario)
        scenario = demand.with_conversions(scenario, found)
        refuse(show_findings(scenario), document)
        work = work.with_reasons({path: one.reason for path, one in found.items()})
    return work, scenario


def _with_rotation(draft: Draft, templates: tuple[Template, ...], work: _Work) -> _Work:
    reasons = dict(work.reasons)
    each_slot = defaults_of_slot(templates)
    slots = rotation(draft, each_slot.data)
    for name in slots:
        reasons[("rundown", name)] = Reason("derived", "an even rotation, as no rundown is written")
        reasons |= {
            ("rundown", name, *path[2:]): reason
            for path, reason in each_slot.reasons.items()
            if path[2] != "sells"
        }
    return _Work({**work.data, "rundown": slots}, reasons)


def _only_explicit(draft: Draft) -> dict[str, Any]:
    """Return a draft's data without what only a draft knows."""
    data = draft.model_dump(exclude_none=True)
    for key in ("like", HISTORY, *audience.DASHBOARD, *demand.WHOLE):
        data.pop(key, None)
    for key in _ONLY_TOLD_OF_SHOW:
        data["show"].pop(key, None)
    for segment in data["segments"].values():
        for key in audience.DASHBOARD:
            segment.pop(key, None)
    for product in data["products"].values():
        for key in _ONLY_TOLD:
            product.pop(key, None)
    return data


def _is_told(path: Path) -> bool:
    """Say whether a path is changed before deriving: the show, and what tells of past shows."""
    if path[0] in ("title", "show") or path[0] not in Scenario.model_fields:
        return True
    below = path[2:3]
    return (path[0] == "segments" and below and below[0] in audience.DASHBOARD) or (
        path[0] == "products" and bool(below) and below[0] in _ONLY_TOLD
    )


def _is_added(path: Path, value: object, written: Mapping[str, Any]) -> bool:
    """Say whether a change adds a whole part to a written section, or a section not written."""
    if path[0] not in NAMED or len(path) > 2 or not isinstance(value, Mapping):
        return False
    section = written.get(path[0])
    if len(path) == 1:
        return section is None
    return isinstance(section, Mapping) and path[1] not in section


def _changed_together(
    changes: Iterable[Path], added: Collection[Path], written: Mapping[str, Any]
) -> set[str]:
    """Return the written sections that are changed together with the show, or with what is added.

    A part that is added needs a slot, or a room, before anything can be derived.
    """
    together = {"rundown", "rooms"} if added else set()
    if any(path[0] == "show" for path in changes):
        together.add("rundown")
    return together & written.keys()


def _with_its_part(path: Path, reasons: Reasons) -> Path:
    """Return a changed path, or that of the part that is only written with the change."""
    starts = (path[:depth] for depth in range(1, len(path)))
    return next((one for one in starts if not any(p[: len(one)] == one for p in reasons)), path)


def _keys(path: Path, part: object) -> Iterator[Path]:
    """Yield what an added part says itself, which is less than what the templates make of it."""
    if len(path) == 3 or not isinstance(part, Mapping):
        yield path
        return
    for key, inner in part.items():
        yield from _keys((*path, key), inner)


def _with_changes(written: Mapping[str, Any], changes: Mapping[Path, Any]) -> dict[str, Any]:
    """Return what is written with changes of it, in whatever order these are given."""
    data = dict(written)
    for path, value in sorted(changes.items(), key=lambda change: len(change[0])):
        if path[0] == "segments" and len(path) > 2:
            get(data if "segments" in data else template("base").data, path[:2])
        if path[0] == "products" and len(path) > 2:
            product = get(data, path[:2])
            if value is not None:
                changed = {other[2] for other in changes if other[:2] == path[:2] != other}
                others = _other_ways(path[2]) - changed
                data = replaced(data, path[:2], _without(product, others))
        data = replaced(data, path, value)
    return data


def _without(part: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in keys}


def _other_ways(key: str) -> set[str]:
    """Return the keys of the other ways to tell a product's orders; none for any other key."""
    if not any(key in way for way in demand.WAYS):
        return set()
    return {other for way in demand.WAYS if key not in way for other in way}


def _ways_replaced(changes: Mapping[Path, Any], written: Mapping[str, Any]) -> Iterator[str]:
    """Yield which changes of how a product's orders are told take the place of what is written."""
    for path, value in changes.items():
        if path[0] != "products" or len(path) != 3 or value is None:
            continue
        said = said_at(written, *path[:2])
        others = [key for key in said or () if key in _other_ways(path[2])]
        if others:
            yield f"{path[1]}: {path[2]} as changed takes the place of {listed(others)}."
