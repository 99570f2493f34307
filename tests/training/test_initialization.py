"""Training that begins with a model that has learnt already."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from treernn.errors import InputError
from treernn.models.sentiment import load_sentiment
from treernn.training.encoder_structures import ContextualAverageSettings, ContextualTreeSettings
from treernn.training.initialization import begun_as, shape_of
from treernn.training.structures import AverageSettings, ChainSettings, TreeSettings
from treernn.types import Tree

WORDS = ("<unk>", *"abcdefgh")
TREES = [
    Tree(("a", "b", "new", "c"), ((0, 1), (2, 3), (4, 5))),
    Tree(("h",)),
    Tree(("d", "a", "e"), ((1, 2), (0, 3))),
]
CASES = {
    "tree": TreeSettings("gru", hidden_size=6, bidirectional=True),
    "chain": ChainSettings(hidden_size=6, layers=2),
    "average": AverageSettings(hidden_size=3, tanh=True),
    "contextual tree": ContextualTreeSettings(hidden_size=6, tuning="full"),
    "contextual average": ContextualAverageSettings(hidden_size=3, tuning="frozen"),
}


@pytest.fixture(params=CASES)
def settings(request, tiny_encoder):
    found = CASES[request.param]
    on_encoder = "contextual" in request.param
    return replace(found, encoder=str(tiny_encoder())) if on_encoder else found


def learnt(model):
    """A model whose weights are no longer those that it began with."""
    torch.manual_seed(3)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data += 0.1 * torch.randn_like(weight)
    return model


def test_it_begins_with_the_words_and_the_weights(settings):
    model = learnt(settings.new(WORDS, None, 5))
    begun = begun_as(model, replace(settings, seed=9, dropout=0.25, epochs=3))
    assert begun is not model
    assert (type(begun), begun.config.dropout) == (type(model), 0.25)
    for found, same in zip(begun.distributions(TREES), model.distributions(TREES), strict=True):
        np.testing.assert_array_equal(found, same)
    next(iter(begun.classifier.parameters())).data.zero_()
    assert model.classifier.weight.abs().max() > 0
    before = [parameter.requires_grad for parameter in model.parameters()]
    assert [parameter.requires_grad for parameter in begun.parameters()] == before


def test_its_shape_are_settings(settings):
    shape = shape_of(settings.new(WORDS, None, 5))
    assert {"hidden_size"} <= shape.keys()
    assert {name: getattr(settings, name) for name in shape} == shape


def test_adapters_become_part_of_the_encoder(tiny_encoder, tmp_path):
    pytest.importorskip("peft")
    settings = ContextualTreeSettings(
        hidden_size=6, tuning="lora", lora_rank=2, mixed_precision=False
    )
    settings = replace(settings, encoder=str(tiny_encoder()))
    learnt(settings.new()).save(tmp_path / "model")
    model = load_sentiment(tmp_path / "model")
    assert shape_of(model)["tuning"] == "full"
    begun = begun_as(model, replace(settings, tuning="full"))
    for found, same in zip(begun.distributions(TREES), model.distributions(TREES), strict=True):
        np.testing.assert_array_equal(found, same)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (ChainSettings(), "the model to begin with is a tree-classifier, the settings are of a ch"),
        (
            TreeSettings(hidden_size=7),
            "settings: hidden_size is 7, that of the model to begin with is 6",
        ),
        (
            TreeSettings(hidden_size=6, bidirectional=True),
            "settings: bidirectional is True, that of the model to begin wit",
        ),
    ],
)
def test_settings_of_another_model(other, message):
    model = TreeSettings(hidden_size=6).new(WORDS, None, 5)
    with pytest.raises(InputError) as error:
        begun_as(model, other)
    assert str(error.value).startswith(message)


def test_settings_without_the_encoder(tiny_encoder):
    settings = ContextualTreeSettings(hidden_size=6, encoder=str(tiny_encoder()))
    with pytest.raises(
        InputError, match="settings: they have no encoder, the model to begin with has one"
    ):
        begun_as(settings.new(), TreeSettings(hidden_size=6))


def test_an_encoder_for_a_model_with_word_vectors(tiny_encoder):
    model = TreeSettings(hidden_size=6).new(WORDS, None, 5)
    settings = ContextualTreeSettings(hidden_size=6, encoder=str(tiny_encoder()))
    with pytest.raises(InputError, match="encoder: the model to begin with has word vectors"):
        begun_as(model, settings)
