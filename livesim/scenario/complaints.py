"""What the YAML library complains of, in a planner's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a complaint of the library means to a planner.

    The complaint is known by a fragment of it; `points_at` says which of its two places helps:
    where reading stopped, or where the construct began.
    """

    fragment: str
    what: str
    remedy: str
    points_at: str = "end"


QUOTE_IT = "put the value in quotes"
EXPLANATIONS = (
    Explanation(
        r"found character '\t'",
        "a tab stands where only spaces may",
        "YAML indents by spaces alone: write two for each tab, here and in all other lines "
        "(most editors can replace all of them at once)",
    ),
    Explanation(
        "cannot start any token",
        "YAML keeps this character for itself: no value may start with it",
        QUOTE_IT,
    ),
    Explanation(
        "mapping values are not allowed",
        "a `:` that cannot stand here",
        "put text that contains `: ` in quotes; if this is a name, align it with its neighbours",
    ),
    Explanation(
        "could not find expected ':'",
        "a name without its `:`",
        "write `name: value`; if it continues the text above, indent it more than that line",
        points_at="start",
    ),
    Explanation(
        "while scanning a quoted scalar",
        "the quotation mark that opens here is never closed",
        "close it with the same mark",
        points_at="start",
    ),
    Explanation(
        "while scanning a double-quoted scalar",
        "a backslash in double quotes, followed by what it cannot be followed by",
        "use single quotes, or write the backslash twice",
    ),
    Explanation(
        "expected ',' or",
        "the bracket that opens here is not closed, or a comma is missing inside it",
        "separate its entries by commas and close it: {a: 1, b: 2} or [1, 2]",
        points_at="start",
    ),
    Explanation(
        "sequence entries are not allowed",
        "a `- ` that cannot stand here",
        "start each entry of a list on a line of its own, or write [a, b]",
    ),
    Explanation("mapping keys are not allowed", "a `?` that cannot stand here", QUOTE_IT),
    Explanation(
        "while scanning a block scalar",
        "`|` and `>` announce lines of text, and only a line end may follow them",
        QUOTE_IT,
        points_at="start",
    ),
    Explanation(
        "while scanning an a",  # an alias, an anchor
        "`&` and `*` announce the name of a YAML reference, of letters a to z, digits, - and _",
        QUOTE_IT,
        points_at="start",
    ),
    Explanation(
        "directive",
        "a line that starts with `%` instructs the reader of the file, and this one is unknown",
        "delete the line, or put the value in quotes",
        points_at="start",
    ),
    Explanation(
        "tag",
        "`!` announces a YAML tag, and this is none that a scenario may have",
        QUOTE_IT,
        points_at="start",
    ),
    Explanation(
        "expected the node content",
        "a value is missing here",
        "write one; text that starts with a bracket, a comma or a dash goes in quotes",
    ),
    Explanation(
        "but found",  # expected <block end> or <document start>
        "this does not fit to what stands above it",
        "give names of one level the same indentation; look for a bracket or a quotation mark too "
        "many, or one that is not closed; put a value with quotes inside wholly in quotes",
    ),
)
