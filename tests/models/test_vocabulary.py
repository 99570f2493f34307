import numpy as np
import torch

from treernn.corpora.glove import WordVectors
from treernn.models.vocabulary import build_vocabulary, fill_embedding
from treernn.models.word_embeddings import Vocabulary

WORDS = Vocabulary(["<unk>", "film", "Film", "é"])


def test_words_are_looked_up_as_written_then_in_lower_case():
    assert WORDS.ids(["film", "Film", "FILM", "É", "xyzzy", ""]).tolist() == [1, 2, 1, 3, 0, 0]
    assert WORDS.ids([]).dtype == "int64"


def test_contains():
    assert "FILM" in WORDS
    assert "xyzzy" not in WORDS
    assert len(WORDS) == 4


def test_build_vocabulary():
    sentences = [["c", "b", "a"], ["a", "b"], ["b"]]
    assert build_vocabulary(["<unk>"], sentences) == ["<unk>", "b", "a", "c"]
    assert build_vocabulary(["<unk>", "a"], sentences, min_count=2) == ["<unk>", "a", "b"]
    assert build_vocabulary([], [], extra=["x", "x"]) == ["x"]
    assert build_vocabulary([], sentences, extra=["x", "a"]) == ["b", "a", "c", "x"]


def test_fill_embedding():
    table = torch.full((3, 2), 7.0)
    vectors = WordVectors(("other", "film", "good"), np.arange(6, dtype=np.float32).reshape(3, 2))
    fill_embedding(table, ["<unk>", "good", "plot"], None)
    fill_embedding(table, ["<unk>", "bad", "plot"], vectors)
    assert table.eq(7).all()
    fill_embedding(table, ["<unk>", "good", "plot"], vectors)
    assert table.tolist() == [[7, 7], [4, 5], [7, 7]]
