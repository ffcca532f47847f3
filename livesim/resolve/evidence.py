"""What a scenario's demand rests on: how it was told, and how much of it is known.

Whoever reads a number of units should see at once from which input it follows, where its spread
comes from, and how many values nobody knew. All of it is read off the reasons of a resolution.
"""

from __future__ import annotations

from livesim.resolve.demand import WAYS, WHOLE
from livesim.resolve.derivation import leaves, reason_of
from livesim.resolve.why import Resolution
from livesim.scenario.uncertain import Distribution, Draws

#: How a value's kind of reason is said where somebody wrote it, or it follows from what they wrote.
_WRITTEN = {"given": "given", "history": "given", "derived": "given"}


def told_by(resolution: Resolution, product: str) -> str:
    """Return the keys by which a product's orders were told, as in ``ctr × ctor``; or ``history``.

    Parameters
    ----------
    resolution
        The scenario and where it comes from.
    product
        The product's name.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> told_by(resolve_file("scenarios/brand_room.yaml"), "serum")
    'orders_per_1000'
    """
    reason = resolution.reasons.get(("products", product, "conversion"))
    first_word = reason.text.split(" ")[0] if reason is not None else ""
    ways = (*WAYS, *((key,) for key in WHOLE))
    of_past_shows = reason is not None and reason.kind == "history"
    other = ("history",) if of_past_shows else ("conversion",)
    keys = next((keys for keys in ways if first_word in keys), other)
    return " × ".join(keys)


def errors_from(resolution: Resolution) -> dict[str, str]:
    """Return where the spread of each product's demand comes from: a template, given, history.

    Parameters
    ----------
    resolution
        The scenario and where it comes from.

    Returns
    -------
    dict of str to str
        By product; empty if nothing about its demand is uncertain.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> errors_from(resolve_file("scenarios/brand_room.yaml"))["serum"]
    'template, assumption'
    """
    scenario = resolution.scenario
    skipped = set()
    if not any(segment.takes_turnout_factor for segment in scenario.segments.values()):
        skipped.add("show.turnout_factor")
    kinds: dict[str, dict[str, None]] = {name: {} for name in scenario.products}
    for path, law in scenario.uncertain().items():
        if path in skipped:
            continue
        part, name, *_ = path.split(".")
        kind = "history" if _learned(resolution, path, law) else _kind(resolution, path)
        for product in [name] if part == "products" else kinds:
            kinds[product][kind] = None  # in the order of the scenario, each once
    return {product: ", ".join(found) for product, found in kinds.items()}


def own_value(resolution: Resolution, path: str) -> bool:
    """Say whether a value is livesim's own, a template's or an assumption, and nobody wrote it.

    Parameters
    ----------
    resolution
        The scenario and where it comes from.
    path
        The value's path, with dots.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> room = resolve_file("scenarios/brand_room.yaml")
    >>> own_value(room, "show.appeal"), own_value(room, "products.serum.price")
    (True, False)
    """
    return _kind(resolution, path) != "given"


def assumed(resolution: Resolution) -> int | None:
    """Return how many values of a scenario are assumptions; None where nothing is known of them.

    What is assumed alike of every product or slot counts once.

    Parameters
    ----------
    resolution
        The scenario and where it comes from.

    Examples
    --------
    >>> from livesim.resolve import resolve_file
    >>> assumed(resolve_file("scenarios/viya_kim_perfume.yaml"))
    0
    """
    if not resolution.reasons:
        return None
    reasons = {
        (path[-1], reason_of(resolution.reasons, path)) for path in leaves(resolution.scenario)
    }
    return sum(reason.kind == "assumption" for _, reason in reasons)


def _learned(resolution: Resolution, path: str, law: Distribution) -> bool:
    """Say whether a spread was learned from past shows: they leave joint draws."""
    if not (resolution.reasons and isinstance(law, Draws)):
        return False
    return reason_of(resolution.reasons, tuple(path.split("."))).kind == "history"


def _kind(resolution: Resolution, path: str) -> str:
    if not resolution.reasons:
        return "given"
    kind = reason_of(resolution.reasons, tuple(path.split("."))).kind
    return _WRITTEN.get(kind, kind)
