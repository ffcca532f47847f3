"""Random streams that are addressed by name, never by position.

Whoever needs randomness says for what: the study's seed, then names (a room, a segment, an act, the
dotted path of a quantity, a block). The same address always gives the same stream, and other
addresses take nothing from it; so a new product, a further worker or another order of work changes
no draw elsewhere, and two scenarios that differ in one thing share all other random numbers.

Everything random in livesim comes from here, in one of three forms: a generator for arrays of draws
(`generator`), one for draws that are made one by one (`scalar`), and stratified uniforms for what
is drawn once a replication (`latin_hypercube`).
"""

from hashlib import blake2b
from random import Random as Random

import numpy as np
import numpy.typing as npt

from livesim.errors import UsageError

BATCH = 50
"""Replications in a Latin-hypercube batch: the unit of which means are independent."""

BATCHES_PER_BLOCK = 5

BLOCK = BATCH * BATCHES_PER_BLOCK
"""Replications that are simulated together: the unit of work, of storing and of extending."""

_CELLS = 2**46
"""Values that a draw can take within its stratum.

The most, as a power of two, for which the middles of all BATCH × _CELLS cells are exact in a
float's 53 bits.
"""


def generator(seed: int, *address: str | int) -> np.random.Generator:
    """Return the generator of one address, at the start of its stream.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or greater.
    *address : str or int
        Names and numbers that say what the draws are for. Parts are kept apart, and a number is not
        its digits: ``("a", "b")``, ``("ab",)``, ``(1,)`` and ``("1",)`` are four streams.

    Returns
    -------
    numpy.random.Generator
        PCG64DXSM, seeded with a 128-bit BLAKE2b digest of seed and address.

    Raises
    ------
    UsageError
        If the seed is not an integer of 0 or greater, or a part of the address neither text nor
        integer.

    Examples
    --------
    >>> leaving = generator(0, "main room", "fans", "leave", 3)
    >>> again = generator(0, "main room", "fans", "leave", 3)
    >>> bool(leaving.random() == again.random())
    True
    """
    entropy = int.from_bytes(_digest(seed, address), "little")
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(entropy)))


def scalar(seed: int, *address: str | int) -> Random:
    """Return the generator of one address for draws that are made one by one.

    A single draw costs about 0.1 µs, a tenth of one from NumPy (measured).

    Parameters
    ----------
    seed, *address
        As in `generator`.

    Returns
    -------
    random.Random
        Python's Mersenne Twister, seeded with a 128-bit BLAKE2b digest of seed and address.

    Raises
    ------
    UsageError
        As in `generator`.

    Examples
    --------
    >>> scalar(0, "main room", "fans", 17).random() == scalar(0, "main room", "fans", 17).random()
    True
    """
    return Random(int.from_bytes(_digest(seed, address), "little"))


def latin_hypercube(seed: int, path: str, block: int) -> npt.NDArray[np.float64]:
    """Return one block's stratified uniforms for one uncertain quantity.

    Each batch of 50 has exactly one value in each of 50 equal strata, in random order (McKay,
    Beckman and Conover 1979, doi 10.1080/00401706.1979.10489755). Batches are independent of one
    another, and so are quantities.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or greater.
    path : str
        Dotted path of the quantity in the scenario, such as ``products.serum.conversion``.
    block : int
        Number of the block.

    Returns
    -------
    numpy.ndarray of shape (R,), R = 250
        Uniforms [1], batch after batch, strictly inside (0, 1): at most 8.21 standard deviations
        from the middle when turned into a normal quantity.

    Raises
    ------
    UsageError
        As in `generator`.

    Examples
    --------
    >>> values = latin_hypercube(0, "show.appeal", block=0)
    >>> [int(stratum) for stratum in sorted(values[:50] * 50)] == list(range(50))
    True
    """
    stream = generator(seed, "latin hypercube", path, block)
    strata = stream.permuted(np.tile(np.arange(BATCH), (BATCHES_PER_BLOCK, 1)), axis=1).ravel()
    cells = stream.integers(_CELLS, size=BLOCK)
    return (strata * _CELLS + cells + 0.5) / (BATCH * _CELLS)


def checked_seed(seed: object) -> int:
    """Return a study's seed as an integer of Python's own.

    Parameters
    ----------
    seed
        An integer of 0 or greater, NumPy's included.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> checked_seed(np.int64(7))
    7
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UsageError(f"a seed is an integer of 0 or greater, not {seed!r}")
    return int(seed)


def _digest(seed: int, address: tuple[str | int, ...]) -> bytes:
    whole = checked_seed(seed)
    return blake2b(b"".join(map(_encoded, (whole, *address))), digest_size=16).digest()


def _encoded(part: str | int) -> bytes:
    # Kind and length go before the text, so that no two addresses have the same bytes.
    if isinstance(part, str):
        kind, text = b"s", part.encode()
    elif type(part) is int:
        kind, text = b"i", b"%d" % part
    else:
        raise UsageError(f"a part of a stream's address is text or an integer, not {part!r}")
    return b"%s%d:%s" % (kind, len(text), text)
