import json
from functools import partial

import pytest
import torch

from treernn.cells import CELLS
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig

TREES = "(3 (2 It) (3 (2 is) (3 good)))\n(1 (1 (2 not) (3 good)) (2 .))\n"


@pytest.fixture
def chain(tmp_path):
    torch.manual_seed(1)
    words = ("<unk>", "a", "film", "good", "not")
    ChainClassifier(ChainConfig(8, 6, cell="elman"), words).save(tmp_path / "chain")
    return tmp_path / "chain"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "sst"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(TREES * 30)
    return folder


@pytest.fixture
def influence(in_process):
    return partial(in_process, "influence")


def test_text_in_a_process(treernn, small_model, chain):
    text = "Not a good film. Good!"
    done = treernn("influence", str(small_model), text, "--compare", str(chain), "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    result = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [item["model"] for item in result] == ["LSTM tree"] * 2 + ["Elman chain"] * 2
    for item in result:
        assert len(item["words"]) == len(item["norms"]) == len(item["distances"])
    assert result[0]["words"] == result[2]["words"] == ["Not", "a", "good", "film", "."]
    assert result[2]["distances"] == [4, 3, 2, 1, 0]


def test_tables(influence, small_model, chain, data):
    code, out, err = influence(small_model, "not good")
    assert (code, err) == (0, "")
    for word in ("LSTM tree: ", "not", "good", "%", "━"):
        assert word in out
    code, out, err = influence(small_model, "--data", data, "--compare", chain)
    assert (code, err) == (0, "")
    for word in ("60 texts", "LSTM tree", "Elman chain", "halved at", "last 5 words"):
        assert word in out


def test_corpus_as_json_and_plot(influence, small_model, chain, data, tmp_path):
    pytest.importorskip("matplotlib")
    options = ("--data", data, "--compare", chain, "--compare", small_model)
    code, out, _ = influence(small_model, *options, "-o", tmp_path / "plot.svg", "--json")
    result = json.loads(out)
    assert (code, result["data"], result["shuffled"]) == (0, "SST dev", False)
    assert [item["name"] for item in result["models"]] == [
        f"LSTM tree ({small_model})", "Elman chain", f"LSTM tree ({small_model})",
    ]  # fmt: skip
    code, out, _ = influence(small_model, *options, "--shuffled", "--json")
    other = json.loads(out)
    assert (code, other["shuffled"], other["models"] == result["models"]) == (0, True, False)
    points = result["models"][1]["by_distance"]
    assert [point["distance"] for point in points] == [0, 1, 2]
    assert points[0] == {"distance": 0, "relative": 1.0, "texts": 60}
    assert result["models"][1]["last_words"] == pytest.approx(1)
    assert (tmp_path / "plot.svg").read_text().rstrip().endswith("</svg>")


def test_errors_are_one_line(influence, small_model, tmp_path):
    for arguments, message in (
        (
            (tmp_path / "none", "good"),
            f"{tmp_path}/none: no such model folder; included models are small, medium, large",
        ),
        ((small_model, " "), "no words in the text"),
        (
            (small_model, "good", "-o", "a.svg"),
            "-o plots a corpus, not a text",
        ),
        ((small_model, "good", "--shuffled"), "--shuffled is for a corpus, not for a text"),
        ((small_model, "-o", "a.pdf"), "a.pdf: expected a file name that ends in .svg or .png"),
    ):
        assert influence(*arguments) == (2, "", f"treernn: {message}\n")


def test_average_models_have_no_distances(influence, tmp_path):
    AverageClassifier(AverageConfig(4), ("<unk>", "good")).save(tmp_path / "average")
    code, out, err = influence(tmp_path / "average", "good")
    assert (code, out) == (2, "")
    assert "an average of word vectors has no distances" in err


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_trees_of_every_cell(influence, cell, bidirectional, data, tmp_path):
    words = ("<unk>", "a", "film", "good", "not")
    config = TreeConfig(4, 3, cell, bidirectional=bidirectional)
    TreeClassifier(config, words).save(tmp_path / "model")
    title = f"{CELLS[cell].title} tree{', bidirectional' * bidirectional}"
    code, out, err = influence(tmp_path / "model", "not good", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["model"] == title
    code, out, err = influence(tmp_path / "model", "--data", data, "--json")
    assert (code, err) == (0, "")
    [model] = json.loads(out)["models"]
    assert (model["name"], model["texts"]) == (title, 60)
    assert all(point["relative"] > 0 for point in model["by_distance"])
    for arguments in (("good",), ("--data", data)):
        code, out, err = influence(tmp_path / "model", *arguments)
        assert (code, err) == (0, "")
        assert title.split(",")[0] in out


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.torch_counterpart])
def test_chains_of_every_cell(influence, cell, tmp_path):
    words = ("<unk>", "a", "film", "good", "not")
    ChainClassifier(ChainConfig(4, 3, cell=cell, layers=2), words).save(tmp_path / "model")
    code, out, err = influence(tmp_path / "model", "not good", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["model"] == f"{CELLS[cell].title} chain, 2 layers"
