"""An explanation as an answer: what makes a figure vary, and where in that a show fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import nan
from typing import TYPE_CHECKING, Any, ClassVar, Final

from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.explaining.region import Region
from livesim.explaining.sobol import Part, Share, Shares
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document, as_document
from livesim.results.figures import Named
from livesim.results.folders import FolderKind
from livesim.results.frames import frame_of
from livesim.results.intervals import Chance, Estimate
from livesim.results.manifest import Manifest
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

#: Where more shows fail than this, failing is the rule [1].
MOST: Final = 0.5


@dataclass(frozen=True)
class Information:
    """What it would be worth to know some of the inputs before the units are bought.

    Parameters
    ----------
    name
        What they have in common: ``products.serum``, ``show``, ``people`` …; a path if it is one.
    paths
        The inputs.
    value
        Profit gained on average (expected value of partial perfect information) [currency].
    """

    name: str
    paths: tuple[str, ...]
    value: Estimate


class ExplanationManifest(Manifest):
    """What an explanation's manifest says for its command to be told again."""

    of: str


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Answer):
    """Why a figure is what it is.

    Parameters
    ----------
    made_from
        The show and the study.
    of
        The path of the figure.
    figure
        It by replication, with the unit.
    inputs
        Every input that was drawn, by path, shape (R,).
    shares
        Which input has which share in its variance.
    chance
        Which share no input explains: the same inputs come to so different figures. None after an
        interrupt.
    repeated
        In how many replications that was seen [1].
    failing
        What counts as failing, as in ``profit < 0``.
    fails
        In which share of shows it comes to that.
    region
        Where in the inputs most shows fail; None if there is no such box, or failing is the rule.
    success_region
        Where failing is the rule: where in the inputs most shows succeed; None if nowhere surely.
    information
        What it would be worth to know inputs beforehand, for a plan, the most valuable first.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.explain(room, replications=100, workers=1)
    >>> found.of, len(found.tables()["inputs"])
    ('profit', 8)
    """

    kind: ClassVar = FolderKind(
        name="explanation",
        command="livesim explain SCENARIO --of FIGURE --out FOLDER",
        again="explain the scenario again",
        manifest=ExplanationManifest,
    )

    made_from: Origin
    of: str
    figure: Named
    inputs: Mapping[str, Floats]
    shares: Shares
    chance: Part | None
    repeated: int
    failing: str
    fails: Chance
    region: Region | None
    success_region: Region | None
    information: tuple[Information, ...]

    @property
    def origin(self) -> Origin:
        """What it was made from."""
        return self.made_from

    @property
    def scenario(self) -> Scenario:
        """The show."""
        return next(iter(self.origin.scenarios.values()))

    @property
    def currency(self) -> str:
        """The currency of the show."""
        return self.scenario.show.currency

    @property
    def mostly_fails(self) -> bool:
        """Whether failing is the rule."""
        return self.fails.chance > MOST

    @property
    def unresolved(self) -> float | None:
        """Share of the variance that is neither chance nor told of one input or of two [1].

        It comes from three inputs and more together, and from what polynomials do not follow; from
        two, too, where ``shares`` does not tell these.
        """
        pairs = self.shares.together
        told = self.shares.alone.value + (pairs.value if pairs else 0.0)
        return None if self.chance is None else 1.0 - self.chance.value - told

    def tables(self) -> dict[str, DataFrame]:
        """Return ``inputs``, a row an input, ``parts``, and of a plan ``information``."""
        shares = self.shares
        every = {"alone": shares.alone, "together": shares.together, "chance": self.chance}
        parts = {name: part for name, part in every.items() if part is not None}
        found = {
            "inputs": frame_of([_row(share) for share in self.shares.inputs]),
            "parts": frame_of([{"part": name, **part.as_dict()} for name, part in parts.items()]),
        }
        if self.information:
            found["information"] = frame_of(
                [
                    {"name": one.name, "value": one.value.mean, "low": low, "high": high}
                    for one in self.information
                    for low, high in [one.value.mean_interval or (None, None)]
                ]
            )
        return found

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        yield self.of, self.figure.values
        yield from self.inputs.items()

    def _kept(self) -> Document:
        return {"of": self.of}

    def _body(self) -> Document:
        return {
            "of": self.of,
            "unit": self.figure.unit,
            "inputs": [
                {
                    "path": share.path,
                    "first": share.first.as_dict(),
                    "total": None if share.total is None else share.total.as_dict(),
                    "rises": share.rises,
                }
                for share in self.shares.inputs
            ],
            "alone": self.shares.alone.as_dict(),
            "together": None if self.shares.together is None else self.shares.together.as_dict(),
            "chance": None if self.chance is None else self.chance.as_dict(),
            "unresolved": self.unresolved,
            "repeated": self.repeated,
            "failing": self.failing,
            "fails": asdict(self.fails),
            "region": None if self.region is None else asdict(self.region),
            "success_region": None if self.success_region is None else asdict(self.success_region),
            "information": [as_document(one) for one in self.information],
        }


#: A part that is not told apart, as numbers.
_UNTOLD: Final = Part(nan, nan, nan)


def _row(share: Share) -> dict[str, Any]:
    """Return the row of an input in the table."""
    return {
        "path": share.path,
        **{f"first_{name}": value for name, value in asdict(share.first).items()},
        **{f"total_{name}": value for name, value in asdict(share.total or _UNTOLD).items()},
        "rises": share.rises,
    }
