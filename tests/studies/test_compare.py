import json
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.tree_classifier import TreeClassifier
from treernn.studies import compare as module
from treernn.studies.compare import KINDS, Data, Settings, compare, fitting_size, folder
from treernn.types import Tree

SMALL = Settings(("chain-gru", "bidirectional-lstm", "tree-lstm"), (1, 2), 1, 8, 2)


def treebank(number: int, seed: int) -> list[Tree]:
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        words = random.choice(["bad", "film", "good"], int(random.integers(2, 5)))
        n = len(words)
        children = tuple((n + k - 1 if k else 0, k + 1) for k in range(n - 1))
        value = (words == "good").astype(int) - (words == "bad")
        sums = np.clip(np.concatenate([value, np.cumsum(value)[1:]]), -2, 2) + 2
        trees.append(Tree(tuple(words.tolist()), children, tuple(sums.tolist())))
    return trees


DATA = Data(treebank(24, 1), treebank(8, 2), treebank(9, 3))
VECTORS = WordVectors(("the", "good"), np.arange(8, dtype=np.float32).reshape(2, 4))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A folder of small models, and the report of them."""
    out = tmp_path_factory.mktemp("compared")
    return out, compare(DATA, VECTORS, SMALL, out)


@pytest.mark.parametrize("name", KINDS)
def test_the_hidden_size_is_that_of_the_nearest_number_of_weights(name):
    kind = KINDS[name]

    def count(size: int) -> int:
        return kind.settings(hidden_size=size).new(["<unk>"], None, 100).num_weights

    for budget in (1, 30_000, 286_355):
        size = fitting_size(kind, 100, budget)
        off = abs(count(size) - budget)
        assert off <= abs(count(size + 1) - budget)
        assert size == 1 or off <= abs(count(size - 1) - budget)


def test_weights_are_counted_without_the_word_vectors():
    e, h = 100, 221
    for words in (["<unk>"], ["<unk>", "a", "b"]):
        model = KINDS["chain-lstm"].settings(hidden_size=h).new(words, None, e)
        assert model.num_weights == 4 * h * (e + h + 1) + 5 * (h + 1)
    assert fitting_size(KINDS["tree-lstm"], e, 286_355) == 150
    assert fitting_size(KINDS["chain-lstm"], e, 286_355) == h


def test_what_is_reported_is_what_the_folders_hold(compared):
    out, report = compared
    assert {path.name for path in out.iterdir()} == {
        f"{name}-seed{seed}" for name in SMALL.models for seed in (1, 2)
    }
    for row in report.rows:
        kind = KINDS[row.model]
        assert (row.structure, row.cell, row.layers, row.bidirectional) == (
            kind.structure, kind.cell, kind.layers, kind.bidirectional,
        )  # fmt: skip
        load = {"tree": TreeClassifier, "chain": ChainClassifier}[kind.structure].load
        for number, seed in enumerate(SMALL.seeds):
            model = load(folder(out, row.model, seed))
            assert (model.config.hidden_size, model.num_weights) == (row.hidden_size, row.weights)
            for trees, found in ((DATA.dev, row.dev), (DATA.test, row.test)):
                expected = evaluate(trees, model.distributions(trees))
                assert [values[number] for values in found.values()] == [
                    expected.root.five, expected.root.binary, expected.all.five,
                ]  # fmt: skip
        assert list(row.dev) == list(row.test) == ["root_five", "root_binary", "all_five"]
        assert row.epochs == [1, 1]
        assert row.train_per_s > 0
        assert row.score_per_s > 0
    assert report.rows[2].hidden_size == 8
    counts = [row.weights for row in report.rows]
    assert max(counts) < 1.1 * min(counts)
    assert json.loads(json.dumps(report.to_dict()))["rows"][0]["model"] == "chain-gru"


def test_all_begin_with_the_same_word_vectors(tmp_path, monkeypatch):
    tables = {}

    def untrained(model, _train, _dev, settings, out, **_):
        tables[out.name] = model.embedding.weight.detach().clone()
        return {"epoch": settings.epochs}

    monkeypatch.setattr(module, "train_sentiment", untrained)
    monkeypatch.setattr(module, "_row", lambda *_: None)
    compare(DATA, VECTORS, SMALL, tmp_path)
    for seed in SMALL.seeds:
        first, *others = (tables[f"{name}-seed{seed}"] for name in SMALL.models)
        assert all(torch.equal(first, other) for other in others)
    assert not torch.equal(tables["chain-gru-seed1"], tables["chain-gru-seed2"])


def test_models_that_are_there_are_taken_up(compared, tmp_path):
    out, report = compared
    steps, epochs = [], []
    more = Settings((*SMALL.models, "tree-elman"), SMALL.seeds, 1, 8, 2)
    again = compare(
        DATA, VECTORS, more, out, lambda *at: steps.append(at), lambda *at: epochs.append(at)
    )
    assert steps == [("tree-elman", seed, 1, 1, 1) for seed in (1, 2)]
    assert [(name, seed, figures["epoch"]) for name, seed, figures in epochs] == [
        ("tree-elman", 1, 1), ("tree-elman", 2, 1),
    ]  # fmt: skip
    for one, other in zip(report.rows, again.rows, strict=False):
        assert (one.dev, one.test, one.epochs) == (other.dev, other.test, other.epochs)
    other = Settings(SMALL.models, (1,), 2, 8, 2)
    with pytest.raises(InputError, match="chain-gru-seed1 holds a model of other settings"):
        compare(DATA, VECTORS, other, out)
    with pytest.raises(InputError, match="at least 3 are needed to time a step"):
        compare(Data(DATA.train[:2], DATA.dev, DATA.test), None, SMALL, tmp_path)


def test_the_table_shows_every_model_with_mean_and_deviation(compared):
    _, report = compared
    console = Console(width=180, file=StringIO())
    console.print(report.to_table())
    lines = console.file.getvalue().splitlines()
    for row, name in zip(report.rows, ("chain", "bidirectional", "tree"), strict=True):
        cells = [line.replace("│", " ").split() for line in lines if line.startswith(f"│ {name} ")]
        assert len(cells) == 1
        assert cells[0][1:4] == [row.cell, str(row.layers), str(row.hidden_size)]
        assert cells[0].count("±") == 6
    assert module.mean_and_deviation([50.0, 52.0]) == "51.0 ± 1.4"
    assert module.mean_and_deviation([50.04]) == "50.0"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"models": ("chain-gpt",)}, "no model is called 'chain-gpt'; there are chain-elman, "),
        ({"models": ()}, "models: [], expected some, and each once"),
        ({"seeds": (1, 1)}, "seeds: [1, 1], expected some, and each once"),
        ({"seeds": (-1,)}, "seed is -1, expected from 0 to below 2**63"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
    ],
)
def test_settings_that_no_comparison_has(values, message):
    with pytest.raises(InputError) as error:
        Settings(**values)
    assert str(error.value).startswith(message)
