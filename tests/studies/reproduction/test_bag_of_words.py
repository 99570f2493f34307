import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from treernn.errors import InputError, MissingPackageError
from treernn.evaluation.accuracy import evaluate
from treernn.studies.reproduction import bag_of_words as module
from treernn.studies.reproduction.bag_of_words import Settings, fit
from treernn.training.tasks.sentiment import dev_metrics
from treernn.types import UNLABELLED, Tree

WORDS = ("bad", "film", "Film", "good", "not", "the")


def random_trees(number: int, seed: int, labels=(0, 1, 2, 3, 4)) -> list[Tree]:
    """Trees of 1 to 9 words with random branches; some nodes unlabelled."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        n = int(random.integers(1, 10))
        open_nodes, children = list(range(n)), []
        while len(open_nodes) > 1:
            at = int(random.integers(len(open_nodes) - 1))
            children.append((open_nodes[at], open_nodes[at + 1]))
            open_nodes[at : at + 2] = [n + len(children) - 1]
        drawn = random.choice([*labels, UNLABELLED], n + len(children))
        drawn[-1] = random.choice(labels)
        words = tuple(random.choice(WORDS, n).tolist())
        trees.append(Tree(words, tuple(children), tuple(drawn.tolist())))
    return trees


TRAIN, DEV = random_trees(60, 1), random_trees(20, 2)


@pytest.fixture
def strengths(monkeypatch):
    """Sets the strengths that both classifiers try."""
    return lambda *values: monkeypatch.setattr(
        module, "STRENGTHS", dict.fromkeys(("naive-bayes", "svm"), values)
    )


def phrases(trees: list[Tree]) -> list[tuple[str, ...]]:
    return [tree.words[start:end] for tree in trees for start, end in tree.spans()]


def ngrams_of(words: tuple[str, ...], ngrams: int) -> list[str]:
    lower = [word.lower() for word in words]
    return lower + (list(map(" ".join, pairwise(lower))) if ngrams == 2 else [])


def naive_counts(texts: list[tuple[str, ...]], ngrams: int) -> np.ndarray:
    """By definition: phrase by phrase, n-gram by n-gram; a column for each n-gram of TRAIN."""
    columns = sorted({gram for tree in TRAIN for gram in ngrams_of(tree.words, ngrams)})
    counts = [Counter(ngrams_of(text, ngrams)) for text in texts]
    return np.array([[count[gram] for gram in columns] for count in counts], np.float32)


@pytest.mark.parametrize(("classifier", "ngrams"), [("naive-bayes", 2), ("svm", 1)])
def test_fit_equals_scikit_learn_on_naive_counts(classifier, ngrams, strengths):
    strengths(0.3)
    model = fit(TRAIN, DEV, Settings(classifier, ngrams))
    pairs = zip(phrases(TRAIN), (label for tree in TRAIN for label in tree.labels), strict=True)
    texts, labels = zip(*sorted({pair for pair in pairs if pair[1] >= 0}), strict=True)
    matrix, dev = naive_counts(texts, ngrams), naive_counts(phrases(DEV), ngrams)
    rows = np.concatenate(model.distributions(DEV))
    np.testing.assert_array_equal(model.vectorizer.transform(phrases(DEV)).toarray(), dev)
    assert dev.max() > 1
    if classifier == "svm":
        scores = LinearSVC(C=0.3, dual=False).fit(matrix, labels).decision_function(dev)
        # Two solvers of one problem, each up to its tolerance.
        np.testing.assert_allclose(rows, softmax(scores, 1), atol=0.02)
        predicted = model.estimator.predict(model.vectorizer.transform(phrases(DEV)))
        np.testing.assert_array_equal(rows.argmax(1), predicted)
        assert model.num_weights == model.estimator.coef_.size + model.estimator.intercept_.size
    else:
        bayes = MultinomialNB(alpha=0.3).fit(matrix, labels)
        np.testing.assert_allclose(rows, bayes.predict_proba(dev), atol=1e-5)
    assert model.num_weights == 5 * (matrix.shape[1] + 1)
    assert model.chosen["strength"] == 0.3


@pytest.mark.parametrize("classifier", ["naive-bayes", "svm"])
def test_distributions_are_in_node_order_and_sum_to_one(classifier):
    model = fit(TRAIN, DEV, Settings(classifier))
    for tree, rows in zip(DEV, model.distributions(DEV), strict=True):
        assert (rows.shape, rows.dtype) == ((tree.num_nodes, 5), np.float32)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
        [words_only] = model.distributions([Tree(tree.words)])
        np.testing.assert_allclose(words_only, rows[: len(tree.words)], atol=1e-6)
    [unknown] = model.distributions([Tree(("never-seen",))])
    assert np.isfinite(unknown).all()


@pytest.mark.parametrize("classifier", ["naive-bayes", "svm"])
def test_classes_not_seen_in_training_have_probability_zero(classifier):
    train, dev = random_trees(60, 3, (1, 3)), random_trees(20, 4, (1, 3))
    model = fit(train, dev, Settings(classifier))
    rows = np.concatenate(model.distributions(dev))
    assert not rows[:, [0, 2, 4]].any()
    accuracy = evaluate(dev, model.distributions(dev)).root
    assert accuracy.five == accuracy.binary == model.chosen["dev_root"]
    if classifier == "svm":
        scores = model.estimator.decision_function(model.vectorizer.transform(phrases(dev)))
        np.testing.assert_array_equal(rows[:, 3] > rows[:, 1], scores > 0)


def test_the_strength_with_the_best_dev_accuracy_is_chosen(strengths):
    values, single = (0.01, 1.0, 100.0), []
    for value in values:
        strengths(value)
        single.append(fit(TRAIN, DEV, Settings()))
    figures = [dev_metrics(DEV, model.distributions(DEV)) for model in single]
    strengths(*values)
    model = fit(TRAIN, DEV, Settings())
    for entry, strength, expected in zip(model.history, values, figures, strict=True):
        assert entry["seconds"] > 0
        assert entry == {"strength": strength, **expected, "seconds": entry["seconds"]}
    best = max(range(3), key=lambda i: (figures[i]["dev_root"], figures[i]["dev_all"]))
    assert model.chosen is model.history[best]
    assert all(map(np.array_equal, model.distributions(DEV), single[best].distributions(DEV)))
    assert len({figure["dev_all"] for figure in figures}) > 1


def test_trees_without_enough_labels_are_refused():
    bare, one = Tree(("a", "b"), ((0, 1),)), Tree(("a", "b"), ((0, 1),), (3, 3, 3))
    for train, dev, message in (
        ([], DEV, "no train"),
        ([bare], DEV, "no train.* label"),
        (TRAIN, [bare], "no dev.* label"),
        ([one, bare], DEV, "all labelled phrases of the training trees are of one class"),
    ):
        with pytest.raises(InputError, match=message):
            fit(train, dev, Settings())


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in [name for name in sys.modules if name.startswith("sklearn.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[reproduction\]'"):
        fit(TRAIN, DEV, Settings())


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        (Settings("naive-bayes"), (67.2, 41.0, 82.6, 81.8)),
        (Settings("naive-bayes", ngrams=2), (71.0, 41.9, 82.7, 83.1)),
    ],
)
def test_accuracies_are_near_the_published_ones(sst_train, sst_dev, sst_test, settings, published):
    accuracy = evaluate(sst_test, fit(sst_train, sst_dev, settings).distributions(sst_test))
    ours = (accuracy.all.five, accuracy.root.five, accuracy.all.binary, accuracy.root.binary)
    assert np.abs(np.array(ours) - published)[1:].max() < 2
    assert ours[0] > published[0]


def test_the_svm_on_part_of_the_treebank(sst_train, sst_dev, sst_test, strengths):
    strengths(0.01)
    model = fit(sst_train[::4], sst_dev, Settings("svm"))
    accuracy = evaluate(sst_test, model.distributions(sst_test))
    assert 33 < accuracy.root.five < 41
    assert 75 < accuracy.root.binary < 83
    assert 68 < accuracy.all.five < 75
