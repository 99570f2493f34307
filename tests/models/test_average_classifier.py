import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from comparing import assert_close, assert_same_weights

from treernn.errors import InputError, ModelError
from treernn.models import phrase_classifier as module
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.storage import CONFIG
from treernn.types import UNLABELLED, Tree

WORDS = ("<unk>", *"abcdefgh")


FORMS = [(0, False), (0, True), (4, False), (4, True)]


def new_average(hidden_size=0, tanh=False, **common) -> AverageClassifier:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return AverageClassifier(AverageConfig(6, hidden_size, tanh, **common), WORDS).eval()


def by_definition(model: AverageClassifier, words: tuple[str, ...]) -> torch.Tensor:
    """Logits of one phrase, from the mean of its word vectors."""
    x = model.embedding(torch.from_numpy(model.embedding.vocabulary.ids(words)))
    y = x.mean(0)
    if model.config.hidden_size:
        y = model.layer.weight @ y + model.layer.bias
    return model.classifier(y.tanh() if model.config.tanh else y)


def phrases(tree: Tree) -> list[tuple[str, ...]]:
    return [tree.words[start:end] for start, end in tree.spans()]


@pytest.mark.parametrize("form", FORMS)
def test_phrases_are_classified_by_the_mean_of_their_words(random_trees, form):
    model, trees = new_average(*form), random_trees(30)
    for tree, rows in zip(trees, model.distributions(trees), strict=True):
        assert (rows.shape, rows.dtype) == ((tree.num_nodes, 5), np.float32)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
        with torch.no_grad():
            expected = [by_definition(model, words).softmax(0).numpy() for words in phrases(tree)]
        np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_phrases_of_the_treebank(sst_dev):
    words = sorted({word.lower() for tree in sst_dev[:200] for word in tree.words})
    torch.manual_seed(1)
    model = AverageClassifier(AverageConfig(20), ("<unk>", *words)).eval()
    rows = model.distributions(sst_dev)  # of other sentences most words are unknown
    with torch.no_grad():
        for at in (*range(20), *range(700, 720)):
            expected = [by_definition(model, each).softmax(0) for each in phrases(sst_dev[at])]
            np.testing.assert_allclose(rows[at], np.stack(expected), atol=1e-6)


def test_word_order_and_branches_are_ignored():
    model = new_average()
    one, other = Tree(("a", "b", "c"), ((0, 1), (3, 2))), Tree(("c", "a", "b"), ((0, 1, 2),))
    actual = [rows[-1] for rows in model.distributions([one, other])]
    np.testing.assert_allclose(*actual, atol=1e-7)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_equal_those_of_single_phrases(random_trees, form):
    trees = random_trees(5)
    one, other = new_average(*form).double(), new_average(*form).double()
    batch = one.collate(one.encode(trees))
    one(batch).square().sum().backward()
    sum(
        by_definition(other, words).square().sum() for tree in trees for words in phrases(tree)
    ).backward()
    for (name, weight), same in zip(one.named_parameters(), other.parameters(), strict=True):
        actual, expected = weight.grad.to_dense(), same.grad.to_dense()
        torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-12, msg=name)


def test_long_batches_lose_no_precision(random_trees):
    """The prefix sums of a phrase contain all phrases before it."""
    model, trees = new_average(), random_trees(1) + random_trees(2000, seed=2)
    with torch.no_grad():
        model.embedding.weight += 10.0
        model.classifier.weight *= 0.1
        alone = model(model.collate(model.encode(trees[:1])))
        last = model(model.collate(model.encode(trees[::-1])))[-len(alone) :]
    torch.testing.assert_close(last, alone)


def test_results_do_not_depend_on_batches(random_trees, monkeypatch):
    model, trees = new_average(), random_trees(40)
    expected = model.distributions(trees)
    sizes, collate = [], model.collate
    monkeypatch.setattr(module, "batch_nodes", lambda _: 60)
    monkeypatch.setattr(
        model, "collate", lambda examples: sizes.append(len(examples)) or collate(examples)
    )
    assert_close(model.distributions(trees), expected)
    assert len(sizes) > 5
    assert max(sizes) > 1
    assert sum(sizes) == 40
    assert model.distributions([]) == []


def test_labels_are_in_phrase_order(random_trees):
    trees = [*random_trees(3), Tree(("a", "b"), ((0, 1),))]
    model = new_average()
    labels = model.collate(model.encode(trees)).labels.tolist()
    assert labels == [label for tree in trees for label in tree.labels or [UNLABELLED] * 3]


def test_temperature_scales_the_logits(random_trees):
    trees = random_trees(3)
    plain, cool = new_average(), new_average(temperature=0.5)
    for tree, rows in zip(trees, cool.distributions(trees), strict=True):
        with torch.no_grad():
            scores = plain(plain.collate(plain.encode([tree])))
        np.testing.assert_allclose(rows, (scores / 0.5).softmax(1), atol=1e-6)


def test_no_dropout_in_evaluation_mode(random_trees):
    model, trees = new_average(), random_trees(3)
    batch = model.collate(model.encode(trees))
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))
    first, again = model.distributions(trees), model.distributions(trees)
    assert all(map(np.array_equal, first, again))
    assert model.training


def test_save_and_load(tmp_path, random_trees):
    model, trees = new_average(tanh=True, dropout=0.25, temperature=1.5), random_trees(4)
    model.save(tmp_path / "model", made="here")
    same = AverageClassifier.load(tmp_path / "model")
    assert same.config == model.config
    assert same.embedding.vocabulary.words == WORDS
    assert not same.training
    assert_same_weights(same, model)
    assert_close(same.distributions(trees), model.distributions(trees))
    config = json.loads((tmp_path / "model" / CONFIG).read_text())
    assert (config["kind"], config["made"]) == ("average-classifier", "here")
    assert config["model"] == asdict(model.config)


def test_folders_of_other_models(tmp_path, new_model):
    new_model().save(tmp_path / "tree")
    with pytest.raises(ModelError) as error:
        AverageClassifier.load(tmp_path / "tree")
    assert str(error.value) == (
        f"{tmp_path / 'tree'}: the kind of model is tree-classifier, expected average-classifier"
    )
    new_average().save(tmp_path / "average")
    config = tmp_path / "average" / CONFIG
    actual = json.loads(config.read_text())
    for changed, message in (
        ({"cell": "lstm"}, "unexpected keyword argument 'cell'"),
        ({"embedding_size": 7}, "weights do not fit config.json"),
    ):
        config.write_text(json.dumps({**actual, "model": {**actual["model"], **changed}}))
        with pytest.raises(ModelError, match=message):
            AverageClassifier.load(tmp_path / "average")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"embedding_size": 0}, "embedding_size is 0, expected a whole number, at least 1"),
        ({"embedding_size": 2.0}, "embedding_size is 2.0, expected a whole number, at least 1"),
        ({"tanh": 1}, "tanh is 1, expected true or false"),
        ({"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
        ({"temperature": 0}, "temperature is 0, expected 0.01 to 100"),
    ],
)
def test_config_values_out_of_range(values, message):
    with pytest.raises(InputError) as error:
        AverageConfig(**{"embedding_size": 6, **values})
    assert str(error.value) == message
