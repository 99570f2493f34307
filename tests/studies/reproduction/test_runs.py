import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.tree_classifier import TreeClassifier
from treernn.studies.reproduction import bag_of_words, runs
from treernn.studies.reproduction.rows import ROWS, TASKS, Ensemble, Row
from treernn.studies.reproduction.runs import Data, Run, model_folder, record, run, two_sides
from treernn.training.structures import AverageSettings, ChainSettings, TreeSettings
from treernn.types import UNLABELLED, Tree

SMALL = {"epochs": 2, "batch_size": 8}
SMALL_ROWS = {
    "nb": Row(bag_of_words.Settings(), "none"),
    "vecavg": Row(AverageSettings(**SMALL)),
    "lstm": Row(ChainSettings(hidden_size=5, **SMALL), tasks=TASKS),
    "constituency-fixed": Row(
        TreeSettings(hidden_size=5, embedding_learning_rate=0, **SMALL), "fixed", tasks=TASKS
    ),
    "constituency-random": Row(TreeSettings(hidden_size=5, **SMALL), "random"),
    "ensemble": Row(Ensemble("constituency-random", 2)),
}
TRAINED = [name for name in SMALL_ROWS if name != "ensemble"]
VECTORS = WordVectors(("the", "good", "bad"), np.arange(12, dtype=np.float32).reshape(3, 4) / 9)


def treebank(number: int, seed: int) -> list[Tree]:
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        words = random.choice(["bad", "film", "good", "the"], int(random.integers(2, 6)))
        n = len(words)
        children = tuple((n + k - 1 if k else 0, k + 1) for k in range(n - 1))
        value = (words == "good").astype(int) - (words == "bad")
        sums = np.clip(np.concatenate([value, np.cumsum(value)[1:]]), -2, 2) + 2
        trees.append(Tree(tuple(words.tolist()), children, tuple(sums.tolist())))
    return trees


DATA = Data(treebank(30, 1), treebank(12, 2), treebank(15, 3), VECTORS, "made 4-d")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(runs, "ROWS", SMALL_ROWS)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("row", TRAINED)
def test_a_run_is_trained_measured_and_written(tmp_path, row, task):
    which = Run(row, task, 3)
    found = run(which, DATA, tmp_path)
    assert found == json.loads(record(tmp_path, which).read_text())
    assert (found["row"], found["task"], found["seed"], found["quick"]) == (row, task, 3, False)
    neutral = sum(tree.labels[-1] == 2 for tree in DATA.test)
    counts = {"five": 15, "binary": 15 - neutral}
    assert found["test"]["root"]["count"] == counts[task]
    assert found["test"]["root"]["count_binary"] == counts["binary"]
    assert found["weights"] > 0
    if row == "nb":
        assert [tried["strength"] for tried in found["history"]] == [0.1, 0.3, 1.0, 3.0]
        assert found["chosen"] in found["history"]
    else:
        assert found["settings"]["seed"] == 3
        assert [epoch["epoch"] for epoch in found["history"]] == [1, 2]
        assert found["chosen"] in found["history"]
        assert found["seconds"] == sum(epoch["seconds"] for epoch in found["history"])


def test_the_figures_are_those_of_the_model_in_the_folder(tmp_path):
    which = Run("constituency-fixed", "binary", 1)
    found = run(which, DATA, tmp_path)
    model = TreeClassifier.load(model_folder(tmp_path, which))
    for part in "test", "dev":
        trees = two_sides(getattr(DATA, part))
        assert found[part] == evaluate(trees, model.distributions(trees)).to_dict()
    known = {name: parameter.numel() for name, parameter in model.named_parameters()}
    assert found["weights"] == sum(known.values()) - known["embedding.weight"]


@pytest.mark.parametrize("task", TASKS)
def test_an_ensemble_is_the_mean_of_its_members(tmp_path, task):
    members = [Run("constituency-random", task, seed) for seed in (1, 2)]
    first = run(members[0], DATA, tmp_path)
    which = Run("ensemble", task, 1)
    found = run(which, DATA, tmp_path)
    second = run(members[1], DATA, tmp_path)
    models = [TreeClassifier.load(model_folder(tmp_path, member)) for member in members]
    trees = DATA.test if task == "five" else two_sides(DATA.test)
    one, other = (model.distributions(trees) for model in models)
    mean = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
    assert found["test"] == evaluate(trees, mean).to_dict()
    assert found["seconds"] == first["seconds"] + second["seconds"]
    assert found["weights"] == 2 * first["weights"]
    assert (found["vectors"], found["history"]) == ("made 4-d, tuned", [])
    assert run(which, DATA, tmp_path) == found


