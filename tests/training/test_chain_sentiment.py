import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.folder import CONFIG, FILES, WEIGHTS
from treernn.training import chain_sentiment as module
from treernn.training import sentiment
from treernn.training.chain_sentiment import Settings, new_chain, train_chain
from treernn.training.evaluation import evaluate
from treernn.training.trainer import CHECKPOINT, METRICS, settings_from
from treernn.types import UNLABELLED, Tree

QUICK = Settings(hidden_size=8, dropout=0.1, epochs=3, batch_size=4, averaging=0.5, seed=7)
VALUES = {"awful": -2, "bad": -1, "film": 0, "the": 0, "good": 1, "great": 2, "not": 0}


def treebank(number: int, seed: int) -> list[Tree]:
    """Left-branching phrases whose classes follow from their words; an odd number of ``not`` turns
    them round."""
    random = np.random.default_rng(seed)

    def label(words: list[str]) -> int:
        value = max(-2, min(2, sum(VALUES[word] for word in words)))
        return 2 + (-value if words.count("not") % 2 else value)

    trees = []
    for _ in range(number):
        words = random.choice(list(VALUES), int(random.integers(1, 7))).tolist()
        n = len(words)
        children = tuple((n + k - 1 if k else 0, k + 1) for k in range(n - 1))
        spans = Tree(tuple(words), children).spans()
        labels = tuple(label(words[start:end]) for start, end in spans)
        trees.append(Tree(tuple(words), children, labels))
    return trees


TRAIN, DEV = treebank(40, 1), treebank(15, 2)


def start(settings: Settings = QUICK, train: list[Tree] = TRAIN) -> ChainClassifier:
    return new_chain(settings, sentiment.vocabulary(train, None, 0), None, size=6)


def run(out: Path, settings: Settings = QUICK, train=TRAIN, dev=DEV, **more) -> dict:
    return train_chain(start(settings, train), train, dev, settings, out, **more)


def result(out: Path) -> tuple:
    """All of a finished run but the time that it took."""
    config = json.loads((out / CONFIG).read_text())
    config["chosen"]["seconds"] = None
    lines = (out / METRICS).read_text().splitlines()
    metrics = [{**json.loads(line), "seconds": None} for line in lines]
    return (out / WEIGHTS).read_bytes(), config, metrics


# Before training


def test_the_word_vectors_are_those_that_a_tree_model_of_this_seed_begins_with():
    vectors = WordVectors(("of", "film"), np.array([[1, 2], [3, 4]], np.float32))
    words = ["<unk>", "film", "odd", "of"]
    chain = new_chain(replace(QUICK, layers=2, both=True), words, vectors)
    tree = sentiment.new_classifier(sentiment.Settings(hidden_size=1, seed=7), words, vectors)
    assert torch.equal(chain.embedding.weight, tree.embedding.weight)
    assert chain.embedding.weight[[1, 3]].tolist() == [[3, 4], [1, 2]]
    assert chain.embedding.sparse
    config = chain.config
    assert (config.embedding_size, config.hidden_size, config.layers, config.both) == (
        2,
        8,
        2,
        True,
    )


def test_a_new_classifier_follows_from_its_seed_and_leaves_random_numbers_alone():
    torch.manual_seed(1)
    before = torch.rand(3)
    torch.manual_seed(1)
    one, same, other = start(), start(), start(replace(QUICK, seed=8))
    assert torch.equal(torch.rand(3), before)
    weights, again, others = (list(model.state_dict().values()) for model in (one, same, other))
    assert all(map(torch.equal, weights, again))
    assert not any(map(torch.equal, weights[:2], others[:2]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"both": 1}, "both is 1, expected true or false"),
        ({"layers": 0}, "layers is 0, expected a whole number, at least 1"),
        ({"cell": "child-sum-lstm"}, "cell is 'child-sum-lstm', expected one of lstm, gru, elman"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"averaging": 1.0}, "averaging is 1.0, expected from 0 to below 1"),
        ({"root_weight": 2.0}, "no setting is called 'root_weight'; there are cell, "),
    ],
)
def test_settings_that_cannot_be(values, message):
    with pytest.raises(InputError) as error:
        settings_from(Settings, values)
    assert str(error.value).startswith(message)


# A step


@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_a_step_is_that_of_the_tree_model_over_phrases_scored_alone(layers, both):
    """Against dense gradients and torch's optimisers over all weights."""
    settings = replace(QUICK, dropout=0.0, weight_decay=0.1, layers=layers, both=both)
    trees = [
        *TRAIN[:4],
        Tree(("good", "bad"), ((0, 1),), (3, UNLABELLED, 1)),
        Tree(("bad", "film"), ((0, 1),), (UNLABELLED, UNLABELLED, 1)),
    ]
    model, plain = start(settings), start(settings)
    plain.embedding.sparse = False
    task = module._ChainSentiment(model, trees, DEV, settings)
    table = plain.embedding.weight
    rest = [weight for weight in plain.parameters() if weight is not table]
    adagrad = torch.optim.Adagrad(rest, lr=settings.learning_rate, weight_decay=0.1)
    for numbers in ([0, 1, 2], [3, 4, 5]):
        found = task.step(numbers, 0.0)
        loss = torch.zeros(())
        for tree in (trees[i] for i in numbers):
            for (begin, end), label in zip(tree.spans(), tree.labels, strict=True):
                if label != UNLABELLED:
                    phrase = Tree(tree.words[begin:end], (), (label,) * (end - begin))
                    example = plain.examples([phrase])[0]._replace(
                        spans=np.array([[0, end - begin]]), labels=np.array([label])
                    )
                    batch = plain.batch([example])
                    loss = loss + F.cross_entropy(plain(batch), batch.labels)
        assert found == pytest.approx(loss.item(), rel=1e-5)
        (loss / len(numbers)).backward()
        adagrad.step()
        with torch.no_grad():
            table -= settings.embedding_learning_rate * table.grad
        plain.zero_grad()
        for (name, weight), same in zip(model.named_parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(weight, same, rtol=1e-4, atol=1e-5, msg=name)


def test_trees_without_labels_are_no_examples():
    trees = [TRAIN[0], Tree(("the", "film"), ((0, 1),)), TRAIN[1]]
    task = module._ChainSentiment(start(), trees, DEV, QUICK)
    assert task.examples == 2
    [batch] = task.batches(np.random.default_rng(1))
    assert sorted(batch) == [0, 1]


# A run


def test_it_learns_and_the_folder_holds_what_was_chosen(tmp_path):
    settings = replace(QUICK, epochs=12, batch_size=2, hidden_size=16)
    seen: list[dict] = []
    best = run(tmp_path / "model", settings, report=seen.append)
    assert len(seen) == 12
    assert best == max(seen, key=lambda epoch: (epoch["dev_root"], epoch["dev_all"]))
    assert seen[-1]["loss"] < 0.5 * seen[0]["loss"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {*FILES, METRICS}
    model = ChainClassifier.load(tmp_path / "model")
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
        run(out, replace(QUICK, layers=2))
    best = run(out)
    assert result(out) == result(tmp_path / "unbroken")
    assert not (out / CHECKPOINT).exists()
    assert run(out) == best
    with pytest.raises(InputError, match="holds a model of other settings"):
        run(out, replace(QUICK, both=True))


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
