"""The scenario: one show, read from what a planner wrote, and changed by its paths.

What it consists of stands in :mod:`~livesim.scenario.parts`, what it must respect in
:mod:`~livesim.scenario.checks`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from livesim.scenario.checks import show_findings
from livesim.scenario.document import Document
from livesim.scenario.fields import fields_at
from livesim.scenario.parts import Whole
from livesim.scenario.paths import get, replaced, split_path
from livesim.scenario.reading import read, refuse
from livesim.scenario.shorthand import data_written_out
from livesim.scenario.sources import changed_paths, plain, refuse_drawn


def _there(names: Sequence[str], data: Mapping[str, Any], value: object) -> int:
    """Return how many names of a path must be there, so that its end can be changed.

    Parts that the model knows and a show goes without can be written with the change: the first
    of them need not be there, nor what is in it.
    """
    for depth, name in enumerate(names):
        if not isinstance(data, Mapping):  # nothing can be inside, which is told when it is set
            return depth
        if name not in data and name in fields_at(Scenario, names[:depth]):
            return depth
        data = data.get(name, {})
    return len(names) if value is None else len(names) - 1


class Scenario(Whole):
    """One show, with everything explicit.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> scenario.products["serum"].owned
    50
    >>> scenario.with_changes({"products.serum.owned": 80}).products["serum"].owned
    80
    """

    def to_data(self) -> dict[str, Any]:
        """Return the scenario as plain data, in a planner's notation, without what is absent."""
        return self.model_dump(exclude_none=True)

    @classmethod
    def from_data(cls, data: Mapping[str, Any], document: Document | None = None) -> Scenario:
        """Build a scenario from plain data in which everything is explicit.

        Parameters
        ----------
        data
            Plain data in a planner's notation.
        document
            The file that it comes from, for the places of mistakes.

        Raises
        ------
        ScenarioError
            With every mistake in the data.
        """
        scenario = read(cls, data_written_out(plain(data)), document)
        refuse(show_findings(scenario), document)
        return scenario

    def with_changes(self, changes: Mapping[str, Any]) -> Scenario:
        """Return this scenario with some values changed and everything else as it is.

        Parameters
        ----------
        changes
            Path → value, in the notation of a file: ``{"products.serum.owned": "1_200"}``. None
            takes away what is there: ``{"people.kim": None}``. A row of a result's inputs does not
            belong here: it is what was drawn, and ``livesim.simulate(scenario, inputs=row)``
            simulates it. In a file a drawn forecast error would be an error no more, so that
            nothing is centred: another show. A row is refused where it is seen to be one, by
            errors with more than three digits; rounded to fewer it is what somebody writes.

        Raises
        ------
        ScenarioError
            If a path leads nowhere or a value does not fit.
        UsageError
            If these are no changes, or a row of a result's inputs.

        Notes
        -----
        What was derived from a file stays as it was, too: stays that meet its ``watch_time``, and
        arrivals that meet its ``peak``, do so at the refresh that they were derived for. Viewers
        leave when they look, so with a longer ``show.refresh`` alone they stay longer. To meet the
        file's numbers at another refresh, change it as the file is read:
        ``livesim.load(file, {"show.refresh": "30s"})``, or ``--set`` of a command.

        Examples
        --------
        >>> import livesim
        >>> scenario = livesim.load("scenarios/viya_kim_perfume.yaml")
        >>> bigger = scenario.with_changes({"products.kkw_perfume.owned": 40_000})
        >>> bigger.products["kkw_perfume"].owned
        40000
        """
        data: Mapping[str, Any] = self.to_data()
        changed = changed_paths(changes)
        for path, value in changed.items():
            names = split_path(path)
            get(data, names[: _there(names, data, value)])
            data = replaced(data, names, value)
        scenario = self.from_data(data)
        refuse_drawn(changed, scenario.uncertain)
        return scenario

    @property
    def only_gifts(self) -> frozenset[str]:
        """The products that come with orders as gifts, and that no slot sells."""
        gifts = {one.gift.product.partition(".")[0] for one in self.products.values() if one.gift}
        if not gifts:
            return frozenset()
        return frozenset(gifts.difference(*(slot.sells for slot in self.rundown.values())))

    @property
    def digest(self) -> str:
        """Fingerprint of everything in the scenario: equal scenarios have equal digests."""
        text = json.dumps(self.to_data(), ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
