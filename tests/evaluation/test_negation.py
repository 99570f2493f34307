import numpy as np
import pytest

from treernn.corpora.brackets import parse_line
from treernn.evaluation import negation
from treernn.evaluation.negation import (
    NEGATIVE,
    POSITIVE,
    TEMPLATES,
    negation_pairs,
    template_negation,
    treebank_negation,
)
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.types import Tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1 (2 not) (3 good))", [(1, 2)]),
        ("(1 (2 (2 It) (2 (2 is) (2 Not))) (3 good))", []),  # three words
        ("(1 (2 It) (1 (2 (2 is) (2 NOT)) (3 good)))", [(3, 5)]),
        ("(1 (2 (2 does) (2 n't)) (3 (2 work) (2 out)))", [(5, 6)]),
        ("(1 (3 good) (2 not))", []),
        ("(2 not)", []),
        ("(2 (2 not) (2 no) (2 nor))", []),  # three children
    ],
)
def test_pairs(text, expected):
    assert list(negation_pairs(parse_line(text, "text", 1))) == expected


def distribution(label: int, rest: float = 0.0) -> np.ndarray:
    return np.where(np.arange(5) == label, 1 - 4 * rest, rest)


def case(gold: tuple[int, int], result: tuple[np.ndarray, np.ndarray]):
    """A tree ``not PHRASE`` with the gold classes of phrase and root, and predictions."""
    of = Tree(("not", "it"), ((0, 1),), (2, *gold))
    return of, np.stack([distribution(2), *result])


def test_both_sets():
    cases = [
        case((3, 1), (distribution(4), distribution(1))),  # turned, eased, crossed
        case((4, 0), (distribution(3), distribution(2))),  # eased
        case((3, 1), (distribution(3, 0.1), distribution(3))),  # neither: more positive
        case((3, 2), (distribution(4), distribution(1))),  # not negative by gold
        case((3, -1), (distribution(4), distribution(1))),  # without a label
        case((0, 1), (distribution(0), distribution(1))),  # neither: as negative as before
        case((1, 2), (distribution(0), distribution(2))),  # turned, eased, crossed
        case((1, 3), (distribution(1), distribution(1, 0.1))),  # eased
        case((0, 0), (distribution(0), distribution(4))),  # not less negative by gold
        case((-1, 3), (distribution(0), distribution(4))),
    ]
    result = treebank_negation(*zip(*cases, strict=True))
    positive, negative = result.negated_positive, result.negated_negative
    assert (positive.cases, negative.cases) == (3, 3)
    assert (positive.phrase_correct, negative.phrase_correct) == (100, 100)
    assert positive.flipped == pytest.approx(100 / 3)
    assert positive.own_falls == pytest.approx(200 / 3)
    assert positive.opposite_rises == pytest.approx(100 / 3)
    assert positive.delta_positive == pytest.approx((-1 - 1 + 0.3) / 3)
    assert positive.delta_negative == pytest.approx((1 + 0 - 0.2) / 3)
    assert positive.delta_class == pytest.approx((-3 - 1 + 0.5) / 3)
    assert negative.flipped == pytest.approx(100 / 3)
    assert negative.own_falls == pytest.approx(200 / 3)
    assert negative.opposite_rises == pytest.approx(100 / 3)
    assert negative.delta_positive == pytest.approx((0 + 0 + 0.2) / 3)
    assert negative.delta_negative == pytest.approx((0 - 1 - 0.3) / 3)
    assert negative.delta_class == pytest.approx((1 + 2 + 0.5) / 3)


def test_without_cases_or_labels():
    result = treebank_negation([Tree(("not", "it"), ((0, 1),))], [np.full((3, 5), 0.2)])
    assert result.negated_positive.cases == result.negated_negative.cases == 0
    assert np.isnan(result.negated_positive.flipped)
    assert np.isnan(result.negated_negative.delta_class)


class Negating:
    """A model that knows the adjectives and all negators."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def distributions(self, trees):
        self.sentences = [" ".join(tree.words) for tree in trees]
        return [self._rows(tree) for tree in trees]

    @staticmethod
    def _rows(tree):
        negated = not {"not", "n't", "never", "Nothing"}.isdisjoint(tree.words)
        positive = not set(POSITIVE).isdisjoint(tree.words)
        label = (1 if negated else 4) if positive else (2 if negated else 0)
        return np.tile(distribution(label), (tree.num_nodes, 1))


def test_template_sentences_are_pairs():
    model = Negating()
    result = template_negation(model, ShapeParser(balanced))
    assert result.negated_positive.cases == len(POSITIVE) * len(TEMPLATES)
    assert result.negated_negative.cases == len(NEGATIVE) * len(TEMPLATES)
    for scores, value in ((result.negated_positive, -3), (result.negated_negative, 2)):
        assert (scores.flipped, scores.own_falls, scores.delta_class) == (100, 100, value)
    assert "It has an awful ending ." in model.sentences
    assert "It does n't have a good ending ." in model.sentences
    assert len(set(model.sentences)) == len(model.sentences)


def test_adjectives_are_distinct():
    adjectives = POSITIVE + NEGATIVE
    assert len(set(adjectives)) == len(adjectives)
    assert set(negation.NEGATORS).isdisjoint(adjectives)


def test_numbers_of_treebank_cases(sst_test):
    result = treebank_negation(sst_test, [np.eye(5)[list(tree.labels)] for tree in sst_test])
    positive, negative = result.negated_positive, result.negated_negative
    assert (positive.cases, negative.cases) == (70, 42)
    assert (positive.flipped, positive.own_falls, positive.opposite_rises) == (100, 100, 100)
    assert negative.flipped > 85  # the rest is negative still, less so
