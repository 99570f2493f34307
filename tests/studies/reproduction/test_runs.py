import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from treebanks import left_branching, mean

from treernn.corpora.glove import WordVectors
from treernn.errors import DataError, InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.tree_classifier import TreeClassifier
from treernn.studies.reproduction import bag_of_words, runs
from treernn.studies.reproduction.records import Run
from treernn.studies.reproduction.rows import ROWS, TASKS, Ensemble, Row
from treernn.studies.reproduction.runs import (
    Data,
    binary_labels,
    model_folder,
    root_labels,
    run_once,
)
from treernn.training.tasks.sentiment_settings import AverageSettings, ChainSettings, TreeSettings
from treernn.types import UNLABELLED, Splits, Tree

SMALL = {"epochs": 2, "batch_size": 8}
SMALL_ROWS = {
    "nb": Row(bag_of_words.Settings(), "none"),
    "vecavg": Row(AverageSettings().updated(**SMALL)),
    "lstm": Row(ChainSettings().updated(hidden_size=5, **SMALL), tasks=TASKS),
    "constituency-fixed": Row(
        TreeSettings().updated(hidden_size=5, embedding_learning_rate=0, **SMALL),
        "fixed",
        tasks=TASKS,
    ),
    "constituency-random": Row(TreeSettings().updated(hidden_size=5, **SMALL), "random"),
    "ensemble": Row(Ensemble("constituency-random", 2)),
}
TRAINED = [name for name in SMALL_ROWS if name != "ensemble"]
WORDS = ("bad", "film", "good", "the")
VECTORS = WordVectors(("the", "good", "bad"), np.arange(12, dtype=np.float32).reshape(3, 4) / 9)
TREES = Splits(*(left_branching(n, seed, mean, WORDS) for seed, n in enumerate((30, 12, 15), 1)))
DATA = Data(TREES, VECTORS, "made 4-d")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(runs, "ROWS", SMALL_ROWS)


def record_path(out, run):
    return out / "runs" / f"{run.name}.json"


def stored(out, run):
    return json.loads(record_path(out, run).read_text())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("row", TRAINED)
def test_a_run_is_trained_evaluated_and_written(tmp_path, row, task):
    run = Run(row, task, 3)
    record = run_once(run, DATA, tmp_path)
    values = stored(tmp_path, run)
    assert (record.run, record.quick) == (run, False)
    neutral = sum(tree.labels[-1] == 2 for tree in TREES.test)
    counts = {"five": 15, "binary": 15 - neutral}
    assert 0 < neutral < 15
    assert values["test"]["root"]["count"] == counts[task]
    assert values["test"]["root"]["count_binary"] == counts["binary"]
    assert record.weights > 0
    assert ("analyses" in values) == (task == "five")
    assert values["chosen"] in values["history"]
    assert values["seconds"] == sum(epoch["seconds"] for epoch in values["history"])
    if row == "nb":
        assert [entry["strength"] for entry in values["history"]] == [0.1, 0.3, 1.0, 3.0]
    else:
        assert values["settings"]["seed"] == 3
        assert [epoch["epoch"] for epoch in values["history"]] == [1, 2]


def test_the_figures_are_those_of_the_model_in_the_folder(tmp_path):
    run = Run("constituency-fixed", "binary", 1)
    record = run_once(run, DATA, tmp_path)
    model = TreeClassifier.load(model_folder(tmp_path, run))
    for part in "test", "dev":
        trees = binary_labels(getattr(TREES, part))
        expected = evaluate(trees, model.distributions(trees)).to_dict()
        assert stored(tmp_path, run)[part] == expected
    sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
    assert record.weights == sum(sizes.values()) - sizes["embedding.weight"]


@pytest.mark.parametrize("task", TASKS)
def test_an_ensemble_is_the_mean_of_its_members(tmp_path, task):
    members = [Run("constituency-random", task, seed) for seed in (1, 2)]
    first = run_once(members[0], DATA, tmp_path)
    run = Run("ensemble", task, 1)
    record = run_once(run, DATA, tmp_path)
    second = run_once(members[1], DATA, tmp_path)
    models = [TreeClassifier.load(model_folder(tmp_path, member)) for member in members]
    trees = TREES.test if task == "five" else binary_labels(TREES.test)
    one, other = (model.distributions(trees) for model in models)
    means = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
    values = stored(tmp_path, run)
    assert values["test"] == evaluate(trees, means).to_dict()
    assert values["seconds"] == first.figures["seconds"] + second.figures["seconds"]
    assert record.weights == 2 * first.weights
    assert (record.vectors, values["history"]) == ("made 4-d, tuned", [])
    assert run_once(run, DATA, tmp_path) == record


