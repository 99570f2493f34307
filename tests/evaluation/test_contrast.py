import math

import numpy as np
import pytest

from treernn.corpora.brackets import parse_line
from treernn.evaluation.contrast import but_clauses, contrast
from treernn.types import Tree


def tree(text: str) -> Tree:
    """A tree of neutral nodes from brackets without labels."""
    return parse_line(text.replace("(", "(2 ").replace("(2 2", "(2"), "text", 1)


def words(of: Tree, node: int) -> str:
    start, end = of.spans()[node]
    return " ".join(of.words[start:end])


def clauses_in(text: str) -> list[tuple[str, str, str, bool]]:
    of = tree(text)
    return [
        (*(words(of, node) for node in clause[:4]), clause.is_sentence)
        for clause in but_clauses(of)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # ((X ,) but) Y, as most of the treebank has it, and a full stop above the clause
        (
            "((((((long) (film)) (,)) (But)) (good)) (.))",
            [("long film", "good", "long film , But good", "long film , But good", True)],
        ),
        ("((long) ((but) (good)))", [("long", "good", "but good", "long but good", True)]),
        ("((long) ((,) ((but) (good))))", [("long", "good", "but good", "long , but good", True)]),
        (
            "((long) (((,) (but)) (good)))",
            [("long", "good", ", but good", "long , but good", True)],
        ),
        # the full stop within Y, and the comma within X
        (
            "(((long) (,)) ((but) ((good) (.))))",
            [("long", "good .", "but good .", "long , but good .", True)],
        ),
        ("(((a) ((b) (,))) ((but) (c)))", [("a b ,", "c", "but c", "a b , but c", True)]),
        # part of a sentence only
        (
            "((it) (((long) (but)) (good)))",
            [("long", "good", "long but good", "long but good", False)],
        ),
        # no X, no Y, no word beside but, and no X that is a node
        ("((but) (good))", []),
        ("(((,) (but)) (good))", []),
        ("((good) (but))", []),
        ("((good) ((but) (.)))", []),
        ("((a) (((b) (but)) (c)))", [("b", "c", "b but c", "b but c", False)]),
        ("((a) ((b) ((but) (c))))", [("b", "c", "but c", "b but c", False)]),
        ("(((a) (b)) ((c) ((but) ((d) (e)))))", [("c", "d e", "but d e", "c but d e", False)]),
        ("((a) (((b) ((but) (.))) (c)))", [("b", "c", "b but . c", "b but . c", False)]),
        # one but in another's X
        (
            "(((((a) (but)) (b)) (but)) (c))",
            [
                ("a", "b", "a but b", "a but b", False),
                ("a but b", "c", "a but b but c", "a but b but c", True),
            ],
        ),
    ],
)
def test_clauses(text, expected):
    assert clauses_in(text) == expected


def test_clauses_equal_the_definition():
    random = np.random.default_rng(1)
    count = 0
    for _ in range(2000):
        n = int(random.integers(2, 8))
        text = tuple(random.choice(["a", "b", ",", "but"], n).tolist())
        open_nodes, children = list(range(n)), []
        while len(open_nodes) > 1:
            at = int(random.integers(len(open_nodes) - 1))
            children.append((open_nodes[at], open_nodes[at + 1]))
            open_nodes[at : at + 2] = [n + len(children) - 1]
        of = Tree(text, tuple(children))
        assert list(but_clauses(of)) == list(_by_definition(of)), of
        count += len(list(but_clauses(of)))
    assert count > 500


