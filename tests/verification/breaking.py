"""Ways to break the program: what the mutants are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from checks import Break

import livesim.engine.lockstep
import livesim.experiment.simulating
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates


def patched(where: object, name: str, change: Callable[[Any], object]) -> Break:
    """Replace an attribute by what ``change`` makes of it."""

    def breaks(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(where, name, change(getattr(where, name)))

    return breaks


def scaled(name: str, factor: float) -> Break:
    """Let the hazards of one name be off by a factor, for both engines."""

    def change(rates: Callable[..., Rates]) -> Callable[..., Rates]:
        def broken(*args: object, **kwargs: object) -> Rates:
            found = rates(*args, **kwargs)
            return replace(found, **{name: getattr(found, name) * factor})

        return broken

    return patched(livesim.engine.lockstep, "rates", change)


def misread_screen(**changes: Callable[..., object]) -> Break:
    """Compute the rates from a screen that is wrong, for both engines."""

    def change(rates: Callable[..., Rates]) -> Callable[..., Rates]:
        def broken(inputs, segment, screen, extra) -> Rates:
            wrong = {name: wrong(inputs, screen) for name, wrong in changes.items()}
            return rates(inputs, segment, replace(screen, **wrong), extra)

        return broken

    return patched(livesim.engine.lockstep, "rates", change)


def wrong_inputs(**changes: Callable[[Inputs], object]) -> Break:
    """Give the simulation numbers that are wrong."""

    def change(inputs_of: Callable[..., Inputs]) -> Callable[..., Inputs]:
        def broken(*args: object) -> Inputs:
            found = inputs_of(*args)
            return replace(found, **{name: wrong(found) for name, wrong in changes.items()})

        return broken

    return patched(livesim.experiment.simulating, "inputs_of", change)


def around(where: object, name: str, before: Callable[..., None]) -> Break:
    """Do something before each call of a method, with what it is called with."""

    def change(method: Callable[..., object]) -> Callable[..., object]:
        def broken(self, *args, **kwargs):
            before(self, *args, **kwargs)
            return method(self, *args, **kwargs)

        return broken

    return patched(where, name, change)


def then(where: object, name: str, after: Callable[..., None]) -> Break:
    """Do something after each call of a method, with what it was called with."""

    def change(method: Callable[..., object]) -> Callable[..., object]:
        def broken(self, *args, **kwargs):
            result = method(self, *args, **kwargs)
            after(self, *args, **kwargs)
            return result

        return broken

    return patched(where, name, change)
