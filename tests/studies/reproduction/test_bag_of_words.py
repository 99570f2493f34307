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
from treernn.models.vocabulary import Vocabulary
from treernn.studies.reproduction import bag_of_words as module
from treernn.studies.reproduction.bag_of_words import Columns, Settings, counts, fit
from treernn.training.sentiment import dev_figures
from treernn.types import UNLABELLED, Tree

WORDS = ("bad", "film", "Film", "good", "not", "the")


def random_trees(number: int, seed: int, labels=(0, 1, 2, 3, 4)) -> list[Tree]:
    """Trees of 1 to 9 words, of which no branch is said twice; -1 for some labels."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        n = int(random.integers(1, 10))
        open_nodes, children = list(range(n)), []
        while len(open_nodes) > 1:
            at = int(random.integers(len(open_nodes) - 1))
            children.append((open_nodes[at], open_nodes[at + 1]))
            open_nodes[at : at + 2] = [n + len(children) - 1]
        found = random.choice([*labels, UNLABELLED], n + len(children))
        found[-1] = random.choice(labels)
        words = tuple(random.choice(WORDS, n).tolist())
        trees.append(Tree(words, tuple(children), tuple(found.tolist())))
    return trees


TRAIN, DEV = random_trees(60, 1), random_trees(20, 2)


def phrases(trees: list[Tree]) -> list[tuple[str, ...]]:
    """The words of every node, in lower case."""
    return [
        tuple(word.lower() for word in tree.words[start:end])
        for tree in trees
        for start, end in tree.spans()
    ]


def naive_counts(trees: list[Tree], columns: Columns) -> np.ndarray:
    """By definition: phrase by phrase, n-gram by n-gram."""
    words = columns.words.words
    grams: list[tuple[str, ...]] = [(word,) for word in words[1:]]
    if columns.bigrams is not None:
        grams += [(words[i // len(words)], words[i % len(words)]) for i in columns.bigrams]
    rows = []
    for phrase in phrases(trees):
        found = Counter((word,) for word in phrase)
        found.update(pairwise(phrase))
        rows.append([found[gram] for gram in grams])
    return np.array(rows, np.float32)


# Counts


@pytest.mark.parametrize("ngrams", [1, 2])
def test_counts_are_those_of_phrases_one_by_one(ngrams):
    columns = module._columns(TRAIN[:5], ngrams)
    for trees in (TRAIN[:5], DEV):  # in DEV are bigrams that the others have not
        found = counts(trees, columns)
        assert found.shape == (sum(tree.num_nodes for tree in trees), columns.count)
        np.testing.assert_array_equal(found.toarray(), naive_counts(trees, columns))
        assert found.toarray().max() > 1


def test_counts_of_the_treebank(sst_train, sst_dev):
    columns = module._columns(sst_train[:100], 2)
    found = counts(sst_dev[:20], columns)
    np.testing.assert_array_equal(found.toarray(), naive_counts(sst_dev[:20], columns))


def test_bigrams_do_not_reach_over_the_end_of_a_sentence():
    trees = [Tree(("a", "b"), ((0, 1),)), Tree(("c", "a"), ((0, 1),))]
    columns = module._columns(trees, 2)
    words = columns.words.words
    assert {(words[i // len(words)], words[i % len(words)]) for i in columns.bigrams} == {
        ("a", "b"),
        ("c", "a"),
    }
    assert counts(trees, columns).sum(1).ravel().tolist() == [[1, 1, 3, 1, 1, 3]]


def test_sentences_of_one_word_have_no_bigrams():
    trees = [Tree(("a",)), Tree(("b",))]
    columns = module._columns(trees, 2)
    assert columns.count == 2
    np.testing.assert_array_equal(counts(trees, columns).toarray(), np.eye(2))
    assert counts([Tree(("x",))], Columns(Vocabulary(("<unk>",)), None)).shape == (1, 0)


# Which phrases are learnt from


def test_distinct_phrases_all_phrases_and_roots():
    labels = np.concatenate([tree.labels for tree in TRAIN])
    texts = [tree.words[start:end] for tree in TRAIN for start, end in tree.spans()]
    known = set(zip(texts, labels.tolist(), strict=True))
    distinct = module._chosen(TRAIN, "distinct")
    found = [(texts[node], int(labels[node])) for node in distinct]
    assert len(found) == len(set(found)) < len(texts)
    assert set(found) == {(text, label) for text, label in known if label >= 0}
    every = module._chosen(TRAIN, "all")
    assert every.tolist() == np.flatnonzero(labels >= 0).tolist()
    roots = module._chosen(TRAIN, "roots")
    assert [texts[node] for node in roots] == [tree.words for tree in TRAIN]


# A fit


@pytest.mark.parametrize("phrases", ["distinct", "all", "roots"])
@pytest.mark.parametrize(("classifier", "ngrams"), [("naive-bayes", 2), ("svm", 1)])
def test_a_fit_is_that_of_scikit_learn_over_naive_counts(classifier, ngrams, phrases):
    settings = Settings(classifier, ngrams, phrases, strengths=(0.3,))
    found = fit(TRAIN, DEV, settings)
    columns = module._columns(TRAIN, ngrams)
    chosen = module._chosen(TRAIN, phrases)
    labels = np.concatenate([tree.labels for tree in TRAIN])[chosen]
    matrix = naive_counts(TRAIN, columns)[chosen]
    rows, naive = np.concatenate(found.distributions(DEV)), naive_counts(DEV, columns)
    if classifier == "svm":
        scores = LinearSVC(C=0.3, dual=False).fit(matrix, labels).decision_function(naive)
        # Two ways to solve one problem, each up to its tolerance.
        np.testing.assert_allclose(rows, softmax(scores, 1), atol=0.02)
        decided = found._estimator.predict(counts(DEV, columns))
        np.testing.assert_array_equal(rows.argmax(1), decided)
    else:
        bayes = MultinomialNB(alpha=0.3).fit(matrix, labels)
        np.testing.assert_allclose(rows, bayes.predict_proba(naive), atol=1e-5)
    assert found.num_weights == 5 * (columns.count + 1)
    assert found.chosen["strength"] == 0.3


@pytest.mark.parametrize("classifier", ["naive-bayes", "svm"])
def test_rows_in_node_order_sum_to_one(classifier, monkeypatch):
    model = fit(TRAIN, DEV, Settings(classifier))
    expected = model.distributions(DEV)
    monkeypatch.setattr(module, "_TREES_PER_BATCH", 3)
    for tree, rows, whole in zip(DEV, model.distributions(DEV), expected, strict=True):
        assert (rows.shape, rows.dtype) == ((tree.num_nodes, 5), np.float32)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
        np.testing.assert_array_equal(rows, whole)
        [alone] = model.distributions([Tree(tree.words)])
        np.testing.assert_allclose(alone, rows[: len(tree.words)], atol=1e-6)
    assert model.distributions([]) == []
    [unknown] = model.distributions([Tree(("never-seen",))])
    assert np.isfinite(unknown).all()


@pytest.mark.parametrize("classifier", ["naive-bayes", "svm"])
def test_two_classes_leave_the_others_nothing(classifier):
    train, dev = random_trees(60, 3, (1, 3)), random_trees(20, 4, (1, 3))
    model = fit(train, dev, Settings(classifier))
    rows = np.concatenate(model.distributions(dev))
    assert not rows[:, [0, 2, 4]].any()
    found = evaluate(dev, model.distributions(dev))
    assert found.root.five == found.root.binary == model.chosen["dev_root"]
    if classifier == "svm":
        scores = model._estimator.decision_function(counts(dev, model.columns))
        np.testing.assert_array_equal(rows[:, 3] > rows[:, 1], scores > 0)


def test_the_strength_is_the_best_on_dev():
    strengths = (0.01, 1.0, 100.0)
    alone = [fit(TRAIN, DEV, Settings(strengths=(alpha,))) for alpha in strengths]
    figures = [dev_figures(DEV, model.distributions(DEV)) for model in alone]
    found = fit(TRAIN, DEV, Settings(strengths=strengths))
    for line, strength, expected in zip(found.history, strengths, figures, strict=True):
        assert line["seconds"] > 0
        assert line == {"strength": strength, **expected, "seconds": line["seconds"]}
    best = max(range(3), key=lambda i: (figures[i]["dev_root"], figures[i]["dev_all"]))
    assert found.chosen is found.history[best]
    assert all(map(np.array_equal, found.distributions(DEV), alone[best].distributions(DEV)))
    assert len({figure["dev_all"] for figure in figures}) > 1


# What cannot be


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"classifier": "tree"}, "classifier is 'tree', expected one of naive-bayes, svm"),
        ({"ngrams": 3}, "ngrams is 3, expected one of 1, 2"),
        ({"phrases": "long"}, "phrases is 'long', expected one of distinct, all, roots"),
        ({"strengths": (1.0, 0.0)}, "a strength is 0.0, expected more than 0"),
        ({"strengths": (float("nan"),)}, "a strength is nan, expected more than 0"),
    ],
)
def test_settings_that_there_are_not(values, message):
    with pytest.raises(InputError) as error:
        Settings(**values)
    assert str(error.value) == message


def test_data_that_nothing_can_be_learnt_from():
    bare, one = Tree(("a", "b"), ((0, 1),)), Tree(("a", "b"), ((0, 1),), (3, 3, 3))
    for train, dev, message in (
        ([], DEV, "no train trees"),
        ([bare], DEV, "no train tree has a label to learn from"),
        (TRAIN, [bare], "no dev tree has a label at its root to choose the best epoch by"),
        ([one], DEV, "the labelled phrases of the train trees are not of two classes"),
    ):
        with pytest.raises(InputError) as error:
            fit(train, dev, Settings())
        assert str(error.value) == message
    inner = Tree(("a", "b"), ((0, 1),), (1, 3, UNLABELLED))
    with pytest.raises(InputError, match="are not of two classes"):
        fit([inner], DEV, Settings(phrases="roots"))


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.naive_bayes", None)
    with pytest.raises(MissingPackageError) as error:
        fit(TRAIN, DEV, Settings())
    assert "pip install 'treernn[reproduction]'" in str(error.value)


# The treebank


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        (Settings("naive-bayes"), (67.2, 41.0, 82.6, 81.8)),
        (Settings("naive-bayes", ngrams=2), (71.0, 41.9, 82.7, 83.1)),
    ],
)
def test_the_published_figures_are_near(sst_train, sst_dev, sst_test, settings, published):
    found = evaluate(sst_test, fit(sst_train, sst_dev, settings).distributions(sst_test))
    ours = (found.all.five, found.root.five, found.all.binary, found.root.binary)
    assert np.abs(np.array(ours) - published)[1:].max() < 2
    assert ours[0] > published[0]


def test_the_svm_on_part_of_the_treebank(sst_train, sst_dev, sst_test):
    model = fit(sst_train[::4], sst_dev, Settings("svm", strengths=(0.01,)))
    found = evaluate(sst_test, model.distributions(sst_test))
    assert 33 < found.root.five < 41
    assert 75 < found.root.binary < 83
    assert 68 < found.all.five < 75
