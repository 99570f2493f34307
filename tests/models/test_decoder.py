"""A decoder: teacher forcing, single steps, and beam search against exhaustive search."""

import itertools

import numpy as np
import pytest
import torch

from treernn.cells import States
from treernn.errors import InputError
from treernn.models.decoder import (
    END,
    UNKNOWN,
    Decoder,
    DecoderConfig,
    Memory,
    collate_targets,
)

WORDS, HIDDEN, MEMORY = 7, 6, 5
TEXTS = [np.array(text, dtype=np.int64) for text in ([2, 3, 6], [], [4], [5, 5, 2, 6, 0])]


def decoder(cell: str = "lstm", layers: int = 2, memory: int = MEMORY, words: int = WORDS, seed=3):
    torch.manual_seed(seed)
    model = Decoder(DecoderConfig(words, 4, HIDDEN, cell, layers, 0.5, memory)).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight)
    return model


def start(model: Decoder, texts: int = len(TEXTS)) -> list[States]:
    """Initial states of each layer."""
    draw = torch.Generator().manual_seed(5)
    memory = model.config.cell == "lstm"

    def some() -> torch.Tensor:
        return torch.randn(texts, HIDDEN, generator=draw)

    return [States(some(), some() if memory else None) for _ in range(model.config.layers)]


def source(model: Decoder, lengths: tuple[int, ...] = (3, 1, 4, 2)) -> Memory | None:
    draw = torch.Generator().manual_seed(7)
    rows = torch.randn(sum(lengths), MEMORY, generator=draw)
    return model.memory(rows, lengths) if model.config.memory_size else None


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("memory", [0, MEMORY])
def test_steps_equal_teacher_forcing(cell, layers, memory):
    model = decoder(cell, layers, memory)
    forced = model(start(model), collate_targets(TEXTS), source(model))
    assert forced.shape == (sum(len(text) + 1 for text in TEXTS), WORDS)
    at = 0
    for text, words in enumerate(TEXTS):
        states = [States(h[[text]], None if c is None else c[[text]]) for h, c in start(model)]
        encoded = source(model)
        encoded = encoded and Memory(*(part[[text]] for part in encoded))
        for word in (END, *words):
            actual, states = model.step(torch.tensor([word]), states, encoded)
            close(actual[0], forced[at])
            at += 1
        result = model.recurrent(
            collate_targets([words]).chains,
            model.embedding(collate_targets([words]).input_ids),
            [States(h[[text]], None if c is None else c[[text]]) for h, c in start(model)],
        )
        for stepped, forced_states in zip(states, result.last, strict=True):
            close(stepped.h, forced_states.h)
            if cell == "lstm":
                close(stepped.c, forced_states.c)
    assert at == len(forced)


def test_attention_ignores_padding():
    model = decoder()
    encoded = source(model)
    other = Memory(*(part.clone() for part in encoded))
    other.keys[~encoded.mask] = 99
    other.values[~encoded.mask] = 99
    batch = collate_targets(TEXTS)
    close(model(start(model), batch, other), model(start(model), batch, encoded))
    other.values[0, 0] += 1
    changed = model(start(model), batch, other) - model(start(model), batch, encoded)
    assert changed[:4].abs().min() > 0
    assert changed[4:].abs().max() == 0


def test_hypotheses_of_a_text_share_its_memory():
    model = decoder()
    encoded, states = source(model), start(model)
    twice = [States(h.repeat_interleave(2, 0), c.repeat_interleave(2, 0)) for h, c in states]
    seen = torch.arange(8) % WORDS
    together, _ = model.step(seen, twice, encoded)
    for place in (0, 1):
        close(together[place::2], model.step(seen[place::2], states, encoded)[0])


