"""Sentiment at every node of a tree: words in at the leaves of a parse tree, or at all nodes of a
dependency tree; a distribution out everywhere.

The Tree-LSTMs of Tai et al. (2015) with the softmax classifier at every node of Socher et al.
(2013); any other cell of the engine takes the Tree-LSTM's place.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells.child_sum_lstm import ChildSumLSTM
from treernn.cells.elman import Elman
from treernn.cells.gru import GRU
from treernn.cells.lstm import LSTM
from treernn.cells.matrix_vector import MatrixVector
from treernn.cells.memory import MemoryCell
from treernn.cells.rntn import RNTN
from treernn.engine import Backend, run
from treernn.errors import InputError
from treernn.models.dropout import dropout
from treernn.models.folder import load_model, save_folder
from treernn.models.inference import inference
from treernn.models.vocabulary import Vocabulary
from treernn.structure import structure
from treernn.structure.plan import Plan, compile_plan, graph_library
from treernn.types import LABELS, UNLABELLED, AnyTree, Tree

KIND = "tree-classifier"
CELLS = {
    "lstm": LSTM,
    "child-sum-lstm": ChildSumLSTM,
    "gru": GRU,
    "elman": Elman,
    "rntn": RNTN,
    "matrix-vector": MatrixVector,
}

# Nodes per batch when nothing is learnt: past this larger products gain nothing.
_NODES_PER_BATCH = 8192


@dataclass(frozen=True)
class ClassifierConfig:
    """What a classifier is made of.

    Attributes:
        embedding_size: numbers per word vector.
        hidden_size: numbers per node state.
        cell: the merge rule: ``lstm`` (binary Tree-LSTM), ``child-sum-lstm``, ``gru``, ``elman``,
            ``rntn`` or ``matrix-vector`` (these four binary).
        both: whether a second cell of that kind runs from the root down over the states of the
            first, so that a phrase is seen in its sentence; the classifier sees both states.
        dropout: share of a word vector's numbers, and of a state's before the classifier, that
            training leaves out.
        recurrent_dropout: share of what a node adds to its memory that training leaves out; of the
            cells with a memory gate, ``lstm`` and ``child-sum-lstm``.
        temperature: what scores are divided by before the softmax (Guo et al. 2017), so that
            probabilities are as often right as they say; no class becomes another.

    Raises:
        InputError: a value that no classifier can have.
    """

    embedding_size: int
    hidden_size: int = 150
    cell: str = "lstm"
    both: bool = False
    dropout: float = 0.5
    recurrent_dropout: float = 0.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("embedding_size", "hidden_size"):
            size = getattr(self, name)
            if type(size) is not int or size < 1:
                raise InputError(f"{name} is {size!r}, expected a whole number, at least 1")
        if self.cell not in CELLS:
            raise InputError(f"cell is {self.cell!r}, expected one of {', '.join(CELLS)}")
        if type(self.both) is not bool:
            raise InputError(f"both is {self.both!r}, expected true or false")
        for name in ("dropout", "recurrent_dropout"):
            share = getattr(self, name)
            if type(share) not in (int, float) or not 0 <= share < 1:
                raise InputError(f"{name} is {share!r}, expected from 0 to below 1")
        if self.recurrent_dropout and not issubclass(CELLS[self.cell], MemoryCell):
            raise InputError(f"recurrent_dropout is of the LSTM cells, {self.cell} has no memory")
        if type(self.temperature) not in (int, float) or not 0 < self.temperature < math.inf:
            raise InputError(f"temperature is {self.temperature!r}, expected more than 0")


class Example(NamedTuple):
    """A tree ready to be batched.

    Attributes:
        graph: what the graph library built.
        words: rows of the embedding table for the nodes that see a word, in the tree's order:
            ``[leaves]`` of a parse tree, ``[nodes]`` of a dependency tree.
        labels: ``[nodes]`` classes, -1 where there is none.
    """

    graph: Any
    words: np.ndarray
    labels: np.ndarray


class Batch(NamedTuple):
    """Trees ready for the model.

    Attributes:
        plan: the trees' structure, compiled.
        words: rows of the embedding table for the nodes that see a word, which are the first
            of the plan: ``[leaves]``, or ``[nodes]`` of dependency trees.
        labels: ``[nodes]`` classes in plan order, -1 where there is none.
    """

    plan: Plan
    words: Tensor
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return Batch(self.plan.to(device), self.words.to(device), self.labels.to(device))


class TreeClassifier(nn.Module):
    """Embeddings, a cell, a softmax at every node.

    Args:
        config: sizes and cell.
        words: the vocabulary, row by row; row 0 stands for unknown words.
    """

    def __init__(self, config: ClassifierConfig, words: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = Vocabulary(words)
        self.embedding = nn.Embedding(len(words), config.embedding_size, sparse=True)
        size = config.hidden_size
        self.cell = CELLS[config.cell](config.embedding_size, size)
        if config.both:
            self.cell_down = CELLS[config.cell](size, size)
        for cell in self.children():
            if isinstance(cell, MemoryCell):
                cell.recurrent_dropout = config.recurrent_dropout
        self.classifier = nn.Linear(2 * size if config.both else size, len(LABELS))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.classifier.weight.device

    def examples(self, trees: Sequence[AnyTree], library: ModuleType) -> list[Example]:
        """Look up the words of ``trees`` and build their graphs with ``library``."""
        return [
            Example(
                library.build(_structure(tree)),
                self.vocabulary.ids(tree.words),
                np.array(tree.labels or [UNLABELLED] * tree.num_nodes, dtype=np.int64),
            )
            for tree in trees
        ]

    @staticmethod
    def batch(examples: Sequence[Example], library: ModuleType) -> Batch:
        """Batch at least one example into a plan; on the CPU.

        Raises:
            InputError: some are parse trees, some dependency trees.
        """
        plan = compile_plan([example.graph for example in examples], library)
        # Level 0 of a plan keeps its nodes in the batch's order, and a tree's leaves are in the
        # order of its words: the words of parse trees need no renumbering.
        words = torch.from_numpy(np.concatenate([example.words for example in examples]))
        if len(words) == plan.num_nodes:
            words = words[plan.order]
        elif len(words) != plan.num_leaves:
            raise InputError("parse trees and dependency trees in one batch, give them apart")
        labels = torch.from_numpy(np.concatenate([example.labels for example in examples]))
        return Batch(plan, words, labels[plan.order])

    def forward(self, batch: Batch, backend: Backend = "levels") -> Tensor:
        """Scores before the softmax, ``[nodes, 5]`` in plan order."""
        h = self._states(batch, backend)
        return self.classifier(dropout(h, self._dropout_now))

    def _states(self, batch: Batch, backend: Backend = "levels") -> Tensor:
        """What the classifier sees, ``[nodes, hidden_size]`` in plan order, or twice as much."""
        x = dropout(self.embedding(batch.words), self._dropout_now)
        h = run(self.cell, batch.plan, x, backend).h
        if not self.config.both:
            return h
        down = batch.plan.downward
        return torch.cat([h, run(self.cell_down, down, h[down.order], backend).h[down.rank]], 1)

    @property
    def _dropout_now(self) -> float:
        return self.config.dropout if self.training else 0

    def distributions(self, trees: Sequence[AnyTree]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node.

        Args:
            trees: any number, all parse trees or all dependency trees; labels are not looked at.

        Returns:
            For each tree float32 ``[nodes, 5]`` in the order of the tree's own node numbers. Rows
            sum to one.

        Raises:
            InputError: a node has more children than the cell takes.
        """
        temperature = self.config.temperature
        return self._at_nodes(trees, lambda batch: (self(batch) / temperature).softmax(1))

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
        return self._at_nodes(trees, self._states)

    def _at_nodes(
        self, trees: Sequence[AnyTree], function: Callable[[Batch], Tensor]
    ) -> list[np.ndarray]:
        """For each tree the rows ``[nodes, any]`` of a function of batches, without learning."""
        library = graph_library("arrays")
        results: list[np.ndarray] = [np.empty(0)] * len(trees)
        # Trees of one size have levels of like height: fewer and larger levels per batch.
        by_size = sorted(range(len(trees)), key=lambda i: trees[i].num_nodes)
        with inference(self):
            for chosen in _cut([trees[i].num_nodes for i in by_size], _NODES_PER_BATCH):
                numbers = by_size[chosen]
                batch = self.batch(self.examples([trees[i] for i in numbers], library), library)
                found = function(batch.to(self.device)).cpu()[batch.plan.rank].numpy()
                ends = np.cumsum([trees[i].num_nodes for i in numbers])
                for i, rows in zip(numbers, np.split(found, ends[:-1]), strict=True):
                    results[i] = rows
        return results

    def save(self, path: str | os.PathLike[str], compact: bool = False, **about: Any) -> None:
        """Write the model as a folder.

        Args:
            path: the folder, replaced whole if it is there.
            compact: store the word vectors in half precision.
            about: further settings for ``config.json``: how the model was made.
        """
        tensors = dict(self.state_dict())
        if compact:
            tensors["embedding.weight"] = tensors["embedding.weight"].half()
        config = {"model": asdict(self.config), **about}
        save_folder(
            path, kind=KIND, config=config, vocabulary=self.vocabulary.words, tensors=tensors
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TreeClassifier:
        """Read a model folder; the model is ready to score, on the CPU.

        Raises:
            ModelError: the folder is missing, damaged, or holds something else.
        """
        return load_model(
            path,
            KIND,
            lambda folder: cls(ClassifierConfig(**folder.config["model"]), folder.vocabulary),
        )


def _structure(tree: AnyTree) -> structure.Structure:
    return structure.tree(tree) if isinstance(tree, Tree) else structure.dependency(tree)


def _cut(sizes: Sequence[int], limit: int) -> list[slice]:
    """Consecutive runs whose sizes sum to at most ``limit``, or that are a single one."""
    runs, start, total = [], 0, 0
    for i, size in enumerate(sizes):
        if i > start and total + size > limit:
            runs.append(slice(start, i))
            start, total = i, 0
        total += size
    if sizes:
        runs.append(slice(start, len(sizes)))
    return runs
