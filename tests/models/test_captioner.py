"""A captioner: its initial states, batches, and its folder."""

import json
import re

import numpy as np
import pytest
import torch
from comparing import assert_same_weights
from torch.nn import functional as F

from treernn.corpora.digits import WORDS
from treernn.errors import InputError, ModelError
from treernn.models.captioner import Captioner, CaptionerConfig, tokenize_caption
from treernn.models.decoder import END, SPECIAL_WORDS, UNKNOWN, collate_targets

KINDS = [
    CaptionerConfig(embedding_size=6, hidden_size=8),
    CaptionerConfig(feature_size=5, embedding_size=6, hidden_size=8, cell="gru", layers=2),
    CaptionerConfig(feature_size=5, embedding_size=6, hidden_size=8, cell="elman"),
    CaptionerConfig(embedding_size=6, hidden_size=8, layers=2, dropout=0.5),
]


def build(config):
    torch.manual_seed(1)
    model = Captioner(config, (*SPECIAL_WORDS, *WORDS))
    for weight in model.parameters():  # with the small weights of a beginning all captions are one
        weight.data.mul_(2)
    return model.eval()


@pytest.fixture(params=KINDS, ids=lambda config: f"{config.cell}-{config.layers}")
def model(request):
    return build(request.param)


def images_for(model, count=9):
    random = np.random.default_rng(2)
    if size := model.config.feature_size:
        return list(random.normal(size=(count, size)).astype(np.float32))
    widths = 8 * (1 + np.arange(count) % 5)
    return [random.random((8, width), np.float32) for width in widths]


def test_batches_equal_single_images(model):
    images = images_for(model)
    for beam in (1, 3):
        together = model.caption(images, beam_size=beam, max_length=6)
        for caption, image in zip(together, images, strict=True):
            [alone] = model.caption([image], beam_size=beam, max_length=6)
            assert alone.text == caption.text
            assert alone.score == pytest.approx(caption.score, abs=1e-4)
    assert len({caption.text for caption in together}) > 1
    assert model.caption([]) == []


def test_scores_equal_those_of_teacher_forcing(model):
    images = images_for(model)
    for image, caption in zip(images, model.caption(images, max_length=6), strict=True):
        rows = model.vocabulary.ids(caption.text.split())
        with torch.no_grad():
            scores = model(model.collate([image]), collate_targets([rows]))
        scores[:, UNKNOWN] = -torch.inf
        gold = torch.tensor([*rows, END])
        losses = F.cross_entropy(scores, gold, reduction="none")
        if len(rows) == 6:  # cut off
            losses = losses[:-1]
        assert caption.score == pytest.approx(-losses.mean().item(), abs=1e-4)


def test_the_decoder_starts_from_a_projection_of_the_image():
    model = build(KINDS[0])
    [image] = images_for(model, 1)
    batch, target = (
        model.collate([image]),
        collate_targets([model.vocabulary.ids(["three", "one"])]),
    )
    with torch.no_grad():
        h, c = torch.tanh(model.project(model.encoder(batch))).chunk(2, 1)
        [state] = model.initial_states(batch)
        assert torch.equal(state.h, h)
        assert torch.equal(state.c, c)
        scores = model(batch, target)
        assert torch.equal(scores, model.decoder([state], target))
        assert not torch.allclose(scores, model.decoder([state._replace(c=-c)], target))


def test_rows_of_digits_are_padded_with_paper():
    model = build(KINDS[0])
    row = np.full((8, 16), 0.5, np.float32)
    wide = np.pad(row, ((0, 0), (0, 24)))
    assert model.collate([row, wide]).shape == (2, 8, 40)
    assert torch.equal(*model.collate([row, wide]))


def test_captioning_restores_training_mode(model):
    model.train()
    model.caption(images_for(model, 1), max_length=2)
    assert model.training


def test_save_and_load(model, tmp_path):
    model.save(tmp_path / "model", settings={"seed": 3})
    actual = Captioner.load(tmp_path / "model")
    assert actual.config == model.config
    assert actual.vocabulary.words == model.vocabulary.words
    assert not actual.training
    assert_same_weights(actual, model)
    images = images_for(model)
    for one, other in zip(actual.caption(images), model.caption(images), strict=True):
        assert one.text == other.text
        assert one.score == pytest.approx(other.score, rel=1e-5)
    assert json.loads((tmp_path / "model/config.json").read_text())["settings"] == {"seed": 3}


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ({"model": {"feature_size": -1}}, "describes no captioner .feature_size is -1"),
        ({"model": {"depth": 1}}, "describes no captioner .*depth"),
        ({"model": 3}, "describes no captioner"),
        ({"other": {}}, "describes no captioner"),
        ({"model": {"hidden_size": 9}}, "weights do not fit config.json"),
    ],
)
def test_damaged_folders(tmp_path, damage, problem):
    build(KINDS[0]).save(tmp_path / "model")
    path = tmp_path / "model/config.json"
    path.write_text(json.dumps({"format": 2, "kind": "captioner", **damage}))
    with pytest.raises(ModelError, match=problem):
        Captioner.load(tmp_path / "model")


def test_a_vocabulary_without_special_words(tmp_path):
    build(KINDS[0]).save(tmp_path / "model")
    (tmp_path / "model/vocabulary.txt").write_text("a\nb\n")
    config = json.loads((tmp_path / "model/config.json").read_text())
    del config["vocabulary_sha256"]
    (tmp_path / "model/config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="vocabulary must begin with <unk>, </s>"):
        Captioner.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (np.zeros((8, 12)), "image 2 has shape [8, 12], expected a row of digits: [8, 8 n]"),
        (np.zeros((8, 48)), "image 2 has shape [8, 48], expected a row of digits"),
        (np.zeros((8, 0)), "image 2 has shape [8, 0], expected a row of digits"),
        (np.zeros(64), "image 2 has shape [64], expected a row of digits"),
        (np.full((8, 8), 16), "image 2 has values from 16 to 16, expected from 0 (paper) to 1"),
        (np.full((8, 8), np.nan), "image 2 has a value that is not finite"),
    ],
)
def test_images_that_are_not_rows_of_digits(image, problem):
    with pytest.raises(InputError, match="^" + re.escape(problem)):
        build(KINDS[0]).caption([np.zeros((8, 8)), image])


def test_images_that_are_not_feature_vectors():
    with pytest.raises(InputError, match=re.escape("image 1 has shape [4], expected [5]")):
        build(KINDS[1]).caption([np.zeros(4)])
    with pytest.raises(InputError, match="image 1 has a value that is not finite"):
        build(KINDS[1]).caption([np.full(5, np.inf)])


def test_a_beam_size_of_zero():
    with pytest.raises(InputError, match=r"^beam_size is 0, expected at least 1$"):
        build(KINDS[1]).caption([np.zeros(5)], beam_size=0)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"feature_size": 1.5}, "feature_size is 1.5, expected a whole number, at least 0"),
        ({"cell": "rnn"}, "cell is 'rnn', expected one of elman, gru, lstm"),
        ({"dropout": 1}, "dropout is 1, expected from 0 to below 1"),
    ],
)
def test_config_values_out_of_range(value, problem):
    with pytest.raises(InputError, match=f"^{re.escape(problem)}$"):
        CaptionerConfig(**value)


def test_tokenize_caption():
    assert tokenize_caption("Two dogs’ tails -- wagging!") == ["two", "dogs", "tails", "wagging"]
    assert tokenize_caption("The man's crêpe.") == ["the", "man's", "crêpe"]
    assert tokenize_caption(" \n") == []
