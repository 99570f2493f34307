"""Training of parsers on the trees of a treebank, or on the span probabilities of other parsers.

The loss is the negative log-likelihood of a tree among all binary trees (Zhang, Zhou and Li 2020,
section 3.2). Span probabilities of a teacher replace the single tree: as the score of a tree is a
sum over its spans, the loss is then the cross-entropy between the teacher's distribution over trees
and the parser's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from treernn.batching import bucket_by_length
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.brackets import bracket_score
from treernn.models.vocabulary import build_vocabulary, fill_embedding
from treernn.models.word_embeddings import normalize
from treernn.parsing.chart_parser import ChartParser
from treernn.parsing.cky import log_partition
from treernn.parsing.encoder_parser import EncoderParser
from treernn.parsing.lstm_parser import SPECIAL_WORDS, LSTMParser
from treernn.training.data.corpus import Stored
from treernn.training.data.distinct import Words
from treernn.training.data.phrases import extract_phrases
from treernn.training.data.pools import packed, pools
from treernn.training.data.provenance import fingerprint, tree_summary
from treernn.training.data.sequences import chained
from treernn.training.data.soft_targets import SoftTargets, check_label_weight
from treernn.training.loop.task import Prepared, Task
from treernn.training.tasks.new_model import new_model
from treernn.training.tasks.parser_settings import (
    EncoderParserSettings,
    LSTMParserSettings,
    ParserSettings,
)
from treernn.types import Splits, Tree


def new_parser(
    settings: ParserSettings,
    trees: Sequence[Tree] = (),
    vectors: WordVectors | None = None,
    max_vectors: int = 50_000,
) -> ChartParser:
    """An untrained parser; global random state is left as it was.

    Args:
        settings: configuration, seed, and perhaps the encoder.
        trees: their words get rows in the embedding table. Not used with an encoder.
        vectors: initial vectors; words without one start with zeros. Not used with an encoder.
        max_vectors: how many of the first, most frequent, words of ``vectors`` get rows too.

    Raises:
        ModelError, InputError: see ``treernn.encoders.encoder.load_encoder``.
    """
    with new_model(settings.seed):
        if isinstance(settings, EncoderParserSettings):
            on_encoder = EncoderParser(settings.load_encoder(), settings.model)
            on_encoder.biaffine.dropout = settings.dropout
            return on_encoder
        assert isinstance(settings, LSTMParserSettings)
        config = settings.model
        if vectors is not None:
            config = replace(config, embedding_size=vectors.dimension)
        words = parser_vocabulary(trees, () if vectors is None else vectors.words[:max_vectors])
        parser = LSTMParser(words, config)
    parser.biaffine.dropout, parser.weight_dropout = settings.dropout, settings.weight_dropout
    parser.word_dropout = settings.word_dropout
    fill_embedding(parser.features.embedding.weight.data.zero_(), words, vectors)
    return parser


def parser_vocabulary(trees: Sequence[Tree], extra: Sequence[str] = ()) -> list[str]:
    """Words of the embedding table: ``SPECIAL_WORDS``, those of ``trees`` by descending frequency,
    in lower case and with the treebank's quotes and dashes (see ``normalize``), then ``extra``."""
    sentences = ((normalize(word).lower() for word in tree.words) for tree in trees)
    return build_vocabulary(SPECIAL_WORDS, sentences, extra=extra)


class _Targets(NamedTuple):
    """What the loss of B sentences with S spans needs.

    Attributes:
        sentence, start, end, probability: ``[S]`` of each span.
        lengths: ``[B]`` words of each sentence.
        mass: ``[B]`` the sum of the probabilities of its spans, relative to that of a tree.
    """

    sentence: Tensor
    start: Tensor
    end: Tensor
    probability: Tensor
    lengths: Tensor
    mass: Tensor


