"""The reference scenarios: what `livesim list` shows and `livesim new --from` copies."""

from __future__ import annotations

from dataclasses import dataclass

from livesim.errors import UsageError, did_you_mean
from livesim.scenario import library
from livesim.scenario.document import Document, read_document
from livesim.scenario.including import alternatives_in, with_includes
from livesim.scenario.library import LIBRARY, file_named, names_in


@dataclass(frozen=True)
class Reference:
    """A reference scenario.

    Parameters
    ----------
    name
        What it is called in commands and includes.
    title
        What the show is called.
    about
        What it is for, in a line; its title, where it does not say.
    length
        Length of the show, as the file writes it.
    products
        Names of the products that it sells.
    sources
        Published work that its figures come from; empty where it is made up.
    """

    name: str
    title: str
    about: str
    length: str
    products: tuple[str, ...]
    sources: tuple[str, ...]


def references() -> tuple[Reference, ...]:
    """Return the reference scenarios that come with livesim, by name.

    What has no title is a fragment, to be included and not to be run.

    Examples
    --------
    >>> [one.about for one in references() if one.name == "viya_alone"]
    ['the Viya × Kim show without Kim, to say what a guest is worth']
    """
    files = {name: _first_of(name) for name in names_in(LIBRARY)}
    return tuple(
        Reference(
            name,
            data["title"],
            data.get("about", data["title"]),
            str(data["show"]["length"]),
            tuple(data["products"]),
            tuple(data.get("sources", ())),
        )
        for name, data in ((name, document.data) for name, document in files.items())
        if "title" in data
    )


def _first_of(name: str) -> Document:
    """Return a file of the library; of one with alternatives the first of these."""
    file = LIBRARY / file_named(name)
    document = read_document(file)
    return with_includes(document, next(iter(alternatives_in(document)), None))


def fragments() -> dict[str, str]:
    """Return the fragments that come with livesim: name → what each is, as its first line says.

    Examples
    --------
    >>> fragments()["platforms/link_in_bio"]
    'A profile with a link in it: few ways to be found, and buying leads out of the app.'
    """
    return {name: _first_line(name) for name in library.fragments()}


def _first_line(name: str) -> str:
    with (LIBRARY / file_named(name)).open(encoding="utf-8") as text:
        return text.readline().removeprefix("#").strip()


def reference_text(name: str) -> str:
    """Return the file of a reference scenario, to start one's own from.

    Raises
    ------
    UsageError
        If there is none of that name.

    Examples
    --------
    >>> "title: An evening" in reference_text("brand_room")
    True
    """
    known = names_in(LIBRARY)
    if name not in known:
        remedy = did_you_mean(name, known)
        raise UsageError(f"there is no reference scenario called {name}; {remedy}")
    text = (LIBRARY / file_named(name)).read_text(encoding="utf-8")
    first, rest = text.split("\n", 1)
    # That line points editors to a schema beside the file, where the copy has none.
    return rest if first.startswith("# yaml-language-server:") else text
