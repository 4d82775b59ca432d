"""YAML that means what it looks like: every scalar, every mistake, every place."""

from __future__ import annotations

import math
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mxdigits.errors import RecipeError
from mxdigits.storage.strict_yaml import MAX_CHARACTERS, MAX_VALUES, Document, parse, prefix

SECOND_COLON = (
    "a second ': ' in a value, or a line that is indented too far; put text that has ': ' in "
    "quotes, and begin the keys of a mapping in one column"
)
INDENTED = "this line is indented less or more than the lines that it belongs to"


def problems(text: str, source: str = "r.yaml") -> list[str]:
    with pytest.raises(RecipeError) as caught:
        parse(text, source)
    assert caught.value.lines == list(caught.value.problems)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert caught.value.exit_code == 2
    return caught.value.lines


# Scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # Whole numbers
        ("0", 0),
        ("10", 10),
        ("+10", 10),
        ("-10", -10),
        ("010", 10),
        ("-007", -7),
        ("09", 9),
        ("0x1F", 31),
        ("0o17", 15),
        # Numbers
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("1e3", 1000.0),
        ("1e+3", 1000.0),
        ("-1e3", -1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("0.10", 0.1),
        ("1.5e-3", 0.0015),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("+.INF", math.inf),
        # True and false are two words, in three spellings
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        # Nothing
        ("null", None),
        ("~", None),
        ("Null", None),
        ("", None),
        # Words
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("y", "y"),
        ("On", "On"),
        ("tRUE", "tRUE"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1_000", "1_000"),
        ("1,000", "1,000"),
        ("0b11", "0b11"),
        ("0o8", "0o8"),
        ("0xg", "0xg"),
        ("-0x1F", "-0x1F"),
        ("1e", "1e"),
        ("1e5.0", "1e5.0"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("12:30:45", "12:30:45"),
        ("2024-01-02", "2024-01-02"),
        ("=", "="),
        ("gpu(0,1)", "gpu(0,1)"),
        ("größe", "größe"),
        # What is quoted stays a word
        ("'1e-3'", "1e-3"),
        ('"010"', "010"),
        ("'true'", "true"),
        ("'null'", "null"),
        ("''", ""),
        ('"a\\tb\\u00e9"', "a\tbé"),
        ("|\n  one\n  two\n", "one\ntwo\n"),
        # What a tag of YAML's own says, where it can be so
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
    ],
)
def test_scalars(text, value):
    found = parse(f"key: {text}", "r.yaml").value["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text):
    assert math.isnan(parse(text, "r.yaml").value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("---\n...\n", None),
        ("lenet", "lenet"),
        ("[]", []),
        ("{}", {}),
        ("- 1\n- [2, {a: 3}]", [1, [2, {"a": 3}]]),
        ("a: {b: [c, d]}\ne:\n  f: g", {"a": {"b": ["c", "d"]}, "e": {"f": "g"}}),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_documents(text, value):
    assert parse(text, "r.yaml").value == value


@pytest.mark.parametrize("key", ["1", "1e3", "true", "null", "on", "''", "010", "größe", "a.b"])
def test_keys_are_words_as_written(key):
    assert parse(f"{key}: 1", "r.yaml").value == {key.strip("'"): 1}


def test_an_anchor_stands_for_its_value_each_time_anew():
    value = parse("a: &rate {x: [1]}\nb: *rate\n", "r.yaml").value
    assert value == {"a": {"x": [1]}, "b": {"x": [1]}}
    assert value["a"] is not value["b"]
    assert value["a"]["x"] is not value["b"]["x"]


def test_two_merge_keys_are_words_like_any_other():
    assert parse("<<: {a: 1}", "r.yaml").value == {"<<": {"a": 1}}


# Places

PLACES = """\
# a comment
model: {name: lenet,
        dropout: 0.5}
optimizer:
    name: sgd
    rates:
      - 0.1
      -   0.2
"""


def test_every_key_and_every_item_has_its_place():
    assert parse(PLACES, "r.yaml").marks == {
        (): (2, 1),
        ("model",): (2, 1),
        ("model", "name"): (2, 9),
        ("model", "dropout"): (3, 9),
        ("optimizer",): (4, 1),
        ("optimizer", "name"): (5, 5),
        ("optimizer", "rates"): (6, 5),
        ("optimizer", "rates", 0): (7, 9),
        ("optimizer", "rates", 1): (8, 11),
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "r.yaml:2:1"),
        (("optimizer", "rates", 1), "r.yaml:8:11"),
        (("optimizer", "rates", 1, "deeper", 0), "r.yaml:8:11"),
        (("optimizer", "absent"), "r.yaml:4:1"),
        (("absent", "absent"), "r.yaml:2:1"),
    ],
)
def test_what_is_not_there_has_the_place_of_its_parent(path, place):
    assert parse(PLACES, "r.yaml").place(path) == place


def test_a_document_of_nothing_has_a_place():
    assert parse("", "r.yaml").place(("model",)) == "r.yaml:1:1"
    assert Document("x", None).mark(("a", 0)) == (1, 1)


@pytest.mark.parametrize(("path", "text"), [((), ""), (("a",), "a: "), (("a", "b", 0), "a.b.0: ")])
def test_prefix(path, text):
    assert prefix(path) == text


# Mistakes


def test_every_mistake_at_once():
    text = "a: 1\na: 2\nb: {c: 1,\n    c: 2}\nd: !!set {x}\n? [e]\n: f\ng: !x 1\na: 3\n"
    assert problems(text) == [
        "r.yaml:2:1: a: duplicate key; the first is in line 1",
        "r.yaml:4:5: b.c: duplicate key; the first is in line 3",
        "r.yaml:5:4: d: the tag !!set is not allowed here; write a plain value",
        "r.yaml:6:3: a key must be a word",
        "r.yaml:8:4: g: the tag !x is not allowed here; write a plain value",
        "r.yaml:9:1: a: duplicate key; the first is in line 1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a: 1\n"a": 2', "2:1: a: duplicate key; the first is in line 1"),
        ("1: x\n'1': y", "2:1: 1: duplicate key; the first is in line 1"),
        ("? {a: b}\n: c", "1:3: a key must be a word"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "1:4: a: the tag !!python/object/apply:os.system is not allowed here; "
            "write a plain value",
        ),
        (
            "a: !!python/name:os.system ''",
            "1:4: a: the tag !!python/name:os.system is not allowed here; write a plain value",
        ),
        (
            "!!python/object:os.x {a: 1}",
            "1:1: the tag !!python/object:os.x is not allowed here; write a plain value",
        ),
        (
            "a: !!timestamp 2024-01-02",
            "1:4: a: the tag !!timestamp is not allowed here; write a plain value",
        ),
        ("a: !!binary aGk=", "1:4: a: the tag !!binary is not allowed here; write a plain value"),
        ("a: !own b", "1:4: a: the tag !own is not allowed here; write a plain value"),
        ("a: !<str> b", "1:4: a: the tag str is not allowed here; write a plain value"),
        (
            "a: !seventeen-letters/str b",
            "1:4: a: the tag !seventeen-letters/str is not allowed here; write a plain value",
        ),
        ("a: !!seq {b: c}", "1:4: a: the tag !!seq is not allowed here; write a plain value"),
        ("a: !!map [b]", "1:4: a: the tag !!map is not allowed here; write a plain value"),
        ("a: !!map b", "1:4: a: the tag !!map is not allowed here; write a plain value"),
        ("a: !!str [b]", "1:4: a: the tag !!str is not allowed here; write a plain value"),
        ("a: !!int 5.5", "1:4: a: '5.5' cannot be read as int"),
        ("a: !!int five", "1:4: a: 'five' cannot be read as int"),
        ("a: !!float x", "1:4: a: 'x' cannot be read as float"),
        ("a: !!bool yes", "1:4: a: 'yes' cannot be read as bool"),
        ("a: !!null b", "1:4: a: 'b' cannot be read as null"),
        # Not YAML at all
        ("a: [1", "1:6: not YAML: a bracket is never closed; ] is missing"),
        ("a: {b", "1:6: not YAML: a bracket is never closed; } is missing"),
        ("a: {b: 1\nc: 2}", "2:2: not YAML: expected ',' or '}' here"),
        ("a: [b: 1\nc: 2]", "2:2: not YAML: expected ',' or ']' here"),
        ("a: b: c", f"1:5: not YAML: {SECOND_COLON}"),
        ("a:\n\tb: 1", "2:1: not YAML: a tab where YAML wants spaces"),
        ("a: 1\n\tb: 2", "2:1: not YAML: a tab where YAML wants spaces"),
        ("a: 1 \t", "1:6: not YAML: a tab where YAML wants spaces"),
        ("a: 1\n b: 2", f"2:3: not YAML: {SECOND_COLON}"),
        ("a:\n  b: 1\n c: 2", f"3:2: not YAML: {INDENTED}"),
        ("- a\nb: 1", f"2:1: not YAML: {INDENTED}"),
        ("a: 1\n- b", f"2:1: not YAML: {INDENTED}"),
        ("a: {b}}", "1:7: not YAML: this cannot follow the value before it"),
        ("a: 'it's'", "1:8: not YAML: this cannot follow the value before it"),
        ("a: 1\nb", "2:2: not YAML: here ends a line that has no ': '; write key: value"),
        ("a: 1\nb\nc: 2", "3:1: not YAML: here ends a line that has no ': '; write key: value"),
        ("a: 'b", "1:6: not YAML: a quotation mark that opens a text is never closed"),
        ("a: @b", "1:4: not YAML: @ cannot begin a value; quote it"),
        (
            "a: *b",
            "1:4: not YAML: *b repeats the value that is called &b, and there is none; put text "
            "in quotes",
        ),
        ("a: 1\n---\nb: 2", "2:1: not YAML: a second document begins here; keep one of them"),
        ("a: 1\n...\nb", "3:1: not YAML: a second document begins here; keep one of them"),
        (
            "%YAML 2.0\n---\na: 1",
            "1:1: not YAML: found incompatible YAML document (version 1.* is required)",
        ),
        ("a: !no!such b", "1:4: not YAML: found undefined tag handle '!no!'"),
        (
            'a: "\\q"',
            "1:6: not YAML: found unknown escape character 'q'; in double quotes \\ begins an "
            "escape: write single quotes",
        ),
    ],
)
def test_each_mistake(text, problem):
    assert problems(text) == [f"r.yaml:{problem}"]


