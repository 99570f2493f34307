"""How fast the engine is, cell by cell: beside DGL's own propagation, and beside the bare matrix
products.

The steps are those of ``treernn.studies.benchmarks.common``: trees in a batch, all nodes
classified. One cell has DGL beside it, the others the products alone.
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

from treernn.cells import CELLS, GRU, LSTM, RNTN, Cell, ChildSumLSTM, Elman, MatrixVector
from treernn.corpora import sst
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import Structure, compile_plan
from treernn.structure import tree as tree_structure
from treernn.structure.compile import dgl_is_available
from treernn.studies.benchmarks.common import (
    BATCHES,
    HIDDEN,
    INPUT,
    Classifier,
    Mode,
    Report,
    Side,
    check_alike,
    check_repeats,
    medians,
    table,
)
from treernn.studies.machine import machine
from treernn.types import LABELS, Tree

# The work of these grows with the cube of their size; these are about the published sizes.
HIDDEN_SIZES = {"rntn": 30, "matrix-vector": 25}
BESIDE_DGL = ("lstm", "gru", "elman")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the benchmark.

    Attributes:
        cell: which.
        hidden: numbers per state.
        mode: ``"train"`` or ``"inference"``.
        batch: trees in a step.
        trees_per_s: ours.
        dgl_trees_per_s: DGL's; None of the cells without it.
        ratio_to_dgl: the one by the other.
        share_of_bound: time of the step's matrix products alone, by the time of our step.
    """

    cell: str
    hidden: int
    mode: Mode
    batch: int
    trees_per_s: float
    dgl_trees_per_s: float | None
    ratio_to_dgl: float | None
    share_of_bound: float


@dataclass(frozen=True, slots=True)
class Example:
    """A tree, ready to be batched."""

    structure: Structure
    words: np.ndarray  # [N], 0 at inner nodes
    labels: np.ndarray  # [N]
    inner: int  # nodes with children


def bench(
    cell: str = "lstm", repeats: int = 20, source: str | os.PathLike[str] | None = None
) -> Report:
    """Measure all rows in one run.

    Args:
        cell: the one with DGL beside it, ``"lstm"``, ``"gru"`` or ``"elman"``; it comes first.
        repeats: steps of each kind in each row.
        source: the treebank; see ``treernn.corpora.sst.load``.

    Raises:
        InputError: no such cell, no repeats, or dgl cannot be imported.
        MissingDataError: the treebank is not at hand.
    """
    if cell not in BESIDE_DGL:
        raise InputError(f"DGL runs no {cell!r} here, expected one of {', '.join(BESIDE_DGL)}")
    check_repeats(repeats)
    dgl_is_available(required=True)
    trees = sst.load("train", source)
    words: dict[str, int] = {}
    examples = [_example(tree, words) for tree in trees]
    torch.manual_seed(1)
    vectors = torch.randn(len(words), INPUT) / 10
    rows: list[Row] = []
    for name in (cell, *(other for other in CELLS if other != cell)):
        hidden = HIDDEN_SIZES.get(name, HIDDEN)
        ours = Ours(vectors, CELLS[name](INPUT, hidden))
        theirs = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # DGL's, about a frontier of leaves
            if name == cell:
                theirs = Dgl(vectors, CELLS[name](INPUT, hidden))
                theirs.load_state_dict(ours.state_dict())
                _check_alike(ours, theirs, examples[: max(BATCHES)])
            rows += _measure(name, ours, theirs, examples, repeats)
    about = machine(cell=cell, repeats=repeats, dgl=version("dgl"))
    return Report({"rows": [asdict(row) for row in rows], "machine": about}, _table(rows, about))


