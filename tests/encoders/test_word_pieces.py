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


def words_of(pieces: WordPieces, prepared) -> list[list[str]]:
    """The pieces that each word is read in."""
    found = [[] for _ in range(prepared.num_words)]
    for window in prepared.windows:
        for piece, word in zip(spelt(pieces, window.input_ids), window.word_ids, strict=True):
            if word >= 0:
                found[word].append(piece)
    return found


def test_words_have_their_pieces_and_the_sentence_its_ends(pieces):
    (prepared,) = pieces.encode([["The", "film", "is", "n't", "surly", "."]])
    (window,) = prepared.windows
    expected = "[CLS] the film is n ' t sur ##ly . [SEP]"
    assert " ".join(spelt(pieces, window.input_ids)) == expected
    assert window.word_ids.tolist() == [-1, 0, 1, 2, 3, 3, 3, 4, 4, 5, -1]
    assert (prepared.num_words, prepared.num_pieces) == (6, 11)


def test_what_treebanks_write_is_read_as_text(pieces):
    (prepared,) = pieces.encode([["-LRB-", "-RRB-", "-LSB-", "-RSB-", "``", "''", "`"]])
    assert words_of(pieces, prepared) == [["("], [")"], ["["], ["]"], ['"'], ['"'], ["'"]]


def test_every_word_has_a_piece(pieces):
    (prepared,) = pieces.encode([["\u200b", "", "日", "a"]])
    assert words_of(pieces, prepared) == [["[UNK]"], ["[UNK]"], ["[UNK]"], ["a"]]


def test_the_name_of_a_special_token_is_text(pieces):
    (prepared,) = pieces.encode([["[SEP]"]])
    assert words_of(pieces, prepared) == [["[", "sep", "]"]]


def test_a_word_longer_than_a_window_loses_its_end(pieces):
    (prepared,) = pieces.encode([["film", "." * 50, "bad"]])
    assert words_of(pieces, prepared) == [["film"], ["."] * 14, ["bad"]]
    assert max(len(window.input_ids) for window in prepared.windows) == 16


def test_pieces_are_those_of_the_whole_sentence(pieces):
    words = ["The", "films", "are", "surprisingly", "bad", "(", "a", ")"]
    (prepared,) = pieces.encode([words])
    whole = pieces.tokenizer([words], is_split_into_words=True)
    assert prepared.windows[0].input_ids.tolist() == whole["input_ids"][0]


def test_sentences_need_words(pieces):
    assert pieces.encode([]) == []
    with pytest.raises(InputError, match=r"^sentence 1 has no words, there is nothing to encode$"):
        pieces.encode([["a"], []])


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), min_size=1, max_size=8),
    st.booleans(),
)
def test_batches_hold_every_word_in_order(pieces, sentences, packed):
    prepared = pieces.encode(sentences)
    batch = pieces.collate(prepared, packed)
    assert len(batch.offsets) == sum(map(len, sentences))
    flat = batch.input_ids.flatten()
    ends = [*batch.offsets.tolist()[1:], len(batch.piece_index)]
    found = [
        spelt(pieces, flat[batch.piece_index[start:end]])
        for start, end in zip(batch.offsets.tolist(), ends, strict=True)
    ]
    assert found == [word for each in prepared for word in words_of(pieces, each)]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), min_size=1, max_size=8),
    st.booleans(),
)
def test_windows_lie_in_rows_whole(pieces, sentences, packed):
    prepared = pieces.encode(sentences)
    batch = pieces.collate(prepared, packed)
    every = [window for each in prepared for window in each.windows]
    rows, length = batch.input_ids.shape
    assert length == max(len(window.input_ids) for window in every)
    assert rows <= len(every)
    assert packed or rows == len(every)
    for number, window in enumerate(every):
        there = batch.window_ids == number
        assert there.any(1).sum() == 1
        assert batch.input_ids[there].tolist() == window.input_ids.tolist()
        assert batch.position_ids[there].tolist() == list(range(len(window.input_ids)))
    nothing = batch.window_ids < 0
    assert (batch.input_ids[nothing] == pieces.pad_id).all()
    assert int(nothing.sum()) == batch.input_ids.numel() - sum(
        len(each.input_ids) for each in every
    )


def test_short_sentences_share_a_row(pieces):
    prepared = pieces.encode([["a"] * n for n in (3, 10, 4, 1)])
    assert pieces.collate(prepared, packed=True).window_ids.tolist() == [
        [1] * 12,
        [2] * 6 + [0] * 5 + [-1],
        [3] * 3 + [-1] * 9,
    ]
