"""Figures in little space come out as they were put in, to the bit."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from livesim.experiment.packing import Memory, Packed, Place
from livesim.results.on_disk import Scratch

SHAPE = ROWS, LEVELS = 200, 12


def served(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return what is sold at each level, which is all that is wanted from some level on."""
    wanted = np.floor(rng.lognormal(5, 1, (ROWS, 1)))
    return np.minimum(wanted, np.quantile(wanted, np.linspace(0, 1, LEVELS)).astype(int))


def times(rng: np.random.Generator) -> NDArray[np.float64]:
    moments = rng.uniform(0, 3600, (ROWS, 1)) + np.arange(LEVELS)
    return np.where(moments < 900, moments, np.inf)


FIGURES = {
    "served": served,
    "times": times,
    "money": lambda rng: rng.normal(0, 1000, SHAPE),
    "levels alone": lambda rng: np.tile(np.arange(LEVELS) * 1.0, (ROWS, 1)),
    "nothing": lambda rng: np.zeros(SHAPE),
    "both zeros": lambda rng: rng.choice([0.0, -0.0], SHAPE),
    "no number": lambda rng: rng.choice([np.nan, -np.inf, 1e300], SHAPE),
    "counts": lambda rng: rng.integers(-3, 1 << 60, SHAPE),
    "one level": lambda rng: rng.integers(0, 50, (ROWS, 1)) * 1.0,
}


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("name", FIGURES)
def test_what_comes_out_is_what_was_put_in(name: str, layout: str) -> None:
    """With its type and its order in memory, on which the last bit of sums depends."""
    rng = np.random.default_rng(4)
    first, second = (np.array(FIGURES[name](rng), order=layout) for _ in range(2))
    for kept, given in (
        (Packed({"f": first}), first),
        (Packed.joined([Packed({"f": first}), {"f": second}]), np.concatenate([first, second])),
        (Packed({"f": second}).having(Packed({"f": first})), first),
    ):
        found = kept["f"]
        assert (found.dtype, found.tobytes()) == (given.dtype, given.tobytes())
        assert found.flags.f_contiguous == given.flags.f_contiguous or not given.any()


@pytest.mark.parametrize(("name", "part"), [("served", 0.25), ("times", 0.35), ("nothing", 0.02)])
def test_it_takes_little_space(name: str, part: float) -> None:
    rng = np.random.default_rng(4)
    blocks = [FIGURES[name](rng) for _ in range(3)]
    alone = Packed({"f": blocks[0]})
    together = Packed.joined([Packed({"f": block}) for block in blocks])
    assert alone.nbytes <= part * blocks[0].nbytes
    assert together.nbytes <= part * sum(block.nbytes for block in blocks)


def test_what_is_asked_for_often_stays_as_it_is() -> None:
    figure = np.zeros(SHAPE)
    assert Packed({"profit": figure}, whole=["profit"])["profit"] is figure


def test_few_numbers_stay_as_they_are() -> None:
    """Those of a rough answer of hundreds of products are read once, and at once."""
    few = np.zeros((20, 14))
    assert Packed({"f": few})["f"] is few
    many = np.zeros((250, 14))
    assert Packed({"f": many}).nbytes < many.nbytes / 10


@pytest.mark.parametrize("place", [Memory, Scratch])
def test_what_is_put_away_comes_back(place: Callable[[], Place]) -> None:
    """Also to who joins it, or is sent it; the place may be larger than a room of it."""
    rng = np.random.default_rng(4)
    figures = {name: make(rng) for name, make in FIGURES.items()}
    figures["large"] = rng.normal(0, 1000, (5_000, LEVELS))
    there = place()
    away = [Packed.joined([Packed(figures, whole=["money"])], there) for _ in range(2)]
    for kept, times in (
        (away[1], 1),
        (pickle.loads(pickle.dumps(away[1])), 1),
        (Packed.joined(away), 2),
        (Packed.joined(away, there), 2),
    ):
        for name, figure in figures.items():
            assert kept[name].dtype == figure.dtype
            assert kept[name].tobytes() == figure.tobytes() * times
    assert away[0].nbytes >= figures["money"].nbytes


def test_what_is_put_away_leaves_no_holes_in_the_heap() -> None:
    """It lies in memory of its own, however many small things it is."""
    rng = np.random.default_rng(4)
    memory, blocks = Memory(), [Packed({"f": served(rng)}) for _ in range(400)]
    tracemalloc.start()
    away = [Packed.joined([block], memory) for block in blocks]
    taken, _ = tracemalloc.get_traced_memory()  # not of what is mapped
    tracemalloc.stop()
    assert taken < 0.35 * sum(one.nbytes for one in away)  # names, shapes and places of 3 kB each
