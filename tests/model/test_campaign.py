"""Who has heard, and what a mixture of those who have and have not amounts to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from livesim.model.campaign import joint_hazards, joint_trust, reached, told_on

#: Three replications of four groups, some of which are empty; a tenth at least has not heard.
SHARES = np.array([[0.1, 0.2, 0.3, 0.3], [0.0, 0.5, 0.0, 0.1], [0.0, 0.0, 0.0, 0.0]])
PULLS = np.array([[2.0, 1.0, 0.5, 6.0]] * 3)
TRUSTS = np.array([[1.5, 0.6, 1.0, 3.0]] * 3)
HAZARD = np.array([0.02, 0.2, 1.5])


def stays_away(pulls: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    return np.exp(-pulls * hazard[:, None])


def test_posts_that_find_the_same_people_reach_fewer() -> None:
    """Ten posts of a hundred views miss a person as one of a thousand does."""
    one, ten = reached(1_000, 5_000), 1 - (1 - reached(100, 5_000)) ** 10
    assert ten == pytest.approx(one) and one < 0.2
    assert reached(0, 5_000) == 0


@pytest.mark.parametrize("aware", [1e-6, 0.2, 0.999])
def test_word_of_mouth_is_the_logistic_curve(aware: float) -> None:
    """Bass's equation without innovation, integrated numerically."""
    path = solve_ivp(lambda t, a: 0.4 * a * (1 - a), (0, 9), [aware], rtol=1e-10, atol=1e-14)
    assert aware * told_on(aware, 0.4 * 9) == pytest.approx(path.y[0, -1], rel=1e-6)


def test_word_of_mouth_in_two_steps_is_that_in_one() -> None:
    half = 0.1 * told_on(0.1, 0.7)
    assert half * told_on(half, 0.7) == pytest.approx(0.1 * told_on(0.1, 1.4))
    assert told_on(1.0, 3.0) == 1


def test_the_joint_hazards_give_the_turnout_of_the_mixture_at_every_moment() -> None:
    """Hazards of four intervals, of which one is 0; the third replication has not heard."""
    hazards = np.outer([0.1, 0.5, 0.0, 0.4], HAZARD)
    factor = np.array([0.5, 1.0, 2.0])
    joint = joint_hazards(SHARES, PULLS, hazards, factor)
    for end in (1, 2, 3, 4):
        so_far = factor * hazards[:end].sum(axis=0)
        unaware = (1 - SHARES.sum(axis=1)) * np.exp(-so_far)
        away = unaware + (SHARES * stays_away(PULLS, so_far)).sum(axis=1)
        found = np.exp(-factor * joint[:end].sum(axis=0))
        np.testing.assert_allclose(found, away, rtol=1e-12)
    assert (joint[2] == 0).all()
    first, last = joint[0] / hazards[0], joint[3] / hazards[3]
    assert (first[:2] > last[:2] + 1e-3).all(), "those who are pulled most run out first"


def test_the_joint_trust_is_the_mean_of_those_who_come() -> None:
    unaware = 1 - SHARES.sum(axis=1)
    coming = SHARES * (1 - stays_away(PULLS, HAZARD))
    usual = unaware * (1 - np.exp(-HAZARD))
    mean = (usual + (coming * TRUSTS).sum(axis=1)) / (usual + coming.sum(axis=1))
    np.testing.assert_allclose(joint_trust(SHARES, PULLS, TRUSTS, HAZARD), mean, rtol=1e-12)


def test_nobody_pulled_and_nobody_trusting_change_no_bit() -> None:
    ones, hazards, factor = np.ones_like(SHARES), np.outer([0.3, 0.7], HAZARD), HAZARD + 0.5
    assert (joint_hazards(SHARES, ones, hazards, factor) == hazards).all()
    assert (joint_trust(SHARES, PULLS, ones, HAZARD) == 1).all()
    pulled = joint_hazards(SHARES, PULLS, hazards, factor)
    assert (pulled[:, 2] == hazards[:, 2]).all(), "nobody has heard"
    assert (pulled[:, :2] != hazards[:, :2]).all()
    assert joint_trust(SHARES, PULLS, TRUSTS, HAZARD)[2] == 1


def test_where_nobody_comes_nobody_comes() -> None:
    nobody, few = np.zeros((2, 3)), np.full(3, 1e-9)
    np.testing.assert_allclose(joint_hazards(SHARES, PULLS, nobody, np.ones(3)), 0, atol=1e-11)
    np.testing.assert_allclose(
        joint_trust(SHARES, PULLS, TRUSTS, nobody[0]), joint_trust(SHARES, PULLS, TRUSTS, few)
    )


def test_where_everybody_comes_everybody_does() -> None:
    """All have heard and are pulled strongly, so that hardly anybody is left to stay away."""
    hazards = np.array([[0.5] * 3, [np.inf] * 3])
    everybody = SHARES / np.maximum(SHARES.sum(axis=1, keepdims=True), 0.1)
    for shares, pulls in ((SHARES, PULLS), (everybody, PULLS), (everybody, 1_000 * PULLS)):
        joint = joint_hazards(shares, pulls, hazards, np.ones(3))
        assert (joint[0] > 0).all() and np.isfinite(joint[0]).all() and np.isinf(joint[1]).all()
        assert np.isfinite(joint_trust(shares, pulls, TRUSTS, hazards.sum(axis=0))).all()
