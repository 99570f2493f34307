"""Translation: a chain in both directions reads a sentence, another chain writes it anew.

An encoder-decoder (Sutskever et al. 2014) with a bidirectional encoder (Bahdanau et al. 2015); see
``treernn.models.decoder`` for the writing and its attention. Chinese is read by character, English
is written in the words of NLTK's Treebank tokenizer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from nltk.tokenize.treebank import TreebankWordDetokenizer, TreebankWordTokenizer
from torch import Tensor, nn

from treernn.batching import bucket_by_length
from treernn.cells import CHAIN_CELLS, States
from treernn.cells.dropout import dropout
from treernn.checks import check_bools, check_cell, check_fractions, check_sizes
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.decoder import (
    END,
    MARKS,
    Decoder,
    DecoderConfig,
    Memory,
    Targets,
)
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.stored_model import StoredModel
from treernn.models.word_embeddings import Vocabulary

KIND = "translator"

# A text longer than any sentence that is likely to have been learnt from, in characters, is
# translated sentence by sentence.
_LONG = 60
_SENTENCE = re.compile(r"[^。!?;]*[。!?;]+|[^。!?;]+")
# Words that a sentence's translation may have at most.
_LIMIT = 80
# Sentences per batch when nothing is learnt.
_BATCH = 64

_tokenizer, _detokenizer = TreebankWordTokenizer(), TreebankWordDetokenizer()


def characters(text: str) -> list[str]:
    """The characters of a Chinese text, blanks left out, and those that Unicode has in several
    widths in one.

    >>> characters("你在 看什么？")
    ['你', '在', '看', '什', '么', '?']
    """
    return [sign for sign in unicodedata.normalize("NFKC", text) if not sign.isspace()]


def words(text: str) -> list[str]:
    """The words of an English sentence.

    >>> words("I don't know.")
    ['I', 'do', "n't", 'know', '.']
    """
    return _tokenizer.tokenize(text)


def sentence(words: Sequence[str]) -> str:
    """Words as a sentence; what ``words`` takes apart.

    >>> sentence(["I", "do", "n't", "know", "."])
    "I don't know."
    """
    return _detokenizer.detokenize(words)


@dataclass(frozen=True)
class TranslatorConfig:
    """What a translator is made of.

    Attributes:
        embedding_size: numbers per character and per word.
        hidden_size: numbers per state, an even number; each direction of the encoder has half of
            them.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: of the encoder and of the decoder.
        dropout: share that training leaves out of embeddings, of states between layers and of what
            words are told from.
        attention: whether the decoder sees all states of the encoder, or the last alone.

    Raises:
        InputError: a value that no translator can have.
    """

    embedding_size: int = 192
    hidden_size: int = 256
    cell: str = "lstm"
    layers: int = 1
    dropout: float = 0.3
    attention: bool = True

    def __post_init__(self) -> None:
        check_sizes(self, "embedding_size", "hidden_size", "layers")
        if self.hidden_size % 2:
            raise InputError(f"hidden_size is {self.hidden_size}, expected an even number")
        check_cell(self, CHAIN_CELLS)
        check_fractions(self, "dropout")
        check_bools(self, "attention")


class Sources(NamedTuple):
    """Sentences to be read, ready for the encoder.

    Attributes:
        lengths: characters of each, its end mark included.
        chains: the chains that read them, both ways.
        seen: ``[sum of lengths]`` rows of the embedding table, sentence after sentence.
    """

    lengths: list[int]
    chains: Chains
    seen: Tensor

    def to(self, device: torch.device | str) -> Sources:
        """The same sentences on another device."""
        return Sources(self.lengths, self.chains.to(device), self.seen.to(device))


def sources(sentences: Sequence[np.ndarray]) -> Sources:
    """Make sentences, each the rows of its characters, ready for the encoder."""
    lengths = [len(rows) + 1 for rows in sentences]
    seen = np.concatenate([part for rows in sentences for part in (rows, np.array([END]))])
    return Sources(lengths, compile_sequences(lengths, bidirectional=True), torch.from_numpy(seen))


class Translator(StoredModel):
    """An encoder, a bridge, a decoder.

    Args:
        config: sizes and kinds.
        source: the characters that can be told apart, row by row, ``MARKS`` first.
        target: the words that can be written, row by row, ``MARKS`` first.
    """

    KIND, CONFIG = KIND, TranslatorConfig

    def __init__(
        self, config: TranslatorConfig, source: Sequence[str], target: Sequence[str]
    ) -> None:
        super().__init__()
        for name, rows in (("source", source), ("target", target)):
            if tuple(rows[: len(MARKS)]) != MARKS:
                raise InputError(f"the {name} vocabulary does not begin with {' '.join(MARKS)}")
        self.config = config
        self.source, self.target = Vocabulary(source), Vocabulary(target)
        size, hidden = config.embedding_size, config.hidden_size
        self.embedding = nn.Embedding(len(source), size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.encoder = Recurrent(
            config.cell,
            size,
            hidden // 2,
            layers=config.layers,
            bidirectional=True,
            dropout=config.dropout,
        )
        self.bridge = nn.ModuleList(
            nn.ModuleDict(
                {name: nn.Linear(self.encoder.output_size, hidden) for name in self._states}
            )
            for _ in range(config.layers)
        )
        self.decoder = Decoder(
            DecoderConfig(
                len(target),
                size,
                hidden,
                config.cell,
                config.layers,
                config.dropout,
                self.encoder.output_size if config.attention else 0,
            )
        )

    @property
    def _states(self) -> str:
        return "hc" if CHAIN_CELLS[self.config.cell].has_memory else "h"

    def encode(self, sources: Sources) -> tuple[list[States], Memory | None]:
        """What the decoder starts from, and with attention what it reads."""
        share = self.config.dropout if self.training else 0.0
        x = dropout(self.embedding(sources.seen), share)
        read = self.encoder(sources.chains, x)
        start = []
        for bridge, states in zip(self.bridge, read.last, strict=True):
            assert isinstance(bridge, nn.ModuleDict)
            c = None if states.c is None else bridge["c"](states.c)
            start.append(States(bridge["h"](states.h).tanh(), c))
        if not self.config.attention:
            return start, None
        return start, self.decoder.memory(dropout(read.h, share), sources.lengths)

    def forward(self, sources: Sources, targets: Targets) -> Tensor:
        """Teacher forcing: scores before the softmax, ``[words of all targets, vocabulary]``."""
        start, memory = self.encode(sources)
        return self.decoder.scores(start, targets, memory)

    def source_rows(self, text: str) -> np.ndarray:
        """The rows of a Chinese text's characters."""
        return self.source.ids(characters(text))

    def target_rows(self, text: str) -> np.ndarray:
        """The rows of an English sentence's words."""
        return self.target.ids(words(text))

    def translate(
        self, texts: Sequence[str], beam: int = 5, penalty: float = 1.0, batch: int = _BATCH
    ) -> list[str]:
        """Translate texts.

        Args:
            texts: any number, Chinese; one of more than 60 characters is translated sentence by
                sentence, and a blank one stays empty.
            beam: beginnings kept by beam search; 1 is greedy search.
            penalty: see ``treernn.models.decoder.Written``.
            batch: sentences translated together.

        Returns:
            A translation of each.

        Raises:
            InputError: the beam is less than one wide.
        """
        if beam < 1:
            raise InputError(f"the beam is {beam} wide, expected at least 1")
        pieces = [(number, piece) for number, text in enumerate(texts) for piece in _pieces(text)]
        found = [""] * len(pieces)
        with inference(self):
            for chosen in bucket_by_length([len(piece) for _, piece in pieces], batch_size=batch):
                rows = [self.source.ids(pieces[i][1]) for i in chosen]
                start, memory = self.encode(sources(rows).to(self.device))
                if beam == 1:
                    written = self.decoder.greedy(start, memory, _LIMIT, penalty)
                else:
                    written = self.decoder.beam(start, memory, beam, _LIMIT, penalty)
                for i, text in zip(chosen, written, strict=True):
                    found[i] = sentence([self.target.words[row] for row in text.words])
        translations: list[list[str]] = [[] for _ in texts]
        for (number, _), translation in zip(pieces, found, strict=True):
            translations[number].append(translation)
        return [" ".join(parts) for parts in translations]

    def _words(self) -> Sequence[str]:
        return (*self.source.words, *self.target.words)

    def _extra_config(self) -> dict[str, Any]:
        return {"characters": len(self.source)}

    @classmethod
    def _build(cls, config: dict[str, Any], words: Sequence[str], _encoder: Any) -> Translator:
        count = config["characters"]
        return cls(TranslatorConfig(**config["model"]), words[:count], words[count:])


def _pieces(text: str) -> list[list[str]]:
    """The characters of a text, in pieces that are translated one by one; none of a blank text."""
    signs = characters(text)
    if len(signs) <= _LONG:
        return [signs] if signs else []
    return [list(piece) for piece in _SENTENCE.findall("".join(signs))]
