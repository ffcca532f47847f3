"""An explanation as a page of text: what makes a figure vary, and where in that a show fails."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Final

import numpy as np

from livesim.experiment.random_inputs import drawn_kinds
from livesim.explaining.explaining import PLAN
from livesim.explaining.explanation import Explanation
from livesim.explaining.region import Bound, Region
from livesim.explaining.sobol import Part, Share, enough_for_pairs, making_half
from livesim.report.labels import group_label, label
from livesim.report.language import Called, retold, say, spoken
from livesim.report.naming import item, person
from livesim.report.pages import Page, Points, Table
from livesim.report.pages import Part as PagePart
from livesim.report.wording import (
    ROOM,
    amount,
    counted,
    duration,
    folded,
    listed,
    percent,
    sweep_label,
    with_interval,
)
from livesim.results.intervals import Estimate

#: So many inputs stand in the answer, of those with such a share, and so many groups.
_FIRST: Final = 5
_LEAST: Final = 0.01
#: A correlation of ranks that is less says neither that the figure rises nor that it falls.
_FLAT: Final = 0.1
#: By what a plan fails.
_PROFIT: Final = f"{PLAN}profit"
#: Shares that add up to more than all by less than this are written as all [1].
_ROUNDED: Final = 0.005
#: A figure hangs on few shows where half its variance comes from fewer than so many …
_FEW: Final = 30
#: … and from a smaller part of them than this; of what is normal it comes from a ninth [1].
_SMALL: Final = 0.05


def page(found: Explanation) -> Page:
    """Return an explanation as a page of text.

    Parameters
    ----------
    found : Explanation
        The explanation.

    Returns
    -------
    Page
    """
    return Page(
        title=say(
            "{title} · why {of} varies", title=found.scenario.title, of=figure_name(found.of)
        ),
        answer=(
            _figure(found),
            _shares(found, _first(found)),
            *([] if _fails_by_another(found) else [_region(found)]),
            *_information(found, _FIRST),
        ),
        details=(
            *_rest(found),
            _meaning(found),
            _basis(found),
            Points(found.origin.notes),
        ),
    )


def _figure(found: Explanation) -> str:
    values = found.figure.values
    if values.dtype == bool:
        return say(
            "{of} in {values} of shows.", of=_told(found), values=percent(float(values.mean()))
        )
    mean = float(values.mean())
    low, high = np.quantile(values, (0.1, 0.9), method="inverted_cdf")
    told = say(
        "{of}: {found} on average, and in eight shows of ten between {found_2} and {found_3}.",
        of=_told(found),
        found=_written(found, mean),
        found_2=_written(found, float(low)),
        found_3=_written(found, float(high)),
    )
    if mean < low:
        return say(
            "{told} The average is lower than both, since a few shows come to far less.", told=told
        )
    if mean > high:
        return say(
            "{told} The average is higher than both, since a few shows come to far more.", told=told
        )
    return told


def _told(found: Explanation) -> str:
    """Return what the figure is called, and of a plan's, what it is."""
    of = figure_name(found.of)
    if not found.of.startswith(PLAN):
        return of
    if found.of.endswith(".needed"):
        return say("{of}, what would have to be bought to serve all", of=of)
    return say("{of}, with what the plan recommends", of=of)


def figure_name(of: str) -> str:
    """Return what people call a figure: its measure, of a product behind what that is called.

    Examples
    --------
    >>> figure_name("plan.profit"), figure_name("serum.sold_out")
    ('profit', 'serum: sold out')
    """
    name, _, measure = of.removeprefix(PLAN).rpartition(".")
    told = sweep_label(measure)
    return Called(say("{name}: {label}", name=item(name), label=told) if name else told)


def _failing(found: Explanation) -> str:
    """Return what counts as failing, in words."""
    return retold(found.failing).replace(found.of, figure_name(found.of))


def _written(found: Explanation, value: float) -> str:
    """Return a value of the figure as people read it."""
    match found.figure.unit:
        case "share":
            return percent(value)
        case "s":
            return duration(value)
        case "currency":
            return f"{found.currency} {amount(value)}"
    return amount(value)


