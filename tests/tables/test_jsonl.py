import json

from hypothesis import given
from hypothesis import strategies as st

ODD = st.text(st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\x85\ufeff{}[]"), min_size=1, max_size=8)
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_json_lines(tmp_path, read):
    lines = [
        b'{"text": "good", "id": 1}',
        b"",
        b'{"text": ',
        b"[1]",
        b'{"text": null}',
        b'{"text": "a", "x": NaN}',
        b'{"text": "a", "x": 1e999}',
        b'{"text": "\xff"}',
        b'{"text": "x", "deep": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"text": "x", "flat": [' + b'"[[", [], ' * 200 + b"1]}",
        b'{"text": "last"}',
    ]
    records = read(tmp_path / "a.jsonl", b"\n".join(lines))
    assert [(r.place, r.error or r.values["text"]) for r in records] == [
        ("line 1", "good"),
        ("line 3", "not JSON, column 9: Expecting value"),
        ("line 4", "a JSON list, expected an object"),
        ("line 5", None),
        ("line 6", "a"),
        ("line 7", "not JSON that can be read: the number 1e999"),
        ("line 8", "not UTF-8, try --encoding cp1252"),
        ("line 9", "nested more than 100 deep"),
        ("line 10", "x"),
        ("line 11", "last"),
    ]
    assert records[0].values == {"text": "good", "id": 1}


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), ascii=st.booleans())
def test_any_text_survives(tmp_path_factory, read, rows, ascii):
    objects = [{"text": text, other: [other]} for text, other in rows]
    content = "".join(json.dumps(each, ensure_ascii=ascii) + "\n" for each in objects)
    records = read(tmp_path_factory.getbasetemp() / "odd.jsonl", content)
    assert [record.values for record in records] == objects
