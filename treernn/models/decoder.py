"""A recurrent decoder that generates words from initial states.

Sequence to sequence learning (Sutskever et al. 2014) with the global attention of Luong et al.
(2015, section 3.1, score ``general``) but without input feeding, so that teacher forcing is one
plan per layer. Input and output embeddings are shared (Press & Wolf 2017).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import States
from treernn.cells.dropout import dropout
from treernn.encoders.linear import linear
from treernn.errors import InputError
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.stored_model import finite
from treernn.models.vocabulary import UNKNOWN_WORD
from treernn.transfer import to_device

SPECIAL_WORDS = (UNKNOWN_WORD, "</s>")
"""The first words of every vocabulary. The second one starts and ends a text."""

UNKNOWN, END = 0, 1  # their rows


@dataclass(frozen=True)
class DecoderConfig:
    """Configuration of a decoder.

    Attributes:
        vocabulary_size: number of words, with ``SPECIAL_WORDS``.
        embedding_size: dimension of the word vectors.
        hidden_size: dimension of the states.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: number of layers.
        dropout: dropout probability of word vectors, between layers, and before the output layer.
        memory_size: dimension of the encoder states that attention reads; 0 for no attention.
    """

    vocabulary_size: int
    embedding_size: int
    hidden_size: int
    cell: str = "lstm"
    layers: int = 1
    dropout: float = 0.0
    memory_size: int = 0


class Targets(NamedTuple):
    """Collated texts for teacher forcing; N is the number of their words, with ``END``.

    Attributes:
        lengths: words of each text, with ``END``.
        chains: the compiled chains.
        input_ids: ``[N]`` the word before each step, text after text.
        labels: ``[N]`` the word of each step.
    """

    lengths: list[int]
    chains: Chains
    input_ids: Tensor
    labels: Tensor


class Memory(NamedTuple):
    """The encoder states that attention reads, of B texts with at most S states.

    Attributes:
        keys: ``[B, S, hidden_size]``
        values: ``[B, S, memory_size]``
        mask: ``[B, S]`` false for padding.
    """

    keys: Tensor
    values: Tensor
    mask: Tensor


class Hypothesis(NamedTuple):
    """A generated text.

    Attributes:
        word_ids: rows of the vocabulary, without ``END``.
        score: log probability in nats, with ``END``, divided by the number of steps to the power of
            ``length_penalty``.
    """

    word_ids: list[int]
    score: float


def collate_targets(texts: Sequence[np.ndarray]) -> Targets:
    """Batch texts for teacher forcing.

    Args:
        texts: at least one; rows of the words of each, without special words; may be empty.
    """
    end = np.array([END])
    lengths = [len(text) + 1 for text in texts]
    input_ids = np.concatenate([part for text in texts for part in (end, text)])
    labels = np.concatenate([part for text in texts for part in (text, end)])
    chains = compile_sequences(lengths, initial_states=True)
    return Targets(lengths, chains, torch.from_numpy(input_ids), torch.from_numpy(labels))


class Decoder(nn.Module):
    """Embeddings, recurrent layers, optional attention, and a softmax over the vocabulary."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        size, hidden_size = config.embedding_size, config.hidden_size
        self.embedding = nn.Embedding(config.vocabulary_size, size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.recurrent = Recurrent(
            config.cell, size, hidden_size, layers=config.layers, dropout=config.dropout
        )
        if config.memory_size:
            self.attention = nn.Linear(config.memory_size, hidden_size, bias=False)
        self.combine = nn.Linear(hidden_size + config.memory_size, size)
        self.bias = nn.Parameter(torch.zeros(config.vocabulary_size))

    def memory(self, states: Tensor, lengths: Sequence[int]) -> Memory:
        """Prepare encoder states for attention.

        Args:
            states: ``[sum of lengths, memory_size]``, text after text.
            lengths: states of each text.
        """
        places, mask = _places(lengths, states.device)
        keys = _pad(self.attention(states), places, mask)
        return Memory(keys, _pad(states, places, mask), mask)

    def forward(
        self, initial_states: Sequence[States], targets: Targets, memory: Memory | None = None
    ) -> Tensor:
        """Teacher forcing: logits ``[N, vocabulary_size]``.

        Args:
            initial_states: of B texts, for each layer.
            targets: the texts.
            memory: of B texts, with attention.
        """
        h = self.recurrent(targets.chains, self._embed(targets.input_ids), initial_states).h
        if memory is None:
            return self._logits(h)
        places, mask = _places(targets.lengths, h.device)
        context = _attend(_pad(h, places, mask), memory).flatten(0, 1)
        return self._logits(torch.cat([h, context[places]], 1))

    def step(
        self, input_ids: Tensor, states: Sequence[States], memory: Memory | None = None
    ) -> tuple[Tensor, Sequence[States]]:
        """One step of R texts.

        Args:
            input_ids: ``[R]`` the last word of each text, ``END`` before the first.
            states: ``[R, hidden_size]`` for each layer.
            memory: of R texts, or of B texts, each for R / B consecutive rows.

        Returns:
            Logits ``[R, vocabulary_size]`` and the next states.
        """
        chains = _one_step(len(input_ids), torch.is_inference_mode_enabled())
        chains = to_device(chains, input_ids.device)
        result = self.recurrent(chains, self._embed(input_ids), states)
        if memory is None:
            return self._logits(result.h), result.last
        queries = result.h.view(len(memory.keys), -1, self.config.hidden_size)
        context = _attend(queries, memory).flatten(0, 1)
        return self._logits(torch.cat([result.h, context], 1)), result.last

    @torch.inference_mode()
    def generate(
        self,
        initial_states: Sequence[States],
        memory: Memory | None = None,
        beam_size: int = 1,
        max_length: int = 50,
        length_penalty: float = 1.0,
    ) -> list[Hypothesis]:
        """Generate B texts by beam search; the unknown word is never generated.

        The search for a text stops when ``beam_size`` hypotheses have ended.

        Args:
            initial_states: ``[B, hidden_size]`` for each layer.
            memory: of B texts, with attention.
            beam_size: hypotheses that are kept at each step; 1 is greedy search.
            max_length: longer texts are cut off.
            length_penalty: see ``Hypothesis.score``; of the ended hypotheses the one with the best
                score is returned.

        Raises:
            InputError: ``beam_size`` is less than one.
        """
        if beam_size < 1:
            raise InputError(f"beam_size is {beam_size}, expected at least 1")
        h = initial_states[0].h
        active = list(range(len(h)))
        ended: list[list[Hypothesis]] = [[] for _ in active]
        # The hypotheses of a text are consecutive rows; at first only one of them is possible.
        rows = torch.arange(len(h), device=h.device).repeat_interleave(beam_size)
        states = _select_states(initial_states, rows)
        words = torch.full((len(h), beam_size, 1), END, device=h.device)
        total = h.new_full((len(h), beam_size), -torch.inf)
        total[:, 0] = 0
        for length in range(1, max_length + 1):
            logits, states = self.step(words[:, :, -1].flatten(), states, memory)
            totals = total.unsqueeze(2) + _log_probabilities(logits).unflatten(0, total.shape)
            # Each hypothesis ends in one way only: twice the beam leaves enough that go on.
            vocabulary_size = logits.shape[1]
            count = min(2 * beam_size, beam_size * vocabulary_size)
            best, index = totals.flatten(1).topk(count, 1)
            finite(best[:, 0])
            parent, word = index // vocabulary_size, index % vocabulary_size
            is_end = word == END
            for row, rank in (is_end & best.isfinite())[:, :beam_size].nonzero().tolist():
                score = float(best[row, rank]) / length**length_penalty
                word_ids = words[row, parent[row, rank], 1:].tolist()
                ended[active[row]].append(Hypothesis(word_ids, score))
            going_on = is_end.to(torch.uint8).argsort(dim=1, stable=True)[:, :beam_size]
            parent, word = parent.gather(1, going_on), word.gather(1, going_on)
            total = best.masked_fill(is_end, -torch.inf).gather(1, going_on)
            prefix = words.gather(1, parent.unsqueeze(2).expand(-1, -1, length))
            words = torch.cat([prefix, word.unsqueeze(2)], 2)
            rows = torch.arange(len(active), device=h.device).unsqueeze(1) * beam_size + parent
            unfinished = [row for row, text in enumerate(active) if len(ended[text]) < beam_size]
            if not unfinished:
                break
            if len(unfinished) < len(active):
                active = [active[row] for row in unfinished]
                rest = torch.tensor(unfinished, device=h.device)
                words, total, rows = words[rest], total[rest], rows[rest]
                memory = memory and Memory(*(part[rest] for part in memory))
            states = _select_states(states, rows.flatten())
        else:
            for row, text in enumerate(active):
                for rank in total[row].isfinite().nonzero().flatten().tolist():
                    score = float(total[row, rank]) / max_length**length_penalty
                    ended[text].append(Hypothesis(words[row, rank, 1:].tolist(), score))
        return [max(of_text, key=lambda text: text.score) for of_text in ended]

    def _embed(self, input_ids: Tensor) -> Tensor:
        x = self.embedding(input_ids)
        return dropout(x, self.config.dropout) if self.training else x

    def _logits(self, x: Tensor) -> Tensor:
        x = self.combine(x).tanh()
        if self.training:
            x = dropout(x, self.config.dropout)
        return linear(x, self.embedding.weight, self.bias)


def _attend(queries: Tensor, memory: Memory) -> Tensor:
    """Attention from ``[B, T, hidden_size]`` queries, ``[B, T, memory_size]``."""
    scores = torch.bmm(queries, memory.keys.transpose(1, 2))
    scores = scores.masked_fill(~memory.mask.unsqueeze(1), -torch.inf)
    return torch.bmm(scores.softmax(2), memory.values)


def _places(lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Where the rows of texts are in a padded table ``[B, longest]``, and the table itself, false
    for padding; found on the host, so that nothing waits for the device."""
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    return to_device((torch.from_numpy(np.flatnonzero(mask)), torch.from_numpy(mask)), device)


def _pad(rows: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    """Rows ``[N, size]``, text after text, as ``[B, longest, size]``."""
    table = rows.new_zeros(mask.numel(), rows.shape[1])
    return table.index_copy(0, places, rows).unflatten(0, mask.shape)


def _log_probabilities(logits: Tensor) -> Tensor:
    """Log probabilities without the unknown word."""
    logits = logits.clone()
    logits[:, UNKNOWN] = -torch.inf
    return logits.log_softmax(1)


def _select_states(states: Sequence[States], rows: Tensor) -> Sequence[States]:
    return [States(h[rows], None if c is None else c[rows]) for h, c in states]


@functools.lru_cache(maxsize=256)
def _one_step(texts: int, _inference: bool) -> Chains:
    """The compiled chains of one step; tensors made in inference mode cannot be used outside."""
    return compile_sequences([1] * texts, initial_states=True)
