"""``treernn train parser`` and ``treernn distil parser`` as processes."""

import json

import pytest

TREES = (
    "(3 (2 The) (3 (3 good) (2 film)))\n"
    "(1 (1 (2 not) (3 good)) (2 .))\n"
    "(2 (2 (2 A) (2 film)) (2 (2 is) (3 good)))\n"
)
SMALL = "hidden_size = 8\nlayers = 1\nspan_rank = 4\n"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(TREES * 3)
    (folder / "vectors.txt").write_text("film 1 2 3\nrare 3 2 1\nthe 0 0 1\n")
    (folder / "small.toml").write_text(SMALL)
    return folder


@pytest.fixture
def small(data):
    return ("--settings", str(data / "small.toml"), "--epochs", "2", "--data", str(data))


def test_a_parser_and_its_student(treernn, data, small, tmp_path):
    teacher, student, texts = tmp_path / "teacher", tmp_path / "student", tmp_path / "texts.csv"
    vectors = ("--vectors", str(data / "vectors.txt"), "--words", "2")
    done = treernn("train", "parser", "--out", str(teacher), *vectors, *small)
    assert (done.returncode, done.stdout[: len(str(teacher)) + 8].decode()) == (
        *(0, f"{teacher}: epoch "),
    ), done.stderr
    assert ", dev f1 " in done.stdout.decode()
    config = json.loads((teacher / "config.json").read_text())
    assert config["model"]["word_size"] == 3
    words = (teacher / "vocabulary.txt").read_text().split()
    assert "rare" in words
    assert "the" in words  # of the treebank
    assert len((teacher / "metrics.jsonl").read_text().splitlines()) == 2

    texts.write_text("text\nA good film. Good. Not a very good film is it?\n")
    command = ("distil", "parser", str(teacher), "embedded", "--out", str(student))
    command += (*vectors, *small, "--text", str(texts), "--label-weight", "0.3")
    assert treernn(*command).returncode == 0
    soft = json.loads((student / "config.json").read_text())["soft_targets"]
    assert soft["always"] == 9
    done = treernn(*command)
    assert done.stdout.decode().startswith(f"{student}: already finished, epoch ")
    assert len(list((student / "teachers").iterdir())) == 1

    done = treernn("parse", "--parser", str(student), "A good film.")
    assert (done.returncode, done.stdout.decode().count("(X ")) == (0, 7)
    done = treernn("score", "--parser", str(student), "--format", "root", "A good film.")
    assert done.returncode == 0
    evaluate = ("evaluate", "small", "--data", str(data), "--trees", str(student), "--json")
    found = json.loads(treernn(*evaluate).stdout)
    assert 0 <= found["bracket_f1"] <= 100
    assert found["trees"] == str(student)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("train", "--tuning", "lora"), "--tuning needs --encoder"),
        (("train", "--encoder", "gone", "--words", "1"), "--words cannot be used with --encoder"),
        (("train", "--epochs", "0"), "epochs is 0, expected at least 1"),
        (("distil", "gone"), "gone: no such model folder"),
        (("distil", "embedded", "--label-weight", "2"), "label_weight is 2.0, expected 0 to 1"),
        (("distil", "embedded", "--resample", "0"), "resample is 0.0, expected more than 0 and at"),
        (("distil", "medium"), "medium: no such model folder"),
    ],
)
def test_what_is_wrong_is_one_line(treernn, data, tmp_path, command, message):
    out = tmp_path / "parser"
    name, *others = command
    if name == "distil":
        others += ["--vectors", "none"]
    done = treernn(name, "parser", *others, "--out", str(out), "--data", str(data))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"treernn: {message}"), done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not (out / "config.json").exists()


def test_a_parser_that_is_none(treernn, tmp_path):
    done = treernn("parse", "--parser", "gone", "Good.")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "treernn: no parser 'gone', expected one of embedded, stanza, right, left, balanced, or "
        "the folder of one\n"
    )
    done = treernn("parse", "--parser", str(tmp_path), "Good.")
    assert done.stderr.decode().endswith("not a model folder, it has no config.json\n")
