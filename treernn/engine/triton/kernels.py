"""The steps of a cell as kernels: what is the same for all cells."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from treernn.cells.tape import Tape, sum_rows
from treernn.engine.triton.blocks import Blocks, precision
from treernn.structure.plan import Level


class Kernels:
    """The steps of a cell (``Cell``), for a run on a GPU; the last is that of the cell itself.

    A subclass launches its kernels in ``launch_forward`` and ``launch_backward``, and has the
    buffers that its cell's ``weight_gradients`` needs.
    """

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        self.precision = precision()
        self._compiled: dict[tuple[int, int, int], Any] = {}

    def launch(
        self, kernel: Any, rows: slice, slots: int, *arguments: Any, states: int = 1
    ) -> None:
        """Start a kernel on the nodes or edges of a level.

        Args:
            kernel: its last parameters are HIDDEN, SLOTS, PRECISION and the sizes of blocks.
            rows: the nodes or edges.
            slots: number of slots of children of each node.
            arguments: all others. In a run they differ from level to level in numbers of nodes
                alone, which triton does not look at; so that its first choice of a compiled
                kernel holds for the run. Without choosing, a launch takes a third of the time.
            states: number of states that the programs of a row write.
        """
        count, hidden = rows.stop - rows.start, self.cell.hidden_size
        blocks = Blocks.of(count, slots)
        key = id(kernel), slots, blocks.rows
        chosen = self._compiled.get(key) or kernel
        launched = chosen[blocks.grid(count, hidden, states)](
            *arguments, hidden, slots, self.precision, *blocks
        )
        if chosen is kernel:
            self._compiled[key] = launched

    def start(self, tape: Tape) -> None:
        """Everything that the levels read; then level 0."""
        plan = tape.plan
        tape.weight_children = tape.weights[1].contiguous()
        # Where kernels find the children of a node: one in each slot; for Child-Sum those between
        # two offsets.
        in_order = tape.child_slices is not None or self.cell.arity is None
        tape.child_nodes = plan.children if in_order else tape.slots.children
        tape.child_offsets = plan.offsets if self.cell.arity is None else None
        self.allocate(tape)
        if not tape.has_initial_states:
            self.launch_forward(tape, tape.leaves, 0)

    def forward_level(self, tape: Tape, level: Level) -> None:
        self.launch_forward(tape, level.nodes, self.cell.arity or 1)

    def local_gradients(self, tape: Tape) -> None:
        """Only what the products need: slopes are computed by the kernels."""
        plan = tape.plan
        if self.cell.arity is None:
            inner = slice(0, plan.num_inner)
            tape.child_h = sum_rows(tape.h, plan.children, plan.offsets, inner)
        else:
            out = tape.child_h.view(-1, self.cell.hidden_size)
            torch.index_select(tape.h, 0, tape.child_nodes, out=out)
        tape.h_messages = tape.parents = tape.parent_offsets = None
        if tape.child_slices is None:
            tape.h_messages = tape.h_table
            tape.parents, tape.parent_offsets, _ = tape.parent_rows
            tape.grad_h = _contiguous(tape.grad_h)

    def backward_level(self, tape: Tape, level: Level) -> None:
        self.launch_backward(tape, level.nodes, self.cell.arity or 1)

    def backward_leaves(self, tape: Tape) -> None:
        self.launch_backward(tape, tape.leaves, 0)

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        weight_gradients: tuple[Tensor, ...] = self.cell.weight_gradients(tape)
        return weight_gradients

    def allocate(self, tape: Tape) -> None:
        """The buffers of the forward pass, and W x."""
        raise NotImplementedError

    def launch_forward(self, tape: Tape, nodes: slice, slots: int) -> None:
        """Compute the states of a level, in which each node has so many slots of children."""
        raise NotImplementedError

    def launch_backward(self, tape: Tape, nodes: slice, slots: int) -> None:
        """Compute the gradients of its pre-activations, and those of its children's states."""
        raise NotImplementedError


class MemoryKernels(Kernels):
    """What both Tree-LSTMs share."""

    def allocate(self, tape: Tape) -> None:
        cell, plan, hidden = self.cell, tape.plan, self.cell.hidden_size
        num_leaves = 0 if tape.has_initial_states else plan.num_leaves
        tape.leaf_x, tape.inner_x = tape.x.tensor_split([num_leaves])
        weight = tape.weights[0]
        tape.leaf_wx = projected(tape, "leaf_wx", tape.leaf_x, weight[: 3 * hidden])
        tape.inner_wx = projected(tape, "inner_wx", tape.inner_x, weight)
        cell.draw_dropout_mask(tape)
        tape.gates = tape.leaf_gates = None
        if tape.is_recorded:
            tape.gates = tape.scratch("gates", plan.num_inner, cell.children_blocks * hidden)
            tape.leaf_gates = tape.scratch("leaf_gates", num_leaves, 3 * hidden)

    def local_gradients(self, tape: Tape) -> None:
        super().local_gradients(tape)
        tape.local_grad = tape.scratch("local_grad", *tape.gates.shape)
        tape.leaf_grad = tape.scratch("leaf_grad", *tape.leaf_gates.shape)
        tape.c_messages = None
        if tape.child_slices is None:
            tape.grad_c = _contiguous(tape.grad_c)
            rows, columns = tape.h_table.shape
            tape.c_messages = tape.c_table = tape.grad_table("c_table", rows - 1, columns)


def projected(tape: Tape, name: str, x: Tensor, weight: Tensor) -> Tensor | None:
    """W x of those nodes that have an input; None if none has."""
    if not len(x):
        return None
    return torch.mm(x, weight.t(), out=tape.scratch(name, len(x), len(weight)))


def _contiguous(grad: Tensor | None) -> Tensor | None:
    """A gradient from autograd, which may be a number expanded to a table."""
    return None if grad is None else grad.contiguous()
