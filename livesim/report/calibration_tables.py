"""A calibration as a page of text, and as plain data for programs."""

from __future__ import annotations

from typing import Final

import numpy as np

from livesim.report.pages import Page, Points, Table
from livesim.report.wording import counted, percent
from livesim.resolve.calibrating import Calibration
from livesim.results.document import Document
from livesim.results.folders import FORMAT
from livesim.scenario.quantities import Floats

#: Joint draws that the bands are read from.
_DRAWS: Final = 20_000
_QUANTILES: Final = (0.1, 0.5, 0.9)


_BASIS: Final = (
    "Factors are of what the scenario tells: 1 is as told. A past show's are its own, beside the "
    "level of its time; a show far off counts less. A product that was sold out counts with the "
    "moment, or as a lower bound where no moment is known."
)


def page(found: Calibration) -> Page:
    """Return a calibration as a page of text.

    Parameters
    ----------
    found : Calibration
        The calibration.

    Returns
    -------
    Page
    """
    return Page(
        title=f"{found.scenario.title} · from {counted(len(found.shows), 'past show')}",
        answer=(found.summary, Points(found.notes), _next_show(found)),
        details=(_past_shows(found), _BASIS, Points(found.read)),
    )


def _next_show(found: Calibration) -> Table:
    rows = []
    for name, values in _next(found).items():
        low, middle, high = np.quantile(values, _QUANTILES)
        times, out = found.sold_in.get(name, (len(found.shows), 0))
        sold_out = str(out) if name in found.sold_in else ""
        rows.append((name, *(f"{one:.2f}" for one in (low, middle, high)), str(times), sold_out))
    return Table(
        header=("factors of the\nnext show", "\nP10", "\nP50", "\nP90", "past\nshows", "sold\nout"),
        rows=tuple(rows),
        note="a product's factor has the show's in it",
    )


def _next(found: Calibration) -> dict[str, Floats]:
    """Return draws of the next show's factors: viewers, orders per viewer, each product's."""
    draws = found.inputs(_DRAWS)
    appeal = draws["show.appeal"]
    products = {name: appeal * draws[f"products.{name}.appeal"] for name in found.scenario.products}
    return {"viewers": draws["show.turnout_factor"], "orders per viewer": appeal, **products}


def _past_shows(found: Calibration) -> Table:
    return Table(
        header=("past show", "viewers\n×", "counts", "orders per\nviewer ×", "\ncounts"),
        rows=tuple(
            (
                show.name,
                f"{show.turnout:.2f}",
                percent(show.counted[0]),
                f"{show.appeal:.2f}",
                percent(show.counted[1]),
            )
            for show in found.shows
        ),
    )


def document(found: Calibration) -> Document:
    """Return a calibration as plain data for programs, as ``--json`` prints it.

    Returns
    -------
    dict
        ``format``, ``kind``, ``title``, ``shows`` (each with its factors [1] and how much it
        counts), ``factors`` of the next show (quantiles), ``sold_in``
        and ``notes``.
    """
    return {
        "format": FORMAT,
        "kind": "calibration",
        "title": found.scenario.title,
        "shows": [
            {
                "name": show.name,
                "turnout": show.turnout,
                "appeal": show.appeal,
                "counts": {"turnout": show.counted[0], "appeal": show.counted[1]},
            }
            for show in found.shows
        ],
        "factors": {
            name: {f"p{100 * q:.0f}": float(np.quantile(values, q)) for q in _QUANTILES}
            for name, values in _next(found).items()
        },
        "sold_in": {
            name: {"shows": times, "sold_out": out} for name, (times, out) in found.sold_in.items()
        },
        "notes": list(found.notes),
    }
