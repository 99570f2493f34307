import json
import math
import random
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.helpers.kills import killed
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError, ModelError
from treernn.evaluation.accuracy import evaluate
from treernn.models.storage import CONFIG, FILES, WEIGHTS
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.training.data.reading import load_sentences
from treernn.training.loop import trainer
from treernn.training.loop.settings import settings_from
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import CHECKPOINT, METRICS, fit
from treernn.training.tasks import sentiment as module
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, phrase_loss, vocabulary
from treernn.training.tasks.sentiment_settings import TreeSettings
from treernn.types import UNLABELLED, Splits, Tree

QUICK = TreeSettings().updated(
    embedding_size=6, hidden_size=8, dropout=0.1, epochs=3, batch_size=4, ema_decay=0.5, seed=7
)
VALUES = {"awful": -2, "bad": -1, "film": 0, "the": 0, "good": 1, "great": 2, "not": 0}


def treebank(number: int, seed: int) -> list[Tree]:
    """Right-branching phrases whose classes depend on their words; ``not`` negates them."""
    rng = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        words = rng.choice(list(VALUES), int(rng.integers(1, 7))).tolist()
        n, value = len(words), VALUES[words[-1]]
        leaves, inner, children = [VALUES[word] for word in words], [], []
        for k in range(n - 2, -1, -1):
            children.append((k, n - 1 if k == n - 2 else n + len(children) - 1))
            value = -value if words[k] == "not" else max(-2, min(2, value + VALUES[words[k]]))
            inner.append(value)
        labels = tuple(value + 2 for value in (*leaves, *inner))
        trees.append(Tree(tuple(words), tuple(children), labels))
    return trees


TRAIN, DEV = treebank(40, 1), treebank(15, 2)


def start(settings: TreeSettings = QUICK, train: list[Tree] = TRAIN) -> TreeClassifier:
    return new_classifier(settings, vocabulary(train, None, 0))


def run(out: Path, settings: TreeSettings = QUICK, train=TRAIN, dev=DEV, **more) -> dict:
    task = SentimentTask(start(settings, train), Splits(train, dev), settings)
    return fit(task, out, **more)


def metrics(out: Path) -> list[dict]:
    lines = (out / METRICS).read_text().splitlines()
    return [{**json.loads(line), "seconds": None} for line in lines]


def result(out: Path) -> tuple:
    """The files of a finished run, without the seconds."""
    config = json.loads((out / CONFIG).read_text())
    config["chosen"]["seconds"] = None
    return (out / WEIGHTS).read_bytes(), config, metrics(out)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory) -> tuple:
    out = tmp_path_factory.mktemp("uninterrupted") / "model"
    run(out)
    return result(out)


# Before training


def test_vocabulary():
    trees = [Tree(("Film", "film", "odd")), Tree(("good", "good", "film"))]
    vectors = WordVectors(("the", "film", "of", "rare"), np.zeros((4, 2), np.float32))
    assert vocabulary(trees, vectors, 3) == ["<unk>", "film", "good", "odd", "the", "of"]
    assert vocabulary(trees, None, 3) == ["<unk>", "film", "good", "odd"]


def test_words_composed_of_pieces_have_no_rows():
    trees = [Tree(("Film", "unheard", "film"), ((1, 2), (0, 3)))]
    vectors = WordVectors(("the", "film", "un", "##heard"), np.zeros((4, 2), np.float32))
    assert vocabulary(trees, vectors, 1) == ["<unk>", "film", "the", "##heard"]
    assert vocabulary(trees, vectors, 1, word_pieces=False) == ["<unk>", "film", "unheard", "the"]


def test_initial_word_vectors():
    vectors = WordVectors(("of", "film"), np.array([[1, 2], [3, 4]], np.float32))
    model = new_classifier(QUICK, ["<unk>", "film", "odd", "of"], vectors)
    table = model.embedding.weight.tolist()
    assert (table[0], table[1], table[3]) == ([0, 0], [3, 4], [1, 2])
    assert 0 < max(map(abs, table[2])) < 0.5


