"""With what a result was made.

The same scenario and seed give the same bits only with the same versions, on the same kind of
processor; so every result carries both.
"""

from __future__ import annotations

from importlib.metadata import version
from platform import machine, python_version

from livesim.version import __version__


def provenance() -> dict[str, str]:
    """Return the versions and the processor on which figures depend.

    Returns
    -------
    dict of str to str
        Versions of livesim, Python, NumPy, SciPy and SimPy, and the processor with the features
        that NumPy found in it.

    Examples
    --------
    >>> list(provenance())
    ['livesim', 'python', 'numpy', 'scipy', 'simpy', 'processor']
    """
    libraries = {name: version(name) for name in ("numpy", "scipy", "simpy")}
    return {
        "livesim": __version__,
        "python": python_version(),
        **libraries,
        "processor": f"{machine()} {' '.join(_features())}",
    }


def _features() -> list[str]:
    from numpy import show_config

    found = show_config(mode="dicts")
    return sorted(found["SIMD Extensions"].get("found", []))