class ParserTask(Task[ChartParser, ParserSettings]):
    """Training of a parser.

    Metrics of an epoch: ``loss`` per sentence in nats, and ``dev_f1``, bracket F1 in %.

    Args:
        model: untrained, see ``new_parser``.
        data: binary trees.
        settings: how to train.
        soft_targets: span probabilities, see ``tree_spans``, for the sentences of ``data.train``
            and then of ``sentences``, instead of the trees.
        sentences: further sentences for training, see ``usable_sentences``.

    Raises:
        InputError: see ``check_trees``; or ``soft_targets`` has another number of sentences.
    """

    def __init__(
        self,
        model: ChartParser,
        data: Splits[Tree],
        settings: ParserSettings,
        soft_targets: SoftTargets | None = None,
        sentences: Sequence[Sequence[str]] = (),
    ) -> None:
        check_trees(data)
        expected = len(data.train) + len(sentences)
        if expected != (len(soft_targets.targets) if soft_targets else len(data.train)):
            raise InputError("soft_targets need the spans of each tree and each sentence")
        super().__init__(model, data, settings)
        self.optimizers = settings.optimizers(model)
        self.soft_targets, self.sentences = soft_targets, sentences
        phrases = []
        if settings.phrase_ratio:
            phrases = [phrase.tree for phrase in extract_phrases(data.train)]
        trees = [tree_spans(tree) for tree in data.train]
        self._sampler = soft_targets or SoftTargets(trees, always=len(trees))
        self._targets = chained([self._sampler.targets, [*map(tree_spans, phrases)]])
        self._phrases = np.arange(len(self._sampler.targets), len(self._targets))
        words = [[t.words for t in data.train], sentences, [t.words for t in phrases]]
        self._lengths = np.concatenate([_lengths(each) for each in words])
        self._words = chained(words)
        in_memory = isinstance(self._words, list)  # otherwise each batch is encoded anew
        self._examples = model.encode_training(self._words) if in_memory else None

    def batches(self, rng: np.random.Generator) -> Sequence[Sequence[int]]:
        always, others = self._sampler.sample(rng)
        sampled = len(always) + len(others)
        count = min(round(self.settings.phrase_ratio * sampled), len(self._phrases))
        phrases = rng.choice(self._phrases, count, replace=False)
        return packed(self._batched(pool, rng) for pool in pools([always, others, phrases]))

    def _batched(self, chosen: np.ndarray, rng: np.random.Generator) -> list[list[int]]:
        lengths = self._lengths[chosen]
        words = max(1, round(self.settings.batch_size * lengths.mean()))
        batches = bucket_by_length(lengths, mean_total=words, rng=rng, jitter=4)
        return [sorted(chosen[each].tolist(), key=lambda i: -self._lengths[i]) for each in batches]

    def sizes(self, examples: Sequence[int]) -> list[int]:
        lengths: list[int] = self._lengths[list(examples)].tolist()
        return lengths

    def divisor(self, batch: Sequence[int]) -> int:
        return sum(self.sizes(batch))

    def prepare(self, batch: Sequence[int]) -> Prepared:
        if self._examples is None:
            examples = self.model.encode_training([self._words[i] for i in batch])
        else:
            examples = [self._examples[i] for i in batch]
        inputs = self.model.collate(examples)
        targets = [self._targets[i] for i in batch]
        sentence = np.repeat(np.arange(len(batch)), [len(each) for each in targets])
        spans = np.concatenate(targets)
        start, end = spans[:, :2].astype(np.int64).T
        lengths = self._lengths[list(batch)]
        # A tree of n words has n - 1 spans. A teacher's probabilities sum up to less, because the
        # improbable spans are missing.
        sums = np.array([each[:, 2].sum() for each in targets])
        mass = np.where(lengths > 1, sums / np.maximum(lengths - 1, 1), 1.0).astype(np.float32)
        arrays = sentence, start, end, spans[:, 2], lengths, mass
        wanted = _Targets(*(torch.from_numpy(np.ascontiguousarray(each)) for each in arrays))
        return Prepared(inputs, wanted)

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        sentence, start, end, probability, lengths, mass = prepared.targets
        at_spans = scores[sentence, start, end] @ probability
        return log_partition(scores, lengths) @ mass - at_spans

    def evaluate(self, model: ChartParser) -> dict[str, float | None]:
        trees = model.parse([tree.words for tree in self.data.dev])
        return {"dev_f1": 100 * bracket_score(trees, self.data.dev).f1}

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return (metrics["dev_f1"],)

    summary = staticmethod(tree_summary)  # type: ignore[assignment]

    def provenance(self) -> dict[str, Any]:
        soft = self.soft_targets
        text = self.sentences
        words = text.digest if isinstance(text, Stored) else fingerprint(text)
        targets = soft and {**soft.provenance(), "text": words}
        return {**super().provenance(), "soft_targets": targets}


def check_trees(data: Splits[Tree]) -> None:
    """Check that there are binary trees, none longer than ``ChartParser.max_words`` words.

    Raises:
        InputError: there are not.
    """
    if not data.train or not data.dev:
        raise InputError("a parser needs train trees and dev trees")
    for name, trees in (("train", data.train), ("dev", data.dev)):
        for number, tree in enumerate(trees, 1):
            start = f"{name} tree {number} ({' '.join(tree.words[:6])} …)"
            if any(len(children) != 2 for children in tree.children):
                raise InputError(
                    f"{start} is not binary: a node has more or less than two children"
                )
            if len(tree.words) > ChartParser.max_words:
                raise InputError(
                    f"{start} has {len(tree.words)} words, a parser is trained on at most "
                    f"{ChartParser.max_words}: remove it"
                )


def _lengths(sentences: Sequence[Sequence[str]]) -> np.ndarray:
    if isinstance(sentences, Stored):
        return sentences.sizes
    return np.array([len(words) for words in sentences], np.int64)


def usable_sentences(sentences: Iterable[Words]) -> Iterator[Words]:
    """The sentences that are not too long and have more than one binary tree."""
    return (words for words in sentences if 2 < len(words) <= ChartParser.max_words)


def tree_spans(tree: Tree) -> np.ndarray:
    """The spans of two or more words of a tree: float32 ``[spans, 3]``, start, end and 1."""
    spans = np.array(tree.spans()[len(tree.words) :], np.float32).reshape(-1, 2)
    return np.insert(spans, 2, 1.0, axis=1)


def mix_trees(
    trees: Sequence[Tree], spans: Sequence[np.ndarray], label_weight: float
) -> list[np.ndarray]:
    """Mix the span probabilities of a teacher with gold trees.

    Args:
        trees: of the first sentences; the others have no gold tree.
        spans: of the teacher, for each sentence ``[spans, 3]``: start, end and probability.
        label_weight: weight of the gold tree, 0 to 1.

    Raises:
        InputError: ``label_weight`` is out of range.
    """
    check_label_weight(label_weight)
    gold, soft = (1, 1, label_weight), (1, 1, 1 - label_weight)
    mixed = [
        np.concatenate((tree_spans(tree) * gold, rows * soft)).astype(np.float32)
        for tree, rows in zip(trees, spans, strict=False)
    ]
    return [*mixed, *spans[len(mixed) :]]
