"""What leaves see: rows of a table of word vectors, or what an encoder makes of the sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.models.vocabulary import Vocabulary


class WordTable(nn.Embedding):
    """One vector for each word, whatever stands beside it; has the methods of ``Encoder``.

    Args:
        words: the vocabulary, row by row; row 0 stands for unknown words.
        size: numbers per vector.

    >>> table = WordTable(["<unk>", "good", "film"], 4)
    >>> table(table.batch(table.prepare([["A", "good", "film"], ["film"]]))).shape
    torch.Size([4, 4])
    """

    def __init__(self, words: Sequence[str], size: int) -> None:
        super().__init__(len(words), size, sparse=True)
        self.vocabulary = Vocabulary(words)

    @property
    def output_size(self) -> int:
        """Numbers per vector."""
        return self.embedding_dim

    def prepare(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Rows of the words of each sentence, int64 ``[words]``."""
        return [self.vocabulary.ids(words) for words in sentences]

    def lessons(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """The same, of sentences that are read again and again."""
        return self.prepare(sentences)

    def batch(self, sentences: Sequence[np.ndarray]) -> Tensor:
        """Sentence after sentence, ``[words]``; on the CPU."""
        return torch.from_numpy(np.concatenate(sentences))


def word_vectors(words: Sequence[str] | Encoder, size: int) -> WordTable | Encoder:
    """A table of these words, or the encoder that is given in its place.

    Raises:
        InputError: the encoder's vectors have another size.
    """
    if not isinstance(words, Encoder):
        return WordTable(words, size)
    if words.output_size != size:
        raise InputError(f"embedding_size is {size}, the encoder gives {words.output_size}")
    return words
