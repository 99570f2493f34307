import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError
from treernn.models.word_table import Composed, WordTable, word_vectors

ROWS = ["<unk>", "good", "film", "un", "##s", "##ing", "##in", "##g", "a"]


@pytest.fixture
def table():
    torch.manual_seed(1)
    return WordTable(ROWS, 5)


def vectors(table, *sentences):
    return table(table.collate(table.encode(sentences))).detach()


def test_known_words_are_their_rows(table):
    found = vectors(table, ["a", "Good", "film"], ["film"])
    torch.testing.assert_close(found, table.weight[[8, 1, 2, 2]].detach())


def test_unknown_words_are_the_mean_of_their_pieces_the_longest_first(table):
    weight = table.weight.detach()
    found = vectors(table, ["film", "FILMS", "unfilming"], ["a"], ["uns", "goodin", "sun"])
    expected = [
        weight[2],
        weight[[2, 4]].mean(0),
        weight[0],  # "un" and "##f…", which is no piece
        weight[8],
        weight[[3, 4]].mean(0),
        weight[[1, 6]].mean(0),
        weight[0],
    ]
    torch.testing.assert_close(found, torch.stack(expected))
    assert isinstance(table.encode([["goodings"]])[0], Composed)
    torch.testing.assert_close(vectors(table, ["goodings"])[0], weight[[1, 5, 4]].mean(0))


def test_without_pieces_an_unknown_word_is_row_0():
    table = WordTable(["<unk>", "good", "s"], 2)
    assert [rows.tolist() for rows in table.encode([["goods", "good"]])] == [[0, 1]]
    assert isinstance(table.collate(table.encode([["goods"]])), torch.Tensor)


def test_gradients_reach_the_pieces(table):
    batch = table.collate(table.encode([["films", "a"]])).to("cpu")
    table(batch).sum().backward()
    assert sorted(table.weight.grad.coalesce().indices()[0].tolist()) == [2, 4, 8]


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=5), min_size=1, max_size=4))
def test_any_words_at_all(sentences):
    table = WordTable(ROWS, 3)
    found = vectors(table, *sentences)
    assert found.shape == (sum(map(len, sentences)), 3)
    alone = torch.cat([vectors(table, sentence) for sentence in sentences])
    torch.testing.assert_close(found, alone)


def test_a_very_long_word_takes_no_longer():
    table = WordTable(["<unk>", "a", "##a"], 2)
    (found,) = table.encode([["a" * 20_000 + "b", "a" * 20_000]])
    assert found.rows.tolist() == [0, 1] + [2] * 19_999
    assert np.diff(found.starts).tolist() == [1]


def test_an_encoder_in_its_place(tiny_encoder):
    pytest.importorskip("transformers")
    encoder = load_encoder(tiny_encoder())
    assert word_vectors(encoder, 8) is encoder
    assert isinstance(word_vectors(ROWS, 8), WordTable)
    with pytest.raises(InputError, match=r"^embedding_size is 9, the encoder gives 8$"):
        word_vectors(encoder, 9)
