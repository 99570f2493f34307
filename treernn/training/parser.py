"""Training of the embedded parser on a treebank of binary trees."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from treernn.errors import InputError
from treernn.files import whole_file
from treernn.parsing.brackets_score import bracket_score
from treernn.parsing.cky import log_partition
from treernn.parsing.embedded import SPECIAL_WORDS, Batches, ParserConfig, SpanParser
from treernn.parsing.subwords import plain
from treernn.training.phrases import phrases_of
from treernn.types import Tree

AVERAGE_EVERY = 10  # steps from one weight average to the next


@dataclass(frozen=True)
class ParserTraining:
    """How a parser is trained.

    Attributes:
        epochs: passes over the treebank; the learning rate falls to zero over them.
        patience: epochs without a better one after which training ends early.
        seed: of all that is random.
        batch_words: about how many words a step sees.
        learning_rate: of Adam, at its highest.
        warm_up: steps until it is reached.
        dropout, weight_dropout: see ``SpanParser``.
        word_dropout: share of the words of a batch that are made unknown, so that their parts
            learn to stand for them.
        phrases: how many phrases of the trees each epoch sees besides, drawn anew, as a share of
            the trees; people write phrases too.
        averaging: the weights that are kept are a moving average; the share of the old average
            at each ``AVERAGE_EVERY`` steps.
        clip: longest gradient of the weights (not of the word vectors).
    """

    epochs: int = 24
    patience: int = 8
    seed: int = 1
    batch_words: int = 600
    learning_rate: float = 2e-3
    warm_up: int = 200
    dropout: float = 0.45
    weight_dropout: float = 0.2
    word_dropout: float = 0.15
    phrases: float = 0.5
    averaging: float = 0.98
    clip: float = 5.0


@dataclass(frozen=True)
class Epoch:
    """What one pass over the treebank gave.

    Attributes:
        epoch: its number, from 1.
        loss: negative log-likelihood of the trees, per word, in nats.
        dev_f1: bracket F1 on the development trees, in per cent.
        seconds: the time it took, with the evaluation.
    """

    epoch: int
    loss: float
    dev_f1: float
    seconds: float


def parser_vocabulary(trees: Sequence[Tree], frequent: Sequence[str], size: int) -> list[str]:
    """Words of the treebank, the most common first, then the first ``size`` of a frequency list.

    All in lower case, in the treebank's spelling (see ``plain``), after ``SPECIAL_WORDS``.
    """
    counts = Counter(plain(word).lower() for tree in trees for word in tree.words)
    words = dict.fromkeys(SPECIAL_WORDS)
    words.update(dict.fromkeys(word for word, _ in counts.most_common()))
    words.update(dict.fromkeys(frequent[:size]))
    return list(words)


def new_parser(
    vocabulary: Sequence[str],
    words: Sequence[str],
    vectors: np.ndarray,
    config: ParserConfig | None = None,
    seed: int = 1,
) -> SpanParser:
    """An untrained parser over given word vectors.

    Args:
        vocabulary: as of ``parser_vocabulary``.
        words: the words that have vectors.
        vectors: float32 ``(len(words), word_size)``. A word without one starts with zeros.
        config: the sizes.
        seed: of the weights.

    Raises:
        InputError: the vectors are of another size than the configuration says.
    """
    torch.manual_seed(seed)
    parser = SpanParser(vocabulary, config)
    if vectors.shape[1] != parser.config.word_size:
        raise InputError(
            f"word vectors have {vectors.shape[1]} numbers, the parser is set to "
            f"{parser.config.word_size}"
        )
    row = {word: number for number, word in enumerate(parser.vocabulary.words)}
    known = [(row[word], place) for place, word in enumerate(words) if word in row]
    with torch.no_grad():
        parser.words.weight.zero_()
        if known:
            into, place = map(list, zip(*known, strict=True))
            parser.words.weight[into] = torch.from_numpy(vectors[place])
    return parser


def train_parser(
    parser: SpanParser,
    train: Sequence[Tree],
    dev: Sequence[Tree],
    settings: ParserTraining | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Iterator[tuple[Epoch, SpanParser]]:
    """Train a parser in place; conditional likelihood of whole trees, Adam, averaged weights.

    Args:
        parser: the parser, for instance of ``new_parser``.
        train: binary trees, their inner nodes in post-order.
        dev: binary trees to measure on after each epoch.
        settings: how.
        progress: called after each step with the share of the training that is done, 0..1.

    Yields:
        After each epoch what it gave, and the parser with averaged weights that gave it, which
        the next epoch changes.

    Raises:
        InputError: a tree is not binary, or there is no tree to train or to measure on.
    """
    settings = settings or ParserTraining()
    if settings.epochs < 1:
        raise InputError(f"{settings.epochs} epochs of training, expected 1 or more")
    if not train or not dev:
        raise InputError("a parser needs trees to train on and trees to measure on")
    for number, tree in enumerate(train, 1):
        if any(len(children) != 2 for children in tree.children):
            raise InputError(
                f"tree {number} ({' '.join(tree.words[:6])} …) is not binary; a parser learns "
                "from nodes with two children"
            )
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    phrases = [each.tree for each in phrases_of(train)] if settings.phrases else []
    drawn = min(round(settings.phrases * len(train)), len(phrases))
    treebank = Treebank([*train, *phrases], parser)
    parser.dropout, parser.weight_dropout = settings.dropout, settings.weight_dropout
    average = AveragedModel(parser, multi_avg_fn=get_ema_multi_avg_fn(settings.averaging))
    tables = [parser.words.weight, parser.subwords.weight]
    weights = [p for p in parser.parameters() if all(p is not table for table in tables)]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Adam(weights, settings.learning_rate, betas=(0.9, 0.99), fused=True),
        torch.optim.SparseAdam(tables, settings.learning_rate, betas=(0.9, 0.99)),
    ]
    sentences = [tree.words for tree in dev]
    step = 0
    for epoch in range(1, settings.epochs + 1):
        began, total = time.perf_counter(), 0.0
        rows = len(train) + random.choice(len(phrases), drawn, replace=False)
        chosen = np.concatenate((np.arange(len(train)), rows))
        batches = treebank.batches(chosen, settings.batch_words, random)
        parser.train()
        for number, rows in enumerate(batches):
            left = 1.0 - (epoch - 1 + number / len(batches)) / settings.epochs
            rate = settings.learning_rate * min((step + 1) / settings.warm_up, left)
            for optimizer in optimizers:
                optimizer.param_groups[0]["lr"] = rate
                optimizer.zero_grad()
            loss = treebank.loss(parser, rows, settings.word_dropout, random)
            words = int(treebank.words.lengths[rows].sum())
            (loss / words).backward()
            torch.nn.utils.clip_grad_norm_(weights, settings.clip)
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item()
            step += 1
            if step % AVERAGE_EVERY == 0:
                average.update_parameters(parser)
            progress(1.0 - left)
        averaged = cast(SpanParser, average.module).eval()
        f1 = 100 * bracket_score(averaged.parse(sentences), dev).f1
        mean = total / int(treebank.words.lengths[chosen].sum())
        yield Epoch(epoch, mean, f1, time.perf_counter() - began), averaged


def fit_parser(
    parser: SpanParser,
    train: Sequence[Tree],
    dev: Sequence[Tree],
    out: str | os.PathLike[str],
    settings: ParserTraining | None = None,
    progress: Callable[[float], None] = lambda _share: None,
    report: Callable[[Epoch], None] = lambda _epoch: None,
) -> Epoch:
    """Train a parser and keep the epoch that is best on the development trees.

    Args:
        parser: as for ``train_parser``, and so are ``train``, ``dev`` and ``progress``.
        train: binary trees.
        dev: binary trees.
        out: the model folder; beside the model it gets ``metrics.jsonl``, an ``Epoch`` a line.
        settings: how; training ends early after ``settings.patience`` epochs without a better.
        progress: called after each step.
        report: called after each epoch.

    Returns:
        The epoch whose parser is in ``out``.

    Raises:
        InputError: as of ``train_parser``.
    """
    settings = settings or ParserTraining()
    best: Epoch | None = None
    lines: list[str] = []
    for epoch, averaged in train_parser(parser, train, dev, settings, progress):
        if best is None or epoch.dev_f1 > best.dev_f1:
            best = epoch
            averaged.save(out)
        lines.append(json.dumps(asdict(epoch)) + "\n")
        with whole_file(Path(out) / "metrics.jsonl") as fresh:
            fresh.write_text("".join(lines), "utf-8")
        report(epoch)
        if epoch.epoch - best.epoch >= settings.patience:
            break
    assert best is not None, "there is at least one epoch"
    return best


class Treebank:
    """Trees as index data: words for the model, spans for the loss.

    Args:
        trees: binary trees.
        parser: whose vocabulary the words are looked up in.
    """

    def __init__(self, trees: Sequence[Tree], parser: SpanParser) -> None:
        self.words = Batches([tree.words for tree in trees])
        self._rows, self._subwords = parser.word_rows(self.words.types)
        self._spans = [
            np.array(tree.spans()[len(tree.words) :], dtype=np.int64).reshape(-1, 2)
            for tree in trees
        ]

    def batches(
        self, rows: np.ndarray, words: int, random: np.random.Generator
    ) -> list[np.ndarray]:
        """Some trees, in random batches of about ``words`` words and of similar length."""
        lengths = self.words.lengths
        order = rows[np.argsort(lengths[rows] + random.uniform(0, 4, len(rows)))]
        ends = np.flatnonzero(np.diff(np.cumsum(lengths[order]) // words)) + 1
        batches = [
            rows[np.argsort(-lengths[rows], kind="stable")] for rows in np.split(order, ends)
        ]
        return [batches[place] for place in random.permutation(len(batches))]

    def loss(
        self, parser: SpanParser, rows: np.ndarray, word_dropout: float, random: np.random.Generator
    ) -> Tensor:
        """Negative log-likelihood of some trees, longest first, summed, in nats."""
        types, index = np.unique(self.words.index(rows), return_inverse=True)
        lengths = torch.from_numpy(self.words.lengths[rows])
        words = self._rows[types]
        words[torch.from_numpy(random.random(len(types)) < word_dropout)] = 0
        vectors = parser.vectors(words, self._subwords[types])
        scores = parser.span_scores(vectors[torch.from_numpy(index)], lengths)
        spans = [self._spans[row] for row in rows.tolist()]
        sentence = np.repeat(np.arange(len(rows)), [len(span) for span in spans])
        start, end = np.concatenate(spans).T
        return log_partition(scores, lengths).sum() - scores[sentence, start, end].sum()
