"""The YAML door: exact data, exact places, all mistakes, and no way to hurt."""

import math
import re
from itertools import count
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import livesim
from livesim.errors import ScenarioError, UsageError
from livesim.scenario import document
from livesim.scenario.core_schema import MAX_NAME, MAX_NUMBER
from livesim.scenario.document import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_MISTAKES,
    MAX_NODES,
    MAX_TAG,
    Place,
    parse_document,
    parse_value,
    read_document,
)
from livesim.scenario.writing import write_yaml


def mistakes(text):
    with pytest.raises(ScenarioError) as caught:
        parse_document(text, "gala.yaml")
    return caught.value.mistakes


def mistake(text):
    (only,) = mistakes(text)
    return only


# What a text means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, word) for word in ("no", "No", "yes", "on", "off", "y", "n", "NO")],
        *[(word, word) for word in ("20:00", "1:30:00", "2019-11-06", "15_000", "1_000.5")],
        *[
            (word, word)
            for word in ("tRUE", "nULL", "25k", "45%", "1h30m", "0b1", "0O7", "1e", ".")
        ],
        *[(word, word) for word in ("+0x1f", "-.nan", "inf", "nan", "1.2.3", "1,000", "٣", "=")],
        *[(word, None) for word in ("", "~", "null", "Null", "NULL")],
        *[(word, True) for word in ("true", "True", "TRUE")],
        *[(word, False) for word in ("false", "False", "FALSE")],
        *[("12", 12), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31), ("0o17", 15), ("-0", 0)],
        *[("12.5", 12.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("-1.5E-3", -0.0015)],
        *[(".inf", math.inf), ("+.INF", math.inf), ("-.inf", -math.inf)],
        *[("'12'", "12"), ('"null"', "null"), ('""', ""), ("'it''s'", "it's"), ('"a\\nb"', "a\nb")],
        *[("!!str 12", "12"), ("!!int '3'", 3), ("!!float 1", 1.0), ("!!bool true", True)],
        *[("!!null ''", None), ("!!seq [1]", [1]), ("!!map {a: 1}", {"a": 1}), ("!!str", "")],
    ],
)
def test_scalars_follow_the_core_schema(text, value):
    found = parse_document(f"a: {text}\n").data["a"]
    assert found == value
    assert isinstance(found, type(value))


def test_not_a_number_is_a_float():
    assert math.isnan(parse_document("a: .nan").data["a"])


def test_block_scalars_are_text():
    assert parse_document("a: |\n  12\n  13\nb: >\n  12\n").data == {"a": "12\n13\n", "b": "12\n"}


def test_names_are_the_text_as_written():
    text = "1: a\n0x10: b\nnull: c\n1.50: d\n'2': e\ntrue: {no: f}\n? explicit\n: g\n!!str t: h\n"
    assert parse_document(text).data == {
        "1": "a", "0x10": "b", "null": "c", "1.50": "d", "2": "e", "true": {"no": "f"},
        "explicit": "g", "t": "h",
    }  # fmt: skip


def test_windows_line_ends_a_byte_order_mark_and_a_version_line_are_read():
    assert parse_document("\ufeffa: 1\r\nb: x\r\n").data == {"a": 1, "b": "x"}
    assert parse_document("%YAML 1.2\n---\na: 1\n...\n").data == {"a": 1}


def test_an_alias_is_a_copy_of_what_it_stands_for():
    data = parse_document("a: &x {b: [1, &y 2]}\nc: *x\nd: *y\n").data
    assert data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 2}
    data["c"]["b"].append(3)
    assert data["a"] == {"b": [1, 2]}


def test_one_value_is_read_as_after_a_colon():
    assert parse_value("{p10: 1, likely: 2, p90: 3}") == {"p10": 1, "likely": 2, "p90": 3}
    assert parse_value("20:00") == "20:00"
    assert parse_value("15_000") == "15_000"
    assert parse_value("[a, 1]") == ["a", 1]
    assert parse_value("~") is None


# Where it stands ---------------------------------------------------------------------------------

