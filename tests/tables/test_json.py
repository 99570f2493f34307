"""JSON arrays of objects or texts, and objects one after the other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import DataError, InputError
from treernn.tables import json as tables_json
from treernn.tables import lines
from treernn.tables.open import open_table

ODD = st.text(st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\x85{}[]"), max_size=8)
VALUES = ODD | st.integers() | st.none() | st.lists(ODD | st.lists(ODD), max_size=3)
OBJECTS = st.dictionaries(ODD, VALUES, max_size=3).map(lambda each: {**each, "text": "x"})


def summary(records):
    return [(record.place, record.error or record.values.get("text")) for record in records]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_objects(tmp_path, read, indent):
    rows = [{"text": 'a "good" [film] {', "n": [1, {"a": [2]}]}, {"text": "b\\"}, {"text": None}]
    path = tmp_path / "a.json"
    records = read(path, json.dumps(rows, indent=indent))
    assert [record.values for record in records] == rows
    assert [record.place for record in records] == ["item 1", "item 2", "item 3"]
    with open_table(path) as table:
        assert table.columns == ("text", "n")


def test_an_array_of_texts(tmp_path, read):
    assert summary(read(tmp_path / "a.json", '["good",\n"bad"]')) == [
        ("item 1", "good"),
        ("item 2", "bad"),
    ]


def test_objects_one_after_the_other(tmp_path, read):
    for content in (
        '{"text":"a"}\n{"text":"b"}',
        '{"text":\n"a"}{"text":"b"}',
        '{"text":"a"},{"text":"b"}',
    ):
        assert [text for _, text in summary(read(tmp_path / "a.json", content))] == ["a", "b"]


def test_nan_is_null(tmp_path, read):
    content = '[{"text": "a", "n": NaN}, {"text": NaN}, {"text": "b", "n": -Infinity}]'
    values = [record.values for record in read(tmp_path / "a.json", content)]
    assert values == [{"text": "a", "n": None}, {"text": None}, {"text": "b", "n": None}]


@given(st.lists(OBJECTS, min_size=1), st.sampled_from([None, 0, 3]), st.sampled_from([1, 7, 64]))
def test_any_array_is_read_in_blocks_of_any_size(tmp_path_factory, read, rows, indent, block):
    path = tmp_path_factory.getbasetemp() / "any.json"
    before = tables_json.BLOCK, lines.Lines.block.__defaults__
    tables_json.BLOCK, lines.Lines.block.__defaults__ = block, (block,)
    try:
        for content in (json.dumps(rows, indent=indent), "".join(map(json.dumps, rows))):
            assert [record.values for record in read(path, content)] == rows
    finally:
        tables_json.BLOCK, lines.Lines.block.__defaults__ = before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"text": "a"}, 1, [2], {"text": "b"}]', ["a", "a JSON int", "a JSON list", "b"]),
        ('[{"text": "a"}, {"text": ]', ["a", "not JSON, column 10"]),
        ('[{"text": "a"}, {"text": "b"', ["a", "not JSON, column 13"]),
        ('[{"text": "a"}', ["a", "the array does not end"]),
        ('[{"text": "a"},', ["a", "the array does not end"]),
        ('[{"text": "a"}] and more', ["a", "not JSON"]),
        ('[{"text": "a"}, {"text": "b}]', ["a", "not JSON"]),
        ('[{"text": "a"},]', ["a"]),
    ],
)
def test_a_slip_costs_its_own_element(tmp_path, read, content, expected):
    found = [text for _, text in summary(read(tmp_path / "a.json", content))]
    assert len(found) >= len(expected)
    for text, start in zip(found, expected, strict=False):
        assert text.startswith(start)


def test_files_without_objects(tmp_path, read):
    for content in ("", " \n", "[]", "[[]]", "hello", "5", '{"a"'):
        with pytest.raises(InputError, match=r"a\.json: (empty|item 1: )"):
            read(tmp_path / "a.json", content)


def test_an_endless_element(tmp_path, read, monkeypatch):
    monkeypatch.setattr(tables_json, "MAX_LINE", 1000)
    with pytest.raises(DataError, match="an element has more than 1,000 characters"):
        read(tmp_path / "a.json", '[{"text": "' + "x" * 200_000)


def test_an_array_under_the_name_of_json_lines(tmp_path, read):
    for content in ('[{"text": "a"}, {"text": "b"}]', ' [\n"a",\n"b"\n]\n'):
        assert [text for _, text in summary(read(tmp_path / "a.jsonl", content))] == ["a", "b"]
    [first, second] = read(tmp_path / "a.jsonl", '[1]\n{"text": "b"}\n')
    assert (first.error, second.values) == ("a JSON list, expected an object", {"text": "b"})
