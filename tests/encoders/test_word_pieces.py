import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.encoders.word_pieces import WordPieces
from treernn.errors import InputError

pytest.importorskip("transformers")

WORDS = ["a", "film", "surprisingly", "films", "n't", "日", "\u200b", "[SEP]", "-LRB-", ")", "``"]


@pytest.fixture(scope="session")
def pieces(tiny_encoder) -> WordPieces:
    from transformers import AutoTokenizer

    return WordPieces.from_tokenizer(AutoTokenizer.from_pretrained(tiny_encoder()), max_length=16)


def spelt(pieces: WordPieces, rows) -> list[str]:
    return pieces.tokenizer.convert_ids_to_tokens(list(rows))


def words_of(pieces: WordPieces, encoded) -> list[list[str]]:
    """The pieces of each word."""
    actual = [[] for _ in range(encoded.num_words)]
    for window in encoded.windows:
        for piece, word in zip(spelt(pieces, window.input_ids), window.word_ids, strict=True):
            if word >= 0:
                actual[word].append(piece)
    return actual


def test_pieces_of_words_and_special_tokens(pieces):
    (encoded,) = pieces.encode([["The", "film", "is", "n't", "surly", "."]])
    (window,) = encoded.windows
    expected = "[CLS] the film is n ' t sur ##ly . [SEP]"
    assert " ".join(spelt(pieces, window.input_ids)) == expected
    assert window.word_ids.tolist() == [-1, 0, 1, 2, 3, 3, 3, 4, 4, 5, -1]
    assert (encoded.num_words, encoded.num_pieces) == (6, 11)


def test_treebank_escapes_become_text(pieces):
    (encoded,) = pieces.encode([["-LRB-", "-RRB-", "-LSB-", "-RSB-", "``", "''", "`"]])
    assert words_of(pieces, encoded) == [["("], [")"], ["["], ["]"], ['"'], ['"'], ["'"]]


def test_every_word_has_a_piece(pieces):
    (encoded,) = pieces.encode([["\u200b", "", "日", "a"]])
    assert words_of(pieces, encoded) == [["[UNK]"], ["[UNK]"], ["[UNK]"], ["a"]]


def test_names_of_special_tokens_are_text(pieces):
    (encoded,) = pieces.encode([["[SEP]"]])
    assert words_of(pieces, encoded) == [["[", "sep", "]"]]


def test_words_longer_than_a_window_are_cut_off(pieces):
    (encoded,) = pieces.encode([["film", "." * 50, "bad"]])
    assert words_of(pieces, encoded) == [["film"], ["."] * 14, ["bad"]]
    assert max(len(window.input_ids) for window in encoded.windows) == 16


def test_pieces_equal_those_of_the_tokenized_sentence(pieces):
    words = ["The", "films", "are", "surprisingly", "bad", "(", "a", ")"]
    (encoded,) = pieces.encode([words])
    tokenized = pieces.tokenizer([words], is_split_into_words=True)
    assert encoded.windows[0].input_ids.tolist() == tokenized["input_ids"][0]


def test_sentences_need_words(pieces):
    assert pieces.encode([]) == []
    with pytest.raises(InputError, match=r"^sentence 1 has no words, there is nothing to encode$"):
        pieces.encode([["a"], []])


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), min_size=1, max_size=8),
    st.booleans(),
)
def test_batches_have_every_word_in_order(pieces, sentences, packed):
    encoded = pieces.encode(sentences)
    batch = pieces.collate(encoded, packed)
    assert len(batch.offsets) == sum(map(len, sentences))
    flat = batch.input_ids.flatten()
    ends = [*batch.offsets.tolist()[1:], len(batch.piece_index)]
    actual = [
        spelt(pieces, flat[batch.piece_index[start:end]])
        for start, end in zip(batch.offsets.tolist(), ends, strict=True)
    ]
    assert actual == [word for each in encoded for word in words_of(pieces, each)]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), min_size=1, max_size=8),
    st.booleans(),
)
def test_windows_are_not_split_between_rows(pieces, sentences, packed):
    encoded = pieces.encode(sentences)
    batch = pieces.collate(encoded, packed)
    windows = [window for each in encoded for window in each.windows]
    rows, length = batch.input_ids.shape
    assert length == max(len(window.input_ids) for window in windows)
    assert rows <= len(windows)
    assert packed or rows == len(windows)
    for number, window in enumerate(windows):
        inside = batch.window_ids == number
        assert inside.any(1).sum() == 1
        assert batch.input_ids[inside].tolist() == window.input_ids.tolist()
        assert batch.position_ids[inside].tolist() == list(range(len(window.input_ids)))
    padding = batch.window_ids < 0
    assert (batch.input_ids[padding] == pieces.pad_id).all()
    assert int(padding.sum()) == batch.input_ids.numel() - sum(
        len(each.input_ids) for each in windows
    )


def test_short_sentences_share_a_row(pieces):
    encoded = pieces.encode([["a"] * n for n in (3, 10, 4, 1)])
    assert pieces.collate(encoded, packed=True).window_ids.tolist() == [
        [1] * 12,
        [2] * 6 + [0] * 5 + [-1],
        [3] * 3 + [-1] * 9,
    ]
