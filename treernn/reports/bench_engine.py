"""How fast the engine is, cell by cell: beside DGL's own propagation, and beside the bare matrix
products.

One step of a sentence classifier on the Stanford Sentiment Treebank, whole: batch the trees, look
up the words, merge the states, classify all nodes, and in training also cross entropy, backward
pass (with the gradient of the inputs) and Adagrad for all but the word vectors. All sides run in
turn on the same batches, so that what else the machine does hits all alike; figures are medians.
One cell has DGL beside it, the others the products alone.
"""

from __future__ import annotations

import os
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, Literal, get_args

import numpy as np
import torch
from rich import box
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.cells.cell import Cell
from treernn.cells.child_sum_lstm import ChildSumLSTM
from treernn.cells.elman import Elman
from treernn.cells.gru import GRU
from treernn.cells.lstm import LSTM
from treernn.cells.matrix_vector import MatrixVector
from treernn.cells.rntn import RNTN
from treernn.corpora import sst
from treernn.engine import run
from treernn.errors import InputError, TreernnError
from treernn.reports.machine import machine, seconds
from treernn.structure.plan import compile_plan, graph_library
from treernn.structure.structure import tree as tree_structure
from treernn.types import LABELS, Tree

INPUT, HIDDEN = 300, 150
BATCHES = (25, 256)
# each with a size that it is used in
CELLS: dict[str, tuple[type[Cell], int]] = {
    "lstm": (LSTM, HIDDEN),
    "child-sum-lstm": (ChildSumLSTM, HIDDEN),
    "gru": (GRU, HIDDEN),
    "elman": (Elman, HIDDEN),
    "rntn": (RNTN, 30),
    "matrix-vector": (MatrixVector, 25),
}
BESIDE_DGL = ("lstm", "gru", "elman")
Mode = Literal["train", "inference"]
WARM_UP = 1000  # trees; by then both sides have met most sizes of levels


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
class Report:
    """All rows, and what they were measured on."""

    rows: tuple[Row, ...]
    machine: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def to_table(self) -> Table:
        """A table for the terminal."""
        about = "  ".join(f"{key} {value}" for key, value in self.machine.items())
        table = Table(caption=about, box=box.SIMPLE_HEAD)
        titles = ("cell, hidden", "mode", "batch", "trees/s", "of products' speed")
        for title in (*titles, "DGL trees/s", "× DGL"):
            names = title in titles[:2]
            whole = max(len(word) for word in title.split())
            justify: Literal["left", "right"] = "left" if names else "right"
            table.add_column(title, justify=justify, no_wrap=names, min_width=whole)
        for row in self.rows:
            table.add_row(
                f"{row.cell} {row.hidden}",
                row.mode,
                f"{row.batch}",
                f"{row.trees_per_s:,.0f}",
                f"{row.share_of_bound:.0%}",
                "" if row.dgl_trees_per_s is None else f"{row.dgl_trees_per_s:,.0f}",
                "" if row.ratio_to_dgl is None else f"{row.ratio_to_dgl:.2f}",
            )
        return table


@dataclass(frozen=True, slots=True)
class Example:
    """A tree, ready to be batched."""

    graph: Any
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
    if repeats < 1:
        raise InputError(f"{repeats} repeats: at least one is needed")
    library = graph_library("dgl")
    trees = sst.load("train", source)
    words: dict[str, int] = {}
    examples = [_example(tree, words, library) for tree in trees]
    torch.manual_seed(1)
    vectors = torch.randn(len(words), INPUT) / 10
    rows: list[Row] = []
    for name in (cell, *(other for other in CELLS if other != cell)):
        make, hidden = CELLS[name]
        ours = Ours(vectors, make(INPUT, hidden), library)
        theirs = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # DGL's, about a frontier of leaves
            if name == cell:
                theirs = Dgl(vectors, make(INPUT, hidden), library)
                theirs.load_state_dict(ours.state_dict())
                _check_alike(ours, theirs, examples[: max(BATCHES)])
            rows += _measure(name, ours, theirs, examples, repeats)
    return Report(tuple(rows), machine(cell=cell, repeats=repeats, dgl=version("dgl")))


