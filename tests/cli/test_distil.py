"""``treernn distil sentiment``."""

import json

import pytest

TREES = "(3 (2 The) (3 (3 good) (2 film)))\n(1 (1 (2 not) (3 good)) (2 .))\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A treebank of the published name, in ``TREERNN_DATA``."""
    folder = tmp_path / "data"
    monkeypatch.setenv("TREERNN_DATA", str(folder))
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(TREES * 3)


@pytest.mark.usefixtures("data")
def test_a_student_of_two_teachers_in_its_own_domain(in_process, small_model, tmp_path):
    texts, out = tmp_path / "texts.csv", tmp_path / "student"
    texts.write_text("id,text\n1,A great film. Not bad!\n2,\n3,Not bad!\n")
    command = (
        *("distil", "sentiment", small_model, "small", "--out", out, "--text", texts),
        *("--vectors", "none", "--epochs", "2", "--hidden-size", "8", "--label-weight", "0.3"),
    )
    status, printed, _ = in_process(*command)
    assert (status, printed[: len(str(out)) + 8]) == (0, f"{out}: epoch ")
    config = json.loads((out / "config.json").read_text())
    assert config["data"]["train"]["trees"] == 8  # two sentences of the texts, once each
    assert [source["name"] for source in config["sources"]] == ["treebank", "texts"]
    assert config["sources"][0]["train"]["trees"] == 6
    assert config["settings"]["model"]["hidden_size"] == 8
    assert {"great", "bad"} < set((out / "vocabulary.txt").read_text().split())
    kept = sorted((out / "teachers").iterdir())
    before = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == 1
    _, printed, _ = in_process(*command)
    assert printed.startswith(f"{out}: already finished, epoch ")
    assert [path.stat().st_mtime_ns for path in kept] == before
    assert in_process("score", "--model", out, "--format", "root", "A great film.")[0] == 0


@pytest.mark.usefixtures("data")
def test_a_student_of_several_sources(in_process, small_model, tmp_path):
    (tmp_path / "own.csv").write_text("text,label\n" + "a great film,pos\nbad,neg\n" * 6)
    (tmp_path / "more.txt").write_text("Dull.\nWise and funny!\n")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nkind = "treebank"\nsample = 2\n'
        '[[source]]\nkind = "sentences"\nfile = "own.csv"\nweight = 2\n'
        '[[source]]\nkind = "texts"\nfile = "more.txt"\n'
    )
    out = tmp_path / "student"
    command = ("distil", "sentiment", small_model, "--out", out, "--vectors", "none")
    status, printed, err = in_process(
        *command, "--sources", tmp_path / "sources.toml", "--epochs", "1", "--hidden-size", "8"
    )
    assert status == 0, err
    assert "dev sentences recall" in printed
    config = json.loads((out / "config.json").read_text())
    found = {source["name"]: source["train"]["trees"] for source in config["sources"]}
    assert found == {"treebank": 6, "sentences": 11, "texts": 2}
    status, _, err = in_process(
        *command, "--sources", tmp_path / "sources.toml", "--data", tmp_path
    )
    assert (status, err) == (2, "treernn: --sources cannot be used with --data\n")


@pytest.mark.usefixtures("data")
def test_a_student_with_the_initial_weights_of_its_teacher(in_process, small_model, tmp_path):
    out = tmp_path / "student"
    command = ("distil", "sentiment", small_model, "--out", out, "--init-from", small_model)
    status, _, err = in_process(*command, "--epochs", "1")
    assert status == 0, err
    words = (out / "vocabulary.txt").read_text()
    assert words == (small_model / "vocabulary.txt").read_text()
    shape = json.loads((small_model / "config.json").read_text())["model"]["hidden_size"]
    assert (
        json.loads((out / "config.json").read_text())["settings"]["model"]["hidden_size"] == shape
    )
    settings = tmp_path / "settings.toml"
    settings.write_text("hidden_size = 9")
    _, _, err = in_process(*command, "--settings", settings)
    assert err.startswith(f"treernn: {settings}: hidden_size is 9, in the mod")
    status, _, err = in_process(*command, "--hidden-size", "7")
    assert (status, err) == (
        2,
        f"treernn: --init-from: hidden_size is 7, in the model to start from it is {shape}\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone",), "gone: no such model folder"),
        (("small", "--label-weight", "2"), "label_weight is 2.0, expected 0 to 1"),
        (("small", "--temperature", "0"), "temperature is 0.0, expected more than 0"),
        (("small", "--resample", "0"), "resample is 0.0, expected more than 0 and at most 1"),
        (("small", "--text", "gone.csv"), "gone.csv: no such file or folder"),
        (("small", "--epochs", "0"), "epochs is 0, expected a whole number, at least 1"),
        (("small", "--init-from", "gone"), "gone: no such model folder"),
        (("small", "--init-from", "small"), "--vectors cannot be used with --init-from"),
    ],
)
@pytest.mark.usefixtures("data")
def test_errors_are_one_line(in_process, tmp_path, arguments, message):
    out = tmp_path / "student"
    command = ("distil", "sentiment", *arguments, "--out", out, "--vectors", "none")
    status, printed, err = in_process(*command)
    assert (status, printed) == (2, "")
    assert err.startswith(f"treernn: {message}")
    assert err.count("\n") == 1
    assert not (out / "config.json").exists()
