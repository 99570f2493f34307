"""Translation from Chinese to English by an encoder-decoder (Sutskever et al. 2014).

The encoder is bidirectional (Bahdanau et al. 2015); see ``treernn.models.decoder`` for the decoder
and its attention. The source is split into characters, the target into words by NLTK's Treebank
tokenizer.
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
from treernn.checks import brief, check_bools, check_cell, check_fractions, check_sizes
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.decoder import END, SPECIAL_WORDS, Decoder, DecoderConfig, Memory, Targets
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.stored_model import StoredModel
from treernn.models.word_embeddings import Vocabulary
from treernn.transfer import to_device

# Longer texts, in characters, are translated sentence by sentence; training has few of them.
_MAX_SOURCE_LENGTH = 60
_MAX_TARGET_LENGTH = 80  # words
_SENTENCE = re.compile(r"[^。!?;]*[。!?;]+|[^。!?;]+")

_tokenizer, _detokenizer = TreebankWordTokenizer(), TreebankWordDetokenizer()


def tokenize_source(text: str) -> list[str]:
    """Split a Chinese text into characters, in normal form NFKC and without white space.

    >>> tokenize_source("你在 看什么？")
    ['你', '在', '看', '什', '么', '?']
    """
    return [char for char in unicodedata.normalize("NFKC", text) if not char.isspace()]


def tokenize_target(text: str) -> list[str]:
    """Split an English sentence into words.

    >>> tokenize_target("I don't know.")
    ['I', 'do', "n't", 'know', '.']
    """
    return _tokenizer.tokenize(text)


def detokenize_target(words: Sequence[str]) -> str:
    """Join words to a sentence; inverse of ``tokenize_target``.

    >>> detokenize_target(["I", "do", "n't", "know", "."])
    "I don't know."
    """
    return _detokenizer.detokenize(words)


@dataclass(frozen=True)
class TranslatorConfig:
    """Configuration of a translator.

    Attributes:
        embedding_size: dimension of the vectors of characters and words.
        hidden_size: dimension of the states, an even number; half of it per direction of the
            encoder.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: number of layers of the encoder, and of the decoder.
        dropout: dropout probability of embeddings, between layers, and before the output layer.
        attention: attend to all states of the encoder; otherwise the decoder gets its final states
            only.

    Raises:
        InputError: a value is out of range.
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
    """Collated source sentences.

    Attributes:
        lengths: characters of each sentence, with ``END``.
        chains: the compiled chains, in both directions.
        input_ids: ``[sum of lengths]`` rows of the embedding table, sentence after sentence.
    """

    lengths: list[int]
    chains: Chains
    input_ids: Tensor


def collate_sources(sentences: Sequence[np.ndarray]) -> Sources:
    """Batch sentences, each as the rows of its characters."""
    lengths = [len(rows) + 1 for rows in sentences]
    input_ids = np.concatenate([part for rows in sentences for part in (rows, np.array([END]))])
    chains = compile_sequences(lengths, bidirectional=True)
    return Sources(lengths, chains, torch.from_numpy(input_ids))


