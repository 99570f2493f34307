import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.models.word_embeddings import (
    NUM_SUBWORDS,
    ComposedWords,
    WordFeatures,
    WordTable,
    normalize,
    shape,
)

ROWS = ["<unk>", "good", "film", "un", "##s", "##ing", "##in", "##g", "a"]


@pytest.fixture
def table():
    torch.manual_seed(1)
    return WordTable(ROWS, 5)


def vectors(table, *sentences):
    return table(table.collate(table.encode(sentences))).detach()


def test_vectors_of_known_words(table):
    actual = vectors(table, ["a", "Good", "film"], ["film"])
    torch.testing.assert_close(actual, table.weight[[8, 1, 2, 2]].detach())


def test_unknown_words_are_the_mean_of_their_pieces_by_longest_match(table):
    weight = table.weight.detach()
    actual = vectors(table, ["film", "FILMS", "unfilming"], ["a"], ["uns", "goodin", "sun"])
    expected = [
        weight[2],
        weight[[2, 4]].mean(0),
        weight[0],  # "un" and "##f…", which is no piece
        weight[8],
        weight[[3, 4]].mean(0),
        weight[[1, 6]].mean(0),
        weight[0],
    ]
    torch.testing.assert_close(actual, torch.stack(expected))
    assert isinstance(table.encode([["goodings"]])[0], ComposedWords)
    torch.testing.assert_close(vectors(table, ["goodings"])[0], weight[[1, 5, 4]].mean(0))


def test_without_pieces_an_unknown_word_is_row_0():
    table = WordTable(["<unk>", "good", "s"], 2)
    assert [rows.tolist() for rows in table.encode([["goods", "good"]])] == [[0, 1]]
    assert isinstance(table.collate(table.encode([["goods"]])), torch.Tensor)


def test_gradients_reach_the_pieces(table):
    batch = table.collate(table.encode([["films", "a"]]))
    table(batch).sum().backward()
    assert sorted(table.weight.grad.coalesce().indices()[0].tolist()) == [2, 4, 8]


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=5), min_size=1, max_size=4))
def test_any_words(sentences):
    table = WordTable(ROWS, 3)
    actual = vectors(table, *sentences)
    assert actual.shape == (sum(map(len, sentences)), 3)
    alone = torch.cat([vectors(table, sentence) for sentence in sentences])
    torch.testing.assert_close(actual, alone)


def test_very_long_words():
    table = WordTable(["<unk>", "a", "##a"], 2)
    (actual,) = table.encode([["a" * 20_000 + "b", "a" * 20_000]])
    assert actual.rows.tolist() == [0, 1] + [2] * 19_999
    assert np.diff(actual.offsets).tolist() == [1]


def subword_rows(words, rows):
    return WordFeatures(["<unk>"], 1, 1, rows).encode(words)[1]


def test_rows_are_the_same_on_every_machine():
    assert subword_rows(["films"], 8192).tolist() == [
        [
            3949,
            4155,
            4618,
            1377,
            5887,
            6218,
            1399,
            6159,
        ]  # CRC-32 of <f <fi <fil s> ms> lms> ilms> xx
    ]


def test_words_with_common_prefixes_and_suffixes_share_rows():
    walked, talked, walks = subword_rows(["walked", "talked", "walks"], 1 << 20)
    assert (walked[:3] == walks[:3]).all()
    assert (walked[3:] == talked[3:]).all()
    assert not (walked[:3] == talked[:3]).any()


def test_capitals_change_only_the_shape():
    small, large = subword_rows(["film", "Film"], 1 << 20)
    assert (small != large).tolist() == [False] * (NUM_SUBWORDS - 1) + [True]


@given(st.lists(st.text(st.characters(), min_size=1)))
def test_any_text_has_rows(words):
    rows = subword_rows(words, 64)
    assert rows.shape == (len(words), NUM_SUBWORDS)
    assert rows.dtype == np.int64
    assert ((rows >= 0) & (rows < 64)).all()


def test_normalize():
    assert [normalize(sign) for sign in ("“", "”", "’", "–", "—", "…", "-RRB-")] == [
        "``", "''", "'", "--", "--", "...", ")",
    ]  # fmt: skip


def test_shapes():
    assert [shape(word) for word in ("It", "USA", "1990s", "R2-D2", "--")] == [
        "Xx", "XX", "ddx", "Xd-Xd", "--",
    ]  # fmt: skip


def test_an_embedding_and_the_sum_of_subword_embeddings_are_concatenated():
    features = WordFeatures(["<unk>", "film"], 3, 4, 64)
    rows, subwords = map(torch.from_numpy, features.encode(["Film", "plot"]))
    assert rows.tolist() == [1, 0]
    actual = features(rows, subwords)
    assert actual.shape == (2, features.output_size) == (2, 7)
    assert torch.equal(actual[:, :3], features.embedding.weight[rows])
    torch.testing.assert_close(actual[:, 3:], features.subwords.weight[subwords].sum(1))
