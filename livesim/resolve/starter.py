"""Commented starter files, one a template: what ``livesim new`` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from livesim.errors import UsageError, did_you_mean
from livesim.resolve.templates import TEMPLATES

_FOLDER: Final = Path(__file__).parent / "starters"


def starter(template: str = "brand_room") -> str:
    """Return a commented scenario file to start from.

    Parameters
    ----------
    template
        One of :data:`~livesim.resolve.templates.TEMPLATES`.

    Raises
    ------
    UsageError
        If there is no such template.

    Examples
    --------
    >>> print(starter("drop").splitlines()[1])
    like: drop
    """
    if template not in TEMPLATES:
        remedy = did_you_mean(template, TEMPLATES)
        raise UsageError(f"there is no template called {template}; {remedy}")
    return (_FOLDER / f"{template}.yaml").read_text(encoding="utf-8")
