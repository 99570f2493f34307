"""The words of sentences as the pieces that a pretrained encoder reads, and batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from treernn.encoders.windows import windows
from treernn.errors import InputError

# Words of treebanks that no encoder met in the text that it learnt from.
_PLAIN = {
    **{"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"},
    **{"``": '"', "''": '"', "`": "'"},
}
_NOT_A_WORD = -1

CONTINUATION = "##"
"""Stands before a piece that goes on a word, in lists of words and pieces; WordPiece's own mark."""

# Marks of a piece that begins a word: SentencePiece's, and that of byte-level BPE.
_BEGINS = "▁Ġ"


class Window(NamedTuple):
    """Pieces that the encoder sees together: a whole sentence, or a part of a long one.

    Attributes:
        pieces: ``[n]`` rows of the encoder's vocabulary, its special tokens at the ends.
        words: ``[n]`` for each piece its word's place in the sentence; -1 for special tokens, and
            for pieces that are here for the others' sake, their word being read in another window.
    """

    pieces: np.ndarray
    words: np.ndarray


class Prepared(NamedTuple):
    """A sentence ready to be batched.

    Attributes:
        num_words: at least one.
        windows: each word has its pieces in just one of them.
    """

    num_words: int
    windows: tuple[Window, ...]

    @property
    def num_pieces(self) -> int:
        """Pieces of all windows, special tokens included."""
        return sum(len(window.pieces) for window in self.windows)


class Batch(NamedTuple):
    """Sentences side by side, in R rows of L places; W is the number of their words.

    Attributes:
        pieces: ``[R, L]`` rows of the encoder's vocabulary.
        windows: ``[R, L]`` which window of the batch a piece belongs to, -1 where there is none;
            pieces see those of their own window.
        positions: ``[R, L]`` a piece's place in its window.
        places: ``[P]`` where the pieces of words are in the rows one after the other, word by
            word.
        starts: ``[W]`` where each word begins in ``places``: sentence after sentence, word after
            word.
        sizes: words of each sentence.
    """

    pieces: Tensor
    windows: Tensor
    positions: Tensor
    places: Tensor
    starts: Tensor
    sizes: tuple[int, ...]

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        pieces, windows, positions, places, starts, sizes = self
        return Batch(
            pieces.to(device),
            windows.to(device),
            positions.to(device),
            places.to(device),
            starts.to(device),
            sizes,
        )


