"""Word vectors that let a sentence say the same, whatever group of people it mentions.

Of a model over word vectors only the vectors of words for groups are trained; all other weights,
and so all texts without such a word, stay as they are. Two losses pull at them:

- sentences that are written for each group of a kind (``treernn.corpora.constructions.groups``)
  get the mean distribution over the kind's groups;
- what is no person keeps the distribution that it had, at every phrase: *a depressed film*, *it
  looks old*, and given texts with these words.

Equalizing and neutralizing as of Bolukbasi et al. 2016, but of what the model computes instead of
the geometry of the vectors.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from treernn.corpora.constructions.groups import Group, GroupSentence
from treernn.errors import InputError
from treernn.models.tree_classifier import Example, TreeClassifier
from treernn.models.word_embeddings import WordTable
from treernn.parsing.parser import Parser
from treernn.scoring.reading import read
from treernn.text.tokenizer import tokenize
from treernn.types import Tree

_BATCH = 200, 50, 50  # sentences about groups, about things, and of the given texts
_SMALLEST = 1e-6

THINGS = (
    *("film", "plot", "script", "story", "joke", "scene"),
    *("mood", "song", "tone", "market", "room", "phone"),
)
_OF_THINGS = (
    *(f"the {{word}} {thing}" for thing in THINGS),
    *(f"The {thing} {verb} {{word}}." for thing in THINGS for verb in ("is", "seems")),
    *(f"It {verb} {{word}}." for verb in ("feels", "looks")),
)


def words_of(group: Group) -> tuple[str, ...]:
    """What a group is called in one word, in lower case.

    >>> words_of(Group("origin", "refugee", "refugees", "a refugee"))
    ('refugee', 'refugees')
    >>> words_of(Group("origin", "Middle Eastern", "Middle Eastern people", "Middle Eastern"))
    ()
    """
    people = group.people.removesuffix(" people")
    phrases = (group.adjective, people, group.predicate.removeprefix("a ").removeprefix("an "))
    return tuple(dict.fromkeys(phrase.lower() for phrase in phrases if len(phrase.split()) == 1))


def fit_group_words(
    model: TreeClassifier,
    parser: Parser,
    sentences: Sequence[GroupSentence],
    texts: Sequence[str] = (),
    *,
    keep: float = 0.015,
    steps: int = 300,
    learning_rate: float = 0.03,
    seed: int = 1,
) -> TreeClassifier:
    """A copy of a model in which words for groups have other vectors.

    Words that the model composes of pieces get a vector of their own.

    Args:
        model: over word vectors, of parse trees; is not changed.
        parser: of the sentences.
        sentences: about the groups, such as ``group_sentences("train")``.
        texts: of which those sentences that have such a word shall be read as before.
        keep: weight of the loss that keeps what is read, the sum over the nodes of a sentence,
            relative to that of a sentence about a group.
        steps: of Adam, with a learning rate that falls to zero.
        learning_rate: of the first step.
        seed: of the batches.

    Raises:
        InputError: the model has no word vectors, there are no sentences, or a number is out of
            range.
    """
    if not isinstance(model, TreeClassifier) or not isinstance(model.embedding, WordTable):
        raise InputError("only a tree model over word vectors has vectors of words for groups")
    if not sentences or steps < 1 or learning_rate <= 0 or keep < 0:
        raise InputError(
            "expected sentences, steps of at least 1, a learning_rate above 0, keep of at least 0"
        )
    groups = dict.fromkeys(group for sentence in sentences for group in sentence.by_group)
    words = tuple(dict.fromkeys(word for group in groups for word in words_of(group)))
    rng = np.random.default_rng(seed)
    fitted = _with_words(model, words)
    parts = [
        _same_for_all(model, parser, sentences),
        _as_before(model, _parsed(parser, _about_things(words))),
        _as_before(model, _having(words, parser, texts)),
    ]
    examples = [fitted.encode([tree for tree, _ in part]) for part in parts]
    factors = 1.0, keep, keep
    embedding = fitted.embedding
    assert isinstance(embedding, WordTable)
    rows, table = torch.from_numpy(embedding.vocabulary.ids(words)), embedding.weight.data
    vectors = nn.Parameter(table[rows].clone())
    optimizer = torch.optim.Adam([vectors], learning_rate, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1e-3, steps)
    for _ in range(steps):
        weight = table.index_copy(0, rows, vectors)
        loss = torch.zeros(())
        for part, encoded, size, factor in zip(parts, examples, _BATCH, factors, strict=True):
            if part:
                chosen = rng.choice(len(part), min(size, len(part)), replace=False)
                found = _log_probabilities(fitted, weight, [encoded[i] for i in chosen])
                loss = loss + factor * _divergence([part[i][1] for i in chosen], found)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    table[rows] = vectors.detach()
    embedding.sparse = True
    return fitted.requires_grad_(True)


_Part = list[tuple[Tree, np.ndarray]]
"""Trees and what their last nodes shall have, ``[nodes, 5]``: all nodes, or the root alone."""


def _about_things(words: Sequence[str]) -> list[str]:
    return [pattern.format(word=word) for word in words for pattern in _OF_THINGS]


def _having(words: Sequence[str], parser: Parser, texts: Sequence[str]) -> list[Tree]:
    """The sentences with one of the words; most texts have none, and are not parsed."""
    one = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.I)
    trees = _parsed(parser, [text for text in texts if one.search(text)])
    return [tree for tree in trees if not {*words}.isdisjoint(map(str.lower, tree.words))]


def _parsed(parser: Parser, texts: Sequence[str]) -> list[Tree]:
    readings = [read(tokens) for text in texts for tokens in tokenize(text)]
    return parser.parse([reading.words for reading in readings if reading.tokens])


def _same_for_all(
    model: TreeClassifier, parser: Parser, sentences: Sequence[GroupSentence]
) -> _Part:
    """Sentences about each group with the mean distribution over the groups of its kind."""
    part: _Part = []
    for sentence in sentences:
        trees = _parsed(parser, [text.text for text in sentence.by_group.values()])
        mean = model.roots(trees).mean(axis=0, keepdims=True)
        part += [(tree, mean) for tree in trees]
    return part


def _as_before(model: TreeClassifier, trees: Sequence[Tree]) -> _Part:
    return [*zip(trees, model.distributions(trees), strict=True)]


def _with_words(model: TreeClassifier, words: Sequence[str]) -> TreeClassifier:
    """A copy that has a row for each of the words; that of a new one is what it was composed of."""
    table = model.embedding
    assert isinstance(table, WordTable)
    new = [word for word in words if word not in table.vocabulary]
    composed = [table(table.collate(table.encode([[word]]))).detach() for word in new]
    copied = copy.deepcopy(model).eval().requires_grad_(False)
    known = table.vocabulary.words
    copied.embedding = WordTable([*known, *new], table.output_size).requires_grad_(False)
    copied.embedding.weight.data = torch.cat([table.weight.detach(), *composed])
    copied.embedding.sparse = False  # as long as the gradient goes on to the chosen rows
    return copied


def _log_probabilities(
    model: TreeClassifier, weight: Tensor, examples: Sequence[Example]
) -> list[Tensor]:
    """For each example ``[nodes, 5]``, those of its tree."""
    batch = model.collate(examples)
    logits = functional_call(model, {"embedding.weight": weight}, (batch,))
    rows = (model.to_tree_order(logits, batch) / model.config.temperature).log_softmax(1)
    parts = rows.split([len(example.labels) for example in examples])
    return [
        part if example.nodes is None else part[torch.from_numpy(example.nodes)]
        for part, example in zip(parts, examples, strict=True)
    ]


def _divergence(wanted: Sequence[np.ndarray], found: Sequence[Tensor]) -> Tensor:
    """Kullback-Leibler divergence at the last nodes, sum over a tree, mean over trees."""
    last = torch.cat([rows[-len(p) :] for p, rows in zip(wanted, found, strict=True)])
    p = torch.from_numpy(np.concatenate(wanted)).clamp_min(_SMALLEST)
    return (p * (p.log() - last)).sum() / len(wanted)
