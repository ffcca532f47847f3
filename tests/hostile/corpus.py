r"""The corpus: files with one fault each, and what livesim says to each of them, word for word.

`corpus.txt` holds, for each fault, its name, what of `gala.yaml` is replaced (-) by what (+), and
what is said (>). There \n is a line end, \t a tab, \uXXXX a character that cannot be seen.

`python tests/hostile/corpus.py` writes anew what is said: read the difference as a planner would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from livesim.errors import HIDDEN, ScenarioError
from livesim.resolve import alternatives, resolve
from livesim.scenario.document import parse_document
from livesim.scenario.including import with_includes

HERE: Final = Path(__file__).parent
GALA: Final = (HERE / "gala.yaml").read_text("utf-8")
FILE: Final = HERE / "corpus.txt"
_ESCAPE: Final = re.compile(r"\\(?:([nt\\])|u([0-9a-f]{4}))")
_SIGNS: Final = {"n": "\n", "t": "\t", "\\": "\\"}


@dataclass(frozen=True)
class Fault:
    """A sound file with one fault, and what is said to it."""

    name: str
    right: str
    wrong: str
    said: str

    @property
    def text(self) -> str:
        """The file."""
        assert GALA.count(self.right) >= 1, f"{self.name}: {self.right!r} is not in gala.yaml"
        return GALA.replace(self.right, self.wrong, 1)


def said_to(text: str) -> str:
    """Return what livesim says to a file, empty if it can be read."""
    try:
        document = parse_document(text, "gala.yaml")
        for alternative in alternatives(document) or (None,):
            resolve(with_includes(document, alternative))
    except ScenarioError as error:
        return str(error)
    return ""


def faults() -> Iterator[Fault]:
    """Yield the faults of the corpus."""
    for block in FILE.read_text("utf-8").strip().split("\n\n"):
        name, right, wrong, *said = block.split("\n")
        lines = (line[2:] for line in said)
        yield Fault(name, _read(right[2:]), _read(wrong[2:]), "\n".join(lines))


def _read(text: str) -> str:
    def sign(found: re.Match[str]) -> str:
        return _SIGNS[found[1]] if found[1] else chr(int(found[2], 16))

    return _ESCAPE.sub(sign, text)


def _written(text: str) -> str:
    for sign, character in reversed(_SIGNS.items()):
        text = text.replace(character, f"\\{sign}")
    return re.sub(rf"{HIDDEN.pattern}|\xa0", lambda found: f"\\u{ord(found[0]):04x}", text)


def block(fault: Fault) -> str:
    """Return a fault as it stands in the file."""
    said = [f"> {line}".rstrip() for line in fault.said.split("\n")]
    return "\n".join(
        [fault.name, f"- {_written(fault.right)}", f"+ {_written(fault.wrong)}", *said]
    )


def main() -> None:
    """Write anew what is said."""
    told = [replace(fault, said=said_to(fault.text)) for fault in faults()]
    FILE.write_text("\n\n".join(map(block, told)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
