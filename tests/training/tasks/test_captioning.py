"""Training of captioners."""

import copy
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from treernn.corpora.captions import Captioned
from treernn.corpora.digits import WORDS, rows
from treernn.errors import InputError
from treernn.evaluation.captioning import caption_metrics
from treernn.models.captioner import Captioner
from treernn.models.decoder import SPECIAL_WORDS
from treernn.training.loop.settings import settings_from
from treernn.training.loop.trainer import CHECKPOINT, fit
from treernn.training.tasks.captioning import (
    CaptioningSettings,
    CaptioningTask,
    _distorted,
    load_digits,
    new_captioner,
)
from treernn.types import Splits

pytest.importorskip("sklearn")
pytest.importorskip("sacrebleu")

SMALL = CaptioningSettings().updated(
    embedding_size=16, hidden_size=24, dropout=0.0, batch_size=8, ema_decay=0.0,
    learning_rate=0.02, epochs=10, patience=10,
)  # fmt: skip
CAPTIONS = (
    ("A dog runs.", "the dog runs"),
    ("A cat sleeps!",),
    ("A man rides a horse.", "a man on a horse", "rider"),
    ("Two birds",),
)


@pytest.fixture(scope="module")
def images():
    vectors = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    return [
        Captioned(f"{number}.jpg", vector, captions)
        for number, (vector, captions) in enumerate(zip(vectors, CAPTIONS, strict=True))
    ]


def train(images, out, settings=SMALL, dev=None, **options):
    data = Splits(images, dev or images)
    return fit(CaptioningTask(new_captioner(settings, images), data, settings), out, **options)


def test_training_on_features(images, tmp_path):
    best = train(images * 16, tmp_path / "model", dev=images)
    assert best["dev_exact"] == 100
    model = Captioner.load(tmp_path / "model")
    assert model.config.feature_size == 6
    captions = [caption.text for caption in model.caption([image.image for image in images])]
    assert caption_metrics(captions, images).exact == 100
    assert captions[1] == "a cat sleeps"
    config = json.loads((tmp_path / "model/config.json").read_text())
    assert config["settings"]["epochs"] == 10
    assert (config["data"]["train"]["images"], config["data"]["train"]["captions"]) == (64, 112)
    assert config["chosen"] == best


def test_all_weights_are_trained_on_rows_of_digits(tmp_path):
    few, settings = rows("train", 40), SMALL.updated(epochs=1, batch_size=20)
    model = new_captioner(settings, few)
    before = copy.deepcopy(model.state_dict())
    best = fit(CaptioningTask(model, Splits(few, few), settings), tmp_path / "model")
    after = model.state_dict()
    for name, weight in before.items():
        changed = (after[name] != weight).float().mean()
        assert changed > 0.9 or name == "decoder.embedding.weight", name
    assert 5 < best["loss"] < 15  # three digits of ten each and the end, all as likely: 9.8 nats


@pytest.mark.slow  # some minutes: fewer epochs than by default come to the bar, one does not
def test_accuracy_on_rows_of_digits(tmp_path):
    data, settings = load_digits(), CaptioningSettings(epochs=8)
    model = new_captioner(settings, data.train)
    fit(CaptioningTask(model, data, settings), tmp_path / "model")
    test = rows("test", 2000)
    captions = Captioner.load(tmp_path / "model").caption([row.image for row in test])
    assert caption_metrics([caption.text for caption in captions], test).exact >= 95


def test_an_interrupted_run_resumes_with_the_same_result(images, tmp_path):
    settings = SMALL.updated(epochs=4, dropout=0.3, ema_decay=0.9)
    train(images, tmp_path / "uninterrupted", settings)

    def stop(epoch):
        if epoch["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(images, tmp_path / "interrupted", settings, on_epoch=stop)
    assert (tmp_path / "interrupted" / CHECKPOINT).exists()
    train(images, tmp_path / "interrupted", settings)
    for name in ("model.safetensors", "vocabulary.txt"):
        uninterrupted, interrupted = (
            tmp_path / which / name for which in ("uninterrupted", "interrupted")
        )
        assert uninterrupted.read_bytes() == interrupted.read_bytes()
    assert not (tmp_path / "interrupted" / CHECKPOINT).exists()
    again = train(images, tmp_path / "interrupted", settings)
    assert (
        again["epoch"]
        == json.loads((tmp_path / "interrupted/config.json").read_text())["chosen"]["epoch"]
    )
    with pytest.raises(InputError, match="holds a model of other settings, data"):
        train(images[::-1], tmp_path / "interrupted", settings)


def test_initial_weights_depend_on_the_seed(images):
    def start(seed):
        return new_captioner(SMALL.updated(seed=seed), images).project.weight

    assert torch.equal(start(1), start(1))
    assert not torch.equal(start(1), start(2))


def test_the_vocabulary(images):
    def words(min_count):
        return new_captioner(SMALL.updated(min_count=min_count), images).vocabulary.words

    assert words(1)[:4] == (*SPECIAL_WORDS, "a", "dog")
    assert words(2) == (*SPECIAL_WORDS, "a", "dog", "runs", "man", "horse")


def test_rows_of_digits_use_all_words():
    data = load_digits(20)
    assert (len(data.train), len(data.dev)) == (20, 1000)
    assert set(new_captioner(SMALL, data.train).vocabulary.words) == {*SPECIAL_WORDS, *WORDS}


def test_each_digit_is_distorted_within_its_square():
    torch.manual_seed(1)
    images = torch.rand(3, 8, 40)
    assert torch.allclose(_distorted(images, 0), images, atol=1e-6)
    found = _distorted(images, 0.2)
    assert found.shape == images.shape
    assert not torch.allclose(found, images, atol=0.1)
    assert 0 <= found.min() <= found.max() <= 1
    alone = images.clone()
    alone[:, :, 8:16] = 0  # the second digit
    found = _distorted(alone, 0.2)
    assert (found[:, :, 8:16] == 0).all()
    assert (found[:, :, :8].mean() - alone[:, :, :8].mean()).abs() < 0.1


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"min_count": 0}, "min_count is 0, expected a whole number, at least 1"),
        ({"distortion": 1.5}, "distortion is 1.5, expected from 0 to 1"),
        ({"cell": "tree"}, "cell is 'tree', expected one of elman, gru, lstm"),
        ({"embedding_size": 0}, "embedding_size is 0"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0, expected from 0 to below 1"),
    ],
)
def test_wrong_settings(value, problem):
    with pytest.raises(InputError, match=f"^{problem}"):
        settings_from(CaptioningSettings, value)


def test_wrong_data(images):
    with pytest.raises(InputError, match=r"^no train images$"):
        new_captioner(SMALL, [])
    with pytest.raises(InputError, match=r"^no word occurs 9 times in the train captions$"):
        new_captioner(SMALL.updated(min_count=9), images)
    model = new_captioner(SMALL, images)
    with pytest.raises(InputError, match=r"^no dev images$"):
        CaptioningTask(model, Splits(images, []), SMALL)
    other = [Captioned("other", np.zeros(5, np.float32), ("a",))]
    for train_on, dev in ((images, other), (other, images)):
        with pytest.raises(InputError, match=r"has shape \[5\], expected \[6\]"):
            CaptioningTask(model, Splits(train_on, dev), SMALL)


def test_the_table_of_settings_is_complete():
    document = Path(__file__).parents[3] / "docs" / "caption.md"
    found = re.findall(r"^\| `(\w+)` \| (\S+) \|", document.read_text("utf-8"), re.M)
    shown = {name: value.strip('`"') for name, value in found}
    assert shown == {name: str(value) for name, value in CaptioningSettings().values().items()}
