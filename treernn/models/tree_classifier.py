"""Sentiment at every node of a tree: words in at the leaves of a parse tree, or at all nodes of a
dependency tree; a distribution out everywhere.

The Tree-LSTMs of Tai et al. (2015) with the softmax classifier at every node of Socher et al.
(2013); any other cell of the engine takes the Tree-LSTM's place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import CELLS
from treernn.cells.dropout import dropout
from treernn.cells.memory import MemoryCell
from treernn.checks import check_bools, check_cell, check_fractions, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.engine import Backend, run
from treernn.errors import InputError
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig, labels_of
from treernn.structure import Plan, Structure, compile_plan, dependency, tree
from treernn.types import LABELS, AnyTree, Tree


@dataclass(frozen=True)
class TreeConfig(PhraseConfig):
    """What a tree classifier is made of, beside what ``PhraseConfig`` has.

    Attributes:
        hidden_size: numbers per node state.
        cell: the merge rule: ``lstm`` (binary Tree-LSTM), ``child-sum-lstm``, ``gru``, ``elman``,
            ``rntn`` or ``matrix-vector`` (these four binary).
        bidirectional: whether a second cell runs from the root down over the states of the first,
            so that a phrase is seen in its sentence; the classifier sees both states.
        recurrent_dropout: share of what a node adds to its memory that training leaves out; of the
            cells with a memory gate, ``lstm`` and ``child-sum-lstm``.
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
            raise InputError(f"recurrent_dropout is of the LSTM cells, {self.cell} has no memory")


class Example(NamedTuple):
    """A tree ready to be batched.

    Attributes:
        structure: the graph of the tree.
        words: for the nodes that see one, in the tree's order, as the word vectors' ``encode``
            gives them: the leaves of a parse tree, the nodes of a dependency tree.
        num_words: how many.
        labels: ``[nodes]`` classes, -1 where there is none.
    """

    structure: Structure
    words: Any
    num_words: int
    labels: np.ndarray

    @property
    def size(self) -> int:
        """Nodes."""
        return len(self.labels)


class Batch(NamedTuple):
    """Trees ready for the model.

    Attributes:
        plan: the trees' structure, compiled.
        words: of all trees, as the word vectors' ``collate`` gives them.
        labels: ``[nodes]`` classes in plan order, -1 where there is none.
    """

    plan: Plan
    words: Any
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return Batch(self.plan.to(device), self.words.to(device), self.labels.to(device))


class TreeClassifier(PhraseClassifier):
    """Embeddings, a cell, a softmax at every node."""

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
        """Look up the words of ``trees``, all parse trees or all dependency trees."""
        words = self.embedding.encode([tree.words for tree in trees])
        return _examples(trees, words)

    def encode_training(self, trees: Sequence[AnyTree]) -> list[Example]:
        """All nodes, as those with labels need those without."""
        words = self.embedding.encode_training([tree.words for tree in trees])
        return _examples(trees, words)

    def collate(self, examples: Sequence[Example]) -> Batch:
        """Batch at least one example into a plan; on the CPU.

        Raises:
            InputError: some are parse trees, some dependency trees.
        """
        # Graphs of dgl for training, where it is installed; scoring does not wait for its import.
        structures = [example.structure for example in examples]
        plan = compile_plan(structures, None if self.training else "arrays")
        if sum(example.num_words for example in examples) not in (plan.num_leaves, plan.num_nodes):
            raise InputError("parse trees and dependency trees in one batch, give them apart")
        words = self.embedding.collate([example.words for example in examples])
        labels = torch.from_numpy(np.concatenate([example.labels for example in examples]))
        return Batch(plan, words, labels[plan.order])

    def forward(self, batch: Batch, backend: Backend = "levels") -> Tensor:
        """Scores before the softmax, ``[nodes, 5]`` in plan order."""
        return self.classifier(self.features(batch, backend))

    def features(self, batch: Batch, backend: Backend = "levels") -> Tensor:
        """The states, ``[nodes, hidden_size]`` in plan order, or twice as much."""
        x = self.embedding(batch.words)
        # Level 0 of a plan keeps its nodes in the batch's order, and a tree's leaves are in the
        # order of its words: the words of parse trees need no renumbering.
        if len(x) == batch.plan.num_nodes:
            x = x[batch.plan.order]
        x = dropout(x, self.dropout)
        h = run(self.cell, batch.plan, x, backend).h
        if self.config.bidirectional:
            down = batch.plan.top_down
            below = run(self.cell_down, down, h[down.order], backend).h[down.rank]
            h = torch.cat([h, below], 1)
        return dropout(h, self.dropout)

    def to_tree_order(self, rows: Tensor, batch: Batch) -> Tensor:
        """Rows in plan order, put into that of the trees' nodes."""
        return rows[batch.plan.rank]

    def to_batch_order(self, rows: Tensor, batch: Batch) -> Tensor:
        """Rows in the order of the trees' nodes, put into plan order."""
        return rows[batch.plan.order]

    def states(self, trees: Sequence[AnyTree]) -> list[np.ndarray]:
        """The state of every node, of which the classifier makes the distribution.

        Args:
            trees: any number, all parse trees or all dependency trees; labels are not looked at.

        Returns:
            For each tree float32 ``[nodes, hidden_size]``, ordered as ``distributions``; twice as
            wide where the model runs down too, first the states from below.

        Raises:
            InputError: a node has more children than the cell takes.
        """
        return self._rows(self.encode(trees), self.features)


def _examples(trees: Sequence[AnyTree], words: Sequence[Any]) -> list[Example]:
    return [
        Example(_structure(tree), each, len(tree.words), labels_of(tree))
        for tree, each in zip(trees, words, strict=True)
    ]


def _structure(parsed: AnyTree) -> Structure:
    return tree(parsed) if isinstance(parsed, Tree) else dependency(parsed)
