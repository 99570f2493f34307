"""Influence of words: the gradient of the output with respect to each word vector.

The influence of a word is the norm of the gradient of the predicted class's logit with respect to
the word's vector. Through a recurrent net this gradient is a product of one factor per step, so it
vanishes or explodes exponentially with the distance (Bengio, Simard & Frasconi 1994; Pascanu,
Mikolov & Bengio 2013, section 2). The distance is the number of edges in the graph of the net:
steps to the end of a chain, depth in a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from treernn.batching import bucket_by_length
from treernn.cells import CELLS
from treernn.evaluation.plain import to_plain
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.tree_classifier import TreeClassifier
from treernn.transfer import to_device
from treernn.types import LABELS, Tree

StructuredModel = TreeClassifier | ChainClassifier

MIN_TEXTS = 50
"""Distances that occur in fewer texts of a corpus are left out."""

EDGE_WORDS = 5
"""Number of words at the start and at the end of a text in ``CorpusInfluence``."""

_WORDS_PER_BATCH = 4096
_MIN_NORM = 1e-30  # norms can underflow to 0, which has no logarithm
_SIX_DIGITS = ".6g"


@dataclass(frozen=True, eq=False)
class TextInfluence:
    """The influence of each word of one text.

    Attributes:
        words: n words.
        label: predicted class, 0 to 4.
        norms: gradient norms, float64 ``[n]``.
        distances: edges from each word's node to the node that is classified, ``[n]``.
    """

    words: tuple[str, ...]
    label: int
    norms: np.ndarray
    distances: np.ndarray

    @property
    def words_after(self) -> np.ndarray:
        """Number of words after each word, ``[n]``."""
        return np.arange(len(self.words))[::-1]

    @property
    def fractions(self) -> np.ndarray:
        """Norms divided by their sum, ``[n]``."""
        total = self.norms.sum()
        return self.norms / total if total else np.full(len(self.words), 1 / len(self.words))

    def to_dict(self) -> dict[str, Any]:
        """Values for JSON."""
        return {**to_plain(self, _SIX_DIGITS), "label": LABELS[self.label]}


@dataclass(frozen=True)
class DecayPoint:
    """Mean influence at one distance.

    Attributes:
        distance: in edges or in words.
        relative: geometric mean of the norms, divided by that of the first point.
        texts: number of texts with a word at this distance.
    """

    distance: int
    relative: float
    texts: int


@dataclass(frozen=True)
class CorpusInfluence:
    """The influence of words in the texts of a corpus.

    Attributes:
        name: name of the model.
        texts: number of texts.
        by_distance: decay with the distance in the model's graph.
        by_words_after: decay with the number of words after a word.
        first_words, last_words: mean fraction of the influence of the first and of the last
            ``EDGE_WORDS`` words of a text.
        uniform: this fraction if all words of a text had the same influence.
        half_distance: the first distance with at most half of the influence, or None.
    """

    name: str
    texts: int
    by_distance: tuple[DecayPoint, ...]
    by_words_after: tuple[DecayPoint, ...]
    first_words: float
    last_words: float
    uniform: float
    half_distance: int | None

    def to_dict(self) -> dict[str, Any]:
        """Values for JSON."""
        return to_plain(self, _SIX_DIGITS)


def model_name(model: StructuredModel) -> str:
    """Cell and structure of a model.

    >>> from treernn.models.chain_classifier import ChainConfig
    >>> model_name(ChainClassifier(ChainConfig(2, 2, cell="elman", layers=2), ("<unk>",)))
    'Elman chain, 2 layers'
    """
    config = model.config
    parts = [
        f"{CELLS[config.cell].title} {'tree' if isinstance(model, TreeClassifier) else 'chain'}"
    ]
    if config.bidirectional:
        parts.append("bidirectional")
    if getattr(config, "layers", 1) > 1:
        parts.append(f"{config.layers} layers")
    return ", ".join(parts)


def word_influences(model: StructuredModel, trees: Sequence[Tree]) -> list[TextInfluence]:
    """The influence of every word on the prediction for its text.

    Args:
        model: in training or evaluation mode; dropout is off.
        trees: parsed texts; chains use their words only. Labels are not used.

    Raises:
        InputError: a node has more children than the model's cell takes.
    """
    results: dict[int, TextInfluence] = {}
    was_training = model.training
    model.eval()
    try:
        lengths = [len(tree.words) for tree in trees]
        for indices in bucket_by_length(lengths, max_total=_WORDS_PER_BATCH):
            batch = [trees[i] for i in indices]
            norms, labels = _gradient_norms(model, batch)
            ends = np.cumsum([len(tree.words) for tree in batch])
            for i, tree, label, text_norms in zip(
                indices, batch, labels, np.split(norms, ends[:-1]), strict=True
            ):
                results[i] = TextInfluence(tree.words, label, text_norms, _distances(model, tree))
    finally:
        model.train(was_training)
    return [results[i] for i in range(len(trees))]


def _gradient_norms(model: PhraseClassifier, trees: Sequence[Tree]) -> tuple[np.ndarray, list[int]]:
    """Gradient norms of a batch ``[words of all trees]`` and the predicted class of each tree.

    The texts are independent, so the gradient of the sum of their logits is that of each.
    """
    examples = model.encode_roots(trees)
    batch = to_device(model.collate(examples), model.device)
    vectors: list[Tensor] = []

    def detach(_module: Any, _inputs: Any, output: Tensor) -> Tensor:
        vectors.append(output.detach().requires_grad_())
        return vectors[0]

    hook = model.get_submodule("embedding").register_forward_hook(detach)
    try:
        logits = model.to_tree_order(model(batch), batch)
    finally:
        hook.remove()
    roots = np.cumsum([len(example.labels) for example in examples]) - 1
    best = logits[torch.from_numpy(roots)].max(1)
    (gradient,) = torch.autograd.grad(best.values.sum(), vectors)
    return gradient.norm(dim=1).double().cpu().numpy(), best.indices.tolist()


def _distances(model: StructuredModel, tree: Tree) -> np.ndarray:
    if isinstance(model, TreeClassifier):
        return depths(tree)
    steps = np.arange(len(tree.words))
    # A bidirectional chain is classified by the states at both ends: the nearer one counts.
    return np.minimum(steps, steps[::-1]) if model.config.bidirectional else steps[::-1]


def depths(tree: Tree) -> np.ndarray:
    """Edges between each word and the root, ``[words]``.

    >>> depths(Tree(("not", "bad", "."), ((0, 1), (3, 2)))).tolist()
    [2, 2, 1]
    """
    num_words = len(tree.words)
    depth = [0] * tree.num_nodes
    for node in range(tree.root, num_words - 1, -1):  # parents come after their children
        for child in tree.children[node - num_words]:
            depth[child] = depth[node] + 1
    return np.array(depth[:num_words])


def shuffle_words(trees: Sequence[Tree], seed: int = 1) -> list[Tree]:
    """The same trees with the words of each text in random order.

    The influence then depends on the position alone, not on which words stand there (the last word
    of most sentences is a full stop).
    """
    random = np.random.default_rng(seed)
    return [Tree(tuple(random.permutation(tree.words).tolist()), tree.children) for tree in trees]


def summarize(
    name: str, texts: Sequence[TextInfluence], min_texts: int = MIN_TEXTS
) -> CorpusInfluence:
    """Combine the texts of a corpus, at least one; ``name`` is the model's, ``min_texts`` as in
    ``decay``."""
    by_distance = decay(((text.distances, text.norms) for text in texts), min_texts)
    return CorpusInfluence(
        name=name,
        texts=len(texts),
        by_distance=by_distance,
        by_words_after=decay(((text.words_after, text.norms) for text in texts), min_texts),
        first_words=float(np.mean([text.fractions[:EDGE_WORDS].sum() for text in texts])),
        last_words=float(np.mean([text.fractions[-EDGE_WORDS:].sum() for text in texts])),
        uniform=float(np.mean([min(1, EDGE_WORDS / len(text.words)) for text in texts])),
        half_distance=next((p.distance for p in by_distance if p.relative <= 0.5), None),
    )


def decay(
    texts: Iterable[tuple[np.ndarray, np.ndarray]], min_texts: int = MIN_TEXTS
) -> tuple[DecayPoint, ...]:
    """Mean gradient norm by distance.

    Norms vary by orders of magnitude, so logarithms are averaged. Texts differ in their norms and
    in the distances they have, so a two-way additive model is fitted by least squares::

        mean log norm of a text at a distance = effect of the text + effect of the distance

    and the effects of the distances are returned. Norms that decay exponentially with the distance
    give that exponential, whatever the lengths of the texts.

    Args:
        texts: for each text the distances and the norms of its words, ``[n]`` each.
        min_texts: distances in fewer texts are left out.

    Returns:
        Points by increasing distance; the first has ``relative`` 1.

    >>> texts = [(np.arange(n)[::-1], n * 0.5 ** np.arange(n)[::-1]) for n in (1, 2, 3)]
    >>> [round(point.relative, 6) for point in decay(texts, min_texts=1)]
    [1.0, 0.5, 0.25]
    """
    pairs = [(distances, np.log(np.maximum(norms, _MIN_NORM))) for distances, norms in texts]
    width = 1 + max((int(distances.max()) for distances, _ in pairs), default=0)
    counts = np.array([np.bincount(distances, minlength=width) for distances, _ in pairs])
    sums = np.array([np.bincount(distances, logs, width) for distances, logs in pairs])
    distances = np.flatnonzero((counts > 0).sum(0) >= min_texts)
    counts, sums = counts[:, distances], sums[:, distances]
    used = counts.any(1)  # texts
    present = (counts[used] > 0).astype(float)
    logs = sums[used] / np.maximum(counts[used], 1)
    # Eliminate the effects of the texts, then solve the normal equations for the distances.
    weights = present / present.sum(1, keepdims=True)
    num_texts = present.sum(0)
    matrix = np.diag(num_texts) - present.T @ weights
    right_side = logs.sum(0) - present.T @ (weights * logs).sum(1)
    effects = np.linalg.lstsq(matrix, right_side, rcond=None)[0]
    relative = np.exp(effects - effects[:1])
    columns = (distances, relative, num_texts.astype(int))
    return tuple(DecayPoint(*row) for row in zip(*map(np.ndarray.tolist, columns), strict=True))
