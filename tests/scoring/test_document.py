import numpy as np

from treernn.scoring.document import combine


def test_longer_sentences_weigh_more():
    first, second = np.eye(5)[0], np.eye(5)[4]
    assert combine([first, second], [3, 1]).tolist() == [0.75, 0, 0, 0, 0.25]


def test_one_sentence_is_the_text():
    row = np.array([0.1, 0.2, 0.3, 0.3, 0.1])
    np.testing.assert_array_equal(combine([row], [7]), row)
