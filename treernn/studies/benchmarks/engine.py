"""The speed of every cell over trees, compared with its matrix products alone, and of one cell
compared with DGL's own propagation.

All nodes of parse trees are classified; see ``treernn.studies.benchmarks.common``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from rich import box
from rich.table import Table
from torch import Tensor
from torch.nn import functional as F

from treernn.cells import CELLS, RNTN, Cell, ChildSumLSTM, MatrixVector
from treernn.corpora import sst
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import Structure, compile_plan, tree
from treernn.structure.compile import dgl_is_available
from treernn.studies.benchmarks.common import (
    BATCH_SIZES,
    HIDDEN_SIZE,
    INPUT_SIZE,
    Classifier,
    Implementation,
    Mode,
    Report,
    Row,
    check_equal,
    check_repeats,
    medians,
    table,
)
from treernn.studies.machine import machine
from treernn.types import LABELS, Tree

# About the published sizes of cells whose work grows with the cube of the size.
HIDDEN_SIZES = {"rntn": 30, "matrix-vector": 25}


@dataclass(frozen=True, slots=True)
class Example:
    """A tree ready to be batched.

    Attributes:
        structure: N nodes.
        words: ``[N]``, rows of the word vectors, 0 for inner nodes.
        labels: ``[N]``, classes.
        num_inner: inner nodes.
    """

    structure: Structure
    words: np.ndarray
    labels: np.ndarray
    num_inner: int


def bench(
    cell: str = "lstm", repeats: int = 20, source: str | os.PathLike[str] | None = None
) -> Report:
    """Measure training and inference of all cells at all batch sizes.

    Args:
        cell: the one to compare with DGL, ``"lstm"``, ``"gru"`` or ``"elman"``; it comes first.
        repeats: measured steps per row.
        source: the treebank; see ``treernn.corpora.sst.load``.

    Raises:
        InputError: no such cell, no repeats, or dgl cannot be imported.
        MissingDataError: the treebank is missing.
    """
    if cell not in PROPAGATE:
        raise InputError(f"no cell {cell!r} in DGL, expected one of {', '.join(PROPAGATE)}")
    check_repeats(repeats)
    dgl_is_available(required=True)
    words: dict[str, int] = {}
    examples = [_example(parsed, words) for parsed in sst.load("train", source)]
    torch.manual_seed(1)
    vectors = torch.randn(len(words), INPUT_SIZE) / 10
    rows: list[Row] = []
    for name in sorted(CELLS, key=lambda name: name != cell):
        size = HIDDEN_SIZES.get(name, HIDDEN_SIZE)
        engine, reference = Engine(vectors, CELLS[name](INPUT_SIZE, size), size), None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # DGL warns about leaves, which have no messages
            if name == cell:
                reference = Dgl(vectors, CELLS[name](INPUT_SIZE, size), size)
                reference.load_state_dict(engine.state_dict())
                _check_equal(engine, reference, examples[: max(BATCH_SIZES)])
            rows += _rows(engine, reference, examples, repeats)
    metadata = machine(cell=cell, repeats=repeats, dgl=version("dgl"))
    values = {"rows": [asdict(row) for row in rows], "machine": metadata}
    return Report(values, _table(rows, metadata))


def _rows(
    engine: Engine, reference: Dgl | None, examples: Sequence[Example], repeats: int
) -> Iterator[Row]:
    """The rows of one cell."""
    cell = engine.layers
    implementations: list[Implementation] = [engine, MatrixProducts(cell)]
    if reference is not None:
        implementations.append(reference)
    for mode, size, (ours, matmul, *dgl) in medians(implementations, examples, repeats):
        yield Row(
            cell.name,
            cell.hidden_size,
            mode,
            size,
            size / ours,
            reference_per_s=size / dgl[0] if dgl else None,
            speedup=dgl[0] / ours if dgl else None,
            matmul_fraction=matmul / ours,
        )


def _table(rows: Sequence[Row], metadata: dict[str, Any]) -> Table:
    titles = ("cell, hidden", "mode", "batch", "trees/s", "of matmul speed", "DGL trees/s", "× DGL")
    printed = table(metadata, titles, left_aligned=2, box=box.SIMPLE_HEAD)
    for column in printed.columns:
        column.no_wrap = column.justify == "left"
        column.min_width = max(map(len, str(column.header).split()))
    for row in rows:
        printed.add_row(
            f"{row.cell} {row.hidden_size}",
            row.mode,
            f"{row.batch_size}",
            f"{row.examples_per_s:,.0f}",
            f"{row.matmul_fraction:.0%}",
            "" if row.reference_per_s is None else f"{row.reference_per_s:,.0f}",
            "" if row.speedup is None else f"{row.speedup:.2f}",
        )
    return printed


class Engine(Classifier):
    """The ``levels`` backend; compiling the plan is part of the step."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """Of all nodes, in plan order."""
        plan = _plan(batch)
        words, labels = _words_and_labels(batch)
        x = self.vectors[words[plan.order[: plan.num_leaves]]].requires_grad_(train)
        return run(self.layers, plan, x).h, labels[plan.order]


class Dgl(Classifier):
    """``dgl.prop_nodes_topo``, used as in DGL's Tree-LSTM example (``examples/pytorch/tree_lstm``).

    Trees are binary, so a mailbox is two concatenated states. One product serves the words of all
    nodes, and a mask removes the inner nodes, which have none.
    """

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """Of all nodes, in batch order."""
        from treernn.structure import dgl_graphs

        graph = dgl_graphs.batch([example.structure.dgl_graph for example in batch])
        words, labels = _words_and_labels(batch)
        leaf_mask = (graph.in_degrees() == 0).float().unsqueeze(1)
        x = self.vectors[words].requires_grad_(train)
        message, reduce, apply = PROPAGATE[self.layers.name](self.layers, graph, leaf_mask, x)
        dgl_graphs.dgl.prop_nodes_topo(graph, message, reduce, apply_node_func=apply)
        return graph.ndata["h"], labels


def _plan(batch: Sequence[Example]) -> Any:
    return compile_plan([example.structure for example in batch], "dgl")


def _words_and_labels(batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Of all nodes, in batch order."""
    words = np.concatenate([example.words for example in batch])
    labels = np.concatenate([example.labels for example in batch])
    return torch.from_numpy(words), torch.from_numpy(labels)


