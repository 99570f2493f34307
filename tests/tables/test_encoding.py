"""Text in any encoding that is clear from its first bytes, or named."""

import csv
import io
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import DataError, InputError
from treernn.tables.encoding import (
    check_encoding,
    decode,
    find_encoding,
    read_text,
    suggest_encoding,
)
from treernn.tables.open import open_table

UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le")
TABLE = 'id,text\n1,"A café, “fine”"\n2,bad\n'


def texts(path, **options):
    with open_table(path, **options) as table:
        return [record.error or record.values["text"] for record in table.records]


@pytest.mark.parametrize("encoding", [*UNICODE, "utf-32-be"])
@pytest.mark.parametrize("named", [False, True])
def test_unicode_is_found_or_named(tmp_path, encoding, named):
    (tmp_path / "a.csv").write_bytes(TABLE.encode(encoding))
    found = texts(tmp_path / "a.csv", encoding=encoding if named else None)
    assert found == ["A café, “fine”", "bad"]


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1),
    st.sampled_from(UNICODE),
    st.sampled_from(",;\t|"),
)
def test_any_text_in_any_encoding(tmp_path_factory, rows, encoding, delimiter):
    path = tmp_path_factory.getbasetemp() / "encoded.csv"
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([("id", "text", "n"), *((n, text, 5) for n, text in enumerate(rows))])
    path.write_bytes(file.getvalue().encode(encoding))
    # Without a mark, and with few English words, UTF-16 is not clear.
    options = (
        {} if encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32") else {"encoding": encoding}
    )
    assert texts(path, **options) == rows


@given(st.text(st.characters(max_codepoint=0x7F), min_size=1), st.binary(max_size=9))
def test_utf8_is_never_taken_for_something_else(text, rest):
    """Not even with zero bytes in it, unless every second byte is zero from the first on."""
    data = b"id,text\n" + text.encode() + rest
    assert find_encoding(data) == "utf-8-sig"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "It’s a café"),
        ("latin-1", "naïve"),
        ("cp1252", "é"),
        ("cp1251", "Один хороший фильм"),
        ("shift_jis", "とても良い映画"),
    ],
)
def test_errors_suggest_an_encoding_that_works(tmp_path, encoding, text):
    path = tmp_path / "a.csv"
    path.write_bytes(f"id,text\n1,{text}\n2,fine\n".encode(encoding))
    problem, fine = texts(path)
    assert fine == "fine"
    start, _, suggested = problem.rpartition(" ")
    assert start == "text is not UTF-8, try --encoding"
    assert texts(path, encoding=suggested) == [text, "fine"]


def test_bytes_that_are_not_in_the_named_encoding(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("café\nfine\n".encode())
    assert texts(path, encoding="ascii") == ["not ascii, try --encoding utf-8", "fine"]
    path.write_bytes(b"caf\x81\nfine\n")
    assert texts(path, encoding="cp1252")[1] == "fine"
    path.write_bytes("fine\n".encode("utf-16") + b"\x00\xd8" + "x\nfine".encode("utf-16-le"))
    assert texts(path) == ["fine", "not UTF-16", "fine"]


@pytest.mark.parametrize("name", ["nope", "base64", "rot13", "", "a\0b"])
def test_unknown_encodings(name):
    with pytest.raises(InputError, match=r"no encoding is called .* examples are utf-8, utf-16"):
        check_encoding(name)


def test_the_suggestion_is_any_codec_of_python():
    for data in (b"\xff", b"\x81\x8d", bytes(range(128, 256)), b"\x90" * 50):
        assert "x".encode(suggest_encoding(data))


def test_archives_are_no_texts(tmp_path):
    (tmp_path / "t.txt").write_text("(3 good)\n")
    for format in ("zip", "tar", "gztar"):
        archive = shutil.make_archive(str(tmp_path / "packed"), format, tmp_path, "t.txt")
        with pytest.raises(DataError, match=r"packed\.\S+: is an archive, expected a text; unpack"):
            read_text(archive)


def test_whole_files_in_utf16():
    assert decode("(2 good)".encode("utf-16")) == "(2 good)"
    assert decode("(2 good)".encode("utf-16-be")) == "(2 good)"
    with pytest.raises(DataError, match=r"^a.txt: not UTF-16 \(truncated data\), save the file as"):
        decode("(2 good)".encode("utf-16") + b"x", "a.txt")
