import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from treebanks import left_branching

from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError, ModelError
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import FILES
from treernn.training.loop.settings import settings_from
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import CHECKPOINT, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask
from treernn.training.tasks.sentiment_settings import EncoderAverageSettings, EncoderTreeSettings
from treernn.types import Splits

pytest.importorskip("peft")

WORDS = ("bad", "film", "the", "good")  # which the tiny encoder has pieces of
TRAIN, DEV = left_branching(60, 1, words=WORDS), left_branching(30, 2, words=WORDS)
DATA = Splits(TRAIN, DEV)


@pytest.fixture(params=["tree", "average"])
def settings(request, tiny_encoder):
    kind = {"tree": EncoderTreeSettings, "average": EncoderAverageSettings}[request.param]

    def chosen(**values):
        common = {"epochs": 2, "batch_size": 8, "lora_rank": 2, "dropout": 0.0, "seed": 3}
        return kind().updated(**{"encoder": str(tiny_encoder()), **common, **values})

    return chosen


def run(settings, out: Path, data=DATA, **options) -> dict:
    return fit(SentimentTask(new_classifier(settings), data, settings), out, **options)


def files(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES if name != "config.json"}


@pytest.mark.parametrize("tuning", ["full", "lora", "frozen"])
def test_training(settings, tuning, tmp_path):
    chosen = settings(
        tuning=tuning, epochs=15, patience=15, learning_rate=0.02, embedding_learning_rate=0.003
    )
    lines = []
    best = run(chosen, tmp_path / "m", on_epoch=lines.append)
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
    # The mixed precision of training is a little off that of use.
    found = np.concatenate(load_sentiment(tmp_path / "m").distributions(DEV)).argmax(1)
    gold = np.concatenate([tree.labels for tree in DEV])
    assert 100 * np.mean(found == gold) == pytest.approx(best["dev_all"], abs=3)


@pytest.mark.parametrize("tuning", ["full", "lora", "frozen"])
def test_tuning_selects_the_weights_that_change(settings, tuning, tiny_encoder):
    chosen = settings(tuning=tuning, precision="float32")
    model = new_classifier(chosen)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    task = SentimentTask(model, DATA, chosen)
    train_step(task, range(8), 0.1)
    changed = {
        name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])
    }
    of_encoder = {name for name in changed if name.startswith("embedding.")}
    assert changed - of_encoder == {name for name in before if not name.startswith("embedding.")}
    if tuning == "full":
        assert len(of_encoder) > 20
    elif tuning == "lora":
        # At first A gets no gradient, as B is zero.
        assert of_encoder
        assert all(".lora_B." in name or ".lora_A." in name for name in of_encoder)
    else:
        assert not of_encoder
        plain = load_encoder(tiny_encoder())
        batch = model.collate(model.encode_training(TRAIN[:8]))
        vectors = plain(plain.collate(plain.encode([tree.words for tree in TRAIN[:8]])))
        torch.testing.assert_close(model.embedding(batch.words), vectors)


def test_learning_rates_and_gradient_clipping(settings):
    chosen = settings(
        tuning="full",
        learning_rate=1.0,
        embedding_learning_rate=0.5,
        layer_decay=0.5,
        warmup_ratio=0.2,
        max_grad_norm=0.01,
        phrase_ratio=0.0,
        precision="float32",
    )
    model = new_classifier(chosen)
    task = SentimentTask(model, DATA, chosen)
    [optimizer] = task.optimizers
    groups = optimizer.param_groups
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    assert sum(len(group["params"]) for group in groups) == len(learning)
    for done, share in ((0.0, 0.0), (0.1, 0.45), (0.2, 0.8), (0.6, 0.4)):
        train_step(task, range(8), done)
        assert {round(group["lr"], 9) for group in groups} == {
            round(share * rate, 9) for rate in (1.0, 0.5, 0.25, 0.125)
        }
        length = torch.cat(
            [weight.grad.flatten() for weight in learning if weight.grad is not None]
        )
        length = length.norm()
        assert float(length) == pytest.approx(0.01, rel=1e-3)
    for group in groups:
        for weight in group["params"]:
            assert group["weight_decay"] == (0.01 if weight.dim() > 1 else 0)


@pytest.mark.parametrize("tuning", ["full", "lora", "frozen"])
def test_an_interrupted_run_resumes_with_the_same_result(settings, tuning, tmp_path):
    chosen = settings(tuning=tuning, dropout=0.2, ema_decay=0.5)
    run(chosen, tmp_path / "uninterrupted")

    def die(epoch, done, _steps):
        if (epoch, done) == (2, 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(chosen, tmp_path / "interrupted", on_step=die)
    with safe_open(tmp_path / "interrupted" / CHECKPOINT, "pt") as file:
        frozen = [name for name in file.keys() if ".embeddings.word_" in name]  # noqa: SIM118
    assert bool(frozen) == (tuning == "full")
    run(chosen, tmp_path / "interrupted")
    assert files(tmp_path / "interrupted") == files(tmp_path / "uninterrupted")
    other = chosen.updated(warmup_ratio=0.3)
    with pytest.raises(InputError, match="holds a model of other settings"):
        run(other, tmp_path / "interrupted")


def test_initial_weights_depend_on_the_seed(settings):
    def weights(chosen):
        return {name: weight.detach() for name, weight in new_classifier(chosen).named_parameters()}

    torch.rand(3)
    first, again, other = (weights(settings(seed=seed, tuning="lora")) for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    differ = {name for name in first if not torch.equal(first[name], other[name])}
    assert any(".lora_A." in name for name in differ)
    assert not any("embeddings" in name for name in differ)


def test_training_on_labelled_roots_only(settings, tmp_path):
    sentences = [
        tree.with_labels([-1] * (tree.num_nodes - 1) + [tree.labels[-1]]) for tree in TRAIN
    ]
    chosen = settings(epochs=1)
    best = run(chosen, tmp_path / "model", Splits(sentences, DEV))
    assert best["epoch"] == 1
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["settings"]["encoder"] == chosen.encoder


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tuning": "half"}, "tuning is 'half', expected full, layers, lora or frozen"),
        ({"lora_rank": 0}, "lora_rank is 0, expected a whole number, at least 1"),
        ({"max_grad_norm": -1.0}, "max_grad_norm is -1.0, expected 0 or more"),
        ({"warmup_ratio": 1.5}, "warmup_ratio is 1.5"),
        ({"layer_decay": -1.0}, "layer_decay is -1.0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"precision": "half"}, "precision is 'half', expected float32 or bfloat16"),
        ({"words": 3}, "no setting is called 'words'"),
    ],
)
def test_wrong_settings(values, message):
    with pytest.raises(InputError) as caught:
        settings_from(EncoderTreeSettings, values)
    assert str(caught.value).startswith(message)


def test_a_missing_encoder(tmp_path):
    chosen = EncoderTreeSettings(encoder=str(tmp_path / "gone"))
    with pytest.raises(ModelError, match=r"gone: no such folder of a pretrained encoder$"):
        new_classifier(chosen)
