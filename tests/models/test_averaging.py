import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from treernn.encoders.encoder import load_encoder
from treernn.encoders.fine_tuning import set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError
from treernn.models.averaging import average_models
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import weights_checksum
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.types import Tree

WORDS = ("<unk>", "a", "good", "film")
TREES = [Tree(("a", "good", "film"), ((1, 2), (0, 3)))]


def save_model(path, seed, dtype="float32", words=WORDS, **config):
    torch.manual_seed(seed)
    model = TreeClassifier(TreeConfig(4, hidden_size=3, **config), words)
    model.save(path, dtype, settings={"seed": seed}, data={"train": seed}, teachers=[seed])
    return path


def test_mean_of_the_weights(tmp_path):
    models = [save_model(tmp_path / str(seed), seed, temperature=seed + 0.5) for seed in (1, 2, 3)]
    average_models(models, tmp_path / "out", [0.5, 0.25, 0.25])
    states = [load_file(model / "model.safetensors") for model in models]
    for name, weight in load_file(tmp_path / "out" / "model.safetensors").items():
        torch.testing.assert_close(
            weight, 0.5 * states[0][name] + 0.25 * states[1][name] + 0.25 * states[2][name]
        )
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["model"]["temperature"] == 1  # fitted to other weights
    assert not {"settings", "data", "teachers"} & {*config}  # of each model, not of their mean
    assert config["averaged"] == [
        {
            "share": share,
            "weights_sha256": weights_checksum(model),
            "settings": {"seed": seed},
            "data": {"train": seed},
            "teachers": [seed],
        }
        for share, model, seed in zip([0.5, 0.25, 0.25], models, (1, 2, 3), strict=True)
    ]
    assert load_sentiment(tmp_path / "out").distributions(TREES)[0].shape == (5, 5)


def test_an_average_of_averages_tells_the_whole_way(tmp_path):
    models = [save_model(tmp_path / str(seed), seed) for seed in (1, 2, 3)]
    average_models(models[:2], tmp_path / "a")
    average_models([tmp_path / "a", models[2]], tmp_path / "b")
    first, third = json.loads((tmp_path / "b" / "config.json").read_text())["averaged"]
    assert [each["settings"]["seed"] for each in (*first["averaged"], third)] == [1, 2, 3]


def test_equal_shares_by_default(tmp_path):
    models = [save_model(tmp_path / str(seed), seed) for seed in (1, 2)]
    average_models(models, tmp_path / "a")
    average_models(models, tmp_path / "b", [0.5, 0.5])
    assert weights_checksum(tmp_path / "a") == weights_checksum(tmp_path / "b")


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_stored_as_the_first(tmp_path, dtype):
    models = [save_model(tmp_path / "1", 1, dtype), save_model(tmp_path / "2", 2)]
    average_models(models, tmp_path / "out")
    first, out = (load_file(tmp_path / name / "model.safetensors") for name in ("1", "out"))
    assert {name: weight.dtype for name, weight in out.items()} == {
        name: weight.dtype for name, weight in first.items()
    }


def test_adapters_of_other_factors_make_the_same_change(tmp_path, tiny_encoder):
    pytest.importorskip("peft")
    torch.manual_seed(1)
    encoder = load_encoder(tiny_encoder())
    set_trainable(encoder, Tuning("lora", lora_rank=2))
    model = TreeClassifier(TreeConfig(8, 6), encoder).eval()
    adapters = {
        name: weight.data.normal_()
        for name, weight in model.named_parameters()
        if weight.requires_grad and ".lora_" in name
    }
    model.save(tmp_path / "a")
    for name, weight in adapters.items():
        weight.mul_(4 if ".lora_A." in name else 0.25)
    model.save(tmp_path / "b")
    average_models([tmp_path / "a", tmp_path / "b"], tmp_path / "out", [0.3, 0.7])
    expected, actual = (load_sentiment(tmp_path / name) for name in ("a", "out"))
    np.testing.assert_allclose(
        actual.distributions(TREES)[0], expected.distributions(TREES)[0], atol=1e-4
    )
    further = load_sentiment(tmp_path / "out", keep_adapters=True)
    assert further.embedding.tuning == replace(encoder.tuning, lora_rank=2)


