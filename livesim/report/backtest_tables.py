"""A back-test as a page of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livesim.arrays import Floats
from livesim.history.rolling_origin import BANDS, EARLIER, OURS, Scored
from livesim.learning.backtest import Backtest
from livesim.learning.forecasting import money_lost
from livesim.report.language import known, say
from livesim.report.pages import Page, Points, Table
from livesim.report.wording import amount, counted, percent
from livesim.results.intervals import chance_interval

#: With fewer forecasts, a band of 80 % that holds 65 % could do so by chance.
_ENOUGH: Final = 30
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
    return Page(
        title=say("Past shows, each forecast from those before it · {found}", found=_size(found)),
        answer=(
            *(_trust(name, one) for name, one in scored),
            Points((*found.notes, *_too_few(found))),
            *((_coverage(found),) if scored else ()),
            *(_scores(name, one) for name, one in scored),
            *_money(found),
            *_basis(found),
        ),
    )


def _trust(name: str, one: Scored) -> str:
    """Say how many shows lay where 8 in 10 should, and whether to trust the forecasts for that."""
    within = one.within(80)
    _, low, high = chance_interval(round(within.sum()), len(within))
    verdict = say("too few to say whether to trust the bands, or which method wins")
    if len(within) >= _ENOUGH:
        verdict = say("as it should be: the bands can be trusted")
        if high < 0.8:
            verdict = say("fewer than should be: expect more surprises than the bands say")
        if low > 0.8:
            verdict = say("more than should be: the bands are wider than need be")
    return say(
        "{name}: of {number} forecasts of past shows, {within} held in the band of 8 in 10, "
        "{verdict}.",
        name=known(name),
        number=len(within),
        within=f"{within.sum():,.1f}".removesuffix(".0"),
        verdict=verdict,
    )


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
