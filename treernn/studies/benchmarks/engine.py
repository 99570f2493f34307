"""The speed of every cell over trees, compared with its matrix products alone, and of one cell
compared with DGL's own propagation.

All nodes of parse trees are classified; see ``treernn.studies.benchmarks.common``.
"""

from __future__ import annotations

import itertools
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
from treernn.engine import Backend, run
from treernn.errors import InputError
from treernn.structure import Plan, Structure, compile_plan, tree
from treernn.structure.compile import dgl_is_available
from treernn.studies.benchmarks.common import (
    BATCH_SIZES,
    HIDDEN_SIZE,
    INPUT_SIZE,
    Classifier,
    Implementation,
    Mode,
    Row,
    check_equal,
    check_repeats,
    medians,
)
from treernn.studies.machine import device_name, machine
from treernn.studies.report import Report, table
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
    cell: str = "lstm",
    repeats: int = 20,
    source: str | os.PathLike[str] | None = None,
    device: torch.device | str = "cpu",
) -> Report:
    """Measure training and inference of all cells at all batch sizes.

    Args:
        cell: the one to compare with DGL, ``"lstm"``, ``"gru"`` or ``"elman"``; it comes first.
            On a GPU it is compared with its definition, see ``Plain``.
        repeats: measured steps per row.
        source: the treebank; see ``treernn.corpora.sst.load``.
        device: where to measure.

    Raises:
        InputError: no such cell, no repeats, or on a CPU dgl cannot be imported.
        MissingDataError: the treebank is missing.
    """
    if cell not in PROPAGATE:
        raise InputError(f"no cell {cell!r} in DGL, expected one of {', '.join(PROPAGATE)}")
    check_repeats(repeats)
    on_cpu = torch.device(device).type == "cpu"
    if on_cpu:
        dgl_is_available(required=True)
    examples, vectors = examples_of(sst.load("train", source))
    vectors = vectors.to(device)
    rows: list[Row] = []
    for name in sorted(CELLS, key=lambda name: name != cell):
        size = HIDDEN_SIZES.get(name, HIDDEN_SIZE)
        engine, reference = Engine(vectors, CELLS[name](INPUT_SIZE, size), size), None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # DGL warns about leaves, which have no messages
            if name == cell:
                kind = Dgl if on_cpu else Plain
                reference = kind(vectors, CELLS[name](INPUT_SIZE, size), size)
                reference.load_state_dict(engine.state_dict())
                check_same(engine, reference, examples[: max(BATCH_SIZES)])
            rows += _rows(engine, reference, examples, repeats)
    compared = {"dgl": version("dgl")} if on_cpu else {"reference": "plain autograd"}
    metadata = machine(cell=cell, repeats=repeats, device=device_name(device), **compared)
    values = {"rows": [asdict(row) for row in rows], "machine": metadata}
    return Report(values, _table(rows, metadata))


def _rows(
    engine: Engine, reference: Classifier | None, examples: Sequence[Example], repeats: int
) -> Iterator[Row]:
    """The rows of one cell."""
    cell = engine.layers
    implementations: list[Implementation] = [engine, MatrixProducts(cell)]
    if reference is not None:
        implementations.append(reference)
    for mode, size, (ours, matmul, *dgl) in medians(
        implementations, examples, repeats, engine.vectors.device
    ):
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
    other = "DGL" if "dgl" in metadata else "plain"
    speeds = ("trees/s", "of matmul speed", f"{other} trees/s", f"× {other}")
    titles = ("cell, hidden", "mode", "batch", *speeds)
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
    """The engine; compiling the plan is part of the step.

    Attributes:
        backend: see ``treernn.engine.run``.
    """

    backend: Backend = "auto"

    def collate(self, batch: Sequence[Example]) -> tuple[Any, Tensor]:
        """The plan, and the words of its leaves."""
        plan = compile_plan([example.structure for example in batch])
        if self.vectors.is_cuda:
            self.layers.prepare(plan)
        words, labels = _words_and_labels(batch)
        return (plan, words[plan.order[: plan.num_leaves]]), labels[plan.order]

    def states(self, inputs: Any, train: bool) -> Tensor:
        """Of all nodes, in plan order."""
        plan, words = inputs
        return self.merged(plan, self.vectors[words].requires_grad_(train))

    def merged(self, plan: Plan, x: Tensor) -> Tensor:
        """The states of all nodes from the inputs of the leaves."""
        return run(self.layers, plan, x, self.backend).h


