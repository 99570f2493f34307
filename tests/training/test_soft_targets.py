import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from treebanks import left_branching

from treernn.errors import InputError
from treernn.models.sentiment import load_sentiment
from treernn.training.initialization import new_classifier
from treernn.training.sentiment import SentimentTask, phrase_loss, vocabulary
from treernn.training.sentiment_settings import AverageSettings, ChainSettings, TreeSettings
from treernn.training.soft_targets import SoftTargets, mix_labels
from treernn.training.trainer import fit
from treernn.types import Splits, Tree

SMALL = {
    "dropout": 0.0, "epochs": 3, "batch_size": 4, "ema_decay": 0.0, "seed": 7, "embedding_size": 5,
}  # fmt: skip
TRAIN, DEV = left_branching(30, 1), left_branching(15, 2)
RANDOM = np.random.default_rng(3)
PREDICTED = [RANDOM.dirichlet([1.0] * 5, tree.num_nodes).astype(np.float32) for tree in TRAIN]


def test_mix_labels():
    tree = Tree(("not", "bad"), ((0, 1),), (2, -1, 3))
    predicted = np.array([[0.2] * 5, [0.1, 0.6, 0.1, 0.1, 0.1], [0, 0, 0.5, 0.5, 0]], np.float32)
    (found,) = mix_labels([tree], [predicted], 0.25)
    np.testing.assert_allclose(found[0], [0.15, 0.15, 0.4, 0.15, 0.15], atol=1e-6)
    np.testing.assert_allclose(found[1], predicted[1], atol=1e-6)
    np.testing.assert_allclose(found[2], [0, 0, 0.375, 0.625, 0], atol=1e-6)
    (soft,) = mix_labels([Tree(tree.words, tree.children)], [predicted], 1.0, temperature=2.0)
    expected = np.sqrt(predicted)
    np.testing.assert_allclose(soft, expected / expected.sum(1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize(
    ("label_weight", "temperature", "message"),
    [(1.5, 1, "label_weight is 1.5"), (-0.1, 1, "label_weight is -0.1"), (0, 0, "temperature is 0"),
     (0, float("nan"), "temperature is nan")],
)  # fmt: skip
def test_wrong_mixtures(label_weight, temperature, message):
    with pytest.raises(InputError, match=f"^{message}, expected "):
        mix_labels(TRAIN, PREDICTED, label_weight, temperature)


def test_sampling_of_an_epoch():
    soft = SoftTargets(PREDICTED, 10, 0.3)
    assert soft.epoch_size == 16
    first, second = (soft.sample(np.random.default_rng(seed)) for seed in (1, 2))
    for drawn in first, second:
        assert drawn[:10] == list(range(10))
        assert len(set(drawn)) == 16
        assert max(drawn) < 30
    assert first != second
    for resample in (0.0, 1.2, -1.0):
        with pytest.raises(InputError, match=r"^resample is "):
            SoftTargets(PREDICTED, 10, resample)


@pytest.mark.parametrize("root_weight", [1.0, 3.0])
def test_the_loss_is_a_mixture_of_both_losses(root_weight):
    settings = TreeSettings().updated(hidden_size=6, **SMALL)
    model = new_classifier(settings, vocabulary(TRAIN, None, 0)).eval()
    batch = model.collate(model.encode(TRAIN[:5]))
    scores = model(batch).detach()

    def loss(label_weight=None):
        targets = None
        if label_weight is not None:
            rows = np.concatenate(mix_labels(TRAIN[:5], PREDICTED[:5], label_weight))
            targets = model.to_batch_order(torch.from_numpy(rows), batch)
        roots = batch.plan.roots
        return float(phrase_loss(scores, batch.labels, targets, 0.0, root_weight, roots))

    assert loss(1.0) == pytest.approx(loss(), rel=1e-5)
    by_hand, at = 0.0, 0
    ordered = model.to_tree_order(scores, batch)
    for tree, predicted in zip(TRAIN[:5], PREDICTED[:5], strict=True):
        rows = ordered[at : at + tree.num_nodes]
        each = F.cross_entropy(rows, torch.from_numpy(predicted), reduction="none")
        by_hand += float(each.sum() + (root_weight - 1) * each[-1])
        at += tree.num_nodes
    assert loss(0.0) == pytest.approx(by_hand, rel=1e-5)
    assert loss(0.3) == pytest.approx(0.3 * loss(1.0) + 0.7 * loss(0.0), rel=1e-5)


@pytest.mark.parametrize(
    "settings",
    [TreeSettings().updated(hidden_size=8, **SMALL),
     ChainSettings().updated(hidden_size=8, **SMALL), AverageSettings().updated(**SMALL)],
)  # fmt: skip
def test_distillation(tmp_path, settings):
    """The teacher knows the classes; the student has no labels."""
    one_hot = np.eye(5, dtype=np.float32) * 0.9 + 0.02
    teacher = [one_hot[list(tree.labels)] for tree in TRAIN]
    bare = [Tree(tree.words, tree.children) for tree in TRAIN]
    soft = SoftTargets(mix_labels(bare, teacher, 0.5), 1)
    lines = []
    model = new_classifier(settings, vocabulary(TRAIN, None, 0))
    data = Splits([TRAIN[0], *bare[1:]], DEV)
    fit(SentimentTask(model, data, settings, soft), tmp_path / "m", on_epoch=lines.append)
    assert lines[-1]["loss"] < lines[0]["loss"]
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    assert config["soft_targets"] == soft.provenance()


def run(out: Path, resample: float, **more) -> bytes:
    settings = TreeSettings().updated(hidden_size=8, **SMALL)
    soft = SoftTargets(mix_labels(TRAIN, PREDICTED, 0.5), 10, resample)
    model = new_classifier(settings, vocabulary(TRAIN, None, 0))
    fit(SentimentTask(model, Splits(TRAIN, DEV), settings, soft), out, **more)
    load_sentiment(out)
    return (out / "model.safetensors").read_bytes()


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path):
    def die(epoch, done, _steps):
        if (epoch, done) == (2, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "interrupted", 0.4, on_step=die)
    assert run(tmp_path / "interrupted", 0.4) == run(tmp_path / "uninterrupted", 0.4)
    with pytest.raises(InputError, match="holds a model of other settings"):
        run(tmp_path / "interrupted", 0.5)
