import numpy as np
import pytest

from treernn.corpora.glove import WordVectors
from treernn.encoders.distilled import SCALE, concatenate_vectors, distil_vectors
from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError

WORDS = ["film", "good", "surly", "bad", "the", "surprising", "n't", "."]


@pytest.fixture
def encoder(tiny_encoder):
    return load_encoder(tiny_encoder())


def test_vectors_are_the_principal_components_of_the_words(encoder):
    actual = distil_vectors(encoder, WORDS, 3)
    assert list(actual.words[: len(WORDS)]) == WORDS
    plain = np.concatenate(encoder.embed([(word,) for word in WORDS])).astype(np.float64)
    plain -= plain.mean(0)
    left, sizes, _ = np.linalg.svd(plain, full_matrices=False)
    expected = left[:, :3] * sizes[:3]
    expected *= SCALE / np.sqrt(np.square(expected).mean())
    mine = actual.vectors[: len(WORDS)]
    for column in range(3):  # an axis may point either way
        sign = np.sign(mine[:, column] @ expected[:, column])
        np.testing.assert_allclose(mine[:, column], sign * expected[:, column], atol=1e-4)
    assert np.sqrt(np.square(mine).mean()) == pytest.approx(SCALE, rel=1e-5)
    again = distil_vectors(encoder, WORDS, 3)
    np.testing.assert_array_equal(actual.vectors, again.vectors)


def test_pieces_that_continue_a_word_come_last(encoder):
    fractions = []
    actual = distil_vectors(encoder, WORDS, 2, fractions.append)
    assert actual.words[len(WORDS) :] == ("##ly", "##s", "##prising")
    assert fractions == [1.0]
    # A piece is read as it is, not cut into marks and letters.
    rows = [actual.vectors[actual.words.index(word)] for word in ("##ly", "##s", "film")]
    assert all(not np.allclose(rows[i], rows[j]) for i in range(3) for j in range(i))


@pytest.mark.parametrize("dimension", [0, 8, 9])
def test_a_dimension_out_of_range(encoder, dimension):
    with pytest.raises(
        InputError, match=rf"^dimension is {dimension}, expected 1 to 7: .* 8 words"
    ):
        distil_vectors(encoder, WORDS, dimension)


def test_concatenate_vectors():
    left = WordVectors(("good", "film"), np.array([[1, 2], [3, 4]], np.float32))
    right = WordVectors(("film", "##s"), np.array([[5], [6]], np.float32))
    actual = concatenate_vectors(left, right)
    assert actual.words == right.words
    assert actual.vectors.tolist() == [[3, 4, 5], [0, 0, 6]]
    assert (
        concatenate_vectors(WordVectors(("a",), left.vectors[:1]), right).vectors[:, :2].tolist()
        == [[0, 0]] * 2
    )


@pytest.mark.parametrize("kind", ["bert", "roberta", "mpnet"])
def test_pieces_of_any_encoder(tiny_encoder, kind):
    actual = distil_vectors(load_encoder(tiny_encoder(kind)), WORDS, 2)
    assert actual.words[-1] == "##prising"
    assert np.isfinite(actual.vectors).all()
