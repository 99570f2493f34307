"""Static word vectors from a pretrained encoder.

The vector of a word is the encoder's output for the word alone, reduced by principal component
analysis. Pieces that continue a word get vectors too, to compose unknown words; see ``WordTable``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from treernn.corpora.glove import WordVectors
from treernn.encoders.encoder import Encoder
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError

SCALE = 0.4
"""Root mean square of the vectors' elements, about that of GloVe."""

_CHUNK = 2048  # words between two calls of ``progress``


def distil_vectors(
    encoder: Encoder,
    words: Sequence[str],
    dimension: int,
    progress: Callable[[float], None] = lambda _fraction: None,
) -> WordVectors:
    """Vectors of words, and of the encoder's pieces that continue a word.

    Args:
        encoder: embeds each word alone.
        words: distinct words.
        dimension: at most that of the encoder, and less than the number of words.
        progress: called with the fraction completed, 0 to 1.

    Returns:
        The words, then the pieces as ``##ing``. The principal components are those of the words, in
        order of falling variance.

    Raises:
        InputError: ``dimension`` is out of range.
    """
    limit = min(encoder.output_size, len(words) - 1)
    if not 1 <= dimension <= limit:
        raise InputError(
            f"dimension is {dimension}, expected 1 to {limit}: the encoder gives "
            f"{encoder.output_size} dimensions, and there are {len(words)} words"
        )
    pieces = encoder.pieces.continuations()
    encoded = [
        *encoder.encode([(word,) for word in words]),
        *encoder.pieces.encode_pieces(pieces.values()),
    ]
    parts = []
    for start in range(0, len(encoded), _CHUNK):
        parts += encoder.embed_encoded(encoded[start : start + _CHUNK])
        progress(min(1.0, (start + _CHUNK) / len(encoded)))
    vectors = np.concatenate(parts).astype(np.float64)
    vectors -= vectors[: len(words)].mean(0)
    of_words = vectors[: len(words)]
    _, axes = np.linalg.eigh(of_words.T @ of_words)  # by rising variance
    axes = axes[:, ::-1][:, :dimension]
    # The sign of an axis is arbitrary: make its largest element positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(dimension)])
    projected = vectors @ axes
    projected *= SCALE / np.sqrt(np.square(projected[: len(words)]).mean())
    names = (*words, *(CONTINUATION + piece for piece in pieces))
    return WordVectors(names, projected.astype(np.float32))


def concatenate_vectors(left: WordVectors, right: WordVectors) -> WordVectors:
    """The words of ``right`` with both vectors concatenated; zeros where ``left`` has none."""
    row = {word: number for number, word in enumerate(left.words)}
    vectors = np.zeros((len(right), left.dimension + right.dimension), np.float32)
    vectors[:, left.dimension :] = right.vectors
    known = [number for number, word in enumerate(right.words) if word in row]
    if known:
        rows = [row[right.words[number]] for number in known]
        vectors[known, : left.dimension] = left.vectors[rows]
    return WordVectors(right.words, vectors)
