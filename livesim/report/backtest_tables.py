"""A back-test as a page of text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from livesim.arrays import Floats
from livesim.history.rolling_origin import BANDS, EARLIER, OURS, Scored
from livesim.learning.backtest import Backtest
from livesim.learning.forecasting import money_lost
from livesim.report.language import known, say
from livesim.report.pages import Page, Part, Points, Table
from livesim.report.wording import amount, counted, in_one_unit, listed, percent
from livesim.results.intervals import chance_interval

#: With fewer forecasts, a band of 80 % that holds 65 % could do so by chance.
_ENOUGH: Final = 30
#: Ways to forecast that planners know, beside livesim's; of the others the details tell.
_LAST: Final = "last five"
_KNOWN_TO_PLANNERS: Final = (OURS, _LAST, "forecast x 1.3", "template")
#: From so many times another score on, it is told as a multiple.
_TIMES: Final = 3.0
_IN_PART: Final = (
    "Some forecasts count in part, here and in the figure: of what was sold out more may have been "
    "wanted, and of few units one is a large step."
)


def page(found: Backtest) -> Page:
    """Return a back-test as a page of text.

    Parameters
    ----------
    found : Backtest
        The back-test.

    Returns
    -------
    Page
    """
    scored = [(name, one) for name, one in found.scored.items() if one.shows]
    asked = tuple(note for note in found.notes if note.endswith("?"))
    return Page(
        title=say("Past shows, each forecast from those before it · {found}", found=_size(found)),
        answer=(
            *_earned(found),
            *([say(" ").join((*_trusted(scored), *_nearer(found)))] if scored else ()),
            Points((*_too_few(found), *asked)),
        ),
        details=(
            Points(tuple(note for note in found.notes if note not in asked)),
            *((_coverage(found),) if scored else ()),
            *(_scores(name, one) for name, one in scored),
            *_money(found),
            *_basis(found),
        ),
    )


def _earned(found: Backtest) -> Iterator[Part]:
    """Yield what stocks by forecasts would have earned, where it is known how much was wanted."""
    lost, most = dict(money_lost(found.stakes)), found.most
    if not most or found.scenario is None:
        return
    currency = found.scenario.show.currency
    earned = {by: most - lost[by] for by in _KNOWN_TO_PLANNERS}
    few = say(" They are too few to say which forecast is best.")
    yield say(
        "Bought as livesim's forecasts say, {stocks} of past shows would have earned {currency} "
        "{earned}, {share} of the most that was possible.{few}",
        stocks=counted(len(found.stakes), "stock"),
        currency=currency,
        earned=amount(earned[OURS]),
        share=percent(earned[OURS] / most),
        few=few if len(found.stakes) < _ENOUGH else "",
    )
    write = in_one_unit(earned.values())
    yield Table(
        ("stock by", say("would have earned, {currency}", currency=currency), "of the most"),
        tuple((_method(by), write(sum_), percent(sum_ / most)) for by, sum_ in earned.items()),
    )


def _nearer(found: Backtest) -> Iterator[str]:
    """Yield how far off forecasts were beside the last five shows', where money says nothing."""
    if found.most and found.scenario is not None:
        return
    told = [
        say("{lower} for {name}", lower=_lower(one.crps), name=known(name))
        for name, one in found.scored.items()
        if one.shows and _LAST in one.crps
    ]
    if told:
        yield say(
            "livesim's errors are {told} than those of the last five shows.", told=listed(told)
        )


def _lower(crps: Mapping[str, Floats]) -> str:
    """Say how much lower livesim's errors are than the last five shows'."""
    ours, theirs = (float(crps[by].mean()) for by in (OURS, _LAST))
    if theirs == 0 or ours > _TIMES * theirs:
        return say("much higher") if ours > 0 else say("no lower")
    share = percent(abs(1 - ours / theirs))
    return (
        say("{share} lower", share=share) if ours < theirs else say("{share} higher", share=share)
    )


def _trusted(scored: Sequence[tuple[str, Scored]]) -> Iterator[str]:
    """Say how many shows lay where 8 in 10 should, and whether to trust the forecasts for that."""
    held = defaultdict[str, list[str]](list)
    for name, one in scored:
        within = one.within(80)
        held[_verdict(within)].append(
            say(
                "{within} of {number} forecasts of {name}",
                within=f"{within.sum():,.1f}".removesuffix(".0"),
                number=len(within),
                name=known(name),
            )
        )
    for verdict, told in held.items():
        yield say(
            "In the band of 8 in 10 lay {told}: {verdict}.", told=listed(told), verdict=verdict
        )


def _verdict(within: Floats) -> str:
    """Say whether so many within a band of 8 in 10 are as they should be."""
    _, low, high = chance_interval(round(within.sum()), len(within))
    if len(within) < _ENOUGH:
        return say("too few to say whether to trust the bands, or which method wins")
    if high < 0.8:
        return say("fewer than should be, so expect more surprises than the bands say")
    if low > 0.8:
        return say("more than should be, so the bands are wider than need be")
    return say("as it should be, so the bands can be trusted")


