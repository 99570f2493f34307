"""How far a word's influence reaches: the gradient of the output at each word of the input.

The influence of a word is the norm of the gradient of the winning class's score, before the
softmax, at the word's vector. Through a recurrent net it is a product of one factor per step, and
so falls, or grows, as a power of the distance (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov &
Bengio 2013, section 2). The distance is counted in edges of the graph: steps to the end of a
chain, depth in a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length
from treernn.cells import CELLS
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.tree_classifier import TreeClassifier
from treernn.types import LABELS, Tree

Structured = TreeClassifier | ChainClassifier

LEAST_TEXTS = 50
"""Distances that fewer texts of a corpus have are left out."""

FIVE = 5
_WORDS_PER_BATCH = 4096
_SMALLEST = 1e-30  # a norm that is nothing still has a logarithm


@dataclass(frozen=True, eq=False)
class Influence:
    """The words of one text, and how much each moves the output.

    Attributes:
        words: n words.
        label: the winning class, 0..4.
        norms: ``[n]`` float64, of the gradient of that class's score at each word's vector.
        distances: ``[n]`` edges between each word's node and the one that the classifier reads.
    """

    words: tuple[str, ...]
    label: int
    norms: np.ndarray
    distances: np.ndarray

    @property
    def from_end(self) -> np.ndarray:
        """``[n]`` how many words come after each."""
        return np.arange(len(self.words))[::-1]

    @property
    def shares(self) -> np.ndarray:
        """``[n]`` each word's part of the sum of the norms."""
        total = self.norms.sum()
        return self.norms / total if total else np.full(len(self.words), 1 / len(self.words))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "words": self.words,
            "label": LABELS[self.label],
            "norms": [float(f"{norm:.6g}") for norm in self.norms.tolist()],
            "distances": self.distances.tolist(),
        }


class Point(NamedTuple):
    """How much is left at a distance.

    Attributes:
        distance: in edges, or in words from the end.
        relative: the norm, that of the first point being 1.
        texts: how many have words at this distance.
    """

    distance: int
    relative: float
    texts: int


@dataclass(frozen=True)
class Summary:
    """The influence of words in a corpus on one model's output.

    Attributes:
        name: of the model.
        texts: how many.
        by_distance: what is left at each distance in the model's own graph.
        by_place: the same by words from the end of the text.
        first, last: mean share of the first and of the last five words in a text's sum of norms.
        even: what both would be if all words of a text had the same.
        halved: the first distance at which half or less is left; None where none is.
    """

    name: str
    texts: int
    by_distance: tuple[Point, ...]
    by_place: tuple[Point, ...]
    first: float
    last: float
    even: float
    halved: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {
            "by_distance": [point._asdict() for point in self.by_distance],
            "by_place": [point._asdict() for point in self.by_place],
        }


def name(model: Structured) -> str:
    """What a model is, in words.

    >>> from treernn.models.chain_classifier import ChainConfig
    >>> name(ChainClassifier(ChainConfig(2, 2, cell="elman", layers=2), ("<unk>",)))
    'Elman chain, 2 layers'
    """
    cell = CELLS[model.config.cell].title
    if isinstance(model, TreeClassifier):
        return f"{cell} tree"
    config = model.config
    layers = f", {config.layers} layers" if config.layers > 1 else ""
    return f"{cell} chain{', both directions' if config.bidirectional else ''}{layers}"


def influences(model: Structured, trees: Sequence[Tree]) -> list[Influence]:
    """The influence of every word of every text on the output for the whole text.

    Args:
        model: in any mode; dropout is left out.
        trees: labels are not looked at; of a chain's texts the words alone are.

    Raises:
        InputError: a node has more children than the model's cell takes.
    """
    results: dict[int, Influence] = {}
    was_training = model.training
    model.eval()
    try:
        lengths = [len(tree.words) for tree in trees]
        for numbers in bucket_by_length(lengths, max_total=_WORDS_PER_BATCH):
            chosen = [trees[i] for i in numbers]
            norms, labels = _norms(model, chosen)
            ends = np.cumsum([len(tree.words) for tree in chosen])
            for i, tree, label, of_text in zip(
                numbers, chosen, labels, np.split(norms, ends[:-1]), strict=True
            ):
                results[i] = Influence(tree.words, label, of_text, _distances(model, tree))
    finally:
        model.train(was_training)
    return [results[i] for i in range(len(trees))]


