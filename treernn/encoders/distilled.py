"""Static word vectors out of a pretrained encoder: what it makes of each word when it stands alone,
in fewer numbers by principal components; with no encoder where they are used.

A word that is in no list is composed of pieces, so the pieces that go on a word get vectors too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from treernn.corpora.glove import WordVectors
from treernn.encoders.encoder import Encoder
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError

SPREAD = 0.4
"""Root mean square of all numbers, about that of GloVe's."""

_AT_ONCE = 2048  # words, between two calls of the progress


def distil_vectors(
    encoder: Encoder,
    words: Sequence[str],
    dimension: int,
    progress: Callable[[float], None] = lambda _share: None,
) -> WordVectors:
    """Vectors of words, then of the encoder's pieces that go on a word.

    Args:
        encoder: reads each of them alone.
        words: each once.
        dimension: numbers per vector; at most the encoder's, and fewer than there are words.
        progress: called with the share that is done, 0 to 1.

    Returns:
        The words as given, then the pieces after ``##``: ``##ing``. The principal components are
        those of the words, the first with the most variance.

    Raises:
        InputError: the dimension is none that can be had.
    """
    most = min(encoder.output_size, len(words) - 1)
    if not 1 <= dimension <= most:
        raise InputError(
            f"dimension is {dimension}, expected 1 to {most}: the encoder gives "
            f"{encoder.output_size} numbers, and there are {len(words)} words"
        )
    pieces = encoder.pieces.going_on()
    units = [*encoder.encode([(word,) for word in words]), *encoder.pieces.alone(pieces.values())]
    parts = []
    for start in range(0, len(units), _AT_ONCE):
        parts += encoder.embed_encoded(units[start : start + _AT_ONCE])
        progress(min(1.0, (start + _AT_ONCE) / len(units)))
    vectors = np.concatenate(parts).astype(np.float64)
    vectors -= vectors[: len(words)].mean(0)
    of_words = vectors[: len(words)]
    _, axes = np.linalg.eigh(of_words.T @ of_words)  # by rising variance
    axes = axes[:, ::-1][:, :dimension]
    # An axis may point either way: that in which its largest number is positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(dimension)])
    projected = vectors @ axes
    projected *= SPREAD / np.sqrt(np.square(projected[: len(words)]).mean())
    names = (*words, *(CONTINUATION + piece for piece in pieces))
    return WordVectors(names, projected.astype(np.float32))


def beside(left: WordVectors, right: WordVectors) -> WordVectors:
    """The words of ``right`` with the numbers of both; zeros for words that ``left`` lacks."""
    row = {word: number for number, word in enumerate(left.words)}
    vectors = np.zeros((len(right), left.dimension + right.dimension), np.float32)
    vectors[:, left.dimension :] = right.vectors
    known = [(at, row[word]) for at, word in enumerate(right.words) if word in row]
    if known:
        at, rows = (list(column) for column in zip(*known, strict=True))
        vectors[at, : left.dimension] = left.vectors[rows]
    return WordVectors(right.words, vectors)
