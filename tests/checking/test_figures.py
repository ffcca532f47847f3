"""The figures that expectations name are those of the document."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import livesim
from livesim.checking import figures
from livesim.checking.figures import CONSERVATION, samples
from livesim.checking.testing import Sample
from livesim.errors import UsageError
from livesim.experiment.blocks import Block

ROOM = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min", "show.refresh": "20s"})


def found(*paths: str) -> dict[str, Sample | UsageError]:
    return samples(1, (ROOM, paths, Block(0, 250)))


def test_they_are_those_of_the_document() -> None:
    document = livesim.simulate(ROOM, replications=250, workers=1).document()
    show, serum = document["show"], document["products"]["serum"]
    expected = {
        "show.profit": show["profit"]["mean"],
        "profit.mean": show["profit"]["mean"],
        "profit.p10": show["profit"]["p10"],
        "loss": show["loss"]["chance"],
        "serum.sold_out.chance": serum["sold_out"]["chance"],
        "products.serum.demand.p90": serum["demand"]["p90"],
    }
    told = found(*expected)
    values = {path: one.interval(0.025)[0] for path, one in told.items() if isinstance(one, Sample)}
    assert values == expected


def test_within_a_time_is_a_chance() -> None:
    told = found("serum.sold_out@5min", "serum.since_link.p50", "serum.sold_out")
    soon, when, ever = (one.values for one in told.values() if isinstance(one, Sample))
    assert (soon == (when <= 300)).all() and soon.dtype == bool
    assert 0 < soon.sum() < ever.sum()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("serum.soldout", "there is no figure serum.soldout; nearest: serum.sold_out"),
        ("profits.p10", "nearest: profit"),
        ("profit.p100", "there is no figure profit.p100"),
        ("xyzzy", "livesim run --json has all there are"),
        ("serum.sold_out.p10", "is a chance, which has no p10"),
        ("profit.chance", "profit is no chance"),
        ("serum.demand@5min", "only sold_out and unavailable"),
        ("serum.sold_out@soon", "'soon' is not a duration"),
        ("hat.sold_out@5min", "there is no figure hat.sold_out@5min"),
        ("serum.stocks", "there is no figure serum.stocks; nearest: serum.stock"),
    ],
)
def test_what_there_is_not_is_said_with_the_nearest(path: str, said: str) -> None:
    assert said in str(found(path)[path])


@pytest.mark.slow
def test_conservation_holds_and_a_lost_unit_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = found(CONSERVATION)[CONSERVATION]
    assert isinstance(kept, Sample) and kept.values.all() and kept.values.shape == (250,)
    honest = figures.simulate_block

    def forgetful(*args: object, **options: object) -> object:
        outcome = honest(*args, **options)  # type: ignore[arg-type]
        lost = outcome.variants["lost"] - (np.arange(250) == 7)[:, None]
        return dataclasses.replace(outcome, variants={**outcome.variants, "lost": lost})

    monkeypatch.setattr(figures, "simulate_block", forgetful)
    broken = found(CONSERVATION)[CONSERVATION]
    assert isinstance(broken, Sample) and np.flatnonzero(~broken.values).tolist() == [7]