GALA = """\
# A comment
show:
  length: 2h
people:
  kim: {fit: {kim_fan: 0.8}}
rundown:
  - sells: [serum, cream]
  - sells: cream
copy: &c {a: 1}
again: *c
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 2, 1),
        (("show",), 2, 1),
        (("show", "length"), 3, 3),
        (("show", "currency"), 2, 1),
        (("deal", "fee"), 2, 1),
        (("people", "kim", "fit", "kim_fan"), 5, 15),
        (("rundown", 0), 7, 5),
        (("rundown", 0, "sells"), 7, 5),
        (("rundown", 0, "sells", 1), 7, 20),
        (("rundown", 1, "price"), 8, 5),
        (("again",), 10, 1),
        (("again", "a"), 9, 11),
    ],
)
def test_a_path_is_placed_at_its_name_or_its_nearest_ancestor(path, line, column):
    assert parse_document(GALA).place(path) == Place(line, column)


def test_a_mistake_points_into_the_file():
    found = parse_document(GALA, "scenarios/gala.yaml").mistake(
        ("people", "kim", "fit", "kim_fan"), "no audience segment is called kim_fan", "known: x"
    )
    assert str(found) == (
        "scenarios/gala.yaml:5:15  people.kim.fit.kim_fan\n"
        "  no audience segment is called kim_fan\n"
        "  known: x"
    )


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a:\n\tb: 1", 2, 1, "a tab"),
        ("a: b: c", 1, 5, "a `:` that cannot stand here"),
        ("a: 1\n  b: 2", 2, 4, "a `:` that cannot stand here"),
        ("a: 1\nb\nc: 2", 2, 1, "a name without its `:`"),
        ("a:\n  b: 1\n c: 2", 3, 2, "does not fit to what stands above"),
        ('a: "x" y', 1, 8, "does not fit to what stands above"),
        ("a: *** SALE ***", 1, 4, "`&` and `*` announce"),
        ('a: 1\nb: "x\nc: 1\n', 2, 4, "never closed"),
        ("b: 'x\n", 1, 4, "never closed"),
        ("a: @kim", 1, 4, "YAML keeps this character"),
        ("a: {b: 1\nc: 2", 1, 4, "bracket that opens here"),
        ("a: [1, 2", 1, 4, "bracket that opens here"),
        ("a: [1}", 1, 4, "bracket that opens here"),
        ("a: }", 1, 4, "a value is missing"),
        ('a: "C:\\dir"', 1, 8, "backslash"),
        ('a: "\\xzz"', 1, 7, "backslash"),
        ('a: "\\ud800"', 1, 4, "half a character"),
        ("a: - b", 1, 4, "a `- ` that cannot stand here"),
        ("a: ?", 1, 4, "a `?` that cannot stand here"),
        ("a: > b", 1, 4, "only a line end may follow"),
        ("a: & b", 1, 4, "YAML reference"),
        ("a: !x!y z", 1, 4, "`!` announces a YAML tag"),
        ("% FOO", 1, 1, "instructs the reader"),
        ("a: 1\nb: \x07", 2, 4, "control character (U+0007)"),
        ("[a]: 1", 1, 1, "where a name should be"),
        ("? {a: 1}\n: 1", 1, 3, "where a name should be"),
        ("a: 1\n---\nb: 1", 2, 1, "second document"),
        ("%YAML 1.1\n---\na: no", 1, 1, "another YAML"),
        ("a: *b", 1, 4, "no anchor &b"),
        ("a: &b [*b]", 1, 8, "inside the value that it stands for"),
        ("a: &b 1\nc: &b 2", 2, 4, "anchor &b is given twice"),
        ("- a", 1, 1, "this is a list"),
        ("a", 1, 1, "the single value a"),
        ("a: !!int x", 1, 4, "not what its tag !!int says"),
        ("a: !!bool 1", 1, 4, "not what its tag !!bool says"),
        ("a: !!map [1]", 1, 4, "tag !!map is not allowed"),
        ("a: !!seq 1", 1, 4, "tag !!seq is not allowed"),
        ("a: !!set {b}", 1, 4, "tag !!set is not allowed"),
        ("a: !!timestamp 2001-01-01", 1, 4, "tag !!timestamp is not allowed"),
        ("a: !!python/object/apply:os.system [x]", 1, 4, "tag !!python/object/apply:os.system is"),
        ("a: !important x", 1, 4, "tag !important is not allowed"),
        ("a: !<str> 1", 1, 4, "tag str is not allowed"),
        ("a: ! 12", 1, 4, "tag ! is not allowed"),
        ("!x a: 1", 1, 1, "tag !x is not allowed"),
        ("%TAG !! tag:evil,2020:\n---\na: !!str 1", 3, 4, "tag tag:evil,2020:str is not allowed"),
        ("base: &b {x: 1}\na:\n  <<: *b\n  y: 1", 3, 3, "merging with `<<`"),
        ("a: 1e400", 1, 4, "too large"),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_with_its_place_and_a_remedy(text, line, column, what):
    found = mistake(text)
    assert what in found.what
    assert (found.file, found.line, found.column) == ("gala.yaml", line, column)
    assert found.remedy


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "{p10: 1,000, likely: 2,000, p90: 3,000}",
            {"p10": "1,000", "likely": "2,000", "p90": "3,000"},
        ),
        ("{b: 1,5}", {"b": "1,5"}),
        ("{b: -12,345.5, c: 1}", {"b": "-12,345.5", "c": 1}),
        ("{a: 10,000-15,000, b: 1,000–2k}", {"a": "10,000-15,000", "b": "1,000–2k"}),
        ("{a: 1,5万, b: 2}", {"a": "1,5万", "b": 2}),
        ("{b: 1,000,000, c: {d: 2,500}}", {"b": "1,000,000", "c": {"d": "2,500"}}),
        ("[1,000, 2]", ["1,000", 2]),
        ("[5, 10,050,000]", [5, "10,050,000"]),
    ],
)
def test_a_comma_inside_a_number_does_not_cut_it_in_two(text, value):
    """What reads the value refuses it, as it refuses one on a line of its own."""
    assert parse_document(f"a: {text}").data == {"a": value}


def test_commas_between_numbers_separate_them():
    assert parse_document("a: [50,100,200, 0]\nb: {c: 1,d: 2}\n").data == {
        "a": [50, 100, 200, 0],
        "b": {"c": 1, "d": 2},
    }


@pytest.mark.parametrize(
    ("text", "line", "column", "named"),
    [
        ("a: 1\n\u200bb: 2", 2, 1, "U+200B, ZERO WIDTH SPACE"),
        ("a: 1\nb\u00a0: 2", 2, 2, "U+00A0, NO-BREAK SPACE"),
        ("a:\n\u3000\u3000b: 2\n  c: 3", 2, 1, "U+3000, IDEOGRAPHIC SPACE"),
        ("a:\n  b: 2\n\u00a0\u00a0c: 3", 3, 1, "U+00A0, NO-BREAK SPACE"),
        ("a: \u00a02_000", 1, 4, "U+00A0, NO-BREAK SPACE"),
        ("a: 2\u202f%\u200b", 1, 7, "U+200B, ZERO WIDTH SPACE"),
        ("a: 1\nb\uff1a2\nc: 3", 2, 2, "U+FF1A, FULLWIDTH COLON"),
        ("a: {b: 1\uff0c c: 2}", 1, 9, "U+FF0C, FULLWIDTH COMMA"),
    ],
)
def test_a_character_that_only_looks_right_is_named(text, line, column, named):
    found = mistakes(text)[0]
    assert named in found.what
    assert (found.line, found.column) == (line, column)
    assert found.remedy


def test_invisible_characters_within_a_text_are_its_own():
    text = "title: \U0001f468\u200d\U0001f469\u3000\u5e97\uff1a\u53e3\u7ea2\uff3d"
    assert parse_document(text).data["title"] == text.removeprefix("title: ")


@pytest.mark.parametrize(
    "text",
    [
        '{"' + "x" * 1100 + '": 1}',
        "[" + "x" * 1100 + "]: 1",
        "a: [" + "[x, {b: c}], " * 100 + "]\n",
        "x" * 1100 + ": 1",
        "a\n b: 1",
        "{[a, b]: {c: [d,\n e]: f}}",
    ],
)
def test_the_scanner_finds_the_same_names_as_the_library(text, monkeypatch):
    monkeypatch.setattr(document, "_COMPILED", None)

    def told():
        try:
            return parse_value(text)
        except ScenarioError as error:
            return str(error)

    ours = told()
    monkeypatch.setattr(document, "_Tokeniser", yaml.SafeLoader)
    assert ours == told()


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "---\n", "null", "~"])
def test_an_empty_file_is_told_how_to_start(text):
    assert "livesim new" in mistake(text).remedy


@pytest.mark.parametrize("text", ['a: "\\U00110000"', "%YAML 1." + "9" * 5000 + "\n---\na: 1"])
def test_stumbles_of_the_library_are_still_mistakes_of_the_file(text):
    assert "this is not YAML" in mistake(text).what


def test_a_name_given_twice_names_both_lines():
    found = mistake("serum: 1\ncream: 2\nserum: 3\n")
    assert (found.line, found.column, found.path) == (3, 1, "serum")
    assert "on line 1 and on line 3" in found.what
    assert mistake("1: a\n'1': b\n").line == 2
    assert "on line 1 and on line 3" in mistakes("a: 1\na: 2\na: 3\n")[1].what


def test_the_same_name_in_different_mappings_is_fine():
    assert parse_document("a: {x: 1}\nb: {x: 1}\n").data["b"] == {"x": 1}


def test_all_mistakes_that_do_not_stop_the_reading_are_told_at_once():
    text = "a: 1\na: 2\nb: !x 1\nc: {d: 1, d: 2}\n<<: {}\ne: 1e999\nf: *nobody\n"
    assert [one.line for one in mistakes(text)] == [2, 3, 4, 5, 6, 7]


def test_a_mistake_behind_an_alias_is_told_once():
    assert len(mistakes("a: &x {b: 1, b: 2}\nc: *x\nd: *x\n")) == 1


def test_a_merge_key_in_quotes_is_a_name():
    assert parse_document('"<<": 1').data == {"<<": 1}


# Limits ------------------------------------------------------------------------------------------


def nested(depth):
    return "a: " + "[" * depth + "]" * depth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("allowed", "refused", "limit"),
    [
        ("a: " + "x" * (MAX_CHARACTERS - 3), "a: " + "x" * (MAX_CHARACTERS - 2), MAX_CHARACTERS),
        (
            "a: [" + "1, " * (MAX_NODES - 3) + "]",
            "a: [" + "1, " * (MAX_NODES - 2) + "]",
            MAX_NODES,
        ),
        (nested(MAX_DEPTH - 1), nested(MAX_DEPTH), MAX_DEPTH),
        ("x" * MAX_NAME + ": 1", "x" * (MAX_NAME + 1) + ": 1", MAX_NAME),
        ("a: " + "1" * MAX_NUMBER, "a: " + "1" * (MAX_NUMBER + 1), MAX_NUMBER),
        ("a: 0x" + "f" * (MAX_NUMBER - 2), "a: 0x" + "f" * (MAX_NUMBER - 1), MAX_NUMBER),
        ("a: 1 # !" + "-" * (MAX_TAG - 2), "a: !" + "x" * MAX_TAG + " 1", MAX_TAG),
    ],
    ids=["characters", "nodes", "depth", "name", "decimal", "hexadecimal", "tag"],
)
def test_a_limit_lets_in_what_it_says_and_states_itself(allowed, refused, limit):
    parse_document(allowed)
    assert f"{limit:,}" in mistake(refused).what


@pytest.mark.slow
def test_a_day_long_show_of_439_products_is_read():
    product = {
        "title": "A serum, 50 ml", "price": 12.5, "unit_cost": 3.25, "left_over": 1.0,
        "returns": "10%", "orders_per_1000": {"p10": 1, "likely": 2, "p90": 3}, "owned": 800,
        "category": "beauty", "limit": 2, "rush": "20s", "shelf": 0.1, "sizes": [30, 50, 100],
    }  # fmt: skip
    data = {"products": {f"serum_number_{number}": product for number in range(439)}}
    text = write_yaml(data)
    assert len(text) > 100_000
    assert parse_document(text).data == data


HOSTILE = {
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "brackets closed": "a: " + "[" * 50_000 + "]" * 50_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "indentation": "".join(" " * depth + "a:\n" for depth in range(800)),
    "laughs": "a0: &a0 [x, x, x]\n"
    + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    ),
    "long laughs": "a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 10_000 + "]",
    "quotes": '"' * 100_000,
    "anchors": "&a " * 100_000,
    "tokens": "a: [" + "1," * 150_000 + "]",
    "entries": "".join(f"a{n}: 1\n" for n in range(40_000)),
    "documents": "---\n" * 90_000,
    "nul": "\0" * 100_000,
    "ten megabytes": "x" * 10_000_000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_short_error_after_little_work(name, monkeypatch):
    consumed = count()
    tokenise = document._events

    def counted(text, loader):
        for event in tokenise(text, loader):
            next(consumed)
            yield event

    monkeypatch.setattr(document, "_events", counted)
    found = mistakes(HOSTILE[name])
    assert len(str(found[0])) < 500
    assert next(consumed) <= 2 * 2 * MAX_NODES  # by the compiled tokeniser, and by the other


def test_the_number_of_mistakes_is_bounded():
    assert len(mistakes("a: 1\n" * 1000)) == MAX_MISTAKES + 1


@settings(deadline=None, max_examples=100)
@given(st.text() | st.text(alphabet="ab1.-+:?!&*|>%@#'\"\\{}[],<~=x \n\t", max_size=40))
def test_any_text_is_data_or_a_scenario_error(text):
    try:
        data = parse_document(text).data
    except ScenarioError as error:
        assert all(one.what and one.remedy for one in error.mistakes)
    else:
        assert isinstance(data, dict)


# Files -------------------------------------------------------------------------------------------


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_file_is_data_or_a_scenario_error(tmp_path, raw):
    path = tmp_path / "any.yaml"
    path.write_bytes(raw)
    try:
        assert isinstance(read_document(path).data, dict)
    except ScenarioError as error:
        assert all(one.file == str(path) for one in error.mistakes)


def refused(path):
    with pytest.raises(ScenarioError) as caught:
        read_document(path)
    (only,) = caught.value.mistakes
    assert only.file == str(path)
    return only


def test_a_file_is_read_with_its_name(tmp_path):
    path = tmp_path / "gala.yaml"
    path.write_bytes("\ufefftitle: Kim × 薇娅\r\n".encode())
    assert read_document(path).data == {"title": "Kim × 薇娅"}
    assert read_document(path).mistake(("title",), "x").file == str(path)


def test_a_missing_file_is_told_its_likeliest_neighbour(tmp_path):
    (tmp_path / "gala.yaml").write_text("title: x")
    found = refused(tmp_path / "galla.yaml")
    assert found.what == "there is no such file"
    assert found.remedy == "known: gala.yaml. Did you mean gala.yaml?"
    assert refused(tmp_path / "nowhere" / "gala.yaml").what == "there is no such file"


def test_a_folder_is_not_a_file(tmp_path):
    assert refused(tmp_path).what == "this is a folder"


def test_a_file_that_is_not_utf_8_is_told_its_line(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\ntitle: caf\xe9\n".encode("latin-1"))
    found = refused(path)
    assert found.what == "line 2 is not UTF-8 text"
    assert "UTF-8" in found.remedy


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.yaml").touch()
    assert "livesim new" in refused(tmp_path / "empty.yaml").remedy


def test_a_huge_file_is_refused_without_being_decoded(tmp_path):
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"\xff" * (4 * MAX_CHARACTERS + 1))
    assert f"{MAX_CHARACTERS:,}" in refused(path).what


def test_only_one_module_knows_the_yaml_library():
    package = Path(livesim.__file__).parent
    door = Path(document.__file__)
    imports = re.compile(r"^\s*(?:import|from)\s+(?:ruamel|yaml|_yaml)\b", re.MULTILINE)
    assert imports.search(door.read_text())
    others = [path for path in package.rglob("*.py") if path != door]
    assert [path for path in others if imports.search(path.read_text())] == []


# Writing -----------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["no", "12", "1e3", "20:00", "null", "true", "~", "", " a", "a ", "a: b", "a #b", "- a", "<<",
     "-", "?", ":", "*a", "&a", "!a", "a:", "0x1F", ".inf", "a, b", "{a}", "[a]", "---", "...", "%",
     "\t", "a\nb", "\ufeff", "\x85", "\u2028", "\r\n", "\\", '"', "'", "'a'", "@", "`", "="]
)  # fmt: skip
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
NAMES = TEXTS.filter(lambda text: len(text) <= MAX_NAME)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


def typed(value):
    """Make values comparable that Python holds equal: 1, 1.0 and True; also -0.0 and the order."""
    if isinstance(value, dict):
        return [(name, typed(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return (float if isinstance(value, float) else type(value), repr(value))


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_written_is_read_exactly(data):
    assert typed(parse_document(write_yaml(data)).data) == typed(data)


@pytest.mark.slow
@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), st.text())
def test_comments_change_nothing(data, remark):
    printable = "".join(character for character in remark if character.isprintable())
    comments = {(name,): printable for name in data}
    assert typed(parse_document(write_yaml(data, comments)).data) == typed(data)


def test_the_text_is_tidy():
    data = {
        "title": "Kim\u2019s perfume, 30 ml",
        "show": {"start": "20:00", "length": "2h", "currency": "CNY"},
        "viewers": {"p10": 1500, "likely": 2000, "p90": 4000.5},
        "products": {
            "serum": {"price": 12.5, "owned": 800, "returns": "10%", "note": None, "gift": False},
            "no": {"price": 1e-05, "forecast": {"lognormal": {"median": 5, "sigma": 1.0}}},
        },
        "rundown": [
            {"name": "opening", "sells": ["serum", "no"]},
            {"name": "close", "sells": []},
        ],
        "points": [[0, 0.5], [60, 1.0]],
        "codes": ["12", "1e3", "null", "no", ""],
        "deal": {},
    }
    assert write_yaml(data) == (
        'title: "Kim\u2019s perfume, 30 ml"\n'
        'show: {start: 20:00, length: 2h, currency: CNY}\n'
        'viewers: {p10: 1500, likely: 2000, p90: 4000.5}\n'
        'products:\n'
        '  serum:\n'
        '    price: 12.5\n'
        '    owned: 800\n'
        '    returns: 10%\n'
        '    note: null\n'
        '    gift: false\n'
        '  no:\n'
        '    price: 1e-05\n'
        '    forecast:\n'
        '      lognormal: {median: 5, sigma: 1.0}\n'
        'rundown:\n'
        '  - name: opening\n'
        '    sells: [serum, no]\n'
        '  - name: close\n'
        '    sells: []\n'
        'points:\n'
        '  - [0, 0.5]\n'
        '  - [60, 1.0]\n'
        'codes: ["12", "1e3", "null", no, ""]\n'
        'deal: {}\n'
    )  # fmt: skip


def test_a_comment_stands_at_its_name_and_opens_a_short_mapping():
    data = {"show": {"start": "20:00", "length": "2h"}, "deal": {"fee": 0.1}}
    comments = {("show",): "given", ("show", "length"): "template:\n two lines", ("gone",): "x"}
    assert write_yaml(data, comments) == (
        "show:  # given\n"
        "  start: 20:00\n"
        "  length: 2h  # template: two lines\n"
        "deal: {fee: 0.1}\n"
    )  # fmt: skip


def test_a_mapping_too_long_for_a_line_gets_several():
    long = {"a": "x" * 40, "b": "y" * 40}
    assert write_yaml({"m": long}).count("\n") == 3
    assert write_yaml({"m": dict.fromkeys("abcd", 1)}).count("\n") == 1
    assert write_yaml({"m": dict.fromkeys("abcde", 1)}).count("\n") == 6


def test_special_floats_and_subclasses_of_text_are_written_plainly():
    class Kind(str):
        pass

    text = write_yaml({"a": math.inf, "b": -math.inf, "c": math.nan, "d": Kind("drop"), "e": (1,)})
    assert text == "a: .inf\nb: -.inf\nc: .nan\nd: drop\ne: [1]\n"


@pytest.mark.parametrize("data", [{"a": {1, 2}}, {"a": [object()]}, {1: "a"}, {"x" * 201: 1}])
def test_what_yaml_cannot_hold_is_refused(data):
    with pytest.raises(UsageError):
        write_yaml(data)


def test_nothing_is_written_as_an_empty_mapping():
    assert parse_document(write_yaml({})).data == {}
