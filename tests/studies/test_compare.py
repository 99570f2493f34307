import json
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn
from treebanks import left_branching, mean

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.tree_classifier import TreeClassifier
from treernn.studies import compare as module
from treernn.studies.compare import MODELS, Settings, compare, fit_size, folder, num_weights
from treernn.training.tasks.initialization import new_classifier
from treernn.types import Splits

SMALL = Settings(("chain-gru", "bidirectional-lstm", "tree-lstm"), (1, 2), 1, 8, 2)


WORDS = ("bad", "film", "good")
DATA = Splits(*(left_branching(n, seed, mean, WORDS) for seed, n in enumerate((24, 8, 9), 1)))
VECTORS = WordVectors(("the", "good"), np.arange(8, dtype=np.float32).reshape(2, 4))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A folder of small models, and the report of them."""
    out = tmp_path_factory.mktemp("compared")
    return out, compare(DATA, VECTORS, SMALL, out)


@pytest.mark.parametrize("name", MODELS)
def test_the_hidden_size_gives_the_nearest_number_of_weights(name):
    settings = MODELS[name]

    def count(size: int) -> int:
        return num_weights(settings.updated(hidden_size=size))

    for budget in (1, 30_000, 286_355):
        size = fit_size(settings, budget).model.hidden_size
        off = abs(count(size) - budget)
        assert off <= abs(count(size + 1) - budget)
        assert size == 1 or off <= abs(count(size - 1) - budget)


def test_weights_are_counted_without_the_word_vectors():
    e, h = 100, 221
    for words in (["<unk>"], ["<unk>", "a", "b"]):
        model = new_classifier(MODELS["chain-lstm"].updated(hidden_size=h), words)
        assert model.num_weights == 4 * h * (e + h + 1) + 5 * (h + 1)
    assert fit_size(MODELS["tree-lstm"], 286_355).model.hidden_size == 150
    assert fit_size(MODELS["chain-lstm"], 286_355).model.hidden_size == h


def test_the_report_is_about_the_models_in_the_folders(compared):
    out, report = compared
    assert {path.name for path in out.iterdir()} == {
        f"{name}-seed{seed}" for name in SMALL.models for seed in (1, 2)
    }
    rows = json.loads(json.dumps(report.values))["rows"]
    assert [row["model"] for row in rows] == list(SMALL.models)
    names = ("structure", "cell", "layers", "bidirectional")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("chain", "gru", 1, False), ("chain", "lstm", 1, True), ("tree", "lstm", 1, False),
    ]  # fmt: skip
    for row in rows:
        load = {"tree": TreeClassifier, "chain": ChainClassifier}[row["structure"]].load
        for number, seed in enumerate(SMALL.seeds):
            model = load(folder(out, row["model"], seed))
            assert model.config.hidden_size == row["hidden_size"]
            assert model.num_weights == row["weights"]
            for part in ("dev", "test"):
                trees = getattr(DATA, part)
                expected = evaluate(trees, model.distributions(trees))
                assert {name: values[number] for name, values in row[part].items()} == {
                    "root_five": expected.root.five,
                    "root_binary": expected.root.binary,
                    "all_five": expected.all.five,
                }
        assert row["epochs"] == [1, 1]
        assert row["train_per_s"] > 0
        assert row["score_per_s"] > 0
    assert rows[2]["hidden_size"] == 8
    counts = [row["weights"] for row in rows]
    assert max(counts) < 1.1 * min(counts)


def test_all_models_start_with_the_same_word_vectors(tmp_path, monkeypatch):
    tables = {}

    def untrained(task, out, **_):
        tables[out.name] = task.model.embedding.weight.detach().clone()
        return {"epoch": task.settings.epochs}

    monkeypatch.setattr(module, "fit", untrained)
    monkeypatch.setattr(module, "load_sentiment", lambda *_: nn.Identity())
    monkeypatch.setattr(module, "_results", lambda *_: {})
    monkeypatch.setattr(module, "_table", lambda *_: None)
    compare(DATA, VECTORS, SMALL, tmp_path)
    for seed in SMALL.seeds:
        first, *others = (tables[f"{name}-seed{seed}"] for name in SMALL.models)
        assert all(torch.equal(first, other) for other in others)
    assert not torch.equal(tables["chain-gru-seed1"], tables["chain-gru-seed2"])


def test_finished_models_are_not_trained_again(compared, tmp_path):
    out, report = compared
    epochs = []
    more = Settings((*SMALL.models, "tree-elman"), SMALL.seeds, 1, 8, 2)
    again = compare(DATA, VECTORS, more, out, lambda *at: epochs.append(at))
    assert [(name, seed, metrics["epoch"]) for name, seed, metrics in epochs] == [
        ("tree-elman", 1, 1), ("tree-elman", 2, 1),
    ]  # fmt: skip
    for one, other in zip(report.values["rows"], again.values["rows"], strict=False):
        assert [one[name] == other[name] for name in ("dev", "test", "epochs")] == [True] * 3
    other = Settings(SMALL.models, (1,), 2, 8, 2)
    with pytest.raises(InputError, match="chain-gru-seed1 holds a model of other settings"):
        compare(DATA, VECTORS, other, out)
    with pytest.raises(InputError, match="at least 3 are needed to time a step"):
        compare(DATA._replace(train=DATA.train[:2]), None, SMALL, tmp_path)


def test_the_table_shows_each_model_with_mean_and_deviation(compared):
    _, report = compared
    console = Console(width=180, file=StringIO())
    console.print(report.table)
    lines = console.file.getvalue().splitlines()
    for row, name in zip(report.values["rows"], ("chain", "bidirectional", "tree"), strict=True):
        cells = [line.replace("│", " ").split() for line in lines if line.startswith(f"│ {name} ")]
        assert len(cells) == 1
        assert cells[0][1:4] == [row["cell"], str(row["layers"]), str(row["hidden_size"])]
        assert cells[0].count("±") == 6


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"models": ("chain-gpt",)}, "no model is called 'chain-gpt'; there are chain-elman, "),
        ({"models": ()}, "models: [], expected one or more, each once"),
        ({"seeds": (1, 1)}, "seeds: [1, 1], expected one or more, each once"),
        ({"seeds": (-1,)}, "seed is -1, expected from 0 to below 2**63"),
        ({"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
    ],
)
def test_wrong_settings(values, message):
    with pytest.raises(InputError) as error:
        Settings(**values)
    assert str(error.value).startswith(message)
