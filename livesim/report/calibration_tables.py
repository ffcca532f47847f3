"""A calibration as a page of text."""

from __future__ import annotations

from typing import Final

import numpy as np

from livesim.learning.calibration import QUANTILES, Calibration
from livesim.report.language import Called, say
from livesim.report.naming import product
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import counted, percent

_BASIS: Final = (
    "Factors are of what the scenario tells: 1 is as told. A past show's are its own, beside the "
    "level of its time; a show far off counts less beside a usual one. Its share is by how much "
    "what follows moves with it; the rest is the planner's own view. A product that was sold out "
    "counts with the moment, or as a lower bound where no moment is known."
)

_UNTOLD: Final = "Where the scenario tells nothing, 1 is the median past show."


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
    learned = found.learned
    basis = (_BASIS, *([_UNTOLD] if learned.untold & {"viewers", *learned.sold_in} else []))
    return Page(
        title=say(
            "{title} · from {count}",
            title=found.scenario.title,
            count=counted(len(found.shows), "past show"),
        ),
        answer=(learned.summary, Points(learned.notes), _next_show(found)),
        details=(_past_shows(found), *basis, Points(learned.read)),
    )


_NOTE = (
    "a product's factor has the show's in it; to expect: the mean, as a plain number in "
    "a file is; P50: the median, below it where a few shows sell much: where the two are far "
    "apart, past shows leave demand uncertain upwards, and a usual show sells less than is to be "
    "expected"
)


def _next_show(found: Calibration) -> Table:
    rows, sold_in = [], found.learned.sold_in
    for name, values in found.next_show.items():
        low, middle, high = np.quantile(values, QUANTILES, method="inverted_cdf")
        times, out = sold_in.get(name, (len(found.shows), 0))
        sold_out = str(out) if name in sold_in else ""
        rows.append(
            (
                factor_called(found, name),
                *(f"{one:.2f}" for one in (values.mean(), low, middle, high)),
                str(times),
                sold_out,
            )
        )
    return Table(
        header=(
            *("factors of the\nnext show", "to\nexpect", "\nP10", "\nP50", "\nP90"),
            *("past\nshows", "sold\nout"),
        ),
        rows=tuple(rows),
        note=_NOTE,
    )


def factor_called(found: Calibration, name: str) -> str:
    """Return what a factor of the next show is called: a product as its file calls it."""
    return product(name) if name in found.scenario.products else say(name)


def _past_shows(found: Calibration) -> Table:
    return Table(
        header=(
            *("past show", "viewers\n×", "beside a\nusual one", "\nshare"),
            *("orders per\nviewer ×", "beside a\nusual one", "\nshare"),
        ),
        rows=tuple(
            (
                Called(show.name),
                *(f"{show.turnout:.2f}", percent(show.counted[0]), percent(show.shares[0])),
                *(f"{show.appeal:.2f}", percent(show.counted[1]), percent(show.shares[1])),
            )
            for show in found.shows
        ),
        note="beside a usual one: how much a show counts against one that is not far off from the "
        "others; share: which part of a change of it moves what is expected of the next show, "
        "below 0 where more would be put down to a host, guest or weekend that the next show does "
        "not have; what the shares leave to 100 % is the planner's own view, if the file tells one",
    )
