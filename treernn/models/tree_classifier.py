"""Sentiment at every node of a tree.

The Tree-LSTM of Tai et al. (2015) with a softmax at every node (Socher et al. 2013), or any other
cell of the engine. Words are the inputs of the leaves of a parse tree, or of all nodes of a
dependency tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import batch_nodes, bucket_by_length, map_batches
from treernn.cells import CELLS
from treernn.cells.dropout import dropout
from treernn.cells.memory import MemoryCell
from treernn.checks import check_bools, check_cell, check_fractions, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.engine import Backend, inference, run
from treernn.errors import InputError
from treernn.models.compounds import expand
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig, label_array
from treernn.models.shared_phrases import share
from treernn.models.stored_model import finite
from treernn.models.word_embeddings import ComposedWords, WordTable
from treernn.structure import Plan, Structure, compile_plan, dependency, tree
from treernn.transfer import to_device
from treernn.types import LABELS, AnyTree, Tree


@dataclass(frozen=True)
class TreeConfig(PhraseConfig):
    """Configuration of a tree classifier; see ``PhraseConfig`` for more.

    Attributes:
        hidden_size: dimension of the node states.
        cell: a name of ``treernn.cells.CELLS``; ``lstm`` is the binary Tree-LSTM.
        bidirectional: run a second cell from the root down, over the states of the first, so that
            the state of a phrase depends on its context; the classifier gets both states.
        recurrent_dropout: dropout probability of the updates of the memory; for cells with a memory
            only.
    """

    hidden_size: int = 150
    cell: str = "lstm"
    bidirectional: bool = False
    recurrent_dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(self, "hidden_size")
        check_cell(self, CELLS)
        check_bools(self, "bidirectional")
        check_fractions(self, "recurrent_dropout")
        if self.recurrent_dropout and not issubclass(CELLS[self.cell], MemoryCell):
            raise InputError(f"recurrent_dropout needs an LSTM cell, {self.cell} has no memory")


class Example(NamedTuple):
    """An encoded tree.

    Attributes:
        structure: its graph.
        words: encoded by the model's embedding.
        words_at_leaves: as in a parse tree; in a dependency tree every node is a word.
        labels: ``[nodes]`` classes, or -1.
        size: number of nodes.
        nodes: ``[nodes of the tree]`` their nodes in ``structure``, if it has more: those of
            compounds, see ``treernn.models.compounds``.
    """

    structure: Structure
    words: Any
    words_at_leaves: bool
    labels: np.ndarray
    size: int
    nodes: np.ndarray | None = None


class Batch(NamedTuple):
    """Collated trees.

    Attributes:
        plan: their compiled structure.
        words: collated by the model's embedding.
        words_at_leaves: see ``Example``.
        labels: ``[nodes]`` classes in plan order, or -1.
    """

    plan: Plan
    words: Any
    words_at_leaves: bool
    labels: Tensor


class TreeClassifier(PhraseClassifier):
    """Embeddings, a cell, a softmax at every node; see ``PhraseClassifier``."""

    KIND, CONFIG = "tree-classifier", TreeConfig

    def __init__(self, config: TreeConfig, words: Sequence[str] | Encoder) -> None:
        super().__init__(config, words)
        size = config.hidden_size
        self.cell = CELLS[config.cell](config.embedding_size, size)
        if config.bidirectional:
            self.cell_down = CELLS[config.cell](size, size)
        for cell in self.children():
            if isinstance(cell, MemoryCell):
                cell.recurrent_dropout = config.recurrent_dropout
        self.classifier = nn.Linear(2 * size if config.bidirectional else size, len(LABELS))

    def encode(self, trees: Sequence[AnyTree]) -> list[Example]:
        """See ``PhraseClassifier``; parse trees or dependency trees."""
        words = self.embedding.encode([tree.words for tree in trees])
        examples = _examples(trees, words)
        if isinstance(self.embedding, WordTable):
            for place, (tree, encoded) in enumerate(zip(trees, words, strict=True)):
                # Unknown words may be compounds.
                if isinstance(encoded, ComposedWords) and isinstance(tree, Tree):
                    expansion = expand(tree, self.embedding.split)
                    if expansion is not None:
                        examples[place] = self._expanded(*expansion)
        return examples

    def _rows(
        self, trees: Sequence[AnyTree], function: Callable[[Any], Tensor], roots: bool = False
    ) -> list[np.ndarray]:
        """See ``PhraseClassifier``; equal phrases are computed once where no other words count."""
        in_context = self.config.bidirectional or not isinstance(self.embedding, WordTable)
        if in_context or not all(isinstance(tree, Tree) for tree in trees):
            return super()._rows(trees, function, roots)
        sizes = [len(tree.words) + len(tree.children) for tree in trees]

        def run(indices: Sequence[int]) -> np.ndarray:
            return self._shared_rows([trees[index] for index in indices], function)

        batches = bucket_by_length(sizes, max_total=batch_nodes(self.device))
        with inference(self):
            return map_batches(batches, sizes, run)

    def _shared_rows(self, trees: Sequence[Any], function: Callable[[Batch], Tensor]) -> np.ndarray:
        """The rows of the nodes of all parse trees, tree after tree."""
        assert isinstance(self.embedding, WordTable)
        shared = share(trees, self.embedding.split)
        plan = compile_plan([shared.structure], "arrays")
        self.prepare(plan)
        words = self.embedding.collate(self.embedding.encode([shared.words]))
        no_labels = torch.empty(0, dtype=torch.int64)
        batch = to_device(Batch(plan, words, True, no_labels), self.device)
        rows = finite(self.to_tree_order(function(batch), batch)).cpu().numpy()
        return rows[shared.nodes]

    def _expanded(self, tree: Tree, nodes: np.ndarray) -> Example:
        assert isinstance(self.embedding, WordTable)
        [example] = _examples([tree], self.embedding.encode([tree.words]))
        return example._replace(nodes=nodes)

    def _map(self, examples: Sequence[Any], function: Callable[[Any], Tensor]) -> list[np.ndarray]:
        rows = super()._map(examples, function)
        return [
            of_tree if example.nodes is None else of_tree[example.nodes]
            for of_tree, example in zip(rows, examples, strict=True)
        ]

    def encode_training(
        self,
        trees: Sequence[AnyTree],
        every_phrase: bool = False,  # noqa: ARG002
    ) -> list[Example]:
        """See ``PhraseClassifier``; all nodes, since labelled ones depend on the others."""
        return _examples(trees, self.embedding.encode_training([tree.words for tree in trees]))

    def collate(self, examples: Sequence[Example]) -> Batch:
        """See ``PhraseClassifier``.

        Raises:
            InputError: parse trees and dependency trees in one batch.
        """
        words_at_leaves = examples[0].words_at_leaves
        if any(example.words_at_leaves != words_at_leaves for example in examples):
            raise InputError("a batch cannot have both parse trees and dependency trees")
        # Training uses dgl where it is installed; scoring avoids its slow import.
        structures = [example.structure for example in examples]
        plan = compile_plan(structures, None if self.training else "arrays")
        self.prepare(plan)
        words = self.embedding.collate([example.words for example in examples])
        labels = torch.from_numpy(np.concatenate([example.labels for example in examples]))
        return Batch(plan, words, words_at_leaves, labels[plan.order])

    def prepare(self, plan: Plan) -> None:
        """Compute the indices that the cells need of a plan."""
        self.cell.prepare(plan)
        if self.config.bidirectional:
            self.cell_down.prepare(plan.top_down)

    def forward(self, batch: Batch, backend: Backend = "auto") -> Tensor:
        """Logits, ``[nodes, 5]`` in plan order."""
        return self.classifier(self.features(batch, backend))

    def features(self, batch: Batch, backend: Backend = "auto") -> Tensor:
        """Node states, ``[nodes, hidden_size]`` in plan order; twice the size if bidirectional."""
        plan = batch.plan
        x = self.embedding(batch.words)
        if not batch.words_at_leaves:  # level 0 of a plan has the leaves in order of the words
            x = x[plan.order]
        if self.training:
            x = dropout(x, self.config.dropout)
        h = run(self.cell, plan, x, backend).h
        if self.config.bidirectional:
            down = plan.top_down
            h_down = run(self.cell_down, down, h[down.order], backend).h[down.rank]
            h = torch.cat([h, h_down], 1)
        return dropout(h, self.config.dropout) if self.training else h

    def to_tree_order(self, rows: Tensor, batch: Batch) -> Tensor:
        """See ``PhraseClassifier``; batch order is plan order."""
        return rows[batch.plan.rank]

    def to_batch_order(self, rows: Tensor, batch: Batch) -> Tensor:
        """See ``PhraseClassifier``; batch order is plan order."""
        return rows[batch.plan.order]

    def states(self, trees: Sequence[AnyTree]) -> list[np.ndarray]:
        """The state of every node.

        Args:
            trees: all parse trees or all dependency trees; labels are ignored.

        Returns:
            For each tree float32 ``[nodes, hidden_size]``, in the order of its nodes; if
            bidirectional, states of the upward and the downward cell are concatenated.

        Raises:
            InputError: a node has more children than the cell takes.
        """
        return self._rows(trees, self.features)


def _examples(trees: Sequence[AnyTree], encoded_words: Sequence[Any]) -> list[Example]:
    examples = []
    for parsed, words in zip(trees, encoded_words, strict=True):
        structure = tree(parsed) if isinstance(parsed, Tree) else dependency(parsed)
        labels = label_array(parsed.labels, structure.num_nodes)
        examples.append(Example(structure, words, isinstance(parsed, Tree), labels, len(labels)))
    return examples