def _first(found: Explanation) -> int:
    """Return how many inputs stand in the answer."""
    return max(1, sum(share.known.value >= _LEAST for share in found.shares.inputs[:_FIRST]))


def _shares(found: Explanation, shown: int) -> Table:
    inputs = found.shares.inputs
    alone = [max(share.first.value, 0.0) for share in inputs]
    rows = [_input(share) for share in inputs[:shown]]
    if len(inputs) > shown:
        rest = counted(len(inputs) - shown, "other")
        rows.append((rest, _percent(sum(alone[shown:])), "", ""))
    if (pairs := found.shares.together) is not None:
        rows.append(("two of them together", _part(pairs), "", ""))
    notes: list[str] = []
    if found.chance is not None:
        rows.append(("chance", _part(found.chance), "", ""))
        # what is told as 0 counts as 0, so that the rows add up
        parts = [part for part in (pairs, found.chance) if part is not None]
        left = 1.0 - sum(alone) - sum(max(part.value, 0.0) for part in parts)
        rows.append(("not told apart", _percent(left), "", ""))
        if left < -_ROUNDED:
            total = _percent(1.0 - left)
            notes.append(say("shares add up to {total}: each has its error", total=total))
    header: tuple[str, ...] = (
        folded(say("what makes {of} vary", of=figure_name(found.of)), ROOM),
        "alone\n(95 %)",
        "with\nothers",
        "\nif it is high",
    )
    if pairs is None:
        told, least = [0, 1, 3], enough_for_pairs(len(inputs))
        header = tuple(header[column] for column in told)
        rows = [tuple(row[column] for column in told) for row in rows]
        notes.append(
            say("what two do together is told from {least:,} replications on (-n)", least=least)
        )
    return Table(
        header=header,
        rows=tuple(rows),
        note=say("; ").join([*notes, *_hanging(found)]),
        words=1,
    )