def test_initial_weights_depend_on_the_seed_only():
    torch.manual_seed(1)
    before = torch.rand(3)
    torch.manual_seed(1)
    one, same, other = start(), start(), start(QUICK.updated(seed=8))
    assert torch.equal(torch.rand(3), before)
    weights, again, others = (list(model.state_dict().values()) for model in (one, same, other))
    assert all(map(torch.equal, weights, again))
    assert not any(map(torch.equal, weights[:2], others[:2]))


# The loss


def test_the_loss_of_labelled_nodes_and_roots():
    trees = [
        Tree(("a", "b"), ((0, 1),), (1, UNLABELLED, 4)),
        Tree(("c",), (), (UNLABELLED,)),
        Tree(("d", "e"), ((0, 1),), ()),
    ]
    model = start(train=trees).eval()
    batch = model.collate(model.encode_training(trees))
    with torch.no_grad():
        scores = model(batch)
    logs = scores[batch.plan.rank].log_softmax(1)
    leaf, root = -logs[0, 1], -logs[2, 4]
    for weight in (1.0, 3.0, 0.0):
        loss = phrase_loss(scores, batch.labels, root_weight=weight, roots=batch.plan.roots)
        torch.testing.assert_close(loss, leaf + weight * root)


def test_label_smoothing():
    trees = [Tree(("a", "b"), ((0, 1),), (1, UNLABELLED, 4)), Tree(("c",), (), (UNLABELLED,))]
    model = start(train=trees).eval()
    batch = model.collate(model.encode_training(trees))
    with torch.no_grad():
        scores = model(batch)
    logs = scores[batch.plan.rank].log_softmax(1)
    leaf = -(0.8 * logs[0, 1] + 0.1 * logs[0, 0] + 0.1 * logs[0, 2])
    root = -(0.8 * logs[2, 4] + 0.2 * logs[2, 3])
    for weight in (1.0, 3.0):
        loss = phrase_loss(scores, batch.labels, 0.2, weight, batch.plan.roots)
        torch.testing.assert_close(loss, leaf + weight * root)


def test_a_step_is_adagrad_with_l2_and_sgd_for_word_vectors():
    """Compared with dense gradients and torch's optimizers over all weights."""
    settings = QUICK.updated(dropout=0.0, weight_decay=0.1, root_weight=2.0)
    model, plain = start(settings), start(settings)
    plain.embedding.sparse = False
    table = plain.embedding.weight
    rest = [weight for weight in plain.parameters() if weight is not table]
    adagrad = torch.optim.Adagrad(rest, lr=settings.learning_rate, weight_decay=0.1)
    task = SentimentTask(model, Splits(TRAIN, DEV), settings)
    model.train()
    for first in (0, 4, 8):
        train_step(task, range(first, first + 4), 0.0)
        loss = 0
        for tree in TRAIN[first : first + 4]:
            batch = plain.collate(plain.encode_training([tree]))
            each = F.cross_entropy(plain(batch), batch.labels, reduction="none")
            loss = loss + each.sum() + each[batch.plan.roots].sum()
        plain.zero_grad()
        (loss / 4).backward()
        adagrad.step()
        with torch.no_grad():
            table -= settings.embedding_learning_rate * table.grad
    for one, other in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_training_on_labelled_roots_only(tmp_path):
    """As in parsed sentences: unlabelled nodes have no loss."""
    train = [tree.with_labels([-1] * tree.root + [tree.labels[-1]]) for tree in treebank(60, 3)]
    settings = QUICK.updated(hidden_size=16, dropout=0.0, epochs=25, patience=25)
    assert run(tmp_path / "model", settings, train, train)["dev_root"] > 90


