"""Packaged templates: what a planner need not know, each number with its source.

``base`` holds what is common, ``known_from_…`` how wrong forecasts are; ``brand_room``, ``drop``,
``guest_show`` and ``marathon`` change only what differs. A template holds the keys of a draft,
defaults for every person, segment, product and slot (``each_…``), and under ``because`` the work
that each number comes from. Filling a file in is one rule: a value in the file replaces the
template's value whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final

from livesim.resolve.derivation import GIVEN, Path, Reason
from livesim.scenario.checks import people_of_rooms
from livesim.scenario.document import read_document

#: What a file can be ``like``.
TEMPLATES: Final = ("brand_room", "drop", "guest_show", "marathon")

#: What viewers and orders can be known from: each is a template of its errors.
KNOWN_FROM: Final = ("history", "followers", "nothing")

_SECTIONS: Final = ("show", "deal", "supply", "screen", "checkout")
_NAMED: Final = {
    "people": "each_person",
    "segments": "each_segment",
    "products": "each_product",
    "rundown": "each_slot",
    "rooms": "each_room",
}
_FOLDER: Final = FilePath(__file__).parent / "templates"


#: The sections of named parts, each with its template's defaults.
NAMED: Final = tuple(_NAMED)


@dataclass(frozen=True, eq=False)
class Template:
    """One packaged template.

    Parameters
    ----------
    name
        What it is called.
    data
        Its values, in the notation of a file.
    because
        Path pattern, with ``*`` for any name → source, or "assumption: …".
    """

    name: str
    data: Mapping[str, Any]
    because: Mapping[Path, str]

    def reason(self, path: Path) -> Reason | None:
        """Return the reason for the value at a path of this template, by the closest pattern."""
        fitting = [pattern for pattern in self.because if _fits(pattern, path)]
        if not fitting:
            return None
        text = self.because[max(fitting, key=len)]
        assumed = text.removeprefix("assumption: ")
        if assumed != text:
            return Reason("assumption", f"{assumed} [{self.name}]")
        return Reason("template", f"{text} [{self.name}]")


@cache  # a file asks the same for each of its products
def _reasons_below(template: Template, path: Path) -> tuple[tuple[Path, Reason], ...]:
    """Return the reasons for a value of a template, and for the values below it, by their paths."""
    value: Any = template.data
    for name in path:
        value = value[name]
    found = ((below, template.reason((*path, *below))) for below in _nodes(value))
    return tuple((below, reason) for below, reason in found if reason is not None)


def _fits(pattern: Path, path: Path) -> bool:
    above = path[: len(pattern)]
    return len(above) == len(pattern) and all(
        p in ("*", name) for p, name in zip(pattern, above, strict=True)
    )


@cache
def template(name: str) -> Template:
    """Return a packaged template by name."""
    data = dict(read_document(_FOLDER / f"{name}.yaml").data)
    because = {tuple(path.split(".")): text for path, text in data.pop("because").items()}
    return Template(name, data, because)


def layers(like: object, known_from: object = None) -> tuple[Template, ...]:
    """Return the templates that fill a file in, the most general first."""
    general = template("base"), *([template(str(like))] if like in TEMPLATES else [])
    usual = {**general[0].data["show"], **general[-1].data["show"]}["known_from"]
    source = known_from if known_from in KNOWN_FROM else usual
    return (*general, template(f"known_from_{source}"))


@dataclass(frozen=True)
class Filled:
    """A file with its template's values, and where each came from."""

    data: dict[str, Any]
    reasons: dict[Path, Reason]


@dataclass(frozen=True)
class _Layer:
    """Values for one part of the draft, from the file (no template) or from a template."""

    values: Mapping[str, Any]
    template: Template | None = None
    at: Path = ()

    def reasons(self, key: str, target: Path) -> Iterator[tuple[Path, Reason]]:
        """Yield the reason for a key's value, and for the values below it, at their target path."""
        if self.template is None:
            yield target, GIVEN
            return
        for below, reason in _reasons_below(self.template, (*self.at, key)):
            yield (*target, *below), reason


def _nodes(value: object) -> Iterator[Path]:
    yield ()
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from ((key, *below) for below in _nodes(inner))


