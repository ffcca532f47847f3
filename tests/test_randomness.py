"""Streams: the scheme is fixed, names are independent, strata are exact.

Statistical checks use a fixed seed, so they cannot fail at random; the stated rate is the chance
that a sound change of the scheme (another hash, another generator) would make the check fail once.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtrc, ndtri
from scipy.stats import kstest

from livesim.errors import UsageError
from livesim.randomness import (
    BATCH,
    BATCHES_PER_BLOCK,
    BLOCK,
    generator,
    latin_hypercube,
    scalar,
)

FALSE_ALARM = 1e-6

addresses = st.lists(st.text(max_size=4) | st.integers(-20, 20), max_size=4).map(tuple)
seeds = st.integers(0, 2**130)


def raw(stream: np.random.Generator, size: int = 3) -> list[int]:
    return [int(word) for word in stream.bit_generator.random_raw(size)]


# --- The scheme is fixed -------------------------------------------------------------------------
# Raw words of the bit generators, which NumPy promises to keep; the order of strata it only rarely
# changes. If one of these fails, so will every baseline: that is a decision, not a repair.


def test_generator_keeps_its_scheme() -> None:
    assert raw(generator(0, "main", "fans", "leave", 3)) == [
        6590349577515935990,
        1233905997578197874,
        9291228468724858364,
    ]


def test_scalar_keeps_its_scheme() -> None:
    stream = scalar(0, "main", "fans", 3)
    assert [stream.getrandbits(32) for _ in range(3)] == [3644701988, 3509170904, 2259990074]


def test_latin_hypercube_keeps_its_scheme() -> None:
    strata = np.floor(latin_hypercube(0, "show.appeal", 0)[:8] * BATCH).astype(int)
    assert strata.tolist() == [15, 43, 0, 33, 20, 22, 29, 19]


def test_block_is_whole_batches() -> None:
    assert (BATCH, BATCHES_PER_BLOCK, BLOCK) == (50, 5, 250)


# --- Addresses -----------------------------------------------------------------------------------


@given(seeds, addresses)
def test_same_address_same_stream(seed: int, address: tuple[str | int, ...]) -> None:
    assert raw(generator(seed, *address)) == raw(generator(seed, *address))
    assert scalar(seed, *address).random() == scalar(seed, *address).random()


@given(seeds, addresses, seeds, addresses)
def test_other_address_other_stream(
    seed: int, address: tuple[str | int, ...], other_seed: int, other: tuple[str | int, ...]
) -> None:
    same = (seed, address) == (other_seed, other)
    assert (raw(generator(seed, *address)) == raw(generator(other_seed, *other))) == same
    assert (scalar(seed, *address).random() == scalar(other_seed, *other).random()) == same


def test_parts_of_an_address_are_kept_apart() -> None:
    alike = [
        ("a", "b"), ("ab",), ("ab", ""), ("", "ab"), ("a/b",), ("a.b",), ("s1:a", "b"), ("as1:b",),
        (1, 1), (11,), (1, "1"), ("1", 1), ("11",), ("i1:1",), ("a", "s1:b"), ("as1:b", ""),
    ]  # fmt: skip
    assert len({tuple(raw(generator(0, *address))) for address in alike}) == len(alike)
    assert raw(generator(1)) != raw(generator(0, 1))
    assert raw(generator(1, 2)) != raw(generator(12))


def test_zero_is_a_seed_of_its_own() -> None:
    seeds = (0, 1, 2**64, 2**64 + 1, 2**128)
    assert len({tuple(raw(generator(seed, "x"))) for seed in seeds}) == 5


@pytest.mark.parametrize("seed", [-1, True, False, 1.0, "1", None])
def test_what_is_not_a_seed_is_refused(seed: object) -> None:
    for make in (generator, scalar):
        with pytest.raises(UsageError, match="seed"):
            make(seed, "x")  # type: ignore[operator]
    with pytest.raises(UsageError, match="seed"):
        latin_hypercube(seed, "x", 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [True, 1.0, None, b"x", ("x",)])
def test_what_is_not_a_part_of_an_address_is_refused(part: object) -> None:
    with pytest.raises(UsageError, match="address"):
        generator(0, "x", part)  # type: ignore[arg-type]


def test_streams_do_not_take_from_one_another() -> None:
    alone = generator(3, "a").random(100)
    first, second = generator(3, "a"), generator(3, "b")
    mixed = []
    for _ in range(100):
        mixed.append(first.random())
        second.random(7)
    assert mixed == alone.tolist()


def test_neighbouring_streams_are_uncorrelated() -> None:
    """Correlations over 10,000 draws: some |z| too large in 1e-6; catches 0.07."""
    streams = [generator(seed, "x", k).random(10_000) for seed in (0, 1) for k in (0, 1)]
    correlations = np.corrcoef(streams)[np.triu_indices(4, k=1)]
    assert np.abs(correlations * np.sqrt(10_000)).max() < -ndtri(FALSE_ALARM / 2 / 6)


# --- Latin hypercube -----------------------------------------------------------------------------


@given(seeds, st.text(max_size=10), st.integers(0, 10**6))
def test_each_batch_has_one_value_in_each_stratum(seed: int, path: str, block: int) -> None:
    values = latin_hypercube(seed, path, block)
    assert values.shape == (BLOCK,)
    assert values.dtype == np.float64
    strata = np.floor(values * BATCH).reshape(BATCHES_PER_BLOCK, BATCH)
    assert (np.sort(strata, axis=1) == np.arange(BATCH)).all()


@pytest.mark.parametrize("cell", ["lowest", "highest"])
def test_extremes_lie_strictly_inside(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest and the highest draw that can come, forced: at 0 or 1 the inverse is infinite."""

    class Extreme:
        def permuted(self, x: np.ndarray, axis: int) -> np.ndarray:
            return x

        def integers(self, high: int, size: int) -> np.ndarray:
            return np.full(size, 0 if cell == "lowest" else high - 1)

    monkeypatch.setattr("livesim.randomness.generator", lambda *_: Extreme())
    values = latin_hypercube(0, "x", 0)
    assert 0 < values.min() < values.max() < 1
    assert np.abs(ndtri(values)).max() < 8.21
    first = values[:BATCH]
    edge = np.arange(BATCH) / BATCH if cell == "lowest" else np.arange(1, BATCH + 1) / BATCH
    np.testing.assert_allclose(first, edge, atol=1e-15, rtol=0)