def test_training_on_parsed_sentences(tmp_path):
    from treernn.parsing import load_parser

    rows = ["A good film.,4", "A bad film.,0", "Not a good film!,1", "It is a film.,2"] * 3
    (tmp_path / "train.csv").write_text("text,label\n" + "\n".join(rows))
    train, dev, _ = load_sentences(load_parser("embedded"), tmp_path / "train.csv")
    assert {label for tree in train for label in tree.labels[:-1]} == {-1}
    settings = QUICK.updated(hidden_size=16, epochs=30, patience=30, dropout=0.0)
    run(tmp_path / "model", settings, train, dev)
    found = TreeClassifier.load(tmp_path / "model").distributions(train)
    assert evaluate(train, found).root.five == 100


def test_the_best_epoch_is_saved_and_patience_stops_training(tmp_path, monkeypatch):
    roots = iter([20.0, 60.0, 60.0, 40.0, 50.0, 99.0])
    weights = []

    def measured(trees, distributions):
        found = evaluate(trees, distributions)
        return replace(found, root=replace(found.root, five=next(roots)), all=found.root)

    def report(epoch):
        weights.append((epoch, run_average()))

    made = []
    plain = trainer._Run

    def keep(*args):
        made.append(plain(*args))
        return made[0]

    def run_average():
        return {name: weight.clone() for name, weight in made[0].average.state_dict().items()}

    monkeypatch.setattr(module, "evaluate", measured)
    monkeypatch.setattr(trainer, "_Run", keep)
    settings = QUICK.updated(epochs=6, patience=3)
    best = run(tmp_path / "model", settings, DEV, DEV, on_epoch=report)
    accuracies = [(epoch["dev_root"], epoch["dev_all"]) for epoch, _ in weights]
    expected = max(range(len(weights)), key=lambda at: accuracies[at])
    assert best == weights[expected][0]
    assert best["epoch"] in (2, 3)
    assert len(weights) == best["epoch"] + 3
    saved = TreeClassifier.load(tmp_path / "model").state_dict()
    expected_weights = weights[expected][1]
    expected_weights["embedding.weight"] = (
        expected_weights["embedding.weight"].half().float()
    )  # as they are stored
    assert all(torch.equal(saved[name], expected_weights[name]) for name in saved)


def test_keep_last_saves_the_last_epoch(tmp_path, monkeypatch):
    roots = iter([20.0, 60.0, 40.0, 50.0])

    def measured(trees, distributions):
        found = evaluate(trees, distributions)
        return replace(found, root=replace(found.root, five=next(roots)))

    monkeypatch.setattr(module, "evaluate", measured)
    settings = QUICK.updated(epochs=4, patience=1, keep_last=True)
    assert run(tmp_path / "model", settings, DEV, DEV)["epoch"] == 4


def test_callbacks_and_files(tmp_path):
    steps, epochs = [], []
    best = run(
        tmp_path / "model",
        on_step=lambda *step: steps.append(step),
        on_epoch=epochs.append,
        metadata={"source": "made up"},
    )
    assert steps == [(epoch, step, 10) for epoch in (1, 2, 3) for step in range(1, 11)]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert best in epochs
    written = (tmp_path / "model" / METRICS).read_text().splitlines()
    assert [json.loads(line) for line in written] == epochs
    config = json.loads((tmp_path / "model" / CONFIG).read_text())
    assert config["settings"] == asdict(QUICK)
    assert settings_from(TreeSettings, config["settings"]) == QUICK
    assert config["source"] == "made up"
    assert config["chosen"] == best
    assert config["data"]["train"]["trees"] == 40
    assert not (tmp_path / "model" / CHECKPOINT).exists()


def test_neutral_roots_have_no_binary_accuracy(tmp_path):
    dev = [Tree(("film",), (), (2,)), Tree(("good",), (), ())]
    best = run(tmp_path / "model", dev=dev)
    assert best["dev_binary"] is None
    assert "NaN" not in (tmp_path / "model" / METRICS).read_text()