def filled(written: Mapping[str, Any], templates: Sequence[Template]) -> Filled:
    """Fill in what a file leaves out.

    Values in the file win, then those of the more special template; each replaces the other whole,
    at the depth of ``show.length`` and ``products.serum.price``. A template's own people, segments
    and slots are used only where the file names none. Whatever in the file is not a mapping where
    one belongs stays as it is, for the reader to refuse.

    Parameters
    ----------
    written
        What the planner wrote.
    templates
        The most general first.
    """
    data: dict[str, Any] = {
        key: value for key, value in written.items() if key not in (*_SECTIONS, *_NAMED)
    }
    reasons: dict[Path, Reason] = {(key,): GIVEN for key in data}
    for section in _SECTIONS:
        mine = written.get(section)
        if mine is not None and not isinstance(mine, Mapping):
            data[section] = mine
            continue
        stack = [_Layer(t.data.get(section, {}), t, (section,)) for t in templates]
        data[section] = _stacked([*stack, _Layer(mine or {})], (section,), reasons)
    for section, each in _NAMED.items():
        entries = _entries(written.get(section), section, templates)
        if entries is not None:
            data[section] = _named(entries, section, each, templates, reasons)
    _put_hosts_on_stage(data, reasons)
    return Filled(data, reasons)


def defaults_of_slot(templates: Sequence[Template]) -> Filled:
    """Return what the templates say about every slot."""
    reasons: dict[Path, Reason] = {}
    stack = [_Layer(t.data.get("each_slot", {}), t, ("each_slot",)) for t in templates]
    return Filled(_stacked(stack, ("rundown", ""), reasons), reasons)


def _stacked(stack: Sequence[_Layer], target: Path, reasons: dict[Path, Reason]) -> dict[str, Any]:
    winner = {key: layer for layer in stack for key in layer.values}
    for key, layer in winner.items():
        reasons.update(layer.reasons(key, (*target, key)))
    return {key: layer.values[key] for key, layer in winner.items()}


def _entries(mine: object, section: str, templates: Sequence[Template]) -> object:
    """Return the file's people (segments, …), or else those of the most special template."""
    if mine is not None:
        return mine
    own = [_Layer(t.data[section], t, (section,)) for t in templates if section in t.data]
    return own[-1] if own else None


def _named(
    entries: object,
    section: str,
    each: str,
    templates: Sequence[Template],
    reasons: dict[Path, Reason],
) -> object:
    own = entries if isinstance(entries, _Layer) else _Layer({})
    mapping = entries.values if isinstance(entries, _Layer) else entries
    if not isinstance(mapping, Mapping):
        return mapping
    result: dict[str, Any] = {}
    for name, entry in mapping.items():
        if entry is not None and not isinstance(entry, Mapping):
            result[name] = entry
            continue
        stack = [
            _Layer(t.data[key], t, (key,))
            for key in (each, *_by_role(section, entry or {}))
            for t in templates
            if key in t.data
        ]
        top = _Layer(entry or {}, own.template, (*own.at, name))
        result[name] = _stacked([*stack, top], (section, name), reasons)
    return result


def _by_role(section: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    if section == "products":
        return ("each_new_product",) if entry.get("new") is True else ()
    if section != "people":
        return ()
    return ("each_host",) if entry.get("role") == "host" else ("each_guest",)


def _put_hosts_on_stage(data: dict[str, Any], reasons: dict[Path, Reason]) -> None:
    """Let the usual hosts stand on stage in every slot that does not say who does."""
    people, rundown = data.get("people"), data.get("rundown")
    if not (isinstance(people, Mapping) and isinstance(rundown, Mapping)):
        return
    in_a_room = set(people_of_rooms(data))
    hosts = [
        name
        for name, person in people.items()
        if isinstance(person, Mapping) and person.get("role") == "host" and name not in in_a_room
    ]
    for name, slot in rundown.items():
        if isinstance(slot, dict) and "on_stage" not in slot:
            slot["on_stage"] = hosts
            who = "the usual host" if hosts else "nobody but the rooms' own people"
            reasons[("rundown", name, "on_stage")] = Reason("derived", who)
