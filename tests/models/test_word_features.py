import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.models.word_features import NUM_SUBWORDS, WordFeatures, normalize, shape


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


def test_relatives_share_rows():
    walked, talked, walks = subword_rows(["walked", "talked", "walks"], 1 << 20)
    assert (walked[:3] == walks[:3]).all()
    assert (walked[3:] == talked[3:]).all()
    assert not (walked[:3] == talked[:3]).any()


def test_capitals_are_seen_in_the_shape_alone():
    small, large = subword_rows(["film", "Film"], 1 << 20)
    assert (small != large).tolist() == [False] * (NUM_SUBWORDS - 1) + [True]


@given(st.lists(st.text(st.characters(), min_size=1)))
def test_any_text_has_rows(words):
    rows = subword_rows(words, 64)
    assert rows.shape == (len(words), NUM_SUBWORDS)
    assert rows.dtype == np.int64
    assert ((rows >= 0) & (rows < 64)).all()


def test_typography_becomes_normalize():
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
    found = features(rows, subwords)
    assert found.shape == (2, features.output_size) == (2, 7)
    assert torch.equal(found[:, :3], features.embedding.weight[rows])
    torch.testing.assert_close(found[:, 3:], features.subwords.weight[subwords].sum(1))
