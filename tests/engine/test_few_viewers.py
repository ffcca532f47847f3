"""Viewers who are drawn one by one, where nobody is; verification holds them to closed forms."""

from __future__ import annotations

import numpy as np

from livesim.engine.crowd import few_viewers
from livesim.engine.crowd.few_viewers import coming, stays
from livesim.model.rates import Chances


def test_nobody_is_drawn_where_nobody_is() -> None:
    rng = np.random.default_rng(1)
    nobody = np.zeros((2, 1), dtype=np.int64)
    arrivals = coming(rng, nobody, np.array([[0.5, 0.5], [0.0, 1.0]]))
    never = np.zeros((2, 1))
    chances = Chances(never, never, never, nobody, never)
    drawn = stays((rng, rng, rng), chances, (nobody, nobody + 3), arrivals, 1)
    assert [of.sum() for of in drawn] == [0, 0, 6, 0]
    assert few_viewers._waits(rng, np.array([0.0, 1.0]), 7).tolist() == [7, 0]