def test_models_of_other_kinds(tmp_path):
    for seed in (1, 2):
        torch.manual_seed(seed)
        Tagger(TaggerConfig(4, hidden_size=4), WORDS, ("N", "V")).save(tmp_path / str(seed))
    average_models([tmp_path / "1", tmp_path / "2"], tmp_path / "out")
    assert Tagger.load(tmp_path / "out")


def test_taggers_of_other_tags(tmp_path):
    for name, tags in (("a", ("N", "V")), ("b", ("V", "N"))):
        Tagger(TaggerConfig(4, hidden_size=4), tags, WORDS).save(tmp_path / name)
    with pytest.raises(InputError, match="b: its tags differ from those of "):
        average_models([tmp_path / "a", tmp_path / "b"], tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("tuning", {"method": "lora", "lora_alpha": 32}, "adapters"),
        ("base_sha256", "0" * 64, "sentiment models"),
        ("characters", 3, "words of the source"),
    ],
)
def test_what_weights_mean_besides_the_sizes(tmp_path, name, value, problem):
    for model in ("a", "b"):
        save_model(tmp_path / model, 1)
    config = json.loads((tmp_path / "b" / "config.json").read_text())
    (tmp_path / "b" / "config.json").write_text(json.dumps({**config, name: value}))
    with pytest.raises(InputError, match=f"b: its {problem} differ from those of "):
        average_models([tmp_path / "a", tmp_path / "b"], tmp_path / "out")


@pytest.mark.parametrize("sizes", [None, [4, 3]])
def test_a_configuration_without_sizes(tmp_path, sizes):
    for model in ("a", "b"):
        save_model(tmp_path / model, 1)
    config = json.loads((tmp_path / "b" / "config.json").read_text())
    (tmp_path / "b" / "config.json").write_text(json.dumps({**config, "model": sizes}))
    with pytest.raises(ModelError, match=r"b: config\.json describes no model, it has no sizes"):
        average_models([tmp_path / "a", tmp_path / "b"], tmp_path / "out")


@pytest.mark.parametrize(
    ("names", "shares", "problem"),
    [
        (["a"], (), "an average needs two models or more"),
        (["a", "a"], [1.0], "2 models need 2 shares, not 1"),
        (["a", "a"], [0.5, 0.6], "the shares sum to 1.1, expected 1"),
        (["a", "a"], [-0.5, 1.5], "a share is -0.5, expected 0 to 1"),
        (["a", "a"], [float("nan"), 0.5], "the shares sum to nan, expected 1"),
        (["a", "larger"], (), "larger: its sizes differ from those of "),
        (["a", "words"], (), "words: its words differ from those of "),
    ],
)
def test_what_has_no_average(tmp_path, names, shares, problem):
    save_model(tmp_path / "a", 1)
    save_model(tmp_path / "larger", 1, cell="gru")
    save_model(tmp_path / "words", 1, words=(*WORDS[:3], "movie"))
    with pytest.raises(InputError, match=problem):
        average_models([tmp_path / name for name in names], tmp_path / "out", shares)
    assert not (tmp_path / "out").exists()


def test_other_kinds_missing_folders_and_models_in_the_way(tmp_path):
    save_model(tmp_path / "a", 1)
    Tagger(TaggerConfig(4, hidden_size=4), WORDS, ("N", "V")).save(tmp_path / "tagger")
    with pytest.raises(ModelError, match="the kind of model is tagger, expected tree-classifier"):
        average_models([tmp_path / "a", tmp_path / "tagger"], tmp_path / "out")
    with pytest.raises(ModelError, match="no such model folder"):
        average_models([tmp_path / "a", tmp_path / "nothing"], tmp_path / "out")
    before = weights_checksum(tmp_path / "a")
    with pytest.raises(InputError, match="has a model, which is not replaced; name a new folder"):
        average_models([tmp_path / "a", tmp_path / "a"], tmp_path / "a")
    assert weights_checksum(tmp_path / "a") == before
