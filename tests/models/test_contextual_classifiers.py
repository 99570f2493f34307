"""Tree and average classifiers on an encoder."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from treernn.encoders.base_model import BaseModel
from treernn.encoders.encoder import load_encoder
from treernn.encoders.fine_tuning import layer_groups, set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError
from treernn.models import phrase_classifier as module
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.sentiment import load_sentiment
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.types import Tree

pytest.importorskip("peft")

TREES = [
    Tree(("a", "surprisingly", "good", "film"), ((1, 2), (4, 3), (0, 5))),
    Tree(("surly",)),
    Tree(("is", "n't", "bad"), ((1, 2), (0, 3))),
]
KINDS = [(TreeClassifier, TreeConfig(8, 6)), (AverageClassifier, AverageConfig(8, tanh=True))]


def taught(encoder, how) -> None:
    """Train the encoder for a few steps."""
    set_trainable(encoder, Tuning(how, lora_rank=2))
    groups = layer_groups(encoder, 0.1)
    if groups:
        optimiser = torch.optim.SGD(groups)
        encoder(encoder.collate(encoder.encode([("a", "film")]))).square().sum().backward()
        optimiser.step()


@pytest.fixture(params=KINDS, ids=["tree", "average"])
def new_model(request, tiny_encoder):
    kind, config = request.param

    def model(how="full"):
        torch.manual_seed(1)
        encoder = load_encoder(tiny_encoder())
        taught(encoder, how)
        return kind(config, encoder).eval()

    return model


def close(actual, expected, atol=1e-6) -> None:
    assert len(actual) == len(expected)
    for mine, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=atol)


def test_trees_merge_the_encoders_vectors(tiny_encoder):
    torch.manual_seed(1)
    encoder = load_encoder(tiny_encoder())
    model = TreeClassifier(TreeConfig(8, 6), encoder).eval()
    vectors = encoder.embed([tree.words for tree in TREES])
    for tree, actual, x in zip(TREES, model.distributions(TREES), vectors, strict=True):
        none, nothing = torch.zeros(1, 2, 6), torch.zeros(1, 8)
        states = [model.cell(row[None], none, none) for row in torch.from_numpy(x)]
        for children in tree.children:
            h, c = (torch.stack([states[i][part] for i in children], 1) for part in (0, 1))
            states.append(model.cell(nothing, h, c))
        expected = model.classifier(torch.cat([h for h, _ in states])).softmax(1)
        np.testing.assert_allclose(actual, expected.detach().numpy(), atol=1e-5)


def test_means_of_the_encoders_vectors(tiny_encoder):
    torch.manual_seed(1)
    encoder = load_encoder(tiny_encoder())
    model = AverageClassifier(AverageConfig(8), encoder).eval()
    vectors = encoder.embed([TREES[0].words])[0]
    means = np.array([vectors[start:end].mean(0) for start, end in TREES[0].spans()])
    expected = model.classifier(torch.from_numpy(means)).softmax(1).detach().numpy()
    close(model.distributions(TREES[:1]), [expected], 1e-5)


def test_batches_equal_single_sentences(new_model, monkeypatch):
    model = new_model()
    together = model.distributions(TREES)
    close(together, [model.distributions([tree])[0] for tree in TREES], 1e-5)
    monkeypatch.setattr(module, "_MAX_ENCODER_BATCH_SIZE", 1)
    close(model.distributions(TREES), together, 1e-5)


def test_sentences_longer_than_a_window(new_model):
    words = ("a", "good", "film", "surprisingly") * 40
    children = [(0, 1)] + [(len(words) + i, i + 2) for i in range(len(words) - 2)]
    tree = Tree(words, tuple(children))
    long, short = new_model().distributions([tree, TREES[0]])
    assert long.shape == (tree.num_nodes, 5)
    np.testing.assert_allclose(long.sum(1), 1, atol=1e-5)
    close([short], new_model().distributions([TREES[0]]), 1e-5)


@pytest.mark.parametrize("how", ["full", "lora", "frozen"])
def test_folders_contain_the_trained_weights(new_model, how, tmp_path):
    model = new_model(how)
    model.save(tmp_path / "model")
    tensors = load_file(tmp_path / "model" / "model.safetensors")
    of_encoder = [name for name in tensors if name.startswith("embedding.")]
    assert all((".lora_" in name) == (how == "lora") for name in of_encoder)
    assert bool(of_encoder) == (how != "frozen")
    again = load_sentiment(tmp_path / "model")
    close(again.distributions(TREES), model.distributions(TREES), 1e-5)
    # What was loaded can be saved, too.
    again.save(tmp_path / "again")
    close(load_sentiment(tmp_path / "again").distributions(TREES), model.distributions(TREES), 1e-5)


def test_float16_is_for_the_encoder_only(new_model, tmp_path):
    new_model("lora").save(tmp_path / "model", storage_dtype="float16")
    for name, tensor in load_file(tmp_path / "model" / "model.safetensors").items():
        half = name.startswith("embedding.")
        assert tensor.dtype == (torch.float16 if half else torch.float32)


def test_int8_is_for_the_matrices_of_the_encoder(new_model, tmp_path):
    model = new_model()
    model.save(tmp_path / "model", storage_dtype="int8")
    for name, tensor in load_file(tmp_path / "model" / "model.safetensors").items():
        matrix = name.startswith("embedding.") and tensor.dim() == 2 and name.endswith(".weight")
        assert tensor.dtype == (torch.int8 if matrix else torch.float16)
    close(load_sentiment(tmp_path / "model").distributions(TREES), model.distributions(TREES), 0.05)


def test_bfloat16(new_model, tmp_path):
    model = new_model()
    model.save(tmp_path / "model")
    actual = load_sentiment(tmp_path / "model", "bfloat16")
    assert {weight.dtype for weight in actual.embedding.parameters()} == {torch.bfloat16}
    assert actual.classifier.weight.dtype == torch.float32
    rows, exact = actual.distributions(TREES), model.distributions(TREES)
    close(rows, exact, 0.02)
    assert any(not np.array_equal(mine, theirs) for mine, theirs in zip(rows, exact, strict=True))


def test_without_the_base_model(new_model, tiny_encoder, tmp_path, monkeypatch):
    folder = tmp_path / "elsewhere" / "tiny"
    shutil.copytree(tiny_encoder(), folder)
    model = new_model()
    model.embedding.base = replace(model.embedding.base, name=str(folder))
    model.save(tmp_path / "model")
    folder = folder.rename(folder.parent / "gone")
    with pytest.raises(ModelError, match=r"elsewhere/tiny: no such folder of a pretrained enc"):
        load_sentiment(tmp_path / "model")
    # In the folder of the user's data it is found by its last name.
    folder.rename(folder.parent / "tiny")
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path / "data"))
    close(load_sentiment(tmp_path / "model").distributions(TREES), model.distributions(TREES), 1e-5)


def test_another_base_model_is_refused(new_model, tiny_encoder, tmp_path):
    model = new_model("lora")
    base = model.embedding.base
    model.embedding.base = replace(
        base, sha256=BaseModel.from_folder(tiny_encoder("bert", 1)).sha256
    )
    model.save(tmp_path / "model")
    with pytest.raises(ModelError, match="not the expected base model"):
        load_sentiment(tmp_path / "model")


@pytest.mark.parametrize(
    "broken",
    [[], {}, {"base": {}, "tuning": {}}, {"base": 1, "tuning": {}}, {"tuning": {"how": "half"}}],
)
def test_damaged_configurations(new_model, tmp_path, broken):
    new_model().save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text())
    if isinstance(broken, dict) and "how" in broken.get("tuning", {}):
        broken["base"] = config["encoder"]["base"]
    path.write_text(json.dumps({**config, "encoder": broken}))
    with pytest.raises(ModelError, match=r"model: config\.json describes no encoder \("):
        load_sentiment(tmp_path / "model")


def test_an_embedding_size_that_is_not_the_encoders(tiny_encoder):
    with pytest.raises(
        InputError, match=r"^embedding_size is 9, the output size of the encoder is 8$"
    ):
        TreeClassifier(TreeConfig(9), load_encoder(tiny_encoder()))
