"""The kernels of the gated recurrent unit, N-ary and Child-Sum, over trees and chains."""

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


class GRUKernels(Kernels):
    """A row of ``gates`` is [n | r | z | q] with q = U_n H + b_children."""

    def allocate(self, tape: Tape) -> None:
        tape.wx = projected(tape, "wx", tape.x, tape.weights[0])
        tape.gates = None
        if tape.is_recorded:
            tape.gates = tape.scratch("gates", tape.plan.num_nodes, 4 * self.cell.hidden_size)

    def local_gradients(self, tape: Tape) -> None:
        super().local_gradients(tape)
        tape.local_grad = tape.scratch("local_grad", *tape.gates.shape)

    def launch_forward(self, tape: Tape, nodes: slice, slots: int) -> None:
        self.launch(
            _forward,
            nodes,
            slots,
            tape.h,
            tape.wx,
            tape.weight_children,
            tape.weights[2],
            tape.weights[3],
            tape.child_nodes,
            tape.child_offsets,
            tape.gates,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
            tape.computed.start,
            len(tape.x),
        )

    def launch_backward(self, tape: Tape, nodes: slice, slots: int) -> None:
        self.launch(
            _backward,
            nodes,
            slots,
            tape.h,
            tape.gates,
            tape.weight_children,
            tape.child_nodes,
            tape.child_offsets,
            tape.grad_h,
            tape.h_messages,
            tape.local_grad,
            tape.parents,
            tape.parent_offsets,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
            states=slots or 1,
        )


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves", "first_input", "num_inputs"])
def _forward(
    h,  # [N + 1, HIDDEN]
    wx,  # [num_inputs, 3 * HIDDEN] or None
    weight,  # [3 * HIDDEN, SLOTS * HIDDEN]
    bias,  # [3 * HIDDEN]
    bias_children,  # [HIDDEN]
    children,  # [M * SLOTS], for Child-Sum [E]
    offsets,  # [M + 1], for Child-Sum, else None
    gates,  # [N, 4 * HIDDEN] or None
    first_node,
    end,
    num_leaves,
    first_input,
    num_inputs,
    HIDDEN: tl.constexpr,
    SLOTS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
):
    """The states of the nodes from ``first_node`` to ``end``. One program: some rows and columns
    of all gates, and of the states."""
    nodes = first_node + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = nodes < end
    nodes = nodes.to(tl.int64)
    inner = nodes - num_leaves
    columns = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    mask = valid[:, None] & in_state[None, :]

    zeros = tl.zeros((ROWS, COLUMNS), h.dtype.element_ty)
    x_n = zeros + tl.load(bias + columns, mask=in_state, other=0)[None, :]
    r = zeros + tl.load(bias + HIDDEN + columns, mask=in_state, other=0)[None, :]
    z = zeros + tl.load(bias + 2 * HIDDEN + columns, mask=in_state, other=0)[None, :]
    q = zeros + tl.load(bias_children + columns, mask=in_state, other=0)[None, :]
    if wx is not None:
        row = nodes - first_input
        has_input = mask & (row < num_inputs)[:, None]
        at_x = wx + row[:, None] * (3 * HIDDEN) + columns[None, :]
        x_n += tl.load(at_x, mask=has_input, other=0)
        r += tl.load(at_x + HIDDEN, mask=has_input, other=0)
        z += tl.load(at_x + 2 * HIDDEN, mask=has_input, other=0)

    child_sum = zeros
    for slot in tl.static_range(SLOTS):
        first, last = children_at(children, offsets, inner, slot, valid, SLOTS)
        child_sum += joined(h, children, offsets, first, last, columns, mask, HIDDEN, ROWS, COLUMNS)
        for start in range(0, HIDDEN, DEPTH):
            k = start + tl.arange(0, DEPTH)
            in_depth = k < HIDDEN
            mask_k = valid[:, None] & in_depth[None, :]
            child_h = joined(h, children, offsets, first, last, k, mask_k, HIDDEN, ROWS, DEPTH)
            at_u = weight + columns[None, :] * (SLOTS * HIDDEN) + slot * HIDDEN + k[:, None]
            inside = in_depth[:, None] & in_state[None, :]
            r = add_product(r, child_h, at_u, inside, PRECISION)
            at_u += HIDDEN * SLOTS * HIDDEN
            z = add_product(z, child_h, at_u, inside, PRECISION)
            at_u += HIDDEN * SLOTS * HIDDEN
            q = add_product(q, child_h, at_u, inside, PRECISION)

    r = tl.sigmoid(r)
    z = tl.sigmoid(z)
    n = tanh(x_n + r * q)
    at_h = h + nodes[:, None] * HIDDEN + columns[None, :]
    tl.store(at_h, n + z * (child_sum - n), mask=mask)
    if gates is not None:
        at_gates = gates + nodes[:, None] * (4 * HIDDEN) + columns[None, :]
        tl.store(at_gates, n, mask=mask)
        tl.store(at_gates + HIDDEN, r, mask=mask)
        tl.store(at_gates + 2 * HIDDEN, z, mask=mask)
        tl.store(at_gates + 3 * HIDDEN, q, mask=mask)


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves"])
def _backward(
    h,
    gates,
    weight,
    children,
    offsets,  # as in _forward
    grad_h,  # [N, HIDDEN], of the results, or None
    h_messages,  # [M * SLOTS + 1, HIDDEN], or None: messages are added to grad_h
    local_grad,  # [N, 4 * HIDDEN], the result
    parent_rows,
    parent_offsets,
    first_node,
    end,
    num_leaves,
    HIDDEN: tl.constexpr,
    SLOTS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
):
    """The gradients of the pre-activations of a level, and the messages to its children. One
    program: some rows, and some columns of the gradient of the children in one slot. It needs the
    gradients of all gates of its rows, and writes those of every so many blocks of columns."""
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
        h_grad = received(
            grad_h, h_messages, parent_rows, parent_offsets, first, last, nodes, k, mask,
            HIDDEN, ROWS, DEPTH,
        )  # fmt: skip
        at_gates = nodes[:, None] * (4 * HIDDEN) + k[None, :]
        n = tl.load(gates + at_gates, mask=mask, other=0)
        r = tl.load(gates + at_gates + HIDDEN, mask=mask, other=0)
        z = tl.load(gates + at_gates + 2 * HIDDEN, mask=mask, other=0)
        q = tl.load(gates + at_gates + 3 * HIDDEN, mask=mask, other=0)
        difference = -n
        for slot in tl.static_range(SLOTS):
            first_child, last_child = children_at(children, offsets, inner, slot, valid, SLOTS)
            difference += joined(
                h, children, offsets, first_child, last_child, k, mask, HIDDEN, ROWS, DEPTH
            )
        n_grad = h_grad * (1 - z) * (1 - n * n)
        q_grad = n_grad * r
        r_grad = q_grad * q * (1 - r)
        z_grad = h_grad * difference * z * (1 - z)
        tl.store(local_grad + at_gates, n_grad, mask=mine)
        tl.store(local_grad + at_gates + HIDDEN, r_grad, mask=mine)
        tl.store(local_grad + at_gates + 2 * HIDDEN, z_grad, mask=mine)
        tl.store(local_grad + at_gates + 3 * HIDDEN, q_grad, mask=mine)
        if SLOTS > 0:
            at_u = weight + k[:, None] * (SLOTS * HIDDEN) + to_slot * HIDDEN + columns[None, :]
            inside = in_depth[:, None] & in_state[None, :]
            total = add_product(total, r_grad, at_u, inside, PRECISION)
            at_u += HIDDEN * SLOTS * HIDDEN
            total = add_product(total, z_grad, at_u, inside, PRECISION)
            at_u += HIDDEN * SLOTS * HIDDEN
            total = add_product(total, q_grad, at_u, inside, PRECISION)
    if SLOTS > 0:
        mask_h = valid[:, None] & in_state[None, :]
        h_grad_here = received(
            grad_h, h_messages, parent_rows, parent_offsets, first, last, nodes, columns, mask_h,
            HIDDEN, ROWS, COLUMNS,
        )  # fmt: skip
        at_z = gates + nodes[:, None] * (4 * HIDDEN) + 2 * HIDDEN + columns[None, :]
        total += h_grad_here * tl.load(at_z, mask=mask_h, other=0)
        rows = inner * SLOTS + to_slot
        send(total, grad_h, h_messages, children, rows, columns, valid, mask_h, HIDDEN)
