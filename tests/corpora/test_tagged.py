import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.tagged import (
    TaggedSentence,
    format_tagged,
    parse_tagged,
    read_tagged,
    read_treebank,
    split_documents,
)
from treernn.errors import DataError, MissingDataError

FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r"), min_size=1).filter(
    lambda field: field.strip()
)
SENTENCE = st.lists(st.tuples(FIELD, FIELD), min_size=1).map(
    lambda pairs: TaggedSentence(*(tuple(column) for column in zip(*pairs, strict=True)))
)
TREE = "( (S (NP-SBJ (-NONE- *)) (VP (VB Say) (NP (NN cheese))) (. .)))\n"


@given(st.lists(SENTENCE, min_size=1))
def test_format_and_parse(sentences):
    assert parse_tagged(format_tagged(sentences)) == sentences


def test_file_of_words_and_tags(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_bytes("\ufeff\r\nIt\tPRP\r\nworks\tVBZ\r\n \r\n\r\nNew York\tNNP".encode())
    assert read_tagged(path) == [
        TaggedSentence(("It", "works"), ("PRP", "VBZ")),
        TaggedSentence(("New York",), ("NNP",)),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"It\tPRP\nworks VBZ\n", ":2: no tab, expected a word, a tab and its tag"),
        (b"It\tPRP\t1\n", ":1: 3 columns, expected a word, a tab and its tag"),
        (b"\nIt\t\n", ":2: the tag is empty"),
        (b"\tPRP\n", ":1: the word is empty"),
        (b"\n \n", ": holds no sentence"),
        (b"", ": holds no sentence"),
        (b"It\tPRP\n\xff\tX", ":2:1: byte 0xff is not UTF-8"),
    ],
)
def test_faulty_files(tmp_path, content, problem):
    path = tmp_path / "own.tsv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(f"{path}{problem}")):
        read_tagged(path)


def test_missing_files(tmp_path):
    with pytest.raises(MissingDataError, match="no such file"):
        read_tagged(tmp_path / "none.tsv")
    with pytest.raises(MissingDataError, match="no such folder or archive"):
        read_treebank(tmp_path / "none")


def test_treebank_in_a_folder_and_in_an_archive(tmp_path):
    folder = tmp_path / "bank" / "combined"
    folder.mkdir(parents=True)
    for name in ("b.mrg", "a.mrg"):
        (folder / name).write_text(TREE * (1 + (name == "b.mrg")) + "( (X (-NONE- *)))")
    with zipfile.ZipFile(tmp_path / "bank.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"bank/{file.name}")
    sentence = TaggedSentence(("Say", "cheese", "."), ("VB", "NN", "."))
    for path in (folder.parent, tmp_path / "bank.zip"):
        assert read_treebank(path) == [[sentence], [sentence, sentence]]


def test_faulty_treebanks(tmp_path):
    with pytest.raises(DataError, match=r"contains no file \*.mrg"):
        read_treebank(tmp_path)
    (tmp_path / "bank.zip").write_bytes(b"PK, or so they say")
    with pytest.raises(DataError, match=r"bank.zip: not an archive"):
        read_treebank(tmp_path / "bank.zip")
    (tmp_path / "a.mrg").write_text("( (S (NN a))\n)) ")
    with pytest.raises(DataError, match=r"a.mrg:2:2: closing bracket"):
        read_treebank(tmp_path)


def test_documents_are_not_divided():
    documents = [[TaggedSentence((f"{n}-{k}",), ("CD",)) for k in range(n)] for n in range(41)]
    parts = split_documents(documents)
    assert sum(map(len, parts)) == sum(map(len, documents))
    of = [{words[0].split("-")[0] for words, _ in part} for part in parts]
    assert of[1] == {"8", "18", "28", "38"}
    assert of[2] == {"9", "19", "29", "39"}
    assert not of[0] & (of[1] | of[2])


def test_penn_treebank_sample(treebank_archive):
    documents = read_treebank(treebank_archive)
    assert len(documents) == 199
    assert sum(map(len, documents)) == 3914
    assert sum(len(words) for document in documents for words, _ in document) == 94084
    assert documents[0][0].words[:3] == ("Pierre", "Vinken", ",")
    assert [len(part) for part in split_documents(documents)] == [3140, 423, 351]
