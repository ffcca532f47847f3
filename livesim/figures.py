"""The figures of an answer one by one, on axes of yours or as figures of their own.

    import matplotlib.pyplot as plt
    from livesim import figures

    _, axes = plt.subplots(2, 2, figsize=(12, 9), layout="constrained")
    figures.viewers(result, axes[0, 0])
    figures.overview(plan, axes[0, 1])
    figures.tornado(plan, axes[1, 0])
    figures.profit(comparison, axes[1, 1])

They are those of ``answer.figures()`` and have their names. Each function takes the answer and then
``axes``:

- none: a new figure is made and returned;
- Axes, or several of them in any shape, one for each panel: drawn on and returned. What stands
  above a figure becomes the title of the first, and a key is written below;
- a SubFigure, or a Figure: its panels are made in it, and it is returned.

Axes of 3.4 by 1.3 inches or more, in a figure with ``layout="constrained"``, have all that a figure
says. From 1.5 by 1.5 inches on, or without a layout engine, each kind can still be read: texts are
small and cut (…), and what does not fit is left out: the line below the title, the key, what
information is worth, remarks. Without a layout engine nothing makes room below axes: a key stands
inside of those that have rows, below these, and others have none.

Their texts are English, or in the language of a block around them::

    with figures.speaking("zh"):
        figures.tornado(plan)

An answer that has no such figure, axes that are none, and another number of them than there are
panels are a `UsageError`. Where the last panel or the first is the rundown, one axes fewer leaves
it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livesim.errors import UsageError
from livesim.experiment.comparison import Comparison
from livesim.experiment.swept import Sweep
from livesim.explaining.explanation import Explanation
from livesim.learning import Backtest, Calibration
from livesim.planning.incubation import Incubation
from livesim.planning.live import LivePlan
from livesim.planning.recommendation import Plan
from livesim.report.language import speaking
from livesim.report.views import draw, draw_item, draw_sweeps
from livesim.results import Result

__all__ = [
    "campaign",
    "factors",
    "lines",
    "orders",
    "overview",
    "pit",
    "profit",
    "shares",
    "speaking",
    "stock",
    "talent",
    "times",
    "tornado",
    "tried",
    "viewers",
    "wanted",
]


def overview(answer: Result | Plan, axes: Any = None) -> Any:
    """Draw a run or a plan as a whole.

    Parameters
    ----------
    answer : Result or Plan
        Of a run: stock left [units on hand; of several products the medians, % of the most of
        each], concurrent viewers and orders [per minute]; 3 panels and the rundown. Of a plan:
        what to have of each item, owned and bought, beside what is wanted [units]; 1 panel.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw; without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `answer` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> figure = livesim.figures.overview(livesim.simulate(room, replications=50))
    >>> [axes.get_ylabel().splitlines()[0] for axes in figure.axes]
    ['median units on hand', 'watching', 'orders', 'rundown']
    """
    return draw(answer, "overview", axes)


def stock(answer: Result | Plan, axes: Any = None, *, item: str | None = None) -> Any:
    """Draw the stock of a run over time, or what every stock of a plan's item comes to.

    Parameters
    ----------
    answer : Result or Plan
        Of a run: the stock of each product [units on hand], of more than six those that sell most;
        a panel a product and the rundown. Of a plan: expected profit, the chance to be without
        stock [% of shows], and when [min], over the units of an item; 3 panels.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw; without, a new figure is made.
    item : str, optional
        Which item of a plan, by its name in ``plan.items``; not needed where there is only one.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `answer` has no such figure or item, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> plan = livesim.plan(room, replications=100, workers=1)
    >>> len(livesim.figures.stock(plan, item="serum").axes)
    3
    """
    if isinstance(answer, Plan):
        return draw_item(answer, item, axes)
    if item is not None:
        raise UsageError("item: only the stock of a plan is drawn by item; leave it out")
    return draw(answer, "stock", axes)


def viewers(result: Result, axes: Any = None) -> Any:
    """Draw who watches over the show, the median and 8 shows of 10.

    Parameters
    ----------
    result : Result
        The run.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw (1 panel and the rundown); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `result` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> import matplotlib.figure
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> own = matplotlib.figure.Figure().subplots()
    >>> livesim.figures.viewers(livesim.simulate(room, replications=50), own) is own
    True
    """
    return draw(result, "viewers", axes)


def orders(result: Result, axes: Any = None) -> Any:
    """Draw the orders per minute over the show, the median and 8 shows of 10.

    Parameters
    ----------
    result : Result
        The run.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw (1 panel and the rundown); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `result` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> len(livesim.figures.orders(livesim.simulate(room, replications=50)).axes)
    2
    """
    return draw(result, "orders", axes)


def campaign(result: Result, axes: Any = None) -> Any:
    """Draw who has heard of the show by each day of its campaign [% of a segment].

    Parameters
    ----------
    result : Result
        The run of a show with a campaign.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `result` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> found = livesim.simulate("scenarios/seeding_koc.yaml", replications=50)
    >>> livesim.figures.campaign(found).axes[0].get_xlabel()
    'days since the campaign began'
    """
    return draw(result, "campaign", axes)


def times(plan: Plan, axes: Any = None) -> Any:
    """Draw when items are first without stock if what is recommended is bought.

    Parameters
    ----------
    plan : Plan
        The plan; of more than 20 items those that are most often without stock.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw (the rundown and 1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `plan` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> plan = livesim.plan(room, replications=100, workers=1)
    >>> livesim.figures.times(plan).axes[1].get_xlabel()
    'minutes since the start'
    """
    return draw(plan, "times", axes)


def tornado(plan: Plan, axes: Any = None) -> Any:
    """Draw how the recommendation moves if a quantity were known to be low or high.

    Parameters
    ----------
    plan : Plan
        The plan of a show of which something is uncertain.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `plan` has no such figure, as nothing is uncertain, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> plan = livesim.plan(room, replications=100, workers=1)
    >>> livesim.figures.tornado(plan).axes[0].get_xlabel()
    'what is bought, all items together [CNY]'
    """
    return draw(plan, "tornado", axes)


def profit(answer: Comparison | Sweep, axes: Any = None) -> Any:
    """Draw the profit of several shows, with 95 % intervals of the differences.

    Parameters
    ----------
    answer : Comparison or Sweep
        Of a comparison: how far each show is from the base; 1 panel. Of a sweep: over the swept
        value; 1 panel, or where its points are no grid, a panel a path, at most four.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw; without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `answer` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fee = room.with_changes({"deal.guest_fee": 1000})
    >>> found = livesim.compare({"a": room, "b": fee}, replications=100, workers=1)
    >>> livesim.figures.profit(found).axes[0].get_xlabel()
    'profit above that of a [CNY]'
    """
    return draw(answer, "profit", axes)


def lines(
    sweeps: Sweep | Mapping[str, Sweep],
    axes: Any = None,
    *,
    measure: str = "profit",
    product: str = "",
) -> Any:
    """Draw one measure of one sweep or several over the swept value, and where lines cross.

    Parameters
    ----------
    sweeps : Sweep, or mapping of str to Sweep
        One, or several by the names of their lines. Of one, its base is drawn, too, and where they
        cross; of two over equal values, where the two cross.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.
    measure : str
        What is drawn, as in `Sweep.table`: ``profit``, ``sales``, ``demand``, ``sold_out``, …
    product : str
        Of which product; of the show if empty.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If there is nothing to draw, a sweep is over more than two paths or over what are no
        numbers, there is no such measure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fees = livesim.sweep(room, {"deal.guest_fee": [0, 900]}, replications=100, workers=1)
    >>> figure = livesim.figures.lines(fees, measure="sold_out", product="serum")
    >>> figure.axes[0].get_ylabel()
    'serum: sold out [% of shows]'
    """
    drawn = {"": sweeps} if isinstance(sweeps, Sweep) else sweeps
    if not isinstance(drawn, Mapping) or not all(isinstance(o, Sweep) for o in drawn.values()):
        raise UsageError("lines: a Sweep is needed, or name → Sweep of several")
    return draw_sweeps(drawn, measure, product, axes)


def shares(explanation: Explanation, axes: Any = None) -> Any:
    """Draw which share of the variance each input has, alone and with others.

    Parameters
    ----------
    explanation : Explanation
        The explanation; its first twelve inputs are drawn.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `explanation` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.explain(room, replications=100, workers=1)
    >>> livesim.figures.shares(found).axes[0].get_xlabel()
    'share of the variance (95 % intervals)'
    """
    return draw(explanation, "shares", axes)


def tried(incubation: Incubation, axes: Any = None) -> Any:
    """Draw how often the best candidate is picked, and the net, over how many are tried.

    Parameters
    ----------
    incubation : Incubation
        The evaluations of an incubator.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw (2 panels); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `incubation` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate("scenarios/incubator.yaml", tried=[5, 20], lengths=[1200],
    ...     shows=[1], candidates=100, later_shows=2, workers=1)
    >>> livesim.figures.tried(found).axes[1].get_xlabel()
    'candidates tried'
    """
    return draw(incubation, "tried", axes)


def talent(incubation: Incubation, axes: Any = None) -> Any:
    """Draw what a trial tells: the worth of candidates over their trials, one dot each.

    Parameters
    ----------
    incubation : Incubation
        The evaluations of an incubator.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `incubation` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate("scenarios/incubator.yaml", tried=[5, 20], lengths=[1200],
    ...     shows=[1], candidates=100, later_shows=2, workers=1)
    >>> livesim.figures.talent(found).axes[0].get_ylabel()
    'expected profit of a later show [CNY]'
    """
    return draw(incubation, "talent", axes)


def factors(calibration: Calibration, axes: Any = None) -> Any:
    """Draw what past shows say of the next: factors on what the scenario tells, P10 to P90.

    Parameters
    ----------
    calibration : Calibration
        The calibration.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `calibration` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> from livesim.history.table import SHOWS, tidy
    >>> rows = [
    ...     {"show": str(n), "viewers": 1_800 + 99 * n, "length": 7_200, "product": "serum",
    ...      "units": 30 + n}
    ...     for n in range(8)
    ... ]
    >>> history = livesim.History(tidy(rows, SHOWS))
    >>> found = livesim.calibrate("scenarios/brand_room.yaml", history)
    >>> livesim.figures.factors(found).axes[0].get_xlabel()
    'times what the file says: P10, median, P90'
    """
    return draw(calibration, "factors", axes)


def pit(backtest: Backtest, axes: Any = None) -> Any:
    """Draw where past shows lay in their forecasts: flat where these are right.

    Parameters
    ----------
    backtest : Backtest
        The back-test. Of each measure a histogram of the chances that forecasts gave to at most
        what came (probability integral transforms), in ten classes.
    axes : Axes, sequence of Axes, SubFigure or Figure, optional
        Where to draw (a panel a measure); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `backtest` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> from livesim.history.table import SHOWS, tidy
    >>> rows = [
    ...     {"show": str(n), "viewers": 1_800 + 99 * n, "length": 7_200, "product": "serum",
    ...      "units": 30 + n}
    ...     for n in range(8)
    ... ]
    >>> history = livesim.History(tidy(rows, SHOWS))
    >>> found = livesim.backtest(history)
    >>> len(livesim.figures.pit(found).axes) == len(found.scored)
    True
    """
    return draw(backtest, "pit", axes)


def wanted(live: LivePlan, axes: Any = None) -> Any:
    """Draw what is wanted of each product in the whole show, as planned and as expected now.

    Parameters
    ----------
    live : LivePlan
        What is to be expected of a show on the air.
    axes : Axes, SubFigure or Figure, optional
        Where to draw (1 panel); without, a new figure is made.

    Returns
    -------
    Figure, or `axes` as given

    Raises
    ------
    UsageError
        If `live` has no such figure, or `axes` do not suit it.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.replan(room, {"at": "10min", "viewers": 400}, shows=50)
    >>> livesim.figures.wanted(found).axes[0].get_xlabel()
    'units wanted in the whole show'
    """
    return draw(live, "wanted", axes)
