import json
import shutil
from functools import partial

import pytest

from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.sentiment import load_sentiment

TREES = """\
(3 (2 It) (3 (2 is) (3 good)))
(1 (1 (2 not) (3 good)) (2 .))
(4 (4 (1 (1 bad) (2 but)) (4 great)) (2 .))
"""


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "sst"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(TREES)
    return folder


@pytest.fixture
def model(small_model, tmp_path):
    """A copy that can be changed."""
    return shutil.copytree(small_model, tmp_path / "model")


@pytest.fixture
def probe(in_process):
    return partial(in_process, "probe")


def test_json_in_a_process(treernn, small_model, data):
    done = treernn("probe", str(small_model), "--data", str(data), "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads(done.stdout)
    assert (result["model"], result["data"]) == (str(small_model), "SST test")
    assert (
        result["but_sentences"]["cases"],
        result["treebank_negation"]["negated_positive"]["cases"],
    ) == (1, 1)
    assert result["template_negation"]["negated_positive"]["cases"] > 200
    assert result["calibration"]["model_temperature"] == 1
    assert result["accuracy"]["all"]["count"] == 17


def test_tables_and_a_plot(probe, small_model, data, tmp_path):
    pytest.importorskip("matplotlib")
    code, out, err = probe(small_model, "--data", data, "--plot", tmp_path / "plot.svg")
    assert (code, err) == (0, "")
    for word in ("X but Y", "RNTN", "most positive", "Calibration", "1 word"):
        assert word in out
    assert "wrote temperature" not in out
    assert "…" not in out  # eighty columns are enough
    assert (tmp_path / "plot.svg").read_text().rstrip().endswith("</svg>")


def test_calibrate_writes_the_temperature(probe, model, data):
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    code, out, err = probe(model, "--data", data, "--calibrate")
    assert (code, err) == (0, "")
    stored = load_sentiment(model).config.temperature
    assert stored != 1
    assert f"wrote temperature {stored:.3f} to {model}\n" in out
    after = {path.name: path.read_bytes() for path in model.iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == ["config.json"]
    _, out, _ = probe(model, "--data", data, "--calibrate", "--json")
    values = json.loads(out)  # the same again, and nothing but JSON
    assert values["written_temperature"] == load_sentiment(model).config.temperature
    result = values["calibration"]
    assert result["model_temperature"] == pytest.approx(stored, abs=1e-4)
    assert result["temperature"] == pytest.approx(stored, rel=1e-3)


def test_chains_have_a_temperature(probe, data, tmp_path):
    folder = tmp_path / "chain"
    ChainClassifier(ChainConfig(4, 3, cell="gru"), ("<unk>", "good", "bad")).save(folder)
    assert probe(folder, "--data", data, "--calibrate")[0] == 0
    assert load_sentiment(folder).config.temperature != 1


def test_errors_are_one_line(probe, small_model, data, tmp_path):
    for arguments, message in (
        (
            (tmp_path / "none", "--data", data),
            f"{tmp_path}/none: no such model folder; included models are small, medium, large",
        ),
        (
            (small_model, "--data", data, "--plot", "a.pdf"),
            "a.pdf: expected a file name that ends in .svg or .png",
        ),
        (
            (small_model, "--data", tmp_path),
            f"{tmp_path}: no trainDevTestTrees_PTB.zip in this folder; get it from "
            "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
        ),
    ):
        assert probe(*arguments) == (2, "", f"treernn: {message}\n")
    (data / "dev.txt").write_text("")
    message = f"{data}/dev.txt: no trees in this file"
    assert probe(small_model, "--data", data) == (2, "", f"treernn: {message}\n")


def test_calibrate_to_other_texts(probe, model, data, tmp_path):
    (tmp_path / "own.csv").write_text("text,label\n" + "good film,1\nbad film,1\n" * 4)
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nkind = "sentences"\nfile = "own.csv"\ndev_file = "own.csv"\nscale = [0, 1]\n'
    )
    options = ("--data", data, "--sources", tmp_path / "sources.toml")
    code, _, err = probe(model, *options)
    assert (code, err) == (2, "treernn: --sources needs --calibrate\n")
    code, out, err = probe(model, *options, "--calibrate")
    assert code == 0, err
    written = json.loads((model / "config.json").read_text())["model"]["temperature"]
    assert out.splitlines()[-1] == (
        f"wrote temperature {written:.3f}, fitted to the dev texts of {tmp_path}/sources.toml, "
        f"to {model}"
    )
    (tmp_path / "sources.toml").write_text('[[source]]\nkind = "texts"\nfile = "own.csv"\n')
    code, _, err = probe(model, *options, "--calibrate")
    assert (code, err) == (
        2, "treernn: no source has labelled dev texts to fit a temperature to\n"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["small", "medium"])
def test_package_models_are_not_changed(probe, data, name):
    code, out, err = probe(name, "--data", data, "--calibrate")
    assert (code, out) == (2, "")
    assert err.startswith(f"treernn: {name} is part of the package and is not changed; copy /")
