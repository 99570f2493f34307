"""The kernels of the simple recurrent cell, N-ary and Child-Sum, over trees and chains."""

# mypy: disable-error-code="no-untyped-def"

import triton
import triton.language as tl

from treernn.cells.tape import Tape
from treernn.engine.triton.blocks import (
    add_product,
    children_at,
    joined,
    parents,
    received,
    send,
    shared_out,
    tanh,
)
from treernn.engine.triton.kernels import Kernels, projected


class ElmanKernels(Kernels):
    """They keep nothing: the slope of the nonlinearity follows from the state."""

    def allocate(self, tape: Tape) -> None:
        tape.wx = projected(tape, "wx", tape.x, tape.weights[0])

    def local_gradients(self, tape: Tape) -> None:
        super().local_gradients(tape)
        tape.local_grad = tape.scratch("local_grad", tape.plan.num_nodes, self.cell.hidden_size)

    def launch_forward(self, tape: Tape, nodes: slice, slots: int) -> None:
        self.launch(
            _forward,
            nodes,
            slots,
            tape.h,
            tape.wx,
            tape.weight_children,
            tape.weights[2],
            tape.child_nodes,
            tape.child_offsets,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
            tape.computed.start,
            len(tape.x),
            self.cell.nonlinearity == "tanh",
        )

    def launch_backward(self, tape: Tape, nodes: slice, slots: int) -> None:
        self.launch(
            _backward,
            nodes,
            slots,
            tape.h,
            tape.weight_children,
            tape.child_nodes,
            tape.grad_h,
            tape.h_messages,
            tape.local_grad,
            tape.parents,
            tape.parent_offsets,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
            self.cell.nonlinearity == "tanh",
            states=slots or 1,
        )


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves", "first_input", "num_inputs"])
def _forward(
    h,  # [N + 1, HIDDEN]
    wx,  # [num_inputs, HIDDEN] or None
    weight,  # [HIDDEN, SLOTS * HIDDEN]
    bias,  # [HIDDEN]
    children,  # [M * SLOTS], for Child-Sum [E]
    offsets,  # [M + 1], for Child-Sum, else None
    first_node,
    end,
    num_leaves,
    first_input,
    num_inputs,
    IS_TANH: tl.constexpr,
    HIDDEN: tl.constexpr,
    SLOTS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
):
    """The states of the nodes from ``first_node`` to ``end``. One program: some rows and columns
    of them."""
    nodes = first_node + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = nodes < end
    nodes = nodes.to(tl.int64)
    inner = nodes - num_leaves
    columns = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    mask = valid[:, None] & in_state[None, :]

    total = tl.zeros((ROWS, COLUMNS), h.dtype.element_ty)
    total += tl.load(bias + columns, mask=in_state, other=0)[None, :]
    if wx is not None:
        row = nodes - first_input
        at_x = wx + row[:, None] * HIDDEN + columns[None, :]
        total += tl.load(at_x, mask=mask & (row < num_inputs)[:, None], other=0)
    for slot in tl.static_range(SLOTS):
        first, last = children_at(children, offsets, inner, slot, valid, SLOTS)
        for start in range(0, HIDDEN, DEPTH):
            k = start + tl.arange(0, DEPTH)
            in_depth = k < HIDDEN
            mask_k = valid[:, None] & in_depth[None, :]
            child_h = joined(h, children, offsets, first, last, k, mask_k, HIDDEN, ROWS, DEPTH)
            at_u = weight + columns[None, :] * (SLOTS * HIDDEN) + slot * HIDDEN + k[:, None]
            inside = in_depth[:, None] & in_state[None, :]
            total = add_product(total, child_h, at_u, inside, PRECISION)
    total = tanh(total) if IS_TANH else tl.maximum(total, 0)
    tl.store(h + nodes[:, None] * HIDDEN + columns[None, :], total, mask=mask)


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves"])
def _backward(
    h,
    weight,
    children,
    grad_h,  # [N, HIDDEN], of the results, or None
    h_messages,  # [M * SLOTS + 1, HIDDEN], or None: messages are added to grad_h
    local_grad,  # [N, HIDDEN], the result
    parent_rows,
    parent_offsets,
    first_node,
    end,
    num_leaves,
    IS_TANH: tl.constexpr,
    HIDDEN: tl.constexpr,
    SLOTS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
):
    """The gradients of the pre-activations of a level, and the messages to its children. One
    program: some rows, and some columns of the gradient of the children in one slot. It needs the
    gradients of all columns of its rows, and writes every so many blocks of them."""
    nodes = first_node + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = nodes < end
    nodes = nodes.to(tl.int64)
    inner = nodes - num_leaves
    PARTS: tl.constexpr = (HIDDEN + COLUMNS - 1) // COLUMNS
    to_slot = tl.program_id(1) // PARTS
    columns = (tl.program_id(1) % PARTS) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    first, last = parents(parent_rows, parent_offsets, nodes, valid)

    total = tl.zeros((ROWS, COLUMNS), h.dtype.element_ty)
    first_part = 0
    end_part = (HIDDEN + DEPTH - 1) // DEPTH
    if SLOTS == 0:
        first_part = tl.program_id(1)
        end_part = first_part + 1
    for part in range(first_part, end_part):
        k = part * DEPTH + tl.arange(0, DEPTH)
        in_depth = k < HIDDEN
        mask = valid[:, None] & in_depth[None, :]
        mine = shared_out(mask, part, k, HIDDEN)
        grad = received(
            grad_h, h_messages, parent_rows, parent_offsets, first, last, nodes, k, mask,
            HIDDEN, ROWS, DEPTH,
        )  # fmt: skip
        at = nodes[:, None] * HIDDEN + k[None, :]
        state = tl.load(h + at, mask=mask, other=0)
        grad = grad * (1 - state * state) if IS_TANH else tl.where(state > 0, grad, 0)
        tl.store(local_grad + at, grad, mask=mine)
        if SLOTS > 0:
            at_u = weight + k[:, None] * (SLOTS * HIDDEN) + to_slot * HIDDEN + columns[None, :]
            inside = in_depth[:, None] & in_state[None, :]
            total = add_product(total, grad, at_u, inside, PRECISION)
    if SLOTS > 0:
        rows = inner * SLOTS + to_slot
        mask_h = valid[:, None] & in_state[None, :]
        send(total, grad_h, h_messages, children, rows, columns, valid, mask_h, HIDDEN)