_OF_SCENARIO: Final = (
    "A show is forecast from the earlier ones, of which there must be {earlier}, given its length "
    "and prices, and a product that was sold in as many. The score is the CRPS of the natural "
    "logarithm of what is sold with the stock there was: less is better; pinball is the mean loss "
    "of the 10 %, 50 % and 90 % quantiles. Pro rata takes a product that was gone half-way for "
    "wanted twice as much; EM takes it for a lower bound of a normal figure."
)


def _basis(found: Backtest) -> Iterator[str]:
    """Yield how forecasts are made and scored, where there are any."""
    if any(one.shows for one in found.scored.values()):
        yield say(_BASIS if found.scenario is None else _OF_SCENARIO, earlier=EARLIER)


def _money(found: Backtest) -> Iterator[Table]:
    """Yield what forecasts lost in money, where it is known how much was wanted."""
    lost = dict(money_lost(found.stakes))
    if not lost or found.scenario is None:
        return
    currency, least = found.scenario.show.currency, min(lost.values())
    known = counted(len(found.stakes), "stock")
    note = say("against the best stock in hindsight")
    if found.unknown:
        note += say(
            "; {unknown:,} more are left out, of which nobody knows what was wanted",
            unknown=found.unknown,
        )
    lost_in = say("lost in {known}\n[{currency}]", known=known, currency=currency)
    yield Table(
        ("stock by", lost_in, "above the least"),
        tuple((_method(by), f"{sum_:,.0f}", f"{sum_ - least:,.0f}") for by, sum_ in lost.items()),
        note,
    )


_BASIS: Final = (
    "A show is forecast from all earlier ones of its host, of which there must be {earlier}, "
    "given its start and length. The score is the CRPS of the natural logarithm: less is better, "
    "and a point forecast's is how far it is off; pinball is the mean loss of the 10 %, 50 % and "
    "90 % quantiles. The last five shows are pro rata of the length, "
    "with a normal error of their own spread; the template has its errors of a show with a history."
)


def _size(found: Backtest) -> str:
    shows = sum(map(len, found.shows.values()))
    if found.scenario is not None:
        return f"{found.scenario.title}, {counted(shows, 'show')}"
    return say(
        "{count} of {count_2}",
        count=counted(shows, "show"),
        count_2=counted(len(found.shows), "host"),
    )


def _too_few(found: Backtest) -> Iterator[str]:
    for name, one in found.scored.items():
        if not one.shows:
            yield say(
                "{name}: nothing to forecast; no host has more than {earlier} shows",
                name=known(name),
                earlier=EARLIER,
            )


def _coverage(found: Backtest) -> Table:
    """Return how many shows lay within the bands, in all and by host."""
    rows = [
        (label, str(len(one.pit)), *map(_share, one.coverage().values()), _likely(one.within(80)))
        for label, one in found.scored.items()
        if one.shows
    ]
    for host in found.shows if len(found.shows) > 1 else ():
        for label, one in found.scored.items():
            within = one.within(80)[[h == host for h in one.hosts]]
            if len(within):
                shares = map(_share, one.coverage(host).values())
                rows.append((f"{host}: {label}", str(len(within)), *shares, _likely(within)))
    return Table(
        header=(
            "shows within\nthe band of",
            "\nforecasts",
            *(f"\n{band} %" for band in BANDS),
            "80 % holds,\nwith 95 % certainty",
        ),
        rows=tuple(rows),
        note=say(_IN_PART) if any(map(_has_parts, found.scored.values())) else "",
    )


def _has_parts(one: Scored) -> bool:
    return any(((part > 0) & (part < 1)).any() for part in map(one.within, BANDS))


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _likely(within: Floats) -> str:
    _, low, high = chance_interval(round(within.sum()), len(within))
    return f"{percent(low)} – {percent(high)}"


def _scores(name: str, one: Scored) -> Table:
    ours = float(one.crps[OURS].mean())
    return Table(
        header=(say("{name}: forecast by", name=known(name)), "CRPS", "livesim's is", "pinball"),
        rows=tuple(
            (
                _method(method),
                f"{crps.mean():.3f}",
                "" if method == OURS else _against(ours, float(crps.mean())),
                f"{one.pinball[method].mean():.3f}",
            )
            for method, crps in one.crps.items()
        ),
    )


def _method(name: str) -> str:
    """Return what a page calls a method: documents have a letter for the sign."""
    return name.replace(" x ", " × ")


def _against(ours: float, theirs: float) -> str:
    if theirs == 0:
        return say("the same") if ours == 0 else say("worse")
    if ours > _TIMES * theirs:
        return say("{times} times as high", times=amount(ours / theirs))
    return f"{percent(abs(1 - ours / theirs))} {(say('better') if ours < theirs else say('worse'))}"