def test_batches_of_a_block_are_independent_of_one_another() -> None:
    """Means of 2,000 batches have variance 1/(12·50³): false alarm 2e-6; catches 25 % more.

    Batches that repeat or mirror each other pass that, and fail the correlation of neighbours.
    """
    values = np.array([latin_hypercube(0, "x", block) for block in range(400)])
    means = values.reshape(400, BATCHES_PER_BLOCK, BATCH).mean(axis=2)
    statistic = ((means - 0.5) ** 2).sum() * 12 * BATCH**3
    assert FALSE_ALARM < chdtrc(means.size, statistic) < 1 - FALSE_ALARM
    within = np.corrcoef(means.T)[np.triu_indices(BATCHES_PER_BLOCK, k=1)]
    assert np.abs(within).max() * np.sqrt(400) < -ndtri(FALSE_ALARM / 2 / within.size)


def test_position_in_a_batch_tells_nothing_of_the_stratum() -> None:
    """Chi-square of stratum by position over 2,000 batches: false alarm 1e-6.

    Catches an order that is left unshuffled in 1 batch of 100.
    """
    values = np.array([latin_hypercube(0, "x", block) for block in range(400)]).reshape(-1, BATCH)
    strata = np.floor(values * BATCH).astype(int)
    counts = np.zeros((BATCH, BATCH))
    np.add.at(counts, (np.broadcast_to(np.arange(BATCH), strata.shape), strata), 1)
    expected = len(values) / BATCH
    # Rows and columns both sum to the number of batches: (50 − 1)² degrees of freedom, and the
    # counts of a permutation vary by 50/49 more than independent ones.
    statistic = ((counts - expected) ** 2 / expected).sum() * (BATCH - 1) / BATCH
    assert chdtrc((BATCH - 1) ** 2, statistic) > FALSE_ALARM


def test_values_within_their_strata_are_uniform() -> None:
    """Kolmogorov–Smirnov over 25,000 places: false alarm 1e-6; catches a shift of 0.02."""
    places = np.concatenate([latin_hypercube(0, "x", block) for block in range(100)]) * BATCH % 1
    assert kstest(places, "uniform").pvalue > FALSE_ALARM


def test_quantities_are_independent() -> None:
    """Correlation of two paths over 25,000 replications: false alarm 1e-6; catches 0.04.

    Stratifying both makes the correlation of their orders vary as if they were plain draws.
    """
    one, other = (
        np.concatenate([latin_hypercube(0, path, block) for block in range(100)])
        for path in ("show.appeal", "show.turnout_factor")
    )
    correlation = np.corrcoef(one, other)[0, 1]
    assert abs(correlation) * np.sqrt(one.size) < -ndtri(FALSE_ALARM / 2)


def test_another_quantity_moves_no_other() -> None:
    before = latin_hypercube(0, "products.serum.conversion", 0)
    latin_hypercube(0, "products.new.conversion", 0)
    generator(0, "latin hypercube").random(1000)
    assert (latin_hypercube(0, "products.serum.conversion", 0) == before).all()


def test_blocks_and_seeds_differ() -> None:
    streams = [latin_hypercube(seed, "x", block) for seed in (0, 1) for block in (0, 1)]
    assert len({values.tobytes() for values in streams}) == 4
