"""A chain that writes: teacher forcing, stepping, and the searches, held to exhaustive search."""

import itertools

import numpy as np
import pytest
import torch

from treernn.cells import States
from treernn.errors import InputError
from treernn.models.decoder import END, UNKNOWN, Decoder, DecoderConfig, Memory, targets

WORDS, HIDDEN, MEMORY = 7, 6, 5
TEXTS = [np.array(text, dtype=np.int64) for text in ([2, 3, 6], [], [4], [5, 5, 2, 6, 0])]


def decoder(cell: str = "lstm", layers: int = 2, memory: int = MEMORY, words: int = WORDS, seed=3):
    torch.manual_seed(seed)
    made = Decoder(DecoderConfig(words, 4, HIDDEN, cell, layers, 0.5, memory)).eval()
    for weight in made.parameters():
        torch.nn.init.normal_(weight)
    return made


def start(made: Decoder, texts: int = len(TEXTS)) -> list[States]:
    """What each layer's chains start from."""
    draw = torch.Generator().manual_seed(5)
    memory = made.config.cell == "lstm"

    def some() -> torch.Tensor:
        return torch.randn(texts, HIDDEN, generator=draw)

    return [States(some(), some() if memory else None) for _ in range(made.config.layers)]


def source(made: Decoder, lengths: tuple[int, ...] = (3, 1, 4, 2)) -> Memory | None:
    draw = torch.Generator().manual_seed(7)
    rows = torch.randn(sum(lengths), MEMORY, generator=draw)
    return made.memory(rows, lengths) if made.config.memory_size else None


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("memory", [0, MEMORY])
def test_stepping_gives_what_teacher_forcing_gives(cell, layers, memory):
    made = decoder(cell, layers, memory)
    forced = made.scores(start(made), targets(TEXTS), source(made))
    assert forced.shape == (sum(len(text) + 1 for text in TEXTS), WORDS)
    at = 0
    for text, words in enumerate(TEXTS):
        states = [States(h[[text]], None if c is None else c[[text]]) for h, c in start(made)]
        read = source(made)
        read = read and Memory(*(part[[text]] for part in read))
        for word in (END, *words):
            found, states = made.step(torch.tensor([word]), states, read)
            close(found[0], forced[at])
            at += 1
        whole = made.recurrent(
            targets([words]).chains,
            made.embedding(targets([words]).seen),
            [States(h[[text]], None if c is None else c[[text]]) for h, c in start(made)],
        )
        for stepped, forced_states in zip(states, whole.last, strict=True):
            close(stepped.h, forced_states.h)
            if cell == "lstm":
                close(stepped.c, forced_states.c)
    assert at == len(forced)


def test_a_memory_is_read_up_to_its_texts_end_alone():
    made = decoder()
    read = source(made)
    other = Memory(*(part.clone() for part in read))
    other.keys[~read.there] = 99
    other.values[~read.there] = 99
    batch = targets(TEXTS)
    close(made.scores(start(made), batch, other), made.scores(start(made), batch, read))
    other.values[0, 0] += 1
    changed = made.scores(start(made), batch, other) - made.scores(start(made), batch, read)
    assert changed[:4].abs().min() > 0
    assert changed[4:].abs().max() == 0


def test_rows_side_by_side_read_their_own_texts_memory():
    made = decoder()
    read, states = source(made), start(made)
    twice = [States(h.repeat_interleave(2, 0), c.repeat_interleave(2, 0)) for h, c in states]
    seen = torch.arange(8) % WORDS
    together, _ = made.step(seen, twice, read)
    for place in (0, 1):
        close(together[place::2], made.step(seen[place::2], states, read)[0])


