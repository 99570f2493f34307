import csv
import io
import json

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

from treernn.cli.tag import tag as command
from treernn.corpora.frames import read_frame_tags
from treernn.corpora.rally import HEIGHT, WIDTH, rallies, save_rallies
from treernn.corpora.tagged import TaggedSentence, format_tagged
from treernn.errors import TreernnError
from treernn.models.tagger import Tagger, TaggerConfig

TAGS = ("DT", "JJ", "NN")
APP = typer.Typer()
APP.command()(command)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """The folder of an untrained tagger of words."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / "words"
    config = TaggerConfig(6, hidden_size=5, subword_size=4, subword_rows=64)
    Tagger(config, TAGS, ("<unk>", "a", "film")).save(folder)
    return folder


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / "frames"
    config = TaggerConfig(
        6, hidden_size=5, subword_size=0, subword_rows=0, frame_size=HEIGHT * WIDTH
    )
    Tagger(config, ("left", "right")).save(folder)
    return folder


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    save_rallies(folder, rallies(3))
    return folder


@pytest.fixture
def run():
    """Run the command in this process; its output."""

    def run(*arguments, stdin=None):
        done = CliRunner().invoke(
            APP, [str(each) for each in arguments], input=stdin, catch_exceptions=False
        )
        assert done.exit_code == 0
        return done.stdout

    return run


def test_one_sentence_per_line(run, words, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("\ufeffGreat film.\n\nA film\n", "utf-8")
    printed = run(words, "It's a film. Née “bad”!", "-", "--file", file, stdin="not bad")
    tagger = Tagger.load(words)
    sentences = [
        ("It", "'s", "a", "film", "."),
        ("Née", "``", "bad", "''", "!"),
        ("not", "bad"),
        ("Great", "film", "."),
        ("A", "film"),
    ]
    expected = [
        " ".join(f"{word}/{tag}" for word, tag in zip(sentence, tags, strict=True))
        for sentence, tags in zip(sentences, tagger.tag(sentences), strict=True)
    ]
    assert printed.splitlines() == expected


def test_json_has_the_offsets_of_words(run, words):
    text = "Yes. It’s <b>bad</b>!"
    first, second = map(json.loads, run(words, text, "--json").splitlines())
    assert first["words"] == ["Yes", "."]
    assert second["words"] == ["It", "'s", "bad", "!"]
    assert second["tags"] == list(Tagger.load(words).tag([second["words"]])[0])
    assert second["text"] == text[second["start"] : second["end"]] == "It’s <b>bad</b>!"
    assert second["offsets"] == [[5, 7], [7, 9], [13, 16], [20, 21]]


def test_frames_as_csv_and_json(run, frames, films, tmp_path):
    path = films / "rally-0001.npy"
    printed = run(frames, "--frames", path)
    [expected] = Tagger.load(frames).distributions([np.load(path).astype(np.float32)])
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert [int(row["frame"]) for row in rows] == list(range(len(expected)))
    found = [float(row["probability"]) for row in rows]
    np.testing.assert_allclose(found, expected.max(1), atol=1e-4)
    (tmp_path / "found.csv").write_text(printed)
    tags = read_frame_tags(tmp_path / "found.csv", len(expected))
    assert tags == tuple(("left", "right")[n] for n in expected.argmax(1))
    fields = json.loads(run(frames, "--frames", path, "--json"))
    assert fields == {"video": str(path), "tags": list(tags), "probabilities": found}


def test_evaluation(run, words, frames, films, tmp_path):
    gold = tmp_path / "gold.tsv"
    sentences = (("a", "film"), ("film",))
    tags = Tagger.load(words).tag(sentences)
    other = next(tag for tag in TAGS if tag != tags[1][0])
    rows = [TaggedSentence(sentences[0], tags[0]), TaggedSentence(sentences[1], (other,))]
    gold.write_text(format_tagged(rows))
    fields = json.loads(run(words, "--gold", gold, "--json"))
    assert fields["accuracy"] == pytest.approx(200 / 3)
    assert (fields["sequences"], fields["steps"]) == (2, 3)
    assert fields["f1"].keys() == {*tags[0], other}
    first, *each = run(words, "--gold", gold).splitlines()
    assert first == f"{gold}: accuracy 66.67 % of 3 steps in 2 sequences; F1 per tag:"
    assert [line.split()[0] for line in each] == sorted(fields["f1"])
    fields = json.loads(run(frames, "--gold", films, "--tag-column", "winner", "--json"))
    assert fields["steps"] == sum(len(each.frames) for each in rallies(3))


def test_errors(words, frames, films, tmp_path):
    own = tmp_path / "own.tsv"
    own.write_text("a\tDT\n")
    film = films / "rally-0001.npy"
    np.save(tmp_path / "narrow.npy", np.zeros((2, 3)))
    for problem, arguments in (
        ("nothing to tag: texts (- for standard input, or --file), --frames, or --gold", [words]),
        ("give one of them: texts", [words, "a film", "--frames", film]),
        ("give one of them: texts", [words, "--file", own, "--gold", own]),
        ("the model tags words, it takes no frames", [words, "--frames", film]),
        ("the model tags frames, it takes no words", [frames, "a film"]),
        ("the model tags frames, it takes no words", [frames, "--gold", own]),
        ("the model takes [frames, 640]", [frames, "--frames", tmp_path / "narrow.npy"]),
        ("no such file", [frames, "--frames", tmp_path / "none.npy"]),
        ("none.txt: cannot be read", [words, "--file", tmp_path / "none.txt"]),
        ("no such model folder", [tmp_path / "none", "a film"]),
        ("no device is called 'gpu'", [words, "a film", "--device", "gpu"]),
    ):
        with pytest.raises(TreernnError) as raised:
            CliRunner().invoke(APP, [str(each) for each in arguments], catch_exceptions=False)
        assert problem in str(raised.value), arguments
        assert "\n" not in str(raised.value)


def test_the_command(treernn, words):
    done = treernn("tag", str(words), "-", stdin="A film.\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"/") == 3
    done = treernn("tag", str(words))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"treernn: nothing to tag: texts")


def test_the_included_tagger(run):
    assert run("english", "The film isn't bad.") == "The/DT film/NN is/VBZ n't/RB bad/JJ ./.\n"