@dataclass(frozen=True)
class WordPieces:
    """Words to pieces.

    Attributes:
        tokenizer: a fast tokenizer of transformers.
        first: the special tokens that begin a window.
        last: those that end it.
        unknown: the piece of a word that the tokenizer finds nothing in.
        padding: the piece where there is none.
        longest: pieces per window, special tokens included.
    """

    tokenizer: Any
    first: tuple[int, ...]
    last: tuple[int, ...]
    unknown: int
    padding: int
    longest: int

    @classmethod
    def of(cls, tokenizer: Any, longest: int) -> WordPieces:
        """What ``tokenizer`` does; ``longest`` is what the encoder takes at once."""
        around = tokenizer([["a"]], is_split_into_words=True, return_special_tokens_mask=True)
        pieces, special = around["input_ids"][0], around["special_tokens_mask"][0]
        inner = [at for at, is_special in enumerate(special) if not is_special]
        padding = tokenizer.pad_token_id or 0
        unknown = padding if tokenizer.unk_token_id is None else tokenizer.unk_token_id
        return cls(
            tokenizer,
            tuple(pieces[: inner[0]]),
            tuple(pieces[inner[-1] + 1 :]),
            unknown,
            padding,
            longest,
        )

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Prepared]:
        """Look up the pieces of sentences, which is needed once.

        Brackets and quotation marks as treebanks have them (``-LRB-``, two accents) are read as
        plain text has them. A sentence that is longer than the encoder takes is cut into windows
        that overlap (``windows``).

        Args:
            sentences: the words of each.

        Raises:
            InputError: a sentence has no words.
        """
        for number, words in enumerate(sentences):
            if not len(words):
                raise InputError(f"sentence {number} has no words, there is nothing to encode")
        distinct = list(dict.fromkeys(word for words in sentences for word in words))
        room = self.longest - len(self.first) - len(self.last)
        pieces_of = dict(zip(distinct, self._pieces(distinct, room), strict=True))
        return [self._prepare([pieces_of[word] for word in words], room) for words in sentences]

    def going_on(self) -> dict[str, int]:
        """The pieces that go on a word, as they are written, and their rows; of tokenizers that
        mark them (WordPiece), or that mark those that begin a word (SentencePiece, BPE)."""
        known = self.tokenizer.get_vocab()
        special = set(self.tokenizer.all_special_ids)
        ordered = sorted((row, piece) for piece, row in known.items() if row not in special)
        if any(piece.startswith(CONTINUATION) for _, piece in ordered):
            marked = [
                (row, piece.removeprefix(CONTINUATION))
                for row, piece in ordered
                if piece.startswith(CONTINUATION)
            ]
        else:
            marked = [(row, piece) for row, piece in ordered if piece[0] not in _BEGINS]
        # Pieces of bytes, and marks of their own, are no text.
        return {piece: row for row, piece in marked if piece.isascii() and piece.isalnum()}

    def alone(self, pieces: Iterable[int]) -> list[Prepared]:
        """Each of these pieces as a sentence of one word."""
        before, after = len(self.first), len(self.last)
        words = np.array([_NOT_A_WORD] * before + [0] + [_NOT_A_WORD] * after)
        return [
            Prepared(1, (Window(np.array([*self.first, piece, *self.last]), words),))
            for piece in pieces
        ]

    def _pieces(self, words: list[str], room: int) -> list[list[int]]:
        """The pieces of each word, at least one and at most ``room``."""
        if not words:
            return []
        found = self.tokenizer(
            [[_PLAIN.get(word, word)] for word in words],
            is_split_into_words=True,
            add_special_tokens=False,
            split_special_tokens=True,  # a word "[SEP]" is text like any other
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
        return [pieces[:room] or [self.unknown] for pieces in found]

    def _prepare(self, pieces: list[list[int]], room: int) -> Prepared:
        sizes = np.array([len(each) for each in pieces])
        ids = np.concatenate([np.array(each, dtype=np.int64) for each in pieces])
        words = np.repeat(np.arange(len(pieces)), sizes)
        ends = np.cumsum(sizes)
        found = []
        for (begin, end), (first, last) in windows(sizes, room):
            inside = slice(ends[begin] - sizes[begin], ends[end - 1])
            read = words[inside]
            read = np.where((first <= read) & (read < last), read, _NOT_A_WORD)
            found.append(
                Window(
                    np.concatenate([self.first, ids[inside], self.last]).astype(np.int64),
                    np.pad(read, (len(self.first), len(self.last)), constant_values=_NOT_A_WORD),
                )
            )
        return Prepared(len(pieces), tuple(found))

    def collate(self, sentences: Sequence[Prepared], packed: bool = False) -> Batch:
        """Lay at least one sentence out in rows; on the CPU.

        Args:
            sentences: of ``encode``.
            packed: let short sentences share rows.
        """
        pieces = [window.pieces for each in sentences for window in each.windows]
        sizes = np.array([each.num_words for each in sentences])
        first_word = np.cumsum(sizes) - sizes
        words = np.concatenate(
            [
                np.where(window.words < 0, _NOT_A_WORD, window.words + first)
                for each, first in zip(sentences, first_word, strict=True)
                for window in each.windows
            ]
        )
        lengths = np.array([len(each) for each in pieces])
        length = int(lengths.max())
        row, column = _pack(lengths) if packed else (np.arange(len(lengths)), 0 * lengths)
        number = np.repeat(np.arange(len(lengths)), lengths)
        position = np.arange(len(number)) - (np.cumsum(lengths) - lengths)[number]
        place = row[number] * length + column[number] + position

        def laid_out(values: np.ndarray, elsewhere: int) -> Tensor:
            rows = np.full((int(row.max()) + 1) * length, elsewhere)
            rows[place] = values
            return torch.from_numpy(rows.reshape(-1, length))

        by_word = np.argsort(words, kind="stable")
        by_word = by_word[np.searchsorted(words[by_word], 0) :]  # past those of no word
        return Batch(
            laid_out(np.concatenate(pieces), self.padding),
            laid_out(number, -1),
            laid_out(position, 0),
            torch.from_numpy(place[by_word]),
            torch.from_numpy(np.searchsorted(words[by_word], np.arange(sizes.sum()))),
            tuple(sizes.tolist()),
        )


def _pack(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and first column of each window in rows as long as the longest: the longest go first,
    each into the first row that has room (first fit decreasing)."""
    length = int(lengths.max())
    row, column = np.zeros_like(lengths), np.zeros_like(lengths)
    filled: list[int] = []
    for window in np.argsort(-lengths, kind="stable").tolist():
        size = int(lengths[window])
        at = next((r for r, used in enumerate(filled) if used + size <= length), len(filled))
        if at == len(filled):
            filled.append(0)
        row[window], column[window] = at, filled[at]
        filled[at] += size
    return row, column
