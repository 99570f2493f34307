"""The speed of chains, compared with the LSTM, GRU and RNN of torch on packed sequences.

The final states of sentences are classified; see ``treernn.studies.benchmarks.common``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from treernn.cells import CHAIN_CELLS
from treernn.corpora import sst
from treernn.errors import InputError
from treernn.models.recurrent import Recurrent, compile_sequences
from treernn.studies.benchmarks.common import (
    BATCH_SIZES,
    HIDDEN_SIZE,
    INPUT_SIZE,
    Classifier,
    Row,
    check_equal,
    check_repeats,
    medians,
)
from treernn.studies.machine import device_name, machine
from treernn.studies.report import Report, table
from treernn.types import Tree

# The blocks of a cell's weights in the order of torch's: of W and the bias, and of U.
_TORCH_ORDER = {
    "elman": ((0,), (0,)),
    "gru": ((1, 2, 0), (0, 1, 2)),
    "lstm": ((2, 3, 0, 1), (2, 3, 0, 1)),
}


Example = tuple[Tensor, int]  # [T] rows of the word vectors; the class of the sentence


def bench(
    cell: str = "lstm",
    repeats: int = 20,
    source: str | os.PathLike[str] | None = None,
    device: torch.device | str = "cpu",
) -> Report:
    """Measure training and inference at all batch sizes.

    Args:
        cell: ``"lstm"``, ``"gru"`` or ``"elman"``.
        repeats: measured steps per row.
        source: the treebank; see ``treernn.corpora.sst.load``.
        device: where to measure; on a GPU torch's layers are those of cuDNN.

    Raises:
        InputError: no such cell, or no repeats.
        MissingDataError: the treebank is missing.
    """
    if cell not in CHAIN_CELLS:
        raise InputError(f"no cell {cell!r}, expected one of {', '.join(CHAIN_CELLS)}")
    check_repeats(repeats)
    examples, vectors = examples_of(sst.load("train", source))
    engine, reference = both(cell, vectors.to(device), examples[: max(BATCH_SIZES)])
    rows = [
        Row(cell, HIDDEN_SIZE, mode, size, size / ours, size / theirs, theirs / ours)
        for mode, size, (ours, theirs) in medians([engine, reference], examples, repeats, device)
    ]
    metadata = machine(cell=cell, repeats=repeats, device=device_name(device))
    printed = table(metadata, ("mode", "batch", "sentences/s", "torch sentences/s", "× torch"))
    for row in rows:
        printed.add_row(
            row.mode,
            f"{row.batch_size}",
            f"{row.examples_per_s:,.0f}",
            f"{row.reference_per_s:,.0f}",
            f"{row.speedup:.2f}",
        )
    return Report({"rows": [asdict(row) for row in rows], "machine": metadata}, printed)


class Engine(Classifier):
    """The engine; compiling the plan is part of the step."""

    def collate(self, batch: Sequence[Example]) -> tuple[Any, Tensor]:
        """Chains and words."""
        words = [words for words, _ in batch]
        return (compile_sequences([*map(len, words)]), torch.cat(words)), _labels(batch)

    def states(self, inputs: Any, train: bool) -> Tensor:
        """The final state of each sentence."""
        chains, words = inputs
        return self.layers(chains, self.vectors[words].requires_grad_(train)).last[-1].h


class Torch(Classifier):
    """A recurrent layer of torch on packed sequences."""

    def collate(self, batch: Sequence[Example]) -> tuple[Any, Tensor]:
        """Packed words; torch needs the batch sizes on the CPU."""
        packed = pack_sequence([words for words, _ in batch], enforce_sorted=False)
        moved = packed.data, packed.sorted_indices, packed.unsorted_indices
        return (moved, packed.batch_sizes.tolist()), _labels(batch)

    def states(self, inputs: Any, train: bool) -> Tensor:
        """The final state of each sentence."""
        (words, *order), sizes = inputs
        x = self.vectors[words].requires_grad_(train)
        final = self.layers(PackedSequence(x, torch.tensor(sizes), *order))[1]
        return (final[0] if isinstance(final, tuple) else final)[0]


def examples_of(trees: Sequence[Tree]) -> tuple[list[Example], Tensor]:
    """The examples of sentences, and random vectors for their words, ``[words, INPUT_SIZE]``."""
    words: dict[str, int] = {}
    examples = [_example(tree, words) for tree in trees]
    torch.manual_seed(1)
    return examples, torch.randn(len(words), INPUT_SIZE) / 10


def both(cell: str, vectors: Tensor, batch: Sequence[Example]) -> tuple[Engine, Torch]:
    """The engine and torch with the same weights, on the device of ``vectors``.

    Raises:
        TreernnError: their states of a batch differ.
    """
    net: Any = CHAIN_CELLS[cell].torch_counterpart
    engine = Engine(vectors, Recurrent(cell, INPUT_SIZE, HIDDEN_SIZE), HIDDEN_SIZE)
    reference = Torch(vectors, net(INPUT_SIZE, HIDDEN_SIZE), HIDDEN_SIZE)
    _copy_weights(engine, reference, cell)
    with torch.inference_mode():
        ours, theirs = [
            (each.states(inputs, False), labels)
            for each in (engine, reference)
            for inputs, labels in [each.collated(batch)]
        ]
    check_equal(ours, theirs, "torch")
    return engine, reference


def _labels(batch: Sequence[Example]) -> Tensor:
    return torch.tensor([label for _, label in batch])


def _example(tree: Tree, words: dict[str, int]) -> Example:
    rows = [words.setdefault(word, len(words)) for word in tree.words]
    return torch.tensor(rows), tree.labels[-1]


def _copy_weights(engine: Engine, reference: Torch, name: str) -> None:
    cell, net = engine.layers.layers[0][0], reference.layers
    order, children_order = _TORCH_ORDER[name]
    with torch.no_grad():
        for target, weight, blocks in (
            (net.weight_ih_l0, cell.weight_input, order),
            (net.weight_hh_l0, cell.weight_children, children_order),
            (net.bias_ih_l0, cell.bias, order),
        ):
            target.copy_(torch.cat([weight.chunk(len(blocks))[block] for block in blocks]))
        net.bias_hh_l0.zero_()
    reference.classify.load_state_dict(engine.classify.state_dict())