def _table(rows: Sequence[Row], about: dict[str, Any]) -> Table:
    titles = ("cell, hidden", "mode", "batch", "trees/s", "of products' speed")
    made = table(about, (*titles, "DGL trees/s", "× DGL"), names=2, box=box.SIMPLE_HEAD)
    for column in made.columns:
        column.no_wrap = column.justify == "left"
        column.min_width = max(map(len, str(column.header).split()))
    for row in rows:
        made.add_row(
            f"{row.cell} {row.hidden}",
            row.mode,
            f"{row.batch}",
            f"{row.trees_per_s:,.0f}",
            f"{row.share_of_bound:.0%}",
            "" if row.dgl_trees_per_s is None else f"{row.dgl_trees_per_s:,.0f}",
            "" if row.ratio_to_dgl is None else f"{row.ratio_to_dgl:.2f}",
        )
    return made


class OnTrees(Classifier):
    """Word vectors as they are, a cell, a softmax at every node."""

    def __init__(self, vectors: Tensor, cell: Cell) -> None:
        super().__init__(vectors, cell, cell.hidden_size)


class Ours(OnTrees):
    """The ``levels`` backend; the plan is compiled inside the step."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """In plan order."""
        plan = compile_plan([example.structure for example in batch], "dgl")
        words, labels = _joined(batch)
        x = self.vectors[words[plan.order[: plan.num_leaves]]].requires_grad_(train)
        return run(self.layers, plan, x).h, labels[plan.order]


class Dgl(OnTrees):
    """DGL's propagation, written as its Tree-LSTM example is (``examples/pytorch/tree_lstm``):
    trees are binary, so a mailbox is two states side by side; one product serves the words of all
    nodes, and a mask takes out the inner nodes, which have none."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """In the order of the batch."""
        from treernn.structure import dgl_graphs

        graph = dgl_graphs.batch([example.structure.dgl_graph for example in batch])
        words, labels = _joined(batch)
        leaves = (graph.in_degrees() == 0).float().unsqueeze(1)
        x = self.vectors[words].requires_grad_(train)
        PROPAGATE[type(self.layers)](self.layers, graph, leaves, x, dgl_graphs.prop_nodes_topo)
        return graph.ndata["h"], labels


def _joined(batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Words and labels of all nodes, tree after tree."""
    words, labels = (
        np.concatenate(each)
        for each in zip(*((example.words, example.labels) for example in batch), strict=True)
    )
    return torch.from_numpy(words), torch.from_numpy(labels)


