"""What is known of any host before one of their shows was seen: a few numbers.

They were chosen by how well forecasts of one host's shows scored with the numbers chosen on the
other hosts: 731 shows of twelve hosts of one platform in the summer of 2021, of which the platform
counted the views, and a research service estimated the units (612 shows sold any). Of 60 choices
near these ones, the best twelve had scores within 3 % of one another: little hangs on a number.
Estimated anew for each host, by the evidence of the other hosts' shows alone from a plain start,
they score 5 % worse in units and 2 % in views; bands of 80 % hold 80 and 82 % of the shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Prior:
    """What is known of a figure of any host's shows, on the scale of natural logarithms.

    Parameters
    ----------
    power
        The figure grows with the show's length raised to this power [1].
    level, level_sd
        Mean and standard deviation over hosts of the figure in an hour, as the logarithm.
    hour, weekend, length
        Standard deviation over hosts of what the hour of the start does (its first wave over the
        day; the second has half of it), of what a weekend does, and of the power itself.
    scale, scale_sd
        Median over hosts of the show-to-show scale, and the standard deviation of its logarithm.
    """

    power: float
    level: float
    level_sd: float
    hour: float
    weekend: float
    length: float
    scale: float
    scale_sd: float


VIEWS: Final = Prior(
    power=1.0,
    level=13.0,
    level_sd=2.5,
    hour=0.3,
    weekend=0.2,
    length=0.2,
    scale=0.16,
    scale_sd=0.5,
)
"""Of the views of a show; the median host had 430,000 an hour. The wide level is an assumption for
hosts of any size."""

UNITS: Final = Prior(
    power=1.4,
    level=8.6,
    level_sd=2.5,
    hour=0.5,
    weekend=0.1,
    length=0.4,
    scale=0.35,
    scale_sd=0.5,
)
"""Of the units of a show, all products together: longer shows sell more in an hour, too. The wide
level is an assumption for hosts of any size."""

WEEKEND_A_VIEW: Final = 0.1
"""The same of what a weekend does to the units of a view. Of weekends' standard deviations over
hosts the twelve hosts' shows make 0.15 likeliest for views an hour beside hours and lengths, and
0.25 without these; 0.2 is within half a logarithm of the likelihood of both, 0.1 and 0.3 are 4.4
and 2.6 away from one of them. For units, and for units a view, it is 0.1 to 0.15."""

TAILS: Final = (2.0, 4.0, 10.0)
"""Degrees of freedom of Student's t that a host's shows may have, each as likely as the others:
with normal errors a single odd show would spoil a host's level."""

DRIFTS: Final = (0.3, 0.6, 1.0)
"""By how many of its scales a host's level may move from show to show, each as likely: more than
five past shows hardly help, since hosts change."""

TEMPLATE: Final = {"views": ((0.3, 4.4),), "units": ((0.3, 4.4), (0.4, 4.0))}
"""Scale and degrees of freedom of the errors that the packaged templates expect of a show with a
history: of the turnout, and for units of the appeal, too. For comparison only."""
