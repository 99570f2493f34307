import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.parsing.baselines import balanced
from treernn.scoring.reading import read, whole
from treernn.types import LABELS, Token, Tree


def sentence(text):
    words = text.split()
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])
    return [Token(word, at, at + len(word)) for word, at in zip(words, starts, strict=False)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Awful", "awful ."),
        ("AWFUL .", "awful ."),
        ("Awful !", "Awful !"),
        ("( Awful )", "awful ."),
        ("`` A good film . ''", "A good film ."),
        ("( Good ) and ( bad )", "Good and bad"),
        ("a ( very dull ) film .", "a very dull film ."),
        ("( Awful ) .", "awful ."),
        ("- Awful", "awful ."),
        ("1. Great cast", "Great cast"),
        ("( it is much too long ) .", "it is much too long ."),
        ("<user> I love <url> this .", "I love this ."),
        ("<url> <user>", "."),
        ("10/10", "10/10"),
    ],
)
def test_words_that_are_read(text, words):
    assert read(sentence(text)).words == tuple(words.split())


WORDS = st.sampled_from(["<url>", "<user>", "(", ")", "``", "''", ".", "a", "Good", "film"])


@given(st.lists(WORDS, min_size=1, max_size=9))
def test_all_tokens_are_in_the_tree_and_what_was_read_keeps_its_sentiment(words):
    tokens = sentence(" ".join(words))
    reading = read(tokens)
    size = len(reading.words)
    tree = Tree(reading.words, balanced(size))
    rows = np.random.default_rng(0).dirichlet(np.ones(5), tree.num_nodes).astype(np.float32)
    full, distributions = whole(reading, tokens, tree, rows)
    assert full.num_nodes == len(distributions) == 2 * len(tokens) - 1
    assert full.spans()[full.root] == (0, len(tokens))
    if reading.tokens:
        np.testing.assert_array_equal(distributions[-1], rows[-1])
    else:
        assert distributions.argmax(axis=1).tolist() == [2] * full.num_nodes
    if len(reading.tokens) == size:
        ends = [*reading.tokens[1:], reading.tokens[-1] + 1]  # with what joins the word
        spans = full.spans()
        for (first, last), row in zip(tree.spans(), rows, strict=True):
            node = spans.index((reading.tokens[first], ends[last - 1]))
            np.testing.assert_array_equal(distributions[node], row)
    unread = set(range(len(tokens))) - set(reading.tokens)
    assert all(distributions[i].argmax() == LABELS.index("neutral") for i in unread)