def _dgl_lstm(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    gates = 3 * HIDDEN

    def message(edges: Any) -> dict[str, Tensor]:
        return {"h": edges.src["h"], "c": edges.src["c"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        h, c = nodes.mailbox["h"], nodes.mailbox["c"]
        h = h.view(len(h), 2 * HIDDEN)
        forget = F.linear(h, cell.weight_children[gates:], bias_forget).sigmoid().view(c.shape)
        return {"gates": F.linear(h, cell.weight_children[:gates]), "c": (forget * c).sum(1)}

    def apply(nodes: Any) -> dict[str, Tensor]:
        u, o, i = (nodes.data["gates"] + cell.bias[:gates]).chunk(3, 1)
        c = i.sigmoid() * u.tanh() + nodes.data["c"]
        return {"h": o.sigmoid() * c.tanh(), "c": c}

    bias_forget = cell.bias[gates:].repeat(2)
    graph.ndata["gates"] = F.linear(x, cell.weight_input[:gates]) * leaves
    graph.ndata["h"] = graph.ndata["c"] = x.new_zeros(graph.num_nodes(), HIDDEN)
    propagate(graph, message, reduce, apply)


def _dgl_gru(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"]
        r, z, n = (h.view(len(h), 2 * HIDDEN) @ cell.weight_children.t()).chunk(3, 1)
        b_n, b_r, b_z = cell.bias.chunk(3)
        r, z = (r + b_r).sigmoid(), (z + b_z).sigmoid()
        n = (b_n + r * (n + cell.bias_children)).tanh()
        return {"h": (1 - z) * n + z * h.sum(1)}

    n, r, z = F.linear(x, cell.weight_input, cell.bias).chunk(3, 1)
    graph.ndata["h"] = (1 - z.sigmoid()) * (n + r.sigmoid() * cell.bias_children).tanh() * leaves
    propagate(graph, _state, reduce, None)


def _dgl_elman(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"]
        return {"h": F.linear(h.view(len(h), 2 * HIDDEN), cell.weight_children, cell.bias).tanh()}

    graph.ndata["h"] = F.linear(x, cell.weight_input, cell.bias).tanh() * leaves
    propagate(graph, _state, reduce, None)


def _state(edges: Any) -> dict[str, Tensor]:
    return {"h": edges.src["h"]}


PROPAGATE = {LSTM: _dgl_lstm, GRU: _dgl_gru, Elman: _dgl_elman}


class Products:
    """The bound: every product of a step with a weight, once, as large as can be, into memory
    that is there already."""

    def __init__(self, cell: Cell) -> None:
        hidden = self.hidden = cell.hidden_size
        rows_below, columns_below = cell.weight_children.shape
        # rows and columns of a weight, what it is multiplied with a row of, and whether the
        # gradient of that takes a product too
        self.weights = [
            # A leaf needs no forget gates.
            (min(cell.input_blocks, 3) * hidden, INPUT, "leaf", True),
            (rows_below, columns_below, "inner", True),
            (len(LABELS), hidden, "node", True),
        ]
        if isinstance(cell, ChildSumLSTM):  # a forget gate for each child
            self.weights[1] = rows_below - hidden, columns_below, "inner", True
            self.weights.append((hidden, hidden, "edge", True))
        if isinstance(cell, RNTN):  # the product is kept and is its own derivative
            self.weights.append((2 * hidden**2, 2 * hidden, "inner", False))
        if isinstance(cell, MatrixVector):
            self.weights.append((hidden**2, INPUT, "leaf", True))
            self.weights.append((hidden, 2 * hidden, "column", True))

    def prepare(self, batch: Sequence[Example]) -> list[tuple[Tensor, ...]]:
        """For each weight: the weight, what it is multiplied with, the product, and room for the
        gradients of the weight and, where it is another product, of the second."""
        nodes = sum(len(example.words) for example in batch)
        inner = sum(example.inner for example in batch)
        count = {
            "leaf": nodes - inner,
            "inner": inner,
            "node": nodes,
            "edge": 2 * inner,
            "column": inner * self.hidden,
        }
        return [
            (
                torch.randn(rows, columns),
                torch.randn(count[who], columns),
                torch.zeros(count[who], rows),
                torch.zeros(rows, columns),
                *([torch.zeros(count[who], columns)] if goes_on else []),
            )
            for rows, columns, who, goes_on in self.weights
        ]

    @staticmethod
    def step(prepared: list[tuple[Tensor, ...]], mode: Mode) -> None:
        """Forward, and in training the products of the backward pass."""
        for weight, below, above, to_weight, *to_below in prepared:
            torch.mm(below, weight.t(), out=above)
            if mode == "train":
                torch.mm(above.t(), below, out=to_weight)
                for out in to_below:
                    torch.mm(above, weight, out=out)


def _measure(
    cell: str, ours: Ours, theirs: Dgl | None, examples: Sequence[Example], repeats: int
) -> Iterator[Row]:
    """All rows of one cell."""
    sides: list[Side] = [ours, *([theirs] if theirs is not None else []), Products(ours.layers)]
    for mode, batch, (us, *dgl, products) in medians(sides, examples, repeats):
        yield Row(
            cell,
            ours.layers.hidden_size,
            mode,
            batch,
            batch / us,
            batch / dgl[0] if dgl else None,
            dgl[0] / us if dgl else None,
            products / us,
        )


def _example(tree: Tree, words: dict[str, int]) -> Example:
    numbers = [words.setdefault(word, len(words)) for word in tree.words]
    return Example(
        tree_structure(tree),
        np.array(numbers + [0] * len(tree.children)),
        np.array(tree.labels),
        len(tree.children),
    )


def _check_alike(ours: Ours, theirs: Dgl, batch: Sequence[Example]) -> None:
    with torch.inference_mode():
        plan = compile_plan([example.structure for example in batch], "dgl")
        in_order = [values[plan.rank] for values in ours.states(batch, False)]
        check_alike(in_order, theirs.states(batch, False), "DGL")
