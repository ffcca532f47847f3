"""Files put together: what a scenario includes, laid below what it says itself.

`include: [viya_kim_perfume, people/small_guest.yaml]` names fragments: files with any parts of a
scenario. The file itself wins over what it includes, and a later fragment over an earlier one, by
the rule by which templates fill a file in: at the depth of `show.length` and `products.serum.price`
one value replaces the other whole. `null` takes away what the files below say. Every value
remembers the file, line and column where it was written.

`alternatives: {one_app: {include: [platforms/one_app]}, link_in_bio: {…}}` makes several shows of
one file: each alternative is any part of a scenario, laid over the rest of the file by the same
rule, with what it includes itself just below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from livesim.errors import did_you_mean
from livesim.places import is_within
from livesim.scenario.checks import Finding
from livesim.scenario.document import (
    MAX_CHARACTERS,
    MAX_NODES,
    DataPath,
    Document,
    Place,
    parse_document,
    read_text,
)
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Part
from livesim.scenario.library import LIBRARY, file_named, fragments, names_in
from livesim.scenario.reading import refuse

__all__ = [
    "ALTERNATIVES",
    "HISTORY",
    "INCLUDE",
    "all_files",
    "alternatives_in",
    "history_files",
    "with_includes",
]

INCLUDE: Final = "include"
ALTERNATIVES: Final = "alternatives"
EXPECT: Final = "expect"
"""What a file expects is of its own show: who includes the file makes another one."""

MAX_FILES = 50
"""Files put together into one scenario, each counted as often as it is included."""
MAX_CHAIN = 8
"""Files of which each includes the next."""

HISTORY: Final = "history"
"""Names files, too: tables of past shows, beside the file that says so."""

#: The name of what is included, which cannot lead up or away: no dot at the start of a part, no ~,
#: no drive, no backslash; and no part is longer than a file system bears (255 bytes).
FRAGMENT: Final = re.compile(r"[\w-][\w .-]{0,59}(?:/[\w-][\w .-]{0,59}){0,7}")

ALTERNATIVE: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")

Chain = tuple[Path, ...]


def alternatives_in(document: Document) -> tuple[str, ...]:
    """Return the names of the alternatives that a scenario file describes, in its order.

    Parameters
    ----------
    document
        What the file says.

    Returns
    -------
    tuple of str
        Empty where the file describes one show.

    Raises
    ------
    ScenarioError
        If its alternatives are none.

    Examples
    --------
    >>> from livesim.scenario.document import read_document
    >>> alternatives_in(read_document(LIBRARY / "brand_room.yaml"))
    ()
    """
    return tuple(_alternatives(document))


def with_includes(document: Document, alternative: str | None = None) -> Document:
    """Return what a scenario file and all that it includes say together.

    A fragment is looked up beside the file that names it, then in the scenario's own folder, then
    in the library, and below each; none outside these two. Those of the library include from the
    library only.

    Parameters
    ----------
    document
        What the file says.
    alternative
        Which of the alternatives that the file describes; None where it describes one show.

    Returns
    -------
    Document
        One document without ``include``, whose places say of which file they are.

    Raises
    ------
    ScenarioError
        If a file cannot be read, a fragment is missing or stands outside these folders, a file
        includes itself in the end, there is nothing to take away, or all of it together exceeds a
        limit of this module or of `document`; if the file has alternatives and none of them is
        named, or it has none of that name.

    Examples
    --------
    >>> from livesim.scenario.document import read_document
    >>> document = with_includes(read_document(LIBRARY / "viya_alone.yaml"))
    >>> document.data["show"]["length"]
    '45min'
    >>> Path(document.place(("show", "length")).file).name
    'viya_kim_perfume.yaml'
    """
    return _assembled(document, alternative)[0]


def all_files(document: Document, alternative: str | None = None) -> tuple[Path, ...]:
    """Return the files of a scenario: its own, all that it includes, and tables of past shows.

    What is included twice stands there twice. Files that would be included in place of others, if
    they were there, stand there, too: whoever makes or deletes one changes the scenario.

    Parameters
    ----------
    document, alternative
        As for :func:`with_includes`.

    Raises
    ------
    ScenarioError
        As :func:`with_includes` and :func:`history_files` do.

    Examples
    --------
    >>> from livesim.scenario.document import read_document
    >>> document = read_document(LIBRARY / "viya_alone.yaml")
    >>> [file.name for file in all_files(document)]
    ['viya_alone.yaml', 'viya_kim_perfume.yaml']
    """
    whole, assembly = _assembled(document, alternative)
    names = whole.data.get(HISTORY)
    tables = () if names is None else history_files(whole, names)
    return (*assembly.files, *assembly.lacking, *tables)


def _assembled(document: Document, alternative: str | None) -> tuple[Document, _Assembly]:
    path, known = Path(document.file), _alternatives(document)
    refuse(_picked_findings(path, tuple(known), alternative), document)
    assembly = _Assembly(path.parent, document.characters, len(document.places), [path])
    whole = assembly.whole(_without(document, ALTERNATIVES), (path,))
    if alternative is not None:
        whole = assembly.whole(known[alternative], (path,), below=[whole])
    return whole, assembly


@dataclass
class _Assembly:
    """Puts one scenario together, and counts what it takes."""

    folder: Path
    characters: int
    entries: int
    files: list[Path]
    #: Where a fragment was looked for before it was found.
    lacking: list[Path] = field(default_factory=list)

    def whole(self, document: Document, chain: Chain, below: Sequence[Document] = ()) -> Document:
        """Return a document, which is the last of a chain, over all that it includes.

        What it includes lies over the documents ``below``.
        """
        included = self.fragments(document, chain) if INCLUDE in document.data else ()
        layers: list[Document] = [*below, *included, _without(document, INCLUDE)]
        return reduce(_laid_over, layers)

    def fragments(self, document: Document, chain: Chain) -> Iterator[Document]:
        for index, file in enumerate(self.files_named(document, chain[-1])):
            refuse(_chain_findings(index, (*chain, file)), document)
            yield self.whole(self.fragment(file, index, document), (*chain, file))

    def files_named(self, document: Document, including: Path) -> list[Path]:
        """Return the files of all fragments that a document names."""
        top = LIBRARY if including.is_relative_to(LIBRARY) else self.folder
        folders = {including.parent: top, top: top, LIBRARY: LIBRARY}
        names = document.data[INCLUDE]
        refuse(_list_findings(names), document)
        looked = [_found((INCLUDE, n), name, folders, including) for n, name in enumerate(names)]
        refuse([one for one, _ in looked if isinstance(one, Finding)], document)
        self.lacking += [file for _, lacking in looked for file in lacking]
        return [one for one, _ in looked if isinstance(one, Path)]

    def fragment(self, file: Path, index: int, including: Document) -> Document:
        """Read one fragment, unless it is too much together with all that was read before."""
        text = read_text(file)
        self.files.append(file)
        self.characters += len(text)
        refuse(self.size_findings(index), including)
        document = _without(parse_document(text, str(file)), EXPECT)
        self.entries += len(document.places)
        refuse(self.size_findings(index), including)
        refuse(_fragment_findings(index, document), including)
        return document

    def size_findings(self, index: int) -> Iterator[Finding]:
        for number, limit, what in (
            (len(self.files), MAX_FILES, "files"),
            (self.characters, MAX_CHARACTERS, "characters"),
            (self.entries, MAX_NODES, "names and list entries"),
        ):
            if number > limit:
                yield Finding(
                    (INCLUDE, index),
                    f"with this fragment the scenario has more than {limit:,} {what}, the limit",
                    "include less; a file counts as often as it is included",
                )


# --------------------------------------------------------------------------------------------------
# Alternatives
# --------------------------------------------------------------------------------------------------


def _without(document: Document, key: str) -> Document:
    data = {name: value for name, value in document.data.items() if name != key}
    return replace(document, data=data)


def _alternatives(document: Document) -> dict[str, Document]:
    """Return each alternative as a document of its own, whose places are those of the file."""
    if ALTERNATIVES not in document.data:
        return {}
    parts = document.data[ALTERNATIVES]
    refuse(_alternatives_findings(parts), document)
    return {name: _lifted(document, name) for name in parts}


def _lifted(document: Document, name: str) -> Document:
    at = (ALTERNATIVES, name)
    places = {
        path[len(at) :]: place
        for path, place in document.places.items()
        if path[: len(at)] == at and len(path) > len(at)
    }
    return Document(document.data[ALTERNATIVES][name], document.file, places)


def _alternatives_findings(parts: object) -> Iterator[Finding]:
    at, example = (ALTERNATIVES,), "{one_app: {include: [platforms/one_app]}, …}"
    if not isinstance(parts, Mapping):
        yield Finding(at, "alternatives takes a name for each of them", f"write {example}")
        return
    if len(parts) < 2:
        what = "one alternative is none" if parts else "there are no alternatives here"
        yield Finding(at, what, "write two or more, or lay this over the file itself")
    for name, part in parts.items():
        if not ALTERNATIVE.fullmatch(str(name)):
            what = f"{name!r} cannot be a name"
            remedy = "write lower-case letters, digits and underscores, a letter first: one_app"
            yield Finding((*at, name), what, remedy)
        if not isinstance(part, Mapping):
            what = "an alternative is any part of a scenario"
            yield Finding((*at, name), what, f"write {example}, or {{}} for the file as it is")
        elif ALTERNATIVES in part:
            what = "an alternative has no alternatives of its own"
            yield Finding((*at, name, ALTERNATIVES), what, "write all of them side by side")


def _picked_findings(
    path: Path, known: tuple[str, ...], alternative: str | None
) -> Iterator[Finding]:
    if alternative is None and known:
        yield Finding(
            (ALTERNATIVES,),
            f"this file describes {len(known)} alternatives: {', '.join(known)}",
            f"compare them all: livesim compare {path}; or pick one: livesim run {path} "
            f"--alternative {known[0]} (so do plan, sweep, incubate, journeys and resolve), beside "
            f"other shows livesim compare {path}:{known[0]} …, in Python "
            f"livesim.load(…, alternative={known[0]!r})",
        )
    elif alternative is not None and alternative not in known:
        what = f"the file describes no alternative called {alternative}"
        remedy = did_you_mean(alternative, known) if known else "it describes one show: pick none"
        yield Finding((ALTERNATIVES,) if known else (), what, remedy)


def _fragment_findings(index: int, fragment: Document) -> Iterator[Finding]:
    if ALTERNATIVES in fragment.data:
        yield Finding(
            (INCLUDE, index),
            f"{fragment.file} describes alternatives, of which a show can only be one",
            "put what the alternatives share into a file of its own, and include that",
        )


# --------------------------------------------------------------------------------------------------
# Finding fragments
# --------------------------------------------------------------------------------------------------


def _list_findings(names: object) -> Iterator[Finding]:
    if not isinstance(names, list):
        what = "include takes a list of fragments"
        yield Finding((INCLUDE,), what, "write [viya_kim_perfume], also for a single one")
    elif len(names) >= MAX_FILES:
        what = f"there are {len(names):,} fragments; the limit is {MAX_FILES - 1}"
        yield Finding((INCLUDE,), what, "put what belongs together into one file")


def _found(
    path: DataPath, name: object, folders: Mapping[Path, Path], including: Path
) -> tuple[Path | Finding, list[Path]]:
    """Return the file of a fragment, or what is wrong with its name, and where it was not.

    It is looked up in one folder after the other, each with that which it must not lead out of. A
    file that names itself means the next one of its name, if there is any.
    """
    if not isinstance(name, str) or not FRAGMENT.fullmatch(name):
        what = f"{name!r:.60} cannot be included"
        remedy = (
            "name a reference scenario, or a file in the scenario's folder or below it: "
            "people/small_guest.yaml; nothing else can be included"
        )
        return Finding(path, what, remedy), []
    lacking: list[Path] = []
    for folder, top in folders.items():
        file = folder / file_named(name)
        if not file.is_file():
            lacking.append(file)
        elif not is_within(file, top):
            what = f"{file} is a link that leads out of its folder"
            return Finding(path, what, "put the file itself there"), lacking
        elif file != including:
            return file, lacking
    if including.parent / file_named(name) == including:
        return including, lacking
    own = [str(folder) for folder in folders if folder != LIBRARY] or [str(LIBRARY)]
    what = f"no file in {' or '.join(own)} and no reference scenario is called {name}"
    known = [*names_in(*folders), *fragments()]
    return Finding(path, what, did_you_mean(name, known)), lacking


def history_files(document: Document, names: object) -> list[Path]:
    """Return the tables of past shows that a file names: they stand in its folder or below it.

    Parameters
    ----------
    document
        What the file says.
    names
        What stands under ``history``: a name, or several.

    Raises
    ------
    ScenarioError
        If one is no such file.
    """
    place = document.place((HISTORY,))
    named = (place.file if place is not None else None) or document.file
    folder = Path(named).parent if named else Path()
    several = names if isinstance(names, list | tuple) else [names]
    found = [_table(folder, name) for name in several]
    if not found:
        found = [Finding((HISTORY,), "no table is named", "name one, or take history away")]
    refuse((one for one in found if isinstance(one, Finding)), document)
    return [one for one in found if isinstance(one, Path)]


def _table(folder: Path, name: object) -> Path | Finding:
    """Return a table of past shows, or what is wrong with its name."""
    at = (HISTORY,)
    if not isinstance(name, str) or not FRAGMENT.fullmatch(name):
        remedy = "name a file in the scenario's folder or below it: shows.csv, tables/shows.xlsx"
        return Finding(at, f"{name!r:.60} cannot be a table of past shows", remedy)
    file = folder / name
    if not file.is_file():
        remedy = "write livesim import … --out shows.csv, or take the line away"
        return Finding(at, f"no file in {folder} is called {name}", remedy)
    if not is_within(file, folder):
        return Finding(at, f"{file} is a link that leads out of its folder", "put the file there")
    return file


def _apart(chain: Chain) -> Iterator[Path]:
    """Yield files from the folder of the first one on, if they lie in it or below."""
    top = chain[0].parent
    for file in chain:
        yield file.relative_to(top) if file.is_relative_to(top) else file


def _chain_findings(index: int, chain: Chain) -> Iterator[Finding]:
    told = " → ".join(map(str, _apart(chain)))
    *above, last = chain
    if last in above:
        what = f"a file includes itself in the end: {told}"
        yield Finding((INCLUDE, index), what, "take one of these includes away, or rename a file")
    elif len(chain) > MAX_CHAIN:
        what = f"a chain of more than {MAX_CHAIN} files: {told}"
        yield Finding((INCLUDE, index), what, "include the last of them directly")


# --------------------------------------------------------------------------------------------------
# Laying one document over another
# --------------------------------------------------------------------------------------------------


def _levels(annotation: Any) -> int:
    """Count the levels of names below a key that are merged: 2 for products, 1 for show."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return 1
    inner = max(map(_levels, get_args(annotation)), default=0)
    return inner + 1 if inner and get_origin(annotation) is dict else inner


