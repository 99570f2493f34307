import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.evaluation.accuracy import MAX_LENGTHS, Accuracy, accuracy, evaluate
from treernn.types import DependencyTree, Tree

# Each row: five probabilities.
NEGATIVE, NEUTRAL, POSITIVE = (0.1, 0.5, 0.2, 0.1, 0.1), (0.1, 0.1, 0.6, 0.1, 0.1), (0, 0, 0, 0, 1)


def test_binary_compares_sums_whatever_the_most_probable_class():
    """Neutral is most probable, but p3 + p4 > p0 + p1, or the reverse."""
    up, down = (0.0, 0.2, 0.5, 0.15, 0.15), (0.15, 0.15, 0.5, 0.2, 0.0)
    tie = (0.25, 0.25, 0.0, 0.25, 0.25)
    result = accuracy(np.array([3, 4, 0, 1, 0]), np.array([up, down, up, down, tie]))
    assert result == Accuracy(five=20.0, binary=60.0, count=5, count_binary=5)


def test_binary_skips_neutral_and_both_skip_unlabelled():
    gold = np.array([2, 2, -1, 4])
    result = accuracy(gold, np.array([NEUTRAL, POSITIVE, POSITIVE, POSITIVE]))
    assert result == Accuracy(five=pytest.approx(200 / 3), binary=100.0, count=3, count_binary=1)


def test_no_labels_give_nan():
    result = accuracy(np.array([-1]), np.array([POSITIVE]))
    assert (result.count, result.count_binary) == (0, 0)
    assert np.isnan([result.five, result.binary]).all()


def test_parse_trees_by_hand():
    trees = [
        Tree(("a", "b", "c"), ((0, 1), (3, 2)), (2, 1, -1, 3, 4)),
        Tree(("d",), (), (1,)),
        Tree(("e", "f"), ((0, 1),), ()),  # no labels at all
        Tree(("g", "h"), ((0, 1),), (-1, -1, 2)),
    ]
    predicted = [
        [NEUTRAL, POSITIVE, POSITIVE, POSITIVE, POSITIVE],
        [NEGATIVE],
        [POSITIVE] * 3,
        [POSITIVE, POSITIVE, NEGATIVE],
    ]
    result = evaluate(trees, [np.array(rows, dtype=np.float32) for rows in predicted])
    assert result.root == Accuracy(pytest.approx(200 / 3), 100.0, 3, 2)
    assert result.all == Accuracy(pytest.approx(50.0), 75.0, 6, 4)
    assert result.confusion == (
        (0, 0, 0, 0, 0),
        (0, 1, 0, 0, 0),
        (0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 1),
    )
    assert result.by_length == (
        (1, 1, Accuracy(pytest.approx(200 / 3), 50.0, 3, 2)),
        (2, 2, Accuracy(0.0, 100.0, 2, 1)),
        (3, 3, Accuracy(100.0, 100.0, 1, 1)),
    )


def test_dependency_trees_by_hand():
    """The length of a node is that of its subtree."""
    one = DependencyTree.from_heads(("it", "is", "good"), (1, -1, 1)).with_labels((2, -1, 4))
    other = DependencyTree.from_heads(("so", "bad"), (1, -1)).with_labels((1, 0))
    rows = [[NEUTRAL, POSITIVE, POSITIVE], [NEUTRAL, NEGATIVE]]
    result = evaluate(
        [one, other], [np.array(probabilities, dtype=np.float32) for probabilities in rows]
    )
    assert result.root == Accuracy(50.0, 100.0, 2, 2)
    assert result.all == Accuracy(50.0, 100.0, 4, 3)
    assert [(low, high, accuracy.count) for low, high, accuracy in result.by_length] == [
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
def test_equals_a_loop_over_nodes(case):
    trees, rows = case
    roots, groups = [], {}
    for tree, probabilities in zip(trees, rows, strict=True):
        for node, (low, high) in enumerate(tree.spans()):
            label, p = tree.labels[node], probabilities[node].tolist()
            if label < 0:
                continue
            right = p.index(max(p)) == label
            binary = None if label == 2 else (p[3] + p[4] > p[0] + p[1]) == (label > 2)
            group = min(length for length in MAX_LENGTHS if length >= high - low)
            groups.setdefault(group, []).append((right, binary))
            if node == tree.root:
                roots.append((right, binary, label, p.index(max(p))))
    result = evaluate(trees, rows)
    assert_counted(result.root, [(right, binary) for right, binary, *_ in roots])
    assert_counted(result.all, [case for group in groups.values() for case in group])
    assert len(result.by_length) == len(groups)
    for (_, _, group), length in zip(result.by_length, sorted(groups), strict=True):
        assert_counted(group, groups[length])
    for gold in range(5):
        for predicted in range(5):
            expected = sum((g, p) == (gold, predicted) for *_, g, p in roots)
            assert result.confusion[gold][predicted] == expected


def assert_counted(result: Accuracy, cases: list) -> None:
    polar = [right for _, right in cases if right is not None]
    assert (result.count, result.count_binary) == (len(cases), len(polar))
    for percentage, right in ((result.five, [right for right, _ in cases]), (result.binary, polar)):
        expected = 100 * sum(right) / len(right) if right else float("nan")
        assert percentage == pytest.approx(expected, nan_ok=True)


def test_equals_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(1)
    gold, rows = random.integers(0, 5, 500), random.dirichlet(np.ones(5), 500)
    result = evaluate([Tree(("w",), (), (int(label),)) for label in gold], list(rows[:, None]))
    predicted = rows.argmax(1)
    assert result.root.five == pytest.approx(100 * metrics.accuracy_score(gold, predicted))
    assert np.array_equal(result.confusion, metrics.confusion_matrix(gold, predicted))
    polar = gold != 2
    expected = metrics.accuracy_score(gold[polar] > 2, (rows @ [-1, -1, 0, 1, 1] > 0)[polar])
    assert result.root.binary == pytest.approx(100 * expected)


def test_no_trees():
    with pytest.raises(InputError, match=r"^no trees to evaluate on$"):
        evaluate([], [])


def test_nan_is_none_in_json():
    result = evaluate([Tree(("a", "b"), ((0, 1),), (-1, -1, 2))], [np.array([NEUTRAL] * 3)])
    assert result.to_dict() == {
        "root": {"five": 100.0, "binary": None, "count": 1, "count_binary": 0},
        "all": {"five": 100.0, "binary": None, "count": 1, "count_binary": 0},
        "confusion": [[0] * 5, [0] * 5, [0, 0, 1, 0, 0], [0] * 5, [0] * 5],
        "by_length": [
            {"from": 2, "to": 2, "five": 100.0, "binary": None, "count": 1, "count_binary": 0}
        ],
    }
    assert result.to_dict(roots_only=True).keys() == {"root", "confusion"}