def _dgl_lstm(cell: Any, graph: Any, leaf_mask: Tensor, x: Tensor) -> tuple[Any, Any, Any]:
    gates = 3 * HIDDEN_SIZE

    def message(edges: Any) -> dict[str, Tensor]:
        return {"h": edges.src["h"], "c": edges.src["c"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        h, c = nodes.mailbox["h"].flatten(1), nodes.mailbox["c"]
        forget = F.linear(h, cell.weight_children[gates:], bias_forget).sigmoid().view(c.shape)
        return {"gates": F.linear(h, cell.weight_children[:gates]), "c": (forget * c).sum(1)}

    def apply(nodes: Any) -> dict[str, Tensor]:
        u, o, i = (nodes.data["gates"] + cell.bias[:gates]).chunk(3, 1)
        c = i.sigmoid() * u.tanh() + nodes.data["c"]
        return {"h": o.sigmoid() * c.tanh(), "c": c}

    bias_forget = cell.bias[gates:].repeat(2)
    graph.ndata["gates"] = F.linear(x, cell.weight_input[:gates]) * leaf_mask
    graph.ndata["h"] = graph.ndata["c"] = x.new_zeros(graph.num_nodes(), HIDDEN_SIZE)
    return message, reduce, apply


def _dgl_gru(cell: Any, graph: Any, leaf_mask: Tensor, x: Tensor) -> tuple[Any, Any, Any]:
    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"]
        r, z, n = (h.flatten(1) @ cell.weight_children.t()).chunk(3, 1)
        b_n, b_r, b_z = cell.bias.chunk(3)
        r, z = (r + b_r).sigmoid(), (z + b_z).sigmoid()
        n = (b_n + r * (n + cell.bias_children)).tanh()
        return {"h": (1 - z) * n + z * h.sum(1)}

    n, r, z = F.linear(x, cell.weight_input, cell.bias).chunk(3, 1)
    h = (1 - z.sigmoid()) * (n + r.sigmoid() * cell.bias_children).tanh()
    graph.ndata["h"] = h * leaf_mask
    return _send_h, reduce, None


def _dgl_elman(cell: Any, graph: Any, leaf_mask: Tensor, x: Tensor) -> tuple[Any, Any, Any]:
    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"].flatten(1)
        return {"h": F.linear(h, cell.weight_children, cell.bias).tanh()}

    graph.ndata["h"] = F.linear(x, cell.weight_input, cell.bias).tanh() * leaf_mask
    return _send_h, reduce, None


def _send_h(edges: Any) -> dict[str, Tensor]:
    return {"h": edges.src["h"]}


# Fill the graph's node data, and return the message, reduce and apply functions.
PROPAGATE = {"lstm": _dgl_lstm, "gru": _dgl_gru, "elman": _dgl_elman}


class MatrixProducts:
    """A bound: all products of a step with a weight, each over all nodes at once, into memory that
    is allocated before."""

    def __init__(self, cell: Cell) -> None:
        hidden = self.hidden_size = cell.hidden_size
        rows, columns = cell.weight_children.shape
        # The shape of each weight, what it multiplies, and whether backpropagation through it
        # takes a product too.
        self.weights = [
            (min(cell.input_blocks, 3) * hidden, INPUT_SIZE, "leaf", True),  # no forget gates
            (rows, columns, "inner", True),
            (len(LABELS), hidden, "node", True),
        ]
        if isinstance(cell, ChildSumLSTM):  # a forget gate per child
            self.weights[1] = rows - hidden, columns, "inner", True
            self.weights.append((hidden, hidden, "edge", True))
        if isinstance(cell, RNTN):  # the product is its own derivative
            self.weights.append((2 * hidden**2, 2 * hidden, "inner", False))
        if isinstance(cell, MatrixVector):
            self.weights.append((hidden**2, INPUT_SIZE, "leaf", True))
            self.weights.append((hidden, 2 * hidden, "column", True))

    def prepare(self, batch: Sequence[Example]) -> list[tuple[Tensor, ...]]:
        """For each weight: the weight, its inputs and outputs, and space for the gradients of the
        weight and, if it takes a product, of the inputs."""
        nodes = sum(len(example.words) for example in batch)
        inner = sum(example.num_inner for example in batch)
        count = {
            "leaf": nodes - inner,
            "inner": inner,
            "node": nodes,
            "edge": 2 * inner,
            "column": inner * self.hidden_size,
        }
        return [
            (
                torch.randn(rows, columns),
                torch.randn(count[of], columns),
                torch.zeros(count[of], rows),
                torch.zeros(rows, columns),
                *([torch.zeros(count[of], columns)] if backpropagates else []),
            )
            for rows, columns, of, backpropagates in self.weights
        ]

    @staticmethod
    def step(prepared: list[tuple[Tensor, ...]], mode: Mode) -> None:
        """The products of the forward pass, and in training those of the backward pass."""
        for weight, inputs, outputs, weight_grad, *input_grads in prepared:
            torch.mm(inputs, weight.t(), out=outputs)
            if mode == "train":
                torch.mm(outputs.t(), inputs, out=weight_grad)
                for input_grad in input_grads:
                    torch.mm(outputs, weight, out=input_grad)


def _example(parsed: Tree, words: dict[str, int]) -> Example:
    rows = [words.setdefault(word, len(words)) for word in parsed.words]
    return Example(
        tree(parsed),
        np.array(rows + [0] * len(parsed.children)),
        np.array(parsed.labels),
        len(parsed.children),
    )


def _check_equal(engine: Engine, reference: Dgl, batch: Sequence[Example]) -> None:
    with torch.inference_mode():
        rank = _plan(batch).rank
        in_batch_order = [values[rank] for values in engine.states(batch, False)]
        check_equal(in_batch_order, reference.states(batch, False), "DGL")