@pytest.mark.parametrize(
    ("character", "shown"),
    [("\0", "x0000"), ("\a", "x0007"), ("\x7f", "x007f"), ("\ud800", "xd800")],
)
def test_control_characters_are_not_text(character, shown):
    assert problems(f"a: b{character}") == [f"r.yaml: not text: character #{shown} at 4"]


@pytest.mark.parametrize(
    "text",
    [
        r'a: "\U00110000"',
        r'a: "\UFFFFFFFF"',
    ],
)
def test_what_the_parser_below_does_not_check(text):
    assert problems(text) == ["r.yaml: not YAML: a number or an escape out of range"]


@pytest.mark.skipif(
    not hasattr(sys, "set_int_max_str_digits"), reason="this Python reads numbers of any length"
)
def test_numbers_longer_than_python_reads():
    digits = "1" * 5000
    assert problems(f"%YAML {digits}.1\n--- a") == [
        "r.yaml: not YAML: a number or an escape out of range"
    ]
    assert problems(f"a: {digits}") == [f"r.yaml:1:4: a: '{digits[:100]}' cannot be read as int"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [1, *x]", "r.yaml:1:4: a.1: an anchor that contains itself"),
        ("a: &x {b: {c: *x}}", "r.yaml:1:4: a.b.c: an anchor that contains itself"),
        ("&x {a: 1, b: *x}", "r.yaml:1:1: b: an anchor that contains itself"),
    ],
)
def test_an_anchor_that_contains_itself(text, problem):
    assert problems(text) == [problem]


