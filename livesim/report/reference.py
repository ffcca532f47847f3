"""The scenarios that come with livesim, as `livesim list` shows them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from livesim.report.pages import WIDTH
from livesim.resolve.reference import Reference

#: So many products are named; of more, their number is told.
NAMED = 3


def listing(references: Sequence[Reference], fragments: Mapping[str, str]) -> str:
    r"""Return the list of reference scenarios, and of what can be included in one.

    Examples
    --------
    >>> room = Reference("room", "An evening", "a small room", "3h", ("serum", "mask"), ())
    >>> print(listing([room], {"platforms/one_app": "One app."}).split("\n\n")[0])
    room: An evening (3h; serum, mask)
        a small room
    """
    lines = [line for one in references for line in _entry(one)]
    included = [f"{name}: {about}" for name, about in fragments.items()]
    return "\n".join(
        [
            *lines,
            "\nTo be included, and not run by themselves (include: [NAME]):",
            *(line for text in included for line in _wrapped(text)),
            "\nPlan one: livesim plan NAME. Start from one: livesim new --from NAME FILE.",
        ]
    )


def _entry(one: Reference) -> Iterator[str]:
    few = len(one.products) <= NAMED
    sold = ", ".join(one.products) if few else f"{len(one.products)} products"
    yield from _wrapped(f"{one.name}: {one.title} ({one.length}; {sold})")
    if one.about != one.title:
        yield from _wrapped(f"    {one.about}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
