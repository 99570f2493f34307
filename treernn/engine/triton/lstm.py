"""The kernels of the N-ary Tree-LSTM, which with one slot is the LSTM over a chain."""

# mypy: disable-error-code="no-untyped-def"

import triton
import triton.language as tl

from treernn.cells.tape import Tape
from treernn.engine.triton.blocks import add_product, parents, received, send, shared_out, tanh
from treernn.engine.triton.kernels import MemoryKernels


class LSTMKernels(MemoryKernels):
    """A row of ``gates`` is [u | o | i | f_0 | f_1 …], of ``leaf_gates`` [u | o | i]."""

    def launch_forward(self, tape: Tape, nodes: slice, slots: int) -> None:
        wx, gates = (tape.inner_wx, tape.gates) if slots else (tape.leaf_wx, tape.leaf_gates)
        self.launch(
            _forward,
            nodes,
            slots,
            tape.h,
            tape.c,
            wx,
            tape.weight_children,
            tape.weights[2],
            tape.child_nodes,
            tape.dropout_mask,
            gates,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves if slots else 0,
            0 if wx is None else len(wx),
        )

    def launch_backward(self, tape: Tape, nodes: slice, slots: int) -> None:
        self.launch(
            _backward,
            nodes,
            slots,
            tape.c,
            tape.gates if slots else tape.leaf_gates,
            tape.weight_children,
            tape.child_nodes,
            tape.dropout_mask,
            tape.grad_h,
            tape.grad_c,
            tape.h_messages,
            tape.c_messages,
            tape.local_grad if slots else tape.leaf_grad,
            tape.parents,
            tape.parent_offsets,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves if slots else 0,
            states=slots or 1,
        )


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves", "num_inputs"])
def _forward(
    h,  # [N + 1, HIDDEN]
    c,
    wx,  # [num_inputs, 4 * HIDDEN], of leaves [num_inputs, 3 * HIDDEN], or None
    weight,  # [(3 + SLOTS) * HIDDEN, SLOTS * HIDDEN]
    bias,  # [4 * HIDDEN]
    children,  # [M * SLOTS]
    dropout_mask,  # [N, HIDDEN] or None
    gates,  # [M, (3 + SLOTS) * HIDDEN], of leaves [num_leaves, 3 * HIDDEN], or None
    first_node,
    end,
    num_leaves,
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
    u = zeros + tl.load(bias + columns, mask=in_state, other=0)[None, :]
    o = zeros + tl.load(bias + HIDDEN + columns, mask=in_state, other=0)[None, :]
    i = zeros + tl.load(bias + 2 * HIDDEN + columns, mask=in_state, other=0)[None, :]
    x_f = zeros
    if SLOTS > 0:
        x_f += tl.load(bias + 3 * HIDDEN + columns, mask=in_state, other=0)[None, :]
    if wx is not None:
        WIDTH: tl.constexpr = (4 if SLOTS > 0 else 3) * HIDDEN
        has_input = mask & (inner < num_inputs)[:, None]
        at_x = wx + inner[:, None] * WIDTH + columns[None, :]
        u += tl.load(at_x, mask=has_input, other=0)
        o += tl.load(at_x + HIDDEN, mask=has_input, other=0)
        i += tl.load(at_x + 2 * HIDDEN, mask=has_input, other=0)
        if SLOTS > 0:
            x_f += tl.load(at_x + 3 * HIDDEN, mask=has_input, other=0)

    # One pass over the children's states for u, o, i and the first two forget gates.
    f_0 = x_f
    f_1 = x_f
    BLOCK: tl.constexpr = HIDDEN * SLOTS * HIDDEN  # numbers in a block of U
    for slot in tl.static_range(SLOTS):
        child = tl.load(children + inner * SLOTS + slot, mask=valid, other=0)
        for start in range(0, HIDDEN, DEPTH):
            k = start + tl.arange(0, DEPTH)
            in_depth = k < HIDDEN
            at_child = h + child[:, None] * HIDDEN + k[None, :]
            child_h = tl.load(at_child, mask=valid[:, None] & in_depth[None, :], other=0)
            at_u = weight + columns[None, :] * (SLOTS * HIDDEN) + slot * HIDDEN + k[:, None]
            inside = in_depth[:, None] & in_state[None, :]
            u = add_product(u, child_h, at_u, inside, PRECISION)
            at_u += BLOCK
            o = add_product(o, child_h, at_u, inside, PRECISION)
            at_u += BLOCK
            i = add_product(i, child_h, at_u, inside, PRECISION)
            at_u += BLOCK
            f_0 = add_product(f_0, child_h, at_u, inside, PRECISION)
            if SLOTS > 1:
                at_u += BLOCK
                f_1 = add_product(f_1, child_h, at_u, inside, PRECISION)

    u = tanh(u)
    o = tl.sigmoid(o)
    i = tl.sigmoid(i)
    memory = i * u
    if dropout_mask is not None:
        at_mask = dropout_mask + nodes[:, None] * HIDDEN + columns[None, :]
        memory *= tl.load(at_mask, mask=mask, other=0)
    at_gates = gates
    if gates is not None:
        at_gates = gates + inner[:, None] * ((3 + SLOTS) * HIDDEN) + columns[None, :]
        tl.store(at_gates, u, mask=mask)
        tl.store(at_gates + HIDDEN, o, mask=mask)
        tl.store(at_gates + 2 * HIDDEN, i, mask=mask)
    for slot in tl.static_range(SLOTS):
        f = f_0
        if slot == 1:
            f = f_1
        if slot > 1:  # a pass of its own
            f = x_f
            for other in tl.static_range(SLOTS):
                child = tl.load(children + inner * SLOTS + other, mask=valid, other=0)
                for start in range(0, HIDDEN, DEPTH):
                    k = start + tl.arange(0, DEPTH)
                    in_depth = k < HIDDEN
                    at_child = h + child[:, None] * HIDDEN + k[None, :]
                    child_h = tl.load(at_child, mask=valid[:, None] & in_depth[None, :], other=0)
                    at_u = weight + (3 + slot) * BLOCK + other * HIDDEN + k[:, None]
                    at_u += columns[None, :] * (SLOTS * HIDDEN)
                    inside = in_depth[:, None] & in_state[None, :]
                    f = add_product(f, child_h, at_u, inside, PRECISION)
        f = tl.sigmoid(f)
        child = tl.load(children + inner * SLOTS + slot, mask=valid, other=0)
        at_c = c + child[:, None] * HIDDEN + columns[None, :]
        memory += f * tl.load(at_c, mask=mask, other=0)
        if gates is not None:
            tl.store(at_gates + (3 + slot) * HIDDEN, f, mask=mask)
    at_own = nodes[:, None] * HIDDEN + columns[None, :]
    tl.store(c + at_own, memory, mask=mask)
    tl.store(h + at_own, o * tanh(memory), mask=mask)


@triton.jit
def inside_node(c, gates, dropout_mask, h_grad, c_grad, nodes, rows, columns, mask, HIDDEN, WIDTH):
    """The gradients of the pre-activations of u, o and i, and of c, from those of h and c."""
    at = gates + rows[:, None] * WIDTH + columns[None, :]
    u = tl.load(at, mask=mask, other=0)
    o = tl.load(at + HIDDEN, mask=mask, other=0)
    i = tl.load(at + 2 * HIDDEN, mask=mask, other=0)
    at = nodes[:, None] * HIDDEN + columns[None, :]
    tanh_c = tanh(tl.load(c + at, mask=mask, other=0))
    c_grad += h_grad * o * (1 - tanh_c * tanh_c)
    update_grad = c_grad
    if dropout_mask is not None:
        update_grad *= tl.load(dropout_mask + at, mask=mask, other=0)
    u_grad = update_grad * i * (1 - u * u)
    o_grad = h_grad * tanh_c * o * (1 - o)
    i_grad = update_grad * u * i * (1 - i)
    return u_grad, o_grad, i_grad, c_grad


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves"])
def _backward(
    c,
    gates,  # as in _forward
    weight,
    children,
    dropout_mask,
    grad_h,  # [N, HIDDEN], of the results, or None
    grad_c,
    h_messages,  # [M * SLOTS + 1, HIDDEN], or None: messages are added to grad_h and grad_c
    c_messages,
    local_grad,  # the result, as ``gates``
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
    program: some rows, and some columns of the gradient of h of the children in one slot. It needs
    the gradients of all gates of its rows, and writes those of every so many blocks of columns."""
    nodes = first_node + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = nodes < end
    nodes = nodes.to(tl.int64)
    inner = nodes - num_leaves
    PARTS: tl.constexpr = (HIDDEN + COLUMNS - 1) // COLUMNS
    WIDTH: tl.constexpr = (3 + SLOTS) * HIDDEN
    to_slot = tl.program_id(1) // PARTS
    columns = (tl.program_id(1) % PARTS) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    first, last = parents(parent_rows, parent_offsets, nodes, valid)

    total = tl.zeros((ROWS, COLUMNS), c.dtype.element_ty)
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
        c_grad = received(
            grad_c, c_messages, parent_rows, parent_offsets, first, last, nodes, k, mask,
            HIDDEN, ROWS, DEPTH,
        )  # fmt: skip
        u_grad, o_grad, i_grad, c_grad = inside_node(
            c, gates, dropout_mask, h_grad, c_grad, nodes, inner, k, mask, HIDDEN, WIDTH
        )
        at_gates = inner[:, None] * WIDTH + k[None, :]
        tl.store(local_grad + at_gates, u_grad, mask=mine)
        tl.store(local_grad + at_gates + HIDDEN, o_grad, mask=mine)
        tl.store(local_grad + at_gates + 2 * HIDDEN, i_grad, mask=mine)
        if SLOTS > 0:
            BLOCK: tl.constexpr = HIDDEN * SLOTS * HIDDEN
            at_u = weight + k[:, None] * (SLOTS * HIDDEN) + to_slot * HIDDEN + columns[None, :]
            inside = in_depth[:, None] & in_state[None, :]
            total = add_product(total, u_grad, at_u, inside, PRECISION)
            at_u += BLOCK
            total = add_product(total, o_grad, at_u, inside, PRECISION)
            at_u += BLOCK
            total = add_product(total, i_grad, at_u, inside, PRECISION)
            for slot in tl.static_range(SLOTS):
                at_u += BLOCK
                f = tl.load(gates + at_gates + (3 + slot) * HIDDEN, mask=mask, other=0)
                rows = inner * SLOTS + slot
                child = tl.load(children + rows, mask=valid, other=0)
                at_child = child[:, None] * HIDDEN + k[None, :]
                f_grad = c_grad * tl.load(c + at_child, mask=mask, other=0) * f * (1 - f)
                tl.store(local_grad + at_gates + (3 + slot) * HIDDEN, f_grad, mask=mine)
                total = add_product(total, f_grad, at_u, inside, PRECISION)
                send(c_grad * f, grad_c, c_messages, children, rows, k, valid, mine, HIDDEN)
    if SLOTS > 0:
        rows_h = inner * SLOTS + to_slot
        mask_h = valid[:, None] & in_state[None, :]
        send(total, grad_h, h_messages, children, rows_h, columns, valid, mask_h, HIDDEN)
