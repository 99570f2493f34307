import math

import numpy as np

from treernn.corpora.brackets import parse_line
from treernn.evaluation.ngrams import Ngram, strongest_ngrams
from treernn.types import Tree


def test_strongest_first_without_duplicates():
    trees = [
        parse_line("(3 (2 A) (4 (4 great) (2 film)))", "text", 1),
        parse_line("(1 (2 a) (1 (0 Bad) (2 film)))", "text", 2),
    ]
    result = [np.full((5, 5), 0.1) for _ in trees]
    result[0][:, 4] = 0.2, 0.6, 0.1, 0.5, 0.4
    result[1][:, 4] = 0.3, 0.1, 0.2, 0.2, 0.1
    result[1][:, 0] = 0.1, 0.9, 0.1, 0.8, 0.7
    one, two, five = strongest_ngrams(trees, result, lengths=(1, 2, 5), top=3)
    assert one.positive == (Ngram("great", 0.6, 4), Ngram("a", 0.3, 2), Ngram("film", 0.2, 2))
    assert one.negative[0] == Ngram("Bad", 0.9, 0)
    assert (one.gold_positive, one.gold_negative) == (8 / 3, 2)
    assert [ngram.text for ngram in two.positive] == ["great film", "Bad film"]
    assert [ngram.text for ngram in two.negative] == ["Bad film", "great film"]
    assert (five.positive, five.negative) == ((), ())
    assert math.isnan(five.gold_positive)


def test_unlabelled_trees():
    of = Tree(("a", "b"), ((0, 1),))
    (result,) = strongest_ngrams([of], [np.full((3, 5), 0.2)], lengths=(2,))
    assert result.positive == (Ngram("a b", 0.2, -1),)
    assert math.isnan(result.gold_negative)


def test_no_trees():
    assert [ngram.positive for ngram in strongest_ngrams([], [])] == [(), (), (), ()]
