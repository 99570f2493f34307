import pytest

from treernn.errors import InputError
from treernn.evaluation.brackets import BracketScore, bracket_score, brackets
from treernn.types import Tree

LEFT = Tree(tuple("abcd"), ((0, 1), (4, 2), (5, 3)))
RIGHT = Tree(tuple("abcd"), ((2, 3), (1, 4), (0, 5)))
PAIRS = Tree(tuple("abcd"), ((0, 1), (2, 3), (4, 5)))
FLAT = Tree(tuple("abcd"), ((0, 1, 2, 3),))


def test_words_and_the_whole_sentence_are_not_brackets():
    assert brackets(LEFT) == {(0, 2), (0, 3)}
    assert brackets(FLAT) == brackets(Tree(("a",))) == set()


def test_counts_are_summed_over_sentences():
    score = bracket_score([LEFT, LEFT, LEFT], [LEFT, PAIRS, RIGHT])
    assert score == BracketScore(matched=3, predicted=6, gold=6)
    assert score.f1 == pytest.approx(0.5)


def test_precision_and_recall_differ_where_trees_are_not_binary():
    score = bracket_score([PAIRS, PAIRS], [FLAT, PAIRS])
    assert (score.precision, score.recall) == (0.5, 1.0)
    assert score.f1 == pytest.approx(2 / 3)


def test_no_brackets_score_one():
    assert bracket_score([], []).f1 == 1.0


def test_trees_must_match():
    with pytest.raises(InputError, match="predicted tree 0 has 4 words, the gold tree 1"):
        bracket_score([LEFT], [Tree(("a",))])
    with pytest.raises(InputError, match="1 predicted trees, but 2 gold trees"):
        bracket_score([LEFT], [LEFT, LEFT])