def test_the_result_depends_on_the_seed_only(tmp_path, uninterrupted):
    torch.manual_seed(99)
    np.random.default_rng(99).random()
    before = torch.get_rng_state()
    run(tmp_path / "same")
    assert torch.equal(torch.get_rng_state(), before)
    assert result(tmp_path / "same") == uninterrupted
    run(tmp_path / "other", QUICK.updated(seed=8))
    assert result(tmp_path / "other")[0] != uninterrupted[0]


# Resuming


class Killed(BaseException):
    pass


@pytest.mark.parametrize("epoch", [1, 2, 3])
@pytest.mark.parametrize("step", [1, 10])
def test_a_run_that_fails_in_an_epoch_resumes_with_the_same_result(
    tmp_path, uninterrupted, epoch, step
):
    def die(*done):
        if done[:2] == (epoch, step):
            raise Killed

    out = tmp_path / "model"
    with pytest.raises(Killed):
        run(out, on_step=die)
    assert (out / CHECKPOINT).exists() == (epoch > 1)
    seen = []
    run(out, on_epoch=lambda each: seen.append(each["epoch"]))
    assert seen == list(range(epoch, 4))
    assert result(out) == uninterrupted
    assert not (out / CHECKPOINT).exists()


SHORT = {"settings": QUICK.updated(epochs=2), "train": TRAIN[:8], "dev": DEV[:4]}


def test_a_run_killed_at_any_file_operation_resumes_with_the_same_result(tmp_path):
    """A process is killed before each call that changes the file system, one after the other."""
    run(tmp_path / "uninterrupted", **SHORT)
    uninterrupted = result(tmp_path / "uninterrupted")
    for call in range(1, 200):
        out = tmp_path / str(call)
        was_killed = killed(lambda: run(out, **SHORT), at_call=call)  # noqa: B023
        if was_killed:
            run(out, **SHORT)
        assert result(out) == uninterrupted
        assert {path.name for path in out.iterdir()} == {*FILES, METRICS}
        if not was_killed:
            break
    assert call > 15


def test_a_run_killed_at_random_moments_resumes_with_the_same_result(tmp_path, uninterrupted):
    began = time.perf_counter()
    run(tmp_path / "timed")
    whole = time.perf_counter() - began
    rng, out, kills = random.Random(1), tmp_path / "model", 0
    while killed(lambda: run(out), after=rng.uniform(0, whole)):
        kills += 1
        assert kills < 100
    assert kills > 0
    assert result(out) == uninterrupted
    assert {path.name for path in out.iterdir()} == {*FILES, METRICS}


def test_a_finished_run_is_not_repeated(tmp_path):
    out = tmp_path / "model"
    best = run(out)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    (out / CHECKPOINT).write_text("left by a process killed at the very end")

    def never(*_):
        raise AssertionError("trained again")

    assert run(out, on_step=never) == best
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before


CHANGES = {
    "a setting": {"settings": QUICK.updated(learning_rate=0.06)},
    "a word": {"train": [Tree(("Film",), (), TRAIN[0].labels[:1]), *TRAIN[1:]]},
    "a label": {"train": [TRAIN[0].with_labels([0] * TRAIN[0].num_nodes), *TRAIN[1:]]},
    "the order": {"train": TRAIN[::-1]},
    "a dev label": {"dev": [DEV[0].with_labels([0] * DEV[0].num_nodes), *DEV[1:]]},
    "metadata": {"metadata": {"source": "another"}},
}


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("unfinished") / "model"

    def die(epoch, *_):
        if epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        run(out, on_step=die)
    return out


@pytest.mark.parametrize("change", CHANGES)
def test_an_unfinished_run_with_other_settings_or_data_is_an_error(unfinished, change):
    before = (unfinished / CHECKPOINT).read_bytes()
    with pytest.raises(InputError) as error:
        run(unfinished, **CHANGES[change])
    assert str(error.value) == (
        f"{unfinished} holds an unfinished run of other settings, data or word vectors; resume it "
        "with those, choose another folder, or remove its checkpoint.safetensors"
    )
    assert (unfinished / CHECKPOINT).read_bytes() == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_with_other_settings_or_data_is_not_overwritten(tmp_path, change):
    out = tmp_path / "model"
    run(out, QUICK.updated(epochs=1))
    before = result(out)
    with pytest.raises(InputError) as error:
        run(out, **CHANGES[change])
    assert str(error.value) == (
        f"{out} holds a model of other settings, data or word vectors; choose another folder, "
        "or remove this one"
    )
    assert result(out) == before


