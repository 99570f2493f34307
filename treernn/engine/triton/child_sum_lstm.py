"""The kernels of the Child-Sum Tree-LSTM; level 0 is that of the N-ary one."""

# mypy: disable-error-code="no-untyped-def"

import torch
import triton
import triton.language as tl

from treernn.cells.tape import Tape
from treernn.engine.triton.blocks import add_product, joined, parents, received, shared_out, tanh
from treernn.engine.triton.lstm import LSTMKernels, inside_node
from treernn.structure.plan import Level


class ChildSumLSTMKernels(LSTMKernels):
    """The last block of ``gates`` is not used. Forget gates are a table of edges. The backward pass
    of a level is two kernels, one for its nodes and one for their edges, which are more."""

    def allocate(self, tape: Tape) -> None:
        super().allocate(tape)
        tape.forget = None
        if tape.is_recorded:
            tape.forget = tape.scratch("forget", len(tape.child_nodes), self.cell.hidden_size)

    def local_gradients(self, tape: Tape) -> None:
        plan, shape = tape.plan, tape.forget.shape
        tape.parent_rows = plan.edge_rows
        tape.h_table = tape.grad_table("edge_h_table", *shape)
        super().local_gradients(tape)
        tape.edges = torch.arange(len(plan.children), device=tape.x.device)
        tape.edge_h = torch.index_select(
            tape.h, 0, plan.children, out=tape.scratch("edge_h", *shape)
        )
        tape.forget_grad = tape.scratch("forget_grad", *shape)
        tape.inner_c_grad = tape.scratch("inner_c_grad", *tape.child_h.shape)

    def launch_forward(self, tape: Tape, nodes: slice, slots: int) -> None:
        if not slots:
            super().launch_forward(tape, nodes, slots)
            return
        self.launch(
            _forward,
            nodes,
            1,
            tape.h,
            tape.c,
            tape.inner_wx,
            tape.weight_children,
            tape.weights[2],
            tape.child_nodes,
            tape.child_offsets,
            tape.dropout_mask,
            tape.gates,
            tape.forget,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
            len(tape.inner_x),
        )

    def backward_level(self, tape: Tape, level: Level) -> None:
        nodes, edges = level.nodes, level.edges
        self.launch(
            _backward_nodes,
            nodes,
            1,
            tape.c,
            tape.gates,
            tape.weight_children,
            tape.dropout_mask,
            tape.grad_h,
            tape.grad_c,
            tape.h_messages,
            tape.c_messages,
            tape.local_grad,
            tape.inner_c_grad,
            tape.child_h_grad,
            tape.parents,
            tape.parent_offsets,
            nodes.start,
            nodes.stop,
            tape.plan.num_leaves,
        )
        self.launch(
            _backward_edges,
            edges,
            1,
            tape.c,
            tape.forget,
            tape.weight_children,
            tape.child_nodes,
            tape.plan.edge_parents,
            tape.inner_c_grad,
            tape.child_h_grad,
            tape.h_messages,
            tape.c_messages,
            tape.forget_grad,
            edges.start,
            edges.stop,
        )


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves", "num_inputs"])
def _forward(
    h,  # [N + 1, HIDDEN]
    c,
    wx,  # [num_inputs, 4 * HIDDEN] or None
    weight,  # [4 * HIDDEN, HIDDEN]
    bias,  # [4 * HIDDEN]
    children,  # [E]
    offsets,  # [M + 1]
    dropout_mask,  # [N, HIDDEN] or None
    gates,  # [M, 4 * HIDDEN] or None
    forget,  # [E, HIDDEN] or None
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
    of all gates, those of the edges included, and of the states."""
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
    x_f = zeros + tl.load(bias + 3 * HIDDEN + columns, mask=in_state, other=0)[None, :]
    if wx is not None:
        has_input = mask & (inner < num_inputs)[:, None]
        at_x = wx + inner[:, None] * (4 * HIDDEN) + columns[None, :]
        u += tl.load(at_x, mask=has_input, other=0)
        o += tl.load(at_x + HIDDEN, mask=has_input, other=0)
        i += tl.load(at_x + 2 * HIDDEN, mask=has_input, other=0)
        x_f += tl.load(at_x + 3 * HIDDEN, mask=has_input, other=0)

    first = tl.load(offsets + inner, mask=valid, other=0)
    last = tl.load(offsets + inner + 1, mask=valid, other=0)
    for start in range(0, HIDDEN, DEPTH):
        k = start + tl.arange(0, DEPTH)
        in_depth = k < HIDDEN
        mask_k = valid[:, None] & in_depth[None, :]
        child_sum = joined(h, children, offsets, first, last, k, mask_k, HIDDEN, ROWS, DEPTH)
        at_u = weight + columns[None, :] * HIDDEN + k[:, None]
        inside = in_depth[:, None] & in_state[None, :]
        u = add_product(u, child_sum, at_u, inside, PRECISION)
        at_u += HIDDEN * HIDDEN
        o = add_product(o, child_sum, at_u, inside, PRECISION)
        at_u += HIDDEN * HIDDEN
        i = add_product(i, child_sum, at_u, inside, PRECISION)

    u = tanh(u)
    o = tl.sigmoid(o)
    i = tl.sigmoid(i)
    at_own = nodes[:, None] * HIDDEN + columns[None, :]
    memory = i * u
    if dropout_mask is not None:
        memory *= tl.load(dropout_mask + at_own, mask=mask, other=0)
    if gates is not None:
        at_gates = gates + inner[:, None] * (4 * HIDDEN) + columns[None, :]
        tl.store(at_gates, u, mask=mask)
        tl.store(at_gates + HIDDEN, o, mask=mask)
        tl.store(at_gates + 2 * HIDDEN, i, mask=mask)
    for position in range(0, tl.max(last - first, 0).to(tl.int32)):
        edge = first + position
        more = edge < last
        child = tl.load(children + edge, mask=more, other=0)
        f = x_f
        for start in range(0, HIDDEN, DEPTH):
            k = start + tl.arange(0, DEPTH)
            in_depth = k < HIDDEN
            at_child = h + child[:, None] * HIDDEN + k[None, :]
            child_h = tl.load(at_child, mask=more[:, None] & in_depth[None, :], other=0)
            at_u = weight + 3 * HIDDEN * HIDDEN + columns[None, :] * HIDDEN + k[:, None]
            inside = in_depth[:, None] & in_state[None, :]
            f = add_product(f, child_h, at_u, inside, PRECISION)
        f = tl.sigmoid(f)
        is_edge = mask & more[:, None]
        at_c = c + child[:, None] * HIDDEN + columns[None, :]
        memory += f * tl.load(at_c, mask=is_edge, other=0)
        if forget is not None:
            tl.store(forget + edge[:, None] * HIDDEN + columns[None, :], f, mask=is_edge)
    tl.store(c + at_own, memory, mask=mask)
    tl.store(h + at_own, o * tanh(memory), mask=mask)


@triton.jit(do_not_specialize=["first_node", "end", "num_leaves"])
def _backward_nodes(
    c,
    gates,
    weight,
    dropout_mask,  # as in _forward
    grad_h,  # [N, HIDDEN], of the results, or None
    grad_c,
    h_messages,  # [E + 1, HIDDEN]
    c_messages,
    local_grad,  # as ``gates``: the gradients of all pre-activations but those of edges
    inner_c_grad,  # [M, HIDDEN], the gradient of c
    child_h_grad,  # [M, HIDDEN], the gradient of the sum of the children's h
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
    """What all edges to a node share. One program: some rows and columns of ``child_h_grad``; of
    the other results every so many blocks of columns."""
    nodes = first_node + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = nodes < end
    nodes = nodes.to(tl.int64)
    inner = nodes - num_leaves
    columns = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    first, last = parents(parent_rows, parent_offsets, nodes, valid)

    total = tl.zeros((ROWS, COLUMNS), c.dtype.element_ty)
    for part in range(0, (HIDDEN + DEPTH - 1) // DEPTH):
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
            c, gates, dropout_mask, h_grad, c_grad, nodes, inner, k, mask, HIDDEN, 4 * HIDDEN
        )
        at_gates = local_grad + inner[:, None] * (4 * HIDDEN) + k[None, :]
        tl.store(at_gates, u_grad, mask=mine)
        tl.store(at_gates + HIDDEN, o_grad, mask=mine)
        tl.store(at_gates + 2 * HIDDEN, i_grad, mask=mine)
        tl.store(inner_c_grad + inner[:, None] * HIDDEN + k[None, :], c_grad, mask=mine)
        at_u = weight + k[:, None] * HIDDEN + columns[None, :]
        inside = in_depth[:, None] & in_state[None, :]
        total = add_product(total, u_grad, at_u, inside, PRECISION)
        at_u += HIDDEN * HIDDEN
        total = add_product(total, o_grad, at_u, inside, PRECISION)
        at_u += HIDDEN * HIDDEN
        total = add_product(total, i_grad, at_u, inside, PRECISION)
    at_total = child_h_grad + inner[:, None] * HIDDEN + columns[None, :]
    tl.store(at_total, total, mask=valid[:, None] & in_state[None, :])


@triton.jit(do_not_specialize=["first_edge", "end"])
def _backward_edges(
    c,
    forget,  # as in _forward
    weight,
    children,
    edge_parents,  # [E]
    inner_c_grad,  # as in _backward_nodes
    child_h_grad,
    h_messages,
    c_messages,
    forget_grad,  # [E, HIDDEN], the gradients of pre-activations
    first_edge,
    end,
    HIDDEN: tl.constexpr,
    SLOTS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
):
    """The forget gates and the messages of the edges from ``first_edge`` to ``end``. One program:
    some rows and columns of ``h_messages``; of the other results every so many blocks of columns.
    """
    edges = first_edge + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    valid = edges < end
    edges = edges.to(tl.int64)
    columns = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    in_state = columns < HIDDEN
    mask_h = valid[:, None] & in_state[None, :]
    inner = tl.load(edge_parents + edges, mask=valid, other=0)
    child = tl.load(children + edges, mask=valid, other=0)

    at_shared = child_h_grad + inner[:, None] * HIDDEN + columns[None, :]
    total = tl.load(at_shared, mask=mask_h, other=0)
    for part in range(0, (HIDDEN + DEPTH - 1) // DEPTH):
        k = part * DEPTH + tl.arange(0, DEPTH)
        in_depth = k < HIDDEN
        mask = valid[:, None] & in_depth[None, :]
        mine = shared_out(mask, part, k, HIDDEN)
        at_edge = edges[:, None] * HIDDEN + k[None, :]
        f = tl.load(forget + at_edge, mask=mask, other=0)
        child_c = tl.load(c + child[:, None] * HIDDEN + k[None, :], mask=mask, other=0)
        at_grad = inner_c_grad + inner[:, None] * HIDDEN + k[None, :]
        message = tl.load(at_grad, mask=mask, other=0) * f
        f_grad = message * child_c * (1 - f)
        tl.store(forget_grad + at_edge, f_grad, mask=mine)
        tl.store(c_messages + at_edge, message, mask=mine)
        at_u = weight + (3 * HIDDEN + k[:, None]) * HIDDEN + columns[None, :]
        inside = in_depth[:, None] & in_state[None, :]
        total = add_product(total, f_grad, at_u, inside, PRECISION)
    tl.store(h_messages + edges[:, None] * HIDDEN + columns[None, :], total, mask=mask_h)
