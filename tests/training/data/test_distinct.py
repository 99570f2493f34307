"""The different sentences of texts."""

from hypothesis import given
from hypothesis import strategies as st

from treernn.text import tokenize
from treernn.training.data import corpus
from treernn.training.data.distinct import distinct_sentences

SENTENCES = st.sampled_from(["Good.", "Bad!", "Not bad?", "A film.", "Dull.", "I see.", "\ud800."])


@given(st.lists(st.lists(SENTENCES, max_size=3).map(" ".join), max_size=30), st.integers(1, 5))
def test_each_once_in_order(texts, size):
    expected = dict.fromkeys(
        tuple(token.text for token in each) for text in texts for each in tokenize(text)
    )
    whole = corpus.SIZE
    try:
        corpus.SIZE = size
        assert [*distinct_sentences(iter(texts))] == [*expected]
    finally:
        corpus.SIZE = whole


def test_many_sentences():
    """So many that what was seen is merged several times."""
    texts = [f"number {number % 1300}" for number in range(3100)]
    found = [*distinct_sentences(texts)]
    assert found == [("number", str(number)) for number in range(1300)]
