import sys

import numpy as np
import pytest
import torch

from treernn.encoders.encoder import load_encoder
from treernn.encoders.fine_tuning import layer_groups, merge_adapters, set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, MissingPackageError

pytest.importorskip("peft")

SENTENCES = [("a", "good", "film"), ("is", "n't", "surprisingly", "bad", "."), ("surly",)]
KINDS = ("bert", "deberta-v2", "distilbert", "mpnet")


@pytest.fixture
def encoder(tiny_encoder):
    return load_encoder(tiny_encoder())


def learn(encoder, steps=3, rate=0.1) -> None:
    torch.manual_seed(1)
    optimiser = torch.optim.AdamW(layer_groups(encoder, rate))
    batch = encoder.collate(encoder.encode(SENTENCES))
    encoder.train()
    for _ in range(steps):
        optimiser.zero_grad()
        encoder(batch).square().sum().backward()
        optimiser.step()
    encoder.eval()


def vectors(encoder) -> np.ndarray:
    return np.concatenate(encoder.embed(SENTENCES))


def learning(encoder) -> set[str]:
    return {name for name, weight in encoder.model.named_parameters() if weight.requires_grad}


def test_full_and_frozen(encoder):
    set_trainable(encoder, Tuning("frozen"))
    assert not learning(encoder)
    assert layer_groups(encoder, 1.0) == []
    set_trainable(encoder, Tuning("full"))
    assert learning(encoder) == {name for name, _ in encoder.model.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
def test_only_layers_are_trainable(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    set_trainable(encoder, Tuning("layers"))
    names = {name for name, _ in encoder.model.named_parameters()}
    fixed = names - learning(encoder)
    assert fixed == {name for name in names if name.startswith("embeddings.")}
    assert any("word_embeddings" in name for name in fixed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("feed_forward", [False, True])
def test_only_adapters_are_trainable(tiny_encoder, kind, feed_forward):
    encoder = load_encoder(tiny_encoder(kind))
    before = {name: weight.clone() for name, weight in encoder.model.state_dict().items()}
    untrained = vectors(encoder)
    set_trainable(encoder, Tuning(lora_rank=2, feed_forward=feed_forward))
    assert all(".lora_" in name for name in learning(encoder))
    assert len(learning(encoder)) == 2 * 2 * (6 if feed_forward else 4)  # layers, matrices, places
    np.testing.assert_allclose(vectors(encoder), untrained, atol=1e-5)
    learn(encoder)
    assert np.abs(vectors(encoder) - untrained).max() > 0.01
    after = {
        name.replace(".base_layer", ""): weight
        for name, weight in encoder.model.state_dict().items()
        if "lora" not in name
    }
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


@pytest.mark.parametrize("kind", KINDS)
def test_merged_adapters_do_not_change_the_output(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    names = [name for name, _ in encoder.model.named_parameters()]
    set_trainable(encoder, Tuning(lora_rank=2))
    learn(encoder)
    trained = vectors(encoder)
    merge_adapters(encoder)
    assert [name for name, _ in encoder.model.named_parameters()] == names
    np.testing.assert_allclose(vectors(encoder), trained, rtol=1e-5, atol=1e-4)
    assert encoder.tuning == Tuning("full")
    assert learning(encoder) == set(names)
    merge_adapters(encoder)
    set_trainable(encoder, Tuning(lora_rank=2))  # and once more, on top


def test_rank_and_alpha(encoder):
    untrained = vectors(encoder)
    set_trainable(encoder, Tuning(lora_rank=4, lora_alpha=8, feed_forward=False))
    weights = dict(encoder.model.named_parameters())
    assert {min(weights[name].shape) for name in learning(encoder)} == {4}
    name = "encoder.layer.0.attention.self.query"
    layer = encoder.model.get_submodule(name)
    a, b = (weights[f"{name}.lora_{which}.default.weight"] for which in "AB")
    with torch.no_grad():
        b.fill_(1)
    merged = layer.base_layer.weight + 2 * b @ a
    assert np.abs(vectors(encoder) - untrained).max() > 1e-4
    merge_adapters(encoder)
    torch.testing.assert_close(encoder.model.get_submodule(name).weight, merged)


def test_a_frozen_encoder_encodes_training_sentences_once(encoder):
    read = encoder(encoder.collate(encoder.encode(SENTENCES)))
    assert not isinstance(encoder.encode_training(SENTENCES)[0], np.ndarray)
    set_trainable(encoder, Tuning("frozen"))
    encoded = encoder.encode_training(SENTENCES)
    assert [vectors.shape for vectors in encoded] == [(3, 8), (5, 8), (1, 8)]
    encoder.train()  # has no dropout then either
    torch.testing.assert_close(encoder(encoder.collate(encoded)), read)


@pytest.mark.parametrize("values", [{"lora_rank": 0}, {"lora_alpha": 0}, {"lora_dropout": 1.0}])
def test_wrong_sizes(values):
    with pytest.raises(InputError, match=r"^lora_\w+ is \S+, expected"):
        Tuning(**values)


def test_wrong_use(encoder, monkeypatch):
    with pytest.raises(
        InputError, match=r"^tuning is 'half', expected full, layers, lora or frozen$"
    ):
        Tuning("half")
    set_trainable(encoder, Tuning())
    with pytest.raises(InputError, match=r"^the encoder has adapters already, merge them first$"):
        set_trainable(encoder, Tuning("full"))
    merge_adapters(encoder)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[transformers\]'$"):
        set_trainable(encoder, Tuning())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["full", "lora"])
def test_groups_have_every_trainable_weight_once(tiny_encoder, kind, how):
    encoder = load_encoder(tiny_encoder(kind))
    set_trainable(encoder, Tuning(how))
    groups = layer_groups(encoder, 1e-3, decay=0.5, weight_decay=0.01)
    actual = [id(weight) for group in groups for weight in group["params"]]
    assert len(actual) == len(set(actual))
    assert set(actual) == {id(p) for p in encoder.model.parameters() if p.requires_grad}
    rates = [group["lr"] for group in groups]
    assert rates == sorted(rates)
    assert set(rates) == ({2.5e-4, 5e-4, 1e-3} if how == "full" else {5e-4, 1e-3})
    for group in groups:
        for weight in group["params"]:
            assert group["weight_decay"] == (0.01 if weight.dim() > 1 else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_learning_rates_decay_from_the_top_layer(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    groups = layer_groups(encoder, 1.0, decay=0.5)
    rate = {id(weight): group["lr"] for group in groups for weight in group["params"]}
    for name, weight in encoder.model.named_parameters():
        if name.startswith("embeddings."):
            assert rate[id(weight)] == 0.25
        elif ".layer.0." in name:
            assert rate[id(weight)] == 0.5
        elif ".layer.1." in name:
            assert rate[id(weight)] == 1


def test_dropout_in_training_only(encoder):
    batch = encoder.collate(encoder.encode(SENTENCES))
    with torch.no_grad():
        assert torch.equal(encoder.eval()(batch), encoder(batch))
        assert not torch.equal(encoder.train()(batch), encoder(batch))
