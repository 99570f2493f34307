import random

import numpy as np
import pytest

from treernn.evaluation.tagging import MostFrequentTag, Perceptron, accuracy, f1


def test_accuracy_and_f1():
    gold, predicted = [("a", "b"), ("a",)], [("a", "a"), ("b",)]
    assert accuracy(gold, predicted) == pytest.approx(100 / 3)
    assert np.isnan(accuracy([], []))
    assert f1(gold, predicted, "a") == pytest.approx(50)
    assert f1(gold, predicted, "b") == 0
    assert np.isnan(f1(gold, predicted, "c"))


def test_the_most_frequent_tag():
    tagger = MostFrequentTag([(("a", "a", "b"), ("X", "Y", "Z")), (("a", "c"), ("X", "Y"))])
    assert tagger.tag([("a", "b", "new")]) == [("X", "Z", "X")]


def test_the_perceptron_leaves_the_global_generator_alone():
    train = [
        (("can", "see", "can", "of"), ("MD", "VB", "NN", "IN")),
        (("can", "of"), ("NN", "IN")),
        (("can", "hear"), ("MD", "VB")),
    ] * 5
    words = [words for words, _ in train]
    state = random.getstate()
    perceptron = Perceptron(train)
    assert random.getstate() == state
    assert perceptron.tag(words) == Perceptron(train).tag(words)
    assert accuracy([tags for _, tags in train], perceptron.tag(words)) > 95
