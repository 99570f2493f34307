"""``treernn train parser`` and ``treernn distil parser``."""

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


def test_a_parser_and_its_student(in_process, data, small, tmp_path):
    teacher, student, texts = tmp_path / "teacher", tmp_path / "student", tmp_path / "texts.csv"
    vectors = ("--vectors", str(data / "vectors.txt"), "--words", "2")
    status, printed, err = in_process("train", "parser", "--out", teacher, *vectors, *small)
    assert (status, printed[: len(str(teacher)) + 8]) == (0, f"{teacher}: epoch "), err
    assert ", dev f1 " in printed
    config = json.loads((teacher / "config.json").read_text())
    assert config["model"]["embedding_size"] == 3
    words = (teacher / "vocabulary.txt").read_text().split()
    assert "rare" in words
    assert "the" in words  # of the treebank
    assert len((teacher / "metrics.jsonl").read_text().splitlines()) == 2

    texts.write_text("text\nA good film. Good. Not a very good film is it?\n")
    command = ("distil", "parser", teacher, "embedded", "--out", student)
    command += (*vectors, *small, "--text", texts, "--label-weight", "0.3")
    assert in_process(*command)[0] == 0
    soft = json.loads((student / "config.json").read_text())["soft_targets"]
    assert soft["always"] == 9
    assert in_process(*command)[1].startswith(f"{student}: already finished, epoch ")
    assert len(list((student / "teachers").iterdir())) == 1

    status, printed, _ = in_process("parse", "--parser", student, "A good film.")
    assert (status, printed.count("(X ")) == (0, 7)
    assert in_process("score", "--parser", student, "--format", "root", "A good film.")[0] == 0
    evaluate = ("evaluate", "small", "--data", data, "--trees", student, "--json")
    found = json.loads(in_process(*evaluate)[1])
    assert 0 <= found["bracket_f1"] <= 100
    assert found["trees"] == str(student)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("train", "--tuning", "lora"), "--tuning needs --encoder"),
        (("train", "--encoder", "gone", "--words", "1"), "--words cannot be used with --encoder"),
        (("train", "--epochs", "0"), "epochs is 0, expected a whole number, at least 1"),
        (("distil", "gone"), "gone: no such model folder"),
        (("distil", "embedded", "--label-weight", "2"), "label_weight is 2.0, expected 0 to 1"),
        (("distil", "embedded", "--resample", "0"), "resample is 0.0, expected more than 0 and at"),
        (("distil", "medium"), "medium: no such model folder"),
    ],
)
def test_errors_are_one_line(in_process, data, tmp_path, command, message):
    out = tmp_path / "parser"
    name, *others = command
    if name == "distil":
        others += ["--vectors", "none"]
    status, printed, err = in_process(name, "parser", *others, "--out", out, "--data", data)
    assert (status, printed) == (2, "")
    assert err.startswith(f"treernn: {message}")
    assert err.count("\n") == 1
    assert not (out / "config.json").exists()


def test_unknown_parsers(in_process, tmp_path):
    status, _, err = in_process("parse", "--parser", "gone", "Good.")
    assert (status, err) == (
        2,
        "treernn: no parser 'gone', expected one of embedded, stanza, right, left, balanced, or "
        "the folder of one\n",
    )
    _, _, err = in_process("parse", "--parser", tmp_path, "Good.")
    assert err.endswith("not a model folder, it has no config.json\n")
