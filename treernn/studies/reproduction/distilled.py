"""Word vectors that have numbers of an encoder beside the given ones, for the rows that ask so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from treernn.corpora import glove
from treernn.encoders.base_model import MINILM
from treernn.encoders.distilled import beside, distil_vectors
from treernn.encoders.encoder import load_encoder
from treernn.studies.reproduction.runs import Data
from treernn.training.trainer import fingerprint
from treernn.training.words import words_of

DISTILLED = 200  # numbers that the encoder adds


def distil(data: Data, out: Path) -> None:
    """Write the word vectors to a file in the folder ``out``, unless it is there.

    Raises:
        ModelError, InputError: as ``treernn.encoders.encoder.load_encoder``; or the file cannot be
            written.
    """
    words = _words(data)
    path = _file(data, words, out)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder(MINILM)
    size = min(DISTILLED, encoder.output_size, len(words) - 1)  # of a small treebank fewer
    glove.write(path, beside(data.vectors, distil_vectors(encoder, words, size)))


def with_distilled(data: Data, out: Path) -> Data:
    """The same data with the word vectors that ``distil`` wrote."""
    found, encoder = glove.read(_file(data, _words(data), out)), MINILM.rpartition("/")[2]
    added = found.dimension - data.vectors.dimension
    name = f"{data.vectors_name} and {added} numbers of {encoder}"
    return replace(data, vectors=found, vectors_name=name)


def _words(data: Data) -> list[str]:
    return words_of([*data.train, *data.dev, *data.test])


def _file(data: Data, words: Sequence[str], out: Path) -> Path:
    """Named after what it is made of."""
    made_of = fingerprint([MINILM, DISTILLED, data.vectors_name, data.vectors.vectors.shape, words])
    return out / f"distilled-{made_of[:16]}.txt.gz"