@torch.no_grad()
def oracle(model: Decoder, text: int, all_words: list[tuple[int, ...]], limit: int, penalty: float):
    """The score of each possible text by teacher forcing; with its end, unless it is cut off."""
    one = torch.tensor([text]).expand(len(all_words))
    states = [States(h[one], c[one]) for h, c in start(model)]
    encoded = source(model)
    encoded = encoded and Memory(*(part[one] for part in encoded))
    batch = collate_targets([np.array(words, dtype=np.int64) for words in all_words])
    scores = model(states, batch, encoded)
    scores[:, UNKNOWN] = -torch.inf
    chosen = scores.log_softmax(1).gather(1, batch.labels.unsqueeze(1)).squeeze(1)
    each = (part[:limit] for part in chosen.split(batch.lengths))
    return {
        words: float(part.sum()) / len(part) ** penalty
        for words, part in zip(all_words, each, strict=True)
    }


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("memory", [0, MEMORY])
def test_a_wide_beam_finds_the_best_text_and_greedy_search_no_better_one(memory, penalty):
    limit = 4
    letters = range(END + 1, 5)
    texts = [words for n in range(limit + 1) for words in itertools.product(letters, repeat=n)]
    better = 0
    for seed in range(6):
        model = decoder(memory=memory, words=5, seed=seed)
        wide = model.generate(
            start(model), source(model), beam_size=100, max_length=limit, length_penalty=penalty
        )
        narrow = model.generate(
            start(model), source(model), max_length=limit, length_penalty=penalty
        )
        for text, (actual, greedy) in enumerate(zip(wide, narrow, strict=True)):
            scores_by_text = oracle(model, text, texts, limit, penalty)
            best = max(scores_by_text, key=scores_by_text.__getitem__)
            assert tuple(actual.word_ids) == best
            assert actual.score == pytest.approx(scores_by_text[best], abs=1e-5)
            assert greedy.score == pytest.approx(scores_by_text[tuple(greedy.word_ids)], abs=1e-5)
            assert actual.score >= greedy.score - 1e-5
            better += actual.word_ids != greedy.word_ids
    assert better  # otherwise the test does not distinguish the searches


def greedy_search(model: Decoder, limit: int) -> list[tuple[list[int], float]]:
    """The most probable word at each step, one text at a time."""
    texts = []
    for text in range(len(TEXTS)):
        states = [States(h[[text]], c[[text]]) for h, c in start(model)]
        memory = source(model)
        memory = memory and Memory(*(part[[text]] for part in memory))
        words, total = [END], 0.0
        while len(words) <= limit:
            logits, states = model.step(torch.tensor([words[-1]]), states, memory)
            logits[0, UNKNOWN] = -torch.inf
            score, word = logits.log_softmax(1)[0].max(0)
            words.append(int(word))
            total += float(score)
            if word == END:
                break
        texts.append(([word for word in words if word != END], total / (len(words) - 1)))
    return texts


@torch.no_grad()
@pytest.mark.parametrize("memory", [0, MEMORY])
def test_a_beam_of_one_is_greedy_and_batches_equal_single_texts(memory):
    for seed in range(5):
        model = decoder(memory=memory, seed=seed)
        greedy = model.generate(start(model), source(model), max_length=9)
        for one, other in zip(greedy, greedy_search(model, limit=9), strict=True):
            assert one.word_ids == other[0]
            assert one.score == pytest.approx(other[1], abs=1e-5)
        for width in (2, 3):
            together = model.generate(start(model), source(model), width, max_length=9)
            for text, actual in enumerate(together):
                states = [States(h[[text]], c[[text]]) for h, c in start(model)]
                encoded = source(model)
                encoded = encoded and Memory(*(part[[text]] for part in encoded))
                [alone] = model.generate(states, encoded, width, max_length=9)
                assert alone.word_ids == actual.word_ids
                assert alone.score == pytest.approx(actual.score, abs=1e-5)


def test_no_unknown_words_and_a_maximum_length():
    model = decoder()
    model.bias.data[UNKNOWN] = 100
    model.bias.data[END] = -100
    for actual in (
        model.generate(start(model), source(model), max_length=6),
        model.generate(start(model), source(model), beam_size=3, max_length=6),
    ):
        assert [len(text.word_ids) for text in actual] == [6] * len(TEXTS)
        assert not any(UNKNOWN in text.word_ids or END in text.word_ids for text in actual)


def test_texts_may_be_empty():
    model = decoder()
    model.bias.data[END] = 100
    assert [text.word_ids for text in model.generate(start(model), source(model))] == [[]] * len(
        TEXTS
    )
    assert [text.word_ids for text in model.generate(start(model), source(model), 3)] == [[]] * len(
        TEXTS
    )


def test_a_beam_size_of_zero():
    model = decoder()
    with pytest.raises(InputError, match="beam_size is 0, expected at least 1"):
        model.generate(start(model), source(model), beam_size=0)


def test_dropout_only_in_training():
    model = decoder()
    batch = collate_targets(TEXTS)
    once = model(start(model), batch, source(model))
    close(model(start(model), batch, source(model)), once)
    model.train()
    assert (model(start(model), batch, source(model)) - once).abs().max() > 0.01


def test_steps_have_gradients_after_generation():
    model = decoder()
    model.generate(start(model), source(model))
    actual, _ = model.step(torch.full((len(TEXTS),), END), start(model), source(model))
    actual.logsumexp(1).sum().backward()
    assert model.embedding.weight.grad.abs().max() > 0