class Classifier(nn.Module):
    """What both sides train: word vectors as they are, a cell, a softmax at every node."""

    def __init__(self, vectors: Tensor, cell: Cell, library: Any) -> None:
        super().__init__()
        self.vectors, self.cell, self.library = vectors, cell, library
        self.classify = nn.Linear(cell.hidden_size, len(LABELS))
        self.optimizer = torch.optim.Adagrad(self.parameters(), lr=0.05, fused=True)

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """States and labels of all nodes, in an order of the side's own."""
        raise NotImplementedError

    def step(self, batch: Sequence[Example], mode: Mode) -> None:
        """One step of training or inference."""
        if mode == "inference":
            with torch.inference_mode():
                self.classify(self.states(batch, False)[0])
            return
        states, labels = self.states(batch, True)
        loss = F.cross_entropy(self.classify(states), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


class Ours(Classifier):
    """The ``levels`` backend; the plan is compiled inside the step."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """In plan order."""
        plan = compile_plan([example.graph for example in batch], self.library)
        words = torch.from_numpy(np.concatenate([example.words for example in batch]))
        labels = torch.from_numpy(np.concatenate([example.labels for example in batch]))
        x = self.vectors[words[plan.order[: plan.num_leaves]]].requires_grad_(train)
        return run(self.cell, plan, x).h, labels[plan.order]


class Dgl(Classifier):
    """DGL's propagation, written as its Tree-LSTM example is (``examples/pytorch/tree_lstm``):
    trees are binary, so a mailbox is two states side by side; one product serves the words of all
    nodes, and a mask takes out the inner nodes, which have none."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """In the order of the batch."""
        graph = self.library.batch([example.graph for example in batch]).graph
        words = torch.from_numpy(np.concatenate([example.words for example in batch]))
        labels = torch.from_numpy(np.concatenate([example.labels for example in batch]))
        leaves = (graph.in_degrees() == 0).float().unsqueeze(1)
        x = self.vectors[words].requires_grad_(train)
        PROPAGATE[type(self.cell)](self.cell, graph, leaves, x, self.library.prop_nodes_topo)
        return graph.ndata["h"], labels


def _dgl_lstm(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    gates = 3 * HIDDEN

    def message(edges: Any) -> dict[str, Tensor]:
        return {"h": edges.src["h"], "c": edges.src["c"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        h, c = nodes.mailbox["h"], nodes.mailbox["c"]
        h = h.view(len(h), 2 * HIDDEN)
        forget = F.linear(h, cell.weight_below[gates:], bias_forget).sigmoid().view(c.shape)
        return {"gates": F.linear(h, cell.weight_below[:gates]), "c": (forget * c).sum(1)}

    def apply(nodes: Any) -> dict[str, Tensor]:
        u, o, i = (nodes.data["gates"] + cell.bias[:gates]).chunk(3, 1)
        c = i.sigmoid() * u.tanh() + nodes.data["c"]
        return {"h": o.sigmoid() * c.tanh(), "c": c}

    bias_forget = cell.bias[gates:].repeat(2)
    graph.ndata["gates"] = F.linear(x, cell.weight_input[:gates]) * leaves
    graph.ndata["h"] = graph.ndata["c"] = x.new_zeros(graph.num_nodes(), HIDDEN)
    propagate(graph, message, reduce, apply)


def _dgl_gru(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    def message(edges: Any) -> dict[str, Tensor]:
        return {"h": edges.src["h"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"]
        r, z, n = (h.view(len(h), 2 * HIDDEN) @ cell.weight_below.t()).chunk(3, 1)
        b_n, b_r, b_z = cell.bias.chunk(3)
        r, z = (r + b_r).sigmoid(), (z + b_z).sigmoid()
        n = (b_n + r * (n + cell.bias_below)).tanh()
        return {"h": (1 - z) * n + z * h.sum(1)}

    n, r, z = F.linear(x, cell.weight_input, cell.bias).chunk(3, 1)
    graph.ndata["h"] = (1 - z.sigmoid()) * (n + r.sigmoid() * cell.bias_below).tanh() * leaves
    propagate(graph, message, reduce, None)


def _dgl_elman(cell: Any, graph: Any, leaves: Tensor, x: Tensor, propagate: Any) -> None:
    def message(edges: Any) -> dict[str, Tensor]:
        return {"h": edges.src["h"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        h = nodes.mailbox["h"]
        return {"h": F.linear(h.view(len(h), 2 * HIDDEN), cell.weight_below, cell.bias).tanh()}

    graph.ndata["h"] = F.linear(x, cell.weight_input, cell.bias).tanh() * leaves
    propagate(graph, message, reduce, None)


PROPAGATE = {LSTM: _dgl_lstm, GRU: _dgl_gru, Elman: _dgl_elman}


class Products:
    """The bound: every product of a step with a weight, once, as large as can be, into memory
    that is there already."""

    def __init__(self, cell: Cell) -> None:
        hidden = self.hidden = cell.hidden_size
        rows_below, columns_below = cell.weight_below.shape
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
) -> list[Row]:
    """All rows of one cell."""
    bound, modes = Products(ours.cell), get_args(Mode)
    return [
        _row(cell, mode, batch, ours, theirs, bound, examples, repeats)
        for mode in modes
        for batch in BATCHES
    ]


def _row(
    cell: str,
    mode: Mode,
    batch: int,
    ours: Ours,
    theirs: Dgl | None,
    bound: Products,
    examples: Sequence[Example],
    repeats: int,
) -> Row:
    generator = np.random.default_rng(1)
    times: list[tuple[float, ...]] = []
    warm_up = -(-WARM_UP // batch)
    sides = [side for side in (ours, theirs) if side is not None]
    for _ in range(warm_up + repeats):
        chosen = [examples[i] for i in generator.choice(len(examples), batch, replace=False)]
        prepared = bound.prepare(chosen)
        times.append(
            (
                *(seconds(partial(side.step, chosen, mode)) for side in sides),
                seconds(partial(bound.step, prepared, mode)),
            )
        )
    us, *dgl, products = (
        statistics.median(column) for column in zip(*times[warm_up:], strict=True)
    )
    return Row(
        cell,
        ours.cell.hidden_size,
        mode,
        batch,
        batch / us,
        batch / dgl[0] if dgl else None,
        dgl[0] / us if dgl else None,
        products / us,
    )


def _example(tree: Tree, words: dict[str, int], library: Any) -> Example:
    numbers = [words.setdefault(word, len(words)) for word in tree.words]
    return Example(
        library.build(tree_structure(tree)),
        np.array(numbers + [0] * len(tree.children)),
        np.array(tree.labels),
        len(tree.children),
    )


def _check_alike(ours: Ours, theirs: Dgl, batch: Sequence[Example]) -> None:
    """Raise an error unless both sides come to the same states at all nodes."""
    with torch.inference_mode():
        mine, labels = ours.states(batch, False)
        other, other_labels = theirs.states(batch, False)
        plan = compile_plan([example.graph for example in batch], ours.library)
    difference = float((mine[plan.rank] - other).abs().max())
    if difference > 1e-4 or not torch.equal(labels[plan.rank], other_labels):
        raise TreernnError(f"the engine and DGL disagree by {difference}; nothing was measured")
