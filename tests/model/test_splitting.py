"""Whole units split by shares: every unit in one part, and none shrinks as the units grow."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.model.splitting import split, split_waves


@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.5], [1 / 3] * 3, [0.1] * 10, [0.7, 0.0, 0.3]])
def test_parts_add_up_to_the_whole_at_every_level(shares: list[float]) -> None:
    levels = np.array([*range(60), 999_999, 10**15])
    parts = split(levels, shares)
    assert (parts.sum(axis=0) == levels).all()
    assert (parts >= 0).all()
    assert (np.abs(parts - np.outer(shares, levels.astype(float))) <= 1.0).all()
    assert (np.diff(parts, axis=1) >= 0).all()


def test_waves_add_up_to_what_is_owned_of_each_variant() -> None:
    owned = split(np.arange(200), [0.63, 0.37])
    waves = split_waves(owned, [0.6, 0.3, 0.1])
    assert len(waves) == 3
    assert (np.sum(waves, axis=0) == owned).all()
    assert split_waves(owned, []) == []
