"""An incubator's evaluations as a page of text: what to do, how sure, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import isinf
from typing import Any

from livesim.planning.incubation import Design, Evaluation, Incubation, Outlook
from livesim.planning.selection import (
    Measured,
    least_candidates,
    least_candidates_to_compare,
)
from livesim.report.language import known, say
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import (
    amount,
    counted,
    duration,
    in_one_unit,
    percent,
    with_interval,
)

#: So many designs that are as good are named.
_NAMED = 3


def page(found: Incubation) -> Page:
    """Return an incubator's evaluations as a page of text.

    Parameters
    ----------
    found : Incubation
        The evaluations.

    Returns
    -------
    Page

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate("scenarios/incubator.yaml", tried=[5, 20], lengths=[1200],
    ...     shows=[1], candidates=100, later_shows=2, workers=1)
    >>> [len(table.rows) for table in page(found).tables]
    [5, 2, 1]
    """
    return Page(
        title=_title(found),
        answer=(_recommendation(found), *_as_good(found), *_too_few(found), _money(found)),
        details=(
            _tried_and_length(found),
            _shows(found),
            _curse(found),
            _talent(found),
            _basis(found),
            Points(found.notes),
        ),
    )


def _title(found: Incubation) -> str:
    return say(
        "{title} · promotes {promotes} · {currency}",
        title=found.scenario.title,
        promotes=found.incubator.promotes,
        currency=found.scenario.show.currency,
    )


def _said(design: Design) -> str:
    shows = say("one show") if design.shows == 1 else say("{shows} shows", shows=design.shows)
    return say(
        "{tried} tried in {shows} of {length}",
        tried=design.tried,
        shows=shows,
        length=duration(design.length),
    )


def _recommendation(found: Incubation) -> str:
    best = found.best
    words = [
        say(
            "Best of what was looked at: {design}. The best of them is "
            "promoted in {picked} of groups; the promoted earn {net} in "
            "their {first}, the cost taken off, and pay back after {best}.",
            design=_said(best.design),
            picked=_chance(best.picked),
            net=_money_with_error(found, best.net),
            first=first_shows(found),
            best=_shows_word(best),
        )
    ]
    if best.design != found.asked.design:
        behind = _money_with_error(found, best.more_than(found.asked, found.pool.candidates))
        design = _said(found.asked.design)
        words.append(
            say(
                "That is {behind} more than as it is written: {design}.",
                behind=behind,
                design=design,
            )
        )
    most_looked_at = max(evaluation.design.tried for evaluation in found.designs)
    if best.design.tried == most_looked_at < found.incubator.most:
        words.append(
            say(
                "More than {most_looked_at} were not looked at, and {most} pass "
                "the screening: more may be better still.",
                most_looked_at=most_looked_at,
                most=found.incubator.most,
            )
        )
    return say(" ").join(words)


def first_shows(found: Incubation) -> str:
    """Return the shows of the promoted by which evaluations are judged, in words.

    Parameters
    ----------
    found : Incubation
        The evaluations.

    Returns
    -------
    str
    """
    number = found.incubator.first_shows
    return say("first show") if number == 1 else say("first {number} shows", number=number)


def _as_good(found: Incubation) -> Iterator[str]:
    if not found.as_good:
        yield say("Every other design looked at is significantly worse.")
        return
    nearest = sorted(found.as_good, key=lambda evaluation: -evaluation.net.value)
    named = say("; ").join(_said(evaluation.design) for evaluation in nearest[:_NAMED])
    more = say("; and {number} more", number=len(nearest) - _NAMED) if len(nearest) > _NAMED else ""
    words = [say("Not significantly worse: {named}{more}.", named=named, more=more)]
    tried = {one.design.tried for one in found.designs}
    few = [n for n in tried if found.pool.candidates < least_candidates_to_compare(n)]
    if few:
        words.append(
            say(
                "To say how sure differences from {fewest} or more tried are takes {needed:,} "
                "candidates.",
                fewest=min(few),
                needed=least_candidates_to_compare(max(few)),
            )
        )
    yield say(" ").join(words)


def _too_few(found: Incubation) -> Iterator[str]:
    """Say of which designs no interval can be given, and what it takes."""
    tried = [one.design.tried for one in found.designs]
    have = found.pool.candidates
    without = [number for number in tried if have < least_candidates(number)]
    if without:
        yield say(
            "{candidates:,} candidates are too few to say how sure figures of {fewest} or more "
            "tried are: take at least {needed:,}.",
            candidates=have,
            fewest=min(without),
            needed=least_candidates(max(without)),
        )


_HEADER = (
    "best\npicked",
    "missed\na show",
    "cost",
    "net",
    "of the net,\n95 %",
    "shows to\npay back",
)


def _figures(several: Sequence[Evaluation]) -> Iterator[tuple[str, ...]]:
    """Yield the figures of each of several ways, which stand below each other."""
    missed = [max(0.0, one.missed.value) for one in several]
    write_missed, write_cost = in_one_unit(missed), in_one_unit(one.cost.value for one in several)
    intervals = [one.net.interval() for one in several]
    ends = [end for interval in intervals if interval for end in interval]
    write_net = in_one_unit([*(one.net.value for one in several), *ends])
    for one, less, interval in zip(several, missed, intervals, strict=True):
        yield (
            percent(one.picked.value),
            write_missed(less),
            write_cost(one.cost.value),
            write_net(one.net.value),
            _between(interval, write_net) or say("too few"),
            say("never") if isinf(one.pays_back_after) else f"{one.pays_back_after:.1f}",
        )


def _tried_and_length(found: Incubation) -> Table:
    shows = found.best.design.shows
    rows = sorted(
        (one for one in found.designs if one.design.shows == shows),
        key=lambda one: (one.design.tried, one.design.length),
    )
    number = say("one trial show") if shows == 1 else say("{shows} trial shows", shows=shows)
    return Table(
        header=(say("tried × length,\n{number}", number=number), *_HEADER),
        rows=tuple(
            (f"{one.design.tried} × {duration(one.design.length)}", *figures)
            for one, figures in zip(rows, _figures(rows), strict=True)
        ),
        note=say(
            "best picked: the best of the tried is promoted; missed: what "
            "the truly best would earn more; net: of the {found}, the cost "
            "taken off",
            found=first_shows(found),
        ),
    )


def _shows(found: Incubation) -> Table:
    best = found.best.design
    rows = [one for one in found.designs if replace(one.design, shows=best.shows) == best]
    shown = say("trial shows,\n{tried} × {length}", tried=best.tried, length=duration(best.length))
    figures = zip(rows, _figures(rows), strict=True)
    return Table((shown, *_HEADER), tuple((str(one.design.shows), *own) for one, own in figures))


def _money(found: Incubation) -> Table:
    names = ("mean", "P10", "P50", "P90")
    best = _numbers(found.best.design)
    shown = {
        say("as written:\n{tried} × {length} × {shows}", **_numbers(found.asked.design)): 0,
        say("best:\n{tried} × {length} × {shows}", **best): 1,
    }
    if found.asked.design == found.best.design:
        shown = {say("as written, the best:\n{tried} × {length} × {shows}", **best): 1}
    own = say("from group to group, {count}", count=counted(found.incubator.first_shows, "show"))
    outlooks = [found.outlooks[n] for n in shown.values()]
    means = [(found.asked, found.best)[n].net.value for n in shown.values()]
    nets = [(mean, one.p10, one.p50, one.p90) for mean, one in zip(means, outlooks, strict=True)]
    write = in_one_unit(number for net in nets for number in net)
    currency = found.scenario.show.currency
    return Table(
        (own, *shown),
        (
            ("cost is paid back in", *map(_paid_back, outlooks)),
            *(
                (
                    say("net, {what}, {currency}", what=known(name), currency=currency),
                    *map(write, n),
                )
                for name, *n in zip(names, *nets, strict=True)
            ),
        ),
        note=say(
            "in brackets: 95 %, for other candidates and other shows; the net's quantiles "
            "are of these candidates, and others have others"
        ),
    )


def _numbers(design: Design) -> dict[str, Any]:
    return {**vars(design), "length": duration(design.length)}


def _paid_back(one: Outlook) -> str:
    """Return how often the cost is paid back."""
    paid = one.paid_back
    low = percent(paid.low).removesuffix(" %")
    return f"{percent(paid.chance)} ({low} – {percent(paid.high)})"


def _curse(found: Incubation) -> str:
    asked = found.asked
    what = known(found.incubator.judged_by.replace("_", " "))
    write = amount if found.incubator.judged_by == "orders" else _small
    return say(
        "Winner's curse, as written: the promoted reached {score} {what} "
        "in the trial, and would reach {score_again} in "
        "another one. Nothing above counts that chance as skill: what "
        "they earn is measured in shows that the evaluation has not seen.",
        score=write(asked.score.value),
        what=what,
        score_again=_with_error(asked.score_again, write),
    )


def _talent(found: Incubation) -> str:
    return say(
        "Talent: the best 5 % of all candidates take {more} of the "
        "sales, on average over their shows.",
        more=percent(found.share_of_top(0.05)),
    )


def _basis(found: Incubation) -> str:
    pool = found.pool
    return say(
        "Simulation: {candidates:,} candidates, each in {shape} trial "
        "shows and {shape_2} later ones, seed {seed}. Two halves of the "
        "later shows agree on who is worth what to {alike} (reliability).",
        candidates=pool.candidates,
        shape=pool.orders.shape[1],
        shape_2=pool.profit.shape[1],
        seed=found.seed,
        alike=percent(found.alike, decimals=1),
    )


def _chance(measured: Measured) -> str:
    interval = measured.interval(0.0, 1.0)
    if interval is None:
        return percent(measured.value)
    return with_interval(measured.value, interval, percent)


def _money_with_error(found: Incubation, measured: Measured) -> str:
    return f"{found.scenario.show.currency} {_with_error(measured, amount)}"


def _with_error(measured: Measured, write: Callable[[float], str]) -> str:
    between = _between(measured.interval(), write)
    value = write(measured.value)
    return say("{value} (95 %: {between})", value=value, between=between) if between else value


def _between(interval: tuple[float, float] | None, write: Callable[[float], str]) -> str:
    return "" if interval is None else " – ".join(map(write, interval))


def _shows_word(evaluation: Evaluation) -> str:
    if isinf(evaluation.pays_back_after):
        return say("no number of shows")
    return say("{pays_back_after:.1f} shows", pays_back_after=evaluation.pays_back_after)


def _small(number: float) -> str:
    return f"{number:.3g}"