class Translator(StoredModel):
    """An encoder, a bridge from its final states to the initial ones of a decoder, a decoder.

    Args:
        config: sizes and cell.
        source: the characters, one per row, starting with ``SPECIAL_WORDS``.
        target: the words, one per row, starting with ``SPECIAL_WORDS``.

    Raises:
        InputError: a vocabulary starts with other words.
    """

    KIND, CONFIG = "translator", TranslatorConfig

    def __init__(
        self, config: TranslatorConfig, source: Sequence[str], target: Sequence[str]
    ) -> None:
        super().__init__()
        for name, words in (("source", source), ("target", target)):
            if tuple(words[: len(SPECIAL_WORDS)]) != SPECIAL_WORDS:
                raise InputError(
                    f"the {name} vocabulary must begin with {', '.join(SPECIAL_WORDS)}"
                )
        self.config = config
        self.source, self.target = Vocabulary(source), Vocabulary(target)
        size, hidden_size = config.embedding_size, config.hidden_size
        self.embedding = nn.Embedding(len(source), size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.encoder = Recurrent(
            config.cell,
            size,
            hidden_size // 2,
            layers=config.layers,
            bidirectional=True,
            dropout=config.dropout,
        )
        states = "hc" if CHAIN_CELLS[config.cell].has_memory else "h"
        self.bridge = nn.ModuleList(
            nn.ModuleDict(
                {name: nn.Linear(self.encoder.output_size, hidden_size) for name in states}
            )
            for _ in range(config.layers)
        )
        self.decoder = Decoder(
            DecoderConfig(
                len(target),
                size,
                hidden_size,
                config.cell,
                config.layers,
                config.dropout,
                self.encoder.output_size if config.attention else 0,
            )
        )

    def run_encoder(self, sources: Sources) -> tuple[list[States], Memory | None]:
        """The initial states of the decoder, and with attention its memory."""
        probability = self.config.dropout if self.training else 0.0
        x = dropout(self.embedding(sources.input_ids), probability)
        result = self.encoder(sources.chains, x)
        initial_states = []
        for bridge, states in zip(self.bridge, result.last, strict=True):
            assert isinstance(bridge, nn.ModuleDict)
            c = None if states.c is None else bridge["c"](states.c)
            initial_states.append(States(bridge["h"](states.h).tanh(), c))
        if not self.config.attention:
            return initial_states, None
        h = dropout(result.h, probability)
        return initial_states, self.decoder.memory(h, sources.lengths)

    def forward(self, sources: Sources, targets: Targets) -> Tensor:
        """Logits by teacher forcing, see ``Decoder.forward``."""
        initial_states, memory = self.run_encoder(sources)
        return self.decoder(initial_states, targets, memory)

    def encode_source(self, text: str) -> np.ndarray:
        """Rows of the characters of a Chinese text."""
        return self.source.ids(tokenize_source(text))

    def encode_target(self, text: str) -> np.ndarray:
        """Rows of the words of an English sentence."""
        return self.target.ids(tokenize_target(text))

    def translate(
        self,
        texts: Sequence[str],
        beam_size: int = 5,
        length_penalty: float = 1.0,
        batch_size: int = 64,
    ) -> list[str]:
        """Translate Chinese texts.

        Args:
            texts: those of more than 60 characters are translated sentence by sentence; blank ones
                stay empty.
            beam_size: see ``Decoder.generate``; 1 is greedy search.
            length_penalty: see ``Hypothesis``.
            batch_size: number of sentences per batch.

        Returns:
            One translation per text.

        Raises:
            InputError: ``beam_size`` is less than one.
        """
        sentences = [(text, s) for text, source in enumerate(texts) for s in _sentences(source)]
        translated = [""] * len(sentences)
        lengths = [len(sentence) for _, sentence in sentences]
        with inference(self):
            for batch in bucket_by_length(lengths, batch_size=batch_size):
                sources = collate_sources([self.source.ids(sentences[i][1]) for i in batch])
                states, memory = self.run_encoder(to_device(sources, self.device))
                hypotheses = self.decoder.generate(
                    states, memory, beam_size, _MAX_TARGET_LENGTH, length_penalty
                )
                for i, hypothesis in zip(batch, hypotheses, strict=True):
                    words = [self.target.words[row] for row in hypothesis.word_ids]
                    translated[i] = detokenize_target(words)
        parts: list[list[str]] = [[] for _ in texts]
        for (text, _), translation in zip(sentences, translated, strict=True):
            parts[text].append(translation)
        return [" ".join(of_text) for of_text in parts]

    def _words(self) -> Sequence[str]:
        return (*self.source.words, *self.target.words)

    def _extra_config(self) -> dict[str, Any]:
        return {"characters": len(self.source)}

    @classmethod
    def _build(cls, config: dict[str, Any], words: Sequence[str], _encoder: Any) -> Translator:
        count = config["characters"]
        if type(count) is not int or not 0 < count < len(words):
            raise InputError(f"characters is {brief(count)}, expected 1 to {len(words) - 1}")
        return cls(cls._model_config(config), words[:count], words[count:])


def _sentences(text: str) -> list[list[str]]:
    """The characters of the parts of a text that are translated separately."""
    characters = tokenize_source(text)
    if len(characters) <= _MAX_SOURCE_LENGTH:
        return [characters] if characters else []
    return [list(sentence) for sentence in _SENTENCE.findall("".join(characters))]
