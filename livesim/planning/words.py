"""Objectives in the planner's words: how they are written, read and said.

``service=90%@20min`` on a command line, "always available until 20 min, 90 % sure" in a report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from livesim.errors import UsageError
from livesim.planning.objectives import (
    FillRate,
    LossCap,
    MostProfit,
    Objective,
    Service,
    WorstCap,
)
from livesim.scenario import quantities as q

#: The words and what they mean, for messages and help.
OBJECTIVES: Final[Mapping[str, str]] = {
    "profit": "most expected profit",
    "service=90%@20min": "always available until 20 min after the link, 90 % sure",
    "service=95%": "always available until the show ends, 95 % sure",
    "fill=95%": "95 % of demand served",
    "loss=10%": "most expected profit with a loss in at most 10 % of shows",
    "worst=-50k": "most expected profit while the worst 10 % of shows make -50k or more on average",
}


def parse_objective(text: str) -> Objective:
    """Read an objective.

    Parameters
    ----------
    text
        As in :data:`OBJECTIVES`.

    Raises
    ------
    UsageError
        With the rule and how to write an objective.

    Examples
    --------
    >>> parse_objective("service=90%@20min")
    Service(sure=0.9, by=1200.0)
    >>> parse_objective("worst=-50k")
    WorstCap(least=-50000.0)
    """
    word, equals, value = (part.strip() for part in text.strip().partition("="))
    if word == "profit" and not equals:
        return MostProfit()
    if word not in _READERS:
        raise _refused(text, "there is no such objective")
    if not value:
        raise _refused(text, f"{word} needs a value")
    try:
        return _READERS[word](value)
    except q.QuantityError as error:
        raise _refused(text, f"{error.what} ({error.remedy})") from None


def written(objective: Objective) -> str:
    """Write an objective so that :func:`parse_objective` gives it back.

    Examples
    --------
    >>> written(Service(0.9, 1200.0)), written(WorstCap(-50_000.0)), written(MostProfit())
    ('service=90%@20min', 'worst=-50000', 'profit')
    """
    match objective:
        case MostProfit():
            return "profit"
        case Service(sure, None):
            return f"service={q.SHARE.write(sure)}"
        case Service(sure, by):
            assert by is not None
            return f"service={q.SHARE.write(sure)}@{q.DURATION.write(by)}"
        case FillRate(share):
            return f"fill={q.SHARE.write(share)}"
        case LossCap(chance):
            return f"loss={q.SHARE.write(chance)}"
        case WorstCap(least):
            sign = "-" if least < 0 else ""
            return f"worst={sign}{q.MONEY.write(abs(least))}"


def said_share(share: float) -> str:
    """Say how large a share is, to three digits.

    Examples
    --------
    >>> said_share(0.995), said_share(0.1)
    ('99.5 %', '10 %')
    """
    return f"{100 * share:.3g} %"


def _service(value: str) -> Objective:
    share, at, by = (part.strip() for part in value.partition("@"))
    if not at:
        return Service(_within(share))
    return Service(_within(share), q.POSITIVE_DURATION.read(by))


def _fill(value: str) -> Objective:
    return FillRate(_within(value))


def _loss(value: str) -> Objective:
    chance = q.SHARE.read(value)
    if chance == 1:
        raise q.QuantityError("100 % caps nothing", "write a chance below 100%, such as 10%")
    return LossCap(chance)


def _worst(value: str) -> Objective:
    below_zero = value.startswith(("-", "−"))
    size = q.MONEY.read(value[1:].strip() if below_zero else value)
    return WorstCap(-size if below_zero else size)


def _within(text: str) -> float:
    share = q.SHARE.read(text)
    if not 0 < share < 1:
        raise q.QuantityError(
            f"{text} is never reached, or always", "write a share above 0% and below 100%"
        )
    return share


_READERS: Final[Mapping[str, Callable[[str], Objective]]] = {
    "service": _service,
    "fill": _fill,
    "loss": _loss,
    "worst": _worst,
}


def _refused(text: str, what: str) -> UsageError:
    ways = "\n".join(f"  {written:<19}{meaning}" for written, meaning in OBJECTIVES.items())
    return UsageError(f"the objective {text!r}: {what}; write one such as\n{ways}")
