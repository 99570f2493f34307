"""Tokenize words into the pieces that a pretrained encoder reads, and batch them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from treernn.encoders.windows import split_into_windows
from treernn.errors import InputError

CONTINUATION = "##"
"""Prefix of a piece that continues a word, as in WordPiece."""

# Escapes of treebanks, and the text that encoders were trained on.
_UNESCAPED = {
    **{"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"},
    **{"``": '"', "''": '"', "`": "'"},
}
_NO_WORD = -1
_WORD_START = "▁Ġ"  # marks of pieces that start a word, in SentencePiece and byte-level BPE


class Window(NamedTuple):
    """Pieces that the encoder reads together: a sentence, or a part of a long one.

    Attributes:
        input_ids: ``[n]`` pieces, with special tokens at both ends.
        word_ids: ``[n]`` the word of each piece; -1 for special tokens, and for pieces that are
            only context here, since another window embeds their word.
    """

    input_ids: np.ndarray
    word_ids: np.ndarray


class EncodedSentence(NamedTuple):
    """A tokenized sentence.

    Attributes:
        num_words: at least one.
        windows: exactly one of them embeds each word.
    """

    num_words: int
    windows: tuple[Window, ...]

    @property
    def num_pieces(self) -> int:
        """Pieces of all windows, with special tokens."""
        return sum(len(window.input_ids) for window in self.windows)


class Batch(NamedTuple):
    """Tokenized sentences as R rows of L pieces, with W words.

    Attributes:
        input_ids: ``[R, L]`` pieces.
        window_ids: ``[R, L]`` the window of each piece, -1 for padding; a piece attends to its own
            window only.
        position_ids: ``[R, L]`` position of each piece in its window.
        piece_index: ``[P]`` indices into the flattened rows: the pieces of words, in order.
        offsets: ``[W]`` where each word starts in ``piece_index``.
        states: ``[R, L, size]`` the output of the encoder's frozen layers, if it is known.
    """

    input_ids: Tensor
    window_ids: Tensor
    position_ids: Tensor
    piece_index: Tensor
    offsets: Tensor
    states: Tensor | None = None


@dataclass(frozen=True)
class WordPieces:
    """Tokenizes sentences that are split into words.

    Attributes:
        tokenizer: a fast tokenizer of transformers.
        prefix: ids of the special tokens before a window.
        suffix: ids of the special tokens after it.
        unk_id: id of the piece for words without pieces.
        pad_id: id of the padding.
        max_length: pieces per window, with special tokens.
    """

    tokenizer: Any
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    unk_id: int
    pad_id: int
    max_length: int

    @classmethod
    def from_tokenizer(cls, tokenizer: Any, max_length: int) -> WordPieces:
        """Find the special tokens of a tokenizer."""
        example = tokenizer([["a"]], is_split_into_words=True, return_special_tokens_mask=True)
        ids, special = example["input_ids"][0], example["special_tokens_mask"][0]
        inner = [index for index, is_special in enumerate(special) if not is_special]
        pad_id = tokenizer.pad_token_id or 0
        unk_id = pad_id if tokenizer.unk_token_id is None else tokenizer.unk_token_id
        prefix, suffix = tuple(ids[: inner[0]]), tuple(ids[inner[-1] + 1 :])
        return cls(tokenizer, prefix, suffix, unk_id, pad_id, max_length)

    @property
    def room(self) -> int:
        """Pieces per window, without special tokens."""
        return self.max_length - len(self.prefix) - len(self.suffix)

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[EncodedSentence]:
        """Tokenize sentences.

        Escapes of treebanks such as ``-LRB-`` become plain text. Sentences longer than
        ``max_length`` are split into overlapping windows.

        Args:
            sentences: the words of each.

        Raises:
            InputError: a sentence has no words.
        """
        for number, words in enumerate(sentences):
            if not len(words):
                raise InputError(f"sentence {number} has no words, there is nothing to encode")
        distinct = list(dict.fromkeys(word for words in sentences for word in words))
        max_pieces = self.room
        pieces = dict(zip(distinct, self._tokenize(distinct, max_pieces), strict=True))
        return [self._encode([pieces[word] for word in words], max_pieces) for words in sentences]

    def continuations(self) -> dict[str, int]:
        """Pieces that continue a word, without their mark, and their ids.

        For tokenizers that mark them (WordPiece), or that mark pieces that start a word
        (SentencePiece, BPE). Byte pieces are left out.
        """
        special = set(self.tokenizer.all_special_ids)
        vocabulary = self.tokenizer.get_vocab().items()
        pieces = sorted((id_, piece) for piece, id_ in vocabulary if id_ not in special)
        if any(piece.startswith(CONTINUATION) for _, piece in pieces):
            inner = [
                (id_, piece.removeprefix(CONTINUATION))
                for id_, piece in pieces
                if piece.startswith(CONTINUATION)
            ]
        else:
            inner = [(id_, piece) for id_, piece in pieces if piece[0] not in _WORD_START]
        return {piece: id_ for id_, piece in inner if piece.isascii() and piece.isalnum()}

    def encode_pieces(self, ids: Iterable[int]) -> list[EncodedSentence]:
        """Make a sentence of each piece, as its only word."""
        word_ids = np.array([_NO_WORD] * len(self.prefix) + [0] + [_NO_WORD] * len(self.suffix))
        return [
            EncodedSentence(1, (Window(np.array([*self.prefix, id_, *self.suffix]), word_ids),))
            for id_ in ids
        ]

    def _tokenize(self, words: list[str], max_pieces: int) -> list[list[int]]:
        """The pieces of each word, from 1 to ``max_pieces``."""
        if not words:
            return []
        tokenized = self.tokenizer(
            [[_UNESCAPED.get(word, word)] for word in words],
            is_split_into_words=True,
            add_special_tokens=False,
            split_special_tokens=True,  # the word "[SEP]" is plain text
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        return [pieces[:max_pieces] or [self.unk_id] for pieces in tokenized["input_ids"]]

    def _encode(self, pieces: list[list[int]], max_pieces: int) -> EncodedSentence:
        sizes = np.array([len(of_word) for of_word in pieces])
        ids = np.concatenate([np.array(of_word, dtype=np.int64) for of_word in pieces])
        word_ids = np.repeat(np.arange(len(pieces)), sizes)
        ends = np.cumsum(sizes)
        around = len(self.prefix), len(self.suffix)
        windows = []
        for (start, end), (first, last) in split_into_windows(sizes, max_pieces):
            inside = slice(ends[start] - sizes[start], ends[end - 1])
            words = word_ids[inside]
            words = np.where((first <= words) & (words < last), words, _NO_WORD)
            input_ids = np.concatenate([self.prefix, ids[inside], self.suffix]).astype(np.int64)
            windows.append(Window(input_ids, np.pad(words, around, constant_values=_NO_WORD)))
        return EncodedSentence(len(pieces), tuple(windows))

    def collate(self, sentences: Sequence[EncodedSentence], packed: bool = False) -> Batch:
        """Batch at least one sentence, on the CPU.

        Args:
            sentences: results of ``encode``.
            packed: let several windows share a row.
        """
        pieces = [window.input_ids for sentence in sentences for window in sentence.windows]
        num_words = np.array([sentence.num_words for sentence in sentences])
        first_word = np.cumsum(num_words) - num_words
        word_ids = np.concatenate(
            [
                np.where(window.word_ids < 0, _NO_WORD, window.word_ids + first)
                for sentence, first in zip(sentences, first_word, strict=True)
                for window in sentence.windows
            ]
        )
        lengths = np.array([len(ids) for ids in pieces])
        row_length = int(lengths.max())
        row, column = _pack(lengths) if packed else (np.arange(len(lengths)), 0 * lengths)
        window_ids = np.repeat(np.arange(len(lengths)), lengths)
        position_ids = np.arange(len(window_ids)) - (np.cumsum(lengths) - lengths)[window_ids]
        index = row[window_ids] * row_length + column[window_ids] + position_ids

        def rows(values: np.ndarray, padding: int) -> Tensor:
            table = np.full((int(row.max()) + 1) * row_length, padding)
            table[index] = values
            return torch.from_numpy(table.reshape(-1, row_length))

        by_word = np.argsort(word_ids, kind="stable")
        by_word = by_word[np.searchsorted(word_ids[by_word], 0) :]  # skips _NO_WORD
        return Batch(
            rows(np.concatenate(pieces), self.pad_id),
            rows(window_ids, -1),
            rows(position_ids, 0),
            torch.from_numpy(index[by_word]),
            torch.from_numpy(np.searchsorted(word_ids[by_word], np.arange(num_words.sum()))),
        )


def _pack(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and first column of each window, in rows as long as the longest window; by first fit
    decreasing."""
    row_length = int(lengths.max())
    row, column = np.zeros_like(lengths), np.zeros_like(lengths)
    used: list[int] = []
    for window in np.argsort(-lengths, kind="stable").tolist():
        size = int(lengths[window])
        fit = next((r for r, held in enumerate(used) if held + size <= row_length), len(used))
        if fit == len(used):
            used.append(0)
        row[window], column[window] = fit, used[fit]
        used[fit] += size
    return row, column
