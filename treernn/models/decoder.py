"""A chain that writes words: it starts from given states, and each step sees the word before.

Sequence to sequence learning as in Sutskever et al. (2014), with the global attention of Luong et
al. (2015, section 3.1, score ``general``), without their input feeding: so teacher forcing, which
knows all words, is one plan per layer. The output's weights are those of the embeddings (Press &
Wolf 2017).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import States
from treernn.cells.dropout import dropout
from treernn.cells.products import gradient, product
from treernn.errors import InputError
from treernn.models.recurrent import Chains, Recurrent, compile_sequences

UNKNOWN, END = 0, 1
"""The first rows of every vocabulary that is written from: a word that is none of the others, and
the mark that begins and ends a text."""

MARKS = ("<unk>", "</s>")


@dataclass(frozen=True)
class DecoderConfig:
    """What a decoder is made of.

    Attributes:
        words: rows of the vocabulary, the two of ``MARKS`` first.
        embedding_size: numbers per word vector.
        hidden_size: numbers per state.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: chains on top of each other.
        dropout: share that training leaves out of word vectors, of states between layers, and of
            what the words are told from.
        memory_size: numbers per row of the memory that attention reads; 0: no attention.
    """

    words: int
    embedding_size: int
    hidden_size: int
    cell: str = "lstm"
    layers: int = 1
    dropout: float = 0.0
    memory_size: int = 0


class Targets(NamedTuple):
    """Texts to be written, ready for teacher forcing; N is the number of words, ends included.

    Attributes:
        lengths: steps of each text, its end included.
        chains: the chains that write them.
        seen: ``[N]`` the word that each step sees, text after text.
        gold: ``[N]`` the word that it should write.
    """

    lengths: list[int]
    chains: Chains
    seen: Tensor
    gold: Tensor

    def to(self, device: torch.device | str) -> Targets:
        """The same texts on another device."""
        return Targets(
            self.lengths, self.chains.to(device), self.seen.to(device), self.gold.to(device)
        )


class Memory(NamedTuple):
    """What attention reads, of B texts of at most S rows each.

    Attributes:
        keys: ``[B, S, hidden]`` what states are compared with.
        values: ``[B, S, memory]`` what is read.
        there: ``[B, S]`` false past the end of a text.
    """

    keys: Tensor
    values: Tensor
    there: Tensor


class Written(NamedTuple):
    """A text that was generated.

    Attributes:
        words: rows of the vocabulary, the end left out.
        score: the text's log probability in nats, its end included, divided by the number of
            steps to the power of ``penalty``.
    """

    words: list[int]
    score: float


def targets(texts: Sequence[np.ndarray]) -> Targets:
    """Make texts ready for teacher forcing.

    Args:
        texts: at least one, each the rows of its words, without marks; may be empty.
    """
    end = np.array([END])
    lengths = [len(text) + 1 for text in texts]
    seen = np.concatenate([part for text in texts for part in (end, text)])
    gold = np.concatenate([part for text in texts for part in (text, end)])
    return Targets(
        lengths,
        compile_sequences(lengths, initial_states=True),
        torch.from_numpy(seen),
        torch.from_numpy(gold),
    )


class Decoder(nn.Module):
    """Embeddings, chains that start from given states, attention if it is asked for, a softmax
    over the vocabulary.

    ``start`` is everywhere what the chains start from: for each layer the states of B texts.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        size, hidden = config.embedding_size, config.hidden_size
        self.embedding = nn.Embedding(config.words, size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.recurrent = Recurrent(
            config.cell, size, hidden, layers=config.layers, dropout=config.dropout
        )
        if config.memory_size:
            self.attention = nn.Linear(config.memory_size, hidden, bias=False)
        self.combine = nn.Linear(hidden + config.memory_size, size)
        self.bias = nn.Parameter(torch.zeros(config.words))

    def memory(self, rows: Tensor, lengths: Sequence[int]) -> Memory:
        """Make a memory to attend to.

        Args:
            rows: ``[sum of lengths, memory_size]``, text after text.
            lengths: rows of each text.
        """
        there = _there(lengths, rows.device)
        return Memory(_padded(self.attention(rows), there), _padded(rows, there), there)

    def scores(
        self, start: Sequence[States], targets: Targets, memory: Memory | None = None
    ) -> Tensor:
        """Teacher forcing: scores before the softmax, ``[N, words]``, of each step's word, where
        all steps before it wrote the right one."""
        h = self.recurrent(targets.chains, self._embed(targets.seen), start).h
        if memory is None:
            return self._output(h)
        there = _there(targets.lengths, h.device)
        context = _attend(_padded(h, there), memory).flatten(0, 1)
        return self._output(torch.cat([h, context[there.flatten().nonzero().squeeze(1)]], 1))

    def step(
        self, seen: Tensor, states: Sequence[States], memory: Memory | None = None
    ) -> tuple[Tensor, Sequence[States]]:
        """One step of R texts.

        Args:
            seen: ``[R]`` the word that each text ends in, ``END`` before the first.
            states: for each layer ``[R, hidden]``.
            memory: of R texts, or of B texts that R / B texts each, side by side, belong to.

        Returns:
            Scores before the softmax, ``[R, words]``, and the states after the step.
        """
        one = _one_step(len(seen), torch.is_inference_mode_enabled()).to(seen.device)
        found = self.recurrent(one, self._embed(seen), states)
        if memory is None:
            return self._output(found.h), found.last
        side_by_side = found.h.view(len(memory.keys), -1, self.config.hidden_size)
        context = _attend(side_by_side, memory).flatten(0, 1)
        return self._output(torch.cat([found.h, context], 1)), found.last

    @torch.inference_mode()
    def greedy(
        self,
        start: Sequence[States],
        memory: Memory | None = None,
        limit: int = 50,
        penalty: float = 1.0,
    ) -> list[Written]:
        """Write B texts, each step the likeliest word; never an unknown one.

        Args:
            start: for each layer ``[B, hidden]``.
            memory: of B texts, with attention.
            limit: steps at most; a text that has not ended by then is cut off.
            penalty: see ``Written.score``.
        """
        alive = torch.arange(len(start[0].h), device=start[0].h.device)
        seen, total, states = torch.full_like(alive, END), start[0].h.new_zeros(len(alive)), start
        words: list[list[int]] = [[] for _ in alive]
        scores = [0.0] * len(alive)
        for n in range(1, limit + 1):
            found, states = self.step(seen, states, memory)
            best, seen = _log_probabilities(found).max(1)
            total = total + best
            for text, word, score in zip(
                alive.tolist(), seen.tolist(), (total / n**penalty).tolist(), strict=True
            ):
                scores[text] = score
                if word != END:
                    words[text].append(word)
            kept = (seen != END).nonzero().squeeze(1)
            if len(kept) == 0:
                break
            if len(kept) < len(alive):
                alive, seen, total = alive[kept], seen[kept], total[kept]
                states, memory = _states_at(states, kept), _memory_at(memory, kept)
        return [Written(*each) for each in zip(words, scores, strict=True)]

    @torch.inference_mode()
    def beam(
        self,
        start: Sequence[States],
        memory: Memory | None = None,
        width: int = 5,
        limit: int = 50,
        penalty: float = 1.0,
    ) -> list[Written]:
        """Write B texts by beam search: each step keeps a text's ``width`` likeliest beginnings;
        a search ends when that many have come to an end. Never an unknown word.

        Args:
            start: for each layer ``[B, hidden]``.
            memory: of B texts, with attention.
            width: beginnings kept; 1 is greedy search.
            limit: steps at most; what has not ended by then is cut off.
            penalty: see ``Written.score``; the ended text of the best score is taken.

        Raises:
            InputError: the width is less than one.
        """
        if width < 1:
            raise InputError(f"the beam is {width} wide, expected at least 1")
        h = start[0].h
        alive = list(range(len(h)))
        ended: list[list[Written]] = [[] for _ in alive]
        # Of each text `width` beginnings side by side; at first all but one are impossible.
        states = _states_at(start, torch.arange(len(h), device=h.device).repeat_interleave(width))
        words = torch.full((len(h), width, 1), END, device=h.device)
        total = h.new_full((len(h), width), -torch.inf)
        total[:, 0] = 0
        for n in range(1, limit + 1):
            found, after = self.step(words[:, :, -1].flatten(), states, memory)
            next_total = total.unsqueeze(2) + _log_probabilities(found).unflatten(0, total.shape)
            # A beginning ends in one way only, so twice the width leaves enough that go on.
            many = min(2 * width, width * found.shape[1])
            best, at = next_total.flatten(1).topk(many, 1)
            parent, word = at // found.shape[1], at % found.shape[1]
            over = word == END
            for row, rank in (over & best.isfinite())[:, :width].nonzero().tolist():
                score = float(best[row, rank]) / n**penalty
                written = Written(words[row, parent[row, rank], 1:].tolist(), score)
                ended[alive[row]].append(written)
            going = over.to(torch.uint8).argsort(dim=1, stable=True)[:, :width]
            parent, word = parent.gather(1, going), word.gather(1, going)
            total = best.masked_fill(over, -torch.inf).gather(1, going)
            before = words.gather(1, parent.unsqueeze(2).expand(-1, -1, n))
            words = torch.cat([before, word.unsqueeze(2)], 2)
            rows = torch.arange(len(alive), device=h.device).unsqueeze(1) * width + parent
            kept = [row for row, text in enumerate(alive) if len(ended[text]) < width]
            if not kept:
                break
            if len(kept) < len(alive):
                alive = [alive[row] for row in kept]
                rest = torch.tensor(kept, device=h.device)
                words, total, rows = words[rest], total[rest], rows[rest]
                memory = _memory_at(memory, rest)
            states = _states_at(after, rows.flatten())
        else:
            for row, text in enumerate(alive):
                for rank in total[row].isfinite().nonzero().flatten().tolist():
                    score = float(total[row, rank]) / limit**penalty
                    ended[text].append(Written(words[row, rank, 1:].tolist(), score))
        return [max(each, key=lambda text: text.score) for each in ended]

    def _embed(self, seen: Tensor) -> Tensor:
        return dropout(self.embedding(seen), self._dropout_now)

    def _output(self, x: Tensor) -> Tensor:
        x = dropout(self.combine(x).tanh(), self._dropout_now)
        return _Scores.apply(x, self.embedding.weight, self.bias)

    @property
    def _dropout_now(self) -> float:
        return self.config.dropout if self.training else 0


def _attend(queries: Tensor, memory: Memory) -> Tensor:
    """What each of ``[B, T, hidden]`` states reads from the memory, ``[B, T, memory]``."""
    match = torch.bmm(queries, memory.keys.transpose(1, 2))
    match = match.masked_fill(~memory.there.unsqueeze(1), -torch.inf)
    return torch.bmm(match.softmax(2), memory.values)


def _there(lengths: Sequence[int], device: torch.device) -> Tensor:
    """``[B, longest]`` true up to each length."""
    ends = torch.tensor(lengths, device=device)
    return torch.arange(max(lengths), device=device) < ends.unsqueeze(1)


def _padded(rows: Tensor, there: Tensor) -> Tensor:
    """Rows ``[N, any]``, text after text, as ``[B, longest, any]``."""
    places = there.flatten().nonzero().squeeze(1)
    table = rows.new_zeros(there.numel(), rows.shape[1])
    return table.index_copy(0, places, rows).unflatten(0, there.shape)


class _Scores(torch.autograd.Function):
    """A linear layer by the products of the cells; with a row per word it is the largest one."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight.t(), x.new_empty(len(x), len(weight)), bias)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        return product(grad, weight, torch.empty_like(x)), gradient(grad, x), grad.sum(0)


def _log_probabilities(scores: Tensor) -> Tensor:
    """Of each word, in nats; an unknown word is never written."""
    scores = scores.clone()
    scores[:, UNKNOWN] = -torch.inf
    return scores.log_softmax(1)


def _states_at(states: Sequence[States], rows: Tensor) -> Sequence[States]:
    return [States(h[rows], None if c is None else c[rows]) for h, c in states]


def _memory_at(memory: Memory | None, rows: Tensor) -> Memory | None:
    return None if memory is None else Memory(*(part[rows] for part in memory))


@functools.lru_cache(maxsize=256)
def _one_step(texts: int, _inference: bool) -> Chains:
    """The plan of one step, which generation takes over and over. What is made in inference mode
    cannot be used for learning."""
    return compile_sequences([1] * texts, initial_states=True)
