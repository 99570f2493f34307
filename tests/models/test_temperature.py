"""The temperature of sentiment models."""

import errno
import json
import math

import numpy as np
import pytest
from comparing import assert_close

from treernn import files
from treernn.checks import brief
from treernn.errors import InputError, ModelError
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.sentiment import store_temperature
from treernn.models.tree_classifier import TreeClassifier, TreeConfig

KINDS = [(TreeClassifier, TreeConfig), (ChainClassifier, ChainConfig)]
WORDS = ("<unk>", "a", "b", "c")


@pytest.mark.parametrize(("model", "config"), KINDS)
def test_logits_are_divided_by_the_temperature(model, config, random_trees, tmp_path):
    trees = random_trees(5)
    model(config(4, 3), WORDS).save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    settings = json.loads(path.read_text())
    before = model.load(tmp_path / "model").distributions(trees)
    settings["model"]["temperature"] = 2.5
    path.write_text(json.dumps(settings))
    loaded = model.load(tmp_path / "model")
    for old, new in zip(before, loaded.distributions(trees), strict=True):
        powers = old.astype(np.float64) ** (1 / 2.5)
        np.testing.assert_allclose(new, powers / powers.sum(1, keepdims=True), atol=1e-6)
        assert (old.argmax(1) == new.argmax(1)).all()
    loaded.save(tmp_path / "again")
    assert model.load(tmp_path / "again").config.temperature == 2.5


@pytest.mark.parametrize(("model", "config"), KINDS)
def test_the_default_temperature(model, config, random_trees, tmp_path):
    saved = model(config(4, 3), WORDS)
    saved.save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    settings = json.loads(path.read_text())
    del settings["model"]["temperature"]
    path.write_text(json.dumps(settings))
    trees = random_trees(3)
    loaded = model.load(tmp_path / "model")
    assert loaded.config.temperature == 1
    assert_close(loaded.distributions(trees), saved.distributions(trees))


@pytest.mark.parametrize(("model", "config"), KINDS)
@pytest.mark.parametrize("value", [0, -1.0, 1e-300, 1e300, 10**400, math.nan, "1", True, None])
def test_temperatures_out_of_range(model, config, value, tmp_path):
    message = f"temperature is {brief(value)}, expected 0.01 to 100"
    with pytest.raises(InputError) as error:
        config(4, 3, temperature=value)
    assert str(error.value) == message
    model(config(4, 3), WORDS).save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    settings = json.loads(path.read_text())
    settings["model"]["temperature"] = value
    path.write_text(json.dumps(settings))
    with pytest.raises(ModelError, match=r"temperature is|it has the number NaN"):
        model.load(tmp_path / "model")


@pytest.fixture
def folder(tmp_path):
    TreeClassifier(TreeConfig(4, 3), ("<unk>", "a")).save(tmp_path / "model", seed=5)
    (tmp_path / "model" / "MODEL_CARD.md").write_text("a model")
    return tmp_path / "model"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_storing_changes_only_the_temperature(folder):
    before = contents(folder)
    store_temperature(folder, 1.25)
    after = contents(folder)
    assert TreeClassifier.load(folder).config == TreeConfig(4, 3, temperature=1.25)
    config = json.loads(before.pop("config.json"))
    config["model"]["temperature"] = 1.25
    assert json.loads(after.pop("config.json")) == config
    assert after == before


def test_a_failed_write_leaves_the_folder_unchanged(folder, monkeypatch):
    before = contents(folder)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match=r"config\.json: cannot be written .*No space left"):
        store_temperature(folder, 1.25)
    assert contents(folder) == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": 3}'])
def test_folders_without_a_temperature(folder, text):
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"config\.json: not a model with a temperature"):
        store_temperature(folder, 1.25)
    assert (folder / "config.json").read_text() == text
