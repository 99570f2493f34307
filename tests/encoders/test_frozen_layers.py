import numpy as np
import pytest
import torch

from treernn.encoders.encoder import load_encoder
from treernn.encoders.fine_tuning import layer_groups, set_trainable
from treernn.encoders.frozen_layers import below, check_layers
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError

pytest.importorskip("peft")

LONG = ("the", "film", "is", "n't", "surprisingly", "good", ".") * 5  # two windows
SENTENCES = [("a", "good", "film"), LONG, ("surly",), ("is", "n't", "surprisingly", "bad", ".")]
KINDS = ("bert", "roberta", "electra", "distilbert", "mpnet")


def half_trained(tiny_encoder, kind="bert", method="lora", frozen_layers=1):
    encoder = load_encoder(tiny_encoder(kind, 3))
    set_trainable(encoder, Tuning(method, lora_rank=2, frozen_layers=frozen_layers))
    return encoder


@pytest.mark.parametrize("method", ["lora", "layers"])
@pytest.mark.parametrize("kind", KINDS)
def test_two_parts_compute_what_the_whole_computes(tiny_encoder, kind, method):
    encoder = half_trained(tiny_encoder, kind, method)
    with torch.no_grad():  # also after training
        for weight in encoder.parameters():
            if weight.requires_grad:
                weight += 0.1
    expected = np.concatenate(encoder.embed(SENTENCES))
    sentences = encoder.encode_training(SENTENCES)
    for _ in range(2):  # computed, then kept
        vectors = encoder(encoder.collate(sentences)).detach().numpy()
        np.testing.assert_allclose(vectors, expected, rtol=2e-2, atol=2e-2)  # float16 in between
        assert all(each.states.dtype == torch.float16 for each in sentences)


def test_states_are_computed_once(tiny_encoder, monkeypatch):
    encoder = half_trained(tiny_encoder)
    sentences = encoder.encode_training(SENTENCES)
    encoder.collate(sentences[:2])
    kept = sentences[0].states
    encoder.collate(sentences)
    assert sentences[0].states is kept
    monkeypatch.setattr(encoder.model, "embeddings", None)  # not needed any more
    encoder(encoder.collate(sentences[::-1]))


def test_states_are_kept_in_mixed_precision(tiny_encoder):
    encoder = half_trained(tiny_encoder)
    expected = np.concatenate(encoder.embed(SENTENCES))
    sentences = encoder.encode_training(SENTENCES)
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16):
            batch = encoder.collate(sentences)
            vectors = encoder(batch).detach().float().numpy()
        np.testing.assert_allclose(vectors, expected, rtol=5e-2, atol=5e-2)


def test_states_have_no_dropout(tiny_encoder):
    encoder = half_trained(tiny_encoder)
    encoder.train()
    first, second = encoder.encode_training(SENTENCES), encoder.encode_training(SENTENCES)
    for sentences in (first, second):
        encoder.collate(sentences)
    assert encoder.training
    assert all(torch.equal(a.states, b.states) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("method", ["lora", "layers"])
def test_gradients_are_those_of_the_whole(tiny_encoder, method):
    encoder = half_trained(tiny_encoder, "mpnet", method)
    learning = {name: each for name, each in encoder.named_parameters() if each.requires_grad}
    assert learning
    assert not any(".0." in name for name in learning)
    assert not any("relative_attention_bias" in name for name in learning)
    assert len(layer_groups(encoder, 1.0)) > 0

    def gradients(batch):
        encoder.zero_grad()
        encoder(batch).square().sum().backward()
        return {name: each.grad.clone() for name, each in learning.items()}

    whole = gradients(encoder.collate(encoder.encode(SENTENCES)))
    parts = gradients(encoder.collate(encoder.encode_training(SENTENCES)))
    for name, gradient in whole.items():
        scale = gradient.abs().max().item() + 1e-3
        assert (gradient - parts[name]).abs().max().item() < 0.03 * scale, name


def test_model_is_whole_after_an_error(tiny_encoder):
    model = load_encoder(tiny_encoder("bert", 3)).model
    with pytest.raises(TypeError), below(model, 1):
        model(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    assert len(model.encoder.layer) == 3


def test_no_such_layers(tiny_encoder):
    encoder = load_encoder(tiny_encoder("bert", 3))
    for method in ("lora", "layers"):
        for count in (3, 4):
            with pytest.raises(
                InputError, match=f"frozen_layers is {count}, expected less than 3, "
            ):
                set_trainable(encoder, Tuning(method, frozen_layers=count))
    with pytest.raises(InputError, match="frozen_layers is for the tuning layers or lora"):
        Tuning("full", frozen_layers=1)
    with pytest.raises(InputError, match="frozen_layers is -1"):
        Tuning(frozen_layers=-1)


def test_indivisible_models(tiny_encoder):
    encoder = load_encoder(tiny_encoder("bert", 3))
    layer = encoder.model.encoder.layer

    class Scaled(type(layer[0])):
        def forward(self, *inputs, **kwargs):
            output = super().forward(*inputs, **kwargs)
            return output * len(encoder.model.encoder.layer)

    layer[2].__class__ = Scaled
    with pytest.raises(InputError, match="the lower layers of a bert model cannot be frozen"):
        check_layers(encoder.model, 1)