def _by_definition(of: Tree):
    def without(start: int, end: int) -> int:
        """Number of words that are not punctuation."""
        return sum(word != "," for word in of.words[start:end])

    spans = of.spans()
    for but, text in enumerate(of.words):
        wholes = [
            node
            for node, (start, end) in enumerate(spans)
            if start < but < end and without(start, but) and without(but + 1, end)
        ]
        if text != "but" or not wholes:
            continue
        whole = min(wholes, key=lambda node: spans[node][1] - spans[node][0])
        start, end = spans[whole]
        xs = [
            (b - a, node)
            for node, (a, b) in enumerate(spans)
            if a == start and b <= but and without(a, b) == without(start, but)
        ]
        ys = [
            (-(b - a), node)
            for node, (a, b) in enumerate(spans)
            if a > but and b <= end and without(a, b) == without(but + 1, end)
        ]
        if xs and ys:
            sentence = not without(0, start) and not without(end, len(of.words))
            y = min(ys)[1]
            over = [n for n, (a, b) in enumerate(spans) if a <= but and spans[y][1] <= b]
            joint = min(over, key=lambda node: spans[node][1] - spans[node][0])
            yield min(xs)[1], y, joint, whole, sentence


def rows(of: Tree, **classes: int) -> np.ndarray:
    """Distributions with these classes for these phrases, and neutral for all others."""
    predicted = np.full((of.num_nodes, 5), 0.1)
    named = {name.replace("_", " "): label for name, label in classes.items()}
    for node in range(of.num_nodes):
        predicted[node, named.get(words(of, node), 2)] = 0.6
    return predicted


def test_cases_differ_in_polarity_and_correct_means_all_three():
    right = parse_line("(3 (2 (1 long) (2 but)) (4 good))", "text", 1)
    strong = parse_line("(1 (3 fine) (1 (2 but) (0 bad)))", "text", 1)
    same = parse_line("(3 (2 (3 fun) (2 but)) (3 good))", "text", 1)
    stronger = parse_line("(3 (2 (3 fun) (2 but)) (4 good))", "text", 1)
    unlabelled = same.with_labels((-1, 2, 3, 2, 3))
    inside = parse_line("(3 (2 it) (3 (2 (1 long) (2 but)) (4 good)))", "text", 1)
    bare = Tree(right.words, right.children)
    trees = [right, strong, same, stronger, unlabelled, inside, bare]
    predicted = [
        rows(right, long=1, good=4, long_but_good=3),
        rows(strong, fine=4, bad=1, but_bad=0, fine_but_bad=1),  # only the polarity is correct
        *(rows(tree) for tree in trees[2:]),
    ]
    result = contrast(trees, predicted)
    assert (result.cases, result.correct, result.correct_five) == (2, 100, 50)
    assert (result.x, result.y, result.joint) == (100, 100, 100)
    assert (result.gold.same_as_x, result.gold.same_as_y) == (0, 100)
    clauses = contrast(trees, predicted, sentences_only=False)
    assert (clauses.cases, clauses.x) == (3, pytest.approx(200 / 3))
    assert clauses.correct == pytest.approx(200 / 3)
    assert (clauses.model.same_as_x, clauses.model.same_as_y) == pytest.approx((100 / 3, 100))


def test_weights_are_recovered():
    random = np.random.default_rng(1)
    of = parse_line("(3 (2 (1 long) (2 but)) (4 good))", "text", 1)
    predicted = []
    for _ in range(8):
        x, y = random.dirichlet(np.ones(5), 2)
        distributions = np.full((of.num_nodes, 5), 0.2)
        distributions[[0, 2, 4]] = x, y, 0.1 * np.full(5, 0.2) + 0.2 * x + 0.7 * y
        predicted.append(distributions)
    model = contrast([of] * 8, predicted).model
    assert (model.weight_x, model.weight_y) == (pytest.approx(0.2), pytest.approx(0.7))


def test_no_cases():
    result = contrast([], [])
    assert result.cases == 0
    assert all(
        math.isnan(value)
        for value in (
            result.correct,
            result.x,
            result.gold.same_as_x,
            result.model.weight_y,
        )
    )


def test_number_of_cases_equals_the_paper(sst_test):
    predicted = [np.eye(5)[list(tree.labels)] for tree in sst_test]
    sentences, clauses = (
        contrast(sst_test, predicted),
        contrast(sst_test, predicted, sentences_only=False),
    )
    assert (sentences.cases, clauses.cases) == (131, 217)
    assert (sentences.correct, sentences.correct_five) == (100, 100)
    assert sentences.gold == sentences.model