def test_vectors_begin_and_learn_as_the_row_says(tmp_path):
    given = dict(zip(VECTORS.words, VECTORS.vectors, strict=True))
    names = {"constituency-fixed": "made 4-d, fixed", "constituency-random": "random 4-d, tuned"}
    for row, name in names.items():
        which = Run(row, "five", 1)
        assert run(which, DATA, tmp_path)["vectors"] == name
        model = TreeClassifier.load(model_folder(tmp_path, which))
        table = dict(zip(model.embedding.vocabulary.words, model.embedding.weight, strict=True))
        assert set(table) == {"<unk>", "bad", "film", "good", "the"}
        for word, vector in given.items():
            kept = np.allclose(table[word].detach(), vector, atol=1e-3)
            assert kept == (row == "constituency-fixed")


def test_two_sides_are_the_labels_that_take_one():
    tree = Tree(("a", "b", "c"), ((0, 1), (3, 2)), (0, 2, 4, 1, 3))
    (found,) = two_sides([tree, tree.with_labels((0, 1, 2, 3, 2))])
    assert found == tree.with_labels((1, UNLABELLED, 3, 1, 3))
    assert two_sides([Tree(("a",), (), (UNLABELLED,))])[0].labels == (UNLABELLED,)


def test_a_run_that_is_done_is_not_run_again(tmp_path, monkeypatch):
    which = Run("lstm", "five", 1)
    found = run(which, DATA, tmp_path)
    record(tmp_path, which).unlink()  # killed between the training and the file
    again = run(which, DATA, tmp_path)
    assert {**again, "machine": None} == {**found, "machine": None}
    monkeypatch.setattr(runs, "_train", None)
    assert run(which, DATA, tmp_path) == again


def test_a_setting_that_came_later_has_its_default(tmp_path):
    which = Run("lstm", "five", 1)
    found = run(which, DATA, tmp_path)
    del found["settings"]["bidirectional"]
    record(tmp_path, which).write_text(json.dumps(found))
    assert run(which, DATA, tmp_path) == found
    found["settings"]["gone"] = 1
    record(tmp_path, which).write_text(json.dumps(found))
    with pytest.raises(InputError, match="its settings differ"):
        run(which, DATA, tmp_path)


@pytest.mark.parametrize("name", ["settings", "quick", "vectors", "data"])
def test_a_run_of_other_settings_or_data_is_refused(tmp_path, monkeypatch, name):
    which = Run("lstm", "five", 1)
    run(which, DATA, tmp_path)
    row = SMALL_ROWS["lstm"]
    data = DATA
    if name == "settings":
        other = replace(row, settings=replace(row.settings, hidden_size=6))
        monkeypatch.setattr(runs, "ROWS", {"lstm": other})
    elif name == "quick":
        data = replace(DATA, quick=True)
    elif name == "vectors":
        data = replace(DATA, vectors_name="others")
    else:
        data = replace(DATA, test=DATA.test[:-1])
    with pytest.raises(InputError, match=f"{which.name}.json: of another run, its {name} differ"):
        run(which, data, tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "7"])
def test_a_damaged_file_is_told(tmp_path, content):
    which = Run("lstm", "five", 1)
    path = record(tmp_path, which)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(InputError, match=r"seed1.json: .*remove it"):
        run(which, DATA, tmp_path)


def test_a_quick_run_has_fewer_epochs(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "QUICK_EPOCHS", 1)
    found = run(Run("lstm", "five", 1), replace(DATA, quick=True), tmp_path)
    assert (found["quick"], found["settings"]["epochs"], len(found["history"])) == (True, 1, 1)


def test_files_are_named_after_their_runs():
    assert record(Path("out"), Run("rnn", "five", 2)) == Path("out/runs/rnn-five-seed2.json")
    assert model_folder(Path("out"), Run("rnn", "five", 2)) == Path("out/models/rnn-five-seed2")


def test_rows_are_as_the_papers_have_them():
    """Tai et al. (2015, table 1 and section 5.4)."""
    assert {name: ROWS[name].settings.hidden_size for name in ("lstm", "bilstm", "dependency")} == {
        "lstm": 168,
        "bilstm": 168,
        "dependency": 168,
    }
    assert ROWS["lstm-2"].settings.hidden_size == ROWS["bilstm-2"].settings.hidden_size == 120
    for name in ("constituency-random", "constituency-fixed", "constituency-tuned"):
        settings = ROWS[name].settings
        assert (settings.hidden_size, settings.batch_size) == (150, 25)
        assert (settings.learning_rate, settings.weight_decay) == (0.05, 1e-4)
        assert settings.dropout == 0.5
    fixed = ROWS["constituency-fixed"]
    assert (fixed.vectors, fixed.settings.embedding_learning_rate) == ("fixed", 0)