def test_anchors_that_explode_end_at_once():
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    began = time.process_time()
    assert problems("\n".join(lines)) == [
        f"r.yaml: it holds, or its anchors expand to, over {MAX_VALUES:,} values"
    ]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    ["[\n" * 2000 + "]" * 2000, "{a:\n" * 2000 + "1" + "}" * 2000, "- " * 2000 + "x"],
    ids=["lists", "mappings", "items"],
)
def test_nested_too_deeply(text):
    assert problems(text) == ["r.yaml: nested too deeply"]


def test_a_reasonable_depth_is_read():
    value = parse("[" * 20 + "x" + "]" * 20, "r.yaml").value
    for _ in range(20):
        (value,) = value
    assert value == "x"


def test_a_text_longer_than_any_recipe():
    began = time.process_time()
    assert problems("#" * (MAX_CHARACTERS + 1)) == ["r.yaml: longer than 100,000 characters"]
    assert time.process_time() - began < 1


# Properties

yaml_text = st.text("ab01:,-[]{}#&*!|>%@`'\"\\ \n\t?~.<=eUxo", max_size=60)


@given(st.one_of(yaml_text, st.text()))
@example('"\\U7fffffff"')
@example("!%ff a")
@example("? ? ? a")
@example("\x85")
@example("a: |9\n b")
def test_any_text_is_read_or_refused_in_words(text):
    document, lines = Document("", None), []
    try:
        document = parse(text, "r.yaml")
    except RecipeError as error:
        lines = error.lines
    assert bool(document.source) is not bool(lines)
    assert all(line.startswith("r.yaml:") for line in lines)
    assert all(line >= 1 and column >= 1 for line, column in document.marks.values())


@given(st.integers(-(2**63), 2**63))
def test_whole_numbers_stay(number):
    assert parse(str(number), "r.yaml").value == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_stay_to_the_bit(number):
    found = parse(repr(number), "r.yaml").value
    assert found == number
    assert type(found) is float
