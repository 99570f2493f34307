import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treernn.models.word_features import FEATURES, feature_rows, plain, shape


def test_rows_are_the_same_on_every_machine():
    assert feature_rows(["films"], 8192).tolist() == [
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
    walked, talked, walks = feature_rows(["walked", "talked", "walks"], 1 << 20)
    assert (walked[:3] == walks[:3]).all()
    assert (walked[3:] == talked[3:]).all()
    assert not (walked[:3] == talked[:3]).any()


def test_capitals_are_seen_in_the_shape_alone():
    small, large = feature_rows(["film", "Film"], 1 << 20)
    assert (small != large).tolist() == [False] * (FEATURES - 1) + [True]


@given(st.lists(st.text(st.characters(), min_size=1)))
def test_any_text_has_rows(words):
    rows = feature_rows([plain(word) for word in words], 64)
    assert rows.shape == (len(words), FEATURES)
    assert rows.dtype == np.int64
    assert ((rows >= 0) & (rows < 64)).all()


def test_typography_becomes_plain():
    assert [plain(sign) for sign in ("“", "”", "’", "–", "—", "…", "-RRB-")] == [
        "``", "''", "'", "--", "--", "...", ")",
    ]  # fmt: skip


def test_shapes():
    assert [shape(word) for word in ("It", "USA", "1990s", "R2-D2", "--")] == [
        "Xx", "XX", "ddx", "Xd-Xd", "--",
    ]  # fmt: skip
