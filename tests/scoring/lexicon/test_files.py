"""Lexicons in tables of every format, and in the folders of models."""

import json
import shutil

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import treernn
from treernn.errors import DataError, InputError, MissingDataError, ModelError
from treernn.models.pretrained import SENTIMENT_MODELS
from treernn.scoring.lexicon.entries import of_mapping
from treernn.scoring.lexicon.files import lexicon_of, read_lexicon, read_stored, rows
from treernn.scoring.lexicon.stored import store

ROWS = [
    {"text": "glorpy", "score": 1.0, "domain": ""},
    {"text": "off the hook", "score": 0.5, "domain": ""},
    {"text": "🔥", "score": -0.25, "domain": ""},
    {"text": "sick", "score": -1.0, "domain": "games"},
]
CSV = "Word,Class,score,domain\n"
CSV += "glorpy,very positive,,\noff the hook,pos,,\n🔥,,-0.25,\nsick,0,,games\n"


def write(path):
    """The same lexicon in the format of the ending."""
    match path.suffix:
        case ".csv":
            path.write_text(CSV)
        case ".tsv":
            path.write_text(CSV.replace(",", "\t"))
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
        case ".json":
            path.write_text(json.dumps(ROWS))
        case ".parquet":
            pq.write_table(pa.Table.from_pylist(ROWS), path)
        case ".xlsx":
            book = openpyxl.Workbook()
            for row in (["phrase", "score", "domain"], *(list(row.values()) for row in ROWS)):
                book.active.append(row)
            book.save(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx"])
def test_every_format(tmp_path, ending):
    assert rows(read_lexicon(write(tmp_path / f"words{ending}"))) == ROWS


def test_as_spreadsheets_of_other_countries_write_it(tmp_path):
    path = tmp_path / "words.csv"
    path.write_bytes("text;score\nglorpy;0,75\nzörky;-1\n".encode("utf-16"))
    assert [each.score for each in read_lexicon(path).entries] == [0.75, -1]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("text,class\nglorpy,grand\n", ":2: class 'grand', expected 0 to 4, or very negative, neg"),
        ("text,score\na b,1\n\nx,high\n", ":4: score 'high', expected a number from -1 to 1"),
        ("text,score\nx,2\n", ":2: score 2.0, expected a number from -1 to 1, or a class by name"),
        ("text,score\nx,nan\n", ":2: score nan, expected a number from -1 to 1, or a class by"),
        ("text,score\n,1\n", ":2: the text is empty, expected a word or a phrase"),
        ("text,score\nx,\n", ":2: neither a class nor a score; the columns are text, class or"),
        ("text,class,score\nx,4,1\n", ":2: both a class and a score, give one of them"),
        ("text,score\n.,1\n", ":2: '.' is punctuation, expected a word, an emoji or a phrase"),
        ("text,score\nBad. Worse.,1\n", ":2: 'Bad. Worse.' is several sentences, expected a word"),
        ("text,score\nx,1\nX1,0\nx,0\n", ":4: 'x' has the score 0, but 1 at words.csv:2; leave"),
        ("text,score\n", ": the lexicon has no entries"),
        ("glorpy,1\n", ":1: no column 'text', the header has glorpy, 1"),
        ("text,score\nx,1,2\n", ":2: "),
    ],
)
def test_what_cannot_be_used(tmp_path, monkeypatch, content, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.csv").write_text(content)
    with pytest.raises(DataError) as raised:
        read_lexicon("words.csv")
    assert str(raised.value).startswith(f"words.csv{problem}")
    assert "\n" not in str(raised.value)


def test_no_file_and_no_domain(tmp_path):
    with pytest.raises(MissingDataError, match=r"words\.csv: no such file"):
        treernn.load(lexicon=tmp_path / "words.csv")
    with pytest.raises(InputError, match="no lexicon that could have the domain 'games'"):
        treernn.load(domain="games")
    with pytest.raises(InputError, match="lexicon is a list, expected a file, or a mapping"):
        treernn.load(lexicon=["glorpy"])
    with pytest.raises(ModelError, match="no such model folder"):
        lexicon_of(tmp_path / "none", {"x": 1})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small model with a lexicon."""
    out = tmp_path_factory.mktemp("models") / "mine"
    store(SENTIMENT_MODELS["small"], of_mapping({"glorpy": 1, "sick": {"games": 0.5}}), out)
    return out


def test_a_folder_with_a_lexicon(folder, small):
    scorer = treernn.load(folder)
    assert scorer("glorpy").score == 1
    assert scorer("It is good.") == small("It is good.")
    assert lexicon_of(folder, domain="games").entries[-1].score == 0.5
    own = lexicon_of(folder, {"glorpy": -1, "zorky": 0})
    assert {each.text: each.score for each in own.entries} == {"glorpy": -1, "zorky": 0}


def test_a_folder_without_a_lexicon_is_as_before():
    assert lexicon_of("small") is None


def test_storing_replaces_what_was_there(folder, tmp_path):
    out = tmp_path / "copy"
    (out).mkdir()
    store(folder, of_mapping({"zorky": -1}), out)
    assert rows(read_stored(out / "lexicon.json")) == [{"text": "zorky", "score": -1.0}]
    assert (out / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    store(out, of_mapping({"zorky": 0}), out)
    assert rows(read_stored(out / "lexicon.json")) == [{"text": "zorky", "score": 0.0}]
    store(SENTIMENT_MODELS["small"], of_mapping({"meh": 0}), out)
    assert rows(read_stored(out / "lexicon.json")) == [{"text": "meh", "score": 0.0}]
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]


def test_what_is_no_model_is_not_replaced(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    words = of_mapping({"meh": 0})
    with pytest.raises(InputError, match="is no folder of a model, choose another name"):
        store(folder, words, tmp_path)
    with pytest.raises(InputError, match="is no folder of a model, choose another name"):
        store(folder, words, tmp_path / "notes.txt")
    with pytest.raises(InputError, match="belongs to the package, choose another folder"):
        store(folder, words, SENTIMENT_MODELS["small"])
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"score": 1.0', '"score": -1.0', "changed, its sha256 is not right"),
        ('"kind": "lexicon"', '"kind": "list"', "no lexicon, write it with treernn lexicon"),
        ('"format": 1', '"format": 9', "has format 9, written by a newer treernn"),
        ('"format": 1', '"format": 0', "has format 0, this treernn reads format 1"),
        ('"format": 1', '"format": true', "has format True, this treernn reads format 1"),
        ("{", "", "damaged, not JSON"),
    ],
)
def test_a_damaged_lexicon(folder, tmp_path, old, new, problem):
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    path = damaged / "lexicon.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ModelError, match=problem):
        treernn.load(damaged)
