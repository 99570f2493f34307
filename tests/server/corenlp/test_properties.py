"""The map of properties, as the clients of CoreNLP write it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treernn.server.corenlp.properties import decode_map, is_true

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


@given(st.text(max_size=60))
def test_any_text_is_some_map(text):
    found = decode_map(text)
    assert all(isinstance(part, str) for entry in found.items() for part in entry)


@given(st.text("{}[]()'\"\\,;:=-> ab", max_size=40))
def test_any_pieces_are_some_map(text):
    decode_map(text)


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
    assert decode_map("{'a': 'open") == {"a": "'open"}


def test_time_is_linear():
    for piece in ("'", '"\\', "a,", "[", "=>", "a=[", " ", "'a':'b',"):
        decode_map(piece * 50_000)


def test_what_means_yes():
    assert [is_true(each) for each in ("true", "True", " TRUE ", "false", "", "None", None)] == [
        *(True, True, True),
        *(False, False, False, False),
    ]