_LEVELS: Final = {key: _levels(entry.annotation) for key, entry in Draft.model_fields.items()}
_DEEPEST: Final = max(_LEVELS.values()) + 1


def _laid_over(below: Document, above: Document) -> Document:
    """Return what two documents say together, where the one above wins."""
    laying = _Laying()
    data = {**below.data}
    for key, value in above.data.items():
        laying.put(data, (key,), value, _LEVELS.get(key, 0))
    refuse(laying.findings, above)
    changed = {path[:1] for path in laying.gone}
    kept = {
        path: place if place.file else Place(place.line, place.column, below.file, place.sheet)
        for path, place in below.places.items()
        if path[:1] not in changed
        or not any(path[:end] in laying.gone for end in range(1, _DEEPEST + 1))
    }
    places = {**kept, **above.places}
    mistakes = (*below.mistakes, *above.mistakes)
    return Document(data, above.file, places, mistakes=mistakes, judged=above.judged)


@dataclass
class _Laying:
    """What happens below when one document is laid over another."""

    gone: set[DataPath] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def put(self, data: dict[str, Any], path: DataPath, value: Any, levels: int) -> None:
        """Put what the document above says into the copy of one mapping of that below."""
        key = str(path[-1])
        known = data.get(key, {})
        if value is None:
            self.take_away(data, path)
        elif levels and isinstance(value, Mapping) and isinstance(known, Mapping):
            data[key] = {**known}
            for name, inner in value.items():
                self.put(data[key], (*path, name), inner, levels - 1)
        else:
            data[key] = value
            self.gone.add(path)

    def take_away(self, data: dict[str, Any], path: DataPath) -> None:
        key = str(path[-1])
        if key in data:
            del data[key]
            self.gone.add(path)
            return
        what = "null takes away what an included file says, and none says anything here"
        remedy = did_you_mean(key, data) or "delete the line"
        self.findings.append(Finding(path, what, f"{remedy} (write {{}} for nothing but defaults)"))