def _norms(model: PhraseClassifier, trees: Sequence[Tree]) -> tuple[np.ndarray, list[int]]:
    """Of a batch: norms, word after word and text after text, and each text's class.

    Texts do not see one another, so the gradient of the sum of their scores is that of each.
    """
    examples = model.encode_roots(trees)
    batch = model.collate(examples).to(model.device)
    seen: list[Tensor] = []

    def keep(_module: nn.Module, _rows: Any, vectors: Tensor) -> Tensor:
        seen.append(vectors.detach().requires_grad_())
        return seen[0]

    hook = model.get_submodule("embedding").register_forward_hook(keep)
    try:
        scores = model.to_tree_order(model(batch), batch)
    finally:
        hook.remove()
    roots = np.cumsum([len(example.labels) for example in examples]) - 1
    best = scores[torch.from_numpy(roots)].max(1)
    (gradient,) = torch.autograd.grad(best.values.sum(), seen)
    return gradient.norm(dim=1).double().cpu().numpy(), best.indices.tolist()


def _distances(model: Structured, tree: Tree) -> np.ndarray:
    num_words = len(tree.words)
    if isinstance(model, TreeClassifier):
        return depths(tree)
    steps = np.arange(num_words)
    to_end = steps[::-1]
    # In both directions the classifier reads both ends: the nearer one counts.
    return np.minimum(steps, to_end) if model.config.bidirectional else to_end


def depths(tree: Tree) -> np.ndarray:
    """``[words]`` edges between each word and the root.

    >>> depths(Tree(("not", "bad", "."), ((0, 1), (3, 2)))).tolist()
    [2, 2, 1]
    """
    num_words = len(tree.words)
    found = [0] * tree.num_nodes
    for node in range(tree.root, num_words - 1, -1):  # parents come after their children
        for child in tree.children[node - num_words]:
            found[child] = found[node] + 1
    return np.array(found[:num_words])


def shuffled(trees: Sequence[Tree], seed: int = 1) -> list[Tree]:
    """The same trees, whose words trade places within each text: what falls with the distance then
    does so for its own sake, and not because other words stand there, such as full stops."""
    random = np.random.default_rng(seed)
    return [Tree(tuple(random.permutation(tree.words).tolist()), tree.children) for tree in trees]


def summary(name: str, found: Sequence[Influence], least: int = LEAST_TEXTS) -> Summary:
    """Put the texts of a corpus together.

    Args:
        name: what to call the model.
        found: of at least one text.
        least: see ``fall``.
    """
    by_distance = fall(((text.distances, text.norms) for text in found), least)
    return Summary(
        name=name,
        texts=len(found),
        by_distance=by_distance,
        by_place=fall(((text.from_end, text.norms) for text in found), least),
        first=float(np.mean([text.shares[:FIVE].sum() for text in found])),
        last=float(np.mean([text.shares[-FIVE:].sum() for text in found])),
        even=float(np.mean([min(1, FIVE / len(text.words)) for text in found])),
        halved=next((point.distance for point in by_distance if point.relative <= 0.5), None),
    )


def fall(
    texts: Iterable[tuple[np.ndarray, np.ndarray]], least: int = LEAST_TEXTS
) -> tuple[Point, ...]:
    """What is left of the norm at each distance.

    A gradient is a product of a factor per edge, and in a few texts it grows a thousandfold, which
    would be all that a plain mean shows: so logarithms are put together. Texts differ in their
    gradients and in the distances that they have: so by least squares

        log norm of a text's words at a distance = what the text has + what the distance has,

    and the result is the distance's part. Norms that fall as a power of the distance give that
    power, whatever the texts' lengths.

    Args:
        texts: of each text the words' distances and norms.
        least: how many texts must have words at a distance for it to count.

    Returns:
        Points by distance, the first 1.

    >>> lengths = [(np.arange(n)[::-1], n * 0.5 ** np.arange(n)[::-1]) for n in (1, 2, 3)]
    >>> [round(point.relative, 6) for point in fall(lengths, least=1)]
    [1.0, 0.5, 0.25]
    """
    pairs = [(distances, np.log(np.maximum(norms, _SMALLEST))) for distances, norms in texts]
    width = 1 + max((int(distances.max()) for distances, _ in pairs), default=0)
    counts = np.array([np.bincount(distances, minlength=width) for distances, _ in pairs])
    sums = np.array([np.bincount(distances, logs, width) for distances, logs in pairs])
    at = np.flatnonzero((counts > 0).sum(0) >= least)
    counts, sums = counts[:, at], sums[:, at]
    some = counts.any(1)
    there = (counts[some] > 0).astype(float)
    logs = sums[some] / np.maximum(counts[some], 1)
    # The texts' parts are eliminated, and the normal equations solved for the distances'.
    own = there / there.sum(1, keepdims=True)
    texts_at = there.sum(0)
    matrix = np.diag(texts_at) - there.T @ own
    parts = np.linalg.lstsq(matrix, logs.sum(0) - there.T @ (own * logs).sum(1), rcond=None)[0]
    left = np.exp(parts - parts[:1]).tolist()
    return tuple(map(Point, at.tolist(), left, texts_at.astype(int).tolist()))
