import sys

import numpy as np
import pytest
import torch

from treernn.errors import InputError, ModelError
from treernn.models.encoder import load_encoder
from treernn.models.fine_tuning import (
    adapter_state,
    layer_groups,
    merge,
    put_adapter_state,
    trainable,
)

pytest.importorskip("peft")

SENTENCES = [("a", "good", "film"), ("is", "n't", "surprisingly", "bad", "."), ("surly",)]
KINDS = ("bert", "deberta-v2", "distilbert", "mpnet")


@pytest.fixture
def encoder(tiny_encoder):
    return load_encoder(tiny_encoder())


def learn(encoder, steps=3, rate=0.1) -> None:
    torch.manual_seed(1)
    optimiser = torch.optim.AdamW(layer_groups(encoder, rate))
    batch = encoder.batch(encoder.prepare(SENTENCES))
    encoder.train()
    for _ in range(steps):
        optimiser.zero_grad()
        encoder(batch).square().sum().backward()
        optimiser.step()
    encoder.eval()


def vectors(encoder) -> np.ndarray:
    return np.concatenate(encoder.encode(SENTENCES))


def learning(encoder) -> set[str]:
    return {name for name, weight in encoder.model.named_parameters() if weight.requires_grad}


def test_whole_and_frozen(encoder):
    trainable(encoder, "frozen")
    assert not learning(encoder)
    assert layer_groups(encoder, 1.0) == []
    trainable(encoder, "whole")
    assert learning(encoder) == {name for name, _ in encoder.model.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("feed_forward", [False, True])
def test_adapters_alone_learn(tiny_encoder, kind, feed_forward):
    encoder = load_encoder(tiny_encoder(kind))
    before = {name: weight.clone() for name, weight in encoder.model.state_dict().items()}
    untrained = vectors(encoder)
    trainable(encoder, "lora", rank=2, feed_forward=feed_forward)
    assert learning(encoder) == set(adapter_state(encoder))
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
def test_merged_adapters_give_the_same(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    names = [name for name, _ in encoder.model.named_parameters()]
    trainable(encoder, "lora", rank=2)
    learn(encoder)
    learnt = vectors(encoder)
    merge(encoder)
    assert [name for name, _ in encoder.model.named_parameters()] == names
    np.testing.assert_allclose(vectors(encoder), learnt, atol=1e-5)
    merge(encoder)
    trainable(encoder, "lora", rank=2)  # and once more, on top


def test_adapters_travel_alone(encoder, tiny_encoder):
    trainable(encoder, "lora", rank=2)
    learn(encoder)
    learnt, state = vectors(encoder), adapter_state(encoder)
    assert sum(weight.numel() for weight in state.values()) == 2 * 2 * (4 * 16 + 2 * 20)
    learn(encoder)  # what was taken out is a copy
    other = load_encoder(tiny_encoder())
    trainable(other, "lora", rank=2)
    put_adapter_state(other, state)
    assert np.array_equal(vectors(other), learnt)


def test_adapters_that_do_not_fit(encoder):
    trainable(encoder, "lora", rank=2)
    state = adapter_state(encoder)
    first = min(state)
    with pytest.raises(ModelError, match=f"^adapters do not fit: {first} is missing, expected "):
        put_adapter_state(encoder, {name: state[name] for name in state if name != first})
    with pytest.raises(ModelError, match=r" is \[3, 8\], expected \[2, 8\]$"):
        put_adapter_state(encoder, {**state, first: torch.zeros(3, 8)})
    with pytest.raises(ModelError, match=r"^adapters do not fit: a is \[1\], expected missing$"):
        put_adapter_state(encoder, {**state, "a": torch.zeros(1)})


def test_rank_and_alpha(encoder):
    untrained = vectors(encoder)
    trainable(encoder, "lora", rank=4, alpha=8, feed_forward=False)
    state = adapter_state(encoder)
    assert {min(weight.shape) for weight in state.values()} == {4}
    name = "encoder.layer.0.attention.self.query"
    layer = encoder.model.get_submodule(name)
    a, b = state[f"{name}.lora_A.default.weight"], torch.ones(8, 4)
    put_adapter_state(encoder, {**state, f"{name}.lora_B.default.weight": b})
    merged = layer.base_layer.weight + 2 * b @ a
    assert np.abs(vectors(encoder) - untrained).max() > 1e-4
    merge(encoder)
    torch.testing.assert_close(encoder.model.get_submodule(name).weight, merged)


def test_wrong_settings(encoder, monkeypatch):
    with pytest.raises(InputError, match=r"^how is 'half', expected whole, lora or frozen$"):
        trainable(encoder, "half")
    for wrong in ({"rank": 0}, {"alpha": 0}, {"dropout": 1.0}):
        with pytest.raises(InputError, match="expected a rank of at least 1, alpha above 0"):
            trainable(encoder, "lora", **wrong)
    with pytest.raises(
        InputError, match=r"^the encoder has no adapters, make it trainable by lora"
    ):
        adapter_state(encoder)
    trainable(encoder, "lora")
    with pytest.raises(InputError, match=r"^the encoder has adapters already, merge them first$"):
        trainable(encoder, "whole")
    merge(encoder)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(InputError, match=r"pip install 'treernn\[transformers\]'$"):
        trainable(encoder, "lora")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["whole", "lora"])
def test_groups_hold_every_weight_that_learns_once(tiny_encoder, kind, how):
    encoder = load_encoder(tiny_encoder(kind))
    trainable(encoder, how)
    groups = layer_groups(encoder, 1e-3, decay=0.5, weight_decay=0.01)
    found = [id(weight) for group in groups for weight in group["params"]]
    assert len(found) == len(set(found))
    assert set(found) == {id(p) for p in encoder.model.parameters() if p.requires_grad}
    rates = [group["lr"] for group in groups]
    assert rates == sorted(rates)
    assert set(rates) == ({2.5e-4, 5e-4, 1e-3} if how == "whole" else {5e-4, 1e-3})
    for group in groups:
        for weight in group["params"]:
            assert group["weight_decay"] == (0.01 if weight.dim() > 1 else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_rates_fall_from_the_top_layer_down(tiny_encoder, kind):
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


def test_dropout_in_training_alone(encoder):
    batch = encoder.batch(encoder.prepare(SENTENCES))
    with torch.no_grad():
        assert torch.equal(encoder.eval()(batch), encoder(batch))
        assert not torch.equal(encoder.train()(batch), encoder(batch))
