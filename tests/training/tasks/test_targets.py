import json

import numpy as np
import pytest
import torch

from treernn.corpora.targets import SpanTarget, TargetText, target_of_side
from treernn.errors import InputError
from treernn.models.names import TARGETS
from treernn.models.storage import weights_checksum
from treernn.models.target_classifier import load_targets
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.target_trees import target_trees
from treernn.training.loop.trainer import fit
from treernn.training.tasks.target_settings import TargetSettings
from treernn.training.tasks.targets import TargetTask, new_targets, store_with_model, target_data
from treernn.types import Splits

THINGS = ("food", "wine", "staff", "music")
SIDES = {"positive": "good", "negative": "bad", "neutral": "green"}
PARSER = ShapeParser(balanced)


def opinions(number, seed):
    """Sentences with two opinions, for which only the word beside a thing tells its side."""
    random = np.random.default_rng(seed)
    texts = []
    for _ in range(number):
        things = random.choice(THINGS, 2, replace=False).tolist()
        sides = random.choice([*SIDES], 2, replace=False).tolist()
        words = [SIDES[sides[0]], things[0], "but", SIDES[sides[1]], things[1]]
        text = " ".join(words)
        parts = [
            SpanTarget(text.index(thing), text.index(thing) + len(thing), target_of_side(side))
            for thing, side in zip(things, sides, strict=True)
        ]
        texts.append(TargetText(text, tuple(parts)))
    return texts


@pytest.fixture
def base():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        words = ("<unk>", "but", *THINGS, *SIDES.values())
        return TreeClassifier(TreeConfig(embedding_size=10, hidden_size=10), words).eval()


def data():
    parts = (
        target_trees(opinions(number, seed), PARSER)[0] for number, seed in [(300, 1), (60, 2)]
    )
    return Splits(*parts)


def settings(**values):
    return TargetSettings(epochs=6, learning_rate=0.03, ema_decay=0.9).updated(**values)


def test_learns_which_opinion_is_about_what(base, tmp_path):
    before = {name: value.clone() for name, value in base.state_dict().items()}
    base.save(tmp_path)
    chosen = settings(input_dropout=0.0, dropout=0.1)
    model = new_targets(base, chosen)
    best = fit(TargetTask(model, data(), chosen, weights_checksum(tmp_path)), tmp_path / TARGETS)
    assert best["dev_accuracy"] > 95
    assert best["dev_recall"] > 90
    for name, value in base.state_dict().items():
        assert torch.equal(value, before[name])
    trees = data().dev
    loaded = load_targets(base, tmp_path)
    rows = loaded.distributions([each.tree for each in trees], [each.places for each in trees])
    gold = np.concatenate([each.targets.argmax(1) for each in trees])
    found = np.concatenate(rows)
    sides = np.stack([found[:, :2].sum(1), found[:, 2], found[:, 3:].sum(1)], 1).argmax(1)
    assert (sides == np.array([0, 1, 1, 2])[np.minimum(gold, 3)]).mean() > 0.95
    assert json.loads((tmp_path / TARGETS / "config.json").read_text())[
        "base_sha256"
    ] == weights_checksum(tmp_path)


def test_an_average_of_word_vectors_sees_no_opinion(base, tmp_path):
    chosen = settings(structure="average", epochs=2)
    base.save(tmp_path)
    model = new_targets(base, chosen)
    best = fit(TargetTask(model, data(), chosen, weights_checksum(tmp_path)), tmp_path / TARGETS)
    assert best["dev_accuracy"] < 70
    assert load_targets(base, tmp_path).config.structure == "average"


def test_resumes_to_the_same_weights(base, tmp_path):
    chosen = settings(epochs=3, batch_size=64)
    folders = tmp_path / "one", tmp_path / "two"
    fit(TargetTask(new_targets(base, chosen), data(), chosen, "0"), folders[0])

    class KilledError(Exception):
        pass

    def kill(metrics):
        if metrics["epoch"] == 2:
            raise KilledError

    with pytest.raises(KilledError):
        fit(TargetTask(new_targets(base, chosen), data(), chosen, "0"), folders[1], on_epoch=kill)
    fit(TargetTask(new_targets(base, chosen), data(), chosen, "0"), folders[1])
    one, two = ((folder / "model.safetensors").read_bytes() for folder in folders)
    assert one == two


def test_nothing_to_train_on(base):
    empty = target_trees([TargetText("good food", ())], PARSER)[0]
    for splits, problem in (
        (Splits(empty, data().dev), "train data: no labelled target in a sentence"),
        (Splits(data().train, empty), "dev data: no labelled target in a sentence"),
    ):
        with pytest.raises(InputError, match=problem):
            TargetTask(new_targets(base, settings()), splits, settings(), "0")


def test_an_encoder_is_needed_to_train_one(base):
    with pytest.raises(InputError, match="tuning is 'lora', but the model has no encoder"):
        new_targets(base, settings(tuning="lora"))
    with pytest.raises(InputError, match="tuning is 'magic'"):
        settings(tuning="magic")


def test_a_copy_of_the_model_beside_its_targets(base, tmp_path):
    base.save(tmp_path / "model")
    (tmp_path / "model" / "lexicon.json").write_text("{}")
    store_with_model(tmp_path / "out", tmp_path / "model")
    assert (tmp_path / "out" / "lexicon.json").read_text() == "{}"
    assert weights_checksum(tmp_path / "out") == weights_checksum(tmp_path / "model")
    store_with_model(tmp_path / "out", tmp_path / "model")  # as it is
    store_with_model(tmp_path / "model", tmp_path / "model")
    with torch.no_grad():
        base.classifier.bias.add_(1)
    base.save(tmp_path / "model")
    with pytest.raises(InputError, match="has another model, choose another folder"):
        store_with_model(tmp_path / "out", tmp_path / "model")


def test_a_tenth_of_the_texts_is_held_out(tmp_path):
    rows = [
        {
            "text": text.text,
            "spans": [
                {"start": part.start, "end": part.end, "label": "positive"} for part in text.targets
            ],
        }
        for text in opinions(20, 3)
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    splits, left_out = target_data(PARSER, [path], None, seed=1)
    assert (len(splits.train), len(splits.dev), left_out) == (18, 2, 0)
    splits, _ = target_data(PARSER, [path], path, seed=1)
    assert len(splits.train) == len(splits.dev) == 20
