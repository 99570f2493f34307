import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.evaluation.accuracy import MAX_LENGTHS, Accuracy, accuracy, evaluate
from treernn.types import DependencyTree, Tree

# Each row: five probabilities.
NEGATIVE, NEUTRAL, POSITIVE = (0.1, 0.5, 0.2, 0.1, 0.1), (0.1, 0.1, 0.6, 0.1, 0.1), (0, 0, 0, 0, 1)


def test_binary_weighs_both_ends_whatever_the_best_class_is():
    """Neutral is most probable, and yet 3 and 4 together outweigh 0 and 1; or the other way."""
    up, down = (0.0, 0.2, 0.5, 0.15, 0.15), (0.15, 0.15, 0.5, 0.2, 0.0)
    tie = (0.25, 0.25, 0.0, 0.25, 0.25)
    found = accuracy(np.array([3, 4, 0, 1, 0]), np.array([up, down, up, down, tie]))
    assert found == Accuracy(five=20.0, binary=60.0, count=5, count_binary=5)


def test_neutral_gold_is_left_out_of_binary_and_unlabelled_of_both():
    gold = np.array([2, 2, -1, 4])
    found = accuracy(gold, np.array([NEUTRAL, POSITIVE, POSITIVE, POSITIVE]))
    assert found == Accuracy(five=pytest.approx(200 / 3), binary=100.0, count=3, count_binary=1)


def test_nothing_to_count_is_no_number():
    found = accuracy(np.array([-1]), np.array([POSITIVE]))
    assert (found.count, found.count_binary) == (0, 0)
    assert np.isnan([found.five, found.binary]).all()


def test_roots_all_nodes_confusion_and_lengths_by_hand():
    trees = [
        Tree(("a", "b", "c"), ((0, 1), (3, 2)), (2, 1, -1, 3, 4)),
        Tree(("d",), (), (1,)),
        Tree(("e", "f"), ((0, 1),), ()),  # no labels at all
        Tree(("g", "h"), ((0, 1),), (-1, -1, 2)),
    ]
    given = [
        [NEUTRAL, POSITIVE, POSITIVE, POSITIVE, POSITIVE],
        [NEGATIVE],
        [POSITIVE] * 3,
        [POSITIVE, POSITIVE, NEGATIVE],
    ]
    found = evaluate(trees, [np.array(rows, dtype=np.float32) for rows in given])
    assert found.root == Accuracy(pytest.approx(200 / 3), 100.0, 3, 2)
    assert found.all == Accuracy(pytest.approx(50.0), 75.0, 6, 4)
    assert found.confusion == (
        (0, 0, 0, 0, 0),
        (0, 1, 0, 0, 0),
        (0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 1),
    )
    assert found.by_length == (
        (1, 1, Accuracy(pytest.approx(200 / 3), 50.0, 3, 2)),
        (2, 2, Accuracy(0.0, 100.0, 2, 1)),
        (3, 3, Accuracy(100.0, 100.0, 1, 1)),
    )


def test_dependency_trees_by_hand():
    """A node is as long as the words that hang under it and itself."""
    one = DependencyTree.from_heads(("it", "is", "good"), (1, -1, 1)).with_labels((2, -1, 4))
    other = DependencyTree.from_heads(("so", "bad"), (1, -1)).with_labels((1, 0))
    rows = [[NEUTRAL, POSITIVE, POSITIVE], [NEUTRAL, NEGATIVE]]
    found = evaluate([one, other], [np.array(each, dtype=np.float32) for each in rows])
    assert found.root == Accuracy(50.0, 100.0, 2, 2)
    assert found.all == Accuracy(50.0, 100.0, 4, 3)
    assert [(low, high, each.count) for low, high, each in found.by_length] == [
        (1, 1, 2),
        (2, 2, 1),
        (3, 3, 1),
    ]


@st.composite
def scored_trees(draw):
    """Flat trees of one or more words, labels and probabilities with ties and zeros."""
    trees, rows = [], []
    for _ in range(draw(st.integers(1, 5))):
        n = draw(st.integers(1, 40))
        nodes = n + (n > 1)
        labels = draw(st.lists(st.integers(-1, 4), min_size=nodes, max_size=nodes))
        trees.append(Tree(("w",) * n, (tuple(range(n)),) if n > 1 else (), tuple(labels)))
        seed = draw(st.integers(0, 1000))
        rows.append(np.random.default_rng(seed).integers(0, 4, (nodes, 5)).astype(np.float32))
    return trees, rows


@given(scored_trees())
def test_against_counting_node_by_node(case):
    trees, rows = case
    roots, every = [], {}
    for tree, each in zip(trees, rows, strict=True):
        for node, (low, high) in enumerate(tree.spans()):
            label, p = tree.labels[node], each[node].tolist()
            if label < 0:
                continue
            right = p.index(max(p)) == label
            polar = None if label == 2 else (p[3] + p[4] > p[0] + p[1]) == (label > 2)
            group = min(length for length in MAX_LENGTHS if length >= high - low)
            every.setdefault(group, []).append((right, polar))
            if node == tree.root:
                roots.append((right, polar, label, p.index(max(p))))
    found = evaluate(trees, rows)
    assert_counted(found.root, [(right, polar) for right, polar, *_ in roots])
    assert_counted(found.all, [each for group in every.values() for each in group])
    assert len(found.by_length) == len(every)
    for (_, _, group), length in zip(found.by_length, sorted(every), strict=True):
        assert_counted(group, every[length])
    for gold in range(5):
        for predicted in range(5):
            expected = sum((g, p) == (gold, predicted) for *_, g, p in roots)
            assert found.confusion[gold][predicted] == expected


def assert_counted(found: Accuracy, cases: list) -> None:
    polar = [right for _, right in cases if right is not None]
    assert (found.count, found.count_binary) == (len(cases), len(polar))
    for per_cent, right in ((found.five, [right for right, _ in cases]), (found.binary, polar)):
        expected = 100 * sum(right) / len(right) if right else float("nan")
        assert per_cent == pytest.approx(expected, nan_ok=True)


def test_against_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(1)
    gold, rows = random.integers(0, 5, 500), random.dirichlet(np.ones(5), 500)
    found = evaluate([Tree(("w",), (), (int(label),)) for label in gold], list(rows[:, None]))
    predicted = rows.argmax(1)
    assert found.root.five == pytest.approx(100 * metrics.accuracy_score(gold, predicted))
    assert np.array_equal(found.confusion, metrics.confusion_matrix(gold, predicted))
    polar = gold != 2
    expected = metrics.accuracy_score(gold[polar] > 2, (rows @ [-1, -1, 0, 1, 1] > 0)[polar])
    assert found.root.binary == pytest.approx(100 * expected)


def test_no_trees():
    with pytest.raises(InputError, match=r"^no trees to evaluate on$"):
        evaluate([], [])


def test_as_plain_values_what_nothing_counts_for_is_none():
    found = evaluate([Tree(("a", "b"), ((0, 1),), (-1, -1, 2))], [np.array([NEUTRAL] * 3)])
    assert found.to_dict() == {
        "root": {"five": 100.0, "binary": None, "count": 1, "count_binary": 0},
        "all": {"five": 100.0, "binary": None, "count": 1, "count_binary": 0},
        "confusion": [[0] * 5, [0] * 5, [0, 0, 1, 0, 0], [0] * 5, [0] * 5],
        "by_length": [
            {"from": 2, "to": 2, "five": 100.0, "binary": None, "count": 1, "count_binary": 0}
        ],
    }
    assert found.to_dict(roots_only=True).keys() == {"root", "confusion"}
