import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.folder import CONFIG, FILES, WEIGHTS
from treernn.models.vector_average import AverageClassifier
from treernn.training import sentiment
from treernn.training import vector_average as module
from treernn.training.evaluation import evaluate
from treernn.training.trainer import CHECKPOINT, METRICS, settings_from
from treernn.training.vector_average import Settings, new_average, train_average
from treernn.types import UNLABELLED, Tree

QUICK = Settings(dropout=0.1, epochs=3, batch_size=4, averaging=0.5, seed=7)
VALUES = {"awful": 0, "bad": 1, "film": 2, "the": 2, "good": 3, "great": 4}


def treebank(number: int, seed: int) -> list[Tree]:
    """Left-branching phrases; the class of each is the mean of those of its words."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        words = random.choice(list(VALUES), int(random.integers(1, 7))).tolist()
        n = len(words)
        children = tuple((n + k - 1 if k else 0, k + 1) for k in range(n - 1))
        labels = [
            round(np.mean([VALUES[word] for word in words[start:end]]))
            for start, end in Tree(tuple(words), children).spans()
        ]
        trees.append(Tree(tuple(words), children, tuple(labels)))
    return trees


TRAIN, DEV = treebank(40, 1), treebank(15, 2)


def start(settings: Settings = QUICK, train: list[Tree] = TRAIN) -> AverageClassifier:
    return new_average(settings, sentiment.vocabulary(train, None, 0), None, size=6)


def run(out: Path, settings: Settings = QUICK, train=TRAIN, dev=DEV, **more) -> dict:
    return train_average(start(settings, train), train, dev, settings, out, **more)


def result(out: Path) -> tuple:
    """All of a finished run but the time that it took."""
    config = json.loads((out / CONFIG).read_text())
    config["chosen"]["seconds"] = None
    lines = (out / METRICS).read_text().splitlines()
    metrics = [{**json.loads(line), "seconds": None} for line in lines]
    return (out / WEIGHTS).read_bytes(), config, metrics


def test_the_word_vectors_are_those_that_a_tree_model_of_this_seed_begins_with():
    vectors = WordVectors(("of", "film"), np.array([[1, 2], [3, 4]], np.float32))
    words = ["<unk>", "film", "odd", "of"]
    average = new_average(QUICK, words, vectors)
    tree = sentiment.new_classifier(sentiment.Settings(hidden_size=1, seed=7), words, vectors)
    assert torch.equal(average.embedding.weight, tree.embedding.weight)
    assert average.embedding.weight[[1, 3]].tolist() == [[3, 4], [1, 2]]
    assert (average.config.embedding_size, average.config.dropout) == (2, 0.1)
    assert new_average(replace(QUICK, tanh=True), words, vectors).config.tanh


def test_a_new_classifier_follows_from_its_seed_and_leaves_random_numbers_alone():
    torch.manual_seed(1)
    before = torch.rand(3)
    torch.manual_seed(1)
    one, same, other = start(), start(), start(replace(QUICK, seed=8))
    assert torch.equal(torch.rand(3), before)
    weights, again, others = (list(model.state_dict().values()) for model in (one, same, other))
    assert all(map(torch.equal, weights, again))
    assert not any(map(torch.equal, weights, others))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"hidden_size": 7}, "no setting is called 'hidden_size'; there are tanh, dropout, "),
    ],
)
def test_settings_that_cannot_be(values, message):
    with pytest.raises(InputError) as error:
        settings_from(Settings, values)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("tanh", [False, True])
def test_a_step_is_that_of_torch_over_phrases_scored_alone(tanh):
    """Against dense gradients and torch's optimisers over all weights."""
    settings = replace(QUICK, tanh=tanh, dropout=0.0, weight_decay=0.1)
    trees = [
        *TRAIN[:4],
        Tree(("good", "bad"), ((0, 1),), (3, UNLABELLED, 1)),
        Tree(("bad", "film"), ((0, 1),), (UNLABELLED, UNLABELLED, 1)),
    ]
    model, plain = start(settings), start(settings)
    plain.embedding.sparse = False
    task = module._AverageSentiment(model, trees, DEV, settings)
    table = plain.embedding.weight
    rest = [weight for weight in plain.parameters() if weight is not table]
    adagrad = torch.optim.Adagrad(rest, lr=settings.learning_rate, weight_decay=0.1)
    for numbers in ([0, 1, 2], [3, 4, 5]):
        found = task.step(numbers, 0.0)
        loss = torch.zeros(())
        for tree in (trees[i] for i in numbers):
            for (begin, end), label in zip(tree.spans(), tree.labels, strict=True):
                if label != UNLABELLED:
                    rows = torch.from_numpy(plain.vocabulary.ids(tree.words[begin:end]))
                    mean = plain.embedding(rows).mean(0)
                    scores = plain.classifier(mean.tanh() if tanh else mean)
                    loss = loss + F.cross_entropy(scores, torch.tensor(label))
        assert found == pytest.approx(loss.item(), rel=1e-5)
        (loss / len(numbers)).backward()
        adagrad.step()
        with torch.no_grad():
            table -= settings.embedding_learning_rate * table.grad
        plain.zero_grad()
        for (name, weight), same in zip(model.named_parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(weight, same, rtol=1e-4, atol=1e-5, msg=name)


def test_trees_without_labels_are_no_examples():
    bare = Tree(("the", "film"), ((0, 1),))
    task = module._AverageSentiment(start(), [TRAIN[0], bare, TRAIN[1]], DEV, QUICK)
    assert task.examples == 2
    [batch] = task.batches(np.random.default_rng(1))
    assert sorted(batch) == [0, 1]


def test_it_learns_and_the_folder_holds_what_was_chosen(tmp_path):
    settings = replace(QUICK, epochs=12, batch_size=2, dropout=0.0)
    seen: list[dict] = []
    best = run(tmp_path / "model", settings, report=seen.append)
    assert len(seen) == 12
    assert best == max(seen, key=lambda epoch: (epoch["dev_root"], epoch["dev_all"]))
    assert seen[-1]["loss"] < 0.5 * seen[0]["loss"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {*FILES, METRICS}
    model = AverageClassifier.load(tmp_path / "model")
    found = evaluate(DEV, model.distributions(DEV))
    majority = 100 * max(np.bincount([tree.labels[-1] for tree in DEV])) / len(DEV)
    assert found.root.five > majority
    # Word vectors are stored in half precision, which may turn a close call.
    assert found.all.five == pytest.approx(best["dev_all"], abs=4)


def test_interrupted_it_comes_to_the_result_of_an_unbroken_run(tmp_path):
    run(tmp_path / "unbroken")

    def interrupt(epoch: int, done: int, _steps: int) -> None:
        if (epoch, done) == (2, 3):
            raise KeyboardInterrupt

    out = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        run(out, progress=interrupt)
    assert (out / CHECKPOINT).exists()
    with pytest.raises(InputError, match="holds an unfinished run of other settings"):
        run(out, replace(QUICK, tanh=True))
    best = run(out)
    assert result(out) == result(tmp_path / "unbroken")
    assert not (out / CHECKPOINT).exists()
    assert run(out) == best


def test_data_that_nothing_can_be_learnt_from(tmp_path):
    bare = [Tree(("a", "b"), ((0, 1),))]
    for train, dev, message in (
        ([], DEV, "no train trees"),
        (TRAIN, [], "no dev trees"),
        (bare, DEV, "no train tree has a label to learn from"),
    ):
        with pytest.raises(InputError) as error:
            run(tmp_path / "model", train=train, dev=dev)
        assert str(error.value) == message
    assert not (tmp_path / "model").exists()


def test_part_of_the_treebank(tmp_path, sst_train, sst_dev):
    """Above always neutral, which is 69 % of all phrases, and above a coin."""
    settings = Settings(
        tanh=True, dropout=0.0, epochs=5, embedding_learning_rate=3.0, averaging=0.9
    )
    words = sentiment.vocabulary([*sst_train, *sst_dev], None, 0)
    model = new_average(settings, words, None, 30)
    best = train_average(model, sst_train[::4], sst_dev, settings, tmp_path / "model")
    assert best["dev_all"] > 71.5
    assert best["dev_binary"] > 65