def _hanging(found: Explanation) -> Iterator[str]:
    """Yield what to do where few shows make a figure's variance, as they make its errors, too."""
    shows = len(found.figure.values)
    few = making_half(found.figure.values.astype(float))
    if few < min(_FEW, _SMALL * shows):
        yield say(
            "half of the variance comes from {few} of {shows:,} shows, and other shows may share "
            "it out beyond these errors: take {enough:,} or more (-n)",
            few=few,
            shows=shows,
            enough=-(-shows * _FEW // few // 1000) * 1000,
        )


def _input(share: Share) -> tuple[str, ...]:
    return (
        label(share.path),
        _part(share.first),
        "" if share.total is None else _percent(share.total.value),
        _way(share) if abs(share.rises) >= _FLAT else "",
    )


def _way(share: Share) -> str:
    """Return what the figure does if an input is high; of whether somebody comes, if so."""
    if share.path.endswith(".no_show"):
        return say("less if so") if share.rises > 0 else say("more if so")
    return say("more") if share.rises > 0 else say("less")


def _part(part: Part) -> str:
    """Return a share with its error; what lies below 0 by chance is 0."""
    ends = max(part.low, 0.0), max(part.high, 0.0)
    return with_interval(max(part.value, 0.0), ends, _percent)


def _percent(share: float) -> str:
    """Return a share of the variance; what lies below 0 by chance is 0."""
    return spoken().number(f"{100 * max(share, 0.0):.0f} %")


def _region(found: Explanation) -> str:
    if found.mostly_fails:
        return _success(found)
    region = found.region
    if region is None:
        return say(
            "Where it fails ({failing}): in {chance} of shows, and nothing that is uncertain makes "
            "it surely more often so.",
            failing=_failing(found),
            chance=percent(found.fails.chance),
        )
    return say(
        "Where it fails ({failing}): with {where}. {size} of shows are "
        "like that; {chance} of them fail, against {chance_2} of all "
        "shows, and {chance_3} of all that fail are among them.",
        **_of_region(found, region),
    )


def _of_region(found: Explanation, region: Region) -> dict[str, str]:
    """Return what is told of a region, by its name in the sentence."""
    return {
        "failing": _failing(found),
        "where": listed(_bound(found, bound) for bound in region.bounds),
        "size": percent(region.size),
        "chance": percent(region.inside.chance),
        "chance_2": percent(region.everywhere.chance),
        "chance_3": percent(region.held.chance),
    }


def _fails_by_another(found: Explanation) -> bool:
    """Say whether a plan fails by its profit, where another figure is explained."""
    return found.failing.startswith(_PROFIT) and not found.of.startswith(_PROFIT)


def _success(found: Explanation) -> str:
    """Return where shows succeed, of a show that mostly fails."""
    region = found.success_region
    if region is None:
        return say(
            "Where it fails ({failing}): in {chance} of shows, and nothing that is uncertain makes "
            "it surely less often so.",
            failing=_failing(found),
            chance=percent(found.fails.chance),
        )
    return say(
        "Where it succeeds (most shows fail: {failing}): with {where}. {size} of shows are like "
        "that; {chance} of them succeed, against {chance_2} of all shows, and {chance_3} of all "
        "that succeed are among them.",
        **_of_region(found, region),
    )


def _bound(found: Explanation, bound: Bound) -> str:
    """Return between which values an input lies, in words."""
    kind, name = drawn_kinds(found.scenario)[bound.path], label(bound.path)
    if bound.path.endswith(".conversion"):  # what its values are, beside what it is called above
        name = say("{name} (conversion)", name=name)
    if bound.path.endswith(".no_show"):
        who = person(bound.path.split(".")[1])
        return say("{who} not there", who=who) if bound.low > 0 else say("{who} there", who=who)

    times = say(" times what is expected") if kind.name == "a factor" else ""

    def shown(value: float) -> str:
        written = kind.write(float(f"{value:.3g}"))
        if isinstance(written, str):
            return written.replace("%", " %")
        return spoken().number(f"{written:,}")

    if not isfinite(bound.low):
        return say("{name} at most {high}{times}", name=name, high=shown(bound.high), times=times)
    if not isfinite(bound.high):
        return say("{name} at least {low}{times}", name=name, low=shown(bound.low), times=times)
    return say(
        "{name} from {low} to {high}{times}",
        name=name,
        low=shown(bound.low),
        high=shown(bound.high),
        times=times,
    )


def _information(found: Explanation, shown: int) -> Iterator[PagePart]:
    if not found.information:
        return
    rows = tuple((group_label(one.name), _worth(one.value)) for one in found.information[:shown])
    header = ("to know before buying", say("is worth,\n{currency} (95 %)", currency=found.currency))
    worth = {one.name: one.value.mean or 0.0 for one in found.information}
    notes = []
    if "all" in worth and max(worth.values()) > worth["all"]:
        notes.append(
            say("a part is worth no more than all of it: what it shows above that is error")
        )
    yield Table(header, rows, say("; ").join(notes))


def _worth(value: Estimate) -> str:
    """Return what knowing is worth; what lies below 0 by chance is 0."""
    worth = max(value.mean or 0.0, 0.0)
    return with_interval(worth, value.mean_interval or (worth, worth), amount)


def _rest(found: Explanation) -> Iterator[PagePart]:
    """Yield what the answer leaves out."""
    if len(found.shares.inputs) > _first(found):
        yield _shares(found, len(found.shares.inputs))
    if len(found.information) > _FIRST:
        yield from _information(found, len(found.information))


def _meaning(found: Explanation) -> str:
    """Return what the columns mean that the table has."""
    others = ""
    if found.shares.together is not None:
        others = say(" With others: so much is left on average while only this is not known.")
    return say(
        "Shares are of the variance (Sobol indices), and hold for uncertainties that are "
        "independent of each other. Alone: by so much it falls on average once this is known."
        "{others} Chance is what the same show comes to on another day. Where a show fails, or "
        "succeeds, was found in one half of the replications and counted in the other; of "
        "factors, 1 is as told.",
        others=others,
    )


def _basis(found: Explanation) -> str:
    again = ""
    if found.repeated:
        again = say(
            ", {repeated:,} of them twice, with the same inputs and other chance",
            repeated=found.repeated,
        )
    return say(
        "Simulation: {replications:,} replications{again}, seed {seed}.",
        replications=found.origin.replications,
        again=again,
        seed=found.origin.seed,
    )
