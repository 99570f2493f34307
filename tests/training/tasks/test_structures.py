"""Training of chains and averages; for trees see ``test_sentiment``."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from treebanks import left_branching, mean, negated_sum

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import CONFIG, FILES, WEIGHTS
from treernn.training.loop.settings import settings_from
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import CHECKPOINT, METRICS, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import (
    AverageSettings,
    ChainSettings,
    SentimentSettings,
)
from treernn.types import UNLABELLED, Splits, Tree

SMALL = {
    "dropout": 0.1, "epochs": 3, "batch_size": 4, "ema_decay": 0.5, "seed": 7, "embedding_size": 6,
}  # fmt: skip
CHAIN = ChainSettings().updated(hidden_size=8, **SMALL)
AVERAGE = AverageSettings().updated(**SMALL)


class Case(NamedTuple):
    """Settings and data of a structure, settings of a longer training, and other settings."""

    settings: SentimentSettings
    train: list[Tree]
    dev: list[Tree]
    longer: dict
    others: tuple[dict, ...]


CASES = {
    "chain": Case(
        CHAIN,
        left_branching(40, 1, negated_sum),
        left_branching(15, 2, negated_sum),
        {"hidden_size": 16},
        ({"layers": 2}, {"bidirectional": True}),
    ),
    "average": Case(
        AVERAGE,
        left_branching(40, 1, mean),
        left_branching(15, 2, mean),
        {"dropout": 0.0},
        ({"tanh": True}, {"hidden_size": 4}, {"weight_decay": 0.0}),
    ),
}


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]


def start(settings: SentimentSettings, train: list[Tree]):
    return new_classifier(settings, vocabulary(train, None, 0))


def run(out: Path, case: Case, **changed) -> dict:
    """Train a case, with some settings changed."""
    more = {name: changed.pop(name) for name in ("on_step", "on_epoch") if name in changed}
    settings = case.settings.updated(**changed)
    model = start(settings, case.train)
    return fit(SentimentTask(model, Splits(case.train, case.dev), settings), out, **more)


def result(out: Path) -> tuple:
    """The files of a finished run, without the seconds."""
    config = json.loads((out / CONFIG).read_text())
    config["chosen"]["seconds"] = None
    lines = (out / METRICS).read_text().splitlines()
    metrics = [{**json.loads(line), "seconds": None} for line in lines]
    return (out / WEIGHTS).read_bytes(), config, metrics


# Before training


def test_pretrained_vectors_are_copied_and_others_are_small(case):
    vectors = WordVectors(("of", "film"), np.array([[1, 2], [3, 4]], np.float32))
    words = ["<unk>", "film", "odd", "of"]
    for changed in ({}, *case.others):
        settings = case.settings.updated(**changed)
        model = new_classifier(settings, words, vectors)
        assert model.config.embedding_size == 2
        assert model.embedding.sparse
        assert model.embedding.weight[[1, 3]].tolist() == [[3, 4], [1, 2]]
        without = new_classifier(settings.updated(embedding_size=2), words)
        for table in (model.embedding.weight, without.embedding.weight):
            assert table[0].tolist() == [0, 0]
            assert 0 < table[2].abs().max() < 0.5
        assert torch.equal(model.embedding.weight[2], without.embedding.weight[2])


def test_the_model_has_the_configuration_of_the_settings():
    words = ["<unk>", "film"]
    settings = CHAIN.updated(layers=2, bidirectional=True, cell="gru", embedding_size=3)
    config = new_classifier(settings, words).config
    assert (config.embedding_size, config.hidden_size, config.layers) == (3, 8, 2)
    assert (config.bidirectional, config.cell, config.dropout) == (True, "gru", 0.1)
    settings = AVERAGE.updated(hidden_size=4, tanh=True, embedding_size=3)
    config = new_classifier(settings, words).config
    assert (config.embedding_size, config.hidden_size) == (3, 4)
    assert (config.tanh, config.dropout) == (True, 0.1)


def test_initial_weights_depend_on_the_seed_only(case):
    torch.manual_seed(1)
    before = torch.rand(3)
    torch.manual_seed(1)
    one, same = (start(case.settings, case.train) for _ in range(2))
    other = start(case.settings.updated(seed=8), case.train)
    assert torch.equal(torch.rand(3), before)
    weights, again, others = (list(model.state_dict().values()) for model in (one, same, other))
    assert all(map(torch.equal, weights, again))
    assert not any(map(torch.equal, weights[:2], others[:2]))


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (ChainSettings, {"bidirectional": 1}, "bidirectional is 1, expected true or false"),
        (ChainSettings, {"layers": 0}, "layers is 0, expected a whole number, at least 1"),
        (
            ChainSettings,
            {"cell": "child-sum-lstm"},
            "cell is 'child-sum-lstm', expected one of elman, gru, lstm",
        ),
        (ChainSettings, {"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        (ChainSettings, {"ema_decay": 1.0}, "ema_decay is 1.0, expected from 0 to below 1"),
        (ChainSettings, {"root_weight": 2.0}, "no setting is called 'root_weight'; there are em"),
        (AverageSettings, {"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
        (AverageSettings, {"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        (AverageSettings, {"hidden_size": -7}, "hidden_size is -7, expected a whole number, at l"),
        (AverageSettings, {"layers": 2}, "no setting is called 'layers'; there are em"),
    ],
)
def test_wrong_settings(kind, values, message):
    with pytest.raises(InputError) as error:
        settings_from(kind, values)
    assert str(error.value).startswith(message)


# A step


def of_chains(plain, words: tuple[str, ...]) -> torch.Tensor:
    """The scores of a single phrase."""
    return plain(plain.collate(plain.encode_roots([Tree(words)])))[0]


def of_averages(plain, words: tuple[str, ...]) -> torch.Tensor:
    y = plain.embedding(torch.from_numpy(plain.embedding.vocabulary.ids(words))).mean(0)
    if plain.layer is not None:
        y = plain.layer(y)
    return plain.classifier(y.tanh() if plain.config.tanh else y)


@pytest.mark.parametrize(
    ("settings", "scored"),
    [
        (CHAIN, of_chains),
        (CHAIN.updated(layers=2, bidirectional=True), of_chains),
        (AVERAGE, of_averages),
        (AVERAGE.updated(tanh=True), of_averages),
        (AVERAGE.updated(tanh=True, hidden_size=4), of_averages),
    ],
)
def test_a_step_equals_that_of_torch_on_single_phrases(settings, scored):
    """Compared with dense gradients and torch's optimizers over all weights."""
    settings = settings.updated(dropout=0.0, weight_decay=0.1)
    train, dev = CASES["chain"].train, CASES["chain"].dev
    trees = [
        *train[:4],
        Tree(("good", "bad"), ((0, 1),), (3, UNLABELLED, 1)),
        Tree(("bad", "film"), ((0, 1),), (UNLABELLED, UNLABELLED, 1)),
    ]
    model, plain = start(settings, train), start(settings, train)
    plain.embedding.sparse = False
    task = SentimentTask(model, Splits(trees, dev), settings)
    table = plain.embedding.weight
    rest = [weight for weight in plain.parameters() if weight is not table]
    adagrad = torch.optim.Adagrad(rest, lr=settings.learning_rate, weight_decay=0.1)
    for numbers in ([0, 1, 2], [3, 4, 5]):
        found = train_step(task, numbers, 0.0)
        loss = torch.zeros(())
        for tree in (trees[i] for i in numbers):
            for (begin, end), label in zip(tree.spans(), tree.labels, strict=True):
                if label != UNLABELLED:
                    scores = scored(plain, tree.words[begin:end])
                    loss = loss + F.cross_entropy(scores, torch.tensor(label))
        assert found == pytest.approx(loss.item(), rel=1e-5)
        (loss / len(numbers)).backward()
        adagrad.step()
        with torch.no_grad():
            table -= settings.embedding_learning_rate * table.grad
        plain.zero_grad()
        for (name, weight), same in zip(model.named_parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(weight, same, rtol=1e-4, atol=1e-5, msg=name)


def test_trees_without_labels_are_not_used(case):
    trees = [case.train[0], Tree(("the", "film"), ((0, 1),)), case.train[1]]
    model = start(case.settings, case.train)
    task = SentimentTask(model, Splits(trees, case.dev), case.settings)
    [batch] = task.batches(np.random.default_rng(1))
    assert sorted(batch) == [0, 1]


# A run


def test_training(tmp_path, case):
    seen: list[dict] = []
    best = run(
        tmp_path / "model", case, epochs=12, batch_size=2, **case.longer, on_epoch=seen.append
    )
    assert len(seen) == 12
    assert best == max(seen, key=lambda epoch: (epoch["dev_root"], epoch["dev_all"]))
    assert seen[-1]["loss"] < 0.5 * seen[0]["loss"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {*FILES, METRICS}
    model = load_sentiment(tmp_path / "model")
    assert type(model) is case.settings.CLASSIFIER
    found = evaluate(case.dev, model.distributions(case.dev))
    majority = 100 * max(np.bincount([tree.labels[-1] for tree in case.dev])) / len(case.dev)
    assert found.root.five > majority
    # Word vectors are stored in half precision, which may turn a close call.
    assert found.all.five == pytest.approx(best["dev_all"], abs=4)


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path, case):
    run(tmp_path / "uninterrupted", case)

    def interrupt(epoch: int, done: int, _steps: int) -> None:
        if (epoch, done) == (2, 3):
            raise KeyboardInterrupt

    out = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        run(out, case, on_step=interrupt)
    assert (out / CHECKPOINT).exists()
    with pytest.raises(InputError, match="holds an unfinished run of other settings"):
        run(out, case, **case.others[0])
    best = run(out, case)
    assert result(out) == result(tmp_path / "uninterrupted")
    assert not (out / CHECKPOINT).exists()
    assert run(out, case) == best
    with pytest.raises(InputError, match="holds a model of other settings"):
        run(out, case, **case.others[1])


def test_wrong_data(tmp_path, case):
    bare = [Tree(("a", "b"), ((0, 1),))]
    for train, dev, message in (
        ([], case.dev, "no train trees"),
        (case.train, [], "no dev trees"),
        (bare, case.dev, "no train tree has a label"),
    ):
        with pytest.raises(InputError) as error:
            run(tmp_path / "model", case._replace(train=train, dev=dev))
        assert str(error.value) == message
    assert not (tmp_path / "model").exists()


def test_averages_trained_on_part_of_the_treebank(tmp_path, sst_train, sst_dev):
    """Better than neutral for all phrases (69 %), and than chance."""
    settings = AverageSettings().updated(
        tanh=True, dropout=0.0, epochs=5, embedding_learning_rate=3.0, ema_decay=0.9,
        embedding_size=30,
    )  # fmt: skip
    model = new_classifier(settings, vocabulary([*sst_train, *sst_dev], None, 0))
    best = fit(SentimentTask(model, Splits(sst_train[::4], sst_dev), settings), tmp_path / "model")
    assert best["dev_all"] > 71.5
    assert best["dev_binary"] > 65
