"""Training that starts from a trained model."""

import pytest
import torch
from comparing import assert_close, assert_same_weights

from treernn.errors import InputError
from treernn.models.sentiment import load_sentiment
from treernn.training.tasks.initialization import fixed_settings, init_from, new_classifier
from treernn.training.tasks.sentiment_settings import (
    AverageSettings,
    ChainSettings,
    EncoderAverageSettings,
    EncoderTreeSettings,
    TreeSettings,
)
from treernn.types import Tree

WORDS = ("<unk>", *"abcdefgh")
TREES = [
    Tree(("a", "b", "new", "c"), ((0, 1), (2, 3), (4, 5))),
    Tree(("h",)),
    Tree(("d", "a", "e"), ((1, 2), (0, 3))),
]
CASES = {
    "tree": TreeSettings().updated(cell="gru", hidden_size=6, bidirectional=True, embedding_size=5),
    "chain": ChainSettings().updated(hidden_size=6, layers=2, embedding_size=5),
    "average": AverageSettings().updated(hidden_size=3, tanh=True, embedding_size=5),
    "encoder tree": EncoderTreeSettings().updated(hidden_size=6, tuning="full"),
    "encoder average": EncoderAverageSettings().updated(hidden_size=3, tuning="frozen"),
}


@pytest.fixture(params=CASES)
def settings(request, tiny_encoder):
    found = CASES[request.param]
    on_encoder = "encoder" in request.param
    return found.updated(encoder=str(tiny_encoder())) if on_encoder else found


def trained(model):
    """Change the weights of a model."""
    torch.manual_seed(3)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data += 0.1 * torch.randn_like(weight)
    return model


def test_a_new_model_has_the_words_and_weights_of_the_trained_one(settings):
    model = trained(new_classifier(settings, WORDS))
    fresh = init_from(model, settings.updated(seed=9, dropout=0.25, epochs=3))
    assert fresh is not model
    assert (type(fresh), fresh.config.dropout) == (type(model), 0.25)
    assert_same_weights(fresh, model)
    assert_close(fresh.distributions(TREES), model.distributions(TREES))
    next(iter(fresh.classifier.parameters())).data.zero_()
    assert model.classifier.weight.abs().max() > 0
    before = [parameter.requires_grad for parameter in model.parameters()]
    assert [parameter.requires_grad for parameter in fresh.parameters()] == before


def test_the_trained_model_fixes_some_settings(settings):
    fixed = fixed_settings(new_classifier(settings, WORDS))
    assert {"hidden_size"} <= fixed.keys()
    assert {name: settings.values()[name] for name in fixed} == fixed


@pytest.fixture
def lora_settings(tiny_encoder):
    pytest.importorskip("peft")
    return EncoderTreeSettings().updated(
        hidden_size=6,
        tuning="lora",
        lora_rank=2,
        precision="float32",
        encoder=str(tiny_encoder()),
    )


def test_adapters_are_merged(lora_settings, tmp_path):
    settings = lora_settings
    trained(new_classifier(settings)).save(tmp_path / "model")
    model = load_sentiment(tmp_path / "model")
    assert fixed_settings(model)["tuning"] == "full"
    fresh = init_from(model, settings.updated(tuning="full"))
    assert_same_weights(fresh, model)
    assert_close(fresh.distributions(TREES), model.distributions(TREES))


def test_adapters_that_are_kept_are_trained_further(lora_settings, tmp_path):
    settings = lora_settings.updated(frozen_layers=1)
    trained(new_classifier(settings)).save(tmp_path / "model")
    kept = load_sentiment(tmp_path / "model", keep_adapters=True)
    merged = load_sentiment(tmp_path / "model")
    assert_close(kept.distributions(TREES), merged.distributions(TREES))
    assert {"tuning": "lora", "lora_rank": 2, "frozen_layers": 1}.items() <= fixed_settings(
        kept
    ).items()
    fresh = init_from(kept, settings)
    assert_same_weights(fresh, kept)
    learning = {name for name, each in fresh.named_parameters() if each.requires_grad}
    assert {name for name in learning if name.startswith("embedding.")} == {
        name for name, _ in fresh.named_parameters() if ".lora_" in name
    }
    fresh.save(tmp_path / "again")
    again = load_sentiment(tmp_path / "again")
    assert_close(again.distributions(TREES), merged.distributions(TREES))
    with pytest.raises(InputError, match=r"lora_rank is 4, in the model to start from it is 2"):
        init_from(kept, settings.updated(lora_rank=4))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            ChainSettings(),
            "the model to start from is a tree-classifier, the settings are for a ch",
        ),
        (
            TreeSettings().updated(hidden_size=7),
            "settings: hidden_size is 7, in the model to start from it is 6",
        ),
        (
            TreeSettings().updated(hidden_size=6, bidirectional=True),
            "settings: bidirectional is True, in the model to start from it is False",
        ),
    ],
)
def test_settings_that_do_not_fit(other, message):
    model = new_classifier(TreeSettings().updated(hidden_size=6), WORDS)
    with pytest.raises(InputError) as error:
        init_from(model, other)
    assert str(error.value).startswith(message)


def test_settings_without_the_encoder(tiny_encoder):
    settings = EncoderTreeSettings().updated(hidden_size=6, encoder=str(tiny_encoder()))
    with pytest.raises(
        InputError, match="the settings have no encoder, the model to start from has one"
    ):
        init_from(new_classifier(settings), TreeSettings().updated(hidden_size=6))


def test_an_encoder_for_a_model_with_word_vectors(tiny_encoder):
    model = new_classifier(TreeSettings().updated(hidden_size=6), WORDS)
    settings = EncoderTreeSettings().updated(hidden_size=6, encoder=str(tiny_encoder()))
    with pytest.raises(InputError, match="settings: the model to start from has word vectors"):
        init_from(model, settings)