def test_a_run_with_other_word_vectors_is_an_error(unfinished):
    model = start()
    with torch.no_grad():
        model.embedding.weight[1, 1] += 1e-3
    with pytest.raises(InputError, match="unfinished run of other settings, data or word vectors"):
        fit(SentimentTask(model, Splits(TRAIN, DEV), QUICK), unfinished)
    vectors = WordVectors(("more",), np.ones((1, 6), np.float32))
    model = new_classifier(QUICK, vocabulary(TRAIN, vectors, 1), vectors)
    with pytest.raises(InputError, match="unfinished run of other settings, data or word vectors"):
        fit(SentimentTask(model, Splits(TRAIN, DEV), QUICK), unfinished)


def test_a_model_without_provenance_is_not_overwritten(tmp_path):
    start().save(tmp_path)
    with pytest.raises(InputError, match="choose another folder"):
        run(tmp_path)
    (tmp_path / CONFIG).write_text('{"kind": "lstm-parser", "format": 2}')
    with pytest.raises(ModelError, match="the kind of model is lstm-parser"):
        run(tmp_path)


def test_a_truncated_checkpoint(tmp_path, unfinished):
    whole = (unfinished / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError) as error:
        run(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/{CHECKPOINT}: not a checkpoint (")
    assert str(error.value).endswith("); remove it to start again")


# What cannot be trained


def test_divergence(tmp_path):
    with pytest.raises(InputError) as error:
        run(tmp_path / "model", QUICK.updated(learning_rate=9e37))
    assert str(error.value) == (
        "the loss became NaN or infinite in epoch 1, step 2: lower the learning_rate or "
        "embedding_learning_rate"
    )
    assert not (tmp_path / "model" / CONFIG).exists()
    assert not (tmp_path / "model" / CHECKPOINT).exists()


def test_divergence_in_the_last_step(tmp_path):
    with pytest.raises(InputError, match="the loss became NaN or infinite in epoch 1, step 1:"):
        run(tmp_path / "model", QUICK.updated(epochs=1, batch_size=40, learning_rate=9e37))


BARE = [Tree(("a", "b"), ((0, 1),))]


@pytest.mark.parametrize(
    ("train", "dev", "message"),
    [
        ([], DEV, "no train trees"),
        (TRAIN, [], "no dev trees"),
        (BARE, DEV, "no train tree has a label"),
        (TRAIN, BARE, "no dev tree has a label at its root, needed to choose the best epoch"),
        (
            TRAIN,
            [Tree(("a", "b"), ((0, 1),), (1, 1, -1))],
            "no dev tree has a label at its root, needed to choose the best epoch",
        ),
        (
            [*TRAIN, Tree(("a", "b"), ((0, 1),), (1, 1))],
            DEV,
            "train tree 41 has 2 labels for 3 nodes",
        ),
        (TRAIN, [Tree(("a",), (), (5,))], "dev tree 1 has the label 5, expected 0 to 4, or -1"),
        (
            [Tree(("a", "b", "c"), ((0, 1, 2),), (1, 1, 1, 1))],
            DEV,
            "a node has 3 children, the cell takes 2: binarise the trees or use a Child-Sum cell",
        ),
    ],
)
def test_wrong_trees(tmp_path, train, dev, message):
    with pytest.raises(InputError) as error:
        run(tmp_path / "model", train=train, dev=dev)
    assert str(error.value) == message


def test_a_folder_that_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        run(tmp_path / "file")
    assert str(error.value) == f"{tmp_path}/file: cannot be written, it is no folder"


# Settings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"hiden_size": 3},
            "no setting is called 'hiden_size'; there are embedding_size, dropout, temperature, "
            "hidden_size, cell, bidirectional, recurrent_dropout, epochs, patience, batch_size, "
            "accumulation_steps, learning_rate, lr_schedule, warmup_ratio, max_grad_norm, "
            "weight_decay, ema_decay, precision, keep_last, seed, embedding_learning_rate, "
            "phrase_ratio, storage_dtype, label_smoothing, root_weight",
        ),
        ({"train": {"epochs": 3}}, "no setting is called 'train'; there are "),
        ({"model": {"epoch": 3}}, "no setting is called 'epoch'; there are "),
        ({"model": 3}, "model is 3, expected a table of settings"),
        (
            {"model": {"cell": "gru"}, "cell": "lstm"},
            "cell is given twice, in the table [model] and outside of it",
        ),
        ({"epochs": 2.5}, "epochs is 2.5, expected a whole number"),
        ({"epochs": True}, "epochs is True, expected a whole number"),
        ({"epochs": "2"}, "epochs is '2', expected a whole number"),
        ({"dropout": "much"}, "dropout is 'much', expected a number"),
        ({"dropout": False}, "dropout is False, expected a number"),
        ({"cell": 3}, "cell is 3, expected a text"),
        (
            {"cell": "gpt"},
            "cell is 'gpt', expected one of child-sum-lstm, elman, gru, lstm, matrix-vector, rntn",
        ),
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        ({"patience": 0}, "patience is 0, expected a whole number, at least 1"),
        ({"batch_size": -4}, "batch_size is -4, expected a whole number, at least 1"),
        ({"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
        ({"recurrent_dropout": 1}, "recurrent_dropout is 1.0, expected from 0 to below 1"),
        (
            {"recurrent_dropout": 0.1, "cell": "gru"},
            "recurrent_dropout needs an LSTM cell, gru has no memory",
        ),
        ({"label_smoothing": -1}, "label_smoothing is -1.0, expected from 0 to below 1"),
        ({"storage_dtype": "half"}, "storage_dtype is 'half', expected float32, float16, int8"),
        ({"lr_schedule": "cosine"}, "lr_schedule is 'cosine', expected constant or linear"),
        ({"warmup_ratio": 1}, "warmup_ratio is 1.0, expected from 0 to below 1"),
        ({"max_grad_norm": -1}, "max_grad_norm is -1.0, expected 0 or more, below 1e38"),
        ({"ema_decay": 1}, "ema_decay is 1.0, expected from 0 to below 1"),
        ({"learning_rate": -0.1}, "learning_rate is -0.1, expected 0 or more, below 1e38"),
        ({"learning_rate": math.nan}, "learning_rate is nan, expected 0 or more, below 1e38"),
        ({"weight_decay": math.inf}, "weight_decay is inf, expected 0 or more, below 1e38"),
        ({"root_weight": -1}, "root_weight is -1.0, expected 0 or more, below 1e38"),
        ({"seed": -1}, "seed is -1, expected from 0 to below 2**63"),
        ({"seed": 2**63}, "seed is 9223372036854775808, expected from 0 to below 2**63"),
    ],
)
def test_wrong_settings(values, message):
    with pytest.raises(InputError) as error:
        settings_from(TreeSettings, values)
    assert str(error.value).startswith(message)


def test_settings_from_values():
    assert settings_from(TreeSettings, {}) == TreeSettings()
    found = settings_from(TreeSettings, {"dropout": 0, "epochs": 2, "cell": "gru"})
    model = TreeConfig(100, dropout=0.0, cell="gru")
    assert found == TreeSettings(epochs=2, model=model)
    assert type(found.model.dropout) is float
    table = {"epochs": 2, "model": {"cell": "gru", "dropout": 0}}
    assert settings_from(TreeSettings, table) == found
