import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treernn
from treernn.models.compounds import expand
from treernn.models.sentiment import load_sentiment
from treernn.parsing.baselines import balanced
from treernn.types import Tree


def split(word):
    return word.split("-")


def test_known_words_stay():
    assert expand(Tree(("a", "film"), ((0, 1),)), split) is None


WORDS = st.lists(st.sampled_from(["a", "b-c", "d-e-f", "g"]), min_size=1, max_size=8)


@given(WORDS)
def test_every_node_keeps_its_words(words):
    tree = Tree(tuple(words), balanced(len(words)))
    expansion = expand(tree, split)
    if expansion is None:
        assert all("-" not in word for word in words)
        return
    expanded, nodes = expansion
    spans = expanded.spans()
    for (first, last), node in zip(tree.spans(), nodes, strict=True):
        start, end = spans[node]
        assert list(expanded.words[start:end]) == [
            part for word in words[first:last] for part in split(word)
        ]
    assert all(len(children) == 2 for children in expanded.children)


@pytest.fixture(scope="module")
def model():
    return load_sentiment("small")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("badly-acted", ["badly", "acted"]),
        ("over-rated", ["overrated"]),
        ("good/great", ["good", "great"]),
        ("5-star", ["5", "star"]),
        ("LoveThisFilm", ["Love", "This", "Film"]),
        ("BADLY-ACTED", ["BADLY", "ACTED"]),
        ("so-so", ["so-so"]),  # known
        ("---", ["---"]),
    ],
)
def test_parts_of_a_word(model, word, parts):
    assert model.embedding.split(word) == parts


def test_a_compound_is_read_as_its_words(model):
    compound = Tree(("a", "badly-acted", "film"), ((1, 2), (0, 3)))
    words = Tree(("a", "badly", "acted", "film"), ((1, 2), (4, 3), (0, 5)))
    [of_compound], [of_words] = model.distributions([compound]), model.distributions([words])
    assert of_compound.shape == (5, 5)
    np.testing.assert_allclose(of_compound, of_words[[0, 4, 3, 5, 6]], atol=1e-6)


def test_a_compound_keeps_one_place_in_the_text():
    result = treernn.load()("A badly-acted film.")
    assert "badly-acted" in [phrase.text for phrase in result.phrases()]
    assert [token.text for token in result.sentences[0].tokens] == ["A", "badly-acted", "film", "."]