@torch.no_grad()
def oracle(made: Decoder, text: int, all_words: list[tuple[int, ...]], limit: int, penalty: float):
    """By teacher forcing: the score of each way to write a text, its end included unless the limit
    cut it off."""
    one = torch.tensor([text]).expand(len(all_words))
    states = [States(h[one], c[one]) for h, c in start(made)]
    read = source(made)
    read = read and Memory(*(part[one] for part in read))
    batch = targets([np.array(words, dtype=np.int64) for words in all_words])
    scores = made.scores(states, batch, read)
    scores[:, UNKNOWN] = -torch.inf
    chosen = scores.log_softmax(1).gather(1, batch.gold.unsqueeze(1)).squeeze(1)
    each = (part[:limit] for part in chosen.split(batch.lengths))
    return {
        words: float(part.sum()) / len(part) ** penalty
        for words, part in zip(all_words, each, strict=True)
    }


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("memory", [0, MEMORY])
def test_a_wide_beam_finds_the_best_of_all_texts_and_greedy_nothing_better(memory, penalty):
    limit = 4
    letters = range(END + 1, 5)
    texts = [words for n in range(limit + 1) for words in itertools.product(letters, repeat=n)]
    better = 0
    for seed in range(6):
        made = decoder(memory=memory, words=5, seed=seed)
        wide = made.beam(start(made), source(made), width=100, limit=limit, penalty=penalty)
        narrow = made.greedy(start(made), source(made), limit=limit, penalty=penalty)
        for text, (found, greedy) in enumerate(zip(wide, narrow, strict=True)):
            every = oracle(made, text, texts, limit, penalty)
            best = max(every, key=every.__getitem__)
            assert tuple(found.words) == best
            assert found.score == pytest.approx(every[best], abs=1e-5)
            assert greedy.score == pytest.approx(every[tuple(greedy.words)], abs=1e-5)
            assert found.score >= greedy.score - 1e-5
            better += found.words != greedy.words
    assert better  # else the two searches were not told apart


@pytest.mark.parametrize("memory", [0, MEMORY])
def test_a_beam_of_one_is_greedy_and_batches_change_nothing(memory):
    for seed in range(5):
        made = decoder(memory=memory, seed=seed)
        greedy = made.greedy(start(made), source(made), limit=9)
        for one, other in zip(
            greedy, made.beam(start(made), source(made), width=1, limit=9), strict=True
        ):
            assert one.words == other.words
            assert one.score == pytest.approx(other.score, abs=1e-5)
        for width in (2, 3):
            together = made.beam(start(made), source(made), width=width, limit=9)
            for text, found in enumerate(together):
                states = [States(h[[text]], c[[text]]) for h, c in start(made)]
                read = source(made)
                read = read and Memory(*(part[[text]] for part in read))
                [alone] = made.beam(states, read, width=width, limit=9)
                assert alone.words == found.words
                assert alone.score == pytest.approx(found.score, abs=1e-5)


def test_no_unknown_word_is_written_and_a_length_is_kept():
    made = decoder()
    made.bias.data[UNKNOWN] = 100
    made.bias.data[END] = -100
    for found in (
        made.greedy(start(made), source(made), limit=6),
        made.beam(start(made), source(made), width=3, limit=6),
    ):
        assert [len(text.words) for text in found] == [6] * len(TEXTS)
        assert not any(UNKNOWN in text.words or END in text.words for text in found)


def test_a_text_may_end_at_once():
    made = decoder()
    made.bias.data[END] = 100
    assert [text.words for text in made.greedy(start(made), source(made))] == [[]] * len(TEXTS)
    assert [text.words for text in made.beam(start(made), source(made), 1)] == [[]] * len(TEXTS)


def test_a_beam_needs_a_width():
    made = decoder()
    with pytest.raises(InputError, match="the beam is 0 wide, expected at least 1"):
        made.beam(start(made), source(made), width=0)


def test_dropout_only_in_training():
    made = decoder()
    batch = targets(TEXTS)
    once = made.scores(start(made), batch, source(made))
    close(made.scores(start(made), batch, source(made)), once)
    made.train()
    assert (made.scores(start(made), batch, source(made)) - once).abs().max() > 0.01


def test_a_step_can_be_learnt_from_after_texts_were_written():
    made = decoder()
    made.greedy(start(made), source(made))
    found, _ = made.step(torch.full((len(TEXTS),), END), start(made), source(made))
    found.logsumexp(1).sum().backward()
    assert made.embedding.weight.grad.abs().max() > 0