class Plain(Engine):
    """The definition of a cell, ``Cell.forward``, level by level, differentiated by torch, as
    libraries that pass messages compute it."""

    def merged(self, plan: Plan, x: Tensor) -> Tensor:
        """See ``Engine``."""
        cell = self.layers
        slots = plan.at_slots(cell.arity).children.view(-1, cell.arity)
        h = c = x.new_zeros(1, cell.hidden_size)  # the last row, of missing children
        for first, last in itertools.pairwise(plan.bounds):
            if first:
                inner = slots[first - plan.num_leaves : last - plan.num_leaves]
                places, below = inner.clamp(max=first), x.new_zeros(last - first, INPUT_SIZE)
            else:
                places, below = x.new_zeros(last, cell.arity, dtype=torch.int64), x
            states = cell(below, h[places], *([c[places]] if cell.has_memory else []))
            h = torch.cat([h[:-1], states[0], h[-1:]])
            if cell.has_memory:
                c = torch.cat([c[:-1], states[1], c[-1:]])
        return h[:-1]


class Dgl(Classifier):
    """``dgl.prop_nodes_topo``, used as in DGL's Tree-LSTM example (``examples/pytorch/tree_lstm``).

    Trees are binary, so a mailbox is two concatenated states. One product serves the words of all
    nodes, and a mask removes the inner nodes, which have none.
    """

    def collate(self, batch: Sequence[Example]) -> tuple[Any, Tensor]:
        """The graph, and the words of all nodes."""
        from treernn.structure import dgl_graphs

        graph = dgl_graphs.batch([example.structure.dgl_graph for example in batch])
        words, labels = _words_and_labels(batch)
        return (graph, words), labels

    def states(self, inputs: Any, train: bool) -> Tensor:
        """Of all nodes, in batch order."""
        from treernn.structure import dgl_graphs

        graph, words = inputs
        leaf_mask = (graph.in_degrees() == 0).float().unsqueeze(1)
        x = self.vectors[words].requires_grad_(train)
        message, reduce, apply = PROPAGATE[self.layers.name](self.layers, graph, leaf_mask, x)
        dgl_graphs.dgl.prop_nodes_topo(graph, message, reduce, apply_node_func=apply)
        states: Tensor = graph.ndata["h"]
        return states


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
        self.device = cell.weight_input.device
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
                torch.randn(rows, columns, device=self.device),
                torch.randn(count[of], columns, device=self.device),
                torch.zeros(count[of], rows, device=self.device),
                torch.zeros(rows, columns, device=self.device),
                *([torch.zeros(count[of], columns, device=self.device)] if backpropagates else []),
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


def examples_of(trees: Sequence[Tree]) -> tuple[list[Example], Tensor]:
    """The examples of parse trees, and random vectors for their words, ``[words, INPUT_SIZE]``."""
    words: dict[str, int] = {}
    examples = [_example(parsed, words) for parsed in trees]
    torch.manual_seed(1)
    return examples, torch.randn(len(words), INPUT_SIZE) / 10


def check_same(engine: Engine, reference: Classifier, batch: Sequence[Example]) -> None:
    """Raise TreernnError unless both have the same states of a batch."""
    with torch.inference_mode():
        inputs, labels = engine.collated(batch)
        others, their_labels = reference.collated(batch)
        ours, theirs = engine.states(inputs, False), reference.states(others, False)
    if not isinstance(reference, Engine):  # in batch order
        rank = inputs[0].rank
        ours, labels = ours[rank], labels[rank]
    check_equal((ours, labels), (theirs, their_labels), type(reference).__name__)
