"""The map of properties, as the clients of CoreNLP write it."""

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treernn.server.corenlp.properties import decode_map, flag
from treernn.server.problems import RefusedError

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WANTED = {"annotators": "tokenize,ssplit,parse", "outputFormat": "json"}


@given(st.dictionaries(NAMES, NAMES, max_size=5))
@example({"a'\"\\": "\n\t{[;=>:,'\"\\"})
@example({"": ""})
@example({"tokenize.options": "a=b,c=d", "x": "->"})
def test_dictionaries_of_python_and_json(values):
    assert decode_map(str(values)) == values
    assert decode_map(json.dumps(values)) == values
    assert decode_map(json.dumps(values, ensure_ascii=False, indent=2)) == values


@given(st.text(max_size=60) | st.text("{}[]()'\"\\,;:=-> ab\x0b\u00a0", max_size=40))
@example("{'a':[\u00a0]}")
@example("{'a':['b',\x0b]}")
def test_any_text_is_a_map_or_refused_in_one_line(text):
    try:
        found = decode_map(text)
    except RefusedError as raised:
        error = raised
    else:
        assert all(isinstance(part, str) for entry in found.items() for part in entry)
        return
    assert error.status == 400
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@given(st.dictionaries(NAMES, NAMES, min_size=1, max_size=3), st.data())
def test_a_map_that_is_cut_off_is_refused(values, data):
    for written in (str(values), json.dumps(values)):
        end = data.draw(st.integers(1, len(written) - 1))
        # What is left may end with a bracket that belongs to a text, but then quotes are open.
        with pytest.raises(RefusedError, match=r"^properties: "):
            decode_map(written[:end])


FORMS = [
    "{'annotators': 'tokenize,ssplit,parse', 'outputFormat': 'json'}",
    '{"annotators": "tokenize,ssplit,parse", "outputFormat": "json"}',
    '{"annotators":"tokenize,ssplit,parse","outputFormat":"json"}',
    "{annotators='tokenize,ssplit,parse'; outputFormat=json}",
    "annotators=tokenize,ssplit,parse;outputFormat=json",
    "annotators:tokenize,ssplit,parse,outputFormat:json",
    '{"annotators" -> "tokenize,ssplit,parse", "outputFormat" -> "json"}',
    "('annotators' => 'tokenize,ssplit,parse', 'outputFormat' => 'json')",
    "annotators=>tokenize,ssplit,parse;outputFormat->json",
    '{"annotators": ["tokenize", "ssplit", "parse"], "outputFormat": "json"}',
    "{'annotators': ('tokenize', 'ssplit', 'parse'), 'outputFormat': 'json'}",
    " { annotators : tokenize, ssplit, parse ; outputFormat = json , } ",
    "{'annotators': \"tokenize,ssplit,parse\",, outputFormat: 'json';}",
]


@pytest.mark.parametrize("place", range(len(FORMS)))
def test_all_forms(place):
    found = decode_map(FORMS[place])
    assert {name: value.replace(", ", ",") for name, value in found.items()} == WANTED


def test_values_that_are_no_texts():
    assert decode_map("{'a': True, 'b': 1.5, 'c': None}") == {"a": "True", "b": "1.5", "c": "None"}
    assert decode_map('{"a": true, "b": -3}') == {"a": "true", "b": "-3"}
    assert decode_map("url=http://a:1/?b=c") == {"url": "http://a:1/?b=c"}
    assert decode_map("") == decode_map("{}") == decode_map("  ") == decode_map(",;") == {}
    assert decode_map("{'a': '\\u00e9\\ud83d\\ude00\\x41'}") == {"a": "é😀A"}


def test_time_is_linear():
    for piece in ("'", '"\\', "a,", "[", "=>", "a=[", " ", "'a':'b',", "a=b,", "a=[b,],", "{"):
        for end in ("", "}"):
            with contextlib.suppress(RefusedError):
                decode_map(piece * 50_000 + end)


NO_MAPS = [
    ("{'annotators': 'parse'", "there is no } at the end"),
    ("{'annotators': 'parse')", "there is no } at the end"),
    ("{'annotators': 'parse'} x", "there is no } at the end"),
    ("{", "there is no } at the end"),
    ("{'annotators': 'parse", "there is no } at the end"),
    ("{'annotators': 'parse}", "quotes are not around"),
    ("annotators='parse", "quotes are not around"),
    ("{annotators': 'parse'}", "quotes are not around"),
    ("{'annotators': parse'}", "quotes are not around"),
    ("OrderedDict([('annotators', 'parse')])", "quotes are not around"),
    ("{'annotators'}", "a key has no value: 'annotators'"),
    ("parse", "a key has no value: parse"),
    ("null", "a key has no value: null"),
    ("3", "a key has no value"),
    ('["parse", "tokenize"]', "a key has no value"),
    ("{'annotators': 'tokenize', 'parse'}", "a key has no value: 'parse'"),
    ("{'annotators': ['tokenize'], parse}", "a key has no value: parse"),
    ("annotators=tokenize,'parse'", "a key has no value"),
    ("{'annotators': }", "a key or a value is missing: nothing"),
    ("{'annotators': , 'a': 'b'}", "a key or a value is missing: , 'a': 'b'"),
    ("{: 'parse'}", "a key or a value is missing: : 'parse'"),
    ("{'a': {'annotators': 'parse'}}", "a value is a map"),
    ("{'a': 'b' 'annotators': 'parse'}", "a value has something behind it: 'annotators'"),
    ("{'a': 'b'}}", "a value has something behind it: }"),
    ("{'a': ['b']]}", "a value has something behind it: ]"),
    ("{'a': ['b'}", "a list has no ] at its end"),
    ("{'a': ['b', ['c']]}", "an item of a list is no text"),
    ("{'a': ['b', {'c': 1}]}", "an item of a list is no text"),
    ("{'a': ['b'c]}", "an item of a list has something behind it: c"),
    ("{'a': ['b' 'c']}", "an item of a list has something behind it: 'c'"),
]


@pytest.mark.parametrize("place", range(len(NO_MAPS)))
def test_what_is_no_map(place):
    text, problem = NO_MAPS[place]
    with pytest.raises(RefusedError) as caught:
        decode_map(text)
    assert str(caught.value).startswith(f"properties: {problem}")
    assert str(caught.value).endswith('; expected a map such as {"annotators": "sentiment"}')


def test_what_means_yes():
    for value in ("true", "True", " TRUE ", "yes", "1"):
        assert flag({"a": value}, "a")
    for value in ("false", "False", "no", "0", "", " "):
        assert not flag({"a": value}, "a")
    assert not flag({}, "a")
    for value in ("None", "null", "maybe", "2", "true false"):
        with pytest.raises(RefusedError, match=f"^a is {value.lower()}, expected true or false$"):
            flag({"a": value}, "a")