def test_word_vectors_are_those_of_the_row(tmp_path):
    pretrained = dict(zip(VECTORS.words, VECTORS.vectors, strict=True))
    names = {"constituency-fixed": "made 4-d, fixed", "constituency-random": "random 4-d, tuned"}
    for row, name in names.items():
        run = Run(row, "five", 1)
        assert run_once(run, DATA, tmp_path).vectors == name
        model = TreeClassifier.load(model_folder(tmp_path, run))
        table = dict(zip(model.embedding.vocabulary.words, model.embedding.weight, strict=True))
        assert set(table) == {"<unk>", *WORDS}
        for word, vector in pretrained.items():
            same = np.allclose(table[word].detach(), vector, atol=1e-3)
            assert same == (row == "constituency-fixed")


def test_labels_of_the_tasks():
    tree = Tree(("a", "b", "c"), ((0, 1), (3, 2)), (0, 2, 4, 1, 3))
    assert binary_labels([tree, tree.with_labels((0, 1, 2, 3, 2))]) == [
        tree.with_labels((1, UNLABELLED, 3, 1, 3))
    ]
    assert binary_labels([Tree(("a",), (), (UNLABELLED,))])[0].labels == (UNLABELLED,)
    assert root_labels([tree]) == [tree.with_labels((-1, -1, -1, -1, 3))]


def test_a_finished_run_is_not_repeated(tmp_path, monkeypatch):
    run = Run("lstm", "five", 1)
    run_once(run, DATA, tmp_path)
    before = stored(tmp_path, run)
    record_path(tmp_path, run).unlink()  # killed between training and writing the record
    again = run_once(run, DATA, tmp_path)
    assert {**stored(tmp_path, run), "machine": None} == {**before, "machine": None}
    monkeypatch.setattr(runs, "fit", None)
    assert run_once(run, DATA, tmp_path) == again


def test_a_setting_added_later_has_its_default(tmp_path):
    run = Run("lstm", "five", 1)
    record = run_once(run, DATA, tmp_path)
    values = stored(tmp_path, run)
    del values["settings"]["bidirectional"]
    record_path(tmp_path, run).write_text(json.dumps(values))
    assert run_once(run, DATA, tmp_path) == record
    values["settings"]["gone"] = 1
    record_path(tmp_path, run).write_text(json.dumps(values))
    with pytest.raises(InputError, match="different settings"):
        run_once(run, DATA, tmp_path)


@pytest.mark.parametrize("name", ["settings", "quick", "vectors", "data"])
def test_a_run_with_other_settings_or_data_is_refused(tmp_path, monkeypatch, name):
    run = Run("lstm", "five", 1)
    run_once(run, DATA, tmp_path)
    row = SMALL_ROWS["lstm"]
    data = DATA
    if name == "settings":
        other = replace(row, settings=row.settings.updated(hidden_size=6))
        monkeypatch.setattr(runs, "ROWS", {"lstm": other})
    elif name == "quick":
        data = replace(DATA, quick=True)
    elif name == "vectors":
        data = replace(DATA, vectors_name="others")
    else:
        data = replace(DATA, trees=TREES._replace(test=TREES.test[:-1]))
    with pytest.raises(InputError, match=f"{run.name}.json: a run with different {name};"):
        run_once(run, data, tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "7"])
def test_a_damaged_file_is_named(tmp_path, content):
    run = Run("lstm", "five", 1)
    path = record_path(tmp_path, run)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(DataError, match=r"seed1.json: .*remove the file"):
        run_once(run, DATA, tmp_path)


def test_a_quick_run_has_fewer_epochs(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "QUICK_EPOCHS", 1)
    run = Run("lstm", "five", 1)
    assert run_once(run, replace(DATA, quick=True), tmp_path).quick
    values = stored(tmp_path, run)
    assert (values["settings"]["epochs"], len(values["history"])) == (1, 1)


def test_files_are_named_after_their_runs():
    run = Run("rnn", "five", 2)
    assert run.name == "rnn-five-seed2"
    assert model_folder(Path("out"), run) == Path("out/models/rnn-five-seed2")


def test_rows_are_as_in_the_papers():
    """Tai et al. (2015, Table 1 and section 5.4)."""
    sizes = {"lstm": 168, "bilstm": 168, "dependency": 168, "lstm-2": 120, "bilstm-2": 120}
    assert {name: ROWS[name].settings.model.hidden_size for name in sizes} == sizes
    for name in ("constituency-random", "constituency-fixed", "constituency-tuned"):
        settings = ROWS[name].settings
        assert (settings.model.hidden_size, settings.batch_size) == (150, 25)
        assert (settings.learning_rate, settings.weight_decay) == (0.05, 1e-4)
        assert settings.model.dropout == 0.5
    fixed = ROWS["constituency-fixed"]
    assert (fixed.vectors, fixed.settings.embedding_learning_rate) == ("fixed", 0)
